//! Fees in plain English, and in a few words for a list: from the terms that settle them, so that what is said is what
//! is paid.

use super::terms::{FeePlan, FeeTerms};
use crate::core::reference;
use crate::core::round::PPB;
use crate::core::settle::describe::Line;
use rust_decimal::Decimal;

fn dollars(cents: i64) -> String {
    reference::dollars(Decimal::new(cents, 2)).trim_end_matches(".00").to_owned()
}

/// A part of a share, for display.
fn part_of(share: i64, part: i64) -> i64 {
    (i128::from(share) * i128::from(part) / i128::from(PPB)) as i64
}

fn percent(share: i64) -> String {
    format!("{} %", (Decimal::new(share, 9) * Decimal::ONE_HUNDRED).normalize())
}

/// Lowest and highest amount by score.
fn span(knots: &[(i64, i64)]) -> Option<(i64, i64)> {
    let amounts = || knots.iter().map(|(_, amount)| *amount);
    amounts().min().zip(amounts().max())
}

/// Which way `earned` can go: of an incentive, what was prepaid is at risk, and what was not is paid as it is earned.
fn risk(terms: &FeeTerms) -> &'static str {
    let by_score = terms.by_score.as_deref().and_then(span);
    let by_revenue = terms.adjustments.map(|[lowest, highest]| (lowest, highest));
    let of = |sides: Option<(i64, i64)>| (sides.is_some_and(|s| s.0 < 0), sides.is_some_and(|s| s.1 > 0));
    let (score, revenue) = (of(by_score), of(by_revenue));
    match (score.0 || revenue.0 || prepaid(terms), score.1 || revenue.1 || paid_after(terms)) {
        (true, true) => "two-sided",
        (true, false) => "clawback",
        (false, true) => "one-sided",
        (false, false) => "none",
    }
}

/// What a program pays whether or not it is earned: fees by tier, by risk group, by visit.
fn fees(terms: &FeeTerms) -> Vec<(String, Option<String>)> {
    let listed = |amounts: &[Option<i64>]| {
        let amounts: Vec<String> = amounts.iter().flatten().map(|cents| dollars(*cents)).collect();
        (!amounts.is_empty()).then(|| amounts.join(", "))
    };
    let tiers = listed(&terms.tiers).map(|fees| format!("care management fee {fees} a month by tier"));
    let groups =
        listed(&terms.population).map(|fees| format!("population-based payment {fees} a month by risk group"));
    let visit = terms.visit_fee.map(|fee| format!("flat fee of {} a visit", dollars(fee)));
    [tiers, groups, visit].into_iter().flatten().map(|what| (what, None)).collect()
}

/// A fee at risk: what is prepaid, and what of it is kept.
fn at_risk(terms: &FeeTerms) -> Option<(String, Option<String>)> {
    let [quality, utilization] = terms.incentive?;
    let of_use =
        if utilization == 0 { String::new() } else { format!(" and {} by utilization", dollars(utilization)) };
    let when = match terms.prepaid {
        None | Some(PPB) => ", prepaid".to_owned(),
        Some(0) => ", paid as it is earned".to_owned(),
        Some(share) => format!(", {} of it prepaid", percent(share)),
    };
    let what = format!("incentive {} a month by quality{of_use}{when}", dollars(quality));
    let gate = terms.gate.map(|gate| format!(", utilization only from a quality of {} on", percent(gate)));
    let (before, back) = (terms.prepaid.unwrap_or(PPB), terms.clawback.unwrap_or(PPB));
    let lowest = percent(part_of(before, PPB - back));
    let of = if before == PPB { "what is prepaid is kept" } else { "it is kept or paid" };
    Some((what, Some(format!("{lowest} to 100 % of {of}{}", gate.unwrap_or_default()))))
}

/// Whether a part of what was prepaid may have to be paid back.
fn prepaid(terms: &FeeTerms) -> bool {
    terms.incentive.is_some() && terms.clawback != Some(0) && terms.prepaid != Some(0)
}

/// Whether a part of an incentive is paid only once it is earned.
fn paid_after(terms: &FeeTerms) -> bool {
    terms.incentive.is_some() && terms.prepaid.is_some_and(|share| share < PPB)
}

/// What each payment is, and what bounds what is earned of it.
fn payments(terms: &FeeTerms) -> Vec<(String, Option<String>)> {
    let mut out = fees(terms);
    out.extend(at_risk(terms));
    if let Some(knots) = &terms.by_score
        && let Some((lowest, highest)) = span(knots)
    {
        let knots: Vec<String> =
            knots.iter().map(|(score, amount)| format!("{} at {}", dollars(*amount), percent(*score))).collect();
        let what = format!("for each transplant by score, linear between {}", knots.join(", "));
        out.push((what, Some(format!("{} to {} for each", dollars(lowest), dollars(highest)))));
    }
    if let Some([lowest, highest]) = terms.adjustments {
        let what = "adjustment of primary care revenue by performance".to_owned();
        out.push((what, Some(format!("{} to {} of revenue", percent(lowest), percent(highest)))));
    }
    if let Some(uplift) = terms.uplift {
        let menu: Vec<String> = terms.elections.iter().map(|share| percent(*share)).collect();
        let what = format!("capitation of {} of the elected part of visits", percent(PPB.saturating_add(uplift)));
        out.push((what, Some(format!("elected part {}", menu.join(", ")))));
    }
    out
}

/// The terms in sentences.
#[must_use]
pub fn describe(terms: &FeeTerms) -> Vec<String> {
    let mut out = vec!["Fees: there is no benchmark, and no expenditures decide.".to_owned()];
    for (what, bounds) in payments(terms) {
        let mut sentence = what;
        sentence[..1].make_ascii_uppercase();
        let bounds = bounds.map(|bounds| format!("; {bounds}")).unwrap_or_default();
        out.push(format!("{sentence}{bounds}."));
    }
    out.push(
        match risk(terms) {
            "two-sided" => "What is earned may be paid or owed.",
            "clawback" => "What was prepaid and is not earned is paid back; nothing is paid beyond it.",
            "one-sided" => "Nothing is owed.",
            _ => "Nothing is at risk.",
        }
        .into(),
    );
    out
}

/// Every arrangement and year of a program in a few words.
#[must_use]
pub fn list(plan: &FeePlan) -> Vec<Line> {
    let mut out = Vec::new();
    for (performance_year, year) in plan.own_years() {
        for (name, terms) in plan.arrangements.iter().zip(year) {
            let Some(terms) = terms else { continue };
            let (what, bounds): (Vec<String>, Vec<Option<String>>) = payments(terms).into_iter().unzip();
            let bounds: Vec<String> = bounds.into_iter().flatten().collect();
            out.push(Line {
                performance_year,
                arrangement: name.clone(),
                risk: risk(terms),
                shares: format!("fees: {}", what.join("; ")),
                limits: if bounds.is_empty() { "none".into() } else { bounds.join("; ") },
            });
        }
    }
    out
}
