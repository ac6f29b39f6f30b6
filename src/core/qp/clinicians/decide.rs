//! One clinician: which determinations are open, which of them decides, and what a reader should know.

use super::candidate::{Candidate, ENTITY, INDIVIDUAL};
use super::entity::Entity;
use super::reason;
use super::scores::Table;
use super::terms::Terms;
use crate::core::qp::mips::Election;
use crate::core::qp::{NONE, NULL, PARTIAL_QP, QP};

/// What all clinicians of a call share.
pub(super) struct Context<'a> {
    pub(super) terms: &'a Terms,
    pub(super) entities: &'a [Entity],
    pub(super) scores: &'a Table,
}

/// An entity as it concerns one clinician: snapshots by bits at which it lists the clinician.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) entity: usize,
    pub(super) participation: u8,
    pub(super) affiliated: u8,
}

/// Why a determination does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bar {
    NotListed,
    ListNotUsed,
    Terminated,
    ModelTooShort,
    BeforeModelDays,
    AffiliatedOnly,
    NotDue,
    NoScore,
    Incomplete,
}

/// A determination as it was met, counted or not.
pub(super) struct Seen {
    pub(super) candidate: Candidate,
    pub(super) bar: Option<Bar>,
}

/// What a clinician comes to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decision {
    /// `NULL` where a better status cannot be ruled out.
    pub(super) status: u8,
    pub(super) winner: Option<Candidate>,
    pub(super) reason: u8,
}

impl Member {
    /// Why nothing of this entity counts for the clinician.
    fn bar(&self, entity: &Entity) -> Option<Bar> {
        if self.participation | self.affiliated == 0 {
            Some(Bar::NotListed)
        } else if self.participation == 0 && entity.participation {
            Some(Bar::ListNotUsed)
        } else if entity.terminated {
            Some(Bar::Terminated)
        } else if entity.evaluated == 0 {
            Some(Bar::ModelTooShort)
        } else {
            None
        }
    }

    /// Whether the clinician is in the entity's group.
    pub(super) fn belongs(&self, entity: &Entity) -> bool {
        !matches!(self.bar(entity), Some(Bar::NotListed | Bar::ListNotUsed))
    }
}

impl Context<'_> {
    /// Decides a clinician who takes part in the entities of `here`, which an entity's status may reach, and of `all`,
    /// which count for the individual determination. Every determination met is shown to `see`.
    pub(super) fn decide(
        &self,
        npi: i64,
        here: &[Member],
        all: &[Member],
        own: Election,
        mut see: impl FnMut(Seen),
    ) -> Decision {
        let mut found = Found::default();
        for member in here {
            self.of_entity(member, &mut found, &mut see);
        }
        let due = self.individual_due(all);
        let (mut rows, mut complete) = (0, 0);
        for (_, snapshot, basis, score) in self.scores.individual(npi) {
            let bar = (due >> snapshot & 1 == 0).then_some(Bar::NotDue);
            let (snapshot, basis) = (*snapshot, *basis);
            let level = INDIVIDUAL;
            let candidate =
                Candidate { scored: *score, level, entity: usize::MAX, snapshot, basis, election: own };
            if bar.is_none() {
                rows += 1;
                complete += u32::from(score.given());
            }
            found.take(candidate, bar, &mut see);
        }
        let scored = complete > 0;
        found.missing |= complete < rows;
        found.incomplete |= scored && rows < due.count_ones() * self.terms.bases.len() as u32;
        let unscored = |m: &&Member| {
            let entity = &self.entities[m.entity];
            let by_entity = self.terms.individual_always && entity.status != NULL;
            m.bar(entity).is_none() && m.participation == 0 && !by_entity
        };
        found.missing |= !scored && here.iter().any(|m| unscored(&m));
        found.finish(due != 0 && !scored, here.iter().any(|m| m.participation | m.affiliated != 0), own)
    }

    /// The entity's determinations of one member.
    fn of_entity(&self, member: &Member, found: &mut Found, see: &mut impl FnMut(Seen)) {
        let entity = &self.entities[member.entity];
        let bar = member.bar(entity);
        let only_individual = member.participation == 0 && !self.terms.individual_always;
        let level_bar = bar.or(only_individual.then_some(Bar::AffiliatedOnly));
        found.note(match bar {
            Some(Bar::ListNotUsed) => reason::AFFILIATED_LIST_NOT_USED,
            Some(Bar::Terminated) => reason::TERMINATED_ENTITY,
            Some(Bar::ModelTooShort) => reason::MODEL_UNDER_60_DAYS,
            _ => 0,
        });
        let elected = matches!(entity.election, Election::In | Election::Out);
        let partial = level_bar.is_none() && matches!(entity.status, PARTIAL_QP | NULL);
        if elected && !partial && member.belongs(entity) {
            found.note(reason::ELECTION_NOT_PARTIAL_QP);
        }
        if level_bar.is_none() {
            found.missing |= entity.lack.incomplete || member.participation != 0 && entity.status == NULL;
            found.incomplete |= entity.lack.absent && entity.status != NULL;
        }
        if bar.is_none() && entity.risk_unknown {
            found.note(reason::TERMINATION_RISK_UNKNOWN);
        }
        for snapshot in 0..self.terms.snapshots.len() as u8 {
            let early = entity.evaluated >> snapshot & 1 == 0;
            for basis in 0..self.terms.bases.len() as u8 {
                let scored = self.scores.entity(member.entity, snapshot, basis);
                let election = entity.election;
                let level = ENTITY;
                let candidate = Candidate { scored, level, entity: member.entity, snapshot, basis, election };
                found.take(candidate, level_bar.or(early.then_some(Bar::BeforeModelDays)), see);
            }
        }
    }

    /// Snapshots, by bits, at which an individual determination is due (414.1425(b)(2), (b)(3), (c)(4), (c)(7)(ii)).
    pub(super) fn individual_due(&self, all: &[Member]) -> u8 {
        let (mut due, mut groups, mut remaining, mut qp) = (0, 0, 0, false);
        for member in all {
            let entity = &self.entities[member.entity];
            let counts = member.bar(entity).is_none();
            if member.participation == 0 {
                due |= if counts { entity.evaluated & member.affiliated } else { 0 };
                continue;
            }
            groups += 1;
            if counts {
                remaining += 1;
                qp |= entity.status == QP;
                due |= if self.terms.individual_always { entity.evaluated } else { 0 };
            }
        }
        if !self.terms.individual_always && groups > 1 && remaining > 0 && !qp {
            // The full period, whatever the models' own days.
            due |= 1 << (self.terms.snapshots.len() - 1);
        }
        due
    }
}

/// What has been found of a clinician so far.
#[derive(Default)]
struct Found {
    best: Option<Candidate>,
    note: u8,
    /// A score that is needed was not given, or was given without what decides it.
    missing: bool,
    /// Scores were given at some snapshots and bases, and not at others.
    incomplete: bool,
    /// A Partial QP by an individual determination.
    own_partial: bool,
}

impl Found {
    fn note(&mut self, code: u8) {
        self.note = self.note.max(code);
    }

    fn take(&mut self, candidate: Candidate, bar: Option<Bar>, see: &mut impl FnMut(Seen)) {
        let lack = if candidate.scored.row { Bar::Incomplete } else { Bar::NoScore };
        let bar = bar.or((!candidate.scored.given()).then_some(lack));
        let partial = candidate.scored.status == PARTIAL_QP;
        self.own_partial |= bar.is_none() && candidate.level == INDIVIDUAL && partial;
        if bar.is_none() && self.best.is_none_or(|best| candidate.beats(&best)) {
            self.best = Some(candidate);
        }
        see(Seen { candidate, bar });
    }

    fn finish(mut self, no_individual_score: bool, listed: bool, own: Election) -> Decision {
        let best = self.best.map_or(NONE, |best| best.scored.status);
        let individual_partial =
            self.best.is_some_and(|best| best.level == INDIVIDUAL && best.scored.status == PARTIAL_QP);
        if matches!(own, Election::In | Election::Out) && !individual_partial {
            let governed = self.own_partial && best == PARTIAL_QP;
            self.note(if governed { reason::ENTITY_ELECTION_GOVERNS } else { reason::ELECTION_NOT_PARTIAL_QP });
        }
        if no_individual_score && best != QP {
            self.note(reason::NO_INDIVIDUAL_SCORE);
        }
        if self.incomplete && best != QP {
            self.note(reason::INCOMPLETE_SCORES);
        }
        if !listed {
            self.note(reason::NOT_LISTED);
        }
        if self.missing && best != QP {
            return Decision { status: NULL, winner: None, reason: reason::NO_SCORE };
        }
        Decision { status: best, winner: self.best.filter(|_| best != NONE), reason: self.note }
    }
}
