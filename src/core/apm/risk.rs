//! Financial risk (42 CFR 414.1415(c), 414.1420(d)): its form, its nominal amount against revenue and expected expenditures,
//! marginal risk of other payers, and the lower standard of medical homes within their size limit.

use super::criteria::{Criteria, Home, Payer, SizeTest};
use super::decide::{verdict_and, verdict_or};
use super::exposure::Limits;
use super::levels::Marginal;
use super::reason::Why;
use super::row::Row;
use super::{FORMS, MEDICAID, Verdict, code};
use crate::core::round::{PPB, Ratio};

/// What comes of the tests of risk.
pub(super) struct Risk {
    pub(super) verdict: Verdict,
    pub(super) why: Why,
    pub(super) standard: u8,
    pub(super) marginal: Option<Marginal>,
}

/// The standards of risk, applied to one row.
pub(super) struct Tests<'a> {
    pub(super) row: &'a Row,
    pub(super) criteria: &'a Criteria,
    pub(super) payer: Payer,
}

impl Tests<'_> {
    /// By full capitation, an expanded medical home, the standard of medical homes, or the general one.
    pub(super) fn risk(&self) -> Risk {
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
        let above_zero = |amount: Option<i64>| amount.filter(|amount| *amount > 0);
        let (revenue, expected) = (above_zero(self.row.revenue)?, above_zero(self.row.expected)?);
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
