//! Population-based payments by risk group, flat visit fees, and the performance-based adjustment of both: Primary Care
//! First. A row is a practice in a quarter or a year; the adjustment is the one in force in it.

use super::terms::FeeTerms;
use super::{Row, Wrong, at, cents, missing, no_such, overflow, part, reason};
use crate::core::round::{PPB, Ratio};

/// Payments of a row; cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Payments {
    pub(super) payment: Option<i64>,
    pub(super) visits: Option<i64>,
    pub(super) adjustment: Option<i64>,
}

pub(super) fn payments(terms: &FeeTerms, row: &Row) -> Result<Payments, Wrong> {
    let local = part(row.geographic.unwrap_or(PPB));
    let payment = match (row.group, row.population) {
        (Some(group), Some(months)) => {
            if terms.population.iter().all(Option::is_none) {
                return Err(no_such("population_months"));
            }
            let place = usize::try_from(group - 1).ok();
            let rate = place.and_then(|place| terms.population.get(place).copied().flatten());
            Some(cents(
                "population_months",
                months,
                rate.ok_or((at("risk_group"), reason::UNKNOWN_LEVEL))?,
                local,
            )?)
        }
        (None, Some(_)) => return Err(missing("risk_group")),
        (Some(_), None) => return Err(missing("population_months")),
        (None, None) => None,
    };
    let visits = match row.visits {
        Some(visits) => Some(cents("visits", visits, terms.visit_fee.ok_or(no_such("visits"))?, local)?),
        None => None,
    };
    let computed = [payment, visits].into_iter().flatten().reduce(i64::saturating_add);
    let of_revenue = if row.revenue.is_some() { "primary_care_revenue" } else { "population_months" };
    let revenue = match (row.revenue, computed) {
        (Some(_), Some(_)) => return Err((at("primary_care_revenue"), reason::GIVEN_TWICE)),
        (given, computed) => given.or(computed),
    };
    let asked = [
        (row.adjustment, "performance_adjustment"),
        (row.regional, "regional_level"),
        (row.improvement, "improvement_level"),
        (row.gateway, "quality_gateway_met"),
    ];
    let asked = asked.into_iter().find(|(given, _)| given.is_some()).map(|(_, name)| name);
    let Some(revenue) = revenue else {
        return match asked {
            Some(name) if terms.adjustments.is_none() => Err(no_such(name)),
            Some(_) => Err(missing("primary_care_revenue")),
            None => Ok(Payments { payment, visits, adjustment: None }),
        };
    };
    if asked.is_none() && row.revenue.is_none() {
        return Ok(Payments { payment, visits, adjustment: None });
    }
    let [lowest, highest] = terms.adjustments.ok_or(no_such("primary_care_revenue"))?;
    let (by, column) = match row.adjustment {
        Some(_) if row.regional.is_some() || row.improvement.is_some() || row.gateway.is_some() => {
            return Err((at("performance_adjustment"), reason::GIVEN_TWICE));
        }
        Some(given) => (given, "performance_adjustment"),
        None if asked.is_some() => (by_level(terms, row)?, "regional_level"),
        None => return Err(missing("performance_adjustment")),
    };
    if !(lowest..=highest).contains(&by) {
        return Err((at(column), reason::OUT_OF_RANGE));
    }
    Ok(Payments { payment, visits, adjustment: Some(cents(of_revenue, revenue, by, Ratio::new(1, PPB))?) })
}

/// The adjustment of a practice: one number below the quality gateway, else that of its level against the region and
/// that of its improvement together.
fn by_level(terms: &FeeTerms, row: &Row) -> Result<i64, Wrong> {
    match row.gateway.ok_or(missing("quality_gateway_met"))? {
        0 => return terms.gateway_failed.ok_or(no_such("quality_gateway_met")),
        1 => {}
        _ => return Err((at("quality_gateway_met"), reason::NOT_TRUTH)),
    }
    let mut sum: i64 = 0;
    for (level, table, column) in [
        (row.regional, &terms.regional, "regional_level"),
        (row.improvement, &terms.improvement, "improvement_level"),
    ] {
        let level = level.ok_or(missing(column))?;
        let found = table.iter().find(|(of, _)| *of == level);
        let share = found.ok_or((at(column), reason::UNKNOWN_LEVEL))?.1;
        sum = sum.checked_add(share).ok_or_else(|| overflow(column))?;
    }
    Ok(sum)
}
