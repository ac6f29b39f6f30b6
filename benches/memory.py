"""Extra peak memory of one call, in a process of its own: ``python -m benches.memory VERB ROWS``."""

import subprocess
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")


def extra(verb, n):
    """Bytes by which the peak rises over what was resident before the call; None where it cannot be told."""
    command = [sys.executable, "-m", "benches.memory", verb, str(n)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return int(done.stdout) if done.returncode == 0 and done.stdout.strip().isdigit() else None


def _bytes(field):
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


def _call(verb, n):
    from benches import mixed_rows, mixed_terms, native, rows, settle_rows, settle_terms, thresholds

    if verb == "clinicians":
        from benches import clinicians, clinicians_rows

        given = clinicians_rows.make(n)
        return clinicians.ours(given)[clinicians.OURS].call
    if verb == "mixed":
        several = mixed_rows.make(n, mixed_terms.read()).arguments
        return lambda: native.settle(**several)
    if verb == "settle":
        given = settle_rows.make(n, settle_terms.read()).arguments
        return lambda: native.settle(**given)
    made = rows.make(n, thresholds.read())
    return lambda: native.qp_status(*made)


def _main(verb, n):
    call = _call(verb, n)
    # The peak so far is that of making the rows.
    Path("/proc/self/clear_refs").write_text("5")
    before = _bytes("VmRSS")
    answer = call()
    peak = _bytes("VmHWM")
    assert verb == "clinicians" or all(len(column) == n for column in answer.values())
    print(peak - before)


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]))
