//! The regional adjustment in decimals, paragraph by paragraph.

use super::number::{Number, Numbers, each, sum, weighted};
use super::{Walk, list, ratio};
use crate::core::benchmark::{cell, entity};
use crate::core::error::{Error, Result};
use crate::core::reference::trace::{count, dollars, percent};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

impl Walk<'_, '_> {
    pub(super) fn regional(&mut self, share: &Numbers, unadjusted: &Numbers) -> Result<Numbers> {
        let region = self.cells(cell::REGIONAL_BY3);
        let risk = self.cells(cell::RISK_SCORE_BY3);
        let at_risk = each(|k| region[k] * risk[k]);
        let difference = each(|k| at_risk[k] - unadjusted[k]);
        let inputs = [("region at the ACO's risk", list(&at_risk, dollars))];
        let formula = "regional expenditures BY3 x risk score BY3 - benchmark before adjustment";
        let weights = self.rule("regional_weight.lower");
        self.trace.step("regional difference", formula, &inputs, list(&difference, dollars), &[weights]);
        let total = weighted(share, &difference);
        let (side, field) = if !total.known() {
            ("cannot be decided", "regional_weight.lower")
        } else if total.negative() {
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
        })
        .given(total);
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
}
