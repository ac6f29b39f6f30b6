//! The block kernel of settlement: savings or losses, minimum rate, sharing, limits and relief of a block of rows,
//! exact to the cent and branch-free. What it cannot decide (nulls that matter, part years, dates of payment, amounts
//! beyond 2⁵⁰ cents) it marks hard, for the engine to settle: the engine defines the result.

use super::block::{Amounts, Block, LOSS, Settled, bit, state};
use super::decode::{MOST_CENTS, NULL, ROWS, float, nearest};
use super::packed::{LINES, NO_LIMIT, PAY, Packed, RATE, Shared, TRACKS, flag};
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
    // A sign is minus one.
    candidate
        .wrapping_sub(UNIT.wrapping_sub(1).wrapping_sub(twice) >> 63)
        .wrapping_add(twice.wrapping_add(UNIT) >> 63)
}

/// All bits where `distance / benchmark >= numerator / denominator`, exactly: the low 64 bits of the difference of
/// products are all of it where it is small, and its float has the right sign where it is not.
#[inline(always)]
fn reaches(distance: i64, benchmark: i64, numerator: i64, denominator: i64) -> i64 {
    let rough = float(distance) * float(denominator) - float(numerator) * float(benchmark);
    let exact = distance.wrapping_mul(denominator).wrapping_sub(numerator.wrapping_mul(benchmark));
    let bits = rough.to_bits() as i64;
    // The exponent is the order of magnitude.
    let small = ((bits & i64::MAX) - ((1_i64 << 44) as f64).to_bits() as i64) >> 63;
    !(choose(small, exact, bits) >> 63)
}

/// One of two that are both at hand. Conditions are masks, all bits or none, made of signs: the compiler turns a
/// comparison that is used twice into a branch, and a loop with a branch does not vectorise.
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
pub(super) fn truth(truths: u8, bit: u8) -> i64 {
    -((i64::from(truths) >> bit) & 1)
}

/// One pass over a block; `DETAILS` where an output is asked for that needs more than the amounts.
#[inline(always)]
#[allow(clippy::too_many_lines)] // the steps of a settlement, in their order
fn decide_body<const DETAILS: bool>(block: &mut Block, money: Amounts<'_>, out: &mut Settled<'_>, shared: Shared) {
    let n = money.benchmark.len().min(ROWS);
    let (benchmarks, spents) = (&money.benchmark[..n], &money.expenditures[..n]);
    let (all_savings, generated, earned) = (&mut out.savings[..n], &mut out.generated[..n], &mut out.earned[..n]);
    for i in 0..n {
        let (benchmark, spent) = (benchmarks[i], spents[i]);
        let (limits, pay, losses, truths) = (block.limits[i], block.pay[i], block.losses[i], block.truths[i]);
        let (people, quality, elected, start) =
            (block.people[i], block.quality[i], block.elected[i], block.start[i]);

        // The minimum rate: the elected one where an election holds.
        let offers = is(limits, flag::ELECTS);
        let elects = offers & !((people - shared.election_people) >> 63) & !(elected >> 63);
        let numerator = choose(elects, elected, block.numerator[i]);
        let denominator = choose(elects, PPB, block.denominator[i]);
        block.numerator[i] = numerator;
        block.denominator[i] = denominator;
        let no_minimum = (denominator - 1) >> 63 | (!offers & !(elected >> 63));

        // Savings, and whether they pass it.
        let savings = benchmark.wrapping_sub(spent);
        let distance = savings.wrapping_abs();
        let reached = reaches(distance, benchmark, numerator, denominator);
        let (saved, lost) = (savings.wrapping_neg() >> 63, savings >> 63);

        // What quality opens, and what it multiplies the rates by.
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
        let (top, floor) = (field(losses, 0, 16) * PPB, field(losses, 16, 16) * PPB);
        let scaled = LOSS - field(losses, 32, 16) * quality;
        let one_less = is(limits, flag::LOSS_SCALED);
        let loss_rate = choose(one_less & open, scaled.max(floor).min(top), top);
        let loss_unknown = one_less & (not_told | (open & no_score));

        // Whether savings are shared, or losses owed, and what part of them is at stake.
        let free = saved & !(is(limits, flag::GUARDRAIL) & truth(truths, bit::GUARDRAIL));
        let gain = free & reached;
        let asks_half = free & !reached & is(limits, flag::HALF_RATE) & !((people - shared.half_people) >> 63);
        let late = !((start - shared.half_start) >> 63);
        let half = asks_half & truth(truths, bit::LOW_REVENUE) & late & open;
        let half_unknown = truth(truths, bit::LOW_REVENUE + 1) | (start >> 63) | not_told;
        let losing = lost & reached & is(limits, flag::TWO_SIDED);
        let shares = gain | half;
        let of_savings = choose(half, field(pay, 20, 20), field(pay, 0, 20)) * factor;
        let part = (of_savings & shares) | ((loss_rate * (PART / LOSS)) & losing);
        let amount = rounded::<PART>(distance, part);

        // The limit by benchmark: of losses, it may depend on the year under two-sided risk.
        let (began, given) = (block.start_year[i], block.two_sided_year[i]);
        let since = block.year[i] - began.max(shared.first_year) + 1;
        let count = choose((given - 1) >> 63, since, given);
        let early = is(limits, flag::EARLY);
        let in_first = (count - 2) >> 63;
        let in_second = ((count - 3) >> 63) & !in_first;
        let later = choose(early & in_second, field(losses, 48, 16), field(limits, 16, 16));
        let of_losses = choose(early & in_first, field(pay, 40, 16), later);
        let year_unknown = early & (began >> 63) & (given >> 63);
        let of_side = choose(shares, field(limits, 0, 16), of_losses);
        // A limit that there is not lies out of reach.
        let unlimited = ((NO_LIMIT as i64 - 1) - of_side) >> 63;
        let limit = choose(unlimited, MOST_CENTS, rounded::<RATE>(benchmark, of_side));

        // The limit by revenue, and relief.
        let revenue = block.revenue[i];
        let of_revenue = field(limits, 32, 16);
        let by_it = losing & ((of_revenue - NO_LIMIT as i64) >> 63);
        let told = by_it & !(revenue >> 63);
        let by_revenue = choose(told, rounded::<RATE>(revenue, of_revenue), MOST_CENTS);
        let lower = by_revenue.min(limit);
        let limited = amount.min(lower);
        let owed = limited.wrapping_sub(block.relief[i].max(0)).max(0);

        all_savings[i] = savings;
        generated[i] = savings & (shares | losing);
        earned[i] = (shares & limited) | (losing & owed.wrapping_neg());

        if DETAILS {
            block.factor[i] = choose(factor_unknown, NULL, factor);
            block.loss_rate[i] = choose(loss_unknown, NULL, loss_rate);
            block.loss_limit[i] = choose(year_unknown, NULL, of_losses);
            block.open[i] = open;
            block.reached[i] = reached;
            block.shares[i] = shares;
            block.losing[i] = losing;
            block.state[i] =
                (gain & code(state::GAIN)) | (half & code(state::HALF)) | (losing & code(state::LOSS));
            let bound = lower.wrapping_sub(amount) >> 63;
            let first = limit.wrapping_sub(by_revenue) >> 63;
            let which = choose(first, code(reason::BENCHMARK_LOSS_LIMIT), code(reason::REVENUE_LOSS_LIMIT));
            let why = choose(by_it & !told, code(reason::REVENUE_LIMIT_NOT_APPLIED), which & bound);
            block.why[i] = (losing & why) | (shares & bound & code(reason::PAYMENT_LIMIT));
        }

        // Rows that the kernel cannot take, or left undecided: a sign shows where an amount is out of range.
        let least = benchmark.wrapping_sub(1) | spent;
        let most = (MOST_CENTS - 1).wrapping_sub(benchmark) | (MOST_CENTS - 1).wrapping_sub(spent);
        let wrong = (least | most) >> 63 | !is(limits, flag::RAN) | no_minimum;
        let open_question =
            (shares & factor_unknown) | (asks_half & half_unknown) | (losing & (loss_unknown | year_unknown));
        block.undecided[i] |= wrong | open_question;
    }
    for (hard, undecided) in block.hard[..n].iter_mut().zip(&block.undecided) {
        *hard |= (*undecided & 1) as u8;
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

dispatch! {
    fn with_details(block: &mut Block, money: Amounts<'_>, out: &mut Settled<'_>, shared: Shared) -> ()
        = decide_body::<true>
}

dispatch! {
    fn amounts_only(block: &mut Block, money: Amounts<'_>, out: &mut Settled<'_>, shared: Shared) -> ()
        = decide_body::<false>
}

/// Settles the rows of a block that has been decoded and looked up.
pub(super) fn decide(
    level: Level,
    details: bool,
    block: &mut Block,
    money: Amounts<'_>,
    out: &mut Settled<'_>,
    shared: Shared,
) {
    if details {
        with_details(level, block, money, out, shared);
    } else {
        amounts_only(level, block, money, out, shared);
    }
}
