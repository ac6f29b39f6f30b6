"""Winsorised episode spending: percentile caps by group, ready for `benchmark` and `settle`."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import narwhals.stable.v2 as nw
import numpy as np

from . import _core
from . import rules as _rules
from ._errors import InputError, SharedSavingsError
from ._frames import Frame, Native, Output, Words, coded, distinct, one_year
from ._result import Explanation, Result, Step
from ._table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = tuple(_core.WINSORISE_COLUMNS)
_CAPS = ("lower_cap", "upper_cap")
_FIELDS = {"lower_cap": "lower_percentile", "upper_cap": "threshold_percentile", "expenditures": "share_above"}


def winsorise(
    frame: Any,
    *,
    program: str,
    by: Sequence[str] = (),
    performance_year: int | None = None,
    as_of: _rules.AsOf = None,
    proposed: bool = False,
    columns: Mapping[str, str] | None = None,
    rules: _rules.RulesLike = None,
    threads: int | None = None,
    invalid: Literal["raise", "null"] = "raise",
) -> Result:
    """Move episode spending beyond the percentiles of its group to them.

    A percentile is the smallest spending of the group that at least this part of its episodes does not exceed (the
    inverted distribution function): an amount that was observed, so nothing is rounded, and winsorising again moves
    nothing. Groups are of one year, and of one track where the program's percentiles differ by track.

    Parameters
    ----------
    frame : pandas.DataFrame, polars.DataFrame or pyarrow.Table
        One row for each episode, n rows: `episode_spending` (dollars, not negative), `performance_year` unless given
        below, `track` where percentiles differ by it (`bpci`). Where `upper_cap` or `lower_cap` (dollars) are given,
        as CMS publishes them, they are taken in place of percentiles; a side without a column has no cap then.
    program : str
        Program of the rule book: its percentiles are `episode.threshold_percentile` and `episode.lower_percentile`;
        `episode.share_above` is the part of spending above the upper cap that still counts.
    by : sequence of str
        The frame's own columns that make a group, such as region and episode category (42 CFR 512.540).
    performance_year : int, optional
        One year for all rows, in place of the column.
    as_of, proposed, columns, rules, threads, invalid
        As for `qp_status`.

    Returns
    -------
    Result
        Its frame has `expenditures` (dollars, what counts), the caps of the row's group unless they were given,
        `winsorised` (`lower` or `upper` where the row was moved, else null) and `winsorise_reason`. A null in spending,
        year, group or cap gives null results and reason `missing_input`, and counts in no percentile.

    Raises
    ------
    InputError
        Where columns are missing, of the wrong type, or hold rows that are invalid; `no_percentile` where the rule book
        has none for the year and no caps are given.
    NotModelledError
        Where the rule book winsorises no episodes of the program.
    RuleBookError
        Where `rules` is malformed.

    Examples
    --------
    >>> import pandas as pd
    >>> import sharedsavings as ss
    >>> episodes = pd.DataFrame({"track": ["A"], "episode_spending": [90_000], "upper_cap": [60_000]})
    >>> ss.winsorise(episodes, program="bpci", performance_year=2016).frame["expenditures"].tolist()
    [66000.0]
    """
    book = _rules.load(rules)
    standpoint = (book, as_of, proposed)
    own = _core.program_name(program, *standpoint)
    source = Frame(frame, tuple(name for name in COLUMNS if name != "group"), columns)
    caps = [name for name in _CAPS if name in source]
    if not caps and not by:
        raise InputError("by=: no group is given. Name the columns that make one, such as region and episode category")
    given: dict[str, Any] = {
        name: source.numbers(name, "whole" if name == "performance_year" else "dollars")
        for name in ("episode_spending", "performance_year", *caps)
        if name in source
    }
    if performance_year is not None:
        given["performance_year"] = one_year(source, performance_year)
    for needed in ("episode_spending", "performance_year"):
        if needed not in given:
            raise InputError(f"column `{needed}`: missing. Every episode needs it; columns= maps other names")
    whole = given["performance_year"]
    of_row = np.full(len(source), whole) if isinstance(whole, int) else _core.whole_numbers(whole, 0)
    years = [int(year) for year in np.unique(of_row)]
    given["group"] = _groups(source, by)
    given["track"], warnings = _tracks(source, own, years, standpoint, invalid)
    out = _core.winsorise(own, given, *standpoint, threads, invalid == "raise", source.names)
    dollars = {name: _core.dollars(out[name], _core.NULL_CENTS) for name in ("expenditures", *_CAPS)}
    outputs: dict[str, Output] = {name: dollars[name] for name in dollars if name not in source}
    outputs["winsorised"] = Words(out["tail"], _core.WINSORISE_TAILS)
    outputs["winsorise_reason"] = Words(out["reason"], _core.WINSORISE_REASONS)

    def explain(row: int) -> Explanation:
        title = f"Winsorised spending of row {row}"
        reason = _core.WINSORISE_REASONS[out["reason"][row]]
        if reason:
            return Explanation(title, (Step("expenditures", "no spending counts", "null: " + reason),))
        steps = []
        for name in _CAPS:
            if not np.isnan(dollars[name][row]):
                formula = "as given" if caps else "smallest spending of the group that this part of it does not exceed"
                rule = {} if caps else _rule(book, f"{own}.episode.{_FIELDS[name]}", int(of_row[row]), as_of, proposed)
                steps.append(Step(name.replace("_", " "), formula, f"${dollars[name][row]:,.2f}", **rule))
        formula = "spending, moved to the cap that it lies beyond; or the cap and the share of what lies above it"
        rule = _rule(book, f"{own}.episode.{_FIELDS['expenditures']}", int(of_row[row]), as_of, proposed)
        value = f"${dollars['expenditures'][row]:,.2f}"
        return Explanation(title, (*steps, Step("expenditures", formula, value, **rule)))

    def summary() -> Table:
        rows = []
        for year in years:
            here = of_row == year
            spent = dollars["expenditures"][here]
            tails = out["tail"][here]
            moved = [int((tails == code).sum()) for code in range(1, len(_core.WINSORISE_TAILS))]
            rows.append((str(year), f"{here.sum():,}", *(f"{n:,}" for n in moved), f"{np.nansum(spent):,.0f}"))
        headings = ("year", "episodes", "moved up", "moved down", "spending that counts, $")
        return Table(f"Episodes of {own}", headings, rows, tuple(warnings))

    def plot() -> Figure:
        raise SharedSavingsError("winsorised spending has no picture. Use summary()")

    return Result(source.append(outputs), tuple(warnings), book, len(source), explain, summary, plot)


def _rule(book: _rules.RuleBook, id: str, year: int, as_of: _rules.AsOf, proposed: bool) -> dict[str, Any]:
    """Rule and sources of a step, where the book has them."""
    rule = book.find(id, year, as_of, proposed)
    if rule is None:
        return {}
    sources = book.sources()
    return {"rules": (id,), "cites": tuple(str(sources[cite]["title"]) for cite in rule["cites"])}


def _groups(source: Frame, by: Sequence[str]) -> Native:
    """A code for each combination of values, -1 where one of them is null."""
    frame = nw.from_native(source.native, eager_only=True)
    if isinstance(by, str):
        raise InputError(f"by={by!r}: not a list. Give the names of columns, such as [{by!r}]")
    lacking = next((name for name in by if name not in frame.columns), None)
    if lacking is not None:
        raise InputError(f"by=: the frame has no column `{lacking}`. It has {', '.join(map(str, frame.columns))}")
    columns = [frame[name] for name in by]
    nulls = np.zeros(len(source), np.bool_)
    for series in columns:
        nulls |= series.is_null().to_numpy()
        if series.dtype.is_float():
            # No NaN equals another, so each would be a group of its own.
            nulls |= series.is_nan().fill_null(True).to_numpy()
    place: dict[tuple[Any, ...], int] = {}
    keys = zip(*(series.to_list() for series in columns), strict=True) if columns else [()] * len(source)
    try:
        codes = [-1 if null else place.setdefault(key, len(place)) for key, null in zip(keys, nulls, strict=True)]
    except TypeError:
        nested = [series.name for series in columns if not all(isinstance(v, Hashable) for v in series.to_list())]
        raise InputError(
            f"by=: column `{(nested or by)[0]}` holds values that make no group. Give text, numbers or dates"
        ) from None
    return np.array(codes, np.int64)


def _tracks(source: Frame, program: str, years: list[int], standpoint: Any, invalid: str) -> tuple[Native, list[str]]:
    words = distinct(source, "track")
    codes, names, warnings = _core.winsor_plan(program, words, years, *standpoint)
    if not names:
        return np.zeros(len(source), np.int64), warnings
    if "track" not in source:
        raise InputError(f"column `track`: missing. Percentiles of {program} differ by it: {', '.join(names)}")
    known = f"{program} has {', '.join(names)}"
    return coded(source, "track", dict(zip(words, codes, strict=True)), known, invalid == "raise"), warnings
