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


def by_year(years: NDArray[np.int64], values: Mapping[str, Any], title: str) -> Figure:
    """Sums by performance year, a bar for each name."""
    from matplotlib.ticker import StrMethodFormatter

    drawn, panels = figure(1, (8, 4.4))
    axes = panels[0]
    at = np.unique(years)
    wide = 0.8 / len(values)
    for number, (name, amounts) in enumerate(values.items()):
        sums = [np.nansum(amounts[years == year]) for year in at]
        axes.bar(np.arange(len(at)) + (number + 0.5) * wide - 0.4, sums, wide, label=name)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_xticks(np.arange(len(at)), [str(year) for year in at])
    axes.yaxis.set_major_formatter(StrMethodFormatter("${x:,.0f}"))
    axes.set_xlabel("performance year")
    axes.set_title(title)
    axes.legend(fontsize=8)
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
    """A panel for each score: what was seen, what is expected, 80 and 95 percent intervals."""
    drawn, panels = figure(len(all_), (5.2 * len(all_), 4.2))
    for axes, fan in zip(panels, all_, strict=True):
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
    panels[0].legend(fontsize=8)
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
