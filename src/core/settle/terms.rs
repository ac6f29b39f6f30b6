//! The terms of an arrangement, as parameters of one engine: per side a target, a threshold, an origin, banded
//! shares, the use of quality, and limits.

use super::size_scale::SizeScale;
use crate::core::round::{PPB, Ratio, gcd};

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
    /// At the target: first dollar.
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
    /// The score's part.
    Score,
    /// One less this part of what the score lacks: savings shrink where quality is low.
    CutByLack(Ratio),
    /// One less this part of the score: losses shrink where quality is high.
    CutByScore(Ratio),
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

impl Quality {
    /// Whether a standard opens sharing.
    #[must_use]
    pub const fn asks_for_standard(self) -> bool {
        matches!(self, Self::Standard | Self::StandardElseScaled | Self::Scaled)
    }
}

/// Most steps of a rate that depends on the quality score.
pub const MAX_STEPS: usize = 6;

/// A rate by quality score: (highest score in parts per billion, rate) of each step, the last one open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    steps: [(i64, Ratio); MAX_STEPS],
    count: usize,
}

impl Steps {
    /// Steps of (highest score, rate); nothing where there are too many.
    #[must_use]
    pub fn new(list: &[(Option<Ratio>, Ratio)]) -> Option<Self> {
        let mut steps = [(i64::MAX, Ratio::ZERO); MAX_STEPS];
        for (step, (upper, rate)) in steps.iter_mut().zip(list) {
            let upper = upper.map_or(Some(i64::MAX), |u| u.n.checked_mul(PPB / u.d));
            *step = (upper?, *rate);
        }
        (!list.is_empty() && list.len() <= MAX_STEPS).then_some(Self { steps, count: list.len() })
    }

    /// The rate of a score in parts per billion.
    #[must_use]
    pub fn at(&self, score: i64) -> Ratio {
        let used = &self.steps[..self.count];
        used.iter().find(|(upper, _)| score <= *upper).map_or(Ratio::ZERO, |(_, rate)| *rate)
    }

    /// Whether both change at the same scores.
    #[must_use]
    pub fn same_scores(&self, other: &Self) -> bool {
        let scores = |steps: &Self| steps.steps.map(|(upper, _)| upper);
        self.count == other.count && scores(self) == scores(other)
    }

    /// The highest score of each step, but of one that is open.
    #[must_use]
    pub fn scores(&self) -> Vec<i64> {
        self.steps[..self.count].iter().map(|(upper, _)| *upper).filter(|upper| *upper < i64::MAX).collect()
    }

    /// The rates.
    pub fn rates(&self) -> impl Iterator<Item = Ratio> {
        self.steps[..self.count].iter().map(|(_, rate)| *rate)
    }
}

/// What is taken off the benchmark to make the target of a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discount {
    /// One part for all.
    Fixed(Ratio),
    /// The row's own, between two bounds.
    Given {
        /// Lowest.
        lowest: Ratio,
        /// Highest.
        highest: Ratio,
    },
    /// By quality score.
    ByScore(Steps),
}

/// How far from the target savings or losses are looked at; what lies beyond is not shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrossCap {
    /// All the way.
    None,
    /// To this part of the target.
    Fixed(Ratio),
    /// To the part elected, between two bounds.
    Elected {
        /// Lowest.
        lowest: Ratio,
        /// Highest.
        highest: Ratio,
    },
}

/// Part of the benchmark withheld until quality earns it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withhold {
    /// All of it.
    pub part: Ratio,
    /// What of it reporting alone earns back.
    pub reporting: Ratio,
}

/// One side of an arrangement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// What makes the target of the benchmark.
    pub discount: Discount,
    /// Losses count once spending reaches this part of the benchmark before discount.
    pub gate: Option<Ratio>,
    /// Before anything is shared.
    pub threshold: Threshold,
    /// Where sharing begins.
    pub origin: Origin,
    /// What is shared.
    pub bands: Bands,
    /// What is not shared for its size.
    pub cap: GrossCap,
    /// Use of quality.
    pub quality: Quality,
    /// Lowest score, in parts per billion, with which anything is shared.
    pub lowest_score: Option<i64>,
    /// Limit as a part of the benchmark.
    pub limit_benchmark: Option<Ratio>,
    /// Whether that limit is a part of the target in its place.
    pub limit_of_target: bool,
    /// Limit in cents.
    pub limit_amount: Option<i64>,
    /// The same in the first and the second performance year under two-sided risk, where it differs then.
    pub limit_early: Option<[Ratio; 2]>,
    /// Limit as a part of participants' revenue.
    pub limit_revenue: Option<Ratio>,
    /// What quality multiplies by once the limits have been applied.
    pub multiplier: Option<Steps>,
}

impl Side {
    /// Everything of this share from the first dollar, without discount, quality and limits.
    #[must_use]
    pub fn plain(share: Ratio) -> Self {
        Self {
            discount: Discount::Fixed(Ratio::ZERO),
            gate: None,
            threshold: Threshold::Fixed(Ratio::ZERO),
            origin: Origin::Benchmark,
            bands: Bands::flat(share),
            cap: GrossCap::None,
            quality: Quality::None,
            lowest_score: None,
            limit_benchmark: None,
            limit_of_target: false,
            limit_amount: None,
            limit_early: None,
            limit_revenue: None,
            multiplier: None,
        }
    }

    /// Whether anything limits the amount.
    #[must_use]
    pub fn limited(&self) -> bool {
        let other = self.limit_benchmark.is_some() || self.limit_amount.is_some() || self.limit_early.is_some();
        self.limit_revenue.is_some() || other
    }

    /// Whether revenue is the only limit, so that nothing can be settled without it.
    #[must_use]
    pub fn limited_by_revenue_alone(&self) -> bool {
        self.limit_revenue.is_some() && !Self { limit_revenue: None, ..*self }.limited()
    }
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
#[allow(clippy::struct_excessive_bools)] // each is a term of its own
pub struct Terms {
    /// Savings.
    pub up: Side,
    /// Losses, where there is downside risk.
    pub down: Option<Side>,
    /// Withheld from the benchmark of both sides until quality earns it back.
    pub withhold: Option<Withhold>,
    /// Whether limits are held against shared savings before sequestration, not against what it leaves.
    pub limit_first: bool,
    /// Whether a benchmark may be given after discount and withhold: where no term asks for the one before.
    pub takes_final: bool,
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

impl Terms {
    /// Whether the number of beneficiaries decides anything.
    #[must_use]
    pub fn counts_people(&self) -> bool {
        let by_size = |side: &Side| !matches!(side.threshold, Threshold::Fixed(_));
        by_size(&self.up) || self.down.as_ref().is_some_and(by_size) || self.low_revenue.is_some()
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
