//! Computed settlements held against published ones, row by row. Generated savings and losses are whole dollars and
//! must be equal; what was earned is rounded by CMS and may differ by a dollar; a row that is not equal needs a reason,
//! which must show in what the file itself says of the row.

use crate::core::settle::{NULL_CENTS, reason};

/// Largest difference that whole printed dollars explain, in cents.
const TOLERANCE: i64 = 100;

/// Words for the verdicts, by code.
pub const VERDICTS: [&str; 10] = [
    "equal",
    "within what the printed quality score allows",
    "limited by participant revenue, which CMS does not publish",
    "final sharing rate of 0 in the file, and no column that says why",
    "fewer beneficiaries than the size scale covers; the file's own minimum rate was not passed",
    "agreement ended during the year, on a date that CMS does not publish",
    "not published",
    "not settled",
    "unexplained",
    "totals disagree: benchmark less expenditures is not the printed savings",
];

/// Verdict codes.
const EQUAL: u8 = 0;
const QUALITY: u8 = 1;
const REVENUE: u8 = 2;
const ZERO_RATE: u8 = 3;
const SIZE: u8 = 4;
const TERMINATED: u8 = 5;
const NOT_PUBLISHED: u8 = 6;
const NOT_SETTLED: u8 = 7;
const DIFFERENT: u8 = 8;
const TOTALS: u8 = 9;
/// First verdict of a row that was not reproduced.
pub const NOT_REPRODUCED: u8 = REVENUE;
/// First verdict that leaves a row without an explanation.
pub const UNEXPLAINED: u8 = NOT_PUBLISHED;

/// What a file says of a row beside its amounts, as bits.
pub mod said {
    /// A final sharing rate of 0, in a file without a quality-standard column.
    pub const ZERO_RATE: u8 = 1;
    /// The agreement ended during the year.
    pub const TERMINATED: u8 = 2;
    /// The limit by revenue does not apply.
    pub const NO_REVENUE_LIMIT: u8 = 4;
    /// The savings or losses do not pass the minimum rate in the file.
    pub const WITHIN_MINIMUM_RATE: u8 = 8;
    /// The file has no column of generated savings or losses.
    pub const NO_GENERATED: u8 = 16;
    /// Benchmark less expenditures is not the printed savings.
    pub const TOTALS_DISAGREE: u8 = 32;

    /// The bits of truth values in the order above.
    #[must_use]
    pub fn bits(values: [bool; 6]) -> u8 {
        values.iter().enumerate().fold(0, |bits, (at, value)| bits | u8::from(*value) << at)
    }
}

/// A row as computed and as published. Amounts in cents.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What the file should print as generated.
    pub generated: i64,
    /// Earned.
    pub earned: i64,
    /// Least and most earned that the printed quality score allows.
    pub earned_range: (i64, i64),
    /// Earned at the least revenue that participants can have had, see [`least_revenue`]; null where nothing is known.
    pub debt_floor: i64,
    /// Reason code of the settlement.
    pub reason: u8,
    /// Published generated; `None` is not published.
    pub published_generated: Option<i64>,
    /// Published earned; `None` is not published.
    pub published_earned: Option<i64>,
    /// See [`said`].
    pub said: u8,
}

/// One row's comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Generated savings or losses equal.
    pub generated_equal: bool,
    /// Earned equal, but for a dollar.
    pub earned_equal: bool,
    /// Index in [`VERDICTS`].
    pub verdict: u8,
}

/// Compares a row.
#[must_use]
pub fn compare(row: &Row) -> Comparison {
    let has = |bit: u8| row.said & bit != 0;
    let unequal = |verdict| Comparison { generated_equal: false, earned_equal: false, verdict };
    let Some(published) = row.published_earned else { return unequal(NOT_PUBLISHED) };
    if row.published_generated.is_none() && !has(said::NO_GENERATED) {
        return unequal(NOT_PUBLISHED);
    }
    if row.earned == NULL_CENTS {
        let nothing = row.published_generated == Some(0) && published == 0;
        let by_size = row.reason == reason::BELOW_SIZE_SCALE && has(said::WITHIN_MINIMUM_RATE) && nothing;
        let by_size = by_size && !has(said::TOTALS_DISAGREE);
        return unequal(if by_size { SIZE } else { NOT_SETTLED });
    }
    let generated_equal = row.published_generated.is_none_or(|amount| amount == row.generated);
    let earned_equal = row.earned.abs_diff(published) <= TOLERANCE.unsigned_abs();
    let verdict = if has(said::TOTALS_DISAGREE) {
        TOTALS
    } else if !generated_equal {
        DIFFERENT
    } else if earned_equal {
        EQUAL
    } else {
        explain(row, published)
    };
    Comparison { generated_equal, earned_equal, verdict }
}

/// Why an amount earned differs where what was generated does not.
fn explain(row: &Row, published: i64) -> u8 {
    let has = |bit: u8| row.said & bit != 0;
    let (least, most) = row.earned_range;
    let in_range = least != NULL_CENTS
        && most != NULL_CENTS
        && published >= least.min(most).saturating_sub(TOLERANCE)
        && published <= least.max(most).saturating_add(TOLERANCE);
    // Whatever limits a debt can only lower it (42 CFR 425.605(d), 425.221(b)).
    let owes_less = published > row.earned && published <= 0;
    let revenue_may_do = row.debt_floor == NULL_CENTS || published <= row.debt_floor.saturating_add(TOLERANCE);
    let by_revenue = owes_less && revenue_may_do && !has(said::NO_REVENUE_LIMIT);
    let keeps_nothing = row.earned > 0 && published == 0;
    if in_range {
        QUALITY
    } else if row.reason == reason::REVENUE_LIMIT_NOT_APPLIED && by_revenue {
        REVENUE
    } else if has(said::ZERO_RATE) && keeps_nothing {
        ZERO_RATE
    } else if has(said::TERMINATED) && (keeps_nothing || owes_less) {
        TERMINATED
    } else {
        DIFFERENT
    }
}

/// Whether savings or losses stay within a printed minimum rate, so that nothing is generated.
#[must_use]
pub fn within_rate(savings: f64, benchmark: f64, minimum_rate: f64) -> bool {
    savings.abs() < minimum_rate * benchmark
}

/// How much of the share by which an ACO is classed as high-revenue its participants have at least in the performance
/// year: the class goes by amounts of another twelve months.
const KEPT: f64 = 4.0 / 5.0;

/// The least revenue that participants of a high-revenue ACO can be taken to have had, in dollars: a share of the
/// expenditures for its beneficiaries (42 CFR 425.20), less a fifth, as the class is determined on another year.
#[must_use]
pub fn least_revenue(expenditures: f64, share: f64) -> f64 {
    expenditures * share * KEPT
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: Row = Row {
        generated: 10_000,
        earned: 5_000,
        earned_range: (5_000, 5_000),
        debt_floor: NULL_CENTS,
        reason: 0,
        published_generated: Some(10_000),
        published_earned: Some(5_000),
        said: 0,
    };

    fn verdict(row: &Row) -> u8 {
        compare(row).verdict
    }

    #[test]
    fn generated_must_be_equal_and_earned_but_for_a_dollar() {
        assert_eq!(verdict(&ROW), EQUAL);
        assert_eq!(verdict(&Row { published_earned: Some(5_100), ..ROW }), EQUAL);
        assert_eq!(verdict(&Row { published_earned: Some(5_101), ..ROW }), DIFFERENT);
        assert_eq!(verdict(&Row { published_generated: Some(10_001), ..ROW }), DIFFERENT);
    }

    #[test]
    fn a_printed_score_allows_what_its_rounding_does_and_a_dollar() {
        let row = Row { earned_range: (4_000, 6_000), ..ROW };
        for (published, expected) in [(3_899, DIFFERENT), (3_900, QUALITY), (6_100, QUALITY), (6_101, DIFFERENT)] {
            assert_eq!(verdict(&Row { published_earned: Some(published), ..row }), expected);
        }
    }

    #[test]
    fn only_a_smaller_debt_is_put_down_to_unpublished_revenue() {
        let row = Row {
            generated: -900,
            earned: -90_000,
            earned_range: (-90_000, -90_000),
            debt_floor: NULL_CENTS,
            reason: reason::REVENUE_LIMIT_NOT_APPLIED,
            published_generated: Some(-900),
            published_earned: Some(-40_000),
            said: 0,
        };
        assert_eq!(verdict(&row), REVENUE);
        assert_eq!(verdict(&Row { published_earned: Some(-140_000), ..row }), DIFFERENT);
        assert_eq!(verdict(&Row { published_earned: Some(1), ..row }), DIFFERENT);
        assert_eq!(verdict(&Row { reason: 0, ..row }), DIFFERENT);
        assert_eq!(verdict(&Row { said: said::NO_REVENUE_LIMIT, ..row }), DIFFERENT);
        assert_eq!(verdict(&Row { published_generated: Some(-1_000), ..row }), DIFFERENT);
        // As much as the least revenue of a high-revenue ACO would make it owe, but for a dollar.
        assert_eq!(verdict(&Row { debt_floor: -40_100, ..row }), REVENUE);
        assert_eq!(verdict(&Row { debt_floor: -40_101, ..row }), DIFFERENT);
        assert_eq!(verdict(&Row { debt_floor: -30_000, ..row }), REVENUE);
        assert!((least_revenue(1_000.0, 0.5) - 400.0).abs() < 1e-9);
    }

    #[test]
    fn totals_that_disagree_are_never_explained() {
        let row = Row { said: said::TOTALS_DISAGREE, ..ROW };
        assert_eq!(verdict(&row), TOTALS);
        assert_eq!(verdict(&Row { published_generated: Some(1), ..row }), TOTALS);
        assert_eq!(verdict(&Row { earned: NULL_CENTS, ..row }), NOT_SETTLED);
        assert!(compare(&row).generated_equal && compare(&row).earned_equal);
    }

    #[test]
    fn a_rate_of_zero_explains_no_payment_and_nothing_else() {
        let row = Row { published_earned: Some(0), said: said::ZERO_RATE, ..ROW };
        assert_eq!(verdict(&row), ZERO_RATE);
        assert_eq!(verdict(&Row { published_earned: Some(2_500), ..row }), DIFFERENT);
        assert_eq!(verdict(&Row { said: 0, ..row }), DIFFERENT);
        assert_eq!(verdict(&Row { published_generated: Some(0), ..row }), DIFFERENT);
    }

    #[test]
    fn a_termination_explains_no_payment_or_a_smaller_debt() {
        let gain = Row { published_earned: Some(0), said: said::TERMINATED, ..ROW };
        assert_eq!(verdict(&gain), TERMINATED);
        assert_eq!(verdict(&Row { published_earned: Some(4_000), ..gain }), DIFFERENT);
        let (generated, earned) = (-10_000, -5_000);
        let debt = Row {
            generated,
            earned,
            earned_range: (earned, earned),
            published_generated: Some(generated),
            ..gain
        };
        assert_eq!(verdict(&Row { published_earned: Some(-2_500), ..debt }), TERMINATED);
        assert_eq!(verdict(&Row { published_earned: Some(-7_500), ..debt }), DIFFERENT);
    }

    #[test]
    fn too_few_beneficiaries_are_explained_where_the_file_agrees_that_nothing_was_generated() {
        let row = Row {
            generated: NULL_CENTS,
            earned: NULL_CENTS,
            reason: reason::BELOW_SIZE_SCALE,
            published_generated: Some(0),
            published_earned: Some(0),
            said: said::WITHIN_MINIMUM_RATE,
            ..ROW
        };
        assert_eq!(verdict(&row), SIZE);
        assert_eq!(verdict(&Row { published_earned: Some(1_000), ..row }), NOT_SETTLED);
        assert_eq!(verdict(&Row { said: 0, ..row }), NOT_SETTLED);
        let wrong = said::WITHIN_MINIMUM_RATE | said::TOTALS_DISAGREE;
        assert_eq!(verdict(&Row { said: wrong, ..row }), NOT_SETTLED);
        assert_eq!(verdict(&Row { reason: reason::MISSING_INPUT, ..row }), NOT_SETTLED);
        assert!(within_rate(62_381.0, 1_475_739.0, 0.2542) && !within_rate(-400_000.0, 1_475_739.0, 0.2542));
    }

    #[test]
    fn truth_values_become_the_bits_of_their_names() {
        let one = |at| std::array::from_fn(|i| i == at);
        let names = [
            said::ZERO_RATE,
            said::TERMINATED,
            said::NO_REVENUE_LIMIT,
            said::WITHIN_MINIMUM_RATE,
            said::NO_GENERATED,
            said::TOTALS_DISAGREE,
        ];
        assert_eq!(std::array::from_fn::<u8, 6, _>(|at| said::bits(one(at))), names);
    }

    #[test]
    fn nulls_are_named() {
        assert_eq!(verdict(&Row { earned: NULL_CENTS, ..ROW }), NOT_SETTLED);
        assert_eq!(verdict(&Row { published_earned: None, ..ROW }), NOT_PUBLISHED);
        assert_eq!(verdict(&Row { published_generated: None, ..ROW }), NOT_PUBLISHED);
        assert_eq!(verdict(&Row { published_generated: None, said: said::NO_GENERATED, ..ROW }), EQUAL);
    }
}
