//! The most that an entity could lose under the corridor of an arrangement: from the terms that settle it, so that what is
//! tested is what is settled. Limits of losses and caps of what is looked at bound it; where nothing does, it has no bound.

use super::levels::Levels;
use crate::core::round::{PPB, Ratio};
use crate::core::settle::{Bands, GrossCap, Origin, Quality, Side, Threshold};

/// Limits of losses; the least of those present is the most that can be lost. None at all: no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Of expected expenditures: the benchmark or the target, whichever the limit is a part of.
    pub of_expected: Option<Ratio>,
    /// Of participants' revenue.
    pub of_revenue: Option<Ratio>,
    /// In cents.
    pub amount: Option<i64>,
}

/// What an arrangement puts at risk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// The limits where the entity elects the least, and in its first years.
    pub least: Limits,
    /// The limits where it elects the most.
    pub most: Limits,
    /// Whether there are losses at all.
    pub two_sided: bool,
    /// Shares of overruns, before limits; the highest where quality moves them.
    pub levels: Option<Levels>,
}

fn parts(ratio: Ratio) -> Option<i64> {
    let n = i128::from(ratio.n) * i128::from(PPB);
    let d = i128::from(ratio.d);
    if n % d == 0 { i64::try_from(n / d).ok() } else { None }
}

fn levels(bands: &Bands, top: Option<Ratio>) -> Option<Levels> {
    let step = |(upper, share): &(i64, i64)| {
        let share = Ratio::new(*share, bands.scale);
        let share = parts(top.map_or(Some(share), |top| share.times(top))?)?;
        let upper = if *upper == i64::MAX { i64::MAX } else { parts(Ratio::new(*upper, bands.unit))? };
        Some((upper, share))
    };
    Levels::new(bands.steps[..bands.count].iter().map(step).collect::<Option<Vec<_>>>()?)
}

fn least(limits: impl IntoIterator<Item = Option<Ratio>>) -> Option<Ratio> {
    limits.into_iter().flatten().min()
}

impl Exposure {
    /// No losses.
    #[must_use]
    pub fn one_sided() -> Self {
        Self { least: Limits::default(), most: Limits::default(), two_sided: false, levels: None }
    }

    /// Of a side of losses; `elected` is the cap that a row elects, where the arrangement lets it.
    #[must_use]
    pub fn of(side: &Side, elected: Option<Ratio>) -> Self {
        let top = match side.quality {
            Quality::OneLessScaled { top, .. } => Some(top),
            _ => None,
        };
        let levels = levels(&side.bands, top);
        let fixed = match side.threshold {
            Threshold::Fixed(rate) => parts(rate),
            Threshold::Elected | Threshold::SizeScale => None,
        };
        let first_dollar = side.origin == Origin::Benchmark;
        let levels = levels.map(|levels| levels.after(fixed.unwrap_or(0), first_dollar));
        // A rate that is not fixed takes an unknown part off what lies within a cap.
        let unknown = fixed.is_none() && !first_dollar;
        let at = |cap: Option<Ratio>, cautious: bool| {
            if levels.is_none() || (cap.is_some() && unknown) {
                // Not known: nothing at the least, no bound at the most.
                return cautious.then_some(Ratio::ZERO);
            }
            let cap = cap.map_or(Some(i64::MAX), parts);
            let most = cap.zip(levels.as_ref()).and_then(|(cap, levels)| levels.most(cap));
            // 10⁻¹⁸ of expected expenditures.
            most.and_then(|most| ratio(most, i128::from(PPB) * i128::from(PPB)))
        };
        let (low, high) = match side.cap {
            GrossCap::None => (None, None),
            GrossCap::Fixed(cap) => (Some(cap), Some(cap)),
            GrossCap::Elected { lowest, highest } => {
                (Some(elected.unwrap_or(lowest)), Some(elected.unwrap_or(highest)))
            }
        };
        let early = side.limit_early.map(|years| least(years.map(Some)));
        let limits = |cap: Option<Ratio>, early: Option<Ratio>, cautious: bool| Limits {
            of_expected: least([at(cap, cautious), side.limit_benchmark, early]),
            of_revenue: side.limit_revenue,
            amount: side.limit_amount,
        };
        Self {
            least: limits(low, early.flatten(), true),
            most: limits(high, None, false),
            two_sided: true,
            levels,
        }
    }
}

fn ratio(mut n: i128, mut d: i128) -> Option<Ratio> {
    let (mut a, mut b) = (n, d);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    (n, d) = (n / a.max(1), d / a.max(1));
    Some(Ratio { n: i64::try_from(n).ok()?, d: i64::try_from(d).ok()? })
}
