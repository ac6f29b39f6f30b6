//! Payments: sums over months. A month's ratio of attributed to eligible payments varies around the entity's own with a
//! variance of `dispersion x score x (1 - score)`, independently from month to month.

use super::{AUGUST, JUNE, MARCH, Pair, Projection};

/// Variance of a difference of two means, each over some months, in units of a month's variance.
fn of_difference(months: f64, others: f64) -> f64 {
    1.0 / months + 1.0 / others
}

/// One estimate of the dispersion, from the two quarters of a row; nothing where the score does not vary.
#[must_use]
pub fn dispersion(march: Pair, june: Pair) -> Option<f64> {
    let later = Pair { part: june.part - march.part, whole: june.whole - march.whole };
    let spread = june.score() * (1.0 - june.score()) * of_difference(MARCH, JUNE - MARCH);
    (later.whole > 0.0 && spread > 0.0).then(|| (later.score() - march.score()).powi(2) / spread)
}

/// August from June: eligible payments go on at the pace so far, and the months to come have the ratio so far. The score
/// to come differs from June's by the weight of those months times the difference of two means.
#[must_use]
pub fn payments(june: Pair, dispersion: f64, df: f64) -> Projection {
    let score = june.score();
    let pace = AUGUST / JUNE;
    let weight = 1.0 - 1.0 / pace;
    let variance = dispersion * score * (1.0 - score) * of_difference(JUNE, AUGUST - JUNE);
    Projection {
        august: Pair { part: june.part * pace, whole: june.whole * pace },
        deviation: weight * variance.sqrt(),
        df,
    }
}
