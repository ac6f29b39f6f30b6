//! Results of ACO REACH held against what the terms give: the benchmark with its health equity adjustment, units of
//! printed rates, and verdicts. CMS prints cents; where it says that nothing was paid, the file itself must show it.

use crate::core::puf::{cents, dollars};
use crate::core::settle::NULL_CENTS;

/// Largest difference that rounding explains, in cents: three printed amounts, and the cents in which we settle.
const TOLERANCE: u64 = 2;

/// Words for the verdicts, by code.
pub const VERDICTS: [&str; 6] = [
    "equal",
    "amount after sequestration 0 in the file, though the file itself shares savings",
    "no net amount in the file, whose net rate is 0, and a footnote mark on the id",
    "not published",
    "not settled",
    "unexplained",
];
const EQUAL: u8 = 0;
const SET_TO_ZERO: u8 = 1;
const MARKED: u8 = 2;
const NOT_PUBLISHED: u8 = 3;
const NOT_SETTLED: u8 = 4;
const DIFFERENT: u8 = 5;
/// First verdict of a row that was not reproduced.
pub const NOT_REPRODUCED: u8 = SET_TO_ZERO;
/// First verdict that leaves a row without an explanation.
pub const UNEXPLAINED: u8 = NOT_PUBLISHED;

/// A row as computed and as published. Amounts in cents; `None` is not published.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Gross savings (or losses, below zero).
    pub gross: i64,
    /// Paid or owed, after sequestration.
    pub earned: i64,
    /// Withheld by sequestration.
    pub sequestered: i64,
    /// Published gross savings.
    pub published_gross: Option<i64>,
    /// Published share before sequestration.
    pub published_shared: Option<i64>,
    /// Published amount after sequestration.
    pub published_earned: Option<i64>,
    /// Whether this kind of file prints the share before sequestration.
    pub prints_shared: bool,
    /// Whether the id bears a footnote mark, and the printed net rate is 0.
    pub marked_zero: bool,
}

/// One row's comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Gross savings equal.
    pub gross: bool,
    /// Share before sequestration equal; false where it is not printed.
    pub shared: bool,
    /// Amount after sequestration equal.
    pub earned: bool,
    /// Index in [`VERDICTS`].
    pub verdict: u8,
}

/// Compares a row.
#[must_use]
pub fn compare(row: &Row) -> Comparison {
    let settled = row.earned != NULL_CENTS && row.gross != NULL_CENTS;
    let shared = if settled { row.earned.saturating_add(row.sequestered) } else { NULL_CENTS };
    let same = |computed: i64, published: Option<i64>| {
        settled && published.is_some_and(|amount| amount.abs_diff(computed) <= TOLERANCE)
    };
    let gross = same(row.gross, row.published_gross);
    let shared_equal = same(shared, row.published_shared);
    let earned = same(row.earned, row.published_earned);
    let before = gross && (shared_equal || !row.prints_shared);
    let keeps_something = settled && row.earned > 0;
    let verdict = if row.published_gross.is_none() || (row.prints_shared && row.published_shared.is_none()) {
        NOT_PUBLISHED
    } else if !settled {
        NOT_SETTLED
    } else if before && earned {
        EQUAL
    } else if before && row.prints_shared && keeps_something && row.published_earned == Some(0) {
        SET_TO_ZERO
    } else if before && row.marked_zero && keeps_something && row.published_earned.is_none() {
        MARKED
    } else if row.published_earned.is_none() {
        NOT_PUBLISHED
    } else {
        DIFFERENT
    };
    Comparison { gross, shared: shared_equal, earned, verdict }
}

/// The benchmark that savings are measured from: the final one with what the health equity adjustment adds and takes.
#[must_use]
pub fn benchmark_with_equity(benchmark: f64, increase: f64, decrease: f64) -> f64 {
    dollars(cents(benchmark).saturating_add(cents(increase)).saturating_add(cents(decrease)))
}

/// Benchmark less expenditures, in cents.
#[must_use]
pub fn difference(benchmark: f64, expenditures: f64) -> i64 {
    cents(benchmark).saturating_sub(cents(expenditures))
}

/// Whether a printed rate of savings is in percent, by the amounts beside it. `None` where they do not tell, as
/// savings are too small or the rate is neither.
#[must_use]
pub fn rate_is_percent(rate: f64, savings: f64, benchmark: f64) -> Option<bool> {
    let percent = 100.0 * savings / benchmark;
    if !percent.is_finite() || percent.abs() < 1.0 {
        return None;
    }
    let near = |value: f64| (value - percent).abs() * 8.0 < percent.abs();
    if near(rate) { Some(true) } else { near(100.0 * rate).then_some(false) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: Row = Row {
        gross: 130_484_200,
        earned: 127_874_516,
        sequestered: 2_609_684,
        published_gross: Some(130_484_200),
        published_shared: Some(130_484_200),
        published_earned: Some(127_874_516),
        prints_shared: true,
        marked_zero: false,
    };

    fn verdict(row: &Row) -> u8 {
        compare(row).verdict
    }

    #[test]
    fn two_cents_are_rounding_and_three_are_not() {
        assert_eq!(compare(&ROW), Comparison { gross: true, shared: true, earned: true, verdict: EQUAL });
        assert_eq!(verdict(&Row { published_earned: Some(127_874_518), ..ROW }), EQUAL);
        assert_eq!(verdict(&Row { published_earned: Some(127_874_519), ..ROW }), DIFFERENT);
        assert_eq!(verdict(&Row { published_gross: Some(130_484_197), ..ROW }), DIFFERENT);
        assert_eq!(verdict(&Row { published_shared: Some(130_484_203), ..ROW }), DIFFERENT);
    }

    #[test]
    fn nothing_paid_is_named_only_where_the_file_shares_savings_before() {
        let nothing = Row { published_earned: Some(0), ..ROW };
        assert_eq!(verdict(&nothing), SET_TO_ZERO);
        assert_eq!(verdict(&Row { published_shared: Some(0), ..nothing }), DIFFERENT);
        assert_eq!(verdict(&Row { published_earned: Some(1), ..ROW }), DIFFERENT);
        let owes = Row {
            gross: -500,
            earned: -500,
            sequestered: 0,
            published_gross: Some(-500),
            published_shared: Some(-500),
            ..nothing
        };
        assert_eq!(verdict(&owes), DIFFERENT);
    }

    #[test]
    fn a_missing_net_amount_needs_a_mark_and_a_rate_of_zero() {
        let table = Row { published_shared: None, prints_shared: false, ..ROW };
        assert_eq!(verdict(&table), EQUAL);
        let marked = Row { published_earned: None, marked_zero: true, ..table };
        assert_eq!(verdict(&marked), MARKED);
        assert_eq!(verdict(&Row { marked_zero: false, ..marked }), NOT_PUBLISHED);
        assert_eq!(verdict(&Row { published_gross: Some(0), ..marked }), NOT_PUBLISHED);
        assert_eq!(verdict(&Row { published_earned: Some(0), ..marked }), DIFFERENT);
    }

    #[test]
    fn nulls_are_named() {
        assert_eq!(verdict(&Row { published_gross: None, ..ROW }), NOT_PUBLISHED);
        assert_eq!(verdict(&Row { published_shared: None, ..ROW }), NOT_PUBLISHED);
        assert_eq!(verdict(&Row { earned: NULL_CENTS, ..ROW }), NOT_SETTLED);
        assert_eq!(verdict(&Row { gross: NULL_CENTS, ..ROW }), NOT_SETTLED);
    }

    #[test]
    fn the_unit_of_a_rate_shows_in_the_amounts() {
        assert_eq!(rate_is_percent(5.1345, 3_879_554.46, 75_558_439.91), Some(true));
        assert_eq!(rate_is_percent(0.051_345, 3_879_554.46, 75_558_439.91), Some(false));
        assert_eq!(rate_is_percent(-11.2833, -3_007_239.57, 26_652_184.86), Some(true));
        assert_eq!(rate_is_percent(0.0001, 3_000.0, 26_652_184.86), None);
        assert_eq!(rate_is_percent(7.0, 3_879_554.46, 75_558_439.91), None);
        assert_eq!(rate_is_percent(7.0, 1.0, 0.0), None);
    }

    #[test]
    fn the_health_equity_adjustment_is_added_to_the_cent() {
        assert_eq!(cents(benchmark_with_equity(1_000_000.105, 270.0, -1_793.5)), 99_847_661);
        assert_eq!(difference(75_558_439.911_6, 71_678_885.450_8), 387_955_446);
    }
}
