//! The arithmetic a second time: slow, obvious, in `rust_decimal`, one step after the other. It explains
//! results, and property tests hold the kernels to it.

pub mod apm;
pub mod benchmark;
pub mod break_even;
pub mod conversion_factor;
mod corridor;
pub mod fee;
pub mod incentive;
pub mod mips;
pub mod qp;
pub mod settle;
pub mod target_price;
mod trace;
pub mod value_of_status;

pub(crate) use trace::dollars;
pub use trace::{Step, Trace};
