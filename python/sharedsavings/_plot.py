"""Pictures of results. Matplotlib is imported here and only when a picture is asked for."""

from __future__ import annotations

import io
from collections.abc import Sequence
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


def waterfall(title: str, levels: Sequence[tuple[str, float]], after: tuple[float, ...] | None) -> Figure:
    """Levels in dollars per capita as steps from one to the next; `after` is expenditures and what was earned."""
    drawn, panels = figure(1, (10, 4.8))
    axes = panels[0]
    names = [name for name, _ in levels]
    values = np.array([value for _, value in levels])
    # Nothing is drawn of a year that is not known.
    known = np.isfinite(values)
    ends = {0: "base years\nas spent", 3: "historical\nbenchmark", len(values) - 1: "updated\nbenchmark"}
    bars: list[tuple[str, float, float, str]] = []
    for at in np.flatnonzero(known).tolist():
        if at > 0:
            low, high = values[at - 1], values[at]
            bars.append((_wrapped(names[at]), low, high, COLOURS["qp"] if high >= low else COLOURS["none"]))
        if at in ends:
            bars.append((ends[at], 0.0, values[at], "#3b6ea5"))
    if after is not None:
        spent, earned = after
        bars.append(("expenditures", 0.0, spent, "#8c8c8c"))
        bars.append(("earned" if earned >= 0 else "owed", 0.0, abs(earned), COLOURS["partial_qp"]))
    shown = values[known]
    room = max(float(shown.max() - shown.min()), float(shown.max()) / 50)
    floor = max(0.0, float(shown.min()) - room)
    if after is not None:
        floor = max(0.0, min(floor, after[0] - room))
    top = max([float(shown.max()), *(after[:1] if after else ())])
    for at, (_, low, high, colour) in enumerate(bars):
        # What was earned has its foot on the floor, as it is far below a benchmark.
        lift = floor if after is not None and at == len(bars) - 1 else 0.0
        bottom = max(floor, min(low, high))
        axes.bar(at, max(low, high) + lift - bottom, bottom=bottom, color=colour, width=0.68)
        text = f"{high:,.0f}" if low == 0 else f"{high - low:+,.0f}"
        axes.annotate(text, (at, max(low, high) + lift), (0, 3), textcoords="offset points", ha="center", fontsize=9)
    axes.set_xticks(range(len(bars)), [bar[0] for bar in bars], fontsize=8)
    axes.set_ylim(floor, top + room * 0.25)
    axes.set_ylabel("dollars per capita" + (f", from {floor:,.0f}" if floor > 0 else ""))
    axes.set_title(title)
    axes.spines[["top", "right"]].set_visible(False)
    return drawn


def _wrapped(name: str) -> str:
    """A name on lines of two words."""
    words = name.split()
    return "\n".join(" ".join(words[at : at + 2]) for at in range(0, len(words), 2))
