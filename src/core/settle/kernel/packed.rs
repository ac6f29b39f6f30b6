//! A program's terms as flat words, one entry for each year and arrangement, for the block kernel. A program whose
//! terms do not fit (odd rates, bands, more arrangements than an index holds) is settled row by row instead.

use crate::core::round::{PPB, Ratio};
use crate::core::settle::plan::{Plan, Year};
use crate::core::settle::terms::{Common, Quality, Side, Terms, Threshold};

/// Arrangements that an index holds.
pub(super) const TRACKS: usize = 16;
/// Most segments of a size scale.
pub(in crate::core::settle) const SEGMENTS: usize = 16;
/// Lines of minimum rates: below the scale, its segments, and fixed rates.
pub(super) const LINES: usize = 32;
/// Most entries of a menu of minimum rates.
pub(super) const MENU: usize = 6;

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
    /// A minimum rate may be elected.
    pub(crate) const ELECTS: u64 = 1 << 8;
}

/// `(base + slope × beneficiaries) / scale`: a minimum rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::core::settle) struct Line {
    pub(in crate::core::settle) base: i64,
    pub(in crate::core::settle) slope: i64,
    pub(in crate::core::settle) scale: i64,
}

/// Words that the kernel fetches for every row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Words {
    /// From bit 0: payment rate and payment rate at the half rate, 20 bits each; loss limit of the first year, 16.
    pub(super) pay: u64,
    /// 16 bits each: payment limit, loss limit by benchmark, loss limit by revenue, flags.
    pub(super) limits: u64,
    /// 16 bits each: highest and lowest loss rate, sharing rate that scales it, loss limit of the second year.
    pub(super) losses: u64,
}

/// What holds in every year that has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shared {
    /// First agreement start with a half rate.
    pub(super) half_start: i64,
    /// Fewest beneficiaries for it.
    pub(super) half_people: i64,
    /// Fewest beneficiaries with whom an election holds.
    pub(super) election_people: i64,
    pub(super) first_year: i64,
}

/// One arrangement in one year.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    words: Words,
    fixed: u8,
    sharing: [i64; 2],
    sequestered: [i64; 2],
}

/// A program for the kernel.
#[derive(Clone, Debug)]
pub(in crate::core::settle) struct Packed {
    pub(super) first_year: i64,
    /// Last year with rules of its own, and the last that it stands for.
    pub(super) last_index: i64,
    pub(super) last_year: i64,
    /// By year, then by arrangement, as is what follows.
    pub(super) words: Vec<Words>,
    /// The line of the minimum rate where that is fixed, as an index of `lines`; 0 where it is by size.
    pub(super) fixed: Vec<u8>,
    /// Sharing rate, and sharing rate at the half rate, in `1 / PAY`.
    pub(super) sharing: Vec<[i64; 2]>,
    /// The same, of what is sequestered.
    pub(super) sequestered: Vec<[i64; 2]>,
    /// First beneficiaries of each segment of the size scale; those not in use lie out of reach.
    pub(super) starts: [i32; SEGMENTS],
    /// The line of each segment, counted from 1; 0 is below the scale. Beyond them, fixed rates.
    pub(super) lines: [Line; LINES],
    pub(super) menu: [i64; MENU],
    pub(super) shared: Shared,
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
    pub(in crate::core::settle) fn new(plan: &Plan) -> Option<Self> {
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
        let (starts, of_scale) = scale.lines()?;
        let mut lines = [Line::default(); LINES];
        lines[..of_scale.len()].copy_from_slice(&of_scale);
        let mut fixed = Fixed { lines: &mut lines, used: of_scale.len() };
        let terms = || known().flat_map(|y| y.terms.iter().flatten());
        let electing = known().filter(|y| !y.common.elections.is_empty());
        let election_people = one_of(electing.map(|y| y.common.election_beneficiaries))?;
        let half = one_of(terms().filter_map(|t| t.low_revenue).map(|h| (h.agreement_start, h.beneficiaries)))?;
        let (half_start, half_people) = half;
        let shared = Shared { half_start, half_people, election_people, first_year: plan.span().0 };
        let mut entries = vec![Entry::default(); years.len() * TRACKS];
        for (year, row) in years.iter().zip(entries.chunks_mut(TRACKS)) {
            let Some(year) = year else { continue };
            for (entry, terms) in row.iter_mut().zip(&year.terms) {
                if let Some(terms) = terms {
                    *entry = Entry::new(&year.common, terms, &mut fixed)?;
                }
            }
        }
        Some(Self {
            first_year: plan.span().0,
            last_index: years.len() as i64 - 1,
            last_year: plan.span().1,
            words: entries.iter().map(|e| e.words).collect(),
            fixed: entries.iter().map(|e| e.fixed).collect(),
            sharing: entries.iter().map(|e| e.sharing).collect(),
            sequestered: entries.iter().map(|e| e.sequestered).collect(),
            starts,
            lines,
            menu,
            shared,
        })
    }
}

/// What all agree on; nothing where they do not.
fn one_of<T: PartialEq + Copy + Default>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let Some(first) = all.next() else { return Some(T::default()) };
    all.all(|other| other == first).then_some(first)
}

/// Lines of fixed rates, each once.
struct Fixed<'a> {
    lines: &'a mut [Line; LINES],
    used: usize,
}

impl Fixed<'_> {
    fn line(&mut self, rate: Ratio) -> Option<u8> {
        let line = Line { base: whole(rate, PPB)? as i64, slope: 0, scale: PPB };
        let known = self.lines[SEGMENTS + 1..self.used].iter().position(|l| *l == line);
        if let Some(at) = known {
            return Some((SEGMENTS + 1 + at) as u8);
        }
        *self.lines.get_mut(self.used)? = line;
        self.used += 1;
        Some((self.used - 1) as u8)
    }
}

/// Whether a side has none of what only the engine settles.
fn flat(side: &Side) -> bool {
    let Side { threshold, bands, quality, limit_benchmark, limit_early, limit_revenue, .. } = *side;
    let plain = Side::plain(Ratio::ZERO);
    bands.count == 1
        && *side == Side { threshold, bands, quality, limit_benchmark, limit_early, limit_revenue, ..plain }
}

impl Entry {
    fn new(common: &Common, terms: &Terms, lines: &mut Fixed<'_>) -> Option<Self> {
        let up = &terms.up;
        if !flat(up) || up.limit_early.is_some() || up.limit_revenue.is_some() {
            return None;
        }
        if terms.withhold.is_some() || terms.limit_first || terms.down.as_ref().is_some_and(|down| !flat(down)) {
            return None;
        }
        let mut flags = flag::RAN;
        match up.quality {
            Quality::Standard => {}
            Quality::StandardElseScaled => flags |= flag::ALTERNATIVE,
            Quality::Scaled => flags |= flag::SCALED,
            _ => return None,
        }
        if terms.alternative_opens != (flags & flag::ALTERNATIVE != 0) {
            return None;
        }
        let rate = up.bands.first_share();
        let kept = terms.sequestration.complement()?;
        let half = terms.low_revenue.map_or(Ratio::ZERO, |rule| rule.share);
        let at_half = rate.times(half)?;
        let pay = times(rate, kept)? | (times(at_half, kept)? << 20);
        let both = |with: Ratio| Some([times(rate, with)? as i64, times(at_half, with)? as i64]);
        let (sharing, sequestered) = (both(Ratio::ONE)?, both(terms.sequestration)?);
        if terms.low_revenue.is_some() {
            flags |= flag::HALF_RATE;
        }
        if terms.guardrail {
            flags |= flag::GUARDRAIL;
        }
        let fixed = match up.threshold {
            Threshold::SizeScale => 0,
            Threshold::Elected => {
                flags |= flag::ELECTS;
                0
            }
            Threshold::Fixed(rate) => lines.line(rate)?,
        };
        let elects = terms.down.is_some() && !common.elections.is_empty();
        if elects != (flags & flag::ELECTS != 0) {
            return None;
        }
        let mut words = Words { pay, limits: limit(up.limit_benchmark)?, losses: 0 };
        if let Some(down) = &terms.down {
            flags |= flag::TWO_SIDED;
            if down.threshold != up.threshold {
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
            words.pay |= early[0]? << 40;
            words.limits |= (limit(down.limit_benchmark)? << 16) | (limit(down.limit_revenue)? << 32);
            words.losses =
                whole(top, RATE)? | (whole(floor, RATE)? << 16) | (whole(share, RATE)? << 32) | (early[1]? << 48);
        }
        words.limits |= flags << 48;
        Some(Self { words, fixed, sharing, sequestered })
    }
}
