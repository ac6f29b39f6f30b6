//! From participation lists to clinicians: who is on which list on which day (42 CFR 414.1425(a), (b)), which
//! determinations that opens at which level, what short models and terminations take away ((c)(5) to (7)), and which
//! determination decides. Scores and thresholds are those of [`super`]; here they are statuses already.

mod candidate;
mod decide;
mod entity;
mod explain;
pub mod reason;
mod roster;
mod run;
mod scores;
mod sort;
mod terms;

pub use candidate::{LEVELS, Scored};
pub use entity::EntityFacts;
pub use explain::explain;
pub use roster::{LISTS, Listing, NULL_NUMBER, Roster, UNKNOWN, UNREADABLE};
pub use run::{Outcome, Prepared};
pub use scores::{NO_ENTITY, ScoreRows};
pub use terms::Terms;
