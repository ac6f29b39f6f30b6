//! A whole frame of settlements: chunks over threads, tiles within chunks, the engine row by row.

use super::engine::{Row, Settlement, settle};
use super::plan::Plan;
use super::reason;
use crate::core::date::Date;
use crate::core::error::{InputError, Result};
use crate::core::kernel::{
    Column, Findings, MISSING, NOT_FINITE, OVERFLOW, TILE, common_rows, for_each_chunk, outputs, set, threads_for,
};
use crate::core::round::{PPB, Ratio};
use std::cell::RefCell;

/// Columns of a call, in the order of [`reason::COLUMNS`]; the first five must be present.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// The columns; amounts in cents, shares in parts per billion, tracks as codes of the plan.
    pub columns: [Option<&'a dyn Column>; 14],
}

/// Money output of a row without a settlement.
pub const NULL_CENTS: i64 = i64::MIN;

outputs! {
    /// Benchmark less expenditures, cents; [`NULL_CENTS`] where there is none, as in all amounts.
    savings: i64,
    /// The same as a part of the benchmark; NaN where there is none, as in all rates.
    savings_rate: f64,
    /// Minimum savings rate.
    minimum_savings_rate: f64,
    /// Minimum loss rate, positive.
    minimum_loss_rate: f64,
    /// Savings or losses past the minimum rate, cents.
    generated: i64,
    /// Final sharing rate.
    sharing_rate: f64,
    /// Loss rate.
    loss_rate: f64,
    /// Performance payment limit, cents.
    payment_limit: i64,
    /// Loss limit, cents.
    loss_limit: i64,
    /// Withheld by sequestration, cents.
    sequestered: i64,
    /// Paid (positive) or owed (negative), cents.
    earned: i64,
    /// Reason codes.
    reason: u8,
}

struct Tile {
    columns: [[i64; TILE]; 14],
    flags: [[u8; TILE]; 14],
}

thread_local! {
    static TILE_OF_THREAD: RefCell<Box<Tile>> =
        RefCell::new(Box::new(Tile { columns: [[0; TILE]; 14], flags: [[0; TILE]; 14] }));
}

/// Rows below which a second thread costs more than it gives.
const WORTH_THREADS: usize = 4_000;

/// Settles every row. Returns what was found wrong; the rows concerned are null and have a reason.
pub fn run(plan: &Plan, inputs: &Inputs<'_>, outputs: Outputs<'_>, threads: Option<usize>) -> Result<Findings> {
    let rows = check(inputs)?;
    outputs.check(rows)?;
    let job = Job { plan, inputs };
    let threads = threads_for(threads, rows, WORTH_THREADS);
    if threads == 1 {
        return Ok(job.chunk(0, rows, outputs));
    }
    let chunks = outputs.chunks(rows, TILE);
    Ok(for_each_chunk(chunks, threads, |(start, take, out)| job.chunk(start, take, out), Findings::merge))
}

fn check(inputs: &Inputs<'_>) -> Result<usize> {
    for (column, name) in inputs.columns[..5].iter().zip(reason::COLUMNS) {
        if column.is_none() {
            let remedy = "Every settlement needs it; `columns=` maps other names";
            return Err(InputError::column(name, "missing", remedy).into());
        }
    }
    common_rows(&inputs.columns, &reason::COLUMNS)
}

struct Job<'a> {
    plan: &'a Plan,
    inputs: &'a Inputs<'a>,
}

impl Job<'_> {
    fn chunk(&self, start: usize, rows: usize, outputs: Outputs<'_>) -> Findings {
        TILE_OF_THREAD.with_borrow_mut(|tile| {
            let mut findings = Findings::default();
            outputs.in_tiles(rows, |done, n, out| self.tile(tile, start + done, n, out, &mut findings));
            findings
        })
    }

    fn tile(&self, tile: &mut Tile, start: usize, n: usize, out: &mut Outputs<'_>, findings: &mut Findings) {
        let mut flagged = false;
        for (i, column) in self.inputs.columns.iter().enumerate() {
            if let Some(column) = column {
                flagged |= column.gather(start..start + n, &mut tile.columns[i][..n], &mut tile.flags[i][..n]);
            }
        }
        for i in 0..n {
            match self.row(tile, i, start + i, findings) {
                Ok((benchmark, settlement)) => write(out, i, benchmark, &settlement),
                Err(code) => write_null(out, i, code),
            }
        }
        if flagged {
            for flags in &mut tile.flags {
                flags[..n].fill(0);
            }
        }
    }

    fn row(
        &self,
        tile: &Tile,
        i: usize,
        row: usize,
        found: &mut Findings,
    ) -> std::result::Result<(i64, Settlement), u8> {
        let checked = self.checked(tile, i, row, found)?;
        let (year, track) = (tile.columns[4][i], tile.columns[3][i]);
        let mut fail = |column: usize, code: u8| {
            found.add(column as u8, code, row, tile.columns[column][i]);
            code
        };
        let Some(year) = self.plan.year(year) else { return Err(fail(4, reason::UNKNOWN_YEAR)) };
        let terms = usize::try_from(track).ok().and_then(|t| year.terms.get(t)).and_then(Option::as_ref);
        let Some(terms) = terms else { return Err(fail(3, reason::UNKNOWN_TRACK)) };
        if let Some(rate) = checked.elected_rate {
            if terms.down.is_none() {
                return Err(fail(8, reason::NO_ELECTION));
            }
            if !year.common.elections.contains(&Ratio::new(rate, PPB)) {
                return Err(fail(8, reason::NOT_ON_MENU));
            }
        }
        settle(year, terms, &checked).map(|s| (checked.benchmark, s)).map_err(|unsettled| {
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

    /// The row with signs, ranges and nulls checked, or the worst reason against it.
    fn checked(&self, tile: &Tile, i: usize, row: usize, found: &mut Findings) -> std::result::Result<Row, u8> {
        let mut failed = 0;
        for (at, column) in self.inputs.columns.iter().enumerate() {
            if column.is_none() {
                continue;
            }
            let (flag, value) = (tile.flags[at][i], tile.columns[at][i]);
            let code = match flag {
                0 => problem(at, value),
                f if f & MISSING != 0 => u8::from(at < 5) * reason::MISSING_INPUT,
                f if f & NOT_FINITE != 0 => reason::NOT_FINITE,
                f if f & OVERFLOW != 0 => reason::OVERFLOW,
                _ => reason::NOT_WHOLE,
            };
            if code >= reason::FIRST_INVALID {
                found.add(at as u8, code, row, value);
            }
            failed = failed.max(code);
        }
        if failed != 0 {
            return Err(failed);
        }
        let value = |at: usize| {
            let here = self.inputs.columns[at].is_some() && tile.flags[at][i] == 0;
            here.then_some(tile.columns[at][i])
        };
        let truth = |at: usize| value(at).map(|v| v != 0);
        Ok(Row {
            benchmark: tile.columns[0][i],
            expenditures: tile.columns[1][i],
            beneficiaries: tile.columns[2][i],
            quality_score: value(5),
            quality_standard_met: truth(6),
            alternative_standard_met: truth(7),
            elected_rate: value(8),
            participant_revenue: value(9),
            low_revenue: truth(10),
            agreement_start: value(11).map(as_date),
            disaster_relief: value(12).unwrap_or(0),
            guardrail: truth(13).unwrap_or(false),
        })
    }
}

/// A date as yyyymmdd; a year alone stands for its first of January.
#[must_use]
pub fn as_date(value: i64) -> i64 {
    if (0..10_000).contains(&value) { value * 10_000 + 101 } else { value }
}

/// What is wrong with a value that was read without a flag; 0 for nothing.
fn problem(column: usize, value: i64) -> u8 {
    match column {
        0 if value == 0 => reason::NO_BENCHMARK,
        0 | 1 | 2 | 5 | 8 | 9 | 12 if value < 0 => reason::NEGATIVE,
        5 | 8 if value > PPB => reason::SHARE_ABOVE_ONE,
        6 | 7 | 10 | 13 if !(0..=1).contains(&value) => reason::NOT_A_TRUTH_VALUE,
        11 => {
            let date = as_date(value);
            let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
            let known = (1990..2200).contains(&year);
            if known && Date::new(year as u16, month as u8, day as u8).is_some() { 0 } else { reason::NOT_A_DATE }
        }
        _ => 0,
    }
}

fn write(out: &mut Outputs<'_>, i: usize, benchmark: i64, s: &Settlement) {
    let rate = |r: Option<Ratio>| r.map_or(f64::NAN, Ratio::to_f64);
    let cents = |c: Option<i64>| c.unwrap_or(NULL_CENTS);
    set(&mut out.savings, i, s.savings);
    set(&mut out.savings_rate, i, s.savings as f64 / benchmark as f64);
    set(&mut out.minimum_savings_rate, i, s.minimum_savings_rate.to_f64());
    set(&mut out.minimum_loss_rate, i, rate(s.minimum_loss_rate));
    set(&mut out.generated, i, s.generated);
    set(&mut out.sharing_rate, i, rate(s.sharing_rate));
    set(&mut out.loss_rate, i, rate(s.loss_rate));
    set(&mut out.payment_limit, i, cents(s.payment_limit));
    set(&mut out.loss_limit, i, cents(s.loss_limit));
    set(&mut out.sequestered, i, s.sequestered);
    set(&mut out.earned, i, s.earned);
    set(&mut out.reason, i, s.reason);
}

fn write_null(out: &mut Outputs<'_>, i: usize, code: u8) {
    for money in [
        &mut out.savings,
        &mut out.generated,
        &mut out.payment_limit,
        &mut out.loss_limit,
        &mut out.sequestered,
        &mut out.earned,
    ] {
        set(money, i, NULL_CENTS);
    }
    for rate in [
        &mut out.savings_rate,
        &mut out.minimum_savings_rate,
        &mut out.minimum_loss_rate,
        &mut out.sharing_rate,
        &mut out.loss_rate,
    ] {
        set(rate, i, f64::NAN);
    }
    set(&mut out.reason, i, code);
}
