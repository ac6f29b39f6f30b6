"""The law a second time, written from the published tables and paragraphs in exact fractions and in the order of
the regulation. Slow on purpose, and without a line of the package: tests hold the package to it.

Sources: 42 CFR 414.1430, 414.1435, 414.1440 (thresholds, methods, options); 42 CFR 425.221, 425.604 to 425.610,
425.630, 425.652 and CMS's "Shared Savings and Losses, Assignment and Quality Performance Standard Methodology"
Specifications v11.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

# Percent: QP and Partial QP by payments, QP and Partial QP by patients.
_FIRST = (25, 20, 20, 10)
_FROZEN = (50, 40, 35, 25)
_FULL = (75, 50, 50, 35)
MEDICARE = {
    2017: _FIRST,
    2018: _FIRST,
    **dict.fromkeys(range(2019, 2025), _FROZEN),
    2025: _FULL,
    2026: _FROZEN,  # Pub. L. 119-75
    **dict.fromkeys(range(2027, 2036), _FULL),
}
ALL_PAYER = {year: row for year, row in MEDICARE.items() if year >= 2019}
MINIMUM = (25, 20, 20, 10)
RANK = {"none": 0, "partial_qp": 1, "qp": 2}

Pair = tuple[Any, Any] | None


def meets(pair: Pair, percent: int) -> bool:
    """Whether a threshold score meets or exceeds a percentage."""
    return pair is not None and pair[1] > 0 and 100 * Fraction(pair[0]) / Fraction(pair[1]) >= percent


def by_methods(payments: Pair, patients: Pair, row: tuple[int, int, int, int], status: str) -> str | None:
    """The methods by which two pairs reach a status, or None."""
    pay, pat = (row[0], row[2]) if status == "qp" else (row[1], row[3])
    found = (meets(payments, pay), meets(patients, pat))
    return {(True, True): "both", (True, False): "payment_amount", (False, True): "patient_count"}.get(found)


def determine(
    year: int, payments: Pair, patients: Pair, all_payments: Pair = None, all_patients: Pair = None
) -> tuple[str, str | None, str | None]:
    """Status, option and method: the Medicare Option, then what the All-Payer Option can better."""
    for status in ("qp", "partial_qp"):
        medicare = by_methods(payments, patients, MEDICARE[year], status)
        if medicare:
            best: tuple[str, str | None, str | None] = (status, "medicare", medicare)
            break
    else:
        best = ("none", None, None)
    if year not in ALL_PAYER:
        return best
    for status in ("qp", "partial_qp"):
        opened = by_methods(payments, patients, MINIMUM, status)
        reached = by_methods(all_payments, all_patients, ALL_PAYER[year], status)
        if opened and reached and RANK[status] > RANK[best[0]]:
            return (status, "all_payer", reached)
    return best


@dataclass(frozen=True)
class Level:
    """One column of the parameter table of tracks and levels, in percent."""

    share: int
    payment_limit: int
    loss_rate: int | None = None
    revenue_limit: int | None = None
    benchmark_limit: int | None = None


# Where the loss rate is one less the scaled sharing rate, the highest stands here.
LEVELS = {
    "1": Level(50, 10),
    "1+": Level(50, 10, 30, 8, 4),
    "2": Level(60, 15, 60, None, 10),
    "3": Level(75, 20, 75, None, 15),
    "A": Level(40, 10),
    "B": Level(40, 10),
    "C": Level(50, 10, 30, 2, 1),
    "D": Level(50, 10, 30, 4, 2),
    "E": Level(50, 10, 30, 8, 4),
    "ENHANCED": Level(75, 20, 75, None, 15),
}
SCALED_LOSSES = ("2", "3", "ENHANCED")


def tracks(year: int) -> tuple[str, ...]:
    """The tracks that ran in a year, as CMS's results have them."""
    if year <= 2015:
        return ("1", "2")
    if year <= 2017:
        return ("1", "2", "3")
    if year == 2018:
        return ("1", "1+", "2", "3")
    return tuple(LEVELS) if year <= 2021 else tuple(LEVELS)[4:]


# First and last number of assigned beneficiaries, minimum savings rate in percent at each.
SIZES = (
    (500, 999, "12.2", "8.7"),
    (1_000, 2_999, "8.7", "5.0"),
    (3_000, 4_999, "5.0", "3.9"),
    (5_000, 5_999, "3.9", "3.6"),
    (6_000, 6_999, "3.6", "3.4"),
    (7_000, 7_999, "3.4", "3.2"),
    (8_000, 8_999, "3.2", "3.1"),
    (9_000, 9_999, "3.1", "3.0"),
    (10_000, 14_999, "3.0", "2.7"),
    (15_000, 19_999, "2.7", "2.5"),
    (20_000, 49_999, "2.5", "2.2"),
    (50_000, 59_999, "2.2", "2.0"),
    (60_000, 10**9, "2.0", "2.0"),
)
MENU = (Fraction(0), Fraction("0.005"), Fraction("0.01"), Fraction("0.015"), Fraction("0.02"))


def minimum_rate(people: int) -> Fraction:
    """Minimum savings rate by size, linear within a band."""
    for low, high, at_low, at_high in SIZES:
        if low <= people <= high:
            part = Fraction(people - low, high - low)
            return (Fraction(at_low) + (Fraction(at_high) - Fraction(at_low)) * part) / 100
    raise ValueError(people)


def cents(amount: Fraction) -> Decimal:
    """Dollars and cents, half away from zero."""
    hundredfold = Decimal(amount.numerator * 100) / Decimal(amount.denominator)
    return hundredfold.quantize(Decimal(1), ROUND_HALF_UP) / 100


@dataclass(frozen=True)
class Settled:
    """What a settlement comes to, in dollars."""

    generated: Decimal = Decimal(0)
    earned: Decimal = Decimal(0)


def withheld(year: int, payment_date: int | None) -> Fraction:
    """Percent withheld from savings: Medicare sequestration on the day of payment, in the autumn after the year."""
    day = payment_date or (year + 1) * 10_000 + 1001
    if day < 20130401 or 20200501 <= day < 20220401:
        return Fraction(0)
    return Fraction(1 if 20220401 <= day < 20220701 else 2, 100)


def benchmark_limit(track: str, year: int, start_year: int, two_sided_year: int | None) -> Fraction:
    """Percent of the benchmark that limits losses; on Track 2 by year under two-sided risk."""
    count = two_sided_year or year - max(start_year, 2013) + 1
    if track == "2" and count <= 2:
        return Fraction(5 if count <= 1 else "7.5") / 100
    return Fraction(LEVELS[track].benchmark_limit, 100)


def settle(
    *,
    year: int,
    track: str,
    benchmark: Fraction,
    expenditures: Fraction,
    people: int,
    elected: Fraction | None = None,
    quality: Fraction = Fraction(0),
    standard: bool = True,
    alternative: bool = False,
    revenue: Fraction | None = None,
    low_revenue: bool = False,
    start_year: int = 2019,
    relief: Fraction = Fraction(0),
    relief_shares: tuple[Fraction, Fraction] | None = None,
    guardrail: bool = False,
    half_year: bool = False,
    termination: int | None = None,
    by_cms: bool = False,
    payment_date: int | None = None,
    two_sided_year: int | None = None,
    small_benchmark_year: bool = False,
) -> Settled:
    """The reference algorithm of Specifications v11, section 4.3, steps S1 to S11, and what differed before."""
    level = LEVELS[track]
    two_sided = level.loss_rate is not None
    minimum = elected if two_sided and elected is not None and people >= 5_000 else minimum_rate(people)
    if track == "2" and year <= 2015:
        minimum = Fraction(2, 100)
    opened = standard or (year >= 2023 and alternative)
    part = Fraction(1, 2) if half_year else Fraction(1)
    difference = benchmark - expenditures
    if difference > 0:
        if guardrail and year >= 2024:
            return Settled()
        rate = Fraction(level.share, 100) * opened
        if year <= 2020 or not standard:
            rate *= quality
        if difference < minimum * benchmark:
            basic = track in ("A", "B", "C", "D", "E")
            low = year >= 2024 and basic and low_revenue and start_year >= 2024 and people >= 5_000 and opened
            if not low or (small_benchmark_year and start_year >= 2027):
                return Settled()
            rate /= 2
        if termination is not None and (by_cms or termination < 1231):
            rate = Fraction(0)
        shared = rate * difference * part
        paid = shared - withheld(year, payment_date) * shared
        limit = Fraction(level.payment_limit, 100) * benchmark * part
        return Settled(cents(difference * part), cents(min(paid, limit)))
    if difference < 0 and two_sided and -difference >= minimum * benchmark:
        rate = Fraction(level.loss_rate, 100)
        if track in SCALED_LOSSES and opened:
            rate = min(max(1 - Fraction(level.share, 100) * quality, Fraction(40, 100)), rate)
        owed = rate * -difference * part
        limits = [benchmark_limit(track, year, start_year, two_sided_year) * benchmark * part]
        if level.revenue_limit is not None and revenue is not None:
            limits.append(Fraction(level.revenue_limit, 100) * revenue * part)
        # What remains after the limits is an amount, and so are its parts.
        owed = Fraction(cents(min(owed, *limits)))
        waived = owed * relief_shares[0] * relief_shares[1] if relief_shares else relief * part
        owed = max(owed - Fraction(cents(waived)), Fraction(0))
        if termination is not None:
            spared = year <= 2018 or (not by_cms and termination <= 630)
            owed *= 0 if spared else Fraction(termination // 100, 12)
        return Settled(-cents(-difference * part), -cents(owed))
    return Settled()
