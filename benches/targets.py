"""What must hold, and whether it did."""

from typing import NamedTuple

from benches import machine
from benches.qp import OURS, OURS_OUT

MB = 10**6


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
    """The targets that hold at 10⁷ rows."""

    def ratio(peer, ours, least):
        value = measured.ratio(peer, ours)
        text = f"{peer} / {ours}"
        return Target(text, f"≥ {least}x", f"{value:.2f}x", value >= least, True)

    def share(ours, least):
        value = measured.share(ours)
        text = f"{ours}: share of read bandwidth"
        return Target(text, f"≥ {least:.0%}", f"{value:.0%}", value >= least, True)

    return [
        ratio("numba, tuned", OURS, 1),
        ratio("numba, tuned, out=", OURS_OUT, 1),
        ratio("polars, gather", OURS, 8),
        ratio("numpy, natural", OURS, 15),
        ratio("pandas", OURS, 50),
        share(OURS, 0.60),
        share(OURS_OUT, 0.70),
    ]


def of_one_row(measured):
    targets = []
    for name in (OURS, OURS_OUT):
        value = measured.times[name].seconds * 1e6
        targets.append(Target(f"{name}: one row", "≤ 2 µs", f"{value:.2f} µs", value <= 2, False))
    return targets


def of_memory(extra, rows):
    """Inputs are there before the call, so what it adds may be its outputs and a little."""
    text = "extra peak memory: outputs and 8 MB"
    limit = 2 * rows + 8 * MB
    wanted = f"≤ {limit / MB:.0f} MB"
    if extra is None:
        return Target(text, wanted, "not measured", False, False)
    return Target(text, wanted, f"{extra / MB:.1f} MB", extra <= limit, False)


def contended(limits):
    return limits["speed-up"] < machine.UNCONTENDED
