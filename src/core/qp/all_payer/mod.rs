//! The All-Payer Combination Option from payers to scores, 42 CFR 414.1440: which payers count ((a)), numerators and
//! denominators over all of them ((b), (c)), and the entity's Medicare score weighted by own volume ((d)(3)). What the
//! scores come to is decided in [`super`].

mod payer;
pub mod reason;
mod run;
mod terms;
mod weight;

pub use payer::{PAYERS, UNKNOWN};
pub use run::{COLUMNS, Inputs, NO_AMOUNT, NO_ENTITY, Outputs, Subject, run};
pub use terms::Terms;
