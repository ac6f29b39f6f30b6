//! The block kernel of settlement: savings or losses, minimum rate, sharing, limits and relief of a block of rows,
//! exact to the cent and branch-free. What it cannot decide (nulls that matter, part years, dates of payment, amounts
//! beyond 2⁵⁰ cents) it marks hard, for the engine to settle: the engine defines the result.

use super::block::{Amounts, Block, LOSS, Settled, bit, state};
use super::decode::{MOST_CENTS, NULL, ROWS, float, nearest};
use super::packed::{LINES, NO_LIMIT, PAY, Packed, RATE, TRACKS, flag};
use crate::core::kernel::{Level, dispatch};
use crate::core::round::PPB;
use crate::core::settle::reason;

/// What is paid or owed counts in `1 / PART` of savings or losses.
const PART: i64 = PAY * PPB;

#[inline(always)]
fn indices_body(block: &mut Block, n: usize, (first_year, last_index, last_year): (i64, i64, i64)) {
    for i in 0..n.min(ROWS) {
        let (year, track) = (block.year[i], block.track[i]);
        let since = year - first_year;
        let at = since.max(0).min(last_index);
        let last = TRACKS as i64 - 1;
        block.index[i] = (at * TRACKS as i64 + (track & last)) as u16;
        // A sign shows where the program has no such year or arrangement.
        block.undecided[i] = (since | (last_year - year) | track | (last - track)) >> 63;
    }
}

dispatch! {
    fn indices(block: &mut Block, n: usize, span: (i64, i64, i64)) -> () = indices_body
}

/// Fetches the words of each row's year and arrangement, and its minimum rate by size or where that is fixed.
pub(super) fn look_up(level: Level, packed: &Packed, block: &mut Block, n: usize) {
    indices(level, block, n, (packed.first_year, packed.last_index, packed.last_year));
    for i in 0..n.min(ROWS) {
        let at = usize::from(block.index[i]);
        let (words, fixed) = (packed.words[at], packed.fixed[at]);
        let line = if fixed == 0 { block.segment[i] } else { fixed };
        let line = packed.lines[usize::from(line) % LINES];
        block.numerator[i] = line.base.wrapping_add(line.slope.wrapping_mul(block.people[i]));
        block.denominator[i] = line.scale;
        block.pay[i] = words.pay;
        block.limits[i] = words.limits;
        block.losses[i] = words.losses;
        block.half[i] = words.half;
    }
}

#[inline(always)]
pub(super) fn field(word: u64, shift: u32, bits: u32) -> i64 {
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
pub(super) fn choose(mask: i64, one: i64, other: i64) -> i64 {
    other ^ ((one ^ other) & mask)
}

/// A reason code or a state as the kernel computes with it.
const fn code(reason: u8) -> i64 {
    reason as i64
}

/// A flag of the word of limits, as a mask.
#[inline(always)]
pub(super) fn is(limits: u64, flag: u64) -> i64 {
    // From the flag's own bit to the sign.
    ((limits << (15 - flag.trailing_zeros())) as i64) >> 63
}

/// A bit of the truths, as a mask.
#[inline(always)]
fn truth(truths: u8, bit: u8) -> i64 {
    -((i64::from(truths) >> bit) & 1)
}

/// Savings, and whether they pass the minimum rate: the elected one where an election holds.
#[inline(always)]
fn distances(block: &mut Block, money: Amounts<'_>, savings: &mut [i64]) {
    let n = savings.len().min(ROWS);
    let (benchmark, spent) = (&money.benchmark[..n], &money.expenditures[..n]);
    for i in 0..n {
        let elected = block.elected[i];
        let offers = is(block.limits[i], flag::ELECTS);
        let enough = !((block.people[i] - field(block.half[i], 48, 16)) >> 63);
        let elects = offers & enough & !(elected >> 63);
        let numerator = choose(elects, elected, block.numerator[i]);
        let denominator = choose(elects, PPB, block.denominator[i]);
        block.numerator[i] = numerator;
        block.denominator[i] = denominator;
        block.undecided[i] |= (denominator - 1) >> 63 | (!offers & !(elected >> 63));
        let saved = benchmark[i].wrapping_sub(spent[i]);
        let distance = saved.wrapping_abs();
        savings[i] = saved;
        block.distance[i] = distance;
        block.reached[i] = mask(reaches(distance, benchmark[i], numerator, denominator));
    }
}

/// What quality opens and multiplies the rates by; whether savings are shared, or losses owed, and at which rate.
#[inline(always)]
fn parts(block: &mut Block, savings: &[i64]) {
    for (i, savings) in savings.iter().take(ROWS).enumerate() {
        let (truths, limits, quality) = (block.truths[i], block.limits[i], block.quality[i]);
        let standard = truth(truths, bit::STANDARD);
        let asks_alternative = is(limits, flag::ALTERNATIVE) & !standard;
        let alternative = asks_alternative & truth(truths, bit::ALTERNATIVE);
        let not_told = truth(truths, bit::STANDARD + 1) | (asks_alternative & truth(truths, bit::ALTERNATIVE + 1));
        let open = standard | alternative;
        let scales = (is(limits, flag::SCALED) & standard) | alternative;
        // The sign of a quality score that is null.
        let no_score = quality >> 63;
        let factor_unknown = not_told | (scales & no_score);
        let factor = choose(scales, quality, PPB & open);
        block.factor[i] = choose(factor_unknown, NULL, factor);
        block.open[i] = open;

        let losses = block.losses[i];
        let (top, floor) = (field(losses, 0, 16) * PPB, field(losses, 16, 16) * PPB);
        let scaled = LOSS - field(losses, 32, 16) * quality;
        let one_less = is(limits, flag::LOSS_SCALED);
        let loss_rate = choose(one_less & open, scaled.max(floor).min(top), top);
        let loss_unknown = one_less & (not_told | (open & no_score));
        block.loss_rate[i] = choose(loss_unknown, NULL, loss_rate);

        let (reached, half_word, pay, start) = (block.reached[i], block.half[i], block.pay[i], block.start[i]);
        let saved = savings.wrapping_neg() >> 63;
        let lost = savings >> 63;
        let free = saved & !(is(limits, flag::GUARDRAIL) & truth(truths, bit::GUARDRAIL));
        let gain = free & reached;
        let enough = !((block.people[i] - field(half_word, 32, 16)) >> 63);
        let late = !((start - field(half_word, 0, 32)) >> 63);
        let asks_half = free & !reached & is(limits, flag::HALF_RATE) & enough;
        let half = asks_half & truth(truths, bit::LOW_REVENUE) & late & open;
        let half_unknown = truth(truths, bit::LOW_REVENUE + 1) | (start >> 63) | not_told;
        let loss = lost & reached & is(limits, flag::TWO_SIDED);
        let shares = gain | half;
        let of_savings = choose(half, field(pay, 20, 20), field(pay, 0, 20)) * factor;
        block.part[i] = (of_savings & shares) | ((loss_rate * (PART / LOSS)) & loss);
        block.shares[i] = shares;
        block.losing[i] = loss;
        let state = (gain & code(state::GAIN)) | (half & code(state::HALF)) | (loss & code(state::LOSS));
        block.state[i] = state as u8;
        block.undecided[i] |= (shares & factor_unknown) | (asks_half & half_unknown) | (loss & loss_unknown);
    }
}

/// What is paid or owed, before limits, and the limit of the side.
#[inline(always)]
fn at_stake(block: &mut Block, benchmark: &[i64], first_year: i64) {
    for (i, benchmark) in benchmark.iter().take(ROWS).enumerate() {
        let (limits, began, given) = (block.limits[i], block.start_year[i], block.two_sided_year[i]);
        // Years under two-sided risk: as given, else since the agreement began.
        let since = block.year[i] - began.max(first_year) + 1;
        let count = choose((given - 1) >> 63, since, given);
        let early = is(limits, flag::EARLY);
        let in_first = (count - 2) >> 63;
        let in_second = ((count - 3) >> 63) & !in_first;
        let later = choose(early & in_second, field(block.losses[i], 48, 16), field(limits, 16, 16));
        let of_losses = choose(early & in_first, field(block.pay[i], 40, 16), later);
        let unknown = early & (began >> 63) & (given >> 63);
        block.loss_limit[i] = choose(unknown, NULL, of_losses);
        block.undecided[i] |= unknown & block.losing[i];
        let limit = choose(block.shares[i], field(limits, 0, 16), of_losses);
        // A limit that there is not lies out of reach.
        let unlimited = ((NO_LIMIT as i64 - 1) - limit) >> 63;
        block.limit[i] = choose(unlimited, MOST_CENTS, rounded::<RATE>(*benchmark, limit));
        block.part[i] = rounded::<PART>(block.distance[i], block.part[i]);
    }
}

/// What is paid or owed.
#[inline(always)]
fn limited(block: &mut Block, savings: &[i64], generated: &mut [i64], earned: &mut [i64]) {
    let n = savings.len().min(ROWS);
    let (generated, earned) = (&mut generated[..n], &mut earned[..n]);
    for i in 0..n {
        let (amount, limit, revenue) = (block.part[i], block.limit[i], block.revenue[i]);
        let of_revenue = field(block.limits[i], 32, 16);
        let (shares, losing) = (block.shares[i], block.losing[i]);
        let by_it = losing & ((of_revenue - NO_LIMIT as i64) >> 63);
        let told = by_it & !(revenue >> 63);
        let by_revenue = choose(told, rounded::<RATE>(revenue, of_revenue), MOST_CENTS);
        let lower = by_revenue.min(limit);
        let limited = amount.min(lower);
        let owed = limited.wrapping_sub(block.relief[i].max(0)).max(0);
        earned[i] = (shares & limited) | (losing & owed.wrapping_neg());
        generated[i] = savings[i] & (shares | losing);
        let bound = lower.wrapping_sub(amount) >> 63;
        let first = limit.wrapping_sub(by_revenue) >> 63;
        let which = choose(first, code(reason::BENCHMARK_LOSS_LIMIT), code(reason::REVENUE_LOSS_LIMIT));
        let of_losses = choose(by_it & !told, code(reason::REVENUE_LIMIT_NOT_APPLIED), which & bound);
        block.why[i] = (losing & of_losses) | (shares & bound & code(reason::PAYMENT_LIMIT));
    }
}

/// Why a row came out as it did, where no limit binds.
#[inline(always)]
fn reasons_body(block: &mut Block, savings: &[i64], out: &mut [u8]) {
    let n = savings.len().min(ROWS);
    let out = &mut out[..n];
    for i in 0..n {
        let (limits, savings, why) = (block.limits[i], savings[i], block.why[i]);
        let (shares, losing, reached) = (block.shares[i], block.losing[i], block.reached[i]);
        let saved = savings.wrapping_neg() >> 63;
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
        out[i] = choose((-why) >> 63, why, unbound) as u8;
    }
}

dispatch! {
    /// The reasons of a block that has been settled.
    pub(super) fn reasons(block: &mut Block, savings: &[i64], out: &mut [u8]) -> () = reasons_body
}

/// Rows that the kernel cannot take, or left undecided. What the decoded columns hold out of range is known already.
#[inline(always)]
fn hard_rows(block: &mut Block, money: Amounts<'_>) {
    let n = money.benchmark.len().min(ROWS);
    let (benchmark, spent) = (&money.benchmark[..n], &money.expenditures[..n]);
    for i in 0..n {
        // A sign shows in each where something is out of range.
        let least = benchmark[i].wrapping_sub(1) | spent[i];
        let most = (MOST_CENTS - 1).wrapping_sub(benchmark[i]) | (MOST_CENTS - 1).wrapping_sub(spent[i]);
        let wrong = (least | most) >> 63 | !is(block.limits[i], flag::RAN);
        block.hard[i] |= ((block.undecided[i] | wrong) & 1) as u8;
    }
}

#[inline(always)]
fn decide_body(block: &mut Block, money: Amounts<'_>, out: &mut Settled<'_>, first_year: i64) {
    distances(block, money, out.savings);
    parts(block, out.savings);
    at_stake(block, money.benchmark, first_year);
    limited(block, out.savings, out.generated, out.earned);
    hard_rows(block, money);
}

dispatch! {
    /// Settles the rows of a block that has been decoded and looked up.
    pub(super) fn decide(block: &mut Block, money: Amounts<'_>, out: &mut Settled<'_>, first_year: i64) -> ()
        = decide_body
}
