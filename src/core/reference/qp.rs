//! QP determination in decimals, straight from the rule book: the second implementation, which the kernel is
//! held against and which explains a row.

use super::trace::{Trace, count, dollars, percent};
use crate::core::error::Result;
use crate::core::qp::{Pair, Row};
use crate::core::rulebook::{AsOf, Book, Rule, Taken};
use rust_decimal::Decimal;

/// Answer of the reference, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// `qp`, `partial_qp` or `none`.
    pub status: &'static str,
    /// Option that gives the status; empty for `none`.
    pub option: &'static str,
    /// Methods that give the status; empty for `none`.
    pub method: &'static str,
    /// Cents or people missing to the QP threshold, where there is a denominator: payments, then patients.
    pub needed: [Option<Decimal>; 2],
}

const QP: &str = "qp";
const PARTIAL: &str = "partial_qp";

/// Determines a valid row and tells every step.
pub fn determine(book: &Book, as_of: AsOf, row: &Row, trace: &mut Trace) -> Result<Answer> {
    let year = u16::try_from(row.year).unwrap_or(u16::MAX);
    let mut taken = book.read(year, as_of);
    let pairs = [row.payments, row.patients];
    let all_pairs = [row.all_payer_payments, row.all_payer_patients];
    scores(&pairs, ["payment score", "patient score"], trace);
    let mut status = "none";
    let mut option = "";
    let mut method = "";
    for wanted in [QP, PARTIAL] {
        let met = meets(&mut taken, "medicare", wanted, &pairs, trace)?;
        if !met.is_empty() {
            (status, option, method) = (wanted, "medicare", met);
            break;
        }
    }
    let has_option = taken.rule("qp.all_payer.payment_amount.qp").is_some();
    let given = all_pairs.iter().flatten().any(|p| p.whole > 0);
    if status != QP && given && has_option {
        scores(&all_pairs, ["all-payer payment score", "all-payer patient score"], trace);
        for wanted in [QP, PARTIAL] {
            if status == wanted {
                break;
            }
            let opened = meets(&mut taken, "all_payer.medicare_minimum", wanted, &pairs, trace)?;
            let met = meets(&mut taken, "all_payer", wanted, &all_pairs, trace)?;
            if !opened.is_empty() && !met.is_empty() {
                (status, option, method) = (wanted, "all_payer", met);
                break;
            }
        }
    }
    let mut needed = [None, None];
    for (i, m) in ["payment_amount", "patient_count"].into_iter().enumerate() {
        let id = format!("qp.medicare.{m}.{QP}");
        let threshold = taken.number(&id)?;
        if let Some(p) = pairs[i].filter(|p| p.whole > 0) {
            let least = (threshold * Decimal::from(p.whole)).ceil();
            let lacks = (least - Decimal::from(p.part)).max(Decimal::ZERO);
            needed[i] = Some(lacks);
            let names = ["payments needed", "patients needed"];
            let formula = "least numerator that meets the QP threshold - numerator, or 0";
            let inputs = [("threshold", percent(threshold)), ("denominator", amount(i, p.whole))];
            trace.step(names[i], formula, &inputs, amount_of(i, lacks), &[taken.rule(&id)]);
        }
    }
    let inputs = [("by option", or_dash(option)), ("by method", or_dash(method))];
    trace.step("status", "the better status wins, not the higher score", &inputs, status.to_owned(), &[]);
    Ok(Answer { status, option, method, needed })
}

fn or_dash(word: &str) -> String {
    if word.is_empty() { "-".into() } else { word.into() }
}

/// Money for the payment pair, people for the patient pair.
fn amount(method: usize, n: i64) -> String {
    if method == 0 { dollars(Decimal::new(n, 2)) } else { count(n) }
}

fn amount_of(method: usize, n: Decimal) -> String {
    if method == 0 { dollars(n / Decimal::ONE_HUNDRED) } else { n.normalize().to_string() }
}

fn scores(pairs: &[Option<Pair>; 2], names: [&'static str; 2], trace: &mut Trace) {
    let formulas = [
        "payments through the APM / all payments of the same kind",
        "patients through the APM / all patients of the same kind",
    ];
    for (i, p) in pairs.iter().enumerate() {
        let Some(p) = p else { continue };
        let value = if p.whole > 0 {
            percent(Decimal::from(p.part) / Decimal::from(p.whole))
        } else {
            "no denominator".into()
        };
        let inputs = [("numerator", amount(i, p.part)), ("denominator", amount(i, p.whole))];
        trace.step(names[i], formulas[i], &inputs, value, &[]);
    }
}

/// Methods that meet the thresholds of an option for a status: none is "".
fn meets(
    taken: &mut Taken<'_>,
    option: &str,
    status: &str,
    pairs: &[Option<Pair>; 2],
    trace: &mut Trace,
) -> Result<&'static str> {
    let mut met = [false; 2];
    let mut inputs: Vec<(&str, String)> = Vec::new();
    let mut rules: Vec<Option<&Rule>> = Vec::new();
    for (i, m) in ["payment_amount", "patient_count"].into_iter().enumerate() {
        let id = format!("qp.{option}.{m}.{status}");
        let threshold = taken.number(&id)?;
        met[i] =
            pairs[i].is_some_and(|p| p.whole > 0 && Decimal::from(p.part) >= threshold * Decimal::from(p.whole));
        if pairs[i].is_some() {
            inputs.push((["payment threshold", "patient threshold"][i], percent(threshold)));
            rules.push(taken.rule(&id));
        }
    }
    let by = match met {
        [true, true] => "both",
        [true, false] => "payment_amount",
        [false, true] => "patient_count",
        _ => "",
    };
    let name = match (option, status) {
        ("medicare", QP) => "Medicare Option, QP",
        ("medicare", _) => "Medicare Option, Partial QP",
        ("all_payer", QP) => "All-Payer Option, QP",
        ("all_payer", _) => "All-Payer Option, Partial QP",
        (_, QP) => "Medicare minimum for All-Payer, QP",
        _ => "Medicare minimum for All-Payer, Partial QP",
    };
    let value = if by.is_empty() { "not met".to_owned() } else { format!("met by {}", by.replace('_', " ")) };
    trace.step(name, "numerator >= threshold x denominator, unrounded", &inputs, value, &rules);
    Ok(by)
}
