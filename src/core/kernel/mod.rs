//! What every block kernel shares: columns read tile by tile, run-time choice of instruction set, threads,
//! and the list of what was found wrong.

mod column;
mod findings;
mod outputs;
mod pool;
mod simd;

pub use column::{
    Borrowed, Column, Conversion, Element, Lanes, MISSING, NOT_FINITE, NOT_WHOLE, OVERFLOW, Values, View,
    common_rows, convert, distinct,
};
pub use findings::{Finding, Findings};
pub(crate) use outputs::{outputs, set};
pub use pool::{for_each_chunk, threads_for};
pub(crate) use simd::dispatch;
pub use simd::{Level, best, level};

/// Rows gathered and computed at a time: ten such columns of `i64` stay in a second-level cache.
pub const TILE: usize = 2048;
/// Rows that one task takes at a time.
pub const CHUNK: usize = 32 * TILE;
