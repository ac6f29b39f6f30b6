//! Comparison of computed and published settlements over arrays.

use super::buffers::PyColumn;
use crate::core::kernel::{Column, Conversion};
use crate::core::reconcile::{self, Row, said};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

type Compared<'py> = (Bound<'py, PyArray1<bool>>, Bound<'py, PyArray1<bool>>, Bound<'py, PyArray1<u8>>);

/// Whether generated and earned are equal, and the verdict code, for each row.
#[pyfunction]
#[allow(clippy::needless_pass_by_value, clippy::too_many_arguments)] // pyo3 extracts the borrows; one a column
pub(super) fn compare<'py>(
    py: Python<'py>,
    generated: PyReadonlyArray1<'py, i64>,
    earned: PyReadonlyArray1<'py, i64>,
    earned_range: (PyReadonlyArray1<'py, i64>, PyReadonlyArray1<'py, i64>),
    debt_floor: PyReadonlyArray1<'py, i64>,
    reason: PyReadonlyArray1<'py, u8>,
    published_generated: &Bound<'py, PyAny>,
    published_earned: &Bound<'py, PyAny>,
    said: [PyReadonlyArray1<'py, bool>; 6],
) -> PyResult<Compared<'py>> {
    let (generated, earned, reason) = (generated.as_slice()?, earned.as_slice()?, reason.as_slice()?);
    let (least, most) = (earned_range.0.as_slice()?, earned_range.1.as_slice()?);
    let debt_floor = debt_floor.as_slice()?;
    let mut flags = Vec::with_capacity(said.len());
    for flag in &said {
        flags.push(flag.as_slice()?);
    }
    let published_generated = published("published_generated", published_generated)?;
    let published_earned = published("published_earned", published_earned)?;
    let lengths = [generated, earned, least, most, debt_floor]
        .into_iter()
        .map(<[i64]>::len)
        .chain(flags.iter().map(|f| f.len()));
    let mut lengths = lengths.chain([reason.len(), published_generated.len(), published_earned.len()]);
    let rows = published_earned.len();
    if lengths.any(|length| length != rows) {
        return Err(PyValueError::new_err("columns of different lengths"));
    }
    let compared: Vec<_> = (0..rows)
        .map(|row| {
            reconcile::compare(&Row {
                generated: generated[row],
                earned: earned[row],
                earned_range: (least[row], most[row]),
                debt_floor: debt_floor[row],
                reason: reason[row],
                published_generated: published_generated[row],
                published_earned: published_earned[row],
                said: said::bits(std::array::from_fn(|bit| flags[bit][row])),
            })
        })
        .collect();
    Ok((
        PyArray1::from_iter(py, compared.iter().map(|c| c.generated_equal)),
        PyArray1::from_iter(py, compared.iter().map(|c| c.earned_equal)),
        PyArray1::from_iter(py, compared.iter().map(|c| c.verdict)),
    ))
}

/// A published column of dollars in cents, as the caller holds it.
fn published(name: &str, column: &Bound<'_, PyAny>) -> PyResult<Vec<Option<i64>>> {
    let column = PyColumn::new(name, column, Conversion::Dollars)?;
    let (mut values, mut flags) = (vec![0; column.rows()], vec![0; column.rows()]);
    column.gather(0..column.rows(), &mut values, &mut flags);
    Ok(values.into_iter().zip(flags).map(|(value, flag)| (flag == 0).then_some(value)).collect())
}

/// Whether savings or losses stay within a printed minimum rate.
#[pyfunction]
pub(super) fn within_rate(savings: f64, benchmark: f64, minimum_rate: f64) -> bool {
    reconcile::within_rate(savings, benchmark, minimum_rate)
}

/// The least revenue that participants of a high-revenue ACO can be taken to have had.
#[pyfunction]
pub(super) fn least_revenue(expenditures: f64, share: f64) -> f64 {
    reconcile::least_revenue(expenditures, share)
}
