//! Programs and arrangements of the rule book: their names, a line each, and their terms in plain English.

use super::errors::raise;
use super::rules::{RuleBook, as_of_of};
use crate::core::error::Error;
use crate::core::fee::{self, FeePlan};
use crate::core::programs::{self, Family};
use crate::core::rulebook::AsOf;
use crate::core::settle::describe;
use pyo3::prelude::*;

/// Programs that can be settled: id, full name, and what settles it.
#[pyfunction]
pub(super) fn program_names(
    py: Python<'_>,
    rules: &Bound<'_, RuleBook>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<Vec<(String, String, &'static str)>> {
    let all = programs::programs(&rules.get().book, as_of_of(py, as_of, proposed)?).into_iter();
    Ok(all.map(|program| (program.id, program.name, program.family.word())).collect())
}

/// The plan of a program of fees; nothing of another program.
fn fee_plan(py: Python<'_>, program: &str, rules: &RuleBook, as_of: AsOf) -> PyResult<Option<FeePlan>> {
    if programs::family(&rules.book, program, as_of) != Some(Family::Fees) {
        return Ok(None);
    }
    FeePlan::new(&rules.book, program, as_of).map(Some).map_err(|e| raise(py, e))
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
    let as_of = as_of_of(py, as_of, proposed)?;
    let lines = match fee_plan(py, program, rules.get(), as_of)? {
        Some(plan) => fee::describe::list(&plan),
        None => describe::list(&*rules.get().settle_plan(py, program, as_of)?),
    };
    let line = |l: describe::Line| (l.performance_year, l.arrangement, l.risk.to_owned(), l.shares, l.limits);
    Ok(lines.into_iter().map(line).collect())
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
    let as_of = as_of_of(py, as_of, proposed)?;
    let (told, names, years) = if let Some(plan) = fee_plan(py, program, rules.get(), as_of)? {
        let terms = plan.code(arrangement).zip(plan.year(performance_year));
        let terms = terms.and_then(|(code, year)| year.get(code)?.as_ref());
        (terms.map(fee::describe::describe), plan.arrangements.clone(), plan.span())
    } else {
        let plan = rules.get().settle_plan(py, program, as_of)?;
        let terms = plan.code(arrangement).zip(plan.year(performance_year));
        let terms = terms.and_then(|(code, year)| year.terms.get(code)?.as_ref());
        (terms.map(describe::describe), plan.arrangements.clone(), plan.span())
    };
    told.ok_or_else(|| {
        raise(
            py,
            Error::NotModelled(format!(
                "{program} has no arrangement {arrangement:?} in {performance_year}; it has {}, {}, not \
                 all of them in every year. Choose one of them",
                names.join(", "),
                programs::in_words(years)
            )),
        )
    })
}
