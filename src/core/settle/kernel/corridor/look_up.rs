//! What the rows of a block fetch from the plan: words of year and arrangement, then of the side that each row turned out
//! to be on, then of the slice that its amount ends in.

use super::plan::{Corridors, GRIDS, LINES, SCALES};
use super::rows::Rows;
use super::words::{Pieces, SideWords};
use crate::core::kernel::{Level, dispatch};
use crate::core::rulebook::LAST_YEAR;
use crate::core::settle::kernel::block::Block;
use crate::core::settle::kernel::decode::{Lane, ROWS};
use crate::core::settle::terms::MAX_BANDS;

#[inline(always)]
fn indices_body(block: &mut Block, rows: &mut Rows, n: usize, (first_year, last_index, codes): (i64, i64, i64)) {
    for i in 0..n.min(ROWS) {
        let (year, code) = (block.year[i], block.track[i]);
        let since = year - first_year;
        let at = since.max(0).min(last_index) * codes + code.max(0).min(codes - 1);
        block.index[i] = at as u16;
        // A sign shows where there is no such year or arrangement.
        rows.undecided[i] = (since | (LAST_YEAR - year) | code | (codes - 1 - code)) >> 63;
    }
}

dispatch! {
    fn indices(block: &mut Block, rows: &mut Rows, n: usize, shape: (i64, i64, i64)) -> () = indices_body
}

/// Fetches the words of each row's year and arrangement; marks rows below the size scale, where the side that they turn
/// out to be on may not show it.
pub(super) fn heads(level: Level, plan: &Corridors, block: &mut Block, rows: &mut Rows, n: usize) {
    indices(level, block, rows, n, (plan.first_year, plan.last_index, plan.codes));
    for i in 0..n.min(ROWS) {
        let cell = plan.table[usize::from(block.index[i])];
        let [first, second, third] = &plan.grids[(cell >> 16) as usize % GRIDS];
        let score = block.quality[i] as i32;
        let range = u32::from(score > *first) + u32::from(score > *second) + u32::from(score > *third);
        rows.entry[i] = (cell + range) as u16;
    }
    for i in 0..n.min(ROWS) {
        let head = &plan.heads[usize::from(rows.entry[i])];
        rows.left[i] = head.left;
        rows.withhold[i] = head.withhold;
        rows.discounts[i] = head.discounts;
        rows.caps[i] = head.caps;
    }
    if plan.one_by_size {
        for i in 0..n.min(ROWS) {
            let head = &plan.heads[usize::from(rows.entry[i])];
            let segment = rows.segments[usize::from(head.scale) % SCALES][i];
            block.hard[i] |= u8::from(segment == 0) & head.by_size;
        }
    }
    if plan.fixed_caps {
        for i in 0..n.min(ROWS) {
            rows.fixed_cap[i] = plan.heads[usize::from(rows.entry[i])].cap;
        }
    }
}

/// Fetches the words of each row's side, and its minimum rate by size or where it is fixed.
pub(super) fn sides(plan: &Corridors, block: &Block, rows: &mut Rows, n: usize) {
    for i in 0..n.min(ROWS) {
        let words = &plan.sides[usize::from(rows.entry[i])][(rows.side[i] & 1) as usize];
        rows.quality[i] = words.quality;
        rows.bounds[i] = words.bounds;
        rows.slices[i] = words.slices;
        rows.limits[i] = words.limits;
        rows.after[i] = words.after;
        let line = &plan.lines[line_of(words, &rows.segments, i)];
        rows.numerator[i] = line.base.wrapping_add(line.slope.wrapping_mul(block.people[i]));
        rows.denominator[i] = line.scale;
    }
}

#[inline(always)]
fn line_of(words: &SideWords, segments: &[Lane<u8>; SCALES], i: usize) -> usize {
    let [first, by_size, scale] = [0, 16, 32].map(|shift| (words.line >> shift) as usize);
    let segment = usize::from(segments[scale % SCALES][i]);
    ((first & 0xffff) + (segment & by_size)) % LINES
}

/// Fetches the minimum rates of one side for all rows.
pub(super) fn minimum_rates(plan: &Corridors, block: &Block, rows: &mut Rows, n: usize, side: usize) {
    for i in 0..n.min(ROWS) {
        let words = &plan.sides[usize::from(rows.entry[i])][side % 2];
        let line = &plan.lines[line_of(words, &rows.segments, i)];
        rows.numerator[i] = line.base.wrapping_add(line.slope.wrapping_mul(block.people[i]));
        rows.denominator[i] = line.scale;
    }
}

/// Fetches the piece of the bands that each amount ends in, of what is paid or owed.
pub(super) fn pieces(plan: &Corridors, rows: &mut Rows, n: usize) {
    for i in 0..n.min(ROWS) {
        let Pieces(pieces) = &plan.pieces[usize::from(rows.entry[i])][(rows.side[i] & 1) as usize];
        let piece = &pieces[(rows.piece[i] as usize) % MAX_BANDS];
        rows.piece_share[i] = piece.share;
        rows.piece_of_target[i] = piece.of_target;
    }
}

/// The same of what is sequestered of savings.
pub(super) fn sequestered(plan: &Corridors, rows: &mut Rows, n: usize) {
    for i in 0..n.min(ROWS) {
        let Pieces(pieces) = &plan.sequestered[usize::from(rows.entry[i])];
        let piece = &pieces[(rows.piece[i] as usize) % MAX_BANDS];
        rows.piece_share[i] = piece.share;
        rows.piece_of_target[i] = piece.of_target;
    }
}

/// Fetches the words of one side for all rows, and its share of the first slice in the place of a piece.
pub(super) fn one_side(plan: &Corridors, rows: &mut Rows, n: usize, side: usize) {
    for i in 0..n.min(ROWS) {
        let entry = usize::from(rows.entry[i]);
        let (words, shares) = (&plan.sides[entry][side % 2], &plan.shares[entry]);
        rows.quality[i] = words.quality;
        rows.bounds[i] = words.bounds;
        rows.limits[i] = words.limits;
        rows.piece_share[i] = if side == 0 && rows.half[i] != 0 { shares[2] } else { shares[side % 2] };
    }
}
