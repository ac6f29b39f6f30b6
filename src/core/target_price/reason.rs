//! Why a row has no target price, and what is wrong with a column.

/// Words by code; 0 is no reason.
pub const REASONS: [&str; 14] = [
    "",
    "missing_input",
    "unknown_performance_year",
    "unknown_episode_category",
    "negative",
    "not_positive",
    "share_above_one",
    "not_finite",
    "overflow",
    "not_whole",
    "factor_too_large",
    "no_such_factor",
    "not_true_or_false",
    "given_twice",
];

/// A value that decides is null.
pub const MISSING_INPUT: u8 = 1;
/// The program had no target price in the year.
pub const UNKNOWN_YEAR: u8 = 2;
/// The category has no discount of its own in the year.
pub const UNKNOWN_CATEGORY: u8 = 3;
/// Below zero.
pub const NEGATIVE: u8 = 4;
/// A divisor or a price that is zero or below.
pub const NOT_POSITIVE: u8 = 5;
/// A share above one.
pub const SHARE_ABOVE_ONE: u8 = 6;
/// NaN or infinite.
pub const NOT_FINITE: u8 = 7;
/// Too large to be counted.
pub const OVERFLOW: u8 = 8;
/// A fraction of a person, a month or an episode.
pub const NOT_WHOLE: u8 = 9;
/// A ratio that no ratio of spending or risk reaches.
pub const FACTOR_TOO_LARGE: u8 = 10;
/// A factor that the program's price does not have.
pub const NO_SUCH_FACTOR: u8 = 11;
/// Neither yes nor no.
pub const NOT_TRUTH: u8 = 12;
/// Beside what it is computed from.
pub const GIVEN_TWICE: u8 = 13;

/// What is wrong with a column, and what to do.
#[must_use]
pub fn describe(reason: u8) -> (&'static str, &'static str) {
    match reason {
        UNKNOWN_YEAR => ("not modelled", "See `rules.show` of the program's `target_price` for its years"),
        UNKNOWN_CATEGORY => ("not of the program", "See `rules.show` of the program's `target_discount`"),
        NEGATIVE => ("negative", "Prices, counts and ratios cannot be below zero"),
        NOT_POSITIVE => ("not above 0", "The price is made of it, or divided by it"),
        SHARE_ABOVE_ONE => ("above 1", "Give a share of one"),
        NOT_FINITE => ("NaN or infinite", "Use null for a missing value"),
        OVERFLOW => ("too large", "Check the units: prices are dollars"),
        NOT_WHOLE => ("not a whole number", "Months, episodes and years are whole numbers"),
        FACTOR_TOO_LARGE => ("too large for a ratio", "Ratios are about 1: write a growth of 3 % as 1.03"),
        NO_SUCH_FACTOR => ("given, but the program's price has no such factor", "Drop the column, or give null"),
        NOT_TRUTH => ("neither true nor false", "Give truth values, or 0 and 1"),
        GIVEN_TWICE => ("given beside what it is computed from", "Give one of the two, and drop the other"),
        _ => ("missing", "Give a value"),
    }
}
