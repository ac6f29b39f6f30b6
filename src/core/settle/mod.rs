//! Given a benchmark and expenditures, who pays whom? One engine for every arrangement of shared savings and
//! losses; the Shared Savings Program (42 CFR 425.605, 425.610) is its first program. Money in cents.

mod engine;
mod plan;
pub mod reason;
mod run;
mod terms;

pub use engine::{Row, Settlement, Unsettled, settle};
pub use plan::{Plan, Year};
pub use run::{Inputs, NULL_CENTS, Outputs, as_date, run};
pub use terms::{Bands, Common, LowRevenue, MAX_BANDS, Origin, Quality, Side, SizeScale, Terms, Threshold};
