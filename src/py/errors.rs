//! Core errors as the package's own exceptions, which are plain Python classes.

use crate::core::error::{Error, RuleBookError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

static INPUT: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static RULE_BOOK: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static NOT_MODELLED: PyOnceLock<Py<PyType>> = PyOnceLock::new();

/// The exception for a core error.
#[allow(clippy::needless_pass_by_value)] // it is the end of the error's way
pub(super) fn raise(py: Python<'_>, error: Error) -> PyErr {
    let (cell, name) = match &error {
        Error::Input(_) => (&INPUT, "InputError"),
        Error::RuleBook(_) => (&RULE_BOOK, "RuleBookError"),
        Error::NotModelled(_) => (&NOT_MODELLED, "NotModelledError"),
    };
    match cell.import(py, "sharedsavings._errors", name) {
        Ok(class) => PyErr::from_type(class.clone(), error.to_string()),
        Err(import) => import,
    }
}

/// The exception for a rule book error.
pub(super) fn raise_rules(py: Python<'_>, error: RuleBookError) -> PyErr {
    raise(py, error.into())
}
