//! One determination that may decide a clinician's status, and which of two is taken.

use crate::core::qp::mips::Election;
use crate::core::qp::{NULL, PARTIAL_QP};

/// Level words by code.
pub const LEVELS: [&str; 2] = ["entity", "individual"];
/// At the APM Entity group.
pub(super) const ENTITY: u8 = 0;
/// At the clinician.
pub(super) const INDIVIDUAL: u8 = 1;

/// A score, determined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scored {
    /// Status code, [`NULL`] where there is no score, or one that is incomplete or was refused.
    pub status: u8,
    /// Index in [`crate::core::qp::METHODS`].
    pub method: u8,
    /// Index in [`crate::core::qp::OPTIONS`].
    pub option: u8,
    /// Whether there is a row of it, complete or not.
    pub row: bool,
}

impl Scored {
    /// No score.
    pub(super) const ABSENT: Self = Self { status: NULL, method: 0, option: 0, row: false };

    pub(super) fn given(self) -> bool {
        self.status != NULL
    }
}

/// A determination of a clinician.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) scored: Scored,
    pub(super) level: u8,
    /// Entity of an entity's determination; of an individual one, the entity through which the clinician takes part.
    pub(super) entity: usize,
    pub(super) snapshot: u8,
    pub(super) basis: u8,
    /// Election of the entity or of the clinician, whoever is bound by it.
    pub(super) election: Election,
}

impl Candidate {
    /// The larger one decides: the better status; of equals the entity's before the clinician's own, an election to be
    /// scored before one that is open and that before the rest, then the earliest snapshot, the first basis and the
    /// first entity.
    fn rank(&self) -> (u8, [std::cmp::Reverse<usize>; 5]) {
        let order = [self.level.into(), self.binding(), self.snapshot.into(), self.basis.into(), self.entity];
        (self.scored.status, order.map(std::cmp::Reverse))
    }

    /// How far the election binds a Partial QP, the smaller the more; the same for all others.
    fn binding(&self) -> usize {
        match self.election {
            _ if self.scored.status != PARTIAL_QP => 0,
            Election::In => 0,
            Election::Undecided => 1,
            Election::Out | Election::None => 2,
        }
    }

    /// Whether this one is taken rather than the other.
    pub(super) fn beats(&self, other: &Self) -> bool {
        self.rank() > other.rank()
    }

    /// What this one lost by to the one that decides.
    pub(super) fn lost_by(&self, winner: &Self) -> &'static str {
        if self.scored.status < winner.scored.status {
            "a better status decides"
        } else if self.level != winner.level {
            "same status; the entity's determination goes before"
        } else if self.binding() != winner.binding() {
            "same status; an entity that elected to be scored, or may yet, binds"
        } else if self.snapshot != winner.snapshot {
            "same status; an earlier snapshot has it"
        } else if self.basis != winner.basis {
            "same status; the first basis has it"
        } else {
            "same status; an entity before it in order has it"
        }
    }
}
