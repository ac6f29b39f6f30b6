//! One row: price of a beneficiary month or an episode, and the benchmark that units of it make. Every number is one
//! exact fraction, rounded once to the cent.

use super::columns::{
    BASELINE_EPISODES, BASELINE_PBPM, BASELINE_PRICE, BASELINE_PRICE_BY1, CODING_FACTOR_BY, CODING_FACTOR_PY,
    COMPARISON_NOVEL_THERAPY_SHARE, EPISODE_CATEGORY, EPISODES, EXPERIENCE_ADJUSTMENT, FINAL_NORMALISATION,
    FINAL_TREND, GEOGRAPHIC_ADJUSTMENT, HOSPITAL_PRICE, N, NATIONAL_EFFICIENCY, NORMALISATION,
    NOVEL_THERAPY_SHARE, PERSON_MONTHS, QUALITY_SCORE, REFERENCE_TREND, REGIONAL_EFFICIENCY, REGIONAL_PBPM,
    REGIONAL_PRICE, REGIONAL_PRICE_TREND, REGIONAL_WEIGHT, RISK_MULTIPLIER, RISK_RATIO, RISK_SCORE_BY,
    RISK_SCORE_PY, TREND, TREND_ADJUSTMENT, USPCC_TREND,
};
use super::quality::composite_score;
use super::reason;
use super::terms::{Discount, Method, Terms};
use crate::core::round::{PPB, discount_ppb};
use crate::core::wide::Product;

/// A column that is wrong, and why.
pub type Wrong = (usize, u8);

/// What a row comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priced {
    /// Cents for each unit.
    pub target_price: i64,
    /// Cents for all units.
    pub benchmark: i64,
    /// The entity's discount, which `settle` takes off; parts per billion.
    pub discount: Option<i64>,
    /// The entity's quality score where it follows from measures, for `settle`; parts per billion.
    pub quality_score: Option<i64>,
}

/// Values of a row in the order of the columns, checked one by one; which columns are absent altogether.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Cents, counts, parts per billion.
    pub values: &'a [Option<i64>; N],
    /// Columns that the frame has.
    pub present: &'a [bool; N],
}

impl Row<'_> {
    /// A value that must be there.
    fn need(&self, column: usize) -> Result<i64, Wrong> {
        self.values[column].ok_or((column, reason::MISSING_INPUT))
    }

    /// A factor that may be left out as a column, though not by row.
    fn may(&self, column: usize) -> Result<Option<i64>, Wrong> {
        if self.present[column] { self.need(column).map(Some) } else { Ok(None) }
    }
}

const PARTS: u64 = PPB as u64;

/// Price and benchmark of a row.
pub fn price(terms: &Terms, row: Row<'_>) -> Result<Priced, Wrong> {
    let product = match terms.method {
        Method::PersonMonths => person_months(terms, row)?,
        Method::Episodes => episodes(terms, row)?,
        Method::HospitalAndRegion => hospital_and_region(terms, row)?,
        Method::RegionRiskAdjusted => {
            let blended = hospital_and_region(terms, row)?;
            let factors = [row.need(RISK_MULTIPLIER)?, row.need(NORMALISATION)?, row.need(TREND)?];
            factors.into_iter().fold(blended, |product, factor| product.parts(factor as u64))
        }
        Method::BaseYears => base_years(terms, row)?,
    };
    let discount = if terms.discounts.len() > 1 {
        let code = usize::try_from(row.need(EPISODE_CATEGORY)?).ok();
        code.and_then(|code| terms.discounts.get(code).copied().flatten())
    } else {
        terms.discounts.first().copied().flatten()
    };
    let discount = discount.ok_or((EPISODE_CATEGORY, reason::UNKNOWN_CATEGORY))?;
    let product = product.parts((PPB - discount) as u64);
    let units = match terms.method {
        Method::PersonMonths => row.need(PERSON_MONTHS)?,
        _ => row.may(EPISODES)?.unwrap_or(1),
    };
    let (of_price, of_units) = terms.method.amounts();
    let of_units = if row.present[of_units] { of_units } else { of_price };
    let cents = |product: Product, column: usize| product.rounded().ok_or((column, reason::OVERFLOW));
    let own = terms.discount.map(|discount| discount_of(&discount, row)).transpose()?;
    let quality_score = terms.points.as_ref().map(|points| composite_score(points, row)).transpose()?.flatten();
    Ok(Priced {
        target_price: cents(product, of_price)?,
        benchmark: cents(product.times(units as u64), of_units)?,
        discount: own,
        quality_score,
    })
}

/// What the risk ratio and the retrospective trend adjustment are computed from, where they are not given.
const RISK_PARTS: [usize; 4] = [RISK_SCORE_BY, RISK_SCORE_PY, CODING_FACTOR_BY, CODING_FACTOR_PY];
const TREND_PARTS: [usize; 2] = [REFERENCE_TREND, USPCC_TREND];

/// A factor that a row may give or have computed: nothing where it is to be computed, or has no columns at all. Both
/// together are refused, as one would be ignored.
fn given_or_computed(row: Row<'_>, whole: usize, parts: &[usize]) -> Result<Option<i64>, Wrong> {
    let computed = parts.iter().any(|part| row.values[*part].is_some());
    match row.values[whole] {
        Some(_) if computed => Err((whole, reason::GIVEN_TWICE)),
        Some(given) => Ok(Some(given)),
        None if row.present[whole] && !computed => Err((whole, reason::MISSING_INPUT)),
        None => Ok(None),
    }
}

fn person_months(terms: &Terms, row: Row<'_>) -> Result<Product, Wrong> {
    let own = row.need(BASELINE_PBPM)?;
    let blend = match row.may(REGIONAL_WEIGHT)? {
        Some(weight) => {
            let parts = [(own, PPB - weight), (row.need(REGIONAL_PBPM)?, weight)];
            sum(&parts, BASELINE_PBPM)?.over(PARTS)
        }
        None if row.present[REGIONAL_PBPM] => return Err((REGIONAL_WEIGHT, reason::MISSING_INPUT)),
        None => Product::of(own as u64),
    };
    let (n, d) = risk_ratio(terms, row)?;
    if terms.trend_given {
        row.need(TREND_ADJUSTMENT)?;
    }
    let mut product = blend.parts(row.need(TREND)? as u64).times(n[0]).times(n[1]).over(d[0]).over(d[1]);
    let adjustment = given_or_computed(row, TREND_ADJUSTMENT, &TREND_PARTS)?;
    for ratio in [row.may(REGIONAL_PRICE_TREND)?, adjustment].into_iter().flatten() {
        product = product.parts(ratio as u64);
    }
    let (n, d) = retrospective_trend(terms, row)?;
    Ok(product.times(n).over(d))
}

/// Risk of the performance year over the baseline's as factors over divisors: scores are divided by their coding
/// factors first, then held to the clamp around one.
pub fn risk_ratio(terms: &Terms, row: Row<'_>) -> Result<([u64; 2], [u64; 2]), Wrong> {
    if let Some(ratio) = given_or_computed(row, RISK_RATIO, &RISK_PARTS)? {
        return Ok(([ratio as u64, 1], [PARTS, 1]));
    }
    let (by, py) = (row.need(RISK_SCORE_BY)?, row.need(RISK_SCORE_PY)?);
    let (coding_by, coding_py) =
        (row.may(CODING_FACTOR_BY)?.unwrap_or(PPB), row.may(CODING_FACTOR_PY)?.unwrap_or(PPB));
    let wide = i128::from;
    let (n, d) = (wide(py) * wide(coding_by), wide(by) * wide(coding_py));
    if let Some(clamp) = terms.risk_clamp {
        for (bound, beyond) in [
            (PPB + clamp, n * wide(PPB) > d * wide(PPB + clamp)),
            (PPB - clamp, n * wide(PPB) < d * wide(PPB - clamp)),
        ] {
            if beyond {
                return Ok(([bound as u64, 1], [PARTS, 1]));
            }
        }
    }
    Ok(([py as u64, coding_by as u64], [by as u64, coding_py as u64]))
}

/// Growth of the reference population over that of the prospective cost; one where they are close.
pub fn retrospective_trend(terms: &Terms, row: Row<'_>) -> Result<(u64, u64), Wrong> {
    let Some(threshold) = terms.trend_threshold else { return Ok((1, 1)) };
    if row.values[TREND_ADJUSTMENT].is_some() || TREND_PARTS.iter().all(|part| !row.present[*part]) {
        return Ok((1, 1));
    }
    let (reference, uspcc) = (row.need(REFERENCE_TREND)?, row.need(USPCC_TREND)?);
    let apart = i128::from((reference - uspcc).abs()) * i128::from(PPB);
    let close = apart <= i128::from(threshold) * i128::from(uspcc);
    Ok(if close { (1, 1) } else { (reference as u64, uspcc as u64) })
}

fn episodes(terms: &Terms, row: Row<'_>) -> Result<Product, Wrong> {
    let mut product = Product::of(row.need(BASELINE_PRICE)? as u64).parts(row.need(TREND)? as u64);
    for factor in [RISK_MULTIPLIER, EXPERIENCE_ADJUSTMENT, GEOGRAPHIC_ADJUSTMENT] {
        if let Some(ratio) = row.may(factor)? {
            product = product.parts(ratio as u64);
        }
    }
    if let Some(part) = terms.novel_therapy
        && let Some(own) = row.may(NOVEL_THERAPY_SHARE)?
    {
        // Only upward.
        let excess = (own - row.need(COMPARISON_NOVEL_THERAPY_SHARE)?).max(0);
        let whole = i128::from(PPB) * i128::from(PPB) + i128::from(part) * i128::from(excess);
        product = product.times(whole as u64).over(PARTS).over(PARTS);
    }
    Ok(product)
}

fn hospital_and_region(terms: &Terms, row: Row<'_>) -> Result<Product, Wrong> {
    let [of_hospital, of_region, _] = terms.weights;
    let regional = row.need(REGIONAL_PRICE)?;
    if of_hospital == 0 {
        return Ok(Product::of(regional as u64));
    }
    if let Some(least) = terms.least_episodes
        && row.need(BASELINE_EPISODES)? < least
    {
        return Ok(Product::of(regional as u64));
    }
    let blend = sum(&[(row.need(HOSPITAL_PRICE)?, of_hospital), (regional, of_region)], REGIONAL_PRICE)?;
    Ok(blend.over((of_hospital + of_region) as u64))
}

fn base_years(terms: &Terms, row: Row<'_>) -> Result<Product, Wrong> {
    let mut years = [(0, 0); 3];
    for (at, (slot, weight)) in years.iter_mut().zip(terms.weights).enumerate() {
        *slot = (row.need(BASELINE_PRICE_BY1 + at)?, weight);
    }
    let mut product = sum(&years, BASELINE_PRICE_BY1)?.over(terms.weights.iter().sum::<i64>() as u64);
    for (range, (prospective, fin)) in
        terms.final_ranges.into_iter().zip([(TREND, FINAL_TREND), (NORMALISATION, FINAL_NORMALISATION)])
    {
        let before = row.need(prospective)?;
        product = match row.may(fin)? {
            None => product.parts(before as u64),
            Some(after) => {
                let (n, d) = within(before, after, range);
                product.times(n).over(d)
            }
        };
    }
    Ok(row.may(RISK_MULTIPLIER)?.map_or(product, |ratio| product.parts(ratio as u64)))
}

/// The final factor, held to a range around the prospective one.
fn within(before: i64, after: i64, range: Option<i64>) -> (u64, u64) {
    let Some(range) = range else { return (after as u64, PARTS) };
    let (before, wide) = (i128::from(before), i128::from(after) * i128::from(PPB));
    let bounds = [before * i128::from(PPB - range), before * i128::from(PPB + range)];
    if (bounds[0]..=bounds[1]).contains(&wide) {
        return (after as u64, PARTS);
    }
    // Ratios are below a thousand: the bound fits 64 bits once a billion is taken out of it.
    let bound = if wide < bounds[0] { PPB - range } else { PPB + range };
    let g = crate::core::round::gcd(bound, PPB);
    ((before as u64).saturating_mul((bound / g) as u64), PARTS.saturating_mul((PPB / g) as u64))
}

/// A sum of prices times weights; `column` is the one to name where it is too large.
fn sum(parts: &[(i64, i64)], column: usize) -> Result<Product, Wrong> {
    let total: i128 = parts.iter().map(|(price, weight)| i128::from(*price) * i128::from(*weight)).sum();
    // Weights have few decimals, prices are cents: the sum fits once what they share is taken out.
    let shared = parts.iter().fold(PPB, |g, (_, weight)| crate::core::round::gcd(g, *weight));
    let small = u64::try_from(total / i128::from(shared)).map_err(|_| (column, reason::OVERFLOW))?;
    Ok(Product::of(small).times(shared as u64))
}

/// The discount of an entity: less for quality and for baseline spending below region and nation.
pub(super) fn discount_of(terms: &Discount, row: Row<'_>) -> Result<i64, Wrong> {
    let wide = i128::from;
    let quality = wide(terms.quality) * wide(row.need(QUALITY_SCORE)?);
    let mut billionths = wide(terms.standard) * wide(PPB) - quality;
    for ((slope, most), column) in terms.efficiency.into_iter().zip([REGIONAL_EFFICIENCY, NATIONAL_EFFICIENCY]) {
        let most = wide(most) * wide(PPB);
        billionths -= (wide(slope) * wide(PPB - row.need(column)?)).clamp(-most, most);
    }
    discount_ppb(billionths).ok_or((QUALITY_SCORE, reason::OVERFLOW))
}
