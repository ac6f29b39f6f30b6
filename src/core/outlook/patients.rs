//! Patients: each counts once however often seen, so that windows do not add up. People are seen at random times at
//! rates of their own, and rates vary from person to person as an exponential variable. Then `N t / (b + t)` have been
//! seen by time `t`, and counts by March and June give that by August. The attributed and the other eligible patients have a
//! curve each, as the attributed are seen more often and are seen earlier.

use super::{AUGUST, JUNE, MARCH, Pair, Projection};

/// A count by August with the variance of what is new in it, for counts that are Poisson.
#[derive(Clone, Copy, Debug)]
struct Curve {
    august: f64,
    variance: f64,
}

fn curve(march: f64, june: f64) -> Curve {
    let (march, june) = (march.max(0.0), june.max(0.0));
    let pace = AUGUST / JUNE;
    // At most linear, which is a curve without saturation; at least level.
    if march <= 0.0 || june / march >= JUNE / MARCH {
        let slope = pace - 1.0;
        return Curve { august: june * pace, variance: june * slope + slope * slope * june };
    }
    if june <= march {
        return Curve { august: june, variance: 0.0 };
    }
    // N and b eliminated: b = 6 (r - 1) / (2 - r) with r = June / March, and August is June x (8 / 6) (b + 6) / (b + 8),
    // which for these months is 4 / (5 - r) times June. Its derivatives by both counts follow.
    let ratio = june / march;
    let factor = 4.0 / (5.0 - ratio);
    let by_june = factor + ratio * factor * factor / 4.0;
    let by_march = -(ratio * factor).powi(2) / 4.0;
    // New patients to come, and what the two independent counts of the past make of the estimate of them.
    let (first, second) = (march, june - march);
    let from_first = by_june + by_march - 1.0;
    let from_second = by_june - 1.0;
    let variance = june * (factor - 1.0) + from_first * from_first * first + from_second * from_second * second;
    Curve { august: june * factor, variance }
}

/// August from March and June. `dispersion` multiplies the variance; 1 is that of independent patients.
#[must_use]
pub fn patients(march: Pair, june: Pair, dispersion: f64, df: f64) -> Projection {
    let part = curve(march.part, june.part);
    let rest = curve(march.whole - march.part, june.whole - june.part);
    let whole = part.august + rest.august;
    let variance = rest.august.powi(2) * part.variance + part.august.powi(2) * rest.variance;
    Projection {
        august: Pair { part: part.august, whole },
        deviation: (dispersion * variance).sqrt() / whole.powi(2),
        df,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_goes_through_its_points() {
        // 1,000 people at N t / (b + t) with b = 6: a third by March, half by June, four sevenths by August.
        let found = curve(1000.0 / 3.0, 500.0);
        assert!((found.august - 4000.0 / 7.0).abs() < 1e-6, "{found:?}");
        // No saturation: half as many again in a third of the time.
        assert!((curve(300.0, 600.0).august - 800.0).abs() < 1e-9);
        assert!((curve(300.0, 300.0).august - 300.0).abs() < 1e-9);
    }

    #[test]
    fn one_ratio_for_all_leaves_the_score_as_it_is() {
        let found = patients(Pair { part: 300.0, whole: 600.0 }, Pair { part: 450.0, whole: 900.0 }, 1.0, 1.0);
        assert!((found.august.score() - 1.0 / 2.0).abs() < 1e-12);
    }
}
