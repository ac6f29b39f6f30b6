"""What a status is worth: components against exact fractions, and what cannot be known."""

from __future__ import annotations

import math
from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

import sharedsavings as ss

PERCENT = {
    2017: Fraction(5, 100),
    2022: Fraction(5, 100),
    2023: Fraction(35, 1000),
    2024: Fraction(188, 10_000),
    2025: Fraction(0),
    2026: Fraction(31, 1000),
}


def cents(amount: Fraction) -> int:
    size = math.floor(abs(amount) * 100 + Fraction(1, 2))
    return -size if amount < 0 else size


@settings(max_examples=80)
@given(st.sampled_from(list(PERCENT)), st.integers(0, 10**11), st.integers(0, 10**11),
       st.integers(-200, 200), st.integers(-3, 3), st.integers(-40, 90))  # fmt: skip
def test_components_equal_exact_fractions(year, paid, allowed, growth, apart, adjustment):
    frame = pd.DataFrame({"paid_amounts": [paid / 100], "allowed_amounts": [allowed / 100], "growth": [growth / 1000],
                          "amounts_year": [year + apart], "mips_adjustment": [adjustment / 1000]})  # fmt: skip
    row = ss.value_of_status(frame, performance_years=year).frame.iloc[0]
    step = 1 + Fraction(growth, 1000)
    base, payment = step ** (1 - apart), step ** (2 - apart)
    incentive = cents(Fraction(paid, 100) * base * PERCENT[year])
    ratio = Fraction(10_075, 10_025) ** max(0, year + 2 - 2025) - 1
    effect = cents(Fraction(allowed, 100) * payment * ratio)
    mips = cents(Fraction(paid, 100) * payment * Fraction(adjustment, 1000))
    found = [round(row[name] * 100) for name in ("incentive", "conversion_factor_effect", "mips_amount", "value_qp",
                                                 "value_partial_qp_out", "value_neither", "qp_advantage")]  # fmt: skip
    assert found == [incentive, effect, mips, incentive + effect, 0, mips, incentive + effect - mips]
    assert row["value_partial_qp_in"] == row["value_neither"]


def test_t14_the_gap_of_two_years_is_one_percent():
    frame = pd.DataFrame({"paid_amounts": [0.0], "allowed_amounts": [1e6]})
    worth = ss.value_of_status(frame, performance_years=[2023, 2024, 2025, 2026], mips_adjustment=0).frame
    effect = worth["conversion_factor_effect"].tolist()
    assert effect == [0, 4987.53, 9999.94, 15037.34]
    published = ss.conversion_factor(pd.DataFrame({"status": ["qp"]}), payment_year=2027, proposed=True).frame
    assert published["conversion_factor_advantage"][0] == pytest.approx(effect[2] / 1e6, abs=2e-6)


def test_frames_come_back_in_kind_once_for_each_year(door):
    frame = door.frame({"name": ["a", "b"], "paid_amounts": [1e6, 2e6], "allowed_amounts": [1.2e6, None]})
    result = ss.value_of_status(frame, performance_years=[2023, 2024], mips_adjustment=-0.09)
    assert door.read(result.frame, "name") == ["a", "b", "a", "b"]
    assert door.read(result.frame, "performance_year") == [2023, 2023, 2024, 2024]
    assert door.read(result.frame, "incentive") == [35_000, 70_000, 18_800, 37_600]
    assert door.read(result.frame, "value_neither") == [-90_000, -180_000, -90_000, -180_000]
    assert door.read(result.frame, "value_qp") == [35_000, 70_000, 24_785.04, None]
    assert door.read(result.frame, "reason") == [None, None, None, "allowed_amounts_not_given"]
    assert len(result.plot().axes[0].patches) == 8
    assert result.summary().rows[0][:2] == ("2023", "2")
    steps = {step.name: step for step in result.explain(2).steps}
    assert steps["conversion factor effect"].value == "$5,985.04"
    assert "conversion_factor.update.qualifying" in steps["conversion factor effect"].rules


def test_a_score_becomes_an_adjustment_on_the_sliding_scale():
    scores = [0.0, 0.1875, 0.30, 0.75, 0.90, 1.0]
    frame = pd.DataFrame({"paid_amounts": 1e6, "mips_score": scores, "performance_threshold": 0.75,
                          "scaling_factor": 0.5})  # fmt: skip
    result = ss.value_of_status(frame, performance_years=2023)
    # -9 % to a quarter of the threshold, then (score - threshold) / threshold of it; above, half of the way to 9 %.
    assert result.frame["mips_adjustment_used"].tolist() == pytest.approx([-0.09, -0.09, -0.054, 0, 0.027, 0.045])
    assert any("mips.sliding_scale.floor" in warning for warning in result.warnings)
    assert "mips.sliding_scale.floor" in result.explain(2).steps[2].rules


def test_without_an_adjustment_only_what_needs_none_is_told():
    result = ss.value_of_status(pd.DataFrame({"paid_amounts": [1e6]}), performance_years=2022).frame
    assert result["value_qp"].tolist() == [50_000]
    assert result["value_neither"].isna().all()
    assert result["reason"].tolist() == ["mips_adjustment_not_given"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mips_adjustment": [5.0]}, "`mips_adjustment`: out of range in 1 row, first in row 0 .value 5"),
        ({"mips_adjustment": [-0.091]}, "`mips_adjustment`: below the largest cut of the payment year"),
        ({"mips_adjustment": [0.0], "mips_score": [0.5]}, "`mips_adjustment`: given beside mips_score"),
        ({"mips_score": [0.5]}, "`performance_threshold`: nothing, or missing"),
        ({"mips_score": [50.0]}, "`mips_score`: out of range"),
        ({"growth": [3.0]}, "`growth`: out of range"),
        ({"growth": [-1.0]}, "`growth`: out of range"),
        ({"paid_amounts": [-1.0]}, "`paid_amounts`: negative"),
        ({"allowed_amounts": [float("inf")]}, "`allowed_amounts`: NaN or infinite"),
        ({"amounts_year": [1023]}, "`amounts_year`: not a year"),
        ({"amounts_year": [-(2**63)]}, "`amounts_year`: not a year"),
        ({"performance_year": [2015]}, "given twice"),
    ],
)
def test_bad_input_is_refused_by_column_and_row(changes, message):
    with pytest.raises(ss.InputError, match=message):
        ss.value_of_status(pd.DataFrame({"paid_amounts": [1.0]} | changes), performance_years=2023)


@pytest.mark.parametrize("years", [range(2024, 2026), np.arange(2024, 2026), pd.Series([2024, 2025]), (2024, 2025)])
def test_years_may_be_any_sequence_of_integers(years):
    frame = pd.DataFrame({"paid_amounts": [1.0]})
    done = ss.value_of_status(frame, performance_years=years).frame
    assert done["performance_year"].tolist() == [2024, 2025]
    one = ss.value_of_status(frame, performance_years=np.int64(2024)).frame
    assert one["performance_year"].tolist() == [2024]


def test_what_is_null_is_told_in_the_summary_and_the_picture_and_is_no_zero():
    frame = pd.DataFrame({
        "performance_year": [2023, 2023, 2022], "paid_amounts": [200_000.0] * 3, "mips_adjustment": [0.01, None, None],
    })  # fmt: skip
    result = ss.value_of_status(frame)
    summary = result.summary()
    table = {row[0]: dict(zip(summary.columns, row, strict=True)) for row in summary.rows}
    assert table["2023"]["value neither, $"] == "2,000.00 (1 null)"
    assert table["2022"]["value neither, $"] == "null"
    assert table["2022"]["value qp, $"] == "10,000.00"
    labels = [text.get_text() for text in result.plot().legends[0].get_texts()]
    assert labels == ["QP", "Partial QP in MIPS (2 rows null)", "Partial QP out of MIPS", "neither (2 rows null)"]


def test_years_must_be_known_and_be_years():
    frame = pd.DataFrame({"paid_amounts": [1.0]})
    with pytest.raises(ss.InputError, match="does not know"):
        ss.value_of_status(frame, performance_years=2016)
    for years in ([], ["2024"], [True], True, 2024.0, "2024", [2024.5], [None]):
        with pytest.raises(ss.InputError, match="not years"):
            ss.value_of_status(frame, performance_years=years)
    with pytest.raises(ss.InputError, match=r"growth=.*not a number"):
        ss.value_of_status(frame, performance_years=2024, growth=float("nan"))


def test_growth_without_a_year_to_grow_from_is_refused():
    frame = pd.DataFrame({"paid_amounts": [1e6, 1e6], "allowed_amounts": 1.25e6, "amounts_year": [2024, None]})
    with pytest.raises(ss.InputError, match="`growth`: given without amounts_year in 1 row, first in row 1"):
        ss.value_of_status(frame, performance_years=2024, growth=0.03, mips_adjustment=0.01)
    kept = ss.value_of_status(frame, performance_years=2024, growth=0.03, mips_adjustment=0.01, invalid="null").frame
    assert kept["reason"].tolist()[1] == "no_year_to_grow_from"
    with pytest.raises(ss.InputError, match="given without amounts_year in 2 rows"):
        ss.value_of_status(frame.drop(columns="amounts_year"), performance_years=2024, growth=0.0)


def test_every_value_that_is_not_given_is_told():
    given = {"allowed_amounts": [None, None, None, 1e6], "mips_adjustment": [None, None, 0.01, None]}
    frame = pd.DataFrame({"performance_year": [2023, 2024, 2024, 2024], "paid_amounts": 1e6, **given})
    result = ss.value_of_status(frame).frame
    assert result["reason"].tolist() == [
        "mips_adjustment_not_given", "mips_adjustment_and_allowed_amounts_not_given", "allowed_amounts_not_given",
        "mips_adjustment_not_given",
    ]  # fmt: skip
    assert result["conversion_factor_effect"].isna().tolist() == [False, True, True, False]


def test_years_may_be_whole_numbers_of_any_kind():
    frame = pd.DataFrame({"paid_amounts": [1e6], "allowed_amounts": 1.25e6})
    for years in (np.int64(2023), np.arange(2023, 2025), range(2023, 2025), (np.int32(2023),), pd.Series([2023])):
        found = ss.value_of_status(frame, performance_years=years, mips_adjustment=0.0).frame
        assert found["performance_year"].tolist() == [int(year) for year in np.atleast_1d(years)]
    for years in (2023.0, np.array([2023.5]), "2023", np.bool_(True), [[2023]], np.array([], int)):
        with pytest.raises(ss.InputError, match="not years"):
            ss.value_of_status(frame, performance_years=years)
