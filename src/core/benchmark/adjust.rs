//! Adjustments to the historical benchmark: regional (425.601(f), 425.603(c), 425.656), prior savings (425.603(b),
//! 425.658), population (425.662), and which of them is applied (425.652(a)(8)).

use super::applied;
use super::chain::{Case, by_type, given_or, weighted};
use super::columns::{Four, cell, entity};
use super::regulation::{Choice, Regulation};

/// Adjustments of an entity, dollars per capita.
#[derive(Clone, Debug)]
pub struct Adjustment {
    /// Region at the ACO's risk, less the benchmark before adjustment.
    pub regional_difference: Four,
    /// Regional adjustment by type, after weight, cap and offset.
    pub regional: Four,
    /// The same over all types.
    pub regional_total: f64,
    /// Prior savings adjustment; zero where there is none.
    pub prior_savings: f64,
    /// Population adjustment; zero where there is none.
    pub population: f64,
    /// What is added, by type.
    pub by_type: Four,
    /// The same over all types.
    pub total: f64,
    /// Which it is, a code of `APPLIED`.
    pub applied: u8,
}

pub(super) fn adjust(regulation: &Regulation, case: &Case, share: &Four, unadjusted: &Four) -> Adjustment {
    let difference =
        by_type(|k| case.cells[cell::REGIONAL_BY3][k] * case.cells[cell::RISK_SCORE_BY3][k] - unadjusted[k]);
    let regional = regional(regulation, case, share, &difference);
    let regional_total = weighted(share, &regional);
    let cap = cap(regulation, case, share);
    let prior = prior_savings(regulation, case);
    let prior_amount = match regulation.choice {
        Choice::None | Choice::Regional => 0.0,
        _ => given_or(case.entity[entity::GIVEN_PRIOR_SAVINGS_ADJUSTMENT], capped(prior.amount, cap)),
    };
    let population = population(regulation, case, cap, regional_total.max(0.0).max(prior_amount));
    let (by_type, applied) = match regulation.choice {
        Choice::None => ([0.0; 4], applied::NONE),
        Choice::PriorSavings if prior_amount == 0.0 => ([0.0; 4], applied::NONE),
        Choice::PriorSavings => flat(prior_amount, applied::PRIOR_SAVINGS),
        Choice::Regional => (regional, applied::REGIONAL),
        Choice::Largest => largest(&regional, regional_total, prior_amount, population),
        Choice::HigherOrSum => {
            let factor = regulation.prior_savings_share.unwrap_or(f64::NAN);
            higher_or_sum(&regional, regional_total, prior_amount, prior.prorated, factor, cap)
        }
    };
    Adjustment {
        regional_difference: difference,
        regional,
        regional_total,
        prior_savings: prior_amount,
        population,
        total: weighted(share, &by_type),
        applied: if by_type.iter().zip(share).any(|(x, s)| x.is_nan() && *s > 0.0) {
            applied::UNKNOWN
        } else {
            applied
        },
        by_type,
    }
}

fn flat(amount: f64, code: u8) -> (Four, u8) {
    ([amount; 4], code)
}

/// `f64::min`, but not known where either is not.
fn capped(amount: f64, cap: f64) -> f64 {
    if amount <= 0.0 {
        amount
    } else if (amount + cap).is_nan() {
        f64::NAN
    } else {
        amount.min(cap)
    }
}

/// Regional adjustment by type: 425.656(c) and (d), or what an earlier regulation has of it.
fn regional(regulation: &Regulation, case: &Case, share: &Four, difference: &Four) -> Four {
    let given = &case.cells[cell::GIVEN_REGIONAL_ADJUSTMENT];
    let Some(weights) = &regulation.regional_weights else { return [0.0; 4] };
    // The side is chosen once, on the sum over types; no difference counts as lower spending.
    let sum = weighted(share, difference);
    let weight = times(case).map_or(f64::NAN, |times| {
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

/// The most that a flat adjustment may add, 425.652(a)(8)(iv); no limit where the regulation has none.
fn cap(regulation: &Regulation, case: &Case, share: &Four) -> f64 {
    regulation.adjustment_cap.map_or(f64::INFINITY, |part| part * weighted(share, &case.cells[cell::NATIONAL_BY3]))
}

#[derive(Clone, Copy)]
struct Prior {
    /// Mean per capita savings after proration; zero where the ACO is not eligible.
    prorated: f64,
    /// The adjustment before its cap.
    amount: f64,
}

const BY: [[usize; 4]; 3] = [
    [
        entity::PRIOR_SAVINGS_BY1,
        entity::PRIOR_PERSON_YEARS_BY1,
        entity::BASE_PERSON_YEARS_BY1,
        entity::PRIOR_SHARING_RATE_BY1,
    ],
    [
        entity::PRIOR_SAVINGS_BY2,
        entity::PRIOR_PERSON_YEARS_BY2,
        entity::BASE_PERSON_YEARS_BY2,
        entity::PRIOR_SHARING_RATE_BY2,
    ],
    [
        entity::PRIOR_SAVINGS_BY3,
        entity::PRIOR_PERSON_YEARS_BY3,
        entity::BASE_PERSON_YEARS_BY3,
        entity::PRIOR_SHARING_RATE_BY3,
    ],
];

fn prior_savings(regulation: &Regulation, case: &Case) -> Prior {
    const NONE: Prior = Prior { prorated: 0.0, amount: 0.0 };
    let e = &case.entity;
    let reconciled = || BY.iter().filter(|by| !e[by[0]].is_nan());
    let sum = |place: usize| reconciled().map(|by| e[by[place]]).sum::<f64>();
    let years = reconciled().count() as f64;
    let given = e[entity::PRIOR_SAVINGS_PER_CAPITA];
    if years == 0.0 && given.is_nan() {
        return NONE;
    }
    // 425.658(b)(2) divides by three whatever was reconciled; 425.603(b) takes the mean of the agreement's years.
    let by_rate = regulation.prior_savings_share.is_none();
    let mean = sum(0) / if by_rate { years } else { BY.len() as f64 };
    if given.is_nan() && mean <= 0.0 {
        return NONE;
    }
    let ratio = sum(1) / sum(2);
    let prorated = given_or(given, mean * if ratio > 1.0 { 1.0 } else { ratio });
    if prorated <= 0.0 {
        return NONE;
    }
    let rate = given_or(e[entity::PRIOR_SHARING_RATE], sum(3) / years);
    Prior { prorated, amount: prorated * regulation.prior_savings_share.unwrap_or(rate) }
}

/// 425.662; `others` is the larger of the other two, at least zero.
fn population(regulation: &Regulation, case: &Case, cap: f64, others: f64) -> f64 {
    let given = case.entity[entity::GIVEN_POPULATION_ADJUSTMENT];
    let Some(terms) = regulation.population.as_ref().filter(|p| case.start >= p.agreement_start) else {
        return 0.0;
    };
    let share = case.entity[entity::LOW_INCOME_SHARE];
    let amount = if share < terms.minimum_share {
        0.0
    } else if terms.of_room {
        share * (cap - others).max(0.0)
    } else {
        share * cap
    };
    given_or(given, if share.is_nan() { f64::NAN } else { amount })
}

/// Parts of an amount by which equal ones may differ through rounding. A regional adjustment at its cap in every type
/// equals prior savings at theirs: that tie must not be broken by the last bit.
const ROUNDING: f64 = 1e-12;

/// One only, the largest if positive; the regional total stands first in a tie.
fn largest(regional: &Four, total: f64, prior: f64, population: f64) -> (Four, u8) {
    if total.is_nan() || prior.is_nan() || population.is_nan() {
        return flat(f64::NAN, applied::UNKNOWN);
    }
    let most = total.max(prior).max(population);
    let least = most * (1.0 - ROUNDING);
    if most <= 0.0 {
        flat(0.0, applied::NONE)
    } else if total >= least {
        (*regional, applied::REGIONAL)
    } else if prior >= least {
        flat(prior, applied::PRIOR_SAVINGS)
    } else {
        flat(population, applied::POPULATION)
    }
}

/// The text of 2022, amended before its first use.
fn higher_or_sum(regional: &Four, total: f64, prior: f64, prorated: f64, factor: f64, cap: f64) -> (Four, u8) {
    if total.is_nan() || prior.is_nan() {
        return flat(f64::NAN, applied::UNKNOWN);
    }
    let sum = total + prorated;
    if total > 0.0 {
        if prior * (1.0 - ROUNDING) > total {
            flat(prior, applied::PRIOR_SAVINGS)
        } else {
            (*regional, applied::REGIONAL)
        }
    } else if prior == 0.0 {
        (*regional, if total < 0.0 { applied::REGIONAL } else { applied::NONE })
    } else if sum > 0.0 {
        flat(capped(factor * sum, cap), applied::SUM)
    } else {
        flat(sum, applied::SUM)
    }
}
