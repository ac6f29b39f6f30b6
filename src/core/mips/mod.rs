//! Who is in MIPS, how far its payments may be cut, and what a final score is made of: 42 CFR 414.1305, 414.1310(b),
//! 414.1367 (APM Performance Pathway, from 2021) and 414.1370 (APM scoring standard, 2017 to 2020). Scores and weights are
//! shares of one in parts per billion, money is in cents.

mod adjustment;
mod plan;
pub mod weights;

pub use adjustment::{Scale, adjustment};
pub use plan::{LowVolume, Year};

use crate::core::error::{Error, Result};
use crate::core::qp::mips::{BASES, ELECTIONS, Election, PARTICIPATIONS, Participation, participation};
use crate::core::qp::{PARTIAL_QP, STATUSES};
use crate::core::reference::{self, Trace};
use crate::core::rows::{Field, Holds, Verb, Wrong, reason};
use crate::core::rulebook::{AsOf, Book, Told};
use std::collections::BTreeMap;
use weights::{CATEGORIES, PATHWAYS, TRADITIONAL, WEB_INTERFACE, final_score};

/// Words of the bases of participation: those of QP status, then the other exclusions.
pub const ALL_BASES: [&str; 9] = {
    let mut all = [""; 9];
    let mut at = 0;
    while at < BASES.len() {
        all[at] = BASES[at];
        at += 1;
    }
    all[6] = "low_volume";
    all[7] = "asm_participant";
    all[8] = "other_exclusion";
    all
};
const LOW_VOLUME: i64 = 6;
const ASM: i64 = 7;
const OTHER: i64 = 8;

/// Columns by place.
mod at {
    pub(super) const STATUS: usize = 1;
    pub(super) const ELECTION: usize = 2;
    pub(super) const VOLUME: usize = 3;
    pub(super) const OTHER: usize = 6;
    pub(super) const ASM: usize = 7;
    pub(super) const PATHWAY: usize = 8;
    pub(super) const MSSP: usize = 9;
    pub(super) const REWEIGHTED: usize = 10;
    pub(super) const SCORES: usize = 12;
}

/// The low-volume threshold was not tested, as a column that it needs is absent.
pub const VOLUME_NOT_TESTED: u8 = reason::OWN;
/// A Partial QP's election is not given.
pub const NO_ELECTION: u8 = reason::OWN + 1;
/// The pathway did not exist in the year.
pub const NO_SUCH_PATHWAY: u8 = reason::OWN + 2;
/// An ACO of the Shared Savings Program on another pathway.
pub const MSSP_PATHWAY: u8 = reason::OWN + 3;
/// The rule book has no weights for this.
pub const NOT_MODELLED: u8 = reason::OWN + 4;
/// A score that has weight is null.
pub const NO_SCORE: u8 = reason::OWN + 5;
/// The same before the APM Performance Pathway.
pub const MSSP_WEB_INTERFACE: u8 = reason::OWN + 6;
/// The rule book does not say what a pathway weighs without this category.
pub const NOT_REWEIGHTED: u8 = reason::OWN + 7;

/// MIPS by performance year.
pub struct Mips {
    years: BTreeMap<i64, Year>,
    told: Vec<Told>,
}

/// Participation by status and the exclusions beside it, and its basis.
fn decide(year: &Year, values: &[Option<i64>]) -> Result<(Option<(Participation, i64)>, u8), Wrong> {
    let status = values[at::STATUS].ok_or((at::STATUS, reason::MISSING_INPUT))?;
    let election = match (status == i64::from(PARTIAL_QP), values[at::ELECTION]) {
        (false, _) => Election::None,
        (true, None) => return Ok((None, NO_ELECTION)),
        (true, Some(code)) => Election::from_code(code as u8).ok_or((at::ELECTION, reason::OUT_OF_RANGE))?,
    };
    let (by_status, basis) = participation(status as u8, election).ok_or((at::STATUS, reason::OUT_OF_RANGE))?;
    if by_status == Participation::Excluded {
        return Ok((Some((by_status, basis as i64)), 0));
    }
    let excluded = |basis| Ok((Some((Participation::Excluded, basis)), 0));
    if values[at::ASM] == Some(1) && year.asm_exempt {
        return excluded(ASM);
    }
    if values[at::OTHER] == Some(1) {
        return excluded(OTHER);
    }
    let volume = [values[at::VOLUME], values[at::VOLUME + 1], values[at::VOLUME + 2]];
    match year.low_volume.exceeded(volume) {
        Some(false) => excluded(LOW_VOLUME),
        Some(true) => Ok((Some((by_status, basis as i64)), 0)),
        None if volume == [None; 3] => Ok((Some((by_status, basis as i64)), VOLUME_NOT_TESTED)),
        None => Ok((None, reason::MISSING_INPUT)),
    }
}

/// Weights of a row in force, or why there are none.
fn weights(year: &Year, values: &[Option<i64>]) -> Result<Option<[i64; CATEGORIES.len()]>, Wrong> {
    let Some(pathway) = values[at::PATHWAY] else { return Ok(None) };
    if let Some(must) = year.mssp_pathway.filter(|must| values[at::MSSP] == Some(1) && *must as i64 != pathway) {
        return Err((at::PATHWAY, if must == WEB_INTERFACE { MSSP_WEB_INTERFACE } else { MSSP_PATHWAY }));
    }
    let absent = if pathway == TRADITIONAL as i64 { NOT_MODELLED } else { NO_SUCH_PATHWAY };
    let table = year.weights.get(pathway as usize).and_then(Option::as_ref).ok_or((at::PATHWAY, absent))?;
    let [quality, interoperability] = [0, 1].map(|i| values[at::REWEIGHTED + i] == Some(1));
    let wrong = match (quality, interoperability) {
        (true, true) => (at::REWEIGHTED, NOT_MODELLED),
        (true, false) => (at::REWEIGHTED, NOT_REWEIGHTED),
        (false, _) => (at::REWEIGHTED + 1, NOT_REWEIGHTED),
    };
    table.reweighted(quality, interoperability).map(Some).ok_or(wrong)
}

impl Verb for Mips {
    const FIELDS: &'static [Field] = &[
        Field::year("performance_year").needed(),
        Field::word("status", &STATUSES).needed(),
        Field::word("election", &ELECTIONS),
        Field::amount("allowed_charges"),
        Field::count("patients"),
        Field::count("services"),
        Field::truth("other_exclusion"),
        Field::truth("asm_participant"),
        Field::word("pathway", &PATHWAYS),
        Field::truth("mssp"),
        Field::truth("quality_reweighted"),
        Field::truth("promoting_interoperability_reweighted"),
        Field::share("quality_score"),
        Field::share("cost_score"),
        Field::share("improvement_activities_score"),
        Field::share("promoting_interoperability_score"),
    ];
    const RESULTS: &'static [(&'static str, Holds)] = &[
        ("mips", Holds::Words(&PARTICIPATIONS)),
        ("basis", Holds::Words(&ALL_BASES)),
        ("lowest_adjustment", Holds::Share),
        ("quality_weight", Holds::Share),
        ("cost_weight", Holds::Share),
        ("improvement_activities_weight", Holds::Share),
        ("promoting_interoperability_weight", Holds::Share),
        ("final_score", Holds::Share),
    ];
    const REASONS: &'static [(&'static str, &'static str, &'static str)] = &[
        ("low_volume_not_tested", "", ""),
        ("election_not_given", "", ""),
        (
            "no_such_pathway",
            "not a pathway of its performance year",
            "The APM scoring standard (web_interface, other_mips_apm) ran from 2017 to 2020; app began in 2021",
        ),
        (
            "mssp_must_use_app",
            "not the pathway that ACOs of the Shared Savings Program must use",
            "Give app, or mssp false: see `rules.show(\"mips.mssp_pathway\")`",
        ),
        (
            "weights_not_modelled",
            "weights that the rule book does not hold",
            "Traditional MIPS, and quality and promoting interoperability reweighted together, are not modelled",
        ),
        ("missing_score", "", ""),
        (
            "mssp_must_use_web_interface",
            "not the pathway that ACOs of the Shared Savings Program must use",
            "Give web_interface, or mssp false: see `rules.show(\"mips.mssp_pathway\")`",
        ),
        (
            "reweighting_not_modelled",
            "reweighted, where the rule book has no weights without it",
            "Of other MIPS APMs in 2017 quality counts nothing, so that no rule says where the weight of promoting \
             interoperability goes. Add a rule of weights, or leave the pathway out",
        ),
    ];

    fn not_modelled(reason: u8) -> bool {
        matches!(reason, NOT_MODELLED | NOT_REWEIGHTED)
    }

    fn plan(book: &Book, as_of: AsOf, years: &[i64]) -> Result<Self> {
        let mut told = Vec::new();
        let years = plan::read(book, as_of, years, &mut told)?;
        Ok(Self { years, told })
    }

    fn knows(&self, year: i64) -> bool {
        self.years.contains_key(&year)
    }

    fn decide(&self, values: &[Option<i64>], out: &mut [Option<i64>]) -> Result<u8, Wrong> {
        let year = values[0].and_then(|year| self.years.get(&year)).ok_or((0, reason::UNKNOWN_YEAR))?;
        let (decided, mut note) = decide(year, values)?;
        let weights = weights(year, values)?;
        let scored = decided.is_some_and(|(who, _)| who != Participation::Excluded);
        if let Some((who, basis)) = decided {
            (out[0], out[1]) = (Some(who as i64), Some(basis));
            out[2] = scored.then_some(-year.applicable_percent);
        }
        // Weights are told of whoever has a pathway, as who is excluded may report all the same.
        if let Some(weights) = weights {
            for (slot, weight) in out[3..7].iter_mut().zip(weights) {
                *slot = Some(weight);
            }
            let scores = std::array::from_fn(|i| values[at::SCORES + i]);
            out[7] = final_score(weights, scores);
            if out[7].is_none() && scores != [None; CATEGORIES.len()] && note == 0 {
                note = NO_SCORE;
            }
        }
        Ok(note)
    }

    fn told(&self) -> Vec<Told> {
        self.told.clone()
    }

    fn explain(book: &Book, as_of: AsOf, values: &[Option<i64>], trace: &mut Trace) -> Result<()> {
        let mut told = Vec::new();
        let year = values[0].unwrap_or(0);
        let years = plan::read(book, as_of, &[year], &mut told)?;
        let unknown = || Error::NotModelled(format!("the rule book knows nothing of MIPS in {year}"));
        let (decided, _) = decide(years.get(&year).ok_or_else(unknown)?, values).map_err(|_| unknown())?;
        let (who, basis) = decided
            .map_or(("unknown", ""), |(who, basis)| (PARTICIPATIONS[who as usize], ALL_BASES[basis as usize]));
        reference::mips::mips(book, as_of, values, (who, basis), trace)
    }
}
