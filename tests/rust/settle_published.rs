//! Rows of CMS's public results of 2013 to 2024: what was paid and owed in them, as published to the dollar. Where
//! a score scales the rate and was rounded before it was printed (2015 to 2020), half of its last digit may lie
//! between.

use crate::settle_frame::{MENU, PPB, alternative, met, percent, settled, usd};
use sharedsavings::core::settle::{Row, reason};

/// Rows of a file; its first lines name the columns.
fn table(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().filter(|line| !line.starts_with('#')).skip(1).map(|line| line.split(',').collect())
}

fn number(text: &str) -> f64 {
    text.parse().unwrap()
}

fn whole(text: &str) -> i64 {
    text.parse().unwrap()
}

fn track(name: &'static str) -> &'static str {
    match name {
        "EN" => "ENHANCED",
        "T1" => "1",
        "T1P" => "1+",
        "T2" => "2",
        "T3" => "3",
        level => level,
    }
}

/// The election that shows as this minimum savings rate, percent.
fn election(year: i64, track: &str, shown: &str) -> Option<i64> {
    let at = ["0", "0.5", "1", "1.5", "2"].iter().position(|rate| *rate == shown)?;
    (year >= 2016 && !["1", "A", "B"].contains(&track)).then(|| MENU[at])
}

/// Parts per billion of a percentage.
fn share(percent: &str) -> i64 {
    (number(percent) * (PPB / 100) as f64).round() as i64
}

fn dollars_apart(cents: i64, published: i64) -> f64 {
    (cents as f64 / 100.0 - published as f64).abs()
}

/// How far a scaled amount may lie off: its score was rounded to two decimals of a percent.
fn unprinted(year: i64, generated: i64, most: f64) -> f64 {
    if (2015..=2020).contains(&year) { 5e-5 * most * generated.abs() as f64 } else { 0.0 }
}

#[test]
fn savings_of_2013_to_2024_are_paid_as_cms_published() {
    let (mut rows, mut halves, mut small) = (0, 0, 0);
    for v in table(include_str!("data/cms_savings.csv")) {
        let (year, track, six_months) = (whole(v[0]), track(v[2]), v[15] == "1");
        let reduced = v[10] == "1";
        let row = Row {
            quality_score: Some(share(v[8])),
            quality_standard_met: Some(v[9] != "0"),
            alternative_standard_met: Some(true),
            elected_rate: election(year, track, v[4]),
            low_revenue: Some(reduced),
            agreement_start: Some(20_240_101),
            half_year: six_months,
            ..met(usd(whole(v[5])), usd(whole(v[6])), whole(v[3]))
        };
        // Totals of six-month periods are printed as halves of the calendar year.
        let of_year = if six_months { 2 } else { 1 };
        let row = Row { benchmark: row.benchmark * of_year, expenditures: row.expenditures * of_year, ..row };
        let told = settled(year, track, row);
        assert!(dollars_apart(told.generated, whole(v[7])) <= 1.0, "{v:?}");
        assert!((percent(told.minimum_savings_rate) - number(v[4])).abs() <= 0.005 + 1e-9, "{v:?}");
        assert!((percent(told.sharing_rate.unwrap()) - number(v[11]) * 100.0).abs() < 1e-7, "{v:?}");
        let most = number(v[11]) * 100.0 / number(v[8]);
        let near = (1.0 + unprinted(year, whole(v[7]), most)).min(800.0);
        assert!(dollars_apart(told.earned, whole(v[14])) <= near, "{v:?}: {}", told.earned);
        let limited = ["Balance ACO", "A1409", "A2772", "A1070"].contains(&v[1]) && track != "ENHANCED";
        let why = match (reduced, limited) {
            (true, _) => reason::LOW_REVENUE_HALF_RATE,
            (_, true) => reason::PAYMENT_LIMIT,
            _ => reason::PLAIN,
        };
        assert_eq!(told.reason, why, "{v:?}");
        rows += 1;
        halves += usize::from(six_months);
        small += usize::from(whole(v[3]) < 5_000);
    }
    assert_eq!((rows, halves, small), (95, 18, 2));
}

#[test]
fn losses_of_2013_to_2024_are_owed_as_cms_published() {
    let (mut rows, mut halves) = (0, 0);
    for v in table(include_str!("data/cms_losses.csv")) {
        let (year, track, six_months) = (whole(v[0]), track(v[2]), v[13] == "1");
        let (benchmark, loss, binds) = (whole(v[5]), -whole(v[6]), v[12] == "1");
        let of_year = if six_months { 2 } else { 1 };
        // Revenue is not published: where its limit binds, what was owed tells it (4 % at level D, 8 % on Track 1+).
        let revenue = match (binds, track) {
            (false, _) => usd(benchmark * of_year),
            (true, "D") => usd(whole(v[10])) * 25,
            (true, _) => usd(whole(v[10])) * 25 / 2,
        };
        let row = Row {
            quality_score: Some(share(v[7])),
            // A3743 of 2018 failed the standard.
            quality_standard_met: Some(v[1] != "A3743"),
            elected_rate: election(year, track, v[4]),
            participant_revenue: Some(revenue),
            disaster_relief: -usd(whole(v[8])),
            half_year: six_months,
            agreement_start: (year == 2013).then_some(20_120_701),
            ..met(usd(benchmark * of_year), usd((benchmark + loss) * of_year), whole(v[3]))
        };
        let told = settled(year, track, row);
        assert_eq!(told.generated, -usd(loss), "{v:?}");
        assert!((percent(told.minimum_savings_rate) - number(v[4])).abs() <= 0.005 + 1e-9, "{v:?}");
        assert!((percent(told.loss_rate.unwrap()) - number(v[11]) * 100.0).abs() < 1e-7, "{v:?}");
        let scaled = !["0.3", "0.4", "0.75"].contains(&v[11]);
        let near = 1.0 + if scaled { unprinted(year, loss, 0.75) } else { 0.0 };
        assert!(dollars_apart(told.earned, whole(v[9])) <= near, "{v:?}: {}", told.earned);
        assert_eq!(told.reason, if binds { reason::REVENUE_LOSS_LIMIT } else { reason::PLAIN }, "{v:?}");
        rows += 1;
        halves += usize::from(six_months);
    }
    assert_eq!((rows, halves), (61, 2));
}

#[test]
fn losses_that_the_guardrail_lowered_are_owed() {
    // A5386 and A5471 of 2024; the published columns hold the two-way benchmark.
    for (benchmark, loss, score, relief, owed, minimum) in [
        (86_731_783, 358_135, 541_000_000, 551, 212_271, 0),
        (133_346_564, 279_953, 770_500_000, 6_830, 111_345, 0),
    ] {
        let row = Row {
            quality_score: Some(score),
            elected_rate: Some(minimum),
            disaster_relief: usd(relief),
            guardrail: true,
            ..met(usd(benchmark), usd(benchmark + loss), 10_055)
        };
        assert!(dollars_apart(settled(2024, "ENHANCED", row).earned, -owed) <= 1.0);
    }
}

#[test]
fn the_guardrail_creates_no_savings_although_no_minimum_stands_in_the_way() {
    // A5309 and A5321 of 2024.
    for (benchmark, spent) in [(116_616_215, 116_606_559), (65_932_871, 65_861_910)] {
        for track in ["C", "E", "ENHANCED"] {
            let row = Row { elected_rate: Some(0), guardrail: true, ..met(usd(benchmark), usd(spent), 8_000) };
            let told = settled(2024, track, row);
            assert_eq!((told.generated, told.sequestered, told.earned), (0, 0, 0));
            assert_eq!(told.reason, reason::GUARDRAIL);
            let free = settled(2024, track, Row { guardrail: false, ..row });
            assert!(free.earned > 0 && free.generated == usd(benchmark - spent));
        }
    }
}

#[test]
fn there_was_no_guardrail_before_2024() {
    let row = Row { elected_rate: Some(0), guardrail: true, ..met(usd(100_000_000), usd(99_000_000), 8_000) };
    assert_eq!(settled(2023, "E", row).earned, usd(490_000));
}

#[test]
fn the_alternative_standard_of_a5419_sets_both_rates() {
    let row = alternative(met(usd(100_000_000), usd(100_000_000), 20_000), 768_800_000);
    let told = settled(2024, "ENHANCED", row);
    assert!((percent(told.sharing_rate.unwrap()) - 57.66).abs() < 1e-9);
    assert!((percent(told.loss_rate.unwrap()) - 42.34).abs() < 1e-9);
}

#[test]
fn losses_of_one_sided_acos_that_cms_prints_are_not_generated_here() {
    // A3356 of 2018, Track 1: CMS prints -6,253,831 as generated, and nothing as owed.
    let told = settled(2018, "1", met(usd(85_268_345), usd(91_522_175), 8_142));
    assert_eq!((told.savings, told.generated, told.earned), (-usd(6_253_830), 0, 0));
    assert_eq!(told.reason, reason::NO_DOWNSIDE_RISK);
}

#[test]
fn track_2_of_2013_to_2015_missed_its_fixed_two_percent() {
    // A84936 and A99470 of 2013, A99470 of 2014, A89093 of 2015; in cents, as the first two were printed.
    for (year, benchmark, savings, n) in [
        (2013, 7_797_517_797, -125_655_328, 5_800),
        (2013, 15_495_318_210, 297_156_400, 18_446),
        (2014, usd(140_992_951), usd(1_764_368), 16_426),
        (2015, usd(139_232_002), -usd(697_450), 13_951),
    ] {
        let row = Row { quality_score: Some(PPB), ..met(benchmark, benchmark - savings, n) };
        let told = settled(year, "2", row);
        assert!((percent(told.minimum_savings_rate) - 2.0).abs() < 1e-12);
        assert_eq!(told.minimum_loss_rate, Some(told.minimum_savings_rate));
        let why = if savings > 0 { reason::WITHIN_MINIMUM_SAVINGS_RATE } else { reason::WITHIN_MINIMUM_LOSS_RATE };
        assert_eq!((told.generated, told.earned, told.reason), (0, 0, why), "{year}: {savings}");
    }
}

#[test]
fn track_2_of_2013_settles_to_the_cent_that_cms_published() {
    // A85439, A89093 and A14269.
    for (benchmark, savings, n, earned) in [
        (14_082_586_130, 2_023_938_144, 7_089, 1_190_075_629),
        (16_892_429_910, 852_554_456, 13_617, 501_302_020),
        (19_793_406_480, -996_638_030, 20_979, -398_655_212),
    ] {
        let row = Row {
            quality_score: Some(PPB),
            agreement_start: Some(20_120_701),
            ..met(benchmark, benchmark - savings, n)
        };
        assert_eq!(settled(2013, "2", row).earned, earned);
    }
}
