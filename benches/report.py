"""The run as Markdown."""

from benches import THREADS, benchmark, clinicians, machine, mixed, qp, settle

READING = f"""
- One process, candidates in turn, order reversed every other round. A time is the median of the rounds; a
  ratio or a share is the median of the ratios inside each round.
  Only ratios inside one run mean anything: the same code moves by half as much again from run to run. A
  short pause before each sample lets the threads of the candidate before fall asleep: some spin for a while.
- Plain names allocate their results (numba's by numpy, as ours are); `out=` writes to arrays that the caller
  lends. Each kind is compared with its own kind.
- Every peer of the QP determination gave the same statuses and methods as we did on the same rows before it
  was timed (DuckDB: the same counts). The rows mix performance years and hold exact ties, near misses and zero
  denominators.
- Every peer of the settlement gave the same savings, rates, generated and earned amounts, to a cent, before it
  was timed. The rows mix every track in every year it ran and hold exact ties at the minimum rate, rows a cent
  beside it, limits that bind and half rates. Peers other than `rust_decimal` compute in floats, of whole cents so
  that elected and fixed minimum rates are compared rightly; floats of dollars would fail that. Between two knots
  of the size scale a float rounds the minimum rate: ties planted there may go the other way where it is
  interpolated, and the table says how many did. A table of rounded rates by beneficiaries decides them rightly.
- Settlements of all programs at once: a row is of any arrangement of any program of shared savings in any year it
  ran, shuffled. `one program` is our settlement of as many rows of the Shared Savings Program, timed in the same
  rounds: it reads fewer columns. The peer gave the same savings, generated and earned amounts, to a cent, before it
  was timed.
- A row of the benchmark is an entity with its four enrollment types. Every peer gave the same historical and total
  benchmarks to one part in a thousand million before it was timed. Ours also choose the regulation of each entity,
  check every value; the peers know one regulation and write two columns. "All steps" and frames also write twelve
  columns by type.
- A row of the clinicians is one listing of a clinician by an entity at a snapshot. The peer gave the same status,
  level, entity and snapshot for every clinician before it was timed. It knows the rules of one year and nothing of
  elections, All-Payer scores, missing scores or MIPS; ours also checks every NPI, listing and score.
- A peer's own share of the bandwidth bounds every ratio to it: at 50 percent, nothing that reads and writes the
  same bytes can be more than about twice as fast.
- Peers check nothing. Our calls also check every row: signs, ranges, unknown years and tracks, elections, nulls.
- `rust_decimal` is one row after the other in decimals, without a look at the rule book and without a trace, on
  as many threads as the others.
- Slow candidates (more than a second a call) take part in three rounds only, as the table says.
- Bandwidth counts bytes read and written once (STREAM's convention) and was measured in the same rounds.
- Where a compute-bound loop gains less than {machine.UNCONTENDED}x from {THREADS} threads, or has fewer cores than
  that to itself (processor time over time), other jobs held them: targets that rest on threads are void then.
- At 1 and 1,000 rows the frame libraries show their fixed cost a call, not their speed; pools of threads
  that are waiting cost numba most of its time there.
- None of this is the speed of a pipeline: reading the rows from parquet takes ten times as long as
  determining them.
"""


def render(run):
    lines = ["# Performance", "", "Made by `python -m benches`; do not edit.", "", "## Machine", ""]
    lines += [f"- {line}" for line in machine.describe()]
    lines += ["", "## QP determination", "", *_part(run.qp, run.qp_targets, qp)]
    lines += ["", "## Settlement", "", *_part(run.settle, run.settle_targets, settle)]
    lines += ["", "## Settlement of all programs at once", "", *_part(run.mixed, run.mixed_targets, mixed)]
    lines += ["", "## Benchmark", "", *_part(run.benchmark, run.benchmark_targets, benchmark)]
    lines += ["", "## Clinicians", "", *_part(run.clinicians, run.clinicians_targets, clinicians)]
    lines += ["", "## How to read this", "", *READING.strip().splitlines(), ""]
    return "\n".join(lines)


def _part(sizes, targets, verb):
    large = sizes[-1]
    lines = [*_limits(large), "", f"Targets at {_count(large.rows)} rows:", "", *_targets(targets, large.contended)]
    return [*lines, "", *_times(sizes), "", *_relative(large, verb)]


def _limits(large):
    contention = "contended" if large.contended else "not contended"
    limits = large.limits
    bandwidths = ", ".join(f"{name} {limits[name]:.1f} GB/s" for name in ("read", "triad", "fresh write"))
    gain, cores = f"{limits['speed-up']:.2f}x", f"{limits['cores']:.2f}"
    return [
        f"- In these rounds: {bandwidths}",
        f"- {THREADS} threads gain {gain} in a compute-bound loop and have {cores} cores for it: {contention}",
        f"- {large.bytes_per_row} bytes a row read and written",
    ]


def _targets(targets, contended):
    rows = [[t.text, t.wanted, t.measured, t.verdict(contended)] for t in targets]
    return _table(["", "wanted", "measured", ""], rows)


def _times(sizes):
    """Nanoseconds a row, one column a size."""
    header = ["ns/row", *(f"{_count(m.rows)} rows" for m in sizes)]
    rows = [[name, *(_figure(m.ns(name)) for m in sizes)] for name in sizes[0].times]
    return _table(header, rows)


def _relative(large, verb):
    """The largest size against ours of the same kind."""
    rows = []
    for name, times in large.times.items():
        ours = verb.OURS_OUT if name.endswith("out=") else verb.OURS
        # The bytes of a row are those of the outputs that all write.
        share = "" if name in verb.OTHER_OUTPUTS else f"{large.share(name):.0%}"
        checked = large.checked.get(name)
        agrees = [f"{checked.ties:,}", f"{checked.off:.4f}"] if checked else ["", ""]
        rows.append([name, f"{large.ratio(name, ours):.2f}x", ours, share, str(times.rounds), *agrees])
    header = [f"{_count(large.rows)} rows", "time over ours", "ours", f"share of {large.bandwidth} bandwidth", "rounds"]
    header += ["scale ties decided otherwise", "largest difference, cents"]
    if not large.checked:
        header, rows = header[:-2], [row[:-2] for row in rows]
    return _table(header, rows)


def _table(header, rows):
    rule = ["---", *("---:" for _ in header[1:])]
    return ["| " + " | ".join(cells) + " |" for cells in (header, rule, *rows)]


def _count(n):
    return f"{n:,}"


def _figure(value):
    return f"{value:.2f}" if value < 100 else f"{value:,.0f}"
