//! Weights of the performance categories by pathway, and the final score that they make.

use crate::core::error::Result;
use crate::core::incentive::ppb;
use crate::core::round::{PPB, settlement_cents};
use crate::core::rulebook::Taken;

/// Categories in the order of weights and scores.
pub const CATEGORIES: [&str; 4] = ["quality", "cost", "improvement_activities", "promoting_interoperability"];
/// Pathways by code: the two of the APM scoring standard, the APM Performance Pathway, traditional MIPS.
pub const PATHWAYS: [&str; 4] = ["web_interface", "other_mips_apm", "app", "traditional"];
/// Code of the CMS Web Interface.
pub const WEB_INTERFACE: usize = 0;
/// Code of traditional MIPS, whose weights the shipped rule book does not hold.
pub const TRADITIONAL: usize = 3;

/// Weights of one pathway in one year, as they stand and as they are where a category counts nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights {
    plain: [i64; CATEGORIES.len()],
    without_quality: Option<[i64; CATEGORIES.len()]>,
    without_interoperability: Option<[i64; CATEGORIES.len()]>,
}

/// Id of the rule with the weights of a pathway.
pub(crate) fn id_of(pathway: &str, quality: bool, interoperability: bool) -> String {
    let suffix = match (quality, interoperability) {
        (true, _) => ".without_quality",
        (false, true) => ".without_promoting_interoperability",
        (false, false) => "",
    };
    format!("mips.weights.{pathway}{suffix}")
}

impl Weights {
    pub(super) fn read(taken: &mut Taken<'_>, pathway: &str) -> Result<Option<Self>> {
        let mut table = |quality, interoperability| -> Result<Option<[i64; CATEGORIES.len()]>> {
            let id = id_of(pathway, quality, interoperability);
            let mut out = [0; CATEGORIES.len()];
            for (slot, category) in out.iter_mut().zip(CATEGORIES) {
                let Some(weight) = taken.keyed_number(&id, category)? else { return Ok(None) };
                *slot = ppb(&id, weight)?;
            }
            Ok(Some(out))
        };
        let Some(plain) = table(false, false)? else { return Ok(None) };
        Ok(Some(Self {
            plain,
            without_quality: table(true, false)?,
            without_interoperability: table(false, true)?,
        }))
    }

    /// The weights where these categories are reweighted to nothing; nothing where the book does not say.
    #[must_use]
    pub fn reweighted(&self, quality: bool, interoperability: bool) -> Option<[i64; CATEGORIES.len()]> {
        match (quality, interoperability) {
            (false, false) => Some(self.plain),
            (true, false) => self.without_quality,
            (false, true) => self.without_interoperability,
            (true, true) => None,
        }
    }
}

/// The weighted sum of scores in parts per billion, half up; nothing where a score that has weight is null.
#[must_use]
pub fn final_score(weights: [i64; CATEGORIES.len()], scores: [Option<i64>; CATEGORIES.len()]) -> Option<i64> {
    let mut sum = 0_i128;
    for (weight, score) in weights.into_iter().zip(scores) {
        if weight != 0 {
            sum += i128::from(weight) * i128::from(score?);
        }
    }
    settlement_cents(sum, i128::from(PPB))
}
