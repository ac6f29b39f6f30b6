"""Pictures of results. Matplotlib is imported here and only when a picture is asked for."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ._errors import SharedSavingsError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {"qp": "#1b7837", "partial_qp": "#d08a00", "none": "#b2182b", "null": "#8c8c8c"}


def figure(columns: int = 1, size: tuple[float, float] = (10, 4.5)) -> tuple[Figure, NDArray[Any]]:
    """Make an empty figure that no global state holds on to and that a notebook shows by itself."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise SharedSavingsError("plots need matplotlib. Run: pip install 'sharedsavings[plot]'") from None

    class Picture(Figure):
        def _repr_png_(self) -> bytes:
            buffer = io.BytesIO()
            self.savefig(buffer, format="png", dpi=110)
            return buffer.getvalue()

    drawn = Picture(figsize=size, layout="constrained")
    return drawn, np.atleast_1d(drawn.subplots(1, columns))


def threshold_scores(
    scores: Sequence[tuple[str, NDArray[np.float64]]],
    years: NDArray[np.int64],
    lines: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]],
    status: Sequence[str],
) -> Figure:
    """Each row's threshold scores against the QP and Partial QP lines of its year, one panel a method."""
    drawn, panels = figure(len(scores), (5.6 * len(scores), 4.6))
    order = np.lexsort((np.nan_to_num(scores[0][1], nan=-1.0), years))
    words = np.asarray(status, dtype=object)[order]
    for axes, (name, score), (qp, partial) in zip(panels, scores, lines, strict=True):
        at = np.arange(len(order))
        axes.step(at, qp[order] * 100, where="mid", color="black", linewidth=1.2, label="QP threshold")
        axes.step(
            at,
            partial[order] * 100,
            where="mid",
            color="black",
            linewidth=1,
            linestyle=":",
            label="Partial QP",
        )
        for word, colour in COLOURS.items():
            chosen = words == word
            if chosen.any():
                label = word.replace("_", " ")
                axes.scatter(at[chosen], score[order][chosen] * 100, s=22, color=colour, label=label, zorder=3)
        _mark_years(axes, years[order])
        axes.set_title(name)
        axes.set_ylabel("threshold score, %")
        axes.set_ylim(-2, 102)
    drawn.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=6, fontsize=9)
    return drawn


def _mark_years(axes: Axes, years: NDArray[np.int64]) -> None:
    axes.set_xlabel("entities by performance year and payment score")
    starts = np.flatnonzero(np.diff(years, prepend=years[:1] - 1))
    ends = np.append(starts[1:], len(years))
    axes.set_xticks([(a + b - 1) / 2 for a, b in zip(starts, ends, strict=True)], [str(y) for y in years[starts]])
    for start in starts[1:]:
        axes.axvline(start - 0.5, color="#cccccc", linewidth=0.8)


def settlements(savings_rate: NDArray[np.float64], earned: NDArray[np.float64], names: Sequence[str]) -> Figure:
    """Savings rate against the dollars paid or owed, by track."""
    from matplotlib.ticker import StrMethodFormatter

    drawn, panels = figure(1, (7.5, 4.6))
    axes = panels[0]
    tracks = np.asarray(names, dtype=object)
    for track in sorted(set(names)):
        chosen = tracks == track
        axes.scatter(savings_rate[chosen] * 100, earned[chosen], s=18, alpha=0.75, label=track)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.yaxis.set_major_formatter(StrMethodFormatter("${x:,.0f}"))
    axes.set_xlabel("savings (+) or losses (-), % of benchmark")
    axes.set_ylabel("paid (+) or owed (-)")
    axes.legend(title="track", fontsize=8)
    return drawn


@dataclass(frozen=True)
class Payoff:
    """What one row earns over a range of savings rates; amounts in dollars."""

    label: str
    rates: NDArray[np.float64]
    earned: NDArray[np.float64]
    break_even_rate: float
    target: float
    benchmark: float


def around(rate: float, benchmark: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Savings rates to either side of the benchmark, past a rate, and the expenditures there in cents."""
    reach = max(0.12, 1.5 * abs(rate))
    rates = np.linspace(-reach, min(reach, 1), 1601)
    spent = np.rint(benchmark * (1 - rates)).astype(np.int64)
    return rates, spent


def payoffs(curves: Sequence[Payoff]) -> Figure:
    """Savings rate against what is earned, with break-even and target marked: one row in dollars, more as shares."""
    from matplotlib.ticker import StrMethodFormatter

    drawn, panels = figure(1, (8, 4.8))
    axes = panels[0]
    alone = len(curves) == 1
    axes.axhline(0, color="black", linewidth=0.8)
    axes.axvline(0, color="black", linewidth=0.8)
    for number, curve in enumerate(curves):
        unit = 1 if alone else 100 / curve.benchmark
        colour = f"C{number}"
        at = curve.break_even_rate * 100
        label = f"{curve.label}: {at:.2f} %"
        axes.plot(curve.rates * 100, _broken(curve.earned * unit), color=colour, linewidth=1.6, label=label)
        axes.axhline(curve.target * unit, color=colour, linewidth=0.8, linestyle=":")
        axes.plot([at], [curve.target * unit], marker="o", color=colour, markeredgecolor="black", zorder=3)
    axes.yaxis.set_major_formatter(StrMethodFormatter("${x:,.0f}" if alone else "{x:.1f} %"))
    axes.set_xlabel("savings (+) or losses (-), % of benchmark")
    axes.set_ylabel("paid (+) or owed (-)" + ("" if alone else ", % of benchmark"))
    axes.set_title("What is earned; the dots are break-evens, the dotted lines targets", fontsize=10)
    if curves:
        axes.legend(title="break-even at a savings rate", fontsize=8)
    return drawn


def _broken(earned: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same curve with gaps where it jumps, at minimum rates."""
    steps = np.abs(np.diff(earned, prepend=earned[:1]))
    usual = np.nanmax(np.sort(steps)[:-4], initial=0.0)
    jumps = steps > 3 * usual
    return np.where(jumps, np.nan, earned)
