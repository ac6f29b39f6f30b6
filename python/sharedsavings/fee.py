"""Payments without a total-cost target: CPC+, Primary Care First, IOTA. `settle` hands their rows on to here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core, _plot_fees
from ._errors import InputError
from ._frames import Native, Output, Words, one_year, words
from ._programs import Group, Invalid, Settled, Standpoint, nothing, unread
from ._result import Step, steps_from
from ._table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = tuple(_core.FEE_COLUMNS)
AMOUNTS = tuple(_core.FEE_AMOUNTS)
_KINDS = tuple(_core.FEE_KINDS)
# What describes rows of any program.
_OF_ANY = ("program", "beneficiaries")


def settled(group: Group, performance_year: int | None, standpoint: Standpoint, invalid: Invalid) -> Settled:
    """Rows of one program of fees; see `docs/models.md` for the columns."""
    source, [program] = group.source, group.programs
    given: dict[str, Any] = {
        name: source.numbers(name, kind)
        for name, kind in zip(COLUMNS, _KINDS, strict=True)
        if name in source and name != "track"
    }
    if performance_year is not None:
        given["performance_year"] = one_year(source, performance_year)
    if "performance_year" not in given:
        raise InputError("column `performance_year`: missing. Give it, or one year for all rows with performance_year=")
    whole = given["performance_year"]
    of_row = np.full(len(source), whole) if isinstance(whole, int) else _core.whole_numbers(whole, 0)
    years = [int(year) for year in np.unique(of_row)]
    given["track"], warnings = _tracks(group, years, standpoint, invalid)
    out = _core.fees(program, given, *standpoint, invalid == "raise", source.names, group.positions)
    dollars = {name: _core.dollars(out[name], _core.NULL_CENTS) for name in AMOUNTS}
    others = [name for name in source.names if name not in (*COLUMNS, *_OF_ANY)]
    warnings = (*warnings, *unread(source, program, others, slice(None)))

    def steps(row: int) -> tuple[Step, ...]:
        reason = _core.FEE_REASONS[out["reason"][row]]
        if reason:
            return (nothing(reason),)
        values = [_value(given.get(name), row, kind) for name, kind in zip(COLUMNS, _KINDS, strict=True)]
        return steps_from(_core.fee_explain(program, values, *standpoint))

    def summary() -> Table:
        rows = []
        for name, amounts in dollars.items():
            told = amounts[~np.isnan(amounts)]
            rows.append((name.replace("_", " "), f"{len(told):,}", f"{told.sum():,.0f}"))
        return Table(f"Payments of {program}", ("payment", "rows", "sum, $"), rows, warnings)

    def plot() -> Figure:
        return _plot_fees.paid(program, [group.at(row) for row in range(len(source))], dollars)

    outputs: dict[str, Output] = {**dollars, "reason": Words(out["reason"], _core.FEE_REASONS)}
    return Settled(outputs, warnings, steps, summary, plot)


def _value(column: Native | int | None, row: int, kind: str) -> int | None:
    return column if column is None or isinstance(column, int) else _core.read_row(column, row, kind)


def _tracks(group: Group, years: list[int], standpoint: Standpoint, invalid: Invalid) -> tuple[Native, tuple[str, ...]]:
    """Codes of arrangements, and what a reader of these years must be told."""
    source, [program] = group.source, group.programs
    spelled: list[str | None] = []
    if "track" in source:
        spelled = words(source, "track")
    distinct = list(dict.fromkeys(name for name in spelled if name is not None))
    codes, names, warnings = _core.fee_plan(program, distinct, years, *standpoint)
    if "track" not in source:
        if len(names) != 1:
            raise InputError(f"column `track`: missing. {program} has {', '.join(names)}")
        return (np.zeros(len(source), np.int64), np.zeros(len(source), np.bool_)), tuple(warnings)
    of_name = dict(zip(distinct, codes, strict=True))
    unknown = [row for row, name in enumerate(spelled) if name is not None and of_name[name] is None]
    if unknown and invalid == "raise":
        rows = "row" if len(unknown) == 1 else "rows"
        raise InputError(
            f"column `{source.names['track']}`: unknown track in {len(unknown)} {rows}, first in row "
            f"{group.at(unknown[0])} (value {spelled[unknown[0]]!r}). {program} has {', '.join(names)}. "
            'Or pass invalid="null" to keep such rows as null with a reason.'
        )
    coded = [-1 if name is None or of_name[name] is None else of_name[name] for name in spelled]
    nulls = np.array([name is None for name in spelled], np.bool_)
    if group.positions is not None and len(names) == 1:
        # Beside other programs, one with a single arrangement leaves the column null.
        return (np.where(nulls, 0, np.array(coded, np.int64)), np.zeros(len(nulls), np.bool_)), tuple(warnings)
    return (np.array(coded, np.int64), nulls), tuple(warnings)
