//! Comparison of computed and published settlements over arrays.

use super::buffers::PyColumn;
use crate::core::kernel::Conversion;
use crate::core::reconcile;
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

type Compared<'py> = (Bound<'py, PyArray1<bool>>, Bound<'py, PyArray1<bool>>, Bound<'py, PyArray1<u8>>);

/// Whether generated and earned are equal, and the verdict code, for each row.
#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // pyo3 extracts the borrows
pub(super) fn compare<'py>(
    py: Python<'py>,
    generated: PyReadonlyArray1<'py, i64>,
    earned: PyReadonlyArray1<'py, i64>,
    reason: PyReadonlyArray1<'py, u8>,
    published_generated: &Bound<'py, PyAny>,
    published_earned: &Bound<'py, PyAny>,
) -> PyResult<Compared<'py>> {
    let generated_column = PyColumn::new("published_generated", published_generated, Conversion::Dollars)?;
    let earned_column = PyColumn::new("published_earned", published_earned, Conversion::Dollars)?;
    let rows = reconcile::compare_all(
        generated.as_slice()?,
        earned.as_slice()?,
        reason.as_slice()?,
        &generated_column,
        &earned_column,
    );
    Ok((
        PyArray1::from_iter(py, rows.iter().map(|c| c.generated_equal)),
        PyArray1::from_iter(py, rows.iter().map(|c| c.earned_equal)),
        PyArray1::from_iter(py, rows.iter().map(|c| c.verdict)),
    ))
}

/// Expenditures in whole dollars that agree with the printed difference, row by row.
#[pyfunction]
pub(super) fn expenditures_as_printed(benchmark: i64, expenditures: i64, savings: i64) -> i64 {
    reconcile::expenditures_as_printed(benchmark, expenditures, savings)
}
