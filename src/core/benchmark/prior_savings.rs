//! Prior savings: 425.603(b), by the mean sharing rate of the earlier agreement period, and 425.658, by a share.

use super::chain::{Case, given_or};
use super::columns::entity;
use super::regulation::Regulation;

#[derive(Clone, Copy)]
pub(super) struct Prior {
    /// Mean per capita savings after proration; zero where the ACO is not eligible.
    pub(super) prorated: f64,
    /// The adjustment before its cap.
    pub(super) amount: f64,
}

const BY: [[usize; 4]; 3] = [
    [
        entity::PRIOR_SAVINGS_BY1,
        entity::PRIOR_PERSON_YEARS_BY1,
        entity::BASE_PERSON_YEARS_BY1,
        entity::PRIOR_SHARING_RATE_BY1,
    ],
    [
        entity::PRIOR_SAVINGS_BY2,
        entity::PRIOR_PERSON_YEARS_BY2,
        entity::BASE_PERSON_YEARS_BY2,
        entity::PRIOR_SHARING_RATE_BY2,
    ],
    [
        entity::PRIOR_SAVINGS_BY3,
        entity::PRIOR_PERSON_YEARS_BY3,
        entity::BASE_PERSON_YEARS_BY3,
        entity::PRIOR_SHARING_RATE_BY3,
    ],
];

pub(super) fn prior_savings(regulation: &Regulation, case: &Case) -> Prior {
    const NONE: Prior = Prior { prorated: 0.0, amount: 0.0 };
    let e = &case.entity;
    let reconciled = || BY.iter().filter(|by| !e[by[0]].is_nan());
    let sum = |place: usize| reconciled().map(|by| e[by[place]]).sum::<f64>();
    let years = reconciled().count() as f64;
    let given = e[entity::PRIOR_SAVINGS_PER_CAPITA];
    if years == 0.0 && given.is_nan() {
        return NONE;
    }
    // 425.658(b)(2) divides by three whatever was reconciled; 425.603(b) takes the mean of the agreement's years.
    let by_rate = regulation.prior_savings_share.is_none();
    let mean = sum(0) / if by_rate { years } else { BY.len() as f64 };
    if given.is_nan() && mean <= 0.0 {
        return NONE;
    }
    let ratio = sum(1) / sum(2);
    let prorated = given_or(given, mean * if ratio > 1.0 { 1.0 } else { ratio });
    if prorated <= 0.0 {
        return NONE;
    }
    let rate = given_or(e[entity::PRIOR_SHARING_RATE], sum(3) / years);
    Prior { prorated, amount: prorated * regulation.prior_savings_share.unwrap_or(rate) }
}
