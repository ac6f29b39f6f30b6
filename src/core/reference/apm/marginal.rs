//! Marginal risk in decimals (42 CFR 414.1420(d)(5)): the average share of overruns, without a division.

use super::{Reader, Truth, percent, said, share};
use crate::core::apm::Row;
use crate::core::error::Result;
use crate::core::reference::trace::Trace;
use rust_decimal::Decimal;

/// Shares of overruns, and what falls due at once at one of them.
struct Shares {
    steps: Vec<(Option<Decimal>, Decimal)>,
    jump: Option<(Decimal, Decimal)>,
}

/// Average share over the overruns from `a` on, up to where `enough` is owed (if asked for): whether it reaches `least`;
/// nothing where the range is empty.
fn reaches(shares: &Shares, a: Decimal, enough: Option<Decimal>, least: Decimal) -> Truth {
    let (mut lower, mut owed) = (Decimal::ZERO, Decimal::ZERO);
    let (mut area, mut width) = (Decimal::ZERO, Decimal::ZERO);
    for (upper, rate) in &shares.steps {
        owed += shares.jump.filter(|(at, _)| *at == lower).map_or(Decimal::ZERO, |(_, amount)| amount);
        if enough.is_some_and(|enough| owed >= enough) {
            break;
        }
        let wide = upper.map(|upper| upper - lower);
        let cut = enough.filter(|enough| *rate > Decimal::ZERO && wide.is_none_or(|w| owed + w * rate >= *enough));
        let skipped = (a - lower).max(Decimal::ZERO);
        if let Some(enough) = cut {
            // What is left to be owed in this level; its width times the rate, so that nothing is divided.
            let rest = enough - owed - skipped * rate;
            if rest <= Decimal::ZERO && width.is_zero() {
                return None;
            }
            let rest = rest.max(Decimal::ZERO);
            return Some((area + rest) * rate >= least * (width * rate + rest));
        }
        let Some(wide) = wide else { return Some(*rate >= least) };
        let counted = (wide - skipped).max(Decimal::ZERO);
        (area, width) = (area + counted * rate, width + counted);
        owed += wide * rate;
        lower += wide;
    }
    (!width.is_zero()).then(|| area >= least * width)
}

/// Whether the average reaches the share needed, by any of the ways that the allowances permit.
pub(super) fn reaches_least(
    book: &mut Reader<'_>,
    row: &Row,
    enough: Decimal,
    trace: &mut Trace,
) -> Result<Truth> {
    let (least, small) = (book.number("marginal_risk")?, book.number("marginal_risk.minimum_loss")?);
    let rules =
        [book.rule("marginal_risk"), book.rule("marginal_risk.minimum_loss"), book.rule("risk.of_expected")];
    let formula = "the average share of overruns, with or without small overruns and levels past large losses";
    let Some(levels) = &row.levels else {
        trace.step("marginal risk", formula, &[("levels", "not given".into())], said(None), &rules);
        return Ok(None);
    };
    let steps: Vec<_> = levels
        .steps()
        .iter()
        .map(|(upper, rate)| ((*upper != i64::MAX).then(|| share(*upper)), share(*rate)))
        .collect();
    let jump = levels.jump().map(|(at, amount)| (share(at), Decimal::from_i128_with_scale(amount, 18)));
    let shares = Shares { steps: steps.clone(), jump };
    let ways = [(Decimal::ZERO, None), (small, None), (Decimal::ZERO, Some(enough)), (small, Some(enough))];
    let each = ways.map(|(from, enough)| reaches(&shares, from, enough, least));
    let verdict = each.contains(&Some(true));
    let told = |way: Truth| way.map_or("no such levels".to_owned(), |way| said(Some(way)));
    let bands: Vec<String> = steps
        .iter()
        .map(|(upper, rate)| match upper {
            Some(upper) => format!("{} to {}", percent(*rate), percent(*upper)),
            None => format!("{} beyond", percent(*rate)),
        })
        .collect();
    let minimum = steps.iter().position(|(_, rate)| !rate.is_zero());
    let minimum = minimum.map(|at| at.checked_sub(1).and_then(|before| steps[before].0).unwrap_or(Decimal::ZERO));
    let inputs = [
        ("shares", bands.join(", ")),
        ("minimum loss rate", minimum.map_or_else(|| "nothing is ever owed".to_owned(), percent)),
        ("needed", percent(least)),
        ("over all levels", told(each[0])),
        ("without small overruns", told(each[1])),
        ("up to large losses", told(each[2])),
        ("both", told(each[3])),
    ];
    trace.step("marginal risk", formula, &inputs, said(Some(verdict)), &rules);
    Ok(Some(verdict))
}
