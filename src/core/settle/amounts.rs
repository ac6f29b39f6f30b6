//! Amounts of a settlement, each one exact fraction from end to end and rounded once: what is shared of savings or
//! losses, and the limits.

use super::engine::{OVERFLOW, Unsettled};
use super::plan::Year;
use super::row::Row;
use super::target::Target;
use super::terms::{Bands, Origin, Side};
use crate::core::round::{Ratio, settlement_cents};

/// Part of an amount that is not negative, to the cent.
pub(super) fn part_of(amount: i64, part: Ratio) -> Result<i64, Unsettled> {
    settlement_cents(i128::from(amount) * i128::from(part.n), i128::from(part.d)).ok_or(OVERFLOW)
}

/// Limits of a side in cents, each times the part that the period counts for and what comes after the limit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Limits {
    /// The lowest of those that can be computed.
    pub(super) limit: Option<i64>,
    /// That by revenue.
    pub(super) by_revenue: Option<i64>,
    /// The lowest that the one by benchmark could be, where the year under two-sided risk is not known.
    pub(super) lowest: Option<i64>,
}

/// The limits that apply to a side; without a target those by target are left out.
pub(super) fn limits(
    year: &Year,
    side: &Side,
    row: &Row,
    target: Target,
    parts: Ratio,
) -> Result<Limits, Unsettled> {
    let by_revenue = limit(side.limit_revenue, row.participant_revenue, parts)?;
    let of_basis = |part: Option<Ratio>| -> Result<Option<i64>, Unsettled> {
        if !side.limit_of_target {
            return limit(part, Some(row.benchmark), parts);
        }
        let Some(part) = part.map(|part| part.times(parts).ok_or(OVERFLOW)).transpose()? else { return Ok(None) };
        let n = target.n.checked_mul(i128::from(part.n)).ok_or(OVERFLOW)?;
        settlement_cents(n, i128::from(target.d) * i128::from(part.d)).map(Some).ok_or(OVERFLOW)
    };
    let amount = limit(Some(Ratio::ONE), side.limit_amount, parts)?;
    let mut part = side.limit_benchmark;
    if let Some(early) = side.limit_early {
        let of_agreement = row.agreement_start.map(|start| {
            let first = (start / 10_000).max(year.first_year);
            (year.performance_year - first + 1).max(1)
        });
        let Some(count) = row.two_sided_year.or(of_agreement) else {
            let lowest = of_basis(early.into_iter().chain(part).min())?;
            return Ok(Limits { limit: None, by_revenue, lowest });
        };
        part = usize::try_from(count - 1).ok().and_then(|i| early.get(i).copied()).or(part);
    }
    let limit = [of_basis(part)?, amount, by_revenue].into_iter().flatten().min();
    Ok(Limits { limit, by_revenue, lowest: None })
}

/// Part of an amount that is there, where there is such a limit.
fn limit(part: Option<Ratio>, of: Option<i64>, period: Ratio) -> Result<Option<i64>, Unsettled> {
    let Some((part, of)) = part.zip(of) else { return Ok(None) };
    part_of(of, part.times(period).ok_or(OVERFLOW)?).map(Some)
}

/// Savings or losses of a side: how far spending lies from the target, and how much of that the side looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stake {
    pub(super) target: Target,
    /// In `1 / target.d` cents.
    pub(super) distance: i128,
    pub(super) threshold: Ratio,
    /// Part of the target beyond which nothing is shared.
    pub(super) cap: Option<Ratio>,
}

impl Stake {
    /// Whether the cap binds.
    pub(super) fn capped(&self) -> Result<bool, Unsettled> {
        let Some(cap) = self.cap else { return Ok(false) };
        Ok(self.target.reached(self.distance, cap)? && !self.is(cap)?)
    }

    fn is(&self, rate: Ratio) -> Result<bool, Unsettled> {
        let distance = self.distance.checked_mul(i128::from(rate.d)).ok_or(OVERFLOW)?;
        Ok(distance == self.target.n.checked_mul(i128::from(rate.n)).ok_or(OVERFLOW)?)
    }

    /// Cents of: what lies beyond the origin, through the bands, times two factors.
    pub(super) fn amount(&self, side: &Side, factor: Ratio, last: Ratio) -> Result<i64, Unsettled> {
        let wide = i128::from;
        // In parts of a cent, so that nothing is rounded here.
        let (mut distance, mut target, mut parts) = (self.distance, self.target.n, wide(self.target.d));
        if let Some(cap) = self.cap.filter(|_| self.capped().unwrap_or(true)) {
            distance = target.checked_mul(wide(cap.n)).ok_or(OVERFLOW)?;
            target = target.checked_mul(wide(cap.d)).ok_or(OVERFLOW)?;
            parts = parts.checked_mul(wide(cap.d)).ok_or(OVERFLOW)?;
        }
        let (beyond, finer) = match side.origin {
            Origin::Benchmark => (distance, 1),
            Origin::Threshold => {
                let start = target.checked_mul(wide(self.threshold.n)).ok_or(OVERFLOW)?;
                let distance = distance.checked_mul(wide(self.threshold.d)).ok_or(OVERFLOW)?;
                (distance - start, self.threshold.d)
            }
        };
        let target = target.checked_mul(wide(finer)).ok_or(OVERFLOW)?;
        let banded = banded(&side.bands, beyond.max(0), target).ok_or(OVERFLOW)?;
        let factor = factor.times(last).ok_or(OVERFLOW)?;
        let n = banded.checked_mul(wide(factor.n)).ok_or(OVERFLOW)?;
        let d = wide(side.bands.unit)
            .checked_mul(wide(side.bands.scale))
            .and_then(|d| d.checked_mul(wide(factor.d)))
            .and_then(|d| d.checked_mul(parts))
            .and_then(|d| d.checked_mul(wide(finer)))
            .ok_or(OVERFLOW)?;
        settlement_cents(n, d).ok_or(OVERFLOW)
    }
}

/// Sum of the slices times their shares, in `1 / (unit × scale)`.
fn banded(bands: &Bands, beyond: i128, target: i128) -> Option<i128> {
    let beyond = beyond.checked_mul(i128::from(bands.unit))?;
    let (mut sum, mut from) = (0_i128, 0_i128);
    for (upper, share) in &bands.steps[..bands.count] {
        let bound = if *upper == i64::MAX { i128::MAX } else { i128::from(*upper).checked_mul(target)? };
        let to = beyond.min(bound);
        sum = sum.checked_add((to - from).max(0).checked_mul(i128::from(*share))?)?;
        from = to;
    }
    Some(sum)
}
