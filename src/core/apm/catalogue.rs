//! The catalogue of models: every track or arrangement of a performance year, whether it is an Advanced APM, a MIPS APM, a
//! Medical Home Model, and what it is. One rule a model (`apm.mssp`), one a track and span of years (`apm.mssp.basic_e`).

use super::AUTHORITIES;
use super::row::Facts;
use crate::core::rulebook::{AsOf, Book, Confidence, Rule, Scalar, Told, Value};

/// Fields of an entry in order; each is a word of the rule book, or nothing.
pub const FIELDS: [&str; 17] = [
    "model",
    "name",
    "kind",
    "scope",
    "track",
    "advanced",
    "mips_apm",
    "medical_home_model",
    "hcp_lan",
    "authority",
    "cehrt",
    "quality",
    "start",
    "end",
    "program",
    "arrangement",
    "note",
];

/// One track of a model in one year.
#[derive(Clone, Debug)]
pub struct Entry<'b> {
    /// Performance year.
    pub performance_year: i64,
    /// Words in the order of [`FIELDS`].
    pub words: [Option<String>; FIELDS.len()],
    /// The rule of the track.
    pub rule: &'b Rule,
    /// How whether it is an Advanced APM was checked.
    pub confidence: Confidence,
}

impl Entry<'_> {
    /// A word by its field.
    #[must_use]
    pub fn word(&self, field: &str) -> Option<&str> {
        let at = FIELDS.iter().position(|known| *known == field)?;
        self.words[at].as_deref()
    }
}

fn text<'r>(rule: &'r Rule, key: &str) -> Option<&'r Scalar> {
    if let Value::Table(table) = &rule.value { table.get(key) } else { None }
}

/// Every track of a year, by model and track.
#[must_use]
pub fn entries(book: &Book, as_of: AsOf, year: u16) -> Vec<Entry<'_>> {
    let mut ids: Vec<&str> =
        book.rules().map(|rule| rule.id.as_str()).filter(|id| id.starts_with("apm.")).collect();
    ids.dedup();
    let mut out = Vec::new();
    for id in ids {
        let mut parts = id.split('.').skip(1);
        let (Some(model), Some(_), None) = (parts.next(), parts.next(), parts.next()) else { continue };
        let Some(rule) = book.find(id, year, as_of) else { continue };
        let of_model = book.find(&format!("apm.{model}"), year, as_of);
        let words = FIELDS.map(|field| match field {
            "model" => Some(model.to_owned()),
            "note" => (!rule.note.is_empty()).then(|| rule.note.clone()),
            // A track's own dates come before those of the model.
            field => text(rule, field).or_else(|| text(of_model?, field)).map(ToString::to_string),
        });
        let recalled = rule.recalled.iter().any(|key| key == "advanced");
        let confidence = if recalled { Confidence::Recalled } else { rule.confidence };
        out.push(Entry { performance_year: year.into(), words, rule, confidence });
    }
    out
}

/// First and last year with an entry.
#[must_use]
pub fn span(book: &Book, as_of: AsOf) -> Option<(u16, u16)> {
    let years: Vec<(u16, u16)> = book
        .rules()
        .filter(|rule| rule.id.starts_with("apm."))
        .filter_map(|rule| book.years(&rule.id, as_of))
        .map(|(first, last)| (first, last.unwrap_or(first)))
        .collect();
    Some((years.iter().map(|y| y.0).min()?, years.iter().map(|y| y.1).max()?))
}

/// Tracks that stand behind an arrangement of a program, or all tracks of the model where none names it.
#[must_use]
pub fn behind<'b>(book: &'b Book, as_of: AsOf, program: &str, arrangement: &str, year: u16) -> Vec<Entry<'b>> {
    let mut all = entries(book, as_of, year);
    all.retain(|entry| entry.word("program") == Some(program));
    if all.iter().any(|entry| entry.word("arrangement") == Some(arrangement)) {
        all.retain(|entry| entry.word("arrangement") == Some(arrangement));
    }
    all
}

/// What the catalogue says of an arrangement of a program, and what must be told of that: of the tracks that it stands
/// behind, or of all tracks of the model where none names it; where they differ, nothing.
#[must_use]
pub fn facts(book: &Book, as_of: AsOf, program: &str, arrangement: &str, year: u16) -> (Facts, Vec<Told>) {
    let entries = behind(book, as_of, program, arrangement, year);
    let mut taken = book.read(year, as_of);
    let mut agreed = |field: &str| {
        let mut words = entries.iter().map(|e| e.word(field));
        let first = words.next()??.to_owned();
        let same = words.all(|word| word == Some(first.as_str()));
        for entry in &entries {
            let _ = taken.keyed_text(&entry.rule.id, field);
        }
        same.then_some(first)
    };
    let mut truth = |field: &str| match agreed(field).as_deref() {
        Some("yes") => Some(true),
        Some("no") => Some(false),
        _ => None,
    };
    let (cehrt, quality, medical_home) = (truth("cehrt"), truth("quality"), truth("medical_home_model"));
    let authority = agreed("authority").and_then(|word| super::code(&AUTHORITIES, &word));
    let in_catalogue = !entries.is_empty();
    (Facts { authority, cehrt, quality, medical_home, in_catalogue, ..Facts::default() }, taken.told())
}
