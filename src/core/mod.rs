//! The arithmetic and the rule book, in plain Rust: nothing in here knows of the bindings.

pub mod apm;
pub mod benchmark;
pub mod date;
pub mod error;
pub mod fee;
pub mod incentive;
pub mod kcc;
pub mod kernel;
pub mod mips;
pub mod npi;
pub mod outlook;
pub mod overrides;
pub mod programs;
pub mod puf;
pub mod qp;
pub mod reach;
pub mod reconcile;
pub mod reference;
pub mod round;
pub mod rows;
pub mod rulebook;
pub mod settle;
pub mod target_price;
pub mod value_of_status;
pub mod wide;
pub mod winsorise;
