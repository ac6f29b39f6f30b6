//! Given a benchmark and expenditures, who pays whom? One engine for every arrangement of shared savings and
//! losses; the Shared Savings Program (42 CFR 425.604 to 425.610) is its first program. Money in cents.

mod amounts;
pub mod break_even;
pub mod break_even_run;
mod check;
pub mod describe;
mod engine;
mod inverse;
mod kernel;
mod plan;
mod read;
pub mod reason;
mod row;
mod run;
pub mod segment;
mod size_scale;
mod target;
mod terms;
mod unread;

pub use engine::{Settlement, Unsettled, settle};
pub use plan::{Plan, Year};
pub use row::{Row, Values, as_date};
pub use run::{Inputs, NULL_CENTS, Outputs, left_to_engine, run, run_at};
pub use size_scale::SizeScale;
pub use terms::{
    Bands, Common, Discount, GrossCap, LowRevenue, MAX_BANDS, MAX_STEPS, Origin, Quality, Side, Steps,
    Termination, Terms, Threshold, Withhold,
};
pub use unread::unread;
