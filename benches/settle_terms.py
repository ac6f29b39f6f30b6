"""The terms of the Shared Savings Program by year and track, as peers look them up, read from the shipped rule
book. Shares are floats; a limit that does not exist is so high that it never binds.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from types import SimpleNamespace

import numpy as np

from benches import native

LAST_YEAR = 2024
NO_LIMIT = 1e9
NEVER = 9999
EARLY = ("first_limit", "second_limit", "later_limit")
LINE = (
    *("sharing", "kept", "payment_limit", "loss", "loss_floor", *EARLY, "revenue_limit"),
    *("half", "half_start", "half_people", "two_sided", "scaled", "alternative", "fixed"),
)


@dataclass(frozen=True)
class Terms:
    """Arrays by [year - first, track], unless said otherwise."""

    first: int
    tracks: tuple
    runs: np.ndarray
    """Whether the track ran in the year."""
    two_sided: np.ndarray
    elects: np.ndarray
    """Whether a minimum rate can be elected."""
    fixed: np.ndarray
    """The one minimum rate of a track without election or scale; NaN elsewhere."""
    sharing: np.ndarray
    scaled: np.ndarray
    """Whether quality scales sharing even where the standard is met."""
    alternative: np.ndarray
    """Whether the alternative standard opens sharing, scaled."""
    kept: np.ndarray
    """One less sequestration."""
    payment_limit: np.ndarray
    loss: np.ndarray
    """The highest loss rate."""
    loss_floor: np.ndarray
    """The lowest: the same where quality does not matter."""
    loss_limit: np.ndarray
    """Of the benchmark, by [year, track, 0 in the first year under two-sided risk, 1 in the second, else 2]."""
    revenue_limit: np.ndarray
    half: np.ndarray
    """Part of the rate that a low-revenue entity gets below the minimum rate; 0 where there is none."""
    half_start: np.ndarray
    """First year of an agreement that gets it; `NEVER` where there is none."""
    half_people: np.ndarray
    """Fewest beneficiaries that get it."""
    election_people: int
    """Fewest beneficiaries with which an election counts."""
    menu: tuple
    """Rates that can be elected, as fractions."""
    knots: tuple
    """The size scale: (beneficiaries, rate as a fraction)."""

    def flat(self, *names):
        """Tables as one value a cell, year by year: the cell of a row is ``(year - first) * tracks + track``."""
        return [np.ascontiguousarray(getattr(self, name).reshape(-1)) for name in names]

    @property
    def lines(self):
        """All parameters of a cell beside each other, in the order of `LINE`: two lines of a cache. A rate that is
        not fixed reads -1."""
        early = dict(zip(EARLY, np.moveaxis(self.loss_limit, 2, 0), strict=True))
        columns = [early[name] if name in early else getattr(self, name) for name in LINE]
        together = np.stack([column.reshape(-1).astype(np.float64) for column in columns], axis=1)
        return np.ascontiguousarray(np.nan_to_num(together, nan=-1.0))

    @property
    def scale(self):
        """The size scale as axes for ``np.interp``."""
        return tuple(np.array([float(knot[axis]) for knot in self.knots]) for axis in (0, 1))

    def exact(self, people):
        """The size scale at a number of beneficiaries, as a fraction."""
        for (low, at_low), (high, at_high) in zip(self.knots, self.knots[1:], strict=False):
            if low <= people <= high and (high - low > 1 or people == low):
                return (at_low * (high - people) + at_high * (people - low)) / (high - low)
        return self.knots[-1][1]

    @property
    def by_people(self):
        """The size scale as one rate for each number of beneficiaries, the last for all above; NaN where none."""
        rates = [self.exact(n) for n in range(self.knots[0][0], self.knots[-1][0] + 1)]
        below = np.full(self.knots[0][0], np.nan)
        return np.concatenate([below, np.array([float(rate) for rate in rates])])


def read():
    """Of every year since the first up to `LAST_YEAR`."""
    book = native.core.shipped()
    first = min(rule["from"] for rule in book.rules("mssp.arrangements"))
    years = range(first, LAST_YEAR + 1)
    tracks = tuple(native.arrays.track_codes())
    cells = [[_cell(book, year, track) for track in tracks] for year in years]
    fields = {name: np.array([[vars(cell)[name] for cell in row] for row in cells]) for name in vars(cells[0][0])}
    menu = tuple(Fraction(rate) for rate in book.find("mssp.minimum_rate.elections", LAST_YEAR)["value"])
    knots = book.find("mssp.minimum_rate.size_scale", LAST_YEAR)["value"]
    people = int(book.find("mssp.minimum_rate.election_beneficiaries", LAST_YEAR)["value"])
    _same_in_all(book, years, "mssp.minimum_rate.size_scale")
    return Terms(
        first, tracks, **fields, election_people=people, menu=menu, knots=tuple((int(x), Fraction(y)) for x, y in knots)
    )


def _cell(book, year, track):
    """One year of one track."""

    def find(field, default=None):
        rule = book.find(f"mssp.{field}", year)
        value = None if rule is None else rule["value"]
        value = value.get(track) if isinstance(value, dict) else value
        return default if value is None else value

    share = lambda field, default=0.0: float(find(field, default))  # noqa: E731
    quality = find("sharing_rate.quality", "")
    loss = share("loss_rate")
    limit = share("loss_limit.benchmark", NO_LIMIT)
    early = [share(f"loss_limit.benchmark.{which}_year", limit) for which in ("first", "second")]
    half = share("low_revenue.share")
    start = find("low_revenue.agreement_start") if half else None
    return SimpleNamespace(
        runs=track in find("arrangements", ()),
        two_sided=find("risk") == "two_sided",
        elects=find("minimum_rate") == "elected",
        fixed=share("minimum_rate.fixed", np.nan),
        sharing=share("sharing_rate"),
        scaled=quality == "scaled",
        alternative=quality == "standard_else_scaled",
        kept=1.0 - share("sequestration"),
        payment_limit=share("payment_limit", NO_LIMIT),
        loss=loss,
        loss_floor=share("loss_rate.floor", loss),
        loss_limit=[*early, limit],
        revenue_limit=share("loss_limit.revenue", NO_LIMIT),
        half=half,
        half_start=NEVER if start is None else date.fromisoformat(str(start)).year,
        half_people=int(find("low_revenue.beneficiaries", 0)),
    )


def _same_in_all(book, years, id):
    """Peers know one size scale; a book with several would need more of them."""
    values = [rule["value"] for year in years if (rule := book.find(id, year))]
    if any(value != values[0] for value in values):
        raise NotImplementedError(f"{id} differs between years")
