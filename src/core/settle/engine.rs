//! One settlement, exactly: the corridor engine. Order of steps: target of each side, savings or losses, minimum
//! rate, cap, origin, banded shares, quality, limits, quality after limits, geography and sequestration of savings (in
//! the Shared Savings Program before the limit), disaster relief of losses, what is added. Each amount is rounded
//! once, at its end; rounding is monotone, so the lower of two rounded amounts is the rounded lower. Losses after
//! their limits are an amount, from which relief and early termination take their parts.

use super::amounts::{Limits, Stake, limits, part_of};
use super::plan::Year;
use super::reason::{self, column};
use super::row::Row;
use super::target::Target;
use super::terms::{GrossCap, Quality, Side, Steps, Terms, Threshold};
use crate::core::round::{PPB, Ratio, settlement_cents, signed_cents};

/// What a settlement comes to. Money in cents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settlement {
    /// The benchmark after discount, withhold and bonus, of savings where there are any, else of losses.
    pub target: i64,
    /// Target less expenditures; nothing between the targets of savings and of losses.
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

pub(super) fn missing(column: usize) -> Unsettled {
    Unsettled { reason: reason::MISSING_INPUT, column: column as u8 }
}

pub(super) fn invalid(column: usize, reason: u8) -> Unsettled {
    Unsettled { reason, column: column as u8 }
}

pub(super) const OVERFLOW: Unsettled = Unsettled { reason: reason::OVERFLOW, column: 0 };

/// Settles one row under the terms of its year and arrangement.
pub fn settle(year: &Year, terms: &Terms, row: &Row) -> Result<Settlement, Unsettled> {
    let up = Target::new(terms, &terms.up, row)?;
    let down = terms.down.as_ref().map_or(Ok(up), |side| Target::new(terms, side, row))?;
    let up_threshold = threshold(year, &terms.up, row)?;
    let down_threshold = terms.down.as_ref().map(|side| threshold(year, side, row)).transpose()?;
    let period = period(terms, row)?;
    let cap = cap(&terms.up, row)?;
    if row.termination_date.is_some() && terms.termination.is_none() {
        return Err(invalid(column::TERMINATION_DATE, reason::NO_TERMINATION_RULE));
    }
    let saved = up.less(row.expenditures)?;
    let lost = -down.less(row.expenditures)?;
    let (target, distance) = if saved >= 0 { (up, saved) } else { (down, -lost.max(0)) };
    let mut out = Settlement {
        target: target.cents()?,
        savings: signed_cents(distance, i128::from(target.d)).ok_or(OVERFLOW)?,
        minimum_savings_rate: up_threshold,
        minimum_loss_rate: down_threshold,
        generated: 0,
        sharing_rate: factor(terms, &terms.up, row).ok().and_then(|f| terms.up.bands.first_share().times(f)),
        loss_rate: terms
            .down
            .as_ref()
            .and_then(|side| factor(terms, side, row).ok().and_then(|f| side.bands.first_share().times(f))),
        payment_limit: limits(year, &terms.up, row, up, period)?.limit,
        loss_limit: None,
        sequestered: 0,
        earned: 0,
        advance_recouped: None,
        advance_outstanding: None,
        reason: reason::PLAIN,
    };
    if let Some(side) = &terms.down {
        out.loss_limit = limits(year, side, row, down, period)?.limit;
    }
    if saved > 0 {
        let stake = Stake { target: up, distance: saved, threshold: up_threshold, cap };
        gain(year, terms, row, &stake, period, &mut out)?;
    } else if lost > 0 {
        let stake = Stake { target: down, distance: lost, threshold: down_threshold.unwrap_or(up_threshold), cap };
        loss(year, terms, row, &stake, period, &mut out)?;
    } else if saved < 0 {
        out.reason = reason::NEUTRAL_ZONE;
    }
    let small = terms.low_revenue.and_then(|rule| rule.small_benchmark_year).zip(row.agreement_start);
    if row.small_benchmark_year && out.earned != 0 && small.is_some_and(|(from, start)| start >= from) {
        out.reason = reason::SMALL_BENCHMARK_LIMIT_NOT_APPLIED;
    }
    out.earned = out.earned.checked_add(row.payment_adjustment).ok_or(OVERFLOW)?;
    if let Some(balance) = row.advance_balance {
        let due = part_of(out.earned.max(0), terms.recoupment)?;
        out.advance_recouped = Some(due.min(balance));
        out.advance_outstanding = Some(balance - due.min(balance));
    }
    Ok(out)
}

/// The part of the target beyond which nothing is shared.
pub(super) fn cap(side: &Side, row: &Row) -> Result<Option<Ratio>, Unsettled> {
    let elected = row.elected_cap.map(|cap| Ratio::new(cap, PPB));
    match side.cap {
        GrossCap::Elected { lowest, highest } => {
            let cap = elected.ok_or(missing(column::ELECTED_CAP))?;
            let inside = (lowest..=highest).contains(&cap);
            if inside { Ok(Some(cap)) } else { Err(invalid(column::ELECTED_CAP, reason::CAP_OUT_OF_RANGE)) }
        }
        _ if elected.is_some() => Err(invalid(column::ELECTED_CAP, reason::NO_CAP_ELECTION)),
        GrossCap::Fixed(cap) => Ok(Some(cap)),
        GrossCap::None => Ok(None),
    }
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

/// What the period generates, to the cent.
fn generated(stake: &Stake, period: Ratio) -> Result<i64, Unsettled> {
    let n = stake.distance.checked_mul(i128::from(period.n)).ok_or(OVERFLOW)?;
    settlement_cents(n, i128::from(stake.target.d) * i128::from(period.d)).ok_or(OVERFLOW)
}

/// What stands after the limits: quality where it multiplies there, and the geographic factor.
pub(super) fn after_limits(side: &Side, row: &Row) -> Result<Ratio, Unsettled> {
    let steps = |steps: Steps| row.quality_score.map(|q| steps.at(q)).ok_or(missing(column::QUALITY_SCORE));
    let by_quality = side.multiplier.map_or(Ok(Ratio::ONE), steps)?;
    let by_place = row.geographic_factor.map_or(Ratio::ONE, |factor| Ratio::new(factor, PPB));
    by_quality.times(by_place).ok_or(OVERFLOW)
}

fn gain(
    year: &Year,
    terms: &Terms,
    row: &Row,
    stake: &Stake,
    period: Ratio,
    out: &mut Settlement,
) -> Result<(), Unsettled> {
    let mut scale = Ratio::ONE;
    let side = &terms.up;
    if terms.guardrail && row.guardrail {
        out.reason = reason::GUARDRAIL;
        return Ok(());
    }
    if !stake.target.reached(stake.distance, stake.threshold)? {
        let Some(share) = half_rate(terms, row)? else {
            out.reason = reason::WITHIN_MINIMUM_SAVINGS_RATE;
            return Ok(());
        };
        scale = share;
        out.sharing_rate = out.sharing_rate.and_then(|r| r.times(share));
        out.reason = reason::LOW_REVENUE_HALF_RATE;
    }
    out.generated = generated(stake, period)?;
    let score = || row.quality_score.ok_or(missing(column::QUALITY_SCORE));
    let low = side.lowest_score.map(|lowest| Ok(score()? < lowest)).transpose()?.unwrap_or(false);
    if low || (side.quality.asks_for_standard() && !opens(terms, row)?.0) {
        out.reason = reason::QUALITY_STANDARD_NOT_MET;
        return Ok(());
    }
    let factor = factor(terms, side, row)?;
    if let (Some(rule), Some(date)) = (terms.termination, row.termination_date)
        && (row.terminated_by_cms || date % 10_000 < rule.voluntary_savings_from)
    {
        out.reason = reason::EARLY_TERMINATION;
        return Ok(());
    }
    let factor = factor.times(scale).and_then(|f| f.times(period)).ok_or(OVERFLOW)?;
    let withheld = withheld(year, terms, row)?;
    let kept = withheld.complement().unwrap_or(Ratio::ZERO);
    let after = after_limits(side, row)?;
    let last = |part: Ratio| after.times(part).ok_or(OVERFLOW);
    let paid = stake.amount(side, factor, last(kept)?)?;
    out.sequestered = stake.amount(side, factor, last(withheld)?)?;
    // The limit is held against what remains, or goes through the same steps as what it limits.
    let of_limit = if terms.limit_first { last(kept)? } else { Ratio::ONE };
    let limits = limits(year, side, row, stake.target, period.times(of_limit).ok_or(OVERFLOW)?)?;
    if side.limited_by_revenue_alone() && limits.limit.is_none() {
        return Err(missing(column::PARTICIPANT_REVENUE));
    }
    if stake.capped()? {
        out.reason = reason::GROSS_CAP;
    }
    out.earned = paid;
    if let Some(limit) = limits.limit
        && paid > limit
    {
        out.earned = limit;
        let by_revenue = limits.by_revenue == Some(limit);
        out.reason = if by_revenue { reason::REVENUE_PAYMENT_LIMIT } else { reason::PAYMENT_LIMIT };
        if terms.limit_first {
            let parts = period.times(last(withheld)?).ok_or(OVERFLOW)?;
            let most = self::limits(year, side, row, stake.target, parts)?.limit;
            out.sequestered = most.map_or(out.sequestered, |most| most.min(out.sequestered));
        }
    }
    Ok(())
}

fn loss(
    year: &Year,
    terms: &Terms,
    row: &Row,
    stake: &Stake,
    period: Ratio,
    out: &mut Settlement,
) -> Result<(), Unsettled> {
    let Some(side) = &terms.down else {
        out.reason = reason::NO_DOWNSIDE_RISK;
        return Ok(());
    };
    if let Some(gate) = side.gate {
        let spent = i128::from(row.expenditures) * i128::from(gate.d);
        if spent < i128::from(row.benchmark) * i128::from(gate.n) {
            out.reason = reason::NEUTRAL_ZONE;
            return Ok(());
        }
    }
    if !stake.target.reached(stake.distance, stake.threshold)? {
        out.reason = reason::WITHIN_MINIMUM_LOSS_RATE;
        return Ok(());
    }
    out.generated = -generated(stake, period)?;
    let factor = factor(terms, side, row)?.times(period).ok_or(OVERFLOW)?;
    let Some(months) = months(terms, row) else {
        out.reason = reason::EARLY_TERMINATION;
        return Ok(());
    };
    let after = after_limits(side, row)?;
    let owed = stake.amount(side, factor, after)?;
    let Limits { limit, by_revenue, lowest } =
        limits(year, side, row, stake.target, period.times(after).ok_or(OVERFLOW)?)?;
    if limit.is_none() && lowest.is_some_and(|lowest| owed > lowest) {
        return Err(missing(column::TWO_SIDED_YEAR));
    }
    if limit.is_none() && side.limited_by_revenue_alone() {
        return Err(missing(column::PARTICIPANT_REVENUE));
    }
    if stake.capped()? {
        out.reason = reason::GROSS_CAP;
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
        Quality::Score => score(),
        Quality::CutByLack(part) => {
            let lack = score()?.complement().ok_or(OVERFLOW)?;
            part.times(lack).and_then(Ratio::complement).ok_or(OVERFLOW)
        }
        Quality::CutByScore(part) => part.times(score()?).and_then(Ratio::complement).ok_or(OVERFLOW),
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
        let side = Side { bands: bands.unwrap(), ..Side::plain(Ratio::ZERO) };
        Terms {
            up: side,
            down: Some(side),
            withhold: None,
            limit_first: false,
            takes_final: true,
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
