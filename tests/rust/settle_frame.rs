//! Rows of the Shared Savings Program that crowd its gates, as rows and as columns.

use crate::support::{Cells, NOW, Random, book};
use sharedsavings::core::kernel::{Column, Finding, TILE};
use sharedsavings::core::settle::{Inputs, Outputs, Plan, Row, Settlement, Terms, Unsettled, Year, run, settle};
use std::sync::OnceLock;

/// A row with its year and track.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) year: i64,
    pub(crate) track: &'static str,
    pub(crate) row: Row,
}

pub(crate) const TRACKS: [&str; 6] = ["A", "B", "C", "D", "E", "ENHANCED"];
pub(crate) const PPB: i64 = 1_000_000_000;
/// Menu of minimum rates, parts per billion: 0, 0.5, 1, 1.5 and 2 percent.
pub(crate) const MENU: [i64; 5] = [0, 5_000_000, 10_000_000, 15_000_000, 20_000_000];

/// The program's plan from the shipped book, all that is known.
pub(crate) fn plan() -> &'static Plan {
    static PLAN: OnceLock<Plan> = OnceLock::new();
    PLAN.get_or_init(|| Plan::new(&book(), "mssp", NOW).unwrap())
}

impl Case {
    pub(crate) fn terms(&self) -> (&'static Year, &'static Terms) {
        let year = plan().year(self.year).expect("a year of the book");
        (year, year.terms[plan().code(self.track).expect("a track")].as_ref().expect("terms"))
    }

    pub(crate) fn settle(&self) -> Result<Settlement, Unsettled> {
        let (year, terms) = self.terms();
        settle(year, terms, &self.row)
    }

    pub(crate) fn two_sided(&self) -> bool {
        !["A", "B"].contains(&self.track)
    }

    /// Any valid row, with nulls.
    pub(crate) fn any(random: &mut Random) -> Self {
        let year = random.between(2021, 2024);
        let track = random.pick(&TRACKS);
        let benchmark = match random.between(0, 9) {
            0 => random.between(1, 1000),
            1 => random.magnitude(i64::MAX),
            2 => i64::MAX - random.between(0, 3),
            _ => random.between(1_000_000_000, 500_000_000_000),
        };
        let quality = match random.between(0, 9) {
            0 => 0,
            1 => PPB,
            // Where an ENHANCED loss rate meets its bounds: a third and four fifths.
            2 => PPB / 3 + random.between(0, 2) - 1,
            3 => PPB / 5 * 4 + random.between(0, 2) - 1,
            4 if benchmark < 1 << 50 => random.between(0, PPB),
            _ => random.between(0, 10_000) * 100_000,
        };
        let maybe = |random: &mut Random, value: i64| (!random.one_in(20)).then_some(value);
        let truth = |random: &mut Random| (!random.one_in(20)).then(|| random.one_in(2));
        let start = random.pick(&[20_190_701, 20_220_101, 20_231_231, 20_240_101, 20_240_102, 20_250_101]);
        let mut case = Self { year, track, row: Row::default() };
        case.row = Row {
            benchmark,
            expenditures: 0,
            beneficiaries: beneficiaries(random),
            quality_score: maybe(random, quality),
            quality_standard_met: truth(random),
            alternative_standard_met: truth(random),
            elected_rate: (case.two_sided() && random.one_in(2)).then(|| random.pick(&MENU)),
            participant_revenue: match random.between(0, 3) {
                0 => None,
                1 => Some(random.between(0, 1000)),
                _ => Some(random.between(0, benchmark)),
            },
            low_revenue: truth(random),
            agreement_start: maybe(random, start),
            disaster_relief: match random.between(0, 3) {
                0 => random.between(0, benchmark / 50),
                1 => random.between(0, 100),
                _ => 0,
            },
            guardrail: random.one_in(10),
        };
        case.row.expenditures = case.near_a_gate(random);
        case
    }

    /// Expenditures around the minimum rates, the benchmark, the limits, or anywhere.
    fn near_a_gate(&self, random: &mut Random) -> i64 {
        let benchmark = i128::from(self.row.benchmark);
        let rate = match (self.row.elected_rate, random.between(0, 5)) {
            (_, 0) => return random.between(0, self.row.benchmark),
            (_, 1) => return self.row.benchmark.saturating_add(random.between(0, self.row.benchmark)),
            (_, 2) => random.pick(&[0, PPB / 5, PPB / 4, PPB / 2]),
            (Some(rate), _) if self.row.beneficiaries >= 5000 => rate,
            _ => match self.terms().0.common.size_scale.rate(self.row.beneficiaries) {
                Some(rate) => (i128::from(rate.n) * i128::from(PPB) / i128::from(rate.d)) as i64,
                None => 0,
            },
        };
        let side = if random.one_in(2) { -1 } else { 1 };
        let spent = benchmark + side * benchmark * i128::from(rate) / i128::from(PPB);
        let spent = spent + i128::from(random.between(0, 6) - 3);
        i64::try_from(spent.max(0)).unwrap_or(i64::MAX)
    }
}

/// Counts around the ends of the bands, and anywhere; a few below the first band.
fn beneficiaries(random: &mut Random) -> i64 {
    let ends = [500, 999, 1000, 2999, 3000, 4999, 5000, 5999, 9999, 14_999, 19_999, 49_999, 59_999, 60_000];
    match random.between(0, 9) {
        0 => random.between(0, 600),
        1..=4 => random.pick(&ends) + random.between(0, 2) - 1,
        _ => random.between(500, 200_000),
    }
}

/// Many cases.
pub(crate) fn cases(seed: u64, count: usize) -> Vec<Case> {
    let mut random = Random::new(seed);
    (0..count).map(|_| Case::any(&mut random)).collect()
}

/// Cases as columns, in the order of `settle::reason::COLUMNS`.
pub(crate) fn columns(cases: &[Case]) -> [Vec<Option<i64>>; 14] {
    let mut columns = [const { Vec::new() }; 14];
    for Case { year, track, row } in cases {
        let cells = [
            Some(row.benchmark),
            Some(row.expenditures),
            Some(row.beneficiaries),
            plan().code(track).map(|code| code as i64),
            Some(*year),
            row.quality_score,
            row.quality_standard_met.map(i64::from),
            row.alternative_standard_met.map(i64::from),
            row.elected_rate,
            row.participant_revenue,
            row.low_revenue.map(i64::from),
            row.agreement_start,
            Some(row.disaster_relief),
            Some(i64::from(row.guardrail)),
        ];
        for (column, cell) in columns.iter_mut().zip(cells) {
            column.push(cell);
        }
    }
    columns
}

/// All outputs of a run: six of money, five rates as bits, and the reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answers {
    pub(crate) money: [Vec<i64>; 6],
    pub(crate) rates: [Vec<u64>; 5],
    pub(crate) reason: Vec<u8>,
    pub(crate) findings: Vec<Finding>,
}

impl Answers {
    pub(crate) fn row(&self, i: usize) -> ([i64; 6], [u64; 5], u8) {
        (std::array::from_fn(|c| self.money[c][i]), std::array::from_fn(|c| self.rates[c][i]), self.reason[i])
    }
}

pub(crate) fn run_columns(columns: [Option<&dyn Column>; 14], threads: usize) -> Answers {
    let rows = columns[0].expect("a benchmark").rows();
    // No column starts with a value that the run could leave by oversight.
    let mut money = [(); 6].map(|()| vec![-99_i64; rows]);
    let mut rates = [(); 5].map(|()| vec![9.9_f64; rows]);
    let mut reason = vec![99_u8; rows];
    let [savings, generated, payment_limit, loss_limit, sequestered, earned] = &mut money;
    let [savings_rate, minimum_savings_rate, minimum_loss_rate, sharing_rate, loss_rate] = &mut rates;
    let outputs = Outputs {
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
        reason: Some(&mut reason),
    };
    let findings = run(plan(), &Inputs { columns }, outputs, Some(threads)).unwrap().sorted();
    let rates = rates.map(|column| column.into_iter().map(f64::to_bits).collect());
    Answers { money, rates, reason, findings }
}

pub(crate) fn run_cells(columns: &[Vec<Option<i64>>; 14], threads: usize) -> Answers {
    let cells = columns.each_ref().map(|c| Cells(c.clone()));
    run_columns(std::array::from_fn(|c| Some(&cells[c] as &dyn Column)), threads)
}

/// Rows at the edges of tiles, and inside, of a frame of [`ROWS`].
pub(crate) const PLACES: [usize; 6] = [0, 1, TILE - 1, TILE, TILE + 777, ROWS - 1];
/// Two tiles and a half.
pub(crate) const ROWS: usize = 2 * TILE + TILE / 2;
