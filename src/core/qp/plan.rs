//! Thresholds of every performance year, read from the rule book once and laid out for the kernel.
//!
//! A threshold is held twice: in parts per billion for the exact row form, and in 16-bit units of a common
//! scale, four to a 64-bit word, for the block kernel.

use crate::core::error::{Error, Result};
use crate::core::round::{PPB, Ratio, gcd};
use crate::core::rulebook::{AsOf, Book, LAST_YEAR, Told, sentences};

/// Different sets of thresholds that the kernel can tell apart.
pub(crate) const ERAS: usize = 8;
/// Largest scale that fits the 16-bit fields beside the sentinel.
const MAX_SCALE: i64 = 1 << 14;
/// A field that no score reaches.
const NEVER: u64 = 0xffff;

/// Thresholds of one option in one year, parts per billion; `None` where the option does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// QP, payment amount method.
    pub payment_qp: i64,
    /// Partial QP, payment amount method.
    pub payment_partial: i64,
    /// QP, patient count method.
    pub patient_qp: i64,
    /// Partial QP, patient count method.
    pub patient_partial: i64,
}

/// All thresholds of one performance year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Year {
    /// Medicare Option.
    pub medicare: Thresholds,
    /// All-Payer Combination Option and its Medicare minimums, from 2019.
    pub all_payer: Option<(Thresholds, Thresholds)>,
}

/// Thresholds by year, ready for rows.
#[derive(Clone, Debug)]
pub struct Plan {
    first_year: i64,
    /// From the first year in which all four Medicare thresholds exist to the last, or to that from which on
    /// nothing changes; `None` where the book, read from this standpoint, is silent.
    years: Vec<Option<Year>>,
    /// Whether the last year of the table stands for all later ones.
    open: bool,
    /// The kernel's words, or nothing where the thresholds do not fit it.
    pub(crate) words: Option<Words>,
    warnings: Vec<(i64, Vec<Told>)>,
}

/// Packed thresholds by era: runs of years with the same thresholds, which a few compares pick faster than a
/// table look-up. One word each for Medicare, all-payer and Medicare minimum.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub(crate) scale: i64,
    /// First year of each era, rising; `i64::MAX` where there is none.
    pub(crate) starts: [i64; ERAS],
    pub(crate) medicare: [u64; ERAS],
    pub(crate) all_payer: [u64; ERAS],
    pub(crate) minimum: [u64; ERAS],
}

fn ids(option: &str) -> [String; 4] {
    ["payment_amount.qp", "payment_amount.partial_qp", "patient_count.qp", "patient_count.partial_qp"]
        .map(|rest| format!("qp.{option}.{rest}"))
}

impl Plan {
    /// Reads all thresholds that the book holds from this standpoint.
    pub fn new(book: &Book, as_of: AsOf) -> Result<Self> {
        let (mut first, mut last) = (0, None::<u16>);
        for id in ids("medicare") {
            let Some((from, to)) = book.years(&id, as_of) else {
                let date = as_of.date.map_or(String::new(), |d| format!(" on {d}"));
                return Err(Error::NotModelled(format!(
                    "the rule book knows no `{id}`{date}: the Quality Payment Program was not yet law. Use a later \
                     as_of"
                )));
            };
            first = from.max(first);
            last = to.into_iter().chain(last).min();
        }
        let options = ["medicare", "all_payer", "all_payer.medicare_minimum"];
        let settled = options.iter().flat_map(|o| ids(o)).filter_map(|id| book.settled_from(&id, as_of)).max();
        let end = last.or(settled).unwrap_or(first).min(LAST_YEAR as u16);
        let count = usize::from(end.saturating_sub(first)) + 1;
        let mut years = Vec::with_capacity(count);
        let mut warnings = Vec::new();
        for year in (first..).take(count) {
            let mut taken = book.read(year, as_of);
            let medicare = read(&mut taken, "medicare")?;
            let all_payer = read(&mut taken, "all_payer")?;
            let minimum = read(&mut taken, "all_payer.medicare_minimum")?;
            years.push(medicare.map(|medicare| Year { medicare, all_payer: all_payer.zip(minimum) }));
            warnings.push((i64::from(year), taken.told()));
        }
        let mut plan = Self { first_year: i64::from(first), years, open: last.is_none(), words: None, warnings };
        plan.words = plan.pack();
        Ok(plan)
    }

    /// Thresholds of a performance year.
    #[must_use]
    pub fn year(&self, performance_year: i64) -> Option<&Year> {
        let i = usize::try_from(performance_year.checked_sub(self.first_year)?).ok()?;
        if i >= self.years.len() && !(self.open && performance_year <= LAST_YEAR) {
            return None;
        }
        self.years.get(i.min(self.years.len() - 1))?.as_ref()
    }

    /// What a reader of results for these performance years must be told.
    #[must_use]
    pub fn warnings(&self, years: &[i64]) -> Vec<String> {
        let last = self.first_year + self.years.len() as i64 - 1;
        let asked = |year: i64| years.iter().any(|y| (*y).min(last) == year);
        sentences(self.warnings.iter().filter(|(year, _)| asked(*year)).flat_map(|(_, told)| told))
    }

    fn pack(&self) -> Option<Words> {
        let all: Vec<&Year> = self.years.iter().map(Option::as_ref).collect::<Option<_>>()?;
        if !self.open {
            return None;
        }
        let lists = all.iter().flat_map(|y| {
            let (option, minimum) = y.all_payer.unzip();
            [Some(y.medicare), option, minimum]
        });
        let scale = lists.flatten().flat_map(|t| t.fields()).try_fold(1, |scale, rate| {
            let denominator = PPB / gcd(rate, PPB);
            Some(scale / gcd(scale, denominator) * denominator).filter(|s| *s <= MAX_SCALE)
        })?;
        let word = |t: Option<Thresholds>| {
            t.map_or(u64::MAX, |t| {
                let [a, b, c, d] = t.fields().map(|rate| (rate / (PPB / scale)) as u64 & NEVER);
                a | b << 16 | c << 32 | d << 48
            })
        };
        let mut words = Words {
            scale,
            starts: [i64::MAX; ERAS],
            medicare: [u64::MAX; ERAS],
            all_payer: [u64::MAX; ERAS],
            minimum: [u64::MAX; ERAS],
        };
        let mut era = 0;
        for (i, year) in all.iter().enumerate() {
            if i > 0 && all[i - 1] == *year {
                continue;
            }
            *words.starts.get_mut(era)? = self.first_year + i as i64;
            words.medicare[era] = word(Some(year.medicare));
            words.all_payer[era] = word(year.all_payer.map(|(option, _)| option));
            words.minimum[era] = word(year.all_payer.map(|(_, minimum)| minimum));
            era += 1;
        }
        Some(words)
    }
}

impl Thresholds {
    fn fields(&self) -> [i64; 4] {
        [self.payment_qp, self.payment_partial, self.patient_qp, self.patient_partial]
    }
}

fn read(taken: &mut crate::core::rulebook::Taken<'_>, option: &str) -> Result<Option<Thresholds>> {
    let mut rates = [0; 4];
    for (rate, id) in rates.iter_mut().zip(ids(option)) {
        let Some(number) = taken.optional_number(&id)? else { return Ok(None) };
        let share = Ratio::from_decimal(number).filter(|r| *r <= Ratio::ONE);
        *rate = share.map(|r| r.n * (PPB / r.d)).ok_or_else(|| {
            Error::NotModelled(format!("`{id}` is {number}: a threshold lies between 0 and 1. Mend the override"))
        })?;
    }
    let [payment_qp, payment_partial, patient_qp, patient_partial] = rates;
    Ok(Some(Thresholds { payment_qp, payment_partial, patient_qp, patient_partial }))
}
