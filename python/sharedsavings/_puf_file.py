"""The text of a results file as columns of cells, and which vintage it is.

What is no such file at all (a page of HTML, a spreadsheet, another encoding, half a download) is refused here, by name.
"""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass
from pathlib import Path

from . import _core
from ._errors import InputError
from ._puf_cells import MISSING, dollars
from ._puf_layouts import KNOWN, LAYOUTS, SHIFT_2013, SIGNED_2013, Layout

# First bytes of what is often renamed to .csv.
_MAGIC = (
    (b"PK\x03\x04", "a spreadsheet or another archive, not CSV text. Open it and save it as CSV UTF-8"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet, not CSV text. Open it and save it as CSV UTF-8"),
    (b"\x1f\x8b", "compressed, not CSV text. Unpack it first"),
    (b"%PDF", "a PDF, not CSV text. Download the data file instead"),
    (b"\xff\xfe", "not UTF-8 text but UTF-16. Save it as CSV UTF-8"),
    (b"\xfe\xff", "not UTF-8 text but UTF-16. Save it as CSV UTF-8"),
)


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
    name = Path(path).name
    records = _records(name, Path(path).read_bytes())
    headings = [cell.strip() for cell in records[0]]
    doubled = sorted({h for h in headings if headings.count(h) > 1 and h})
    if doubled:
        raise InputError(f"{name}: heading `{doubled[0]}` stands twice. Keep one of the columns")
    layout = _layout(name, headings, performance_year)
    short = next((i for i, r in enumerate(records[1:]) if len(r) != len(headings)), None)
    if short is not None:
        cells = len(records[short + 1])
        raise InputError(
            f"{name}: row {short} has {cells} cells where the heading has {len(headings)}. The file is cut off or "
            "damaged: download it again"
        )
    table = {h: [r[i].strip() for r in records[1:]] for i, h in enumerate(headings)}
    notes = [layout.note] if layout.note else []
    if layout.year == LAYOUTS[0].year:
        table = _labels_put_right(name, table, notes)
    _check_year(name, layout, table)
    _check_rows(name, layout, set(headings), len(records) - 1)
    if len(records) - 1 not in layout.rows:
        published = " or ".join(map(str, sorted(layout.rows)))
        notes.append(f"{len(records) - 1} rows, where CMS published {published}: a part of a file, or one cut off")
    else:
        published = ""
    return File(name, layout, table, len(records) - 1, published, notes)


def _records(name: str, content: bytes) -> list[list[str]]:
    for magic, what in _MAGIC:
        if content.startswith(magic):
            raise InputError(f"{name}: {what}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: not UTF-8 text ({error.reason} at byte {error.start}). Save it as CSV UTF-8"
        ) from None
    if text.lstrip().startswith("<"):
        raise InputError(f"{name}: a page of HTML, not CSV text. Download the data file itself")
    if "\0" in text:
        raise InputError(f"{name}: zero bytes in it: UTF-16 without a mark, or no text. Save it as CSV UTF-8")
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise InputError(f"{name}: not a CSV file ({error}). Download the file again") from None
    records = [r for r in records if any(cell.strip() for cell in r)]
    if not records:
        raise InputError(f"{name}: empty. Download the file again")
    return records


def _layout(name: str, headings: list[str], year: int | None) -> Layout:
    have = set(headings)
    if year is not None and all(x.year != year for x in LAYOUTS):
        raise InputError(f"{name}: performance_year={year} has no known layout. Known years are {KNOWN}")
    fits = [x for x in LAYOUTS if x.has <= have and not x.lacks & have]
    chosen = [x for x in fits if year in (None, x.year)]
    if chosen:
        return chosen[-1]
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
