//! The minimum rate by number of assigned beneficiaries (42 CFR 425.604(b), 425.605(b)): exact, a fraction of two
//! whole numbers.

use super::kernel::{Line, SEGMENTS};
use crate::core::error::{Error, Result};
use crate::core::round::{Ratio, gcd};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// The minimum savings rate by number of assigned beneficiaries: closed segments, linear inside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SizeScale {
    /// (first, last, rate at first, rate at last) in whole beneficiaries and parts per `scale`.
    segments: Vec<(i64, i64, i64, i64)>,
    scale: i64,
}

impl SizeScale {
    pub(super) fn new(id: &str, knots: &[(Decimal, Decimal)]) -> Result<Self> {
        let bad =
            || Error::NotModelled(format!("`{id}`: beneficiaries are whole and rates 0 to 1. Mend the override"));
        let rates = knots.iter().map(|k| Ratio::from_decimal(k.1)).collect::<Option<Vec<_>>>().ok_or_else(bad)?;
        let scale = rates.iter().try_fold(1_i64, |s, r| s.checked_mul(r.d / gcd(s, r.d))).ok_or_else(bad)?;
        let mut points = Vec::with_capacity(knots.len());
        for ((x, _), rate) in knots.iter().zip(rates) {
            let n = if x.fract().is_zero() { x.to_i64() } else { None }.ok_or_else(bad)?;
            points.push((n, rate.n * (scale / rate.d)));
        }
        let segments = points.windows(2).map(|w| (w[0].0, w[1].0, w[0].1, w[1].1)).collect();
        Ok(Self { segments, scale })
    }

    /// First beneficiaries and line of each segment for the kernel, from which on each holds; the last is level.
    /// Line 0 stands for what lies below. Nothing where there are too many.
    pub(super) fn lines(&self) -> Option<([i32; SEGMENTS], [Line; SEGMENTS + 1])> {
        let (mut starts, mut lines) = ([i32::MAX; SEGMENTS], [Line::default(); SEGMENTS + 1]);
        let Some(last) = self.segments.last() else { return Some((starts, lines)) };
        let mut at = 0;
        // Numbers that the kernel's products can take.
        let fits = |line: &Line| {
            line.base.unsigned_abs() < 1 << 50 && line.slope.unsigned_abs() < 1 << 19 && line.scale < 1 << 40
        };
        let mut put = |start: i64, line: Line| {
            if !fits(&line) {
                return None;
            }
            *starts.get_mut(at)? = i32::try_from(start).ok()?;
            *lines.get_mut(at + 1)? = line;
            at += 1;
            Some(())
        };
        // A step of one beneficiary between bands needs no segment of its own.
        for (low, high, at_low, at_high) in self.segments.iter().filter(|s| s.1 - s.0 > 1 || s.2 != s.3) {
            let base = at_low.checked_mul(*high)?.checked_sub(at_high.checked_mul(*low)?)?;
            put(*low, Line { base, slope: at_high - at_low, scale: (high - low).checked_mul(self.scale)? })?;
        }
        put(last.1, Line { base: last.3, slope: 0, scale: self.scale })?;
        Some((starts, lines))
    }

    /// The rate for `n` beneficiaries, exact; nothing below the first knot, level above the last.
    #[must_use]
    pub fn rate(&self, n: i64) -> Option<Ratio> {
        let (first, _, _, _) = *self.segments.first()?;
        let (_, last, _, at_last) = *self.segments.last()?;
        if n < first {
            return None;
        }
        if n >= last {
            return Some(Ratio { n: at_last, d: self.scale });
        }
        let at = self.segments.partition_point(|s| s.1 < n);
        let (low, high, at_low, at_high) = self.segments[at];
        let numerator = at_low * (high - n) + at_high * (n - low);
        Some(Ratio { n: numerator, d: (high - low) * self.scale })
    }
}
