"""``python -m benches [--quick] [--write docs/performance.md]``."""

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

from benches import memory, qp, report, rows, settle, targets, thresholds, timing


class Run(NamedTuple):
    sizes: list
    targets: list
    limits: dict
    settle: tuple | None
    settle_rows: int


def run(sizes, rounds, settle_rows):
    table = thresholds.read()
    made = rows.make(sizes[-1], table)
    measured = []
    for n in sizes:
        print(f"{n:,} rows ...", file=sys.stderr, flush=True)
        measured.append(qp.measure(made.head(n), table, rounds, limits=n == sizes[-1]))
    del made
    small, large = measured[0], measured[-1]
    held = targets.of_large(large) + targets.of_one_row(small)
    held.append(targets.of_memory(memory.extra(large.rows), large.rows))
    print("settlement ...", file=sys.stderr, flush=True)
    return Run(measured, held, large.limits, settle.measure(settle_rows, rounds), settle_rows)


def main():
    parser = argparse.ArgumentParser(prog="python -m benches", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke test: a million rows, three rounds")
    parser.add_argument("--rounds", type=int, default=11, help=f"at least {timing.FEWEST}; 11 unless told")
    parser.add_argument("--write", type=Path, metavar="FILE", help="also write the report to a file")
    asked = parser.parse_args()
    if asked.quick:
        done = run([1, 10**6], 3, 10**5)
    else:
        done = run([1, 10**3, 10**6, 10**7], max(asked.rounds, timing.FEWEST), 10**6)
    text = report.render(done)
    print(text)
    if asked.write:
        asked.write.write_text(text)


if __name__ == "__main__":
    main()
