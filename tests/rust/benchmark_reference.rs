//! The benchmark's kernel against its second implementation in decimals: the same to one part in a thousand million,
//! the same choices, the same gaps.

use crate::benchmark_case::{AGREEMENTS, any, close, kernel, slow};
use crate::support::{NOW, Random, book};
use rust_decimal::prelude::ToPrimitive;
use sharedsavings::core::benchmark::{APPLIED, Benchmark, Case, applied, reason};
use sharedsavings::core::reference::benchmark::{Answer, Number};

/// The tolerance that the kernel is held to.
const TOLERANCE: f64 = 1e-9;

#[track_caller]
fn same(name: &str, fast: f64, slow: Number, case: &Case) {
    match slow.0 {
        Ok(slow) => {
            let slow = slow.to_f64().unwrap();
            assert!(close(fast, slow, TOLERANCE), "{name}: {fast} but {slow}: {case:?}");
        }
        Err(gap) => assert!(fast.is_nan(), "{name}: {fast} but {gap}: {case:?}"),
    }
}

fn compare(case: &Case, fast: &Benchmark, slow: &Answer) {
    same("historical benchmark", fast.historical_benchmark, slow.historical_benchmark, case);
    same("regional total", fast.adjustment.regional_total, slow.regional_total, case);
    same("prior savings", fast.adjustment.prior_savings, slow.prior_savings, case);
    same("population", fast.adjustment.population, slow.population, case);
    for k in 0..4 {
        same("historical", fast.historical[k], slow.historical[k], case);
        same("risk ratio", fast.risk_ratio[k], slow.risk_ratio[k], case);
        same("updated", fast.updated[k], slow.updated[k], case);
    }
    same("updated benchmark", fast.updated_benchmark, slow.updated_benchmark, case);
    same("two-way benchmark", fast.two_way_benchmark, slow.two_way_benchmark, case);
    same("benchmark", fast.benchmark, slow.benchmark, case);
    assert_eq!(APPLIED[usize::from(fast.adjustment.applied)], slow.applied, "{case:?}");
    assert_eq!(fast.guardrail, slow.guardrail, "{case:?}");
}

fn hold(seed: u64, cases: usize) -> [usize; 4] {
    let mut random = Random::new(seed);
    let [mut whole, mut guarded, mut updated, mut without] = [0; 4];
    for _ in 0..cases {
        let (case, year) = any(&mut random);
        let fast = kernel(&case, year);
        let slow = slow(&case, year).unwrap();
        for k in 0..4 {
            same("regional", fast.adjustment.regional[k], slow.regional[k], &case);
        }
        if slow.historical_benchmark.0.is_ok() {
            assert!(fast.reason < reason::FIRST_NULL, "{case:?}");
            compare(&case, &fast, &slow);
            whole += 1;
            guarded += usize::from(fast.guardrail == Some(true));
            updated += usize::from(fast.reason == reason::PLAIN);
        } else {
            assert!(fast.reason >= reason::FIRST_NULL, "{:?}: {case:?}", slow.gap());
            assert!(fast.historical_benchmark.is_nan(), "{:?}: {case:?}", slow.gap());
            without += 1;
        }
    }
    [whole, guarded, updated, without]
}

#[test]
fn sixty_thousand_entities_equal_the_decimal_reference() {
    let [whole, guarded, updated, without] = hold(71, 60_000);
    assert!(whole > 40_000 && updated > 15_000, "{whole} {updated}");
    assert!(guarded > 300 && without > 1_000, "{guarded} {without}");
}

#[test]
fn another_twenty_thousand_equal_it_too() {
    let [whole, ..] = hold(72, 20_000);
    assert!(whole > 12_000);
}

#[test]
fn every_adjustment_is_met_among_them() {
    let mut random = Random::new(73);
    let mut met = [0; APPLIED.len()];
    for _ in 0..20_000 {
        let (case, year) = any(&mut random);
        if let Some(count) = met.get_mut(usize::from(kernel(&case, year).adjustment.applied)) {
            *count += 1;
        }
    }
    let sum = usize::from(applied::SUM);
    assert!(met.iter().enumerate().all(|(code, n)| code == sum || *n > 100), "{met:?}");
}

#[test]
fn an_explanation_names_what_is_missing() {
    let (start, number, year) = AGREEMENTS[0];
    let mut case = crate::benchmark_case::plain(start, number);
    case.cells[sharedsavings::core::benchmark::cell::RISK_SCORE_BY2][1] = f64::NAN;
    let gap = slow(&case, year).unwrap().gap().unwrap();
    assert_eq!(gap.to_string(), "`risk_score_by2` of disabled is null and decides it");
    assert_eq!(gap.column(), Some("risk_score_by2"));
}

/// Every rule that a shipped regulation has is read by the reference; each step of an explanation has a name.
#[test]
fn every_rule_of_a_regulation_is_cited_in_an_explanation() {
    use sharedsavings::core::reference::{Trace, benchmark as reference};
    let mut random = Random::new(74);
    let mut cited = std::collections::BTreeSet::new();
    for _ in 0..4_000 {
        let (case, year) = any(&mut random);
        let mut trace = Trace::default();
        let _ = reference::benchmark(&book(), NOW, ("mssp", year), &case, &mut trace);
        for step in trace.into_steps() {
            assert!(!step.name.is_empty() && !step.value.is_empty());
            cited.extend(step.rules);
        }
    }
    let book = book();
    let of_benchmarks = book.rules().filter(|r| r.id.starts_with("mssp.benchmark."));
    let uncited: Vec<&str> = of_benchmarks.map(|r| r.id.as_str()).filter(|id| !cited.contains(*id)).collect();
    // The least start of a population adjustment decides whether the step is there at all.
    assert_eq!(uncited, ["mssp.benchmark.425_652.population_adjustment.agreement_start"]);
}
