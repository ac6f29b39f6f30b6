"""CMS's published results of the Shared Savings Program, read into the columns that `settle` takes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from . import _puf_columns as columns
from ._puf_cells import READERS, Shares, read_all
from ._puf_file import open_file
from ._puf_layouts import COMMON, OPTIONAL
from ._table import Table
from .samples import to_frame


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
    published_rows : str
        How many rows CMS published, where the file has another number; else empty.
    """

    columns: dict[str, list[Any]]
    performance_year: int
    notes: tuple[str, ...]
    quality_range: tuple[list[float | None], list[float | None]]
    one_sided_losses: bool
    has_standard: bool
    has_generated: bool
    published_rows: str


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
            out[canonical] = columns.tracks(file, held)
            continue
        heading = layout.names.get(canonical) or next((h for h in headings if h in table), headings[0])
        if heading not in table:
            if canonical not in OPTIONAL | layout.without:
                raise columns.missing(file, heading)
            continue
        held.add(heading)
        if canonical == "quality_score":
            out[canonical] = []  # keeps its place among the columns
        if kind == "share":
            cells = columns.scores(file, heading) if canonical == "quality_score" else table[heading]
            shares[canonical] = Shares.read(file.name, heading, cells)
        else:
            out[canonical] = read_all(file.name, heading, table[heading], READERS[kind])
    columns.once(file, out["aco_id"])
    out["performance_year"] = [layout.year] * file.rows
    units = columns.units(file, shares)
    for canonical, column in shares.items():
        out[canonical] = column.of_one(units[canonical])
    quality_range = columns.quality(file, out, shares["quality_score"], units["quality_score"])
    columns.earned(file, out, held)
    # In this order: in a doubled amount a rounded dollar would be two.
    columns.agree(file, out)
    columns.half_years(file, out)
    columns.revenue(file, out, held)
    columns.relief(file, out)
    out["elected_rate"] = columns.elected(file, out)
    if everything:
        out |= columns.others(file, held)
    for values in out.values():
        columns.one_type(values)
    has_standard, has_generated = (n not in layout.without for n in ("quality_standard_met", "published_generated"))
    return Puf(
        out,
        layout.year,
        tuple(notes),
        quality_range,
        layout.one_sided_losses,
        has_standard,
        has_generated,
        file.published_rows,
    )
