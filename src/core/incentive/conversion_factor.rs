//! Conversion factors of the Physician Fee Schedule by year and QP status: SSA 1848(d)(1)(A). Before 2026 there is one for
//! all. From 2026 QPs of two years before have the qualifying factor; Partial QPs and all others have the other. Each is
//! also computed from the last factor that was one for all. In hundredths of a cent.

use super::ppb;
use crate::core::error::Result;
use crate::core::qp::{QP, STATUSES};
use crate::core::reference::{self, Trace};
use crate::core::round::{PPB, conversion_factor_units};
use crate::core::rows::{Field, Holds, Verb, Wrong, plausible, reason};
use crate::core::rulebook::{AsOf, Book, Taken, Told};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeMap;

/// Words for which factor a row has, by code.
pub const FACTORS: [&str; 3] = ["single", "qualifying", "non_qualifying"];
/// Fields of the ids in the rule book, in the order of [`FACTORS`] after the first.
const SIDES: [&str; 2] = ["qualifying", "non_qualifying"];

/// What one side of a year comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Factor {
    published: i64,
    computed: Option<i64>,
}

/// Factors by calendar year.
pub struct ConversionFactors {
    years: BTreeMap<i64, [Factor; 2]>,
    /// Years with one factor for all.
    single: Vec<i64>,
    told: Vec<Told>,
}

/// The book read for a calendar year, which is a payment year.
fn read(book: &Book, as_of: AsOf, year: i64) -> Taken<'_> {
    book.read_payment_year(year as u16, as_of)
}

fn units(number: Decimal) -> Option<i64> {
    number.checked_mul(Decimal::from(10_000)).filter(|n| n.fract().is_zero()).and_then(|n| n.to_i64())
}

/// Updates of a year that stay, and what was added for it alone; nothing where the book has not all.
fn parts(taken: &mut Taken<'_>, side: &str) -> Result<Option<([i64; 2], i64)>> {
    let share = |taken: &mut Taken<'_>, id: &str| -> Result<Option<i64>> {
        taken.optional_number(id)?.map(|n| ppb(id, n)).transpose()
    };
    let update = share(taken, &format!("conversion_factor.update.{side}"))?;
    let neutral = share(taken, "conversion_factor.budget_neutrality")?;
    let once = share(taken, "conversion_factor.one_year_increase")?.unwrap_or(0);
    Ok(update.zip(neutral).map(|(update, neutral)| ([update, neutral], once)))
}

impl ConversionFactors {
    /// The factor of a year from the last that was one for all, nothing rounded on the way; nothing where the book has
    /// not what it is made of.
    fn computed(book: &Book, as_of: AsOf, year: i64, side: &str, told: &mut Vec<Told>) -> Result<Option<i64>> {
        let mut all = Vec::new();
        for at in (0..=year).rev() {
            let mut taken = read(book, as_of, at);
            if let Some((stay, once)) = parts(&mut taken, side)? {
                all.extend(stay);
                if at == year {
                    all.push(once);
                }
                told.extend(taken.told());
                continue;
            }
            // Before the first year with an update the factor is one for all.
            let first = taken.optional_number(&format!("conversion_factor.{side}"))?.and_then(units);
            let update = taken.optional_number(&format!("conversion_factor.update.{side}"))?;
            if all.is_empty() || first.is_none() || update.is_some() {
                return Ok(None);
            }
            told.extend(taken.told());
            return Ok(first.and_then(|first| conversion_factor_units(first, &all)));
        }
        Ok(None)
    }

    fn side(book: &Book, as_of: AsOf, year: i64, side: &str, told: &mut Vec<Told>) -> Result<Option<Factor>> {
        let id = format!("conversion_factor.{side}");
        let mut now = read(book, as_of, year);
        let Some(published) = now.optional_number(&id)?.and_then(units) else { return Ok(None) };
        told.extend(now.told());
        let computed = Self::computed(book, as_of, year, side, told)?;
        Ok(Some(Factor { published, computed }))
    }
}

impl Verb for ConversionFactors {
    const FIELDS: &'static [Field] =
        &[Field::year("payment_year").needed(), Field::word("status", &STATUSES).needed()];
    const RESULTS: &'static [(&'static str, Holds)] = &[
        ("factor", Holds::Words(&FACTORS)),
        ("conversion_factor", Holds::Factor),
        ("conversion_factor_computed", Holds::Factor),
        ("conversion_factor_advantage", Holds::Share),
    ];
    const REASONS: &'static [(&'static str, &'static str, &'static str)] = &[];

    fn plan(book: &Book, as_of: AsOf, years: &[i64]) -> Result<Self> {
        let mut plan = Self { years: BTreeMap::new(), single: Vec::new(), told: Vec::new() };
        for year in years.iter().copied().filter(|year| plausible(*year - 1)) {
            let mut told = Vec::new();
            let qualifying = Self::side(book, as_of, year, SIDES[0], &mut told)?;
            let other = Self::side(book, as_of, year, SIDES[1], &mut told)?;
            if let Some((qualifying, other)) = qualifying.zip(other) {
                plan.years.insert(year, [qualifying, other]);
                plan.told.extend(told);
            }
            let update = read(book, as_of, year).optional_number("conversion_factor.update.qualifying")?;
            if update.is_none() {
                plan.single.push(year);
            }
        }
        Ok(plan)
    }

    fn knows(&self, year: i64) -> bool {
        self.years.contains_key(&year)
    }

    fn decide(&self, values: &[Option<i64>], out: &mut [Option<i64>]) -> Result<u8, Wrong> {
        let year = values[0].ok_or((0, reason::MISSING_INPUT))?;
        let [qualifying, other] = self.years.get(&year).ok_or((0, reason::UNKNOWN_YEAR))?;
        let qp = values[1] == Some(i64::from(QP));
        let mine = if qp { qualifying } else { other };
        let word = if self.single.contains(&year) { 0 } else { 2 - i64::from(qp) };
        let ahead = i128::from(mine.published - other.published) * i128::from(PPB) / i128::from(other.published);
        out.copy_from_slice(&[Some(word), Some(mine.published), mine.computed, Some(ahead as i64)]);
        Ok(0)
    }

    fn told(&self) -> Vec<Told> {
        self.told.clone()
    }

    fn explain(book: &Book, as_of: AsOf, values: &[Option<i64>], trace: &mut Trace) -> Result<()> {
        let side = SIDES[usize::from(values[1] != Some(i64::from(QP)))];
        let year = values[0].unwrap_or(0);
        reference::conversion_factor::factor(book, as_of, year, side, trace).map(|_| ())
    }
}
