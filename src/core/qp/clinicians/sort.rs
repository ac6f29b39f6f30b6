//! Rows of a roster in the order of clinicians. Rows are read where they lie, one after the other, and carried along, as
//! to fetch them again in the order of clinicians would wait for memory at each; buckets of neighbouring NPIs then sort
//! within the cache.

use super::roster::{Roster, Row};
use super::terms::Terms;
use crate::core::kernel::{CHUNK, for_each_chunk, threads_for};
use crate::core::npi::could_be;
use std::ops::Range;

/// Rows below which a second thread costs more than it gives.
const WORTH_THREADS: usize = 20_000;
/// Bits of the buckets.
const BUCKET_BITS: u32 = 9;

/// One row of the roster.
#[derive(Clone, Copy)]
pub(super) struct Record {
    pub(super) npi: i64,
    /// Its place in the roster.
    pub(super) at: u32,
    /// What it says; nothing where something but the NPI is wrong with it.
    pub(super) row: Option<Row>,
}

/// All rows in the order of NPI and place.
pub(super) fn sorted(terms: &Terms, roster: &Roster<'_>, rows: u32, threads: Option<usize>) -> Vec<Record> {
    let threads = threads_for(threads, rows as usize, WORTH_THREADS);
    let ranges: Vec<Range<u32>> =
        (0..rows).step_by(CHUNK).map(|from| from..from.saturating_add(CHUNK as u32).min(rows)).collect();
    let read = |range: Range<u32>| {
        let record =
            |at: u32| Record { npi: roster.npi[at as usize], at, row: roster.row(terms, at as usize).ok() };
        vec![range.map(record).collect::<Vec<_>>()]
    };
    let pieces = for_each_chunk(ranges, threads, read, |mut all, more| {
        all.extend(more);
        all
    });
    let records = || pieces.iter().flatten();
    // What is no NPI at all goes to the first or the last bucket.
    let span =
        records().map(|r| r.npi).filter(|npi| could_be(*npi)).fold(None, |span: Option<(i64, i64)>, npi| {
            Some(span.map_or((npi, npi), |(low, high)| (low.min(npi), high.max(npi))))
        });
    let (low, high) = span.unwrap_or_default();
    let shift = (u64::BITS - (high - low).unsigned_abs().leading_zeros()).saturating_sub(BUCKET_BITS);
    let bucket = |npi: i64| ((npi.clamp(low, high) - low) >> shift) as usize;
    let mut ends = vec![0_usize; (1 << BUCKET_BITS) + 1];
    for record in records() {
        ends[bucket(record.npi) + 1] += 1;
    }
    for at in 1..ends.len() {
        ends[at] += ends[at - 1];
    }
    let mut out = vec![Record { npi: 0, at: 0, row: None }; rows as usize];
    let mut next = ends.clone();
    for record in records() {
        let place = &mut next[bucket(record.npi)];
        out[*place] = *record;
        *place += 1;
    }
    drop(pieces);
    let mut buckets = Vec::with_capacity(ends.len());
    let mut rest = out.as_mut_slice();
    for pair in ends.windows(2) {
        let (bucket, after) = rest.split_at_mut(pair[1] - pair[0]);
        buckets.push(bucket);
        rest = after;
    }
    for_each_chunk(buckets, threads, |bucket| bucket.sort_unstable_by_key(|r| (r.npi, r.at)), |(), ()| ());
    out
}
