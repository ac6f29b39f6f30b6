//! Worked cases of 42 CFR 414.1430 and 414.1440, and the thresholds of every year by what was known when.

use crate::support::{NOW, book, on};
use sharedsavings::core::error::Error;
use sharedsavings::core::qp::{
    Determination, NONE, PARTIAL_QP, Pair, Plan, QP, Row, Thresholds, determine, reason,
};
use sharedsavings::core::rulebook::AsOf;

#[allow(clippy::unnecessary_wraps)] // rows hold optional pairs
fn pair(part: i64, whole: i64) -> Option<Pair> {
    Some(Pair { part, whole })
}

/// Scores in per mille of a thousand dollars, and of a thousand people.
fn medicare(year: i64, payments: i64, patients: i64) -> Row {
    Row { year, payments: pair(payments * 100, 100_000), patients: pair(patients, 1000), ..Row::default() }
}

fn decide(row: &Row) -> Determination {
    determine(&Plan::new(&book(), NOW).unwrap(), row)
}

#[test]
fn twenty_five_dollars_of_a_hundred_are_qp_in_2017() {
    let row = Row { year: 2017, payments: pair(2_500, 10_000), ..Row::default() };
    let told = decide(&row);
    assert_eq!((told.status, told.method, told.option, told.payments_needed), (QP, 1, 1, 0));
    let cent_less = Row { payments: pair(2_499, 10_000), ..row };
    assert_eq!((decide(&cent_less).status, decide(&cent_less).payments_needed), (PARTIAL_QP, 1));
}

#[test]
fn just_below_both_qp_lines_is_partial_qp_in_2017() {
    let row = Row { year: 2017, payments: pair(2_499, 10_000), patients: pair(19, 100), ..Row::default() };
    let told = decide(&row);
    assert_eq!((told.status, told.payments_needed, told.patients_needed), (PARTIAL_QP, 1, 1));
}

#[test]
fn patients_alone_reach_qp_in_2020() {
    let row = Row { year: 2020, payments: pair(499, 1000), patients: pair(70, 200), ..Row::default() };
    assert_eq!((decide(&row).status, decide(&row).method), (QP, 2));
}

#[test]
fn sixty_and_forty_five_percent_are_partial_qp_in_2025() {
    let told = decide(&medicare(2025, 600, 450));
    assert_eq!((told.status, told.method), (PARTIAL_QP, 3));
    assert_eq!((told.payments_needed, told.patients_needed), (15_000, 50));
}

#[test]
fn sixty_percent_of_payments_are_qp_in_2026_because_the_statute_restored_fifty() {
    assert_eq!(decide(&medicare(2026, 600, 300)).status, QP);
    // The codified row for payment year 2027 and later would say otherwise.
    let before = Plan::new(&book(), on("2026-02-02")).unwrap();
    assert_eq!(determine(&before, &medicare(2026, 600, 300)).status, PARTIAL_QP);
}

#[test]
fn the_better_of_entity_and_individual_is_qp_in_2026() {
    let (entity, individual) = (decide(&medicare(2026, 480, 0)), decide(&medicare(2026, 510, 0)));
    assert_eq!((entity.status, individual.status), (PARTIAL_QP, QP));
}

#[test]
fn the_entity_of_that_case_is_nothing_in_2025_unless_patients_lift_it() {
    for (patients, status) in [(300, NONE), (350, PARTIAL_QP), (500, QP)] {
        assert_eq!(decide(&medicare(2025, 480, patients)).status, status, "{patients}");
    }
}

#[test]
fn all_payer_payments_reach_qp_in_2019_past_the_medicare_minimum() {
    let row = Row { all_payer_payments: pair(500, 1000), ..medicare(2019, 260, 0) };
    let told = decide(&row);
    assert_eq!((told.status, told.option, told.method, told.reason), (QP, 2, 1, 0));
}

#[test]
fn short_of_the_qp_minimum_the_all_payer_score_gives_partial_qp_and_says_why() {
    let row = Row { all_payer_payments: pair(900, 1000), ..medicare(2019, 249, 199) };
    let told = decide(&row);
    assert_eq!((told.status, told.option, told.method), (PARTIAL_QP, 2, 1));
    assert_eq!(told.reason, reason::MEDICARE_MINIMUM_NOT_MET);
}

#[test]
fn minimum_and_all_payer_score_may_come_from_different_methods() {
    let row = Row { all_payer_payments: pair(500, 1000), ..medicare(2019, 0, 200) };
    assert_eq!((decide(&row).status, decide(&row).method), (QP, 1));
}

#[test]
fn the_all_payer_option_begins_in_2019() {
    let row = Row { all_payer_payments: pair(900, 1000), ..medicare(2018, 200, 0) };
    let told = decide(&row);
    assert_eq!((told.status, told.option, told.reason), (PARTIAL_QP, 1, reason::ALL_PAYER_NOT_AVAILABLE));
}

#[test]
fn without_a_denominator_there_is_no_status_to_reach() {
    let told = decide(&Row { year: 2024, payments: pair(0, 0), patients: pair(0, 0), ..Row::default() });
    assert_eq!((told.status, told.reason), (NONE, reason::NO_DENOMINATOR));
    assert_eq!((told.payments_needed, told.patients_needed), (-1, -1));
}

fn percent(t: Thresholds) -> [i64; 4] {
    [t.payment_qp, t.payment_partial, t.patient_qp, t.patient_partial].map(|ppb| {
        assert_eq!(ppb % 10_000_000, 0);
        ppb / 10_000_000
    })
}

/// Payment and patient lines in percent: QP, Partial QP, QP, Partial QP.
const LOW: [i64; 4] = [25, 20, 20, 10];
const MIDDLE: [i64; 4] = [50, 40, 35, 25];
const HIGH: [i64; 4] = [75, 50, 50, 35];

fn medicare_option(as_of: AsOf, year: i64) -> [i64; 4] {
    percent(Plan::new(&book(), as_of).unwrap().year(year).unwrap().medicare)
}

#[test]
fn the_medicare_option_has_the_thresholds_of_414_1430_a_and_of_the_statutes() {
    for (years, lines) in [
        (2017..=2018, LOW),
        (2019..=2024, MIDDLE),
        (2025..=2025, HIGH),
        (2026..=2026, MIDDLE),
        (2027..=2060, HIGH),
        (2199..=2199, HIGH),
    ] {
        for year in years {
            assert_eq!(medicare_option(NOW, year), lines, "{year}");
        }
    }
}

#[test]
fn the_all_payer_option_has_the_thresholds_and_minimums_of_414_1430_b() {
    let plan = Plan::new(&book(), NOW).unwrap();
    for year in [2017, 2018] {
        assert_eq!(plan.year(year).unwrap().all_payer, None);
    }
    for year in (2019..=2060).chain([2199]) {
        let (lines, minimum) = plan.year(year).unwrap().all_payer.unwrap();
        let right = if year == 2025 || year > 2026 { HIGH } else { MIDDLE };
        assert_eq!((percent(lines), percent(minimum)), (right, LOW), "{year}");
    }
}

#[test]
fn before_2017_and_past_any_forecast_there_are_no_thresholds() {
    let plan = Plan::new(&book(), NOW).unwrap();
    for year in [i64::MIN, -1, 0, 2016, 2200, i64::MAX] {
        assert_eq!(plan.year(year), None, "{year}");
    }
}

#[test]
fn each_freeze_of_the_thresholds_is_known_from_its_enactment() {
    for (year, day_before, enacted) in [
        (2021, "2020-12-26", "2020-12-27"),
        (2022, "2020-12-26", "2020-12-27"),
        (2023, "2022-12-28", "2022-12-29"),
        (2024, "2024-03-08", "2024-03-09"),
        (2026, "2026-02-02", "2026-02-03"),
    ] {
        for (date, lines) in [("2016-11-04", HIGH), (day_before, HIGH), (enacted, MIDDLE), ("2030-01-01", MIDDLE)]
        {
            assert_eq!(medicare_option(on(date), year), lines, "{year} on {date}");
            let plan = Plan::new(&book(), on(date)).unwrap();
            assert_eq!(percent(plan.year(year).unwrap().all_payer.unwrap().0), lines, "{year} on {date}");
        }
    }
}

#[test]
fn before_the_rule_of_2016_nothing_was_known() {
    let refused = Plan::new(&book(), on("2016-11-03")).unwrap_err();
    let Error::NotModelled(text) = refused else { panic!("{refused}") };
    assert!(text.contains("2016-11-03") && text.contains("qp.medicare"), "{text}");
}

#[test]
fn only_superseded_values_of_the_2016_rule_are_marked_as_recalled() {
    let today = Plan::new(&book(), NOW).unwrap();
    let years: Vec<i64> = (2017..=2060).collect();
    assert_eq!(today.warnings(&years), Vec::<String>::new());
    let then = Plan::new(&book(), on("2020-12-26")).unwrap();
    assert_eq!(then.warnings(&[2019, 2020, 2025, 2060]), Vec::<String>::new());
    let told = then.warnings(&[2022, 2021]);
    assert_eq!(told.len(), 8, "four lines of two options: {told:?}");
    assert!(told.iter().all(|w| w.contains("recalled") && w.contains("2021 to 2024")), "{told:?}");
}
