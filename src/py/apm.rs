//! Determinations of Advanced APMs over arrays, their explanation, and the catalogue of models.

use super::call::{columns, raises, refuse, shown, threads as checked_threads};
use super::errors::raise;
use super::explain::steps;
use super::rules::{RuleBook, as_of_of};
use crate::core::apm::reason::{AMOUNTS, COLUMNS, REASONS, SHARES, WHYS, describe};
use crate::core::apm::{self, Facts, Given, Inputs, Levels, Plan, catalogue};
use crate::core::error::Error;
use crate::core::fee::FeePlan;
use crate::core::kernel::{Column, Conversion};
use crate::core::programs;
use crate::core::reference;
use crate::core::rulebook::{AsOf, LAST_YEAR, sentences};
use crate::core::settle;
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const ALL: usize = COLUMNS.len();
const PROGRAM: usize = ALL - 4;
/// Names of the results that are codes, and those that are shares.
const CODES: [&str; 10] = [
    "authority",
    "authority_reason",
    "cehrt",
    "cehrt_reason",
    "quality",
    "quality_reason",
    "risk",
    "risk_reason",
    "standard",
    "answer",
];
const RATES: [&str; 5] = ["of_revenue", "of_expected", "marginal", "marginal_all", "minimum_loss_rate"];

fn conversions() -> [Conversion; ALL] {
    std::array::from_fn(|at| match at {
        at if AMOUNTS.contains(&at) => Conversion::Dollars,
        at if SHARES.contains(&at) => Conversion::Share,
        _ => Conversion::Whole,
    })
}

/// A program whose terms stand behind rows.
enum Terms {
    Settled(Arc<settle::Plan>),
    Fees(FeePlan),
}

impl Terms {
    fn of(py: Python<'_>, rules: &Bound<'_, RuleBook>, program: &str, as_of: AsOf) -> PyResult<(String, Self)> {
        let book = &rules.get().book;
        let own = programs::canonical(book, program, as_of);
        let terms = if let Ok(fees) = FeePlan::new(book, &own, as_of) {
            Self::Fees(fees)
        } else {
            Self::Settled(rules.get().settle_plan(py, &own, as_of)?)
        };
        Ok((own, terms))
    }

    fn names(&self) -> &[String] {
        match self {
            Self::Settled(plan) => &plan.arrangements,
            Self::Fees(plan) => &plan.arrangements,
        }
    }

    fn code(&self, track: &str) -> Option<usize> {
        match self {
            Self::Settled(plan) => plan.code(track),
            Self::Fees(plan) => plan.code(track),
        }
    }

    /// Terms of an arrangement in a year, where it ran.
    fn facts(&self, code: usize, year: i64, of_catalogue: Facts) -> Option<Facts> {
        match self {
            Self::Settled(plan) => {
                let terms = (*plan.year(year)?.terms.get(code)?)?;
                Some(of_catalogue.settled_by(terms))
            }
            Self::Fees(plan) => {
                let fees = plan.year(year)?.get(code)?.clone()?;
                Some(Facts { fees: Some(fees), ..of_catalogue })
            }
        }
    }

    fn warnings(&self, code: usize, year: i64) -> Vec<String> {
        match self {
            Self::Settled(plan) => plan.warnings(&[[year, code as i64]], false),
            Self::Fees(plan) => plan.warnings(&[year]),
        }
    }
}

/// Own names of programs and arrangements; nothing for an arrangement that the program does not have, with those it has.
#[pyfunction]
#[allow(clippy::needless_pass_by_value, clippy::type_complexity)] // pyo3 extracts owned values
pub(super) fn apm_programs(
    py: Python<'_>,
    pairs: Vec<(String, Option<String>)>,
    rules: &Bound<'_, RuleBook>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<Vec<(String, Option<String>, Vec<String>)>> {
    let as_of = as_of_of(py, as_of, proposed)?;
    let one = |(program, track): &(String, Option<String>)| {
        let (own, terms) = Terms::of(py, rules, program, as_of)?;
        let names = terms.names().to_vec();
        let only = (names.len() == 1).then(|| names[0].clone());
        let found = match track {
            Some(track) => terms.code(track).map(|code| names[code].clone()),
            None => only,
        };
        Ok((own, found, names))
    };
    pairs.iter().map(one).collect()
}

type Known = (BTreeMap<(i64, i64), Facts>, BTreeMap<(i64, i64), Vec<String>>);

/// What is known of each arrangement in each year, and what a reader must be told of it.
fn known(
    py: Python<'_>,
    programs: &[(String, String)],
    years: &BTreeSet<i64>,
    rules: &Bound<'_, RuleBook>,
    as_of: AsOf,
) -> PyResult<Known> {
    let (mut facts, mut told) = (BTreeMap::new(), BTreeMap::new());
    for (place, (program, arrangement)) in programs.iter().enumerate() {
        let (_, terms) = Terms::of(py, rules, program, as_of)?;
        let Some(code) = terms.code(arrangement) else { continue };
        for year in years.iter().filter(|year| (0..=LAST_YEAR).contains(*year)) {
            let (own, of_catalogue) =
                catalogue::facts(&rules.get().book, as_of, program, arrangement, *year as u16);
            if let Some(found) = terms.facts(code, *year, own) {
                let mut warnings = terms.warnings(code, *year);
                warnings.extend(sentences(&of_catalogue));
                facts.insert((place as i64, *year), found);
                told.insert((place as i64, *year), warnings);
            }
        }
    }
    Ok((facts, told))
}

fn read_levels(py: Python<'_>, texts: &[String]) -> PyResult<Vec<Levels>> {
    let read = |text: &String| {
        Levels::parse(text).map_err(|problem| raise(py, Error::NotModelled(format!("{text:?}: {problem}"))))
    };
    texts.iter().map(read).collect()
}

/// What is wrong with each text of marginal bands, or nothing.
#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // pyo3 extracts owned values
pub(super) fn marginal_bands(texts: Vec<String>) -> Vec<Option<String>> {
    texts.iter().map(|text| Levels::parse(text).err()).collect()
}

/// Codes of the words of a column, and the words that it knows.
#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // pyo3 extracts owned values
pub(super) fn apm_codes(column: &str, words: Vec<String>) -> (Vec<Option<i64>>, Vec<&'static str>) {
    let known: &[&'static str] = match column {
        "payer" => &apm::PAYERS,
        "authority" => &apm::AUTHORITIES,
        "risk_form" => &apm::FORMS,
        "risk_trigger" => &apm::TRIGGERS,
        _ => &[],
    };
    (words.iter().map(|word| apm::code(known, word)).collect(), known.to_vec())
}

/// Verdicts, reasons and shares of every row, and what a reader must be told.
#[pyfunction]
#[allow(clippy::too_many_arguments, clippy::needless_pass_by_value)] // a Python signature
pub(super) fn advanced_apm<'py>(
    py: Python<'py>,
    given: &Bound<'py, PyDict>,
    bands: Vec<String>,
    programs: Vec<(String, String)>,
    rules: &Bound<'py, RuleBook>,
    as_of: Option<&Bound<'py, PyAny>>,
    proposed: bool,
    threads: Option<i64>,
    invalid: &str,
    names: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyDict>> {
    let (stop, threads) = (raises(invalid)?, checked_threads(threads)?);
    let as_of = as_of_of(py, as_of, proposed)?;
    let conversions = conversions();
    let mut found = [const { None }; ALL];
    for (slot, name) in found.iter_mut().zip(COLUMNS) {
        *slot = given.get_item(name)?;
    }
    let held = columns(py, found.each_ref().map(Option::as_ref), COLUMNS, conversions, names)?;
    let years = held[0].as_ref().map(|column| {
        let (mut values, mut flags) = (vec![0; column.rows()], vec![0; column.rows()]);
        column.gather(0..column.rows(), &mut values, &mut flags);
        values.into_iter().zip(flags).filter(|(_, flag)| *flag == 0).map(|(year, _)| year).collect::<BTreeSet<_>>()
    });
    let years = years.unwrap_or_default();
    let (facts, told) = known(py, &programs, &years, rules, as_of)?;
    let listed: Vec<i64> = years.into_iter().collect();
    let plan = Plan::new(&rules.get().book, as_of, &listed).map_err(|e| raise(py, e))?;
    let levels = read_levels(py, &bands)?;
    let columns = held.each_ref().map(|c| c.as_ref().map(|c| c as &dyn Column));
    let inputs = Inputs { columns, levels: &levels, facts: &facts };
    let out = py.detach(|| apm::run(&plan, &inputs, threads)).map_err(|e| raise(py, e))?;
    refuse(py, out.findings, stop, &held, &COLUMNS, names, describe, |finding| {
        let at = usize::from(finding.column);
        let program = usize::try_from(finding.value).ok().and_then(|code| programs.get(code));
        match program.filter(|_| at == PROGRAM) {
            Some((program, arrangement)) => format!("{program} {arrangement}"),
            None => shown(finding.value, conversions[at]),
        }
    })?;
    let mut warnings = plan.warnings(&out.used.iter().copied().collect::<Vec<_>>(), out.homes);
    warnings.extend(out.programs.iter().filter_map(|key| told.get(key)).flatten().cloned());
    let answer = PyDict::new(py);
    for (name, codes) in CODES.iter().zip(out.codes) {
        answer.set_item(name, PyArray1::from_vec(py, codes))?;
    }
    for (name, shares) in RATES.iter().zip(out.shares) {
        answer.set_item(name, PyArray1::from_vec(py, shares))?;
    }
    answer.set_item("reason", PyArray1::from_vec(py, out.reason))?;
    answer.set_item("warnings", warnings)?;
    Ok(answer)
}

/// Steps of one row. Values are integers as the core reads them, in the order of the columns; a column that the frame does
/// not have is left out of `present`.
#[pyfunction]
#[allow(clippy::too_many_arguments, clippy::needless_pass_by_value)] // a Python signature
pub(super) fn advanced_apm_explain<'py>(
    py: Python<'py>,
    values: Vec<Option<i64>>,
    present: Vec<bool>,
    bands: Vec<String>,
    programs: Vec<(String, String)>,
    rules: &Bound<'py, RuleBook>,
    as_of: Option<&Bound<'py, PyAny>>,
    proposed: bool,
) -> PyResult<Bound<'py, PyList>> {
    let as_of = as_of_of(py, as_of, proposed)?;
    let mut given: Given = [None; ALL];
    for (slot, (value, present)) in given.iter_mut().zip(values.iter().zip(present)) {
        *slot = present.then_some(*value);
    }
    let years = given[0].flatten().into_iter().collect();
    let (facts, _) = known(py, &programs, &years, rules, as_of)?;
    let row = apm::row_of(&given, &read_levels(py, &bands)?, &facts);
    let program = given[PROGRAM].flatten().and_then(|code| programs.get(usize::try_from(code).ok()?));
    let program = program.map(|(program, arrangement)| (program.as_str(), arrangement.as_str()));
    let (book, mut trace) = (&rules.get().book, reference::Trace::default());
    reference::apm::explain(book, as_of, &row, program, &mut trace).map_err(|e| raise(py, e))?;
    steps(py, book, trace.into_steps())
}

/// Every track of the catalogue in a year, or in all of them.
#[pyfunction]
#[pyo3(signature = (year, rules, as_of, proposed))]
pub(super) fn apm_catalogue<'py>(
    py: Python<'py>,
    year: Option<i64>,
    rules: &Bound<'py, RuleBook>,
    as_of: Option<&Bound<'py, PyAny>>,
    proposed: bool,
) -> PyResult<Bound<'py, PyList>> {
    let (book, as_of) = (&rules.get().book, as_of_of(py, as_of, proposed)?);
    let list = PyList::empty(py);
    let Some((first, last)) = catalogue::span(book, as_of) else { return Ok(list) };
    let wanted = year.map_or(Some(first..=last), |year| {
        let year = u16::try_from(year).ok().filter(|year| (first..=last).contains(year))?;
        Some(year..=year)
    });
    let wanted = wanted.ok_or_else(|| {
        let asked = year.unwrap_or_default();
        let problem = format!("the catalogue of models has {first} to {last}, not {asked}. Ask for one of them");
        raise(py, Error::NotModelled(problem))
    })?;
    for entry in wanted.flat_map(|year| catalogue::entries(book, as_of, year)) {
        let dict = PyDict::new(py);
        dict.set_item("performance_year", entry.performance_year)?;
        for (field, word) in catalogue::FIELDS.iter().zip(&entry.words) {
            dict.set_item(field, word)?;
        }
        dict.set_item("confidence", entry.confidence.to_string())?;
        let title =
            |id: &String| book.sources().get(id).map_or(id.as_str(), |source| source.title.as_str()).to_owned();
        dict.set_item("sources", entry.rule.cites.iter().map(title).collect::<Vec<_>>())?;
        dict.set_item("rule", &entry.rule.id)?;
        list.append(dict)?;
    }
    Ok(list)
}

/// Words by code: verdicts, answers, standards, reasons of criteria, reasons of rows.
pub(super) fn words() -> [(&'static str, Vec<&'static str>); 5] {
    [
        ("APM_VERDICTS", apm::VERDICTS.to_vec()),
        ("APM_ANSWERS", apm::ANSWERS.to_vec()),
        ("APM_STANDARDS", apm::STANDARDS.to_vec()),
        ("APM_WHYS", WHYS.to_vec()),
        ("APM_REASONS", REASONS.to_vec()),
    ]
}
