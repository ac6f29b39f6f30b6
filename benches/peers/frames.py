"""What the frame peers share: the rows and the thresholds as named columns, and one integer code a row."""

import numpy as np

NAMES = ("pay_num", "pay_den", "pat_num", "pat_den", "year")
FIELDS = ("pay_qp", "pay_partial", "pat_qp", "pat_partial")


def columns(rows):
    return dict(zip(NAMES, rows, strict=True))


def table(t):
    """The thresholds by year."""
    years = np.arange(t.first, t.first + len(t.pay_qp), dtype=np.int16)
    return {"year": years, **dict(zip(FIELDS, t.columns, strict=True))}
