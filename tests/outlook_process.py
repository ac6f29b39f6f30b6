"""Entities whose snapshots come from a stated process, to see how often intervals hold what came."""

from __future__ import annotations

import numpy as np
import pandas as pd

# Months of the windows.
WINDOWS = {"march": 3, "june": 6, "august": 8}


def payments(
    entities: int,
    seed: int,
    *,
    dispersion: float = 0.004,
    drift: float = 0.0,
    correlation: float = 0.0,
    spread: float = 0.0,
    tails: float = np.inf,
    weeks: float = 0.15,
    between: tuple[float, float] = (0.3, 0.8),
) -> pd.DataFrame:
    """Monthly payments: a ratio of the entity's own with noise of its own each month.

    `drift` moves the ratio every month, `correlation` ties a month's noise to the last one's, `spread` (of a
    lognormal) makes entities differ in their dispersion, `tails` is the degrees of freedom of the noise, `weeks` the
    coefficient of variation of a month's volume, `between` the least and the greatest own ratio.
    """
    random = np.random.default_rng(seed)
    own = random.uniform(*between, (entities, 1))
    volume = np.exp(random.normal(13, 1, (entities, 1))) * random.gamma(1 / weeks**2, weeks**2, (entities, 8))
    noise = random.normal(size=(entities, 8)) if np.isinf(tails) else (
        random.standard_t(tails, (entities, 8)) / np.sqrt(tails / (tails - 2))
    )  # fmt: skip
    for month in range(1, 8):
        noise[:, month] = correlation * noise[:, month - 1] + np.sqrt(1 - correlation**2) * noise[:, month]
    each = dispersion * np.exp(random.normal(-(spread**2) / 2, spread, (entities, 1)))
    ratio = own + np.sqrt(each * own * (1 - own)) * noise + drift * (np.arange(8) - 2.5)
    attributed = volume * np.clip(ratio, 0, 1)
    columns = {}
    for name, months in WINDOWS.items():
        columns[f"payments_attributed_{name}"] = attributed[:, :months].sum(1).round(2)
        columns[f"payments_eligible_{name}"] = volume[:, :months].sum(1).round(2)
    return pd.DataFrame(columns)


def patients(
    entities: int, seed: int, *, shape: float = 1.0, clusters: float = 0.0, joining: float = 0.0
) -> pd.DataFrame:
    """People who are first seen at random times, at rates of their own, the attributed at higher ones.

    `shape` is that of the gamma distribution of rates (1 is the exponential of the model), `clusters` the coefficient
    of variation of the activity of an entity's month, `joining` the share of the attributed that can be seen only
    from 1 July, as an attribution list that grows would have it.
    """
    random = np.random.default_rng(seed)
    columns: dict[str, list[int]] = {f"patients_{part}_{name}": [] for part in ("attributed", "eligible")
                                     for name in WINDOWS}  # fmt: skip
    for _ in range(entities):
        activity = np.ones(8) if clusters == 0 else random.gamma(1 / clusters**2, clusters**2, 8)
        clock = np.concatenate([[0], np.cumsum(activity)])
        size = int(np.exp(random.uniform(5.5, 8.5)))
        seen = {}
        for part, mean in (("attributed", random.uniform(0.2, 0.5)), ("other", random.uniform(0.08, 0.2))):
            count = random.poisson(size * random.uniform(0.4, 1.0))
            rates = random.gamma(shape, mean / shape, count)
            first = random.exponential(1 / np.maximum(rates, 1e-12))
            late = random.random(count) < (joining if part == "attributed" else 0)
            for name, months in WINDOWS.items():
                since = clock[months] - np.where(late, clock[min(6, months)], 0.0)
                seen[part, name] = int((first < since).sum())
        for name in WINDOWS:
            columns[f"patients_attributed_{name}"].append(seen["attributed", name])
            columns[f"patients_eligible_{name}"].append(seen["attributed", name] + seen["other", name])
    return pd.DataFrame(columns)


def came(frame: pd.DataFrame, method: str) -> pd.Series:
    """The score of 31 August."""
    return frame[f"{method}s_attributed_august"] / frame[f"{method}s_eligible_august"]


def before(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame without August."""
    return frame[[name for name in frame if not name.endswith("_august")]]


def coverage(projected: pd.DataFrame, actual: pd.Series, method: str) -> tuple[float, float]:
    """How often the 80 and the 95 percent interval hold what came."""
    inside = [
        actual.between(projected[f"{method}_score_low_{level}"], projected[f"{method}_score_high_{level}"]).mean()
        for level in ("80", "95")
    ]
    return float(inside[0]), float(inside[1])
