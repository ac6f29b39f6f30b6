//! One settlement, exactly: the corridor engine. Order of steps: savings or losses, minimum rate, origin,
//! banded shares, quality, sequestration of savings, limits, disaster relief of losses. Each amount is
//! rounded once, at its end; rounding is monotone, so the lower of two rounded amounts is the rounded lower.
//! Losses after their limits are an amount, from which relief and early termination take their parts.

use super::amounts::{amount, generated, limit, loss_limits, part_of};
use super::plan::Year;
use super::reason::{self, column};
use super::row::Row;
use super::terms::{Quality, Side, Terms, Threshold};
use crate::core::round::{PPB, Ratio};

/// What a settlement comes to. Money in cents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settlement {
    /// Benchmark less expenditures.
    pub savings: i64,
    /// Minimum savings rate.
    pub minimum_savings_rate: Ratio,
    /// Minimum loss rate, as a positive rate, where there is downside risk.
    pub minimum_loss_rate: Option<Ratio>,
    /// Savings (positive) or losses (negative) past the minimum rate, before sharing.
    pub generated: i64,
    /// Final sharing rate, where quality is known.
    pub sharing_rate: Option<Ratio>,
    /// Loss rate, where there is downside risk and quality is known.
    pub loss_rate: Option<Ratio>,
    /// Performance payment limit.
    pub payment_limit: Option<i64>,
    /// Lower of the loss limits that apply.
    pub loss_limit: Option<i64>,
    /// Withheld from shared savings by sequestration.
    pub sequestered: i64,
    /// Paid to the entity (positive) or owed by it (negative).
    pub earned: i64,
    /// What of it goes to an advance, where the row has one.
    pub advance_recouped: Option<i64>,
    /// What of the advance is still owed.
    pub advance_outstanding: Option<i64>,
    /// Index in [`reason::REASONS`].
    pub reason: u8,
}

/// Why there is no settlement: the reason, and the column that is to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsettled {
    /// Reason code.
    pub reason: u8,
    /// Index in [`reason::COLUMNS`].
    pub column: u8,
}

fn missing(column: usize) -> Unsettled {
    Unsettled { reason: reason::MISSING_INPUT, column: column as u8 }
}

fn invalid(column: usize, reason: u8) -> Unsettled {
    Unsettled { reason, column: column as u8 }
}

pub(super) const OVERFLOW: Unsettled = Unsettled { reason: reason::OVERFLOW, column: 0 };

/// Settles one row under the terms of its year and arrangement.
pub fn settle(year: &Year, terms: &Terms, row: &Row) -> Result<Settlement, Unsettled> {
    let savings = row.benchmark.checked_sub(row.expenditures).ok_or(OVERFLOW)?;
    let up_threshold = threshold(year, &terms.up, row)?;
    let down_threshold = terms.down.as_ref().map(|side| threshold(year, side, row)).transpose()?;
    let period = period(terms, row)?;
    if row.termination_date.is_some() && terms.termination.is_none() {
        return Err(invalid(column::TERMINATION_DATE, reason::NO_TERMINATION_RULE));
    }
    let mut out = Settlement {
        savings,
        minimum_savings_rate: up_threshold,
        minimum_loss_rate: down_threshold,
        generated: 0,
        sharing_rate: factor(terms, &terms.up, row).ok().and_then(|f| terms.up.bands.first_share().times(f)),
        loss_rate: terms
            .down
            .as_ref()
            .and_then(|side| factor(terms, side, row).ok().and_then(|f| side.bands.first_share().times(f))),
        payment_limit: limit(terms.up.limit_benchmark, Some(row.benchmark), period)?,
        loss_limit: None,
        sequestered: 0,
        earned: 0,
        advance_recouped: None,
        advance_outstanding: None,
        reason: reason::PLAIN,
    };
    if let Some(side) = &terms.down {
        out.loss_limit = loss_limits(year, side, row, period)?.0;
    }
    if savings > 0 {
        gain(year, terms, row, up_threshold, period, &mut out)?;
    } else if savings < 0 {
        loss(year, terms, row, down_threshold, period, &mut out)?;
    }
    let small = terms.low_revenue.and_then(|rule| rule.small_benchmark_year).zip(row.agreement_start);
    if row.small_benchmark_year && out.earned != 0 && small.is_some_and(|(from, start)| start >= from) {
        out.reason = reason::SMALL_BENCHMARK_LIMIT_NOT_APPLIED;
    }
    if let Some(balance) = row.advance_balance {
        let due = part_of(out.earned.max(0), terms.recoupment)?;
        out.advance_recouped = Some(due.min(balance));
        out.advance_outstanding = Some(balance - due.min(balance));
    }
    Ok(out)
}

/// The part of each amount that the performance period counts for.
pub(super) fn period(terms: &Terms, row: &Row) -> Result<Ratio, Unsettled> {
    match terms.half_year {
        _ if !row.half_year => Ok(Ratio::ONE),
        Some(part) => Ok(part),
        None => Err(invalid(column::HALF_YEAR, reason::NO_HALF_YEAR)),
    }
}

/// The part of savings that sequestration takes.
pub(super) fn withheld(year: &Year, terms: &Terms, row: &Row) -> Result<Ratio, Unsettled> {
    let Some(date) = row.payment_date else { return Ok(terms.sequestration) };
    let none = invalid(column::PAYMENT_DATE, reason::NO_PAYMENT_DATES);
    year.common.sequestration_on(date).ok_or(none)
}

/// `|savings| / benchmark >= rate`, without division (425.605(c), 425.610(c): "meets or exceeds").
fn reaches(savings: i64, benchmark: i64, rate: Ratio) -> bool {
    i128::from(savings.unsigned_abs()) * i128::from(rate.d) >= i128::from(rate.n) * i128::from(benchmark)
}

fn gain(
    year: &Year,
    terms: &Terms,
    row: &Row,
    threshold: Ratio,
    period: Ratio,
    out: &mut Settlement,
) -> Result<(), Unsettled> {
    let mut scale = Ratio::ONE;
    if terms.guardrail && row.guardrail {
        out.reason = reason::GUARDRAIL;
        return Ok(());
    }
    if !reaches(out.savings, row.benchmark, threshold) {
        let Some(share) = half_rate(terms, row)? else {
            out.reason = reason::WITHIN_MINIMUM_SAVINGS_RATE;
            return Ok(());
        };
        scale = share;
        out.sharing_rate = out.sharing_rate.and_then(|r| r.times(share));
        out.reason = reason::LOW_REVENUE_HALF_RATE;
    }
    out.generated = generated(out.savings, period)?;
    if terms.up.quality != Quality::None && !opens(terms, row)?.0 {
        out.reason = reason::QUALITY_STANDARD_NOT_MET;
        return Ok(());
    }
    let factor = factor(terms, &terms.up, row)?;
    if let (Some(rule), Some(date)) = (terms.termination, row.termination_date)
        && (row.terminated_by_cms || date % 10_000 < rule.voluntary_savings_from)
    {
        out.reason = reason::EARLY_TERMINATION;
        return Ok(());
    }
    let factor = factor.times(scale).and_then(|f| f.times(period)).ok_or(OVERFLOW)?;
    let withheld = withheld(year, terms, row)?;
    let kept = withheld.complement().unwrap_or(Ratio::ZERO);
    let paid = amount(&terms.up, row.benchmark, out.savings, threshold, factor, kept)?;
    out.sequestered = amount(&terms.up, row.benchmark, out.savings, threshold, factor, withheld)?;
    out.earned = paid;
    if let Some(limit) = out.payment_limit
        && paid > limit
    {
        out.earned = limit;
        out.reason = reason::PAYMENT_LIMIT;
    }
    Ok(())
}

fn loss(
    year: &Year,
    terms: &Terms,
    row: &Row,
    threshold: Option<Ratio>,
    period: Ratio,
    out: &mut Settlement,
) -> Result<(), Unsettled> {
    let (Some(side), Some(threshold)) = (&terms.down, threshold) else {
        out.reason = reason::NO_DOWNSIDE_RISK;
        return Ok(());
    };
    if !reaches(out.savings, row.benchmark, threshold) {
        out.reason = reason::WITHIN_MINIMUM_LOSS_RATE;
        return Ok(());
    }
    out.generated = generated(out.savings, period)?;
    let factor = factor(terms, side, row)?.times(period).ok_or(OVERFLOW)?;
    let Some(months) = months(terms, row) else {
        out.reason = reason::EARLY_TERMINATION;
        return Ok(());
    };
    let owed = amount(side, row.benchmark, -out.savings, threshold, factor, Ratio::ONE)?;
    let (limit, by_revenue, lowest) = loss_limits(year, side, row, period)?;
    if limit.is_none() && lowest.is_some_and(|lowest| owed > lowest) {
        return Err(missing(column::TWO_SIDED_YEAR));
    }
    let limited = limit.map_or(owed, |limit| owed.min(limit));
    if limited < owed {
        out.reason = if by_revenue == limit { reason::REVENUE_LOSS_LIMIT } else { reason::BENCHMARK_LOSS_LIMIT };
    }
    if side.limit_revenue.is_some() && row.participant_revenue.is_none() {
        out.reason = reason::REVENUE_LIMIT_NOT_APPLIED;
    }
    let relief = match relief(row, period)? {
        Relief::Cents(relief) => relief,
        Relief::Part(part) => part_of(limited, part)?,
    };
    out.earned = -part_of((limited - relief).max(0), Ratio::new(months, MONTHS))?;
    Ok(())
}

/// Months of a year.
pub(super) const MONTHS: i64 = 12;

/// Months for which losses are shared; nothing where an early end frees from them.
pub(super) fn months(terms: &Terms, row: &Row) -> Option<i64> {
    let Some((rule, date)) = terms.termination.zip(row.termination_date) else { return Some(MONTHS) };
    let early = rule.voluntary_losses_after.is_some_and(|last| date % 10_000 <= last);
    (rule.losses && (!early || row.terminated_by_cms)).then_some(date / 100 % 100)
}

/// What extreme and uncontrollable circumstances take off a limited loss.
pub(super) enum Relief {
    /// An amount.
    Cents(i64),
    /// A part of it.
    Part(Ratio),
}

/// The relief of a row, before it is held against the loss.
pub(super) fn relief(row: &Row, period: Ratio) -> Result<Relief, Unsettled> {
    let Some([months, people]) = row.relief_shares else {
        return part_of(row.disaster_relief, period).map(Relief::Cents);
    };
    Ratio::new(months, PPB).times(Ratio::new(people, PPB)).map(Relief::Part).ok_or(OVERFLOW)
}

pub(super) fn threshold(year: &Year, side: &Side, row: &Row) -> Result<Ratio, Unsettled> {
    let by_size = || {
        let none = invalid(column::BENEFICIARIES, reason::BELOW_SIZE_SCALE);
        year.common.size_scale.rate(row.beneficiaries).ok_or(none)
    };
    match (side.threshold, row.elected_rate) {
        (Threshold::Fixed(rate), _) => Ok(rate),
        (Threshold::Elected, Some(rate)) if row.beneficiaries >= year.common.election_beneficiaries => {
            Ok(Ratio::new(rate, PPB))
        }
        _ => by_size(),
    }
}

/// Whether quality opens sharing at all, and whether by the standard itself.
fn opens(terms: &Terms, row: &Row) -> Result<(bool, bool), Unsettled> {
    let standard = row.quality_standard_met.ok_or(missing(column::QUALITY_STANDARD_MET))?;
    if standard || !terms.alternative_opens {
        return Ok((standard, standard));
    }
    Ok((row.alternative_standard_met.ok_or(missing(column::ALTERNATIVE_STANDARD_MET))?, false))
}

/// What quality multiplies the banded share by.
pub(super) fn factor(terms: &Terms, side: &Side, row: &Row) -> Result<Ratio, Unsettled> {
    let score = || row.quality_score.map(|q| Ratio::new(q, PPB)).ok_or(missing(column::QUALITY_SCORE));
    match side.quality {
        Quality::None => Ok(Ratio::ONE),
        Quality::Standard | Quality::StandardElseScaled => match opens(terms, row)? {
            (true, true) => Ok(Ratio::ONE),
            (true, false) => score(),
            (false, _) => Ok(Ratio::ZERO),
        },
        Quality::Scaled => {
            if opens(terms, row)?.0 {
                score()
            } else {
                Ok(Ratio::ZERO)
            }
        }
        Quality::OneLessScaled { share, floor, top } => {
            if !opens(terms, row)?.0 {
                return Ok(top);
            }
            let scaled = share.times(score()?).and_then(Ratio::complement).ok_or(OVERFLOW)?;
            Ok(scaled.clamp(floor, top))
        }
    }
}

/// The part of the rate that a low-revenue entity gets although it missed the minimum savings rate.
pub(super) fn half_rate(terms: &Terms, row: &Row) -> Result<Option<Ratio>, Unsettled> {
    let Some(rule) = terms.low_revenue else { return Ok(None) };
    if row.beneficiaries < rule.beneficiaries {
        return Ok(None);
    }
    let early = row.agreement_start.is_some_and(|start| start < rule.agreement_start);
    let small = rule.small_benchmark_year.zip(row.agreement_start).is_some_and(|(from, start)| start >= from);
    let closed = opens(terms, row).is_ok_and(|(open, _)| !open);
    if early || closed || (small && row.small_benchmark_year) || row.low_revenue == Some(false) {
        return Ok(None);
    }
    row.agreement_start.ok_or(missing(column::AGREEMENT_START))?;
    row.low_revenue.ok_or(missing(column::LOW_REVENUE))?;
    Ok(opens(terms, row)?.0.then_some(rule.share))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::settle::terms::{Bands, Common, Origin};

    fn share(text: &str) -> Ratio {
        Ratio::from_decimal(text.parse().unwrap()).unwrap()
    }

    fn professional() -> Terms {
        let bands = Bands::new(&[
            (Some(share("0.05")), share("0.50")),
            (Some(share("0.10")), share("0.35")),
            (Some(share("0.15")), share("0.15")),
            (None, share("0.05")),
        ]);
        let side = Side {
            threshold: Threshold::Fixed(Ratio::ZERO),
            origin: Origin::Benchmark,
            bands: bands.unwrap(),
            quality: Quality::None,
            limit_benchmark: None,
            limit_early: None,
            limit_revenue: None,
        };
        Terms {
            up: side,
            down: Some(side),
            alternative_opens: false,
            sequestration: share("0.02"),
            low_revenue: None,
            guardrail: false,
            half_year: None,
            termination: None,
            recoupment: Ratio::ZERO,
        }
    }

    fn earned(terms: &Terms, benchmark: i64, expenditures: i64) -> i64 {
        let year = Year::for_tests(Common::default());
        let row = Row { benchmark: benchmark * 100, expenditures: expenditures * 100, ..Row::default() };
        settle(&year, terms, &row).unwrap().earned
    }

    /// Corridors of ACO REACH Professional, worked by hand from its bands.
    #[test]
    fn banded_shares_follow_the_corridors_of_another_program() {
        let terms = professional();
        for (spent, dollars) in [
            (97_000_000, 1_470_000),
            (95_000_000, 2_450_000),
            (92_000_000, 3_479_000),
            (88_000_000, 4_459_000),
            (80_000_000, 5_145_000),
            (108_000_000, -3_550_000),
        ] {
            assert_eq!(earned(&terms, 100_000_000, spent), dollars * 100, "{spent}");
        }
    }

    #[test]
    fn an_origin_at_the_threshold_shares_only_the_excess() {
        let mut terms = professional();
        let side = Side { threshold: Threshold::Fixed(share("0.02")), origin: Origin::Threshold, ..terms.up };
        terms.up = side;
        terms.down = Some(side);
        assert_eq!(earned(&terms, 100_000_000, 97_000_000), 49_000_000);
        assert_eq!(earned(&terms, 100_000_000, 98_000_000), 0);
        assert_eq!(earned(&terms, 100_000_000, 98_500_000), 0);
    }
}
