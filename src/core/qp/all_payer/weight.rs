//! The entity's Medicare score by own volume: `S_entity × M_own` in place of the own Medicare numerator, 42 CFR
//! 414.1440(d)(3). The product is rarely a whole cent or person; it is rounded so that no threshold is met, or missed,
//! that the exact fraction misses or meets.

use crate::core::qp::{Pair, Thresholds, meets};
use crate::core::round::PPB;

/// Whether the entity's score is the higher one.
pub(super) fn entity_is_higher(entity: Pair, own: Pair) -> bool {
    let cross = |a: Pair, b: Pair| i128::from(a.part) * i128::from(b.whole);
    entity.whole > 0 && own.whole > 0 && cross(entity, own) > cross(own, entity)
}

/// The sum of the weighted Medicare pair and that of the other payers. Its numerator is rounded down, or up where the
/// exact fraction meets a threshold that it would miss rounded down and no other is met by that. `None` on overflow.
pub(super) fn combined(entity: Pair, own: Pair, others: Pair, thresholds: [i64; 2]) -> Option<Pair> {
    let whole = own.whole.checked_add(others.whole)?;
    let product = i128::from(entity.part) * i128::from(own.whole);
    let down = i64::try_from(product / i128::from(entity.whole)).ok()?.checked_add(others.part)?;
    let rest = product % i128::from(entity.whole);
    let exact_meets = |ppb: i64| {
        // down + rest / entity.whole >= ppb × whole / PPB, without division.
        let lacks = i128::from(ppb) * i128::from(whole) - i128::from(down) * i128::from(PPB);
        lacks <= 0 || (lacks <= i128::from(PPB) && rest * i128::from(PPB) >= lacks * i128::from(entity.whole))
    };
    let up = Pair { part: down + i64::from(rest > 0), whole };
    let pair = Pair { part: down, whole };
    let same = |rounded: Pair| thresholds.iter().all(|t| meets(Some(rounded), *t) == exact_meets(*t));
    Some(if same(pair) || !same(up) { pair } else { up })
}

/// Thresholds of one method, of all sets that the pair will be held against.
pub(super) fn of_payments(t: &Thresholds) -> [i64; 2] {
    [t.payment_qp, t.payment_partial]
}

/// The same for the patient count method.
pub(super) fn of_patients(t: &Thresholds) -> [i64; 2] {
    [t.patient_qp, t.patient_partial]
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF_AND_FORTY: [i64; 2] = [PPB / 2, PPB / 5 * 2];

    #[test]
    fn t10_the_weighted_score_is_fifty_five_percent() {
        let (entity, own) =
            (Pair { part: 120_000_000, whole: 200_000_000 }, Pair { part: 3_000_000, whole: 10_000_000 });
        let others = Pair { part: 5_000_000, whole: 10_000_000 };
        assert!(entity_is_higher(entity, own) && !entity_is_higher(own, entity));
        let pair = combined(entity, own, others, HALF_AND_FORTY).unwrap();
        assert_eq!(pair, Pair { part: 11_000_000, whole: 20_000_000 });
    }

    #[test]
    fn rounding_neither_meets_nor_misses_a_threshold() {
        let mut ups = 0;
        for a in 1..40 {
            for own in 1..25 {
                for others in 0..25 {
                    let (entity, own) = (Pair { part: a, whole: 41 }, Pair { part: 0, whole: own });
                    let others = Pair { part: others / 3, whole: others };
                    let pair = combined(entity, own, others, HALF_AND_FORTY).unwrap();
                    // Everything times the entity's denominator, where nothing needs rounding.
                    let exact = Pair { part: a * own.whole + others.part * 41, whole: pair.whole * 41 };
                    for t in HALF_AND_FORTY {
                        if pair.whole >= 10 {
                            assert_eq!(
                                meets(Some(pair), t),
                                meets(Some(exact), t),
                                "{entity:?} {own:?} {others:?}"
                            );
                        } else {
                            assert!(!meets(Some(pair), t) || meets(Some(exact), t));
                        }
                    }
                    ups += u32::from(pair.part * 41 > exact.part);
                }
            }
        }
        assert!(ups > 0, "rounding up occurs");
    }

    #[test]
    fn what_does_not_fit_is_none() {
        let large = Pair { part: i64::MAX, whole: i64::MAX };
        assert_eq!(combined(large, large, large, HALF_AND_FORTY), None);
    }
}
