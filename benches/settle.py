"""Settlements of the Shared Savings Program: ours in exact cents and every peer over the same rows, checked, then
timed in the same rounds.
"""

from typing import NamedTuple

import numpy as np

from benches import THREADS, native, timing
from benches.peers import Candidate, load

PEERS = ("settle_numba", "settle_numpy", "settle_polars", "settle_pandas", "settle_decimal")
OURS, OURS_OUT = "sharedsavings", "sharedsavings, out="
TWO, ALL = "sharedsavings, two outputs", "sharedsavings, all outputs"
OTHER_OUTPUTS = (TWO, ALL)
OUTPUTS = ("savings", "savings_rate", "generated", "earned")
BYTES_WRITTEN = 8 * len(OUTPUTS)
CENT = 1.0
# The rate is a quotient of two whole numbers: the last bit may differ, no more.
ULPS = 2


class Checked(NamedTuple):
    """How a peer's answer compares with ours."""

    ties: int
    """Ties of the size scale that it decides the other way; see `settle_rows`."""
    off: float
    """Largest difference of an amount on all other rows, in cents."""


def measure(rows, terms, rounds, limits):
    from benches import machine
    from benches.measured import Measured

    all_of_them = ours(rows)
    for peer in PEERS:
        all_of_them |= load(peer).candidates(rows, terms)
    checked = check(all_of_them, rows)
    calls = {name: candidate.call for name, candidate in all_of_them.items()}
    of_machine = machine.candidates() if limits else {}
    # Ours stand between the machine's limits and tuned numba, the closest comparisons.
    times = timing.interleave(of_machine | calls, rounds)
    first, second = ({name: times[name] for name in part} for part in (calls, of_machine))
    return Measured(len(rows.track), rows.bytes_read + BYTES_WRITTEN, "triad", first, second, checked)


def ours(rows):
    given = rows.arguments
    kept = {name: np.zeros_like(column) for name, column in native.settle(**given, threads=THREADS).items()}
    answer = lambda out: tuple(out[name] for name in OUTPUTS)  # noqa: E731

    def call(outputs=None, out=None):
        return lambda: native.settle(**given, threads=THREADS, outputs=outputs, out=out)

    return {
        OURS: Candidate(call(), answer),
        OURS_OUT: Candidate(call(out=kept), answer),
        TWO: Candidate(call(["generated", "earned"]), answer),
        ALL: Candidate(call(list(native.SETTLE_OUTPUTS)), answer),
    }


def check(candidates, rows):
    """Refuses to time a peer that gives another answer; the first candidate is ours."""
    expected = None
    checked = {}
    for name, candidate in candidates.items():
        if name in OTHER_OUTPUTS:
            continue
        found = candidate.answer(candidate.call())
        expected = found if expected is None else expected
        checked[name] = compare(name, rows, expected, found)
    return checked


def compare(name, rows, expected, found):
    """Amounts to a cent and rates to the last bits, except where a tie of the size scale is decided."""
    savings, rate, generated, earned = (np.asarray(column) for column in found)
    off = [np.abs(a - b) for a, b in zip((savings, generated, earned), (expected[i] for i in (0, 2, 3)), strict=True)]
    wrong = ~(np.abs(rate - expected[1]) <= ULPS * np.spacing(np.abs(expected[1])))
    wrong |= ~(off[0] <= CENT)
    other = ~((off[1] <= CENT) & (off[2] <= CENT))
    ties = other & rows.scale_tie
    wrong |= other & ~rows.scale_tie
    if wrong.any():
        row = int(np.argmax(wrong))
        theirs, ours = ([column[row].item() for column in answer] for answer in (found, expected))
        raise AssertionError(
            f"{name}: {wrong.sum()} of {len(wrong)} rows differ, first row {row}: {theirs}, not {ours}"
        )
    largest = max(float(np.max(column[~ties], initial=0.0)) for column in off)
    return Checked(int(ties.sum()), largest)
