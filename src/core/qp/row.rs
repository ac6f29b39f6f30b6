//! One row, exactly, in 128-bit integers: the form that defines the result. The block kernel repeats it in
//! fewer instructions where a whole block is plain, and calls it where not.

use super::plan::{Plan, Thresholds};
use super::reason;
use crate::core::round::PPB;

/// Status codes: `none`, `partial_qp`, `qp`, and null.
pub const NONE: u8 = 0;
/// Partial QP.
pub const PARTIAL_QP: u8 = 1;
/// QP.
pub const QP: u8 = 2;
/// No status.
pub const NULL: u8 = 255;
/// Status words by code.
pub const STATUSES: [&str; 3] = ["none", "partial_qp", "qp"];
/// Method words by code; a code is the sum of the methods that reach the status, 0 is null.
pub const METHODS: [&str; 4] = ["", "payment_amount", "patient_count", "both"];
/// Option words by code, 0 is null.
pub const OPTIONS: [&str; 3] = ["", "medicare", "all_payer"];
/// `needed` where there is no denominator to need anything of.
pub const NOT_NEEDED: i64 = -1;

/// Numerator and denominator of one threshold score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Numerator: cents or people.
    pub part: i64,
    /// Denominator: cents or people.
    pub whole: i64,
}

/// One row. A pair is `None` where its columns are absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Performance year.
    pub year: i64,
    /// Medicare payments, cents.
    pub payments: Option<Pair>,
    /// Medicare patients.
    pub patients: Option<Pair>,
    /// All-payer payments, cents.
    pub all_payer_payments: Option<Pair>,
    /// All-payer patients.
    pub all_payer_patients: Option<Pair>,
}

/// Answer for one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Determination {
    /// `NONE`, `PARTIAL_QP`, `QP` or `NULL`.
    pub status: u8,
    /// Index in [`METHODS`].
    pub method: u8,
    /// Index in [`OPTIONS`].
    pub option: u8,
    /// Index in [`reason::REASONS`].
    pub reason: u8,
    /// Cents missing from the numerator to the Medicare QP threshold, or `NOT_NEEDED`.
    pub payments_needed: i64,
    /// People missing from the numerator to the Medicare QP threshold, or `NOT_NEEDED`.
    pub patients_needed: i64,
}

impl Determination {
    /// No status, for a reason.
    #[must_use]
    pub fn null(reason: u8) -> Self {
        let needed = NOT_NEEDED;
        Self { status: NULL, method: 0, option: 0, reason, payments_needed: needed, patients_needed: needed }
    }
}

/// Whether a score meets or exceeds a threshold: no division, no rounding (42 CFR 414.1425(c)(3)).
#[must_use]
pub fn meets(pair: Option<Pair>, threshold_ppb: i64) -> bool {
    pair.is_some_and(|p| {
        p.whole > 0 && i128::from(p.part) * i128::from(PPB) >= i128::from(threshold_ppb) * i128::from(p.whole)
    })
}

/// What the numerator lacks to the threshold, the denominator unchanged; 0 once reached.
#[must_use]
pub fn needed(pair: Option<Pair>, threshold_ppb: i64) -> i64 {
    match pair {
        Some(p) if p.whole > 0 => {
            let ppb = i128::from(PPB);
            let least = (i128::from(threshold_ppb) * i128::from(p.whole) + ppb - 1) / ppb;
            // A threshold is at most one, so the least numerator is at most the denominator.
            (least - i128::from(p.part)).max(0) as i64
        }
        _ => NOT_NEEDED,
    }
}

/// Best status by either method, and the methods that reach it.
fn best(payments: Option<Pair>, patients: Option<Pair>, t: &Thresholds) -> (u8, u8) {
    let methods = |pay, pat| u8::from(meets(payments, pay)) | u8::from(meets(patients, pat)) << 1;
    let qp = methods(t.payment_qp, t.patient_qp);
    let partial = methods(t.payment_partial, t.patient_partial);
    match (qp, partial) {
        (0, 0) => (NONE, 0),
        (0, m) => (PARTIAL_QP, m),
        (m, _) => (QP, m),
    }
}

/// Determines a row whose values are known to be valid.
#[must_use]
pub fn determine(plan: &Plan, row: &Row) -> Determination {
    let Some(year) = plan.year(row.year) else { return Determination::null(reason::UNKNOWN_YEAR) };
    let t = &year.medicare;
    let (mut status, mut method) = best(row.payments, row.patients, t);
    let mut option = u8::from(status != NONE);
    let denominator = |p: Option<Pair>| p.is_some_and(|p| p.whole > 0);
    let given = denominator(row.all_payer_payments) || denominator(row.all_payer_patients);
    let mut reason =
        if denominator(row.payments) || denominator(row.patients) { 0 } else { reason::NO_DENOMINATOR };
    match year.all_payer {
        Some((all_payer, minimum)) if given => {
            let (wanted, methods) = best(row.all_payer_payments, row.all_payer_patients, &all_payer);
            let (opened, _) = best(row.payments, row.patients, &minimum);
            let reached = wanted.min(opened);
            if reached > status {
                status = reached;
                option = 2;
                method = if reached == wanted {
                    methods
                } else {
                    // QP by score, Partial QP by minimum: name the methods that reach Partial QP.
                    u8::from(meets(row.all_payer_payments, all_payer.payment_partial))
                        | u8::from(meets(row.all_payer_patients, all_payer.patient_partial)) << 1
                };
            }
            if wanted > opened && wanted > status && reason == 0 {
                reason = reason::MEDICARE_MINIMUM_NOT_MET;
            }
        }
        None if given && reason == 0 => reason = reason::ALL_PAYER_NOT_AVAILABLE,
        _ => {}
    }
    Determination {
        status,
        method,
        option,
        reason,
        payments_needed: needed(row.payments, t.payment_qp),
        patients_needed: needed(row.patients, t.patient_qp),
    }
}
