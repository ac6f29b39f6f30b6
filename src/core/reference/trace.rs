//! A calculation as a reader follows it: named steps with formula, inputs, value, and the rules behind them.

use crate::core::rulebook::Rule;
use rust_decimal::{Decimal, RoundingStrategy};

/// One step of a calculation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Name of the quantity.
    pub name: &'static str,
    /// Formula in words and symbols.
    pub formula: &'static str,
    /// Inputs by name, as a reader writes them.
    pub inputs: Vec<(String, String)>,
    /// Value, as a reader writes it.
    pub value: String,
    /// Ids of the rules that the step rests on.
    pub rules: Vec<String>,
    /// Ids of the sources of those rules.
    pub cites: Vec<String>,
}

/// Steps in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace(Vec<Step>);

impl Trace {
    /// Adds a step.
    pub fn step(
        &mut self,
        name: &'static str,
        formula: &'static str,
        inputs: &[(&str, String)],
        value: String,
        rules: &[Option<&Rule>],
    ) {
        let rules: Vec<&Rule> = rules.iter().copied().flatten().collect();
        let mut cites: Vec<String> = Vec::new();
        for cite in rules.iter().flat_map(|r| &r.cites) {
            if !cites.contains(cite) {
                cites.push(cite.clone());
            }
        }
        self.0.push(Step {
            name,
            formula,
            inputs: inputs.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect(),
            value,
            rules: rules.iter().map(|r| r.id.clone()).collect(),
            cites,
        });
    }

    /// The steps.
    #[must_use]
    pub fn into_steps(self) -> Vec<Step> {
        self.0
    }
}

/// Dollars with thousands separators and cents.
pub(crate) fn dollars(amount: Decimal) -> String {
    let cents = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    let text = format!("{:.2}", cents.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "00"));
    let sign = if cents.is_sign_negative() && !cents.is_zero() { "-" } else { "" };
    format!("{sign}${}.{fraction}", thousands(whole))
}

/// A whole number with thousands separators.
pub(super) fn count(n: i64) -> String {
    let sign = if n < 0 { "-" } else { "" };
    format!("{sign}{}", thousands(&n.unsigned_abs().to_string()))
}

fn thousands(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share as a percentage, at most six decimals of it.
pub(super) fn percent(share: Decimal) -> String {
    format!("{} %", (share * Decimal::ONE_HUNDRED).round_dp(6).normalize())
}

/// Yes or no.
pub(super) fn truth(value: Option<bool>) -> String {
    match value {
        Some(true) => "yes",
        Some(false) => "no",
        None => "not given",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_people_write_them() {
        let amount: Decimal = "-1234567.891".parse().unwrap();
        assert_eq!(dollars(amount), "-$1,234,567.89");
        assert_eq!(dollars(Decimal::ZERO), "$0.00");
        assert_eq!(count(-1000), "-1,000");
        assert_eq!(percent("0.38315".parse().unwrap()), "38.315 %");
    }
}
