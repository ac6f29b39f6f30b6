//! Whatever a book says, it is either refused or read: nothing that loads makes a plan or a row panic, and no
//! text makes the loader panic. Overflow checks are on in tests, so that sums out of range would show.

use crate::settle_frame::cases;
use crate::support::{NOW, book};
use proptest::prelude::*;
use sharedsavings::core::qp::{self, Pair};
use sharedsavings::core::rulebook::{AsOf, Book};
use sharedsavings::core::settle::{self, settle};

/// Values that a user might write for any rule, sensible or not.
const VALUES: [&str; 22] = [
    "\"0\"",
    "\"1\"",
    "\"0.5\"",
    "\"0.000000001\"",
    "\"0.333333333\"",
    "\"-1\"",
    "\"5000\"",
    "\"79228162514264337593543950335\"",
    "\"9223372036854775807\"",
    "\"0.0000000000000000000000000001\"",
    "\"2024-02-29\"",
    "\"elected\"",
    "\"one_less_scaled_sharing_rate\"",
    "\"scaled\"",
    "[\"0\", \"0.5\"]",
    "[\"A\", \"ENHANCED\", \"Z\"]",
    "[[\"0\", \"0\"], [\"9223372036854775807\", \"1\"]]",
    "[[\"-5\", \"0.1\"], [\"0.5\", \"0.999999999\"], [\"79228162514264337593543950335\", \"0.2\"]]",
    "[[\"1\", \"0.9\"], [\"inf\", \"0.000000007\"]]",
    "{ A = \"0.5\", E = \"0.000000001\", ENHANCED = \"1\" }",
    "{ A = \"one_sided\", E = \"two_sided\" }",
    "{ A = \"0.1\", B = \"0.2\", C = \"0.3\", D = \"0.999999999\", E = \"0.123456789\", ENHANCED = \"0.999999998\" }",
];

const YEARS: [&str; 8] =
    ["", "from = 0", "to = 2025", "from = 65535", "from = 2022, to = 2022", "from = 1", "to = 0", "from = 2199"];

/// Reads every plan of a book and settles some rows; nothing may panic, whatever is refused.
fn exercise(book: &Book, as_of: AsOf) {
    for id in ["qp.medicare.payment_amount.qp", "mssp.arrangements", "a.b"] {
        let _ = (book.years(id, as_of), book.settled_from(id, as_of), book.find(id, u16::MAX, as_of));
    }
    if let Ok(plan) = qp::Plan::new(book, as_of) {
        for year in [0, 1, 2017, 2024, 2199, 2200, i64::MAX] {
            let pair = Some(Pair { part: i64::MAX - 1, whole: i64::MAX });
            let row =
                qp::Row { year, payments: pair, patients: pair, all_payer_payments: pair, ..qp::Row::default() };
            let told = qp::determine(&plan, &row);
            assert!(told.payments_needed >= -1);
            let _ = plan.warnings(&[year]);
        }
    }
    if let Ok(plan) = settle::Plan::new(book, "mssp", as_of) {
        for case in cases(71, 50) {
            let terms = plan.year(case.year).zip(plan.code(case.track));
            let terms = terms.and_then(|(year, code)| Some((year, year.terms.get(code)?.as_ref()?)));
            if let Some((year, terms)) = terms {
                let _ = settle(year, terms, &case.row);
            }
        }
    }
}

fn ids() -> Vec<String> {
    let mut ids: Vec<String> = book().rules().map(|r| r.id.clone()).collect();
    ids.dedup();
    ids
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_setting_that_loads_makes_a_plan_or_a_row_panic(
        settings in prop::collection::vec(
            (prop::sample::select(ids()), prop::sample::select(&VALUES), prop::sample::select(&YEARS)), 1..4),
        proposed in any::<bool>(),
    ) {
        let mut own = Book::clone(&book());
        for (id, value, years) in settings {
            let years = if years.is_empty() { String::new() } else { format!(", {years}") };
            if let Ok(next) = own.with_toml("own.toml", &format!("[set]\n\"{id}\" = {{ value = {value}{years} }}")) {
                own = next;
            }
        }
        exercise(&own, AsOf { date: None, proposed });
    }

    #[test]
    fn no_rule_that_loads_makes_a_plan_panic(
        kind in prop::sample::select(&["scalar", "choice", "table", "piecewise_linear", "bands"]),
        unit in prop::sample::select(&["share", "usd", "usd_pbpm", "count", "year", "date", "text"]),
        clock in prop::sample::select(&["performance_year", "payment_year"]),
        from in prop::sample::select(&[0_u16, 1, 2, 2020, 2199, 65_534, 65_535]),
        to in prop::option::of(prop::sample::select(&[0_u16, 1, 2, 2020, 2199, 65_534, 65_535])),
        value in prop::sample::select(&VALUES),
        id in prop::sample::select(&["a.b", "qp.medicare.payment_amount.qp", "mssp.arrangements", "acme.arrangements"]),
    ) {
        let to = to.map_or(String::new(), |to| format!(", to = {to}"));
        let text = format!(
            "[[rule]]\nid = \"{id}\"\nkind = \"{kind}\"\nunit = \"{unit}\"\nvalue = {value}\n\
             applies = {{ clock = \"{clock}\", from = {from}{to} }}"
        );
        for below in [&*book(), &Book::from_files(&[]).unwrap()] {
            if let Ok(own) = below.with_toml("own.toml", &text) {
                exercise(&own, NOW);
                let _ = settle::Plan::new(&own, "acme", NOW);
            }
        }
    }

    #[test]
    fn no_text_makes_the_loader_panic(text in "(\\[\\[rule\\]\\]|\\[set\\]|id|value|=|\"|[0-9.]|\n|\\{|\\}|[a-zé \\[\\],-]){0,80}") {
        let _ = book().with_toml("own.toml", &text);
    }
}
