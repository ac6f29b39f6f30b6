//! The way from base years to the updated benchmark as levels per capita, for a picture: each level changes one
//! thing of the level before it, at the mix of types of its year.

use super::chain::{Benchmark, Case, by_type, weighted};
use super::columns::cell;
use super::regulation::Regulation;

/// What each level is.
pub const LEVELS: [&str; 7] = [
    "base years as spent",
    "risk to BY3",
    "trend to BY3",
    "adjustment",
    "mix of types in PY",
    "risk to PY",
    "update to PY",
];

/// Levels in dollars per capita, in the order of [`LEVELS`]; the fourth is the historical benchmark, the last the
/// updated benchmark.
#[must_use]
pub fn waterfall(regulation: &Regulation, case: &Case, benchmark: &Benchmark) -> [f64; 7] {
    let c = &case.cells;
    let total = |place: usize| c[place].iter().sum::<f64>();
    let base = c[cell::PERSON_YEARS_BY3].map(|years| years / total(cell::PERSON_YEARS_BY3));
    let now = c[cell::PERSON_YEARS_PY].map(|years| years / total(cell::PERSON_YEARS_PY));
    let later = usize::from(case.entity[super::entity::AGREEMENT_NUMBER] > 1.0);
    let [b1, b2, b3] = regulation.base_year_weights[later].unwrap_or([f64::NAN; 3]);
    let risk = |place: usize, k: usize| c[cell::RISK_SCORE_BY3][k] / c[place][k];
    let spent = by_type(|k| {
        b1 * c[cell::PER_CAPITA_BY1][k] + b2 * c[cell::PER_CAPITA_BY2][k] + b3 * c[cell::PER_CAPITA_BY3][k]
    });
    let at_risk = by_type(|k| {
        b1 * c[cell::PER_CAPITA_BY1][k] * risk(cell::RISK_SCORE_BY1, k)
            + b2 * c[cell::PER_CAPITA_BY2][k] * risk(cell::RISK_SCORE_BY2, k)
            + b3 * c[cell::PER_CAPITA_BY3][k]
    });
    let risen = by_type(|k| benchmark.historical[k] * benchmark.risk_ratio[k]);
    [
        weighted(&base, &spent),
        weighted(&base, &at_risk),
        weighted(&base, &benchmark.unadjusted),
        benchmark.historical_benchmark,
        weighted(&now, &benchmark.historical),
        weighted(&now, &risen),
        benchmark.updated_benchmark,
    ]
}
