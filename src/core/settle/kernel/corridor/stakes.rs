//! Second step of the corridor kernel: whether savings or losses pass the minimum rate, the cap and the gate, what
//! quality makes of them, and in which slice they end.

use super::exact::{MOST_UNIT, less_part, negative, pick, times};
use super::plan::{Corridors, Shared};
use super::rows::Rows;
use super::targets::has;
use super::words::{NONE, RATE, flag, side_flag};
use crate::core::kernel::{Level, dispatch};
use crate::core::round::PPB;
use crate::core::settle::kernel::block::{Amounts, Block, bit};
use crate::core::settle::kernel::decide::{choose, field, truth};
use crate::core::settle::kernel::decode::{ROWS, float};

/// A flag of a side, as a mask.
#[inline(always)]
pub(super) fn side_has(bounds: u64, flag: u64) -> i64 {
    // The flags lie above two fields of 16 bits.
    ((bounds << (31 - flag.trailing_zeros())) as i64) >> 63
}

/// What quality says of a row.
#[derive(Clone, Copy)]
pub(super) struct Said {
    /// The score and its unit.
    pub(super) score: i64,
    pub(super) unit: i64,
    /// Masks: the standard met, whether that is not known, the same two of the alternative.
    pub(super) standard: i64,
    pub(super) untold: i64,
    pub(super) alternative: i64,
    pub(super) alternative_untold: i64,
    /// Whether the alternative standard opens sharing.
    pub(super) opens_else: i64,
}

impl Said {
    #[inline(always)]
    pub(super) fn new(block: &Block, rows: &Rows, i: usize) -> Self {
        let truths = block.truths[i];
        Self {
            score: rows.score.n[i],
            unit: rows.score.unit[i],
            standard: truth(truths, bit::STANDARD),
            untold: truth(truths, bit::STANDARD + 1),
            alternative: truth(truths, bit::ALTERNATIVE),
            alternative_untold: truth(truths, bit::ALTERNATIVE + 1),
            opens_else: has(rows.withhold[i], flag::ALTERNATIVE),
        }
    }

    /// Masks: whether sharing is open, and whether that is not known.
    #[inline(always)]
    pub(super) fn open(&self) -> (i64, i64) {
        let asks = self.opens_else & !self.standard;
        (self.standard | (asks & self.alternative), self.untold | (asks & self.alternative_untold))
    }

    /// What quality multiplies by, `n / d`, and whether it is not known.
    #[inline(always)]
    pub(super) fn factor(&self, quality: u64, bounds: u64) -> (i64, i64, i64) {
        let (open, untold) = self.open();
        let asks = side_has(bounds, side_flag::OPENS);
        let shut = asks & !open;
        // Where only the alternative standard is met: the score.
        let scaled = side_has(bounds, side_flag::SCALED_ELSE) & !self.standard;
        let slope = field(quality, 16, 16) << 48 >> 48;
        let (constant, slope) = (choose(scaled, 0, field(quality, 0, 16)), choose(scaled, 1, slope));
        let uses_score = !shut & ((slope.wrapping_neg() | slope) >> 63);
        let (score, unit) = (self.score & uses_score, choose(uses_score, self.unit, 1));
        let parts = field(quality, 32, 16);
        let linear = times(constant, unit).wrapping_add(times(slope, score));
        let within = linear.max(times(field(bounds, 0, 16), unit)).min(times(field(bounds, 16, 16), unit));
        let n = choose(shut, field(quality, 48, 16), within);
        (n, times(parts, unit), (asks & untold) | (uses_score & (self.score >> 63)))
    }
}

#[inline(always)]
#[allow(clippy::too_many_lines)] // the steps of a settlement, in their order
fn stakes_body<const ORIGINS: bool>(block: &mut Block, rows: &mut Rows, money: Amounts<'_>, shared: Shared) {
    let n = money.benchmark.len().min(ROWS);
    let (benchmarks, spents) = (&money.benchmark[..n], &money.expenditures[..n]);
    for i in 0..n {
        let (withhold, bounds, side, truths) = (rows.withhold[i], rows.bounds[i], rows.side[i], block.truths[i]);
        let (people, elected, start) = (block.people[i], block.elected[i], block.start[i]);
        let target = (rows.target.n[i], rows.target.about[i]);
        let distance = (rows.distance[i], rows.distance_about[i]);

        // The minimum rate: the elected one where an election holds.
        let holds = !((people - shared.election_people) >> 63) & !(elected >> 63);
        let elects = choose(side, has(withhold, flag::ELECTS_DOWN), has(withhold, flag::ELECTS_UP)) & holds;
        let two_sided = has(withhold, flag::TWO_SIDED);
        let (rate, of) = (choose(elects, elected, rows.numerator[i]), choose(elects, PPB, rows.denominator[i]));
        let reached = !(less_part(distance, target, (rate, of)) >> 63);

        // The cap: beyond it, the target's part stands in the place of the distance.
        let elects_cap = has(withhold, flag::ELECTS_CAP);
        let cap = choose(elects_cap, rows.cap.n[i], field(rows.fixed_cap[i], 0, 32));
        let cap_of = choose(elects_cap, rows.cap.unit[i], field(rows.fixed_cap[i], 32, 32)).max(1);
        let capped =
            has(withhold, flag::CAPPED) & (less_part(distance, target, (cap, cap_of)).wrapping_neg() >> 63);
        let finer = choose(capped, cap_of, 1);
        let cut = choose(capped, times(target.0, cap), distance.0);

        // The origin.
        let from_threshold = if ORIGINS { side_has(bounds, side_flag::FROM_THRESHOLD) } else { 0 };
        let begins = rate & from_threshold;
        let finest = choose(from_threshold, of.max(1), 1);
        let of_target = times(target.0, finer);
        let beyond = times(cut, finest).wrapping_sub(times(of_target, begins));
        let of_target = times(of_target, finest);
        // One division for both parts of the target.
        let of_both = target.1 / (float(cap_of) * float(finest));
        let cut_about = pick(capped, float(cap & capped) * (float(finest) * of_both), distance.1);
        let beyond_about = if ORIGINS { cut_about - float(begins) * (float(cap_of) * of_both) } else { cut_about };
        let (unit, unit_about) = (times(times(rows.target.unit[i], finer), finest), rows.unit_about[i]);
        let fine_about = unit_about * float(finer) * float(finest);

        // The slice in which it ends.
        let slices = rows.slices[i];
        let width = field(slices, 0, 16);
        let past = |shift: u32| {
            let bound = field(slices, shift, 16);
            let is_past = less_part((beyond, beyond_about), (of_target, target.1), (bound, width));
            (is_past.wrapping_neg() >> 63) & ((bound - NONE) >> 63)
        };
        let piece = past(16).wrapping_add(past(32)).wrapping_add(past(48)).wrapping_neg();

        // What quality opens, and multiplies by.
        let said = Said::new(block, rows, i);
        let (open, untold) = said.open();
        let (factor, factor_unit, unknown) = said.factor(rows.quality[i], bounds);

        // Whether savings are shared, or losses owed.
        let (saved, lost) = (rows.saved[i], rows.lost[i]);
        let free = saved & !(has(withhold, flag::GUARDRAIL) & truth(truths, bit::GUARDRAIL));
        let asks_half = free & !reached & has(withhold, flag::HALF_RATE) & !((people - shared.half.1) >> 63);
        let late = !((start - shared.half.0) >> 63);
        let half = asks_half & truth(truths, bit::LOW_REVENUE) & late & open;
        let half_unknown = truth(truths, bit::LOW_REVENUE + 1) | (start >> 63) | untold;
        let passes = (free & reached) | half;
        let shut = has(withhold, flag::TOO_LOW) | (side_has(bounds, side_flag::OPENS) & !open);
        let pays = passes & !shut;
        let gate = field(bounds, 48, 16);
        let below_gate = times(spents[i], RATE).wrapping_sub(times(benchmarks[i], gate)) >> 63;
        let owes = lost & two_sided & !below_gate;
        let losing = owes & reached;

        rows.beyond[i] = beyond;
        rows.beyond_about[i] = beyond_about;
        rows.of_target[i] = of_target;
        rows.parts[i] = unit;
        rows.parts_about[i] = fine_about;
        rows.piece[i] = choose(half, 1, piece);
        rows.factor[i] = factor;
        rows.factor_unit[i] = factor_unit;
        rows.passes[i] = passes;
        rows.pays[i] = pays;
        rows.half[i] = half;
        rows.losing[i] = losing;
        rows.gated[i] = lost & two_sided & below_gate;
        rows.capped[i] = capped;

        let too_fine = negative(MOST_UNIT - fine_about * float(width))
            | negative(MOST_UNIT - unit_about * float(of))
            | negative(MOST_UNIT - unit_about * float(cap_of));
        let no_minimum = (of - 1) >> 63;
        let open_question = (asks_half & half_unknown) | ((passes | losing) & unknown);
        rows.undecided[i] |= no_minimum | too_fine | open_question;
    }
}

dispatch! {
    fn from_targets(block: &mut Block, rows: &mut Rows, money: Amounts<'_>, shared: Shared) -> ()
        = stakes_body::<false>
}

dispatch! {
    fn from_origins(block: &mut Block, rows: &mut Rows, money: Amounts<'_>, shared: Shared) -> ()
        = stakes_body::<true>
}

/// Stakes of a block whose targets are known.
pub(super) fn stakes(level: Level, plan: &Corridors, block: &mut Block, rows: &mut Rows, money: Amounts<'_>) {
    let form = if plan.origins { from_origins } else { from_targets };
    form(level, block, rows, money, plan.shared);
}
