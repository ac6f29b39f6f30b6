//! Malformed books: each is refused with the file, the rule, the key, and what to do.

use crate::support::book;
use sharedsavings::core::rulebook::Book;

const SOURCE: &str = "[[source]]\nid = \"s\"\ntitle = \"A statute\"\n";

/// A sound rule, key by key.
const RULE: [(&str, &str); 8] = [
    ("id", "\"a.b\""),
    ("kind", "\"scalar\""),
    ("unit", "\"share\""),
    ("applies", "{ clock = \"performance_year\", from = 2020, to = 2024 }"),
    ("known_from", "2019-01-01"),
    ("status", "\"enacted\""),
    ("confidence", "\"primary\""),
    ("cites", "[\"s\"]"),
];

/// The sound rule with some keys changed; an empty text leaves a key out.
fn rule(changes: &[(&str, &str)]) -> String {
    let mut keys: Vec<(&str, &str)> = RULE.into_iter().chain([("value", "\"0.50\"")]).collect();
    for (key, text) in changes {
        match keys.iter_mut().find(|(k, _)| k == key) {
            Some(entry) => entry.1 = text,
            None => keys.push((key, text)),
        }
    }
    let lines = keys.iter().filter(|(_, text)| !text.is_empty()).map(|(key, text)| format!("{key} = {text}\n"));
    format!("[[rule]]\n{}", lines.collect::<String>())
}

fn book_of(rules: &[String]) -> String {
    format!("{SOURCE}{}", rules.concat())
}

/// Refused as a shipped file, with all these words; and sound before the change.
fn refused(text: &str, words: &[&str]) {
    Book::from_files(&[("law.toml", &book_of(&[rule(&[])]))]).expect("the sound rule is sound");
    let Err(error) = Book::from_files(&[("law.toml", text)]) else { panic!("accepted:\n{text}") };
    let told = error.to_string();
    for word in ["law.toml"].iter().chain(words) {
        assert!(told.contains(word), "no {word:?} in: {told}\n{text}");
    }
    assert!(!error.remedy.is_empty());
}

fn refused_rule(changes: &[(&str, &str)], words: &[&str]) {
    let words: Vec<&str> = ["`a.b`"].iter().chain(words).copied().collect();
    refused(&book_of(&[rule(changes)]), &words);
}

#[test]
fn only_a_key_of_the_table_can_be_recalled() {
    refused_rule(&[("recalled", "[\"A\"]")], &["`recalled`", "\"A\""]);
    let table = [("kind", "\"table\""), ("value", "{ A = \"0.5\" }")];
    let with = |key: &'static str| [table[0], table[1], ("recalled", key)];
    refused_rule(&with("[\"B\"]"), &["`recalled`", "\"B\""]);
    assert!(Book::from_files(&[("law.toml", &book_of(&[rule(&with("[\"A\"]"))]))]).is_ok());
}

#[test]
fn an_unknown_key_is_refused() {
    refused_rule(&[("vaule", "\"0.5\"")], &["vaule"]);
    refused_rule(&[("applies", "{ clock = \"performance_year\", from = 2020, till = 2024 }")], &["till"]);
    refused(&format!("{SOURCE}year = 2020\n"), &["`s`", "year"]);
    refused(&format!("{}\n[law]\nx = \"1\"", book_of(&[rule(&[])])), &["law", "unknown key"]);
    refused(&format!("{}\n[book]\nname = \"x\"", book_of(&[rule(&[])])), &["name", "unknown key"]);
    refused("rule = \"a.b\"", &["rule"]);
}

#[test]
fn a_missing_key_is_refused() {
    for key in ["kind", "unit", "applies", "known_from", "status", "confidence", "value", "cites"] {
        refused_rule(&[(key, "")], &[key]);
    }
    refused_rule(&[("cites", "[]")], &["cites"]);
    refused_rule(&[("applies", "{ from = 2020 }")], &["clock"]);
    refused_rule(&[("applies", "{ clock = \"performance_year\" }")], &["from"]);
}

#[test]
fn a_rule_without_an_id_is_named_by_its_place() {
    refused(&book_of(&[rule(&[]), rule(&[("id", "")])]), &["number 2", "id"]);
    for id in ["\"\"", "\"A.b\"", "\"a..b\"", "\"a.b.\"", "\"a b\"", "\"a-b\""] {
        refused(&book_of(&[rule(&[("id", id)])]), &["id"]);
    }
}

#[test]
fn a_value_that_is_not_a_string_is_refused() {
    for value in ["0.5", "1", "true", "[\"0.5\"]", "{ A = \"0.5\" }"] {
        refused_rule(&[("value", value)], &["`value`", "not a string"]);
    }
}

#[test]
fn a_value_that_is_no_decimal_number_is_refused() {
    for value in ["", "0,5", "50%", "1/2", "half", "1e-1", "0.5 ", "+0.5", "0x1", "1_000", "--1", "."] {
        refused_rule(&[("value", &format!("\"{value}\""))], &["`value`", "not a decimal number"]);
    }
}

#[test]
fn a_percentage_where_a_share_belongs_is_refused() {
    for value in ["50", "1.01", "-2", "100"] {
        refused_rule(&[("value", &format!("\"{value}\""))], &["`value`", value, "is not a share"]);
    }
    refused_rule(&[("value", "\"0.0000000001\"")], &["`value`", "nine decimals"]);
}

#[test]
fn a_value_that_its_unit_does_not_allow_is_refused() {
    for (unit, value, word) in [
        ("count", "-1", "not a count"),
        ("count", "1.5", "not a count"),
        ("year", "1850", "not a year"),
        ("year", "2024.5", "not a year"),
        ("date", "2024", "not a date"),
        ("date", "2023-02-29", "not a date"),
        ("date", "1.1.2024", "not a date"),
        ("text", " ", "empty"),
        ("usd", "a lot", "not a decimal number"),
    ] {
        let (unit, value) = (format!("\"{unit}\""), format!("\"{value}\""));
        refused_rule(&[("unit", &unit), ("value", &value)], &["`value`", word]);
    }
}

#[test]
fn words_that_the_book_does_not_know_are_refused() {
    refused_rule(&[("kind", "\"formula\"")], &["kind", "formula"]);
    refused_rule(&[("unit", "\"percent\"")], &["unit", "percent"]);
    refused_rule(&[("status", "\"rumoured\"")], &["status", "rumoured"]);
    refused_rule(&[("confidence", "\"certain\"")], &["confidence", "certain"]);
    refused_rule(&[("applies", "{ clock = \"fiscal_year\", from = 2020 }")], &["clock", "fiscal_year"]);
    refused_rule(&[("status", "\"override\"")], &["status", "override"]);
    refused_rule(&[("confidence", "\"user\"")], &["user"]);
}

#[test]
fn a_date_that_the_calendar_does_not_have_is_refused() {
    refused_rule(&[("known_from", "\"2019-02-30\"")], &["known_from", "2019-02-30"]);
    refused_rule(&[("known_from", "\"spring\"")], &["known_from", "spring"]);
    refused_rule(&[("known_from", "2019")], &["known_from", "2019"]);
    refused_rule(&[("known_from", "2019-01-01T00:00:00")], &["known_from"]);
    // Not even TOML: the file and the line must do.
    refused(&book_of(&[rule(&[("known_from", "2019-02-30")])]), &["2019-02-30", "Mend the TOML"]);
}

#[test]
fn years_that_are_none_are_refused() {
    for applies in ["from = -1", "from = 70000", "from = \"2020\"", "from = 2020.5", "from = 2020, to = \"open\""]
    {
        let text = format!("{{ clock = \"performance_year\", {applies} }}");
        refused_rule(&[("applies", &text)], &["applies"]);
    }
    let turned = "{ clock = \"performance_year\", from = 2024, to = 2020 }";
    refused_rule(&[("applies", turned)], &["`applies`", "`to` lies before `from`"]);
}

fn years(from: u16, to: u16) -> String {
    format!("{{ clock = \"performance_year\", from = {from}, to = {to} }}")
}

#[test]
fn two_rules_for_one_year_known_from_one_day_are_refused() {
    for (from, to) in [(2024, 2030), (2020, 2024), (2022, 2022), (2010, 2020), (2010, 2030)] {
        let text = book_of(&[rule(&[]), rule(&[("applies", &years(from, to))])]);
        refused(&text, &["`a.b`", "`applies`", "overlaps", "2019-01-01"]);
    }
    let next = book_of(&[rule(&[]), rule(&[("applies", &years(2025, 2030))])]);
    assert!(Book::from_files(&[("law.toml", &next)]).is_ok());
    let later = [("applies", &*years(2022, 2023)), ("known_from", "2019-01-02")];
    assert!(Book::from_files(&[("law.toml", &book_of(&[rule(&[]), rule(&later)]))]).is_ok());
}

#[test]
fn years_without_a_rule_between_others_are_refused() {
    let text = book_of(&[rule(&[]), rule(&[("applies", &years(2027, 2030))])]);
    refused(&text, &["`a.b`", "`applies`", "no rule for 2025 to 2026"]);
    let one_year = book_of(&[rule(&[]), rule(&[("applies", &years(2026, 2030))])]);
    refused(&one_year, &["`a.b`", "no rule for 2025 to 2025"]);
    let known_later = [("applies", &*years(2027, 2030)), ("known_from", "2020-01-01")];
    refused(&book_of(&[rule(&[]), rule(&known_later)]), &["no rule for 2025 to 2026"]);
    // A proposal fills no gap.
    let proposal = [("applies", &*years(2025, 2026)), ("status", "\"proposed\"")];
    let text = book_of(&[rule(&[]), rule(&proposal), rule(&[("applies", &years(2027, 2030))])]);
    refused(&text, &["no rule for 2025 to 2026"]);
}

#[test]
fn sources_that_are_unknown_or_stated_twice_are_refused() {
    refused_rule(&[("cites", "[\"s\", \"hearsay\"]")], &["`cites`", "hearsay"]);
    refused(&format!("{SOURCE}{SOURCE}"), &["`s`", "`id`", "twice"]);
    refused("[[source]]\nid = \"s\"\n", &["`s`", "title"]);
    let split = Book::from_files(&[("law.toml", SOURCE), ("more.toml", SOURCE)]).unwrap_err();
    assert_eq!(split.file, "more.toml");
}

#[test]
fn a_value_in_the_shape_of_another_kind_is_refused() {
    for (kind, value, word) in [
        ("scalar", "[\"0.1\", \"0.2\"]", "not a string"),
        ("choice", "\"0.1\"", "not a list"),
        ("choice", "[]", "at least one"),
        ("choice", "[\"0.1\", \"0.1\"]", "none twice"),
        ("choice", "[0.1]", "not a string"),
        ("table", "\"0.1\"", "not a table"),
        ("table", "[\"0.1\"]", "not a table"),
        ("table", "{ A = 0.1 }", "not a string"),
        ("piecewise_linear", "\"0.1\"", "not a list"),
        ("piecewise_linear", "[[\"1\", \"0.1\"]]", "two or more"),
        ("piecewise_linear", "[[\"1\", \"0.1\"], [\"1\", \"0.2\"]]", "increasing"),
        ("piecewise_linear", "[[\"2\", \"0.1\"], [\"1\", \"0.2\"]]", "increasing"),
        ("piecewise_linear", "[[\"1\", \"0.1\"], [\"2\"]]", "not a pair"),
        ("piecewise_linear", "[[1, \"0.1\"], [2, \"0.2\"]]", "not a pair"),
        ("bands", "[[\"1\", \"0.1\"], [\"2\", \"0.2\"]]", "last must be"),
        ("bands", "[[\"2\", \"0.1\"], [\"1\", \"0.2\"], [\"inf\", \"0.3\"]]", "increase"),
        ("bands", "[[\"inf\", \"0.1\"], [\"2\", \"0.2\"]]", "increase"),
        ("bands", "[[\"inf\", \"0.1\"], [\"inf\", \"0.2\"]]", "increase"),
        ("bands", "[]", "last must be"),
    ] {
        let kind = format!("\"{kind}\"");
        refused_rule(&[("kind", &kind), ("value", value)], &["`value`", word]);
    }
    // TOML leaves an empty table to a heading of its own.
    refused_rule(&[("kind", "\"table\""), ("value", "{}")], &["`value`", "empty"]);
}

#[test]
fn bands_and_knots_hold_shares_too() {
    for (kind, value) in [
        ("bands", "[[\"1\", \"50\"], [\"inf\", \"0.3\"]]"),
        ("piecewise_linear", "[[\"1\", \"0.1\"], [\"2\", \"20\"]]"),
        ("choice", "[\"0.5\", \"1.5\"]"),
        ("table", "{ A = \"40\" }"),
    ] {
        let kind = format!("\"{kind}\"");
        refused_rule(&[("kind", &kind), ("value", value)], &["`value`", "is not a share"]);
    }
}

#[test]
fn one_id_has_one_clock_and_one_unit() {
    let clock = "{ clock = \"payment_year\", from = 2025 }";
    refused(&book_of(&[rule(&[]), rule(&[("applies", clock)])]), &["`a.b`", "`applies`", "clock"]);
    let unit = [("unit", "\"count\""), ("value", "\"3\""), ("applies", &*years(2025, 2030))];
    refused(&book_of(&[rule(&[]), rule(&unit)]), &["`a.b`", "`unit`"]);
}

#[test]
fn settings_belong_to_overrides() {
    let text = format!("{}\n[set]\n\"a.b\" = \"0.1\"\n", book_of(&[rule(&[])]));
    refused(&text, &["set", "an override may also hold [set]"]);
}

fn refused_override(text: &str, words: &[&str]) {
    let Err(error) = book().with_toml("mine.toml", text) else { panic!("accepted:\n{text}") };
    let told = error.to_string();
    for word in ["mine.toml"].iter().chain(words) {
        assert!(told.contains(word), "no {word:?} in: {told}");
    }
}

#[test]
fn a_setting_of_an_unknown_rule_is_refused_with_its_neighbours() {
    refused_override(
        "[set]\n\"qp.medicare.payment.qp\" = \"0.6\"",
        &["`qp.medicare.payment.qp`", "no such rule", "`qp.medicare.payment_amount.qp`"],
    );
}

#[test]
fn a_setting_with_the_wrong_shape_is_refused() {
    let id = "qp.medicare.payment_amount.qp";
    for (value, words) in [
        ("0.6", &["`value`", "not a string"][..]),
        ("\"60\"", &["`value`", "is not a share"]),
        ("[\"0.6\"]", &["`value`", "not a string"]),
        ("{ A = \"0.6\" }", &["`value`", "not a string"]),
        ("{ value = \"0.6\", till = 2030 }", &["`till`", "unknown key"]),
        ("{ value = \"0.6\", from = \"2030\" }", &["`from`", "not a year"]),
        ("{ value = \"0.6\", from = 99999 }", &["`from`", "not a year"]),
        ("{ value = \"0.6\", from = 2030, to = 2020 }", &["`applies`", "`to` lies before"]),
    ] {
        let words: Vec<&str> = [id].iter().chain(words).copied().collect();
        refused_override(&format!("[set]\n\"{id}\" = {value}"), &words);
    }
}

#[test]
fn an_override_is_held_to_the_same_checks_as_law() {
    let rule = |extra: &str| {
        format!(
            "[[rule]]\nid = \"qp.medicare.payment_amount.qp\"\nkind = \"scalar\"\nvalue = \"0.6\"\n\
             applies = {{ clock = \"performance_year\", from = 2027 }}\n{extra}\n"
        )
    };
    assert!(book().with_toml("mine.toml", &rule("unit = \"share\"")).is_ok());
    refused_override(&rule("unit = \"usd\""), &["`qp.medicare.payment_amount.qp`", "`unit`"]);
    refused_override(&rule("unit = \"share\"\ncites = [\"hearsay\"]"), &["`cites`", "hearsay"]);
    refused_override(&rule("unit = \"share\"\nfrom = 2027"), &["`qp.medicare.payment_amount.qp`", "from"]);
    refused_override("[set", &["Mend the TOML"]);
    let twice = format!("{}{}", rule("unit = \"share\""), rule("unit = \"share\""));
    refused_override(&twice, &["`applies`", "overlaps"]);
}

#[test]
fn an_override_of_a_table_states_every_key() {
    let shipped = sharedsavings::core::rulebook::Book::shipped().unwrap();
    let part = "[set]\n\"mssp.payment_limit\" = { value = { A = \"0.12\" }, from = 2022 }";
    let error = shipped.with_toml("mine.toml", part).unwrap_err().to_string();
    assert!(
        error.contains("mine.toml") && error.contains("`mssp.payment_limit`") && error.contains("\"B\""),
        "{error}"
    );
    let whole = "[set]\n\"mssp.payment_limit\" = { value = { A = \"0.12\", B = \"0.1\", C = \"0.1\", D = \"0.1\", E = \"0.1\", ENHANCED = \"0.2\" }, from = 2022 }";
    assert!(shipped.with_toml("mine.toml", whole).is_ok());
}
