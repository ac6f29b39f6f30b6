"""Table and picture of docs/qp_outlook.md: how often intervals held the score of 31 August, by generating process.

Run from the root of the project: python docs/qp_outlook_coverage.py
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import outlook_process as process  # noqa: E402
import sharedsavings as ss  # noqa: E402
from sharedsavings import _plot_consequences  # noqa: E402

ENTITIES = 4_000
PROCESSES = [
    ("payment", "the model's own", {}, False),
    ("payment", "half the dispersion", {"dispersion": 0.002}, False),
    ("payment", "volumes vary by 40 %", {"weeks": 0.4}, False),
    ("payment", "t noise, 3 degrees of freedom", {"tails": 3}, False),
    ("payment", "dispersion differs by entity (lognormal, 0.7)", {"spread": 0.7}, False),
    ("payment", "months correlated, 0.3", {"correlation": 0.3}, False),
    ("payment", "months correlated, 0.6", {"correlation": 0.6}, False),
    ("payment", "drift of 0.5 points a month", {"drift": 0.005}, False),
    ("payment", "drift of 2 points a month", {"drift": 0.02}, False),
    ("payment", "drift of 2 points a month, with a history", {"drift": 0.02}, True),
    ("patient", "the model's own", {}, False),
    ("patient", "rates nearly alike (gamma, shape 3)", {"shape": 3.0}, False),
    ("patient", "rates far apart (gamma, shape 0.5)", {"shape": 0.5}, False),
    ("patient", "months of uneven activity, 15 %", {"clusters": 0.15}, False),
    ("patient", "months of uneven activity, 35 %", {"clusters": 0.35}, False),
    ("patient", "months of uneven activity, 35 %, with a history", {"clusters": 0.35}, True),
    ("patient", "5 % more are attributed from July", {"joining": 0.05}, False),
    ("patient", "5 % more are attributed from July, with a history", {"joining": 0.05}, True),
]


def main() -> None:
    """Print the table and write the picture."""
    found = {}
    for number, (method, name, options, with_history) in enumerate(PROCESSES):
        make = getattr(process, method + "s")
        frame = make(ENTITIES, 100 + number, **options)
        history = make(ENTITIES, 200 + number, **options).assign(performance_year=2024) if with_history else None
        projected = ss.qp_outlook(process.before(frame), performance_year=2026, history=history).frame
        eighty, ninety_five = process.coverage(projected, process.came(frame, method), method)
        wide = (projected[f"{method}_score_high_95"] - projected[f"{method}_score_low_95"]).median() * 100
        found[f"{method}s: {name}"] = (eighty, ninety_five)
        print(f"| {method}s | {name} | {eighty:.1%} | {ninety_five:.1%} | {wide:.1f} |")
    figure = _plot_consequences.coverage((0.8, 0.95), found)
    figure.savefig(ROOT / "docs" / "qp_outlook.png", dpi=80)


if __name__ == "__main__":
    main()
