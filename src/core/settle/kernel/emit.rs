//! From a settled block to the outputs that were asked for: what nobody asked for is not computed.

use super::block::{Block, LOSS, state};
use super::decide::{choose, field, is, reasons, rounded};
use super::decode::{NULL, ROWS, float};
use super::packed::{NO_LIMIT, PAY, Packed, RATE, flag};
use crate::core::kernel::{Level, dispatch};
use crate::core::round::PPB;
use crate::core::settle::run::{NULL_CENTS, Outputs};

/// Whether an output is asked for that needs more than the amounts and the minimum rate.
pub(super) fn needs_details(out: &Outputs<'_>) -> bool {
    let amounts = out.payment_limit.is_some() || out.loss_limit.is_some() || out.sequestered.is_some();
    amounts || out.reason.is_some() || out.sharing_rate.is_some() || out.loss_rate.is_some()
}

/// Writes what was asked for beside savings, generated and earned; rows that are hard included. `spare` holds the
/// savings where nobody asked for them.
pub(super) fn emit(
    level: Level,
    packed: &Packed,
    block: &mut Block,
    benchmark: &[i64],
    spare: &[i64],
    out: &mut Outputs<'_>,
) {
    let savings: &[i64] = match &out.savings {
        Some(savings) => savings,
        None => spare,
    };
    if let Some(to) = &mut out.target {
        to.copy_from_slice(benchmark);
    }
    if let Some(to) = &mut out.reason {
        reasons(level, block, savings, to);
    }
    if let Some(to) = &mut out.savings_rate {
        quotients(level, savings, benchmark, to);
    }
    if let Some(to) = &mut out.minimum_savings_rate {
        quotients(level, &block.numerator, &block.denominator, to);
    }
    if let Some(to) = &mut out.minimum_loss_rate {
        quotients(level, &block.numerator, &block.denominator, to);
        blank(level, &block.limits, to);
    }
    if let Some(to) = &mut out.sharing_rate {
        fetch(&packed.sharing, block, benchmark.len());
        sharing_rates(level, block, to);
    }
    if let Some(to) = &mut out.loss_rate {
        loss_rates(level, block, to);
        blank(level, &block.limits, to);
    }
    if let Some(to) = &mut out.payment_limit {
        payment_limits(level, block, benchmark, to);
    }
    if let Some(to) = &mut out.loss_limit {
        loss_limits(level, block, benchmark, to);
    }
    if let Some(to) = &mut out.sequestered {
        fetch(&packed.sequestered, block, benchmark.len());
        sequestered(level, block, savings, to);
    }
    for to in [&mut out.advance_recouped, &mut out.advance_outstanding].into_iter().flatten() {
        to.fill(NULL_CENTS);
    }
}

/// Fetches one of two rates for each of `n` rows: the second one for the half rate. Beyond them lie rows of an earlier
/// block, of another program perhaps.
fn fetch(rates: &[[i64; 2]], block: &mut Block, n: usize) {
    for ((rate, at), state) in block.rate.iter_mut().zip(&block.index).zip(&block.state).take(n) {
        *rate = rates[usize::from(*at)][usize::from(*state == i64::from(state::HALF))];
    }
}

#[inline(always)]
fn quotients_body(numerators: &[i64], denominators: &[i64], out: &mut [f64]) {
    for ((out, n), d) in out.iter_mut().zip(numerators).zip(denominators) {
        *out = float(*n) / float(*d);
    }
}

dispatch! {
    pub(super) fn quotients(numerators: &[i64], denominators: &[i64], out: &mut [f64]) -> () = quotients_body
}

#[inline(always)]
fn blank_body(limits: &[u64], out: &mut [f64]) {
    for (out, limits) in out.iter_mut().zip(limits) {
        let bits = choose(is(*limits, flag::TWO_SIDED), out.to_bits() as i64, f64::NAN.to_bits() as i64);
        *out = f64::from_bits(bits as u64);
    }
}

dispatch! {
    /// NaN where there is no downside risk.
    fn blank(limits: &[u64], out: &mut [f64]) -> () = blank_body
}

/// A quotient, or NaN where the numerator is [`NULL`].
#[inline(always)]
fn known(numerator: i64, denominator: i64) -> f64 {
    if numerator == NULL { f64::NAN } else { float(numerator) / denominator as f64 }
}

#[inline(always)]
fn sharing_rates_body(block: &Block, out: &mut [f64]) {
    for ((out, rate), factor) in out.iter_mut().zip(&block.rate).zip(&block.factor) {
        *out = known(choose(factor >> 63, NULL, rate.wrapping_mul(*factor)), PAY * PPB);
    }
}

dispatch! {
    fn sharing_rates(block: &Block, out: &mut [f64]) -> () = sharing_rates_body
}

#[inline(always)]
fn loss_rates_body(block: &Block, out: &mut [f64]) {
    for (out, rate) in out.iter_mut().zip(&block.loss_rate) {
        *out = known(*rate, LOSS);
    }
}

dispatch! {
    fn loss_rates(block: &Block, out: &mut [f64]) -> () = loss_rates_body
}

/// A part of an amount, or `none` where there is no such limit.
#[inline(always)]
fn part(amount: i64, part: i64, none: i64) -> i64 {
    let absent = ((NO_LIMIT as i64 - 1) - part) >> 63;
    choose(absent, none, rounded::<RATE>(amount, part))
}

#[inline(always)]
fn payment_limits_body(block: &Block, benchmark: &[i64], out: &mut [i64]) {
    for ((out, limits), benchmark) in out.iter_mut().zip(&block.limits).zip(benchmark) {
        *out = part(*benchmark, field(*limits, 0, 16), NULL_CENTS);
    }
}

dispatch! {
    fn payment_limits(block: &Block, benchmark: &[i64], out: &mut [i64]) -> () = payment_limits_body
}

#[inline(always)]
fn loss_limits_body(block: &Block, benchmark: &[i64], out: &mut [i64]) {
    let n = out.len().min(ROWS);
    let (out, benchmark) = (&mut out[..n], &benchmark[..n]);
    for i in 0..n {
        let (limits, by_benchmark, revenue) = (block.limits[i], block.loss_limit[i], block.revenue[i]);
        // The year under two-sided risk is not known, and so neither is the limit.
        let unknown = by_benchmark >> 63;
        let none = i64::MAX;
        let of_benchmark = part(benchmark[i], by_benchmark, none);
        let of_revenue = choose(revenue >> 63, none, part(revenue, field(limits, 32, 16), none));
        let lower = of_benchmark.min(of_revenue);
        let absent = unknown | !is(limits, flag::TWO_SIDED) | ((i64::MAX - 1).wrapping_sub(lower) >> 63);
        out[i] = choose(absent, NULL_CENTS, lower);
    }
}

dispatch! {
    fn loss_limits(block: &Block, benchmark: &[i64], out: &mut [i64]) -> () = loss_limits_body
}

#[inline(always)]
fn sequestered_body(block: &Block, savings: &[i64], out: &mut [i64]) {
    let n = out.len().min(ROWS);
    let (out, savings) = (&mut out[..n], &savings[..n]);
    for i in 0..n {
        let rate = block.rate[i].wrapping_mul(block.factor[i].max(0)) & block.shares[i];
        out[i] = rounded::<{ PAY * PPB }>(savings[i], rate) & block.shares[i];
    }
}

dispatch! {
    fn sequestered(block: &Block, savings: &[i64], out: &mut [i64]) -> () = sequestered_body
}
