//! Comparison of ACO REACH results over arrays, and amounts of its files one at a time.

use super::reconcile::published;
use crate::core::reach::{self, Row};
use crate::core::settle::NULL_CENTS;
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

type Flags<'py> = Bound<'py, PyArray1<bool>>;
type Compared<'py> = (Flags<'py>, Flags<'py>, Flags<'py>, Bound<'py, PyArray1<u8>>);

/// Whether gross, shared and net are equal, and the verdict code, for each row.
#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // pyo3 extracts the borrows
pub(super) fn compare_reach<'py>(
    py: Python<'py>,
    gross: PyReadonlyArray1<'py, i64>,
    settled: (PyReadonlyArray1<'py, i64>, PyReadonlyArray1<'py, i64>),
    published_gross: &Bound<'py, PyAny>,
    published_shared: Option<&Bound<'py, PyAny>>,
    published_earned: &Bound<'py, PyAny>,
    marked_zero: PyReadonlyArray1<'py, bool>,
) -> PyResult<Compared<'py>> {
    let (gross, marked_zero) = (gross.as_slice()?, marked_zero.as_slice()?);
    let (earned, sequestered) = (settled.0.as_slice()?, settled.1.as_slice()?);
    let published_gross = published("published_savings", published_gross)?;
    let published_earned = published("published_earned", published_earned)?;
    let prints_shared = published_shared.is_some();
    let published_shared = match published_shared {
        Some(column) => published("published_shared", column)?,
        None => vec![None; published_gross.len()],
    };
    let rows = published_gross.len();
    let lengths = [gross.len(), earned.len(), sequestered.len(), marked_zero.len()];
    if lengths.iter().chain(&[published_shared.len(), published_earned.len()]).any(|length| *length != rows) {
        return Err(PyValueError::new_err("columns of different lengths"));
    }
    let compared: Vec<_> = (0..rows)
        .map(|row| {
            reach::compare(&Row {
                gross: gross[row],
                earned: earned[row],
                sequestered: sequestered[row],
                published_gross: published_gross[row],
                published_shared: published_shared[row],
                published_earned: published_earned[row],
                prints_shared,
                marked_zero: marked_zero[row],
            })
        })
        .collect();
    Ok((
        PyArray1::from_iter(py, compared.iter().map(|c| c.gross)),
        PyArray1::from_iter(py, compared.iter().map(|c| c.shared)),
        PyArray1::from_iter(py, compared.iter().map(|c| c.earned)),
        PyArray1::from_iter(py, compared.iter().map(|c| c.verdict)),
    ))
}

/// Benchmarks less expenditures in cents; the null of amounts where one of them is not published.
#[pyfunction]
pub(super) fn differences(
    py: Python<'_>,
    benchmark: Vec<Option<f64>>,
    expenditures: Vec<Option<f64>>,
) -> Bound<'_, PyArray1<i64>> {
    let pairs = benchmark.into_iter().zip(expenditures);
    let difference = |(b, e): (Option<f64>, Option<f64>)| Some(reach::difference(b?, e?));
    PyArray1::from_iter(py, pairs.map(|pair| difference(pair).unwrap_or(NULL_CENTS)).collect::<Vec<_>>())
}

/// The final benchmark with the health equity adjustment, in dollars.
#[pyfunction]
pub(super) fn benchmark_with_equity(benchmark: f64, increase: f64, decrease: f64) -> f64 {
    reach::benchmark_with_equity(benchmark, increase, decrease)
}

/// Whether a printed rate of savings is in percent; `None` where the amounts do not tell.
#[pyfunction]
pub(super) fn rate_is_percent(rate: f64, savings: f64, benchmark: f64) -> Option<bool> {
    reach::rate_is_percent(rate, savings, benchmark)
}
