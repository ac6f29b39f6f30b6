"""Break-even of a settlement: the expenditures at which a given amount is just earned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from . import _core, _plot, fee
from . import rules as _rules
from ._errors import InputError
from ._frames import Frame, Output, Words
from ._programs import FEES, Group, Invalid, Settled, groups, steps_of, together, without
from ._result import Explanation, Result, Step, steps_from
from ._table import Table
from .settle import Case

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = tuple(_core.BREAK_EVEN_COLUMNS)
OUTPUTS = ("break_even", "break_even_rate", "marginal_rate", "segment", "reason")
_TARGET = "target_earned"
# Rows whose payoff a picture shows.
_DRAWN = 6


def break_even(
    frame: Any,
    *,
    earned: float = 0,
    program: str | None = None,
    performance_year: int | None = None,
    as_of: _rules.AsOf = None,
    proposed: bool = False,
    columns: Mapping[str, str] | None = None,
    rules: _rules.RulesLike = None,
    threads: int | None = None,
    invalid: Literal["raise", "null"] = "raise",
) -> Result:
    """Find the expenditures at which a given amount is just earned: settlement in the other direction.

    The break-even is the largest expenditure, in whole cents, at which `earned` of `settle` is at least the target;
    one cent more earns less. It is exact: `settle` itself confirms both.

    Parameters
    ----------
    frame : pandas.DataFrame, polars.DataFrame or pyarrow.Table
        One row for each entity and year, with the columns that `settle` reads, except `expenditures`, which is not
        read; and optionally `target_earned` (dollars; below zero for an amount owed), a target for each row.
    earned : float
        One target for all rows, in place of the column, in dollars. 0 asks how much may be spent before anything is
        owed; 1000000 how little must be spent to earn a million.
    program : str, optional
        As for `settle`.
    performance_year : int, optional
        One year for all rows, in place of the column.
    as_of, proposed, columns, rules, threads, invalid
        As for `qp_status`.

    Returns
    -------
    Result
        Its frame has `break_even` (dollars), `break_even_rate` (the savings rate there), `marginal_rate` (what the
        entity keeps of the next dollar saved: 0 at the payment limit and between the minimum rates), `segment` (what
        decides: `payment_limit`, `sharing`, `minimum_savings_rate`, `half_rate`, `dead_zone`, `minimum_loss_rate`,
        `losses`, `loss_limit`, and in other programs `loss_gate` or `gross_cap`) and `reason`. Where there is no
        break-even, `break_even` is null, and `reason` is `target_not_reachable` (more than is earned without any
        expenditures) or `target_always_reached` (however much is spent); `segment` then says which segment ends
        short of it. A null that decides a row gives `missing_input`; fees do not depend on expenditures, so their
        rows have the reason `no_break_even`.

    Raises
    ------
    InputError
        Where columns are missing, of the wrong type, or hold rows that are invalid, or the target is given twice.
    NotModelledError
        Where the rule book has no such program from this standpoint.
    RuleBookError
        Where `rules` is malformed.

    Examples
    --------
    >>> import pandas as pd
    >>> import sharedsavings as ss
    >>> aco = pd.DataFrame({"benchmark": [500e6], "beneficiaries": [60_000], "track": ["E"], "elected_rate": [0.01],
    ...                     "quality_standard_met": [True], "participant_revenue": [400e6]})
    >>> found = ss.break_even(aco, earned=-1_500_000, performance_year=2023).frame
    >>> found[["break_even", "break_even_rate", "marginal_rate", "segment"]].values.tolist()
    [[505000000.01, -0.01000000002, 0.3, 'losses']]
    """
    standpoint = (_rules.load(rules), as_of, proposed)
    source = Frame(frame, dict.fromkeys((*COLUMNS, *fee.COLUMNS, "program")), columns)

    def found(group: Group) -> Settled:
        if group.family == FEES:
            return _never(group)
        if not group.family:
            return without(group)
        case = _Case(group, performance_year, standpoint)
        case.aim(earned)
        return _found(case, threads, invalid)

    parts = [(group, found(group)) for group in groups(source, program, standpoint, invalid)]
    if len(parts) == 1 and parts[0][0].family:
        whole = parts[0][1]
    else:
        # What a picture and a table can be of.
        found_in = next((part for group, part in parts if group.family == "shared_savings"), parts[0][1])
        outputs = together(parts, OUTPUTS, len(source))
        outputs = {name: outputs.get(name, np.full(len(source), np.nan)) for name in OUTPUTS}
        whole = Settled(outputs, found_in.warnings, lambda row: steps_of(parts, row), found_in.summary, found_in.plot)

    def explain(row: int) -> Explanation:
        return Explanation(f"Break-even of row {row}", whole.steps(row))

    return Result(
        source.append(whole.outputs), whole.warnings, standpoint[0], len(source), explain, whole.summary, whole.plot
    )


def _never(group: Group) -> Settled:
    """Rows of a program of fees."""
    size, word = len(group.source), "no_break_even"
    outputs: dict[str, Output] = {name: np.full(size, np.nan) for name in OUTPUTS}
    outputs["segment"] = Words(np.zeros(size, np.uint8), _core.BREAK_EVEN_SEGMENTS)
    code = _core.BREAK_EVEN_REASONS.index(word)
    outputs["reason"] = Words(np.full(size, code, np.uint8), _core.BREAK_EVEN_REASONS)

    def steps(_: int) -> tuple[Step, ...]:
        return (Step("break-even", "fees do not depend on expenditures", f"null: {word}"),)

    def summary() -> Table:
        return Table(f"Break-evens of {group.programs[0]}", ("rows", "null"), [(f"{size:,}", f"{size:,}")])

    def plot() -> Figure:
        return _plot.payoffs([])

    return Settled(outputs, (), steps, summary, plot)


def _found(case: _Case, threads: int | None, invalid: Invalid) -> Settled:
    """Rows that share savings."""
    out = case.run(OUTPUTS, threads=threads, invalid=invalid)
    warnings = case.warnings()
    outputs: dict[str, Output] = {name: out[name] for name in OUTPUTS}
    outputs["break_even"] = _core.dollars(out["break_even"], _core.NULL_CENTS)
    outputs["segment"] = Words(out["segment"], _core.BREAK_EVEN_SEGMENTS)
    outputs["reason"] = Words(out["reason"], _core.BREAK_EVEN_REASONS)
    reasons = np.array(_core.BREAK_EVEN_REASONS, dtype=object)[out["reason"]]
    found = out["break_even"] != _core.NULL_CENTS

    def steps(row: int) -> tuple[Step, ...]:
        if found[row]:
            own, values = case.of_program(row)
            told = steps_from(_core.break_even_explain(own, values, *case.standpoint))
            circumstance = Step("reason", "a circumstance to know of", reasons[row])
            return (*told, circumstance) if reasons[row] else told
        segment = _core.BREAK_EVEN_SEGMENTS[out["segment"][row]].replace("_", " ")
        inputs = (("segment that ends short of it", segment),) if segment else ()
        return (Step("break-even", "there is none", "null: " + reasons[row], inputs),)

    def summary() -> Table:
        years = case.years()
        lines = []
        for year in np.unique(years):
            here = years == year
            rates = out["break_even_rate"][here & found]
            short, always = (here & (reasons == f"target_{word}") for word in ("not_reachable", "always_reached"))
            other = here & ~(found | short | always)
            middle = f"{np.median(rates):.2%}" if len(rates) else "-"
            counts = (here.sum(), len(rates), short.sum(), always.sum(), other.sum())
            lines.append((str(year) if year else "null", *(f"{n:,}" for n in counts), middle))
        headings = ("year", "rows", "found", "not reachable", "always reached", "null", "median savings rate")
        return Table(f"Break-evens of {', '.join(case.programs)}", headings, lines, warnings)

    def plot() -> Figure:
        curves = [case.curve(int(row), int(out["break_even"][row])) for row in np.flatnonzero(found)[:_DRAWN]]
        return _plot.payoffs(curves)

    return Settled(outputs, warnings, steps, summary, plot)


class _Case(Case):
    """A frame of break-evens as the native half takes it: the target in the place of the expenditures."""

    columns = COLUMNS
    kinds = Case.kinds[: len(COLUMNS)]
    required = ("benchmark",)

    def aim(self, earned: float) -> None:
        """Take the one target for all rows, unless the frame has a column of them."""
        target = np.asarray(earned)
        number = target.ndim == 0 and target.dtype.kind in "iuf"
        if not number or _core.read_row(target.reshape(1), 0, "dollars") is None:
            raise InputError(f"earned={earned!r}: not an amount of dollars. Give a number, such as 1000000")
        if _TARGET not in self.source:
            self.native[_TARGET] = np.broadcast_to(target, len(self.source))
        elif target != 0:
            own = self.source.names[_TARGET]
            raise InputError(f"column `{own}`: the target is given twice. Drop earned= or the column")

    def run(self, outputs: Sequence[str], *, threads: int | None, invalid: Literal["raise", "null"]) -> dict[str, Any]:
        """Find the break-even of every row: exact cents, rates and codes by output."""
        self.native.setdefault("beneficiaries", None)
        return self.call(_core.break_even, threads=threads, invalid=invalid, outputs=list(outputs))

    def curve(self, row: int, expenditures: int) -> _plot.Payoff:
        """What a row earns around its break-even."""
        program, own = self.of_program(row)
        values = dict(zip(self.columns, own, strict=True))
        target, benchmark = values.pop(_TARGET), values["benchmark"] or 0
        rate = _plot.savings_rate(expenditures, benchmark)
        rates, spent = _plot.around(rate, benchmark)
        kinds = dict(zip(self.columns, self.kinds, strict=True))
        # Shares are parts per billion in the core.
        given: dict[str, Any] = {n: v / 10**9 if kinds[n] == "share" else v for n, v in values.items() if v is not None}
        given.setdefault("beneficiaries", None)
        book, as_of, proposed = self.standpoint
        out = _core.settle(
            expenditures=spent, **given, program=program, as_of=as_of, proposed=proposed, rules=book,
            threads=1, invalid="null", outputs=["earned"],
        )  # fmt: skip
        marks = _core.dollars(np.array([target, benchmark], np.int64), _core.NULL_CENTS)
        label = f"row {self._at(row)}: {self.labels()[row]}, {values['performance_year']}"
        return _plot.Payoff(label, rates, _core.dollars(out["earned"], _core.NULL_CENTS), rate, *marks)
