//! The terms of a program for every year and arrangement, read from the rule book once.

use super::kernel::{Corridors, Packed};
use super::read::Reader;
use super::terms::{Common, Terms};
use crate::core::error::{Error, Result};
use crate::core::programs::{Family, canonical, family, listed};
use crate::core::rulebook::{AsOf, Book, LAST_YEAR, Scalar, Told, Value, sentences};
use std::collections::BTreeMap;

/// One performance year of a program.
#[derive(Clone, Debug)]
pub struct Year {
    /// The year.
    pub performance_year: i64,
    /// First performance year of the program.
    pub first_year: i64,
    /// What the arrangements share.
    pub common: Common,
    /// Terms by arrangement code; `None` where it did not run.
    pub terms: Vec<Option<Terms>>,
    /// What a reader must be told of the terms of all arrangements, and of those of each.
    told: Vec<Told>,
    told_of: Vec<Vec<Told>>,
    told_of_termination: Vec<Told>,
}

/// A program, ready for rows.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Program id in the rule book.
    pub program: String,
    /// Arrangement names; an arrangement's code is its place here.
    pub arrangements: Vec<String>,
    spellings: BTreeMap<String, String>,
    first_year: i64,
    /// To the last year, or to that from which on nothing changes; `None` where the year's rules were not all
    /// known from this standpoint.
    years: Vec<Option<Year>>,
    /// Whether the last of them stands for all later years.
    open: bool,
    counts_people: bool,
    packed: Option<Packed>,
    corridors: Option<Corridors>,
    /// Programs whose rows stand in one frame: each with the code of its first arrangement. Empty for one program.
    parts: Vec<(usize, Plan)>,
}

impl Plan {
    /// Reads the terms of programs, parted by commas, whose rows stand in one frame: the codes of their
    /// arrangements follow each other.
    pub fn joined(book: &Book, programs: &str, as_of: AsOf) -> Result<Self> {
        let mut parts = Vec::new();
        let (mut arrangements, mut counts_people) = (Vec::new(), true);
        for program in programs.split(',') {
            let plan = Self::new(book, program, as_of)?;
            let start = arrangements.len();
            arrangements.extend(plan.arrangements.iter().cloned());
            counts_people &= plan.counts_people;
            parts.push((start, plan));
        }
        let mut plan = Self {
            program: programs.to_owned(),
            arrangements,
            spellings: BTreeMap::new(),
            first_year: 0,
            years: Vec::new(),
            open: false,
            counts_people,
            packed: None,
            corridors: None,
            parts,
        };
        plan.corridors = Corridors::new(&plan);
        Ok(plan)
    }

    /// The year and the terms of an arrangement by its code, or what is wrong: the year, if not the arrangement.
    pub(super) fn find(
        &self,
        arrangement: i64,
        performance_year: i64,
    ) -> std::result::Result<(&Year, &Terms), bool> {
        let code = usize::try_from(arrangement).map_err(|_| false)?;
        if let Some((start, plan)) = self.parts.iter().rfind(|(start, _)| *start <= code) {
            return plan.find((code - start) as i64, performance_year);
        }
        let year = self.year(performance_year).ok_or(true)?;
        year.terms.get(code).and_then(Option::as_ref).map(|terms| (year, terms)).ok_or(false)
    }

    /// Reads a program's terms from this standpoint.
    pub fn new(book: &Book, program: &str, as_of: AsOf) -> Result<Self> {
        let program = &canonical(book, program, as_of);
        let id = format!("{program}.arrangements");
        let Some((first, last)) = book.years(&id, as_of) else {
            if family(book, program, as_of) == Some(Family::Fees) {
                return Err(Error::NotModelled(format!(
                    "{program} pays fees: it has no benchmark and no expenditures. `sharedsavings.settle` takes frames \
                     of it"
                )));
            }
            return Err(Error::NotModelled(format!(
                "the rule book has no program {program:?} from this standpoint; it has {}. Choose one of them, or \
                 another as_of",
                listed(book, as_of)
            )));
        };
        let own = format!("{program}.");
        let ids = book.rules().map(|r| r.id.as_str()).filter(|id| id.starts_with(&own));
        let settled = ids.filter_map(|id| book.settled_from(id, as_of)).max();
        let end = last.or(settled).unwrap_or(first).min(LAST_YEAR as u16);
        let mut plan = Self {
            program: program.to_owned(),
            arrangements: Vec::new(),
            spellings: BTreeMap::new(),
            first_year: i64::from(first),
            years: Vec::new(),
            open: last.is_none(),
            counts_people: false,
            packed: None,
            corridors: None,
            parts: Vec::new(),
        };
        let mut unknown = None;
        for year in first..=end {
            let read = match plan.read_year(book, year, as_of) {
                Ok(read) => Some(read),
                Err(e) => {
                    // Either a rule was published after the date asked about, or the book itself is at fault.
                    let later = AsOf { date: None, ..as_of };
                    if as_of.date.is_none() || plan.clone().read_year(book, year, later).is_err() {
                        return Err(e);
                    }
                    unknown = as_of.date;
                    None
                }
            };
            plan.years.push(read);
        }
        if let Some(date) = unknown.filter(|_| plan.years.iter().all(Option::is_none)) {
            return Err(Error::NotModelled(format!(
                "of no year were all rules of {program:?} known on {date}. Use a later as_of"
            )));
        }
        for year in plan.years.iter_mut().flatten() {
            year.terms.resize(plan.arrangements.len(), None);
        }
        // An arrangement that asks for them in no year lets rows do without.
        let counts = |code: usize| {
            let terms = plan.years.iter().flatten().filter_map(|year| year.terms.get(code)?.as_ref());
            terms.into_iter().any(Terms::counts_people)
        };
        plan.counts_people = (0..plan.arrangements.len()).all(counts);
        plan.packed = Packed::new(&plan);
        if plan.packed.is_none() {
            plan.corridors = Corridors::new(&plan);
        }
        Ok(plan)
    }

    fn read_year(&mut self, book: &Book, year: u16, as_of: AsOf) -> Result<Year> {
        let mut taken = book.read(year, as_of);
        let names = words(taken.rule(&format!("{}.arrangements", self.program)).map(|r| &r.value));
        if let Some(spellings) = taken.table(&format!("{}.arrangement_spellings", self.program))? {
            self.spellings.extend(spellings.iter().map(|(k, v)| (k.clone(), v.to_string())));
        }
        for name in &names {
            if !self.arrangements.contains(name) {
                self.arrangements.push(name.clone());
            }
        }
        let common = Reader { program: &self.program, taken: &mut taken }.common()?;
        // Told only of rows that ended early.
        let mut of_termination = book.read(year, as_of);
        let termination = Reader { program: &self.program, taken: &mut of_termination }.termination()?;
        let mut terms = vec![None; self.arrangements.len()];
        let mut told_of = vec![Vec::new(); self.arrangements.len()];
        for name in &names {
            let Some(at) = self.arrangements.iter().position(|a| a == name) else { continue };
            // Its own list of what was taken, so that a row is told of its arrangement's rules only.
            let mut taken = book.read(year, as_of);
            terms[at] = Some(Reader { program: &self.program, taken: &mut taken }.terms(name, termination)?);
            told_of[at] = taken.told();
        }
        let told_of_termination = of_termination.told();
        let (performance_year, first_year) = (i64::from(year), self.first_year);
        Ok(Year { performance_year, first_year, common, terms, told: taken.told(), told_of, told_of_termination })
    }

    /// The year's terms, or nothing where the book has none.
    #[must_use]
    pub fn year(&self, performance_year: i64) -> Option<&Year> {
        let i = usize::try_from(performance_year.checked_sub(self.first_year)?).ok()?;
        let past = i >= self.years.len();
        if past && !(self.open && performance_year <= LAST_YEAR) {
            return None;
        }
        self.years.get(if past { self.years.len().checked_sub(1)? } else { i })?.as_ref()
    }

    /// The years with rules of their own, in order.
    pub(super) fn own_years(&self) -> impl Iterator<Item = Option<&Year>> {
        self.years.iter().map(Option::as_ref)
    }

    /// Whether the number of beneficiaries decides something in each arrangement, in some year at least: then every
    /// row must have it.
    #[must_use]
    pub fn all_count_people(&self) -> bool {
        self.counts_people
    }

    /// The same plan without a kernel: the engine settles every row. For the tests that hold kernels against it.
    #[must_use]
    pub fn by_engine_alone(mut self) -> Self {
        (self.packed, self.corridors) = (None, None);
        self
    }

    /// First and last year with rules of their own, of any of its programs.
    pub(super) fn own_span(&self) -> Option<(i64, i64)> {
        let own =
            (!self.years.is_empty()).then(|| (self.first_year, self.first_year + self.years.len() as i64 - 1));
        let all = || self.parts.iter().filter_map(|(_, plan)| plan.own_span()).chain(own);
        Some((all().map(|(first, _)| first).min()?, all().map(|(_, last)| last).max()?))
    }

    /// The plan for the kernel of the Shared Savings Program, where it fits.
    pub(super) fn packed(&self) -> Option<&Packed> {
        self.packed.as_ref()
    }

    /// The plan for the kernel of other programs, and of several.
    pub(super) fn corridors(&self) -> Option<&Corridors> {
        self.corridors.as_ref()
    }

    /// First and last year.
    #[must_use]
    pub fn span(&self) -> (i64, i64) {
        (self.first_year, if self.open { LAST_YEAR } else { self.first_year + self.years.len() as i64 - 1 })
    }

    /// Code of an arrangement under any accepted spelling.
    #[must_use]
    pub fn code(&self, spelling: &str) -> Option<usize> {
        let plain = spelling.trim().to_uppercase();
        let name = self.spellings.get(&plain).unwrap_or(&plain);
        self.arrangements.iter().position(|a| a == name)
    }

    /// What a reader of results for these years and arrangements must be told; `terminated` where a row ended early.
    #[must_use]
    pub fn warnings(&self, pairs: &[[i64; 2]], terminated: bool) -> Vec<String> {
        let of_pair = |[year, track]: &[i64; 2]| {
            let year = self.year(*year)?;
            let own = usize::try_from(*track).ok().and_then(|track| year.told_of.get(track));
            let ends = year.told_of_termination.iter().filter(|_| terminated);
            Some(year.told.iter().chain(own.into_iter().flatten()).chain(ends))
        };
        sentences(pairs.iter().filter_map(of_pair).flatten())
    }
}

fn words(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Choice(menu)) => menu.iter().map(Scalar::to_string).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
impl Year {
    pub(super) fn for_tests(common: Common) -> Self {
        Self {
            performance_year: 2024,
            first_year: 2013,
            common,
            terms: Vec::new(),
            told: Vec::new(),
            told_of: Vec::new(),
            told_of_termination: Vec::new(),
        }
    }
}
