//! The block kernel of settlement: rows are decoded where they lie, settled branch-free and exactly, and written; the
//! few that need more are marked for the engine, which defines the result.

mod block;
mod decide;
mod decode;
mod emit;
mod load;
mod packed;

pub(super) use decode::ROWS;
pub(super) use packed::{Line, Packed, SEGMENTS};

use super::run::{Inputs, Outputs};
use crate::core::kernel::Level;
use block::{Block, Settled};
use decode::{LANE, Lane};
use load::Spare;

/// Working memory of one thread.
pub(super) struct Kernel {
    block: Block,
    spare: Spare,
    /// Savings, generated and earned where nobody asked for them.
    settled: [Lane<i64>; 3],
}

impl Kernel {
    pub(super) const fn new() -> Self {
        Self { block: Block::new(), spare: Spare::new(), settled: [[0; LANE]; 3] }
    }

    /// Makes ready for a call, as memory is kept from one to the next.
    pub(super) fn clear(&mut self, inputs: &Inputs<'_>) {
        load::clear(inputs, &mut self.block);
    }

    /// Settles `n` rows from `start` on, and returns which of them are left to the engine: not zero where one is.
    pub(super) fn settle(
        &mut self,
        level: Level,
        packed: &Packed,
        inputs: &Inputs<'_>,
        (start, n): (usize, usize),
        out: &mut Outputs<'_>,
    ) -> &[u8] {
        let Self { block, spare, settled: [savings, generated, earned] } = self;
        let money = load::load(level, packed, inputs, (start, n), block, spare);
        decide::look_up(level, packed, block, n);
        let details = emit::needs_details(out);
        let mut to = Settled {
            savings: out.savings.as_deref_mut().unwrap_or(&mut savings[..n]),
            generated: out.generated.as_deref_mut().unwrap_or(&mut generated[..n]),
            earned: out.earned.as_deref_mut().unwrap_or(&mut earned[..n]),
        };
        decide::decide(level, details, block, money, &mut to, packed.shared);
        emit::emit(level, packed, block, money.benchmark, &savings[..n], out);
        &block.hard[..n]
    }
}
