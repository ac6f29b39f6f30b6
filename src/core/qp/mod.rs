//! Is an entity or clinician a Qualifying APM Participant (QP), a Partial QP, or neither? 42 CFR 414.1425,
//! 414.1430, 414.1435 and 414.1440: two methods, thresholds by performance year, the better status wins, and
//! the All-Payer Combination Option may raise it. Money in cents, people in whole numbers.

pub mod all_payer;
pub mod clinicians;
pub mod mips;
mod plan;
pub mod reason;
mod row;
mod run;
mod tile;

pub use plan::{Plan, Thresholds, Year};
pub use row::{
    Determination, METHODS, NONE, NOT_NEEDED, NULL, OPTIONS, PARTIAL_QP, Pair, QP, Row, STATUSES, determine,
    meets, needed,
};
pub use run::{Inputs, Outputs, run, run_at};
