//! Computed settlements held against published ones, row by row. CMS prints whole dollars, so an amount is
//! equal where it differs by at most a dollar; a row that is not equal needs a reason.

use crate::core::kernel::Column;
use crate::core::settle::{NULL_CENTS, reason};

/// Largest difference that whole printed dollars explain, in cents.
const TOLERANCE: i64 = 100;

/// Words for the verdicts, by code.
pub const VERDICTS: [&str; 5] = [
    "equal",
    "limited by participant revenue, which CMS does not publish",
    "not published",
    "not settled",
    "unexplained",
];

/// Verdict codes.
const EQUAL: u8 = 0;
const REVENUE: u8 = 1;
const NOT_PUBLISHED: u8 = 2;
const NOT_SETTLED: u8 = 3;
const DIFFERENT: u8 = 4;
/// First verdict that leaves a row without an explanation.
pub const UNEXPLAINED: u8 = NOT_PUBLISHED;

/// One row's comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Generated savings or losses equal.
    pub generated_equal: bool,
    /// Earned equal.
    pub earned_equal: bool,
    /// Index in [`VERDICTS`].
    pub verdict: u8,
}

/// Compares a row. Amounts in cents; `None` is not published.
#[must_use]
pub fn compare(
    generated: i64,
    earned: i64,
    settled_reason: u8,
    published_generated: Option<i64>,
    published_earned: Option<i64>,
) -> Comparison {
    let (Some(published_generated), Some(published_earned)) = (published_generated, published_earned) else {
        return Comparison { generated_equal: false, earned_equal: false, verdict: NOT_PUBLISHED };
    };
    if earned == NULL_CENTS {
        return Comparison { generated_equal: false, earned_equal: false, verdict: NOT_SETTLED };
    }
    let equal = |a: i64, b: i64| a.abs_diff(b) <= TOLERANCE as u64;
    let generated_equal = equal(generated, published_generated);
    let earned_equal = equal(earned, published_earned);
    // The revenue-based limit can only lower what is owed (42 CFR 425.605(d)).
    let owes_less = published_earned > earned && published_earned <= 0;
    let verdict = if generated_equal && earned_equal {
        EQUAL
    } else if generated_equal && settled_reason == reason::REVENUE_LIMIT_NOT_APPLIED && owes_less {
        REVENUE
    } else {
        DIFFERENT
    };
    Comparison { generated_equal, earned_equal, verdict }
}

/// Compares whole columns; the published ones are read as the caller holds them.
#[must_use]
pub fn compare_all(
    generated: &[i64],
    earned: &[i64],
    reasons: &[u8],
    published_generated: &dyn Column,
    published_earned: &dyn Column,
) -> Vec<Comparison> {
    let read = |column: &dyn Column| {
        let rows = column.rows().min(earned.len());
        let (mut values, mut flags) = (vec![0; rows], vec![0; rows]);
        column.gather(0..rows, &mut values, &mut flags);
        values.into_iter().zip(flags).map(|(v, f)| (f == 0).then_some(v)).collect::<Vec<_>>()
    };
    let published = read(published_generated).into_iter().zip(read(published_earned));
    let computed = generated.iter().zip(earned).zip(reasons);
    computed.zip(published).map(|(((g, e), r), (pg, pe))| compare(*g, *e, *r, pg, pe)).collect()
}

/// Expenditures in whole dollars that agree with the printed difference of benchmark and expenditures.
///
/// CMS rounds benchmark, expenditures and their difference each by itself, so the printed difference is nearer to
/// the unrounded one than the difference of the two printed amounts. A row that disagrees by more than the dollar
/// that rounding allows is left alone.
#[must_use]
pub fn expenditures_as_printed(benchmark: i64, expenditures: i64, savings: i64) -> i64 {
    let implied = benchmark.saturating_sub(savings);
    if implied.abs_diff(expenditures) <= 1 { implied } else { expenditures }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dollar_is_rounding_and_two_are_not() {
        assert_eq!(compare(10_000, 5_000, 0, Some(10_100), Some(4_900)).verdict, EQUAL);
        assert_eq!(compare(10_000, 5_000, 0, Some(10_000), Some(5_101)).verdict, DIFFERENT);
    }

    #[test]
    fn only_a_smaller_debt_is_put_down_to_unpublished_revenue() {
        let code = reason::REVENUE_LIMIT_NOT_APPLIED;
        assert_eq!(compare(-900, -90_000, code, Some(-900), Some(-40_000)).verdict, REVENUE);
        assert_eq!(compare(-900, -40_000, code, Some(-900), Some(-90_000)).verdict, DIFFERENT);
        assert_eq!(compare(-900, -90_000, 0, Some(-900), Some(-40_000)).verdict, DIFFERENT);
    }

    #[test]
    fn printed_savings_move_expenditures_by_a_dollar_at_most() {
        assert_eq!(expenditures_as_printed(116_616_215, 116_606_559, 9_657), 116_606_558);
        assert_eq!(expenditures_as_printed(100, 90, 10), 90);
        assert_eq!(expenditures_as_printed(100, 90, 15), 90);
    }

    #[test]
    fn nulls_are_named() {
        assert_eq!(compare(0, NULL_CENTS, 1, Some(0), Some(0)).verdict, NOT_SETTLED);
        assert_eq!(compare(0, 0, 0, None, Some(0)).verdict, NOT_PUBLISHED);
    }
}
