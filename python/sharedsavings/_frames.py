"""Data frames in, the same kind of data frame out.

Columns are picked with narwhals and handed to the native half as they lie; nothing is computed here.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from narwhals.exceptions import DuplicateError
from numpy.typing import NDArray

from ._errors import InputError

# What the native half takes for a column: an array, (values, nulls[, decimals]), a list of those, or a number.
Native = Any


# Whole numbers that are no truth values, which are whole numbers to the native half as well.
_COUNTS = frozenset(
    ("beneficiaries", "performance_year", "two_sided_year", "beneficiary_months", "transplants", "population_months",
     "visits", "risk_group", "episodes", "person_months", "baseline_episodes", "months_tier_1", "months_tier_2",
     "months_tier_3", "months_tier_4", "months_tier_5")
)  # fmt: skip


@dataclass(frozen=True)
class Words:
    """Codes with the word of each; a code without a word is null."""

    codes: NDArray[np.uint8]
    words: Sequence[str]


@dataclass(frozen=True)
class Integers:
    """Whole numbers; rows equal to `null` are null."""

    values: NDArray[np.int64]
    null: int


@dataclass(frozen=True)
class Truths:
    """Truth values, 0 and 1; rows equal to `null` are null."""

    values: NDArray[np.uint8]
    null: int


Output = Words | Integers | Truths | NDArray[np.float64]


class Frame:
    """A caller's frame with canonical column names laid over it.

    Parameters
    ----------
    native : pandas.DataFrame, polars.DataFrame or pyarrow.Table
    names : iterable of str
        Canonical column names that the verb knows.
    columns : mapping of str to str, optional
        Canonical name to the frame's own.
    optional : sequence of str
        Canonical names whose own column may be absent though it is mapped.
    """

    def __init__(
        self, native: Any, names: Iterable[str], columns: Mapping[str, str] | None, optional: Sequence[str] = ()
    ) -> None:
        try:
            frame = nw.from_native(native, pass_through=True)
        except DuplicateError as error:
            what = " ".join(str(error).split())
            raise InputError(f"the frame has two columns of one name ({what}). Rename or drop one") from None
        if isinstance(frame, nw.LazyFrame):
            raise InputError(f"the frame is lazy ({type(native).__name__}). Call .collect() on it first")
        if not isinstance(frame, nw.DataFrame):
            raise InputError(
                f"the frame is a {type(native).__name__}. Give a pandas or polars DataFrame or a pyarrow Table; "
                "for bare numpy arrays there is sharedsavings.arrays"
            )
        self._frame = frame
        self.native = native
        mapping = {name: own for name, own in (columns or {}).items() if name not in optional or own in frame.columns}
        self.names = self._names(list(names), mapping, frame.columns)

    @staticmethod
    def _names(known: list[str], mapping: dict[str, str], have: list[str]) -> dict[str, str]:
        for canonical, own in mapping.items():
            if canonical not in known:
                raise InputError(f"columns=: `{canonical}` is not a column of this verb. It reads {', '.join(known)}")
            if own not in have:
                has = ", ".join(map(str, have))
                raise InputError(f"column `{own}` (mapped from `{canonical}`): missing. The frame has {has}")
            if not isinstance(own, str):
                raise InputError(
                    f"column {own!r} (mapped from `{canonical}`): its name is not text. Rename it, for "
                    "example with frame.rename(columns=str)"
                )
        names = {name: mapping.get(name, name) for name in known if mapping.get(name, name) in have}
        taken: dict[str, str] = {}
        for canonical, own in names.items():
            if own in taken:
                raise InputError(
                    f"column `{own}`: stands for both `{taken[own]}` and `{canonical}`. Map each to a column of its own"
                )
            taken[own] = canonical
        return names

    def take(self, rows: NDArray[np.int64]) -> Frame:
        """Some of its rows, in their order."""
        # Only what the verb reads.
        some = self._frame.select(list(self.names.values()))[rows]
        mapping = {canonical: own for canonical, own in self.names.items() if canonical != own}
        return Frame(some.to_native(), self.names, mapping)

    def __len__(self) -> int:
        return len(self._frame)

    def __contains__(self, canonical: str) -> bool:
        return canonical in self.names

    def series(self, canonical: str) -> nw.Series[Any]:
        """The column of a canonical name."""
        return self._frame[self.names[canonical]]

    def numbers(self, canonical: str, kind: str = "whole") -> Native:
        """A numeric column for the native half, nulls apart; truth values are no amounts, shares or counts."""
        series = self.series(canonical)
        if (kind != "whole" or canonical in _COUNTS) and _has_truths(series):
            what = {"whole": "a count", "share": "a share"}.get(kind, "an amount")
            raise InputError(
                f"column `{self.names[canonical]}`: holds truth values, where {what} is needed. Give numbers"
            )
        return numbers(series, self.names[canonical])

    def append(self, outputs: Mapping[str, Output]) -> Any:
        """The caller's frame with new columns, everything else untouched."""
        clash = [name for name in outputs if name in self._frame.columns]
        if clash:
            more = f", and so with `{'`, `'.join(clash[1:])}`" if len(clash) > 1 else ""
            raise InputError(
                f"column `{clash[0]}`: the frame already has one. Drop or rename it before this call{more}: an earlier "
                "call may have written it"
            )
        implementation = nw.get_native_namespace(self._frame).__name__
        if implementation == "pandas":
            return _append_pandas(self.native, outputs)
        if implementation == "polars":
            return _append_polars(self.native, outputs)
        if implementation == "pyarrow":
            return _append_pyarrow(self.native, outputs)
        raise InputError(f"frames of {implementation} are not written. Convert to pandas, polars or pyarrow")


def one_year(source: Frame, given: Any, name: str = "performance_year") -> int:
    """The year that a verb was given for all rows, beside a frame that must not have one of its own."""
    if name in source:
        own = source.names[name]
        raise InputError(f"column `{own}`: the year is given twice. Drop {name}= or the column")
    return year_of(given, name)


def year_of(given: Any, name: str = "performance_year") -> int:
    """A year that a verb was given."""
    try:
        year = operator.index(given)
    except TypeError:
        year = 0
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise InputError(f"{name}={given!r}: not a year. Give one, such as 2024")
    return year


def numbers(series: nw.Series[Any], name: str) -> Native:
    """A numeric or boolean series for the native half."""
    if series.dtype == nw.Object:
        series = _truths(series)
    dtype = series.dtype
    if nw.get_native_namespace(series).__name__ == "pyarrow":
        return [_arrow_chunk(chunk, name) for chunk in series.to_native().chunks] or np.empty(0, np.int64)
    if len(series) == 0:
        return np.empty(0, np.int64)
    if dtype == nw.Decimal:
        return _decimal(series, name)
    nulls = series.is_null()
    if nulls.all():
        return np.zeros(len(series), np.int64), np.ones(len(series), np.bool_)
    if not (dtype.is_numeric() or dtype == nw.Boolean) or dtype in (nw.Int128, nw.UInt128):
        raise _not_numeric(name, str(dtype), series)
    filler = False if dtype == nw.Boolean else 0
    return (series.fill_null(filler).to_numpy(), nulls.to_numpy()) if nulls.any() else series.to_numpy()


def words(source: Frame, canonical: str) -> list[str | None]:
    """A column as text, None where it is null: pandas casts a null to a value of its own."""
    series = source.series(canonical).cast(nw.String)
    told = zip(series.to_list(), series.is_null().to_list(), strict=True)
    return [None if null else word for word, null in told]


def coded(source: Frame, canonical: str, of_name: Mapping[str, int | None], known: str, strict: bool) -> Native:
    """The code of each word, -1 of an unknown one, which is refused where `strict`; `known` says which there are."""
    spelled = words(source, canonical)
    unknown = [row for row, name in enumerate(spelled) if name is not None and of_name[name] is None]
    if unknown and strict:
        rows = "row" if len(unknown) == 1 else "rows"
        what = canonical.replace("_", " ")
        raise InputError(
            f"column `{source.names[canonical]}`: unknown {what} in {len(unknown)} {rows}, first in "
            f"row {unknown[0]} (value {spelled[unknown[0]]!r}). {known}. Or pass "
            'invalid="null" to keep such rows as null with a reason'
        )
    codes = [-1 if name is None or of_name[name] is None else of_name[name] for name in spelled]
    return np.array(codes, np.int64), np.array([name is None for name in spelled], np.bool_)


def distinct(source: Frame, canonical: str) -> list[str]:
    """The words of a column, in the order of their first rows; none where there is no such column."""
    if canonical not in source:
        return []
    spelled = words(source, canonical)
    return list(dict.fromkeys(name for name in spelled if name is not None))


def _has_truths(series: nw.Series[Any]) -> bool:
    """Whether any of its values is a truth value."""
    if series.dtype == nw.Object:
        return any(isinstance(value, bool) for value in series.to_list())
    return series.dtype == nw.Boolean and not series.is_null().all()


def _truths(series: nw.Series[Any]) -> nw.Series[Any]:
    """Truth values beside None, of which pandas makes a column of objects; any other column as it is."""
    pandas = nw.get_native_namespace(series).__name__ == "pandas"
    if pandas and all(value is None or isinstance(value, bool) for value in series.to_list()):
        # A plain cast to truth values would read None as false.
        return nw.from_native(series.to_native().astype("boolean"), series_only=True)
    return series


def _not_numeric(name: str, dtype: str, series: nw.Series[Any]) -> InputError:
    first = next((v for v in series.head(1000).to_list() if v is not None), None)
    return InputError(
        f"column `{name}`: holds {dtype}, not numbers (first value {first!r}). Parse it, for example with "
        "pandas.to_numeric or polars' cast; Python Decimals go in as an Arrow decimal column"
    )


def _decimal(series: nw.Series[Any], name: str) -> Native:
    native = series.to_native()
    if nw.get_native_namespace(series).__name__ == "polars":
        physical = native.to_physical()
        import polars as pl

        nulls, scale = native.is_null().to_numpy(), native.dtype.scale
        small = physical.cast(pl.Int64, strict=False)
        if small.null_count() == native.null_count():
            low = small.fill_null(0).to_numpy()
            return np.column_stack([low, low >> 63]), nulls, scale
        word = pl.Series([1 << 64], dtype=pl.Int128)
        high = physical.fill_null(0) // word
        low = (physical.fill_null(0) - high * word).cast(pl.UInt64).to_numpy().view(np.int64)
        return np.column_stack([low, high.cast(pl.Int64).to_numpy()]), nulls, scale
    chunks = native.array.__arrow_array__()
    return [_arrow_chunk(chunk, name) for chunk in getattr(chunks, "chunks", [chunks])]


def _arrow_chunk(chunk: Any, name: str) -> Native:
    import pyarrow as pa

    nulls = chunk.is_null().to_numpy(zero_copy_only=False) if chunk.null_count else None
    kind = chunk.type
    if pa.types.is_null(kind):
        return np.zeros(len(chunk), np.int64), np.ones(len(chunk), np.bool_)
    if pa.types.is_decimal128(kind):
        words = np.frombuffer(chunk.buffers()[1], np.int64).reshape(-1, 2)
        return words[chunk.offset : chunk.offset + len(chunk)], nulls, kind.scale
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)):
        raise InputError(f"column `{name}`: holds {kind}, not numbers. Cast it to integers, floats or decimal128")
    if nulls is not None:
        chunk = chunk.fill_null(False if pa.types.is_boolean(kind) else 0)
    return chunk.to_numpy(zero_copy_only=False), nulls


def _append_pandas(frame: Any, outputs: Mapping[str, Output]) -> Any:
    import pandas as pd

    new: dict[str, Any] = {}
    for name, out in outputs.items():
        if isinstance(out, Words):
            table = _lookup(out.words)
            categories = [w for w in out.words if w]
            new[name] = pd.Categorical.from_codes(table[out.codes], categories)  # type: ignore[call-overload]
        elif isinstance(out, Integers):
            new[name] = pd.arrays.IntegerArray(out.values, out.values == out.null)
        elif isinstance(out, Truths):
            new[name] = pd.arrays.BooleanArray(out.values == 1, out.values == out.null)
        else:
            new[name] = out
    return frame.assign(**new)


def _append_polars(frame: Any, outputs: Mapping[str, Output]) -> Any:
    import polars as pl

    new: list[pl.Series] = []
    for name, out in outputs.items():
        if isinstance(out, Words):
            categories = [w for w in out.words if w]
            codes = pl.Series(name, _lookup(out.words)[out.codes])
            at = list(range(len(categories)))
            new.append(codes.replace_strict(at, categories, default=None, return_dtype=pl.Enum(categories)))
        elif isinstance(out, Integers):
            values = pl.Series(name, out.values)
            new.append(values.to_frame().select(pl.when(pl.col(name) != out.null).then(pl.col(name)))[name])
        elif isinstance(out, Truths):
            truths = pl.Series(name, out.values)
            new.append(truths.to_frame().select(pl.when(pl.col(name) != out.null).then(pl.col(name) == 1))[name])
        else:
            new.append(pl.Series(name, out, nan_to_null=True))
    return frame.with_columns(new)


def _append_pyarrow(table: Any, outputs: Mapping[str, Output]) -> Any:
    import pyarrow as pa

    for name, out in outputs.items():
        if isinstance(out, Words):
            codes = _lookup(out.words)[out.codes]
            words = [w for w in out.words if w]
            array = pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), pa.array(words, pa.string()))
        elif isinstance(out, Integers):
            array = pa.array(out.values, mask=out.values == out.null)
        elif isinstance(out, Truths):
            array = pa.array(out.values == 1, mask=out.values == out.null)
        else:
            array = pa.array(out, mask=np.isnan(out))
        table = table.append_column(name, array)
    return table


def _lookup(words: Sequence[str]) -> NDArray[np.int8]:
    """Position among the words that are not empty, by code; -1 where a code has no word."""
    table = np.full(256, -1, np.int8)
    at = 0
    for code, word in enumerate(words):
        if word:
            table[code] = at
            at += 1
    return table
