//! The terms of an arrangement, as parameters of one engine: per side a threshold, an origin, banded shares,
//! the use of quality, and limits. Read from the rule book by field name, so that a program is data.

use super::packed::{Line, SEGMENTS};
use crate::core::date::Date;
use crate::core::error::{Error, Result};
use crate::core::round::{Ratio, gcd};
use crate::core::rulebook::{Scalar, Taken};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Most steps that a banded share may have.
pub const MAX_BANDS: usize = 4;

/// How far spending must be from the benchmark before anything is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// The rate elected from the menu, or the size scale where none is.
    Elected,
    /// The size scale.
    SizeScale,
    /// One rate for all.
    Fixed(Ratio),
}

/// Where the shared part begins once the threshold is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// At the benchmark: first dollar.
    Benchmark,
    /// At the threshold: only the excess is shared.
    Threshold,
}

/// Shares of successive slices of the amount beyond the origin, the slices as parts of the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bands {
    /// Bounds count in `1 / unit` of the benchmark.
    pub unit: i64,
    /// Shares count in `1 / scale`.
    pub scale: i64,
    /// (upper bound, share) of each step; the last bound is `i64::MAX`, open.
    pub steps: [(i64, i64); MAX_BANDS],
    /// Steps in use.
    pub count: usize,
}

impl Bands {
    /// One share of everything.
    #[must_use]
    pub fn flat(share: Ratio) -> Self {
        let mut steps = [(i64::MAX, 0); MAX_BANDS];
        steps[0].1 = share.n;
        Self { unit: 1, scale: share.d, steps, count: 1 }
    }

    /// Steps of (upper bound as a part of the benchmark, share); the last bound must be `None`. Nothing where
    /// there are too many, the bounds do not increase, or numbers do not fit.
    #[must_use]
    pub fn new(list: &[(Option<Ratio>, Ratio)]) -> Option<Self> {
        let lcm = |a: i64, b: i64| a.checked_mul(b / gcd(a, b));
        let unit = list.iter().filter_map(|(u, _)| *u).try_fold(1, |unit, u| lcm(unit, u.d))?;
        let scale = list.iter().try_fold(1, |scale, (_, s)| lcm(scale, s.d))?;
        let mut steps = [(i64::MAX, 0); MAX_BANDS];
        for (step, (upper, share)) in steps.iter_mut().zip(list) {
            step.0 = upper.map_or(Some(i64::MAX), |u| u.n.checked_mul(unit / u.d))?;
            step.1 = share.n.checked_mul(scale / share.d)?;
        }
        let rising = steps[..list.len().min(MAX_BANDS)].windows(2).all(|w| w[0].0 < w[1].0);
        let fits = !list.is_empty() && list.len() <= MAX_BANDS && list.last().is_some_and(|(u, _)| u.is_none());
        (rising && fits).then_some(Self { unit, scale, steps, count: list.len() })
    }

    /// Share of the first slice.
    #[must_use]
    pub fn first_share(&self) -> Ratio {
        Ratio::new(self.steps[0].1, self.scale)
    }
}

/// Where quality attaches to a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// Nowhere.
    None,
    /// All where the standard is met, else nothing.
    Standard,
    /// All where the standard is met, the score's part where only the alternative standard is, else nothing.
    StandardElseScaled,
    /// The score's part where the standard is met, else nothing.
    Scaled,
    /// One less `share` times the score, between `floor` and `top`; `top` where sharing is not open.
    OneLessScaled {
        /// Maximum sharing rate.
        share: Ratio,
        /// Lowest rate.
        floor: Ratio,
        /// Highest rate.
        top: Ratio,
    },
}

/// One side of an arrangement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// Before anything is shared.
    pub threshold: Threshold,
    /// Where sharing begins.
    pub origin: Origin,
    /// What is shared.
    pub bands: Bands,
    /// Use of quality.
    pub quality: Quality,
    /// Limit as a part of the benchmark.
    pub limit_benchmark: Option<Ratio>,
    /// The same in the first and the second performance year under two-sided risk, where it differs then.
    pub limit_early: Option<[Ratio; 2]>,
    /// Limit as a part of participants' revenue.
    pub limit_revenue: Option<Ratio>,
}

/// Half rate for low-revenue entities that save less than the minimum savings rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LowRevenue {
    /// Part of the final sharing rate.
    pub share: Ratio,
    /// First agreement start, yyyymmdd.
    pub agreement_start: i64,
    /// Fewest beneficiaries.
    pub beneficiaries: i64,
    /// Agreement starts, yyyymmdd, from which fewer beneficiaries than that in a benchmark year exclude.
    pub small_benchmark_year: Option<i64>,
}

/// What an agreement that ends within the performance year still shares (42 CFR 425.221(b)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Termination {
    /// First day, as month and day, on which an entity may leave by itself and still share savings.
    pub voluntary_savings_from: i64,
    /// Whether losses are shared, by months of participation.
    pub losses: bool,
    /// Last day on which an entity may leave by itself and owe nothing.
    pub voluntary_losses_after: Option<i64>,
}

/// An arrangement in one performance year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Savings.
    pub up: Side,
    /// Losses, where there is downside risk.
    pub down: Option<Side>,
    /// Whether quality that opens sharing includes the alternative standard.
    pub alternative_opens: bool,
    /// Part of savings withheld by sequestration.
    pub sequestration: Ratio,
    /// Half rate, where the year and arrangement have one.
    pub low_revenue: Option<LowRevenue>,
    /// Whether a guardrail flag blocks savings.
    pub guardrail: bool,
    /// Part of each amount that a six-month performance period counts for, where the year has such periods.
    pub half_year: Option<Ratio>,
    /// Early termination, where the program has rules for it.
    pub termination: Option<Termination>,
    /// Part of what is earned that goes to an outstanding advance.
    pub recoupment: Ratio,
}

/// The minimum savings rate by number of assigned beneficiaries: closed segments, linear inside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SizeScale {
    /// (first, last, rate at first, rate at last) in whole beneficiaries and parts per `scale`.
    segments: Vec<(i64, i64, i64, i64)>,
    scale: i64,
}

impl SizeScale {
    fn new(id: &str, knots: &[(Decimal, Decimal)]) -> Result<Self> {
        let bad =
            || Error::NotModelled(format!("`{id}`: beneficiaries are whole and rates 0 to 1. Mend the override"));
        let rates = knots.iter().map(|k| Ratio::from_decimal(k.1)).collect::<Option<Vec<_>>>().ok_or_else(bad)?;
        let scale = rates.iter().try_fold(1_i64, |s, r| s.checked_mul(r.d / gcd(s, r.d))).ok_or_else(bad)?;
        let mut points = Vec::with_capacity(knots.len());
        for ((x, _), rate) in knots.iter().zip(rates) {
            let n = if x.fract().is_zero() { x.to_i64() } else { None }.ok_or_else(bad)?;
            points.push((n, rate.n * (scale / rate.d)));
        }
        let segments = points.windows(2).map(|w| (w[0].0, w[1].0, w[0].1, w[1].1)).collect();
        Ok(Self { segments, scale })
    }

    /// First beneficiaries and line of each segment for the kernel, from which on each holds; the last is level.
    /// Line 0 stands for what lies below. Nothing where there are too many.
    pub(super) fn lines(&self) -> Option<([i32; SEGMENTS], [Line; SEGMENTS + 1])> {
        let (mut starts, mut lines) = ([i32::MAX; SEGMENTS], [Line::default(); SEGMENTS + 1]);
        let Some(last) = self.segments.last() else { return Some((starts, lines)) };
        let mut at = 0;
        // Numbers that the kernel's products can take.
        let fits = |line: &Line| {
            line.base.unsigned_abs() < 1 << 50 && line.slope.unsigned_abs() < 1 << 19 && line.scale < 1 << 40
        };
        let mut put = |start: i64, line: Line| {
            if !fits(&line) {
                return None;
            }
            *starts.get_mut(at)? = i32::try_from(start).ok()?;
            *lines.get_mut(at + 1)? = line;
            at += 1;
            Some(())
        };
        // A step of one beneficiary between bands needs no segment of its own.
        for (low, high, at_low, at_high) in self.segments.iter().filter(|s| s.1 - s.0 > 1 || s.2 != s.3) {
            let base = at_low.checked_mul(*high)?.checked_sub(at_high.checked_mul(*low)?)?;
            put(*low, Line { base, slope: at_high - at_low, scale: (high - low).checked_mul(self.scale)? })?;
        }
        put(last.1, Line { base: last.3, slope: 0, scale: self.scale })?;
        Some((starts, lines))
    }

    /// The rate for `n` beneficiaries, exact; nothing below the first knot, level above the last.
    #[must_use]
    pub fn rate(&self, n: i64) -> Option<Ratio> {
        let (first, _, _, _) = *self.segments.first()?;
        let (_, last, _, at_last) = *self.segments.last()?;
        if n < first {
            return None;
        }
        if n >= last {
            return Some(Ratio { n: at_last, d: self.scale });
        }
        let at = self.segments.partition_point(|s| s.1 < n);
        let (low, high, at_low, at_high) = self.segments[at];
        let numerator = at_low * (high - n) + at_high * (n - low);
        Some(Ratio { n: numerator, d: (high - low) * self.scale })
    }
}

/// What holds for every arrangement of a program in one year.
#[derive(Clone, Debug, Default)]
pub struct Common {
    /// Size scale of the minimum rate.
    pub size_scale: SizeScale,
    /// Menu of minimum rates.
    pub elections: Vec<Ratio>,
    /// Beneficiaries below which an election gives way to the size scale.
    pub election_beneficiaries: i64,
    /// First day of payment, yyyymmdd, from which each rate of sequestration is withheld, in order.
    pub payment_dates: Vec<(i64, Ratio)>,
}

impl Common {
    /// The rate of sequestration on a day of payment; nothing where the program has no such dates.
    #[must_use]
    pub fn sequestration_on(&self, date: i64) -> Option<Ratio> {
        let before = self.payment_dates.partition_point(|(first, _)| *first <= date);
        let none = if self.payment_dates.is_empty() { None } else { Some(Ratio::ZERO) };
        before.checked_sub(1).map_or(none, |i| Some(self.payment_dates[i].1))
    }
}

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

    fn termination(&mut self) -> Result<Option<Termination>> {
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
    pub(super) fn terms(&mut self, arrangement: &str) -> Result<Terms> {
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
            termination: self.termination()?,
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
