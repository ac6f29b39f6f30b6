//! The composite quality score of a hospital, of points for complications, patients' experience and outcomes that were
//! submitted (42 CFR 510.315), as a share of all points; parts per billion.

use super::columns::{
    COMPLICATIONS_IMPROVED, COMPLICATIONS_PERCENTILE, HCAHPS_IMPROVED, HCAHPS_PERCENTILE, MEASURES,
    OUTCOMES_SUBMITTED,
};
use super::reason;
use super::row::{Row, Wrong};
use super::terms::{Points, Steps};
use crate::core::round::PPB;

fn at(steps: &Steps, percentile: i64) -> i64 {
    let found = steps.iter().find(|(upper, _)| upper.is_none_or(|upper| percentile <= upper));
    found.map_or(0, |(_, points)| *points)
}

/// The score of a row's measures; nothing where the frame has none of them.
pub fn composite_score(points: &Points, row: Row<'_>) -> Result<Option<i64>, Wrong> {
    if MEASURES.iter().all(|measure| !row.present[*measure]) {
        return Ok(None);
    }
    let told = |column: usize| -> Result<bool, Wrong> {
        if !row.present[column] {
            return Ok(false);
        }
        row.values[column].map(|truth| truth != 0).ok_or((column, reason::MISSING_INPUT))
    };
    let mut score = if told(OUTCOMES_SUBMITTED)? { points.outcomes } else { 0 };
    for (steps, (percentile, improved)) in points
        .measures
        .iter()
        .zip([(COMPLICATIONS_PERCENTILE, COMPLICATIONS_IMPROVED), (HCAHPS_PERCENTILE, HCAHPS_IMPROVED)])
    {
        if !row.present[percentile] {
            return Err((percentile, reason::MISSING_INPUT));
        }
        // The law has a hospital without the measure stand in the middle.
        let own = at(steps, row.values[percentile].unwrap_or(points.missing));
        score += own;
        if told(improved)? {
            // Shares of points have few decimals, so nothing is lost.
            score += (i128::from(own) * i128::from(points.improvement) / i128::from(PPB)) as i64;
        }
    }
    Ok(Some(score.min(PPB)))
}
