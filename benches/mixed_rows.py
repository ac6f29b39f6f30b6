"""Rows to settle of all programs at once: every arrangement in every year it ran, shuffled, all of them valid and
decided, with what each asks for: scores, standards, elected discounts, caps and minimum rates, revenue.
"""

from typing import NamedTuple

import numpy as np

from benches.mixed_terms import PROGRAMS


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
    """Where the elected rate is null; so with what follows."""
    participant_revenue: np.ndarray
    low_revenue: np.ndarray
    agreement_start: np.ndarray
    discount: np.ndarray
    no_discount: np.ndarray
    elected_cap: np.ndarray
    no_cap: np.ndarray

    @property
    def inputs(self):
        return tuple(self)

    @property
    def bytes_read(self):
        return sum(column.itemsize for column in self)

    @property
    def arguments(self):
        """For our call."""
        named = self._asdict()
        nulls = {"elected_rate": "not_elected", "discount": "no_discount", "elected_cap": "no_cap"}
        masked = {name: (named[name], named.pop(mask)) for name, mask in nulls.items()}
        return {**named, **masked, "program": ",".join(PROGRAMS)}

    def head(self, n):
        return Rows(*(column[:n] for column in self))


def make(n, terms, seed=17):
    rng = np.random.default_rng(seed)
    cells = terms.cells
    year, track = cells[rng.integers(0, len(cells), n)].T
    cell = terms.cell(year, track)
    beneficiaries = np.maximum(rng.lognormal(np.log(9_000), 0.8, n), 500).astype(np.int32)
    benchmark = (beneficiaries * 100 * rng.lognormal(np.log(12_000), 0.2, n)).astype(np.int64)
    elects = (terms.of(cell, "elects") > 0) & (rng.random(n) < 0.6)
    given, capped = (terms.of(cell, name) > 0 for name in ("given", "elects_cap"))
    lowest, highest = terms.discounts[cell].T
    # Discounts in hundredths of a percent, caps in whole percents, as they are elected.
    discount = np.round((lowest + (highest - lowest) * rng.random(n)) * 10_000) / 10_000
    least, most = terms.caps[cell].T
    cap = np.round((least + (most - least) * rng.random(n)) * 100) / 100
    rates = terms.menu[rng.integers(0, len(terms.menu), n)]
    return Rows(
        benchmark=benchmark,
        expenditures=benchmark - (benchmark * rng.normal(0.01, 0.06, n)).astype(np.int64),
        beneficiaries=beneficiaries,
        track=track.astype(np.uint8),
        performance_year=year.astype(np.int16),
        quality_score=np.minimum(rng.beta(8, 2, n) * 10_000 // 1 / 10_000, 1.0),
        quality_standard_met=rng.random(n) < 0.85,
        alternative_standard_met=rng.random(n) < 0.9,
        elected_rate=np.where(elects, rates, 0.0),
        not_elected=~elects,
        participant_revenue=(benchmark * rng.uniform(0.05, 0.9, n)).astype(np.int64),
        low_revenue=rng.random(n) < 0.5,
        # The first agreements of the Shared Savings Program count from 2013.
        agreement_start=np.maximum(year - rng.integers(0, 5, n), 2013).astype(np.int32),
        discount=np.where(given, discount, 0.0),
        no_discount=~given,
        elected_cap=np.where(capped, cap, 0.0),
        no_cap=~capped,
    )
