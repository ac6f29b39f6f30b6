//! A whole frame of outlooks: dispersions first, then every row.

use super::distribution::{cumulative, quantile};
use super::{ABOVE, ALREADY, FELL, METHODS, NO_DENOMINATOR, NO_DISPERSION, Pair, Projection, RESULTS};
use super::{patients, payments};
use crate::core::kernel::Findings;
use crate::core::qp::{self, Plan};
use crate::core::round::PPB;
use crate::core::rows::{Given, NULL, Wrong, reason};

/// Column of the first pair of a method, and of its dispersion.
const PAIRS: [(usize, usize); METHODS.len()] = [(1, 9), (5, 10)];
/// Column of August of the first method.
const AUGUST: usize = 11;
/// Probabilities between which an interval lies, from the outside in.
const TAILS: [f64; 2] = [40.0, 10.0];

/// Results by column, and what they rest on.
pub struct Outputs {
    /// Of each method, in the order of [`RESULTS`]; the last, what is missing, in cents or people.
    pub results: Vec<[Vec<f64>; RESULTS.len()]>,
    /// Scores of both snapshots of each method, for display.
    pub seen: Vec<[Vec<f64>; 2]>,
    /// What the numerator lacks at the expected denominator: cents or people, or [`NULL`].
    pub missing: Vec<Vec<i64>>,
    /// Least and greatest probability of QP by either method.
    pub bounds: [Vec<f64>; 2],
    /// Reason codes.
    pub reason: Vec<u8>,
    /// Dispersion of each method where a row has none of its own, and its degrees of freedom.
    pub dispersions: [(f64, f64); METHODS.len()],
}

/// One method of one row.
struct Snapshots {
    march: Pair,
    june: Pair,
    /// As exact whole numbers, for comparisons with thresholds.
    exact: [qp::Pair; 2],
}

fn snapshots(values: &[Option<i64>], at: usize) -> Result<Option<Snapshots>, Wrong> {
    let [part, whole, later_part, later_whole] = [0, 1, 2, 3].map(|i| values[at + i]);
    let (Some(part), Some(whole), Some(later_part), Some(later_whole)) = (part, whole, later_part, later_whole)
    else {
        return Ok(None);
    };
    if part > whole {
        return Err((at, ABOVE));
    }
    if later_part > later_whole {
        return Err((at + 2, ABOVE));
    }
    if later_whole < whole {
        return Err((at + 3, FELL));
    }
    let pair = |part: i64, whole: i64| Pair { part: part as f64, whole: whole as f64 };
    let exact = [qp::Pair { part, whole }, qp::Pair { part: later_part, whole: later_whole }];
    Ok(Some(Snapshots { march: pair(part, whole), june: pair(later_part, later_whole), exact }))
}

fn project(method: usize, s: &Snapshots, (dispersion, df): (f64, f64)) -> Projection {
    if method == 0 { payments(s.june, dispersion, df) } else { patients(s.march, s.june, dispersion, df) }
}

/// The mean of squared errors in units of the model's own variance: of history if there is one, else, for payments, of
/// the difference between the two quarters of each row.
fn pooled(given: &Given, history: Option<&Given>, method: usize) -> (f64, f64) {
    let (mut sum, mut count) = (0.0, 0.0);
    let mut add = |one: Option<f64>| {
        if let Some(one) = one.filter(|one| one.is_finite()) {
            sum += one;
            count += 1.0;
        }
    };
    let at = PAIRS[method].0;
    if let Some(history) = history {
        for row in 0..history.rows() {
            let Ok(values) = history.row(row) else { continue };
            let Ok(Some(s)) = snapshots(&values, at) else { continue };
            let august = [0, 1].map(|i| values[AUGUST + 2 * method + i]);
            let [Some(part), Some(whole)] = august else { continue };
            let unit = project(method, &s, (1.0, f64::INFINITY));
            let score = part as f64 / whole as f64;
            add(Some(((score - unit.august.score()) / unit.deviation).powi(2)));
        }
    } else if method == 0 {
        for row in 0..given.rows() {
            let Ok(values) = given.row(row) else { continue };
            if let Ok(Some(s)) = snapshots(&values, at) {
                add(super::dispersion(s.march, s.june));
            }
        }
    } else {
        return (1.0, f64::INFINITY);
    }
    if count > 0.0 { (sum / count, count) } else { (f64::NAN, 0.0) }
}

/// Projects every row. `history` has the same columns for years that are past, and August beside them.
#[must_use]
pub fn run(plan: &Plan, given: &Given, history: Option<&Given>) -> (Outputs, Findings) {
    let rows = given.rows();
    let dispersions = [0, 1].map(|method| pooled(given, history, method));
    let nan = || vec![f64::NAN; rows];
    let mut out = Outputs {
        results: METHODS.iter().map(|_| std::array::from_fn(|_| nan())).collect(),
        seen: METHODS.iter().map(|_| [nan(), nan()]).collect(),
        missing: METHODS.iter().map(|_| vec![NULL; rows]).collect(),
        bounds: [nan(), nan()],
        reason: vec![0; rows],
        dispersions,
    };
    let mut found = Findings::default();
    let mut quantiles = Quantiles::default();
    for row in 0..rows {
        match one(plan, given, row, &mut out, &mut quantiles) {
            Ok(code) => out.reason[row] = code,
            Err((column, code)) => {
                out.reason[row] = code;
                if code != reason::MISSING_INPUT {
                    let value = given.cell(column, row);
                    found.add(column as u8, code, row, value);
                }
            }
        }
    }
    (out, found)
}

/// Quantiles by degrees of freedom; most rows of a frame share theirs.
#[derive(Default)]
struct Quantiles(Vec<(f64, [f64; TAILS.len()])>);

impl Quantiles {
    fn of(&mut self, df: f64) -> [f64; TAILS.len()] {
        if let Some((_, known)) = self.0.iter().find(|(known, _)| known.to_bits() == df.to_bits()) {
            return *known;
        }
        let new = TAILS.map(|tail| quantile(1.0 - 1.0 / tail, df));
        self.0.push((df, new));
        new
    }
}

fn one(plan: &Plan, given: &Given, row: usize, out: &mut Outputs, quantiles: &mut Quantiles) -> Result<u8, Wrong> {
    let values = given.row(row)?;
    let year = values[0].and_then(|year| plan.year(year)).ok_or((0, reason::UNKNOWN_YEAR))?.medicare;
    let thresholds = [[year.payment_qp, year.payment_partial], [year.patient_qp, year.patient_partial]];
    let both = [snapshots(&values, PAIRS[0].0)?, snapshots(&values, PAIRS[1].0)?];
    let mut note = 0;
    let mut any = false;
    let mut probabilities = [0.0; METHODS.len()];
    let (mut complete, mut certain) = (true, false);
    for (method, found) in both.iter().enumerate() {
        let Some(s) = found else {
            // A method whose columns are there, and null, leaves the better status open.
            complete &= !given.has(PAIRS[method].0);
            continue;
        };
        let [qp, partial] = thresholds[method];
        let already = |t: i64| s.exact.iter().any(|pair| qp::meets(Some(*pair), t));
        certain |= already(qp);
        if s.march.whole <= 0.0 {
            note = note.max(NO_DENOMINATOR);
            complete = false;
            continue;
        }
        let own = values[PAIRS[method].1].map(|ppb| (ppb as f64 / PPB as f64, f64::INFINITY));
        let dispersion = own.unwrap_or(out.dispersions[method]);
        if dispersion.0.is_nan() {
            note = note.max(NO_DISPERSION);
            complete = false;
            continue;
        }
        any = true;
        let p = project(method, s, dispersion);
        let point = p.august.score();
        let [wide, narrow] = quantiles.of(p.df).map(|z| z * p.deviation);
        let at_least = |t: i64| {
            let distance = point - t as f64 / PPB as f64;
            if already(t) {
                1.0
            } else if p.deviation > 0.0 {
                cumulative(distance / p.deviation, p.df)
            } else {
                f64::from(u8::from(distance >= 0.0))
            }
        };
        let (is_qp, is_partial) = (at_least(qp), at_least(partial));
        for (seen, pair) in out.seen[method].iter_mut().zip([s.march, s.june]) {
            seen[row] = pair.score();
        }
        let share = |x: f64| x.clamp(0.0, 1.0);
        let [score, low_95, low_80, high_80, high_95, p_qp, p_partial, _] = &mut out.results[method];
        score[row] = point;
        (low_95[row], low_80[row]) = (share(point - wide), share(point - narrow));
        (high_80[row], high_95[row]) = (share(point + narrow), share(point + wide));
        (p_qp[row], p_partial[row]) = (is_qp, (is_partial - is_qp).max(0.0));
        let lacks = (qp as f64 / PPB as f64 * p.august.whole - p.august.part).max(0.0).ceil();
        out.missing[method][row] = if already(qp) { 0 } else { lacks as i64 };
        probabilities[method] = is_qp;
    }
    if !any && note == 0 {
        return Err((PAIRS[0].0, reason::MISSING_INPUT));
    }
    if certain || (complete && any) {
        out.bounds[0][row] = if certain { 1.0 } else { probabilities[0].max(probabilities[1]) };
        out.bounds[1][row] = if certain { 1.0 } else { (probabilities[0] + probabilities[1]).min(1.0) };
    }
    Ok(if certain { ALREADY } else { note })
}
