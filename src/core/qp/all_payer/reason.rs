//! Why a payer is left out, and why a score is missing or not as it was given.

/// Words for the reason codes, by code; code 0 is no reason.
pub const REASONS: [&str; 18] = [
    "",
    "excluded_payer",
    "no_medicaid_model",
    "ineligible_specialty",
    "entity_score_weighted",
    "no_entity_score",
    "identical_row",
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
    "duplicate_medicare",
];

/// A payer that is never counted (414.1440(a)(1)).
pub const EXCLUDED_PAYER: u8 = 1;
/// Medicaid where no Medicaid APM or Medicaid Medical Home Model is available (414.1440(a)(2)).
pub const NO_MEDICAID_MODEL: u8 = 2;
/// Medicaid for a specialty that such a model does not take (414.1440(a)(2)).
pub const INELIGIBLE_SPECIALTY: u8 = 3;
/// The entity's Medicare score stands in for a lower own one (414.1440(d)(3)).
pub const ENTITY_SCORE_WEIGHTED: u8 = 4;
/// An entity is named, and has no Medicare score in the window that could stand in.
pub const NO_ENTITY_SCORE: u8 = 5;
/// A counted row equal to one before it in everything that is read.
pub const IDENTICAL_ROW: u8 = 6;
/// The year has no All-Payer Combination Option.
pub const ALL_PAYER_NOT_AVAILABLE: u8 = 7;
/// Submitted after the day on which it was due (414.1440(e)(4)).
pub const AFTER_REQUEST_DUE: u8 = 8;
/// An amount of a counted payer is null: no determination (414.1440(f)).
pub const INSUFFICIENT_INFORMATION: u8 = 9;
/// A value is null that says whether the payer counts.
pub const MISSING_INPUT: u8 = 10;
/// First of the reasons that make a row invalid.
pub const FIRST_INVALID: u8 = UNKNOWN_PAYER;
/// Not one of the payers' words.
pub const UNKNOWN_PAYER: u8 = 11;
/// NaN or an infinity.
pub const NOT_FINITE: u8 = 12;
/// Too large for 64 bits of cents.
pub const OVERFLOW: u8 = 13;
/// A fraction of a person.
pub const NOT_WHOLE: u8 = 14;
/// Below zero.
pub const NEGATIVE: u8 = 15;
/// The part exceeds the whole.
pub const NUMERATOR_ABOVE_DENOMINATOR: u8 = 16;
/// A second Medicare row of one subject in one window.
pub const DUPLICATE_MEDICARE: u8 = 17;

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
        DUPLICATE_MEDICARE => (
            "a second Medicare row",
            "One Medicare row for each entity, clinician or TIN and window: keep the one that CMS would use",
        ),
        _ => ("missing", "Give a value"),
    }
}
