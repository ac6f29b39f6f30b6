//! Columns of target prices by name and place, and what each may hold.

use crate::core::kernel::Conversion;

/// What a column's values may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A year, or the code of an episode category.
    Code,
    /// People, months or episodes: whole and not negative.
    Count,
    /// Yes or no.
    Truth,
    /// Dollars, not negative.
    Money,
    /// Dollars, above zero.
    Price,
    /// A part of one.
    Share,
    /// A ratio around one, not negative.
    Ratio,
    /// A ratio around one by which the chain divides, or that cannot be zero.
    Divisor,
    /// A risk score, not negative.
    Score,
    /// A risk score by which the chain divides: above zero.
    BaseScore,
}

impl Kind {
    /// The conversion by name, as `read_row` of the package takes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.conversion() {
            Conversion::Cents => "cents",
            Conversion::Dollars => "dollars",
            Conversion::Whole => "whole",
            Conversion::Share => "share",
        }
    }

    /// How the caller's numbers become integers.
    #[must_use]
    pub fn conversion(self) -> Conversion {
        match self {
            Self::Code | Self::Count | Self::Truth => Conversion::Whole,
            Self::Money | Self::Price => Conversion::Dollars,
            Self::Share | Self::Ratio | Self::Divisor | Self::Score | Self::BaseScore => Conversion::Share,
        }
    }
}

macro_rules! places {
    ($($(#[$meta:meta])* $place:ident = $name:literal: $kind:ident;)+) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Place { $($place),+ }
        $($(#[$meta])* pub const $place: usize = Place::$place as usize;)+
        /// Names by place.
        pub const COLUMNS: [&str; N] = [$($name),+];
        /// What each may hold.
        pub const KINDS: [Kind; N] = [$(Kind::$kind),+];
        /// Number of columns.
        pub const N: usize = [$($name),+].len();
    };
}

places! {
    /// Year that the price is for.
    PERFORMANCE_YEAR = "performance_year": Code;
    /// Episode category, by which a discount differs.
    EPISODE_CATEGORY = "episode_category": Code;
    /// Months of aligned beneficiaries.
    PERSON_MONTHS = "person_months": Count;
    /// Episodes that the row stands for; one where the column is absent.
    EPISODES = "episodes": Count;
    /// Baseline expenditures per beneficiary and month.
    BASELINE_PBPM = "baseline_pbpm": Money;
    /// The same of the region, where the baseline is blended.
    REGIONAL_PBPM = "regional_pbpm": Money;
    /// Weight of the region in the blend.
    REGIONAL_WEIGHT = "regional_weight": Share;
    /// Baseline price of an episode.
    BASELINE_PRICE = "baseline_price": Money;
    /// The hospital's own price of an episode.
    HOSPITAL_PRICE = "hospital_price": Money;
    /// The region's.
    REGIONAL_PRICE = "regional_price": Price;
    /// The hospital's episodes in the baseline years.
    BASELINE_EPISODES = "baseline_episodes": Count;
    /// Regional price in the first baseline year.
    BASELINE_PRICE_BY1 = "baseline_price_by1": Money;
    /// In the second.
    BASELINE_PRICE_BY2 = "baseline_price_by2": Money;
    /// In the third.
    BASELINE_PRICE_BY3 = "baseline_price_by3": Money;
    /// Growth from the baseline; where a final one follows, the prospective one.
    TREND = "trend": Divisor;
    /// Regional trend of prices (geographic adjustment factors).
    REGIONAL_PRICE_TREND = "regional_price_trend": Ratio;
    /// Risk of the performance year over that of the baseline, ready.
    RISK_RATIO = "risk_ratio": Ratio;
    /// Mean risk score of the baseline year.
    RISK_SCORE_BY = "risk_score_by": BaseScore;
    /// The same of the performance year.
    RISK_SCORE_PY = "risk_score_py": Score;
    /// Coding factor of the baseline year, by which its score is divided.
    CODING_FACTOR_BY = "coding_factor_by": Divisor;
    /// The same of the performance year.
    CODING_FACTOR_PY = "coding_factor_py": Divisor;
    /// Growth of the reference population, anchor year to performance year.
    REFERENCE_TREND = "reference_trend": Ratio;
    /// Growth of the prospective national per capita cost over the same years.
    USPCC_TREND = "uspcc_trend": Divisor;
    /// Retrospective trend adjustment, ready.
    TREND_ADJUSTMENT = "trend_adjustment": Ratio;
    /// Practice's own baseline against the prediction.
    EXPERIENCE_ADJUSTMENT = "experience_adjustment": Ratio;
    /// Local prices against national ones.
    GEOGRAPHIC_ADJUSTMENT = "geographic_adjustment": Ratio;
    /// Part of spending that is on novel therapies.
    NOVEL_THERAPY_SHARE = "novel_therapy_share": Share;
    /// The same of practices outside the model.
    COMPARISON_NOVEL_THERAPY_SHARE = "comparison_novel_therapy_share": Share;
    /// Product of the risk multipliers of patients and hospital.
    RISK_MULTIPLIER = "risk_multiplier": Ratio;
    /// Factor that takes the mean risk multiplier out again; where a final one follows, the prospective one.
    NORMALISATION = "normalisation": Divisor;
    /// Trend as it turned out.
    FINAL_TREND = "final_trend": Ratio;
    /// Normalisation as it turned out.
    FINAL_NORMALISATION = "final_normalisation": Ratio;
    /// Part of the quality component of the discount that is earned.
    QUALITY_SCORE = "quality_score": Share;
    /// Percentile of the hospital's complication rate, best highest; null where it has no such measure.
    COMPLICATIONS_PERCENTILE = "complications_percentile": Share;
    /// The same of the survey of patients' experience.
    HCAHPS_PERCENTILE = "hcahps_percentile": Share;
    /// Whether complications improved by two deciles.
    COMPLICATIONS_IMPROVED = "complications_improved": Truth;
    /// Whether the survey did.
    HCAHPS_IMPROVED = "hcahps_improved": Truth;
    /// Whether patient-reported outcomes were submitted.
    OUTCOMES_SUBMITTED = "outcomes_submitted": Truth;
    /// Regional baseline efficiency ratio, as the program measures it; below one is cheaper than the region.
    REGIONAL_EFFICIENCY = "regional_efficiency": Ratio;
    /// National baseline efficiency ratio.
    NATIONAL_EFFICIENCY = "national_efficiency": Ratio;
}

/// Measures of quality, of which a score is made.
pub const MEASURES: [usize; 5] =
    [COMPLICATIONS_PERCENTILE, HCAHPS_PERCENTILE, COMPLICATIONS_IMPROVED, HCAHPS_IMPROVED, OUTCOMES_SUBMITTED];
