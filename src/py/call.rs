//! What the array verbs share: options, outputs lent or allocated, and errors from findings.

use super::buffers::{PyColumn, scalar};
use super::errors::raise;
use crate::core::error::InputError;
use crate::core::kernel::{Conversion, Finding, Findings};
use numpy::{Element, PyArray1, PyArrayMethods, PyReadonlyArray1, PyReadwriteArray1, PyUntypedArrayMethods};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use std::borrow::Cow;

/// `money=` of an array verb.
pub(super) fn money(unit: &str) -> PyResult<Conversion> {
    match unit {
        "cents" => Ok(Conversion::Cents),
        "dollars" => Ok(Conversion::Dollars),
        other => Err(PyValueError::new_err(format!("money={other:?}: say \"cents\" or \"dollars\""))),
    }
}

/// `invalid=`: whether a bad row stops the call.
pub(super) fn raises(invalid: &str) -> PyResult<bool> {
    match invalid {
        "raise" => Ok(true),
        "null" => Ok(false),
        other => Err(PyValueError::new_err(format!("invalid={other:?}: say \"raise\" or \"null\""))),
    }
}

/// `threads=`.
pub(super) fn threads(asked: Option<i64>) -> PyResult<Option<usize>> {
    let Some(number) = asked else { return Ok(None) };
    usize::try_from(number).ok().filter(|n| *n > 0).map(Some).ok_or_else(|| {
        PyValueError::new_err(format!("threads={number}: give 1 or more, or None for all that the machine has"))
    })
}

/// The name by which the caller knows a column.
pub(super) fn name_of<'a>(names: Option<&Bound<'_, PyDict>>, column: &'a str) -> Cow<'a, str> {
    let called = names.and_then(|n| n.get_item(column).ok().flatten()).and_then(|n| n.str().ok());
    called.map_or(Cow::Borrowed(column), |name| Cow::Owned(name.to_string()))
}

/// Columns of a call: arrays as they are, single numbers repeated to the length of the arrays.
pub(super) fn columns<const N: usize>(
    py: Python<'_>,
    given: [Option<&Bound<'_, PyAny>>; N],
    names: [&str; N],
    conversions: [Conversion; N],
    called: Option<&Bound<'_, PyDict>>,
) -> PyResult<[Option<PyColumn>; N]> {
    let mut out = [const { None }; N];
    let mut single = [None; N];
    let mut rows = None;
    for (i, value) in given.iter().enumerate() {
        let Some(value) = value else { continue };
        if let Some(number) = scalar(value, conversions[i])? {
            single[i] = Some(number);
        } else {
            let column = PyColumn::new(&name_of(called, names[i]), value, conversions[i])?;
            rows = rows.max(Some(crate::core::kernel::Column::rows(&column)));
            out[i] = Some(column);
        }
    }
    if rows.is_none() && single.iter().any(Option::is_some) {
        let remedy = "Give at least one array; for one row use the scalar form of the verb";
        return Err(raise(py, InputError::column(names[0], "no column is an array", remedy).into()));
    }
    let identity = |c: Conversion| if c == Conversion::Dollars { Conversion::Cents } else { Conversion::Whole };
    for (i, number) in single.into_iter().enumerate() {
        if let Some(number) = number {
            out[i] = Some(PyColumn::constant(number, rows.unwrap_or(0), identity(conversions[i])));
        }
    }
    Ok(out)
}

/// Columns of a mapping, by the names of a verb.
pub(super) fn columns_of<const N: usize>(
    given: &Bound<'_, PyDict>,
    names: [&str; N],
    conversions: [Conversion; N],
    called: Option<&Bound<'_, PyDict>>,
) -> PyResult<[Option<PyColumn>; N]> {
    let mut found = [const { None }; N];
    for (slot, name) in found.iter_mut().zip(names) {
        *slot = given.get_item(name)?;
    }
    columns(given.py(), found.each_ref().map(Option::as_ref), names, conversions, called)
}

/// An output column: allocated by numpy, or lent by the caller.
pub(super) enum Lent<'py, T: Element> {
    /// Not asked for.
    No,
    /// Fresh.
    Fresh(Bound<'py, PyArray1<T>>),
    /// The caller's own.
    Own(PyReadwriteArray1<'py, T>),
}

impl<'py, T: Element> Lent<'py, T> {
    /// The column of this name, if it is wanted. `inputs` must not share memory with it.
    #[allow(unsafe_code)]
    pub(super) fn new(
        py: Python<'py>,
        name: &str,
        rows: usize,
        wanted: &Wanted<'_, 'py>,
        inputs: &[Option<PyColumn>],
    ) -> PyResult<Self> {
        let Some(at) = wanted.names.iter().position(|n| *n == name) else { return Ok(Self::No) };
        let Some(lent) = &wanted.lent else {
            // SAFETY: uninitialised integers or floats, every row of which the kernel writes before Python sees it.
            return Ok(Self::Fresh(unsafe { PyArray1::new(py, rows, false) }));
        };
        let fail = |problem: String, remedy: String| {
            raise(py, InputError::column(&format!("out[{name:?}]"), problem, remedy).into())
        };
        let Ok(array) = lent[at].cast::<PyArray1<T>>() else {
            let wanted = format!("Lend a one-dimensional numpy array of {}", numpy::dtype::<T>(py));
            return Err(fail("has another type".into(), wanted));
        };
        if array.len() != rows {
            let problem = format!("has {} rows for {rows} rows of input", array.len());
            return Err(fail(problem, "Lend an array of the same length".into()));
        }
        if !array.is_c_contiguous() || !array.data().is_aligned() {
            let problem = if array.is_c_contiguous() { "is not aligned" } else { "is not contiguous" };
            return Err(fail(problem.into(), "Lend a contiguous array, as numpy.empty makes it".into()));
        }
        let from = array.data().cast_const().cast::<u8>();
        let to = from.wrapping_add(rows * size_of::<T>());
        if rows > 0 && inputs.iter().flatten().any(|c| c.touches(from, to)) {
            return Err(fail("shares memory with an input".into(), "Lend an array of its own".into()));
        }
        let own = array.try_readwrite().map_err(|e| fail(e.to_string(), "Lend a writable array, once".into()))?;
        Ok(Self::Own(own))
    }

    /// The rows to write to.
    #[allow(unsafe_code)]
    pub(super) fn slice(&mut self) -> PyResult<Option<&mut [T]>> {
        Ok(match self {
            Self::No => None,
            // SAFETY: the array was made by this call, is contiguous, and nothing else refers to it yet.
            Self::Fresh(array) => Some(unsafe { array.as_slice_mut()? }),
            Self::Own(array) => Some(array.as_slice_mut()?),
        })
    }

    /// Puts the array into the answer.
    pub(super) fn put(self, into: &Bound<'py, PyDict>, name: &str) -> PyResult<()> {
        match self {
            Self::No => Ok(()),
            Self::Fresh(array) => into.set_item(name, array),
            Self::Own(array) => into.set_item(name, &**array),
        }
    }
}

/// Which outputs a call wants, and where they go.
pub(super) struct Wanted<'a, 'py> {
    names: Cow<'a, [&'a str]>,
    /// What the caller lends, in the order of the names; nothing where results are to be allocated.
    lent: Option<Vec<Bound<'py, PyAny>>>,
}

impl<'a, 'py> Wanted<'a, 'py> {
    /// From `outputs=` and `out=`, which exclude each other.
    pub(super) fn new(
        outputs: Option<Vec<String>>,
        out: Option<&Bound<'py, PyDict>>,
        default: &'a [&'a str],
        known: &'a [&'a str],
    ) -> PyResult<Self> {
        let check = |name: &str| {
            known.iter().copied().find(|k| *k == name).ok_or_else(|| {
                PyValueError::new_err(format!("no output {name:?}: choose from {}", known.join(", ")))
            })
        };
        match (outputs, out) {
            (Some(_), Some(_)) => {
                Err(PyTypeError::new_err("give outputs= or out=, not both: the keys of out= are the outputs"))
            }
            (Some(asked), None) => {
                let names = asked.iter().map(|name| check(name)).collect::<PyResult<Vec<_>>>()?;
                Ok(Self { names: names.into(), lent: None })
            }
            (None, None) => Ok(Self { names: default.into(), lent: None }),
            (None, Some(out)) => {
                let (mut names, mut lent) = (Vec::with_capacity(out.len()), Vec::with_capacity(out.len()));
                for (key, array) in out {
                    names.push(check(key.cast::<PyString>()?.to_str()?)?);
                    lent.push(array);
                }
                Ok(Self { names: names.into(), lent: Some(lent) })
            }
        }
    }
}

/// Raises what was found wrong first, in a verb or a table whose bad rows always stop the call.
pub(super) fn refuse_always(
    py: Python<'_>,
    findings: Findings,
    held: &[Option<PyColumn>],
    columns: &[&str],
    called: Option<&Bound<'_, PyDict>>,
    describe: impl Fn(u8) -> (&'static str, &'static str),
    show: impl Fn(&Finding) -> String,
) -> PyResult<()> {
    first_of(py, findings, held, columns, called, None, of_reason(describe), show)
}

/// Raises what was found wrong first, if a bad row stops the call.
#[allow(clippy::too_many_arguments)] // all that a message is made of
pub(super) fn refuse(
    py: Python<'_>,
    findings: Findings,
    stop: bool,
    held: &[Option<PyColumn>],
    columns: &[&str],
    called: Option<&Bound<'_, PyDict>>,
    describe: impl Fn(u8) -> (&'static str, &'static str),
    show: impl Fn(&Finding) -> String,
) -> PyResult<()> {
    refuse_at(py, findings, stop, held, columns, called, None, of_reason(describe), show)
}

/// A description by reason alone.
fn of_reason(
    describe: impl Fn(u8) -> (&'static str, &'static str),
) -> impl Fn(&Finding) -> (&'static str, String) {
    move |first| {
        let (problem, remedy) = describe(first.reason);
        (problem, remedy.to_owned())
    }
}

/// [`refuse`] with a remedy that depends on the row, and with the caller's own row numbers.
#[allow(clippy::too_many_arguments)] // all that a message is made of
pub(super) fn refuse_at(
    py: Python<'_>,
    findings: Findings,
    stop: bool,
    held: &[Option<PyColumn>],
    columns: &[&str],
    called: Option<&Bound<'_, PyDict>>,
    positions: Option<PyReadonlyArray1<'_, i64>>,
    describe: impl Fn(&Finding) -> (&'static str, String),
    show: impl Fn(&Finding) -> String,
) -> PyResult<()> {
    if !stop {
        return Ok(());
    }
    let told = |first: &Finding| {
        let (problem, remedy) = describe(first);
        (problem, format!("{remedy}. Or pass invalid=\"null\" to keep such rows as null with a reason"))
    };
    first_of(py, findings, held, columns, called, positions, told, show)
}

/// Raises the first of what was found, if anything was.
#[allow(clippy::too_many_arguments)] // all that a message is made of
fn first_of(
    py: Python<'_>,
    findings: Findings,
    held: &[Option<PyColumn>],
    columns: &[&str],
    called: Option<&Bound<'_, PyDict>>,
    positions: Option<PyReadonlyArray1<'_, i64>>,
    describe: impl Fn(&Finding) -> (&'static str, String),
    show: impl Fn(&Finding) -> String,
) -> PyResult<()> {
    let found = findings.sorted();
    let Some(first) = found.first() else { return Ok(()) };
    let (problem, remedy) = describe(first);
    let column = name_of(called, columns[usize::from(first.column)]);
    let others = found.len() - 1;
    let more = match others {
        0 => String::new(),
        1 => " One more kind of problem was found.".into(),
        n => format!(" {n} more kinds of problems were found."),
    };
    let remedy = format!("{remedy}.{more}");
    let held = held[usize::from(first.column)].as_ref();
    let value = held.map(|c| c.unreadable(first.first_row).unwrap_or_else(|| show(first))).unwrap_or_default();
    let position = positions.and_then(|p| p.as_slice().ok()?.get(first.first_row).copied());
    let row = position.and_then(|p| usize::try_from(p).ok()).unwrap_or(first.first_row);
    let mut error = InputError::rows(&column, problem, first.rows, row, value, remedy);
    if held.is_none() {
        error.where_.truncate(error.where_.find(" (value").unwrap_or(error.where_.len()));
    }
    Err(raise(py, error.into()))
}

/// Cents as an error message shows them.
pub(super) fn cents(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}${}.{:02}", value.unsigned_abs() / 100, value.unsigned_abs() % 100)
}

/// Parts per billion as an error message shows them.
fn share(value: i64) -> String {
    let decimal = rust_decimal::Decimal::new(value, 9).normalize();
    decimal.to_string()
}

/// A value as the core reads it, as an error message shows it.
pub(super) fn shown(value: i64, conversion: Conversion) -> String {
    match conversion {
        Conversion::Cents | Conversion::Dollars => cents(value),
        Conversion::Share => share(value),
        Conversion::Whole => value.to_string(),
    }
}
