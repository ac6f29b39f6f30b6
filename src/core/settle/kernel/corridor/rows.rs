//! What the corridor kernel holds of a block of rows beside what both kernels do: more columns, the words that were
//! fetched, and what each step leaves for the next.

use super::plan::SCALES;
use crate::core::settle::kernel::decode::{LANE, Lane, NULL};

/// A part with a unit as small as its decimals allow: denominators stay within 64 bits.
pub(super) struct Parts {
    pub(super) n: Lane<i64>,
    pub(super) unit: Lane<i64>,
}

impl Parts {
    const fn new(n: i64) -> Self {
        Self { n: [n; LANE], unit: [1; LANE] }
    }
}

/// A target: what it is in `1 / unit` cents, of which only the low 64 bits are kept, and about what it is in cents.
pub(super) struct Targets {
    pub(super) n: Lane<i64>,
    pub(super) unit: Lane<i64>,
    pub(super) about: Lane<f64>,
}

impl Targets {
    const fn new() -> Self {
        Self { n: [0; LANE], unit: [1; LANE], about: [0.0; LANE] }
    }
}

/// Lanes of a block.
pub(in crate::core::settle) struct Rows {
    pub(super) score: Parts,
    pub(super) discount: Parts,
    pub(super) cap: Parts,
    pub(super) place: Parts,
    /// As they were decoded, parts per billion.
    pub(super) given: Lane<i64>,
    pub(super) elected_cap: Lane<i64>,
    pub(super) geography: Lane<i64>,
    pub(super) is_final: Lane<i64>,
    pub(super) bonus: Lane<i64>,
    pub(super) adjustment: Lane<i64>,
    pub(super) segments: [Lane<u8>; SCALES],
    /// Entry of the row, and its entry and side.
    pub(super) entry: Lane<u16>,
    pub(super) left: Lane<u64>,
    pub(super) withhold: Lane<u64>,
    pub(super) fixed_cap: Lane<u64>,
    pub(super) discounts: Lane<u64>,
    pub(super) caps: Lane<u64>,
    /// The minimum rate of the side that the row is on, `numerator / denominator`.
    pub(super) numerator: Lane<i64>,
    pub(super) denominator: Lane<i64>,
    /// Targets of savings and of losses, where an output asks for both.
    pub(super) both: [Targets; 2],
    /// The target of the side that the row is on, and how far from it spending lies, in the same unit.
    pub(super) target: Targets,
    pub(super) unit_about: Lane<f64>,
    pub(super) distance: Lane<i64>,
    pub(super) distance_about: Lane<f64>,
    pub(super) target_cents: Lane<i64>,
    pub(super) savings: Lane<i64>,
    /// Masks: on the side of losses, savings, losses.
    pub(super) side: Lane<i64>,
    pub(super) saved: Lane<i64>,
    pub(super) lost: Lane<i64>,
    /// Words of the side.
    pub(super) quality: Lane<u64>,
    pub(super) bounds: Lane<u64>,
    pub(super) slices: Lane<u64>,
    pub(super) limits: Lane<u64>,
    pub(super) after: Lane<u64>,
    /// What lies beyond the origin, and the target, in one unit.
    pub(super) beyond: Lane<i64>,
    pub(super) beyond_about: Lane<f64>,
    pub(super) of_target: Lane<i64>,
    pub(super) parts: Lane<i64>,
    pub(super) parts_about: Lane<f64>,
    /// Which piece of the bands the amount ends in.
    pub(super) piece: Lane<i64>,
    pub(super) piece_share: Lane<u64>,
    pub(super) piece_of_target: Lane<i64>,
    /// What quality multiplies by.
    pub(super) factor: Lane<i64>,
    pub(super) factor_unit: Lane<i64>,
    /// Masks of what is so.
    pub(super) passes: Lane<i64>,
    pub(super) pays: Lane<i64>,
    pub(super) half: Lane<i64>,
    pub(super) losing: Lane<i64>,
    pub(super) gated: Lane<i64>,
    pub(super) capped: Lane<i64>,
    pub(super) bound: Lane<i64>,
    pub(super) why: Lane<i64>,
    pub(super) undecided: Lane<i64>,
}

impl Rows {
    pub(in crate::core::settle) const fn new() -> Self {
        Self {
            score: Parts::new(NULL),
            discount: Parts::new(NULL),
            cap: Parts::new(NULL),
            place: Parts::new(1),
            given: [NULL; LANE],
            elected_cap: [NULL; LANE],
            geography: [NULL; LANE],
            is_final: [0; LANE],
            bonus: [0; LANE],
            adjustment: [0; LANE],
            segments: [[0; LANE]; SCALES],
            entry: [0; LANE],
            left: [0; LANE],
            withhold: [0; LANE],
            fixed_cap: [0; LANE],
            discounts: [0; LANE],
            caps: [0; LANE],
            numerator: [0; LANE],
            denominator: [1; LANE],
            both: [Targets::new(), Targets::new()],
            target: Targets::new(),
            unit_about: [1.0; LANE],
            distance: [0; LANE],
            distance_about: [0.0; LANE],
            target_cents: [0; LANE],
            savings: [0; LANE],
            side: [0; LANE],
            saved: [0; LANE],
            lost: [0; LANE],
            quality: [0; LANE],
            bounds: [0; LANE],
            slices: [0; LANE],
            limits: [0; LANE],
            after: [0; LANE],
            beyond: [0; LANE],
            beyond_about: [0.0; LANE],
            of_target: [0; LANE],
            parts: [1; LANE],
            parts_about: [1.0; LANE],
            piece: [0; LANE],
            piece_share: [1 << 32; LANE],
            piece_of_target: [0; LANE],
            factor: [0; LANE],
            factor_unit: [1; LANE],
            passes: [0; LANE],
            pays: [0; LANE],
            half: [0; LANE],
            losing: [0; LANE],
            gated: [0; LANE],
            capped: [0; LANE],
            bound: [0; LANE],
            why: [0; LANE],
            undecided: [0; LANE],
        }
    }
}
