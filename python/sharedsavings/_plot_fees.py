"""Pictures of fees: what a score earns of what is at risk. Amounts come from the native half."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ._plot import COLOURS, Kinked, arrangements, figure, short_dollars

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ._programs import Group, Settled

_PAID, _OWED, _PREPAID = COLOURS["qp"], COLOURS["none"], "#3b6ea5"
# Rows that a picture of bars shows.
_BARS = 30


@dataclass(frozen=True)
class Payoff:
    """What one payment of an arrangement comes to by score.

    Attributes
    ----------
    label, across, unit : str
        Arrangement, what runs along the axis, what amounts are of.
    at : ndarray
        Scores or adjustments, in percent.
    earned : ndarray
        Paid beyond what was prepaid, or paid back below zero, dollars.
    prepaid : float
        What was prepaid, dollars.
    """

    label: str
    across: str
    unit: str
    at: NDArray[np.float64]
    earned: NDArray[np.float64]
    prepaid: float


def by_score(curves: Sequence[Payoff], sharing: Sequence[Kinked] = ()) -> Figure:
    """Score against payment, a panel for each kind of payment; beside them the payoffs of those that share savings."""
    kinds = list(dict.fromkeys((curve.across, curve.unit) for curve in curves))
    count = len(kinds) + bool(sharing)
    drawn, panels = figure(count, (9.5 if sharing and not kinds else max(7.0, 5.8 * count), 5.4 if sharing else 4.8))
    if sharing:
        arrangements(panels[0], sharing)
    for axes, kind in zip(panels[count - len(kinds) :], kinds, strict=True):
        _draw(axes, [curve for curve in curves if (curve.across, curve.unit) == kind])
    return drawn


def _draw(axes: Axes, curves: Sequence[Payoff]) -> None:
    """One panel of payments of one kind."""
    alone = len(curves) == 1
    axes.axhline(0, color="black", linewidth=0.8)
    for number, curve in enumerate(curves):
        # What remains with the entity, against nothing at all.
        kept = curve.earned + curve.prepaid
        colour = _PREPAID if alone else f"C{number % 10}"
        axes.plot(curve.at, kept, color=colour, linewidth=1.8, label=curve.label)
        if curve.prepaid:
            axes.axhline(curve.prepaid, color=colour, linewidth=1, linestyle="--")
        if not alone:
            continue
        axes.fill_between(curve.at, 0, np.maximum(kept, 0), color=_PAID, alpha=0.18, linewidth=0, label="kept or paid")
        if curve.prepaid:
            axes.fill_between(curve.at, kept, curve.prepaid, color=_OWED, alpha=0.15, linewidth=0, label="clawed back")
            axes.annotate("prepaid, all of it at risk", (curve.at[0], curve.prepaid), (4, -12),
                          textcoords="offset points", fontsize=8)  # fmt: skip
        if (kept < 0).any():
            axes.fill_between(curve.at, np.minimum(kept, 0), 0, color=_OWED, alpha=0.15, linewidth=0, label="owed")
    if not alone and any(curve.prepaid for curve in curves):
        axes.plot([], [], color="black", linewidth=1, linestyle="--", label="prepaid, all of it at risk")
    _dollars(axes.yaxis, _whole_dollars)
    axes.set_xlabel(curves[0].across)
    axes.set_ylabel(f"dollars {curves[0].unit}")
    axes.grid(alpha=0.25)
    axes.legend(fontsize=8)


def paid(program: str, rows: Sequence[int], dollars: Mapping[str, NDArray[np.float64]]) -> Figure:
    """Each row's payments: at risk what is kept and clawed back, else what is paid or owed; and sums by payment."""
    drawn, panels = figure(2, (12, 4.8))
    _rows(panels[0], rows, dollars)
    panels[0].set_title(f"{program}: what is earned, row by row", fontsize=10)
    _sums(panels[1], dollars)
    return drawn


def _rows(axes: Axes, rows: Sequence[int], dollars: Mapping[str, NDArray[np.float64]]) -> None:
    count = min(len(rows), _BARS)
    at = np.arange(count)

    def of(name: str) -> NDArray[np.float64]:
        return np.nan_to_num(dollars[name][:count])

    prepaid, kept = of("incentive_prepaid"), of("incentive_retained")
    # What is paid without having been prepaid.
    beyond = of("score_payment") + of("revenue_adjustment")
    up, down = np.maximum(beyond, 0), np.minimum(beyond, 0)
    if prepaid.any():
        axes.bar(at, kept, color=_PAID, width=0.7, label="kept of the incentive")
        axes.bar(at, prepaid - kept, bottom=kept, color=_OWED, alpha=0.55, width=0.7, label="clawed back")
        axes.plot(at, prepaid, linestyle="none", marker="_", markersize=12, color="black", label="prepaid, at risk")
    if up.any():
        axes.bar(at, up, bottom=kept, color="#7fbf7b", width=0.7, label="paid by score or adjustment")
    if down.any():
        axes.bar(at, down, color=_OWED, width=0.7, label="owed")
    axes.axhline(0, color="black", linewidth=0.8)
    step = max(1, count // 12)
    axes.set_xticks(at[::step], [str(rows[place]) for place in at[::step].tolist()])
    axes.set_xlabel("row" if count == len(rows) else f"row (the first {count} of {len(rows):,})")
    _dollars(axes.yaxis)
    axes.grid(axis="y", alpha=0.25)
    if axes.get_legend_handles_labels()[0]:
        axes.margins(y=0.16)
        axes.legend(fontsize=8, loc="upper center", ncols=4)


def _sums(axes: Axes, dollars: Mapping[str, NDArray[np.float64]]) -> None:
    sums = {name.replace("_", " "): float(np.nansum(values)) for name, values in dollars.items()
            if not np.isnan(values).all()}  # fmt: skip
    names = list(sums)[::-1]
    values = [sums[name] for name in names]
    axes.barh(names, values, color=[_OWED if value < 0 else _PREPAID for value in values], height=0.6)
    axes.axvline(0, color="black", linewidth=0.8)
    _dollars(axes.xaxis)
    axes.tick_params(axis="x", labelrotation=30)
    axes.grid(axis="x", alpha=0.25)
    axes.set_title("Sums by payment", fontsize=10)


def by_program(names: Sequence[str], parts: Sequence[tuple[Group, Settled]]) -> Figure:
    """What the rows of each program are paid or owe, one row a program: every row a point."""
    drawn, panels = figure(1, (9, max(3.0, 0.36 * len(names) + 1.6)))
    axes = panels[0]
    place = 0
    for group, part in parts:
        earned: Any = part.outputs.get("earned", np.full(len(group.of_row), np.nan))
        for program in range(max(1, len(group.programs))):
            here = earned[group.of_row == program]
            colours = np.where(here < 0, _OWED, np.where(here > 0, _PAID, COLOURS["null"]))
            known = ~np.isnan(here)
            beside = np.linspace(-0.22, 0.22, known.sum()) if known.sum() > 1 else np.zeros(known.sum())
            # Hundreds of rows lie upon each other.
            size, shade = (26, 0.8) if known.sum() <= _BARS else (8, 0.45)
            axes.scatter(here[known], place + beside, s=size, color=colours[known], alpha=shade, linewidths=0)
            place += 1
    axes.axvline(0, color="black", linewidth=0.8)
    # Practices beside large entities: linear up to $10,000, then by order of magnitude.
    axes.set_xscale("symlog", linthresh=1e4, linscale=0.5)
    axes.set_xticks([-1e8, -1e7, -1e6, -1e5, -1e4, 0, 1e4, 1e5, 1e6, 1e7, 1e8])
    axes.minorticks_off()
    _dollars(axes.xaxis)
    axes.set_yticks(range(len(names)), list(names))
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.25)
    axes.set_xlabel("earned: paid (+) or owed (-)")
    return drawn


def _dollars(axis: Any, written: Callable[[float], str] = short_dollars) -> None:
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda amount, _: written(amount)))


def _whole_dollars(amount: float) -> str:
    """An amount to the dollar."""
    return f"{'-' if amount < 0 else ''}${abs(amount):,.0f}"
