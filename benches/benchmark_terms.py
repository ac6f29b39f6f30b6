"""The regulation's numbers for the peers, from the rule book."""

from typing import NamedTuple

from benches.benchmark_rows import START
from sharedsavings import rules


class Terms(NamedTuple):
    base_years: tuple
    lower: float
    higher: float
    upper_cap: float
    lower_cap: float
    prior_share: float
    prior_cap: float
    risk_points: float
    prospective: float


def read():
    book = rules.load()
    value = lambda field: book.find(f"mssp.benchmark.425_652.{field}", START)["value"]  # noqa: E731
    parts = [float(value("base_year_parts.first")[year]) for year in ("by1", "by2", "by3")]
    blend = {key: float(part) for key, part in value("prospective_parts").items()}
    return Terms(
        base_years=tuple(part / sum(parts) for part in parts),
        lower=float(value("regional_weight.lower")["1"]),
        higher=float(value("regional_weight.higher")["1"]),
        upper_cap=float(value("regional_cap.upper")),
        lower_cap=float(value("regional_cap.lower")),
        prior_share=float(value("prior_savings.share")),
        prior_cap=float(value("adjustment_cap")),
        risk_points=float(value("risk.cap")),
        prospective=blend["prospective"] / sum(blend.values()),
    )
