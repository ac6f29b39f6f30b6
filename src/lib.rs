//! Medicare alternative payment model arithmetic: QP thresholds, benchmarks and settlements.
//!
//! [`core`] is plain Rust; the `python` feature adds the bindings that the Python package is built on.

pub mod core;

#[cfg(feature = "python")]
mod py;
