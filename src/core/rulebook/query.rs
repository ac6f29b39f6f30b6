//! Questions to the book: which rule holds for an id and a year, given what was known on a date. Every
//! answer is remembered, so that a result can say what it rests on.

use super::Book;
use super::schema::{Applies, Clock, Confidence, Rule, Scalar, Status, Unit, Value};
use crate::core::date::Date;
use crate::core::error::{Error, Result, RuleBookError};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeMap;

/// Years between performance and payment in the Quality Payment Program (SSA 1833(z)(1), 1848(q)).
const PAYMENT_LAG: u16 = 2;

/// Last year that is taken for a performance year; a later one is a mistake, not a forecast.
pub const LAST_YEAR: i64 = 2199;

/// From what standpoint the book is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AsOf {
    /// Date of knowledge; `None` is everything that the book knows, never the wall clock.
    pub date: Option<Date>,
    /// Whether proposed rules count.
    pub proposed: bool,
}

impl AsOf {
    fn admits(self, rule: &Rule) -> bool {
        self.date.is_none_or(|date| rule.known_from <= date) && (self.proposed || rule.status != Status::Proposed)
    }
}

impl Rule {
    /// Whether a table's value of this key is recalled; a table that is proposed or the user's own is told as a whole.
    fn is_recalled(&self, key: &str) -> bool {
        let law = self.layer == 0 && !matches!(self.status, Status::Override | Status::Proposed);
        let table = matches!(&self.value, Value::Table(table) if table.contains_key(key));
        law && table && (self.confidence == Confidence::Recalled || self.recalled.iter().any(|k| k == key))
    }

    /// The performance year that a year of the rule's clock stands for.
    fn performance_year(&self, year: u16) -> u16 {
        match self.applies.clock {
            Clock::PerformanceYear => year,
            Clock::PaymentYear => year.saturating_sub(PAYMENT_LAG),
        }
    }
}

/// The book read for one performance year from one standpoint; keeps the rules that were taken.
pub struct Taken<'b> {
    book: &'b Book,
    /// Performance year asked about.
    pub performance_year: u16,
    as_of: AsOf,
    rules: Vec<&'b Rule>,
    /// Keys of tables that were taken.
    keys: Vec<(&'b Rule, String)>,
}

impl Book {
    /// Reads the book for a performance year.
    #[must_use]
    pub fn read(&self, performance_year: u16, as_of: AsOf) -> Taken<'_> {
        Taken { book: self, performance_year, as_of, rules: Vec::new(), keys: Vec::new() }
    }

    /// Reads the book for a payment year.
    #[must_use]
    pub fn read_payment_year(&self, payment_year: u16, as_of: AsOf) -> Taken<'_> {
        self.read(payment_year.saturating_sub(PAYMENT_LAG), as_of)
    }

    /// The rule in force for an id and a year of the id's own clock, if there is one.
    #[must_use]
    pub fn find(&self, id: &str, year: u16, as_of: AsOf) -> Option<&Rule> {
        self.rules.get(id)?.iter().rev().find(|r| as_of.admits(r) && r.applies.covers(year))
    }

    /// All rules of an id in order of precedence, the strongest last.
    #[must_use]
    pub fn versions(&self, id: &str) -> Option<&[Rule]> {
        self.rules.get(id).map(Vec::as_slice)
    }

    /// First and last performance year with a rule for this id; the last is `None` where it is open.
    #[must_use]
    pub fn years(&self, id: &str, as_of: AsOf) -> Option<(u16, Option<u16>)> {
        let rules = || self.rules.get(id).into_iter().flatten().filter(move |r| as_of.admits(r));
        let first = rules().map(|r| r.performance_year(r.applies.from)).min()?;
        let last = rules().map(|r| r.applies.to.map_or(u16::MAX, |to| r.performance_year(to))).max()?;
        Some((first, (last != u16::MAX).then_some(last)))
    }

    /// The performance year from which on the value of this id no longer changes.
    #[must_use]
    pub fn settled_from(&self, id: &str, as_of: AsOf) -> Option<u16> {
        let rules = self.rules.get(id)?.iter().filter(|r| as_of.admits(r));
        rules.map(|r| r.performance_year(r.applies.to.map_or(r.applies.from, |to| to.saturating_add(1)))).max()
    }

    /// Ids that resemble one that does not exist, for an error message.
    #[must_use]
    pub fn suggest(&self, id: &str) -> String {
        let shared = |other: &str| {
            let words: Vec<&str> = id.split(['.', '_']).collect();
            let (same, different): (Vec<&str>, Vec<&str>) =
                other.split(['.', '_']).partition(|w| words.contains(w));
            (same.len(), std::cmp::Reverse(different.len()))
        };
        let mut ids: Vec<&String> = self.rules.keys().collect();
        ids.sort_by_key(|other| std::cmp::Reverse(shared(other)));
        ids.iter().take(3).map(|s| format!("`{s}`")).collect::<Vec<_>>().join(", ")
    }
}

/// Steps: (upper bound, value), the last open.
pub(crate) type Stepped<T> = [(Option<T>, T)];

impl<'b> Taken<'b> {
    /// The rule in force; `None` where the book has none.
    fn in_force(&self, id: &str) -> Option<&'b Rule> {
        let clock = self.book.rules.get(id)?.first()?.applies.clock;
        let year = match clock {
            Clock::PerformanceYear => self.performance_year,
            Clock::PaymentYear => self.performance_year.saturating_add(PAYMENT_LAG),
        };
        self.book.find(id, year, self.as_of)
    }

    /// The rule in force, remembered as taken; `None` where the book has none.
    pub fn rule(&mut self, id: &str) -> Option<&'b Rule> {
        let rule = self.in_force(id)?;
        if !self.rules.iter().any(|r| std::ptr::eq(*r, rule)) {
            self.rules.push(rule);
        }
        Some(rule)
    }

    /// First performance year with a rule for this id from the same standpoint; this year where there is none.
    #[must_use]
    pub fn first_year(&self, id: &str) -> i64 {
        self.book.years(id, self.as_of).map_or(self.performance_year, |(first, _)| first).into()
    }

    fn missing(&self, id: &str) -> Error {
        let known = self.as_of.date.map_or(String::new(), |d| format!(" known on {d}"));
        let years = match self.book.years(id, self.as_of) {
            Some((a, Some(b))) => format!("it covers {a} to {b}"),
            Some((a, None)) => format!("it covers {a} on"),
            None => "there is no such rule".into(),
        };
        Error::NotModelled(format!(
            "the rule book has no `{id}`{known} for performance year {}: {years}. Ask for another year, or add the \
             rule with `rules=`",
            self.performance_year
        ))
    }

    /// That the value of a rule is not one that a calculation can take: the rule, its file, and what is wrong.
    #[must_use]
    pub fn malformed(&self, id: &str, what: &str) -> Error {
        let file = self.in_force(id).map_or("rule book", |rule| rule.file.as_str());
        RuleBookError::new(file, id, "value", what, "Mend the override").into()
    }

    fn wrong_kind(id: &str, wanted: &str) -> Error {
        Error::NotModelled(format!("rule `{id}` is not {wanted}, which the calculation needs. Mend the override"))
    }

    /// A number that must be there.
    pub fn number(&mut self, id: &str) -> Result<Decimal> {
        match self.optional_number(id)? {
            Some(n) => Ok(n),
            None => Err(self.missing(id)),
        }
    }

    /// A number that may be absent.
    pub fn optional_number(&mut self, id: &str) -> Result<Option<Decimal>> {
        match self.rule(id).map(|r| &r.value) {
            None => Ok(None),
            Some(Value::Scalar(Scalar::Number(n))) => Ok(Some(*n)),
            Some(_) => Err(Self::wrong_kind(id, "one number")),
        }
    }

    /// A whole number that may be absent: a count, a year, or a date as yyyymmdd.
    pub fn optional_integer(&mut self, id: &str) -> Result<Option<i64>> {
        match self.rule(id).map(|r| &r.value) {
            None => Ok(None),
            Some(Value::Scalar(Scalar::Date(d))) => Ok(Some(d.yyyymmdd())),
            Some(Value::Scalar(Scalar::Number(n))) if n.fract().is_zero() => Ok(n.to_i64()),
            Some(_) => Err(Self::wrong_kind(id, "a whole number or a date")),
        }
    }

    /// A word that must be there.
    pub fn text(&mut self, id: &str) -> Result<&'b str> {
        match self.rule(id).map(|r| &r.value) {
            None => Err(self.missing(id)),
            Some(Value::Scalar(Scalar::Text(t))) => Ok(t),
            Some(_) => Err(Self::wrong_kind(id, "one word")),
        }
    }

    /// A table by key, or nothing where the book has none for this year.
    pub fn table(&mut self, id: &str) -> Result<Option<&'b BTreeMap<String, Scalar>>> {
        match self.rule(id).map(|r| &r.value) {
            None => Ok(None),
            Some(Value::Table(t)) => Ok(Some(t)),
            Some(_) => Err(Self::wrong_kind(id, "a table")),
        }
    }

    /// The value of an id, of which one key is taken; a table without the key is not.
    fn keyed(&mut self, id: &str, key: &str) -> Option<&'b Value> {
        let rule = self.in_force(id)?;
        if matches!(&rule.value, Value::Table(table) if !table.contains_key(key)) {
            return Some(&rule.value);
        }
        self.rule(id);
        if rule.is_recalled(key) {
            self.keys.push((rule, key.to_owned()));
        }
        Some(&rule.value)
    }

    /// A number for one key: from a table, or from a scalar that holds for every key.
    pub fn keyed_number(&mut self, id: &str, key: &str) -> Result<Option<Decimal>> {
        match self.keyed(id, key) {
            None => Ok(None),
            Some(Value::Scalar(Scalar::Number(n))) => Ok(Some(*n)),
            Some(Value::Table(t)) => match t.get(key) {
                None => Ok(None),
                Some(Scalar::Number(n)) => Ok(Some(*n)),
                Some(_) => Err(Self::wrong_kind(id, "a table of numbers")),
            },
            Some(_) => Err(Self::wrong_kind(id, "a number or a table of numbers")),
        }
    }

    /// A word for one key: from a table, or from a scalar that holds for every key.
    pub fn keyed_text(&mut self, id: &str, key: &str) -> Result<Option<&'b str>> {
        match self.keyed(id, key) {
            None => Ok(None),
            Some(Value::Scalar(Scalar::Text(t))) => Ok(Some(t)),
            Some(Value::Table(t)) => match t.get(key) {
                None => Ok(None),
                Some(Scalar::Text(t)) => Ok(Some(t)),
                Some(_) => Err(Self::wrong_kind(id, "a table of words")),
            },
            Some(_) => Err(Self::wrong_kind(id, "a word or a table of words")),
        }
    }

    /// A menu of numbers, or nothing.
    pub fn menu(&mut self, id: &str) -> Result<Option<Vec<Decimal>>> {
        match self.rule(id).map(|r| &r.value) {
            None => Ok(None),
            Some(Value::Choice(menu)) => menu
                .iter()
                .map(|s| {
                    if let Scalar::Number(n) = s { Ok(*n) } else { Err(Self::wrong_kind(id, "a menu of numbers")) }
                })
                .collect::<Result<Vec<_>>>()
                .map(Some),
            Some(_) => Err(Self::wrong_kind(id, "a menu")),
        }
    }

    /// A list of words, or nothing.
    pub fn words(&mut self, id: &str) -> Result<Option<Vec<&'b str>>> {
        match self.rule(id).map(|r| &r.value) {
            None => Ok(None),
            Some(Value::Choice(list)) => list
                .iter()
                .map(|s| {
                    if let Scalar::Text(t) = s {
                        Ok(t.as_str())
                    } else {
                        Err(Self::wrong_kind(id, "a list of words"))
                    }
                })
                .collect::<Result<Vec<_>>>()
                .map(Some),
            Some(_) => Err(Self::wrong_kind(id, "a list of words")),
        }
    }

    /// The id with the key as its last word where the book has such a rule for the year, else the id alone.
    #[must_use]
    pub fn id_for(&self, id: &str, key: &str) -> String {
        let word: String =
            key.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
        let own = format!("{id}.{word}");
        if self.book.find(&own, self.performance_year, self.as_of).is_some() { own } else { id.to_owned() }
    }

    /// Steps (upper bound, value), the last open, or nothing.
    pub fn bands(&mut self, id: &str) -> Result<Option<&'b Stepped<Decimal>>> {
        match self.rule(id).map(|r| &r.value) {
            None => Ok(None),
            Some(Value::Bands(steps)) => Ok(Some(steps)),
            Some(_) => Err(Self::wrong_kind(id, "bands")),
        }
    }

    /// Knots of a piecewise linear rule, or nothing.
    pub fn knots(&mut self, id: &str) -> Result<Option<&'b [(Decimal, Decimal)]>> {
        match self.rule(id).map(|r| &r.value) {
            None => Ok(None),
            Some(Value::PiecewiseLinear(knots)) => Ok(Some(knots)),
            Some(_) => Err(Self::wrong_kind(id, "piecewise linear")),
        }
    }

    /// What a reader of a result must be told of the rules taken so far.
    #[must_use]
    pub fn told(&self) -> Vec<Told> {
        let by_key = |rule: &Rule| self.keys.iter().any(|(r, _)| std::ptr::eq(*r, rule));
        let whole = self.rules.iter().filter(|rule| !by_key(rule)).filter_map(|rule| Told::of_rule(rule));
        let keys = self.keys.iter().filter_map(|(rule, key)| Told::of_key(rule, key));
        whole.chain(keys).collect()
    }
}

/// That a result rests on a rule that is recalled, proposed or the user's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    id: String,
    what: &'static str,
    /// The value, or that of one key.
    value: String,
    applies: Applies,
}

const RECALLED: &str = "recalled: its text was not verified";

impl Told {
    fn of_rule(rule: &Rule) -> Option<Self> {
        let what = if rule.layer > 0 || rule.status == Status::Override {
            "set by the user"
        } else if rule.status == Status::Proposed {
            "proposed, not final"
        } else if rule.confidence == Confidence::Recalled {
            RECALLED
        } else {
            return None;
        };
        let value = if rule.unit == Unit::Text { String::new() } else { rule.value.to_string() };
        Some(Self { id: rule.id.clone(), what, value, applies: rule.applies })
    }

    fn of_key(rule: &Rule, key: &str) -> Option<Self> {
        let Value::Table(table) = &rule.value else { return None };
        let value = format!("{key}: {}", table.get(key)?);
        Some(Self { id: rule.id.clone(), what: RECALLED, value, applies: rule.applies })
    }
}

/// One sentence for each rule id and what is to be told of it, over all years together.
#[must_use]
pub fn sentences<'a>(told: impl IntoIterator<Item = &'a Told>) -> Vec<String> {
    let mut merged: Vec<(&Told, Vec<&str>, Applies)> = Vec::new();
    for one in told {
        let known = merged.iter_mut().find(|(first, ..)| (&first.id, first.what) == (&one.id, one.what));
        let Some((_, values, applies)) = known else {
            merged.push((one, vec![&one.value], one.applies));
            continue;
        };
        if !values.contains(&one.value.as_str()) {
            values.push(&one.value);
        }
        applies.from = applies.from.min(one.applies.from);
        applies.to = applies.to.zip(one.applies.to).map(|(a, b)| a.max(b));
    }
    let line = |(first, values, applies): (&Told, Vec<&str>, Applies)| {
        let values = values.join(", ");
        let values = if values.is_empty() { values } else { format!(" ({values})") };
        format!("`{}`{values} for {applies} is {}", first.id, first.what)
    };
    merged.into_iter().map(line).collect()
}
