//! What holds for an APM Entity as a whole: at which snapshots it is evaluated, whether it terminated, which list of it
//! counts, and what its scores come to.

use super::candidate::Scored;
use super::reason;
use super::roster::{NULL_NUMBER, UNKNOWN};
use super::scores::Table;
use super::terms::Terms;
use crate::core::date::Date;
use crate::core::qp::NULL;
use crate::core::qp::mips::Election;

/// What the roster says of entities, one place for each; dates as `yyyymmdd`, [`NULL_NUMBER`] where there is
/// none.
#[derive(Clone, Copy)]
pub struct EntityFacts<'a> {
    /// First day of testing of the model.
    pub model_start: &'a [i64],
    /// Last day of testing.
    pub model_end: &'a [i64],
    /// Day on which the entity left the model.
    pub termination: &'a [i64],
    /// Whether that leaves it without financial risk for the period: 0, 1, or [`super::UNKNOWN`].
    pub without_risk: &'a [u8],
    /// Partial QP elections, codes of [`crate::core::qp::mips::ELECTIONS`], or [`super::UNKNOWN`].
    pub election: &'a [u8],
}

/// What is wanting among scores.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lack {
    /// A score was given without what decides it.
    pub(super) incomplete: bool,
    /// A score was not given at all.
    pub(super) absent: bool,
}

/// An entity, read once.
#[derive(Clone, Debug)]
pub(super) struct Entity {
    /// Snapshots at which it is evaluated, by bits.
    pub(super) evaluated: u8,
    pub(super) terminated: bool,
    /// Whether it left after the period, and nobody says what that does to its financial risk.
    pub(super) risk_unknown: bool,
    /// Whether anybody stands on its Participation List.
    pub(super) participation: bool,
    pub(super) election: Election,
    /// Best status at the snapshots at which it is evaluated; `NULL` where it has no score.
    pub(super) status: u8,
    /// What is wanting among the scores of those snapshots.
    pub(super) lack: Lack,
    /// What is wrong with it, as column and reason.
    pub(super) invalid: Option<(u8, u8)>,
}

impl Entity {
    pub(super) fn read(terms: &Terms, facts: &EntityFacts<'_>, at: usize, scores: &Table) -> Self {
        let mut invalid = None;
        let mut date = |column: u8, number: i64| {
            let date = Date::from_yyyymmdd(number);
            if date.is_none() && number != NULL_NUMBER {
                invalid = Some((column, reason::INVALID_DATES));
            }
            date
        };
        let start = date(6, facts.model_start[at]);
        let end = date(7, facts.model_end[at]);
        let termination = date(8, facts.termination[at]);
        if start.zip(end).is_some_and(|(start, end)| end < start) {
            invalid = Some((7, reason::INVALID_DATES));
        }
        let election = Election::from_code(facts.election[at]);
        if election.is_none() {
            invalid = Some((9, reason::UNKNOWN_WORD));
        }
        let without_risk = facts.without_risk[at];
        let early = termination.is_some_and(|day| day < terms.period.1);
        let left = early || termination.is_some() && without_risk == 1;
        let mut entity = Self {
            evaluated: terms.evaluated(start, end),
            terminated: terms.terminations && left,
            risk_unknown: terms.terminations && termination.is_some() && !early && without_risk == UNKNOWN,
            participation: false,
            election: election.unwrap_or(Election::None),
            status: NULL,
            lack: Lack::default(),
            invalid,
        };
        let mut best = None;
        for scored in entity.scores(terms, scores, at) {
            best = best.max(scored.given().then_some(scored.status));
            entity.lack.incomplete |= scored.row && !scored.given();
            entity.lack.absent |= !scored.row;
        }
        entity.status = best.unwrap_or(NULL);
        entity
    }

    /// Scores at the snapshots at which it is evaluated.
    fn scores<'a>(
        &self,
        terms: &'a Terms,
        scores: &'a Table,
        at: usize,
    ) -> impl Iterator<Item = Scored> + use<'a> {
        let evaluated = self.evaluated;
        let snapshots = (0..terms.snapshots.len() as u8).filter(move |s| evaluated >> s & 1 == 1);
        snapshots.flat_map(move |s| (0..terms.bases.len() as u8).map(move |b| scores.entity(at, s, b)))
    }
}
