//! The three components of a value: incentive, conversion factor, MIPS adjustment. In decimals, each rounded once to the
//! cent, half away from zero.

use super::{BELOW_LARGEST_CUT, Case, FARTHEST, GIVEN_TWICE, NO_THRESHOLD, NO_YEAR, NOT_A_YEAR};
use crate::core::error::Result;
use crate::core::incentive::{self, ppb};
use crate::core::mips::{Scale, adjustment};
use crate::core::round::{PPB, cents_of_decimal};
use crate::core::rows::{Wrong, plausible, reason};
use crate::core::rulebook::{AsOf, Book, Told};
use rust_decimal::Decimal;

/// Rules of one performance year.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Incentive percent, parts per billion.
    pub percent: i64,
    /// Years from the performance year to the base year.
    pub base_lag: i64,
    /// Years from the performance year to the payment year.
    pub payment_lag: i64,
    /// How far the qualifying factor lies above the other in the payment year, as a share of it.
    pub advantage: Decimal,
    /// Largest cut of the payment year.
    pub applicable_percent: i64,
    /// Part of the performance threshold at and below which the whole cut applies.
    pub floor: i64,
}

/// What follows from a performance year, cents; nothing where it cannot be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Components {
    /// Incentive of a QP.
    pub incentive: i64,
    /// What a QP is allowed beyond the same services at the non-qualifying factor.
    pub conversion_factor: Option<i64>,
    /// Adjustment used, parts per billion.
    pub adjustment: Option<i64>,
    /// Its amount in the payment year.
    pub mips: Option<i64>,
}

/// Reads a performance year; nothing where the book does not know it.
pub fn terms(book: &Book, as_of: AsOf, year: i64, told: &mut Vec<Told>) -> Result<Option<Terms>> {
    let Some(incentive) = incentive::terms(book, as_of, year, told)? else { return Ok(None) };
    let mut taken = book.read(year as u16, as_of);
    let percent = taken.optional_number("mips.applicable_percent")?;
    let floor = taken.optional_number("mips.sliding_scale.floor")?;
    let Some((percent, floor)) = percent.zip(floor) else { return Ok(None) };
    told.extend(taken.told());
    Ok(Some(Terms {
        percent: incentive.percent,
        base_lag: incentive.base_lag,
        payment_lag: incentive.payment_lag,
        advantage: advantage(book, as_of, year + incentive.payment_lag, told)?,
        applicable_percent: ppb("mips.applicable_percent", percent)?,
        floor: ppb("mips.sliding_scale.floor", floor)?,
    }))
}

/// The two updates compounded from their first year to this one. Whatever else moves the factors moves both, so that the
/// statute alone fixes the gap: SSA 1848(d)(1)(A), (20).
fn advantage(book: &Book, as_of: AsOf, payment_year: i64, told: &mut Vec<Told>) -> Result<Decimal> {
    let mut ratio = Decimal::ONE;
    for year in (0..=payment_year).rev() {
        let mut taken = book.read_payment_year(year as u16, as_of);
        let qualifying = taken.optional_number("conversion_factor.update.qualifying")?;
        let other = taken.optional_number("conversion_factor.update.non_qualifying")?;
        let Some((qualifying, other)) = qualifying.zip(other) else { break };
        ratio = ratio * (Decimal::ONE + qualifying) / (Decimal::ONE + other);
        told.extend(taken.told());
    }
    Ok(ratio - Decimal::ONE)
}

/// An amount grown from its year to another.
pub(crate) fn grown(cents: i64, case: &Case, to: i64) -> Option<Decimal> {
    let years = case.amounts_year.map_or(0, |from| to - from);
    let step = Decimal::ONE + Decimal::new(case.growth.unwrap_or(0), 9);
    let mut amount = Decimal::new(cents, 2);
    for _ in 0..years.abs() {
        amount = if years > 0 { amount.checked_mul(step)? } else { amount.checked_div(step)? };
    }
    Some(amount)
}

/// The adjustment of a case: given, or made of a score.
pub(crate) fn adjustment_of(case: &Case, terms: &Terms) -> Result<Option<i64>, Wrong> {
    match (case.adjustment, case.scale) {
        (Some(_), [Some(_), ..]) => Err((5, GIVEN_TWICE)),
        (Some(given), _) if given < -terms.applicable_percent => Err((5, BELOW_LARGEST_CUT)),
        (given, [None, ..]) => Ok(given),
        (None, [Some(score), threshold, factor]) => {
            let scale = Scale {
                applicable_percent: terms.applicable_percent,
                floor: terms.floor,
                threshold: threshold.ok_or((7, NO_THRESHOLD))?,
                scaling_factor: factor.unwrap_or(PPB),
            };
            adjustment(score, &scale).map(Some).ok_or((7, NO_THRESHOLD))
        }
    }
}

/// The components of a case.
pub fn components(case: &Case, terms: &Terms) -> Result<Components, Wrong> {
    if case.amounts_year.is_some_and(|year| !plausible(year) || (year - case.year).abs() > FARTHEST) {
        return Err((3, NOT_A_YEAR));
    }
    if case.growth.is_some() && case.amounts_year.is_none() {
        return Err((4, NO_YEAR));
    }
    let overflow = || (1, reason::OVERFLOW);
    let part = |cents: i64, lag: i64, part: Decimal| -> Result<i64, Wrong> {
        let amount = grown(cents, case, case.year + lag).and_then(|amount| amount.checked_mul(part));
        amount.and_then(cents_of_decimal).ok_or_else(overflow)
    };
    let adjustment = adjustment_of(case, terms)?;
    let mips = adjustment.map(|share| part(case.paid, terms.payment_lag, Decimal::new(share, 9))).transpose()?;
    let conversion_factor = match case.allowed {
        _ if terms.advantage.is_zero() => Some(0),
        None => None,
        Some(allowed) => Some(part(allowed, terms.payment_lag, terms.advantage)?),
    };
    let incentive = part(case.paid, terms.base_lag, Decimal::new(terms.percent, 9))?;
    Ok(Components { incentive, conversion_factor, adjustment, mips })
}
