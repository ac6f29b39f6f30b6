//! Target prices in decimals, straight from the rule book: the second implementation, which explains a row. Valid rows
//! only.

use super::trace::{Trace, count, dollars, percent};
use crate::core::error::{Error, Result};
use crate::core::rulebook::{AsOf, Book, Rule, Scalar, Taken, Value};
use crate::core::target_price::{self as columns, COLUMNS, N};
use rust_decimal::{Decimal, RoundingStrategy};

/// What a row comes to, in dollars and shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Of one unit.
    pub target_price: Decimal,
    /// Of all units.
    pub benchmark: Decimal,
    /// The entity's own discount.
    pub discount: Option<Decimal>,
    /// Its quality score, where it follows from measures.
    pub quality_score: Option<Decimal>,
}

struct Case<'a, 'b> {
    program: &'a str,
    taken: Taken<'b>,
    values: &'a [Option<i64>; N],
    present: &'a [bool; N],
    trace: &'a mut Trace,
}

fn rounded(number: Decimal, digits: u32) -> Decimal {
    number.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

/// A ratio as a reader writes it.
fn ratio(number: Decimal) -> String {
    number.round_dp(9).normalize().to_string()
}

/// Prices a row and tells every step. `values` and `present` as for the fast form; the category by its name.
pub fn price(
    book: &Book,
    as_of: AsOf,
    (program, year, category): (&str, i64, Option<&str>),
    values: &[Option<i64>; N],
    present: &[bool; N],
    trace: &mut Trace,
) -> Result<Told> {
    let taken = book.read(u16::try_from(year).unwrap_or(u16::MAX), as_of);
    let mut case = Case { program, taken, values, present, trace };
    let id = format!("{program}.target_price");
    let method = case.taken.text(&id)?;
    let rule = case.taken.rule(&id);
    case.trace.step("method", "how the program makes its price", &[], method.to_owned(), &[rule]);
    let before = match method {
        "person_months" => case.person_months()?,
        "episodes" => case.episodes()?,
        "hospital_and_region" => case.hospital_and_region()?,
        "region_risk_adjusted" => {
            let price = case.hospital_and_region()?;
            let price = case.factor(price, columns::RISK_MULTIPLIER, "risk adjustment")?;
            let price = case.factor(price, columns::NORMALISATION, "normalisation")?;
            case.factor(price, columns::TREND, "trend")?
        }
        _ => case.base_years()?,
    };
    let price = case.discounted(before, category)?;
    let (name, units) = if method == "person_months" {
        ("person months", case.value(columns::PERSON_MONTHS)?)
    } else {
        ("episodes", if present[columns::EPISODES] { case.value(columns::EPISODES)? } else { 1 })
    };
    let benchmark = rounded(price * Decimal::from(units), 2);
    let inputs = [("target price", dollars(price)), (name, count(units))];
    case.trace.step("benchmark", "target price x units, rounded to the cent", &inputs, dollars(benchmark), &[]);
    let discount = case.own_discount()?;
    let quality_score = case.composite_score()?;
    Ok(Told { target_price: rounded(price, 2), benchmark, discount, quality_score })
}

impl<'b> Case<'_, 'b> {
    /// Whether a factor is given: not where it is to be computed of its parts, or where it has no columns at all.
    fn given(&self, whole: usize, parts: &[usize]) -> Result<bool> {
        let computed = parts.iter().any(|part| self.values[*part].is_some());
        if self.values[whole].is_some() && computed {
            let what = format!("this row gives {} and what it is computed from", COLUMNS[whole]);
            return Err(Error::NotModelled(what));
        }
        if self.present[whole] && !computed {
            self.value(whole)?;
        }
        Ok(self.values[whole].is_some())
    }

    fn value(&self, column: usize) -> Result<i64> {
        let missing = || Error::NotModelled(format!("this row has no target price: {} is null", COLUMNS[column]));
        self.values[column].ok_or_else(missing)
    }

    fn share(&self, column: usize) -> Result<Decimal> {
        Ok(Decimal::new(self.value(column)?, 9))
    }

    fn money(&self, column: usize) -> Result<Decimal> {
        Ok(Decimal::new(self.value(column)?, 2))
    }

    fn number(&mut self, field: &str) -> Result<Option<Decimal>> {
        self.taken.optional_number(&format!("{}.{field}", self.program))
    }

    fn rule(&mut self, field: &str) -> Option<&'b Rule> {
        self.taken.rule(&format!("{}.{field}", self.program))
    }

    /// Times a factor, told under its name.
    fn factor(&mut self, price: Decimal, column: usize, name: &'static str) -> Result<Decimal> {
        let by = self.share(column)?;
        let inputs = [("price", dollars(price)), (COLUMNS[column], ratio(by))];
        self.trace.step(name, "price x factor", &inputs, dollars(price * by), &[]);
        Ok(price * by)
    }

    fn optional(&mut self, price: Decimal, column: usize, name: &'static str) -> Result<Decimal> {
        if self.present[column] { self.factor(price, column, name) } else { Ok(price) }
    }

    fn person_months(&mut self) -> Result<Decimal> {
        let mut price = self.money(columns::BASELINE_PBPM)?;
        if self.present[columns::REGIONAL_WEIGHT] {
            let (region, weight) = (self.money(columns::REGIONAL_PBPM)?, self.share(columns::REGIONAL_WEIGHT)?);
            let blended = price * (Decimal::ONE - weight) + region * weight;
            let inputs = [("own", dollars(price)), ("region", dollars(region)), ("weight", percent(weight))];
            let formula = "own x (1 - weight) + region x weight";
            self.trace.step("blended baseline", formula, &inputs, dollars(blended), &[]);
            price = blended;
        }
        price = self.factor(price, columns::TREND, "trend")?;
        let risk = self.risk()?;
        price *= risk;
        price = self.optional(price, columns::REGIONAL_PRICE_TREND, "regional price trend")?;
        let trends = [columns::REFERENCE_TREND, columns::USPCC_TREND];
        let asked = self.rule("retrospective_trend").is_some();
        if self.given(columns::TREND_ADJUSTMENT, &trends)? || asked {
            return self.factor(price, columns::TREND_ADJUSTMENT, "retrospective trend adjustment");
        }
        let Some(threshold) = self.number("retrospective_trend.threshold")? else { return Ok(price) };
        if trends.iter().all(|part| !self.present[*part]) {
            return Ok(price);
        }
        let (reference, uspcc) = (self.share(columns::REFERENCE_TREND)?, self.share(columns::USPCC_TREND)?);
        let far = (reference - uspcc).abs() > threshold * uspcc;
        let by = if far { reference / uspcc } else { Decimal::ONE };
        let inputs = [("reference population", ratio(reference)), ("national per capita cost", ratio(uspcc))];
        let formula = "one trend over the other; 1 where they are no farther apart than the threshold";
        let rule = self.rule("retrospective_trend.threshold");
        self.trace.step("retrospective trend adjustment", formula, &inputs, ratio(by), &[rule]);
        Ok(price * by)
    }

    fn risk(&mut self) -> Result<Decimal> {
        let scores =
            [columns::RISK_SCORE_BY, columns::RISK_SCORE_PY, columns::CODING_FACTOR_BY, columns::CODING_FACTOR_PY];
        if self.given(columns::RISK_RATIO, &scores)? {
            let by = self.share(columns::RISK_RATIO)?;
            self.trace.step("risk ratio", "as given", &[], ratio(by), &[]);
            return Ok(by);
        }
        let adjusted = |score: usize, coding: usize| -> Result<Decimal> {
            let by = if self.present[coding] { self.share(coding)? } else { Decimal::ONE };
            Ok(self.share(score)? / by)
        };
        let baseline = adjusted(columns::RISK_SCORE_BY, columns::CODING_FACTOR_BY)?;
        let current = adjusted(columns::RISK_SCORE_PY, columns::CODING_FACTOR_PY)?;
        let mut by = current / baseline;
        let inputs = [("baseline year", ratio(baseline)), ("performance year", ratio(current))];
        if let Some(clamp) = self.number("risk_clamp")? {
            by = by.clamp(Decimal::ONE - clamp, Decimal::ONE + clamp);
        }
        let rule = self.rule("risk_clamp");
        let formula = "scores over coding factors, one over the other, held to the clamp";
        self.trace.step("risk ratio", formula, &inputs, ratio(by), &[rule]);
        Ok(by)
    }

    fn episodes(&mut self) -> Result<Decimal> {
        let mut price = self.money(columns::BASELINE_PRICE)?;
        price = self.factor(price, columns::TREND, "trend")?;
        price = self.optional(price, columns::RISK_MULTIPLIER, "risk adjustment")?;
        price = self.optional(price, columns::EXPERIENCE_ADJUSTMENT, "experience adjustment")?;
        price = self.optional(price, columns::GEOGRAPHIC_ADJUSTMENT, "geographic adjustment")?;
        let Some(part) = self.number("novel_therapy.share_of_excess")? else { return Ok(price) };
        if !self.present[columns::NOVEL_THERAPY_SHARE] {
            return Ok(price);
        }
        let own = self.share(columns::NOVEL_THERAPY_SHARE)?;
        let others = self.share(columns::COMPARISON_NOVEL_THERAPY_SHARE)?;
        let by = Decimal::ONE + part * (own - others).max(Decimal::ZERO);
        let inputs = [("own share", percent(own)), ("share of others", percent(others))];
        let rule = self.rule("novel_therapy.share_of_excess");
        let formula = "1 + part of what the own share exceeds that of others; only upward";
        self.trace.step("novel therapy adjustment", formula, &inputs, ratio(by), &[rule]);
        Ok(price * by)
    }

    fn hospital_and_region(&mut self) -> Result<Decimal> {
        let region = self.money(columns::REGIONAL_PRICE)?;
        let id = format!("{}.target_weights", self.program);
        let weight = |taken: &mut Taken<'b>, key: &str| taken.keyed_number(&id, key);
        let of_hospital = weight(&mut self.taken, "HOSPITAL")?.unwrap_or_default();
        let of_region = weight(&mut self.taken, "REGION")?.unwrap_or_default();
        let rules = [self.rule("target_weights"), self.rule("target_weights.least_episodes")];
        let few = match self.number("target_weights.least_episodes")? {
            Some(least) if !of_hospital.is_zero() => {
                Decimal::from(self.value(columns::BASELINE_EPISODES)?) < least
            }
            _ => false,
        };
        if of_hospital.is_zero() || few {
            let formula = "the region's price alone";
            self.trace.step("price before discount", formula, &[], dollars(region), &rules);
            return Ok(region);
        }
        let hospital = self.money(columns::HOSPITAL_PRICE)?;
        let price = (hospital * of_hospital + region * of_region) / (of_hospital + of_region);
        let inputs = [
            ("hospital", dollars(hospital)),
            ("its parts", ratio(of_hospital)),
            ("region", dollars(region)),
            ("its parts", ratio(of_region)),
        ];
        let formula = "prices weighted by their parts";
        self.trace.step("price before discount", formula, &inputs, dollars(price), &rules);
        Ok(price)
    }

    fn base_years(&mut self) -> Result<Decimal> {
        let id = format!("{}.target_weights", self.program);
        let (mut total, mut parts, mut inputs) = (Decimal::ZERO, Decimal::ZERO, Vec::new());
        for (at, key) in ["FIRST", "SECOND", "THIRD"].into_iter().enumerate() {
            let price = self.money(columns::BASELINE_PRICE_BY1 + at)?;
            let part = self.taken.keyed_number(&id, key)?.unwrap_or_default();
            (total, parts) = (total + price * part, parts + part);
            inputs.push((
                COLUMNS[columns::BASELINE_PRICE_BY1 + at],
                format!("{} x {}", dollars(price), percent(part)),
            ));
        }
        let rule = self.rule("target_weights");
        let mut price = total / parts;
        self.trace.step("regional baseline", "prices of the years x weights", &inputs, dollars(price), &[rule]);
        for (field, prospective, last, name) in [
            ("target_trend_range", columns::TREND, columns::FINAL_TREND, "trend"),
            ("target_normalisation_range", columns::NORMALISATION, columns::FINAL_NORMALISATION, "normalisation"),
        ] {
            if !self.present[last] {
                price = self.factor(price, prospective, name)?;
                continue;
            }
            let (before, after) = (self.share(prospective)?, self.share(last)?);
            let by = match self.number(field)? {
                None => after,
                Some(range) => after.clamp(before * (Decimal::ONE - range), before * (Decimal::ONE + range)),
            };
            let inputs = [("price", dollars(price)), ("prospective", ratio(before)), ("final", ratio(after))];
            let rule = self.rule(field);
            let formula = "price x final factor, held to the range around the prospective one";
            price *= by;
            self.trace.step(name, formula, &inputs, dollars(price), &[rule]);
        }
        self.optional(price, columns::RISK_MULTIPLIER, "risk adjustment")
    }

    /// Less the discount that is in the price.
    fn discounted(&mut self, price: Decimal, category: Option<&str>) -> Result<Decimal> {
        let Some(rule) = self.rule("target_discount") else { return Ok(price) };
        let part = match (&rule.value, category) {
            (Value::Scalar(Scalar::Number(n)), _) => Some(*n),
            (Value::Table(table), Some(name)) => {
                table.get(name).and_then(|s| if let Scalar::Number(n) = s { Some(*n) } else { None })
            }
            _ => None,
        };
        let part = part.ok_or_else(|| Error::NotModelled("this episode category has no discount".into()))?;
        let after = price * (Decimal::ONE - part);
        let inputs = [("price", dollars(price)), ("discount", percent(part))];
        let formula = "price x (1 - discount); settle takes off no other";
        self.trace.step("target price", formula, &inputs, dollars(after), &[Some(rule)]);
        Ok(after)
    }

    /// The discount that settle takes off.
    fn own_discount(&mut self) -> Result<Option<Decimal>> {
        let Some(standard) = self.number("discount_terms.standard")? else { return Ok(None) };
        let quality = self.number("discount_terms.quality")?.unwrap_or_default();
        let score = self.share(columns::QUALITY_SCORE)?;
        let mut part = standard - quality * score;
        let inputs = [("standard", percent(standard)), ("quality score", percent(score))];
        let rules = [self.rule("discount_terms.standard"), self.rule("discount_terms.quality")];
        let formula = "standard - quality component x score";
        self.trace.step("discount before efficiency", formula, &inputs, percent(part), &rules);
        for (side, column, name) in [
            ("regional", columns::REGIONAL_EFFICIENCY, "regional efficiency"),
            ("national", columns::NATIONAL_EFFICIENCY, "national efficiency"),
        ] {
            let (slope, most) = (format!("discount_terms.{side}_slope"), format!("discount_terms.{side}_most"));
            let times = self.number(&slope)?.unwrap_or_default();
            let limit = self.number(&most)?.unwrap_or_default();
            let off = (times * (Decimal::ONE - self.share(column)?)).clamp(-limit, limit);
            part -= off;
            let inputs = [("ratio", ratio(self.share(column)?)), ("at most", percent(limit))];
            let rules = [self.rule(&slope), self.rule(&most)];
            self.trace.step(name, "slope x (1 - ratio), taken off the discount", &inputs, percent(off), &rules);
        }
        let part = rounded(part, 9);
        self.trace.step("discount", "which settle takes off the benchmark", &[], percent(part), &[]);
        Ok(Some(part))
    }

    /// Points of the measures, as parts of all points.
    fn composite_score(&mut self) -> Result<Option<Decimal>> {
        let given = columns::MEASURES.iter().any(|measure| self.present[*measure]);
        let (Some(outcomes), true) = (self.number("quality_points.outcomes")?, given) else { return Ok(None) };
        let improvement = self.number("quality_points.improvement")?.unwrap_or_default();
        let missing = self.number("quality_points.missing")?.unwrap_or_default();
        let yes =
            |case: &Self, column: usize| -> Result<bool> { Ok(case.present[column] && case.value(column)? != 0) };
        let mut score = Decimal::ZERO;
        if yes(self, columns::OUTCOMES_SUBMITTED)? {
            score += outcomes;
            let rule = self.rule("quality_points.outcomes");
            self.trace.step("outcomes submitted", "part of all points", &[], percent(outcomes), &[rule]);
        }
        for (field, percentile, improved, name) in [
            ("complications", columns::COMPLICATIONS_PERCENTILE, columns::COMPLICATIONS_IMPROVED, "complications"),
            ("hcahps", columns::HCAHPS_PERCENTILE, columns::HCAHPS_IMPROVED, "patients' experience"),
        ] {
            if !self.present[percentile] {
                self.value(percentile)?;
            }
            let own = self.values[percentile].map(|ppb| Decimal::new(ppb, 9));
            let id = format!("{}.quality_points.{field}", self.program);
            let steps = self.taken.bands(&id)?.unwrap_or_default();
            let place = own.unwrap_or(missing);
            let found = steps.iter().find(|(upper, _)| upper.is_none_or(|upper| place <= upper));
            let mut points = found.map_or(Decimal::ZERO, |(_, points)| *points);
            let better = yes(self, improved)?;
            if better {
                points += points * improvement;
            }
            let inputs = [
                ("percentile", own.map_or_else(|| format!("{}, as there is none", percent(missing)), percent)),
                ("improved by two deciles", if better { "yes" } else { "no" }.to_owned()),
            ];
            let rules = [
                self.taken.rule(&id),
                self.rule("quality_points.improvement"),
                self.rule("quality_points.missing"),
            ];
            self.trace.step(name, "part of all points by percentile", &inputs, percent(points), &rules);
            score += points;
        }
        let score = score.min(Decimal::ONE);
        self.trace.step("quality score", "sum of the parts, at most all points", &[], percent(score), &[]);
        Ok(Some(score))
    }
}
