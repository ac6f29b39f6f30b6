"""From beneficiary-months to the cells of a benchmark."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import sharedsavings as ss


def months(people: dict[int, list[float]], **more: Any) -> dict[str, list[Any]]:
    """Monthly dollars of people, from January of 2021 on."""
    rows = [(who, at + 1, spent) for who, year in people.items() for at, spent in enumerate(year)]
    columns: dict[str, list[Any]] = {
        "entity_id": ["A"] * len(rows),
        "beneficiary_id": [row[0] for row in rows],
        "year": [2021] * len(rows),
        "month": [row[1] for row in rows],
        "enrollment_type": ["aged_dual"] * len(rows),
        "expenditures": [float(row[2]) for row in rows],
    }
    return columns | {name: [value] * len(rows) for name, value in more.items()}


OPTIONS: dict[str, Any] = {
    "years": {"by3": 2021},
    "truncation": {(2021, "aged_dual"): 208_929.14},
    "completion": 1.013,
}


@pytest.mark.parametrize(
    ("spent", "per_capita", "person_years"),
    [
        # CMS's specifications, version 11, section 3: annualised, truncated, completed.
        ([10_000, 0, 0, 0, 0, 0], 20_260.00, 0.5),
        ([150_000, 0, 0, 0, 0, 0], 211_645.22, 0.5),
        ([-150_000, 0, 0, 0, 0, 0], -211_645.22, 0.5),
        ([1_000] * 12, 12_156.00, 1.0),
    ],
)
def test_a_person_is_annualised_truncated_and_completed(door, spent, per_capita, person_years):
    found = ss.benchmark_inputs(door.frame(months({1: spent})), **OPTIONS)
    assert type(found) is type(door.frame({"a": [1]}))
    assert door.read(found, "per_capita_by3")[0] == pytest.approx(per_capita, abs=0.005)
    assert door.read(found, "person_years_by3") == [person_years]


def test_people_are_weighted_by_person_years():
    frame = pd.DataFrame(months({1: [10_000, 0, 0, 0, 0, 0], 2: [500] * 12}, risk_score=1.0))
    frame.loc[frame["beneficiary_id"] == 2, "risk_score"] = 1.3
    found = ss.benchmark_inputs(frame, **OPTIONS)
    assert found["per_capita_by3"][0] == pytest.approx((20_260 * 0.5 + 6_000 * 1.013 * 1.0) / 1.5)
    assert found["risk_score_by3"][0] == pytest.approx((1.0 * 6 + 1.3 * 12) / 18)


def naive(frame: pd.DataFrame, threshold: float, factor: float) -> dict[tuple[str, str], tuple[float, float]]:
    """The same by hand, a person after the other."""
    sums: dict[tuple[str, str], list[float]] = {}
    for (entity, kind, _), group in frame.groupby(["entity_id", "enrollment_type", "beneficiary_id"]):
        years = len(group) / 12
        annual = max(-threshold, min(threshold, group["expenditures"].sum() / years)) * factor
        total = sums.setdefault((entity, kind), [0.0, 0.0])
        total[0] += annual * years
        total[1] += years
    return {key: (spent / years, years) for key, (spent, years) in sums.items()}


def test_a_random_population_agrees_with_a_second_way_and_feeds_the_verb():
    rng = np.random.default_rng(11)
    n = 6_000
    people = pd.DataFrame({
        "entity_id": rng.choice(["A", "B"], n), "beneficiary_id": np.arange(n), "first": rng.integers(1, 12, n),
        "enrollment_type": rng.choice(["esrd", "disabled", "aged_dual", "aged_nondual"], n),
    })  # fmt: skip
    frame = people.merge(pd.DataFrame({"month": range(1, 13)}), how="cross")
    frame = frame[frame["month"] >= frame["first"]].drop(columns="first")
    frame["expenditures"] = rng.lognormal(6.5, 1.5, len(frame)).round(2)
    frame["risk_score"] = 1.0
    frame["demographic_score"] = 1.0
    years = {"by1": 2021, "by2": 2022, "by3": 2023, "py": 2024}
    every = pd.concat([frame.assign(year=year) for year in (*years.values(), 2020)])
    thresholds = {(y, k): 60_000.0 for y in years.values() for k in frame["enrollment_type"].unique()}
    completion = {2021: 1.0, 2022: 1.0, 2023: 1.01, 2024: 1.013}
    cells = ss.benchmark_inputs(every, years=years, truncation=thresholds, completion=completion)
    expected = naive(frame, 60_000, 1.01)
    assert len(cells) == len(expected) == 8
    for row in cells.itertuples():
        spent, person_years = expected[row.entity_id, row.enrollment_type]
        assert row.per_capita_by3 == pytest.approx(spent, rel=1e-12)
        assert row.person_years_by3 == pytest.approx(person_years, rel=1e-12)
        assert row.per_capita_py == pytest.approx(spent / 1.01 * 1.013, rel=1e-12)
    growth = cells.assign(given_trend_by1=1.01, given_trend_by2=1.01, given_regional_adjustment=0.0, national_by3=1.0,
                          given_update_factor=1.013 / 1.01)  # fmt: skip
    entities = pd.DataFrame({"entity_id": ["A", "B"], "agreement_start": 2024, "agreement_number": 1})
    found = ss.benchmark(growth, entities, performance_year=2024).frame
    spent = cells.assign(total=cells["per_capita_py"] * cells["person_years_py"]).groupby("entity_id")["total"].sum()
    assert found["benchmark"].tolist() == pytest.approx(spent.tolist(), rel=1e-9)


def test_years_without_people_are_zero_person_years():
    found = ss.benchmark_inputs(pd.DataFrame(months({1: [1.0]})), years={"by3": 2021, "py": 2024}, truncation=None,
                                completion=1.0)  # fmt: skip
    assert found["person_years_py"].tolist() == [0.0]
    assert found["per_capita_py"].isna().all()


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        ({}, {"truncation": {}}, r"truncation=: no threshold for \(2021, 'aged_dual'\)"),
        ({}, {"completion": {2020: 1.013}}, r"completion=: no factor for 2021"),
        ({}, {"years": {"by4": 2021}}, r"give a year of its own to each of by1, by2, by3, py"),
        ({}, {"years": {"by1": 2021, "by2": 2021}}, r"give a year of its own"),
        (
            {"month": [1, 1]},
            {},
            r"column `month`: repeated in 2 rows .*first in row 0: beneficiary 1 has 2 rows for month 1 of 2021",
        ),
        ({"month": [1, 13]}, {}, r"column `month`: not a month in 1 rows of the months, first in row 1 \(value 13\)"),
        ({"month": [3.5, 1]}, {}, r"column `month`: not a month in 1 rows of the months, first in row 0 \(value 3.5\)"),
        ({"expenditures": [1.0, None]}, {}, r"column `expenditures`: null in 1 rows of the months, first in row 1"),
        ({"expenditures": [1.0, float("inf")]}, {}, r"column `expenditures`: infinite in 1 rows .*first in row 1"),
        ({"expenditures": ["1", "2"]}, {}, r"column `expenditures`: holds .*, not numbers"),
        ({"year": ["2021", "2021"]}, {}, r"column `year`: holds .*, not numbers"),
        ({"year": [2021, 2021.5]}, {}, r"column `year`: not a whole number in 1 rows"),
        ({"year": [2011, 2011]}, {}, r"column `year`: no row of the months is of 2021"),
        ({"risk_score": [1.0, -1.0]}, {}, r"column `risk_score`: zero or negative in 1 rows .*row 1 \(value -1\)"),
        ({"beneficiary_id": [1, None]}, {}, r"column `beneficiary_id`: null in 1 rows of the months, first in row 1"),
        ({"enrollment_type": ["esrd", "x"]}, {}, r"unknown enrollment type in 1 rows of the months"),
    ],
)
def test_what_does_not_fit_is_refused(changes, options, message):
    frame = pd.DataFrame(months({1: [1.0, 2.0]}) | changes)
    with pytest.raises(ss.InputError, match=message):
        ss.benchmark_inputs(frame, **(OPTIONS | options))


def test_no_months_at_all_are_refused(door):
    empty: dict[str, list[Any]] = {name: values[:0] for name, values in months({1: [1.0]}).items()}
    with pytest.raises(ss.InputError, match=r"no row of the months is of 2021.*There are 0 rows"):
        ss.benchmark_inputs(door.frame(empty), **OPTIONS)


def test_a_threshold_is_needed_only_where_there_are_months():
    frame = pd.DataFrame(months({1: [1_000.0] * 12, 2: [1_000.0] * 12}))
    frame.loc[frame["beneficiary_id"] == 2, ["year", "enrollment_type"]] = [2022, "esrd"]
    options = OPTIONS | {"years": {"by2": 2021, "by3": 2022}}
    thresholds = {(2021, "aged_dual"): 200_000.0, (2022, "esrd"): 500_000.0}
    found = ss.benchmark_inputs(frame, **(options | {"truncation": thresholds}))
    assert found["enrollment_type"].tolist() == ["esrd", "aged_dual"]
    with pytest.raises(ss.InputError, match=r"no threshold for \(2022, 'esrd'\)"):
        ss.benchmark_inputs(frame, **(options | {"truncation": {(2021, "aged_dual"): 200_000.0}}))


def test_a_missing_column_is_named():
    frame = pd.DataFrame(months({1: [1.0]})).drop(columns="month")
    with pytest.raises(ss.InputError, match="column `month`: missing"):
        ss.benchmark_inputs(frame, **OPTIONS)
