//! The roster row by row: who stands on which list of which entity, on which days.

use super::reason;
use super::terms::Terms;
use crate::core::npi;
use crate::core::qp::mips::Election;

/// List words by code.
pub const LISTS: [&str; 2] = ["participation", "affiliated_practitioner"];
/// A number or day that is null.
pub const NULL_NUMBER: i64 = i64::MIN;
/// An identifier that is no number.
pub const UNREADABLE: i64 = -1;
/// A word that is none of the column's, or a truth value that is null.
pub const UNKNOWN: u8 = 255;

/// How the roster says when a clinician was listed.
#[derive(Clone, Copy)]
pub enum Listing<'a> {
    /// A row for each snapshot: its day as `yyyymmdd`.
    Days(&'a [i64]),
    /// A column for each snapshot of the year, in order: 0, 1, or another number for null.
    Flags(&'a [&'a [u8]]),
}

/// Columns of the roster, one place a row.
#[derive(Clone, Copy)]
pub struct Roster<'a> {
    /// NPI as a number, [`NULL_NUMBER`] where it is null.
    pub npi: &'a [i64],
    /// Codes of TINs, below zero where null.
    pub tin: Option<&'a [i64]>,
    /// Places of entities, below zero where null.
    pub entity: &'a [i64],
    /// When.
    pub listing: Listing<'a>,
    /// Codes of [`LISTS`]; the Participation List where the column is absent.
    pub list: Option<&'a [u8]>,
    /// Codes of [`crate::core::qp::mips::ELECTIONS`].
    pub election: Option<&'a [u8]>,
}

/// One row, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) entity: u32,
    pub(super) tin: i64,
    pub(super) affiliated: bool,
    /// Snapshots by bits.
    pub(super) listed: u8,
    pub(super) election: Election,
}

/// What is wrong with a row: column, reason, value.
pub(super) type Wrong = (u8, u8, i64);

impl Roster<'_> {
    /// What is wrong with the NPI of a row.
    pub(super) fn wrong_npi(&self, terms: &Terms, at: usize) -> Option<Wrong> {
        match self.npi[at] {
            NULL_NUMBER => Some((0, reason::MISSING_INPUT, 0)),
            npi if npi::is_valid(npi, terms.npi_prefix) => None,
            npi => Some((0, reason::INVALID_NPI, npi)),
        }
    }

    /// One row but for its NPI, or what is wrong with it.
    pub(super) fn row(&self, terms: &Terms, at: usize) -> Result<Row, Wrong> {
        let tin = self.tin.map_or(0, |tin| tin[at]);
        if tin < 0 {
            return Err((1, reason::MISSING_INPUT, 0));
        }
        let entity = u32::try_from(self.entity[at]).map_err(|_| (2, reason::MISSING_INPUT, 0))?;
        let listed = match self.listing {
            Listing::Days(days) if days[at] == NULL_NUMBER => return Err((3, reason::MISSING_INPUT, 0)),
            Listing::Days(days) => {
                let snapshot = terms.snapshot(days[at]);
                1 << snapshot.ok_or((3, reason::SNAPSHOT_OUTSIDE_PERIOD, days[at]))?
            }
            Listing::Flags(columns) => {
                let mut listed = 0;
                for (snapshot, flags) in columns.iter().enumerate() {
                    match flags[at] {
                        flag @ (0 | 1) => listed |= flag << snapshot,
                        _ => return Err((3, reason::MISSING_INPUT, 0)),
                    }
                }
                listed
            }
        };
        let list = self.list.map_or(0, |list| list[at]);
        if usize::from(list) >= LISTS.len() {
            return Err((4, reason::UNKNOWN_WORD, list.into()));
        }
        let election = self.election.map_or(0, |election| election[at]);
        let election = Election::from_code(election).ok_or((5, reason::UNKNOWN_WORD, election.into()))?;
        Ok(Row { entity, tin, affiliated: list == 1, listed, election })
    }
}
