"""The sample of `clinicians`: a roster of eight entities in which every outcome occurs, and its scores."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from . import _core

_YEAR = 2024

# Entity, TIN, list, clinicians by their number, and snapshots at which they are listed.
_LISTS: tuple[tuple[str, str, str, tuple[int, ...], tuple[int, ...]], ...] = (
    ("Cedar ACO", "10-0000001", "participation", (0, 1, 2, 3), (0, 1, 2)),
    ("Cedar ACO", "10-0000002", "participation", (4,), (2,)),
    ("Harbor ACO", "10-0000003", "participation", (5, 6, 7), (0, 1, 2)),
    ("Vista Kidney", "10-0000004", "participation", (8, 9), (0, 1, 2)),
    ("Mesa Primary Care", "10-0000005", "participation", (10, 11, 4), (0, 1)),
    ("Prairie Hospital", "10-0000006", "affiliated_practitioner", (12, 13), (0, 1, 2)),
    ("Ridge ACO", "10-0000007", "participation", (14, 3), (0, 1)),
    ("Summit Oncology", "10-0000008", "participation", (15, 16, 11), (2,)),
    ("Delta Kidney", "10-0000009", "participation", (17, 11), (0, 1, 2)),
)
# Shares of payments and of patients at each snapshot; none where there is no score.
_SHARES: dict[str, tuple[float | None, ...]] = {
    "Cedar ACO": (0.55, 0.61, 0.64),
    "Harbor ACO": (0.39, 0.43, 0.46),
    "Vista Kidney": (0.41, 0.40, 0.38),
    "Mesa Primary Care": (0.21, 0.18, 0.2),
    "Ridge ACO": (0.9, 0.9, 0.9),
    "Summit Oncology": (None, None, 0.35),
    "Delta Kidney": (None, None, None),
}
_ELECTED = {"Harbor ACO": "in", "Cedar ACO": "in"}
_TERMINATED = {"Ridge ACO": dt.date(_YEAR, 7, 15)}
_STARTED = {"Summit Oncology": dt.date(_YEAR, 7, 1)}
# Individual shares by clinician and snapshot: affiliated practitioners, and a clinician of several entities.
_OWN = {(12, 0): 0.52, (12, 1): 0.45, (12, 2): 0.4, (13, 2): 0.42, (11, 2): 0.51, (13, 0): 0.35, (13, 1): 0.38}
# An affiliated practitioner who elects to be scored.
_ELECTS = 13


def roster(rng: random.Random) -> dict[str, list[Any]]:
    """The roster of the sample."""
    names = ("npi", "tin", "entity", "list", "snapshot", "model_start", "termination_date", "entity_election",
             "individual_election")  # fmt: skip
    rows: dict[str, list[Any]] = {name: [] for name in names}
    npis, days = _npis(), _days()
    for entity, tin, which, numbers, listed in _LISTS:
        for at in listed:
            for number in numbers:
                values = (npis[number], tin, entity, which, days[at], _STARTED.get(entity), _TERMINATED.get(entity),
                          _ELECTED.get(entity), "in" if number == _ELECTS else None)  # fmt: skip
                for name, value in zip(names, values, strict=True):
                    rows[name].append(value)
    return rows


def scores(rng: random.Random) -> dict[str, list[Any]]:
    """Scores of its entities and clinicians."""
    npis, days = _npis(), _days()
    rows: dict[str, list[Any]] = {
        name: []
        for name in ("entity", "npi", "snapshot", "payments_attributed", "payments_eligible", "patients_attributed",
                     "patients_eligible")
    }  # fmt: skip

    def add(entity: str | None, npi: int | None, at: int, share: float, size: float) -> None:
        eligible = round(size * (at + 1) * rng.uniform(0.95, 1.05), 2)
        patients = max(40, int(eligible / 900))
        values = (entity, npi, days[at], round(eligible * share, 2), eligible, int(patients * share * 0.6), patients)
        for name, value in zip(rows, values, strict=True):
            rows[name].append(value)

    for entity, shares in _SHARES.items():
        for at, share in enumerate(shares):
            if share is not None:
                add(entity, None, at, share, 2_000_000)
    for (number, at), share in _OWN.items():
        add(None, npis[number], at, share, 60_000)
    return rows


def _npis() -> list[int]:
    count = max(n for *_, numbers, _ in _LISTS for n in numbers) + 1
    return [int(npi) for npi in _core.made_npis(0, count, _YEAR, _core.shipped())]


def _days() -> list[dt.date]:
    snapshots, *_ = _core.clinician_terms(_YEAR, _core.shipped(), None, False)
    return [dt.date(day // 10_000, day // 100 % 100, day % 100) for day in snapshots]
