//! The rule book: every number that comes from law, as data with its years, its standing, the date on which
//! it became known, how it was checked, and its citation. Calculations ask it for a quantity by id, year and
//! date of knowledge; they hold no such number themselves.

mod check;
mod contract;
mod digest;
mod embedded;
mod load;
mod medical_home;
mod query;
mod schema;

pub use embedded::FILES;
pub use query::{AsOf, LAST_YEAR, Taken, Told, sentences};
pub use schema::{Applies, Clock, Confidence, Kind, Rule, Scalar, Source, Status, Unit, Value};

use crate::core::error::RuleBookError;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// All rules and sources, checked against each other.
#[derive(Clone, Debug)]
pub struct Book {
    version: String,
    digest: String,
    layers: u16,
    sources: BTreeMap<String, Source>,
    /// By id; within an id in order of precedence, the last that fits wins.
    rules: BTreeMap<String, Vec<Rule>>,
}

impl Book {
    /// The book that ships with this build. Its TOML is part of the binary and is checked by the tests.
    ///
    /// # Errors
    /// Only where the build itself is broken.
    pub fn shipped() -> Result<Arc<Self>, RuleBookError> {
        static SHIPPED: OnceLock<Result<Arc<Book>, RuleBookError>> = OnceLock::new();
        SHIPPED.get_or_init(|| Self::from_files(FILES).map(Arc::new)).clone()
    }

    /// A book from (file name, TOML text) pairs.
    pub fn from_files(files: &[(&str, &str)]) -> Result<Self, RuleBookError> {
        let parts = files.iter().map(|(file, text)| load::parse(file, text, 0)).collect::<Result<Vec<_>, _>>()?;
        let mut book = Self {
            version: "unversioned".into(),
            digest: String::new(),
            layers: 0,
            sources: BTreeMap::new(),
            rules: BTreeMap::new(),
        };
        for (part, (file, _)) in parts.into_iter().zip(files) {
            book.absorb(file, part)?;
        }
        book.seal()
    }

    /// This book with an override in TOML text laid over it.
    pub fn with_toml(&self, file: &str, text: &str) -> Result<Self, RuleBookError> {
        self.laid_over(file, load::parse(file, text, self.layers + 1)?)
    }

    /// This book with an override laid over it that is already a table. A table without `rule`, `source`,
    /// `set`, `arrangement`, `medical_home` and `book` is read as the content of `[set]`.
    pub fn with_table(&self, file: &str, table: toml::Table) -> Result<Self, RuleBookError> {
        let named = ["rule", "source", "set", "book", "arrangement", "medical_home"];
        let table = if table.keys().any(|k| named.contains(&k.as_str())) {
            table
        } else {
            toml::Table::from_iter([("set".to_owned(), toml::Value::Table(table))])
        };
        self.laid_over(file, load::read(file, table, self.layers + 1)?)
    }

    fn laid_over(&self, file: &str, part: load::Part) -> Result<Self, RuleBookError> {
        let mut book = self.clone();
        book.layers += 1;
        book.absorb(file, part)?;
        book.seal()
    }

    fn absorb(&mut self, file: &str, part: load::Part) -> Result<(), RuleBookError> {
        for source in part.sources {
            if self.sources.contains_key(&source.id) {
                let remedy = "Each source has one entry; use another id";
                return Err(RuleBookError::new(file, &source.id, "id", "source stated twice", remedy));
            }
            self.sources.insert(source.id.clone(), source);
        }
        if let Some(version) = part.version {
            self.version = if self.layers == 0 { version } else { format!("{} + {version}", self.version) };
        }
        let mut rules = part.rules;
        for (id, value) in part.set {
            rules.extend(self.set(file, &id, value)?);
        }
        for rule in rules {
            self.rules.entry(rule.id.clone()).or_default().push(rule);
        }
        Ok(())
    }

    /// `[set]`: the rule below, in another value; for all its years, or from `from`, or up to `to`.
    fn set(&self, file: &str, id: &str, value: toml::Value) -> Result<Vec<Rule>, RuleBookError> {
        let fail = |key: &str, problem: String, remedy: String| RuleBookError::new(file, id, key, problem, remedy);
        let Some(known) = self.rules.get(id) else {
            let near = self.suggest(id);
            return Err(fail("", "no such rule to set".into(), format!("Did you mean {near}?")));
        };
        let first = &known[0];
        let (value, from, to) = match value {
            toml::Value::Table(mut t) if t.contains_key("value") => {
                let value = t.remove("value").unwrap_or(toml::Value::Boolean(false));
                let mut year = |key: &str| {
                    t.remove(key)
                        .map(|v| {
                            let number = v.as_integer().and_then(|y| u16::try_from(y).ok());
                            number.ok_or_else(|| fail(key, format!("{v} is not a year"), "Write a year".into()))
                        })
                        .transpose()
                };
                let (from, to) = (year("from")?, year("to")?);
                if let Some(key) = t.keys().next() {
                    let remedy = "A setting holds value, from and to".into();
                    return Err(fail(key, "unknown key".into(), remedy));
                }
                (value, from, to)
            }
            value => (value, None, None),
        };
        let earliest = known.iter().map(|r| r.applies.from).min().unwrap_or(0);
        // Open if any of them is.
        let latest = known.iter().try_fold(0, |last, r| r.applies.to.map(|to| to.max(last)));
        let to = to.or(latest.filter(|last| from.is_none_or(|from| from <= *last)));
        let raw = schema::RawRule {
            id: id.to_owned(),
            kind: first.kind,
            unit: first.unit,
            applies: Applies { clock: first.applies.clock, from: from.unwrap_or(earliest), to },
            known_from: None,
            status: None,
            confidence: None,
            recalled: Vec::new(),
            value,
            cites: Vec::new(),
            note: "set by the user".into(),
        };
        Ok(vec![load::from_raw(file, raw, self.layers)?])
    }

    fn seal(mut self) -> Result<Self, RuleBookError> {
        for rules in self.rules.values_mut() {
            // A proposal stands above law known from the same day, whatever the order of the files.
            rules.sort_by_key(|r| (r.layer, r.known_from, r.status == Status::Proposed, r.applies.from));
            check::rules_of_one_id(rules, &self.sources)?;
        }
        self.digest = digest::of(&self.sources, &self.rules);
        Ok(self)
    }

    /// Version that the book states for itself.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// SHA-256 of all rules and sources, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What a name stands for in this book, where it has rules that begin with it, or a program of that other name.
    fn taken(&self, name: &str) -> Option<String> {
        let begins = |id: &String| id.split('.').next() == Some(name);
        if self.rules.keys().any(begins) {
            return Some("a name of the rule book".into());
        }
        let spellings = self.rules.get("programs.spellings").into_iter().flatten();
        let mut programs = spellings
            .filter_map(|rule| if let Value::Table(table) = &rule.value { table.get(name) } else { None });
        programs.next_back().map(|program| format!("another name of {program}"))
    }

    /// All rules, by id and, within an id, in order of precedence.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values().flatten()
    }

    /// All sources by id.
    #[must_use]
    pub fn sources(&self) -> &BTreeMap<String, Source> {
        &self.sources
    }
}
