"""Settlements of all programs at once: ours in exact cents and the peers over the same rows, checked, then timed in the
same rounds, beside our settlements of the Shared Savings Program alone over as many rows.
"""

import numpy as np

from benches import settle, settle_rows, settle_terms, timing
from benches.peers import load

PEERS = ("mixed_numba",)
OURS, OURS_OUT, ALL = settle.OURS, settle.OURS_OUT, settle.ALL
ALONE, ALONE_OUT = "sharedsavings, one program", "sharedsavings, one program, out="
ALONE_ALL = "sharedsavings, one program, all outputs"
OTHER_OUTPUTS = (ALL, ALONE_ALL)
CENT = 1.0
# Ours is a quotient of amounts to the cent, theirs of amounts that are not rounded.
RATE = 1e-6


def measure(rows, terms, rounds, limits):
    from benches import machine
    from benches.measured import Measured

    candidates = ours(rows)
    for peer in PEERS:
        candidates |= load(peer).candidates(rows, terms)
    check(candidates)
    alone = settle.ours(settle_rows.make(len(rows.track), settle_terms.read()))
    candidates |= {name: alone[of] for name, of in ((ALONE, OURS), (ALONE_OUT, OURS_OUT), (ALONE_ALL, ALL))}
    calls = {name: candidate.call for name, candidate in candidates.items()}
    of_machine = machine.candidates() if limits else {}
    times = timing.interleave(of_machine | calls, rounds)
    first, second = ({name: times[name] for name in part} for part in (calls, of_machine))
    return Measured(len(rows.track), rows.bytes_read + settle.BYTES_WRITTEN, "triad", first, second, {})


def ours(rows):
    calls = settle.ours(rows)
    return {name: calls[name] for name in (OURS, OURS_OUT, ALL)}


def check(candidates):
    """Refuses to time a peer that gives another answer; the first candidate is ours."""
    expected = None
    for name, candidate in candidates.items():
        if name in OTHER_OUTPUTS:
            continue
        found = [np.asarray(column) for column in candidate.answer(candidate.call())]
        expected = found if expected is None else expected
        most = (CENT, RATE, CENT, CENT)
        off = [np.abs(a - b) <= most for a, b, most in zip(found, expected, most, strict=True)]
        wrong = ~np.logical_and.reduce(off)
        if wrong.any():
            row = int(np.argmax(wrong))
            theirs, own = ([column[row].item() for column in answer] for answer in (found, expected))
            raise AssertionError(f"{name}: {wrong.sum()} rows differ, first row {row}: {theirs}, not {own}")
