//! What a pass over the rows found wrong: how many rows, the first of them and its value, by column and
//! problem. Small however many rows are bad.

/// One problem of one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Index of the column in the verb's own list.
    pub column: u8,
    /// Reason code of the verb.
    pub reason: u8,
    /// Rows concerned.
    pub rows: u64,
    /// First of them.
    pub first_row: usize,
    /// Its value, as the core read it.
    pub value: i64,
}

/// All problems of a pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Notes a row.
    pub fn add(&mut self, column: u8, reason: u8, row: usize, value: i64) {
        self.merge_one(Finding { column, reason, rows: 1, first_row: row, value });
    }

    fn merge_one(&mut self, new: Finding) {
        match self.0.iter_mut().find(|f| (f.column, f.reason) == (new.column, new.reason)) {
            Some(f) => {
                f.rows += new.rows;
                if new.first_row < f.first_row {
                    f.first_row = new.first_row;
                    f.value = new.value;
                }
            }
            None => self.0.push(new),
        }
    }

    /// Both passes together.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        other.0.into_iter().for_each(|f| self.merge_one(f));
        self
    }

    /// Those of which this is true, and the others.
    #[must_use]
    pub fn split(self, which: impl Fn(&Finding) -> bool) -> (Self, Self) {
        let (some, others) = self.0.into_iter().partition(|f| which(f));
        (Self(some), Self(others))
    }

    /// The problems, the one with the earliest row first.
    #[must_use]
    pub fn sorted(mut self) -> Vec<Finding> {
        self.0.sort_by_key(|f| (f.first_row, f.column));
        self.0
    }
}
