//! What must hold of part years, relief, dates of payment and advances, whatever the rates: each against the same
//! row without it.

use crate::settle_frame::{Case, PPB};
use crate::settle_properties::{at, settling};
use crate::support::Random;
use sharedsavings::core::settle::{Row, Settlement, reason};

/// The same case with its row changed.
fn with(case: &Case, change: impl Fn(Row) -> Row) -> Settlement {
    Case { row: change(case.row), ..*case }.settle().unwrap()
}

/// Cases that are neither half years nor ended early.
fn whole_years(seed: u64, count: usize) -> Vec<Case> {
    let mut out = settling(seed, count);
    for case in &mut out {
        (case.row.half_year, case.row.termination_date) = (false, None);
    }
    out
}

#[test]
fn the_rows_of_the_properties_have_every_column_that_few_rows_have() {
    let cases = settling(61, 100_000);
    let count = |has: fn(&Row) -> bool| cases.iter().filter(|c| has(&c.row)).count();
    for (what, rows) in [
        ("half years", count(|r| r.half_year)),
        ("early ends", count(|r| r.termination_date.is_some())),
        ("ended by CMS", count(|r| r.termination_date.is_some() && r.terminated_by_cms)),
        ("relief by shares", count(|r| r.relief_shares.is_some())),
        ("relief in dollars", count(|r| r.disaster_relief > 0)),
        ("days of payment", count(|r| r.payment_date.is_some())),
        ("years under two-sided risk", count(|r| r.two_sided_year.is_some())),
        ("small benchmark years", count(|r| r.small_benchmark_year)),
        ("advances", count(|r| r.advance_balance.is_some())),
    ] {
        assert!(rows > 500, "{what}: {rows}");
    }
}

#[test]
fn spending_more_never_earns_more_in_part_years_either() {
    let mut random = Random::new(62);
    let mut compared = 0;
    for case in settling(62, 300_000) {
        let row = &case.row;
        if !row.half_year && row.termination_date.is_none() && row.relief_shares.is_none() {
            continue;
        }
        let more = if random.one_in(2) { random.between(1, 3) } else { random.magnitude(row.benchmark) };
        let (now, then) = (at(&case, row.expenditures), at(&case, row.expenditures.saturating_add(more)));
        assert!(then.earned <= now.earned, "{more} more: {case:?}");
        compared += 1;
    }
    assert!(compared > 30_000, "{compared}");
}

#[test]
fn half_a_year_is_half_of_the_year_to_the_cent() {
    let mut shared = 0;
    for mut case in whole_years(63, 400_000).into_iter().filter(|case| case.year == 2019) {
        // Relief and revenue are given for the whole year, as all amounts are.
        let year = case.settle().unwrap();
        case.row.half_year = true;
        let half = case.settle().unwrap();
        let close = |half: i64, year: i64| (2 * i128::from(half) - i128::from(year)).abs() <= 3;
        assert!(close(half.earned, year.earned) && close(half.sequestered, year.sequestered), "{case:?}");
        assert!(close(half.generated, year.generated), "{case:?}");
        assert!(half.payment_limit.zip(year.payment_limit).is_some_and(|(h, y)| close(h, y)), "{case:?}");
        assert_eq!((half.savings, half.sharing_rate), (year.savings, year.sharing_rate));
        assert_eq!(half.minimum_savings_rate, year.minimum_savings_rate);
        shared += usize::from(half.earned != 0);
    }
    assert!(shared > 2_000, "{shared}");
}

#[test]
fn an_early_end_never_pays_more_nor_owes_more_and_owes_more_the_later_it_is() {
    for case in whole_years(64, 30_000) {
        let plain = case.settle().unwrap();
        for by_cms in [true, false] {
            let mut last = 0;
            for day in [101, 331, 630, 701, 1030, 1230, 1231] {
                let date = Some(case.year * 10_000 + day);
                let told = with(&case, |r| Row { termination_date: date, terminated_by_cms: by_cms, ..r });
                assert_eq!(told.generated, plain.generated, "{case:?}");
                if plain.earned >= 0 {
                    let stays = !by_cms && day == 1231;
                    assert_eq!(told.earned, if stays { plain.earned } else { 0 }, "{day}: {case:?}");
                } else {
                    assert!(plain.earned <= told.earned && told.earned <= last, "{day}: {case:?}");
                    last = told.earned;
                }
            }
            // From 2019 on nothing is forgiven to who stays to the end.
            assert!(plain.earned >= 0 || case.year < 2019 || last == plain.earned, "{case:?}");
        }
    }
}

#[test]
fn larger_shares_of_relief_never_raise_a_debt_and_full_ones_leave_none() {
    let mut random = Random::new(65);
    let mut losses = 0;
    for case in settling(65, 100_000) {
        let relieved = |shares: [i64; 2]| {
            with(&case, |r| Row { disaster_relief: 0, relief_shares: Some(shares), ..r }).earned
        };
        let (months, people) = (random.between(0, PPB), random.between(0, PPB));
        let (none, some) = (relieved([0, 0]), relieved([months, people]));
        let (more, all) = (relieved([random.between(months, PPB), people]), relieved([PPB, PPB]));
        assert!(none <= some && some <= more, "{case:?}");
        assert_eq!((relieved([months, 0]), all), (none, none.max(0)), "{case:?}");
        losses += usize::from(none < 0);
    }
    assert!(losses > 10_000, "{losses}");
}

#[test]
fn a_day_of_payment_moves_only_what_sequestration_withholds() {
    for case in settling(66, 50_000) {
        let paid = |date: i64| with(&case, |r| Row { payment_date: Some(date), ..r });
        let (free, one, two) = (paid(20_210_101), paid(20_220_501), paid(20_240_101));
        assert!(free.earned >= one.earned && one.earned >= two.earned, "{case:?}");
        assert_eq!(free.sequestered, 0);
        assert!((2 * one.sequestered - two.sequestered).abs() <= 2, "{case:?}");
        assert_eq!((free.generated, free.sharing_rate), (two.generated, two.sharing_rate));
        assert!(free.earned > 0 || free.earned == two.earned, "losses are not sequestered: {case:?}");
    }
}

#[test]
fn an_advance_takes_no_more_than_is_earned_nor_than_is_owed() {
    let mut some = 0;
    for case in settling(67, 100_000) {
        let told = case.settle().unwrap();
        let Some(balance) = case.row.advance_balance else {
            assert_eq!((told.advance_recouped, told.advance_outstanding), (None, None));
            continue;
        };
        let taken = told.advance_recouped.unwrap();
        assert_eq!(taken, told.earned.clamp(0, balance.max(0)), "{case:?}");
        assert_eq!(told.advance_outstanding, Some(balance - taken));
        some += usize::from(taken > 0 && taken < balance);
    }
    assert!(some > 100, "{some}");
}

#[test]
fn a_later_year_under_two_sided_risk_never_lowers_a_debt() {
    let mut more = 0;
    for case in settling(68, 100_000).into_iter().filter(Case::two_sided) {
        let told = |count: i64| with(&case, |r| Row { two_sided_year: Some(count), ..r });
        let years = [1, 2, 3, 4].map(told);
        assert!(years.is_sorted_by(|a, b| a.earned >= b.earned), "{case:?}");
        assert!(case.track == "2" || years.iter().all(|y| y.earned == years[0].earned), "{case:?}");
        more += usize::from(years[0].earned != years[2].earned);
        assert_eq!(years[2], years[3]);
    }
    assert!(more > 100, "{more}");
}

#[test]
fn a_small_benchmark_year_takes_nothing_but_the_half_rate() {
    let mut lost = 0;
    for case in settling(69, 200_000) {
        let [large, small] = [false, true].map(|is| with(&case, |r| Row { small_benchmark_year: is, ..r }));
        if large.earned != small.earned {
            assert_eq!(large.reason, reason::LOW_REVENUE_HALF_RATE, "{case:?}");
            assert!(case.year >= 2027 && case.row.agreement_start.unwrap() >= 20_270_101, "{case:?}");
            assert_eq!((small.earned, small.generated), (0, 0));
            lost += 1;
        }
    }
    assert!(lost > 0, "{lost}");
}
