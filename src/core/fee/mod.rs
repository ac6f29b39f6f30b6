//! Payments without a total-cost target: fees by month and tier, prepaid incentives of which quality and utilization
//! earn back a part, amounts by score, revenue adjusted by a percentage, and part of fee-for-service paid as
//! capitation in its place. CPC+, Primary Care First, IOTA. Money in cents, shares in parts per billion.

pub mod describe;
mod run;
mod terms;

pub use run::{Inputs, Outputs, run};
pub use terms::{FeePlan, FeeTerms};

use crate::core::round::{PPB, Ratio, settlement_cents};

/// Tiers of a care management fee.
pub const TIERS: usize = 5;

/// Columns by the index that findings use.
pub const COLUMNS: [&str; 15] = [
    "track",
    "performance_year",
    "beneficiary_months",
    "transplants",
    "quality_score",
    "utilization_score",
    "months_tier_1",
    "months_tier_2",
    "months_tier_3",
    "months_tier_4",
    "months_tier_5",
    "primary_care_revenue",
    "performance_adjustment",
    "hybrid_share",
    "visit_claims",
];
/// One more amount: what the capitation is computed from.
pub const HISTORY: &str = "historical_visits";

/// Amounts of a row.
pub const AMOUNTS: [&str; 8] = [
    "care_management_fee",
    "incentive_prepaid",
    "incentive_retained",
    "score_payment",
    "revenue_adjustment",
    "capitation",
    "visits_paid",
    "earned",
];

/// Values of one row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Attributed beneficiary months.
    pub months: Option<i64>,
    /// Transplants.
    pub transplants: Option<i64>,
    /// Part of the incentive for quality that is earned, or the performance score.
    pub quality: Option<i64>,
    /// The same for utilization.
    pub utilization: Option<i64>,
    /// Beneficiary months of each tier.
    pub tiers: [Option<i64>; TIERS],
    /// Primary care revenue, which an adjustment multiplies.
    pub revenue: Option<i64>,
    /// The adjustment; may be below zero.
    pub adjustment: Option<i64>,
    /// Part of visits paid as capitation, elected.
    pub hybrid: Option<i64>,
    /// Visits claimed, at full rates.
    pub claims: Option<i64>,
    /// Visits of the base period, at full rates.
    pub history: Option<i64>,
}

impl Row {
    /// From values in the order of [`COLUMNS`], then the base period's visits.
    #[must_use]
    pub fn from_values(values: &[Option<i64>; COLUMNS.len() + 1]) -> Self {
        let [_, _, months, transplants, quality, utilization, t1, t2, t3, t4, t5, rest @ ..] = *values;
        let [revenue, adjustment, hybrid, claims, history] = rest;
        let tiers = [t1, t2, t3, t4, t5];
        Self { months, transplants, quality, utilization, tiers, revenue, adjustment, hybrid, claims, history }
    }
}

/// Reasons of a row without a settlement, and what is wrong with a column.
pub mod reason {
    /// Words by code; 0 is no reason.
    pub const REASONS: [&str; 12] = [
        "",
        "missing_input",
        "unknown_track",
        "unknown_performance_year",
        "negative",
        "share_above_one",
        "not_finite",
        "overflow",
        "not_whole",
        "hybrid_share_not_on_menu",
        "adjustment_out_of_range",
        "no_such_payment",
    ];
    #[allow(missing_docs)] // each is its word
    pub const MISSING_INPUT: u8 = 1;
    #[allow(missing_docs)]
    pub const UNKNOWN_TRACK: u8 = 2;
    #[allow(missing_docs)]
    pub const UNKNOWN_YEAR: u8 = 3;
    #[allow(missing_docs)]
    pub const NEGATIVE: u8 = 4;
    #[allow(missing_docs)]
    pub const SHARE_ABOVE_ONE: u8 = 5;
    #[allow(missing_docs)]
    pub const NOT_FINITE: u8 = 6;
    #[allow(missing_docs)]
    pub const OVERFLOW: u8 = 7;
    #[allow(missing_docs)]
    pub const NOT_WHOLE: u8 = 8;
    #[allow(missing_docs)]
    pub const NOT_ON_MENU: u8 = 9;
    #[allow(missing_docs)]
    pub const OUT_OF_RANGE: u8 = 10;
    #[allow(missing_docs)]
    pub const NO_SUCH_PAYMENT: u8 = 11;

    /// What is wrong with a column, and what to do.
    #[must_use]
    pub fn describe(reason: u8) -> (&'static str, &'static str) {
        match reason {
            UNKNOWN_TRACK => ("not of the program in its year", "See `rules.show` of the program's arrangements"),
            UNKNOWN_YEAR => ("not modelled", "See `rules.show` of the program's arrangements for the years"),
            NEGATIVE => ("negative", "Amounts, counts and scores cannot be below zero"),
            SHARE_ABOVE_ONE => ("above 1", "Give a share of one"),
            NOT_FINITE => ("NaN or infinite", "Use null for a missing value"),
            OVERFLOW => ("too large", "The largest amount is 9.2e16 dollars: check the unit"),
            NOT_WHOLE => ("not a whole number", "Months, counts and years are whole numbers"),
            NOT_ON_MENU => ("not on the menu of hybrid shares", "See the rule `hybrid.elections` of the program"),
            OUT_OF_RANGE => {
                ("outside the adjustments of the program", "See the rules `revenue.lowest` and `.highest`")
            }
            NO_SUCH_PAYMENT => ("given, but the arrangement has no such payment", "Give null"),
            _ => ("missing", "Give a value"),
        }
    }
}

/// A column that is wrong, and why.
pub type Wrong = (usize, u8);

const OVERFLOW: Wrong = (0, reason::OVERFLOW);

/// `units × amount × part` to the cent, half away from zero; the amount may be below zero.
fn cents(units: i64, amount: i64, part: Ratio) -> Result<i64, Wrong> {
    let n = i128::from(units).checked_mul(i128::from(amount)).and_then(|n| n.checked_mul(i128::from(part.n)));
    let n = n.ok_or(OVERFLOW)?;
    let size = settlement_cents(n.abs(), i128::from(part.d)).ok_or(OVERFLOW)?;
    Ok(if n < 0 { -size } else { size })
}

fn part(share: i64) -> Ratio {
    Ratio::new(share, PPB)
}

/// All amounts of a row, in the order of [`AMOUNTS`]; a part that the row gives nothing for is nothing.
pub fn settle(terms: &FeeTerms, row: &Row) -> Result<[Option<i64>; AMOUNTS.len()], Wrong> {
    let at = |name: &str| COLUMNS.iter().position(|c| *c == name).unwrap_or(0);
    let mut out = [None; AMOUNTS.len()];
    for (tier, (months, rate)) in row.tiers.iter().zip(&terms.tiers).enumerate() {
        let Some(months) = months else { continue };
        let rate = rate.ok_or((at("months_tier_1") + tier, reason::NO_SUCH_PAYMENT))?;
        let fee = cents(*months, rate, Ratio::ONE)?;
        out[0] = Some(out[0].unwrap_or(0) + fee);
    }
    let mut earned: Option<i64> = None;
    let mut add = |amount: i64| earned = Some(earned.unwrap_or(0) + amount);
    if let Some([quality, utilization]) = terms.incentive {
        if let Some(months) = row.months {
            let score = row.quality.ok_or((at("quality_score"), reason::MISSING_INPUT))?;
            let use_score = row.utilization.ok_or((at("utilization_score"), reason::MISSING_INPUT))?;
            let open = terms.gate.is_none_or(|gate| score >= gate);
            let use_score = if open { use_score } else { 0 };
            let prepaid = cents(months, quality + utilization, Ratio::ONE)?;
            // One fraction, so that it is rounded once.
            let both = i128::from(quality) * i128::from(score) + i128::from(utilization) * i128::from(use_score);
            let n = both.checked_mul(i128::from(months)).ok_or(OVERFLOW)?;
            let retained = settlement_cents(n, i128::from(PPB)).ok_or(OVERFLOW)?;
            (out[1], out[2]) = (Some(prepaid), Some(retained));
            add(retained - prepaid);
        }
    } else if row.months.is_some() {
        return Err((at("beneficiary_months"), reason::NO_SUCH_PAYMENT));
    }
    if let Some(knots) = &terms.by_score {
        if let Some(units) = row.transplants {
            let score = row.quality.ok_or((at("quality_score"), reason::MISSING_INPUT))?;
            let paid = by_score(knots, units, score)?;
            out[3] = Some(paid);
            add(paid);
        }
    } else if row.transplants.is_some() {
        return Err((at("transplants"), reason::NO_SUCH_PAYMENT));
    }
    if let Some(revenue) = row.revenue {
        let [lowest, highest] = terms.adjustments.ok_or((at("primary_care_revenue"), reason::NO_SUCH_PAYMENT))?;
        let adjustment = row.adjustment.ok_or((at("performance_adjustment"), reason::MISSING_INPUT))?;
        if !(lowest..=highest).contains(&adjustment) {
            return Err((at("performance_adjustment"), reason::OUT_OF_RANGE));
        }
        let change = cents(revenue, adjustment, Ratio::new(1, PPB))?;
        out[4] = Some(change);
        add(change);
    }
    if let Some(share) = row.hybrid {
        let uplift = terms.uplift.ok_or((at("hybrid_share"), reason::NO_SUCH_PAYMENT))?;
        if !terms.elections.contains(&share) {
            return Err((at("hybrid_share"), reason::NOT_ON_MENU));
        }
        let history = row.history.ok_or((COLUMNS.len(), reason::MISSING_INPUT))?;
        let claims = row.claims.ok_or((at("visit_claims"), reason::MISSING_INPUT))?;
        let raised = part(PPB.checked_add(uplift).ok_or(OVERFLOW)?).times(part(share)).ok_or(OVERFLOW)?;
        out[5] = Some(cents(history, 1, raised)?);
        out[6] = Some(claims - cents(claims, 1, part(share))?);
    }
    out[7] = earned;
    Ok(out)
}

/// Units times the amount at a score, linear between knots, level beyond them.
fn by_score(knots: &[(i64, i64)], units: i64, score: i64) -> Result<i64, Wrong> {
    let (Some(first), Some(last)) = (knots.first(), knots.last()) else { return Ok(0) };
    if score <= first.0 || score >= last.0 {
        return cents(units, if score <= first.0 { first.1 } else { last.1 }, Ratio::ONE);
    }
    let above = knots.partition_point(|knot| knot.0 <= score);
    let ((x0, y0), (x1, y1)) = (knots[above - 1], knots[above]);
    let wide = i128::from;
    let n = wide(y0) * wide(x1 - score) + wide(y1) * wide(score - x0);
    let n = n.checked_mul(wide(units)).ok_or(OVERFLOW)?;
    let size = settlement_cents(n.abs(), wide(x1 - x0)).ok_or(OVERFLOW)?;
    Ok(if n < 0 { -size } else { size })
}
