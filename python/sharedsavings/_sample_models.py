"""Samples of models other than the Shared Savings Program, and of its older tracks: one entity a row.

Each shows savings, losses, a row within the minimum rate or between targets, one at its limit, and failing quality.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Columns = dict[str, list[Any]]


@dataclass(frozen=True)
class Model:
    """A sample of one arrangement.

    Attributes
    ----------
    about : str
        What it is of.
    program, track : str
    years : sequence of int
        Performance years, taken in turn.
    rates : sequence of float
        Gross savings rates before discount, one a row: savings, losses, and what lies between.
    size : (float, float)
        Lowest and highest benchmark, dollars.
    people : (int, int) or None
        Fewest and most beneficiaries, where their number decides.
    scores : sequence of float or None
        Quality scores, taken in turn; the last row has the first of them.
    more : callable
        Further columns of a row, from the generator, its number and what it has so far.
    """

    about: str
    program: str
    track: str
    years: Sequence[int]
    rates: Sequence[float]
    size: tuple[float, float]
    people: tuple[int, int] | None = None
    scores: Sequence[float] | None = None
    more: Callable[[random.Random, int, dict[str, Any]], dict[str, Any]] = lambda rng, number, row: {}


def corridor(model: Model) -> Callable[[random.Random], Columns]:
    """How the sample of a model that shares savings is made."""

    def make(rng: random.Random) -> Columns:
        rows: list[dict[str, Any]] = []
        for number, rate in enumerate(model.rates):
            benchmark = round(rng.uniform(*model.size), 2)
            row: dict[str, Any] = {
                "entity_id": f"{model.program.upper()}{number + 1:02d}",
                "program": model.program,
                "track": model.track,
                "performance_year": model.years[number % len(model.years)],
                "benchmark": benchmark,
                "expenditures": round(benchmark * (1 - rate) * rng.uniform(0.9995, 1.0005), 2),
            }
            if model.people is not None:
                row["beneficiaries"] = rng.randint(*model.people)
            if model.scores is not None:
                row["quality_score"] = model.scores[number % len(model.scores)]
            rows.append(row | model.more(rng, number, row))
        return {name: [row[name] for row in rows] for name in rows[0]}

    return make


def _elected_cap(rng: random.Random, number: int, row: dict[str, Any]) -> dict[str, Any]:
    own = row["performance_year"] <= _LAST_OWN_DISCOUNT
    return {
        "elected_cap": (0.05, 0.1, 0.15)[number % 3],
        "discount": round(rng.uniform(0.01, 0.035), 4) if own else None,
    }


def _revenue(rng: random.Random, number: int, row: dict[str, Any]) -> dict[str, Any]:
    return {"participant_revenue": round(row["benchmark"] * rng.uniform(0.25, 0.5), 2)}


def _attained(rng: random.Random, number: int, row: dict[str, Any]) -> dict[str, Any]:
    return {"quality_standard_met": row["quality_score"] > 0}


def _standard(rng: random.Random, number: int, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "quality_standard_met": number % 6 != 0,
        "agreement_start": 2014 if number % 2 else 2016,
    }


def _elected_rate(rng: random.Random, number: int, row: dict[str, Any]) -> dict[str, Any]:
    elected = (None, 0.0, 0.005, 0.01, 0.02)[number % 5] if row["performance_year"] >= _FIRST_ELECTION else None
    return _standard(rng, number, row) | {"elected_rate": elected}


# Years from which, and up to which, a row of a sample has a column: no terms.
_FIRST_ELECTION, _LAST_OWN_DISCOUNT = 2016, 2018
_LARGE, _PRACTICE = (90e6, 420e6), (4e6, 30e6)
MODELS = {
    "cec_ldo": Model(
        "16 large dialysis organizations of Comprehensive ESRD Care, 2016 to 2021", "cec", "LDO", range(2016, 2022),
        (0.055, 0.034, 0.012, 0.025, -0.028, -0.05, 0.047, 0.021, 0.245, -0.31, 0.038, 0.005, 0.06, -0.015, 0.029,
         0.041),
        (40e6, 160e6), None, (0.9, 0.82, 0.75, 1.0, 0.0), _attained),
    "cec_one_sided": Model(
        "16 smaller dialysis organizations without downside risk, 2016 to 2021", "cec", "NON_LDO_ONE_SIDED",
        range(2016, 2022),
        (0.06, 0.01, 0.052, -0.03, 0.045, 0.31, 0.019, 0.08, -0.11, 0.036, 0.025, 0.0, 0.071, 0.022, 0.049, 0.03),
        (18e6, 60e6), (350, 2600), (0.88, 0.8, 0.93, 1.0, 0.0), _attained),
    "cec_two_sided": Model(
        "16 smaller dialysis organizations with downside risk, 2016 to 2021", "cec", "NON_LDO_TWO_SIDED",
        range(2016, 2022),
        (0.05, 0.006, 0.033, -0.021, -0.27, 0.25, 0.012, -0.006, 0.046, -0.045, 0.028, 0.003, 0.06, -0.012, 0.02,
         0.037),
        (18e6, 60e6), None, (0.85, 0.91, 0.78, 1.0, 0.0), _attained),
    "mssp_track_2": Model(
        "16 ACOs of Track 2 of the Shared Savings Program, 2013 to 2018", "mssp", "2", range(2013, 2019),
        (0.031, 0.025, 0.012, -0.028, -0.034, 0.32, -0.35, 0.052, -0.01, 0.045, 0.022, -0.06, 0.0, 0.038, 0.029,
         -0.022),
        _LARGE, (6_000, 40_000), (0.92, 0.85, 0.78, 0.95, 0.7), _elected_rate),
    "mssp_track_3": Model(
        "16 ACOs of Track 3 of the Shared Savings Program, 2016 to 2021", "mssp", "3", range(2016, 2022),
        (0.033, 0.026, 0.008, -0.025, -0.041, 0.33, -0.36, 0.05, -0.004, 0.044, 0.021, -0.055, 0.0, 0.039, 0.03,
         -0.024),
        _LARGE, (6_000, 40_000), (0.93, 0.86, 0.8, 0.96, 0.72), _elected_rate),
    "ngaco_a": Model(
        "15 Next Generation ACOs of Arrangement A, 2016 to 2020", "ngaco", "A", range(2016, 2021),
        (0.045, 0.02, 0.061, -0.012, 0.038, 0.009, -0.04, 0.012, 0.18, 0.033, -0.17, 0.052, 0.027, 0.0, 0.019),
        _LARGE, None, (1.0, 0.94, 0.88, 0.97, 0.6), _elected_cap),
    "ngaco_b": Model(
        "15 Next Generation ACOs of Arrangement B, 2016 to 2020", "ngaco", "B", range(2016, 2021),
        (0.041, 0.026, 0.055, -0.018, 0.035, 0.013, -0.031, 0.017, 0.19, 0.03, -0.16, 0.048, 0.022, 0.008, 0.016),
        _LARGE, None, (0.98, 0.92, 0.9, 1.0, 0.55), _elected_cap),
    "ocm_two_sided": Model(
        "16 oncology practices of the original two-sided arrangement, 2017 to 2022", "ocm", "TWO_SIDED",
        range(2017, 2023),
        (0.06, 0.03, 0.09, -0.02, -0.24, 0.26, 0.045, 0.01, 0.071, 0.038, -0.055, 0.082, 0.0275, -0.09, 0.05, 0.065),
        _PRACTICE, None, (0.82, 0.66, 0.91, 0.45, 0.2), _revenue),
    "ocm_alternative": Model(
        "16 oncology practices of the alternative two-sided arrangement, 2019 to 2022", "ocm", "TWO_SIDED_ALTERNATIVE",
        range(2019, 2023),
        (0.05, 0.012, 0.085, -0.015, 0.24, -0.09, 0.036, 0.02, 0.068, 0.004, -0.03, 0.078, 0.0245, -0.05, 0.043, 0.06),
        _PRACTICE, None, (0.8, 0.68, 0.9, 0.42, 0.25), _revenue),
}  # fmt: skip


def _practices(rng: random.Random, track: str, count: int) -> list[dict[str, Any]]:
    """Practices of CPC+: the best keeps all of its incentive, the worst nothing."""
    out = []
    quality = (0.8, 1.0, 0.62, 0.45, 0.9, 0.0, 0.71, 0.55)
    use = (0.5, 1.0, 0.4, 0.0, 0.75, 0.0, 0.66, 0.3)
    for number in range(count):
        months = rng.randint(5_000, 40_000)
        parts = [0.3, 0.28, 0.22, 0.2] if track == "TRACK_1" else [0.28, 0.26, 0.2, 0.18, 0.08]
        tiers = {f"months_tier_{tier}": round(months * part) for tier, part in enumerate(parts, 1)}
        hybrid: dict[str, Any] = {"hybrid_share": None, "historical_visits": None, "visit_claims": None}
        if track == "TRACK_2":
            visits = round(months * rng.uniform(18, 30), 2)
            hybrid = {"hybrid_share": (0.1, 0.25, 0.4, 0.65)[number % 4], "historical_visits": visits,
                      "visit_claims": round(visits * rng.uniform(0.85, 1.05), 2)}  # fmt: skip
        out.append({"entity_id": f"CPC{number + 1:02d}", "program": "cpc_plus", "track": track,
                    "performance_year": 2017 + number % 5, "beneficiary_months": months,
                    "quality_score": quality[number % len(quality)], "utilization_score": use[number % len(use)],
                    **tiers, **hybrid})  # fmt: skip
    return out


def _laid_out(rows: Sequence[dict[str, Any]]) -> Columns:
    """Rows as columns: the union of what they have, null where a row has no such thing."""
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [row.get(name) for row in rows] for name in names}
    return {name: values for name, values in columns.items() if any(value is not None for value in values)}


def practices(track: str) -> Callable[[random.Random], Columns]:
    """How the sample of a track of CPC+ is made."""
    return lambda rng: _laid_out(_practices(rng, track, 16))


# Program, arrangement, years, gross savings rates, size, further columns: what the mixed sample has beside the others.
_OTHERS: tuple[tuple[str, str, Sequence[int], Sequence[float], tuple[float, float]], ...] = (
    ("mssp", "ENHANCED", (2023, 2024, 2025), (0.045, -0.031, 0.004), _LARGE),
    ("reach", "GLOBAL", (2023, 2024, 2026), (0.062, -0.015, 0.034), _LARGE),
    ("reach", "PROFESSIONAL", (2022, 2025), (0.05, -0.025), _LARGE),
    ("kcc", "PROFESSIONAL", (2023, 2024), (0.04, -0.02), (40e6, 120e6)),
    ("kcc", "GLOBAL", (2023, 2025), (0.055, 0.012), (40e6, 120e6)),
    ("eom", "RA1", (2024, 2025), (0.07, -0.04), _PRACTICE),
    ("bpci", "A", (2015, 2017), (0.06, -0.08), (2e6, 9e6)),
    ("bpci_advanced", "EPISODE_INITIATOR", (2019, 2023), (0.09, -0.05), (2e6, 9e6)),
    ("cjr", "HOSPITAL", (2019, 2023), (0.08, -0.06), (1e6, 6e6)),
    ("team", "3", (2027, 2028), (0.06, -0.07), (1e6, 6e6)),
    ("pioneer", "CORE", (2012, 2014), (0.035, -0.03), _LARGE),
    ("vermont", "SHARE_80", (2019, 2021), (0.02, -0.015), _LARGE),
    ("masshealth", "CORRIDOR_2", (2019, 2022), (0.03, -0.04), _LARGE),
)


def mixed(rng: random.Random) -> Columns:
    """Rows of every program in one frame."""
    rows: list[dict[str, Any]] = []
    for model in MODELS.values():
        columns = corridor(model)(rng)
        rows += [{name: columns[name][at] for name in columns} for at in range(3)]
    for program, track, years, rates, size in _OTHERS:
        for year, rate in zip(years, rates, strict=True):
            benchmark = round(rng.uniform(*size), 2)
            rows.append({
                "entity_id": "", "program": program, "track": track, "performance_year": year, "benchmark": benchmark,
                "expenditures": round(benchmark * (1 - rate), 2), "quality_score": round(rng.uniform(0.6, 0.98), 3),
                "beneficiaries": rng.randint(8_000, 40_000) if program == "mssp" else None,
                "quality_standard_met": program in ("mssp", "pioneer") or None,
                "agreement_start": 2022 if program == "mssp" else None,
                "elected_cap": 0.03 if program == "vermont" else None,
                "discount": 0.02 if (program, track) == ("kcc", "GLOBAL") else None,
            })  # fmt: skip
    rows += [row for track in ("TRACK_1", "TRACK_2") for row in _practices(rng, track, 3)]
    rows += [{"program": "primary_care_first", "track": "PRACTICE", "performance_year": year,
              "primary_care_revenue": round(rng.uniform(2e5, 9e5), 2), "performance_adjustment": part}
             for year, part in ((2022, 0.34), (2023, -0.1), (2024, 0.06))]  # fmt: skip
    rows += [{"program": "iota", "track": "HOSPITAL", "performance_year": year, "transplants": rng.randint(20, 220),
              "quality_score": score} for year, score in ((2025, 0.71), (2026, 0.33), (2027, 0.52))]  # fmt: skip
    rows += [{"program": "medical_home", "track": track, "performance_year": 2024, "beneficiary_months": months,
              "months_tier_1": months // 2, "months_tier_2": months // 3, "months_tier_3": months // 6,
              "quality_score": score}
             for track, months, score in (("UPSIDE", 12_000, 0.74), ("AT_RISK", 18_000, 0.55),
                                          ("AT_RISK", 9_000, 0.86))]  # fmt: skip
    rng.shuffle(rows)
    for number, row in enumerate(rows):
        row["entity_id"] = f"M{number + 1:02d}"
    return _laid_out(rows)
