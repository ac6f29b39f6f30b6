//! A frame of QP rows, and all that the kernel says of it.

use sharedsavings::core::kernel::{Column, Conversion, Finding, Level, Values};
use sharedsavings::core::qp::{Inputs, NULL, Outputs, Pair, Plan, Row, run_at};

/// Rows as columns, in the order of `qp::reason::COLUMNS`; column 4 is the year.
#[derive(Clone)]
pub(crate) struct Frame(pub(crate) [Vec<i64>; 9]);

/// Columns that belong to the Medicare Option, by payments, by patients, and to both options.
pub(crate) const MEDICARE: [usize; 5] = [0, 1, 2, 3, 4];
pub(crate) const PAYMENTS: [usize; 3] = [0, 1, 4];
pub(crate) const PATIENTS: [usize; 3] = [2, 3, 4];
pub(crate) const ALL: [usize; 9] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

/// Every output, one entry a row. Scores as bits, so that NaN equals NaN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answers {
    pub(crate) status: Vec<u8>,
    pub(crate) method: Vec<u8>,
    pub(crate) option: Vec<u8>,
    pub(crate) reason: Vec<u8>,
    pub(crate) scores: [Vec<u64>; 4],
    pub(crate) needed: [Vec<i64>; 2],
    pub(crate) findings: Vec<Finding>,
}

impl Frame {
    pub(crate) fn rows(&self) -> usize {
        self.0[4].len()
    }

    pub(crate) fn push(&mut self, row: [i64; 9]) {
        for (column, value) in self.0.iter_mut().zip(row) {
            column.push(value);
        }
    }

    pub(crate) fn row(&self, i: usize) -> [i64; 9] {
        std::array::from_fn(|c| self.0[c][i])
    }

    /// What the kernel says, given only some of the columns.
    pub(crate) fn run(&self, plan: &Plan, level: Level, given: &[usize], threads: usize) -> Answers {
        let columns: Vec<Values<'_, i64>> = self.0.iter().map(|c| Values(c, Conversion::Whole)).collect();
        let columns = std::array::from_fn(|c| given.contains(&c).then(|| &columns[c] as &dyn Column));
        run_columns(plan, level, columns, threads)
    }
}

/// What the kernel says of any columns.
pub(crate) fn run_columns(
    plan: &Plan,
    level: Level,
    columns: [Option<&dyn Column>; 9],
    threads: usize,
) -> Answers {
    let rows = columns[4].expect("a year").rows();
    // No column starts with a value that the kernel could leave by oversight.
    let mut codes = [(); 4].map(|()| vec![99_u8; rows]);
    let mut scores = [(); 4].map(|()| vec![9.9_f64; rows]);
    let mut needed = [(); 2].map(|()| vec![-99_i64; rows]);
    let [status, method, option, reason] = &mut codes;
    let [payment, patient, all_payer_payment, all_payer_patient] = &mut scores;
    let [payments_needed, patients_needed] = &mut needed;
    let outputs = Outputs {
        status: Some(status),
        method: Some(method),
        option: Some(option),
        reason: Some(reason),
        payment_score: Some(payment),
        patient_score: Some(patient),
        all_payer_payment_score: Some(all_payer_payment),
        all_payer_patient_score: Some(all_payer_patient),
        payments_needed: Some(payments_needed),
        patients_needed: Some(patients_needed),
    };
    let findings = run_at(level, plan, &Inputs { columns }, outputs, Some(threads)).unwrap().sorted();
    let [status, method, option, reason] = codes;
    let scores = scores.map(|column| column.into_iter().map(f64::to_bits).collect());
    Answers { status, method, option, reason, scores, needed, findings }
}

/// The row form of a row of a frame, given only some of the columns.
pub(crate) fn as_row(values: &[i64; 9], given: &[usize]) -> Row {
    let pair = |at: usize| given.contains(&at).then(|| Pair { part: values[at], whole: values[at + 1] });
    Row {
        year: values[4],
        payments: pair(0),
        patients: pair(2),
        all_payer_payments: pair(5),
        all_payer_patients: pair(7),
    }
}

/// Rank of a status, in which null ranks with none.
pub(crate) fn rank(status: u8) -> u8 {
    if status == NULL { 0 } else { status }
}
