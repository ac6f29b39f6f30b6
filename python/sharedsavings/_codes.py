"""Columns of text, days and identifiers as whole numbers for the native half, and back."""

from __future__ import annotations

import datetime as dt
import importlib
import re
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from . import _core
from ._errors import InputError
from ._frames import Frame, numbers
from .samples import to_frame

Long = NDArray[np.int64]
Bytes = NDArray[np.uint8]

NULL = _core.NULL_NUMBER
# A word, or a truth value, that is none.
UNKNOWN = 255
# An identifier that is no number.
UNREADABLE = _core.UNREADABLE_NUMBER


def backend(source: Frame) -> str:
    """Name of the library that the frame is of."""
    return str(nw.get_native_namespace(source.native).__name__)


def codes(series: nw.Series[Any]) -> tuple[Long, list[Any]]:
    """Places of the values among their distinct values in order, -1 where null; and those values."""
    if series.null_count() == len(series):
        return np.full(len(series), -1), []
    library = nw.get_native_namespace(series).__name__
    if series.dtype in (nw.Categorical, nw.Enum) and library != "pandas":
        series = series.cast(nw.String)
    native = series.to_native()
    if library == "polars":
        import polars as pl

        if series.dtype == nw.Object:
            raise _mixed(series)
        distinct = native.drop_nulls().unique().sort()
        if native.dtype == pl.String:
            places = native.cast(pl.Enum(distinct)).to_physical()
        else:
            places = distinct.search_sorted(native).zip_with(native.is_not_null(), pl.Series([None], dtype=pl.UInt32))
        return places.cast(pl.Int64).fill_null(-1).to_numpy(), distinct.to_list()
    if library == "pyarrow":
        import pyarrow as pa

        encoded = native.combine_chunks().dictionary_encode()
        encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
        found, distinct = encoded.indices.fill_null(-1).to_numpy(), encoded.dictionary.to_pylist()
    else:
        import pandas as pd

        found, kept = pd.factorize(native)
        distinct = list(kept)
    try:
        order = sorted(range(len(distinct)), key=distinct.__getitem__)
    except TypeError:
        raise _mixed(series) from None
    place = np.empty(len(distinct) + 1, np.int64)
    place[order] = np.arange(len(distinct))
    place[-1] = -1
    return place[found], [distinct[at] for at in order]


def spelled(series: nw.Series[Any]) -> tuple[Long, list[str]]:
    """Places of the values among their distinct values as text, -1 where null; and those texts."""
    if series.dtype == nw.Object:
        # Values of several kinds have no order.
        nulls = series.is_null().to_list()
        values = [None if null else str(value) for value, null in zip(series.to_list(), nulls, strict=True)]
        series = nw.new_series("", values, nw.String, backend=nw.get_native_namespace(series))
    found, distinct = codes(series)
    return found, [str(value) for value in distinct]


def _mixed(series: nw.Series[Any]) -> InputError:
    kinds = ", ".join(sorted({type(value).__name__ for value in series.to_list() if value is not None}))
    return InputError(f"column `{series.name}`: holds values of several kinds ({kinds}). Make all of them text")


def tins(series: nw.Series[Any]) -> tuple[Long, list[Any]]:
    """As `codes`; 12-3456789 and 123456789 are one TIN, told as it is written with the hyphen."""
    found, distinct = codes(series)
    spelled: dict[Any, Any] = {}
    plain = [_HYPHEN.sub(r"\1\2", value) if isinstance(value, str) else value for value in distinct]
    for value, spelling in zip(plain, distinct, strict=True):
        # A hyphen sorts before all digits.
        spelled.setdefault(value, spelling)
    order = {value: at for at, value in enumerate(sorted(spelled))}
    out: Long = np.array([*(order[value] for value in plain), -1], np.int64)[found]
    return out, [spelled[value] for value in order]


_HYPHEN = re.compile(r"^(\d{2})-(\d{7})$", re.ASCII)


_REMEDY = "Use one of these words"


def words(source: Frame, name: str, known: Sequence[str], null: int, invalid: str, remedy: str = _REMEDY) -> Bytes:
    """Codes of the words of a column; what is none of them is `UNKNOWN`, and refused where invalid rows are."""
    found, distinct = codes(source.series(name))
    table = [known.index(word) if word in known else UNKNOWN for word in distinct]
    out: Bytes = np.array([*table, null], np.uint8)[found]
    if invalid == "raise":
        refuse(source, name, out == UNKNOWN, f"is none of {', '.join(known)}", remedy)
    return out


def truths(source: Frame, name: str) -> Bytes:
    """A column of truth values as 0 and 1, `UNKNOWN` where null."""
    whole = _core.whole_numbers(source.numbers(name), NULL, UNKNOWN)
    refuse(source, name, ~np.isin(whole, (0, 1, NULL)), "is no truth value", "Give true or false")
    return np.where(whole == NULL, UNKNOWN, whole).astype(np.uint8)


def days(source: Frame, name: str, invalid: str = "raise") -> Long:
    """A column of dates, of numbers or of text as yyyymmdd, `NULL` where null, and 0 where it is no date."""
    series = source.series(name)
    if series.dtype in (nw.Date, nw.Datetime):
        at = series.dt
        # As floats, in which pandas has nulls too.
        year, month, day = (part.cast(nw.Float64) for part in (at.year(), at.month(), at.day()))
        number = year * 10_000 + month * 100 + day
        return _core.whole_numbers(numbers(number, source.names[name]), NULL)
    if series.dtype.is_numeric():
        out = _core.whole_numbers(source.numbers(name), NULL, 0)
    else:
        found, distinct = codes(series)
        table = [_day(value) for value in distinct]
        out = np.array([*table, NULL], np.int64)[found]
    if invalid == "raise":
        refuse(source, name, out == 0, "is no date", "Give dates, or text such as 2024-06-30")
    return out


def _day(value: Any) -> int:
    if isinstance(value, dt.date):
        return value.year * 10_000 + value.month * 100 + value.day
    try:
        return _day(dt.date.fromisoformat(str(value).strip()))
    except ValueError:
        return 0


def npis(source: Frame, name: str) -> Long:
    """A column of NPIs as numbers, `NULL` where null and `UNREADABLE` where there is no number."""
    series = source.series(name)
    if series.dtype.is_numeric():
        return _core.whole_numbers(source.numbers(name), NULL, UNREADABLE)
    found, distinct = codes(series)
    read = np.array([int(str(v)) if _is_number(str(v)) else UNREADABLE for v in distinct] + [NULL], np.int64)
    return read[found]


# Digits that fit 64 bits, and more than an NPI has; with a zero before them they are another text.
_MOST_DIGITS = 18


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and not text.startswith("0")


def refuse(source: Frame, name: str, bad: NDArray[np.bool_], problem: str, remedy: str) -> None:
    """Raise where any row is bad."""
    rows = np.flatnonzero(bad)
    if len(rows):
        value = source.series(name)[int(rows[0])]
        raise InputError(
            f"column `{source.names[name]}`: {problem} in {len(rows)} rows, first in row {rows[0]} (value {value!r}). "
            f"{remedy}"
        )


def taken(values: Sequence[Any], at: Long, library: str) -> Any:
    """A native column of the values at these places; null where the place is below zero."""
    frame = to_frame({"column": [*values, None]}, library)
    if library == "polars":
        import polars as pl

        return frame["column"].gather(pl.Series(np.where(at < 0, len(values), at)))
    if library == "pyarrow":
        import pyarrow as pa

        return frame["column"].take(pa.array(at, mask=at < 0))
    return frame["column"].take(np.where(at < 0, len(values), at)).reset_index(drop=True)


def numbered(rows: int, library: str) -> Any:
    """A frame of so many rows."""
    return nw.from_dict({"row": np.arange(rows)}, backend=importlib.import_module(library)).to_native()


def with_columns(frame: Any, columns: dict[str, Any], order: Sequence[str]) -> Any:
    """The frame with native columns beside its own, in this order."""
    own = nw.from_native(frame, eager_only=True)
    new = [nw.from_native(column, series_only=True).alias(name) for name, column in columns.items()]
    return own.with_columns(*new).select(*order).to_native()
