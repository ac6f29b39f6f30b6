"""Programs of every kind in one frame: settled as each is by itself, in the order and index of the caller."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import sharedsavings as ss

# One row of each family and shape, with what each program comes to: amounts from the published terms (V16, V47, V55).
ROWS: dict[str, list[Any]] = {
    "program": ["cpc+", "reach", "iota", "mssp", "primary_care_first", "bpci_advanced", "cpc_plus"],
    "track": ["Track 1", "GLOBAL", None, "B", None, None, "TRACK_2"],
    "performance_year": [2018, 2023, 2026, 2023, 2023, 2020, 2018],
    "benchmark": [None, 100_000_000.0, None, 500_000_000.0, None, 2_000_000.0, None],
    "expenditures": [None, 92_000_000.0, None, 487_000_000.0, None, 1_800_000.0, None],
    "beneficiaries": [None, None, None, 60_000, None, None, None],
    "quality_score": [0.8, 0.9, 0.2, None, None, 0.7, 0.8],
    "quality_standard_met": [None, None, None, True, None, None, None],
    "utilization_score": [0.5, None, None, None, None, None, 0.5],
    "beneficiary_months": [12_000, None, None, None, None, None, 12_000],
    "transplants": [None, None, 100, None, None, None, None],
    "primary_care_revenue": [None, None, None, None, 1_000_000.0, None, None],
    "performance_adjustment": [None, None, None, None, 0.34, None, None],
}
EARNED = [-10_500, 4_709_880, -100_000, 5_096_000, 340_000, 194_000, -16_800]


def test_every_kind_of_program_in_one_frame_earns_what_its_terms_say(door):
    result = ss.settle(door.frame(ROWS))
    assert door.read(result.frame, "earned") == EARNED
    assert door.columns(result.frame)[: len(ROWS)] == list(ROWS)
    for name, values in ROWS.items():
        assert door.read(result.frame, name) == values
    assert door.read(result.frame, "incentive_prepaid") == [30_000, None, None, None, None, None, 48_000]
    assert door.read(result.frame, "savings_rate")[0] is None
    assert door.read(result.frame, "target")[1:4] == [96_806_000, None, 500_000_000]
    assert door.read(result.frame, "reason") == [None] * 7


def test_a_mixed_frame_is_settled_as_each_program_is_by_itself():
    mixed = ss.load_sample("all_programs", backend="polars")
    whole = ss.settle(mixed).frame
    assert set(mixed["program"]) >= {"mssp", "reach", "cec", "cpc_plus", "iota", "primary_care_first", "team"}
    for program in mixed["program"].unique():
        alone = ss.settle(mixed.filter(pl.col("program") == program), program=program).frame
        here = whole.filter(pl.col("program") == program)
        for name in alone.columns:
            assert here[name].cast(alone[name].dtype).equals(alone[name], null_equal=True), (program, name)


def test_rows_of_a_mixed_frame_are_explained_and_summed_up_by_program(door):
    result = ss.settle(door.frame(ROWS))
    for row, amount in enumerate(EARNED):
        told = result.explain(row)
        assert told.title == f"Settlement of row {row}"
        steps = {step.name: step for step in told.steps}
        assert steps["earned"].value == f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"
        program = ["cpc_plus", "reach", "iota", "mssp", "primary_care_first", "bpci_advanced", "cpc_plus"][row]
        assert any(rule.startswith(f"{program}.") for step in told.steps for rule in step.rules)
    lines = {row[0]: row[1:] for row in result.summary().rows}
    assert lines["cpc_plus"] == ("2", "0", "0", "2", "-27,300", "0")
    assert lines["reach"] == ("1", "1", "4,709,880", "0", "0", "0")
    told = {warning.split("`")[1].split(".")[0] for warning in result.warnings}
    assert "cpc_plus" in told
    assert "mssp" not in told


def test_an_index_of_ones_own_stays(tmp_path):
    frame = pd.DataFrame(ROWS, index=list("gfedcba"))
    out = ss.settle(frame).frame
    assert out.index.tolist() == list("gfedcba")
    assert out.loc["f", "earned"] == 4_709_880
    twice = ss.settle(frame.set_axis([1, 1, 1, 2, 2, 2, 2])).frame
    assert twice["earned"].tolist() == EARNED


def test_the_caller_s_names_serve_every_family():
    frame = pd.DataFrame(ROWS).rename(columns={"utilization_score": "use", "benchmark": "b", "program": "model"})
    names = {"utilization_score": "use", "benchmark": "b", "program": "model"}
    assert ss.settle(frame, columns=names).frame["earned"].tolist() == EARNED


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"program": {1: "harbor", 4: "harbor"}}, ss.NotModelledError,
         r"unknown program in 2 rows, first in row 1 \(value 'harbor'\).*the rule book has bpci, .*mssp.*cpc_plus"),
        ({"program": {5: None}}, ss.InputError, "column `program`: missing in 1 row, first in row 5"),
        ({"track": {6: "TRACK_9"}}, ss.InputError,
         "unknown track in 1 row, first in row 6 .value 'TRACK_9'.. cpc_plus has TRACK_1, TRACK_2"),
        ({"track": {1: "LOCAL"}}, ss.InputError, "unknown track in 1 row, first in row 1 .*reach has GLOBAL"),
        ({"performance_year": {6: 2030}}, ss.InputError,
         "`performance_year`: not modelled in 1 row, first in row 6 .value 2030.. cpc_plus has .*from 2017 to 2021"),
        ({"performance_year": {5: 2030}}, ss.InputError,
         "`performance_year`: not modelled in 1 row, first in row 5 .*bpci_advanced has years from 2018 to 2025"),
        ({"quality_score": {6: 1.5}}, ss.InputError, "`quality_score`: above 1 in 1 row, first in row 6 .value 1.5"),
        ({"expenditures": {3: -1.0}}, ss.InputError, "`expenditures`: negative in 1 row, first in row 3"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_the_callers_own_row_with_what_there_is(door, changes, kind, message):
    rows = {name: list(values) for name, values in ROWS.items()}
    for name, cells in changes.items():
        for row, value in cells.items():
            rows[name][row] = value
    with pytest.raises(kind, match=message):
        ss.settle(door.frame(rows))


def test_rows_that_no_rule_takes_are_kept_when_asked(door):
    rows = ROWS | {"program": ["cpc+", "harbor", "iota", "mssp", None, "bpci_advanced", "cpc_plus"],
                   "performance_year": [2018, 2023, 2026, 2023, 2023, 2020, 2035]}  # fmt: skip
    result = ss.settle(door.frame(rows), invalid="null")
    assert door.read(result.frame, "earned") == [-10_500, None, -100_000, 5_096_000, None, 194_000, None]
    reasons = door.read(result.frame, "reason")
    assert reasons == [None, "unknown_program", None, None, "missing_input", None, "unknown_performance_year"]
    assert result.explain(1).steps[-1].value == "null: unknown_program"
    assert {row[0]: row[-1] for row in result.summary().rows}["unknown"] == "2"


def test_a_frame_of_no_rows_and_one_of_no_known_program():
    empty = pd.DataFrame({name: pd.Series([], dtype="float64") for name in ROWS})
    assert len(ss.settle(empty.assign(program=pd.Series([], dtype="object"))).frame) == 0
    alone = pd.DataFrame({"program": ["harbor"], "track": ["A"], "performance_year": [2023], "benchmark": [1.0]})
    out = ss.settle(alone, invalid="null").frame
    assert out["reason"].tolist() == ["unknown_program"]
    assert math.isnan(out["earned"][0])
    never = ss.break_even(alone, invalid="null")
    assert never.frame["reason"].tolist() == ["unknown_program"]
    assert "unknown_program" in repr(never)
    with pytest.raises(ss.InputError, match="no row has a program"):
        never.plot()


def test_columns_that_one_family_needs_are_asked_for_by_name():
    without = pd.DataFrame({name: values for name, values in ROWS.items() if name != "expenditures"})
    with pytest.raises(ss.InputError, match="column `expenditures`: missing"):
        ss.settle(without)
    only_fees = without[without["program"].isin(["cpc+", "cpc_plus", "iota"])]
    paid = ss.settle(only_fees).frame
    assert paid["earned"].tolist() == [-10_500, -100_000, -16_800]
    # The union of what the rows have: nothing of savings where nothing is shared, and nothing of fees where none are.
    assert "savings" not in paid
    beside = pd.DataFrame(ROWS).iloc[[1, 3]].assign(program=["reach", "harbor"])
    assert "incentive_prepaid" not in ss.settle(beside, invalid="null").frame


def test_rows_settle_alike_in_any_order_and_however_often_they_stand():
    frame = pd.DataFrame(ROWS)
    rng = np.random.default_rng(7)
    order = rng.integers(0, len(frame), 500)
    out = ss.settle(frame.iloc[order].reset_index(drop=True)).frame
    assert out["earned"].tolist() == [EARNED[row] for row in order]


def test_break_evens_of_a_mixed_frame_leave_fees_out_with_a_reason(door):
    result = ss.break_even(door.frame(ROWS), earned=0)
    reasons = door.read(result.frame, "reason")
    assert [reason == "no_break_even" for reason in reasons] == [True, False, True, False, True, False, True]
    assert door.read(result.frame, "break_even")[1] == 96_806_000.0
    assert "fees do not depend on expenditures" in str(result.explain(0))
    assert "earned at one cent more" in {step.name for step in result.explain(1).steps}


def test_a_program_of_fees_has_no_arrays_and_says_where_it_is_settled():
    with pytest.raises(ss.NotModelledError, match=r"cpc_plus pays fees.*`sharedsavings.settle`"):
        ss.arrays.track_codes("cpc_plus")
    with pytest.raises(ss.NotModelledError, match=r"it has bpci, .*cpc_plus, iota"):
        ss.arrays.track_codes("harbor")
