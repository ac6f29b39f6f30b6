//! Incentives, conversion factors, MIPS: the integers of the core against the decimals that explain them, and vectors.

use crate::support::{NOW, book};
use proptest::prelude::*;
use rust_decimal::Decimal;
use sharedsavings::core::incentive::{Base, Incentive, conversion_factor::ConversionFactors};
use sharedsavings::core::mips::{Mips, Scale, adjustment};
use sharedsavings::core::reference::{self, Trace};
use sharedsavings::core::round::PPB;
use sharedsavings::core::rows::{NULL, Verb, reason};
use sharedsavings::core::rulebook::AsOf;

const PROPOSED: AsOf = AsOf { date: None, proposed: true };

type Decided = Result<(Vec<Option<i64>>, u8), (usize, u8)>;

fn decided<V: Verb>(as_of: AsOf, values: &[Option<i64>]) -> Decided {
    let plan = V::plan(&book(), as_of, &[values[0].unwrap()]).unwrap();
    let mut out = vec![None; V::RESULTS.len()];
    plan.decide(values, &mut out).map(|reason| (out, reason))
}

#[test]
fn t11_and_t12_in_cents() {
    let of = |year, adjustments, risk| {
        let mut row = [None; 10];
        (row[0], row[1], row[2]) = (Some(year), Some(2), Some(20_000_000));
        (row[3], row[5]) = (adjustments, risk);
        decided::<Incentive>(NOW, &row).unwrap().0[4]
    };
    let expected = [1_000_000, 700_000, 376_000, 0, 620_000].map(Some);
    assert_eq!([2022, 2023, 2024, 2025, 2026].map(|year| of(year, None, None)), expected);
    assert_eq!(of(2017, Some(150_000), Some(200_000)), Some(982_500));
}

#[test]
fn t13_and_t14_published_factors_are_those_computed() {
    for (year, qp, expected) in [(2026, 2, 335_675), (2026, 0, 334_009), (2027, 2, 331_693), (2027, 1, 328_409)] {
        let (out, _) = decided::<ConversionFactors>(PROPOSED, &[Some(year), Some(qp)]).unwrap();
        assert_eq!((out[1], out[2]), (Some(expected), Some(expected)), "{year} {qp}");
    }
    assert!(!ConversionFactors::plan(&book(), NOW, &[2027]).unwrap().knows(2027));
}

#[test]
fn computed_factors_are_those_of_the_decimals() {
    for year in [2026, 2027] {
        for (qp, side) in [(2, "qualifying"), (0, "non_qualifying")] {
            let mut trace = Trace::default();
            let told = reference::conversion_factor::factor(&book(), PROPOSED, year, side, &mut trace).unwrap();
            let (out, _) = decided::<ConversionFactors>(PROPOSED, &[Some(year), Some(qp)]).unwrap();
            assert_eq!(out[2].map(|units| Decimal::new(units, 4)), told);
        }
    }
}

#[test]
fn amounts_at_the_edge_of_64_bits_are_refused_or_right() {
    let mut row = [None; 10];
    (row[0], row[1], row[2]) = (Some(2022), Some(2), Some(i64::MAX));
    assert_eq!(decided::<Incentive>(NOW, &row).unwrap().0[4], Some(461_168_601_842_738_790));
    row[3] = Some(-1);
    assert_eq!(decided::<Incentive>(NOW, &row), Err((2, reason::OVERFLOW)));
}

proptest! {
    #[test]
    fn an_incentive_is_that_of_the_decimals(
        year in 2017_i64..2035, status in 0_i64..3, paid in 0_i64..1_000_000_000_000,
        adjustments in -1_000_000_i64..1_000_000, rest in prop::array::uniform5(0_i64..1_000_000),
    ) {
        let [bonuses, risk, extra, flow, replaced] = rest;
        let row = [Some(year), Some(status), Some(paid), Some(adjustments), Some(bonuses), Some(risk - 500_000),
            Some(extra), Some(1), Some(flow), Some(replaced)];
        let base = Base { paid, adjustments, bonuses, financial_risk: risk - 500_000, supplemental: extra,
            cash_flow: flow, cash_flow_replaced: replaced };
        let found = decided::<Incentive>(NOW, &row);
        if base.cents().unwrap() < 0 {
            prop_assert!(found.is_err());
        } else {
            let mut trace = Trace::default();
            let told = reference::incentive::incentive(&book(), NOW, year, status == 2, Some(&base), &mut trace).unwrap();
            prop_assert_eq!(found.unwrap().0[4].map(|cents| Decimal::new(cents, 2)), Some(told));
        }
    }

    #[test]
    fn an_adjustment_never_falls_as_the_score_rises(
        a in 0..=PPB, b in 0..=PPB, threshold in 1..PPB, percent in 1..=PPB / 4, factor in 0..=3 * PPB,
    ) {
        let scale = Scale { applicable_percent: percent, floor: PPB / 4, threshold, scaling_factor: factor };
        let (low, high) = (adjustment(a.min(b), &scale).unwrap(), adjustment(a.max(b), &scale).unwrap());
        prop_assert!(low <= high && low >= -percent);
    }

    #[test]
    fn a_qp_is_never_in_mips_and_no_exclusion_lets_anyone_in(
        year in 2017_i64..2030, status in 0_i64..3, election in 0_i64..4,
        volume in prop::array::uniform3(prop::option::of(0_i64..20_000_000)), other in 0_i64..2,
    ) {
        let mut row = [None; 16];
        (row[0], row[1], row[2], row[6]) = (Some(year), Some(status), Some(election), Some(other));
        row[3..6].copy_from_slice(&volume);
        let (out, _) = decided::<Mips>(NOW, &row).unwrap();
        if status == 2 || (other == 1 && out[0].is_some()) {
            prop_assert_eq!(out[0], Some(0));
        }
        row[6] = None;
        let (open, _) = decided::<Mips>(NOW, &row).unwrap();
        prop_assert!(other == 0 || open[0].is_none() || out[0] <= open[0]);
        prop_assert_ne!(out[0], Some(NULL));
    }
}
