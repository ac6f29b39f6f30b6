//! `all_payer` over columns of amounts and codes.

use super::call::{columns, refuse, shown};
use super::errors::raise;
use super::rules::{RuleBook, as_of_of};
use crate::core::kernel::{Column, Conversion};
use crate::core::qp::all_payer::{COLUMNS, Inputs, Terms, reason, run};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Columns that findings may name: the amounts, the kind of payer, and what decides on Medicaid.
const NAMES: [&str; 6] =
    ["payments_apm", "payments_total", "patients_apm", "patients_total", "payer", "medicaid_model_available"];

/// Rows included or not, amounts by subject, and what a reader must be told. `codes` holds `subject`, `payer`,
/// `model_available`, `specialty_ineligible`, `submitted` and `entity_of`.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a Python signature
pub(super) fn all_payer<'py>(
    py: Python<'py>,
    amounts: &Bound<'py, PyDict>,
    codes: &Bound<'py, PyDict>,
    performance_year: i64,
    rules: &Bound<'py, RuleBook>,
    as_of: Option<&Bound<'py, PyAny>>,
    proposed: bool,
    stop: bool,
    names: Option<&Bound<'py, PyDict>>,
) -> PyResult<(Bound<'py, PyDict>, Vec<String>)> {
    let as_of = as_of_of(py, as_of, proposed)?;
    let plan = rules.get().qp_plan(py, as_of)?;
    let terms = Terms::new(&rules.get().book, performance_year, as_of).map_err(|e| raise(py, e))?;
    let (d, w) = (Conversion::Dollars, Conversion::Whole);
    let conversions = [d, d, w, w, w, w];
    let mut found = [const { None }; NAMES.len()];
    for (slot, name) in found.iter_mut().zip(COLUMNS) {
        *slot = amounts.get_item(name)?;
    }
    let held = columns(py, found.each_ref().map(Option::as_ref), NAMES, conversions, names)?;
    let missing = |name: &str| pyo3::exceptions::PyKeyError::new_err(name.to_owned());
    let long = |name: &str| -> PyResult<PyReadonlyArray1<'py, i64>> {
        codes.get_item(name)?.ok_or_else(|| missing(name))?.extract()
    };
    let byte = |name: &str| -> PyResult<PyReadonlyArray1<'py, u8>> {
        codes.get_item(name)?.ok_or_else(|| missing(name))?.extract()
    };
    let (subject, submitted, entity_of) = (long("subject")?, long("submitted")?, long("entity_of")?);
    let (payer, available) = (byte("payer")?, byte("model_available")?);
    let ineligible = byte("specialty_ineligible")?;
    let inputs = Inputs {
        columns: std::array::from_fn(|at| held[at].as_ref().map(|c| c as &dyn Column)),
        subject: subject.as_slice()?,
        payer: payer.as_slice()?,
        model_available: available.as_slice()?,
        specialty_ineligible: ineligible.as_slice()?,
        submitted: submitted.as_slice()?,
        entity_of: entity_of.as_slice()?,
    };
    let (out, findings) = run(&terms, plan.year(performance_year), &inputs).map_err(|e| raise(py, e))?;
    refuse(py, findings, stop, &held, &NAMES, names, reason::describe, |f| {
        shown(f.value, conversions[usize::from(f.column)])
    })?;
    let answer = PyDict::new(py);
    answer.set_item("included", PyArray1::from_vec(py, out.included))?;
    answer.set_item("reason", PyArray1::from_vec(py, out.reason))?;
    for at in 0..8 {
        answer.set_item(at, PyArray1::from_iter(py, out.subjects.iter().map(|s| s.amounts[at])))?;
    }
    answer.set_item("subject_reason", PyArray1::from_iter(py, out.subjects.iter().map(|s| s.reason)))?;
    let weighted = out.subjects.iter().any(|s| s.reason == reason::ENTITY_SCORE_WEIGHTED);
    Ok((answer, terms.warnings(weighted).to_vec()))
}
