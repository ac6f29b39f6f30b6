//! The pass over all rows of a verb that decides one row at a time: gathers the columns, checks each value against its
//! field, and writes results, reasons and findings.

use super::{Field, NULL, Verb, Wrong, plausible, reason};
use crate::core::error::{InputError, Result};
use crate::core::kernel::{Column, Findings, MISSING, NOT_FINITE, OVERFLOW};

/// Columns as integers, gathered.
pub struct Given {
    fields: &'static [Field],
    rows: usize,
    cells: Vec<Option<(Vec<i64>, Vec<u8>)>>,
}

/// Results by column.
pub struct Outputs {
    /// In the order of [`Verb::RESULTS`]; [`NULL`] where there is none.
    pub results: Vec<Vec<i64>>,
    /// Reason codes.
    pub reason: Vec<u8>,
}

impl Given {
    /// Gathers columns, one for each field or nothing.
    pub fn gather(fields: &'static [Field], columns: &[Option<&dyn Column>]) -> Result<Self> {
        for (field, column) in fields.iter().zip(columns) {
            if field.needed && column.is_none() {
                return Err(InputError::column(field.name, "missing", "Every row needs it").into());
            }
        }
        let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
        let rows = crate::core::kernel::common_rows(columns, &names)?;
        let cells = columns.iter().map(|column| {
            column.map(|column| {
                let (mut values, mut flags) = (vec![0; rows], vec![0; rows]);
                column.gather(0..rows, &mut values, &mut flags);
                (values, flags)
            })
        });
        Ok(Self { fields, rows, cells: cells.collect() })
    }

    /// The distinct years of the first column, those that cannot be years left out.
    #[must_use]
    pub fn years(&self) -> Vec<i64> {
        let Some(Some((values, flags))) = self.cells.first() else { return Vec::new() };
        let plain = values.iter().zip(flags).filter(|(year, flag)| **flag == 0 && plausible(**year));
        let years: std::collections::BTreeSet<i64> = plain.map(|(year, _)| *year).collect();
        years.into_iter().collect()
    }

    /// Whether a column is there.
    #[must_use]
    pub fn has(&self, column: usize) -> bool {
        self.cells.get(column).is_some_and(Option::is_some)
    }

    /// A value as it was read; nothing reads zero.
    #[must_use]
    pub fn cell(&self, column: usize, row: usize) -> i64 {
        self.cells.get(column).and_then(Option::as_ref).map_or(0, |(values, _)| values[row])
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The values of a row, each within its field.
    pub fn row(&self, row: usize) -> Result<Vec<Option<i64>>, Wrong> {
        let mut out = vec![None; self.fields.len()];
        for (at, (field, cells)) in self.fields.iter().zip(&self.cells).enumerate() {
            let Some((values, flags)) = cells else { continue };
            let (value, flag) = (values[row], flags[row]);
            let code = match flag {
                f if f & MISSING != 0 => continue,
                f if f & NOT_FINITE != 0 => reason::NOT_FINITE,
                f if f & OVERFLOW != 0 => reason::OVERFLOW,
                f if f != 0 => reason::NOT_WHOLE,
                _ if field.lowest == 0 && field.words.is_empty() && value < 0 => reason::NEGATIVE,
                _ if value < field.lowest || value > field.highest => reason::OUT_OF_RANGE,
                _ => 0,
            };
            if code != 0 {
                return Err((at, code));
            }
            out[at] = Some(value);
        }
        let missing = self.fields.iter().zip(&out).position(|(field, value)| field.needed && value.is_none());
        missing.map_or(Ok(out), |at| Err((at, reason::MISSING_INPUT)))
    }

    /// Decides every row.
    pub fn run<V: Verb>(&self, verb: &V) -> (Outputs, Findings) {
        let results = V::RESULTS.iter().map(|_| vec![NULL; self.rows]).collect();
        let mut out = Outputs { results, reason: vec![0; self.rows] };
        let mut found = Findings::default();
        let mut slots = vec![None; V::RESULTS.len()];
        for row in 0..self.rows {
            slots.fill(None);
            let decided = self.row(row).and_then(|values| {
                let year = values[0].ok_or((0, reason::MISSING_INPUT))?;
                if verb.knows(year) { verb.decide(&values, &mut slots) } else { Err((0, reason::UNKNOWN_YEAR)) }
            });
            match decided {
                Ok(code) => {
                    out.reason[row] = code;
                    for (column, value) in out.results.iter_mut().zip(&slots) {
                        column[row] = value.unwrap_or(NULL);
                    }
                }
                Err((column, code)) => {
                    out.reason[row] = code;
                    let cell = self.cells[column].as_ref();
                    // A null gives a null; a column that is not there at all is a mistake.
                    if code != reason::MISSING_INPUT || cell.is_none() {
                        found.add(column as u8, code, row, cell.map_or(0, |(values, _)| values[row]));
                    }
                }
            }
        }
        (out, found)
    }
}
