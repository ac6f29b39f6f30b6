//! Whether an override says something that a calculation reads. A rule under a mistyped id would be loaded and change
//! nothing, so it is refused; so is a share below zero, where no term can be.

use crate::core::error::RuleBookError;
use crate::core::programs::Family;
use crate::core::rulebook::{Book, Rule, Scalar, Unit, Value};
use rust_decimal::Decimal;

/// What the settlement of shared savings reads below the name of a program.
pub const SETTLE_FIELDS: &[&str] = &[
    "arrangements",
    "arrangement_spellings",
    "risk",
    "minimum_rate",
    "minimum_rate.losses",
    "minimum_rate.fixed",
    "minimum_rate.size_scale",
    "minimum_rate.elections",
    "minimum_rate.election_beneficiaries",
    "sharing_rate",
    "sharing_rate.bands",
    "sharing_rate.origin",
    "sharing_rate.quality",
    "discount",
    "loss_discount",
    "discount.bands",
    "loss_discount.bands",
    "discount.lowest",
    "discount.highest",
    "loss_discount.lowest",
    "loss_discount.highest",
    "withhold",
    "withhold.reporting",
    "elected_cap.lowest",
    "elected_cap.highest",
    "gross_cap",
    "loss_gate",
    "lowest_score",
    "quality_adjustment.savings",
    "quality_adjustment.losses",
    "payment_limit",
    "payment_limit.revenue",
    "payment_limit.amount",
    "payment_limit.basis",
    "payment_limit.order",
    "payment_multiplier.bands",
    "sequestration",
    "sequestration.payment_dates",
    "loss_rate",
    "loss_rate.bands",
    "loss_rate.basis",
    "loss_rate.quality",
    "loss_rate.floor",
    "loss_limit.benchmark",
    "loss_limit.benchmark.first_year",
    "loss_limit.benchmark.second_year",
    "loss_limit.revenue",
    "loss_limit.amount",
    "loss_limit.basis",
    "low_revenue.share",
    "low_revenue.agreement_start",
    "low_revenue.beneficiaries",
    "low_revenue.small_benchmark_year",
    "half_year",
    "termination.voluntary_savings_from",
    "termination.losses",
    "termination.voluntary_losses_after",
    "advance.recoupment",
    "guardrail",
];

/// What the settlement of fees reads below the name of a program.
pub const FEE_FIELDS: &[&str] = &[
    "fee_arrangements",
    "care_management.tier_1",
    "care_management.tier_2",
    "care_management.tier_3",
    "care_management.tier_4",
    "care_management.tier_5",
    "incentive.quality",
    "incentive.utilization",
    "incentive.gate",
    "incentive.earned",
    "incentive.prepaid",
    "incentive.clawback",
    "score_payment",
    "population_payment.group_1",
    "population_payment.group_2",
    "population_payment.group_3",
    "population_payment.group_4",
    "visit_fee",
    "revenue.gateway_failed",
    "revenue.regional",
    "revenue.improvement",
    "revenue.lowest",
    "revenue.highest",
    "hybrid.uplift",
    "hybrid.elections",
];

/// What a benchmark reads below the name of a regulation.
pub const BENCHMARK_FIELDS: &[&str] = &[
    "base_year_parts.first",
    "base_year_parts.later",
    "trend",
    "adjustment",
    "regional_weight.lower",
    "regional_weight.higher",
    "regional_cap.upper",
    "regional_cap.lower",
    "regional_offset",
    "prior_savings",
    "prior_savings.share",
    "adjustment_cap",
    "population_adjustment",
    "population_adjustment.minimum_share",
    "population_adjustment.agreement_start",
    "risk",
    "risk.mixture",
    "risk.cap",
    "update",
    "prospective_parts",
    "prospective_trend",
    "regional_risk_cap",
    "regional_risk_cap.growth",
    "guardrail",
];

/// What the ids of shares begin with, after the first word, that may lie below zero: adjustments of revenue, and of
/// conversion factors.
const SIGNED: [&str; 3] = ["revenue.", "budget_neutrality", "update."];
/// What ids of no program begin with that the shipped book may lack: weights of traditional MIPS, and models of the
/// catalogue.
const OPEN: [&str; 2] = ["mips.weights.traditional", "apm."];

/// Checks what overrides added to the shipped book.
pub fn check(book: &Book) -> Result<(), RuleBookError> {
    let shipped = Book::shipped()?;
    for rule in book.rules().filter(|rule| rule.layer > 0) {
        if shipped.versions(&rule.id).is_none() && !is_read(book, &shipped, &rule.id) {
            let remedy = format!(
                "Did you mean {}? A program of your own needs a rule `{}.arrangements`",
                shipped.suggest(&rule.id),
                rule.id.split('.').next().unwrap_or_default()
            );
            return Err(RuleBookError::new(&rule.file, &rule.id, "id", "no calculation reads it", remedy));
        }
        let field = rule.id.split_once('.').map_or("", |(_, field)| field);
        if let Some(below) = below_zero(rule).filter(|_| !SIGNED.iter().any(|start| field.starts_with(start))) {
            let problem = format!("{below} is below zero");
            let remedy = "Shares lie between 0 and 1 and are written as text, such as \"0.50\"";
            return Err(RuleBookError::new(&rule.file, &rule.id, "value", problem, remedy));
        }
    }
    Ok(())
}

/// Whether an id that the shipped book does not have is read nevertheless: an optional field of a program, or anything
/// of a program that an override brings.
fn is_read(book: &Book, shipped: &Book, id: &str) -> bool {
    if OPEN.iter().any(|start| id.starts_with(start)) {
        return true;
    }
    let Some((program, field)) = id.split_once('.') else { return false };
    let of = |book: &Book, family: Family, program: &str| {
        let rules = book.versions(&format!("{program}.{}", family.arrangements()));
        rules.map(|rules| rules.iter().flat_map(words).collect::<Vec<String>>())
    };
    let (sharing, fees) = (of(book, Family::SharedSavings, program), of(book, Family::Fees, program));
    let own = of(shipped, Family::SharedSavings, program).or(of(shipped, Family::Fees, program)).is_none();
    if own {
        return sharing.is_some() || fees.is_some();
    }
    if let Some(arrangements) = sharing {
        // Bands of one arrangement stand under its name.
        let banded = |(bands, word): (&str, &str)| {
            bands.ends_with("bands")
                && SETTLE_FIELDS.contains(&bands)
                && arrangements.iter().any(|own| own == word)
        };
        let benchmark = field.strip_prefix("benchmark.").and_then(|rest| rest.split_once('.'));
        return SETTLE_FIELDS.contains(&field)
            || field.rsplit_once('.').is_some_and(banded)
            || benchmark.is_some_and(|(_, field)| BENCHMARK_FIELDS.contains(&field));
    }
    // What one program of fees has, all may have.
    let elsewhere = |other: &Rule| {
        let (program, own) = other.id.split_once('.').unwrap_or_default();
        own == field && of(shipped, Family::Fees, program).is_some()
    };
    fees.is_some() && (FEE_FIELDS.contains(&field) || shipped.rules().any(elsewhere))
}

/// Names of arrangements as they stand in ids.
fn words(rule: &Rule) -> Vec<String> {
    let word = |name: &Scalar| {
        let plain = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
        name.to_string().chars().map(plain).collect()
    };
    match &rule.value {
        Value::Choice(menu) => menu.iter().map(word).collect(),
        _ => Vec::new(),
    }
}

/// The first share of a rule that is below zero, with its key where it has one.
fn below_zero(rule: &Rule) -> Option<String> {
    if rule.unit != Unit::Share {
        return None;
    }
    let below = |number: &Decimal| (*number < Decimal::ZERO).then(|| number.to_string());
    let of = |scalar: &Scalar| if let Scalar::Number(number) = scalar { below(number) } else { None };
    match &rule.value {
        Value::Scalar(scalar) => of(scalar),
        Value::Choice(menu) => menu.iter().find_map(of),
        Value::Table(table) => table.iter().find_map(|(key, scalar)| Some(format!("{key}: {}", of(scalar)?))),
        Value::PiecewiseLinear(knots) => knots.iter().find_map(|(_, y)| below(y)),
        Value::Bands(steps) => steps.iter().find_map(|(_, y)| below(y)),
    }
}
