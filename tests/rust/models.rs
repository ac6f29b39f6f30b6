//! What the tests of models other than the Shared Savings Program share: their plans, every arrangement and year of
//! the book, and rows at random.

use crate::support::{NOW, Random, book};
use sharedsavings::core::reference::{Trace, settle as reference};
use sharedsavings::core::settle::{Plan, Row, Settlement, Unsettled, reason, settle};
use std::collections::BTreeMap;
use std::sync::OnceLock;

pub(crate) const PPB: i64 = 1_000_000_000;

/// Programs that settle shared savings, the Shared Savings Program left out.
pub(crate) const PROGRAMS: [&str; 13] = [
    "bpci",
    "bpci_advanced",
    "cec",
    "cjr",
    "eom",
    "kcc",
    "masshealth",
    "ngaco",
    "ocm",
    "pioneer",
    "reach",
    "team",
    "vermont",
];

pub(crate) fn plan(program: &str) -> &'static Plan {
    static PLANS: OnceLock<BTreeMap<&str, Plan>> = OnceLock::new();
    let make = || PROGRAMS.map(|p| (p, Plan::new(&book(), p, NOW).unwrap())).into_iter().collect();
    &PLANS.get_or_init(make)[program]
}

/// Dollars as cents.
pub(crate) fn usd(dollars: i64) -> i64 {
    dollars * 100
}

/// A share as a row holds it.
pub(crate) fn share(text: &str) -> i64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    whole.parse::<i64>().unwrap() * PPB + format!("{fraction:0<9}").parse::<i64>().unwrap()
}

/// A settlement by the engine.
pub(crate) fn engine(program: &str, year: i64, arrangement: &str, row: &Row) -> Result<Settlement, Unsettled> {
    let plan = plan(program);
    let at = plan.code(arrangement).unwrap_or_else(|| panic!("{program} has no {arrangement}"));
    let year = plan.year(year).unwrap();
    settle(year, year.terms[at].as_ref().unwrap(), row)
}

/// The same by both implementations, which must agree.
pub(crate) fn both(program: &str, year: i64, arrangement: &str, row: &Row) -> Result<Settlement, Unsettled> {
    let fast = engine(program, year, arrangement, row);
    let slow = reference::settle(&book(), NOW, (program, arrangement, year), row, &mut Trace::default());
    let context = || format!("{program} {year} {arrangement} {row:?}: {fast:?}, but {slow:?}");
    match (&fast, &slow) {
        (Ok(fast), Ok(slow)) => {
            let cents =
                |dollars: rust_decimal::Decimal| (dollars * rust_decimal::Decimal::ONE_HUNDRED).normalize();
            let told = [slow.generated, slow.sequestered, slow.earned].map(cents);
            let made = [fast.generated, fast.sequestered, fast.earned].map(rust_decimal::Decimal::from);
            assert_eq!(told, made, "{}", context());
        }
        (Err(_), Err(_)) => {}
        // The reference takes valid rows only.
        (Err(fast), _) if fast.reason >= reason::FIRST_INVALID => {}
        _ => panic!("{}", context()),
    }
    fast
}

/// Every program, year and arrangement of the book.
pub(crate) fn all_terms() -> Vec<(&'static str, i64, &'static str)> {
    let mut out = Vec::new();
    for program in PROGRAMS {
        let plan = plan(program);
        let (first, last) = plan.span();
        for year in first..=last {
            let Some(terms) = plan.year(year) else { continue };
            for (name, terms) in plan.arrangements.iter().zip(&terms.terms) {
                if terms.is_some() {
                    out.push((program, year, name.as_str()));
                }
            }
        }
    }
    out
}

/// What is elected or given where the arrangement asks for it: every corner of the menus.
pub(crate) fn elections(program: &str, year: i64) -> Vec<(Option<i64>, Option<i64>)> {
    match program {
        "ngaco" => {
            let caps = ["0.05", "0.08", "0.15"].map(|cap| Some(share(cap)));
            let discounts: &[&str] = if year <= 2018 { &["0.005", "0.0123", "0.045"] } else { &[] };
            let given =
                if discounts.is_empty() { vec![None] } else { discounts.iter().map(|d| Some(share(d))).collect() };
            caps.into_iter().flat_map(|cap| given.clone().into_iter().map(move |d| (cap, d))).collect()
        }
        "vermont" => ["0.02", "0.05"].map(|cap| (Some(share(cap)), None)).into(),
        _ => vec![(None, None)],
    }
}

/// The discount that a row of the arrangement must give.
pub(crate) fn given_discount(program: &str, arrangement: &str) -> Option<i64> {
    (program == "kcc" && arrangement == "GLOBAL").then(|| share("0.021"))
}

/// A row with everything that some program asks for.
pub(crate) fn row(benchmark: i64, expenditures: i64, score: i64) -> Row {
    Row {
        benchmark,
        expenditures,
        beneficiaries: 1_200,
        quality_score: Some(score),
        quality_standard_met: Some(true),
        participant_revenue: Some(benchmark / 5 * 2),
        ..Row::default()
    }
}

/// A row of a program at random, near its gates or anywhere.
pub(crate) fn any(random: &mut Random, (program, year, arrangement): (&'static str, i64, &'static str)) -> Row {
    let benchmark = random.between(1_000_000, 50_000_000_000);
    let (cap, discount) = random.pick(&elections(program, year));
    let near = random.pick(&[0, 1, 2, 3, 4, 5, 10, 15, 20, 25, 35, 50, 200]);
    let side = if random.one_in(2) { 1 } else { -1 };
    let spent = benchmark + side * (benchmark / 1000 * near * 10 / 10) + random.between(0, 2_000_000) - 1_000_000;
    let score = random.pick(&[0, 250_000_000, 344_999_999, 345_000_000, 500_000_000, 750_000_000, PPB]);
    let score = if random.one_in(2) { score } else { random.between(0, 1000) * 1_000_000 };
    Row {
        participant_revenue: (!random.one_in(10)).then(|| random.between(0, benchmark)),
        beneficiaries: random.between(300, 3000),
        quality_score: (!random.one_in(20)).then_some(score),
        quality_standard_met: random.pick(&[Some(true), Some(true), Some(false), None]),
        elected_cap: cap,
        discount: discount.or(given_discount(program, arrangement)),
        benchmark_final: random.one_in(8),
        benchmark_bonus: if random.one_in(5) { random.between(0, 1_000_000) } else { 0 },
        geographic_factor: random.one_in(5).then(|| random.between(80, 120) * (PPB / 100)),
        payment_adjustment: if random.one_in(5) { random.between(0, 200_000) - 100_000 } else { 0 },
        ..row(benchmark, spent.max(0), score)
    }
}
