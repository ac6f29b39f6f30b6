//! Settlements of models, computed outside this project from their published terms, by the number of the vector.

use crate::models::{both, row, share, usd};
use sharedsavings::core::settle::{Row, reason};

/// Number, program, year, arrangement, benchmark, spending, score, target, gross savings, earned; dollars.
type Vector<'a> = (&'a str, &'a str, i64, &'a str, i64, i64, &'a str, i64, i64, i64);

fn holds(vectors: &[Vector<'_>], change: impl Fn(Row) -> Row) {
    for (name, program, year, arrangement, benchmark, spent, score, target, savings, earned) in vectors {
        let row = change(row(usd(*benchmark), usd(*spent), share(score)));
        let told = both(program, *year, arrangement, &row).unwrap();
        let found = (told.target, told.savings, told.earned);
        assert_eq!(found, (usd(*target), usd(*savings), usd(*earned)), "{name}: {told:?}");
    }
}

const M: i64 = 1_000_000;

fn final_benchmark(row: Row) -> Row {
    Row { benchmark_final: true, ..row }
}

fn capped(cap: &'static str) -> impl Fn(Row) -> Row {
    move |row| Row { elected_cap: Some(share(cap)), ..final_benchmark(row) }
}

#[test]
fn next_generation_acos_share_up_to_the_cap_that_they_elected() {
    holds(
        &[
            ("V1", "ngaco", 2017, "A", 100 * M, 96 * M, "1", 100 * M, 4 * M, 3_136_000),
            ("V2", "ngaco", 2017, "A", 100 * M, 93 * M, "1", 100 * M, 7 * M, 3_920_000),
            ("V3", "ngaco", 2017, "A", 100 * M, 107 * M, "1", 100 * M, -7 * M, -4_000_000),
        ],
        capped("0.05"),
    );
    holds(&[("V4", "ngaco", 2017, "B", 100 * M, 93 * M, "1", 100 * M, 7 * M, 6_860_000)], capped("0.15"));
    let own = |row| Row { elected_cap: Some(share("0.15")), discount: Some(share("0.03")), ..row };
    holds(&[("V5", "ngaco", 2017, "B", 100 * M, 98_500_000, "1", 97 * M, -1_500_000, -1_500_000)], own);
    let later = |row| Row { elected_cap: Some(share("0.15")), ..row };
    holds(&[("V6", "ngaco", 2019, "B", 100 * M, 98 * M, "1", 98_750_000, 750_000, 735_000)], later);
}

#[test]
fn reach_shares_by_slices_of_the_target() {
    holds(
        &[
            ("V7", "reach", 2022, "PROFESSIONAL", 100 * M, 97 * M, "1", 100 * M, 3 * M, 1_470_000),
            ("V8", "reach", 2022, "PROFESSIONAL", 100 * M, 95 * M, "1", 100 * M, 5 * M, 2_450_000),
            ("V9", "reach", 2022, "PROFESSIONAL", 100 * M, 92 * M, "1", 100 * M, 8 * M, 3_479_000),
            ("V10", "reach", 2022, "PROFESSIONAL", 100 * M, 88 * M, "1", 100 * M, 12 * M, 4_459_000),
            ("V11", "reach", 2022, "PROFESSIONAL", 100 * M, 80 * M, "1", 100 * M, 20 * M, 5_145_000),
            ("V12", "reach", 2022, "PROFESSIONAL", 100 * M, 108 * M, "1", 100 * M, -8 * M, -3_550_000),
            ("V17", "reach", 2023, "PROFESSIONAL", 100 * M, 92 * M, "0.9", 99_800_000, 7_800_000, 3_408_930),
            ("V16", "reach", 2023, "GLOBAL", 100 * M, 92 * M, "0.9", 96_806_000, 4_806_000, 4_709_880),
            ("V18", "reach", 2023, "GLOBAL", 100 * M, 104 * M, "1", 97 * M, -7 * M, -7_000_000),
            ("V54", "reach", 2026, "GLOBAL", 100 * M, 77_200_000, "1", 96_500_000, 19_300_000, 14_185_500),
        ],
        |row| row,
    );
    holds(
        &[
            ("V13", "reach", 2022, "GLOBAL", 100 * M, 70 * M, "1", 100 * M, 30 * M, 26_950_000),
            ("V14", "reach", 2022, "GLOBAL", 100 * M, 60 * M, "1", 100 * M, 40 * M, 30_625_000),
            ("V15", "reach", 2022, "GLOBAL", 100 * M, 40 * M, "1", 100 * M, 60 * M, 34_055_000),
        ],
        final_benchmark,
    );
}

#[test]
fn masshealth_shares_all_of_a_narrow_corridor() {
    holds(
        &[
            ("V19", "masshealth", 2020, "CORRIDOR_2", 50 * M, 47 * M, "1", 50 * M, 3 * M, 1_100_000),
            ("V20", "masshealth", 2020, "CORRIDOR_5", 50 * M, 53 * M, "1", 50 * M, -3 * M, -2_525_000),
        ],
        |row| row,
    );
}

#[test]
fn an_esrd_organization_passes_one_percent_of_the_discounted_benchmark() {
    holds(
        &[
            ("V25", "cec", 2016, "LDO", 50 * M, 47 * M, "1", 49_500_000, 2_500_000, 1_715_000),
            ("V26", "cec", 2016, "LDO", 50 * M, 49_100_000, "1", 49_500_000, 400_000, 0),
        ],
        |row| row,
    );
}

#[test]
fn oncology_practices_are_multiplied_by_quality_after_the_limit() {
    let revenue = |row| Row { participant_revenue: Some(usd(4 * M)), ..row };
    holds(
        &[
            ("V27", "ocm", 2018, "ONE_SIDED", 10 * M, 9_200_000, "0.6", 9_600_000, 400_000, 294_000),
            ("V28", "ocm", 2018, "TWO_SIDED", 10 * M, 7_200_000, "1", 9_725_000, 2_525_000, 1_960_000),
            ("V29", "ocm", 2018, "TWO_SIDED", 10 * M, 12_500_000, "1", 9_725_000, -2_775_000, -2_000_000),
            ("V30", "ocm", 2020, "TWO_SIDED_ALTERNATIVE", 10 * M, 9_900_000, "1", 9_750_000, -150_000, 0),
            ("V31a", "ocm", 2020, "TWO_SIDED_ALTERNATIVE", 10 * M, 10_300_000, "1", 9_750_000, -550_000, -320_000),
            ("V32", "ocm", 2020, "TWO_SIDED_ALTERNATIVE", 10 * M, 9 * M, "1", 9_750_000, 750_000, 627_200),
        ],
        revenue,
    );
    holds(
        &[
            ("V33", "eom", 2024, "RA1", 10 * M, 9_500_000, "1", 9_600_000, 100_000, 98_000),
            ("V34", "eom", 2024, "RA1", 10 * M, 9_700_000, "1", 9_800_000, 0, 0),
            ("V35", "eom", 2024, "RA1", 10 * M, 10_300_000, "1", 9_800_000, -500_000, -200_000),
        ],
        |row| row,
    );
}

#[test]
fn team_shrinks_by_quality_before_the_limit() {
    holds(
        &[
            ("V36", "team", 2026, "1", M, 900_000, "0.8", M, 100_000, 98_000),
            ("V37", "team", 2027, "2", M, 900_000, "0.8", M, 100_000, 50_000),
            ("V38", "team", 2026, "3", M, 1_100_000, "0.8", M, -100_000, -92_000),
            ("V39", "team", 2027, "2", M, 1_100_000, "0.8", M, -100_000, -50_000),
            ("V40 gain", "team", 2026, "3", M, 700_000, "0.5", M, 300_000, 200_000),
            ("V40 loss", "team", 2026, "3", M, 1_300_000, "0.5", M, -300_000, -200_000),
            ("V41", "bpci_advanced", 2020, "EPISODE_INITIATOR", 2 * M, 1_800_000, "0.7", 2 * M, 200_000, 194_000),
            (
                "V42",
                "bpci_advanced",
                2020,
                "EPISODE_INITIATOR",
                2 * M,
                2_300_000,
                "0.7",
                2 * M,
                -300_000,
                -279_000,
            ),
        ],
        |row| row,
    );
}

#[test]
fn joint_replacements_have_a_target_by_quality_for_each_side() {
    let (acceptable, good, excellent) = ("0.3", "0.5", "0.9");
    holds(
        &[
            (
                "V43 excellent",
                "cjr",
                2020,
                "HOSPITAL",
                2_500_000,
                2_300_000,
                excellent,
                2_462_500,
                162_500,
                162_500,
            ),
            ("V43 good", "cjr", 2020, "HOSPITAL", 2_500_000, 2_300_000, good, 2_450_000, 150_000, 150_000),
            (
                "V43 acceptable",
                "cjr",
                2020,
                "HOSPITAL",
                2_500_000,
                2_300_000,
                acceptable,
                2_425_000,
                125_000,
                125_000,
            ),
            ("V49", "cjr", 2018, "HOSPITAL", 2_500_000, 2_700_000, good, 2_475_000, -225_000, -225_000),
            (
                "V49 rural",
                "cjr",
                2018,
                "SMALL_HOSPITAL",
                2_500_000,
                2_700_000,
                good,
                2_475_000,
                -225_000,
                -123_750,
            ),
            ("V50", "cjr", 2017, "HOSPITAL", 2_500_000, 2_300_000, excellent, 2_462_500, 162_500, 123_125),
            ("V51", "cjr", 2023, "HOSPITAL", 2_500_000, 2_300_000, excellent, 2_500_000, 200_000, 200_000),
            ("V52", "cjr", 2018, "HOSPITAL", 2_500_000, 2_460_000, good, 2_475_000, 0, 0),
            ("V53 gain", "cjr", 2019, "HOSPITAL", 2_500_000, 2_300_000, "0.225", 2_425_000, 125_000, 0),
            ("V53 loss", "cjr", 2019, "HOSPITAL", 2_500_000, 2_700_000, "0.225", 2_425_000, -275_000, -275_000),
        ],
        |row| row,
    );
}

#[test]
fn track_1_plus_settles_as_a_track_of_the_shared_savings_program() {
    use crate::settle_frame::{met, settled};
    for (name, spent, revenue, earned) in [
        ("V21", 96 * M, None, 1_764_000),
        ("V22", 115 * M, None, -4_000_000),
        ("V23", 99_600_000, None, 0),
        ("V24", 103 * M, Some(usd(10 * M)), -800_000),
    ] {
        let row = Row {
            quality_score: Some(share("0.9")),
            elected_rate: Some(share("0.005")),
            participant_revenue: revenue,
            ..met(usd(100 * M), usd(spent), 10_000)
        };
        assert_eq!(settled(2018, "1+", row).earned, usd(earned), "{name}");
    }
}

#[test]
fn what_decided_a_settlement_is_told() {
    let why = |program, year, arrangement, row: Row| both(program, year, arrangement, &row).unwrap().reason;
    let plain = row(usd(10 * M), usd(9_700_000), share("1"));
    assert_eq!(why("eom", 2024, "RA1", plain), reason::NEUTRAL_ZONE);
    let gated = Row { participant_revenue: Some(usd(4 * M)), expenditures: usd(9_900_000), ..plain };
    assert_eq!(why("ocm", 2020, "TWO_SIDED_ALTERNATIVE", gated), reason::NEUTRAL_ZONE);
    let rich = Row { expenditures: usd(8 * M), ..gated };
    assert_eq!(why("ocm", 2020, "TWO_SIDED_ALTERNATIVE", rich), reason::REVENUE_PAYMENT_LIMIT);
    assert_eq!(why("ngaco", 2017, "A", capped("0.05")(rich)), reason::GROSS_CAP);
    let poor = Row { quality_score: Some(share("0.2")), ..rich };
    assert_eq!(why("cjr", 2019, "HOSPITAL", poor), reason::QUALITY_STANDARD_NOT_MET);
}

#[test]
fn elections_outside_the_menu_and_missing_ones_are_refused() {
    let refused =
        |program, year, arrangement, row: Row| both(program, year, arrangement, &row).unwrap_err().reason;
    let plain = row(usd(10 * M), usd(9_700_000), share("1"));
    assert_eq!(refused("ngaco", 2017, "A", capped("0.04")(plain)), reason::CAP_OUT_OF_RANGE);
    assert_eq!(refused("ngaco", 2017, "A", final_benchmark(plain)), reason::MISSING_INPUT);
    let five = Row { elected_cap: Some(share("0.05")), discount: Some(share("0.05")), ..plain };
    assert_eq!(refused("ngaco", 2017, "A", five), reason::DISCOUNT_OUT_OF_RANGE);
    assert_eq!(
        refused("reach", 2023, "GLOBAL", Row { discount: Some(share("0.05")), ..plain }),
        reason::NO_GIVEN_DISCOUNT
    );
    assert_eq!(refused("reach", 2023, "GLOBAL", capped("0.05")(plain)), reason::NO_CAP_ELECTION);
    assert_eq!(refused("ocm", 2018, "TWO_SIDED", final_benchmark(plain)), reason::NOT_FROM_FINAL);
    let untold = Row { participant_revenue: None, expenditures: usd(9 * M), ..plain };
    assert_eq!(refused("ocm", 2020, "TWO_SIDED_ALTERNATIVE", untold), reason::MISSING_INPUT);
}
