//! The APM Incentive Payment of a QP: SSA 1833(z)(1), 42 CFR 414.1450. A percentage of what Part B paid for covered
//! professional services in the base year, the calendar year after the performance year, paid in the year after that.
//! Money in cents, shares in parts per billion.

pub mod conversion_factor;
mod recipients;

pub use recipients::{Payee, RELATIONS, SPLIT_REASONS, Split, disagreement, split};

use crate::core::error::{Error, Result};
use crate::core::qp::{QP, STATUSES};
use crate::core::reference::{self, Trace};
use crate::core::round::{PPB, signed_cents};
use crate::core::rows::{Field, Holds, Verb, Wrong, plausible, reason};
use crate::core::rulebook::{AsOf, Book, Told};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeMap;

/// Amounts of a base, by place in [`Verb::FIELDS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Base {
    /// Paid for covered professional services, adjustments and all.
    pub paid: i64,
    /// Adjustments under 1848(m), (o), (p), (q) within it, of either sign.
    pub adjustments: i64,
    /// Bonuses under 1833(m), (x), (y) within it.
    pub bonuses: i64,
    /// Shared savings, net reconciliation and other financial risk payments within it, of either sign.
    pub financial_risk: i64,
    /// Supplemental service payments that meet the four tests of 414.1450(b)(7).
    pub supplemental: i64,
    /// Paid under a cash-flow mechanism, within it.
    pub cash_flow: i64,
    /// What fee-for-service would have paid in its place.
    pub cash_flow_replaced: i64,
}

impl Base {
    /// The base in cents, below zero where more is taken off than was paid; nothing where it overflows.
    #[must_use]
    pub fn cents(&self) -> Option<i64> {
        let wide = i128::from;
        let base = wide(self.paid) - wide(self.adjustments) - wide(self.bonuses) - wide(self.financial_risk)
            + wide(self.supplemental)
            - wide(self.cash_flow)
            + wide(self.cash_flow_replaced);
        i64::try_from(base).ok()
    }
}

/// A number of the book in parts per billion.
pub(crate) fn ppb(id: &str, number: Decimal) -> Result<i64> {
    let whole = number.checked_mul(Decimal::from(PPB)).filter(|n| n.fract().is_zero()).and_then(|n| n.to_i64());
    whole.ok_or_else(|| {
        Error::NotModelled(format!("`{id}` has more decimals than can be counted. Mend the override"))
    })
}

/// A part of an amount to the cent, half away from zero; either may be below zero.
pub(crate) fn part_of(cents: i64, part: i64) -> Option<i64> {
    signed_cents(i128::from(cents) * i128::from(part), i128::from(PPB))
}

/// Percent and lags of a performance year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Percent, parts per billion.
    pub percent: i64,
    /// Years from the performance year to the base year.
    pub base_lag: i64,
    /// Years from the performance year to the payment year.
    pub payment_lag: i64,
}

/// Incentives by performance year.
pub struct Incentive {
    years: BTreeMap<i64, Terms>,
    told: Vec<Told>,
}

/// Reads the terms of a performance year; nothing where the book has none.
pub(crate) fn terms(book: &Book, as_of: AsOf, year: i64, told: &mut Vec<Told>) -> Result<Option<Terms>> {
    if !plausible(year) {
        return Ok(None);
    }
    let mut taken = book.read(year as u16, as_of);
    let Some(percent) = taken.optional_number("incentive.percent")? else { return Ok(None) };
    let base = taken.optional_integer("incentive.lag.base")?;
    let payment = taken.optional_integer("incentive.lag.payment")?;
    let Some((base_lag, payment_lag)) = base.zip(payment) else { return Ok(None) };
    told.extend(taken.told());
    Ok(Some(Terms { percent: ppb("incentive.percent", percent)?, base_lag, payment_lag }))
}

/// Not a QP: nothing is paid, to Partial QPs neither (SSA 1833(z)(1), (2)).
pub const NOT_QP: u8 = reason::OWN;
/// The law has no incentive for the payment year.
pub const NO_INCENTIVE: u8 = reason::OWN + 1;
/// More is taken off than was paid.
pub const NEGATIVE_BASE: u8 = reason::OWN + 2;
/// A pair of columns is given by half.
pub const UNPAIRED: u8 = reason::OWN + 3;

impl Incentive {
    /// The base of a row; nothing where it is not known what was paid.
    fn base(values: &[Option<i64>]) -> Result<Option<Base>, Wrong> {
        let [_, _, paid, adjustments, bonuses, financial_risk, supplemental, qualifies, flow, replaced] = *values
        else {
            return Err((0, reason::MISSING_INPUT));
        };
        if flow.is_some() != replaced.is_some() {
            return Err((if flow.is_some() { 9 } else { 8 }, UNPAIRED));
        }
        let supplemental = match (supplemental, qualifies) {
            (None | Some(0), _) | (_, Some(0)) => 0,
            (Some(amount), Some(_)) => amount,
            (Some(_), None) => return Err((7, UNPAIRED)),
        };
        Ok(paid.map(|paid| Base {
            paid,
            adjustments: adjustments.unwrap_or(0),
            bonuses: bonuses.unwrap_or(0),
            financial_risk: financial_risk.unwrap_or(0),
            supplemental,
            cash_flow: flow.unwrap_or(0),
            cash_flow_replaced: replaced.unwrap_or(0),
        }))
    }
}

impl Verb for Incentive {
    const FIELDS: &'static [Field] = &[
        Field::year("performance_year").needed(),
        Field::word("status", &STATUSES).needed(),
        Field::amount("paid_amounts"),
        Field::signed("payment_adjustments"),
        Field::amount("bonus_payments"),
        Field::signed("financial_risk_payments"),
        Field::amount("supplemental_payments"),
        Field::truth("supplemental_qualifies"),
        Field::amount("cash_flow_payments"),
        Field::amount("cash_flow_replaced"),
    ];
    const RESULTS: &'static [(&'static str, Holds)] = &[
        ("base_year", Holds::Whole),
        ("payment_year", Holds::Whole),
        ("incentive_base", Holds::Cents),
        ("incentive_percent", Holds::Share),
        ("incentive", Holds::Cents),
    ];
    const REASONS: &'static [(&'static str, &'static str, &'static str)] = &[
        ("not_qp", "", ""),
        ("no_incentive_in_payment_year", "", ""),
        (
            "negative_base",
            "less than what is taken off it",
            "Adjustments, bonuses, financial risk and cash-flow payments must lie within paid_amounts \
             (42 CFR 414.1450(b)): check that they are counted in it",
        ),
        (
            "unpaired",
            "null beside a value",
            "Give cash_flow_payments with cash_flow_replaced, and supplemental_qualifies with supplemental_payments",
        ),
    ];

    fn plan(book: &Book, as_of: AsOf, years: &[i64]) -> Result<Self> {
        let mut plan = Self { years: BTreeMap::new(), told: Vec::new() };
        for year in years {
            if let Some(terms) = terms(book, as_of, *year, &mut plan.told)? {
                plan.years.insert(*year, terms);
            }
        }
        Ok(plan)
    }

    fn knows(&self, year: i64) -> bool {
        self.years.contains_key(&year)
    }

    fn decide(&self, values: &[Option<i64>], out: &mut [Option<i64>]) -> Result<u8, Wrong> {
        let year = values[0].ok_or((0, reason::MISSING_INPUT))?;
        let terms = self.years.get(&year).ok_or((0, reason::UNKNOWN_YEAR))?;
        let qp = values[1] == Some(i64::from(QP));
        let percent = if qp { terms.percent } else { 0 };
        let base = Self::base(values)?.map(|base| base.cents().ok_or((2, reason::OVERFLOW))).transpose()?;
        let amount = match base {
            Some(base) if base < 0 => return Err((2, NEGATIVE_BASE)),
            Some(base) => part_of(base, percent).ok_or((2, reason::OVERFLOW))?,
            // Who is not a QP is paid nothing, whatever was paid for.
            None if !qp => 0,
            None => return Err((2, reason::MISSING_INPUT)),
        };
        out.copy_from_slice(&[
            Some(year + terms.base_lag),
            Some(year + terms.payment_lag),
            base,
            Some(percent),
            Some(amount),
        ]);
        Ok(if !qp {
            NOT_QP
        } else if terms.percent == 0 {
            NO_INCENTIVE
        } else {
            0
        })
    }

    fn told(&self) -> Vec<Told> {
        self.told.clone()
    }

    fn explain(book: &Book, as_of: AsOf, values: &[Option<i64>], trace: &mut Trace) -> Result<()> {
        let base = Self::base(values).map_err(|_| Error::NotModelled("this row has no base".into()))?;
        let qp = values[1] == Some(i64::from(QP));
        reference::incentive::incentive(book, as_of, values[0].unwrap_or(0), qp, base.as_ref(), trace).map(|_| ())
    }
}
