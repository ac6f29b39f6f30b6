//! A block of rows as the kernel holds it: its columns, decoded, and what the kernel makes of them.

use super::decode::{LANE, Lane, NULL};
use super::packed::RATE;
use crate::core::round::PPB;

/// Truth values of a row, two bits each: true, and null.
pub(super) mod bit {
    pub(crate) const STANDARD: u8 = 0;
    pub(crate) const ALTERNATIVE: u8 = 2;
    pub(crate) const LOW_REVENUE: u8 = 4;
    pub(crate) const GUARDRAIL: u8 = 6;
}

/// What became of a row; 0 where nothing is shared or owed.
pub(super) mod state {
    /// Savings are shared.
    pub(crate) const GAIN: u8 = 1;
    /// At the half rate.
    pub(crate) const HALF: u8 = 2;
    /// Losses are owed.
    pub(crate) const LOSS: u8 = 3;
}

/// Columns of a block, decoded, and what the kernel makes of them.
pub(super) struct Block {
    pub(super) people: Lane<i64>,
    pub(super) track: Lane<i64>,
    pub(super) year: Lane<i64>,
    pub(super) quality: Lane<i64>,
    pub(super) elected: Lane<i64>,
    pub(super) revenue: Lane<i64>,
    pub(super) start: Lane<i64>,
    /// The year of `start`.
    pub(super) start_year: Lane<i64>,
    pub(super) relief: Lane<i64>,
    pub(super) two_sided_year: Lane<i64>,
    pub(super) truths: Lane<u8>,
    pub(super) segment: Lane<u8>,
    /// Not zero where the engine must settle the row.
    pub(super) hard: Lane<u8>,
    /// The minimum rate, `numerator / denominator`.
    pub(super) numerator: Lane<i64>,
    pub(super) denominator: Lane<i64>,
    /// Words of the row's year and arrangement.
    pub(super) pay: Lane<u64>,
    pub(super) limits: Lane<u64>,
    pub(super) losses: Lane<u64>,
    /// Year and arrangement of the row, in the packed plan.
    pub(super) index: Lane<u16>,
    /// Masks of what is so.
    pub(super) reached: Lane<i64>,
    pub(super) open: Lane<i64>,
    pub(super) shares: Lane<i64>,
    pub(super) losing: Lane<i64>,
    pub(super) undecided: Lane<i64>,
    /// A rate fetched for an output.
    pub(super) rate: Lane<i64>,
    /// Which limit binds, as a reason.
    pub(super) why: Lane<i64>,
    /// What quality multiplies the sharing rate by, parts per billion; [`NULL`] where it is not known.
    pub(super) factor: Lane<i64>,
    /// The loss rate in `1 / LOSS`; [`NULL`] where it is not known.
    pub(super) loss_rate: Lane<i64>,
    /// The loss limit by benchmark as a part of it, in `1 / RATE`; [`NO_LIMIT`] where there is none.
    pub(super) loss_limit: Lane<i64>,
    pub(super) state: Lane<i64>,
}

/// Loss rates count in `1 / LOSS`.
pub(super) const LOSS: i64 = RATE * PPB;

impl Block {
    pub(super) const fn new() -> Self {
        Self {
            people: [0; LANE],
            track: [0; LANE],
            year: [0; LANE],
            quality: [NULL; LANE],
            elected: [NULL; LANE],
            revenue: [NULL; LANE],
            start: [NULL; LANE],
            start_year: [NULL; LANE],
            relief: [NULL; LANE],
            two_sided_year: [NULL; LANE],
            truths: [0; LANE],
            segment: [0; LANE],
            hard: [0; LANE],
            numerator: [0; LANE],
            denominator: [0; LANE],
            pay: [0; LANE],
            limits: [0; LANE],
            losses: [0; LANE],
            index: [0; LANE],
            reached: [0; LANE],
            open: [0; LANE],
            shares: [0; LANE],
            losing: [0; LANE],
            undecided: [0; LANE],
            rate: [0; LANE],
            why: [0; LANE],
            factor: [0; LANE],
            loss_rate: [0; LANE],
            loss_limit: [0; LANE],
            state: [0; LANE],
        }
    }
}

/// Amounts of a block as the caller or a spare buffer holds them, not yet known to be in range.
#[derive(Clone, Copy)]
pub(super) struct Amounts<'a> {
    pub(super) benchmark: &'a [i64],
    pub(super) expenditures: &'a [i64],
}

/// Where the amounts that every settlement computes go.
pub(super) struct Settled<'a> {
    pub(super) savings: &'a mut [i64],
    pub(super) generated: &'a mut [i64],
    pub(super) earned: &'a mut [i64],
}
