//! `benchmark` over arrays, and the explanation and the levels of one entity.

use super::call::{name_of, raises, threads};
use super::errors::raise;
use super::explain::steps;
use super::rules::{RuleBook, as_of_of, book_of};
use crate::core::benchmark as engine;
use crate::core::benchmark::{Codes, Four, Inputs, Outputs, Plan, cell, entity, reason};
use crate::core::error::{Error, InputError};
use crate::core::kernel::Finding;
use crate::core::reference;
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

const CELL_OUTPUTS: [&str; 12] = [
    "trend_by1",
    "trend_by2",
    "unadjusted",
    "regional_difference",
    "regional_adjustment",
    "adjustment",
    "historical",
    "risk_ratio",
    "two_way_factor",
    "update_factor",
    "flat_update",
    "updated",
];
const ENTITY_OUTPUTS: [&str; 8] = [
    "historical_benchmark",
    "regional_adjustment_total",
    "prior_savings_adjustment",
    "population_adjustment",
    "adjustment_total",
    "updated_benchmark",
    "person_years",
    "two_way_benchmark",
];

type Floats<'py> = PyReadonlyArray1<'py, f64>;

/// Columns that a call lent, by place.
struct Held<'py> {
    cells: Vec<Option<Floats<'py>>>,
    entities: Vec<Option<Floats<'py>>>,
    starts: PyReadonlyArray1<'py, i64>,
    slots: PyReadonlyArray1<'py, i64>,
}

impl<'py> Held<'py> {
    fn new(
        cells: &Bound<'py, PyDict>,
        entities: &Bound<'py, PyDict>,
        starts: PyReadonlyArray1<'py, i64>,
        slots: PyReadonlyArray1<'py, i64>,
    ) -> PyResult<Self> {
        Ok(Self {
            cells: by_place(cells, &cell::COLUMNS)?,
            entities: by_place(entities, &entity::COLUMNS)?,
            starts,
            slots,
        })
    }

    fn inputs(&self) -> PyResult<Inputs<'_>> {
        let (slots, rest) = self.slots.as_slice()?.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(PyValueError::new_err("slots: give four for each entity"));
        }
        let mut inputs =
            Inputs { cells: [None; cell::N], entities: [None; entity::N], starts: self.starts.as_slice()?, slots };
        for (to, from) in inputs.cells.iter_mut().zip(&self.cells) {
            *to = from.as_ref().map(|c| c.as_slice()).transpose()?;
        }
        for (to, from) in inputs.entities.iter_mut().zip(&self.entities) {
            *to = from.as_ref().map(|c| c.as_slice()).transpose()?;
        }
        Ok(inputs)
    }
}

fn by_place<'py>(columns: &Bound<'py, PyDict>, known: &[&str]) -> PyResult<Vec<Option<Floats<'py>>>> {
    for key in columns.keys() {
        let name = key.str()?;
        if !known.contains(&name.to_str()?) {
            let reads = known.join(", ");
            return Err(PyValueError::new_err(format!("no column {name:?}: choose from {reads}")));
        }
    }
    let get = |name: &&str| columns.get_item(name)?.map(|c| c.extract::<Floats<'py>>()).transpose();
    known.iter().map(get).collect()
}

/// Benchmarks of entities over numpy arrays (42 CFR 425.601 to 425.603 and 425.652 to 425.662).
///
/// Parameters
/// ----------
/// cells, entities : dict of str to ndarray of float64
///     Columns by the names of `BENCHMARK_CELL_COLUMNS` and `BENCHMARK_ENTITY_COLUMNS`; NaN is null.
/// starts : ndarray of int64
///     Agreement starts, yyyymmdd, or the year of a 1 January start; `NULL_CENTS` is null.
/// slots : ndarray of int64
///     Four rows of the cells for each entity, in the order of `ENROLLMENT_TYPES`; -1 where there is none.
/// performance_year : int
/// program, as_of, proposed, rules, threads, invalid
///     As for `sharedsavings.benchmark`.
/// outputs : sequence of str, optional
///     Columns by cell and by entity; those by entity where None. Codes and `benchmark` are always there.
/// names : dict of str to str, optional
///     The caller's own names of columns, for error messages.
///
/// Returns
/// -------
/// tuple
///     A dict of arrays (dollars per capita and ratios float64, `benchmark` int64 cents, codes uint8), warnings, and
///     the names of the regulations by code.
///
/// Raises
/// ------
/// InputError
///     Where arrays do not fit each other, or hold invalid values.
///
/// Examples
/// --------
/// >>> import numpy as np
/// >>> from sharedsavings import arrays
/// >>> flat = {name: np.full(4, 10_000.0) for name in ("per_capita_by1", "per_capita_by2", "per_capita_by3")}
/// >>> ones = {name: np.ones(4) for name in ("risk_score_by1", "risk_score_by2", "risk_score_by3",
/// ...         "given_trend_by1", "given_trend_by2", "person_years_by3")}
/// >>> out, warnings, regulations = arrays.benchmark(flat | ones, {"agreement_number": np.ones(1)},
/// ...         np.array([20160101]), np.arange(4), performance_year=2017)
/// >>> float(out["historical_benchmark"][0]), regulations[out["regulation"][0]]
/// (10000.0, '425.602')
#[pyfunction]
#[pyo3(signature = (cells, entities, starts, slots, *, performance_year, program="mssp", as_of=None, proposed=false,
    rules=None, threads=None, invalid="raise", outputs=None, names=None))]
#[allow(clippy::too_many_arguments, clippy::doc_markdown, clippy::doc_link_with_quotes, clippy::type_complexity)]
// a Python signature and docstring
pub(super) fn benchmark<'py>(
    py: Python<'py>,
    cells: &Bound<'py, PyDict>,
    entities: &Bound<'py, PyDict>,
    starts: PyReadonlyArray1<'py, i64>,
    slots: PyReadonlyArray1<'py, i64>,
    performance_year: i64,
    program: &str,
    as_of: Option<&Bound<'py, PyAny>>,
    proposed: bool,
    rules: Option<&Bound<'py, PyAny>>,
    threads: Option<i64>,
    invalid: &str,
    outputs: Option<Vec<String>>,
    names: Option<&Bound<'py, PyDict>>,
) -> PyResult<(Bound<'py, PyDict>, Vec<String>, Vec<String>)> {
    let stop = raises(invalid)?;
    let threads = self::threads(threads)?;
    let plan = plan(py, rules, program, performance_year, as_of, proposed)?;
    let held = Held::new(cells, entities, starts, slots)?;
    let inputs = held.inputs()?;
    let n = inputs.slots.len();
    let wanted = wanted(outputs)?;
    let column = |name: &str, len: usize| if wanted.contains(&name) { vec![[0.0; 4]; len] } else { Vec::new() };
    let mut fours: [Vec<Four>; 12] = CELL_OUTPUTS.map(|name| column(name, n));
    let mut amounts: [Vec<f64>; 8] =
        ENTITY_OUTPUTS.map(|name| if wanted.contains(&name) { vec![0.0; n] } else { Vec::new() });
    let mut codes: [Vec<u8>; 4] = std::array::from_fn(|_| vec![0; n]);
    let mut cents = vec![0_i64; n];
    let found = {
        let [
            trend_by1,
            trend_by2,
            unadjusted,
            difference,
            regional,
            adjustment,
            historical,
            risk,
            two_way,
            factor,
            flat,
            updated,
        ] = &mut fours;
        let [
            historical_benchmark,
            regional_total,
            prior,
            population,
            total,
            updated_benchmark,
            years,
            two_way_dollars,
        ] = &mut amounts;
        let [regulation, applied, guardrail, reasons] = &mut codes;
        let outputs = Outputs {
            trend_by1: filled(trend_by1),
            trend_by2: filled(trend_by2),
            unadjusted: filled(unadjusted),
            regional_difference: filled(difference),
            regional_adjustment: filled(regional),
            adjustment: filled(adjustment),
            historical: filled(historical),
            risk_ratio: filled(risk),
            two_way_factor: filled(two_way),
            update_factor: filled(factor),
            flat_update: filled(flat),
            updated: filled(updated),
            regulation: Some(regulation),
            historical_benchmark: filled(historical_benchmark),
            regional_total: filled(regional_total),
            prior_savings_adjustment: filled(prior),
            population_adjustment: filled(population),
            adjustment_total: filled(total),
            adjustment_applied: Some(applied),
            updated_benchmark: filled(updated_benchmark),
            person_years: filled(years),
            benchmark: Some(&mut cents),
            two_way_benchmark: filled(two_way_dollars),
            guardrail: Some(guardrail),
            reason: Some(reasons),
        };
        py.detach(|| engine::run(&plan, &inputs, outputs, threads)).map_err(|e| raise(py, e))?
    };
    if stop && let Some(first) = found.findings.sorted().first() {
        return Err(raise(py, refusal(first, names).into()));
    }
    let told = Codes {
        regulation: &codes[0],
        guardrail: &codes[2],
        reason: &codes[3],
        caps_below_one: found.caps_below_one,
    };
    let called = |column: &str| name_of(names, column).into_owned();
    engine::refuse_without_prior_savings(&plan, &inputs, told, called).map_err(|e| raise(py, e))?;
    let mut warnings = plan.warnings(&inputs, &codes[0]);
    warnings.extend(engine::notes(&plan, &inputs, told, called));
    let answer = PyDict::new(py);
    for (name, four) in CELL_OUTPUTS.iter().zip(fours).filter(|(name, _)| wanted.contains(name)) {
        answer.set_item(name, PyArray1::from_vec(py, inputs.to_cells(four)))?;
    }
    for (name, amount) in ENTITY_OUTPUTS.iter().zip(amounts).filter(|(name, _)| wanted.contains(name)) {
        answer.set_item(name, PyArray1::from_vec(py, amount))?;
    }
    for (name, code) in ["regulation", "adjustment_applied", "guardrail", "reason"].iter().zip(codes) {
        answer.set_item(name, PyArray1::from_vec(py, code))?;
    }
    answer.set_item("benchmark", PyArray1::from_vec(py, cents))?;
    let names = plan.regulations.iter().map(|r| r.name.clone()).collect();
    Ok((answer, warnings, names))
}

/// A column that is computed, if it is wanted.
fn filled<T>(column: &mut Vec<T>) -> Option<&mut [T]> {
    (!column.is_empty()).then_some(column.as_mut_slice())
}

/// Names of the outputs that a call wants, besides codes and the benchmark in cents.
fn wanted(outputs: Option<Vec<String>>) -> PyResult<Vec<&'static str>> {
    let known = || CELL_OUTPUTS.into_iter().chain(ENTITY_OUTPUTS);
    let Some(asked) = outputs else { return Ok(ENTITY_OUTPUTS.to_vec()) };
    asked
        .iter()
        .map(|name| {
            known().find(|k| k == name).ok_or_else(|| {
                let names = known().collect::<Vec<_>>().join(", ");
                PyValueError::new_err(format!("no output {name:?}: choose from {names}"))
            })
        })
        .collect()
}

fn plan(
    py: Python<'_>,
    rules: Option<&Bound<'_, PyAny>>,
    program: &str,
    performance_year: i64,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<Plan> {
    let book = book_of(py, rules)?;
    let as_of = as_of_of(py, as_of, proposed)?;
    Plan::new(&book.get().book, program, performance_year, as_of).map_err(|e| raise(py, e))
}

/// The message for what was found wrong first.
fn refusal(first: &Finding, names: Option<&Bound<'_, PyDict>>) -> InputError {
    let (problem, remedy) = reason::describe(first.reason);
    let place = usize::from(first.column);
    let column = match place {
        at if at < cell::N => cell::COLUMNS[at],
        at if at < cell::N + entity::N => entity::COLUMNS[at - cell::N],
        _ if first.reason == reason::NO_CELLS => "entity_id",
        _ => "agreement_start",
    };
    let frame = if place < cell::N { "cells" } else { "entities" };
    let value = f64::from_bits(first.value as u64);
    let remedy = format!("{remedy}. Or pass invalid=\"null\" to keep such entities as null with a reason");
    let plural = if first.rows == 1 { "row" } else { "rows" };
    let shown = if first.reason == reason::NO_CELLS { String::new() } else { format!(" (value {value})") };
    let where_ = format!(" in {} {plural} of {frame}, first in row {}{shown}", first.rows, first.first_row);
    InputError { where_, ..InputError::column(&name_of(names, column), problem, remedy) }
}

/// Steps of one entity; where it has no benchmark, why, and the column that is missing.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a Python signature
pub(super) fn benchmark_explain<'py>(
    py: Python<'py>,
    cells: &Bound<'py, PyDict>,
    entities: &Bound<'py, PyDict>,
    starts: PyReadonlyArray1<'py, i64>,
    slots: PyReadonlyArray1<'py, i64>,
    at: usize,
    performance_year: i64,
    program: &str,
    rules: &Bound<'py, RuleBook>,
    as_of: Option<&Bound<'py, PyAny>>,
    proposed: bool,
) -> PyResult<(Bound<'py, PyList>, Option<String>, Option<&'static str>)> {
    let held = Held::new(cells, entities, starts, slots)?;
    let case = held.inputs()?.case(at);
    let book = &rules.get().book;
    let as_of = as_of_of(py, as_of, proposed)?;
    let mut trace = reference::Trace::default();
    let told = reference::benchmark::benchmark(book, as_of, (program, performance_year), &case, &mut trace)
        .map_err(|e| raise(py, e))?;
    let gap = told.gap();
    let column = gap.and_then(reference::benchmark::Gap::column);
    Ok((steps(py, book, trace.into_steps())?, gap.map(|g| g.to_string()), column))
}

/// Levels per capita on the way of one entity: names and amounts.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a Python signature
pub(super) fn benchmark_levels<'py>(
    py: Python<'py>,
    cells: &Bound<'py, PyDict>,
    entities: &Bound<'py, PyDict>,
    starts: PyReadonlyArray1<'py, i64>,
    slots: PyReadonlyArray1<'py, i64>,
    at: usize,
    performance_year: i64,
    program: &str,
    rules: &Bound<'py, RuleBook>,
    as_of: Option<&Bound<'py, PyAny>>,
    proposed: bool,
) -> PyResult<Vec<(&'static str, f64)>> {
    let plan = plan(py, Some(rules.as_any()), program, performance_year, as_of, proposed)?;
    let held = Held::new(cells, entities, starts, slots)?;
    let case = held.inputs()?.case(at);
    let Some(regulation) = plan.governing(&case) else {
        return Err(raise(py, Error::NotModelled("this entity has no benchmark: see its reason".into())));
    };
    let levels = engine::waterfall(regulation, &case, &engine::compute(regulation, &case));
    Ok(engine::LEVELS.into_iter().zip(levels).collect())
}

/// Code of each enrollment type's name, or None.
#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // pyo3 extracts owned values
pub(super) fn type_codes(names: Vec<String>) -> Vec<Option<usize>> {
    names.iter().map(|name| engine::type_code(name)).collect()
}
