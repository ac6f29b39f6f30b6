//! Which regulation governs an agreement period, and what each says in one performance year: read once a call.

use super::regulation::Regulation;
use crate::core::error::{Error, Result};
use crate::core::rulebook::{AsOf, Book, LAST_YEAR, Scalar};
use std::collections::BTreeMap;

/// Regulations of a performance year.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Performance year.
    pub performance_year: i64,
    /// Regulations; a regulation's code is its place here.
    pub regulations: Vec<Regulation>,
    /// (first start, code) in order, for first agreement periods and for later ones.
    from: [Vec<(i64, u8)>; 2],
    warnings: Vec<String>,
}

impl Plan {
    /// Reads a program's regulations for a performance year from a standpoint.
    pub fn new(book: &Book, program: &str, performance_year: i64, as_of: AsOf) -> Result<Self> {
        let year = u16::try_from(performance_year).ok().filter(|y| i64::from(*y) <= LAST_YEAR);
        let Some(year) = year else {
            return Err(Error::NotModelled(format!(
                "performance year {performance_year}: give a year up to {LAST_YEAR}"
            )));
        };
        let mut taken = book.read(year, as_of);
        let mut plan =
            Self { performance_year, regulations: Vec::new(), from: [vec![], vec![]], warnings: vec![] };
        let mut any = false;
        for (at, which) in ["first", "later"].into_iter().enumerate() {
            let id = format!("{program}.benchmark.regulation.{which}");
            let Some(table) = taken.table(&id)? else { continue };
            any = true;
            plan.from[at] = plan.starts(book, program, &id, table, as_of)?;
        }
        if !any {
            return Err(Error::NotModelled(format!(
                "the rule book has no `{program}.benchmark.regulation.first` for performance year {year} from this \
                 standpoint. Ask for another year or as_of, or add the rule with `rules=`"
            )));
        }
        plan.warnings = taken.warnings();
        Ok(plan)
    }

    fn starts(
        &mut self,
        book: &Book,
        program: &str,
        id: &str,
        table: &BTreeMap<String, Scalar>,
        as_of: AsOf,
    ) -> Result<Vec<(i64, u8)>> {
        let mut starts = Vec::with_capacity(table.len());
        for (name, from) in table {
            let Scalar::Date(from) = from else {
                return Err(Error::NotModelled(format!("rule `{id}` is not a table of dates. Mend the override")));
            };
            let from = from.yyyymmdd();
            if from / 10_000 > self.performance_year {
                continue;
            }
            let code = match self.regulations.iter().position(|r| r.name == *name) {
                Some(known) => known,
                None => {
                    let year = self.performance_year as u16;
                    self.regulations.push(Regulation::read(program, name, || book.read(year, as_of))?);
                    self.regulations.len() - 1
                }
            };
            starts.push((from, code as u8));
        }
        starts.sort_unstable();
        Ok(starts)
    }

    /// The regulation of an agreement period that starts on a date (yyyymmdd).
    #[must_use]
    pub fn code(&self, start: i64, agreement_number: f64) -> Option<u8> {
        let later = usize::from(agreement_number > 1.0);
        let from = self.from[later].iter().rev().find(|(from, _)| *from <= start)?;
        // A regulation without weights for such an agreement period does not govern it.
        self.regulations[usize::from(from.1)].base_year_weights[later].map(|_| from.1)
    }

    /// What a reader of results under these regulations must be told.
    #[must_use]
    pub fn warnings(&self, used: &[u8], latest_start: i64, regional_risk: bool) -> Vec<String> {
        let mut out: Vec<String> = self.warnings.clone();
        for regulation in used.iter().filter_map(|code| self.regulations.get(usize::from(*code))) {
            out.extend(regulation.warnings.iter().cloned());
            if let Some(population) = regulation.population.as_ref().filter(|p| p.agreement_start <= latest_start)
            {
                out.extend(population.warnings.iter().cloned());
            }
            if regional_risk {
                out.extend(regulation.regional_risk_warnings.iter().cloned());
            }
        }
        let mut seen = std::collections::HashSet::new();
        out.retain(|warning| seen.insert(warning.clone()));
        out
    }
}
