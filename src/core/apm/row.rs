//! One arrangement as the criteria see it: its own terms, and those of a program of the rule book behind them.

use super::exposure::Exposure;
use super::levels::Levels;
use super::reason::{COLUMNS, LISTS};
use super::{AUTHORITIES, FORMS, Verdict, code};
use crate::core::fee::FeeTerms;
use crate::core::round::{PPB, Ratio, settlement_cents};
use crate::core::settle::Terms;

/// What a program of the rule book and the catalogue say of an arrangement in one year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Terms of settlement.
    pub terms: Option<Terms>,
    /// What they put at risk where a row elects nothing: the same for all of them, hence found once.
    pub exposure: Option<Exposure>,
    /// Terms of fees.
    pub fees: Option<FeeTerms>,
    /// Code of the authority.
    pub authority: Option<i64>,
    /// Whether the terms require certified EHR technology as the year asks for.
    pub cehrt: Option<bool>,
    /// Whether payment depends on quality as the year asks for.
    pub quality: Option<bool>,
    /// Whether it is a Medical Home Model.
    pub medical_home: Option<bool>,
    /// Whether the catalogue has the program: of one that it does not have, it says nothing.
    pub in_catalogue: bool,
}

/// What terms of settlement put at risk, by the cap that is elected.
fn exposed(terms: &Terms, elected: Option<Ratio>) -> Exposure {
    terms.down.as_ref().map_or_else(Exposure::one_sided, |side| Exposure::of(side, elected))
}

impl Facts {
    /// With the terms of settlement.
    #[must_use]
    pub fn settled_by(self, terms: Terms) -> Self {
        Self { exposure: Some(exposed(&terms, None)), terms: Some(terms), ..self }
    }
}

/// Values of one row in the order of [`COLUMNS`]; outer `None` where the column is absent, inner where it is null.
pub type Given = [Option<Option<i64>>; COLUMNS.len()];

/// One row, decoded. Shares in parts per billion, amounts in cents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // each is its column
pub struct Row {
    pub year: i64,
    pub payer: Option<i64>,
    pub authority: Option<i64>,
    pub expanded: Option<bool>,
    pub cehrt_share: Option<i64>,
    pub cehrt_required: Option<bool>,
    pub cehrt_adjustment: Option<bool>,
    pub linked: Option<bool>,
    pub comparable: Option<bool>,
    pub outcome: Option<bool>,
    pub outcome_comparable: Option<bool>,
    pub no_outcome_available: Option<bool>,
    pub form: Option<i64>,
    pub trigger: Option<i64>,
    pub of_revenue: Option<i64>,
    pub of_expected: Option<i64>,
    pub maximum_loss: Option<i64>,
    pub revenue: Option<i64>,
    pub expected: Option<i64>,
    pub capitation: Option<bool>,
    pub home: Option<bool>,
    pub lists: [Option<i64>; 3],
    pub organization: Option<i64>,
    pub round_1: Option<bool>,
    pub revenue_defined: Option<bool>,
    pub levels: Option<Levels>,
    /// Of the program's corridor.
    pub exposure: Option<Exposure>,
    /// What the program's terms say of CEHRT, where the row says nothing.
    pub program_cehrt: Option<bool>,
    /// The same of quality.
    pub program_quality: Option<bool>,
}

/// Columns of which the absence, but not a null, means that the arrangement has no such thing.
const ASSUMED: [usize; 9] = [1, 3, 6, 11, 13, 19, 20, 25, 26];

impl Row {
    /// From the columns, the levels of overrun, and what stands behind the program; a value of the row comes first.
    #[must_use]
    pub fn new(given: &Given, levels: Option<&Levels>, facts: Option<&Facts>) -> Self {
        let own = |at: usize| given[at].flatten();
        let value = |at: usize| if given[at].is_none() && ASSUMED.contains(&at) { Some(0) } else { own(at) };
        let truth = |at: usize| value(at).map(|v| v != 0);
        let mut row = Self {
            year: own(0).unwrap_or(0),
            payer: value(1),
            authority: own(2),
            expanded: truth(3),
            cehrt_share: own(4),
            cehrt_required: truth(5),
            cehrt_adjustment: truth(6),
            linked: truth(7),
            comparable: truth(8),
            outcome: truth(9),
            outcome_comparable: truth(10),
            no_outcome_available: truth(11),
            form: own(12),
            trigger: value(13),
            of_revenue: own(14),
            of_expected: own(15),
            maximum_loss: own(16),
            revenue: own(17),
            expected: own(18),
            capitation: truth(19),
            home: truth(20),
            lists: [own(LISTS), own(LISTS + 1), own(LISTS + 2)],
            organization: own(24),
            round_1: truth(25),
            revenue_defined: truth(26),
            levels: levels.cloned(),
            ..Self::default()
        };
        if let Some(facts) = facts {
            row.take(facts, given);
        }
        row
    }

    fn take(&mut self, facts: &Facts, given: &Given) {
        let own = |at: usize| given[at].flatten();
        self.authority = self.authority.or(facts.authority);
        self.program_cehrt = facts.cehrt;
        self.program_quality = facts.quality;
        if own(20).is_none() && facts.in_catalogue {
            self.home = facts.medical_home;
        }
        let stated = [14, 15, 16].into_iter().any(|at| own(at).is_some());
        if let Some(terms) = facts.terms {
            let elected = own(29).map(|cap| Ratio::new(cap, PPB));
            let known = facts.exposure.as_ref().filter(|_| elected.is_none());
            let exposure = known.cloned().unwrap_or_else(|| exposed(&terms, elected));
            let form = if exposure.two_sided { "repay" } else { "none" };
            self.form = self.form.or(code(&FORMS, form));
            self.levels = self.levels.take().or_else(|| exposure.levels.clone());
            if !stated {
                self.exposure = Some(exposure);
            }
        }
        if let Some(fees) = &facts.fees {
            let prepaid = fees.incentive.map(|[quality, utilization]| {
                own(30).and_then(|months| months.checked_mul(quality.checked_add(utilization)?))
            });
            // A cut of primary care revenue, to the cent.
            let cut = fees.adjustments.and_then(|[lowest, _]| (lowest < 0).then_some(-i128::from(lowest)));
            let cut = cut.map(|cut| {
                own(31).and_then(|revenue| settlement_cents(i128::from(revenue) * cut, i128::from(PPB)))
            });
            let loss = prepaid.or(cut);
            let form = if fees.incentive.is_some() { "forgo_guaranteed_payment" } else { "reduce_rates" };
            if let Some(loss) = loss {
                self.form = self.form.or(code(&FORMS, form));
                if own(13).is_none() {
                    self.trigger = Some(1);
                }
                if !stated {
                    self.maximum_loss = loss;
                }
            }
        }
    }

    /// Whether the payer is Medicare; nothing where it is not known.
    #[must_use]
    pub fn is_medicare(&self) -> Option<bool> {
        self.payer.map(|payer| payer == 0)
    }

    /// Whether the authority is a word of the list that stands for none.
    #[must_use]
    pub fn authority_word(&self) -> &'static str {
        self.authority.and_then(|at| AUTHORITIES.get(usize::try_from(at).ok()?).copied()).unwrap_or("not given")
    }

    /// Whether an amount meets a share of a base, exactly; of nothing it is no share.
    #[must_use]
    pub fn meets(amount: i64, base: i64, share: i64) -> Verdict {
        Verdict::of(
            (base > 0).then(|| i128::from(amount) * i128::from(PPB) >= i128::from(base) * i128::from(share)),
        )
    }
}
