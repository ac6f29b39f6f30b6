"""Which vintage a results file of the Shared Savings Program is, and its cells under its headings."""

from __future__ import annotations

import os
from dataclasses import dataclass

from . import _core
from ._errors import InputError
from ._model_layouts import READS, recognised
from ._puf_cells import MISSING, dollars
from ._puf_layouts import KNOWN, LAYOUTS, SHIFT_2013, SIGNED_2013, Layout
from ._text import open_text


@dataclass(frozen=True)
class File:
    """A results file as it stands.

    Attributes
    ----------
    name : str
        Without its folder.
    layout : Layout
    table : dict of str to list of str
        Cells by heading, in the file's order.
    rows : int
    published_rows : str
        How many rows CMS published, where the file has another number; else empty.
    notes : list of str
        What was put right.
    """

    name: str
    layout: Layout
    table: dict[str, list[str]]
    rows: int
    published_rows: str
    notes: list[str]


def open_file(path: str | os.PathLike[str], performance_year: int | None) -> File:
    """Read the cells and recognise the vintage."""
    text = open_text(path)
    name = text.name
    layout = _layout(name, text.headings, performance_year)
    table = text.table()
    notes = [layout.note] if layout.note else []
    if layout.year == LAYOUTS[0].year:
        table = _labels_put_right(name, table, notes)
    _check_year(name, layout, table)
    rows = len(text.records)
    _check_rows(name, layout, set(text.headings), rows)
    if rows not in layout.rows:
        published = " or ".join(map(str, sorted(layout.rows)))
        notes.append(f"{rows} rows, where CMS published {published}: a part of a file, or one cut off")
    else:
        published = ""
    return File(name, layout, table, rows, published, notes)


def _layout(name: str, headings: list[str], year: int | None) -> Layout:
    have = set(headings)
    if year is not None and all(x.year != year for x in LAYOUTS):
        raise InputError(f"{name}: performance_year={year} has no known layout. Known years are {KNOWN}")
    fits = [x for x in LAYOUTS if x.has <= have and not x.lacks & have]
    chosen = [x for x in fits if year in (None, x.year)]
    if chosen:
        return chosen[-1]
    other = recognised(headings)
    if other is not None:
        raise InputError(
            f"{name}: not a known layout of CMS's results files of the Shared Savings Program. Its headings are those "
            f"of the {other.title}: use {READS[other.program]}"
        )
    if year is None:
        first = ", ".join(headings[:4])
        nearest = min(LAYOUTS, key=lambda x: _distance(x, have))
        lacking = sorted(nearest.has - have)
        hint = f" The nearest is {nearest.year}, but {_said(lacking)}." if len(lacking) < len(nearest.has) else ""
        raise InputError(
            f"{name}: not a known layout of CMS's results file (headings begin {first}).{hint} Known performance "
            f"years are {KNOWN}"
        )
    wanted = min((x for x in LAYOUTS if x.year == year), key=lambda x: len(x.has - have))
    missing, extra = sorted(wanted.has - have), sorted(wanted.lacks & have)
    said = _said(missing) if missing else f"it has {', '.join(extra)}"
    raise InputError(
        f"{name}: not a results file of performance year {year}: {said}"
        + (f"; its headings are those of {fits[-1].year}" if fits else "")
    )


def _distance(layout: Layout, have: set[str]) -> tuple[int, int, int]:
    """How far headings are from a vintage: first by what is wrong, then by what they share."""
    missing, extra = len(layout.has - have), len(layout.lacks & have)
    return missing + extra, extra, -len(layout.has & have)


def _said(missing: list[str]) -> str:
    return f"it lacks {', '.join(missing)}" if missing else "its other headings are of another year"


def _check_year(name: str, layout: Layout, table: dict[str, list[str]]) -> None:
    """A column `year`, which copies of the files have, must not say otherwise."""
    said = {cell for cell in table.get("year", []) if cell not in MISSING}
    if said - {str(layout.year)}:
        raise InputError(
            f"{name}: column `year` says {', '.join(sorted(said))}, but the headings are those of {layout.year}. "
            "Is it the right file?"
        )


def _check_rows(name: str, layout: Layout, have: set[str], rows: int) -> None:
    """A vintage told by headings that are absent must not have the rows of one that has them."""
    if not rows:
        raise InputError(f"{name}: a heading line without rows. Download the file again")
    if rows in layout.rows:
        return
    for other in LAYOUTS:
        absent = other.has - have
        if other.year == layout.year or rows not in other.rows or other.lacks & have:
            continue
        if absent and absent <= layout.lacks:
            raise InputError(
                f"{name}: its headings are those of {layout.year}, but only as it lacks "
                f"{', '.join(sorted(absent))}, and it has the {rows} rows of {other.year}. Restore the headings"
            )


def _labels_put_right(name: str, table: dict[str, list[str]], notes: list[str]) -> dict[str, list[str]]:
    """The labels of 2013 over their own columns, without the percent signs that the numbers are not."""
    missing, first, last = SHIFT_2013
    headings = list(table)
    if missing not in table and last in table:
        at, end = headings.index(first), headings.index(last)
        right = [*headings[:at], missing, *headings[at:end], *headings[end + 1 :]]
        moved = dict(zip(right, table.values(), strict=True))
        try:
            agree = all(
                _core.totals_agree(*(float(dollars(cell)) for cell in cells))
                for cells in zip(moved["Total benchmark expenditures ($)"], moved[missing], moved[first], strict=True)
            )
        except (ArithmeticError, ValueError, KeyError):
            agree = False
        if not agree:
            raise InputError(
                f"{name}: label `{missing}` is missing, and the labels cannot be put right: moved by one column, "
                "benchmark less expenditures is not savings in every row. Download the file again"
            )
        notes.append(
            f"label `{missing}` is missing from the file: {end - at} labels from `{first}` on moved one column to "
            "the right, as the amounts under them say"
        )
        table = moved
    renamed = {heading: heading.removesuffix(" (%)") for heading in SIGNED_2013 if heading in table}
    if renamed:
        notes.append("percent signs of the minimum rates dropped: the numbers under them are fractions")
    return {
        renamed.get(heading, heading): [cell.removesuffix("%") for cell in cells] if heading in renamed else cells
        for heading, cells in table.items()
    }
