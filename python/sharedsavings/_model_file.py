"""Results files of ACO REACH and Kidney Care Choices: which file it is, and its cells as canonical columns.

Units are found from the cells and from the amounts beside them; a column of two units is refused, since half of it
would be wrong a hundredfold.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from . import _core
from . import _puf_layouts as mssp
from ._errors import InputError
from ._model_layouts import LAYOUTS, READS, Layout, plain, recognised
from ._puf_cells import READERS, Shares, number, read_all, whole
from ._puf_columns import by_content, one_type
from ._text import Text, open_text


@dataclass(frozen=True)
class ModelFile:
    """A results file in canonical columns.

    Attributes
    ----------
    name : str
        Without its folder.
    layout : Layout
    columns : dict of str to list
    notes : list of str
        What was read otherwise than it stands.
    """

    name: str
    layout: Layout
    columns: dict[str, list[Any]]
    notes: list[str]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.columns["expenditures"])


def program_of(path: str | os.PathLike[str]) -> str:
    """The program whose results a file holds; the Shared Savings Program where the headings tell of none."""
    layout = recognised(open_text(path).headings)
    return "mssp" if layout is None else layout.program


def read_model(
    path: str | os.PathLike[str],
    program: str,
    performance_year: int | None,
    *,
    everything: bool,
    keep: Callable[[Text, dict[str, list[str]], list[str]], dict[str, list[str]]] | None = None,
) -> ModelFile:
    """Read a file of a program; `keep` takes rows out before the cells are read, `performance_year` after."""
    text = open_text(path)
    layout = _layout(text, program)
    table = _by_plain_heading(text)
    titles = {plain(heading): heading for heading in text.headings}
    notes: list[str] = []
    if keep is not None:
        table = keep(text, table, notes)
    out: dict[str, list[Any]] = {}
    for canonical, (heading, kind) in layout.columns.items():
        if heading in table:
            out |= _column(text.name, titles[heading], table[heading], canonical, kind, notes)
        elif canonical not in layout.optional:
            raise InputError(
                f"{text.name}: column `{heading}` is missing. It is part of the layout of the {layout.title}"
            )
    if layout.year is not None:
        out["performance_year"] = [layout.year] * len(out["expenditures"])
        notes.append(f"no year in the file: {layout.year} taken from the layout")
    for canonical, (heading, kind) in layout.columns.items():
        if kind == "rate" and heading in table:
            out[canonical] = _rate(Shares.read(text.name, titles[heading], table[heading]), out, notes)
    _count_rows(layout, out, notes)
    if everything:
        held = {heading for heading, _ in layout.columns.values()}
        for heading, cells in table.items():
            if heading and heading not in held:
                out[titles[heading]] = by_content(text.name, titles[heading], cells, notes)
    if performance_year is not None:
        out = _of_year(text.name, out, performance_year)
    for values in out.values():
        one_type(values)
    return ModelFile(text.name, layout, out, notes)


def _layout(text: Text, program: str) -> Layout:
    found = recognised(text.headings)
    if found is not None and found.program == program:
        return found
    wanted = [layout for layout in LAYOUTS if layout.program == program]
    titles = " or ".join(layout.title for layout in wanted)
    first = ", ".join(text.headings[:4])
    have = {plain(heading) for heading in text.headings}
    if found is not None:
        hint = f" Its headings are those of the {found.title}: use {READS[found.program]}"
    elif any(x.has <= set(text.headings) and not x.lacks & set(text.headings) for x in mssp.LAYOUTS):
        hint = f" Its headings are those of the Shared Savings Program: use {READS['mssp']}"
    else:
        nearest = min(wanted, key=lambda layout: len(layout.signs - have))
        lacking = ", ".join(sorted(nearest.signs - have))
        some = len(nearest.signs - have) < len(nearest.signs)
        hint = f" The nearest is that of the {nearest.title}, but it lacks {lacking}" if some else ""
    raise InputError(f"{text.name}: not the {titles} (headings begin {first}).{hint}")


def _by_plain_heading(text: Text) -> dict[str, list[str]]:
    seen: dict[str, str] = {}
    for heading in text.headings:
        other = seen.setdefault(plain(heading), heading)
        if other != heading:
            raise InputError(f"{text.name}: headings `{other}` and `{heading}` are the same. Keep one of the columns")
    return {plain(heading): cells for heading, cells in text.table().items()}


def _column(
    name: str, title: str, cells: list[str], canonical: str, kind: str, notes: list[str]
) -> dict[str, list[Any]]:
    if kind == "marked":
        return _marked(name, title, cells, canonical, notes)
    if kind in ("share", "small_share"):
        column = Shares.read(name, title, cells)
        alone = column.percent_by_size if kind == "share" else column.percent_by_menu
        percent = _signed(column) or bool(alone())
        if percent:
            notes.append(f"{title} read as percentages")
        return {canonical: column.of_one(percent)}
    if kind == "rate":
        return {canonical: []}  # keeps its place among the columns; see `_rate`
    return {canonical: read_all(name, title, cells, _READERS[kind])}


def _signed(column: Shares) -> bool:
    """Whether percent signs stand in a column; then they stand in every cell but zeros."""
    if not column.signed:
        return False
    rows = zip(column.cells, column.values, strict=True)
    bare = [row for row, (cell, value) in enumerate(rows) if value and not cell.endswith("%")]
    if bare:
        raise InputError(
            f"{column.name}: column `{column.heading}`: row {bare[0]} holds {column.cells[bare[0]]!r}, without the "
            f"percent sign of other rows ({len(bare)} such rows). Bring them to one unit"
        )
    return True


def _marked(name: str, title: str, cells: list[str], canonical: str, notes: list[str]) -> dict[str, list[Any]]:
    """Ids apart from the footnote marks behind them."""
    found = [re.fullmatch(r"([A-Za-z0-9]*)\s*([^A-Za-z0-9\s]*)", cell) for cell in cells]
    strange = next((row for row, match in enumerate(found) if match is None), None)
    if strange is not None:
        raise InputError(f"{name}: column `{title}`: row {strange} holds {cells[strange]!r}, which cannot be read")
    parts = [match.groups() for match in found if match is not None]
    marked = [f"{id_}{mark}" for id_, mark in parts if mark and id_]
    if marked:
        notes.append(f"footnote marks taken off {len(marked)} ids and kept in `footnote`: {', '.join(marked)}")
    return {canonical: [id_ or None for id_, _ in parts], "footnote": [mark or None for _, mark in parts]}


def _rate(column: Shares, out: Mapping[str, list[Any]], notes: list[str]) -> list[float | None]:
    """Rates of savings, whose unit shows in the savings and benchmarks beside them."""
    base = out["final_benchmark"] if "final_benchmark" in out else out["benchmark"]
    percent = _signed(column) or _percent_by_amounts(column, out["published_savings"], base)
    if percent:
        notes.append(f"{column.heading} read as percentages")
    return column.of_one(percent)


def _percent_by_amounts(column: Shares, savings: list[Any], benchmarks: list[Any]) -> bool:
    said: dict[bool, list[int]] = {True: [], False: []}
    for row, (rate, saved, benchmark) in enumerate(zip(column.values, savings, benchmarks, strict=True)):
        if rate is None or saved is None or benchmark is None:
            continue
        percent = _core.rate_is_percent(float(rate), float(saved), float(benchmark))
        if percent is not None:
            said[percent].append(row)
    few, many = sorted(said.values(), key=len)
    if few:
        raise InputError(
            f"{column.name}: column `{column.heading}`: row {few[0]} holds {column.cells[few[0]]!r}, in another unit "
            f"than most rows by the amounts beside it ({len(few)} of {len(few) + len(many)}). Bring them to one unit"
        )
    return bool(said[True])


def _of_year(name: str, out: dict[str, list[Any]], year: int) -> dict[str, list[Any]]:
    kept = [row for row, here in enumerate(out["performance_year"]) if here == year]
    if not kept:
        years = ", ".join(sorted({str(here) for here in out["performance_year"]}))
        raise InputError(f"{name}: performance_year={year} is not in the file, which has {years}")
    return {heading: [values[row] for row in kept] for heading, values in out.items()}


def _count_rows(layout: Layout, out: Mapping[str, list[Any]], notes: list[str]) -> None:
    years = out["performance_year"]
    strange = sorted({year for year in years if year is not None} - set(layout.rows))
    if strange:
        known = ", ".join(map(str, layout.rows))
        notes.append(f"performance year {', '.join(map(str, strange))}: only files of {known} were at hand")
    for year, published in layout.rows.items():
        rows = years.count(year)
        if rows and rows != published:
            notes.append(f"{rows} rows of {year}, where CMS published {published}: a part of a file, or one cut off")


def accounting(cell: str) -> int | float:
    """Dollars; in brackets or behind a minus sign where below zero."""
    bare = re.sub(r"[$\s]", "", cell)
    inside = re.fullmatch(r"\(([\d,.]+)\)", bare)
    return whole(-number(inside[1]) if inside else number(bare))


def _flag(cell: str) -> bool:
    word = cell.lower()
    if word not in ("yes", "no", "y", "n", "1", "0"):
        raise ValueError(cell)
    return word in ("yes", "y", "1")


def _group(cell: str) -> str | None:
    """The number of an aggregation group, from "Y - Group 1"; none from "N"."""
    if cell.upper() in ("N", "NO"):
        return None
    match = re.fullmatch(r"Y\w*\s*-\s*Group\s*(\w+)", cell, re.IGNORECASE)
    if match is None:
        raise ValueError(cell)
    return match[1]


def _number(cell: str) -> float:
    return float(number(cell))


_READERS: Mapping[str, Callable[[str], Any]] = {
    "text": str,
    "count": READERS["count"],
    "dollars": accounting,
    "flag": _flag,
    "group": _group,
    "number": _number,
}
