//! The pass over all rows of a verb that decides one row at a time: gathers the columns, checks each value against its
//! field, and writes results, reasons and findings.

use super::{Field, NULL, Verb, Wrong, plausible, reason};
use crate::core::error::{InputError, Result};
use crate::core::kernel::{Column, Findings, MISSING, NOT_FINITE, OVERFLOW, for_each_chunk, threads_for};
use std::ops::Range;

/// Rows that one task takes, and below twice of which a second thread does not pay.
const TASK: usize = 4096;

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

    /// Decides every row, over threads.
    pub fn run<V: Verb>(&self, verb: &V) -> (Outputs, Findings) {
        let tasks: Vec<Range<usize>> =
            (0..self.rows).step_by(TASK).map(|from| from..self.rows.min(from + TASK)).collect();
        let threads = threads_for(None, self.rows, 2 * TASK);
        let done = for_each_chunk(
            tasks,
            threads,
            |range| vec![self.task(verb, range)],
            |mut done, more| {
                done.extend(more);
                done
            },
        );
        let results = V::RESULTS.iter().map(|_| Vec::with_capacity(self.rows)).collect();
        let mut all = (Outputs { results, reason: Vec::with_capacity(self.rows) }, Findings::default());
        for (out, found) in done {
            all.0.results.iter_mut().zip(out.results).for_each(|(column, part)| column.extend(part));
            all.0.reason.extend(out.reason);
            all.1 = all.1.merge(found);
        }
        all
    }

    fn task<V: Verb>(&self, verb: &V, range: Range<usize>) -> (Outputs, Findings) {
        let results = V::RESULTS.iter().map(|_| vec![NULL; range.len()]).collect();
        let mut out = Outputs { results, reason: vec![0; range.len()] };
        let mut found = Findings::default();
        let mut slots = vec![None; V::RESULTS.len()];
        for (at, row) in range.enumerate() {
            slots.fill(None);
            let decided = self.row(row).and_then(|values| {
                let year = values[0].ok_or((0, reason::MISSING_INPUT))?;
                if verb.knows(year) { verb.decide(&values, &mut slots) } else { Err((0, reason::UNKNOWN_YEAR)) }
            });
            match decided {
                Ok(code) => {
                    out.reason[at] = code;
                    for (column, value) in out.results.iter_mut().zip(&slots) {
                        column[at] = value.unwrap_or(NULL);
                    }
                }
                Err((column, code)) => {
                    out.reason[at] = code;
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
