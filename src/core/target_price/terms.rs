//! What the rule book says of a program's target prices, by performance year, read once.

use super::columns::{
    BASELINE_EPISODES, BASELINE_PBPM, BASELINE_PRICE, BASELINE_PRICE_BY1, BASELINE_PRICE_BY2, BASELINE_PRICE_BY3,
    CODING_FACTOR_BY, CODING_FACTOR_PY, COMPARISON_NOVEL_THERAPY_SHARE, EPISODE_CATEGORY, EPISODES,
    EXPERIENCE_ADJUSTMENT, FINAL_NORMALISATION, FINAL_TREND, GEOGRAPHIC_ADJUSTMENT, HOSPITAL_PRICE, MEASURES,
    NATIONAL_EFFICIENCY, NORMALISATION, NOVEL_THERAPY_SHARE, PERFORMANCE_YEAR, PERSON_MONTHS, QUALITY_SCORE,
    REFERENCE_TREND, REGIONAL_EFFICIENCY, REGIONAL_PBPM, REGIONAL_PRICE, REGIONAL_PRICE_TREND, REGIONAL_WEIGHT,
    RISK_MULTIPLIER, RISK_RATIO, RISK_SCORE_BY, RISK_SCORE_PY, TREND, TREND_ADJUSTMENT, USPCC_TREND,
};
use crate::core::error::{Error, Result};
use crate::core::round::PPB;
use crate::core::rulebook::{AsOf, Book, Scalar, Taken, Told, Value, sentences};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// How a program makes its price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Expenditures per beneficiary and month, trended and risk adjusted, times months.
    PersonMonths,
    /// A predicted price for each episode, times what adjusts it.
    Episodes,
    /// A blend of the hospital's own price and its region's.
    HospitalAndRegion,
    /// The same, and risk adjusted at reconciliation.
    RegionRiskAdjusted,
    /// A regional mean over weighted baseline years.
    BaseYears,
}

impl Method {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "person_months" => Self::PersonMonths,
            "episodes" => Self::Episodes,
            "hospital_and_region" => Self::HospitalAndRegion,
            "region_risk_adjusted" => Self::RegionRiskAdjusted,
            "base_years" => Self::BaseYears,
            _ => return None,
        })
    }

    /// The price that it begins with, and what a unit is counted in.
    pub(super) fn amounts(self) -> (usize, usize) {
        match self {
            Self::PersonMonths => (BASELINE_PBPM, PERSON_MONTHS),
            Self::Episodes => (BASELINE_PRICE, EPISODES),
            Self::HospitalAndRegion | Self::RegionRiskAdjusted => (REGIONAL_PRICE, EPISODES),
            Self::BaseYears => (BASELINE_PRICE_BY1, EPISODES),
        }
    }

    /// Columns that it reads beside those that any row may have.
    fn own(self) -> &'static [usize] {
        match self {
            Self::PersonMonths => &[
                PERSON_MONTHS,
                BASELINE_PBPM,
                TREND,
                REGIONAL_PRICE_TREND,
                RISK_RATIO,
                RISK_SCORE_BY,
                RISK_SCORE_PY,
                CODING_FACTOR_BY,
                CODING_FACTOR_PY,
                TREND_ADJUSTMENT,
            ],
            Self::Episodes => {
                &[EPISODES, BASELINE_PRICE, TREND, RISK_MULTIPLIER, EXPERIENCE_ADJUSTMENT, GEOGRAPHIC_ADJUSTMENT]
            }
            Self::HospitalAndRegion => &[EPISODES, HOSPITAL_PRICE, REGIONAL_PRICE, BASELINE_EPISODES],
            Self::RegionRiskAdjusted => &[
                EPISODES,
                HOSPITAL_PRICE,
                REGIONAL_PRICE,
                BASELINE_EPISODES,
                RISK_MULTIPLIER,
                NORMALISATION,
                TREND,
            ],
            Self::BaseYears => &[
                EPISODES,
                BASELINE_PRICE_BY1,
                BASELINE_PRICE_BY2,
                BASELINE_PRICE_BY3,
                TREND,
                NORMALISATION,
                FINAL_TREND,
                FINAL_NORMALISATION,
                RISK_MULTIPLIER,
            ],
        }
    }
}

/// The discount that follows from quality and baseline efficiency; parts per billion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discount {
    /// Before anything is taken off.
    pub standard: i64,
    /// Taken off at full quality.
    pub quality: i64,
    /// Taken off for each part by which the regional ratio lies below one, and at most; then the national.
    pub efficiency: [(i64, i64); 2],
}

/// Steps: (upper bound, value), the last open; parts per billion.
pub(super) type Steps = Vec<(Option<i64>, i64)>;

/// How a composite quality score is made of its measures, as parts of all points; parts per billion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Points {
    /// By percentile: complications, then the survey.
    pub measures: [Steps; 2],
    /// For outcomes that were submitted.
    pub outcomes: i64,
    /// Part of a measure's points that its improvement adds.
    pub improvement: i64,
    /// Percentile that stands for a measure that the hospital lacks.
    pub missing: i64,
}

/// One performance year; parts per billion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How the price is made.
    pub method: Method,
    /// Parts of the blend: hospital and region, or the three baseline years.
    pub weights: [i64; 3],
    /// Baseline episodes below which the region's price stands alone.
    pub least_episodes: Option<i64>,
    /// How far the risk ratio may lie from one.
    pub risk_clamp: Option<i64>,
    /// Part of the excess share of novel therapies that is added.
    pub novel_therapy: Option<i64>,
    /// Up to where a retrospective trend adjustment counts as none.
    pub trend_threshold: Option<i64>,
    /// Whether there is a retrospective trend adjustment that cannot be computed, so that the row must give it.
    pub trend_given: bool,
    /// Whether a regional price may be blended in, at a weight of the row's own.
    pub blended: bool,
    /// How far the final trend and the final normalisation may lie from the prospective ones.
    pub final_ranges: [Option<i64>; 2],
    /// Discounts in the price, by code of the category; one for all where there are no categories.
    pub discounts: Vec<Option<i64>>,
    /// The discount of the entity, which `settle` takes off.
    pub discount: Option<Discount>,
    /// How the quality score follows from measures, where it is not given.
    pub points: Option<Points>,
}

impl Terms {
    /// Whether a column means something here.
    #[must_use]
    pub fn reads(&self, column: usize) -> bool {
        match column {
            // What a frame of settlements has anyway.
            PERFORMANCE_YEAR | EPISODE_CATEGORY | QUALITY_SCORE => true,
            REGIONAL_EFFICIENCY | NATIONAL_EFFICIENCY => self.discount.is_some(),
            _ if MEASURES.contains(&column) => self.points.is_some(),
            NOVEL_THERAPY_SHARE | COMPARISON_NOVEL_THERAPY_SHARE => self.novel_therapy.is_some(),
            REFERENCE_TREND | USPCC_TREND => self.trend_threshold.is_some(),
            REGIONAL_PBPM | REGIONAL_WEIGHT => self.blended,
            _ => self.method.own().contains(&column),
        }
    }
}

/// A program's target prices.
#[derive(Clone, Debug)]
pub struct TargetPlan {
    /// Its name.
    pub program: String,
    /// Episode categories with a discount of their own; the code of one is its place.
    pub categories: Vec<String>,
    first_year: i64,
    years: Vec<Terms>,
    told: Vec<Vec<Told>>,
}

fn ppb(id: &str, share: Decimal) -> Result<i64> {
    let whole = share.checked_mul(Decimal::from(PPB)).filter(|n| n.fract().is_zero());
    whole
        .and_then(|n| n.to_i64())
        .ok_or_else(|| Error::NotModelled(format!("`{id}` has more than nine decimals. Mend the override")))
}

/// How a program scores the measures of quality, if it does.
fn points(taken: &mut Taken<'_>, program: &str) -> Result<Option<Points>> {
    let id = |field: &str| format!("{program}.quality_points.{field}");
    let mut measures = [Steps::new(), Steps::new()];
    for (measure, field) in measures.iter_mut().zip(["complications", "hcahps"]) {
        let Some(steps) = taken.bands(&id(field))? else { return Ok(None) };
        for (upper, value) in steps {
            measure.push((upper.map(|upper| ppb(&id(field), upper)).transpose()?, ppb(&id(field), *value)?));
        }
    }
    let mut number = |field: &str| ppb(&id(field), taken.number(&id(field))?);
    let (outcomes, improvement, missing) = (number("outcomes")?, number("improvement")?, number("missing")?);
    Ok(Some(Points { measures, outcomes, improvement, missing }))
}

/// Programs with target prices.
#[must_use]
pub fn programs(book: &Book) -> Vec<&str> {
    let mut names: Vec<&str> = book.rules().filter_map(|rule| rule.id.strip_suffix(".target_price")).collect();
    names.dedup();
    names
}

impl TargetPlan {
    /// Reads a program; its years are those of its method.
    pub fn new(book: &Book, program: &str, as_of: AsOf) -> Result<Self> {
        let id = format!("{program}.target_price");
        let Some((first, last)) = book.years(&id, as_of) else {
            return Err(Error::NotModelled(format!(
                "the rule book has no target prices of program {program:?} from this standpoint; it has those of {}",
                programs(book).join(", ")
            )));
        };
        let last = last.unwrap_or(first);
        let mut plan = Self {
            program: program.into(),
            categories: Vec::new(),
            first_year: first.into(),
            years: Vec::new(),
            told: Vec::new(),
        };
        for year in first..=last {
            let mut taken = book.read(year, as_of);
            let terms = plan.read(&mut taken, &id)?;
            plan.years.push(terms);
            plan.told.push(taken.told());
        }
        Ok(plan)
    }

    fn read(&mut self, taken: &mut Taken<'_>, id: &str) -> Result<Terms> {
        let program = self.program.clone();
        let word = taken.text(id)?;
        let method = Method::of(word).ok_or_else(|| {
            Error::NotModelled(format!(
                "`{id}` is {word:?}, which the calculation does not know. Mend the override"
            ))
        })?;
        let mut share = |field: &str| -> Result<Option<i64>> {
            let id = format!("{program}.{field}");
            taken.optional_number(&id)?.map(|n| ppb(&id, n)).transpose()
        };
        let efficiency = |slope: Option<i64>, most: Option<i64>| slope.zip(most);
        let standard = share("discount_terms.standard")?;
        let quality = share("discount_terms.quality")?;
        let regional = efficiency(share("discount_terms.regional_slope")?, share("discount_terms.regional_most")?);
        let national = efficiency(share("discount_terms.national_slope")?, share("discount_terms.national_most")?);
        let discount = standard.zip(quality).zip(regional.zip(national)).map(
            |((standard, quality), (regional, national))| Discount {
                standard,
                quality,
                efficiency: [regional, national],
            },
        );
        let (risk_clamp, novel_therapy) = (share("risk_clamp")?, share("novel_therapy.share_of_excess")?);
        let trend_threshold = share("retrospective_trend.threshold")?;
        let final_ranges = [share("target_trend_range")?, share("target_normalisation_range")?];
        let mut given = |field: &str| -> Result<bool> {
            let id = format!("{program}.{field}");
            match taken.keyed_text(&id, "")? {
                None => Ok(false),
                Some("given") => Ok(true),
                Some(other) => Err(Error::NotModelled(format!("`{id}` is {other:?}: it must be given"))),
            }
        };
        let (trend_given, blended) = (given("retrospective_trend")?, given("regional_blend")?);
        let keys: &[&str] = match method {
            Method::PersonMonths | Method::Episodes => &[],
            Method::HospitalAndRegion | Method::RegionRiskAdjusted => &["HOSPITAL", "REGION"],
            Method::BaseYears => &["FIRST", "SECOND", "THIRD"],
        };
        let mut weights = [0; 3];
        let id = format!("{program}.target_weights");
        for (weight, key) in weights.iter_mut().zip(keys) {
            let part = taken.keyed_number(&id, key)?.ok_or_else(|| {
                Error::NotModelled(format!("`{id}` has no {key}. The price is a blend of {}", keys.join(", ")))
            })?;
            *weight = ppb(&id, part)?;
        }
        let least_episodes = taken.optional_integer(&format!("{program}.target_weights.least_episodes"))?;
        let points = points(taken, &program)?;
        let discounts = self.discounts(taken, &format!("{program}.target_discount"))?;
        Ok(Terms {
            method,
            weights,
            least_episodes,
            risk_clamp,
            novel_therapy,
            trend_threshold,
            trend_given,
            blended,
            final_ranges,
            discounts,
            discount,
            points,
        })
    }

    /// Discounts in the price: by category, or one for all, or none.
    fn discounts(&mut self, taken: &mut Taken<'_>, id: &str) -> Result<Vec<Option<i64>>> {
        match taken.rule(id).map(|rule| &rule.value) {
            None => Ok(vec![Some(0)]),
            Some(Value::Scalar(Scalar::Number(n))) => Ok(vec![Some(ppb(id, *n)?)]),
            Some(Value::Table(table)) => {
                for name in
                    table.keys().filter(|name| !self.categories.contains(name)).cloned().collect::<Vec<_>>()
                {
                    self.categories.push(name);
                }
                let of = |name: &String| match table.get(name) {
                    Some(Scalar::Number(n)) => ppb(id, *n).map(Some),
                    _ => Ok(None),
                };
                self.categories.iter().map(of).collect()
            }
            Some(_) => Err(Error::NotModelled(format!("`{id}` is no share and no table of shares"))),
        }
    }

    /// The terms of a year; nothing where the program had no target price.
    #[must_use]
    pub fn year(&self, year: i64) -> Option<&Terms> {
        let at = usize::try_from(year.checked_sub(self.first_year)?).ok()?;
        self.years.get(at)
    }

    /// Whether any of these years has a discount of the entity's own.
    #[must_use]
    pub fn gives_discount(&self, years: &[i64]) -> bool {
        years.iter().any(|year| self.year(*year).is_some_and(|terms| terms.discount.is_some()))
    }

    /// Code of a category.
    #[must_use]
    pub fn code(&self, name: &str) -> Option<usize> {
        let plain = name.trim().to_uppercase().replace([' ', '-'], "_");
        self.categories.iter().position(|own| *own == plain)
    }

    /// What a reader of results of these years must be told.
    #[must_use]
    pub fn warnings(&self, years: &[i64]) -> Vec<String> {
        let places = years.iter().filter_map(|y| usize::try_from(y.checked_sub(self.first_year)?).ok());
        sentences(places.filter_map(|at| self.told.get(at)).flatten())
    }
}
