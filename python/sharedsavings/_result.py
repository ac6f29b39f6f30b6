"""What a verb returns: the frame, what to know of it, and why each row came out as it did."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ._core import RuleBook
from ._errors import InputError
from ._table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Step:
    """One step of a calculation.

    Attributes
    ----------
    name, formula, value : str
    inputs : tuple of (str, str)
        Name and value of each input.
    rules : tuple of str
        Ids of the rules that the step rests on.
    cites : tuple of str
        Titles of their sources.
    """

    name: str
    formula: str
    value: str
    inputs: tuple[tuple[str, str], ...] = ()
    rules: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """The steps behind one row, in order; prints well in a terminal and in a notebook."""

    title: str
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        lines = [self.title]
        sources = self.sources()
        for number, step in enumerate(self.steps, 1):
            lines.append(f"{number:>2}. {step.name} = {step.value}")
            lines.append(f"      {step.formula}")
            if step.inputs:
                lines.append("      " + "; ".join(f"{name} {value}" for name, value in step.inputs))
            if step.rules:
                marks = "".join(f"[{sources[cite]}]" for cite in step.cites)
                lines.append(f"      rule {', '.join(step.rules)} {marks}")
        lines += [f"[{number}] {title}" for title, number in sources.items()]
        return "\n".join(lines)

    def sources(self) -> dict[str, int]:
        """Titles of the sources that the steps cite, numbered in order of first use."""
        titles = dict.fromkeys(cite for step in self.steps for cite in step.cites)
        return {title: number for number, title in enumerate(titles, 1)}

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = []
        for number, step in enumerate(self.steps, 1):
            inputs = "<br>".join(html.escape(f"{n}: {v}") for n, v in step.inputs)
            rules = "<br>".join(f"<code>{html.escape(r)}</code>" for r in step.rules)
            cites = "<br>".join(html.escape(c) for c in step.cites)
            cells = (str(number), html.escape(step.name), html.escape(step.formula), inputs)
            body = "".join(f"<td>{c}</td>" for c in cells)
            rows.append(
                f"<tr>{body}<td><b>{html.escape(step.value)}</b></td><td>{rules}<br><small>{cites}</small></td></tr>"
            )
        head = "".join(f"<th>{h}</th>" for h in ("", "step", "formula", "inputs", "value", "rule and source"))
        caption = f"<caption>{html.escape(self.title)}</caption>"
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"

    def to_table(self) -> Table:
        """The steps as a table of text: step, formula, inputs, value, rules."""
        rows = [
            (s.name, s.formula, "; ".join(f"{n} {v}" for n, v in s.inputs), s.value, ", ".join(s.rules))
            for s in self.steps
        ]
        return Table(self.title, ("step", "formula", "inputs", "value", "rules"), rows)


def steps_from(native: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """Steps as the native half gives them."""
    return tuple(
        Step(
            name=s["name"],
            formula=s["formula"],
            value=s["value"],
            inputs=tuple((n, v) for n, v in s["inputs"]),
            rules=tuple(s["rules"]),
            cites=tuple(s["cites"]),
        )
        for s in native
    )


@dataclass(frozen=True)
class Result:
    """Result of a verb.

    Attributes
    ----------
    frame
        The caller's frame with the result's columns appended.
    warnings : tuple of str
        One sentence for each rule used that is recalled, proposed or set by the user.
    rulebook : RuleBook
        The rule book used; its `version` and `digest` identify it.
    """

    frame: Any
    warnings: tuple[str, ...]
    rulebook: RuleBook
    _rows: int = field(repr=False)
    _explain: Callable[[int], Explanation] = field(repr=False)
    _summary: Callable[[], Table] = field(repr=False)
    _plot: Callable[[], Figure] = field(repr=False)

    def explain(self, row: int) -> Explanation:
        """Explain one row.

        Parameters
        ----------
        row : int
            Position of the row, from 0; negative counts from the end.

        Returns
        -------
        Explanation
            Ordered steps: name, formula, inputs, value, rule id, citation.

        Raises
        ------
        InputError
            Where there is no such row.

        Examples
        --------
        >>> import sharedsavings as ss
        >>> result = ss.qp_status(ss.load_sample("qp_entities"))
        >>> result.explain(0).steps[-1].name
        'status'
        """
        return self._explain(from_start(row, self._rows))

    def summary(self) -> Table:
        """Count and add up the results by year.

        Returns
        -------
        Table
        """
        return self._summary()

    def plot(self) -> Figure:
        """Draw the results (needs matplotlib: ``pip install sharedsavings[plot]``).

        Returns
        -------
        matplotlib.figure.Figure
        """
        return self._plot()

    def __repr__(self) -> str:
        return as_text(f"Result of {self._rows} rows", self.summary(), self.warnings, self.rulebook)

    def _repr_html_(self) -> str:
        return as_html(self.summary(), self.warnings, self.rulebook)


def from_start(row: int, rows: int) -> int:
    """The position of a row counted from the start, where it may be counted from the end."""
    if not -rows <= row < rows:
        raise InputError(f"row {row}: the frame has {rows} rows, counted from 0")
    return row % rows


def as_text(what: str, summary: Table, warnings: Sequence[str], rulebook: RuleBook) -> str:
    """A result as a terminal shows it."""
    warned = f", {len(warnings)} warnings" if warnings else ""
    return f"<{what}, rule book {rulebook.version} {rulebook.digest[:12]}{warned}>\n{summary}"


def as_html(summary: Table, warnings: Sequence[str], rulebook: RuleBook) -> str:
    """A result as a notebook shows it."""
    lines = "".join(f"<li>{html.escape(w)}</li>" for w in warnings)
    warned = f"<p>Warnings:</p><ul>{lines}</ul>" if lines else ""
    book = f"rule book {html.escape(rulebook.version)}, digest {rulebook.digest[:12]}"
    return f"{summary._repr_html_()}{warned}<p><small>{book}</small></p>"
