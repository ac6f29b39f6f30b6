"""Settlements that CMS published, computed again and compared row by row."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import _plot, _reconcile_models, _reconcile_mssp, puf
from . import rules as _rules
from ._compared import NOT_REPRODUCED, UNEXPLAINED, Compared
from ._errors import InputError
from ._model_file import program_of
from ._table import Table
from .samples import to_frame

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Source = str | os.PathLike[str]

_HEADINGS = (
    "year",
    "program",
    "file",
    "rows",
    "savings or losses",
    "generated exact",
    "shared exact",
    "earned within $1",
    "within quality score",
    "not reproducible",
    "unexplained",
)
_ROW_HEADINGS = ("year", "file", "aco_id", "track", "computed, $", "published, $", "reason")
# Headings that only files of other programs than the Shared Savings Program need.
_OF_OTHERS = ("program", "shared exact")


@dataclass(frozen=True)
class Reconciliation:
    """Outcome of `reconcile`.

    Attributes
    ----------
    table : Table
        One row a file, by performance year: rows; rows with generated savings or losses in the file; generated
        equal in whole dollars; earned equal within $1; earned within what the printed quality score allows;
        not reproducible from what is published, each for a stated reason; unexplained.
    differences : Table
        Each row that is not reproduced, with the reason.
    frame
        All rows of all files: what was computed, what was published, the verdict, and the reason of the settlement.
        `earned_least` and `earned_most` are what the printed quality score allows; `generated_as_printed` is
        what the file should print, which differs from `generated` where it prints losses that are not shared.
    unexplained : int
        Rows that differ without a reason.
    notes : tuple of str
        How each file was read.
    """

    table: Table
    differences: Table
    frame: Any
    unexplained: int
    notes: tuple[str, ...]
    _rows: dict[str, list[Any]]
    _statuses: NDArray[np.uint8]

    def __str__(self) -> str:
        parts = [str(self.table)]
        if self.differences.rows:
            parts.append(str(self.differences))
        return "\n\n".join(parts)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.table._repr_html_() + (self.differences._repr_html_() if self.differences.rows else "")

    def plot(self) -> Figure:
        """Draw computed against published payments, and their differences by year.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        SharedSavingsError
            Where matplotlib is not installed.

        Examples
        --------
        >>> import sharedsavings as ss
        >>> ss.reconcile("py2024.csv").plot().savefig("py2024.png")  # doctest: +SKIP
        """

        def amounts(name: str) -> NDArray[np.float64]:
            return np.array([math.nan if v is None else v for v in self._rows[name]], dtype=np.float64)

        years = np.array(self._rows["performance_year"], dtype=np.int64)
        published, computed = amounts("published_earned"), amounts("earned")
        # What was never to be computed, such as a net amount that rests on unpublished figures, has no place here.
        drawn = ~np.isnan(computed) | (self._statuses >= NOT_REPRODUCED)
        return _plot.reconciled(published[drawn], computed[drawn], years[drawn], self._statuses[drawn])


def reconcile(
    *paths: Source,
    performance_year: int | None = None,
    rules: _rules.RulesLike = None,
    backend: str | None = None,
) -> Reconciliation:
    """Compute the settlements of CMS's results files and compare them with what CMS published.

    Generated savings and losses must be equal in whole dollars. What was earned is equal where it differs by at
    most $1, as CMS rounds it. Before 2021, and by the alternative standard since 2023, savings are multiplied by a
    quality score that CMS prints rounded: a difference is put down to it where some score that would be printed so
    gives the published amount. Any other difference needs a reason that the file itself shows, or is unexplained.

    Parameters
    ----------
    *paths : path
        Results files of any years, see `read_puf`.
    performance_year : int, optional
        Year that the files must be of.
    rules : RulesLike
        Overrides, see `sharedsavings.rules.load`.
    backend : {"pandas", "polars", "pyarrow"}, optional
        Kind of frame of the rows.

    Returns
    -------
    Reconciliation

    Raises
    ------
    InputError
        Where a file cannot be read.

    Examples
    --------
    >>> import sharedsavings as ss
    >>> print(ss.reconcile("py2013.csv", "py2024.csv").table)  # doctest: +SKIP
    """
    if not paths:
        raise InputError("reconcile: no file given. Name one or more of CMS's results files")
    lines = [line for path in paths for line in _compare(path, performance_year, rules)]
    lines.sort(key=lambda line: line[0].year)
    compared = [line for line, _ in lines]
    # Two lines of one file have the same notes.
    notes = dict.fromkeys(note for _, told in lines for note in told)
    rows = _together(compared)
    statuses = np.concatenate([line.statuses for line in compared])
    return Reconciliation(
        _table(compared),
        Table("Rows not reproduced", _ROW_HEADINGS, [row for line in compared for row in _differing(line)]),
        to_frame(rows, backend),
        int((statuses == UNEXPLAINED).sum()),
        tuple(notes),
        rows,
        statuses,
    )


def _compare(
    path: Source, performance_year: int | None, rules: _rules.RulesLike
) -> list[tuple[Compared, tuple[str, ...]]]:
    """The lines of a file, each with the file's notes."""
    try:
        return _compare_file(path, performance_year, rules)
    except OSError as error:
        raise InputError(
            f"{Path(path).name}: cannot be read ({error.strerror}). Name one or more of CMS's results files"
        ) from error


def _compare_file(
    path: Source, performance_year: int | None, rules: _rules.RulesLike
) -> list[tuple[Compared, tuple[str, ...]]]:
    name, program = Path(path).name, program_of(path)
    if program == "mssp":
        puf_file = puf.load(path, performance_year)
        notes = tuple(f"{name}: {note}" for note in puf_file.notes)
        return [(_reconcile_mssp.compare(name, puf_file, rules), notes)]
    file = puf.MODELS[program](path, performance_year)
    compared = (
        _reconcile_models.compare_reach(file, rules) if program == "reach" else _reconcile_models.compare_kcc(file)
    )
    return [(line, tuple(f"{name}: {note}" for note in file.notes)) for line in compared]


def _table(compared: list[Compared]) -> Table:
    """One line a file and year; what no file of other programs needs is left out."""
    only = all(line.program == "mssp" for line in compared)
    headings = tuple(heading for heading in _HEADINGS if not (only and heading in _OF_OTHERS))
    lines = [tuple(line.cells()[heading] for heading in headings) for line in compared]
    parts = tuple(
        f"{line.name}: {line.counts.rows:,} rows, where CMS published {line.counts.published_rows}: a part of a file, "
        "or one cut off"
        for line in compared
        if line.counts.published_rows
    )
    return Table("CMS's settlements computed again", headings, lines, parts)


def _together(compared: list[Compared]) -> dict[str, list[Any]]:
    """All rows of all files; null where a program has no such column."""
    names = dict.fromkeys(name for line in compared for name in line.rows)
    rows: dict[str, list[Any]] = {"file": [], "program": [], **{name: [] for name in names}}
    for line in compared:
        count = len(line.statuses)
        rows["file"] += [line.name] * count
        rows["program"] += [line.program] * count
        for name in names:
            rows[name] += line.rows.get(name, [None] * count)
    return rows


def _differing(line: Compared) -> list[tuple[str, ...]]:
    """Rows of a file that are not reproduced."""
    rows = line.rows
    return [
        (
            str(line.year),
            line.name,
            str(rows["aco_id"][at]),
            str(rows["track"][at]),
            _dollars(rows["earned"][at]),
            _dollars(rows["published_earned"][at]),
            _reason(rows["verdict"][at], rows.get("reason", [""] * len(line.statuses))[at]),
        )
        for at in np.flatnonzero(line.statuses >= NOT_REPRODUCED)
    ]


def _reason(verdict: str, settled: str) -> str:
    return f"{verdict}: {settled.replace('_', ' ')}" if verdict == "not settled" else verdict


def _dollars(amount: float | None) -> str:
    return "-" if amount is None else f"{amount:,.0f}"
