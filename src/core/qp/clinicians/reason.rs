//! Why a clinician has no status, or what a reader should know of the status; and the columns of rosters and scores.

/// Columns by the index that findings use: of the roster, of what it says of entities, of the scores.
pub const COLUMNS: [&str; 11] = [
    "npi",
    "tin",
    "entity",
    "snapshot",
    "list",
    "individual_election",
    "model_start",
    "model_end",
    "termination_date",
    "entity_election",
    "basis",
];

/// Words for the reason codes, by code; code 0 is no reason.
pub const REASONS: [&str; 20] = [
    "",
    "not_listed",
    "affiliated_list_not_used",
    "model_under_60_days",
    "terminated_entity",
    "no_individual_score",
    "election_not_partial_qp",
    "entity_election_governs",
    "incomplete_scores",
    "termination_risk_unknown",
    "no_score",
    "missing_input",
    "unknown_word",
    "invalid_npi",
    "snapshot_outside_period",
    "duplicate_row",
    "conflicting_elections",
    "invalid_dates",
    "duplicate_score",
    "both_entity_and_npi",
];

/// On no list on any snapshot: not a QP through these entities (414.1425(b)).
pub const NOT_LISTED: u8 = 1;
/// On the Affiliated Practitioner List of an entity that has a Participation List, which alone counts (414.1425(a)).
pub const AFFILIATED_LIST_NOT_USED: u8 = 2;
/// An entity left out: its model was not tested long enough in the period (414.1425(c)(7)).
pub const MODEL_UNDER_60_DAYS: u8 = 3;
/// An entity left out: it terminated (414.1425(c)(5), (6)).
pub const TERMINATED_ENTITY: u8 = 4;
/// An individual determination was due, and no score of the clinician was given.
pub const NO_INDIVIDUAL_SCORE: u8 = 5;
/// An election was made that binds nobody: entity or clinician is not a Partial QP at that level.
pub const ELECTION_NOT_PARTIAL_QP: u8 = 6;
/// The clinician elected and is a Partial QP individually, but the entity's determination, and its election, decide.
pub const ENTITY_ELECTION_GOVERNS: u8 = 7;
/// A snapshot or basis has no score where others have: a better status is possible.
pub const INCOMPLETE_SCORES: u8 = 8;
/// An entity left on the last day of the period or later, and whether it still bears financial risk is not known.
pub const TERMINATION_RISK_UNKNOWN: u8 = 9;
/// A needed score was not given, or not as a whole, and a better status cannot be ruled out: no status.
pub const NO_SCORE: u8 = 10;
/// A value of the roster is null: no status.
pub const MISSING_INPUT: u8 = 11;
/// First of the reasons that make a row invalid.
pub const FIRST_INVALID: u8 = UNKNOWN_WORD;
/// A word that is not one of the column's.
pub const UNKNOWN_WORD: u8 = 12;
/// The NPI has not ten digits, or a wrong check digit.
pub const INVALID_NPI: u8 = 13;
/// A day on which no list is read for QP determinations.
pub const SNAPSHOT_OUTSIDE_PERIOD: u8 = 14;
/// The same listing twice.
pub const DUPLICATE_ROW: u8 = 15;
/// Two rows of a clinician elect differently.
pub const CONFLICTING_ELECTIONS: u8 = 16;
/// A model ends before it starts, or a date is none.
pub const INVALID_DATES: u8 = 17;
/// Two scores for one determination.
pub const DUPLICATE_SCORE: u8 = 18;
/// A score that is neither an entity's nor a clinician's.
pub const BOTH_ENTITY_AND_NPI: u8 = 19;

/// What is wrong with a column, and what to do, for an error message.
#[must_use]
pub fn describe(reason: u8) -> (&'static str, &'static str) {
    match reason {
        UNKNOWN_WORD => ("not one of its words", "Use the words that the documentation of the verb lists"),
        INVALID_NPI => (
            "not an NPI",
            "An NPI has ten digits, the first 1 or 2, and a check digit (45 CFR 162.406): look for digits that were \
             exchanged or cut off",
        ),
        SNAPSHOT_OUTSIDE_PERIOD => (
            "not a snapshot of QP determinations",
            "Lists are read on 31 March, 30 June and 31 August of the performance year (42 CFR 414.1425(b)); that of \
             31 December is for MIPS only: leave its rows out",
        ),
        DUPLICATE_ROW => {
            ("listed twice", "One row for each entity, TIN, NPI, list and snapshot: drop the repetitions")
        }
        CONFLICTING_ELECTIONS => ("elected differently in two rows", "A clinician makes one election: keep it"),
        INVALID_DATES => ("not a date, or an end before its start", "Write dates, or numbers such as 20240630"),
        DUPLICATE_SCORE => (
            "scored twice",
            "One score for each entity or clinician, snapshot and basis: keep the one that CMS would use",
        ),
        BOTH_ENTITY_AND_NPI => (
            "a score of an entity and of a clinician, or of neither",
            "An entity's score has `entity` alone, an individual score `npi` alone: it sums the clinician's services \
             over all entities and TINs",
        ),
        _ => ("missing", "Give a value"),
    }
}
