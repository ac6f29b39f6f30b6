//! Steps of a calculation as Python mappings, and the integers of one row.

use super::buffers::PyColumn;
use crate::core::kernel::{Column, Conversion};
use crate::core::reference::Step;
use crate::core::rulebook::Book;
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
