//! Rounding, and exact ratios. Every place where a result is rounded calls a function of this module that
//! names the rule for it. Floats on their way in are rounded in `kernel/column.rs`.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

/// Parts per billion: the unit of exact rates.
pub const PPB: i64 = 1_000_000_000;

/// A non-negative fraction, compared by value.
#[derive(Clone, Copy, Debug)]
pub struct Ratio {
    /// Numerator.
    pub n: i64,
    /// Denominator, at least one.
    pub d: i64,
}

impl Ratio {
    /// Nothing.
    pub const ZERO: Self = Self { n: 0, d: 1 };
    /// All.
    pub const ONE: Self = Self { n: 1, d: 1 };

    /// `n / d` in lowest terms; `d` must not be zero.
    #[must_use]
    pub fn new(n: i64, d: i64) -> Self {
        let g = gcd(n, d);
        Self { n: n / g, d: d / g }
    }

    /// A share with at most nine decimals, not negative.
    #[must_use]
    pub fn from_decimal(share: Decimal) -> Option<Self> {
        let scaled = share.checked_mul(Decimal::from(PPB))?.normalize();
        let n = if scaled.fract().is_zero() { scaled.to_i64()? } else { return None };
        (n >= 0).then(|| Self::new(n, PPB))
    }

    /// The product, or nothing where it does not fit.
    #[must_use]
    pub fn times(self, other: Self) -> Option<Self> {
        let (a, b) = (Self::new(self.n, other.d), Self::new(other.n, self.d));
        Some(Self { n: a.n.checked_mul(b.n)?, d: a.d.checked_mul(b.d)? })
    }

    /// One less this ratio; nothing where that is negative.
    #[must_use]
    pub fn complement(self) -> Option<Self> {
        (self.n <= self.d).then(|| Self::new(self.d - self.n, self.d))
    }

    /// The difference; nothing where it is negative or does not fit.
    #[must_use]
    pub fn less(self, other: Self) -> Option<Self> {
        let d = self.d.checked_mul(other.d / gcd(self.d, other.d))?;
        let n = self.n.checked_mul(d / self.d)?.checked_sub(other.n.checked_mul(d / other.d)?)?;
        (n >= 0).then(|| Self::new(n, d))
    }

    /// As a float, for display.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.n as f64 / self.d as f64
    }
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ratio {}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (i128::from(self.n) * i128::from(other.d)).cmp(&(i128::from(other.n) * i128::from(self.d)))
    }
}

/// Greatest common divisor, at least one, of numbers that are not negative.
#[must_use]
pub fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a.max(1) } else { gcd(b, a % b) }
}

/// Cents of an amount that is paid, owed or a limit: half away from zero, once, at the end of its chain.
/// CMS carries settlement amounts unrounded and prints whole dollars (Specifications v11, section 4.3); the
/// cent is this project's choice, see DEPARTURES.md. `n / d` is not negative; nothing where it overflows.
#[must_use]
pub fn settlement_cents(n: i128, d: i128) -> Option<i64> {
    let doubled = n.checked_mul(2)?.checked_add(d)?;
    i64::try_from(doubled / d.checked_mul(2)?).ok()
}

/// As [`settlement_cents`], of an amount that may be below zero: half away from zero on either side.
#[must_use]
pub fn signed_cents(n: i128, d: i128) -> Option<i64> {
    let size = settlement_cents(n.checked_abs()?, d)?;
    Some(if n < 0 { -size } else { size })
}

/// Parts per billion of an entity's own discount, half away from zero, from parts of 10⁻¹⁸: the unit in which `settle`
/// takes it. No document says to how many decimals a discount is carried; see DEPARTURES.md. Nothing where it is below
/// zero or too large.
#[must_use]
pub fn discount_ppb(discount: i128) -> Option<i64> {
    if discount < 0 { None } else { settlement_cents(discount, i128::from(PPB)) }
}

/// A conversion factor in hundredths of a cent, half away from zero: a first one times one plus each part in parts per
/// billion. It is rounded once, at the end: the published factors of 2026 and the proposed ones of 2027 come out of that of
/// 2025 this way, while the non-qualifying one of 2027 would be a hundredth of a cent less from the rounded one of 2026.
#[must_use]
pub fn conversion_factor_units(first: i64, parts: &[i64]) -> Option<i64> {
    let one = i128::from(PPB);
    let (mut n, mut d) = (i128::from(first), 1);
    for part in parts {
        // In lowest terms before each product, so that it fits.
        let (mut a, mut b) = (one + i128::from(*part), one);
        reduce(&mut a, &mut b);
        reduce(&mut n, &mut b);
        reduce(&mut a, &mut d);
        (n, d) = (n.checked_mul(a)?, d.checked_mul(b)?);
    }
    settlement_cents(n, d)
}

fn reduce(n: &mut i128, d: &mut i128) {
    let (mut a, mut b) = (*n, *d);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    if a > 1 {
        (*n, *d) = (*n / a, *d / a);
    }
}

/// Cents of a total benchmark, half away from zero; nothing where it is none or too large. CMS carries benchmarks in
/// double precision and prints whole dollars; the cent is this project's choice, see DEPARTURES.md.
#[must_use]
pub fn benchmark_cents(dollars: f64) -> Option<i64> {
    let cents = (dollars * 100.0).round();
    // Beyond 2⁵³ cents a float no longer tells one cent from the next.
    (cents.abs() < 9_007_199_254_740_992.0).then_some(cents as i64)
}

/// Cents of dollars written as a decimal number, half away from zero; nothing where it is none or too large.
#[must_use]
pub fn cents_of_text(dollars: &str) -> Option<i64> {
    cents_of_decimal(dollars.trim().parse().ok()?)
}

/// Cents of exact dollars, half away from zero; nothing where it is too large.
#[must_use]
pub fn cents_of_decimal(amount: Decimal) -> Option<i64> {
    let cents = amount.checked_mul(Decimal::ONE_HUNDRED)?;
    cents.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).to_i64()
}

/// Dollars as the nearest float: the cent survives below 2⁴⁶ dollars.
#[must_use]
pub fn dollars_of_cents(cents: i64) -> f64 {
    cents as f64 / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_cent_rounds_away_from_zero() {
        assert_eq!(settlement_cents(5, 2), Some(3));
        assert_eq!(settlement_cents(249, 100), Some(2));
        assert_eq!(settlement_cents(0, 7), Some(0));
        assert_eq!(settlement_cents(i128::MAX, 1), None);
    }

    #[test]
    fn ratios_reduce_compare_and_multiply_exactly() {
        let half = Ratio::from_decimal("0.50".parse().unwrap()).unwrap();
        assert_eq!(half, Ratio { n: 1, d: 2 });
        assert!(Ratio::new(1, 3) < half && half < Ratio::ONE);
        assert_eq!(half.times(Ratio::new(4, 6)), Some(Ratio { n: 1, d: 3 }));
        assert_eq!(Ratio::new(1, 50).complement(), Some(Ratio { n: 49, d: 50 }));
        assert_eq!(Ratio::new(1, 4).less(Ratio::new(1, 6)), Some(Ratio { n: 1, d: 12 }));
        assert_eq!(Ratio::new(1, 6).less(Ratio::new(1, 4)), None);
        assert_eq!(Ratio::from_decimal("-0.1".parse().unwrap()), None);
    }
}
