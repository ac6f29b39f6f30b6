"""CMS's published results of Kidney Care Choices, read into columns."""

from __future__ import annotations

import os
from typing import Any

from . import _core
from ._errors import InputError
from ._model_file import ModelFile, accounting, read_model
from ._model_layouts import KCC_RESULTS, plain
from ._puf_cells import MISSING, read_all
from ._text import Text
from .samples import to_frame

# Entity types of rows, and of the subtotals under them.
_ROWS = ("CKCC", "KCF")
_SUBTOTALS = {"KCE TOTAL": ("CKCC",), "KCF PRACTICE TOTAL": ("KCF",), "MODEL TOTAL": _ROWS}


def read_kcc(
    path: str | os.PathLike[str], performance_year: int | None = None, *, everything: bool = False,
    backend: str | None = None,
) -> Any:  # fmt: skip
    """Read the financial results of Kidney Care Choices.

    One row an entity of the Comprehensive Kidney Care Contracting options or a practice of Kidney Care First. The
    subtotals at the end are left out, and `puf_notes` names them, with what in them is not the sum of the rows.

    Parameters
    ----------
    path : path
        CSV file.
    performance_year : int, optional
        Year that the file must be of.
    everything : bool
        Append every other column of the file, under its own headings.
    backend : {"pandas", "polars", "pyarrow"}, optional
        Kind of frame to return; the first of these that is installed where None.

    Returns
    -------
    pandas.DataFrame, polars.DataFrame or pyarrow.Table
        `benchmark` (adjusted) and `expenditures`, `unadjusted_benchmark`, `discount_amount`, `quality_withheld`,
        `quality_earned`, `published_savings`, `published_earned` (net), `published_total` and its parts; amounts of
        chronic kidney disease and of end-stage renal disease under the same names with `_ckd` and `_esrd`. What
        does not apply, such as a benchmark in Kidney Care First, is null. The file has no ids: `entity_name` is
        the legal name, which two practices may share.

    Raises
    ------
    InputError
        Where the file is no such results file or a cell cannot be read; the message names column, row and value.

    Examples
    --------
    >>> import sharedsavings as ss
    >>> entities = ss.read_kcc("py2023.csv")  # doctest: +SKIP
    """
    return to_frame(load(path, performance_year, everything=everything).columns, backend)


def load(path: str | os.PathLike[str], performance_year: int | None = None, *, everything: bool = False) -> ModelFile:
    """Read a results file into plain columns, with notes on how."""
    file = read_model(path, "kcc", performance_year, everything=everything, keep=_without_subtotals)
    file.columns["benchmark_final"] = [None if b is None else True for b in file.columns["benchmark"]]
    return file


def _without_subtotals(text: Text, table: dict[str, list[str]], notes: list[str]) -> dict[str, list[str]]:
    """Rows that are entities; notes name the others, and where they are no sums."""
    heading = KCC_RESULTS.columns["entity_type"][0]
    kinds = table[heading]
    strange = [row for row, kind in enumerate(kinds) if kind not in _ROWS and kind not in _SUBTOTALS]
    if strange:
        raise InputError(
            f"{text.name}: column `{heading}`: row {strange[0]} holds {kinds[strange[0]]!r}, which is none of "
            f"{', '.join((*_ROWS, *_SUBTOTALS))} ({len(strange)} such rows)"
        )
    subtotals = [row for row, kind in enumerate(kinds) if kind in _SUBTOTALS]
    if subtotals:
        named = ", ".join(f"{kinds[row]} in row {row}" for row in subtotals)
        notes.append(f"{len(subtotals)} subtotals left out: {named}")
    for row in subtotals:
        notes += _no_sums(text, table, kinds, row)
    kept = [row for row, kind in enumerate(kinds) if kind in _ROWS]
    return {name: [cells[row] for row in kept] for name, cells in table.items()}


def _no_sums(text: Text, table: dict[str, list[str]], kinds: list[str], subtotal: int) -> list[str]:
    """Amounts of a subtotal that are not the sum of its rows."""
    rows = [row for row, kind in enumerate(kinds) if kind in _SUBTOTALS[kinds[subtotal]]]
    titles = {plain(heading): heading for heading in text.headings}
    compared, off = 0, []
    for heading, kind in KCC_RESULTS.columns.values():
        cells = table.get(heading)
        if kind != "dollars" or cells is None or cells[subtotal] in MISSING:
            continue
        read = read_all(text.name, titles[heading], cells, accounting)
        amounts = [float(read[row]) for row in rows if read[row] is not None]
        total = float(read[subtotal])
        compared += 1
        if not _core.is_sum(amounts, total):
            off.append((titles[heading], _core.above_sum(amounts, total)))
    if not off:
        return []
    worst, above = max(off, key=lambda named: abs(named[1]))
    side = "above" if above > 0 else "below"
    return [
        f"{kinds[subtotal]}: {len(off)} of {compared} amounts are not the sum of the rows, {worst} the furthest: "
        f"${abs(above):,.0f} {side}"
    ]
