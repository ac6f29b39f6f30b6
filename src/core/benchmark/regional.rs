//! County figures to regional ones: risk-adjusted regional expenditures and the ACO's market share
//! (425.601(c) and (d), 425.654; Specifications, version 11, section 4.1.1), by entity and enrollment type.

use std::collections::BTreeMap;

/// Figures of counties for one enrollment type each; NaN is suppressed.
#[derive(Clone, Copy)]
pub struct Counties<'a> {
    /// Per capita expenditures of assignable beneficiaries.
    pub per_capita: &'a [f64],
    /// Their mean risk score.
    pub risk_score: &'a [f64],
    /// Their person years.
    pub person_years: &'a [f64],
}

/// Where assigned beneficiaries of an entity and type live.
#[derive(Clone, Copy)]
pub struct Assigned<'a> {
    /// Group, the entity and type, of each row.
    pub group: &'a [i64],
    /// Row of the county figures; negative where there is none.
    pub county: &'a [i64],
    /// Assigned person years.
    pub person_years: &'a [f64],
}

/// One figure for each group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Regional {
    /// Regional expenditures at risk 1.
    pub regional: Vec<f64>,
    /// Market share: the weight of the national component.
    pub national_weight: Vec<f64>,
    /// Mean risk score of the region.
    pub risk_score: Vec<f64>,
    /// Assigned person years.
    pub person_years: Vec<f64>,
    /// The part of them in counties without figures.
    pub suppressed_share: Vec<f64>,
}

/// Regional figures of `groups` groups. Groups with assigned people in counties without figures are NaN, unless such
/// counties are left out and the rest stands for all.
#[must_use]
pub fn regional(groups: usize, counties: Counties<'_>, assigned: Assigned<'_>, leave_out: bool) -> Regional {
    let mut sums = vec![[0.0_f64; 5]; groups];
    // The share of a county is quadratic in its people: rows of one county are one row.
    let mut by_county: BTreeMap<(i64, i64), f64> = BTreeMap::new();
    for ((group, county), people) in assigned.group.iter().zip(assigned.county).zip(assigned.person_years) {
        *by_county.entry((*group, *county)).or_default() += people;
    }
    for ((group, county), people) in by_county {
        let Some(sum) = usize::try_from(group).ok().and_then(|g| sums.get_mut(g)) else { continue };
        let figures = usize::try_from(county).ok().and_then(|c| {
            Some((*counties.per_capita.get(c)?, *counties.risk_score.get(c)?, *counties.person_years.get(c)?))
        });
        let (per_capita, risk, assignable) = figures.unwrap_or((f64::NAN, f64::NAN, f64::NAN));
        sum[0] += people;
        if !(per_capita / risk).is_finite() || !(people / assignable).is_finite() {
            // A county without people of this group does not matter.
            sum[4] += people;
        } else {
            sum[1] += people * (per_capita / risk);
            sum[2] += people * (people / assignable);
            sum[3] += people * risk;
        }
    }
    let mut out = Regional::default();
    for [people, spent, share, risk, suppressed] in sums {
        let counted = people - suppressed;
        let known = suppressed == 0.0 || leave_out;
        let mean = |sum: f64| if known && counted > 0.0 { sum / counted } else { f64::NAN };
        out.regional.push(mean(spent));
        out.national_weight.push(mean(share));
        out.risk_score.push(mean(risk));
        out.person_years.push(people);
        out.suppressed_share.push(if people > 0.0 { suppressed / people } else { f64::NAN });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two counties; the share is that of CMS's specifications, version 11, section 4.1.2.
    #[test]
    fn the_market_share_of_the_specifications_comes_out() {
        let counties = Counties {
            per_capita: &[12_000.0, 9_000.0],
            risk_score: &[1.2, 0.9],
            person_years: &[10_000.0, 12_000.0],
        };
        let assigned = Assigned { group: &[0, 0], county: &[0, 1], person_years: &[9_000.0, 2_000.0] };
        let found = regional(1, counties, assigned, false);
        assert!((found.national_weight[0] - 0.766_67).abs() < 5e-6);
        assert!((found.regional[0] - 10_000.0).abs() < 1e-9);
    }

    #[test]
    fn people_of_a_county_in_two_rows_have_the_share_of_one_row() {
        let counties = Counties { per_capita: &[10_000.0], risk_score: &[1.0], person_years: &[100.0] };
        let apart = Assigned { group: &[0, 0], county: &[0, 0], person_years: &[15.0, 5.0] };
        let together = Assigned { group: &[0], county: &[0], person_years: &[20.0] };
        let found = regional(1, counties, apart, false);
        assert_eq!(found, regional(1, counties, together, false));
        assert!((found.national_weight[0] - 0.2).abs() < 1e-15);
    }

    #[test]
    fn a_suppressed_county_leaves_its_group_open_unless_it_is_left_out() {
        let counties = Counties {
            per_capita: &[8_000.0, f64::NAN],
            risk_score: &[1.0, f64::NAN],
            person_years: &[100.0, f64::NAN],
        };
        let assigned = Assigned { group: &[0, 0, 1], county: &[0, 1, 1], person_years: &[30.0, 10.0, 5.0] };
        let strict = regional(2, counties, assigned, false);
        assert!(strict.regional[0].is_nan() && strict.national_weight[0].is_nan());
        assert!((strict.suppressed_share[0] - 0.25).abs() < 1e-15);
        let lenient = regional(2, counties, assigned, true);
        assert!((lenient.regional[0] - 8_000.0).abs() < 1e-9);
        assert!(lenient.regional[1].is_nan(), "nothing is left");
    }
}
