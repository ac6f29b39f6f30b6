//! Target prices: vectors computed from the published terms, properties, and the reference in decimals.

use crate::models::{PPB, share, usd};
use crate::support::{NOW, Random, book};
use rust_decimal::Decimal;
use sharedsavings::core::reference::{Trace, target_price as reference};
use sharedsavings::core::target_price::{
    COLUMNS, KINDS, Kind, N, PERFORMANCE_YEAR, Priced, Row, TargetPlan, Wrong, price, programs, reason,
    retrospective_trend, risk_ratio,
};
use sharedsavings::core::winsorise::{percentile, winsorised};

/// Values by name; whether each column is there.
fn row(given: &[(&str, i64)]) -> ([Option<i64>; N], [bool; N]) {
    let (mut values, mut present) = ([None; N], [false; N]);
    for (name, value) in given {
        let at = COLUMNS.iter().position(|own| own == name).unwrap();
        (values[at], present[at]) = (Some(*value), true);
    }
    (values, present)
}

fn plan(program: &str) -> TargetPlan {
    TargetPlan::new(&book(), program, NOW).unwrap()
}

/// Both implementations, which must agree to the cent and to the last decimal of a discount.
fn both(program: &str, year: i64, given: &[(&str, i64)]) -> Result<Priced, Wrong> {
    let plan = plan(program);
    let (mut values, present) = row(given);
    values[PERFORMANCE_YEAR] = Some(year);
    let fast = price(plan.year(year).unwrap(), Row { values: &values, present: &present });
    let code = given.iter().find(|(name, _)| *name == "episode_category").map(|(_, code)| *code as usize);
    let category = code.and_then(|code| plan.categories.get(code)).map(String::as_str);
    let slow = reference::price(&book(), NOW, (program, year, category), &values, &present, &mut Trace::default());
    match (&fast, &slow) {
        (Ok(fast), Ok(slow)) => {
            let cents = |dollars: Decimal| (dollars * Decimal::ONE_HUNDRED).normalize();
            assert_eq!(cents(slow.target_price), Decimal::from(fast.target_price), "{program} {given:?}");
            assert_eq!(cents(slow.benchmark), Decimal::from(fast.benchmark), "{program} {given:?}");
            let of_slow = slow.discount.map(|part| (part * Decimal::from(PPB)).normalize());
            assert_eq!(of_slow, fast.discount.map(Decimal::from), "{program} {given:?}");
            let of_slow = slow.quality_score.map(|part| (part * Decimal::from(PPB)).normalize());
            assert_eq!(of_slow, fast.quality_score.map(Decimal::from), "{program} {given:?}");
        }
        (Err(_), Err(_)) => {}
        _ => panic!("{program} {year} {given:?}: {fast:?}, but {slow:?}"),
    }
    fast
}

const NGACO: [(&str, i64); 5] = [
    ("baseline_pbpm", 100_000),
    ("person_months", 1_000),
    ("trend", PPB),
    ("risk_ratio", PPB),
    ("quality_score", PPB),
];

/// V45: the discount from quality and from both ratios of baseline efficiency.
#[test]
fn v45_the_discount_of_an_aco_follows_from_quality_and_efficiency() {
    for (quality, regional, national, discount) in [
        ("1", "0.9", "0.9", "0.005"),
        ("0", "1.1", "1.1", "0.045"),
        ("1", "1", "1", "0.02"),
        ("0.9", "0.95", "1.04", "0.018"),
        ("0.85", "1.2", "0.8", "0.0265"),
    ] {
        let mut given = NGACO.to_vec();
        given[4].1 = share(quality);
        given.extend([("regional_efficiency", share(regional)), ("national_efficiency", share(national))]);
        let told = both("ngaco", 2017, &given).unwrap();
        assert_eq!(told.discount, Some(share(discount)), "{quality} {regional} {national}");
        assert_eq!(told.benchmark, usd(1_000_000), "settle takes the discount off, not the benchmark");
    }
}

/// V46: 1.2619 over a coding factor of 1.0482 lies within 3 percent of the baseline year's 1.1720.
#[test]
fn v46_risk_scores_are_coded_first_and_then_held_to_three_percent() {
    let plan = plan("ngaco");
    let told = |score: &str, coding: &str, year: i64| {
        let (values, present) = row(&[
            ("risk_score_by", share("1.1720")),
            ("risk_score_py", share(score)),
            ("coding_factor_by", PPB),
            ("coding_factor_py", share(coding)),
        ]);
        let (n, d) = risk_ratio(plan.year(year).unwrap(), Row { values: &values, present: &present }).unwrap();
        let wide = |part: [u64; 2]| Decimal::from(part[0]) * Decimal::from(part[1]);
        (wide(n) / wide(d) * Decimal::new(11_720, 4)).round_dp(4).normalize().to_string()
    };
    assert_eq!(told("1.2619", "1.0482", 2017), "1.2039");
    assert_eq!(told("1.4368", "1.0482", 2017), "1.2072", "the upper bound of the agreement's example");
    assert_eq!(told("1.1", "1.0482", 2017), "1.1368", "the lower bound");
    assert_eq!(
        told("1.4368", "1.0482", 2019),
        "1.3707",
        "adjusted for coding alone (R-13); no clamp is known of 2019"
    );
}

/// V56: three baseline years of a joint replacement.
#[test]
fn v56_a_preliminary_target_price_weighs_its_years_and_has_the_discount_in_it() {
    let code = plan("team").code("lejr").unwrap() as i64;
    let given = [
        ("baseline_price_by1", usd(20_000)),
        ("baseline_price_by2", usd(22_000)),
        ("baseline_price_by3", usd(24_000)),
        ("trend", PPB),
        ("normalisation", PPB),
        ("episode_category", code),
        ("episodes", 100),
    ];
    let told = both("team", 2026, &given).unwrap();
    assert_eq!((told.target_price, told.benchmark, told.discount), (2_220_680, 222_068_000, None));
    let surgery = plan("team").code("CABG").unwrap() as i64;
    let other: Vec<_> =
        given.iter().map(|(n, v)| (*n, if *n == "episode_category" { surgery } else { *v })).collect();
    assert_eq!(both("team", 2026, &other).unwrap().target_price, 2_232_010);
}

/// 42 CFR 512.545: the trend within 3 percent of the prospective one, the normalisation within 5.
#[test]
fn final_factors_stay_in_a_range_around_the_prospective_ones() {
    let code = plan("team").code("LEJR").unwrap() as i64;
    let price = |trend: &str, normalisation: &str| {
        let given = [
            ("baseline_price_by1", usd(10_000)),
            ("baseline_price_by2", usd(10_000)),
            ("baseline_price_by3", usd(10_000)),
            ("trend", share("1.1")),
            ("normalisation", share("0.9")),
            ("final_trend", share(trend)),
            ("final_normalisation", share(normalisation)),
            ("risk_multiplier", share("1.25")),
            ("episode_category", code),
        ];
        both("team", 2027, &given).unwrap().target_price
    };
    let of = |trend: f64, normalisation: f64| (10_000.0 * 0.98 * 1.25 * trend * normalisation * 100.0_f64).round();
    for (trend, normalisation, expected) in [
        ("1.12", "0.92", of(1.12, 0.92)),
        ("1.2", "0.92", of(1.133, 0.92)),
        ("1.0", "0.5", of(1.067, 0.855)),
        ("1.1", "2", of(1.1, 0.945)),
    ] {
        assert_eq!(price(trend, normalisation) as f64, expected, "{trend} {normalisation}");
    }
}

/// V57: 1.080 against 1.072 lies within one percent, 1.060 against 1.090 does not.
#[test]
fn v57_a_retrospective_trend_counts_only_beyond_one_percent() {
    let plan = plan("reach");
    let told = |reference: &str, uspcc: &str| {
        let (values, present) = row(&[("reference_trend", share(reference)), ("uspcc_trend", share(uspcc))]);
        let (n, d) =
            retrospective_trend(plan.year(2023).unwrap(), Row { values: &values, present: &present }).unwrap();
        (Decimal::from(n) / Decimal::from(d)).round_dp(5).normalize().to_string()
    };
    assert_eq!(told("1.080", "1.072"), "1");
    assert_eq!(told("1.060", "1.090"), "0.97248");
    assert_eq!(told("1.01", "1"), "1", "one percent is within");
    let given = [&NGACO[..4], &[("reference_trend", share("1.06")), ("uspcc_trend", share("1.09"))]].concat();
    assert_eq!(both("reach", 2023, &given).unwrap().benchmark, 97_247_706);
}

/// From 2024 a corridor whose bands are not known dampens the adjustment (R14): it is never taken to be one.
#[test]
fn a_retrospective_trend_that_cannot_be_computed_must_be_given() {
    let at = |name: &str| COLUMNS.iter().position(|own| *own == name).unwrap();
    for year in 2024..=2026 {
        assert_eq!(
            both("reach", year, &NGACO[..4]),
            Err((at("trend_adjustment"), reason::MISSING_INPUT)),
            "{year}"
        );
        let given = [&NGACO[..4], &[("trend_adjustment", share("0.99"))]].concat();
        assert_eq!(both("reach", year, &given).unwrap().benchmark, usd(990_000));
    }
    assert_eq!(both("reach", 2023, &NGACO[..4]).unwrap().benchmark, usd(1_000_000));
    let half = [&NGACO[..4], &[("uspcc_trend", PPB)]].concat();
    assert_eq!(both("reach", 2023, &half), Err((at("reference_trend"), reason::MISSING_INPUT)));
}

#[test]
fn a_factor_beside_what_it_is_computed_from_is_refused_and_never_ignored() {
    let at = |name: &str| COLUMNS.iter().position(|own| *own == name).unwrap();
    for part in ["risk_score_by", "risk_score_py", "coding_factor_by", "coding_factor_py"] {
        let given = [&NGACO[..4], &[(part, PPB)]].concat();
        assert_eq!(both("ngaco", 2019, &given), Err((at("risk_ratio"), reason::GIVEN_TWICE)), "{part}");
    }
    for part in ["reference_trend", "uspcc_trend"] {
        let given = [&NGACO[..4], &[("trend_adjustment", PPB), (part, PPB)]].concat();
        assert_eq!(both("reach", 2023, &given), Err((at("trend_adjustment"), reason::GIVEN_TWICE)), "{part}");
    }
}

#[test]
fn an_amount_that_cannot_be_counted_is_named_by_its_own_column() {
    let at = |name: &str| COLUMNS.iter().position(|own| *own == name).unwrap();
    let mut given = NGACO[..4].to_vec();
    given[0].1 = i64::MAX / 2;
    given[2].1 = 9 * PPB;
    let plan = plan("cec");
    let told = |given: &[(&str, i64)]| {
        let (values, present) = row(given);
        price(plan.year(2018).unwrap(), Row { values: &values, present: &present })
    };
    assert_eq!(told(&given), Err((at("baseline_pbpm"), reason::OVERFLOW)));
    given[2].1 = PPB;
    assert_eq!(told(&given), Err((at("person_months"), reason::OVERFLOW)));
}

/// 42 CFR 510.300: two thirds hospital in 2017, one third in 2018, the region alone from 2019, and always below
/// twenty baseline episodes. Amounts by hand.
#[test]
fn joint_replacement_prices_blend_hospital_and_region() {
    for (year, baseline, dollars) in
        [(2016, 20, 25_000), (2017, 20, 25_000), (2017, 19, 27_000), (2018, 500, 26_000), (2019, 500, 27_000)]
    {
        let given = [
            ("hospital_price", usd(24_000)),
            ("regional_price", usd(27_000)),
            ("baseline_episodes", baseline),
            ("episodes", 100),
        ];
        let told = both("cjr", year, &given).unwrap();
        assert_eq!((told.target_price, told.benchmark), (usd(dollars), usd(dollars * 100)), "{year} {baseline}");
    }
    let late = [
        ("regional_price", usd(20_000)),
        ("risk_multiplier", share("1.2")),
        ("normalisation", share("0.95")),
        ("trend", share("1.05")),
    ];
    assert_eq!(both("cjr", 2023, &late).unwrap().target_price, usd(23_940));
    let untold = COLUMNS.iter().position(|name| *name == "risk_multiplier").unwrap();
    assert_eq!(both("cjr", 2023, &late[..1]), Err((untold, reason::MISSING_INPUT)));
}

/// Only upward, and four fifths of the excess: 1 + 0.8 x (0.25 - 0.15).
#[test]
fn novel_therapies_raise_an_oncology_price_and_never_lower_it() {
    let price = |own: &str, others: &str| {
        let given = [
            ("baseline_price", usd(30_000)),
            ("trend", share("1.04")),
            ("experience_adjustment", share("0.98")),
            ("novel_therapy_share", share(own)),
            ("comparison_novel_therapy_share", share(others)),
        ];
        both("ocm", 2019, &given).unwrap().target_price
    };
    assert_eq!(price("0.25", "0.15"), 3_302_208);
    assert_eq!(price("0.05", "0.15"), 3_057_600);
}

/// V44: a fifth of what an episode costs above 60,000 counts.
#[test]
fn v44_a_fifth_of_what_lies_above_the_threshold_counts() {
    assert_eq!(winsorised(usd(90_000), None, Some(usd(60_000)), share("0.2")), (usd(66_000), 2));
    assert_eq!(winsorised(usd(60_000), None, Some(usd(60_000)), share("0.2")), (usd(60_000), 0));
}

#[test]
fn percentiles_are_the_smallest_amounts_that_enough_do_not_exceed() {
    let mut random = Random::new(44);
    for _ in 0..2_000 {
        let n = random.between(1, 60) as usize;
        let amounts: Vec<i64> = (0..n).map(|_| random.between(0, 40)).collect();
        let part = random.between(1, PPB);
        let found = percentile(&mut amounts.clone(), part).unwrap();
        let at_or_below = |cap: i64| amounts.iter().filter(|a| **a <= cap).count() as i128;
        let enough = |cap: i64| at_or_below(cap) * i128::from(PPB) >= i128::from(part) * n as i128;
        assert!(enough(found) && amounts.contains(&found));
        assert!(amounts.iter().all(|other| *other >= found || !enough(*other)));
        let again: Vec<i64> = amounts.iter().map(|a| winsorised(*a, None, Some(found), 0).0).collect();
        assert_eq!(percentile(&mut again.clone(), part), Some(found), "winsorising again moves nothing");
    }
}

/// Every program and year of the book, with every column that it reads, at random.
#[test]
fn rows_at_random_equal_the_reference_and_grow_with_every_factor() {
    let mut random = Random::new(45);
    let shipped = book();
    for program in programs(&shipped) {
        let plan = plan(program);
        for year in (2013..=2030).filter(|year| plan.year(*year).is_some()) {
            let terms = plan.year(year).unwrap();
            for _ in 0..150 {
                let mut given: Vec<(&str, i64)> = Vec::new();
                // A factor does not stand beside what it is computed from.
                let computed = random.between(0, 1) == 0;
                for (at, (name, kind)) in COLUMNS.iter().zip(KINDS).enumerate() {
                    let other = match *name {
                        "risk_ratio" => computed,
                        "trend_adjustment" => computed && !terms.trend_given,
                        "risk_score_by" | "risk_score_py" | "coding_factor_by" | "coding_factor_py"
                        | "reference_trend" | "uspcc_trend" => !computed,
                        _ => false,
                    };
                    if at == PERFORMANCE_YEAR || !terms.reads(at) || other {
                        continue;
                    }
                    let value = match kind {
                        Kind::Code if plan.categories.is_empty() => continue,
                        Kind::Code => {
                            let known: Vec<i64> = (0..terms.discounts.len() as i64)
                                .filter(|code| terms.discounts[*code as usize].is_some())
                                .collect();
                            random.pick(&known)
                        }
                        Kind::Truth => random.between(0, 1),
                        Kind::Count => random.between(0, 50_000),
                        Kind::Money | Kind::Price => random.between(0, 10_000_000),
                        Kind::Share => random.between(0, PPB),
                        Kind::Ratio | Kind::Divisor | Kind::Score | Kind::BaseScore => {
                            random.between(PPB / 2, PPB * 3 / 2)
                        }
                    };
                    given.push((name, value));
                }
                let told = both(program, year, &given).unwrap();
                if let Some(discount) = told.discount {
                    assert!((share("0.005")..=share("0.045")).contains(&discount), "{given:?}");
                }
                let prices = ["baseline_pbpm", "baseline_price", "regional_price", "baseline_price_by3"];
                for (name, value) in given.iter_mut().filter(|(name, _)| prices.contains(name)) {
                    assert!(!name.is_empty());
                    *value += 1_000_000;
                }
                assert!(both(program, year, &given).unwrap().benchmark >= told.benchmark, "{given:?}");
            }
        }
    }
}

/// 42 CFR 510.315, in points of 20: 10.00 to 5.50, 8.00 to 4.40, 2 for outcomes, a tenth more for improvement. By hand.
#[test]
fn the_quality_score_of_a_hospital_adds_up_its_points() {
    let score = |given: &[(&str, i64)]| {
        let all = [&[("regional_price", usd(20_000))], given].concat();
        both("cjr", 2019, &all).unwrap().quality_score
    };
    for (complications, survey, twentieths) in [
        ("0.9", "0.9", "18"),
        ("0.899999999", "0.8", "16.65"),
        ("0.3", "0.3", "9.9"),
        ("0.299999999", "0", "0"),
        ("0.75", "0.45", "13.5"),
    ] {
        let given = [("complications_percentile", share(complications)), ("hcahps_percentile", share(survey))];
        assert_eq!(score(&given), Some(share(twentieths) / 20), "{complications} {survey}");
    }
    let best = [
        ("complications_percentile", share("0.95")),
        ("hcahps_percentile", share("0.95")),
        ("complications_improved", 1),
        ("hcahps_improved", 1),
        ("outcomes_submitted", 1),
    ];
    assert_eq!(score(&best), Some(PPB), "20 points are the most");
    let improved = [
        ("complications_percentile", share("0.5")),
        ("hcahps_percentile", share("0.5")),
        ("complications_improved", 1),
        ("hcahps_improved", 0),
        ("outcomes_submitted", 1),
    ];
    assert_eq!(score(&improved), Some(share("15.3") / 20), "7 + 0.7 + 5.6 + 2");
    assert_eq!(score(&[]), None);
    // Without the measure it has the points of the 50th percentile.
    let plan = plan("cjr");
    let (mut values, present) = row(&[&[("regional_price", usd(20_000))], &improved[..2]].concat());
    let at = COLUMNS.iter().position(|name| *name == "complications_percentile").unwrap();
    values[at] = None;
    let told = price(plan.year(2019).unwrap(), Row { values: &values, present: &present }).unwrap();
    assert_eq!(told.quality_score, Some(share("12.6") / 20));
}
