"""The synthetic samples."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import judge
import sharedsavings as ss


def benchmark(frame: Any) -> Any:
    """The benchmarks of either half of the sample, with the other half beside it."""
    backend = {"pandas": "pandas", "polars": "polars", "pyarrow": "pyarrow"}[type(frame).__module__.split(".")[0]]
    cells, entities = (ss.load_sample(name, backend=backend) for name in ("benchmark_cells", "benchmark_entities"))
    return ss.benchmark(cells, entities, performance_year=2024)


MODELS = ("cec_ldo", "cec_one_sided", "cec_two_sided", "mssp_track_2", "mssp_track_3", "ngaco_a", "ngaco_b",
          "ocm_two_sided", "ocm_alternative", "cpc_plus_track_1", "cpc_plus_track_2", "all_programs")  # fmt: skip


def clinicians(frame: Any) -> Any:
    """The clinicians of either half of the sample, with the other half beside it."""
    backend = {"pandas": "pandas", "polars": "polars", "pyarrow": "pyarrow"}[type(frame).__module__.split(".")[0]]
    roster, scores = (ss.load_sample(name, backend=backend) for name in ("qp_roster", "qp_scores"))
    return ss.clinicians(roster, scores, performance_year=2024)


VERBS = {"qp_entities": (ss.qp_status, "status"), "mssp_acos": (ss.settle, "earned"),
         "benchmark_cells": (benchmark, "benchmark"), "benchmark_entities": (benchmark, "benchmark"),
         "qp_roster": (clinicians, "npi"), "qp_scores": (clinicians, "npi"),
         **dict.fromkeys(MODELS, (ss.settle, "earned"))}  # fmt: skip


def test_every_sample_is_listed_with_how_it_was_made():
    rows = ss.list_samples().rows
    assert {row[0] for row in rows} == set(VERBS)
    assert all("ynthetic" in row[1] and "seed" in row[1] for row in rows)


@pytest.mark.parametrize("name", VERBS)
def test_a_sample_is_the_same_through_every_door_and_every_time(door, name):
    first = ss.load_sample(name, backend=door.name)
    again = ss.load_sample(name, backend=door.name)
    reference = ss.load_sample(name, backend="pyarrow")
    assert type(first) is type(door.frame({"a": [1]}))
    assert door.columns(first) == reference.column_names
    for column in door.columns(first):
        # pandas has no dates without a time of day.
        read = [v.date() if isinstance(v, dt.datetime) else v for v in door.read(first, column)]
        assert door.read(first, column) == door.read(again, column)
        assert read == reference[column].to_pylist()


@pytest.mark.parametrize("name", VERBS)
def test_a_sample_goes_straight_into_its_verb(door, name):
    verb, decisive = VERBS[name]
    result = verb(ss.load_sample(name, backend=door.name))
    values = door.read(result.frame, decisive)
    assert None not in values


def test_samples_warn_of_what_is_recalled_in_their_years_and_of_nothing_else():
    assert ss.qp_status(ss.load_sample("qp_entities")).warnings == ()
    acos = ss.load_sample("mssp_acos", backend="pandas")
    recalled = acos["track"].isin(["1+", "2", "3"])
    known = acos["performance_year"] <= 2024
    # Limits of Tracks 1+, 2 and 3 are recalled, and so is sequestration from 2025 on.
    assert ss.settle(acos[known & ~recalled]).warnings == ()
    told = ss.settle(acos).warnings
    assert {warning.split("`")[1] for warning in told} >= {"mssp.payment_limit", "mssp.sequestration"}
    assert all("recalled" in warning for warning in told)
    assert len({warning.split("`")[1] for warning in told}) == len(told)
    for track in ("1+", "2", "3"):
        assert any(f"{track}: " in warning for warning in ss.settle(acos[acos["track"] == track]).warnings)


def test_the_acos_of_the_sample_are_of_every_year_and_track_that_there_was():
    acos = ss.load_sample("mssp_acos", backend="pandas")
    assert set(acos["performance_year"]) == set(range(2013, 2027))
    assert set(acos["track"]) == set(judge.LEVELS)
    assert all(track in judge.tracks(year) for year, track in zip(acos["performance_year"], acos["track"], strict=True))
    assert set(acos[acos["half_year"]]["performance_year"]) == {2019}


def test_samples_show_every_outcome():
    statuses = ss.qp_status(ss.load_sample("qp_entities", backend="polars")).frame["status"].to_list()
    assert set(statuses) == {"qp", "partial_qp", "none"}
    earned = ss.settle(ss.load_sample("mssp_acos", backend="polars")).frame["earned"]
    assert earned.min() < 0 < earned.max()
    assert 0.0 in earned.to_list()


def test_no_sample_or_back_end_of_another_name():
    with pytest.raises(ss.InputError, match=r"no sample 'titanic'\. There are qp_entities, mssp_acos"):
        ss.load_sample("titanic")
    with pytest.raises(ss.InputError, match="backend='spark': choose from pandas, polars, pyarrow"):
        ss.load_sample("qp_entities", backend="spark")


@pytest.mark.parametrize("name", MODELS)
def test_every_row_of_a_sample_of_a_model_is_explained_to_its_amount(name):
    result = ss.settle(ss.load_sample(name, backend="polars"))
    for row, earned in enumerate(result.frame["earned"]):
        steps = {step.name: step for step in result.explain(row).steps}
        assert steps["earned"].value == f"{'-' if earned < 0 else ''}${abs(earned):,.2f}"
        assert any(step.rules and step.cites for step in steps.values())
    assert len(result.summary().rows) > 1


# What each sample must show beside savings: a reason, or where losses are shared an amount owed.
SHOWN = {
    "cec_ldo": {"owed", "payment_limit", "benchmark_loss_limit", "within_minimum_savings_rate",
                "within_minimum_loss_rate"},
    "cec_one_sided": {"payment_limit", "no_downside_risk", "within_minimum_savings_rate"},
    "cec_two_sided": {"owed", "payment_limit", "benchmark_loss_limit", "within_minimum_savings_rate",
                      "within_minimum_loss_rate"},
    "mssp_track_2": {"owed", "payment_limit", "benchmark_loss_limit", "within_minimum_savings_rate",
                     "within_minimum_loss_rate", "quality_standard_not_met"},
    "mssp_track_3": {"owed", "payment_limit", "benchmark_loss_limit", "within_minimum_savings_rate",
                     "within_minimum_loss_rate", "quality_standard_not_met"},
    "ngaco_a": {"owed", "gross_cap"},
    "ngaco_b": {"owed", "gross_cap"},
    "ocm_two_sided": {"owed", "payment_limit", "benchmark_loss_limit"},
    "ocm_alternative": {"owed", "revenue_payment_limit", "revenue_loss_limit", "neutral_zone"},
    "cpc_plus_track_1": {"owed"},
    "cpc_plus_track_2": {"owed"},
}  # fmt: skip


@pytest.mark.parametrize("name", SHOWN)
def test_a_sample_of_a_model_shows_every_outcome_of_it(name):
    frame = ss.settle(ss.load_sample(name, backend="polars")).frame
    earned, reasons = frame["earned"], set(frame["reason"].cast(str).drop_nulls()) if "reason" in frame else set()
    seen = reasons | ({"owed"} if (earned < 0).any() else set())
    assert seen >= SHOWN[name], seen
    if not name.startswith("cpc_plus"):
        assert (earned > 0).sum() >= 4
    # The worst quality is paid nothing of savings, or pays back all that was prepaid.
    worst = frame.filter(frame["quality_score"] == frame["quality_score"].min())
    if name.startswith("cpc_plus"):
        assert (worst["incentive_retained"] == 0).all()
    if name.startswith(("cec", "ocm")):
        assert (worst["earned"] <= 0).all()


def test_the_sample_of_all_programs_has_each_of_them():
    frame = ss.load_sample("all_programs", backend="polars")
    assert set(frame["program"]) == {row[0] for row in ss.arrangement.models().rows}
