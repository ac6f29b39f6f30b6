//! Whether a payer counts: 42 CFR 414.1440(a).

use super::reason;
use super::terms::Terms;

/// Kinds of payers by code.
pub const PAYERS: [&str; 8] =
    ["medicare", "medicaid", "medicare_advantage", "commercial", "dod", "va", "multi_payer", "other"];
/// Medicare itself: the half that the Medicare Option uses.
pub(super) const MEDICARE: usize = 0;
/// A word that is no kind of payer, or a truth value that is null.
pub const UNKNOWN: u8 = 255;

/// What is known of one payer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Payer {
    /// Code of [`PAYERS`].
    pub(super) kind: usize,
    /// Whether a Medicaid model is available in the county where most patients are seen.
    pub(super) model_available: Option<bool>,
    /// Whether the clinician's specialty is ineligible for it.
    pub(super) specialty_ineligible: Option<bool>,
}

impl Payer {
    /// Whether it counts; where not, or where it cannot be known, why.
    pub(super) fn included(&self, terms: &Terms) -> Result<(), u8> {
        if terms.excluded.contains(&self.kind) {
            return Err(reason::EXCLUDED_PAYER);
        }
        if !terms.conditional.contains(&self.kind) {
            return Ok(());
        }
        match (self.model_available, self.specialty_ineligible) {
            (Some(false), _) => Err(reason::NO_MEDICAID_MODEL),
            (_, Some(true)) => Err(reason::INELIGIBLE_SPECIALTY),
            (Some(true), Some(false)) => Ok(()),
            _ => Err(reason::MISSING_INPUT),
        }
    }
}
