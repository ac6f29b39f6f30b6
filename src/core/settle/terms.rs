//! The terms of an arrangement, as parameters of one engine: per side a threshold, an origin, banded shares,
//! the use of quality, and limits.

use super::size_scale::SizeScale;
use crate::core::round::{Ratio, gcd};

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
