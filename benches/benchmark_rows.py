"""Entities for the benchmark chain: first agreement periods from 2024, values about those of real ACOs, no nulls."""

from typing import NamedTuple

import numpy as np

LEVELS = np.array([89_000.0, 12_100.0, 18_000.0, 10_900.0])
MIX = np.array([0.01, 0.10, 0.09, 0.80])
CELLS = (
    *("per_capita_by1", "per_capita_by2", "per_capita_by3", "national_by1", "national_by2", "national_by3"),
    *("national_py", "regional_by1", "regional_by2", "regional_by3", "regional_py", "risk_score_by1"),
    *("risk_score_by2", "risk_score_by3", "risk_score_py", "demographic_score_by3", "demographic_score_py"),
    *("person_years_by3", "person_years_py", "national_weight_by3", "national_weight_py", "acpt_growth"),
)
ENTITIES = ("dual_share", "prior_savings_per_capita")
START = 2024


class Rows(NamedTuple):
    cells: dict
    """Columns of one value for each entity and type, types of an entity side by side."""
    entities: dict

    @property
    def count(self):
        return len(self.entities["dual_share"])

    @property
    def bytes_read(self):
        """Of one entity."""
        return 8 * (4 * len(CELLS) + len(ENTITIES) + 2)

    def head(self, n):
        cells = {name: column[: 4 * n] for name, column in self.cells.items()}
        return Rows(cells, {name: column[:n] for name, column in self.entities.items()})


def make(n, _terms):
    rng = np.random.default_rng(652)
    column = lambda low, high: rng.uniform(low, high, (n, 4))  # noqa: E731
    cells = {}
    for name in CELLS:
        if name.startswith(("per_capita", "regional", "national_by", "national_py")):
            values = LEVELS * column(0.85, 1.15)
        elif name.startswith("person_years"):
            values = np.floor(MIX * column(5_000, 60_000)) + 1
        elif name.startswith("national_weight"):
            values = column(0.0, 0.6)
        elif name == "acpt_growth":
            values = column(0.03, 0.06)
        else:
            values = column(0.93, 1.10)
        cells[name] = values.reshape(-1)
    entities = {"dual_share": rng.uniform(0, 0.5, n), "prior_savings_per_capita": rng.uniform(-300, 1_500, n)}
    return Rows(cells, entities)
