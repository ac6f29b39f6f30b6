//! Given a benchmark and expenditures, who pays whom? One engine for every arrangement of shared savings and
//! losses; the Shared Savings Program (42 CFR 425.605, 425.610) is its first program. Money in cents.

mod decode;
mod emit;
mod engine;
mod load;
mod packed;
mod plan;
pub mod reason;
mod row;
mod run;
mod terms;
mod tile;

pub use engine::{Settlement, Unsettled, settle};
pub use plan::{Plan, Year};
pub use row::{Row, Values, as_date};
pub use run::{Inputs, NULL_CENTS, Outputs, run, run_at};
pub use terms::{
    Bands, Common, LowRevenue, MAX_BANDS, Origin, Quality, Side, SizeScale, Termination, Terms, Threshold,
};
