//! Settlement in decimals, straight from the rule book, in the order of 42 CFR 425.605 and 425.610 and of the models
//! beside them: the second implementation, which the engine is held against and which explains a row. Valid rows only.

use super::corridor::Amounts;
use super::trace::{Trace, count, dollars, percent, truth};
use crate::core::error::{Error, Result};
use crate::core::rulebook::{AsOf, Book, Rule, Scalar, Taken};
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
    /// What of it goes to an advance, where the row has one.
    pub advance_recouped: Option<Decimal>,
}

const NOTHING: Answer =
    Answer { generated: Decimal::ZERO, sequestered: Decimal::ZERO, earned: Decimal::ZERO, advance_recouped: None };

/// Months of a year.
const MONTHS: i64 = 12;

pub(super) struct Case<'r, 'b> {
    pub(super) program: &'r str,
    pub(super) arrangement: &'r str,
    pub(super) row: &'r Row,
    pub(super) taken: Taken<'b>,
    pub(super) trace: &'r mut Trace,
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

pub(super) fn from_cents(n: i64) -> Decimal {
    Decimal::new(n, 2)
}

pub(super) fn from_ppb(n: i64) -> Decimal {
    Decimal::new(n, 9)
}

impl<'b> Case<'_, 'b> {
    pub(super) fn rule(&mut self, field: &str) -> Option<&'b Rule> {
        self.taken.rule(&format!("{}.{field}", self.program))
    }

    pub(super) fn number(&mut self, field: &str) -> Result<Option<Decimal>> {
        self.taken.keyed_number(&format!("{}.{field}", self.program), self.arrangement)
    }

    pub(super) fn word(&mut self, field: &str) -> Result<&'b str> {
        let word = self.taken.keyed_text(&format!("{}.{field}", self.program), self.arrangement)?;
        Ok(word.unwrap_or(""))
    }

    pub(super) fn missing(column: &str) -> Error {
        Error::NotModelled(format!("this row cannot be settled: {column} is null and decides it"))
    }

    pub(super) fn unmodelled(what: &str) -> Error {
        Error::NotModelled(format!("this row cannot be settled: {what}"))
    }

    fn run(mut self) -> Result<Answer> {
        let spent = from_cents(self.row.expenditures);
        let two_sided = self.word("risk")? == "two_sided";
        let up = self.target("discount", spent)?;
        let down = if two_sided { self.loss_target(up)? } else { up };
        let target = if up >= spent { up } else { down };
        // Between the two targets nothing is saved or lost.
        let savings = if up < spent && spent < down { Decimal::ZERO } else { target - spent };
        let inputs = [("target", dollars(target)), ("expenditures", dollars(spent))];
        self.trace.step("savings", "target - expenditures", &inputs, dollars(savings), &[]);
        let rate = percent(savings / target);
        let inputs = [("savings", dollars(savings)), ("target", dollars(target))];
        self.trace.step("savings rate", "savings / target", &inputs, rate, &[]);
        // The minimum rate as a fraction, so that the comparison below is exact.
        let minimum = self.minimum_rate(savings.is_sign_negative() && two_sided)?;
        let reached = savings.abs() * minimum.1 >= minimum.0 * target;
        let period = self.period()?;
        if self.row.termination_date.is_some() && self.rule("termination.voluntary_savings_from").is_none() {
            return Err(Self::unmodelled("the program has no rule of early termination"));
        }
        let side = Amounts { target, size: savings.abs(), minimum, period };
        let mut answer = match savings.cmp(&Decimal::ZERO) {
            Ordering::Greater => self.gain(&side, reached)?,
            Ordering::Less => self.loss(&side, reached, two_sided)?,
            Ordering::Equal => NOTHING,
        };
        if self.row.payment_adjustment != 0 {
            let added = from_cents(self.row.payment_adjustment);
            let inputs = [("before it", dollars(answer.earned))];
            self.trace.step("adjustment", "added to what is earned", &inputs, dollars(added), &[]);
            answer.earned += added;
        }
        let formula = "paid to the entity if positive, owed by it if negative";
        self.trace.step("earned", formula, &[], dollars(answer.earned), &[]);
        if let Some(balance) = self.row.advance_balance {
            let part = self.number("advance.recoupment")?.unwrap_or(Decimal::ZERO);
            let balance = from_cents(balance);
            let recouped = cents(answer.earned.max(Decimal::ZERO) * part).min(balance);
            let inputs = [("earned", dollars(answer.earned)), ("advance outstanding", dollars(balance))];
            let rule = self.rule("advance.recoupment");
            let formula = "what is earned goes to the advance first";
            self.trace.step("advance recouped", formula, &inputs, dollars(recouped), &[rule]);
            answer.advance_recouped = Some(recouped);
        }
        Ok(answer)
    }

    /// The part of each amount that the performance period counts for.
    fn period(&mut self) -> Result<Decimal> {
        if !self.row.half_year {
            return Ok(Decimal::ONE);
        }
        let part =
            self.number("half_year")?.ok_or_else(|| Self::unmodelled("the year has no six-month periods"))?;
        let rule = self.rule("half_year");
        let formula = "a six-month performance period: this part of every amount of the calendar year";
        self.trace.step("part of the year", formula, &[], percent(part), &[rule]);
        Ok(part)
    }

    /// Month and day of a rule, as month x 100 + day.
    fn day_of_year(&mut self, field: &str) -> Option<i64> {
        let text = self.rule(field)?.value.to_string();
        let (month, day) = text.split_once('-')?;
        Some(month.parse::<i64>().ok()? * 100 + day.parse::<i64>().ok()?)
    }

    /// The rate withheld from savings, by year or by the day of payment.
    fn sequestration(&mut self) -> Result<(Decimal, Option<&'b Rule>)> {
        let Some(date) = self.row.payment_date else {
            let rate = self.number("sequestration")?.unwrap_or(Decimal::ZERO);
            return Ok((rate, self.rule("sequestration")));
        };
        let id = format!("{}.sequestration.payment_dates", self.program);
        let table =
            self.taken.table(&id)?.ok_or_else(|| Self::unmodelled("no sequestration by date of payment"))?;
        let day = format!("{:04}-{:02}-{:02}", date / 10_000, date / 100 % 100, date % 100);
        let last = table.iter().rfind(|(first, _)| **first <= day).map(|(_, rate)| rate);
        let rate = match last {
            Some(Scalar::Number(rate)) => *rate,
            _ => Decimal::ZERO,
        };
        Ok((rate, self.rule("sequestration.payment_dates")))
    }

    fn minimum_rate(&mut self, of_losses: bool) -> Result<(Decimal, Decimal)> {
        let beneficiaries = self.row.beneficiaries;
        if let Some(rate) = self.number("minimum_rate.losses")?.filter(|_| of_losses) {
            let rules = [self.rule("minimum_rate.losses")];
            self.trace.step("minimum rate", "fixed, of losses", &[], percent(rate), &rules);
            return Ok((rate, Decimal::ONE));
        }
        if self.word("minimum_rate")? == "none" {
            return Ok((Decimal::ZERO, Decimal::ONE));
        }
        if self.word("minimum_rate")? == "fixed" {
            let rate = self.number("minimum_rate.fixed")?.unwrap_or(Decimal::ZERO);
            let rules = [self.rule("minimum_rate"), self.rule("minimum_rate.fixed")];
            self.trace.step("minimum rate", "fixed", &[], percent(rate), &rules);
            return Ok((rate, Decimal::ONE));
        }
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

    pub(super) fn score(&self) -> Result<Decimal> {
        self.row.quality_score.map(from_ppb).ok_or_else(|| Self::missing("quality_score"))
    }

    #[allow(clippy::too_many_lines)] // the steps of one regulation, in its order
    fn gain(&mut self, side: &Amounts, reached: bool) -> Result<Answer> {
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
        let savings = side.size * side.period;
        self.trace.step("generated savings", formula, &[], dollars(savings), &[]);
        if let Some(lowest) = self.number("lowest_score")?
            && self.score()? < lowest
        {
            let rule = self.rule("lowest_score");
            let inputs = [("quality score", percent(self.score()?)), ("lowest", percent(lowest))];
            let formula = "0: the quality score is too low for a payment";
            self.trace.step("shared savings", formula, &inputs, dollars(Decimal::ZERO), &[rule]);
            return Ok(Answer { generated: cents(savings), ..NOTHING });
        }
        let mode = self.word("sharing_rate.quality")?;
        let (slices, most) = self.slices("sharing_rate", side)?;
        let part = match mode {
            "none" => Decimal::ONE,
            "score" => self.score()?,
            "cut_by_lack" => {
                let cut = self.number("quality_adjustment.savings")?.unwrap_or(Decimal::ZERO);
                Decimal::ONE - cut * (Decimal::ONE - self.score()?)
            }
            _ => match self.quality()? {
                (false, _) => Decimal::ZERO,
                (true, true) if mode != "scaled" => Decimal::ONE,
                _ => self.score()?,
            },
        };
        let rate = most * part * half;
        let mut inputs = vec![("maximum sharing rate", percent(most)), ("quality factor", percent(part))];
        if half != Decimal::ONE {
            inputs.push(("low-revenue part", percent(half)));
        }
        let rules = [
            self.rates_rule("sharing_rate"),
            self.rule("sharing_rate.quality"),
            self.rule("quality_adjustment.savings"),
        ];
        let formula = "maximum sharing rate x quality factor (x low-revenue part)";
        self.trace.step("final sharing rate", formula, &inputs, percent(rate), &rules);
        let generated = cents(savings);
        if rate.is_zero() {
            return Ok(Answer { generated, ..NOTHING });
        }
        let last_day = self.day_of_year("termination.voluntary_savings_from");
        if let (Some(from), Some(date)) = (last_day, self.row.termination_date)
            && (self.row.terminated_by_cms || date % 10_000 < from)
        {
            let formula = "0: the agreement ended before the end of the year";
            let inputs = [("terminated by CMS", truth(Some(self.row.terminated_by_cms)))];
            let rule = self.rule("termination.voluntary_savings_from");
            self.trace.step("early termination", formula, &inputs, dollars(Decimal::ZERO), &[rule]);
            return Ok(Answer { generated, ..NOTHING });
        }
        let shared = slices * part * half * side.period;
        let inputs = [("generated savings", dollars(savings)), ("final sharing rate", percent(rate))];
        let formula = "generated savings, in their slices, x sharing rate";
        self.trace.step("shared savings", formula, &inputs, dollars(shared), &[]);
        let first = self.word("payment_limit.order")? == "before_sequestration";
        let limit = if first { self.payment_limit(side)? } else { None };
        let after = self.after_limits()?;
        let held = limit.map_or(shared, |limit| shared.min(limit)) * after;
        let (withheld_rate, rule) = self.sequestration()?;
        let withheld = held * withheld_rate;
        let inputs = [("shared savings", dollars(held)), ("rate", percent(withheld_rate))];
        self.trace.step("sequestered", "shared savings x sequestration rate", &inputs, dollars(withheld), &[rule]);
        let paid = held - withheld;
        let limit = if first { None } else { self.payment_limit(side)? };
        let earned = limit.map_or(paid, |limit| paid.min(limit));
        Ok(Answer { generated, sequestered: cents(withheld), earned: cents(earned), advance_recouped: None })
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
        let small_id = format!("{}.low_revenue.small_benchmark_year", self.program);
        let small_from = self.taken.optional_integer(&small_id)?.unwrap_or(i64::MAX);
        let small = self.row.small_benchmark_year && self.row.agreement_start.is_some_and(|s| s >= small_from);
        let closed = self.opens().is_ok_and(|(open, _)| !open);
        if early || closed || small || self.row.low_revenue == Some(false) {
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

    fn loss(&mut self, side: &Amounts, reached: bool, two_sided: bool) -> Result<Answer> {
        let gated = self.number("loss_gate")?.filter(|_| two_sided);
        if let Some(gate) = gated.filter(|gate| from_cents(self.row.expenditures) < *gate * self.benchmark()) {
            let inputs = [("benchmark", dollars(self.benchmark())), ("share", percent(gate))];
            let rule = self.rule("loss_gate");
            let formula = "0: expenditures lie below this share of the benchmark before discount";
            self.trace.step("generated losses", formula, &inputs, dollars(Decimal::ZERO), &[rule]);
            return Ok(NOTHING);
        }
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
        let loss = side.size * side.period;
        self.trace.step("generated losses", "all losses, from the first dollar", &[], dollars(loss), &[]);
        let shared = self.shared_losses(side, loss)?;
        let Some(months) = self.months_of_losses()? else {
            return Ok(Answer { generated: -cents(loss), ..NOTHING });
        };
        let limited = self.limited(shared, side)?;
        let limited = cents(limited * self.place());
        let relief = self.relief(limited, side.period);
        let owed = cents((limited - relief).max(Decimal::ZERO) * Decimal::from(months) / Decimal::from(MONTHS));
        let mut inputs =
            vec![("shared losses after limits", dollars(limited)), ("disaster relief", dollars(relief))];
        if months != MONTHS {
            inputs.push(("months", count(months)));
        }
        let formula = "(shared losses after limits - relief for extreme and uncontrollable circumstances) x part of 12 months";
        self.trace.step("owed", formula, &inputs, dollars(owed), &[]);
        Ok(Answer { generated: -cents(loss), earned: -owed, ..NOTHING })
    }

    /// Months for which losses are shared; nothing where an early end frees from them.
    fn months_of_losses(&mut self) -> Result<Option<i64>> {
        let Some(date) = self.row.termination_date else { return Ok(Some(MONTHS)) };
        let prorated = self.word("termination.losses")? == "prorated";
        let last = self.day_of_year("termination.voluntary_losses_after");
        let early = !self.row.terminated_by_cms && last.is_some_and(|last| date % 10_000 <= last);
        let months = (prorated && !early).then_some(date / 100 % 100);
        let rules = [self.rule("termination.losses"), self.rule("termination.voluntary_losses_after")];
        let inputs = [("terminated by CMS", truth(Some(self.row.terminated_by_cms)))];
        let formula = "months of participation, the month of termination included";
        let value = months.map_or("no losses are shared".into(), |m| format!("{m} of {MONTHS}"));
        self.trace.step("early termination", formula, &inputs, value, &rules);
        Ok(months)
    }

    /// Shared losses held against their limits.
    fn limited(&mut self, shared: Decimal, side: &Amounts) -> Result<Decimal> {
        let (mut limited, period) = (shared, side.period);
        let of_target = self.word("loss_limit.basis")? == "target";
        let benchmark = if of_target { side.target } else { self.benchmark() };
        if let Some(limit) = self.number("loss_limit.amount")? {
            let rule = self.rule("loss_limit.amount");
            self.trace.step("loss limit", "a fixed amount", &[], dollars(limit * period), &[rule]);
            limited = limited.min(limit * period);
        }
        let (by_benchmark, field) = self.benchmark_limit(shared, benchmark, period)?;
        if let Some(part) = by_benchmark {
            let limit = part * benchmark * period;
            limited = limited.min(limit);
            let inputs = [("benchmark", dollars(benchmark)), ("share", percent(part))];
            let rule = self.rule(field);
            let formula = "share x basis; the lower limit holds";
            self.trace.step("benchmark-based loss limit", formula, &inputs, dollars(limit), &[rule]);
        }
        let name = "revenue-based loss limit";
        let Some(part) = self.number("loss_limit.revenue")? else { return Ok(limited) };
        let rule = self.rule("loss_limit.revenue");
        let Some(revenue) = self.row.participant_revenue.map(from_cents) else {
            if by_benchmark.is_none() && self.number("loss_limit.amount")?.is_none() && !self.limited_early()? {
                return Err(Self::missing("participant_revenue"));
            }
            let formula = "not applied: participant revenue is not given";
            self.trace.step(name, formula, &[("share", percent(part))], "-".into(), &[rule]);
            return Ok(limited);
        };
        let limit = part * revenue * period;
        let inputs = [("revenue", dollars(revenue)), ("share", percent(part))];
        let formula = "share x basis; the lower limit holds";
        self.trace.step(name, formula, &inputs, dollars(limit), &[rule]);
        Ok(limited.min(limit))
    }

    fn limited_early(&mut self) -> Result<bool> {
        Ok(self.number("loss_limit.benchmark.first_year")?.is_some())
    }

    /// The share of the benchmark that limits losses, and its rule: it may depend on the year under two-sided risk.
    fn benchmark_limit(
        &mut self,
        shared: Decimal,
        benchmark: Decimal,
        period: Decimal,
    ) -> Result<(Option<Decimal>, &'static str)> {
        let later = "loss_limit.benchmark";
        let early = ["loss_limit.benchmark.first_year", "loss_limit.benchmark.second_year"];
        let usual = self.number(later)?;
        let (Some(first), Some(second)) = (self.number(early[0])?, self.number(early[1])?) else {
            return Ok((usual, later));
        };
        let started = self.row.agreement_start.map(|start| start / 10_000);
        let count = match (self.row.two_sided_year, started) {
            (Some(count), _) => count,
            (None, Some(start)) => {
                // Agreements of 2012 had a first performance year that ended with the program's first.
                let first_year = self.taken.first_year(&format!("{}.arrangements", self.program));
                i64::from(self.taken.performance_year) - start.max(first_year) + 1
            }
            (None, None) => {
                let lowest = usual.map_or(first.min(second), |u| u.min(first).min(second));
                if cents(shared) <= cents(lowest * benchmark * period) {
                    return Ok((None, later));
                }
                return Err(Self::missing("two_sided_year"));
            }
        };
        Ok(match count {
            ..=1 => (Some(first), early[0]),
            2 => (Some(second), early[1]),
            _ => (usual, later),
        })
    }

    /// What is waived of losses after their limits.
    fn relief(&mut self, limited: Decimal, period: Decimal) -> Decimal {
        let Some([months, people]) = self.row.relief_shares else {
            return cents(from_cents(self.row.disaster_relief) * period);
        };
        let (months, people) = (from_ppb(months), from_ppb(people));
        let relief = cents(limited * months * people);
        let inputs = [("share of months", percent(months)), ("share of beneficiaries", percent(people))];
        let formula = "shared losses after limits x share of months x share of beneficiaries";
        self.trace.step("disaster relief", formula, &inputs, dollars(relief), &[]);
        relief
    }

    /// Losses times the loss rate, before limits.
    fn shared_losses(&mut self, side: &Amounts, loss: Decimal) -> Result<Decimal> {
        let mode = self.word("loss_rate.quality")?;
        let (rate, shared) = if mode == "one_less_scaled_sharing_rate" {
            let rate = self.loss_rate()?;
            (rate, loss * rate)
        } else {
            let (slices, first, field) = self.loss_slices(side)?;
            let (factor, cut) = self.loss_factor(mode)?;
            let rules = [self.rates_rule(field), self.rule("loss_rate.quality"), cut];
            let formula = if cut.is_none() { "fixed, whatever the quality" } else { "share x (1 - cut x score)" };
            self.trace.step("loss rate", formula, &[], percent(first * factor), &rules);
            (first * factor, slices * factor * side.period)
        };
        let inputs = [("generated losses", dollars(loss)), ("loss rate", percent(rate))];
        let formula = "generated losses, in their slices, x loss rate";
        self.trace.step("shared losses", formula, &inputs, dollars(shared), &[]);
        Ok(shared)
    }

    /// What quality leaves of losses, and the rule that says so.
    fn loss_factor(&mut self, mode: &str) -> Result<(Decimal, Option<&'b Rule>)> {
        if mode == "fixed" {
            return Ok((Decimal::ONE, None));
        }
        let cut = self.number("quality_adjustment.losses")?.unwrap_or(Decimal::ZERO);
        Ok((Decimal::ONE - cut * self.score()?, self.rule("quality_adjustment.losses")))
    }

    fn loss_rate(&mut self) -> Result<Decimal> {
        let top = self.number("loss_rate")?.unwrap_or(Decimal::ZERO);
        let rules = [self.rule("loss_rate"), self.rule("loss_rate.quality"), self.rule("loss_rate.floor")];
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
