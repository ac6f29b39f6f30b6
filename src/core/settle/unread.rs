//! Which columns no terms of a program read: what a frame says there would be lost without a word.

use super::plan::Plan;
use super::reason::{COLUMNS, column};
use super::terms::{Discount, Quality, Side, Terms};
use crate::core::round::Ratio;

/// Whether an arrangement has a use for a column.
type Reads = fn(&Terms) -> bool;

/// Columns that only some programs read, and whether these terms do. All others act on every program, or are refused
/// where a program has no use for them.
const OPTIONAL: [(usize, Reads); 10] = [
    (column::QUALITY_SCORE, scored),
    (column::QUALITY_STANDARD_MET, |terms| {
        let asks = |side: &Side| {
            side.quality.asks_for_standard() || matches!(side.quality, Quality::OneLessScaled { .. })
        };
        terms.withhold.is_some() || terms.low_revenue.is_some() || any(terms, asks)
    }),
    (column::ALTERNATIVE_STANDARD_MET, |terms| terms.alternative_opens),
    (column::PARTICIPANT_REVENUE, |terms| any(terms, |side| side.limit_revenue.is_some())),
    (column::LOW_REVENUE, |terms| terms.low_revenue.is_some()),
    (column::AGREEMENT_START, |terms| terms.low_revenue.is_some() || early(terms)),
    (column::GUARDRAIL, |terms| terms.guardrail),
    (column::TWO_SIDED_YEAR, early),
    (column::SMALL_BENCHMARK_YEAR, |terms| terms.low_revenue.is_some()),
    (column::ADVANCE_BALANCE, |terms| terms.recoupment > Ratio::ZERO),
];

fn any(terms: &Terms, asks: impl Fn(&Side) -> bool) -> bool {
    asks(&terms.up) || terms.down.as_ref().is_some_and(asks)
}

/// Whether a limit depends on the year under two-sided risk.
fn early(terms: &Terms) -> bool {
    any(terms, |side| side.limit_early.is_some())
}

fn scored(terms: &Terms) -> bool {
    let by_score = |side: &Side| {
        let shared = !matches!(side.quality, Quality::None | Quality::Standard);
        let discount = matches!(side.discount, Discount::ByScore(_));
        shared || discount || side.lowest_score.is_some() || side.multiplier.is_some()
    };
    terms.withhold.is_some() || any(terms, by_score)
}

/// The columns that no arrangement of the program reads in any year.
#[must_use]
pub fn unread(plan: &Plan) -> Vec<&'static str> {
    let terms: Vec<&Terms> = plan.own_years().flatten().flat_map(|year| year.terms.iter().flatten()).collect();
    let lost = OPTIONAL.iter().filter(|(_, reads)| !terms.iter().any(|terms| reads(terms)));
    lost.map(|(at, _)| COLUMNS[*at]).collect()
}
