//! What the reader of a call's results must be told of its inputs: guardrails that nobody decided, values that were
//! taken or not used as they stand; and the refusal of renewals of which nothing is said about prior savings.

use super::columns::{cell, entity};
use super::inputs::{Inputs, as_date};
use super::plan::Plan;
use super::reason;
use super::regulation::{Choice, Regulation, Update};
use crate::core::error::{InputError, Result};
use std::collections::BTreeMap;

const YEARLY: [usize; 3] = [entity::PRIOR_SAVINGS_BY1, entity::PRIOR_SAVINGS_BY2, entity::PRIOR_SAVINGS_BY3];

/// What came of a call, by entity.
#[derive(Clone, Copy)]
pub struct Codes<'a> {
    /// Places in the plan; those beyond it are none.
    pub regulation: &'a [u8],
    /// 0, 1, or 255 for not known.
    pub guardrail: &'a [u8],
    /// Reasons.
    pub reason: &'a [u8],
    /// Entities whose cap of risk growth lies below 1.
    pub caps_below_one: usize,
}

/// Sentences on the inputs; `name` gives the caller's own name of a column.
#[must_use]
pub fn notes(plan: &Plan, inputs: &Inputs<'_>, codes: Codes<'_>, name: impl Fn(&str) -> String) -> Vec<String> {
    let mut out: Vec<String> = guardrails(plan, codes, &name).into_iter().collect();
    if codes.caps_below_one > 0 {
        let entities = if codes.caps_below_one == 1 { "entity" } else { "entities" };
        out.push(format!(
            "The cap of risk growth lies below 1 for {} {entities}, and was applied as it stands: the text limits \
             increases only, and no published result has such a case",
            codes.caps_below_one
        ));
    }
    let mut tell = |column: &str, counts: BTreeMap<Option<String>, usize>| {
        for (why, rows) in counts {
            let column = name(column);
            out.push(match why {
                None => format!("`{column}` was taken as it stands in {}", counted(rows)),
                Some(why) => format!("`{column}` was not used in {}: {why}", counted(rows)),
            });
        }
    };
    for place in cell::GIVEN_TREND_BY1..cell::N {
        let Some(values) = inputs.cells[place] else { continue };
        let mut counts = BTreeMap::new();
        for (at, regulation) in governed(plan, codes) {
            for row in inputs.slots[at].iter().filter_map(|slot| usize::try_from(*slot).ok()) {
                if !values[row].is_nan() {
                    let why = unused_cell(regulation, inputs, codes, place, at, row);
                    *counts.entry(why).or_default() += 1;
                }
            }
        }
        tell(cell::COLUMNS[place], counts);
    }
    for place in [entity::GIVEN_PRIOR_SAVINGS_ADJUSTMENT, entity::GIVEN_POPULATION_ADJUSTMENT] {
        let Some(values) = inputs.entities[place] else { continue };
        let mut counts = BTreeMap::new();
        for (at, regulation) in governed(plan, codes).filter(|(at, _)| !values[*at].is_nan()) {
            *counts.entry(unused_entity(regulation, inputs, place, at)).or_default() += 1;
        }
        tell(entity::COLUMNS[place], counts);
    }
    out.extend(yearly_set_aside(plan, inputs, codes, &name));
    out
}

fn counted(rows: usize) -> String {
    if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") }
}

/// Entities that have a regulation, with it.
fn governed<'a>(plan: &'a Plan, codes: Codes<'a>) -> impl Iterator<Item = (usize, &'a Regulation)> {
    let of = |(at, code): (usize, &u8)| Some((at, plan.regulations.get(usize::from(*code))?));
    codes.regulation.iter().enumerate().filter_map(of)
}

fn guardrails(plan: &Plan, codes: Codes<'_>, name: impl Fn(&str) -> String) -> Option<String> {
    let open = governed(plan, codes)
        .filter(|(at, r)| r.guardrail && codes.guardrail[*at] > 1 && codes.reason[*at] == reason::PLAIN)
        .count();
    let entities = if open == 1 { "1 entity with a three-way update" } else { "entities with a three-way update" };
    let count = if open == 1 { String::new() } else { format!("{open} ") };
    (open > 0).then(|| {
        format!(
            "The guardrail of {count}{entities} is not decided: give `{}` and `{}` (the minimum loss rate; one-sided, \
             the minimum savings rate) to `benchmark`. `settle` reads a null `guardrail` as none, so that a loss \
             may come out too large",
            name("expenditures"),
            name("guardrail_rate")
        )
    })
}

/// Why a given value of a cell has no part in the result; nothing where it has.
fn unused_cell(
    regulation: &Regulation,
    inputs: &Inputs<'_>,
    codes: Codes<'_>,
    place: usize,
    at: usize,
    row: usize,
) -> Option<String> {
    let factor = inputs.cells[cell::GIVEN_UPDATE_FACTOR].is_some_and(|given| !given[row].is_nan());
    match place {
        cell::GIVEN_REGIONAL_ADJUSTMENT if regulation.regional_weights.is_none() => {
            Some(format!("{} has no regional adjustment", regulation.name))
        }
        cell::GIVEN_FLAT_UPDATE if regulation.update != Update::FlatDollar => {
            Some(format!("{} has no flat-dollar update", regulation.name))
        }
        cell::GIVEN_FLAT_UPDATE if factor => Some("an update factor is given beside it".to_owned()),
        cell::GIVEN_UPDATE_FACTOR if codes.guardrail[at] == 1 => {
            Some("the guardrail put the computed two-way factor in its place".to_owned())
        }
        _ => None,
    }
}

fn unused_entity(regulation: &Regulation, inputs: &Inputs<'_>, place: usize, at: usize) -> Option<String> {
    if place == entity::GIVEN_PRIOR_SAVINGS_ADJUSTMENT {
        (!asks_for_prior_savings(regulation)).then(|| format!("{} has no prior savings", regulation.name))
    } else {
        let start = as_date(inputs.starts[at]);
        let has = regulation.population.as_ref().is_some_and(|p| start >= p.agreement_start);
        (!has).then(|| format!("{} has no population adjustment for such a start", regulation.name))
    }
}

/// Yearly prior savings beside a mean that takes their place.
fn yearly_set_aside(
    plan: &Plan,
    inputs: &Inputs<'_>,
    codes: Codes<'_>,
    name: impl Fn(&str) -> String,
) -> Option<String> {
    let known = |place: usize, at: usize| inputs.entities[place].is_some_and(|values| !values[at].is_nan());
    let both = governed(plan, codes)
        .filter(|(at, regulation)| {
            asks_for_prior_savings(regulation)
                && known(entity::PRIOR_SAVINGS_PER_CAPITA, *at)
                && YEARLY.iter().any(|place| known(*place, *at))
        })
        .count();
    (both > 0).then(|| {
        format!(
            "`{}` took the place of the yearly prior savings in {}",
            name("prior_savings_per_capita"),
            counted(both)
        )
    })
}

fn asks_for_prior_savings(regulation: &Regulation) -> bool {
    !matches!(regulation.choice, Choice::None | Choice::Regional)
}

/// Refuses renewals under a regulation with prior savings where no column says anything of them: that none were
/// reconciled is said by nulls, not by silence.
pub fn refuse_without_prior_savings(
    plan: &Plan,
    inputs: &Inputs<'_>,
    codes: Codes<'_>,
    name: impl Fn(&str) -> String,
) -> Result<()> {
    let ready = [entity::PRIOR_SAVINGS_PER_CAPITA, entity::GIVEN_PRIOR_SAVINGS_ADJUSTMENT];
    if YEARLY.iter().chain(&ready).any(|place| inputs.entities[*place].is_some()) {
        return Ok(());
    }
    let later = |at: usize| inputs.entities[entity::AGREEMENT_NUMBER].is_some_and(|number| number[at] > 1.0);
    let mut asking = governed(plan, codes).filter(|(at, r)| later(*at) && asks_for_prior_savings(r));
    let Some((first, regulation)) = asking.next() else { return Ok(()) };
    let rows = 1 + asking.count();
    let remedy = "Give savings per capita by year (`_by1` to `_by3`, with person years), \
                  `prior_savings_per_capita`, or `given_prior_savings_adjustment`; null where there was no \
                  reconciliation";
    let where_ =
        format!(" in {} of entities that renewed under {}, first in row {first}", counted(rows), regulation.name);
    let column = name("prior_savings_by1");
    Err(InputError { where_, ..InputError::column(&column, "absent, and needed", remedy) }.into())
}
