//! Every way in which a call can be refused. The text of an error is part of the interface: it names the
//! place, the first offence, the rule, and what to do.

use std::fmt;
use thiserror::Error;

/// Why a call was refused.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum Error {
    /// A rule book, or an override of one, is malformed.
    #[error(transparent)]
    RuleBook(#[from] RuleBookError),
    /// A column holds what the rules cannot take.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The rule book holds nothing for this question (a year, a track, a program, a date of knowledge).
    #[error("{0}")]
    NotModelled(String),
}

/// What is wrong in a rule book, where, and what to do.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[error("{file}: {place}{problem}. {remedy}")]
pub struct RuleBookError {
    /// File or mapping that was read.
    pub file: String,
    /// Rule id and key, already punctuated, or nothing.
    pub place: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl RuleBookError {
    /// An error at a rule and key of a file; an empty id or key is left out of the text.
    pub fn new(file: &str, id: &str, key: &str, problem: impl fmt::Display, remedy: impl fmt::Display) -> Self {
        let part =
            |what: &str, name: &str| if name.is_empty() { String::new() } else { format!("{what} `{name}`: ") };
        let place = part("rule", id) + &part("key", key);
        Self { file: file.into(), place, problem: problem.to_string(), remedy: remedy.to_string() }
    }
}

/// What is wrong in a column: how many rows, which first, and what to do.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[error("column `{column}`: {problem}{where_}. {remedy}")]
pub struct InputError {
    /// Column, under the name that the caller gave it.
    pub column: String,
    /// What is wrong.
    pub problem: String,
    /// " in 3 rows, first in row 17 (value -1)", or nothing where the whole column is meant.
    pub where_: String,
    /// What to do.
    pub remedy: String,
}

impl InputError {
    /// An error that concerns a whole column.
    pub fn column(column: &str, problem: impl fmt::Display, remedy: impl fmt::Display) -> Self {
        Self {
            column: column.into(),
            problem: problem.to_string(),
            where_: String::new(),
            remedy: remedy.to_string(),
        }
    }

    /// An error in some rows of a column.
    pub fn rows(
        column: &str,
        problem: impl fmt::Display,
        rows: u64,
        first: usize,
        value: impl fmt::Display,
        remedy: impl fmt::Display,
    ) -> Self {
        let plural = if rows == 1 { "row" } else { "rows" };
        Self {
            where_: format!(" in {rows} {plural}, first in row {first} (value {value})"),
            ..Self::column(column, problem, remedy)
        }
    }
}

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
