//! From a settled block to the outputs that were asked for: what nobody asked for is not computed.

use super::decode::{NULL, ROWS, float};
use super::packed::{Entry, NO_LIMIT, PAY, Packed, RATE, TRACKS, flag};
use super::run::{NULL_CENTS, Outputs};
use super::tile::{Block, LOSS, rounded, state};
use crate::core::kernel::{Level, dispatch};
use crate::core::round::PPB;

#[inline(always)]
fn quotients_body(numerators: &[i64; ROWS], denominators: &[i64; ROWS], out: &mut [f64]) {
    for ((out, n), d) in out.iter_mut().zip(numerators).zip(denominators) {
        *out = float(*n) / float(*d);
    }
}

dispatch! {
    fn quotients(numerators: &[i64; ROWS], denominators: &[i64; ROWS], out: &mut [f64]) -> () = quotients_body
}

/// The entry of a row.
fn entry<'a>(packed: &'a Packed, block: &Block, i: usize) -> &'a Entry {
    let at = usize::from(block.index[i]);
    &packed.entries[at / TRACKS][at % TRACKS]
}

/// A field of two, the second one for the half rate.
fn halves(word: u64, half: bool) -> i64 {
    (if half { word >> 32 } else { word & 0xffff_ffff }) as i64
}

const TWO_SIDED: u64 = flag::TWO_SIDED << 48;

/// Writes the outputs of the block's rows, those that are hard included.
pub(super) fn emit(level: Level, packed: &Packed, block: &Block, out: &mut Outputs<'_>) {
    for (to, from) in [
        (&mut out.savings, &block.savings),
        (&mut out.generated, &block.generated),
        (&mut out.earned, &block.earned),
    ] {
        if let Some(to) = to {
            let n = to.len();
            to.copy_from_slice(&from[..n]);
        }
    }
    if let Some(to) = &mut out.reason {
        let n = to.len();
        to.copy_from_slice(&block.reason[..n]);
    }
    if let Some(to) = &mut out.savings_rate {
        quotients(level, &block.savings, &block.benchmark, to);
    }
    if let Some(to) = &mut out.minimum_savings_rate {
        quotients(level, &block.numerator, &block.denominator, to);
    }
    if let Some(to) = &mut out.minimum_loss_rate {
        quotients(level, &block.numerator, &block.denominator, to);
        for (to, limits) in to.iter_mut().zip(&block.limits) {
            *to = if limits & TWO_SIDED == 0 { f64::NAN } else { *to };
        }
    }
    for to in [&mut out.advance_recouped, &mut out.advance_outstanding].into_iter().flatten() {
        to.fill(NULL_CENTS);
    }
    rates(packed, block, out);
    limits(packed, block, out);
}

fn rates(packed: &Packed, block: &Block, out: &mut Outputs<'_>) {
    for (i, to) in out.sharing_rate.iter_mut().flat_map(|to| to.iter_mut()).enumerate() {
        let rate = halves(entry(packed, block, i).sharing, block.state[i] == state::HALF);
        let known = block.factor[i] != NULL;
        *to = if known { (rate * block.factor[i]) as f64 / (PAY * PPB) as f64 } else { f64::NAN };
    }
    for (i, to) in out.loss_rate.iter_mut().flat_map(|to| to.iter_mut()).enumerate() {
        let known = (block.loss_rate[i] != NULL) & (block.limits[i] & TWO_SIDED != 0);
        *to = if known { block.loss_rate[i] as f64 / LOSS as f64 } else { f64::NAN };
    }
}

fn limits(packed: &Packed, block: &Block, out: &mut Outputs<'_>) {
    let none = NO_LIMIT as i64;
    for (i, to) in out.payment_limit.iter_mut().flat_map(|to| to.iter_mut()).enumerate() {
        let part = (block.limits[i] & NO_LIMIT) as i64;
        *to = if part == none { NULL_CENTS } else { rounded::<RATE>(block.benchmark[i], part) };
    }
    for (i, to) in out.loss_limit.iter_mut().flat_map(|to| to.iter_mut()).enumerate() {
        let two_sided = block.limits[i] & TWO_SIDED != 0;
        let (by_benchmark, by_revenue) = (block.loss_limit[i], (block.limits[i] >> 32 & NO_LIMIT) as i64);
        let mut limit = i64::MAX;
        if by_benchmark != none && by_benchmark != NULL {
            limit = rounded::<RATE>(block.benchmark[i], by_benchmark);
        }
        if by_revenue != none && block.revenue[i] >= 0 && by_benchmark != NULL {
            limit = limit.min(rounded::<RATE>(block.revenue[i], by_revenue));
        }
        *to = if two_sided && limit != i64::MAX { limit } else { NULL_CENTS };
    }
    for (i, to) in out.sequestered.iter_mut().flat_map(|to| to.iter_mut()).enumerate() {
        let state = block.state[i];
        let rate = halves(entry(packed, block, i).sequestered, state == state::HALF);
        let shares = matches!(state, state::GAIN | state::HALF) && block.factor[i] != NULL;
        *to = if shares { rounded::<{ PAY * PPB }>(block.savings[i], rate * block.factor[i]) } else { 0 };
    }
}
