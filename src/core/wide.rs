//! Exact products: many factors over many divisors, of any size, rounded once at the end. A target price is a price
//! times half a dozen ratios with nine decimals each, which no machine word holds.

use super::round::PPB;

/// Words of a product: sixteen factors of 64 bits.
const WORDS: usize = 16;
/// Divisors of a product.
const DIVISORS: usize = 16;

/// A product of whole numbers over a product of whole numbers.
#[derive(Clone, Copy, Debug)]
pub struct Product {
    words: [u64; WORDS],
    divisors: [u64; DIVISORS],
    count: usize,
    /// It did not fit, or a divisor was nothing.
    lost: bool,
}

/// Times one word, with what is added; whether it still fits.
fn multiply(words: &mut [u64; WORDS], factor: u64, add: u64) -> bool {
    let mut carry = u128::from(add);
    for word in words.iter_mut() {
        carry += u128::from(*word) * u128::from(factor);
        *word = carry as u64;
        carry >>= 64;
    }
    carry == 0
}

fn divide(words: &mut [u64; WORDS], divisor: u64) {
    let mut rest = 0_u128;
    for word in words.iter_mut().rev() {
        rest = (rest << 64) | u128::from(*word);
        *word = (rest / u128::from(divisor)) as u64;
        rest %= u128::from(divisor);
    }
}

impl Product {
    /// One factor.
    #[must_use]
    pub fn of(whole: u64) -> Self {
        let mut words = [0; WORDS];
        words[0] = whole;
        Self { words, divisors: [1; DIVISORS], count: 0, lost: false }
    }

    /// Times a whole number.
    #[must_use]
    pub fn times(mut self, factor: u64) -> Self {
        self.lost |= !multiply(&mut self.words, factor, 0);
        self
    }

    /// Over a whole number.
    #[must_use]
    pub fn over(mut self, divisor: u64) -> Self {
        if divisor == 0 || self.count == DIVISORS {
            self.lost = true;
        } else {
            self.divisors[self.count] = divisor;
            self.count += 1;
        }
        self
    }

    /// Times a ratio in parts per billion.
    #[must_use]
    pub fn parts(self, ppb: u64) -> Self {
        self.times(ppb).over(PPB as u64)
    }

    /// To the whole number next to it, halves up: cents of an amount that ends here, see `round.rs`. Nothing where it
    /// does not fit.
    #[must_use]
    pub fn rounded(&self) -> Option<i64> {
        if self.lost {
            return None;
        }
        // floor((2 n + d) / 2 d); dividing by one divisor after the other floors the same.
        let divisors = &self.divisors[..self.count];
        let mut whole = [0; WORDS];
        whole[0] = 1;
        let fits = divisors.iter().all(|divisor| multiply(&mut whole, *divisor, 0));
        let mut sum = self.words;
        let doubled = multiply(&mut sum, 2, 0);
        let mut carry = 0_u128;
        for (word, other) in sum.iter_mut().zip(whole) {
            carry += u128::from(*word) + u128::from(other);
            *word = carry as u64;
            carry >>= 64;
        }
        if !fits || !doubled || carry != 0 {
            return None;
        }
        divide(&mut sum, 2);
        for divisor in divisors {
            divide(&mut sum, *divisor);
        }
        if sum[1..].iter().any(|word| *word != 0) {
            return None;
        }
        i64::try_from(sum[0]).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_up_and_nothing_is_lost_on_the_way() {
        assert_eq!(Product::of(5).over(2).rounded(), Some(3));
        assert_eq!(Product::of(249).over(100).rounded(), Some(2));
        let big = u64::MAX;
        let there = (0..14).fold(Product::of(3), |product, _| product.times(big));
        let back = (0..14).fold(there, |product, _| product.over(big));
        assert_eq!(back.rounded(), Some(3));
        assert_eq!((0..14).fold(there.over(4), |product, _| product.over(big)).rounded(), Some(1));
    }

    #[test]
    fn what_does_not_fit_is_nothing() {
        assert_eq!(Product::of(1).over(0).rounded(), None);
        assert_eq!(Product::of(u64::MAX).rounded(), None);
        assert_eq!((0..16).fold(Product::of(u64::MAX), |product, _| product.times(u64::MAX)).rounded(), None);
    }
}
