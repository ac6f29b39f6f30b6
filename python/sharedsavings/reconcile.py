"""Settlements that CMS published, computed again and compared row by row."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core, puf
from . import rules as _rules
from ._errors import InputError
from ._frames import Frame
from ._table import Table
from .samples import to_frame
from .settle import Case

Source = str | os.PathLike[str]


@dataclass(frozen=True)
class Reconciliation:
    """Outcome of `reconcile`.

    Attributes
    ----------
    table : Table
        One row a file: rows, rows with generated savings or losses, generated equal, earned equal, rows that
        differ for a stated reason, rows that differ without one.
    differences : Table
        Each row that is not equal, with the reason.
    frame
        All rows of all files: what was computed, what was published, and the verdict.
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

    def __str__(self) -> str:
        parts = [str(self.table)]
        if self.differences.rows:
            parts.append(str(self.differences))
        return "\n\n".join(parts)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.table._repr_html_() + (self.differences._repr_html_() if self.differences.rows else "")


def reconcile(
    *paths: Source,
    performance_year: int | None = None,
    rules: _rules.RulesLike = None,
    backend: str | None = None,
) -> Reconciliation:
    """Compute the settlements of CMS's results files and compare them with what CMS published.

    An amount is equal where it differs by at most $1, as CMS prints whole dollars.

    Parameters
    ----------
    *paths : path
        Results files, see `read_puf`.
    performance_year : int, optional
        Year of the files, where their headings do not tell.
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
    >>> print(ss.reconcile("py2024.csv").table)  # doctest: +SKIP
    """
    if not paths:
        raise InputError("reconcile: no file given. Name one or more of CMS's results files")
    lines: list[tuple[str, ...]] = []
    differing: list[tuple[str, ...]] = []
    notes: list[str] = []
    all_rows: dict[str, list[Any]] = {}
    unexplained = 0
    for path in paths:
        file = puf.load(path, performance_year)
        name = Path(path).name
        notes += [f"{name}: {note}" for note in file.notes]
        rows, verdicts = _compare(file, rules)
        rows = {"file": [name] * len(verdicts), **rows}
        for key, values in rows.items():
            all_rows.setdefault(key, []).extend(values)
        explained = np.isin(verdicts, range(1, _core.UNEXPLAINED))
        open_ = verdicts >= _core.UNEXPLAINED
        unexplained += int(open_.sum())
        cells = (
            len(verdicts),
            sum(1 for v in rows["published_generated"] if v),
            sum(rows["generated_equal"]),
            sum(rows["earned_equal"]),
            int(explained.sum()),
            int(open_.sum()),
        )
        lines.append((name, str(file.performance_year), *(f"{n:,}" for n in cells)))
        for at in np.flatnonzero(verdicts):
            differing.append(
                (
                    str(file.performance_year),
                    rows["aco_id"][at],
                    rows["track"][at],
                    _dollars(rows["earned"][at]),
                    _dollars(rows["published_earned"][at]),
                    _reason(rows["verdict"][at], rows["reason"][at]),
                )
            )
    headings = (
        "file",
        "year",
        "rows",
        "savings or losses",
        "generated equal",
        "earned equal",
        "explained",
        "unexplained",
    )
    title = "Settlements computed against published (equal: within $1)"
    row_headings = ("year", "aco_id", "track", "computed, $", "published, $", "reason")
    return Reconciliation(
        Table(title, headings, lines),
        Table("Rows that differ", row_headings, differing),
        to_frame(all_rows, backend),
        unexplained,
        tuple(notes),
    )


def _compare(file: puf.Puf, rules: _rules.RulesLike) -> tuple[dict[str, list[Any]], NDArray[np.uint8]]:
    """Settle a file and hold it against itself: columns of the comparison, and verdict codes."""
    case = Case(to_frame(file.columns, None), "mssp", None, None, False, None, rules)
    out = case.run(threads=None, invalid="null")
    source = Frame(case.source.native, ["published_generated", "published_earned"], None)
    published = (source.numbers("published_generated"), source.numbers("published_earned"))
    generated_equal, earned_equal, verdicts = _core.compare(out["generated"], out["earned"], out["reason"], *published)
    columns = {name: file.columns[name] for name in ("aco_id", "aco_name", "performance_year", "track")}
    for name in ("generated", "earned"):
        dollars = _core.dollars(out[name], _core.NULL_CENTS).tolist()
        columns[name] = [None if math.isnan(amount) else amount for amount in dollars]
        columns[f"published_{name}"] = file.columns[f"published_{name}"]
    columns["generated_equal"] = generated_equal.tolist()
    columns["earned_equal"] = earned_equal.tolist()
    columns["reason"] = [_core.SETTLE_REASONS[code] for code in out["reason"]]
    columns["verdict"] = [_core.VERDICTS[code] for code in verdicts]
    return columns, verdicts


def _reason(verdict: str, settled: str) -> str:
    return f"{verdict}: {settled.replace('_', ' ')}" if verdict == "not settled" else verdict


def _dollars(amount: float | None) -> str:
    return "-" if amount is None else f"{amount:,.0f}"
