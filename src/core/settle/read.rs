//! From the rule book to the terms of an arrangement, field by field: so that a program is data.

use super::size_scale::SizeScale;
use super::terms::{
    Bands, Common, Discount, GrossCap, LowRevenue, MAX_BANDS, MAX_STEPS, Origin, Quality, Side, Steps,
    Termination, Terms, Threshold, Withhold,
};
use crate::core::date::Date;
use crate::core::error::{Error, Result};
use crate::core::round::{PPB, Ratio};
use crate::core::rulebook::{Scalar, Taken};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Reads the terms of a program from the book, field by field.
pub(super) struct Reader<'t, 'b> {
    pub(super) program: &'t str,
    pub(super) taken: &'t mut Taken<'b>,
}

impl Reader<'_, '_> {
    fn id(&self, field: &str) -> String {
        format!("{}.{field}", self.program)
    }

    fn bad(&self, id: &str, what: &str) -> Error {
        self.taken.malformed(id, what)
    }

    fn share(&mut self, field: &str, arrangement: &str) -> Result<Option<Ratio>> {
        let id = self.id(field);
        let Some(number) = self.taken.keyed_number(&id, arrangement)? else { return Ok(None) };
        let ratio = Ratio::from_decimal(number).filter(|r| *r <= Ratio::ONE);
        ratio.map(Some).ok_or_else(|| self.bad(&id, "must lie between 0 and 1"))
    }

    fn needed_share(&mut self, field: &str, arrangement: &str) -> Result<Ratio> {
        let id = self.id(field);
        self.share(field, arrangement)?.ok_or_else(|| {
            let year = self.taken.performance_year;
            Error::NotModelled(format!("the rule book has no `{id}` for {arrangement} in performance year {year}"))
        })
    }

    fn word(&mut self, field: &str, arrangement: &str) -> Result<String> {
        let id = self.id(field);
        let word = self.taken.keyed_text(&id, arrangement)?;
        word.map(String::from).ok_or_else(|| self.bad(&id, &format!("says nothing of {arrangement}")))
    }

    /// What the arrangements share.
    pub(super) fn common(&mut self) -> Result<Common> {
        let id = self.id("minimum_rate.size_scale");
        let size_scale = self.taken.knots(&id)?.map_or(Ok(SizeScale::default()), |k| SizeScale::new(&id, k))?;
        let id = self.id("minimum_rate.elections");
        let elections = self.taken.menu(&id)?.unwrap_or_default();
        let elections = elections.into_iter().map(Ratio::from_decimal).collect::<Option<Vec<_>>>();
        let elections = elections.ok_or_else(|| self.bad(&id, "must hold rates between 0 and 1"))?;
        let id = self.id("minimum_rate.election_beneficiaries");
        let election_beneficiaries = self.taken.optional_integer(&id)?.unwrap_or(0);
        Ok(Common { size_scale, elections, election_beneficiaries, payment_dates: self.payment_dates()? })
    }

    fn payment_dates(&mut self) -> Result<Vec<(i64, Ratio)>> {
        let id = self.id("sequestration.payment_dates");
        let Some(table) = self.taken.table(&id)? else { return Ok(Vec::new()) };
        // Keys in ISO form sort by date.
        let read = |(day, rate): (&String, &Scalar)| {
            let Scalar::Number(rate) = rate else { return None };
            Some((day.parse::<Date>().ok()?.yyyymmdd(), Ratio::from_decimal(*rate)?))
        };
        let dates = table.iter().map(read).collect::<Option<Vec<_>>>();
        dates.ok_or_else(|| self.bad(&id, "must give a rate between 0 and 1 for each day, yyyy-mm-dd"))
    }

    /// A month and day, as month × 100 + day.
    fn day_of_year(&mut self, field: &str) -> Result<Option<i64>> {
        let id = self.id(field);
        let Some(rule) = self.taken.rule(&id) else { return Ok(None) };
        // Any leap year serves to check the day.
        let day = format!("2000-{}", rule.value).parse::<Date>().ok().map(|d| d.yyyymmdd() % 10_000);
        day.map(Some).ok_or_else(|| self.bad(&id, "must be a month and day, as 12-31"))
    }

    /// Early termination, the same for all arrangements.
    pub(super) fn termination(&mut self) -> Result<Option<Termination>> {
        let savings = self.day_of_year("termination.voluntary_savings_from")?;
        let losses = self.id("termination.losses");
        let Some(voluntary_savings_from) = savings else { return Ok(None) };
        let losses = match self.taken.text(&losses)? {
            "none" => false,
            "prorated" => true,
            other => return Err(self.bad(&losses, &format!("is {other:?}: it must be none or prorated"))),
        };
        let voluntary_losses_after = self.day_of_year("termination.voluntary_losses_after")?;
        Ok(Some(Termination { voluntary_savings_from, losses, voluntary_losses_after }))
    }

    /// One of the words that the engine knows, or the first of them where the book says nothing.
    fn choice<T: Copy>(&mut self, field: &str, arrangement: &str, words: &[(&str, T)]) -> Result<T> {
        let id = self.id(field);
        let word = self.taken.keyed_text(&id, arrangement)?;
        let found = words.iter().find(|(known, _)| word.is_none_or(|word| word == *known));
        found.map(|(_, value)| *value).ok_or_else(|| {
            let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
            let (last, rest) = known.split_last().map_or(("", &[][..]), |(last, rest)| (*last, rest));
            let what =
                format!("is {:?} for {arrangement}: it must be {} or {last}", word.unwrap_or(""), rest.join(", "));
            self.bad(&id, &what)
        })
    }

    /// Steps of an arrangement, from `field.arrangement` or else `field`.
    #[allow(clippy::type_complexity)] // steps: (upper bound, rate)
    fn bands(&mut self, field: &str, arrangement: &str) -> Result<Option<Vec<(Option<Ratio>, Ratio)>>> {
        let id = self.taken.id_for(&self.id(field), arrangement);
        let Some(list) = self.taken.bands(&id)? else { return Ok(None) };
        let read = |(upper, rate): &(Option<Decimal>, Decimal)| {
            let upper = upper.map_or(Some(None), |u| Ratio::from_decimal(u).map(Some))?;
            Some((upper, Ratio::from_decimal(*rate)?))
        };
        let list = list.iter().map(read).collect::<Option<Vec<_>>>();
        list.map(Some).ok_or_else(|| self.bad(&id, "must have bounds and rates that are not negative"))
    }

    fn steps(&mut self, field: &str, arrangement: &str) -> Result<Option<Steps>> {
        let Some(list) = self.bands(field, arrangement)? else { return Ok(None) };
        let steps = Steps::new(&list);
        steps.map(Some).ok_or_else(|| self.bad(&self.id(field), &format!("has more than {MAX_STEPS} steps")))
    }

    /// A share of everything, or shares of slices.
    fn shares(&mut self, field: &str, arrangement: &str) -> Result<Option<Bands>> {
        if let Some(list) = self.bands(&format!("{field}.bands"), arrangement)? {
            let bands = Bands::new(&list).filter(|_| list.iter().all(|(_, share)| *share <= Ratio::ONE));
            let what = format!("must have at most {MAX_BANDS} slices, with shares between 0 and 1");
            return bands.map(Some).ok_or_else(|| self.bad(&self.id(&format!("{field}.bands")), &what));
        }
        Ok(self.share(field, arrangement)?.map(Bands::flat))
    }

    fn refuse_without(&mut self, field: &str, arrangement: &str) -> Error {
        let (id, year) = (self.id(field), self.taken.performance_year);
        Error::NotModelled(format!("the rule book has no `{id}` for {arrangement} in performance year {year}"))
    }

    /// What is the same on both sides, unless the losses say otherwise.
    fn side(&mut self, arrangement: &str) -> Result<Side> {
        let threshold = match self.word("minimum_rate", arrangement)?.as_str() {
            "size_scale" => Threshold::SizeScale,
            "elected" => Threshold::Elected,
            "fixed" => Threshold::Fixed(self.needed_share("minimum_rate.fixed", arrangement)?),
            "none" => Threshold::Fixed(Ratio::ZERO),
            other => {
                let what =
                    format!("is {other:?} for {arrangement}: it must be size_scale, elected, fixed or none");
                return Err(self.bad(&self.id("minimum_rate"), &what));
            }
        };
        let origins = [("first_dollar", Origin::Benchmark), ("above_minimum_rate", Origin::Threshold)];
        let lowest = self.share("elected_cap.lowest", arrangement)?;
        let highest = self.share("elected_cap.highest", arrangement)?;
        let cap = match (lowest.zip(highest), self.share("gross_cap", arrangement)?) {
            (Some((lowest, highest)), None) => GrossCap::Elected { lowest, highest },
            (None, Some(cap)) => GrossCap::Fixed(cap),
            (None, None) => GrossCap::None,
            _ => return Err(self.bad(&self.id("gross_cap"), "stands beside an elected cap: give one of them")),
        };
        Ok(Side {
            threshold,
            origin: self.choice("sharing_rate.origin", arrangement, &origins)?,
            cap,
            discount: self.discount("discount", arrangement)?.unwrap_or(Discount::Fixed(Ratio::ZERO)),
            ..Side::plain(Ratio::ZERO)
        })
    }

    fn discount(&mut self, field: &str, arrangement: &str) -> Result<Option<Discount>> {
        let lowest = self.share(&format!("{field}.lowest"), arrangement)?;
        let highest = self.share(&format!("{field}.highest"), arrangement)?;
        if let Some((lowest, highest)) = lowest.zip(highest) {
            return Ok(Some(Discount::Given { lowest, highest }));
        }
        if let Some(steps) = self.steps(&format!("{field}.bands"), arrangement)? {
            return Ok(Some(Discount::ByScore(steps)));
        }
        Ok(self.share(field, arrangement)?.map(Discount::Fixed))
    }

    fn amount(&mut self, field: &str, arrangement: &str) -> Result<Option<i64>> {
        let id = self.id(field);
        let Some(dollars) = self.taken.keyed_number(&id, arrangement)? else { return Ok(None) };
        let cents =
            dollars.checked_mul(Decimal::ONE_HUNDRED).filter(|c| c.fract().is_zero() && *c >= Decimal::ZERO);
        let cents = cents.and_then(|cents| cents.to_i64());
        cents.map(Some).ok_or_else(|| self.bad(&id, "must be an amount in whole cents"))
    }

    /// One arrangement.
    pub(super) fn terms(&mut self, arrangement: &str, termination: Option<Termination>) -> Result<Terms> {
        let side = self.side(arrangement)?;
        let bands = self.shares("sharing_rate", arrangement)?;
        let bands = bands.ok_or_else(|| self.refuse_without("sharing_rate", arrangement))?;
        let (quality, alternative_opens) = match self.word("sharing_rate.quality", arrangement)?.as_str() {
            "standard" => (Quality::Standard, false),
            "standard_else_scaled" => (Quality::StandardElseScaled, true),
            "scaled" => (Quality::Scaled, false),
            "none" => (Quality::None, false),
            "score" => (Quality::Score, false),
            "cut_by_lack" => {
                (Quality::CutByLack(self.needed_share("quality_adjustment.savings", arrangement)?), false)
            }
            other => {
                let what = format!(
                    "is {other:?}: it must be none, standard, standard_else_scaled, scaled, score or cut_by_lack"
                );
                return Err(self.bad(&self.id("sharing_rate.quality"), &what));
            }
        };
        let lowest_score = self.share("lowest_score", arrangement)?;
        let bases = [("benchmark", false), ("target", true)];
        let up = Side {
            bands,
            quality,
            lowest_score: lowest_score.map(|score| score.n * (PPB / score.d)),
            limit_benchmark: self.share("payment_limit", arrangement)?,
            limit_of_target: self.choice("payment_limit.basis", arrangement, &bases)?,
            limit_amount: self.amount("payment_limit.amount", arrangement)?,
            limit_revenue: self.share("payment_limit.revenue", arrangement)?,
            multiplier: self.steps("payment_multiplier.bands", arrangement)?,
            ..side
        };
        let down = match self.word("risk", arrangement)?.as_str() {
            "one_sided" => None,
            "two_sided" => Some(self.down(arrangement, &side, &bands)?),
            other => {
                return Err(
                    self.bad(&self.id("risk"), &format!("is {other:?}: it must be one_sided or two_sided"))
                );
            }
        };
        let withhold = self.share("withhold", arrangement)?;
        let reporting = self.share("withhold.reporting", arrangement)?.unwrap_or(Ratio::ZERO);
        if withhold.is_some_and(|part| reporting > part) {
            return Err(self.bad(&self.id("withhold.reporting"), "lies above the withhold of which it is a part"));
        }
        let guardrail = self.id("guardrail");
        let orders = [("after_sequestration", false), ("before_sequestration", true)];
        Ok(Terms {
            takes_final: takes_final(&up, down.as_ref()),
            up,
            down,
            withhold: withhold.map(|part| Withhold { part, reporting }),
            limit_first: self.choice("payment_limit.order", arrangement, &orders)?,
            alternative_opens,
            sequestration: self.share("sequestration", arrangement)?.unwrap_or(Ratio::ZERO),
            low_revenue: self.low_revenue(arrangement)?,
            guardrail: self.taken.keyed_text(&guardrail, arrangement)?.is_some(),
            half_year: self.share("half_year", arrangement)?,
            termination,
            recoupment: self.share("advance.recoupment", arrangement)?.unwrap_or(Ratio::ZERO),
        })
    }

    fn down(&mut self, arrangement: &str, side: &Side, savings: &Bands) -> Result<Side> {
        let same = self.id("loss_rate.basis");
        let rates = match self.taken.keyed_text(&same, arrangement)? {
            None => self.shares("loss_rate", arrangement)?,
            Some("sharing_rate") => Some(*savings),
            Some(other) => return Err(self.bad(&same, &format!("is {other:?}: it must be sharing_rate"))),
        };
        let rates = rates.ok_or_else(|| self.refuse_without("loss_rate", arrangement))?;
        let (bands, quality) = match self.word("loss_rate.quality", arrangement)?.as_str() {
            "fixed" => (rates, Quality::None),
            "one_less_scaled_sharing_rate" => {
                let (rate, share) = (rates.first_share(), savings.first_share());
                let floor = self.needed_share("loss_rate.floor", arrangement)?;
                if floor > rate {
                    let what = format!("lies above the loss rate for {arrangement}");
                    return Err(self.bad(&self.id("loss_rate.floor"), &what));
                }
                (Bands::flat(Ratio::ONE), Quality::OneLessScaled { share, floor, top: rate })
            }
            "cut_by_score" => {
                (rates, Quality::CutByScore(self.needed_share("quality_adjustment.losses", arrangement)?))
            }
            other => {
                let what = format!(
                    "is {other:?} for {arrangement}: it must be fixed, one_less_scaled_sharing_rate or cut_by_score"
                );
                return Err(self.bad(&self.id("loss_rate.quality"), &what));
            }
        };
        let first = self.share("loss_limit.benchmark.first_year", arrangement)?;
        let second = self.share("loss_limit.benchmark.second_year", arrangement)?;
        let limit_early = first.zip(second).map(|(first, second)| [first, second]);
        if limit_early.is_none() && first.or(second).is_some() {
            let what = format!("and that of the second year must stand together for {arrangement}");
            return Err(self.bad(&self.id("loss_limit.benchmark.first_year"), &what));
        }
        let own = self.discount("loss_discount", arrangement)?;
        let discount = own.unwrap_or(side.discount);
        if !never_above(&discount, &side.discount) {
            let what = format!("lies above the discount of savings for {arrangement}");
            return Err(self.bad(&self.id("loss_discount"), &what));
        }
        let threshold = match self.share("minimum_rate.losses", arrangement)? {
            Some(rate) => Threshold::Fixed(rate),
            None => side.threshold,
        };
        let bases = [("benchmark", false), ("target", true)];
        Ok(Side {
            bands,
            quality,
            discount,
            threshold,
            gate: self.share("loss_gate", arrangement)?,
            limit_benchmark: self.share("loss_limit.benchmark", arrangement)?,
            limit_of_target: self.choice("loss_limit.basis", arrangement, &bases)?,
            limit_amount: self.amount("loss_limit.amount", arrangement)?,
            limit_early,
            limit_revenue: self.share("loss_limit.revenue", arrangement)?,
            ..*side
        })
    }

    fn low_revenue(&mut self, arrangement: &str) -> Result<Option<LowRevenue>> {
        let Some(share) = self.share("low_revenue.share", arrangement)? else { return Ok(None) };
        let (start, size) = (self.id("low_revenue.agreement_start"), self.id("low_revenue.beneficiaries"));
        let small = self.id("low_revenue.small_benchmark_year");
        let agreement_start = self.taken.optional_integer(&start)?;
        let beneficiaries = self.taken.optional_integer(&size)?;
        let small_benchmark_year = self.taken.optional_integer(&small)?;
        match agreement_start.zip(beneficiaries) {
            Some((agreement_start, beneficiaries)) => {
                Ok(Some(LowRevenue { share, agreement_start, beneficiaries, small_benchmark_year }))
            }
            None => Err(self.bad(&start, "and low_revenue.beneficiaries must stand beside low_revenue.share")),
        }
    }
}

/// Whether one discount is at most the other, whatever the quality: else a row could both earn and owe.
fn never_above(losses: &Discount, savings: &Discount) -> bool {
    let bounds = |discount: &Discount| match discount {
        Discount::Fixed(part) => vec![*part],
        Discount::Given { lowest, highest } => vec![*lowest, *highest],
        Discount::ByScore(steps) => steps.rates().collect(),
    };
    if losses == savings {
        return true;
    }
    match (losses, savings) {
        // Steps that meet at the same scores are compared one by one.
        (Discount::ByScore(a), Discount::ByScore(b)) if a.same_scores(b) => {
            a.rates().zip(b.rates()).all(|(a, b)| a <= b)
        }
        _ => bounds(losses).iter().max() <= bounds(savings).iter().min(),
    }
}

/// Whether one benchmark after discount says all: nothing counts on the one before, and both sides have one target.
fn takes_final(up: &Side, down: Option<&Side>) -> bool {
    let no_discount = |side: &Side| side.discount == Discount::Fixed(Ratio::ZERO);
    let needs_it = |side: &Side| {
        let limit = side.limit_benchmark.is_some() && !side.limit_of_target && !no_discount(side);
        limit || side.limit_early.is_some() && !no_discount(side) || side.gate.is_some()
    };
    !needs_it(up) && down.is_none_or(|down| !needs_it(down) && down.discount == up.discount)
}
