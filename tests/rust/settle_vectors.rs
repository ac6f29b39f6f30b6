//! Figures that CMS published: the worked examples of its Specifications, version 11 (January 2023), points of its
//! size scale of the minimum savings rate, and its levels one by one.

use crate::settle_frame::{MENU, PPB, alternative, met, percent, settled, usd};
use sharedsavings::core::settle::{Row, reason};

// Specifications v11, worked examples.

#[test]
fn five_thousand_three_hundred_thirty_three_beneficiaries_need_three_point_eight_percent() {
    for (track, year) in [("A", 2021), ("B", 2022), ("C", 2023), ("ENHANCED", 2024)] {
        let row = Row { low_revenue: Some(false), agreement_start: Some(20_190_701), ..met(100, 100, 5333) };
        let rate = settled(year, track, row).minimum_savings_rate;
        assert_eq!(i128::from(rate.n) * 1000, i128::from(rate.d) * 38);
    }
}

#[test]
fn the_loss_limit_of_level_e_is_the_lower_of_revenue_and_benchmark() {
    let row = Row { participant_revenue: Some(usd(13_630_983)), ..met(usd(93_411_313), usd(93_411_313), 10_000) };
    assert_eq!(settled(2022, "E", row).loss_limit, Some(109_047_864));
    let rich = Row { participant_revenue: Some(usd(93_411_313)), ..row };
    assert_eq!(settled(2022, "E", rich).loss_limit, Some(373_645_252));
}

#[test]
fn level_b_keeps_forty_percent_of_savings_less_sequestration() {
    for year in 2021..=2024 {
        let told = settled(year, "B", met(usd(500_000_000), usd(487_000_000), 60_000));
        assert_eq!(percent(told.minimum_savings_rate).to_bits(), 2.0_f64.to_bits());
        assert_eq!((told.savings, told.generated), (usd(13_000_000), usd(13_000_000)));
        assert_eq!((told.sequestered, told.earned), (usd(104_000), usd(5_096_000)));
        assert_eq!((told.payment_limit, told.reason), (Some(usd(50_000_000)), reason::PLAIN));
    }
}

#[test]
fn the_alternative_standard_scales_the_rate_by_quality() {
    let row = alternative(met(usd(500_000_000), usd(487_000_000), 60_000), PPB / 100 * 45);
    for year in [2023, 2024] {
        let told = settled(year, "B", row);
        assert!((percent(told.sharing_rate.unwrap()) - 18.0).abs() < 1e-12);
        assert_eq!((told.sequestered, told.earned), (usd(46_800), usd(2_293_200)));
    }
    // Before 2023 there was no alternative standard.
    for year in [2021, 2022] {
        let told = settled(year, "B", row);
        assert_eq!((told.earned, told.reason), (0, reason::QUALITY_STANDARD_NOT_MET));
    }
}

fn enhanced_loss() -> Row {
    Row { elected_rate: Some(MENU[2]), ..met(usd(130_000_000), usd(132_600_000), 20_000) }
}

#[test]
fn an_enhanced_aco_that_fails_quality_owes_three_quarters_less_disaster_relief() {
    let failed = Row {
        quality_standard_met: Some(false),
        alternative_standard_met: Some(false),
        disaster_relief: usd(263_250),
        ..enhanced_loss()
    };
    for year in 2021..=2024 {
        let told = settled(year, "ENHANCED", failed);
        assert_eq!((told.generated, told.loss_limit), (-usd(2_600_000), Some(usd(19_500_000))));
        assert_eq!((told.earned, told.reason), (-usd(1_686_750), reason::PLAIN));
    }
}

/// CMS prints 1,459,250: it subtracts the relief of the example before once more. By its own rule the relief
/// is 13.5 % of the loss after the limit.
#[test]
fn with_the_alternative_standard_it_owes_what_the_formula_says_and_not_the_misprint() {
    let scaled = Row { disaster_relief: 23_253_750, ..alternative(enhanced_loss(), PPB / 100 * 45) };
    for year in [2023, 2024] {
        let told = settled(year, "ENHANCED", scaled);
        assert!((percent(told.loss_rate.unwrap()) - 66.25).abs() < 1e-12);
        assert_eq!(told.earned, -148_996_250);
    }
}

// The half rate of low-revenue ACOs, 42 CFR 425.605(h), at each of its conditions.

/// Two percent saved by 10,000 beneficiaries, whose minimum is three percent.
fn half_rate_row() -> Row {
    let row = met(usd(100_000_000), usd(98_000_000), 10_000);
    Row { low_revenue: Some(true), agreement_start: Some(20_240_101), ..row }
}

#[test]
fn a_low_revenue_aco_below_the_minimum_keeps_half_of_its_rate() {
    for (track, earned) in [("A", 392_000), ("B", 392_000), ("C", 490_000), ("D", 490_000), ("E", 490_000)] {
        let told = settled(2024, track, half_rate_row());
        assert_eq!((told.earned, told.reason), (usd(earned), reason::LOW_REVENUE_HALF_RATE), "{track}");
    }
    // With the alternative standard: half of 40 % x 45 %.
    let told = settled(2024, "A", alternative(half_rate_row(), PPB / 100 * 45));
    assert_eq!((told.earned, told.sequestered), (usd(176_400), usd(3_600)));
}

#[test]
fn every_condition_of_the_half_rate_must_hold() {
    let row = half_rate_row();
    let cases = [
        (2024, "ENHANCED", row),
        (2023, "A", row),
        (2024, "A", Row { low_revenue: Some(false), ..row }),
        (2024, "A", Row { agreement_start: Some(20_231_231), ..row }),
        (2024, "A", Row { beneficiaries: 4_999, ..row }),
        (2024, "A", Row { quality_standard_met: Some(false), alternative_standard_met: Some(false), ..row }),
    ];
    for (year, track, row) in cases {
        let told = settled(year, track, row);
        let said = (told.generated, told.earned, told.reason);
        assert_eq!(said, (0, 0, reason::WITHIN_MINIMUM_SAVINGS_RATE), "{row:?}");
    }
    assert!(settled(2024, "A", Row { beneficiaries: 5_000, ..row }).earned > 0);
    // Nothing is halved once the minimum is met, and nothing is shared without savings.
    assert_eq!(settled(2024, "A", Row { expenditures: usd(97_000_000), ..row }).earned, usd(1_176_000));
    assert_eq!(settled(2024, "A", Row { expenditures: usd(100_000_000), ..row }).earned, 0);
}

// The minimum savings rate.

#[test]
fn the_size_scale_passes_through_the_points_that_cms_printed() {
    for (n, rate) in [
        (500, 12.2),
        (640, 11.218_036),
        (999, 8.7),
        (1_401, 7.957_779),
        (2_999, 5.0),
        (3_000, 5.0),
        (3_298, 4.836_018),
        (4_548, 4.148_174),
        (4_999, 3.9),
        (5_000, 3.9),
        (5_333, 3.8),
        (5_424, 3.772_673),
        (6_000, 3.6),
        (7_207, 3.358_558_558_558_56),
        (8_142, 3.185_786),
        (9_999, 3.0),
        (12_500, 2.849_970),
        (14_769, 2.713_803),
        (17_500, 2.599_980),
        (20_000, 2.5),
        (35_000, 2.349_995),
        (49_999, 2.2),
        (50_000, 2.2),
        (55_000, 2.099_990),
        (59_999, 2.0),
        (60_000, 2.0),
        (328_733, 2.0),
    ] {
        let told = percent(settled(2023, "A", met(100, 100, n)).minimum_savings_rate);
        assert!((told - rate).abs() < 6e-7, "{n}: {told}");
    }
}

#[test]
fn the_size_scale_gives_the_six_decimals_of_earlier_public_files() {
    for (n, rate) in [
        (605, 0.114_635),
        (3_785, 0.045_680),
        (4_103, 0.043_930),
        (4_417, 0.042_203),
        (6_425, 0.035_149),
        (7_525, 0.032_949),
        (8_644, 0.031_355),
        (9_739, 0.030_260),
        (11_038, 0.029_377),
        (12_826, 0.028_304),
        (14_745, 0.027_152),
        (18_719, 0.025_512),
        (23_319, 0.024_668),
        (33_414, 0.023_659),
        (3_946, 0.044_794),
        (6_068, 0.035_864),
        (7_651, 0.032_697),
        (10_876, 0.029_474),
        (17_099, 0.026_160),
        (34_542, 0.023_546),
    ] {
        let told = percent(settled(2021, "B", met(100, 100, n)).minimum_savings_rate) / 100.0;
        assert!((told - rate).abs() <= 5.1e-7, "{n}: {told}");
    }
}

#[test]
fn near_misses_that_cms_left_unpaid_stay_unpaid_and_near_hits_are_paid() {
    // Savings in cents of a hundred million dollars; A3922, A5249 and A1241 of 2024, A1290 of 2020.
    for (track, elected, n, savings, paid) in [
        ("ENHANCED", Some(MENU[2]), 20_000, 94_848_400, false),
        ("ENHANCED", Some(MENU[2]), 20_000, 91_600_000, false),
        ("ENHANCED", None, 7_558, 332_685_600, true),
        ("B", None, 47_480, 223_554_700, true),
    ] {
        let row = Row { elected_rate: elected, ..met(usd(100_000_000), usd(100_000_000) - savings, n) };
        assert_eq!(settled(2021, track, row).earned > 0, paid, "{row:?}");
    }
}

#[test]
fn meeting_the_minimum_exactly_is_enough_and_a_cent_less_is_not() {
    // 3.8 % of a hundred million.
    for (spent, paid) in [(9_620_000_000, true), (9_620_000_001, false)] {
        assert_eq!(settled(2023, "A", met(usd(100_000_000), spent, 5_333)).earned > 0, paid);
    }
    for (spent, owed) in [(10_380_000_000, true), (10_379_999_999, false)] {
        assert_eq!(settled(2023, "E", met(usd(100_000_000), spent, 5_333)).earned < 0, owed);
    }
}

#[test]
fn below_five_thousand_beneficiaries_the_size_scale_replaces_an_election_on_both_sides() {
    let row = |n| Row { elected_rate: Some(MENU[2]), ..met(usd(100_000_000), usd(101_000_000), n) };
    let at = settled(2024, "E", row(5_000));
    assert!((percent(at.minimum_loss_rate.unwrap()) - 1.0).abs() < 1e-12 && at.earned < 0);
    let below = settled(2024, "E", row(4_690));
    assert!((percent(below.minimum_savings_rate) - 4.07).abs() < 0.005, "as published for A4627 of 2023");
    assert_eq!((below.minimum_loss_rate, below.earned), (Some(below.minimum_savings_rate), 0));
    assert_eq!(below.reason, reason::WITHIN_MINIMUM_LOSS_RATE);
}

#[test]
fn without_a_minimum_any_savings_qualify() {
    // As A4938 of 2023, with a savings rate of 0.05 %.
    let row = Row { elected_rate: Some(0), ..met(usd(100_000_000), usd(99_950_000), 8_000) };
    assert_eq!(settled(2023, "E", row).earned, usd(24_500));
    let cent = Row { expenditures: usd(100_000_000) - 100, ..row };
    assert_eq!(settled(2023, "E", cent).generated, 100);
}

// Limits.

#[test]
fn the_payment_limit_is_compared_after_sequestration_and_not_itself_reduced() {
    // 49 % of the savings reach 10 % of the benchmark at savings of 20.408163... %.
    let row = |spent| met(usd(100_000_000), spent, 60_000);
    let below = settled(2022, "C", row(usd(79_591_837)));
    assert_eq!((below.earned, below.reason), (999_999_987, reason::PLAIN));
    let above = settled(2022, "C", row(usd(70_000_000)));
    assert_eq!((above.earned, above.reason), (usd(10_000_000), reason::PAYMENT_LIMIT));
    let enhanced = settled(2022, "ENHANCED", row(0));
    assert_eq!((enhanced.earned, enhanced.reason), (usd(20_000_000), reason::PAYMENT_LIMIT));
}

#[test]
fn loss_limits_follow_the_level() {
    // Spending twice the benchmark; participants' revenue is 30 % of it, then 90 %.
    for (track, poor, rich) in
        [("C", 600_000, 1_000_000), ("D", 1_200_000, 2_000_000), ("E", 2_400_000, 4_000_000)]
    {
        let row = met(usd(100_000_000), usd(200_000_000), 20_000);
        let by_revenue = settled(2023, track, Row { participant_revenue: Some(usd(30_000_000)), ..row });
        assert_eq!((by_revenue.earned, by_revenue.reason), (-usd(poor), reason::REVENUE_LOSS_LIMIT));
        let by_benchmark = settled(2023, track, Row { participant_revenue: Some(usd(90_000_000)), ..row });
        assert_eq!((by_benchmark.earned, by_benchmark.reason), (-usd(rich), reason::BENCHMARK_LOSS_LIMIT));
        let unknown = settled(2023, track, row);
        assert_eq!((unknown.earned, unknown.reason), (-usd(rich), reason::REVENUE_LIMIT_NOT_APPLIED));
    }
    let row = Row { quality_score: Some(PPB), ..met(usd(100_000_000), usd(200_000_000), 20_000) };
    let enhanced = settled(2023, "ENHANCED", row);
    assert_eq!((enhanced.earned, enhanced.reason), (-usd(15_000_000), reason::BENCHMARK_LOSS_LIMIT));
}

#[test]
fn disaster_relief_comes_after_the_limit_and_never_turns_a_loss_into_a_payment() {
    let row = Row {
        participant_revenue: Some(usd(30_000_000)),
        disaster_relief: usd(400_000),
        ..met(usd(100_000_000), usd(200_000_000), 20_000)
    };
    assert_eq!(settled(2023, "C", row).earned, -usd(200_000));
    assert_eq!(settled(2023, "C", Row { disaster_relief: usd(900_000), ..row }).earned, 0);
}

#[test]
fn one_sided_levels_owe_nothing() {
    for (year, track) in [(2021, "A"), (2022, "B"), (2023, "A"), (2024, "B")] {
        let told = settled(year, track, met(usd(100_000_000), usd(150_000_000), 20_000));
        assert_eq!((told.earned, told.generated, told.reason), (0, 0, reason::NO_DOWNSIDE_RISK));
        assert_eq!((told.minimum_loss_rate, told.loss_rate, told.loss_limit), (None, None, None));
    }
}

#[test]
fn the_enhanced_loss_rate_stays_between_forty_and_seventy_five_percent() {
    for (score, rate) in [(0, 75.0), (PPB / 4, 75.0), (PPB / 2, 62.5), (PPB / 5 * 4, 40.0), (PPB, 40.0)] {
        let row = Row { quality_score: Some(score), ..met(usd(100_000_000), usd(110_000_000), 20_000) };
        for year in 2021..=2024 {
            let told = percent(settled(year, "ENHANCED", row).loss_rate.unwrap());
            assert!((told - rate).abs() < 1e-9, "{score}: {told}");
        }
    }
}
