"""Pictures of what follows from a status, and of an outlook on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ._plot import COLOURS, figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Series:
    """Amounts row by row, and how their sums are drawn."""

    label: str
    amounts: Any
    colour: str
    hatch: str | None = None


def by_year(years: NDArray[np.int64], series: Sequence[Series], title: str) -> Figure:
    """Sums by performance year, a bar for each series; the legend says how many rows are null, hence in no sum."""
    from matplotlib.ticker import StrMethodFormatter

    drawn, panels = figure(1, (8, 4.4))
    axes = panels[0]
    at = np.unique(years)
    wide = 0.8 / len(series)
    for number, one in enumerate(series):
        sums = [np.nansum(one.amounts[years == year]) for year in at]
        nulls = int(np.isnan(one.amounts).sum())
        label = f"{one.label} ({nulls:,} rows null)" if nulls else one.label
        look = {"color": COLOURS[one.colour]} if one.hatch is None else {
            "facecolor": "white", "edgecolor": COLOURS[one.colour], "hatch": one.hatch, "linewidth": 0.8}  # fmt: skip
        axes.bar(np.arange(len(at)) + (number + 0.5) * wide - 0.4, sums, wide, label=label, **look)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_xticks(np.arange(len(at)), [str(year) for year in at])
    axes.yaxis.set_major_formatter(StrMethodFormatter("${x:,.0f}"))
    axes.set_xlabel("performance year")
    axes.set_title(title)
    if len(series) > 1 or np.isnan(series[0].amounts).any():
        drawn.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=len(series), fontsize=8)
    return drawn


@dataclass(frozen=True)
class Fan:
    """One score's way to 31 August: two snapshots, a point and intervals, thresholds."""

    title: str
    snapshots: tuple[float, float]
    point: float
    intervals: tuple[tuple[float, float], tuple[float, float]]
    thresholds: tuple[float, float]


def fans(all_: Sequence[Fan]) -> Figure:
    """A panel for each score, two to a line: what was seen, what is expected, 80 and 95 percent intervals."""
    across = min(len(all_), 2)
    lines = -(-len(all_) // across)
    drawn, panels = figure(across, (5.2 * across, 3.6 * lines + 0.4), lines)
    for empty in panels[len(all_) :]:
        empty.remove()
    for axes, fan in zip(panels, all_, strict=False):
        seen = np.array(fan.snapshots) * 100
        axes.plot([3, 6], seen, "o-", color="black", label="snapshots")
        for (low, high), shade, label in zip(fan.intervals, (0.15, 0.3), ("95 %", "80 %"), strict=True):
            edges = ([seen[1], low * 100], [seen[1], high * 100])
            axes.fill_between([6, 8], *edges, color="#4c78a8", alpha=shade, linewidth=0, label=label)
        axes.plot([6, 8], [seen[1], fan.point * 100], "o--", color="#4c78a8", label="expected")
        axes.axhline(fan.thresholds[0] * 100, color=COLOURS["qp"], linewidth=1, label="QP")
        axes.axhline(fan.thresholds[1] * 100, color=COLOURS["partial_qp"], linewidth=1, label="Partial QP")
        axes.set_xticks([3, 6, 8], ["31 March", "30 June", "31 August"])
        axes.set_ylabel("threshold score, %")
        axes.set_title(fan.title, fontsize=10)
    drawn.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=6, fontsize=8)
    return drawn


def coverage(nominal: Sequence[float], found: Mapping[str, Sequence[float]]) -> Figure:
    """How often intervals hold the score that came, by generating process: a line for what they say, dots for it."""
    drawn, panels = figure(1, (8.5, 0.9 + 0.32 * len(found)))
    axes = panels[0]
    names = list(found)
    for at, level in enumerate(nominal):
        colour = f"C{at}"
        axes.axvline(level * 100, color=colour, linewidth=1)
        axes.plot([found[name][at] * 100 for name in names], names, "o", color=colour, label=f"{level:.0%} intervals")
    axes.set_xlim(50, 101)
    axes.set_xlabel("scores inside, %")
    axes.grid(alpha=0.25)
    axes.invert_yaxis()
    axes.legend(loc="lower left", fontsize=8)
    return drawn
