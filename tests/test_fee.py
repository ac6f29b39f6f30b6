"""Fees at risk and hybrid cash flows, through `settle`."""

from __future__ import annotations

import tomllib

import pandas as pd
import pytest

import sharedsavings as ss

PRACTICES = {
    "track": ["Track 1", "TRACK_2"],
    "beneficiary_months": [12_000, 12_000],
    "quality_score": [0.8, 0.8],
    "utilization_score": [0.5, 0.5],
    "months_tier_1": [200, 200],
    "hybrid_share": [None, 0.4],
    "historical_visits": [None, 100_000.0],
    "visit_claims": [None, 90_000.0],
}


def test_practices_are_paid_back_and_capitated(door):
    result = ss.settle(door.frame(PRACTICES), program="CPC+", performance_year=2018)
    read = lambda name: door.read(result.frame, name)  # noqa: E731
    assert read("incentive_prepaid") == [30_000, 48_000]
    assert read("incentive_retained") == [19_500, 31_200]
    assert read("earned") == [-10_500, -16_800]
    assert read("care_management_fee") == [1_200, 1_800]
    assert read("capitation") == [None, 44_000]
    assert read("visits_paid") == [None, 54_000]
    steps = {step.name: step for step in result.explain(1).steps}
    assert steps["earned"].value == "-$16,800.00"
    assert steps["capitation"].rules == ("cpc_plus.hybrid.uplift",)
    assert any("cpc_plus.hybrid.uplift" in warning for warning in result.warnings)
    assert {row[0]: row[2] for row in result.summary().rows}["earned"] == "-27,300"


def test_transplants_need_no_track():
    rows = pd.DataFrame({"performance_year": [2026] * 3, "transplants": [100] * 3, "quality_score": [0.8, 0.5, 0.2]})
    result = ss.settle(rows, program="iota")
    assert result.frame["earned"].tolist() == [750_000, 0, -100_000]
    assert result.warnings == ()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"track": ["3", "4"]}, "unknown track in 2 rows, first in row 0 .value '3'.. cpc_plus has TRACK_1"),
        ({"hybrid_share": [None, 0.5]}, "`hybrid_share`: not on the menu"),
        ({"hybrid_share": [0.4, 0.4]}, "`hybrid_share`: given, but the arrangement has no such payment"),
        ({"quality_score": [1.2, 0.5]}, "`quality_score`: above 1"),
        ({"beneficiary_months": [-1, 5]}, "`beneficiary_months`: negative"),
    ],
)
def test_what_fees_cannot_take_is_refused_by_name(changes, message):
    with pytest.raises(ss.InputError, match=message):
        ss.settle(pd.DataFrame(PRACTICES | changes), program="cpc_plus", performance_year=2018)


def test_other_years_and_missing_scores():
    with pytest.raises(ss.InputError, match="`performance_year`: not modelled"):
        ss.settle(pd.DataFrame(PRACTICES), program="cpc_plus", performance_year=2022)
    without = {name: column for name, column in PRACTICES.items() if name != "utilization_score"}
    with pytest.raises(ss.InputError, match="`utilization_score`: missing"):
        ss.settle(pd.DataFrame(without), program="cpc_plus", performance_year=2018)
    kept = ss.settle(pd.DataFrame(PRACTICES | {"utilization_score": [None, 0.5]}), program="cpc_plus",
                     performance_year=2018)  # fmt: skip
    assert kept.frame["reason"].tolist()[0] == "missing_input"


def test_a_row_without_a_score_payment_leaves_what_it_lacks_null(door):
    result = ss.settle(door.frame(PRACTICES), program="cpc_plus", performance_year=2018)
    assert door.read(result.frame, "score_payment") == [None, None]
    assert door.read(result.frame, "revenue_adjustment") == [None, None]


def test_primary_care_first_from_groups_and_visits_to_the_adjustment(door):
    quarters = {
        "performance_year": [2022, 2022, 2022],
        "risk_group": [1, 4, None],
        "population_months": [3_000, 900, None],
        "visits": [1_000, 250, None],
        "geographic_factor": [1.0, 0.95, None],
        "regional_level": [5, 0, None],
        "improvement_level": [5, 0, None],
        "quality_gateway_met": [True, False, None],
        "primary_care_revenue": [None, None, 200_000.0],
        "performance_adjustment": [None, None, 0.2],
    }
    result = ss.settle(door.frame(quarters), program="pcf")
    read = lambda name: door.read(result.frame, name)  # noqa: E731
    assert read("population_based_payment") == [84_000, 149_625, None]
    assert read("visit_fees") == [40_820, 9_694.75, None]
    assert read("revenue_adjustment") == [62_410, -15_931.98, 40_000]
    assert read("earned") == [62_410, -15_931.98, 40_000]
    steps = {step.name: step for step in result.explain(0).steps}
    assert steps["population-based payment"].rules == ("primary_care_first.population_payment.group_1",)
    assert steps["revenue adjustment"].value == "$62,410.00"
    assert steps["revenue adjustment"].rules[0] == "primary_care_first.revenue.regional"
    assert any("group_2" in warning for warning in result.warnings)
    assert not any("group_1" in warning for warning in result.warnings)


OAK = """
[medical_home]
name = "oak"
from = 2026
care_management_fee = ["5", "12.50"]
at_risk_fee = "2"
score_function = [["0.60", "0"], ["0.90", "1"]]
clawback = "0.50"
"""


def test_a_medical_home_of_ones_own(tmp_path):
    contract = tmp_path / "oak.toml"
    contract.write_text(OAK)
    rows = pd.DataFrame({"months_tier_1": [100], "months_tier_2": [10], "beneficiary_months": [110],
                         "quality_score": [0.75]})  # fmt: skip
    result = ss.settle(rows, program="oak", performance_year=2031, rules=contract)
    told = result.frame.iloc[0]
    # 625 of fees; 220 at risk, half earned, and half of the rest paid back.
    assert told["care_management_fee"] == 625
    assert told["incentive_prepaid"] == 220
    assert told["incentive_retained"] == 165
    assert told["earned"] == -55
    assert all("set by the user" in warning for warning in result.warnings)
    steps = {step.name: step.value for step in result.explain(0).steps}
    assert steps["clawback"] == "$55.00"
    again = ss.settle(rows, program="oak", performance_year=2026, rules=tomllib.loads(OAK))
    assert again.frame["earned"].tolist() == [-55]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "oak"', 'name = "Oak!"', '"Oak!" is no name'),
        ('"12.50"', '"12.505"', 'key `care_management_fee`: "12.505" is no fee'),
        ('"2"', '"-2"', 'key `at_risk_fee`: "-2" is no fee'),
        ('["0.90", "1"]', '["0.50", "1"]', "does not rise at 0.50"),
        ('["0.90", "1"]', '["0.90", "1.5"]', '"1.5" is not a share'),
        ('at_risk_fee = "2"\n', "", "key `score_function`: given, but no fee is at risk"),
        ('clawback = "0.50"', "clawback = 0.5", "clawback"),
        ('clawback = "0.50"', 'color = "red"', "unknown field"),
    ],
)
def test_a_malformed_medical_home_is_refused_by_its_key(old, new, message):
    assert old in OAK
    with pytest.raises(ss.RuleBookError, match=message):
        ss.rules.load(tomllib.loads(OAK.replace(old, new)))


def test_the_shipped_medical_home_says_that_its_terms_are_illustrative():
    rows = pd.DataFrame({"track": ["at risk"], "beneficiary_months": [2_100], "quality_score": [0.65]})
    result = ss.settle(rows, program="pcmh", performance_year=2024)
    assert result.frame["earned"].tolist() == [-1_575]
    assert any("medical_home.incentive.quality" in w and "recalled" in w for w in result.warnings)
    rules = ss.rules.load().rules("medical_home.incentive.quality")
    assert all("Illustrative, of no program" in rule["note"] for rule in rules)


PRACTICE = {
    "performance_year": [2022, 2022], "risk_group": [1, 2], "population_months": [3_000, 2_000], "visits": [1_000, 800],
    "performance_adjustment": [0.2, 0.1],
}  # fmt: skip


@pytest.mark.parametrize(
    ("program", "rows", "changes"),
    [
        ("cpc_plus", PRACTICES | {"months_tier_2": [300, 300]}, {"months_tier_2": [None, 300]}),
        ("cpc_plus", PRACTICES, {"beneficiary_months": [None, 12_000]}),
        ("pcf", PRACTICE, {"visits": [None, 800]}),
        ("pcf", PRACTICE, {"population_months": [None, 2_000], "risk_group": [None, 2]}),
        ("pcf", PRACTICE, {"population_months": [None, 2_000], "risk_group": [None, 2], "visits": [None, 800]}),
        ("iota", {"transplants": [10, 10], "quality_score": [0.7, 0.7]}, {"transplants": [None, 10]}),
    ],
)
def test_a_null_beside_the_rest_of_its_payment_is_missing_and_never_zero(door, program, rows, changes):
    rows = {"performance_year": [2021, 2021] if program == "cpc_plus" else [2025, 2025]} | rows
    whole = ss.settle(door.frame(rows), program=program)
    told = ss.settle(door.frame(rows | changes), program=program)
    assert door.read(whole.frame, "reason") == [None, None]
    assert door.read(told.frame, "reason") == ["missing_input", None]
    for name in ("earned", "care_management_fee", "revenue_adjustment"):
        assert door.read(told.frame, name) == [None, door.read(whole.frame, name)[1]]
    assert str(told.explain(0).steps[0].value) == "null: missing_input"


def test_a_null_of_a_tier_or_payment_that_the_row_does_not_have_is_none(door):
    rows = {
        "track": ["TRACK_1", "TRACK_2", "TRACK_1"], "performance_year": [2019] * 3, "months_tier_1": [10, 10, None],
        "months_tier_2": [10, 10, None], "months_tier_3": [10, 10, None], "months_tier_4": [10, 10, None],
        "months_tier_5": [None, 10, None], "beneficiary_months": [None, None, 40], "quality_score": [None, None, 1.0],
        "utilization_score": [None, None, 1.0],
    }  # fmt: skip
    result = ss.settle(door.frame(rows), program="cpc_plus")
    assert door.read(result.frame, "reason") == [None] * 3
    assert door.read(result.frame, "care_management_fee") == [600, 1_720, None]
    assert door.read(result.frame, "incentive_retained") == [None, None, 100]


@pytest.mark.parametrize(
    ("program", "rows", "message"),
    [
        ("pcf", {"performance_adjustment": [0.1]}, "`primary_care_revenue`: missing"),
        ("cpc_plus", {"track": ["TRACK_2"], "historical_visits": [1_000.0]}, "`hybrid_share`: missing"),
        ("cpc_plus", {"track": ["TRACK_1"], "quality_score": [0.5]}, "`beneficiary_months`: missing"),
        ("pcf", {"visits": [10], "improvement_level": [3]}, "`quality_gateway_met`: missing"),
        ("pcf", {"visits": [10], "improvement_level": [3], "regional_level": [3], "quality_gateway_met": [2]},
         "`quality_gateway_met`: neither true nor false in 1 row"),
        ("pcf", {"visits": [10], "geographic_factor": [100.0]}, "`geographic_factor`: too large for a factor in 1 row"),
        ("cpc_plus", {"track": ["TRACK_1"], "months_tier_3": [2**62]}, "`months_tier_3`: too large in 1 row"),
    ],
)  # fmt: skip
def test_an_input_without_the_rest_of_its_payment_is_refused_by_name(program, rows, message):
    with pytest.raises(ss.InputError, match=message):
        ss.settle(pd.DataFrame(rows), program=program, performance_year=2021)
