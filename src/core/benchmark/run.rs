//! Many entities at once: gathers the cells of each, checks them, and computes, chunks over threads.

use super::applied;
use super::chain::{Benchmark, Case, compute};
use super::columns::{Four, Kind, cell, entity};
use super::plan::Plan;
use super::reason;
use crate::core::date::Date;
use crate::core::error::{InputError, Result};
use crate::core::kernel::{Findings, for_each_chunk, outputs, set, threads_for};
use crate::core::settle::NULL_CENTS;

/// Columns of a call; NaN is null.
#[derive(Clone)]
pub struct Inputs<'a> {
    /// Cells by place.
    pub cells: [Option<&'a [f64]>; cell::N],
    /// Entities by place.
    pub entities: [Option<&'a [f64]>; entity::N],
    /// Agreement starts, yyyymmdd or a year.
    pub starts: &'a [i64],
    /// Row of the cells for each entity and type; negative where there is none.
    pub slots: &'a [[i64; 4]],
}

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

/// What is in a row without a benchmark.
const UNKNOWN: Four = [f64::NAN; 4];

/// Entities that one task takes at a time.
const CHUNK: usize = 1024;
/// Entities below which a second thread costs more than it gives.
const WORTH_THREADS: usize = 2_000;
/// Largest number that is taken for a figure.
const LARGEST: f64 = 1e12;

impl Inputs<'_> {
    /// Checks that columns and slots fit each other.
    fn check(&self) -> Result<()> {
        let rows = self.cells.iter().flatten().map(|c| c.len()).max().unwrap_or(0);
        let entities = self.slots.len();
        for (column, name) in self.cells.iter().zip(cell::COLUMNS) {
            if let Some(column) = column.filter(|c| c.len() != rows) {
                return Err(uneven(name, column.len(), rows));
            }
        }
        for (column, name) in self.entities.iter().zip(entity::COLUMNS) {
            if let Some(column) = column.filter(|c| c.len() != entities) {
                return Err(uneven(name, column.len(), entities));
            }
        }
        if self.starts.len() != entities {
            return Err(uneven("agreement_start", self.starts.len(), entities));
        }
        let beyond = self.slots.iter().flatten().any(|slot| usize::try_from(*slot).is_ok_and(|s| s >= rows));
        if beyond {
            let remedy = "Slots are rows of the cells, four for each entity, negative for none";
            return Err(InputError::column("slots", "point beyond the cells", remedy).into());
        }
        Ok(())
    }

    /// What is known of an entity. A type without a row has no person years.
    #[must_use]
    pub fn case(&self, at: usize) -> Case {
        let mut case = Case { cells: [[f64::NAN; 4]; cell::N], entity: [f64::NAN; entity::N], start: 0 };
        let slots = self.slots[at];
        for (column, four) in self.cells.iter().zip(&mut case.cells) {
            let Some(column) = column else { continue };
            for (slot, value) in slots.iter().zip(four) {
                if let Ok(row) = usize::try_from(*slot) {
                    *value = column[row];
                }
            }
        }
        for (k, slot) in slots.iter().enumerate() {
            if *slot < 0 {
                for place in [cell::PERSON_YEARS_BY3, cell::PERSON_YEARS_PY] {
                    case.cells[place][k] = 0.0;
                }
            }
        }
        for (column, value) in self.entities.iter().zip(&mut case.entity) {
            if let Some(column) = column {
                *value = column[at];
            }
        }
        case.start = as_date(self.starts[at]);
        case
    }

    /// Values by entity and type as values by row of the cells.
    #[must_use]
    pub fn to_cells(&self, values: Vec<Four>) -> Vec<f64> {
        let rows = self.cells.iter().flatten().map(|c| c.len()).max().unwrap_or(0);
        let in_order = |(at, slot): (usize, &i64)| usize::try_from(*slot) == Ok(at);
        if rows == 4 * self.slots.len() && self.slots.as_flattened().iter().enumerate().all(in_order) {
            return values.into_flattened();
        }
        let mut out = vec![f64::NAN; rows];
        for (slot, value) in self.slots.as_flattened().iter().zip(values.as_flattened()) {
            if let Some(place) = usize::try_from(*slot).ok().and_then(|row| out.get_mut(row)) {
                *place = *value;
            }
        }
        out
    }
}

/// A start as yyyymmdd; a year alone stands for its first of January.
pub(super) fn as_date(start: i64) -> i64 {
    if (0..10_000).contains(&start) { start * 10_000 + 101 } else { start }
}

fn uneven(name: &str, rows: usize, others: usize) -> crate::core::error::Error {
    let problem = format!("has {rows} rows where another column has {others}");
    InputError::column(name, problem, "Give columns of one length").into()
}

/// Computes every entity. Returns what was found wrong; entities concerned are null and have a reason.
/// Findings number the columns: cells by place, then entities, then the agreement start; their values are the
/// bits of a float.
pub fn run(plan: &Plan, inputs: &Inputs<'_>, outputs: Outputs<'_>, threads: Option<usize>) -> Result<Findings> {
    inputs.check()?;
    let rows = inputs.slots.len();
    outputs.check(rows)?;
    let work = |(start, n, out): (usize, usize, Outputs<'_>)| {
        let mut findings = Findings::default();
        out.in_tiles(n, CHUNK, |done, n, out| {
            for i in 0..n {
                match one(plan, inputs, start + done + i, &mut findings) {
                    Ok((regulation, benchmark)) => write(out, i, regulation, &benchmark),
                    Err(code) => write_null(out, i, code),
                }
            }
        });
        findings
    };
    let chunks = outputs.chunks(rows, CHUNK);
    Ok(for_each_chunk(chunks, threads_for(threads, rows, WORTH_THREADS), work, Findings::merge))
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
    if regulation.is_none() && case.start != MISSING_START && !number.is_nan() {
        return fail(reason::NO_REGULATION);
    }
    match (problem(inputs, at, &case, findings), regulation) {
        (reason::PLAIN, Some(code)) => Ok((code, compute(&plan.regulations[usize::from(code)], &case))),
        (reason::PLAIN, None) => Err(reason::MISSING_INPUT),
        (code, _) => Err(code),
    }
}

/// Place of the agreement start among the columns that findings use.
pub const START: u8 = (cell::N + entity::N) as u8;
/// Start of an entity of which none is known.
pub const MISSING_START: i64 = i64::MIN;

/// The worst of what is wrong with an entity's values; 0 for nothing.
fn problem(inputs: &Inputs<'_>, at: usize, case: &Case, findings: &mut Findings) -> u8 {
    let mut worst = reason::PLAIN;
    let mut plain = true;
    for (kind, four) in cell::KINDS.iter().zip(&case.cells) {
        plain &= within(*kind, four);
    }
    let places = if plain { 0 } else { cell::N };
    for (place, kind) in cell::KINDS.iter().enumerate().take(places) {
        if inputs.cells[place].is_none() {
            continue;
        }
        for (k, slot) in inputs.slots[at].iter().enumerate() {
            let unused = case.cells[cell::PERSON_YEARS_BY3][k] == 0.0;
            let kind = if *kind == Kind::Divisor && unused { Kind::Amount } else { *kind };
            let value = case.cells[place][k];
            let code = check(kind, value);
            if code != reason::PLAIN && *slot >= 0 {
                findings.add(place as u8, code, *slot as usize, value.to_bits() as i64);
                worst = worst.max(code);
            }
        }
    }
    for (place, kind) in entity::KINDS.iter().enumerate() {
        let value = case.entity[place];
        let code = check(*kind, value);
        if code != reason::PLAIN {
            findings.add((cell::N + place) as u8, code, at, value.to_bits() as i64);
            worst = worst.max(code);
        }
    }
    worst
}

fn is_date(start: i64) -> bool {
    let (year, month, day) = (start / 10_000, start / 100 % 100, start % 100);
    (1990..2200).contains(&year) && Date::new(year as u16, month as u8, day as u8).is_some()
}

/// Whether values certainly pass the check of their kind; without branches, as nearly all do.
#[inline]
fn within(kind: Kind, four: &Four) -> bool {
    let least = match kind {
        Kind::Signed => -LARGEST,
        Kind::Divisor => f64::MIN_POSITIVE,
        _ => 0.0,
    };
    let most = if kind == Kind::Share { 1.0 } else { LARGEST };
    let mut beyond = false;
    for value in four {
        beyond |= (*value < least) | (*value > most);
    }
    !beyond
}

#[inline]
fn check(kind: Kind, value: f64) -> u8 {
    if value.is_nan() {
        return reason::PLAIN;
    }
    let negative = value < 0.0 && kind != Kind::Signed;
    if value.is_infinite() {
        reason::NOT_FINITE
    } else if value.abs() > LARGEST {
        reason::TOO_LARGE
    } else if matches!(kind, Kind::Ordinal | Kind::Count) {
        let least = if kind == Kind::Ordinal { 1.0 } else { 0.0 };
        if value < least || value.fract() != 0.0 { reason::NOT_A_COUNT } else { reason::PLAIN }
    } else if negative {
        reason::NEGATIVE
    } else if kind == Kind::Divisor && value == 0.0 {
        reason::ZERO
    } else if kind == Kind::Share && value > 1.0 {
        reason::SHARE_ABOVE_ONE
    } else {
        reason::PLAIN
    }
}

fn write(out: &mut Outputs<'_>, i: usize, regulation: u8, b: &Benchmark) {
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

fn write_null(out: &mut Outputs<'_>, i: usize, code: u8) {
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
