//! The rule book as it ships: complete, cited, with a fingerprint of its meaning, read by year, date and layer.

use crate::support::{NOW, book, on};
use sharedsavings::core::date::Date;
use sharedsavings::core::rulebook::{AsOf, Book, Confidence, FILES, Rule, Scalar, Status, Unit, Value, sentences};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Files below a folder with this ending, as paths relative to it.
fn files_below(folder: &Path, ending: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(files_below(&path, ending).iter().map(|below| format!("{name}/{below}")));
        } else if name.ends_with(ending) {
            found.insert(name);
        }
    }
    found
}

#[test]
fn every_file_below_rules_ships_and_every_shipped_file_is_there() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let shipped: BTreeSet<String> = FILES.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(files_below(&folder, ".toml"), shipped);
    for (file, text) in FILES {
        assert_eq!(fs::read_to_string(folder.join(file)).expect("a file"), *text, "{file}");
    }
}

#[test]
fn the_shipped_book_states_its_version_and_cites_every_rule() {
    let book = book();
    assert!(!book.version().is_empty() && book.version() != "unversioned");
    assert_eq!(book.digest().len(), 64);
    for rule in book.rules() {
        assert!(!rule.cites.is_empty() && rule.layer == 0, "{}", rule.id);
        assert!(rule.cites.iter().all(|cite| book.sources().contains_key(cite)), "{}", rule.id);
        assert!(rule.status != Status::Override && rule.confidence != Confidence::User, "{}", rule.id);
        assert!(FILES.iter().any(|(file, _)| *file == rule.file), "{}", rule.file);
    }
}

#[test]
fn every_source_is_cited_or_dated() {
    let book = book();
    let cited: BTreeSet<&String> = book.rules().flat_map(|r| &r.cites).collect();
    for (id, source) in book.sources() {
        assert!(!source.title.is_empty(), "{id}");
        assert!(cited.contains(id) || !source.link.is_empty(), "{id} is neither cited nor to be found");
    }
}

#[test]
fn no_rule_was_known_before_the_earliest_dated_source_that_it_cites() {
    let book = book();
    for rule in book.rules() {
        let dates: Option<Vec<Date>> = rule.cites.iter().map(|c| book.sources()[c].date).collect();
        if let Some(earliest) = dates.and_then(|d| d.into_iter().min()) {
            assert!(rule.known_from >= earliest, "{} is known from {}", rule.id, rule.known_from);
        }
    }
}

fn shuffled() -> Vec<(&'static str, String)> {
    let reversed = |text: &str| {
        let mut parts: Vec<&str> = text.split("\n[[").collect();
        let head = parts.remove(0);
        let mut turned = head.to_owned();
        for part in parts.into_iter().rev() {
            turned += "\n# a remark\n\n[[";
            turned += part;
        }
        turned + "\n"
    };
    let mut files: Vec<(&str, String)> = FILES.iter().map(|(file, text)| (*file, reversed(text))).collect();
    files.reverse();
    files
}

fn digest(files: &[(&str, String)]) -> String {
    let files: Vec<(&str, &str)> = files.iter().map(|(file, text)| (*file, text.as_str())).collect();
    Book::from_files(&files).unwrap().digest().to_owned()
}

fn as_shipped() -> Vec<(&'static str, String)> {
    FILES.iter().map(|(file, text)| (*file, (*text).to_owned())).collect()
}

#[test]
fn the_digest_knows_no_order_and_no_comments() {
    assert_eq!(digest(&as_shipped()), book().digest());
    assert_eq!(digest(&shuffled()), book().digest());
}

#[test]
fn the_digest_changes_with_any_word_of_the_law() {
    let mut seen = BTreeSet::from([book().digest().to_owned()]);
    for (was, is) in [
        ("value = \"0.25\"", "value = \"0.26\""),
        ("from = 2017, to = 2018", "from = 2016, to = 2018"),
        ("known_from = 2016-11-04", "known_from = 2016-11-05"),
        ("confidence = \"primary\"", "confidence = \"secondary\""),
        ("status = \"codified\"", "status = \"enacted\""),
        ("\"0.122\"", "\"0.123\""),
        ("ENHANCED = \"0.75\"", "ENHANCED = \"0.74\""),
        ("cites = [\"42-cfr-414-1430-b\"]", "cites = [\"42-cfr-414-1430-a\"]"),
        ("As the 2016 rule set it", "As it was"),
        ("42 CFR 425.605, calculation", "42 CFR 425.605: calculation"),
    ] {
        let mut files = as_shipped();
        let (_, text) = files.iter_mut().find(|(_, text)| text.contains(was)).expect(was);
        *text = text.replacen(was, is, 1);
        assert!(seen.insert(digest(&files)), "{was} -> {is}");
    }
}

// A small book, to see one mechanism at a time.

const SOURCE: &str = "[[source]]\nid = \"s\"\ntitle = \"A statute\"\n";

/// A rule of the small book.
fn rule(years: &str, known: &str, status: &str, value: &str) -> String {
    format!(
        "[[rule]]\nid = \"a.b\"\nkind = \"scalar\"\nunit = \"share\"\nstatus = \"{status}\"\n\
         applies = {{ clock = \"performance_year\", {years} }}\nknown_from = {known}\n\
         confidence = \"primary\"\nvalue = \"{value}\"\ncites = [\"s\"]\n"
    )
}

fn small(rules: &[String]) -> Book {
    let text = format!("{SOURCE}{}", rules.concat());
    Book::from_files(&[("small.toml", &text)]).unwrap()
}

fn value(rule: Option<&Rule>) -> String {
    rule.map_or("nothing".into(), |r| r.value.to_string())
}

fn proposed() -> AsOf {
    AsOf { date: None, proposed: true }
}

#[test]
fn the_latest_that_was_known_on_a_date_holds() {
    let book = small(&[
        rule("from = 2020", "2019-05-01", "codified", "0.1"),
        rule("from = 2022, to = 2023", "2021-07-01", "enacted", "0.2"),
        rule("from = 2023", "2022-07-01", "enacted", "0.3"),
    ]);
    for (date, year, right) in [
        ("2019-04-30", 2022, "nothing"),
        ("2019-05-01", 2022, "0.1"),
        ("2021-06-30", 2022, "0.1"),
        ("2021-07-01", 2022, "0.2"),
        ("2021-07-01", 2023, "0.2"),
        ("2021-07-01", 2024, "0.1"),
        ("2022-07-01", 2022, "0.2"),
        ("2022-07-01", 2023, "0.3"),
        ("2022-07-01", 2019, "nothing"),
    ] {
        assert_eq!(value(book.find("a.b", year, on(date))), right, "{year} on {date}");
    }
    assert_eq!(value(book.find("a.b", 2023, NOW)), "0.3");
    assert_eq!(book.find("a.c", 2023, NOW).map(|r| &r.id), None);
    assert_eq!((book.years("a.b", NOW), book.years("a.c", NOW)), (Some((2020, None)), None));
    assert_eq!(book.years("a.b", on("2019-01-01")), None);
}

#[test]
fn a_proposed_rule_is_used_only_when_asked_for() {
    let book = small(&[
        rule("from = 2020", "2019-05-01", "codified", "0.1"),
        rule("from = 2027", "2026-07-16", "proposed", "0.4"),
    ]);
    assert_eq!(value(book.find("a.b", 2027, NOW)), "0.1");
    assert_eq!(value(book.find("a.b", 2027, proposed())), "0.4");
    assert_eq!(value(book.find("a.b", 2026, proposed())), "0.1");
    let before = AsOf { proposed: true, ..on("2026-07-15") };
    assert_eq!(value(book.find("a.b", 2027, before)), "0.1");
}

#[test]
fn a_proposal_known_from_the_same_day_holds_when_asked_for_whatever_the_order_of_the_file() {
    let rules = [
        rule("from = 2027", "2026-07-16", "proposed", "0.4"),
        rule("from = 2027", "2026-07-16", "codified", "0.1"),
    ];
    let turned = [rules[1].clone(), rules[0].clone()];
    for book in [small(&rules), small(&turned)] {
        assert_eq!(value(book.find("a.b", 2027, proposed())), "0.4");
        assert_eq!(value(book.find("a.b", 2027, NOW)), "0.1");
    }
    assert_eq!(small(&rules).digest(), small(&turned).digest());
}

#[test]
fn an_override_wins_over_law_that_became_known_later() {
    let law = small(&[rule("from = 2020", "2030-01-01", "enacted", "0.1")]);
    let own = law.with_toml("own.toml", "[set]\n\"a.b\" = \"0.9\"").unwrap();
    assert_eq!(value(own.find("a.b", 2025, NOW)), "0.9");
    assert_eq!(value(own.find("a.b", 2025, on("2025-01-01"))), "0.9", "whatever was known");
    let again =
        own.with_toml("again.toml", "[set]\n\"a.b\" = { value = \"0.8\", from = 2026, to = 2027 }").unwrap();
    let values = [2025, 2026, 2027, 2028].map(|year| value(again.find("a.b", year, NOW)));
    assert_eq!(values, ["0.9", "0.8", "0.8", "0.9"]);
    let rule = again.find("a.b", 2026, NOW).unwrap();
    assert_eq!((rule.status, rule.confidence, rule.layer), (Status::Override, Confidence::User, 2));
    assert_eq!(rule.file, "again.toml");
    assert_eq!(value(law.find("a.b", 2026, NOW)), "0.1", "the book below is untouched");
}

#[test]
fn an_override_may_state_its_own_rules_and_sources() {
    let law = small(&[rule("from = 2020", "2019-01-01", "enacted", "0.1")]);
    let text = "[[source]]\nid = \"contract\"\ntitle = \"Our contract\"\n[[rule]]\nid = \"acme.rate\"\n\
                kind = \"scalar\"\nunit = \"share\"\nvalue = \"0.6\"\ncites = [\"contract\"]\n\
                applies = { clock = \"performance_year\", from = 2024 }\n[book]\nversion = \"acme 3\"\n";
    let own = law.with_toml("acme.toml", text).unwrap();
    assert_eq!(value(own.find("acme.rate", 2030, NOW)), "0.6");
    assert_eq!(own.version(), "unversioned + acme 3");
    assert_ne!(own.digest(), law.digest());
}

#[test]
fn a_mapping_without_headings_is_a_list_of_settings() {
    let law = small(&[rule("from = 2020", "2019-01-01", "enacted", "0.1")]);
    let table: toml::Table = "\"a.b\" = \"0.7\"".parse().unwrap();
    let own = law.with_table("rules=", table).unwrap();
    assert_eq!(value(own.find("a.b", 2024, NOW)), "0.7");
    let by_text = law.with_toml("rules=", "[set]\n\"a.b\" = \"0.7\"").unwrap();
    assert_eq!(own.digest(), by_text.digest());
}

#[test]
fn payment_years_lie_two_years_after_performance() {
    let text = rule("from = 2021, to = 2022", "2019-01-01", "enacted", "0.1");
    let later = rule("from = 2023", "2019-01-01", "enacted", "0.2");
    let text = format!("{SOURCE}{text}{later}").replace("performance_year", "payment_year");
    let book = Book::from_files(&[("small.toml", &text)]).unwrap();
    assert_eq!(book.years("a.b", NOW), Some((2019, None)));
    for (performance, right) in [(2018, None), (2019, Some("0.1")), (2020, Some("0.1")), (2021, Some("0.2"))] {
        let mut taken = book.read(performance, NOW);
        let number = taken.optional_number("a.b").unwrap().map(|n| n.to_string());
        assert_eq!(number.as_deref(), right, "{performance}");
    }
    // The last of all years does not overflow.
    assert!(book.read(u16::MAX, NOW).number("a.b").is_ok());
}

#[test]
fn payment_years_before_the_lag_do_not_underflow() {
    let text = rule("from = 1", "2019-01-01", "enacted", "0.1").replace("performance_year", "payment_year");
    let book = Book::from_files(&[("small.toml", &format!("{SOURCE}{text}"))]).unwrap();
    assert_eq!(book.years("a.b", NOW), Some((0, None)));
}

#[test]
fn warnings_name_what_was_taken_and_is_not_plain_law() {
    let recalled = |text: String| text.replace("primary", "recalled").replace("a.b", "a.recalled");
    let law = small(&[
        rule("from = 2020", "2019-01-01", "enacted", "0.1"),
        recalled(rule("from = 2020", "2019-01-01", "codified", "0.2")),
        rule("from = 2027", "2026-07-16", "proposed", "0.4").replace("a.b", "a.proposed"),
        rule("from = 2020, to = 2026", "2019-01-01", "codified", "0.3").replace("a.b", "a.proposed"),
    ]);
    let book = law.with_toml("own.toml", "[set]\n\"a.b\" = { value = \"0.9\", from = 2025 }").unwrap();
    let told = |year: u16, ids: &[&str]| {
        let mut taken = book.read(year, proposed());
        for id in ids.iter().chain(ids) {
            taken.number(id).unwrap();
        }
        sentences(&taken.told())
    };
    assert_eq!(told(2030, &[]), Vec::<String>::new(), "nothing taken, nothing to say");
    assert_eq!(told(2024, &["a.b", "a.proposed"]), Vec::<String>::new());
    for (id, word) in [("a.b", "set by the user"), ("a.recalled", "recalled"), ("a.proposed", "proposed")] {
        let list = told(2030, &[id]);
        let [text] = &list[..] else { panic!("{list:?}") };
        assert!(text.contains(&format!("`{id}`")) && text.contains(word), "{text}");
    }
    assert_eq!(told(2030, &["a.proposed", "a.b", "a.recalled"]).len(), 3);
}

#[test]
fn a_question_of_the_wrong_shape_names_the_rule() {
    let book = book();
    let mut taken = book.read(2023, NOW);
    let id = "mssp.sharing_rate";
    for refused in [
        taken.number(id).map(|_| ()).unwrap_err(),
        taken.text(id).map(|_| ()).unwrap_err(),
        taken.menu(id).map(|_| ()).unwrap_err(),
        taken.knots(id).map(|_| ()).unwrap_err(),
        taken.optional_integer(id).map(|_| ()).unwrap_err(),
        taken.table("mssp.sequestration").map(|_| ()).unwrap_err(),
    ] {
        assert!(refused.to_string().contains("`mssp.s"), "{refused}");
    }
    let missing = book.read(2012, NOW).text("mssp.sharing_rate.quality").unwrap_err().to_string();
    assert!(missing.contains("2012") && missing.contains("2013 on"), "{missing}");
}

#[test]
fn values_are_kept_exactly_as_written() {
    let book = book();
    for rule in book.rules().filter(|r| r.unit == Unit::Share) {
        let numbers: Vec<String> = match &rule.value {
            Value::Scalar(s) => vec![s.to_string()],
            Value::Choice(menu) => menu.iter().map(Scalar::to_string).collect(),
            Value::Table(table) => table.values().map(Scalar::to_string).collect(),
            Value::PiecewiseLinear(knots) => knots.iter().map(|(_, y)| y.to_string()).collect(),
            Value::Bands(steps) => steps.iter().map(|(_, y)| y.to_string()).collect(),
        };
        let (_, text) = FILES.iter().find(|(file, _)| *file == rule.file).unwrap();
        for number in numbers {
            assert!(text.contains(&format!("\"{number}\"")), "{number} of {}", rule.id);
        }
    }
}
