//! Programs by family, fees in words, and overrides that no calculation would read.

use crate::support::{NOW, book};
use sharedsavings::core::fee::{FeePlan, describe};
use sharedsavings::core::overrides::{self, BENCHMARK_FIELDS, FEE_FIELDS, SETTLE_FIELDS};
use sharedsavings::core::programs::{Family, canonical, family, programs};
use sharedsavings::core::rulebook::Book;

#[test]
fn every_program_of_the_book_is_listed_once_with_its_family_and_full_name() {
    let all = programs(&book(), NOW);
    let mut ids: Vec<&str> = all.iter().map(|program| program.id.as_str()).collect();
    for (id, known) in [("mssp", Family::SharedSavings), ("cec", Family::SharedSavings), ("iota", Family::Fees)] {
        assert_eq!(family(&book(), id, NOW), Some(known));
        assert!(all.iter().any(|program| program.id == id && program.family == known && program.name != id));
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), family(&book(), "harbor", NOW)), (count, None));
    assert_eq!(canonical(&book(), " CPC+ ", NOW), "cpc_plus");
}

#[test]
fn fees_are_told_with_their_amounts_sides_and_bounds() {
    let plan = FeePlan::new(&book(), "iota", NOW).unwrap();
    let lines = describe::list(&plan);
    let told: Vec<(i64, &str, &str)> =
        lines.iter().map(|line| (line.performance_year, line.risk, line.limits.as_str())).collect();
    assert_eq!(
        told[..2],
        [(2025, "one-sided", "$0 to $15,000 for each"), (2026, "two-sided", "-$2,000 to $15,000 for each")]
    );
    assert_eq!(told.len(), 6);
    let plan = FeePlan::new(&book(), "cpc_plus", NOW).unwrap();
    let track = plan.year(2018).unwrap()[plan.code("TRACK_2").unwrap()].clone().unwrap();
    let sentences = describe::describe(&track);
    assert!(
        sentences[1].starts_with("Care management fee $9, $11, $19, $33, $100 a month by tier"),
        "{sentences:?}"
    );
    assert!(
        sentences[2].contains("$2 a month by quality") && sentences[2].contains("0 % to 100 %"),
        "{sentences:?}"
    );
    assert!(sentences.last().unwrap().contains("is paid back"), "{sentences:?}");
}

/// The list of fields and what the schema says of them are one.
#[test]
fn every_field_that_an_override_may_bring_stands_in_the_schema() {
    let schema = include_str!("../../rules/README.md");
    for field in SETTLE_FIELDS.iter().chain(FEE_FIELDS).chain(BENCHMARK_FIELDS) {
        let last = field.rsplit('.').next().unwrap();
        let told = schema.contains(&format!("`{field}`")) || schema.contains(&format!(".{last}`"));
        // Tiers and groups between the first and the last go without saying.
        assert!(told || field.contains(".tier_") || field.contains(".group_"), "{field}");
    }
    // And the other way: what the table of a program lists is in the list.
    let table = schema.split("| id after the program |").nth(1).unwrap().split("## The benchmark").next().unwrap();
    for line in table.lines().filter(|line| line.starts_with("| `")) {
        let ids = line.split(" | ").next().unwrap();
        for field in ids.split('`').skip(1).step_by(2) {
            assert!(SETTLE_FIELDS.contains(&field), "{field}");
        }
    }
}

fn over(text: &str) -> Result<(), String> {
    let book = Book::shipped().unwrap().with_toml("mine.toml", text).map_err(|e| e.to_string())?;
    overrides::check(&book).map_err(|e| e.to_string())
}

fn rule(id: &str, value: &str) -> String {
    format!(
        "[[rule]]\nid = \"{id}\"\nkind = \"scalar\"\nunit = \"share\"\nvalue = \"{value}\"\n\
         applies = {{ clock = \"performance_year\", from = 2024, to = 2026 }}\n"
    )
}

#[test]
fn an_id_that_is_read_in_one_family_is_refused_in_the_other() {
    assert_eq!(over(&rule("reach.gross_cap", "0.1")), Ok(()));
    assert_eq!(over(&rule("iota.incentive.gate", "0.1")), Ok(()));
    for id in
        ["iota.gross_cap", "reach.incentive.gate", "reach.benchmark.x.y", "sharing_rate", "harbor.sharing_rate"]
    {
        let told = over(&rule(id, "0.1")).unwrap_err();
        assert!(told.starts_with(&format!("mine.toml: rule `{id}`: key `id`: no calculation reads it")), "{told}");
    }
    let own = "[[rule]]\nid = \"harbor.fee_arrangements\"\nkind = \"choice\"\nunit = \"text\"\nvalue = [\"A\"]\n\
               applies = { clock = \"performance_year\", from = 2024, to = 2026 }\n";
    assert_eq!(over(&format!("{own}{}", rule("harbor.anything", "0.1"))), Ok(()));
}

#[test]
fn a_share_below_zero_is_refused_in_every_shape_but_for_adjustments_of_revenue() {
    assert_eq!(over(&rule("primary_care_first.revenue.lowest", "-0.2")), Ok(()));
    for (id, kind, value, told) in [
        ("reach.gross_cap", "scalar", "\"-0.1\"", "-0.1 is below zero"),
        ("reach.gross_cap", "table", "{ GLOBAL = \"-0.1\" }", "GLOBAL: -0.1"),
        ("reach.minimum_rate.elections", "choice", "[\"0\", \"-0.01\"]", "-0.01"),
        ("kcc.payment_multiplier.bands", "bands", "[[\"0.5\", \"-0.5\"], [\"inf\", \"1\"]]", "-0.5"),
        ("reach.minimum_rate.size_scale", "piecewise_linear", "[[\"1\", \"0.1\"], [\"2\", \"-0.2\"]]", "-0.2"),
    ] {
        let text = rule(id, "0").replace("\"scalar\"", &format!("\"{kind}\"")).replace("\"0\"", value);
        let error = over(&text).unwrap_err();
        assert!(error.contains("mine.toml") && error.contains(id) && error.contains(told), "{error}");
    }
}
