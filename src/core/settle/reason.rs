//! Which circumstance decided a settlement, or why a row has none.

/// Columns by the index that findings use.
pub const COLUMNS: [&str; 14] = [
    "benchmark",
    "expenditures",
    "beneficiaries",
    "track",
    "performance_year",
    "quality_score",
    "quality_standard_met",
    "alternative_standard_met",
    "elected_rate",
    "participant_revenue",
    "low_revenue",
    "agreement_start",
    "disaster_relief",
    "guardrail",
];

macro_rules! reasons {
    ($($(#[$meta:meta])* $name:ident = $word:literal: $problem:literal, $remedy:literal;)+) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[repr(u8)]
        enum Code { $($name),+ }
        $($(#[$meta])* pub const $name: u8 = Code::$name as u8;)+
        /// Words for the reason codes, by code; code 0 is no reason.
        pub const REASONS: &[&str] = &[$($word),+];
        /// What is wrong with a column, and what to do, for an error message.
        #[must_use]
        pub fn describe(reason: u8) -> (&'static str, &'static str) {
            const TEXT: &[(&str, &str)] = &[$(($problem, $remedy)),+];
            TEXT.get(usize::from(reason)).copied().unwrap_or(("", ""))
        }
    };
}

reasons! {
    /// Nothing special: shared or owed at the full rate.
    PLAIN = "": "", "";
    /// Savings below the minimum savings rate.
    WITHIN_MINIMUM_SAVINGS_RATE = "within_minimum_savings_rate": "", "";
    /// Losses below the minimum loss rate.
    WITHIN_MINIMUM_LOSS_RATE = "within_minimum_loss_rate": "", "";
    /// Losses of an arrangement without downside risk.
    NO_DOWNSIDE_RISK = "no_downside_risk": "", "";
    /// Savings past the minimum rate, but no quality standard met.
    QUALITY_STANDARD_NOT_MET = "quality_standard_not_met": "", "";
    /// The guardrail's two-way benchmark creates no savings (42 CFR 425.652(b)(5)).
    GUARDRAIL = "guardrail": "", "";
    /// Half rate of a low-revenue ACO below the minimum savings rate (42 CFR 425.605(h)).
    LOW_REVENUE_HALF_RATE = "low_revenue_half_rate": "", "";
    /// The performance payment limit binds.
    PAYMENT_LIMIT = "payment_limit": "", "";
    /// The benchmark-based loss limit binds.
    BENCHMARK_LOSS_LIMIT = "benchmark_loss_limit": "", "";
    /// The revenue-based loss limit binds.
    REVENUE_LOSS_LIMIT = "revenue_loss_limit": "", "";
    /// A loss with a revenue-based limit, settled without it because revenue is null.
    REVENUE_LIMIT_NOT_APPLIED = "revenue_limit_not_applied": "", "";
    /// A value that this row needs is null.
    MISSING_INPUT = "missing_input": "missing", "Give a value";
    /// Fewer beneficiaries than the size scale of the minimum savings rate reaches.
    BELOW_SIZE_SCALE = "below_size_scale": "below the size scale", "No minimum savings rate is published";
    /// First invalid: a column that these rows need is absent.
    MISSING_COLUMN = "missing_column": "absent, and needed", "Give the column; `columns=` maps other names";
    /// Below zero.
    NEGATIVE = "negative": "negative", "Amounts, counts and rates here cannot be below zero";
    /// The benchmark is zero.
    NO_BENCHMARK = "no_benchmark": "zero", "A benchmark is the denominator of the savings rate: give its amount";
    /// The arrangement is unknown or did not run in the year.
    UNKNOWN_TRACK = "unknown_track": "not modelled for its performance year",
        "See `rules.show(\"mssp.arrangements\")` for what is";
    /// The rule book has no terms for the year.
    UNKNOWN_YEAR = "unknown_performance_year": "not modelled", "See `rules.show(\"mssp.arrangements\")` for the years";
    /// NaN or an infinity.
    NOT_FINITE = "not_finite": "NaN or infinite", "Use null for a missing value";
    /// Too large.
    OVERFLOW = "overflow": "too large", "The largest amount is 9.2e16 dollars: check the unit";
    /// A fraction of something whole.
    NOT_WHOLE = "not_whole": "not a whole number", "Counts, years and cents are whole numbers";
    /// A share above one.
    SHARE_ABOVE_ONE = "share_above_one": "above 1", "Give a share of one: 85 % is 0.85";
    /// Not 0 or 1.
    NOT_A_TRUTH_VALUE = "not_a_truth_value": "neither true nor false", "Give a boolean, or 0 and 1";
    /// A rate that the program does not offer.
    NOT_ON_MENU = "election_not_on_menu": "not on the menu of minimum rates",
        "See `rules.show(\"mssp.minimum_rate.elections\")`; null means the size scale";
    /// An election where there is none to make.
    NO_ELECTION = "no_election_without_risk": "given for an arrangement without downside risk",
        "One-sided levels use the size scale: give null";
    /// Not a date.
    NOT_A_DATE = "not_a_date": "not a year or a date", "Give a date, or the year of a 1 January start";
}

/// First of the reasons that make a row invalid.
pub const FIRST_INVALID: u8 = MISSING_COLUMN;
/// First of the reasons that leave a row without a settlement.
pub const FIRST_NULL: u8 = MISSING_INPUT;
