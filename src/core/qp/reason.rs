//! Why a row of a QP determination has no status, or what a reader should know of the status it has.

/// Columns by the index that findings use.
pub const COLUMNS: [&str; 9] = [
    "payments_attributed",
    "payments_eligible",
    "patients_attributed",
    "patients_eligible",
    "performance_year",
    "all_payer_payments_apm",
    "all_payer_payments_total",
    "all_payer_patients_apm",
    "all_payer_patients_total",
];

/// Words for the reason codes, by code; code 0 is no reason.
pub const REASONS: [&str; 12] = [
    "",
    "missing_input",
    "no_denominator",
    "medicare_minimum_not_met",
    "all_payer_not_available",
    "negative",
    "numerator_above_denominator",
    "unknown_performance_year",
    "not_finite",
    "overflow",
    "not_whole",
    "unpaired_null",
];

/// A value that a threshold needs is null.
pub const MISSING_INPUT: u8 = 1;
/// No method has a denominator: the status is `none`.
pub const NO_DENOMINATOR: u8 = 2;
/// An all-payer threshold is met, but not the Medicare minimum that opens the option (42 CFR 414.1430(b)).
pub const MEDICARE_MINIMUM_NOT_MET: u8 = 3;
/// All-payer figures are given for a year before the option began.
pub const ALL_PAYER_NOT_AVAILABLE: u8 = 4;
/// First of the reasons that make a row invalid.
pub const FIRST_INVALID: u8 = NEGATIVE;
/// A payment or a count is below zero.
pub const NEGATIVE: u8 = 5;
/// The numerator exceeds its denominator.
pub const NUMERATOR_ABOVE_DENOMINATOR: u8 = 6;
/// The rule book has no thresholds for the year.
pub const UNKNOWN_YEAR: u8 = 7;
/// NaN or an infinity.
pub const NOT_FINITE: u8 = 8;
/// Too large for 64 bits of cents.
pub const OVERFLOW: u8 = 9;
/// A fraction of a person, a cent or a year.
pub const NOT_WHOLE: u8 = 10;
/// One of a pair of all-payer columns is null and the other is not.
pub const UNPAIRED_NULL: u8 = 11;

/// What is wrong with a column, and what to do, for an error message.
#[must_use]
pub fn describe(reason: u8) -> (&'static str, &'static str) {
    match reason {
        NEGATIVE => ("negative", "Payments and patient counts are sums and cannot be below zero"),
        NUMERATOR_ABOVE_DENOMINATOR => (
            "numerator above denominator",
            "The attributed part cannot exceed the eligible whole (42 CFR 414.1435): check that the columns are \
             not exchanged",
        ),
        UNKNOWN_YEAR => (
            "performance year without thresholds in the rule book",
            "See `rules.show(\"qp.medicare.payment_amount.qp\")` for the years it covers",
        ),
        NOT_FINITE => ("NaN or infinite", "Use null for a missing value"),
        OVERFLOW => ("too large", "The largest amount is 9.2e16 dollars: check the unit"),
        NOT_WHOLE => ("not a whole number", "Counts, years and cents are whole numbers"),
        UNPAIRED_NULL => ("null beside a value", "Give both columns of an all-payer pair in a row, or neither"),
        _ => ("missing", "Give a value"),
    }
}
