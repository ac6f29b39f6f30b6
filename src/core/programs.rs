//! Which programs the rule book has: their names, other names for them, and by which family of calculations each is
//! settled. A program is known by the rule of its arrangements.

use crate::core::rulebook::{AsOf, Book, LAST_YEAR, Scalar, Value};
use std::collections::BTreeMap;

/// What settles a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Benchmark and expenditures: savings and losses that are shared.
    SharedSavings,
    /// Fees at risk, payments by score, hybrid payments: no benchmark.
    Fees,
}

impl Family {
    const ALL: [Self; 2] = [Self::SharedSavings, Self::Fees];

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SharedSavings => "shared_savings",
            Self::Fees => "fees",
        }
    }

    /// The last word of the id of the rule with a program's arrangements.
    pub(super) const fn arrangements(self) -> &'static str {
        match self {
            Self::SharedSavings => "arrangements",
            Self::Fees => "fee_arrangements",
        }
    }
}

/// A program that can be settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its id: what its rules begin with.
    pub id: String,
    /// Its full name.
    pub name: String,
    /// What settles it.
    pub family: Family,
}

fn names<'b>(book: &'b Book, id: &str, as_of: AsOf) -> Option<&'b BTreeMap<String, Scalar>> {
    match book.find(id, LAST_YEAR as u16, as_of).map(|rule| &rule.value) {
        Some(Value::Table(table)) => Some(table),
        _ => None,
    }
}

/// A program's own name for any name of it.
#[must_use]
pub fn canonical(book: &Book, program: &str, as_of: AsOf) -> String {
    let plain = program.trim().to_lowercase().replace([' ', '-'], "_");
    let known = names(book, "programs.spellings", as_of).and_then(|table| table.get(&plain));
    known.map_or(plain, ToString::to_string)
}

/// What settles a program, by its own name; nothing where the book has no such program from this standpoint.
#[must_use]
pub fn family(book: &Book, program: &str, as_of: AsOf) -> Option<Family> {
    let known = |family: &Family| book.years(&format!("{program}.{}", family.arrangements()), as_of).is_some();
    Family::ALL.into_iter().find(known)
}

/// Programs that can be settled from this standpoint: those that share savings, then those that pay fees.
#[must_use]
pub fn programs(book: &Book, as_of: AsOf) -> Vec<Program> {
    let full = names(book, "programs.names", as_of);
    let mut out: Vec<Program> = Vec::new();
    for family in Family::ALL {
        for rule in book.rules() {
            let Some((id, word)) = rule.id.split_once('.') else { continue };
            let listed = out.iter().any(|known| known.id == id);
            if word == family.arrangements() && !listed && self::family(book, id, as_of) == Some(family) {
                let name = full.and_then(|names| names.get(id)).map_or_else(|| id.to_owned(), ToString::to_string);
                out.push(Program { id: id.to_owned(), name, family });
            }
        }
    }
    out
}

/// Their ids in a sentence, for an error message.
#[must_use]
pub fn listed(book: &Book, as_of: AsOf) -> String {
    let ids: Vec<String> = programs(book, as_of).into_iter().map(|program| program.id).collect();
    if ids.is_empty() { "none".into() } else { ids.join(", ") }
}

/// First and last year of a program in words; it goes on where its last year is that of the book.
#[must_use]
pub fn in_words((first, last): (i64, i64)) -> String {
    if last == LAST_YEAR { format!("from {first} on") } else { format!("from {first} to {last}") }
}
