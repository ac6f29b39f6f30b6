"""Benchmarks of agreement periods from 2024: ours and the same chain in numpy and polars, checked, then timed in the
same rounds. A row is an entity with its four enrollment types.
"""

import numpy as np

from benches import THREADS, native
from benches.benchmark_rows import START
from benches.peers import Candidate

PEERS = ("benchmark_numpy", "benchmark_polars")
OURS = OURS_OUT = "sharedsavings, arrays"
FRAMES = "sharedsavings, polars frames"
ALL = "sharedsavings, arrays, all steps"
OTHER_OUTPUTS = (FRAMES, ALL)
STEPS = ("trend_by1", "trend_by2", "unadjusted", "regional_difference", "regional_adjustment", "adjustment",
         "historical", "risk_ratio", "two_way_factor", "update_factor", "flat_update", "updated")  # fmt: skip
# Eight columns by entity, four codes, and cents.
BYTES_WRITTEN = 8 * 8 + 4 + 8
TOLERANCE = 1e-9


def measure(rows, terms, rounds, limits):
    from benches import measured

    candidates = measured.with_peers(ours(rows), PEERS, rows, terms)
    check(candidates)
    return measured.timed(rows.count, (rows.bytes_read + BYTES_WRITTEN, "triad"), candidates, rounds, limits)


def ours(rows):
    import polars as pl

    import sharedsavings as ss

    n = rows.count
    first = np.ones(n)
    entities = rows.entities | {"agreement_number": first}
    starts, slots = np.full(n, START), np.arange(4 * n)

    def call(outputs=None):
        options = {"performance_year": START, "threads": THREADS, "outputs": outputs}
        return native.benchmark(rows.cells, entities, starts, slots, **options)[0]

    def steps():
        return call([*STEPS, "historical_benchmark"])

    names = [f"A{number:06d}" for number in range(n)]
    kinds = [kind for _ in names for kind in native.ENROLLMENT_TYPES]
    of_cells = {"entity_id": [name for name in names for _ in range(4)], "enrollment_type": kinds}
    cells = pl.DataFrame(of_cells | rows.cells)
    frame = pl.DataFrame({"entity_id": names, "agreement_start": starts} | entities)

    def frames():
        return ss.benchmark(cells, frame, performance_year=START, threads=THREADS).frame

    dollars = lambda out: (out["historical_benchmark"], out["benchmark"] / 100)  # noqa: E731
    of_frame = lambda out: (out["historical_benchmark"].to_numpy(), out["benchmark"].to_numpy())  # noqa: E731
    return {OURS: Candidate(call, dollars), ALL: Candidate(steps, dollars), FRAMES: Candidate(frames, of_frame)}


def check(candidates):
    """Refuses to time a peer that gives another answer; the first candidate is ours."""
    expected = None
    for name, candidate in candidates.items():
        found = candidate.answer(candidate.call())
        expected = found if expected is None else expected
        for theirs, our in zip(found, expected, strict=True):
            wrong = ~(np.abs(theirs - our) <= TOLERANCE * np.abs(our))
            if wrong.any():
                row = int(np.argmax(wrong))
                raise AssertionError(
                    f"{name}: {wrong.sum()} entities differ, first {row}: {theirs[row]}, not {our[row]}"
                )
