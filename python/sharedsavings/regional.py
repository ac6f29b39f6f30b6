"""Regional figures from CMS's county figures: 42 CFR 425.601(c) and (d), 425.654."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from . import _cells, _core
from ._errors import InputError
from ._frames import Frame
from .samples import to_frame

# CMS's names of the enrollment types in the headings of "County-level FFS Data for Shared Savings Program Benchmark".
_HEADINGS = ("esrd", "disabled", "aged/dual", "aged/non-dual")
# What stands for a suppressed value.
_SUPPRESSED = ("", ".", "*", "-")
_ASSIGNMENT = ("entity_id", "enrollment_type", "state_id", "county_id", "person_years")


def regional(
    county_frame: Any,
    assignment_frame: Any,
    *,
    year: int | None = None,
    suppressed: Literal["null", "omit"] = "null",
    columns: Mapping[str, str] | None = None,
) -> Any:
    """Compute regional expenditures and market shares from county figures and where assigned beneficiaries live.

    County expenditures are put at risk 1 by the county's own risk score, then weighted by the assigned person years of
    the type. The market share, which is the weight of the national component, is the assigned part of each county's
    assignable person years, weighted in the same way.

    Parameters
    ----------
    county_frame : pandas.DataFrame, polars.DataFrame or pyarrow.Table
        CMS's layout: `Year`, `State ID`, `County ID`, and for each type per capita expenditures, average HCC risk score
        and person years. Suppressed values may be null, `.`, `*`, `-` or empty.
    assignment_frame : pandas.DataFrame, polars.DataFrame or pyarrow.Table
        Rows of an entity, enrollment type and county: `entity_id`, `enrollment_type`, `state_id`, `county_id`,
        `person_years` (assigned). Rows that repeat all of them are added up.
    year : int, optional
        Year of the county figures; needed where they have several.
    suppressed : {"null", "omit"}
        What follows from assigned beneficiaries in a county whose figures are suppressed: no figures, or figures of the
        other counties alone.
    columns : mapping of str to str, optional
        Names of the assignment's columns above to its own.

    Returns
    -------
    pandas.DataFrame, polars.DataFrame or pyarrow.Table
        One row for each entity and type, of the kind of the assignment: `regional` (dollars per capita at risk 1),
        `national_weight`, `regional_risk_score`, `person_years`, `suppressed_share` (part of the person years in
        counties without figures) and `reason` (`suppressed_county`).

    Raises
    ------
    InputError
        Where columns are missing, a county is unknown or stands twice, or more people are assigned than assignable.

    Examples
    --------
    >>> import pandas as pd
    >>> import sharedsavings as ss
    >>> counties = pd.DataFrame({"Year": [2018, 2018], "State ID": [1, 1], "County ID": [0, 10],
    ...     "Per capita ESRD expenditures": [66_000, "."], "Average ESRD HCC risk score": [1.1, "."],
    ...     "ESRD person-years": [50, "."]})
    >>> assigned = pd.DataFrame({"entity_id": ["A1"], "enrollment_type": ["esrd"], "state_id": [1], "county_id": [0],
    ...     "person_years": [10]})
    >>> row = ss.regional(counties, assigned).iloc[0]
    >>> round(row["regional"]), float(row["national_weight"])
    (60000, 0.2)
    """
    if suppressed not in ("null", "omit"):
        raise InputError(f'suppressed={suppressed!r}: say "null" or "omit"')
    source = Frame(assignment_frame, _ASSIGNMENT, columns)
    for name in _ASSIGNMENT:
        if name not in source:
            raise InputError(f"column `{name}`: missing in the assignment. It reads {', '.join(_ASSIGNMENT)}")
    ids = _cells.entity_ids(source, "the assignment")
    kind = _cells.types(source, "the assignment")
    people = _cells.floats(source, "person_years", strict=True)
    wrong = np.flatnonzero(~(people >= 0))
    if len(wrong):
        raise InputError(
            f"column `{source.names['person_years']}`: null or negative in {len(wrong)} rows, first in row {wrong[0]} "
            "(value " + repr(float(people[wrong[0]])) + "). Give assigned person years, or leave the row out"
        )
    figures, place = _counties(county_frame, year, set(kind.tolist()))
    county = _places(source, place)
    groups: dict[tuple[Any, int], int] = {}
    group = np.fromiter(
        (groups.setdefault(key, len(groups)) for key in zip(ids, kind.tolist(), strict=True)), np.int64, len(ids)
    )
    at = kind * len(place) + county
    _refuse_too_many(figures["person_years"][at], group * len(figures["person_years"]) + at, people, source, ids)
    found = _core.regional(
        len(groups),
        group,
        at,
        people,
        figures["per_capita"],
        figures["risk_score"],
        figures["person_years"],
        suppressed == "omit",
    )
    names = ("regional", "national_weight", "regional_risk_score", "person_years", "suppressed_share")
    out: dict[str, list[Any]] = {
        "entity_id": [key[0] for key in groups],
        "enrollment_type": [_cells.TYPES[key[1]] for key in groups],
    }
    for name, values in zip(names, found, strict=True):
        out[name] = [None if math.isnan(value) else value for value in values.tolist()]
    out["reason"] = [
        "suppressed_county" if value is None and people else None
        for value, people in zip(out["regional"], out["person_years"], strict=True)
    ]
    found_frame = nw.from_native(
        to_frame(out, nw.get_native_namespace(source.series("entity_id")).__name__), eager_only=True
    )
    # A column of nulls alone has no type of its own.
    return nw.to_native(found_frame.with_columns(nw.col(*names).cast(nw.Float64)))


def _refuse_zero_scores(
    scores: NDArray[np.float64], people: NDArray[np.float64], name: str, here: NDArray[np.bool_]
) -> None:
    """A score that was not suppressed divides."""
    bad = np.flatnonzero((scores <= 0) & ~(people == 0))
    if len(bad):
        row = np.flatnonzero(here)[bad[0]]
        raise InputError(
            f"column `{name}`: zero or negative in {len(bad)} rows of the county figures, first in row {row} (value "
            f"{scores[bad[0]]:g}). Risk scores are above zero; a suppressed one is null, '.', '*' or '-'"
        )


def _counties(
    frame: Any, year: int | None, kinds: set[int]
) -> tuple[dict[str, NDArray[np.float64]], dict[tuple[int, int], int]]:
    """Figures of all counties, type after type, and the place of each county; the types of `kinds` must be there."""
    data = nw.from_native(frame, eager_only=True)
    plain = {re.sub(r"\s+", " ", str(name)).strip().lower(): name for name in data.columns}

    def column(heading: str) -> nw.Series[Any]:
        if heading not in plain:
            raise InputError(
                f"column `{heading}`: missing in the county figures. They are read in the layout of CMS's County-level "
                "FFS Data for Shared Savings Program Benchmark"
            )
        series: nw.Series[Any] = data[plain[heading]]
        return series

    state, county = (_whole(column(name), name) for name in ("state id", "county id"))
    here = np.ones(len(data), np.bool_)
    if "year" in plain:
        years = _whole(column("year"), "year")
        several = sorted(set(years.tolist()))
        if year is None and len(several) > 1:
            raise InputError(f"column `{plain['year']}`: holds {', '.join(map(str, several))}. Choose one with year=")
        here = years == year if year is not None else here
        if not here.any():
            raise InputError(f"year={year}: the county figures hold {', '.join(map(str, several))}")
    keys = list(zip(state[here].tolist(), county[here].tolist(), strict=True))
    counts = Counter(keys)
    twice = [row for row, key in zip(np.flatnonzero(here).tolist(), keys, strict=True) if counts[key] > 1]
    if twice:
        raise InputError(
            f"column `{plain['county id']}`: {len(twice)} rows of the county figures share a county with another, "
            f"first in row {twice[0]} (county {county[twice[0]]} of state {state[twice[0]]}). Give each county one row"
        )
    place = {key: at for at, key in enumerate(keys)}
    figures: dict[str, list[NDArray[np.float64]]] = {"per_capita": [], "risk_score": [], "person_years": []}
    absent = np.full(int(here.sum()), np.nan)
    for code, kind in enumerate(_HEADINGS):
        headings = {
            "per_capita": f"per capita {kind} expenditures",
            "risk_score": f"average {kind} hcc risk score",
            "person_years": f"{kind} person-years",
        }
        if code not in kinds and not any(heading in plain for heading in headings.values()):
            for figure in figures.values():
                figure.append(absent)
            continue
        for name, heading in headings.items():
            figures[name].append(_figures(column(heading), heading)[here])
        _refuse_zero_scores(figures["risk_score"][-1], figures["person_years"][-1], plain[headings["risk_score"]], here)
    return {name: np.concatenate(parts) for name, parts in figures.items()}, place


def _whole(series: nw.Series[Any], name: str) -> NDArray[np.int64]:
    """County and state numbers, which CMS writes as numbers or as text with leading zeros."""
    written = series.to_list()
    whole = [_as_whole(value) for value in written]
    bad = [row for row, value in enumerate(whole) if value is None]
    if bad:
        raise InputError(
            f"column `{name}`: holds what is not a whole number in {len(bad)} rows, first in row {bad[0]} (value "
            f"{written[bad[0]]!r}). Give SSA codes as numbers"
        )
    return np.array(whole, np.int64)


def _as_whole(value: Any) -> int | None:
    try:
        number = float(str(value).strip())
    except ValueError:
        return None
    return int(number) if number.is_integer() else None


def _figures(series: nw.Series[Any], name: str) -> NDArray[np.float64]:
    """Numbers with NaN for what is suppressed."""
    if series.dtype.is_numeric():
        return np.asarray(series.cast(nw.Float64).to_numpy(), np.float64)
    values = []
    for row, text in enumerate(series.to_list()):
        written = "" if text is None else str(text).strip().replace(",", "").removeprefix("$")
        try:
            values.append(float("nan") if written in _SUPPRESSED else float(written))
        except ValueError:
            raise InputError(
                f"column `{name}`: holds text, first in row {row} (value {text!r}). Give numbers; suppressed values "
                "may be null, '.', '*' or '-'"
            ) from None
    return np.array(values, np.float64)


def _places(source: Frame, place: Mapping[tuple[int, int], int]) -> NDArray[np.int64]:
    keys = list(
        zip(*(_whole(source.series(n), source.names[n]).tolist() for n in ("state_id", "county_id")), strict=True)
    )
    unknown = next((row for row, key in enumerate(keys) if key not in place), None)
    if unknown is not None:
        count = sum(key not in place for key in keys)
        raise InputError(
            f"column `{source.names['county_id']}`: {count} rows name a county that the county figures lack, first in "
            f"row {unknown} (state {keys[unknown][0]}, county {keys[unknown][1]}). Use SSA codes of that year"
        )
    return np.fromiter((place[key] for key in keys), np.int64, len(keys))


def _refuse_too_many(
    assignable: NDArray[np.float64],
    county_of_group: NDArray[np.int64],
    people: NDArray[np.float64],
    source: Frame,
    ids: list[Any],
) -> None:
    """The assigned of an entity and type are a part of the county's assignable, in however many rows they stand."""
    _, same = np.unique(county_of_group, return_inverse=True)
    people = np.bincount(same, weights=people, minlength=1).astype(np.float64)[same]
    bad = np.flatnonzero(people > assignable)
    if len(bad):
        row = int(bad[0])
        raise InputError(
            f"column `{source.names['person_years']}`: more than the county's assignable person years in {len(bad)} "
            f"rows, first in row {row} (entity {ids[row]!r}, {people[row]:g} of {assignable[row]:g}). Both must be of "
            "one year and type"
        )
