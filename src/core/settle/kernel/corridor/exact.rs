//! Exact arithmetic in 64 bits on numbers that do not fit them. Of an exact number `n / unit` the kernel holds the low 64
//! bits of `n`, and a float that is off by less than half a cent. Wherever the float does not decide by itself, the number
//! asked about is small, and the low bits are all of it.

use crate::core::settle::kernel::decide::choose;
use crate::core::settle::kernel::decode::{float, nearest};

/// Amounts below this many cents: of anything that the kernel makes of them (at most eight times as much, through less
/// than thirty roundings) a float is off by less than half a cent.
pub(super) const MOST: i64 = 1 << 45;
/// Units below this: a few of them, and their double, fit 64 bits.
pub(super) const MOST_UNIT: f64 = (1_i64 << 60) as f64;

#[inline(always)]
pub(super) fn times(a: i64, b: i64) -> i64 {
    a.wrapping_mul(b)
}

/// All bits where a float is below zero.
#[inline(always)]
pub(super) fn negative(x: f64) -> i64 {
    (x.to_bits() as i64) >> 63
}

/// One of two floats.
#[inline(always)]
pub(super) fn pick(mask: i64, one: f64, other: f64) -> f64 {
    f64::from_bits(choose(mask, one.to_bits() as i64, other.to_bits() as i64) as u64)
}

/// `n / unit` to the whole, half up, where `about` is off by less than half: what is nearest to it is at most one off.
#[inline(always)]
pub(super) fn rounded(n: i64, unit: i64, about: f64) -> i64 {
    let candidate = nearest(about);
    let twice = n.wrapping_sub(times(candidate, unit)).wrapping_mul(2);
    // A sign is minus one.
    candidate
        .wrapping_sub(unit.wrapping_sub(1).wrapping_sub(twice) >> 63)
        .wrapping_add(twice.wrapping_add(unit) >> 63)
}

/// A number with the sign of `exact`, which is given in parts of a cent of which `unit` make one: zero where it is zero.
#[inline(always)]
pub(super) fn sign(exact: i64, about: f64, unit: f64) -> i64 {
    let small = negative(about.abs() - unit);
    choose(small, exact, about.to_bits() as i64)
}

/// A number with the sign of `amount − whole × n / d`: both exact in one unit, and about in cents.
#[inline(always)]
pub(super) fn less_part((amount, about): (i64, f64), (whole, whole_about): (i64, f64), (n, d): (i64, i64)) -> i64 {
    let rough = about * float(d) - whole_about * float(n);
    sign(times(amount, d).wrapping_sub(times(whole, n)), rough, float(d))
}
