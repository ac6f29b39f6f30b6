"""Small synthetic samples, shaped like the real thing and made from a seed, so that they are always the same."""

from __future__ import annotations

import datetime as dt
import importlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import _sample_models, _sample_roster
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


_TYPES = ("esrd", "disabled", "aged_dual", "aged_nondual")
# Name, agreement start and number, level of spending, size.
_ORGANISATIONS = (
    ("Cedar", 2024, 1, 0.96, 9_000),
    ("Harbor", 2024, 2, 0.93, 22_000),
    ("Mesa", 2024, 2, 1.07, 14_000),
    ("Prairie", 2022, 1, 0.98, 12_000),
)


def _benchmark_cells(rng: random.Random) -> dict[str, list[Any]]:
    names = ("entity_id", "enrollment_type", "per_capita_by1", "per_capita_by2", "per_capita_by3", "risk_score_by1",
             "risk_score_by2", "risk_score_by3", "risk_score_py", "demographic_score_by3", "demographic_score_py",
             "person_years_by3", "person_years_py", "national_by1", "national_by2", "national_by3", "national_py",
             "regional_by1", "regional_by2", "regional_by3", "regional_py", "national_weight_by3",
             "national_weight_py", "acpt_growth")  # fmt: skip
    rows: dict[str, list[Any]] = {name: [] for name in names}
    national = {
        kind: [round(level * growth) for growth in (1.0, 1.035, 1.08, 1.15)]
        for kind, level in zip(_TYPES, (89_000, 12_100, 18_000, 10_900), strict=True)
    }
    for name, _, _, level, people in _ORGANISATIONS:
        region = rng.uniform(0.97, 1.04)
        share = round(rng.uniform(0.05, 0.3), 4)
        for kind, part in zip(_TYPES, (0.01, 0.1, 0.09, 0.8), strict=True):
            regional = [round(value * region * rng.uniform(0.99, 1.01)) for value in national[kind]]
            risk = [round(rng.uniform(0.97, 1.03), 4)]
            for _ in range(3):
                risk.append(round(risk[-1] * rng.uniform(0.995, 1.012), 4))
            spent = [round(v * level * r * rng.uniform(0.985, 1.015)) for v, r in zip(regional, risk[:3], strict=False)]
            base = round(people * part * rng.uniform(0.9, 1.1))
            demographic = round(rng.uniform(0.98, 1.02), 4)
            values = (name, kind, *spent, *risk, demographic, round(demographic * rng.uniform(0.995, 1.005), 4), base,
                      round(base * rng.uniform(0.95, 1.05)), *national[kind], *regional, share, share,
                      0.04 if kind == "esrd" else 0.049)  # fmt: skip
            for column, value in zip(names, values, strict=True):
                rows[column].append(value)
    return rows


def _benchmark_entities(rng: random.Random) -> dict[str, list[Any]]:
    names = ("entity_id", "agreement_start", "agreement_number", "regional_adjustments_so_far", "dual_share",
             "low_income_share", "prior_savings_by1", "prior_savings_by2", "prior_savings_by3",
             "prior_person_years_by1", "prior_person_years_by2", "prior_person_years_by3", "base_person_years_by1",
             "base_person_years_by2", "base_person_years_by3")  # fmt: skip
    rows: dict[str, list[Any]] = {name: [] for name in names}
    for name, start, number, level, people in _ORGANISATIONS:
        renewed = start == 2024 and number > 1
        savings = [round(rng.gauss(900 * (1.1 - level), 120), 2) if renewed else None for _ in range(3)]
        before = [float(round(people * rng.uniform(0.85, 1.05))) if renewed else None for _ in range(3)]
        base = [float(round(people * rng.uniform(0.95, 1.05))) if renewed else None for _ in range(3)]
        values = (name, start, number, number - 1, round(rng.uniform(0.06, 0.16), 4), round(rng.uniform(0.08, 0.2), 4),
                  *savings, *before, *base)  # fmt: skip
        for column, value in zip(names, values, strict=True):
            rows[column].append(value)
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
    "benchmark_cells": _Sample(
        _benchmark_cells,
        "Four ACOs by enrollment type, performance year 2024, for benchmark. Synthetic: invented national levels and "
        "growth, regions within 4 % of them, spending at a set distance from the region; seed 652.",
    ),
    "benchmark_entities": _Sample(
        _benchmark_entities,
        "The same four ACOs, one row each. Synthetic: agreement periods, and invented prior savings of those that "
        "renewed; seed 658.",
    ),
    "qp_roster": _Sample(
        _sample_roster.roster,
        "18 clinicians on the lists of eight APM Entities, performance year 2024, for clinicians. Synthetic: each is "
        "there for one outcome; NPIs made up, with valid check digits; seed 1425.",
    ),
    "qp_scores": _Sample(
        _sample_roster.scores,
        "Scores of those entities and clinicians at each snapshot. Synthetic: shares set by hand, sizes drawn around "
        "2 million dollars; seed 1425.",
    ),
}
_SEEDS = {
    "qp_entities": 414,
    "mssp_acos": 425,
    "benchmark_cells": 652,
    "benchmark_entities": 658,
    "qp_roster": 1425,
    "qp_scores": 1425,
}
_SHAPED = (
    "Synthetic: savings rates, quality scores and sizes chosen so that every outcome is there, amounts drawn at random"
)
for _seed, (_name, _model) in enumerate(_sample_models.MODELS.items(), 1001):
    _SEEDS[_name] = _seed
    _SAMPLES[_name] = _Sample(_sample_models.corridor(_model), f"{_model.about}, for settle. {_SHAPED}; seed {_seed}.")
for _seed, _track in ((1101, "TRACK_1"), (1102, "TRACK_2")):
    _name = f"cpc_plus_{_track.lower()}"
    _SEEDS[_name] = _seed
    _SAMPLES[_name] = _Sample(
        _sample_models.practices(_track),
        f"16 practices of {_track.replace('_', ' ').title()} of CPC+, 2017 to 2021, for settle. Synthetic: beneficiary "
        f"months by tier, parts of the incentive earned from none to all; seed {_seed}.",
    )
_SEEDS["all_programs"] = 1201
_SAMPLES["all_programs"] = _Sample(
    _sample_models.mixed,
    "Rows of every program in one frame for settle, told apart by the column `program`. Synthetic: some rows of each "
    "sample of a model, and of the other programs; seed 1201.",
)


def list_samples() -> Table:
    """List the samples that `load_sample` makes.

    Returns
    -------
    Table
        Name and how each was made.

    Examples
    --------
    >>> import sharedsavings as ss
    >>> [row[0] for row in ss.list_samples().rows][:5]
    ['qp_entities', 'mssp_acos', 'benchmark_cells', 'benchmark_entities', 'qp_roster']
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
