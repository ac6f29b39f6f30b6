//! `clinicians` over columns of codes, and the explanation of one of them.

use super::buffers::PyColumn;
use super::call::threads;
use super::errors::raise;
use super::explain::steps;
use super::rules::{RuleBook, as_of_of};
use crate::core::date::Date;
use crate::core::kernel::{Conversion, Finding, Findings};
use crate::core::npi;
use crate::core::qp::clinicians::{
    EntityFacts, Listing, Outcome, Prepared, Roster, ScoreRows, Terms, UNREADABLE, explain, reason,
};
use crate::core::rulebook::AsOf;
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

type Long<'py> = PyReadonlyArray1<'py, i64>;
type Byte<'py> = PyReadonlyArray1<'py, u8>;

/// Columns as they were coded; the fields are those of the core.
struct Coded<'py> {
    npi: Long<'py>,
    tin: Option<Long<'py>>,
    entity: Long<'py>,
    days: Option<Long<'py>>,
    flags: Vec<Byte<'py>>,
    list: Option<Byte<'py>>,
    election: Option<Byte<'py>>,
    dates: [Long<'py>; 3],
    without_risk: Byte<'py>,
    entity_election: Byte<'py>,
    score_entity: Long<'py>,
    score_npi: Long<'py>,
    score_snapshot: Long<'py>,
    score_basis: Byte<'py>,
    scored: [Byte<'py>; 3],
    by_tin: bool,
}

impl<'py> Coded<'py> {
    fn new(given: &Bound<'py, PyDict>) -> PyResult<Self> {
        fn get<'py, T: for<'a> FromPyObject<'a, 'py>>(given: &Bound<'py, PyDict>, name: &str) -> PyResult<T> {
            let missing = || pyo3::exceptions::PyKeyError::new_err(name.to_owned());
            given.get_item(name)?.ok_or_else(missing)?.extract().map_err(Into::into)
        }
        Ok(Self {
            npi: get(given, "npi")?,
            tin: get(given, "tin")?,
            entity: get(given, "entity")?,
            days: get(given, "days")?,
            flags: get(given, "flags")?,
            list: get(given, "list")?,
            election: get(given, "election")?,
            dates: [get(given, "model_start")?, get(given, "model_end")?, get(given, "termination")?],
            without_risk: get(given, "without_risk")?,
            entity_election: get(given, "entity_election")?,
            score_entity: get(given, "score_entity")?,
            score_npi: get(given, "score_npi")?,
            score_snapshot: get(given, "score_snapshot")?,
            score_basis: get(given, "score_basis")?,
            scored: [get(given, "score_status")?, get(given, "score_method")?, get(given, "score_option")?],
            by_tin: get(given, "by_tin")?,
        })
    }

    /// Calls `work` with the prepared roster and what was found wrong on the way.
    fn prepared<R: Send>(
        &self,
        py: Python<'py>,
        terms: &Terms,
        threads: Option<usize>,
        work: impl FnOnce(&Prepared<'_>, Findings) -> PyResult<R>,
    ) -> PyResult<R> {
        let flags = self.flags.iter().map(|f| Ok(f.as_slice()?)).collect::<PyResult<Vec<_>>>()?;
        let listing = match &self.days {
            Some(days) => Listing::Days(days.as_slice()?),
            None => Listing::Flags(&flags),
        };
        let roster = Roster {
            npi: self.npi.as_slice()?,
            tin: self.tin.as_ref().map(|tin| tin.as_slice()).transpose()?,
            entity: self.entity.as_slice()?,
            listing,
            list: self.list.as_ref().map(|list| list.as_slice()).transpose()?,
            election: self.election.as_ref().map(|election| election.as_slice()).transpose()?,
        };
        let facts = EntityFacts {
            model_start: self.dates[0].as_slice()?,
            model_end: self.dates[1].as_slice()?,
            termination: self.dates[2].as_slice()?,
            without_risk: self.without_risk.as_slice()?,
            election: self.entity_election.as_slice()?,
        };
        let scores = ScoreRows {
            entity: self.score_entity.as_slice()?,
            npi: self.score_npi.as_slice()?,
            snapshot: self.score_snapshot.as_slice()?,
            basis: self.score_basis.as_slice()?,
            scored: [self.scored[0].as_slice()?, self.scored[1].as_slice()?, self.scored[2].as_slice()?],
        };
        let by_tin = self.by_tin;
        let made = py.detach(|| Prepared::new(terms, roster, &facts, &scores, by_tin, threads));
        let (prepared, findings) = made.map_err(|e| raise(py, e))?;
        work(&prepared, findings)
    }
}

fn terms(py: Python<'_>, rules: &Bound<'_, RuleBook>, year: i64, as_of: AsOf) -> PyResult<Terms> {
    Terms::new(&rules.get().book, year, as_of).map_err(|e| raise(py, e))
}

/// Snapshots as `yyyymmdd`, attribution bases, whether a status is of one TIN, and what a reader must be told.
#[pyfunction]
#[allow(clippy::type_complexity)] // a Python signature
pub(super) fn clinician_terms(
    py: Python<'_>,
    performance_year: i64,
    rules: &Bound<'_, RuleBook>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<(Vec<i64>, Vec<String>, bool, Vec<String>)> {
    let terms = terms(py, rules, performance_year, as_of_of(py, as_of, proposed)?)?;
    let snapshots = terms.snapshots.iter().map(|day| day.yyyymmdd()).collect();
    Ok((snapshots, terms.bases.clone(), terms.by_tin, terms.warnings().to_vec()))
}

/// Outcomes of all clinicians by column, in order of NPI, and of TIN where each has its own.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a Python signature
pub(super) fn clinicians<'py>(
    py: Python<'py>,
    given: &Bound<'py, PyDict>,
    performance_year: i64,
    rules: &Bound<'py, RuleBook>,
    as_of: Option<&Bound<'py, PyAny>>,
    proposed: bool,
    stop: bool,
    names: Option<&Bound<'py, PyDict>>,
    names_of_scores: Option<&Bound<'py, PyDict>>,
    threads: Option<i64>,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let threads = self::threads(threads)?;
    let terms = terms(py, rules, performance_year, as_of_of(py, as_of, proposed)?)?;
    let coded = Coded::new(given)?;
    let outcomes = coded.prepared(py, &terms, threads, |prepared, mut findings| {
        // What is wrong with entities and scores stops the call in any case: it would be wrong for many clinicians.
        let of_scores = |f: &Finding| !FACTS.contains(&f.column);
        let (scores, facts) = std::mem::take(&mut findings).split(of_scores);
        refuse(py, scores, None, names_of_scores)?;
        refuse(py, facts, None, names)?;
        let all = prepared.clinicians();
        let mut outcomes: Vec<Outcome> = Vec::with_capacity(all);
        let slab = (all / SLABS).max(SMALLEST_SLAB);
        for from in (0..all).step_by(slab) {
            let to = (from + slab).min(all);
            let (some, found) = py.detach(|| prepared.decide(from..to, threads));
            outcomes.extend(some);
            findings = findings.merge(found);
            py.check_signals()?;
            if let Some(progress) = progress {
                progress.call1((to, all))?;
            }
        }
        refuse(py, findings, Some(stop), names)?;
        Ok(outcomes)
    })?;
    let answer = PyDict::new(py);
    let long: [Field<i64>; 4] =
        [("npi", |o| o.npi), ("tin", |o| o.tin), ("entity", |o| o.entity), ("entities", |o| o.entities)];
    for (name, column) in long {
        answer.set_item(name, PyArray1::from_iter(py, outcomes.iter().map(column)))?;
    }
    let bytes: [Field<u8>; 8] = [
        ("status", |o| o.status),
        ("level", |o| o.level),
        ("snapshot", |o| o.snapshot),
        ("basis", |o| o.basis),
        ("method", |o| o.method),
        ("option", |o| o.option),
        ("mips", |o| o.mips),
        ("reason", |o| o.reason),
    ];
    for (name, column) in bytes {
        answer.set_item(name, PyArray1::from_iter(py, outcomes.iter().map(column)))?;
    }
    Ok(answer)
}

/// A column of outcomes, and where it stands in one.
type Field<T> = (&'static str, fn(&Outcome) -> T);

/// Parts after each of which progress is told.
const SLABS: usize = 50;
const SMALLEST_SLAB: usize = 1 << 15;

/// Columns of the roster that hold facts of entities.
const FACTS: std::ops::RangeInclusive<u8> = 6..=9;

/// Raises what was found; always where there is no choice.
fn refuse(
    py: Python<'_>,
    findings: Findings,
    stop: Option<bool>,
    names: Option<&Bound<'_, PyDict>>,
) -> PyResult<()> {
    // Columns came in as codes; of some a value can be told.
    let told = |at: usize| matches!(at, 0 | 3 | 6..=8).then(|| PyColumn::constant([0], ROWS, Conversion::Whole));
    let held: [Option<PyColumn>; reason::COLUMNS.len()] = std::array::from_fn(told);
    let columns = &reason::COLUMNS;
    match stop {
        None => super::call::refuse_always(py, findings, &held, columns, names, reason::describe, shown),
        Some(stop) => super::call::refuse(py, findings, stop, &held, columns, names, reason::describe, shown),
    }
}

/// Rows that a roster has at most.
const ROWS: usize = u32::MAX as usize;

fn shown(finding: &Finding) -> String {
    if finding.column == 0 && finding.value == UNREADABLE {
        return "not ten digits".to_owned();
    }
    let day = (finding.column != 0).then(|| Date::from_yyyymmdd(finding.value)).flatten();
    day.map_or_else(|| finding.value.to_string(), |day| day.to_string())
}

/// Steps of one clinician, at one TIN where one is given.
#[pyfunction]
#[allow(clippy::too_many_arguments, clippy::needless_pass_by_value)] // a Python signature
pub(super) fn clinician_explain<'py>(
    py: Python<'py>,
    given: &Bound<'py, PyDict>,
    performance_year: i64,
    rules: &Bound<'py, RuleBook>,
    as_of: Option<&Bound<'py, PyAny>>,
    proposed: bool,
    npi: i64,
    tin: Option<i64>,
    entities: Vec<String>,
) -> PyResult<Bound<'py, PyList>> {
    let as_of = as_of_of(py, as_of, proposed)?;
    let terms = terms(py, rules, performance_year, as_of)?;
    let book = &rules.get().book;
    let told = Coded::new(given)?
        .prepared(py, &terms, None, |prepared, _| Ok(explain(prepared, (book, as_of), npi, tin, &entities)))?;
    steps(py, book, told)
}

/// The first made-up NPIs from this number on, with their check digits.
#[pyfunction]
pub(super) fn made_npis<'py>(
    py: Python<'py>,
    first: i64,
    count: i64,
    performance_year: i64,
    rules: &Bound<'py, RuleBook>,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    let prefix = terms(py, rules, performance_year, AsOf::default())?.npi_prefix;
    Ok(PyArray1::from_iter(py, (first..first + count).filter_map(|number| npi::nth(number, prefix))))
}

/// Whether each number is an NPI.
#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // a Python signature
pub(super) fn are_npis<'py>(
    py: Python<'py>,
    npis: PyReadonlyArray1<'py, i64>,
    performance_year: i64,
    rules: &Bound<'py, RuleBook>,
) -> PyResult<Bound<'py, PyArray1<bool>>> {
    let prefix = terms(py, rules, performance_year, AsOf::default())?.npi_prefix;
    let npis = npis.as_slice()?;
    Ok(PyArray1::from_iter(py, npis.iter().map(|npi| npi::is_valid(*npi, prefix))))
}
