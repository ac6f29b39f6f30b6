//! One entity and performance year as the engine takes it: from the values of its columns, checked as to signs,
//! ranges and what excludes what. Money in cents, shares in parts per billion, dates as yyyymmdd.

use super::reason::{self, COLUMNS, column};
use crate::core::date::Date;
use crate::core::round::PPB;

/// Values of one row in the order of [`COLUMNS`]; `None` is null or a column that is absent.
pub type Values = [Option<i64>; COLUMNS.len()];

/// One row, valid as to signs and ranges. Money in cents, shares in parts per billion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // each is a column
pub struct Row {
    /// Updated benchmark, above zero.
    pub benchmark: i64,
    /// Expenditures of the performance year.
    pub expenditures: i64,
    /// Assigned beneficiaries, a head count.
    pub beneficiaries: i64,
    /// Quality score.
    pub quality_score: Option<i64>,
    /// Quality performance standard met.
    pub quality_standard_met: Option<bool>,
    /// Alternative quality performance standard met.
    pub alternative_standard_met: Option<bool>,
    /// Elected minimum rate; `None` is the size scale.
    pub elected_rate: Option<i64>,
    /// ACO participants' total Medicare Parts A and B fee-for-service revenue.
    pub participant_revenue: Option<i64>,
    /// Low-revenue ACO.
    pub low_revenue: Option<bool>,
    /// Start of the agreement period, yyyymmdd.
    pub agreement_start: Option<i64>,
    /// Loss waived for extreme and uncontrollable circumstances.
    pub disaster_relief: i64,
    /// The benchmark is the guardrail's two-way benchmark.
    pub guardrail: bool,
    /// A six-month performance period; the amounts of the row are those of the calendar year.
    pub half_year: bool,
    /// Last day of an agreement that ended within the performance year, yyyymmdd.
    pub termination_date: Option<i64>,
    /// CMS ended it.
    pub terminated_by_cms: bool,
    /// Relief as shares: months of the year, and assigned beneficiaries, under extreme circumstances.
    pub relief_shares: Option<[i64; 2]>,
    /// Day of payment, yyyymmdd; `None` is the usual one.
    pub payment_date: Option<i64>,
    /// Which performance year under two-sided risk this is, from 1; `None` follows from the agreement.
    pub two_sided_year: Option<i64>,
    /// Too few beneficiaries in a benchmark year.
    pub small_benchmark_year: bool,
    /// Advance not yet recouped.
    pub advance_balance: Option<i64>,
    /// The entity's own discount.
    pub discount: Option<i64>,
    /// The cap elected on what is looked at of savings and losses.
    pub elected_cap: Option<i64>,
    /// The benchmark is given after discount and withhold.
    pub benchmark_final: bool,
    /// Added to the target of both sides.
    pub benchmark_bonus: i64,
    /// What shared savings and losses are multiplied by; parts per billion.
    pub geographic_factor: Option<i64>,
    /// Added to what is earned at the very end; below zero where taken off.
    pub payment_adjustment: i64,
}

impl Row {
    /// A row from values that are each valid by themselves; benchmark and expenditures must be present.
    #[must_use]
    pub fn from_values(v: &Values) -> Option<Self> {
        let truth = |at: usize| v[at].map(|value| value != 0);
        let flag = |at: usize| truth(at).unwrap_or(false);
        Some(Self {
            benchmark: v[column::BENCHMARK]?,
            expenditures: v[column::EXPENDITURES]?,
            // Whoever needs them has checked that they are there.
            beneficiaries: v[column::BENEFICIARIES].unwrap_or(0),
            quality_score: v[column::QUALITY_SCORE],
            quality_standard_met: truth(column::QUALITY_STANDARD_MET),
            alternative_standard_met: truth(column::ALTERNATIVE_STANDARD_MET),
            elected_rate: v[column::ELECTED_RATE],
            participant_revenue: v[column::PARTICIPANT_REVENUE],
            low_revenue: truth(column::LOW_REVENUE),
            agreement_start: v[column::AGREEMENT_START].map(as_date),
            disaster_relief: v[column::DISASTER_RELIEF].unwrap_or(0),
            guardrail: flag(column::GUARDRAIL),
            half_year: flag(column::HALF_YEAR),
            termination_date: v[column::TERMINATION_DATE],
            terminated_by_cms: flag(column::TERMINATED_BY_CMS),
            relief_shares: v[column::DISASTER_MONTH_SHARE]
                .zip(v[column::DISASTER_BENEFICIARY_SHARE])
                .map(|(months, people)| [months, people]),
            payment_date: v[column::PAYMENT_DATE],
            two_sided_year: v[column::TWO_SIDED_YEAR],
            small_benchmark_year: flag(column::SMALL_BENCHMARK_YEAR),
            advance_balance: v[column::ADVANCE_BALANCE],
            discount: v[column::DISCOUNT],
            elected_cap: v[column::ELECTED_CAP],
            benchmark_final: flag(column::BENCHMARK_FINAL),
            benchmark_bonus: v[column::BENCHMARK_BONUS].unwrap_or(0),
            geographic_factor: v[column::GEOGRAPHIC_FACTOR],
            payment_adjustment: v[column::PAYMENT_ADJUSTMENT].unwrap_or(0),
        })
    }
}

/// A date as yyyymmdd; a year alone stands for its first of January.
#[must_use]
pub fn as_date(value: i64) -> i64 {
    if (0..10_000).contains(&value) { value * 10_000 + 101 } else { value }
}

/// Whether a calendar has the day, within the years that such programs can know.
fn is_date(value: i64) -> bool {
    let (year, month, day) = (value / 10_000, value / 100 % 100, value % 100);
    (1990..2200).contains(&year) && Date::new(year as u16, month as u8, day as u8).is_some()
}

/// No factor of local prices is ten.
const MOST_FACTOR: i64 = 10 * PPB;

/// What is wrong with a value by itself; 0 for nothing.
pub(super) fn problem(at: usize, value: i64) -> u8 {
    let wrong = |is: bool, code: u8| if is { code } else { 0 };
    match at {
        column::BENCHMARK if value == 0 => reason::NO_BENCHMARK,
        column::BENCHMARK
        | column::EXPENDITURES
        | column::BENEFICIARIES
        | column::PARTICIPANT_REVENUE
        | column::DISASTER_RELIEF
        | column::ADVANCE_BALANCE
        | column::BENCHMARK_BONUS => wrong(value < 0, reason::NEGATIVE),
        column::GEOGRAPHIC_FACTOR if value < 0 => reason::NEGATIVE,
        column::GEOGRAPHIC_FACTOR => wrong(value > MOST_FACTOR, reason::FACTOR_TOO_LARGE),
        column::QUALITY_SCORE
        | column::ELECTED_RATE
        | column::DISCOUNT
        | column::ELECTED_CAP
        | column::DISASTER_MONTH_SHARE
        | column::DISASTER_BENEFICIARY_SHARE => {
            if value < 0 {
                reason::NEGATIVE
            } else {
                wrong(value > PPB, reason::SHARE_ABOVE_ONE)
            }
        }
        column::QUALITY_STANDARD_MET
        | column::ALTERNATIVE_STANDARD_MET
        | column::LOW_REVENUE
        | column::GUARDRAIL
        | column::HALF_YEAR
        | column::TERMINATED_BY_CMS
        | column::BENCHMARK_FINAL
        | column::SMALL_BENCHMARK_YEAR => wrong(!(0..=1).contains(&value), reason::NOT_A_TRUTH_VALUE),
        column::AGREEMENT_START => wrong(!is_date(as_date(value)), reason::NOT_A_DATE),
        column::TERMINATION_DATE | column::PAYMENT_DATE => wrong(!is_date(value), reason::NOT_A_DATE),
        column::TWO_SIDED_YEAR => wrong(value < 1, reason::BELOW_ONE),
        _ => 0,
    }
}

/// What is wrong with the values together: the column to blame and the reason.
pub(super) fn contradiction(v: &Values) -> Option<(usize, u8)> {
    let (months, people) = (v[column::DISASTER_MONTH_SHARE], v[column::DISASTER_BENEFICIARY_SHARE]);
    if months.is_some() != people.is_some() {
        let absent =
            if months.is_none() { column::DISASTER_MONTH_SHARE } else { column::DISASTER_BENEFICIARY_SHARE };
        return Some((absent, reason::UNPAIRED_RELIEF_SHARE));
    }
    if months.is_some() && v[column::DISASTER_RELIEF].is_some_and(|relief| relief != 0) {
        return Some((column::DISASTER_RELIEF, reason::RELIEF_GIVEN_TWICE));
    }
    if let (Some(date), Some(year)) = (v[column::TERMINATION_DATE], v[column::PERFORMANCE_YEAR]) {
        if date / 10_000 != year {
            return Some((column::TERMINATION_DATE, reason::TERMINATION_OUTSIDE_YEAR));
        }
        if v[column::HALF_YEAR] == Some(1) {
            return Some((column::TERMINATION_DATE, reason::TERMINATION_IN_HALF_YEAR));
        }
    }
    None
}
