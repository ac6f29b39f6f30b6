//! Decimals that remember what they lack: a number that cannot be known names the first input that is missing.

use super::gap::Gap;
use rust_decimal::Decimal;
use std::ops::{Add, Div, Mul, Sub};

/// A decimal, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number(pub Result<Decimal, Gap>);

/// One for each enrollment type.
pub type Numbers = [Number; 4];

impl Number {
    /// A known number.
    pub(super) const fn of(value: Decimal) -> Self {
        Self(Ok(value))
    }

    /// Nothing.
    pub(super) const ZERO: Self = Self::of(Decimal::ZERO);
    /// One.
    pub(super) const ONE: Self = Self::of(Decimal::ONE);

    /// An input; NaN is missing.
    pub(super) fn input(value: f64, column: &'static str, k: Option<usize>) -> Self {
        if value.is_nan() {
            return Self(Err(Gap::Missing(column, k)));
        }
        // The shortest decimal that reads as this float: what the caller wrote.
        Self(value.to_string().parse().map_err(|_| Gap::TooLarge))
    }

    /// Whether it is known.
    pub(super) fn known(self) -> bool {
        self.0.is_ok()
    }

    /// This, or the other where this is not known.
    pub(super) fn or(self, other: Self) -> Self {
        if self.known() { self } else { other }
    }

    /// This, if the condition that it rests on is known too.
    pub(super) fn given(self, condition: Self) -> Self {
        Self(condition.0.and(self.0))
    }

    /// The smaller, if both are known.
    pub(super) fn min(self, other: Self) -> Self {
        self.pair(other, |a, b| Some(a.min(b)))
    }

    /// The larger, if both are known.
    pub(super) fn max(self, other: Self) -> Self {
        self.pair(other, |a, b| Some(a.max(b)))
    }

    /// Whether it is known and above zero.
    pub(super) fn positive(self) -> bool {
        self.0.is_ok_and(|n| n > Decimal::ZERO)
    }

    /// Whether it is known and below zero.
    pub(super) fn negative(self) -> bool {
        self.0.is_ok_and(|n| n < Decimal::ZERO)
    }

    /// As a reader sees it.
    pub(super) fn show(self, how: impl Fn(Decimal) -> String) -> String {
        self.0.map_or_else(|_| "not known".to_owned(), how)
    }

    fn pair(self, other: Self, f: impl Fn(Decimal, Decimal) -> Option<Decimal>) -> Self {
        Self(self.0.and_then(|a| other.0.and_then(|b| f(a, b).ok_or(Gap::TooLarge))))
    }
}

impl Add for Number {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.pair(other, Decimal::checked_add)
    }
}

impl Sub for Number {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.pair(other, Decimal::checked_sub)
    }
}

impl Mul for Number {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        self.pair(other, Decimal::checked_mul)
    }
}

impl Div for Number {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        if other == Self::ZERO {
            return Self(self.0.and(Err(Gap::Division)));
        }
        self.pair(other, Decimal::checked_div)
    }
}

/// One number for each type.
pub(super) fn each(value: impl FnMut(usize) -> Number) -> Numbers {
    std::array::from_fn(value)
}

/// Sum of a list.
pub(super) fn sum(numbers: impl IntoIterator<Item = Number>) -> Number {
    numbers.into_iter().fold(Number::ZERO, |a, b| a + b)
}

/// Sum of products over the types that have a weight.
pub(super) fn weighted(weights: &Numbers, values: &Numbers) -> Number {
    sum((0..4).filter(|k| weights[*k] != Number::ZERO).map(|k| weights[k] * values[k]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_travels_to_the_result_and_keeps_its_name() {
        let gap = Number::input(f64::NAN, "risk_score_by2", Some(1));
        let result = (Number::ONE + gap) * Number::ONE / Number::ONE;
        assert_eq!(result.0.unwrap_err().to_string(), "`risk_score_by2` of disabled is null and decides it");
        assert_eq!((Number::ONE / Number::ZERO).0, Err(Gap::Division));
        assert_eq!(
            weighted(&[Number::ZERO, Number::ONE, Number::ZERO, Number::ZERO], &[gap, Number::ONE, gap, gap]),
            Number::ONE
        );
    }
}
