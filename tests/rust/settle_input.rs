//! Input that cannot be settled: such rows are null, say why, are counted, and leave their neighbours alone.

use crate::settle_frame::{Answers, Frame, PLACES, ROWS, cases, columns, plan, run_cells, run_columns};
use crate::support::Cells;
use sharedsavings::core::error::Error;
use sharedsavings::core::kernel::{Column, Conversion, Finding, Values};
use sharedsavings::core::settle::{Inputs, NULL_CENTS, Outputs, as_date, reason, run};

/// Column of a name.
fn at(name: &str) -> usize {
    reason::COLUMNS.iter().position(|c| *c == name).expect("a column")
}

fn clean() -> Frame {
    columns(&cases(61, ROWS))
}

fn null_row(answers: &Answers, row: usize) -> bool {
    let (money, rates, _) = answers.row(row);
    money == [NULL_CENTS; 8] && rates.iter().all(|rate| f64::from_bits(*rate).is_nan())
}

/// One row is null and says why; all others stay as they were.
fn only_row_is_null(place: usize, why: u8, answers: &Answers, clean: &Answers) {
    assert_eq!(reason::REASONS[usize::from(answers.reason[place])], reason::REASONS[usize::from(why)]);
    assert!(null_row(answers, place));
    for i in (0..ROWS).filter(|i| *i != place) {
        assert_eq!(answers.row(i), clean.row(i), "neighbour {i}");
    }
}

/// Level E of 2024 with everything given: what a case changes is then all that is wrong.
fn sound(frame: &mut Frame, place: usize) {
    let row = [
        ("benchmark", Some(10_000_000_000)),
        ("expenditures", Some(9_900_000_000)),
        ("beneficiaries", Some(10_000)),
        ("track", plan().code("E").map(|c| c as i64)),
        ("performance_year", Some(2024)),
        ("quality_score", Some(800_000_000)),
        ("quality_standard_met", Some(1)),
        ("alternative_standard_met", Some(0)),
        ("elected_rate", None),
        ("participant_revenue", Some(5_000_000_000)),
        ("low_revenue", Some(1)),
        ("agreement_start", Some(2024)),
        ("disaster_relief", Some(0)),
        ("guardrail", Some(0)),
        ("half_year", Some(0)),
        ("termination_date", None),
        ("terminated_by_cms", Some(0)),
        ("disaster_month_share", None),
        ("disaster_beneficiary_share", None),
        ("payment_date", None),
        ("two_sided_year", None),
        ("small_benchmark_year", Some(0)),
        ("advance_balance", None),
        ("discount", None),
        ("elected_cap", None),
        ("benchmark_final", Some(0)),
        ("benchmark_bonus", Some(0)),
        ("geographic_factor", None),
        ("payment_adjustment", Some(0)),
    ];
    assert_eq!(row.len(), reason::COLUMNS.len());
    for (name, cell) in row {
        frame[at(name)][place] = cell;
    }
}

#[test]
fn a_sound_row_among_random_ones_settles() {
    let mut frame = clean();
    sound(&mut frame, 5);
    let answers = run_cells(&frame, 1);
    // Half of 50 % of a million dollars, less 2 %.
    assert_eq!((answers.money[5][5], answers.reason[5]), (24_500_000, reason::LOW_REVENUE_HALF_RATE));
}

#[test]
fn a_bad_cell_makes_its_row_null_and_touches_no_other() {
    let cases = [
        ("benchmark", 0, reason::NO_BENCHMARK),
        ("benchmark", -1, reason::NEGATIVE),
        ("benchmark", i64::MIN, reason::NEGATIVE),
        ("expenditures", -1, reason::NEGATIVE),
        ("beneficiaries", -10_000, reason::NEGATIVE),
        ("track", -1, reason::UNKNOWN_TRACK),
        ("track", 10, reason::UNKNOWN_TRACK),
        ("track", i64::MAX, reason::UNKNOWN_TRACK),
        ("performance_year", 2012, reason::UNKNOWN_YEAR),
        ("performance_year", 2200, reason::UNKNOWN_YEAR),
        ("performance_year", i64::MIN, reason::UNKNOWN_YEAR),
        ("quality_score", 1_010_000_000, reason::SHARE_ABOVE_ONE),
        ("quality_score", -1, reason::NEGATIVE),
        ("quality_standard_met", 2, reason::NOT_A_TRUTH_VALUE),
        ("alternative_standard_met", -1, reason::NOT_A_TRUTH_VALUE),
        ("elected_rate", 7_500_000, reason::NOT_ON_MENU),
        ("elected_rate", 25_000_000, reason::NOT_ON_MENU),
        ("elected_rate", 10_000_001, reason::NOT_ON_MENU),
        ("elected_rate", 2_000_000_000, reason::SHARE_ABOVE_ONE),
        ("elected_rate", -5_000_000, reason::NEGATIVE),
        ("participant_revenue", -1, reason::NEGATIVE),
        ("low_revenue", 7, reason::NOT_A_TRUTH_VALUE),
        ("agreement_start", 20_241_301, reason::NOT_A_DATE),
        ("agreement_start", 20_240_100, reason::NOT_A_DATE),
        ("agreement_start", 20_240_132, reason::NOT_A_DATE),
        ("agreement_start", 1889, reason::NOT_A_DATE),
        ("agreement_start", 0, reason::NOT_A_DATE),
        ("agreement_start", -2024, reason::NOT_A_DATE),
        ("agreement_start", i64::MIN, reason::NOT_A_DATE),
        ("agreement_start", 2024 - (1 << 60), reason::NOT_A_DATE),
        ("agreement_start", i64::MAX, reason::NOT_A_DATE),
        ("disaster_relief", -1, reason::NEGATIVE),
        ("guardrail", 3, reason::NOT_A_TRUTH_VALUE),
        ("half_year", 1, reason::NO_HALF_YEAR),
        ("half_year", 2, reason::NOT_A_TRUTH_VALUE),
        ("termination_date", 20_230_630, reason::TERMINATION_OUTSIDE_YEAR),
        ("termination_date", 20_240_631, reason::NOT_A_DATE),
        ("termination_date", 2024, reason::NOT_A_DATE),
        ("terminated_by_cms", -1, reason::NOT_A_TRUTH_VALUE),
        ("disaster_month_share", -1, reason::NEGATIVE),
        ("disaster_month_share", 1_000_000_001, reason::SHARE_ABOVE_ONE),
        ("disaster_beneficiary_share", 2_000_000_000, reason::SHARE_ABOVE_ONE),
        ("payment_date", 20_251_301, reason::NOT_A_DATE),
        ("payment_date", 0, reason::NOT_A_DATE),
        ("two_sided_year", 0, reason::BELOW_ONE),
        ("small_benchmark_year", 9, reason::NOT_A_TRUTH_VALUE),
        ("advance_balance", -1, reason::NEGATIVE),
        ("geographic_factor", -1, reason::NEGATIVE),
        ("geographic_factor", 100_000_000_000, reason::FACTOR_TOO_LARGE),
        ("geographic_factor", 10_000_000_001, reason::FACTOR_TOO_LARGE),
    ];
    for (i, (name, value, why)) in cases.into_iter().enumerate() {
        let place = PLACES[i % PLACES.len()];
        let mut frame = clean();
        sound(&mut frame, place);
        let before = run_cells(&frame, 1);
        frame[at(name)][place] = Some(value);
        let answers = run_cells(&frame, 1);
        only_row_is_null(place, why, &answers, &before);
        let column = at(name) as u8;
        let found = Finding { column, reason: why, rows: 1, first_row: place, value };
        assert_eq!(answers.findings, [found], "{name} {value}");
    }
}

/// Several cells at once, and the column that is to blame.
#[test]
fn values_that_contradict_each_other_make_the_row_null() {
    for (cells, blamed, why) in [
        (
            &[("disaster_month_share", 500_000_000)][..],
            "disaster_beneficiary_share",
            reason::UNPAIRED_RELIEF_SHARE,
        ),
        (&[("disaster_beneficiary_share", 0)], "disaster_month_share", reason::UNPAIRED_RELIEF_SHARE),
        (
            &[("disaster_month_share", 1), ("disaster_beneficiary_share", 1), ("disaster_relief", 1)],
            "disaster_relief",
            reason::RELIEF_GIVEN_TWICE,
        ),
        (
            &[("performance_year", 2019), ("half_year", 1), ("termination_date", 20_190_430)],
            "termination_date",
            reason::TERMINATION_IN_HALF_YEAR,
        ),
    ] {
        let mut frame = clean();
        sound(&mut frame, 2049);
        let before = run_cells(&frame, 1);
        for (name, value) in cells {
            frame[at(name)][2049] = Some(*value);
        }
        let answers = run_cells(&frame, 1);
        only_row_is_null(2049, why, &answers, &before);
        let [found] = &answers.findings[..] else { panic!("{cells:?}: {:?}", answers.findings) };
        assert_eq!((usize::from(found.column), found.reason), (at(blamed), why));
    }
}

#[test]
fn a_day_that_the_calendar_does_not_have_is_no_date() {
    for day in [20_240_230, 20_230_229, 20_240_431, 20_241_131] {
        let mut frame = clean();
        sound(&mut frame, 9);
        frame[at("agreement_start")][9] = Some(day);
        let answers = run_cells(&frame, 1);
        assert_eq!(answers.reason[9], reason::NOT_A_DATE, "{day}");
    }
}

#[test]
fn a_year_stands_for_its_first_of_january() {
    assert_eq!(as_date(2024), 20_240_101);
    assert_eq!(as_date(20_240_229), 20_240_229);
    for (start, paid) in [(2024, true), (20_240_101, true), (20_240_229, true), (2023, false), (20_231_231, false)]
    {
        let mut frame = clean();
        sound(&mut frame, 9);
        frame[at("agreement_start")][9] = Some(start);
        assert_eq!(run_cells(&frame, 1).money[5][9] > 0, paid, "{start}");
    }
}

#[test]
fn a_one_sided_level_has_nothing_to_elect() {
    for (track, rate) in [("A", 20_000_000), ("B", 0)] {
        let mut frame = clean();
        sound(&mut frame, 77);
        frame[at("track")][77] = plan().code(track).map(|c| c as i64);
        let before = run_cells(&frame, 1);
        frame[at("elected_rate")][77] = Some(rate);
        let answers = run_cells(&frame, 1);
        only_row_is_null(77, reason::NO_ELECTION, &answers, &before);
        assert_eq!(answers.findings.len(), 1);
    }
}

#[test]
fn a_bad_float_makes_its_row_null_and_touches_no_other() {
    let cases = [
        ("benchmark", Conversion::Dollars, f64::NAN, reason::NOT_FINITE),
        ("benchmark", Conversion::Dollars, 1e18, reason::OVERFLOW),
        ("expenditures", Conversion::Dollars, f64::INFINITY, reason::NOT_FINITE),
        ("beneficiaries", Conversion::Whole, 10_000.5, reason::NOT_WHOLE),
        ("beneficiaries", Conversion::Whole, f64::NAN, reason::NOT_FINITE),
        ("performance_year", Conversion::Whole, 2023.75, reason::NOT_WHOLE),
        ("quality_score", Conversion::Share, 1.01, reason::SHARE_ABOVE_ONE),
        ("quality_score", Conversion::Share, 85.0, reason::SHARE_ABOVE_ONE),
        ("quality_score", Conversion::Share, f64::NEG_INFINITY, reason::NOT_FINITE),
        ("elected_rate", Conversion::Share, 0.0075, reason::NOT_ON_MENU),
        ("participant_revenue", Conversion::Dollars, f64::NAN, reason::NOT_FINITE),
        ("disaster_relief", Conversion::Dollars, -0.01, reason::NEGATIVE),
    ];
    for (name, how, value, why) in cases {
        // Level E of 2024 in every row, so that a column of floats needs no nulls.
        let mut frame = clean();
        (0..ROWS).for_each(|row| sound(&mut frame, row));
        frame[at("elected_rate")].fill(Some(10_000_000));
        let unit = match how {
            Conversion::Dollars => 100.0,
            Conversion::Share => 1e9,
            _ => 1.0,
        };
        let mut floats: Vec<f64> = frame[at(name)].iter().map(|v| v.unwrap() as f64 / unit).collect();
        let cells = frame.map(Cells);
        let run = |floats: &[f64]| {
            let floats = Values(floats, how);
            run_columns(
                std::array::from_fn(|c| Some(if c == at(name) { &floats as &dyn Column } else { &cells[c] })),
                1,
            )
        };
        let clean = run(&floats);
        assert_eq!(clean.findings, []);
        floats[2048] = value;
        let answers = run(&floats);
        only_row_is_null(2048, why, &answers, &clean);
        let [found] = &answers.findings[..] else { panic!("{name} {value}: {:?}", answers.findings) };
        assert_eq!((usize::from(found.column), found.reason), (at(name), why));
        assert_eq!((found.rows, found.first_row), (1, 2048));
    }
}

#[test]
fn a_null_that_the_row_needs_makes_it_null_without_a_finding() {
    for name in ["benchmark", "expenditures", "beneficiaries", "track", "performance_year"] {
        for place in PLACES {
            let mut frame = clean();
            sound(&mut frame, place);
            let before = run_cells(&frame, 1);
            frame[at(name)][place] = None;
            let answers = run_cells(&frame, 1);
            only_row_is_null(place, reason::MISSING_INPUT, &answers, &before);
            assert_eq!(answers.findings, []);
        }
    }
    for name in ["quality_standard_met", "low_revenue", "agreement_start"] {
        let mut frame = clean();
        sound(&mut frame, 100);
        let before = run_cells(&frame, 1);
        frame[at(name)][100] = None;
        let answers = run_cells(&frame, 1);
        only_row_is_null(100, reason::MISSING_INPUT, &answers, &before);
        assert_eq!(answers.findings, []);
    }
}

#[test]
fn a_null_that_decides_nothing_changes_nothing() {
    for name in [
        "quality_score",
        "alternative_standard_met",
        "elected_rate",
        "participant_revenue",
        "disaster_relief",
        "guardrail",
    ] {
        let mut frame = clean();
        sound(&mut frame, 100);
        let before = run_cells(&frame, 1);
        frame[at(name)][100] = None;
        let answers = run_cells(&frame, 1);
        assert_eq!(answers.money[5][100], before.money[5][100], "{name}");
        assert_eq!(answers.reason[100], before.reason[100], "{name}");
    }
}

#[test]
fn fewer_beneficiaries_than_the_size_scale_reaches_have_no_minimum_rate() {
    for n in [0, 152, 499] {
        let mut frame = clean();
        sound(&mut frame, 100);
        let before = run_cells(&frame, 1);
        frame[at("beneficiaries")][100] = Some(n);
        let answers = run_cells(&frame, 1);
        only_row_is_null(100, reason::BELOW_SIZE_SCALE, &answers, &before);
        assert_eq!(answers.findings, []);
    }
}

/// A run of sound rows of level E with only some columns.
fn with_columns(given: &[&str], change: &dyn Fn(&mut Frame)) -> Result<Vec<(usize, u8, u64)>, Error> {
    let mut frame = clean();
    (0..ROWS).for_each(|row| sound(&mut frame, row));
    change(&mut frame);
    let cells = frame.map(Cells);
    let columns = std::array::from_fn(|c| given.contains(&reason::COLUMNS[c]).then(|| &cells[c] as &dyn Column));
    let findings = run(plan(), &Inputs { columns }, Outputs::default(), None)?;
    Ok(findings.sorted().iter().map(|f| (usize::from(f.column), f.reason, f.rows)).collect())
}

const NEEDED: [&str; 5] = ["benchmark", "expenditures", "beneficiaries", "track", "performance_year"];

#[test]
fn a_call_without_the_columns_that_every_row_needs_names_the_first() {
    for left_out in NEEDED {
        let given: Vec<&str> = NEEDED.into_iter().filter(|c| *c != left_out).collect();
        let text = with_columns(&given, &|_| ()).unwrap_err().to_string();
        assert!(text.starts_with(&format!("column `{left_out}`: missing")), "{text}");
    }
}

#[test]
fn a_column_that_some_rows_turn_out_to_need_is_asked_for_with_their_number() {
    let quality = at("quality_standard_met");
    // Savings of 1 % within the minimum rate: the half rate asks for the start of the agreement.
    let start = with_columns(&NEEDED, &|_| ()).unwrap();
    assert_eq!(start, [(at("agreement_start"), reason::MISSING_COLUMN, ROWS as u64)]);
    // Savings of 5 % in a third of the rows: quality decides. The others lose 0.5 %: nothing is needed.
    let found = with_columns(&NEEDED, &|frame| {
        for (row, spent) in frame[at("expenditures")].iter_mut().enumerate() {
            *spent = Some(if row % 3 == 0 { 9_500_000_000 } else { 10_050_000_000 });
        }
    });
    assert_eq!(found.unwrap(), [(quality, reason::MISSING_COLUMN, ROWS.div_ceil(3) as u64)]);
}

#[test]
fn findings_count_all_rows_and_name_the_first_however_many_threads_work() {
    let mut frame = columns(&cases(62, 200_000));
    let bad: Vec<usize> = (70_001..200_000).step_by(997).collect();
    for row in &bad {
        sound(&mut frame, *row);
        frame[at("quality_score")][*row] = Some(2_000_000_000 + *row as i64);
    }
    for threads in [1, 2, 3] {
        let [found] = &run_cells(&frame, threads).findings[..] else { panic!("one finding") };
        assert_eq!((found.reason, found.rows), (reason::SHARE_ABOVE_ONE, bad.len() as u64));
        assert_eq!((found.first_row, found.value), (70_001, 2_000_070_001));
    }
}

#[test]
fn every_reason_against_a_row_has_words_and_a_remedy() {
    for code in reason::FIRST_INVALID..reason::REASONS.len() as u8 {
        let (problem, remedy) = reason::describe(code);
        assert!(!problem.is_empty() && !remedy.is_empty(), "{code}");
    }
    let mut words = reason::REASONS.to_vec();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), reason::REASONS.len());
}

#[test]
fn columns_and_outputs_of_other_lengths_are_refused() {
    let (ten, nine) = ([2024_i64; 10], [2024_i64; 9]);
    let (ten, nine) = (Values(&ten, Conversion::Whole), Values(&nine, Conversion::Whole));
    let given = |odd: usize| {
        std::array::from_fn(|c| (c < 6).then_some(if c == odd { &nine as &dyn Column } else { &ten }))
    };
    let text = run(plan(), &Inputs { columns: given(5) }, Outputs::default(), None).unwrap_err().to_string();
    assert!(text.contains("`quality_score`") && text.contains("9 rows"), "{text}");
    let outputs = Outputs { earned: Some(&mut [0; 9]), ..Outputs::default() };
    let text = run(plan(), &Inputs { columns: given(99) }, outputs, None).unwrap_err().to_string();
    assert!(text.contains("`out.earned`") && text.contains("9 rows for 10"), "{text}");
}
