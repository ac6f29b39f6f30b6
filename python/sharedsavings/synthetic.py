"""Synthetic rosters of any size, with their scores."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from . import _core
from ._errors import InputError
from .samples import to_frame

# Parts of the clinicians listed at all snapshots, at the first alone, and from the second on; others at the last.
_ALWAYS_LISTED, _LEFT, _LATE = 0.9, 0.02, 0.04


def synthetic_roster(
    clinicians: int,
    entities: int,
    *,
    performance_year: int = 2024,
    seed: int = 414,
    backend: str | None = None,
) -> tuple[Any, Any]:
    """Make a roster and its scores of any size, for tests of speed and for teaching; nobody in it is real.

    Sizes of entities are lognormal. One entity in eight has an Affiliated Practitioner List alone, one in eighty
    terminated in June, one in fifty began in July. One clinician in sixteen is in a second entity; nine in ten are
    listed at all three snapshots, the others join or leave. Shares are normal around 65 % of payments.

    Parameters
    ----------
    clinicians, entities : int
        How many; at least one entity, and not fewer clinicians than entities.
    performance_year : int
        Year of the snapshots; from 2026 there are scores on both bases and of every clinician.
    seed : int
        The same seed makes the same roster.
    backend : {"pandas", "polars", "pyarrow"}, optional
        Kind of frames; the first of these that is installed where None.

    Returns
    -------
    tuple of frames
        The roster and the scores as `clinicians` takes them; snapshots as numbers such as 20240331.

    Raises
    ------
    InputError
        Where the numbers cannot be.

    Examples
    --------
    >>> import sharedsavings as ss
    >>> roster, scores = ss.synthetic_roster(1000, 20)
    >>> done = ss.clinicians(roster, scores, performance_year=2024)
    >>> len(done.frame)
    1000
    """
    if entities < 1 or clinicians < entities:
        raise InputError(f"clinicians={clinicians}, entities={entities}: give 1 <= entities <= clinicians")
    rng = np.random.default_rng(seed)
    names = np.array([f"E{number:05d}" for number in range(entities)], object)
    snapshots, bases, *_ = _core.clinician_terms(performance_year, _core.shipped(), None, False)
    days = np.array(snapshots)
    affiliated = (np.arange(entities) + 1) % 8 == 0
    npi = rng.permutation(_core.made_npis(0, clinicians, performance_year, _core.shipped()))
    weight = rng.lognormal(0.0, 1.0, entities)
    of = rng.choice(entities, clinicians, p=weight / weight.sum())
    of[:entities] = np.arange(entities)
    again = np.flatnonzero(rng.random(clinicians) < 1 / 16)
    who = np.concatenate([np.arange(clinicians), again])
    entity = np.concatenate([of, (of[again] + 1 + rng.integers(0, max(entities - 1, 1), len(again))) % entities])
    fresh = np.concatenate([np.ones(clinicians, bool), entity[clinicians:] != of[again]])
    who, entity = who[fresh], entity[fresh]
    kind = rng.random(len(who))
    always, left = (kind < part for part in (_ALWAYS_LISTED, _ALWAYS_LISTED + _LEFT))
    late = kind >= _ALWAYS_LISTED + _LEFT + _LATE
    listed = np.stack([always | left, always | (~left & ~late), always | ~left], 1)
    row, snapshot = np.nonzero(listed)
    tin = 100_000_000 + entity[row] * 10_000 + who[row] % 997
    roster = {
        "npi": npi[who[row]],
        "tin": tin,
        "entity": names[entity[row]],
        "list": np.array(_core.CLINICIAN_LISTS, object)[affiliated[entity[row]].astype(int)],
        "snapshot": days[snapshot],
    }
    dates = np.zeros(entities, np.int64), np.zeros(entities, np.int64)
    dates[0][40::80] = performance_year * 10_000 + 615
    dates[1][20::50] = performance_year * 10_000 + 701
    roster["termination_date"] = dates[0][entity[row]]
    roster["model_start"] = dates[1][entity[row]]
    second = np.bincount(who, minlength=clinicians) > 1
    single = np.zeros(clinicians, bool)
    single[who[affiliated[entity]]] = True
    own = np.flatnonzero(second | single | (len(bases) > 1))
    groups = np.flatnonzero(~affiliated)
    scores = _scores(rng, days, bases, (names[groups], npi[own]))
    return _frame(roster, backend), _frame(scores, backend)


def _scores(
    rng: np.random.Generator, days: NDArray[Any], bases: list[str], of: tuple[NDArray[Any], NDArray[Any]]
) -> dict[str, NDArray[Any]]:
    entities, npis = of
    units = len(entities) + len(npis)
    each = len(days) * len(bases)
    size = np.concatenate([rng.lognormal(15.5, 1.0, len(entities)), rng.lognormal(11.0, 0.7, len(npis))])
    share = np.repeat(rng.normal(0.65, 0.14, units), each) + rng.normal(0, 0.02, units * each)
    window = np.tile(np.repeat([0.25, 0.5, 0.67], len(bases)), units)
    eligible = np.round(np.repeat(size, each) * window).astype(np.int64) + 100
    patients = eligible // 700 + 5
    share = np.clip(share, 0.02, 0.98)
    fewer = np.clip(share + rng.normal(0.01, 0.05, len(share)), 0.02, 0.98)
    nobody = np.full(len(npis) * each, None, object)
    scores: dict[str, NDArray[Any]] = {
        "entity": np.concatenate([np.repeat(entities, each), nobody]),
        "npi": np.concatenate([np.zeros(len(entities) * each, np.int64), np.repeat(npis, each)]),
        "snapshot": np.tile(np.repeat(days, len(bases)), units),
        "payments_attributed": (eligible * share).astype(np.int64),
        "payments_eligible": eligible,
        "patients_attributed": (patients * fewer).astype(np.int64),
        "patients_eligible": patients,
    }
    if len(bases) > 1:
        scores["basis"] = np.tile(np.array(bases, object), len(days) * units)
    return scores


def _frame(columns: dict[str, NDArray[Any]], backend: str | None) -> Any:
    """Columns as a frame; a zero where a day or an NPI is expected is null."""
    library = nw.get_native_namespace(to_frame({"npi": [0]}, backend)).__name__
    frame = nw.from_dict(columns, backend=library)
    absent = [name for name in ("termination_date", "model_start", "npi") if name in columns]
    return frame.with_columns(nw.when(nw.col(name) != 0).then(nw.col(name)) for name in absent).to_native()
