//! One entity for the tests of benchmarks: set by column and type, computed by the kernel and by the reference, and
//! random entities of every regulation.

use crate::support::{NOW, Random, book};
use sharedsavings::core::benchmark::{Benchmark, Case, Four, Plan, cell, compute, entity};
use sharedsavings::core::error::Result;
use sharedsavings::core::reference::{Trace, benchmark as reference};
use sharedsavings::core::rulebook::{AsOf, Book};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// An entity in which nothing is known.
pub(crate) fn blank(start: i64, agreement_number: f64) -> Case {
    let mut case = Case { cells: [[f64::NAN; 4]; cell::N], entity: [f64::NAN; entity::N], start };
    case.entity[entity::AGREEMENT_NUMBER] = agreement_number;
    case
}

/// One in which nothing but what a test sets moves the result: all base years 10,000 a head, no growth, no risk, no
/// region, equal mix.
pub(crate) fn plain(start: i64, agreement_number: f64) -> Case {
    let mut case = blank(start, agreement_number);
    for (place, name) in cell::COLUMNS.iter().enumerate() {
        let (of, year) = name.rsplit_once('_').unwrap_or((name, ""));
        let value = match of {
            "per_capita" | "national" | "regional" => 10_000.0,
            "person_years" => 1_000.0,
            "risk_score" | "demographic_score" => 1.0,
            "national_weight" => 0.25,
            "newly_assigned_share" => 0.0,
            _ if place == cell::ACPT => 1.0,
            _ => f64::NAN,
        };
        let years = ["", "by1", "by2", "by3", "py"].contains(&year);
        case.cells[place] = [if years { value } else { f64::NAN }; 4];
    }
    case.entity[entity::DUAL_SHARE] = 0.0;
    case.entity[entity::LOW_INCOME_SHARE] = 0.0;
    case.entity[entity::REGIONAL_ADJUSTMENTS_SO_FAR] = 0.0;
    case
}

pub(crate) fn kernel_by(book: &Book, as_of: AsOf, case: &Case, year: i64) -> Benchmark {
    let plan = Plan::new(book, "mssp", year, as_of).unwrap();
    let code = plan.code(case.start, case.entity[entity::AGREEMENT_NUMBER]).expect("a regulation");
    compute(&plan.regulations[usize::from(code)], case)
}

pub(crate) fn kernel(case: &Case, year: i64) -> Benchmark {
    let plan = plan(year);
    let code = plan.code(case.start, case.entity[entity::AGREEMENT_NUMBER]).expect("a regulation");
    compute(&plan.regulations[usize::from(code)], case)
}

/// The shipped book's plan of a year, made once.
pub(crate) fn plan(year: i64) -> Arc<Plan> {
    static PLANS: Mutex<BTreeMap<i64, Arc<Plan>>> = Mutex::new(BTreeMap::new());
    let mut plans = PLANS.lock().unwrap();
    let make = || Arc::new(Plan::new(&book(), "mssp", year, NOW).unwrap());
    plans.entry(year).or_insert_with(make).clone()
}

pub(crate) fn slow(case: &Case, year: i64) -> Result<reference::Answer> {
    reference::benchmark(&book(), NOW, ("mssp", year), case, &mut Trace::default())
}

pub(crate) fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1.0)
}

#[track_caller]
pub(crate) fn assert_four(found: &Four, expected: [f64; 4], tolerance: f64) {
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() <= tolerance, "{found:?} is not {expected:?}");
    }
}

/// A start of each regulation, with the number of the agreement period and a performance year.
pub(crate) const AGREEMENTS: [(i64, f64, i64); 9] = [
    (20_120_401, 1.0, 2013),
    (20_170_101, 1.0, 2018),
    (20_160_101, 2.0, 2017),
    (20_180_101, 2.0, 2020),
    (20_190_701, 1.0, 2019),
    (20_230_101, 3.0, 2024),
    (20_240_101, 1.0, 2024),
    (20_240_101, 2.0, 2025),
    (20_250_101, 4.0, 2026),
];

/// Any valid entity, some values null, some types without people.
pub(crate) fn any(random: &mut Random) -> (Case, i64) {
    let (start, number, year) = random.pick(&AGREEMENTS);
    let mut case = blank(start, number);
    let holes = random.one_in(4);
    let spread = |random: &mut Random, low: f64, high: f64| {
        low + (high - low) * random.between(0, 1_000_000_000) as f64 / 1e9
    };
    for place in 0..cell::N {
        let given = place >= cell::GIVEN_TREND_BY1;
        if given && !random.one_in(8) {
            continue;
        }
        for k in 0..4 {
            let level = [80_000.0, 11_000.0, 16_000.0, 9_500.0][k];
            let value = match place {
                cell::PERSON_YEARS_BY3 | cell::PERSON_YEARS_PY => {
                    if random.one_in(12) {
                        0.0
                    } else {
                        spread(random, 10.0, 20_000.0).floor()
                    }
                }
                cell::PER_CAPITA_BY1
                | cell::PER_CAPITA_BY2
                | cell::PER_CAPITA_BY3
                | cell::NATIONAL_BY1
                | cell::NATIONAL_BY2
                | cell::NATIONAL_BY3
                | cell::NATIONAL_PY
                | cell::REGIONAL_BY1
                | cell::REGIONAL_BY2
                | cell::REGIONAL_BY3
                | cell::REGIONAL_PY => level * spread(random, 0.7, 1.4),
                cell::NATIONAL_WEIGHT_BY3 | cell::NATIONAL_WEIGHT_PY | cell::NEWLY_ASSIGNED_SHARE_PY => {
                    let inside = spread(random, 0.0, 1.0);
                    random.pick(&[0.0, 1.0, 0.125, inside])
                }
                cell::ACPT_GROWTH => spread(random, -0.02, 0.2),
                cell::GIVEN_REGIONAL_ADJUSTMENT | cell::GIVEN_FLAT_UPDATE => level * spread(random, -0.05, 0.05),
                _ => spread(random, 0.85, 1.25),
            };
            case.cells[place][k] = if holes && random.one_in(60) { f64::NAN } else { value };
        }
    }
    // Regional scores and the ready ratio of the prospective trend are seldom at hand.
    for place in [cell::REGIONAL_RISK_SCORE_BY3, cell::REGIONAL_RISK_SCORE_PY] {
        if random.one_in(2) {
            case.cells[place] = [f64::NAN; 4];
        }
    }
    if random.one_in(2) {
        case.cells[cell::ACPT] = [f64::NAN; 4];
    }
    for place in 1..entity::N {
        let value = match place {
            entity::REGIONAL_ADJUSTMENTS_SO_FAR => random.between(0, 5) as f64,
            entity::PRIOR_SAVINGS_BY1
            | entity::PRIOR_SAVINGS_BY2
            | entity::PRIOR_SAVINGS_BY3
            | entity::PRIOR_SAVINGS_PER_CAPITA => spread(random, -400.0, 2_000.0),
            entity::GIVEN_PRIOR_SAVINGS_ADJUSTMENT | entity::GIVEN_POPULATION_ADJUSTMENT => {
                spread(random, 0.0, 700.0)
            }
            entity::EXPENDITURES => spread(random, 1e6, 5e8),
            entity::GUARDRAIL_RATE => random.pick(&[0.0, 0.01, 0.02, 0.035]),
            entity::DUAL_SHARE | entity::LOW_INCOME_SHARE => spread(random, 0.0, 0.6),
            entity::PRIOR_SHARING_RATE
            | entity::PRIOR_SHARING_RATE_BY1
            | entity::PRIOR_SHARING_RATE_BY2
            | entity::PRIOR_SHARING_RATE_BY3 => spread(random, 0.0, 0.75),
            _ => spread(random, 3_000.0, 60_000.0),
        };
        let seldom = matches!(
            place,
            entity::PRIOR_SAVINGS_PER_CAPITA
                | entity::GIVEN_PRIOR_SAVINGS_ADJUSTMENT
                | entity::GIVEN_POPULATION_ADJUSTMENT
                | entity::PRIOR_SHARING_RATE
        );
        let known = if seldom { random.one_in(8) } else { !random.one_in(if holes { 10 } else { 50 }) };
        case.entity[place] = if known { value } else { f64::NAN };
    }
    if random.one_in(3) {
        // Expenditures about the benchmark, so that the guardrail has something to decide.
        let benchmark = kernel(&case, year).benchmark;
        case.entity[entity::EXPENDITURES] = benchmark * spread(random, 0.95, 1.08);
    }
    (case, year)
}
