//! Break-evens: the exact boundary by the engine, claims of no boundary by scanning, the second implementation by
//! bisection, marginal rates by the engine's difference quotient, and bands and origins of other programs.

use crate::settle_frame::{Case, PPB, cases, columns, plan};
use crate::support::{Cells, NOW, Random, book};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sharedsavings::core::kernel::{Column, Finding};
use sharedsavings::core::reference::{Trace, settle as reference};
use sharedsavings::core::round::Ratio;
use sharedsavings::core::settle::break_even::{BreakEven, Found, break_even};
use sharedsavings::core::settle::break_even_run::{COLUMNS, Inputs, Outputs, TARGET_EARNED, run};
use sharedsavings::core::settle::segment::{self, SEGMENTS};
use sharedsavings::core::settle::{
    Bands, NULL_CENTS, Origin, Plan, Row, Side, Terms, Threshold, Unsettled, reason, settle,
};

fn find(case: &Case, target: i64) -> Result<Found, Unsettled> {
    let (year, terms) = case.terms();
    break_even(year, terms, &case.row, target)
}

fn earned(case: &Case, expenditures: i64) -> Result<i64, Unsettled> {
    let mut case = *case;
    case.row.expenditures = expenditures;
    case.settle().map(|s| s.earned)
}

/// A target near what the row earns, near a limit, or of any size.
fn target(random: &mut Random, case: &Case) -> i64 {
    let near = random.between(0, 4) - 2;
    let settled = case.settle().ok();
    match random.between(0, 9) {
        0 => near,
        1 | 2 => settled.map_or(near, |s| s.earned + near),
        3 => settled.and_then(|s| s.payment_limit).map_or(near, |limit| limit.saturating_add(near)),
        4 | 5 => settled.and_then(|s| s.loss_limit).map_or(near, |limit| near - limit),
        6 => random.magnitude(case.row.benchmark),
        7 => -random.magnitude(case.row.benchmark),
        8 => case.row.benchmark / 1000 * random.between(0, 300),
        _ => -(case.row.benchmark / 1000 * random.between(0, 160)),
    }
}

/// Expenditures to try a claim at: nothing, around the benchmark, and as much as there can be.
fn scan(case: &Case) -> impl Iterator<Item = i64> {
    let benchmark = case.row.benchmark;
    let around = (-40..=40_i64).map(move |step| {
        let away = i128::from(step.abs() * step) * i128::from(benchmark) / 1600;
        i64::try_from((i128::from(benchmark) + away).max(0)).unwrap_or(i64::MAX)
    });
    [0, 1, benchmark - 1, benchmark, i64::MAX - 1, i64::MAX].into_iter().chain(around)
}

/// Whether the engine, wherever it has an answer, agrees with the claim.
fn holds(case: &Case, claim: impl Fn(i64) -> bool) -> bool {
    scan(case).filter_map(|spent| earned(case, spent).ok()).all(claim)
}

#[test]
fn the_boundary_is_exact_to_the_cent_and_claims_of_none_are_true() {
    let (mut random, mut segments, mut seen) = (Random::new(71), [[0_u32; 3]; SEGMENTS.len()], [0_u32; 2]);
    for case in cases(71, 200_000) {
        let target = target(&mut random, &case);
        match find(&case, target) {
            Ok(Found::At(at)) => {
                assert_eq!(earned(&case, at.expenditures), Ok(at.earned), "{target} of {case:?}");
                assert!(at.earned >= target, "{target} of {case:?}: {at:?}");
                assert!(earned(&case, at.expenditures + 1).unwrap() < target, "{target} of {case:?}: {at:?}");
                segments[usize::from(at.segment)][0] += 1;
            }
            Ok(Found::NotReachable(segment)) => {
                assert!(earned(&case, 0).unwrap() < target, "{target} of {case:?}");
                assert!(holds(&case, |earned| earned < target), "{target} of {case:?}");
                segments[usize::from(segment)][1] += 1;
            }
            Ok(Found::AlwaysReached(segment)) => {
                assert!(holds(&case, |earned| earned >= target), "{target} of {case:?}");
                segments[usize::from(segment)][2] += 1;
            }
            Err(none) => seen[usize::from(none.reason >= reason::FIRST_INVALID)] += 1,
        }
    }
    let reached: [&[&str]; 3] = [
        &["payment_limit", "sharing", "minimum_savings_rate", "half_rate", "minimum_loss_rate", "losses"],
        &["payment_limit", "sharing", "dead_zone"],
        &["dead_zone", "loss_limit"],
    ];
    for (kind, words) in reached.into_iter().enumerate() {
        for word in words {
            let code = SEGMENTS.iter().position(|s| s == word).unwrap();
            assert!(segments[code][kind] > 50, "{word} {kind}: {segments:?}");
        }
    }
    // Nothing is refused but what has no settlement either, and benchmarks at the end of the numbers.
    assert!(seen[0] < 40_000 && seen[1] < 12_000, "{seen:?}");
}

#[test]
fn a_row_without_an_answer_lacks_what_the_engine_lacks_at_the_boundary() {
    let mut random = Random::new(72);
    let mut lacking = 0;
    for case in cases(72, 50_000) {
        let target = target(&mut random, &case);
        let Err(none) = find(&case, target) else { continue };
        // Little can be scanned beyond such a benchmark.
        if case.row.benchmark > i64::MAX / 16 {
            continue;
        }
        assert!(scan(&case).any(|spent| earned(&case, spent) == Err(none)), "{none:?}, {target} of {case:?}");
        lacking += 1;
    }
    assert!(lacking > 1_000, "{lacking}");
}

/// Earned by the second implementation, in cents.
fn by_reference(case: &Case, expenditures: i64) -> Option<i64> {
    let row = Row { expenditures, ..case.row };
    let at = ("mssp", case.track, case.year);
    let told = reference::settle(&book(), NOW, at, &row, &mut Trace::default()).ok()?;
    (told.earned * Decimal::ONE_HUNDRED).to_i64()
}

#[test]
fn bisection_over_the_decimal_reference_finds_the_same_cent() {
    let mut random = Random::new(73);
    let mut compared = [0; 3];
    for case in cases(73, 6_000) {
        // Decimals hold 28 digits.
        if case.row.benchmark > 1 << 50 {
            continue;
        }
        let target = target(&mut random, &case);
        let Ok(found) = find(&case, target) else { continue };
        // Far past every limit of losses.
        let (mut low, mut high) = (0, case.row.benchmark * 64);
        let (Some(most), Some(least)) = (by_reference(&case, low), by_reference(&case, high)) else { continue };
        match found {
            Found::NotReachable(_) => assert!(most < target, "{target} of {case:?}"),
            Found::AlwaysReached(_) => assert!(least >= target, "{target} of {case:?}"),
            Found::At(at) if at.expenditures < high => {
                while high - low > 1 {
                    let middle = low + (high - low) / 2;
                    let Some(earned) = by_reference(&case, middle) else { break };
                    if earned >= target { low = middle } else { high = middle }
                }
                assert!(high - low > 1 || at.expenditures == low, "{target} of {case:?}: {at:?}, not {low}");
            }
            Found::At(_) => continue,
        }
        compared[match found {
            Found::At(_) => 0,
            Found::NotReachable(_) => 1,
            Found::AlwaysReached(_) => 2,
        }] += 1;
    }
    assert!(compared[0] > 1_500 && compared[1] > 300 && compared[2] > 500, "{compared:?}");
}

/// CMS's example: level B, 60,000 beneficiaries, 500 million.
fn level_b() -> Case {
    Case {
        year: 2023,
        track: "B",
        row: Row {
            benchmark: 50_000_000_000,
            beneficiaries: 60_000,
            quality_standard_met: Some(true),
            ..Row::default()
        },
    }
}

fn at(case: &Case, target: i64) -> BreakEven {
    match find(case, target) {
        Ok(Found::At(at)) => at,
        other => panic!("{other:?}"),
    }
}

fn word(at: &BreakEven) -> &'static str {
    SEGMENTS[usize::from(at.segment)]
}

#[test]
fn the_worked_example_of_level_b_is_read_backwards() {
    let case = level_b();
    let there = at(&case, 509_600_000);
    // One cent of expenditures is 0.392 cents earned: the last cent that still rounds to the target.
    assert_eq!((there.expenditures, there.earned, word(&there)), (48_700_000_001, 509_600_000, "sharing"));
    assert_eq!(there.marginal_rate, Some(Ratio::new(392, 1000)));
    // The minimum rate of 2 percent: 490 million, where 3.92 million are earned at once.
    let gate = at(&case, 1);
    assert_eq!(
        (gate.expenditures, gate.earned, word(&gate)),
        (49_000_000_000, 392_000_000, "minimum_savings_rate")
    );
    // Ten percent of the benchmark is the most.
    let most = at(&case, 5_000_000_000);
    assert_eq!((word(&most), most.marginal_rate), ("payment_limit", Some(Ratio::ZERO)));
    assert_eq!(most.expenditures, 50_000_000_000 - 12_755_102_040);
    assert_eq!(find(&case, 5_000_000_001), Ok(Found::NotReachable(segment::PAYMENT_LIMIT)));
    // No downside risk: whatever is spent, nothing is owed.
    assert_eq!(find(&case, 0), Ok(Found::AlwaysReached(segment::DEAD_ZONE)));
}

#[test]
fn losses_stop_at_the_minimum_loss_rate_or_run_to_the_limit() {
    let mut case = level_b();
    case.track = "E";
    case.row.elected_rate = Some(10_000_000);
    let gate = at(&case, 0);
    assert_eq!((gate.expenditures, word(&gate)), (50_499_999_999, "minimum_loss_rate"));
    assert_eq!(gate.marginal_rate, Some(Ratio::ZERO));
    assert_eq!(gate.reason, reason::REVENUE_LIMIT_NOT_APPLIED);
    // 30 percent of 10 million over the benchmark.
    let owing = at(&case, -300_000_000);
    assert_eq!((owing.expenditures, word(&owing)), (51_000_000_001, "losses"));
    assert_eq!(owing.marginal_rate, Some(Ratio::new(3, 10)));
    // Four percent of the benchmark is the most.
    assert_eq!(find(&case, -2_000_000_000), Ok(Found::AlwaysReached(segment::LOSS_LIMIT)));
    assert!(at(&case, -1_999_999_999).expenditures > 56_000_000_000);
    // Both shares of relief at one half leave three quarters of a loss; CMS ends it after three months of twelve.
    case.row.relief_shares = Some([PPB / 2, PPB / 2]);
    case.row.termination_date = Some(20_230_331);
    case.row.terminated_by_cms = true;
    let relieved = at(&case, -100_000_000);
    assert_eq!(relieved.marginal_rate, Some(Ratio::new(9, 160)));
    assert!((relieved.expenditures - 50_000_000_000 - 100_000_000 * 160 / 9).abs() < 40, "{relieved:?}");
    // Everywhere and all year: nothing is left to owe.
    case.row.relief_shares = Some([PPB, PPB]);
    assert_eq!(find(&case, 0), Ok(Found::AlwaysReached(segment::LOSSES)));
}

#[test]
fn without_a_minimum_rate_the_next_dollar_above_the_benchmark_is_shared() {
    let mut case = level_b();
    case.track = "E";
    case.row.elected_rate = Some(0);
    let there = at(&case, 0);
    // Three tenths of one cent round to nothing owed.
    assert_eq!((there.expenditures, word(&there)), (50_000_000_001, "minimum_loss_rate"));
    assert_eq!(there.marginal_rate, Some(Ratio::new(49, 100)));
    case.row.quality_standard_met = None;
    assert_eq!(at(&case, 0).marginal_rate, None, "quality decides what the next dollar saved pays");
    case.row.quality_standard_met = Some(false);
    case.row.alternative_standard_met = Some(false);
    assert_eq!(at(&case, 0).marginal_rate, Some(Ratio::ZERO));
}

#[test]
fn a_marginal_rate_is_the_difference_quotient_of_the_engine() {
    let mut random = Random::new(74);
    let mut compared = 0;
    for case in cases(74, 250_000) {
        let width = case.row.benchmark / 2_000;
        if case.row.benchmark < 1_000_000_000 || case.row.benchmark > 1 << 56 {
            continue;
        }
        let target = target(&mut random, &case);
        let Ok(Found::At(there)) = find(&case, target) else { continue };
        // The first and the last cents paid, and the first owed, lie beside a kink.
        let limit = case.settle().ok().and_then(|s| s.payment_limit);
        let near = [Some(0), limit].into_iter().flatten().any(|kink| (1..100).contains(&(kink - target).abs()));
        let barely_relieved = (1..1000).contains(&case.row.disaster_relief);
        if near || limit.is_none() || barely_relieved {
            continue;
        }
        let Some(rate) = there.marginal_rate.map(Ratio::to_f64) else { continue };
        let points: Option<Vec<i64>> = [0, 1, 2]
            .into_iter()
            .map(|step| {
                let spent = there.expenditures - step * width;
                (spent >= 0).then(|| earned(&case, spent).ok()).flatten()
            })
            .collect();
        let Some(points) = points else { continue };
        let quotient = |from: usize| (points[from + 1] - points[from]) as f64 / width as f64;
        // A kink or a gate within the interval: the two halves of it differ.
        if (quotient(0) - quotient(1)).abs() > 4.0 / width as f64 {
            continue;
        }
        // A loss fully relieved is rounded within some cents.
        assert!((quotient(0) - rate).abs() <= 14.0 / width as f64, "{target} of {case:?}: {there:?}, {points:?}");
        compared += 1;
    }
    assert!(compared > 20_000, "{compared}");
}

#[test]
fn targets_higher_by_a_cent_never_allow_more_spending() {
    let mut random = Random::new(75);
    for case in cases(75, 60_000) {
        let low = target(&mut random, &case);
        let high = low.saturating_add(if random.one_in(2) { 1 } else { random.magnitude(case.row.benchmark) });
        match (find(&case, low), find(&case, high)) {
            (Ok(Found::At(a)), Ok(Found::At(b))) => assert!(b.expenditures <= a.expenditures, "{low} of {case:?}"),
            (Ok(Found::NotReachable(_)), second) => {
                assert!(matches!(second, Ok(Found::NotReachable(_)) | Err(_)), "{low} of {case:?}: {second:?}");
            }
            (first, Ok(Found::AlwaysReached(_))) => {
                assert!(matches!(first, Ok(Found::AlwaysReached(_)) | Err(_)), "{low} of {case:?}: {first:?}");
            }
            _ => {}
        }
    }
}

fn share(text: &str) -> Ratio {
    Ratio::from_decimal(text.parse().unwrap()).unwrap()
}

/// Terms with bands on both sides, random origins, limits and rates.
fn banded(random: &mut Random) -> Terms {
    let side = |random: &mut Random| {
        let percent = |random: &mut Random| Ratio::new(random.between(0, 100), 100);
        let mut shares = [(); 4].map(|()| percent(random));
        shares[0] = Ratio::new(random.between(1, 100), 100);
        let bounds = ["0.03", "0.07", "0.151"].map(share);
        let bands = Bands::new(&[
            (Some(bounds[0]), shares[0]),
            (Some(bounds[1]), shares[1]),
            (Some(bounds[2]), shares[2]),
            (None, shares[3]),
        ]);
        Side {
            threshold: Threshold::Fixed(Ratio::new(random.between(0, 40), 1000)),
            origin: if random.one_in(2) { Origin::Threshold } else { Origin::Benchmark },
            bands: bands.unwrap(),
            limit_benchmark: random.one_in(2).then(|| Ratio::new(random.between(0, 60), 1000)),
            ..Side::plain(Ratio::ZERO)
        }
    };
    let (year, b) = (2024, plan().code("B").unwrap());
    let mut terms = plan().year(year).unwrap().terms[b].unwrap();
    terms.up = side(random);
    terms.down = (!random.one_in(8)).then(|| side(random));
    terms.low_revenue = None;
    terms
}

#[test]
fn bands_and_origins_of_other_programs_are_inverted_exactly_too() {
    let mut random = Random::new(76);
    let year = plan().year(2024).unwrap();
    let mut found = [0; 3];
    for _ in 0..60_000 {
        let terms = banded(&mut random);
        let benchmark = random.magnitude(100_000_000_000);
        let row = Row { benchmark, beneficiaries: 10_000, ..Row::default() };
        let earned = |expenditures: i64| settle(year, &terms, &Row { expenditures, ..row }).unwrap().earned;
        let spent = random.between(0, benchmark.saturating_mul(2));
        let target = if random.one_in(2) { earned(spent) } else { random.between(-benchmark / 8, benchmark / 8) };
        match break_even(year, &terms, &row, target).unwrap() {
            Found::At(at) => {
                assert!(
                    earned(at.expenditures) >= target && earned(at.expenditures + 1) < target,
                    "{terms:?} {row:?}"
                );
                found[0] += 1;
            }
            Found::NotReachable(_) => {
                assert!(earned(0) < target, "{terms:?} {row:?}");
                found[1] += 1;
            }
            Found::AlwaysReached(_) => {
                assert!(earned(benchmark * 1000) >= target, "{terms:?} {row:?}");
                found[2] += 1;
            }
        }
    }
    assert!(found.iter().all(|n| *n > 2_000), "{found:?}");
}

/// All outputs of a run, rates as bits.
#[derive(Debug, PartialEq, Eq)]
struct Answers {
    break_even: Vec<i64>,
    rates: [Vec<u64>; 2],
    codes: [Vec<u8>; 2],
    findings: Vec<Finding>,
}

fn run_cases(plan: &Plan, cases: &[Case], targets: &[Option<i64>], threads: usize) -> Answers {
    let mut columns = columns(cases);
    columns[TARGET_EARNED] = targets.to_vec();
    let cells = columns.map(Cells);
    let cells: &[Cells; COLUMNS.len()] = cells.first_chunk().unwrap();
    let columns = cells.each_ref().map(|c| Some(c as &dyn Column));
    let mut break_even = vec![-99; cases.len()];
    let mut rates = [(); 2].map(|()| vec![9.9; cases.len()]);
    let mut codes = [(); 2].map(|()| vec![99; cases.len()]);
    let ([rate, marginal], [segment, reason]) = (&mut rates, &mut codes);
    let outputs = Outputs {
        break_even: Some(&mut break_even),
        break_even_rate: Some(rate),
        marginal_rate: Some(marginal),
        segment: Some(segment),
        reason: Some(reason),
    };
    let findings = run(plan, &Inputs { columns }, outputs, Some(threads)).unwrap().sorted();
    let rates = rates.map(|column| column.into_iter().map(f64::to_bits).collect());
    Answers { break_even, rates, codes, findings }
}

#[test]
fn a_run_over_columns_equals_row_by_row_for_any_number_of_threads() {
    let mut random = Random::new(77);
    let mut cases = cases(77, 30_001);
    for case in &mut cases {
        case.row.benchmark = case.row.benchmark.min(1 << 52);
    }
    let targets: Vec<Option<i64>> =
        cases.iter().map(|case| (!random.one_in(20)).then(|| target(&mut random, case))).collect();
    let one = run_cases(plan(), &cases, &targets, 1);
    assert_eq!(one.findings, []);
    for threads in [2, 3] {
        assert!(run_cases(plan(), &cases, &targets, threads) == one, "{threads} threads");
    }
    for (i, (case, target)) in cases.iter().zip(&targets).enumerate() {
        let found = target.map(|target| find(case, target));
        let right = match found {
            None => (NULL_CENTS, 0, reason::MISSING_INPUT),
            Some(Ok(Found::At(at))) => {
                let rate = (case.row.benchmark - at.expenditures) as f64 / case.row.benchmark as f64;
                assert_eq!(one.rates[0][i], rate.to_bits());
                assert_eq!(one.rates[1][i], at.marginal_rate.map_or(f64::NAN, Ratio::to_f64).to_bits());
                (at.expenditures, at.segment, at.reason)
            }
            Some(Ok(Found::NotReachable(segment))) => (NULL_CENTS, segment, segment::TARGET_NOT_REACHABLE),
            Some(Ok(Found::AlwaysReached(segment))) => (NULL_CENTS, segment, segment::TARGET_ALWAYS_REACHED),
            Some(Err(none)) => (NULL_CENTS, 0, none.reason),
        };
        assert_eq!((one.break_even[i], one.codes[0][i], one.codes[1][i]), right, "{target:?} of {case:?}");
    }
}

#[test]
fn reasons_are_those_of_a_settlement_and_two_of_their_own() {
    let words = segment::reasons();
    assert_eq!(words[usize::from(segment::TARGET_NOT_REACHABLE)], "target_not_reachable");
    assert_eq!(words[usize::from(segment::TARGET_ALWAYS_REACHED)], "target_always_reached");
    assert_eq!(words.len(), usize::from(segment::TARGET_ALWAYS_REACHED) + 1);
}
