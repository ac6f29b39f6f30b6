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
    /// Status code, [`NULL`] where the score is incomplete.
    pub status: u8,
    /// Index in [`crate::core::qp::METHODS`].
    pub method: u8,
    /// Index in [`crate::core::qp::OPTIONS`].
    pub option: u8,
}

impl Scored {
    /// No score.
    pub(super) const ABSENT: Self = Self { status: NULL, method: 0, option: 0 };

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
    /// scored before none, then the earliest snapshot, the first basis and the first entity.
    fn rank(&self) -> (u8, [std::cmp::Reverse<usize>; 5]) {
        let elected = self.scored.status == PARTIAL_QP && self.election == Election::In;
        let order =
            [self.level.into(), usize::from(!elected), self.snapshot.into(), self.basis.into(), self.entity];
        (self.scored.status, order.map(std::cmp::Reverse))
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
        } else if self.election != winner.election {
            "same status; an entity that elected binds"
        } else if self.snapshot != winner.snapshot {
            "same status; an earlier snapshot has it"
        } else if self.basis != winner.basis {
            "same status; the first basis has it"
        } else {
            "same status; an entity before it in order has it"
        }
    }
}
