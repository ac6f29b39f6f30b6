//! The block kernel of QP determinations: branch-free over a tile of plain rows, so that the compiler can
//! use the widest registers there are.

use super::plan::{ERAS, Words};
use super::reason;
use crate::core::kernel::{Borrowed, Level, dispatch};
use crate::core::rulebook::LAST_YEAR;
use std::ops::BitOrAssign;

/// The columns of one tile, in the order of [`reason::COLUMNS`] and all of one length; a column that is absent
/// is all zero, which no threshold meets.
pub(crate) type Columns<'a> = [&'a [i64]; 9];

/// Where the codes of one tile go, all of one length.
pub(crate) struct Codes<'a> {
    pub(crate) status: &'a mut [u8],
    pub(crate) method: &'a mut [u8],
    pub(crate) option: &'a mut [u8],
    pub(crate) reason: &'a mut [u8],
}

/// Numerators, and what they lack to their denominators, in cents: so the denominators stay below 2⁴⁷ and their
/// products with a 16-bit threshold below 2⁶³.
const CENTS_BITS: u32 = 46;
/// The same in people: so the denominators fit 32 bits.
const PEOPLE_BITS: u32 = 31;

/// Eras of the shipped book; fewer of them pick faster.
const FEW: usize = 5;

macro_rules! medicare {
    ($name:ident, $year:ty) => {
        dispatch! {
            fn $name(
                pairs: &[&[i64]; 4],
                years: &[$year],
                out: (&mut [u8], &mut [u8]),
                words: &Words,
            ) -> bool = medicare_body
        }
    };
}
medicare!(medicare_i64, i64);
medicare!(medicare_i32, i32);
medicare!(medicare_i16, i16);

dispatch! {
    fn all_payer_i64(columns: &Columns<'_>, codes: &mut Codes<'_>, words: &Words) -> bool
        = all_payer_body
}

/// Status and method of a tile under the Medicare Option; false, and garbage, where its rows are not all plain.
pub(crate) fn medicare(
    level: Level,
    pairs: &[&[i64]; 4],
    years: Borrowed<'_>,
    codes: &mut Codes<'_>,
    words: &Words,
) -> bool {
    let out = (&mut *codes.status, &mut *codes.method);
    match years {
        Borrowed::I64(years) => medicare_i64(level, pairs, years, out, words),
        Borrowed::I32(years) => medicare_i32(level, pairs, years, out, words),
        Borrowed::I16(years) => medicare_i16(level, pairs, years, out, words),
    }
}

/// All codes of a tile under both options; false, and garbage, where its rows are not all plain.
pub(crate) fn all_payer(level: Level, columns: &Columns<'_>, codes: &mut Codes<'_>, words: &Words) -> bool {
    all_payer_i64(level, columns, codes, words)
}

/// Bit 0 where the payment amount method meets its field of the word, bit 1 for the patient count method.
#[inline(always)]
fn methods(pay: (i64, i64), pat: (i64, i64), scale: i64, word: u64, shift: u32) -> u8 {
    let pay_threshold = ((word >> shift) & 0xffff) as i64;
    let pat_threshold = (word >> (32 + shift)) & 0xffff;
    // Without AVX-512 a product is cheaper where the compiler sees that one factor is short.
    let scale = scale & 0xffff;
    let by_pay = (pay.0.wrapping_mul(scale) >= pay_threshold.wrapping_mul(pay.1)) & (pay.1 != 0);
    // People fit 32 bits, whose products are one cheap instruction.
    let low = |people: i64| people as u64 & 0xffff_ffff;
    let by_pat = (low(pat.0) * scale as u64 >= pat_threshold * low(pat.1)) & (pat.1 != 0);
    u8::from(by_pay) | (u8::from(by_pat) << 1)
}

/// Bits above the bound show a negative or a large value, or a numerator above its denominator.
#[inline(always)]
fn suspicion(pair: (i64, i64)) -> i64 {
    pair.0 | pair.1.wrapping_sub(pair.0)
}

/// A year as narrow as the caller holds it: narrow lanes compare in fewer instructions.
trait Year: Copy + Default + PartialOrd + BitOrAssign {
    /// The nearest that the type holds.
    fn nearest(year: i64) -> Self;
    /// Negative for a year before the first of the book or past any forecast.
    fn out_of_range(self, first: Self) -> Self;
}

macro_rules! years {
    ($($t:ty),+) => {$(impl Year for $t {
        #[inline(always)]
        fn nearest(year: i64) -> Self { Self::try_from(year).unwrap_or(Self::MAX) }
        #[inline(always)]
        fn out_of_range(self, first: Self) -> Self {
            // Where the first difference wraps round to above zero, the second one is below it.
            self.wrapping_sub(first) | (LAST_YEAR as $t).wrapping_sub(self)
        }
    })+};
}
years!(i64, i32, i16);

/// The word of the era that a year falls in, of the first `E` eras.
#[inline(always)]
fn pick<Y: Year, const E: usize>(words: &[u64; ERAS], starts: &[Y; ERAS], year: Y) -> u64 {
    let mut word = words[0];
    for era in 1..E {
        word = if year >= starts[era] { words[era] } else { word };
    }
    word
}

#[inline(always)]
fn medicare_body<Y: Year>(pairs: &[&[i64]; 4], year: &[Y], out: (&mut [u8], &mut [u8]), words: &Words) -> bool {
    if words.starts[FEW] == i64::MAX {
        medicare_rows::<Y, FEW>(pairs, year, out, words)
    } else {
        medicare_rows::<Y, ERAS>(pairs, year, out, words)
    }
}

#[inline(always)]
fn medicare_rows<Y: Year, const E: usize>(
    pairs: &[&[i64]; 4],
    year: &[Y],
    (status, method): (&mut [u8], &mut [u8]),
    words: &Words,
) -> bool {
    let n = year.len();
    let [a, b, c, d] = pairs.map(|p| &p[..n]);
    let (status, method) = (&mut status[..n], &mut method[..n]);
    let starts = words.starts.map(Y::nearest);
    let (mut money, mut people, mut time) = (0, 0, Y::default());
    for i in 0..n {
        let (pay, pat) = ((a[i], b[i]), (c[i], d[i]));
        money |= suspicion(pay);
        people |= suspicion(pat);
        time |= year[i].out_of_range(starts[0]);
        let word = pick::<Y, E>(&words.medicare, &starts, year[i]);
        let qp = methods(pay, pat, words.scale, word, 0);
        let partial = methods(pay, pat, words.scale, word, 16);
        status[i] = if qp != 0 { 2 } else { u8::from(partial != 0) };
        method[i] = if qp != 0 { qp } else { partial };
    }
    plain(money, people, time)
}

/// Whether what was gathered over a tile shows only values that the kernel can compute with.
#[inline(always)]
fn plain<Y: Year>(money: i64, people: i64, time: Y) -> bool {
    (money as u64) >> CENTS_BITS == 0 && (people as u64) >> PEOPLE_BITS == 0 && time >= Y::default()
}

#[inline(always)]
fn all_payer_body(columns: &Columns<'_>, codes: &mut Codes<'_>, words: &Words) -> bool {
    if words.starts[FEW] == i64::MAX {
        all_payer_rows::<FEW>(columns, codes, words)
    } else {
        all_payer_rows::<ERAS>(columns, codes, words)
    }
}

#[inline(always)]
fn all_payer_rows<const E: usize>(columns: &Columns<'_>, codes: &mut Codes<'_>, words: &Words) -> bool {
    let [a, b, c, d, year, e, f, g, h] = *columns;
    let n = year.len();
    let (a, b, c, d, year) = (&a[..n], &b[..n], &c[..n], &d[..n], &year[..n]);
    let (e, f, g, h) = (&e[..n], &f[..n], &g[..n], &h[..n]);
    let (status, method) = (&mut codes.status[..n], &mut codes.method[..n]);
    let (options, reasons) = (&mut codes.option[..n], &mut codes.reason[..n]);
    let (mut money, mut people, mut time) = (0, 0, 0);
    for i in 0..n {
        let (pay, pat) = ((a[i], b[i]), (c[i], d[i]));
        let (ap_pay, ap_pat) = ((e[i], f[i]), (g[i], h[i]));
        let year = year[i];
        money |= suspicion(pay) | suspicion(ap_pay);
        people |= suspicion(pat) | suspicion(ap_pat);
        time |= year.out_of_range(words.starts[0]);
        let medicare = pick::<i64, E>(&words.medicare, &words.starts, year);
        let option = pick::<i64, E>(&words.all_payer, &words.starts, year);
        let minimum = pick::<i64, E>(&words.minimum, &words.starts, year);
        let qp = methods(pay, pat, words.scale, medicare, 0);
        let partial = methods(pay, pat, words.scale, medicare, 16);
        let own = if qp != 0 { 2 } else { u8::from(partial != 0) };
        let ap_qp = methods(ap_pay, ap_pat, words.scale, option, 0);
        let ap_partial = methods(ap_pay, ap_pat, words.scale, option, 16);
        let wanted = if ap_qp != 0 { 2 } else { u8::from(ap_partial != 0) };
        let min_qp = methods(pay, pat, words.scale, minimum, 0);
        let min_partial = methods(pay, pat, words.scale, minimum, 16);
        let opened = if min_qp != 0 { 2 } else { u8::from(min_partial != 0) };
        let reached = wanted.min(opened);
        let better = reached > own;
        let final_status = own.max(reached);
        let by_own = if qp != 0 { qp } else { partial };
        let by_all = if reached == 2 { ap_qp } else { ap_partial };
        status[i] = final_status;
        method[i] = if better { by_all } else { by_own };
        options[i] = if better { 2 } else { u8::from(own != 0) };
        let none = (pay.1 | pat.1) == 0;
        let given = (ap_pay.1 | ap_pat.1) != 0;
        let blocked = (wanted > opened) & (wanted > own);
        let absent = given & (option == u64::MAX);
        reasons[i] = if none {
            reason::NO_DENOMINATOR
        } else if absent {
            reason::ALL_PAYER_NOT_AVAILABLE
        } else if blocked {
            reason::MEDICARE_MINIMUM_NOT_MET
        } else {
            0
        };
    }
    plain(money, people, time)
}
