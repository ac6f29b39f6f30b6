//! Benchmarks: what an ACO's expenditures are held against (42 CFR 425.601 to 425.603 and 425.652 to 425.662).
//!
//! Dollars per capita and ratios are double precision and never rounded, as CMS carries them; only the total in
//! dollars is rounded, to the cent. NaN is a value that is not known.

mod adjust;
mod chain;
mod check;
pub mod columns;
mod emit;
mod inputs;
mod notes;
mod plan;
mod prior_savings;
mod read;
pub mod reason;
mod regional;
mod regional_adjustment;
mod regulation;
mod risk;
mod run;
mod update;
mod waterfall;

pub use chain::{Benchmark, Case, compute};
pub use check::{MISSING_START, START};
pub use columns::{Four, TYPES, cell, entity, type_code};
pub use inputs::Inputs;
pub use notes::{Codes, notes, refuse_without_prior_savings};
pub use plan::Plan;
pub use regional::{Assigned, Counties, Regional, regional};
pub use regulation::{Choice, Population, Regulation, Risk, Trend, Update, slug};
pub use run::{Found, Outputs, run};
pub use waterfall::{LEVELS, waterfall};

/// `adjustment_applied` by code.
pub const APPLIED: [&str; 5] = ["none", "regional", "prior_savings", "population", "prior_savings_and_regional"];
/// Codes of [`APPLIED`].
pub mod applied {
    /// Nothing is added.
    pub const NONE: u8 = 0;
    /// The regional adjustment, by type.
    pub const REGIONAL: u8 = 1;
    /// The prior savings adjustment, the same dollars in every type.
    pub const PRIOR_SAVINGS: u8 = 2;
    /// The population adjustment, the same dollars in every type.
    pub const POPULATION: u8 = 3;
    /// Their sum, under the text of 2022 that was amended before its use.
    pub const SUM: u8 = 4;
    /// No adjustment could be decided.
    pub const UNKNOWN: u8 = 255;
}
