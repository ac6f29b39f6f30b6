"""The terms of every program of shared savings by year and arrangement, as a peer looks them up, read from the shipped
rule book. Shares are floats; a limit that does not exist is so high that it never binds.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from benches import native
from benches.settle_terms import NEVER, NO_LIMIT

PROGRAMS = (
    *("mssp", "reach", "kcc", "ngaco", "cec", "ocm", "eom", "bpci", "bpci_advanced", "cjr", "team", "pioneer"),
    *("vermont", "masshealth"),
)
LAST_YEAR = 2030
STEPS = 4
"""Rates by score, and slices of an amount."""
# How the score enters a share: as a part of it, less a part of what it lacks, less a part of it, one less a part of it.
WHOLE, SCORE, CUT_BY_LACK, CUT_BY_SCORE, ONE_LESS = range(5)
_QUALITY = {"score": SCORE, "scaled": SCORE, "cut_by_lack": CUT_BY_LACK, "cut_by_score": CUT_BY_SCORE}
_OPENS = ("standard", "standard_else_scaled", "scaled")

BOTH = (
    *(f"discount_{k}" for k in range(STEPS)),
    *(f"multiplier_{k}" for k in range(STEPS)),
    *(f"bound_{k}" for k in range(STEPS)),
    *(f"share_{k}" for k in range(STEPS)),
    *("fixed", "quality", "part", "floor", "top", "limit", "limit_1", "limit_2", "revenue_limit"),
)
ONCE = (
    *(f"score_{k}" for k in range(STEPS - 1)),
    *("runs", "two_sided", "given", "elects_cap", "withhold", "reporting", "lowest_score", "opens", "alternative"),
    *("kept", "limit_first", "of_target", "gate", "scale", "elects", "half", "half_start", "half_people"),
)
FIELDS = (*ONCE, *(f"up_{name}" for name in BOTH), *(f"down_{name}" for name in BOTH))


@dataclass(frozen=True)
class Terms:
    """What a peer looks up."""

    first: int
    arrangements: tuple
    """(program, name) by code."""
    lines: np.ndarray
    """By [(year - first) * arrangements + code, field], in the order of `FIELDS`."""
    discounts: np.ndarray
    """Lowest and highest that a row may give, by cell; NaN where it gives none."""
    caps: np.ndarray
    scales: np.ndarray
    """Minimum rate by [scale, number of beneficiaries], the last for all above; NaN below the scale."""
    menu: np.ndarray
    election_people: int

    @property
    def cells(self):
        """Cells that ran, as (year, code)."""
        ran = np.flatnonzero(self.lines[:, FIELDS.index("runs")] > 0)
        return np.stack([ran // len(self.arrangements) + self.first, ran % len(self.arrangements)], axis=1)

    def cell(self, year, code):
        return (np.asarray(year, np.int64) - self.first) * len(self.arrangements) + code

    def of(self, cell, field):
        return self.lines[cell, FIELDS.index(field)]


class _Book:
    """Fields of one arrangement in one year."""

    def __init__(self, book, program, arrangement, year):
        self.book, self.program, self.arrangement, self.year = book, program, arrangement, year

    def find(self, field, default=None):
        rule = self.book.find(f"{self.program}.{field}", self.year)
        value = None if rule is None else rule["value"]
        value = value.get(self.arrangement) if isinstance(value, dict) else value
        return default if value is None else value

    def share(self, field, default=0.0):
        return float(self.find(field, default))

    def bands(self, field):
        """(upper bound, rate) of each step; nothing where the book has none."""
        own = self.find(f"{field}.{self.arrangement.lower()}", self.find(field))
        return None if own is None else [(float(upper), float(rate)) for upper, rate in own]


def read():
    book = native.core.shipped()
    arrangements = tuple(
        (program, name) for program in PROGRAMS for name in native.core.track_codes(program, [], book, None, False)[1]
    )
    first = min(rule["from"] for program in PROGRAMS for rule in book.rules(f"{program}.arrangements"))
    scales: dict = {}
    cells = [
        _cell(_Book(book, program, name, year), scales)
        for year in range(first, LAST_YEAR + 1)
        for program, name in arrangements
    ]
    table = lambda name: np.array([cell.get(name, (np.nan, np.nan)) for cell in cells])  # noqa: E731
    size = 1 + max(int(scale[-1][0]) for scale in scales)
    return Terms(
        first,
        arrangements,
        np.array([[float(cell.get(name, 0.0)) for name in FIELDS] for cell in cells]),
        table("discounts"),
        table("caps"),
        np.array([_by_people(scale, size) for scale in scales]),
        np.array([float(rate) for rate in book.find("mssp.minimum_rate.elections", 2024)["value"]]),
        int(book.find("mssp.minimum_rate.election_beneficiaries", 2024)["value"]),
    )


def _by_people(knots, size):
    rates = np.interp(np.arange(size), *np.array([(float(n), float(rate)) for n, rate in knots]).T)
    rates[: int(knots[0][0])] = np.nan
    return rates


def _cell(book, scales):
    if book.arrangement not in (book.find("arrangements") or ()):
        return {}
    rate, quality = book.find("minimum_rate"), book.find("sharing_rate.quality")
    scale = book.find("minimum_rate.size_scale")
    half = book.share("low_revenue.share")
    start = book.find("low_revenue.agreement_start") if half else None
    lowest_score = book.share("lowest_score", -1.0)
    grids = [book.bands(name) for name in ("discount.bands", "loss_discount.bands", "payment_multiplier.bands")]
    changes = sorted({upper for grid in grids if grid for upper, _ in grid if upper < 1.0})
    cell = dict(zip((f"score_{k}" for k in range(STEPS - 1)), [*changes, 9.0, 9.0, 9.0], strict=False))
    cell |= {
        "runs": 1,
        "two_sided": book.find("risk") == "two_sided",
        "given": book.find("discount.lowest") is not None,
        "discounts": (book.share("discount.lowest", np.nan), book.share("discount.highest", np.nan)),
        "elects_cap": book.find("elected_cap.lowest") is not None,
        "caps": (book.share("elected_cap.lowest", np.nan), book.share("elected_cap.highest", np.nan)),
        "withhold": book.share("withhold"),
        "reporting": book.share("withhold.reporting"),
        "lowest_score": lowest_score,
        "opens": quality in _OPENS,
        "alternative": quality == "standard_else_scaled",
        "kept": 1.0 - book.share("sequestration"),
        "limit_first": book.find("payment_limit.order") == "before_sequestration",
        "of_target": book.find("payment_limit.basis") == "target",
        "gate": book.share("loss_gate"),
        "scale": scales.setdefault(tuple(map(tuple, scale)), len(scales)) if rate in ("size_scale", "elected") else 0,
        "elects": rate == "elected" and book.find("risk") == "two_sided",
        "half": half,
        "half_start": NEVER if start is None else date.fromisoformat(str(start)).year,
        "half_people": int(book.find("low_revenue.beneficiaries", 0)),
    }
    fixed = {"fixed": book.share("minimum_rate.fixed"), "none": 0.0}.get(rate, -1.0)
    shares = book.bands("sharing_rate.bands") or [(np.inf, book.share("sharing_rate"))]
    limits = ("limit", "limit_1", "limit_2")
    up = {"fixed": fixed, "quality": _QUALITY.get(quality, WHOLE), "part": book.share("quality_adjustment.savings")}
    up |= {"floor": 0.0, "top": 1.0, "revenue_limit": book.share("payment_limit.revenue", NO_LIMIT)}
    up |= dict.fromkeys(limits, book.share("payment_limit", NO_LIMIT))
    most = book.share("loss_limit.benchmark", NO_LIMIT)
    down = {**up, "revenue_limit": book.share("loss_limit.revenue", NO_LIMIT), "limit": most}
    down |= {
        f"limit_{k}": book.share(f"loss_limit.benchmark.{name}_year", most) for k, name in ((1, "first"), (2, "second"))
    }
    losses = shares
    if book.find("loss_rate.basis") is None:
        losses = book.bands("loss_rate.bands") or [(np.inf, book.share("loss_rate"))]
    of_losses = book.find("loss_rate.quality")
    down |= {"quality": _QUALITY.get(of_losses, WHOLE), "part": book.share("quality_adjustment.losses")}
    if of_losses == "one_less_scaled_sharing_rate":
        down |= {"quality": ONE_LESS, "part": shares[0][1], "floor": book.share("loss_rate.floor"), "top": losses[0][1]}
        losses = [(np.inf, 1.0)]
    multipliers = book.bands("payment_multiplier.bands")
    for words, name, bands in ((up, "discount", shares), (down, "loss_discount", losses)):
        steps, plain = book.bands(f"{name}.bands") or book.bands("discount.bands"), book.share("discount")
        for k, score in enumerate((*changes, 2.0, 2.0, 2.0, 2.0)[:STEPS]):
            words[f"bound_{k}"], words[f"share_{k}"] = bands[k] if k < len(bands) else (np.inf, 0.0)
            words[f"discount_{k}"] = _at(steps, score, book.share(name, plain))
            words[f"multiplier_{k}"] = _at(multipliers if words is up else None, score, 1.0)
    cell |= {f"up_{field}": value for field, value in up.items()}
    cell |= {f"down_{field}": value for field, value in down.items()}
    return cell


def _at(steps, score, plain):
    """The rate of a score, or the plain one where there are no steps."""
    return plain if steps is None else next(rate for upper, rate in steps if score <= upper)
