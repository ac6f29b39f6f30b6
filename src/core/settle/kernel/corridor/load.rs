//! What the corridor kernel decodes of a block beside what both kernels do: discounts, caps, scores and factors as parts
//! of the smallest unit, bonuses and adjustments.

use super::exact::negative;
use super::plan::Corridors;
use super::rows::{Parts, Rows};
use crate::core::kernel::{Lanes, MISSING, View, dispatch};
use crate::core::round::PPB;
use crate::core::settle::kernel::block::{Amounts, Block};
use crate::core::settle::kernel::decide::choose;
use crate::core::settle::kernel::decode::{
    NULL, ROWS, amounts, factors, float, nearest, segments, shares, wholes,
};
use crate::core::settle::kernel::load::{Call, Held, Reader, Scratch, mark, shared};
use crate::core::settle::reason::column;
use crate::core::settle::run::Inputs;

/// Decodes a block, and returns benchmark and expenditures as they are.
pub(super) fn load<'a>(
    call: Call<'a>,
    plan: &Corridors,
    block: &mut Block,
    rows: &mut Rows,
    held: &'a mut Held,
    scratch: &mut Scratch,
) -> Amounts<'a> {
    let Call { level, inputs, n, .. } = call;
    let given = |at: usize| inputs.columns[at].is_some();
    let money = shared(call, &plan.menu, NULL, block, held, scratch);
    if given(column::PAYMENT_ADJUSTMENT) {
        adjustments(call, block, rows, scratch);
    }
    let (mut reader, _) = Reader::new(call, &mut block.hard, scratch);
    reader.numbers(column::DISCOUNT, shares, NULL, &mut rows.given);
    reader.numbers(column::ELECTED_CAP, shares, NULL, &mut rows.elected_cap);
    reader.numbers(column::BENCHMARK_BONUS, amounts, NULL, &mut rows.bonus);
    reader.numbers(column::BENCHMARK_FINAL, wholes, NULL, &mut rows.is_final);
    reader.numbers(column::GEOGRAPHIC_FACTOR, factors, NULL, &mut rows.geography);
    if given(column::BENCHMARK_FINAL) {
        mark(&rows.is_final[..n], &mut reader.hard[..n], |value| value > 1);
    }
    if given(column::QUALITY_SCORE) {
        smallest(level, &block.quality[..n], &mut rows.score, NULL);
    }
    if given(column::DISCOUNT) {
        smallest(level, &rows.given[..n], &mut rows.discount, NULL);
    }
    if given(column::ELECTED_CAP) {
        smallest(level, &rows.elected_cap[..n], &mut rows.cap, NULL);
    }
    if given(column::GEOGRAPHIC_FACTOR) {
        smallest(level, &rows.geography[..n], &mut rows.place, 1);
    }
    if given(column::BENEFICIARIES) {
        for (starts, of_scale) in plan.starts[..plan.scales].iter().zip(&mut rows.segments) {
            segments(level, &block.people[..n], starts, &mut of_scale[..n]);
        }
    }
    money
}

/// What is added at the end, of either sign: cents, and nothing for a null.
fn adjustments(call: Call<'_>, block: &mut Block, rows: &mut Rows, scratch: &mut Scratch) {
    let Call { inputs, start, n, .. } = call;
    let Some(column) = inputs.columns[column::PAYMENT_ADJUSTMENT] else { return };
    let into = &mut rows.adjustment[..n];
    if let Some(View { lanes: Lanes::I64(lanes), nulls: None }) = column.view(start..start + n) {
        return into.copy_from_slice(lanes);
    }
    let flags = scratch.flags(n);
    if column.gather(start..start + n, into, flags) {
        for ((value, flag), hard) in into.iter_mut().zip(flags).zip(&mut block.hard) {
            *value = if *flag == 0 { *value } else { 0 };
            *hard |= *flag & !MISSING;
        }
    }
}

/// Makes the columns null that a call does not have: a block is kept from call to call.
pub(super) fn clear(inputs: &Inputs<'_>, rows: &mut Rows) {
    for (at, into, absent) in [
        (column::QUALITY_SCORE, &mut rows.score.n, NULL),
        (column::QUALITY_SCORE, &mut rows.score.unit, 1),
        (column::DISCOUNT, &mut rows.given, NULL),
        (column::DISCOUNT, &mut rows.discount.n, NULL),
        (column::DISCOUNT, &mut rows.discount.unit, 1),
        (column::ELECTED_CAP, &mut rows.elected_cap, NULL),
        (column::ELECTED_CAP, &mut rows.cap.n, NULL),
        (column::ELECTED_CAP, &mut rows.cap.unit, 1),
        (column::GEOGRAPHIC_FACTOR, &mut rows.place.n, 1),
        (column::GEOGRAPHIC_FACTOR, &mut rows.place.unit, 1),
        (column::BENCHMARK_FINAL, &mut rows.is_final, 0),
        (column::BENCHMARK_BONUS, &mut rows.bonus, 0),
        (column::PAYMENT_ADJUSTMENT, &mut rows.adjustment, 0),
    ] {
        if inputs.columns[at].is_none() {
            into.fill(absent);
        }
    }
    rows.fixed_cap.fill(0);
    if inputs.columns[column::BENEFICIARIES].is_none() {
        rows.segments.iter_mut().for_each(|of_scale| of_scale.fill(0));
    }
}

#[inline(always)]
fn smallest_body(values: &[i64], parts: &mut Parts, absent: i64) {
    let n = values.len().min(ROWS);
    let (numerators, units) = (&mut parts.n[..n], &mut parts.unit[..n]);
    for i in 0..n {
        let value = values[i];
        let (mut least, mut unit) = (value, PPB);
        for (step, coarser) in [(1e3, 1_000_000), (1e5, 10_000), (1e7, 100)] {
            let whole = nearest(float(value) * (1.0 / step));
            let off = !negative((float(whole) * step - float(value)).abs() - 1.0);
            least = choose(off, least, whole);
            unit = choose(off, unit, coarser);
        }
        let null = value >> 63;
        numerators[i] = choose(null, absent, least);
        units[i] = choose(null, 1, unit);
    }
}

dispatch! {
    /// Parts per billion in the smallest of the units that serve; `absent` in one for a null.
    fn smallest(values: &[i64], parts: &mut Parts, absent: i64) -> () = smallest_body
}
