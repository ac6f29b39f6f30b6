//! Break-evens of every program: with discounts, withholds, caps, gates of losses, multipliers and what is added last,
//! the boundary is exact by the engine, claims of none hold wherever the engine has an answer, and the marginal rate is
//! the engine's difference quotient.

use crate::models::{all_terms, any, plan, share, usd};
use crate::support::Random;
use sharedsavings::core::round::Ratio;
use sharedsavings::core::settle::break_even::{BreakEven, Found, break_even};
use sharedsavings::core::settle::segment::SEGMENTS;
use sharedsavings::core::settle::{Row, Settlement, Unsettled, settle};

type At = (&'static str, i64, &'static str);

fn engine((program, year, arrangement): At, row: &Row, expenditures: i64) -> Result<Settlement, Unsettled> {
    let plan = plan(program);
    let year = plan.year(year).unwrap();
    let terms = year.terms[plan.code(arrangement).unwrap()].unwrap();
    settle(year, &terms, &Row { expenditures, ..*row })
}

fn find((program, year, arrangement): At, row: &Row, target: i64) -> Result<Found, Unsettled> {
    let plan = plan(program);
    let year = plan.year(year).unwrap();
    let terms = year.terms[plan.code(arrangement).unwrap()].unwrap();
    break_even(year, &terms, row, target)
}

/// What the row earns, what it could at most or must at least, or anything.
fn target(random: &mut Random, at: At, row: &Row) -> i64 {
    let near = random.between(0, 4) - 2;
    let earned = |spent| engine(at, row, spent).map_or(near, |told| told.earned + near);
    match random.between(0, 7) {
        0 => near,
        1 | 2 => earned(row.expenditures),
        3 => earned(0),
        4 => earned(row.benchmark * 3),
        5 => row.payment_adjustment + near,
        6 => row.benchmark / 1000 * random.between(0, 200),
        _ => -(row.benchmark / 1000 * random.between(0, 200)),
    }
}

/// Expenditures from none to many times the benchmark, closest to each other around it.
fn scan(row: &Row) -> impl Iterator<Item = i64> {
    let benchmark = row.benchmark;
    let around = (-60..=60_i64).map(move |step| (benchmark + step * step.abs() * (benchmark / 3_600)).max(0));
    [0, 1, benchmark - 1, benchmark, benchmark + 1, benchmark * 50].into_iter().chain(around)
}

#[test]
fn the_boundary_is_exact_to_the_cent_for_every_program_and_claims_of_none_are_true() {
    let (all, mut random) = (all_terms(), Random::new(91));
    let (mut kinds, mut segments) = ([0_u32; 3], [[0_u32; 3]; SEGMENTS.len()]);
    let mut lacking = 0;
    for round in 0..400_000_usize {
        // Every arrangement and year in turn.
        let at = all[round % all.len()];
        let row = any(&mut random, at);
        let target = target(&mut random, at, &row);
        let earned = |spent| engine(at, &row, spent).map(|told| told.earned);
        let holds = |claim: &dyn Fn(i64) -> bool| scan(&row).filter_map(|spent| earned(spent).ok()).all(claim);
        let (kind, segment) = match find(at, &row, target) {
            Ok(Found::At(there)) => {
                let told = engine(at, &row, there.expenditures).unwrap();
                assert_eq!((told.earned, told.savings, told.target), (there.earned, there.savings, there.of));
                assert!(there.earned >= target, "{target} of {at:?} {row:?}: {there:?}");
                assert!(earned(there.expenditures + 1).unwrap() < target, "{target} of {at:?} {row:?}: {there:?}");
                (0, there.segment)
            }
            Ok(Found::NotReachable(segment)) => {
                assert!(holds(&|earned| earned < target), "{target} of {at:?} {row:?}");
                (1, segment)
            }
            Ok(Found::AlwaysReached(segment)) => {
                assert!(holds(&|earned| earned >= target), "{target} of {at:?} {row:?}");
                (2, segment)
            }
            Err(none) => {
                // What it lacks the engine lacks somewhere, too.
                assert!(
                    scan(&row).any(|spent| earned(spent) == Err(none)),
                    "{none:?}: {target} of {at:?} {row:?}"
                );
                lacking += 1;
                continue;
            }
        };
        kinds[kind] += 1;
        segments[usize::from(segment)][kind] += 1;
    }
    assert!(kinds.iter().all(|n| *n > 20_000) && lacking < 150_000, "{kinds:?} {lacking}");
    let reached: [&[&str]; 3] = [
        &["payment_limit", "sharing", "minimum_savings_rate", "minimum_loss_rate", "losses", "loss_gate"],
        &["payment_limit", "sharing", "dead_zone", "gross_cap"],
        &["dead_zone", "loss_limit", "gross_cap"],
    ];
    for (kind, words) in reached.into_iter().enumerate() {
        for word in words {
            let code = SEGMENTS.iter().position(|segment| segment == word).unwrap();
            assert!(segments[code][kind] > 20, "{word} {kind}: {segments:?}");
        }
    }
}

#[test]
fn bisection_over_the_engine_finds_the_same_cent() {
    let (all, mut random) = (all_terms(), Random::new(92));
    let mut compared = 0;
    for _ in 0..30_000 {
        let at = random.pick(&all);
        let row = any(&mut random, at);
        let target = target(&mut random, at, &row);
        let earned = |spent| engine(at, &row, spent).map(|told| told.earned);
        let (Ok(Found::At(there)), Ok(_), Ok(_)) = (find(at, &row, target), earned(0), earned(row.benchmark * 60))
        else {
            continue;
        };
        let (mut low, mut high) = (0, row.benchmark * 60);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            let Ok(there) = earned(middle) else { break };
            if there >= target { low = middle } else { high = middle }
        }
        if high - low == 1 {
            assert_eq!(there.expenditures, low, "{target} of {at:?} {row:?}");
            compared += 1;
        }
    }
    assert!(compared > 10_000, "{compared}");
}

#[test]
fn a_marginal_rate_is_the_difference_quotient_of_the_engine_in_every_program() {
    let (all, mut random) = (all_terms(), Random::new(93));
    let (mut compared, mut edges) = (0, 0);
    for _ in 0..120_000 {
        let at = random.pick(&all);
        let row = any(&mut random, at);
        let width = row.benchmark / 3_000;
        let target = target(&mut random, at, &row);
        let Ok(Found::At(there)) = find(at, &row, target) else { continue };
        let Some(rate) = there.marginal_rate.map(Ratio::to_f64) else { continue };
        // Within some cents of a kink rounding decides.
        let ends = [0, row.benchmark * 50].map(|spent| engine(at, &row, spent).map_or(target, |told| told.earned));
        let kinks = [row.payment_adjustment, ends[0], ends[1]];
        let kinked = kinks.iter().any(|kink| (1..1_000).contains(&(kink - target).abs()));
        if width <= 10_000 || kinked || there.expenditures <= 3 * width {
            continue;
        }
        let earned = |step: i64| engine(at, &row, there.expenditures - step * width).ok().map(|told| told.earned);
        let Some(points) = (-1..3).map(earned).collect::<Option<Vec<i64>>>() else { continue };
        let quotient = |from: usize| (points[from + 1] - points[from]) as f64 / width as f64;
        let (before, near, far) = (quotient(0), quotient(1), quotient(2));
        if (near - far).abs() > 4.0 / width as f64 {
            continue;
        }
        let is = |slope: f64| (slope - rate).abs() <= 14.0 / width as f64;
        // Where the break-even lies some cents before a slice ends, the next cent is still of that slice.
        let last_cents = !is(near) && is(before);
        assert!(is(near) || last_cents, "{target} of {at:?} {row:?}: {there:?} {points:?}");
        edges += usize::from(last_cents);
        compared += 1;
    }
    assert!(compared > 15_000 && edges < compared / 100, "{compared} {edges}");
}

fn at(of: At, row: &Row, target: i64) -> BreakEven {
    match find(of, row, target) {
        Ok(Found::At(there)) => there,
        other => panic!("{other:?}"),
    }
}

/// V16, V5, V30 and V31a read backwards: the published terms at their own amounts.
#[test]
fn vectors_of_other_programs_are_read_backwards() {
    let row =
        |benchmark, score| Row { benchmark: usd(benchmark), quality_score: Some(share(score)), ..Row::default() };
    let word = |there: &BreakEven| SEGMENTS[usize::from(there.segment)];
    // 98 cents of a dollar are kept: 4,709,880 at 92,000,000, and at the next cent no more.
    let global = at(("reach", 2023, "GLOBAL"), &row(100_000_000, "0.9"), usd(4_709_880));
    assert_eq!((global.expenditures, word(&global)), (usd(92_000_000), "sharing"));
    assert_eq!(global.marginal_rate, Some(Ratio::new(49, 50)));
    // Nothing is owed up to the target of 97 million.
    let target = at(("reach", 2023, "GLOBAL"), &row(100_000_000, "1"), 0);
    assert_eq!((target.expenditures, word(&target)), (usd(97_000_000), "minimum_loss_rate"));
    let own = Row { elected_cap: Some(share("0.15")), discount: Some(share("0.03")), ..row(100_000_000, "1") };
    let owed = at(("ngaco", 2017, "B"), &own, -usd(1_500_000));
    assert_eq!((owed.expenditures, word(&owed)), (usd(98_500_000), "losses"));
    assert_eq!(owed.marginal_rate, Some(Ratio::ONE));
    // Losses count from the benchmark on, below which nothing is owed though the target is lower.
    let practice = Row { participant_revenue: Some(usd(4_000_000)), ..row(10_000_000, "1") };
    let alternative = ("ocm", 2020, "TWO_SIDED_ALTERNATIVE");
    let gate = at(alternative, &practice, 0);
    assert_eq!((gate.expenditures, word(&gate)), (usd(10_000_000) - 1, "loss_gate"));
    assert_eq!(gate.marginal_rate, Some(Ratio::ZERO));
    assert!(matches!(find(alternative, &practice, -usd(320_000)), Ok(Found::AlwaysReached(8))));
    // Beyond the elected cap no loss is shared: 15 percent of 97 million.
    assert!(matches!(find(("ngaco", 2017, "B"), &own, -usd(14_550_000)), Ok(Found::AlwaysReached(10))));
    assert!(matches!(find(("ngaco", 2017, "B"), &own, usd(14_259_001)), Ok(Found::NotReachable(10))));
    // What is added last moves the whole payoff.
    let added = Row { payment_adjustment: -usd(100_000), ..own };
    assert_eq!(at(("ngaco", 2017, "B"), &added, -usd(1_600_000)).expenditures, usd(98_500_000));
}
