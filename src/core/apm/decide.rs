//! The criteria applied to one row: each passes, fails, or cannot be told from the terms given, with the reason.

use super::Verdict;
use super::criteria::{Criteria, Payer};
use super::levels::Marginal;
use super::reason::Why;
use super::risk::{Risk, Tests};
use super::row::Row;
use crate::core::round::{PPB, Ratio};

/// What a row comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// Authority, or payer.
    pub apm: (Verdict, Why),
    /// Certified EHR technology.
    pub cehrt: (Verdict, Why),
    /// Quality measures.
    pub quality: (Verdict, Why),
    /// Financial risk.
    pub risk: (Verdict, Why),
    /// Code of the standard of risk, see [`super::STANDARDS`].
    pub standard: u8,
    /// All together.
    pub answer: Verdict,
    /// The most that could be lost, of revenue and of expected expenditures, where it is known.
    pub of_revenue: Option<Ratio>,
    /// The same of expected expenditures.
    pub of_expected: Option<Ratio>,
    /// Averages of marginal risk.
    pub marginal: Option<Marginal>,
}

/// All must pass; one that fails decides.
#[must_use]
pub fn verdict_and(all: &[Verdict]) -> Verdict {
    if all.contains(&Verdict::Fail) {
        Verdict::Fail
    } else if all.contains(&Verdict::Unknown) {
        Verdict::Unknown
    } else {
        Verdict::Pass
    }
}

/// One must pass.
#[must_use]
pub fn verdict_or(any: &[Verdict]) -> Verdict {
    if any.contains(&Verdict::Pass) {
        Verdict::Pass
    } else if any.contains(&Verdict::Unknown) {
        Verdict::Unknown
    } else {
        Verdict::Fail
    }
}

/// Decides a row.
#[must_use]
pub fn decide(row: &Row, criteria: &Criteria, payer: Payer) -> Decision {
    let apm = apm(row, criteria, payer);
    let cehrt = cehrt(row, criteria);
    let quality = quality(row, criteria);
    let Risk { verdict, why, standard, marginal } = Tests { row, criteria, payer }.risk();
    let answer = verdict_and(&[apm.0, cehrt.0, quality.0, verdict]);
    let stated = |share: Option<i64>, base: Option<i64>| {
        let given = share.map(|share| Ratio::new(share, PPB));
        given.or_else(|| Some(Ratio::new(row.maximum_loss?, base.filter(|base| *base > 0)?)))
    };
    let limits = row.exposure.as_ref().map(|exposure| exposure.least);
    Decision {
        apm,
        cehrt,
        quality,
        risk: (verdict, why),
        standard,
        answer,
        of_revenue: stated(row.of_revenue, row.revenue).or(limits.and_then(|l| l.of_revenue)),
        of_expected: stated(row.of_expected, row.expected).or(limits.and_then(|l| l.of_expected)),
        marginal,
    }
}

fn apm(row: &Row, criteria: &Criteria, payer: Payer) -> (Verdict, Why) {
    let (value, none, missing) = match payer {
        Payer::Medicare => (row.authority, Why::NoSuchAuthority, Why::MissingAuthority),
        Payer::Other => (row.payer, Why::PayerNotCovered, Why::MissingPayer),
    };
    match value {
        None => (Verdict::Unknown, missing),
        Some(value) if criteria.covered.contains(&value) => (Verdict::Pass, Why::None),
        Some(_) => (Verdict::Fail, none),
    }
}

fn cehrt(row: &Row, criteria: &Criteria) -> (Verdict, Why) {
    let own = match criteria.cehrt_share {
        Some(least) => row.cehrt_share.map(|share| (share >= least, Why::BelowShare)),
        None => row.cehrt_required.map(|required| (required, Why::NotRequired)),
    };
    let own = own.or(row.program_cehrt.map(|yes| (yes, Why::NotRequired)));
    let alternative = match criteria.cehrt_adjustment {
        Some(authority) if row.authority == Some(authority) => Verdict::of(row.cehrt_adjustment),
        _ => Verdict::Fail,
    };
    match (own, alternative) {
        (Some((true, _)), _) => (Verdict::Pass, Why::None),
        (_, Verdict::Pass) => (Verdict::Pass, Why::PaymentAdjustment),
        (Some((false, why)), Verdict::Fail) => (Verdict::Fail, why),
        _ => (Verdict::Unknown, Why::MissingCehrt),
    }
}

fn quality(row: &Row, criteria: &Criteria) -> (Verdict, Why) {
    let own = [row.linked, row.comparable, row.outcome];
    if let (Some(yes), true) = (row.program_quality, own.iter().all(Option::is_none)) {
        return if yes { (Verdict::Pass, Why::None) } else { (Verdict::Fail, Why::NotLinked) };
    }
    let comparable = if criteria.outcome_comparable { row.outcome_comparable } else { Some(true) };
    let measure = verdict_and(&[Verdict::of(row.outcome), Verdict::of(comparable)]);
    let exception = Verdict::of(row.no_outcome_available);
    let outcome = verdict_or(&[measure, exception]);
    let (linked, measured) = (Verdict::of(row.linked), Verdict::of(row.comparable));
    match verdict_and(&[linked, measured, outcome]) {
        Verdict::Pass if measure == Verdict::Pass => (Verdict::Pass, Why::None),
        Verdict::Pass => (Verdict::Pass, Why::OutcomeException),
        Verdict::Unknown => (Verdict::Unknown, Why::MissingQuality),
        Verdict::Fail if linked == Verdict::Fail => (Verdict::Fail, Why::NotLinked),
        Verdict::Fail if measured == Verdict::Fail => (Verdict::Fail, Why::NoComparableMeasure),
        Verdict::Fail if row.outcome == Some(true) => (Verdict::Fail, Why::OutcomeNotComparable),
        Verdict::Fail => (Verdict::Fail, Why::NoOutcomeMeasure),
    }
}
