//! Columns of a determination, and the words that say why a criterion came out as it did or why a row could not be read.

/// Columns by the index that findings use.
pub const COLUMNS: [&str; 32] = [
    "performance_year",
    "payer",
    "authority",
    "expanded_medical_home",
    "cehrt_share",
    "cehrt_required",
    "cehrt_payment_adjustment",
    "quality_linked",
    "comparable_measure",
    "outcome_measure",
    "outcome_measure_comparable",
    "no_outcome_measure_available",
    "risk_form",
    "risk_trigger",
    "risk_of_revenue",
    "risk_of_expected",
    "maximum_loss",
    "revenue",
    "expected_expenditures",
    "full_capitation",
    "medical_home",
    "list_clinicians_mar_31",
    "list_clinicians_jun_30",
    "list_clinicians_aug_31",
    "organization_clinicians",
    "cpc_plus_round_1",
    "revenue_defined_risk",
    "marginal_bands",
    "program",
    "elected_cap",
    "beneficiary_months",
    "primary_care_revenue",
];
/// Place of the first of the three lists of clinicians.
pub const LISTS: usize = 21;
/// Columns whose values are shares of one.
pub const SHARES: [usize; 4] = [4, 14, 15, 29];
/// Columns that hold truth values.
pub const TRUTHS: [usize; 12] = [3, 5, 6, 7, 8, 9, 10, 11, 19, 20, 25, 26];
/// Columns that hold amounts of money.
pub const AMOUNTS: [usize; 4] = [16, 17, 18, 31];
/// Columns that hold words, as codes.
pub const WORDS: [usize; 6] = [1, 2, 12, 13, 27, 28];

macro_rules! reasons {
    ($($name:ident = $word:literal),+ $(,)?) => {
        #[allow(missing_docs, non_camel_case_types)] // each is its word
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum Why { #[default] None, $($name),+ }
        /// Words by code; the first is none.
        pub const WHYS: &[&str] = &["", $($word),+];
    };
}

reasons! {
    // Of the authority.
    NoSuchAuthority = "no_such_authority",
    MissingAuthority = "missing_authority",
    PayerNotCovered = "payer_not_covered",
    MissingPayer = "missing_payer",
    // Of certified EHR technology.
    BelowShare = "below_share_of_clinicians",
    NotRequired = "use_not_required",
    PaymentAdjustment = "payment_adjustment",
    MissingCehrt = "missing_cehrt",
    // Of quality.
    NotLinked = "not_linked_to_payment",
    NoComparableMeasure = "no_comparable_measure",
    NoOutcomeMeasure = "no_outcome_measure",
    OutcomeNotComparable = "outcome_measure_not_comparable",
    OutcomeException = "no_outcome_measure_available",
    MissingQuality = "missing_quality",
    // Of risk.
    OfRevenue = "share_of_revenue",
    OfExpected = "share_of_expected",
    EitherLimit = "either_limit",
    Unlimited = "unlimited",
    Home = "medical_home_share_of_revenue",
    Capitation = "full_capitation",
    Expanded = "expanded_medical_home",
    SizeTextContradicts = "size_text_contradicts",
    NoRisk = "no_risk",
    Form = "form_of_risk",
    BelowAmount = "below_nominal_amount",
    AboveSize = "above_size_limit",
    BelowMarginal = "below_marginal_risk",
    MissingMarginal = "missing_marginal_bands",
    MissingSize = "missing_clinicians",
    MissingForm = "missing_form_of_risk",
    MissingAmount = "missing_amount_of_risk",
    DependsOnRevenue = "depends_on_revenue",
    DependsOnElection = "depends_on_election",
    MissingHome = "missing_medical_home",
    MissingCapitation = "missing_full_capitation",
}

/// Words of rows that could not be decided; 0 is no reason.
pub const REASONS: [&str; 12] = [
    "",
    "missing_input",
    "unknown_performance_year",
    "negative",
    "share_above_one",
    "not_finite",
    "overflow",
    "not_whole",
    "not_a_truth_value",
    "given_twice",
    "program_not_running",
    "unknown_word",
];
#[allow(missing_docs)] // each is its word
pub const MISSING_INPUT: u8 = 1;
#[allow(missing_docs)]
pub const UNKNOWN_YEAR: u8 = 2;
#[allow(missing_docs)]
pub const NEGATIVE: u8 = 3;
#[allow(missing_docs)]
pub const SHARE_ABOVE_ONE: u8 = 4;
#[allow(missing_docs)]
pub const NOT_FINITE: u8 = 5;
#[allow(missing_docs)]
pub const OVERFLOW: u8 = 6;
#[allow(missing_docs)]
pub const NOT_WHOLE: u8 = 7;
#[allow(missing_docs)]
pub const NOT_TRUTH: u8 = 8;
#[allow(missing_docs)]
pub const GIVEN_TWICE: u8 = 9;
#[allow(missing_docs)]
pub const NOT_RUNNING: u8 = 10;
#[allow(missing_docs)]
pub const UNKNOWN_WORD: u8 = 11;

/// What is wrong with a column, and what to do.
#[must_use]
pub fn describe(reason: u8) -> (&'static str, &'static str) {
    match reason {
        UNKNOWN_YEAR => (
            "not a year of the criteria",
            "42 CFR 414.1415 begins with performance year 2017, 414.1420 (other payers) with 2019",
        ),
        NEGATIVE => ("negative", "Amounts, counts and shares cannot be below zero"),
        SHARE_ABOVE_ONE => (
            "above 1",
            "Give a share of one, not a percentage; risk above the whole of revenue goes in as `maximum_loss` and \
             `revenue` in dollars",
        ),
        NOT_FINITE => ("NaN or infinite", "Use null for a missing value"),
        OVERFLOW => ("too large", "The largest amount is 9.2e16 dollars: check the unit"),
        NOT_WHOLE => ("not a whole number", "Clinicians and years are whole numbers"),
        NOT_TRUTH => ("neither true nor false", "Give a truth value, or 0 and 1"),
        UNKNOWN_WORD => ("not a word that the column takes", "See the documentation of `advanced_apm`"),
        NOT_RUNNING => ("not an arrangement of its program in the year", "See `models(year)` for what ran"),
        GIVEN_TWICE => {
            ("given beside dollars that say the same", "Give the share, or `maximum_loss` and its base")
        }
        _ => ("missing", "Give a value"),
    }
}
