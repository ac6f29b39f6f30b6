"""CMS's published results of ACO REACH, read into the columns that `settle` takes."""

from __future__ import annotations

import os
from typing import Any

from . import _core
from ._model_file import ModelFile, read_model
from ._puf_cells import whole
from .samples import to_frame


def read_reach(
    path: str | os.PathLike[str], performance_year: int | None = None, *, everything: bool = False,
    backend: str | None = None,
) -> Any:  # fmt: skip
    """Read a file of results of ACO REACH (in 2021 and 2022: Global and Professional Direct Contracting).

    Two kinds are known: the "Financial and Quality Results", one row an ACO and year, and the performance table of
    2023, one row an ACO. Which it is, is told by the headings, in whatever case; units are told by the cells and by
    the amounts beside them. `puf_notes` tells what was read otherwise than it stands in the file.

    Parameters
    ----------
    path : path
        CSV file.
    performance_year : int, optional
        Keep the rows of one year.
    everything : bool
        Append every other column of the file, under its own headings: as numbers where they are numbers, null where
        suppressed.
    backend : {"pandas", "polars", "pyarrow"}, optional
        Kind of frame to return; the first of these that is installed where None.

    Returns
    -------
    pandas.DataFrame, polars.DataFrame or pyarrow.Table
        The columns that `settle` reads, `program` among them, ids as text, and what CMS published:
        `published_earned`, and from the results file `published_savings`, `published_savings_rate` and
        `published_shared` (before sequestration), from the table `published_savings_before_discount`. `benchmark`
        is the final one, after discount and withhold, with the health equity adjustment, so `benchmark_final` is
        true; `expenditures` are those after stop-loss.

    Raises
    ------
    InputError
        Where the file is no such results file or a cell cannot be read; the message names column, row and value.

    Examples
    --------
    >>> import sharedsavings as ss
    >>> acos = ss.read_reach("py2023.csv")  # doctest: +SKIP
    >>> ss.settle(acos).summary()  # doctest: +SKIP
    """
    return to_frame(load(path, performance_year, everything=everything).columns, backend)


def load(path: str | os.PathLike[str], performance_year: int | None = None, *, everything: bool = False) -> ModelFile:
    """Read a results file into plain columns, with notes on how."""
    file = read_model(path, "reach", performance_year, everything=everything)
    out, notes = file.columns, file.notes
    if "final_benchmark" in out:
        increase, decrease = out["equity_increase"], out["equity_decrease"]
        out["benchmark"] = [
            None if final is None else whole(_core.benchmark_with_equity(*(float(v or 0) for v in (final, up, down))))
            for final, up, down in zip(out["final_benchmark"], increase, decrease, strict=True)
        ]
        adjusted = sum(1 for up, down in zip(increase, decrease, strict=True) if up or down)
        if adjusted:
            notes.append(f"benchmark: health equity adjustment added to the final benchmark in {adjusted} rows")
    else:
        notes.append("gross savings are before the discount; net is after corridors and sequestration")
    out["benchmark_final"] = [True] * file.rows
    out["program"] = ["reach"] * file.rows
    return file
