//! From the rule book to a regulation: its rules stand under its own prefix, and a word that the calculation does not
//! know is refused.

use super::regulation::{Choice, Population, Regulation, Risk, Trend, Update, slug};
use crate::core::error::{Error, Result};
use crate::core::rulebook::Taken;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

fn float(n: Decimal) -> f64 {
    n.to_f64().unwrap_or(f64::NAN)
}

struct Reader<'t, 'b> {
    prefix: String,
    taken: &'t mut Taken<'b>,
}

impl Regulation {
    /// Reads it; `newly` makes an empty record of rules taken, so that warnings are told apart.
    pub(super) fn read<'b>(program: &str, name: &str, newly: impl Fn() -> Taken<'b>) -> Result<Self> {
        let mut taken = newly();
        let prefix = format!("{program}.benchmark.{}", slug(name));
        let mut reader = Reader { prefix: prefix.clone(), taken: &mut taken };
        let mut read = reader.regulation(name)?;
        read.told = taken.told();
        let mut apart = newly();
        read.population = Reader { prefix: prefix.clone(), taken: &mut apart }.population()?;
        if let Some(population) = &mut read.population {
            population.told = apart.told();
        }
        let mut apart = newly();
        read.regional_risk_cap = Reader { prefix, taken: &mut apart }.regional_risk_cap()?;
        read.told_of_regional_risk = apart.told();
        Ok(read)
    }
}

impl Reader<'_, '_> {
    fn id(&self, field: &str) -> String {
        format!("{}.{field}", self.prefix)
    }

    fn word(&mut self, field: &str) -> Result<Option<String>> {
        let id = self.id(field);
        if self.taken.rule(&id).is_none() { Ok(None) } else { self.taken.text(&id).map(|w| Some(w.to_owned())) }
    }

    /// A word from a list of those that the calculation knows.
    fn choose<T: Copy>(&mut self, field: &str, known: &[(&str, T)]) -> Result<T> {
        let id = self.id(field);
        let word = self.taken.text(&id)?;
        known.iter().find(|(name, _)| *name == word).map(|(_, choice)| *choice).ok_or_else(|| {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            Error::NotModelled(format!(
                "rule `{id}` says {word:?}, which the calculation does not know. Say one of {}",
                names.join(", ")
            ))
        })
    }

    /// A word that switches something on; any other word than the one known is refused.
    fn switch(&mut self, field: &str, known: &str) -> Result<bool> {
        let id = self.id(field);
        if self.taken.rule(&id).is_none() { Ok(false) } else { self.choose(field, &[(known, true)]) }
    }

    fn optional(&mut self, field: &str) -> Result<Option<f64>> {
        let id = self.id(field);
        Ok(self.taken.optional_number(&id)?.map(float))
    }

    fn number(&mut self, field: &str) -> Result<f64> {
        let id = self.id(field);
        self.taken.number(&id).map(float)
    }

    /// Parts by key, as shares of their sum.
    fn parts<const N: usize>(&mut self, field: &str, keys: [&str; N]) -> Result<Option<[f64; N]>> {
        let id = self.id(field);
        if self.taken.rule(&id).is_none() {
            return Ok(None);
        }
        let mut parts = [0.0; N];
        for (part, key) in parts.iter_mut().zip(keys) {
            *part = self.taken.keyed_number(&id, key)?.map_or(0.0, float);
        }
        let sum: f64 = parts.iter().sum();
        if sum <= 0.0 {
            return Err(Error::NotModelled(format!(
                "the parts of rule `{id}` add up to nothing. Give {} as counts, at least one above zero",
                keys.join(", ")
            )));
        }
        Ok(Some(parts.map(|part| part / sum)))
    }

    /// Shares by number of times: "1", "2" and so on; the last holds for all later times.
    fn by_times(&mut self, field: &str) -> Result<Option<Vec<f64>>> {
        let id = self.id(field);
        let Some(table) = self.taken.table(&id)? else { return Ok(None) };
        let mut shares = Vec::with_capacity(table.len());
        for time in 1..=table.len() {
            let share = self.taken.keyed_number(&id, &time.to_string())?.ok_or_else(|| {
                Error::NotModelled(format!(
                    "rule `{id}` lacks the key {time:?}. Number its keys from 1 without a gap"
                ))
            })?;
            shares.push(float(share));
        }
        Ok(Some(shares))
    }

    fn regulation(&mut self, name: &str) -> Result<Regulation> {
        let years = ["by1", "by2", "by3"];
        let base_year_weights =
            [self.parts("base_year_parts.first", years)?, self.parts("base_year_parts.later", years)?];
        let choice = self.choose(
            "adjustment",
            &[
                ("none", Choice::None),
                ("prior_savings", Choice::PriorSavings),
                ("regional", Choice::Regional),
                ("largest", Choice::Largest),
                ("higher_or_sum", Choice::HigherOrSum),
            ],
        )?;
        let regional_weights =
            self.by_times("regional_weight.lower")?.zip(self.by_times("regional_weight.higher")?);
        if regional_weights.is_none() && !matches!(choice, Choice::None | Choice::PriorSavings) {
            return Err(Error::NotModelled(format!(
                "`{}` needs `regional_weight.lower` and `regional_weight.higher` beside it. Add both",
                self.id("adjustment")
            )));
        }
        let by_rate = match choice {
            Choice::None | Choice::Regional => false,
            _ => self.choose(
                "prior_savings",
                &[("mean_savings_by_mean_sharing_rate", true), ("share_of_mean_savings", false)],
            )?,
        };
        let shared = !by_rate && !matches!(choice, Choice::None | Choice::Regional);
        let kind = self.choose(
            "risk",
            &[("newly_and_continuously_assigned", 0), ("capped_by_type", 1), ("aggregate_cap", 2)],
        )?;
        let risk = match kind {
            0 => {
                self.choose("risk.mixture", &[("share_weighted", ())])?;
                Risk::NewlyAndContinuously
            }
            1 => Risk::CappedByType(self.number("risk.cap")?),
            _ => Risk::AggregateCap(self.number("risk.cap")?),
        };
        let update = self.choose(
            "update",
            &[
                ("flat_dollar", Update::FlatDollar),
                ("regional", Update::Regional),
                ("two_way", Update::TwoWay),
                ("three_way", Update::ThreeWay),
            ],
        )?;
        let three_way = update == Update::ThreeWay;
        if three_way {
            self.choose("prospective_trend", &[("flat_dollars_at_own_risk", ())])?;
        }
        let parts = if three_way { self.parts("prospective_parts", ["prospective", "two_way"])? } else { None };
        Ok(Regulation {
            name: name.to_owned(),
            base_year_weights,
            trend: self.choose(
                "trend",
                &[("national", Trend::National), ("regional", Trend::Regional), ("blended", Trend::Blended)],
            )?,
            choice,
            regional_weights: regional_weights.map(|(lower, higher)| [lower, higher]),
            regional_caps: [self.optional("regional_cap.upper")?, self.optional("regional_cap.lower")?],
            regional_offset: self.switch("regional_offset", "dual_share_and_risk")?,
            prior_savings_share: if shared { Some(self.number("prior_savings.share")?) } else { None },
            adjustment_cap: self.optional("adjustment_cap")?,
            population: None,
            risk,
            update,
            prospective_weight: parts.map_or(0.0, |[prospective, _]| prospective),
            regional_risk_cap: None,
            guardrail: self.switch("guardrail", "two_way_instead_of_loss")?,
            told: Vec::new(),
            told_of_regional_risk: Vec::new(),
        })
    }

    fn population(&mut self) -> Result<Option<Population>> {
        if self.word("population_adjustment")?.is_none() {
            return Ok(None);
        }
        let of_room = self.choose("population_adjustment", &[("share_of_cap", false), ("share_of_room", true)])?;
        let id = self.id("population_adjustment.agreement_start");
        Ok(Some(Population {
            of_room,
            minimum_share: self.number("population_adjustment.minimum_share")?,
            agreement_start: self.taken.optional_integer(&id)?.unwrap_or(i64::MIN),
            told: Vec::new(),
        }))
    }

    fn regional_risk_cap(&mut self) -> Result<Option<f64>> {
        let on = self.switch("regional_risk_cap", "market_share_allowance")?;
        if on { self.number("regional_risk_cap.growth").map(Some) } else { Ok(None) }
    }
}
