//! Amounts of a settlement, each one exact fraction from end to end and rounded once: what is shared of savings or
//! losses, and the limits.

use super::engine::{OVERFLOW, Unsettled};
use super::plan::Year;
use super::row::Row;
use super::terms::{Bands, Origin, Side};
use crate::core::round::{Ratio, settlement_cents};

/// Part of an amount that is not negative, to the cent.
pub(super) fn part_of(amount: i64, part: Ratio) -> Result<i64, Unsettled> {
    settlement_cents(i128::from(amount) * i128::from(part.n), i128::from(part.d)).ok_or(OVERFLOW)
}

/// What the period generates of the year's savings or losses.
pub(super) fn generated(savings: i64, period: Ratio) -> Result<i64, Unsettled> {
    if period == Ratio::ONE {
        return Ok(savings);
    }
    let size = settlement_cents(i128::from(savings.unsigned_abs()) * i128::from(period.n), i128::from(period.d));
    size.map(|size| size * savings.signum()).ok_or(OVERFLOW)
}

/// The lower of the limits of losses that apply, that by revenue, and the lowest that the one by benchmark could
/// be where the year under two-sided risk is not known.
#[allow(clippy::type_complexity)]
pub(super) fn loss_limits(
    year: &Year,
    side: &Side,
    row: &Row,
    period: Ratio,
) -> Result<(Option<i64>, Option<i64>, Option<i64>), Unsettled> {
    let by_revenue = limit(side.limit_revenue, row.participant_revenue, period)?;
    let mut part = side.limit_benchmark;
    if let Some(early) = side.limit_early {
        let of_agreement = row.agreement_start.map(|start| {
            let first = (start / 10_000).max(year.first_year);
            (year.performance_year - first + 1).max(1)
        });
        let Some(count) = row.two_sided_year.or(of_agreement) else {
            let lowest = early.into_iter().chain(part).min();
            return Ok((None, by_revenue, limit(lowest, Some(row.benchmark), period)?));
        };
        part = usize::try_from(count - 1).ok().and_then(|i| early.get(i).copied()).or(part);
    }
    let by_benchmark = limit(part, Some(row.benchmark), period)?;
    Ok(([by_benchmark, by_revenue].into_iter().flatten().min(), by_revenue, None))
}

/// Part of an amount that is there, where there is such a limit.
pub(super) fn limit(part: Option<Ratio>, of: Option<i64>, period: Ratio) -> Result<Option<i64>, Unsettled> {
    let Some((part, of)) = part.zip(of) else { return Ok(None) };
    part_of(of, part.times(period).ok_or(OVERFLOW)?).map(Some)
}

/// Cents of: what lies beyond the origin, through the bands, times two factors.
pub(super) fn amount(
    side: &Side,
    benchmark: i64,
    distance: i64,
    threshold: Ratio,
    factor: Ratio,
    last: Ratio,
) -> Result<i64, Unsettled> {
    let wide = i128::from;
    let (beyond, parts) = match side.origin {
        Origin::Benchmark => (wide(distance), 1),
        // In parts of a cent, so that nothing is rounded here.
        Origin::Threshold => {
            let start = wide(threshold.n) * wide(benchmark);
            (wide(distance) * wide(threshold.d) - start, threshold.d)
        }
    };
    let banded = banded(&side.bands, beyond.max(0), wide(benchmark) * wide(parts)).ok_or(OVERFLOW)?;
    let factor = factor.times(last).ok_or(OVERFLOW)?;
    let n = banded.checked_mul(wide(factor.n)).ok_or(OVERFLOW)?;
    let d = wide(side.bands.unit)
        .checked_mul(wide(side.bands.scale))
        .and_then(|d| d.checked_mul(wide(factor.d)))
        .and_then(|d| d.checked_mul(wide(parts)))
        .ok_or(OVERFLOW)?;
    settlement_cents(n, d).ok_or(OVERFLOW)
}

/// Sum of the slices times their shares, in `1 / (unit × scale)`.
fn banded(bands: &Bands, beyond: i128, benchmark: i128) -> Option<i128> {
    let beyond = beyond.checked_mul(i128::from(bands.unit))?;
    let (mut sum, mut from) = (0_i128, 0_i128);
    for (upper, share) in &bands.steps[..bands.count] {
        let bound = if *upper == i64::MAX { i128::MAX } else { i128::from(*upper).checked_mul(benchmark)? };
        let to = beyond.min(bound);
        sum = sum.checked_add((to - from).max(0).checked_mul(i128::from(*share))?)?;
        from = to;
    }
    Some(sum)
}
