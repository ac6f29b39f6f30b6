//! Update factors in decimals: flat dollars, regional, two-way and three-way.

use super::number::{Number, Numbers, each, sum, weighted};
use super::{Walk, list, ratio};
use crate::core::benchmark::cell;
use crate::core::error::Result;
use crate::core::reference::trace::dollars;

impl Walk<'_, '_> {
    /// Factor in force, two-way factor, and dollars to add.
    pub(super) fn update(&mut self, historical: &Numbers) -> Result<(Numbers, Numbers, Numbers)> {
        let how = self.word("update")?;
        let rule = self.rule("update");
        let given = self.cells(cell::GIVEN_UPDATE_FACTOR);
        let (nat, nat_3) = (self.cells(cell::NATIONAL_PY), self.cells(cell::NATIONAL_BY3));
        if how == "flat_dollar" {
            let ready = self.cells(cell::GIVEN_FLAT_UPDATE);
            let flat = each(|k| if given[k].known() { Number::ZERO } else { ready[k].or(nat[k] - nat_3[k]) });
            let inputs = [("national PY", list(&nat, dollars)), ("national BY3", list(&nat_3, dollars))];
            let formula = "national expenditures PY - BY3, in dollars";
            self.trace.step("flat-dollar update", formula, &inputs, list(&flat, dollars), &[rule]);
            let factor = each(|k| given[k].or(Number::ONE));
            return Ok((factor, factor, flat));
        }
        let (reg, reg_3) = (self.cells(cell::REGIONAL_PY), self.cells(cell::REGIONAL_BY3));
        let raised = self.regional_risk(historical)?;
        let national = each(|k| nat[k] / nat_3[k]);
        let regional = each(|k| reg[k] / reg_3[k] * raised[k]);
        let weight = self.cells(cell::NATIONAL_WEIGHT_PY);
        let regional_only = how == "regional";
        let two_way = each(|k| {
            if regional_only {
                regional[k]
            } else {
                weight[k] * national[k] + (Number::ONE - weight[k]) * regional[k]
            }
        });
        let mut inputs = vec![("regional growth", list(&regional, ratio))];
        if !regional_only {
            inputs.push(("national growth", list(&national, ratio)));
            inputs.push(("market share PY", list(&weight, ratio)));
        }
        let (name, formula) = if regional_only {
            ("regional update factor", "regional expenditures PY / BY3")
        } else {
            ("two-way update factor", "market share x national growth + (1 - market share) x regional growth")
        };
        self.trace.step(name, formula, &inputs, list(&two_way, ratio), &[rule]);
        let factor = if how == "three_way" { self.three_way(historical, &two_way)? } else { two_way };
        let in_force = each(|k| given[k].or(factor[k]));
        if given.iter().any(|g| g.known()) {
            self.trace.step("update factor given", "in place of the computed", &[], list(&given, ratio), &[rule]);
        }
        Ok((in_force, two_way, [Number::ZERO; 4]))
    }

    fn three_way(&mut self, historical: &Numbers, two_way: &Numbers) -> Result<Numbers> {
        let part = self.part("prospective_parts", &["prospective", "two_way"], "prospective")?;
        let growth = self.cells(cell::ACPT_GROWTH);
        let (national, risk) = (self.cells(cell::NATIONAL_BY3), self.cells(cell::RISK_SCORE_BY3));
        let flat = each(|k| growth[k] * national[k] * risk[k]);
        let given = self.cells(cell::ACPT);
        let trend = each(|k| given[k].or(Number::ONE + flat[k] / historical[k]));
        let mut inputs = vec![("given", list(&given, ratio))];
        if given.iter().any(|g| !g.known()) {
            inputs = vec![
                ("projected growth", list(&growth, ratio)),
                ("dollars at the ACO's risk", list(&flat, dollars)),
            ];
        }
        let rule = self.rule("prospective_trend");
        let formula = "1 + projected growth x national BY3 x risk score BY3 / historical benchmark";
        self.trace.step("prospective trend", formula, &inputs, list(&trend, ratio), &[rule]);
        let three = each(|k| part * trend[k] + (Number::ONE - part) * two_way[k]);
        let rules = [self.rule("update"), self.rule("prospective_parts")];
        let inputs = [("prospective weight", part.show(ratio))];
        let formula = "prospective weight x prospective trend + the rest x two-way factor";
        self.trace.step("three-way update factor", formula, &inputs, list(&three, ratio), &rules);
        Ok(three)
    }

    /// What regional growth is multiplied by where regional risk grew past its cap.
    fn regional_risk(&mut self, historical: &Numbers) -> Result<Numbers> {
        let none = [Number::ONE; 4];
        if self.rule("regional_risk_cap").is_none() {
            return Ok(none);
        }
        let places = [
            cell::REGIONAL_RISK_SCORE_PY,
            cell::REGIONAL_RISK_SCORE_BY3,
            cell::REGIONAL_DEMOGRAPHIC_SCORE_PY,
            cell::REGIONAL_DEMOGRAPHIC_SCORE_BY3,
        ];
        let [py, by3, demographic_py, demographic_by3] = places.map(|p| self.cells(p));
        if py.iter().chain(&by3).all(|n| !n.known()) {
            return Ok(none);
        }
        let hcc = each(|k| py[k] / by3[k]);
        let demographic = each(|k| demographic_py[k] / demographic_by3[k]);
        let weights = self.dollar_weights(historical);
        let years = self.cells(cell::PERSON_YEARS_PY);
        let market_share = weighted(&years, &self.cells(cell::NATIONAL_WEIGHT_PY)) / sum(years);
        let (all, free) = (
            weighted(&weights, &hcc),
            weighted(&weights, &demographic) + self.number("regional_risk_cap.growth")?,
        );
        let cap = free + market_share * (all - free).max(Number::ZERO);
        let over = all - cap;
        let factors = each(|k| if over.positive() { hcc[k] / hcc[k].min(cap) } else { Number::ONE.given(over) });
        let rules = [self.rule("regional_risk_cap"), self.rule("regional_risk_cap.growth")];
        let inputs = [
            ("regional HCC growth", list(&hcc, ratio)),
            ("all types", all.show(ratio)),
            ("market share", market_share.show(ratio)),
            ("cap", cap.show(ratio)),
        ];
        let formula = "growth / the lower of growth and cap, where growth over all types exceeds the cap; else 1";
        self.trace.step("regional risk factor", formula, &inputs, list(&factors, ratio), &rules);
        Ok(factors)
    }
}
