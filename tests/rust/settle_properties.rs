//! What must hold of any settlement, whatever the rates: order, continuity, limits, and the shape of the size
//! scale; the rows have half years, early ends and relief among them. Limits and bands are fetched from the book, or written here as CMS printed them.

use crate::settle_frame::{Case, LEVELS, PPB, cases, plan};
use crate::support::{NOW, Random, book};
use rust_decimal::Decimal;
use sharedsavings::core::round::Ratio;
use sharedsavings::core::rulebook::{Scalar, Value};
use sharedsavings::core::settle::{Row, Settlement, reason};

/// The same case at other expenditures.
pub(crate) fn at(case: &Case, expenditures: i64) -> Settlement {
    let mut case = *case;
    case.row.expenditures = expenditures;
    case.settle().unwrap()
}

/// Cases that settle at every level of spending: nothing is null.
pub(crate) fn settling(seed: u64, count: usize) -> Vec<Case> {
    let mut random = Random::new(seed);
    let mut out = cases(seed, count);
    for case in &mut out {
        let row = &mut case.row;
        row.beneficiaries = row.beneficiaries.max(500);
        row.quality_score = row.quality_score.or(Some(PPB / 2));
        row.quality_standard_met = row.quality_standard_met.or(Some(random.one_in(2)));
        row.alternative_standard_met = row.alternative_standard_met.or(Some(random.one_in(2)));
        row.low_revenue = row.low_revenue.or(Some(true));
        row.agreement_start = row.agreement_start.or(Some(20_240_101));
    }
    out
}

#[test]
fn spending_more_never_earns_more() {
    let mut random = Random::new(51);
    for case in settling(51, 150_000) {
        let now = at(&case, case.row.expenditures);
        let more = if random.one_in(2) { random.between(1, 3) } else { random.magnitude(case.row.benchmark) };
        let then = at(&case, case.row.expenditures.saturating_add(more));
        assert!(then.earned <= now.earned, "{more} more: {case:?}");
    }
}

#[test]
fn a_walk_through_all_levels_of_spending_only_falls() {
    for case in settling(52, 300) {
        let benchmark = i128::from(case.row.benchmark);
        let mut last = i64::MAX;
        for step in 0..=400_i128 {
            // From nothing to twice the benchmark, finest around the benchmark.
            let distance = (step - 200) * (step - 200) * (step - 200).abs();
            let spent = benchmark + (step - 200).signum() * distance * benchmark / 8_000_000;
            let earned = at(&case, i64::try_from(spent).unwrap_or(i64::MAX)).earned;
            assert!(earned <= last, "{spent}: {case:?}");
            last = earned;
        }
    }
}

/// A share of an arrangement from the book.
fn share(case: &Case, field: &str) -> Option<Decimal> {
    let book = book();
    let rule = book.find(&format!("mssp.{field}"), case.year as u16, NOW)?;
    match &rule.value {
        Value::Table(table) => table.get(case.track).map(|s| {
            let Scalar::Number(n) = s else { panic!("{} is no number", rule.id) };
            *n
        }),
        other => panic!("{} is {other}", rule.id),
    }
}

/// The share that limits losses by benchmark: on Track 2 it grows over the first years under two-sided risk.
fn loss_limit(case: &Case) -> Decimal {
    let begun = case.row.agreement_start.unwrap() / 10_000;
    let count = case.row.two_sided_year.unwrap_or(case.year - begun.max(2013) + 1);
    let early = match count {
        ..=1 => share(case, "loss_limit.benchmark.first_year"),
        2 => share(case, "loss_limit.benchmark.second_year"),
        _ => None,
    };
    early.or(share(case, "loss_limit.benchmark")).unwrap()
}

#[test]
fn no_payment_exceeds_the_payment_limit_and_no_loss_either_loss_limit() {
    let cent = Decimal::ONE;
    let (mut bound, mut part_years, mut ended) = ([0; 3], 0, 0);
    for case in settling(53, 100_000) {
        let told = case.settle().unwrap();
        let period = Decimal::new(if case.row.half_year { 5 } else { 10 }, 1);
        let most = share(&case, "payment_limit").unwrap() * Decimal::from(case.row.benchmark) * period;
        assert!(Decimal::from(told.earned) <= most + cent / Decimal::TWO, "{case:?}");
        bound[0] += usize::from(told.reason == reason::PAYMENT_LIMIT);
        part_years += usize::from(case.row.half_year && told.reason == reason::PAYMENT_LIMIT);
        if told.earned >= 0 {
            continue;
        }
        let owed = Decimal::from(-told.earned);
        // Months of an agreement that ended count after the limits.
        let months = case.row.termination_date.map_or(12, |date| date / 100 % 100);
        let period = period * Decimal::from(months) / Decimal::from(12);
        ended += usize::from(months < 12);
        let limit = loss_limit(&case) * Decimal::from(case.row.benchmark) * period;
        assert!(owed <= limit + cent, "{case:?}");
        bound[1] += usize::from(told.reason == reason::BENCHMARK_LOSS_LIMIT);
        let by_revenue = share(&case, "loss_limit.revenue").zip(case.row.participant_revenue);
        if let Some((part, revenue)) = by_revenue {
            let limit = part * Decimal::from(revenue) * period;
            assert!(owed <= limit + cent, "{case:?}");
            bound[2] += usize::from(told.reason == reason::REVENUE_LOSS_LIMIT);
        }
    }
    assert!(bound.iter().all(|n| *n > 1_000), "the rows reach the limits: {bound:?}");
    assert!(part_years > 10 && ended > 500, "{part_years} half years, {ended} early ends");
}

#[test]
fn the_sign_of_what_is_earned_is_the_sign_of_what_was_saved() {
    for case in settling(54, 100_000) {
        let told = case.settle().unwrap();
        assert_eq!(i128::from(told.savings), i128::from(case.row.benchmark) - i128::from(case.row.expenditures));
        assert!(told.earned == 0 || told.earned.signum() == told.savings.signum(), "{case:?}");
        let whole =
            if case.row.half_year { told.savings.unsigned_abs().div_ceil(2) } else { told.savings.unsigned_abs() };
        assert!(told.generated == 0 || told.generated.unsigned_abs() == whole, "{case:?}");
        assert!(told.generated == 0 || told.generated.signum() == told.savings.signum(), "{case:?}");
        assert!(told.generated != 0 || (told.earned == 0 && told.sequestered == 0), "{case:?}");
        assert!(told.earned.abs() <= told.savings.abs() && told.sequestered >= 0, "{case:?}");
        assert!(told.earned >= 0 || case.two_sided(), "{case:?}");
    }
}

/// Largest part of a cent of savings that reaches or leaves the entity.
fn steepest(told: &Settlement) -> f64 {
    let rate = |r: Option<Ratio>| r.map_or(0.0, Ratio::to_f64);
    rate(told.sharing_rate).max(rate(told.loss_rate))
}

#[test]
fn away_from_a_gate_a_cent_of_savings_changes_what_is_earned_by_at_most_its_share() {
    let mut random = Random::new(55);
    let mut gates = 0;
    for case in settling(55, 150_000) {
        let cents = if random.one_in(2) { 1 } else { random.magnitude(1 << 40) };
        let (now, then) =
            (at(&case, case.row.expenditures), at(&case, case.row.expenditures.saturating_add(cents)));
        let halved = |s: &Settlement| s.reason == reason::LOW_REVENUE_HALF_RATE;
        let without_gate = now.minimum_savings_rate == Ratio::ZERO;
        let same_side = (now.generated == 0) == (then.generated == 0) && halved(&now) == halved(&then);
        if !same_side && !without_gate {
            gates += 1;
            continue;
        }
        let most = cents as f64 * steepest(&now).max(steepest(&then)) * (1.0 + 1e-12) + 1.0;
        assert!((now.earned - then.earned) as f64 <= most, "{cents}: {case:?}");
    }
    assert!(gates > 1_000, "the rows cross gates: {gates}");
}

#[test]
fn at_a_gate_the_whole_amount_appears_at_once() {
    // First dollar: past the minimum all savings are shared, so the step is the minimum itself.
    for track in LEVELS {
        let mut case = Case { year: 2023, track, row: Row { quality_score: Some(PPB), ..Row::default() } };
        case.row.benchmark = 1_000_000_000;
        case.row.beneficiaries = 60_000;
        (case.row.elected_rate, case.row.guardrail) = (None, false);
        case.row.quality_standard_met = Some(true);
        let (miss, hit) = (at(&case, 980_000_001), at(&case, 980_000_000));
        assert_eq!((miss.generated, miss.earned), (0, 0));
        assert_eq!(hit.generated, 20_000_000);
        assert!(hit.earned > 0);
    }
}

#[test]
fn a_better_quality_score_never_lowers_a_payment_nor_raises_a_loss() {
    let mut random = Random::new(57);
    for case in settling(57, 100_000) {
        let mut better = case;
        better.row.quality_score = case.row.quality_score.map(|q| random.between(q, PPB));
        assert!(better.settle().unwrap().earned >= case.settle().unwrap().earned, "{case:?}");
    }
}

#[test]
fn a_better_standard_never_lowers_a_payment_nor_raises_a_loss() {
    for case in settling(58, 50_000) {
        let earned = |standard: bool, alternative: bool| {
            let mut case = case;
            case.row.quality_standard_met = Some(standard);
            case.row.alternative_standard_met = Some(alternative);
            case.settle().unwrap().earned
        };
        let (none, second, first) = (earned(false, false), earned(false, true), earned(true, true));
        assert!(none <= second && second <= first && earned(true, false) == first, "{case:?}");
    }
}

#[test]
fn relief_and_revenue_limits_only_ever_help() {
    for case in settling(59, 50_000) {
        let earned = |relief: i64, revenue: Option<i64>| {
            let mut case = case;
            case.row.relief_shares = None;
            (case.row.disaster_relief, case.row.participant_revenue) = (relief, revenue);
            case.settle().unwrap().earned
        };
        let plain = earned(0, None);
        let relieved = earned(case.row.disaster_relief, None);
        let limited = earned(0, case.row.participant_revenue);
        assert!(plain <= relieved && plain <= limited, "{case:?}");
        assert!(i128::from(relieved) - i128::from(plain) <= i128::from(case.row.disaster_relief), "{case:?}");
    }
}

#[test]
fn sequestration_and_payment_add_up_to_what_was_shared() {
    for case in settling(60, 100_000) {
        let told = case.settle().unwrap();
        let shares = told.generated > 0
            && ![reason::PAYMENT_LIMIT, reason::EARLY_TERMINATION, reason::SMALL_BENCHMARK_LIMIT_NOT_APPLIED]
                .contains(&told.reason);
        if !shares {
            continue;
        }
        let rate = told.sharing_rate.unwrap();
        // Twice the shared amount, so that both roundings of half a cent stay whole.
        let halves = if case.row.half_year { 1 } else { 2 };
        let shared = halves * i128::from(told.savings) * i128::from(rate.n);
        let sum = 2 * (i128::from(told.earned) + i128::from(told.sequestered));
        assert!((sum * i128::from(rate.d) - shared).abs() <= 2 * i128::from(rate.d), "{case:?}");
        // A fiftieth is withheld, or nothing while sequestration was suspended.
        let apart = i128::from(told.sequestered) * 49 - i128::from(told.earned);
        let suspended = [2019, 2020].contains(&case.year);
        assert!(
            case.row.payment_date.is_some() || apart.abs() <= 26 || (suspended && told.sequestered == 0),
            "{case:?}"
        );
    }
}

/// Table 5 of CMS's Specifications, version 11: first and last of a band, and its rates in per mille.
const TABLE_5: [(i64, i64, i64, i64); 12] = [
    (500, 999, 122, 87),
    (1_000, 2_999, 87, 50),
    (3_000, 4_999, 50, 39),
    (5_000, 5_999, 39, 36),
    (6_000, 6_999, 36, 34),
    (7_000, 7_999, 34, 32),
    (8_000, 8_999, 32, 31),
    (9_000, 9_999, 31, 30),
    (10_000, 14_999, 30, 27),
    (15_000, 19_999, 27, 25),
    (20_000, 49_999, 25, 22),
    (50_000, 59_999, 22, 20),
];

fn size_rate(year: i64, n: i64) -> Option<Ratio> {
    plan().year(year).unwrap().common.size_scale.rate(n)
}

#[test]
fn the_size_scale_is_table_5_at_every_count() {
    for year in 2021..=2024 {
        for (low, high, first, last) in TABLE_5 {
            for n in low..=high {
                let rate = size_rate(year, n).unwrap();
                let right = (first * (high - n) + last * (n - low), (high - low) * 1000);
                assert_eq!(i128::from(rate.n) * i128::from(right.1), i128::from(right.0) * i128::from(rate.d));
            }
        }
        for n in [60_000, 60_001, 500_000, i64::MAX] {
            assert_eq!(size_rate(year, n), Some(Ratio::new(2, 100)));
        }
        for n in [0, 1, 152, 499] {
            assert_eq!(size_rate(year, n), None, "no rate is published for {n}");
        }
    }
}

#[test]
fn the_size_scale_never_rises_with_size_and_has_no_step() {
    for n in 500..70_000 {
        let (here, next) = (size_rate(2024, n).unwrap(), size_rate(2024, n + 1).unwrap());
        assert!(next <= here, "{n}");
        assert!(here.to_f64() - next.to_f64() < 8e-5, "{n}");
    }
    for (_, high, _, _) in TABLE_5 {
        assert_eq!(size_rate(2024, high), size_rate(2024, high + 1), "{high}");
    }
}
