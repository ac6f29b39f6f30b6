//! A plan for the corridor kernel: the entry of every year and arrangement, of one program or of several whose
//! arrangements follow each other. Entries that are alike are held once, so that what rows fetch stays close by.

use super::words::{CHANGES, Entry, Head, Pieces, SideWords, changes, flag, packed};
use crate::core::round::{PPB, Ratio};
use crate::core::settle::kernel::packed::{Line, MENU, SEGMENTS};
use crate::core::settle::plan::{Plan, Year};
use crate::core::settle::size_scale::SizeScale;
use crate::core::settle::terms::{Origin, Side, Terms, Threshold};

/// Size scales of a plan.
pub(super) const SCALES: usize = 4;
/// Lines of each scale: below it, and its segments.
pub(super) const SCALE_LINES: usize = SEGMENTS + 1;
/// Lines of minimum rates: those of the scales, then fixed rates.
pub(super) const LINES: usize = 128;
/// Sets of scores at which arrangements change; the first is none.
pub(super) const GRIDS: usize = 8;

/// What all arrangements that have it agree on; those that do not are the engine's.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shared {
    /// First agreement start with a half rate, and fewest beneficiaries for it.
    pub(super) half: (i64, i64),
    /// Fewest beneficiaries with whom an election holds.
    pub(super) election_people: i64,
    /// First performance year of the program whose limits differ in early years.
    pub(super) first_year: i64,
}

/// Programs for the kernel.
#[derive(Clone, Debug)]
pub(in crate::core::settle) struct Corridors {
    pub(super) first_year: i64,
    pub(super) last_index: i64,
    pub(super) codes: i64,
    /// By year, then by arrangement: first entry, then from bit 16 on the set of scores at which it changes.
    pub(super) table: Vec<u32>,
    pub(super) heads: Vec<Head>,
    /// Whether any has a cap that is not elected.
    pub(super) fixed_caps: bool,
    /// Whether any shares from the threshold on.
    pub(super) origins: bool,
    /// Whether any has a minimum rate by size on one side only, so that the other side's must be asked about too.
    pub(super) one_by_size: bool,
    /// Savings, then losses, of each entry; as what follows.
    pub(super) sides: Vec<[SideWords; 2]>,
    pub(super) pieces: Vec<[Pieces; 2]>,
    /// Of savings.
    pub(super) sequestered: Vec<Pieces>,
    /// Sharing and loss rates of the first slice, then the sharing rate at the half rate.
    pub(super) shares: Vec<[u64; 3]>,
    pub(super) grids: [[i32; CHANGES]; GRIDS],
    pub(super) starts: [[i32; SEGMENTS]; SCALES],
    /// Scales in use.
    pub(super) scales: usize,
    pub(super) lines: [Line; LINES],
    pub(super) menu: [i64; MENU],
    pub(super) shared: Shared,
}

/// What is known of a plan while it is made.
struct Maker {
    made: Corridors,
    grids: usize,
    fixed: usize,
    scales: Vec<SizeScale>,
    known: Vec<Vec<Entry>>,
    firsts: Vec<usize>,
    seen: Seen,
}

/// Whether some arrangement has set what all must agree on.
#[derive(Default)]
struct Seen {
    half: Option<(i64, i64)>,
    election_people: Option<i64>,
    first_year: Option<i64>,
    menu: Option<Vec<Ratio>>,
}

/// Whether a value is the first, or the same as it.
fn agrees<T: PartialEq + Clone>(first: &mut Option<T>, value: &T) -> bool {
    first.get_or_insert_with(|| value.clone()) == value
}

impl Corridors {
    /// The plan in words; nothing where it is too large. Arrangements that do not fit have an entry that never ran.
    pub(in crate::core::settle) fn new(plan: &Plan) -> Option<Self> {
        let (first_year, last) = plan.own_span()?;
        let codes = plan.arrangements.len();
        // One year more stands for all later ones: a program goes on in it or it does not.
        let years = usize::try_from(last + 2 - first_year).ok()?;
        if codes == 0 || years * codes > usize::from(u16::MAX) {
            return None;
        }
        let mut maker = Maker::new(first_year, years, codes);
        for year in 0..years {
            for code in 0..codes {
                if let Ok((of_year, terms)) = plan.find(code as i64, first_year + year as i64) {
                    maker.made.table[year * codes + code] =
                        maker.cell(of_year, terms, first_year + year as i64).unwrap_or(0);
                }
            }
        }
        Some(maker.made)
    }
}

impl Maker {
    fn new(first_year: i64, years: usize, codes: usize) -> Self {
        let mut maker = Self {
            made: Corridors {
                first_year,
                last_index: years as i64 - 1,
                codes: codes as i64,
                table: vec![0; years * codes],
                heads: Vec::new(),
                fixed_caps: false,
                origins: false,
                one_by_size: false,
                sides: Vec::new(),
                pieces: Vec::new(),
                sequestered: Vec::new(),
                shares: Vec::new(),
                grids: [[i32::MAX; CHANGES]; GRIDS],
                starts: [[i32::MAX; SEGMENTS]; SCALES],
                scales: 0,
                lines: [Line::default(); LINES],
                menu: [-1; MENU],
                shared: Shared::default(),
            },
            grids: 1,
            fixed: SCALES * SCALE_LINES,
            scales: Vec::new(),
            known: Vec::new(),
            firsts: Vec::new(),
            seen: Seen::default(),
        };
        // The one that never ran.
        maker.put(vec![Entry::default()]);
        maker
    }

    /// The word of an arrangement in a year, or nothing where it does not fit.
    fn cell(&mut self, year: &Year, terms: &Terms, row_year: i64) -> Option<u32> {
        let changes = changes(terms);
        let grid = self.grid(&changes)?;
        let lines = self.thresholds(year, terms)?;
        let scale = if lines.contains(&0) { self.scale(&year.common.size_scale)? } else { 0 };
        self.agreed(year, terms, row_year)?;
        let flags = self.elections(year, terms)?;
        let of_score = |score: i64| {
            let mut entry = Entry::new(terms, score, grid > 0)?;
            entry.head.scale = scale as u8;
            entry.head.by_size = if lines.contains(&0) { u8::MAX } else { 0 };
            entry.head.withhold |= flags << 48;
            for (side, line) in entry.sides.iter_mut().zip(lines) {
                let by_size = scale * SCALE_LINES;
                side.line = if line == 0 {
                    packed([by_size as i64, 0xffff, scale as i64, 0])
                } else {
                    packed([line, 0, 0, 0])
                }?;
            }
            Some(entry)
        };
        let entries = changes.iter().copied().chain([PPB]).map(of_score).collect::<Option<Vec<_>>>()?;
        let from_threshold = |side: &Side| side.origin == Origin::Threshold;
        self.made.origins |= from_threshold(&terms.up) || terms.down.as_ref().is_some_and(from_threshold);
        self.made.one_by_size |= (lines[0] == 0) != (lines[1] == 0);
        let first = self.put(entries);
        Some(u32::from(u16::try_from(first).ok()?) | ((grid as u32) << 16))
    }

    fn put(&mut self, entries: Vec<Entry>) -> usize {
        if let Some(at) = self.known.iter().position(|known| *known == entries) {
            return self.firsts[at];
        }
        let first = self.made.heads.len();
        for entry in &entries {
            self.made.heads.push(entry.head);
            self.made.fixed_caps |= entry.head.cap != 0;
            self.made.sides.push(entry.sides);
            self.made.pieces.push(entry.pieces);
            self.made.sequestered.push(entry.sequestered);
            self.made.shares.push(entry.shares);
        }
        self.firsts.push(first);
        self.known.push(entries);
        first
    }

    fn grid(&mut self, changes: &[i64]) -> Option<usize> {
        let mut grid = [i32::MAX; CHANGES];
        for (at, score) in changes.iter().enumerate() {
            *grid.get_mut(at)? = i32::try_from(*score).ok()?;
        }
        let at = self.made.grids[..self.grids].iter().position(|known| *known == grid).unwrap_or(self.grids);
        *self.made.grids.get_mut(at)? = grid;
        self.grids = self.grids.max(at + 1);
        Some(at)
    }

    fn scale(&mut self, scale: &SizeScale) -> Option<usize> {
        if let Some(at) = self.scales.iter().position(|known| known == scale) {
            return Some(at);
        }
        let at = self.scales.len();
        let (starts, lines) = scale.lines()?;
        *self.made.starts.get_mut(at)? = starts;
        self.made.lines[at * SCALE_LINES..(at + 1) * SCALE_LINES].copy_from_slice(&lines);
        self.scales.push(scale.clone());
        self.made.scales = self.scales.len();
        Some(at)
    }

    /// Lines of the minimum rates of savings and losses; 0 where by size.
    fn thresholds(&mut self, year: &Year, terms: &Terms) -> Option<[i64; 2]> {
        let mut line = |threshold: Threshold| match threshold {
            Threshold::Fixed(rate) => self.line(rate),
            Threshold::Elected if !agrees(&mut self.seen.election_people, &year.common.election_beneficiaries) => {
                None
            }
            _ => Some(0),
        };
        let up = line(terms.up.threshold)?;
        let down = terms.down.map_or(Some(up), |down| line(down.threshold))?;
        self.made.shared.election_people = self.seen.election_people.unwrap_or(0);
        Some([up, down])
    }

    fn line(&mut self, rate: Ratio) -> Option<i64> {
        let line = Line { base: rate.n, slope: 0, scale: rate.d };
        let first = SCALES * SCALE_LINES;
        let known = self.made.lines[first..self.fixed].iter().position(|known| *known == line);
        let at = known.map_or(self.fixed, |at| first + at);
        *self.made.lines.get_mut(at)? = line;
        self.fixed = self.fixed.max(at + 1);
        Some(at as i64)
    }

    /// Flags of what may be elected.
    fn elections(&mut self, year: &Year, terms: &Terms) -> Option<u64> {
        let offered = &year.common.elections;
        let mut flags = 0;
        if terms.down.is_some() && !offered.is_empty() && agrees(&mut self.seen.menu, offered) {
            if offered.len() > MENU {
                return None;
            }
            for (slot, rate) in self.made.menu.iter_mut().zip(offered) {
                let n = rate.n.checked_mul(PPB)?;
                *slot = (n % rate.d == 0).then_some(n / rate.d)?;
            }
            flags |= flag::OFFERS;
        }
        if terms.up.threshold == Threshold::Elected {
            flags |= flag::ELECTS_UP;
        }
        if terms.down.is_some_and(|down| down.threshold == Threshold::Elected) {
            flags |= flag::ELECTS_DOWN;
        }
        Some(flags)
    }

    /// Nothing where the arrangement does not agree with the others on what they share.
    fn agreed(&mut self, year: &Year, terms: &Terms, row_year: i64) -> Option<()> {
        if let Some(rule) = terms.low_revenue {
            let rule = (rule.agreement_start, rule.beneficiaries);
            agrees(&mut self.seen.half, &rule).then_some(())?;
            self.made.shared.half = rule;
        }
        if terms.down.is_some_and(|down| down.limit_early.is_some()) {
            // The engine counts from the year whose terms these are, the kernel from that of the row.
            (year.performance_year == row_year && agrees(&mut self.seen.first_year, &year.first_year))
                .then_some(())?;
            self.made.shared.first_year = year.first_year;
        }
        Some(())
    }
}
