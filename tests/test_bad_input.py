"""What the verbs refuse, and how they say it: the column under the caller's own name, how many rows, the first of
them and its value, and what to do."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sharedsavings as ss
from sharedsavings import arrays

QP_ROW = {
    "performance_year": 2020,
    "payments_attributed": 60.0,
    "payments_eligible": 100.0,
    "patients_attributed": 30,
    "patients_eligible": 100,
    "all_payer_payments_apm": 60.0,
    "all_payer_payments_total": 100.0,
    "all_payer_patients_apm": 30,
    "all_payer_patients_total": 100,
}
SETTLE_ROW = {
    "performance_year": 2023,
    "track": "E",
    "benchmark": 500_000_000.0,
    "expenditures": 487_000_000.0,
    "beneficiaries": 60_000,
    "quality_score": 0.8,
    "quality_standard_met": True,
    "alternative_standard_met": False,
    "elected_rate": 0.01,
    "participant_revenue": 100_000_000.0,
    "low_revenue": False,
    "agreement_start": 2020,
    "disaster_relief": 0.0,
    "guardrail": False,
    "half_year": False,
    "termination_date": None,
    "terminated_by_cms": False,
    "disaster_month_share": 0.5,
    "disaster_beneficiary_share": 0.5,
    "payment_date": 20241001,
    "two_sided_year": 4,
    "small_benchmark_year": False,
    "advance_balance": 1_000_000.0,
}
VERBS: dict[str, tuple[Callable[..., ss.Result], dict[str, Any], str]] = {
    "qp_status": (ss.qp_status, QP_ROW, "status"),
    "settle": (ss.settle, SETTLE_ROW, "earned"),
}

# Verb, changes to a good row, column to blame, what is wrong, value as shown, reason.
BAD_ROWS: dict[str, tuple[str, dict[str, Any], str, str, str, str]] = {}


def bad(verb: str, column: str, value: Any, problem: str, shown: str, reason: str, **others: Any) -> None:
    name = f"{verb}: {column} {value}"
    BAD_ROWS[name] = (verb, {column: value, **others}, column, problem, shown, reason)


for money in ("payments_attributed", "payments_eligible", "all_payer_payments_apm", "all_payer_payments_total"):
    bad("qp_status", money, -0.01, "negative", "-$0.01", "negative")
    bad("qp_status", money, 9.3e16, "too large", "93000000000000000", "overflow")
    bad("qp_status", money, -1e300, "too large", "-1000000", "overflow")
    bad("qp_status", money, float("inf"), "NaN or infinite", "inf", "not_finite")
    bad("qp_status", money, float("-inf"), "NaN or infinite", "-inf", "not_finite")
for people in ("patients_attributed", "patients_eligible", "all_payer_patients_apm", "all_payer_patients_total"):
    bad("qp_status", people, -1, "negative", "-1", "negative")
    bad("qp_status", people, 1.5, "not a whole number", "1.5", "not_whole")
    bad("qp_status", people, 1e19, "too large", "10000000000000000000", "overflow")
ABOVE, UNPAIRED = ("numerator_above_denominator", "unpaired_null")
bad("qp_status", "payments_attributed", 100.01, "numerator above denominator", "$100.01", ABOVE)
bad("qp_status", "patients_attributed", 101, "numerator above denominator", "101", ABOVE)
bad("qp_status", "all_payer_payments_apm", 100.01, "numerator above denominator", "$100.01", ABOVE)
bad("qp_status", "all_payer_patients_apm", 101, "numerator above denominator", "101", ABOVE)
bad("qp_status", "payments_attributed", 1.0, "numerator above denominator", "$1.00", ABOVE, payments_eligible=0.0)
bad("qp_status", "all_payer_payments_apm", None, "null beside a value", "null", UNPAIRED)
bad("qp_status", "all_payer_patients_total", None, "null beside a value", "null", UNPAIRED)
for year in (2016, 0, -2020, 2200, 99_999_999):
    bad("qp_status", "performance_year", year, "performance year without thresholds in the rule book", str(year),
        "unknown_performance_year")  # fmt: skip
for year in (2012, 2200, 0, -5, 99_999_999):
    bad("settle", "performance_year", year, "not modelled", str(year), "unknown_performance_year")
for money in ("benchmark", "expenditures", "participant_revenue", "disaster_relief", "advance_balance"):
    bad("settle", money, -0.01, "negative", "-$0.01", "negative")
    bad("settle", money, 9.3e16, "too large", "93000000000000000", "overflow")
    bad("settle", money, float("inf"), "NaN or infinite", "inf", "not_finite")
bad("settle", "benchmark", 0.0, "zero", "$0.00", "no_benchmark")
bad("settle", "benchmark", 0.004, "zero", "$0.00", "no_benchmark")
bad("settle", "beneficiaries", -1, "negative", "-1", "negative")
bad("settle", "beneficiaries", 6000.5, "not a whole number", "6000.5", "not_whole")
bad("settle", "quality_score", 1.01, "above 1", "1.01", "share_above_one")
bad("settle", "quality_score", 85, "above 1", "85", "share_above_one")
bad("settle", "quality_score", -0.2, "negative", "-0.2", "negative")
bad("settle", "elected_rate", 0.03, "not on the menu of minimum rates", "0.03", "election_not_on_menu")
bad("settle", "elected_rate", 1, "not on the menu of minimum rates", "1", "election_not_on_menu")
bad("settle", "elected_rate", 2, "above 1", "2", "share_above_one")
bad("settle", "elected_rate", 0.01, "given for an arrangement without downside risk", "0.01",
    "no_election_without_risk", track="A")  # fmt: skip
DATES = ("agreement_start", "termination_date", "payment_date")
for day in DATES:
    bad("settle", day, 1985, "not a date", "1985", "not_a_date")
    bad("settle", day, 20241301, "not a date", "20241301", "not_a_date")
    bad("settle", day, 20230229, "not a date", "20230229", "not_a_date")
bad("settle", "termination_date", 2023, "not a date", "2023", "not_a_date")
bad("settle", "payment_date", 0, "not a date", "0", "not_a_date")
for other in (20221231, 20240101):
    bad("settle", "termination_date", other, "outside the performance year", str(other), "termination_outside_year")
bad("settle", "termination_date", 20190630, "given for a six-month period", "20190630", "termination_in_half_year",
    half_year=True, performance_year=2019)  # fmt: skip
bad("settle", "half_year", True, "true in a year without six-month periods", "1", "no_half_year")
bad("settle", "two_sided_year", 0, "below 1", "0", "below_one")
bad("settle", "two_sided_year", -1, "below 1", "-1", "below_one")
bad("settle", "two_sided_year", 1.5, "not a whole number", "1.5", "not_whole")
SHARES = ("disaster_month_share", "disaster_beneficiary_share")
for share in SHARES:
    bad("settle", share, 1.01, "above 1", "1.01", "share_above_one")
    bad("settle", share, -0.01, "negative", "-0.01", "negative")
    bad("settle", share, None, "null beside the other share of disaster relief", "null", "unpaired_relief_share")
bad("settle", "disaster_relief", 0.01, "given beside the shares of disaster relief", "$0.01", "relief_given_twice")
TRUTHS = ("quality_standard_met", "alternative_standard_met", "low_revenue", "guardrail", "half_year",
          "terminated_by_cms", "small_benchmark_year")  # fmt: skip
for truth in TRUTHS:
    bad("settle", truth, 2, "neither true nor false", "2", "not_a_truth_value")
for track in ("1", "1+", "2", "3"):
    bad("settle", "track", track, "not modelled for its performance year", track, "unknown_track")
bad("settle", "track", "Z", "unknown track", "'Z'", "unknown_track")
bad("settle", "track", "", "unknown track", "''", "unknown_track")


def columns_of(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def results(door: Any, frame: Any, inputs: list[str]) -> list[tuple[Any, ...]]:
    lists = [door.read(frame, name) for name in door.columns(frame) if name not in inputs]
    return list(zip(*lists, strict=True))


def numbers_for_truth(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Columns where a number stands among truth values hold numbers throughout."""
    mixed = {k for row in rows for k, v in row.items() if isinstance(v, int) and not isinstance(v, bool)}
    return [{k: int(v) if isinstance(v, bool) and k in mixed else v for k, v in row.items()} for row in rows]


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_is_named_with_its_column_count_place_and_value(door, name):
    verb, changes, column, problem, shown, _ = BAD_ROWS[name]
    call, good, _ = VERBS[verb]
    spoilt = good | changes
    columns = columns_of(numbers_for_truth([good, spoilt, good, spoilt, good]))
    with pytest.raises(ss.InputError) as caught:
        call(door.frame(columns))
    message = str(caught.value)
    assert message.startswith(f"column `{column}`: {problem} in 2 rows, first in row 1 (value {shown}")
    assert message.endswith('Or pass invalid="null" to keep such rows as null with a reason.')
    # What to do about it stands between.
    assert re.search(r"\)\. .{15,} Or pass invalid", message)
    own = {name: f"my {name}" for name in columns}
    with pytest.raises(ss.InputError, match=f"^column `my {column}`: {problem} in 2 rows"):
        call(door.frame({own[name]: values for name, values in columns.items()}), columns=own)


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_may_be_null_with_a_reason_and_its_neighbours_are_untouched(door, name):
    verb, changes, _, _, _, reason = BAD_ROWS[name]
    call, good, decisive = VERBS[verb]
    other = good | ({"performance_year": 2024} if verb == "settle" else {"performance_year": 2025})
    spoilt = good | changes
    rows = numbers_for_truth([good, spoilt, other, spoilt])
    columns = columns_of(rows)
    result = call(door.frame(columns), invalid="null")
    assert door.read(result.frame, "reason")[1::2] == [reason] * 2
    assert door.read(result.frame, decisive)[1::2] == [None] * 2
    clean = call(door.frame(columns_of([rows[0], rows[2]])))
    inputs = list(columns)
    assert results(door, result.frame, inputs)[::2] == results(door, clean.frame, inputs)
    # Null rows are told as such, everywhere.
    assert result.explain(1).steps[-1].value == f"null: {reason}"
    assert result.explain(0).steps[-1].value != f"null: {reason}"
    assert sum(int(line[-1]) for line in result.summary().rows) == 2


@pytest.mark.parametrize("verb", VERBS)
def test_nan_is_null_in_pandas_and_an_error_elsewhere(door, verb):
    call, good, decisive = VERBS[verb]
    column = "payments_attributed" if verb == "qp_status" else "benchmark"
    columns = columns_of([good, good | {column: float("nan")}])
    if door.name == "pandas":
        result = call(door.frame(columns))
        assert door.read(result.frame, "reason")[1] == "missing_input"
        return
    with pytest.raises(ss.InputError, match=rf"^column `{column}`: NaN or infinite in 1 row, .* \(value NaN\)"):
        call(door.frame(columns))
    result = call(door.frame(columns), invalid="null")
    assert door.read(result.frame, "reason")[1] == "not_finite"
    assert door.read(result.frame, decisive)[1] is None


@pytest.mark.parametrize("dtype", ["Float64", "double[pyarrow]"])
def test_nan_in_a_nullable_pandas_column_is_null(dtype):
    frame = pd.DataFrame(columns_of([QP_ROW, QP_ROW])).astype({"payments_attributed": dtype})
    frame.loc[1, "payments_attributed"] = pd.NA
    assert ss.qp_status(frame).frame["reason"].tolist()[1] == "missing_input"


# ---- columns as a whole


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["60", "60"], "[Ss]tring"),
        ([dt.date(2024, 1, 1)] * 2, "date|Date|Object"),
        ([[1, 2], [3]], "list|List|Object"),
        ([{"a": 1}] * 2, "struct|Struct|Object"),
        ([b"60"] * 2, "binary|Binary|Object"),
    ],
    ids=["text", "dates", "lists", "mappings", "bytes"],
)
def test_columns_that_hold_no_numbers_are_refused(door, verb, values, kind):
    call, good, _ = VERBS[verb]
    numeric = [name for name in good if name not in ("track", "performance_year", *DATES)]
    for column in numeric:
        columns = columns_of([good, good]) | {column: values}
        with pytest.raises(ss.InputError, match=rf"`{column}`: holds .*({kind}).*, not numbers.* (Parse|Cast) it"):
            call(door.frame(columns))


def test_python_decimals_in_an_object_column_are_refused_with_the_remedy():
    frame = pd.DataFrame(columns_of([QP_ROW]))
    frame["payments_attributed"] = pd.Series([Decimal("60.00")], dtype=object)
    with pytest.raises(ss.InputError, match=r"value Decimal\('60.00'\)\).*Decimals go in as an Arrow"):
        ss.qp_status(frame)


def test_truth_values_with_nulls_in_an_object_column_are_read_and_other_objects_refused():
    frame = pd.DataFrame(columns_of([SETTLE_ROW, SETTLE_ROW]))
    frame["alternative_standard_met"] = pd.Series([True, None], dtype=object)
    read = ss.settle(frame).frame
    typed = ss.settle(frame.astype({"alternative_standard_met": "boolean"})).frame
    assert read["earned"].equals(typed["earned"])
    assert read["reason"].equals(typed["reason"])
    assert read["alternative_standard_met"].tolist() == [True, None]
    frame["alternative_standard_met"] = pd.Series([True, "no"], dtype=object)
    with pytest.raises(ss.InputError, match="`alternative_standard_met`: holds Object, not numbers"):
        ss.settle(frame)


def test_track_numbers_beside_nulls_are_read_as_tracks():
    rows = [SETTLE_ROW | {"track": track, "performance_year": 2014, "elected_rate": None} for track in ("1", "2", "1")]
    frame = pd.DataFrame(columns_of(rows))
    numbers = frame.assign(track=[1.0, 2.0, None])
    found = ss.settle(numbers).frame
    expected = ss.settle(frame).frame
    assert found["earned"].tolist()[:2] == expected["earned"].tolist()[:2]
    assert found["reason"].tolist()[2] == "missing_input"
    with pytest.raises(ss.InputError, match="unknown track in 1 row, first in row 0"):
        ss.settle(frame.assign(track=[1.5, 2.0, None]))


@pytest.mark.parametrize("column", ["benchmark", "expenditures", "beneficiaries", "track", "performance_year"])
def test_a_column_that_every_settlement_needs_is_asked_for(door, column):
    columns = columns_of([SETTLE_ROW])
    del columns[column]
    with pytest.raises(ss.InputError, match=f"^column `{column}`: missing\\. "):
        ss.settle(door.frame(columns))


def test_a_column_that_some_rows_need_is_asked_for(door):
    columns = columns_of([SETTLE_ROW] * 2)
    del columns["quality_standard_met"]
    expected = r"^column `quality_standard_met`: absent, and needed in 2 rows, first in row 0\. Give the column"
    with pytest.raises(ss.InputError, match=expected):
        ss.settle(door.frame(columns))
    result = ss.settle(door.frame(columns), invalid="null")
    assert door.read(result.frame, "reason") == ["missing_column"] * 2


@pytest.mark.parametrize("column", list(QP_ROW))
def test_half_a_pair_or_no_year_is_asked_for(door, column):
    columns = columns_of([QP_ROW])
    del columns[column]
    with pytest.raises(ss.InputError, match=f"^column `{column}`: missing\\. Give "):
        ss.qp_status(door.frame(columns))


def test_neither_medicare_pair_is_refused(door):
    columns = {k: v for k, v in columns_of([QP_ROW]).items() if k.startswith(("all", "performance"))}
    with pytest.raises(ss.InputError, match=r"`payments_attributed`: missing.*or patients_attributed"):
        ss.qp_status(door.frame(columns))


@pytest.mark.parametrize("verb", VERBS)
def test_an_empty_frame_is_no_error(door, verb):
    call, good, decisive = VERBS[verb]
    result = call(door.frame({name: [] for name in good}))
    assert door.read(result.frame, decisive) == []
    assert result.summary().rows == []
    assert "0 rows" in repr(result)
    with pytest.raises(ss.InputError, match="row 0: the frame has 0 rows"):
        result.explain(0)


@pytest.mark.parametrize("column", [n for n in SETTLE_ROW if n not in ("elected_rate", "disaster_relief", "guardrail")])
def test_a_column_of_nulls_is_read_as_nulls(door, column):
    # One share of relief without the other is refused.
    nulls = SHARES if column in SHARES else [column]
    columns = columns_of([SETTLE_ROW] * 3) | {name: [None] * 3 for name in nulls}
    reasons = door.read(ss.settle(door.frame(columns)).frame, "reason")
    needed = ("benchmark", "expenditures", "beneficiaries", "track", "performance_year", "quality_standard_met")
    assert reasons == (["missing_input"] if column in needed else [None]) * 3


@pytest.mark.parametrize("column", list(QP_ROW))
def test_a_column_of_nulls_is_read_as_nulls_for_qp(door, column):
    columns = columns_of([QP_ROW] * 3) | {column: [None] * 3}
    reasons = door.read(ss.qp_status(door.frame(columns), invalid="null").frame, "reason")
    assert reasons == [UNPAIRED if column.startswith("all") else "missing_input"] * 3


# ---- names


@pytest.mark.parametrize("verb", VERBS)
def test_a_name_that_the_verb_does_not_know_is_refused_with_those_that_it_does(door, verb):
    call, good, _ = VERBS[verb]
    with pytest.raises(ss.InputError, match=r"columns=: `benchmrak` is not a column of this verb\. It reads \w+, "):
        call(door.frame(columns_of([good])), columns={"benchmrak": "performance_year"})


@pytest.mark.parametrize("verb", VERBS)
def test_a_mapping_to_a_column_that_is_not_there_is_refused_with_those_that_are(door, verb):
    call, good, _ = VERBS[verb]
    first = list(good)[1]
    message = rf"column `mine` \(mapped from `{first}`\): missing\. The frame has performance_year, {first}"
    with pytest.raises(ss.InputError, match=message):
        call(door.frame(columns_of([good])), columns={first: "mine"})


@pytest.mark.parametrize("verb", VERBS)
def test_one_column_cannot_stand_for_two(door, verb):
    call, good, _ = VERBS[verb]
    one, two = list(good)[2:4]
    with pytest.raises(ss.InputError, match=f"column `{two}`: stands for both `{one}` and `{two}`"):
        call(door.frame(columns_of([good])), columns={one: two})


@pytest.mark.parametrize("verb", VERBS)
def test_a_column_that_a_result_would_overwrite_is_refused(door, verb):
    call, good, decisive = VERBS[verb]
    for name in (decisive, "reason"):
        with pytest.raises(ss.InputError, match=f"column `{name}`: the frame already has one. Drop or rename it"):
            call(door.frame(columns_of([good]) | {name: [1]}))


@pytest.mark.parametrize("verb", VERBS)
def test_the_year_is_given_once(door, verb):
    call, good, _ = VERBS[verb]
    columns = columns_of([good])
    with pytest.raises(ss.InputError, match="column `performance_year`: the year is given twice"):
        call(door.frame(columns), performance_year=2023)
    columns["my year"] = columns.pop("performance_year")
    with pytest.raises(ss.InputError, match="column `my year`: the year is given twice"):
        call(door.frame(columns), performance_year=2023, columns={"performance_year": "my year"})


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("year", ["2023", 2023.0, float("nan"), 10**30, -1, [2023]], ids=str)
def test_a_year_for_all_rows_is_a_whole_number(door, verb, year):
    call, good, _ = VERBS[verb]
    columns = columns_of([good])
    del columns["performance_year"]
    with pytest.raises(ss.InputError, match=r"performance_year=.*: not a year\. Give one"):
        call(door.frame(columns), performance_year=year)


def test_two_pandas_columns_of_one_name_are_refused():
    frame = pd.DataFrame(columns_of([QP_ROW]))
    with pytest.raises(ss.InputError, match=r"two columns of one name .*'performance_year' 2 times"):
        ss.qp_status(pd.concat([frame, frame[["performance_year"]]], axis=1))


def test_pandas_columns_whose_names_are_no_text_are_refused_if_they_are_asked_for():
    frame = pd.DataFrame(columns_of([QP_ROW])).rename(columns={"payments_attributed": 7})
    with pytest.raises(ss.InputError, match=r"column 7 \(mapped from `payments_attributed`\): its name is not text"):
        ss.qp_status(frame, columns={"payments_attributed": 7})
    with pytest.raises(ss.InputError, match=r"`payments_attributed`: missing"):
        ss.qp_status(frame)
    with pytest.raises(ss.InputError, match=r"column `x` .*: missing\. The frame has performance_year, 7"):
        ss.qp_status(frame, columns={"payments_attributed": "x"})


# ---- frames and options


@pytest.mark.parametrize("verb", VERBS)
def test_what_is_no_frame_is_refused_by_its_kind(verb):
    call, good, _ = VERBS[verb]
    columns = columns_of([good])
    for frame, kind in (
        (columns, "a dict"),
        (None, "a NoneType"),
        ([good], "a list"),
        (pd.Series([1]), "a Series"),
        (pl.Series([1]), "a Series"),
        (np.ones((2, 2)), "a ndarray"),
        (pa.array([1]), "a Int64Array"),
    ):
        with pytest.raises(ss.InputError, match=f"the frame is {kind}. Give a pandas or polars DataFrame or a pyarrow"):
            call(frame)
    with pytest.raises(ss.InputError, match=r"the frame is lazy \(LazyFrame\)\. Call \.collect\(\) on it first"):
        call(pl.DataFrame(columns).lazy())


@pytest.mark.parametrize("verb", VERBS)
def test_options_that_mean_nothing_are_refused(door, verb):
    call, good, _ = VERBS[verb]
    frame = door.frame(columns_of([good]))
    for threads in (0, -1):
        with pytest.raises(ValueError, match=f"threads={threads}: give 1 or more"):
            call(frame, threads=threads)
    with pytest.raises(ValueError, match='invalid="drop": say "raise" or "null"'):
        call(frame, invalid="drop")
    for as_of in ("yesterday", "2026-02-30", "20260203", "2026-02-02 and a half", 5, ""):
        with pytest.raises(ss.InputError, match=r"as_of.* is not a date written yyyy-mm-dd"):
            call(frame, as_of=as_of)
    with pytest.raises(ss.NotModelledError, match=r"as_of|not yet law"):
        call(frame, as_of="1999-12-31")
    with pytest.raises(TypeError):
        call(frame, 2023)


def test_arrays_of_unequal_lengths_are_refused_by_settle():
    with pytest.raises(ss.InputError, match="`expenditures`: has 1 rows where another column has 2"):
        arrays.settle(np.ones(2, int), np.ones(1, int), np.ones(2, int), np.ones(2, int), 2023)


def test_track_codes_beyond_the_list_are_refused_by_settle():
    amounts = np.full(2, 10**9)
    with pytest.raises(ss.InputError, match=r"`track`: not modelled .* in 1 row, first in row 1 \(value 99\)"):
        arrays.settle(amounts, amounts, np.full(2, 9_000), np.array([arrays.track_codes()["B"], 99]), 2023)


def test_several_kinds_of_problems_are_counted(door):
    columns = columns_of([QP_ROW, QP_ROW | {"patients_attributed": -1}, QP_ROW | {"performance_year": 1}])
    with pytest.raises(ss.InputError, match=r"`patients_attributed`: negative .* One more kind of problem was found"):
        ss.qp_status(door.frame(columns))
    columns["payments_attributed"][2] = 1e9
    with pytest.raises(ss.InputError, match=r"2 more kinds of problems were found"):
        ss.qp_status(door.frame(columns))


def test_every_error_of_the_package_is_caught_by_its_base():
    for error in (ss.InputError, ss.RuleBookError, ss.NotModelledError):
        assert issubclass(error, ss.SharedSavingsError)
    assert issubclass(ss.InputError, ValueError)
    assert issubclass(ss.NotModelledError, LookupError)
    with pytest.raises(ss.SharedSavingsError):
        ss.qp_status(pd.DataFrame(columns_of([QP_ROW | {"patients_eligible": -1}])))


# ---- any frame with some spoilt rows


SPOIL = {
    verb: sorted((name for name, row in BAD_ROWS.items() if row[0] == verb and row[5] != "unpaired_null"))
    for verb in VERBS
}


@st.composite
def spoilt_frames(draw):
    verb = draw(st.sampled_from(list(VERBS)))
    good = VERBS[verb][1]
    rows, reasons = [], []
    for _ in range(draw(st.integers(1, 30))):
        row = dict(good)
        if verb == "qp_status":
            row["payments_attributed"] = float(draw(st.integers(0, 100)))
            row["performance_year"] = draw(st.integers(2017, 2030))
        else:
            row["expenditures"] = float(draw(st.integers(400_000_000, 600_000_000)))
            row["performance_year"] = draw(st.integers(2021, 2024))
        reason = None
        if draw(st.booleans()):
            _, changes, _, _, _, reason = BAD_ROWS[draw(st.sampled_from(SPOIL[verb]))]
            # A year of its own kind, so that only one thing is wrong with a row.
            row = good | changes
        rows.append(row)
        reasons.append(reason)
    return verb, numbers_for_truth(rows), reasons


@settings(max_examples=80)
@given(spoilt_frames())
def test_any_frame_is_refused_at_its_first_bad_row_or_keeps_the_good_ones_as_they_are(door, drawn):
    verb, rows, reasons = drawn
    call, good, decisive = VERBS[verb]
    frame = door.frame(columns_of(rows))
    spoilt = [at for at, reason in enumerate(reasons) if reason]
    # Tracks are words, which are looked up before rows are read; whether one ran in a year is seen with the row.
    unknown_tracks = [at for at in spoilt if reasons[at] == "unknown_track" and rows[at]["track"] in ("Z", "")]
    if spoilt:
        first = (unknown_tracks or spoilt)[0]
        with pytest.raises(ss.InputError, match=f"first in row {first} "):
            call(frame)
    result = call(frame, invalid="null")
    found = results(door, result.frame, list(good))
    words = door.read(result.frame, "reason")
    decided = door.read(result.frame, decisive)
    for at in spoilt:
        assert words[at] == reasons[at]
        assert decided[at] is None
    kept = [row for row, reason in zip(rows, reasons, strict=True) if not reason]
    if kept:
        clean = call(door.frame(columns_of(kept)))
        assert [found[at] for at, reason in enumerate(reasons) if not reason] == results(door, clean.frame, list(good))


def test_null_is_offered_only_by_verbs_that_take_it():
    rows = {"npi": [1234567893], "relation": ["other_apm"], "solvent": [True], "base_year_paid": [-1.0],
            "incentive": [10.0]}  # fmt: skip
    with pytest.raises(ss.InputError, match="`base_year_paid`: negative") as caught:
        ss.incentive_recipients(pl.DataFrame(rows))
    assert "invalid=" not in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("year", ["2024", 2024.5])
def test_a_catalogue_of_a_year_that_is_none_is_refused(year):
    with pytest.raises(ss.InputError, match=r"performance_year=.*: not a year\. Give one, such as 2024"):
        ss.models(year)
