//! Third step of the corridor kernel: what is paid or owed, held against its limits, each amount one exact fraction that
//! is rounded once; `amounts.rs` of the engine, branch-free.

use super::exact::{MOST, MOST_UNIT, negative, rounded, times};
use super::plan::Shared;
use super::rows::{Rows, Targets};
use super::stakes::side_has;
use super::words::{NONE, RATE, side_flag};
use crate::core::kernel::{Level, dispatch};
use crate::core::settle::kernel::block::{Amounts, Block, Settled};
use crate::core::settle::kernel::decide::{choose, field};
use crate::core::settle::kernel::decode::{MOST_CENTS, ROWS, float};
use crate::core::settle::reason;

/// A part as a fraction.
pub(super) type Part = (i64, i64);

/// Cents of the row's share: what lies beyond the origin, through the piece that was fetched, times quality and place;
/// and its unit, as a float.
#[inline(always)]
pub(super) fn share(rows: &Rows, i: usize) -> (i64, f64) {
    let (of_beyond, parts) = (field(rows.piece_share[i], 0, 32), field(rows.piece_share[i], 32, 32));
    let of_target = rows.piece_of_target[i];
    let (factor, factor_unit) = (rows.factor[i], rows.factor_unit[i]);
    let (place, place_unit) = (rows.place.n[i], rows.place.unit[i]);
    let banded = times(rows.beyond[i], of_beyond).wrapping_add(times(rows.of_target[i], of_target));
    let n = times(times(banded, factor), place);
    let finest = times(times(parts, factor_unit), place_unit);
    let about = rows.beyond_about[i] * float(of_beyond) + rows.target.about[i] * float(of_target);
    let finest_about = float(parts) * float(factor_unit) * float(place_unit);
    let about = about * (float(factor) * float(place)) / finest_about;
    // Below nothing where the cap lies below the origin.
    (rounded(n, times(rows.parts[i], finest), about).max(0), rows.parts_about[i] * finest_about)
}

/// Cents of a part of an amount, times another part and the place.
#[inline(always)]
pub(super) fn part_of(amount: i64, part: i64, (of, of_unit): Part, (place, place_unit): Part) -> i64 {
    let (n, unit) = (times(times(part, of), place), times(times(RATE, of_unit), place_unit));
    let about = float(amount) * (float(part) * float(of) * float(place)) / (float(RATE) * float(of_unit) * float(place_unit));
    rounded(times(amount, n), unit, about)
}

/// The same of a target; and the unit, as a float.
#[inline(always)]
pub(super) fn part_of_target(targets: &Targets, i: usize, part: i64, (of, of_unit): Part, (place, place_unit): Part) -> i64 {
    let (n, unit) = (times(times(part, of), place), times(times(RATE, of_unit), place_unit));
    let about =
        targets.about[i] * (float(part) * float(of) * float(place)) / (float(RATE) * float(of_unit) * float(place_unit));
    rounded(times(targets.n[i], n), times(targets.unit[i], unit), about)
}

/// The part of the benchmark or target that limits losses, which may depend on the year under two-sided risk, and
/// whether that is not known.
#[inline(always)]
pub(super) fn limit_part(block: &Block, i: usize, limits: u64, bounds: u64, first_year: i64) -> (i64, i64) {
    let (began, given) = (block.start_year[i], block.two_sided_year[i]);
    let since = block.year[i] - began.max(first_year) + 1;
    let count = choose((given - 1) >> 63, since, given);
    let early = side_has(bounds, side_flag::EARLY);
    let in_first = (count - 2) >> 63;
    let in_second = ((count - 3) >> 63) & !in_first;
    let later = choose(early & in_second, field(limits, 48, 16), field(limits, 0, 16));
    (choose(early & in_first, field(limits, 32, 16), later), early & (began >> 63) & (given >> 63))
}

/// `WHY` where an output is asked for that says what decided.
#[inline(always)]
fn amounts_body<const WHY: bool>(
    block: &mut Block,
    rows: &mut Rows,
    money: Amounts<'_>,
    out: &mut Settled<'_>,
    shared: Shared,
) {
    let n = money.benchmark.len().min(ROWS);
    let benchmarks = &money.benchmark[..n];
    let (all_savings, generated, earned) = (&mut out.savings[..n], &mut out.generated[..n], &mut out.earned[..n]);
    for i in 0..n {
        let (bounds, limits, after) = (rows.bounds[i], rows.limits[i], rows.after[i]);
        let (passes, pays, losing) = (rows.passes[i], rows.pays[i], rows.losing[i]);
        let savings = rows.savings[i];
        let (amount, unit_about) = share(rows, i);

        // The limit by benchmark or target. One that there is not lies out of reach.
        let (place, place_unit) = (rows.place.n[i], rows.place.unit[i]);
        let placed = side_has(bounds, side_flag::LIMITS_PLACED);
        let place = (choose(placed, place, 1), choose(placed, place_unit, 1));
        let of = (field(after, 0, 16), field(after, 16, 16));
        let (part, year_unknown) = limit_part(block, i, limits, bounds, shared.first_year);
        let of_target = side_has(bounds, side_flag::OF_TARGET);
        let by_benchmark = part_of(benchmarks[i], part, of, place);
        let by_target = part_of_target(&rows.target, i, part, of, place);
        let limit = choose((part - NONE) >> 63, choose(of_target, by_target, by_benchmark), MOST_CENTS);

        // The limit by revenue, and relief.
        let revenue = block.revenue[i];
        let of_revenue = field(limits, 16, 16);
        let by_it = (of_revenue - NONE) >> 63;
        let untold = by_it & (revenue >> 63);
        let by_revenue = choose(by_it & !untold, part_of(revenue, of_revenue, of, place), MOST_CENTS);
        let lower = limit.min(by_revenue);
        let limited = amount.min(lower);
        let owed = limited.wrapping_sub(block.relief[i].max(0)).max(0);
        let adjustment = rows.adjustment[i];

        all_savings[i] = savings;
        generated[i] = savings & (passes | losing);
        earned[i] = ((pays & limited) | (losing & owed.wrapping_neg())).wrapping_add(adjustment);

        if WHY {
            // Why it came out so, where a limit or the cap decided.
            let bound = lower.wrapping_sub(amount) >> 63;
            let first = limit.wrapping_sub(by_revenue) >> 63;
            let code = |reason: u8| i64::from(reason);
            let of_gain = choose(first, code(reason::PAYMENT_LIMIT), code(reason::REVENUE_PAYMENT_LIMIT));
            let of_loss = choose(first, code(reason::BENCHMARK_LOSS_LIMIT), code(reason::REVENUE_LOSS_LIMIT));
            let capped = rows.capped[i] & code(reason::GROSS_CAP);
            let gained = choose(bound, of_gain, capped);
            let lost = choose(untold, code(reason::REVENUE_LIMIT_NOT_APPLIED), choose(bound, of_loss, capped));
            rows.why[i] = (pays & gained) | (losing & lost);
            rows.bound[i] = pays & bound;
        }

        let counts = pays | losing;
        let sized = |amount: i64| (MOST - 1).wrapping_sub(amount) >> 63;
        let too_large = sized(revenue) | sized(adjustment) | sized(adjustment.wrapping_neg());
        let finest = float(RATE) * float(of.1) * float(place.1);
        let too_fine = negative(MOST_UNIT - unit_about)
            | negative((1_i64 << 48) as f64 - float(rows.factor_unit[i]) * float(rows.place.unit[i]))
            | (of_target & negative(MOST_UNIT - finest * rows.unit_about[i]));
        let alone = untold & side_has(bounds, side_flag::REVENUE_ALONE);
        rows.undecided[i] |= too_large | (counts & (too_fine | alone | year_unknown));
    }
    for (hard, undecided) in block.hard[..n].iter_mut().zip(&rows.undecided) {
        *hard |= (*undecided & 1) as u8;
    }
}

dispatch! {
    fn with_why(block: &mut Block, rows: &mut Rows, money: Amounts<'_>, out: &mut Settled<'_>, shared: Shared) -> ()
        = amounts_body::<true>
}

dispatch! {
    fn amounts_only(block: &mut Block, rows: &mut Rows, money: Amounts<'_>, out: &mut Settled<'_>, shared: Shared) -> ()
        = amounts_body::<false>
}

/// Amounts of a block whose stakes are known; `why` where an output is asked for that says what decided.
pub(super) fn amounts(
    level: Level,
    why: bool,
    (block, rows): (&mut Block, &mut Rows),
    money: Amounts<'_>,
    out: &mut Settled<'_>,
    shared: Shared,
) {
    if why {
        with_why(level, block, rows, money, out, shared);
    } else {
        amounts_only(level, block, rows, money, out, shared);
    }
}
