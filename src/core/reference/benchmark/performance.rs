//! The performance year in decimals: risk ratios, the total, and the guardrail.

use super::gap::Gap;
use super::number::{Number, Numbers, each, sum, weighted};
use super::{Walk, list, ratio};
use crate::core::benchmark::{cell, entity};
use crate::core::error::Result;
use crate::core::reference::trace::{dollars, percent, truth};

pub(super) struct Performance {
    pub(super) risk_ratio: Numbers,
    pub(super) updated: Numbers,
    pub(super) updated_benchmark: Number,
    pub(super) two_way_benchmark: Number,
    pub(super) guardrail: Option<bool>,
    pub(super) benchmark: Number,
}

impl Performance {
    /// Nothing follows from a historical benchmark that is not known.
    pub(super) fn unknown(gap: Gap) -> Self {
        let none = Number(Err(gap));
        Self {
            risk_ratio: [none; 4],
            updated: [none; 4],
            updated_benchmark: none,
            two_way_benchmark: none,
            guardrail: None,
            benchmark: none,
        }
    }
}

impl Walk<'_, '_> {
    pub(super) fn performance(&mut self, historical: &Numbers) -> Result<Performance> {
        let years = self.cells(cell::PERSON_YEARS_PY);
        let total = sum(years);
        if !total.known() {
            self.trace.step(
                "updated benchmark",
                "needs person years of the performance year",
                &[],
                "not known".into(),
                &[],
            );
        }
        let rule = self.rule("update");
        let risk_ratio = self.risk(historical)?;
        let (factor, two_way, flat) = self.update(historical)?;
        let by = |factor: &Numbers| each(|k| historical[k] * risk_ratio[k] * factor[k] + flat[k]);
        let (updated, two_way) = (by(&factor), by(&two_way));
        let (three, two) = (weighted(&years, &updated), weighted(&years, &two_way));
        let inputs = [
            ("historical", list(historical, dollars)),
            ("risk ratio", list(&risk_ratio, ratio)),
            ("update factor", list(&factor, ratio)),
        ];
        let formula = "historical x risk ratio x update factor (+ dollars of national growth)";
        self.trace.step("updated benchmark by type", formula, &inputs, list(&updated, dollars), &[rule]);
        let guardrail = self.guardrail(three, two);
        let guarded = guardrail == Some(true);
        let (updated, benchmark) = if guarded { (two_way, two) } else { (updated, three) };
        let updated_benchmark = benchmark / total;
        let inputs = [("person years PY", list(&years, ratio)), ("all types", total.show(ratio))];
        let formula = "sum over types of updated benchmark x share in PY";
        self.trace.step("updated benchmark", formula, &inputs, updated_benchmark.show(dollars), &[rule]);
        let value = match benchmark.0 {
            Ok(amount) => dollars(amount),
            Err(Gap::Missing(column, _)) => format!("not known: `{column}` is null"),
            Err(_) => "not known".into(),
        };
        let formula = "updated benchmark x person years of the performance year, to the cent";
        self.trace.step("benchmark", formula, &[], value, &[rule]);
        let has_guardrail = self.rule("guardrail").is_some();
        let missing = Number(Err(Gap::Missing("guardrail", None)));
        Ok(Performance {
            risk_ratio,
            updated,
            updated_benchmark,
            two_way_benchmark: if has_guardrail { two } else { missing },
            guardrail,
            benchmark,
        })
    }

    /// Parts of the types in dollars of the historical benchmark.
    pub(super) fn dollar_weights(&self, historical: &Numbers) -> Numbers {
        let years = self.cells(cell::PERSON_YEARS_PY);
        let of = each(|k| if years[k] == Number::ZERO { Number::ZERO } else { historical[k] * years[k] });
        each(|k| of[k] / sum(of))
    }

    fn risk(&mut self, historical: &Numbers) -> Result<Numbers> {
        let scores = [cell::RISK_SCORE_PY, cell::RISK_SCORE_BY3].map(|p| self.cells(p));
        let demographic = [cell::DEMOGRAPHIC_SCORE_PY, cell::DEMOGRAPHIC_SCORE_BY3].map(|p| self.cells(p));
        let hcc = each(|k| scores[0][k] / scores[1][k]);
        let demographic = each(|k| demographic[0][k] / demographic[1][k]);
        let rules = [self.rule("risk"), self.rule("risk.cap"), self.rule("risk.mixture")];
        let mut inputs = vec![("HCC growth", list(&hcc, ratio))];
        let (computed, formula): (Numbers, &'static str) = match self.word("risk")? {
            "capped_by_type" => {
                let cap = Number::ONE + self.number("risk.cap")?;
                inputs.push(("cap", cap.show(ratio)));
                (hcc.map(|h| h.min(cap)), "HCC growth since BY3, at most the cap, by type")
            }
            "aggregate_cap" => {
                let weights = self.dollar_weights(historical);
                let (all, growth) = (weighted(&weights, &hcc), weighted(&weights, &demographic));
                let cap = growth + self.number("risk.cap")?;
                let over = all - cap;
                inputs.push(("demographic growth", list(&demographic, ratio)));
                inputs.push(("weights", list(&weights, ratio)));
                inputs.push(("HCC growth, all types", all.show(ratio)));
                inputs.push(("cap", cap.show(ratio)));
                let ratios = each(|k| {
                    // The cap must be known even where it does not bind.
                    if over.positive() { hcc[k].min(cap) } else { hcc[k].given(over) }
                });
                (ratios, "HCC growth; at most the cap where growth over all types exceeds it")
            }
            _ => {
                let newly = self.cells(cell::NEWLY_ASSIGNED_SHARE_PY);
                inputs.push(("demographic growth", list(&demographic, ratio)));
                inputs.push(("newly assigned", list(&newly, percent)));
                let ratios = each(|k| {
                    let lower = hcc[k].min(demographic[k]);
                    let rest = Number::ONE - newly[k];
                    newly[k] * hcc[k] + if rest == Number::ZERO { Number::ZERO } else { rest * lower }
                });
                (ratios, "newly assigned share x HCC growth + the rest x the lower of HCC and demographic growth")
            }
        };
        let given = self.cells(cell::GIVEN_RISK_RATIO);
        let ratios = each(|k| given[k].or(computed[k]));
        if given.iter().any(|g| g.known()) {
            inputs.push(("given", list(&given, ratio)));
        }
        self.trace.step("risk ratio to PY", formula, &inputs, list(&ratios, ratio), &rules);
        Ok(ratios)
    }

    fn guardrail(&mut self, three: Number, two: Number) -> Option<bool> {
        let Some(rule) = self.rule("guardrail") else { return Some(false) };
        let spent = self.entity(entity::EXPENDITURES);
        let rate = self.entity(entity::GUARDRAIL_RATE);
        let loss = spent - three;
        let past = loss - rate * three;
        let holds = if loss.known() && !loss.positive() || past.negative() {
            Some(false)
        } else if past.known() && two.known() {
            let by_two = two - spent;
            Some(by_two.positive() || (loss + by_two).positive())
        } else {
            None
        };
        let inputs = [
            ("expenditures", spent.show(dollars)),
            ("minimum loss rate", rate.show(percent)),
            ("three-way benchmark", three.show(dollars)),
            ("two-way benchmark", two.show(dollars)),
        ];
        let formula =
            "two-way in place of a three-way loss at or past the minimum rate, if savings or a smaller loss";
        self.trace.step("guardrail", formula, &inputs, truth(holds), &[Some(rule)]);
        holds
    }
}
