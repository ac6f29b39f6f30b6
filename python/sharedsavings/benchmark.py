"""Benchmarks: 42 CFR 425.601 to 425.603 and 425.652 to 425.662; those of other programs are in `target_price.py`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, overload

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from . import _cells, _core, _plot, target_price
from . import rules as _rules
from ._cells import CELL_COLUMNS, CELL_KEYS, ENTITY_COLUMNS, ENTITY_KEYS
from ._errors import InputError
from ._frames import Frame, Integers, Output, Truths, Words
from ._programs import refuse_others
from ._result import Explanation, Result, Step, as_html, as_text, steps_from
from ._table import Table
from .target_price import TargetPrices

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_CELL_OUTPUTS = ("trend_by1", "trend_by2", "unadjusted", "regional_difference", "regional_adjustment", "adjustment",
                 "historical", "risk_ratio", "two_way_factor", "update_factor", "flat_update", "updated")  # fmt: skip
_ENTITY_OUTPUTS = ("historical_benchmark", "regional_adjustment_total", "prior_savings_adjustment",
                   "population_adjustment", "adjustment_total", "updated_benchmark", "person_years",
                   "two_way_benchmark")  # fmt: skip
_NO_RESULT = ("", "no_update", "no_base_year_for_type")
_UNKNOWN = 255
# Entities of one regulation without a result that are looked at for a column that is absent.
_LOOKED_AT = 64


@overload
def benchmark(
    cells: Any,
    entities: Any = None,
    *,
    performance_year: int | None = None,
    program: Literal["mssp"] = "mssp",
    as_of: _rules.AsOf = None,
    proposed: bool = False,
    columns: Mapping[str, str] | None = None,
    rules: _rules.RulesLike = None,
    threads: int | None = None,
    invalid: Literal["raise", "null"] = "raise",
) -> Benchmarks: ...
@overload
def benchmark(
    cells: Any,
    entities: None = None,
    *,
    performance_year: int | None = None,
    program: str,
    as_of: _rules.AsOf = None,
    proposed: bool = False,
    columns: Mapping[str, str] | None = None,
    rules: _rules.RulesLike = None,
    threads: int | None = None,
    invalid: Literal["raise", "null"] = "raise",
) -> TargetPrices: ...
def benchmark(
    cells: Any,
    entities: Any = None,
    *,
    performance_year: int | None = None,
    program: str = "mssp",
    as_of: _rules.AsOf = None,
    proposed: bool = False,
    columns: Mapping[str, str] | None = None,
    rules: _rules.RulesLike = None,
    threads: int | None = None,
    invalid: Literal["raise", "null"] = "raise",
) -> Benchmarks | TargetPrices:
    """Compute the benchmark of each entity, from base years to the updated benchmark that `settle` takes.

    Programs other than the Shared Savings Program have target prices: one row is an entity, or a cell, price group or
    episode of it, and `docs/models.md` says which columns each program reads. Discounts that `settle` takes off are
    left to it, and those that it does not are in the price, so that none counts twice.

    In the Shared Savings Program, the regulation follows from the start of the agreement period and from whether it is
    the first. Ratios and dollars per capita are double precision and unrounded; the total is rounded once, to the cent.

    Parameters
    ----------
    cells : pandas.DataFrame, polars.DataFrame or pyarrow.Table
        One row for each entity and enrollment type, keyed by `entity_id` and `enrollment_type` (`esrd`, `disabled`,
        `aged_dual`, `aged_nondual`; CMS's short names accepted). A type without people needs no row. Read:
        `per_capita_by1`, `_by2`, `_by3`; `risk_score_by1`, `_by2`, `_by3`, `_py`; `person_years_by3`, `_py`; and
        what the regulation asks for of `national_by1` … `_py`, `regional_by1` … `_py`, `national_weight_by3`,
        `_py`, `demographic_score_by3`, `_py`, `newly_assigned_share_py`, `acpt` (a ratio to the third base year) or
        `acpt_growth`, `regional_risk_score_by3`, `_py`, `regional_demographic_score_by3`, `_py`. Values that are
        given are taken as they stand: `given_trend_by1`, `given_trend_by2`, `given_regional_adjustment`,
        `given_risk_ratio`, `given_update_factor`, `given_flat_update`.
    entities : pandas.DataFrame, polars.DataFrame or pyarrow.Table, optional
        One row for each entity: `entity_id`, `agreement_start` (date or year), `agreement_number`, and what the
        regulation asks for of `regional_adjustments_so_far`, `prior_savings_by1` … `_by3` with
        `prior_person_years_by1` … and `base_person_years_by1` … (or `prior_savings_per_capita`),
        `prior_sharing_rate_by1` … (or `prior_sharing_rate`), `dual_share`, `low_income_share`; for the guardrail
        `expenditures` and `guardrail_rate` (minimum loss rate, or minimum savings rate of a one-sided level); as ready
        values `given_prior_savings_adjustment`, `given_population_adjustment`. Where None, these columns are read from
        the cells and must be the same in all rows of an entity.
    performance_year : int, optional
        The year that the benchmark is updated to; of target prices it may be a column instead.
    program : str
        Program of the rule book. One with target prices (`ngaco`, `reach`, `cec`, `ocm`, `eom`, `bpci`,
        `bpci_advanced`, `cjr`, `team`) takes one frame, and no `entities`.
    as_of, proposed, rules, threads, invalid
        As for `qp_status`.
    columns : mapping of str to str, optional
        Names above to the frames' own.

    Returns
    -------
    Benchmarks or TargetPrices
        Of target prices: see `TargetPrices`. Otherwise its `cells` are the caller's with trends, adjustments,
        `historical`, `risk_ratio`, `update_factor` and `updated`; its `frame` has one row for each entity with
        `historical_benchmark`, `regional_adjustment`, `prior_savings_adjustment`, `population_adjustment`,
        `adjustment_applied` (its name), `adjustment`, `updated_benchmark` (dollars per capita), `person_years`,
        `benchmark` (total, dollars), `guardrail`, `performance_year` and `benchmark_reason` (why there is none), ready
        for `settle`.

    Raises
    ------
    InputError
        Where columns are missing, of the wrong type, or hold values that are invalid.
    NotModelledError
        Where the rule book has no regulation for the year from this standpoint.
    RuleBookError
        Where `rules` is malformed.

    Examples
    --------
    >>> import pandas as pd
    >>> import sharedsavings as ss
    >>> cells = pd.DataFrame({"entity_id": ["A1"], "enrollment_type": ["aged_nondual"],
    ...     "per_capita_by1": [9_000], "per_capita_by2": [9_500], "per_capita_by3": [10_000],
    ...     "risk_score_by1": [1.0], "risk_score_by2": [1.0], "risk_score_by3": [1.0], "risk_score_py": [1.05],
    ...     "person_years_by3": [8_000], "person_years_py": [8_000], "national_by1": [10_000], "national_by2": [10_500],
    ...     "national_by3": [11_000], "national_py": [11_550], "regional_by1": [9_800], "regional_by2": [10_300],
    ...     "regional_by3": [10_800], "regional_py": [11_340], "national_weight_by3": [0.25],
    ...     "national_weight_py": [0.25]})
    >>> entities = pd.DataFrame({"entity_id": ["A1"], "agreement_start": [2022], "agreement_number": [1]})
    >>> row = ss.benchmark(cells, entities, performance_year=2022).frame.iloc[0]
    >>> f'{row["historical_benchmark"]:.2f}', f'{row["updated_benchmark"]:.2f}', row["adjustment_applied"]
    ('10266.39', '11103.11', 'regional')
    """
    book = _rules.load(rules)
    own = _core.program_name(program, book, as_of, proposed)
    # The regulations that an agreement period may follow; a program without any has target prices or no benchmark.
    if not book.rules(own + ".benchmark.regulation.first"):
        # Says so where the rule book has none.
        _core.target_plan(own, [], [], book, as_of, proposed)
        if entities is not None:
            raise InputError(f"entities=: {own} has target prices, which need one frame. Put its columns into that")
        of_program = (cells, own, performance_year, as_of, proposed, columns, book, threads, invalid)
        return target_price.target_prices(*of_program)
    refuse_others(Frame(cells, ("program",), None), own, (book, as_of, proposed))
    case = Case(cells, entities, performance_year, program, as_of, proposed, columns, book, invalid)
    out, warnings, regulations = _core.benchmark(
        case.cells,
        case.entities,
        case.starts,
        case.slots,
        performance_year=case.year,
        program=program,
        as_of=as_of,
        proposed=proposed,
        rules=case.book,
        threads=threads,
        invalid=invalid,
        outputs=[*_CELL_OUTPUTS, *_ENTITY_OUTPUTS],
        names=case.names,
    )
    if invalid == "raise":
        case.refuse_absent_columns(out["reason"], out["regulation"])
    by_cell: dict[str, Output] = {name: out[name] for name in _CELL_OUTPUTS}
    by_entity: dict[str, Output] = {
        "regulation": Words(out["regulation"], regulations),
        "historical_benchmark": out["historical_benchmark"],
        "regional_adjustment": out["regional_adjustment_total"],
        "prior_savings_adjustment": out["prior_savings_adjustment"],
        "population_adjustment": out["population_adjustment"],
        "adjustment": out["adjustment_total"],
        "adjustment_applied": Words(out["adjustment_applied"], _core.BENCHMARK_ADJUSTMENTS),
        "updated_benchmark": out["updated_benchmark"],
        "person_years": out["person_years"],
        "benchmark": _core.dollars(out["benchmark"], _core.NULL_CENTS),
        "two_way_benchmark": out["two_way_benchmark"],
        "guardrail": Truths(out["guardrail"], _UNKNOWN),
        "performance_year": Integers(np.full(len(case.ids), case.year, np.int64), _core.NULL_CENTS),
        "benchmark_reason": Words(out["reason"], _core.BENCHMARK_REASONS),
    }
    return Benchmarks(
        cells=case.source.append(by_cell),
        frame=case.entity_source.append(by_entity),
        warnings=tuple(warnings),
        rulebook=case.book,
        _case=case,
        _reasons=out["reason"],
        _regulations=[regulations[c] if c != _UNKNOWN else "none" for c in out["regulation"]],
        _benchmark=out["benchmark"],
    )


class Case:
    """Frames of cells and entities as the native half takes them."""

    def __init__(
        self,
        cells: Any,
        entities: Any,
        performance_year: int | None,
        program: str,
        as_of: _rules.AsOf,
        proposed: bool,
        columns: Mapping[str, str] | None,
        rules: _rules.RulesLike,
        invalid: str,
    ) -> None:
        self.program, self.as_of, self.proposed = program, as_of, proposed
        self.book = _rules.load(rules)
        if isinstance(performance_year, bool) or not isinstance(performance_year, (int, np.integer)):
            raise InputError(f"performance_year={performance_year!r}: not a year. Give one, such as 2024")
        self.year = int(performance_year)
        strict = invalid == "raise"
        mapping = dict(columns or {})
        cell_names, entity_names = (*CELL_KEYS, *CELL_COLUMNS), (*ENTITY_KEYS, *ENTITY_COLUMNS)
        unknown = next((name for name in mapping if name not in (*cell_names, *entity_names)), None)
        if unknown:
            reads = ", ".join((*cell_names, *entity_names[1:]))
            raise InputError(f"columns=: `{unknown}` is not a column of this verb. It reads {reads}")
        if entities is None:
            self.source = Frame(cells, (*cell_names, *entity_names[1:]), mapping)
        else:
            of_cells = {c: own for c, own in mapping.items() if c in cell_names and _has(cells, c, own)}
            self.source = Frame(cells, cell_names, of_cells)
            self._refuse_entity_columns(entity_names[1:], mapping)
        cell_ids = _cells.entity_ids(self.source, "cells")
        if entities is None:
            self.entity_source = self._entities_of_cells(cell_ids, entity_names, mapping)
        else:
            of_entities = {c: own for c, own in mapping.items() if c in entity_names and _has(entities, c, own)}
            self.entity_source = Frame(entities, entity_names, of_entities)
        self.ids = _cells.entity_ids(self.entity_source, "entities")
        self.place = {i: at for at, i in enumerate(self.ids)}
        if len(self.place) < len(self.ids):
            counts = Counter(self.ids)
            rows = [at for at, i in enumerate(self.ids) if counts[i] > 1]
            raise InputError(
                f"column `{self.entity_source.names['entity_id']}`: {len(rows)} rows of entities share an entity with "
                f"another, first in row {rows[0]} (value {self.ids[rows[0]]!r}). Give one row for each"
            )
        for needed in ("agreement_start", "agreement_number"):
            if needed not in self.entity_source:
                raise InputError(
                    f"column `{needed}`: missing. The regulation follows from it; columns= maps other names"
                )
        entity = _cells.places(cell_ids, self.place, "cells")
        kind = _cells.types(self.source, "cells")
        self.slots = _cells.slots(entity, kind, len(self.ids), cell_ids)
        if strict:
            self._refuse_entities_without_cells()
        self.cells = _columns(self.source, CELL_COLUMNS, strict)
        self.entities = _columns(self.entity_source, ENTITY_COLUMNS, strict)
        self.starts = _cells.starts(self.entity_source)
        self.names = {**self.source.names, **self.entity_source.names}
        if entities is None:
            self._same_in_all_rows(entity)

    def _entities_of_cells(self, ids: list[Hashable], names: tuple[str, ...], mapping: Mapping[str, str]) -> Frame:
        """One row for each entity, with the columns of entities that stand in the cells."""
        seen: dict[Hashable, int] = {}
        for row, i in enumerate(ids):
            seen.setdefault(i, row)
        own = [self.source.names[name] for name in names if name in self.source]
        frame = nw.from_native(self.source.native, eager_only=True)[list(seen.values()), own]
        return Frame(nw.to_native(frame), names, {c: o for c, o in mapping.items() if c in names})

    def _refuse_entities_without_cells(self) -> None:
        rows = np.flatnonzero((self.slots.reshape(-1, len(_cells.TYPES)) < 0).all(axis=1))
        if len(rows):
            plural = "row" if len(rows) == 1 else "rows"
            raise InputError(
                f"column `{self.entity_source.names['entity_id']}`: without a row in the cells in {len(rows)} {plural} "
                f"of entities, first in row {rows[0]} (value {self.ids[int(rows[0])]!r}). Give one row for each entity "
                'and enrollment type. Or pass invalid="null" to keep such entities as null with a reason'
            )

    def invalid(self, at: int) -> str:
        """What is wrong with an entity's values, with the enrollment type if it is in one."""
        slots = self.slots[4 * at : 4 * at + 4]
        for kind, slot in enumerate(slots.tolist()):
            alone = np.full(4, -1, np.int64)
            alone[kind] = slot
            wrong = self._wrong(at, alone) if slot >= 0 else None
            if wrong and self._wrong(at, alone, cells={}) is None:
                return f"{_cells.TYPES[kind]}: {wrong}"
        return self._wrong(at, slots) or ""

    def _wrong(
        self, at: int, slots: NDArray[np.int64], cells: dict[str, NDArray[np.float64]] | None = None
    ) -> str | None:
        """The error of one entity's values, of the given rows of the cells."""
        entities = {name: values[at : at + 1] for name, values in self.entities.items()}
        rows = self.cells if cells is None else {"person_years_by3": np.ones(len(self.source))}
        standpoint = {**self._standpoint(), "names": self.names}
        try:
            _core.benchmark(rows, entities, self.starts[at : at + 1], slots, **standpoint)
        except InputError as error:
            return str(error).partition(". Or pass ")[0].replace(" in 1 row of entities, first in row 0", "")
        return None

    def _refuse_entity_columns(self, names: tuple[str, ...], mapping: Mapping[str, str]) -> None:
        """Columns of entities are read from entities= alone where that is given."""
        have = nw.from_native(self.source.native, eager_only=True).columns
        own = next((mapping.get(name, name) for name in names if mapping.get(name, name) in have), None)
        if own:
            raise InputError(
                f"column `{own}`: stands in cells, and is read from entities= where that is given. Move it there or "
                "drop it; without entities= it is read from the cells"
            )

    def _same_in_all_rows(self, entity: NDArray[np.int64]) -> None:
        for name in (*ENTITY_COLUMNS, "agreement_start"):
            if name not in self.source:
                continue
            here: NDArray[Any]
            there: NDArray[Any]
            if name == "agreement_start":
                here, there = _cells.starts(self.source), self.starts
            else:
                here, there = _cells.floats(self.source, name, strict=False), self.entities[name]
            differs = ~((here == there[entity]) | (np.isnan(here) & np.isnan(there[entity])))
            if differs.any():
                row = int(np.flatnonzero(differs)[0])
                raise InputError(
                    f"column `{self.source.names[name]}`: differs between the rows of an entity in {differs.sum()} "
                    f"rows, first in row {row} (entity {self.ids[entity[row]]!r}). Give one value for each entity"
                )

    def at(self, entity: Hashable) -> int:
        """Place of an entity."""
        if entity not in self.place:
            raise InputError(f"entity {entity!r}: there is none of this id. Ids are those of column `entity_id`")
        return self.place[entity]

    def told(self, at: int) -> tuple[list[dict[str, Any]], str | None, str | None]:
        """Steps of an entity; why it has no benchmark, and the column that is missing."""
        return _core.benchmark_explain(self.cells, self.entities, self.starts, self.slots, at, **self._standpoint())

    def levels(self, at: int) -> list[tuple[str, float]]:
        """Levels per capita on the way of an entity."""
        return _core.benchmark_levels(self.cells, self.entities, self.starts, self.slots, at, **self._standpoint())

    def _standpoint(self) -> dict[str, Any]:
        return {
            "performance_year": self.year,
            "program": self.program,
            "rules": self.book,
            "as_of": self.as_of,
            "proposed": self.proposed,
        }

    def refuse_absent_columns(self, reasons: NDArray[np.uint8], regulations: NDArray[np.uint8]) -> None:
        """Refuse a call in which an entity lacks a column, rather than a value."""
        words = np.asarray(_core.BENCHMARK_REASONS, dtype=object)[reasons]
        lacking = np.flatnonzero((words == "missing_input") | (words == "no_update"))
        # One after the other, as the first may lack a value only; a few show what all of one kind lack.
        looked_at: Counter[tuple[int, bool, str]] = Counter()
        for at in lacking.tolist():
            kind = (int(regulations[at]), bool(self.entities["agreement_number"][at] > 1), str(words[at]))
            looked_at[kind] += 1
            if looked_at[kind] > _LOOKED_AT or not self.knows_its_regulation(at):
                continue
            column = self.told(at)[2]
            # Without person years of the performance year only historical benchmarks are asked for.
            if column is None or column == "person_years_py" or column in self.cells or column in self.entities:
                continue
            frame = "cells" if column in CELL_COLUMNS else "entities"
            raise InputError(
                f"column `{column}`: absent from {frame}, and needed, first by entity {self.ids[at]!r}; "
                f"{len(lacking)} entities are without a result. Give the column, or ready values in its place "
                "(`given_` columns, `acpt`); columns= maps other names. Or pass "
                'invalid="null" to keep such entities as null with a reason'
            )

    def knows_its_regulation(self, at: int) -> bool:
        """Whether start and number of an entity's agreement period are known."""
        return bool(self.starts[at] != _core.NULL_CENTS and not np.isnan(self.entities["agreement_number"][at]))


def _has(frame: Any, canonical: str, own: str) -> bool:
    """Whether a mapped column belongs to a frame; `entity_id` may stand under one name in one of the two only."""
    return canonical != "entity_id" or own in nw.from_native(frame, eager_only=True).columns


def _columns(source: Frame, names: tuple[str, ...], strict: bool) -> dict[str, NDArray[np.float64]]:
    return {name: _cells.floats(source, name, strict=strict) for name in names if name in source}


@dataclass(frozen=True)
class Benchmarks:
    """Result of `benchmark`.

    Attributes
    ----------
    cells
        The caller's cells with the result's columns appended.
    frame
        One row for each entity, with the columns of `entities` and the result's.
    warnings : tuple of str
        One sentence for each rule used that is recalled, proposed or set by the user, for guardrails that are not
        decided, and for each column of given values: in how many rows they were taken, or not used and why.
    rulebook : RuleBook
        The rule book used; its `version` and `digest` identify it.
    """

    cells: Any
    frame: Any
    warnings: tuple[str, ...]
    rulebook: _core.RuleBook
    _case: Case = field(repr=False)
    _reasons: NDArray[np.uint8] = field(repr=False)
    _regulations: list[str] = field(repr=False)
    _benchmark: NDArray[np.int64] = field(repr=False)

    def explain(self, entity: Hashable) -> Explanation:
        """Explain the benchmark of one entity.

        Parameters
        ----------
        entity : hashable
            Its `entity_id`.

        Returns
        -------
        Explanation
            Ordered steps: name, formula, inputs, value, rule id, citation.

        Raises
        ------
        InputError
            Where there is no such entity.

        Examples
        --------
        >>> import sharedsavings as ss
        >>> cells, entities = ss.load_sample("benchmark_cells"), ss.load_sample("benchmark_entities")
        >>> ss.benchmark(cells, entities, performance_year=2024).explain("Cedar").steps[0].value
        '42 CFR 425.652'
        """
        at = self._case.at(entity)
        reason = _core.BENCHMARK_REASONS[self._reasons[at]]
        title = f"Benchmark of {entity} for performance year {self._case.year}"
        known = self._case.knows_its_regulation(at)
        if known and reason not in (*_NO_RESULT, "missing_input", "no_person_years"):
            why = self._case.invalid(at)
            return Explanation(title, (Step("benchmark", f"no benchmark is possible: {why}", "null: " + reason),))
        if not known:
            return Explanation(title, (Step("benchmark", "no benchmark is possible", "null: " + reason),))
        native, gap, _ = self._case.told(at)
        steps = steps_from(native)
        if gap:
            steps += (Step("reason", f"there is no updated benchmark: {gap}", reason),)
        return Explanation(title, steps)

    def summary(self) -> Table:
        """Count and add up the benchmarks by regulation.

        Returns
        -------
        Table
        """
        named = np.asarray(self._regulations, dtype=object)
        rows = []
        for name in dict.fromkeys(sorted(self._regulations)):
            here = named == name
            totals = self._benchmark[here]
            whole = totals[totals != _core.NULL_CENTS]
            dollars = _core.dollars(whole, _core.NULL_CENTS).sum()
            rows.append((name, f"{here.sum():,}", f"{len(whole):,}", f"{dollars:,.0f}"))
        headings = ("regulation", "entities", "with a benchmark", "total, $")
        return Table(f"Benchmarks for performance year {self._case.year}", headings, rows, self.warnings)

    def plot(self, entity: Hashable | None = None, *, settled: Result | None = None) -> Figure:
        """Draw the way of one entity from base years to the updated benchmark, and to what it earned.

        Needs matplotlib: ``pip install sharedsavings[plot]``.

        Parameters
        ----------
        entity : hashable, optional
            Its `entity_id`; the first one where None.
        settled : Result, optional
            A settlement of `frame`, row for row; adds expenditures and what was earned or owed.

        Returns
        -------
        matplotlib.figure.Figure
        """
        at = 0 if entity is None else self._case.at(entity)
        reason = _core.BENCHMARK_REASONS[self._reasons[at]]
        if reason not in _NO_RESULT:
            raise InputError(f"entity {self._case.ids[at]!r}: has no benchmark to draw ({reason}). See explain()")
        levels = self._case.levels(at)
        after = None
        if settled is not None:
            frame = nw.from_native(settled.frame, eager_only=True)
            if len(frame) != len(self._case.ids):
                raise InputError(
                    f"settled=: has {len(frame)} rows for {len(self._case.ids)} entities. "
                    "Settle the benchmarks' own frame"
                )
            own = self._case.entity_source.names["entity_id"]
            lacking = next((name for name in (own, "expenditures", "earned") if name not in frame.columns), None)
            if lacking:
                raise InputError(f"settled=: its frame has no column `{lacking}`. Give the result of settle")
            pairs = enumerate(zip(frame[own].to_list(), self._case.ids, strict=True))
            other = next(((row, found, ours) for row, (found, ours) in pairs if found != ours), None)
            if other:
                row, found, ours = other
                raise InputError(
                    f"settled=: column `{own}` has another order or other entities, first in row {row} (value "
                    f"{found!r}, where the benchmarks have {ours!r}). Settle the benchmarks' own frame"
                )
            years = nw.from_native(self.frame, eager_only=True)["person_years"]
            after = tuple(float(frame[name][at] or 0) / float(years[at]) for name in ("expenditures", "earned"))
        return _plot.waterfall(f"{self._case.ids[at]}, performance year {self._case.year}", levels, after)

    def __repr__(self) -> str:
        return as_text(f"Benchmarks of {len(self._case.ids)} entities", self.summary(), self.warnings, self.rulebook)

    def _repr_html_(self) -> str:
        return as_html(self.summary(), self.warnings, self.rulebook)
