"""Fees at risk and hybrid cash flows, through `settle`."""

from __future__ import annotations

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
