//! Why a number cannot be known: the first input that is missing, by name.

use crate::core::benchmark::TYPES;
use std::fmt;

/// Why a number is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// An input, of a type or of the entity, is null.
    Missing(&'static str, Option<usize>),
    /// A type has people in the performance year and had none in the third base year.
    NoBaseYear(usize),
    /// A divisor is zero.
    Division,
    /// More digits than a decimal holds.
    TooLarge,
}

impl Gap {
    /// The column that is missing, if one is.
    #[must_use]
    pub fn column(self) -> Option<&'static str> {
        if let Self::Missing(column, _) = self { Some(column) } else { None }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(column, Some(k)) => {
                write!(f, "`{column}` of {} is null and decides it", TYPES.get(*k).unwrap_or(&""))
            }
            Self::Missing(column, None) => write!(f, "`{column}` is null and decides it"),
            Self::NoBaseYear(k) => write!(
                f,
                "`person_years_by3` of {} is zero: a type without people in BY3 has nothing to update",
                TYPES.get(*k).unwrap_or(&"")
            ),
            Self::Division => f.write_str("a divisor is zero: there are no person years to weight by"),
            Self::TooLarge => f.write_str("its numbers are too large for an explanation"),
        }
    }
}
