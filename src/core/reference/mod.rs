//! The arithmetic a second time: slow, obvious, in `rust_decimal`, one step after the other. It explains
//! results, and property tests hold the kernels to it.

pub mod apm;
pub mod benchmark;
pub mod break_even;
mod corridor;
pub mod fee;
pub mod qp;
pub mod settle;
mod trace;

pub use trace::{Step, Trace};
