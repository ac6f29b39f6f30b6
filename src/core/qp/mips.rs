//! What a QP status means for the Merit-based Incentive Payment System (MIPS): SSA 1848(q)(1)(C)(ii) and (vii),
//! 42 CFR 414.1305 and 414.1310(b). A QP is excluded. A Partial QP is excluded unless it elects to be scored; the APM
//! Entity elects for all its Partial QPs where the status is the entity's, the clinician where it is individual. Who
//! is neither is scored, as far as QP status goes: whether another exclusion applies (low volume, first year of
//! enrollment) is not decided here.

use super::{NONE, PARTIAL_QP, QP};

/// Participation words by code.
pub const PARTICIPATIONS: [&str; 3] = ["excluded", "may_elect", "scored"];
/// Election words by code.
pub const ELECTIONS: [&str; 4] = ["none", "in", "out", "undecided"];
/// Words of the bases by code.
pub const BASES: [&str; 6] = [
    "qp",
    "partial_qp_elected_in",
    "partial_qp_elected_out",
    "partial_qp_without_election",
    "partial_qp_election_open",
    "neither",
];

/// Whether a clinician is in MIPS; the code is the place in [`PARTICIPATIONS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Participation {
    /// Out of MIPS: no adjustment of either sign.
    Excluded = 0,
    /// A Partial QP whose election is open: excluded unless it elects in.
    MayElect = 1,
    /// In MIPS, unless another exclusion applies.
    Scored = 2,
}

/// Partial QP election; the code is the place in [`ELECTIONS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Election {
    /// The time to elect has passed without one, which leaves the clinician out of MIPS.
    None = 0,
    /// Explicitly in.
    In = 1,
    /// Explicitly out.
    Out = 2,
    /// The time to elect has not passed.
    Undecided = 3,
}

/// What a participation rests on; the code is the place in [`BASES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Basis {
    /// QP: SSA 1848(q)(1)(C)(ii)(I).
    Qp = 0,
    /// Partial QP that elected to be scored: SSA 1848(q)(1)(C)(vii).
    PartialQpElectedIn = 1,
    /// Partial QP that elected not to be: SSA 1848(q)(1)(C)(ii)(II).
    PartialQpElectedOut = 2,
    /// Partial QP that elected nothing: the same.
    PartialQpWithoutElection = 3,
    /// Partial QP that may still elect.
    PartialQpElectionOpen = 4,
    /// Neither: a MIPS eligible clinician (42 CFR 414.1305), as far as QP status goes.
    Neither = 5,
}

impl Election {
    /// From its code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        [Self::None, Self::In, Self::Out, Self::Undecided].get(usize::from(code)).copied()
    }
}

/// Participation of a clinician with this status, a code of [`super::STATUSES`], and what it rests on; nothing where
/// the code is none of them. The election counts for Partial QPs only.
#[must_use]
pub fn participation(status: u8, election: Election) -> Option<(Participation, Basis)> {
    Some(match (status, election) {
        (QP, _) => (Participation::Excluded, Basis::Qp),
        (PARTIAL_QP, Election::In) => (Participation::Scored, Basis::PartialQpElectedIn),
        (PARTIAL_QP, Election::Out) => (Participation::Excluded, Basis::PartialQpElectedOut),
        (PARTIAL_QP, Election::None) => (Participation::Excluded, Basis::PartialQpWithoutElection),
        (PARTIAL_QP, Election::Undecided) => (Participation::MayElect, Basis::PartialQpElectionOpen),
        (NONE, _) => (Participation::Scored, Basis::Neither),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Election; 4] = [Election::None, Election::In, Election::Out, Election::Undecided];

    #[test]
    fn an_election_moves_partial_qps_only() {
        for election in ALL {
            assert_eq!(participation(QP, election), Some((Participation::Excluded, Basis::Qp)));
            assert_eq!(participation(NONE, election), Some((Participation::Scored, Basis::Neither)));
        }
    }

    #[test]
    fn a_partial_qp_is_out_of_mips_unless_it_elects_in() {
        let of = |election| participation(PARTIAL_QP, election).map(|(p, _)| PARTICIPATIONS[p as usize]);
        assert_eq!(ALL.map(of), [Some("excluded"), Some("scored"), Some("excluded"), Some("may_elect")]);
    }

    #[test]
    fn codes_are_places_among_the_words() {
        assert_eq!(PARTICIPATIONS[Participation::MayElect as usize], "may_elect");
        assert_eq!(BASES[Basis::Neither as usize], "neither");
        for (code, election) in ALL.into_iter().enumerate() {
            assert_eq!(Election::from_code(code as u8), Some(election));
        }
        assert_eq!(Election::from_code(4), None);
        assert_eq!(participation(255, Election::In), None);
    }
}
