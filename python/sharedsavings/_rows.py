"""Verbs that decide one row at a time by year: the native half says which columns they read and write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from . import _codes, _core
from . import rules as _rules
from ._errors import InputError
from ._frames import Frame, Integers, Native, Output, Words, one_year
from ._result import Explanation, Result, Step, steps_from
from ._table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Invalid = Literal["raise", "null"]


def coded(source: Frame, name: str, words: Sequence[str], invalid: Invalid) -> Native:
    """Codes of a column of words, nulls apart; a word that is none of them is -1 where invalid rows are kept."""
    found, spelled = _codes.spelled(source.series(name))
    places = {word: at for at, word in enumerate(words)}
    table = [places.get(word.strip().lower().replace(" ", "_").replace("-", "_"), -1) for word in spelled]
    # The last is that of nulls.
    codes = np.array([*table, 0], np.int64)[found]
    unknown = np.flatnonzero(codes < 0)
    if len(unknown) and invalid == "raise":
        rows = "row" if len(unknown) == 1 else "rows"
        raise InputError(
            f"column `{source.names[name]}`: unknown word in {len(unknown)} {rows}, first in row {unknown[0]} "
            f"(value {spelled[found[unknown[0]]]!r}). It knows {', '.join(words)}"
        )
    return codes, found < 0


def gathered(
    source: Frame, fields: Sequence[tuple[str, str, Sequence[str]]], constants: Mapping[str, Any], invalid: Invalid
) -> dict[str, Any]:
    """Columns as the native half takes them: numbers as they lie, words as codes, one number for all rows."""
    given: dict[str, Any] = {}
    for name, unit, words in fields:
        if name in source:
            given[name] = coded(source, name, words, invalid) if words else source.numbers(name)
        if constants.get(name) is None:
            continue
        if name in ("performance_year", "payment_year"):
            given[name] = one_year(source, constants[name], name)
        elif name in given:
            raise InputError(f"column `{source.names[name]}`: given twice. Drop {name}= or the column")
        elif _core.read_row(np.asarray(constants[name]).reshape(1), 0, unit) is None:
            raise InputError(f"{name}={constants[name]!r}: not a number. Give one, or a column")
        else:
            given[name] = constants[name]
    return given


def row_of(given: Mapping[str, Any], fields: Sequence[tuple[str, str, Sequence[str]]], row: int) -> list[int | None]:
    """One row's values as the core reads them."""
    values: list[int | None] = []
    for name, unit, _ in fields:
        column = given.get(name)
        if column is None:
            values.append(None)
        elif isinstance(column, int | float):
            values.append(_core.read_row(np.array([column]), 0, unit))
        else:
            values.append(_core.read_row(column, row, unit))
    return values


@dataclass(frozen=True)
class Decided:
    """What a call of a verb came to."""

    verb: str
    source: Frame
    book: _core.RuleBook
    given: dict[str, Any]
    out: dict[str, Any]
    outputs: dict[str, Output]
    reasons: Sequence[str]
    years: NDArray[np.int64]
    warnings: tuple[str, ...]
    explain: Callable[[int], Explanation]

    def table(self, title: str, sums: Sequence[str]) -> Table:
        """Rows and sums of dollars by year, with how many rows are null and so in no sum."""
        lines = []
        for year in np.unique(self.years):
            here = self.years == year
            cells = []
            for name in sums:
                cells.append(_sum(self.outputs[name][here]))  # type: ignore[index]
            lines.append((str(year) if year else "null", f"{here.sum():,}", *cells))
        headings = ("year", "rows", *(f"{name.replace('_', ' ')}, $" for name in sums))
        return Table(title, headings, lines, self.warnings)

    def result(self, summary: Callable[[], Table], plot: Callable[[], Figure]) -> Result:
        """The frame with the verb's columns, and all that goes with it."""
        frame = self.source.append(self.outputs)
        return Result(frame, self.warnings, self.book, len(self.source), self.explain, summary, plot)


def _sum(amounts: NDArray[np.float64]) -> str:
    """A sum of dollars, told apart from that of no rows."""
    nulls = int(np.isnan(amounts).sum())
    if nulls == len(amounts):
        return "null"
    return f"{np.nansum(amounts):,.2f}" + (f" ({nulls:,} null)" if nulls else "")


def decide(
    verb: str,
    frame: Any,
    title: str,
    *,
    constants: Mapping[str, Any],
    as_of: _rules.AsOf,
    proposed: bool,
    columns: Mapping[str, str] | None,
    rules: _rules.RulesLike,
    invalid: Invalid,
) -> Decided:
    """Call a verb of the native half on a frame."""
    if invalid not in ("raise", "null"):
        raise ValueError(f'invalid={invalid!r}: say "raise" or "null"')
    book = _rules.load(rules)
    fields, results, reasons = _core.row_verb(verb)
    source = Frame(frame, [name for name, _, _ in fields], columns)
    given = gathered(source, fields, constants, invalid)
    standpoint = (book, as_of, proposed)
    if not given or all(isinstance(column, int | float) for column in given.values()):
        raise InputError(f"the frame has none of the columns that {verb} reads: {', '.join(f[0] for f in fields)}")
    out = _core.run_rows(verb, given, *standpoint, invalid == "raise", source.names)
    outputs: dict[str, Output] = {}
    for name, unit, words in results:
        outputs[name] = _output(out[name], unit, words)
    outputs["reason"] = Words(out["reason"], reasons)
    year = given[fields[0][0]]
    years = np.full(len(source), year) if isinstance(year, int) else _core.whole_numbers(year, 0)
    nothing = [name for name, unit, _ in results if unit != "words"]

    def explain(row: int) -> Explanation:
        heading = f"{title} of row {row}"
        reason = reasons[out["reason"][row]]
        undecided = all(out[name][row] == _core.NULL_CENTS for name in nothing) and _all_null(out, results, row)
        if undecided:
            return Explanation(heading, (Step(verb, "nothing can be decided", "null: " + reason),))
        steps = steps_from(_core.explain_row(verb, row_of(given, fields, row), *standpoint))
        if reason:
            steps += (Step("reason", "what a reader should know", reason),)
        return Explanation(heading, steps)

    warnings = tuple(out["warnings"])
    return Decided(verb, source, book, given, out, outputs, reasons, years, warnings, explain)


def _all_null(out: Mapping[str, Any], results: Sequence[tuple[str, str, Sequence[str]]], row: int) -> bool:
    return all(out[name][row] == _core.NULL_STATUS for name, unit, _ in results if unit == "words")


def _output(values: Any, unit: str, words: Sequence[str]) -> Output:
    if unit == "words":
        return Words(values, words)
    if unit == "cents":
        return _core.dollars(values, _core.NULL_CENTS)
    if unit == "whole":
        return Integers(values, _core.NULL_CENTS)
    return _core.decimals(values, unit)
