//! The segments of a payoff, from the most saved to the most lost, and the reasons of a break-even: codes, and the
//! words that the outputs have for them.

use super::reason;

/// Segments of the payoff by code, from the most saved to the most lost, then what few arrangements have; code 0 is
/// none.
pub const SEGMENTS: [&str; 12] = [
    "",
    "payment_limit",
    "sharing",
    "minimum_savings_rate",
    "half_rate",
    "dead_zone",
    "minimum_loss_rate",
    "losses",
    "loss_limit",
    "loss_gate",
    "gross_cap",
    "neutral_zone",
];
/// At the performance payment limit.
pub const PAYMENT_LIMIT: u8 = 1;
/// Savings are shared.
pub const SHARING: u8 = 2;
/// `earned` jumps past the target where savings reach the minimum savings rate.
pub const MINIMUM_SAVINGS_RATE: u8 = 3;
/// Savings below the minimum rate are shared at the low-revenue part of the rate.
pub const HALF_RATE: u8 = 4;
/// Nothing is shared.
pub const DEAD_ZONE: u8 = 5;
/// `earned` jumps past the target where losses reach the minimum loss rate.
pub const MINIMUM_LOSS_RATE: u8 = 6;
/// Losses are shared.
pub const LOSSES: u8 = 7;
/// At the loss limit.
pub const LOSS_LIMIT: u8 = 8;
/// `earned` jumps past the target where spending reaches the part of the benchmark from which losses count.
pub const LOSS_GATE: u8 = 9;
/// Beyond the cap on what is shared of savings or losses.
pub const GROSS_CAP: u8 = 10;
/// Where losses begin below the targets of savings, without a minimum loss rate.
pub const NEUTRAL_ZONE: u8 = 11;

/// The target lies above what is earned without any expenditures.
pub const TARGET_NOT_REACHABLE: u8 = reason::REASONS.len() as u8;
/// `earned` does not fall below the target however much is spent.
pub const TARGET_ALWAYS_REACHED: u8 = TARGET_NOT_REACHABLE + 1;

/// Words of the reason codes: those of a settlement, and the two of a target without a break-even.
#[must_use]
pub fn reasons() -> Vec<&'static str> {
    let own = ["target_not_reachable", "target_always_reached"];
    reason::REASONS.iter().copied().chain(own).collect()
}
