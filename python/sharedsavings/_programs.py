"""Which program each row of a frame is settled by: its rows in groups, and their results together again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from . import _core
from . import rules as _rules
from ._errors import InputError, NotModelledError
from ._frames import Frame, Output, Words
from ._result import Step
from ._table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Standpoint = tuple[_rules.RuleBook, _rules.AsOf, bool]
Invalid = Literal["raise", "null"]
FEES = "fees"
# What a row comes to that no program settles.
_WITHOUT = ("", "missing_input", "unknown_program")


@dataclass(frozen=True)
class Group:
    """Rows of a frame that are settled together.

    Attributes
    ----------
    family : str or None
        What settles them; None for rows of no known program.
    programs : list of str
    of_row : ndarray of int
        Which of the programs each row is of.
    source : Frame
        The rows.
    positions : ndarray of int or None
        Where they stand in the caller's frame; None where they are all of it.
    """

    family: str | None
    programs: list[str]
    of_row: NDArray[np.intp]
    source: Frame
    positions: NDArray[np.int64] | None

    def at(self, row: int) -> int:
        """Number of a row as the caller counts it."""
        return row if self.positions is None else int(self.positions[row])


@dataclass(frozen=True)
class Settled:
    """What the rows of a group come to: columns to append, what to know of them, and why each is as it is."""

    outputs: dict[str, Output]
    warnings: tuple[str, ...]
    steps: Callable[[int], tuple[Step, ...]]
    summary: Callable[[], Table]
    plot: Callable[[], Figure]


def groups(source: Frame, program: str | None, standpoint: Standpoint, invalid: Invalid) -> list[Group]:
    """Rows in groups: those that share savings, those of each program of fees, and those of no known program."""
    size = len(source)
    if program is not None or "program" not in source:
        own = _core.program_name(program or "mssp", *standpoint)
        refuse_others(source, own, standpoint)
        family = _core.program_family(own, *standpoint)
        return [Group(family or "shared_savings", [own], np.zeros(size, np.intp), source, None)]
    series = source.series("program").cast(nw.String)
    if size == 0:
        return [Group(None, [], np.zeros(0, np.intp), source, None)]
    spelled, codes = coded_words(series)
    named = [_core.program_name(name, *standpoint) for name in spelled]
    families = [_core.program_family(own, *standpoint) for own in named]
    if invalid == "raise":
        _refuse(spelled, codes, families, source.names["program"], standpoint)
    # One group for all that share savings, one for each program of fees, one for the rest; nulls are last.
    keys = [*(own if family == FEES else family for own, family in zip(named, families, strict=True)), None]
    order = list(dict.fromkeys(keys[code] for code in dict.fromkeys(codes.tolist()))) or ["shared_savings"]
    of_group = np.array([order.index(key) if key in order else -1 for key in keys], np.intp)[codes]
    return [_group(source, place, key, of_group, codes, keys, named) for place, key in enumerate(order)]


def refuse_others(source: Frame, program: str, standpoint: Standpoint) -> None:
    """Refuse rows whose column `program` names another program than the one given for all of them."""
    if "program" not in source:
        return
    spelled, codes = coded_words(source.series("program").cast(nw.String))
    others = [place for place, word in enumerate(spelled) if _core.program_name(word, *standpoint) != program]
    rows = np.flatnonzero(np.isin(codes, others))
    if len(rows):
        raise InputError(
            f"column `{source.names['program']}`: another program than {program}, which is given for all rows, in "
            f"{_rows(rows)} (value {spelled[codes[rows[0]]]!r}). Leave program= out where the verb allows it, or keep "
            f"the rows of {program} alone"
        )


def unread(source: Frame, program: str, names: Sequence[str], rows: Any) -> tuple[str, ...]:
    """That rows of a program have values in columns that none of its terms read: a sentence, or none."""
    counts = {source.names[name]: int(_stated(source.series(name))[rows].sum()) for name in names if name in source}
    told = [f"`{name}` in {count:,} row{'' if count == 1 else 's'}" for name, count in counts.items() if count]
    if not told:
        return ()
    return (f"{program} does not read {', '.join(told)}: ignored there",)


def _stated(series: nw.Series[Any]) -> NDArray[np.bool_]:
    """Where a column says something: neither null nor nothing, which is zero and false."""
    known: NDArray[np.bool_] = ~series.is_null().to_numpy()
    if series.dtype.is_numeric() or series.dtype == nw.Boolean:
        known &= series.fill_null(0 if series.dtype.is_numeric() else False).to_numpy() != 0
    elif series.dtype == nw.Object:
        known &= np.array([bool(value) for value in series.to_list()], np.bool_)
    return known


def _group(
    source: Frame,
    place: int,
    key: str | None,
    of_group: NDArray[np.intp],
    codes: NDArray[np.int64],
    keys: list[str | None],
    named: list[str],
) -> Group:
    """The rows with one key."""
    rows = np.flatnonzero(of_group == place)
    whole = len(rows) == len(source)
    programs = list(dict.fromkeys(own for own, of in zip(named, keys, strict=False) if key and of == key))
    which = np.array([programs.index(own) if own in programs else 0 for own in [*named, ""]], np.intp)
    family = FEES if key in named else key
    part = source if whole else source.take(rows)
    empty = ["mssp"] if key and not programs else programs
    return Group(family, empty, which[codes[rows]], part, None if whole else rows)


def coded_words(series: nw.Series[Any]) -> tuple[list[str], NDArray[np.int64]]:
    """Distinct words in order, and the place of each row's word; -1 where it is null."""
    nulls = series.is_null().to_numpy()
    distinct = series.drop_nulls().unique(maintain_order=True).to_list()
    if not distinct:
        return [], np.full(len(series), -1, np.int64)
    places = list(range(len(distinct)))
    codes = series.fill_null(distinct[0]).replace_strict(distinct, places, return_dtype=nw.Int64).to_numpy()
    return distinct, np.where(nulls, -1, codes)


def _refuse(
    spelled: list[str], codes: NDArray[np.int64], families: Sequence[str | None], column: str, standpoint: Standpoint
) -> None:
    nulls = np.flatnonzero(codes < 0)
    if len(nulls):
        raise InputError(
            f"column `{column}`: missing in {_rows(nulls)}. Give the program of every row, or one for all with program="
        )
    unknown = [place for place, family in enumerate(families) if family is None]
    rows = np.flatnonzero(np.isin(codes, unknown))
    if len(rows):
        known = ", ".join(id_ for id_, *_ in _core.program_names(*standpoint))
        raise NotModelledError(
            f"column `{column}`: unknown program in {_rows(rows)} (value {spelled[codes[rows[0]]]!r}). From this "
            f'standpoint the rule book has {known}. Or pass invalid="null" to keep such rows as null with a reason'
        )


def _rows(rows: NDArray[np.intp]) -> str:
    """How many rows, and which first."""
    return f"{len(rows)} row{'' if len(rows) == 1 else 's'}, first in row {rows[0]}"


def without(group: Group) -> Settled:
    """Rows of no known program: null with a reason."""
    nulls = group.source.series("program").is_null().to_numpy()
    codes = np.where(nulls, _WITHOUT.index("missing_input"), _WITHOUT.index("unknown_program")).astype(np.uint8)

    def steps(row: int) -> tuple[Step, ...]:
        return (nothing(_WITHOUT[codes[row]]),)

    def summary() -> Table:
        return Table("Rows of no known program", ("reason", "rows"),
                     [(word, f"{(codes == code).sum():,}") for code, word in enumerate(_WITHOUT) if word])  # fmt: skip

    def plot() -> Figure:
        raise InputError("column `program`: no row has a program of the rule book, so there is nothing to draw")

    return Settled({"reason": Words(codes, _WITHOUT)}, (), steps, summary, plot)


def nothing(reason: str) -> Step:
    """The one step of a row without a settlement."""
    return Step("earned", "no settlement is possible", f"null: {reason}")


def together(parts: Sequence[tuple[Group, Settled]], order: Sequence[str], size: int) -> dict[str, Output]:
    """Columns of all rows: the union, in this order, null where a column has no meaning for a row."""
    present = {name for _, part in parts for name in part.outputs}
    return {name: _joined([(g, p.outputs.get(name)) for g, p in parts], size) for name in order if name in present}


def _joined(parts: Sequence[tuple[Group, Output | None]], size: int) -> Output:
    if any(isinstance(column, Words) for _, column in parts):
        words = list(dict.fromkeys(w for _, column in parts if isinstance(column, Words) for w in column.words))
        codes = np.zeros(size, np.uint8)
        for group, column in parts:
            if isinstance(column, Words):
                place = np.array([words.index(word) for word in column.words], np.uint8)
                codes[group.positions] = place[column.codes]
        return Words(codes, words)
    out = np.full(size, np.nan)
    for group, column in parts:
        if isinstance(column, np.ndarray):
            out[group.positions] = column
    return out


def steps_of(parts: Sequence[tuple[Group, Settled]], row: int) -> tuple[Step, ...]:
    """The steps behind a row of the caller's frame."""
    for group, part in parts:
        at = np.flatnonzero(group.positions == row) if group.positions is not None else [row]
        if len(at):
            return part.steps(int(at[0]))
    return ()
