//! Programs as the book describes them: spellings, knowledge dates, what-ifs, and programs of the user's own.

use crate::settle_frame::{cases, columns, run_cells, tracks};
use crate::support::{Cells, NOW, book, on};
use sharedsavings::core::kernel::Column;
use sharedsavings::core::rulebook::{AsOf, Book};
use sharedsavings::core::settle::{Inputs, Outputs, Plan, Row, Settlement, reason, run, settle};

fn plan(book: &Book) -> Plan {
    Plan::new(book, "mssp", NOW).unwrap()
}

fn settled(plan: &Plan, year: i64, track: &str, row: &Row) -> Settlement {
    let year = plan.year(year).expect("a year");
    settle(year, year.terms[plan.code(track).expect("a track")].as_ref().expect("terms"), row).unwrap()
}

/// Four percent saved of a million dollars, past any minimum.
fn saving() -> Row {
    Row {
        benchmark: 100_000_000,
        expenditures: 96_000_000,
        beneficiaries: 20_000,
        quality_standard_met: Some(true),
        ..Row::default()
    }
}

#[test]
fn tracks_are_known_by_every_spelling_in_cms_files() {
    let plan = plan(&book());
    for (spelling, track) in [
        ("A", "A"),
        ("e", "E"),
        ("EN", "ENHANCED"),
        ("Enhanced", "ENHANCED"),
        (" BASIC A ", "A"),
        ("Basic Level D", "D"),
        ("level c", "C"),
        ("basic_b", "B"),
    ] {
        assert_eq!(plan.code(spelling), plan.code(track), "{spelling}");
        assert!(plan.code(track).is_some(), "{track}");
    }
    for unknown in ["", "F", "BASIC", "ENHANCE", "A B"] {
        assert_eq!(plan.code(unknown), None, "{unknown}");
    }
}

#[test]
fn every_year_from_2013_on_has_the_tracks_that_ran_in_it() {
    let plan = plan(&book());
    for year in 2013..=2030 {
        let terms = &plan.year(year).unwrap().terms;
        let ran = plan.arrangements.iter().zip(terms).filter(|(_, t)| t.is_some()).map(|(a, _)| a.as_str());
        let mut ran: Vec<&str> = ran.collect();
        let mut right = tracks(year).to_vec();
        ran.sort_unstable();
        right.sort_unstable();
        assert_eq!(ran, right, "{year}");
    }
    for year in [i64::MIN, 0, 2012, 2200, i64::MAX] {
        assert!(plan.year(year).is_none(), "{year}");
    }
}

#[test]
fn what_is_recalled_or_assumed_is_told_and_nothing_else() {
    let plan = plan(&book());
    let told = |year: i64, track: &str| plan.warnings(&[[year, plan.code(track).unwrap() as i64]], false);
    for (year, track) in [(2013, "1"), (2017, "1"), (2020, "1"), (2019, "B"), (2021, "ENHANCED"), (2024, "E")] {
        assert_eq!(told(year, track), Vec::<String>::new(), "{track} of {year}");
    }
    for (year, track, rule) in [
        (2014, "2", "mssp.payment_limit"),
        (2018, "1+", "mssp.loss_limit.revenue"),
        (2020, "3", "mssp.loss_limit.benchmark"),
        (2021, "2", "mssp.loss_limit.benchmark.first_year"),
        (2025, "A", "mssp.sequestration"),
    ] {
        let recalled = |w: &String| w.contains(&format!("`{rule}`")) && w.contains("recalled");
        assert!(told(year, track).iter().any(recalled), "{track} of {year}");
    }
    let pair = [[2017, plan.code("1").unwrap() as i64]];
    let early = plan.warnings(&pair, true);
    assert!(early.len() == 1 && early[0].contains("`mssp.termination.losses`"), "{early:?}");
}

#[test]
fn one_sentence_tells_of_a_rule_in_all_years_and_tracks() {
    let plan = plan(&book());
    let code = |track: &str| plan.code(track).unwrap() as i64;
    let pairs = [[2014, code("2")], [2016, code("3")], [2018, code("2")], [2018, code("1")], [2024, code("E")]];
    let told = plan.warnings(&pairs, false);
    let limits: Vec<&String> = told.iter().filter(|w| w.contains("`mssp.payment_limit`")).collect();
    assert_eq!(limits.len(), 1);
    assert!(limits[0].contains("(2: 0.15, 3: 0.20) for performance years 2013 to 2018"), "{limits:?}");
}

#[test]
fn the_proposal_for_level_e_counts_only_when_asked_for() {
    let proposed = AsOf { proposed: true, ..NOW };
    let asked = Plan::new(&book(), "mssp", proposed).unwrap();
    for (year, now, then) in [(2026, 1_960_000, 1_960_000), (2027, 1_960_000, 2_352_000)] {
        assert_eq!(settled(&plan(&book()), year, "E", &saving()).earned, now, "{year}");
        assert_eq!(settled(&asked, year, "E", &saving()).earned, then, "{year}");
    }
    assert!(
        asked.warnings(&[[2027, asked.code("E").unwrap() as i64]], false).iter().any(|w| w.contains("proposed"))
    );
}

#[test]
fn the_rate_of_each_year_is_that_of_its_usual_day_of_payment() {
    // Paid in the autumn after the performance year.
    let plan = plan(&book());
    for year in 2013..=2027 {
        let read = plan.year(year).unwrap();
        let on = read.common.sequestration_on((year + 1) * 10_000 + 1001).unwrap();
        for terms in read.terms.iter().flatten() {
            assert_eq!(terms.sequestration, on, "{year}");
        }
    }
}

#[test]
fn sequestration_was_not_known_to_be_suspended_before_it_was() {
    let row = Row { quality_score: Some(1_000_000_000), ..saving() };
    for (date, year, earned) in [
        ("2019-06-01", 2019, 1_960_000),
        ("2020-03-26", 2019, 1_960_000),
        ("2020-03-27", 2019, 2_000_000),
        ("2020-12-31", 2020, 1_960_000),
        ("2021-04-14", 2020, 2_000_000),
    ] {
        let then = Plan::new(&book(), "mssp", on(date)).unwrap();
        assert_eq!(settled(&then, year, "E", &row).earned, earned, "{year} on {date}");
    }
    // A day of payment in the suspension, as each act left it.
    let paid = |date: &str, day: i64| {
        let then = Plan::new(&book(), "mssp", on(date)).unwrap();
        then.year(2019).unwrap().common.sequestration_on(day).unwrap().to_f64()
    };
    assert!((paid("2020-03-27", 20_210_215) - 0.02).abs() < 1e-12);
    assert!(paid("2020-12-27", 20_210_215).abs() < 1e-12);
    assert!((paid("2021-04-14", 20_220_215) - 0.02).abs() < 1e-12);
    assert!(paid("2021-12-10", 20_220_215).abs() < 1e-12);
}

#[test]
fn an_unknown_program_is_refused_with_those_that_exist() {
    let text = Plan::new(&book(), "msp", NOW).unwrap_err().to_string();
    assert!(text.contains("\"msp\"") && text.contains("mssp"), "{text}");
    assert!(Plan::new(&book(), "mssp", on("2011-11-01")).is_err());
}

#[test]
fn what_was_not_yet_known_of_later_years_leaves_earlier_ones_settled() {
    // The quality rule of 2021 and 2022 was published on 28 December 2020, that of 2023 on 18 November 2022.
    for (date, known) in [("2020-12-28", 2021..=2022), ("2022-11-17", 2021..=2022), ("2022-11-18", 2021..=2024)] {
        // The years before are known all the more.
        let then = Plan::new(&book(), "mssp", on(date)).unwrap();
        for year in 2021..=2024 {
            assert_eq!(then.year(year).is_some(), known.contains(&year), "{year} on {date}");
        }
        assert_eq!(settled(&then, 2022, "E", &saving()).earned, 1_960_000);
    }
}

#[test]
fn where_nothing_can_be_settled_on_a_date_the_refusal_names_the_date() {
    // A rule that is needed in every year of the contract, published after the date asked about.
    let late = contract_text(2024).replace("id = \"acme.risk\"", "known_from = 2024-03-01\nid = \"acme.risk\"");
    let book = book().with_toml("acme.toml", &late).unwrap();
    let text = Plan::new(&book, "acme", on("2023-06-30")).unwrap_err().to_string();
    assert!(text.contains("2023-06-30") && text.contains("acme"), "{text}");
    assert!(Plan::new(&book, "acme", on("2024-03-01")).is_ok());
}

#[test]
fn a_what_if_changes_the_years_it_names_and_says_so() {
    let text = "[set]\n\"mssp.sequestration\" = { value = \"0\", from = 2023, to = 2023 }";
    let changed = plan(&book().with_toml("what-if", text).unwrap());
    for (year, earned) in [(2022, 1_960_000), (2023, 2_000_000), (2024, 1_960_000)] {
        assert_eq!(settled(&changed, year, "E", &saving()).earned, earned, "{year}");
    }
    let enhanced = changed.code("ENHANCED").unwrap() as i64;
    assert_eq!(changed.warnings(&[[2022, enhanced], [2024, enhanced]], false), Vec::<String>::new());
    let told = changed.warnings(&[[2023, enhanced]], false);
    assert!(told.len() == 1 && told[0].contains("mssp.sequestration") && told[0].contains("user"), "{told:?}");
}

#[test]
fn a_setting_without_years_holds_for_the_years_of_its_rule_and_no_further() {
    let text = "[set]\n\"mssp.arrangements\" = { value = [\"A\", \"E\"], from = 2019 }";
    let changed = plan(&book().with_toml("what-if", text).unwrap());
    assert_eq!(changed.span(), (2013, 2199));
    assert!(changed.code("E").is_some() && changed.code("D").is_none());
    assert_eq!(settled(&changed, 2024, "E", &saving()).earned, 1_960_000);
}

#[test]
fn a_setting_that_cannot_be_is_refused_by_name() {
    for (text, id) in [
        (
            "\"mssp.risk\" = { value = { A = \"three_sided\", B = \"three_sided\", C = \"three_sided\", D = \"three_sided\", E = \"three_sided\", ENHANCED = \"three_sided\" }, from = 2022 }",
            "mssp.risk",
        ),
        ("\"mssp.sharing_rate.quality\" = \"whim\"", "mssp.sharing_rate.quality"),
        ("\"mssp.termination.losses\" = \"whim\"", "mssp.termination.losses"),
        ("\"mssp.termination.voluntary_savings_from\" = \"13-01\"", "mssp.termination.voluntary_savings_from"),
        (
            "\"mssp.sequestration.payment_dates\" = { value = { 2013-04-01 = \"0\", 2020-05-01 = \"0\", 2022-04-01 = \"0\", 2022-07-01 = \"0\", whenever = \"0\" } }",
            "mssp.sequestration.payment_dates",
        ),
        (
            "\"mssp.payment_limit\" = { value = { A = \"-0.10\", B = \"-0.10\", C = \"-0.10\", D = \"-0.10\", E = \"-0.10\", ENHANCED = \"-0.10\" }, from = 2022 }",
            "mssp.payment_limit",
        ),
        (
            "\"mssp.minimum_rate\" = { value = { A = \"by_whim\", B = \"by_whim\", C = \"by_whim\", D = \"by_whim\", E = \"by_whim\", ENHANCED = \"by_whim\" }, from = 2022 }",
            "mssp.minimum_rate",
        ),
        (
            "\"mssp.loss_rate.quality\" = { value = { A = \"by_whim\", B = \"by_whim\", C = \"by_whim\", D = \"by_whim\", E = \"by_whim\", ENHANCED = \"by_whim\" }, from = 2022 }",
            "mssp.loss_rate.quality",
        ),
        ("\"mssp.loss_rate.floor\" = { value = { ENHANCED = \"0.80\" }, from = 2022 }", "mssp.loss_rate.floor"),
    ] {
        let book = book().with_toml("what-if", &format!("[set]\n{text}")).unwrap();
        let refused = Plan::new(&book, "mssp", NOW).unwrap_err().to_string();
        assert!(refused.contains(&format!("`{id}`")), "{refused}");
    }
}

/// A contract with one arrangement, in force from some year on.
fn contract(from: u16) -> Book {
    book().with_toml("acme.toml", &contract_text(from)).unwrap()
}

fn contract_text(from: u16) -> String {
    let rule = |id: &str, kind: &str, unit: &str, value: &str| {
        format!(
            "[[rule]]\nid = \"acme.{id}\"\nkind = \"{kind}\"\nunit = \"{unit}\"\nvalue = {value}\n\
             applies = {{ clock = \"performance_year\", from = {from} }}\n"
        )
    };
    let text = [
        rule("arrangements", "choice", "text", "[\"GOLD\"]"),
        rule("risk", "scalar", "text", "\"two_sided\""),
        rule("minimum_rate", "scalar", "text", "\"elected\""),
        rule("minimum_rate.elections", "choice", "share", "[\"0\", \"0.03\"]"),
        rule("sharing_rate", "scalar", "share", "\"0.60\""),
        rule("sharing_rate.quality", "scalar", "text", "\"scaled\""),
        rule("loss_rate", "scalar", "share", "\"0.60\""),
        rule("loss_rate.quality", "scalar", "text", "\"fixed\""),
        rule("loss_limit.benchmark", "scalar", "share", "\"0.05\""),
    ];
    text.concat()
}

#[test]
fn a_contract_of_the_users_own_settles_in_every_year_it_is_in_force() {
    for from in [2000, 2015, 2024] {
        let plan = Plan::new(&contract(from), "acme", NOW).unwrap();
        for year in [2024, 2031, 2045, 2199] {
            let row = Row { elected_rate: Some(0), quality_score: Some(900_000_000), ..saving() };
            // 60 % x 90 % of 4 %, without sequestration and without a limit.
            assert_eq!(settled(&plan, year, "GOLD", &row).earned, 2_160_000, "{year} of a contract from {from}");
            let loss = Row { expenditures: 150_000_000, ..row };
            let told = settled(&plan, year, "GOLD", &loss);
            assert_eq!((told.earned, told.reason), (-5_000_000, reason::BENCHMARK_LOSS_LIMIT));
        }
        assert!(plan.year(i64::from(from) - 1).is_none());
        assert!(plan.year(2200).is_none());
    }
}

#[test]
fn a_program_of_one_year_settles_after_one_of_many_on_the_same_thread() {
    // The kernel keeps a block for each thread; rows of the program before must not be looked up in this one.
    run_cells(&columns(&cases(71, 2_000)), 1);
    let contract = Plan::new(&contract(2024), "acme", NOW).unwrap();
    let cells =
        [100_000_000, 96_000_000, 20_000, 0, 2_024, 900_000_000, 1, 0, 0].map(|value| Cells(vec![Some(value)]));
    let columns = std::array::from_fn(|c| cells.get(c).map(|column| column as &dyn Column));
    let (mut earned, mut rate, mut sequestered) = ([0], [0.0], [9]);
    let outputs = Outputs {
        earned: Some(&mut earned),
        sharing_rate: Some(&mut rate),
        sequestered: Some(&mut sequestered),
        ..Outputs::default()
    };
    let findings = run(&contract, &Inputs { columns }, outputs, Some(1)).unwrap().sorted();
    assert_eq!((findings, earned, sequestered), (vec![], [2_160_000], [0]));
    assert!((rate[0] - 0.54).abs() < 1e-12);
}
