//! Adjustments in decimals: regional by its paragraphs, prior savings both ways, population, and the choice.

use super::number::{Number, Numbers, each, sum, weighted};
use super::{Walk, list, ratio};
use crate::core::benchmark::{cell, entity};
use crate::core::error::{Error, Result};
use crate::core::reference::trace::{count, dollars, percent};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

pub(super) struct Adjusted {
    pub(super) regional_total: Number,
    pub(super) prior_savings: Number,
    pub(super) population: Number,
    pub(super) by_type: Numbers,
    pub(super) applied: &'static str,
}

impl Walk<'_, '_> {
    pub(super) fn adjust(&mut self, share: &Numbers, unadjusted: &Numbers) -> Result<Adjusted> {
        let choice = self.word("adjustment")?;
        let nothing = [Number::ZERO; 4];
        let regional = if choice == "none" || choice == "prior_savings" {
            nothing
        } else {
            self.regional(share, unadjusted)?
        };
        let regional_total = weighted(share, &regional);
        let cap = match self.optional("adjustment_cap")? {
            None => None,
            Some(part) => {
                let national = weighted(share, &self.cells(cell::NATIONAL_BY3));
                let rule = self.rule("adjustment_cap");
                let inputs =
                    [("national BY3 at the ACO's mix", national.show(dollars)), ("share", part.show(percent))];
                let formula = "share x national expenditures of BY3, at the ACO's mix of types";
                let cap = part * national;
                self.trace.step("cap of flat adjustments", formula, &inputs, cap.show(dollars), &[rule]);
                Some(cap)
            }
        };
        let flat = !matches!(choice, "none" | "regional");
        let (prior_savings, prorated) = if flat { self.prior(cap)? } else { (Number::ZERO, Number::ZERO) };
        let population = self.population(cap, regional_total, prior_savings)?;
        let rule = self.rule("adjustment");
        let mut inputs = vec![("regional", regional_total.show(dollars))];
        if flat {
            inputs.push(("prior savings", prior_savings.show(dollars)));
        }
        if population != Number::ZERO {
            inputs.push(("population", population.show(dollars)));
        }
        let all_known = regional_total.known() && prior_savings.known() && population.known();
        let gap = regional_total + prior_savings + population;
        let (by_type, applied, formula) = match choice {
            "none" => (nothing, "none", "this regulation has no adjustment"),
            "prior_savings" if prior_savings == Number::ZERO => (nothing, "none", "no prior savings"),
            "prior_savings" => {
                ([prior_savings; 4], "prior_savings", "prior savings are added, the same dollars in every type")
            }
            "regional" => {
                (regional, "regional", "the regional adjustment of each type is added, whatever its sign")
            }
            _ if !all_known => ([gap; 4], "none", "cannot be decided"),
            "largest" => {
                let formula =
                    "the largest, if positive: regional by type, the others as the same dollars in every type";
                let most = regional_total.max(prior_savings).max(population);
                // Amounts at the same cap are equal but for the last of their 28 digits.
                let tied = |amount: Number| !(most - amount - most * Number::of(Decimal::new(1, 20))).positive();
                if !most.positive() {
                    (nothing, "none", formula)
                } else if tied(regional_total) {
                    (regional, "regional", formula)
                } else if tied(prior_savings) {
                    ([prior_savings; 4], "prior_savings", formula)
                } else {
                    ([population; 4], "population", formula)
                }
            }
            _ => {
                let formula =
                    "the higher of the two; a share of the sum where the regional adjustment is not positive";
                let both = regional_total + prorated;
                if regional_total.positive() && !(prior_savings - regional_total).positive() {
                    (regional, "regional", formula)
                } else if regional_total.positive() {
                    ([prior_savings; 4], "prior_savings", formula)
                } else if prior_savings == Number::ZERO {
                    (regional, if regional_total.negative() { "regional" } else { "none" }, formula)
                } else if both.positive() {
                    let amount = self.number("prior_savings.share")? * both;
                    ([cap.map_or(amount, |cap| amount.min(cap)); 4], "prior_savings_and_regional", formula)
                } else {
                    ([both; 4], "prior_savings_and_regional", formula)
                }
            }
        };
        let value = format!("{} ({})", weighted(share, &by_type).show(dollars), applied.replace('_', " "));
        self.trace.step("adjustment applied", formula, &inputs, value, &[rule]);
        Ok(Adjusted { regional_total, prior_savings, population, by_type, applied })
    }

    fn regional(&mut self, share: &Numbers, unadjusted: &Numbers) -> Result<Numbers> {
        let region = self.cells(cell::REGIONAL_BY3);
        let risk = self.cells(cell::RISK_SCORE_BY3);
        let at_risk = each(|k| region[k] * risk[k]);
        let difference = each(|k| at_risk[k] - unadjusted[k]);
        let inputs = [("region at the ACO's risk", list(&at_risk, dollars))];
        let formula = "regional expenditures BY3 x risk score BY3 - benchmark before adjustment";
        let weights = self.rule("regional_weight.lower");
        self.trace.step("regional difference", formula, &inputs, list(&difference, dollars), &[weights]);
        let total = weighted(share, &difference);
        let (side, field) = if total.negative() {
            ("higher spending than the region", "regional_weight.higher")
        } else {
            ("lower spending than the region", "regional_weight.lower")
        };
        self.trace.step(
            "side",
            "sign of the sum over types of difference x share",
            &[],
            format!("{}: {side}", total.show(dollars)),
            &[weights],
        );
        let so_far = self.entity(entity::REGIONAL_ADJUSTMENTS_SO_FAR);
        let so_far = if self.later() { so_far } else { so_far.or(Number::ZERO) };
        let weight = Number(match so_far.0 {
            Ok(times) => Ok(self.weight_of(field, times)?),
            Err(gap) => Err(gap),
        });
        let rule = self.rule(field);
        let inputs = [("regional adjustments so far", so_far.show(|n| count(n.to_i64().unwrap_or(0))))];
        self.trace.step("regional weight", "by number of times", &inputs, weight.show(percent), &[rule]);
        let national = self.cells(cell::NATIONAL_BY3);
        let upper = self.optional("regional_cap.upper")?;
        let lower = self.optional("regional_cap.lower")?;
        let weighed = each(|k| weight * difference[k]);
        let capped = each(|k| match (upper, lower) {
            (Some(part), _) if weighed[k].positive() => weighed[k].min(part * national[k]),
            (_, Some(part)) if weighed[k].negative() => weighed[k].max(Number::ZERO - part * national[k]),
            _ => weighed[k],
        });
        if upper.is_some() || lower.is_some() {
            let rules = [self.rule("regional_cap.upper"), self.rule("regional_cap.lower")];
            let inputs =
                [("weight x difference", list(&weighed, dollars)), ("national BY3", list(&national, dollars))];
            let formula = "between the lower and the upper share of national expenditures of the type";
            self.trace.step("capped", formula, &inputs, list(&capped, dollars), &rules);
        }
        let mut amount = capped;
        if self.rule("regional_offset").is_some() && capped.iter().any(|x| x.negative()) {
            let offset = self.offset();
            amount = each(|k| if capped[k].negative() { capped[k] * (Number::ONE - offset) } else { capped[k] });
        }
        let given = self.cells(cell::GIVEN_REGIONAL_ADJUSTMENT);
        let amount = each(|k| given[k].or(amount[k]));
        let inputs: &[(&str, String)] =
            if given.iter().any(|g| g.known()) { &[("given", list(&given, dollars))] } else { &[] };
        self.trace.step("regional adjustment", "by type", inputs, list(&amount, dollars), &[rule]);
        Ok(amount)
    }

    fn weight_of(&mut self, field: &str, so_far: Decimal) -> Result<Decimal> {
        let id = format!("{}.{field}", self.prefix);
        let last = self.taken.table(&id)?.map_or(0, std::collections::BTreeMap::len);
        let time = so_far.to_usize().unwrap_or(last).saturating_add(1).min(last);
        let weight = self.taken.keyed_number(&id, &time.to_string())?;
        weight.ok_or_else(|| Error::NotModelled(format!("rule `{id}` has no weight for time {time}")))
    }

    /// Part by which negative amounts are reduced: dual share plus dollar-weighted risk less one.
    fn offset(&mut self) -> Number {
        let rule = self.rule("regional_offset");
        let years = self.cells(cell::PERSON_YEARS_BY3);
        let spent = self.cells(cell::PER_CAPITA_BY3);
        let risk = self.cells(cell::RISK_SCORE_BY3);
        let types: Vec<usize> = (0..4).filter(|k| years[*k] != Number::ZERO).collect();
        let dollars_of = |k: usize| spent[k] * years[k];
        let mean =
            sum(types.iter().map(|k| dollars_of(*k) * risk[*k])) / sum(types.iter().map(|k| dollars_of(*k)));
        let dual = self.entity(entity::DUAL_SHARE);
        let offset = (dual + (mean - Number::ONE)).max(Number::ZERO).min(Number::ONE);
        let inputs = [("dual share", dual.show(percent)), ("mean risk score, by dollars", mean.show(ratio))];
        let formula = "dual share + (mean risk score - 1), between 0 and 1; reduces negative amounts";
        self.trace.step("offset", formula, &inputs, offset.show(percent), &[rule]);
        offset
    }

    /// The amount after its cap, and the prorated mean savings behind it.
    fn prior(&mut self, cap: Option<Number>) -> Result<(Number, Number)> {
        let method = self.word("prior_savings")?;
        let by_rate = method == "mean_savings_by_mean_sharing_rate";
        let rules = [self.rule("prior_savings"), self.rule("prior_savings.share")];
        let years = [
            [
                entity::PRIOR_SAVINGS_BY1,
                entity::PRIOR_PERSON_YEARS_BY1,
                entity::BASE_PERSON_YEARS_BY1,
                entity::PRIOR_SHARING_RATE_BY1,
            ],
            [
                entity::PRIOR_SAVINGS_BY2,
                entity::PRIOR_PERSON_YEARS_BY2,
                entity::BASE_PERSON_YEARS_BY2,
                entity::PRIOR_SHARING_RATE_BY2,
            ],
            [
                entity::PRIOR_SAVINGS_BY3,
                entity::PRIOR_PERSON_YEARS_BY3,
                entity::BASE_PERSON_YEARS_BY3,
                entity::PRIOR_SHARING_RATE_BY3,
            ],
        ];
        let reconciled: Vec<_> = years.into_iter().filter(|y| self.entity(y[0]).known()).collect();
        let all = |place: usize| sum(reconciled.iter().map(|y| self.entity(y[place])));
        let [savings, then, base, rates] = [all(0), all(1), all(2), all(3)];
        let given = self.entity(entity::PRIOR_SAVINGS_PER_CAPITA);
        let n = Number::of(Decimal::from(reconciled.len()));
        let mut prorated = given;
        if !given.known() {
            if reconciled.is_empty() {
                prorated = Number::ZERO;
            } else {
                let mean = savings / if by_rate { n } else { Number::of(Decimal::from(years.len())) };
                let ratio_of = (then / base).min(Number::ONE);
                let years = reconciled.len().to_string();
                let inputs = [
                    ("years reconciled", years),
                    ("mean savings", mean.show(dollars)),
                    ("person years ratio", ratio_of.show(ratio)),
                ];
                prorated = if mean.positive() { mean * ratio_of } else { Number::ZERO };
                let formula = if by_rate {
                    "mean per capita savings of the earlier agreement period x person years then / as base years, at most 1"
                } else {
                    "sum of per capita savings / 3 x person years then / as base years, at most 1; none if not positive"
                };
                self.trace.step("prior savings", formula, &inputs, prorated.show(dollars), &rules);
            }
        }
        if prorated.known() && !prorated.positive() {
            prorated = Number::ZERO;
        }
        let amount = if prorated == Number::ZERO {
            Number::ZERO
        } else if by_rate {
            prorated * self.entity(entity::PRIOR_SHARING_RATE).or(rates / n)
        } else {
            prorated * self.number("prior_savings.share")?
        };
        let amount = cap.filter(|_| amount != Number::ZERO).map_or(amount, |cap| amount.min(cap));
        let amount = self.entity(entity::GIVEN_PRIOR_SAVINGS_ADJUSTMENT).or(amount);
        let inputs = [("prior savings", prorated.show(dollars))];
        let formula =
            if by_rate { "prior savings x mean sharing rate" } else { "share x prior savings, at most the cap" };
        self.trace.step("prior savings adjustment", formula, &inputs, amount.show(dollars), &rules);
        Ok((amount, prorated))
    }

    fn population(&mut self, cap: Option<Number>, regional: Number, prior: Number) -> Result<Number> {
        let Some(rule) = self.rule("population_adjustment") else { return Ok(Number::ZERO) };
        let id = format!("{}.population_adjustment.agreement_start", self.prefix);
        if self.taken.optional_integer(&id)?.is_some_and(|from| self.case.start < from) {
            return Ok(Number::ZERO);
        }
        let least = self.number("population_adjustment.minimum_share")?;
        let share = self.entity(entity::LOW_INCOME_SHARE);
        let cap = cap.unwrap_or(Number::ZERO);
        let room = if self.word("population_adjustment")? == "share_of_room" {
            (cap - regional.max(Number::ZERO).max(prior)).max(Number::ZERO)
        } else {
            cap
        };
        let amount = if (least - share).positive() { Number::ZERO } else { share * room };
        let amount = self.entity(entity::GIVEN_POPULATION_ADJUSTMENT).or(amount);
        let inputs = [("eligible share", share.show(percent)), ("of", room.show(dollars))];
        let formula = "eligible share x cap, or x what the cap leaves; none below the least share";
        let rules = [Some(rule), self.rule("population_adjustment.minimum_share")];
        self.trace.step("population adjustment", formula, &inputs, amount.show(dollars), &rules);
        Ok(amount)
    }
}
