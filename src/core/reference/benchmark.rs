//! A benchmark in decimals, straight from the rule book, one paragraph after the other: the second implementation,
//! which the kernel is held against and which explains an entity. Valid entities only.

mod adjustments;
mod gap;
mod number;
mod performance;
mod regional;
mod savings;
mod update;

pub use gap::Gap;
pub use number::{Number, Numbers};

use super::trace::{Trace, dollars};
use crate::core::benchmark::{Case, TYPES, cell, entity, slug};
use crate::core::date::Date;
use crate::core::error::{Error, Result};
use crate::core::rulebook::{AsOf, Book, Rule, Scalar, Taken, Value};
use number::{each, weighted};
use performance::Performance;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

/// Answer of the reference; nothing is rounded but the benchmark, to the cent.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Regulation by name.
    pub regulation: String,
    /// Historical benchmark by type.
    pub historical: Numbers,
    /// The same over all types.
    pub historical_benchmark: Number,
    /// Regional adjustment by type.
    pub regional: Numbers,
    /// The same over all types.
    pub regional_total: Number,
    /// Prior savings adjustment.
    pub prior_savings: Number,
    /// Population adjustment.
    pub population: Number,
    /// The word for the adjustment applied.
    pub applied: &'static str,
    /// Risk ratio by type.
    pub risk_ratio: Numbers,
    /// Updated benchmark by type.
    pub updated: Numbers,
    /// The same over all types.
    pub updated_benchmark: Number,
    /// Total by the two-way factor.
    pub two_way_benchmark: Number,
    /// Whether the guardrail put it in place.
    pub guardrail: Option<bool>,
    /// Total updated benchmark, unrounded.
    pub benchmark: Number,
}

impl Answer {
    /// Why there is no total benchmark, if there is none.
    #[must_use]
    pub fn gap(&self) -> Option<Gap> {
        self.benchmark.0.err()
    }
}

/// What the steps share.
struct Walk<'r, 'b> {
    case: &'r Case,
    taken: Taken<'b>,
    trace: &'r mut Trace,
    program: &'r str,
    performance_year: i64,
    /// Prefix of the regulation's rules.
    prefix: String,
}

/// Computes an entity's benchmark and tells every step.
pub fn benchmark(
    book: &Book,
    as_of: AsOf,
    (program, performance_year): (&str, i64),
    case: &Case,
    trace: &mut Trace,
) -> Result<Answer> {
    let taken = book.read(u16::try_from(performance_year).unwrap_or(u16::MAX), as_of);
    Walk { case, taken, trace, program, performance_year, prefix: String::new() }.run()
}

/// A ratio as a reader sees it.
fn ratio(n: Decimal) -> String {
    n.round_dp_with_strategy(6, RoundingStrategy::MidpointAwayFromZero).normalize().to_string()
}

/// One number for each type that has one.
fn list(numbers: &Numbers, show: fn(Decimal) -> String) -> String {
    let known = TYPES.iter().zip(numbers).filter(|(_, n)| n.known());
    let text: Vec<String> = known.map(|(name, n)| format!("{name} {}", n.show(show))).collect();
    if text.is_empty() { "not known".to_owned() } else { text.join(", ") }
}

impl<'b> Walk<'_, 'b> {
    fn rule(&mut self, field: &str) -> Option<&'b Rule> {
        self.taken.rule(&format!("{}.{field}", self.prefix))
    }

    fn word(&mut self, field: &str) -> Result<&'b str> {
        self.taken.text(&format!("{}.{field}", self.prefix))
    }

    fn number(&mut self, field: &str) -> Result<Number> {
        self.taken.number(&format!("{}.{field}", self.prefix)).map(Number::of)
    }

    fn optional(&mut self, field: &str) -> Result<Option<Number>> {
        Ok(self.taken.optional_number(&format!("{}.{field}", self.prefix))?.map(Number::of))
    }

    /// Parts of a whole by key.
    fn part(&mut self, field: &str, keys: &[&str], key: &str) -> Result<Number> {
        let id = format!("{}.{field}", self.prefix);
        let mut of = Decimal::ZERO;
        for other in keys {
            of += self.taken.keyed_number(&id, other)?.unwrap_or(Decimal::ZERO);
        }
        let part = self.taken.keyed_number(&id, key)?.unwrap_or(Decimal::ZERO);
        Ok(Number::of(part) / Number::of(of))
    }

    fn cells(&self, place: usize) -> Numbers {
        each(|k| Number::input(self.case.cells[place][k], cell::COLUMNS[place], Some(k)))
    }

    fn entity(&self, place: usize) -> Number {
        Number::input(self.case.entity[place], entity::COLUMNS[place], None)
    }

    fn later(&self) -> bool {
        self.case.entity[entity::AGREEMENT_NUMBER] > 1.0
    }

    fn parts_field(&self) -> &'static str {
        if self.later() { "base_year_parts.later" } else { "base_year_parts.first" }
    }

    /// The regulation that governs the agreement period, by the date of its start.
    fn regulation(&mut self) -> Result<String> {
        let which = if self.later() { "later" } else { "first" };
        let rule = self.taken.rule(&format!("{}.benchmark.regulation.{which}", self.program));
        let start = self.case.start;
        let mut governing: Option<(i64, &str)> = None;
        if let Some(Value::Table(table)) = rule.map(|r| &r.value) {
            for (name, from) in table {
                let Scalar::Date(from) = from else { continue };
                let from = from.yyyymmdd();
                if from <= start && governing.is_none_or(|(best, _)| from > best) {
                    governing = Some((from, name));
                }
            }
        }
        let Some((_, name)) = governing else {
            return Err(Error::NotModelled("no regulation governs this agreement period".into()));
        };
        self.prefix = format!("{}.benchmark.{}", self.program, slug(name));
        let lasts = self.agreement_years()?;
        let date = format!("{}-{:02}-{:02}", start / 10_000, start / 100 % 100, start % 100);
        let mut inputs = vec![
            ("agreement start", date),
            ("agreement period", if self.later() { "later" } else { "first" }.to_owned()),
        ];
        if let Some(years) = lasts {
            let last = start / 10_000 + years - 1;
            if self.performance_year > last {
                return Err(Error::NotModelled(format!("an agreement period of this start ends in {last}")));
            }
            inputs.push(("last year", last.to_string()));
        }
        let length = self.taken.rule(&format!("{}.benchmark.agreement_years", self.program));
        let formula = "by the start of the agreement period, and whether it is the first";
        self.trace.step("regulation", formula, &inputs, format!("42 CFR {name}"), &[rule, length]);
        Ok(name.to_owned())
    }

    /// Calendar years that an agreement period of this start may last, if the book says so.
    fn agreement_years(&mut self) -> Result<Option<i64>> {
        let table = self.taken.table(&format!("{}.benchmark.agreement_years", self.program))?;
        let mut best: Option<(i64, i64)> = None;
        for (from, years) in table.into_iter().flatten() {
            let from = from.parse::<Date>().map_or(i64::MAX, Date::yyyymmdd);
            let years = if let Scalar::Number(years) = years { years.to_i64() } else { None };
            if from <= self.case.start && best.is_none_or(|(other, _)| from > other) {
                best = years.map(|years| (from, years));
            }
        }
        Ok(best.map(|(_, years)| years))
    }

    fn run(mut self) -> Result<Answer> {
        let regulation = self.regulation()?;
        let years = self.cells(cell::PERSON_YEARS_BY3);
        let total = number::sum(years);
        let share = each(|k| years[k] / total);
        let inputs = [("person years BY3", list(&years, ratio))];
        let formula = "person years of the type / person years of all types";
        let parts = self.rule(self.parts_field());
        self.trace.step("shares of types, BY3", formula, &inputs, list(&share, ratio), &[parts]);

        let trend_1 =
            self.trend("trend BY1 to BY3", cell::GIVEN_TREND_BY1, cell::NATIONAL_BY1, cell::REGIONAL_BY1)?;
        let trend_2 =
            self.trend("trend BY2 to BY3", cell::GIVEN_TREND_BY2, cell::NATIONAL_BY2, cell::REGIONAL_BY2)?;
        let unadjusted = self.unadjusted(&trend_1, &trend_2)?;
        let adjusted = self.adjust(&share, &unadjusted)?;
        let historical = each(|k| unadjusted[k] + adjusted.by_type[k]);
        let historical_benchmark = weighted(&share, &historical);
        let inputs = [("by type", list(&historical, dollars)), ("shares", list(&share, ratio))];
        let formula = "sum over types of (benchmark before adjustment + adjustment) x share in BY3";
        let value = historical_benchmark.show(dollars);
        self.trace.step("historical benchmark", formula, &inputs, value, &[parts]);
        let after = match historical_benchmark.0 {
            Ok(_) => self.performance(&historical)?,
            Err(gap) => Performance::unknown(gap),
        };
        Ok(Answer {
            regulation,
            historical,
            historical_benchmark,
            regional: adjusted.regional,
            regional_total: adjusted.regional_total,
            prior_savings: adjusted.prior_savings,
            population: adjusted.population,
            applied: adjusted.applied,
            risk_ratio: after.risk_ratio,
            updated: after.updated,
            updated_benchmark: after.updated_benchmark,
            two_way_benchmark: after.two_way_benchmark,
            guardrail: after.guardrail,
            benchmark: after.benchmark,
        })
    }

    /// Growth to the third base year: national, regional, or both by the ACO's market share.
    fn trend(&mut self, name: &'static str, given: usize, national: usize, regional: usize) -> Result<Numbers> {
        let how = self.word("trend")?;
        let rule = self.rule("trend");
        let given = self.cells(given);
        let (nat, reg) = (self.cells(national), self.cells(regional));
        let (nat_3, reg_3) = (self.cells(cell::NATIONAL_BY3), self.cells(cell::REGIONAL_BY3));
        let weight = self.cells(cell::NATIONAL_WEIGHT_BY3);
        let national = each(|k| nat_3[k] / nat[k]);
        let regional = each(|k| reg_3[k] / reg[k]);
        let blended = each(|k| weight[k] * national[k] + (Number::ONE - weight[k]) * regional[k]);
        let (computed, formula) = match how {
            "national" => (national, "national growth"),
            "regional" => (regional, "regional growth"),
            _ => (blended, "market share x national growth + (1 - market share) x regional growth"),
        };
        let trend = each(|k| given[k].or(computed[k]));
        let mut inputs = Vec::new();
        for (label, numbers) in
            [("given", &given), ("national", &national), ("regional", &regional), ("market share BY3", &weight)]
        {
            let used = match label {
                "national" => how != "regional",
                "regional" => how != "national",
                "market share BY3" => how == "blended",
                _ => true,
            };
            if used && numbers.iter().any(|n| n.known()) {
                inputs.push((label, list(numbers, ratio)));
            }
        }
        self.trace.step(name, formula, &inputs, list(&trend, ratio), &[rule]);
        Ok(trend)
    }

    /// Base years at the risk and price of the third, weighted.
    fn unadjusted(&mut self, trend_1: &Numbers, trend_2: &Numbers) -> Result<Numbers> {
        let field = self.parts_field();
        let keys = ["by1", "by2", "by3"];
        let [b1, b2, b3] =
            [self.part(field, &keys, "by1")?, self.part(field, &keys, "by2")?, self.part(field, &keys, "by3")?];
        let rule = self.rule(field);
        let spent = [cell::PER_CAPITA_BY1, cell::PER_CAPITA_BY2, cell::PER_CAPITA_BY3].map(|p| self.cells(p));
        let risk = [cell::RISK_SCORE_BY1, cell::RISK_SCORE_BY2, cell::RISK_SCORE_BY3].map(|p| self.cells(p));
        let to_by3 = |year: usize| each(|k| risk[2][k] / risk[year][k]);
        let (risk_1, risk_2) = (to_by3(0), to_by3(1));
        let inputs = [("BY1", list(&risk_1, ratio)), ("BY2", list(&risk_2, ratio))];
        let formula = "risk score BY3 / risk score of the year";
        self.trace.step("risk ratios to BY3", formula, &inputs, list(&risk_1, ratio), &[rule]);
        let [year_1, year_2] = [(&risk_1, trend_1, 0), (&risk_2, trend_2, 1)]
            .map(|(risk, trend, year): (&Numbers, &Numbers, usize)| each(|k| spent[year][k] * risk[k] * trend[k]));
        let people = self.cells(cell::PERSON_YEARS_BY3);
        let unadjusted = each(|k| {
            if people[k] == Number::ZERO {
                return Number(Err(Gap::NoBaseYear(k)));
            }
            b1 * year_1[k] + b2 * year_2[k] + b3 * spent[2][k]
        });
        let weights: Vec<String> = [b1, b2, b3].iter().map(|b| b.show(ratio)).collect();
        let inputs = [
            ("BY1 at BY3 risk and price", list(&year_1, dollars)),
            ("BY2 at BY3 risk and price", list(&year_2, dollars)),
            ("BY3", list(&spent[2], dollars)),
            ("weights", weights.join(", ")),
        ];
        let formula = "sum over base years of weight x per capita x risk ratio x trend";
        self.trace.step("benchmark before adjustment", formula, &inputs, list(&unadjusted, dollars), &[rule]);
        Ok(unadjusted)
    }
}
