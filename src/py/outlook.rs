//! Outlooks on the scores of 31 August over arrays.

use super::call::{refuse, refuse_always};
use super::errors::raise;
use super::rows::{Described, fields, gathered, held, show};
use super::rules::{RuleBook, as_of_of};
use crate::core::outlook::{FIELDS, METHODS, REASONS, RESULTS, run};
use crate::core::qp::Plan;
use crate::core::rows::reason;
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;

fn describe(code: u8) -> (&'static str, &'static str) {
    match code.checked_sub(reason::OWN) {
        Some(own) => (REASONS[usize::from(own)].1, REASONS[usize::from(own)].2),
        None => reason::describe::<crate::core::incentive::Incentive>(code),
    }
}

/// Columns as (name, unit, words), results of a method, and the words of reasons by code.
#[pyfunction]
pub(super) fn outlook_columns() -> (Vec<Described>, Vec<&'static str>, Vec<&'static str>) {
    let reasons = reason::COMMON.into_iter().chain(REASONS.iter().map(|own| own.0));
    (fields(FIELDS), RESULTS.to_vec(), reasons.collect())
}

/// Results of every row by column; dispersions and their degrees of freedom by method.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a Python signature
pub(super) fn outlook<'py>(
    py: Python<'py>,
    given: &Bound<'py, PyDict>,
    history: Option<&Bound<'py, PyDict>>,
    rules: &Bound<'py, RuleBook>,
    as_of: Option<&Bound<'py, PyAny>>,
    proposed: bool,
    stop: bool,
    names: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyDict>> {
    let plan = Plan::new(&rules.get().book, as_of_of(py, as_of, proposed)?).map_err(|e| raise(py, e))?;
    let columns = held(FIELDS, given, names)?;
    let rows = gathered(py, FIELDS, &columns)?;
    let called: Vec<&str> = FIELDS.iter().map(|field| field.name).collect();
    let told = |f: &crate::core::kernel::Finding| show(&FIELDS[usize::from(f.column)], f.value);
    let past = match history {
        None => None,
        Some(history) => {
            let columns = held(FIELDS, history, None)?;
            let rows = gathered(py, FIELDS, &columns)?;
            // A history with invalid rows would estimate from less than it seems to.
            let (_, findings) = run(&plan, &rows, None);
            refuse_always(py, findings, &columns, &called, None, describe, told)?;
            Some(rows)
        }
    };
    let (out, findings) = run(&plan, &rows, past.as_ref());
    refuse(py, findings, stop, &columns, &called, names, describe, told)?;
    let answer = PyDict::new(py);
    for ((((method, _), results), missing), seen) in METHODS.iter().zip(out.results).zip(out.missing).zip(out.seen)
    {
        let seen = seen.map(|scores| PyArray1::from_vec(py, scores));
        answer.set_item(format!("{method}_seen"), (&seen[0], &seen[1]))?;
        for (name, values) in RESULTS.iter().zip(results) {
            answer.set_item(format!("{method}_{name}"), PyArray1::from_vec(py, values))?;
        }
        answer.set_item(format!("{method}_missing"), PyArray1::from_vec(py, missing))?;
    }
    let [least, most] = out.bounds;
    answer.set_item("probability_qp_least", PyArray1::from_vec(py, least))?;
    answer.set_item("probability_qp_most", PyArray1::from_vec(py, most))?;
    answer.set_item("reason", PyArray1::from_vec(py, out.reason))?;
    answer.set_item("dispersions", out.dispersions.to_vec())?;
    Ok(answer)
}
