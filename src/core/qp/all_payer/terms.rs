//! What the rule book says of the All-Payer Combination Option in one year.

use super::payer::PAYERS;
use crate::core::date::Date;
use crate::core::error::{Error, Result};
use crate::core::rulebook::{AsOf, Book, sentences};

/// The rules of one performance year.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Day by which request and data are due; `None` where the year has no such option.
    pub due: Option<Date>,
    /// Payers that are never counted, by code.
    pub(super) excluded: Vec<usize>,
    /// Payers that are counted under conditions, by code.
    pub(super) conditional: Vec<usize>,
    warnings: Vec<String>,
    weighted: Vec<String>,
}

impl Terms {
    /// Reads the rules of a performance year.
    pub fn new(book: &Book, performance_year: i64, as_of: AsOf) -> Result<Self> {
        let year = u16::try_from(performance_year).unwrap_or(u16::MAX);
        let mut taken = book.read(year, as_of);
        taken.number("qp.medicare.payment_amount.qp")?;
        let available = taken.optional_number("qp.all_payer.payment_amount.qp")?.is_some();
        if !available {
            let (excluded, conditional) = (Vec::new(), Vec::new());
            return Ok(Self { due: None, excluded, conditional, warnings: Vec::new(), weighted: Vec::new() });
        }
        let day = taken.text("qp.all_payer.request_due")?;
        let due = format!("{year:04}-{day}").parse();
        let due = due.map_err(|_| mend("qp.all_payer.request_due", "not a month and day such as \"12-01\""))?;
        let mut payers = |id: &str| {
            let words = taken.words(id)?.unwrap_or_default();
            let place = |word: &&str| PAYERS.iter().position(|payer| payer == word);
            words
                .iter()
                .map(|word| place(word).ok_or_else(|| mend(id, "a list with a word that is no kind of payer")))
                .collect::<Result<Vec<_>>>()
        };
        let excluded = payers("qp.all_payer.excluded_payers")?;
        let conditional = payers("qp.all_payer.conditional_payers")?;
        let warnings = sentences(&taken.told());
        if taken.text("qp.all_payer.weighted_medicare")? != "entity_score_by_own_volume" {
            return Err(mend("qp.all_payer.weighted_medicare", "a formula that the calculation does not know"));
        }
        let weighted = sentences(&taken.told());
        Ok(Self { due: Some(due), excluded, conditional, warnings, weighted })
    }

    /// What a reader must be told, where an entity's score was weighted and where none was.
    #[must_use]
    pub fn warnings(&self, weighted: bool) -> &[String] {
        if weighted { &self.weighted } else { &self.warnings }
    }
}

fn mend(id: &str, problem: &str) -> Error {
    Error::NotModelled(format!("`{id}` is {problem}. Mend the override"))
}
