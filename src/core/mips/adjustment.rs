//! The MIPS payment adjustment of a final score on a linear sliding scale: SSA 1848(q)(6), 42 CFR 414.1405. CMS sets the
//! performance threshold by rule and the scaling factor once all scores are in; both are given, not modelled.

use crate::core::round::{PPB, settlement_cents};

/// The scale of one payment year; all in parts per billion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// The applicable percent: the largest cut, and the largest raise before scaling.
    pub applicable_percent: i64,
    /// Part of the performance threshold at and below which the whole cut applies.
    pub floor: i64,
    /// Performance threshold, above zero.
    pub threshold: i64,
    /// Scaling factor of raises, for budget neutrality.
    pub scaling_factor: i64,
}

/// The adjustment of a final score, parts per billion, below zero for a cut: the whole cut up to the floor, then linear
/// to nothing at the threshold, then linear to the scaled raise at the full score. Nothing where it cannot be said.
#[must_use]
pub fn adjustment(score: i64, scale: &Scale) -> Option<i64> {
    let wide = i128::from;
    let (threshold, percent) = (scale.threshold, scale.applicable_percent);
    if threshold <= 0 || threshold > PPB {
        return None;
    }
    // score <= floor x threshold, without division.
    if wide(score) * wide(PPB) <= wide(scale.floor) * wide(threshold) && score < threshold {
        return Some(-percent);
    }
    if score <= threshold {
        let cut = wide(percent) * wide(threshold - score);
        return settlement_cents(cut, wide(threshold)).map(|cut| -cut);
    }
    let raise = wide(percent).checked_mul(wide(score - threshold))?.checked_mul(wide(scale.scaling_factor))?;
    settlement_cents(raise, wide(PPB - threshold) * wide(PPB))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Nine percent, a threshold of 75 points, a scaling factor of one.
    const SCALE: Scale =
        Scale { applicable_percent: 90_000_001, floor: 250_000_001, threshold: 750_000_001, scaling_factor: PPB };

    #[test]
    fn a_score_moves_between_the_whole_cut_and_the_whole_raise() {
        assert_eq!(adjustment(0, &SCALE), Some(-90_000_001));
        assert_eq!(adjustment(187_500_000, &SCALE), Some(-90_000_001));
        assert_eq!(adjustment(750_000_001, &SCALE), Some(0));
        assert_eq!(adjustment(PPB, &SCALE), Some(90_000_001));
        assert_eq!(adjustment(PPB, &Scale { scaling_factor: 0, ..SCALE }), Some(0));
        assert_eq!(adjustment(PPB, &Scale { threshold: 0, ..SCALE }), None);
    }
}
