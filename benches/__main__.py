"""``python -m benches [--quick] [--write docs/performance.md]``."""

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

from benches import (
    benchmark,
    benchmark_rows,
    benchmark_terms,
    clinicians,
    clinicians_rows,
    memory,
    mixed,
    mixed_rows,
    mixed_terms,
    qp,
    report,
    rows,
    settle,
    settle_rows,
    settle_terms,
    targets,
    thresholds,
    timing,
)


class Run(NamedTuple):
    qp: list
    settle: list
    mixed: list
    benchmark: list
    clinicians: list
    qp_targets: list
    settle_targets: list
    mixed_targets: list
    benchmark_targets: list
    clinicians_targets: list


def run(qp_sizes, settle_sizes, benchmark_sizes, roster_sizes, rounds):
    determined = measure(qp, rows.make, thresholds.read(), qp_sizes, rounds)
    settled = measure(settle, settle_rows.make, settle_terms.read(), settle_sizes, rounds)
    several = measure(mixed, mixed_rows.make, mixed_terms.read(), settle_sizes, rounds)
    benchmarked = measure(benchmark, benchmark_rows.make, benchmark_terms.read(), benchmark_sizes, rounds)
    rostered = measure(clinicians, clinicians_rows.make, thresholds.read(), roster_sizes, min(rounds, timing.FEWEST))
    small, large, settlements = determined[0], determined[-1], settled[-1]
    of_qp = [*targets.of_large(large), *targets.of_one_row(small)]
    of_qp.append(targets.of_memory(memory.extra("qp_status", large.rows), 2 * large.rows))
    written = settle.BYTES_WRITTEN * settlements.rows
    of_settle = targets.of_settlements(settlements)
    of_settle.append(targets.of_memory(memory.extra("settle", settlements.rows), written))
    of_mixed = targets.of_mixed(several[-1])
    of_mixed.append(targets.of_memory(memory.extra("mixed", settlements.rows), written))
    of_benchmark = targets.of_benchmarks(benchmarked[-1])
    of_clinicians = targets.of_clinicians(rostered[-1], memory.extra("clinicians", rostered[-1].rows))
    judged = (of_qp, of_settle, of_mixed, of_benchmark, of_clinicians)
    return Run(determined, settled, several, benchmarked, rostered, *judged)


def measure(verb, make, table, sizes, rounds):
    made = make(sizes[-1], table)
    measured = []
    for n in sizes:
        print(f"{verb.__name__}: {n:,} rows ...", file=sys.stderr, flush=True)
        measured.append(verb.measure(made.head(n), table, rounds, limits=n == sizes[-1]))
    return measured


def main():
    parser = argparse.ArgumentParser(prog="python -m benches", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke test: a million rows, three rounds")
    parser.add_argument("--rounds", type=int, default=11, help=f"at least {timing.FEWEST}; 11 unless told")
    parser.add_argument("--write", type=Path, metavar="FILE", help="also write the report to a file")
    asked = parser.parse_args()
    if asked.quick:
        done = run([1, 10**6], [10**5], [10**4], [10**5], 3)
    else:
        rounds = max(asked.rounds, timing.FEWEST)
        done = run([1, 10**3, 10**6, 10**7], [1, 10**3, 10**6, 10**7], [1, 10**3, 10**5], [10**3, 5 * 10**6], rounds)
    text = report.render(done)
    print(text)
    if asked.write:
        asked.write.write_text(text)


if __name__ == "__main__":
    main()
