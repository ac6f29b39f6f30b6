"""Payments without a total-cost target: CPC+, Primary Care First, IOTA. `settle` hands their rows on to here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import narwhals.stable.v2 as nw
import numpy as np

from . import _core
from . import rules as _rules
from ._errors import InputError, SharedSavingsError
from ._frames import Frame, Native, Output, Words, one_year
from ._result import Explanation, Result, Step, steps_from
from ._table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = tuple(_core.FEE_COLUMNS)
AMOUNTS = tuple(_core.FEE_AMOUNTS)
_KINDS = tuple(_core.FEE_KINDS)


# What the id of the rule with a program's arrangements ends with.
ARRANGEMENTS = ".fee_arrangements"


def has_fees(program: str, book: _rules.RuleBook) -> bool:
    """Whether a program pays fees rather than shared savings."""
    return bool(book.rules(program + ARRANGEMENTS))


def settle(
    frame: Any,
    program: str,
    performance_year: int | None,
    as_of: _rules.AsOf,
    proposed: bool,
    columns: Mapping[str, str] | None,
    book: _rules.RuleBook,
    invalid: Literal["raise", "null"],
) -> Result:
    """Settle fees of every row; see `docs/models.md` for the columns."""
    standpoint = (book, as_of, proposed)
    source = Frame(frame, (*COLUMNS, "program"), columns)
    given: dict[str, Any] = {n: source.numbers(n) for n in COLUMNS if n in source and n != "track"}
    if performance_year is not None:
        given["performance_year"] = one_year(source, performance_year)
    if "performance_year" not in given:
        raise InputError("column `performance_year`: missing. Give it, or one year for all rows with performance_year=")
    whole = given["performance_year"]
    of_row = np.full(len(source), whole) if isinstance(whole, int) else _core.whole_numbers(whole, 0)
    years = [int(year) for year in np.unique(of_row)]
    given["track"], warnings = _tracks(source, program, years, standpoint, invalid)
    out = _core.fees(program, given, *standpoint, invalid == "raise", source.names)
    outputs: dict[str, Output] = {name: _core.dollars(out[name], _core.NULL_CENTS) for name in AMOUNTS}
    outputs["reason"] = Words(out["reason"], _core.FEE_REASONS)

    def explain(row: int) -> Explanation:
        title = f"Settlement of row {row}"
        reason = _core.FEE_REASONS[out["reason"][row]]
        if reason:
            return Explanation(title, (Step("earned", "no settlement is possible", "null: " + reason),))
        values = [_value(given.get(name), row, kind) for name, kind in zip(COLUMNS, _KINDS, strict=True)]
        return Explanation(title, steps_from(_core.fee_explain(program, values, *standpoint)))

    def summary() -> Table:
        rows = []
        for name in AMOUNTS:
            amounts = outputs[name]
            told = amounts[~np.isnan(amounts)]  # type: ignore[index, arg-type]
            rows.append((name.replace("_", " "), f"{len(told):,}", f"{told.sum():,.0f}"))
        return Table(f"Payments of {program}", ("payment", "rows", "sum, $"), rows, warnings)

    def plot() -> Figure:
        raise SharedSavingsError("fees have no payoff to draw. Use summary()")

    return Result(source.append(outputs), warnings, book, len(source), explain, summary, plot)


def _value(column: Native | int | None, row: int, kind: str) -> int | None:
    return column if column is None or isinstance(column, int) else _core.read_row(column, row, kind)


def _tracks(
    source: Frame, program: str, years: list[int], standpoint: Any, invalid: str
) -> tuple[Native, tuple[str, ...]]:
    spelled = source.series("track").cast(nw.String).to_list() if "track" in source else []
    distinct = list(dict.fromkeys(name for name in spelled if name is not None))
    codes, names, warnings = _core.fee_plan(program, distinct, years, *standpoint)
    if "track" not in source:
        if len(names) != 1:
            raise InputError(f"column `track`: missing. {program} has {', '.join(names)}")
        return (np.zeros(len(source), np.int64), np.zeros(len(source), np.bool_)), tuple(warnings)
    of_name = dict(zip(distinct, codes, strict=True))
    unknown = [row for row, name in enumerate(spelled) if name is not None and of_name[name] is None]
    if unknown and invalid == "raise":
        raise InputError(
            f"column `{source.names['track']}`: unknown track in {len(unknown)} rows, first in row {unknown[0]} "
            f"(value {spelled[unknown[0]]!r}). {program} has {', '.join(names)}"
        )
    coded = [-1 if name is None or of_name[name] is None else of_name[name] for name in spelled]
    return (np.array(coded, np.int64), np.array([name is None for name in spelled], np.bool_)), tuple(warnings)
