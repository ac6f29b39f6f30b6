//! What every verb over settlements checks of a row: its values one by one and together, that the program has terms
//! for it, and that an election is one that it offers. What is wrong becomes a finding and a reason code.

use super::engine::Unsettled;
use super::plan::{Plan, Year};
use super::reason::{self, COLUMNS, NEEDED, column};
use super::row::{Values, contradiction, problem};
use super::terms::Terms;
use crate::core::kernel::{Findings, MISSING, NOT_FINITE, OVERFLOW};
use crate::core::round::{PPB, Ratio};

/// Whether every row of every program needs a column: beneficiaries only where their number decides something.
pub(super) const fn needed(at: usize) -> bool {
    at < NEEDED && at != column::BENEFICIARIES
}

/// One row as its columns were gathered.
pub(super) struct Cells<'a, F> {
    /// Value and flags of a column; nothing where the call does not have it.
    pub(super) cell: F,
    /// A column that any value may stand in.
    pub(super) free: Option<usize>,
    pub(super) row: usize,
    pub(super) found: &'a mut Findings,
}

impl<F: Fn(usize) -> Option<(i64, u8)>> Cells<'_, F> {
    /// Notes what is wrong with a column.
    pub(super) fn fail(&mut self, column: usize, code: u8) -> u8 {
        let value = (self.cell)(column).map_or(0, |(value, _)| value);
        self.found.add(column as u8, code, self.row, value);
        code
    }

    /// The values with signs, ranges and nulls checked, or the worst reason against them.
    pub(super) fn values(&mut self) -> Result<Values, u8> {
        let mut failed = 0;
        let mut values: Values = [None; COLUMNS.len()];
        for (at, slot) in values.iter_mut().enumerate() {
            let Some((value, flag)) = (self.cell)(at) else { continue };
            let code = match flag {
                0 if self.free == Some(at) => 0,
                0 => problem(at, value),
                f if f & MISSING != 0 => u8::from(needed(at)) * reason::MISSING_INPUT,
                f if f & NOT_FINITE != 0 => reason::NOT_FINITE,
                f if f & OVERFLOW != 0 => reason::OVERFLOW,
                _ => reason::NOT_WHOLE,
            };
            if code >= reason::FIRST_INVALID {
                self.fail(at, code);
            }
            failed = failed.max(code);
            *slot = (flag == 0).then_some(value);
        }
        if failed == 0 { Ok(values) } else { Err(failed) }
    }

    /// The terms of the row's year and arrangement, which its values must fit.
    pub(super) fn terms<'p>(&mut self, plan: &'p Plan, values: &Values) -> Result<(&'p Year, &'p Terms), u8> {
        let (track, year) = (values[column::TRACK].unwrap_or(-1), values[column::PERFORMANCE_YEAR].unwrap_or(-1));
        let (year, terms) = plan.find(track, year).map_err(|unknown_year| {
            if unknown_year {
                self.fail(column::PERFORMANCE_YEAR, reason::UNKNOWN_YEAR)
            } else {
                self.fail(column::TRACK, reason::UNKNOWN_TRACK)
            }
        })?;
        if values[column::BENEFICIARIES].is_none() && (terms.counts_people() || plan.all_count_people()) {
            let untold = Unsettled { reason: reason::MISSING_INPUT, column: column::BENEFICIARIES as u8 };
            return Err(self.unsettled(untold));
        }
        if let Some((column, code)) = contradiction(values) {
            return Err(self.fail(column, code));
        }
        if let Some(rate) = values[column::ELECTED_RATE] {
            if terms.down.is_none() {
                return Err(self.fail(column::ELECTED_RATE, reason::NO_ELECTION));
            }
            if !year.common.elections.contains(&Ratio::new(rate, PPB)) {
                return Err(self.fail(column::ELECTED_RATE, reason::NOT_ON_MENU));
            }
        }
        Ok((year, terms))
    }

    /// The reason code of a row that the engine could not settle.
    pub(super) fn unsettled(&mut self, unsettled: Unsettled) -> u8 {
        let column = usize::from(unsettled.column);
        if unsettled.reason == reason::MISSING_INPUT && (self.cell)(column).is_none() {
            return self.fail(column, reason::MISSING_COLUMN);
        }
        if unsettled.reason >= reason::FIRST_INVALID {
            return self.fail(column, unsettled.reason);
        }
        unsettled.reason
    }
}
