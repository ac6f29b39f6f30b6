"""Rosters to clinicians: ours and the same rules in polars, checked, then timed in the same rounds. A row is one
listing of a clinician by an entity at a snapshot; its time includes the scores.
"""

from benches import THREADS
from benches.clinicians_rows import YEAR
from benches.peers import Candidate

PEERS = ("clinicians_polars",)
OURS = OURS_OUT = "sharedsavings, polars frames"
OTHER_OUTPUTS = ()
COLUMNS = ("npi", "status", "level", "entity", "snapshot")


def measure(rows, table, rounds, limits):
    from benches import measured

    candidates = measured.with_peers(ours(rows), PEERS, rows, table)
    check(candidates)
    return measured.timed(rows.count, (rows.bytes_read, "read"), candidates, rounds, limits)


def ours(rows):
    import polars as pl

    import sharedsavings as ss

    def call():
        return ss.clinicians(rows.roster, rows.scores, performance_year=YEAR, threads=THREADS).frame

    def answer(frame):
        return frame.select(pl.col(COLUMNS).cast(pl.String))

    return {OURS: Candidate(call, answer)}


def check(candidates):
    """Refuses to time a peer that gives another answer; the first candidate is ours."""
    expected = None
    for name, candidate in candidates.items():
        found = candidate.answer(candidate.call())
        expected = found if expected is None else expected
        if not found.equals(expected):
            row = next(at for at in range(len(expected)) if found.row(at) != expected.row(at))
            raise AssertionError(f"{name}: differs, first in row {row}: {found.row(row)}, not {expected.row(row)}")
