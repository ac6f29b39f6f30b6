//! Target prices and benchmarks of models other than the Shared Savings Program: a baseline price, blended, trended,
//! risk adjusted and, where the discount is in the price, discounted, times months or episodes. The methodology papers
//! of Next Generation ACO, Comprehensive ESRD Care, the oncology models and ACO REACH; 42 CFR 510.300 and 512.540 to
//! 512.545. Money in cents, ratios in parts per billion.

mod columns;
mod quality;
pub mod reason;
mod row;
mod run;
mod terms;

pub use columns::*;
pub use quality::composite_score;
pub use row::{Priced, Row, Wrong, price, retrospective_trend, risk_ratio};
pub use run::{Inputs, Outputs, run, totals};
pub use terms::{Method, Points, TargetPlan, Terms, programs};
