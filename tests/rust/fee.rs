//! Fees at risk and hybrid cash flows: vectors computed from the published terms, properties, and the reference.

use crate::models::{PPB, share, usd};
use crate::support::{NOW, Random, book};
use sharedsavings::core::fee::{AMOUNTS, FeePlan, FeeTerms, Row, reason, settle};
use sharedsavings::core::reference::{Trace, fee as reference};

fn terms(program: &str, year: i64, arrangement: &str) -> FeeTerms {
    let plan = FeePlan::new(&book(), program, NOW).unwrap();
    plan.year(year).unwrap()[plan.code(arrangement).unwrap()].clone().unwrap()
}

fn amount(program: &str, year: i64, arrangement: &str, row: &Row, name: &str) -> Option<i64> {
    let at = AMOUNTS.iter().position(|a| *a == name).unwrap();
    let told = settle(&terms(program, year, arrangement), row).unwrap();
    let earned =
        reference::settle(&book(), NOW, (program, arrangement, year), row, &mut Trace::default()).unwrap();
    let earned = earned.map(|dollars| (dollars * rust_decimal::Decimal::ONE_HUNDRED).normalize());
    assert_eq!(told[AMOUNTS.len() - 1].map(rust_decimal::Decimal::from), earned, "{row:?}");
    told[at]
}

/// V47: a thousand beneficiaries for a year, four fifths of quality and a half of utilization earned.
#[test]
fn practices_keep_what_quality_and_utilization_earn_of_the_incentive() {
    let row = Row {
        months: Some(12_000),
        quality: Some(share("0.8")),
        utilization: Some(share("0.5")),
        ..Row::default()
    };
    for (arrangement, prepaid, retained) in
        [("TRACK_1", 30_000, 19_500), ("TRACK_2", 48_000, 31_200), ("OREGON_TRACK_1", 24_000, 15_600)]
    {
        let of = |name| amount("cpc_plus", 2018, arrangement, &row, name);
        assert_eq!(of("incentive_prepaid"), Some(usd(prepaid)));
        assert_eq!(of("incentive_retained"), Some(usd(retained)));
        assert_eq!(of("earned"), Some(usd(retained - prepaid)));
    }
}

/// V48: 200 beneficiaries in each of four tiers for a month.
#[test]
fn care_management_fees_add_up_over_tiers() {
    let row = Row { tiers: [Some(200), Some(200), Some(200), Some(200), None], ..Row::default() };
    assert_eq!(amount("cpc_plus", 2019, "TRACK_1", &row, "care_management_fee"), Some(usd(12_000)));
    let fifth = Row { tiers: [None, None, None, None, Some(1)], ..Row::default() };
    assert_eq!(amount("cpc_plus", 2019, "TRACK_2", &fifth, "care_management_fee"), Some(usd(100)));
    assert_eq!(settle(&terms("cpc_plus", 2019, "TRACK_1"), &fifth), Err((10, reason::NO_SUCH_PAYMENT)));
}

/// V55: a hundred transplants.
#[test]
fn transplant_hospitals_are_paid_by_score_with_a_neutral_zone() {
    for (year, score, dollars) in [
        (2026, "0.8", 750_000),
        (2026, "0.5", 0),
        (2026, "0.2", -100_000),
        (2025, "0.2", 0),
        (2025, "1", 1_500_000),
        (2026, "0", -200_000),
    ] {
        let row = Row { transplants: Some(100), quality: Some(share(score)), ..Row::default() };
        assert_eq!(amount("iota", year, "HOSPITAL", &row, "earned"), Some(usd(dollars)), "{year} {score}");
    }
}

#[test]
fn primary_care_revenue_is_adjusted_within_the_bounds_of_the_program() {
    let row = |part| Row { revenue: Some(usd(1_000_000)), adjustment: Some(part), ..Row::default() };
    let earned = |part| amount("primary_care_first", 2023, "PRACTICE", &row(part), "earned");
    assert_eq!(earned(share("0.34")), Some(usd(340_000)));
    assert_eq!(earned(-share("0.1")), Some(-usd(100_000)));
    let terms = terms("primary_care_first", 2023, "PRACTICE");
    assert_eq!(settle(&terms, &row(share("0.51"))), Err((12, reason::OUT_OF_RANGE)));
    assert_eq!(settle(&terms, &row(-share("0.11"))), Err((12, reason::OUT_OF_RANGE)));
}

#[test]
fn capitation_takes_the_place_of_the_elected_part_of_visits() {
    let row = Row {
        hybrid: Some(share("0.4")),
        history: Some(usd(100_000)),
        claims: Some(usd(90_000)),
        ..Row::default()
    };
    assert_eq!(amount("cpc_plus", 2019, "TRACK_2", &row, "capitation"), Some(usd(44_000)));
    assert_eq!(amount("cpc_plus", 2019, "TRACK_2", &row, "visits_paid"), Some(usd(54_000)));
    let terms = terms("cpc_plus", 2019, "TRACK_2");
    assert_eq!(settle(&terms, &Row { hybrid: Some(share("0.5")), ..row }), Err((13, reason::NOT_ON_MENU)));
}

#[test]
fn rows_at_random_equal_the_reference_and_better_scores_never_earn_less() {
    let mut random = Random::new(81);
    for _ in 0..20_000 {
        let (program, year, arrangement) = random.pick(&[
            ("cpc_plus", 2017, "TRACK_1"),
            ("cpc_plus", 2021, "TRACK_2"),
            ("iota", 2025, "HOSPITAL"),
            ("iota", 2029, "HOSPITAL"),
        ]);
        let units = random.between(0, 1_000_000);
        let months = (program == "cpc_plus").then_some(units);
        let row = |quality, utilization| Row {
            months,
            transplants: (program == "iota").then_some(units),
            quality: Some(quality),
            utilization: Some(utilization),
            ..Row::default()
        };
        let (low, high) = (random.between(0, PPB), random.between(0, PPB));
        let other = random.between(0, PPB);
        let earned = |q, u| amount(program, year, arrangement, &row(q, u), "earned").unwrap();
        assert!(earned(low.min(high), other) <= earned(low.max(high), other));
        if program == "cpc_plus" {
            assert!(earned(other, low) <= 0, "what was prepaid is the most that is kept");
        }
    }
}
