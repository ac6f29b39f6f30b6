//! Settlement in decimals, straight from the rule book, in the order of 42 CFR 425.605 and 425.610: the second
//! implementation, which the engine is held against and which explains a row. Valid rows only.

use super::trace::{Trace, count, dollars, percent, truth};
use crate::core::error::{Error, Result};
use crate::core::rulebook::{AsOf, Book, Rule, Taken};
use crate::core::settle::Row;
use rust_decimal::{Decimal, RoundingStrategy};
use std::cmp::Ordering;

/// Answer of the reference; money in dollars rounded to the cent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Savings or losses past the minimum rate.
    pub generated: Decimal,
    /// Withheld by sequestration.
    pub sequestered: Decimal,
    /// Paid or owed.
    pub earned: Decimal,
}

const NOTHING: Answer = Answer { generated: Decimal::ZERO, sequestered: Decimal::ZERO, earned: Decimal::ZERO };

struct Case<'r, 'b> {
    program: &'r str,
    arrangement: &'r str,
    row: &'r Row,
    taken: Taken<'b>,
    trace: &'r mut Trace,
}

/// Settles a row and tells every step.
pub fn settle(
    book: &Book,
    as_of: AsOf,
    (program, arrangement, year): (&str, &str, i64),
    row: &Row,
    trace: &mut Trace,
) -> Result<Answer> {
    let taken = book.read(u16::try_from(year).unwrap_or(u16::MAX), as_of);
    Case { program, arrangement, row, taken, trace }.run()
}

fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

fn from_cents(n: i64) -> Decimal {
    Decimal::new(n, 2)
}

fn from_ppb(n: i64) -> Decimal {
    Decimal::new(n, 9)
}

impl<'b> Case<'_, 'b> {
    fn rule(&mut self, field: &str) -> Option<&'b Rule> {
        self.taken.rule(&format!("{}.{field}", self.program))
    }

    fn number(&mut self, field: &str) -> Result<Option<Decimal>> {
        self.taken.keyed_number(&format!("{}.{field}", self.program), self.arrangement)
    }

    fn word(&mut self, field: &str) -> Result<&'b str> {
        let word = self.taken.keyed_text(&format!("{}.{field}", self.program), self.arrangement)?;
        Ok(word.unwrap_or(""))
    }

    fn missing(column: &str) -> Error {
        Error::NotModelled(format!("this row cannot be settled: {column} is null and decides it"))
    }

    fn run(mut self) -> Result<Answer> {
        let (benchmark, spent) = (from_cents(self.row.benchmark), from_cents(self.row.expenditures));
        let savings = benchmark - spent;
        let inputs = [("benchmark", dollars(benchmark)), ("expenditures", dollars(spent))];
        self.trace.step("savings", "benchmark - expenditures", &inputs, dollars(savings), &[]);
        let rate = percent(savings / benchmark);
        let inputs = [("savings", dollars(savings)), ("benchmark", dollars(benchmark))];
        self.trace.step("savings rate", "savings / benchmark", &inputs, rate, &[]);
        // The minimum rate as a fraction, so that the comparison below is exact.
        let (n, d) = self.minimum_rate()?;
        let reached = savings.abs() * d >= n * benchmark;
        let two_sided = self.word("risk")? == "two_sided";
        let answer = match savings.cmp(&Decimal::ZERO) {
            Ordering::Greater => self.gain(benchmark, savings, reached)?,
            Ordering::Less => self.loss(benchmark, -savings, reached, two_sided)?,
            Ordering::Equal => NOTHING,
        };
        let formula = "paid to the entity if positive, owed by it if negative";
        self.trace.step("earned", formula, &[], dollars(answer.earned), &[]);
        Ok(answer)
    }

    fn minimum_rate(&mut self) -> Result<(Decimal, Decimal)> {
        let beneficiaries = self.row.beneficiaries;
        let floor = self.number("minimum_rate.election_beneficiaries")?.unwrap_or(Decimal::ZERO);
        let people = ("assigned beneficiaries", count(beneficiaries));
        let electable = self.word("minimum_rate")? == "elected" && Decimal::from(beneficiaries) >= floor;
        if let Some(rate) = self.row.elected_rate.filter(|_| electable) {
            let rules = [self.rule("minimum_rate"), self.rule("minimum_rate.elections")];
            let rate = from_ppb(rate);
            let formula = "as elected before the first two-sided performance year";
            self.trace.step("minimum rate", formula, &[people], percent(rate), &rules);
            return Ok((rate, Decimal::ONE));
        }
        let n = Decimal::from(beneficiaries);
        let id = format!("{}.minimum_rate.size_scale", self.program);
        let knots = self.taken.knots(&id)?.unwrap_or_default();
        let last = knots.last().filter(|(x, _)| n >= *x).map(|(x, y)| (*x, *y, *x + Decimal::ONE, *y));
        let inside =
            // The wider of two that meet here: between bands lies a step of one beneficiary.
            knots.windows(2).filter(|w| w[0].0 <= n && n <= w[1].0).max_by_key(|w| w[1].0 - w[0].0);
        let inside = inside.map(|w| (w[0].0, w[0].1, w[1].0, w[1].1));
        let Some((low, at_low, high, at_high)) = last.or(inside) else {
            return Err(Self::missing("a minimum savings rate for so few beneficiaries"));
        };
        let (numerator, denominator) = if last.is_some() {
            (at_low, Decimal::ONE)
        } else {
            (at_low * (high - n) + at_high * (n - low), high - low)
        };
        let inputs = [
            people,
            ("band", if last.is_some() { format!("{low} and more") } else { format!("{low} to {high}") }),
            ("rates", format!("{} to {}", percent(at_low), percent(at_high))),
        ];
        let rules = [self.rule("minimum_rate"), self.rule("minimum_rate.size_scale")];
        let formula = "linear between the ends of the band of assigned beneficiaries";
        self.trace.step("minimum rate", formula, &inputs, percent(numerator / denominator), &rules);
        Ok((numerator, denominator))
    }

    /// Whether quality opens sharing, and whether by the standard itself.
    fn opens(&mut self) -> Result<(bool, bool)> {
        let standard = self.row.quality_standard_met.ok_or_else(|| Self::missing("quality_standard_met"))?;
        if standard || self.word("sharing_rate.quality")? != "standard_else_scaled" {
            return Ok((standard, standard));
        }
        let alternative = self.row.alternative_standard_met;
        Ok((alternative.ok_or_else(|| Self::missing("alternative_standard_met"))?, false))
    }

    /// The same as a step.
    fn quality(&mut self) -> Result<(bool, bool)> {
        let (opened, standard) = self.opens()?;
        let mut inputs = vec![("quality standard met", truth(Some(standard)))];
        if !standard && self.word("sharing_rate.quality")? == "standard_else_scaled" {
            inputs.push(("alternative standard met", truth(self.row.alternative_standard_met)));
        }
        let rule = self.rule("sharing_rate.quality");
        let value = if opened { "sharing open" } else { "sharing closed" };
        self.trace.step("quality", "which standard is met", &inputs, value.into(), &[rule]);
        Ok((opened, standard))
    }

    fn score(&self) -> Result<Decimal> {
        self.row.quality_score.map(from_ppb).ok_or_else(|| Self::missing("quality_score"))
    }

    fn gain(&mut self, benchmark: Decimal, savings: Decimal, reached: bool) -> Result<Answer> {
        let guarded = self.rule("guardrail").filter(|_| self.row.guardrail);
        if guarded.is_some() {
            let formula = "the guardrail's two-way benchmark creates no savings";
            self.trace.step("guardrail", formula, &[], dollars(Decimal::ZERO), &[guarded]);
            return Ok(NOTHING);
        }
        let mut half = Decimal::ONE;
        if !reached {
            let Some(share) = self.half_rate()? else {
                let formula = "0: savings are below the minimum savings rate";
                self.trace.step("generated savings", formula, &[], dollars(Decimal::ZERO), &[]);
                return Ok(NOTHING);
            };
            half = share;
        }
        let formula = "all savings, from the first dollar";
        self.trace.step("generated savings", formula, &[], dollars(savings), &[]);
        let (opened, standard) = self.quality()?;
        let most = self.number("sharing_rate")?.unwrap_or(Decimal::ZERO);
        let mode = self.word("sharing_rate.quality")?;
        let part = match (opened, standard) {
            (false, _) => Decimal::ZERO,
            (true, true) if mode != "scaled" => Decimal::ONE,
            _ => self.score()?,
        };
        let rate = most * part * half;
        let mut inputs = vec![("maximum sharing rate", percent(most)), ("quality factor", percent(part))];
        if half != Decimal::ONE {
            inputs.push(("low-revenue part", percent(half)));
        }
        let rules = [self.rule("sharing_rate"), self.rule("sharing_rate.quality")];
        let formula = "maximum sharing rate x quality factor (x low-revenue part)";
        self.trace.step("final sharing rate", formula, &inputs, percent(rate), &rules);
        if rate.is_zero() {
            return Ok(Answer { generated: savings, ..NOTHING });
        }
        let shared = savings * rate;
        let inputs = [("generated savings", dollars(savings)), ("final sharing rate", percent(rate))];
        self.trace.step("shared savings", "generated savings x final sharing rate", &inputs, dollars(shared), &[]);
        let withheld_rate = self.number("sequestration")?.unwrap_or(Decimal::ZERO);
        let withheld = shared * withheld_rate;
        let inputs = [("shared savings", dollars(shared)), ("rate", percent(withheld_rate))];
        let rule = self.rule("sequestration");
        self.trace.step("sequestered", "shared savings x sequestration rate", &inputs, dollars(withheld), &[rule]);
        let paid = shared - withheld;
        let mut earned = paid;
        if let Some(part) = self.number("payment_limit")? {
            let limit = part * benchmark;
            earned = paid.min(limit);
            let inputs = [("benchmark", dollars(benchmark)), ("share", percent(part))];
            let rule = self.rule("payment_limit");
            let formula = "share x benchmark, compared with the payment after sequestration";
            self.trace.step("performance payment limit", formula, &inputs, dollars(limit), &[rule]);
        }
        Ok(Answer { generated: savings, sequestered: cents(withheld), earned: cents(earned) })
    }

    fn half_rate(&mut self) -> Result<Option<Decimal>> {
        let Some(share) = self.number("low_revenue.share")? else { return Ok(None) };
        let start_id = format!("{}.low_revenue.agreement_start", self.program);
        let from = self.taken.optional_integer(&start_id)?.unwrap_or(i64::MAX);
        let fewest = self.number("low_revenue.beneficiaries")?.unwrap_or(Decimal::MAX);
        if Decimal::from(self.row.beneficiaries) < fewest {
            return Ok(None);
        }
        let early = self.row.agreement_start.is_some_and(|start| start < from);
        let closed = self.opens().is_ok_and(|(open, _)| !open);
        if early || closed || self.row.low_revenue == Some(false) {
            return Ok(None);
        }
        self.row.agreement_start.ok_or_else(|| Self::missing("agreement_start"))?;
        let low = self.row.low_revenue.ok_or_else(|| Self::missing("low_revenue"))?;
        let applies = self.opens()?.0;
        let rules = [self.rule("low_revenue.share"), self.rule("low_revenue.agreement_start")];
        let inputs = [("low revenue", truth(Some(low))), ("part of the rate", percent(share))];
        let formula = "a low-revenue BASIC ACO that saves less than the minimum shares at part of its rate";
        let value = if applies { "applies" } else { "does not apply" };
        self.trace.step("low-revenue rule", formula, &inputs, value.into(), &rules);
        Ok(applies.then_some(share))
    }

    fn loss(&mut self, benchmark: Decimal, loss: Decimal, reached: bool, two_sided: bool) -> Result<Answer> {
        if !two_sided || !reached {
            let formula = if two_sided {
                "0: losses are below the minimum loss rate"
            } else {
                "0: the arrangement bears no losses"
            };
            let rule = self.rule("risk");
            self.trace.step("generated losses", formula, &[], dollars(Decimal::ZERO), &[rule]);
            return Ok(NOTHING);
        }
        self.trace.step("generated losses", "all losses, from the first dollar", &[], dollars(loss), &[]);
        let rate = self.loss_rate()?;
        let shared = loss * rate;
        let inputs = [("generated losses", dollars(loss)), ("loss rate", percent(rate))];
        self.trace.step("shared losses", "generated losses x loss rate", &inputs, dollars(shared), &[]);
        let mut limited = shared;
        let bases = [
            ("benchmark", "loss_limit.benchmark", "benchmark-based loss limit", Some(benchmark)),
            (
                "revenue",
                "loss_limit.revenue",
                "revenue-based loss limit",
                self.row.participant_revenue.map(from_cents),
            ),
        ];
        for (basis, field, name, of) in bases {
            let Some(part) = self.number(field)? else { continue };
            let rule = self.rule(field);
            let Some(of) = of else {
                let formula = "not applied: participant revenue is not given";
                self.trace.step(name, formula, &[("share", percent(part))], "-".into(), &[rule]);
                continue;
            };
            let limit = part * of;
            limited = limited.min(limit);
            let inputs = [(basis, dollars(of)), ("share", percent(part))];
            self.trace.step(name, "share x basis; the lower limit holds", &inputs, dollars(limit), &[rule]);
        }
        let relief = from_cents(self.row.disaster_relief);
        let owed = (cents(limited) - relief).max(Decimal::ZERO);
        let inputs = [("shared losses after limits", dollars(limited)), ("disaster relief", dollars(relief))];
        let formula = "shared losses after limits - relief for extreme and uncontrollable circumstances";
        self.trace.step("owed", formula, &inputs, dollars(owed), &[]);
        Ok(Answer { generated: -loss, sequestered: Decimal::ZERO, earned: -owed })
    }

    fn loss_rate(&mut self) -> Result<Decimal> {
        let top = self.number("loss_rate")?.unwrap_or(Decimal::ZERO);
        let rules = [self.rule("loss_rate"), self.rule("loss_rate.quality"), self.rule("loss_rate.floor")];
        if self.word("loss_rate.quality")? == "fixed" {
            let formula = "fixed, whatever the quality";
            self.trace.step("loss rate", formula, &[], percent(top), &rules[..2]);
            return Ok(top);
        }
        if !self.quality()?.0 {
            let formula = "the highest rate: no quality standard is met";
            self.trace.step("loss rate", formula, &[], percent(top), &rules);
            return Ok(top);
        }
        let share = self.number("sharing_rate")?.unwrap_or(Decimal::ZERO);
        let floor = self.number("loss_rate.floor")?.unwrap_or(Decimal::ZERO);
        let score = self.score()?;
        let rate = (Decimal::ONE - share * score).clamp(floor, top);
        let inputs = [
            ("maximum sharing rate", percent(share)),
            ("quality score", percent(score)),
            ("lowest", percent(floor)),
            ("highest", percent(top)),
        ];
        let formula = "1 - maximum sharing rate x quality score, between the lowest and the highest rate";
        self.trace.step("loss rate", formula, &inputs, percent(rate), &rules);
        Ok(rate)
    }
}
