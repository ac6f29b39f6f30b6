//! The regional adjustment: weight by number of times and by side, caps, offset (425.601(f), 425.603(c), 425.656).

use super::chain::{Case, by_type, given_or, weighted};
use super::columns::{Four, cell, entity};
use super::regulation::Regulation;

/// `f64::min`, but not known where either is not.
pub(super) fn capped(amount: f64, cap: f64) -> f64 {
    if amount <= 0.0 {
        amount
    } else if (amount + cap).is_nan() {
        f64::NAN
    } else {
        amount.min(cap)
    }
}

/// Regional adjustment by type: 425.656(c) and (d), or what an earlier regulation has of it.
pub(super) fn regional(regulation: &Regulation, case: &Case, share: &Four, difference: &Four) -> Four {
    let given = &case.cells[cell::GIVEN_REGIONAL_ADJUSTMENT];
    let Some(weights) = &regulation.regional_weights else { return [0.0; 4] };
    // The side is chosen once, on the sum over types; no difference counts as lower spending. Without a sum there is
    // no side, and so no weight.
    let sum = weighted(share, difference);
    let weight = times(case).filter(|_| !sum.is_nan()).map_or(f64::NAN, |times| {
        let weights = &weights[usize::from(sum < 0.0)];
        weights.get(times).or(weights.last()).copied().unwrap_or(f64::NAN)
    });
    let kept = 1.0 - offset(regulation, case);
    by_type(|k| {
        let national = case.cells[cell::NATIONAL_BY3][k];
        let mut amount = weight * difference[k];
        if amount > 0.0 {
            if let Some(upper) = regulation.regional_caps[0] {
                amount = capped(amount, upper * national);
            }
        } else if amount < 0.0 {
            if let Some(lower) = regulation.regional_caps[1] {
                amount = -capped(-amount, lower * national);
            }
            amount *= kept;
        }
        given_or(given[k], amount)
    })
}

/// Regional adjustments before this one; none in a first agreement period of which nothing is said.
fn times(case: &Case) -> Option<usize> {
    let so_far = case.entity[entity::REGIONAL_ADJUSTMENTS_SO_FAR];
    let first = case.entity[entity::AGREEMENT_NUMBER] <= 1.0;
    let so_far = if so_far.is_nan() && first { 0.0 } else { so_far };
    (so_far >= 0.0).then_some(so_far as usize)
}

/// Part by which negative amounts are reduced, 425.656(c)(4) and (5): risk scores are weighted by dollars.
fn offset(regulation: &Regulation, case: &Case) -> f64 {
    if !regulation.regional_offset {
        return 0.0;
    }
    let c = &case.cells;
    let dollars = by_type(|k| match c[cell::PERSON_YEARS_BY3][k] {
        0.0 => 0.0,
        years => c[cell::PER_CAPITA_BY3][k] * years,
    });
    let risk = weighted(&dollars, &c[cell::RISK_SCORE_BY3]) / dollars.iter().sum::<f64>();
    let part = case.entity[entity::DUAL_SHARE] + (risk - 1.0);
    // `clamp` keeps NaN.
    part.clamp(0.0, 1.0)
}
