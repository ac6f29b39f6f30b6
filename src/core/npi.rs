//! The National Provider Identifier (45 CFR 162.406): ten digits, the last of which is a check digit by the Luhn
//! formula over the number with a prefix before it.

/// Digits of an NPI.
const DIGITS: u32 = 10;

/// Whether a number has the digits of an NPI, ten of which the first is 1 or 2.
#[must_use]
pub fn could_be(npi: i64) -> bool {
    let low = 10_i64.pow(DIGITS - 1);
    (low..3 * low).contains(&npi)
}

/// Whether a number is an NPI: with its digits, and with the right check digit.
#[must_use]
pub fn is_valid(npi: i64, prefix: u64) -> bool {
    could_be(npi) && luhn(prefix * 10_u64.pow(DIGITS) + npi.unsigned_abs()) == 0
}

/// The NPI of this number among all that there can be, from 0, for made-up clinicians; `None` past the last.
#[must_use]
pub fn nth(number: i64, prefix: u64) -> Option<i64> {
    let first = 10_i64.pow(DIGITS - 2);
    let body = (0..2 * first).contains(&number).then(|| first + number)?;
    let sum = luhn(prefix * 10_u64.pow(DIGITS) + body.unsigned_abs() * 10);
    Some(body * 10 + i64::from((10 - sum) % 10))
}

/// The Luhn sum of a number, modulo ten: every second digit from the right doubled, digits of the products added.
fn luhn(mut number: u64) -> u8 {
    let (mut sum, mut double) = (0, false);
    while number > 0 {
        let digit = (number % 10) as u8;
        sum += if double { digit * 2 / 10 + digit * 2 % 10 } else { digit };
        double = !double;
        number /= 10;
    }
    sum % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    const PREFIX: u64 = 80_840;

    /// The example of CMS's description of the check digit.
    #[test]
    fn the_published_example_passes_and_no_other_last_digit_does() {
        let valid: Vec<i64> = (1_234_567_890..1_234_567_900).filter(|npi| is_valid(*npi, PREFIX)).collect();
        assert_eq!(valid, [1_234_567_893]);
    }

    #[test]
    fn a_changed_digit_or_two_neighbours_exchanged_are_caught() {
        let digits = [1, 6, 7, 9, 5, 7, 6, 7, 2, 0_i64];
        let number = |digits: [i64; 10]| digits.iter().fold(0, |n, d| n * 10 + d);
        let good = nth(number(digits) / 10 - 100_000_000, PREFIX).unwrap();
        assert!(is_valid(good, PREFIX));
        for place in 0..10 {
            let unit = 10_i64.pow(place);
            let digit = good / unit % 10;
            for other in (0..10).filter(|d| *d != digit) {
                assert!(!is_valid(good + (other - digit) * unit, PREFIX));
            }
        }
        for place in 0..9 {
            let (low, high) = (good / 10_i64.pow(place) % 10, good / 10_i64.pow(place + 1) % 10);
            let swapped = good + (high - low) * 10_i64.pow(place) + (low - high) * 10_i64.pow(place + 1);
            // 09 and 90 are the one pair that the formula cannot tell apart.
            if low != high && (low.min(high), low.max(high)) != (0, 9) {
                assert!(!is_valid(swapped, PREFIX), "{swapped}");
            }
        }
    }

    #[test]
    fn what_has_not_ten_digits_or_begins_otherwise_is_none() {
        for bad in [0, -1_234_567_893, 123_456_789, 12_345_678_930, 3_000_000_000, i64::MAX, i64::MIN] {
            assert!(!is_valid(bad, PREFIX), "{bad}");
        }
        assert_eq!(nth(-1, PREFIX), None);
        assert_eq!(nth(200_000_000, PREFIX), None);
        assert!([0, 199_999_999].iter().all(|n| nth(*n, PREFIX).is_some_and(|npi| is_valid(npi, PREFIX))));
    }
}
