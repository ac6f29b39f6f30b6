//! From the caller's columns to a block of the kernel: each read where it lies if its type allows, else gathered; rows
//! with anything that only the engine settles are marked hard.

use super::decode::{LANE, Lane, NULL, amounts, dates, elections, segments, shares, truths, wholes};
use super::packed::Packed;
use super::reason::column;
use super::run::Inputs;
use super::tile::{Amounts, Block, bit};
use crate::core::kernel::{Column, Lanes, Level, MISSING, View};

/// How a column is decoded.
type Decode = fn(Level, &View<'_>, &mut [i64]);

/// What is read of a column that cannot be read where it lies.
pub(super) struct Spare {
    benchmark: Lane<i64>,
    expenditures: Lane<i64>,
    values: Lane<i64>,
    flags: Lane<u8>,
    decoded: Lane<i64>,
}

impl Spare {
    pub(super) const fn new() -> Self {
        Self {
            benchmark: [0; LANE],
            expenditures: [0; LANE],
            values: [0; LANE],
            flags: [0; LANE],
            decoded: [0; LANE],
        }
    }
}

/// Calls `use_it` with the rows of a column, and marks those hard that could not be converted.
fn with_view(
    column: &dyn Column,
    start: usize,
    n: usize,
    spare: (&mut Lane<i64>, &mut Lane<u8>),
    hard: &mut Lane<u8>,
    use_it: impl FnOnce(&View<'_>, &mut Lane<u8>),
) {
    if let Some(view) = column.view(start..start + n) {
        return use_it(&view, hard);
    }
    let (values, flags) = spare;
    flags[..n].fill(0);
    let flagged = column.gather(start..start + n, &mut values[..n], &mut flags[..n]);
    if flagged {
        for (hard, flag) in hard.iter_mut().zip(&flags[..n]) {
            *hard |= flag & !MISSING;
        }
    }
    use_it(&View { lanes: Lanes::I64(&values[..n]), nulls: flagged.then_some(&flags[..n]) }, hard);
}

/// Decodes `n` rows from `start` on, and returns benchmark and expenditures as they are.
pub(super) fn load<'a>(
    level: Level,
    packed: &Packed,
    inputs: &'a Inputs<'_>,
    (start, n): (usize, usize),
    block: &mut Block,
    spare: &'a mut Spare,
) -> Amounts<'a> {
    block.hard[..n].fill(0);
    let Spare { benchmark, expenditures, values, flags, decoded } = spare;
    let mut money = |at: usize, buffer: &'a mut Lane<i64>, hard: &mut Lane<u8>| -> &'a [i64] {
        let Some(column) = inputs.columns[at] else { return &buffer[..n] };
        if let Some(View { lanes: Lanes::I64(lanes), nulls: None }) = column.view(start..start + n) {
            return lanes;
        }
        with_view(column, start, n, (&mut *values, &mut *flags), hard, |v, _| amounts(level, v, &mut buffer[..n]));
        &buffer[..n]
    };
    let money = Amounts {
        benchmark: money(column::BENCHMARK, benchmark, &mut block.hard),
        expenditures: money(column::EXPENDITURES, expenditures, &mut block.hard),
    };
    let mut numbers =
        |at: usize, decode: Decode, into: &mut Lane<i64>, hard: &mut Lane<u8>| match inputs.columns[at] {
            None => into[..n].fill(NULL),
            Some(column) => {
                with_view(column, start, n, (&mut *values, &mut *flags), hard, |v, _| {
                    decode(level, v, &mut into[..n])
                });
            }
        };
    let hard = &mut block.hard;
    numbers(column::BENEFICIARIES, wholes, &mut block.people, hard);
    numbers(column::TRACK, wholes, &mut block.track, hard);
    numbers(column::PERFORMANCE_YEAR, wholes, &mut block.year, hard);
    numbers(column::QUALITY_SCORE, shares, &mut block.quality, hard);
    numbers(column::ELECTED_RATE, shares, &mut block.elected, hard);
    numbers(column::PARTICIPANT_REVENUE, amounts, &mut block.revenue, hard);
    numbers(column::AGREEMENT_START, wholes, &mut block.start, hard);
    numbers(column::DISASTER_RELIEF, amounts, &mut block.relief, hard);
    numbers(column::TWO_SIDED_YEAR, wholes, &mut block.two_sided_year, hard);

    // What few rows have: plain up to a value, where nothing follows from it; for the engine beyond.
    for (at, most) in [
        (column::HALF_YEAR, 0),
        (column::TERMINATED_BY_CMS, 1),
        (column::TERMINATION_DATE, NULL),
        (column::DISASTER_MONTH_SHARE, NULL),
        (column::DISASTER_BENEFICIARY_SHARE, NULL),
        (column::PAYMENT_DATE, NULL),
        (column::SMALL_BENCHMARK_YEAR, 0),
        (column::ADVANCE_BALANCE, NULL),
    ] {
        if inputs.columns[at].is_some() {
            numbers(at, wholes, decoded, hard);
            for (hard, value) in hard[..n].iter_mut().zip(&decoded[..n]) {
                *hard |= u8::from((*value > most) | (*value < NULL));
            }
        }
    }

    let mut told = 0;
    for (at, bit) in [
        (column::QUALITY_STANDARD_MET, bit::STANDARD),
        (column::ALTERNATIVE_STANDARD_MET, bit::ALTERNATIVE),
        (column::LOW_REVENUE, bit::LOW_REVENUE),
    ] {
        told |= if inputs.columns[at].is_none() { 2 << bit } else { 0 };
    }
    block.truths[..n].fill(told);
    for (at, bit) in [
        (column::QUALITY_STANDARD_MET, bit::STANDARD),
        (column::ALTERNATIVE_STANDARD_MET, bit::ALTERNATIVE),
        (column::LOW_REVENUE, bit::LOW_REVENUE),
        (column::GUARDRAIL, bit::GUARDRAIL),
    ] {
        if let Some(column) = inputs.columns[at] {
            let into = &mut block.truths[..n];
            with_view(column, start, n, (&mut *values, &mut *flags), hard, |view, hard| {
                truths(level, view, bit, into, &mut hard[..n]);
            });
        }
    }
    if inputs.columns[column::AGREEMENT_START].is_some() {
        dates(level, &mut block.start[..n]);
    }
    if inputs.columns[column::ELECTED_RATE].is_some() {
        elections(level, &mut block.elected[..n], &packed.menu);
    }
    segments(level, &block.people[..n], &packed.starts, &mut block.segment[..n]);
    money
}

/// Makes the columns null that a call does not have: a block is kept from call to call.
pub(super) fn clear(inputs: &Inputs<'_>, block: &mut Block) {
    for (at, into) in [
        (column::QUALITY_SCORE, &mut block.quality),
        (column::ELECTED_RATE, &mut block.elected),
        (column::PARTICIPANT_REVENUE, &mut block.revenue),
        (column::AGREEMENT_START, &mut block.start),
        (column::DISASTER_RELIEF, &mut block.relief),
        (column::TWO_SIDED_YEAR, &mut block.two_sided_year),
    ] {
        if inputs.columns[at].is_none() {
            into.fill(NULL);
        }
    }
}
