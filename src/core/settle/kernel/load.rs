//! From the caller's columns to a block of the kernel: each read where it lies if its type allows, else gathered; rows
//! with anything that only the engine settles are marked hard.

use super::block::{Amounts, Block, bit};
use super::decode::{LANE, Lane, NULL, amounts, dates, elections, segments, shares, truths, wholes};
use super::packed::{MENU, Packed};
use crate::core::kernel::{Lanes, Level, MISSING, View};
use crate::core::settle::reason::column;
use crate::core::settle::run::Inputs;
use std::ops::Range;

/// How a column is decoded.
type Decode = fn(Level, &View<'_>, &mut [i64]) -> bool;

/// Benchmark and expenditures that cannot be read where they lie.
pub(super) struct Held {
    benchmark: Lane<i64>,
    expenditures: Lane<i64>,
}

impl Held {
    pub(super) const fn new() -> Self {
        Self { benchmark: [0; LANE], expenditures: [0; LANE] }
    }
}

/// What is read of any other column that cannot be read where it lies.
pub(super) struct Scratch {
    values: Lane<i64>,
    flags: Lane<u8>,
    decoded: Lane<i64>,
}

impl Scratch {
    pub(super) const fn new() -> Self {
        Self { values: [0; LANE], flags: [0; LANE], decoded: [0; LANE] }
    }

    /// Flags of `n` rows, none set.
    pub(super) fn flags(&mut self, n: usize) -> &mut [u8] {
        self.flags[..n].fill(0);
        &mut self.flags[..n]
    }
}

/// A block of a call: `n` rows from `start` on.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) level: Level,
    pub(super) inputs: &'a Inputs<'a>,
    pub(super) start: usize,
    pub(super) n: usize,
}

/// Columns of a block, and which of its rows are hard.
pub(super) struct Reader<'a> {
    level: Level,
    inputs: &'a Inputs<'a>,
    range: Range<usize>,
    values: &'a mut Lane<i64>,
    flags: &'a mut Lane<u8>,
    pub(super) hard: &'a mut Lane<u8>,
}

impl<'a> Reader<'a> {
    /// The reader of a block, and room for what it decodes.
    pub(super) fn new(
        call: Call<'a>,
        hard: &'a mut Lane<u8>,
        scratch: &'a mut Scratch,
    ) -> (Self, &'a mut Lane<i64>) {
        let Scratch { values, flags, decoded } = scratch;
        let Call { level, inputs, start, n } = call;
        (Self { level, inputs, range: start..start + n, values, flags, hard }, decoded)
    }
}

impl Reader<'_> {
    /// Calls `use_it` with the rows of a column that is present; those that could not be converted are hard.
    fn view(&mut self, at: usize, use_it: impl FnOnce(&View<'_>, &mut [u8])) {
        let Some(column) = self.inputs.columns[at] else { return };
        let n = self.range.len();
        if let Some(view) = column.view(self.range.clone()) {
            return use_it(&view, &mut self.hard[..n]);
        }
        self.flags[..n].fill(0);
        let flagged = column.gather(self.range.clone(), &mut self.values[..n], &mut self.flags[..n]);
        if flagged {
            for (hard, flag) in self.hard.iter_mut().zip(&self.flags[..n]) {
                *hard |= flag & !MISSING;
            }
        }
        let nulls = flagged.then_some(&self.flags[..n]);
        use_it(&View { lanes: Lanes::I64(&self.values[..n]), nulls }, &mut self.hard[..n]);
    }

    /// Decodes a column; its rows below `least` are hard. An absent one is left as it is.
    pub(super) fn numbers(&mut self, at: usize, decode: Decode, least: i64, into: &mut Lane<i64>) {
        let level = self.level;
        self.view(at, |view, hard| {
            let into = &mut into[..hard.len()];
            // A column that must have a value has no nulls to tell from values that are out of range.
            if decode(level, view, into) || (least > NULL && view.nulls.is_some()) {
                mark(into, hard, |value| value < least);
            }
        });
    }

    /// Marks the rows of a column, if it is there, beyond a value up to which nothing follows from it.
    fn plain_up_to(&mut self, at: usize, most: i64, decoded: &mut Lane<i64>) {
        if self.inputs.columns[at].is_some() {
            let n = self.range.len();
            self.numbers(at, wholes, NULL, decoded);
            mark(&decoded[..n], &mut self.hard[..n], |value| value > most);
        }
    }

    fn truths(&mut self, at: usize, bit: u8, into: &mut Lane<u8>) {
        let level = self.level;
        self.view(at, |view, hard| truths(level, view, bit, &mut into[..hard.len()], hard));
    }
}

/// Marks the rows of which `is_hard` holds.
pub(super) fn mark(values: &[i64], hard: &mut [u8], is_hard: impl Fn(i64) -> bool) {
    for (hard, value) in hard.iter_mut().zip(values) {
        *hard |= u8::from(is_hard(*value));
    }
}

/// What few rows have: plain up to a value, where nothing follows from it; for the engine beyond.
const SELDOM: [(usize, i64); 8] = [
    (column::HALF_YEAR, 0),
    (column::TERMINATED_BY_CMS, 1),
    (column::TERMINATION_DATE, NULL),
    (column::DISASTER_MONTH_SHARE, NULL),
    (column::DISASTER_BENEFICIARY_SHARE, NULL),
    (column::PAYMENT_DATE, NULL),
    (column::SMALL_BENCHMARK_YEAR, 0),
    (column::ADVANCE_BALANCE, NULL),
];

/// The same, of what the Shared Savings Program does not have.
const OF_OTHERS: [(usize, i64); 5] = [
    (column::DISCOUNT, NULL),
    (column::ELECTED_CAP, NULL),
    (column::BENCHMARK_FINAL, 0),
    (column::BENCHMARK_BONUS, 0),
    (column::GEOGRAPHIC_FACTOR, NULL),
];

/// Decodes a block for the kernel of the Shared Savings Program, and returns benchmark and expenditures as they are.
pub(super) fn load<'a>(
    call: Call<'a>,
    packed: &Packed,
    block: &mut Block,
    held: &'a mut Held,
    scratch: &mut Scratch,
) -> Amounts<'a> {
    let (level, n) = (call.level, call.n);
    let money = shared(call, &packed.menu, 0, block, held, scratch);
    let (mut reader, decoded) = Reader::new(call, &mut block.hard, scratch);
    for (at, most) in OF_OTHERS {
        reader.plain_up_to(at, most, decoded);
    }
    if call.inputs.columns[column::PAYMENT_ADJUSTMENT].is_some() {
        // What is taken off is below zero, as a null reads here: for the engine, all but nothing.
        reader.numbers(column::PAYMENT_ADJUSTMENT, wholes, NULL, decoded);
        mark(&decoded[..n], &mut reader.hard[..n], |value| value != 0);
    }
    segments(level, &block.people[..n], &packed.starts, &mut block.segment[..n]);
    money
}

/// Decodes what both kernels read; beneficiaries below `fewest` are hard.
pub(super) fn shared<'a>(
    call: Call<'a>,
    menu: &[i64; MENU],
    fewest: i64,
    block: &mut Block,
    held: &'a mut Held,
    scratch: &mut Scratch,
) -> Amounts<'a> {
    let Call { level, inputs, start, n } = call;
    block.hard[..n].fill(0);
    let (mut reader, decoded) = Reader::new(call, &mut block.hard, scratch);
    let mut money = |at: usize, buffer: &'a mut Lane<i64>| -> &'a [i64] {
        let view = inputs.columns[at].and_then(|column| column.view(start..start + n));
        if let Some(View { lanes: Lanes::I64(lanes), nulls: None }) = view {
            return lanes;
        }
        reader.numbers(at, amounts, 0, buffer);
        &buffer[..n]
    };
    let money = Amounts {
        benchmark: money(column::BENCHMARK, &mut held.benchmark),
        expenditures: money(column::EXPENDITURES, &mut held.expenditures),
    };
    reader.numbers(column::BENEFICIARIES, wholes, fewest, &mut block.people);
    reader.numbers(column::TRACK, wholes, 0, &mut block.track);
    reader.numbers(column::PERFORMANCE_YEAR, wholes, 0, &mut block.year);
    reader.numbers(column::QUALITY_SCORE, shares, NULL, &mut block.quality);
    reader.numbers(column::ELECTED_RATE, shares, NULL, &mut block.elected);
    reader.numbers(column::PARTICIPANT_REVENUE, amounts, NULL, &mut block.revenue);
    reader.numbers(column::AGREEMENT_START, wholes, NULL, &mut block.start);
    reader.numbers(column::DISASTER_RELIEF, amounts, NULL, &mut block.relief);
    reader.numbers(column::TWO_SIDED_YEAR, wholes, NULL, &mut block.two_sided_year);
    for (at, most) in SELDOM {
        reader.plain_up_to(at, most, decoded);
    }
    if inputs.columns[column::TWO_SIDED_YEAR].is_some() {
        mark(&block.two_sided_year[..n], &mut reader.hard[..n], |count| count == 0);
    }

    let asked = [
        (column::QUALITY_STANDARD_MET, bit::STANDARD),
        (column::ALTERNATIVE_STANDARD_MET, bit::ALTERNATIVE),
        (column::LOW_REVENUE, bit::LOW_REVENUE),
    ];
    let untold = asked.iter().filter(|(at, _)| inputs.columns[*at].is_none()).map(|(_, bit)| 2 << bit).sum();
    block.truths[..n].fill(untold);
    for (at, bit) in asked.into_iter().chain([(column::GUARDRAIL, bit::GUARDRAIL)]) {
        reader.truths(at, bit, &mut block.truths);
    }
    let hard = &mut reader.hard[..n];
    if inputs.columns[column::AGREEMENT_START].is_some() {
        dates(level, &mut block.start[..n], &mut block.start_year[..n], hard);
    }
    if inputs.columns[column::ELECTED_RATE].is_some() && elections(level, &block.elected[..n], menu) {
        mark(&block.elected[..n], hard, |rate| rate != NULL && !menu.contains(&rate));
    }
    money
}

/// Makes the columns null that a call does not have: a block is kept from call to call.
pub(super) fn clear(inputs: &Inputs<'_>, block: &mut Block) {
    for (at, into) in [
        (column::BENEFICIARIES, &mut block.people),
        (column::QUALITY_SCORE, &mut block.quality),
        (column::ELECTED_RATE, &mut block.elected),
        (column::PARTICIPANT_REVENUE, &mut block.revenue),
        (column::AGREEMENT_START, &mut block.start),
        (column::AGREEMENT_START, &mut block.start_year),
        (column::DISASTER_RELIEF, &mut block.relief),
        (column::TWO_SIDED_YEAR, &mut block.two_sided_year),
    ] {
        if inputs.columns[at].is_none() {
            into.fill(NULL);
        }
    }
}
