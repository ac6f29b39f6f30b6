"""Settlement of shared savings and losses: 42 CFR 425.604, 425.605, 425.606, 425.609 and 425.610."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from . import _core, _plot, _plot_fees, fee
from . import rules as _rules
from ._errors import InputError
from ._frames import Frame, Native, Output, Words, numbers, one_year
from ._programs import (
    FEES,
    Group,
    Invalid,
    Settled,
    Standpoint,
    coded_words,
    groups,
    nothing,
    steps_of,
    together,
    unread,
    without,
)
from ._result import Explanation, Result, Step, steps_from
from ._table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = tuple(_core.SETTLE_COLUMNS)
_KINDS = ("dollars", "dollars", "whole", "whole", "whole", "share", "whole", "whole", "share", "dollars", "whole",
          "whole", "dollars", "whole", "whole", "whole", "whole", "share", "share", "whole", "whole", "whole",
          "dollars", "share", "share", "whole", "dollars", "share", "dollars")  # fmt: skip
_REQUIRED = ("benchmark", "expenditures")
_MONEY = ("target", "savings", "generated", "payment_limit", "loss_limit", "sequestered", "earned", "advance_recouped",
          "advance_outstanding")  # fmt: skip
OUTPUTS = ("savings", "savings_rate", "minimum_savings_rate", "minimum_loss_rate", "generated", "sharing_rate",
           "loss_rate", "payment_limit", "loss_limit", "sequestered", "earned", "advance_recouped",
           "advance_outstanding", "reason")  # fmt: skip
_OF_MODELS = ("target", *OUTPUTS)
# Of frames in which some rows are paid fees.
_OF_ALL = (*_OF_MODELS[:-1], *(name for name in fee.AMOUNTS if name != "earned"), "reason")
_NAMES = (*COLUMNS, *fee.COLUMNS, "program")
# Columns that only programs of fees read.
_OF_FEES = tuple(name for name in fee.COLUMNS if name not in COLUMNS)
_TRACK = COLUMNS.index("track")
_DATES = ("agreement_start", "termination_date", "payment_date")
# The code of a row without a track; -1 is an unknown one.
_NO_TRACK = -2


def settle(
    frame: Any,
    *,
    program: str | None = None,
    performance_year: int | None = None,
    as_of: _rules.AsOf = None,
    proposed: bool = False,
    columns: Mapping[str, str] | None = None,
    rules: _rules.RulesLike = None,
    threads: int | None = None,
    invalid: Literal["raise", "null"] = "raise",
) -> Result:
    """Settle shared savings and losses: who pays whom, given a benchmark and expenditures.

    Amounts are exact to the cent: every step is carried unrounded and each result is rounded once, half away
    from zero. Comparisons with the minimum rate are exact.

    Parameters
    ----------
    frame : pandas.DataFrame, polars.DataFrame or pyarrow.Table
        One row for each entity and year. Read: `benchmark` (total updated benchmark, dollars),
        `expenditures` (dollars), `beneficiaries` (assigned, a head count), `track` (`1`, `1+`, `2`, `3`, `A` to
        `E`, `ENHANCED`; CMS's spellings accepted), `performance_year`; and, where they matter to a row,
        `quality_score` (0 to 1), `quality_standard_met`, `alternative_standard_met`, `elected_rate` (minimum
        savings and loss rate elected; null is the size scale), `participant_revenue` (dollars), `low_revenue`,
        `agreement_start` (date or year), `disaster_relief` (dollars waived; null is none) or in its place
        `disaster_month_share` and `disaster_beneficiary_share` (0 to 1), `guardrail` (the benchmark is the
        two-way benchmark of 42 CFR 425.652(b)(5); null is no), `half_year` (a six-month performance period of
        2019: give the amounts of the calendar year; null is no), `termination_date` (of an agreement that ended
        within the year) and `terminated_by_cms` (null is no), `payment_date` (for sequestration; null is the
        autumn after the year), `two_sided_year` (which performance year under two-sided risk, from 1; null
        counts from the agreement's start; Track 2), `small_benchmark_year` (below 5,000 beneficiaries in a
        benchmark year; agreements from 2027; null is no), `advance_balance` (dollars of an advance not yet
        recouped). `docs/settle.md` says when each decides. Other programs ask for some of these, and for
        `elected_cap` (share of the benchmark), `discount` (the entity's own), `benchmark_final` (the benchmark is
        after discount and withhold; null is no), `benchmark_bonus` (dollars), `geographic_factor` and
        `payment_adjustment` (dollars, negative where taken off), and programs of fees for others altogether: see
        `docs/models.md`.
    program : str, optional
        Program of the rule book for all rows, such as `"reach"`; `sharedsavings models` lists them. Where it is
        left out, a column `program` says it row by row, also of fees beside shared savings; without one it is
        `"mssp"`.
    performance_year : int, optional
        One year for all rows, in place of the column.
    as_of, proposed, columns, rules, threads, invalid
        As for `qp_status`.

    Returns
    -------
    Result
        Its frame has `savings` (benchmark less expenditures), `savings_rate`, `minimum_savings_rate`,
        `minimum_loss_rate` (positive; null without downside risk), `generated` (savings, or losses below
        zero, past the minimum rate), `sharing_rate`, `loss_rate`, `payment_limit`, `loss_limit`,
        `sequestered`, `earned` (positive: paid to the entity; negative: owed by it), `advance_recouped` and
        `advance_outstanding` (what of it goes to an advance, and what is left of that) and `reason` (the
        circumstance that decided the row, null where it is settled at the full rate). Amounts are dollars. A
        null that decides a row gives null results and reason `missing_input`. A loss whose revenue-based
        limit cannot be applied, as revenue is null, is settled without it and says
        `revenue_limit_not_applied`. Other programs have `target`; fees have their payments, and a frame of both
        has all of these, null where a column has no meaning for a row.

    Raises
    ------
    InputError
        Where columns are missing, of the wrong type, or hold rows that are invalid.
    NotModelledError
        Where the rule book has no such program from this standpoint.
    RuleBookError
        Where `rules` is malformed.

    Examples
    --------
    >>> import pandas as pd
    >>> import sharedsavings as ss
    >>> aco = pd.DataFrame({"benchmark": [500e6], "expenditures": [487e6], "beneficiaries": [60_000],
    ...                     "track": ["B"], "quality_standard_met": [True]})
    >>> float(ss.settle(aco, performance_year=2023).frame["earned"][0])
    5096000.0
    """
    standpoint = (_rules.load(rules), as_of, proposed)
    source = Frame(frame, dict.fromkeys(_NAMES), columns)

    def settled(group: Group) -> Settled:
        if group.family == FEES:
            return fee.settled(group, performance_year, standpoint, invalid)
        return _settled(group, performance_year, standpoint, threads, invalid) if group.family else without(group)

    if program is None and "program" in source and not len(source):
        return _empty(source, standpoint)
    parts = [(group, settled(group)) for group in groups(source, program, standpoint, invalid)]
    whole = parts[0][1] if len(parts) == 1 and parts[0][0].family else _mixed(parts, len(source))

    def explain(row: int) -> Explanation:
        return Explanation(f"Settlement of row {row}", whole.steps(row))

    return Result(
        source.append(whole.outputs), whole.warnings, standpoint[0], len(source), explain, whole.summary, whole.plot
    )


def _empty(source: Frame, standpoint: Standpoint) -> Result:
    """No rows of no program: the columns that rows would have, those of fees where the frame has one."""
    names = _OF_ALL if any(name in source for name in _OF_FEES) else _OF_MODELS
    outputs: dict[str, Output] = {name: np.empty(0) for name in names}
    outputs["reason"] = Words(np.empty(0, np.uint8), _core.SETTLE_REASONS)

    def explain(row: int) -> Explanation:
        raise InputError(f"row {row}: the frame has no rows")

    def summary() -> Table:
        return Table("Settlements by program", ("program", *_COUNTED), [])

    def plot() -> Figure:
        return _plot_fees.by_program([], [])

    return Result(source.append(outputs), (), standpoint[0], 0, explain, summary, plot)


def _settled(
    group: Group, performance_year: int | None, standpoint: Standpoint, threads: int | None, invalid: Invalid
) -> Settled:
    """Rows that share savings."""
    case = Case(group, performance_year, standpoint)
    names = OUTPUTS if case.programs == ["mssp"] and group.positions is None else _OF_MODELS
    out = case.run(names, threads=threads, invalid=invalid)
    warnings = case.warnings()
    dollars = {name: _core.dollars(out[name], _core.NULL_CENTS) for name in _MONEY if name in names}
    outputs: dict[str, Output] = {name: dollars.get(name, out[name]) for name in names}
    outputs["reason"] = Words(out["reason"], _core.SETTLE_REASONS)

    def steps(row: int) -> tuple[Step, ...]:
        reason = _core.SETTLE_REASONS[out["reason"][row]]
        if out["earned"][row] == _core.NULL_CENTS:
            return (nothing(reason),)
        own, values = case.of_program(row)
        told = steps_from(_core.settle_explain(own, values, *case.standpoint))
        return (*told, Step("reason", "the circumstance that decided the row", reason)) if reason else told

    def summary() -> Table:
        years = case.years()
        rows = [
            (str(year) if year else "null", *_counted(dollars["earned"][years == year])) for year in np.unique(years)
        ]
        return Table(f"Settlements of {', '.join(case.programs)}", ("year", *_COUNTED), rows, warnings)

    def plot() -> Figure:
        return _plot.settlements(out["savings_rate"], dollars["earned"], case.labels())

    return Settled(outputs, warnings, steps, summary, plot)


def _mixed(parts: Sequence[tuple[Group, Settled]], size: int) -> Settled:
    """Rows of several families, each settled by itself."""
    warnings = tuple(dict.fromkeys(warning for _, part in parts for warning in part.warnings))
    # Rows of no program have nothing but a reason, beside the columns of those that have one.
    order = _OF_ALL if any(group.family for group, _ in parts) else _OF_MODELS
    outputs = together(parts, order, size)
    outputs.setdefault("earned", np.full(size, np.nan))

    def steps(row: int) -> tuple[Step, ...]:
        return steps_of(parts, row)

    def summary() -> Table:
        rows = []
        for group, part in parts:
            earned = part.outputs.get("earned", np.full(len(group.of_row), np.nan))
            for place, name in enumerate(group.programs or ["unknown"]):
                rows.append((name, *_counted(earned[group.of_row == place])))  # type: ignore[index]
        return Table("Settlements by program", ("program", *_COUNTED), rows, warnings)

    def plot() -> Figure:
        return _plot_fees.by_program([row[0] for row in summary().rows], parts)

    return Settled(outputs, warnings, steps, summary, plot)


_COUNTED = ("rows", "paid", "paid, $", "owing", "owed, $", "null")


def _counted(earned: Any) -> tuple[str, ...]:
    """How many rows are paid and owe how much."""
    paid, owed = earned[earned > 0], earned[earned < 0]
    nulls = int(np.isnan(earned).sum())
    return (f"{len(earned):,}", f"{len(paid):,}", _total(paid), f"{len(owed):,}", _total(owed), f"{nulls:,}")


class Case:
    """A frame of settlements as the native half takes it."""

    columns: tuple[str, ...] = COLUMNS
    kinds: tuple[str, ...] = _KINDS
    required: tuple[str, ...] = _REQUIRED
    starts: list[int]

    def __init__(self, group: Group, performance_year: int | None, standpoint: Standpoint) -> None:
        self.standpoint, self.book, self.source = standpoint, standpoint[0], group.source
        self.programs, self.of_row, self.positions = group.programs, group.of_row, group.positions
        self._at = group.at
        for name in self.required:
            if name not in self.source:
                raise InputError(f"column `{name}`: missing. Every settlement needs it; columns= maps other names")
        kinds = dict(zip(self.columns, self.kinds, strict=True))
        present = [name for name in self.columns if name in self.source and name not in ("track", *_DATES)]
        self.native: dict[str, Any] = {name: self.source.numbers(name, kinds[name]) for name in present}
        self.native |= {name: _dates(self.source, name) for name in _DATES if name in self.source}
        if performance_year is not None:
            self.native["performance_year"] = one_year(self.source, performance_year)
        if "performance_year" not in self.native:
            raise InputError(
                "column `performance_year`: missing. Give it, or one year for all rows with performance_year="
            )

    @classmethod
    def of_frame(cls, frame: Any, program: str, rules: _rules.RulesLike) -> Self:
        """All rows of a frame of one program, as the book knows it."""
        standpoint = (_rules.load(rules), None, False)
        [group] = groups(Frame(frame, (*cls.columns, "program"), None), program, standpoint, "raise")
        return cls(group, None, standpoint)

    def run(self, outputs: Sequence[str], *, threads: int | None, invalid: Literal["raise", "null"]) -> dict[str, Any]:
        """Settle every row: exact cents, rates and reason codes by output."""
        self.native.setdefault("beneficiaries", None)
        return self.call(_core.settle, threads=threads, invalid=invalid, outputs=list(outputs))

    def call(
        self, verb: Callable[..., dict[str, Any]], *, invalid: Literal["raise", "null"], **options: Any
    ) -> dict[str, Any]:
        """Call a native verb on every row."""
        book, as_of, proposed = self.standpoint
        self.native["track"] = self._track_codes(invalid)
        return verb(
            **self.native,
            program=",".join(self.programs),
            money="dollars",
            as_of=as_of,
            proposed=proposed,
            rules=book,
            invalid=invalid,
            names=self.source.names,
            positions=self.positions,
            **options,
        )

    def warnings(self) -> tuple[str, ...]:
        """What a reader of the results must be told of the rules behind them; after `run`."""
        name = "termination_date"
        ended = name in self.source and not self.source.series(name).is_null().all()
        book, as_of, proposed = self.standpoint
        found: list[str] = []
        codes, all_years = self.native["track"][0], self.years()
        for place, program in enumerate(self.programs):
            here = self.of_row == place if len(self.programs) > 1 else slice(None)
            years, tracks = all_years[here], codes[here] - self.starts[place]
            found += _core.settle_warnings(program, years, tracks, ended, book, as_of, proposed)
            lost = [*_core.settle_unread(program, book, as_of, proposed), *_OF_FEES]
            found += unread(self.source, program, lost, here)
        return tuple(dict.fromkeys(found))

    def labels(self) -> list[str]:
        """Arrangement of every row, with its program where there are several."""
        if "track" not in self.source:
            return list(self.programs) * len(self.source)
        series = self.source.series("track").cast(nw.String)
        tracks = zip(series.to_list(), series.is_null().to_list(), strict=True)
        told = ["" if null else str(track) for track, null in tracks]
        if len(self.programs) == 1:
            return told
        return [f"{self.programs[place]} {track}".rstrip() for place, track in zip(self.of_row, told, strict=True)]

    def of_program(self, row: int) -> tuple[str, list[int | None]]:
        """The program of one row, and its values with the track's code in that program."""
        values, place = self.row(row), int(self.of_row[row])
        track = values[_TRACK]
        values[_TRACK] = None if track is None else track - self.starts[place]
        return self.programs[place], values

    def row(self, row: int) -> list[int | None]:
        """One row as the core reads it."""

        def value(name: str, kind: str) -> int | None:
            column = self.native.get(name)
            return column if column is None or isinstance(column, int) else _core.read_row(column, row, kind)

        return [value(name, kind) for name, kind in zip(self.columns, self.kinds, strict=True)]

    def years(self) -> Any:
        """Performance year of every row."""
        column = self.native["performance_year"]
        return np.full(len(self.source), column) if isinstance(column, int) else _core.whole_numbers(column, 0)

    def _track_codes(self, invalid: str) -> Native:
        if "track" not in self.source:
            return self._only_track()
        distinct, words = coded_words(self.source.series("track").cast(nw.String))
        # A row's cell is its program and its word; the first cell of a program is that of its nulls.
        width = len(distinct) + 1
        cells = words + 1 if len(self.programs) == 1 else self.of_row * width + words + 1
        met = np.bincount(cells, minlength=len(self.programs) * width).reshape(-1, width) > 0
        codes = np.full(met.shape, -1, np.int64)
        beside_others = len(self.programs) > 1 or self.positions is not None
        self.starts, start = [], 0
        for place, program in enumerate(self.programs):
            used = np.flatnonzero(met[place, 1:])
            of_program = [distinct[word] for word in used]
            found, names = self._codes(of_program, program, start, invalid, cells - place * width - 1, used)
            codes[place, used + 1] = found
            # Beside other programs, one with a single arrangement leaves the column null.
            codes[place, 0] = start if len(names) == 1 and beside_others else _NO_TRACK
            self.starts.append(start)
            start += len(names)
        of_row = codes.ravel()[cells]
        return of_row, of_row == _NO_TRACK

    def _only_track(self) -> Native:
        """The one arrangement of a program that has no other."""
        _, names = _core.track_codes(self.programs[0], [], *self.standpoint)
        if len(self.programs) > 1 or len(names) != 1:
            has = f" {self.programs[0]} has {', '.join(names)}" if len(self.programs) == 1 else ""
            raise InputError(f"column `track`: missing. Every settlement needs it; columns= maps other names.{has}")
        self.starts = [0]
        return np.zeros(len(self.source), np.int64), np.zeros(len(self.source), np.bool_)

    def _codes(
        self,
        used: list[str],
        program: str,
        start: int,
        invalid: str,
        words: NDArray[np.int64],
        places: NDArray[np.intp],
    ) -> tuple[list[int], list[str]]:
        """Codes of the words that a program's rows use, -1 of an unknown one, and the names of its arrangements."""
        # Track numbers beside nulls come as floats.
        as_float = self.source.series("track").dtype.is_float()
        written = [s.removesuffix(".0") for s in used] if as_float else used
        codes, names = _core.track_codes(program, written, *self.standpoint)
        unknown = [at for at, code in enumerate(codes) if code is None]
        if unknown and invalid == "raise":
            bad = np.flatnonzero(np.isin(words, places[unknown]))
            first = next(at for at in unknown if words[bad[0]] == places[at])
            raise self._unknown_track(bad, used[first], program, names)
        return [-1 if code is None else code + start for code in codes], names

    def _unknown_track(self, bad: Any, value: str, program: str, names: list[str]) -> InputError:
        rows = "row" if len(bad) == 1 else "rows"
        return InputError(
            f"column `{self.source.names['track']}`: unknown track in {len(bad)} {rows}, first in row "
            f"{self._at(int(bad[0]))} "
            f"(value {value!r}). {program} has {', '.join(names)} in the years that the rule "
            'book covers. Or pass invalid="null" to keep such rows as null with a reason.'
        )


def _total(amounts: Any) -> str:
    return f"{amounts.sum():,.0f}"


def _dates(source: Frame, name: str) -> Native:
    """Dates as yyyymmdd, numbers as they are."""
    series = source.series(name)
    dates = series.dtype in (nw.Date, nw.Datetime)
    if dates and not series.is_null().any():
        years, months, days = (part.cast(nw.Int64) for part in (series.dt.year(), series.dt.month(), series.dt.day()))
        return (years * 10_000 + months * 100 + days).to_numpy()
    values = series.to_list() if dates or series.dtype == nw.Object else []
    nulls = series.is_null().to_numpy()
    if values and all(null or isinstance(v, dt.date) for v, null in zip(values, nulls, strict=True)):
        written = [0 if null else int(v.strftime("%Y%m%d")) for v, null in zip(values, nulls, strict=True)]
        return np.array(written, np.int64), nulls
    return numbers(series, source.names[name])
