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
    /// Savings or losses without their sign.
    distance: [i64; ROWS],
    /// Masks of what is so.
    reached: [i64; ROWS],
    open: [i64; ROWS],
    not_told: [i64; ROWS],
    shares: [i64; ROWS],
    losing: [i64; ROWS],
    undecided: [i64; ROWS],
    /// Part of savings or losses at stake, then the amount of it.
    part: [i64; ROWS],
    /// Limit of the side as a part of the benchmark, then as an amount.
    limit: [i64; ROWS],
    /// Which limit binds, as a reason.
    why: [i64; ROWS],
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
            distance: [0; ROWS],
            reached: [0; ROWS],
            open: [0; ROWS],
            not_told: [0; ROWS],
            shares: [0; ROWS],
            losing: [0; ROWS],
            undecided: [0; ROWS],
            part: [0; ROWS],
            limit: [0; ROWS],
            why: [0; ROWS],
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

/// All bits where true. Passes hand masks on in memory: what the compiler knows to be a condition it turns into a
/// branch once it is used twice, and a loop with a branch does not vectorise.
#[inline(always)]
fn mask(condition: bool) -> i64 {
    -i64::from(condition)
}

/// One of two that are both at hand.
#[inline(always)]
fn choose(mask: i64, one: i64, other: i64) -> i64 {
    other ^ ((one ^ other) & mask)
}

/// A reason code or a state as the kernel computes with it.
const fn code(reason: u8) -> i64 {
    reason as i64
}

/// A flag of the word of limits, as a mask.
#[inline(always)]
fn is(limits: u64, flag: u64) -> i64 {
    // From the flag's own bit to the sign.
    ((limits << (15 - flag.trailing_zeros())) as i64) >> 63
}

/// A bit of the truths, as a mask.
#[inline(always)]
fn truth(truths: u8, bit: u8) -> i64 {
    -((i64::from(truths) >> bit) & 1)
}

/// Savings, and whether they pass the minimum rate.
#[inline(always)]
fn distances(block: &mut Block, n: usize) {
    for i in 0..n.min(ROWS) {
        let savings = block.benchmark[i].wrapping_sub(block.expenditures[i]);
        let distance = savings.wrapping_abs();
        let reached = reaches(distance, block.benchmark[i], block.numerator[i], block.denominator[i]);
        block.savings[i] = savings;
        block.distance[i] = distance;
        block.reached[i] = mask(reached);
    }
}

/// What quality opens, and what it multiplies the rates by.
#[inline(always)]
fn qualities(block: &mut Block, n: usize) {
    for i in 0..n.min(ROWS) {
        let (truths, limits, quality) = (block.truths[i], block.limits[i], block.quality[i]);
        let standard = truth(truths, bit::STANDARD);
        let asks_alternative = is(limits, flag::ALTERNATIVE) & !standard;
        let alternative = asks_alternative & truth(truths, bit::ALTERNATIVE);
        let not_told = truth(truths, bit::STANDARD + 1) | (asks_alternative & truth(truths, bit::ALTERNATIVE + 1));
        let open = standard | alternative;
        let scales = (is(limits, flag::SCALED) & standard) | alternative;
        // The sign of a quality score that is null.
        let no_score = quality >> 63;
        let factor = choose(scales, quality, PPB & open);
        let unknown = not_told | (scales & no_score);
        block.factor[i] = choose(unknown, NULL, factor);

        let losses = block.losses[i];
        let (top, floor) = (field(losses, 0, 16) * PPB, field(losses, 16, 16) * PPB);
        let scaled = LOSS - field(losses, 32, 16) * quality;
        let one_less = is(limits, flag::LOSS_SCALED);
        let rate = choose(one_less & open, scaled.max(floor).min(top), top);
        let unknown = one_less & (not_told | (open & no_score));
        block.loss_rate[i] = choose(unknown, NULL, rate);
        block.open[i] = open;
        block.not_told[i] = not_told;
    }
}

/// Whether savings are shared, at which rate, or losses owed: the part of savings or losses that is at stake.
#[inline(always)]
fn parts(block: &mut Block, n: usize) {
    for i in 0..n.min(ROWS) {
        let (truths, limits, start, savings) =
            (block.truths[i], block.limits[i], block.start[i], block.savings[i]);
        let (reached, half_word, pay) = (block.reached[i], block.half[i], block.pay[i]);
        let saved = (-savings) >> 63;
        let lost = savings >> 63;
        let free = saved & !(is(limits, flag::GUARDRAIL) & truth(truths, bit::GUARDRAIL));
        let gain = free & reached;
        let enough = !((block.people[i] - field(half_word, 32, 16)) >> 63);
        let late = !((start - field(half_word, 0, 32)) >> 63);
        let asks_half = free & !reached & is(limits, flag::HALF_RATE) & enough;
        let half = asks_half & truth(truths, bit::LOW_REVENUE) & late & block.open[i];
        let half_unknown = truth(truths, bit::LOW_REVENUE + 1) | (start >> 63) | block.not_told[i];
        let loss = lost & reached & is(limits, flag::TWO_SIDED);
        let shares = gain | half;
        let (factor, loss_rate) = (block.factor[i], block.loss_rate[i]);
        let of_savings = choose(half, field(pay, 20, 20), field(pay, 0, 20)) * factor;
        block.part[i] = (of_savings & shares) | ((loss_rate * (PART / LOSS)) & loss);
        block.shares[i] = shares;
        block.losing[i] = loss;
        let state = (gain & code(state::GAIN)) | (half & code(state::HALF)) | (loss & code(state::LOSS));
        block.state[i] = state as u8;
        block.undecided[i] = (shares & (factor >> 63)) | (asks_half & half_unknown) | (loss & (loss_rate >> 63));
    }
}

/// The limit of the side, as a part of the benchmark.
#[inline(always)]
fn sides(block: &mut Block, n: usize, first_year: i64) {
    for i in 0..n.min(ROWS) {
        let (limits, start, given) = (block.limits[i], block.start[i], block.two_sided_year[i]);
        // Years under two-sided risk: as given, else since the agreement began.
        let began = nearest((float(start) * 1e-4).trunc()).max(first_year);
        let since = block.year[i] - began + 1;
        let count = choose((given - 1) >> 63, since, given);
        let early = is(limits, flag::EARLY);
        let in_first = (count - 2) >> 63;
        let in_second = ((count - 3) >> 63) & !in_first;
        let later = choose(early & in_second, field(block.losses[i], 48, 16), field(limits, 16, 16));
        let of_losses = choose(early & in_first, field(block.pay[i], 40, 16), later);
        let unknown = early & (start >> 63) & (given >> 63);
        block.loss_limit[i] = choose(unknown, NULL, of_losses);
        block.undecided[i] |= unknown & block.losing[i];
        block.limit[i] = choose(block.shares[i], field(limits, 0, 16), of_losses);
    }
}

/// What is paid or owed, before and after limits.
#[inline(always)]
fn amounts(block: &mut Block, n: usize) {
    for i in 0..n.min(ROWS) {
        let limit = block.limit[i];
        let by_benchmark = rounded::<RATE>(block.benchmark[i], limit);
        // A limit that there is not lies out of reach.
        let unlimited = ((NO_LIMIT as i64 - 1) - limit) >> 63;
        block.limit[i] = choose(unlimited, MOST_CENTS, by_benchmark);
        block.part[i] = rounded::<PART>(block.distance[i], block.part[i]);
    }
    for i in 0..n.min(ROWS) {
        let (amount, limit, revenue) = (block.part[i], block.limit[i], block.revenue[i]);
        let of_revenue = field(block.limits[i], 32, 16);
        let (shares, losing) = (block.shares[i], block.losing[i]);
        let limited_by_it = losing & ((of_revenue - NO_LIMIT as i64) >> 63);
        let told = limited_by_it & !(revenue >> 63);
        let by_revenue = choose(told, rounded::<RATE>(revenue, of_revenue), MOST_CENTS);
        let lower = by_revenue.min(limit);
        let limited = amount.min(lower);
        let owed = (limited - block.relief[i].max(0)).max(0);
        block.earned[i] = (shares & limited) | (losing & -owed);
        block.generated[i] = block.savings[i] & (shares | losing);
        let bound = (lower - amount) >> 63;
        let which = choose(
            (limit - by_revenue) >> 63,
            code(reason::BENCHMARK_LOSS_LIMIT),
            code(reason::REVENUE_LOSS_LIMIT),
        );
        let of_losses = choose(limited_by_it & !told, code(reason::REVENUE_LIMIT_NOT_APPLIED), which & bound);
        block.why[i] = (losing & of_losses) | (shares & bound & code(reason::PAYMENT_LIMIT));
    }
}

/// Why a row came out as it did, where no limit binds.
#[inline(always)]
fn reasons(block: &mut Block, n: usize) {
    for i in 0..n.min(ROWS) {
        let (limits, savings, why) = (block.limits[i], block.savings[i], block.why[i]);
        let (shares, losing, reached) = (block.shares[i], block.losing[i], block.reached[i]);
        let saved = (-savings) >> 63;
        let lost = savings >> 63;
        let guarded = is(limits, flag::GUARDRAIL) & truth(block.truths[i], bit::GUARDRAIL);
        let below = choose(guarded, code(reason::GUARDRAIL), code(reason::WITHIN_MINIMUM_SAVINGS_RATE));
        let shut = !block.open[i] & code(reason::QUALITY_STANDARD_NOT_MET);
        let shared = choose(reached, shut, code(reason::LOW_REVENUE_HALF_RATE));
        let of_saved = choose(shares, shared, below);
        let beyond = choose(
            is(limits, flag::TWO_SIDED),
            code(reason::WITHIN_MINIMUM_LOSS_RATE),
            code(reason::NO_DOWNSIDE_RISK),
        );
        let of_lost = beyond & !losing;
        let unbound = (saved & of_saved) | (lost & of_lost);
        block.reason[i] = choose((-why) >> 63, why, unbound) as u8;
    }
}

/// Rows whose values the kernel cannot take, or that it left undecided.
#[inline(always)]
fn hard_rows(block: &mut Block, n: usize) {
    for i in 0..n.min(ROWS) {
        // A sign shows in each where something is out of range.
        let money = (block.benchmark[i] - 1) | block.expenditures[i] | block.people[i];
        let rest = (block.quality[i] - NULL) | (block.elected[i] - NULL) | (block.revenue[i] - NULL);
        let dates = (block.start[i] - NULL) | (block.relief[i] - NULL) | (block.two_sided_year[i] - NULL);
        let zero = !(block.two_sided_year[i] | -block.two_sided_year[i]);
        let ran = is(block.limits[i], flag::RAN);
        block.undecided[i] |= (money | rest | dates | zero) >> 63 | !ran;
    }
    for i in 0..n.min(ROWS) {
        block.hard[i] |= (block.undecided[i] & 1) as u8;
    }
}

#[inline(always)]
fn decide_body(block: &mut Block, n: usize, first_year: i64) {
    distances(block, n);
    qualities(block, n);
    parts(block, n);
    sides(block, n, first_year);
    amounts(block, n);
    reasons(block, n);
    hard_rows(block, n);
}

dispatch! {
    /// Settles the first `n` rows of a block that has been decoded and looked up.
    pub(super) fn decide(block: &mut Block, n: usize, first_year: i64) -> () = decide_body
}
