//! Results of Kidney Care Choices held against themselves: savings are benchmark less expenditures, the benchmark
//! follows from the unadjusted one, and what is owed in all is the sum of its parts. Cents; whole dollars as printed.

use crate::core::puf::{cents, dollars};

/// Half a dollar: what rounding may add for each printed amount.
const HALF: i64 = 50;
/// A difference of whole dollars.
const DOLLAR: i64 = 100;

/// Words for the verdicts, by code.
pub const VERDICTS: [&str; 4] = ["equal", "equal: no benchmark, the total alone", "not published", "unexplained"];
const EQUAL: u8 = 0;
const NO_BENCHMARK: u8 = 1;
const NOT_PUBLISHED: u8 = 2;
const DIFFERENT: u8 = 3;
/// First verdict that leaves a row without an explanation.
pub const UNEXPLAINED: u8 = NOT_PUBLISHED;

/// A sum: its parts (chronic kidney disease, end-stage renal disease) and what is printed for both.
pub type Cells = [Option<i64>; 3];

/// A row as published. Amounts in cents; `None` is not published, or not applicable.
#[derive(Clone, Copy, Debug, Default)]
pub struct Row {
    /// Benchmarks before discount and quality.
    pub unadjusted: Cells,
    /// Benchmarks that savings are measured from.
    pub benchmark: Cells,
    /// Expenditures.
    pub expenditures: Cells,
    /// Gross savings (or losses, below zero).
    pub savings: Cells,
    /// Discount, amount withheld for quality, and how much of it was earned.
    pub adjustments: [Option<i64>; 3],
    /// Net savings or losses, balances, bonus, true-up, high performers pool.
    pub owed: [Option<i64>; 6],
    /// All of the latter.
    pub total: Option<i64>,
}

/// One row's comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Savings computed from benchmark and expenditures, in cents.
    pub savings: Option<i64>,
    /// They are as printed, for both kinds of beneficiaries and together.
    pub savings_equal: bool,
    /// The benchmark follows from the unadjusted one.
    pub benchmark_equal: bool,
    /// The total is the sum of its parts.
    pub total_equal: bool,
    /// Index in [`VERDICTS`].
    pub verdict: u8,
}

/// Compares a row.
#[must_use]
pub fn compare(row: &Row) -> Comparison {
    let less = |at: usize| match (row.benchmark[at], row.expenditures[at]) {
        (Some(benchmark), Some(spent)) => Some(benchmark.saturating_sub(spent)),
        _ => None,
    };
    let known = [&row.unadjusted, &row.benchmark, &row.expenditures, &row.savings]
        .iter()
        .all(|cells| cells.iter().all(Option::is_some));
    let whole = |cells: &Cells| equal(&cells[..2], &[], cells[2]);
    let savings_equal = known
        && (0..3).all(|at| equal(&[row.benchmark[at]], &[row.expenditures[at]], row.savings[at]))
        && whole(&row.expenditures)
        && whole(&row.savings);
    let [discount, withheld, earned] = row.adjustments;
    let benchmark_equal = known
        && whole(&row.unadjusted)
        && whole(&row.benchmark)
        && equal(&[row.unadjusted[2], earned], &[discount, withheld], row.benchmark[2]);
    let total_equal = equal(&row.owed, &[], row.total);
    let nothing = [row.benchmark, row.expenditures, row.savings].iter().flatten().all(Option::is_none);
    let verdict = match (nothing, known && row.total.is_some()) {
        (true, _) if total_equal => NO_BENCHMARK,
        (false, true) if savings_equal && benchmark_equal && total_equal => EQUAL,
        (false, false) => NOT_PUBLISHED,
        (true, _) if row.total.is_none() => NOT_PUBLISHED,
        _ => DIFFERENT,
    };
    Comparison { savings: less(2), savings_equal, benchmark_equal, total_equal, verdict }
}

/// Whether amounts add up to a printed one but for what rounding each of them may do. Nulls add nothing.
fn equal(plus: &[Option<i64>], minus: &[Option<i64>], printed: Option<i64>) -> bool {
    let Some(printed) = printed else { return false };
    let sum = |amounts: &[Option<i64>]| amounts.iter().flatten().map(|amount| i128::from(*amount)).sum::<i128>();
    let amounts = plus.iter().chain(minus).flatten().count();
    // Printed amounts are whole dollars, so the difference is, too.
    let allowed = HALF * (i64::try_from(amounts).unwrap_or(0) + 1) / DOLLAR * DOLLAR;
    (sum(plus) - sum(minus) - i128::from(printed)).abs() <= i128::from(allowed)
}

/// How far a printed subtotal is above the sum of its rows, in dollars.
#[must_use]
pub fn above_sum(rows: &[f64], subtotal: f64) -> f64 {
    dollars(above(rows, subtotal))
}

fn above(rows: &[f64], subtotal: f64) -> i64 {
    rows.iter().fold(cents(subtotal), |rest, amount| rest.saturating_sub(cents(*amount)))
}

/// Whether a subtotal is the sum of its rows but for rounding.
#[must_use]
pub fn is_sum(rows: &[f64], subtotal: f64) -> bool {
    above(rows, subtotal).abs() <= HALF * (i64::try_from(rows.len()).unwrap_or(i64::MAX / DOLLAR) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dollars<const N: usize>(amounts: [i64; N]) -> [Option<i64>; N] {
        amounts.map(|amount| Some(amount * DOLLAR))
    }

    /// Integrated Kidney Care of Florida, 2023.
    fn florida() -> Row {
        Row {
            unadjusted: dollars([56_258_642, 105_471_147, 161_729_789]),
            benchmark: dollars([55_907_026, 104_811_952, 160_718_978]),
            expenditures: dollars([52_773_445, 106_791_124, 159_564_570]),
            savings: dollars([3_133_580, -1_979_172, 1_154_408]),
            adjustments: [None, Some(8_086_489 * DOLLAR), Some(7_075_678 * DOLLAR)],
            owed: dollars([833_116, 186_196, 0, 0, 60_574, 1_296_448]),
            total: Some(2_376_333 * DOLLAR),
        }
    }

    #[test]
    fn a_row_of_cms_adds_up_within_its_rounding() {
        let compared = compare(&florida());
        assert_eq!(compared.savings, Some(1_154_408 * DOLLAR));
        assert!(compared.savings_equal && compared.benchmark_equal && compared.total_equal);
        assert_eq!(compared.verdict, EQUAL);
    }

    #[test]
    fn each_sum_that_is_off_is_a_difference() {
        let mut row = florida();
        row.savings[2] = Some(1_154_410 * DOLLAR);
        assert!(!compare(&row).savings_equal);
        assert_eq!(compare(&row).verdict, DIFFERENT);
        let mut row = florida();
        row.savings[0] = Some(3_133_570 * DOLLAR);
        assert!(!compare(&row).savings_equal);
        let mut row = florida();
        row.adjustments[0] = Some(10 * DOLLAR);
        assert!(!compare(&row).benchmark_equal);
        assert_eq!(compare(&row).verdict, DIFFERENT);
        let mut row = florida();
        row.total = Some(2_376_300 * DOLLAR);
        assert!(!compare(&row).total_equal);
        assert_eq!(compare(&row).verdict, DIFFERENT);
    }

    #[test]
    fn a_practice_without_a_benchmark_is_held_to_its_total() {
        let row = Row {
            owed: [None, Some(6_806 * DOLLAR), Some(5_847 * DOLLAR), Some(0), Some(2_230 * DOLLAR), None],
            total: Some(14_882 * DOLLAR),
            ..Row::default()
        };
        assert_eq!(compare(&row).verdict, NO_BENCHMARK);
        assert_eq!(compare(&row).savings, None);
        assert_eq!(compare(&Row { total: Some(14_870 * DOLLAR), ..row }).verdict, DIFFERENT);
        assert_eq!(compare(&Row { total: None, ..row }).verdict, NOT_PUBLISHED);
    }

    #[test]
    fn a_missing_amount_is_not_taken_for_equal() {
        let mut row = florida();
        row.expenditures[1] = None;
        assert_eq!(compare(&row).verdict, NOT_PUBLISHED);
        assert!(!compare(&row).savings_equal);
    }

    #[test]
    fn a_subtotal_is_told_from_a_sum() {
        assert!(is_sum(&[1.0, 2.0], 4.0));
        assert!(!is_sum(&[1.0, 2.0], 5.0));
        assert_eq!(above(&[1.0, 2.0], 5.0), 200);
    }
}
