//! The block kernel against exact arithmetic on rows that crowd the thresholds, and what must hold of any
//! determination whatever the thresholds are.

use crate::qp_frame::{ALL, Answers, Frame, MEDICARE, PATIENTS, PAYMENTS, as_row, rank, run_columns};
use crate::qp_judge::Judge;
use crate::support::{Lent, NOW, Random, book, levels, on};
use sharedsavings::core::kernel::{Column, TILE, best};
use sharedsavings::core::qp::{METHODS, NOT_NEEDED, NULL, OPTIONS, Plan, QP, STATUSES, determine, reason};
use sharedsavings::core::reference::{Trace, qp as reference};
use sharedsavings::core::rulebook::{AsOf, Book};

const MILLION: usize = 1_000_000;
/// Bounds of the kernel's fast path: cents and people.
const CENTS: i64 = 1 << 46;
const PEOPLE: i64 = 1 << 32;

/// Rows that crowd the lines, one regime a tile: the fast path's whole range, its edges, tiny numbers, numbers
/// of any size, one huge row among plain ones, and years without law.
fn crowd(judge: &Judge, seed: u64, rows: usize) -> Frame {
    let mut random = Random::new(seed);
    let mut frame = Frame([const { Vec::new() }; 9]);
    while frame.rows() < rows {
        let regime = random.between(0, 9);
        let odd_one = random.between(0, TILE as i64 - 1) as usize;
        for i in 0..TILE.min(rows - frame.rows()) {
            let (money, people) = match regime {
                0 => (60, 60),
                1 => (CENTS + random.between(0, 2) - 1, PEOPLE - 1),
                2 => (CENTS - 1, PEOPLE + random.between(0, 2) - 1),
                3 => (i64::MAX, i64::MAX),
                4 if i == odd_one => (i64::MAX, i64::MAX),
                _ => (CENTS - 1, PEOPLE - 1),
            };
            let year = match regime {
                5 => random.pick(&[2016, 1999, 0, -1, 2041, 2199, 2200, 2047, 2048, 2049, i64::from(i16::MAX)]),
                6 if i == odd_one => 2016,
                _ => random.between(2017, 2040),
            };
            let (a, b) = judge.crowd(&mut random, year, 0, money);
            let (c, d) = judge.crowd(&mut random, year, 1, people);
            let (e, f) = judge.crowd(&mut random, year, 0, money);
            let (g, h) = judge.crowd(&mut random, year, 1, people);
            frame.push([a, b, c, d, year, e, f, g, h]);
        }
    }
    frame
}

/// Holds every row of some answers against the judge.
fn agree(judge: &Judge, frame: &Frame, given: &[usize], answers: &Answers) {
    for i in 0..frame.rows() {
        let full = frame.row(i);
        let row = std::array::from_fn(|c| if given.contains(&c) { full[c] } else { 0 });
        let right = judge.rule(&row);
        let said = (answers.status[i], answers.method[i], answers.option[i], answers.reason[i]);
        assert_eq!(said, (right.status, right.method, right.option, right.reason), "row {i}: {row:?}");
        for (method, at) in [(0, 0), (1, 2)] {
            needed_is_least(judge, &row, method, (row[at], row[at + 1]), answers.needed[method][i]);
        }
        for (score, at) in answers.scores.iter().zip([0, 2, 5, 7]) {
            score_is_quotient(f64::from_bits(score[i]), (row[at], row[at + 1]), right.status == NULL);
        }
    }
}

/// What is missing, once added, reaches QP, and one less does not; nothing is missing once QP is reached.
fn needed_is_least(judge: &Judge, row: &[i64; 9], method: usize, (part, whole): (i64, i64), needed: i64) {
    let reaches = |more: i64| judge.reaches_qp(row[4], method, (part + more, whole));
    if whole == 0 || judge.law(row[4]).is_none() {
        assert_eq!(needed, NOT_NEEDED, "{row:?}");
    } else if reaches(0) {
        assert_eq!(needed, 0, "{row:?}");
    } else {
        assert!(needed > 0 && reaches(needed) && !reaches(needed - 1), "{needed} of {row:?}");
    }
}

fn score_is_quotient(score: f64, (part, whole): (i64, i64), null: bool) {
    if whole == 0 || null {
        assert!(score.is_nan());
    } else {
        let error = (score * whole as f64 - part as f64).abs();
        assert!(error <= part as f64 * 1e-15, "{score} of {part} / {whole}");
    }
}

fn plan(book: &Book, as_of: AsOf) -> Plan {
    Plan::new(book, as_of).unwrap()
}

#[test]
fn a_million_rows_on_the_thresholds_equal_exact_rational_arithmetic_at_every_instruction_set() {
    let (judge, plan) = (Judge::new(&book(), NOW), plan(&book(), NOW));
    let frame = crowd(&judge, 1, MILLION);
    for given in [&ALL[..], &MEDICARE] {
        let answers = frame.run(&plan, best(), given, 1);
        agree(&judge, &frame, given, &answers);
        for level in levels() {
            assert!(frame.run(&plan, level, given, 1) == answers, "{level:?}");
        }
    }
}

#[test]
fn one_pair_of_columns_alone_is_judged_by_its_own_method() {
    let (judge, plan) = (Judge::new(&book(), NOW), plan(&book(), NOW));
    let frame = crowd(&judge, 2, 200_000);
    for given in [&PAYMENTS[..], &PATIENTS, &[0, 1, 4, 7, 8], &[2, 3, 4, 5, 6]] {
        agree(&judge, &frame, given, &frame.run(&plan, best(), given, 1));
    }
}

#[test]
fn thresholds_as_earlier_law_set_them_equal_exact_arithmetic_too() {
    for (seed, date) in ["2016-11-04", "2020-12-26", "2020-12-27", "2023-06-30", "2026-02-02"].iter().enumerate() {
        let judge = Judge::new(&book(), on(date));
        let frame = crowd(&judge, 3 + seed as u64, 60_000);
        agree(&judge, &frame, &ALL, &frame.run(&plan(&book(), on(date)), best(), &ALL, 1));
    }
}

#[test]
fn one_two_and_three_threads_give_the_same_bits() {
    let (judge, plan) = (Judge::new(&book(), NOW), plan(&book(), NOW));
    let frame = crowd(&judge, 8, 400_001);
    for given in [&ALL[..], &MEDICARE] {
        let answers = frame.run(&plan, best(), given, 1);
        for threads in [2, 3] {
            assert!(frame.run(&plan, best(), given, threads) == answers, "{threads} threads");
        }
    }
}

#[test]
fn columns_read_where_they_lie_and_narrow_years_change_nothing() {
    let (judge, plan) = (Judge::new(&book(), NOW), plan(&book(), NOW));
    let frame = crowd(&judge, 9, 150_000);
    let wide: Vec<Lent<'_>> = frame.0.iter().map(|c| Lent::Wide(c)).collect();
    let years = &frame.0[4];
    let half = Lent::Half(years.iter().map(|y| *y as i32).collect());
    let quarter = Lent::Quarter(years.iter().map(|y| *y as i16).collect());
    for given in [&ALL[..], &MEDICARE] {
        let answers = frame.run(&plan, best(), given, 1);
        for years in [&wide[4], &half, &quarter] {
            let columns =
                std::array::from_fn(|c| given.contains(&c).then(|| if c == 4 { years } else { &wide[c] } as _));
            assert!(run_columns(&plan, best(), columns, 1) == answers);
            only_codes_are_the_same(&plan, columns, &answers);
        }
    }
}

/// Without amounts among the outputs the kernel reads narrow years where they lie.
fn only_codes_are_the_same(plan: &Plan, columns: [Option<&dyn Column>; 9], answers: &Answers) {
    use sharedsavings::core::qp::{Inputs, Outputs, run_at};
    for level in levels() {
        let mut codes = [(); 4].map(|()| vec![99_u8; answers.status.len()]);
        let [status, method, option, reason] = &mut codes;
        let outputs = Outputs {
            status: Some(status),
            method: Some(method),
            option: Some(option),
            reason: Some(reason),
            ..Outputs::default()
        };
        let findings = run_at(level, plan, &Inputs { columns }, outputs, Some(1)).unwrap();
        assert!(codes == [&answers.status, &answers.method, &answers.option, &answers.reason].map(Clone::clone));
        assert!(findings.sorted() == answers.findings);
    }
}

#[test]
fn the_reference_in_decimals_agrees_on_forty_thousand_rows() {
    let (book, plan) = (book(), plan(&book(), NOW));
    let judge = Judge::new(&book, NOW);
    let frame = crowd(&judge, 10, 40_000);
    let answers = frame.run(&plan, best(), &ALL, 1);
    for i in (0..frame.rows()).filter(|i| answers.status[*i] != NULL) {
        let row = as_row(&frame.row(i), &ALL);
        let told = reference::determine(&book, NOW, &row, &mut Trace::default()).unwrap();
        assert_eq!(told.status, STATUSES[usize::from(answers.status[i])], "{row:?}");
        assert_eq!(told.method, METHODS[usize::from(answers.method[i])], "{row:?}");
        assert_eq!(told.option, OPTIONS[usize::from(answers.option[i])], "{row:?}");
        for method in [0, 1] {
            let needed = told.needed[method].map_or(NOT_NEEDED, |n| n.try_into().unwrap());
            assert_eq!(needed, answers.needed[method][i], "{row:?}");
        }
    }
}

#[test]
fn the_row_form_and_the_block_kernel_say_the_same() {
    let (judge, plan) = (Judge::new(&book(), NOW), plan(&book(), NOW));
    let frame = crowd(&judge, 11, 100_000);
    for given in [&ALL[..], &MEDICARE, &PAYMENTS, &PATIENTS] {
        let answers = frame.run(&plan, best(), given, 1);
        for i in 0..frame.rows() {
            let told = determine(&plan, &as_row(&frame.row(i), given));
            let said = (answers.status[i], answers.method[i], answers.option[i], answers.reason[i]);
            assert_eq!((told.status, told.method, told.option, told.reason), said);
            assert_eq!([told.payments_needed, told.patients_needed], [answers.needed[0][i], answers.needed[1][i]]);
        }
    }
}

#[test]
fn raising_a_numerator_never_lowers_the_status() {
    let (judge, plan) = (Judge::new(&book(), NOW), plan(&book(), NOW));
    let mut random = Random::new(12);
    let frame = crowd(&judge, 13, 200_000);
    let before = frame.run(&plan, best(), &ALL, 1);
    for at in [0, 2, 5, 7] {
        let mut raised = frame.clone();
        for (part, whole) in raised.0[at].iter_mut().zip(&frame.0[at + 1]) {
            let room = *whole - *part;
            *part += if random.one_in(2) { room.min(1) } else { random.between(0, room) };
        }
        let after = raised.run(&plan, best(), &ALL, 1);
        for i in 0..frame.rows() {
            assert!(rank(after.status[i]) >= rank(before.status[i]), "{:?}", raised.row(i));
        }
    }
}

#[test]
fn all_payer_figures_never_lower_a_status() {
    let (judge, plan) = (Judge::new(&book(), NOW), plan(&book(), NOW));
    let frame = crowd(&judge, 14, 200_000);
    let without = frame.run(&plan, best(), &MEDICARE, 1);
    let with = frame.run(&plan, best(), &ALL, 1);
    let mut raised = 0;
    for i in 0..frame.rows() {
        let (a, b) = (without.status[i], with.status[i]);
        assert!(rank(b) >= rank(a) && (a == NULL) == (b == NULL), "{:?}", frame.row(i));
        assert!(a != QP || (with.option[i], with.method[i]) == (1, without.method[i]));
        raised += usize::from(rank(b) > rank(a));
    }
    assert!(raised > 5_000, "the rows reach the option: {raised}");
}

#[test]
fn the_medicare_minimum_alone_stands_between_an_all_payer_score_and_its_status() {
    let (judge, plan) = (Judge::new(&book(), NOW), plan(&book(), NOW));
    let frame = crowd(&judge, 15, 200_000);
    let before = frame.run(&plan, best(), &ALL, 1);
    let mut opened = frame.clone();
    let blocked: Vec<usize> =
        (0..frame.rows()).filter(|i| before.reason[*i] == reason::MEDICARE_MINIMUM_NOT_MET).collect();
    assert!(blocked.len() > 1_000, "the rows reach the minimum: {}", blocked.len());
    for i in &blocked {
        // A full Medicare score meets any minimum, and is QP by itself.
        let at = if frame.0[1][*i] > 0 { 0 } else { 2 };
        opened.0[at][*i] = opened.0[at + 1][*i];
    }
    let after = opened.run(&plan, best(), &ALL, 1);
    for i in blocked {
        assert_eq!((after.status[i], after.reason[i]), (QP, 0), "{:?}", opened.row(i));
    }
}
