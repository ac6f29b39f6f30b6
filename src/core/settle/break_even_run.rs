//! A whole frame of break-evens: chunks over threads, and within them row by row. The columns are those of a
//! settlement with the target in the place of the expenditures; they are checked as there.

use super::break_even::{BreakEven, Found, break_even};
use super::check::{Cells, needed};
use super::plan::Plan;
use super::reason::{self, NEEDED, column};
use super::row::Row;
use super::run::NULL_CENTS;
use super::segment::{TARGET_ALWAYS_REACHED, TARGET_NOT_REACHABLE};
use crate::core::error::{InputError, Result};
use crate::core::kernel::{Column, Findings, common_rows, for_each_chunk, outputs, set, threads_for};
use crate::core::round::Ratio;
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
    /// Savings rate there, of the target of savings or losses; NaN where there is none, as in all rates.
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
    for (at, (column, name)) in inputs.columns[..NEEDED].iter().zip(COLUMNS).enumerate() {
        if column.is_none() && (needed(at) || plan.all_count_people()) {
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
                let found = self.row(tile, i, start + i, &mut findings);
                write(&mut out, i, found);
            }
            if flagged {
                tile.flags.iter_mut().for_each(|flags| flags[..n].fill(0));
            }
            findings
        })
    }

    fn row(&self, tile: &Tile, i: usize, row: usize, found: &mut Findings) -> std::result::Result<Found, u8> {
        let cell = |at: usize| {
            let column = self.inputs.columns.get(at).copied().flatten();
            column.map(|_| (tile.columns[at][i], tile.flags[at][i]))
        };
        // A target may have any sign.
        let mut cells = Cells { cell, free: Some(TARGET_EARNED), row, found };
        let mut values = cells.values()?;
        let (year, terms) = cells.terms(self.plan, &values)?;
        let target = values[TARGET_EARNED].replace(0);
        let Some((checked, target)) = Row::from_values(&values).zip(target) else {
            return Err(reason::MISSING_INPUT);
        };
        break_even(year, terms, &checked, target).map_err(|unsettled| cells.unsettled(unsettled))
    }
}

fn write(out: &mut Outputs<'_>, i: usize, found: std::result::Result<Found, u8>) {
    let (segment, reason) = match found {
        Ok(Found::At(BreakEven { expenditures, savings, of, segment, marginal_rate, reason, .. })) => {
            set(&mut out.break_even, i, expenditures);
            set(&mut out.break_even_rate, i, savings as f64 / of as f64);
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
