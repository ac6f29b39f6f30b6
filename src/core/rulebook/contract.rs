//! A contract of one's own in a dozen plain keys, turned into the rules of a program: `[arrangement]` of an override.
//! Every key is checked here, in words for whoever writes contracts; the rules that come of it are checked as all are.

use super::Book;
use super::load::from_raw;
use super::schema::{Applies, Clock, Kind, RawRule, Rule, Unit};
use crate::core::error::RuleBookError;
use rust_decimal::Decimal;
use serde::Deserialize;
use std::str::FromStr;

/// The contract as TOML holds it. Shares are text: 50 % is "0.50".
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contract {
    /// Name of the program that it becomes.
    name: String,
    /// First and last performance year.
    from: u16,
    to: Option<u16>,
    /// Part of the benchmark taken off first; of losses, where it is another.
    discount: Option<String>,
    loss_discount: Option<String>,
    /// Part of the benchmark withheld until the quality score earns it back.
    quality_withhold: Option<String>,
    minimum_savings_rate: Option<String>,
    minimum_loss_rate: Option<String>,
    /// `first_dollar` or `above_minimum_rate`.
    shared_from: Option<String>,
    /// One share, or a list of [up to this part of the target, share].
    savings_share: toml::Value,
    /// The same; absent where no losses are shared.
    loss_share: Option<toml::Value>,
    /// Savings and losses beyond this part of the target are not looked at.
    gross_cap: Option<String>,
    /// `none`, `score` or `standard`.
    quality: Option<String>,
    lowest_score: Option<String>,
    payment_limit: Option<String>,
    payment_limit_of_revenue: Option<String>,
    payment_limit_dollars: Option<String>,
    loss_limit: Option<String>,
    loss_limit_of_revenue: Option<String>,
    loss_limit_dollars: Option<String>,
    sequestration: Option<String>,
}

/// Builds the rules of one contract, which stands under a table of the override.
pub(super) struct Writer<'a> {
    pub(super) file: &'a str,
    pub(super) table: &'static str,
    pub(super) layer: u16,
    pub(super) program: String,
    pub(super) applies: Applies,
    pub(super) rules: Vec<Rule>,
}

/// The rules that `[arrangement]` stands for.
pub(super) fn rules(file: &str, table: toml::Value, layer: u16) -> Result<Vec<Rule>, RuleBookError> {
    let contract: Contract = table.try_into().map_err(|e: toml::de::Error| {
        let remedy = "See docs/models.md for the keys of an arrangement; shares are text, such as \"0.50\"";
        RuleBookError::new(file, "arrangement", "", e.message(), remedy)
    })?;
    let applies = Applies { clock: Clock::PerformanceYear, from: contract.from, to: contract.to };
    let mut writer =
        Writer { file, table: "arrangement", layer, program: contract.name.clone(), applies, rules: Vec::new() };
    writer.check(&contract)?;
    writer.write(contract)?;
    Ok(writer.rules)
}

impl Writer<'_> {
    pub(super) fn refuse(&self, key: &str, problem: impl std::fmt::Display, remedy: &str) -> RuleBookError {
        RuleBookError::new(self.file, self.table, key, problem, remedy)
    }

    /// The name becomes the program's.
    pub(super) fn named(&self) -> Result<(), RuleBookError> {
        let name = &self.program;
        let word = |w: &str| w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if name.is_empty() || !word(name) {
            return Err(self.refuse("name", format!("{name:?} is no name"), "Use a-z, 0-9 and _, as \"harbor\""));
        }
        // A contract under such a name would have terms that it does not state.
        if let Some(taken) = Book::shipped()?.taken(name) {
            let remedy = "Choose a name of your own, as \"harbor\"; terms of a program are changed with [set]";
            return Err(self.refuse("name", format!("{name:?} is {taken}"), remedy));
        }
        Ok(())
    }

    /// What the rules by themselves would not say in the words of a contract.
    fn check(&self, c: &Contract) -> Result<(), RuleBookError> {
        self.named()?;
        for (key, share) in [
            ("discount", &c.discount),
            ("loss_discount", &c.loss_discount),
            ("quality_withhold", &c.quality_withhold),
            ("minimum_savings_rate", &c.minimum_savings_rate),
            ("minimum_loss_rate", &c.minimum_loss_rate),
            ("gross_cap", &c.gross_cap),
            ("lowest_score", &c.lowest_score),
            ("payment_limit", &c.payment_limit),
            ("payment_limit_of_revenue", &c.payment_limit_of_revenue),
            ("loss_limit", &c.loss_limit),
            ("loss_limit_of_revenue", &c.loss_limit_of_revenue),
            ("sequestration", &c.sequestration),
        ] {
            if let Some(share) = share {
                self.share(key, share)?;
            }
        }
        if c.loss_share.is_none() {
            for (key, given) in [
                ("loss_discount", c.loss_discount.is_some()),
                ("minimum_loss_rate", c.minimum_loss_rate.is_some()),
                ("loss_limit", c.loss_limit.is_some()),
                ("loss_limit_of_revenue", c.loss_limit_of_revenue.is_some()),
                ("loss_limit_dollars", c.loss_limit_dollars.is_some()),
            ] {
                if given {
                    let remedy = "Give `loss_share`, or leave the key out";
                    return Err(self.refuse(key, "given, but no losses are shared", remedy));
                }
            }
        }
        if c.shared_from.as_deref() == Some("above_minimum_rate")
            && c.minimum_savings_rate.is_none()
            && c.minimum_loss_rate.is_none()
        {
            let remedy = "Give `minimum_savings_rate` or `minimum_loss_rate`, or leave the key out";
            return Err(self.refuse("shared_from", "\"above_minimum_rate\" without a minimum rate", remedy));
        }
        for (key, part) in [
            ("discount", &c.discount),
            ("loss_discount", &c.loss_discount),
            ("quality_withhold", &c.quality_withhold),
        ] {
            if let Some(part) = part.as_deref().filter(|part| self.share(key, part) == Ok(Decimal::ONE)) {
                return Err(self.refuse(key, format!("{part:?} leaves no target"), "Give a part below 1"));
            }
        }
        for (key, word, known) in [
            ("shared_from", &c.shared_from, &["first_dollar", "above_minimum_rate"][..]),
            ("quality", &c.quality, &["none", "score", "standard"][..]),
        ] {
            if let Some(word) = word.as_deref().filter(|word| !known.contains(word)) {
                return Err(self.refuse(
                    key,
                    format!("{word:?} is not known"),
                    &format!("Use {}", known.join(" or ")),
                ));
            }
        }
        Ok(())
    }

    pub(super) fn share(&self, key: &str, text: &str) -> Result<Decimal, RuleBookError> {
        let remedy = "Shares lie between 0 and 1 and are written as text, such as \"0.50\"";
        match Decimal::from_str(text) {
            Ok(share) if (Decimal::ZERO..=Decimal::ONE).contains(&share) => Ok(share),
            _ => Err(self.refuse(key, format!("{text:?} is not a share"), remedy)),
        }
    }

    /// Slices in order, each share in range, the last open.
    fn slices(&self, key: &str, value: &toml::Value) -> Result<(), RuleBookError> {
        let remedy = "Write one share, such as \"0.50\", or slices [up to this part of the target, share] in rising \
                      order, the last up to \"inf\"";
        if let Some(text) = value.as_str() {
            return self.share(key, text).map(|_| ());
        }
        let mut below: Option<Decimal> = None;
        let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
        for (at, slice) in list.iter().enumerate() {
            let pair = slice.as_array().map(Vec::as_slice).unwrap_or_default();
            let [toml::Value::String(upper), toml::Value::String(share)] = pair else {
                return Err(self.refuse(key, format!("{slice} is not a slice"), remedy));
            };
            self.share(key, share)?;
            if at + 1 == list.len() {
                return if upper == "inf" {
                    Ok(())
                } else {
                    Err(self.refuse(key, format!("the last slice ends at {upper}"), remedy))
                };
            }
            let bound = self.share(key, upper)?;
            if below.is_some_and(|below| bound <= below) {
                return Err(self.refuse(
                    key,
                    format!("slices do not rise: {upper} comes after a bound not below it"),
                    remedy,
                ));
            }
            below = Some(bound);
        }
        Err(self.refuse(key, format!("{value} holds no slices"), remedy))
    }

    pub(super) fn put(
        &mut self,
        field: &str,
        kind: Kind,
        unit: Unit,
        value: toml::Value,
    ) -> Result<(), RuleBookError> {
        let raw = RawRule {
            id: format!("{}.{field}", self.program),
            kind,
            unit,
            applies: self.applies,
            known_from: None,
            status: None,
            confidence: None,
            recalled: Vec::new(),
            value,
            cites: Vec::new(),
            note: String::new(),
        };
        self.rules.push(from_raw(self.file, raw, self.layer)?);
        Ok(())
    }

    pub(super) fn scalar(&mut self, field: &str, unit: Unit, value: Option<String>) -> Result<(), RuleBookError> {
        value.map_or(Ok(()), |value| self.put(field, Kind::Scalar, unit, toml::Value::String(value)))
    }

    fn shared(&mut self, key: &str, field: &str, value: toml::Value) -> Result<(), RuleBookError> {
        self.slices(key, &value)?;
        match value {
            toml::Value::String(share) => self.scalar(field, Unit::Share, Some(share)),
            slices => self.put(&format!("{field}.bands"), Kind::Bands, Unit::Share, slices),
        }
    }

    fn write(&mut self, c: Contract) -> Result<(), RuleBookError> {
        let word = |w: &str| Some(w.to_owned());
        let names = toml::Value::Array(vec![toml::Value::String("CONTRACT".into())]);
        self.put("arrangements", Kind::Choice, Unit::Text, names)?;
        self.scalar("risk", Unit::Text, word(if c.loss_share.is_some() { "two_sided" } else { "one_sided" }))?;
        let minimum = if c.minimum_savings_rate.is_some() { "fixed" } else { "none" };
        self.scalar("minimum_rate", Unit::Text, word(minimum))?;
        // A rate of losses alone: none is said of savings.
        let of_losses =
            c.minimum_loss_rate.or_else(|| c.loss_share.as_ref().and_then(|_| c.minimum_savings_rate.clone()));
        self.scalar("minimum_rate.losses", Unit::Share, of_losses)?;
        self.scalar("minimum_rate.fixed", Unit::Share, c.minimum_savings_rate)?;
        self.scalar("sharing_rate.origin", Unit::Text, c.shared_from)?;
        self.scalar("discount", Unit::Share, c.discount)?;
        self.scalar("loss_discount", Unit::Share, c.loss_discount)?;
        self.scalar("withhold", Unit::Share, c.quality_withhold)?;
        self.scalar("gross_cap", Unit::Share, c.gross_cap)?;
        self.scalar("lowest_score", Unit::Share, c.lowest_score)?;
        self.shared("savings_share", "sharing_rate", c.savings_share)?;
        self.scalar("sharing_rate.quality", Unit::Text, c.quality.or_else(|| word("none")))?;
        if let Some(share) = c.loss_share {
            self.shared("loss_share", "loss_rate", share)?;
            self.scalar("loss_rate.quality", Unit::Text, word("fixed"))?;
        }
        self.scalar("payment_limit", Unit::Share, c.payment_limit)?;
        self.scalar("payment_limit.revenue", Unit::Share, c.payment_limit_of_revenue)?;
        self.scalar("payment_limit.amount", Unit::Usd, c.payment_limit_dollars)?;
        self.scalar("payment_limit.order", Unit::Text, word("before_sequestration"))?;
        self.scalar("loss_limit.benchmark", Unit::Share, c.loss_limit)?;
        self.scalar("loss_limit.revenue", Unit::Share, c.loss_limit_of_revenue)?;
        self.scalar("loss_limit.amount", Unit::Usd, c.loss_limit_dollars)?;
        self.scalar("sequestration", Unit::Share, c.sequestration)
    }
}
