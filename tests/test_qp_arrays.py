"""QP determinations on bare numpy arrays: dtypes, layouts, lengths, lent outputs, threads and processes."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import judge
import sharedsavings as ss
from sharedsavings import arrays

MEDICARE = ["payments_attributed", "payments_eligible", "patients_attributed", "patients_eligible"]
ALL_PAYER = [
    "all_payer_payments_apm",
    "all_payer_payments_total",
    "all_payer_patients_apm",
    "all_payer_patients_total",
]
CODES = ["status", "method", "option", "reason"]
SCORES = ["payment_score", "patient_score", "all_payer_payment_score", "all_payer_patient_score"]
NEEDED = ["payments_needed", "patients_needed"]
EVERYTHING = [*CODES, *SCORES, *NEEDED]
PERIOD = 997


def made_pattern(most_cents: int, most_people: int, seed: int = 414) -> dict[str, np.ndarray]:
    """Rows of a prime number, so that no tile or chunk begins where the pattern does; half of them near a line."""
    rng = random.Random(seed)

    def pair(most: int) -> tuple[int, int]:
        whole = rng.randrange(most + 1)
        part = rng.randrange(whole + 1)
        if rng.random() < 0.5:
            part = -(-rng.choice([10, 20, 25, 35, 40, 50, 75]) * whole // 100) + rng.choice([-1, 0, 1])
        return min(max(part, 0), whole), whole

    columns: dict[str, list[int]] = {name: [] for name in [*MEDICARE, "performance_year", *ALL_PAYER]}
    for _ in range(PERIOD):
        values = [*pair(most_cents), *pair(most_people), rng.choice(list(judge.MEDICARE))]
        values += [*pair(most_cents), *pair(most_people)]
        for column, value in zip(columns.values(), values, strict=True):
            column.append(value)
    return {name: np.array(values) for name, values in columns.items()}


def judged(columns: dict[str, Any]) -> dict[str, np.ndarray]:
    """Codes that the law gives to the rows of a pattern."""
    names = [name for name in [*MEDICARE, *ALL_PAYER] if name in columns]
    lists = [columns[name].tolist() for name in names]
    pairs = [list(zip(part, whole, strict=True)) for part, whole in zip(lists[::2], lists[1::2], strict=True)]
    years = columns["performance_year"].tolist()
    found = [judge.determine(year, *row) for year, *row in zip(years, *pairs, strict=True)]
    codes = {
        "status": [arrays.QP_STATUSES.index(status) for status, _, _ in found],
        "option": [arrays.QP_OPTIONS.index(option or "") for _, option, _ in found],
        "method": [arrays.QP_METHODS.index(method or "") for _, _, method in found],
    }
    return {name: np.array(values, np.uint8) for name, values in codes.items()}


PATTERN = made_pattern(2_000_000_000, 20_000)
MEDICARE_PATTERN = {name: PATTERN[name] for name in [*MEDICARE, "performance_year"]}
JUDGED = judged(PATTERN)
MEDICARE_JUDGED = judged(MEDICARE_PATTERN)


def stretched(columns: dict[str, np.ndarray], rows: int) -> dict[str, np.ndarray]:
    return {name: np.resize(values, rows) for name, values in columns.items()}


def run(columns: dict[str, Any], outputs: list[str] | None = None, **options: Any) -> dict[str, np.ndarray]:
    return arrays.qp_status(**columns, outputs=outputs or EVERYTHING, **options)


def same(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    """Whether two answers have the same bits."""
    return a.keys() == b.keys() and all(a[k].dtype == b[k].dtype and a[k].tobytes() == b[k].tobytes() for k in a)


# ---- right answers at every length


EDGES = [0, 1, 2, 2047, 2048, 2049, 16_383, 16_384, 16_385, 32_767, 32_769, 65_535, 65_536, 65_537, 131_073, 196_609]


@pytest.mark.parametrize("rows", EDGES)
def test_answers_are_the_laws_at_lengths_around_tiles_and_chunks(rows):
    found = run(stretched(MEDICARE_PATTERN, rows), ["status", "method", "option"])
    for name, codes in MEDICARE_JUDGED.items():
        np.testing.assert_array_equal(found[name], np.resize(codes, rows))


@pytest.mark.parametrize("rows", [1, 2049, 65_537, 131_073])
def test_all_payer_answers_are_the_laws_at_lengths_around_tiles_and_chunks(rows):
    found = run(stretched(PATTERN, rows), ["status", "method", "option"])
    for name, codes in JUDGED.items():
        np.testing.assert_array_equal(found[name], np.resize(codes, rows))


edges_of_magnitude = st.sampled_from([1 << 31, 1 << 32, 1 << 45, 1 << 46, 1 << 47, 1 << 53, 1 << 61, (1 << 63) - 2])


@st.composite
def large_pair(draw):
    whole = draw(edges_of_magnitude) + draw(st.integers(-2, 1))
    percent = draw(st.sampled_from([10, 20, 25, 35, 40, 50, 75, 100]))
    part = -(-percent * whole // 100) + draw(st.integers(-1, 0))
    return part, whole


@settings(max_examples=150)
@given(st.lists(st.tuples(*[large_pair()] * 4, st.sampled_from(list(judge.MEDICARE))), min_size=1, max_size=9))
def test_amounts_and_counts_of_any_magnitude_are_compared_exactly(rows):
    names = [*MEDICARE, *ALL_PAYER]
    flat = [[v for pair in row[:4] for v in pair] for row in rows]
    columns = {name: np.array([row[at] for row in flat]) for at, name in enumerate(names)}
    columns["performance_year"] = np.array([row[4] for row in rows])
    expected = judged(columns)
    found = run(columns)
    medicare = {name: columns[name] for name in [*MEDICARE, "performance_year"]}
    for name, codes in expected.items():
        np.testing.assert_array_equal(found[name], codes)
    np.testing.assert_array_equal(run(medicare)["status"], judged(medicare)["status"])
    # What is needed reaches the QP threshold; one unit less does not.
    for at, (part, whole) in enumerate([("payments_attributed", "payments_eligible")]):
        lack = found["payments_needed"]
        for row, year in enumerate(columns["performance_year"].tolist()):
            reached = int(columns[part][row]) + int(lack[row])
            limit = judge.MEDICARE[year][2 * at]
            assert judge.meets((reached, int(columns[whole][row])), limit)
            assert lack[row] == 0 or not judge.meets((reached - 1, int(columns[whole][row])), limit)


@pytest.mark.parametrize("bits", [15, 16, 30, 31, 32, 33, 39, 45, 46, 47, 48, 52, 53, 61, 62])
@pytest.mark.parametrize("pair", range(4), ids=["payments", "patients", "all-payer payments", "all-payer patients"])
def test_one_pair_of_any_magnitude_beside_small_ones_is_compared_exactly(pair, bits):
    """The kernel's shortcuts hold up to a number of bits; each pair crosses it by itself here."""
    names = [*MEDICARE, *ALL_PAYER]
    part, whole = names[2 * pair : 2 * pair + 2]
    rng = random.Random(bits)
    rows = []
    for percent in (10, 20, 25, 35, 40, 50, 75, 100):
        for less in (0, 1, 2, 1 << bits // 2):
            amount = (1 << bits) + rng.randrange(-5, 6)
            rows.append((max(-(-percent * amount // 100) - less, 0), amount))
    columns = {name: np.zeros(len(rows), np.int64) + (100 if at % 2 else 22) for at, name in enumerate(names)}
    columns[part] = np.array([row[0] for row in rows])
    columns[whole] = np.array([row[1] for row in rows])
    for year in (2018, 2021, 2025):
        columns["performance_year"] = np.full(len(rows), year)
        expected = judged(columns)
        found = run(columns)
        for name, codes in expected.items():
            np.testing.assert_array_equal(found[name], codes)
        medicare = {name: columns[name] for name in [*MEDICARE, "performance_year"]}
        for name, codes in judged(medicare).items():
            np.testing.assert_array_equal(run(medicare)[name], codes)


@pytest.mark.parametrize("bits", [30, 31, 32, 33, 44, 45, 46, 47, 48, 49, 50, 51, 52, 61])
@pytest.mark.parametrize("threshold", ["0.5001", "0.49999", "0.500000001"])
def test_fine_thresholds_are_compared_exactly_at_any_magnitude(threshold, bits):
    whole = np.array([(1 << bits) + at for at in range(-5, 6)])
    least = [-(-int(threshold[2:]) * amount // 10 ** len(threshold[2:])) for amount in whole.tolist()]
    for less, status in ((0, 2), (1, 1)):
        part = np.array(least) - less
        for kind, columns in (("payment_amount", MEDICARE[:2]), ("patient_count", MEDICARE[2:])):
            rules = {f"qp.medicare.{kind}.qp": threshold}
            pair = dict(zip(columns, (part, whole), strict=True))
            found = run(pair, ["status", "method"], performance_year=2021, rules=rules)
            assert set(found["status"].tolist()) == {status}


def test_a_bad_row_in_one_tile_leaves_every_other_row_as_it_was():
    rows = 70_001
    columns = stretched(PATTERN, rows)
    clean = run(columns)
    for bad in (0, 2047, 2048, 65_535, 65_536, rows - 1):
        spoilt = dict(columns, payments_attributed=columns["payments_attributed"].copy())
        spoilt["payments_attributed"][bad] = -5
        with pytest.raises(ss.InputError, match=rf"negative in 1 row, first in row {bad} \(value -\$0\.05\)"):
            run(spoilt)
        kept = run(spoilt, invalid="null")
        assert kept["status"][bad] == arrays.NULL_STATUS
        assert arrays.QP_REASONS[kept["reason"][bad]] == "negative"
        others = np.arange(rows) != bad
        for name in EVERYTHING:
            np.testing.assert_array_equal(kept[name][others], clean[name][others])


def test_scores_are_the_nearest_floats_to_the_quotients():
    columns = stretched(PATTERN, PERIOD)
    found = run(columns)
    pairs = [("payments_attributed", "payments_eligible"), ("patients_attributed", "patients_eligible")]
    pairs += [("all_payer_payments_apm", "all_payer_payments_total")]
    for name, (part, whole) in zip(SCORES, pairs, strict=False):
        quotients = zip(columns[part].tolist(), columns[whole].tolist(), strict=True)
        expected = [a / b if b else float("nan") for a, b in quotients]
        np.testing.assert_array_equal(found[name], expected)


# ---- dtypes


SMALL = made_pattern(127, 127, seed=1)
SMALL_JUDGED = judged({name: SMALL[name] for name in [*MEDICARE, "performance_year"]})


@pytest.mark.parametrize(
    "dtype",
    ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64"],
)
@pytest.mark.parametrize("money", ["cents", "dollars"])
def test_numbers_of_every_dtype_give_the_same_answers(dtype, money):
    columns = {name: SMALL[name].astype(dtype) for name in MEDICARE}
    columns["performance_year"] = SMALL["performance_year"].astype("int16" if "8" in dtype else dtype)
    found = run(columns, money=money)
    for name, codes in SMALL_JUDGED.items():
        np.testing.assert_array_equal(found[name], codes)
    wide = run({name: SMALL[name] for name in [*MEDICARE, "performance_year"]}, money=money)
    assert same(found, wide)


@pytest.mark.parametrize("dtype", ["int16", "int32", "int64", "uint16", "uint32", "float32", "float64"])
@pytest.mark.parametrize("outputs", [["status"], EVERYTHING], ids=["codes", "everything"])
def test_years_of_every_dtype_give_the_same_answers(dtype, outputs):
    columns = stretched(MEDICARE_PATTERN, 5_000)
    expected = run(columns, outputs)
    columns["performance_year"] = columns["performance_year"].astype(dtype)
    assert same(run(columns, outputs), expected)


@pytest.mark.parametrize("dtype", ["int16", "int32", "int64", "uint16", "uint64"])
@pytest.mark.parametrize("outputs", [CODES, EVERYTHING], ids=["codes", "everything"])
def test_years_that_the_book_does_not_cover_are_told_whatever_their_dtype(dtype, outputs):
    bounds = np.iinfo(dtype)
    odd = [bounds.min, bounds.max, bounds.min + 1, bounds.max - 2017, 0, 1, 2016, 2200, 2017 + 2**15, 2017 + 2**32]
    for year in {year for year in odd if bounds.min <= year <= bounds.max}:
        columns = stretched(MEDICARE_PATTERN, 3_000)
        expected = run(columns, outputs)
        years = columns["performance_year"].astype(dtype)
        years[1_500] = year
        columns["performance_year"] = years
        with pytest.raises(ss.InputError, match=rf"(without thresholds|too large) .* row 1500 \(value {year}"):
            run(columns, outputs)
        found = run(columns, outputs, invalid="null")
        assert found["status"][1_500] == arrays.NULL_STATUS
        assert arrays.QP_REASONS[found["reason"][1_500]] in ("unknown_performance_year", "overflow")
        others = np.arange(3_000) != 1_500
        for name in outputs:
            np.testing.assert_array_equal(found[name][others], expected[name][others])


def test_truth_values_are_counts_of_none_and_one():
    columns = {name: np.array(v) for name, v in zip(MEDICARE, [[True, False]] + [[True, True]] * 3, strict=True)}
    assert run(columns, ["status"], performance_year=2020)["status"].tolist() == [2, 2]


def test_float_dollars_are_rounded_at_the_cent():
    columns = {"payments_attributed": np.array([0.125, 0.375, 0.1249]), "payments_eligible": np.ones(3)}
    found = run(columns, ["payment_score"], performance_year=2020, money="dollars")
    assert found["payment_score"].tolist() == [0.13, 0.38, 0.12]


@pytest.mark.parametrize("dtype", [">i8", ">i4", ">f8", "float16", "complex128", "object", "U3", "M8[D]", "V8"])
def test_other_dtypes_are_refused_by_name(dtype):
    columns = {name: SMALL[name].copy() for name in MEDICARE}
    columns["patients_eligible"] = np.zeros(PERIOD, dtype)
    with pytest.raises(ss.InputError, match=r"`patients_eligible`: has dtype .* native byte order"):
        run(columns, performance_year=2020)


def test_what_does_not_fit_is_refused_as_it_was_written():
    columns = {"payments_attributed": np.array([1, 2]), "payments_eligible": np.array([5, 1 << 63], np.uint64)}
    with pytest.raises(ss.InputError, match=r"`payments_eligible`: too large in 1 row, .* \(value 9223372036854775808"):
        run(columns, performance_year=2020)
    columns["payments_eligible"] = np.array([5.0, 6.5])
    with pytest.raises(ss.InputError, match=r"`payments_eligible`: not a whole number in 1 row, .* row 1 \(value 6\.5"):
        run(columns, performance_year=2020)
    for value, text in ((np.nan, "NaN"), (np.inf, "inf"), (-np.inf, "-inf")):
        columns["payments_eligible"] = np.array([5.0, value])
        with pytest.raises(ss.InputError, match=rf"NaN or infinite in 1 row, first in row 1 \(value {text}\)"):
            run(columns, performance_year=2020, money="dollars")


@pytest.mark.parametrize("value", [[60, 70], (60, 70), "60", None, {"a": 1}])
def test_what_is_no_array_is_refused(value):
    columns: dict[str, Any] = {name: SMALL[name][:2] for name in MEDICARE}
    columns["payments_attributed"] = value
    message = "missing" if value is None else "Give a one-dimensional numpy array"
    with pytest.raises(ss.InputError, match=f"`payments_attributed`: .*{message}"):
        run(columns, performance_year=2020)


def test_a_masked_array_is_refused_as_its_mask_would_be_lost():
    columns = {name: np.ma.array(SMALL[name], mask=SMALL[name] > 5) for name in MEDICARE}
    with pytest.raises(ss.InputError, match="is a masked array"):
        run(columns, performance_year=2020)


def test_nulls_may_stand_beside_the_values():
    columns: dict[str, Any] = {name: SMALL[name] for name in MEDICARE}
    nulls = np.arange(PERIOD) % 7 == 0
    columns["payments_attributed"] = (SMALL["payments_attributed"], nulls)
    found = run(columns, performance_year=2020)
    plain = run({name: SMALL[name] for name in MEDICARE}, performance_year=2020)
    assert (found["status"][nulls] == arrays.NULL_STATUS).all()
    assert {arrays.QP_REASONS[code] for code in found["reason"][nulls]} == {"missing_input"}
    np.testing.assert_array_equal(found["status"][~nulls], plain["status"][~nulls])


# ---- layouts


def layouts(values: np.ndarray) -> dict[str, np.ndarray]:
    rows = len(values)
    wide = np.zeros(3 * rows, values.dtype)
    wide[1::3] = values
    table = np.zeros((rows, 4), values.dtype, order="C")
    table[:, 2] = values
    fortran = np.asfortranarray(table)
    record = np.zeros(rows, [("flag", "i1"), ("value", values.dtype)])
    record["value"] = values
    raw = np.zeros(values.nbytes + 1, np.uint8)
    unaligned = raw[1:].view(values.dtype)
    unaligned[:] = values
    locked = values.copy()
    locked.flags.writeable = False
    return {
        "every third": wide[1::3],
        "column of a table": table[:, 2],
        "column in Fortran order": fortran[:, 2],
        "reversed": values[::-1].copy()[::-1],
        "field of records": record["value"],
        "unaligned": unaligned,
        "read-only": locked,
        "bytes": np.frombuffer(values.tobytes(), values.dtype),
    }


@pytest.mark.parametrize("layout", layouts(np.arange(2)))
@pytest.mark.parametrize("dtype", ["int64", "int32", "float64"])
def test_arrays_of_every_layout_give_the_same_answers(layout, dtype):
    rows = 4_100
    columns = {name: values.astype(dtype) for name, values in stretched(PATTERN, rows).items()}
    laid = {name: layouts(values)[layout] for name, values in columns.items()}
    found = run(laid)
    assert same(found, run(columns))
    for name, codes in JUDGED.items():
        np.testing.assert_array_equal(found[name], np.resize(codes, rows))


def test_one_element_repeated_by_a_stride_of_nothing_is_read_as_often_as_it_stands():
    columns = {name: np.broadcast_to(np.array(v), 5_000) for name, v in zip(MEDICARE, (60, 100, 3, 100), strict=True)}
    assert set(run(columns, performance_year=2020)["status"].tolist()) == {2}


def test_arrays_that_are_not_of_one_dimension_are_refused():
    for shape in ((), (1, PERIOD), (PERIOD, 1)):
        columns = {name: SMALL[name] for name in MEDICARE}
        columns["patients_attributed"] = np.zeros(shape, int)
        with pytest.raises(ss.InputError, match=f"`patients_attributed`: has {len(shape)} dimensions"):
            run(columns, performance_year=2020)


def test_arrays_of_unequal_lengths_are_refused():
    columns = {name: SMALL[name] for name in MEDICARE}
    columns["patients_attributed"] = SMALL["patients_attributed"][:-1]
    with pytest.raises(ss.InputError, match="`patients_attributed`: has 996 rows where another column has 997"):
        run(columns, performance_year=2020)
    with pytest.raises(ss.InputError, match="`performance_year`: has 1 rows where another column has 997"):
        run({name: SMALL[name] for name in MEDICARE}, performance_year=np.array([2020]))


def test_one_number_stands_for_all_rows():
    rows = 3_000
    columns = stretched({name: MEDICARE_PATTERN[name] for name in MEDICARE}, rows)
    for year in (2020, np.int64(2020), np.int16(2020)):
        by_number = run(columns, performance_year=year)
        assert same(by_number, run(columns, performance_year=np.full(rows, 2020)))
    alone = dict(columns, payments_eligible=10**10)
    full = dict(columns, payments_eligible=np.full(rows, 10**10))
    assert same(run(alone, performance_year=2020), run(full, performance_year=2020))
    with pytest.raises(ss.InputError, match="no column is an array"):
        run(dict.fromkeys(MEDICARE, 1), performance_year=2020)


# ---- outputs


def test_only_what_is_asked_for_is_made():
    assert list(arrays.qp_status(**SMALL)) == ["status", "method"]
    assert list(arrays.qp_status(**SMALL, outputs=["payments_needed"])) == ["payments_needed"]
    assert arrays.qp_status(**SMALL, outputs=[]) == {}
    with pytest.raises(ValueError, match='no output "statuss": choose from status, method'):
        arrays.qp_status(**SMALL, outputs=["statuss"])
    with pytest.raises(ValueError, match='no output "statuss"'):
        arrays.qp_status(**SMALL, out={"statuss": np.empty(PERIOD, np.uint8)})
    with pytest.raises(TypeError, match="not both"):
        arrays.qp_status(**SMALL, outputs=["status"], out={"status": np.empty(PERIOD, np.uint8)})


def lent(rows: int) -> dict[str, np.ndarray]:
    dtypes = [np.uint8] * 4 + [np.float64] * 4 + [np.int64] * 2
    return {name: np.full(rows, 77, dtype) for name, dtype in zip(EVERYTHING, dtypes, strict=True)}


@pytest.mark.parametrize("rows", [0, 1, 2049, 65_537])
def test_lent_arrays_are_filled_with_the_same_bits(rows):
    columns = stretched(PATTERN, rows)
    out = lent(rows)
    answer = arrays.qp_status(**columns, out=out)
    assert all(answer[name] is out[name] for name in EVERYTHING)
    assert same(answer, run(columns))


def test_lent_arrays_may_be_parts_of_one_buffer():
    columns = stretched(PATTERN, 5_000)
    buffer = np.zeros(3 * 5_000, np.uint8)
    arrays.qp_status(**columns, out={"status": buffer[:5_000], "method": buffer[10_000:]})
    expected = run(columns)
    np.testing.assert_array_equal(buffer[:5_000], expected["status"])
    assert not buffer[5_000:10_000].any()
    np.testing.assert_array_equal(buffer[10_000:], expected["method"])


def locked(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros(PERIOD, np.int8), "has another type. Lend a one-dimensional numpy array of uint8"),
        (np.zeros((PERIOD, 1), np.uint8), "has another type"),
        ([0] * PERIOD, "has another type"),
        (np.zeros(PERIOD + 1, np.uint8), "has 998 rows for 997 rows of input"),
        (np.zeros(2 * PERIOD, np.uint8)[::2], "is not contiguous"),
        (np.zeros(PERIOD, np.uint8)[::-1], "is not contiguous"),
        (locked(np.zeros(PERIOD, np.uint8)), "not writeable"),
    ],
    ids=["dtype", "dimensions", "list", "length", "strided", "reversed", "read-only"],
)
def test_lent_arrays_that_do_not_fit_are_refused(array, message):
    with pytest.raises(ss.InputError, match=rf'`out\["status"\]`: .*{message}'):
        arrays.qp_status(**SMALL, out={"status": array})


def test_lent_arrays_that_are_not_aligned_are_refused():
    raw = np.zeros(8 * PERIOD + 1, np.uint8)
    with pytest.raises(ss.InputError, match="is not aligned"):
        arrays.qp_status(**SMALL, out={"payments_needed": raw[1:].view(np.int64)})


def test_an_array_is_lent_once():
    array = np.zeros(PERIOD, np.uint8)
    with pytest.raises(ss.InputError, match="already borrowed"):
        arrays.qp_status(**SMALL, out={"status": array, "method": array})
    wide = np.zeros(PERIOD + 1, np.uint8)
    with pytest.raises(ss.InputError, match="already borrowed"):
        arrays.qp_status(**SMALL, out={"status": wide[1:], "method": wide[:-1]})
    arrays.qp_status(**SMALL, out={"status": array})
    assert array.any()


def test_a_lent_array_may_not_share_memory_with_an_input():
    columns = {name: values.copy() for name, values in SMALL.items()}
    with pytest.raises(ss.InputError, match="shares memory with an input"):
        arrays.qp_status(**columns, out={"payments_needed": columns["payments_attributed"]})
    raw = np.zeros(8 * PERIOD, np.uint8)
    columns["payments_attributed"] = raw.view(np.int64)
    with pytest.raises(ss.InputError, match="shares memory with an input"):
        arrays.qp_status(**columns, out={"status": raw[-PERIOD:]})
    wide = np.zeros(PERIOD + 5, np.int64)
    # A reversed array begins at its end: overlaps on either side count.
    for mine, theirs in ((wide[:PERIOD][::-1], wide[5:]), (wide[5:][::-1], wide[:PERIOD])):
        columns["payments_attributed"] = mine
        with pytest.raises(ss.InputError, match="shares memory with an input"):
            arrays.qp_status(**columns, out={"payments_needed": theirs})
    beside = np.zeros(2 * PERIOD, np.int64)
    columns["payments_attributed"] = beside[:PERIOD]
    arrays.qp_status(**columns, out={"payments_needed": beside[PERIOD:]})


# ---- threads, processors, processes


def spoilt_columns(rows: int) -> dict[str, Any]:
    """Good rows, nulls and all that can be wrong."""
    columns: dict[str, Any] = {name: values.astype(float) for name, values in stretched(PATTERN, rows).items()}
    rng = np.random.default_rng(7)
    for name, values in columns.items():
        for bad in (np.nan, np.inf, -1.0, 0.5, 1e19):
            values[rng.integers(0, rows, 40)] = bad
        columns[name] = (values, rng.random(rows) < 0.001)
    return columns


def test_one_two_and_three_threads_give_the_same_bits():
    columns = stretched(PATTERN, 300_001)
    spoilt = spoilt_columns(300_001)
    first = run(columns, threads=1)
    first_spoilt = run(spoilt, threads=1, invalid="null")
    for threads in (2, 3, None, 10**9):
        assert same(run(columns, threads=threads), first)
        assert same(run(spoilt, threads=threads, invalid="null"), first_spoilt)


def test_one_and_many_threads_report_the_same_first_row():
    columns = stretched(PATTERN, 300_001)
    columns["patients_eligible"][[299_000, 150_000, 70_000]] = -3
    for threads in (1, 2, 3):
        with pytest.raises(ss.InputError, match=r"negative in 3 rows, first in row 70000 \(value -3\)"):
            run(columns, threads=threads)


@pytest.mark.parametrize("threads", [0, -1])
def test_no_threads_are_refused(threads):
    with pytest.raises(ValueError, match=f"threads={threads}: give 1 or more"):
        run(SMALL, threads=threads)


def spawn(code: str, **environment: str) -> str:
    """What a process of its own prints, that imports this file."""
    folders = [os.path.dirname(__file__), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(folders), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


SIMD = """
import hashlib, sys
import numpy as np
import test_qp_arrays as t
from sharedsavings import _core
digest = hashlib.sha256()
for columns in (t.stretched(t.PATTERN, 70_001), t.stretched(t.MEDICARE_PATTERN, 70_001)):
    for dtype in ("int64", "int32", "int16"):
        columns["performance_year"] = columns["performance_year"].astype(dtype)
        for outputs in (["status", "method"], t.EVERYTHING):
            for values in t.run(columns, outputs).values():
                digest.update(values.tobytes())
for values in t.run(t.spoilt_columns(70_001), invalid="null").values():
    digest.update(values.tobytes())
print(_core.simd_level(), digest.hexdigest())
"""


def test_every_instruction_set_gives_the_same_bits():
    answers = {}
    for asked in ("baseline", "avx2", "best"):
        answers[asked] = spawn(SIMD, SHAREDSAVINGS_SIMD=asked).split()
    assert answers["baseline"][0] == "baseline"
    assert len({digest for _, digest in answers.values()}) == 1


FORK = """
import os, signal, sys, time, warnings
import test_qp_arrays as t
columns = t.stretched(t.PATTERN, 300_001)
expected = t.run(columns, threads=2)
with warnings.catch_warnings():
    # Python warns of forks in processes with threads, which is what is tried here.
    warnings.simplefilter("ignore", DeprecationWarning)
    child = os.fork()
if child == 0:
    os.setpgid(0, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        grandchild = os.fork()
    good = t.same(t.run(columns, threads=2), expected) and t.same(t.run(columns, threads=3), expected)
    if grandchild == 0:
        os._exit(0 if good else 1)
    _, status = os.waitpid(grandchild, 0)
    os._exit(0 if good and status == 0 else 1)
for _ in range(600):
    done, status = os.waitpid(child, os.WNOHANG)
    if done:
        break
    time.sleep(0.05)
else:
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    sys.exit("the forked child hangs")
assert t.same(t.run(columns, threads=2), expected)
sys.exit(status)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_forked_children_compute_in_parallel_as_their_parent_did():
    spawn(FORK)


def test_a_thread_that_writes_to_an_input_meanwhile_breaks_nothing():
    columns = stretched(PATTERN, 200_001)
    # An array that changes under the call, and another that is only read: its rows must stay right.
    moving = columns["payments_attributed"]
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            np.negative(moving, out=moving)
            moving[::3] = np.iinfo(np.int64).max
            np.copyto(moving, np.resize(PATTERN["payments_attributed"], len(moving)))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        until = time.monotonic() + 2
        while time.monotonic() < until:
            found = run(columns, CODES, threads=2, invalid="null")
            assert set(np.unique(found["status"])) <= {0, 1, 2, arrays.NULL_STATUS}
            assert found["reason"].max() < len(arrays.QP_REASONS)
            assert found["method"].max() < len(arrays.QP_METHODS)
    finally:
        stop.set()
        writer.join()
    columns["payments_attributed"] = np.resize(PATTERN["payments_attributed"], 200_001)
    np.testing.assert_array_equal(run(columns, ["status"])["status"], np.resize(JUDGED["status"], 200_001))


def test_threads_of_python_may_call_at_the_same_time():
    columns = stretched(PATTERN, 100_001)
    expected = run(columns)
    failures: list[str] = []

    def call() -> None:
        failures.extend("differs" for _ in range(5) if not same(run(columns, threads=2), expected))

    callers = [threading.Thread(target=call) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert not failures


CAPPED = """
import hashlib
import test_qp_arrays as t
values = t.run(t.stretched(t.PATTERN, 200_001)).values()
print(hashlib.sha256(b"".join(v.tobytes() for v in values)).hexdigest())
"""


def test_the_thread_cap_of_the_environment_changes_no_bit():
    assert len({spawn(CAPPED, SHAREDSAVINGS_THREADS=cap) for cap in ("1", "2", "nonsense")}) == 1


def test_a_lent_output_that_overlaps_a_mask_of_nulls_is_refused():
    buffer = np.zeros(5001, np.uint8)
    values = np.full(5000, 60)
    masked = (values, buffer[:-1].view(np.bool_))
    with pytest.raises(ss.InputError, match="shares memory with an input"):
        ss.arrays.qp_status(masked, values + 40, performance_year=2020, out={"status": buffer[1:]})
