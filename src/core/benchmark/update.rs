//! From the historical benchmark to the performance year: update factors (425.652(b), 425.655, 425.660) and the
//! guardrail (425.652(b)(5)).

use super::chain::{Case, by_type, given_or, growth, weighted};
use super::columns::{Four, cell, entity};
use super::regulation::{Regulation, Trend, Update};
use super::risk::dollar_weights;

/// Update factors by type.
pub(super) struct Factors {
    /// In force.
    pub(super) in_force: Four,
    /// The two-way factor, where that differs.
    pub(super) two_way: Four,
    /// Dollars to add.
    pub(super) dollars: Four,
    /// The same, NaN where the regulation adds none.
    pub(super) shown_dollars: Four,
}

pub(super) fn factors(regulation: &Regulation, c: &[Four; cell::N], historical: &Four) -> Factors {
    let given = &c[cell::GIVEN_UPDATE_FACTOR];
    if regulation.update == Update::FlatDollar {
        let dollars = by_type(|k| {
            given_or(c[cell::GIVEN_FLAT_UPDATE][k], c[cell::NATIONAL_PY][k] - c[cell::NATIONAL_BY3][k])
        });
        // A factor that is given takes the place of the dollars.
        let kept = by_type(|k| if given[k].is_nan() { dollars[k] } else { 0.0 });
        let factor = given.map(|factor| given_or(factor, 1.0));
        return Factors { in_force: factor, two_way: factor, dollars: kept, shown_dollars: dollars };
    }
    let regional_factor = regional_risk_factors(regulation, c, historical);
    let how = if regulation.update == Update::Regional { Trend::Regional } else { Trend::Blended };
    let two_way = by_type(|k| {
        let national = c[cell::NATIONAL_PY][k] / c[cell::NATIONAL_BY3][k];
        let regional = c[cell::REGIONAL_PY][k] / c[cell::REGIONAL_BY3][k] * regional_factor[k];
        growth(how, national, regional, c[cell::NATIONAL_WEIGHT_PY][k])
    });
    let in_force = by_type(|k| {
        let part = regulation.prospective_weight;
        let factor = if regulation.update == Update::ThreeWay {
            part * prospective(c, historical, k) + (1.0 - part) * two_way[k]
        } else {
            two_way[k]
        };
        given_or(given[k], factor)
    });
    Factors { in_force, two_way, dollars: [0.0; 4], shown_dollars: [f64::NAN; 4] }
}

/// Prospective trend as a ratio to the third base year, 425.660: flat dollars at the ACO's own risk.
fn prospective(c: &[Four; cell::N], historical: &Four, k: usize) -> f64 {
    let dollars = c[cell::ACPT_GROWTH][k] * c[cell::NATIONAL_BY3][k] * c[cell::RISK_SCORE_BY3][k];
    given_or(c[cell::ACPT][k], 1.0 + dollars / historical[k])
}

/// What regional growth is multiplied by under 425.655; 1 where the cap does not bind or no regional scores are
/// given.
fn regional_risk_factors(regulation: &Regulation, c: &[Four; cell::N], historical: &Four) -> Four {
    let Some(points) = regulation.regional_risk_cap else { return [1.0; 4] };
    let scores = |place: usize| c[place].iter().any(|score| !score.is_nan());
    if !scores(cell::REGIONAL_RISK_SCORE_PY) && !scores(cell::REGIONAL_RISK_SCORE_BY3) {
        return [1.0; 4];
    }
    let hcc = by_type(|k| c[cell::REGIONAL_RISK_SCORE_PY][k] / c[cell::REGIONAL_RISK_SCORE_BY3][k]);
    let demographic =
        by_type(|k| c[cell::REGIONAL_DEMOGRAPHIC_SCORE_PY][k] / c[cell::REGIONAL_DEMOGRAPHIC_SCORE_BY3][k]);
    let weights = dollar_weights(c, historical);
    let years: f64 = c[cell::PERSON_YEARS_PY].iter().sum();
    let market_share = weighted(&c[cell::PERSON_YEARS_PY], &c[cell::NATIONAL_WEIGHT_PY]) / years;
    let (all, demographic) = (weighted(&weights, &hcc), weighted(&weights, &demographic));
    regional_risk_factors_of(&hcc, all, demographic, market_share, points)
}

fn regional_risk_factors_of(hcc: &Four, all: f64, demographic: f64, market_share: f64, points: f64) -> Four {
    let free = demographic + points;
    let cap = free + market_share * if all > free { all - free } else { 0.0 };
    if all.is_nan() || cap.is_nan() {
        return [f64::NAN; 4];
    }
    if all > cap { hcc.map(|h| if h > cap { h / cap } else { 1.0 }) } else { [1.0; 4] }
}

/// Whether the two-way benchmark takes the place of the three-way one; nothing where expenditures or the minimum
/// loss rate are not given.
pub(super) fn guardrail(regulation: &Regulation, case: &Case, three_way: f64, two_way: f64) -> Option<bool> {
    let spent = case.entity[entity::EXPENDITURES];
    let rate = case.entity[entity::GUARDRAIL_RATE];
    if !regulation.guardrail {
        return Some(false);
    }
    let (by_three, by_two) = (three_way - spent, two_way - spent);
    if by_three >= 0.0 || -by_three < rate * three_way {
        return Some(false);
    }
    if (by_three + by_two + rate).is_nan() {
        return None;
    }
    Some(by_two > 0.0 || by_two.abs() < by_three.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_regional_cap_leaves_room_for_the_market_share() {
        let growth = [1.02, 1.05, 1.07, 1.06];
        let factors = regional_risk_factors_of(&growth, 1.060, 1.005, 0.25, 0.03);
        for (factor, expected) in factors.iter().zip([1.0, 1.008_403, 1.027_611, 1.018_007]) {
            assert!((factor - expected).abs() < 5e-7, "{factor} {expected}");
        }
        let free = regional_risk_factors_of(&growth, 1.035, 1.005, 0.25, 0.03);
        assert!(free.iter().all(|factor| (factor - 1.0).abs() < 1e-15));
    }
}
