//! The corridor kernel: rows of any programs, arrangements and years of a plan, settled branch-free and exactly in a few
//! passes over a block. Between the passes each row fetches the words of what it turned out to be: its arrangement, its
//! side of the target, its slice.

mod amounts;
mod emit;
mod exact;
mod load;
mod look_up;
mod plan;
mod rows;
mod stakes;
mod targets;
mod words;

pub(in crate::core::settle) use plan::Corridors;
pub(in crate::core::settle) use rows::Rows;

use super::block::{Block, Settled};
use super::decode::Lane;
use super::load::{Call, Held, Scratch};
use crate::core::settle::reason::column;
use crate::core::settle::run::{Inputs, Outputs};

/// Makes ready for a call, as memory is kept from one to the next.
pub(super) fn clear(inputs: &Inputs<'_>, rows: &mut Rows) {
    load::clear(inputs, rows);
}

/// Settles a block, and marks which rows are left to the engine.
pub(super) fn settle(
    call: Call<'_>,
    plan: &Corridors,
    (block, rows): (&mut Block, &mut Rows),
    (held, scratch): (&mut Held, &mut Scratch),
    spare: &mut [Lane<i64>; 3],
    out: &mut Outputs<'_>,
) {
    let Call { level, n, .. } = call;
    let money = load::load(call, plan, block, rows, held, scratch);
    let given = |at: usize| call.inputs.columns[at].is_some();
    let is_plain = !given(column::BENCHMARK_FINAL) && !given(column::BENCHMARK_BONUS);
    let why = out.reason.is_some() || out.sequestered.is_some();
    let both = emit::needs_both(out);
    let [savings, generated, earned] = spare;
    let mut to = Settled {
        savings: out.savings.as_deref_mut().unwrap_or(&mut savings[..n]),
        generated: out.generated.as_deref_mut().unwrap_or(&mut generated[..n]),
        earned: out.earned.as_deref_mut().unwrap_or(&mut earned[..n]),
    };
    look_up::heads(level, plan, block, rows, n);
    targets::targets(level, (both, is_plain), (block, rows), money);
    look_up::sides(plan, block, rows, n);
    stakes::stakes(level, plan, block, rows, money);
    look_up::pieces(plan, rows, n);
    let of = (why, given(column::GEOGRAPHIC_FACTOR));
    amounts::amounts(level, of, (block, rows), money, &mut to, plan.shared);
    emit::emit(level, plan, block, rows, money, out);
}
