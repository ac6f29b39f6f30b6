//! Amounts of CMS's results files that are not used as they stand: expenditures are brought to the printed
//! savings, and the totals of the six-month performance periods of 2019 (42 CFR 425.609) to the whole year.
//! Dollars as printed, compared in cents.

/// A dollar: benchmark, expenditures and savings are each printed in whole ones, rounded each by itself.
const ROUNDING: i64 = 100;
#[allow(clippy::cast_possible_truncation)] // saturates; no printed total has more than 16 digits
pub(super) fn cents(dollars: f64) -> i64 {
    (dollars * 100.0).round() as i64
}

#[allow(clippy::cast_precision_loss)] // below 2^53 cents
pub(super) fn dollars(cents: i64) -> f64 {
    cents as f64 / 100.0
}

/// Whether benchmark less expenditures is the printed savings but for rounding.
#[must_use]
pub fn totals_agree(benchmark: f64, expenditures: f64, savings: f64) -> bool {
    let implied = cents(benchmark).saturating_sub(cents(savings));
    implied.abs_diff(cents(expenditures)) <= ROUNDING.unsigned_abs()
}

/// Expenditures that agree with the printed difference of benchmark and expenditures.
///
/// CMS rounds benchmark, expenditures and their difference each by itself, so the printed difference is nearer to
/// the unrounded one than the difference of the two printed amounts. A row that disagrees by more than the dollar
/// that rounding allows is left alone.
#[must_use]
pub fn expenditures_as_printed(benchmark: f64, expenditures: f64, savings: f64) -> f64 {
    if totals_agree(benchmark, expenditures, savings) {
        dollars(cents(benchmark).saturating_sub(cents(savings)))
    } else {
        expenditures
    }
}

/// The whole year's amount of a total that is printed for six months.
#[must_use]
pub fn whole_year(six_months: f64) -> f64 {
    dollars(cents(six_months).saturating_mul(2))
}

/// Whether a total benchmark is that of six months: half the updated benchmark per capita times person years of the
/// whole year. `None` where it is neither the half nor the whole.
#[must_use]
pub fn covers_half_year(benchmark: f64, per_capita: f64, person_years: f64) -> Option<bool> {
    let percent = 100.0 * benchmark / (per_capita * person_years);
    let near = |expected: f64| (percent - expected).abs() < 2.0;
    if near(50.0) { Some(true) } else { near(100.0).then_some(false) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_savings_move_expenditures_by_a_dollar_at_most() {
        let moved = |b, x, s| cents(expenditures_as_printed(b, x, s));
        assert_eq!(moved(116_616_215.0, 116_606_559.0, 9_657.0), 11_660_655_800);
        assert_eq!(moved(613_084_880.40, 573_516_045.50, 39_568_834.84), 57_351_604_556);
        assert_eq!(moved(100.0, 90.0, 10.0), 9_000);
        assert_eq!(moved(100.0, 90.0, 15.0), 9_000);
    }

    #[test]
    fn six_months_are_half_the_year() {
        assert_eq!(covers_half_year(523_183_929.0, 14_310.0, 73_122.0), Some(true));
        assert_eq!(covers_half_year(1_046_367_858.0, 14_310.0, 73_122.0), Some(false));
        assert_eq!(covers_half_year(700_000_000.0, 14_310.0, 73_122.0), None);
        assert_eq!(covers_half_year(1.0, 0.0, 0.0), None);
        assert_eq!(cents(whole_year(57_047_752.0)), 11_409_550_400);
    }
}
