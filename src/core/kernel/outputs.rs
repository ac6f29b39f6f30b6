//! Where results go: columns that the caller lends, each optional, split over chunks and tiles.

/// `outputs! { name: type, ... }` defines `Outputs`, a set of optional columns.
macro_rules! outputs {
    ($($(#[$meta:meta])* $name:ident: $ty:ty),+ $(,)?) => {
        /// Where results go. What is `None` is not computed.
        #[derive(Default)]
        pub struct Outputs<'a> { $($(#[$meta])* pub $name: Option<&'a mut [$ty]>),+ }

        #[allow(dead_code)] // a verb need not use every way of cutting
        impl Outputs<'_> {
            /// The first `at` rows and the rest.
            fn split(self, at: usize) -> (Self, Self) {
                $(let (first, $name) = self.$name.map(|s| s.split_at_mut(at)).unzip();
                  let $name = (first, $name);)+
                (Self { $($name: $name.0),+ }, Self { $($name: $name.1),+ })
            }

            /// (first row, rows, outputs) of successive chunks.
            fn chunks(self, rows: usize, size: usize) -> Vec<(usize, usize, Self)> {
                let mut chunks = Vec::with_capacity(rows.div_ceil(size));
                let (mut rest, mut start) = (self, 0);
                while start < rows {
                    let take = size.min(rows - start);
                    let (head, tail) = rest.split(take);
                    chunks.push((start, take, head));
                    (rest, start) = (tail, start + take);
                }
                chunks
            }

            /// Calls `work` with (rows before, rows, outputs) of successive tiles.
            fn in_tiles(self, rows: usize, size: usize, mut work: impl FnMut(usize, usize, &mut Self)) {
                let (mut rest, mut done) = (self, 0);
                while done < rows {
                    let n = size.min(rows - done);
                    let (mut head, tail) = rest.split(n);
                    work(done, n, &mut head);
                    (rest, done) = (tail, done + n);
                }
            }

            fn check(&self, rows: usize) -> $crate::core::error::Result<()> {
                $(if let Some(s) = &self.$name && s.len() != rows {
                    let problem = format!("holds {} rows for {rows} rows of input", s.len());
                    return Err($crate::core::error::InputError::column(concat!("out.", stringify!($name)), problem, "Match the length").into());
                })+
                Ok(())
            }
        }
    };
}
pub(crate) use outputs;

/// Writes one row of a column, if the column is wanted.
pub(crate) fn set<T>(slot: &mut Option<&mut [T]>, i: usize, value: T) {
    if let Some(slot) = slot {
        slot[i] = value;
    }
}
