//! Winsorised episode spending: within each group, what lies above the upper percentile or below the lower one is
//! moved to it, or only a part of what lies beyond counts. Bundles, 42 CFR 510.300 and 512.540, and the oncology
//! models. A percentile is the smallest spending of the group that at least this part of its episodes does not exceed:
//! an observed amount, so that nothing is rounded and winsorising again moves nothing. Cents, parts per billion.

use crate::core::error::{Error, InputError, Result};
use crate::core::kernel::{
    Column, Conversion, Findings, MISSING, NOT_FINITE, OVERFLOW, common_rows, for_each_chunk, threads_for,
};
use crate::core::round::{PPB, settlement_cents};
use crate::core::rulebook::{AsOf, Book, Told, Value, sentences};
use crate::core::settle::NULL_CENTS;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeMap;

/// Columns by the index that findings use.
pub const COLUMNS: [&str; 6] =
    ["episode_spending", "performance_year", "track", "group", "lower_cap", "upper_cap"];
/// How each is converted.
pub const CONVERSIONS: [Conversion; 6] = [
    Conversion::Dollars,
    Conversion::Whole,
    Conversion::Whole,
    Conversion::Whole,
    Conversion::Dollars,
    Conversion::Dollars,
];
const SPENDING: usize = 0;
const YEAR: usize = 1;
const TRACK: usize = 2;
const GROUP: usize = 3;
const LOWER: usize = 4;
const UPPER: usize = 5;
/// Columns that every call has.
const NEEDED: usize = 4;
/// Which tail a row was moved from, by code.
pub const TAILS: [&str; 3] = ["", "lower", "upper"];

/// Why a row is null, and what is wrong with a column.
pub mod reason {
    /// Words by code; 0 is no reason.
    pub const REASONS: [&str; 8] = [
        "",
        "missing_input",
        "no_percentile",
        "negative",
        "not_finite",
        "overflow",
        "not_whole",
        "caps_exchanged",
    ];
    pub(super) const MISSING_INPUT: u8 = 1;
    pub(super) const NO_PERCENTILE: u8 = 2;
    pub(super) const NEGATIVE: u8 = 3;
    pub(super) const NOT_FINITE: u8 = 4;
    pub(super) const OVERFLOW: u8 = 5;
    pub(super) const NOT_WHOLE: u8 = 6;
    pub(super) const CAPS_EXCHANGED: u8 = 7;

    /// What is wrong with a column, and what to do.
    #[must_use]
    pub fn describe(reason: u8) -> (&'static str, &'static str) {
        match reason {
            NO_PERCENTILE => (
                "without percentiles in the rule book",
                "Give the caps of the year in upper_cap (and lower_cap), or see `rules.show` of the program's \
                 `episode.threshold_percentile`",
            ),
            NEGATIVE => ("negative", "Spending and caps cannot be below zero"),
            NOT_FINITE => ("NaN or infinite", "Use null for a missing value"),
            OVERFLOW => ("too large", "The largest amount is 9.2e16 dollars: check the unit"),
            NOT_WHOLE => ("not a whole number", "Years are whole numbers"),
            CAPS_EXCHANGED => ("below the row's lower cap", "Exchange the caps"),
            _ => ("missing", "Give a value"),
        }
    }
}

/// Percentiles of one arrangement in one year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Part of the episodes at or below the lower cap.
    pub lower: Option<i64>,
    /// Part of them at or below the upper cap.
    pub upper: Option<i64>,
    /// Part of spending above the upper cap that counts.
    pub share_above: i64,
}

/// A program's percentiles by year and arrangement.
#[derive(Clone, Debug)]
pub struct WinsorPlan {
    /// Arrangements with percentiles of their own; the code of one is its place. None where all have the same.
    pub arrangements: Vec<String>,
    first_year: i64,
    years: Vec<Vec<Terms>>,
    told: Vec<Vec<Told>>,
}

fn ppb(share: Decimal) -> Option<i64> {
    share.checked_mul(Decimal::from(PPB)).filter(|n| n.fract().is_zero())?.to_i64()
}

impl WinsorPlan {
    /// Reads a program; its years are those with an upper percentile.
    pub fn new(book: &Book, program: &str, as_of: AsOf) -> Result<Self> {
        let id = |field: &str| format!("{program}.episode.{field}");
        let Some((first, last)) = book.years(&id("threshold_percentile"), as_of) else {
            let known: Vec<&str> =
                book.rules().filter_map(|r| r.id.strip_suffix(".episode.threshold_percentile")).collect();
            return Err(Error::NotModelled(format!(
                "the rule book winsorises no episodes of program {program:?} from this standpoint; it has {}",
                known.join(", ")
            )));
        };
        let mut plan =
            Self { arrangements: Vec::new(), first_year: first.into(), years: Vec::new(), told: Vec::new() };
        for year in first..=last.unwrap_or(first) {
            let mut taken = book.read(year, as_of);
            for field in ["threshold_percentile", "lower_percentile", "share_above"] {
                if let Some(Value::Table(table)) = taken.rule(&id(field)).map(|rule| &rule.value) {
                    let new: Vec<String> =
                        table.keys().filter(|key| !plan.arrangements.contains(key)).cloned().collect();
                    plan.arrangements.extend(new);
                }
            }
            let everyone = [String::new()];
            let names = if plan.arrangements.is_empty() { &everyone[..] } else { &plan.arrangements[..] };
            let mut terms = Vec::with_capacity(names.len());
            for name in names {
                let mut part = |field: &str| -> Result<Option<i64>> {
                    let share = taken.keyed_number(&id(field), name)?;
                    let too_fine = || Error::NotModelled(format!("`{}` has more than nine decimals", id(field)));
                    share.map(|share| ppb(share).ok_or_else(too_fine)).transpose()
                };
                terms.push(Terms {
                    lower: part("lower_percentile")?,
                    upper: part("threshold_percentile")?,
                    share_above: part("share_above")?.unwrap_or(0),
                });
            }
            plan.years.push(terms);
            plan.told.push(taken.told());
        }
        Ok(plan)
    }

    /// Terms of a year and an arrangement's code.
    #[must_use]
    pub fn terms(&self, year: i64, track: i64) -> Option<&Terms> {
        let at = usize::try_from(year.checked_sub(self.first_year)?).ok()?;
        self.years.get(at)?.get(usize::try_from(track).ok()?)
    }

    /// Code of an arrangement.
    #[must_use]
    pub fn code(&self, name: &str) -> Option<usize> {
        let plain = name.trim().to_uppercase();
        self.arrangements.iter().position(|own| *own == plain)
    }

    /// What a reader of results of these years must be told.
    #[must_use]
    pub fn warnings(&self, years: &[i64]) -> Vec<String> {
        let places = years.iter().filter_map(|y| usize::try_from(y.checked_sub(self.first_year)?).ok());
        sentences(places.filter_map(|at| self.told.get(at)).flatten())
    }
}

/// Columns in the order of [`COLUMNS`]; the first four must be there.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// The columns; groups and tracks as codes.
    pub columns: [Option<&'a dyn Column>; COLUMNS.len()],
}

/// Results by row; cents, [`NULL_CENTS`] where there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outputs {
    /// Spending that counts.
    pub expenditures: Vec<i64>,
    /// Caps of the row's group.
    pub caps: [Vec<i64>; 2],
    /// Codes of [`TAILS`].
    pub tail: Vec<u8>,
    /// Codes of [`reason::REASONS`].
    pub reason: Vec<u8>,
}

/// The smallest amount that at least this part of all amounts does not exceed; nothing of no amounts.
#[must_use]
pub fn percentile(amounts: &mut [i64], part: i64) -> Option<i64> {
    let rank = (i128::from(part) * amounts.len() as i128 + i128::from(PPB) - 1) / i128::from(PPB);
    let at = usize::try_from(rank).ok()?.saturating_sub(1);
    (at < amounts.len()).then(|| *amounts.select_nth_unstable(at).1)
}

/// What counts of an amount, and the tail that it was moved from.
#[must_use]
pub fn winsorised(amount: i64, lower: Option<i64>, upper: Option<i64>, share_above: i64) -> (i64, u8) {
    match (lower, upper) {
        (Some(lower), _) if amount < lower => (lower, 1),
        (_, Some(upper)) if amount > upper => {
            let beyond = i128::from(amount - upper) * i128::from(share_above);
            (upper + settlement_cents(beyond, i128::from(PPB)).unwrap_or(amount - upper), 2)
        }
        _ => (amount, 0),
    }
}

/// Rows below which a second thread costs more than it gives.
const WORTH_THREADS: usize = 20_000;

type Values = [i64; COLUMNS.len()];
type Group = (i64, i64, i64);

/// Winsorises every row within its group, year and arrangement; a row that is null or wrong counts in no percentile.
pub fn run(plan: &WinsorPlan, inputs: &Inputs<'_>, threads: Option<usize>) -> Result<(Outputs, Findings)> {
    for (column, name) in inputs.columns.iter().zip(COLUMNS).take(NEEDED) {
        if column.is_none() {
            return Err(InputError::column(name, "missing", "Every episode needs it").into());
        }
    }
    let rows = common_rows(&inputs.columns, &COLUMNS)?;
    let mut found = Findings::default();
    let mut out = Outputs {
        expenditures: vec![NULL_CENTS; rows],
        caps: [vec![NULL_CENTS; rows], vec![NULL_CENTS; rows]],
        tail: vec![0; rows],
        reason: vec![0; rows],
    };
    let given = inputs.columns[LOWER].is_some() || inputs.columns[UPPER].is_some();
    let values = read(inputs, rows, &mut out.reason, &mut found);
    let mut groups: BTreeMap<Group, Vec<usize>> = BTreeMap::new();
    for (row, value) in values.iter().enumerate() {
        if out.reason[row] != 0 {
            continue;
        }
        if !given && plan.terms(value[YEAR], value[TRACK]).is_none_or(|terms| terms.upper.is_none()) {
            out.reason[row] = reason::NO_PERCENTILE;
            found.add(YEAR as u8, reason::NO_PERCENTILE, row, value[YEAR]);
            continue;
        }
        groups.entry((value[GROUP], value[YEAR], value[TRACK])).or_default().push(row);
    }
    let work = |(key, members): (Group, Vec<usize>)| {
        let caps = if given { [None; 2] } else { caps(plan, key, &members, &values) };
        vec![(key, members, caps)]
    };
    let join = |mut all: Vec<_>, more: Vec<_>| {
        all.extend(more);
        all
    };
    let threads = threads_for(threads, rows, WORTH_THREADS);
    for (key, members, of_group) in for_each_chunk(groups.into_iter().collect(), threads, work, join) {
        let share = plan.terms(key.1, key.2).map_or(0, |terms| terms.share_above);
        for row in members {
            let own = |at: usize| inputs.columns[at].map(|_| values[row][at]);
            let [lower, upper] = if given { [own(LOWER), own(UPPER)] } else { of_group };
            (out.expenditures[row], out.tail[row]) = winsorised(values[row][SPENDING], lower, upper, share);
            for (to, cap) in out.caps.iter_mut().zip([lower, upper]) {
                to[row] = cap.unwrap_or(NULL_CENTS);
            }
        }
    }
    Ok((out, found))
}

/// Lower and upper cap of a group.
fn caps(plan: &WinsorPlan, key: Group, members: &[usize], values: &[Values]) -> [Option<i64>; 2] {
    let mut amounts: Vec<i64> = members.iter().map(|row| values[*row][SPENDING]).collect();
    let terms = plan.terms(key.1, key.2).copied().unwrap_or_default();
    [terms.lower, terms.upper].map(|part| part.and_then(|part| percentile(&mut amounts, part)))
}

/// All rows as integers; what is wrong with one is its reason.
fn read(inputs: &Inputs<'_>, rows: usize, reasons: &mut [u8], found: &mut Findings) -> Vec<Values> {
    let mut values = vec![[0; COLUMNS.len()]; rows];
    let (mut cells, mut flags) = (vec![0; rows], vec![0; rows]);
    for (at, column) in inputs.columns.iter().enumerate() {
        let Some(column) = column else { continue };
        flags.fill(0);
        column.gather(0..rows, &mut cells, &mut flags);
        for row in 0..rows {
            values[row][at] = cells[row];
            let code = match flags[row] {
                f if f & MISSING != 0 => reason::MISSING_INPUT,
                f if f & NOT_FINITE != 0 => reason::NOT_FINITE,
                f if f & OVERFLOW != 0 => reason::OVERFLOW,
                f if f != 0 => reason::NOT_WHOLE,
                _ if cells[row] < 0 && ![TRACK, GROUP].contains(&at) => reason::NEGATIVE,
                _ if cells[row] < 0 => reason::MISSING_INPUT,
                _ if at == UPPER && inputs.columns[LOWER].is_some() && cells[row] < values[row][LOWER] => {
                    reason::CAPS_EXCHANGED
                }
                _ => continue,
            };
            if reasons[row] == 0 {
                reasons[row] = code;
                if code != reason::MISSING_INPUT {
                    found.add(at as u8, code, row, cells[row]);
                }
            }
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_an_observed_amount() {
        let mut amounts: Vec<i64> = (1..=100).rev().collect();
        assert_eq!(percentile(&mut amounts, PPB / 100 * 99), Some(99));
        assert_eq!(percentile(&mut amounts, PPB / 100 * 99 + 1), Some(100));
        assert_eq!(percentile(&mut amounts, 0), Some(1));
        assert_eq!(percentile(&mut [], PPB), None);
    }
}
