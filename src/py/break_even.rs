//! `break_even` over arrays, and the explanation of one row.

use super::call::{Lent, Wanted, columns, money, raises, refuse_at, threads};
use super::errors::raise;
use super::explain::steps;
use super::rules::{RuleBook, as_of_of, book_of};
use super::settle::{parts, remedy, shown};
use crate::core::error::Error;
use crate::core::kernel::{Column, Conversion, Finding};
use crate::core::reference;
use crate::core::settle::Row;
use crate::core::settle::break_even::{self as engine, Found};
use crate::core::settle::break_even_run::{COLUMNS, Inputs, Outputs, TARGET_EARNED, run};
use crate::core::settle::reason::column;
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

const OUTPUTS: [&str; 5] = ["break_even", "break_even_rate", "marginal_rate", "segment", "reason"];

/// Find the expenditures at which shared savings and losses break even, over numpy arrays.
///
/// Parameters
/// ----------
/// benchmark : array
///     Shape (n,), in the unit that `money` says.
/// beneficiaries : array or None
///     Assigned beneficiaries, a head count; None for a program that asks for none.
/// track : array
///     Codes from `sharedsavings.arrays.track_codes`.
/// performance_year : array or int
/// target_earned : array or number
///     What must be earned at least, in the unit that `money` says; below zero for an amount owed. None is 0.
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
///     As for `sharedsavings.break_even`.
/// money, outputs, out, names, positions
///     As for `sharedsavings.arrays.settle`; `outputs` are all where None.
///
/// Returns
/// -------
/// dict of str to ndarray
///     `break_even` int64 cents (null reads `NULL_CENTS`), `break_even_rate` and `marginal_rate` float64 (null reads
///     NaN), `segment` uint8 (see `BREAK_EVEN_SEGMENTS`), `reason` uint8 (see `BREAK_EVEN_REASONS`).
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
/// >>> one = arrays.break_even(np.array([500e6]), np.array([60_000]), np.array([arrays.track_codes()["B"]]), 2023,
/// ...                         target_earned=5_096_000, quality_standard_met=True, money="dollars")
/// >>> int(one["break_even"][0])
/// 48700000001
#[pyfunction]
#[pyo3(signature = (benchmark, beneficiaries, track, performance_year, *, target_earned=None, quality_score=None,
    quality_standard_met=None, alternative_standard_met=None, elected_rate=None, participant_revenue=None,
    low_revenue=None, agreement_start=None, disaster_relief=None, guardrail=None, half_year=None,
    termination_date=None, terminated_by_cms=None, disaster_month_share=None, disaster_beneficiary_share=None,
    payment_date=None, two_sided_year=None, small_benchmark_year=None, advance_balance=None,
    discount=None, elected_cap=None, benchmark_final=None, benchmark_bonus=None, geographic_factor=None,
    payment_adjustment=None, program="mssp", money="cents",
    as_of=None, proposed=false, rules=None, threads=None, invalid="raise", outputs=None, out=None, names=None,
    positions=None))]
#[allow(clippy::too_many_arguments, clippy::too_many_lines, clippy::doc_markdown, clippy::doc_link_with_quotes)] // a Python signature and docstring
pub(super) fn break_even<'py>(
    py: Python<'py>,
    benchmark: &Bound<'py, PyAny>,
    beneficiaries: Option<&Bound<'py, PyAny>>,
    track: &Bound<'py, PyAny>,
    performance_year: &Bound<'py, PyAny>,
    target_earned: Option<&Bound<'py, PyAny>>,
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
    let nothing = 0_i64.into_pyobject(py)?.into_any();
    let given = [
        Some(benchmark),
        Some(target_earned.unwrap_or(&nothing)),
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
    let wanted = Wanted::new(outputs, out, &OUTPUTS, &OUTPUTS)?;
    let [of_amount, of_rate, of_marginal, of_segment, of_reason] = OUTPUTS;
    let mut amount = Lent::new(py, of_amount, rows, &wanted, &held)?;
    let mut rate = Lent::new(py, of_rate, rows, &wanted, &held)?;
    let mut marginal = Lent::new(py, of_marginal, rows, &wanted, &held)?;
    let mut segment = Lent::new(py, of_segment, rows, &wanted, &held)?;
    let mut reasons = Lent::new(py, of_reason, rows, &wanted, &held)?;
    let findings = {
        let outputs = Outputs {
            break_even: amount.slice()?,
            break_even_rate: rate.slice()?,
            marginal_rate: marginal.slice()?,
            segment: segment.slice()?,
            reason: reasons.slice()?,
        };
        let inputs = Inputs { columns: held.each_ref().map(|c| c.as_ref().map(|c| c as &dyn Column)) };
        py.detach(|| run(&plan, &inputs, outputs, threads)).map_err(|e| raise(py, e))?
    };
    let parts = parts(py, book.get(), program, as_of)?;
    let told = |found: &Finding| remedy(found, &parts, &held);
    refuse_at(py, findings, stop, &held, &COLUMNS, names, positions, told, |f| {
        shown(f, &plan.arrangements, &conversions)
    })?;
    let answer = PyDict::new(py);
    amount.put(&answer, of_amount)?;
    rate.put(&answer, of_rate)?;
    marginal.put(&answer, of_marginal)?;
    segment.put(&answer, of_segment)?;
    reasons.put(&answer, of_reason)?;
    Ok(answer)
}

/// Steps of one break-even. Values are integers as the core reads them, in the order of the columns.
#[pyfunction]
#[allow(clippy::large_types_passed_by_value)] // pyo3 extracts owned values
pub(super) fn break_even_explain<'py>(
    py: Python<'py>,
    program: &str,
    values: [Option<i64>; COLUMNS.len()],
    rules: &Bound<'py, RuleBook>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<Bound<'py, PyList>> {
    let book = &rules.get().book;
    let as_of = as_of_of(py, as_of, proposed)?;
    let plan = rules.get().settle_plan(py, program, as_of)?;
    let unknown = || raise(py, Error::NotModelled("this row has no break-even: see its reason".into()));
    let code = values[column::TRACK].and_then(|v| usize::try_from(v).ok()).ok_or_else(unknown)?;
    let number = values[column::PERFORMANCE_YEAR].ok_or_else(unknown)?;
    let year = plan.year(number).ok_or_else(unknown)?;
    let terms = year.terms.get(code).and_then(Option::as_ref).ok_or_else(unknown)?;
    let arrangement = plan.arrangements.get(code).ok_or_else(unknown)?;
    let mut all = values;
    let target = all[TARGET_EARNED].replace(0).ok_or_else(unknown)?;
    let row = Row::from_values(&all).filter(|row| row.benchmark > 0).ok_or_else(unknown)?;
    let Ok(Found::At(found)) = engine::break_even(year, terms, &row, target) else { return Err(unknown()) };
    let mut trace = reference::Trace::default();
    reference::break_even::explain(book, as_of, (program, arrangement, number), &row, target, &found, &mut trace)
        .map_err(|e| raise(py, e))?;
    steps(py, book, trace.into_steps())
}
