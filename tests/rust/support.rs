//! What the tests share: a seeded generator, columns as kernels read them, and the shipped book.

use sharedsavings::core::kernel::{Borrowed, Column, Level, MISSING, best};
use sharedsavings::core::rulebook::{AsOf, Book};
use std::ops::Range;
use std::sync::Arc;

/// Splitmix64: small, seeded, the same everywhere.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Between two numbers that are not negative, or close to zero, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u128::from(high.abs_diff(low)) + 1;
        low + ((u128::from(self.next()) * width) >> 64) as i64
    }

    /// From 1 to `most`, every order of magnitude as likely as another.
    pub(crate) fn magnitude(&mut self, most: i64) -> i64 {
        let bits = i64::from(64 - most.leading_zeros());
        let bits = self.between(1, bits);
        self.between(1, most.min(i64::MAX >> (63 - bits)))
    }

    pub(crate) fn one_in(&mut self, n: i64) -> bool {
        self.between(1, n) == 1
    }

    pub(crate) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.between(0, list.len() as i64 - 1) as usize]
    }
}

/// Whole numbers, some of them null.
pub(crate) struct Cells(pub(crate) Vec<Option<i64>>);

impl Column for Cells {
    fn rows(&self) -> usize {
        self.0.len()
    }

    fn gather(&self, range: Range<usize>, out: &mut [i64], flags: &mut [u8]) -> bool {
        let mut any = false;
        for ((cell, out), flag) in self.0[range].iter().zip(out).zip(flags) {
            *out = cell.unwrap_or(0);
            if cell.is_none() {
                *flag |= MISSING;
                any = true;
            }
        }
        any
    }
}

/// Whole numbers without nulls that the kernel may read where they lie.
pub(crate) enum Lent<'a> {
    Wide(&'a [i64]),
    Half(Vec<i32>),
    Quarter(Vec<i16>),
}

impl Column for Lent<'_> {
    fn rows(&self) -> usize {
        match self {
            Self::Wide(rows) => rows.len(),
            Self::Half(rows) => rows.len(),
            Self::Quarter(rows) => rows.len(),
        }
    }

    fn gather(&self, range: Range<usize>, out: &mut [i64], _: &mut [u8]) -> bool {
        for (row, out) in range.zip(out) {
            *out = match self {
                Self::Wide(rows) => rows[row],
                Self::Half(rows) => i64::from(rows[row]),
                Self::Quarter(rows) => i64::from(rows[row]),
            };
        }
        false
    }

    fn borrow(&self, range: Range<usize>) -> Option<Borrowed<'_>> {
        Some(match self {
            Self::Wide(rows) => Borrowed::I64(&rows[range]),
            Self::Half(rows) => Borrowed::I32(&rows[range]),
            Self::Quarter(rows) => Borrowed::I16(&rows[range]),
        })
    }
}

pub(crate) fn book() -> Arc<Book> {
    Book::shipped().expect("the shipped book loads")
}

/// All that the book knows.
pub(crate) const NOW: AsOf = AsOf { date: None, proposed: false };

/// What was known on a date.
pub(crate) fn on(date: &str) -> AsOf {
    AsOf { date: Some(date.parse().expect("a date")), proposed: false }
}

/// Instruction sets that this machine can run.
pub(crate) fn levels() -> impl Iterator<Item = Level> {
    [Level::Baseline, Level::Avx2, Level::Avx512].into_iter().filter(|l| *l <= best())
}
