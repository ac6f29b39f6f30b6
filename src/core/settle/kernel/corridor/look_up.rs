//! What the rows of a block fetch from the plan: words of year and arrangement, then of the side that each row turned out
//! to be on, then of the slice that its amount ends in.

use super::plan::{Corridors, LINES, SCALE_LINES, SCALES};
use super::rows::Rows;
use crate::core::kernel::{Level, dispatch};
use crate::core::rulebook::LAST_YEAR;
use crate::core::settle::kernel::block::Block;
use crate::core::settle::kernel::decode::ROWS;
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

/// Fetches the words of each row's year and arrangement, and its minimum rates by size or where they are fixed; marks
/// rows whose discount or cap the arrangement does not allow.
pub(super) fn heads(level: Level, plan: &Corridors, block: &mut Block, rows: &mut Rows, n: usize) {
    indices(level, block, rows, n, (plan.first_year, plan.last_index, plan.codes));
    for i in 0..n.min(ROWS) {
        let cell = plan.table[usize::from(block.index[i])];
        let mut at = cell as u16;
        if cell >> 16 != 0 {
            let score = block.quality[i];
            for change in plan.grids[(cell >> 16) as usize] {
                at += u16::from(score > i64::from(change));
            }
        }
        let head = &plan.heads[usize::from(at)];
        rows.entry[i] = at;
        rows.left[i] = head.left;
        rows.withhold[i] = head.withhold;
        rows.fixed_cap[i] = head.cap;
        let scale = usize::from(head.scale) % SCALES;
        let by_size = scale * SCALE_LINES + usize::from(rows.segments[scale][i]);
        for ((line, numerators), denominators) in
            head.lines.into_iter().zip(&mut rows.numerators).zip(&mut rows.denominators)
        {
            let line = if line == 0 { by_size } else { usize::from(line) };
            let line = &plan.lines[line % LINES];
            numerators[i] = line.base.wrapping_add(line.slope.wrapping_mul(block.people[i]));
            denominators[i] = line.scale;
        }
        // A given discount is not asked about where the benchmark is given after it.
        let inside = |value: i64, [lowest, highest]: [i32; 2]| {
            (i64::from(lowest) <= value) & (value <= i64::from(highest))
        };
        let allowed = inside(rows.given[i], head.discounts) | (rows.is_final[i] > 0);
        block.hard[i] |= u8::from(!allowed | !inside(rows.elected_cap[i], head.caps));
    }
}

/// Fetches the words of each row's side.
pub(super) fn sides(plan: &Corridors, rows: &mut Rows, n: usize) {
    for i in 0..n.min(ROWS) {
        let words = &plan.sides[usize::from(rows.entry[i])][(rows.side[i] & 1) as usize];
        rows.quality[i] = words.quality;
        rows.bounds[i] = words.bounds;
        rows.slices[i] = words.slices;
        rows.limits[i] = words.limits;
        rows.after[i] = words.after;
    }
}

/// Fetches the piece of the bands that each amount ends in: of what is paid or owed, or of what is sequestered.
pub(super) fn pieces<const SEQUESTERED: bool>(plan: &Corridors, rows: &mut Rows, n: usize) {
    for i in 0..n.min(ROWS) {
        let pieces = &plan.pieces[usize::from(rows.entry[i])][(rows.side[i] & 1) as usize];
        let of = if SEQUESTERED { &pieces.sequestered } else { &pieces.paid };
        let piece = &of[(rows.piece[i] as usize) % MAX_BANDS];
        rows.of_beyond[i] = piece.of_beyond;
        rows.of_target_part[i] = piece.of_target;
        rows.piece_parts[i] = piece.parts;
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
        let [n, d] = if side == 0 && rows.half[i] != 0 { shares[2] } else { shares[side % 2] };
        rows.of_beyond[i] = n;
        rows.piece_parts[i] = d;
    }
}
