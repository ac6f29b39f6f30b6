"""The command `clinicians`: a roster and its scores to outcomes with reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import sharedsavings as ss

from .clinicians import Progress as Told

_SHOWN = ["npi", "tin", "status", "level", "entity", "snapshot", "basis", "method", "option", "mips", "entities",
          "reason"]  # fmt: skip
File = Annotated[Path | None, typer.Option(help="A .csv or .parquet file.", exists=True, dir_okay=False)]


@contextmanager
def _progress() -> Iterator[Told]:
    """Bars on the error stream, one a stage; none where that is no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks: dict[str, Any] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield tell


def run(
    read: Callable[[Path, Mapping[str, str]], pl.DataFrame],
    write: Callable[[ss.Result, list[str], Path | None, int | None], None],
    roster: Path | None,
    scores: Path | None,
    individual_scores: Path | None,
    sample: bool,
    out: Path | None,
    explain: int | None,
    **options: Any,
) -> None:
    """Read, determine, and print or write."""
    if sample == (roster is not None or scores is not None):
        raise ss.InputError("--roster and --scores: give both, or --sample alone")
    if sample:
        frames = [ss.load_sample(name, backend="polars") for name in ("qp_roster", "qp_scores")]
        options["performance_year"] = options["performance_year"] or _SAMPLE_YEAR
    elif roster is None or scores is None:
        raise ss.InputError("--roster and --scores: give both, or --sample alone")
    else:
        frames = [read(roster, options["columns"]), read(scores, options["score_columns"])]
    if options["performance_year"] is None:
        raise ss.InputError("--year: lists and scores are of one performance year. Give it with --year")
    individual = None if individual_scores is None else read(individual_scores, options["score_columns"])
    with _progress() as tell:
        result = ss.clinicians(*frames, individual_scores=individual, progress=tell, **options)
    write(result, _SHOWN, out, explain)


# The year of the sample.
_SAMPLE_YEAR = 2024
