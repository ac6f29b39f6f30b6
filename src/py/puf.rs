//! Amounts of results files, one at a time.

use crate::core::puf;
use pyo3::prelude::*;

/// Whether benchmark less expenditures is the printed savings but for rounding.
#[pyfunction]
pub(super) fn totals_agree(benchmark: f64, expenditures: f64, savings: f64) -> bool {
    puf::totals_agree(benchmark, expenditures, savings)
}

/// Expenditures in dollars that agree with the printed difference.
#[pyfunction]
pub(super) fn expenditures_as_printed(benchmark: f64, expenditures: f64, savings: f64) -> f64 {
    puf::expenditures_as_printed(benchmark, expenditures, savings)
}

/// The whole year's amount of a total of six months.
#[pyfunction]
pub(super) fn whole_year(six_months: f64) -> f64 {
    puf::whole_year(six_months)
}

/// Whether a total benchmark is that of six months; `None` where it is neither that nor the whole year's.
#[pyfunction]
pub(super) fn covers_half_year(benchmark: f64, per_capita: f64, person_years: f64) -> Option<bool> {
    puf::covers_half_year(benchmark, per_capita, person_years)
}
