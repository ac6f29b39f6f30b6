"""Break-evens of settlements through data frames of every kind: CMS's figures read backwards, and `settle` as judge."""

from __future__ import annotations

import inspect
import re
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sharedsavings as ss
from sharedsavings import arrays

OUTPUTS = ["break_even", "break_even_rate", "marginal_rate", "segment", "reason"]


def case(**changes: Any) -> dict[str, Any]:
    """CMS's example of Level B, with the changes asked for."""
    row = {
        "performance_year": 2023,
        "track": "B",
        "benchmark": 500_000_000,
        "beneficiaries": 60_000,
        "quality_score": 0.8,
        "quality_standard_met": True,
        "alternative_standard_met": False,
        "elected_rate": None,
        "participant_revenue": None,
        "low_revenue": False,
        "agreement_start": 2020,
        "disaster_relief": 0,
        "target_earned": 5_096_000,
    }
    assert changes.keys() <= row.keys()
    return row | changes


def columns_of(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def found(door: Any, *rows: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    """What each row comes to."""
    result = ss.break_even(door.frame(columns_of(list(rows))), **options).frame
    assert door.columns(result)[len(rows[0]) :] == OUTPUTS
    lists = [door.read(result, name) for name in OUTPUTS]
    return [dict(zip(OUTPUTS, values, strict=True)) for values in zip(*lists, strict=True)]


RISK = {"track": "E", "elected_rate": 0.01, "participant_revenue": 400_000_000}


# ---- outside judges


def test_the_example_of_level_b_is_read_backwards(door):
    [row] = found(door, case())
    # A cent of expenditures is 0.392 cents earned: 487,000,000.01 still earns 5,096,000.00.
    assert row["break_even"] == 487_000_000.01
    assert row["break_even_rate"] == pytest.approx(0.026, abs=1e-9)
    assert (row["marginal_rate"], row["segment"], row["reason"]) == (0.392, "sharing", None)


def test_the_example_of_the_alternative_standard_is_read_backwards(door):
    second = {"quality_standard_met": False, "alternative_standard_met": True, "quality_score": 0.45}
    [row] = found(door, case(**second, target_earned=2_293_200))
    # 0.4 x 0.45 x 0.98 of a cent is 0.1764 cents: two more cents are free.
    assert row["break_even"] == 487_000_000.02
    assert row["marginal_rate"] == pytest.approx(0.1764, abs=1e-15)


def test_the_enhanced_example_of_a_loss_after_relief_is_read_backwards(door):
    loss = {"track": "ENHANCED", "benchmark": 130_000_000, "beneficiaries": 20_000, "elected_rate": 0.01,
            "quality_standard_met": False, "quality_score": 0.45, "disaster_relief": 263_250}  # fmt: skip
    owed, nothing = found(door, case(**loss, target_earned=-1_686_750), case(**loss, target_earned=0))
    assert owed["break_even"] == 132_600_000
    assert (owed["marginal_rate"], owed["segment"]) == (0.75, "losses")
    # 975,000 would be owed at the minimum loss rate, more than the relief.
    assert (nothing["break_even"], nothing["segment"]) == (131_299_999.99, "minimum_loss_rate")


@pytest.mark.parametrize("year", [2022, 2024])
def test_what_cms_published_as_earned_breaks_even_at_what_it_published_as_spent(cms_data, year):
    published = ss.read_puf(cms_data / "mssp_puf" / f"py{year}.csv", backend="polars")
    settled = published.filter(pl.col("published_earned").fill_null(0) != 0)
    frame = settled.with_columns(target_earned="published_earned")
    out = ss.break_even(frame).frame
    between = out.filter(pl.col("segment").is_in(["sharing", "half_rate", "losses"]))
    # CMS prints whole dollars: half of one earned, over the marginal rate, and one of expenditures.
    apart = (between["break_even"] - between["expenditures"]).abs() * between["marginal_rate"]
    assert apart.max() <= 1.01
    assert len(between) >= 0.97 * len(out)
    assert len(between) > 300


def test_settle_earns_the_target_at_the_break_even_and_less_a_cent_beyond(door):
    sample = ss.load_sample("mssp_acos", backend="polars")
    for target in (-2_000_000, -1, 0, 1, 500_000, 4_000_000):
        result = ss.break_even(sample.drop("expenditures"), earned=target).frame
        there = result.filter(pl.col("break_even").is_not_null()).drop("reason")
        cents = (there["break_even"] * 100).round().cast(pl.Int64)
        for more, reached in ((0, True), (1, False)):
            spent = there.with_columns(expenditures=(cents + more) / 100)
            earned = ss.settle(door.frame(spent.to_dict(as_series=False))).frame
            assert {value >= target for value in door.read(earned, "earned")} <= {reached}
        assert len(there) > 10


# ---- no break-even, and what decides


def test_what_cannot_be_earned_or_cannot_be_lost_has_no_break_even_but_a_reason(door):
    rows = {
        ("payment_limit", "target_not_reachable"): case(target_earned=50_000_000.01),
        ("sharing", "target_not_reachable"): case(
            quality_standard_met=False, alternative_standard_met=True, quality_score=0.01, target_earned=40_000_000
        ),
        ("dead_zone", "target_not_reachable"): case(quality_standard_met=False, target_earned=0.01),
        ("dead_zone", "target_always_reached"): case(target_earned=0),
        ("loss_limit", "target_always_reached"): case(**RISK, target_earned=-20_000_000),
    }
    for (segment, reason), row in zip(rows, found(door, *rows.values()), strict=True):
        assert (row["segment"], row["reason"]) == (segment, reason)
        assert row["break_even"] is row["break_even_rate"] is row["marginal_rate"] is None


def test_each_segment_has_its_break_even(door):
    half = {"performance_year": 2024, "track": "A", "low_revenue": True, "agreement_start": 2024}
    rows = {
        "payment_limit": (case(target_earned=50_000_000), 372_448_979.60, 0.0),
        "minimum_savings_rate": (case(target_earned=1), 490_000_000.0, 0.392),
        "half_rate": (case(**half, target_earned=980_000), 495_000_000.02, 0.196),
        "minimum_loss_rate": (case(**RISK, target_earned=0), 504_999_999.99, 0.0),
        "losses": (case(**RISK, target_earned=-3_000_000), 510_000_000.01, 0.3),
    }
    answers = found(door, *(row for row, _, _ in rows.values()))
    for (segment, (_, spent, rate)), row in zip(rows.items(), answers, strict=True):
        assert (row["segment"], row["break_even"], row["marginal_rate"]) == (segment, spent, pytest.approx(rate))


def test_a_revenue_limit_that_is_not_known_is_told(door):
    [row] = found(door, case(**RISK | {"participant_revenue": None}, target_earned=-3_000_000))
    assert (row["break_even"], row["reason"]) == (510_000_000.01, "revenue_limit_not_applied")


def test_a_null_matters_where_it_decides_and_only_there(door):
    unknown = {"quality_standard_met": None}
    rows = found(
        door,
        case(**unknown),
        case(**unknown | RISK, target_earned=-3_000_000),
        case(target_earned=None),
        case(benchmark=None),
        case(beneficiaries=100),
    )
    assert [row["reason"] for row in rows] == [
        "missing_input",
        None,
        "missing_input",
        "missing_input",
        "below_size_scale",
    ]
    assert [row["segment"] for row in rows] == [None, "losses", None, None, None]


# ---- the target


def test_one_target_for_all_rows_equals_a_column_of_it(door):
    columns = columns_of([case(), case(**RISK)])
    del columns["target_earned"]
    frame = door.frame(columns)
    for target in (-1_000_000, 0, 250_000.25, np.int64(3)):
        one = ss.break_even(frame, earned=target).frame
        many = ss.break_even(door.frame(columns | {"target_earned": [float(target)] * 2})).frame
        for name in OUTPUTS:
            assert door.read(one, name) == door.read(many, name)
    assert door.read(ss.break_even(frame).frame, "reason") == ["target_always_reached", None]


def test_a_target_given_twice_or_none_at_all_is_refused(door):
    frame = door.frame(columns_of([case()]))
    with pytest.raises(ss.InputError, match=r"column `target_earned`: the target is given twice. Drop earned= or"):
        ss.break_even(frame, earned=5)
    for wrong in (float("nan"), float("inf"), 1e300, "much", None, True, [1, 2]):
        with pytest.raises(ss.InputError, match=re.escape(f"earned={wrong!r}: not an amount of dollars")):
            ss.break_even(frame, earned=wrong)


BAD = {
    "target_earned": ([1e17], "too large in 1 row, first in row 1 (value 100000000000000000"),
    "benchmark": ([-1], "negative in 1 row, first in row 1 (value -$1.00)"),
    "beneficiaries": ([6_000.5], "not a whole number in 1 row, first in row 1 (value 6000.5)"),
    "quality_score": ([85.0], "above 1 in 1 row, first in row 1 (value 85)"),
    "elected_rate": ([0.02], "given for an arrangement without downside risk in 1 row, first in row 1 (value 0.02)"),
    "track": (["Z"], "unknown track in 1 row, first in row 1 (value 'Z')"),
    "performance_year": ([1999], "not modelled in 1 row, first in row 1 (value 1999)"),
}


@pytest.mark.parametrize("column", BAD)
def test_bad_rows_are_refused_by_name_or_kept_as_null_with_a_reason(door, column):
    [value], message = BAD[column]
    rows = [case(), case(**{column: value}), case(**RISK)]
    frame = door.frame(columns_of(rows))
    with pytest.raises(ss.InputError, match=re.escape(f"column `{column}`: {message}")):
        ss.break_even(frame)
    good, bad, other = found(door, *rows, invalid="null")
    assert bad["break_even"] is None
    assert bad["reason"] not in (None, "missing_input")
    assert good["break_even"] == 487_000_000.01
    assert other["break_even"] is not None


def test_missing_columns_are_named_and_expenditures_are_not_read(door):
    columns = columns_of([case()])
    for name in ("benchmark", "beneficiaries", "track", "performance_year"):
        with pytest.raises(ss.InputError, match=f"column `{name}`: missing"):
            ss.break_even(door.frame({k: v for k, v in columns.items() if k != name}))
    without = {k: v for k, v in columns.items() if k != "quality_standard_met"}
    with pytest.raises(ss.InputError, match="`quality_standard_met`: absent, and needed in 1 row"):
        ss.break_even(door.frame(without))
    with_spent = ss.break_even(door.frame(columns | {"expenditures": [-1]})).frame
    assert door.read(with_spent, "break_even") == [487_000_000.01]


# ---- frames, explanations, summaries, pictures


def test_results_are_appended_and_everything_else_stays(door):
    columns = columns_of([case(), case(**RISK)]) | {"aco": ["x", "y"]}
    frame = door.frame(columns)
    result = ss.break_even(frame).frame
    assert type(result) is type(frame)
    assert door.columns(result) == [*columns, *OUTPUTS]
    assert all(door.read(result, name) == values for name, values in columns.items())


def test_columns_are_mapped_and_rules_replaced(door):
    columns = columns_of([case()])
    own = {name: f"my {name}" for name in columns}
    frame = door.frame({own[name]: values for name, values in columns.items()})
    assert door.read(ss.break_even(frame, columns=own).frame, "break_even") == [487_000_000.01]
    free = ss.break_even(door.frame(columns), rules={"mssp.sequestration": {"value": "0", "from": 2023, "to": 2023}})
    # Four tenths are kept: 12,740,000 of savings earn the same.
    assert door.read(free.frame, "break_even") == [487_260_000.01]
    assert any("set by the user" in warning for warning in free.warnings)


def test_an_explanation_settles_the_break_even_and_a_cent_beyond(door):
    rows = [case(), case(target_earned=1), case(**RISK, target_earned=-3_000_000), case(target_earned=0)]
    rows.append(case(**RISK | {"participant_revenue": None}, target_earned=0))
    result = ss.break_even(door.frame(columns_of(rows)))
    steps = [{step.name: step for step in result.explain(row).steps} for row in range(len(rows))]
    assert steps[0]["break-even"].value == "$487,000,000.01"
    assert steps[0]["break-even"].inputs == (("target", "$5,096,000.00"), ("segment", "sharing"))
    assert [s["earned"].value for s in steps[:3]] == ["$5,096,000.00", "$3,920,000.00", "-$3,000,000.00"]
    beyond = [s["earned at one cent more"].value for s in steps[:3]]
    assert beyond == ["$5,095,999.99", "$0.00", "-$3,000,000.01"]
    assert steps[0]["marginal rate"].value == "39.2 %"
    assert "mssp.sharing_rate" in steps[0]["final sharing rate"].rules
    assert steps[0]["final sharing rate"].cites
    assert steps[3]["break-even"].value == "null: target_always_reached"
    assert steps[3]["break-even"].inputs == (("segment that ends short of it", "dead zone"),)
    assert steps[4]["reason"].value == "revenue_limit_not_applied"


def test_a_summary_counts_what_was_found_by_year(door):
    rows = [case(), case(target_earned=1), case(target_earned=0), case(target_earned=10**9), case(benchmark=None)]
    rows.append(case(performance_year=2024, target_earned=0))
    text = ss.break_even(door.frame(columns_of(rows))).summary()
    assert list(text.rows) == [("2023", "5", "2", "1", "1", "1", "2.30%"), ("2024", "1", "0", "0", "1", "0", "-")]


def test_a_plot_draws_the_payoff_around_each_break_even(door):
    rows = [case(), case(target_earned=0), case(**RISK, target_earned=-3_000_000)]
    two = ss.break_even(door.frame(columns_of(rows))).plot().axes[0]
    labels = [text.get_text() for text in two.get_legend().get_texts()]
    assert labels == ["row 0: B, 2023: 2.60 %", "row 2: E, 2023: -2.00 %"]
    one = ss.break_even(door.frame(columns_of(rows[:1]))).plot().axes[0]
    curve = next(line for line in one.get_lines() if line.get_label().startswith("row"))
    rates, earned = np.asarray(curve.get_xdata()), np.asarray(curve.get_ydata())
    assert np.nanmax(earned) == pytest.approx(0.392 * 500e6 * rates[-1] / 100, rel=1e-6)
    assert (earned[rates < 0] == 0).all()
    none = ss.break_even(door.frame(columns_of(rows[1:2]))).plot().axes[0]
    assert none.get_legend() is None


def test_an_empty_frame_comes_back_with_the_new_columns():
    empty = pd.DataFrame(columns_of([case()])).iloc[:0].drop(columns="target_earned")
    assert ss.break_even(empty).frame.columns.tolist()[-5:] == OUTPUTS


# ---- arrays


def test_arrays_in_cents_agree_with_frames_and_lent_arrays_are_filled():
    n = 20_000
    random = np.random.default_rng(5)
    codes = arrays.track_codes()
    names = random.choice(["A", "B", "C", "D", "E", "ENHANCED"], n)
    given = {
        "benchmark": random.integers(10**8, 10**11, n),
        "beneficiaries": random.integers(500, 100_000, n),
        "performance_year": random.integers(2022, 2025, n),
        "target_earned": random.integers(-(10**9), 10**9, n),
        "quality_standard_met": random.random(n) < 0.8,
        "alternative_standard_met": random.random(n) < 0.5,
        "participant_revenue": random.integers(10**7, 10**11, n),
        "low_revenue": random.random(n) < 0.5,
        "agreement_start": np.full(n, 2024),
    }
    shares = {"quality_score": np.round(random.random(n), 4)}
    one = arrays.break_even(track=np.array([codes[name] for name in names]), **given, **shares, threads=1)
    money = ("benchmark", "target_earned", "participant_revenue")
    frame = pl.DataFrame({k: v / 100 if k in money else v for k, v in (given | shares).items()} | {"track": names})
    framed = ss.break_even(frame, threads=2).frame
    null = one["break_even"] == arrays.NULL_CENTS
    assert (framed["break_even"].is_null().to_numpy() == null).all()
    assert framed["break_even"].fill_null(0).to_numpy() * 100 == pytest.approx(np.where(null, 0, one["break_even"]))
    words = np.array(arrays.BREAK_EVEN_SEGMENTS, dtype=object)[one["segment"]]
    assert (framed["segment"].cast(pl.String).to_numpy() == words).all()
    words = np.array(arrays.BREAK_EVEN_REASONS, dtype=object)[one["reason"]]
    assert (framed["reason"].cast(pl.String).fill_null("").to_numpy() == words).all()
    out = {"break_even": np.empty(n, np.int64), "marginal_rate": np.empty(n)}
    lent = arrays.break_even(track=np.array([codes[name] for name in names]), **given, **shares, out=out)
    assert lent["break_even"] is out["break_even"]
    assert list(lent) == ["break_even", "marginal_rate"]
    for name, column in out.items():
        np.testing.assert_array_equal(column, one[name])
    # And the engine earns the target there, a cent more less.
    rows = {k: v[~null] for k, v in (given | shares).items() if k != "target_earned"}
    rows["track"] = np.array([codes[name] for name in names])[~null]
    for more, reached in ((0, True), (1, False)):
        earned = arrays.settle(expenditures=one["break_even"][~null] + more, **rows)["earned"]
        assert ((earned >= given["target_earned"][~null]) == reached).all()


def test_arrays_take_what_settle_takes_with_a_target_for_the_expenditures():
    mine, of_settle = (list(inspect.signature(verb).parameters) for verb in (arrays.break_even, arrays.settle))
    assert [name for name in mine if name != "target_earned"] == [name for name in of_settle if name != "expenditures"]
    assert set(mine) - set(of_settle) == {"target_earned"}


def test_a_target_of_arrays_is_nothing_where_none_is_given():
    one, code = np.full(2, 10**10), np.full(2, arrays.track_codes()["E"])
    found = arrays.break_even(one, np.full(2, 60_000), code, 2023, elected_rate=0.01, participant_revenue=one)
    assert found["break_even"].tolist() == [10_099_999_999] * 2
    assert set(found) == set(OUTPUTS)
    with pytest.raises(ValueError, match="choose from break_even"):
        arrays.break_even(one, one, code, 2023, outputs=["earned"])


# ---- any target


@settings(max_examples=60)
@given(
    st.sampled_from(["A", "C", "E", "ENHANCED"]),
    st.integers(10**6, 10**9),
    st.integers(-(10**8), 10**8),
    st.sampled_from([None, 0.0, 0.01]),
)
def test_any_break_even_is_the_last_cent_that_earns_the_target(track, benchmark, target, rate):
    rate = rate if track != "A" else None
    row = case(track=track, benchmark=benchmark, elected_rate=rate, participant_revenue=benchmark)
    frame = pl.DataFrame(columns_of([row])).drop("target_earned")
    out = ss.break_even(frame, earned=target).frame
    spent = out["break_even"][0]
    if spent is None:
        ends = {"target_not_reachable": 0, "target_always_reached": 50 * benchmark}
        [earned] = ss.settle(frame.with_columns(expenditures=ends[out["reason"][0]])).frame["earned"]
        assert (earned >= target) == (out["reason"][0] == "target_always_reached")
        return
    cents = round(spent * 100)
    code = arrays.track_codes()[track]
    both = {name: values * 2 for name, values in columns_of([row]).items() if name not in ("track", "target_earned")}
    given_ = {name: np.array(values) for name, values in both.items() if values[0] is not None}
    given_ |= {name: given_[name] * 100 for name in ("benchmark", "participant_revenue")}
    earned = arrays.settle(expenditures=np.array([cents, cents + 1]), track=np.full(2, code), **given_)["earned"]
    assert earned[0] >= target * 100 > earned[1]


# ---- other programs


def test_a_target_of_another_program_is_read_backwards(door):
    """V5, V16 and V30: what their terms earn at their own spending."""
    rows = {
        "program": ["reach", "ngaco", "ocm", "cpc_plus"],
        "track": ["GLOBAL", "B", "TWO_SIDED_ALTERNATIVE", "TRACK_1"],
        "performance_year": [2023, 2017, 2020, 2018],
        "benchmark": [100_000_000.0, 100_000_000.0, 10_000_000.0, None],
        "quality_score": [0.9, 1.0, 1.0, 0.8],
        "discount": [None, 0.03, None, None],
        "elected_cap": [None, 0.15, None, None],
        "participant_revenue": [None, None, 4_000_000.0, None],
        "target_earned": [4_709_880.0, -1_500_000.0, 0.0, 0.0],
    }
    result = ss.break_even(door.frame(rows))
    assert door.read(result.frame, "break_even") == [92_000_000.0, 98_500_000.0, 9_999_999.99, None]
    assert door.read(result.frame, "segment") == ["sharing", "losses", "loss_gate", None]
    assert door.read(result.frame, "reason") == [None, None, None, "no_break_even"]
    assert door.read(result.frame, "marginal_rate") == [0.98, 1.0, 0.0, None]
    # Of the targets of savings and of losses, as `settle` tells it.
    assert door.read(result.frame, "break_even_rate")[:2] == [4_806_000 / 96_806_000, -1_500_000 / 97_000_000]
    told = {step.name: step.value for step in result.explain(0).steps}
    assert told["earned"] == "$4,709,880.00"
    assert told["earned at one cent more"] == "$4,709,879.99"


@pytest.mark.parametrize("target", [-3_000_000, -50_000, 0, 1, 250_000, 4_000_000])
def test_settle_earns_the_target_there_and_less_a_cent_beyond_in_every_program(target):
    frame = ss.load_sample("all_programs", backend="polars").drop("expenditures")
    found = ss.break_even(frame, earned=target)
    fees = frame["program"].is_in(["cpc_plus", "primary_care_first", "iota", "medical_home"])
    reasons = found.frame["reason"].cast(pl.String)
    assert (reasons.filter(fees) == "no_break_even").all()
    assert set(reasons.filter(~fees)) <= {None, "target_not_reachable", "target_always_reached",
                                          "revenue_limit_not_applied"}  # fmt: skip
    there = found.frame.filter(pl.col("break_even").is_not_null())
    cents = (there["break_even"] * 100).round().cast(pl.Int64)
    for more, reached in ((0, True), (1, False)):
        spent = there.select(frame.columns).with_columns(expenditures=(cents + more) / 100)
        earned = ss.settle(spent).frame["earned"]
        assert ((earned >= target) == reached).all()
    assert len(there) >= 10


def test_a_hospital_without_a_minimum_rate_breaks_even_at_its_neutral_zone(door):
    """CJR, 42 CFR 510.305: nothing is owed up to the target of losses, whose discount is smaller."""
    rows = {"track": ["HOSPITAL"], "performance_year": [2018], "benchmark": [1_000_000.0], "quality_score": [0.5]}
    found = ss.break_even(door.frame(rows), program="cjr", earned=0)
    assert door.read(found.frame, "segment") == ["neutral_zone"]
    assert door.read(found.frame, "marginal_rate") == [0.0]
    [spent] = door.read(found.frame, "break_even")
    settled = [ss.settle(door.frame(rows | {"expenditures": [spent + more]}), program="cjr").frame
               for more in (0, -0.01, 0.01)]  # fmt: skip
    assert [door.read(frame, "earned") for frame in settled] == [[0], [0], [-0.01]]
    assert door.read(settled[1], "reason") == ["neutral_zone"]


def test_a_break_even_of_several_programs_is_drawn_and_explained():
    frame = ss.load_sample("all_programs", backend="pandas")
    result = ss.break_even(frame[frame["program"].isin(["reach", "kcc", "ngaco"])])
    labels = [text.get_text() for text in result.plot().axes[0].get_legend().get_texts()]
    assert any("reach GLOBAL" in label for label in labels)
    assert "reach" in result.summary().title
