//! Terms of fees by year and arrangement, read from the rule book once.

use super::{GROUPS, TIERS};
use crate::core::error::{Error, Result};
use crate::core::programs::listed;
use crate::core::round::PPB;
use crate::core::rulebook::{AsOf, Book, LAST_YEAR, Scalar, Taken, Told, Value, sentences};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// One arrangement in one year; cents, parts per billion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeeTerms {
    /// Fee of each tier by month.
    pub tiers: [Option<i64>; TIERS],
    /// Incentives by month for quality and for utilization.
    pub incentive: Option<[i64; 2]>,
    /// Part of an incentive that a score earns; the score itself where there are no knots.
    pub earned: Option<Vec<(i64, i64)>>,
    /// Part of an incentive that is paid before it is earned; all of it where none is said.
    pub prepaid: Option<i64>,
    /// Part of what was prepaid and is not earned that is paid back; all of it where none is said.
    pub clawback: Option<i64>,
    /// Score of quality below which utilization earns nothing.
    pub gate: Option<i64>,
    /// Amount for each unit by score.
    pub by_score: Option<Vec<(i64, i64)>>,
    /// Payment by month of each risk group.
    pub population: [Option<i64>; GROUPS],
    /// Flat fee of a visit.
    pub visit_fee: Option<i64>,
    /// Adjustment of a practice that fails the quality gateway.
    pub gateway_failed: Option<i64>,
    /// Adjustments by level against the region, and by level of improvement.
    pub regional: Vec<(i64, i64)>,
    /// The same of improvement.
    pub improvement: Vec<(i64, i64)>,
    /// Lowest and highest adjustment of revenue.
    pub adjustments: Option<[i64; 2]>,
    /// What is added to visits that are paid as capitation.
    pub uplift: Option<i64>,
    /// Parts of visits that may be elected.
    pub elections: Vec<i64>,
}

/// A program of fees.
#[derive(Clone, Debug)]
pub struct FeePlan {
    /// Its name.
    pub program: String,
    /// Arrangements; the code of one is its place.
    pub arrangements: Vec<String>,
    first_year: i64,
    /// To the last year, or to that from which on nothing changes.
    years: Vec<Vec<Option<FeeTerms>>>,
    /// Whether the last of them stands for all later years.
    open: bool,
    told: Vec<Vec<Told>>,
}

fn scaled(id: &str, number: Decimal, unit: i64) -> Result<i64> {
    let whole = number.checked_mul(Decimal::from(unit)).filter(|n| n.fract().is_zero());
    whole.and_then(|n| n.to_i64()).ok_or_else(|| {
        Error::NotModelled(format!("`{id}` has more decimals than can be counted. Mend the override"))
    })
}

fn read(taken: &mut Taken<'_>, program: &str, arrangement: &str) -> Result<FeeTerms> {
    let mut number = |field: &str, unit: i64| -> Result<Option<i64>> {
        let id = format!("{program}.{field}");
        taken.keyed_number(&id, arrangement)?.map(|n| scaled(&id, n, unit)).transpose()
    };
    let mut out = FeeTerms::default();
    for (tier, fee) in out.tiers.iter_mut().enumerate() {
        *fee = number(&format!("care_management.tier_{}", tier + 1), 100)?;
    }
    for (group, payment) in out.population.iter_mut().enumerate() {
        *payment = number(&format!("population_payment.group_{}", group + 1), 100)?;
    }
    out.visit_fee = number("visit_fee", 100)?;
    let utilization = number("incentive.utilization", 100)?.unwrap_or(0);
    out.incentive = number("incentive.quality", 100)?.map(|quality| [quality, utilization]);
    out.gate = number("incentive.gate", PPB)?;
    out.prepaid = number("incentive.prepaid", PPB)?;
    out.clawback = number("incentive.clawback", PPB)?;
    out.gateway_failed = number("revenue.gateway_failed", PPB)?;
    out.adjustments = number("revenue.lowest", PPB)?.zip(number("revenue.highest", PPB)?).map(|(l, h)| [l, h]);
    out.uplift = number("hybrid.uplift", PPB)?;
    let mut knots = |field: &str, unit: i64| -> Result<Option<Vec<(i64, i64)>>> {
        let id = format!("{program}.{field}");
        let Some(knots) = taken.knots(&id)? else { return Ok(None) };
        let scale = |(x, y): &(Decimal, Decimal)| Ok((scaled(&id, *x, PPB)?, scaled(&id, *y, unit)?));
        knots.iter().map(scale).collect::<Result<_>>().map(Some)
    };
    out.by_score = knots("score_payment", 100)?;
    out.earned = knots("incentive.earned", PPB)?;
    for (levels, field) in [(&mut out.regional, "revenue.regional"), (&mut out.improvement, "revenue.improvement")]
    {
        let id = format!("{program}.{field}");
        for (level, share) in taken.table(&id)?.into_iter().flatten() {
            let (Ok(level), Scalar::Number(share)) = (level.parse(), share) else {
                return Err(Error::NotModelled(format!(
                    "`{id}` is no table of shares by level. Mend the override"
                )));
            };
            levels.push((level, scaled(&id, *share, PPB)?));
        }
    }
    let id = format!("{program}.hybrid.elections");
    for share in taken.menu(&id)?.unwrap_or_default() {
        out.elections.push(scaled(&id, share, PPB)?);
    }
    Ok(out)
}

impl FeePlan {
    /// Reads a program; its years are those of its arrangements.
    pub fn new(book: &Book, program: &str, as_of: AsOf) -> Result<Self> {
        let id = format!("{program}.fee_arrangements");
        let Some((first, last)) = book.years(&id, as_of) else {
            let (has, known) = (format!("the rule book has no fees of program {program:?}"), listed(book, as_of));
            return Err(Error::NotModelled(format!("{has}; it has {known}. Choose one of them")));
        };
        let own = format!("{program}.");
        let ids = book.rules().map(|r| r.id.as_str()).filter(|id| id.starts_with(&own));
        let settled = ids.filter_map(|id| book.settled_from(id, as_of)).max();
        let open = last.is_none();
        let last = last.or(settled).unwrap_or(first);
        let mut plan = Self {
            program: program.into(),
            arrangements: Vec::new(),
            first_year: first.into(),
            years: Vec::new(),
            open,
            told: Vec::new(),
        };
        for year in first..=last {
            let mut taken = book.read(year, as_of);
            let names: Vec<String> = match taken.rule(&id).map(|rule| &rule.value) {
                Some(Value::Choice(menu)) => menu.iter().map(Scalar::to_string).collect(),
                _ => Vec::new(),
            };
            for name in &names {
                if !plan.arrangements.contains(name) {
                    plan.arrangements.push(name.clone());
                }
            }
            let terms = plan
                .arrangements
                .iter()
                .map(|name| names.contains(name).then(|| read(&mut taken, program, name)).transpose());
            let terms = terms.collect::<Result<Vec<_>>>()?;
            plan.years.push(terms);
            plan.told.push(taken.told());
        }
        // An arrangement that began later has no terms in the years before.
        for year in &mut plan.years {
            year.resize(plan.arrangements.len(), None);
        }
        Ok(plan)
    }

    /// The years, each with the terms of its arrangements.
    pub(super) fn own_years(&self) -> impl Iterator<Item = (i64, &[Option<FeeTerms>])> {
        (self.first_year..).zip(self.years.iter().map(Vec::as_slice))
    }

    /// First and last year.
    #[must_use]
    pub fn span(&self) -> (i64, i64) {
        (self.first_year, if self.open { LAST_YEAR } else { self.first_year + self.years.len() as i64 - 1 })
    }

    /// Place of a year among those that were read.
    fn place(&self, year: i64) -> Option<usize> {
        let at = usize::try_from(year.checked_sub(self.first_year)?).ok()?;
        let last = self.years.len().checked_sub(1)?;
        if at > last && !(self.open && year <= LAST_YEAR) { None } else { Some(at.min(last)) }
    }

    /// The terms of a year; nothing where the program did not run.
    #[must_use]
    pub fn year(&self, year: i64) -> Option<&[Option<FeeTerms>]> {
        self.years.get(self.place(year)?).map(Vec::as_slice)
    }

    /// Code of an arrangement.
    #[must_use]
    pub fn code(&self, name: &str) -> Option<usize> {
        let plain = name.trim().to_uppercase().replace([' ', '-'], "_");
        self.arrangements.iter().position(|own| *own == plain)
    }

    /// What a reader of results of these years must be told.
    #[must_use]
    pub fn warnings(&self, years: &[i64]) -> Vec<String> {
        let places = years.iter().filter_map(|year| self.place(*year));
        sentences(places.filter_map(|at| self.told.get(at)).flatten())
    }
}
