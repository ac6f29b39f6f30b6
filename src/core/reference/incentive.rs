//! An incentive in decimals, straight from the rule book: the second implementation, which explains a row.

use super::trace::{Trace, dollars, percent};
use crate::core::error::Result;
use crate::core::incentive::Base;
use crate::core::rulebook::{AsOf, Book, Rule};
use rust_decimal::{Decimal, RoundingStrategy};

/// Cents, half away from zero.
pub(super) fn to_cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// The incentive of a performance year in dollars, every step told. Who is not a QP needs no base.
pub fn incentive(
    book: &Book,
    as_of: AsOf,
    year: i64,
    qp: bool,
    base: Option<&Base>,
    trace: &mut Trace,
) -> Result<Decimal> {
    let mut taken = book.read(u16::try_from(year).unwrap_or(u16::MAX), as_of);
    let lag = |taken: &mut crate::core::rulebook::Taken<'_>, id: &str| -> Result<i64> {
        Ok(year + taken.optional_integer(id)?.unwrap_or_default())
    };
    let (base_year, payment_year) =
        (lag(&mut taken, "incentive.lag.base")?, lag(&mut taken, "incentive.lag.payment")?);
    let rules = [taken.rule("incentive.lag.base"), taken.rule("incentive.lag.payment")];
    let inputs = [("performance year", year.to_string()), ("base year", base_year.to_string())];
    trace.step("payment year", "performance year + 2", &inputs, payment_year.to_string(), &rules);
    let rate = taken.number("incentive.percent")?;
    let rule = taken.rule("incentive.percent");
    let rate = if qp { rate } else { Decimal::ZERO };
    let total = base.map_or(Decimal::ZERO, |base| total(base, &rules[..1], trace));
    let formula = if qp { "by payment year" } else { "nothing is paid to who is not a QP" };
    trace.step("percent", formula, &[], percent(rate), &[rule]);
    let paid = to_cents(total * rate);
    trace.step("incentive", "base x percent, to the cent", &[], dollars(paid), &[]);
    Ok(paid)
}

/// The base in dollars, with its parts.
fn total(base: &Base, rules: &[Option<&Rule>], trace: &mut Trace) -> Decimal {
    let amount = |cents: i64| Decimal::new(cents, 2);
    let parts = [
        ("paid", base.paid),
        ("payment adjustments", base.adjustments),
        ("bonuses", base.bonuses),
        ("financial risk payments", base.financial_risk),
        ("supplemental", base.supplemental),
        ("cash flow", base.cash_flow),
        ("fee-for-service in its place", base.cash_flow_replaced),
    ];
    let shown: Vec<(&str, String)> = parts
        .iter()
        .enumerate()
        .filter(|(i, p)| *i == 0 || p.1 != 0)
        .map(|(_, p)| (p.0, dollars(amount(p.1))))
        .collect();
    let taken_off: Decimal =
        [base.adjustments, base.bonuses, base.financial_risk, base.cash_flow].into_iter().map(amount).sum();
    let total = amount(base.paid) - taken_off + amount(base.supplemental) + amount(base.cash_flow_replaced);
    let formula = "paid - adjustments - bonuses - financial risk + supplemental - cash flow + what it replaced";
    trace.step("base", formula, &shown, dollars(total), rules);
    total
}
