//! Regional figures from county figures, over arrays.

use crate::core::benchmark as engine;
use crate::core::benchmark::{Assigned, Counties};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

type Floats<'py> = PyReadonlyArray1<'py, f64>;

/// Regional figures of groups from county figures: expenditures at risk 1, market share, mean risk score, assigned
/// person years, and the part of them without figures.
#[pyfunction]
#[allow(clippy::too_many_arguments, clippy::needless_pass_by_value)] // a Python signature
pub(super) fn regional<'py>(
    py: Python<'py>,
    groups: usize,
    group: PyReadonlyArray1<'py, i64>,
    county: PyReadonlyArray1<'py, i64>,
    person_years: Floats<'py>,
    county_per_capita: Floats<'py>,
    county_risk_score: Floats<'py>,
    county_person_years: Floats<'py>,
    leave_out: bool,
) -> PyResult<[Bound<'py, PyArray1<f64>>; 5]> {
    let counties = Counties {
        per_capita: county_per_capita.as_slice()?,
        risk_score: county_risk_score.as_slice()?,
        person_years: county_person_years.as_slice()?,
    };
    let assigned =
        Assigned { group: group.as_slice()?, county: county.as_slice()?, person_years: person_years.as_slice()? };
    let found = engine::regional(groups, counties, assigned, leave_out);
    let columns =
        [found.regional, found.national_weight, found.risk_score, found.person_years, found.suppressed_share];
    Ok(columns.map(|column| PyArray1::from_vec(py, column)))
}
