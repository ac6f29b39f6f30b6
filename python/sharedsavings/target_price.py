"""Target prices of programs other than the Shared Savings Program. `benchmark` hands their rows on to here."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from . import _cells, _core
from . import rules as _rules
from ._errors import InputError
from ._frames import Frame, Integers, Native, Output, Words, coded, distinct, one_year
from ._programs import refuse_others
from ._result import Explanation, Result, Step, as_html, as_text, from_start, steps_from
from ._table import Table

COLUMNS = tuple(_core.TARGET_PRICE_COLUMNS)
_KINDS = tuple(_core.TARGET_PRICE_KINDS)
_CATEGORY, _YEAR = "episode_category", "performance_year"
# What an entity has once, however many rows it has.
_MEASURES = tuple(_core.TARGET_PRICE_MEASURES)
_OF_ENTITY = ("quality_score", "regional_efficiency", "national_efficiency", *_MEASURES)
# What is summed, or made here, for `settle`.
_MADE = ("benchmark", "expenditures", "discount")
_OF_SETTLE = tuple(name for name in _core.SETTLE_COLUMNS if name not in _MADE)
_NAMES = tuple(dict.fromkeys((*COLUMNS, *_OF_SETTLE, "expenditures", "discount", "entity_id", "program")))
# What a settlement may be told and a target price cannot, and why.
_NOT_HERE = {
    "benchmark_final": "true, but the benchmark made here is before what `settle` takes off",
    "discount": "given, but a target price has the discount of its program",
}


@dataclass(frozen=True)
class TargetPrices:
    """Result of `benchmark` for a program with target prices.

    Attributes
    ----------
    cells
        The caller's frame with `target_price` (dollars of one person month or episode), `benchmark` (dollars of all of
        the row's), `discount` where `settle` asks the entity for one, `quality_score` where it follows from measures,
        and `benchmark_reason` (why there is none).
    frame
        One row for each entity and year, with what `settle` reads: sums of `benchmark` and of `expenditures`, and the
        columns that an entity has once. The cells themselves where there is no column `entity_id`.
    warnings : tuple of str
        One sentence for each rule used that is recalled, proposed or set by the user.
    rulebook : RuleBook
        The rule book used; its `version` and `digest` identify it.
    """

    cells: Any
    frame: Any
    warnings: tuple[str, ...]
    rulebook: _core.RuleBook
    _rows: int = field(repr=False)
    _explain: Callable[[int], Explanation] = field(repr=False)
    _summary: Callable[[], Table] = field(repr=False)
    _settle: Callable[..., Result] = field(repr=False)

    def explain(self, row: int) -> Explanation:
        """Explain the target price and benchmark of one row of `cells`.

        Parameters
        ----------
        row : int
            Position of the row, from 0; negative counts from the end.

        Returns
        -------
        Explanation
            Ordered steps: name, formula, inputs, value, rule id, citation.

        Raises
        ------
        InputError
            Where there is no such row.

        Examples
        --------
        >>> import pandas as pd
        >>> import sharedsavings as ss
        >>> hospital = pd.DataFrame({"hospital_price": [24_000], "regional_price": [27_000], "baseline_episodes": [60],
        ...                          "episodes": [100], "performance_year": [2017]})
        >>> ss.benchmark(hospital, program="cjr").explain(0).steps[1].value
        '$25,000.00'
        """
        return self._explain(from_start(row, self._rows))

    def summary(self) -> Table:
        """Count and add up the benchmarks by year.

        Returns
        -------
        Table
        """
        return self._summary()

    def settle(self, **options: Any) -> Result:
        """Settle `frame`; the program, the rules and the standpoint are those of the target prices.

        Parameters
        ----------
        **options
            `threads` and `invalid` as for `sharedsavings.settle`.

        Returns
        -------
        Result
        """
        return self._settle(**options)

    def __repr__(self) -> str:
        return as_text(f"TargetPrices of {self._rows} rows", self.summary(), self.warnings, self.rulebook)

    def _repr_html_(self) -> str:
        return as_html(self.summary(), self.warnings, self.rulebook)


def target_prices(
    frame: Any,
    program: str,
    performance_year: int | None,
    as_of: _rules.AsOf,
    proposed: bool,
    columns: Mapping[str, str] | None,
    book: _rules.RuleBook,
    threads: int | None,
    invalid: Literal["raise", "null"],
) -> TargetPrices:
    """Price every row, and add rows up by entity; see `docs/models.md` for the columns."""
    standpoint = (book, as_of, proposed)
    source = Frame(frame, _NAMES, columns)
    refuse_others(source, program, standpoint)
    _refuse_terms(source)
    given: dict[str, Any] = {
        name: source.numbers(name, kind)
        for name, kind in zip(COLUMNS, _KINDS, strict=True)
        if name in source and name != _CATEGORY
    }
    if performance_year is not None:
        given[_YEAR] = one_year(source, performance_year)
    if _YEAR not in given:
        raise InputError("column `performance_year`: missing. Give it, or one year for all rows with performance_year=")
    years = _years(given[_YEAR], len(source))
    category, gives_discount, warnings = _plan(source, program, years, standpoint, invalid)
    if category is not None:
        given[_CATEGORY] = category
    out = _core.target_prices(program, given, *standpoint, threads, invalid == "raise", source.names)
    dollars = _core.dollars(out["benchmark"], _core.NULL_CENTS)
    outputs: dict[str, Output] = {
        "target_price": _core.dollars(out["target_price"], _core.NULL_CENTS),
        "benchmark": dollars,
    }
    if gives_discount:
        outputs["discount"] = out["discount"]
    if any(name in source for name in _MEASURES):
        outputs["quality_score"] = out["quality_score"]
    if performance_year is not None:
        outputs[_YEAR] = Integers(years, _core.NULL_CENTS)
    outputs["benchmark_reason"] = Words(out["reason"], _core.TARGET_PRICE_REASONS)
    cells = source.append(outputs)
    grouped = cells if "entity_id" not in source else _by_entity(source, years, out, outputs)

    def explain(row: int) -> Explanation:
        title = f"Benchmark of row {row}"
        reason = _core.TARGET_PRICE_REASONS[out["reason"][row]]
        if reason:
            return Explanation(title, (Step("benchmark", "no benchmark is possible", "null: " + reason),))
        values = [_value(given.get(name), row, kind) for name, kind in zip(COLUMNS, _KINDS, strict=True)]
        present = [name in given for name in COLUMNS]
        return Explanation(title, steps_from(_core.target_explain(program, values, present, *standpoint)))

    def summary() -> Table:
        rows = []
        for year in np.unique(years):
            of_year = dollars[years == year]
            told = of_year[~np.isnan(of_year)]
            rows.append((str(year), f"{len(of_year):,}", f"{len(told):,}", f"{told.sum():,.0f}"))
        return Table(f"Benchmarks of {program}", ("year", "rows", "with a benchmark", "total, $"), rows, warnings)

    def settle(**options: Any) -> Result:
        from .settle import settle as settle_frame

        own = nw.from_native(grouped, eager_only=True).columns
        renamed = {name: own_name for name, own_name in source.names.items() if name in _OF_SETTLE and own_name in own}
        if grouped is cells and "expenditures" in source:
            renamed["expenditures"] = source.names["expenditures"]
        settled: dict[str, Any] = {"program": program, "rules": book, "as_of": as_of, "proposed": proposed}
        return settle_frame(grouped, columns=renamed, **settled, **options)

    return TargetPrices(cells, grouped, warnings, book, len(source), explain, summary, settle)


def _refuse_terms(source: Frame) -> None:
    """Refuse what would be dropped on the way to `settle`, or take a discount away there."""
    for name, why in _NOT_HERE.items():
        if name not in source:
            continue
        series = source.series(name)
        values = _core.whole_numbers(source.numbers(name), 0) if name == "benchmark_final" else None
        said = ~series.is_null().to_numpy() if values is None else values != 0
        if said.any():
            count, row = int(said.sum()), int(np.flatnonzero(said)[0])
            rows = "row" if count == 1 else "rows"
            raise InputError(
                f"column `{source.names[name]}`: {why}; so in {count} {rows}, first in row {row} "
                f"(value {series[row]!s}). Drop the column"
            )


def _years(given: Native | int, rows: int) -> NDArray[np.int64]:
    """Performance year of every row; 0 where it is null."""
    return np.full(rows, given, np.int64) if isinstance(given, int) else _core.whole_numbers(given, 0)


def _value(column: Native | int | None, row: int, kind: str) -> int | None:
    return column if column is None or isinstance(column, int) else _core.read_row(column, row, kind)


def _plan(
    source: Frame, program: str, years: NDArray[np.int64], standpoint: Any, invalid: str
) -> tuple[Native | None, bool, tuple[str, ...]]:
    """Codes of episode categories, whether entities have a discount of their own, and warnings."""
    words = distinct(source, _CATEGORY)
    told = [int(year) for year in np.unique(years)]
    codes, names, gives_discount, warnings = _core.target_plan(program, words, told, *standpoint)
    if not names or _CATEGORY not in source:
        return None, gives_discount, tuple(warnings)
    known = f"{program} has {', '.join(names)}"
    of_name = dict(zip(words, codes, strict=True))
    return coded(source, _CATEGORY, of_name, known, invalid == "raise"), gives_discount, tuple(warnings)


def _by_entity(
    source: Frame, years: NDArray[np.int64], out: Mapping[str, NDArray[Any]], outputs: Mapping[str, Output]
) -> Any:
    """One row for each entity and year, in the order of their first rows."""
    keys = list(zip(_cells.entity_ids(source, "cells"), years.tolist(), strict=True))
    place: dict[tuple[Hashable, int], int] = {}
    first: list[int] = []
    for row, key in enumerate(keys):
        if key not in place:
            place[key] = len(first)
            first.append(row)
    at = np.array([place[key] for key in keys], np.int64)
    kept = [name for name in ("entity_id", "program", *_OF_SETTLE, *_OF_ENTITY) if name in source]
    _same_in_all_rows(source, kept, at, first)
    size = len(first)
    total = _core.entity_totals(at, size, out["benchmark"], "cents", "benchmark")
    sums: dict[str, Output] = {"benchmark": _core.dollars(total, _core.NULL_CENTS)}
    if "expenditures" in source:
        named = source.names["expenditures"]
        spent = _core.entity_totals(at, size, source.numbers("expenditures", "dollars"), "dollars", named)
        sums["expenditures"] = _core.dollars(spent, _core.NULL_CENTS)
    for name in ("discount", "quality_score"):
        if name in outputs:
            sums[name] = out[name][first]
    if _YEAR in outputs:
        sums[_YEAR] = Integers(years[first], _core.NULL_CENTS)
    reason = np.zeros(size, np.uint8)
    for row in np.flatnonzero(out["reason"])[::-1]:
        reason[at[row]] = out["reason"][row]
    sums["benchmark_reason"] = Words(reason, _core.TARGET_PRICE_REASONS)
    own = list(dict.fromkeys(source.names[name] for name in kept))
    rows = nw.to_native(nw.from_native(source.native, eager_only=True)[first, own])
    return Frame(rows, (), None).append(sums)


def _same_in_all_rows(source: Frame, names: list[str], at: NDArray[np.int64], first: list[int]) -> None:
    """Refuse a column that an entity has once and whose rows differ."""
    head = np.array(first, np.intp)[at]
    for name in names:
        values = source.series(name).to_numpy()
        nulls = source.series(name).is_null().to_numpy()
        same = np.where(nulls | nulls[head], nulls & nulls[head], values == values[head])
        if not same.all():
            row = int(np.flatnonzero(~same)[0])
            raise InputError(
                f"column `{source.names[name]}`: differs between the rows of an entity, first in row {row} (value "
                f"{values[row]!s}, where row {head[row]} has {values[head[row]]!s}). Give one value for each entity "
                "and year"
            )
