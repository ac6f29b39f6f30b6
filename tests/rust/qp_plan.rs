//! Books other than the shipped one: thresholds that do not fit the kernel's words, many eras, closed books,
//! and overrides of years far from the present.

use crate::qp_frame::{ALL, Frame, MEDICARE};
use crate::qp_judge::Judge;
use crate::support::{NOW, Random, book, levels};
use sharedsavings::core::kernel::TILE;
use sharedsavings::core::qp::Plan;
use sharedsavings::core::rulebook::{Book, FILES};
use std::fmt::Write as _;

/// Rows that crowd the lines of a book; every other tile goes some bits past the range of the fast path.
fn crowd(judge: &Judge, years: (i64, i64)) -> Frame {
    let mut random = Random::new(21);
    let mut frame = Frame([const { Vec::new() }; 9]);
    for i in 0..16 * TILE {
        let (money, people) = [(46, 32), (50, 32), (46, 34), (63, 63)][i / TILE % 4];
        let most = |bits: u32| i64::MAX >> (63 - bits);
        let year = random.between(years.0, years.1);
        let [(a, b), (e, f)] = [0, 0].map(|m| judge.crowd(&mut random, year, m, most(money)));
        let [(c, d), (g, h)] = [1, 1].map(|m| judge.crowd(&mut random, year, m, most(people)));
        frame.push([a, b, c, d, year, e, f, g, h]);
    }
    frame
}

/// Every row and instruction set against the judge of the same book.
fn equals_exact_arithmetic(book: &Book, years: (i64, i64)) {
    let (judge, plan) = (Judge::new(book, NOW), Plan::new(book, NOW).unwrap());
    let frame = crowd(&judge, years);
    for given in [&ALL[..], &MEDICARE] {
        for level in levels() {
            let answers = frame.run(&plan, level, given, 1);
            for i in 0..frame.rows() {
                let full = frame.row(i);
                let row = std::array::from_fn(|c| if given.contains(&c) { full[c] } else { 0 });
                let right = judge.rule(&row);
                let said = (answers.status[i], answers.method[i], answers.option[i], answers.reason[i]);
                assert_eq!(said, (right.status, right.method, right.option, right.reason), "{row:?}");
            }
        }
    }
}

fn set(text: &str) -> Book {
    book().with_toml("what-if", &format!("[set]\n{text}")).unwrap()
}

#[test]
fn thresholds_of_many_decimals_are_exact() {
    equals_exact_arithmetic(&set("\"qp.medicare.payment_amount.qp\" = \"0.333333333\""), (2015, 2040));
    equals_exact_arithmetic(&set("\"qp.all_payer.patient_count.qp\" = \"0.500000001\""), (2015, 2040));
}

#[test]
fn thresholds_of_four_decimals_are_exact_to_the_end_of_the_kernels_range() {
    equals_exact_arithmetic(&set("\"qp.medicare.payment_amount.qp\" = \"0.7501\""), (2017, 2040));
    equals_exact_arithmetic(&set("\"qp.medicare.patient_count.partial_qp\" = \"0.0001\""), (2017, 2040));
    equals_exact_arithmetic(&set("\"qp.all_payer.payment_amount.qp\" = \"0.9999\""), (2017, 2040));
}

#[test]
fn thresholds_of_zero_and_one_are_exact() {
    equals_exact_arithmetic(&set("\"qp.medicare.payment_amount.partial_qp\" = \"0\""), (2015, 2040));
    equals_exact_arithmetic(&set("\"qp.medicare.patient_count.qp\" = \"1\""), (2015, 2040));
}

#[test]
fn a_different_threshold_every_year_is_exact() {
    let mut text = String::new();
    for year in 2017..2047 {
        let _ = writeln!(
            text,
            "[[rule]]\nid = \"qp.medicare.payment_amount.qp\"\nkind = \"scalar\"\nunit = \"share\"\n\
             applies = {{ clock = \"performance_year\", from = {year}, to = {year} }}\nvalue = \"0.{}\"",
            year - 1960
        );
    }
    equals_exact_arithmetic(&book().with_toml("what-if", &text).unwrap(), (2015, 2060));
}

#[test]
fn a_book_that_ends_has_no_thresholds_past_its_last_year() {
    let files: Vec<(&str, String)> = FILES
        .iter()
        .map(|(file, text)| (*file, text.replace("from = 2025 }", "from = 2025, to = 2030 }")))
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(file, text)| (*file, text.as_str())).collect();
    let ended = Book::from_files(&files).unwrap();
    assert!(Plan::new(&ended, NOW).unwrap().year(2031).is_none());
    equals_exact_arithmetic(&ended, (2015, 2040));
}

#[test]
fn an_override_of_one_far_year_leaves_later_years_alone() {
    for year in [2047, 2048, 2049, 2100] {
        let changed = set(&format!(
            "\"qp.medicare.payment_amount.qp\" = {{ value = \"0.60\", from = {year}, to = {year} }}"
        ));
        let plan = Plan::new(&changed, NOW).unwrap();
        let qp = |year: i64| plan.year(year).unwrap().medicare.payment_qp / 10_000_000;
        assert_eq!([qp(year - 1), qp(year), qp(year + 1), qp(2199)], [75, 60, 75, 75], "{year}");
    }
    equals_exact_arithmetic(
        &set("\"qp.medicare.payment_amount.qp\" = { value = \"0.60\", from = 2048, to = 2048 }"),
        (2045, 2055),
    );
}

#[test]
fn an_override_from_long_before_the_program_takes_no_year_away() {
    for from in [0, 1900, 2000] {
        let text = format!("\"qp.medicare.payment_amount.qp\" = {{ value = \"0.60\", from = {from} }}");
        equals_exact_arithmetic(&set(&text), (2010, 2040));
    }
}

#[test]
fn a_rule_by_payment_year_holds_for_performance_two_years_before() {
    let shifted = |file: &str, text: &str| {
        if !["qp/medicare.toml", "qp/all_payer.toml"].contains(&file) {
            return text.to_owned();
        }
        let mut text = text.replace("clock = \"performance_year\"", "clock = \"payment_year\"");
        for year in (2017..=2026).rev() {
            for key in [", from", ", to"] {
                text = text.replace(&format!("{key} = {year}"), &format!("{key} = {}", year + 2));
            }
        }
        text
    };
    let files: Vec<(&str, String)> = FILES.iter().map(|(file, text)| (*file, shifted(file, text))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(file, text)| (*file, text.as_str())).collect();
    let by_payment = Plan::new(&Book::from_files(&files).unwrap(), NOW).unwrap();
    let by_performance = Plan::new(&book(), NOW).unwrap();
    for year in 2010..=2060 {
        assert_eq!(by_payment.year(year), by_performance.year(year), "{year}");
    }
}
