//! Who is paid an incentive: the first step of 42 CFR 414.1450(c) with a solvent TIN. Several TINs of a step share in
//! proportion to base-year paid amounts, to the cent: each gets the whole cents of its share, and the cents left go one
//! each to the largest remainders, the earlier row first where they are equal. The regulation states no rounding.

use crate::core::round::PPB;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Relations of a TIN to a QP, in the order of the steps, by code.
pub const RELATIONS: [&str; 7] = [
    "entity_in_performance_period",
    "entity_in_base_period",
    "same_advanced_apm_in_base_period",
    "other_advanced_apm_in_base_period",
    "other_track_of_the_apm",
    "other_apm",
    "billed_in_base_period",
];
/// Reasons of a split by code.
pub const SPLIT_REASONS: [&str; 5] = ["", "later_step", "not_solvent", "public_notice", "no_paid_amounts"];
const LATER_STEP: u8 = 1;
const NOT_SOLVENT: u8 = 2;
const PUBLIC_NOTICE: u8 = 3;
const NO_PAID_AMOUNTS: u8 = 4;
/// Step of a QP without any TIN: a public notice.
const NOTICE: i64 = RELATIONS.len() as i64 + 1;

/// One TIN of one QP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payee {
    /// The QP; rows of one QP belong together wherever they stand.
    pub npi: i64,
    /// Code of [`RELATIONS`].
    pub relation: usize,
    /// Whether the TIN can be paid.
    pub solvent: bool,
    /// What the QP's services in the base year were paid through the TIN, cents, not negative.
    pub paid: i64,
    /// The QP's whole incentive, cents, not negative.
    pub incentive: i64,
}

/// What a TIN gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// Step at which the QP's incentive is paid, from 1; 8 is the public notice.
    pub step: i64,
    /// Share, parts per billion, for display; nothing where it cannot be known.
    pub share: Option<i64>,
    /// Cents; nothing where they cannot be known.
    pub amount: Option<i64>,
    /// Code of [`SPLIT_REASONS`].
    pub reason: u8,
}

/// Splits every QP's incentive over its TINs.
#[must_use]
pub fn split(payees: &[Payee]) -> Vec<Split> {
    let mut groups: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (row, payee) in payees.iter().enumerate() {
        groups.entry(payee.npi).or_default().push(row);
    }
    let mut out =
        vec![Split { step: NOTICE, share: Some(0), amount: Some(0), reason: PUBLIC_NOTICE }; payees.len()];
    for rows in groups.values() {
        let solvent = rows.iter().filter(|row| payees[**row].solvent).map(|row| payees[*row].relation);
        let Some(first) = solvent.min() else { continue };
        let chosen: Vec<usize> =
            rows.iter().copied().filter(|row| payees[*row].solvent && payees[*row].relation == first).collect();
        for row in rows {
            let reason = if payees[*row].solvent { LATER_STEP } else { NOT_SOLVENT };
            out[*row] = Split { step: first as i64 + 1, share: Some(0), amount: Some(0), reason };
        }
        let amounts = shared(payees, &chosen);
        let total: i128 = chosen.iter().map(|row| i128::from(payees[*row].paid)).sum();
        for (place, row) in chosen.iter().enumerate() {
            let amount = amounts.as_ref().map(|amounts| amounts[place]);
            let share = match (total, chosen.len()) {
                (0, 1) => Some(PPB),
                (0, _) => None,
                _ => Some((i128::from(payees[*row].paid) * i128::from(PPB) / total) as i64),
            };
            let reason = if amount.is_some() { 0 } else { NO_PAID_AMOUNTS };
            out[*row] = Split { step: first as i64 + 1, share, amount, reason };
        }
    }
    out
}

/// Cents of each chosen row; nothing where several TINs were paid nothing, so that there is no proportion.
fn shared(payees: &[Payee], chosen: &[usize]) -> Option<Vec<i64>> {
    let incentive = chosen.first().map_or(0, |row| payees[*row].incentive);
    if chosen.len() == 1 {
        return Some(vec![incentive]);
    }
    let total: i128 = chosen.iter().map(|row| i128::from(payees[*row].paid)).sum();
    if total == 0 {
        return None;
    }
    let exact = |row: &usize| i128::from(incentive) * i128::from(payees[*row].paid);
    let mut amounts: Vec<i64> = chosen.iter().map(|row| (exact(row) / total) as i64).collect();
    let mut order: Vec<usize> = (0..chosen.len()).collect();
    order.sort_by_key(|place| Reverse(exact(&chosen[*place]) % total));
    let left = incentive - amounts.iter().sum::<i64>();
    for place in order.into_iter().take(left as usize) {
        amounts[place] += 1;
    }
    Some(amounts)
}

/// The first row whose incentive is not that of the earlier rows of its QP, and how many there are.
#[must_use]
pub fn disagreement(payees: &[Payee]) -> Option<(usize, u64)> {
    let mut first: BTreeMap<i64, i64> = BTreeMap::new();
    let differs = |(row, payee): (usize, &Payee)| {
        (*first.entry(payee.npi).or_insert(payee.incentive) != payee.incentive).then_some(row)
    };
    let rows: Vec<usize> = payees.iter().enumerate().filter_map(differs).collect();
    rows.first().map(|row| (*row, rows.len() as u64))
}
