//! The target of a side: the benchmark less discount and what is left of the withhold, plus a bonus, as an exact
//! fraction of cents; and how far spending lies from it.

use super::engine::{OVERFLOW, Unsettled, invalid, missing};
use super::reason::{self, column};
use super::row::Row;
use super::terms::{Discount, Side, Terms};
use crate::core::round::{PPB, Ratio, settlement_cents};

/// `n / d` cents, above zero.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) n: i128,
    pub(super) d: i64,
}

impl Target {
    /// The target of savings or losses.
    pub(super) fn new(terms: &Terms, side: &Side, row: &Row) -> Result<Self, Unsettled> {
        let whole = i128::from(row.benchmark);
        if row.benchmark_final {
            if !terms.takes_final {
                return Err(invalid(column::BENCHMARK_FINAL, reason::NOT_FROM_FINAL));
            }
            return Ok(Self { n: whole, d: 1 });
        }
        let part = discount(side, row)?.complement().and_then(|left| left.times(earned_back(terms, row).ok()?));
        let part = match part {
            Some(part) => part,
            // Says what is missing, where that is why.
            None => earned_back(terms, row).and(Err(OVERFLOW))?,
        };
        let bonus = i128::from(row.benchmark_bonus) * i128::from(part.d);
        let n = whole.checked_mul(i128::from(part.n)).and_then(|n| n.checked_add(bonus)).ok_or(OVERFLOW)?;
        Ok(Self { n, d: part.d })
    }

    /// To the cent.
    pub(super) fn cents(self) -> Result<i64, Unsettled> {
        settlement_cents(self.n, i128::from(self.d)).ok_or(OVERFLOW)
    }

    /// Target less spending, in `1 / d` cents.
    pub(super) fn less(self, spent: i64) -> Result<i128, Unsettled> {
        let spent = i128::from(spent) * i128::from(self.d);
        self.n.checked_sub(spent).ok_or(OVERFLOW)
    }

    /// Whether a distance from it, in `1 / d` cents, is this part of it or more.
    pub(super) fn reached(self, distance: i128, rate: Ratio) -> Result<bool, Unsettled> {
        let distance = distance.checked_mul(i128::from(rate.d)).ok_or(OVERFLOW)?;
        Ok(distance >= self.n.checked_mul(i128::from(rate.n)).ok_or(OVERFLOW)?)
    }
}

/// The part of the benchmark that a side's target lies below it.
fn discount(side: &Side, row: &Row) -> Result<Ratio, Unsettled> {
    let given = row.discount.map(|part| Ratio::new(part, PPB));
    match side.discount {
        Discount::Given { lowest, highest } => {
            let part = given.ok_or(missing(column::DISCOUNT))?;
            let inside = (lowest..=highest).contains(&part);
            if inside { Ok(part) } else { Err(invalid(column::DISCOUNT, reason::DISCOUNT_OUT_OF_RANGE)) }
        }
        _ if given.is_some() => Err(invalid(column::DISCOUNT, reason::NO_GIVEN_DISCOUNT)),
        Discount::Fixed(part) => Ok(part),
        Discount::ByScore(steps) => row.quality_score.map(|q| steps.at(q)).ok_or(missing(column::QUALITY_SCORE)),
    }
}

/// What remains of the discounted benchmark once quality has earned back its part of the withhold.
fn earned_back(terms: &Terms, row: &Row) -> Result<Ratio, Unsettled> {
    let Some(withhold) = terms.withhold else { return Ok(Ratio::ONE) };
    if row.quality_standard_met == Some(false) {
        return withhold.part.complement().ok_or(OVERFLOW);
    }
    if withhold.reporting == withhold.part {
        return Ok(Ratio::ONE);
    }
    let score = row.quality_score.map(|q| Ratio::new(q, PPB)).ok_or(missing(column::QUALITY_SCORE))?;
    let by_score = withhold.part.less(withhold.reporting).ok_or(OVERFLOW)?;
    let lost = score.complement().and_then(|lack| by_score.times(lack)).ok_or(OVERFLOW)?;
    lost.complement().ok_or(OVERFLOW)
}
