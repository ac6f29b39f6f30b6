//! Fees at risk over arrays, and their explanation.

use super::call::{columns_of, refuse_at};
use super::errors::raise;
use super::explain::steps;
use super::rules::{RuleBook, as_of_of};
use crate::core::fee::{AMOUNTS, COLUMNS, FeePlan, Inputs, KINDS, Row, reason, run};
use crate::core::kernel::{Column, Conversion, Finding};
use crate::core::programs::in_words;
use crate::core::reference;
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

fn plan(
    py: Python<'_>,
    program: &str,
    rules: &Bound<'_, RuleBook>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<FeePlan> {
    FeePlan::new(&rules.get().book, program, as_of_of(py, as_of, proposed)?).map_err(|e| raise(py, e))
}

/// Amounts of every row in cents, and reason codes.
#[pyfunction]
#[pyo3(signature = (program, given, rules, as_of, proposed, stop, names, positions=None))]
#[allow(clippy::too_many_arguments)] // a Python signature
pub(super) fn fees<'py>(
    py: Python<'py>,
    program: &str,
    given: &Bound<'py, PyDict>,
    rules: &Bound<'py, RuleBook>,
    as_of: Option<&Bound<'py, PyAny>>,
    proposed: bool,
    stop: bool,
    names: Option<&Bound<'py, PyDict>>,
    positions: Option<PyReadonlyArray1<'py, i64>>,
) -> PyResult<Bound<'py, PyDict>> {
    let plan = plan(py, program, rules, as_of, proposed)?;
    let conversions = KINDS.map(|kind| match kind {
        "dollars" => Conversion::Dollars,
        "share" => Conversion::Share,
        _ => Conversion::Whole,
    });
    let held = columns_of(given, COLUMNS, conversions, names)?;
    let inputs = Inputs { columns: held.each_ref().map(|c| c.as_ref().map(|c| c as &dyn Column)) };
    let (out, findings) = run(&plan, &inputs).map_err(|e| raise(py, e))?;
    let told = |found: &Finding| {
        let (problem, remedy) = reason::describe(found.reason);
        let has = format!("{program} has {}, {}", plan.arrangements.join(", "), in_words(plan.span()));
        let unknown = [reason::UNKNOWN_TRACK, reason::UNKNOWN_YEAR].contains(&found.reason);
        (problem, if unknown { has } else { remedy.to_owned() })
    };
    refuse_at(py, findings, stop, &held, &COLUMNS, names, positions, told, |f| {
        let name = usize::try_from(f.value).ok().and_then(|code| plan.arrangements.get(code));
        match name.filter(|_| f.column == 0) {
            Some(name) => name.clone(),
            None => super::call::shown(f.value, conversions[usize::from(f.column)]),
        }
    })?;
    let answer = PyDict::new(py);
    for (name, amounts) in AMOUNTS.iter().zip(out.amounts) {
        answer.set_item(name, PyArray1::from_vec(py, amounts))?;
    }
    answer.set_item("reason", PyArray1::from_vec(py, out.reason))?;
    Ok(answer)
}

/// Codes of arrangements, or None; all names in order of code; and what a reader of these years must be told.
#[pyfunction]
#[allow(clippy::needless_pass_by_value, clippy::type_complexity)] // pyo3 extracts owned values
pub(super) fn fee_plan(
    py: Python<'_>,
    program: &str,
    spellings: Vec<String>,
    years: Vec<i64>,
    rules: &Bound<'_, RuleBook>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<(Vec<Option<usize>>, Vec<String>, Vec<String>)> {
    let plan = plan(py, program, rules, as_of, proposed)?;
    Ok((spellings.iter().map(|s| plan.code(s)).collect(), plan.arrangements.clone(), plan.warnings(&years)))
}

/// Steps of one row. Values are integers as the core reads them, in the order of the columns.
#[pyfunction]
#[allow(clippy::large_types_passed_by_value)] // pyo3 extracts owned values
pub(super) fn fee_explain<'py>(
    py: Python<'py>,
    program: &str,
    values: [Option<i64>; COLUMNS.len()],
    rules: &Bound<'py, RuleBook>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<Bound<'py, PyList>> {
    let plan = plan(py, program, rules, as_of, proposed)?;
    let arrangement = values[0].and_then(|t| usize::try_from(t).ok()).and_then(|t| plan.arrangements.get(t));
    let book = &rules.get().book;
    let mut trace = reference::Trace::default();
    let at = (program, arrangement.map_or("", String::as_str), values[1].unwrap_or(0));
    reference::fee::settle(book, as_of_of(py, as_of, proposed)?, at, &Row::from_values(&values), &mut trace)
        .map_err(|e| raise(py, e))?;
    steps(py, book, trace.into_steps())
}
