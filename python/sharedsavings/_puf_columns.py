"""Columns of `settle` from those of a results file, where they do not stand there one for one.

Each function takes the file and the columns read so far, and tells in the file's notes what it did.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import _core
from . import rules as _rules
from ._errors import InputError
from ._puf_cells import MISSING, READERS, Shares, date, number, read_all, whole
from ._puf_file import File
from ._puf_layouts import COMMON, EARNED_2013, NAMES_2013, REVENUE, TRACK_2_OF_2013

# Totals of the months of participation, where a performance period of 2019 had six of them.
_HALVED = ("benchmark", "expenditures", "published_savings")
# Rates of one unit, whichever the vintage; a column of small percentages looks like fractions by itself.
_ONE_UNIT = ("published_savings_rate", "published_minimum_rate")


def one_type(values: list[Any]) -> None:
    """Floats throughout where some are."""
    if any(isinstance(v, float) for v in values):
        values[:] = [float(v) if isinstance(v, int) else v for v in values]


def missing(file: File, heading: str) -> InputError:
    """The error of a column that its vintage has."""
    return InputError(f"{file.name}: column `{heading}` is missing. It is part of the {file.layout.year} layout")


def tracks(file: File, held: set[str]) -> list[Any]:
    """Track of every row, from one column or from one flag a track."""
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
            raise missing(file, heading)
        return read_all(file.name, heading, table[heading], READERS["text"])
    absent = next((heading for heading in layout.tracks if heading not in table), None)
    if absent:
        raise missing(file, absent)
    file.notes.append("track read from one flag column a track")
    tracks: list[Any] = []
    for row in range(file.rows):
        marked = [track for heading, track in layout.tracks.items() if table[heading][row] == "1"]
        if len(marked) != 1:
            raise InputError(f"{file.name}: row {row} is marked with {len(marked)} tracks. Exactly one flag may be 1")
        tracks.append(marked[0])
    return tracks


def once(file: File, ids: list[Any]) -> None:
    """Every ACO has one row: a second would be counted and paid twice."""
    first: dict[str, int] = {}
    for row, aco_id in enumerate(ids):
        if aco_id is not None and first.setdefault(aco_id, row) != row:
            raise InputError(
                f"{file.name}: rows {first[aco_id]} and {row} are both of ACO {aco_id}. Keep the one that CMS published"
            )


def scores(file: File, heading: str) -> list[str]:
    """Cells of the quality scores, with those of pay-for-reporting missing."""
    cells, words = file.table[heading], file.layout.pay_for_reporting
    full = [cell for cell in cells if cell in words]
    if full:
        said = " or ".join("blank" if word == "" else word for word in sorted(set(full)))
        file.notes.append(f"{heading}: {said} in {len(full)} rows is pay-for-reporting, read as a score of 1")
    return ["" if cell in words else cell for cell in cells]


def units(file: File, shares: Mapping[str, Shares]) -> dict[str, bool]:
    """Which columns of shares are in percent."""
    signed = {canonical: column.signed_throughout() for canonical, column in shares.items()}
    by_menu = shares["published_minimum_rate"].percent_by_menu()
    percent: dict[str, bool] = {}
    for canonical, column in shares.items():
        if canonical in _ONE_UNIT:
            # No minimum rate that tells (few rows, all elected 0): by the sign, else as the vintage has it.
            alone = by_menu is None
            percent[canonical] = signed[canonical] or (file.layout.percent_rates if alone else bool(by_menu))
        else:
            by_size = column.percent_by_size()
            percent[canonical] = signed[canonical] or bool(by_size)
        if percent[canonical]:
            file.notes.append(f"{column.heading} read as percentages")
    return percent


def quality(
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
    least, most = printed.range_of_one(percent, file.layout.score_decimals)
    return ([1.0 if f else v for f, v in zip(full, least, strict=True)],
            [1.0 if f else v for f, v in zip(full, most, strict=True)])  # fmt: skip


def earned(file: File, out: dict[str, list[Any]], held: set[str]) -> None:
    """What was earned in 2013, which stands in one column for savings and in another for losses."""
    if "published_earned" not in file.layout.without:
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


def half_years(file: File, out: dict[str, list[Any]]) -> None:
    """Whole-year amounts of the six-month performance periods of 2019."""
    if "half_year" not in out:
        if not file.layout.half_years:
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
        raise missing(file, absent)
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


def agree(file: File, out: dict[str, list[Any]]) -> None:
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
    wrong = [
        row
        for row, total in enumerate(zip(out["benchmark"], agreed, out["published_savings"], strict=True))
        if None not in total and not _core.totals_agree(*(float(v) for v in total))
    ]
    if wrong:
        file.notes.append(
            f"totals of {len(wrong)} rows disagree, first in row {wrong[0]}: benchmark less expenditures is not the "
            "printed savings; left as they stand"
        )


def revenue(file: File, out: dict[str, list[Any]], held: set[str]) -> None:
    """Whether an ACO is low-revenue, in the vintages that say so."""
    if "low_revenue" in file.layout.without:
        return
    if REVENUE not in file.table:
        raise missing(file, REVENUE)
    held.add(REVENUE)
    out["low_revenue"] = read_all(file.name, REVENUE, file.table[REVENUE], _low)


def relief(file: File, out: dict[str, list[Any]]) -> None:
    """Relief from disasters, which CMS prints below 0."""
    printed = out.get("published_disaster_adjustment")
    if printed is None:
        return
    wrong = [row for row, amount in enumerate(printed) if amount is not None and amount > 0]
    if wrong:
        raise InputError(
            f"{file.name}: column `DisAdj`: above 0 in {len(wrong)} row{'s' if len(wrong) > 1 else ''}, first in row "
            f"{wrong[0]}, which holds {printed[wrong[0]]}. CMS prints relief from a loss below 0. Correct the cell"
        )
    out["disaster_relief"] = [None if amount is None else abs(amount) for amount in printed]


def _low(cell: str) -> bool:
    word = cell.split(maxsplit=1)[0].lower()
    if word not in ("low", "high"):
        raise ValueError(cell)
    return word == "low"


def elected(file: File, out: Mapping[str, list[Any]]) -> list[float | None]:
    """Elected minimum rates: published ones on the menu, of tracks that elect."""
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

    rows = list(zip(out["published_minimum_rate"], out["track"], strict=True))
    missing = sum(rate is None and elects(track) for rate, track in rows)
    if missing:
        file.notes.append(
            f"no published minimum rate in {missing} rows of ACOs that elect one: the size scale is taken for them"
        )
    return [rate if rate in rates and elects(track) else None for rate, track in rows]


def others(file: File, held: set[str]) -> dict[str, list[Any]]:
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
        except (ArithmeticError, ValueError):
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
