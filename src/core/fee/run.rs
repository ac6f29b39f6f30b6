//! A whole frame of fees, row by row.

use super::complete::complete;
use super::reason;
use super::terms::FeePlan;
use super::{AMOUNTS, COLUMNS, Row, Wrong, settle};
use crate::core::error::{InputError, Result};
use crate::core::kernel::{Column, Findings, MISSING, NOT_FINITE, OVERFLOW};
use crate::core::settle::NULL_CENTS;

/// Columns in the order of [`COLUMNS`].
pub struct Inputs<'a> {
    /// Amounts in cents, shares in parts per billion, tracks as codes of the plan.
    pub columns: [Option<&'a dyn Column>; COLUMNS.len()],
}

/// Results by column.
pub struct Outputs {
    /// Cents, in the order of [`AMOUNTS`]; [`NULL_CENTS`] where there is none.
    pub amounts: [Vec<i64>; AMOUNTS.len()],
    /// Reason codes.
    pub reason: Vec<u8>,
}

/// How many columns, from the first, every row needs.
const NEEDED: usize = 2;
/// Which columns are shares of one; the adjustment may be below zero.
const SHARES: [usize; 3] = [4, 5, 13];
const ADJUSTMENT: usize = 12;
const GEOGRAPHIC: usize = 19;
/// No factor of local prices is ten.
const MOST_FACTOR: i64 = 10 * crate::core::round::PPB;

/// Settles every row.
pub fn run(plan: &FeePlan, inputs: &Inputs<'_>) -> Result<(Outputs, Findings)> {
    for (column, name) in inputs.columns.iter().zip(COLUMNS).take(NEEDED) {
        if column.is_none() {
            return Err(InputError::column(name, "missing", "Every settlement needs it").into());
        }
    }
    let rows = inputs.columns.iter().flatten().map(|c| c.rows()).max().unwrap_or(0);
    let mut cells = [const { Vec::new() }; COLUMNS.len()];
    let mut flags = [const { Vec::new() }; COLUMNS.len()];
    for ((column, cells), flags) in inputs.columns.iter().zip(&mut cells).zip(&mut flags) {
        if let Some(column) = column {
            (*cells, *flags) = (vec![0; rows], vec![0; rows]);
            column.gather(0..rows, cells, flags);
        }
    }
    let mut out = Outputs { amounts: [(); AMOUNTS.len()].map(|()| vec![NULL_CENTS; rows]), reason: vec![0; rows] };
    let mut found = Findings::default();
    for row in 0..rows {
        let cell = |at: usize| cells[at].get(row).map(|value| (*value, flags[at][row]));
        match one(plan, &cell) {
            Ok(amounts) => {
                for (to, amount) in out.amounts.iter_mut().zip(amounts) {
                    to[row] = amount.unwrap_or(NULL_CENTS);
                }
            }
            Err((column, code)) => {
                out.reason[row] = code;
                if code != reason::MISSING_INPUT || cells[column].is_empty() {
                    found.add(column as u8, code, row, cell(column).map_or(0, |(value, _)| value));
                }
            }
        }
    }
    Ok((out, found))
}

fn one(
    plan: &FeePlan,
    cell: &impl Fn(usize) -> Option<(i64, u8)>,
) -> std::result::Result<[Option<i64>; AMOUNTS.len()], Wrong> {
    let mut values = [None; COLUMNS.len()];
    for (at, slot) in values.iter_mut().enumerate() {
        let Some((value, flag)) = cell(at) else { continue };
        let code = match flag {
            f if f & MISSING != 0 => continue,
            f if f & NOT_FINITE != 0 => reason::NOT_FINITE,
            f if f & OVERFLOW != 0 => reason::OVERFLOW,
            f if f != 0 => reason::NOT_WHOLE,
            _ if value < 0 && at > 0 && at != ADJUSTMENT => reason::NEGATIVE,
            _ if at == GEOGRAPHIC && value > MOST_FACTOR => reason::FACTOR_TOO_LARGE,
            _ if SHARES.contains(&at) && value > crate::core::round::PPB => reason::SHARE_ABOVE_ONE,
            _ => 0,
        };
        if code != 0 {
            return Err((at, code));
        }
        *slot = Some(value);
    }
    let year = values[1].ok_or((1, reason::MISSING_INPUT))?;
    let track = values[0].ok_or((0, reason::MISSING_INPUT))?;
    let terms = plan.year(year).ok_or((1, reason::UNKNOWN_YEAR))?;
    let terms = usize::try_from(track).ok().and_then(|track| terms.get(track)).and_then(Option::as_ref);
    let (terms, row) = (terms.ok_or((0, reason::UNKNOWN_TRACK))?, Row::from_values(&values));
    complete(terms, &row, &std::array::from_fn(|at| cell(at).is_some()))?;
    settle(terms, &row)
}
