"""Benchmarks: held against what CMS published, and the promises of the verb."""

from __future__ import annotations

import csv
import datetime as dt
import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import sharedsavings as ss
from conftest import ROOT
from sharedsavings import arrays

DATA = ROOT / "tests" / "data"
TYPES = ("esrd", "disabled", "aged_dual", "aged_nondual")

# One type, nothing that moves: a historical benchmark of 10,000.
FLAT = {
    "per_capita_by1": 10_000.0,
    "per_capita_by2": 10_000.0,
    "per_capita_by3": 10_000.0,
    "risk_score_by1": 1.0,
    "risk_score_by2": 1.0,
    "risk_score_by3": 1.0,
    "person_years_by3": 1_000.0,
    "given_trend_by1": 1.0,
    "given_trend_by2": 1.0,
    "given_regional_adjustment": 0.0,
    "national_by3": 15_300.0,
}


def flat(ids: list[Any], **more: Any) -> pd.DataFrame:
    """A cell for each entity."""
    return pd.DataFrame([{"entity_id": i, "enrollment_type": "aged_nondual", **FLAT, **more} for i in ids])


def trends() -> ModuleType:
    """The script that estimates national trends."""
    import sys

    path = ROOT / "docs" / "national_trends.py"
    spec = importlib.util.spec_from_file_location("national_trends", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["national_trends"] = module
    spec.loader.exec_module(module)
    return module


# Historical benchmarks that CMS published.


def history() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / "cms_historical_benchmarks.jsonl").read_text("utf-8").splitlines()]


def test_published_historical_benchmarks_come_out_within_nine_dollars():
    rows = history()
    cells, entities = [], []
    for row in rows:
        order, year = row["cohort"].split("-")
        for k, kind in enumerate(TYPES):
            cell = {"entity_id": row["aco"], "enrollment_type": kind, "person_years_by3": row["py3"][k]}
            for by in (1, 2, 3):
                cell |= {f"per_capita_by{by}": row[f"pc{by}"][k], f"risk_score_by{by}": row[f"rs{by}"][k]}
            cells.append(cell | {"given_trend_by1": row["t1"][k], "given_trend_by2": row["t2"][k]})
        entities.append({"entity_id": row["aco"], "agreement_start": int(year),
                         "agreement_number": 1 if order == "first" else 2,
                         "given_prior_savings_adjustment": float(row["psa"])})  # fmt: skip
    found = ss.benchmark(pd.DataFrame(cells), pd.DataFrame(entities), performance_year=2017).frame
    misses = found["historical_benchmark"] - [row["hist"] for row in rows]
    assert len(rows) == 11
    assert misses.abs().max() <= 9
    assert found["regulation"].tolist() == ["425.602"] * 8 + ["425.603(b)"] * 3
    assert found["benchmark_reason"].tolist() == ["no_update"] * 11


def test_one_set_of_national_trends_explains_every_aco_of_a_cohort(cms_data):
    """ACOs, residual standard deviation, largest miss: printed inputs are rounded to the dollar and three decimals."""
    script = trends()
    found = {str(c): script.estimate(cms_data / "mssp_puf", c) for c in script.COHORTS}
    assert len(found) == 15
    for name, estimate in found.items():
        # The file of 2014 prints risk scores to nine decimals: there the rounding of the benchmark itself remains.
        limits = (0.36, 0.8) if "PY2014" in name else (3.3, 9.7)
        assert estimate.deviation < limits[0], name
        assert np.abs(estimate.residuals).max() < limits[1], name
        assert len(estimate.residuals) >= 26
    cohort = found["first agreement 2017-01-01, PY2017"]
    expected = [1.1138, 0.9768, 1.0644, 1.0203, 1.0774, 0.9927, 1.0490, 1.0143]
    assert [round(cohort.trends[f], 4) for f in script.FACTORS] == expected


def test_equal_base_years_would_miss_the_published_benchmarks_by_far(cms_data):
    script = trends()
    cells, entities = script.read(cms_data / "mssp_puf", script.Cohort(2014, "2014-01-01"))
    fitted = script.estimate(cms_data / "mssp_puf", script.Cohort(2014, "2014-01-01")).trends
    frame = cells.assign(
        given_trend_by1=cells["enrollment_type"].map({k: fitted[k, "by1"] for k in TYPES}),
        given_trend_by2=cells["enrollment_type"].map({k: fitted[k, "by2"] for k in TYPES}),
    )
    equal = {"by1": "1", "by2": "1", "by3": "1"}
    rules = {"mssp.benchmark.425_602.base_year_parts.first": equal}
    found = ss.benchmark(frame, entities, performance_year=2014, rules=rules).frame
    misses = found["historical_benchmark"] - entities["published"]
    assert misses.std() > 50


# Prior savings that CMS published.


# Dollars by which computed adjustments miss published ones by more than a dollar. Only the person years of the third
# base year are public, and the ratio is over all three; where CMS suppressed even those (A2778, A4701), as many people
# are taken as had been assigned.
MISSES_OF_425_658 = {
    "A3273": 1.4,
    "A2802": -2.0,
    "A2266": 2.1,
    "A4654": 2.4,
    "A2571": -2.4,
    "A3336": 3.4,
    "A4641": -3.8,
    "A1041": 4.9,
    "A1033": 5.5,
    "A1026": -6.7,
    "A3280": 7.7,
    "A2490": 10.1,
    "A4776": 14.7,
    "A1596": 16.1,
    "A3633": 16.6,
    "A2801": 29.4,
    "A2778": 33.7,
    "A4701": 66.4,
}
# Of the renewals of 2016 the published ratio is rounded, and how it enters below 1 was not read; the last two lie far
# above what was published, presumably by a limit that is not known.
MISSES_OF_425_603_B = {
    ("HARTFORD HEALTHCARE ACCO", 36): -1.6,
    ("Qualuable Medical Profes", 285): -3.6,
    ("Virginia Collaborative C", 330): -3.7,
    ("ACO Health Partners LLC", 62): 4.4,
    ("MCM ACCOUNTABLE CARE ORG", 76): 4.5,
    ("Accountable Care Coaliti", 104): 4.8,
    ("Accountable Care Coaliti", 55): -5.1,
    ("Meridian Accountable Car", 61): -7.0,
    ("Collaborative Care of Fl", 163): -9.7,
    ("Integrated ACO LLC", 312): 15.8,
    ("The Premier HealthCare N", 168): 18.1,
    ("HHC ACO Inc", 315): 23.7,
    ("Integral Healthcare LLC", 414): 55.2,
    ("Paradigm ACO LLC", 465): 172.9,
    ("Rio Grande Valley Health", 549): 283.7,
}


def rows_of(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_prior_savings_of_2024_starters_are_as_published():
    rows = rows_of("cms_prior_savings_425_658.csv")
    entities = []
    for row in rows:
        now = float(row["avg_py_person_years"])
        # A suppressed cell: as if as many had been assigned.
        base = float(row["by3_person_years"] or now)
        entity: dict[str, Any] = {"entity_id": row["aco"], "agreement_start": 2024, "agreement_number": 2}
        for by, year in enumerate((2021, 2022, 2023), 1):
            entity |= {f"prior_savings_by{by}": float(row[f"sav_pc_{year}"]), f"prior_person_years_by{by}": now,
                       f"base_person_years_by{by}": base}  # fmt: skip
        entities.append(entity)
    cells = flat([row["aco"] for row in rows])
    cells["given_regional_adjustment"] = [float(row["reg_adj"]) for row in rows]
    frame = ss.benchmark(cells, pd.DataFrame(entities), performance_year=2024).frame
    found = dict(zip(frame["entity_id"], frame["prior_savings_adjustment"], strict=True))
    assert len(rows) == 43
    misses = {row["aco"]: found[row["aco"]] - float(row["published_psa"]) for row in rows}
    exact = {aco for aco, miss in misses.items() if abs(miss) <= 1}
    assert len(exact) == 25
    assert {aco: round(miss, 1) for aco, miss in misses.items() if aco not in exact} == MISSES_OF_425_658
    # 0.5 x savings would be 2,247.76: the cap of 5 percent of national expenditures binds.
    assert found["A4795"] == pytest.approx(765, abs=1e-9)
    # Where all three years had more people than the base years, the ratio is 1 whatever they were.
    above = [row for row in rows if float(row["avg_py_person_years"]) >= float(row["by3_person_years"] or "inf")]
    assert {row["aco"] for row in above} - exact == {"A1041", "A2266", "A4654"}
    words = {"PSA": "prior_savings", "REG": "regional"}
    assert frame["adjustment_applied"].tolist() == [words[row["final_adj"]] for row in rows]


@pytest.mark.parametrize(
    ("savings", "then", "base", "published"),
    [
        ((None, None, 201.1), 96_357, 53_984, 34),
        ((None, None, 114.2), 6_918, 6_956, 19),
        ((None, None, 185.1), 24_945, 60_078, 13),
        ((None, None, 784.3), 10_442, 11_512, 119),
        ((None, 208.7, 317.6), 15_206.5, 12_932, 88),
        ((None, 281.7, 234.9), 8_635, 7_324, 86),
        ((None, -592.9, 533.4), 9_000, 9_000, 0),
        ((None, None, -264.5), 9_000, 9_000, 0),
    ],
)
def test_years_without_reconciliation_count_as_zero(savings, then, base, published):
    entity: dict[str, Any] = {"entity_id": ["A"], "agreement_start": [2024], "agreement_number": [2]}
    for by, value in enumerate(savings, 1):
        entity |= {f"prior_savings_by{by}": [value], f"prior_person_years_by{by}": [then if value else None],
                   f"base_person_years_by{by}": [base if value else None]}  # fmt: skip
    frame = pd.DataFrame(entity).astype({n: "float64" for n in entity if n.endswith(("by1", "by2", "by3"))})
    found = ss.benchmark(flat(["A"]), frame, performance_year=2024).frame
    assert round(found["prior_savings_adjustment"][0]) == published
    assert found["adjustment_applied"][0] == ("prior_savings" if published else "none")


def test_prior_savings_of_the_renewals_of_2016_are_as_published():
    rows = rows_of("cms_prior_savings_425_603_b.csv")
    entities = []
    for place, row in enumerate(rows):
        entity: dict[str, Any] = {"entity_id": place, "agreement_start": 2016, "agreement_number": 2}
        for by, year in enumerate((2013, 2014, 2015), 1):
            entity |= {f"prior_savings_by{by}": float(row[f"sav_pc_{year}"]),
                       f"prior_sharing_rate_by{by}": float(row[f"fsr_{year}"]),
                       f"prior_person_years_by{by}": float(row["py_to_by3_person_year_ratio"]),
                       f"base_person_years_by{by}": 1.0}  # fmt: skip
        entities.append(entity)
    cells = flat([entity["entity_id"] for entity in entities])
    frame = ss.benchmark(cells, pd.DataFrame(entities), performance_year=2016).frame
    assert set(frame["regulation"]) == {"425.603(b)"}
    assert (frame["historical_benchmark"] - 10_000 - frame["prior_savings_adjustment"]).abs().max() < 1e-9
    exact, misses = 0, {}
    for row, computed in zip(rows, frame["prior_savings_adjustment"], strict=True):
        published = float(row["published_Prior_Sav_Adj"])
        if abs(computed - published) <= 1:
            exact += 1
        else:
            misses[row["aco"], int(published)] = round(computed - published, 1)
    assert (exact, len(rows)) == (12, 27)
    assert misses == MISSES_OF_425_603_B


# Performance year 2024 as CMS published it.

PUF = {"esrd": ("ESRD", "ESRD"), "disabled": ("DIS", "DIS"), "aged_dual": ("AGDU", "AGED_Dual"),
       "aged_nondual": ("AGND", "AGED_NonDual")}  # fmt: skip


def starters_of_2024(folder: Path) -> tuple[list[dict[str, str]], pd.DataFrame, pd.DataFrame]:
    """Rows, cells and entities. Base years are put as the third, so that the history is its per capita."""
    with (folder / "py2024.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["Current_Start_Date"] == "1/1/2024"]

    def number(text: str) -> float | None:
        plain = text.strip().replace(",", "").rstrip("%")
        return None if plain in ("", "*", "-", ".") else float(plain)

    cells, entities = [], []
    for row in rows:
        for kind, (short, long) in PUF.items():
            spent = number(row[f"Per_Capita_Exp_ALL_{short}_BY3"])
            risk = number(row[f"CMS_HCC_RiskScore_{short}_BY3"])
            cell = {
                "entity_id": row["ACO_ID"], "enrollment_type": kind, "given_trend_by1": 1.0, "given_trend_by2": 1.0,
                "given_update_factor": 1.0, "given_regional_adjustment": number(row["RegAdj"]), "national_by3": spent,
                "person_years_by3": number(row[f"N_AB_Year_{long}_BY3"]),
                "person_years_py": number(row[f"N_AB_Year_{long}_PY"]),
                "risk_score_py": number(row[f"CMS_HCC_RiskScore_{short}_PY"]),
                "demographic_score_by3": number(row[f"Demog_RiskScore_{short}_BY3"]),
                "demographic_score_py": number(row[f"Demog_RiskScore_{short}_PY"]),
            }  # fmt: skip
            for by in ("by1", "by2", "by3"):
                cell |= {f"per_capita_{by}": spent, f"risk_score_{by}": risk}
            # Small types are suppressed; the ACO is taken without them.
            if None not in cell.values():
                cells.append(cell)
        entities.append({"entity_id": row["ACO_ID"], "agreement_start": 2024,
                         "agreement_number": int(row["Agreement_Period_Num"]),
                         "given_prior_savings_adjustment": number(row["PriorSavAdj"]) or 0.0})  # fmt: skip
    return rows, pd.DataFrame(cells), pd.DataFrame(entities)


def test_the_choice_of_adjustment_is_as_published_for_every_2024_starter(cms_data):
    rows, cells, entities = starters_of_2024(cms_data / "mssp_puf")
    frame = ss.benchmark(cells, entities, performance_year=2024).frame
    words = {
        "Regional Adjustment": "regional",
        "Prior Savings Adjustment": "prior_savings",
        "No Adjustment": "none",
    }
    assert len(rows) == 140
    assert frame["adjustment_applied"].tolist() == [words[row["FinalAdjCat"]] for row in rows]


def test_the_aggregate_risk_cap_binds_six_starters_of_2024(cms_data):
    _, cells, entities = starters_of_2024(cms_data / "mssp_puf")
    found = ss.benchmark(cells, entities, performance_year=2024).cells
    growth = found["risk_score_py"] / found["risk_score_by3"]
    bound = found["entity_id"][found["risk_ratio"] < growth - 1e-9]
    assert set(bound) == {"A1199", "A2592", "A5189", "A5386", "A5401", "A5450"}


# The verb.


def sample(backend: str = "pandas") -> tuple[Any, Any]:
    return ss.load_sample("benchmark_cells", backend=backend), ss.load_sample("benchmark_entities", backend=backend)


def test_frames_come_back_as_they_went_in_with_columns_appended(door):
    cells, entities = sample(door.name)
    result = ss.benchmark(cells, entities, performance_year=2024)
    assert type(result.cells) is type(cells)
    assert type(result.frame) is type(entities)
    assert door.columns(result.cells)[: len(door.columns(cells))] == door.columns(cells)
    assert door.columns(result.frame)[: len(door.columns(entities))] == door.columns(entities)
    reference = ss.benchmark(*sample(), performance_year=2024)
    for name in (
        "historical_benchmark",
        "benchmark",
        "adjustment_applied",
        "regulation",
        "benchmark_reason",
        "guardrail",
    ):
        expected = [None if pd.isna(v) else v for v in reference.frame[name]]
        assert door.read(result.frame, name) == expected, name
    assert door.read(result.cells, "updated") == reference.cells["updated"].tolist()


def test_the_frame_goes_straight_into_settle(door):
    cells, entities = sample(door.name)
    result = ss.benchmark(cells, entities, performance_year=2024)
    frame = result.frame
    columns = {name: door.read(frame, name) for name in door.columns(frame)}
    joined = door.frame({
        **columns,
        "expenditures": [round(b * 0.96, 2) for b in columns["benchmark"]],
        "beneficiaries": [9_700, 24_000, 15_000, 12_000],
        "track": ["A", "E", "ENHANCED", "B"],
        "quality_standard_met": [True] * 4,
    })  # fmt: skip
    settled = ss.settle(joined)
    earned = door.read(settled.frame, "earned")
    savings = [b - round(b * 0.96, 2) for b in columns["benchmark"]]
    expected = [s * rate * 0.98 for s, rate in zip(savings, (0.4, 0.5, 0.75, 0.4), strict=True)]
    assert earned == pytest.approx(expected, abs=0.02)
    picture = result.plot("Harbor", settled=settled)
    labels = [text.get_text() for text in picture.axes[0].get_xticklabels()]
    assert labels[-2:] == ["expenditures", "earned"]


def test_the_guardrail_reaches_settle():
    more = {"risk_score_py": 1.0, "person_years_py": 10_000.0, "demographic_score_by3": 1.0,
            "demographic_score_py": 1.0, "national_py": 15_300.0 * 1.04, "regional_by3": 10_000.0,
            "regional_py": 10_400.0, "national_weight_py": 0.5, "acpt": 0.8}  # fmt: skip
    entities = pd.DataFrame({
        "entity_id": ["inside", "loss", "saved"], "agreement_start": [2024] * 3, "agreement_number": [1] * 3,
        "expenditures": [100_100_000.0, 106_000_000.0, 103_000_000.0], "guardrail_rate": [0.01] * 3,
    })  # fmt: skip
    found = ss.benchmark(flat(["inside", "loss", "saved"], **more), entities, performance_year=2024).frame
    # Three-way 1/6 x 0.8 + 5/6 x 1.04 = 1.0: 100 million; two-way 104 million.
    assert found["guardrail"].tolist() == [False, True, True]
    assert found["benchmark"].tolist() == pytest.approx([100_000_000.0, 104_000_000.0, 104_000_000.0])
    settled = ss.settle(found.assign(beneficiaries=10_000, track="E", quality_standard_met=True, elected_rate=0.01))
    assert settled.frame["generated"].tolist() == pytest.approx([0.0, -2_000_000.0, 0.0])
    assert settled.frame["reason"].tolist()[2] == "guardrail"


LOSSES = {
    "beneficiaries": [9_700, 24_000, 15_000, 12_000],
    "track": "E",
    "elected_rate": 0.005,
    "quality_standard_met": True,
}


def sample_with_losses() -> tuple[Any, Any]:
    """The sample with losses against the three-way benchmark, and the guardrail's columns."""
    cells, entities = sample()
    benchmarks = ss.benchmark(cells, entities, performance_year=2024).frame["benchmark"]
    spent = (benchmarks * [1.0055, 1.0055, 1.03, 1.01]).round(2)
    return cells, entities.assign(expenditures=spent, guardrail_rate=0.005)


def test_the_guardrail_lowers_losses_of_the_sample_that_it_would_miss_if_expenditures_came_later():
    cells, entities = sample_with_losses()
    guarded = ss.benchmark(cells, entities, performance_year=2024)
    assert guarded.warnings == ()
    assert guarded.frame["guardrail"].tolist() == [True, True, True, False]
    late = ss.benchmark(cells, entities.drop(columns=["expenditures", "guardrail_rate"]), performance_year=2024)
    half = ss.benchmark(cells, entities.drop(columns="guardrail_rate"), performance_year=2024)
    for result in (late, half):
        assert len(result.warnings) == 1
        assert result.warnings[0].startswith(
            "The guardrail of 3 entities with a three-way update is not decided: give `expenditures` and "
            "`guardrail_rate`"
        )
        assert result.frame["guardrail"].isna().tolist() == [True, True, True, False]
    joined = late.frame.assign(**LOSSES, expenditures=entities["expenditures"])
    too_much = ss.settle(joined).frame["earned"].round().tolist()
    assert too_much == [-218_115, -564_108, -2_035_543, -503_327]
    # Two-way, the first two have savings or a loss below their minimum rate.
    owed = ss.settle(guarded.frame.assign(**LOSSES)).frame["earned"].round().tolist()
    assert owed == [0, 0, -1_797_374, -503_327]
    # 30 percent of the loss, against the two-way benchmark that the types give by hand.
    types = guarded.cells.query("entity_id == 'Mesa'")
    by_type = types["historical"] * types["risk_ratio"] * types["two_way_factor"] * types["person_years_py"]
    loss = entities["expenditures"][2] - by_type.sum()
    assert owed[2] == pytest.approx(-0.3 * loss, abs=1)


def test_columns_of_entities_may_stand_in_the_cells(door):
    cells, entities = sample("polars")
    joined = cells.join(entities, on="entity_id")
    frame = door.frame({name: joined[name].to_list() for name in joined.columns})
    alone = ss.benchmark(frame, performance_year=2024).frame
    assert type(alone) is type(frame)
    expected = ss.benchmark(cells, entities, performance_year=2024).frame
    assert door.read(alone, "entity_id") == expected["entity_id"].to_list()
    assert door.read(alone, "benchmark") == expected["benchmark"].to_list()


def test_the_order_of_cells_does_not_matter():
    cells, entities = sample()
    straight = ss.benchmark(cells, entities, performance_year=2024)
    order = np.random.default_rng(5).permutation(len(cells))
    mixed = ss.benchmark(cells.iloc[order], entities, performance_year=2024)
    assert mixed.frame["benchmark"].tolist() == straight.frame["benchmark"].tolist()
    assert mixed.cells["updated"].tolist() == straight.cells["updated"].iloc[order].tolist()


def test_a_type_without_people_needs_no_row():
    cells, entities = sample()
    without = cells[(cells["entity_id"] != "Cedar") | (cells["enrollment_type"] != "esrd")]
    zero = cells.astype({"person_years_by3": float, "person_years_py": float}).copy()
    at = (zero["entity_id"] == "Cedar") & (zero["enrollment_type"] == "esrd")
    zero.loc[at, ["person_years_by3", "person_years_py"]] = 0.0
    zero.loc[at, ["risk_score_by1", "risk_score_py"]] = 0.0
    both = [
        ss.benchmark(frame, entities, performance_year=2024).frame["benchmark"].tolist() for frame in (without, zero)
    ]
    assert both[0] == both[1]
    assert both[0][0] < ss.benchmark(cells, entities, performance_year=2024).frame["benchmark"][0]


def test_names_of_the_caller_are_mapped():
    cells, entities = sample()
    named = cells.rename(columns={"entity_id": "aco", "enrollment_type": "kind", "per_capita_by3": "spent"})
    other = entities.rename(columns={"entity_id": "aco", "agreement_start": "since"})
    mapping = {"entity_id": "aco", "enrollment_type": "kind", "per_capita_by3": "spent", "agreement_start": "since"}
    found = ss.benchmark(named, other, performance_year=2024, columns=mapping).frame
    assert (
        found["benchmark"].tolist() == ss.benchmark(cells, entities, performance_year=2024).frame["benchmark"].tolist()
    )


def test_starts_are_dates_or_years():
    cells, entities = sample()
    dates = entities.assign(agreement_start=[dt.date(y, 1, 1) for y in entities["agreement_start"]])
    stamps = entities.assign(agreement_start=pd.to_datetime(dates["agreement_start"]))
    expected = ss.benchmark(cells, entities, performance_year=2024).frame["benchmark"].tolist()
    for frame in (dates, stamps):
        assert ss.benchmark(cells, frame, performance_year=2024).frame["benchmark"].tolist() == expected


@pytest.mark.parametrize(
    ("start", "number", "year", "regulation"),
    [
        (dt.date(2012, 4, 1), 1, 2013, "425.602"),
        (dt.date(2019, 1, 1), 1, 2019, "425.602"),
        (dt.date(2019, 7, 1), 1, 2019, "425.601"),
        (dt.date(2023, 1, 1), 1, 2024, "425.601"),
        (dt.date(2024, 1, 1), 1, 2024, "425.652"),
        (dt.date(2016, 1, 1), 2, 2018, "425.603(b)"),
        (dt.date(2017, 1, 1), 2, 2018, "425.603(c)"),
        (dt.date(2019, 1, 1), 3, 2020, "425.603(c)"),
        (dt.date(2019, 7, 1), 2, 2021, "425.601"),
        (dt.date(2024, 1, 1), 5, 2025, "425.652"),
    ],
)
def test_the_start_and_the_number_of_the_agreement_decide_the_regulation(start, number, year, regulation):
    entities = pd.DataFrame({"entity_id": ["A"], "agreement_start": [start], "agreement_number": [number],
                             "regional_adjustments_so_far": [1], "low_income_share": [0.1],
                             "prior_savings_per_capita": pd.array([None], "Float64")})  # fmt: skip
    found = ss.benchmark(flat(["A"]), entities, performance_year=year).frame
    assert found["regulation"].tolist() == [regulation]
    assert found["historical_benchmark"][0] == pytest.approx(10_000)


def test_the_book_can_be_read_as_it_stood():
    entities = pd.DataFrame({"entity_id": ["A"], "agreement_start": [2024], "agreement_number": [2],
                             "regional_adjustments_so_far": [0]})  # fmt: skip
    then = ss.benchmark(flat(["A"]), entities, performance_year=2024, as_of="2018-01-01").frame
    assert then["regulation"].tolist() == ["425.603(c)"]
    with pytest.raises(ss.NotModelledError, match=r"regulation\.first"):
        ss.benchmark(flat(["A"]), entities, performance_year=2024, as_of="2000-01-01")


def test_recalled_rules_and_given_values_are_said():
    cells, entities = sample()
    entities = entities.assign(expenditures=1e8, guardrail_rate=0.02)
    result = ss.benchmark(cells, entities, performance_year=2024)
    assert result.warnings == ()
    later = ss.benchmark(cells, entities.assign(agreement_start=2025), performance_year=2025)
    assert any("population_adjustment" in w and "recalled" in w for w in later.warnings)
    region = cells.assign(regional_risk_score_by3=1.0, regional_risk_score_py=1.1,
                          regional_demographic_score_by3=1.0, regional_demographic_score_py=1.0)  # fmt: skip
    capped = ss.benchmark(region, entities, performance_year=2024)
    assert any("regional_risk_cap" in w for w in capped.warnings)
    assert (capped.frame["benchmark"] >= result.frame["benchmark"]).all()
    given = ss.benchmark(cells.assign(given_risk_ratio=1.0), entities, performance_year=2024)
    assert given.warnings == ("`given_risk_ratio` was taken as it stands in 16 rows",)
    assert given.cells["risk_ratio"].eq(1.0).all()


def test_an_override_changes_the_result_and_is_said():
    rules = {"mssp.benchmark.425_652.prospective_parts": {"prospective": "0", "two_way": "1"}}
    found = ss.benchmark(*sample(), performance_year=2024, rules=rules)
    frame = found.frame.iloc[:3]
    assert frame["benchmark"].tolist() == pytest.approx(frame["two_way_benchmark"].tolist(), abs=0.01)
    assert any("set by the user" in w for w in found.warnings)


def test_every_step_of_an_explanation_has_its_paragraph():
    result = ss.benchmark(*sample(), performance_year=2024)
    for entity in ("Cedar", "Harbor", "Mesa", "Prairie"):
        told = result.explain(entity)
        assert all(step.rules and step.cites for step in told.steps), entity
        assert told.steps[0].name == "regulation"
        row = result.frame.set_index("entity_id").loc[entity]
        assert told.steps[-1].value == f"${row['benchmark']:,.2f}"
    names = [step.name for step in result.explain("Mesa").steps]
    assert names.index("capped") < names.index("offset") < names.index("adjustment applied")
    assert "425.656" in str(result.explain("Mesa"))
    with pytest.raises(ss.InputError, match="there is none of this id"):
        result.explain("Nobody")


def test_an_explanation_says_what_is_missing():
    cells, entities = sample()
    cells.loc[1, "risk_score_by2"] = np.nan
    cells.loc[5, "regional_py"] = np.nan
    result = ss.benchmark(cells, entities, performance_year=2024)
    assert result.frame["benchmark_reason"].tolist()[:2] == ["missing_input", "no_update"]
    assert "`risk_score_by2` of disabled is null" in result.explain("Cedar").steps[-1].formula
    assert "`regional_py` of disabled is null" in result.explain("Harbor").steps[-1].formula
    assert result.frame["historical_benchmark"].notna().tolist() == [False, True, True, True]
    assert result.frame["benchmark"].notna().tolist() == [False, False, True, True]


def test_results_print_and_draw():
    result = ss.benchmark(*sample(), performance_year=2024)
    assert "425.652" in repr(result)
    assert "425.652" in result._repr_html_()
    assert [row[:3] for row in result.summary().rows] == [("425.601", "1", "1"), ("425.652", "3", "3")]
    axes = result.plot("Mesa").axes[0]
    heights = {t.get_text().replace("\n", " "): t for t in axes.get_xticklabels()}
    assert {"historical benchmark", "updated benchmark"} <= set(heights)
    assert result.plot().axes[0].get_title() == "Cedar, performance year 2024"


def test_threads_do_not_change_a_bit():
    rng = np.random.default_rng(7)
    n = 9_000
    cells = {name: rng.uniform(0.9, 1.1, 4 * n) for name in (
        "risk_score_by1", "risk_score_by2", "risk_score_by3", "risk_score_py", "demographic_score_by3",
        "demographic_score_py", "acpt")}  # fmt: skip
    cells |= {name: rng.uniform(9_000, 12_000, 4 * n) for name in (
        "per_capita_by1", "per_capita_by2", "per_capita_by3", "national_by1", "national_by2", "national_by3",
        "national_py", "regional_by1", "regional_by2", "regional_by3", "regional_py", "person_years_by3",
        "person_years_py")}  # fmt: skip
    cells |= {name: rng.uniform(0, 1, 4 * n) for name in ("national_weight_by3", "national_weight_py")}
    entities = {"agreement_number": np.ones(n), "dual_share": rng.uniform(0, 0.4, n)}
    starts = rng.choice([2022, 2023, 2024], n)
    slots = rng.permutation(4 * n)
    runs = [
        arrays.benchmark(
            cells, entities, starts, slots, performance_year=2024, threads=threads, outputs=["updated", "person_years"]
        )[0]
        for threads in (1, 2, 3)
    ]
    for name, values in runs[0].items():
        assert all(np.array_equal(values, run[name], equal_nan=values.dtype.kind == "f") for run in runs[1:]), name
    assert (runs[0]["benchmark"] > 0).all()
    assert "historical" not in runs[0]


# Bad input.


def spoiled(**changes: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The sample with the value of a column replaced in its second row."""
    cells, entities = sample()
    for name, value in changes.items():
        frame = cells if name in cells.columns else entities
        values = frame[name].astype(object).tolist()
        values[1] = value
        frame[name] = values
        if not isinstance(value, (str, dt.date)):
            frame[name] = frame[name].astype(float)
    return cells, entities


@pytest.mark.parametrize(
    ("changes", "message", "reason"),
    [
        (
            {"risk_score_by2": 0},
            r"column `risk_score_by2`: zero, and divides in 1 row of cells, first in row 1",
            "zero",
        ),
        ({"national_by1": 0}, r"column `national_by1`: zero, and divides", "zero"),
        ({"per_capita_by1": -1}, r"column `per_capita_by1`: negative in 1 row of cells.*value -1", "negative"),
        ({"national_weight_py": 1.2}, r"column `national_weight_py`: above 1 .*85 % is 0.85", "share_above_one"),
        ({"dual_share": 14.0}, r"column `dual_share`: above 1 in 1 row of entities, first in row 1", "share_above_one"),
        ({"regional_py": float("inf")}, r"column `regional_py`: NaN or infinite", "not_finite"),
        ({"person_years_py": 1e13}, r"column `person_years_py`: too large", "too_large"),
        ({"agreement_number": 0}, r"column `agreement_number`: not a count", "not_a_count"),
        ({"regional_adjustments_so_far": 0.5}, r"column `regional_adjustments_so_far`: not a count", "not_a_count"),
        ({"agreement_start": 1066}, r"column `agreement_start`: not a year or a date", "not_a_date"),
        ({"agreement_start": 2025}, r"base years overlap it in 1 row of entities", "overlapping_base_years"),
        (
            {"agreement_start": 2019},
            r"column `agreement_start`: a year alone, in the course of which another regulation.*date of the start",
            "ambiguous_start",
        ),
        (
            {"agreement_start": 2018},
            r"too early for the performance year, which no agreement period of that start reaches in 1 row",
            "after_the_agreement",
        ),
        ({"agreement_start": 2015}, r"column `agreement_start`: a start that no regulation covers", "no_regulation"),
    ],
)
def test_what_cannot_be_a_fact_stops_the_call_or_leaves_a_reason(changes, message, reason):
    cells, entities = spoiled(**changes)
    with pytest.raises(ss.InputError, match=message):
        ss.benchmark(cells, entities, performance_year=2024)
    kept = ss.benchmark(cells, entities, performance_year=2024, invalid="null").frame
    at = 0 if next(iter(changes)) in cells.columns else 1
    assert kept["benchmark_reason"][at] == reason
    assert np.isnan(kept[["benchmark", "historical_benchmark"]].iloc[at].astype(float)).all()
    others = [row for row in range(4) if row != at]
    good = ss.benchmark(*sample(), performance_year=2024).frame
    assert kept["benchmark"][others].tolist() == good["benchmark"][others].tolist()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"risk_score_by2": np.nan}, "missing_input"),
        ({"person_years_by3": np.nan}, "missing_input"),
        ({"risk_score_py": np.nan}, "no_update"),
        ({"person_years_by3": 0, "per_capita_by3": np.nan}, "no_base_year_for_type"),
        ({"agreement_number": np.nan}, "missing_input"),
        ({"regional_adjustments_so_far": np.nan}, "missing_input"),
        ({"agreement_start": np.nan}, "missing_input"),
    ],
)
def test_what_is_not_known_gives_null_and_a_reason(changes, reason):
    cells, entities = spoiled(**changes)
    found = ss.benchmark(cells, entities, performance_year=2024)
    at = 0 if next(iter(changes)) in cells.columns else 1
    assert found.frame["benchmark_reason"][at] == reason
    assert np.isnan(found.frame["benchmark"][at])
    assert found.explain(found.frame["entity_id"][at]).steps[-1].value.endswith(reason)


def test_zeros_in_the_base_years_of_a_type_without_people_are_not_a_benchmark_of_it():
    cells, entities = sample()
    at = (cells["entity_id"] == "Mesa") & (cells["enrollment_type"] == "esrd")
    zeros = ["person_years_by3", "per_capita_by1", "per_capita_by2", "per_capita_by3"]
    found = ss.benchmark(
        cells.mask(at & True, cells.assign(**dict.fromkeys(zeros, 0))), entities, performance_year=2024
    )
    row = found.frame.set_index("entity_id").loc["Mesa"]
    assert row["benchmark_reason"] == "no_base_year_for_type"
    assert np.isnan(row["benchmark"])
    assert row["historical_benchmark"] > 0
    assert found.cells.loc[at, ["historical", "update_factor", "updated"]].isna().all(axis=None)
    assert "`person_years_by3` of esrd is zero" in found.explain("Mesa").steps[-1].formula


def test_no_type_has_a_regional_adjustment_where_the_side_is_not_known():
    cells, entities = sample()
    cells.loc[12, "regional_by3"] = np.nan
    found = ss.benchmark(cells, entities, performance_year=2024)
    assert found.cells.loc[12:, "regional_adjustment"].isna().all()
    assert found.cells.loc[:11, "regional_adjustment"].notna().all()


@pytest.mark.parametrize(("start", "number"), [(2024, 2), (2016, 2)])
def test_a_renewal_must_say_what_it_saved_before_or_that_nothing_was_reconciled(start, number):
    entities = pd.DataFrame({"entity_id": ["A"], "agreement_start": [start], "agreement_number": [number],
                             "regional_adjustments_so_far": [1]})  # fmt: skip
    year = start + 1 if start < 2024 else 2024
    message = r"column `prior_savings_by1`: absent, and needed in 1 row of entities that renewed under 425\.6"
    with pytest.raises(ss.InputError, match=message):
        ss.benchmark(flat(["A"]), entities, performance_year=year)
    null = pd.array([None], "Float64")
    for name in ("prior_savings_by3", "prior_savings_per_capita", "given_prior_savings_adjustment"):
        found = ss.benchmark(flat(["A"]), entities.assign(**{name: null}), performance_year=year).frame
        assert found["prior_savings_adjustment"].tolist() == [0.0]
    first = ss.benchmark(flat(["A"]), entities.assign(agreement_number=1), performance_year=year).frame
    assert first["prior_savings_adjustment"].tolist() == [0.0]


def test_columns_of_entities_in_the_cells_are_refused_beside_entities():
    cells, entities = sample()
    with pytest.raises(ss.InputError, match=r"column `dual_share`: stands in cells, and is read from entities="):
        ss.benchmark(cells.assign(dual_share=0.5), entities, performance_year=2024)
    with pytest.raises(ss.InputError, match=r"column `since`: stands in cells"):
        ss.benchmark(cells.assign(since=2022), entities.rename(columns={"agreement_start": "since"}),
                     performance_year=2024, columns={"agreement_start": "since"})  # fmt: skip


def test_values_that_are_given_and_not_used_are_said():
    cells, entities = sample_with_losses()
    given = ss.benchmark(
        cells.assign(given_flat_update=100.0, given_update_factor=1.2),
        entities.assign(given_prior_savings_adjustment=7.0, given_population_adjustment=5.0),
        performance_year=2024,
    )
    assert given.warnings == (
        # A factor of 1.2 leaves no loss, so that no guardrail takes its place.
        "`given_update_factor` was taken as it stands in 16 rows",
        "`given_flat_update` was not used in 4 rows: 425.601 has no flat-dollar update",
        "`given_flat_update` was not used in 12 rows: 425.652 has no flat-dollar update",
        "`given_prior_savings_adjustment` was taken as it stands in 3 rows",
        "`given_prior_savings_adjustment` was not used in 1 row: 425.601 has no prior savings",
        "`given_population_adjustment` was not used in 1 row: 425.601 has no population adjustment for such a start",
        "`given_population_adjustment` was not used in 3 rows: 425.652 has no population adjustment for such a start",
    )
    low = ss.benchmark(cells.assign(given_update_factor=0.9), entities, performance_year=2024)
    assert low.frame["guardrail"].tolist() == [True, True, True, False]
    assert low.warnings == (
        "`given_update_factor` was taken as it stands in 4 rows",
        "`given_update_factor` was not used in 12 rows: the guardrail put the computed two-way factor in its place",
    )
    mean = ss.benchmark(cells, entities.assign(prior_savings_per_capita=50.0), performance_year=2024)
    reconciled = entities[["prior_savings_by1", "prior_savings_by2", "prior_savings_by3"]].notna().any(axis=1)
    ruled = mean.frame["regulation"] == "425.652"
    count = int((reconciled & ruled).sum())
    rows = "1 row" if count == 1 else f"{count} rows"
    assert count > 0
    assert mean.warnings == (f"`prior_savings_per_capita` took the place of the yearly prior savings in {rows}",)


def test_what_was_earned_or_owed_is_a_step_from_what_was_spent():
    cells, entities = sample_with_losses()
    result = ss.benchmark(cells, entities.assign(expenditures=[1.25e8, 3.4e8, 2.3e8, 1.6e8]), performance_year=2024)
    settled = ss.settle(result.frame.assign(**LOSSES))
    colours = set()
    for at, entity in ((0, "Cedar"), (2, "Mesa")):
        axes = result.plot(entity, settled=settled).axes[0]
        earned = settled.frame["earned"][at] / result.frame["person_years"][at]
        spent = settled.frame["expenditures"][at] / result.frame["person_years"][at]
        bar = axes.patches[-1]
        assert bar.get_y() == pytest.approx(min(spent, spent + earned))
        assert bar.get_height() == pytest.approx(abs(earned))
        assert axes.get_xticklabels()[-1].get_text() == ("earned" if earned > 0 else "owed")
        assert axes.texts[-1].get_text() == f"{earned:+,.0f}"
        colours.add(bar.get_facecolor())
    assert len(colours) == 2


def test_a_column_that_only_a_late_entity_needs_is_named_as_absent():
    cells = flat(list(range(71)), person_years_py=1.0, given_update_factor=1.0)
    # Those before it lack a value; the column is there.
    cells["risk_score_py"] = [np.nan] * 70 + [1.0]
    entities = pd.DataFrame({"entity_id": range(71), "agreement_start": [2022] * 70 + [2024], "agreement_number": 1})
    message = r"column `demographic_score_\w+`: absent from cells, and needed, first by entity 70"
    with pytest.raises(ss.InputError, match=message):
        ss.benchmark(cells, entities, performance_year=2024)


def test_a_cap_of_risk_growth_below_one_is_said():
    scores = {"risk_score_py": 1.0, "demographic_score_by3": 1.0, "demographic_score_py": 0.95}
    cells = flat(["A", "B"], person_years_py=1.0, given_update_factor=1.0, **scores)
    cells.loc[1, "demographic_score_py"] = 0.98
    entities = pd.DataFrame({"entity_id": ["A", "B"], "agreement_start": 2024, "agreement_number": 1,
                             "expenditures": 1.0, "guardrail_rate": 0.01})  # fmt: skip
    found = ss.benchmark(cells, entities, performance_year=2024)
    assert found.cells["risk_ratio"].tolist() == pytest.approx([0.98, 1.0])
    assert any(w.startswith("The cap of risk growth lies below 1 for 1 entity") for w in found.warnings)
    plain = ss.benchmark(cells.iloc[1:], entities.iloc[1:], performance_year=2024)
    assert not any("cap of risk growth" in w for w in plain.warnings)


def test_a_settlement_of_other_entities_is_not_drawn():
    cells, entities = sample_with_losses()
    result = ss.benchmark(cells, entities, performance_year=2024)
    settled = ss.settle(result.frame.iloc[::-1].assign(**LOSSES))
    with pytest.raises(ss.InputError, match=r"first in row 0 \(value 'Prairie', where the benchmarks have 'Cedar'\)"):
        result.plot("Cedar", settled=settled)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"risk_score_by2": 0}, r"disabled: column `risk_score_by2`: zero, and divides .*row 1 \(value 0\)"),
        ({"dual_share": 14.0}, r"column `dual_share`: above 1 \(value 14\)"),
        ({"agreement_start": 2015}, r"column `agreement_start`: a start that no regulation covers \(value 20150101\)"),
    ],
)
def test_an_explanation_names_the_invalid_value(changes, told):
    cells, entities = spoiled(**changes)
    result = ss.benchmark(cells, entities, performance_year=2024, invalid="null")
    entity = "Cedar" if next(iter(changes)) in cells.columns else "Harbor"
    step = result.explain(entity).steps[0]
    assert re.search(told, step.formula), step.formula
    assert step.value.startswith("null: ")


def test_an_entity_without_cells_is_named():
    cells, entities = sample()
    with pytest.raises(ss.InputError, match=r"column `entity_id`: without a row in the cells in 1 row .*'Cedar'"):
        ss.benchmark(cells.iloc[4:], entities, performance_year=2024)
    kept = ss.benchmark(cells.iloc[4:], entities, performance_year=2024, invalid="null")
    assert kept.frame["benchmark_reason"][0] == "no_cells"
    assert "`entity_id`: without a row in the cells" in kept.explain("Cedar").steps[0].formula


def test_an_entity_without_people_has_no_benchmark():
    found = ss.benchmark(flat(["A"], person_years_by3=0.0), pd.DataFrame({"entity_id": ["A"], "agreement_start": [2022],
                         "agreement_number": [1]}), performance_year=2022)  # fmt: skip
    assert found.frame["benchmark_reason"].tolist() == ["no_person_years"]
    assert np.isnan(found.frame["historical_benchmark"][0])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda c, e: (c.drop(columns="entity_id"), e), r"column `entity_id`: missing in cells"),
        (lambda c, e: (c.drop(columns="enrollment_type"), e), r"column `enrollment_type`: missing"),
        (lambda c, e: (c, e.drop(columns="agreement_start")), r"column `agreement_start`: missing"),
        (lambda c, e: (c, e.drop(columns="agreement_number")), r"column `agreement_number`: missing"),
        (
            lambda c, e: (c.drop(columns="national_by1"), e),
            r"column `national_by1`: absent from cells, and needed, first by entity 'Cedar'; 4",
        ),
        (lambda c, e: (c.drop(columns="risk_score_py"), e), r"column `risk_score_py`: absent from cells"),
        (
            lambda c, e: (c.drop(columns="acpt_growth"), e),
            r"column `acpt_growth`: absent from cells, and needed, .*; 3 entities",
        ),
        (
            lambda c, e: (c, e.drop(columns="dual_share")),
            r"column `dual_share`: absent from entities, and needed, first by entity 'Mesa'",
        ),
        (
            lambda c, e: (c.assign(enrollment_type="hospice"), e),
            r"unknown enrollment type in 16 rows of cells.*'hospice'",
        ),
        (lambda c, e: (pd.concat([c, c.iloc[:1]]), e), r"1 rows of cells repeat a type of an entity.*'Cedar', esrd"),
        (lambda c, e: (c, e.iloc[1:]), r"4 rows of cells name an entity that entities= lacks.*'Cedar'"),
        (lambda c, e: (c.iloc[4:], e), r"without a row in the cells in 1 row of entities, first in row 0"),
        (
            lambda c, e: (c, pd.concat([e, e.iloc[:1]])),
            r"column `entity_id`: 2 rows of entities share .*row 0 .value 'Cedar'",
        ),
        (lambda c, e: (c.assign(per_capita_by1="many"), e), r"column `per_capita_by1`: holds"),
        (lambda c, e: (c.assign(historical=1.0), e), r"column `historical`: the frame already has one"),
        (lambda c, e: (c.assign(entity_id=None), e), r"column `entity_id`: null in 16 rows of cells, first in row 0"),
    ],
)
def test_frames_that_do_not_fit_are_refused(spoil, message):
    with pytest.raises(ss.InputError, match=message):
        ss.benchmark(*spoil(*sample()), performance_year=2024)


def test_nan_is_not_the_null_of_polars():
    cells, entities = sample("polars")
    spoiled_cells = cells.with_columns(pl.when(pl.int_range(pl.len()) == 2).then(float("nan")).otherwise(
        pl.col("risk_score_py")).alias("risk_score_py"))  # fmt: skip
    with pytest.raises(ss.InputError, match=r"column `risk_score_py`: NaN or infinite in 1 rows, first in row 2"):
        ss.benchmark(spoiled_cells, entities, performance_year=2024)
    kept = ss.benchmark(spoiled_cells, entities, performance_year=2024, invalid="null").frame
    assert kept["benchmark_reason"].to_list()[0] == "no_update"


def test_values_of_an_entity_that_differ_between_its_cells_are_refused():
    cells, entities = sample()
    joined = cells.merge(entities, on="entity_id")
    joined.loc[6, "dual_share"] = 0.5
    with pytest.raises(ss.InputError, match=r"column `dual_share`: differs between the rows of an entity.*'Harbor'"):
        ss.benchmark(joined, performance_year=2024)


def test_options_are_checked():
    cells, entities = sample()
    with pytest.raises(ss.InputError, match="not a year"):
        ss.benchmark(cells, entities, performance_year="2024")
    with pytest.raises(ss.InputError, match="`spent` is not a column of this verb"):
        ss.benchmark(cells, entities, performance_year=2024, columns={"spent": "x"})
    with pytest.raises(ss.NotModelledError, match="performance year 9999"):
        ss.benchmark(cells, entities, performance_year=9999)
    with pytest.raises(ValueError, match="invalid="):
        ss.benchmark(cells, entities, performance_year=2024, invalid="drop")
    zero = {"mssp.benchmark.425_652.base_year_parts.first": {"by1": "0", "by2": "0", "by3": "0"}}
    with pytest.raises(ss.NotModelledError, match="add up to nothing"):
        ss.benchmark(cells, entities, performance_year=2024, rules=zero)
    unknown = {"mssp.benchmark.425_652.trend": "lunar"}
    with pytest.raises(ss.NotModelledError, match=r"says \"lunar\".*Say one of national, regional, blended"):
        ss.benchmark(cells, entities, performance_year=2024, rules=unknown)
    result = ss.benchmark(cells, entities, performance_year=2024)
    two = result.frame.iloc[:2].assign(expenditures=1e8, beneficiaries=9_000, track="A", quality_standard_met=True)
    settled = ss.settle(two)
    with pytest.raises(ss.InputError, match="settled=: has 2 rows for 4 entities"):
        result.plot(settled=settled)


def test_a_null_in_one_entity_does_not_hide_that_another_lacks_a_column():
    cells, entities = sample()
    cells.loc[1, "risk_score_by2"] = np.nan
    with pytest.raises(
        ss.InputError, match=r"column `dual_share`: absent from entities, and needed, first by .*'Mesa'"
    ):
        ss.benchmark(cells, entities.drop(columns="dual_share"), performance_year=2024)


def test_there_is_no_picture_of_what_is_not_known():
    cells, entities = sample()
    cells.loc[1, "risk_score_by2"] = np.nan
    result = ss.benchmark(cells, entities, performance_year=2024)
    with pytest.raises(ss.InputError, match=r"entity 'Cedar': has no benchmark to draw \(missing_input\)"):
        result.plot("Cedar")
    settled = ss.settle(result.frame.assign(spent=1e8, beneficiaries=9_000, track="A", quality_standard_met=True),
                        columns={"expenditures": "spent"})  # fmt: skip
    with pytest.raises(ss.InputError, match="its frame has no column `expenditures`"):
        result.plot("Harbor", settled=settled)


def test_a_picture_stops_at_the_historical_benchmark_where_the_year_is_not_known():
    cells, entities = sample()
    result = ss.benchmark(cells.drop(columns="person_years_py"), entities, performance_year=2024)
    labels = [text.get_text().replace("\n", " ") for text in result.plot("Mesa").axes[0].get_xticklabels()]
    assert labels[-1] == "historical benchmark"


def test_arrays_that_do_not_fit_are_refused():
    cells = {"per_capita_by1": np.ones(4)}
    ones = {"agreement_number": np.ones(1)}
    with pytest.raises(ValueError, match="no column 'spent'"):
        arrays.benchmark({"spent": np.ones(4)}, ones, np.array([2022]), np.arange(4), performance_year=2022)
    with pytest.raises(ValueError, match=r'no output "spent": choose from trend_by1'):
        arrays.benchmark(cells, ones, np.array([2022]), np.arange(4), performance_year=2022, outputs=["spent"])
    with pytest.raises(ValueError, match="four for each entity"):
        arrays.benchmark(cells, ones, np.array([2022]), np.arange(3), performance_year=2022)
    with pytest.raises(ss.InputError, match="point beyond the cells"):
        arrays.benchmark(cells, ones, np.array([2022]), np.arange(4) + 1, performance_year=2022)
    with pytest.raises(ss.InputError, match="`agreement_start`: has 2 rows"):
        arrays.benchmark(cells, ones, np.array([2022, 2022]), np.arange(4), performance_year=2022)
