//! Marginal risk: which part of each level of overrun the entity bears, and its average over all levels (42 CFR
//! 414.1420(d)(5)), in exact integers. Overruns are parts of expected expenditures, in parts per billion.

use crate::core::round::PPB;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::cmp::Ordering;

/// Shares of successive levels of overrun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels {
    /// (upper bound, share) of each, in parts per billion; an open last bound is `i64::MAX`.
    steps: Vec<(i64, i64)>,
    /// An overrun at which losses back to the first dollar fall due, and how much (in 10⁻¹⁸ of expected expenditures).
    jump: Option<(i64, i128)>,
}

/// An exact average, numerator and denominator.
type Average = (i128, i128);

/// What comes of the averages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marginal {
    /// Over all levels.
    pub all_levels: Average,
    /// The highest that the two allowances permit.
    pub highest: Average,
    /// Overrun up to which nothing is owed; `None` where nothing ever is.
    pub minimum_loss_rate: Option<i64>,
}

impl Marginal {
    /// Whether the average reaches a share in parts per billion.
    #[must_use]
    pub fn reaches(&self, least: i64) -> bool {
        at_least(self.highest, (i128::from(least), i128::from(PPB)))
    }
}

/// Whether a / b is at least c / d, by continued fractions, so that no product overflows.
fn at_least(a: Average, b: Average) -> bool {
    fn order((a, b): Average, (c, d): Average) -> Ordering {
        let whole = (a / b).cmp(&(c / d));
        let (left, right) = (a % b, c % d);
        match (whole, left, right) {
            (Ordering::Equal, 0, _) | (Ordering::Equal, _, 0) => left.cmp(&right),
            // The larger fraction has the smaller reciprocal.
            (Ordering::Equal, ..) => order((d, right), (b, left)),
            _ => whole,
        }
    }
    order(a, b) != Ordering::Less
}

/// An average as a float, for display.
#[must_use]
pub(super) fn to_f64(average: Average) -> f64 {
    average.0 as f64 / average.1 as f64
}

fn parts(text: &str) -> Option<i64> {
    let number: Decimal = text.parse().ok()?;
    let scaled = number.checked_mul(Decimal::from(PPB))?;
    if scaled.fract().is_zero() { scaled.to_i64().filter(|n| *n >= 0) } else { None }
}

impl Levels {
    /// Steps (upper bound, share) in parts per billion, bounds increasing; the last may be `i64::MAX`.
    #[must_use]
    pub fn new(steps: Vec<(i64, i64)>) -> Option<Self> {
        let rising = steps.first()?.0 > 0 && steps.windows(2).all(|w| w[0].0 < w[1].0);
        // Bounds up to a thousand times expected expenditures keep every product within 128 bits.
        let sound = steps
            .iter()
            .all(|(upper, share)| (0..=PPB).contains(share) && (*upper == i64::MAX || *upper <= 1000 * PPB));
        (rising && sound).then_some(Self { steps, jump: None })
    }

    /// Reads `upper: share, upper: share`, as in `0.04: 0, 0.10: 0.40`; the last bound may be `inf`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut steps = Vec::new();
        for step in text.split(',') {
            let (upper, share) =
                step.split_once(':').ok_or_else(|| format!("{:?} is not `upper: share`", step.trim()))?;
            let (upper, share) = (upper.trim(), share.trim());
            let bound = if upper == "inf" { Some(i64::MAX) } else { parts(upper) };
            let bound = bound.ok_or_else(|| format!("{upper:?} is not a part of expected expenditures"))?;
            let share = parts(share).ok_or_else(|| format!("{share:?} is not a share of one"))?;
            steps.push((bound, share));
        }
        Self::new(steps).ok_or_else(|| "bounds must increase, and shares lie between 0 and 1".to_owned())
    }

    /// The same with nothing owed up to an overrun; beyond it losses count from the first dollar, or only beyond it.
    #[must_use]
    pub fn after(self, minimum: i64, first_dollar: bool) -> Self {
        if minimum <= 0 {
            return self;
        }
        let mut steps = vec![(minimum, 0)];
        let jump = first_dollar.then(|| (minimum, self.area(0, minimum)));
        let shift = if first_dollar { 0 } else { minimum };
        for (upper, share) in &self.steps {
            let upper = upper.saturating_add(shift);
            if upper > minimum {
                steps.push((upper, *share));
            }
        }
        Self { steps, jump }
    }

    /// Sum of share × width over the overruns from `a` to `b`, in 10⁻¹⁸.
    fn area(&self, a: i64, b: i64) -> i128 {
        let mut lower = 0;
        let mut sum = 0;
        for (upper, share) in &self.steps {
            let width = b.min(*upper).saturating_sub(a.max(lower)).max(0);
            sum += i128::from(width) * i128::from(*share);
            lower = *upper;
        }
        sum
    }

    /// The most that is ever owed, in parts per 10¹⁸ of expected expenditures, up to an overrun; `None` where there is no
    /// bound.
    #[must_use]
    pub fn most(&self, up_to: i64) -> Option<i128> {
        let open = self.steps.last().is_some_and(|(upper, share)| *upper == i64::MAX && *share > 0);
        if open && up_to == i64::MAX {
            return None;
        }
        let bounded =
            self.steps.iter().map(|(upper, _)| *upper).filter(|upper| *upper < i64::MAX).max().unwrap_or(0);
        let end = if open { up_to } else { up_to.min(bounded) };
        let jump = self.jump.filter(|(at, _)| *at <= end).map_or(0, |(_, amount)| amount);
        Some(self.area(0, end) + jump)
    }

    /// Where what is owed first reaches `enough` (10⁻¹⁸): `lower + n / d` in parts per billion, as (lower, n, d); `d` is
    /// the share of that level.
    fn reached(&self, enough: i128) -> Option<(i64, i128, i128)> {
        let (mut lower, mut owed) = (0_i64, 0_i128);
        for (upper, share) in &self.steps {
            if let Some((at, amount)) = self.jump
                && at == lower
            {
                owed += amount;
            }
            if owed >= enough {
                return Some((lower, 0, 1));
            }
            let share = i128::from(*share);
            let whole = i128::from(upper - lower) * share;
            if owed + whole >= enough && share > 0 {
                return Some((lower, enough - owed, share));
            }
            owed += whole;
            lower = *upper;
        }
        None
    }

    /// Average of the shares from `a` on: to the end, or to where enough is owed.
    fn average(&self, a: i64, enough: Option<i128>) -> Option<Average> {
        let (last, last_share) = *self.steps.last()?;
        let billion = i128::from(PPB);
        if let Some((lower, n, d)) = enough.and_then(|enough| self.reached(enough)) {
            if a > lower {
                // The level that `a` lies in is the last of the range.
                return (n > i128::from(a - lower) * d).then_some((d, billion));
            }
            let span = i128::from(lower - a) * d + n;
            return (span > 0).then(|| ((self.area(a, lower) + n) * d, span * billion));
        }
        if last == i64::MAX {
            // Over an unbounded range the last share outweighs all others.
            return Some((i128::from(last_share), billion));
        }
        (last > a).then(|| (self.area(a, last), i128::from(last - a) * billion))
    }

    /// Averages: of all levels; and the highest that the allowances permit, as an allowance may be used, and need not be.
    /// `enough` is the total risk that large losses must have reached, `small` the overrun below which levels may be
    /// left out, both in parts per billion.
    #[must_use]
    pub fn marginal(&self, enough: i64, small: i64) -> Option<Marginal> {
        let all_levels = self.average(0, None)?;
        let enough = Some(i128::from(enough) * i128::from(PPB));
        let others = [self.average(small, None), self.average(0, enough), self.average(small, enough)];
        let higher = |best: Average, other: Average| if at_least(other, best) { other } else { best };
        let highest = others.into_iter().flatten().fold(all_levels, higher);
        let first = self.steps.iter().position(|(_, share)| *share > 0);
        let minimum_loss_rate = first.map(|at| at.checked_sub(1).map_or(0, |before| self.steps[before].0));
        Some(Marginal { all_levels, highest, minimum_loss_rate })
    }

    /// The overrun at which losses back to the first dollar fall due, and how much, in 10⁻¹⁸.
    #[must_use]
    pub fn jump(&self) -> Option<(i64, i128)> {
        self.jump
    }

    /// The steps: upper bound and share.
    #[must_use]
    pub fn steps(&self) -> &[(i64, i64)] {
        &self.steps
    }
}
