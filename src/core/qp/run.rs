//! A whole frame of QP determinations: chunks over threads, tiles within chunks, the block kernel where a
//! tile is plain and the exact row form where it is not.

use super::plan::{Plan, Thresholds};
use super::reason;
use super::row::{Determination, NOT_NEEDED, NULL, Pair, Row, determine, needed};
use super::tile::{Codes, Columns, all_payer, medicare};
use crate::core::error::{InputError, Result};
use crate::core::kernel::{
    Borrowed, CHUNK, Column, Findings, Level, MISSING, NOT_FINITE, OVERFLOW, TILE, common_rows, for_each_chunk,
    level, outputs, set, threads_for,
};
use std::cell::RefCell;

/// Columns of a call, in the order of [`reason::COLUMNS`]. A pair is present or absent as a whole; one of
/// the Medicare pairs must be present.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// The columns.
    pub columns: [Option<&'a dyn Column>; 9],
}

outputs! {
    /// Status codes, [`NULL`] where there is none.
    status: u8,
    /// Method codes.
    method: u8,
    /// Option codes.
    option: u8,
    /// Reason codes.
    reason: u8,
    /// Threshold score of the payment amount method, a share; NaN where there is none.
    payment_score: f64,
    /// Threshold score of the patient count method.
    patient_score: f64,
    /// All-payer score by payments.
    all_payer_payment_score: f64,
    /// All-payer score by patients.
    all_payer_patient_score: f64,
    /// Cents missing to the QP threshold, [`NOT_NEEDED`] where there is no denominator.
    payments_needed: i64,
    /// People missing to the QP threshold.
    patients_needed: i64,
}

/// Working memory of one thread.
struct Tile {
    /// One column each, and one for narrow years that must be widened after all.
    gathered: [[i64; TILE]; 10],
    flags: [[u8; TILE]; 9],
    codes: [[u8; TILE]; 4],
}

static ZEROS: [i64; TILE] = [0; TILE];

thread_local! {
    static TILE_OF_THREAD: RefCell<Box<Tile>> = RefCell::new(Box::new(Tile {
        gathered: [[0; TILE]; 10],
        flags: [[0; TILE]; 9],
        codes: [[0; TILE]; 4],
    }));
}

/// Rows below which a second thread costs more than it gives.
const WORTH_THREADS: usize = 60_000;

/// Determines every row. Returns what was found wrong; the rows concerned have status [`NULL`] and a reason.
pub fn run(plan: &Plan, inputs: &Inputs<'_>, outputs: Outputs<'_>, threads: Option<usize>) -> Result<Findings> {
    run_at(level(), plan, inputs, outputs, threads)
}

/// [`run`] with a stated instruction set, for the tests that hold the levels against each other.
pub fn run_at(
    level: Level,
    plan: &Plan,
    inputs: &Inputs<'_>,
    outputs: Outputs<'_>,
    threads: Option<usize>,
) -> Result<Findings> {
    let rows = check(inputs)?;
    outputs.check(rows)?;
    let threads = threads_for(threads, rows, WORTH_THREADS);
    let job = Job { level, plan, inputs, all_payer: inputs.columns[5..].iter().any(Option::is_some) };
    if threads == 1 {
        return Ok(job.chunk(0, rows, outputs));
    }
    let chunks = outputs.chunks(rows, CHUNK);
    Ok(for_each_chunk(chunks, threads, |(start, take, out)| job.chunk(start, take, out), Findings::merge))
}

fn check(inputs: &Inputs<'_>) -> Result<usize> {
    let names = reason::COLUMNS;
    let missing = |name: &str, with: &str| {
        let remedy = format!("Give both `{name}` and `{with}`, or neither; `columns=` maps other names");
        Err(InputError::column(name, "missing", remedy).into())
    };
    for (first, second) in [(0, 1), (2, 3), (5, 6), (7, 8)] {
        match (inputs.columns[first], inputs.columns[second]) {
            (Some(_), None) => return missing(names[second], names[first]),
            (None, Some(_)) => return missing(names[first], names[second]),
            _ => {}
        }
    }
    if inputs.columns[0].is_none() && inputs.columns[2].is_none() {
        let remedy = "Give payments_attributed and payments_eligible, or patients_attributed and \
                      patients_eligible, or all four; `columns=` maps other names";
        return Err(InputError::column("payments_attributed", "missing", remedy).into());
    }
    if inputs.columns[4].is_none() {
        let remedy = "Give a column of years, or one year for all rows with performance_year=";
        return Err(InputError::column("performance_year", "missing", remedy).into());
    }
    common_rows(&inputs.columns, &names)
}

struct Job<'a> {
    level: Level,
    plan: &'a Plan,
    inputs: &'a Inputs<'a>,
    all_payer: bool,
}

impl Job<'_> {
    fn chunk(&self, start: usize, rows: usize, outputs: Outputs<'_>) -> Findings {
        TILE_OF_THREAD.with_borrow_mut(|tile| {
            let mut findings = Findings::default();
            outputs.in_tiles(rows, TILE, |done, n, out| self.tile(tile, start + done, n, out, &mut findings));
            findings
        })
    }

    fn tile(&self, tile: &mut Tile, start: usize, n: usize, out: &mut Outputs<'_>, findings: &mut Findings) {
        let Tile { gathered, flags, codes } = tile;
        let range = start..start + n;
        let mut flagged = false;
        let mut columns: Columns<'_> = [&ZEROS[..n]; 9];
        // Years of any width serve the kernel as they lie; all else wants 64 bits.
        let wide = self.all_payer || out.payments_needed.is_some() || out.patients_needed.is_some();
        let mut years = Borrowed::I64(&[]);
        let (room, spare) = gathered.split_at_mut(9);
        let room = room.iter_mut().zip(flags.iter_mut());
        for (i, (input, (room, flags))) in self.inputs.columns.iter().zip(room).enumerate() {
            let Some(input) = input else { continue };
            match input.borrow(range.clone()) {
                Some(Borrowed::I64(rows)) => columns[i] = rows,
                Some(narrow) if i == 4 && !wide => years = narrow,
                _ => {
                    flagged |= input.gather(range.clone(), &mut room[..n], &mut flags[..n]);
                    columns[i] = &room[..n];
                }
            }
        }
        let narrow = !matches!(years, Borrowed::I64(_));
        if !narrow {
            years = Borrowed::I64(columns[4]);
        }
        let wants = (out.option.is_some(), out.reason.is_some());
        let [status, method, option, reason] = codes;
        let mut codes = Codes {
            status: out.status.as_deref_mut().unwrap_or(&mut status[..n]),
            method: out.method.as_deref_mut().unwrap_or(&mut method[..n]),
            option: out.option.as_deref_mut().unwrap_or(&mut option[..n]),
            reason: out.reason.as_deref_mut().unwrap_or(&mut reason[..n]),
        };
        let plain = !flagged
            && match &self.plan.words {
                Some(words) if self.all_payer => all_payer(self.level, &columns, &mut codes, words),
                Some(words) => {
                    let pairs = [columns[0], columns[1], columns[2], columns[3]];
                    medicare(self.level, &pairs, years, &mut codes, words)
                }
                None => false,
            };
        if plain {
            if !self.all_payer {
                complete_medicare(&columns, &mut codes, wants);
            }
            self.write(&columns, out);
            return;
        }
        if narrow && let Some(input) = self.inputs.columns[4] {
            input.gather(range, &mut spare[0][..n], &mut flags[4][..n]);
            columns[4] = &spare[0][..n];
        }
        let seen = Seen { inputs: self.inputs, columns: &columns, flags };
        for i in 0..n {
            self.write_row(&seen, i, start + i, out, findings);
        }
        if flagged {
            for flags in flags.iter_mut() {
                flags[..n].fill(0);
            }
        }
    }

    /// What follows from the columns of a plain tile, beside the codes.
    fn write(&self, columns: &Columns<'_>, out: &mut Outputs<'_>) {
        let scores = [
            (&mut out.payment_score, 0),
            (&mut out.patient_score, 2),
            (&mut out.all_payer_payment_score, 5),
            (&mut out.all_payer_patient_score, 7),
        ];
        for (to, at) in scores {
            if let Some(to) = to {
                for ((to, part), whole) in to.iter_mut().zip(columns[at]).zip(columns[at + 1]) {
                    *to = score(*part, *whole);
                }
            }
        }
        write_needed(&mut out.payments_needed, self.plan, columns, 0, |t| t.payment_qp);
        write_needed(&mut out.patients_needed, self.plan, columns, 2, |t| t.patient_qp);
    }

    /// One row, with every check.
    fn write_row(&self, seen: &Seen<'_>, i: usize, row: usize, out: &mut Outputs<'_>, findings: &mut Findings) {
        let answer = match seen.row(self.plan, i, row, findings) {
            Ok(row) => determine(self.plan, &row),
            Err(code) => Determination::null(code),
        };
        let null = answer.status == NULL;
        let invalid = answer.reason >= reason::FIRST_INVALID;
        let score_at = |at: usize| {
            let flagged = seen.flags[at][i] | seen.flags[at + 1][i] != 0;
            if flagged || invalid { f64::NAN } else { score(seen.columns[at][i], seen.columns[at + 1][i]) }
        };
        set(&mut out.status, i, answer.status);
        set(&mut out.method, i, answer.method);
        set(&mut out.option, i, answer.option);
        set(&mut out.reason, i, answer.reason);
        set(&mut out.payment_score, i, score_at(0));
        set(&mut out.patient_score, i, score_at(2));
        set(&mut out.all_payer_payment_score, i, score_at(5));
        set(&mut out.all_payer_patient_score, i, score_at(7));
        set(&mut out.payments_needed, i, if null { NOT_NEEDED } else { answer.payments_needed });
        set(&mut out.patients_needed, i, if null { NOT_NEEDED } else { answer.patients_needed });
    }
}

/// A tile as it was read.
struct Seen<'a> {
    inputs: &'a Inputs<'a>,
    columns: &'a Columns<'a>,
    flags: &'a [[u8; TILE]; 9],
}

impl Seen<'_> {
    /// A checked row, or the reason for which it has no status.
    fn row(&self, plan: &Plan, i: usize, row: usize, findings: &mut Findings) -> std::result::Result<Row, u8> {
        let mut failed = 0;
        let mut fail = |column: usize, code: u8| {
            if code >= reason::FIRST_INVALID {
                findings.add(column as u8, code, row, self.columns[column][i]);
            }
            failed = failed.max(code);
        };
        let present = |at: usize| self.inputs.columns[at].is_some();
        let missing = |at: usize| self.flags[at][i] & MISSING != 0;
        for at in (0..9).filter(|at| present(*at)) {
            let value = self.columns[at][i];
            match self.flags[at][i] {
                0 if at == 4 && plan.year(value).is_none() => fail(at, reason::UNKNOWN_YEAR),
                0 if at != 4 && value < 0 => fail(at, reason::NEGATIVE),
                0 => {}
                f if f & MISSING != 0 => {
                    if at < 5 {
                        fail(at, reason::MISSING_INPUT);
                    }
                }
                f if f & NOT_FINITE != 0 => fail(at, reason::NOT_FINITE),
                f if f & OVERFLOW != 0 => fail(at, reason::OVERFLOW),
                _ => fail(at, reason::NOT_WHOLE),
            }
        }
        for at in [0, 2, 5, 7].into_iter().filter(|at| present(*at)) {
            let plain = (self.flags[at][i] | self.flags[at + 1][i]) == 0;
            let (part, whole) = (self.columns[at][i], self.columns[at + 1][i]);
            if plain && whole >= 0 && part > whole {
                fail(at, reason::NUMERATOR_ABOVE_DENOMINATOR);
            }
            if at > 4 && missing(at) != missing(at + 1) {
                fail(at + usize::from(missing(at + 1)), reason::UNPAIRED_NULL);
            }
        }
        if failed != 0 {
            return Err(failed);
        }
        let pair = |at: usize| {
            let here = present(at) && !missing(at);
            here.then(|| Pair { part: self.columns[at][i], whole: self.columns[at + 1][i] })
        };
        Ok(Row {
            year: self.columns[4][i],
            payments: pair(0),
            patients: pair(2),
            all_payer_payments: pair(5),
            all_payer_patients: pair(7),
        })
    }
}

/// Option and reason follow from status and denominators where there is only the Medicare Option.
fn complete_medicare(columns: &Columns<'_>, codes: &mut Codes<'_>, (option, reason): (bool, bool)) {
    if option {
        for (option, status) in codes.option.iter_mut().zip(codes.status.iter()) {
            *option = u8::from(*status != 0);
        }
    }
    if reason {
        for ((code, pay), pat) in codes.reason.iter_mut().zip(columns[1]).zip(columns[3]) {
            *code = if pay | pat == 0 { reason::NO_DENOMINATOR } else { 0 };
        }
    }
}

/// What the pair of columns at `at` lacks to its threshold.
fn write_needed(
    to: &mut Option<&mut [i64]>,
    plan: &Plan,
    columns: &Columns<'_>,
    at: usize,
    threshold: impl Fn(&Thresholds) -> i64,
) {
    for (i, to) in to.iter_mut().flat_map(|to| to.iter_mut()).enumerate() {
        let pair = Pair { part: columns[at][i], whole: columns[at + 1][i] };
        let year = plan.year(columns[4][i]);
        *to = year.map_or(NOT_NEEDED, |y| needed(Some(pair), threshold(&y.medicare)));
    }
}

/// A threshold score as a share, for display: the determination never divides.
fn score(part: i64, whole: i64) -> f64 {
    if whole > 0 { part as f64 / whole as f64 } else { f64::NAN }
}
