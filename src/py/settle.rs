//! `settle` over arrays, track codes, and the explanation of one row.

use super::buffers::PyColumn;
use super::call::{Lent, Wanted, columns, money, raises, refuse_at, threads};
use super::errors::raise;
use super::explain::steps;
use super::qp::distinct;
use super::rules::{RuleBook, as_of_of, book_of};
use crate::core::error::Error;
use crate::core::kernel::{Column, Conversion, Finding};
use crate::core::programs;
use crate::core::programs::in_words;
use crate::core::reference;
use crate::core::rulebook::AsOf;
use crate::core::settle as engine;
use crate::core::settle::reason::{self, COLUMNS, column};
use crate::core::settle::{Inputs, Outputs, Row};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use std::sync::Arc;

/// Outputs that are amounts, then those that are rates.
const AMOUNTS: usize = 9;
const RATES: usize = 5;

const OUTPUTS: [&str; AMOUNTS + RATES + 1] = [
    "target",
    "savings",
    "generated",
    "payment_limit",
    "loss_limit",
    "sequestered",
    "earned",
    "advance_recouped",
    "advance_outstanding",
    "savings_rate",
    "minimum_savings_rate",
    "minimum_loss_rate",
    "sharing_rate",
    "loss_rate",
    "reason",
];

/// Settle shared savings and losses over numpy arrays: the Shared Savings Program (42 CFR 425.604 to 425.610), and
/// any other program of the rule book.
///
/// Parameters
/// ----------
/// benchmark, expenditures : array
///     Shape (n,), in the unit that `money` says.
/// beneficiaries : array or None
///     Assigned beneficiaries, a head count; None for a program that asks for none.
/// track : array
///     Codes from `sharedsavings.arrays.track_codes`.
/// performance_year : array or int
/// quality_score, elected_rate, disaster_month_share, disaster_beneficiary_share, discount, elected_cap : array, optional
///     Shares of one.
/// geographic_factor : array, optional
///     Multiplies what is shared or owed.
/// quality_standard_met, alternative_standard_met, low_revenue, guardrail, half_year, terminated_by_cms, \
/// small_benchmark_year, benchmark_final : array, optional
///     Truth values.
/// participant_revenue, disaster_relief, advance_balance, benchmark_bonus, payment_adjustment : array, optional
///     In the unit that `money` says.
/// agreement_start, termination_date, payment_date : array, optional
///     yyyymmdd; for the start of an agreement also the year of a 1 January start.
/// two_sided_year : array, optional
///     From 1.
/// program, as_of, proposed, rules, threads, invalid
///     As for `sharedsavings.settle`.
/// money, outputs, out, names
///     As for `sharedsavings.arrays.qp_status`; `outputs` are `savings`, `savings_rate`, `generated` and `earned`
///     where None.
/// positions : array, optional
///     Number of each row as messages tell it, where the rows are some of a larger frame.
///
/// Returns
/// -------
/// dict of str to ndarray
///     Amounts int64 cents (null reads `NULL_CENTS`), rates float64 (null reads NaN), `reason` uint8 (see
///     `SETTLE_REASONS`).
///
/// Raises
/// ------
/// InputError
///     Where arrays are missing, of the wrong type or length, or hold invalid rows.
///
/// Examples
/// --------
/// >>> import numpy as np
/// >>> from sharedsavings import arrays
/// >>> one = arrays.settle(np.array([500e6]), np.array([487e6]), np.array([60_000]), np.array([1]), 2023,
/// ...                     quality_standard_met=True, money="dollars")
/// >>> int(one["earned"][0])
/// 509600000
#[pyfunction]
#[pyo3(signature = (benchmark, expenditures, beneficiaries, track, performance_year, *, quality_score=None,
    quality_standard_met=None, alternative_standard_met=None, elected_rate=None, participant_revenue=None,
    low_revenue=None, agreement_start=None, disaster_relief=None, guardrail=None, half_year=None,
    termination_date=None, terminated_by_cms=None, disaster_month_share=None, disaster_beneficiary_share=None,
    payment_date=None, two_sided_year=None, small_benchmark_year=None, advance_balance=None,
    discount=None, elected_cap=None, benchmark_final=None, benchmark_bonus=None, geographic_factor=None, payment_adjustment=None,
    program="mssp", money="cents",
    as_of=None, proposed=false, rules=None, threads=None, invalid="raise", outputs=None, out=None, names=None, positions=None))]
#[allow(clippy::too_many_arguments, clippy::too_many_lines, clippy::doc_markdown, clippy::doc_link_with_quotes)] // a Python signature and docstring
pub(super) fn settle<'py>(
    py: Python<'py>,
    benchmark: &Bound<'py, PyAny>,
    expenditures: &Bound<'py, PyAny>,
    beneficiaries: Option<&Bound<'py, PyAny>>,
    track: &Bound<'py, PyAny>,
    performance_year: &Bound<'py, PyAny>,
    quality_score: Option<&Bound<'py, PyAny>>,
    quality_standard_met: Option<&Bound<'py, PyAny>>,
    alternative_standard_met: Option<&Bound<'py, PyAny>>,
    elected_rate: Option<&Bound<'py, PyAny>>,
    participant_revenue: Option<&Bound<'py, PyAny>>,
    low_revenue: Option<&Bound<'py, PyAny>>,
    agreement_start: Option<&Bound<'py, PyAny>>,
    disaster_relief: Option<&Bound<'py, PyAny>>,
    guardrail: Option<&Bound<'py, PyAny>>,
    half_year: Option<&Bound<'py, PyAny>>,
    termination_date: Option<&Bound<'py, PyAny>>,
    terminated_by_cms: Option<&Bound<'py, PyAny>>,
    disaster_month_share: Option<&Bound<'py, PyAny>>,
    disaster_beneficiary_share: Option<&Bound<'py, PyAny>>,
    payment_date: Option<&Bound<'py, PyAny>>,
    two_sided_year: Option<&Bound<'py, PyAny>>,
    small_benchmark_year: Option<&Bound<'py, PyAny>>,
    advance_balance: Option<&Bound<'py, PyAny>>,
    discount: Option<&Bound<'py, PyAny>>,
    elected_cap: Option<&Bound<'py, PyAny>>,
    benchmark_final: Option<&Bound<'py, PyAny>>,
    benchmark_bonus: Option<&Bound<'py, PyAny>>,
    geographic_factor: Option<&Bound<'py, PyAny>>,
    payment_adjustment: Option<&Bound<'py, PyAny>>,
    program: &str,
    money: &str,
    as_of: Option<&Bound<'py, PyAny>>,
    proposed: bool,
    rules: Option<&Bound<'py, PyAny>>,
    threads: Option<i64>,
    invalid: &str,
    outputs: Option<Vec<String>>,
    out: Option<&Bound<'py, PyDict>>,
    names: Option<&Bound<'py, PyDict>>,
    positions: Option<PyReadonlyArray1<'py, i64>>,
) -> PyResult<Bound<'py, PyDict>> {
    let stop = raises(invalid)?;
    let threads = self::threads(threads)?;
    let book = book_of(py, rules)?;
    let as_of = as_of_of(py, as_of, proposed)?;
    let plan = book.get().settle_plan(py, program, as_of)?;
    let (m, w, s) = (self::money(money)?, Conversion::Whole, Conversion::Share);
    let given = [
        Some(benchmark),
        Some(expenditures),
        beneficiaries,
        Some(track),
        Some(performance_year),
        quality_score,
        quality_standard_met,
        alternative_standard_met,
        elected_rate,
        participant_revenue,
        low_revenue,
        agreement_start,
        disaster_relief,
        guardrail,
        half_year,
        termination_date,
        terminated_by_cms,
        disaster_month_share,
        disaster_beneficiary_share,
        payment_date,
        two_sided_year,
        small_benchmark_year,
        advance_balance,
        discount,
        elected_cap,
        benchmark_final,
        benchmark_bonus,
        geographic_factor,
        payment_adjustment,
    ];
    let conversions = [m, m, w, w, w, s, w, w, s, m, w, w, m, w, w, w, w, s, s, w, w, w, m, s, s, w, m, s, m];
    let held = columns(py, given, COLUMNS, conversions, names)?;
    let rows = held.iter().flatten().map(Column::rows).max().unwrap_or(0);
    let default = ["savings", "savings_rate", "generated", "earned"];
    let wanted = Wanted::new(outputs, out, &default, &OUTPUTS)?;
    let (of_amounts, rest) = OUTPUTS.split_at(AMOUNTS);
    let (of_rates, of_reason) = rest.split_at(RATES);
    let mut amounts = [const { Lent::No }; AMOUNTS];
    for (lent, name) in amounts.iter_mut().zip(of_amounts) {
        *lent = Lent::new(py, name, rows, &wanted, &held)?;
    }
    let mut rates = [const { Lent::No }; RATES];
    for (lent, name) in rates.iter_mut().zip(of_rates) {
        *lent = Lent::new(py, name, rows, &wanted, &held)?;
    }
    let mut reasons = Lent::new(py, of_reason[0], rows, &wanted, &held)?;
    let findings = {
        let [
            target,
            savings,
            generated,
            payment_limit,
            loss_limit,
            sequestered,
            earned,
            advance_recouped,
            advance_outstanding,
        ] = &mut amounts;
        let [savings_rate, minimum_savings_rate, minimum_loss_rate, sharing_rate, loss_rate] = &mut rates;
        let outputs = Outputs {
            target: target.slice()?,
            savings: savings.slice()?,
            savings_rate: savings_rate.slice()?,
            minimum_savings_rate: minimum_savings_rate.slice()?,
            minimum_loss_rate: minimum_loss_rate.slice()?,
            generated: generated.slice()?,
            sharing_rate: sharing_rate.slice()?,
            loss_rate: loss_rate.slice()?,
            payment_limit: payment_limit.slice()?,
            loss_limit: loss_limit.slice()?,
            sequestered: sequestered.slice()?,
            earned: earned.slice()?,
            advance_recouped: advance_recouped.slice()?,
            advance_outstanding: advance_outstanding.slice()?,
            reason: reasons.slice()?,
        };
        let inputs = Inputs { columns: held.each_ref().map(|c| c.as_ref().map(|c| c as &dyn Column)) };
        py.detach(|| engine::run(&plan, &inputs, outputs, threads)).map_err(|e| raise(py, e))?
    };
    let parts = parts(py, book.get(), program, as_of)?;
    let told = |found: &Finding| remedy(found, &parts, &held);
    refuse_at(py, findings, stop, &held, &COLUMNS, names, positions, told, |f| {
        shown(f, &plan.arrangements, &conversions)
    })?;
    let answer = PyDict::new(py);
    for (name, lent) in of_amounts.iter().zip(amounts) {
        lent.put(&answer, name)?;
    }
    for (name, lent) in of_rates.iter().zip(rates) {
        lent.put(&answer, name)?;
    }
    reasons.put(&answer, of_reason[0])?;
    Ok(answer)
}

/// The programs of a call, each with the code of its first arrangement.
pub(super) fn parts(
    py: Python<'_>,
    book: &RuleBook,
    programs: &str,
    as_of: AsOf,
) -> PyResult<Vec<(usize, Arc<engine::Plan>)>> {
    let mut start = 0;
    let part = |program| {
        let plan = book.settle_plan(py, program, as_of)?;
        start += plan.arrangements.len();
        Ok((start - plan.arrangements.len(), plan))
    };
    programs.split(',').map(part).collect()
}

/// What is wrong with the first row of a finding and what to do; of years and arrangements, which there are.
pub(super) fn remedy(
    found: &Finding,
    parts: &[(usize, Arc<engine::Plan>)],
    held: &[Option<PyColumn>],
) -> (&'static str, String) {
    let (problem, remedy) = reason::describe(found.reason);
    let unknown = [reason::UNKNOWN_TRACK, reason::UNKNOWN_YEAR].contains(&found.reason);
    let value = |at: usize| {
        let (mut value, mut flags) = ([0], [0]);
        held[at].as_ref()?.gather(found.first_row..found.first_row + 1, &mut value, &mut flags);
        (flags[0] == 0).then_some(value[0])
    };
    let code = value(column::TRACK).and_then(|code| usize::try_from(code).ok());
    let part = code.and_then(|code| parts.iter().rfind(|(start, _)| *start <= code)).or(parts.first());
    let Some((_, plan)) = part.filter(|_| unknown) else { return (problem, remedy.to_owned()) };
    let program = &plan.program;
    let of_year = value(column::PERFORMANCE_YEAR).and_then(|year| Some((year, plan.year(year)?)));
    let has = match of_year {
        Some((number, year)) => {
            let ran = plan.arrangements.iter().zip(&year.terms).filter(|(_, terms)| terms.is_some());
            let names: Vec<&str> = ran.map(|(name, _)| name.as_str()).collect();
            format!("{program} has {} in {number}", names.join(", "))
        }
        None => format!("{program} has years {}", in_words(plan.span())),
    };
    (problem, has)
}

/// The value of a finding as an error message shows it: tracks by name.
pub(super) fn shown(found: &Finding, arrangements: &[String], conversions: &[Conversion]) -> String {
    let at = usize::from(found.column);
    let named = usize::try_from(found.value).ok().and_then(|code| arrangements.get(code));
    match named {
        Some(name) if at == column::TRACK => name.clone(),
        _ => super::call::shown(found.value, conversions[at]),
    }
}

/// Code of a track under any accepted spelling, or None; and, without a spelling, all names in order of code.
#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // pyo3 extracts owned values
pub(super) fn track_codes(
    py: Python<'_>,
    program: &str,
    spellings: Vec<String>,
    rules: &Bound<'_, RuleBook>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<(Vec<Option<usize>>, Vec<String>)> {
    let plan = rules.get().settle_plan(py, program, as_of_of(py, as_of, proposed)?)?;
    Ok((spellings.iter().map(|s| plan.code(s)).collect(), plan.arrangements.clone()))
}

/// A program's own name for any name of it.
#[pyfunction]
pub(super) fn program_name(
    py: Python<'_>,
    program: &str,
    rules: &Bound<'_, RuleBook>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<String> {
    Ok(programs::canonical(&rules.get().book, program, as_of_of(py, as_of, proposed)?))
}

/// What settles a program, by its own name: `shared_savings` or `fees`; None where there is no such program.
#[pyfunction]
pub(super) fn program_family(
    py: Python<'_>,
    program: &str,
    rules: &Bound<'_, RuleBook>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<Option<&'static str>> {
    Ok(programs::family(&rules.get().book, program, as_of_of(py, as_of, proposed)?).map(programs::Family::word))
}

/// What a reader of results for these performance years and tracks must be told.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a Python signature
pub(super) fn settle_warnings(
    py: Python<'_>,
    program: &str,
    performance_year: &Bound<'_, PyAny>,
    track: &Bound<'_, PyAny>,
    terminated: bool,
    rules: &Bound<'_, RuleBook>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<Vec<String>> {
    let plan = rules.get().settle_plan(py, program, as_of_of(py, as_of, proposed)?)?;
    Ok(plan.warnings(&distinct(["performance_year", "track"], [performance_year, track])?, terminated))
}

/// Columns that no arrangement of a program reads in any year.
#[pyfunction]
pub(super) fn settle_unread(
    py: Python<'_>,
    program: &str,
    rules: &Bound<'_, RuleBook>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<Vec<&'static str>> {
    let plan = rules.get().settle_plan(py, program, as_of_of(py, as_of, proposed)?)?;
    Ok(crate::core::settle::unread(&plan))
}

/// Steps of one settlement. Values are integers as the core reads them, in the order of the columns.
#[pyfunction]
#[allow(clippy::large_types_passed_by_value)] // pyo3 extracts owned values
pub(super) fn settle_explain<'py>(
    py: Python<'py>,
    program: &str,
    values: [Option<i64>; COLUMNS.len()],
    rules: &Bound<'py, RuleBook>,
    as_of: Option<&Bound<'py, PyAny>>,
    proposed: bool,
) -> PyResult<Bound<'py, PyList>> {
    let book = &rules.get().book;
    let as_of = as_of_of(py, as_of, proposed)?;
    let plan = rules.get().settle_plan(py, program, as_of)?;
    let unknown = || raise(py, Error::NotModelled("this row has no settlement: see its reason".into()));
    let arrangement = values[column::TRACK]
        .and_then(|v| usize::try_from(v).ok())
        .and_then(|i| plan.arrangements.get(i))
        .ok_or_else(unknown)?;
    let year = values[column::PERFORMANCE_YEAR].ok_or_else(unknown)?;
    let row = Row::from_values(&values).filter(|row| row.benchmark > 0).ok_or_else(unknown)?;
    let mut trace = reference::Trace::default();
    reference::settle::settle(book, as_of, (&plan.program, arrangement, year), &row, &mut trace)
        .map_err(|e| raise(py, e))?;
    steps(py, book, trace.into_steps())
}
