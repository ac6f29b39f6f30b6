//! Fees at risk and hybrid cash flows: vectors computed from the published terms, properties, and the reference.

use crate::models::{PPB, share, usd};
use crate::support::{NOW, Random, book};
use sharedsavings::core::fee::{AMOUNTS, COLUMNS, FeePlan, FeeTerms, Row, reason, settle};
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

#[test]
fn an_input_without_its_payment_is_missing_and_never_dropped() {
    let refused = |program, arrangement, row: Row| settle(&terms(program, 2021, arrangement), &row).unwrap_err();
    let at = |name: &str| COLUMNS.iter().position(|own| *own == name).unwrap();
    let missing = |name: &str| (at(name), reason::MISSING_INPUT);
    let practice = |row| refused("primary_care_first", "PRACTICE", row);
    let own = Some(share("0.2"));
    assert_eq!(practice(Row { adjustment: own, ..Row::default() }), missing("primary_care_revenue"));
    assert_eq!(practice(Row { gateway: Some(0), ..Row::default() }), missing("primary_care_revenue"));
    let visits = Row { visits: Some(1_000), ..Row::default() };
    assert_eq!(practice(Row { improvement: Some(2), ..visits }), missing("quality_gateway_met"));
    let levels = Row { regional: Some(1), improvement: Some(2), ..visits };
    assert_eq!(practice(Row { gateway: Some(2), ..levels }), (at("quality_gateway_met"), reason::NOT_TRUTH));
    let track_2 = |row| refused("cpc_plus", "TRACK_2", row);
    assert_eq!(track_2(Row { history: Some(1), ..Row::default() }), missing("hybrid_share"));
    assert_eq!(track_2(Row { claims: Some(1), ..Row::default() }), missing("hybrid_share"));
    let none = |name| (at(name), reason::NO_SUCH_PAYMENT);
    assert_eq!(refused("cpc_plus", "TRACK_1", Row { claims: Some(1), ..Row::default() }), none("visit_claims"));
    assert_eq!(track_2(Row { adjustment: own, ..Row::default() }), none("performance_adjustment"));
}

#[test]
fn an_amount_that_cannot_be_counted_is_named_by_its_own_column() {
    let most = Some(i64::MAX);
    let scored = Row { quality: Some(PPB), utilization: Some(PPB), ..Row::default() };
    let revenue = Row { revenue: most, adjustment: Some(share("0.5")), ..Row::default() };
    let group = Row { group: Some(4), ..Row::default() };
    for (program, arrangement, name, row) in [
        ("cpc_plus", "TRACK_1", "beneficiary_months", Row { months: most, ..scored }),
        ("cpc_plus", "TRACK_1", "months_tier_2", Row { tiers: [Some(1), most, None, None, None], ..scored }),
        ("primary_care_first", "PRACTICE", "population_months", Row { population: most, ..group }),
        ("primary_care_first", "PRACTICE", "visits", Row { visits: most, ..Row::default() }),
    ] {
        let at = COLUMNS.iter().position(|own| *own == name).unwrap();
        assert_eq!(settle(&terms(program, 2021, arrangement), &row), Err((at, reason::OVERFLOW)), "{name}");
    }
    assert!(
        settle(&terms("primary_care_first", 2021, "PRACTICE"), &revenue).is_ok(),
        "half of the largest amount"
    );
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

/// $28, $45, $100 and $175 a month, $40.82 a visit, and a tenth off to half more; amounts by hand.
#[test]
fn primary_care_first_pays_by_risk_group_and_visit_and_adjusts_both() {
    let quarter = |group| Row {
        group: Some(group),
        population: Some(3_000),
        visits: Some(1_000),
        geographic: Some(share("1.05")),
        ..Row::default()
    };
    let of = |row: &Row, name| amount("primary_care_first", 2022, "PRACTICE", row, name);
    for (group, dollars) in [(1, 88_200), (2, 141_750), (3, 315_000), (4, 551_250)] {
        assert_eq!(of(&quarter(group), "population_based_payment"), Some(usd(dollars)));
        assert_eq!(of(&quarter(group), "visit_fees"), Some(4_286_100));
        assert_eq!(of(&quarter(group), "earned"), None, "without an adjustment nothing is settled");
    }
    let level = |gateway, regional, improvement| Row {
        gateway: Some(gateway),
        regional: Some(regional),
        improvement: Some(improvement),
        ..quarter(2)
    };
    // 184,611 dollars times 34 and 16, 6.5 and 10, and less 10 percent.
    assert_eq!(of(&level(1, 5, 5), "earned"), Some(9_230_550));
    assert_eq!(of(&level(1, 1, 3), "earned"), Some(3_046_082));
    assert_eq!(of(&level(0, 5, 5), "earned"), Some(-1_846_110));
    let given = Row { adjustment: Some(share("0.34")), ..quarter(2) };
    assert_eq!(of(&given, "revenue_adjustment"), Some(6_276_774));
    let terms = terms("primary_care_first", 2022, "PRACTICE");
    assert_eq!(settle(&terms, &Row { revenue: Some(1), ..given }), Err((11, reason::GIVEN_TWICE)));
    assert_eq!(settle(&terms, &Row { gateway: Some(1), ..given }), Err((12, reason::GIVEN_TWICE)));
    assert_eq!(settle(&terms, &level(1, 6, 0)), Err((20, reason::UNKNOWN_LEVEL)));
    assert_eq!(settle(&terms, &quarter(5)), Err((16, reason::UNKNOWN_LEVEL)));
    assert_eq!(settle(&terms, &Row { group: None, ..quarter(1) }), Err((16, reason::MISSING_INPUT)));
}

/// Section 9.4 of the field's scheme: units x rate x f(score), prepaid; net = earned - prepaid.
#[test]
fn a_medical_home_keeps_what_its_score_earns_of_the_fee_at_risk() {
    let home = |score| Row {
        tiers: [Some(1_200), Some(600), Some(300), None, None],
        months: Some(2_100),
        quality: Some(share(score)),
        ..Row::default()
    };
    for (score, retained) in [("0.3", 0), ("0.5", 315_000), ("0.65", 472_500), ("0.8", 630_000), ("1", 630_000)] {
        let of = |arrangement, name| amount("medical_home", 2024, arrangement, &home(score), name);
        assert_eq!(of("AT_RISK", "care_management_fee"), Some(usd(14_400)));
        assert_eq!(of("AT_RISK", "incentive_prepaid"), Some(630_000));
        assert_eq!(of("AT_RISK", "incentive_retained"), Some(retained), "{score}");
        assert_eq!(of("AT_RISK", "earned"), Some(retained - 630_000));
        assert_eq!(of("UPSIDE", "incentive_prepaid"), Some(0));
        assert_eq!(of("UPSIDE", "earned"), Some(retained), "paid as it is earned");
    }
    // The terms are open: a year long past the last rule has them, too.
    assert_eq!(amount("medical_home", 2060, "AT_RISK", &home("1"), "earned"), Some(0));
}
