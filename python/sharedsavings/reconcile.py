"""Settlements that CMS published, computed again and compared row by row."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import _core, _plot, puf
from . import rules as _rules
from ._errors import InputError
from ._frames import Frame
from ._table import Table
from .samples import to_frame
from .settle import OUTPUTS, Case

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Source = str | os.PathLike[str]

_HEADINGS = (
    "year",
    "file",
    "rows",
    "savings or losses",
    "generated exact",
    "earned within $1",
    "within quality score",
    "not reproducible",
    "unexplained",
)
_ROW_HEADINGS = ("year", "file", "aco_id", "track", "computed, $", "published, $", "reason")
# A track of the same years that bears losses by the size scale: what it generates is what CMS printed in the years in
# which it printed the losses of one-sided ACOs too.
_TWO_SIDED = "3"
_ONE_SIDED_REASON = "no_downside_risk"
_REVENUE_REASON = "revenue_limit_not_applied"


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
        codes = np.array([_core.VERDICTS.index(v) for v in self._rows["verdict"]], dtype=np.int64)
        return _plot.reconciled(amounts("published_earned"), amounts("earned"), years, codes)


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
    files = [(Path(path).name, _load(path, performance_year)) for path in paths]
    files.sort(key=lambda named: named[1].performance_year)
    lines: list[tuple[str, ...]] = []
    differing: list[tuple[str, ...]] = []
    notes: list[str] = []
    parts: list[str] = []
    all_rows: dict[str, list[Any]] = {}
    unexplained = 0
    for name, file in files:
        notes += [f"{name}: {note}" for note in file.notes]
        rows, verdicts = _compare(file, rules)
        if file.published_rows:
            parts.append(
                f"{name}: {len(verdicts):,} rows, where CMS published {file.published_rows}: a part of a file, or one "
                "cut off"
            )
        for key, values in {"file": [name] * len(verdicts), **rows}.items():
            all_rows.setdefault(key, []).extend(values)
        lines.append((str(file.performance_year), name, *_counts(rows, verdicts, file.published_rows)))
        unexplained += int((verdicts >= _core.UNEXPLAINED).sum())
        for at in np.flatnonzero(verdicts >= _core.NOT_REPRODUCED):
            differing.append(
                (
                    str(file.performance_year),
                    name,
                    str(rows["aco_id"][at]),
                    str(rows["track"][at]),
                    _dollars(rows["earned"][at]),
                    _dollars(rows["published_earned"][at]),
                    _reason(rows["verdict"][at], rows["reason"][at]),
                )
            )
    title = "CMS's settlements computed again"
    return Reconciliation(
        Table(title, _HEADINGS, lines, tuple(parts)),
        Table("Rows not reproduced", _ROW_HEADINGS, differing),
        to_frame(all_rows, backend),
        unexplained,
        tuple(notes),
        all_rows,
    )


def _load(path: Source, performance_year: int | None) -> puf.Puf:
    try:
        return puf.load(path, performance_year)
    except OSError as error:
        raise InputError(
            f"{Path(path).name}: cannot be read ({error.strerror}). Name one or more of CMS's results files"
        ) from error


def _counts(rows: dict[str, list[Any]], verdicts: NDArray[np.uint8], whole: str) -> tuple[str, ...]:
    """The cells of a file's line; what the file does not publish is a dash, and a part is told with its whole."""
    published = any(v is not None for v in rows["published_generated"])
    shared = rows["published_generated"] if published else rows["published_earned"]
    counts = (
        len(verdicts),
        sum(1 for v in shared if v),
        sum(rows["generated_equal"]) if published else None,
        sum(rows["earned_equal"]),
        int((verdicts == 1).sum()),
        int(((verdicts >= _core.NOT_REPRODUCED) & (verdicts < _core.UNEXPLAINED)).sum()),
        int((verdicts >= _core.UNEXPLAINED).sum()),
    )
    cells = ["-" if n is None else f"{n:,}" for n in counts]
    return (f"{cells[0]} of {whole}" if whole else cells[0], *cells[1:])


def _compare(file: puf.Puf, rules: _rules.RulesLike) -> tuple[dict[str, list[Any]], NDArray[np.uint8]]:
    """Settle a file and hold it against itself: columns of the comparison, and verdict codes."""
    columns = file.columns
    out = _settle(columns, rules)
    least, most = (_settle({**columns, "quality_score": scores}, rules)["earned"] for scores in file.quality_range)
    as_printed = _generated_as_printed(file, out, rules)
    published = Frame(to_frame(columns, None), ["published_generated", "published_earned"], None)
    generated_equal, earned_equal, verdicts = _core.compare(
        as_printed,
        out["earned"],
        (least, most),
        _debt_floor(file, out, rules),
        out["reason"],
        published.numbers("published_generated"),
        published.numbers("published_earned"),
        _said(file),
    )
    amounts = {
        "generated": out["generated"],
        "generated_as_printed": as_printed,
        "earned": out["earned"],
        "earned_least": np.minimum(least, most),
        "earned_most": np.maximum(least, most),
    }
    result: dict[str, list[Any]] = {
        name: columns.get(name, [None] * len(verdicts)) for name in ("aco_id", "aco_name", "performance_year", "track")
    }
    for name, cents in amounts.items():
        dollars = _core.dollars(cents, _core.NULL_CENTS).tolist()
        result[name] = [None if math.isnan(amount) else amount for amount in dollars]
    result["published_generated"] = columns["published_generated"]
    result["published_earned"] = columns["published_earned"]
    result["generated_equal"] = generated_equal.tolist()
    result["earned_equal"] = earned_equal.tolist()
    result["reason"] = [_core.SETTLE_REASONS[code] for code in out["reason"]]
    result["verdict"] = [_core.VERDICTS[code] for code in verdicts]
    return result, verdicts


def _settle(columns: dict[str, list[Any]], rules: _rules.RulesLike) -> dict[str, Any]:
    case = Case(to_frame(columns, None), "mssp", None, None, False, None, rules)
    return case.run(OUTPUTS, threads=None, invalid="null")


def _generated_as_printed(file: puf.Puf, out: dict[str, Any], rules: _rules.RulesLike) -> NDArray[np.int64]:
    """What the file should print as generated: in some years also losses that nobody shares."""
    generated: NDArray[np.int64] = out["generated"]
    if not file.one_sided_losses:
        return generated
    unshared = out["reason"] == _core.SETTLE_REASONS.index(_ONE_SIDED_REASON)
    tracks = [_TWO_SIDED if here else track for here, track in zip(unshared, file.columns["track"], strict=True)]
    shared = _settle({**file.columns, "track": tracks}, rules)["generated"]
    return np.where(unshared, shared, generated)


def _debt_floor(file: puf.Puf, out: dict[str, Any], rules: _rules.RulesLike) -> NDArray[np.int64]:
    """What is owed at the least revenue of a high-revenue ACO, where revenue may limit it; null elsewhere."""
    columns = file.columns
    share = _rules.shipped().find("mssp.high_revenue", file.performance_year)
    limited = out["reason"] == _core.SETTLE_REASONS.index(_REVENUE_REASON)
    high = np.array([low is False for low in columns.get("low_revenue", [None] * len(limited))], dtype=np.bool_)
    at = limited & high
    nowhere = np.full(len(at), _core.NULL_CENTS, dtype=np.int64)
    if share is None or not at.any():
        return nowhere
    revenue = [
        _core.least_revenue(float(spent), float(share["value"])) if here else None
        for here, spent in zip(at, columns["expenditures"], strict=True)
    ]
    return np.where(at, _settle({**columns, "participant_revenue": revenue}, rules)["earned"], nowhere)


def _said(file: puf.Puf) -> list[NDArray[np.bool_]]:
    """What the file says of each row beside its amounts, in the order of the core's `said`."""
    columns, rows = file.columns, len(file.columns["benchmark"])

    def flags(name: str, wanted: bool) -> NDArray[np.bool_]:
        return np.array([value is wanted for value in columns.get(name, [None] * rows)], dtype=np.bool_)

    totals = zip(columns["published_savings"], columns["benchmark"], columns["published_minimum_rate"], strict=True)
    within = [None not in total and _core.within_rate(*(float(v) for v in total)) for total in totals]
    rates = columns["published_sharing_rate"]
    printed = zip(columns["benchmark"], columns["expenditures"], columns["published_savings"], strict=True)
    disagree = [None in total or not _core.totals_agree(*(float(v) for v in total)) for total in printed]
    return [
        np.array([not file.has_standard and rate == 0 for rate in rates], dtype=np.bool_),
        flags("published_mid_year_termination", True),
        flags("published_revenue_limit", False),
        np.array(within, dtype=np.bool_),
        np.full(rows, not file.has_generated),
        np.array(disagree, dtype=np.bool_),
    ]


def _reason(verdict: str, settled: str) -> str:
    return f"{verdict}: {settled.replace('_', ' ')}" if verdict == "not settled" else verdict


def _dollars(amount: float | None) -> str:
    return "-" if amount is None else f"{amount:,.0f}"
