//! One entity's benchmark, from base years to the updated benchmark: the order of steps.
//!
//! Dollars per capita in double precision, NaN where an input that a number rests on is not known.

use super::adjust::{self, Adjustment};
use super::columns::{Four, cell, entity};
use super::regulation::{Regulation, Trend};
use super::{reason, risk, update};
use crate::core::round::benchmark_cents;

/// What is known of one entity.
#[derive(Clone, Debug)]
pub struct Case {
    /// Cells by the places of [`cell`], then by type.
    pub cells: [Four; cell::N],
    /// Values by the places of [`entity`].
    pub entity: [f64; entity::N],
    /// Start of the agreement period, yyyymmdd.
    pub start: i64,
}

/// Everything that follows.
#[derive(Clone, Debug)]
pub struct Benchmark {
    /// Growth from the first base year to the third.
    pub trend_by1: Four,
    /// Growth from the second.
    pub trend_by2: Four,
    /// Benchmark before adjustment, per capita.
    pub unadjusted: Four,
    /// Adjustments, per capita.
    pub adjustment: Adjustment,
    /// Historical benchmark by type.
    pub historical: Four,
    /// The same over all types.
    pub historical_benchmark: f64,
    /// Risk ratio, performance year to third base year.
    pub risk_ratio: Four,
    /// Whether a cap of risk growth below 1 was applied.
    pub risk_cap_below_one: bool,
    /// Two-way update factor.
    pub two_way_factor: Four,
    /// Update factor in force.
    pub update_factor: Four,
    /// National growth in dollars, where that is the update.
    pub flat_update: Four,
    /// Updated benchmark by type, per capita.
    pub updated: Four,
    /// The same over all types.
    pub updated_benchmark: f64,
    /// Person years of the performance year.
    pub person_years: f64,
    /// Total updated benchmark, dollars, unrounded.
    pub benchmark: f64,
    /// The same by the two-way factor alone.
    pub two_way_benchmark: f64,
    /// Whether the guardrail put the two-way benchmark in place; nothing where that is not known.
    pub guardrail: Option<bool>,
    /// Reason code.
    pub reason: u8,
}

/// Sum of products over types of which there are any. A type without person years need not have values.
pub(super) fn weighted(weights: &Four, values: &Four) -> f64 {
    let mut sum = 0.0;
    for (weight, value) in weights.iter().zip(values) {
        if *weight != 0.0 {
            sum += weight * value;
        }
    }
    sum
}

/// One value for each type.
pub(super) fn by_type(value: impl FnMut(usize) -> f64) -> Four {
    std::array::from_fn(value)
}

/// A value that is given, else one that is computed.
pub(super) fn given_or(given: f64, computed: f64) -> f64 {
    if given.is_nan() { computed } else { given }
}

fn shares(person_years: &Four) -> Four {
    let total: f64 = person_years.iter().sum();
    person_years.map(|years| years / total)
}

/// National and regional growth of a type as the regulation wants them.
pub(super) fn growth(how: Trend, national: f64, regional: f64, weight: f64) -> f64 {
    match how {
        Trend::National => national,
        Trend::Regional => regional,
        Trend::Blended => weight * national + (1.0 - weight) * regional,
    }
}

/// The benchmark of a valid case.
#[must_use]
pub fn compute(regulation: &Regulation, case: &Case) -> Benchmark {
    let c = &case.cells;
    let share = shares(&c[cell::PERSON_YEARS_BY3]);
    let later = usize::from(case.entity[entity::AGREEMENT_NUMBER] > 1.0);
    let [b1, b2, b3] = regulation.base_year_weights[later].unwrap_or([f64::NAN; 3]);
    let trend = |given: usize, national: usize, regional: usize| {
        by_type(|k| {
            let weight = c[cell::NATIONAL_WEIGHT_BY3][k];
            let national = c[cell::NATIONAL_BY3][k] / c[national][k];
            let regional = c[cell::REGIONAL_BY3][k] / c[regional][k];
            given_or(c[given][k], growth(regulation.trend, national, regional, weight))
        })
    };
    let trend_by1 = trend(cell::GIVEN_TREND_BY1, cell::NATIONAL_BY1, cell::REGIONAL_BY1);
    let trend_by2 = trend(cell::GIVEN_TREND_BY2, cell::NATIONAL_BY2, cell::REGIONAL_BY2);
    let unadjusted = by_type(|k| {
        // Zeros in place of base years of a type without people must not pass for a benchmark.
        if c[cell::PERSON_YEARS_BY3][k] == 0.0 {
            return f64::NAN;
        }
        let risk = c[cell::RISK_SCORE_BY3][k];
        b1 * c[cell::PER_CAPITA_BY1][k] * (risk / c[cell::RISK_SCORE_BY1][k]) * trend_by1[k]
            + b2 * c[cell::PER_CAPITA_BY2][k] * (risk / c[cell::RISK_SCORE_BY2][k]) * trend_by2[k]
            + b3 * c[cell::PER_CAPITA_BY3][k]
    });
    let adjustment = adjust::adjust(regulation, case, &share, &unadjusted);
    let historical = by_type(|k| unadjusted[k] + adjustment.by_type[k]);
    let historical_benchmark = weighted(&share, &historical);

    let years = &c[cell::PERSON_YEARS_PY];
    let person_years: f64 = years.iter().sum();
    let risk::Ratios { by_type: risk_ratio, below_one } = risk::risk_ratios(regulation, c, &historical);
    let factors = update::factors(regulation, c, &historical);
    let updated_by = |factor: &Four| by_type(|k| historical[k] * risk_ratio[k] * factor[k] + factors.dollars[k]);
    let updated = updated_by(&factors.in_force);
    let two_way = weighted(years, &updated_by(&factors.two_way));
    let three_way = weighted(years, &updated);
    let guardrail = update::guardrail(regulation, case, three_way, two_way);
    let (updated, benchmark, in_force) = if guardrail == Some(true) {
        (updated_by(&factors.two_way), two_way, factors.two_way)
    } else {
        (updated, three_way, factors.in_force)
    };
    let mut out = Benchmark {
        trend_by1,
        trend_by2,
        unadjusted,
        adjustment,
        historical,
        historical_benchmark,
        risk_ratio,
        risk_cap_below_one: below_one,
        two_way_factor: factors.two_way,
        update_factor: in_force,
        flat_update: factors.shown_dollars,
        updated,
        updated_benchmark: benchmark / person_years,
        person_years,
        benchmark,
        two_way_benchmark: if regulation.guardrail { two_way } else { f64::NAN },
        guardrail,
        reason: reason::PLAIN,
    };
    out.reason = out.reason_for(c);
    out
}

impl Benchmark {
    fn reason_for(&self, c: &[Four; cell::N]) -> u8 {
        let base: f64 = c[cell::PERSON_YEARS_BY3].iter().sum();
        let new_type = (0..4).any(|k| c[cell::PERSON_YEARS_PY][k] > 0.0 && c[cell::PERSON_YEARS_BY3][k] == 0.0);
        if base == 0.0 {
            reason::NO_PERSON_YEARS
        } else if self.historical_benchmark.is_nan() {
            reason::MISSING_INPUT
        } else if !self.benchmark.is_nan() && self.person_years > 0.0 {
            reason::PLAIN
        } else if new_type {
            reason::NO_BASE_YEAR_FOR_TYPE
        } else {
            reason::NO_UPDATE
        }
    }

    /// Total updated benchmark in cents; nothing where there is none or it is too large.
    #[must_use]
    pub fn cents(&self) -> Option<i64> {
        if self.reason == reason::PLAIN { benchmark_cents(self.benchmark) } else { None }
    }
}
