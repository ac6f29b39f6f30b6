"""Rows to settle: every track in every year it ran, all of them valid and decided, with planted exact ties at the
minimum rate and one cent beside it, payments and losses at their limits, elections around 5,000 beneficiaries, and
half rates.
"""

from fractions import Fraction
from typing import NamedTuple

import numpy as np

STEP = 101
KINDS = 10


class Rows(NamedTuple):
    """Money in cents, as our call takes it."""

    benchmark: np.ndarray
    expenditures: np.ndarray
    beneficiaries: np.ndarray
    track: np.ndarray
    performance_year: np.ndarray
    quality_score: np.ndarray
    quality_standard_met: np.ndarray
    alternative_standard_met: np.ndarray
    elected_rate: np.ndarray
    not_elected: np.ndarray
    """Where the elected rate is null."""
    participant_revenue: np.ndarray
    low_revenue: np.ndarray
    agreement_start: np.ndarray
    scale_tie: np.ndarray
    """Rows at exactly the minimum rate of the size scale between two of its knots, where a float that interpolates
    may decide either way. For the comparison only: not an input."""

    @property
    def inputs(self):
        return self[:-1]

    @property
    def bytes_read(self):
        return sum(column.itemsize for column in self.inputs)

    @property
    def arguments(self):
        """For our call."""
        named = self._asdict()
        nulls = named.pop("not_elected")
        del named["scale_tie"]
        return {**named, "elected_rate": (self.elected_rate, nulls)}

    def head(self, n):
        return Rows(*(column[:n] for column in self))


def make(n, terms, seed=11):
    rng = np.random.default_rng(seed)
    cells = np.argwhere(terms.runs)
    year, track = cells[rng.integers(0, len(cells), n)].T
    beneficiaries = np.maximum(rng.lognormal(np.log(12_000), 0.8, n), terms.knots[0][0]).astype(np.int32)
    benchmark = (beneficiaries * 100 * rng.lognormal(np.log(12_000), 0.2, n)).astype(np.int64)
    start = np.maximum(year - rng.integers(0, 5, n), 0) + terms.first
    score = np.minimum(rng.beta(8, 2, n) * 10_000 // 1 / 10_000, 1.0)
    menu = np.array([float(rate) for rate in terms.menu])
    rows = Rows(
        benchmark=benchmark,
        expenditures=benchmark - (benchmark * rng.normal(0.025, 0.03, n)).astype(np.int64),
        beneficiaries=beneficiaries,
        track=track.astype(np.uint8),
        performance_year=(year + terms.first).astype(np.int16),
        quality_score=score,
        quality_standard_met=rng.random(n) < 0.85,
        alternative_standard_met=rng.random(n) < 0.9,
        elected_rate=menu[rng.integers(0, len(menu), n)],
        not_elected=rng.random(n) < 0.4,
        participant_revenue=(benchmark * rng.uniform(0.05, 0.9, n)).astype(np.int64),
        low_revenue=rng.random(n) < 0.5,
        agreement_start=start.astype(np.int32),
        scale_tie=np.zeros(n, bool),
    )
    _plant(rows, terms, rng)
    rows.not_elected[~terms.elects[rows.performance_year - terms.first, rows.track]] = True
    rows.elected_rate[rows.not_elected] = 0.0
    return rows


def _plant(rows, terms, rng):
    """Spares the first rows, so that one row alone is an ordinary one."""
    planted = np.arange(50, len(rows.track), STEP)
    kinds = [planted[k::KINDS] for k in range(KINDS)]
    electing = np.argwhere(terms.elects)
    rates = [rate for rate in terms.menu if rate > 0]
    for at, cents, sign in ((kinds[0], 0, 1), (kinds[1], 1, 1), (kinds[2], 0, -1), (kinds[3], 1, -1)):
        _place(rows, terms, at, electing, rng)
        rows.beneficiaries[at] = np.maximum(rows.beneficiaries[at], terms.election_people)
        rows.not_elected[at] = False
        for i, rate in enumerate(rates):
            mine = at[i :: len(rates)]
            rows.elected_rate[mine] = float(rate)
            _tie(rows, mine, rate, cents, sign)
    _scale_ties(rows, terms, kinds[4])
    most = rng.uniform(0.3, 0.6, len(kinds[5]))
    rows.expenditures[kinds[5]] -= (rows.benchmark[kinds[5]] * most).astype(np.int64)
    rows.quality_standard_met[kinds[5]] = True
    losing = np.argwhere(terms.two_sided)
    for at in (kinds[6], kinds[7]):
        _place(rows, terms, at, losing, rng)
        rows.expenditures[at] = (rows.benchmark[at] * rng.uniform(1.1, 1.6, len(at))).astype(np.int64)
    rows.participant_revenue[kinds[6]] //= 10
    # Just enough beneficiaries for an election, and one fewer.
    _place(rows, terms, kinds[8], electing, rng)
    rows.beneficiaries[kinds[8]] = terms.election_people - np.arange(len(kinds[8])) % 2
    halved = np.argwhere(terms.half > 0)
    if len(halved):
        at = kinds[9]
        _place(rows, terms, at, halved, rng)
        year, track = rows.performance_year[at] - terms.first, rows.track[at]
        rows.low_revenue[at] = True
        rows.agreement_start[at] = terms.half_start[year, track]
        rows.beneficiaries[at] = np.maximum(rows.beneficiaries[at], terms.half_people[year, track])
        rows.not_elected[at] = True
        rows.expenditures[at] = rows.benchmark[at] - rows.benchmark[at] // 80


def _place(rows, terms, at, cells, rng):
    """Puts rows into years and tracks out of a list."""
    chosen = cells[rng.integers(0, len(cells), len(at))]
    rows.performance_year[at] = chosen[:, 0] + terms.first
    rows.track[at] = chosen[:, 1]
    rows.agreement_start[at] = np.minimum(rows.agreement_start[at], rows.performance_year[at])


def _tie(rows, at, rate, cents, sign):
    """Savings or losses of exactly a part of the benchmark, or some cents less."""
    benchmark = rows.benchmark[at] // rate.denominator * rate.denominator
    rows.benchmark[at] = benchmark
    rows.expenditures[at] = benchmark - sign * (benchmark // rate.denominator * rate.numerator - cents)


def _scale_ties(rows, terms, at):
    """By the size scale: every third at a knot, where floats give the nearest rate, the others between two knots."""
    rows.not_elected[at] = True
    rows.beneficiaries[at[::3]] = np.resize([n for n, _ in terms.knots], len(at[::3]))
    of_scale = np.isnan(terms.fixed[rows.performance_year[at] - terms.first, rows.track[at]])
    for people in np.unique(rows.beneficiaries[at]):
        mine = at[(rows.beneficiaries[at] == people) & of_scale]
        rate = Fraction(terms.exact(int(people)))
        _tie(rows, mine, rate, 0, 1)
        rows.scale_tie[mine] = all(people != n for n, _ in terms.knots) and people < terms.knots[-1][0]
