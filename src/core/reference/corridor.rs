//! Targets, slices and what follows the limits, for the settlement in decimals: the steps that the models of the
//! Innovation Center add to those of the Shared Savings Program.

use super::settle::{Case, from_cents, from_ppb};
use super::trace::{dollars, percent};
use crate::core::error::Result;
use crate::core::rulebook::Rule;
use rust_decimal::Decimal;

/// Savings or losses of a row: target, distance from it, minimum rate as a fraction, part of the year.
pub(super) struct Amounts {
    pub(super) target: Decimal,
    pub(super) size: Decimal,
    pub(super) minimum: (Decimal, Decimal),
    pub(super) period: Decimal,
}

impl<'b> Case<'_, 'b> {
    pub(super) fn benchmark(&self) -> Decimal {
        from_cents(self.row.benchmark)
    }

    /// Steps for the arrangement by itself, or for all of them, and their rule.
    #[allow(clippy::type_complexity)] // steps as the rule book has them
    fn steps(&mut self, field: &str) -> Result<Option<(&'b [(Option<Decimal>, Decimal)], Option<&'b Rule>)>> {
        let id = self.taken.id_for(&format!("{}.{field}", self.program), self.arrangement);
        let steps = self.taken.bands(&id)?;
        let rule = self.taken.rule(&id);
        Ok(steps.map(|steps| (steps, rule)))
    }

    /// The rule of a share, or of shares by slice.
    pub(super) fn rates_rule(&mut self, field: &str) -> Option<&'b Rule> {
        let id = self.taken.id_for(&format!("{}.{field}.bands", self.program), self.arrangement);
        self.taken.rule(&id).or_else(|| self.rule(field))
    }

    fn by_score(&mut self, steps: &[(Option<Decimal>, Decimal)]) -> Result<Decimal> {
        let score = self.score()?;
        let found = steps.iter().find(|(upper, _)| upper.is_none_or(|upper| score <= upper));
        Ok(found.map_or(Decimal::ZERO, |(_, rate)| *rate))
    }

    fn discount(&mut self, field: &str) -> Result<Option<(Decimal, Option<&'b Rule>)>> {
        if self.number(&format!("{field}.lowest"))?.is_some() {
            let part = self.row.discount.map(from_ppb).ok_or_else(|| Self::missing("discount"))?;
            return Ok(Some((part, self.rule(&format!("{field}.lowest")))));
        }
        if let Some((steps, rule)) = self.steps(&format!("{field}.bands"))? {
            return Ok(Some((self.by_score(steps)?, rule)));
        }
        Ok(self.number(field)?.map(|part| (part, self.rule(field))))
    }

    /// The benchmark after discount, withhold and bonus.
    pub(super) fn target(&mut self, field: &str, spent: Decimal) -> Result<Decimal> {
        let benchmark = self.benchmark();
        if self.row.benchmark_final {
            let formula = "the benchmark as given: after discount and withhold";
            self.trace.step("target", formula, &[], dollars(benchmark), &[]);
            return Ok(benchmark);
        }
        let (part, rule) = self.discount(field)?.unwrap_or((Decimal::ZERO, None));
        let withhold = self.number("withhold")?.unwrap_or(Decimal::ZERO);
        let bonus = from_cents(self.row.benchmark_bonus);
        let discounted = benchmark * (Decimal::ONE - part);
        let withheld = discounted * withhold;
        let target = discounted - withheld + withheld * self.earned_back(withhold)? + bonus;
        if target != benchmark || !part.is_zero() {
            let inputs = [
                ("benchmark", dollars(benchmark)),
                ("discount", percent(part)),
                ("withhold", percent(withhold)),
                ("bonus", dollars(bonus)),
                ("expenditures", dollars(spent)),
            ];
            let rules = [rule, self.rule("withhold"), self.rule("withhold.reporting")];
            let formula = "benchmark x (1 - discount) - withhold + what quality earns back of it + bonus";
            self.trace.step("target", formula, &inputs, dollars(target), &rules);
        }
        Ok(target)
    }

    /// The target of losses, where they have a discount of their own.
    pub(super) fn loss_target(&mut self, of_savings: Decimal) -> Result<Decimal> {
        if self.row.benchmark_final || self.discount("loss_discount")?.is_none() {
            return Ok(of_savings);
        }
        self.target("loss_discount", from_cents(self.row.expenditures))
    }

    /// The part of the withhold that quality earns back.
    fn earned_back(&mut self, withhold: Decimal) -> Result<Decimal> {
        if withhold.is_zero() || self.row.quality_standard_met == Some(false) {
            return Ok(Decimal::ZERO);
        }
        let reporting = self.number("withhold.reporting")?.unwrap_or(Decimal::ZERO);
        if reporting == withhold {
            return Ok(Decimal::ONE);
        }
        Ok((reporting + (withhold - reporting) * self.score()?) / withhold)
    }

    /// Sum of the slices beyond the origin times their shares, and the share of the first.
    pub(super) fn slices(&mut self, field: &str, side: &Amounts) -> Result<(Decimal, Decimal)> {
        let most = match (self.number("elected_cap.lowest")?, self.number("gross_cap")?) {
            (Some(_), _) => Some(self.row.elected_cap.map(from_ppb).ok_or_else(|| Self::missing("elected_cap"))?),
            (None, cap) => cap,
        };
        let capped = most.map_or(side.size, |cap| side.size.min(cap * side.target));
        if let Some(cap) = most {
            let inputs = [("share", percent(cap)), ("target", dollars(side.target))];
            let rules = [self.rule("elected_cap.lowest"), self.rule("gross_cap")];
            let formula = "savings or losses, at most this share of the target";
            self.trace.step("cap", formula, &inputs, dollars(capped), &rules);
        }
        let above = self.word("sharing_rate.origin")? == "above_minimum_rate";
        let start = if above { side.minimum.0 * side.target / side.minimum.1 } else { Decimal::ZERO };
        let beyond = (capped - start).max(Decimal::ZERO);
        let flat = [(None, self.number(field).unwrap_or(None).unwrap_or(Decimal::ZERO))];
        let steps = self.steps(&format!("{field}.bands"))?.map_or(&flat[..], |(steps, _)| steps);
        let (mut sum, mut from) = (Decimal::ZERO, Decimal::ZERO);
        for (upper, share) in steps {
            let to = upper.map_or(beyond, |upper| beyond.min(upper * side.target)).max(from);
            sum += (to - from) * share;
            from = to;
        }
        Ok((sum, steps[0].1))
    }

    /// The same of losses.
    pub(super) fn loss_slices(&mut self, side: &Amounts) -> Result<(Decimal, Decimal, &'static str)> {
        let field = if self.word("loss_rate.basis")? == "sharing_rate" { "sharing_rate" } else { "loss_rate" };
        let (sum, first) = self.slices(field, side)?;
        Ok((sum, first, field))
    }

    /// What shared savings may not exceed.
    pub(super) fn payment_limit(&mut self, side: &Amounts) -> Result<Option<Decimal>> {
        let mut lowest: Option<Decimal> = None;
        let of_target = self.word("payment_limit.basis")? == "target";
        let basis = if of_target { side.target } else { self.benchmark() };
        let revenue = self.row.participant_revenue.map(from_cents);
        let others = [self.number("payment_limit")?, self.number("payment_limit.amount")?];
        for (field, basis) in [
            ("payment_limit", Some(basis)),
            ("payment_limit.revenue", revenue),
            ("payment_limit.amount", Some(Decimal::ONE)),
        ] {
            let Some(part) = self.number(field)? else { continue };
            let Some(basis) = basis else {
                if others == [None, None] {
                    return Err(Self::missing("participant_revenue"));
                }
                continue;
            };
            let limit = part * basis * side.period;
            let inputs = [("basis", dollars(basis)), ("times", part.normalize().to_string())];
            let rule = self.rule(field);
            let formula = "share x basis; the lowest limit holds";
            self.trace.step("performance payment limit", formula, &inputs, dollars(limit), &[rule]);
            lowest = Some(lowest.map_or(limit, |l| l.min(limit)));
        }
        Ok(lowest)
    }

    /// What multiplies shared savings once limits have been applied.
    pub(super) fn after_limits(&mut self) -> Result<Decimal> {
        let mut factor = self.place();
        if let Some((steps, rule)) = self.steps("payment_multiplier.bands")? {
            let by_quality = self.by_score(steps)?;
            let inputs = [("quality score", percent(self.score()?))];
            let formula = "multiplies what is left by the limit";
            self.trace.step("performance multiplier", formula, &inputs, percent(by_quality), &[rule]);
            factor *= by_quality;
        }
        Ok(factor)
    }

    /// The geographic factor of the row.
    pub(super) fn place(&mut self) -> Decimal {
        let Some(factor) = self.row.geographic_factor.map(from_ppb) else { return Decimal::ONE };
        let formula = "multiplies what is shared or owed";
        self.trace.step("geographic factor", formula, &[], factor.normalize().to_string(), &[]);
        factor
    }
}
