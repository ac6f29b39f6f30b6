//! From the rule book to the terms of an arrangement, field by field: so that a program is data.

use super::size_scale::SizeScale;
use super::terms::{Bands, Common, LowRevenue, Origin, Quality, Side, Termination, Terms, Threshold};
use crate::core::date::Date;
use crate::core::error::{Error, Result};
use crate::core::round::Ratio;
use crate::core::rulebook::{Scalar, Taken};

/// Reads the terms of a program from the book, field by field.
pub(super) struct Reader<'t, 'b> {
    pub(super) program: &'t str,
    pub(super) taken: &'t mut Taken<'b>,
}

impl Reader<'_, '_> {
    fn id(&self, field: &str) -> String {
        format!("{}.{field}", self.program)
    }

    fn bad(id: &str, what: &str) -> Error {
        Error::NotModelled(format!("`{id}` {what}. Mend the override"))
    }

    fn share(&mut self, field: &str, arrangement: &str) -> Result<Option<Ratio>> {
        let id = self.id(field);
        let Some(number) = self.taken.keyed_number(&id, arrangement)? else { return Ok(None) };
        let ratio = Ratio::from_decimal(number).filter(|r| *r <= Ratio::ONE);
        ratio.map(Some).ok_or_else(|| Self::bad(&id, "must lie between 0 and 1"))
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
        word.map(String::from).ok_or_else(|| Self::bad(&id, &format!("says nothing of {arrangement}")))
    }

    /// What the arrangements share.
    pub(super) fn common(&mut self) -> Result<Common> {
        let id = self.id("minimum_rate.size_scale");
        let size_scale = self.taken.knots(&id)?.map_or(Ok(SizeScale::default()), |k| SizeScale::new(&id, k))?;
        let id = self.id("minimum_rate.elections");
        let elections = self.taken.menu(&id)?.unwrap_or_default();
        let elections = elections.into_iter().map(Ratio::from_decimal).collect::<Option<Vec<_>>>();
        let elections = elections.ok_or_else(|| Self::bad(&id, "must hold rates between 0 and 1"))?;
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
        dates.ok_or_else(|| Self::bad(&id, "must give a rate between 0 and 1 for each day, yyyy-mm-dd"))
    }

    /// A month and day, as month × 100 + day.
    fn day_of_year(&mut self, field: &str) -> Result<Option<i64>> {
        let id = self.id(field);
        let Some(rule) = self.taken.rule(&id) else { return Ok(None) };
        // Any leap year serves to check the day.
        let day = format!("2000-{}", rule.value).parse::<Date>().ok().map(|d| d.yyyymmdd() % 10_000);
        day.map(Some).ok_or_else(|| Self::bad(&id, "must be a month and day, as 12-31"))
    }

    /// Early termination, the same for all arrangements.
    pub(super) fn termination(&mut self) -> Result<Option<Termination>> {
        let savings = self.day_of_year("termination.voluntary_savings_from")?;
        let losses = self.id("termination.losses");
        let Some(voluntary_savings_from) = savings else { return Ok(None) };
        let losses = match self.taken.text(&losses)? {
            "none" => false,
            "prorated" => true,
            other => return Err(Self::bad(&losses, &format!("is {other:?}: it must be none or prorated"))),
        };
        let voluntary_losses_after = self.day_of_year("termination.voluntary_losses_after")?;
        Ok(Some(Termination { voluntary_savings_from, losses, voluntary_losses_after }))
    }

    /// One arrangement.
    pub(super) fn terms(&mut self, arrangement: &str, termination: Option<Termination>) -> Result<Terms> {
        let threshold = match self.word("minimum_rate", arrangement)?.as_str() {
            "size_scale" => Threshold::SizeScale,
            "elected" => Threshold::Elected,
            "fixed" => Threshold::Fixed(self.needed_share("minimum_rate.fixed", arrangement)?),
            other => {
                let what = format!("is {other:?} for {arrangement}: it must be size_scale, elected or fixed");
                return Err(Self::bad(&self.id("minimum_rate"), &what));
            }
        };
        let sharing_rate = self.needed_share("sharing_rate", arrangement)?;
        let (quality, alternative_opens) = match self.word("sharing_rate.quality", arrangement)?.as_str() {
            "standard" => (Quality::Standard, false),
            "standard_else_scaled" => (Quality::StandardElseScaled, true),
            "scaled" => (Quality::Scaled, false),
            other => {
                let what = format!("is {other:?}: it must be standard, standard_else_scaled or scaled");
                return Err(Self::bad(&self.id("sharing_rate.quality"), &what));
            }
        };
        let up = Side {
            threshold,
            origin: Origin::Benchmark,
            bands: Bands::flat(sharing_rate),
            quality,
            limit_benchmark: self.share("payment_limit", arrangement)?,
            limit_early: None,
            limit_revenue: None,
        };
        let down = match self.word("risk", arrangement)?.as_str() {
            "one_sided" => None,
            "two_sided" => Some(self.down(arrangement, threshold, sharing_rate)?),
            other => {
                return Err(Self::bad(
                    &self.id("risk"),
                    &format!("is {other:?}: it must be one_sided or two_sided"),
                ));
            }
        };
        let guardrail = self.id("guardrail");
        Ok(Terms {
            up,
            down,
            alternative_opens,
            sequestration: self.share("sequestration", arrangement)?.unwrap_or(Ratio::ZERO),
            low_revenue: self.low_revenue(arrangement)?,
            guardrail: self.taken.keyed_text(&guardrail, arrangement)?.is_some(),
            half_year: self.share("half_year", arrangement)?,
            termination,
            recoupment: self.share("advance.recoupment", arrangement)?.unwrap_or(Ratio::ZERO),
        })
    }

    fn down(&mut self, arrangement: &str, threshold: Threshold, share: Ratio) -> Result<Side> {
        let rate = self.needed_share("loss_rate", arrangement)?;
        let (bands, quality) = match self.word("loss_rate.quality", arrangement)?.as_str() {
            "fixed" => (Bands::flat(rate), Quality::None),
            "one_less_scaled_sharing_rate" => {
                let floor = self.needed_share("loss_rate.floor", arrangement)?;
                if floor > rate {
                    let what = format!("lies above the loss rate for {arrangement}");
                    return Err(Self::bad(&self.id("loss_rate.floor"), &what));
                }
                (Bands::flat(Ratio::ONE), Quality::OneLessScaled { share, floor, top: rate })
            }
            other => {
                let what =
                    format!("is {other:?} for {arrangement}: it must be fixed or one_less_scaled_sharing_rate");
                return Err(Self::bad(&self.id("loss_rate.quality"), &what));
            }
        };
        let first = self.share("loss_limit.benchmark.first_year", arrangement)?;
        let second = self.share("loss_limit.benchmark.second_year", arrangement)?;
        let limit_early = first.zip(second).map(|(first, second)| [first, second]);
        if limit_early.is_none() && first.or(second).is_some() {
            let what = format!("and that of the second year must stand together for {arrangement}");
            return Err(Self::bad(&self.id("loss_limit.benchmark.first_year"), &what));
        }
        Ok(Side {
            threshold,
            origin: Origin::Benchmark,
            bands,
            quality,
            limit_benchmark: self.share("loss_limit.benchmark", arrangement)?,
            limit_early,
            limit_revenue: self.share("loss_limit.revenue", arrangement)?,
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
            None => Err(Self::bad(&start, "and low_revenue.beneficiaries must stand beside low_revenue.share")),
        }
    }
}
