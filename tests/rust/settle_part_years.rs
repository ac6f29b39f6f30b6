//! What came with the years before 2021 and with part years, against CMS's words and published rows: half years,
//! early termination, relief by shares, Track 2's early loss limits, sequestration by day of payment, advances.

use crate::settle_frame::{Case, MENU, PPB, alternative, met, settled, usd};
use sharedsavings::core::settle::reason::column;
use sharedsavings::core::settle::{Row, Unsettled, reason};

const PERCENT: i64 = PPB / 100;

// Six-month performance periods of 2019, 42 CFR 425.609.

#[test]
fn half_a_year_pays_owes_and_limits_half_of_the_calendar_year() {
    // A1001 of July 2019 with its unrounded score: printed 28,130,670 generated and 20,689,229 earned.
    let row = Row {
        quality_score: Some(980_625_000),
        elected_rate: Some(MENU[4]),
        half_year: true,
        ..met(usd(2 * 511_073_870), usd(2 * 482_943_200), 77_947)
    };
    let told = settled(2019, "ENHANCED", row);
    assert_eq!((told.savings, told.generated), (usd(2 * 28_130_670), usd(28_130_670)));
    assert!((told.earned - usd(20_689_229)).abs() <= 100, "{}", told.earned);
    assert_eq!(told.payment_limit, Some(usd(511_073_870) / 5));
    let whole = settled(2019, "ENHANCED", Row { half_year: false, ..row });
    assert!((whole.earned - 2 * told.earned).abs() <= 1);
    assert_eq!(whole.loss_limit, told.loss_limit.map(|limit| 2 * limit));
}

#[test]
fn a_half_year_rounds_its_half_cent_away_from_zero() {
    let row = Row { half_year: true, elected_rate: Some(0), quality_score: Some(PPB), ..met(101, 100, 6_000) };
    assert_eq!(settled(2019, "E", row).generated, 1);
    let loss = Row { expenditures: 102, participant_revenue: Some(101), ..row };
    assert_eq!(settled(2019, "E", loss).generated, -1);
}

#[test]
fn the_limits_of_a_half_year_are_halved_on_both_sides() {
    let row = |spent| Row {
        half_year: true,
        quality_score: Some(PPB),
        participant_revenue: Some(usd(20_000_000)),
        ..met(usd(100_000_000), usd(spent), 60_000)
    };
    let paid = settled(2019, "E", row(20_000_000));
    assert_eq!((paid.earned, paid.reason), (usd(5_000_000), reason::PAYMENT_LIMIT));
    let owed = settled(2019, "E", row(190_000_000));
    assert_eq!((owed.earned, owed.reason), (-usd(800_000), reason::REVENUE_LOSS_LIMIT));
    // Relief in dollars is of the whole year, as CMS prints it.
    let relieved = settled(2019, "E", Row { disaster_relief: usd(100_000), ..row(190_000_000) });
    assert_eq!(relieved.earned, -usd(750_000));
}

#[test]
fn only_2019_had_half_years() {
    for (year, track) in [(2018, "1+"), (2020, "E"), (2024, "E")] {
        let row = Row { half_year: true, ..met(usd(100), usd(90), 6_000) };
        let none = Case { year, track, row }.settle().unwrap_err();
        assert_eq!(none, Unsettled { reason: reason::NO_HALF_YEAR, column: column::HALF_YEAR as u8 });
    }
}

// Relief, CMS's Specifications, version 11: examples 10 and 11.

#[test]
fn relief_by_shares_of_months_and_beneficiaries_follows_the_worked_examples() {
    // 15 % of the year and 90 % of beneficiaries.
    let base = Row {
        elected_rate: Some(MENU[2]),
        relief_shares: Some([15 * PERCENT, 90 * PERCENT]),
        ..met(usd(130_000_000), usd(132_600_000), 20_000)
    };
    let failed = Row { quality_standard_met: Some(false), alternative_standard_met: Some(false), ..base };
    assert_eq!(settled(2023, "ENHANCED", failed).earned, -usd(1_686_750));
    // CMS prints 1,459,250, with the relief of the example before; by its own rule it is this.
    assert_eq!(settled(2023, "ENHANCED", alternative(base, 45 * PERCENT)).earned, -148_996_250);
}

#[test]
fn relief_by_shares_is_a_part_of_the_loss_after_its_limit() {
    let row = Row {
        participant_revenue: Some(usd(30_000_000)),
        relief_shares: Some([50 * PERCENT, 50 * PERCENT]),
        ..met(usd(100_000_000), usd(200_000_000), 20_000)
    };
    let told = settled(2023, "C", row);
    assert_eq!((told.earned, told.reason), (-usd(450_000), reason::REVENUE_LOSS_LIMIT));
    for (shares, owed) in [([PPB, PPB], 0), ([0, PPB], 600_000), ([PPB, 0], 600_000)] {
        assert_eq!(settled(2023, "C", Row { relief_shares: Some(shares), ..row }).earned, -usd(owed));
    }
}

#[test]
fn all_of_2020_to_2022_was_an_emergency_for_everyone() {
    // A4692 of 2020: the whole loss of 2,953,915 was waived.
    let row = Row {
        quality_score: Some(975_000_000),
        elected_rate: Some(MENU[2]),
        relief_shares: Some([PPB, PPB]),
        ..met(usd(394_971_955), usd(402_356_743), 39_919)
    };
    let told = settled(2020, "ENHANCED", row);
    assert_eq!((told.generated, told.earned), (-usd(7_384_788), 0));
    let bare = settled(2020, "ENHANCED", Row { relief_shares: None, ..row });
    assert_eq!(bare.earned, -295_391_520);
}

// Track 2's loss limit, 42 CFR 425.606(g): 5, 7.5 and 10 % in the first, second and later years.

fn track_2_loss() -> Row {
    Row { quality_score: Some(0), ..met(usd(100_000_000), usd(150_000_000), 20_000) }
}

#[test]
fn track_2_limits_losses_by_its_year_under_two_sided_risk() {
    for (count, limit) in [(1, 5_000_000), (2, 7_500_000), (3, 10_000_000), (4, 10_000_000), (9, 10_000_000)] {
        let told = settled(2016, "2", Row { two_sided_year: Some(count), ..track_2_loss() });
        assert_eq!((told.loss_limit, told.earned), (Some(usd(limit)), -usd(limit)), "{count}");
        assert_eq!(told.reason, reason::BENCHMARK_LOSS_LIMIT);
    }
}

#[test]
fn track_2_counts_its_years_from_the_agreement_and_those_of_2012_from_2013() {
    for (start, year, limit) in [
        (20_120_401, 2013, 5_000_000),
        (20_120_701, 2014, 7_500_000),
        (20_120_701, 2015, 10_000_000),
        (20_130_101, 2013, 5_000_000),
        (20_130_101, 2014, 7_500_000),
        (20_160_101, 2016, 5_000_000),
        (20_160_101, 2018, 10_000_000),
        (20_180_101, 2020, 10_000_000),
    ] {
        let row = Row { agreement_start: Some(start), ..track_2_loss() };
        assert_eq!(settled(year, "2", row).earned, -usd(limit), "{start}: {year}");
        // What is given goes before what is derived.
        let given = Row { two_sided_year: Some(1), ..row };
        assert_eq!(settled(year, "2", given).earned, -usd(5_000_000));
    }
}

#[test]
fn track_2_without_a_count_settles_what_no_limit_could_touch_and_nothing_else() {
    let small = Row { expenditures: usd(108_333_333), ..track_2_loss() };
    let told = settled(2016, "2", small);
    assert_eq!((told.earned, told.loss_limit), (-499_999_980, None));
    let row = Row { expenditures: usd(108_333_334), ..track_2_loss() };
    let none = Case { year: 2016, track: "2", row }.settle().unwrap_err();
    assert_eq!(none, Unsettled { reason: reason::MISSING_INPUT, column: column::TWO_SIDED_YEAR as u8 });
}

#[test]
fn the_other_two_sided_tracks_have_one_loss_limit_in_all_years() {
    let row = |count| Row { two_sided_year: Some(count), participant_revenue: Some(0), ..track_2_loss() };
    for count in 1..=4 {
        assert_eq!(settled(2018, "3", row(count)).earned, -usd(15_000_000));
        assert_eq!(settled(2018, "1+", row(count)).loss_limit, Some(0));
        let rich = Row { participant_revenue: Some(usd(40_000_000)), ..row(count) };
        assert_eq!(settled(2018, "1+", rich).earned, -usd(3_200_000), "8 % of revenue");
        let richer = Row { participant_revenue: Some(usd(60_000_000)), ..row(count) };
        assert_eq!(settled(2018, "1+", richer).earned, -usd(4_000_000), "4 % of the benchmark");
    }
}

#[test]
fn the_loss_rate_of_track_2_stays_between_forty_and_sixty_percent() {
    for (score, owed) in [(0, 600_000), (50, 600_000), (70, 580_000), (100, 400_000)] {
        let row = Row {
            quality_score: Some(score * PERCENT),
            elected_rate: Some(MENU[2]),
            ..met(usd(100_000_000), usd(101_000_000), 60_000)
        };
        for (standard, owed) in [(true, owed), (false, 600_000)] {
            let row = Row { quality_standard_met: Some(standard), ..row };
            assert_eq!(settled(2016, "2", row).earned, -usd(owed), "{score}");
        }
    }
}

#[test]
fn before_2016_track_2_has_a_fixed_rate_that_size_does_not_touch() {
    for n in [500, 4_999, 20_000, 80_000] {
        let hit = Row { quality_score: Some(PPB), ..met(usd(100_000_000), usd(98_000_000), n) };
        assert_eq!(settled(2015, "2", hit).earned, usd(1_176_000), "{n}");
        assert_eq!(settled(2015, "2", Row { expenditures: hit.expenditures + 1, ..hit }).earned, 0);
    }
}

#[test]
fn from_2016_on_fewer_than_five_thousand_beneficiaries_lose_their_election() {
    for (year, track) in [(2016, "2"), (2017, "3"), (2018, "1+"), (2019, "3"), (2020, "E"), (2026, "ENHANCED")] {
        let row = |n| Row { elected_rate: Some(0), ..met(usd(100_000_000), usd(99_000_000), n) };
        let row = |n| Row { quality_score: Some(PPB), ..row(n) };
        assert!(settled(year, track, row(5_000)).earned > 0, "{year}");
        let below = settled(year, track, row(4_999));
        assert_eq!(i128::from(below.minimum_savings_rate.n) * 1000, i128::from(below.minimum_savings_rate.d) * 39);
        assert_eq!((below.earned, below.reason), (0, reason::WITHIN_MINIMUM_SAVINGS_RATE));
        let lost = Row { expenditures: usd(101_000_000), participant_revenue: Some(usd(1)), ..row(4_999) };
        assert_eq!(settled(year, track, lost).reason, reason::WITHIN_MINIMUM_LOSS_RATE);
    }
}

// Sequestration by day of payment.

#[test]
fn sequestration_follows_the_day_of_payment_at_every_boundary() {
    for (date, withheld) in [
        (20_130_331, 0),
        (20_130_401, 20_000),
        (20_200_430, 20_000),
        (20_200_501, 0),
        (20_220_331, 0),
        (20_220_401, 10_000),
        (20_220_630, 10_000),
        (20_220_701, 20_000),
        (20_281_001, 20_000),
    ] {
        // Level E of 2020: half of two million; the usual rate of the year is zero.
        let row = Row { quality_score: Some(PPB), ..met(usd(100_000_000), usd(98_000_000), 60_000) };
        for year in [2020, 2021] {
            let told = settled(year, "E", Row { payment_date: Some(date), ..row });
            assert_eq!((told.sequestered, told.earned), (usd(withheld), usd(1_000_000 - withheld)), "{date}");
        }
    }
}

#[test]
fn sequestration_is_of_savings_and_never_of_losses() {
    let row = Row {
        quality_score: Some(PPB),
        participant_revenue: Some(usd(100_000_000)),
        ..met(usd(100_000_000), usd(103_000_000), 60_000)
    };
    for date in [20_200_430, 20_200_501] {
        let told = settled(2019, "E", Row { payment_date: Some(date), ..row });
        assert_eq!((told.sequestered, told.earned), (0, -usd(900_000)));
    }
}

// Early termination, 42 CFR 425.221(b).

/// By CMS, by itself; month and day; what is paid of savings, what part of twelve of losses is owed.
const ENDS: [(bool, i64, bool, i64); 12] = [
    (true, 101, false, 1),
    (true, 131, false, 1),
    (true, 630, false, 6),
    (true, 701, false, 7),
    (true, 1231, false, 12),
    (false, 101, false, 0),
    (false, 629, false, 0),
    (false, 630, false, 0),
    (false, 701, false, 7),
    (false, 930, false, 9),
    (false, 1230, false, 12),
    (false, 1231, true, 12),
];

#[test]
fn an_agreement_that_ends_early_shares_no_savings_and_a_part_of_losses() {
    let row = Row {
        quality_score: Some(PPB),
        participant_revenue: Some(usd(100_000_000)),
        ..met(usd(100_000_000), usd(96_000_000), 60_000)
    };
    for (year, track) in [(2019, "3"), (2019, "1+"), (2021, "E"), (2023, "ENHANCED"), (2026, "E")] {
        let full = settled(year, track, row);
        let loss = Row { expenditures: usd(103_600_000), ..row };
        let owed = settled(year, track, loss);
        assert!(full.earned > 0 && owed.earned < 0);
        for (by_cms, day, paid, months) in ENDS {
            let end =
                |row: Row| Row { termination_date: Some(year * 10_000 + day), terminated_by_cms: by_cms, ..row };
            let told = settled(year, track, end(row));
            let right = if paid { (full.earned, reason::PLAIN) } else { (0, reason::EARLY_TERMINATION) };
            assert_eq!((told.earned, told.reason), right, "{year}: {day}, by CMS: {by_cms}");
            assert_eq!(told.generated, full.generated);
            let told = settled(year, track, end(loss));
            assert_eq!(told.earned, owed.earned / 12 * months, "{year}: {day}, by CMS: {by_cms}");
            assert_eq!(told.generated, owed.generated);
            let why = if months == 0 { reason::EARLY_TERMINATION } else { reason::PLAIN };
            assert_eq!(told.reason, why);
        }
    }
}

#[test]
fn before_2019_an_early_end_freed_from_losses() {
    let row = Row { quality_score: Some(PPB), ..met(usd(100_000_000), usd(104_000_000), 60_000) };
    for (by_cms, day) in [(true, 101), (true, 1231), (false, 701), (false, 1231)] {
        let row = Row { termination_date: Some(20_180_000 + day), terminated_by_cms: by_cms, ..row };
        let told = settled(2018, "3", row);
        assert_eq!((told.generated, told.earned, told.reason), (-usd(4_000_000), 0, reason::EARLY_TERMINATION));
    }
}

#[test]
fn months_of_participation_count_after_limit_and_relief() {
    // 1 % of the benchmark at level C, less a quarter, for 7 of 12 months.
    let row = Row {
        participant_revenue: Some(usd(100_000_000)),
        relief_shares: Some([50 * PERCENT, 50 * PERCENT]),
        termination_date: Some(20_230_715),
        ..met(usd(100_000_000), usd(200_000_000), 20_000)
    };
    let told = settled(2023, "C", row);
    assert_eq!((told.earned, told.reason), (-usd(437_500), reason::BENCHMARK_LOSS_LIMIT));
}

// Too few beneficiaries in a benchmark year, agreements from 2027.

#[test]
fn a_small_benchmark_year_takes_the_half_rate_away_from_agreements_of_2027_on() {
    let row = Row {
        low_revenue: Some(true),
        small_benchmark_year: true,
        ..met(usd(100_000_000), usd(98_000_000), 10_000)
    };
    for (year, start, earned) in [
        (2027, 20_270_101, 0),
        (2028, 20_270_101, 0),
        (2028, 20_280_101, 0),
        (2027, 20_260_101, 392_000),
        (2026, 20_260_101, 392_000),
        (2024, 20_240_101, 392_000),
    ] {
        let row = Row { agreement_start: Some(start), ..row };
        let told = settled(year, "A", row);
        let why = if earned == 0 { reason::WITHIN_MINIMUM_SAVINGS_RATE } else { reason::LOW_REVENUE_HALF_RATE };
        assert_eq!((told.earned, told.reason), (usd(earned), why), "{year}, begun {start}");
        assert_eq!(settled(year, "A", Row { small_benchmark_year: false, ..row }).earned, usd(392_000));
        // Past the minimum nothing is taken away.
        assert_eq!(settled(year, "A", Row { expenditures: usd(96_000_000), ..row }).earned, usd(1_568_000));
    }
}

// Advances, 42 CFR 425.630.

#[test]
fn what_is_earned_goes_to_the_advance_first() {
    // Of 2024, A5388 in both files of the year, and A5401; of 2014, A16226 (St. Thomas) and A42284. In cents; a
    // half rate, a full one, and two that a score scales.
    let half = Row { low_revenue: Some(true), agreement_start: Some(20_240_101), ..Row::default() };
    for (year, track, row, savings, score, balance, recouped, left) in [
        (2024, "A", half, 264_164_918, PPB, usd(1_894_195), 51_776_324, 137_643_176),
        (2024, "A", half, usd(2_529_603), PPB, usd(1_894_195), 49_580_219, 139_839_281),
        (2024, "A", half, usd(6_211_689), PPB, usd(1_452_026), usd(1_452_026), 0),
        (2014, "1", Row::default(), usd(2_543_570), 848_102_679, usd(1_443_580), 105_703_231, 38_654_769),
        (2014, "1", Row::default(), usd(4_756_401), 818_080_357, usd(1_440_700), usd(1_440_700), 0),
    ] {
        let (benchmark, n) = if year == 2024 { (usd(108_065_944), 10_131) } else { (usd(42_174_602), 5_148) };
        let row = Row {
            benchmark,
            expenditures: benchmark - savings,
            beneficiaries: n,
            quality_score: Some(score),
            quality_standard_met: Some(true),
            advance_balance: Some(balance),
            ..row
        };
        let told = settled(year, track, row);
        let (Some(taken), Some(rest)) = (told.advance_recouped, told.advance_outstanding) else {
            panic!("{row:?}")
        };
        // Totals are printed in dollars.
        assert!((taken - recouped).abs() <= 100 && (rest - left).abs() <= 100, "{year}: {taken}, {rest}");
        assert_eq!(taken + rest, balance);
        assert_eq!(told.earned, settled(year, track, Row { advance_balance: None, ..row }).earned);
    }
}

#[test]
fn nothing_is_recouped_of_nothing_nor_of_a_debt_and_no_balance_is_null() {
    let row = Row { participant_revenue: Some(usd(1_000_000)), ..met(usd(100_000_000), usd(99_000_000), 6_000) };
    let due = Row { advance_balance: Some(usd(500_000)), ..row };
    for row in [due, Row { expenditures: usd(120_000_000), ..due }] {
        let told = settled(2023, "E", row);
        assert!(told.earned <= 0);
        assert_eq!((told.advance_recouped, told.advance_outstanding), (Some(0), Some(usd(500_000))));
    }
    let told = settled(2023, "E", row);
    assert_eq!((told.advance_recouped, told.advance_outstanding), (None, None));
}
