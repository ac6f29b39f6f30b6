//! Columns as kernels see them: integers, gathered a tile at a time, converted from what the caller holds.
//!
//! Dollars become cents, shares become parts per billion, and what cannot be converted is flagged by row.

use super::TILE;
use crate::core::error::{InputError, Result};
use crate::core::round::PPB;
use std::ops::Range;

/// The row has no value.
pub const MISSING: u8 = 1;
/// The row holds NaN or an infinity.
pub const NOT_FINITE: u8 = 2;
/// The row holds a number that is too large for 64 bits of cents.
pub const OVERFLOW: u8 = 4;
/// The row holds a fraction where only whole numbers make sense.
pub const NOT_WHOLE: u8 = 8;

/// A column that can be read block by block from any thread.
pub trait Column: Sync {
    /// Rows.
    fn rows(&self) -> usize;
    /// Writes the rows of `range` to `out`, one each. Where any row is not plain, sets bits in `flags`
    /// (which the caller has cleared) and returns true.
    fn gather(&self, range: Range<usize>, out: &mut [i64], flags: &mut [u8]) -> bool;
    /// The rows of `range` where they lie, if they are whole numbers without nulls, to save the copy.
    fn borrow(&self, _range: Range<usize>) -> Option<Borrowed<'_>> {
        None
    }
    /// The rows of `range` where they lie, nulls and all, if their type is one that kernels decode.
    fn view(&self, _range: Range<usize>) -> Option<View<'_>> {
        None
    }
}

/// Rows read where they lie, with their nulls.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The rows.
    pub lanes: Lanes<'a>,
    /// One byte a row, not zero where the row is null.
    pub nulls: Option<&'a [u8]>,
}

/// Rows of a type that kernels decode. Integers are as the core works (cents, whole numbers, truth values); floats
/// are dollars or shares of one.
#[derive(Clone, Copy)]
pub enum Lanes<'a> {
    /// Signed, 64 bits.
    I64(&'a [i64]),
    /// Signed, 32 bits.
    I32(&'a [i32]),
    /// Signed, 16 bits.
    I16(&'a [i16]),
    /// Unsigned, 8 bits.
    U8(&'a [u8]),
    /// Floats.
    F64(&'a [f64]),
}

/// Rows read where they lie.
#[derive(Clone, Copy)]
pub enum Borrowed<'a> {
    /// As the core works.
    I64(&'a [i64]),
    /// Half as wide.
    I32(&'a [i32]),
    /// A quarter as wide.
    I16(&'a [i16]),
}

/// Rows that all the columns that are present have.
///
/// # Errors
/// Where they differ, by the name of the column.
pub fn common_rows(columns: &[Option<&dyn Column>], names: &[&str]) -> Result<usize> {
    let present = || columns.iter().zip(names).filter_map(|(c, name)| c.map(|c| (c, name)));
    let rows = present().map(|(c, _)| c.rows()).max().unwrap_or(0);
    match present().find(|(c, _)| c.rows() != rows) {
        Some((column, name)) => {
            let problem = format!("has {} rows where another column has {rows}", column.rows());
            Err(InputError::column(name, problem, "Give columns of one length").into())
        }
        None => Ok(rows),
    }
}

/// What a column's numbers mean, hence how they become the integers of the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conversion {
    /// Already cents; fractions of a cent are refused.
    Cents,
    /// Dollars: times 100, rounded half away from zero at the cent.
    Dollars,
    /// Whole numbers of people, years, codes, or truth values as 0 and 1.
    Whole,
    /// Shares of one: times 10⁹, rounded half away from zero.
    Share,
}

/// A number as callers hold it.
pub trait Element: Copy {
    /// Whether the type can hold fractions.
    const FLOAT: bool;
    /// Whether every value fits an `i64`.
    const FITS: bool;
    /// The value as a float; only called where `FLOAT`.
    fn float(self) -> f64;
    /// The value as an integer, where it fits; only called where not `FLOAT`.
    fn integer(self) -> Option<i64>;
}

macro_rules! integers {
    ($fits:literal: $($t:ty),+) => {$(impl Element for $t {
        const FLOAT: bool = false;
        const FITS: bool = $fits;
        #[inline(always)]
        #[allow(clippy::cast_lossless)]
        fn float(self) -> f64 { self as f64 }
        #[inline(always)]
        fn integer(self) -> Option<i64> { i64::try_from(self).ok() }
    })+};
}
integers!(true: i8, i16, i32, i64, u8, u16, u32);
integers!(false: u64);

macro_rules! floats {
    ($($t:ty),+) => {$(impl Element for $t {
        const FLOAT: bool = true;
        const FITS: bool = false;
        #[inline(always)]
        fn float(self) -> f64 { f64::from(self) }
        #[inline(always)]
        fn integer(self) -> Option<i64> { None }
    })+};
}
floats!(f32, f64);

/// Largest magnitude of a float whose rounding is still a valid `i64`.
const MAX_FLOAT: f64 = 9_223_372_036_854_774_784.0;

/// Converts a block; sets flags and returns true where a value is not plain.
pub fn convert<T: Element>(values: &[T], how: Conversion, out: &mut [i64], flags: &mut [u8]) -> bool {
    let factor: i64 = match how {
        Conversion::Cents | Conversion::Whole => 1,
        Conversion::Dollars => 100,
        Conversion::Share => PPB,
    };
    if T::FITS && factor == 1 {
        for (value, out) in values.iter().zip(out) {
            *out = value.integer().unwrap_or(0);
        }
        return false;
    }
    let exact = factor == 1;
    let mut any = 0_u8;
    for ((value, out), flag) in values.iter().zip(out).zip(flags) {
        let (converted, problem) = if T::FLOAT {
            from_float(value.float(), factor as f64, exact)
        } else {
            value.integer().and_then(|v| v.checked_mul(factor)).map_or((0, OVERFLOW), |v| (v, 0))
        };
        *out = converted;
        *flag |= problem;
        any |= problem;
    }
    any != 0
}

#[inline(always)]
fn from_float(value: f64, factor: f64, exact: bool) -> (i64, u8) {
    let scaled = (value * factor).round();
    if !value.is_finite() {
        (0, NOT_FINITE)
    } else if exact && value.fract() != 0.0 {
        (0, NOT_WHOLE)
    } else if scaled.abs() > MAX_FLOAT {
        (0, OVERFLOW)
    } else {
        (scaled as i64, 0)
    }
}

/// The distinct rows of columns of one length, in order; rows that are not plain are left out.
#[must_use]
pub fn distinct<const N: usize>(columns: [&dyn Column; N]) -> Vec<[i64; N]> {
    let mut found = std::collections::BTreeSet::new();
    let (mut values, mut flags) = ([[0; TILE]; N], [[0; TILE]; N]);
    let rows = columns.iter().map(|c| c.rows()).min().unwrap_or(0);
    let mut last = None;
    for start in (0..rows).step_by(TILE) {
        let n = TILE.min(rows - start);
        for ((column, values), flags) in columns.iter().zip(&mut values).zip(&mut flags) {
            flags[..n].fill(0);
            column.gather(start..start + n, &mut values[..n], &mut flags[..n]);
        }
        for i in 0..n {
            let row = std::array::from_fn(|c| values[c][i]);
            if flags.iter().all(|flags| flags[i] == 0) && last != Some(row) {
                found.insert(row);
                last = Some(row);
            }
        }
    }
    found.into_iter().collect()
}

/// A column over plain Rust values, for users of the crate and for tests.
pub struct Values<'a, T>(pub &'a [T], pub Conversion);

impl<T: Element + Sync> Column for Values<'_, T> {
    fn rows(&self) -> usize {
        self.0.len()
    }

    fn gather(&self, range: Range<usize>, out: &mut [i64], flags: &mut [u8]) -> bool {
        convert(&self.0[range], self.1, out, flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one<T: Element>(value: T, how: Conversion) -> (i64, u8) {
        let (mut out, mut flags) = ([7], [0]);
        convert(&[value], how, &mut out, &mut flags);
        (out[0], flags[0])
    }

    #[test]
    fn dollars_round_half_away_from_zero_at_the_cent() {
        assert_eq!(one(0.125, Conversion::Dollars), (13, 0));
        assert_eq!(one(-0.125, Conversion::Dollars), (-13, 0));
        assert_eq!(one(12.34, Conversion::Dollars), (1234, 0));
        assert_eq!(one(3_i32, Conversion::Dollars), (300, 0));
    }

    #[test]
    fn what_does_not_fit_is_flagged_and_reads_zero() {
        assert_eq!(one(f64::NAN, Conversion::Dollars), (0, NOT_FINITE));
        assert_eq!(one(f64::NEG_INFINITY, Conversion::Whole), (0, NOT_FINITE));
        assert_eq!(one(9.3e16, Conversion::Dollars), (0, OVERFLOW));
        assert_eq!(one(i64::MAX, Conversion::Dollars), (0, OVERFLOW));
        assert_eq!(one(u64::MAX, Conversion::Whole), (0, OVERFLOW));
        assert_eq!(one(2.5, Conversion::Whole), (0, NOT_WHOLE));
        assert_eq!(one(2.5, Conversion::Cents), (0, NOT_WHOLE));
    }

    #[test]
    fn shares_become_parts_per_billion() {
        assert_eq!(one(0.7663, Conversion::Share), (766_300_000, 0));
        assert_eq!(one(1.0_f32, Conversion::Share), (1_000_000_000, 0));
    }
}
