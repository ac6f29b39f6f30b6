//! Which circumstance decided a settlement, or why a row has none.

macro_rules! columns {
    ($($name:ident = $word:literal,)+) => {
        /// Columns by the index that findings use.
        pub const COLUMNS: [&str; [$($word),+].len()] = [$($word),+];
        /// Index of each column.
        #[allow(missing_docs)] // each is its name
        pub mod column {
            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            enum At { $($name),+ }
            $(pub const $name: usize = At::$name as usize;)+
        }
    };
}

columns! {
    BENCHMARK = "benchmark",
    EXPENDITURES = "expenditures",
    BENEFICIARIES = "beneficiaries",
    TRACK = "track",
    PERFORMANCE_YEAR = "performance_year",
    QUALITY_SCORE = "quality_score",
    QUALITY_STANDARD_MET = "quality_standard_met",
    ALTERNATIVE_STANDARD_MET = "alternative_standard_met",
    ELECTED_RATE = "elected_rate",
    PARTICIPANT_REVENUE = "participant_revenue",
    LOW_REVENUE = "low_revenue",
    AGREEMENT_START = "agreement_start",
    DISASTER_RELIEF = "disaster_relief",
    GUARDRAIL = "guardrail",
    HALF_YEAR = "half_year",
    TERMINATION_DATE = "termination_date",
    TERMINATED_BY_CMS = "terminated_by_cms",
    DISASTER_MONTH_SHARE = "disaster_month_share",
    DISASTER_BENEFICIARY_SHARE = "disaster_beneficiary_share",
    PAYMENT_DATE = "payment_date",
    TWO_SIDED_YEAR = "two_sided_year",
    SMALL_BENCHMARK_YEAR = "small_benchmark_year",
    ADVANCE_BALANCE = "advance_balance",
    DISCOUNT = "discount",
    ELECTED_CAP = "elected_cap",
    BENCHMARK_FINAL = "benchmark_final",
    BENCHMARK_BONUS = "benchmark_bonus",
    GEOGRAPHIC_FACTOR = "geographic_factor",
    PAYMENT_ADJUSTMENT = "payment_adjustment",
}

/// How many columns, from the first, every settlement needs.
pub const NEEDED: usize = 5;

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
    /// The agreement ended within the year: no savings, or no losses, are shared (42 CFR 425.221(b)).
    EARLY_TERMINATION = "early_termination": "", "";
    /// A lesser limit holds for so small an ACO, which is not known; settled without it (42 CFR 425.605, from 2027).
    SMALL_BENCHMARK_LIMIT_NOT_APPLIED = "small_benchmark_limit_not_applied": "", "";
    /// Spending between the targets of savings and of losses: nothing is shared or owed.
    NEUTRAL_ZONE = "neutral_zone": "", "";
    /// Savings or losses beyond the cap on what is shared of them.
    GROSS_CAP = "gross_cap": "", "";
    /// The revenue-based limit of savings binds.
    REVENUE_PAYMENT_LIMIT = "revenue_payment_limit": "", "";
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
        "See `arrangement.models()` for what is";
    /// The rule book has no terms for the year.
    UNKNOWN_YEAR = "unknown_performance_year": "not modelled", "See `arrangement.models()` for the years";
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
        "See the rule `minimum_rate.elections` of the program, if it has a menu; null means that none was elected";
    /// An election where there is none to make.
    NO_ELECTION = "no_election_without_risk": "given for an arrangement without downside risk",
        "One-sided levels use the size scale: give null";
    /// Not a date.
    NOT_A_DATE = "not_a_date": "not a date",
        "Give a date; for the start of an agreement the year alone stands for 1 January";
    /// A performance year under two-sided risk counts from one.
    BELOW_ONE = "below_one": "below 1", "The first performance year under two-sided risk is 1";
    /// One share of relief without the other.
    UNPAIRED_RELIEF_SHARE = "unpaired_relief_share": "null beside the other share of disaster relief",
        "Relief is the loss times both shares: give both or neither";
    /// Relief as an amount and as shares.
    RELIEF_GIVEN_TWICE = "relief_given_twice": "given beside the shares of disaster relief",
        "Give the amount or the shares, not both";
    /// An agreement that ends in another year.
    TERMINATION_OUTSIDE_YEAR = "termination_outside_year": "outside the performance year",
        "Give the date only in the year in which the agreement ended";
    /// Early termination within a six-month period.
    TERMINATION_IN_HALF_YEAR = "termination_in_half_year": "given for a six-month period",
        "Early termination within a half year is not modelled: settle it by hand";
    /// Early termination under a program without rules for it.
    NO_TERMINATION_RULE = "no_termination_rule": "given, but the program has no rule of early termination",
        "Add `termination.voluntary_savings_from` and `termination.losses` with `rules=`, or give null";
    /// A half year where there were none.
    NO_HALF_YEAR = "no_half_year": "true in a year without six-month periods",
        "Only performance year 2019 of the Shared Savings Program had them";
    /// A date of payment under a program without rates by date.
    NO_PAYMENT_DATES = "no_payment_dates": "given, but the program has no sequestration by date of payment",
        "Add `sequestration.payment_dates` with `rules=`, or give null";
    /// A discount outside what the program allows.
    DISCOUNT_OUT_OF_RANGE = "discount_out_of_range": "outside the discounts of the program",
        "See the rules `discount.lowest` and `discount.highest` of the program";
    /// A discount given where the rule book holds it.
    NO_GIVEN_DISCOUNT = "no_given_discount": "given, but the discount of the arrangement is in the rule book",
        "Give null; set `discount` with `rules=` for another one";
    /// A cap outside what may be elected.
    CAP_OUT_OF_RANGE = "cap_out_of_range": "outside the caps that can be elected",
        "See the rules `elected_cap.lowest` and `elected_cap.highest` of the program";
    /// A cap elected where there is none.
    NO_CAP_ELECTION = "no_cap_election": "given for an arrangement without an elected cap", "Give null";
    /// A benchmark after discount where terms need the one before.
    NOT_FROM_FINAL = "not_from_final_benchmark": "true, but terms of the arrangement count on the benchmark before discount",
        "Give the benchmark before discount";
    /// A break-even of a program whose payments do not depend on expenditures.
    NO_BREAK_EVEN = "no_break_even": "of a program that pays fees", "Fees do not depend on expenditures: settle them";
    /// A factor of local prices that none reaches.
    FACTOR_TOO_LARGE = "factor_too_large": "too large for a factor", "Factors are about 1: 3 % above is 1.03";
}

/// First of the reasons that make a row invalid.
pub const FIRST_INVALID: u8 = MISSING_COLUMN;
/// First of the reasons that leave a row without a settlement.
pub const FIRST_NULL: u8 = MISSING_INPUT;
