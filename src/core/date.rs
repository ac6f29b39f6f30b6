//! Calendar dates as plain year, month, day. The rule book compares dates; windows of days count them.

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

    /// The date that a column gives as `yyyymmdd`, or `None` where the calendar has no such day.
    #[must_use]
    pub fn from_yyyymmdd(number: i64) -> Option<Self> {
        let parts = (u16::try_from(number / 10_000), u8::try_from(number / 100 % 100), u8::try_from(number % 100));
        let (Ok(year), Ok(month), Ok(day)) = parts else { return None };
        Self::new(year, month, day)
    }

    /// Days since the first of March of the year 0, so that dates can be counted between.
    #[must_use]
    pub fn day_number(self) -> i64 {
        // The year begins in March here: the leap day is its last.
        let (month, year) = (i64::from(self.month), i64::from(self.year));
        let year = if month < 3 { year - 1 } else { year };
        let past = (153 * ((month + 9) % 12) + 2) / 5;
        365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + past + i64::from(self.day)
            - 1
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
        assert_eq!(Date::from_yyyymmdd(20_240_229), Some(a));
    }

    #[test]
    fn days_are_counted_over_leap_days_and_the_turn_of_the_year() {
        let days = |from: &str, to: &str| {
            let day = |text: &str| text.parse::<Date>().unwrap().day_number();
            day(to) - day(from)
        };
        assert_eq!(days("2024-02-28", "2024-03-01"), 2);
        assert_eq!(days("2023-02-28", "2023-03-01"), 1);
        assert_eq!(days("2023-12-31", "2024-01-01"), 1);
        assert_eq!(days("2000-01-01", "2100-01-01"), 36_525);
        assert_eq!(days("2024-01-01", "2024-12-31"), 365);
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for bad in ["2023-02-29", "2024-13-01", "2024-00-10", "2024-04-31", "24-1-1", "2024-01-01-01", ""] {
            assert!(bad.parse::<Date>().is_err(), "{bad}");
        }
        for bad in [20_230_229, 20_241_301, -20_240_101, 0, i64::MAX] {
            assert_eq!(Date::from_yyyymmdd(bad), None, "{bad}");
        }
    }
}
