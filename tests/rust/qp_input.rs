//! Input that cannot be right: such rows have no status, say why, are counted, and leave their neighbours alone.

use crate::qp_frame::{ALL, Answers, Frame, run_columns};
use crate::support::{Cells, NOW, Random, book, levels};
use sharedsavings::core::error::Error;
use sharedsavings::core::kernel::{Column, Conversion, Finding, TILE, Values, best};
use sharedsavings::core::qp::{Inputs, NOT_NEEDED, NULL, Outputs, Plan, reason, run};

/// Two tiles and a half, so that a bad row has neighbours in its own tile and in others.
const ROWS: usize = 2 * TILE + TILE / 2;

fn clean() -> Frame {
    let mut random = Random::new(31);
    let mut frame = Frame([const { Vec::new() }; 9]);
    for _ in 0..ROWS {
        let mut row = [0; 9];
        for at in [0, 2, 5, 7] {
            row[at + 1] = random.magnitude(1 << 31);
            row[at] = random.between(0, row[at + 1]);
        }
        row[4] = random.between(2017, 2030);
        frame.push(row);
    }
    frame
}

fn plan() -> Plan {
    Plan::new(&book(), NOW).unwrap()
}

fn clean_answers() -> Answers {
    clean().run(&plan(), best(), &ALL, 1)
}

/// One bad row among good ones says why it has no status, and all others stay as they were.
fn only_row_is_null(at: usize, why: u8, answers: &Answers) {
    let clean = clean_answers();
    assert_eq!((answers.status[at], answers.method[at], answers.option[at]), (NULL, 0, 0));
    assert_eq!(reason::REASONS[usize::from(answers.reason[at])], reason::REASONS[usize::from(why)]);
    assert_eq!([answers.needed[0][at], answers.needed[1][at]], [NOT_NEEDED; 2]);
    for i in (0..ROWS).filter(|i| *i != at) {
        let row = |a: &Answers| {
            let codes = (a.status[i], a.method[i], a.option[i], a.reason[i]);
            (codes, [0, 1, 2, 3].map(|s| a.scores[s][i]), [a.needed[0][i], a.needed[1][i]])
        };
        assert_eq!(row(answers), row(&clean), "neighbour {i}");
    }
}

/// Rows at the edges of tiles, and inside.
const PLACES: [usize; 6] = [0, 1, TILE - 1, TILE, TILE + 777, ROWS - 1];

#[test]
fn a_bad_whole_number_makes_its_row_null_and_touches_no_other() {
    let cases = [
        (0, -1, reason::NEGATIVE),
        (0, i64::MIN, reason::NEGATIVE),
        (2, -7, reason::NEGATIVE),
        (5, -1, reason::NEGATIVE),
        (7, i64::MIN, reason::NEGATIVE),
        (0, 1 << 40, reason::NUMERATOR_ABOVE_DENOMINATOR),
        (2, 1 << 33, reason::NUMERATOR_ABOVE_DENOMINATOR),
        (5, i64::MAX, reason::NUMERATOR_ABOVE_DENOMINATOR),
        (7, 1 << 62, reason::NUMERATOR_ABOVE_DENOMINATOR),
        (4, 2016, reason::UNKNOWN_YEAR),
        (4, 0, reason::UNKNOWN_YEAR),
        (4, -2024, reason::UNKNOWN_YEAR),
        (4, 2200, reason::UNKNOWN_YEAR),
        (4, i64::MAX, reason::UNKNOWN_YEAR),
        (4, i64::MIN, reason::UNKNOWN_YEAR),
    ];
    for (column, value, why) in cases {
        for place in PLACES {
            let mut frame = clean();
            frame.0[column][place] = value;
            for level in levels() {
                let answers = frame.run(&plan(), level, &ALL, 1);
                only_row_is_null(place, why, &answers);
                let column = column as u8;
                assert_eq!(answers.findings, [Finding { column, reason: why, rows: 1, first_row: place, value }]);
            }
        }
    }
}

#[test]
fn a_negative_denominator_is_negative_whatever_else_it_is() {
    for column in [1, 3, 6, 8] {
        let mut frame = clean();
        frame.0[column][TILE + 5] = -10;
        let answers = frame.run(&plan(), best(), &ALL, 1);
        assert_eq!(answers.status[TILE + 5], NULL);
        let negative =
            Finding { column: column as u8, reason: reason::NEGATIVE, rows: 1, first_row: TILE + 5, value: -10 };
        assert!(answers.findings.contains(&negative), "{:?}", answers.findings);
    }
}

#[test]
fn a_bad_float_makes_its_row_null_and_touches_no_other() {
    let cases = [
        (Conversion::Dollars, f64::NAN, reason::NOT_FINITE),
        (Conversion::Dollars, f64::INFINITY, reason::NOT_FINITE),
        (Conversion::Dollars, f64::NEG_INFINITY, reason::NOT_FINITE),
        (Conversion::Dollars, 1e17, reason::OVERFLOW),
        (Conversion::Dollars, -1e300, reason::OVERFLOW),
        (Conversion::Whole, 2.5, reason::NOT_WHOLE),
        (Conversion::Whole, f64::NAN, reason::NOT_FINITE),
        (Conversion::Whole, 1e19, reason::OVERFLOW),
    ];
    let frame = clean();
    let whole: Vec<Values<'_, i64>> = frame.0.iter().map(|c| Values(c, Conversion::Whole)).collect();
    for (how, value, why) in cases {
        let columns: &[usize] = if how == Conversion::Dollars { &[0, 1, 5, 6] } else { &[2, 3, 4, 7, 8] };
        for (column, place) in columns.iter().zip(PLACES) {
            let unit = if how == Conversion::Dollars { 100.0 } else { 1.0 };
            let mut floats: Vec<f64> = frame.0[*column].iter().map(|v| *v as f64 / unit).collect();
            floats[place] = value;
            let floats = Values(&floats, how);
            let given =
                std::array::from_fn(|c| Some(if c == *column { &floats as &dyn Column } else { &whole[c] }));
            for threads in [1, 2] {
                let answers = run_columns(&plan(), best(), given, threads);
                only_row_is_null(place, why, &answers);
                let found = Finding { column: *column as u8, reason: why, rows: 1, first_row: place, value: 0 };
                assert_eq!(answers.findings, [found]);
            }
        }
    }
}

/// The clean frame with some cells null.
fn with_nulls(nulls: &[(usize, usize)]) -> Answers {
    let columns: Vec<Cells> = clean().0.into_iter().map(|c| Cells(c.into_iter().map(Some).collect())).collect();
    let mut columns: [Cells; 9] = columns.try_into().ok().unwrap();
    for (column, row) in nulls {
        columns[*column].0[*row] = None;
    }
    run_columns(&plan(), best(), std::array::from_fn(|c| Some(&columns[c] as &dyn Column)), 1)
}

#[test]
fn a_null_that_a_threshold_needs_makes_the_row_null_without_a_finding() {
    for column in 0..5 {
        for place in PLACES {
            let answers = with_nulls(&[(column, place)]);
            assert_eq!(answers.findings, []);
            assert_eq!((answers.status[place], answers.reason[place]), (NULL, reason::MISSING_INPUT));
            assert_eq!([answers.needed[0][place], answers.needed[1][place]], [NOT_NEEDED; 2]);
        }
    }
}

#[test]
fn one_null_of_an_all_payer_pair_is_refused() {
    for (column, place) in [5, 6, 7, 8].into_iter().zip(PLACES) {
        let answers = with_nulls(&[(column, place)]);
        only_row_is_null(place, reason::UNPAIRED_NULL, &answers);
        let [found] = &answers.findings[..] else { panic!("{:?}", answers.findings) };
        assert_eq!((found.column, found.reason, found.rows), (column as u8, reason::UNPAIRED_NULL, 1));
        assert_eq!(found.first_row, place);
    }
}

#[test]
fn a_null_all_payer_pair_means_that_the_option_was_not_asked_for() {
    let rows: Vec<usize> = (0..ROWS).step_by(3).collect();
    let nulls: Vec<(usize, usize)> = rows.iter().flat_map(|row| [5, 6, 7, 8].map(|c| (c, *row))).collect();
    let (answers, medicare) = (with_nulls(&nulls), clean().run(&plan(), best(), &[0, 1, 2, 3, 4], 1));
    assert_eq!(answers.findings, []);
    for i in rows {
        let said = |a: &Answers| (a.status[i], a.method[i], a.option[i], a.reason[i]);
        assert_eq!(said(&answers), said(&medicare));
    }
}

#[test]
fn findings_count_all_rows_and_name_the_first_however_many_threads_work() {
    let mut frame = clean();
    while frame.rows() < 300_000 {
        let row = frame.row(frame.rows() % ROWS);
        frame.push(row);
    }
    for row in (131_071..300_000).step_by(1009).rev() {
        frame.0[0][row] = -(row as i64);
        frame.0[4][row] = 1999;
    }
    let rows = (131_071..300_000).step_by(1009).count() as u64;
    for threads in [1, 2, 3] {
        let findings = frame.run(&plan(), best(), &ALL, threads).findings;
        let first = |column, reason, value| Finding { column, reason, rows, first_row: 131_071, value };
        assert_eq!(findings, [first(0, reason::NEGATIVE, -131_071), first(4, reason::UNKNOWN_YEAR, 1999)]);
    }
}

#[test]
fn every_reason_against_a_row_has_words_and_a_remedy() {
    for code in reason::FIRST_INVALID..reason::REASONS.len() as u8 {
        let (problem, remedy) = reason::describe(code);
        assert!(!problem.is_empty() && !remedy.is_empty() && problem != "missing", "{code}");
    }
}

fn refusal(given: &[usize], lengths: &dyn Fn(usize) -> usize) -> String {
    let data = [2024_i64; 10];
    let columns: Vec<Values<'_, i64>> = (0..9).map(|c| Values(&data[..lengths(c)], Conversion::Whole)).collect();
    let columns = std::array::from_fn(|c| given.contains(&c).then(|| &columns[c] as &dyn Column));
    let refused = run(&plan(), &Inputs { columns }, Outputs::default(), None).unwrap_err();
    assert!(matches!(refused, Error::Input(_)));
    refused.to_string()
}

#[test]
fn a_call_without_the_columns_it_needs_names_them() {
    for (given, column, with) in [
        (&[0, 4][..], "payments_eligible", "payments_attributed"),
        (&[1, 4], "payments_attributed", "payments_eligible"),
        (&[2, 4], "patients_eligible", "patients_attributed"),
        (&[0, 1, 4, 6], "all_payer_payments_apm", "all_payer_payments_total"),
        (&[0, 1, 4, 7], "all_payer_patients_total", "all_payer_patients_apm"),
        (&[4], "payments_attributed", "patients_eligible"),
        (&[5, 6, 4], "payments_attributed", "patients_eligible"),
        (&[0, 1], "performance_year", "performance_year="),
    ] {
        let text = refusal(given, &|_| 10);
        assert!(text.starts_with(&format!("column `{column}`: missing")) && text.contains(with), "{text}");
    }
}

#[test]
fn columns_of_different_lengths_are_refused() {
    let text = refusal(&[0, 1, 4], &|c| if c == 1 { 9 } else { 10 });
    assert!(text.contains("`payments_eligible`") && text.contains("9 rows"), "{text}");
}

#[test]
fn an_output_of_another_length_is_refused() {
    let data = [2024_i64; 10];
    let column = Values(&data, Conversion::Whole);
    let columns = std::array::from_fn(|c| (c < 5).then_some(&column as &dyn Column));
    let outputs = Outputs { status: Some(&mut [0; 9]), ..Outputs::default() };
    let text = run(&plan(), &Inputs { columns }, outputs, None).unwrap_err().to_string();
    assert!(text.contains("`out.status`") && text.contains("9 rows for 10"), "{text}");
}

#[test]
fn a_frame_without_rows_is_answered() {
    let answers = Frame([const { Vec::new() }; 9]).run(&plan(), best(), &ALL, 2);
    assert!(answers.status.is_empty() && answers.findings.is_empty());
}
