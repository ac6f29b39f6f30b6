//! Recipients of incentives over arrays.

use super::call::refuse_always;
use super::errors::raise;
use super::rows::{Described, fields, gathered, held, show};
use crate::core::error::InputError;
use crate::core::incentive::{Payee, RELATIONS, SPLIT_REASONS, disagreement, split};
use crate::core::kernel::Findings;
use crate::core::rows::{Field, NULL, reason};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;

const FIELDS: &[Field] = &[
    Field::count("npi").needed(),
    Field::word("relation", &RELATIONS).needed(),
    Field::truth("solvent").needed(),
    Field::amount("base_year_paid").needed(),
    Field::amount("incentive").needed(),
];

/// Columns of recipients as (name, unit, words), and the words of reasons by code.
#[pyfunction]
pub(super) fn recipient_columns() -> (Vec<Described>, Vec<&'static str>) {
    (fields(FIELDS), SPLIT_REASONS.to_vec())
}

/// Step, share in parts per billion, cents, and reason codes of every row. Rows may not have nulls.
#[pyfunction]
pub(super) fn recipients<'py>(
    py: Python<'py>,
    given: &Bound<'py, PyDict>,
    names: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyDict>> {
    let held = held(FIELDS, given, names)?;
    let rows = gathered(py, FIELDS, &held)?;
    let mut findings = Findings::default();
    let mut payees = Vec::with_capacity(rows.rows());
    for row in 0..rows.rows() {
        match rows.row(row).map(|values| values.into_iter().flatten().collect::<Vec<i64>>()).as_deref() {
            Ok([npi, relation, solvent, paid, incentive]) => payees.push(Payee {
                npi: *npi,
                relation: *relation as usize,
                solvent: *solvent == 1,
                paid: *paid,
                incentive: *incentive,
            }),
            Ok(_) => findings.add(0, reason::MISSING_INPUT, row, 0),
            Err((column, code)) => findings.add(*column as u8, *code, row, rows.cell(*column, row)),
        }
    }
    let columns: Vec<&str> = FIELDS.iter().map(|field| field.name).collect();
    let describe = |code| match code {
        reason::MISSING_INPUT => ("null", "A QP's incentive cannot be split without it"),
        code => reason::describe::<crate::core::incentive::Incentive>(code),
    };
    refuse_always(py, findings, &held, &columns, names, describe, |f| {
        show(&FIELDS[usize::from(f.column)], f.value)
    })?;
    if let Some((row, count)) = disagreement(&payees) {
        let column = super::call::name_of(names, FIELDS[4].name);
        let value = super::call::cents(payees[row].incentive);
        let remedy = "Give the QP's whole incentive in each of its rows";
        let problem = "not that of the earlier rows of its QP";
        return Err(raise(py, InputError::rows(&column, problem, count, row, value, remedy).into()));
    }
    let out = split(&payees);
    let answer = PyDict::new(py);
    let whole = |number: Option<i64>| number.unwrap_or(NULL);
    answer.set_item("step", PyArray1::from_iter(py, out.iter().map(|s| s.step)))?;
    answer.set_item("share", PyArray1::from_iter(py, out.iter().map(|s| whole(s.share))))?;
    answer.set_item("payment", PyArray1::from_iter(py, out.iter().map(|s| whole(s.amount))))?;
    answer.set_item("reason", PyArray1::from_iter(py, out.iter().map(|s| s.reason)))?;
    Ok(answer)
}
