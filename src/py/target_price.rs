//! Target prices over arrays, sums by entity, and the explanation of a row.

use super::call::{columns, columns_of, refuse, shown, threads};
use super::errors::raise;
use super::explain::steps;
use super::rules::{RuleBook, as_of_of};
use crate::core::error::InputError;
use crate::core::kernel::Column;
use crate::core::reference;
use crate::core::settle::NULL_CENTS;
use crate::core::target_price as engine;
use crate::core::target_price::{
    COLUMNS, EPISODE_CATEGORY, Inputs, KINDS, N, Outputs, PERFORMANCE_YEAR, TargetPlan,
};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

fn plan(
    py: Python<'_>,
    program: &str,
    rules: &Bound<'_, RuleBook>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<TargetPlan> {
    TargetPlan::new(&rules.get().book, program, as_of_of(py, as_of, proposed)?).map_err(|e| raise(py, e))
}

fn rows_of(columns: &[Option<&dyn Column>]) -> usize {
    columns.iter().flatten().map(|column| column.rows()).max().unwrap_or(0)
}

/// Target prices and benchmarks of every row in cents, discounts, and reason codes.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a Python signature
pub(super) fn target_prices<'py>(
    py: Python<'py>,
    program: &str,
    given: &Bound<'py, PyDict>,
    rules: &Bound<'py, RuleBook>,
    as_of: Option<&Bound<'py, PyAny>>,
    proposed: bool,
    threads: Option<i64>,
    stop: bool,
    names: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyDict>> {
    let plan = plan(py, program, rules, as_of, proposed)?;
    let threads = self::threads(threads)?;
    let conversions = KINDS.map(engine::Kind::conversion);
    let held = columns_of(given, COLUMNS, conversions, names)?;
    let inputs = Inputs { columns: held.each_ref().map(|c| c.as_ref().map(|c| c as &dyn Column)) };
    let rows = rows_of(&inputs.columns);
    let (mut price, mut benchmark) = (vec![NULL_CENTS; rows], vec![NULL_CENTS; rows]);
    let (mut discount, mut quality, mut reason) = (vec![f64::NAN; rows], vec![f64::NAN; rows], vec![0; rows]);
    let outputs = Outputs {
        target_price: Some(&mut price),
        benchmark: Some(&mut benchmark),
        discount: Some(&mut discount),
        quality_score: Some(&mut quality),
        reason: Some(&mut reason),
    };
    let findings = py.detach(|| engine::run(&plan, &inputs, outputs, threads)).map_err(|e| raise(py, e))?;
    refuse(py, findings, stop, &held, &COLUMNS, names, engine::reason::describe, |f| {
        let named = usize::try_from(f.value).ok().and_then(|code| plan.categories.get(code));
        match named {
            Some(name) if usize::from(f.column) == EPISODE_CATEGORY => name.clone(),
            _ => shown(f.value, conversions[usize::from(f.column)]),
        }
    })?;
    let answer = PyDict::new(py);
    answer.set_item("target_price", PyArray1::from_vec(py, price))?;
    answer.set_item("benchmark", PyArray1::from_vec(py, benchmark))?;
    answer.set_item("discount", PyArray1::from_vec(py, discount))?;
    answer.set_item("quality_score", PyArray1::from_vec(py, quality))?;
    answer.set_item("reason", PyArray1::from_vec(py, reason))?;
    Ok(answer)
}

/// Codes of episode categories, or None; all categories; whether entities of these years have a discount of their own;
/// and what a reader must be told.
#[pyfunction]
#[allow(clippy::needless_pass_by_value, clippy::type_complexity)] // pyo3 extracts owned values
pub(super) fn target_plan(
    py: Python<'_>,
    program: &str,
    categories: Vec<String>,
    years: Vec<i64>,
    rules: &Bound<'_, RuleBook>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<(Vec<Option<usize>>, Vec<String>, bool, Vec<String>)> {
    let plan = plan(py, program, rules, as_of, proposed)?;
    let codes = categories.iter().map(|name| plan.code(name)).collect();
    Ok((codes, plan.categories.clone(), plan.gives_discount(&years), plan.warnings(&years)))
}

/// Steps of one row. Values are integers as the core reads them, in the order of the columns; `present` says which
/// columns there are.
#[pyfunction]
#[allow(clippy::too_many_arguments, clippy::large_types_passed_by_value)] // pyo3 extracts owned values
pub(super) fn target_explain<'py>(
    py: Python<'py>,
    program: &str,
    values: [Option<i64>; N],
    present: [bool; N],
    rules: &Bound<'py, RuleBook>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<Bound<'py, PyList>> {
    let plan = plan(py, program, rules, as_of, proposed)?;
    let category = values[EPISODE_CATEGORY].and_then(|code| usize::try_from(code).ok());
    let category = category.and_then(|code| plan.categories.get(code)).map(String::as_str);
    let book = &rules.get().book;
    let mut trace = reference::Trace::default();
    let at = (program, values[PERFORMANCE_YEAR].unwrap_or(0), category);
    reference::target_price::price(book, as_of_of(py, as_of, proposed)?, at, &values, &present, &mut trace)
        .map_err(|e| raise(py, e))?;
    steps(py, book, trace.into_steps())
}

/// Sums of cents by entity; null where a row of the entity is null.
#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // pyo3 extracts the borrow
pub(super) fn entity_totals<'py>(
    py: Python<'py>,
    entity: PyReadonlyArray1<'py, i64>,
    entities: usize,
    amounts: &Bound<'py, PyAny>,
    money: &str,
    name: &str,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    let conversion = super::call::money(money)?;
    let [held] = columns(py, [Some(amounts)], [name], [conversion], None)?;
    let cents = match held {
        None => Vec::new(),
        Some(column) => {
            let (mut cents, mut flags) = (vec![0; column.rows()], vec![0; column.rows()]);
            if column.gather(0..column.rows(), &mut cents, &mut flags) {
                for (row, (value, flag)) in cents.iter_mut().zip(&flags).enumerate() {
                    if *flag & !crate::core::kernel::MISSING != 0 {
                        let remedy = "Give finite dollars, and null for what is missing";
                        let value = column.unreadable(row).unwrap_or_default();
                        let error = InputError::rows(name, "no amount of dollars", 1, row, value, remedy);
                        return Err(raise(py, error.into()));
                    }
                    if *flag != 0 {
                        *value = NULL_CENTS;
                    }
                }
            }
            cents
        }
    };
    let places: Vec<usize> =
        entity.as_slice()?.iter().map(|at| usize::try_from(*at).unwrap_or(usize::MAX)).collect();
    Ok(PyArray1::from_vec(py, engine::totals(&places, entities, &cents)))
}
