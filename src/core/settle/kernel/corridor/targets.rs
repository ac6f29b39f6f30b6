//! First step of the corridor kernel: the targets of savings and of losses, on which side of them spending lies, and how
//! far from it; `target.rs` of the engine, branch-free.

use super::exact::{MOST, MOST_UNIT, negative, pick, rounded, sign, times};
use super::rows::Rows;
use super::words::flag;
use crate::core::kernel::{Level, dispatch};
use crate::core::settle::kernel::block::{Amounts, Block, bit};
use crate::core::settle::kernel::decide::{choose, field, truth};
use crate::core::settle::kernel::decode::{ROWS, float};

/// A flag of an arrangement, as a mask.
#[inline(always)]
pub(super) fn has(withhold: u64, flag: u64) -> i64 {
    // From the flag's own bit to the sign.
    ((withhold << (15 - flag.trailing_zeros())) as i64) >> 63
}

/// All bits where a value lies outside the two bounds of a word.
#[inline(always)]
fn beyond(value: i64, bounds: u64) -> i64 {
    let (lowest, highest) = (((bounds << 32) as i64) >> 32, (bounds as i64) >> 32);
    ((value - lowest) | (highest - value)) >> 63
}

#[inline(always)]
#[allow(clippy::too_many_lines)] // the two targets, and which of them holds
fn targets_body<const BOTH: bool, const PLAIN: bool>(block: &mut Block, rows: &mut Rows, money: Amounts<'_>) {
    let n = money.benchmark.len().min(ROWS);
    let (benchmarks, spents) = (&money.benchmark[..n], &money.expenditures[..n]);
    for i in 0..n {
        let (benchmark, spent) = (benchmarks[i], spents[i]);
        let (left, withhold, truths) = (rows.left[i], rows.withhold[i], block.truths[i]);
        let (score, score_unit) = (rows.score.n[i], rows.score.unit[i]);
        let is_final = if PLAIN { 0 } else { rows.is_final[i].wrapping_neg() >> 63 };
        let bonus = if PLAIN { 0 } else { rows.bonus[i].max(0) & !is_final };

        // What quality earns back of the withhold.
        let failed = !(truth(truths, bit::STANDARD) | truth(truths, bit::STANDARD + 1));
        let (all, of_score) = (field(withhold, 0, 16), field(withhold, 16, 16));
        let by_score = !failed & !is_final & (of_score.wrapping_neg() >> 63);
        let unit = choose(by_score, score_unit, 1);
        let lost = choose(failed, field(withhold, 32, 16), of_score.wrapping_mul(score_unit - score) & by_score);
        let all = choose(is_final, 1, times(all, unit));
        let earned = choose(is_final, 1, all.wrapping_sub(lost));

        // What the discount leaves.
        let given = has(withhold, flag::GIVEN);
        let own_unit = rows.discount.unit[i];
        let own = own_unit.wrapping_sub(rows.discount.n[i]);
        let of_side = |shift: u32| {
            let d = choose(is_final, 1, choose(given, own_unit, field(left, shift + 16, 16)));
            let n = choose(is_final, 1, choose(given, own, field(left, shift, 16)));
            (times(n, earned), times(d, all), float(n) * float(earned), float(d) * float(all))
        };
        let (up_part, up_unit, up_part_about, up_unit_about) = of_side(0);
        let (down_part, down_unit, down_part_about, down_unit_about) = of_side(32);
        // One division for both sides.
        let of_both = 1.0 / (up_unit_about * down_unit_about);
        let up_about = up_part_about * (down_unit_about * of_both);
        let down_about = down_part_about * (up_unit_about * of_both);
        let of = |part: i64, unit: i64| times(benchmark, part).wrapping_add(times(bonus, unit));
        let (up, down) = (of(up_part, up_unit), of(down_part, down_unit));
        let up_about = float(benchmark) * up_about + float(bonus);
        let down_about = float(benchmark) * down_about + float(bonus);

        // Spending at the target of savings is on its side; between the two targets nothing is shared.
        let saved = up.wrapping_sub(times(spent, up_unit));
        let saved_about = up_about - float(spent);
        let of_saved = sign(saved, saved_about, 1.0);
        let side = of_saved >> 63;
        let lost = times(spent, down_unit).wrapping_sub(down);
        let lost_about = float(spent) - down_about;
        let is_lost = side & (sign(lost, lost_about, 1.0).wrapping_neg() >> 63);
        let target = choose(side, down, up);
        let target_unit = choose(side, down_unit, up_unit);
        let target_about = pick(side, down_about, up_about);
        let unit_about = pick(side, down_unit_about, up_unit_about);
        let distance = choose(side, lost & is_lost, saved);
        let distance_about = pick(side, pick(is_lost, lost_about, 0.0), saved_about);
        let cents = rounded(distance, target_unit, distance_about);
        let target_cents = rounded(target, target_unit, target_about);

        rows.side[i] = side;
        rows.saved[i] = !side & (of_saved.wrapping_neg() >> 63);
        rows.lost[i] = is_lost;
        rows.target.n[i] = target;
        rows.target.unit[i] = target_unit;
        rows.target.about[i] = target_about;
        rows.unit_about[i] = unit_about;
        rows.distance[i] = distance;
        rows.distance_about[i] = distance_about;
        rows.target_cents[i] = target_cents;
        rows.savings[i] = choose(side, cents.wrapping_neg(), cents);
        if BOTH {
            let [savings, losses] = &mut rows.both;
            savings.n[i] = up;
            savings.unit[i] = up_unit;
            savings.about[i] = up_about;
            losses.n[i] = down;
            losses.unit[i] = down_unit;
            losses.about[i] = down_about;
        }

        // Rows that the kernel cannot take: a sign shows where an amount is out of range.
        let most = |amount: i64| (MOST - 1).wrapping_sub(amount);
        let amounts = benchmark.wrapping_sub(1) | spent | most(benchmark) | most(spent) | most(bonus);
        let units = negative(MOST_UNIT - up_unit_about) | negative(MOST_UNIT - down_unit_about);
        let no_score = (by_score | has(withhold, flag::NEEDS_SCORE)) & (score >> 63);
        let no_final = is_final & !has(withhold, flag::FINAL);
        let no_people = has(withhold, flag::COUNTS) & (block.people[i] >> 63);
        let no_election = !has(withhold, flag::OFFERS) & !(block.elected[i] >> 63);
        // A given discount is not asked about where the benchmark is given after it.
        let outside =
            (!is_final & beyond(rows.given[i], rows.discounts[i])) | beyond(rows.elected_cap[i], rows.caps[i]);
        let wrong = outside | no_score | no_final | no_people | no_election | !has(withhold, flag::RAN);
        rows.undecided[i] |= (amounts | target_cents.wrapping_sub(1)) >> 63 | units | wrong;
    }
}

macro_rules! forms {
    ($($name:ident: $both:literal, $plain:literal;)+) => {$(dispatch! {
        fn $name(block: &mut Block, rows: &mut Rows, money: Amounts<'_>) -> () = targets_body::<$both, $plain>
    })+};
}
forms! {
    plain: false, true;
    with_additions: false, false;
    plain_both: true, true;
    both_with_additions: true, false;
}

/// Targets and distances of a block: of both sides where an output asks for their limits; without a look at bonuses and
/// benchmarks that are final where a call has neither column.
pub(super) fn targets(
    level: Level,
    (both, is_plain): (bool, bool),
    (block, rows): (&mut Block, &mut Rows),
    money: Amounts<'_>,
) {
    let form = match (both, is_plain) {
        (false, true) => plain,
        (false, false) => with_additions,
        (true, true) => plain_both,
        (true, false) => both_with_additions,
    };
    form(level, block, rows, money);
}
