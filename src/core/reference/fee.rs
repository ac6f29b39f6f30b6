//! Fees in decimals, straight from the rule book: the second implementation, which explains a row. Valid rows only.

use super::trace::{Trace, count, dollars, percent};
use crate::core::error::{Error, Result};
use crate::core::fee::Row;
use crate::core::rulebook::{AsOf, Book};
use rust_decimal::{Decimal, RoundingStrategy};

fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

fn share(ppb: i64) -> Decimal {
    Decimal::new(ppb, 9)
}

/// What a row earns beyond what was prepaid, in dollars, every step told; nothing where it has no such payment.
#[allow(clippy::too_many_lines)] // one payment after the other
pub fn settle(
    book: &Book,
    as_of: AsOf,
    (program, arrangement, year): (&str, &str, i64),
    row: &Row,
    trace: &mut Trace,
) -> Result<Option<Decimal>> {
    let mut taken = book.read(u16::try_from(year).unwrap_or(u16::MAX), as_of);
    let missing = |what: &str| Error::NotModelled(format!("this row cannot be settled: {what} is null"));
    let id = |field: &str| format!("{program}.{field}");
    let mut earned: Option<Decimal> = None;
    for (tier, months) in row.tiers.iter().enumerate() {
        let Some(months) = months else { continue };
        let field = id(&format!("care_management.tier_{}", tier + 1));
        let rate = taken.keyed_number(&field, arrangement)?.ok_or_else(|| missing("the fee of a tier"))?;
        let rule = taken.rule(&field);
        let inputs = [("tier", count(tier as i64 + 1)), ("months", count(*months)), ("fee", dollars(rate))];
        let fee = rate * Decimal::from(*months);
        trace.step("care management fee", "months x fee of the tier", &inputs, dollars(fee), &[rule]);
    }
    if let Some(months) = row.months {
        let quality = taken.keyed_number(&id("incentive.quality"), arrangement)?.unwrap_or_default();
        let utilization = taken.keyed_number(&id("incentive.utilization"), arrangement)?.unwrap_or_default();
        let rules = [taken.rule(&id("incentive.quality")), taken.rule(&id("incentive.utilization"))];
        let months = Decimal::from(months);
        let score = share(row.quality.ok_or_else(|| missing("quality_score"))?);
        let mut used = share(row.utilization.ok_or_else(|| missing("utilization_score"))?);
        if taken.keyed_number(&id("incentive.gate"), arrangement)?.is_some_and(|gate| score < gate) {
            let rule = taken.rule(&id("incentive.gate"));
            trace.step(
                "gate",
                "utilization earns nothing below this quality",
                &[],
                percent(Decimal::ZERO),
                &[rule],
            );
            used = Decimal::ZERO;
        }
        let prepaid = months * (quality + utilization);
        let inputs = [("by quality", dollars(quality)), ("by utilization", dollars(utilization))];
        trace.step("incentive prepaid", "months x both amounts", &inputs, dollars(prepaid), &rules);
        let retained = cents(months * (quality * score + utilization * used));
        let inputs = [("quality earned", percent(score)), ("utilization earned", percent(used))];
        trace.step("incentive retained", "months x amounts x parts earned", &inputs, dollars(retained), &rules);
        earned = Some(earned.unwrap_or_default() + retained - cents(prepaid));
    }
    if let (Some(units), Some(knots)) = (row.transplants, taken.knots(&id("score_payment"))?) {
        let score = share(row.quality.ok_or_else(|| missing("quality_score"))?);
        let inside = knots.windows(2).find(|w| w[0].0 <= score && score <= w[1].0);
        let (numerator, denominator) = match inside {
            Some([(x0, y0), (x1, y1)]) => (y0 * (x1 - score) + y1 * (score - x0), x1 - x0),
            _ => (knots.last().map_or(Decimal::ZERO, |k| k.1), Decimal::ONE),
        };
        let paid = cents(numerator * Decimal::from(units) / denominator);
        let inputs = [("units", count(units)), ("score", percent(score))];
        let rule = taken.rule(&id("score_payment"));
        trace.step("score payment", "units x amount at the score", &inputs, dollars(paid), &[rule]);
        earned = Some(earned.unwrap_or_default() + paid);
    }
    if let Some(revenue) = row.revenue.map(|n| Decimal::new(n, 2)) {
        let part = share(row.adjustment.ok_or_else(|| missing("performance_adjustment"))?);
        let change = cents(revenue * part);
        let inputs = [("revenue", dollars(revenue)), ("adjustment", percent(part))];
        let rules = [taken.rule(&id("revenue.lowest")), taken.rule(&id("revenue.highest"))];
        trace.step("revenue adjustment", "revenue x adjustment", &inputs, dollars(change), &rules);
        earned = Some(earned.unwrap_or_default() + change);
    }
    if let Some(part) = row.hybrid.map(share) {
        let history = Decimal::new(row.history.ok_or_else(|| missing("historical_visits"))?, 2);
        let claims = Decimal::new(row.claims.ok_or_else(|| missing("visit_claims"))?, 2);
        let uplift = taken.keyed_number(&id("hybrid.uplift"), arrangement)?.unwrap_or_default();
        let rule = taken.rule(&id("hybrid.uplift"));
        let inputs = [("visits of the base period", dollars(history)), ("elected", percent(part))];
        let capitation = cents(history * (Decimal::ONE + uplift) * part);
        trace.step("capitation", "visits x (1 + uplift) x elected part", &inputs, dollars(capitation), &[rule]);
        let paid = claims - cents(claims * part);
        let rule = taken.rule(&id("hybrid.elections"));
        trace.step(
            "visits paid",
            "claims less the elected part",
            &[("claims", dollars(claims))],
            dollars(paid),
            &[rule],
        );
    }
    if let Some(earned) = earned {
        let formula = "paid beyond what was prepaid if positive, paid back if negative";
        trace.step("earned", formula, &[], dollars(earned), &[]);
    }
    Ok(earned)
}
