//! The amounts of the engine read backwards: from what an amount may be at most, or must be at least, to the
//! distance between target and expenditures. Exact: the rounding of the engine is undone as a comparison.

use super::target::Target;
use super::terms::{Origin, Side};
use crate::core::round::{Ratio, gcd};

/// The largest number that fulfils a bound.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Largest {
    /// There is one.
    Is(i128),
    /// Every number does.
    None,
}

/// Largest whole `x` with `x × part`, rounded to the cent, at most `most`. Nothing where numbers do not fit.
pub(super) fn largest(part: Ratio, most: i128) -> Option<Largest> {
    if part.n == 0 {
        return Some(Largest::None);
    }
    let (n, d) = (i128::from(part.n), i128::from(part.d));
    Some(Largest::Is((most.checked_mul(2)?.checked_add(1)?.checked_mul(d)? - 1) / (2 * n)))
}

/// Largest whole `x` that less its rounded `part` is at most `most`. Nothing where numbers do not fit.
pub(super) fn largest_left(part: Ratio, most: i128) -> Option<Largest> {
    if part.n >= part.d {
        return Some(Largest::None);
    }
    let (n, d) = (i128::from(part.n), i128::from(part.d));
    Some(Largest::Is(most.checked_mul(2)?.checked_add(1)?.checked_mul(d)? / (2 * (d - n))))
}

/// One side of an arrangement for one row: amount = banded share of what lies beyond the origin, up to the cap, × factor.
/// Distances are from the target, in steps of `1 / target.d` cents.
pub(super) struct Curve<'a> {
    pub(super) side: &'a Side,
    pub(super) target: Target,
    /// Minimum rate.
    pub(super) threshold: Ratio,
    /// Part of the target beyond which nothing is shared.
    pub(super) cap: Option<Ratio>,
    /// All that the banded share is multiplied by, up to rounding.
    pub(super) factor: Ratio,
}

impl Curve<'_> {
    /// Parts of a step in which origin and cap are whole.
    fn parts(&self) -> Option<i128> {
        let of_origin = if self.side.origin == Origin::Threshold { self.threshold.d } else { 1 };
        let of_cap = self.cap.map_or(1, |cap| cap.d);
        i128::from(of_origin).checked_mul(i128::from(of_cap / gcd(of_origin, of_cap)))
    }

    /// A part of the target, in `1 / parts` of a step; `parts` is a multiple of its denominator.
    fn part(&self, rate: Ratio, parts: i128) -> Option<i128> {
        (parts / i128::from(rate.d)).checked_mul(i128::from(rate.n))?.checked_mul(self.target.n)
    }

    /// Where the side begins, in `1 / parts` of a step from the target.
    fn origin(&self, parts: i128) -> Option<i128> {
        match self.side.origin {
            Origin::Benchmark => Some(0),
            Origin::Threshold => self.part(self.threshold, parts),
        }
    }

    /// Where the cap lies beyond the origin, in `1 / (unit × parts)` of a step; nowhere where there is none.
    fn end(&self, start: i128, parts: i128) -> Option<i128> {
        let Some(cap) = self.cap else { return Some(i128::MAX) };
        self.part(cap, parts)?.checked_sub(start)?.checked_mul(i128::from(self.side.bands.unit))
    }

    /// The denominator of an amount.
    fn denominator(&self, parts: i128) -> Option<i128> {
        let bands = &self.side.bands;
        let d = i128::from(bands.unit).checked_mul(i128::from(bands.scale))?;
        d.checked_mul(i128::from(self.factor.d))?.checked_mul(parts)?.checked_mul(i128::from(self.target.d))
    }

    /// Successive slices: (from, to, share), in units of `1 / (unit × parts)` of a step; the last is open.
    fn slices(&self, parts: i128) -> impl Iterator<Item = Option<(i128, i128, i128)>> {
        let bands = self.side.bands;
        let mut from = 0;
        bands.steps.into_iter().take(bands.count).map(move |(upper, share)| {
            let to = if upper == i64::MAX {
                i128::MAX
            } else {
                i128::from(upper).checked_mul(self.target.n)?.checked_mul(parts)?
            };
            let slice = (from, to, i128::from(share));
            from = to;
            Some(slice)
        })
    }

    /// The largest distance whose amount is at most `cents`. Nothing where numbers do not fit.
    pub(super) fn largest(&self, cents: i64) -> Option<Largest> {
        if self.factor.n == 0 {
            return Some(Largest::None);
        }
        let parts = self.parts()?;
        let (start, unit) = (self.origin(parts)?, i128::from(self.side.bands.unit));
        let odd = i128::from(cents).checked_mul(2)?.checked_add(1)?;
        let most = (odd.checked_mul(self.denominator(parts)?)? - 1) / (2 * i128::from(self.factor.n));
        let mut sum = 0_i128;
        for slice in self.slices(parts) {
            let (from, to, share) = slice?;
            if share == 0 {
                continue;
            }
            let reach = from.checked_add((most - sum) / share)?;
            if reach < to {
                // Beyond the cap no more is added.
                let within = reach < self.end(start, parts)?;
                return Some(if within { Largest::Is((reach / unit + start) / parts) } else { Largest::None });
            }
            sum = sum.checked_add((to - from).checked_mul(share)?)?;
        }
        Some(Largest::None)
    }

    /// The smallest distance whose amount is at least `cents`, which are more than none. Nothing where none is, or
    /// where numbers do not fit.
    pub(super) fn smallest(&self, cents: i64) -> Option<i128> {
        match self.largest(cents.checked_sub(1)?)? {
            Largest::Is(less) => less.checked_add(1),
            Largest::None => None,
        }
    }

    /// The share of the slice on the far side of a distance, or on the near side; times the factor.
    pub(super) fn slope(&self, distance: i128, far: bool) -> Option<Ratio> {
        let parts = self.parts()?;
        let (start, unit) = (self.origin(parts)?, i128::from(self.side.bands.unit));
        let beyond = distance.checked_mul(parts)?.checked_sub(start)?.max(0).checked_mul(unit)?;
        let end = self.end(start, parts)?;
        if beyond > end || (beyond == end && far) {
            return Some(Ratio::ZERO);
        }
        for slice in self.slices(parts) {
            let (_, to, share) = slice?;
            if beyond < to || (beyond == to && !far) {
                return Ratio::new(i64::try_from(share).ok()?, self.side.bands.scale).times(self.factor);
            }
        }
        None
    }
}
