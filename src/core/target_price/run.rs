//! A whole frame of target prices: checks, chunks over threads, and within them row by row; and sums by entity.

use super::columns::{COLUMNS, KINDS, Kind, N, PERFORMANCE_YEAR};
use super::reason;
use super::row::{Priced, Row, price};
use super::terms::TargetPlan;
use crate::core::error::{InputError, Result};
use crate::core::kernel::{
    Column, Findings, MISSING, NOT_FINITE, OVERFLOW, common_rows, for_each_chunk, outputs, set, threads_for,
};
use crate::core::round::PPB;
use crate::core::settle::NULL_CENTS;

/// Columns in the order of [`COLUMNS`]; amounts in cents, ratios in parts per billion, categories as codes of the plan.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// The columns.
    pub columns: [Option<&'a dyn Column>; N],
}

outputs! {
    /// Cents for each unit; [`NULL_CENTS`] where there is none, as in all amounts.
    target_price: i64,
    /// Cents for all units of the row.
    benchmark: i64,
    /// The entity's own discount; NaN where it has none.
    discount: f64,
    /// The entity's quality score, where it follows from measures; NaN where it does not.
    quality_score: f64,
    /// Reason codes.
    reason: u8,
}

/// Rows of a chunk.
const ROWS: usize = 4096;
/// Rows below which a second thread costs more than it gives.
const WORTH_THREADS: usize = 1_000;
/// No factor is ten: spending, prices and risk are held against their like.
const MOST: i64 = 10 * PPB;
/// No risk score is a thousand.
const MOST_SCORE: i64 = 1_000 * PPB;

/// Prices every row. Returns what was found wrong; the rows concerned are null and have a reason.
pub fn run(
    plan: &TargetPlan,
    inputs: &Inputs<'_>,
    outputs: Outputs<'_>,
    threads: Option<usize>,
) -> Result<Findings> {
    if inputs.columns[PERFORMANCE_YEAR].is_none() {
        let remedy = "Give it, or one year for all rows with performance_year=";
        return Err(InputError::column(COLUMNS[PERFORMANCE_YEAR], "missing", remedy).into());
    }
    let rows = common_rows(&inputs.columns, &COLUMNS)?;
    outputs.check(rows)?;
    let present = inputs.columns.map(|column| column.is_some());
    let (chunks, threads) = (outputs.chunks(rows, ROWS), threads_for(threads, rows, WORTH_THREADS));
    let work = |(start, take, out)| chunk(plan, inputs, &present, start, take, out);
    Ok(for_each_chunk(chunks, threads, work, Findings::merge))
}

fn chunk(
    plan: &TargetPlan,
    inputs: &Inputs<'_>,
    present: &[bool; N],
    start: usize,
    n: usize,
    mut out: Outputs<'_>,
) -> Findings {
    let mut findings = Findings::default();
    let (mut cells, mut flags) = ([const { Vec::new() }; N], [const { Vec::new() }; N]);
    for ((column, cells), flags) in inputs.columns.iter().zip(&mut cells).zip(&mut flags) {
        if let Some(column) = column {
            (*cells, *flags) = (vec![0; n], vec![0; n]);
            column.gather(start..start + n, cells, flags);
        }
    }
    for i in 0..n {
        let cell = |at: usize| cells[at].get(i).copied().zip(flags[at].get(i).copied());
        let told = one(plan, present, &cell);
        let (priced, code) = match told {
            Ok(priced) => (Some(priced), 0),
            Err((column, code)) => {
                // A null is the row's own; an absent column is the caller's mistake.
                if code != reason::MISSING_INPUT || !present[column] {
                    findings.add(column as u8, code, start + i, cell(column).map_or(0, |(value, _)| value));
                }
                (None, code)
            }
        };
        set(&mut out.target_price, i, priced.map_or(NULL_CENTS, |p| p.target_price));
        set(&mut out.benchmark, i, priced.map_or(NULL_CENTS, |p| p.benchmark));
        let share = |part: Option<i64>| part.map_or(f64::NAN, |ppb| ppb as f64 / PPB as f64);
        set(&mut out.discount, i, share(priced.and_then(|p| p.discount)));
        set(&mut out.quality_score, i, share(priced.and_then(|p| p.quality_score)));
        set(&mut out.reason, i, code);
    }
    findings
}

fn one(
    plan: &TargetPlan,
    present: &[bool; N],
    cell: &impl Fn(usize) -> Option<(i64, u8)>,
) -> std::result::Result<Priced, (usize, u8)> {
    let mut values = [None; N];
    for (at, slot) in values.iter_mut().enumerate() {
        let Some((value, flag)) = cell(at) else { continue };
        if flag & MISSING != 0 {
            continue;
        }
        if let Some(code) = wrong(KINDS[at], value, flag) {
            return Err((at, code));
        }
        *slot = Some(value);
    }
    let year = values[PERFORMANCE_YEAR].ok_or((PERFORMANCE_YEAR, reason::MISSING_INPUT))?;
    let terms = plan.year(year).ok_or((PERFORMANCE_YEAR, reason::UNKNOWN_YEAR))?;
    if let Some(at) = (0..N).find(|at| values[*at].is_some() && !terms.reads(*at)) {
        return Err((at, reason::NO_SUCH_FACTOR));
    }
    price(terms, Row { values: &values, present })
}

/// What is wrong with a value by itself.
fn wrong(kind: Kind, value: i64, flag: u8) -> Option<u8> {
    match flag {
        f if f & NOT_FINITE != 0 => return Some(reason::NOT_FINITE),
        f if f & OVERFLOW != 0 => return Some(reason::OVERFLOW),
        f if f != 0 => return Some(reason::NOT_WHOLE),
        _ => {}
    }
    match kind {
        Kind::Code => None,
        Kind::Truth if !(0..=1).contains(&value) => Some(reason::NOT_TRUTH),
        Kind::Divisor | Kind::BaseScore | Kind::Price if value <= 0 => Some(reason::NOT_POSITIVE),
        _ if value < 0 => Some(reason::NEGATIVE),
        Kind::Share if value > PPB => Some(reason::SHARE_ABOVE_ONE),
        Kind::Ratio | Kind::Divisor if value > MOST => Some(reason::FACTOR_TOO_LARGE),
        Kind::Score | Kind::BaseScore if value > MOST_SCORE => Some(reason::FACTOR_TOO_LARGE),
        _ => None,
    }
}

/// Sums of cents by entity: null where a row of it is null or the sum does not fit.
#[must_use]
pub fn totals(entity: &[usize], entities: usize, cents: &[i64]) -> Vec<i64> {
    let mut sums: Vec<Option<i64>> = vec![Some(0); entities];
    for (entity, cents) in entity.iter().zip(cents) {
        if let Some(sum) = sums.get_mut(*entity) {
            *sum = if *cents == NULL_CENTS { None } else { sum.and_then(|sum| sum.checked_add(*cents)) };
        }
    }
    sums.into_iter().map(|sum| sum.unwrap_or(NULL_CENTS)).collect()
}
