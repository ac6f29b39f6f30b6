//! Comparison of Kidney Care Choices results over columns, and their subtotals.

use super::reconcile::published;
use crate::core::kcc::{self, Row};
use crate::core::settle::NULL_CENTS;
use numpy::PyArray1;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

type Flags<'py> = Bound<'py, PyArray1<bool>>;
type Compared<'py> = (Bound<'py, PyArray1<i64>>, Flags<'py>, Flags<'py>, Flags<'py>, Bound<'py, PyArray1<u8>>);

/// Savings in cents; whether savings, benchmark and total are equal; and the verdict code, for each row.
#[pyfunction]
pub(super) fn compare_kcc<'py>(py: Python<'py>, columns: &Bound<'py, PyDict>) -> PyResult<Compared<'py>> {
    let column = |name: &str| -> PyResult<Vec<Option<i64>>> {
        let values = columns.get_item(name)?;
        published(name, &values.ok_or_else(|| PyValueError::new_err(format!("no column {name}")))?)
    };
    let cells = |name: &str| -> PyResult<[Vec<Option<i64>>; 3]> {
        Ok([column(&format!("{name}_ckd"))?, column(&format!("{name}_esrd"))?, column(name)?])
    };
    let unadjusted = cells("unadjusted_benchmark")?;
    let benchmark = cells("benchmark")?;
    let expenditures = cells("expenditures")?;
    let savings = cells("published_savings")?;
    let adjustments = [column("discount_amount")?, column("quality_withheld")?, column("quality_earned")?];
    let owed = [
        column("published_earned")?,
        column("leakage_balance")?,
        column("alignment_balance")?,
        column("shortage_area_bonus")?,
        column("home_dialysis_true_up")?,
        column("high_performers_pool")?,
    ];
    let total = column("published_total")?;
    let sums = [&unadjusted, &benchmark, &expenditures, &savings, &adjustments];
    if sums.into_iter().flatten().chain(&owed).any(|values| values.len() != total.len()) {
        return Err(PyValueError::new_err("columns of different lengths"));
    }
    let compared: Vec<_> = (0..total.len())
        .map(|row| {
            let at = |columns: &[Vec<Option<i64>>; 3]| std::array::from_fn(|cell| columns[cell][row]);
            kcc::compare(&Row {
                unadjusted: at(&unadjusted),
                benchmark: at(&benchmark),
                expenditures: at(&expenditures),
                savings: at(&savings),
                adjustments: at(&adjustments),
                owed: std::array::from_fn(|part| owed[part][row]),
                total: total[row],
            })
        })
        .collect();
    Ok((
        PyArray1::from_iter(py, compared.iter().map(|c| c.savings.unwrap_or(NULL_CENTS))),
        PyArray1::from_iter(py, compared.iter().map(|c| c.savings_equal)),
        PyArray1::from_iter(py, compared.iter().map(|c| c.benchmark_equal)),
        PyArray1::from_iter(py, compared.iter().map(|c| c.total_equal)),
        PyArray1::from_iter(py, compared.iter().map(|c| c.verdict)),
    ))
}

/// Whether a subtotal is the sum of its rows but for rounding.
#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // pyo3 extracts lists to owned ones
pub(super) fn is_sum(rows: Vec<f64>, subtotal: f64) -> bool {
    kcc::is_sum(&rows, subtotal)
}

/// How far a subtotal is above the sum of its rows, in dollars.
#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // pyo3 extracts lists to owned ones
pub(super) fn above_sum(rows: Vec<f64>, subtotal: f64) -> f64 {
    kcc::above_sum(&rows, subtotal)
}
