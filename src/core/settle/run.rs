//! A whole frame of settlements: chunks over threads, blocks within chunks, the kernel, and the engine row by row for
//! what the kernel leaves.

use super::check::{Cells, needed};
use super::engine::{Settlement, settle};
use super::kernel::{Kernel, ROWS};
use super::plan::Plan;
use super::reason::{self, COLUMNS, NEEDED};
use super::row::Row;
use crate::core::error::{InputError, Result};
use crate::core::kernel::{
    CHUNK, Column, Findings, Level, common_rows, for_each_chunk, level, outputs, set, threads_for,
};
use crate::core::round::Ratio;
use std::cell::RefCell;

/// Columns of a call, in the order of [`COLUMNS`]; the first [`NEEDED`] must be present.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// The columns; amounts in cents, shares in parts per billion, tracks as codes of the plan.
    pub columns: [Option<&'a dyn Column>; COLUMNS.len()],
}

/// Money output of a row without a settlement.
pub const NULL_CENTS: i64 = i64::MIN;

outputs! {
    /// Benchmark after discount, withhold and bonus, cents; [`NULL_CENTS`] as below.
    target: i64,
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
    /// What of it goes to an advance, cents.
    advance_recouped: i64,
    /// What of the advance is still owed, cents.
    advance_outstanding: i64,
    /// Reason codes.
    reason: u8,
}

/// Working memory of one thread: rows as the engine reads them, and a block of the kernel.
struct Work {
    columns: [[i64; ROWS]; COLUMNS.len()],
    flags: [[u8; ROWS]; COLUMNS.len()],
    kernel: Kernel,
}

thread_local! {
    static WORK_OF_THREAD: RefCell<Box<Work>> = RefCell::new(Box::new(Work {
        columns: [[0; ROWS]; COLUMNS.len()],
        flags: [[0; ROWS]; COLUMNS.len()],
        kernel: Kernel::new(),
    }));
}

/// Where more than one row in this many is hard, the engine settles the whole block: one gather costs less than many.
const MANY: usize = 16;

/// Rows below which a second thread costs more than it gives.
const WORTH_THREADS: usize = 16_000;

/// Settles every row. Returns what was found wrong; the rows concerned are null and have a reason.
pub fn run(plan: &Plan, inputs: &Inputs<'_>, outputs: Outputs<'_>, threads: Option<usize>) -> Result<Findings> {
    run_at(level(), plan, inputs, outputs, threads)
}

/// [`run`] with a stated instruction set, for the tests that hold the levels against each other.
pub fn run_at(
    level: Level,
    plan: &Plan,
    inputs: &Inputs<'_>,
    outputs: Outputs<'_>,
    threads: Option<usize>,
) -> Result<Findings> {
    let rows = check(plan, inputs)?;
    outputs.check(rows)?;
    let job = Job { level, plan, inputs };
    let threads = threads_for(threads, rows, WORTH_THREADS);
    if threads == 1 {
        return Ok(job.chunk(0, rows, outputs));
    }
    let chunks = outputs.chunks(rows, CHUNK);
    Ok(for_each_chunk(chunks, threads, |(start, take, out)| job.chunk(start, take, out), Findings::merge))
}

/// How many rows the kernels leave to the engine, all where no kernel serves the plan: for the tests that say which
/// rows a kernel takes.
pub fn left_to_engine(plan: &Plan, inputs: &Inputs<'_>) -> Result<usize> {
    let rows = check(plan, inputs)?;
    let mut reasons = vec![0; rows];
    let outputs = Outputs { reason: Some(&mut reasons), ..Outputs::default() };
    let mut left = 0;
    WORK_OF_THREAD.with_borrow_mut(|work| {
        work.kernel.clear(plan, inputs);
        outputs.in_tiles(rows, ROWS, |done, n, out| {
            let hard = work.kernel.settle(level(), plan, inputs, (done, n), out);
            left += hard.map_or(n, |hard| hard.iter().filter(|hard| **hard != 0).count());
        });
    });
    Ok(left)
}

fn check(plan: &Plan, inputs: &Inputs<'_>) -> Result<usize> {
    for (at, (column, name)) in inputs.columns[..NEEDED].iter().zip(COLUMNS).enumerate() {
        if column.is_none() && (needed(at) || plan.all_count_people()) {
            let remedy = "Every settlement needs it; `columns=` maps other names";
            return Err(InputError::column(name, "missing", remedy).into());
        }
    }
    common_rows(&inputs.columns, &COLUMNS)
}

struct Job<'a> {
    level: Level,
    plan: &'a Plan,
    inputs: &'a Inputs<'a>,
}

impl Job<'_> {
    fn chunk(&self, start: usize, rows: usize, outputs: Outputs<'_>) -> Findings {
        WORK_OF_THREAD.with_borrow_mut(|work| {
            let mut findings = Findings::default();
            work.kernel.clear(self.plan, self.inputs);
            outputs.in_tiles(rows, ROWS, |done, n, out| self.block(work, start + done, n, out, &mut findings));
            findings
        })
    }

    /// Settles a block by the kernel, and what the kernel leaves by the engine.
    fn block(&self, work: &mut Work, start: usize, n: usize, out: &mut Outputs<'_>, findings: &mut Findings) {
        let Some(hard) = work.kernel.settle(self.level, self.plan, self.inputs, (start, n), out) else {
            return self.rows(work, start, 0, n, out, findings);
        };
        let count = hard.iter().filter(|hard| **hard != 0).count();
        if count > n / MANY {
            return self.rows(work, start, 0, n, out, findings);
        }
        if count > 0 {
            let mut left = [0_u8; ROWS];
            left[..n].copy_from_slice(hard);
            for (i, _) in left[..n].iter().enumerate().filter(|(_, hard)| **hard != 0) {
                self.rows(work, start + i, i, 1, out, findings);
            }
        }
    }

    /// Settles `n` rows from `start` on by the engine, and writes them from `at` on.
    fn rows(
        &self,
        work: &mut Work,
        start: usize,
        at: usize,
        n: usize,
        out: &mut Outputs<'_>,
        findings: &mut Findings,
    ) {
        let mut flagged = false;
        for (i, column) in self.inputs.columns.iter().enumerate() {
            if let Some(column) = column {
                flagged |= column.gather(start..start + n, &mut work.columns[i][..n], &mut work.flags[i][..n]);
            }
        }
        for i in 0..n {
            match self.row(work, i, start + i, findings) {
                Ok(settlement) => write(out, at + i, &settlement),
                Err(code) => write_null(out, at + i, code),
            }
        }
        if flagged {
            for flags in &mut work.flags {
                flags[..n].fill(0);
            }
        }
    }

    fn row(&self, work: &Work, i: usize, row: usize, found: &mut Findings) -> std::result::Result<Settlement, u8> {
        let cell = |at: usize| self.inputs.columns[at].map(|_| (work.columns[at][i], work.flags[at][i]));
        let mut cells = Cells { cell, free: None, row, found };
        let values = cells.values()?;
        let (year, terms) = cells.terms(self.plan, &values)?;
        let Some(checked) = Row::from_values(&values) else { return Err(reason::MISSING_INPUT) };
        settle(year, terms, &checked).map_err(|unsettled| cells.unsettled(unsettled))
    }
}

fn write(out: &mut Outputs<'_>, i: usize, s: &Settlement) {
    let rate = |r: Option<Ratio>| r.map_or(f64::NAN, Ratio::to_f64);
    let cents = |c: Option<i64>| c.unwrap_or(NULL_CENTS);
    set(&mut out.target, i, s.target);
    set(&mut out.savings, i, s.savings);
    set(&mut out.savings_rate, i, s.savings as f64 / s.target as f64);
    set(&mut out.minimum_savings_rate, i, s.minimum_savings_rate.to_f64());
    set(&mut out.minimum_loss_rate, i, rate(s.minimum_loss_rate));
    set(&mut out.generated, i, s.generated);
    set(&mut out.sharing_rate, i, rate(s.sharing_rate));
    set(&mut out.loss_rate, i, rate(s.loss_rate));
    set(&mut out.payment_limit, i, cents(s.payment_limit));
    set(&mut out.loss_limit, i, cents(s.loss_limit));
    set(&mut out.sequestered, i, s.sequestered);
    set(&mut out.earned, i, s.earned);
    set(&mut out.advance_recouped, i, cents(s.advance_recouped));
    set(&mut out.advance_outstanding, i, cents(s.advance_outstanding));
    set(&mut out.reason, i, s.reason);
}

fn write_null(out: &mut Outputs<'_>, i: usize, code: u8) {
    for money in [
        &mut out.target,
        &mut out.savings,
        &mut out.generated,
        &mut out.payment_limit,
        &mut out.loss_limit,
        &mut out.sequestered,
        &mut out.earned,
        &mut out.advance_recouped,
        &mut out.advance_outstanding,
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
