//! Winsorised spending over arrays.

use super::call::{columns_of, refuse, shown, threads};
use super::errors::raise;
use super::rules::{RuleBook, as_of_of};
use crate::core::kernel::Column;
use crate::core::winsorise::{COLUMNS, CONVERSIONS, Inputs, WinsorPlan, reason, run};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;

fn plan(
    py: Python<'_>,
    program: &str,
    rules: &Bound<'_, RuleBook>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<WinsorPlan> {
    WinsorPlan::new(&rules.get().book, program, as_of_of(py, as_of, proposed)?).map_err(|e| raise(py, e))
}

/// Spending that counts and caps of every row in cents; codes of tails and reasons.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a Python signature
pub(super) fn winsorise<'py>(
    py: Python<'py>,
    program: &str,
    given: &Bound<'py, PyDict>,
    rules: &Bound<'py, RuleBook>,
    as_of: Option<&Bound<'py, PyAny>>,
    proposed: bool,
    threads: Option<i64>,
    stop: bool,
    names: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyDict>> {
    let plan = plan(py, program, rules, as_of, proposed)?;
    let threads = self::threads(threads)?;
    let held = columns_of(given, COLUMNS, CONVERSIONS, names)?;
    let inputs = Inputs { columns: held.each_ref().map(|c| c.as_ref().map(|c| c as &dyn Column)) };
    let (out, findings) = py.detach(|| run(&plan, &inputs, threads)).map_err(|e| raise(py, e))?;
    refuse(py, findings, stop, &held, &COLUMNS, names, reason::describe, |f| {
        shown(f.value, CONVERSIONS[usize::from(f.column)])
    })?;
    let answer = PyDict::new(py);
    let [lower, upper] = out.caps;
    answer.set_item("expenditures", PyArray1::from_vec(py, out.expenditures))?;
    answer.set_item("lower_cap", PyArray1::from_vec(py, lower))?;
    answer.set_item("upper_cap", PyArray1::from_vec(py, upper))?;
    answer.set_item("tail", PyArray1::from_vec(py, out.tail))?;
    answer.set_item("reason", PyArray1::from_vec(py, out.reason))?;
    Ok(answer)
}

/// Codes of arrangements, or None; those with percentiles of their own; and what a reader must be told.
#[pyfunction]
#[allow(clippy::needless_pass_by_value, clippy::type_complexity)] // pyo3 extracts owned values
pub(super) fn winsor_plan(
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
