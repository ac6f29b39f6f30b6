//! Whether a row gives all that its payments are made of. A column that is absent says that its payment is not asked for;
//! a null in one that is there, beside other parts of the same payment, is a part that is not known.

use super::terms::FeeTerms;
use super::{COLUMNS, Row, TIERS, Wrong, at, missing, reason};

/// Refuses a row of which a part is not known, where the payment would be made without it.
pub(super) fn complete(terms: &FeeTerms, row: &Row, present: &[bool; COLUMNS.len()]) -> Result<(), Wrong> {
    let has = |name: &str| present[at(name)];
    if row.tiers.iter().any(Option::is_some) {
        let first = at("months_tier_1");
        // A tier that the arrangement does not have is null in frames of several.
        let unknown = |tier: &usize| row.tiers[*tier].is_none() && terms.tiers[*tier].is_some();
        if let Some(tier) = (0..TIERS).filter(unknown).find(|tier| present[first + tier]) {
            return Err((first + tier, reason::MISSING_INPUT));
        }
    }
    // A flat fee of visits belongs to the payment by month, and what changes one changes both.
    if terms.visit_fee.is_some() && terms.population.iter().any(Option::is_some) {
        match (row.population, row.visits) {
            (Some(_), None) if has("visits") => return Err(missing("visits")),
            (None, Some(_)) if has("population_months") => return Err(missing("population_months")),
            _ => {}
        }
    }
    let adjusted = [row.adjustment, row.regional, row.improvement, row.gateway].iter().any(Option::is_some);
    if adjusted && terms.adjustments.is_some() && [row.revenue, row.population, row.visits] == [None; 3] {
        let columns = ["population_months", "visits", "primary_care_revenue"];
        return Err(missing(columns.into_iter().find(|name| has(name)).unwrap_or("primary_care_revenue")));
    }
    let scored = row.quality.is_some() || row.utilization.is_some();
    if scored && row.months.is_none() && terms.incentive.is_some() {
        return Err(missing("beneficiary_months"));
    }
    if row.quality.is_some() && row.transplants.is_none() && terms.by_score.is_some() {
        return Err(missing("transplants"));
    }
    Ok(())
}
