//! The block kernels of settlement: rows are decoded where they lie, settled branch-free and exactly, and written; the
//! few that need more are marked for the engine, which defines the result.

mod block;
mod corridor;
mod decide;
mod decode;
mod emit;
mod load;
mod packed;

pub(super) use corridor::Corridors;
pub(super) use decode::ROWS;
pub(super) use packed::{Line, Packed, SEGMENTS};

use super::plan::Plan;
use super::run::{Inputs, Outputs};
use crate::core::kernel::Level;
use block::{Block, Settled};
use decode::{LANE, Lane};
use load::{Call, Held, Scratch};

/// Working memory of one thread.
pub(super) struct Kernel {
    block: Block,
    rows: corridor::Rows,
    held: Held,
    scratch: Scratch,
    /// Savings, generated and earned where nobody asked for them.
    spare: [Lane<i64>; 3],
}

impl Kernel {
    pub(super) const fn new() -> Self {
        Self {
            block: Block::new(),
            rows: corridor::Rows::new(),
            held: Held::new(),
            scratch: Scratch::new(),
            spare: [[0; LANE]; 3],
        }
    }

    /// Makes ready for a call, as memory is kept from one to the next.
    pub(super) fn clear(&mut self, plan: &Plan, inputs: &Inputs<'_>) {
        load::clear(inputs, &mut self.block);
        if plan.corridors().is_some() {
            corridor::clear(inputs, &mut self.rows);
        }
    }

    /// Settles `n` rows from `start` on, and returns which of them are left to the engine: not zero where one is.
    /// Nothing where no kernel serves the plan.
    pub(super) fn settle(
        &mut self,
        level: Level,
        plan: &Plan,
        inputs: &Inputs<'_>,
        (start, n): (usize, usize),
        out: &mut Outputs<'_>,
    ) -> Option<&[u8]> {
        let call = Call { level, inputs, start, n };
        if let Some(packed) = plan.packed() {
            self.of_one_program(call, packed, out);
        } else {
            let Self { block, rows, held, scratch, spare } = self;
            corridor::settle(call, plan.corridors()?, (block, rows), (held, scratch), spare, out);
        }
        Some(&self.block.hard[..n])
    }

    /// The kernel of the Shared Savings Program.
    fn of_one_program(&mut self, call: Call<'_>, packed: &Packed, out: &mut Outputs<'_>) {
        let Self { block, held, scratch, spare: [savings, generated, earned], .. } = self;
        let Call { level, n, .. } = call;
        let money = load::load(call, packed, block, held, scratch);
        decide::look_up(level, packed, block, n);
        let details = emit::needs_details(out);
        let mut to = Settled {
            savings: out.savings.as_deref_mut().unwrap_or(&mut savings[..n]),
            generated: out.generated.as_deref_mut().unwrap_or(&mut generated[..n]),
            earned: out.earned.as_deref_mut().unwrap_or(&mut earned[..n]),
        };
        decide::decide(level, details, block, money, &mut to, packed.shared);
        emit::emit(level, packed, block, money.benchmark, &savings[..n], out);
    }
}
