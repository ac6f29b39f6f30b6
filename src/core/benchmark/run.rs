//! Many entities at once: gathers the cells of each, checks them, computes, and writes; chunks over threads.

use super::chain::{Benchmark, compute};
use super::check::{MISSING_START, START, is_date, problem};
use super::columns::{Four, entity};
use super::emit::{write, write_null};
use super::inputs::Inputs;
use super::plan::Plan;
use super::reason;
use crate::core::error::Result;
use crate::core::kernel::{Findings, for_each_chunk, outputs, threads_for};

outputs! {
    /// Growth from the first base year to the third, by type as all that follow until `updated`.
    trend_by1: Four,
    /// Growth from the second.
    trend_by2: Four,
    /// Benchmark before adjustment, dollars per capita.
    unadjusted: Four,
    /// Region at the ACO's risk, less that.
    regional_difference: Four,
    /// Regional adjustment of the type.
    regional_adjustment: Four,
    /// What is added to the type.
    adjustment: Four,
    /// Historical benchmark of the type.
    historical: Four,
    /// Risk ratio.
    risk_ratio: Four,
    /// Two-way update factor.
    two_way_factor: Four,
    /// Update factor in force.
    update_factor: Four,
    /// National growth in dollars, where that is the update.
    flat_update: Four,
    /// Updated benchmark of the type.
    updated: Four,
    /// Code of the regulation in the plan; 255 for none.
    regulation: u8,
    /// Historical benchmark, dollars per capita.
    historical_benchmark: f64,
    /// Regional adjustment over all types, before a negative one is dropped.
    regional_total: f64,
    /// Prior savings adjustment.
    prior_savings_adjustment: f64,
    /// Population adjustment.
    population_adjustment: f64,
    /// Adjustment over all types.
    adjustment_total: f64,
    /// Which adjustment it is, a code of `APPLIED`.
    adjustment_applied: u8,
    /// Updated benchmark, dollars per capita.
    updated_benchmark: f64,
    /// Person years of the performance year.
    person_years: f64,
    /// Total updated benchmark, cents; `NULL_CENTS` for none.
    benchmark: i64,
    /// The same by the two-way factor, dollars, unrounded.
    two_way_benchmark: f64,
    /// Whether the guardrail put the two-way benchmark in place: 0, 1, or 255 for not known.
    guardrail: u8,
    /// Reason code.
    reason: u8,
}

/// Entities that one task takes at a time.
const CHUNK: usize = 1024;
/// Entities below which a second thread costs more than it gives.
const WORTH_THREADS: usize = 2_000;

/// What a call found: invalid values, and how many entities met a cap of risk growth below 1.
#[derive(Debug, Default)]
pub struct Found {
    /// Invalid values.
    pub findings: Findings,
    /// Entities whose cap of risk growth lies below 1.
    pub caps_below_one: usize,
}

impl Found {
    fn merge(self, other: Self) -> Self {
        Self {
            findings: self.findings.merge(other.findings),
            caps_below_one: self.caps_below_one + other.caps_below_one,
        }
    }
}

/// Computes every entity. Returns what was found wrong; entities concerned are null and have a reason.
/// Findings number the columns: cells by place, then entities, then the agreement start; their values are the
/// bits of a float.
pub fn run(plan: &Plan, inputs: &Inputs<'_>, outputs: Outputs<'_>, threads: Option<usize>) -> Result<Found> {
    inputs.check()?;
    let rows = inputs.slots.len();
    outputs.check(rows)?;
    let work = |(start, n, out): (usize, usize, Outputs<'_>)| {
        let mut found = Found::default();
        out.in_tiles(n, CHUNK, |done, n, out| {
            for i in 0..n {
                match one(plan, inputs, start + done + i, &mut found.findings) {
                    Ok((regulation, benchmark)) => {
                        found.caps_below_one += usize::from(benchmark.risk_cap_below_one);
                        write(out, i, regulation, &benchmark);
                    }
                    Err(code) => write_null(out, i, code),
                }
            }
        });
        found
    };
    let chunks = outputs.chunks(rows, CHUNK);
    Ok(for_each_chunk(chunks, threads_for(threads, rows, WORTH_THREADS), work, Found::merge))
}

fn one(
    plan: &Plan,
    inputs: &Inputs<'_>,
    at: usize,
    findings: &mut Findings,
) -> std::result::Result<(u8, Benchmark), u8> {
    let case = inputs.case(at);
    let mut fail = |code: u8| {
        findings.add(START, code, at, (case.start as f64).to_bits() as i64);
        Err(code)
    };
    if inputs.slots[at].iter().all(|slot| *slot < 0) {
        return fail(reason::NO_CELLS);
    }
    if case.start != MISSING_START && !is_date(case.start) {
        return fail(reason::NOT_A_DATE);
    }
    if case.start / 10_000 > plan.performance_year {
        return fail(reason::OVERLAPPING_BASE_YEARS);
    }
    let number = case.entity[entity::AGREEMENT_NUMBER];
    let regulation = plan.code(case.start, number);
    let raw = inputs.starts[at];
    if (0..10_000).contains(&raw) && !number.is_nan() && plan.ambiguous(raw, number) {
        return fail(reason::AMBIGUOUS_START);
    }
    if regulation.is_none() && case.start != MISSING_START && !number.is_nan() {
        return fail(reason::NO_REGULATION);
    }
    if case.start != MISSING_START && plan.beyond(case.start) {
        return fail(reason::AFTER_THE_AGREEMENT);
    }
    match (problem(inputs, at, &case, findings), regulation) {
        (reason::PLAIN, Some(code)) => Ok((code, compute(&plan.regulations[usize::from(code)], &case))),
        (reason::PLAIN, None) => Err(reason::MISSING_INPUT),
        (code, _) => Err(code),
    }
}
