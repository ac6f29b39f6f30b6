//! `qp_status` over arrays, and the explanation of one row.

use super::buffers::PyColumn;
use super::call::{Lent, Wanted, columns, money, raises, refuse, threads};
use super::errors::raise;
use super::explain::steps;
use super::rules::{RuleBook, as_of_of, book_of, shipped};
use crate::core::kernel::{Column, Conversion};
use crate::core::qp::{self, Inputs, Outputs, Pair, Plan, Row, reason};
use crate::core::reference;
use crate::core::rulebook::AsOf;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use std::sync::{Arc, OnceLock};

const OUTPUTS: [&str; 10] = [
    "status",
    "method",
    "option",
    "reason",
    "payment_score",
    "patient_score",
    "all_payer_payment_score",
    "all_payer_patient_score",
    "payments_needed",
    "patients_needed",
];

/// The plan of the shipped book with everything it knows, kept at hand for small calls.
fn default_plan(py: Python<'_>) -> PyResult<Arc<Plan>> {
    static PLAN: OnceLock<Arc<Plan>> = OnceLock::new();
    if let Some(plan) = PLAN.get() {
        return Ok(plan.clone());
    }
    let plan = shipped(py)?.get().qp_plan(py, AsOf::default())?;
    Ok(PLAN.get_or_init(|| plan).clone())
}

fn plan(
    py: Python<'_>,
    rules: Option<&Bound<'_, PyAny>>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<Arc<Plan>> {
    if rules.is_none() && as_of.is_none() && !proposed {
        return default_plan(py);
    }
    book_of(py, rules)?.get().qp_plan(py, as_of_of(py, as_of, proposed)?)
}

/// Determine QP status over numpy arrays (42 CFR 414.1425, 414.1430, 414.1435, 414.1440).
///
/// Parameters
/// ----------
/// payments_attributed, payments_eligible : array, optional
///     Shape (n,), in the unit that `money` says.
/// patients_attributed, patients_eligible : array, optional
///     Shape (n,), people. One Medicare pair may be absent.
/// performance_year : array or int
/// all_payer_payments_apm, all_payer_payments_total, all_payer_patients_apm, all_payer_patients_total : optional
///     All-Payer Combination Option, in pairs.
/// money : {"cents", "dollars"}
/// as_of, proposed, rules, threads, invalid
///     As for `sharedsavings.qp_status`.
/// outputs : sequence of str, optional
///     What to compute; `status` and `method` where None.
/// out : dict of str to array, optional
///     Arrays to write to, by output: contiguous, of length n, apart from the inputs.
/// names : dict of str to str, optional
///     The caller's own column names, for errors.
///
/// Returns
/// -------
/// dict of str to ndarray
///     Codes are uint8 (see `QP_STATUSES`, `QP_METHODS`, `QP_OPTIONS`, `QP_REASONS`), scores float64 shares,
///     `payments_needed` int64 cents, `patients_needed` int64 people.
///
/// Notes
/// -----
/// Arrays of any integer or float type and stride are read without copying them whole. A column may also be
/// (values, nulls) with one byte a row that is not zero where the row is null, or a list of such chunks. NaN is
/// an error.
///
/// Raises
/// ------
/// InputError
///     Where arrays are missing, of the wrong type or length, or hold invalid rows.
///
/// Examples
/// --------
/// >>> import numpy as np
/// >>> from sharedsavings import arrays
/// >>> codes = arrays.qp_status(np.array([2500]), np.array([10000]), performance_year=2017)
/// >>> arrays.QP_STATUSES[codes["status"][0]]
/// 'qp'
#[pyfunction]
#[pyo3(signature = (payments_attributed=None, payments_eligible=None, patients_attributed=None,
    patients_eligible=None, performance_year=None, *, all_payer_payments_apm=None, all_payer_payments_total=None,
    all_payer_patients_apm=None, all_payer_patients_total=None, money="cents", as_of=None, proposed=false,
    rules=None, threads=None, invalid="raise", outputs=None, out=None, names=None))]
#[allow(clippy::too_many_arguments, clippy::doc_markdown, clippy::doc_link_with_quotes)] // a Python signature and docstring
pub(super) fn qp_status<'py>(
    py: Python<'py>,
    payments_attributed: Option<&Bound<'py, PyAny>>,
    payments_eligible: Option<&Bound<'py, PyAny>>,
    patients_attributed: Option<&Bound<'py, PyAny>>,
    patients_eligible: Option<&Bound<'py, PyAny>>,
    performance_year: Option<&Bound<'py, PyAny>>,
    all_payer_payments_apm: Option<&Bound<'py, PyAny>>,
    all_payer_payments_total: Option<&Bound<'py, PyAny>>,
    all_payer_patients_apm: Option<&Bound<'py, PyAny>>,
    all_payer_patients_total: Option<&Bound<'py, PyAny>>,
    money: &str,
    as_of: Option<&Bound<'py, PyAny>>,
    proposed: bool,
    rules: Option<&Bound<'py, PyAny>>,
    threads: Option<i64>,
    invalid: &str,
    outputs: Option<Vec<String>>,
    out: Option<&Bound<'py, PyDict>>,
    names: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyDict>> {
    let stop = raises(invalid)?;
    let threads = self::threads(threads)?;
    let plan = plan(py, rules, as_of, proposed)?;
    let (m, w) = (self::money(money)?, Conversion::Whole);
    let given = [
        payments_attributed,
        payments_eligible,
        patients_attributed,
        patients_eligible,
        performance_year,
        all_payer_payments_apm,
        all_payer_payments_total,
        all_payer_patients_apm,
        all_payer_patients_total,
    ];
    let held = columns(py, given, reason::COLUMNS, [m, m, w, w, w, m, m, w, w], names)?;
    let rows = held.iter().flatten().map(Column::rows).max().unwrap_or(0);
    let wanted = Wanted::new(outputs, out, &["status", "method"], &OUTPUTS)?;
    let mut codes = [Lent::No, Lent::No, Lent::No, Lent::No];
    let mut scores = [Lent::No, Lent::No, Lent::No, Lent::No];
    let mut lacks = [Lent::No, Lent::No];
    for (i, name) in OUTPUTS.iter().enumerate() {
        match i {
            0..4 => codes[i] = Lent::new(py, name, rows, &wanted, &held)?,
            4..8 => scores[i - 4] = Lent::new(py, name, rows, &wanted, &held)?,
            _ => lacks[i - 8] = Lent::new(py, name, rows, &wanted, &held)?,
        }
    }
    let findings = {
        let [status, method, option, reason] = &mut codes;
        let [pay, patient, all_pay, all_patient] = &mut scores;
        let [payments, patients] = &mut lacks;
        let outputs = Outputs {
            status: status.slice()?,
            method: method.slice()?,
            option: option.slice()?,
            reason: reason.slice()?,
            payment_score: pay.slice()?,
            patient_score: patient.slice()?,
            all_payer_payment_score: all_pay.slice()?,
            all_payer_patient_score: all_patient.slice()?,
            payments_needed: payments.slice()?,
            patients_needed: patients.slice()?,
        };
        let inputs = Inputs { columns: held.each_ref().map(|c| c.as_ref().map(|c| c as &dyn Column)) };
        py.detach(|| qp::run(&plan, &inputs, outputs, threads)).map_err(|e| raise(py, e))?
    };
    refuse(py, findings, stop, &held, &reason::COLUMNS, names, reason::describe, |f| {
        let money = matches!(f.column, 0 | 1 | 5 | 6);
        if money { super::call::cents(f.value) } else { f.value.to_string() }
    })?;
    let answer = PyDict::new(py);
    for (name, lent) in OUTPUTS[..4].iter().zip(codes) {
        lent.put(&answer, name)?;
    }
    for (name, lent) in OUTPUTS[4..8].iter().zip(scores) {
        lent.put(&answer, name)?;
    }
    for (name, lent) in OUTPUTS[8..].iter().zip(lacks) {
        lent.put(&answer, name)?;
    }
    Ok(answer)
}

/// What a reader of results for these performance years must be told.
#[pyfunction]
pub(super) fn qp_warnings(
    py: Python<'_>,
    performance_year: &Bound<'_, PyAny>,
    rules: &Bound<'_, RuleBook>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<Vec<String>> {
    let plan = rules.get().qp_plan(py, as_of_of(py, as_of, proposed)?)?;
    let years = distinct(["performance_year"], [performance_year])?;
    Ok(plan.warnings(&years.into_iter().map(|[year]| year).collect::<Vec<_>>()))
}

/// The distinct rows of columns of whole numbers, nulls left out; one number stands for all rows.
pub(super) fn distinct<const N: usize>(
    names: [&str; N],
    given: [&Bound<'_, PyAny>; N],
) -> PyResult<Vec<[i64; N]>> {
    let single = |value: &Bound<'_, PyAny>| value.extract::<i64>().ok();
    let column = |(name, value)| PyColumn::new(name, value, Conversion::Whole);
    let arrays = names.into_iter().zip(given).filter(|(_, value)| single(value).is_none());
    let rows = arrays.map(column).collect::<PyResult<Vec<_>>>()?.iter().map(Column::rows).max().unwrap_or(1);
    let mut held = Vec::with_capacity(N);
    for pair in names.into_iter().zip(given) {
        let number = single(pair.1).map(|number| PyColumn::constant([number], rows, Conversion::Whole));
        held.push(number.map_or_else(|| column(pair), Ok)?);
    }
    Ok(crate::core::kernel::distinct(std::array::from_fn(|i| &held[i] as &dyn Column)))
}

/// Steps of one determination. Values are integers: cents, people, a year.
#[pyfunction]
pub(super) fn qp_explain<'py>(
    py: Python<'py>,
    values: [Option<i64>; 9],
    rules: &Bound<'py, RuleBook>,
    as_of: Option<&Bound<'py, PyAny>>,
    proposed: bool,
) -> PyResult<Bound<'py, PyList>> {
    let pair = |at: usize| values[at].zip(values[at + 1]).map(|(part, whole)| Pair { part, whole });
    let row = Row {
        year: values[4].unwrap_or(0),
        payments: pair(0),
        patients: pair(2),
        all_payer_payments: pair(5),
        all_payer_patients: pair(7),
    };
    let book = &rules.get().book;
    let mut trace = reference::Trace::default();
    reference::qp::determine(book, as_of_of(py, as_of, proposed)?, &row, &mut trace).map_err(|e| raise(py, e))?;
    steps(py, book, trace.into_steps())
}
