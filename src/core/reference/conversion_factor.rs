//! A conversion factor in decimals, straight from the rule book: the published one, and its reproduction by arithmetic.

use super::trace::{Trace, percent};
use crate::core::error::Result;
use crate::core::rulebook::{AsOf, Book};
use rust_decimal::{Decimal, RoundingStrategy};

/// The factor of a calendar year computed from the last that was one for all, every step told; nothing where the book has
/// not what it is made of.
pub fn factor(book: &Book, as_of: AsOf, year: i64, side: &str, trace: &mut Trace) -> Result<Option<Decimal>> {
    let at = |year: i64| book.read_payment_year(u16::try_from(year).unwrap_or(u16::MAX), as_of);
    let id = format!("conversion_factor.{side}");
    let update_id = format!("conversion_factor.update.{side}");
    let (neutral_id, once_id) = ("conversion_factor.budget_neutrality", "conversion_factor.one_year_increase");
    let mut now = at(year);
    let published = now.number(&id)?;
    let inputs = [("year", year.to_string())];
    trace.step("published", "dollars per relative value unit", &inputs, format!("${published}"), &[now.rule(&id)]);
    // Back to the last year without an update, whose factor is one for all.
    let mut first = year;
    while first > 0 && at(first).optional_number(&update_id)?.is_some() {
        first -= 1;
    }
    if first == year {
        return Ok(None);
    }
    let mut start = at(first);
    let Some(mut carried) = start.optional_number(&id)? else { return Ok(None) };
    let inputs = [("year", first.to_string())];
    trace.step(
        "start",
        "the last factor that was one for all",
        &inputs,
        format!("${carried}"),
        &[start.rule(&id)],
    );
    for next in first + 1..=year {
        let mut taken = at(next);
        let (update, neutral) = (taken.number(&update_id)?, taken.optional_number(neutral_id)?);
        let Some(neutral) = neutral else { return Ok(None) };
        carried = carried * (Decimal::ONE + update) * (Decimal::ONE + neutral);
        let inputs =
            [("year", next.to_string()), ("update", percent(update)), ("budget neutrality", percent(neutral))];
        let rules = [taken.rule(&update_id), taken.rule(neutral_id)];
        let formula = "carried x (1 + update) x (1 + neutrality), not rounded";
        trace.step("carried", formula, &inputs, format!("${}", carried.round_dp(8).normalize()), &rules);
    }
    let once = now.optional_number(once_id)?.unwrap_or_default();
    let computed =
        (carried * (Decimal::ONE + once)).round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero);
    let inputs = [("for this year alone", percent(once))];
    let formula = "carried x (1 + increase for the year alone), to four decimals";
    trace.step("computed", formula, &inputs, format!("${computed}"), &[now.rule(once_id)]);
    Ok(Some(computed))
}
