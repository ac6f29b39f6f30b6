"""The thresholds that peers compare with, read from the shipped rule book."""

from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np

from benches import native

YEARS = range(2017, 2028)
FIELDS = ("payment_amount.qp", "payment_amount.partial_qp", "patient_count.qp", "patient_count.partial_qp")


@dataclass(frozen=True)
class Thresholds:
    """One entry a year: whole numbers of ``1 / scale``, so that peers compare exactly too."""

    first: int
    scale: int
    pay_qp: np.ndarray
    pay_partial: np.ndarray
    pat_qp: np.ndarray
    pat_partial: np.ndarray

    @property
    def columns(self):
        return self.pay_qp, self.pay_partial, self.pat_qp, self.pat_partial

    @property
    def words(self):
        """All four of a year as 16-bit fields of one word."""
        a, b, c, d = (column.astype(np.uint64) for column in self.columns)
        return a | b << np.uint64(16) | c << np.uint64(32) | d << np.uint64(48)


def read():
    book = native.core.shipped()
    rates = [[Fraction(book.find(f"qp.medicare.{f}", y)["value"]) for y in YEARS] for f in FIELDS]
    scale = lcm(*(rate.denominator for field in rates for rate in field))
    columns = [np.array([int(rate * scale) for rate in field], dtype=np.int64) for field in rates]
    return Thresholds(YEARS[0], scale, *columns)
