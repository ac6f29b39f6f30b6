//! The terms of an arrangement as flat words for the corridor kernel: what a row of it fetches. A term that does not fit
//! its field makes the arrangement the engine's alone.

use crate::core::round::{PPB, Ratio, gcd};
use crate::core::settle::terms::{Bands, Discount, GrossCap, MAX_BANDS, Origin, Quality, Side, Terms, Withhold};

/// Parts of limits and gates count in `1 / RATE`, a field of 16 bits.
pub(super) const RATE: i64 = 10_000;
/// A limit or bound that there is not.
pub(super) const NONE: i64 = 0xffff;
/// Scores at which an arrangement may change.
pub(super) const CHANGES: usize = 3;
/// Numbers below this are exact as floats with room to spare.
const MOST: i64 = 1 << 46;
/// By how much the engine's denominators may exceed the kernel's, which are reduced: its products must fit 128 bits.
const MOST_REDUCED: i64 = 1 << 17;

/// Flags of an arrangement.
pub(super) mod flag {
    /// The arrangement ran in the year, and fits.
    pub(crate) const RAN: u64 = 1;
    pub(crate) const TWO_SIDED: u64 = 1 << 1;
    /// The row gives its discount.
    pub(crate) const GIVEN: u64 = 1 << 2;
    /// A benchmark may be given after discount and withhold.
    pub(crate) const FINAL: u64 = 1 << 3;
    /// The number of beneficiaries decides.
    pub(crate) const COUNTS: u64 = 1 << 4;
    /// What lies beyond a cap is not shared.
    pub(crate) const CAPPED: u64 = 1 << 5;
    /// The row elects the cap.
    pub(crate) const ELECTS_CAP: u64 = 1 << 6;
    pub(crate) const GUARDRAIL: u64 = 1 << 7;
    pub(crate) const HALF_RATE: u64 = 1 << 8;
    /// The minimum rate of savings, and of losses, may be elected.
    pub(crate) const ELECTS_UP: u64 = 1 << 9;
    pub(crate) const ELECTS_DOWN: u64 = 1 << 10;
    /// A row may hold an election.
    pub(crate) const OFFERS: u64 = 1 << 11;
    /// Nothing can be said without a score.
    pub(crate) const NEEDS_SCORE: u64 = 1 << 12;
    /// The alternative standard opens sharing.
    pub(crate) const ALTERNATIVE: u64 = 1 << 13;
    /// The score is too low for savings.
    pub(crate) const TOO_LOW: u64 = 1 << 14;
}

/// Flags of a side.
pub(super) mod side_flag {
    /// Sharing begins at the threshold.
    pub(crate) const FROM_THRESHOLD: u64 = 1;
    /// A standard opens the use of quality.
    pub(crate) const OPENS: u64 = 1 << 1;
    /// Where only the alternative standard is met, the score scales.
    pub(crate) const SCALED_ELSE: u64 = 1 << 2;
    /// Limits by benchmark are parts of the target.
    pub(crate) const OF_TARGET: u64 = 1 << 3;
    /// The geographic factor multiplies limits too.
    pub(crate) const LIMITS_PLACED: u64 = 1 << 4;
    /// Revenue is the only limit.
    pub(crate) const REVENUE_ALONE: u64 = 1 << 5;
    /// The limit differs in the first two years under two-sided risk.
    pub(crate) const EARLY: u64 = 1 << 6;
}

/// What a row fetches of its arrangement: one line of cache, as what follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(align(64))]
pub(super) struct Head {
    /// 16 bits each: what the discount leaves for savings, its denominator, the same two for losses.
    pub(super) left: u64,
    /// 16 bits each: all parts of the benchmark, what of them the lack of a score may lose, what a standard not met
    /// loses, flags.
    pub(super) withhold: u64,
    /// 32 bits each: a fixed cap and its denominator.
    pub(super) cap: u64,
    /// 32 bits each: bounds of a given discount, and of an elected cap, parts per billion; those of a null where there
    /// is none.
    pub(super) discounts: u64,
    pub(super) caps: u64,
    /// Size scale, and all bits where a minimum rate goes by it.
    pub(super) scale: u8,
    pub(super) by_size: u8,
}

/// What a row fetches of the side it is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(align(64))]
pub(super) struct SideWords {
    /// 16 bits each: `(constant + slope × score) / parts` of the share, and what stands where sharing is shut.
    pub(super) quality: u64,
    /// 16 bits each: the factor's floor and top, flags, gate.
    pub(super) bounds: u64,
    /// 16 bits each: parts of the target, and three bounds of slices.
    pub(super) slices: u64,
    /// 16 bits each: limit by benchmark, limit by revenue, limits of the first two years.
    pub(super) limits: u64,
    /// 16 bits each: what of a limit remains and its denominator, what is sequestered of it and its denominator.
    pub(super) after: u64,
    /// 16 bits each: the line of the minimum rate, and where that is by size all bits and its scale.
    pub(super) line: u64,
}

/// `(of_beyond × beyond + of_target × target) / parts`: what is shared where an amount ends in one slice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Piece {
    /// 32 bits each: `of_beyond` and `parts`.
    pub(super) share: u64,
    pub(super) of_target: i64,
}

/// Pieces of a side, by the slice that the amount ends in. The second of one slice is the half rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(align(64))]
pub(super) struct Pieces(pub(super) [Piece; MAX_BANDS]);

/// An arrangement in one range of scores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) head: Head,
    /// Savings, losses.
    pub(super) sides: [SideWords; 2],
    /// Of what is paid and of what is owed, then of what is sequestered.
    pub(super) pieces: [Pieces; 2],
    pub(super) sequestered: Pieces,
    /// Share of the first slice of savings and of losses, and that of savings at the half rate; 32 bits each: the share
    /// and its denominator.
    pub(super) shares: [u64; 3],
}

/// What a side's amounts are multiplied by beside quality: what remains, and what is withheld.
struct After {
    kept: Ratio,
    withheld: Ratio,
}

pub(super) fn packed(fields: [i64; 4]) -> Option<u64> {
    fields.iter().rev().try_fold(0, |word, field| Some((word << 16) | u64::from(u16::try_from(*field).ok()?)))
}

/// `part` in `1 / RATE`, where it is whole.
fn of_rate(part: Ratio) -> Option<i64> {
    let n = part.n.checked_mul(RATE)?;
    (n % part.d == 0).then_some(n / part.d).filter(|n| *n < NONE)
}

fn limit(part: Option<Ratio>) -> Option<i64> {
    part.map_or(Some(NONE), of_rate)
}

fn lcm(a: i64, b: i64) -> Option<i64> {
    a.checked_mul(b / gcd(a, b))
}

/// The rate that the discount leaves at a score.
fn left(discount: &Discount, score: i64) -> Option<Ratio> {
    match discount {
        Discount::Fixed(part) => part.complement(),
        Discount::ByScore(steps) => steps.at(score).complement(),
        // The row's own stands in its place.
        Discount::Given { .. } => Some(Ratio::ONE),
    }
}

/// Two bounds in parts per billion.
fn range(lowest: Ratio, highest: Ratio) -> Option<u64> {
    let ppb = |part: Ratio| {
        let n = i128::from(part.n) * i128::from(PPB);
        (n % i128::from(part.d) == 0).then(|| u32::try_from(n / i128::from(part.d)).ok())?
    };
    Some(u64::from(ppb(lowest)?) | (u64::from(ppb(highest)?) << 32))
}

/// The bounds of a null.
const NOTHING: u64 = u64::MAX;

fn withhold(withhold: Option<Withhold>) -> Option<[i64; 3]> {
    let Some(Withhold { part, reporting }) = withhold else { return Some([1, 0, 0]) };
    let by_score = part.less(reporting)?;
    let by_score = Ratio::new(by_score.n, by_score.d);
    let all = lcm(part.d, by_score.d)?;
    Some([all, by_score.n * (all / by_score.d), part.n * (all / part.d)])
}

/// Scores, each the highest of its range, at which any rate of the terms changes.
pub(super) fn changes(terms: &Terms) -> Vec<i64> {
    let of_side = |side: &Side| {
        let of_discount = match side.discount {
            Discount::ByScore(steps) => steps.scores(),
            _ => Vec::new(),
        };
        let of_multiplier = side.multiplier.map(|steps| steps.scores()).unwrap_or_default();
        let of_lowest = side.lowest_score.map(|lowest| lowest - 1);
        of_discount.into_iter().chain(of_multiplier).chain(of_lowest).collect::<Vec<_>>()
    };
    let mut all = of_side(&terms.up);
    all.extend(terms.down.iter().flat_map(of_side));
    all.sort_unstable();
    all.dedup();
    all
}

impl Head {
    /// The scale is filled in by who knows it.
    fn new(terms: &Terms, score: i64, needs_score: bool) -> Option<Self> {
        let up = &terms.up;
        let down = terms.down.as_ref().unwrap_or(up);
        let (of_up, of_down) = (left(&up.discount, score)?, left(&down.discount, score)?);
        let mut flags = flag::RAN;
        let mut set = |flag: u64, on: bool| flags |= if on { flag } else { 0 };
        set(flag::TWO_SIDED, terms.down.is_some());
        set(flag::FINAL, terms.takes_final);
        set(flag::COUNTS, terms.counts_people());
        set(flag::GUARDRAIL, terms.guardrail);
        set(flag::HALF_RATE, terms.low_revenue.is_some());
        set(flag::NEEDS_SCORE, needs_score);
        set(flag::ALTERNATIVE, terms.alternative_opens);
        set(flag::TOO_LOW, up.lowest_score.is_some_and(|lowest| score < lowest));
        let given = |side: &Side| match side.discount {
            Discount::Given { lowest, highest } => range(lowest, highest),
            _ => Some(NOTHING),
        };
        let discounts = given(up)?;
        if given(down)? != discounts {
            return None;
        }
        set(flag::GIVEN, discounts != NOTHING);
        let (mut cap, mut caps) = (0, NOTHING);
        match up.cap {
            GrossCap::None => {}
            GrossCap::Fixed(part) => cap = u64::try_from(part.n).ok()? | (u64::try_from(part.d).ok()? << 32),
            GrossCap::Elected { lowest, highest } => caps = range(lowest, highest)?,
        }
        set(flag::CAPPED, up.cap != GrossCap::None);
        set(flag::ELECTS_CAP, caps != NOTHING);
        let [all, by_score, part] = withhold(terms.withhold)?;
        Some(Self {
            left: packed([of_up.n, of_up.d, of_down.n, of_down.d])?,
            withhold: packed([all, by_score, part, i64::try_from(flags).ok()?])?,
            cap,
            discounts,
            caps,
            scale: 0,
            by_size: 0,
        })
    }
}

impl SideWords {
    fn new(terms: &Terms, side: &Side, losses: bool, after: &After) -> Option<Self> {
        let mut flags = 0;
        let mut set = |flag: u64, on: bool| flags |= if on { flag } else { 0 };
        // (constant, slope, parts, floor, top, where sharing is shut).
        let [constant, slope, parts, floor, top, shut] = match side.quality {
            Quality::None => [1, 0, 1, 0, 1, 0],
            Quality::Standard | Quality::StandardElseScaled => {
                set(side_flag::OPENS, true);
                set(side_flag::SCALED_ELSE, terms.alternative_opens);
                [1, 0, 1, 0, 1, 0]
            }
            Quality::Scaled => {
                set(side_flag::OPENS, true);
                [0, 1, 1, 0, 1, 0]
            }
            Quality::Score => [0, 1, 1, 0, 1, 0],
            Quality::CutByLack(part) => [part.d - part.n, part.n, part.d, 0, part.d, 0],
            Quality::CutByScore(part) => [part.d, -part.n, part.d, 0, part.d, 0],
            Quality::OneLessScaled { share, floor, top } => {
                set(side_flag::OPENS, true);
                let parts = lcm(share.d, lcm(floor.d, top.d)?)?;
                let of = |rate: Ratio| rate.n * (parts / rate.d);
                [parts, -of(share), parts, of(floor), of(top), of(top)]
            }
        };
        if parts > 0x7fff {
            return None;
        }
        // What the alternative standard opens is scaled by one quality only.
        if terms.alternative_opens
            && losses
            && !matches!(side.quality, Quality::None | Quality::OneLessScaled { .. })
        {
            return None;
        }
        if terms.alternative_opens && !losses && side.quality != Quality::StandardElseScaled {
            return None;
        }
        set(side_flag::FROM_THRESHOLD, side.origin == Origin::Threshold);
        set(side_flag::OF_TARGET, side.limit_of_target);
        set(side_flag::LIMITS_PLACED, losses || terms.limit_first);
        set(side_flag::REVENUE_ALONE, side.limited_by_revenue_alone());
        set(side_flag::EARLY, side.limit_early.is_some());
        if side.limit_amount.is_some() || (!losses && side.limit_early.is_some()) {
            return None;
        }
        let early =
            side.limit_early.map_or(Some([0; 2]), |[first, second]| Some([of_rate(first)?, of_rate(second)?]))?;
        let bound = |at: usize| if at + 1 < side.bands.count { side.bands.steps[at].0 } else { NONE };
        let slices = [side.bands.unit, bound(0), bound(1), bound(2)];
        if side.bands.steps[..side.bands.count - 1].iter().any(|(upper, _)| *upper >= NONE) {
            return None;
        }
        let gate = if losses { side.gate } else { None };
        let gate = gate.map_or(Some(0), of_rate)?;
        let kept = if losses || terms.limit_first { after.kept } else { Ratio::ONE };
        Some(Self {
            quality: packed([constant, slope & 0xffff, parts, shut])?,
            bounds: packed([floor, top, i64::try_from(flags).ok()?, gate])?,
            slices: packed(slices)?,
            limits: packed([limit(side.limit_benchmark)?, limit(side.limit_revenue)?, early[0], early[1]])?,
            after: packed([kept.n, kept.d, after.withheld.n, after.withheld.d])?,
            line: 0,
        })
    }
}

impl Piece {
    /// Where an amount ends in the slice `at`, of which `part` is taken.
    fn new(bands: &Bands, at: usize, part: Ratio) -> Option<Self> {
        let steps = &bands.steps[..=at];
        let start = steps.windows(2).try_fold(0_i64, |sum, pair| {
            sum.checked_add(pair[0].0.checked_mul(pair[0].1.checked_sub(pair[1].1)?)?)
        })?;
        let of_beyond = steps[at].1.checked_mul(bands.unit)?.checked_mul(part.n)?;
        let of_target = start.checked_mul(part.n)?;
        let parts = bands.unit.checked_mul(bands.scale)?.checked_mul(part.d)?;
        let common = gcd(gcd(of_beyond, of_target.checked_abs()?), parts);
        let reduced = parts / common;
        let of_target = of_target / common;
        let fits = of_beyond <= parts && of_target.abs() / 2 <= reduced && parts < MOST && common <= MOST_REDUCED;
        let share =
            u64::from(u32::try_from(of_beyond / common).ok()?) | (u64::from(u32::try_from(reduced).ok()?) << 32);
        fits.then_some(Self { share, of_target })
    }
}

impl Pieces {
    /// Of `part` of what is shared.
    fn new(bands: &Bands, part: Ratio, half: Option<Ratio>) -> Option<Self> {
        let mut pieces = Self::default();
        for (at, piece) in pieces.0.iter_mut().enumerate().take(bands.count) {
            *piece = Piece::new(bands, at, part)?;
        }
        if let Some(half) = half {
            if bands.count > 1 {
                return None;
            }
            pieces.0[1] = Piece::new(bands, 0, part.times(half)?)?;
        }
        Some(pieces)
    }
}

impl Entry {
    /// The terms at a score, or nothing where they do not fit.
    pub(super) fn new(terms: &Terms, score: i64, needs_score: bool) -> Option<Self> {
        let after = |side: &Side, withheld: Ratio| {
            let multiplier = side.multiplier.map_or(Ratio::ONE, |steps| steps.at(score));
            let (kept, withheld) = (withheld.complement()?.times(multiplier)?, withheld.times(multiplier)?);
            let after = After { kept: Ratio::new(kept.n, kept.d), withheld: Ratio::new(withheld.n, withheld.d) };
            (after.kept.d < 1 << 14 && after.withheld.d < 1 << 14).then_some(after)
        };
        let up = &terms.up;
        let half = terms.low_revenue.map(|rule| rule.share);
        let of_up = after(up, terms.sequestration)?;
        let mut entry = Self {
            head: Head::new(terms, score, needs_score)?,
            sides: [SideWords::new(terms, up, false, &of_up)?, SideWords::default()],
            pieces: [Pieces::new(&up.bands, of_up.kept, half)?, Pieces::default()],
            sequestered: Pieces::new(&up.bands, of_up.withheld, half)?,
            ..Self::default()
        };
        let share = |share: Ratio| {
            let n = u64::from(u16::try_from(share.n).ok()?);
            Some(n | (u64::from(u16::try_from(share.d).ok()?) << 32))
        };
        let first = up.bands.first_share();
        entry.shares = [share(first)?, 1 << 32, share(first.times(half.unwrap_or(Ratio::ZERO))?)?];
        if let Some(down) = &terms.down {
            let of_down = after(down, Ratio::ZERO)?;
            entry.sides[1] = SideWords::new(terms, down, true, &of_down)?;
            entry.pieces[1] = Pieces::new(&down.bands, of_down.kept, None)?;
            entry.shares[1] = share(down.bands.first_share())?;
        }
        Some(entry)
    }
}
