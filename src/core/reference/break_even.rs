//! A break-even explained: the settlement in decimals at the expenditures that were found, and one cent beyond,
//! where the target is no longer reached. It settles both again and takes nothing from the engine but the place.

use super::settle::settle;
use super::trace::{Trace, dollars, percent};
use crate::core::error::Result;
use crate::core::rulebook::{AsOf, Book};
use crate::core::settle::Row;
use crate::core::settle::break_even::BreakEven;
use crate::core::settle::segment::SEGMENTS;
use rust_decimal::Decimal;

/// Settles a row at its break-even and tells every step, the target and what one cent more comes to among them.
/// Answers what is earned at both.
pub fn explain(
    book: &Book,
    as_of: AsOf,
    of: (&str, &str, i64),
    row: &Row,
    target: i64,
    found: &BreakEven,
    trace: &mut Trace,
) -> Result<[Decimal; 2]> {
    let from_cents = |cents: i64| Decimal::new(cents, 2);
    let target = ("target", dollars(from_cents(target)));
    let spent = found.expenditures;
    let segment = SEGMENTS[usize::from(found.segment)].replace('_', " ");
    let inputs = [target.clone(), ("segment", segment)];
    let formula = "the largest expenditures at which earned still reaches the target";
    trace.step("break-even", formula, &inputs, dollars(from_cents(spent)), &[]);
    let at = settle(book, as_of, of, &Row { expenditures: spent, ..*row }, trace)?;
    let beyond = Row { expenditures: spent.saturating_add(1), ..*row };
    let more = settle(book, as_of, of, &beyond, &mut Trace::default())?;
    let inputs = [("expenditures", dollars(from_cents(beyond.expenditures))), target];
    let formula = "what the same steps come to at one cent more: below the target";
    trace.step("earned at one cent more", formula, &inputs, dollars(more.earned), &[]);
    if let Some(rate) = found.marginal_rate {
        let formula = "what the entity keeps of the next dollar saved";
        let kept = Decimal::from(rate.n) / Decimal::from(rate.d);
        trace.step("marginal rate", formula, &[], percent(kept), &[]);
    }
    Ok([at.earned, more.earned])
}
