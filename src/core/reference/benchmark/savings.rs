//! Prior savings in decimals, both ways.

use super::number::{Number, sum};
use super::{Walk, ratio};
use crate::core::benchmark::entity;
use crate::core::error::Result;
use crate::core::reference::trace::dollars;
use rust_decimal::Decimal;

impl Walk<'_, '_> {
    /// The amount after its cap, and the prorated mean savings behind it.
    pub(super) fn prior(&mut self, cap: Option<Number>) -> Result<(Number, Number)> {
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
}
