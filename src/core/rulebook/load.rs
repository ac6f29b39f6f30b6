//! From TOML to checked rules: types, units, kinds and citations, one rule at a time, so that an error can
//! name the file, the rule and the key.

use super::schema::{Confidence, Kind, RawRule, Rule, Scalar, Source, Status, Unit, Value};
use crate::core::date::Date;
use crate::core::error::RuleBookError;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::str::FromStr;

/// One file or mapping, before it is held against the rest of the book.
#[derive(Default)]
pub(super) struct Part {
    pub(super) rules: Vec<Rule>,
    pub(super) sources: Vec<Source>,
    /// `[set]`: rule id to a value or a table, shorthand for a rule that exists below.
    pub(super) set: Vec<(String, toml::Value)>,
    pub(super) version: Option<String>,
}

/// Reads the text of one TOML file.
pub(super) fn parse(file: &str, text: &str, layer: u16) -> Result<Part, RuleBookError> {
    let table = toml::Table::from_str(text)
        .map_err(|e| RuleBookError::new(file, "", "", e.to_string().trim(), "Mend the TOML"))?;
    read(file, table, layer)
}

/// Reads a parsed table: `[[rule]]`, `[[source]]`, `[book]` and, in overrides only, `[set]`.
pub(super) fn read(file: &str, table: toml::Table, layer: u16) -> Result<Part, RuleBookError> {
    let mut part = Part::default();
    for (key, value) in table {
        match (key.as_str(), value) {
            ("rule", toml::Value::Array(items)) => {
                for (i, item) in items.into_iter().enumerate() {
                    part.rules.push(rule(file, i, item, layer)?);
                }
            }
            ("source", toml::Value::Array(items)) => {
                for item in items {
                    let id = text_at(&item, "id");
                    let source = item.try_into::<Source>().map_err(|e| wrong_shape(file, &id, &e))?;
                    part.sources.push(source);
                }
            }
            ("set", toml::Value::Table(entries)) if layer > 0 => part.set.extend(entries),
            ("arrangement", contract @ toml::Value::Table(_)) if layer > 0 => {
                part.rules.extend(super::contract::rules(file, contract, layer)?);
            }
            ("medical_home", contract @ toml::Value::Table(_)) if layer > 0 => {
                part.rules.extend(super::medical_home::rules(file, contract, layer)?);
            }
            ("book", toml::Value::Table(book)) => {
                part.version = book.get("version").and_then(|v| v.as_str()).map(String::from);
                if let Some(key) = book.keys().find(|k| k.as_str() != "version") {
                    return Err(RuleBookError::new(file, "", key, "unknown key in [book]", "Remove it"));
                }
            }
            (key, _) => {
                let remedy = "A book holds [[rule]], [[source]] and [book]; an override may also hold [set], \
                              [arrangement] and [medical_home]";
                return Err(RuleBookError::new(file, "", key, "unknown key", remedy));
            }
        }
    }
    Ok(part)
}

fn text_at(item: &toml::Value, key: &str) -> String {
    item.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned()
}

fn wrong_shape(file: &str, id: &str, e: &toml::de::Error) -> RuleBookError {
    // The key is in the error's text only, on a line of its own.
    let text = e.to_string();
    let key = text.lines().find_map(|line| line.strip_prefix("in `")?.strip_suffix('`')).unwrap_or_default();
    RuleBookError::new(file, id, key, e.message(), "See rules/README.md for the keys that a rule may hold")
}

fn rule(file: &str, index: usize, item: toml::Value, layer: u16) -> Result<Rule, RuleBookError> {
    let mut id = text_at(&item, "id");
    if id.is_empty() {
        id = format!("number {}", index + 1);
    }
    let raw = item.try_into::<RawRule>().map_err(|e| wrong_shape(file, &id, &e))?;
    from_raw(file, raw, layer)
}

/// Checks one rule by itself. Overrides may leave out what only a rule of law has.
pub(super) fn from_raw(file: &str, raw: RawRule, layer: u16) -> Result<Rule, RuleBookError> {
    let id = raw.id.clone();
    let fail = |key: &str, problem: String, remedy: &str| RuleBookError::new(file, &id, key, problem, remedy);
    let well_named = !id.is_empty()
        && id.split('.').all(|p| {
            !p.is_empty() && p.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        });
    if !well_named {
        return Err(fail("id", format!("{id:?} is not a rule id"), "Use words of a-z, 0-9 and _ joined by dots"));
    }
    if raw.applies.to.is_some_and(|to| to < raw.applies.from) {
        return Err(fail("applies", "`to` lies before `from`".into(), "Exchange them or leave `to` out"));
    }
    let needed = |key: &str| fail(key, "missing".into(), "Every rule of the shipped book states it");
    let user = layer > 0;
    if !user && raw.cites.is_empty() {
        return Err(needed("cites"));
    }
    if !user && (raw.status == Some(Status::Override) || raw.confidence == Some(Confidence::User)) {
        return Err(fail("status", "`override` and `user` are for overrides".into(), "State the law's own"));
    }
    let value = value(raw.kind, raw.unit, &raw.value).map_err(|problem| {
        fail("value", problem, "Values are strings, such as \"0.50\", in the shape that `kind` asks for")
    })?;
    let known = |key: &String| matches!(&value, Value::Table(table) if table.contains_key(key));
    if let Some(key) = raw.recalled.iter().find(|key| !known(key)) {
        return Err(fail("recalled", format!("{key:?} is no key of the value"), "Name keys of a table"));
    }
    Ok(Rule {
        kind: raw.kind,
        unit: raw.unit,
        applies: raw.applies,
        known_from: raw.known_from.or(user.then_some(Date::MIN)).ok_or_else(|| needed("known_from"))?,
        status: raw.status.or(user.then_some(Status::Override)).ok_or_else(|| needed("status"))?,
        confidence: raw.confidence.or(user.then_some(Confidence::User)).ok_or_else(|| needed("confidence"))?,
        recalled: raw.recalled,
        value,
        cites: raw.cites,
        note: raw.note,
        file: file.to_owned(),
        layer,
        id,
    })
}

/// Reads a value in the shape and unit that the rule claims.
fn value(kind: Kind, unit: Unit, raw: &toml::Value) -> Result<Value, String> {
    let items = |v: &toml::Value| v.as_array().cloned().ok_or_else(|| format!("{v} is not a list"));
    match kind {
        Kind::Scalar => Ok(Value::Scalar(scalar(unit, raw)?)),
        Kind::Choice => {
            let menu = items(raw)?.iter().map(|v| scalar(unit, v)).collect::<Result<Vec<_>, _>>()?;
            let mut seen = menu.clone();
            seen.sort();
            seen.dedup();
            if menu.is_empty() || seen.len() != menu.len() {
                return Err("a menu needs at least one entry and none twice".into());
            }
            Ok(Value::Choice(menu))
        }
        Kind::Table => {
            let table = raw.as_table().ok_or_else(|| format!("{raw} is not a table of keys and values"))?;
            let map = table
                .iter()
                .map(|(k, v)| Ok((k.clone(), scalar(unit, v)?)))
                .collect::<Result<BTreeMap<_, _>, String>>()?;
            if map.is_empty() { Err("the table is empty".into()) } else { Ok(Value::Table(map)) }
        }
        Kind::PiecewiseLinear => {
            let knots = items(raw)?
                .iter()
                .map(|v| pair(v).and_then(|(x, y)| Ok((decimal(x)?, number(unit, y)?))))
                .collect::<Result<Vec<_>, _>>()?;
            if knots.len() < 2 || knots.windows(2).any(|w| w[0].0 >= w[1].0) {
                return Err("knots must be two or more, x increasing".into());
            }
            Ok(Value::PiecewiseLinear(knots))
        }
        Kind::Bands => {
            let steps = items(raw)?
                .iter()
                .map(|v| {
                    let (upper, y) = pair(v)?;
                    let upper = if upper == "inf" { None } else { Some(decimal(upper)?) };
                    Ok((upper, number(unit, y)?))
                })
                .collect::<Result<Vec<_>, String>>()?;
            let contiguous = steps.windows(2).all(|w| match (w[0].0, w[1].0) {
                (Some(a), Some(b)) => a < b,
                (Some(_), None) => true,
                (None, _) => false,
            });
            if !contiguous || steps.last().is_none_or(|(upper, _)| upper.is_some()) {
                return Err("upper bounds must increase and the last must be \"inf\"".into());
            }
            Ok(Value::Bands(steps))
        }
    }
}

fn pair(v: &toml::Value) -> Result<(&str, &str), String> {
    match v.as_array().map(Vec::as_slice) {
        Some([toml::Value::String(x), toml::Value::String(y)]) => Ok((x, y)),
        _ => Err(format!("{v} is not a pair of strings")),
    }
}

fn decimal(text: &str) -> Result<Decimal, String> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
    match Decimal::from_str(text) {
        Ok(d) if plain => Ok(d),
        _ => Err(format!("{text:?} is not a decimal number")),
    }
}

/// A number that its unit allows. Shares are parts of one, not percentages, to nine decimals.
fn number(unit: Unit, text: &str) -> Result<Decimal, String> {
    let d = decimal(text)?;
    match unit {
        Unit::Share if d.abs() > Decimal::ONE => Err(format!("{text} is not a share: write 50 % as \"0.50\"")),
        Unit::Share if d.normalize().scale() > 9 => Err(format!("{text} has more than nine decimals")),
        Unit::Count if d.is_sign_negative() || d.fract() != Decimal::ZERO => Err(format!("{text} is not a count")),
        Unit::Year if d.fract() != Decimal::ZERO || d < Decimal::from(1900) || d > Decimal::from(2200) => {
            Err(format!("{text} is not a year"))
        }
        Unit::Date | Unit::Text => Err(format!("unit {unit} takes no number here")),
        _ => Ok(d),
    }
}

fn scalar(unit: Unit, raw: &toml::Value) -> Result<Scalar, String> {
    let text = raw.as_str().ok_or_else(|| format!("{raw} is not a string"))?;
    match unit {
        Unit::Text if text.trim().is_empty() => Err("the text is empty".into()),
        Unit::Text => Ok(Scalar::Text(text.to_owned())),
        Unit::Date => text.parse().map(Scalar::Date),
        _ => number(unit, text).map(Scalar::Number),
    }
}
