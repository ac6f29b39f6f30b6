//! What one regulation says of benchmarks in a performance year. What a regulation does not have, its rules leave
//! out.

use crate::core::rulebook::Told;

/// How base years are trended to the third.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trend {
    /// By national growth.
    National,
    /// By regional growth.
    Regional,
    /// By both, weighted by market share.
    Blended,
}

/// What is added to the historical benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Nothing.
    None,
    /// The prior savings amount of 425.603(b).
    PriorSavings,
    /// The regional adjustment, whatever its sign.
    Regional,
    /// The largest of several, if positive.
    Largest,
    /// The text of 2022: the higher, or a share of the sum where the regional adjustment is not positive.
    HigherOrSum,
}

/// How risk is adjusted to the performance year.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Risk {
    /// Newly assigned by HCC scores, continuously assigned by the lower of HCC and demographic scores.
    NewlyAndContinuously,
    /// By HCC scores, each type's growth capped.
    CappedByType(f64),
    /// By HCC scores, capped where all types together grow by more than demographic scores and this.
    AggregateCap(f64),
}

/// How the benchmark is updated to the performance year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// National growth in dollars is added.
    FlatDollar,
    /// Regional growth.
    Regional,
    /// National and regional growth, weighted by market share.
    TwoWay,
    /// The same, blended with the prospective trend.
    ThreeWay,
}

/// The population adjustment.
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    /// Whether its share applies to what the cap leaves, instead of to the cap.
    pub of_room: bool,
    /// Least eligible share.
    pub minimum_share: f64,
    /// First eligible start, yyyymmdd.
    pub agreement_start: i64,
    /// What a reader of results that use it must be told.
    pub told: Vec<Told>,
}

/// A regulation in one performance year.
#[derive(Clone, Debug, PartialEq)]
pub struct Regulation {
    /// Its name in the rule book.
    pub name: String,
    /// Parts of the base years in a first and in a later agreement period, adding up to 1.
    pub base_year_weights: [Option<[f64; 3]>; 2],
    /// Trend of base years.
    pub trend: Trend,
    /// Adjustment.
    pub choice: Choice,
    /// Regional weights by number of times, for lower and for higher spending.
    pub regional_weights: Option<[Vec<f64>; 2]>,
    /// Caps of the regional adjustment, upward and downward, as shares of national expenditures.
    pub regional_caps: [Option<f64>; 2],
    /// Whether negative amounts are reduced by the dual share and risk.
    pub regional_offset: bool,
    /// Share of mean prior savings; nothing where the mean sharing rate takes its place.
    pub prior_savings_share: Option<f64>,
    /// Cap of flat adjustments, as a share of national expenditures.
    pub adjustment_cap: Option<f64>,
    /// Population adjustment.
    pub population: Option<Population>,
    /// Risk adjustment.
    pub risk: Risk,
    /// Update.
    pub update: Update,
    /// Part of the prospective trend in the three-way blend.
    pub prospective_weight: f64,
    /// Points that regional risk growth may exceed demographic growth by.
    pub regional_risk_cap: Option<f64>,
    /// Whether the two-way benchmark may take the place of a loss.
    pub guardrail: bool,
    /// What a reader of any result must be told.
    pub told: Vec<Told>,
    /// The same where the regional risk cap is applied.
    pub told_of_regional_risk: Vec<Told>,
}

/// A regulation's name as part of a rule id: 425.603(b) is `425_603_b`.
#[must_use]
pub fn slug(name: &str) -> String {
    let word = |c: char| c.is_ascii_alphanumeric();
    name.to_lowercase().split(|c| !word(c)).filter(|w| !w.is_empty()).collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regulation_has_its_name_in_the_ids_of_its_rules() {
        assert_eq!(slug("425.603(b)"), "425_603_b");
        assert_eq!(slug("425.652"), "425_652");
    }
}
