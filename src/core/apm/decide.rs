//! The criteria applied to one row: each passes, fails, or cannot be told from the terms given, with the reason.

use super::criteria::{Criteria, Home, Payer, SizeTest};
use super::exposure::Limits;
use super::levels::Marginal;
use super::reason::Why;
use super::row::Row;
use super::{FORMS, MEDICAID, Verdict, code};
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

struct Risk {
    verdict: Verdict,
    why: Why,
    standard: u8,
    marginal: Option<Marginal>,
}

struct Tests<'a> {
    row: &'a Row,
    criteria: &'a Criteria,
    payer: Payer,
}

impl Tests<'_> {
    fn risk(&self) -> Risk {
        let Self { row, .. } = self;
        let marginal = row.levels.as_ref().and_then(|levels| {
            let (_, small) = self.criteria.marginal.unwrap_or((0, 0));
            levels.marginal(self.criteria.of_expected, small)
        });
        let done = |verdict, why, standard| Risk { verdict, why, standard, marginal };
        if row.capitation == Some(true) {
            return done(Verdict::Pass, Why::Capitation, 3);
        }
        if row.expanded == Some(true) && self.payer == Payer::Medicare {
            return done(Verdict::Pass, Why::Expanded, 4);
        }
        let (home, home_why) = self.home();
        if home == Verdict::Pass {
            return done(home, home_why, 2);
        }
        let (general, general_why) = self.general(marginal.as_ref());
        let expanded = self.payer == Payer::Medicare && row.expanded.is_none();
        let other_ways = row.capitation.is_none() || expanded;
        match (general, home) {
            (Verdict::Pass, _) => done(general, general_why, 1),
            (Verdict::Fail, Verdict::Fail) if !other_ways => {
                let sized = row.home == Some(true) && home_why == Why::AboveSize;
                let of_home = row.home == Some(true) && !sized;
                let why = if row.home == Some(true) { home_why } else { general_why };
                done(Verdict::Fail, why, if of_home { 2 } else { 1 })
            }
            (Verdict::Unknown, _) => done(Verdict::Unknown, general_why, 1),
            (_, Verdict::Unknown) => done(Verdict::Unknown, home_why, 2),
            _ => done(Verdict::Unknown, Why::MissingCapitation, 1),
        }
    }

    fn form(&self, home: bool) -> Verdict {
        let guaranteed = code(&FORMS, "forgo_guaranteed_payment");
        let counts = self.row.form.map(|form| form != 0 && (home || Some(form) != guaranteed));
        let trigger = if home { Verdict::Pass } else { Verdict::of(self.row.trigger.map(|trigger| trigger == 0)) };
        verdict_and(&[Verdict::of(counts), trigger])
    }

    /// The amount against a share of revenue, as the row states it.
    fn of_revenue(&self, least: i64) -> Verdict {
        let Row { of_revenue, maximum_loss, revenue, .. } = *self.row;
        match (of_revenue, maximum_loss.zip(revenue)) {
            (Some(share), _) => Verdict::of(Some(share >= least)),
            (None, Some((loss, revenue))) => Row::meets(loss, revenue, least),
            _ => Verdict::Unknown,
        }
    }

    fn of_expected(&self, least: i64) -> Verdict {
        let Row { of_expected, maximum_loss, expected, .. } = *self.row;
        match (of_expected, maximum_loss.zip(expected)) {
            (Some(share), _) => Verdict::of(Some(share >= least)),
            (None, Some((loss, expected))) => Row::meets(loss, expected, least),
            _ => Verdict::Unknown,
        }
    }

    /// The limits of a program against both shares: the least of the limits is what can be lost.
    fn limits(&self, limits: &Limits, revenue_counts: bool) -> (Verdict, Why) {
        let at = |share: i64| Ratio::new(share, PPB);
        let (of_revenue, of_expected) = (at(self.criteria.of_revenue), at(self.criteria.of_expected));
        let by_revenue = limits.of_revenue.map(|limit| revenue_counts && limit >= of_revenue);
        let by_expected = limits.of_expected.map(|limit| limit >= of_expected);
        match (by_revenue, by_expected, limits.amount) {
            (None, None, None) => (Verdict::Pass, Why::Unlimited),
            (Some(true), Some(true), None) => (Verdict::Pass, Why::EitherLimit),
            (Some(true), None, None) => (Verdict::Pass, Why::OfRevenue),
            (None, Some(true), None) => (Verdict::Pass, Why::OfExpected),
            _ => self.sized(limits, revenue_counts).unwrap_or_else(|| {
                let revenue_fails = by_revenue == Some(false) || !revenue_counts;
                if revenue_fails && by_expected == Some(false) {
                    (Verdict::Fail, Why::BelowAmount)
                } else {
                    (Verdict::Unknown, Why::DependsOnRevenue)
                }
            }),
        }
    }

    /// The same in dollars, where revenue and expected expenditures are known.
    fn sized(&self, limits: &Limits, revenue_counts: bool) -> Option<(Verdict, Why)> {
        let (revenue, expected) = (self.row.revenue?, self.row.expected?);
        // Each limit as a fraction of a cent; the least of them against both shares.
        let part = |ratio: Ratio, base: i64| (i128::from(ratio.n) * i128::from(base), i128::from(ratio.d));
        let all = [
            limits.of_revenue.map(|limit| part(limit, revenue)),
            limits.of_expected.map(|limit| part(limit, expected)),
            limits.amount.map(|amount| (i128::from(amount), 1)),
        ];
        let meets = |base: i64, share: i64| {
            all.iter().flatten().all(|(n, d)| {
                n.checked_mul(i128::from(PPB)).is_some_and(|n| n >= i128::from(base) * i128::from(share) * d)
            })
        };
        let by_revenue = revenue_counts && meets(revenue, self.criteria.of_revenue);
        let by_expected = meets(expected, self.criteria.of_expected);
        Some(match (by_revenue, by_expected) {
            (_, true) => (Verdict::Pass, Why::OfExpected),
            (true, _) => (Verdict::Pass, Why::OfRevenue),
            _ => (Verdict::Fail, Why::BelowAmount),
        })
    }

    fn amount(&self) -> (Verdict, Why) {
        let row = self.row;
        let defined = if self.payer == Payer::Medicare { Some(true) } else { row.revenue_defined };
        if let Some(exposure) = &row.exposure {
            if !exposure.two_sided {
                return (Verdict::Fail, Why::NoRisk);
            }
            let counts = defined == Some(true);
            let (least, most) = (self.limits(&exposure.least, counts), self.limits(&exposure.most, counts));
            return match (least.0, most.0) {
                (Verdict::Pass, _) => least,
                (_, Verdict::Fail) => most,
                (_, Verdict::Pass) => (Verdict::Unknown, Why::DependsOnElection),
                _ => (Verdict::Unknown, Why::DependsOnRevenue),
            };
        }
        let expected = self.of_expected(self.criteria.of_expected);
        let revenue = verdict_and(&[Verdict::of(defined), self.of_revenue(self.criteria.of_revenue)]);
        match verdict_or(&[expected, revenue]) {
            Verdict::Pass if expected == Verdict::Pass => (Verdict::Pass, Why::OfExpected),
            Verdict::Pass => (Verdict::Pass, Why::OfRevenue),
            Verdict::Fail => (Verdict::Fail, Why::BelowAmount),
            Verdict::Unknown => (Verdict::Unknown, Why::MissingAmount),
        }
    }

    fn general(&self, marginal: Option<&Marginal>) -> (Verdict, Why) {
        let form = self.form(false);
        if self.row.form == Some(0) {
            return (Verdict::Fail, Why::NoRisk);
        }
        let (amount, amount_why) = self.amount();
        let slope = match (self.criteria.marginal, marginal) {
            (None, _) => Verdict::Pass,
            (Some((least, _)), Some(marginal)) => Verdict::of(Some(marginal.reaches(least))),
            (Some(_), None) => Verdict::Unknown,
        };
        match verdict_and(&[form, amount, slope]) {
            Verdict::Pass => (Verdict::Pass, amount_why),
            Verdict::Fail if form == Verdict::Fail => (Verdict::Fail, Why::Form),
            Verdict::Fail if amount == Verdict::Fail => (Verdict::Fail, amount_why),
            Verdict::Fail => (Verdict::Fail, Why::BelowMarginal),
            Verdict::Unknown if amount == Verdict::Unknown => (Verdict::Unknown, amount_why),
            Verdict::Unknown if form == Verdict::Unknown => (Verdict::Unknown, Why::MissingForm),
            Verdict::Unknown => (Verdict::Unknown, Why::MissingMarginal),
        }
    }

    fn size(&self, home: &Home) -> Verdict {
        let row = self.row;
        match home.size {
            None => Verdict::Pass,
            Some(SizeTest::OrganizationBelow(limit)) => {
                let exempt = if home.round_1_exempt { Verdict::of(row.round_1) } else { Verdict::Fail };
                verdict_or(&[exempt, Verdict::of(row.organization.map(|clinicians| clinicians < limit))])
            }
            Some(SizeTest::ListAtMost(limit)) => {
                verdict_and(&row.lists.map(|list| Verdict::of(list.map(|clinicians| clinicians <= limit))))
            }
        }
    }

    /// The standard of medical homes.
    fn home(&self) -> (Verdict, Why) {
        let (row, home) = (self.row, &self.criteria.home);
        let admitted = self.payer == Payer::Medicare || row.payer == Some(MEDICAID) || home.aligned;
        let is_home = if admitted { Verdict::of(row.home) } else { Verdict::Fail };
        let (size, form, amount) = (self.size(home), self.form(true), self.of_revenue(home.of_revenue));
        match verdict_and(&[is_home, size, form, amount]) {
            Verdict::Pass => {
                // 414.1420(d)(8) says both "50 or more" and "more than 50".
                let at_limit = matches!(home.size, Some(SizeTest::ListAtMost(limit))
                    if self.payer == Payer::Other && row.lists.contains(&Some(limit)));
                (Verdict::Pass, if at_limit { Why::SizeTextContradicts } else { Why::Home })
            }
            Verdict::Fail if is_home == Verdict::Fail => (Verdict::Fail, Why::None),
            Verdict::Fail if size == Verdict::Fail => (Verdict::Fail, Why::AboveSize),
            Verdict::Fail if row.form == Some(0) => (Verdict::Fail, Why::NoRisk),
            Verdict::Fail if form == Verdict::Fail => (Verdict::Fail, Why::Form),
            Verdict::Fail => (Verdict::Fail, Why::BelowAmount),
            Verdict::Unknown if is_home == Verdict::Unknown => (Verdict::Unknown, Why::MissingHome),
            Verdict::Unknown if amount == Verdict::Unknown => (Verdict::Unknown, Why::MissingAmount),
            Verdict::Unknown if size == Verdict::Unknown => (Verdict::Unknown, Why::MissingSize),
            Verdict::Unknown => (Verdict::Unknown, Why::MissingForm),
        }
    }
}
