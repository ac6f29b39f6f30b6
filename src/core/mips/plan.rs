//! MIPS rules of each performance year, read once.

use super::weights::{PATHWAYS, Weights};
use crate::core::error::{Error, Result};
use crate::core::incentive::ppb;
use crate::core::rows::plausible;
use crate::core::rulebook::{AsOf, Book, Told};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeMap;

/// What a status means, as [`crate::core::qp::mips::participation`] has it.
const STATUS_RULES: [(&str, &str); 2] = [("mips.qp", "excluded"), ("mips.partial_qp", "excluded_unless_elected")];

/// What each measure of volume must exceed: allowed charges in cents, patients, services; nothing where the year has no
/// such measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LowVolume(pub [Option<i64>; 3]);

impl LowVolume {
    /// Whether every measure of the year is exceeded (`>`: who just meets one is below); one that is not decides
    /// whatever is null, else a null leaves it open.
    #[must_use]
    pub fn exceeded(&self, volume: [Option<i64>; 3]) -> Option<bool> {
        let mut all = Some(true);
        for (volume, threshold) in volume.into_iter().zip(self.0) {
            let Some(threshold) = threshold else { continue };
            match volume {
                Some(volume) if volume > threshold => {}
                Some(_) => return Some(false),
                None => all = None,
            }
        }
        all
    }
}

/// Rules of one performance year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Year {
    /// Low-volume threshold.
    pub low_volume: LowVolume,
    /// Whether participants of the Ambulatory Specialty Model are exempt.
    pub asm_exempt: bool,
    /// The most that a payment may be cut in the payment year.
    pub applicable_percent: i64,
    /// The pathway that ACOs of the Shared Savings Program must use, by place in [`PATHWAYS`].
    pub mssp_pathway: Option<usize>,
    /// Weights by pathway.
    pub weights: [Option<Weights>; PATHWAYS.len()],
}

pub(super) fn read(book: &Book, as_of: AsOf, years: &[i64], told: &mut Vec<Told>) -> Result<BTreeMap<i64, Year>> {
    let mut out = BTreeMap::new();
    for year in years.iter().copied().filter(|year| plausible(*year)) {
        let mut taken = book.read(year as u16, as_of);
        let Some(percent) = taken.optional_number("mips.applicable_percent")? else { continue };
        for (id, known) in STATUS_RULES {
            if taken.text(id)? != known {
                let problem =
                    format!("rule `{id}` is not {known:?}, the only word that is modelled. Mend the override");
                return Err(Error::NotModelled(problem));
            }
        }
        let charges = taken.optional_number("mips.low_volume.allowed_charges")?;
        let charges = charges.and_then(|dollars| (dollars * Decimal::ONE_HUNDRED).to_i64());
        let patients = taken.optional_integer("mips.low_volume.patients")?;
        let services = taken.optional_integer("mips.low_volume.services")?;
        let asm_exempt = taken.rule("mips.asm_exempt").is_some();
        let must = match taken.rule("mips.mssp_pathway") {
            Some(_) => Some(taken.text("mips.mssp_pathway")?),
            None => None,
        };
        let mut weights = [const { None }; PATHWAYS.len()];
        for (slot, pathway) in weights.iter_mut().zip(PATHWAYS) {
            *slot = Weights::read(&mut taken, pathway)?;
        }
        told.extend(taken.told());
        out.insert(
            year,
            Year {
                low_volume: LowVolume([charges, patients, services]),
                asm_exempt,
                applicable_percent: ppb("mips.applicable_percent", percent)?,
                mssp_pathway: must.and_then(|must| PATHWAYS.iter().position(|pathway| *pathway == must)),
                weights,
            },
        );
    }
    Ok(out)
}
