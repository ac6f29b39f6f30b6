//! Calendar dates as plain year, month, day: the rule book compares dates, it never counts days.

use serde::{Deserialize, Deserializer, de::Error as _};
use std::fmt;
use std::str::FromStr;

/// A proleptic Gregorian date, ordered as a calendar orders it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The first date there is; what has no known beginning is known since then.
    pub const MIN: Self = Self { year: 0, month: 1, day: 1 };

    /// A date, or `None` where the calendar has no such day.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let last = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        (1..=last).contains(&day).then_some(Self { year, month, day })
    }

    /// The date as `yyyymmdd`, the form in which columns of dates reach the kernels.
    #[must_use]
    pub fn yyyymmdd(self) -> i64 {
        i64::from(self.year) * 10_000 + i64::from(self.month) * 100 + i64::from(self.day)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a date written yyyy-mm-dd");
        let mut parts = text.split('-');
        let mut next = |digits: usize| {
            parts.next().filter(|p| p.len() == digits && p.bytes().all(|b| b.is_ascii_digit())).ok_or_else(wrong)
        };
        let (year, month, day) = (next(4)?, next(2)?, next(2)?);
        if parts.next().is_some() {
            return Err(wrong());
        }
        let parsed = (year.parse(), month.parse(), day.parse());
        match parsed {
            (Ok(y), Ok(m), Ok(d)) => Self::new(y, m, d).ok_or_else(wrong),
            _ => Err(wrong()),
        }
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::Datetime(d) if d.time.is_none() => d.to_string().parse().map_err(D::Error::custom),
            toml::Value::String(s) => s.parse().map_err(D::Error::custom),
            other => Err(D::Error::custom(format!("{other} is not a date written yyyy-mm-dd"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_order_and_print_as_the_calendar_does() {
        let a: Date = "2024-02-29".parse().unwrap();
        let b: Date = "2024-03-01".parse().unwrap();
        assert!(a < b);
        assert_eq!(a.to_string(), "2024-02-29");
        assert_eq!(b.yyyymmdd(), 20_240_301);
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for bad in ["2023-02-29", "2024-13-01", "2024-00-10", "2024-04-31", "24-1-1", "2024-01-01-01", ""] {
            assert!(bad.parse::<Date>().is_err(), "{bad}");
        }
    }
}
