"""Commands of the console script, over typer, rich and polars."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Console
from rich.table import Table as RichTable

import sharedsavings as ss

from . import _clinicians_command
from ._result import Result
from ._table import Table

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Medicare alternative payment model arithmetic: QP thresholds and settlements.",
)
rules_app = typer.Typer(no_args_is_help=True, help="The rule book: every number that comes from law.")
app.add_typer(rules_app, name="rules")

# Rows that a terminal table shows before it says how many more there are.
_SHOWN = 40
_DEMO_ROWS = 16
# Columns that are no numbers, though they may look like some.
_IDENTIFIERS = ("entity", "entity_id", "npi", "tin")
# Columns of a terminal that hold the table of a reconciliation; below, its headings are short.
_WIDE = 100
_SHORT = {
    "savings or losses": "moved",
    "generated exact": "gen.",
    "shared exact": "part",
    "earned within $1": "±$1",
    "within quality score": "score",
    "not reproducible": "known",
    "unexplained": "open",
}
# A Partial QP of performance year 2025.
_DEMO_ENTITY = 37


File = Annotated[Path, typer.Argument(help="A .csv or .parquet file.", exists=True, dir_okay=False)]
FileOrSample = Annotated[
    Path | None, typer.Argument(help="A .csv or .parquet file.", exists=True, dir_okay=False, show_default=False)
]
Sample = Annotated[str | None, typer.Option(help="A synthetic sample in place of a file; `samples` lists them.")]
Year = Annotated[int | None, typer.Option("--year", help="Performance year of all rows, in place of a column.")]
AsOf = Annotated[str | None, typer.Option(help="What the rule book knew on this date, yyyy-mm-dd.")]
Rules = Annotated[Path | None, typer.Option("--rules", help="TOML file of overrides.", exists=True, dir_okay=False)]
Output = Annotated[
    Path | None, typer.Option("--output", "--out", "-o", help="Write .csv or .parquet instead of a table.")
]
Columns = Annotated[
    list[str] | None, typer.Option("--column", "-c", help="canonical=own, once for each renamed column.")
]
ScoreColumns = Annotated[
    list[str] | None,
    typer.Option("--score-column", help="canonical=own, once for each renamed column of the scores."),
]
Explain = Annotated[
    int | None,
    typer.Option(help="Explain this row, counted from 0, below the summary: every step with its rule and its source."),
]
Invalid = Annotated[
    bool, typer.Option("--keep-invalid", help="Keep rows that the rules cannot take, as null with a reason.")
]


@contextmanager
def _errors() -> Iterator[None]:
    """Turn the package's own errors into one line and exit code 2."""
    try:
        yield
    except (ss.SharedSavingsError, OSError, pl.exceptions.PolarsError) as error:
        Console(stderr=True).print(
            f"[bold red]sharedsavings:[/] {_escape(str(error))}", highlight=False, soft_wrap=True
        )
        raise typer.Exit(2) from None


def _escape(text: str) -> str:
    return text.replace("[", "\\[")


def _read(path: Path, columns: Mapping[str, str]) -> pl.DataFrame:
    if path.suffix.lower() == ".parquet":
        return pl.read_parquet(path)
    if path.suffix.lower() == ".csv":
        return _read_csv(path, columns)
    raise ss.InputError(f"{path.name}: neither .csv nor .parquet. Convert it to one of them")


def _read_csv(path: Path, columns: Mapping[str, str]) -> pl.DataFrame:
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            headings = next(csv.reader(file), [])
        doubled = next((h for h in headings if headings.count(h) > 1), None)
        if doubled is not None:
            raise ss.InputError(f"{path.name}: heading `{doubled}` stands twice. Keep one of the columns")
        # 007 and 7 are two entities: identifiers are text, whatever they look like.
        text = {own: pl.String for own in (columns.get(name, name) for name in _IDENTIFIERS) if own in headings}
        return pl.read_csv(path, infer_schema_length=None, try_parse_dates=True, schema_overrides=text)
    except (UnicodeDecodeError, pl.exceptions.PolarsError) as error:
        raise ss.InputError(
            f"{path.name}: cannot be read ({error}). Save it as CSV UTF-8 with a heading line"
        ) from None


def _rows_of(file: Path | None, sample: str | None, columns: Mapping[str, str]) -> pl.DataFrame:
    """The rows of a file, or of a sample in its place."""
    if (file is None) == (sample is None):
        raise ss.InputError("give a FILE, or a sample with --sample; `sharedsavings samples` lists them")
    return _read(file, columns) if file is not None else ss.load_sample(sample or "", backend="polars")


def _write(frame: pl.DataFrame, path: Path) -> None:
    if path.suffix.lower() == ".parquet":
        frame.write_parquet(path)
    elif path.suffix.lower() == ".csv":
        frame.write_csv(path)
    else:
        raise ss.InputError(f"{path.name}: neither .csv nor .parquet. Choose one of them for --output")


def _mapping(columns: list[str] | None, option: str = "--column") -> dict[str, str]:
    pairs = [entry.partition("=") for entry in columns or []]
    for canonical, sign, own in pairs:
        if not (sign and canonical and own):
            raise ss.InputError(f"{option} {canonical}{sign}{own}: write canonical=own")
    return {canonical: own for canonical, _, own in pairs}


def _console() -> Console:
    # A pipe has no width: do not fold what another program will read.
    return Console() if sys.stdout.isatty() else Console(width=200)


def _print(table: Table, *, narrow: bool = False) -> None:
    look: dict[str, Any] = {"box": None, "padding": (0, 1, 0, 0)} if narrow else {}
    out = RichTable(title=table.title, title_justify="left", header_style="bold", **look)
    for at, heading in enumerate(table.columns):
        numeric = all(row[at].lstrip("-$")[:1].isdigit() or row[at] in ("", "-") for row in table.rows)
        out.add_column(heading, justify="right" if numeric and table.rows else "left", overflow="fold")
    for row in table.rows:
        out.add_row(*(_escape(cell) for cell in row))
    console = _console()
    console.print(out)
    for note in table.notes:
        console.print(_escape(note), highlight=False)


def _cell(value: Any, name: str) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        is_share = name.endswith(("_score", "_rate"))
        return f"{value:.2%}" if is_share else f"{value:,.2f}"
    if isinstance(value, int):
        return str(value) if "year" in name or name in _IDENTIFIERS else f"{value:,}"
    return str(value).replace("_", " ") if name in ("reason", "method", "segment") else str(value)


def _show(result: Result, wanted: list[str], most: int = _SHOWN) -> None:
    frame: pl.DataFrame = result.frame
    names = [name for name in wanted if name in frame.columns]
    shown = frame.head(most).select(names)
    rows = [tuple(_cell(v, n) for v, n in zip(row, names, strict=True)) for row in shown.iter_rows()]
    _print(Table("", tuple(names), rows))
    console = _console()
    if len(frame) > most:
        console.print(f"... and {len(frame) - most:,} more rows")
    _sum_up(result)


def _sum_up(result: Result) -> None:
    """The summary, the warnings as its notes, and the rule book."""
    _print(result.summary())
    _console().print(f"rule book {result.rulebook.version}, digest {result.rulebook.digest[:12]}", highlight=False)


def _finish(result: Result, wanted: list[str], output: Path | None, explain: int | None) -> None:
    told = None if explain is None else result.explain(explain)
    if output is not None:
        _write(result.frame, output)
        _console().print(f"wrote {len(result.frame):,} rows to {output}", highlight=False)
    if told is None and output is None:
        _show(result, wanted)
        return
    _sum_up(result)
    if told is not None:
        _console().print(_escape(f"\n{told}"), highlight=False)


_QP = ["entity_id", "npi", "tin", "performance_year", "payment_score", "patient_score", "all_payer_payment_score",
       "all_payer_patient_score", "status", "option", "method", "payments_needed", "patients_needed",
       "reason"]  # fmt: skip
_SETTLE = ["entity_id", "aco_id", "program", "performance_year", "track", "beneficiaries", "benchmark", "savings",
           "savings_rate", "minimum_savings_rate", "sharing_rate", "loss_rate", "earned", "reason"]  # fmt: skip
_FEES = ["entity_id", "program", "performance_year", "track", "care_management_fee", "incentive_prepaid",
         "incentive_retained", "score_payment", "revenue_adjustment", "capitation", "earned", "reason"]  # fmt: skip
_MIXED = ["entity_id", "program", "performance_year", "track", "benchmark", "savings", "savings_rate",
          "incentive_prepaid", "incentive_retained", "earned", "reason"]  # fmt: skip
_BREAK_EVEN = ["entity_id", "aco_id", "program", "performance_year", "track", "beneficiaries", "benchmark",
               "target_earned", "break_even", "break_even_rate", "marginal_rate", "segment", "reason"]  # fmt: skip


@app.command()
def demo(
    puf: Annotated[Path | None, typer.Option(help="One of CMS's results files to reconcile too.")] = None,
) -> None:
    """Run both verbs on embedded synthetic samples, and reconcile a CMS file if one is given."""
    with _errors():
        console = _console()
        entities = ss.load_sample("qp_entities", backend="polars")
        result = ss.qp_status(entities)
        console.rule("QP thresholds: synthetic APM Entities, the last performance years first")
        latest = ss.qp_status(entities.reverse())
        _show(latest, [n for n in _QP if n not in ("option", "reason")], most=_DEMO_ROWS)
        console.rule("One of them explained")
        console.print(_escape(str(result.explain(_DEMO_ENTITY))), highlight=False)
        console.rule("Settlement: synthetic ACOs")
        acos = ss.settle(ss.load_sample("mssp_acos", backend="polars"))
        _show(acos, [n for n in _SETTLE if n not in ("beneficiaries", "loss_rate")], most=_DEMO_ROWS)
        if puf is not None:
            console.rule(f"CMS's results in {puf.name}, computed again")
            _reconcile([puf], None, None)


@app.command()
def qp(
    file: File,
    year: Year = None,
    as_of: AsOf = None,
    rules: Rules = None,
    column: Columns = None,
    output: Output = None,
    explain: Explain = None,
    keep_invalid: Invalid = False,
) -> None:
    """Determine QP status for every row of FILE."""
    with _errors():
        columns = _mapping(column)
        result = ss.qp_status(
            _read(file, columns),
            performance_year=year,
            as_of=as_of,
            rules=rules,
            columns=columns,
            invalid="null" if keep_invalid else "raise",
        )
        _finish(result, _QP, output, explain)


@app.command()
def settle(
    file: FileOrSample = None,
    sample: Sample = None,
    program: Annotated[
        str | None, typer.Option(help="Program of the rule book; a column `program` says it row by row.")
    ] = None,
    year: Year = None,
    as_of: AsOf = None,
    rules: Rules = None,
    column: Columns = None,
    output: Output = None,
    explain: Explain = None,
    keep_invalid: Invalid = False,
) -> None:
    """Settle every row of FILE, or of a sample."""
    with _errors():
        columns = _mapping(column)
        result = ss.settle(
            _rows_of(file, sample, columns),
            program=program,
            performance_year=year,
            as_of=as_of,
            rules=rules,
            columns=columns,
            invalid="null" if keep_invalid else "raise",
        )
        fees, shared = (name in result.frame.columns for name in ("incentive_prepaid", "savings"))
        _finish(result, (_MIXED if shared else _FEES) if fees else _SETTLE, output, explain)


@app.command("break-even")
def break_even(
    file: FileOrSample = None,
    sample: Sample = None,
    earned: Annotated[float, typer.Option(help="Dollars that must be earned at least; below zero: owed.")] = 0,
    program: Annotated[
        str | None, typer.Option(help="Program of the rule book; a column `program` says it row by row.")
    ] = None,
    year: Year = None,
    as_of: AsOf = None,
    rules: Rules = None,
    column: Columns = None,
    output: Output = None,
    explain: Explain = None,
    keep_invalid: Invalid = False,
) -> None:
    """Find the expenditures at which every row of FILE, or of a sample, breaks even, or just earns a target."""
    with _errors():
        columns = _mapping(column)
        result = ss.break_even(
            _rows_of(file, sample, columns),
            earned=earned,
            program=program,
            performance_year=year,
            as_of=as_of,
            rules=rules,
            columns=columns,
            invalid="null" if keep_invalid else "raise",
        )
        _finish(result, _BREAK_EVEN, output, explain)


@app.command()
def samples() -> None:
    """List the synthetic samples that `settle --sample` takes."""
    with _errors():
        _print(ss.list_samples())


@app.command()
def apms(
    year: Annotated[int | None, typer.Option("--year", help="One performance year; all of them without it.")] = None,
    model: Annotated[str | None, typer.Option(help="One model, by its short name, such as mssp.")] = None,
    kind: Annotated[str | None, typer.Option(help="One kind, such as bundled_payment.")] = None,
    advanced: Annotated[str | None, typer.Option(help="Only Advanced APMs: yes, no or unknown.")] = None,
    mips_apm: Annotated[str | None, typer.Option("--mips-apm", help="Only MIPS APMs: yes, no or unknown.")] = None,
    as_of: AsOf = None,
    rules: Rules = None,
    output: Output = None,
) -> None:
    """List alternative payment models by track and year: Advanced APM, MIPS APM, category, dates, confidence."""
    with _errors():
        found = ss.models(year, model=model, kind=kind, advanced=advanced, mips_apm=mips_apm, as_of=as_of, rules=rules)
        if output is not None:
            _write(found.to_frame("polars"), output)
            _console().print(f"wrote {len(found):,} rows to {output}", highlight=False)
        else:
            _print(found.table())


@app.command()
def clinicians(
    roster: _clinicians_command.File = None,
    scores: _clinicians_command.File = None,
    individual_scores: _clinicians_command.File = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Use the synthetic sample of performance year 2024.")
    ] = False,
    year: Annotated[int | None, typer.Option("--year", help="Performance year of the lists and scores.")] = None,
    by: Annotated[str, typer.Option(help="A row for each `npi`, or for each `tin_npi`.")] = "npi",
    proposed: Annotated[bool, typer.Option("--proposed", help="Count proposed rules.")] = False,
    as_of: AsOf = None,
    rules: Rules = None,
    column: Columns = None,
    score_column: ScoreColumns = None,
    out: Output = None,
    explain: Explain = None,
    keep_invalid: Invalid = False,
) -> None:
    """Determine the QP status of every clinician of a roster."""
    with _errors():
        _clinicians_command.run(
            _read,
            _finish,
            roster,
            scores,
            individual_scores,
            sample,
            out,
            explain,
            performance_year=year,
            by=by,
            proposed=proposed,
            as_of=as_of,
            rules=rules,
            columns=_mapping(column),
            score_columns=_mapping(score_column, "--score-column"),
            invalid="null" if keep_invalid else "raise",
        )


@app.command()
def models(
    program: Annotated[str | None, typer.Argument(help="One program of the rule book, or another name of it.")] = None,
    track: Annotated[str | None, typer.Option(help="Tell the terms of this arrangement in plain English.")] = None,
    year: Year = None,
    rules: Rules = None,
    plot: Annotated[Path | None, typer.Option(help="Draw its payoff to a .png, .svg or .pdf.")] = None,
) -> None:
    """List programs, years and arrangements; or tell and draw the terms of one."""
    with _errors():
        if track is None and year is None and plot is None:
            _print(ss.arrangement.models(program, rules=rules))
            return
        if program is None:
            raise ss.InputError("--track, --year and --plot are of one program. Name it; `models` alone lists them")
        if track is None:
            track = _only_arrangement(program, rules)
        if year is None:
            raise ss.InputError("--track and --plot: the terms depend on the year. Give it with --year")
        taken = ss.arrangement.of_program(program, track, year, rules=rules)
        _console().print(_escape(taken.describe()), highlight=False)
        if plot is not None:
            _draw(taken, plot)


def _only_arrangement(program: str, rules: Path | None) -> str:
    """The arrangement of a program that has no other."""
    found = list(dict.fromkeys(row[2] for row in ss.arrangement.models(program, rules=rules).rows))
    if len(found) != 1:
        raise ss.InputError(f"--year and --plot: {program} has {', '.join(found)}. Choose one with --track")
    return found[0]


@app.command()
def reconcile(
    files: Annotated[
        list[Path], typer.Argument(help="CMS's results files, of any programs.", exists=True, dir_okay=False)
    ],
    year: Year = None,
    rules: Rules = None,
    output: Output = None,
    plot: Annotated[Path | None, typer.Option(help="Draw computed against published to a .png, .svg or .pdf.")] = None,
    notes: Annotated[bool, typer.Option("--notes", help="Tell how each file was read.")] = False,
) -> None:
    """Compute CMS's published settlements again; exit code 1 where a difference is left unexplained."""
    with _errors():
        _reconcile(files, year, rules, output=output, plot=plot, notes=notes)


def _reconcile(
    files: list[Path],
    year: int | None,
    rules: Path | None,
    *,
    output: Path | None = None,
    plot: Path | None = None,
    notes: bool = False,
) -> None:
    done = ss.reconcile(*files, performance_year=year, rules=rules, backend="polars")
    if _console().width < _WIDE:
        _print_narrow(done)
    else:
        _print(done.table)
        if done.differences.rows:
            _print(done.differences)
    if notes:
        _print(ss.puf_notes(*files, performance_year=year))
    if output is not None:
        _write(done.frame, output)
        _console().print(f"wrote {len(done.frame):,} rows to {output}", highlight=False)
    if plot is not None:
        _draw(done, plot)
    if done.unexplained:
        raise typer.Exit(1)


def _print_narrow(done: ss.Reconciliation) -> None:
    """The same in a terminal too narrow for whole headings, and for reasons beside amounts."""
    used = {heading: _SHORT[heading] for heading in done.table.columns if heading in _SHORT}
    meant = "; ".join(f"{short}: {heading}" for heading, short in used.items())
    headings = tuple(used.get(heading, heading) for heading in done.table.columns)
    _print(Table(done.table.title, headings, done.table.rows, (meant, *done.table.notes)), narrow=True)
    console = _console()
    for row in done.differences.rows:
        cells = dict(zip(done.differences.columns, row, strict=True))
        console.print(
            _escape(
                f"\n{cells['year']} {cells['file']} {cells['aco_id']}, track {cells['track']}: computed $ "
                f"{cells['computed, $']}, published $ {cells['published, $']}"
            ),
            highlight=False,
        )
        console.print(_escape(f"  {cells['reason']}"), highlight=False)


def _draw(done: ss.Reconciliation | ss.arrangement.Arrangement, path: Path) -> None:
    if path.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise ss.InputError(f"{path.name}: neither .png, .svg nor .pdf. Choose one of them for --plot")
    done.plot().savefig(path)
    _console().print(f"drew {path}", highlight=False)


Prefix = Annotated[str, typer.Argument(help="Keep rule ids that begin with this.")]


@rules_app.command("list")
def rules_list(prefix: Prefix = "", rules: Rules = None) -> None:
    """List rule ids with their years."""
    with _errors():
        _print(ss.rules.list(prefix, rules=rules))


@rules_app.command("show")
def rules_show(
    id: Annotated[str, typer.Argument(help="Rule id.")],
    year: Annotated[int | None, typer.Option(help="Year of the rule's own clock.")] = None,
    as_of: AsOf = None,
    rules: Rules = None,
) -> None:
    """Show every version of a rule with its sources."""
    with _errors():
        _print(ss.rules.show(id, year=year, as_of=as_of, rules=rules))


@rules_app.command("diff")
def rules_diff(
    before: Annotated[str, typer.Argument(help="Date of knowledge, yyyy-mm-dd.")],
    after: Annotated[str | None, typer.Argument(help="Later date; everything known where absent.")] = None,
    prefix: Annotated[str, typer.Option(help="Keep rule ids that begin with this.")] = "",
    rules: Rules = None,
) -> None:
    """Show what the book learnt between two dates."""
    with _errors():
        _print(ss.rules.diff(before, after, prefix=prefix, rules=rules))
