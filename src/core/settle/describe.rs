//! The terms of an arrangement in plain English, and in a few words for a list: from the engine's own parameters, so
//! that what is said is what is settled.

use super::plan::Plan;
use super::terms::{Bands, Discount, GrossCap, Origin, Quality, Side, Terms, Threshold};
use crate::core::round::Ratio;
use rust_decimal::Decimal;

/// One arrangement of one year in a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Performance year.
    pub performance_year: i64,
    /// Arrangement.
    pub arrangement: String,
    /// `one_sided` or `two_sided`.
    pub risk: &'static str,
    /// Shares of savings, then of losses.
    pub shares: String,
    /// What bounds them.
    pub limits: String,
}

fn percent(share: Ratio) -> String {
    let share = Decimal::from(share.n) * Decimal::ONE_HUNDRED / Decimal::from(share.d);
    format!("{} %", share.round_dp(4).normalize())
}

/// Shares of slices: `100 % to 10 %, 50 % to 35 %, 10 % beyond`.
fn bands(bands: &Bands) -> String {
    let share = |share: i64| percent(Ratio::new(share, bands.scale));
    let steps = &bands.steps[..bands.count];
    let Some(((_, last), rest)) = steps.split_last() else { return String::new() };
    if rest.is_empty() {
        return share(*last);
    }
    let slices = rest.iter().map(|(to, s)| format!("{} to {}", share(*s), percent(Ratio::new(*to, bands.unit))));
    slices.chain([format!("{} beyond", share(*last))]).collect::<Vec<_>>().join(", ")
}

fn discount(discount: &Discount) -> Option<String> {
    match discount {
        Discount::Fixed(part) if *part == Ratio::ZERO => None,
        Discount::Fixed(part) => Some(percent(*part)),
        Discount::Given { lowest, highest } => {
            Some(format!("{} to {}, the entity's own", percent(*lowest), percent(*highest)))
        }
        Discount::ByScore(steps) => {
            let rates: Vec<String> = steps.rates().map(percent).collect();
            Some(format!("{} as quality rises", rates.join(", ")))
        }
    }
}

fn threshold(threshold: &Threshold) -> Option<String> {
    match threshold {
        Threshold::Fixed(rate) if *rate == Ratio::ZERO => None,
        Threshold::Fixed(rate) => Some(percent(*rate)),
        Threshold::Elected => Some("a rate elected from a menu, or by size".into()),
        Threshold::SizeScale => Some("a rate by number of beneficiaries".into()),
    }
}

fn limits(side: &Side, of: &str) -> Vec<String> {
    let basis = if side.limit_of_target { "target" } else { "benchmark" };
    let mut out = Vec::new();
    match side.cap {
        GrossCap::None => {}
        GrossCap::Fixed(cap) => out.push(format!("{of} beyond {} of the target are not shared", percent(cap))),
        GrossCap::Elected { lowest, highest } => out.push(format!(
            "{of} beyond an elected {} to {} of the target are not shared",
            percent(lowest),
            percent(highest)
        )),
    }
    if let Some(part) = side.limit_benchmark {
        let early =
            side.limit_early.map(|[a, b]| format!(" ({} and {} in the first two years)", percent(a), percent(b)));
        out.push(format!("at most {} of the {basis}{}", percent(part), early.unwrap_or_default()));
    }
    if let Some(part) = side.limit_revenue {
        out.push(format!("at most {} of participants' revenue", percent(part)));
    }
    if let Some(cents) = side.limit_amount {
        out.push(format!("at most ${}", Decimal::new(cents, 2).normalize()));
    }
    out
}

fn quality(side: &Side) -> Option<String> {
    match side.quality {
        Quality::None => None,
        Quality::Standard => Some("only where the quality standard is met".into()),
        Quality::StandardElseScaled => {
            Some("in full where the quality standard is met, times the score by the alternative standard".into())
        }
        Quality::Scaled => Some("times the quality score, where the minimum of quality is attained".into()),
        Quality::Score => Some("times the quality score".into()),
        Quality::CutByLack(part) => Some(format!("less up to {} of it as quality is lower", percent(part))),
        Quality::CutByScore(part) => Some(format!("less up to {} of it as quality is higher", percent(part))),
        Quality::OneLessScaled { share, floor, top } => Some(format!(
            "one less {} times the quality score, between {} and {}",
            percent(share),
            percent(floor),
            percent(top)
        )),
    }
}

/// The terms in sentences.
#[must_use]
pub fn describe(terms: &Terms) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(part) = discount(&terms.up.discount) {
        out.push(format!("The target is the benchmark less a discount of {part}."));
    } else {
        out.push("The target is the benchmark.".into());
    }
    if let Some(withhold) = terms.withhold {
        let reporting = match withhold.reporting {
            part if part == Ratio::ZERO => String::new(),
            part => format!("; reporting alone earns back {}", percent(part)),
        };
        let part = percent(withhold.part);
        out.push(format!("{part} of the target is withheld, and the quality score earns it back{reporting}."));
    }
    let side = |word: &str, side: &Side, out: &mut Vec<String>| {
        let shared = if word == "Savings" { "paid to the entity" } else { "owed by the entity" };
        let from = match (threshold(&side.threshold), side.origin) {
            (None, _) => format!("{word} are shared from the first dollar"),
            (Some(rate), Origin::Benchmark) => {
                format!("{word} that reach {rate} of the target are shared from the first dollar")
            }
            (Some(rate), Origin::Threshold) => {
                format!("{word} are shared where they exceed {rate} of the target, and only the excess")
            }
        };
        let how = quality(side).map(|quality| format!(", {quality}")).unwrap_or_default();
        let rate = bands(&side.bands);
        let rate = match side.quality {
            Quality::OneLessScaled { .. } => format!("{from}; {shared}: a share of {}", &how[2..]),
            _ => format!("{from}; {shared}: {rate}{how}"),
        };
        out.push(format!("{rate}."));
        let bounds = limits(side, word);
        if !bounds.is_empty() {
            out.push(format!("Bounds of {}: {}.", word.to_lowercase(), bounds.join("; ")));
        }
    };
    side("Savings", &terms.up, &mut out);
    if let Some(score) = terms.up.lowest_score {
        let score = percent(Ratio::new(score, crate::core::round::PPB));
        out.push(format!("Nothing is paid below a quality score of {score}."));
    }
    if let Some(steps) = terms.up.multiplier {
        let rates: Vec<String> = steps.rates().map(percent).collect();
        out.push(format!("Quality multiplies what is left after the limit: {} as it rises.", rates.join(", ")));
    }
    match &terms.down {
        None => out.push("Losses are not shared.".into()),
        Some(down) => {
            if down.discount != terms.up.discount {
                let part = discount(&down.discount).unwrap_or_else(|| "nothing".into());
                out.push(format!("Losses have a target of their own: the benchmark less {part}."));
            }
            if let Some(gate) = down.gate {
                let gate = percent(gate);
                out.push(format!("Losses count once spending reaches {gate} of the benchmark before discount."));
            }
            side("Losses", down, &mut out);
        }
    }
    if terms.sequestration > Ratio::ZERO {
        let part = percent(terms.sequestration);
        let order = match (terms.up.limited(), terms.limit_first) {
            (false, _) => "",
            (true, true) => ", after their limit is applied",
            (true, false) => ", before their limit is applied",
        };
        out.push(format!("Sequestration withholds {part} of shared savings{order}."));
    }
    out
}

/// Every arrangement and year of a program in a few words.
#[must_use]
pub fn list(plan: &Plan) -> Vec<Line> {
    let mut out = Vec::new();
    for year in plan.own_years().flatten() {
        for (name, terms) in plan.arrangements.iter().zip(&year.terms) {
            let Some(terms) = terms else { continue };
            let of_losses = terms.down.as_ref().map(|down| match down.quality {
                Quality::OneLessScaled { floor, top, .. } => format!("{} to {}", percent(floor), percent(top)),
                _ => bands(&down.bands),
            });
            let of_savings = bands(&terms.up.bands);
            let shares = match of_losses {
                None => format!("{of_savings} / none"),
                Some(of_losses) if of_losses == of_savings => format!("{of_savings}, both"),
                Some(of_losses) => format!("{of_savings} / {of_losses}"),
            };
            let of = |side: &Side| {
                let mut list = limits(side, "amounts");
                list.extend(discount(&side.discount).map(|part| format!("discount {part}")));
                list.extend(terms.withhold.map(|withhold| format!("withhold {}", percent(withhold.part))));
                if list.is_empty() { "none".to_owned() } else { list.join("; ") }
            };
            let limits = match &terms.down {
                Some(down) if of(down) != of(&terms.up) => format!("{} / {}", of(&terms.up), of(down)),
                _ => of(&terms.up),
            };
            out.push(Line {
                performance_year: year.performance_year,
                arrangement: name.clone(),
                risk: if terms.down.is_some() { "two-sided" } else { "one-sided" },
                shares,
                limits,
            });
        }
    }
    out
}
