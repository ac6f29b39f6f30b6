//! Settlements row by row in `rust_decimal`, for the benchmarks: what exact arithmetic costs without a kernel of
//! integers. Parameters are looked up, not read from the rule book, nothing is traced, and the savings rate is a
//! quotient of floats, so that only the decimals of the amounts and of the comparisons are timed.

use numpy::{Element, PyReadonlyArray1, PyReadonlyArray2, PyReadwriteArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use rayon::prelude::*;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

const BLOCK: usize = 4096;

/// One track in one year.
struct Cell {
    sharing: Decimal,
    kept: Decimal,
    payment_limit: Decimal,
    loss: Decimal,
    loss_floor: Decimal,
    loss_limit: [Decimal; 3],
    revenue_limit: Decimal,
    half: Decimal,
    half_start: i64,
    half_people: i64,
    two_sided: bool,
    scaled: bool,
    alternative: bool,
    fixed: Option<Decimal>,
}

/// What the rows of a call are settled under.
#[pyclass(frozen)]
struct Terms {
    first: i64,
    tracks: i64,
    election_people: i64,
    cells: Vec<Cell>,
    knots: Vec<(i64, Decimal)>,
}

struct Row {
    benchmark: i64,
    expenditures: i64,
    people: i64,
    year: i64,
    score: f64,
    standard: bool,
    alternative: bool,
    elected: Option<f64>,
    revenue: i64,
    low: bool,
    start: i64,
}

fn share(billionths: i64) -> Decimal {
    Decimal::new(billionths, 9).normalize()
}

/// A rate or score, of which floats hold nine digits at least.
#[allow(clippy::cast_possible_truncation)]
fn of_float(rate: f64) -> Decimal {
    Decimal::new((rate * 1e9).round() as i64, 9)
}

fn cents(amount: Decimal) -> i64 {
    let cents = amount.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    cents.to_i64().unwrap_or(i64::MIN)
}

#[pymethods]
#[allow(clippy::needless_pass_by_value)] // pyo3 extracts owned values
impl Terms {
    /// `cells`: a line for each track in each year, shares in parts per billion, in the order read here.
    #[new]
    fn new(
        first: i64,
        tracks: i64,
        election_people: i64,
        cells: PyReadonlyArray2<'_, i64>,
        knots: Vec<(i64, i64)>,
    ) -> PyResult<Self> {
        let cells = cells.as_array();
        if cells.ncols() != 16 || knots.is_empty() {
            return Err(PyValueError::new_err("a cell has 16 parameters, and a scale has knots"));
        }
        let whole = |p: i64| p / 1_000_000_000;
        let cells = cells.rows().into_iter().map(|p| Cell {
            sharing: share(p[0]),
            kept: share(p[1]),
            payment_limit: share(p[2]),
            loss: share(p[3]),
            loss_floor: share(p[4]),
            loss_limit: [share(p[5]), share(p[6]), share(p[7])],
            revenue_limit: share(p[8]),
            half: share(p[9]),
            half_start: whole(p[10]),
            half_people: whole(p[11]),
            two_sided: p[12] != 0,
            scaled: p[13] != 0,
            alternative: p[14] != 0,
            fixed: (p[15] >= 0).then(|| share(p[15])),
        });
        let knots = knots.into_iter().map(|(people, rate)| (people, share(rate))).collect();
        Ok(Self { first, tracks, election_people, cells: cells.collect(), knots })
    }
}

impl Terms {
    /// The minimum rate as a fraction.
    fn minimum(&self, cell: &Cell, row: &Row) -> (Decimal, Decimal) {
        if let Some(fixed) = cell.fixed {
            return (fixed, Decimal::ONE);
        }
        if let Some(rate) = row.elected.filter(|_| row.people >= self.election_people) {
            return (of_float(rate), Decimal::ONE);
        }
        let above = self.knots.partition_point(|k| k.0 <= row.people);
        let (low, at_low) = self.knots[above.saturating_sub(1)];
        let Some((high, at_high)) = self.knots.get(above).copied() else { return (at_low, Decimal::ONE) };
        let (up, down) = (Decimal::from(high - row.people), Decimal::from(row.people - low));
        (at_low * up + at_high * down, Decimal::from(high - low))
    }

    /// Generated and earned.
    fn settle(&self, cell: &Cell, row: &Row) -> (i64, i64) {
        let benchmark = Decimal::from(row.benchmark);
        let savings = Decimal::from(row.benchmark - row.expenditures);
        let (n, d) = self.minimum(cell, row);
        let reached = savings.abs() * d >= n * benchmark;
        let opened = row.standard || (cell.alternative && row.alternative);
        if savings > Decimal::ZERO {
            let halved = row.low && row.start >= cell.half_start && row.people >= cell.half_people && opened;
            if !reached && !halved {
                return (0, 0);
            }
            if !opened {
                return (cents(savings), 0);
            }
            let mut rate = cell.sharing;
            if !row.standard || cell.scaled {
                rate *= of_float(row.score);
            }
            if !reached {
                rate *= cell.half;
            }
            let paid = savings * rate * cell.kept;
            (cents(savings), cents(paid.min(cell.payment_limit * benchmark)))
        } else if savings < Decimal::ZERO && cell.two_sided && reached {
            let mut rate = cell.loss;
            if opened && cell.loss_floor < cell.loss {
                rate = (Decimal::ONE - cell.sharing * of_float(row.score)).clamp(cell.loss_floor, cell.loss);
            }
            let before = usize::try_from(row.year - row.start).unwrap_or(0).min(2);
            let owed = (-savings * rate).min(cell.loss_limit[before] * benchmark);
            (cents(savings), -cents(owed.min(cell.revenue_limit * Decimal::from(row.revenue))))
        } else {
            (0, 0)
        }
    }
}

fn slice<'a, T: Element>(column: &'a PyReadonlyArray1<'_, T>) -> PyResult<&'a [T]> {
    column.as_slice().map_err(|e| PyValueError::new_err(e.to_string()))
}

/// Settles every row into the arrays lent.
#[pyfunction]
#[allow(clippy::too_many_arguments, clippy::needless_pass_by_value)] // a Python signature of owned values
fn settle(
    py: Python<'_>,
    terms: &Bound<'_, Terms>,
    threads: usize,
    benchmark: PyReadonlyArray1<'_, i64>,
    expenditures: PyReadonlyArray1<'_, i64>,
    beneficiaries: PyReadonlyArray1<'_, i32>,
    track: PyReadonlyArray1<'_, u8>,
    performance_year: PyReadonlyArray1<'_, i16>,
    quality_score: PyReadonlyArray1<'_, f64>,
    quality_standard_met: PyReadonlyArray1<'_, bool>,
    alternative_standard_met: PyReadonlyArray1<'_, bool>,
    elected_rate: PyReadonlyArray1<'_, f64>,
    not_elected: PyReadonlyArray1<'_, bool>,
    participant_revenue: PyReadonlyArray1<'_, i64>,
    low_revenue: PyReadonlyArray1<'_, bool>,
    agreement_start: PyReadonlyArray1<'_, i32>,
    mut savings: PyReadwriteArray1<'_, i64>,
    mut savings_rate: PyReadwriteArray1<'_, f64>,
    mut generated: PyReadwriteArray1<'_, i64>,
    mut earned: PyReadwriteArray1<'_, i64>,
) -> PyResult<()> {
    let (benchmark, expenditures, people) = (slice(&benchmark)?, slice(&expenditures)?, slice(&beneficiaries)?);
    let (track, year, score) = (slice(&track)?, slice(&performance_year)?, slice(&quality_score)?);
    let (standard, alternative) = (slice(&quality_standard_met)?, slice(&alternative_standard_met)?);
    let (elected, not_elected) = (slice(&elected_rate)?, slice(&not_elected)?);
    let (revenue, low, start) = (slice(&participant_revenue)?, slice(&low_revenue)?, slice(&agreement_start)?);
    let savings = savings.as_slice_mut()?;
    let rates = savings_rate.as_slice_mut()?;
    let generated = generated.as_slice_mut()?;
    let earned = earned.as_slice_mut()?;
    let terms = terms.get();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|e| PyValueError::new_err(e.to_string()))?;
    py.detach(|| {
        let blocks = savings
            .par_chunks_mut(BLOCK)
            .zip(rates.par_chunks_mut(BLOCK))
            .zip(generated.par_chunks_mut(BLOCK).zip(earned.par_chunks_mut(BLOCK)))
            .enumerate();
        pool.install(|| {
            blocks.for_each(|(block, ((savings, rates), (generated, earned)))| {
                for at in 0..savings.len() {
                    let i = block * BLOCK + at;
                    let row = Row {
                        benchmark: benchmark[i],
                        expenditures: expenditures[i],
                        people: i64::from(people[i]),
                        year: i64::from(year[i]),
                        score: score[i],
                        standard: standard[i],
                        alternative: alternative[i],
                        elected: (!not_elected[i]).then_some(elected[i]),
                        revenue: revenue[i],
                        low: low[i],
                        start: i64::from(start[i]),
                    };
                    let cell = (row.year - terms.first) * terms.tracks + i64::from(track[i]);
                    savings[at] = row.benchmark - row.expenditures;
                    rates[at] = savings[at] as f64 / row.benchmark as f64;
                    (generated[at], earned[at]) = terms.settle(&terms.cells[cell as usize], &row);
                }
            });
        });
    });
    Ok(())
}

/// The module, which `benches/peers/settle_decimal.py` builds and loads.
#[pymodule]
fn settle_decimal(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Terms>()?;
    module.add_function(wrap_pyfunction!(settle, module)?)
}
