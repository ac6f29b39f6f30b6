//! Why a payer is left out, and why a score is missing or not as it was given.

/// Words for the reason codes, by code; code 0 is no reason.
pub const REASONS: [&str; 15] = [
    "",
    "excluded_payer",
    "no_medicaid_model",
    "ineligible_specialty",
    "entity_score_weighted",
    "all_payer_not_available",
    "after_request_due",
    "insufficient_information",
    "missing_input",
    "unknown_payer",
    "not_finite",
    "overflow",
    "not_whole",
    "negative",
    "numerator_above_denominator",
];

/// A payer that is never counted (414.1440(a)(1)).
pub const EXCLUDED_PAYER: u8 = 1;
/// Medicaid where no Medicaid APM or Medicaid Medical Home Model is available (414.1440(a)(2)).
pub const NO_MEDICAID_MODEL: u8 = 2;
/// Medicaid for a specialty that such a model does not take (414.1440(a)(2)).
pub const INELIGIBLE_SPECIALTY: u8 = 3;
/// The entity's Medicare score stands in for a lower own one (414.1440(d)(3)).
pub const ENTITY_SCORE_WEIGHTED: u8 = 4;
/// The year has no All-Payer Combination Option.
pub const ALL_PAYER_NOT_AVAILABLE: u8 = 5;
/// Submitted after the day on which it was due (414.1440(e)(4)).
pub const AFTER_REQUEST_DUE: u8 = 6;
/// An amount of a counted payer is null: no determination (414.1440(f)).
pub const INSUFFICIENT_INFORMATION: u8 = 7;
/// A value is null that says whether the payer counts.
pub const MISSING_INPUT: u8 = 8;
/// First of the reasons that make a row invalid.
pub const FIRST_INVALID: u8 = UNKNOWN_PAYER;
/// Not one of the payers' words.
pub const UNKNOWN_PAYER: u8 = 9;
/// NaN or an infinity.
pub const NOT_FINITE: u8 = 10;
/// Too large for 64 bits of cents.
pub const OVERFLOW: u8 = 11;
/// A fraction of a person.
pub const NOT_WHOLE: u8 = 12;
/// Below zero.
pub const NEGATIVE: u8 = 13;
/// The part exceeds the whole.
pub const NUMERATOR_ABOVE_DENOMINATOR: u8 = 14;

/// What is wrong with a column, and what to do, for an error message.
#[must_use]
pub fn describe(reason: u8) -> (&'static str, &'static str) {
    match reason {
        UNKNOWN_PAYER => (
            "not a kind of payer",
            "Use medicare, medicaid, medicare_advantage, commercial, dod, va, multi_payer or other",
        ),
        NOT_FINITE => ("NaN or infinite", "Use null for a missing value"),
        OVERFLOW => ("too large", "The largest amount is 9.2e16 dollars: check the unit"),
        NOT_WHOLE => ("not a whole number", "Patients are whole numbers"),
        NEGATIVE => ("negative", "Payments and patient counts are sums and cannot be below zero"),
        NUMERATOR_ABOVE_DENOMINATOR => (
            "numerator above denominator",
            "What was paid or seen under APMs is part of the total (42 CFR 414.1440(b), (c))",
        ),
        _ => ("missing", "Give a value"),
    }
}
