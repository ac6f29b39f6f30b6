//! Steps of a calculation as Python mappings, and the integers of one row.

use super::buffers::PyColumn;
use crate::core::kernel::{Column, Conversion, MISSING};
use crate::core::reference::Step;
use crate::core::round::{cents_of_text, dollars_of_cents};
use crate::core::rulebook::Book;
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// Each step as a mapping; citations as title and paragraph.
pub(super) fn steps<'py>(py: Python<'py>, book: &Book, steps: Vec<Step>) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for step in steps {
        let dict = PyDict::new(py);
        dict.set_item("name", step.name)?;
        dict.set_item("formula", step.formula)?;
        dict.set_item("inputs", step.inputs)?;
        dict.set_item("value", step.value)?;
        dict.set_item("rules", step.rules)?;
        let cites = step.cites.iter().map(|id| book.sources().get(id).map_or(id.as_str(), |s| s.title.as_str()));
        dict.set_item("cites", cites.collect::<Vec<_>>())?;
        list.append(dict)?;
    }
    Ok(list)
}

/// One row of a column as the core reads it (cents, parts per billion, whole numbers), or None where null.
#[pyfunction]
pub(super) fn read_row(column: &Bound<'_, PyAny>, row: usize, conversion: &str) -> PyResult<Option<i64>> {
    let conversion = match conversion {
        "cents" => Conversion::Cents,
        "dollars" => Conversion::Dollars,
        "whole" => Conversion::Whole,
        "share" => Conversion::Share,
        other => return Err(PyValueError::new_err(format!("no conversion {other:?}"))),
    };
    let column = PyColumn::new("column", column, conversion)?;
    let (mut out, mut flags) = ([0], [0]);
    column.gather(row..row + 1, &mut out, &mut flags);
    Ok((flags[0] == 0).then_some(out[0]))
}

/// Cents of an amount of dollars written as text, half away from zero at the cent.
#[pyfunction]
pub(super) fn cents(dollars: &str) -> PyResult<i64> {
    cents_of_text(dollars).ok_or_else(|| PyValueError::new_err(format!("{dollars:?} is not an amount of dollars")))
}

/// Dollars of cents, as floats; `null` reads NaN.
#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // pyo3 extracts the borrow
pub(super) fn dollars<'py>(
    py: Python<'py>,
    cents: PyReadonlyArray1<'py, i64>,
    null: i64,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let cents = cents.as_slice()?;
    Ok(PyArray1::from_iter(py, cents.iter().map(|c| if *c == null { f64::NAN } else { dollars_of_cents(*c) })))
}

/// All rows of a column of whole numbers; `null` where a row is null, and `unreadable` where it is not whole, `null`
/// there too where nothing else is said.
#[pyfunction]
#[pyo3(signature = (column, null, unreadable=None))]
pub(super) fn whole_numbers<'py>(
    column: &Bound<'py, PyAny>,
    null: i64,
    unreadable: Option<i64>,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    let py = column.py();
    let column = PyColumn::new("column", column, Conversion::Whole)?;
    let mut out = vec![0; column.rows()];
    let mut flags = vec![0; column.rows()];
    if column.gather(0..column.rows(), &mut out, &mut flags) {
        for (value, flag) in out.iter_mut().zip(&flags) {
            if *flag != 0 {
                *value = unreadable.filter(|_| flag & MISSING == 0).unwrap_or(null);
            }
        }
    }
    Ok(PyArray1::from_vec(py, out))
}
