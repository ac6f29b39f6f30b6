//! A medical home of one's own in a few plain keys, turned into the rules of a program of fees: `[medical_home]` of an
//! override. A fee for care management by tier, and a fee at risk that a score earns; dollars per beneficiary and month.

use super::contract::Writer;
use super::schema::{Applies, Clock, Kind, Rule, Unit};
use crate::core::error::RuleBookError;
use serde::Deserialize;

/// The contract as TOML holds it. Dollars and shares are text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MedicalHome {
    /// Name of the program that it becomes.
    name: String,
    /// First and last performance year.
    from: u16,
    to: Option<u16>,
    /// One fee, or a list of fees by tier.
    care_management_fee: Option<toml::Value>,
    at_risk_fee: Option<String>,
    /// A list of [score, part of the fee that it earns]; linear between them.
    score_function: Option<toml::Value>,
    /// Part of the fee at risk that is paid before it is earned.
    prepaid: Option<String>,
    /// Part of what was prepaid and is not earned that is paid back.
    clawback: Option<String>,
}

const TABLE: &str = "medical_home";
/// Tiers that a program of fees may have.
const TIERS: usize = crate::core::fee::TIERS;

/// The rules that `[medical_home]` stands for.
pub(super) fn rules(file: &str, table: toml::Value, layer: u16) -> Result<Vec<Rule>, RuleBookError> {
    let home: MedicalHome = table.try_into().map_err(|e: toml::de::Error| {
        let remedy = "See docs/models.md for the keys of a medical home; dollars and shares are text";
        RuleBookError::new(file, TABLE, "", e.message(), remedy)
    })?;
    let applies = Applies { clock: Clock::PerformanceYear, from: home.from, to: home.to };
    let mut writer = Writer { file, table: TABLE, layer, program: home.name.clone(), applies, rules: Vec::new() };
    writer.named()?;
    if home.care_management_fee.is_none() && home.at_risk_fee.is_none() {
        let remedy = "Give `care_management_fee`, `at_risk_fee`, or both";
        return Err(writer.refuse("care_management_fee", "nothing is paid", remedy));
    }
    for (key, given) in [
        ("score_function", home.score_function.is_some()),
        ("prepaid", home.prepaid.is_some()),
        ("clawback", home.clawback.is_some()),
    ] {
        if given && home.at_risk_fee.is_none() {
            let remedy = "Give `at_risk_fee`, or leave the key out";
            return Err(writer.refuse(key, "given, but no fee is at risk", remedy));
        }
    }
    let names = toml::Value::Array(vec![toml::Value::String("CONTRACT".into())]);
    writer.put("fee_arrangements", Kind::Choice, Unit::Text, names)?;
    let fees = match home.care_management_fee {
        None => Vec::new(),
        Some(toml::Value::Array(tiers)) => tiers,
        Some(fee) => vec![fee],
    };
    if fees.len() > TIERS {
        let problem = format!("{} tiers", fees.len());
        return Err(writer.refuse("care_management_fee", problem, &format!("There are {TIERS} tiers at most")));
    }
    for (tier, fee) in fees.into_iter().enumerate() {
        dollars(&writer, "care_management_fee", &fee)?;
        writer.put(&format!("care_management.tier_{}", tier + 1), Kind::Scalar, Unit::UsdPbpm, fee)?;
    }
    if let Some(fee) = home.at_risk_fee {
        let fee = toml::Value::String(fee);
        dollars(&writer, "at_risk_fee", &fee)?;
        writer.put("incentive.quality", Kind::Scalar, Unit::UsdPbpm, fee)?;
    }
    if let Some(knots) = home.score_function {
        function(&writer, &knots)?;
        writer.put("incentive.earned", Kind::PiecewiseLinear, Unit::Share, knots)?;
    }
    for (key, share) in [("prepaid", &home.prepaid), ("clawback", &home.clawback)] {
        if let Some(share) = share {
            writer.share(key, share)?;
        }
    }
    writer.scalar("incentive.prepaid", Unit::Share, home.prepaid)?;
    writer.scalar("incentive.clawback", Unit::Share, home.clawback)?;
    Ok(writer.rules)
}

/// A fee in whole cents, not below zero.
fn dollars(writer: &Writer<'_>, key: &str, fee: &toml::Value) -> Result<(), RuleBookError> {
    let amount = fee.as_str().and_then(|text| text.parse::<rust_decimal::Decimal>().ok());
    if amount.is_none_or(|amount| amount.is_sign_negative() || amount.normalize().scale() > 2) {
        let remedy = "Fees are dollars and cents per beneficiary and month as text, such as \"4.50\"";
        return Err(writer.refuse(key, format!("{fee} is no fee"), remedy));
    }
    Ok(())
}

/// Scores rise, and no better score earns less.
fn function(writer: &Writer<'_>, knots: &toml::Value) -> Result<(), RuleBookError> {
    let remedy = "Write pairs [score, part of the fee that it earns] as text, in rising order; see docs/models.md";
    let refuse = |problem: String| writer.refuse("score_function", problem, remedy);
    let list = knots.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut before = None;
    for knot in list {
        let pair = knot.as_array().map(Vec::as_slice).unwrap_or_default();
        let [toml::Value::String(score), toml::Value::String(part)] = pair else {
            return Err(refuse(format!("{knot} is no pair")));
        };
        let (score, part) = (writer.share("score_function", score)?, writer.share("score_function", part)?);
        if before.is_some_and(|(s, p)| s >= score || p > part) {
            return Err(refuse(format!("it does not rise at {score}")));
        }
        before = Some((score, part));
    }
    if list.len() < 2 { Err(refuse(format!("{knots} has fewer than two pairs"))) } else { Ok(()) }
}
