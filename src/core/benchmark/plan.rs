//! Which regulation governs an agreement period, and what each says in one performance year: read once a call.

use super::chain::Case;
use super::columns::{cell, entity};
use super::inputs::{Inputs, as_date};
use super::regulation::Regulation;
use crate::core::date::Date;
use crate::core::error::{Error, Result};
use crate::core::rulebook::{AsOf, Book, LAST_YEAR, Scalar, Taken, Told, sentences};
use rust_decimal::prelude::ToPrimitive;
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
    /// (first start, calendar years that an agreement period of that start may last), in order.
    lengths: Vec<(i64, i64)>,
    told: Vec<Told>,
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
        let mut plan = Self {
            performance_year,
            regulations: Vec::new(),
            from: [vec![], vec![]],
            lengths: vec![],
            told: vec![],
        };
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
        plan.lengths = lengths(&mut taken, &format!("{program}.benchmark.agreement_years"))?;
        plan.told = taken.told();
        Ok(plan)
    }

    /// Whether a year alone does not tell the regulation: another one began to govern in the course of it.
    #[must_use]
    pub fn ambiguous(&self, year: i64, agreement_number: f64) -> bool {
        let of_year = |from: i64| from / 10_000 == year && from % 10_000 > 101;
        self.from[usize::from(agreement_number > 1.0)].iter().any(|(from, _)| of_year(*from))
    }

    /// Whether the performance year lies beyond any agreement period that starts on a date.
    #[must_use]
    pub fn beyond(&self, start: i64) -> bool {
        let years = self.lengths.iter().rev().find(|(from, _)| *from <= start);
        years.is_some_and(|(_, years)| self.performance_year >= start / 10_000 + years)
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
            let known = self.regulations.iter().position(|r| r.name == *name);
            let code = if let Some(known) = known {
                known
            } else {
                let year = self.performance_year as u16;
                self.regulations.push(Regulation::read(program, name, || book.read(year, as_of))?);
                self.regulations.len() - 1
            };
            starts.push((from, code as u8));
        }
        starts.sort_unstable();
        Ok(starts)
    }

    /// The regulation of an agreement period that starts on a date (yyyymmdd).
    #[must_use]
    pub fn code(&self, start: i64, agreement_number: f64) -> Option<u8> {
        if agreement_number.is_nan() {
            return None;
        }
        let later = usize::from(agreement_number > 1.0);
        let from = self.from[later].iter().rev().find(|(from, _)| *from <= start)?;
        // A regulation without weights for such an agreement period does not govern it.
        self.regulations[usize::from(from.1)].base_year_weights[later].map(|_| from.1)
    }

    /// The regulation of a case.
    #[must_use]
    pub fn governing(&self, case: &Case) -> Option<&Regulation> {
        let code = self.code(case.start, case.entity[entity::AGREEMENT_NUMBER])?;
        self.regulations.get(usize::from(code))
    }

    /// What a reader of results must be told, given the code of each entity's regulation.
    #[must_use]
    pub fn warnings(&self, inputs: &Inputs<'_>, codes: &[u8]) -> Vec<String> {
        let mut told: Vec<&Told> = self.told.iter().collect();
        for (code, regulation) in self.regulations.iter().enumerate() {
            let mut starts =
                codes.iter().zip(inputs.starts).filter(|(c, _)| usize::from(**c) == code).map(|(_, start)| *start);
            let Some(first) = starts.next() else { continue };
            told.extend(&regulation.told);
            if let Some(population) = &regulation.population {
                let mut starts = std::iter::once(first).chain(starts).map(as_date);
                if starts.any(|start| start >= population.agreement_start) {
                    told.extend(&population.told);
                }
            }
            if inputs.cells[cell::REGIONAL_RISK_SCORE_PY].is_some() {
                told.extend(&regulation.told_of_regional_risk);
            }
        }
        sentences(told)
    }
}

/// Calendar years of agreement periods, by the date from which starts have them.
fn lengths(taken: &mut Taken<'_>, id: &str) -> Result<Vec<(i64, i64)>> {
    let Some(table) = taken.table(id)? else { return Ok(Vec::new()) };
    let mut lengths = Vec::with_capacity(table.len());
    for (from, years) in table {
        let date = from.parse::<Date>().ok().map(Date::yyyymmdd);
        let years = if let Scalar::Number(years) = years { years.to_i64() } else { None };
        let Some(length) = date.zip(years) else {
            return Err(Error::NotModelled(format!(
                "rule `{id}` is not a table of years by date of start. Mend the override"
            )));
        };
        lengths.push(length);
    }
    lengths.sort_unstable();
    Ok(lengths)
}
