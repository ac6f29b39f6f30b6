//! What a QP status is worth in dollars: the incentive payment, the conversion factor and the MIPS adjustment that follow
//! from a performance year, for a QP, a Partial QP by its election, and neither. Values are measured from the same
//! services at the non-qualifying conversion factor and without adjustment. Cents, parts per billion.

mod components;

pub use components::{Components, Terms, components, terms};

use crate::core::error::Result;
use crate::core::reference::{self, Trace};
use crate::core::rows::{Field, Holds, Verb, Wrong, plausible, reason};
use crate::core::rulebook::{AsOf, Book, Told};
use std::collections::BTreeMap;

/// One row: amounts and assumptions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Case {
    /// Performance year.
    pub year: i64,
    /// Paid for covered professional services in the year of the amounts, cents.
    pub paid: i64,
    /// Allowed for them, cents.
    pub allowed: Option<i64>,
    /// Year of the amounts; where not given they are those of the base year and of the payment year alike.
    pub amounts_year: Option<i64>,
    /// Growth by year, parts per billion; it needs the year of the amounts.
    pub growth: Option<i64>,
    /// MIPS adjustment, where given.
    pub adjustment: Option<i64>,
    /// Final score, performance threshold and scaling factor, where given in its place.
    pub scale: [Option<i64>; 3],
}

impl Case {
    /// From values in the order of the verb's columns.
    #[must_use]
    pub fn from_values(values: &[Option<i64>]) -> Option<Self> {
        let [year, paid, allowed, amounts_year, growth, adjustment, score, threshold, factor] = *values else {
            return None;
        };
        Some(Self {
            year: year?,
            paid: paid?,
            allowed,
            amounts_year,
            growth,
            adjustment,
            scale: [score, threshold, factor],
        })
    }
}

/// No MIPS adjustment is given: only what does not need one is told.
pub const NO_ADJUSTMENT: u8 = reason::OWN;
/// Two conversion factors, and no allowed amount.
pub const NO_ALLOWED: u8 = reason::OWN + 1;
/// Below the largest cut of the payment year.
pub const BELOW_LARGEST_CUT: u8 = reason::OWN + 2;
/// An adjustment beside a score.
pub const GIVEN_TWICE: u8 = reason::OWN + 3;
/// A performance threshold of nothing.
pub const NO_THRESHOLD: u8 = reason::OWN + 4;
/// The amounts' year cannot be one.
pub const NOT_A_YEAR: u8 = reason::OWN + 5;
/// Neither an adjustment nor, where there are two conversion factors, allowed amounts.
pub const NEITHER_GIVEN: u8 = reason::OWN + 6;
/// Growth, and no year to grow from.
pub const NO_YEAR: u8 = reason::OWN + 7;

/// Values by performance year.
pub struct ValueOfStatus {
    years: BTreeMap<i64, Terms>,
    told: Vec<Told>,
}

impl Verb for ValueOfStatus {
    const FIELDS: &'static [Field] = &[
        Field::year("performance_year").needed(),
        Field::amount("paid_amounts").needed(),
        Field::amount("allowed_amounts"),
        Field::year("amounts_year"),
        Field::change("growth"),
        Field::change("mips_adjustment"),
        Field::share("mips_score"),
        Field::share("performance_threshold"),
        Field::factor("scaling_factor"),
    ];
    const RESULTS: &'static [(&'static str, Holds)] = &[
        ("payment_year", Holds::Whole),
        ("incentive", Holds::Cents),
        ("conversion_factor_effect", Holds::Cents),
        ("mips_adjustment_used", Holds::Share),
        ("mips_amount", Holds::Cents),
        ("value_qp", Holds::Cents),
        ("value_partial_qp_in", Holds::Cents),
        ("value_partial_qp_out", Holds::Cents),
        ("value_neither", Holds::Cents),
        ("qp_advantage", Holds::Cents),
    ];
    const REASONS: &'static [(&'static str, &'static str, &'static str)] = &[
        ("mips_adjustment_not_given", "", ""),
        ("allowed_amounts_not_given", "", ""),
        (
            "below_largest_cut",
            "below the largest cut of the payment year",
            "See `rules.show(\"mips.applicable_percent\")`",
        ),
        ("given_twice", "given beside mips_score", "Give the adjustment, or the score with what makes one of it"),
        (
            "no_threshold",
            "nothing, or missing beside mips_score",
            "Give the performance threshold of the year as a share",
        ),
        ("not_a_year", "not a year", "Give one within 30 years of the performance year"),
        ("mips_adjustment_and_allowed_amounts_not_given", "", ""),
        (
            "no_year_to_grow_from",
            "given without amounts_year",
            "Give amounts_year, from which the amounts grow to the base and payment years, or leave growth out",
        ),
    ];

    fn plan(book: &Book, as_of: AsOf, years: &[i64]) -> Result<Self> {
        let mut plan = Self { years: BTreeMap::new(), told: Vec::new() };
        for year in years.iter().filter(|year| plausible(**year)) {
            if let Some(terms) = terms(book, as_of, *year, &mut plan.told)? {
                plan.years.insert(*year, terms);
            }
        }
        Ok(plan)
    }

    fn knows(&self, year: i64) -> bool {
        self.years.contains_key(&year)
    }

    fn decide(&self, values: &[Option<i64>], out: &mut [Option<i64>]) -> Result<u8, Wrong> {
        let case = Case::from_values(values).ok_or((1, reason::MISSING_INPUT))?;
        let terms = self.years.get(&case.year).ok_or((0, reason::UNKNOWN_YEAR))?;
        let c = components(&case, terms)?;
        let both =
            |a: Option<i64>, b: Option<i64>| a.zip(b).map(|(a, b)| a.checked_add(b).ok_or((1, reason::OVERFLOW)));
        let qp = both(Some(c.incentive), c.conversion_factor).transpose()?;
        out.copy_from_slice(&[
            Some(case.year + terms.payment_lag),
            Some(c.incentive),
            c.conversion_factor,
            c.adjustment,
            c.mips,
            qp,
            c.mips,
            Some(0),
            c.mips,
            qp.zip(c.mips).map(|(qp, neither)| qp - neither),
        ]);
        Ok(match (c.mips, c.conversion_factor) {
            (None, None) => NEITHER_GIVEN,
            (None, _) => NO_ADJUSTMENT,
            (_, None) => NO_ALLOWED,
            _ => 0,
        })
    }

    fn told(&self) -> Vec<Told> {
        self.told.clone()
    }

    fn explain(book: &Book, as_of: AsOf, values: &[Option<i64>], trace: &mut Trace) -> Result<()> {
        Case::from_values(values)
            .map_or(Ok(()), |case| reference::value_of_status::value(book, as_of, &case, trace))
    }
}

/// Largest distance in years over which amounts are made to grow.
pub const FARTHEST: i64 = 30;
