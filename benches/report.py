"""The run as Markdown."""

from benches import THREADS, machine, settle, targets
from benches.qp import OURS, OURS_OUT

READING = f"""
- One process, candidates in turn, order reversed every other round. A time is the median of the rounds; a
  ratio or a share is the median of the ratios inside each round.
  Only ratios inside one run mean anything: the same code moves by half as much again from run to run. A
  short pause before each sample lets the threads of the candidate before fall asleep: some spin for a while.
- Plain names allocate their results (numba's by numpy, as ours are); `out=` writes to arrays that the caller
  lends. Each kind is compared with its own kind.
- Every peer gave the same statuses and methods as we did on the same rows before it was timed (DuckDB: the
  same counts). The rows mix performance years and hold exact ties, near misses and zero denominators. Peers
  check nothing; our call also checks every row for negative values, numerators above denominators and
  unknown years.
- Slow candidates (more than a second a call) take part in three rounds only, as the table says.
- Bandwidth counts bytes read and written once (STREAM's convention) and was measured in the same rounds.
- Where a compute-bound loop gains less than {machine.UNCONTENDED}x from {THREADS} threads, another job held a
  core: targets that rest on threads are void in such a run.
- At 1 and 1,000 rows the frame libraries show their fixed cost a call, not their speed; pools of threads
  that are waiting cost numba most of its time there.
- None of this is the speed of a pipeline: reading the rows from parquet takes ten times as long as
  determining them.
"""


def render(run):
    lines = ["# Performance", "", "Made by `python -m benches`; do not edit.", "", "## Machine", ""]
    lines += [f"- {line}" for line in machine.describe()]
    lines += _limits(run.limits)
    lines += ["", f"## Targets at {_count(run.sizes[-1].rows)} rows", "", *_targets(run)]
    lines += ["", "## QP determination", "", *_times(run), "", *_relative(run)]
    if run.settle:
        lines += ["", "## Settlement", "", *_settle(run)]
    lines += ["", "## How to read this", "", *READING.strip().splitlines(), ""]
    return "\n".join(lines)


def _limits(limits):
    contention = "contended" if targets.contended(limits) else "not contended"
    bandwidths = ", ".join(f"{name} {limits[name]:.1f} GB/s" for name in ("read", "triad", "fresh write"))
    return [
        f"- In this run: {bandwidths}",
        f"- {THREADS} threads gain {limits['speed-up']:.2f}x in a compute-bound loop: {contention}",
    ]


def _targets(run):
    contended = targets.contended(run.limits)
    rows = [[t.text, t.wanted, t.measured, t.verdict(contended)] for t in run.targets]
    return _table(["", "wanted", "measured", ""], rows)


def _times(run):
    """Nanoseconds a row, one column a size."""
    header = ["ns/row", *(f"{_count(m.rows)} rows" for m in run.sizes)]
    rows = [[name, *(_figure(m.ns(name)) for m in run.sizes)] for name in run.sizes[0].times]
    return _table(header, rows)


def _relative(run):
    """The largest size against ours of the same kind."""
    large = run.sizes[-1]
    rows = []
    for name, times in large.times.items():
        ours = OURS_OUT if name.endswith("out=") else OURS
        share = f"{large.share(name):.0%}" if large.machine else ""
        rows.append([name, f"{large.ratio(name, ours):.2f}x", ours, share, str(times.rounds)])
    header = [f"{_count(large.rows)} rows", "time over ours", "ours", "share of read bandwidth", "rounds"]
    return _table(header, rows)


def _settle(run):
    times, off = run.settle
    ours = times[settle.EXACT]
    rows = [
        [name, f"{t.seconds / run.settle_rows * 1e9:.1f}", f"{t.over(ours):.2f}x", str(t.rounds)]
        for name, t in times.items()
    ]
    text = (
        "A first baseline without a target. Not the same work: one side settles in exact cents with every "
        f"check, the other in floats (largest difference ${off:.3f})."
    )
    return [
        text,
        "",
        *_table([f"{_count(run.settle_rows)} rows", "ns/row", "time over ours", "rounds"], rows),
    ]


def _table(header, rows):
    rule = ["---", *("---:" for _ in header[1:])]
    return ["| " + " | ".join(cells) + " |" for cells in (header, rule, *rows)]


def _count(n):
    return f"{n:,}"


def _figure(value):
    return f"{value:.2f}" if value < 100 else f"{value:,.0f}"
