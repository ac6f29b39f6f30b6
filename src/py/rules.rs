//! The rule book as a Python object, and the door through which overrides come in.

use super::errors::{raise, raise_rules};
use crate::core::date::Date;
use crate::core::error::Error;
use crate::core::rulebook::{AsOf, Book, Rule, Status, Value};
use crate::core::{overrides, qp, settle};
use pyo3::exceptions::{PyOSError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// A checked rule book: the shipped one, or that with overrides laid over it.
#[pyclass(frozen, module = "sharedsavings")]
pub(super) struct RuleBook {
    pub(super) book: Arc<Book>,
    qp: Mutex<HashMap<AsOf, Arc<qp::Plan>>>,
    settle: Mutex<HashMap<(String, AsOf), Arc<settle::Plan>>>,
}

impl RuleBook {
    fn over(book: Arc<Book>) -> Self {
        Self { book, qp: Mutex::default(), settle: Mutex::default() }
    }

    /// Plan of QP determinations from a standpoint, made once.
    pub(super) fn qp_plan(&self, py: Python<'_>, as_of: AsOf) -> PyResult<Arc<qp::Plan>> {
        cached(py, &self.qp, as_of, || qp::Plan::new(&self.book, as_of))
    }

    /// Plan of the settlements of a program, or of several parted by commas, from a standpoint, made once.
    pub(super) fn settle_plan(&self, py: Python<'_>, program: &str, as_of: AsOf) -> PyResult<Arc<settle::Plan>> {
        cached(py, &self.settle, (program.to_owned(), as_of), || {
            let several = program.contains(',');
            let make = if several { settle::Plan::joined } else { settle::Plan::new };
            make(&self.book, program, as_of)
        })
    }
}

fn cached<K: std::hash::Hash + Eq, V>(
    py: Python<'_>,
    cache: &Mutex<HashMap<K, Arc<V>>>,
    key: K,
    make: impl FnOnce() -> Result<V, Error>,
) -> PyResult<Arc<V>> {
    // No Python may run under the lock: making an exception can hand the interpreter to a thread that waits here.
    let found = lock(cache).get(&key).cloned();
    if let Some(plan) = found {
        return Ok(plan);
    }
    let plan = Arc::new(make().map_err(|e| raise(py, e))?);
    Ok(lock(cache).entry(key).or_insert(plan).clone())
}

fn lock<K, V>(cache: &Mutex<HashMap<K, V>>) -> MutexGuard<'_, HashMap<K, V>> {
    cache.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The shipped book.
pub(super) fn shipped(py: Python<'_>) -> PyResult<Py<RuleBook>> {
    static SHIPPED: OnceLock<Py<RuleBook>> = OnceLock::new();
    if let Some(book) = SHIPPED.get() {
        return Ok(book.clone_ref(py));
    }
    let book = Book::shipped().map_err(|e| raise_rules(py, e))?;
    let made = Py::new(py, RuleBook::over(book))?;
    Ok(SHIPPED.get_or_init(|| made).clone_ref(py))
}

/// What a verb's `rules=` may be: nothing, a book, a path to TOML, or a mapping.
pub(super) fn book_of(py: Python<'_>, rules: Option<&Bound<'_, PyAny>>) -> PyResult<Py<RuleBook>> {
    match rules {
        None => shipped(py),
        Some(rules) => match rules.cast::<RuleBook>() {
            Ok(book) => Ok(book.clone().unbind()),
            Err(_) => Py::new(py, shipped(py)?.get().overlay(rules)?),
        },
    }
}

/// What a verb's `as_of=` may be: nothing, a date, or its text.
pub(super) fn as_of_of(py: Python<'_>, as_of: Option<&Bound<'_, PyAny>>, proposed: bool) -> PyResult<AsOf> {
    let date = match as_of {
        None => None,
        Some(value) => {
            let text = value.str()?.to_string();
            // A time of day, which a datetime object has, is left out; text must be a date and nothing more.
            let day = if value.is_instance_of::<PyString>() { None } else { text.get(..10) };
            let date = day.unwrap_or(&text).parse::<Date>().map_err(|problem| {
                let remedy = "Give as_of as a date or as text written yyyy-mm-dd";
                raise(py, crate::core::error::InputError::column("as_of", problem, remedy).into())
            })?;
            Some(date)
        }
    };
    Ok(AsOf { date, proposed })
}

#[pymethods]
impl RuleBook {
    /// Version that the book states.
    #[getter]
    fn version(&self) -> &str {
        self.book.version()
    }

    /// SHA-256 of its rules and sources.
    #[getter]
    fn digest(&self) -> &str {
        self.book.digest()
    }

    fn __repr__(&self) -> String {
        format!("<RuleBook {} {}>", self.book.version(), &self.book.digest()[..12])
    }

    /// This book with an override (a path to TOML, or a mapping) laid over it.
    fn overlay(&self, rules: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = rules.py();
        let laid = if let Ok(mapping) = rules.cast::<PyDict>() {
            let toml::Value::Table(table) = to_toml("rules", mapping)? else {
                return Err(PyTypeError::new_err("rules: a mapping must have text keys"));
            };
            self.book.with_table("rules=", table)
        } else {
            let path = py.import("os")?.call_method1("fspath", (rules,))?.str()?.to_string();
            let text = std::fs::read(&path).map_err(|e| match e.raw_os_error() {
                Some(code) => PyOSError::new_err((code, e.to_string(), path.clone())),
                None => e.into(),
            })?;
            let text = String::from_utf8(text).map_err(|e| {
                let remedy = "Save it as UTF-8";
                raise_rules(py, crate::core::error::RuleBookError::new(&path, "", "", e.utf8_error(), remedy))
            })?;
            self.book.with_toml(&path, &text)
        };
        let checked = laid.and_then(|book| overrides::check(&book).map(|()| book));
        checked.map(|book| Self::over(Arc::new(book))).map_err(|e| raise_rules(py, e))
    }

    /// Every rule as a mapping, in order of id and precedence; `id` keeps one id.
    #[pyo3(signature = (id=None))]
    fn rules<'py>(&self, py: Python<'py>, id: Option<&str>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for rule in self.book.rules().filter(|r| id.is_none_or(|id| r.id == id)) {
            list.append(rule_dict(py, rule)?)?;
        }
        Ok(list)
    }

    /// The rule in force for an id and a year of its own clock, or None.
    #[pyo3(signature = (id, year, as_of=None, proposed=false))]
    fn find<'py>(
        &self,
        py: Python<'py>,
        id: &str,
        year: u16,
        as_of: Option<&Bound<'_, PyAny>>,
        proposed: bool,
    ) -> PyResult<Option<Bound<'py, PyDict>>> {
        let as_of = as_of_of(py, as_of, proposed)?;
        self.book.find(id, year, as_of).map(|r| rule_dict(py, r)).transpose()
    }

    /// Ids that resemble one that does not exist.
    fn suggest(&self, id: &str) -> String {
        self.book.suggest(id)
    }

    /// Sources by id: title, paragraph, date, link.
    fn sources<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let all = PyDict::new(py);
        for source in self.book.sources().values() {
            let one = PyDict::new(py);
            one.set_item("title", &source.title)?;
            one.set_item("paragraph", &source.paragraph)?;
            one.set_item("date", source.date.map(|d| d.to_string()))?;
            one.set_item("link", &source.link)?;
            all.set_item(&source.id, one)?;
        }
        Ok(all)
    }
}

fn rule_dict<'py>(py: Python<'py>, rule: &Rule) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("id", &rule.id)?;
    dict.set_item("kind", rule.kind.to_string())?;
    dict.set_item("unit", rule.unit.to_string())?;
    dict.set_item("clock", rule.applies.clock.to_string())?;
    dict.set_item("from", rule.applies.from)?;
    dict.set_item("to", rule.applies.to)?;
    let since = (rule.known_from != Date::MIN).then(|| rule.known_from.to_string());
    dict.set_item("known_from", since)?;
    dict.set_item("status", rule.status.to_string())?;
    dict.set_item("proposed", rule.status == Status::Proposed)?;
    dict.set_item("confidence", rule.confidence.to_string())?;
    dict.set_item("recalled", &rule.recalled)?;
    dict.set_item("text", rule.value.to_string())?;
    dict.set_item("value", value_of(py, &rule.value)?)?;
    dict.set_item("cites", &rule.cites)?;
    dict.set_item("note", &rule.note)?;
    dict.set_item("file", &rule.file)?;
    Ok(dict)
}

/// A value as text, list of text, mapping of text, or list of pairs of text: exact, as the book holds it.
fn value_of<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Scalar(s) => PyString::new(py, &s.to_string()).into_any(),
        Value::Choice(menu) => PyList::new(py, menu.iter().map(ToString::to_string))?.into_any(),
        Value::Table(map) => {
            let dict = PyDict::new(py);
            for (k, v) in map {
                dict.set_item(k, v.to_string())?;
            }
            dict.into_any()
        }
        Value::PiecewiseLinear(knots) => {
            PyList::new(py, knots.iter().map(|(x, y)| (x.to_string(), y.to_string())))?.into_any()
        }
        Value::Bands(steps) => {
            let text = |u: &Option<rust_decimal::Decimal>| u.map_or_else(|| "inf".into(), |u| u.to_string());
            PyList::new(py, steps.iter().map(|(u, v)| (text(u), v.to_string())))?.into_any()
        }
    })
}

/// A Python value as TOML. Numbers that are not whole must be text, so that they stay exact.
fn to_toml(place: &str, value: &Bound<'_, PyAny>) -> PyResult<toml::Value> {
    let py = value.py();
    if let Ok(dict) = value.cast::<PyDict>() {
        let mut table = toml::Table::new();
        for (key, item) in dict {
            let key = key.extract::<String>()?;
            let item = to_toml(&key, &item)?;
            table.insert(key, item);
        }
        return Ok(toml::Value::Table(table));
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(toml::Value::String(text.to_string()));
    }
    if value.is_instance_of::<PyBool>() {
        return Ok(toml::Value::Boolean(value.extract()?));
    }
    if value.is_instance_of::<PyInt>() {
        return Ok(toml::Value::Integer(value.extract()?));
    }
    if value.is_instance_of::<PyFloat>() {
        let problem = "a float is not exact";
        let e = crate::core::error::RuleBookError::new("rules=", "", place, problem, "Write it as text: \"0.50\"");
        return Err(raise_rules(py, e));
    }
    if value.hasattr("isoformat")? {
        return Ok(toml::Value::String(value.call_method0("isoformat")?.extract()?));
    }
    if let Ok(items) = value.try_iter() {
        let items = items.map(|item| to_toml(place, &item?)).collect::<PyResult<Vec<_>>>()?;
        return Ok(toml::Value::Array(items));
    }
    let kind = value.get_type().qualname()?;
    Err(PyTypeError::new_err(format!("rules: key `{place}`: {kind} cannot stand in a rule book")))
}
