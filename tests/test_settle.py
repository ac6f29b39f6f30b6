"""Settlements of the Shared Savings Program through data frames of every kind."""

from __future__ import annotations

import csv
import datetime as dt
import io
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
from sharedsavings import arrays

# Payments that CMS published for performance years 2022 and 2024, a selection; amounts in whole dollars.
PAYMENTS = """\
py,aco,track,n_ab,msr_pct,total_bnchmk,total_exp,gen_savings,qual_pct,qps_met,reduced_ss,final_rate,seq,ppl_pct,earned
2022,A1001,EN,74992,2,966116777,903712089,62404688,89.41,,0,0.75,0.02,20,45867446
2022,A1023,B,5194,3.84,52165596,48583467,3582129,70.63,,0,0.4,0.02,10,1404194
2022,A1027,E,7965,3.21,105115708,98507168,6608541,78.6,,0,0.5,0.02,10,3238185
2022,A1161,C,39237,1,633446089,606232460,27213629,85.94,,0,0.5,0.02,10,13334678
2022,A1175,D,31752,1,385727004,371528679,14198325,85.05,,0,0.5,0.02,10,6957179
2022,A3289,EN,44741,1,465947611,430622797,35324814,80.35,,0,0.75,0.02,20,25963739
2022,A3319,E,5899,0,69113655,62770557,6343098,85.55,,0,0.5,0.02,10,3108118
2022,A3361,B,5712,3.69,66151125,62461256,3689869,78.7,,0,0.4,0.02,10,1446429
2022,A4556,A,39650,2.3,409838256,383763253,26075003,87.63,,0,0.4,0.02,10,10221401
2024,A1001,EN,116175,2,1650927172,1504130805,146796368,77.05,1,0,0.75,0.02,20,107895330
2024,A1026,E,41640,1.5,600514210,577772388,22741822,75.29,1,0,0.5,0.02,10,11143493
2024,A1247,B,41294,2.29,598287125,568226096,30061029,84.27,1,0,0.4,0.02,10,11783923
2024,A1737,C,7097,0,74724765,69098045,5626720,79.78,1,0,0.5,0.02,10,2757093
2024,A2366,E,5095,3.87,87392050,76584733,10807317,76.63,0,0,0.38315,0.02,10,4058007
2024,A2619,B,31394,2.39,427300055,403861896,23438159,72.1,0,0,0.2884,0.02,10,6624374
2024,A2634,D,5385,2,94807636,89801361,5006275,74.21,0,0,0.37105,0.02,10,1820427
2024,A3361,B,5397,3.78,69733043,66400887,3332155,75.13,0,0,0.30052,0.02,10,981352
2024,A3507,E,6420,1.5,74715928,69182103,5533824,75.81,0,0,0.37905,0.02,10,2055644
2024,A3630,E,13737,2.78,182865084,165655427,17209657,87.19,1,0,0.5,0.02,10,8432732
2024,A3644,B,35570,2.34,467835397,451809212,16026185,76.55,0,0,0.3062,0.02,10,4809073
2024,A3722,B,12681,2.84,150917524,142896858,8020666,75.95,0,0,0.3038,0.02,10,2387945
2024,A3770,EN,7888,0,132925215,111946050,20979165,56.45,0,0,0.423375,0.02,20,8704413
2024,A3894,EN,12719,1,144540193,138662677,5877516,92.15,1,0,0.75,0.02,20,4319974
2024,A4678,A,12351,2.86,164327339,155196946,9130393,86.06,1,0,0.4,0.02,10,3579114
2024,A4888,A,8364,3.16,131242168,120022001,11220167,76.45,0,0,0.3058,0.02,10,3362504
2024,A5068,EN,7727,0,123602518,118398138,5204380,51.25,0,0,0.384375,0.02,20,1960425
2024,A5148,B,11048,2.94,128476577,122384135,6092443,73.43,0,0,0.29372,0.02,10,1753683
2024,A5166,C,6016,1,73545341,69600489,3944852,76.88,0,0,0.3844,0.02,10,1486073
2024,A5305,A,9102,3.09,195199314,185144750,10054564,77.02,0,0,0.30808,0.02,10,3035658
2024,A5328,A,9906,3.01,112323078,112290994,32084,63.25,1,1,0.2,0.02,10,6288
2024,A5339,A,5947,3.62,83354603,82745576,609027,56.82,1,1,0.2,0.02,10,119369
2024,A5347,E,7228,3.35,97968830,97791842,176988,66.05,1,1,0.25,0.02,10,43362
2024,A5350,A,5177,3.85,206415053,203676835,2738218,77.05,1,1,0.2,0.02,10,536691
2024,A5374,A,7615,3.28,96384370,96147941,236428,79.78,1,1,0.2,0.02,10,46340
2024,A5388,A,10131,2.99,108065944,105536341,2529603,58.99,1,1,0.2,0.02,10,495802
2024,A5399,A,10212,2.99,115512194,112336767,3175426,75.94,1,1,0.2,0.02,10,622384
2024,A5402,A,9922,3.01,112636334,110580622,2055711,71.04,1,1,0.2,0.02,10,402919
2024,A5404,A,8069,3.19,89657271,87010992,2646280,77.05,1,1,0.2,0.02,10,518671
2024,A5411,A,14727,2.72,159881358,158744811,1136547,80.01,1,1,0.2,0.02,10,222763
2024,A5412,A,8097,3.19,92316595,91963752,352844,45.58,1,1,0.2,0.02,10,69157
2024,A5438,A,7810,3.24,96509666,95635542,874124,58.18,1,1,0.2,0.02,10,171328
2024,A5439,A,7872,3.23,105597155,104167192,1429963,55.28,1,1,0.2,0.02,10,280273
"""
# Every loss that CMS published for performance years 2022 and 2024.
LOSSES = """\
py,aco,track,n_ab,msr_pct,total_bnchmk,gen_loss,qual_pct,disadj,earn,capped_loss,uncapped_rate,cap_binds
2022,A1070,D,22904,2.47,555253455,-28610637,70.63,-2320475,0,2320475,0.3,1
2022,A1494,EN,5720,0,52354587,-754135,92.44,-301654,0,301654,0.4,0
2022,A1539,EN,23249,1,236275356,-13280553,70.63,-6245512,0,6245512,0.470275,0
2022,A1628,EN,5775,1.5,64608776,-1206172,82.79,-482469,0,482469,0.4,0
2022,A2710,C,13331,1,168355997,-2983692,83.96,-895107,0,895107,0.3,0
2022,A3442,EN,20928,0.5,235989864,-8662810,86.57,-3465124,0,3465124,0.4,0
2022,A3624,E,23022,0.5,325780267,-12502834,75.25,-3750850,0,3750850,0.3,0
2022,A3632,EN,19433,2.52,244852495,-7380155,77.61,-3084351,0,3084351,0.417925,0
2022,A3669,EN,10247,2,104365448,-3275027,79.27,-1327942,0,1327942,0.405475,0
2022,A3840,C,21250,1,255621969,-7243931,85,-2173179,0,2173179,0.3,0
2022,A4588,EN,20869,1,199552940,-4050376,76.67,-1721309,0,1721309,0.424975,0
2022,A4690,E,8047,2,84125365,-1826814,91.23,-548044,0,548044,0.3,0
2022,A4825,C,17328,0,176696299,-1399919,82.04,-419976,0,419976,0.3,0
2022,A4937,EN,20715,0,236191075,-846621,81.53,-338648,0,338648,0.4,0
2022,A4979,EN,14388,0,147798380,-545321,80.83,-218128,0,218128,0.4,0
2024,A2029,EN,37510,0,497679939,-3432303,90.26,-1382,-1371539,1372921,0.4,0
2024,A2246,E,5000,1,70194253,-1589652,80.14,-699,-476196,476895,0.3,0
2024,A2308,E,16341,1,163350765,-5355176,79.91,-1893,-1604660,1606553,0.3,0
2024,A3317,E,28167,2.42,353635485,-10291302,85.08,-11756,-3075635,3087391,0.3,0
2024,A4551,E,13446,0,180007309,-1845651,87.58,-1822,-551873,553695,0.3,0
2024,A4588,EN,24086,1,268261641,-3024408,86.7,-3076,-1206687,1209763,0.4,0
2024,A4638,EN,5286,0,57772015,-2455458,81.53,-1533,-980650,982183,0.4,0
2024,A4979,EN,13410,0,163084750,-1113409,80.32,-2350,-443014,445364,0.4,0
2024,A5176,EN,21930,0.5,299022492,-7097604,80.64,-5168,-2833874,2839042,0.4,0
2024,A5193,E,30716,1,483042957,-4831264,74,-747,-1448632,1449379,0.3,0
2024,A5279,E,125041,0,1846939902,-11018475,69.3,-3465,-3302077,3305542,0.3,0
2024,A5331,EN,25714,0,329962705,-2436590,81.05,-1042,-973594,974636,0.4,0
2024,A5386,EN,7246,0,86731783,-358135,54.1,-551,-212271,212822,0.59425,0
2024,A5387,EN,9763,0,122595834,-478647,81.65,-1003,-190455,191458,0.4,0
2024,A5407,EN,15956,1,245683884,-2576264,71.78,-5398,-1183935,1189333,0.46165,0
2024,A5471,EN,10055,0,133346564,-279953,77.05,-6830,-111345,118175,0.422125,0
"""
MENU_PERCENT = {"0", "0.5", "1", "1.5", "2"}


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


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
    }
    assert changes.keys() <= row.keys()
    return row | changes


def columns_of(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def settled(door: Any, *rows: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    """What each row comes to."""
    result = ss.settle(door.frame(columns_of(list(rows))), **options).frame
    outputs = door.columns(result)[len(rows[0]) :]
    lists = [door.read(result, name) for name in outputs]
    return [dict(zip(outputs, values, strict=True)) for values in zip(*lists, strict=True)]


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
    assert len(rows) == 42
    cases = [
        case(
            performance_year=int(row["py"]),
            track=row["track"],
            beneficiaries=int(row["n_ab"]),
            benchmark=int(row["total_bnchmk"]),
            # The printed difference is nearer to the unrounded one than that of two printed totals.
            expenditures=int(row["total_bnchmk"]) - int(row["gen_savings"]),
            quality_score=float(Decimal(row["qual_pct"]) / 100),
            quality_standard_met=row["qps_met"] != "0",
            alternative_standard_met=row["qps_met"] == "0",
            elected_rate=float(Decimal(row["msr_pct"]) / 100) if elected(row) else None,
            low_revenue=row["reduced_ss"] == "1",
            agreement_start=2024 if row["reduced_ss"] == "1" else 2019,
        )
        for row in rows
    ]
    for row, found in zip(rows, settled(door, *cases), strict=True):
        assert abs(found["earned"] - int(row["earned"])) <= 1, row["aco"]
        assert found["generated"] == int(row["gen_savings"])
        assert found["sharing_rate"] == pytest.approx(float(row["final_rate"]), abs=1e-12)
        assert found["minimum_savings_rate"] * 100 == pytest.approx(float(row["msr_pct"]), abs=0.005001)
        assert found["reason"] == ("low_revenue_half_rate" if row["reduced_ss"] == "1" else None)


def elected(row: dict[str, str]) -> bool:
    return row["track"] not in ("A", "B") and row["msr_pct"] in MENU_PERCENT


def loss_case(row: dict[str, str]) -> dict[str, Any]:
    return case(
        performance_year=int(row["py"]),
        track=row["track"],
        beneficiaries=int(row["n_ab"]),
        benchmark=int(row["total_bnchmk"]),
        expenditures=int(row["total_bnchmk"]) - int(row["gen_loss"]),
        quality_score=float(Decimal(row["qual_pct"]) / 100),
        elected_rate=float(Decimal(row["msr_pct"]) / 100) if elected(row) else None,
        disaster_relief=-int(row["disadj"]),
    )


def test_losses_are_those_that_cms_published(door):
    rows = [row for row in rows_of(LOSSES) if row["cap_binds"] == "0"]
    assert len(rows) == 30
    for row, found in zip(rows, settled(door, *map(loss_case, rows)), strict=True):
        assert abs(found["earned"] - int(row["earn"])) <= 1, row["aco"]
        assert found["generated"] == int(row["gen_loss"])
        assert found["loss_rate"] == pytest.approx(float(row["uncapped_rate"]), abs=1e-12)
        assert found["sequestered"] == 0.0


def test_the_loss_limited_by_revenue_is_explained_by_the_revenue_that_it_implies(door):
    [row] = [row for row in rows_of(LOSSES) if row["cap_binds"] == "1"]
    loss = loss_case(row)
    # 4 % of revenue at Level D is the published loss before relief.
    implied = int(row["capped_loss"]) * 25
    known, unknown = settled(door, loss | {"participant_revenue": implied}, loss)
    assert (known["earned"], known["reason"]) == (0.0, "revenue_loss_limit")
    assert known["loss_limit"] == int(row["capped_loss"])
    assert unknown["reason"] == "revenue_limit_not_applied"
    assert unknown["earned"] == pytest.approx(-(0.3 * 28_610_637 - 2_320_475), abs=0.01)


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
    found = settled(door, *(aco | {"performance_year": year} for year in (2021, 2022, 2023, 2024)))
    assert [row["reason"] for row in found] == ["quality_standard_not_met"] * 2 + [None] * 2
    assert [row["earned"] for row in found[:2]] == [0.0, 0.0]
    assert [row["generated"] for row in found] == [13_000_000.0] * 4


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
    "A": ["A", "a", " A ", "BASIC A", "Basic Level A", "basic_a", "Level A", "level a"],
    "E": ["E", "e", "BASIC E", "BASIC LEVEL E", "Level E", "BASIC_E"],
    "ENHANCED": ["ENHANCED", "Enhanced", "EN", "en"],
}


def test_tracks_are_known_under_every_spelling_of_cms_and_of_people(door):
    spelt = [(track, spelling) for track, spellings in SPELLINGS.items() for spelling in spellings]
    found = settled(door, *(case(track=spelling) for _, spelling in spelt))
    shares = {"A": 0.4, "E": 0.5, "ENHANCED": 0.75}
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
}


@pytest.mark.parametrize("column", DECIDES)
def test_a_null_that_decides_gives_a_null_and_others_their_meaning(door, column):
    row, expected = DECIDES[column]
    with_value, without = settled(door, row, row | {column: None})
    assert (without["earned"], without["reason"]) == expected
    assert (with_value["earned"], with_value["reason"]) != expected


@pytest.mark.parametrize("column", ["quality_score", "alternative_standard_met", "elected_rate", "participant_revenue",
                                    "low_revenue", "agreement_start", "disaster_relief", "guardrail"])  # fmt: skip
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
    "": case(),
}
# Reached elsewhere: an absent column, NaN (a null in pandas) and numbers for truth values, see the bad inputs.
ELSEWHERE = {"missing_column", "not_finite", "not_a_truth_value"}


def test_every_reason_is_reached_and_none_other(door):
    found = settled(door, *REASONS.values(), invalid="null")
    assert [row["reason"] or "" for row in found] == list(REASONS)
    assert set(REASONS) | ELSEWHERE == set(arrays.SETTLE_REASONS)


# ---- explanations


def amount(text: str) -> Decimal:
    return Decimal(text.replace("$", "").replace(",", ""))


def test_explanations_end_in_the_amount_of_the_frame(door):
    rows = [*REASONS.values(), *map(loss_case, rows_of(LOSSES)), case(**ENHANCED_LOSS, disaster_relief=263_250)]
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
    proposed = ss.settle(frame, rules={"mssp.sharing_rate": rates})
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
    with pytest.raises(ss.NotModelledError, match='no program "reach"'):
        ss.settle(pd.DataFrame(columns_of([case()])), program="reach")


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
    assert "Result of 40 rows" in repr(result)
    assert "Settlements of mssp" in result._repr_html_()


def test_a_plot_is_a_figure_of_its_own():
    figures = pytest.importorskip("matplotlib.figure")
    assert isinstance(ss.settle(ss.load_sample("mssp_acos")).plot(), figures.Figure)


# ---- any settlement


@st.composite
def any_case(draw):
    track = draw(st.sampled_from(list(judge.LEVELS)))
    people = draw(st.one_of(st.integers(500, 100_000), st.sampled_from([4_999, 5_000, 5_001, 9_999, 10_000, 59_999])))
    election = draw(st.sampled_from([None, *judge.MENU])) if track not in ("A", "B") else None
    minimum = election if election is not None and people >= 5_000 else judge.minimum_rate(people)
    benchmark = draw(st.integers(1, 10**13))
    if draw(st.booleans()):
        distance = int(minimum * benchmark) + draw(st.integers(-1, 2))
    else:
        distance = int(draw(st.integers(0, 500)) * benchmark / 1000)
    spent = max(benchmark - draw(st.sampled_from([-1, 1])) * distance, 0)
    standard = draw(st.booleans())
    return {
        "year": draw(st.sampled_from([2021, 2022, 2023, 2024])),
        "track": track,
        "benchmark": Fraction(benchmark, 100),
        "expenditures": Fraction(spent, 100),
        "people": people,
        "elected": election,
        "quality": Fraction(draw(st.integers(0, 10_000)), 10_000),
        "standard": standard,
        "alternative": draw(st.booleans()),
        "revenue": draw(st.one_of(st.none(), st.integers(0, 10**13).map(lambda n: Fraction(n, 100)))),
        "low_revenue": draw(st.booleans()),
        "start_year": draw(st.sampled_from([2019, 2023, 2024])),
        "relief": Fraction(draw(st.sampled_from([0, 0, 1, 10**7, 10**12])), 100),
        "guardrail": draw(st.booleans()),
    }


def as_row(values: dict[str, Any]) -> dict[str, Any]:
    number = {name: None if values[name] is None else float(values[name]) for name in ("elected", "revenue")}
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
    return {
        "benchmark": benchmark,
        "expenditures": (benchmark * rng.normal(0.98, 0.05, rows)).astype(np.int64),
        "beneficiaries": rng.integers(500, 80_000, rows),
        "track": rng.integers(0, 6, rows),
        "performance_year": rng.integers(2021, 2025, rows),
        "quality_score": rng.random(rows),
        "quality_standard_met": rng.random(rows) < 0.8,
        "alternative_standard_met": rng.random(rows) < 0.5,
        "participant_revenue": rng.integers(0, 10**10, rows),
        "low_revenue": rng.random(rows) < 0.5,
        "agreement_start": rng.integers(2019, 2025, rows),
    }


EVERYTHING = ["savings", "generated", "payment_limit", "loss_limit", "sequestered", "earned", "savings_rate",
              "minimum_savings_rate", "minimum_loss_rate", "sharing_rate", "loss_rate", "reason"]  # fmt: skip


def test_arrays_in_cents_agree_with_frames_in_dollars():
    columns = array_columns(3_000)
    found = arrays.settle(**columns, outputs=EVERYTHING)
    names = {code: name for name, code in arrays.track_codes().items()}
    frame = pd.DataFrame(columns)
    for money in ("benchmark", "expenditures", "participant_revenue"):
        frame[money] /= 100
    frame["track"] = [names[code] for code in frame["track"]]
    result = ss.settle(frame).frame
    for name in EVERYTHING[:6]:
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
