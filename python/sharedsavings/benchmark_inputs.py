"""From beneficiary-months to cells of a benchmark, through DuckDB: 42 CFR 425.601(a), 425.652(a)(1) to (5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from . import _cells
from ._errors import InputError, SharedSavingsError
from ._frames import Frame
from .samples import to_frame

_PERIODS = ("by1", "by2", "by3", "py")
_COLUMNS = ("entity_id", "beneficiary_id", "year", "month", "enrollment_type", "expenditures", "risk_score",
            "demographic_score")  # fmt: skip
_OPTIONAL = ("risk_score", "demographic_score")
_NUMBERS = ("year", "month", "expenditures", *_OPTIONAL)

_SQL = """
with people as (
    -- A person may stand in several types in a year: each is annualised by itself.
    select entity_id, kind, year, beneficiary_id, count(*) / 12 as person_years, fsum(expenditures) as dollars, {people}
    from months group by entity_id, kind, year, beneficiary_id
), annual as (
    select *, least(greatest(dollars / person_years, -threshold), threshold) * factor as completed
    from people join terms using (year, kind)
)
select entity_id, kind, period, fsum(completed * person_years) / fsum(person_years) as per_capita,
    fsum(person_years) as person_years, {cells}
from annual group by entity_id, kind, period order by entity_id, kind, period
"""


def benchmark_inputs(
    months: Any,
    *,
    years: Mapping[str, int],
    truncation: Mapping[tuple[int, str], float] | None,
    completion: Mapping[int, float] | float,
    columns: Mapping[str, str] | None = None,
) -> Any:
    """Make the cells of `benchmark` from one row for each month of each beneficiary.

    For each beneficiary, type and year, expenditures are annualised (times 12 over months), truncated at the national
    threshold, times the completion factor, then weighted by person years.

    Parameters
    ----------
    months : pandas.DataFrame, polars.DataFrame or pyarrow.Table
        One row for each eligible month: `entity_id`, `beneficiary_id`, `year`, `month`, `enrollment_type`,
        `expenditures` (dollars of the month); optional `risk_score` and `demographic_score`, which are averaged as
        they are. They must have been renormalised to a national mean of 1 for each year and type before.
    years : mapping of str to int
        Calendar year of `by1`, `by2`, `by3` and `py`; any of them may be left out. Other years are ignored.
    truncation : mapping of (int, str) to float, or None
        Threshold of each year and enrollment type that has months, dollars a year, before completion; None for no
        truncation.
    completion : mapping of int to float, or float
        Completion factor of each year, or of all.
    columns : mapping of str to str, optional
        Names above to the frame's own.

    Returns
    -------
    pandas.DataFrame, polars.DataFrame or pyarrow.Table
        One row for each entity and type: `per_capita_by1` …, `person_years_by1` …, and `risk_score_by1` …,
        `demographic_score_by1` … where they were given.

    Raises
    ------
    InputError
        Where columns, thresholds or factors are missing, there are no months, values cannot be, or a month of a
        beneficiary stands twice.
    SharedSavingsError
        Where DuckDB is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> import sharedsavings as ss
    >>> half_a_year = pd.DataFrame({"entity_id": "A1", "beneficiary_id": 1, "year": 2021, "month": range(1, 7),
    ...     "enrollment_type": "aged_dual", "expenditures": [10_000, 0, 0, 0, 0, 0]})
    >>> cells = ss.benchmark_inputs(half_a_year, years={"by3": 2021}, truncation={(2021, "aged_dual"): 208_929.14},
    ...     completion=1.013)
    >>> round(float(cells["per_capita_by3"][0]), 2), float(cells["person_years_by3"][0])
    (20260.0, 0.5)
    """
    try:
        import duckdb
    except ImportError:
        raise SharedSavingsError("benchmark_inputs needs DuckDB. Run: pip install 'sharedsavings[claims]'") from None
    source = Frame(months, _COLUMNS, columns)
    for name in _COLUMNS:
        if name not in source and name not in _OPTIONAL:
            raise InputError(f"column `{name}`: missing. One row a month has {', '.join(_COLUMNS[:-2])}")
    unknown = [period for period in years if period not in _PERIODS]
    if unknown or len(set(years.values())) < len(years):
        raise InputError(f"years={dict(years)}: give a year of its own to each of {', '.join(_PERIODS)}")
    kinds = _cells.types(source, "the months")
    year = _checked(source)
    pairs = set(zip(year.astype(np.int64).tolist(), kinds.tolist(), strict=True))
    if not any(of in years.values() for of, _ in pairs):
        raise InputError(
            f"column `{source.names['year']}`: no row of the months is of {', '.join(map(str, sorted(years.values())))}"
            f", the years of years=. There are {len(source)} rows"
        )
    terms = _terms(years, truncation, completion, pairs)
    frame = nw.from_native(source.native, eager_only=True)
    picked = frame.select([nw.col(own).alias(name) for name, own in source.names.items() if name != "enrollment_type"])
    codes = nw.new_series("kind", kinds, nw.Int64, backend=nw.get_native_namespace(frame))
    scores = [name for name in _OPTIONAL if name in source]
    people = ", ".join(f"fsum({s}) as {s}, count({s}) as {s}_months" for s in scores) or "0 as nothing"
    cells = ", ".join(f"fsum({s}) / sum({s}_months) as {s}" for s in scores) or "0 as nothing"
    with duckdb.connect() as connection:
        rows = nw.new_series("row", np.arange(len(source)), nw.Int64, backend=nw.get_native_namespace(frame))
        connection.register("given", nw.to_native(picked.with_columns(codes, rows)))
        connection.execute("create table terms (year int, period varchar, kind int, threshold double, factor double)")
        connection.executemany("insert into terms values (?, ?, ?, ?, ?)", terms)
        connection.execute("create view months as select * from given where year in (select year from terms)")
        _refuse_repeated_months(connection, source)
        found = connection.execute(_SQL.format(people=people, cells=cells)).fetchall()
    return to_frame(_wide(found, list(years), scores), nw.get_native_namespace(frame).__name__)


def _terms(
    years: Mapping[str, int],
    truncation: Mapping[tuple[int, str], float] | None,
    completion: Mapping[int, float] | float,
    pairs: set[tuple[int, int]],
) -> list[tuple[int, str, int, float, float]]:
    """Year, period, type, threshold and completion factor."""
    rows = []
    for period, year in years.items():
        factor = completion.get(year) if isinstance(completion, Mapping) else completion
        if factor is None or not factor > 0:
            raise InputError(f"completion=: no factor for {year}. Give one for each of {sorted(years.values())}")
        for kind in sorted(kind for of, kind in pairs if of == year):
            threshold = float("inf") if truncation is None else truncation.get((year, _cells.TYPES[kind]))
            if threshold is None or not threshold > 0:
                raise InputError(
                    f"truncation=: no threshold for ({year}, {_cells.TYPES[kind]!r}). CMS publishes one for each year "
                    "and type; None truncates nothing"
                )
            rows.append((year, period, kind, float(threshold), float(factor)))
    return rows


def _checked(source: Frame) -> NDArray[np.float64]:
    """Years, once every column holds what it may."""
    for name in ("entity_id", "beneficiary_id"):
        _refuse(source, name, source.series(name).is_null().to_numpy(), None, "null", "Give every row its ids")
    read = {name: _cells.floats(source, name, strict=False) for name in _COLUMNS if name in _NUMBERS and name in source}
    remedy = {"expenditures": "A month without expenditures has 0"}
    for name, values in read.items():
        if name not in _OPTIONAL:
            _refuse(source, name, np.isnan(values), None, "null", remedy.get(name, "Give every row a value"))
        _refuse(source, name, np.isinf(values), values, "infinite", "Give a number")
    for name in _OPTIONAL:
        if name in read:
            positive = "Scores are above zero; use null where there is none"
            _refuse(source, name, read[name] <= 0, read[name], "zero or negative", positive)
    month, year = read["month"], read["year"]
    no_month = ~np.isin(month, np.arange(1, 13))
    _refuse(source, "month", no_month, month, "not a month", "Months are the whole numbers 1 to 12")
    _refuse(source, "year", year != np.floor(year), year, "not a whole number", "Give calendar years")
    return year


def _refuse(
    source: Frame, name: str, bad: NDArray[np.bool_], values: NDArray[np.float64] | None, problem: str, remedy: str
) -> None:
    rows = np.flatnonzero(bad)
    if len(rows):
        value = "" if values is None else f" (value {values[rows[0]]:g})"
        raise InputError(
            f"column `{source.names[name]}`: {problem} in {len(rows)} rows of the months, first in row {rows[0]}"
            f"{value}. {remedy}"
        )


def _refuse_repeated_months(connection: Any, source: Frame) -> None:
    twice = connection.execute(
        "select beneficiary_id, year, month, rows, row, count(*) over () from (select *, count(*) over (partition by "
        "entity_id, beneficiary_id, year, month) as rows from months) where rows > 1 order by row limit 1"
    ).fetchone()
    if twice:
        who, year, month, count, row, rows = twice
        raise InputError(
            f"column `{source.names['month']}`: repeated in {rows} rows of the months, first in row {row}: beneficiary "
            f"{who!r} has {count} rows for month {month} of {year}. A month belongs to one enrollment type: add them "
            "up first"
        )


def _wide(found: list[tuple[Any, ...]], periods: list[str], scores: list[str]) -> dict[str, list[Any]]:
    """One row for each entity and type, a column for each figure and period."""
    rows: dict[tuple[Any, int], dict[str, Any]] = {}
    for entity, kind, period, *figures in found:
        row = rows.setdefault((entity, kind), {})
        for name, value in zip(("per_capita", "person_years", *scores), figures, strict=False):
            row[f"{name}_{period}"] = value
    names = [f"{name}_{period}" for name in ("per_capita", "person_years", *scores) for period in periods]
    out: dict[str, list[Any]] = {
        "entity_id": [entity for entity, _ in rows],
        "enrollment_type": [_cells.TYPES[kind] for _, kind in rows],
    }
    for name in names:
        absent = 0.0 if name.startswith("person_years") else None
        out[name] = [row.get(name, absent) for row in rows.values()]
    return out
