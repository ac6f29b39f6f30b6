//! The book's fingerprint. It covers meaning, not layout: comments and the order of rules do not change it.

use super::schema::{Rule, Source};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// SHA-256 over a canonical line for each source and rule, in hexadecimal.
pub(super) fn of(sources: &BTreeMap<String, Source>, rules: &BTreeMap<String, Vec<Rule>>) -> String {
    let mut text = String::new();
    for s in sources.values() {
        let _ = writeln!(text, "{}\t{}\t{}\t{:?}\t{}", s.id, s.title, s.paragraph, s.date, s.link);
    }
    for r in rules.values().flatten() {
        let _ = writeln!(
            text,
            "{}\t{}\t{}\t{:?}\t{}\t{}\t{}\t{}\t{:?}\t{}\t{}\t{}",
            r.id,
            r.kind,
            r.unit,
            r.applies,
            r.known_from,
            r.status,
            r.confidence,
            r.recalled.join(" "),
            r.value,
            r.cites.join(" "),
            r.note,
            r.layer
        );
    }
    Sha256::digest(text).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
