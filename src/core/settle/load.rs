//! From the caller's columns to a block of the kernel: each read where it lies if its type allows, else gathered; rows
//! with anything that only the engine settles are marked hard.

use super::decode::{NULL, ROWS, amounts, dates, elections, segments, shares, truths, wholes};
use super::packed::Packed;
use super::reason::{COLUMNS, column};
use super::run::Inputs;
use super::tile::{Block, bit};
use crate::core::kernel::{Column, Lanes, Level, MISSING, View};

/// How a column is decoded.
type Decode = fn(Level, &View<'_>, &mut [i64]);

/// What is read of a column that cannot be read where it lies.
pub(super) struct Spare {
    values: [i64; ROWS],
    flags: [u8; ROWS],
    decoded: [i64; ROWS],
}

impl Spare {
    pub(super) const fn new() -> Self {
        Self { values: [0; ROWS], flags: [0; ROWS], decoded: [0; ROWS] }
    }
}

/// Calls `use_it` with the rows of a column, and marks those hard that could not be converted.
fn with_view(
    column: &dyn Column,
    start: usize,
    n: usize,
    spare: (&mut [i64; ROWS], &mut [u8; ROWS]),
    hard: &mut [u8; ROWS],
    use_it: impl FnOnce(&View<'_>, &mut [u8; ROWS]),
) {
    if let Some(view) = column.view(start..start + n) {
        return use_it(&view, hard);
    }
    let (values, flags) = spare;
    flags[..n].fill(0);
    let flagged = column.gather(start..start + n, &mut values[..n], &mut flags[..n]);
    if flagged {
        for (hard, flag) in hard.iter_mut().zip(&flags[..n]) {
            *hard |= flag & !MISSING;
        }
    }
    use_it(&View { lanes: Lanes::I64(&values[..n]), nulls: flagged.then_some(&flags[..n]) }, hard);
}

/// Decodes `n` rows from `start` on.
pub(super) fn load(
    level: Level,
    packed: &Packed,
    inputs: &Inputs<'_>,
    (start, n): (usize, usize),
    block: &mut Block,
    spare: &mut Spare,
) {
    block.hard[..n].fill(0);
    let Spare { values, flags, decoded } = spare;
    let mut numbers =
        |at: usize, decode: Decode, into: &mut [i64; ROWS], hard: &mut [u8; ROWS]| match inputs.columns[at] {
            None => into[..n].fill(NULL),
            Some(column) => {
                with_view(column, start, n, (&mut *values, &mut *flags), hard, |v, _| {
                    decode(level, v, &mut into[..n])
                });
            }
        };
    let hard = &mut block.hard;
    numbers(column::BENCHMARK, amounts, &mut block.benchmark, hard);
    numbers(column::EXPENDITURES, amounts, &mut block.expenditures, hard);
    numbers(column::BENEFICIARIES, wholes, &mut block.people, hard);
    numbers(column::TRACK, wholes, &mut block.track, hard);
    numbers(column::PERFORMANCE_YEAR, wholes, &mut block.year, hard);
    numbers(column::QUALITY_SCORE, shares, &mut block.quality, hard);
    numbers(column::ELECTED_RATE, shares, &mut block.elected, hard);
    numbers(column::PARTICIPANT_REVENUE, amounts, &mut block.revenue, hard);
    numbers(column::AGREEMENT_START, wholes, &mut block.start, hard);
    numbers(column::DISASTER_RELIEF, amounts, &mut block.relief, hard);
    numbers(column::TWO_SIDED_YEAR, wholes, &mut block.two_sided_year, hard);

    // What few rows have: plain up to a value, where nothing follows from it; for the engine beyond.
    for (at, most) in [
        (column::HALF_YEAR, 0),
        (column::TERMINATED_BY_CMS, 1),
        (column::TERMINATION_DATE, NULL),
        (column::DISASTER_MONTH_SHARE, NULL),
        (column::DISASTER_BENEFICIARY_SHARE, NULL),
        (column::PAYMENT_DATE, NULL),
        (column::SMALL_BENCHMARK_YEAR, 0),
        (column::ADVANCE_BALANCE, NULL),
    ] {
        if inputs.columns[at].is_some() {
            numbers(at, wholes, decoded, hard);
            for (hard, value) in hard[..n].iter_mut().zip(&decoded[..n]) {
                *hard |= u8::from((*value > most) | (*value < NULL));
            }
        }
    }

    let mut told = 0;
    for (at, bit) in [
        (column::QUALITY_STANDARD_MET, bit::STANDARD),
        (column::ALTERNATIVE_STANDARD_MET, bit::ALTERNATIVE),
        (column::LOW_REVENUE, bit::LOW_REVENUE),
    ] {
        told |= if inputs.columns[at].is_none() { 2 << bit } else { 0 };
    }
    block.truths[..n].fill(told);
    for (at, bit) in [
        (column::QUALITY_STANDARD_MET, bit::STANDARD),
        (column::ALTERNATIVE_STANDARD_MET, bit::ALTERNATIVE),
        (column::LOW_REVENUE, bit::LOW_REVENUE),
        (column::GUARDRAIL, bit::GUARDRAIL),
    ] {
        if let Some(column) = inputs.columns[at] {
            let into = &mut block.truths[..n];
            with_view(column, start, n, (&mut *values, &mut *flags), hard, |view, hard| {
                truths(level, view, bit, into, &mut hard[..n]);
            });
        }
    }
    if inputs.columns[column::AGREEMENT_START].is_some() {
        dates(level, &mut block.start[..n]);
    }
    if inputs.columns[column::ELECTED_RATE].is_some() {
        elections(level, &mut block.elected[..n], &packed.menu);
    }
    segments(level, &block.people[..n], &packed.starts, &mut block.segment[..n]);
    debug_assert_eq!(COLUMNS.len(), inputs.columns.len());
}
