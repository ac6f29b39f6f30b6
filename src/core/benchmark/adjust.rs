//! Adjustments to the historical benchmark: the population adjustment (425.662), and which of regional, prior savings
//! and population adjustment is applied (425.652(a)(8)).

use super::applied;
use super::chain::{Case, by_type, given_or, weighted};
use super::columns::{Four, cell, entity};
use super::prior_savings::prior_savings;
use super::regional_adjustment::{capped, regional};
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

/// The most that a flat adjustment may add, 425.652(a)(8)(iv); no limit where the regulation has none.
fn cap(regulation: &Regulation, case: &Case, share: &Four) -> f64 {
    regulation.adjustment_cap.map_or(f64::INFINITY, |part| part * weighted(share, &case.cells[cell::NATIONAL_BY3]))
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
