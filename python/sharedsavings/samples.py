"""Small synthetic samples, shaped like the real thing and made from a seed, so that they are always the same."""

from __future__ import annotations

import datetime as dt
import importlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ._errors import InputError, SharedSavingsError
from ._table import Table


@dataclass(frozen=True)
class _Sample:
    make: Callable[[random.Random], dict[str, list[Any]]]
    about: str


def _entities(rng: random.Random) -> dict[str, list[Any]]:
    rows: dict[str, list[Any]] = {
        name: []
        for name in ("entity_id", "performance_year", "payments_attributed", "payments_eligible",
                     "patients_attributed", "patients_eligible")
    }  # fmt: skip
    for number in range(48):
        eligible = round(rng.lognormvariate(16.5, 0.9), 2)
        share = min(0.99, max(0.03, rng.gauss(0.46, 0.2)))
        patients = max(60, int(eligible / rng.uniform(550, 1400)))
        rows["entity_id"].append(f"E{number + 1:03d}")
        rows["performance_year"].append(2017 + number * 11 // 48)
        rows["payments_attributed"].append(round(eligible * share, 2))
        rows["payments_eligible"].append(eligible)
        rows["patients_attributed"].append(int(patients * min(0.99, max(0.02, share + rng.gauss(-0.03, 0.06)))))
        rows["patients_eligible"].append(patients)
    return rows


# Tracks drawn in a year, from that of the key on: each as often as its word stands here.
_TRACKS = {
    2013: "1 1 1 1 2",
    2016: "1 1 1 2 3",
    2018: "1 1 1 1+ 1+ 2 3",
    2019: "1 1+ 3 A B C D E ENHANCED",
    2022: "A B B C D E E ENHANCED ENHANCED",
}
_ONE_SIDED = ("1", "A", "B")
_FIRST_ELECTION = 2016


def _acos(rng: random.Random) -> dict[str, list[Any]]:
    names = ("entity_id", "performance_year", "track", "beneficiaries", "benchmark", "expenditures", "quality_score",
             "quality_standard_met", "alternative_standard_met", "elected_rate", "participant_revenue", "low_revenue",
             "agreement_start", "disaster_relief", "guardrail", "half_year")  # fmt: skip
    rows: dict[str, list[Any]] = {name: [] for name in names}
    first, last, count = 2013, 2026, 84
    for number in range(count):
        year = first + number * (last - first + 1) // count
        track = rng.choice(_TRACKS[max(y for y in _TRACKS if y <= year)].split())
        people = int(rng.lognormvariate(9.6, 0.7)) + 4_500
        benchmark = round(people * rng.uniform(10_500, 14_500), 2)
        rate = rng.gauss(0.028, 0.032)
        score = round(min(1.0, max(0.3, rng.gauss(0.82, 0.1))), 4)
        met = rng.random() < 0.92
        low = rng.random() < 0.55
        older = track in ("1", "1+", "2", "3")
        start = min(max(year - rng.randint(0, 2), 2012), 2018) if older else max(year - rng.randint(0, 4), 2019)
        unelected = track in _ONE_SIDED or year < _FIRST_ELECTION
        elected = None if unelected else rng.choice([None, 0.0, 0.005, 0.01, 0.02])
        half = rng.random() < 0.5 and year == 2019
        values = (f"X{number + 1:03d}", year, track, people, benchmark, round(benchmark * (1 - rate), 2), score, met,
                  (not met) and rng.random() < 0.7, elected, round(benchmark * rng.uniform(0.15, 0.9), 2), low, start,
                  0.0, False, half)  # fmt: skip
        for name, value in zip(names, values, strict=True):
            rows[name].append(value)
    return rows


_SAMPLES = {
    "qp_entities": _Sample(
        _entities,
        "48 APM Entities over performance years 2017 to 2027 for qp_status. Synthetic: eligible payments lognormal, "
        "attributed shares normal around 46 %, patient shares scattered about them; seed 414.",
    ),
    "mssp_acos": _Sample(
        _acos,
        "84 ACOs over performance years 2013 to 2026 for settle. Synthetic: sizes lognormal above 4,500, savings rates "
        "normal around 2.8 %, quality scores around 82 %, tracks, elections and half years drawn at random; seed 425.",
    ),
}
_SEEDS = {"qp_entities": 414, "mssp_acos": 425}


def list_samples() -> Table:
    """List the samples that `load_sample` makes.

    Returns
    -------
    Table
        Name and how each was made.

    Examples
    --------
    >>> import sharedsavings as ss
    >>> [row[0] for row in ss.list_samples().rows]
    ['qp_entities', 'mssp_acos']
    """
    return Table("Synthetic samples", ("name", "about"), [(name, s.about) for name, s in _SAMPLES.items()])


def load_sample(name: str, *, backend: str | None = None) -> Any:
    """Make a synthetic sample.

    Parameters
    ----------
    name : str
        See `list_samples`.
    backend : {"pandas", "polars", "pyarrow"}, optional
        Kind of frame; the first of these that is installed where None.

    Returns
    -------
    pandas.DataFrame, polars.DataFrame or pyarrow.Table

    Raises
    ------
    InputError
        Where there is no such sample or back end.

    Examples
    --------
    >>> import sharedsavings as ss
    >>> ss.load_sample("qp_entities", backend="pandas").shape
    (48, 6)
    """
    if name not in _SAMPLES:
        raise InputError(f"no sample {name!r}. There are {', '.join(_SAMPLES)}")
    return to_frame(_SAMPLES[name].make(random.Random(_SEEDS[name])), backend)


def to_frame(columns: dict[str, list[Any]], backend: str | None) -> Any:
    """Columns as a frame of the back end, or of the first that is installed."""
    known = ("pandas", "polars", "pyarrow")
    if backend is not None and backend not in known:
        raise InputError(f"backend={backend!r}: choose from {', '.join(known)}")
    for choice in known if backend is None else (backend,):
        try:
            library = importlib.import_module(choice)
        except ImportError:
            continue
        if choice == "pandas":
            nullable = {k: library.array(v, dtype=_pandas_dtype(v)) for k, v in columns.items()}
            return library.DataFrame(nullable)
        return library.table(columns) if choice == "pyarrow" else library.DataFrame(columns, infer_schema_length=None)
    raise SharedSavingsError(
        f"no data frame library found. Install {' or '.join(known if backend is None else [backend])}"
    )


def _pandas_dtype(values: list[Any]) -> str | None:
    """A dtype that keeps whole numbers and truth values as such beside nulls."""
    present = {type(v) for v in values if v is not None}
    if present == {bool}:
        return "boolean" if None in values else "bool"
    if present == {int}:
        return "Int64" if None in values else "int64"
    if present <= {int, float} and present:
        return "float64"
    return "datetime64[s]" if present == {dt.date} else None
