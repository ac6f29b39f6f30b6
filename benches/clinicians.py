"""Rosters to clinicians: ours and the same rules in polars, checked, then timed in the same rounds. A row is one
listing of a clinician by an entity at a snapshot; its time includes the scores.
"""

from benches import THREADS, timing
from benches.clinicians_rows import YEAR
from benches.peers import Candidate, load

PEERS = ("clinicians_polars",)
OURS = OURS_OUT = "sharedsavings, polars frames"
OTHER_OUTPUTS = ()
COLUMNS = ("npi", "status", "level", "entity", "snapshot")


def measure(rows, table, rounds, limits):
    from benches import machine
    from benches.measured import Measured

    all_of_them = ours(rows)
    for peer in PEERS:
        all_of_them |= load(peer).candidates(rows, table)
    check(all_of_them)
    calls = {name: candidate.call for name, candidate in all_of_them.items()}
    of_machine = machine.candidates() if limits else {}
    times = timing.interleave(of_machine | calls, rounds)
    first, second = ({name: times[name] for name in part} for part in (calls, of_machine))
    return Measured(rows.count, rows.bytes_read, "read", first, second, {})


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
