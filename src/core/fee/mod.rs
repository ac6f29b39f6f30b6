//! Payments without a total-cost target: fees by month and tier, prepaid incentives of which quality and utilization
//! earn back a part, amounts by score, revenue adjusted by a percentage, and part of fee-for-service paid as
//! capitation in its place. CPC+, Primary Care First, IOTA, medical homes. Money in cents, shares in parts per billion.

mod complete;
pub mod describe;
mod population;
pub mod reason;
mod run;
mod terms;

pub use run::{Inputs, Outputs, run};
pub use terms::{FeePlan, FeeTerms};

use crate::core::round::{self, PPB, Ratio};

/// Tiers of a care management fee.
pub const TIERS: usize = 5;
/// Risk groups of a population-based payment.
pub const GROUPS: usize = 4;

/// Columns by the index that findings use.
pub const COLUMNS: [&str; 23] = [
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
    "historical_visits",
    "risk_group",
    "population_months",
    "visits",
    "geographic_factor",
    "regional_level",
    "improvement_level",
    "quality_gateway_met",
];
/// How each is converted: whole numbers, dollars, or shares of one.
pub const KINDS: [&str; COLUMNS.len()] = [
    "whole", "whole", "whole", "whole", "share", "share", "whole", "whole", "whole", "whole", "whole", "dollars",
    "share", "share", "dollars", "dollars", "whole", "whole", "whole", "share", "whole", "whole", "whole",
];

/// Amounts of a row.
pub const AMOUNTS: [&str; 10] = [
    "care_management_fee",
    "incentive_prepaid",
    "incentive_retained",
    "score_payment",
    "population_based_payment",
    "visit_fees",
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
    /// Risk group of the practice, from 1.
    pub group: Option<i64>,
    /// Beneficiary months of the population-based payment.
    pub population: Option<i64>,
    /// Visits paid at the flat fee.
    pub visits: Option<i64>,
    /// Local prices against national ones.
    pub geographic: Option<i64>,
    /// Level of performance against the region.
    pub regional: Option<i64>,
    /// Level of improvement.
    pub improvement: Option<i64>,
    /// Whether the quality gateway is met, 0 or 1.
    pub gateway: Option<i64>,
}

impl Row {
    /// From values in the order of [`COLUMNS`].
    #[must_use]
    pub fn from_values(values: &[Option<i64>; COLUMNS.len()]) -> Self {
        let [_, _, months, transplants, quality, utilization, t1, t2, t3, t4, t5, rest @ ..] = *values;
        let [revenue, adjustment, hybrid, claims, history, rest @ ..] = rest;
        let [group, population, visits, geographic, regional, improvement, gateway] = rest;
        Self {
            months,
            transplants,
            quality,
            utilization,
            tiers: [t1, t2, t3, t4, t5],
            revenue,
            adjustment,
            hybrid,
            claims,
            history,
            group,
            population,
            visits,
            geographic,
            regional,
            improvement,
            gateway,
        }
    }
}

/// A column that is wrong, and why.
pub type Wrong = (usize, u8);

/// `units × amount × part` to the cent, half away from zero; the amount may be below zero. Too large is `name`'s fault.
fn cents(name: &str, units: i64, amount: i64, part: Ratio) -> Result<i64, Wrong> {
    let n = i128::from(units).checked_mul(i128::from(amount)).and_then(|n| n.checked_mul(i128::from(part.n)));
    signed_cents(name, n.ok_or_else(|| overflow(name))?, i128::from(part.d))
}

/// A fraction to the cent, half away from zero.
fn signed_cents(name: &str, n: i128, d: i128) -> Result<i64, Wrong> {
    round::signed_cents(n, d).ok_or_else(|| overflow(name))
}

fn part(share: i64) -> Ratio {
    Ratio::new(share, PPB)
}

fn at(name: &str) -> usize {
    COLUMNS.iter().position(|c| *c == name).unwrap_or(0)
}

fn missing(name: &str) -> Wrong {
    (at(name), reason::MISSING_INPUT)
}

fn overflow(name: &str) -> Wrong {
    (at(name), reason::OVERFLOW)
}

fn no_such(name: &str) -> Wrong {
    (at(name), reason::NO_SUCH_PAYMENT)
}

/// All amounts of a row, in the order of [`AMOUNTS`]; a part that the row gives nothing for is nothing.
pub fn settle(terms: &FeeTerms, row: &Row) -> Result<[Option<i64>; AMOUNTS.len()], Wrong> {
    let incentive = incentive(terms, row)?;
    let by_score = match (&terms.by_score, row.transplants) {
        (Some(knots), Some(units)) => {
            let (n, d) = at_score(knots, row.quality.ok_or(missing("quality_score"))?);
            {
                let n = n.checked_mul(i128::from(units)).ok_or_else(|| overflow("transplants"))?;
                Some(signed_cents("transplants", n, d)?)
            }
        }
        (None, Some(_)) => return Err(no_such("transplants")),
        _ => None,
    };
    let population = population::payments(terms, row)?;
    let hybrid = hybrid(terms, row)?;
    let retained = incentive.map(|[prepaid, retained]| retained - prepaid);
    let earned = [retained, by_score, population.adjustment].into_iter().flatten();
    let earned = earned.map(Some).reduce(|sum, amount| sum?.checked_add(amount?));
    Ok([
        care_management(terms, row)?,
        incentive.map(|[prepaid, _]| prepaid),
        incentive.map(|[_, retained]| retained),
        by_score,
        population.payment,
        population.visits,
        population.adjustment,
        hybrid.map(|[capitation, _]| capitation),
        hybrid.map(|[_, visits]| visits),
        match earned {
            Some(None) => return Err(overflow(largest(row))),
            Some(sum) => sum,
            None => None,
        },
    ])
}

fn care_management(terms: &FeeTerms, row: &Row) -> Result<Option<i64>, Wrong> {
    let mut sum: Option<i64> = None;
    for (tier, (months, rate)) in row.tiers.iter().zip(&terms.tiers).enumerate() {
        let Some(months) = months else { continue };
        let rate = rate.ok_or((at("months_tier_1") + tier, reason::NO_SUCH_PAYMENT))?;
        let name = COLUMNS[at("months_tier_1") + tier];
        let fee = cents(name, *months, rate, Ratio::ONE)?;
        sum = Some(sum.unwrap_or(0).checked_add(fee).ok_or_else(|| overflow(name))?);
    }
    Ok(sum)
}

const MONTHS: &str = "beneficiary_months";

/// The column to name where payments are each counted and their sum is not.
fn largest(row: &Row) -> &'static str {
    let given = [
        (row.months, MONTHS),
        (row.transplants, "transplants"),
        (row.population, "population_months"),
        (row.revenue, "primary_care_revenue"),
    ];
    given.into_iter().max_by_key(|(units, _)| *units).map_or(MONTHS, |(_, name)| name)
}

/// What is prepaid, and what of it is kept.
fn incentive(terms: &FeeTerms, row: &Row) -> Result<Option<[i64; 2]>, Wrong> {
    let Some([quality, utilization]) = terms.incentive else {
        return if row.months.is_some() { Err(no_such("beneficiary_months")) } else { Ok(None) };
    };
    let Some(months) = row.months else { return Ok(None) };
    let score = row.quality.ok_or(missing("quality_score"))?;
    let open = terms.gate.is_none_or(|gate| score >= gate);
    let used = match row.utilization {
        Some(used) if open => used,
        None if utilization != 0 => return Err(missing("utilization_score")),
        _ => 0,
    };
    let all =
        cents(MONTHS, months, quality.checked_add(utilization).ok_or_else(|| overflow(MONTHS))?, Ratio::ONE)?;
    let prepaid = terms.prepaid.map_or(Ok(all), |share| cents(MONTHS, all, 1, part(share)))?;
    let kept = match &terms.earned {
        // One fraction, so that it is rounded once.
        None => {
            let both = i128::from(quality) * i128::from(score) + i128::from(utilization) * i128::from(used);
            signed_cents(
                MONTHS,
                both.checked_mul(i128::from(months)).ok_or_else(|| overflow(MONTHS))?,
                i128::from(PPB),
            )?
        }
        Some(knots) => {
            let part = |amount: i64, score: i64| {
                let (n, d) = at_score(knots, score);
                let n = n.checked_mul(i128::from(amount)).and_then(|n| n.checked_mul(i128::from(months)));
                signed_cents(MONTHS, n.ok_or_else(|| overflow(MONTHS))?, d * i128::from(PPB))
            };
            let of_quality = part(quality, score)?;
            of_quality
                .checked_add(if open { part(utilization, used)? } else { 0 })
                .ok_or_else(|| overflow(MONTHS))?
        }
    };
    let retained = match terms.clawback {
        Some(share) if kept < prepaid => prepaid - cents(MONTHS, prepaid - kept, 1, part(share))?,
        _ => kept,
    };
    Ok(Some([prepaid, retained]))
}

/// What takes the place of visits, and what is still paid for them.
fn hybrid(terms: &FeeTerms, row: &Row) -> Result<Option<[i64; 2]>, Wrong> {
    let Some(share) = row.hybrid else {
        let given = [(row.history, "historical_visits"), (row.claims, "visit_claims")];
        return match given.into_iter().find(|(visits, _)| visits.is_some()) {
            Some((_, name)) if terms.uplift.is_none() => Err(no_such(name)),
            Some(_) => Err(missing("hybrid_share")),
            None => Ok(None),
        };
    };
    let uplift = terms.uplift.ok_or(no_such("hybrid_share"))?;
    if !terms.elections.contains(&share) {
        return Err((at("hybrid_share"), reason::NOT_ON_MENU));
    }
    let history = row.history.ok_or(missing("historical_visits"))?;
    let claims = row.claims.ok_or(missing("visit_claims"))?;
    let raised = PPB.checked_add(uplift).and_then(|whole| part(whole).times(part(share)));
    let raised = raised.ok_or_else(|| overflow("historical_visits"))?;
    Ok(Some([
        cents("historical_visits", history, 1, raised)?,
        claims - cents("visit_claims", claims, 1, part(share))?,
    ]))
}

/// What knots say at a score, as a fraction: linear between them, level beyond them.
fn at_score(knots: &[(i64, i64)], score: i64) -> (i128, i128) {
    let (Some(first), Some(last)) = (knots.first(), knots.last()) else { return (0, 1) };
    let wide = i128::from;
    if score <= first.0 || score >= last.0 {
        return (wide(if score <= first.0 { first.1 } else { last.1 }), 1);
    }
    let above = knots.partition_point(|knot| knot.0 <= score);
    let ((x0, y0), (x1, y1)) = (knots[above - 1], knots[above]);
    (wide(y0) * wide(x1 - score) + wide(y1) * wide(score - x0), wide(x1 - x0))
}
