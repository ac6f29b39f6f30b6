//! The criteria of every performance year, read from the rule book once: one set for Medicare, one for other payers.

use super::{AUTHORITIES, PAYERS, code};
use crate::core::error::{Error, Result};
use crate::core::round::PPB;
use crate::core::rulebook::{AsOf, Book, LAST_YEAR, Scalar, Taken, Told, Value, sentences};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeMap;

/// Who pays, as far as the criteria differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Payer {
    /// Medicare fee for service.
    Medicare,
    /// Any other.
    Other,
}

impl Payer {
    /// How the rule book names it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Medicare => "medicare",
            Self::Other => "other_payer",
        }
    }
}

/// How many clinicians a medical home may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeTest {
    /// The parent organization must have fewer.
    OrganizationBelow(i64),
    /// The entity's own list may not have more on any snapshot.
    ListAtMost(i64),
}

/// The standard of medical homes in one year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Home {
    /// Least amount at risk, of revenue.
    pub of_revenue: i64,
    /// Size limit.
    pub size: Option<SizeTest>,
    /// Whether entities of the first round of CPC+ escape the limit.
    pub round_1_exempt: bool,
    /// Whether medical homes of payers other than Medicare and Medicaid count.
    pub aligned: bool,
}

/// The criteria of one year and kind of payer. Shares in parts per billion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criteria {
    /// Codes of authorities, or of payers, that count.
    pub covered: Vec<i64>,
    /// Least share of clinicians; `None` where use itself must be required.
    pub cehrt_share: Option<i64>,
    /// Authority for which a payment adjustment stands in for the share.
    pub cehrt_adjustment: Option<i64>,
    /// Whether the outcome measure must itself be comparable.
    pub outcome_comparable: bool,
    /// Least amount at risk, of revenue.
    pub of_revenue: i64,
    /// Least amount at risk, of expected expenditures.
    pub of_expected: i64,
    /// Least marginal risk, and the overrun below which levels may be left out.
    pub marginal: Option<(i64, i64)>,
    /// Medical homes.
    pub home: Home,
    told: Vec<Told>,
    told_home: Vec<Told>,
}

/// The criteria of the years asked for.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    years: BTreeMap<(i64, Payer), Criteria>,
}

impl Plan {
    /// Reads the years; one for which the book has no criteria is left out.
    pub fn new(book: &Book, as_of: AsOf, years: &[i64]) -> Result<Self> {
        let mut plan = Self::default();
        for payer in [Payer::Medicare, Payer::Other] {
            let id = format!("advanced_apm.{}.risk.of_expected", payer.word());
            let Some((first, _)) = book.years(&id, as_of) else { continue };
            for year in years.iter().filter(|year| (i64::from(first)..=LAST_YEAR).contains(*year)) {
                let criteria = read(book, as_of, payer, *year as u16)?;
                plan.years.insert((*year, payer), criteria);
            }
        }
        Ok(plan)
    }

    /// The criteria of a year.
    #[must_use]
    pub fn get(&self, year: i64, payer: Payer) -> Option<&Criteria> {
        self.years.get(&(year, payer))
    }

    /// What a reader must be told of the criteria used; `homes` where medical homes were among the rows.
    #[must_use]
    pub fn warnings(&self, used: &[(i64, Payer)], homes: bool) -> Vec<String> {
        let of = |key: &(i64, Payer)| self.years.get(key);
        let told = used.iter().filter_map(of).flat_map(|c| c.told.iter());
        let home = used.iter().filter_map(of).flat_map(|c| c.told_home.iter()).filter(|_| homes);
        sentences(told.chain(home))
    }
}

struct Reader<'b> {
    taken: Taken<'b>,
    payer: Payer,
}

impl Reader<'_> {
    fn id(&self, field: &str) -> String {
        format!("advanced_apm.{}.{field}", self.payer.word())
    }

    fn share(&mut self, field: &str) -> Result<Option<i64>> {
        let id = self.id(field);
        let Some(number) = self.taken.optional_number(&id)? else { return Ok(None) };
        let scaled = number.checked_mul(Decimal::from(PPB)).filter(|n| n.fract().is_zero());
        let share = scaled.and_then(|n| n.to_i64()).filter(|n| (0..=PPB).contains(n));
        share
            .map(Some)
            .ok_or_else(|| Error::NotModelled(format!("`{id}` must lie between 0 and 1. Mend the override")))
    }

    fn needed(&mut self, field: &str) -> Result<i64> {
        let (id, year) = (self.id(field), self.taken.performance_year);
        self.share(field)?
            .ok_or_else(|| Error::NotModelled(format!("the rule book has no `{id}` for performance year {year}")))
    }

    fn word(&mut self, field: &str) -> Option<String> {
        let id = self.id(field);
        self.taken.rule(&id).map(|rule| rule.value.to_string())
    }

    /// One of two words, the second of which is told by true.
    fn either(&mut self, field: &str, words: [&str; 2]) -> Result<bool> {
        let word = self.word(field);
        match word.as_deref() {
            Some(word) if word == words[0] => Ok(false),
            Some(word) if word == words[1] => Ok(true),
            other => {
                let (id, year) = (self.id(field), self.taken.performance_year);
                let [a, b] = words;
                Err(Error::NotModelled(format!(
                    "`{id}` is {:?} in performance year {year}: it must be {a} or {b}",
                    other.unwrap_or("absent")
                )))
            }
        }
    }
}

fn read(book: &Book, as_of: AsOf, payer: Payer, year: u16) -> Result<Criteria> {
    let mut r = Reader { taken: book.read(year, as_of), payer };
    let (field, words): (_, &[&str]) = match payer {
        Payer::Medicare => ("authorities", &AUTHORITIES),
        Payer::Other => ("payers", &PAYERS),
    };
    let id = r.id(field);
    let covered = match r.taken.rule(&id).map(|rule| &rule.value) {
        Some(Value::Choice(menu)) => menu.iter().map(Scalar::to_string).collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    let unknown = covered.iter().find(|word| code(words, word).is_none());
    if let Some(word) = unknown {
        return Err(Error::NotModelled(format!("`{id}` has {word:?}: choose from {}", words.join(", "))));
    }
    let covered = covered.iter().filter_map(|word| code(words, word)).collect();
    let cehrt_share =
        if r.either("cehrt", ["share", "required"])? { None } else { Some(r.needed("cehrt.share")?) };
    let cehrt_adjustment = r.word("cehrt.payment_adjustment").and_then(|word| code(&AUTHORITIES, &word));
    let outcome_comparable = r.either("outcome_measure", ["any", "comparable"])?;
    let (of_revenue, of_expected) = (r.needed("risk.of_revenue")?, r.needed("risk.of_expected")?);
    let marginal = match r.share("marginal_risk")? {
        None => None,
        Some(least) => Some((least, r.needed("marginal_risk.minimum_loss")?)),
    };
    let told = r.taken.told();
    let mut r = Reader { taken: book.read(year, as_of), payer };
    // The first year states that there is none, other payers before 2023 state nothing.
    let size = if r.word("medical_home.size_test").is_none_or(|word| word == "none") {
        None
    } else {
        let id = r.id("medical_home.size_limit");
        let limit = r.taken.optional_integer(&id)?;
        let limit = limit.ok_or_else(|| Error::NotModelled(format!("the rule book has no `{id}` for {year}")))?;
        let by_list = r.either("medical_home.size_test", ["organization_below", "list_at_most"])?;
        Some(if by_list { SizeTest::ListAtMost(limit) } else { SizeTest::OrganizationBelow(limit) })
    };
    let home = Home {
        of_revenue: r.needed("medical_home.of_revenue")?,
        size,
        round_1_exempt: r.word("medical_home.size_exempt").is_some(),
        aligned: r.word("medical_home.aligned").is_some(),
    };
    Ok(Criteria {
        covered,
        cehrt_share,
        cehrt_adjustment,
        outcome_comparable,
        of_revenue,
        of_expected,
        marginal,
        home,
        told,
        told_home: r.taken.told(),
    })
}
