//! One clinician told: every determination that there was, what it came to, and why it decided or did not.

use super::candidate::{Candidate, INDIVIDUAL, LEVELS};
use super::decide::{Bar, Decision};
use super::run::{Prepared, members};
use crate::core::date::Date;
use crate::core::qp::mips::{ELECTIONS, Election, PARTICIPATIONS, participation};
use crate::core::qp::{METHODS, OPTIONS, PARTIAL_QP, STATUSES};
use crate::core::reference::{Step, Trace};
use crate::core::rulebook::{AsOf, Book, Rule};

/// Steps of a clinician, at one TIN where one is given; `names` are those of the entities. Nothing where the roster
/// has no such clinician, or the rows of the clinician cannot be read.
#[must_use]
pub fn explain(
    prepared: &Prepared<'_>,
    (book, as_of): (&Book, AsOf),
    npi: i64,
    tin: Option<i64>,
    names: &[String],
) -> Vec<Step> {
    let mut trace = Trace::default();
    let Some(clinician) = prepared.find(npi) else { return Vec::new() };
    let group = prepared.group(clinician, &mut |_, _| ());
    if group.wrong.is_some() {
        return Vec::new();
    }
    let all = members(&group.rows, None);
    let here = members(&group.rows, tin.filter(|_| prepared.terms.by_tin));
    let context = prepared.context();
    let mut seen = Vec::new();
    let decision = context.decide(npi, &here, &all, group.own, |one| seen.push(one));
    let year = prepared.terms.period.0.yyyymmdd() / 10_000;
    let rule = |id: &str| book.find(id, u16::try_from(year).unwrap_or(u16::MAX), as_of);
    let name = |entity: usize| names.get(entity).cloned().unwrap_or_default();
    let days = |mask: u8| {
        let on = prepared.terms.snapshots.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1);
        let days: Vec<String> = on.map(|(_, day)| day.to_string()).collect();
        if days.is_empty() { "never".to_owned() } else { days.join(", ") }
    };
    for member in &here {
        let entity = &prepared.entities[member.entity];
        let inputs = [
            ("entity", name(member.entity)),
            ("Participation List", days(member.participation)),
            ("Affiliated Practitioner List", days(member.affiliated)),
            ("evaluated", days(entity.evaluated)),
            ("election", ELECTIONS[entity.election as usize].to_owned()),
        ];
        let value = if member.belongs(entity) { "in the group" } else { "not in the group" };
        let formula = "on a list at any snapshot; the Participation List where the entity has one";
        trace.step("membership", formula, &inputs, value.to_owned(), &[rule("qp.snapshots")]);
    }
    for one in seen {
        let candidate = &one.candidate;
        let level = LEVELS[usize::from(candidate.level)];
        let basis = prepared.terms.bases.get(usize::from(candidate.basis)).cloned().unwrap_or_default();
        let day = prepared.terms.snapshots.get(usize::from(candidate.snapshot)).map(Date::to_string);
        let mut inputs =
            vec![("level", level.to_owned()), ("snapshot", day.unwrap_or_default()), ("basis", basis)];
        if candidate.level != INDIVIDUAL {
            inputs.insert(0, ("entity", name(candidate.entity)));
        }
        let (why, barred_by) = told(one.bar, candidate, &decision);
        let status = STATUSES.get(usize::from(candidate.scored.status)).map_or_else(
            || "no score".to_owned(),
            |status| {
                let by = METHODS[usize::from(candidate.scored.method)].replace('_', " ");
                let option = OPTIONS[usize::from(candidate.scored.option)].replace('_', " ");
                if by.is_empty() { (*status).to_owned() } else { format!("{status} by {by}, {option}") }
            },
        );
        let mut rules: Vec<Option<&Rule>> = match barred_by {
            Some(id) => vec![rule(id)],
            None => thresholds(candidate).iter().map(|id| rule(id)).collect(),
        };
        if candidate.level == INDIVIDUAL && barred_by.is_none() {
            rules.push(rule("qp.individual"));
        }
        trace.step("determination", why, &inputs, status, &rules);
    }
    end(&mut trace, &decision, group.own, rule("qp.status_scope"));
    trace.into_steps()
}

/// Why a determination decided or did not, and the rule by which it does not count.
fn told(bar: Option<Bar>, candidate: &Candidate, decision: &Decision) -> (&'static str, Option<&'static str>) {
    let (why, id) = match bar {
        Some(Bar::NotListed) => ("not counted: on no list of the entity at a snapshot", "qp.snapshots"),
        Some(Bar::ListNotUsed) => {
            ("not counted: the entity has a Participation List, which alone is used", "qp.snapshots")
        }
        Some(Bar::Terminated) => ("not counted: the entity terminated", "qp.terminations"),
        Some(Bar::ModelTooShort) => ("not counted: the model was not tested long enough", "qp.model_days"),
        Some(Bar::BeforeModelDays) => {
            ("not counted: a snapshot before the model was tested long enough", "qp.model_days")
        }
        Some(Bar::AffiliatedOnly) => {
            ("not counted: affiliated practitioners are determined individually", "qp.individual")
        }
        Some(Bar::NotDue) => ("not counted: no individual determination is due at this snapshot", "qp.individual"),
        Some(Bar::NoScore) => ("no score was given", "qp.attribution_bases"),
        Some(Bar::Incomplete) => ("the score is incomplete, or was refused", "qp.attribution_bases"),
        None => {
            let why = match &decision.winner {
                Some(winner) if winner == candidate => "decides",
                Some(winner) => candidate.lost_by(winner),
                None => "counted, and not enough to decide",
            };
            return (why, None);
        }
    };
    (why, Some(id))
}

/// The thresholds that a determination met, or the lowest that it did not.
fn thresholds(candidate: &Candidate) -> Vec<String> {
    let scored = candidate.scored;
    let methods: &[&str] = match scored.method {
        1 => &METHODS[1..2],
        2 => &METHODS[2..3],
        _ => &METHODS[1..3],
    };
    let option = if scored.option == 0 { OPTIONS[1] } else { OPTIONS[usize::from(scored.option)] };
    let status = STATUSES.get(usize::from(scored.status.max(PARTIAL_QP))).copied().unwrap_or_default();
    methods.iter().map(|method| format!("qp.{option}.{method}.{status}")).collect()
}

fn end(trace: &mut Trace, decision: &Decision, own: Election, scope: Option<&Rule>) {
    let status = STATUSES.get(usize::from(decision.status)).map_or("null", |status| status);
    let level = decision.winner.map_or("-", |winner| LEVELS[usize::from(winner.level)]);
    let inputs = [("level", level.to_owned())];
    let formula = "the best status of all determinations that count, not the highest score";
    trace.step("status", formula, &inputs, status.to_owned(), &[scope]);
    let election = match decision.winner {
        Some(winner) if winner.scored.status == PARTIAL_QP => winner.election,
        _ => own,
    };
    if let Some((mips, _)) = participation(decision.status, election) {
        let inputs = [("status", status.to_owned()), ("election", ELECTIONS[election as usize].to_owned())];
        let formula = "a QP is excluded, a Partial QP unless it elects in";
        trace.step("mips", formula, &inputs, PARTICIPATIONS[mips as usize].to_owned(), &[]);
    }
}
