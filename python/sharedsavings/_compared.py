"""What a reconciliation of one file and year comes to, whatever the program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# What a row's verdict comes to.
EQUAL, QUALITY, NOT_REPRODUCED, UNEXPLAINED = range(4)


@dataclass(frozen=True)
class Counts:
    """Rows of a file and year; None is not published, or not computed.

    Attributes
    ----------
    rows : int
    moving : int
        With savings or losses in the file.
    generated : int, optional
        Generated amount, or gross savings, equal.
    shared : int, optional
        Share before sequestration equal.
    earned : int, optional
        Amount paid or owed equal.
    published_rows : str
        How many rows CMS published, where the file has another number; else empty.
    """

    rows: int
    moving: int
    generated: int | None
    shared: int | None
    earned: int | None
    published_rows: str = ""


@dataclass(frozen=True)
class Compared:
    """One file and year.

    Attributes
    ----------
    program : str
    name : str
        Of the file.
    year : int
    rows : dict of str to list
        Columns of the comparison.
    statuses : numpy.ndarray
        One of the constants above, for each row.
    counts : Counts
    """

    program: str
    name: str
    year: int
    rows: dict[str, list[Any]]
    statuses: NDArray[np.uint8]
    counts: Counts

    def cells(self) -> dict[str, str]:
        """The line of a table, by heading."""
        counts = self.counts
        shown: dict[str, int | None] = {
            "rows": counts.rows,
            "savings or losses": counts.moving,
            "generated exact": counts.generated,
            "shared exact": counts.shared,
            "earned within $1": counts.earned,
            "within quality score": int((self.statuses == QUALITY).sum()),
            "not reproducible": int((self.statuses == NOT_REPRODUCED).sum()),
            "unexplained": int((self.statuses == UNEXPLAINED).sum()),
        }
        numbers = {heading: "-" if n is None else f"{n:,}" for heading, n in shown.items()}
        # A part is told with its whole.
        if counts.published_rows:
            numbers["rows"] += f" of {counts.published_rows}"
        return {"year": str(self.year), "program": self.program, "file": self.name, **numbers}
