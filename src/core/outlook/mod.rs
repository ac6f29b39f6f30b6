//! The threshold scores of 31 August as the snapshots of 31 March and 30 June let one expect them (42 CFR 414.1425(b)):
//! point, intervals, probabilities of QP and Partial QP, and what is missing. A forecast, in floats; no determination.

pub mod distribution;
mod patients;
mod payments;
mod run;

pub use patients::patients;
pub use payments::{dispersion, payments};
pub use run::{Outputs, run};

use crate::core::kernel::Conversion;
use crate::core::rows::{Field, reason};

/// Months of the three windows, each from 1 January.
pub(crate) const MARCH: f64 = 3.0;
pub(crate) const JUNE: f64 = 6.0;
pub(crate) const AUGUST: f64 = 8.0;

/// Columns: the year, two snapshots of both methods, dispersions; then August, in a history.
pub const FIELDS: &[Field] = &[
    Field::year("performance_year").needed(),
    Field::amount("payments_attributed_march"),
    Field::amount("payments_eligible_march"),
    Field::amount("payments_attributed_june"),
    Field::amount("payments_eligible_june"),
    Field::count("patients_attributed_march"),
    Field::count("patients_eligible_march"),
    Field::count("patients_attributed_june"),
    Field::count("patients_eligible_june"),
    Field::factor("payment_dispersion"),
    Field::factor("patient_dispersion"),
    Field::amount("payments_attributed_august"),
    Field::amount("payments_eligible_august"),
    Field::count("patients_attributed_august"),
    Field::count("patients_eligible_august"),
];

/// Results of each method, after its name.
pub const RESULTS: [&str; 8] = [
    "score_august",
    "score_low_95",
    "score_low_80",
    "score_high_80",
    "score_high_95",
    "probability_qp",
    "probability_partial_qp",
    "missing",
];
/// Methods in the order of their results.
pub const METHODS: [(&str, Conversion); 2] = [("payment", Conversion::Dollars), ("patient", Conversion::Whole)];

/// A cumulative pair went down between snapshots.
pub const FELL: u8 = reason::OWN;
/// The numerator exceeds its denominator.
pub const ABOVE: u8 = reason::OWN + 1;
/// Nothing eligible by March, or by June.
pub const NO_DENOMINATOR: u8 = reason::OWN + 2;
/// The status is already that of an earlier snapshot.
pub const ALREADY: u8 = reason::OWN + 3;
/// No dispersion is given, and none can be estimated.
pub const NO_DISPERSION: u8 = reason::OWN + 4;

/// Own reasons: the word, what is wrong, what to do.
pub const REASONS: [(&str, &str, &str); 5] = [
    (
        "cumulative_fell",
        "lower than at the snapshot before",
        "Windows begin on 1 January: give cumulative figures",
    ),
    ("numerator_above_denominator", "above its denominator", "Check that the columns are not exchanged"),
    ("no_denominator", "", ""),
    ("already_qp", "", ""),
    ("no_dispersion", "", ""),
];

/// A cumulative numerator and denominator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// Attributed: dollars or people.
    pub part: f64,
    /// Attribution-eligible.
    pub whole: f64,
}

impl Pair {
    /// The score.
    #[must_use]
    pub fn score(self) -> f64 {
        self.part / self.whole
    }
}

/// August as it is expected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Projection {
    /// Expected numerator and denominator.
    pub august: Pair,
    /// Standard deviation of the score to come around the expected one.
    pub deviation: f64,
    /// Degrees of freedom of the deviation.
    pub df: f64,
}
