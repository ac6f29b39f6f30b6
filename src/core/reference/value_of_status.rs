//! What explains the value of a status: its components one after the other, with the rules behind them.

use super::trace::{Trace, dollars, percent};
use crate::core::error::{Error, Result};
use crate::core::rulebook::{AsOf, Book};
use crate::core::value_of_status::{Case, components, terms};
use rust_decimal::Decimal;

/// Tells every component of a valid row.
pub fn value(book: &Book, as_of: AsOf, case: &Case, trace: &mut Trace) -> Result<()> {
    let unknown = || Error::NotModelled(format!("the rule book cannot value performance year {}", case.year));
    let terms = terms(book, as_of, case.year, &mut Vec::new())?.ok_or_else(unknown)?;
    let found = components(case, &terms).map_err(|_| unknown())?;
    let mut taken = book.read(u16::try_from(case.year).unwrap_or(u16::MAX), as_of);
    let amount = |cents: i64| dollars(Decimal::new(cents, 2));
    let of = |cents: Option<i64>| cents.map_or("not known".to_owned(), amount);
    let growth = match case.amounts_year {
        Some(from) => format!("{} a year from {from}", percent(Decimal::new(case.growth.unwrap_or(0), 9))),
        None => "none".to_owned(),
    };
    let (base, payment) = (case.year + terms.base_lag, case.year + terms.payment_lag);
    let inputs = [
        ("paid", amount(case.paid)),
        ("growth", growth.clone()),
        ("base year", base.to_string()),
        ("percent", percent(Decimal::new(terms.percent, 9))),
    ];
    let rules = [taken.rule("incentive.percent"), taken.rule("incentive.lag.base")];
    trace.step("incentive", "paid in the base year x percent", &inputs, amount(found.incentive), &rules);
    let inputs = [
        ("allowed", of(case.allowed)),
        ("growth", growth.clone()),
        ("payment year", payment.to_string()),
        ("qualifying above non-qualifying", percent(terms.advantage)),
    ];
    let rules =
        [taken.rule("conversion_factor.update.qualifying"), taken.rule("conversion_factor.update.non_qualifying")];
    let formula = "allowed in the payment year at the non-qualifying factor x (ratio of compounded updates - 1)";
    trace.step("conversion factor effect", formula, &inputs, of(found.conversion_factor), &rules);
    let share = found.adjustment.map_or("not known".to_owned(), |share| percent(Decimal::new(share, 9)));
    let inputs = [("paid", amount(case.paid)), ("growth", growth), ("adjustment", share)];
    let scaled = case.scale[0].is_some();
    let rules = [
        taken.rule("mips.applicable_percent"),
        if scaled { taken.rule("mips.sliding_scale.floor") } else { None },
    ];
    let formula = if scaled {
        "paid in the payment year x adjustment of the score on the sliding scale"
    } else {
        "paid in the payment year x adjustment given"
    };
    trace.step("MIPS amount", formula, &inputs, of(found.mips), &rules);
    let qp = found.conversion_factor.map(|effect| effect + found.incentive);
    trace.step("value of QP", "incentive + conversion factor effect; no MIPS adjustment", &[], of(qp), &[]);
    trace.step("value of Partial QP in MIPS", "MIPS amount", &[], of(found.mips), &[]);
    trace.step("value of Partial QP out of MIPS", "nothing is added or taken", &[], amount(0), &[]);
    trace.step("value of neither", "MIPS amount", &[], of(found.mips), &[]);
    Ok(())
}
