"""Settlements of the Shared Savings Program through data frames of every kind."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import judge
import sharedsavings as ss
from settle_rows import LOSSES, PAYMENTS, case, columns_of, loss_case, payment_case, rows_of, settled, unprinted
from sharedsavings import arrays

# ---- CMS's specification, section 4.3, by its worked examples


def test_example_6_minimum_savings_rate_between_two_sizes(door):
    [row] = settled(door, case(beneficiaries=5_333))
    assert row["minimum_savings_rate"] == pytest.approx(0.038, abs=1e-15)
    assert row["minimum_loss_rate"] is None


def test_example_7_the_lower_of_two_loss_limits(door):
    loss = case(track="E", benchmark=93_411_313, expenditures=103_411_313, participant_revenue=13_630_983)
    by_revenue, by_benchmark, unknown = settled(
        door, loss, loss | {"participant_revenue": 93_411_313}, loss | {"participant_revenue": None}
    )
    assert by_revenue["loss_limit"] == 1_090_478.64
    assert (by_revenue["earned"], by_revenue["reason"]) == (-1_090_478.64, "revenue_loss_limit")
    assert by_benchmark["loss_limit"] == 3_736_452.52
    # 30 % of ten million is below both limits.
    assert (by_benchmark["earned"], by_benchmark["reason"]) == (-3_000_000.0, None)
    assert (unknown["loss_limit"], unknown["earned"]) == (3_736_452.52, -3_000_000.0)
    assert unknown["reason"] == "revenue_limit_not_applied"


def test_example_7_the_benchmark_limit_where_the_loss_is_large(door):
    loss = case(track="E", benchmark=93_411_313, expenditures=113_411_313, participant_revenue=93_411_313)
    [row] = settled(door, loss)
    assert (row["earned"], row["reason"]) == (-3_736_452.52, "benchmark_loss_limit")


def test_example_8_savings_at_level_b(door):
    [row] = settled(door, case())
    assert row == {
        "savings": 13_000_000.0,
        "savings_rate": 0.026,
        "minimum_savings_rate": 0.02,
        "minimum_loss_rate": None,
        "generated": 13_000_000.0,
        "sharing_rate": 0.4,
        "loss_rate": None,
        "payment_limit": 50_000_000.0,
        "loss_limit": None,
        "sequestered": 104_000.0,
        "earned": 5_096_000.0,
        "advance_recouped": None,
        "advance_outstanding": None,
        "reason": None,
    }


def test_example_9_the_alternative_quality_standard(door):
    [row] = settled(door, case(quality_standard_met=False, alternative_standard_met=True, quality_score=0.45))
    assert (row["sharing_rate"], row["sequestered"], row["earned"]) == (0.18, 46_800.0, 2_293_200.0)


ENHANCED_LOSS = {
    "track": "ENHANCED",
    "benchmark": 130_000_000,
    "expenditures": 132_600_000,
    "elected_rate": 0.01,
    "quality_standard_met": False,
}


def test_example_10_a_loss_without_quality_after_disaster_relief(door):
    [row] = settled(door, case(**ENHANCED_LOSS, disaster_relief=263_250))
    assert (row["generated"], row["loss_rate"], row["loss_limit"]) == (-2_600_000.0, 0.75, 19_500_000.0)
    assert (row["minimum_savings_rate"], row["minimum_loss_rate"]) == (0.01, 0.01)
    assert (row["sequestered"], row["earned"]) == (0.0, -1_686_750.0)


def test_example_11_a_loss_under_the_alternative_standard(door):
    # The example prints relief of another loss; by its own rule relief is 13.5 % of this one.
    loss = case(**ENHANCED_LOSS, alternative_standard_met=True, quality_score=0.45, disaster_relief=232_537.5)
    [row] = settled(door, loss)
    assert (row["loss_rate"], row["earned"]) == (0.6625, -1_489_962.5)


def test_minimum_rates_are_those_of_the_published_table(door):
    percent = """500 12.2; 640 11.218036; 999 8.7; 1401 7.957779; 2999 5.0; 3000 5.0; 3298 4.836018; 4548 4.148174;
        4999 3.9; 5000 3.9; 5333 3.8; 5424 3.772673; 6000 3.6; 7207 3.358559; 8142 3.185786; 9999 3.0; 12500 2.849970;
        14769 2.713803; 17500 2.599980; 20000 2.5; 35000 2.349995; 49999 2.2; 50000 2.2; 55000 2.099990; 59999 2.0;
        60000 2.0; 605 11.4635; 3785 4.5680; 4103 4.3930; 4417 4.2203; 6425 3.5149; 7525 3.2949; 8644 3.1355;
        9739 3.0260; 11038 2.9377; 12826 2.8304; 14745 2.7152; 18719 2.5512; 23319 2.4668; 33414 2.3659; 3946 4.4794;
        6068 3.5864; 7651 3.2697; 10876 2.9474; 17099 2.6160; 34542 2.3546; 328733 2.0"""
    pairs = [point.split() for point in percent.split(";")]
    found = settled(door, *(case(beneficiaries=int(n)) for n, _ in pairs))
    rates = [row["minimum_savings_rate"] * 100 for row in found]
    # Printed with four to six decimals.
    assert rates == pytest.approx([float(rate) for _, rate in pairs], abs=6e-5)


def test_below_the_size_scale_there_is_no_settlement_but_an_elected_level_falls_back_on_it(door):
    small, below = settled(door, case(beneficiaries=500), case(beneficiaries=499))
    assert small["minimum_savings_rate"] == 0.122
    assert (below["earned"], below["reason"]) == (None, "below_size_scale")
    at, under = settled(door, *(case(track="E", elected_rate=0.01, beneficiaries=n) for n in (5_000, 4_999)))
    assert at["minimum_savings_rate"] == 0.01
    assert under["minimum_savings_rate"] == under["minimum_loss_rate"] == 0.039


def test_comparisons_with_the_minimum_rate_are_inclusive_and_exact(door):
    # 2 % of a benchmark of a hundred million is two million to the cent.
    rows = [case(benchmark=100_000_000, expenditures=100_000_000 - saved) for saved in (2_000_000, 1_999_999.99)]
    rows += [case(track="D", elected_rate=0.02, benchmark=100_000_000, expenditures=100_000_000 + lost)
             for lost in (2_000_000, 1_999_999.99)]  # fmt: skip
    found = settled(door, *rows)
    assert [row["generated"] for row in found] == [2_000_000.0, 0.0, -2_000_000.0, 0.0]
    assert [row["reason"] for row in found] == [
        None,
        "within_minimum_savings_rate",
        "revenue_limit_not_applied",
        "within_minimum_loss_rate",
    ]


def test_near_misses_and_near_hits_that_cms_published(door):
    # 2024: A3922 saved 0.948484 % with a minimum of 1 %; A1241 saved 3.326856 % where the size scale asks 3.288288 %.
    missed = case(performance_year=2024, track="E", elected_rate=0.01, benchmark=10**8, expenditures=10**8 - 948_484)
    hit = case(performance_year=2024, benchmark=10**8, expenditures=10**8 - 3_326_856, beneficiaries=7_558)
    found = settled(door, missed, hit)
    assert [row["generated"] for row in found] == [0.0, 3_326_856.0]
    assert found[1]["minimum_savings_rate"] == pytest.approx(0.03288288, abs=1e-8)


# ---- what CMS published


def test_payments_are_those_that_cms_published(door):
    rows = rows_of(PAYMENTS)
    assert len(rows) == 95
    assert {int(row["py"]) for row in rows} == {2013, 2014, 2015, 2017, 2018, 2019, 2020, 2022, 2024}
    for row, found in zip(rows, settled(door, *map(payment_case, rows)), strict=True):
        most = float(row["final_rate"]) * 100 / float(row["qual_pct"])
        near = min(1 + unprinted(row, int(row["gen_savings"]), most), 800)
        assert abs(found["earned"] - int(row["earned"])) <= near, row["aco"]
        assert found["generated"] == int(row["gen_savings"])
        assert found["sharing_rate"] == pytest.approx(float(row["final_rate"]), abs=1e-9)
        assert found["minimum_savings_rate"] * 100 == pytest.approx(float(row["msr_pct"]), abs=0.005001)
        limit = int(row["ppl_pct"]) * int(row["total_bnchmk"]) / 100
        assert found["payment_limit"] == pytest.approx(limit, abs=0.01)
        limited = "payment_limit" if abs(limit - int(row["earned"])) <= 1 else None
        assert found["reason"] == ("low_revenue_half_rate" if row["reduced_ss"] == "1" else limited)


def test_losses_are_those_that_cms_published(door):
    rows = [row for row in rows_of(LOSSES) if row["cap_binds"] == "0"]
    assert len(rows) == 59
    for row, found in zip(rows, settled(door, *map(loss_case, rows)), strict=True):
        scaled = row["uncapped_rate"] not in ("0.3", "0.4", "0.75")
        near = 1 + (unprinted(row, int(row["gen_loss"]), 0.75) if scaled else 0)
        assert abs(found["earned"] - int(row["earn"])) <= near, row["aco"]
        assert found["generated"] == int(row["gen_loss"])
        assert found["loss_rate"] == pytest.approx(float(row["uncapped_rate"]), abs=1e-9)
        assert found["sequestered"] == 0.0


def test_losses_limited_by_revenue_are_explained_by_the_revenue_that_they_imply(door):
    rows = [row for row in rows_of(LOSSES) if row["cap_binds"] == "1"]
    # 4 % of revenue at Level D, 8 % on Track 1+, is the published loss before relief.
    for row, percent in zip(rows, {"A2392": 8, "A1070": 4}.values(), strict=True):
        loss = loss_case(row)
        implied = int(row["capped_loss"]) * 100 / percent
        known, unknown = settled(door, loss | {"participant_revenue": implied}, loss | {"participant_revenue": None})
        assert (known["earned"], known["reason"]) == (int(row["earn"]), "revenue_loss_limit")
        assert known["loss_limit"] == int(row["capped_loss"])
        assert unknown["reason"] == "revenue_limit_not_applied"
        owed = 0.3 * int(row["gen_loss"]) - int(row["disadj"])
        assert unknown["earned"] == pytest.approx(owed, abs=0.01)


def test_a_guardrail_stops_savings_and_keeps_losses(door):
    aco = {"performance_year": 2024, "guardrail": True, "elected_rate": 0.0, "track": "ENHANCED"}
    a5309 = case(**aco, benchmark=116_616_215, expenditures=116_606_559)
    a5321 = case(**aco, benchmark=65_932_871, expenditures=65_861_910)
    a5386 = case(**aco, benchmark=86_731_783, expenditures=87_089_918, quality_score=0.541, disaster_relief=551)
    a5471 = case(**aco, benchmark=133_346_564, expenditures=133_626_517, quality_score=0.7705, disaster_relief=6_830)
    found = settled(door, a5309, a5321, a5386, a5471)
    assert [row["generated"] for row in found[:2]] == [0.0, 0.0]
    assert [row["reason"] for row in found[:2]] == ["guardrail"] * 2
    assert [row["earned"] for row in found[2:]] == pytest.approx([-212_271, -111_345], abs=1)
    unguarded = settled(door, a5309 | {"guardrail": False}, a5309 | {"performance_year": 2023})
    assert all(row["earned"] > 0 for row in unguarded)


def test_scaled_rates_use_the_score_and_not_the_printed_rate(door):
    # A5419: 57.66 % shared, 42.34 % of losses. A2366: the printed 38.31 % would miss by $530.
    alternative = {"performance_year": 2024, "quality_standard_met": False, "alternative_standard_met": True}
    a5419 = case(**alternative, track="ENHANCED", quality_score=0.7688)
    a2366 = case(
        **alternative,
        track="E",
        quality_score=0.7663,
        benchmark=87_392_050,
        expenditures=76_584_733,
        beneficiaries=5_095,
    )
    found = settled(door, a5419, a2366)
    assert (found[0]["sharing_rate"], found[0]["loss_rate"]) == (pytest.approx(0.5766), pytest.approx(0.4234))
    assert abs(found[1]["earned"] - 4_058_007) <= 1


# ---- rules one by one


def test_before_2023_the_alternative_standard_opens_nothing(door):
    aco = case(quality_standard_met=False, alternative_standard_met=True, quality_score=0.9)
    years = (2019, 2020, 2021, 2022, 2023, 2024, 2030)
    found = settled(door, *(aco | {"performance_year": year} for year in years))
    assert [row["reason"] for row in found] == ["quality_standard_not_met"] * 4 + [None] * 3
    assert [row["earned"] for row in found] == [0.0] * 4 + [4_586_400.0] * 3
    assert [row["generated"] for row in found] == [13_000_000.0] * 7


def test_enhanced_losses_follow_the_score_between_two_bounds(door):
    loss = case(**ENHANCED_LOSS | {"quality_standard_met": True})
    found = settled(door, *(loss | {"quality_score": q} for q in (1.0, 0.8, 0.79, 0.5, 0.3, 0.0)))
    rates = [0.4, 0.4, 0.4075, 0.625, 0.75, 0.75]
    assert [row["loss_rate"] for row in found] == pytest.approx(
        [min(r, 0.775) for r in rates[:4]] + [0.75, 0.75], abs=0.03
    )
    exact = {1.0: "0.4", 0.8: "0.4", 0.79: "0.4075", 0.5: "0.625", 0.3: "0.75", 0.0: "0.75"}
    for row, rate in zip(found, exact.values(), strict=True):
        # 1 - 0.75 x 0.3 is 0.775, above the highest rate.
        assert Decimal(str(row["earned"])) == -Decimal(rate) * 2_600_000


def test_a_payment_limit_is_compared_after_sequestration_and_is_not_itself_reduced(door):
    # Half of 20.2 % of the benchmark is 10.1 %, less 2 % of that 9.898 %: below the limit. Half of 21 % is above it.
    rows = [case(track="E", benchmark=10**8, expenditures=10**8 - saved) for saved in (20_200_000, 21_000_000)]
    below, above = settled(door, *rows)
    assert (below["earned"], below["reason"]) == (9_898_000.0, None)
    assert (above["earned"], above["reason"]) == (10_000_000.0, "payment_limit")
    assert above["payment_limit"] == 10_000_000.0


def test_relief_is_taken_after_the_limit_and_never_pays(door):
    loss = case(track="C", benchmark=10**8, expenditures=12 * 10**7, participant_revenue=10**8)
    found = settled(door, *(loss | {"disaster_relief": relief} for relief in (0, 400_000, 1_000_000, 9_000_000)))
    assert [row["earned"] for row in found] == [-1_000_000.0, -600_000.0, 0.0, 0.0]
    assert {row["reason"] for row in found} == {"benchmark_loss_limit"}


HALF = {
    "performance_year": 2024,
    "track": "A",
    "benchmark": 100_000_000,
    "expenditures": 99_000_000,
    "beneficiaries": 8_000,
    "low_revenue": True,
    "agreement_start": 2024,
}


def test_low_revenue_acos_below_the_minimum_get_half_the_rate(door):
    changes = {
        "as it is": {},
        "level E": {"track": "E"},
        "scaled": {"quality_standard_met": False, "alternative_standard_met": True, "quality_score": 0.5},
        "exactly 5,000": {"beneficiaries": 5_000},
        "started before": {"agreement_start": 2023},
        "high revenue": {"low_revenue": False},
        "fewer than 5,000": {"beneficiaries": 4_999},
        "no quality": {"quality_standard_met": False},
        "ENHANCED": {"track": "ENHANCED"},
        "a year before": {"performance_year": 2023},
        "past the minimum": {"expenditures": 90_000_000},
    }
    found = dict(zip(changes, settled(door, *(case(**HALF | change) for change in changes.values())), strict=True))
    paid = {name: row["earned"] for name, row in found.items()}
    assert paid["as it is"] == 196_000.0
    assert paid["level E"] == 245_000.0
    assert paid["scaled"] == 98_000.0
    assert paid["exactly 5,000"] == 196_000.0
    assert paid["past the minimum"] == 3_920_000.0
    none = ("started before", "high revenue", "fewer than 5,000", "no quality", "ENHANCED", "a year before")
    for name in none:
        assert (paid[name], found[name]["reason"]) == (0.0, "within_minimum_savings_rate")
    assert found["as it is"]["reason"] == "low_revenue_half_rate"
    assert found["past the minimum"]["reason"] is None


START_TYPES = {
    "date": (dt.date(2024, 1, 1), dt.date(2023, 7, 1)),
    "datetime": (dt.datetime(2024, 1, 1, 12), dt.datetime(2023, 12, 31, 23, 59)),
    "year": (2024, 2023),
    "float year": (2024.0, 2023.0),
    "yyyymmdd": (20240101, 20231231),
}


@pytest.mark.parametrize("kind", START_TYPES)
def test_agreement_starts_are_dates_datetimes_or_years(door, kind):
    after, before = START_TYPES[kind]
    found = settled(door, *(case(**HALF | {"agreement_start": start}) for start in (after, before, None)))
    assert [row["reason"] for row in found] == [
        "low_revenue_half_rate",
        "within_minimum_savings_rate",
        "missing_input",
    ]
    [alone] = settled(door, case(**HALF | {"agreement_start": after}))
    assert alone["reason"] == "low_revenue_half_rate"


SPELLINGS = {
    "1": ["1", "T1", "Track 1", "track_1", " t1 "],
    "1+": ["1+", "T1P", "T1+", "Track 1+", "1 plus", "TRACK_1_PLUS", "Track 1 Plus"],
    "2": ["2", "T2", "Track 2", "TRACK_2"],
    "3": ["3", "t3", "TRACK 3", "track_3"],
    "A": ["A", "a", " A ", "BASIC A", "Basic Level A", "basic_a", "Level A", "level a"],
    "E": ["E", "e", "BASIC E", "BASIC LEVEL E", "Level E", "BASIC_E"],
    "ENHANCED": ["ENHANCED", "Enhanced", "EN", "en"],
}


def test_tracks_are_known_under_every_spelling_of_cms_and_of_people(door):
    spelt = [(track, spelling) for track, spellings in SPELLINGS.items() for spelling in spellings]
    found = settled(door, *(case(track=spelling, performance_year=2021) for _, spelling in spelt))
    shares = {"1": 0.5, "1+": 0.5, "2": 0.6, "3": 0.75, "A": 0.4, "E": 0.5, "ENHANCED": 0.75}
    assert [row["sharing_rate"] for row in found] == [shares[track] for track, _ in spelt]


@pytest.mark.parametrize("scale", [2, 4, 9])
def test_rates_may_be_decimals_of_up_to_nine_digits(scale):
    row = case(performance_year=2024, track="E", quality_standard_met=False, alternative_standard_met=True)
    exact = {"quality_score": [Decimal("0.85")], "elected_rate": [Decimal("0.01")]}
    plain = pl.DataFrame(columns_of([row]) | {name: [float(v) for v in values] for name, values in exact.items()})
    expected = ss.settle(plain).frame["earned"].to_list()
    assert expected == [5_414_500.0]
    frame = plain.with_columns(pl.Series(name, values, dtype=pl.Decimal(12, scale)) for name, values in exact.items())
    assert ss.settle(frame).frame["earned"].to_list() == expected
    assert ss.settle(frame.to_arrow()).frame["earned"].to_pylist() == expected


def test_categories_are_tracks_too():
    rows = [case(track=track) for track in ("B", "EN", "B")]
    for frame in (
        pd.DataFrame(columns_of(rows)).astype({"track": "category"}),
        pl.DataFrame(columns_of(rows)).with_columns(pl.col("track").cast(pl.Categorical)),
    ):
        assert list(ss.settle(frame).frame["earned"]) == [5_096_000.0, 9_555_000.0, 5_096_000.0]


# ---- nulls


NULL = (None, "missing_input")
DECIDES = {
    "benchmark": (case(), NULL),
    "expenditures": (case(), NULL),
    "beneficiaries": (case(), NULL),
    "track": (case(), NULL),
    "performance_year": (case(), NULL),
    "quality_standard_met": (case(), NULL),
    "alternative_standard_met": (case(quality_standard_met=False), NULL),
    "quality_score": (case(quality_standard_met=False, alternative_standard_met=True), NULL),
    "low_revenue": (case(**HALF), NULL),
    "agreement_start": (case(**HALF), NULL),
    # These have a meaning where they are null.
    "elected_rate": (case(track="E", elected_rate=0.0, expenditures=499_000_000), (0.0, "within_minimum_savings_rate")),
    "participant_revenue": (
        case(track="E", expenditures=520_000_000, participant_revenue=1),
        (-6_000_000.0, "revenue_limit_not_applied"),
    ),
    "disaster_relief": (case(**ENHANCED_LOSS, disaster_relief=1), (-1_950_000.0, None)),
    "guardrail": (case(performance_year=2024, guardrail=True), (5_096_000.0, None)),
    "half_year": (case(performance_year=2019, half_year=True), (4_160_000.0, None)),
    "termination_date": (case(termination_date=20230630), (5_096_000.0, None)),
    "terminated_by_cms": (case(termination_date=20231231, terminated_by_cms=True), (5_096_000.0, None)),
    "payment_date": (case(payment_date=20220501), (5_096_000.0, None)),
    "small_benchmark_year": (
        case(**HALF | {"performance_year": 2027, "agreement_start": 2027}, small_benchmark_year=True),
        (196_000.0, "low_revenue_half_rate"),
    ),
}


@pytest.mark.parametrize("column", DECIDES)
def test_a_null_that_decides_gives_a_null_and_others_their_meaning(door, column):
    row, expected = DECIDES[column]
    with_value, without = settled(door, row, row | {column: None})
    assert (without["earned"], without["reason"]) == expected
    assert (with_value["earned"], with_value["reason"]) != expected


OPTIONAL = [name for name in case() if name not in ("performance_year", "track", "benchmark", "expenditures",
                                                   "beneficiaries", "quality_standard_met")]  # fmt: skip


@pytest.mark.parametrize("column", OPTIONAL)
def test_a_null_that_decides_nothing_changes_nothing(door, column):
    plain, with_null = settled(door, case(), case(**{column: None}))
    assert plain == with_null
    columns = columns_of([case()])
    del columns[column]
    result = ss.settle(door.frame(columns))
    assert door.read(result.frame, "earned") == [5_096_000.0]


def test_nulls_give_nulls_in_every_column_but_the_reason(door):
    [row] = settled(door, case(benchmark=None))
    assert row.pop("reason") == "missing_input"
    assert set(row.values()) == {None}


def test_a_column_of_nulls_is_a_column_of_nulls(door):
    for column in ("benchmark", "track", "performance_year", "quality_standard_met"):
        found = settled(door, case(**{column: None}), case(**{column: None}))
        assert [row["reason"] for row in found] == ["missing_input"] * 2


# ---- every reason


REASONS = {
    "within_minimum_savings_rate": case(expenditures=499_000_000),
    "within_minimum_loss_rate": case(track="E", expenditures=501_000_000),
    "no_downside_risk": case(expenditures=600_000_000),
    "quality_standard_not_met": case(quality_standard_met=False),
    "guardrail": case(performance_year=2024, guardrail=True),
    "low_revenue_half_rate": case(**HALF),
    "payment_limit": case(expenditures=100_000_000),
    "benchmark_loss_limit": case(track="C", expenditures=600_000_000, participant_revenue=10**9),
    "revenue_loss_limit": case(track="C", expenditures=600_000_000, participant_revenue=10**6),
    "revenue_limit_not_applied": case(track="C", expenditures=600_000_000),
    "early_termination": case(termination_date=20230630),
    "small_benchmark_limit_not_applied": case(performance_year=2027, small_benchmark_year=True, agreement_start=2027),
    "missing_input": case(benchmark=None),
    "below_size_scale": case(beneficiaries=100),
    "negative": case(benchmark=-1),
    "no_benchmark": case(benchmark=0),
    "unknown_track": case(track="Z"),
    "unknown_performance_year": case(performance_year=1999),
    "overflow": case(expenditures=10**17),
    "share_above_one": case(quality_score=85),
    "election_not_on_menu": case(track="E", elected_rate=0.03),
    "no_election_without_risk": case(elected_rate=0.02),
    "not_a_date": case(agreement_start=20240230),
    "not_whole": case(beneficiaries=6_000.5),
    "below_one": case(two_sided_year=0),
    "unpaired_relief_share": case(disaster_month_share=0.5),
    "relief_given_twice": case(disaster_relief=1, disaster_month_share=0.5, disaster_beneficiary_share=0.5),
    "termination_outside_year": case(termination_date=20240101),
    "termination_in_half_year": case(performance_year=2019, half_year=True, termination_date=20190331),
    "no_half_year": case(half_year=True),
    "no_given_discount": case(discount=0.01),
    "no_cap_election": case(elected_cap=0.05),
    "": case(),
}
# Reached elsewhere: an absent column, NaN (a null in pandas) and numbers for truth values, see the bad inputs; and
# what a program of the user's own may lack, see the part years.
ELSEWHERE = {"missing_column", "not_finite", "not_a_truth_value", "no_termination_rule", "no_payment_dates"}
# Those of other programs: tests/test_models.py.
OF_MODELS = {
    "neutral_zone", "gross_cap", "revenue_payment_limit", "discount_out_of_range", "cap_out_of_range",
    "not_from_final_benchmark", "no_break_even", "factor_too_large",
}  # fmt: skip


def test_every_reason_is_reached_and_none_other(door):
    found = settled(door, *REASONS.values(), invalid="null")
    assert [row["reason"] or "" for row in found] == list(REASONS)
    assert set(REASONS) | ELSEWHERE | OF_MODELS == set(arrays.SETTLE_REASONS)


# ---- explanations


def amount(text: str) -> Decimal:
    return Decimal(text.replace("$", "").replace(",", ""))


def test_explanations_end_in_the_amount_of_the_frame(door):
    rows = [*REASONS.values(), *map(loss_case, rows_of(LOSSES)), *map(payment_case, rows_of(PAYMENTS))]
    rows.append(case(**ENHANCED_LOSS, disaster_relief=263_250))
    result = ss.settle(door.frame(columns_of(rows)), invalid="null")
    ids = {rule["id"] for rule in result.rulebook.rules()}
    reasons = door.read(result.frame, "reason")
    for row, earned in enumerate(door.read(result.frame, "earned")):
        explanation = result.explain(row)
        if earned is None:
            assert [step.value for step in explanation.steps] == [f"null: {reasons[row]}"]
            continue
        steps = {step.name: step for step in explanation.steps}
        assert amount(steps["earned"].value) == Decimal(str(earned))
        assert {rule for step in explanation.steps for rule in step.rules} <= ids
        assert ("reason" in steps) == (reasons[row] is not None)
        if reasons[row]:
            assert steps["reason"].value == reasons[row]
        assert str(explanation).count("\n") > len(explanation.steps)
        assert "<table>" in explanation._repr_html_()


def test_every_row_of_the_sample_is_explained(door):
    result = ss.settle(ss.load_sample("mssp_acos", backend=door.name))
    for row, earned in enumerate(door.read(result.frame, "earned")):
        steps = {step.name: step for step in result.explain(row).steps}
        assert amount(steps["earned"].value) == Decimal(str(earned))


def test_an_explanation_cites_the_regulation_of_the_rate():
    result = ss.settle(pd.DataFrame(columns_of([case()])))
    steps = {step.name: step for step in result.explain(0).steps}
    assert "mssp.sharing_rate" in steps["final sharing rate"].rules
    assert any("425.605" in cite for cite in steps["final sharing rate"].cites)
    assert steps["minimum rate"].value == "2 %"


# ---- frames, options, overrides


def test_results_are_appended_and_everything_else_stays(door):
    columns = columns_of([case(), case(track="E", elected_rate=0.01)]) | {"aco": ["x", "y"]}
    frame = door.frame(columns)
    result = ss.settle(frame).frame
    assert type(result) is type(frame)
    assert door.columns(frame) == list(columns)
    assert door.columns(result)[: len(columns)] == list(columns)
    for name, values in columns.items():
        assert door.read(result, name) == values


def test_a_pandas_index_stays():
    frame = pd.DataFrame(columns_of([case()] * 3), index=["b", "b", "a"])
    before = frame.copy(deep=True)
    result = ss.settle(frame).frame
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(result[before.columns.tolist()], before)
    assert result["earned"].tolist() == [5_096_000.0] * 3


def test_the_columns_option_maps_names(door):
    columns = columns_of([case()])
    own = {name: f"my {name}" for name in columns}
    result = ss.settle(door.frame({own[name]: values for name, values in columns.items()}), columns=own)
    assert door.read(result.frame, "earned") == [5_096_000.0]


def test_one_year_for_all_rows_equals_a_column_of_it(door):
    columns = columns_of([case()])
    del columns["performance_year"]
    for year in (2023, np.int64(2023)):
        result = ss.settle(door.frame(columns), performance_year=year)
        assert door.read(result.frame, "earned") == [5_096_000.0]
        assert result.summary().rows[0][0] == "2023"


def test_an_override_of_a_rate_changes_result_digest_and_warnings(door):
    frame = door.frame(columns_of([case(track="E"), case()]))
    plain = ss.settle(frame)
    rates = {"A": "0.40", "B": "0.40", "C": "0.50", "D": "0.50", "E": "0.60", "ENHANCED": "0.75"}
    proposed = ss.settle(frame, rules={"mssp.sharing_rate": {"value": rates, "from": 2022}})
    assert door.read(plain.frame, "earned") == [6_370_000.0, 5_096_000.0]
    assert door.read(proposed.frame, "earned") == [7_644_000.0, 5_096_000.0]
    assert plain.rulebook.digest != proposed.rulebook.digest
    assert plain.warnings == ()
    assert any("`mssp.sharing_rate`" in w and "set by the user" in w for w in proposed.warnings)
    unsequestered = ss.settle(frame, rules={"mssp.sequestration": {"value": "0", "from": 2023, "to": 2023}})
    assert door.read(unsequestered.frame, "earned") == [6_500_000.0, 5_200_000.0]


def test_a_program_of_the_users_own_is_settled_by_its_rules(door):
    """A commercial contract: a fifth of savings beyond nothing, up to 5 % of the target, no losses."""
    rule = {"clock": "performance_year", "from": 2023}
    contract = {
        "rule": [
            {"id": f"contract.{name}", "kind": kind, "unit": unit, "applies": rule, "value": value}
            for name, kind, unit, value in [
                ("arrangements", "choice", "text", ["GOLD"]),
                ("minimum_rate", "scalar", "text", "elected"),
                ("minimum_rate.size_scale", "piecewise_linear", "share", [["0", "0"], ["1", "0"]]),
                ("sharing_rate", "scalar", "share", "0.20"),
                ("sharing_rate.quality", "scalar", "text", "scaled"),
                ("payment_limit", "scalar", "share", "0.05"),
                ("risk", "scalar", "text", "one_sided"),
            ]
        ]
    }
    rows = [case(track="gold", performance_year=2023 + at) for at in (0, 5)]
    rows.append(case(track="gold", expenditures=100_000_000))
    found = settled(door, *rows, program="contract", rules=contract)
    assert [row["earned"] for row in found] == [2_080_000.0, 2_080_000.0, 25_000_000.0]
    assert [row["sequestered"] for row in found] == [0.0] * 3


def test_a_program_that_the_book_lacks_is_named():
    with pytest.raises(ss.NotModelledError, match='no program "harbor"'):
        ss.settle(pd.DataFrame(columns_of([case()])), program="harbor")


def test_a_summary_adds_up_what_is_paid_and_owed(door):
    result = ss.settle(ss.load_sample("mssp_acos", backend=door.name))
    years = door.read(result.frame, "performance_year")
    earned = door.read(result.frame, "earned")
    table = result.summary()
    for line in table.rows:
        mine = [e for y, e in zip(years, earned, strict=True) if str(y) == line[0]]
        paid, owed = [e for e in mine if e > 0], [e for e in mine if e < 0]
        assert line[1:] == (
            str(len(mine)), str(len(paid)), f"{sum(paid):,.0f}", str(len(owed)), f"{sum(owed):,.0f}", "0",
        )  # fmt: skip
    assert "Result of 84 rows" in repr(result)
    assert "Settlements of mssp" in result._repr_html_()


def test_a_plot_is_a_figure_of_its_own():
    figures = pytest.importorskip("matplotlib.figure")
    assert isinstance(ss.settle(ss.load_sample("mssp_acos")).plot(), figures.Figure)


# ---- any settlement


SHARES = st.integers(0, 100).map(lambda n: Fraction(n, 100))
DAYS = st.sampled_from([101, 228, 629, 630, 701, 1130, 1230, 1231])
PAID_ON = [20130331, 20130401, 20200430, 20200501, 20220331, 20220401, 20220630, 20220701]


@st.composite
def any_case(draw):
    year = draw(st.one_of(st.integers(2013, 2029), st.integers(2018, 2024)))
    track = draw(st.sampled_from(judge.tracks(year)))
    people = draw(st.one_of(st.integers(500, 100_000), st.sampled_from([4_999, 5_000, 5_001, 9_999, 10_000, 59_999])))
    two_sided = judge.LEVELS[track].loss_rate is not None
    election = draw(st.sampled_from([None, *judge.MENU])) if two_sided and year >= 2016 else None
    minimum = election if election is not None and people >= 5_000 else judge.minimum_rate(people)
    if track == "2" and year <= 2015:
        minimum = Fraction(2, 100)
    benchmark = draw(st.integers(1, 10**13))
    if draw(st.booleans()):
        distance = int(minimum * benchmark) + draw(st.integers(-1, 2))
    else:
        distance = int(draw(st.integers(0, 500)) * benchmark / 1000)
    spent = max(benchmark - draw(st.sampled_from([-1, 1])) * distance, 0)
    half = year == 2019 and draw(st.booleans())
    shares = draw(st.one_of(st.none(), st.tuples(SHARES, SHARES)))
    return {
        "year": year,
        "track": track,
        "benchmark": Fraction(benchmark, 100),
        "expenditures": Fraction(spent, 100),
        "people": people,
        "elected": election,
        "quality": Fraction(draw(st.integers(0, 10_000)), 10_000),
        "standard": draw(st.booleans()),
        "alternative": draw(st.booleans()),
        "revenue": draw(st.one_of(st.none(), st.integers(0, 10**13).map(lambda n: Fraction(n, 100)))),
        "low_revenue": draw(st.booleans()),
        "start_year": draw(st.one_of(st.integers(max(year - 4, 2012), year), st.sampled_from([2019, 2023, 2024]))),
        "relief": Fraction(0 if shares else draw(st.sampled_from([0, 0, 1, 10**7, 10**12])), 100),
        "relief_shares": shares,
        "guardrail": draw(st.booleans()),
        "half_year": half,
        "termination": None if half else draw(st.one_of(st.none(), st.none(), DAYS)),
        "by_cms": draw(st.booleans()),
        "payment_date": draw(st.sampled_from([None, None, *PAID_ON])),
        "two_sided_year": draw(st.sampled_from([None, 1, 2, 3, 6])),
        "small_benchmark_year": draw(st.booleans()),
    }


def as_row(values: dict[str, Any]) -> dict[str, Any]:
    number = {name: None if values[name] is None else float(values[name]) for name in ("elected", "revenue")}
    months, people = values["relief_shares"] or (None, None)
    ended = values["termination"]
    return case(
        performance_year=values["year"],
        track=values["track"],
        benchmark=float(values["benchmark"]),
        expenditures=float(values["expenditures"]),
        beneficiaries=values["people"],
        quality_score=float(values["quality"]),
        quality_standard_met=values["standard"],
        alternative_standard_met=values["alternative"],
        elected_rate=number["elected"],
        participant_revenue=number["revenue"],
        low_revenue=values["low_revenue"],
        agreement_start=values["start_year"],
        disaster_relief=float(values["relief"]),
        guardrail=values["guardrail"],
        half_year=values["half_year"],
        termination_date=None if ended is None else values["year"] * 10_000 + ended,
        terminated_by_cms=values["by_cms"],
        disaster_month_share=None if months is None else float(months),
        disaster_beneficiary_share=None if people is None else float(people),
        payment_date=values["payment_date"],
        two_sided_year=values["two_sided_year"],
        small_benchmark_year=values["small_benchmark_year"],
    )


@settings(max_examples=80)
@given(st.lists(any_case(), min_size=1, max_size=25))
def test_any_settlement_agrees_with_the_specification_written_out_in_fractions(door, cases):
    found = settled(door, *map(as_row, cases))
    for values, row in zip(cases, found, strict=True):
        expected = judge.settle(**values)
        assert Decimal(str(row["generated"])) == expected.generated
        assert Decimal(str(row["earned"])) == expected.earned
        assert row["earned"] <= row["payment_limit"]
        assert row["loss_limit"] is None or -row["earned"] <= row["loss_limit"]


@settings(max_examples=40)
@given(any_case(), st.lists(st.integers(0, 2 * 10**13), min_size=2, max_size=30))
def test_who_spends_more_never_earns_more(values, spent):
    door_rows = [as_row(values | {"expenditures": Fraction(cents, 100)}) for cents in sorted(spent)]
    earned = ss.settle(pl.DataFrame(columns_of(door_rows), infer_schema_length=None)).frame["earned"].to_list()
    assert earned == sorted(earned, reverse=True)


# ---- arrays


def array_columns(rows: int) -> dict[str, Any]:
    rng = np.random.default_rng(425)
    benchmark = rng.integers(10**9, 10**11, rows)
    years = rng.integers(2013, 2030, rows)
    codes = arrays.track_codes()
    ran = {year: [codes[track] for track in judge.tracks(year)] for year in range(2013, 2030)}
    tracks = [ran[year][at % len(ran[year])] for year, at in zip(years, rng.integers(0, 60, rows), strict=True)]
    ended = years * 10_000 + rng.choice([131, 630, 930, 1231], rows)
    return {
        "benchmark": benchmark,
        "expenditures": (benchmark * rng.normal(0.98, 0.05, rows)).astype(np.int64),
        "beneficiaries": rng.integers(500, 80_000, rows),
        "track": np.array(tracks),
        "performance_year": years,
        "quality_score": rng.random(rows),
        "quality_standard_met": rng.random(rows) < 0.8,
        "alternative_standard_met": rng.random(rows) < 0.5,
        "participant_revenue": rng.integers(0, 10**10, rows),
        "low_revenue": rng.random(rows) < 0.5,
        "agreement_start": np.maximum(years - rng.integers(0, 4, rows), 2012),
        "half_year": (years == 2019) & (rng.random(rows) < 0.5),
        "termination_date": (ended, (years == 2019) | (rng.random(rows) < 0.9)),
        "terminated_by_cms": rng.random(rows) < 0.5,
        "disaster_month_share": rng.integers(0, 101, rows) / 100,
        "disaster_beneficiary_share": rng.integers(0, 101, rows) / 100,
        "payment_date": rng.choice(PAID_ON, rows),
        "two_sided_year": rng.integers(1, 5, rows),
        "small_benchmark_year": rng.random(rows) < 0.5,
        "advance_balance": rng.integers(0, 10**8, rows),
    }


EVERYTHING = ["savings", "generated", "payment_limit", "loss_limit", "sequestered", "earned", "advance_recouped",
              "advance_outstanding", "savings_rate", "minimum_savings_rate", "minimum_loss_rate", "sharing_rate",
              "loss_rate", "reason"]  # fmt: skip


def test_arrays_in_cents_agree_with_frames_in_dollars():
    columns = array_columns(3_000)
    found = arrays.settle(**columns, outputs=EVERYTHING)
    names = {code: name for name, code in arrays.track_codes().items()}
    dates, none = columns["termination_date"]
    frame = pd.DataFrame(columns | {"termination_date": pd.arrays.IntegerArray(dates, none)})
    for money in ("benchmark", "expenditures", "participant_revenue", "advance_balance"):
        frame[money] /= 100
    frame["track"] = [names[code] for code in frame["track"]]
    result = ss.settle(frame).frame
    for name in EVERYTHING[:8]:
        cents = [None if v == arrays.NULL_CENTS else v / 100 for v in found[name].tolist()]
        assert [None if np.isnan(v) else v for v in result[name]] == cents
    reasons = [arrays.SETTLE_REASONS[code] or None for code in found["reason"]]
    assert [None if pd.isna(word) else word for word in result["reason"]] == reasons


def test_threads_and_lent_arrays_change_no_bit():
    columns = array_columns(140_001)
    first = arrays.settle(**columns, outputs=EVERYTHING, threads=1)
    out = {name: np.empty_like(values) for name, values in first.items()}
    for answer in (
        arrays.settle(**columns, outputs=EVERYTHING, threads=2),
        arrays.settle(**columns, outputs=EVERYTHING, threads=3),
        arrays.settle(**columns, out=out),
    ):
        assert all(answer[name].tobytes() == values.tobytes() for name, values in first.items())


def test_v31b_an_oncology_loss_may_be_measured_from_the_benchmark():
    """V31b: the origin of losses is a parameter; from the benchmark, 3 percent of ten million are owed."""
    origin = {"rule": [{
        "id": "ocm.loss_discount", "kind": "table", "unit": "share", "value": {"TWO_SIDED_ALTERNATIVE": "0"},
        "applies": {"clock": "performance_year", "from": 2016, "to": 2022},
    }]}  # fmt: skip
    practice = pd.DataFrame({"track": ["TWO_SIDED_ALTERNATIVE"], "benchmark": [10e6], "expenditures": [10.3e6],
                             "quality_score": [1.0], "participant_revenue": [4_000_000]})  # fmt: skip
    earned = [
        ss.settle(practice, program="ocm", performance_year=2020, rules=r).frame["earned"][0] for r in (None, origin)
    ]
    assert earned == [-320_000, -300_000]


@pytest.mark.parametrize(
    ("program", "track", "year", "rate"), [("cec", "LDO", 2018, "0.75"), ("pioneer", "CORE", 2013, "0.70")]
)
def test_below_the_minimum_of_quality_nothing_is_paid_and_the_highest_rate_is_owed(program, track, year, rate):
    spent = {"cec": (90e6, 104e6), "pioneer": (95e6, 104e6)}[program]
    rows = pd.DataFrame({
        "track": track, "performance_year": year, "benchmark": 100e6, "expenditures": [*spent, *spent, *spent],
        "quality_score": 0.9, "quality_standard_met": pd.array([True, True, False, False, None, None], "boolean"),
        "beneficiaries": 10_000,
    })  # fmt: skip
    told = ss.settle(rows, program=program).frame
    assert told["earned"][0] > 0
    assert told["earned"][2] == 0, "nothing, however much was saved"
    target = Decimal(97_000_000 if program == "cec" else 100_000_000)
    assert Decimal(str(told["earned"][3])) == -(104_000_000 - target) * Decimal(rate)
    assert told["earned"][1] > told["earned"][3], "attained, less is owed"
    assert told["reason"].tolist()[4:] == ["missing_input"] * 2


@pytest.mark.parametrize(
    ("program", "track", "year", "limit"), [("team", "2", 2027, 50_000), ("cjr", "HOSPITAL", 2017, 49_250)]
)
@pytest.mark.parametrize("spent", [600_000, 1_500_000])
def test_limits_of_bundles_come_before_a_geographic_factor(program, track, year, limit, spent):
    """Step 10, then step 12, of the order of section 9.2: 5 percent of the aggregate target, then the factor."""
    rows = pd.DataFrame({"track": [track], "performance_year": [year], "benchmark": [1e6], "expenditures": [spent],
                         "quality_score": [0.9], "geographic_factor": [1.1]})  # fmt: skip
    earned = ss.settle(rows, program=program).frame["earned"][0]
    whole = limit if spent < 1e6 or program == "team" else 49_750
    assert Decimal(str(earned)) == (1 if spent < 1e6 else -1) * whole * Decimal("1.1")
    with pytest.raises(ss.InputError, match="`geographic_factor`: too large for a factor in 1 row"):
        ss.settle(rows.assign(geographic_factor=100.0), program=program)
