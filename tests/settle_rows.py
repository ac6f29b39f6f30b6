"""Rows of settlements for more than one file of tests: one with every column, and those that CMS published."""

from __future__ import annotations

import csv
from decimal import Decimal
from typing import Any

import sharedsavings as ss
from conftest import ROOT

MENU_PERCENT = {"0", "0.5", "1", "1.5", "2"}
# Their first lines name file and columns.
PAYMENTS, LOSSES = "cms_savings.csv", "cms_losses.csv"


def rows_of(name: str) -> list[dict[str, str]]:
    """Rows that CMS published, amounts in whole dollars; the tests in Rust read the same files."""
    text = (ROOT / "tests" / "rust" / "data" / name).read_text("utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def case(**changes: Any) -> dict[str, Any]:
    """A row of every column: an ACO at Level B that saves 2.6 %, with the changes asked for."""
    row = {
        "performance_year": 2023,
        "track": "B",
        "benchmark": 500_000_000,
        "expenditures": 487_000_000,
        "beneficiaries": 60_000,
        "quality_score": 0.8,
        "quality_standard_met": True,
        "alternative_standard_met": False,
        "elected_rate": None,
        "participant_revenue": None,
        "low_revenue": False,
        "agreement_start": 2020,
        "disaster_relief": 0,
        "guardrail": False,
        "half_year": False,
        "termination_date": None,
        "terminated_by_cms": False,
        "disaster_month_share": None,
        "disaster_beneficiary_share": None,
        "payment_date": None,
        "two_sided_year": None,
        "small_benchmark_year": False,
        "advance_balance": None,
        "discount": None,
        "elected_cap": None,
        "benchmark_final": False,
        "benchmark_bonus": 0,
        "geographic_factor": None,
        "payment_adjustment": 0,
    }
    assert changes.keys() <= row.keys()
    return row | changes


def columns_of(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Rows as columns."""
    return {name: [row[name] for row in rows] for name in rows[0]}


def settled(door: Any, *rows: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    """What each row comes to."""
    result = ss.settle(door.frame(columns_of(list(rows))), **options).frame
    outputs = door.columns(result)[len(rows[0]) :]
    lists = [door.read(result, name) for name in outputs]
    return [dict(zip(outputs, values, strict=True)) for values in zip(*lists, strict=True)]


def two_sided(row: dict[str, str]) -> bool:
    """Whether the track of a published row bears losses."""
    return row["track"] not in ("T1", "A", "B")


def elected(row: dict[str, str]) -> bool:
    """Whether the minimum rate that is printed is an election; before 2016 there was none."""
    return two_sided(row) and int(row["py"]) >= 2016 and row["msr_pct"] in MENU_PERCENT


def published_case(row: dict[str, str], difference: int, **changes: Any) -> dict[str, Any]:
    """A published row as `settle` reads it; totals of six-month periods are printed as halves."""
    parts = 2 if row["half_year"] == "1" else 1
    benchmark = int(row["total_bnchmk"])
    return case(
        performance_year=int(row["py"]),
        track=row["track"],
        beneficiaries=int(row["n_ab"]),
        benchmark=benchmark * parts,
        # The printed difference is nearer to the unrounded one than that of two printed totals.
        expenditures=(benchmark - difference) * parts,
        quality_score=float(Decimal(row["qual_pct"]) / 100),
        elected_rate=float(Decimal(row["msr_pct"]) / 100) if elected(row) else None,
        half_year=row["half_year"] == "1",
        # Of the agreements of 2013 and 2014 the one with a loss began in 2012; later ones need no start.
        agreement_start=2012 if int(row["py"]) < 2016 else 2019,
        **changes,
    )


def payment_case(row: dict[str, str]) -> dict[str, Any]:
    """A published payment."""
    changes = {
        "quality_standard_met": row["qps_met"] != "0",
        "alternative_standard_met": row["qps_met"] == "0",
        "low_revenue": row["reduced_ss"] == "1",
    }
    found = published_case(row, int(row["gen_savings"]), **changes)
    return found | ({"agreement_start": 2024} if row["reduced_ss"] == "1" else {})


def loss_case(row: dict[str, str]) -> dict[str, Any]:
    """A published loss, with the relief that CMS printed."""
    met = row["aco"] != "A3743"  # whose loss rate of 2018 is the highest
    return published_case(row, int(row["gen_loss"]), disaster_relief=-int(row["disadj"]), quality_standard_met=met)


def unprinted(row: dict[str, str], generated: int, most: float) -> float:
    """How far an amount may lie off where the score was rounded to two decimals of a percent before printing."""
    return 5e-5 * most * abs(generated) if 2015 <= int(row["py"]) <= 2020 else 0.0
