//! Results into the output columns: what an entity has, or nulls.

use super::applied;
use super::chain::Benchmark;
use super::columns::Four;
use super::run::Outputs;
use crate::core::kernel::set;
use crate::core::settle::NULL_CENTS;

/// What is in a row without a benchmark.
const UNKNOWN: Four = [f64::NAN; 4];

pub(super) fn write(out: &mut Outputs<'_>, i: usize, regulation: u8, b: &Benchmark) {
    let a = &b.adjustment;
    set(&mut out.trend_by1, i, b.trend_by1);
    set(&mut out.trend_by2, i, b.trend_by2);
    set(&mut out.unadjusted, i, b.unadjusted);
    set(&mut out.regional_difference, i, a.regional_difference);
    set(&mut out.regional_adjustment, i, a.regional);
    set(&mut out.adjustment, i, a.by_type);
    set(&mut out.historical, i, b.historical);
    set(&mut out.risk_ratio, i, b.risk_ratio);
    set(&mut out.two_way_factor, i, b.two_way_factor);
    set(&mut out.update_factor, i, b.update_factor);
    set(&mut out.flat_update, i, b.flat_update);
    set(&mut out.updated, i, b.updated);
    set(&mut out.regulation, i, regulation);
    set(&mut out.historical_benchmark, i, b.historical_benchmark);
    set(&mut out.regional_total, i, a.regional_total);
    set(&mut out.prior_savings_adjustment, i, a.prior_savings);
    set(&mut out.population_adjustment, i, a.population);
    set(&mut out.adjustment_total, i, a.total);
    set(&mut out.adjustment_applied, i, a.applied);
    set(&mut out.updated_benchmark, i, b.updated_benchmark);
    set(&mut out.person_years, i, b.person_years);
    set(&mut out.benchmark, i, b.cents().unwrap_or(NULL_CENTS));
    set(&mut out.two_way_benchmark, i, b.two_way_benchmark);
    set(&mut out.guardrail, i, b.guardrail.map_or(applied::UNKNOWN, u8::from));
    set(&mut out.reason, i, b.reason);
}

pub(super) fn write_null(out: &mut Outputs<'_>, i: usize, code: u8) {
    for four in [
        &mut out.trend_by1,
        &mut out.trend_by2,
        &mut out.unadjusted,
        &mut out.regional_difference,
        &mut out.regional_adjustment,
        &mut out.adjustment,
        &mut out.historical,
        &mut out.risk_ratio,
        &mut out.two_way_factor,
        &mut out.update_factor,
        &mut out.flat_update,
        &mut out.updated,
    ] {
        set(four, i, UNKNOWN);
    }
    for amount in [
        &mut out.historical_benchmark,
        &mut out.regional_total,
        &mut out.prior_savings_adjustment,
        &mut out.population_adjustment,
        &mut out.adjustment_total,
        &mut out.updated_benchmark,
        &mut out.person_years,
        &mut out.two_way_benchmark,
    ] {
        set(amount, i, f64::NAN);
    }
    for code in [&mut out.regulation, &mut out.adjustment_applied, &mut out.guardrail] {
        set(code, i, applied::UNKNOWN);
    }
    set(&mut out.benchmark, i, NULL_CENTS);
    set(&mut out.reason, i, code);
}
