//! The settlement engine against its second implementation, and the three forms of a run against each other.

use crate::settle_frame::{Case, PLACES, ROWS, cases, columns, run_cells, run_cells_at, run_columns};
use crate::support::{NOW, Random, book, levels};
use rust_decimal::Decimal;
use sharedsavings::core::kernel::{Column, Conversion, Values};
use sharedsavings::core::reference::{Trace, settle as reference};
use sharedsavings::core::round::Ratio;
use sharedsavings::core::settle::reason::{self, COLUMNS};
use sharedsavings::core::settle::{NULL_CENTS, Plan, settle};

fn equals_the_reference(case: &Case) -> bool {
    let at = ("mssp", case.track, case.year);
    let slow = reference::settle(&book(), NOW, at, &case.row, &mut Trace::default());
    match (case.settle(), slow) {
        (Ok(fast), Ok(slow)) => {
            let recouped = fast.advance_recouped.map(|cents| Decimal::new(cents, 2));
            assert_eq!(recouped, slow.advance_recouped, "{case:?}");
            let left = fast.advance_recouped.zip(fast.advance_outstanding).map(|(r, o)| r + o);
            assert_eq!(left, case.row.advance_balance, "{case:?}");
            let fast = [fast.generated, fast.sequestered, fast.earned].map(|cents| Decimal::new(cents, 2));
            assert_eq!(fast, [slow.generated, slow.sequestered, slow.earned], "{case:?}");
            true
        }
        (Err(_), Err(_)) => false,
        (fast, slow) => panic!("{case:?}: {fast:?}, but {slow:?}"),
    }
}

#[test]
fn a_hundred_thousand_rows_equal_the_decimal_reference_to_the_cent() {
    let settled = cases(41, 100_000).iter().filter(|case| equals_the_reference(case)).count();
    assert!(settled > 80_000, "most rows settle: {settled}");
}

#[test]
fn another_hundred_thousand_rows_equal_it_too() {
    let settled = cases(42, 100_000).iter().filter(|case| equals_the_reference(case)).count();
    assert!(settled > 80_000, "most rows settle: {settled}");
}

/// Settings that change the terms of every arrangement, or the use of quality, or take a limit away.
const WHAT_IFS: [&str; 12] = [
    "sharing_rate = { value = { A = \"0.3333\", B = \"0.1\", C = \"1\", D = \"0\", E = \"0.6001\", ENHANCED = \"0.9\" }, from = 2022 }",
    "\"sharing_rate.quality\" = \"scaled\"",
    "\"sharing_rate.quality\" = \"standard\"",
    "\"sharing_rate.quality\" = \"standard_else_scaled\"",
    "sequestration = \"0\"",
    "sequestration = \"0.0625\"",
    "\"low_revenue.share\" = { value = { A = \"0.5\", B = \"0.25\", C = \"0.5\", D = \"0.5\", E = \"0.75\", ENHANCED = \"0.5\" }, from = 2024 }",
    "payment_limit = { value = { A = \"0.001\", B = \"0.1\", C = \"0.0333\", D = \"0.1\", E = \"1\", ENHANCED = \"0.2\" }, from = 2022 }",
    "loss_rate = { value = { C = \"0.0001\", D = \"1\", E = \"0.4567\", ENHANCED = \"0.5\" }, from = 2022 }",
    "\"loss_limit.revenue\" = { value = { C = \"0.0123\", D = \"1\", E = \"0\", ENHANCED = \"0.3\" }, from = 2022 }",
    "risk = { value = { A = \"one_sided\", B = \"one_sided\", C = \"one_sided\", D = \"two_sided\", E = \"two_sided\", ENHANCED = \"one_sided\" }, from = 2022 }",
    "\"minimum_rate.election_beneficiaries\" = \"20000\"",
];

#[test]
fn what_ifs_equal_the_reference_too() {
    let cases = cases(48, 2_500);
    for what_if in WHAT_IFS {
        let (id, value) = what_if.split_once(" = ").unwrap();
        let text = format!("[set]\n\"mssp.{}\" = {value}", id.trim_matches('"'));
        let book = book().with_toml("what-if", &text).unwrap();
        let plan = Plan::new(&book, "mssp", NOW).unwrap();
        let mut compared = 0;
        for case in &cases {
            let year = plan.year(case.year).unwrap();
            let terms = year.terms[plan.code(case.track).unwrap()].as_ref().unwrap();
            let at = ("mssp", case.track, case.year);
            let slow = reference::settle(&book, NOW, at, &case.row, &mut Trace::default());
            match (settle(year, terms, &case.row), slow) {
                (Ok(fast), Ok(slow)) => {
                    let fast = [fast.generated, fast.sequestered, fast.earned].map(|cents| Decimal::new(cents, 2));
                    assert_eq!(fast, [slow.generated, slow.sequestered, slow.earned], "{what_if}: {case:?}");
                    compared += 1;
                }
                (Err(_), Err(_)) => {}
                (fast, slow) => panic!("{what_if}: {case:?}: {fast:?}, but {slow:?}"),
            }
        }
        assert!(compared > 1_800, "{what_if}: {compared}");
    }
}

#[test]
fn the_random_rows_reach_every_circumstance() {
    let mut seen = vec![0; reason::REASONS.len()];
    for case in cases(43, 100_000) {
        seen[usize::from(case.settle().map_or_else(|none| none.reason, |s| s.reason))] += 1;
    }
    // These are of other programs; their tests reach them.
    let others = [reason::NEUTRAL_ZONE, reason::GROSS_CAP, reason::REVENUE_PAYMENT_LIMIT];
    for code in (0..=reason::BELOW_SIZE_SCALE).filter(|code| !others.contains(code)) {
        // Only agreements from 2027 on can have a small benchmark year.
        let least = if code == reason::SMALL_BENCHMARK_LIMIT_NOT_APPLIED { 10 } else { 100 };
        assert!(seen[usize::from(code)] > least, "{}: {seen:?}", reason::REASONS[usize::from(code)]);
    }
}

/// What the engine says of a row, as a run writes it.
fn expected(case: &Case) -> ([i64; 8], [u64; 5], u8) {
    let bits = |rate: Option<Ratio>| rate.map_or(f64::NAN, Ratio::to_f64).to_bits();
    match case.settle() {
        Err(none) => ([NULL_CENTS; 8], [f64::NAN.to_bits(); 5], none.reason),
        Ok(s) => (
            [
                s.savings,
                s.generated,
                s.payment_limit.unwrap_or(NULL_CENTS),
                s.loss_limit.unwrap_or(NULL_CENTS),
                s.sequestered,
                s.earned,
                s.advance_recouped.unwrap_or(NULL_CENTS),
                s.advance_outstanding.unwrap_or(NULL_CENTS),
            ],
            [
                (s.savings as f64 / case.row.benchmark as f64).to_bits(),
                bits(Some(s.minimum_savings_rate)),
                bits(s.minimum_loss_rate),
                bits(s.sharing_rate),
                bits(s.loss_rate),
            ],
            s.reason,
        ),
    }
}

#[test]
fn a_run_over_columns_equals_the_engine_row_by_row() {
    let cases = cases(44, 60_000);
    let answers = run_cells(&columns(&cases), 1);
    assert_eq!(answers.findings, []);
    for (i, case) in cases.iter().enumerate() {
        assert_eq!(answers.row(i), expected(case), "{case:?}");
    }
}

/// Rows as they are on most days, with one in fifty of any kind: few enough for the kernel to settle the blocks.
fn mostly_ordinary(seed: u64, count: usize) -> Vec<Case> {
    let mut random = Random::new(seed);
    let mut out = Vec::with_capacity(count);
    for _ in 0..count {
        out.push(if random.one_in(50) { Case::any(&mut random) } else { Case::ordinary(&mut random) });
    }
    out
}

#[test]
fn the_kernel_equals_the_engine_at_every_instruction_set() {
    for (seed, level) in (70..).zip(levels()) {
        let cases = mostly_ordinary(seed, 200_000);
        let answers = run_cells_at(level, &columns(&cases), 1);
        for (i, case) in cases.iter().enumerate() {
            assert_eq!(answers.row(i), expected(case), "row {i} at {level:?}: {case:?}");
        }
    }
}

#[test]
fn every_instruction_set_settles_to_the_same_bits() {
    let columns = columns(&mostly_ordinary(75, 100_000));
    let mut of_levels = levels().map(|level| run_cells_at(level, &columns, 1));
    let first = of_levels.next().unwrap();
    assert!(of_levels.all(|answers| answers == first));
}

#[test]
fn one_two_and_three_threads_settle_to_the_same_bits() {
    let columns = columns(&cases(45, 150_001));
    let one = run_cells(&columns, 1);
    for threads in [2, 3] {
        assert!(run_cells(&columns, threads) == one, "{threads} threads");
    }
}

#[test]
fn dollars_as_floats_settle_as_cents_do() {
    let columns = columns(&cases(46, ROWS));
    let plain = |c: usize| -> Vec<i64> { columns[c].iter().map(|v| v.unwrap_or(0).min(1 << 50)).collect() };
    // Quality and tracks without nulls, so that both runs see the same rows.
    let whole: Vec<Vec<i64>> = (0..COLUMNS.len()).map(plain).collect();
    let floats: Vec<Vec<f64>> = whole.iter().map(|c| c.iter().map(|v| *v as f64 / 100.0).collect()).collect();
    let given = [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 12, 13];
    let cells: Vec<Values<'_, i64>> = whole.iter().map(|c| Values(c, Conversion::Whole)).collect();
    let dollars: Vec<Values<'_, f64>> = floats.iter().map(|c| Values(c, Conversion::Dollars)).collect();
    let in_cents = std::array::from_fn(|c| given.contains(&c).then(|| &cells[c] as &dyn Column));
    let in_dollars = std::array::from_fn(|c| match c {
        0 | 1 | 9 | 12 => Some(&dollars[c] as &dyn Column),
        _ => in_cents[c],
    });
    let (cents, dollars) = (run_columns(in_cents, 1), run_columns(in_dollars, 1));
    for place in PLACES {
        assert_eq!(cents.row(place), dollars.row(place));
    }
    assert!(cents == dollars);
}

#[test]
fn the_explanation_ends_with_what_was_earned_and_cites_a_rule_for_every_rate() {
    for case in cases(47, 2_000) {
        let mut trace = Trace::default();
        let at = ("mssp", case.track, case.year);
        let Ok(answer) = reference::settle(&book(), NOW, at, &case.row, &mut trace) else { continue };
        let steps = trace.into_steps();
        let last = steps.iter().rfind(|s| s.name != "advance recouped").unwrap();
        assert_eq!(last.name, "earned");
        let digits = |text: &str| text.replace(['$', ','], "").parse::<Decimal>().unwrap();
        assert_eq!(digits(&last.value), answer.earned);
        for step in steps.iter().filter(|s| s.name.ends_with("rate") && s.name != "savings rate") {
            assert!(!step.rules.is_empty() && !step.cites.is_empty(), "{step:?}");
            assert!(step.rules.iter().all(|rule| book().versions(rule).is_some()), "{step:?}");
            assert!(step.cites.iter().all(|cite| book().sources().contains_key(cite)), "{step:?}");
        }
    }
}
