"""Frames of cells and of entities as the native half takes them: floats with NaN for null, starts, and slots."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping, Sequence

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from . import _core
from ._errors import InputError
from ._frames import Frame, numbers

CELL_KEYS = ("entity_id", "enrollment_type")
ENTITY_KEYS = ("entity_id", "agreement_start")
CELL_COLUMNS = tuple(_core.BENCHMARK_CELL_COLUMNS)
ENTITY_COLUMNS = tuple(_core.BENCHMARK_ENTITY_COLUMNS)
TYPES = tuple(_core.ENROLLMENT_TYPES)


def floats(source: Frame, canonical: str, *, strict: bool) -> NDArray[np.float64]:
    """A numeric column as floats; null is NaN, and NaN that is not null is refused where `strict`."""
    series = source.series(canonical)
    name = source.names[canonical]
    native = numbers(series.cast(nw.Float64) if series.dtype == nw.Decimal else series, name)
    pieces: list[NDArray[np.float64]] = []
    for piece in native if isinstance(native, list) else [native]:
        values, nulls = piece[:2] if isinstance(piece, tuple) else (piece, None)
        plain = np.ascontiguousarray(values, dtype=np.float64)
        if nulls is not None and nulls.any():
            plain = np.where(nulls, np.nan, plain)
        if strict:
            bad = np.isnan(plain) if nulls is None else np.isnan(plain) & ~nulls
            if bad.any():
                row = int(np.flatnonzero(bad)[0]) + sum(len(p) for p in pieces)
                raise InputError(
                    f"column `{name}`: NaN or infinite in {bad.sum()} rows, first in row {row} (value NaN). Use null "
                    'for a missing value. Or pass invalid="null" to keep such entities as null with a reason'
                )
        pieces.append(plain)
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


def starts(source: Frame) -> NDArray[np.int64]:
    """Agreement starts as yyyymmdd, years as they are; `NULL_CENTS` is null."""
    series = source.series("agreement_start")
    if series.dtype in (nw.Date, nw.Datetime) or series.dtype == nw.Object:
        values = series.to_list()
        nulls = series.is_null().to_list()
        if all(null or isinstance(v, dt.date) for v, null in zip(values, nulls, strict=True)):
            written = [_core.NULL_CENTS if n else int(v.strftime("%Y%m%d")) for v, n in zip(values, nulls, strict=True)]
            return np.array(written, np.int64)
    column = numbers(series, source.names["agreement_start"])
    return _core.whole_numbers(column, _core.NULL_CENTS)


def entity_ids(source: Frame, what: str) -> list[Hashable]:
    """Entity ids; none may be null."""
    if "entity_id" not in source:
        raise InputError(
            f"column `entity_id`: missing in {what}. It tells which rows belong together; columns= maps it"
        )
    series = source.series("entity_id")
    nulls = series.is_null()
    if nulls.any():
        rows = np.flatnonzero(nulls.to_numpy())
        raise InputError(
            f"column `{source.names['entity_id']}`: null in {len(rows)} rows of {what}, first in row {rows[0]}. Give "
            "every row its id"
        )
    return list(series.to_list())


def types(source: Frame, what: str) -> NDArray[np.int64]:
    """Enrollment types by code."""
    if "enrollment_type" not in source:
        raise InputError(f"column `enrollment_type`: missing in {what}. It is one of {', '.join(TYPES)}")
    own = source.names["enrollment_type"]
    words = source.series("enrollment_type").cast(nw.String).to_list()
    distinct = list(dict.fromkeys(words))
    codes = _core.type_codes([str(word) for word in distinct])
    table = dict(zip(distinct, codes, strict=True))
    unknown = next((row for row, word in enumerate(words) if table[word] is None), None)
    if unknown is not None:
        count = sum(table[word] is None for word in words)
        raise InputError(
            f"column `{own}`: unknown enrollment type in {count} rows of {what}, first in row {unknown} (value "
            f"{words[unknown]!r}). Give {', '.join(TYPES)}, or CMS's ESRD, DIS, AGDU, AGND"
        )
    return np.fromiter((table[word] for word in words), np.int64, len(words))


def places(ids: Sequence[Hashable], known: Mapping[Hashable, int], what: str) -> NDArray[np.int64]:
    """Place of each id among those known."""
    found = np.fromiter((known.get(i, -1) for i in ids), np.int64, len(ids))
    if (found < 0).any():
        bad = np.flatnonzero(found < 0)
        raise InputError(
            f"column `entity_id`: {len(bad)} rows of {what} name an entity that entities= lacks, first in row {bad[0]} "
            f"(value {ids[int(bad[0])]!r}). Add it there, or drop the rows"
        )
    return found


def slots(
    entity: NDArray[np.int64], kind: NDArray[np.int64], entities: int, ids: Sequence[Hashable]
) -> NDArray[np.int64]:
    """Row of the cells for each entity and type; -1 where there is none."""
    at = entity * len(TYPES) + kind
    out = np.full(entities * len(TYPES), -1, np.int64)
    out[at] = np.arange(len(at))
    twice = np.flatnonzero(out[at] != np.arange(len(at)))
    if len(twice):
        row = int(twice[0])
        raise InputError(
            f"column `enrollment_type`: {len(twice)} rows of cells repeat a type of an entity, first in row {row} "
            f"(entity {ids[row]!r}, {TYPES[kind[row]]}). Give one row for each entity and type"
        )
    return out
