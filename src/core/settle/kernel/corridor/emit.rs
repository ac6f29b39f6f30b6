//! From a block that the corridor kernel has settled to the outputs that were asked for beside savings, generated and
//! earned: what nobody asked for is not computed.

use super::amounts::{Limit, Share, Whole, cents_of, limit_part};
use super::exact::{MOST_UNIT, negative};
use super::look_up;
use super::plan::Corridors;
use super::rows::Rows;
use super::stakes::{Said, side_has};
use super::targets::has;
use super::words::{NONE, RATE, flag, side_flag};
use crate::core::kernel::{Level, dispatch};
use crate::core::round::PPB;
use crate::core::settle::kernel::block::{Amounts, Block, bit};
use crate::core::settle::kernel::decide::{choose, field, truth};
use crate::core::settle::kernel::decode::{ROWS, float};
use crate::core::settle::kernel::emit::quotients;
use crate::core::settle::reason;
use crate::core::settle::run::{NULL_CENTS, Outputs};

/// Numbers below this are whole as floats.
const WHOLE: f64 = (1_i64 << 53) as f64;
/// Units of targets below this leave room for the unit of a limit.
const MOST_TARGET_UNIT: i64 = 1 << 46;
/// A limit that there is not.
const ABSENT: i64 = i64::MAX;
const ONE: (i64, i64) = (1, 1);

/// Whether limits are asked for, which count on the targets of both sides.
pub(super) fn needs_both(out: &Outputs<'_>) -> bool {
    out.payment_limit.is_some() || out.loss_limit.is_some()
}

/// Writes what was asked for; rows that are hard included.
pub(super) fn emit(
    level: Level,
    plan: &Corridors,
    block: &mut Block,
    rows: &mut Rows,
    money: Amounts<'_>,
    out: &mut Outputs<'_>,
) {
    let n = money.benchmark.len();
    if let Some(to) = &mut out.target {
        to.copy_from_slice(&rows.target_cents[..n]);
    }
    if let Some(to) = &mut out.reason {
        reasons(level, block, rows, to);
    }
    if let Some(to) = &mut out.savings_rate {
        quotients(level, &rows.savings[..n], &rows.target_cents, to);
    }
    if let Some(to) = &mut out.minimum_savings_rate {
        look_up::minimum_rates(plan, block, rows, n, 0);
        minimum_rates(level, block, rows, (flag::ELECTS_UP, plan.shared.election_people), to);
    }
    if let Some(to) = &mut out.minimum_loss_rate {
        look_up::minimum_rates(plan, block, rows, n, 1);
        minimum_rates(level, block, rows, (flag::ELECTS_DOWN, plan.shared.election_people), to);
        blank(level, rows, to);
    }
    if let Some(to) = &mut out.sequestered {
        look_up::sequestered(plan, rows, n);
        sequestered(level, block, rows, money, to);
    }
    if out.sharing_rate.is_some() || out.payment_limit.is_some() {
        look_up::one_side(plan, rows, n, 0);
    }
    if let Some(to) = &mut out.sharing_rate {
        rates(level, block, rows, to);
    }
    if let Some(to) = &mut out.payment_limit {
        payment_limits(level, block, rows, money, to);
    }
    if out.loss_rate.is_some() || out.loss_limit.is_some() {
        look_up::one_side(plan, rows, n, 1);
    }
    if let Some(to) = &mut out.loss_rate {
        rates(level, block, rows, to);
        blank(level, rows, to);
    }
    if let Some(to) = &mut out.loss_limit {
        loss_limits(level, block, rows, (money, plan.shared.first_year), to);
    }
    for to in [&mut out.advance_recouped, &mut out.advance_outstanding].into_iter().flatten() {
        to.fill(NULL_CENTS);
    }
}

#[inline(always)]
fn reasons_body(block: &Block, rows: &Rows, out: &mut [u8]) {
    let code = |reason: u8| i64::from(reason);
    for (i, out) in out.iter_mut().enumerate().take(ROWS) {
        let (withhold, why) = (rows.withhold[i], rows.why[i]);
        let guarded = has(withhold, flag::GUARDRAIL) & truth(block.truths[i], bit::GUARDRAIL);
        let below = choose(guarded, code(reason::GUARDRAIL), code(reason::WITHIN_MINIMUM_SAVINGS_RATE));
        let half = rows.half[i] & code(reason::LOW_REVENUE_HALF_RATE);
        let passed = choose(rows.pays[i], half, code(reason::QUALITY_STANDARD_NOT_MET));
        let of_saved = choose(rows.passes[i], passed, below);
        let risk = has(withhold, flag::TWO_SIDED);
        let beyond = choose(risk, code(reason::WITHIN_MINIMUM_LOSS_RATE), code(reason::NO_DOWNSIDE_RISK));
        let of_lost = choose(rows.gated[i], code(reason::NEUTRAL_ZONE), beyond & !rows.losing[i]);
        let neutral = rows.side[i] & !rows.lost[i] & code(reason::NEUTRAL_ZONE);
        let unbound = (rows.saved[i] & of_saved) | (rows.lost[i] & of_lost) | neutral;
        *out = choose((-why) >> 63, why, unbound) as u8;
    }
}

dispatch! {
    fn reasons(block: &Block, rows: &Rows, out: &mut [u8]) -> () = reasons_body
}

#[inline(always)]
fn minimum_rates_body(block: &Block, rows: &Rows, (elects, fewest): (u64, i64), out: &mut [f64]) {
    for (i, out) in out.iter_mut().enumerate().take(ROWS) {
        let elected = block.elected[i];
        let holds = has(rows.withhold[i], elects) & !((block.people[i] - fewest) >> 63) & !(elected >> 63);
        let rate = choose(holds, elected, rows.numerator[i]);
        *out = float(rate) / float(choose(holds, PPB, rows.denominator[i]));
    }
}

dispatch! {
    /// Minimum rates of the side whose lines were fetched, elected where `elects` says so.
    fn minimum_rates(block: &Block, rows: &Rows, election: (u64, i64), out: &mut [f64]) -> () = minimum_rates_body
}

#[inline(always)]
fn blank_body(rows: &Rows, out: &mut [f64]) {
    for (out, withhold) in out.iter_mut().zip(&rows.withhold) {
        let bits = choose(has(*withhold, flag::TWO_SIDED), out.to_bits() as i64, f64::NAN.to_bits() as i64);
        *out = f64::from_bits(bits as u64);
    }
}

dispatch! {
    /// NaN where there is no downside risk.
    fn blank(rows: &Rows, out: &mut [f64]) -> () = blank_body
}

#[inline(always)]
fn rates_body(block: &mut Block, rows: &Rows, out: &mut [f64]) {
    for (i, out) in out.iter_mut().enumerate().take(ROWS) {
        let (factor, unit, unknown) = Said::new(block, rows, i).factor(rows.quality[i], rows.bounds[i]);
        let share = rows.piece_share[i];
        let d = float(field(share, 32, 32)) * float(unit);
        let rate = float(field(share, 0, 32)) * float(factor) / d;
        *out = f64::from_bits(choose(unknown, f64::NAN.to_bits() as i64, rate.to_bits() as i64) as u64);
        block.hard[i] |= (negative(WHOLE - d) & 1) as u8;
    }
}

dispatch! {
    /// Shares of the side whose words were fetched, times quality.
    fn rates(block: &mut Block, rows: &Rows, out: &mut [f64]) -> () = rates_body
}

/// The lower of the limits by benchmark or target and by revenue, [`ABSENT`] where there is none.
#[inline(always)]
fn lower(block: &Block, rows: &Rows, i: usize, (benchmark, part): (i64, i64), side: usize) -> i64 {
    let of_target = side_has(rows.bounds[i], side_flag::OF_TARGET);
    let (whole, over_unit) = (Limit::new(ONE, ONE), 1.0 / RATE as f64);
    let basis = Whole::basis(of_target, &rows.both[side], i, benchmark);
    let by_benchmark = choose((part - NONE) >> 63, whole.of(basis, part, over_unit), ABSENT);
    let (revenue, of_revenue) = (block.revenue[i], field(rows.limits[i], 16, 16));
    let told = ((of_revenue - NONE) >> 63) & !(revenue >> 63);
    by_benchmark.min(choose(told, whole.of(Whole::amount(revenue), of_revenue, over_unit), ABSENT))
}

/// Not zero where the unit of a target leaves no room for that of its limit.
#[inline(always)]
fn too_fine(rows: &Rows, i: usize, side: usize) -> u8 {
    let of_target = side_has(rows.bounds[i], side_flag::OF_TARGET);
    (of_target & (MOST_TARGET_UNIT.wrapping_sub(rows.both[side].unit[i]) >> 63) & 1) as u8
}

#[inline(always)]
fn payment_limits_body(block: &mut Block, rows: &Rows, money: Amounts<'_>, out: &mut [i64]) {
    let n = out.len().min(ROWS);
    let (out, benchmark) = (&mut out[..n], &money.benchmark[..n]);
    for i in 0..n {
        let lower = lower(block, rows, i, (benchmark[i], field(rows.limits[i], 0, 16)), 0);
        let absent = (ABSENT - 1).wrapping_sub(lower) >> 63;
        out[i] = choose(absent, NULL_CENTS, lower);
        block.hard[i] |= too_fine(rows, i, 0);
    }
}

dispatch! {
    fn payment_limits(block: &mut Block, rows: &Rows, money: Amounts<'_>, out: &mut [i64]) -> ()
        = payment_limits_body
}

#[inline(always)]
fn loss_limits_body(block: &mut Block, rows: &Rows, (money, first_year): (Amounts<'_>, i64), out: &mut [i64]) {
    let n = out.len().min(ROWS);
    let (out, benchmark) = (&mut out[..n], &money.benchmark[..n]);
    for i in 0..n {
        // The year under two-sided risk may not be known, and so neither is the limit.
        let (part, unknown) = limit_part(block, i, rows.limits[i], rows.bounds[i], first_year);
        let lower = lower(block, rows, i, (benchmark[i], part), 1);
        let none = unknown | !has(rows.withhold[i], flag::TWO_SIDED) | (ABSENT - 1).wrapping_sub(lower) >> 63;
        out[i] = choose(none, NULL_CENTS, lower);
        block.hard[i] |= too_fine(rows, i, 1);
    }
}

dispatch! {
    fn loss_limits(block: &mut Block, rows: &Rows, money: (Amounts<'_>, i64), out: &mut [i64]) -> ()
        = loss_limits_body
}

#[inline(always)]
fn sequestered_body(block: &mut Block, rows: &Rows, money: Amounts<'_>, out: &mut [i64]) {
    let n = out.len().min(ROWS);
    let (out, benchmark) = (&mut out[..n], &money.benchmark[..n]);
    for i in 0..n {
        let (bounds, limits, after, pays) = (rows.bounds[i], rows.limits[i], rows.after[i], rows.pays[i]);
        // Where a limit binds that comes before sequestration: what is withheld of it.
        let part = field(limits, 0, 16);
        let place = (rows.place.n[i], rows.place.unit[i]);
        let (share, held) =
            (Share::new(rows, i, place), Limit::new((field(after, 32, 16), field(after, 48, 16)), place));
        let (withheld, over_unit) = cents_of(&share, &held);
        let of_target = side_has(bounds, side_flag::OF_TARGET);
        let basis = Whole::basis(of_target, &rows.target, i, benchmark[i]);
        let by_benchmark = choose((part - NONE) >> 63, held.of(basis, part, over_unit), ABSENT);
        let (revenue, of_revenue) = (block.revenue[i], field(limits, 16, 16));
        let told = ((of_revenue - NONE) >> 63) & !(revenue >> 63);
        let most = by_benchmark.min(choose(told, held.of(Whole::amount(revenue), of_revenue, over_unit), ABSENT));
        let bound = rows.bound[i] & side_has(bounds, side_flag::LIMITS_PLACED);
        out[i] = withheld.min(choose(bound, most, ABSENT)) & pays;
        let too_fine = negative(MOST_UNIT - share.unit_about)
            | (of_target & negative(MOST_UNIT - held.unit_about * rows.unit_about[i]));
        block.hard[i] |= (pays & too_fine & 1) as u8;
    }
}

dispatch! {
    fn sequestered(block: &mut Block, rows: &Rows, money: Amounts<'_>, out: &mut [i64]) -> () = sequestered_body
}
