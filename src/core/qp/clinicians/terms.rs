//! What the rule book says of one performance year: snapshots, period, levels, bases, terminations, scope.

use crate::core::date::Date;
use crate::core::error::{Error, Result};
use crate::core::rulebook::{AsOf, Book, Taken, sentences};

/// Snapshots of a year that fit the bits of a mask.
const MOST_SNAPSHOTS: usize = 8;
/// Attribution bases that a year can have.
const MOST_BASES: usize = 2;

/// The rules of one performance year.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Days on which the lists are read, in order.
    pub snapshots: Vec<Date>,
    /// First and last day of the QP Performance Period.
    pub period: (Date, Date),
    /// Days without a break that a model must be tested.
    pub model_days: i64,
    /// Whether everybody is determined at both levels, or individually in exceptions only.
    pub individual_always: bool,
    /// Attribution bases by name.
    pub bases: Vec<String>,
    /// Whether a termination takes the status away.
    pub terminations: bool,
    /// Whether an entity's status holds only at the TINs tied to it.
    pub by_tin: bool,
    /// What stands before an NPI when its check digit is computed.
    pub npi_prefix: u64,
    warnings: Vec<String>,
}

impl Terms {
    /// Reads the rules of a performance year.
    pub fn new(book: &Book, performance_year: i64, as_of: AsOf) -> Result<Self> {
        let year = u16::try_from(performance_year).unwrap_or(u16::MAX);
        let mut taken = book.read(year, as_of);
        // The thresholds begin with the program, and name the years that there are.
        taken.number("qp.medicare.payment_amount.qp")?;
        let days = list(&mut taken, "qp.snapshots", MOST_SNAPSHOTS)?;
        let snapshots = days.iter().map(|day| date(year, "qp.snapshots", day)).collect::<Result<Vec<_>>>()?;
        if !snapshots.is_sorted() {
            return Err(mend("qp.snapshots", "not in the order of the calendar"));
        }
        let mut bound = |id: &str| date(year, id, taken.text(id)?);
        let period = (bound("qp.period.first")?, bound("qp.period.last")?);
        let word = |id: &str, word: &str, yes: &str, no: &str| match word {
            w if w == yes => Ok(true),
            w if w == no => Ok(false),
            other => Err(mend(id, &format!("{other:?}: say {yes:?} or {no:?}"))),
        };
        let individual_always = word("qp.individual", taken.text("qp.individual")?, "always", "exceptions")?;
        let terminations = taken.rule("qp.terminations").is_some();
        if terminations {
            word("qp.terminations", taken.text("qp.terminations")?, "not_qp", "not_qp")?;
        }
        let by_tin = word("qp.status_scope", taken.text("qp.status_scope")?, "tin_npi", "npi")?;
        let bases = list(&mut taken, "qp.attribution_bases", MOST_BASES)?;
        let prefix = taken.text("qp.npi_prefix")?;
        let short = prefix.len() < 9 && prefix.bytes().all(|b| b.is_ascii_digit());
        let npi_prefix = prefix.parse().ok().filter(|_| short);
        Ok(Self {
            period,
            snapshots,
            model_days: taken.optional_integer("qp.model_days")?.unwrap_or(0),
            individual_always,
            bases: bases.into_iter().map(str::to_owned).collect(),
            terminations,
            by_tin,
            npi_prefix: npi_prefix.ok_or_else(|| mend("qp.npi_prefix", "not a few digits"))?,
            warnings: sentences(&taken.told()),
        })
    }

    /// What a reader of results must be told of these rules.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Place of a snapshot among those of the year.
    #[must_use]
    pub fn snapshot(&self, yyyymmdd: i64) -> Option<usize> {
        self.snapshots.iter().position(|date| date.yyyymmdd() == yyyymmdd)
    }

    /// Snapshots, by bits, at which a model that is tested between two days is evaluated: those on or after the day
    /// by which it has been tested long enough within the period (414.1425(c)(7)).
    #[must_use]
    pub fn evaluated(&self, start: Option<Date>, end: Option<Date>) -> u8 {
        let first = start.map_or(self.period.0, |day| day.max(self.period.0)).day_number();
        let last = end.map_or(self.period.1, |day| day.min(self.period.1)).day_number();
        let long_enough = first + self.model_days - 1;
        if last < long_enough.max(first) {
            return 0;
        }
        let bits = self.snapshots.iter().enumerate().filter(|(_, day)| day.day_number() >= long_enough);
        bits.fold(0, |mask, (at, _)| mask | 1 << at)
    }
}

fn mend(id: &str, problem: &str) -> Error {
    Error::NotModelled(format!("`{id}` is {problem}. Mend the override"))
}

fn date(year: u16, id: &str, month_and_day: &str) -> Result<Date> {
    format!("{year:04}-{month_and_day}")
        .parse()
        .map_err(|_| mend(id, &format!("{month_and_day:?}, not a month and day such as \"03-31\"")))
}

fn list<'b>(taken: &mut Taken<'b>, id: &str, most: usize) -> Result<Vec<&'b str>> {
    let words = taken.words(id)?.unwrap_or_default();
    if words.is_empty() || words.len() > most {
        return Err(mend(id, &format!("a list of {}: between 1 and {most} are needed", words.len())));
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluated(year: i64, start: &str, end: &str) -> u8 {
        let terms = Terms::new(&Book::shipped().unwrap(), year, AsOf::default()).unwrap();
        terms.evaluated(start.parse().ok(), end.parse().ok())
    }

    #[test]
    fn t15_to_t17_sixty_days_are_enough_and_count_from_the_start_of_testing() {
        assert_eq!(evaluated(2023, "2023-07-01", ""), 0b100, "T15: at the last snapshot only");
        assert_eq!(evaluated(2023, "2023-07-04", ""), 0, "T16: 59 days");
        assert_eq!(evaluated(2023, "2023-07-03", ""), 0b100, "T16: 60 days");
        assert_eq!(evaluated(2023, "", "2023-02-28"), 0, "T17: 59 days");
        assert_eq!(evaluated(2023, "", "2023-03-01"), 0b111, "T17: 60 days, at each snapshot");
        assert_eq!(evaluated(2024, "", "2024-02-29"), 0b111, "60 days of a leap year");
        assert_eq!(evaluated(2023, "2023-01-31", ""), 0b111, "31 March is the sixtieth day");
        assert_eq!(evaluated(2023, "2023-02-01", ""), 0b110, "31 March is the fifty-ninth day");
        assert_eq!(evaluated(2023, "2022-11-01", ""), 0b111);
        assert_eq!(evaluated(2023, "2023-10-01", ""), 0);
        assert_eq!(evaluated(2023, "", "2022-12-31"), 0);
    }
}
