//! A whole frame of arrangements, row by row, over threads.

use super::criteria::{Payer, Plan};
use super::decide::{Decision, decide};
use super::levels::{Levels, to_f64};
use super::reason::{self, AMOUNTS, COLUMNS, SHARES, TRUTHS, WORDS};
use super::row::{Facts, Given, Row};
use crate::core::error::{InputError, Result};
use crate::core::kernel::{
    Column, Findings, MISSING, NOT_FINITE, OVERFLOW, common_rows, for_each_chunk, threads_for,
};
use crate::core::round::PPB;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Rows that one task takes, and below twice of which a second thread does not pay.
const TASK: usize = 4096;
/// Code of a criterion in a row that was not decided.
pub const NULL: u8 = 255;

/// What a run reads.
pub struct Inputs<'a> {
    /// In the order of [`COLUMNS`]: shares in parts per billion, amounts in cents, words as codes.
    pub columns: [Option<&'a dyn Column>; COLUMNS.len()],
    /// Levels of overrun by the code of the row.
    pub levels: &'a [Levels],
    /// What is known of a program's arrangement by its code and the year.
    pub facts: &'a BTreeMap<(i64, i64), Facts>,
}

/// Results by column.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Verdicts and reasons: authority, CEHRT, quality, risk; then the standard and the answer.
    pub codes: [Vec<u8>; 10],
    /// Most that could be lost, of revenue and of expected expenditures; average marginal risk, over all levels too;
    /// minimum loss rate. NaN where there is none.
    pub shares: [Vec<f64>; 5],
    /// Reason codes of rows.
    pub reason: Vec<u8>,
    /// What was wrong.
    pub findings: Findings,
    /// Years and kinds of payers that were decided.
    pub used: BTreeSet<(i64, Payer)>,
    /// Codes of programs and years that were used.
    pub programs: BTreeSet<(i64, i64)>,
    /// Whether a medical home was among the rows.
    pub homes: bool,
}

impl Outcome {
    fn add(&mut self, decided: Option<&Decision>, reason: u8) {
        let codes = decided.map_or([NULL; 10], |d| {
            let pairs = [d.apm, d.cehrt, d.quality, d.risk];
            let [a, c, q, r] = pairs.map(|(verdict, why)| (verdict as u8, why as u8));
            [a.0, a.1, c.0, c.1, q.0, q.1, r.0, r.1, d.standard, d.answer as u8]
        });
        self.codes.iter_mut().zip(codes).for_each(|(column, code)| column.push(code));
        let shares = decided.map_or([None; 5], |d| {
            let marginal = d.marginal.as_ref();
            let mlr = marginal.and_then(|m| m.minimum_loss_rate);
            [
                d.of_revenue.map(crate::core::round::Ratio::to_f64),
                d.of_expected.map(crate::core::round::Ratio::to_f64),
                marginal.map(|m| to_f64(m.highest)),
                marginal.map(|m| to_f64(m.all_levels)),
                mlr.map(|mlr| mlr as f64 / PPB as f64),
            ]
        });
        self.shares.iter_mut().zip(shares).for_each(|(column, share)| column.push(share.unwrap_or(f64::NAN)));
        self.reason.push(reason);
    }

    fn then(mut self, other: Self) -> Self {
        self.codes.iter_mut().zip(other.codes).for_each(|(a, b)| a.extend(b));
        self.shares.iter_mut().zip(other.shares).for_each(|(a, b)| a.extend(b));
        self.reason.extend(other.reason);
        self.findings = self.findings.merge(other.findings);
        self.used.extend(other.used);
        self.programs.extend(other.programs);
        self.homes |= other.homes;
        self
    }
}

/// Decides every row.
pub fn run(plan: &Plan, inputs: &Inputs<'_>, threads: Option<usize>) -> Result<Outcome> {
    if inputs.columns[0].is_none() {
        return Err(InputError::column(COLUMNS[0], "missing", "Every determination needs it").into());
    }
    let rows = common_rows(&inputs.columns, &COLUMNS)?;
    let tasks: Vec<Range<usize>> = (0..rows).step_by(TASK).map(|from| from..rows.min(from + TASK)).collect();
    let threads = threads_for(threads, rows, 2 * TASK);
    Ok(for_each_chunk(tasks, threads, |range| task(plan, inputs, range), Outcome::then))
}

fn task(plan: &Plan, inputs: &Inputs<'_>, range: Range<usize>) -> Outcome {
    let mut cells = [const { Vec::new() }; COLUMNS.len()];
    let mut flags = [const { Vec::new() }; COLUMNS.len()];
    for ((column, cells), flags) in inputs.columns.iter().zip(&mut cells).zip(&mut flags) {
        if let Some(column) = column {
            (*cells, *flags) = (vec![0; range.len()], vec![0; range.len()]);
            column.gather(range.clone(), cells, flags);
        }
    }
    let mut out = Outcome::default();
    for at in 0..range.len() {
        let given: Cells = std::array::from_fn(|c| cells[c].get(at).copied().zip(flags[c].get(at).copied()));
        match one(plan, inputs, &given) {
            Ok((row, payer, decided)) => {
                out.used.insert((row.year, payer));
                out.homes |= row.home == Some(true);
                if let Some((program, _)) = given[28].filter(|(_, flag)| flag & MISSING == 0) {
                    out.programs.insert((program, row.year));
                }
                out.add(Some(&decided), 0);
            }
            Err((column, code)) => {
                out.add(None, code);
                if code != reason::MISSING_INPUT {
                    let value = given[column].map_or(0, |(value, _)| value);
                    out.findings.add(column as u8, code, range.start + at, value);
                }
            }
        }
    }
    out
}

type Cells = [Option<(i64, u8)>; COLUMNS.len()];

fn checked(cells: &Cells) -> std::result::Result<Given, (usize, u8)> {
    let mut given: Given = [None; COLUMNS.len()];
    for (at, slot) in given.iter_mut().enumerate() {
        let Some((value, flag)) = cells[at] else { continue };
        let code = match flag {
            f if f & MISSING != 0 => {
                *slot = Some(None);
                continue;
            }
            f if f & NOT_FINITE != 0 => reason::NOT_FINITE,
            f if f & OVERFLOW != 0 => reason::OVERFLOW,
            f if f != 0 && TRUTHS.contains(&at) => reason::NOT_TRUTH,
            f if f != 0 => reason::NOT_WHOLE,
            _ if TRUTHS.contains(&at) && !(0..=1).contains(&value) => reason::NOT_TRUTH,
            _ if value < 0 && WORDS.contains(&at) => reason::UNKNOWN_WORD,
            _ if value < 0 => reason::NEGATIVE,
            _ if SHARES.contains(&at) && value > PPB => reason::SHARE_ABOVE_ONE,
            _ => 0,
        };
        if code != 0 {
            return Err((at, code));
        }
        *slot = Some(Some(value));
    }
    let [loss, revenue, expected, _] = AMOUNTS.map(|at| given[at].flatten());
    // A share beside dollars that make it, too.
    for (share, base) in [(SHARES[1], revenue), (SHARES[2], expected)] {
        if given[share].flatten().is_some() && loss.is_some() && base.is_some() {
            return Err((share, reason::GIVEN_TWICE));
        }
    }
    Ok(given)
}

fn one(
    plan: &Plan,
    inputs: &Inputs<'_>,
    cells: &Cells,
) -> std::result::Result<(Row, Payer, Decision), (usize, u8)> {
    let given = checked(cells)?;
    let year = given[0].flatten().ok_or((0, reason::MISSING_INPUT))?;
    let program = given[28].flatten();
    if program.is_some_and(|code| !inputs.facts.contains_key(&(code, year))) {
        return Err((28, reason::NOT_RUNNING));
    }
    let row = row_of(&given, inputs.levels, inputs.facts);
    let payer = match row.is_medicare() {
        Some(true) => Payer::Medicare,
        Some(false) => Payer::Other,
        None => return Err((1, reason::MISSING_INPUT)),
    };
    let criteria = plan.get(year, payer).ok_or((0, reason::UNKNOWN_YEAR))?;
    let decided = decide(&row, criteria, payer);
    Ok((row, payer, decided))
}

/// Reads one row as a run does, for an explanation.
#[must_use]
pub fn row_of(given: &Given, levels: &[Levels], facts: &BTreeMap<(i64, i64), Facts>) -> Row {
    let by_code = |at: usize| given[at].flatten().and_then(|code| usize::try_from(code).ok());
    let facts = given[28].flatten().and_then(|code| facts.get(&(code, given[0].flatten()?)));
    Row::new(given, by_code(27).and_then(|code| levels.get(code)), facts)
}
