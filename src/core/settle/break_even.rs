//! Settlement in the other direction: the largest expenditures, in whole cents, at which `earned` still reaches
//! a target, and what the entity keeps there of the next dollar saved. In closed form for each segment of the
//! payoff; the engine itself then settles the answer and one cent more, so that the boundary is exact.

use super::amounts::limits;
use super::engine::{
    MONTHS, OVERFLOW, Relief, Settlement, Unsettled, factor, half_rate, months, period, relief, settle, threshold,
    withheld,
};
use super::inverse::{Curve, Largest, largest, largest_left};
use super::plan::Year;
use super::reason::{self, column};
use super::row::Row;
use super::segment::{
    DEAD_ZONE, HALF_RATE, LOSS_LIMIT, LOSSES, MINIMUM_LOSS_RATE, MINIMUM_SAVINGS_RATE, PAYMENT_LIMIT, SHARING,
};
use super::target::Target;
use super::terms::{Side, Terms};
use crate::core::round::Ratio;

/// A break-even. Money in cents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BreakEven {
    /// The largest expenditures at which `earned` reaches the target.
    pub expenditures: i64,
    /// What is earned there.
    pub earned: i64,
    /// Index in [`super::segment::SEGMENTS`].
    pub segment: u8,
    /// What of the next cent saved the entity keeps; nothing where a null decides it.
    pub marginal_rate: Option<Ratio>,
    /// Index in the reasons: a circumstance to know of, or none.
    pub reason: u8,
}

/// What a target comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Found {
    /// A break-even.
    At(BreakEven),
    /// Never reached; the segment that holds without expenditures.
    NotReachable(u8),
    /// Always reached; the segment that holds however much is spent.
    AlwaysReached(u8),
}

/// Finds the break-even of one row; its own expenditures are not read.
pub fn break_even(year: &Year, terms: &Terms, row: &Row, target: i64) -> Result<Found, Unsettled> {
    // Steps that the closed form leaves out.
    if !terms.has_closed_form() {
        return Err(Unsettled { reason: reason::NO_BREAK_EVEN, column: column::TRACK as u8 });
    }
    let others = [
        (column::GEOGRAPHIC_FACTOR, row.geographic_factor.is_some()),
        (column::BENCHMARK_BONUS, row.benchmark_bonus != 0),
        (column::PAYMENT_ADJUSTMENT, row.payment_adjustment != 0),
        (column::BENCHMARK_FINAL, row.benchmark_final),
    ];
    if let Some((column, _)) = others.into_iter().find(|(_, given)| *given) {
        return Err(Unsettled { reason: reason::NO_BREAK_EVEN, column: column as u8 });
    }
    let case = Case { year, terms, row, target, period: period(terms, row)? };
    if target > 0 { case.of_savings() } else { case.of_losses() }
}

struct Case<'a> {
    year: &'a Year,
    terms: &'a Terms,
    row: &'a Row,
    target: i64,
    period: Ratio,
}

/// The smallest distance from the benchmark, at least a cent, that reaches a minimum rate.
fn gate(rate: Ratio, benchmark: i64) -> i128 {
    let (n, d) = (i128::from(rate.n) * i128::from(benchmark), i128::from(rate.d));
    ((n + d - 1) / d).max(1)
}

impl Case<'_> {
    fn settle_at(&self, expenditures: i64) -> Result<Settlement, Unsettled> {
        settle(self.year, self.terms, &Row { expenditures, ..*self.row })
    }

    /// The break-even at a distance above (losses) or below (savings) the benchmark, as the engine confirms it.
    fn confirmed(&self, beyond: i128, segment: u8, marginal_rate: Option<Ratio>) -> Result<Found, Unsettled> {
        let expenditures = i64::try_from(i128::from(self.row.benchmark) + beyond).map_err(|_| OVERFLOW)?;
        let at = self.settle_at(expenditures)?;
        let more = self.settle_at(expenditures.checked_add(1).ok_or(OVERFLOW)?)?;
        // What the engine does not confirm has left the numbers that it can hold.
        if at.earned < self.target || more.earned >= self.target {
            return Err(OVERFLOW);
        }
        let told = more.reason == reason::REVENUE_LIMIT_NOT_APPLIED;
        let reason = if told { more.reason } else { reason::PLAIN };
        Ok(Found::At(BreakEven { expenditures, earned: at.earned, segment, marginal_rate, reason }))
    }

    /// How savings pay: at the full rate, or at a part of it.
    fn payment(&self, threshold: Ratio, scale: Ratio) -> Result<Curve<'_>, Unsettled> {
        let kept = withheld(self.year, self.terms, self.row)?.complement().unwrap_or(Ratio::ZERO);
        let factor = factor(self.terms, &self.terms.up, self.row)?;
        let factor = factor.times(scale).and_then(|f| f.times(self.period)).and_then(|f| f.times(kept));
        let (side, benchmark) = (&self.terms.up, self.row.benchmark);
        Ok(Curve { side, benchmark, threshold, factor: factor.ok_or(OVERFLOW)? })
    }

    /// A target above nothing.
    fn of_savings(&self) -> Result<Found, Unsettled> {
        let found = self.saved();
        if found.is_ok() {
            return found;
        }
        let most = self.settle_at(0)?;
        if most.earned >= self.target {
            return found;
        }
        Ok(Found::NotReachable(match most.earned {
            0 => DEAD_ZONE,
            earned if most.payment_limit == Some(earned) => PAYMENT_LIMIT,
            _ => SHARING,
        }))
    }

    /// The smallest savings that earn the target, limits and what closes sharing left to the confirmation.
    fn saved(&self) -> Result<Found, Unsettled> {
        let threshold = threshold(self.year, &self.terms.up, self.row)?;
        let gate = gate(threshold, self.row.benchmark);
        // A null in the half rate's own columns shows when the answer is confirmed.
        let half = half_rate(self.terms, self.row).ok().flatten();
        let half = half.map(|share| self.payment(threshold, share)).transpose()?;
        let below = half.map(|curve| (curve.smallest(self.target), curve));
        let (distance, segment, curve) = match below {
            Some((Some(savings), curve)) if savings < gate => (savings, HALF_RATE, curve),
            _ => {
                let curve = self.payment(threshold, Ratio::ONE)?;
                let savings = curve.smallest(self.target).ok_or(OVERFLOW)?;
                let segment = if savings < gate { MINIMUM_SAVINGS_RATE } else { SHARING };
                (savings.max(gate), segment, curve)
            }
        };
        if distance > i128::from(self.row.benchmark) {
            return Err(OVERFLOW);
        }
        let found = self.confirmed(-distance, segment, curve.slope(distance, true))?;
        let limit =
            limits(self.year, &self.terms.up, self.row, Target::of_benchmark(self.row), self.period)?.limit;
        let (Found::At(mut at), Some(limit)) = (found, limit) else { return Ok(found) };
        if at.earned == limit {
            at.marginal_rate = Some(Ratio::ZERO);
            if self.target == limit {
                at.segment = PAYMENT_LIMIT;
            }
        }
        Ok(Found::At(at))
    }

    /// What the first cent of savings pays, where no minimum rate stands before it.
    fn first_slope(&self) -> Result<Option<Ratio>, Unsettled> {
        let first = self.settle_at(self.row.benchmark - 1)?;
        if first.generated == 0 || first.reason == reason::EARLY_TERMINATION || first.payment_limit == Some(0) {
            return Ok(Some(Ratio::ZERO));
        }
        let threshold = first.minimum_savings_rate;
        let scale = if gate(threshold, self.row.benchmark) > 1 { half_rate(self.terms, self.row)? } else { None };
        Ok(self.payment(threshold, scale.unwrap_or(Ratio::ONE))?.slope(0, true))
    }

    /// A target of nothing or below: the largest losses that owe no more.
    fn of_losses(&self) -> Result<Found, Unsettled> {
        let bears = self.terms.down.as_ref().zip(months(self.terms, self.row));
        let Some((side, months)) = bears else { return self.always(DEAD_ZONE, i128::from(i64::MAX)) };
        let threshold = threshold(self.year, side, self.row)?;
        let gate = gate(threshold, self.row.benchmark);
        let limit = limits(self.year, side, self.row, Target::of_benchmark(self.row), self.period)?.limit;
        let relief = relief(self.row, self.period)?;
        let part = Ratio::new(months, MONTHS);
        let loss = Loss { side, threshold, part, relief };
        let bound = loss.limited(-i128::from(self.target)).ok_or(OVERFLOW)?;
        let curve = self.debt(&loss)?;
        // A limit that is itself no more than the bound, or a bound beyond all numbers, holds everywhere.
        let within = |limit: i64| matches!(bound, Largest::Is(cents) if i128::from(limit) <= cents);
        let limited = limit.filter(|limit| within(*limit));
        let distance = match bound {
            Largest::Is(cents) if !within(limit.unwrap_or(i64::MAX)) => {
                curve.largest(i64::try_from(cents).map_err(|_| OVERFLOW)?).ok_or(OVERFLOW)?
            }
            _ => Largest::None,
        };
        let Largest::Is(distance) = distance else {
            // Where the limit begins to bind, or any loss that is shared.
            let from = match limited.and_then(|limit| curve.largest(limit)) {
                Some(Largest::Is(at)) => at + 1,
                _ => gate,
            };
            let segment = if limited.is_some() { LOSS_LIMIT } else { LOSSES };
            return self.always(segment, from.max(gate));
        };
        if distance < gate {
            let slope = if gate > 1 { Some(Ratio::ZERO) } else { self.first_slope().ok().flatten() };
            return self.confirmed(gate - 1, MINIMUM_LOSS_RATE, slope);
        }
        let relieved = matches!(loss.relief, Relief::Cents(cents) if cents > 0);
        let slope = match self.target {
            0 if relieved || gate > 1 => Some(Ratio::ZERO),
            0 => self.first_slope().ok().flatten(),
            _ => curve.slope(distance, false).and_then(|slope| loss.after_relief(slope)),
        };
        // Without a minimum rate the target of nothing lies at the kink itself.
        let kink = self.target == 0 && !relieved && gate == 1;
        self.confirmed(distance, if kink { MINIMUM_LOSS_RATE } else { LOSSES }, slope)
    }

    /// How losses are owed, before limits and relief.
    fn debt<'a>(&self, loss: &Loss<'a>) -> Result<Curve<'a>, Unsettled> {
        let factor = factor(self.terms, loss.side, self.row)?.times(self.period).ok_or(OVERFLOW)?;
        Ok(Curve { side: loss.side, benchmark: self.row.benchmark, threshold: loss.threshold, factor })
    }

    /// That the target is reached from here on however much more is spent, as the engine confirms it.
    fn always(&self, segment: u8, beyond: i128) -> Result<Found, Unsettled> {
        let most = i128::from(self.row.benchmark).saturating_add(beyond);
        let at = self.settle_at(i64::try_from(most).unwrap_or(i64::MAX))?;
        if at.earned < self.target { Err(OVERFLOW) } else { Ok(Found::AlwaysReached(segment)) }
    }
}

/// What stands between a loss that is shared and what is owed of it.
struct Loss<'a> {
    side: &'a Side,
    threshold: Ratio,
    /// Part of the year of an early end.
    part: Ratio,
    relief: Relief,
}

impl Loss<'_> {
    /// The largest loss after its limits of which no more than this is owed. Nothing where numbers do not fit.
    fn limited(&self, owed: i128) -> Option<Largest> {
        let Largest::Is(net) = largest(self.part, owed)? else { return Some(Largest::None) };
        match self.relief {
            Relief::Cents(cents) => net.checked_add(i128::from(cents)).map(Largest::Is),
            Relief::Part(part) => largest_left(part, net),
        }
    }

    /// What is left of a slope after relief and an early end.
    fn after_relief(&self, slope: Ratio) -> Option<Ratio> {
        let left = match self.relief {
            Relief::Cents(_) => Ratio::ONE,
            Relief::Part(part) => part.complement()?,
        };
        slope.times(left)?.times(self.part)
    }
}
