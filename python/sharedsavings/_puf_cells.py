"""Cells of CMS's results files: numbers with commas and dollar signs, flags, dates, and shares of an unknown unit.

Whether a column of rates is in fractions or in percent is found from its own cells; a column that mixes the two is
refused, since half of it would be wrong a hundredfold.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from ._errors import InputError

MISSING = frozenset({"", "-", "*", ".", "NA", "N/A"})
# Day 0 of spreadsheet day numbers.
_SPREADSHEET_EPOCH = dt.date(1899, 12, 30)
# Day numbers from 1927 on have five digits; a number of four is a year, which is no date.
_DAY_DIGITS = 5
_DATES = ("%m/%d/%Y", "%m/%d/%y", "%Y-%m-%d")
_PERCENT = Decimal("0.01")
# Commas part thousands and nothing else: `12,34` and `1.234,56` are of another notation, or damaged.
_NUMBER = re.compile(r"-?\$? ?-?(\d{1,3}(,\d{3})+|\d+|(?=\.\d))(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
# Between the largest minimum rate ever printed as a fraction (0.254, for 152 people) and the smallest percentage
# on the menu (0.5).
_LARGEST_MINIMUM_RATE = Decimal("0.3")
# A fraction never exceeds 1; a quality score, sharing rate or loss rate in percent was never below 15.
_SMALLEST_PERCENT = Decimal(2)


def read_all(name: str, heading: str, cells: list[str], read: Callable[[str], Any]) -> list[Any]:
    """Every cell of a column, null where missing; the first that cannot be read is named."""
    values: list[Any] = []
    for row, cell in enumerate(cells):
        if cell in MISSING:
            values.append(None)
            continue
        try:
            values.append(read(cell))
        except (ValueError, InvalidOperation, OverflowError):
            raise InputError(f"{name}: column `{heading}`: row {row} holds {cell!r}, which cannot be read") from None
    return values


def number(cell: str) -> Decimal:
    """A finite number, whatever its thousands commas and dollar sign."""
    if not _NUMBER.fullmatch(cell):
        raise ValueError(cell)
    value = Decimal(cell.replace(",", "").replace("$", ""))
    if not value.is_finite():
        raise ValueError(cell)
    return value


def dollars(cell: str) -> int | float:
    """Dollars, as an integer where they are whole."""
    return whole(number(cell))


def whole(value: Decimal | float) -> int | float:
    """An integer where nothing is lost by it."""
    return int(value) if value == int(value) else float(value)


def _count(cell: str) -> int:
    value = number(cell)
    if value != value.to_integral_value() or value < 0:
        raise ValueError(cell)
    return int(value)


def _flag(cell: str) -> bool:
    if cell not in ("0", "1"):
        raise ValueError(cell)
    return cell == "1"


def date(cell: str) -> dt.date:
    """A date as CMS writes it, with or without midnight, or a spreadsheet's day number."""
    if not cell.isascii():
        raise ValueError(cell)
    if cell.isdecimal() and len(cell) == _DAY_DIGITS:
        return _SPREADSHEET_EPOCH + dt.timedelta(days=int(cell))
    day, _, time = cell.partition(" ")
    if time in ("", "00:00", "0:00", "00:00:00", "12:00:00 AM"):
        for form in _DATES:
            try:
                return dt.datetime.strptime(day, form).date()
            except ValueError:
                continue
    raise ValueError(cell)


READERS: Mapping[str, Callable[[str], Any]] = {
    "text": str,
    "count": _count,
    "dollars": dollars,
    "flag": _flag,
    "date": date,
}


@dataclass(frozen=True)
class Shares:
    """A column of rates as printed: its cells, and the numbers in them."""

    name: str
    heading: str
    cells: list[str]
    values: list[Decimal | None]

    @classmethod
    def read(cls, name: str, heading: str, cells: list[str]) -> Shares:
        """The numbers, percent signs taken off."""
        return cls(name, heading, cells, read_all(name, heading, cells, lambda cell: number(cell.removesuffix("%"))))

    @property
    def signed(self) -> bool:
        """Whether percent signs stand in it."""
        return any(cell.endswith("%") for cell in self.cells)

    def signed_throughout(self) -> bool:
        """Whether percent signs stand in every cell but zeros, which need none; in some cells only is refused."""
        present = [row for row, value in enumerate(self.values) if value]
        signed = [row for row in present if self.cells[row].endswith("%")]
        if 0 < len(signed) < len(present):
            bare = [row for row in present if not self.cells[row].endswith("%")]
            few, kind = (signed, "with") if len(signed) <= len(bare) else (bare, "without")
            raise InputError(
                f"{self.name}: column `{self.heading}`: row {few[0]} holds {self.cells[few[0]]!r}, {kind} a percent "
                f"sign where most rows hold the other ({len(few)} of {len(present)}). Bring them to one unit"
            )
        return self.signed

    def percent_by_size(self) -> bool | None:
        """What the sizes of scores, sharing rates or loss rates tell; None where all are 0 or missing."""
        return self._by_size(Decimal(1), _SMALLEST_PERCENT)

    def percent_by_menu(self) -> bool | None:
        """What the sizes of minimum rates tell."""
        return self._by_size(_LARGEST_MINIMUM_RATE, _LARGEST_MINIMUM_RATE)

    def _by_size(self, largest_fraction: Decimal, smallest_percent: Decimal) -> bool | None:
        fractions, percents = [], []
        for row, value in enumerate(self.values):
            if not value:
                continue
            if abs(value) <= largest_fraction:
                fractions.append(row)
            elif abs(value) >= smallest_percent:
                percents.append(row)
            else:
                raise InputError(
                    f"{self.name}: column `{self.heading}`: row {row} holds {self.cells[row]!r}, which is neither a "
                    f"share of one nor a percentage that CMS prints here. Correct the cell"
                )
        if fractions and percents:
            few, kind = (percents, "a percentage") if len(percents) <= len(fractions) else (fractions, "a fraction")
            raise InputError(
                f"{self.name}: column `{self.heading}`: row {few[0]} holds {self.cells[few[0]]!r}, {kind} where most "
                f"rows hold the other ({len(few)} of {len(fractions) + len(percents)}). Bring them to one unit"
            )
        return bool(percents) if fractions or percents else None

    def of_one(self, percent: bool) -> list[float | None]:
        """Shares of one."""
        unit = _PERCENT if percent else 1
        return [None if v is None else float(v * unit) for v in self.values]

    def range_of_one(self, percent: bool, decimals: int) -> tuple[list[float | None], list[float | None]]:
        """The least and the largest shares of one that would be printed as these are, each with so many decimals."""
        unit = _PERCENT if percent else Decimal(1)
        least: list[float | None] = []
        most: list[float | None] = []
        for value in self.values:
            if value is None:
                least.append(None)
                most.append(None)
                continue
            # A cell may show fewer, by trailing zeros left off; one that shows more was printed with more.
            exponent = value.as_tuple().exponent
            shown = -exponent if isinstance(exponent, int) else 0
            half = Decimal(1).scaleb(-max(shown, decimals - 2 * percent)) / 2
            least.append(float(max(value - half, Decimal(0)) * unit))
            most.append(float(max(min((value + half) * unit, Decimal(1)), value * unit)))
        return least, most
