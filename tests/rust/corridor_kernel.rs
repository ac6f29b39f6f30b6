//! The kernel of the programs that are not the Shared Savings Program, and of frames of several: the same outputs as
//! the engine row by row, bit for bit, at every instruction set; and which rows it takes.

use crate::models::{PPB, PROGRAMS, all_terms, elections, given_discount, plan, share};
use crate::settle_frame::{Case, Frame, cells, plan as mssp};
use crate::support::{Cells, NOW, Random, book, levels};
use sharedsavings::core::kernel::{Column, Finding, Level, level};
use sharedsavings::core::settle::reason::{self, COLUMNS, column};
use sharedsavings::core::settle::{Inputs, Outputs, Plan, Row, left_to_engine, run_at};
use std::fmt::Write as _;
use std::sync::OnceLock;

/// All outputs: amounts, rates as bits, reasons, and what was found wrong.
#[derive(Debug, PartialEq)]
struct Answers {
    amounts: [Vec<i64>; 9],
    rates: [Vec<u64>; 5],
    reasons: Vec<u8>,
    findings: Vec<Finding>,
}

impl Answers {
    fn row(&self, i: usize) -> ([i64; 9], [u64; 5], u8) {
        (self.amounts.each_ref().map(|c| c[i]), self.rates.each_ref().map(|c| c[i]), self.reasons[i])
    }
}

/// A plan with a kernel, and the same without.
struct Plans {
    kernel: Plan,
    engine: Plan,
}

impl Plans {
    fn new(programs: &str) -> Self {
        let make = || {
            let several = programs.contains(',');
            if several { Plan::joined(&book(), programs, NOW) } else { Plan::new(&book(), programs, NOW) }.unwrap()
        };
        Self { kernel: make(), engine: make().by_engine_alone() }
    }

    /// Every program of the book in one plan.
    fn all() -> &'static Self {
        static ALL: OnceLock<Plans> = OnceLock::new();
        ALL.get_or_init(|| Self::new(&format!("{},mssp", PROGRAMS.join(","))))
    }
}

#[allow(clippy::large_types_passed_by_value)] // made on the spot
fn run(level: Level, plan: &Plan, columns: [Option<&dyn Column>; COLUMNS.len()], threads: usize) -> Answers {
    let rows = columns[0].unwrap().rows();
    // No column starts with a value that the run could leave by oversight.
    let mut amounts = [(); 9].map(|()| vec![-99_i64; rows]);
    let mut rates = [(); 5].map(|()| vec![9.9_f64; rows]);
    let mut reasons = vec![99_u8; rows];
    let [target, savings, generated, payment_limit, loss_limit, sequestered, earned, recouped, outstanding] =
        &mut amounts;
    let [savings_rate, minimum_savings_rate, minimum_loss_rate, sharing_rate, loss_rate] = &mut rates;
    let outputs = Outputs {
        target: Some(target),
        savings: Some(savings),
        savings_rate: Some(savings_rate),
        minimum_savings_rate: Some(minimum_savings_rate),
        minimum_loss_rate: Some(minimum_loss_rate),
        generated: Some(generated),
        sharing_rate: Some(sharing_rate),
        loss_rate: Some(loss_rate),
        payment_limit: Some(payment_limit),
        loss_limit: Some(loss_limit),
        sequestered: Some(sequestered),
        earned: Some(earned),
        advance_recouped: Some(recouped),
        advance_outstanding: Some(outstanding),
        reason: Some(&mut reasons),
    };
    let findings = run_at(level, plan, &Inputs { columns }, outputs, Some(threads)).unwrap().sorted();
    Answers { amounts, rates: rates.map(|c| c.into_iter().map(f64::to_bits).collect()), reasons, findings }
}

fn run_cells(level: Level, plan: &Plan, frame: &Frame, threads: usize) -> Answers {
    let cells = frame.each_ref().map(|c| Cells(c.clone()));
    run(level, plan, std::array::from_fn(|c| Some(&cells[c] as &dyn Column)), threads)
}

/// Rows with their arrangements, as columns of a plan of all programs.
fn frame(rows: &[(i64, i64, Row)]) -> Frame {
    let mut columns = [const { Vec::new() }; COLUMNS.len()];
    for (code, year, row) in rows {
        for (column, cell) in columns.iter_mut().zip(cells(Some(*code), *year, row)) {
            column.push(cell);
        }
    }
    columns
}

/// The code of an arrangement in the plan of all programs.
fn code(program: &str, arrangement: &str) -> i64 {
    let before = PROGRAMS.iter().take_while(|p| **p != program).map(|p| plan(p).arrangements.len()).sum::<usize>();
    let own = if program == "mssp" { mssp() } else { plan(program) };
    (before + own.code(arrangement).unwrap()) as i64
}

type At = (&'static str, i64, &'static str);

/// A row as most are, near every gate, bound and tie of its arrangement.
fn ordinary(random: &mut Random, (program, year, arrangement): At) -> Row {
    let benchmark = match random.between(0, 9) {
        0 => random.between(1, 100_000),
        1 => random.magnitude(1 << 43),
        2..=6 => random.between(1, 50_000) * 1_000_000,
        _ => random.between(1_000_000, 50_000_000_000),
    };
    let (cap, discount) = random.pick(&elections(program, year));
    let discount = discount.or(given_discount(program, arrangement));
    // Discounts, bounds of slices, caps, gates and limits are at such parts of the benchmark, or their products.
    let near = random.pick(&[
        0, 10, 20, 25, 30, 35, 40, 45, 50, 55, 59, 60, 68, 70, 79, 80, 87, 98, 100, 126, 150, 177, 200, 250, 286,
        340, 370, 400, 510, 900,
    ]);
    let side = if random.one_in(2) { 1 } else { -1 };
    let noise = match random.between(0, 2) {
        0 => 0,
        1 => random.between(0, 6) - 3,
        _ => random.between(0, benchmark / 50) - benchmark / 100,
    };
    let spent = benchmark + side * (benchmark / 1000) * near + noise;
    let by_step = ["cjr", "eom", "ocm"].contains(&program);
    let score = match random.between(0, 2) {
        0 if by_step => {
            random.pick(&[249_999_999, 344_999_999, 345_000_000, 499_999_999, 500_000_000, 750_000_000])
        }
        0 => random.pick(&[0, 250_000_000, 500_000_000, PPB]),
        1 => random.between(0, 10_000) * 100_000,
        _ => random.between(0, 1_000_000) * 1_000,
    };
    let adjusted = random.one_in(5);
    Row {
        benchmark,
        expenditures: spent.max(0),
        beneficiaries: random.between(350, 3_000),
        quality_score: Some(score),
        quality_standard_met: Some(!random.one_in(4)),
        alternative_standard_met: Some(random.one_in(2)),
        participant_revenue: Some(random.between(0, benchmark)),
        low_revenue: Some(random.one_in(2)),
        agreement_start: Some(year * 10_000 + 101),
        elected_cap: cap,
        discount,
        benchmark_bonus: if random.one_in(8) { random.between(0, benchmark / 10) } else { 0 },
        geographic_factor: random.one_in(5).then(|| random.between(80, 120) * (PPB / 100)),
        payment_adjustment: if adjusted { random.between(0, 200_000) - 100_000 } else { 0 },
        disaster_relief: if random.one_in(8) { random.between(0, benchmark / 50) } else { 0 },
        ..Row::default()
    }
}

/// Rows that few frames have: nulls, elections that are not on offer, fine scores, amounts beyond the kernel.
fn odd(random: &mut Random, at: At) -> Row {
    let mut row = ordinary(random, at);
    match random.between(0, 12) {
        0 => row.quality_score = None,
        1 => row.quality_standard_met = None,
        2 => row.participant_revenue = None,
        3 => row.elected_cap = random.pick(&[None, Some(0), Some(PPB), Some(share("0.0712345"))]),
        4 => row.discount = random.pick(&[None, Some(0), Some(PPB), Some(share("0.012345678"))]),
        5 => row.quality_score = Some(random.between(0, PPB)),
        6 => row.benchmark_final = true,
        7 => (row.benchmark, row.expenditures) = (random.magnitude(i64::MAX), random.magnitude(i64::MAX)),
        8 => (row.benchmark, row.expenditures) = (i64::MAX - random.between(0, 2), random.between(0, i64::MAX)),
        9 => row.geographic_factor = Some(random.magnitude(5 * PPB)),
        10 => row.payment_adjustment = random.magnitude(i64::MAX) - random.magnitude(i64::MAX),
        11 => row.elected_rate = Some(10_000_000),
        _ => {
            row.half_year = random.one_in(3);
            row.relief_shares = random.one_in(3).then_some([PPB / 4, PPB / 2]);
            row.advance_balance = random.one_in(3).then_some(1_000_000);
            row.termination_date = random.one_in(3).then_some(at.1 * 10_000 + 930);
        }
    }
    row
}

/// Rows of all programs, one in `seldom` of them odd.
fn mixed(seed: u64, count: usize, seldom: i64) -> Vec<(i64, i64, Row)> {
    let (all, mut random) = (all_terms(), Random::new(seed));
    let mut row = |_| {
        if random.one_in(6) {
            let case = if random.one_in(seldom) { Case::any(&mut random) } else { Case::ordinary(&mut random) };
            return (code("mssp", case.track), case.year, case.row);
        }
        let at = random.pick(&all);
        let row = if random.one_in(seldom) { odd(&mut random, at) } else { ordinary(&mut random, at) };
        (code(at.0, at.2), at.1, row)
    };
    (0..count).map(&mut row).collect()
}

fn assert_equal(found: &Answers, expected: &Answers, rows: &[(i64, i64, Row)], context: &str) {
    for (i, row) in rows.iter().enumerate() {
        let arrangement = &Plans::all().kernel.arrangements[row.0 as usize];
        assert_eq!(found.row(i), expected.row(i), "{context}: row {i}: {arrangement} {row:?}");
    }
    assert_eq!(found.findings, expected.findings, "{context}");
}

#[test]
fn the_corridor_kernel_equals_the_engine_in_every_output_at_every_instruction_set() {
    for (seed, level) in (80..).zip(levels()) {
        let rows = mixed(seed, 250_000, 60);
        let frame = frame(&rows);
        let found = run_cells(level, &Plans::all().kernel, &frame, 2);
        let expected = run_cells(level, &Plans::all().engine, &frame, 2);
        let held = frame.each_ref().map(|c| Cells(c.clone()));
        let inputs = Inputs { columns: std::array::from_fn(|c| Some(&held[c] as &dyn Column)) };
        let left = left_to_engine(&Plans::all().kernel, &inputs).unwrap();
        assert!((1_000..10_000).contains(&left), "few enough for the kernel to settle the blocks: {left}");
        assert_equal(&found, &expected, &rows, &format!("{level:?}"));
    }
}

#[test]
fn ordinary_rows_of_every_program_are_settled_by_the_kernel() {
    let mut random = Random::new(91);
    for program in PROGRAMS {
        let plans = Plans::new(program);
        let terms: Vec<At> = all_terms().into_iter().filter(|at| at.0 == program).collect();
        let mut columns: Frame = [const { Vec::new() }; COLUMNS.len()];
        for _ in 0..20_000 {
            let at = random.pick(&terms);
            let code = plans.kernel.code(at.2).unwrap() as i64;
            for (column, cell) in columns.iter_mut().zip(cells(Some(code), at.1, &ordinary(&mut random, at))) {
                column.push(cell);
            }
        }
        let held = columns.each_ref().map(|c| Cells(c.clone()));
        let inputs = Inputs { columns: std::array::from_fn(|c| Some(&held[c] as &dyn Column)) };
        let left = left_to_engine(&plans.kernel, &inputs).unwrap();
        assert!(left == 0, "{program}: {left} of 20,000 rows are left to the engine");
        assert_eq!(left_to_engine(&plans.engine, &inputs).unwrap(), 20_000);
        let found = run_cells(level(), &plans.kernel, &columns, 1);
        assert!(found == run_cells(level(), &plans.engine, &columns, 1), "{program}");
        assert!(found.amounts[6].iter().any(|earned| *earned > 0), "{program}");
    }
}

/// Rules of a contract, at random.
struct Contract {
    text: String,
    given: Option<[i64; 2]>,
    elected: Option<[i64; 2]>,
}

impl Contract {
    fn put(&mut self, id: &str, (kind, unit): (&str, &str), value: &str) {
        let _ = write!(
            self.text,
            "[[rule]]\nid = \"contract.{id}\"\nkind = \"{kind}\"\nunit = \"{unit}\"\n\
             applies = {{ clock = \"performance_year\", from = 2024 }}\nvalue = {value}\n"
        );
    }

    fn word(&mut self, id: &str, word: &str) {
        self.put(id, ("scalar", "text"), &format!("\"{word}\""));
    }

    fn share(&mut self, id: &str, per_mille: i64) {
        let value = if per_mille == 1_000 { "1".into() } else { format!("0.{per_mille:03}") };
        self.put(id, ("scalar", "share"), &format!("\"{value}\""));
    }

    fn steps(&mut self, id: &str, random: &mut Random, most: i64) {
        let (mut value, mut upper) = (String::from("["), 0);
        for _ in 0..random.between(1, 3) {
            upper += random.between(1, 6) * 50;
            let _ = write!(value, "[\"0.{upper:03}\", \"0.{:03}\"], ", random.between(0, most / 10) * 10);
        }
        let _ = write!(value, "[\"inf\", \"0.{:03}\"]]", random.between(0, most / 10) * 10);
        self.put(id, ("bands", "share"), &value);
    }

    #[allow(clippy::too_many_lines)] // one field after the other
    fn any(random: &mut Random) -> Self {
        let mut new = Self { text: String::new(), given: None, elected: None };
        new.put("arrangements", ("choice", "text"), "[\"GOLD\"]");
        let two_sided = !random.one_in(6);
        new.word("risk", if two_sided { "two_sided" } else { "one_sided" });
        let minimum = random.pick(&["none", "none", "fixed", "size_scale"]);
        new.word("minimum_rate", minimum);
        match minimum {
            "fixed" => new.share("minimum_rate.fixed", random.between(1, 40)),
            "size_scale" => {
                let scale = "[[\"1000\", \"0.04\"], [\"2000\", \"0.025\"]]";
                new.put("minimum_rate.size_scale", ("piecewise_linear", "share"), scale);
            }
            _ => {}
        }
        if random.one_in(4) {
            new.share("minimum_rate.losses", random.between(0, 30));
        }
        if random.one_in(2) {
            new.word("sharing_rate.origin", "above_minimum_rate");
        }
        match random.between(0, 3) {
            0 => new.share("discount", random.between(0, 60)),
            1 => {
                new.share("discount.lowest", 5);
                new.share("discount.highest", 45);
                new.given = Some([5, 45]);
            }
            2 => new.steps("discount.bands", random, 60),
            _ => {}
        }
        if random.one_in(4) {
            new.share("loss_discount", 0);
        }
        if random.one_in(2) {
            let part = random.between(1, 6);
            new.share("withhold", part * 10);
            new.share("withhold.reporting", random.between(0, part) * 10);
        }
        match random.between(0, 3) {
            0 => new.share("gross_cap", random.between(1, 15) * 10),
            1 => {
                new.share("elected_cap.lowest", 20);
                new.share("elected_cap.highest", 150);
                new.elected = Some([20, 150]);
            }
            _ => {}
        }
        if random.one_in(2) {
            new.steps("sharing_rate.bands", random, 999);
        } else {
            new.share("sharing_rate", random.between(1, 100) * 10);
        }
        let words = ["none", "standard", "standard_else_scaled", "scaled", "score", "cut_by_lack"];
        let quality = random.pick(&words);
        new.word("sharing_rate.quality", quality);
        new.share("quality_adjustment.savings", random.between(1, 20) * 10);
        new.share("quality_adjustment.losses", random.between(1, 20) * 10);
        if random.one_in(5) {
            new.share("lowest_score", random.between(1, 500));
        }
        if random.one_in(2) {
            new.steps("payment_multiplier.bands", random, 999);
        }
        for (limit, basis) in
            [("payment_limit", "payment_limit.basis"), ("loss_limit.benchmark", "loss_limit.basis")]
        {
            if random.one_in(2) {
                new.share(limit, random.between(1, 200));
                new.word(basis, random.pick(&["benchmark", "target"]));
            }
        }
        for limit in ["payment_limit.revenue", "loss_limit.revenue"] {
            if random.one_in(3) {
                new.share(limit, random.between(1, 400));
            }
        }
        if random.one_in(2) {
            new.word("payment_limit.order", "before_sequestration");
        }
        match random.between(0, 2) {
            0 => new.word("loss_rate.basis", "sharing_rate"),
            1 => new.steps("loss_rate.bands", random, 999),
            _ => new.share("loss_rate", random.between(60, 100) * 10),
        }
        new.word("loss_rate.quality", random.pick(&["fixed", "one_less_scaled_sharing_rate", "cut_by_score"]));
        new.share("loss_rate.floor", random.between(0, 50) * 10);
        if random.one_in(3) {
            new.share("loss_gate", 1_000);
        }
        if !random.one_in(3) {
            new.share("sequestration", 20);
        }
        new
    }

    /// A row of it, with what it asks for.
    fn row(&self, random: &mut Random) -> Row {
        let per_mille = |random: &mut Random, [lowest, highest]: [i64; 2]| {
            random.between(lowest / 5, highest / 5) * (PPB / 200)
        };
        Row {
            beneficiaries: random.between(990, 2_100),
            discount: self.given.map(|bounds| per_mille(random, bounds)),
            elected_cap: self.elected.map(|bounds| per_mille(random, bounds)),
            ..ordinary(random, ("reach", 2024, "GLOBAL"))
        }
    }
}

#[test]
fn contracts_at_random_are_settled_as_by_the_engine() {
    let mut random = Random::new(95);
    let (mut plans, mut by_kernel) = (0, 0);
    for _ in 0..150 {
        let contract = Contract::any(&mut random);
        let own = book().with_toml("contract.toml", &contract.text).unwrap();
        let Ok(kernel) = Plan::new(&own, "contract", NOW) else { continue };
        let engine = kernel.clone().by_engine_alone();
        let mut columns: Frame = [const { Vec::new() }; COLUMNS.len()];
        for _ in 0..2_048 {
            let row = contract.row(&mut random);
            for (column, cell) in columns.iter_mut().zip(cells(Some(0), 2024, &row)) {
                column.push(cell);
            }
        }
        let held = columns.each_ref().map(|c| Cells(c.clone()));
        let inputs = Inputs { columns: std::array::from_fn(|c| Some(&held[c] as &dyn Column)) };
        // Where more are hard the engine settles the whole block.
        by_kernel += i32::from(left_to_engine(&kernel, &inputs).unwrap() < 2_048 / 32);
        plans += 1;
        let expected = run_cells(level(), &engine, &columns, 1);
        for level in levels() {
            let found = run_cells(level, &kernel, &columns, 1);
            for i in 0..2_048 {
                let context =
                    || format!("{level:?}, row {i}: {:?}\n{}", columns.each_ref().map(|c| c[i]), contract.text);
                assert_eq!(found.row(i), expected.row(i), "{}", context());
            }
            assert_eq!(found.findings, expected.findings);
        }
    }
    assert!(plans > 100 && by_kernel > 60, "{by_kernel} of {plans} plans by the kernel");
}

/// What the kernel refuses it leaves to the engine, whose error names row, column and value.
#[test]
fn what_is_wrong_in_a_mixed_frame_is_found_as_by_the_engine() {
    let rows = mixed(97, 6_000, 60);
    let whole = frame(&rows);
    let mut random = Random::new(98);
    for at in 0..COLUMNS.len() {
        let mut columns = whole.clone();
        for _ in 0..40 {
            let row = random.between(0, 5_999) as usize;
            columns[at][row] =
                random.pick(&[None, Some(-1), Some(-5), Some(i64::MIN), Some(i64::MAX), Some(PPB + 1), Some(3)]);
        }
        for level in levels() {
            let found = run_cells(level, &Plans::all().kernel, &columns, 1);
            let expected = run_cells(level, &Plans::all().engine, &columns, 1);
            assert_equal(&found, &expected, &rows, COLUMNS[at]);
        }
    }
}

#[test]
fn columns_that_are_absent_and_columns_read_where_they_lie_settle_alike() {
    let rows: Vec<_> =
        mixed(99, 20_000, i64::MAX).into_iter().filter(|(_, _, row)| row.discount.is_none()).collect();
    let mut columns = frame(&rows);
    let optional = [
        column::BENCHMARK_BONUS,
        column::GEOGRAPHIC_FACTOR,
        column::PAYMENT_ADJUSTMENT,
        column::DISASTER_RELIEF,
        column::BENCHMARK_FINAL,
        column::PARTICIPANT_REVENUE,
        column::QUALITY_SCORE,
    ];
    for absent in optional {
        let held = columns.each_ref().map(|c| Cells(c.clone()));
        let given = |c: usize| (c != absent).then(|| &held[c] as &dyn Column);
        let found = run(level(), &Plans::all().kernel, std::array::from_fn(given), 1);
        assert!(found == run(level(), &Plans::all().engine, std::array::from_fn(given), 1), "{}", COLUMNS[absent]);
        columns[absent].iter_mut().for_each(|cell| *cell = None);
        let nulls = run_cells(level(), &Plans::all().kernel, &columns, 1);
        // An absent column that is needed is an error; a null is a reason.
        let needed = [column::PARTICIPANT_REVENUE, column::QUALITY_SCORE].contains(&absent);
        assert!(needed || nulls == found, "{}", COLUMNS[absent]);
    }
    assert!(run_cells(level(), &Plans::all().kernel, &columns, 1).reasons.contains(&reason::MISSING_INPUT));
}
