//! Settlement in the other direction: the largest expenditures, in whole cents, at which `earned` still reaches
//! a target, and what the entity keeps there of the next dollar saved. In closed form for each segment of the
//! payoff, which is linear between its kinks in every program; the engine itself then settles the answer and one
//! cent more, so that the boundary is exact. Distances are from the targets of savings and of losses, in steps of
//! `1 / d` cents where such a target is `n / d` cents.

use super::amounts::limits;
use super::engine::{
    MONTHS, OVERFLOW, Relief, Settlement, Unsettled, after_limits, cap, factor, half_rate, months, period, relief,
    settle, threshold, withheld,
};
use super::inverse::{Curve, Largest, largest, largest_left};
use super::plan::Year;
use super::reason;
use super::row::Row;
use super::segment::{
    DEAD_ZONE, GROSS_CAP, HALF_RATE, LOSS_GATE, LOSS_LIMIT, LOSSES, MINIMUM_LOSS_RATE, MINIMUM_SAVINGS_RATE,
    NEUTRAL_ZONE, PAYMENT_LIMIT, SHARING,
};
use super::target::Target;
use super::terms::Terms;
use crate::core::round::Ratio;

/// A break-even. Money in cents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BreakEven {
    /// The largest expenditures at which `earned` reaches the target.
    pub expenditures: i64,
    /// What is earned there.
    pub earned: i64,
    /// Savings there, below zero for losses.
    pub savings: i64,
    /// The benchmark after discount, withhold and bonus, of which they are a part.
    pub of: i64,
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
    let up = Target::new(terms, &terms.up, row)?;
    let down = terms.down.as_ref().map_or(Ok(up), |side| Target::new(terms, side, row))?;
    // What is added at the very end moves the whole payoff.
    let goal = target.checked_sub(row.payment_adjustment).ok_or(OVERFLOW)?;
    let (period, cap) = (period(terms, row)?, cap(&terms.up, row)?);
    let case = Case { year, terms, row, target, goal, period, up, down, cap };
    if goal > 0 { case.of_savings() } else { case.of_losses() }
}

struct Case<'a> {
    year: &'a Year,
    terms: &'a Terms,
    row: &'a Row,
    target: i64,
    /// What of the target must be shared, or may be owed.
    goal: i64,
    period: Ratio,
    /// Targets of savings and of losses.
    up: Target,
    down: Target,
    /// Part of a target beyond which nothing is shared.
    cap: Option<Ratio>,
}

/// The smallest distance from a target, at least a step, that reaches a part of it.
fn gate(rate: Ratio, target: Target) -> Option<i128> {
    let (n, d) = (target.n.checked_mul(i128::from(rate.n))?, i128::from(rate.d));
    Some((n.checked_add(d - 1)? / d).max(1))
}

impl Case<'_> {
    fn settle_at(&self, expenditures: i64) -> Result<Settlement, Unsettled> {
        settle(self.year, self.terms, &Row { expenditures, ..*self.row })
    }

    /// The break-even at these expenditures, as the engine confirms it.
    fn confirmed(&self, spent: i128, segment: u8, marginal_rate: Option<Ratio>) -> Result<Found, Unsettled> {
        let expenditures = i64::try_from(spent).map_err(|_| OVERFLOW)?;
        let at = self.settle_at(expenditures)?;
        let more = self.settle_at(expenditures.checked_add(1).ok_or(OVERFLOW)?)?;
        // What the engine does not confirm has left the numbers that it can hold.
        if at.earned < self.target || more.earned >= self.target {
            return Err(OVERFLOW);
        }
        let told = more.reason == reason::REVENUE_LIMIT_NOT_APPLIED;
        let reason = if told { more.reason } else { reason::PLAIN };
        let (earned, savings, of) = (at.earned, at.savings, at.target);
        Ok(Found::At(BreakEven { expenditures, earned, savings, of, segment, marginal_rate, reason }))
    }

    /// What stands after the limits of savings, sequestration among it.
    fn last(&self) -> Result<Ratio, Unsettled> {
        let kept = withheld(self.year, self.terms, self.row)?.complement().unwrap_or(Ratio::ZERO);
        after_limits(&self.terms.up, self.row)?.times(kept).ok_or(OVERFLOW)
    }

    /// How savings pay: at the full rate, or at a part of it.
    fn payment(&self, threshold: Ratio, scale: Ratio) -> Result<Curve<'_>, Unsettled> {
        let factor = factor(self.terms, &self.terms.up, self.row)?;
        let factor = factor.times(scale).and_then(|f| f.times(self.period)).ok_or(OVERFLOW)?;
        let factor = factor.times(self.last()?).ok_or(OVERFLOW)?;
        Ok(Curve { side: &self.terms.up, target: self.up, threshold, cap: self.cap, factor })
    }

    /// The most that is paid.
    fn payment_limit(&self) -> Result<Option<i64>, Unsettled> {
        let last = if self.terms.limit_first { self.last()? } else { Ratio::ONE };
        let parts = self.period.times(last).ok_or(OVERFLOW)?;
        Ok(limits(self.year, &self.terms.up, self.row, self.up, parts)?.limit)
    }

    /// A goal above nothing.
    fn of_savings(&self) -> Result<Found, Unsettled> {
        let found = self.saved();
        if found.is_ok() {
            return found;
        }
        let most = self.settle_at(0)?;
        if most.earned >= self.target {
            return found;
        }
        Ok(Found::NotReachable(match most.earned.saturating_sub(self.row.payment_adjustment) {
            0 => DEAD_ZONE,
            paid if self.payment_limit()? == Some(paid) => PAYMENT_LIMIT,
            _ if most.reason == reason::GROSS_CAP => GROSS_CAP,
            _ => SHARING,
        }))
    }

    /// The smallest savings that earn the goal, limits and what closes sharing left to the confirmation.
    fn saved(&self) -> Result<Found, Unsettled> {
        let threshold = threshold(self.year, &self.terms.up, self.row)?;
        let gate = gate(threshold, self.up).ok_or(OVERFLOW)?;
        // A null in the half rate's own columns shows when the answer is confirmed.
        let half = half_rate(self.terms, self.row).ok().flatten();
        let half = half.map(|share| self.payment(threshold, share)).transpose()?;
        let below = half.map(|curve| (curve.smallest(self.goal), curve));
        let (distance, segment, curve) = match below {
            Some((Some(savings), curve)) if savings < gate => (savings, HALF_RATE, curve),
            _ => {
                let curve = self.payment(threshold, Ratio::ONE)?;
                let savings = curve.smallest(self.goal).ok_or(OVERFLOW)?;
                let segment = if savings < gate { MINIMUM_SAVINGS_RATE } else { SHARING };
                (savings.max(gate), segment, curve)
            }
        };
        if distance > self.up.n {
            return Err(OVERFLOW);
        }
        let spent = (self.up.n - distance) / i128::from(self.up.d);
        let there = self.up.n - spent * i128::from(self.up.d);
        let found = self.confirmed(spent, segment, curve.slope(there, true))?;
        let Found::At(mut at) = found else { return Ok(found) };
        let most = [(PAYMENT_LIMIT, self.payment_limit()?), (GROSS_CAP, self.most_within_cap()?)];
        for (segment, most) in most {
            if most.is_some() && most == at.earned.checked_sub(self.row.payment_adjustment) {
                at.marginal_rate = Some(Ratio::ZERO);
                if most == Some(self.goal) {
                    at.segment = segment;
                }
            }
        }
        Ok(Found::At(at))
    }

    /// What is paid where savings reach the cap on what is shared of them.
    fn most_within_cap(&self) -> Result<Option<i64>, Unsettled> {
        let Some(cap) = self.cap else { return Ok(None) };
        let distance = gate(cap, self.up).ok_or(OVERFLOW)?;
        let spent = (self.up.n - distance).max(0) / i128::from(self.up.d);
        let there = self.settle_at(i64::try_from(spent).map_err(|_| OVERFLOW)?)?;
        Ok(there.earned.checked_sub(self.row.payment_adjustment))
    }

    /// Whether the targets of savings and of losses lie apart.
    fn apart(&self) -> bool {
        self.up.n.checked_mul(i128::from(self.down.d)) != self.down.n.checked_mul(i128::from(self.up.d))
    }

    /// What the first cent of savings pays, where no minimum rate stands before it.
    fn first_slope(&self) -> Result<Option<Ratio>, Unsettled> {
        // Between the two targets nothing is saved.
        if self.apart() {
            return Ok(Some(Ratio::ZERO));
        }
        let spent = i64::try_from((self.up.n - 1) / i128::from(self.up.d)).map_err(|_| OVERFLOW)?;
        let first = self.settle_at(spent)?;
        let closed = [
            reason::WITHIN_MINIMUM_SAVINGS_RATE,
            reason::QUALITY_STANDARD_NOT_MET,
            reason::GUARDRAIL,
            reason::EARLY_TERMINATION,
        ];
        if closed.contains(&first.reason) || self.payment_limit()? == Some(0) {
            return Ok(Some(Ratio::ZERO));
        }
        let threshold = first.minimum_savings_rate;
        let scale = if gate(threshold, self.up) > Some(1) { half_rate(self.terms, self.row)? } else { None };
        Ok(self.payment(threshold, scale.unwrap_or(Ratio::ONE))?.slope(0, true))
    }

    /// A goal of nothing or below: the largest losses that owe no more.
    fn of_losses(&self) -> Result<Found, Unsettled> {
        let bears = self.terms.down.as_ref().zip(months(self.terms, self.row));
        let Some((side, months)) = bears else { return self.always(DEAD_ZONE, i128::from(i64::MAX)) };
        let (n, d) = (self.down.n, i128::from(self.down.d));
        let threshold = threshold(self.year, side, self.row)?;
        let gate = gate(threshold, self.down).ok_or(OVERFLOW)?;
        // The most that may be spent before any loss counts.
        let by_rate = n.checked_add(gate - 1).ok_or(OVERFLOW)? / d;
        let by_gate =
            side.gate.map(|part| (i128::from(self.row.benchmark) * i128::from(part.n) - 1) / i128::from(part.d));
        let free_of_loss = if threshold.n == 0 && self.apart() { NEUTRAL_ZONE } else { MINIMUM_LOSS_RATE };
        let free = by_gate.map_or(by_rate, |by_gate| by_gate.max(by_rate));
        let after = after_limits(side, self.row)?;
        let parts = self.period.times(after).ok_or(OVERFLOW)?;
        let limit = limits(self.year, side, self.row, self.down, parts)?.limit;
        let relief = relief(self.row, self.period)?;
        let part = Ratio::new(months, MONTHS);
        let loss = Loss { part, relief };
        let bound = loss.limited(-i128::from(self.goal)).ok_or(OVERFLOW)?;
        let factor = factor(self.terms, side, self.row)?.times(parts).ok_or(OVERFLOW)?;
        let curve = Curve { side, target: self.down, threshold, cap: self.cap, factor };
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
            let segment = match bound {
                _ if limited.is_some() => LOSS_LIMIT,
                Largest::Is(_) if self.cap.is_some() && factor.n > 0 => GROSS_CAP,
                _ => LOSSES,
            };
            // Where the limit or the cap begins to bind, or any loss that is shared.
            let from = match limited.and_then(|limit| curve.largest(limit)) {
                Some(Largest::Is(at)) => at + 1,
                _ if segment == GROSS_CAP => self.cap.and_then(|cap| self::gate(cap, self.down)).unwrap_or(gate),
                _ => gate,
            };
            let spent = n.checked_add(from.max(gate)).ok_or(OVERFLOW)? / d;
            return self.always(segment, spent.max(free) + 1);
        };
        let spent = n.checked_add(distance).ok_or(OVERFLOW)? / d;
        if spent <= free {
            let by_gate = by_gate.is_some_and(|by_gate| by_gate > by_rate);
            let slope = if gate > 1 || by_gate { Some(Ratio::ZERO) } else { self.first_slope().ok().flatten() };
            let segment = if by_gate { LOSS_GATE } else { free_of_loss };
            return self.confirmed(free, segment, slope);
        }
        let relieved = matches!(loss.relief, Relief::Cents(cents) if cents > 0);
        let slope = match self.goal {
            0 if relieved || gate > 1 || side.gate.is_some() => Some(Ratio::ZERO),
            0 => self.first_slope().ok().flatten(),
            _ => curve.slope(spent * d - n, false).and_then(|slope| loss.after_relief(slope)),
        };
        // Without a minimum rate the goal of nothing lies at the kink itself.
        let kink = self.goal == 0 && !relieved && gate == 1 && side.gate.is_none();
        self.confirmed(spent, if kink { free_of_loss } else { LOSSES }, slope)
    }

    /// That the target is reached from these expenditures on however much more is spent, as the engine confirms it.
    fn always(&self, segment: u8, spent: i128) -> Result<Found, Unsettled> {
        let at = self.settle_at(i64::try_from(spent).unwrap_or(i64::MAX))?;
        if at.earned < self.target { Err(OVERFLOW) } else { Ok(Found::AlwaysReached(segment)) }
    }
}

/// What stands between a loss that is shared and what is owed of it.
struct Loss {
    /// Part of the year of an early end.
    part: Ratio,
    relief: Relief,
}

impl Loss {
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
