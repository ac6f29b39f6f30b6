//! A whole roster: rows sorted by clinician once, then clinicians decided in chunks over threads.

use super::candidate::INDIVIDUAL;
use super::decide::{Context, Decision, Member};
use super::entity::{Entity, EntityFacts};
use super::reason;
use super::roster::{Roster, Row, Wrong};
use super::scores::{ScoreRows, Table};
use super::sort::{Record, sorted};
use super::terms::Terms;
use crate::core::error::{InputError, Result};
use crate::core::kernel::{Findings, for_each_chunk, threads_for};
use crate::core::qp::mips::{Election, participation};
use crate::core::qp::{NULL, PARTIAL_QP};
use std::ops::Range;

/// Clinicians that one task takes at a time.
const CHUNK: usize = 1 << 13;
/// Clinicians below which a second thread costs more than it gives.
const WORTH_THREADS: usize = 4_000;

/// What one clinician, or one TIN of a clinician, comes to: codes of the words of each column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// As in the roster.
    pub npi: i64,
    /// Code of the TIN, where the outcome is of one.
    pub tin: i64,
    /// Place of the entity that decided, below zero where it was none.
    pub entity: i64,
    /// Entities in whose groups the clinician is.
    pub entities: i64,
    /// Status code, [`NULL`] where there is none.
    pub status: u8,
    /// Code of [`super::LEVELS`]; this and the following [`NULL`] where nothing decided.
    pub level: u8,
    /// Place of the snapshot.
    pub snapshot: u8,
    /// Place of the basis, [`NULL`] too where the year has one.
    pub basis: u8,
    /// Index in [`crate::core::qp::METHODS`].
    pub method: u8,
    /// Index in [`crate::core::qp::OPTIONS`].
    pub option: u8,
    /// Index in [`crate::core::qp::mips::PARTICIPATIONS`].
    pub mips: u8,
    /// Index in [`reason::REASONS`].
    pub reason: u8,
}

/// A roster sorted by clinician, and entities and scores in their places.
pub struct Prepared<'a> {
    pub(super) terms: &'a Terms,
    roster: Roster<'a>,
    pub(super) entities: Vec<Entity>,
    pub(super) scores: Table,
    /// Rows by clinician, in order.
    order: Vec<Record>,
    /// Where each clinician begins in `order`, and the end.
    starts: Vec<u32>,
    by_tin: bool,
}

/// The rows of one clinician.
pub(super) struct Group {
    pub(super) rows: Vec<Row>,
    /// The election of the clinician.
    pub(super) own: Election,
    pub(super) wrong: Option<u8>,
}

impl<'a> Prepared<'a> {
    /// Sorts a roster. `by_tin` asks for an outcome for each TIN of a clinician.
    ///
    /// # Errors
    /// Where columns differ in length, or there are more rows than fit 32 bits.
    pub fn new(
        terms: &'a Terms,
        roster: Roster<'a>,
        facts: &EntityFacts<'_>,
        scores: &ScoreRows<'_>,
        by_tin: bool,
        threads: Option<usize>,
    ) -> Result<(Self, Findings)> {
        let rows = u32::try_from(roster.npi.len())
            .map_err(|_| InputError::column("npi", "too many rows", "Give at most 4 billion rows in one call"))?;
        let mut findings = Findings::default();
        let scores = Table::new(terms, facts.election.len(), scores, &mut findings);
        let mut entities: Vec<Entity> =
            (0..facts.election.len()).map(|at| Entity::read(terms, facts, at, &scores)).collect();
        for (at, entity) in entities.iter().enumerate() {
            if let Some((column, code)) = entity.invalid {
                let dates = [facts.model_start, facts.model_end, facts.termination];
                let value = dates.get(usize::from(column).wrapping_sub(6)).map_or(0, |dates| dates[at]);
                findings.add(column, code, at, value);
            }
        }
        let order = sorted(terms, &roster, rows, threads);
        for row in order.iter().filter_map(|record| record.row) {
            let Some(entity) = entities.get_mut(row.entity as usize) else {
                let problem = format!("has code {} past the last entity", row.entity);
                return Err(InputError::column("entity", problem, "Give facts of every entity").into());
            };
            entity.participation |= !row.affiliated && row.listed != 0;
        }
        let new = |at: &u32| *at == 0 || order[*at as usize - 1].npi != order[*at as usize].npi;
        let mut starts: Vec<u32> = (0..rows).filter(new).collect();
        starts.push(rows);
        Ok((Self { terms, roster, entities, scores, order, starts, by_tin }, findings))
    }

    /// How many clinicians there are.
    #[must_use]
    pub fn clinicians(&self) -> usize {
        self.starts.len() - 1
    }

    /// Outcomes of some of the clinicians, in the order of their NPIs, and what was found wrong with their rows.
    #[must_use]
    pub fn decide(&self, clinicians: Range<usize>, threads: Option<usize>) -> (Vec<Outcome>, Findings) {
        let threads = threads_for(threads, clinicians.len(), WORTH_THREADS);
        let chunks = clinicians.clone().step_by(CHUNK).map(|from| from..(from + CHUNK).min(clinicians.end));
        for_each_chunk(
            chunks.collect(),
            threads,
            |chunk: Range<usize>| {
                let (mut out, mut findings) = (Vec::with_capacity(chunk.len()), Findings::default());
                for clinician in chunk {
                    self.decide_one(clinician, &mut out, &mut findings);
                }
                (out, findings)
            },
            |(mut out, findings), (more, others)| {
                out.extend(more);
                (out, findings.merge(others))
            },
        )
    }

    fn decide_one(&self, clinician: usize, out: &mut Vec<Outcome>, findings: &mut Findings) {
        let npi = self.order[self.starts[clinician] as usize].npi;
        let group = self.group(clinician, &mut |row, (column, code, value)| {
            if code >= reason::FIRST_INVALID {
                findings.add(column, code, row, value);
            }
        });
        let all = members(&group.rows, None);
        if let Some(code) = group.wrong {
            let decision = Decision { status: NULL, winner: None, reason: code };
            self.put(npi, &group, &all, |_| decision, out);
            return;
        }
        if self.terms.by_tin && self.by_tin {
            self.put(npi, &group, &all, |here| self.context().decide(npi, here, &all, group.own, |_| ()), out);
        } else {
            let decision = self.context().decide(npi, &all, &all, group.own, |_| ());
            self.put(npi, &group, &all, |_| decision, out);
        }
    }

    pub(super) fn context(&self) -> Context<'_> {
        Context { terms: self.terms, entities: &self.entities, scores: &self.scores }
    }

    /// Outcomes of a clinician: one, or one for each TIN.
    fn put(
        &self,
        npi: i64,
        group: &Group,
        all: &[Member],
        decide: impl Fn(&[Member]) -> Decision,
        out: &mut Vec<Outcome>,
    ) {
        if !self.by_tin {
            out.push(self.outcome(npi, -1, all, &decide(all), group.own));
            return;
        }
        let mut tins: Vec<i64> = group.rows.iter().map(|row| row.tin).collect();
        tins.sort_unstable();
        tins.dedup();
        if tins.is_empty() {
            tins.push(-1);
        }
        for tin in tins {
            let here = members(&group.rows, Some(tin));
            out.push(self.outcome(npi, tin, &here, &decide(&here), group.own));
        }
    }

    fn outcome(&self, npi: i64, tin: i64, members: &[Member], decision: &Decision, own: Election) -> Outcome {
        let belongs = members.iter().filter(|m| self.entities.get(m.entity).is_some_and(|e| m.belongs(e)));
        let winner = decision.winner;
        let election = match winner {
            Some(winner) if winner.scored.status == PARTIAL_QP => winner.election,
            _ => own,
        };
        let of_entity = winner.filter(|winner| winner.level != INDIVIDUAL);
        let one_basis = self.terms.bases.len() == 1;
        Outcome {
            npi,
            tin,
            entity: of_entity.map_or(-1, |winner| winner.entity as i64),
            entities: belongs.count() as i64,
            status: decision.status,
            level: winner.map_or(NULL, |winner| winner.level),
            snapshot: winner.map_or(NULL, |winner| winner.snapshot),
            basis: winner.filter(|_| !one_basis).map_or(NULL, |winner| winner.basis),
            method: winner.map_or(0, |winner| winner.scored.method),
            option: winner.map_or(0, |winner| winner.scored.option),
            mips: participation(decision.status, election).map_or(NULL, |(mips, _)| mips as u8),
            reason: decision.reason,
        }
    }

    /// The place of a clinician.
    pub(super) fn find(&self, npi: i64) -> Option<usize> {
        let at = self.starts.partition_point(|start| self.order.get(*start as usize).is_some_and(|o| o.npi < npi));
        let start = *self.starts.get(at)? as usize;
        (self.order.get(start)?.npi == npi).then_some(at)
    }

    /// The rows of a clinician that can be read; what is wrong with the others is told.
    pub(super) fn group(&self, clinician: usize, tell: &mut impl FnMut(usize, Wrong)) -> Group {
        let places = self.starts[clinician] as usize..self.starts[clinician + 1] as usize;
        let mut group = Group { rows: Vec::with_capacity(places.len()), own: Election::None, wrong: None };
        // The NPI is that of all the rows.
        let wrong_npi =
            self.order.get(places.start).and_then(|o| self.roster.wrong_npi(self.terms, o.at as usize));
        for record in &self.order[places] {
            let at = record.at as usize;
            let mut wrong = |wrong: Wrong| {
                group.wrong = group.wrong.max(Some(wrong.1));
                tell(at, wrong);
            };
            let row = match (wrong_npi, record.row) {
                (None, Some(row)) => Ok(row),
                (None, None) => self.roster.row(self.terms, at),
                (Some(problem), _) => Err(problem),
            };
            let row = match row {
                Ok(row) => row,
                Err(problem) => {
                    wrong(problem);
                    continue;
                }
            };
            let same = |r: &Row| (r.entity, r.tin, r.affiliated) == (row.entity, row.tin, row.affiliated);
            if group.rows.iter().any(|r| same(r) && (r.listed & row.listed != 0 || r.listed == row.listed)) {
                wrong((0, reason::DUPLICATE_ROW, record.npi));
            }
            if row.election != Election::None && group.own != Election::None && row.election != group.own {
                wrong((5, reason::CONFLICTING_ELECTIONS, row.election as i64));
            }
            // What is wrong with an entity is told once, of the entity.
            group.wrong = group.wrong.max(self.entities[row.entity as usize].invalid.map(|(_, code)| code));
            if row.election != Election::None {
                group.own = row.election;
            }
            group.rows.push(row);
        }
        group
    }
}

/// Rows by entity, in order; of one TIN, or of all.
pub(super) fn members(rows: &[Row], tin: Option<i64>) -> Vec<Member> {
    let mut members: Vec<Member> = Vec::with_capacity(rows.len());
    for row in rows.iter().filter(|row| tin.is_none_or(|tin| row.tin == tin)) {
        let entity = row.entity as usize;
        let at = members.iter().position(|m| m.entity == entity).unwrap_or_else(|| {
            members.push(Member { entity, ..Member::default() });
            members.len() - 1
        });
        let listed = if row.affiliated { &mut members[at].affiliated } else { &mut members[at].participation };
        *listed |= row.listed;
    }
    members.sort_unstable_by_key(|m| m.entity);
    members
}
