//! Columns of a block as the kernel takes them: whole numbers that are known to be in range, [`NULL`] where a row
//! is null, [`HARD`] where the row is to be settled, or refused, by the exact row form. Branch-free, so that the
//! widest registers serve.

use super::packed::{MENU, SEGMENTS};
use crate::core::kernel::{Lanes, Level, View, dispatch};
use crate::core::round::PPB;

/// Rows of a block: its columns stay in the first two levels of cache.
pub(in crate::core::settle) const ROWS: usize = 512;
/// Room of a column: a line of cache more than its rows, as columns that lie a whole page apart would push each other
/// out of the first-level cache.
pub(super) const LANE: usize = ROWS + 8;
/// A column of a block.
pub(super) type Lane<T> = [T; LANE];
/// The row has no value.
pub(super) const NULL: i64 = -1;
/// The value is out of the kernel's range, or wrong.
pub(super) const HARD: i64 = -2;
/// Amounts below this many cents, and their products with rates, can be rounded in 64 bits.
pub(super) const MOST_CENTS: i64 = 1 << 50;
/// Head counts below this.
const MOST_PEOPLE: i64 = (1 << 31) - 1;

/// Adds to a float below 2⁵¹ and leaves its nearest whole number in the low bits.
const MAGIC: f64 = 6_755_399_441_055_744.0;
const MAGIC_BITS: i64 = 0x4338_0000_0000_0000;

/// A whole number below 2⁵¹ as a float, without the instruction that only the widest registers have.
#[inline(always)]
pub(super) fn float(n: i64) -> f64 {
    f64::from_bits(n.wrapping_add(MAGIC_BITS) as u64) - MAGIC
}

/// The nearest whole number of a float below 2⁵⁰.
#[inline(always)]
pub(super) fn nearest(x: f64) -> i64 {
    ((x + MAGIC).to_bits() as i64).wrapping_sub(MAGIC_BITS)
}

/// A number of the caller's as the core's integer, or [`HARD`].
trait Number: Copy {
    /// `unit` of the core's to one of the caller's, where the caller holds floats.
    fn read(self, unit: f64, most: i64) -> i64;
}

macro_rules! whole_lanes {
    ($($t:ty),+) => {$(impl Number for $t {
        #[inline(always)]
        #[allow(clippy::cast_lossless)] // one form for all widths
        fn read(self, _: f64, most: i64) -> i64 {
            let value = self as i64;
            if (value >= 0) & (value < most) { value } else { HARD }
        }
    })+};
}
whole_lanes!(i64, i32, i16, u8);

impl Number for f64 {
    #[inline(always)]
    fn read(self, unit: f64, most: i64) -> i64 {
        let scaled = self * unit;
        // Half away from zero, as the row form rounds; a negative is left to it, as it may round to nothing.
        let down = scaled.trunc();
        let rounded = if (scaled - down) * 2.0 >= 1.0 { down + 1.0 } else { down };
        let fits = (self >= 0.0) & (rounded < most as f64);
        let value = nearest(if fits { rounded } else { 0.0 });
        if fits { value } else { HARD }
    }
}

/// Whether any value is hard.
#[inline(always)]
fn read_lanes<T: Number>(lanes: &[T], nulls: Option<&[u8]>, (unit, most): (f64, i64), out: &mut [i64]) -> bool {
    let n = lanes.len();
    let out = &mut out[..n];
    let mut seen = 0;
    match nulls {
        None => {
            for (value, out) in lanes.iter().zip(out) {
                *out = value.read(unit, most);
                seen |= *out;
            }
        }
        Some(nulls) => {
            for ((value, null), out) in lanes.iter().zip(&nulls[..n]).zip(out) {
                let value = value.read(unit, most);
                seen |= if *null != 0 { 0 } else { value };
                *out = if *null != 0 { NULL } else { value };
            }
        }
    }
    seen < 0
}

#[inline(always)]
fn read_body(view: &View<'_>, unit: f64, most: i64, out: &mut [i64]) -> bool {
    match view.lanes {
        Lanes::I64(lanes) => read_lanes(lanes, view.nulls, (unit, most), out),
        Lanes::I32(lanes) => read_lanes(lanes, view.nulls, (unit, most), out),
        Lanes::I16(lanes) => read_lanes(lanes, view.nulls, (unit, most), out),
        Lanes::U8(lanes) => read_lanes(lanes, view.nulls, (unit, most), out),
        Lanes::F64(lanes) => read_lanes(lanes, view.nulls, (unit, most), out),
    }
}

dispatch! {
    /// Whether any value is hard.
    fn read(view: &View<'_>, unit: f64, most: i64, out: &mut [i64]) -> bool = read_body
}

/// Amounts in cents, of floats in dollars; whether any is hard, as do the next two.
pub(super) fn amounts(level: Level, view: &View<'_>, out: &mut [i64]) -> bool {
    read(level, view, 100.0, MOST_CENTS, out)
}

/// Shares of one in parts per billion.
pub(super) fn shares(level: Level, view: &View<'_>, out: &mut [i64]) -> bool {
    read(level, view, PPB as f64, PPB + 1, out)
}

/// Factors in parts per billion, up to two.
pub(super) fn factors(level: Level, view: &View<'_>, out: &mut [i64]) -> bool {
    read(level, view, PPB as f64, 2 * PPB + 1, out)
}

/// Counts, years, codes and dates.
pub(super) fn wholes(level: Level, view: &View<'_>, out: &mut [i64]) -> bool {
    read(level, view, 1.0, MOST_PEOPLE, out)
}

#[inline(always)]
fn truth_lanes<T: Number>(lanes: &[T], nulls: Option<&[u8]>, bit: u8, out: &mut [u8], hard: &mut [u8]) {
    let n = lanes.len();
    let (out, hard) = (&mut out[..n], &mut hard[..n]);
    match nulls {
        None => {
            for ((value, out), hard) in lanes.iter().zip(out).zip(hard) {
                let value = value.read(1.0, 2);
                *out |= (value as u8 & 1) << bit;
                *hard |= u8::from(value < 0);
            }
        }
        Some(nulls) => {
            for (((value, null), out), hard) in lanes.iter().zip(&nulls[..n]).zip(out).zip(hard) {
                let (value, null) = (value.read(1.0, 2), *null != 0);
                *out |= if null { 2 << bit } else { (value as u8 & 1) << bit };
                *hard |= u8::from((value < 0) & !null);
            }
        }
    }
}

#[inline(always)]
fn truths_body(view: &View<'_>, bit: u8, out: &mut [u8], hard: &mut [u8]) {
    match view.lanes {
        Lanes::U8(lanes) => truth_lanes(lanes, view.nulls, bit, out, hard),
        Lanes::I64(lanes) => truth_lanes(lanes, view.nulls, bit, out, hard),
        // A column of truth values in another type is rare: let the row form read it.
        Lanes::I32(_) | Lanes::I16(_) | Lanes::F64(_) => hard[..out.len()].fill(1),
    }
}

dispatch! {
    /// Truth values: sets `bit` where true and the next one where null.
    pub(super) fn truths(view: &View<'_>, bit: u8, out: &mut [u8], hard: &mut [u8]) -> () = truths_body
}

#[inline(always)]
#[allow(clippy::manual_range_contains)] // without its short circuit, so that the loop vectorises
fn dates_body(dates: &mut [i64], years: &mut [i64], hard: &mut [u8]) {
    let n = dates.len();
    let (years, hard) = (&mut years[..n], &mut hard[..n]);
    for i in 0..n {
        let date = dates[i];
        // Exact as floats: a date is below 2²⁵ and its fraction here never near a whole number.
        let v = float(if date < 10_000 { date * 10_000 + 101 } else { date });
        let year = (v * 1e-4).trunc();
        let rest = v - year * 1e4;
        let month = (rest * 1e-2).trunc();
        let day = rest - month * 1e2;
        let known = (year >= 1990.0) & (year < 2200.0) & (month >= 1.0) & (month <= 12.0) & (day >= 1.0);
        let null = date == NULL;
        years[i] = if null { NULL } else { nearest(year) };
        dates[i] = if null { NULL } else { nearest(v) };
        // The last days of months are for a calendar to judge.
        hard[i] |= u8::from(!(known & (day <= 28.0)) & !null);
    }
}

dispatch! {
    /// Years and dates as dates, and their years; hard where a calendar must be asked.
    pub(super) fn dates(dates: &mut [i64], years: &mut [i64], hard: &mut [u8]) -> () = dates_body
}

#[inline(always)]
fn elections_body(rates: &[i64], menu: &[i64; MENU]) -> bool {
    let mut seen = 0;
    for rate in rates {
        let offered = menu.iter().fold(*rate == NULL, |found, entry| found | (*entry == *rate));
        seen |= i64::from(offered) - 1;
    }
    seen < 0
}

dispatch! {
    /// Whether any elected rate is not on the menu, whose unused entries are [`NULL`].
    pub(super) fn elections(rates: &[i64], menu: &[i64; MENU]) -> bool = elections_body
}

#[inline(always)]
fn segments_body(people: &[i64], starts: &[i32; SEGMENTS], out: &mut [u8]) {
    let out = &mut out[..people.len()];
    // Each start is beyond what counts there are where it is not in use.
    for (n, at) in people.iter().zip(out) {
        let n = *n as i32;
        let mut found = 0_i32;
        for start in starts {
            found += i32::from(n >= *start);
        }
        *at = found as u8;
    }
}

dispatch! {
    /// Which segment of the size scale a count lies in, from 1; 0 is below it.
    pub(super) fn segments(people: &[i64], starts: &[i32; SEGMENTS], out: &mut [u8]) -> () = segments_body
}
