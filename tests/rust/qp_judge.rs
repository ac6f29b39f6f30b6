//! An independent judge of QP status: 42 CFR 414.1425(c)(3), (d)(1), 414.1430 and 414.1440 in exact rational
//! arithmetic, on thresholds fetched from the book one by one. It knows nothing of plans, eras or tiles.

use crate::support::Random;
use sharedsavings::core::qp::{NONE, NULL, PARTIAL_QP, QP, reason};
use sharedsavings::core::rulebook::{AsOf, Book, Scalar, Value};

/// Last year that is taken for a performance year.
const LAST: i64 = 2199;

/// A threshold exactly as the book writes it: `n / d`, with `d` a power of ten.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    n: i128,
    d: i128,
}

impl Line {
    fn met(self, (part, whole): (i64, i64)) -> bool {
        whole > 0 && i128::from(part) * self.d >= self.n * i128::from(whole)
    }

    /// Whole numbers next to the line.
    fn near(self, whole: i64) -> i64 {
        (self.n * i128::from(whole) / self.d) as i64
    }
}

/// Lines of one option: QP and Partial QP, each by payments and by patients.
type Lines = [[Line; 2]; 2];

/// The law of one year.
pub(crate) struct Law {
    medicare: Lines,
    all_payer: Option<Lines>,
    minimum: Option<Lines>,
}

/// The law of all years.
pub(crate) struct Judge {
    years: Vec<Option<Law>>,
}

/// What is right.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) status: u8,
    pub(crate) method: u8,
    pub(crate) option: u8,
    pub(crate) reason: u8,
}

fn lines(book: &Book, as_of: AsOf, option: &str, year: u16) -> Option<Lines> {
    let line = |method: &str, status: &str| {
        let rule = book.find(&format!("qp.{option}.{method}.{status}"), year, as_of)?;
        let Value::Scalar(Scalar::Number(share)) = &rule.value else { panic!("{} is no number", rule.id) };
        Some(Line { n: share.mantissa(), d: 10_i128.pow(share.scale()) })
    };
    let both = |status: &str| Some([line("payment_amount", status)?, line("patient_count", status)?]);
    Some([both("qp")?, both("partial_qp")?])
}

/// Methods that meet a line, 1 for payments and 2 for patients.
fn methods(scores: [(i64, i64); 2], lines: &[Line; 2]) -> u8 {
    u8::from(lines[0].met(scores[0])) + 2 * u8::from(lines[1].met(scores[1]))
}

impl Judge {
    pub(crate) fn new(book: &Book, as_of: AsOf) -> Self {
        let law = |year: i64| {
            let year = year as u16;
            let medicare = lines(book, as_of, "medicare", year)?;
            let all_payer = lines(book, as_of, "all_payer", year);
            let minimum = lines(book, as_of, "all_payer.medicare_minimum", year);
            Some(Law { medicare, all_payer, minimum })
        };
        Self { years: (0..=LAST).map(law).collect() }
    }

    pub(crate) fn law(&self, year: i64) -> Option<&Law> {
        self.years.get(usize::try_from(year).ok()?)?.as_ref()
    }

    /// First the Medicare Option, then the All-Payer Option; QP before Partial QP.
    pub(crate) fn rule(&self, row: &[i64; 9]) -> Verdict {
        let Some(law) = self.law(row[4]) else {
            return Verdict { status: NULL, method: 0, option: 0, reason: reason::UNKNOWN_YEAR };
        };
        let medicare = [(row[0], row[1]), (row[2], row[3])];
        let all_payer = [(row[5], row[6]), (row[7], row[8])];
        let (mut status, mut method, mut option) = (NONE, 0, 0);
        // The status that the all-payer scores alone would give.
        let mut claimed = NONE;
        for (i, code) in [QP, PARTIAL_QP].into_iter().enumerate() {
            let own = methods(medicare, &law.medicare[i]);
            let by_all = law.all_payer.as_ref().map_or(0, |lines| methods(all_payer, &lines[i]));
            let open = law.minimum.as_ref().is_some_and(|lines| methods(medicare, &lines[i]) > 0);
            if by_all > 0 {
                claimed = claimed.max(code);
            }
            if status != NONE {
                continue;
            }
            if own > 0 {
                (status, method, option) = (code, own, 1);
            } else if by_all > 0 && open {
                (status, method, option) = (code, by_all, 2);
            }
        }
        let given = all_payer.iter().any(|score| score.1 > 0);
        let reason = if medicare.iter().all(|score| score.1 == 0) {
            reason::NO_DENOMINATOR
        } else if given && law.all_payer.is_none() {
            reason::ALL_PAYER_NOT_AVAILABLE
        } else if claimed > status {
            reason::MEDICARE_MINIMUM_NOT_MET
        } else {
            0
        };
        Verdict { status, method, option, reason }
    }

    /// Whether a numerator reaches QP under the Medicare Option by method 0 or 1.
    pub(crate) fn reaches_qp(&self, year: i64, method: usize, score: (i64, i64)) -> bool {
        self.law(year).is_some_and(|law| law.medicare[0][method].met(score))
    }

    /// A numerator and a denominator up to `most`, mostly within two of a line of the year.
    pub(crate) fn crowd(&self, random: &mut Random, year: i64, method: usize, most: i64) -> (i64, i64) {
        let whole = match random.between(0, 9) {
            0 => 0,
            1 => random.between(1, 40.min(most)),
            2 => most - random.between(0, 3.min(most)),
            _ => random.magnitude(most),
        };
        let law = self.law(year).or_else(|| self.law(2030)).expect("a law");
        let lines: Vec<Line> = [Some(&law.medicare), law.all_payer.as_ref(), law.minimum.as_ref()]
            .into_iter()
            .flatten()
            .flat_map(|lines| [lines[0][method], lines[1][method]])
            .collect();
        let part = match random.between(0, 9) {
            0 => 0,
            1 => whole,
            2 => random.between(0, whole),
            _ => random.pick(&lines).near(whole).saturating_add(random.between(0, 4) - 2),
        };
        (part.clamp(0, whole), whole)
    }
}
