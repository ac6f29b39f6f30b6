//! The arithmetic and the rule book, in plain Rust: nothing in here knows of the bindings.

pub mod benchmark;
pub mod date;
pub mod error;
pub mod fee;
pub mod kcc;
pub mod kernel;
pub mod npi;
pub mod puf;
pub mod qp;
pub mod reach;
pub mod reconcile;
pub mod reference;
pub mod round;
pub mod rulebook;
pub mod settle;
