//! A program's terms as flat words, one entry for each year and arrangement, for the block kernel. A program whose
//! terms do not fit (odd rates, bands, more arrangements than an index holds) is settled row by row instead.

use super::plan::{Plan, Year};
use super::terms::{Common, Origin, Quality, Side, Terms, Threshold};
use crate::core::round::{PPB, Ratio};

/// Arrangements that an index holds.
pub(super) const TRACKS: usize = 16;
/// Most segments of a size scale.
pub(super) const SEGMENTS: usize = 16;
/// Most entries of a menu of minimum rates.
pub(super) const MENU: usize = 8;

/// Rates of limits and of losses count in `1 / RATE`, a field of 16 bits.
pub(super) const RATE: i64 = 10_000;
/// Rates of payment, which are products of two rates, count in `1 / PAY`.
pub(super) const PAY: i64 = 1_000_000;
/// A limit that there is not.
pub(super) const NO_LIMIT: u64 = 0xffff;

/// Flags of an entry.
pub(super) mod flag {
    /// The arrangement ran in the year.
    pub(crate) const RAN: u64 = 1;
    pub(crate) const TWO_SIDED: u64 = 1 << 1;
    /// The alternative standard opens sharing, scaled by the score.
    pub(crate) const ALTERNATIVE: u64 = 1 << 2;
    /// The score scales sharing.
    pub(crate) const SCALED: u64 = 1 << 3;
    /// The loss rate is one less the scaled sharing rate.
    pub(crate) const LOSS_SCALED: u64 = 1 << 4;
    pub(crate) const GUARDRAIL: u64 = 1 << 5;
    pub(crate) const HALF_RATE: u64 = 1 << 6;
    /// The loss limit differs in the first two years under two-sided risk.
    pub(crate) const EARLY: u64 = 1 << 7;
}

/// `(base + slope × beneficiaries) / scale`: a minimum rate.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Line {
    pub(super) base: i64,
    pub(super) slope: i64,
    pub(super) scale: i64,
}

/// What the minimum rate of an entry is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Minimum {
    #[default]
    Scale,
    Elected,
    Fixed,
}

/// One arrangement in one year.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entry {
    /// From bit 0: payment rate and payment rate at the half rate, 20 bits each; loss limit of the first year, 16.
    pub(super) pay: u64,
    /// 16 bits each: payment limit, loss limit by benchmark, loss limit by revenue, flags.
    pub(super) limits: u64,
    /// 16 bits each: highest and lowest loss rate, sharing rate that scales it, loss limit of the second year.
    pub(super) losses: u64,
    /// First agreement start with a half rate, 32 bits; fewest beneficiaries for it, 16 bits.
    pub(super) half: u64,
    /// Sharing rate and sharing rate at the half rate, 32 bits each.
    pub(super) sharing: u64,
    /// The same, of what is sequestered.
    pub(super) sequestered: u64,
    pub(super) minimum: Minimum,
    /// The rate, where it is fixed.
    pub(super) fixed: Line,
    pub(super) elects: bool,
    /// Beneficiaries from which on an election holds.
    pub(super) election_beneficiaries: i64,
}

/// A program for the kernel.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    pub(super) first_year: i64,
    /// Last year with rules of its own, and the last that it stands for.
    pub(super) last_index: i64,
    pub(super) last_year: i64,
    /// By year, then by arrangement.
    pub(super) entries: Vec<[Entry; TRACKS]>,
    /// First beneficiaries of each segment of the size scale; those not in use lie out of reach.
    pub(super) starts: [i32; SEGMENTS],
    /// The line of each segment, counted from 1; 0 is below the scale.
    pub(super) lines: [Line; SEGMENTS + 1],
    pub(super) menu: [i64; MENU],
}

/// `part` in `1 / unit`, where it is whole and fits the field.
fn whole(part: Ratio, unit: i64) -> Option<u64> {
    let n = i128::from(part.n) * i128::from(unit);
    let d = i128::from(part.d);
    (n % d == 0).then(|| u64::try_from(n / d).ok()).flatten().filter(|v| *v <= unit as u64)
}

fn limit(part: Option<Ratio>) -> Option<u64> {
    part.map_or(Some(NO_LIMIT), |part| whole(part, RATE))
}

fn times(a: Ratio, b: Ratio) -> Option<u64> {
    whole(a.times(b)?, PAY)
}

impl Packed {
    /// The program in words, or nothing where it does not fit.
    pub(super) fn new(plan: &Plan) -> Option<Self> {
        let years: Vec<Option<&Year>> = plan.own_years().collect();
        let known = || years.iter().copied().flatten();
        if plan.arrangements.len() > TRACKS {
            return None;
        }
        let scale = known().map(|y| &y.common.size_scale).next()?;
        if known().any(|y| y.common.size_scale != *scale) {
            return None;
        }
        let mut menu = [-1; MENU];
        let mut elections: Vec<Ratio> = Vec::new();
        for year in known().filter(|y| !y.common.elections.is_empty()) {
            if !elections.is_empty() && elections != year.common.elections {
                return None;
            }
            elections.clone_from(&year.common.elections);
        }
        if elections.len() > MENU {
            return None;
        }
        for (slot, rate) in menu.iter_mut().zip(&elections) {
            *slot = whole(*rate, PPB)? as i64;
        }
        let (starts, lines) = scale.lines()?;
        let mut entries = Vec::with_capacity(years.len());
        for year in &years {
            let mut row = [Entry::default(); TRACKS];
            if let Some(year) = year {
                for (entry, terms) in row.iter_mut().zip(&year.terms) {
                    if let Some(terms) = terms {
                        *entry = Entry::new(&year.common, terms)?;
                    }
                }
            }
            entries.push(row);
        }
        Some(Self {
            first_year: plan.span().0,
            last_index: entries.len() as i64 - 1,
            last_year: plan.span().1,
            entries,
            starts,
            lines,
            menu,
        })
    }
}

impl Entry {
    fn new(common: &Common, terms: &Terms) -> Option<Self> {
        let flat =
            |side: &Side| side.bands.count == 1 && side.origin == Origin::Benchmark && side.limit_early.is_none();
        let up = &terms.up;
        if !flat(up) || up.limit_revenue.is_some() {
            return None;
        }
        let mut flags = flag::RAN;
        match up.quality {
            Quality::Standard => {}
            Quality::StandardElseScaled => flags |= flag::ALTERNATIVE,
            Quality::Scaled => flags |= flag::SCALED,
            Quality::None | Quality::OneLessScaled { .. } => return None,
        }
        if terms.alternative_opens != (flags & flag::ALTERNATIVE != 0) {
            return None;
        }
        let rate = up.bands.first_share();
        let kept = terms.sequestration.complement()?;
        let half = terms.low_revenue.map_or(Ratio::ZERO, |rule| rule.share);
        let at_half = rate.times(half)?;
        let pay = times(rate, kept)? | (times(at_half, kept)? << 20);
        let sharing = times(rate, Ratio::ONE)? | (times(at_half, Ratio::ONE)? << 32);
        let sequestered = times(rate, terms.sequestration)? | (times(at_half, terms.sequestration)? << 32);
        let (mut start, mut size) = (0, 0);
        if let Some(rule) = terms.low_revenue {
            flags |= flag::HALF_RATE;
            start = u64::from(u32::try_from(rule.agreement_start).ok()?);
            size = u64::from(u16::try_from(rule.beneficiaries).ok()?);
        }
        if terms.guardrail {
            flags |= flag::GUARDRAIL;
        }
        let minimum = match up.threshold {
            Threshold::SizeScale => Minimum::Scale,
            Threshold::Elected => Minimum::Elected,
            Threshold::Fixed(_) => Minimum::Fixed,
        };
        let fixed = match up.threshold {
            Threshold::Fixed(rate) => Line { base: whole(rate, PPB)? as i64, slope: 0, scale: PPB },
            _ => Line::default(),
        };
        let mut out = Self {
            pay,
            limits: limit(up.limit_benchmark)?,
            half: start | (size << 32),
            sharing,
            sequestered,
            minimum,
            fixed,
            elects: terms.down.is_some() && !common.elections.is_empty(),
            election_beneficiaries: common.election_beneficiaries,
            ..Self::default()
        };
        if let Some(down) = &terms.down {
            flags |= flag::TWO_SIDED;
            if down.threshold != up.threshold || down.bands.count != 1 || down.origin != Origin::Benchmark {
                return None;
            }
            let (top, floor, share) = match down.quality {
                Quality::None => (down.bands.first_share(), Ratio::ZERO, Ratio::ZERO),
                Quality::OneLessScaled { share, floor, top } if down.bands.first_share() == Ratio::ONE => {
                    flags |= flag::LOSS_SCALED;
                    (top, floor, share)
                }
                _ => return None,
            };
            let early = match down.limit_early {
                None => [Some(0), Some(0)],
                Some(parts) => {
                    flags |= flag::EARLY;
                    parts.map(|part| whole(part, RATE))
                }
            };
            out.pay |= early[0]? << 40;
            out.limits |= (limit(down.limit_benchmark)? << 16) | (limit(down.limit_revenue)? << 32);
            out.losses =
                whole(top, RATE)? | (whole(floor, RATE)? << 16) | (whole(share, RATE)? << 32) | (early[1]? << 48);
        }
        out.limits |= flags << 48;
        Some(out)
    }
}
