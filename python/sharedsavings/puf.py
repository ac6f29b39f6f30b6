"""CMS's published results of the Shared Savings Program, read into the columns that `settle` takes."""

from __future__ import annotations

import csv
import datetime as dt
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from . import _core
from . import rules as _rules
from ._errors import InputError
from ._puf_layouts import COMMON, LARGEST_MINIMUM_RATE, LAYOUTS, ONE_UNIT, OPTIONAL, Layout
from .samples import to_frame

_MISSING = frozenset({"", "-", "*", ".", "NA", "N/A"})
# Day 0 of spreadsheet day numbers.
_SPREADSHEET_EPOCH = dt.date(1899, 12, 30)
# Day numbers from 1927 on have five digits; a number of four is a year, which is no date.
_DAY_DIGITS = 5
_PERCENT = Decimal("0.01")


@dataclass(frozen=True)
class Puf:
    """A results file in canonical columns.

    Attributes
    ----------
    columns : dict of str to list
        Canonical columns, one value a row.
    performance_year : int
    notes : tuple of str
        What was read otherwise than it stands in the file.
    """

    columns: dict[str, list[Any]]
    performance_year: int
    notes: tuple[str, ...]


def read_puf(path: str | os.PathLike[str], performance_year: int | None = None, *, backend: str | None = None) -> Any:
    """Read one of CMS's "Performance Year Financial and Quality Results" files.

    Vintages of performance years 2021 to 2024 are known. Units are found in the file: fractions, percentages
    with or without a sign, dollar signs, thousands commas, a byte order mark, and `-`, `*` or `.` for missing.

    Parameters
    ----------
    path : path
        CSV file.
    performance_year : int, optional
        Year of the file, where its headings do not tell.
    backend : {"pandas", "polars", "pyarrow"}, optional
        Kind of frame to return; the first of these that is installed where None.

    Returns
    -------
    pandas.DataFrame, polars.DataFrame or pyarrow.Table
        The columns that `settle` reads, ids as text, and what CMS published: `published_savings`,
        `published_savings_rate`, `published_minimum_rate`, `published_generated`, `published_earned`,
        `published_sharing_rate`, `published_loss_rate`, `published_disaster_adjustment`. A two-sided ACO
        whose published minimum rate is one on the menu elected it; else `elected_rate` is null.

    Raises
    ------
    InputError
        Where the layout is not known or a cell cannot be read; the message names column, row and value.

    Examples
    --------
    >>> import sharedsavings as ss
    >>> acos = ss.read_puf("py2024.csv")  # doctest: +SKIP
    >>> ss.settle(acos).summary()  # doctest: +SKIP
    """
    return to_frame(load(path, performance_year).columns, backend)


def load(path: str | os.PathLike[str], performance_year: int | None = None) -> Puf:
    """Read a results file into plain columns, with notes on how."""
    name = Path(path).name
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            records = list(csv.reader(file))
    except csv.Error as error:
        raise InputError(f"{name}: not a CSV file ({error}). Download the file again") from None
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: not UTF-8 text ({error.reason} at byte {error.start}). Save it as CSV UTF-8"
        ) from None
    records = [r for r in records if any(cell.strip() for cell in r)]
    if not records:
        raise InputError(f"{name}: empty. Download the file again")
    headings = [cell.strip() for cell in records[0]]
    layout = _layout(name, headings, performance_year)
    short = next((i for i, r in enumerate(records[1:]) if len(r) != len(headings)), None)
    if short is not None:
        cells = len(records[short + 1])
        raise InputError(
            f"{name}: row {short} has {cells} cells where the heading has {len(headings)}. The file is cut off or "
            "damaged: download it again"
        )
    table = {h: [r[i].strip() for r in records[1:]] for i, h in enumerate(headings)}
    return _canonical(name, layout, table)


def _layout(name: str, headings: list[str], year: int | None) -> Layout:
    doubled = sorted({h for h in headings if headings.count(h) > 1 and h})
    if doubled:
        raise InputError(f"{name}: heading `{doubled[0]}` stands twice. Keep one of the columns")
    have = set(headings)
    fits = [x for x in LAYOUTS if x.has <= have]
    if year is not None:
        chosen = next((x for x in LAYOUTS if x.year == year), None)
        if chosen is None:
            known = ", ".join(str(x.year) for x in LAYOUTS)
            raise InputError(f"{name}: performance_year={year} has no known layout. Known years are {known}")
        missing = sorted(chosen.has - have)
        if missing:
            raise InputError(
                f"{name}: not a results file of performance year {year}: it lacks {', '.join(missing)}"
                + (f"; its headings are those of {fits[-1].year}" if fits else "")
            )
        return chosen
    if not fits:
        known = ", ".join(str(x.year) for x in LAYOUTS)
        first = ", ".join(headings[:4])
        raise InputError(
            f"{name}: not a known layout of CMS's results file (headings begin {first}). Known performance years are "
            f"{known}; say which with performance_year="
        )
    return fits[-1]


def _canonical(name: str, layout: Layout, table: Mapping[str, list[str]]) -> Puf:
    notes: list[str] = []
    out: dict[str, list[Any]] = {}
    shares: dict[str, _Cells] = {}
    rows = len(next(iter(table.values())))
    for canonical, (common, kind) in COMMON.items():
        if canonical == "track" and layout.tracks:
            out[canonical] = _track_from_flags(name, layout, table, rows)
            notes.append("track read from one flag column a track")
            continue
        heading = layout.names.get(canonical, common)
        if heading not in table:
            if canonical in OPTIONAL:
                continue
            raise InputError(f"{name}: column `{heading}` is missing. It is part of the {layout.year} layout")
        cells = table[heading]
        if kind == "share":
            values = _read_all(name, heading, cells, lambda cell: _number(cell.rstrip("%")))
            signed = any(cell.endswith("%") for cell in cells)
            shares[canonical] = (heading, signed, values)
        else:
            out[canonical] = _read_all(name, heading, cells, _READERS[kind])
    out |= _shares(layout, shares, notes)
    out["performance_year"] = [layout.year] * rows
    out["expenditures"], moved = _expenditures(out)
    if moved:
        notes.append(f"expenditures of {moved} rows moved by $1 to the printed difference from the benchmark")
    missing = next((h for h in ("Risk_Model", "Rev_Exp_Cat") if h not in table), None)
    if missing:
        raise InputError(f"{name}: column `{missing}` is missing. It is part of the {layout.year} layout")
    two_sided = [cell.lower().startswith("two") for cell in table["Risk_Model"]]
    out["low_revenue"] = [_low_revenue(cell) for cell in table["Rev_Exp_Cat"]]
    out["disaster_relief"] = [None if v is None else abs(v) for v in out["published_disaster_adjustment"]]
    out["elected_rate"] = _elected(layout.year, out["published_minimum_rate"], two_sided)
    notes.append("elected_rate inferred: a two-sided ACO's published minimum rate where it is on the menu")
    return Puf(out, layout.year, tuple(notes))


def _read_all(name: str, heading: str, cells: list[str], read: Callable[[str], Any]) -> list[Any]:
    values: list[Any] = []
    for row, cell in enumerate(cells):
        if cell in _MISSING:
            values.append(None)
            continue
        try:
            values.append(read(cell))
        except (ValueError, InvalidOperation, OverflowError):
            raise InputError(f"{name}: column `{heading}`: row {row} holds {cell!r}, which cannot be read") from None
    return values


def _number(cell: str) -> Decimal:
    value = Decimal(cell.replace(",", "").replace("$", ""))
    if not value.is_finite():
        raise ValueError(cell)
    return value


def _dollars(cell: str) -> int | float:
    value = _number(cell)
    return int(value) if value == value.to_integral_value() else float(value)


def _count(cell: str) -> int:
    value = _number(cell)
    if value != value.to_integral_value() or value < 0:
        raise ValueError(cell)
    return int(value)


def _flag(cell: str) -> bool:
    return {"0": False, "1": True}[cell] if cell in ("0", "1") else _refuse(cell)


def _refuse(cell: str) -> bool:
    raise ValueError(cell)


def _date(cell: str) -> dt.date:
    if cell.isdecimal() and len(cell) == _DAY_DIGITS:
        return _SPREADSHEET_EPOCH + dt.timedelta(days=int(cell))
    for form in ("%m/%d/%Y", "%Y-%m-%d"):
        try:
            return dt.datetime.strptime(cell, form).date()
        except ValueError:
            continue
    raise ValueError(cell)


_READERS: Mapping[str, Callable[[str], Any]] = {
    "text": str,
    "count": _count,
    "dollars": _dollars,
    "flag": _flag,
    "date": _date,
}


# Heading, whether a percent sign stands in any cell, and the numbers.
_Cells = tuple[str, bool, list[Decimal | None]]


def _shares(layout: Layout, columns: Mapping[str, _Cells], notes: list[str]) -> dict[str, list[float | None]]:
    """Shares of one from fractions or percentages; which of them is told by a sign or by the largest value."""

    def large(canonical: str) -> bool:
        _, signed, values = columns[canonical]
        # A fraction of one never exceeds 1; quality scores, sharing rates and loss rates in percent always do.
        most = LARGEST_MINIMUM_RATE if canonical == "published_minimum_rate" else 1
        return not signed and any(abs(v) > most for v in values if v is not None)

    one_unit = any(large(c) for c in ONE_UNIT)
    if not any(columns["published_minimum_rate"][2]):
        # No minimum rate that tells (few rows, all elected 0): as the vintage has it.
        one_unit |= layout.percent_rates
    out: dict[str, list[float | None]] = {}
    for canonical, (heading, signed, values) in columns.items():
        percent = signed or (one_unit if canonical in ONE_UNIT else large(canonical))
        if percent:
            notes.append(f"{heading} read as percentages")
        unit = _PERCENT if percent else 1
        out[canonical] = [None if v is None else float(v * unit) for v in values]
    return out


def _track_from_flags(name: str, layout: Layout, table: Mapping[str, list[str]], rows: int) -> list[str]:
    tracks: list[str] = []
    for row in range(rows):
        marked = [track for heading, track in layout.tracks.items() if table[heading][row] == "1"]
        if len(marked) != 1:
            raise InputError(f"{name}: row {row} is marked with {len(marked)} tracks. Exactly one flag may be 1")
        tracks.append(marked[0])
    return tracks


def _expenditures(out: Mapping[str, list[Any]]) -> tuple[list[Any], int]:
    """Expenditures that agree with the printed savings, and the number of rows in which they moved."""
    totals = zip(out["benchmark"], out["expenditures"], out["published_savings"], strict=True)
    agreed = [
        _core.expenditures_as_printed(*total) if all(isinstance(v, int) for v in total) else total[1]
        for total in totals
    ]
    return agreed, sum(a != b for a, b in zip(agreed, out["expenditures"], strict=True))


def _low_revenue(cell: str) -> bool | None:
    return None if cell in _MISSING else cell.lower().startswith("low")


def _elected(year: int, published: list[float | None], two_sided: list[bool]) -> list[float | None]:
    menu = _rules.shipped().find("mssp.minimum_rate.elections", year)
    rates = {float(rate) for rate in menu["value"]} if menu else set()
    return [rate if two and rate in rates else None for rate, two in zip(published, two_sided, strict=True)]
