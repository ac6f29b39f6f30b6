//! What an entity's values may be: signs, ranges, divisors, dates.

use super::chain::Case;
use super::columns::{Four, Kind, cell, entity};
use super::inputs::Inputs;
use super::reason;
use crate::core::date::Date;
use crate::core::kernel::Findings;

/// Largest number that is taken for a figure.
const LARGEST: f64 = 1e12;

/// Place of the agreement start among the columns that findings use.
pub const START: u8 = (cell::N + entity::N) as u8;
/// Start of an entity of which none is known.
pub const MISSING_START: i64 = i64::MIN;

/// The worst of what is wrong with an entity's values; 0 for nothing.
pub(super) fn problem(inputs: &Inputs<'_>, at: usize, case: &Case, findings: &mut Findings) -> u8 {
    let mut worst = reason::PLAIN;
    let mut plain = true;
    for (kind, four) in cell::KINDS.iter().zip(&case.cells) {
        plain &= within(*kind, four);
    }
    let places = if plain { 0 } else { cell::N };
    for (place, kind) in cell::KINDS.iter().enumerate().take(places) {
        if inputs.cells[place].is_none() {
            continue;
        }
        for (k, slot) in inputs.slots[at].iter().enumerate() {
            let unused = case.cells[cell::PERSON_YEARS_BY3][k] == 0.0;
            let kind = if *kind == Kind::Divisor && unused { Kind::Amount } else { *kind };
            let value = case.cells[place][k];
            let code = check(kind, value);
            if code != reason::PLAIN && *slot >= 0 {
                findings.add(place as u8, code, *slot as usize, value.to_bits() as i64);
                worst = worst.max(code);
            }
        }
    }
    for (place, kind) in entity::KINDS.iter().enumerate() {
        let value = case.entity[place];
        let code = check(*kind, value);
        if code != reason::PLAIN {
            findings.add((cell::N + place) as u8, code, at, value.to_bits() as i64);
            worst = worst.max(code);
        }
    }
    worst
}

pub(super) fn is_date(start: i64) -> bool {
    let (year, month, day) = (start / 10_000, start / 100 % 100, start % 100);
    (1990..2200).contains(&year) && Date::new(year as u16, month as u8, day as u8).is_some()
}

/// Whether values certainly pass the check of their kind; without branches, as nearly all do.
#[inline]
fn within(kind: Kind, four: &Four) -> bool {
    let least = match kind {
        Kind::Signed => -LARGEST,
        Kind::Divisor => f64::MIN_POSITIVE,
        _ => 0.0,
    };
    let most = if kind == Kind::Share { 1.0 } else { LARGEST };
    let mut beyond = false;
    for value in four {
        beyond |= (*value < least) | (*value > most);
    }
    !beyond
}

#[inline]
fn check(kind: Kind, value: f64) -> u8 {
    if value.is_nan() {
        return reason::PLAIN;
    }
    let negative = value < 0.0 && kind != Kind::Signed;
    if value.is_infinite() {
        reason::NOT_FINITE
    } else if value.abs() > LARGEST {
        reason::TOO_LARGE
    } else if matches!(kind, Kind::Ordinal | Kind::Count) {
        let least = if kind == Kind::Ordinal { 1.0 } else { 0.0 };
        if value < least || value.fract() != 0.0 { reason::NOT_A_COUNT } else { reason::PLAIN }
    } else if negative {
        reason::NEGATIVE
    } else if kind == Kind::Divisor && value == 0.0 {
        reason::ZERO
    } else if kind == Kind::Share && value > 1.0 {
        reason::SHARE_ABOVE_ONE
    } else {
        reason::PLAIN
    }
}
