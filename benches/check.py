"""Whether every peer that this machine has gives our answers, on some rows and untimed: ``python -m benches.check``.

``--build`` includes the peer that cargo must build first.
"""

import sys
from importlib.util import find_spec

from benches import (
    benchmark,
    benchmark_rows,
    benchmark_terms,
    clinicians,
    clinicians_rows,
    mixed,
    mixed_rows,
    mixed_terms,
    qp,
    rows,
    settle,
    settle_rows,
    settle_terms,
    thresholds,
)
from benches.peers import load

ROWS = 20_000


def main(build):
    for verb, make, table in ((qp, rows.make, thresholds.read()), (settle, settle_rows.make, settle_terms.read())):
        made = make(ROWS, table)
        for peer in verb.PEERS:
            if "numba" in peer and find_spec("numba") is None:
                print(f"{peer}: skipped, no numba here")
            elif peer == "settle_decimal" and not build:
                print(f"{peer}: skipped, not built without --build")
            else:
                candidates = load(peer).candidates(made, table)
                verb.check(verb.ours(made) | candidates, made)
                print(f"{peer}: {len(candidates)} agree on {ROWS:,} rows")
    for verb, make, terms in (
        (mixed, mixed_rows.make, mixed_terms.read()),
        (benchmark, benchmark_rows.make, benchmark_terms.read()),
    ):
        made = make(ROWS, terms)
        for peer in verb.PEERS:
            if "numba" in peer and find_spec("numba") is None:
                print(f"{peer}: skipped, no numba here")
                continue
            candidates = load(peer).candidates(made, terms)
            verb.check(verb.ours(made) | candidates)
            print(f"{peer}: {len(candidates)} agree on {ROWS:,} rows")
    made = clinicians_rows.make(ROWS)
    for peer in clinicians.PEERS:
        candidates = load(peer).candidates(made, thresholds.read())
        clinicians.check(clinicians.ours(made) | candidates)
        print(f"{peer}: {len(candidates)} agree on {ROWS:,} rows")


if __name__ == "__main__":
    main("--build" in sys.argv[1:])
