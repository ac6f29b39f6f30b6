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


def figure(columns: int = 1, size: tuple[float, float] = (10, 4.5), rows: int = 1) -> tuple[Figure, NDArray[Any]]:
    """Make an empty figure that no global state holds on to and a notebook shows by itself; its panels in order."""
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
    return drawn, np.atleast_1d(drawn.subplots(rows, columns)).ravel()


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
    # Small ACOs beside large ones: linear up to $100,000, then by order of magnitude.
    axes.set_yscale("symlog", linthresh=1e5, linscale=0.6)
    axes.yaxis.set_major_formatter(StrMethodFormatter("${x:,.0f}"))
    axes.set_xlabel("savings (+) or losses (-), % of benchmark")
    axes.set_ylabel("paid (+) or owed (-)")
    axes.legend(title="track", fontsize=8)
    return drawn


def waterfall(title: str, levels: Sequence[tuple[str, float]], after: tuple[float, ...] | None) -> Figure:
    """Levels in dollars per capita as steps from one to the next; `after` is expenditures and what was earned."""
    from matplotlib.ticker import StrMethodFormatter

    drawn, panels = figure(1, (10, 4.8))
    axes = panels[0]
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
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
        # A step from what was spent to what was spent and paid.
        word, colour = ("earned", COLOURS["qp"]) if earned >= 0 else ("owed", COLOURS["none"])
        bars.append((word, spent, spent + earned, colour))
    shown = values[known]
    room = max(float(shown.max() - shown.min()), float(shown.max()) / 50)
    floor = max(0.0, float(shown.min()) - room)
    if after is not None:
        floor = max(0.0, min(floor, min(after[0], sum(after)) - room))
    top = max([float(shown.max()), *((after[0], sum(after)) if after else ())])
    for at, (_, low, high, colour) in enumerate(bars):
        bottom = max(floor, min(low, high))
        axes.bar(at, max(low, high) - bottom, bottom=bottom, color=colour, width=0.68)
        text = f"{high:,.0f}" if low == 0 else f"{high - low:+,.0f}"
        axes.annotate(text, (at, max(low, high)), (0, 3), textcoords="offset points", ha="center", fontsize=9)
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


@dataclass(frozen=True)
class Payoff:
    """What one row earns over a range of savings rates; amounts in dollars."""

    label: str
    rates: NDArray[np.float64]
    earned: NDArray[np.float64]
    break_even_rate: float
    target: float
    benchmark: float


def savings_rate(expenditures: int, benchmark: int) -> float:
    """Where expenditures lie on an axis of savings as a part of the benchmark."""
    return 1 - expenditures / benchmark


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


# A change of slope that is no rounding, and the steps within which two kinks are one.
_BEND, _APART = 1e-4, 3


@dataclass(frozen=True)
class Kinked:
    """What an arrangement pays over a range of savings rates, as shares of the benchmark, and where that bends."""

    label: str
    rates: NDArray[np.float64]
    earned: NDArray[np.float64]
    kinks: tuple[tuple[float, float, str], ...]
    """Rate, share, and what begins or ends there."""


def population() -> tuple[int, NDArray[np.int64]]:
    """A benchmark in cents, and spending around it in steps of a fiftieth of a percent."""
    benchmark = 10_000_000_000
    return benchmark, benchmark // 5_000 * np.arange(3_750, 6_001)


def kinked(
    label: str,
    benchmark: int,
    spent: NDArray[np.int64],
    savings: NDArray[np.int64],
    earned: NDArray[np.int64],
    reasons: Sequence[str],
) -> Kinked:
    """A curve and its kinks: where the reason of a row changes, or the slope does, at the target or elsewhere."""
    rates, shares = 1 - spent / benchmark, earned / benchmark
    slopes = np.diff(shares) / np.diff(rates)
    jumps = np.abs(np.diff(slopes)) > _BEND
    kinks: list[tuple[float, float, str]] = []
    last = -len(spent)
    for at in range(1, len(spent) - 1):
        changed = reasons[at] != reasons[at - 1]
        if not (changed or jumps[at - 1]):
            continue
        told = (reasons[at] or reasons[at - 1] if changed else "").replace("_", " ")
        if not told and (savings[at - 1] > 0) != (savings[at + 1] > 0):
            told = "target"
        if at - last < _APART:
            # The slope changes a step before or after the reason does.
            rate, share, before = kinks[-1]
            kinks[-1] = (rate, share, before or told)
        else:
            kinks.append((float(rates[at]), float(shares[at]), told))
        last = at
    return Kinked(label, rates, shares, tuple(kinks))


def arrangements(axes: Axes, curves: Sequence[Kinked]) -> None:
    """Savings rate against what is earned, kinks marked by dots and the nameless ones among them hollow."""
    axes.axhline(0, color="black", linewidth=0.8)
    axes.axvline(0, color="black", linewidth=0.8)
    told: set[str] = set()
    for number, curve in enumerate(curves):
        colour = f"C{number % 10}"
        axes.plot(curve.rates * 100, curve.earned * 100, color=colour, linewidth=1.7, label=curve.label)
        for rate, share, what in curve.kinks:
            face = colour if what else "white"
            axes.plot(rate * 100, share * 100, "o", color=colour, markerfacecolor=face, markersize=5, zorder=3)
            if what and len(curves) == 1 and what not in told:
                told.add(what)
                above = share <= 0
                axes.annotate(
                    what,
                    (rate * 100, share * 100),
                    textcoords="offset points",
                    xytext=(6, 9 if above else -13),
                    fontsize=8,
                )
    axes.set_xlabel("savings (+) or losses (-), % of the benchmark before discount")
    axes.set_ylabel("paid (+) or owed (-), % of the benchmark")
    axes.set_title(
        "What is earned; dots mark targets, minimum rates, caps and limits,\nhollow dots where a slice ends",
        fontsize=10,
    )
    axes.grid(alpha=0.25)
    axes.legend(fontsize=8)


# What verdicts of a reconciliation come to, with what the picture calls them.
_STATUSES = (
    (0, "equal (within $1)", "#4c78a8", "o"),
    (1, "within the printed quality score", "#59a14f", "o"),
    (2, "not reproducible, reason stated", "#d08a00", "D"),
    (3, "unexplained", "#b2182b", "X"),
)


def reconciled(
    published: NDArray[np.float64], computed: NDArray[np.float64], years: NDArray[np.int64], statuses: NDArray[np.uint8]
) -> Figure:
    """Computed against published payments on one panel, their differences by year on another."""
    from matplotlib.collections import PathCollection

    drawn, panels = figure(2, (12, 5.2))
    both, apart = panels
    difference = computed - published
    # Rows of a year lie side by side in a fixed order, so that a picture of the same rows is the same.
    beside = np.zeros(len(years))
    for year in np.unique(years):
        rows = np.flatnonzero(years == year)
        beside[rows] = np.linspace(-0.36, 0.36, len(rows)) if len(rows) > 1 else 0
    for status, label, colour, marker in _STATUSES:
        chosen = statuses == status
        if not chosen.any():
            continue
        look = {"s": 14 if marker == "o" else 46, "color": colour, "marker": marker, "linewidths": 0,
                "alpha": 0.55 if marker == "o" else 1, "zorder": 3 + status}  # fmt: skip
        empty = int(np.isnan(difference[chosen]).sum())
        counted = f"{label}: {chosen.sum():,}" + (f" ({empty} without an amount)" if empty else "")
        both.scatter(published[chosen], computed[chosen], label=counted, **look)
        apart.scatter(years[chosen] + beside[chosen], difference[chosen], **look)
    _dollar_scales(both, apart)
    both.set_xlabel("published: paid (+) or owed (-)")
    both.set_ylabel("computed: paid (+) or owed (-)")
    both.set_title("Every ACO and year")
    apart.axhspan(-1, 1, color="#4c78a8", alpha=0.12, linewidth=0, zorder=0)
    apart.axhline(0, color="black", linewidth=0.6, zorder=1)
    apart.set_xticks(np.unique(years), [str(year) for year in np.unique(years)])
    apart.set_ylabel("computed less published")
    apart.set_title("Differences (shaded: within $1)")
    handles, labels = both.get_legend_handles_labels()
    legend = drawn.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=9, frameon=False)
    # Points are pale, as they lie upon each other; a single pale point does not tell blue from green.
    for handle in legend.legend_handles:
        if isinstance(handle, PathCollection):
            handle.set_alpha(1)
            handle.set_sizes([46])
    return drawn


def _dollar_scales(both: Axes, apart: Axes) -> None:
    """Scales that are linear about zero and logarithmic beyond, with ticks that people read."""
    from matplotlib.ticker import FuncFormatter, NullLocator

    dollars = FuncFormatter(lambda amount, _: short_dollars(amount))
    payments = [-1e7, -1e6, -1e5, 0, 1e5, 1e6, 1e7, 1e8]
    low, high = -3e7, 3e8
    both.plot([low, high], [low, high], color="black", linewidth=0.8, zorder=1)
    both.set_xscale("symlog", linthresh=1e5, linscale=0.6)
    both.set_yscale("symlog", linthresh=1e5, linscale=0.6)
    both.set_xticks(payments)
    both.set_yticks(payments)
    both.set_xlim(low, high)
    both.set_ylim(low, high)
    both.xaxis.set_major_formatter(dollars)
    both.yaxis.set_major_formatter(dollars)
    apart.set_yscale("symlog", linthresh=1, linscale=0.8)
    apart.set_yticks([-1e6, -1e4, -100, -1, 0, 1, 100, 1e4, 1e6])
    apart.set_ylim(-2e7, 2e7)
    apart.yaxis.set_major_formatter(dollars)
    for axis in (both.xaxis, both.yaxis, apart.yaxis):
        axis.set_minor_locator(NullLocator())


def short_dollars(amount: float) -> str:
    """An amount in thousands or millions."""
    sign = "-" if amount < 0 else ""
    size = abs(amount)
    for unit, letter in ((1e6, "M"), (1e3, "k")):
        if size >= unit:
            return f"{sign}${size / unit:,.0f}{letter}"
    return f"{sign}${size:,.0f}"
