//! Reasons of a row of fees without a settlement, and what is wrong with a column.

/// Words by code; 0 is no reason.
pub const REASONS: [&str; 16] = [
    "",
    "missing_input",
    "unknown_track",
    "unknown_performance_year",
    "negative",
    "share_above_one",
    "not_finite",
    "overflow",
    "not_whole",
    "hybrid_share_not_on_menu",
    "adjustment_out_of_range",
    "no_such_payment",
    "given_twice",
    "unknown_level",
    "not_true_or_false",
    "factor_too_large",
];
#[allow(missing_docs)] // each is its word
pub const MISSING_INPUT: u8 = 1;
#[allow(missing_docs)]
pub const UNKNOWN_TRACK: u8 = 2;
#[allow(missing_docs)]
pub const UNKNOWN_YEAR: u8 = 3;
#[allow(missing_docs)]
pub const NEGATIVE: u8 = 4;
#[allow(missing_docs)]
pub const SHARE_ABOVE_ONE: u8 = 5;
#[allow(missing_docs)]
pub const NOT_FINITE: u8 = 6;
#[allow(missing_docs)]
pub const OVERFLOW: u8 = 7;
#[allow(missing_docs)]
pub const NOT_WHOLE: u8 = 8;
#[allow(missing_docs)]
pub const NOT_ON_MENU: u8 = 9;
#[allow(missing_docs)]
pub const OUT_OF_RANGE: u8 = 10;
#[allow(missing_docs)]
pub const NO_SUCH_PAYMENT: u8 = 11;
#[allow(missing_docs)]
pub const GIVEN_TWICE: u8 = 12;
#[allow(missing_docs)]
pub const UNKNOWN_LEVEL: u8 = 13;
#[allow(missing_docs)]
pub const NOT_TRUTH: u8 = 14;
#[allow(missing_docs)]
pub const FACTOR_TOO_LARGE: u8 = 15;

/// What is wrong with a column, and what to do.
#[must_use]
pub fn describe(reason: u8) -> (&'static str, &'static str) {
    match reason {
        UNKNOWN_TRACK => ("not of the program in its year", "See `rules.show` of the program's arrangements"),
        UNKNOWN_YEAR => ("not modelled", "See `rules.show` of the program's arrangements for the years"),
        NEGATIVE => ("negative", "Amounts, counts and scores cannot be below zero"),
        SHARE_ABOVE_ONE => ("above 1", "Give a share of one"),
        NOT_FINITE => ("NaN or infinite", "Use null for a missing value"),
        OVERFLOW => ("too large", "The largest amount is 9.2e16 dollars: check the unit"),
        NOT_WHOLE => ("not a whole number", "Months, counts and years are whole numbers"),
        NOT_ON_MENU => ("not on the menu of hybrid shares", "See the rule `hybrid.elections` of the program"),
        OUT_OF_RANGE => {
            ("outside the adjustments of the program", "See the rules `revenue.lowest` and `.highest`")
        }
        NO_SUCH_PAYMENT => ("given, but the arrangement has no such payment", "Give null"),
        GIVEN_TWICE => ("given beside what it is computed from", "Give one of the two, and null for the other"),
        UNKNOWN_LEVEL => {
            ("not a group or level of the program", "See its rules `population_payment` and `revenue`")
        }
        NOT_TRUTH => ("neither true nor false", "Give truth values, or 0 and 1"),
        FACTOR_TOO_LARGE => ("too large for a factor", "Factors are about 1: 3 % above is 1.03"),
        _ => ("missing", "Give a value"),
    }
}
