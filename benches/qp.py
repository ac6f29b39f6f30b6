"""The QP determination: ours and every peer over the same rows, checked, then timed in the same rounds."""

import numpy as np

from benches import THREADS, native, timing
from benches.peers import Candidate, load

PEERS = ("numba_", "numpy_", "polars_", "duckdb_", "pandas_")
OURS, OURS_OUT = "sharedsavings", "sharedsavings, out="
OTHER_OUTPUTS = ()


def measure(rows, thresholds, rounds, limits):
    from benches import machine
    from benches.measured import Measured

    n = len(rows.year)
    all_of_them = ours(rows)
    for peer in PEERS:
        all_of_them |= load(peer).candidates(rows, thresholds)
    check(all_of_them, rows)
    calls = {name: candidate.call for name, candidate in all_of_them.items()}
    of_machine = machine.candidates() if limits else {}
    # Ours stand between the machine's limits and tuned numba, the closest comparisons.
    times = timing.interleave(of_machine | calls, rounds)
    first, second = ({name: times[name] for name in part} for part in (calls, of_machine))
    return Measured(n, rows.bytes_per_row, "read", first, second, {})


def ours(rows):
    n = len(rows.year)
    kept = {name: np.empty(n, np.uint8) for name in ("status", "method")}
    codes = lambda out: (out["status"], out["method"])  # noqa: E731
    return {
        OURS: Candidate(lambda: native.qp_status(*rows, threads=THREADS), codes),
        OURS_OUT: Candidate(lambda: native.qp_status(*rows, threads=THREADS, out=kept), codes),
    }


def check(candidates, rows):
    """Refuses to time a peer that gives another answer; the first candidate is ours."""
    expected = _answer(candidates[OURS])
    counts = _counts(*expected)
    for name, candidate in candidates.items():
        status, method = _answer(candidate)
        if candidate.ordered:
            wrong = np.count_nonzero((status != expected[0]) | (method != expected[1]))
        else:
            wrong = np.abs(_counts(status, method) - counts).sum()
        if wrong:
            raise AssertionError(f"{name}: {wrong} of {len(rows.year)} rows differ")


def _answer(candidate):
    return tuple(np.array(codes, dtype=np.uint8) for codes in candidate.answer(candidate.call()))


def _counts(status, method):
    return np.bincount(status * np.uint8(4) + method, minlength=12)
