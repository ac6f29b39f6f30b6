//! Verbs that decide one row at a time by year: their columns as data, their results over arrays, explanations.

use super::buffers::{PyColumn, scalar};
use super::call::{name_of, refuse, shown};
use super::errors::raise;
use super::explain::steps;
use super::rules::{RuleBook, as_of_of};
use crate::core::error::{Error, InputError};
use crate::core::incentive::{Incentive, conversion_factor::ConversionFactors};
use crate::core::kernel::{Column, Conversion};
use crate::core::mips::Mips;
use crate::core::reference::Trace;
use crate::core::rows::{Field, Given, Holds, Verb, reason};
use crate::core::rulebook::sentences;
use crate::core::value_of_status::ValueOfStatus;
use numpy::PyArray1;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// Columns of a call in the order of the fields: arrays as they are, numbers repeated.
pub(super) fn held(
    fields: &[Field],
    given: &Bound<'_, PyDict>,
    names: Option<&Bound<'_, PyDict>>,
) -> PyResult<Vec<Option<PyColumn>>> {
    let py = given.py();
    let mut out = Vec::with_capacity(fields.len());
    let mut single = Vec::new();
    let mut rows = None;
    for field in fields {
        let Some(value) = given.get_item(field.name)? else {
            out.push(None);
            continue;
        };
        if let Some(number) = scalar(&value, field.how)? {
            single.push((out.len(), number));
            out.push(None);
        } else {
            let column = PyColumn::new(&name_of(names, field.name), &value, field.how)?;
            rows = rows.max(Some(column.rows()));
            out.push(Some(column));
        }
    }
    let Some(rows) = rows else {
        let remedy = "Give the columns that the verb reads";
        return Err(raise(py, InputError::column(fields[0].name, "no column is given", remedy).into()));
    };
    for (at, number) in single {
        // The number is already as the core reads it.
        out[at] = Some(PyColumn::constant(number, rows, Conversion::Whole));
    }
    Ok(out)
}

/// The columns as the core gathers them.
pub(super) fn gathered(py: Python<'_>, fields: &'static [Field], held: &[Option<PyColumn>]) -> PyResult<Given> {
    let columns: Vec<Option<&dyn Column>> = held.iter().map(|c| c.as_ref().map(|c| c as &dyn Column)).collect();
    Given::gather(fields, &columns).map_err(|e| raise(py, e))
}

/// A value as an error message shows it.
pub(super) fn show(field: &Field, value: i64) -> String {
    let word = usize::try_from(value).ok().and_then(|at| field.words.get(at));
    word.map_or_else(|| shown(value, field.how), |word| (*word).to_owned())
}

/// What every call of such a verb is made of.
struct Call<'a, 'py> {
    given: &'a Bound<'py, PyDict>,
    rules: &'a Bound<'py, RuleBook>,
    as_of: Option<&'a Bound<'py, PyAny>>,
    proposed: bool,
    stop: bool,
    names: Option<&'a Bound<'py, PyDict>>,
}

fn run<'py, V: Verb>(py: Python<'py>, call: &Call<'_, 'py>) -> PyResult<Bound<'py, PyDict>> {
    let held = held(V::FIELDS, call.given, call.names)?;
    let given = gathered(py, V::FIELDS, &held)?;
    let as_of = as_of_of(py, call.as_of, call.proposed)?;
    let verb = V::plan(&call.rules.get().book, as_of, &given.years()).map_err(|e| raise(py, e))?;
    let (out, findings) = given.run(&verb);
    let columns: Vec<&str> = V::FIELDS.iter().map(|field| field.name).collect();
    let told = |f: &crate::core::kernel::Finding| show(&V::FIELDS[usize::from(f.column)], f.value);
    let not_modelled = findings.clone().sorted().first().is_some_and(|f| V::not_modelled(f.reason));
    let refused = refuse(py, findings, call.stop, &held, &columns, call.names, reason::describe::<V>, told);
    // What is not in the rule book is another exception than what is wrong with the input.
    match refused {
        Err(error) if not_modelled => return Err(raise(py, Error::NotModelled(error.value(py).to_string()))),
        other => other?,
    }
    let answer = PyDict::new(py);
    for ((name, holds), values) in V::RESULTS.iter().zip(out.results) {
        if matches!(holds, Holds::Words(_)) {
            let codes = values.into_iter().map(|code| u8::try_from(code).unwrap_or(u8::MAX));
            answer.set_item(name, PyArray1::from_iter(py, codes))?;
        } else {
            answer.set_item(name, PyArray1::from_vec(py, values))?;
        }
    }
    answer.set_item("reason", PyArray1::from_vec(py, out.reason))?;
    answer.set_item("warnings", sentences(&verb.told()))?;
    Ok(answer)
}

fn explain<'py, V: Verb>(
    py: Python<'py>,
    values: &[Option<i64>],
    rules: &Bound<'py, RuleBook>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<Bound<'py, PyList>> {
    let book = &rules.get().book;
    let mut trace = Trace::default();
    V::explain(book, as_of_of(py, as_of, proposed)?, values, &mut trace).map_err(|e| raise(py, e))?;
    steps(py, book, trace.into_steps())
}

/// Name, unit and words of a column.
pub(super) type Described = (&'static str, &'static str, Vec<&'static str>);
type DescribedVerb = (Vec<Described>, Vec<Described>, Vec<&'static str>);

fn describe<V: Verb>() -> DescribedVerb {
    (
        fields(V::FIELDS),
        V::RESULTS.iter().map(|(name, holds)| result(name, *holds)).collect(),
        reason::words::<V>(),
    )
}

/// Name, unit and words of each column.
pub(super) fn fields(fields: &'static [Field]) -> Vec<Described> {
    let unit = |how| match how {
        Conversion::Cents => "cents",
        Conversion::Dollars => "dollars",
        Conversion::Whole => "whole",
        Conversion::Share => "share",
    };
    fields.iter().map(|field| (field.name, unit(field.how), field.words.to_vec())).collect()
}

fn result(name: &'static str, holds: Holds) -> Described {
    let (unit, words) = match holds {
        Holds::Cents => ("cents", Vec::new()),
        Holds::Share => ("share", Vec::new()),
        Holds::Whole => ("whole", Vec::new()),
        Holds::Factor => ("factor", Vec::new()),
        Holds::Words(words) => ("words", words.to_vec()),
    };
    (name, unit, words)
}

fn unknown(verb: &str) -> PyErr {
    PyValueError::new_err(format!("no verb {verb:?}"))
}

/// Columns, results and reasons of a verb: (name, unit, words) of each, and the words of reasons by code.
#[pyfunction]
pub(super) fn row_verb(verb: &str) -> PyResult<DescribedVerb> {
    Ok(match verb {
        "incentive" => describe::<Incentive>(),
        "conversion_factor" => describe::<ConversionFactors>(),
        "mips" => describe::<Mips>(),
        "value_of_status" => describe::<ValueOfStatus>(),
        other => return Err(unknown(other)),
    })
}

/// Results of every row by column, reason codes, and what a reader must be told.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a Python signature
pub(super) fn run_rows<'py>(
    py: Python<'py>,
    verb: &str,
    given: &Bound<'py, PyDict>,
    rules: &Bound<'py, RuleBook>,
    as_of: Option<&Bound<'py, PyAny>>,
    proposed: bool,
    stop: bool,
    names: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyDict>> {
    let call = Call { given, rules, as_of, proposed, stop, names };
    match verb {
        "incentive" => run::<Incentive>(py, &call),
        "conversion_factor" => run::<ConversionFactors>(py, &call),
        "mips" => run::<Mips>(py, &call),
        "value_of_status" => run::<ValueOfStatus>(py, &call),
        other => Err(unknown(other)),
    }
}

/// Steps of one row. Values are integers as the core reads them, in the order of the columns.
#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // pyo3 extracts owned values
pub(super) fn explain_row<'py>(
    py: Python<'py>,
    verb: &str,
    values: Vec<Option<i64>>,
    rules: &Bound<'py, RuleBook>,
    as_of: Option<&Bound<'_, PyAny>>,
    proposed: bool,
) -> PyResult<Bound<'py, PyList>> {
    match verb {
        "incentive" => explain::<Incentive>(py, &values, rules, as_of, proposed),
        "conversion_factor" => explain::<ConversionFactors>(py, &values, rules, as_of, proposed),
        "mips" => explain::<Mips>(py, &values, rules, as_of, proposed),
        "value_of_status" => explain::<ValueOfStatus>(py, &values, rules, as_of, proposed),
        other => Err(unknown(other)),
    }
}

/// Whole numbers of a unit as floats: shares of parts per billion, dollars of hundredths of a cent; null reads NaN.
#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // pyo3 extracts the borrow
pub(super) fn decimals<'py>(
    py: Python<'py>,
    values: numpy::PyReadonlyArray1<'py, i64>,
    unit: &str,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let unit = match unit {
        "share" => crate::core::round::PPB as f64,
        "factor" => 1e4,
        other => return Err(PyValueError::new_err(format!("no unit {other:?}"))),
    };
    let number = |value: &i64| if *value == crate::core::rows::NULL { f64::NAN } else { *value as f64 / unit };
    Ok(PyArray1::from_iter(py, values.as_slice()?.iter().map(number)))
}
