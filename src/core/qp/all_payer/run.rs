//! A whole table of payers: rows included or not, and sums by subject (an entity, clinician or TIN in one window).

use super::payer::{MEDICARE, PAYERS, Payer, UNKNOWN};
use super::reason;
use super::terms::Terms;
use super::weight::{combined, entity_is_higher, of_patients, of_payments};
use crate::core::error::{InputError, Result};
use crate::core::kernel::{Column, Findings, MISSING, NOT_FINITE, OVERFLOW};
use crate::core::qp::{Pair, Year};
use std::collections::HashSet;

/// Columns of amounts, in order.
pub const COLUMNS: [&str; 4] = ["payments_apm", "payments_total", "patients_apm", "patients_total"];
/// An amount that there is not.
pub const NO_AMOUNT: i64 = -1;

/// A subject beside which no entity is named.
pub const NO_ENTITY: i64 = -1;

/// A table of payers, one place a row.
pub struct Inputs<'a> {
    /// Amounts, in the order of [`COLUMNS`]; a pair is there as a whole or not at all.
    pub columns: [Option<&'a dyn Column>; 4],
    /// Place of the subject.
    pub subject: &'a [i64],
    /// Codes of [`PAYERS`].
    pub payer: &'a [u8],
    /// Whether a Medicaid model is available: 0, 1, [`UNKNOWN`].
    pub model_available: &'a [u8],
    /// Whether the specialty is ineligible for it.
    pub specialty_ineligible: &'a [u8],
    /// Day of submission as `yyyymmdd`, 0 where it is not given.
    pub submitted: &'a [i64],
    /// For each subject the place of the entity whose score may stand in, [`NO_ENTITY`] where none is named, and below
    /// that where the one that is named has no rows.
    pub entity_of: &'a [i64],
}

/// What one subject comes to: numerator and denominator of four scores, [`NO_AMOUNT`] where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Medicare payments and patients, then all-payer payments and patients.
    pub amounts: [i64; 8],
    /// Code of [`reason::REASONS`].
    pub reason: u8,
}

/// Results.
pub struct Outputs {
    /// For each row 1 where the payer is counted, 0 where not, [`UNKNOWN`] where it cannot be known.
    pub included: Vec<u8>,
    /// For each row.
    pub reason: Vec<u8>,
    /// For each subject.
    pub subjects: Vec<Subject>,
}

/// Sums of one subject.
#[derive(Clone, Copy, Default)]
struct Sums {
    medicare: [Option<Pair>; 2],
    others: [Option<Pair>; 2],
    /// A counted payer without amounts, by method.
    incomplete: [bool; 2],
    /// Worst reason against any all-payer score.
    against: u8,
    /// Whether there is a Medicare row.
    has_medicare: bool,
    /// Whether a counted row is there twice.
    identical: bool,
}

/// Includes or excludes every payer, and adds up every subject.
pub fn run(terms: &Terms, year: Option<&Year>, inputs: &Inputs<'_>) -> Result<(Outputs, Findings)> {
    let rows = inputs.subject.len();
    let mut cells = [const { Vec::new() }; 4];
    let mut flags = [const { Vec::new() }; 4];
    for at in 0..4 {
        if let Some(column) = inputs.columns[at] {
            (cells[at], flags[at]) = (vec![0; rows], vec![0; rows]);
            column.gather(0..rows, &mut cells[at], &mut flags[at]);
        } else if inputs.columns[at ^ 1].is_some() {
            let remedy = "Give the amount under APMs and the total, or neither";
            return Err(InputError::column(COLUMNS[at], "missing", remedy).into());
        }
    }
    let mut findings = Findings::default();
    let mut sums = vec![Sums::default(); inputs.entity_of.len()];
    let mut out = Outputs { included: vec![0; rows], reason: vec![0; rows], subjects: Vec::new() };
    let mut seen = HashSet::new();
    for (row, subject) in inputs.subject.iter().enumerate() {
        let cell = |at: usize| cells[at].get(row).map(|value| (*value, flags[at][row]));
        let Some(sum) = usize::try_from(*subject).ok().and_then(|s| sums.get_mut(s)) else { continue };
        let mut counted = one(terms, inputs, row, &cell, sum).unwrap_or_else(|(column, code, value)| {
            if code >= reason::FIRST_INVALID {
                findings.add(column, code, row, value);
            }
            sum.against = sum.against.max(code);
            (UNKNOWN, code)
        });
        let whole = (
            (*subject, inputs.payer[row], inputs.submitted[row]),
            (inputs.model_available[row], inputs.specialty_ineligible[row]),
            std::array::from_fn::<_, 4, _>(cell),
        );
        if counted == (1, 0) && !seen.insert(whole) {
            counted.1 = reason::IDENTICAL_ROW;
            sum.identical = true;
        }
        (out.included[row], out.reason[row]) = counted;
    }
    // Of two Medicare rows none is known to be the right one.
    for sum in sums.iter_mut().filter(|sum| sum.against == reason::DUPLICATE_MEDICARE) {
        sum.medicare = [None; 2];
    }
    out.subjects = (0..sums.len()).map(|at| subject(terms, year, &sums, at, inputs.entity_of[at])).collect();
    Ok((out, findings))
}

type Wrong = (u8, u8, i64);

/// Adds one row to its subject; whether it is counted, and why not.
fn one(
    terms: &Terms,
    inputs: &Inputs<'_>,
    row: usize,
    cell: &impl Fn(usize) -> Option<(i64, u8)>,
    sum: &mut Sums,
) -> std::result::Result<(u8, u8), Wrong> {
    let kind = usize::from(inputs.payer[row]);
    if kind >= PAYERS.len() {
        return Err((4, reason::UNKNOWN_PAYER, 0));
    }
    let truth = |value: u8| (value != UNKNOWN).then_some(value != 0);
    let payer = Payer {
        kind,
        model_available: truth(inputs.model_available[row]),
        specialty_ineligible: truth(inputs.specialty_ineligible[row]),
    };
    let pairs = [pair(cell, 0)?, pair(cell, 2)?];
    if kind == MEDICARE {
        if std::mem::replace(&mut sum.has_medicare, true) {
            return Err((4, reason::DUPLICATE_MEDICARE, 0));
        }
        for (to, pair) in sum.medicare.iter_mut().zip(pairs) {
            *to = add(*to, pair.1).ok_or((0, reason::OVERFLOW, 0))?;
        }
        return Ok((1, 0));
    }
    match payer.included(terms) {
        Ok(()) => {}
        Err(reason::MISSING_INPUT) => return Err((5, reason::MISSING_INPUT, 0)),
        Err(why) => return Ok((0, why)),
    }
    let late = terms.due.is_some_and(|due| inputs.submitted[row] > due.yyyymmdd());
    if late {
        sum.against = sum.against.max(reason::AFTER_REQUEST_DUE);
        return Ok((0, reason::AFTER_REQUEST_DUE));
    }
    let mut why = 0;
    for (method, (given, pair)) in pairs.into_iter().enumerate() {
        if given && pair.is_none() {
            sum.incomplete[method] = true;
            why = reason::INSUFFICIENT_INFORMATION;
        }
        sum.others[method] = add(sum.others[method], pair).ok_or((0, reason::OVERFLOW, 0))?;
    }
    Ok((1, why))
}

/// Whether the columns of a pair are there, and the pair of this row.
fn pair(
    cell: &impl Fn(usize) -> Option<(i64, u8)>,
    at: usize,
) -> std::result::Result<(bool, Option<Pair>), Wrong> {
    let (Some(part), Some(whole)) = (cell(at), cell(at + 1)) else { return Ok((false, None)) };
    for (column, (value, flag)) in [(at, part), (at + 1, whole)] {
        let code = match flag {
            f if f & MISSING != 0 => continue,
            f if f & NOT_FINITE != 0 => reason::NOT_FINITE,
            f if f & OVERFLOW != 0 => reason::OVERFLOW,
            f if f != 0 => reason::NOT_WHOLE,
            _ if value < 0 => reason::NEGATIVE,
            _ => continue,
        };
        return Err((column as u8, code, value));
    }
    if (part.1 | whole.1) & MISSING != 0 {
        return Ok((true, None));
    }
    if part.0 > whole.0 {
        return Err((at as u8, reason::NUMERATOR_ABOVE_DENOMINATOR, part.0));
    }
    Ok((true, Some(Pair { part: part.0, whole: whole.0 })))
}

/// A sum that may have begun and a pair that may be missing; the outer `None` is overflow.
#[allow(clippy::option_option)] // overflow, and nothing yet
fn add(sum: Option<Pair>, pair: Option<Pair>) -> Option<Option<Pair>> {
    let Some(pair) = pair else { return Some(sum) };
    let sum = sum.unwrap_or(Pair { part: 0, whole: 0 });
    let (part, whole) = (sum.part.checked_add(pair.part)?, sum.whole.checked_add(pair.whole)?);
    Some(Some(Pair { part, whole }))
}

fn subject(terms: &Terms, year: Option<&Year>, sums: &[Sums], at: usize, entity: i64) -> Subject {
    let own = &sums[at];
    let named = entity != NO_ENTITY;
    let entity = usize::try_from(entity).ok().and_then(|at| sums.get(at));
    let thresholds = year.and_then(|year| year.all_payer.map(|(option, _)| option));
    let mut out = Subject { amounts: [NO_AMOUNT; 8], reason: own.against };
    let mut put = |place: usize, pair: Option<Pair>| {
        if let Some(pair) = pair {
            (out.amounts[2 * place], out.amounts[2 * place + 1]) = (pair.part, pair.whole);
        }
    };
    put(0, own.medicare[0]);
    put(1, own.medicare[1]);
    let mut note = 0;
    let thresholds = thresholds.filter(|_| terms.due.is_some());
    for method in 0..2 {
        if own.incomplete[method] || own.others[method].is_some() && own.medicare[method].is_none() {
            note = note.max(reason::INSUFFICIENT_INFORMATION);
            continue;
        }
        let (Some(medicare), Some(others)) = (own.medicare[method], own.others[method]) else { continue };
        let Some(t) = thresholds.filter(|_| own.against == 0) else { continue };
        let lines = if method == 0 { of_payments(&t) } else { of_patients(&t) };
        let of_entity = entity.and_then(|e| e.medicare[method]);
        let standing_in = of_entity.filter(|e| entity_is_higher(*e, medicare));
        let sum = match standing_in {
            Some(entity) => combined(entity, medicare, others, lines),
            None => add(Some(medicare), Some(others)).flatten(),
        };
        note = note.max(match (sum, standing_in) {
            (None, _) => reason::OVERFLOW,
            (_, Some(_)) => reason::ENTITY_SCORE_WEIGHTED,
            _ if named && of_entity.is_none() => reason::NO_ENTITY_SCORE,
            _ => 0,
        });
        put(2 + method, sum);
    }
    if own.identical {
        note = note.max(reason::IDENTICAL_ROW);
    }
    let submitted = own.others.iter().any(Option::is_some);
    if submitted && thresholds.is_none() {
        note = note.max(reason::ALL_PAYER_NOT_AVAILABLE);
    }
    out.reason = out.reason.max(note);
    out
}
