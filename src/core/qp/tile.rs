//! The block kernel of QP determinations: branch-free over a tile of plain rows, so that the compiler can
//! use the widest registers there are.

use super::plan::{TABLE, Words};
use super::reason;
use crate::core::kernel::{Level, TILE, dispatch};

/// The columns of one tile, in the order of [`reason::COLUMNS`] and all of one length; a column that is absent
/// is all zero, which no threshold meets.
pub(crate) type Columns<'a> = [&'a [i64]; 9];

/// Computed codes of one tile.
pub(crate) struct Codes {
    pub(crate) status: [u8; TILE],
    pub(crate) method: [u8; TILE],
    pub(crate) option: [u8; TILE],
    pub(crate) reason: [u8; TILE],
}

impl Codes {
    pub(crate) const fn new() -> Self {
        Self { status: [0; TILE], method: [0; TILE], option: [0; TILE], reason: [0; TILE] }
    }
}

/// Products of a 16-bit threshold and a value below this bound stay below 2⁶³.
const BOUND_BITS: u32 = 46;

dispatch! {
    /// Medicare Option only. Returns false, and leaves garbage, where a row is not plain.
    fn medicare(columns: &Columns<'_>, codes: &mut Codes, words: &Words, first_year: i64) -> bool = medicare_body
}
dispatch! {
    /// Medicare and All-Payer Combination Options.
    fn all_payer(columns: &Columns<'_>, codes: &mut Codes, words: &Words, first_year: i64) -> bool = all_payer_body
}

/// Computes a tile; false, and garbage in `codes`, where its rows are not all plain.
pub(crate) fn compute(
    level: Level,
    columns: &Columns<'_>,
    codes: &mut Codes,
    words: &Words,
    first_year: i64,
    with_all_payer: bool,
) -> bool {
    if with_all_payer {
        all_payer(level, columns, codes, words, first_year)
    } else {
        medicare(level, columns, codes, words, first_year)
    }
}

/// Bit 0 where the payment amount method meets its field of the word, bit 1 for the patient count method.
#[inline(always)]
fn methods(pay: (i64, i64), pat: (i64, i64), scale: i64, word: u64, shift: u32) -> u8 {
    let pay_threshold = ((word >> shift) & 0xffff) as i64;
    let pat_threshold = ((word >> (32 + shift)) & 0xffff) as i64;
    let by_pay = (pay.0.wrapping_mul(scale) >= pay_threshold.wrapping_mul(pay.1)) & (pay.1 != 0);
    let by_pat = (pat.0.wrapping_mul(scale) >= pat_threshold.wrapping_mul(pat.1)) & (pat.1 != 0);
    u8::from(by_pay) | (u8::from(by_pat) << 1)
}

/// Every set bit above the bound shows a negative or a large value, or a numerator above its denominator.
#[inline(always)]
fn suspicion(pair: (i64, i64)) -> i64 {
    pair.0 | pair.1 | pair.1.wrapping_sub(pair.0)
}

#[inline(always)]
fn medicare_body(columns: &Columns<'_>, codes: &mut Codes, words: &Words, first_year: i64) -> bool {
    let [a, b, c, d, year, ..] = *columns;
    let n = year.len().min(TILE);
    let (a, b, c, d, year) = (&a[..n], &b[..n], &c[..n], &d[..n], &year[..n]);
    let (status, method) = (&mut codes.status[..n], &mut codes.method[..n]);
    let (scale, table) = (words.scale, &words.medicare);
    let (mut seen, mut years) = (0_i64, 0_u64);
    for i in 0..n {
        let (pay, pat) = ((a[i], b[i]), (c[i], d[i]));
        let index = year[i].wrapping_sub(first_year) as u64;
        seen |= suspicion(pay) | suspicion(pat);
        years |= index;
        let word = table[(index as usize) % TABLE];
        let qp = methods(pay, pat, scale, word, 0);
        let partial = methods(pay, pat, scale, word, 16);
        status[i] = if qp != 0 { 2 } else { u8::from(partial != 0) };
        method[i] = if qp != 0 { qp } else { partial };
    }
    (seen as u64) >> BOUND_BITS == 0 && years < TABLE as u64
}

#[inline(always)]
fn all_payer_body(columns: &Columns<'_>, codes: &mut Codes, words: &Words, first_year: i64) -> bool {
    let [a, b, c, d, year, e, f, g, h] = *columns;
    let n = year.len().min(TILE);
    let (a, b, c, d, year) = (&a[..n], &b[..n], &c[..n], &d[..n], &year[..n]);
    let (e, f, g, h) = (&e[..n], &f[..n], &g[..n], &h[..n]);
    let (status, method) = (&mut codes.status[..n], &mut codes.method[..n]);
    let (options, reasons) = (&mut codes.option[..n], &mut codes.reason[..n]);
    let (mut seen, mut years) = (0_i64, 0_u64);
    for i in 0..n {
        let (pay, pat) = ((a[i], b[i]), (c[i], d[i]));
        let (ap_pay, ap_pat) = ((e[i], f[i]), (g[i], h[i]));
        let index = year[i].wrapping_sub(first_year) as u64;
        seen |= suspicion(pay) | suspicion(pat) | suspicion(ap_pay) | suspicion(ap_pat);
        years |= index;
        let at = (index as usize) % TABLE;
        let (medicare, option, minimum) = (words.medicare[at], words.all_payer[at], words.minimum[at]);
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
    (seen as u64) >> BOUND_BITS == 0 && years < TABLE as u64
}
