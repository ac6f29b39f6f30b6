//! Third step of the corridor kernel: what is paid or owed, held against its limits, each amount one exact fraction that
//! is rounded once; `amounts.rs` of the engine, branch-free.

use super::exact::{MOST, MOST_UNIT, negative, pick, rounded, times};
use super::plan::Shared;
use super::rows::{Rows, Targets};
use super::stakes::side_has;
use super::words::{NONE, RATE, side_flag};
use crate::core::kernel::{Level, dispatch};
use crate::core::settle::kernel::block::{Amounts, Block, Settled};
use crate::core::settle::kernel::decide::{choose, field};
use crate::core::settle::kernel::decode::{MOST_CENTS, ROWS, float};
use crate::core::settle::reason;

/// The row's share: what lies beyond the origin, through the piece that was fetched, times quality and place.
#[derive(Clone, Copy)]
pub(super) struct Share {
    n: i64,
    /// What `n` counts in, and about.
    unit: i64,
    about: f64,
    /// The units of factor and place, about; the unit but for that of the target; and all of it.
    factor_about: f64,
    finest: f64,
    pub(super) unit_about: f64,
}

impl Share {
    #[inline(always)]
    pub(super) fn new(rows: &Rows, i: usize, (place, place_unit): Part) -> Self {
        let (of_beyond, parts) = (field(rows.piece_share[i], 0, 32), field(rows.piece_share[i], 32, 32));
        let of_target = rows.piece_of_target[i];
        let (factor, factor_unit) = (rows.factor[i], rows.factor_unit[i]);
        let banded = times(rows.beyond[i], of_beyond).wrapping_add(times(rows.of_target[i], of_target));
        let about = rows.beyond_about[i] * float(of_beyond) + rows.target.about[i] * float(of_target);
        let factor_about = float(factor_unit) * float(place_unit);
        let finest = float(parts) * factor_about;
        Self {
            n: times(times(banded, factor), place),
            unit: times(rows.parts[i], times(times(parts, factor_unit), place_unit)),
            about: about * (float(factor) * float(place)),
            factor_about,
            finest,
            unit_about: rows.parts_about[i] * finest,
        }
    }

    /// In cents, given one over what `finest` is: nothing where the cap lies below the origin.
    #[inline(always)]
    fn cents(&self, over_finest: f64) -> i64 {
        rounded(self.n, self.unit, self.about * over_finest).max(0)
    }
}

/// A fraction.
pub(super) type Part = (i64, i64);

/// What each of a row's limits is multiplied by: a part, which counts in `1 / RATE`, of what remains, and the place.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    n: i64,
    unit: i64,
    about: f64,
    pub(super) unit_about: f64,
}

impl Limit {
    #[inline(always)]
    pub(super) fn new((of, of_unit): Part, (place, place_unit): Part) -> Self {
        let (n, unit) = (times(of, place), times(times(RATE, of_unit), place_unit));
        let unit_about = float(RATE) * float(of_unit) * float(place_unit);
        Self { n, unit, about: float(of) * float(place), unit_about }
    }

    /// Cents of a part of what it is held against, given one over the unit.
    #[inline(always)]
    pub(super) fn of(&self, whole: Whole, part: i64, over_unit: f64) -> i64 {
        let about = whole.about * (float(part) * self.about * over_unit);
        rounded(times(whole.n, times(part, self.n)), times(whole.unit, self.unit), about)
    }
}

/// What a limit is a part of: `n / unit` cents.
#[derive(Clone, Copy)]
pub(super) struct Whole {
    n: i64,
    unit: i64,
    about: f64,
}

impl Whole {
    #[inline(always)]
    pub(super) fn amount(cents: i64) -> Self {
        Self { n: cents, unit: 1, about: float(cents) }
    }

    /// The target where `of_target`, else the benchmark.
    #[inline(always)]
    pub(super) fn basis(of_target: i64, targets: &Targets, i: usize, benchmark: i64) -> Self {
        Self {
            n: choose(of_target, targets.n[i], benchmark),
            unit: choose(of_target, targets.unit[i], 1),
            about: pick(of_target, targets.about[i], float(benchmark)),
        }
    }
}

/// What is shared, and one over the unit of the limit: one division for both.
#[inline(always)]
pub(super) fn cents_of(share: &Share, limit: &Limit) -> (i64, f64) {
    let of_both = 1.0 / (share.finest * limit.unit_about);
    (share.cents(limit.unit_about * of_both), share.finest * of_both)
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
fn amounts_body<const WHY: bool, const PLACED: bool>(
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

        // The limit by benchmark or target. One that there is not lies out of reach.
        let place = if PLACED { (rows.place.n[i], rows.place.unit[i]) } else { (1, 1) };
        let share = Share::new(rows, i, place);
        let placed = side_has(bounds, side_flag::LIMITS_PLACED);
        let place = if PLACED { (choose(placed, place.0, 1), choose(placed, place.1, 1)) } else { place };
        let held = Limit::new((field(after, 0, 16), field(after, 16, 16)), place);
        let (amount, over_unit) = cents_of(&share, &held);
        let (part, year_unknown) = limit_part(block, i, limits, bounds, shared.first_year);
        let of_target = side_has(bounds, side_flag::OF_TARGET);
        let basis = Whole::basis(of_target, &rows.target, i, benchmarks[i]);
        let limit = choose((part - NONE) >> 63, held.of(basis, part, over_unit), MOST_CENTS);

        // The limit by revenue, and relief.
        let revenue = block.revenue[i];
        let of_revenue = field(limits, 16, 16);
        let by_it = (of_revenue - NONE) >> 63;
        let untold = by_it & (revenue >> 63);
        let by_revenue =
            choose(by_it & !untold, held.of(Whole::amount(revenue), of_revenue, over_unit), MOST_CENTS);
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
        let too_fine = negative(MOST_UNIT - share.unit_about)
            | negative((1_i64 << 48) as f64 - share.factor_about)
            | (of_target & negative(MOST_UNIT - held.unit_about * rows.unit_about[i]));
        let alone = untold & side_has(bounds, side_flag::REVENUE_ALONE);
        rows.undecided[i] |= too_large | (counts & (too_fine | alone | year_unknown));
    }
    for (hard, undecided) in block.hard[..n].iter_mut().zip(&rows.undecided) {
        *hard |= (*undecided & 1) as u8;
    }
}

macro_rules! forms {
    ($($name:ident: $why:literal, $placed:literal;)+) => {$(dispatch! {
        fn $name(block: &mut Block, rows: &mut Rows, money: Amounts<'_>, out: &mut Settled<'_>, shared: Shared) -> ()
            = amounts_body::<$why, $placed>
    })+};
}
forms! {
    plain: false, false;
    placed: false, true;
    plain_with_why: true, false;
    placed_with_why: true, true;
}

/// Amounts of a block whose stakes are known: and what decided, where an output asks for it; without a look at the
/// geographic factor where a call has none.
pub(super) fn amounts(
    level: Level,
    (why, has_place): (bool, bool),
    (block, rows): (&mut Block, &mut Rows),
    money: Amounts<'_>,
    out: &mut Settled<'_>,
    shared: Shared,
) {
    let form = match (why, has_place) {
        (false, false) => plain,
        (false, true) => placed,
        (true, false) => plain_with_why,
        (true, true) => placed_with_why,
    };
    form(level, block, rows, money, out, shared);
}
