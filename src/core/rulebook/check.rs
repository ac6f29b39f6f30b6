//! Checks that need the whole book: citations resolve, one id means one thing, and years neither overlap
//! nor leave gaps.

use super::schema::{Rule, Source, Status, Value};
use crate::core::error::RuleBookError;
use std::collections::BTreeMap;

/// Checks all rules that share an id, in every layer.
pub(super) fn rules_of_one_id(rules: &[Rule], sources: &BTreeMap<String, Source>) -> Result<(), RuleBookError> {
    let Some(first) = rules.first() else { return Ok(()) };
    for rule in rules {
        let fail = |key: &str, problem: String, remedy: &str| {
            Err(RuleBookError::new(&rule.file, &rule.id, key, problem, remedy))
        };
        if rule.applies.clock != first.applies.clock {
            let remedy = "One id counts in one clock";
            return fail("applies", format!("the clock differs from that in {}", first.file), remedy);
        }
        if rule.unit != first.unit {
            return fail("unit", format!("the unit differs from that in {}", first.file), "One id has one unit");
        }
        if let Some(missing) = rule.cites.iter().find(|c| !sources.contains_key(*c)) {
            let remedy = "Add a [[source]] with this id, or mend the citation";
            return fail("cites", format!("no source {missing:?}"), remedy);
        }
    }
    whole_tables(rules)?;
    no_overlaps(rules)?;
    no_gaps(rules)
}

/// An override of a table states every key that it covers: a key left out would silently lose its value.
fn whole_tables(rules: &[Rule]) -> Result<(), RuleBookError> {
    for (i, over) in rules.iter().enumerate() {
        let Value::Table(stated) = &over.value else { continue };
        let meets = |r: &&Rule| {
            r.layer < over.layer && (r.applies.covers(over.applies.from) || over.applies.covers(r.applies.from))
        };
        // What a later law hides in all its years need not be stated.
        let hidden = |r: &Rule| {
            let covers = |l: &Rule| {
                let to = |rule: &Rule| rule.applies.to.unwrap_or(u16::MAX);
                l.applies.from <= r.applies.from && to(l) >= to(r)
            };
            rules.iter().any(|l| l.layer == r.layer && l.known_from > r.known_from && covers(l))
        };
        for below in rules[..i].iter().filter(meets).filter(|r| !hidden(r)) {
            let Value::Table(table) = &below.value else { continue };
            let missing: Vec<_> = table.iter().filter(|(key, _)| !stated.contains_key(*key)).collect();
            if missing.is_empty() {
                continue;
            }
            let named: Vec<String> = missing.iter().map(|(key, _)| format!("{key:?}")).collect();
            let values: Vec<String> = missing.iter().map(|(key, value)| format!("{key} is {value}")).collect();
            let remedy = format!(
                "State every key; {} for {}. To set other years only, give `from` and `to`",
                values.join(", "),
                below.applies
            );
            let problem = format!("leaves out {}", named.join(", "));
            return Err(RuleBookError::new(&over.file, &over.id, "value", problem, remedy));
        }
    }
    Ok(())
}

fn no_overlaps(rules: &[Rule]) -> Result<(), RuleBookError> {
    for (i, a) in rules.iter().enumerate() {
        for b in &rules[i + 1..] {
            let same = (a.layer, a.known_from, a.status == Status::Proposed)
                == (b.layer, b.known_from, b.status == Status::Proposed);
            let (first, second) = if a.applies.from <= b.applies.from { (a, b) } else { (b, a) };
            if same && first.applies.covers(second.applies.from) {
                let problem = format!(
                    "{} overlaps {}, known from the same date {}",
                    second.applies, first.applies, first.known_from
                );
                let remedy = "Give each year to one rule, or give the later rule a later known_from";
                return Err(RuleBookError::new(&second.file, &second.id, "applies", problem, remedy));
            }
        }
    }
    Ok(())
}

/// Between the first year and the last that an id has anywhere, every year has a rule.
fn no_gaps(rules: &[Rule]) -> Result<(), RuleBookError> {
    let mut spans: Vec<&Rule> = rules.iter().filter(|r| r.status != Status::Proposed).collect();
    spans.sort_by_key(|r| r.applies.from);
    let mut reached: Option<u32> = None;
    for rule in spans {
        let from = u32::from(rule.applies.from);
        if let Some(last) = reached
            && from > last.saturating_add(1)
        {
            let problem = format!("no rule for {} to {}", last + 1, from - 1);
            let remedy = "State a value for those years, if only \"0\"";
            return Err(RuleBookError::new(&rule.file, &rule.id, "applies", problem, remedy));
        }
        let to = rule.applies.to.map_or(u32::MAX, u32::from);
        reached = Some(reached.map_or(to, |last| last.max(to)));
    }
    Ok(())
}
