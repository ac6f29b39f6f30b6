//! Exact products: many factors over many divisors, of any size, rounded once at the end. A target price is a price
//! times half a dozen ratios with nine decimals each, which no machine word holds.

use super::round::PPB;

/// Words of a number: sixteen factors of 64 bits.
const WORDS: usize = 16;
/// Divisors of a product.
const DIVISORS: usize = 16;

/// A whole number, its lowest word first.
#[derive(Clone, Copy, Debug)]
struct Wide {
    words: [u64; WORDS],
    /// Words in use.
    len: usize,
    /// It did not fit.
    lost: bool,
}

impl Wide {
    fn of(whole: u64) -> Self {
        let mut words = [0; WORDS];
        words[0] = whole;
        Self { words, len: 1, lost: false }
    }

    fn carry(&mut self, carry: u64) {
        if carry == 0 {
            return;
        }
        if self.len == WORDS {
            self.lost = true;
        } else {
            self.words[self.len] = carry;
            self.len += 1;
        }
    }

    fn multiply(&mut self, factor: u64) {
        let mut carry = 0_u128;
        for word in &mut self.words[..self.len] {
            carry += u128::from(*word) * u128::from(factor);
            *word = carry as u64;
            carry >>= 64;
        }
        self.carry(carry as u64);
    }

    fn add(&mut self, other: &Self) {
        self.len = self.len.max(other.len);
        let mut carry = 0_u128;
        for (word, other) in self.words[..self.len].iter_mut().zip(other.words) {
            carry += u128::from(*word) + u128::from(other);
            *word = carry as u64;
            carry >>= 64;
        }
        self.carry(carry as u64);
    }

    /// The quotient, floored.
    fn divide(&mut self, divisor: u64) {
        let mut rest = 0_u64;
        for word in self.words[..self.len].iter_mut().rev() {
            if rest == 0 {
                // One word by one: a wide division costs ten times as much.
                (*word, rest) = (*word / divisor, *word % divisor);
            } else {
                let both = (u128::from(rest) << 64) | u128::from(*word);
                *word = (both / u128::from(divisor)) as u64;
                rest = (both % u128::from(divisor)) as u64;
            }
        }
        while self.len > 1 && self.words[self.len - 1] == 0 {
            self.len -= 1;
        }
    }
}

/// A product of whole numbers over a product of whole numbers.
#[derive(Clone, Copy, Debug)]
pub struct Product {
    whole: Wide,
    divisors: [u64; DIVISORS],
    count: usize,
    /// A divisor was nothing, or one too many.
    lost: bool,
}

impl Product {
    /// One factor.
    #[must_use]
    pub fn of(whole: u64) -> Self {
        Self { whole: Wide::of(whole), divisors: [1; DIVISORS], count: 0, lost: false }
    }

    /// Times a whole number.
    #[must_use]
    pub fn times(mut self, factor: u64) -> Self {
        self.whole.multiply(factor);
        self
    }

    /// Over a whole number.
    #[must_use]
    pub fn over(mut self, divisor: u64) -> Self {
        // Divisors are gathered while their product fits a word.
        let last = self.count.checked_sub(1).and_then(|last| self.divisors[last].checked_mul(divisor));
        match (last, divisor) {
            (_, 0) => self.lost = true,
            (_, 1) => {}
            (Some(both), _) => self.divisors[self.count - 1] = both,
            (None, _) if self.count == DIVISORS => self.lost = true,
            (None, _) => {
                self.divisors[self.count] = divisor;
                self.count += 1;
            }
        }
        self
    }

    /// Times a ratio in parts per billion.
    #[must_use]
    pub fn parts(self, ppb: u64) -> Self {
        if ppb == PPB as u64 { self } else { self.times(ppb).over(PPB as u64) }
    }

    /// To the whole number next to it, halves up: cents of an amount that ends here, see `round.rs`. Nothing where it
    /// does not fit.
    #[must_use]
    pub fn rounded(&self) -> Option<i64> {
        // floor((2 n + d) / 2 d); dividing by one divisor after the other floors the same.
        let divisors = &self.divisors[..self.count];
        let mut whole = Wide::of(1);
        for divisor in divisors {
            whole.multiply(*divisor);
        }
        let mut sum = self.whole;
        sum.multiply(2);
        sum.add(&whole);
        if self.lost || whole.lost || sum.lost {
            return None;
        }
        sum.divide(2);
        for divisor in divisors {
            sum.divide(*divisor);
        }
        if sum.len == 1 { i64::try_from(sum.words[0]).ok() } else { None }
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
