//! The block kernel of settlement: savings or losses, minimum rate, sharing, limits and relief of a block of rows,
//! exact to the cent and branch-free. What it cannot decide (nulls that matter, part years, dates of payment, amounts
//! beyond 2⁵⁰ cents) it marks hard, for the engine to settle: the engine defines the result.

use super::decode::{MOST_CENTS, NULL, ROWS, float, nearest};
use super::packed::{Entry, Line, Minimum, NO_LIMIT, PAY, Packed, RATE, SEGMENTS, TRACKS, flag};
use super::reason;
use crate::core::kernel::dispatch;
use crate::core::round::PPB;

/// Truth values of a row, two bits each: true, and null.
pub(super) mod bit {
    pub(crate) const STANDARD: u8 = 0;
    pub(crate) const ALTERNATIVE: u8 = 2;
    pub(crate) const LOW_REVENUE: u8 = 4;
    pub(crate) const GUARDRAIL: u8 = 6;
}

/// What became of a row; 0 where nothing is shared or owed.
pub(super) mod state {
    /// Savings are shared.
    pub(crate) const GAIN: u8 = 1;
    /// At the half rate.
    pub(crate) const HALF: u8 = 2;
    /// Losses are owed.
    pub(crate) const LOSS: u8 = 3;
}

/// Columns of a block, decoded, and what the kernel makes of them.
pub(super) struct Block {
    pub(super) benchmark: [i64; ROWS],
    pub(super) expenditures: [i64; ROWS],
    pub(super) people: [i64; ROWS],
    pub(super) track: [i64; ROWS],
    pub(super) year: [i64; ROWS],
    pub(super) quality: [i64; ROWS],
    pub(super) elected: [i64; ROWS],
    pub(super) revenue: [i64; ROWS],
    pub(super) start: [i64; ROWS],
    pub(super) relief: [i64; ROWS],
    pub(super) two_sided_year: [i64; ROWS],
    pub(super) truths: [u8; ROWS],
    pub(super) segment: [u8; ROWS],
    /// Not zero where the engine must settle the row.
    pub(super) hard: [u8; ROWS],
    /// The minimum rate, `numerator / denominator`.
    pub(super) numerator: [i64; ROWS],
    pub(super) denominator: [i64; ROWS],
    /// Words of the row's year and arrangement.
    pay: [u64; ROWS],
    pub(super) limits: [u64; ROWS],
    losses: [u64; ROWS],
    half: [u64; ROWS],
    /// Year and arrangement of the row, in the packed plan.
    pub(super) index: [u16; ROWS],
    pub(super) savings: [i64; ROWS],
    pub(super) generated: [i64; ROWS],
    pub(super) earned: [i64; ROWS],
    /// What quality multiplies the sharing rate by, parts per billion; [`NULL`] where it is not known.
    pub(super) factor: [i64; ROWS],
    /// The loss rate in `1 / LOSS`; [`NULL`] where it is not known.
    pub(super) loss_rate: [i64; ROWS],
    /// The loss limit by benchmark as a part of it, in `1 / RATE`; [`NO_LIMIT`] where there is none.
    pub(super) loss_limit: [i64; ROWS],
    pub(super) state: [u8; ROWS],
    pub(super) reason: [u8; ROWS],
}

/// Loss rates count in `1 / LOSS`.
pub(super) const LOSS: i64 = RATE * PPB;
/// What is paid or owed counts in `1 / PART` of savings or losses.
const PART: i64 = PAY * PPB;

impl Block {
    pub(super) const fn new() -> Self {
        Self {
            benchmark: [0; ROWS],
            expenditures: [0; ROWS],
            people: [0; ROWS],
            track: [0; ROWS],
            year: [0; ROWS],
            quality: [NULL; ROWS],
            elected: [NULL; ROWS],
            revenue: [NULL; ROWS],
            start: [NULL; ROWS],
            relief: [NULL; ROWS],
            two_sided_year: [NULL; ROWS],
            truths: [0; ROWS],
            segment: [0; ROWS],
            hard: [0; ROWS],
            numerator: [0; ROWS],
            denominator: [0; ROWS],
            pay: [0; ROWS],
            limits: [0; ROWS],
            losses: [0; ROWS],
            half: [0; ROWS],
            index: [0; ROWS],
            savings: [0; ROWS],
            generated: [0; ROWS],
            earned: [0; ROWS],
            factor: [0; ROWS],
            loss_rate: [0; ROWS],
            loss_limit: [0; ROWS],
            state: [0; ROWS],
            reason: [0; ROWS],
        }
    }
}

/// Fetches the words of each row's year and arrangement, and its minimum rate.
pub(super) fn look_up(packed: &Packed, block: &mut Block, n: usize) {
    let nothing = [Entry::default(); TRACKS];
    for i in 0..n {
        let year = block.year[i];
        let known = (packed.first_year..=packed.last_year).contains(&year);
        let at = (year - packed.first_year).clamp(0, packed.last_index) as usize;
        let track = block.track[i];
        let entry = &packed.entries.get(at).unwrap_or(&nothing)[track as usize % TRACKS];
        let elected = block.elected[i];
        let by_size = &packed.lines[usize::from(block.segment[i]).min(SEGMENTS)];
        let own = Line { base: elected, slope: 0, scale: PPB };
        let elects = (entry.minimum == Minimum::Elected)
            & (elected >= 0)
            & (block.people[i] >= entry.election_beneficiaries);
        let line = if entry.minimum == Minimum::Fixed { &entry.fixed } else { by_size };
        let line = if elects { &own } else { line };
        block.numerator[i] = line.base.wrapping_add(line.slope.wrapping_mul(block.people[i]));
        block.denominator[i] = line.scale;
        block.pay[i] = entry.pay;
        block.limits[i] = entry.limits;
        block.losses[i] = entry.losses;
        block.half[i] = entry.half;
        block.index[i] = (at * TRACKS) as u16 | (track as u16 & (TRACKS as u16 - 1));
        let refused =
            !known | (track as u64 >= TRACKS as u64) | (line.scale == 0) | ((elected != NULL) & !entry.elects);
        block.hard[i] |= u8::from(refused);
    }
}

#[inline(always)]
fn field(word: u64, shift: u32, bits: u32) -> i64 {
    ((word >> shift) & ((1 << bits) - 1)) as i64
}

/// `amount × part / UNIT` to the cent, half up, where the amount is below 2⁵⁰ and the part at most the unit: a float
/// gives a candidate that is at most one off, and its remainder, whose low 64 bits are all of it, settles which.
#[inline(always)]
pub(super) fn rounded<const UNIT: i64>(amount: i64, part: i64) -> i64 {
    let candidate = nearest(float(amount) * float(part) * (1.0 / UNIT as f64));
    let rest = amount.wrapping_mul(part).wrapping_sub(candidate.wrapping_mul(UNIT));
    let twice = rest.wrapping_mul(2);
    candidate.wrapping_add(i64::from(twice >= UNIT)).wrapping_sub(i64::from(twice < -UNIT))
}

/// Whether `distance / benchmark >= numerator / denominator`, exactly: the low 64 bits of the difference of products
/// are all of it where it is small, and its float is right where it is not.
#[inline(always)]
fn reaches(distance: i64, benchmark: i64, numerator: i64, denominator: i64) -> bool {
    let rough = float(distance) * float(denominator) - float(numerator) * float(benchmark);
    let exact = distance.wrapping_mul(denominator).wrapping_sub(numerator.wrapping_mul(benchmark));
    let small = rough.abs() < (1_i64 << 44) as f64;
    (small & (exact >= 0)) | (!small & (rough >= 0.0))
}

#[inline(always)]
#[allow(clippy::too_many_lines)] // one pass over memory
fn decide_body(block: &mut Block, n: usize, first_year: i64) {
    for i in 0..n.min(ROWS) {
        let (benchmark, spent) = (block.benchmark[i], block.expenditures[i]);
        let (people, quality, revenue, start) =
            (block.people[i], block.quality[i], block.revenue[i], block.start[i]);
        let (elected, relief, count) = (block.elected[i], block.relief[i], block.two_sided_year[i]);
        let truths = i64::from(block.truths[i]);
        let truth = |bit: u8| (truths >> bit) & 1 != 0;
        let unknown = |bit: u8| (truths >> bit) & 2 != 0;
        let (limits, losses, half_word) = (block.limits[i], block.losses[i], block.half[i]);
        let flags = limits >> 48;
        let is = |flag: u64| flags & flag != 0;

        let savings = benchmark.wrapping_sub(spent);
        let (saved, lost) = (savings > 0, savings < 0);
        let distance = savings.wrapping_abs();
        let reached = reaches(distance, benchmark, block.numerator[i], block.denominator[i]);

        // Quality.
        let standard = truth(bit::STANDARD);
        let no_standard = unknown(bit::STANDARD);
        let asks_alternative = is(flag::ALTERNATIVE) & !standard;
        let alternative = asks_alternative & truth(bit::ALTERNATIVE);
        let not_told = no_standard | (asks_alternative & unknown(bit::ALTERNATIVE));
        let open = standard | alternative;
        let scales = (is(flag::SCALED) & standard) | alternative;
        let whole = if open { PPB } else { 0 };
        let factor = if scales { quality } else { whole };
        let factor_known = !not_told & !(scales & (quality < 0));

        // Savings.
        let guarded = is(flag::GUARDRAIL) & truth(bit::GUARDRAIL);
        let gain = saved & reached & !guarded;
        let asks_half = saved & !reached & !guarded & is(flag::HALF_RATE) & (people >= field(half_word, 32, 16));
        let half_unknown = unknown(bit::LOW_REVENUE) | (start < 0) | not_told;
        let half = asks_half & truth(bit::LOW_REVENUE) & (start >= field(half_word, 0, 32)) & open;
        let shares = gain | half;
        let pay = block.pay[i];
        let pay = if half { field(pay, 20, 20) } else { field(pay, 0, 20) };

        // Losses.
        let loss = lost & reached & is(flag::TWO_SIDED);
        let (top, floor) = (field(losses, 0, 16) * PPB, field(losses, 16, 16) * PPB);
        let scaled = LOSS - field(losses, 32, 16) * quality;
        let clamped = scaled.max(floor).min(top);
        let one_less = is(flag::LOSS_SCALED);
        let loss_rate = if one_less & open { clamped } else { top };
        let loss_known = !one_less | (!not_told & (!open | (quality >= 0)));

        let part = if shares { pay * factor } else { loss_rate * (PART / LOSS) };
        let amount = rounded::<PART>(distance, if shares | loss { part } else { 0 });

        // Limits.
        let since = (block.year[i] - nearest((float(start) * 1e-4).trunc()).max(first_year)).wrapping_add(1);
        let count = if count >= 1 { count } else { since };
        let first = field(block.pay[i], 40, 16);
        let second = field(losses, 48, 16);
        let later = field(limits, 16, 16);
        let early = is(flag::EARLY);
        let by_benchmark = if early & (count <= 1) { first } else { later };
        let by_benchmark = if early & (count == 2) { second } else { by_benchmark };
        let count_unknown = early & (start < 0) & (block.two_sided_year[i] < 0);
        let of_side = if shares { field(limits, 0, 16) } else { by_benchmark };
        let bounded = of_side != NO_LIMIT as i64;
        let limit = rounded::<RATE>(benchmark, if bounded { of_side } else { 0 });
        let limit = if bounded { limit } else { i64::MAX };
        let has_revenue_limit = loss & (field(limits, 32, 16) != NO_LIMIT as i64);
        let by_revenue = rounded::<RATE>(revenue, field(limits, 32, 16));
        let revenue_known = has_revenue_limit & (revenue >= 0);
        let lower = if revenue_known & (by_revenue < limit) { by_revenue } else { limit };
        let limited = amount.min(lower);
        let owed = (limited - relief.max(0)).max(0);
        let earned = if shares { limited } else { -owed };

        let state = if half { state::HALF } else { u8::from(gain) * state::GAIN };
        block.state[i] = if loss { state::LOSS } else { state };
        block.savings[i] = savings;
        block.generated[i] = if shares | loss { savings } else { 0 };
        block.earned[i] = if shares | loss { earned } else { 0 };
        block.factor[i] = if factor_known { factor } else { NULL };
        block.loss_rate[i] = if loss_known { loss_rate } else { NULL };
        block.loss_limit[i] = if count_unknown { NULL } else { by_benchmark };

        let of_saved = if guarded {
            reason::GUARDRAIL
        } else if half {
            reason::LOW_REVENUE_HALF_RATE
        } else if gain {
            reason::PLAIN
        } else {
            reason::WITHIN_MINIMUM_SAVINGS_RATE
        };
        let of_saved = if gain & !open { reason::QUALITY_STANDARD_NOT_MET } else { of_saved };
        let bound = amount > lower;
        let of_saved = if shares & bound { reason::PAYMENT_LIMIT } else { of_saved };
        let of_lost = if !is(flag::TWO_SIDED) {
            reason::NO_DOWNSIDE_RISK
        } else if loss {
            reason::PLAIN
        } else {
            reason::WITHIN_MINIMUM_LOSS_RATE
        };
        let which = if revenue_known & (by_revenue <= limit) {
            reason::REVENUE_LOSS_LIMIT
        } else {
            reason::BENCHMARK_LOSS_LIMIT
        };
        let of_lost = if loss & bound { which } else { of_lost };
        let of_lost = if has_revenue_limit & !revenue_known { reason::REVENUE_LIMIT_NOT_APPLIED } else { of_lost };
        let why = if lost { of_lost } else { reason::PLAIN };
        block.reason[i] = if saved { of_saved } else { why };

        // Rows for the engine.
        let out_of_range = (benchmark <= 0)
            | (benchmark >= MOST_CENTS)
            | (spent < 0)
            | (spent >= MOST_CENTS)
            | (people < 0)
            | (quality < NULL)
            | (elected < NULL)
            | (revenue < NULL)
            | (start < NULL)
            | (relief < NULL)
            | (block.two_sided_year[i] < NULL)
            | (block.two_sided_year[i] == 0)
            | !is(flag::RAN);
        let undecided =
            (shares & !factor_known) | (asks_half & half_unknown) | (loss & !loss_known) | (loss & count_unknown);
        block.hard[i] |= u8::from(out_of_range | undecided);
    }
}

dispatch! {
    /// Settles the first `n` rows of a block that has been decoded and looked up.
    pub(super) fn decide(block: &mut Block, n: usize, first_year: i64) -> () = decide_body
}
