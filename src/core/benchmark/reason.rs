//! Why an entity has no benchmark, or only a historical one.

macro_rules! reasons {
    ($($(#[$meta:meta])* $name:ident = $word:literal: $problem:literal, $remedy:literal;)+) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[repr(u8)]
        enum Code { $($name),+ }
        $($(#[$meta])* pub const $name: u8 = Code::$name as u8;)+
        /// Words for the reason codes, by code; code 0 is no reason.
        pub const REASONS: &[&str] = &[$($word),+];
        /// What is wrong with a column, and what to do, for an error message.
        #[must_use]
        pub fn describe(reason: u8) -> (&'static str, &'static str) {
            const TEXT: &[(&str, &str)] = &[$(($problem, $remedy)),+];
            TEXT.get(usize::from(reason)).copied().unwrap_or(("", ""))
        }
    };
}

reasons! {
    /// Nothing special.
    PLAIN = "": "", "";
    /// The historical benchmark stands; a value of the performance year is missing.
    NO_UPDATE = "no_update": "", "";
    /// A type with person years in the performance year has none in the third base year.
    NO_BASE_YEAR_FOR_TYPE = "no_base_year_for_type": "", "";
    /// A value that this entity needs is null.
    MISSING_INPUT = "missing_input": "missing", "Give a value";
    /// No person years in the third base year.
    NO_PERSON_YEARS = "no_person_years": "", "";
    /// First invalid: the entity has no cells.
    NO_CELLS = "no_cells": "without a row in the cells", "Give one row for each entity and enrollment type";
    /// Below zero.
    NEGATIVE = "negative": "negative", "Amounts, counts and shares here cannot be below zero";
    /// A zero by which the chain divides.
    ZERO = "zero": "zero, and divides", "Use null where there is no value, or leave the row of the type out";
    /// A share above one.
    SHARE_ABOVE_ONE = "share_above_one": "above 1", "Give a share of one: 85 % is 0.85";
    /// An infinity.
    NOT_FINITE = "not_finite": "NaN or infinite", "Use null for a missing value";
    /// Too large.
    TOO_LARGE = "too_large": "too large", "The largest number here is 1e12: check the unit";
    /// Not a whole number in range.
    NOT_A_COUNT = "not_a_count": "not a count", "Agreement periods are counted from 1, adjustments so far from 0";
    /// Not a date.
    NOT_A_DATE = "not_a_date": "not a year or a date", "Give a date, or the year of a 1 January start";
    /// No regulation governs such an agreement period.
    NO_REGULATION = "no_regulation": "a start that no regulation covers",
        "See `rules.show(\"mssp.benchmark.regulation.first\")` and `.later`; check agreement_number too";
    /// A year alone, in which another regulation began to govern.
    AMBIGUOUS_START = "ambiguous_start": "a year alone, in the course of which another regulation began to govern",
        "Give the date of the start, such as 2019-07-01";
    /// The performance year lies in or before the base years.
    OVERLAPPING_BASE_YEARS = "overlapping_base_years": "after the performance year, so that base years overlap it",
        "Base years are the three calendar years before the agreement starts; give a later performance_year";
    /// The performance year lies after the longest agreement period of such a start.
    AFTER_THE_AGREEMENT = "after_the_agreement": "too early for the performance year, which no agreement period of that start reaches",
        "See `rules.show(\"mssp.benchmark.agreement_years\")`; an ACO that renewed has a later start";
}

/// First of the reasons without a historical benchmark.
pub const FIRST_NULL: u8 = MISSING_INPUT;
/// First of the reasons that make an entity invalid.
pub const FIRST_INVALID: u8 = NO_CELLS;
