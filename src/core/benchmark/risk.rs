//! Risk ratios to the performance year (425.604(a) to 425.606(a), 425.605(a)(1)).

use super::chain::{by_type, given_or, weighted};
use super::columns::{Four, cell};
use super::regulation::{Regulation, Risk};

pub(super) struct Ratios {
    pub(super) by_type: Four,
    /// Whether an aggregate cap below 1 was applied, of which the text says nothing.
    pub(super) below_one: bool,
}

/// Risk ratio by type, performance year to third base year.
pub(super) fn risk_ratios(regulation: &Regulation, c: &[Four; cell::N], historical: &Four) -> Ratios {
    let hcc = by_type(|k| c[cell::RISK_SCORE_PY][k] / c[cell::RISK_SCORE_BY3][k]);
    let demographic = by_type(|k| c[cell::DEMOGRAPHIC_SCORE_PY][k] / c[cell::DEMOGRAPHIC_SCORE_BY3][k]);
    let mut below_one = false;
    let ratio: Four = match regulation.risk {
        Risk::NewlyAndContinuously => by_type(|k| {
            let newly = c[cell::NEWLY_ASSIGNED_SHARE_PY][k];
            // An all-new population needs no demographic scores.
            let lower = if demographic[k].is_nan() { f64::NAN } else { hcc[k].min(demographic[k]) };
            let rest = 1.0 - newly;
            newly * hcc[k] + if rest == 0.0 { 0.0 } else { rest * lower }
        }),
        Risk::CappedByType(points) => hcc.map(|h| if h > 1.0 + points { 1.0 + points } else { h }),
        Risk::AggregateCap(points) => {
            let weights = dollar_weights(c, historical);
            let cap = weighted(&weights, &demographic) + points;
            let all = weighted(&weights, &hcc);
            if all <= cap {
                hcc
            } else if all > cap {
                below_one = cap < 1.0;
                hcc.map(|h| if h > cap { cap } else { h })
            } else {
                [f64::NAN; 4]
            }
        }
    };
    Ratios { by_type: by_type(|k| given_or(c[cell::GIVEN_RISK_RATIO][k], ratio[k])), below_one }
}

/// Parts of the types by historical benchmark dollars of the performance year's person years.
pub(super) fn dollar_weights(c: &[Four; cell::N], historical: &Four) -> Four {
    let dollars = by_type(|k| match c[cell::PERSON_YEARS_PY][k] {
        0.0 => 0.0,
        years => historical[k] * years,
    });
    let total: f64 = dollars.iter().sum();
    dollars.map(|d| d / total)
}
