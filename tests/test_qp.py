"""QP determinations through data frames of every kind, and one at a time."""

from __future__ import annotations

import collections
import datetime as dt
import random
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import judge
import sharedsavings as ss

PAIRS = {
    "payments": ("payments_attributed", "payments_eligible"),
    "patients": ("patients_attributed", "patients_eligible"),
    "all_payments": ("all_payer_payments_apm", "all_payer_payments_total"),
    "all_patients": ("all_payer_patients_apm", "all_payer_patients_total"),
}

# Test vectors T1 to T9: year, the pairs given, and what must come out.
VECTORS = {
    "T1 exactly at the threshold": (2017, {"payments": ("25.00", "100.00")}, "qp", "medicare", "payment_amount"),
    "T2 a cent below": (
        2017,
        {"payments": ("2499", "10000"), "patients": (19, 100)},
        "partial_qp",
        "medicare",
        "both",
    ),
    "T3 by patients": (
        2020,
        {"payments": ("49.90", "100"), "patients": (70, 200)},
        "qp",
        "medicare",
        "patient_count",
    ),
    "T4 full thresholds": (
        2025,
        {"payments": ("60", "100"), "patients": (45, 100)},
        "partial_qp",
        "medicare",
        "both",
    ),
    "T5 statute before codified text": (
        2026,
        {"payments": ("60", "100"), "patients": (30, 100)},
        "qp",
        "medicare",
        "payment_amount",
    ),
    "T6 the entity": (2026, {"payments": ("48", "100")}, "partial_qp", "medicare", "payment_amount"),
    "T6 the individual": (2026, {"payments": ("51", "100")}, "qp", "medicare", "payment_amount"),
    "T7 the entity a year before": (2025, {"payments": ("48", "100"), "patients": (30, 100)}, "none", None, None),
    "T7 with more patients": (
        2025,
        {"payments": ("48", "100"), "patients": (35, 100)},
        "partial_qp",
        "medicare",
        "patient_count",
    ),
    "T7 with half the patients": (
        2025,
        {"payments": ("48", "100"), "patients": (50, 100)},
        "qp",
        "medicare",
        "patient_count",
    ),
    "T8 all payers": (
        2019,
        {"payments": ("26", "100"), "all_payments": ("50", "100")},
        "qp",
        "all_payer",
        "payment_amount",
    ),
    "T9 minimum for Partial QP only": (
        2019,
        {"payments": ("24.90", "100"), "patients": (199, 1000), "all_payments": ("90", "100")},
        "partial_qp",
        "all_payer",
        "payment_amount",
    ),
}


def columns_of(cases: list[tuple[int, dict[str, tuple[Any, Any]]]], money: Any = float) -> dict[str, list[Any]]:
    """Columns for cases; a Medicare pair that a case lacks has no denominator, an all-payer pair is null."""
    wanted = {kind for _, pairs in cases for kind in pairs}
    out: dict[str, list[Any]] = {"performance_year": [year for year, _ in cases]}
    for kind, names in PAIRS.items():
        if kind not in wanted:
            continue
        absent = (None, None) if kind.startswith("all") else (0, 0)
        values = [pairs.get(kind, absent) for _, pairs in cases]
        as_number = money if kind.endswith("payments") else int
        for at, name in enumerate(names):
            out[name] = [None if pair[at] is None else as_number(pair[at]) for pair in values]
    return out


def read_all(door: Any, frame: Any, *names: str) -> list[tuple[Any, ...]]:
    return list(zip(*(door.read(frame, name) for name in names), strict=True))


# ---- what the law says


def test_published_vectors_come_out_in_one_frame_of_mixed_years(door):
    cases = [(year, pairs) for year, pairs, *_ in VECTORS.values()]
    result = ss.qp_status(door.frame(columns_of(cases)))
    found = dict(zip(VECTORS, read_all(door, result.frame, "status", "option", "method"), strict=True))
    assert found == {name: tuple(expected) for name, (_, _, *expected) in VECTORS.items()}


@pytest.mark.parametrize("name", VECTORS)
def test_published_vectors_come_out_one_at_a_time(name):
    year, pairs, status, option, method = VECTORS[name]
    given_values = {}
    for kind, pair in pairs.items():
        as_number = Decimal if kind.endswith("payments") else int
        given_values |= {column: as_number(v) for column, v in zip(PAIRS[kind], pair, strict=True)}
    one = ss.qp_status_one(performance_year=year, **given_values)
    assert (one.status, one.option, one.method) == (status, option, method)
    assert one.explanation.steps[-1].value == status


@pytest.mark.parametrize("year", judge.MEDICARE)
def test_every_threshold_is_met_at_its_value_and_not_one_unit_below(door, year):
    people, cents = 10_000, 100_000_000
    rows, expected = [], []
    for at, (method, unit) in enumerate([("payment_amount", cents)] * 2 + [("patient_count", people)] * 2):
        least = judge.MEDICARE[year][at] * unit // 100
        reached = ("qp", "partial_qp")[at % 2]
        below = ("partial_qp", "none")[at % 2]
        kind = "payments" if at < 2 else "patients"
        for part, status in ((least, reached), (least - 1, below)):
            scale = 100 if at < 2 else 1
            rows.append((year, {kind: (Fraction(part, scale), Fraction(unit, scale))}))
            expected.append((status, None if status == "none" else method))
    result = ss.qp_status(door.frame(columns_of(rows)))
    assert read_all(door, result.frame, "status", "method") == expected


@pytest.mark.parametrize("year", judge.ALL_PAYER)
def test_every_all_payer_threshold_and_medicare_minimum_is_met_at_its_value_and_not_below(door, year):
    rows, expected = [], []
    for at, percent in enumerate(judge.ALL_PAYER[year]):
        kind = "all_payments" if at < 2 else "all_patients"
        reached, below = (("qp", "partial_qp"), ("partial_qp", "none"))[at % 2]
        # 25 % of payments opens the option for both and meets no Medicare threshold after 2018.
        for part, status in ((percent * 1000, reached), (percent * 1000 - 1, below)):
            rows.append((year, {"payments": (25, 100), kind: (part, 100_000)}))
            expected.append(status)
    for at, percent in enumerate(judge.MINIMUM):
        kind = "payments" if at < 2 else "patients"
        reached, below = (("qp", "partial_qp"), ("partial_qp", "none"))[at % 2]
        for part, status in ((percent * 1000, reached), (percent * 1000 - 1, below)):
            rows.append((year, {kind: (part, 100_000), "all_payments": (99, 100)}))
            expected.append(status)
    result = ss.qp_status(door.frame(columns_of(rows)))
    assert door.read(result.frame, "status") == expected
    options = door.read(result.frame, "option")
    assert options == [None if status == "none" else "all_payer" for status in expected]


def test_the_statute_of_february_2026_is_known_from_the_day_it_was_signed(door):
    frame = door.frame(columns_of([(2026, {"payments": (60, 100)}), (2027, {"payments": (60, 100)})]))
    before = ss.qp_status(frame, as_of="2026-02-02")
    after = ss.qp_status(frame, as_of=dt.date(2026, 2, 3))
    assert door.read(before.frame, "status") == ["partial_qp", "partial_qp"]
    assert door.read(after.frame, "status") == ["qp", "partial_qp"]
    assert door.read(ss.qp_status(frame).frame, "status") == ["qp", "partial_qp"]


@pytest.mark.parametrize(
    ("year", "day_before", "day"),
    [
        (2021, "2020-12-26", "2020-12-27"),
        (2022, "2020-12-26", "2020-12-27"),
        (2023, "2022-12-28", "2022-12-29"),
        (2024, "2024-03-08", "2024-03-09"),
    ],
)
def test_each_freeze_of_the_thresholds_is_known_from_the_day_of_its_statute(door, year, day_before, day):
    frame = door.frame(columns_of([(year, {"payments": (60, 100), "patients": (35, 100)})]))
    assert door.read(ss.qp_status(frame, as_of=day_before).frame, "status") == ["partial_qp"]
    assert door.read(ss.qp_status(frame, as_of=day).frame, "status") == ["qp"]


def test_the_minimum_may_be_met_by_one_method_and_the_threshold_by_the_other(door):
    cases = [
        (2021, {"payments": (0, 100), "patients": (20, 100), "all_payments": (50, 100)}),
        (2021, {"payments": (25, 100), "patients": (0, 100), "all_patients": (35, 100)}),
        (2021, {"payments": (0, 100), "patients": (19, 100), "all_payments": (50, 100)}),
    ]
    result = ss.qp_status(door.frame(columns_of(cases)))
    assert read_all(door, result.frame, "status", "option", "method") == [
        ("qp", "all_payer", "payment_amount"),
        ("qp", "all_payer", "patient_count"),
        ("partial_qp", "all_payer", "payment_amount"),
    ]


def test_the_all_payer_option_never_lowers_a_status(door):
    cases = [
        (2021, {"payments": (60, 100), "all_payments": (1, 100)}),
        (2021, {"payments": (45, 100), "all_payments": (1, 100)}),
        (2021, {"payments": (45, 100), "all_payments": (41, 100)}),
    ]
    result = ss.qp_status(door.frame(columns_of(cases)))
    assert read_all(door, result.frame, "status", "option") == [
        ("qp", "medicare"),
        ("partial_qp", "medicare"),
        ("partial_qp", "medicare"),
    ]


def test_an_all_payer_score_without_the_medicare_minimum_says_so(door):
    frame = door.frame(columns_of([(2021, {"payments": (9, 100), "all_payments": (80, 100)})]))
    result = ss.qp_status(frame)
    assert read_all(door, result.frame, "status", "reason") == [("none", "medicare_minimum_not_met")]


def test_null_all_payer_pairs_mean_that_none_was_submitted(door):
    cases = [(2021, {"payments": (30, 100), "all_payments": (60, 100)}), (2021, {"payments": (30, 100)})]
    result = ss.qp_status(door.frame(columns_of(cases)))
    assert door.read(result.frame, "status") == ["qp", "none"]
    assert door.read(result.frame, "reason") == [None, None]
    assert door.read(result.frame, "all_payer_payment_score") == [0.6, None]


def test_all_payer_figures_change_nothing_before_the_option_began(door):
    cases = [
        (year, {"payments": (20, 100), "all_payments": (99, 100), "all_patients": (99, 100)}) for year in (2017, 2018)
    ]
    result = ss.qp_status(door.frame(columns_of(cases)))
    expected = ("partial_qp", "medicare", "all_payer_not_available")
    assert read_all(door, result.frame, "status", "option", "reason") == [expected] * 2


def test_the_better_status_wins_over_the_higher_score(door):
    # 45 % of payments is Partial QP, 35 % of patients is QP: the lower score has the better status.
    result = ss.qp_status(door.frame(columns_of([(2020, {"payments": (45, 100), "patients": (35, 100)})])))
    assert read_all(door, result.frame, "status", "method") == [("qp", "patient_count")]


def test_a_score_without_a_denominator_is_none_with_a_reason(door):
    cases = [(2020, {"payments": (0, 0), "patients": (0, 0)}), (2020, {"payments": (0, 0), "patients": (35, 100)})]
    result = ss.qp_status(door.frame(columns_of(cases)))
    assert read_all(door, result.frame, "status", "reason", "payment_score", "payments_needed") == [
        ("none", "no_denominator", None, None),
        ("qp", None, None, None),
    ]
    assert door.read(result.frame, "patients_needed") == [None, 0]


@pytest.mark.parametrize("kind", ["payments", "patients"])
def test_one_medicare_pair_is_enough(door, kind):
    result = ss.qp_status(door.frame(columns_of([(2020, {kind: (50, 100)})])))
    other = {"payments": "patient", "patients": "payment"}[kind]
    assert door.read(result.frame, "status") == ["qp"]
    assert not [name for name in door.columns(result.frame) if name.startswith(other) and "score" in name]
    assert f"{other}s_needed" not in door.columns(result.frame)


def test_one_year_for_all_rows_equals_a_column_of_it(door):
    columns = columns_of([(2025, {"payments": (n, 100), "patients": (n, 100)}) for n in range(101)])
    by_column = ss.qp_status(door.frame(columns))
    del columns["performance_year"]
    for year in (2025, np.int16(2025)):
        by_option = ss.qp_status(door.frame(columns), performance_year=year)
        assert door.read(by_option.frame, "status") == door.read(by_column.frame, "status")
        assert by_option.warnings == by_column.warnings


people = st.integers(0, 3000)
dollars = st.integers(0, 10**9)


@st.composite
def one_pair(draw, numbers):
    whole = draw(numbers)
    # Near a threshold as often as anywhere.
    percent = draw(st.sampled_from([None, 10, 20, 25, 35, 40, 50, 75]))
    if percent is None:
        return (draw(st.integers(0, whole)), whole)
    part = -(-percent * whole // 100) + draw(st.integers(-1, 1))
    return (min(max(part, 0), whole), whole)


@st.composite
def one_case(draw):
    pairs = {"payments": draw(one_pair(dollars)), "patients": draw(one_pair(people))}
    for kind, numbers in (("all_payments", dollars), ("all_patients", people)):
        if draw(st.booleans()):
            pairs[kind] = draw(one_pair(numbers))
    return (draw(st.sampled_from(list(judge.MEDICARE))), pairs)


@settings(max_examples=60)
@given(st.lists(one_case(), min_size=1, max_size=40))
def test_any_frame_agrees_with_the_law_written_out_in_fractions(door, cases):
    in_dollars = [
        (year, {k: tuple(v / 100 for v in p) if k.endswith("payments") else p for k, p in pairs.items()})
        for year, pairs in cases
    ]
    frame = door.frame(columns_of(in_dollars))
    found = read_all(door, ss.qp_status(frame).frame, "status", "option", "method")
    assert found == [judge.determine(year, **pairs) for year, pairs in cases]


def test_what_is_needed_reaches_the_threshold_and_one_unit_less_does_not(door):
    rng = random.Random(1430)
    years = [rng.choice(list(judge.MEDICARE)) for _ in range(400)]
    wholes = [rng.randrange(1, 10**9) for _ in years]
    heads = [rng.randrange(1, 10**4) for _ in years]
    pays = [rng.randrange(whole + 1) for whole in wholes]
    counts = [rng.randrange(head + 1) for head in heads]

    def run(pays: list[int], counts: list[int]) -> Any:
        by_pay = columns_of(
            [(y, {"payments": (p / 100, w / 100)}) for y, p, w in zip(years, pays, wholes, strict=True)]
        )
        by_count = columns_of([(y, {"patients": (c, h)}) for y, c, h in zip(years, counts, heads, strict=True)])
        return ss.qp_status(door.frame(by_pay)).frame, ss.qp_status(door.frame(by_count)).frame

    first_pay, first_count = run(pays, counts)
    lacking = [round(Decimal(str(v)) * 100) for v in door.read(first_pay, "payments_needed")]
    people_lacking = door.read(first_count, "patients_needed")
    assert any(lacking)
    assert any(people_lacking)

    def add(to: list[int], more: list[int], less: int) -> list[int]:
        return [n + max(m - less, 0) for n, m in zip(to, more, strict=True)]

    for frame in run(add(pays, lacking, 0), add(counts, people_lacking, 0)):
        assert set(door.read(frame, "status")) == {"qp"}
    short_pay, short_count = run(add(pays, lacking, 1), add(counts, people_lacking, 1))
    for lack, status in zip(lacking, door.read(short_pay, "status"), strict=True):
        assert (status == "qp") == (lack == 0)
    for lack, status in zip(people_lacking, door.read(short_count, "status"), strict=True):
        assert (status == "qp") == (lack == 0)


def test_scores_are_shares(door):
    frame = door.frame(columns_of([(2020, {"payments": (1, 3), "patients": (2, 3)})]))
    result = ss.qp_status(frame)
    assert read_all(door, result.frame, "payment_score", "patient_score") == [(1 / 3, 2 / 3)]


# ---- frames come out as they went in


NEW = ["payment_score", "patient_score", "status", "option", "method", "payments_needed", "patients_needed", "reason"]


def plain_columns(rows: int = 6) -> dict[str, list[Any]]:
    return {
        "name": [f"entity {i}" for i in range(rows)],
        **columns_of([(2017 + i % 10, {"payments": (i * 10, 100), "patients": (i * 5, 100)}) for i in range(rows)]),
        "score": [0.5] * rows,
    }


def test_results_are_appended_and_everything_else_stays(door):
    columns = plain_columns()
    frame = door.frame(columns)
    result = ss.qp_status(frame).frame
    assert type(result) is type(frame)
    assert door.columns(result) == [*columns, *NEW]
    assert door.columns(frame) == list(columns)
    for name, values in columns.items():
        assert door.read(result, name) == values


@pytest.mark.parametrize(
    "index",
    [
        pd.Index(list("fedcba"), name="letter"),
        pd.Index([7, 7, 7, 1, 1, 1]),
        pd.MultiIndex.from_product([["x", "y"], [3, 2, 1]]),
        pd.date_range("2024-01-01", periods=6),
    ],
    ids=["text", "duplicates", "levels", "dates"],
)
def test_a_pandas_index_and_its_rows_stay_in_place(index):
    frame = pd.DataFrame(plain_columns()).set_index(index)
    before = frame.copy(deep=True)
    result = ss.qp_status(frame).frame
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(result[frame.columns.tolist()], before)
    plain = ss.qp_status(pd.DataFrame(plain_columns())).frame
    assert result["status"].tolist() == plain["status"].tolist()


def test_pandas_rows_out_of_order_keep_their_order():
    frame = pd.DataFrame(plain_columns())
    shuffled = frame.sample(frac=1, random_state=3)
    result = ss.qp_status(shuffled).frame
    pd.testing.assert_frame_equal(result.sort_index(), ss.qp_status(frame).frame)


def test_a_polars_frame_keeps_its_schema_and_columns():
    frame = pl.DataFrame(plain_columns()).with_columns(pl.col("name").cast(pl.Categorical))
    result = ss.qp_status(frame).frame
    assert result.select(frame.columns).equals(frame)
    assert result.select(frame.columns).schema == frame.schema
    assert result.schema["status"] == pl.Enum(["none", "partial_qp", "qp"])
    assert result.schema["patients_needed"] == pl.Int64


def test_a_pyarrow_table_keeps_its_schema_metadata_and_chunks():
    table = pa.table(plain_columns()).replace_schema_metadata({"source": "test"})
    table = pa.concat_tables([table.slice(0, 2), table.slice(2)])
    result = ss.qp_status(table).frame
    assert result.select(table.column_names).equals(table)
    assert result.schema.metadata == {b"source": b"test"}
    assert result["payments_attributed"].num_chunks == table["payments_attributed"].num_chunks


def test_columns_in_chunks_of_different_lengths_give_the_same_rows():
    rows = 7_000
    columns = columns_of([(2017 + i % 10, {"payments": (i % 101, 100), "patients": (i % 97, 97)}) for i in range(rows)])
    whole = ss.qp_status(pa.table(columns)).frame

    def cut(values: list[Any], size: int) -> pa.ChunkedArray:
        return pa.chunked_array([values[at : at + size] for at in range(0, rows, size)])

    sizes = dict(zip(columns, (1, 2048, 3000, 2047, 6999), strict=True))
    table = pa.table({name: cut(values, sizes[name]) for name, values in columns.items()})
    assert ss.qp_status(table).frame.select(NEW).combine_chunks().equals(whole.select(NEW).combine_chunks())
    sliced = ss.qp_status(table.slice(2_500, 3_000)).frame
    assert sliced["status"].to_pylist() == whole["status"].to_pylist()[2_500:5_500]
    polars = ss.qp_status(pl.from_arrow(table)).frame
    assert polars["status"].to_list() == whole["status"].to_pylist()


def test_statuses_are_ordered_words(door):
    result = ss.qp_status(door.frame(plain_columns())).frame
    if door.name == "pandas":
        words = result["status"].cat.categories.tolist()
    elif door.name == "polars":
        words = result.schema["status"].categories.to_list()
    else:
        words = result["status"].chunk(0).dictionary.to_pylist()
    assert words == ["none", "partial_qp", "qp"]


def test_an_empty_frame_comes_back_empty(door):
    columns = {name: [] for name in plain_columns()}
    result = ss.qp_status(door.frame(columns))
    assert door.columns(result.frame) == [*columns, *NEW]
    assert [len(door.read(result.frame, name)) for name in NEW] == [0] * len(NEW)
    assert result.summary().rows == []


def test_the_columns_option_maps_names(door):
    columns = columns_of([(2020, {"payments": (60, 100), "patients": (3, 100)})])
    own = {name: f"my {name}" for name in columns}
    renamed = {own[name]: values for name, values in columns.items()}
    result = ss.qp_status(door.frame(renamed), columns=own)
    assert read_all(door, result.frame, "status", "method") == [("qp", "payment_amount")]
    assert door.columns(result.frame)[: len(columns)] == list(renamed)


def test_the_columns_option_may_exchange_names(door):
    columns = columns_of([(2020, {"payments": (60, 100)})])
    swapped = dict(columns, payments_attributed=columns["payments_eligible"], payments_eligible=[60.0])
    names = {"payments_attributed": "payments_eligible", "payments_eligible": "payments_attributed"}
    assert door.read(ss.qp_status(door.frame(swapped), columns=names).frame, "payment_score") == [0.6]


# ---- units and types


def test_whole_dollars_floats_and_decimals_are_the_same_money(door):
    whole = columns_of([(2020, {"payments": (n, 100)}) for n in range(101)], int)
    floats = columns_of([(2020, {"payments": (n, 100)}) for n in range(101)], float)
    decimals = columns_of(
        [(2020, {"payments": (n, 100)}) for n in range(101)], lambda n: Decimal(n).quantize(Decimal("0.01"))
    )
    expected = door.read(ss.qp_status(door.frame(whole)).frame, "payments_needed")
    assert expected[:3] == [50.0, 49.0, 48.0]
    assert door.read(ss.qp_status(door.frame(floats)).frame, "payments_needed") == expected
    if door.name == "pandas":
        money = pd.ArrowDtype(pa.decimal128(12, 2))
        frame = pd.DataFrame(decimals).astype({"payments_attributed": money, "payments_eligible": money})
    else:
        frame = door.frame(decimals)
    assert door.read(ss.qp_status(frame).frame, "payments_needed") == expected


@pytest.mark.parametrize("scale", [0, 1, 2])
def test_decimals_are_exact_at_every_scale(scale):
    # One unit below half of a sum beyond the exact integers of a float.
    unit = Decimal(1).scaleb(-scale)
    whole = Decimal("90000000000000000") // unit * unit
    parts = [whole / 2, whole / 2 - unit, None]
    for make in (
        lambda v: pa.table({k: pa.array(x, pa.decimal128(38, scale)) for k, x in v.items()}),
        lambda v: pl.DataFrame({k: pl.Series(x, dtype=pl.Decimal(38, scale)) for k, x in v.items()}),
        lambda v: pd.DataFrame({k: pd.array(x, dtype=pd.ArrowDtype(pa.decimal128(38, scale))) for k, x in v.items()}),
    ):
        frame = make({"payments_attributed": parts, "payments_eligible": [whole] * 3})
        result = ss.qp_status(frame, performance_year=2020).frame
        status, needed = result["status"], result["payments_needed"]
        found = [getattr(s, "as_py", lambda s=s: s)() for s in status]
        assert found[:2] == ["qp", "partial_qp"]
        assert found[2] is None or pd.isna(found[2])
        lacking = [getattr(s, "as_py", lambda s=s: s)() for s in needed]
        assert lacking[:2] == [0.0, float(unit)]


def test_sliced_and_chunked_decimals_are_read_from_their_own_rows():
    values = [Decimal(n).scaleb(-2) for n in range(0, 10_001, 100)]
    chunked = pa.chunked_array(
        [pa.array(values[:40], pa.decimal128(12, 2)), pa.array(values[40:], pa.decimal128(12, 2))]
    )
    whole = pa.array([Decimal("100.00")] * 101, pa.decimal128(12, 2))
    table = pa.table({"payments_attributed": chunked, "payments_eligible": whole}).slice(30, 40)
    scores = ss.qp_status(table, performance_year=2020).frame["payment_score"].to_pylist()
    assert scores == [n / 100 for n in range(30, 70)]


def decimal_frames(columns: dict[str, list[Any]], digits: int, scale: int) -> list[Any]:
    """Decimals of a precision and scale in every kind of frame."""
    arrow = pa.decimal128(digits, scale)
    return [
        pa.table({name: pa.array(values, arrow) for name, values in columns.items()}),
        pl.DataFrame({name: pl.Series(values, dtype=pl.Decimal(digits, scale)) for name, values in columns.items()}),
        pd.DataFrame({name: pd.array(values, dtype=pd.ArrowDtype(arrow)) for name, values in columns.items()}),
    ]


def test_decimals_of_more_than_two_digits_are_refused():
    columns = {"payments_attributed": [Decimal("1.000")], "payments_eligible": [Decimal("2.000")]}
    for frame in decimal_frames(columns, 12, 3):
        with pytest.raises(ss.InputError, match=r"`payments_attributed`.* 3 digits .* Cast to 2 digits"):
            ss.qp_status(frame, performance_year=2020)


def test_counts_may_be_decimals_as_long_as_they_are_whole():
    columns = {"patients_attributed": [Decimal("3.00"), None], "patients_eligible": [Decimal("6.00")] * 2}
    for frame in decimal_frames(columns, 12, 2):
        score = ss.qp_status(frame, performance_year=2020).frame["patient_score"][0]
        assert (score.as_py() if isinstance(score, pa.Scalar) else score) == 0.5
    columns["patients_attributed"][0] = Decimal("3.50")
    for frame in decimal_frames(columns, 12, 2):
        with pytest.raises(
            ss.InputError, match=r"`patients_attributed`: not a whole number in 1 row, .* \(value 3\.50\)"
        ):
            ss.qp_status(frame, performance_year=2020)


def test_decimals_that_are_too_large_are_bad_rows_like_others():
    huge = Decimal(10) ** 30
    columns = {"payments_attributed": [Decimal(1), -huge, None, huge], "payments_eligible": [Decimal(2)] * 4}
    for frame in decimal_frames(columns, 38, 2):
        with pytest.raises(
            ss.InputError, match=r"too large in 2 rows, first in row 1 \(value -1000000000000000000000000"
        ):
            ss.qp_status(frame, performance_year=2020)
        kept = ss.qp_status(frame, performance_year=2020, invalid="null").frame
        reasons = kept["reason"].to_pylist() if isinstance(kept, pa.Table) else kept["reason"]
        words = [None if pd.isna(word) else word for word in reasons]
        assert words == [None, "overflow", "missing_input", "overflow"]


def test_decimal_columns_may_be_empty_or_null():
    for rows in ([], [None, None]):
        columns = {"payments_attributed": rows, "payments_eligible": rows}
        for frame in decimal_frames(columns, 12, 2):
            assert len(ss.qp_status(frame, performance_year=2020).frame) == len(rows)
    chunks = pa.chunked_array([pa.array([], pa.decimal128(12, 2)), pa.array([Decimal(1)], pa.decimal128(12, 2))])
    table = pa.table({"payments_attributed": chunks, "payments_eligible": chunks})
    assert ss.qp_status(table, performance_year=2020).frame["status"].to_pylist() == ["qp"]


def test_integers_of_128_bits_are_refused():
    frame = pl.DataFrame({"payments_attributed": [1], "payments_eligible": [2]})
    with pytest.raises(ss.InputError, match="`payments_attributed`: holds Int128"):
        ss.qp_status(frame.cast(pl.Int128), performance_year=2020)


def test_floats_are_rounded_half_away_from_zero_at_the_cent(door):
    # Exact in binary: 0.125 is thirteen cents, 0.375 is 38 cents; 0.1249 is twelve.
    parts = [0.125, 0.375, 0.1249]
    frame = door.frame({"payments_attributed": parts, "payments_eligible": [1.0] * 3})
    scores = door.read(ss.qp_status(frame, performance_year=2020).frame, "payment_score")
    assert scores == [0.13, 0.38, 0.12]


def test_sums_of_float_cents_are_the_cents_that_people_mean(door):
    # 0.1 + 0.2 is a little more than 0.3; as money it is thirty cents and no more.
    frame = door.frame({"payments_attributed": [0.1 + 0.2], "payments_eligible": [0.6]})
    result = ss.qp_status(frame, performance_year=2020).frame
    assert read_all(door, result, "payment_score", "status", "payments_needed") == [(0.5, "qp", 0.0)]


@pytest.mark.parametrize(
    "dtype",
    ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64", "Int64", "UInt8",
     "Float32", "Float64", "int64[pyarrow]", "double[pyarrow]", "float[pyarrow]"],
)  # fmt: skip
def test_every_numeric_pandas_dtype_is_read(dtype):
    columns = {"payments_attributed": [60, 20], "payments_eligible": [100, 100]}
    columns |= {"patients_attributed": [10, 35], "patients_eligible": [100, 100]}
    frame = pd.DataFrame(columns).astype(dtype)
    result = ss.qp_status(frame, performance_year=2020).frame
    assert result["method"].tolist() == ["payment_amount", "patient_count"]
    assert result[list(columns)].dtypes.astype(str).tolist() == frame.dtypes.astype(str).tolist()


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "int64[pyarrow]", "double[pyarrow]", "float64"])
def test_nulls_of_every_nullable_pandas_dtype_are_nulls(dtype):
    frame = pd.DataFrame({"payments_attributed": [60, None], "payments_eligible": [100, 100]}).astype(dtype)
    result = ss.qp_status(frame, performance_year=2020).frame
    assert result["status"].tolist()[0] == "qp"
    assert pd.isna(result["status"].tolist()[1])
    assert result["reason"].tolist()[1] == "missing_input"


def test_a_null_that_a_threshold_needs_gives_a_null_with_a_reason(door):
    columns = columns_of([(2020, {"payments": (60, 100), "patients": (60, 100)})] * 6)
    for row, name in enumerate(list(columns)):
        columns[name][row] = None
    frame = ss.qp_status(door.frame(columns)).frame
    for name in ("status", "option", "method", "payments_needed", "patients_needed"):
        assert door.read(frame, name)[:5] == [None] * 5
        assert door.read(frame, name)[5] is not None
    assert door.read(frame, "reason") == ["missing_input"] * 5 + [None]
    # A score is shown wherever its own pair is there.
    assert list(columns)[1:3] == list(PAIRS["payments"])
    assert door.read(frame, "payment_score") == [0.6, None, None, 0.6, 0.6, 0.6]
    assert door.read(frame, "patient_score") == [0.6, 0.6, 0.6, None, None, 0.6]


# ---- what a result tells


def test_a_summary_counts_rows_by_year_and_status(door):
    frame = ss.load_sample("qp_entities", backend=door.name)
    result = ss.qp_status(frame)
    counts = collections.Counter(read_all(door, result.frame, "performance_year", "status"))
    table = result.summary()
    assert table.columns == ("year", "rows", "qp", "partial_qp", "none", "null")
    expected = [
        tuple(str(v) for v in (year, sum(n), *n, 0))
        for year in range(2017, 2028)
        for n in [[counts[year, s] for s in ("qp", "partial_qp", "none")]]
    ]
    assert table.rows == expected


def test_a_summary_names_null_years():
    frame = pd.DataFrame(columns_of([(2020, {"payments": (1, 2)})] * 2)).astype({"performance_year": "Int64"})
    frame.loc[1, "performance_year"] = None
    assert [row[0] for row in ss.qp_status(frame).summary().rows] == ["null", "2020"]


def test_a_result_prints_its_rows_its_rule_book_and_its_summary():
    result = ss.qp_status(ss.load_sample("qp_entities", backend="polars"))
    text = repr(result)
    assert f"<Result of 48 rows, rule book {result.rulebook.version} {result.rulebook.digest[:12]}>" in text
    assert str(result.summary()) in text
    page = result._repr_html_()
    assert "<table>" in page
    assert result.rulebook.digest[:12] in page


def test_html_is_escaped():
    rules = {"qp.medicare.payment_amount.qp": {"value": "0.4", "from": 2020, "to": 2020}}
    result = ss.qp_status(pd.DataFrame(columns_of([(2020, {"payments": (1, 2)})])), rules=rules)
    assert "&lt;" in ss.Explanation("<b>", ())._repr_html_()
    assert "<ul><li>" in result._repr_html_()


def test_every_row_of_the_sample_is_explained_by_rules_of_the_book(door):
    result = ss.qp_status(ss.load_sample("qp_entities", backend=door.name))
    ids = {rule["id"] for rule in result.rulebook.rules()}
    titles = {source["title"] for source in result.rulebook.sources().values()}
    for row, status in enumerate(door.read(result.frame, "status")):
        explanation = result.explain(row)
        assert explanation.steps[-1].name == "status"
        assert explanation.steps[-1].value == status
        used = [rule for step in explanation.steps for rule in step.rules]
        assert used
        assert set(used) <= ids
        assert set(explanation.sources()) <= titles
        for step in explanation.steps:
            assert bool(step.rules) == bool(step.cites)
        assert str(explanation).startswith(f"QP determination of row {row}\n")
        assert explanation._repr_html_().count("<tr>") == len(explanation.steps) + 1
        assert len(explanation.to_table().rows) == len(explanation.steps)


def test_an_explanation_shows_the_threshold_that_decided():
    frame = pd.DataFrame(columns_of([(2026, {"payments": (60, 100), "patients": (30, 100)})]))
    now = {step.name: step for step in ss.qp_status(frame).explain(0).steps}
    then = {step.name: step for step in ss.qp_status(frame, as_of="2026-02-02").explain(0).steps}
    assert ("payment threshold", "50 %") in now["Medicare Option, QP"].inputs
    assert now["Medicare Option, QP"].value == "met by payment amount"
    assert any("119-75" in cite or "2026" in cite for cite in now["Medicare Option, QP"].cites)
    assert ("payment threshold", "75 %") in then["Medicare Option, QP"].inputs
    assert then["Medicare Option, QP"].value == "not met"


def test_explanations_of_all_payer_rows_agree_with_the_frame(door):
    cases = [(year, pairs) for year, pairs, *_ in VECTORS.values()]
    result = ss.qp_status(door.frame(columns_of(cases)))
    for row, status in enumerate(door.read(result.frame, "status")):
        values = {step.name: step.value for step in result.explain(row).steps}
        assert values["status"] == status


def test_rows_are_explained_by_position_also_from_the_end():
    result = ss.qp_status(pd.DataFrame(plain_columns(), index=[9] * 6))
    assert str(result.explain(-1)) == str(result.explain(5))
    for row in (6, -7):
        with pytest.raises(ss.InputError, match=f"row {row}: the frame has 6 rows"):
            result.explain(row)


def test_a_null_row_is_explained_by_its_reason(door):
    columns = columns_of([(2020, {"payments": (60, 100)})])
    columns["payments_attributed"] = [None]
    steps = ss.qp_status(door.frame(columns)).explain(0).steps
    assert [step.value for step in steps] == ["null: missing_input"]


def test_results_from_recalled_values_say_so_and_others_do_not(door):
    frame = door.frame(columns_of([(2021, {"payments": (60, 100)})]))
    warned = ss.qp_status(frame, as_of="2020-01-01").warnings
    assert warned
    assert all("recalled" in sentence for sentence in warned)
    assert any("`qp.medicare.payment_amount.qp` (0.75)" in sentence for sentence in warned)
    every_year = door.frame(columns_of([(year, {"payments": (60, 100)}) for year in judge.MEDICARE]))
    assert ss.qp_status(every_year).warnings == ()


def test_an_override_changes_result_digest_and_warnings(door):
    frame = door.frame(columns_of([(2025, {"payments": (60, 100)}), (2024, {"payments": (30, 100)})]))
    plain = ss.qp_status(frame)
    frozen = ss.qp_status(frame, rules={"qp.medicare.payment_amount.qp": {"value": "0.50", "from": 2025}})
    assert door.read(plain.frame, "status") == ["partial_qp", "none"]
    assert door.read(frozen.frame, "status") == ["qp", "none"]
    assert frozen.rulebook.digest != plain.rulebook.digest
    assert plain.warnings == ()
    assert [w for w in frozen.warnings if "set by the user" in w]
    assert "set by the user" in str(frozen.summary())
    again = ss.qp_status(frame, rules=frozen.rulebook)
    assert door.read(again.frame, "status") == ["qp", "none"]
    assert again.rulebook.digest == frozen.rulebook.digest


def test_thresholds_that_the_kernel_cannot_pack_are_as_exact(door):
    # A third in nine decimals does not fit the kernel's 16-bit scale: the exact path decides.
    rules = {"qp.medicare.payment_amount.qp": {"value": "0.333333333", "from": 2020, "to": 2020}}
    parts = [333_333_333, 333_333_332]
    frame = door.frame({"payments_attributed": parts, "payments_eligible": [10**9] * 2})
    result = ss.qp_status(frame, performance_year=2020, rules=rules).frame
    assert read_all(door, result, "status", "payments_needed") == [("qp", 0.0), ("none", 1.0)]


@pytest.mark.parametrize("different", [1, 3, 4, 5, 7, 8, 9, 12])
def test_any_number_of_years_may_differ(door, different):
    """However many sets of thresholds a book has, each year is judged by its own."""
    years = range(2019, 2019 + different)
    rules = {
        "rule": [
            {
                "id": "qp.medicare.payment_amount.qp",
                "kind": "scalar",
                "unit": "share",
                "applies": {"clock": "performance_year", "from": year, "to": year},
                "value": f"0.{51 + at}",
            }
            for at, year in enumerate(years)
        ]
    }
    rows = [(year, {"payments": (51 + at - less, 100)}) for at, year in enumerate(years) for less in (0, 1)]
    found = door.read(ss.qp_status(door.frame(columns_of(rows)), rules=rules).frame, "status")
    assert found[::2] == ["qp"] * different
    assert "qp" not in found[1::2]


def test_a_plot_is_a_figure_of_its_own():
    figures = pytest.importorskip("matplotlib.figure")
    drawn = ss.qp_status(ss.load_sample("qp_entities")).plot()
    assert isinstance(drawn, figures.Figure)
    assert len(drawn.axes) == 2
    odd = pd.DataFrame(columns_of([(2020, {"payments": (60, 100)})] * 2)).assign(performance_year=[2020, 10**6])
    assert ss.qp_status(odd, invalid="null").plot().axes


# ---- one at a time


def test_one_determination_holds_scores_and_what_is_needed():
    one = ss.qp_status_one(
        performance_year=2026,
        payments_attributed="49.99",
        payments_eligible=Decimal("100.00"),
        patients_attributed=34,
        patients_eligible=100,
    )
    assert (one.status, one.option, one.method) == ("partial_qp", "medicare", "both")
    assert (one.payment_score, one.patient_score) == (0.4999, 0.34)
    assert one.payments_needed == Decimal("0.01")
    assert one.patients_needed == 1
    assert one.reason is None


def test_one_determination_without_a_pair_has_none_for_it():
    one = ss.qp_status_one(performance_year=2020, patients_attributed=0, patients_eligible=0)
    assert (one.status, one.method, one.reason) == ("none", None, "no_denominator")
    assert (one.payment_score, one.payments_needed, one.patient_score, one.patients_needed) == (None,) * 4


@pytest.mark.parametrize("amount", ["abc", "1,000", "", float("nan"), float("inf"), "100000000000000000"])
def test_one_determination_refuses_what_is_no_amount(amount):
    with pytest.raises(ss.InputError, match=r"payments_attributed=.*not an amount of dollars"):
        ss.qp_status_one(performance_year=2020, payments_attributed=amount, payments_eligible=1)


def test_one_determination_takes_floats_of_any_size():
    one = ss.qp_status_one(performance_year=2020, payments_attributed=1e16, payments_eligible=2e16)
    assert (one.status, one.payment_score) == ("qp", 0.5)


def test_one_determination_needs_both_halves_of_a_pair():
    with pytest.raises(ss.InputError, match="`payments_eligible`: missing"):
        ss.qp_status_one(performance_year=2020, payments_attributed=1)
    with pytest.raises(ss.InputError, match="missing"):
        ss.qp_status_one(performance_year=2020)


def test_one_determination_of_a_year_before_the_program_is_refused():
    with pytest.raises(ss.InputError, match=r"`performance_year`.*2016"):
        ss.qp_status_one(performance_year=2016, payments_attributed=1, payments_eligible=1)


def test_nothing_is_known_before_the_program_was_law():
    with pytest.raises(ss.NotModelledError, match="not yet law"):
        ss.qp_status_one(performance_year=2020, payments_attributed=1, payments_eligible=1, as_of="2015-01-01")
