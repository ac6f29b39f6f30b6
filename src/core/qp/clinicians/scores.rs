//! Scores by what they are of: entities in a table, clinicians sorted by NPI.

use super::candidate::Scored;
use super::reason;
use super::roster::NULL_NUMBER;
use super::terms::Terms;
use crate::core::kernel::Findings;

/// Scores as they were given, determined already; one place for each row.
#[derive(Clone, Copy)]
pub struct ScoreRows<'a> {
    /// Entity by its place, [`NO_ENTITY`] where the score is individual; past the last place or below, an entity that
    /// nobody of the roster is in, whose score does not matter.
    pub entity: &'a [i64],
    /// NPI, [`super::NULL_NUMBER`] where the score is an entity's.
    pub npi: &'a [i64],
    /// Snapshot as `yyyymmdd`.
    pub snapshot: &'a [i64],
    /// Place of the basis among those of the year, or [`super::UNKNOWN`].
    pub basis: &'a [u8],
    /// Status, method and option codes.
    pub scored: [&'a [u8]; 3],
}

/// A score without an entity.
pub const NO_ENTITY: i64 = -1;

/// Scores by entity, and by clinician.
pub(super) struct Table {
    bases: usize,
    snapshots: usize,
    entities: Vec<Scored>,
    /// NPI, snapshot and basis, and score, in order.
    clinicians: Vec<(i64, u8, u8, Scored)>,
}

impl Table {
    /// Sorts scores; what is wrong with them stands in the findings, always refused.
    pub(super) fn new(terms: &Terms, entities: usize, rows: &ScoreRows<'_>, findings: &mut Findings) -> Self {
        let (snapshots, bases) = (terms.snapshots.len(), terms.bases.len());
        let mut table = Self {
            bases,
            snapshots,
            entities: vec![Scored::ABSENT; entities * snapshots * bases],
            clinicians: Vec::new(),
        };
        let mut taken = vec![false; table.entities.len()];
        let mut sorted: Vec<(i64, u8, u8, u32)> = Vec::new();
        for row in 0..rows.snapshot.len() {
            let (entity, npi, basis) = (rows.entity[row], rows.npi[row], rows.basis[row]);
            let Some(snapshot) = terms.snapshot(rows.snapshot[row]) else {
                findings.add(3, reason::SNAPSHOT_OUTSIDE_PERIOD, row, rows.snapshot[row]);
                continue;
            };
            if usize::from(basis) >= bases {
                findings.add(10, reason::UNKNOWN_WORD, row, basis.into());
            } else if (entity == NO_ENTITY) == (npi == NULL_NUMBER) {
                findings.add(2, reason::BOTH_ENTITY_AND_NPI, row, npi);
            } else if npi != NULL_NUMBER {
                if crate::core::npi::is_valid(npi, terms.npi_prefix) {
                    sorted.push((npi, snapshot as u8, basis, row as u32));
                } else {
                    findings.add(0, reason::INVALID_NPI, row, npi);
                }
            } else if let Some(at) = usize::try_from(entity).ok().filter(|at| *at < entities) {
                let place = table.place(at, snapshot as u8, basis);
                if taken[place] {
                    findings.add(2, reason::DUPLICATE_SCORE, row, rows.snapshot[row]);
                }
                taken[place] = true;
                table.entities[place] = scored(rows, row);
            }
        }
        sorted.sort_unstable();
        for pair in sorted.windows(2).filter(|p| (p[0].0, p[0].1, p[0].2) == (p[1].0, p[1].1, p[1].2)) {
            findings.add(0, reason::DUPLICATE_SCORE, pair[1].3 as usize, pair[1].0);
        }
        table.clinicians =
            sorted.into_iter().map(|(npi, s, b, row)| (npi, s, b, scored(rows, row as usize))).collect();
        table
    }

    fn place(&self, entity: usize, snapshot: u8, basis: u8) -> usize {
        (entity * self.snapshots + usize::from(snapshot)) * self.bases + usize::from(basis)
    }

    /// Score of an entity.
    pub(super) fn entity(&self, entity: usize, snapshot: u8, basis: u8) -> Scored {
        self.entities[self.place(entity, snapshot, basis)]
    }

    /// Snapshot, basis and score of a clinician, in order.
    pub(super) fn individual(&self, npi: i64) -> &[(i64, u8, u8, Scored)] {
        let from = self.clinicians.partition_point(|c| c.0 < npi);
        let count = self.clinicians[from..].iter().take_while(|c| c.0 == npi).count();
        &self.clinicians[from..from + count]
    }
}

fn scored(rows: &ScoreRows<'_>, row: usize) -> Scored {
    let [status, method, option] = rows.scored.map(|column| column[row]);
    Scored { status, method, option, row: true }
}
