//! What verbs share that decide one row at a time by year: their columns and results as data, the reasons for which a
//! row can be refused, and the pass over all rows. Amounts in cents, shares in parts per billion, words as codes.

mod run;

pub use run::{Given, Outputs};

use crate::core::error::Result;
use crate::core::kernel::Conversion;
use crate::core::reference::Trace;
use crate::core::rulebook::{AsOf, Book, Told};

/// A result that is null.
pub const NULL: i64 = i64::MIN;

/// What a column may hold.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What its numbers mean.
    pub how: Conversion,
    /// Words by code, where it is a column of words.
    pub words: &'static [&'static str],
    /// Least value.
    pub lowest: i64,
    /// Greatest value.
    pub highest: i64,
    /// Whether the verb cannot do without the column.
    pub needed: bool,
}

impl Field {
    const fn new(name: &'static str, how: Conversion, lowest: i64, highest: i64) -> Self {
        Self { name, how, words: &[], lowest, highest, needed: false }
    }

    /// An amount that is not negative.
    #[must_use]
    pub const fn amount(name: &'static str) -> Self {
        Self::new(name, Conversion::Dollars, 0, i64::MAX)
    }

    /// An amount of either sign.
    #[must_use]
    pub const fn signed(name: &'static str) -> Self {
        Self::new(name, Conversion::Dollars, i64::MIN, i64::MAX)
    }

    /// A count.
    #[must_use]
    pub const fn count(name: &'static str) -> Self {
        Self::new(name, Conversion::Whole, 0, i64::MAX)
    }

    /// A year, which the rule book must know.
    #[must_use]
    pub const fn year(name: &'static str) -> Self {
        Self::new(name, Conversion::Whole, i64::MIN, i64::MAX)
    }

    /// A share of one.
    #[must_use]
    pub const fn share(name: &'static str) -> Self {
        Self::new(name, Conversion::Share, 0, crate::core::round::PPB)
    }

    /// A change: more than the loss of all, at most a doubling.
    #[must_use]
    pub const fn change(name: &'static str) -> Self {
        let one = crate::core::round::PPB;
        Self::new(name, Conversion::Share, 1 - one, one)
    }

    /// A number that is not negative, in parts per billion.
    #[must_use]
    pub const fn factor(name: &'static str) -> Self {
        Self::new(name, Conversion::Share, 0, i64::MAX)
    }

    /// A truth value.
    #[must_use]
    pub const fn truth(name: &'static str) -> Self {
        Self::new(name, Conversion::Whole, 0, 1)
    }

    /// One of some words.
    #[must_use]
    pub const fn word(name: &'static str, words: &'static [&'static str]) -> Self {
        Self { words, ..Self::new(name, Conversion::Whole, 0, words.len() as i64 - 1) }
    }

    /// The same column, as one that is needed.
    #[must_use]
    pub const fn needed(self) -> Self {
        Self { needed: true, ..self }
    }
}

/// What a result counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Cents.
    Cents,
    /// Parts per billion.
    Share,
    /// Whole numbers.
    Whole,
    /// Hundredths of a cent, the unit of conversion factors.
    Factor,
    /// Codes of words.
    Words(&'static [&'static str]),
}

/// A column and the reason for which its row has no result.
pub type Wrong = (usize, u8);

/// A verb that decides one row at a time; its first column is the year.
pub trait Verb: Sized + Sync {
    /// Columns that it reads.
    const FIELDS: &'static [Field];
    /// Columns that it writes.
    const RESULTS: &'static [(&'static str, Holds)];
    /// Its own reasons, whose codes follow those of [`reason::COMMON`]: the word, what is wrong, what to do. What is
    /// wrong is empty where the reason stands beside a result.
    const REASONS: &'static [(&'static str, &'static str, &'static str)];

    /// Whether a reason says that the rule book holds nothing for the row, rather than that the row is wrong.
    #[must_use]
    fn not_modelled(_reason: u8) -> bool {
        false
    }
    /// Reads the rules of these years of the first column.
    fn plan(book: &Book, as_of: AsOf, years: &[i64]) -> Result<Self>;
    /// Whether the rule book knows the year.
    fn knows(&self, year: i64) -> bool;
    /// Decides a row whose values lie within their fields: writes the results, gives a reason, or what is wrong.
    fn decide(&self, values: &[Option<i64>], out: &mut [Option<i64>]) -> Result<u8, Wrong>;
    /// What a reader of the results must be told.
    fn told(&self) -> Vec<Told>;
    /// Tells every step of a row in decimals, straight from the rule book.
    fn explain(book: &Book, as_of: AsOf, values: &[Option<i64>], trace: &mut Trace) -> Result<()>;
}

/// Reasons that all verbs of this kind share.
pub mod reason {
    /// Words by code; 0 is no reason.
    pub const COMMON: [&str; 8] =
        ["", "missing_input", "negative", "out_of_range", "not_finite", "overflow", "not_whole", "unknown_year"];
    #[allow(missing_docs)] // each is its word
    pub const MISSING_INPUT: u8 = 1;
    #[allow(missing_docs)]
    pub const NEGATIVE: u8 = 2;
    #[allow(missing_docs)]
    pub const OUT_OF_RANGE: u8 = 3;
    #[allow(missing_docs)]
    pub const NOT_FINITE: u8 = 4;
    #[allow(missing_docs)]
    pub const OVERFLOW: u8 = 5;
    #[allow(missing_docs)]
    pub const NOT_WHOLE: u8 = 6;
    #[allow(missing_docs)]
    pub const UNKNOWN_YEAR: u8 = 7;
    /// Code of a verb's first own reason.
    pub const OWN: u8 = COMMON.len() as u8;

    /// All words of a verb by code.
    #[must_use]
    pub fn words<V: super::Verb>() -> Vec<&'static str> {
        COMMON.into_iter().chain(V::REASONS.iter().map(|own| own.0)).collect()
    }

    /// What is wrong with a column, and what to do.
    #[must_use]
    pub fn describe<V: super::Verb>(code: u8) -> (&'static str, &'static str) {
        match code {
            NEGATIVE => ("negative", "This cannot be below zero: check signs"),
            OUT_OF_RANGE => (
                "out of range",
                "Shares are fractions of one (50 % is a half, not 50), truth values and words are known ones",
            ),
            NOT_FINITE => ("NaN or infinite", "Use null for a missing value"),
            OVERFLOW => ("too large", "The largest amount is 9.2e16 dollars: check the unit"),
            NOT_WHOLE => ("not a whole number", "Counts, years and truth values are whole numbers"),
            UNKNOWN_YEAR => (
                "year that the rule book does not know",
                "See `rules.show` of the rules in question; proposed=True counts proposed rules, too",
            ),
            MISSING_INPUT => ("missing", "Give the column"),
            own => {
                let (_, problem, remedy) = V::REASONS[usize::from(own - OWN)];
                (problem, remedy)
            }
        }
    }
}

/// Whether a year is one that can be asked about.
#[must_use]
pub fn plausible(year: i64) -> bool {
    (1900..=crate::core::rulebook::LAST_YEAR).contains(&year)
}
