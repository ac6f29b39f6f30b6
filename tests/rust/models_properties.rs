//! What holds of every program, year, arrangement and election in the book: engine and reference agree; payments only
//! fall with spending, grow with quality, shrink with the discount, stay within their caps, and mirror each other.

use crate::models::{PPB, all_terms, any, both, elections, engine, given_discount, plan, row, share};
use crate::support::Random;
use sharedsavings::core::settle::{Row, Settlement, Side, Terms, reason};

fn terms(program: &str, year: i64, arrangement: &str) -> Terms {
    let plan = plan(program);
    plan.year(year).unwrap().terms[plan.code(arrangement).unwrap()].unwrap()
}

/// Whether what bounds a loss is a part of the target: that grows as quality raises the target or the discount lowers
/// it, so that the loss at its bound is larger under better terms (42 CFR 510.305 for joint replacements).
fn grows(told: &Settlement) -> bool {
    told.earned < 0 && [reason::GROSS_CAP, reason::BENCHMARK_LOSS_LIMIT].contains(&told.reason)
}

/// Rows of a million dollars at every tenth of a percent of spending, for every election.
fn walks(mut each: impl FnMut((&'static str, i64, &'static str), Vec<Row>)) {
    for at in all_terms() {
        for (cap, discount) in elections(at.0, at.1) {
            for score in ["0", "0.3", "0.6", "0.85", "1"] {
                let walk = (300..1_700).map(|permille| Row {
                    elected_cap: cap,
                    discount: discount.or(given_discount(at.0, at.2)),
                    ..row(100_000_000, permille * 100_000, share(score))
                });
                each(at, walk.collect());
            }
        }
    }
}

#[test]
fn engine_and_reference_agree_on_rows_at_random() {
    let (all, mut random) = (all_terms(), Random::new(61));
    let (mut settled, mut seen) = (0, vec![0; reason::REASONS.len()]);
    for _ in 0..100_000 {
        let at = random.pick(&all);
        let row = any(&mut random, at);
        let told = both(at.0, at.1, at.2, &row);
        seen[usize::from(told.map_or_else(|none| none.reason, |s| s.reason))] += 1;
        settled += i32::from(told.is_ok());
    }
    assert!(settled > 60_000, "{settled}");
    for code in [reason::NEUTRAL_ZONE, reason::GROSS_CAP, reason::REVENUE_PAYMENT_LIMIT, reason::PAYMENT_LIMIT] {
        assert!(seen[usize::from(code)] > 5, "{}", reason::REASONS[usize::from(code)]);
    }
}

#[test]
fn spending_more_never_earns_more() {
    walks(|(program, year, arrangement), rows| {
        let mut last = i64::MAX;
        for row in rows {
            let earned = engine(program, year, arrangement, &row).unwrap().earned;
            assert!(earned <= last, "{program} {year} {arrangement} {row:?}");
            last = earned;
        }
    });
}

#[test]
fn payments_and_losses_stay_within_their_limits() {
    walks(|(program, year, arrangement), rows| {
        let terms = terms(program, year, arrangement);
        for row in rows {
            let told = engine(program, year, arrangement, &row).unwrap();
            assert!(told.payment_limit.is_none_or(|limit| told.earned <= limit), "{program} {year} {row:?}");
            assert!(told.loss_limit.is_none_or(|limit| -told.earned <= limit), "{program} {year} {row:?}");
            if let (Some(cap), true) = (row.elected_cap, told.earned != 0) {
                let most = told.target as f64 * cap as f64 / PPB as f64 + 1.0;
                assert!((told.earned.abs() as f64) <= most, "{program} {year} {row:?}");
            }
            assert!(terms.down.is_some() || told.earned >= 0, "{program} {year} {row:?}");
        }
    });
}

#[test]
fn away_from_a_minimum_rate_a_tenth_of_a_percent_changes_as_much_as_is_shared_of_it() {
    walks(|(program, year, arrangement), rows| {
        // These have a gate: a minimum rate, or a target that is asked about at the benchmark.
        if ["cec", "pioneer"].contains(&program) || arrangement == "TWO_SIDED_ALTERNATIVE" {
            return;
        }
        let earned = |row: &Row| engine(program, year, arrangement, row).unwrap().earned;
        for pair in rows.windows(2) {
            assert!(earned(&pair[0]) - earned(&pair[1]) <= 100_001, "{program} {year} {arrangement} {pair:?}");
        }
    });
}

#[test]
fn a_better_score_never_lowers_a_payment_nor_raises_a_loss() {
    for (program, year, arrangement) in all_terms() {
        for (cap, discount) in elections(program, year) {
            for permille in [500, 880, 940, 960, 975, 990, 1_000, 1_010, 1_050, 1_200] {
                let mut last = i64::MIN;
                let mut bounded = false;
                for score in 0..=200 {
                    let row = Row {
                        elected_cap: cap,
                        discount: discount.or(given_discount(program, arrangement)),
                        ..row(100_000_000, permille * 100_000, score * (PPB / 200))
                    };
                    let told = engine(program, year, arrangement, &row).unwrap();
                    let fair = told.earned >= last || grows(&told) || bounded;
                    assert!(fair, "{program} {year} {arrangement} {row:?}");
                    (last, bounded) = (told.earned, grows(&told));
                }
            }
        }
    }
}

#[test]
fn a_larger_discount_never_pays_more() {
    for permille in 700..1_200 {
        for (program, year, arrangement) in [("ngaco", 2016, "A"), ("ngaco", 2018, "B"), ("kcc", 2023, "GLOBAL")] {
            let cap = (program == "ngaco").then(|| share("0.1"));
            let mut last = i64::MAX;
            for discount in ["0.005", "0.01", "0.0175", "0.025", "0.03"] {
                let row = Row {
                    elected_cap: cap,
                    discount: Some(share(discount)),
                    ..row(100_000_000, permille * 100_000, PPB)
                };
                let told = engine(program, year, arrangement, &row).unwrap();
                assert!(told.earned <= last || grows(&told), "{program} {discount} {row:?}");
                last = told.earned;
            }
        }
    }
}

#[test]
fn programs_whose_sides_mirror_each_other_owe_what_they_would_have_shared() {
    let mut mirrored = 0;
    for (program, year, arrangement) in all_terms() {
        let terms = terms(program, year, arrangement);
        let limits = |side: &Side| (side.bands, side.quality, side.limit_benchmark, side.limit_revenue);
        let same = terms.down.is_some_and(|down| limits(&down) == limits(&terms.up));
        if !same || terms.up.multiplier.is_some() || !terms.takes_final {
            continue;
        }
        for (cap, _) in elections(program, year) {
            for off in [0, 1, 5_000_001, 12_345_678, 33_333_333] {
                let of = |spent| Row { benchmark_final: true, elected_cap: cap, ..row(100_000_000, spent, PPB) };
                let up = engine(program, year, arrangement, &of(100_000_000 - off)).unwrap();
                let down = engine(program, year, arrangement, &of(100_000_000 + off)).unwrap();
                assert!(
                    (up.earned + up.sequestered + down.earned).abs() <= 1,
                    "{program} {year} {arrangement} {off}"
                );
                mirrored += 1;
            }
        }
    }
    assert!(mirrored > 200, "{mirrored}");
}

#[test]
fn a_discount_equals_a_final_benchmark_that_much_lower() {
    for spent in (80..110).map(|percent| percent * 1_000_000) {
        let given = row(100_000_000, spent, PPB);
        let lower = Row { benchmark_final: true, ..row(97_000_000, spent, PPB) };
        let told = |row| engine("reach", 2023, "GLOBAL", row).unwrap();
        assert_eq!((told(&given).target, told(&given).earned), (told(&lower).target, told(&lower).earned));
    }
}
