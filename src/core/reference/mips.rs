//! MIPS in decimals, straight from the rule book: what explains a row.

use super::trace::{Trace, count, dollars, percent};
use crate::core::error::Result;
use crate::core::mips::weights::{CATEGORIES, PATHWAYS, id_of};
use crate::core::qp::STATUSES;
use crate::core::qp::mips::ELECTIONS;
use crate::core::rulebook::{AsOf, Book};
use rust_decimal::Decimal;

fn word<'a>(words: &[&'a str], code: Option<i64>) -> &'a str {
    code.and_then(|code| usize::try_from(code).ok()).and_then(|at| words.get(at)).copied().unwrap_or("not given")
}

/// Who is in MIPS and the final score of a row, in the order of the verb's columns, every step told.
pub fn mips(
    book: &Book,
    as_of: AsOf,
    values: &[Option<i64>],
    (who, basis): (&str, &str),
    trace: &mut Trace,
) -> Result<()> {
    let year = u16::try_from(values[0].unwrap_or(0)).unwrap_or(u16::MAX);
    let mut taken = book.read(year, as_of);
    let ids = ["allowed_charges", "patients", "services"].map(|name| format!("mips.low_volume.{name}"));
    let mut inputs = Vec::new();
    for (at, id) in ids.iter().enumerate() {
        let Some(threshold) = taken.optional_number(id)? else { continue };
        let show = |n: Decimal| if at == 0 { dollars(n) } else { n.to_string() };
        let volume = values[3 + at].map(|v| if at == 0 { dollars(Decimal::new(v, 2)) } else { count(v) });
        let name = id.rsplit('.').next().unwrap_or(id).replace('_', " ");
        inputs.push((format!("{name} over {}", show(threshold)), volume.unwrap_or_else(|| "not given".into())));
    }
    let inputs: Vec<(&str, String)> = inputs.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let rules = ids.each_ref().map(|id| taken.rule(id));
    let formula = "every measure of the year must be exceeded to be above";
    trace.step(
        "low volume",
        formula,
        &inputs,
        if basis == "low_volume" { "below" } else { "not below" }.into(),
        &rules,
    );
    let inputs = [
        ("status", word(&STATUSES, values[1]).to_owned()),
        ("election", word(&ELECTIONS, values[2]).to_owned()),
        ("basis", basis.replace('_', " ")),
    ];
    let status = match word(&STATUSES, values[1]) {
        "qp" => taken.rule("mips.qp"),
        "partial_qp" => taken.rule("mips.partial_qp"),
        _ => None,
    };
    let exempt = if basis == "asm_participant" { taken.rule("mips.asm_exempt") } else { None };
    let formula = "a QP is out; a Partial QP is out unless it elects in; else in, if nothing else excludes";
    trace.step("mips", formula, &inputs, who.replace('_', " "), &[status, exempt]);
    if who == "scored" || who == "may_elect" {
        let most = taken.number("mips.applicable_percent")?;
        let rule = taken.rule("mips.applicable_percent");
        trace.step(
            "lowest adjustment",
            "less the applicable percent of the payment year",
            &[],
            percent(-most),
            &[rule],
        );
    }
    let Some(pathway) = values[8].and_then(|code| usize::try_from(code).ok()).and_then(|at| PATHWAYS.get(at))
    else {
        return Ok(());
    };
    let id = id_of(pathway, values[10] == Some(1), values[11] == Some(1));
    let mut shown = Vec::new();
    let mut total = Some(Decimal::ZERO);
    for (at, category) in CATEGORIES.iter().enumerate() {
        let weight = taken.keyed_number(&id, category)?.unwrap_or_default();
        let score = values[12 + at].map(|ppb| Decimal::new(ppb, 9));
        let text = score.map_or("not given".to_owned(), percent);
        shown.push((category.replace('_', " "), format!("{} of {text}", percent(weight))));
        if !weight.is_zero() {
            total = total.zip(score).map(|(total, score)| total + weight * score);
        }
    }
    let shown: Vec<(&str, String)> = shown.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let rule = taken.rule(&id);
    let value = total.map_or("null: a score that has weight is not given".to_owned(), percent);
    trace.step("final score", "sum of weight x score", &shown, value, &[rule]);
    Ok(())
}
