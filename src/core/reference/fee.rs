//! Fees in decimals, straight from the rule book: the second implementation, which explains a row. Valid rows only.

use super::trace::{Trace, count, dollars, percent};
use crate::core::error::{Error, Result};
use crate::core::fee::Row;
use crate::core::rulebook::{AsOf, Book, Taken};
use rust_decimal::{Decimal, RoundingStrategy};

fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

fn share(ppb: i64) -> Decimal {
    Decimal::new(ppb, 9)
}

/// What knots say at a score: linear between them, level beyond them.
fn at_score(knots: &[(Decimal, Decimal)], score: Decimal) -> (Decimal, Decimal) {
    let inside = knots.windows(2).find(|w| w[0].0 <= score && score <= w[1].0);
    if let Some([(x0, y0), (x1, y1)]) = inside {
        return (y0 * (x1 - score) + y1 * (score - x0), x1 - x0);
    }
    let end = knots.first().filter(|first| score < first.0).or(knots.last());
    (end.map_or(Decimal::ZERO, |knot| knot.1), Decimal::ONE)
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
        let mut used = match row.utilization {
            Some(used) => share(used),
            None if utilization.is_zero() => Decimal::ZERO,
            None => return Err(missing("utilization_score")),
        };
        let mut closed = false;
        if taken.keyed_number(&id("incentive.gate"), arrangement)?.is_some_and(|gate| score < gate) {
            let rule = taken.rule(&id("incentive.gate"));
            trace.step(
                "gate",
                "utilization earns nothing below this quality",
                &[],
                percent(Decimal::ZERO),
                &[rule],
            );
            (used, closed) = (Decimal::ZERO, true);
        }
        let prepaid = months * (quality + utilization);
        let inputs = [("by quality", dollars(quality)), ("by utilization", dollars(utilization))];
        trace.step("incentive", "months x both amounts", &inputs, dollars(prepaid), &rules);
        let mut prepaid = cents(prepaid);
        if let Some(part) = taken.keyed_number(&id("incentive.prepaid"), arrangement)? {
            prepaid = cents(prepaid * part);
            let rule = taken.rule(&id("incentive.prepaid"));
            let inputs = [("part", percent(part))];
            trace.step(
                "paid before",
                "the part that is paid before it is earned",
                &inputs,
                dollars(prepaid),
                &[rule],
            );
        }
        let mut retained = if let Some(knots) = taken.knots(&id("incentive.earned"))? {
            let rule = taken.rule(&id("incentive.earned"));
            let amounts = [(quality, score), (utilization, used)];
            let [of_quality, of_utilization] = amounts.map(|(amount, score)| {
                let (numerator, denominator) = at_score(knots, score);
                cents(months * amount * numerator / denominator)
            });
            let inputs = [("quality score", percent(score)), ("utilization score", percent(used))];
            let formula = "what the score earns, linear between knots";
            let kept = of_quality + if closed { Decimal::ZERO } else { of_utilization };
            trace.step("incentive earned", formula, &inputs, dollars(kept), &[rule]);
            kept
        } else {
            cents(months * (quality * score + utilization * used))
        };
        let part = taken.keyed_number(&id("incentive.clawback"), arrangement)?;
        if let Some(part) = part.filter(|_| retained < prepaid) {
            let back = cents((prepaid - retained) * part);
            let inputs = [("not earned", dollars(prepaid - retained)), ("paid back", percent(part))];
            let rule = taken.rule(&id("incentive.clawback"));
            trace.step("clawback", "what is not earned x part paid back", &inputs, dollars(back), &[rule]);
            retained = prepaid - back;
        }
        let inputs = [("quality earned", percent(score)), ("utilization earned", percent(used))];
        let formula = "months x amounts x parts earned, or prepaid - clawback";
        trace.step("incentive retained", formula, &inputs, dollars(retained), &rules);
        earned = Some(earned.unwrap_or_default() + retained - prepaid);
    }
    if let (Some(units), Some(knots)) = (row.transplants, taken.knots(&id("score_payment"))?) {
        let score = share(row.quality.ok_or_else(|| missing("quality_score"))?);
        let (numerator, denominator) = at_score(knots, score);
        let paid = cents(numerator * Decimal::from(units) / denominator);
        let inputs = [("units", count(units)), ("score", percent(score))];
        let rule = taken.rule(&id("score_payment"));
        trace.step("score payment", "units x amount at the score", &inputs, dollars(paid), &[rule]);
        earned = Some(earned.unwrap_or_default() + paid);
    }
    let change = adjusted_revenue(&mut taken, (program, arrangement), row, trace)?;
    earned = change.map_or(earned, |change| Some(earned.unwrap_or_default() + change));
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

/// Population-based payment and visit fees of a row, and what performance changes them, or other revenue, by.
fn adjusted_revenue(
    taken: &mut Taken<'_>,
    (program, arrangement): (&str, &str),
    row: &Row,
    trace: &mut Trace,
) -> Result<Option<Decimal>> {
    let missing = |what: &str| Error::NotModelled(format!("this row cannot be settled: {what} is null"));
    let id = |field: &str| format!("{program}.{field}");
    let local = row.geographic.map_or(Decimal::ONE, share);
    let mut revenue = row.revenue.map(|n| Decimal::new(n, 2));
    let mut pay = |name: &'static str, units: i64, field: &str, taken: &mut Taken<'_>| -> Result<()> {
        let rate = taken.keyed_number(field, arrangement)?.ok_or_else(|| missing("the rate"))?;
        let amount = cents(Decimal::from(units) * rate * local);
        let inputs = [
            ("units", count(units)),
            ("rate", dollars(rate)),
            ("geographic factor", local.normalize().to_string()),
        ];
        let rule = taken.rule(field);
        trace.step(name, "units x rate x geographic factor", &inputs, dollars(amount), &[rule]);
        revenue = Some(revenue.unwrap_or_default() + amount);
        Ok(())
    };
    if let (Some(months), Some(group)) = (row.population, row.group) {
        pay("population-based payment", months, &id(&format!("population_payment.group_{group}")), taken)?;
    }
    if let Some(visits) = row.visits {
        pay("visit fees", visits, &id("visit_fee"), taken)?;
    }
    let Some(revenue) = revenue else { return Ok(None) };
    let (part, rules) = match (row.adjustment, row.gateway) {
        (Some(given), _) => {
            (share(given), [taken.rule(&id("revenue.lowest")), taken.rule(&id("revenue.highest"))])
        }
        (None, Some(0)) => {
            let failed = id("revenue.gateway_failed");
            let part = taken.keyed_number(&failed, arrangement)?.ok_or_else(|| missing("the adjustment"))?;
            (part, [taken.rule(&failed), None])
        }
        (None, Some(_)) => {
            let mut level = |field: &str, level: Option<i64>| -> Result<Decimal> {
                let level = level.ok_or_else(|| missing("a level"))?;
                let found = taken.keyed_number(&id(field), &level.to_string())?;
                found.ok_or_else(|| missing("the adjustment of a level"))
            };
            let part = level("revenue.regional", row.regional)? + level("revenue.improvement", row.improvement)?;
            (part, [taken.rule(&id("revenue.regional")), taken.rule(&id("revenue.improvement"))])
        }
        (None, None) => return Ok(None),
    };
    let change = cents(revenue * part);
    let inputs = [("revenue", dollars(revenue)), ("adjustment", percent(part))];
    trace.step("revenue adjustment", "revenue x adjustment", &inputs, dollars(change), &rules);
    Ok(Some(change))
}
