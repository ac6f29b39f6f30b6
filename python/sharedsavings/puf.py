"""CMS's published results of the Shared Savings Program, read into the columns that `settle` takes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import _core
from . import rules as _rules
from ._errors import InputError
from ._puf_cells import MISSING, READERS, Shares, date, number, read_all, whole
from ._puf_file import File, open_file
from ._puf_layouts import COMMON, EARNED_2013, NAMES_2013, OPTIONAL, REVENUE, TRACK_2_OF_2013
from ._table import Table
from .samples import to_frame

# Totals of the months of participation, where a performance period of 2019 had six of them.
_HALVED = ("benchmark", "expenditures", "published_savings")
# Rates of one unit, whichever the vintage; a column of small percentages looks like fractions by itself.
_ONE_UNIT = ("published_savings_rate", "published_minimum_rate")


@dataclass(frozen=True)
class Puf:
    """A results file in canonical columns.

    Attributes
    ----------
    columns : dict of str to list
        Canonical columns, one value a row.
    performance_year : int
    notes : tuple of str
        What was read otherwise than it stands in the file, and what was assumed.
    quality_range : tuple of two lists
        The least and the largest quality score that would be printed as each row's is.
    one_sided_losses : bool
        Whether the file prints the generated losses of ACOs that share none.
    has_standard : bool
        Whether the file has a column that says who met the quality performance standard.
    has_generated : bool
        Whether the file has a column of generated savings and losses.
    """

    columns: dict[str, list[Any]]
    performance_year: int
    notes: tuple[str, ...]
    quality_range: tuple[list[float | None], list[float | None]]
    one_sided_losses: bool
    has_standard: bool
    has_generated: bool


def read_puf(
    path: str | os.PathLike[str],
    performance_year: int | None = None,
    *,
    everything: bool = False,
    backend: str | None = None,
) -> Any:
    """Read one of CMS's "Performance Year Financial and Quality Results" files.

    Every vintage is known, performance years 2013 to 2024, and both files of 2019. The vintage is told by the
    headings, units by the cells: fractions, percentages with or without a sign, dollar signs, thousands commas, a
    byte order mark, day numbers of spreadsheets, and `-`, `*` or `.` for missing. `puf_notes` tells what was read
    otherwise than it stands in the file.

    Parameters
    ----------
    path : path
        CSV file.
    performance_year : int, optional
        Year that the file must be of.
    everything : bool
        Append every other column of the file, under CMS's own headings: as numbers where they are numbers, null
        where suppressed.
    backend : {"pandas", "polars", "pyarrow"}, optional
        Kind of frame to return; the first of these that is installed where None.

    Returns
    -------
    pandas.DataFrame, polars.DataFrame or pyarrow.Table
        The columns that `settle` reads, ids as text, and what CMS published: `published_savings`,
        `published_savings_rate`, `published_minimum_rate`, `published_generated`, `published_earned`,
        `published_sharing_rate`, `published_disaster_adjustment`, and where the year has them
        `published_loss_rate`, `published_half_rate`, `published_revenue_limit`, `published_mid_year_termination`,
        `published_advance_recouped` and `published_advance_outstanding`. A two-sided ACO whose published minimum
        rate is one on the menu elected it; else `elected_rate` is null. Rows of a six-month period of 2019 have
        `half_year` true; their benchmark, expenditures and savings are those of the whole year, what was generated
        and earned is that of the six months.

    Raises
    ------
    InputError
        Where the layout is not known or a cell cannot be read; the message names column, row and value.

    Examples
    --------
    >>> import sharedsavings as ss
    >>> acos = ss.read_puf("py2024.csv")  # doctest: +SKIP
    >>> ss.settle(acos).summary()  # doctest: +SKIP
    """
    return to_frame(load(path, performance_year, everything=everything).columns, backend)


def puf_notes(*paths: str | os.PathLike[str], performance_year: int | None = None) -> Table:
    """Tell how `read_puf` reads files: what it changes, infers and assumes.

    Parameters
    ----------
    *paths : path
        Results files.
    performance_year : int, optional
        Year that the files must be of.

    Returns
    -------
    Table
        One row a note, with the file and its performance year.

    Raises
    ------
    InputError
        As `read_puf`.

    Examples
    --------
    >>> import sharedsavings as ss
    >>> print(ss.puf_notes("py2013.csv", "py2024.csv"))  # doctest: +SKIP
    """
    rows: list[tuple[str, ...]] = []
    for path in paths:
        file = load(path, performance_year)
        rows += [(os.path.basename(path), str(file.performance_year), note) for note in file.notes]
    return Table("How the files are read", ("file", "year", "note"), rows)


def load(path: str | os.PathLike[str], performance_year: int | None = None, *, everything: bool = False) -> Puf:
    """Read a results file into plain columns, with notes on how."""
    file = open_file(path, performance_year)
    layout, table, notes = file.layout, file.table, file.notes
    out: dict[str, list[Any]] = {}
    shares: dict[str, Shares] = {}
    held: set[str] = set(layout.tracks)
    for canonical, (headings, kind) in COMMON.items():
        if canonical == "track":
            out[canonical] = _tracks(file, held)
            continue
        heading = layout.names.get(canonical) or next((h for h in headings if h in table), headings[0])
        if heading not in table:
            if canonical not in OPTIONAL | layout.without:
                raise _missing(file, heading)
            continue
        held.add(heading)
        if canonical == "quality_score":
            out[canonical] = []  # keeps its place among the columns
        if kind == "share":
            cells = _scores(file, heading) if canonical == "quality_score" else table[heading]
            shares[canonical] = Shares.read(file.name, heading, cells)
        else:
            out[canonical] = read_all(file.name, heading, table[heading], READERS[kind])
    out["performance_year"] = [layout.year] * file.rows
    units = _units(file, shares)
    for canonical, column in shares.items():
        out[canonical] = column.of_one(units[canonical])
    quality_range = _quality(file, out, shares["quality_score"], units["quality_score"])
    _earned(file, out, held)
    # In this order: in a doubled amount a rounded dollar would be two.
    _agree(file, out)
    _half_years(file, out)
    _revenue(file, out, held)
    if "published_disaster_adjustment" in out:
        out["disaster_relief"] = [None if v is None else abs(v) for v in out["published_disaster_adjustment"]]
    out["elected_rate"] = _elected(file, out)
    if everything:
        out |= _others(file, held)
    for values in out.values():
        _one_type(values)
    has_standard, has_generated = (n not in layout.without for n in ("quality_standard_met", "published_generated"))
    return Puf(out, layout.year, tuple(notes), quality_range, layout.one_sided_losses, has_standard, has_generated)


def _one_type(values: list[Any]) -> None:
    """Floats throughout where some are."""
    if any(isinstance(v, float) for v in values):
        values[:] = [float(v) if isinstance(v, int) else v for v in values]


def _missing(file: File, heading: str) -> InputError:
    return InputError(f"{file.name}: column `{heading}` is missing. It is part of the {file.layout.year} layout")


def _tracks(file: File, held: set[str]) -> list[Any]:
    layout, table = file.layout, file.table
    if TRACK_2_OF_2013 in table:
        held.add(TRACK_2_OF_2013)
        flags = read_all(file.name, TRACK_2_OF_2013, table[TRACK_2_OF_2013], READERS["flag"])
        file.notes.append("track read from the flag of Track 2: the others are Track 1")
        return [None if flag is None else "2" if flag else "1" for flag in flags]
    if not layout.tracks:
        (heading,) = COMMON["track"][0]
        held.add(heading)
        if heading not in table:
            raise _missing(file, heading)
        return read_all(file.name, heading, table[heading], READERS["text"])
    absent = next((heading for heading in layout.tracks if heading not in table), None)
    if absent:
        raise _missing(file, absent)
    file.notes.append("track read from one flag column a track")
    tracks: list[Any] = []
    for row in range(file.rows):
        marked = [track for heading, track in layout.tracks.items() if table[heading][row] == "1"]
        if len(marked) != 1:
            raise InputError(f"{file.name}: row {row} is marked with {len(marked)} tracks. Exactly one flag may be 1")
        tracks.append(marked[0])
    return tracks


def _scores(file: File, heading: str) -> list[str]:
    """Cells of the quality scores, with those of pay-for-reporting missing."""
    cells, words = file.table[heading], file.layout.pay_for_reporting
    full = [cell for cell in cells if cell in words]
    if full:
        said = " or ".join("blank" if word == "" else word for word in sorted(set(full)))
        file.notes.append(f"{heading}: {said} in {len(full)} rows is pay-for-reporting, read as a score of 1")
    return ["" if cell in words else cell for cell in cells]


def _units(file: File, shares: Mapping[str, Shares]) -> dict[str, bool]:
    """Which columns of shares are in percent."""
    by_menu = shares["published_minimum_rate"].percent_by_menu()
    percent: dict[str, bool] = {}
    for canonical, column in shares.items():
        if canonical in _ONE_UNIT:
            # No minimum rate that tells (few rows, all elected 0): by the sign, else as the vintage has it.
            alone = by_menu is None
            percent[canonical] = column.signed or (file.layout.percent_rates if alone else bool(by_menu))
        else:
            percent[canonical] = column.signed or bool(column.percent_by_size())
        if percent[canonical]:
            file.notes.append(f"{column.heading} read as percentages")
    return percent


def _quality(
    file: File, out: dict[str, list[Any]], printed: Shares, percent: bool
) -> tuple[list[float | None], list[float | None]]:
    """Full scores of pay-for-reporting, the standard where only the score tells of it, and what scores may be."""
    words, heading = file.layout.pay_for_reporting, printed.heading
    full = [cell in words for cell in file.table[heading]]
    out["quality_score"] = [1.0 if f else v for f, v in zip(full, out["quality_score"], strict=True)]
    if "quality_standard_met" in file.layout.without:
        out["quality_standard_met"] = [None if score is None else score > 0 for score in out["quality_score"]]
    if heading == NAMES_2013["quality_score"]:
        return out["quality_score"], out["quality_score"]
    least, most = printed.range_of_one(percent)
    return ([1.0 if f else v for f, v in zip(full, least, strict=True)],
            [1.0 if f else v for f, v in zip(full, most, strict=True)])  # fmt: skip


def _earned(file: File, out: dict[str, list[Any]], held: set[str]) -> None:
    """What was earned in 2013, which stands in one column for savings and in another for losses."""
    if file.layout.year != 2013:  # noqa: PLR2004
        return
    columns = [read_all(file.name, heading, file.table[heading], READERS["dollars"]) for heading in EARNED_2013]
    held.update(EARNED_2013)
    both = next((row for row, (paid, owed) in enumerate(zip(*columns, strict=True)) if paid and owed), None)
    if both is not None:
        raise InputError(f"{file.name}: row {both} has both {EARNED_2013[0]} and {EARNED_2013[1]}. One must be 0")
    out["published_earned"] = [owed or paid for paid, owed in zip(*columns, strict=True)]
    out["published_generated"] = [None] * file.rows
    file.notes.append("published_earned read from the columns of shared savings and shared losses")
    file.notes.append("no generated savings or losses in the file: published_generated is null")


def _half_years(file: File, out: dict[str, list[Any]]) -> None:
    """Whole-year amounts of the six-month performance periods of 2019."""
    if "half_year" not in out:
        if not file.layout.one_sided_losses or "Current_BASIC_A" not in file.table:
            return
        out["half_year"] = _half_year_by_totals(file, out["benchmark"])
    rows = [row for row, half in enumerate(out["half_year"]) if half]
    if not rows:
        return
    for name in _HALVED:
        column = out[name]
        for row in rows:
            column[row] = None if column[row] is None else whole(_core.whole_year(float(column[row])))
    file.notes.append(
        f"{len(rows)} rows are of six months: {', '.join(_HALVED)} doubled to the whole year, as DisAdj is; generated "
        "and earned left as they stand"
    )


def _half_year_by_totals(file: File, benchmark: list[Any]) -> list[bool | None]:
    needed = ("UpdatedBnchmk", "N_AB_Year_PY")
    absent = next((heading for heading in needed if heading not in file.table), None)
    if absent:
        raise _missing(file, absent)
    per_capita, person_years = (read_all(file.name, h, file.table[h], number) for h in needed)
    file.notes.append("half_year found by ABtotBnchmk against UpdatedBnchmk times person years")
    halves: list[bool | None] = []
    for row, values in enumerate(zip(benchmark, per_capita, person_years, strict=True)):
        known = None not in values
        half = _core.covers_half_year(*(float(v) for v in values)) if known else None
        if known and half is None:
            raise InputError(
                f"{file.name}: row {row}: ABtotBnchmk is neither the whole nor the half of UpdatedBnchmk times "
                "N_AB_Year_PY. Add a column Participation_Six_Months (0 or 1)"
            )
        halves.append(half)
    return halves


def _agree(file: File, out: dict[str, list[Any]]) -> None:
    """Expenditures that agree with the printed savings."""
    totals = zip(out["benchmark"], out["expenditures"], out["published_savings"], strict=True)
    agreed = [
        total[1] if None in total else whole(_core.expenditures_as_printed(*(float(v) for v in total)))
        for total in totals
    ]
    moved = sum(a != b for a, b in zip(agreed, out["expenditures"], strict=True))
    if moved:
        file.notes.append(
            f"expenditures of {moved} rows moved by $1 at most to the printed difference from the benchmark"
        )
    out["expenditures"] = agreed


def _revenue(file: File, out: dict[str, list[Any]], held: set[str]) -> None:
    if "low_revenue" in file.layout.without:
        return
    if REVENUE not in file.table:
        raise _missing(file, REVENUE)
    held.add(REVENUE)
    out["low_revenue"] = read_all(file.name, REVENUE, file.table[REVENUE], _low)


def _low(cell: str) -> bool:
    word = cell.split(maxsplit=1)[0].lower()
    if word not in ("low", "high"):
        raise ValueError(cell)
    return word == "low"


def _elected(file: File, out: Mapping[str, list[Any]]) -> list[float | None]:
    book, year = _rules.shipped(), file.layout.year
    menu = book.find("mssp.minimum_rate.elections", year)
    by_track = book.find("mssp.minimum_rate", year)
    if menu is None or by_track is None:
        return [None] * file.rows
    spellings = book.find("mssp.arrangement_spellings", year)
    others = spellings["value"] if spellings else {}
    rates = {float(rate) for rate in menu["value"]}
    electing = {track for track, way in by_track["value"].items() if way == "elected"}
    file.notes.append("elected_rate inferred: a two-sided ACO's published minimum rate where it is on the menu")

    def elects(track: str | None) -> bool:
        return track is not None and others.get(track.upper(), track.upper()) in electing

    rows = zip(out["published_minimum_rate"], out["track"], strict=True)
    return [rate if rate in rates and elects(track) else None for rate, track in rows]


def _others(file: File, held: set[str]) -> dict[str, list[Any]]:
    """Columns without a canonical name: numbers, dates, or else text."""
    return {
        heading: _by_content(file, heading, cells)
        for heading, cells in file.table.items()
        if heading and heading not in held
    }


def _by_content(file: File, heading: str, cells: list[str]) -> list[Any]:
    if heading.endswith("_Start_Date"):
        return read_all(file.name, heading, cells, date)
    values: list[Any] = []
    strange: list[int] = []
    for row, cell in enumerate(cells):
        if cell in MISSING:
            values.append(None)
            continue
        try:
            values.append(whole(number(cell.removesuffix("%"))))
        except ArithmeticError:
            values.append(None)
            strange.append(row)
    present = sum(cell not in MISSING for cell in cells)
    if present == len(strange) or 2 * len(strange) > present:
        return [None if cell in MISSING else cell for cell in cells]
    if strange:
        file.notes.append(
            f"{heading}: {len(strange)} cells that are no numbers read as null, first {cells[strange[0]]!r} in row "
            f"{strange[0]}"
        )
    return values
