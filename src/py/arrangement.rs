//! Programs and arrangements of the rule book: their names, a line each, and their terms in plain English.

use super::errors::raise;
use super::rules::{RuleBook, as_of_of};
use crate::core::error::Error;
use crate::core::settle as engine;
use pyo3::prelude::*;

/// Programs that can be settled.
#[pyfunction]
pub(super) fn program_names(
    py: Python<'_>,
    rules: &Bound<'_, RuleBook>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<Vec<(String, String)>> {
    Ok(engine::programs(&rules.get().book, as_of_of(py, as_of, proposed)?))
}

/// Year, name, risk, shares and limits of every arrangement of a program.
#[allow(clippy::type_complexity)] // a list of lines
#[pyfunction]
pub(super) fn arrangements(
    py: Python<'_>,
    program: &str,
    rules: &Bound<'_, RuleBook>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<Vec<(i64, String, String, String, String)>> {
    let plan = rules.get().settle_plan(py, program, as_of_of(py, as_of, proposed)?)?;
    let lines = engine::describe::list(&plan).into_iter();
    Ok(lines.map(|l| (l.performance_year, l.arrangement, l.risk.to_owned(), l.shares, l.limits)).collect())
}

/// The terms of one arrangement in sentences.
#[pyfunction]
pub(super) fn describe_arrangement(
    py: Python<'_>,
    program: &str,
    arrangement: &str,
    performance_year: i64,
    rules: &Bound<'_, RuleBook>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<Vec<String>> {
    let plan = rules.get().settle_plan(py, program, as_of_of(py, as_of, proposed)?)?;
    let year = plan.year(performance_year);
    let terms = plan.code(arrangement).zip(year).and_then(|(code, year)| year.terms.get(code)?.as_ref());
    let terms = terms.ok_or_else(|| {
        let (first, last) = plan.span();
        raise(
            py,
            Error::NotModelled(format!(
                "{program} has no arrangement {arrangement:?} in {performance_year}; it has {}, from {first} to \
                 {last}, not all of them in every year. Choose one of them",
                plan.arrangements.join(", ")
            )),
        )
    })?;
    Ok(engine::describe::describe(terms))
}
