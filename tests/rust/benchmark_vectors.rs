//! Benchmarks against worked examples: CMS's specifications (version 11, section 4.1), and examples calculated by
//! hand from each paragraph.

use crate::benchmark_case::{AGREEMENTS, assert_four, close, kernel, kernel_by, plain, slow};
use crate::support::{NOW, book};
use sharedsavings::core::benchmark::{Benchmark, Case, Plan, applied, cell, entity, reason};
use sharedsavings::core::rulebook::AsOf;

const NATIONAL: [f64; 4] = [95_000.0, 13_000.0, 19_500.0, 11_800.0];
const RISK: [f64; 4] = [1.0, 1.05, 1.04, 1.06];
const YEARS: [f64; 4] = [100.0, 1_000.0, 900.0, 8_000.0];

/// Base years all alike, so that the benchmark before adjustment is `spent`; the region `difference` above it.
fn at(start: i64, number: f64, spent: [f64; 4], difference: [f64; 4]) -> Case {
    let mut case = plain(start, number);
    for place in [cell::PER_CAPITA_BY1, cell::PER_CAPITA_BY2, cell::PER_CAPITA_BY3] {
        case.cells[place] = spent;
    }
    for place in [cell::RISK_SCORE_BY1, cell::RISK_SCORE_BY2, cell::RISK_SCORE_BY3, cell::RISK_SCORE_PY] {
        case.cells[place] = RISK;
    }
    for place in [cell::NATIONAL_BY1, cell::NATIONAL_BY2, cell::NATIONAL_BY3, cell::NATIONAL_PY] {
        case.cells[place] = NATIONAL;
    }
    let region = std::array::from_fn(|k| (spent[k] + difference[k]) / RISK[k]);
    for place in [cell::REGIONAL_BY1, cell::REGIONAL_BY2, cell::REGIONAL_BY3, cell::REGIONAL_PY] {
        case.cells[place] = region;
    }
    for place in [cell::PERSON_YEARS_BY3, cell::PERSON_YEARS_PY] {
        case.cells[place] = YEARS;
    }
    case
}

/// What both implementations say.
#[track_caller]
fn both(case: &Case, year: i64) -> Benchmark {
    let fast = kernel(case, year);
    let told = slow(case, year).unwrap();
    for k in 0..4 {
        let told = told.updated[k].0.unwrap_or_default().try_into().unwrap_or(f64::NAN);
        assert!(fast.updated[k].is_nan() || close(fast.updated[k], told, 1e-9));
    }
    fast
}

const SPENT: [f64; 4] = [96_000.0, 13_500.0, 20_000.0, 12_200.0];

#[test]
fn the_risk_cap_of_the_specifications_holds_for_each_type_by_itself() {
    let mut case = plain(20_200_101, 1.0);
    case.cells[cell::RISK_SCORE_BY3] = [1.031, 1.123, 0.987, 1.025];
    case.cells[cell::RISK_SCORE_PY] = [1.054, 1.074, 1.046, 1.001];
    assert_four(&both(&case, 2022).risk_ratio, [1.022, 0.956, 1.030, 0.977], 5e-4);
}

#[test]
fn the_blended_trend_of_the_specifications_comes_out_between_its_two_roundings() {
    let mut case = plain(20_200_101, 1.0);
    for (place, national, regional) in [(0, 18_354.0, 12_000.0), (1, 18_436.0, 12_500.0), (2, 19_229.0, 13_000.0)]
    {
        case.cells[cell::NATIONAL_BY1 + place] = [national; 4];
        case.cells[cell::REGIONAL_BY1 + place] = [regional; 4];
    }
    case.cells[cell::NATIONAL_WEIGHT_BY3] = [0.766_666_666_666; 4];
    let trend = both(&case, 2022).trend_by1[2];
    assert!((1.055..=1.0561).contains(&trend), "CMS prints 1.055 from rounded parts: {trend}");
    assert!(close(trend, 1.056_0, 2e-5));
}

#[test]
fn a_negative_regional_adjustment_is_capped_then_offset() {
    let mut case = at(20_240_101, 1.0, SPENT, [-6_000.0, -1_500.0, -3_000.0, -700.0]);
    case.entity[entity::DUAL_SHARE] = 0.14;
    let found = both(&case, 2024).adjustment;
    assert_four(&found.regional, [-726.95, -157.51, -236.26, -84.81], 0.01);
    assert!((found.regional_total - -112.13).abs() < 0.01);
    assert_eq!((found.applied, found.total), (applied::NONE, 0.0), "a negative total is dropped");
    // Before 2024 the same difference is capped at 5 percent, not offset, and kept.
    case.start = 20_230_101;
    let earlier = both(&case, 2024).adjustment;
    assert_four(&earlier.by_type, [-900.0, -225.0, -450.0, -105.0], 1e-9);
}

fn with_prior_savings() -> Case {
    let mut case = at(20_240_101, 1.0, SPENT, [-6_000.0, -1_500.0, -3_000.0, -700.0]);
    for (place, value) in [
        (entity::DUAL_SHARE, 0.14),
        (entity::PRIOR_SAVINGS_BY1, 300.0),
        (entity::PRIOR_SAVINGS_BY3, 250.0),
        (entity::PRIOR_PERSON_YEARS_BY1, 9_000.0),
        (entity::PRIOR_PERSON_YEARS_BY3, 8_800.0),
        (entity::BASE_PERSON_YEARS_BY1, 9_500.0),
        (entity::BASE_PERSON_YEARS_BY2, 8_000.0),
        (entity::BASE_PERSON_YEARS_BY3, 10_100.0),
    ] {
        case.entity[place] = value;
    }
    case
}

#[test]
fn a_year_without_reconciliation_counts_as_zero_savings_and_not_in_the_person_years() {
    let found = both(&with_prior_savings(), 2024).adjustment;
    assert!((found.prior_savings - 83.25).abs() < 0.01);
    assert_eq!(found.applied, applied::PRIOR_SAVINGS);
    assert_four(&found.by_type, [found.prior_savings; 4], 0.0);
}

#[test]
fn the_text_of_2022_would_have_taken_half_of_the_sum() {
    let then = AsOf { date: Some("2023-06-30".parse().unwrap()), proposed: false };
    let found = kernel_by(&book(), then, &with_prior_savings(), 2024).adjustment;
    assert_eq!(found.applied, applied::SUM);
    assert!((found.total - 27.19).abs() < 0.01, "{}", found.total);
}

#[test]
fn prior_savings_stop_at_five_percent_of_national_expenditures() {
    let mut case = with_prior_savings();
    case.entity[entity::PRIOR_SAVINGS_PER_CAPITA] = 4_495.52;
    assert!(close(both(&case, 2024).adjustment.prior_savings, 672.25, 1e-12));
}

#[test]
fn equal_adjustments_at_their_caps_are_regional() {
    let mut case = at(20_240_101, 1.0, SPENT, [30_000.0; 4]);
    case.entity[entity::PRIOR_SAVINGS_PER_CAPITA] = 9_999.0;
    let found = both(&case, 2024).adjustment;
    assert!(close(found.regional_total, found.prior_savings, 1e-12));
    assert_eq!(found.applied, applied::REGIONAL);
}

fn population(regional: f64, strategy: &str) -> (u8, f64) {
    let mut case = at(20_250_101, 1.0, SPENT, [0.0; 4]);
    case.cells[cell::GIVEN_REGIONAL_ADJUSTMENT] = [regional; 4];
    case.entity[entity::LOW_INCOME_SHARE] = 0.22;
    let text = format!("[set]\n\"mssp.benchmark.425_652.population_adjustment\" = \"{strategy}\"");
    let book = book().with_toml("strategy", &text).unwrap();
    let found = kernel_by(&book, NOW, &case, 2025).adjustment;
    (found.applied, (found.total * 100.0).round() / 100.0)
}

#[test]
fn the_population_adjustment_competes_under_either_reading() {
    let [p, r] = [applied::POPULATION, applied::REGIONAL];
    assert_eq!([0.0, 100.0, 140.0].map(|x| population(x, "share_of_cap")), [(p, 147.9), (p, 147.9), (p, 147.9)]);
    assert_eq!([0.0, 100.0, 140.0].map(|x| population(x, "share_of_room")), [(p, 147.9), (p, 125.9), (r, 140.0)]);
}

#[test]
fn the_population_adjustment_needs_fifteen_percent_and_a_start_from_2025() {
    let mut case = at(20_250_101, 1.0, SPENT, [0.0; 4]);
    case.entity[entity::LOW_INCOME_SHARE] = 0.149_999;
    assert_eq!(both(&case, 2025).adjustment.population, 0.0);
    case.entity[entity::LOW_INCOME_SHARE] = 0.15;
    assert!(close(both(&case, 2025).adjustment.population, 0.15 * 672.25, 1e-12));
    case.start = 20_240_101;
    assert_eq!(both(&case, 2025).adjustment.population, 0.0);
}

const HISTORICAL: [f64; 4] = [98_000.0, 14_000.0, 20_500.0, 12_600.0];

fn risen(hcc: [f64; 4]) -> Case {
    let mut case = at(20_240_101, 1.0, HISTORICAL, [0.0; 4]);
    case.cells[cell::RISK_SCORE_PY] = std::array::from_fn(|k| RISK[k] * hcc[k]);
    case.cells[cell::DEMOGRAPHIC_SCORE_PY] = [1.0, 0.99, 1.0, 1.005];
    case
}

#[test]
fn the_aggregate_risk_cap_binds_all_types_or_none() {
    let binding = both(&risen([1.01, 1.02, 1.08, 1.07]), 2024);
    assert_four(&binding.risk_ratio, [1.01, 1.02, 1.032_545, 1.032_545], 5e-7);
    let free = both(&risen([1.20, 0.99, 1.00, 1.01]), 2024);
    assert_four(&free.risk_ratio, [1.20, 0.99, 1.00, 1.01], 1e-12);
}

fn projected(growth: [f64; 4]) -> Case {
    let mut case = at(20_240_101, 1.0, HISTORICAL, [0.0; 4]);
    case.cells[cell::ACPT] = [f64::NAN; 4];
    case.cells[cell::ACPT_GROWTH] = growth;
    case.cells[cell::NATIONAL_WEIGHT_PY] = [0.0; 4];
    let two_way = [1.05, 1.06, 1.07, 1.065];
    let region = case.cells[cell::REGIONAL_BY3];
    case.cells[cell::REGIONAL_PY] = std::array::from_fn(|k| region[k] * two_way[k]);
    case
}

#[test]
fn the_prospective_trend_has_a_sixth_of_the_update_in_2024_and_a_third_after() {
    let case = projected([0.04, 0.049, 0.049, 0.049]);
    assert_four(&both(&case, 2024).update_factor, [1.048_129, 1.057_963, 1.066_412, 1.062_274], 5e-7);
    assert_four(&both(&case, 2025).update_factor, [1.046_259, 1.055_925, 1.062_825, 1.059_547], 5e-7);
    // Alone: what the three-way factor is where both others are 1.
    let mut case = projected([0.081_6, 0.094_107, 0.094_107, 0.094_107]);
    case.cells[cell::REGIONAL_PY] = case.cells[cell::REGIONAL_BY3];
    let third = both(&case, 2025).update_factor.map(|f| (f - 1.0) * 3.0 + 1.0);
    assert_four(&third, [1.079_102, 1.091_754, 1.093_097, 1.093_420], 5e-7);
}

/// A benchmark of 100 million by the three-way factor and of `two_way` by the two-way factor.
fn guarded(two_way: f64, spent: f64, rate: f64) -> Benchmark {
    let mut case = plain(20_240_101, 1.0);
    case.cells[cell::PERSON_YEARS_BY3] = [2_500.0; 4];
    case.cells[cell::PERSON_YEARS_PY] = [2_500.0; 4];
    let growth = two_way / 100e6;
    case.cells[cell::NATIONAL_PY] = [10_000.0 * growth; 4];
    case.cells[cell::REGIONAL_PY] = [10_000.0 * growth; 4];
    case.cells[cell::ACPT] = [3.0 - 2.0 * growth; 4];
    case.entity[entity::EXPENDITURES] = spent;
    case.entity[entity::GUARDRAIL_RATE] = rate;
    both(&case, 2025)
}

#[test]
fn the_guardrail_replaces_a_loss_by_savings_or_by_a_smaller_loss_only() {
    for (two_way, expected) in [(104e6, true), (101.5e6, true), (102.5e6, true), (99e6, false)] {
        let found = guarded(two_way, 103e6, 0.01);
        assert_eq!(found.guardrail, Some(expected), "{two_way}");
        assert!(close(found.benchmark, if expected { two_way } else { 100e6 }, 1e-12));
        assert!(close(found.updated_benchmark * 10_000.0, found.benchmark, 1e-12));
    }
    assert_eq!(guarded(104e6, 100.9e6, 0.01).guardrail, Some(false), "a loss inside the corridor");
    assert_eq!(guarded(104e6, 99e6, 0.0).guardrail, Some(false), "savings");
    assert_eq!(guarded(104e6, f64::NAN, 0.01).guardrail, None, "expenditures are not known");
    assert_eq!(guarded(104e6, 103e6, f64::NAN).guardrail, None, "the minimum loss rate is not known");
}

#[test]
fn national_growth_is_added_in_flat_dollars_before_2019() {
    let mut case = at(20_160_101, 1.0, [80_000.0, 9_000.0, 13_000.0, 8_500.0], [0.0; 4]);
    case.cells[cell::GIVEN_RISK_RATIO] = [1.0, 0.99, 1.0, 1.01];
    let growth = [1_500.0, 250.0, 380.0, 240.0];
    case.cells[cell::NATIONAL_PY] = std::array::from_fn(|k| NATIONAL[k] + growth[k]);
    let found = both(&case, 2018);
    assert_four(&found.updated, [81_500.0, 9_160.0, 13_380.0, 8_825.0], 1e-9);
    assert!(close(found.updated_benchmark, 9_995.20, 1e-12));
    assert_four(&found.flat_update, growth, 1e-9);
}

#[test]
fn newly_assigned_people_rise_with_hcc_scores_and_the_others_with_the_lower() {
    let mut case = plain(20_160_101, 1.0);
    case.cells[cell::RISK_SCORE_PY] = [1.10, 0.95, 1.10, 0.95];
    case.cells[cell::DEMOGRAPHIC_SCORE_PY] = [1.02; 4];
    case.cells[cell::NEWLY_ASSIGNED_SHARE_PY] = [0.25, 0.25, 1.0, 0.0];
    assert_four(&both(&case, 2018).risk_ratio, [1.04, 0.95, 1.10, 0.95], 1e-12);
}

fn rebased(spent: f64, region: f64, so_far: f64) -> Benchmark {
    let mut case = plain(20_180_101, 2.0);
    for place in [cell::PER_CAPITA_BY1, cell::PER_CAPITA_BY2, cell::PER_CAPITA_BY3] {
        case.cells[place] = [spent; 4];
    }
    for place in [cell::REGIONAL_BY1, cell::REGIONAL_BY2, cell::REGIONAL_BY3] {
        case.cells[place] = [region; 4];
    }
    case.cells[cell::REGIONAL_PY] = [region * 1.045; 4];
    case.entity[entity::REGIONAL_ADJUSTMENTS_SO_FAR] = so_far;
    both(&case, 2019)
}

#[test]
fn rebased_agreements_of_2017_to_2019_move_toward_their_region() {
    let lower = |so_far| rebased(10_000.0, 10_800.0, so_far).historical_benchmark;
    let higher = |so_far| rebased(10_800.0, 10_000.0, so_far).historical_benchmark;
    assert!(
        [lower(0.0), lower(1.0), lower(7.0)]
            .iter()
            .zip([10_280.0, 10_560.0, 10_560.0])
            .all(|(a, b)| close(*a, b, 1e-12))
    );
    assert!(
        [higher(0.0), higher(1.0), higher(2.0)]
            .iter()
            .zip([10_600.0, 10_400.0, 10_240.0])
            .all(|(a, b)| close(*a, b, 1e-12))
    );
    assert!(close(rebased(10_000.0, 10_800.0, 0.0).updated_benchmark, 10_742.60, 1e-12));
}

#[test]
fn base_years_weigh_10_30_60_at_first_and_a_third_each_later() {
    for (number, expected) in [(1.0, 10_000.0 * 0.1 + 20_000.0 * 0.3 + 30_000.0 * 0.6), (2.0, 20_000.0)] {
        let mut case = plain(20_220_101, number);
        case.cells[cell::PER_CAPITA_BY2] = [20_000.0; 4];
        case.cells[cell::PER_CAPITA_BY3] = [30_000.0; 4];
        assert_four(&both(&case, 2022).unadjusted, [expected; 4], 1e-8);
    }
}

#[test]
fn one_weight_serves_all_types_whatever_their_sign() {
    let mut case = at(20_220_101, 1.0, SPENT, [-6_971.0, 500.0, 500.0, 500.0]);
    for place in [cell::NATIONAL_BY1, cell::NATIONAL_BY2, cell::NATIONAL_BY3] {
        case.cells[place] = [95_000.0; 4];
    }
    let found = both(&case, 2022).adjustment;
    assert_four(&found.regional, [-2_439.85, 175.0, 175.0, 175.0], 1e-9);
}

#[test]
fn the_mix_is_that_of_the_third_base_year_in_the_history_and_of_the_performance_year_in_the_update() {
    let mut case = at(20_220_101, 1.0, SPENT, [0.0; 4]);
    case.cells[cell::PERSON_YEARS_PY] = [0.0, 0.0, 0.0, 5_000.0];
    let found = both(&case, 2022);
    assert!(close(found.historical_benchmark, 960.0 + 1_350.0 + 1_800.0 + 9_760.0, 1e-12));
    assert!(close(found.updated_benchmark, 12_200.0, 1e-12));
    assert_eq!(found.cents(), Some(6_100_000_000));
}

#[test]
fn a_type_without_people_needs_no_values() {
    let mut case = at(20_220_101, 1.0, SPENT, [0.0; 4]);
    for place in 0..cell::N {
        case.cells[place][0] = f64::NAN;
    }
    case.cells[cell::PERSON_YEARS_BY3][0] = 0.0;
    case.cells[cell::PERSON_YEARS_PY][0] = 0.0;
    let found = both(&case, 2022);
    assert_eq!(found.reason, reason::PLAIN);
    assert!(found.benchmark > 0.0 && found.historical[0].is_nan());
    // One that comes up in the performance year has nothing to grow from.
    case.cells[cell::PERSON_YEARS_PY][0] = 3.0;
    assert_eq!(kernel(&case, 2022).reason, reason::NO_BASE_YEAR_FOR_TYPE);
}

#[test]
fn a_type_without_people_in_the_third_base_year_has_no_benchmark_whatever_fills_its_base_years() {
    for (start, number, year) in AGREEMENTS {
        let mut case = plain(start, number);
        case.cells[cell::PERSON_YEARS_BY3][0] = 0.0;
        for place in [cell::PER_CAPITA_BY1, cell::PER_CAPITA_BY2, cell::PER_CAPITA_BY3] {
            case.cells[place][0] = 0.0;
        }
        let found = kernel(&case, year);
        assert_eq!(found.reason, reason::NO_BASE_YEAR_FOR_TYPE, "{start}");
        assert!(found.benchmark.is_nan() && found.historical[0].is_nan() && found.historical_benchmark > 0.0);
        let told = slow(&case, year).unwrap();
        assert_eq!(told.gap().map(|gap| gap.to_string()).unwrap_or_default(), NO_PEOPLE, "{start}");
        // Without people in the performance year either, nothing is missing.
        case.cells[cell::PERSON_YEARS_PY][0] = 0.0;
        assert_eq!(kernel(&case, year).reason, reason::PLAIN, "{start}");
        assert!(slow(&case, year).unwrap().gap().is_none(), "{start}");
    }
}

const NO_PEOPLE: &str = "`person_years_by3` of esrd is zero: a type without people in BY3 has nothing to update";

#[test]
fn no_type_is_adjusted_where_the_side_cannot_be_decided() {
    let mut case = at(20_240_101, 1.0, SPENT, [-6_000.0, -1_500.0, -3_000.0, -700.0]);
    case.cells[cell::REGIONAL_BY3][3] = f64::NAN;
    let found = kernel(&case, 2024).adjustment;
    assert!(found.regional.iter().all(|amount| amount.is_nan()), "{:?}", found.regional);
    assert!(slow(&case, 2024).unwrap().regional.iter().all(|amount| amount.0.is_err()));
}

#[test]
fn a_year_alone_is_refused_where_another_regulation_began_in_its_course() {
    let plan = Plan::new(&book(), "mssp", 2020, NOW).unwrap();
    assert!(plan.ambiguous(2019, 1.0) && plan.ambiguous(2019, 2.0) && plan.ambiguous(2012, 1.0));
    assert!(!plan.ambiguous(2018, 1.0) && !plan.ambiguous(2020, 1.0) && !plan.ambiguous(2016, 2.0));
}

/// The latest performance years in which CMS's results files have ACOs of a start, and the years after.
#[test]
fn an_agreement_period_ends_where_those_of_cms_results_do() {
    for (start, last) in [
        (20_120_701, 2015),
        (20_130_101, 2015),
        (20_140_101, 2017),
        (20_150_101, 2018),
        (20_160_101, 2019),
        (20_170_101, 2019),
        (20_190_701, 2024),
        (20_200_101, 2024),
    ] {
        for (year, beyond) in [(last, false), (last + 1, true)] {
            let plan = Plan::new(&book(), "mssp", year, NOW).unwrap();
            assert_eq!(plan.beyond(start), beyond, "{start} in {year}");
            assert_eq!(slow(&plain(start, 1.0), year).is_err(), beyond, "{start} in {year}");
        }
    }
}
