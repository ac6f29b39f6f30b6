"""What must hold, and whether it did."""

from typing import NamedTuple

from benches import benchmark, clinicians, mixed, settle
from benches.qp import OURS, OURS_OUT

MB = 10**6
GB = 10**9


class Target(NamedTuple):
    text: str
    wanted: str
    measured: str
    met: bool
    parallel: bool

    def verdict(self, contended):
        if contended and self.parallel:
            return "void (contended)"
        return "met" if self.met else "**MISSED**"


def of_large(measured):
    """The targets of QP determinations that hold at 10⁷ rows."""
    return [
        _ratio(measured, "numba, tuned", OURS, 1),
        _ratio(measured, "numba, tuned, out=", OURS_OUT, 1),
        _ratio(measured, "polars, gather", OURS, 8),
        _ratio(measured, "numpy, natural", OURS, 15),
        _ratio(measured, "pandas", OURS, 50),
        _share(measured, OURS, 0.60),
        _share(measured, OURS_OUT, 0.70),
    ]


def of_settlements(measured):
    """The targets of settlements at 10⁷ rows."""
    return [
        _ratio(measured, "numba, tuned", settle.OURS, 2),
        _ratio(measured, "numba, tuned, out=", settle.OURS_OUT, 2.5),
        _ratio(measured, "numpy, blocked, out=", settle.OURS_OUT, 7),
        _ratio(measured, "polars", settle.OURS, 10),
        _ratio(measured, "pandas", settle.OURS, 14),
        _ratio(measured, "rust_decimal", settle.OURS, 10),
        _share(measured, settle.OURS_OUT, 0.55),
        _fewer_outputs(measured),
    ]


def of_mixed(measured):
    """The targets of settlements of all programs at once at 10⁷ rows: half the row rate of one program alone."""
    return [
        _ratio(measured, mixed.ALONE, mixed.OURS, 0.5),
        _ratio(measured, mixed.ALONE_OUT, mixed.OURS_OUT, 0.5),
        _ratio(measured, "numba", mixed.OURS, 1),
        _ratio(measured, "numba, out=", mixed.OURS_OUT, 1),
    ]


def of_benchmarks(measured):
    """The targets of benchmarks at 10⁵ entities."""
    targets = [_ratio(measured, peer, benchmark.OURS, 1) for peer in ("numpy, natural", "polars")]
    for name in (benchmark.OURS, benchmark.FRAMES):
        seconds = measured.times[name].seconds
        targets.append(Target(f"{name}: all entities", "≤ 0.5 s", f"{seconds:.3f} s", seconds <= 0.5, False))
    return targets


def of_clinicians(measured, extra):
    """The targets of rosters, at the largest size."""
    seconds = measured.times[clinicians.OURS].seconds
    text = f"{clinicians.OURS}: all clinicians"
    targets = [
        _ratio(measured, "polars", clinicians.OURS, 0.8),
        Target(text, "≤ 10 s", f"{seconds:.1f} s", seconds <= 10, False),
    ]
    limit = 4 * GB
    shown = "not measured" if extra is None else f"{extra / GB:.2f} GB"
    return [*targets, Target("extra peak memory", "≤ 4 GB", shown, extra is not None and extra <= limit, False)]


def _ratio(measured, peer, ours, least):
    value = measured.ratio(peer, ours)
    return Target(f"{peer} / {ours}", f"≥ {least}x", f"{value:.2f}x", value >= least, True)


def _share(measured, ours, least):
    value = measured.share(ours)
    text = f"{ours}: share of {measured.bandwidth} bandwidth"
    return Target(text, f"≥ {least:.0%}", f"{value:.0%}", value >= least, True)


def _fewer_outputs(measured):
    value = measured.ratio(settle.TWO, settle.OURS)
    return Target(f"{settle.TWO} / {settle.OURS}", "≤ 0.9x", f"{value:.2f}x", value <= 0.9, True)


def of_one_row(measured):
    targets = []
    for name in (OURS, OURS_OUT):
        value = measured.times[name].seconds * 1e6
        targets.append(Target(f"{name}: one row", "≤ 2 µs", f"{value:.2f} µs", value <= 2, False))
    return targets


def of_memory(extra, outputs):
    """Inputs are there before the call, so what it adds may be its outputs and a little."""
    text = "extra peak memory: outputs and 8 MB"
    limit = outputs + 8 * MB
    wanted = f"≤ {limit / MB:.0f} MB"
    if extra is None:
        return Target(text, wanted, "not measured", False, False)
    return Target(text, wanted, f"{extra / MB:.1f} MB", extra <= limit, False)
