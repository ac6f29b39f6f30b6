"""Winsorised episode spending against numpy, and what any winsorising must do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sharedsavings as ss

SPENDING = st.lists(st.integers(0, 10**9), min_size=1, max_size=120)


def frame(spending, **columns):
    whole = {"region": 1, "episode_category": "LEJR", "performance_year": 2026} | columns
    return pd.DataFrame({"episode_spending": np.asarray(spending) / 100, **whole})


@given(SPENDING)
def test_both_tails_are_moved_to_the_percentiles_of_numpy_and_stay_there(cents):
    """Fifth and ninety-fifth percentile, by numpy's inverted distribution function."""
    spending = np.asarray(cents) / 100
    once = ss.winsorise(frame(cents, performance_year=2019), program="ocm", by=["region"]).frame
    low, high = (np.quantile(spending, part, method="inverted_cdf") for part in (0.05, 0.95))
    counted = once["expenditures"].to_numpy()
    assert (counted == np.clip(spending, low, high)).all()
    assert (once["upper_cap"] == high).all()
    assert (once["lower_cap"] == low).all()
    moved = once["winsorised"].notna().to_numpy()
    assert (counted[~moved] == spending[~moved]).all(), "only the tails move"
    again = ss.winsorise(frame(np.round(counted * 100), performance_year=2019), program="ocm", by=["region"]).frame
    assert (again["expenditures"] == counted).all(), "winsorising again moves nothing"


def test_groups_and_years_have_caps_of_their_own(door):
    random = np.random.default_rng(3)
    n = 3_000
    rows = {
        "region": random.integers(0, 3, n).tolist(),
        "episode_category": random.choice(["LEJR", "CABG"], n).tolist(),
        "performance_year": random.choice([2026, 2027], n).tolist(),
        "episode_spending": np.round(random.lognormal(9, 1, n), 2).tolist(),
    }
    told = ss.winsorise(door.frame(rows), program="team", by=("region", "episode_category"), threads=2)
    counted = np.array(door.read(told.frame, "expenditures"))
    plain = pd.DataFrame(rows)
    for key, at in plain.groupby(["region", "episode_category", "performance_year"]).indices.items():
        spent = plain["episode_spending"].to_numpy()[at]
        cap = np.quantile(spent, 0.99, method="inverted_cdf")
        assert (counted[at] == np.minimum(spent, cap)).all(), key
    assert (counted <= plain["episode_spending"].to_numpy()).all()
    assert told.warnings == ()
    step = told.explain(0).steps[0]
    assert step.name == "upper cap"
    assert step.rules == ("team.episode.threshold_percentile",)
    assert step.cites == ("42 CFR 512.540, TEAM determination of preliminary target prices",)


def test_v44_bpci_counts_a_fifth_above_the_threshold_by_track():
    rows = pd.DataFrame({"track": ["A", "A", "B"], "episode_spending": [90_000, 50_000, 60_000.01],
                         "upper_cap": [60_000, 60_000, 60_000]})  # fmt: skip
    told = ss.winsorise(rows, program="bpci", performance_year=2016).frame
    assert told["expenditures"].tolist() == [66_000, 50_000, 60_000]
    spending = np.arange(1.0, 201.0)
    by_track = pd.DataFrame({"track": ["A"] * 200 + ["C"] * 200, "episode_spending": np.tile(spending, 2)})
    told = ss.winsorise(by_track, program="bpci", by=["track"], performance_year=2016).frame
    assert told["upper_cap"].iloc[[0, 200]].tolist() == [198, 150]
    assert told["lower_cap"].iloc[[0, 200]].tolist() == [2, 10]
    assert told["expenditures"].iloc[199] == 198 + 0.2 * 2
    with pytest.raises(ss.InputError, match=r"`track`: missing\. Percentiles of bpci differ by it: A, B, C"):
        ss.winsorise(by_track.assign(g=1).drop(columns="track"), program="bpci", by=["g"], performance_year=2016)


def test_nulls_count_in_no_percentile(door):
    rows = {"g": [1, 1, None, 1], "episode_spending": [100.0, None, 900.0, 200.0], "performance_year": [2026] * 4}
    told = ss.winsorise(door.frame(rows), program="team", by=["g"])
    assert door.read(told.frame, "expenditures") == [100, None, None, 200]
    assert door.read(told.frame, "winsorise_reason") == [None, "missing_input", "missing_input", None]
    assert door.read(told.frame, "upper_cap") == [200, None, None, 200]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"episode_spending": [-1.0, 2.0]}, "`episode_spending`: negative in 1 row, first in row 0"),
        ({"episode_spending": [float("inf"), 2.0]}, "`episode_spending`: NaN or infinite"),
        ({"episode_spending": [1e20, 2.0]}, "`episode_spending`: too large"),
        ({"performance_year": [2026, 2011]}, "`performance_year`: without percentiles in the rule book in 1 row"),
        ({"lower_cap": [5.0, 9.0], "upper_cap": [6.0, 8.0]}, "`upper_cap`: below the row's lower cap in 1 row"),
        ({"episode_spending": ["a", "b"]}, "`episode_spending`: holds"),
    ],
)
def test_what_winsorising_cannot_take_is_refused_by_name(change, message):
    rows = pd.DataFrame({"g": [1, 1], "episode_spending": [1.0, 2.0], "performance_year": [2026, 2026]} | change)
    with pytest.raises(ss.InputError, match=message):
        ss.winsorise(rows, program="team", by=["g"])


def test_groups_and_programs_must_be_told():
    rows = pd.DataFrame({"episode_spending": [1.0], "performance_year": [2026]})
    with pytest.raises(ss.InputError, match="by=: no group is given"):
        ss.winsorise(rows, program="team")
    with pytest.raises(ss.InputError, match="by=: the frame has no column `region`"):
        ss.winsorise(rows, program="team", by=["region"])
    with pytest.raises(ss.InputError, match="not a list"):
        ss.winsorise(rows, program="team", by="region")
    with pytest.raises(ss.NotModelledError, match='winsorises no episodes of program "mssp"'):
        ss.winsorise(rows, program="mssp", by=["episode_spending"])
    with pytest.raises(ss.InputError, match="without percentiles"):
        ss.winsorise(rows, program="cjr", by=["episode_spending"], performance_year=None, columns=None,
                     rules={"cjr.episode.threshold_percentile": "0.98"})  # fmt: skip
    assert len(ss.winsorise(rows.iloc[:0], program="team", by=["episode_spending"]).frame) == 0


def test_published_caps_take_the_place_of_percentiles_in_any_year():
    """Before 2022 the cap of CJR is no percentile (42 CFR 510.300), so it is given."""
    rows = pd.DataFrame({"episode_spending": [20_000.0, 70_000.0], "upper_cap": [61_234.56, 61_234.56]})
    told = ss.winsorise(rows, program="cjr", performance_year=2018)
    assert told.frame["expenditures"].tolist() == [20_000, 61_234.56]
    assert told.explain(1).steps[0].formula == "as given"
    with pytest.raises(ss.InputError, match="without percentiles in the rule book in 2 rows"):
        ss.winsorise(rows.drop(columns="upper_cap").assign(g=1), program="cjr", by=["g"], performance_year=2018)


@pytest.mark.parametrize("backend", ["pandas", "polars"])
def test_a_missing_region_is_a_null_and_no_group_of_its_own(backend):
    region = [1.0, float("nan"), 1.0, float("nan")]
    rows = {"region": region, "episode_category": ["LEJR"] * 4, "episode_spending": [1.0, 2.0, 3.0, 4.0]}
    made = pd.DataFrame(rows) if backend == "pandas" else pl.DataFrame(rows)
    told = ss.winsorise(made, program="team", by=["region"], performance_year=2026).frame
    reasons = told["winsorise_reason"].to_list()
    assert [reason if isinstance(reason, str) else None for reason in reasons] == [None, "missing_input"] * 2
    assert told["upper_cap"].to_list()[0] == 3.0


def test_a_group_of_lists_is_refused_by_name():
    rows = pd.DataFrame({"region": [[1], [2]], "episode_spending": [1.0, 2.0]})
    with pytest.raises(ss.InputError, match="by=: column `region` holds values that make no group"):
        ss.winsorise(rows, program="team", by=["region"], performance_year=2026)


@pytest.mark.parametrize("null", [None, float("nan")])
def test_a_null_track_makes_its_row_null_and_breaks_nothing(null):
    rows = pd.DataFrame({"region": [1, 1], "track": ["A", null], "episode_spending": [1.0, 2.0]})
    told = ss.winsorise(rows, program="bpci", by=["region"], performance_year=2016).frame
    assert told["winsorise_reason"].tolist()[1] == "missing_input"
    assert told["expenditures"].tolist()[0] == 1.0
