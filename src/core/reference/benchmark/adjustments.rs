//! Adjustments in decimals: population, and the choice.

use super::Walk;
use super::number::{Number, Numbers, weighted};
use crate::core::benchmark::{cell, entity};
use crate::core::error::Result;
use crate::core::reference::trace::{dollars, percent};
use rust_decimal::Decimal;

pub(super) struct Adjusted {
    pub(super) regional: Numbers,
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
        Ok(Adjusted { regional, regional_total, prior_savings, population, by_type, applied })
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
