//! Columns of a benchmark by name and place, the enrollment types, and what values a column may hold.

/// One number for each enrollment type, in the order of [`TYPES`].
pub type Four = [f64; 4];

/// Medicare enrollment types, in CMS's order.
pub const TYPES: [&str; 4] = ["esrd", "disabled", "aged_dual", "aged_nondual"];

/// Place of a type under its own name or one that CMS uses.
#[must_use]
pub fn type_code(name: &str) -> Option<usize> {
    let plain: String = name.trim().to_lowercase().replace([' ', '-', '/'], "_");
    match plain.as_str() {
        "esrd" => Some(0),
        "disabled" | "dis" => Some(1),
        "aged_dual" | "agdu" | "aged_dual_eligible" => Some(2),
        "aged_nondual" | "agnd" | "aged_non_dual" | "aged_non_dual_eligible" => Some(3),
        _ => None,
    }
}

/// What a column may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Dollars, people or a ratio: not negative.
    Amount,
    /// A number by which the chain divides: above zero.
    Divisor,
    /// A part of one.
    Share,
    /// Dollars or growth of either sign.
    Signed,
    /// A whole number from one.
    Ordinal,
    /// A whole number from zero.
    Count,
}

macro_rules! places {
    ($($(#[$meta:meta])* $place:ident = $name:literal: $kind:ident;)+) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Place { $($place),+ }
        $($(#[$meta])* pub const $place: usize = Place::$place as usize;)+
        /// Names by place.
        pub const COLUMNS: [&str; N] = [$($name),+];
        /// What each may hold.
        pub const KINDS: [super::Kind; N] = [$(super::Kind::$kind),+];
        /// Number of columns.
        pub const N: usize = [$($name),+].len();
    };
}

/// Columns of a row for each entity and enrollment type.
pub mod cell {
    places! {
        /// Per capita expenditures, annualised, truncated, completed.
        PER_CAPITA_BY1 = "per_capita_by1": Amount;
        /// The same in the second base year.
        PER_CAPITA_BY2 = "per_capita_by2": Amount;
        /// The same in the third.
        PER_CAPITA_BY3 = "per_capita_by3": Amount;
        /// Mean HCC risk score, 1 for the national assignable population.
        RISK_SCORE_BY1 = "risk_score_by1": Divisor;
        /// The same in the second base year.
        RISK_SCORE_BY2 = "risk_score_by2": Divisor;
        /// The same in the third.
        RISK_SCORE_BY3 = "risk_score_by3": Divisor;
        /// The same in the performance year.
        RISK_SCORE_PY = "risk_score_py": Divisor;
        /// Mean demographic risk score.
        DEMOGRAPHIC_SCORE_BY3 = "demographic_score_by3": Divisor;
        /// The same in the performance year.
        DEMOGRAPHIC_SCORE_PY = "demographic_score_py": Divisor;
        /// Newly assigned part of the performance year's person years.
        NEWLY_ASSIGNED_SHARE_PY = "newly_assigned_share_py": Share;
        /// Person years of assigned beneficiaries.
        PERSON_YEARS_BY3 = "person_years_by3": Amount;
        /// The same in the performance year.
        PERSON_YEARS_PY = "person_years_py": Amount;
        /// National per capita expenditures of assignable beneficiaries.
        NATIONAL_BY1 = "national_by1": Divisor;
        /// The same in the second base year.
        NATIONAL_BY2 = "national_by2": Divisor;
        /// The same in the third.
        NATIONAL_BY3 = "national_by3": Divisor;
        /// The same in the performance year.
        NATIONAL_PY = "national_py": Divisor;
        /// Risk-adjusted regional per capita expenditures.
        REGIONAL_BY1 = "regional_by1": Divisor;
        /// The same in the second base year.
        REGIONAL_BY2 = "regional_by2": Divisor;
        /// The same in the third.
        REGIONAL_BY3 = "regional_by3": Divisor;
        /// The same in the performance year.
        REGIONAL_PY = "regional_py": Divisor;
        /// Weight of the national component: the ACO's market share.
        NATIONAL_WEIGHT_BY3 = "national_weight_by3": Share;
        /// The same in the performance year.
        NATIONAL_WEIGHT_PY = "national_weight_py": Share;
        /// Mean HCC risk score of the region.
        REGIONAL_RISK_SCORE_BY3 = "regional_risk_score_by3": Divisor;
        /// The same in the performance year.
        REGIONAL_RISK_SCORE_PY = "regional_risk_score_py": Divisor;
        /// Mean demographic risk score of the region.
        REGIONAL_DEMOGRAPHIC_SCORE_BY3 = "regional_demographic_score_by3": Divisor;
        /// The same in the performance year.
        REGIONAL_DEMOGRAPHIC_SCORE_PY = "regional_demographic_score_py": Divisor;
        /// Accountable care prospective trend as a ratio to the third base year.
        ACPT = "acpt": Amount;
        /// The projected growth from which that ratio follows.
        ACPT_GROWTH = "acpt_growth": Signed;
        /// Growth from the first to the third base year, taken as given.
        GIVEN_TREND_BY1 = "given_trend_by1": Amount;
        /// Growth from the second.
        GIVEN_TREND_BY2 = "given_trend_by2": Amount;
        /// Regional adjustment, taken as given.
        GIVEN_REGIONAL_ADJUSTMENT = "given_regional_adjustment": Signed;
        /// Risk ratio, performance year to third base year, taken as given.
        GIVEN_RISK_RATIO = "given_risk_ratio": Amount;
        /// Update factor, taken as given.
        GIVEN_UPDATE_FACTOR = "given_update_factor": Amount;
        /// Absolute national growth in dollars, taken as given.
        GIVEN_FLAT_UPDATE = "given_flat_update": Signed;
    }
}

/// Columns of a row for each entity, beside its agreement start.
pub mod entity {
    places! {
        /// First or later agreement period.
        AGREEMENT_NUMBER = "agreement_number": Ordinal;
        /// Agreement periods with a regional adjustment before this one.
        REGIONAL_ADJUSTMENTS_SO_FAR = "regional_adjustments_so_far": Count;
        /// Mean prior savings per capita, after proration.
        PRIOR_SAVINGS_PER_CAPITA = "prior_savings_per_capita": Signed;
        /// Mean final sharing rate of the earlier agreement period.
        PRIOR_SHARING_RATE = "prior_sharing_rate": Share;
        /// Savings per capita of the calendar year of the first base year, as a performance year.
        PRIOR_SAVINGS_BY1 = "prior_savings_by1": Signed;
        /// The same of the second.
        PRIOR_SAVINGS_BY2 = "prior_savings_by2": Signed;
        /// The same of the third.
        PRIOR_SAVINGS_BY3 = "prior_savings_by3": Signed;
        /// Person years assigned in it as a performance year.
        PRIOR_PERSON_YEARS_BY1 = "prior_person_years_by1": Amount;
        /// The same of the second.
        PRIOR_PERSON_YEARS_BY2 = "prior_person_years_by2": Amount;
        /// The same of the third.
        PRIOR_PERSON_YEARS_BY3 = "prior_person_years_by3": Amount;
        /// Person years assigned in it as a base year.
        BASE_PERSON_YEARS_BY1 = "base_person_years_by1": Divisor;
        /// The same of the second.
        BASE_PERSON_YEARS_BY2 = "base_person_years_by2": Divisor;
        /// The same of the third.
        BASE_PERSON_YEARS_BY3 = "base_person_years_by3": Divisor;
        /// Final sharing rate of the calendar year of the first base year.
        PRIOR_SHARING_RATE_BY1 = "prior_sharing_rate_by1": Share;
        /// The same of the second.
        PRIOR_SHARING_RATE_BY2 = "prior_sharing_rate_by2": Share;
        /// The same of the third.
        PRIOR_SHARING_RATE_BY3 = "prior_sharing_rate_by3": Share;
        /// Dually eligible part of the third base year's assigned beneficiaries.
        DUAL_SHARE = "dual_share": Share;
        /// Part that is dually eligible or enrolled in the low-income subsidy.
        LOW_INCOME_SHARE = "low_income_share": Share;
        /// Prior savings adjustment, taken as given.
        GIVEN_PRIOR_SAVINGS_ADJUSTMENT = "given_prior_savings_adjustment": Signed;
        /// Population adjustment, taken as given.
        GIVEN_POPULATION_ADJUSTMENT = "given_population_adjustment": Signed;
        /// Total expenditures of the performance year, for the guardrail.
        EXPENDITURES = "expenditures": Signed;
        /// Minimum loss rate, or minimum savings rate of a one-sided level, positive; for the guardrail.
        GUARDRAIL_RATE = "guardrail_rate": Share;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_known_by_the_names_that_cms_uses() {
        for (name, code) in [("ESRD", 0), ("DIS", 1), ("Aged/Dual", 2), ("AGND", 3), ("AGED_NonDual", 3)] {
            assert_eq!(type_code(name), Some(code), "{name}");
        }
        assert_eq!(TYPES.map(type_code), [Some(0), Some(1), Some(2), Some(3)]);
        assert_eq!(type_code("hospice"), None);
    }
}
