//! Rows of the Shared Savings Program that crowd its gates, as rows and as columns.

use crate::support::{Cells, NOW, Random, book};
use sharedsavings::core::kernel::{Column, Finding, Level, TILE, level};
use sharedsavings::core::round::Ratio;
use sharedsavings::core::settle::reason::COLUMNS;
use sharedsavings::core::settle::{
    Inputs, NULL_CENTS, Outputs, Plan, Row, Settlement, Terms, Unsettled, Year, run_at, settle,
};
use std::sync::OnceLock;

/// A row with its year and track.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) year: i64,
    pub(crate) track: &'static str,
    pub(crate) row: Row,
}

/// Levels from 2022 on.
pub(crate) const LEVELS: [&str; 6] = ["A", "B", "C", "D", "E", "ENHANCED"];
/// Performance years that the random rows are drawn from.
pub(crate) const YEARS: (i64, i64) = (2013, 2028);

/// Tracks that ran in a year, as CMS's results have them.
pub(crate) fn tracks(year: i64) -> &'static [&'static str] {
    match year {
        2013..=2015 => &["1", "2"],
        2016..=2017 => &["1", "2", "3"],
        2018 => &["1", "1+", "2", "3"],
        2019..=2021 => &["1", "1+", "2", "3", "A", "B", "C", "D", "E", "ENHANCED"],
        _ => &LEVELS,
    }
}
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
        !["1", "A", "B"].contains(&self.track)
    }

    /// Any valid row, with nulls.
    pub(crate) fn any(random: &mut Random) -> Self {
        // Half of them from 2021 to 2024, where the rules branch most.
        let year = if random.one_in(2) { random.between(2021, 2024) } else { random.between(YEARS.0, YEARS.1) };
        let track = random.pick(tracks(year));
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
        let start = match random.between(0, 2) {
            0 => random.pick(&[20_190_701, 20_220_101, 20_231_231, 20_240_101, 20_240_102, 20_270_101]),
            _ => (year - random.between(0, 4)) * 10_000 + 101,
        };
        let benchmark_relief = random.between(0, 3);
        let mut case = Self { year, track, row: Row::default() };
        case.row = Row {
            benchmark,
            expenditures: 0,
            beneficiaries: beneficiaries(random),
            quality_score: maybe(random, quality),
            quality_standard_met: truth(random),
            alternative_standard_met: truth(random),
            elected_rate: (case.two_sided() && year > 2015 && random.one_in(2)).then(|| random.pick(&MENU)),
            participant_revenue: match random.between(0, 3) {
                0 => None,
                1 => Some(random.between(0, 1000)),
                _ => Some(random.between(0, benchmark)),
            },
            low_revenue: truth(random),
            agreement_start: maybe(random, start),
            disaster_relief: match benchmark_relief {
                0 => random.between(0, benchmark / 50),
                1 => random.between(0, 100),
                _ => 0,
            },
            guardrail: random.one_in(10),
            ..Row::default()
        };
        if random.one_in(3) {
            case.seldom(random, benchmark_relief > 1);
        }
        case.row.expenditures = case.near_a_gate(random);
        case
    }

    /// A row as most are: nothing null that decides, nothing that only the engine settles.
    pub(crate) fn ordinary(random: &mut Random) -> Self {
        loop {
            let mut case = Self::any(random);
            let row = &mut case.row;
            if row.benchmark > 1 << 49 || row.expenditures > 1 << 49 || row.beneficiaries < 500 {
                continue;
            }
            row.quality_score = row.quality_score.or(Some(PPB / 4 * 3));
            row.quality_standard_met = row.quality_standard_met.or(Some(true));
            row.alternative_standard_met = row.alternative_standard_met.or(Some(false));
            row.low_revenue = row.low_revenue.or(Some(true));
            let start = row.agreement_start.unwrap_or(case.year * 10_000 + 101);
            row.agreement_start = Some(if start % 100 > 28 { start - 3 } else { start });
            (row.half_year, row.termination_date, row.terminated_by_cms) = (false, None, false);
            (row.relief_shares, row.payment_date, row.advance_balance) = (None, None, None);
            row.small_benchmark_year = false;
            return case;
        }
    }

    /// What few rows have: half years, early ends, relief by shares, dates of payment, advances.
    fn seldom(&mut self, random: &mut Random, no_relief: bool) {
        let (year, row) = (self.year, &mut self.row);
        row.half_year = year == 2019 && random.one_in(2);
        if !row.half_year && random.one_in(3) {
            let (month, day) = (random.between(1, 12), random.pick(&[1, 28, 30]));
            let last = random.one_in(4);
            let date = if last { 1231 } else { month * 100 + if month == 2 { day.min(28) } else { day } };
            row.termination_date = Some(year * 10_000 + date);
            row.terminated_by_cms = random.one_in(2);
        }
        if no_relief && random.one_in(3) {
            row.relief_shares = Some([random.between(0, PPB), random.between(0, 100) * (PPB / 100)]);
        }
        if random.one_in(3) {
            row.payment_date = Some(random.pick(&[
                20_130_331, 20_130_401, 20_200_430, 20_200_501, 20_220_331, 20_220_401, 20_220_630, 20_220_701,
            ]));
        }
        row.two_sided_year = random.one_in(3).then(|| random.between(1, 5));
        row.small_benchmark_year = random.one_in(4);
        let most = row.benchmark / 10;
        row.advance_balance = random.one_in(2).then(|| random.between(0, most));
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

/// Cents of dollars.
pub(crate) const fn usd(dollars: i64) -> i64 {
    dollars * 100
}

pub(crate) fn settled(year: i64, track: &'static str, row: Row) -> Settlement {
    Case { year, track, row }.settle().unwrap()
}

/// A row that meets the quality standard.
pub(crate) fn met(benchmark: i64, expenditures: i64, beneficiaries: i64) -> Row {
    Row { benchmark, expenditures, beneficiaries, quality_standard_met: Some(true), ..Row::default() }
}

/// A row that meets only the alternative quality standard.
pub(crate) fn alternative(row: Row, score: i64) -> Row {
    Row {
        quality_standard_met: Some(false),
        alternative_standard_met: Some(true),
        quality_score: Some(score),
        ..row
    }
}

/// Percent of a rate, as CMS prints rates.
pub(crate) fn percent(rate: Ratio) -> f64 {
    rate.n as f64 * 100.0 / rate.d as f64
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

/// Columns of rows, nulls among them.
pub(crate) type Frame = [Vec<Option<i64>>; COLUMNS.len()];

/// Cases as columns, in the order of `settle::reason::COLUMNS`.
pub(crate) fn columns(cases: &[Case]) -> Frame {
    let mut columns = [const { Vec::new() }; COLUMNS.len()];
    for Case { year, track, row } in cases {
        let code = plan().code(track).map(|code| code as i64);
        for (column, cell) in columns.iter_mut().zip(cells(code, *year, row)) {
            column.push(cell);
        }
    }
    columns
}

/// A row as cells of columns, under the code of its arrangement.
pub(crate) fn cells(code: Option<i64>, year: i64, row: &Row) -> [Option<i64>; COLUMNS.len()] {
    [
        Some(row.benchmark),
        Some(row.expenditures),
        Some(row.beneficiaries),
        code,
        Some(year),
        row.quality_score,
        row.quality_standard_met.map(i64::from),
        row.alternative_standard_met.map(i64::from),
        row.elected_rate,
        row.participant_revenue,
        row.low_revenue.map(i64::from),
        row.agreement_start,
        Some(row.disaster_relief),
        Some(i64::from(row.guardrail)),
        Some(i64::from(row.half_year)),
        row.termination_date,
        Some(i64::from(row.terminated_by_cms)),
        row.relief_shares.map(|shares| shares[0]),
        row.relief_shares.map(|shares| shares[1]),
        row.payment_date,
        row.two_sided_year,
        Some(i64::from(row.small_benchmark_year)),
        row.advance_balance,
        row.discount,
        row.elected_cap,
        Some(i64::from(row.benchmark_final)),
        Some(row.benchmark_bonus),
        row.geographic_factor,
        Some(row.payment_adjustment),
    ]
}

/// All outputs of a run: eight of money, five rates as bits, and the reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answers {
    pub(crate) money: [Vec<i64>; 8],
    pub(crate) rates: [Vec<u64>; 5],
    pub(crate) reason: Vec<u8>,
    pub(crate) findings: Vec<Finding>,
}

impl Answers {
    pub(crate) fn row(&self, i: usize) -> ([i64; 8], [u64; 5], u8) {
        (std::array::from_fn(|c| self.money[c][i]), std::array::from_fn(|c| self.rates[c][i]), self.reason[i])
    }
}

#[allow(clippy::large_types_passed_by_value)] // made on the spot
pub(crate) fn run_columns(columns: [Option<&dyn Column>; COLUMNS.len()], threads: usize) -> Answers {
    run_columns_at(level(), columns, threads)
}

#[allow(clippy::large_types_passed_by_value)] // made on the spot
pub(crate) fn run_columns_at(
    level: Level,
    columns: [Option<&dyn Column>; COLUMNS.len()],
    threads: usize,
) -> Answers {
    let rows = columns[0].expect("a benchmark").rows();
    // No column starts with a value that the run could leave by oversight.
    let mut money = [(); 8].map(|()| vec![-99_i64; rows]);
    let mut rates = [(); 5].map(|()| vec![9.9_f64; rows]);
    let mut reason = vec![99_u8; rows];
    let [savings, generated, payment_limit, loss_limit, sequestered, earned, recouped, outstanding] = &mut money;
    let [savings_rate, minimum_savings_rate, minimum_loss_rate, sharing_rate, loss_rate] = &mut rates;
    let mut target = vec![-99_i64; rows];
    let outputs = Outputs {
        target: Some(&mut target),
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
        reason: Some(&mut reason),
    };
    let benchmarks = {
        let (mut cells, mut flags) = (vec![0; rows], vec![0; rows]);
        columns[0].expect("a benchmark").gather(0..rows, &mut cells, &mut flags);
        cells
    };
    let findings = run_at(level, plan(), &Inputs { columns }, outputs, Some(threads)).unwrap().sorted();
    for ((target, savings), benchmark) in target.iter().zip(&*money[0]).zip(benchmarks) {
        let expected = if *savings == NULL_CENTS { NULL_CENTS } else { benchmark };
        assert_eq!(*target, expected, "the Shared Savings Program has no discount");
    }
    let rates = rates.map(|column| column.into_iter().map(f64::to_bits).collect());
    Answers { money, rates, reason, findings }
}

pub(crate) fn run_cells(columns: &Frame, threads: usize) -> Answers {
    run_cells_at(level(), columns, threads)
}

pub(crate) fn run_cells_at(level: Level, columns: &Frame, threads: usize) -> Answers {
    let cells = columns.each_ref().map(|c| Cells(c.clone()));
    run_columns_at(level, std::array::from_fn(|c| Some(&cells[c] as &dyn Column)), threads)
}

/// Rows at the edges of tiles, and inside, of a frame of [`ROWS`].
pub(crate) const PLACES: [usize; 6] = [0, 1, TILE - 1, TILE, TILE + 777, ROWS - 1];
/// Two tiles and a half.
pub(crate) const ROWS: usize = 2 * TILE + TILE / 2;
