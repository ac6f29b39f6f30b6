"""Rows to determine: mixed years, with planted exact ties, near misses and zero denominators."""

from typing import NamedTuple

import numpy as np

from benches.thresholds import YEARS


class Rows(NamedTuple):
    pay_num: np.ndarray
    pay_den: np.ndarray
    pat_num: np.ndarray
    pat_den: np.ndarray
    year: np.ndarray

    @property
    def bytes_per_row(self):
        """Read, and written as one byte each of status and method."""
        return sum(column.itemsize for column in self) + 2

    def head(self, n):
        return Rows(*(column[:n] for column in self))


def make(n, thresholds, seed=7):
    rng = np.random.default_rng(seed)
    year = rng.integers(YEARS[0], YEARS[-1] + 1, n, dtype=np.int16)
    pay_den = rng.integers(1, 5 * 10**9, n, dtype=np.int64)
    pat_den = rng.integers(1, 60_000, n, dtype=np.int64)
    pay_num = _part(rng, pay_den)
    pat_num = _part(rng, pat_den)
    # Spare the first rows, so that one row alone is an ordinary one.
    ties = np.arange(50, n, 101)
    at = year[ties] - YEARS[0]
    kind = np.arange(ties.size) % 8
    for k, threshold in enumerate(thresholds.columns):
        num, den = (pay_num, pay_den) if k < 2 else (pat_num, pat_den)
        for miss in (0, 1):
            mine = kind == 2 * k + miss
            rows = ties[mine]
            den[rows] = den[rows] // thresholds.scale * thresholds.scale + thresholds.scale
            num[rows] = den[rows] // thresholds.scale * threshold[at[mine]] - miss
    for first, columns in ((60, (pay_num, pay_den)), (61, (pat_num, pat_den))):
        for column in columns:
            column[first::997] = 0
    for column in (pay_num, pay_den, pat_num, pat_den):
        column[62::997] = 0
    return Rows(pay_num, pay_den, pat_num, pat_den, year)


def _part(rng, whole):
    return (whole * rng.random(whole.size)).astype(np.int64)
