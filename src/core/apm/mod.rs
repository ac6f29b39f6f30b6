//! Whether an arrangement is an Advanced APM (42 CFR 414.1410, 414.1415) or an Other Payer Advanced APM (414.1420), by its
//! terms: authority, certified EHR technology, quality measures, financial risk; and a catalogue of models by year.
//! Shares in parts per billion, money in cents; every comparison is exact and "meets or exceeds".

pub mod catalogue;
mod criteria;
mod decide;
mod exposure;
mod levels;
pub mod reason;
mod risk;
mod row;
mod run;

pub use criteria::{Criteria, Home, Payer, Plan, SizeTest};
pub use decide::{Decision, decide, verdict_and, verdict_or};
pub use exposure::{Exposure, Limits};
pub use levels::{Levels, Marginal};
pub use row::{Facts, Given, Row};
pub use run::{Inputs, NULL, Outcome, row_of, run};

/// What an arrangement comes to under a criterion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    /// It falls short.
    Fail,
    /// It meets the criterion.
    Pass,
    /// The terms given do not say.
    #[default]
    Unknown,
}

impl Verdict {
    /// Of a truth value, which may be missing.
    #[must_use]
    pub fn of(truth: Option<bool>) -> Self {
        match truth {
            Some(true) => Self::Pass,
            Some(false) => Self::Fail,
            None => Self::Unknown,
        }
    }
}

/// Words of a criterion by [`Verdict`].
pub const VERDICTS: [&str; 3] = ["fail", "pass", "unknown"];
/// Words of the whole.
pub const ANSWERS: [&str; 3] = ["no", "yes", "unknown"];
/// Who pays; the first is tested under 414.1415, the others under 414.1420.
pub const PAYERS: [&str; 5] = ["medicare", "medicaid", "medicare_advantage", "cms_multi_payer", "commercial"];
/// Place of Medicaid among [`PAYERS`].
pub const MEDICAID: i64 = 1;
/// On what authority a model of Medicare rests.
pub const AUTHORITIES: [&str; 6] = [
    "none",
    "cmmi_1115a",
    "health_care_innovation_award",
    "shared_savings_program",
    "demonstration_1866c",
    "federal_law_demonstration",
];
/// What the entity suffers; the last is for medical homes alone.
pub const FORMS: [&str; 5] = ["none", "withhold", "reduce_rates", "repay", "forgo_guaranteed_payment"];
/// What brings it about: actual expenditures above expected, or performance standards missed (medical homes).
pub const TRIGGERS: [&str; 2] = ["expenditures", "performance_standards"];
/// Standard of financial risk by which a row was decided.
pub const STANDARDS: [&str; 5] = ["", "general", "medical_home", "full_capitation", "expanded_medical_home"];

/// The code of a word in a list.
#[must_use]
pub fn code(words: &[&str], word: &str) -> Option<i64> {
    let plain = word.trim().to_lowercase().replace([' ', '-'], "_");
    words.iter().position(|known| *known == plain).map(|at| at as i64)
}
