//! A whole frame of break-evens: chunks over threads, and within them row by row. The columns are those of a
//! settlement with the target in the place of the expenditures; they are checked as there.

use super::break_even::{BreakEven, Found, break_even};
use super::plan::Plan;
use super::reason::{self, NEEDED, column};
use super::row::{Row, Values, contradiction, problem};
use super::run::NULL_CENTS;
use super::segment::{TARGET_ALWAYS_REACHED, TARGET_NOT_REACHABLE};
use crate::core::error::{InputError, Result};
use crate::core::kernel::{
    Column, Findings, MISSING, NOT_FINITE, OVERFLOW, common_rows, for_each_chunk, outputs, set, threads_for,
};
use crate::core::round::{PPB, Ratio};
use std::cell::RefCell;

/// Index of the target, where a settlement has its expenditures.
pub const TARGET_EARNED: usize = column::EXPENDITURES;

/// Columns by the index that findings use.
pub const COLUMNS: [&str; reason::COLUMNS.len()] = {
    let mut columns = reason::COLUMNS;
    columns[TARGET_EARNED] = "target_earned";
    columns
};

/// Columns of a call, in the order of [`COLUMNS`]; the first [`NEEDED`] must be present.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// The columns; amounts in cents, shares in parts per billion, tracks as codes of the plan.
    pub columns: [Option<&'a dyn Column>; COLUMNS.len()],
}

outputs! {
    /// Expenditures at which the target is just reached, cents; [`NULL_CENTS`] where there are none.
    break_even: i64,
    /// Savings rate there; NaN where there is none, as in all rates.
    break_even_rate: f64,
    /// What of the next dollar saved there the entity keeps.
    marginal_rate: f64,
    /// Segment codes.
    segment: u8,
    /// Reason codes.
    reason: u8,
}

/// Rows of a chunk.
const ROWS: usize = 4096;
/// Rows below which a second thread costs more than it gives.
const WORTH_THREADS: usize = 1_000;

struct Tile {
    columns: [[i64; ROWS]; COLUMNS.len()],
    flags: [[u8; ROWS]; COLUMNS.len()],
}

thread_local! {
    static TILE_OF_THREAD: RefCell<Box<Tile>> =
        RefCell::new(Box::new(Tile { columns: [[0; ROWS]; COLUMNS.len()], flags: [[0; ROWS]; COLUMNS.len()] }));
}

/// Finds the break-even of every row. Returns what was found wrong; the rows concerned are null and have a reason.
pub fn run(plan: &Plan, inputs: &Inputs<'_>, outputs: Outputs<'_>, threads: Option<usize>) -> Result<Findings> {
    for (column, name) in inputs.columns[..NEEDED].iter().zip(COLUMNS) {
        if column.is_none() {
            let remedy = "Every break-even needs it; `columns=` maps other names";
            return Err(InputError::column(name, "missing", remedy).into());
        }
    }
    let rows = common_rows(&inputs.columns, &COLUMNS)?;
    outputs.check(rows)?;
    let job = Job { plan, inputs };
    let (chunks, threads) = (outputs.chunks(rows, ROWS), threads_for(threads, rows, WORTH_THREADS));
    Ok(for_each_chunk(chunks, threads, |(start, take, out)| job.chunk(start, take, out), Findings::merge))
}

struct Job<'a> {
    plan: &'a Plan,
    inputs: &'a Inputs<'a>,
}

impl Job<'_> {
    fn chunk(&self, start: usize, n: usize, mut out: Outputs<'_>) -> Findings {
        TILE_OF_THREAD.with_borrow_mut(|tile| {
            let mut findings = Findings::default();
            let mut flagged = false;
            for (i, column) in self.inputs.columns.iter().enumerate() {
                if let Some(column) = column {
                    flagged |= column.gather(start..start + n, &mut tile.columns[i][..n], &mut tile.flags[i][..n]);
                }
            }
            for i in 0..n {
                let (benchmark, found) =
                    (tile.columns[column::BENCHMARK][i], self.row(tile, i, start + i, &mut findings));
                write(&mut out, i, benchmark, found);
            }
            if flagged {
                tile.flags.iter_mut().for_each(|flags| flags[..n].fill(0));
            }
            findings
        })
    }

    fn row(&self, tile: &Tile, i: usize, row: usize, found: &mut Findings) -> std::result::Result<Found, u8> {
        let mut values = self.checked(tile, i, row, found)?;
        let (year, track) = (tile.columns[column::PERFORMANCE_YEAR][i], tile.columns[column::TRACK][i]);
        let mut fail = |column: usize, code: u8| {
            found.add(column as u8, code, row, tile.columns[column][i]);
            code
        };
        let Some(year) = self.plan.year(year) else {
            return Err(fail(column::PERFORMANCE_YEAR, reason::UNKNOWN_YEAR));
        };
        let terms = usize::try_from(track).ok().and_then(|t| year.terms.get(t)).and_then(Option::as_ref);
        let Some(terms) = terms else { return Err(fail(column::TRACK, reason::UNKNOWN_TRACK)) };
        if let Some((column, code)) = contradiction(&values) {
            return Err(fail(column, code));
        }
        if let Some(rate) = values[column::ELECTED_RATE] {
            if terms.down.is_none() {
                return Err(fail(column::ELECTED_RATE, reason::NO_ELECTION));
            }
            if !year.common.elections.contains(&Ratio::new(rate, PPB)) {
                return Err(fail(column::ELECTED_RATE, reason::NOT_ON_MENU));
            }
        }
        let target = values[TARGET_EARNED].replace(0);
        let Some((checked, target)) = Row::from_values(&values).zip(target) else {
            return Err(reason::MISSING_INPUT);
        };
        break_even(year, terms, &checked, target).map_err(|unsettled| {
            let column = usize::from(unsettled.column);
            if unsettled.reason == reason::MISSING_INPUT && self.inputs.columns[column].is_none() {
                return fail(column, reason::MISSING_COLUMN);
            }
            if unsettled.reason >= reason::FIRST_INVALID {
                return fail(column, unsettled.reason);
            }
            unsettled.reason
        })
    }

    /// The values with signs, ranges and nulls checked, or the worst reason against them.
    fn checked(&self, tile: &Tile, i: usize, row: usize, found: &mut Findings) -> std::result::Result<Values, u8> {
        let mut failed = 0;
        let mut values: Values = [None; COLUMNS.len()];
        for (at, column) in self.inputs.columns.iter().enumerate() {
            if column.is_none() {
                continue;
            }
            let (flag, value) = (tile.flags[at][i], tile.columns[at][i]);
            let code = match flag {
                // A target may have any sign.
                0 if at == TARGET_EARNED => 0,
                0 => problem(at, value),
                f if f & MISSING != 0 => u8::from(at < NEEDED) * reason::MISSING_INPUT,
                f if f & NOT_FINITE != 0 => reason::NOT_FINITE,
                f if f & OVERFLOW != 0 => reason::OVERFLOW,
                _ => reason::NOT_WHOLE,
            };
            if code >= reason::FIRST_INVALID {
                found.add(at as u8, code, row, value);
            }
            failed = failed.max(code);
            values[at] = (flag == 0).then_some(value);
        }
        if failed == 0 { Ok(values) } else { Err(failed) }
    }
}

fn write(out: &mut Outputs<'_>, i: usize, benchmark: i64, found: std::result::Result<Found, u8>) {
    let (segment, reason) = match found {
        Ok(Found::At(BreakEven { expenditures, segment, marginal_rate, reason, .. })) => {
            set(&mut out.break_even, i, expenditures);
            set(&mut out.break_even_rate, i, (benchmark - expenditures) as f64 / benchmark as f64);
            set(&mut out.marginal_rate, i, marginal_rate.map_or(f64::NAN, Ratio::to_f64));
            set(&mut out.segment, i, segment);
            set(&mut out.reason, i, reason);
            return;
        }
        Ok(Found::NotReachable(segment)) => (segment, TARGET_NOT_REACHABLE),
        Ok(Found::AlwaysReached(segment)) => (segment, TARGET_ALWAYS_REACHED),
        Err(code) => (0, code),
    };
    set(&mut out.break_even, i, NULL_CENTS);
    set(&mut out.break_even_rate, i, f64::NAN);
    set(&mut out.marginal_rate, i, f64::NAN);
    set(&mut out.segment, i, segment);
    set(&mut out.reason, i, reason);
}
