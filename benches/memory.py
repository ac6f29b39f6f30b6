"""Extra peak memory of one call, in a process of its own: ``python -m benches.memory ROWS``."""

import subprocess
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")


def extra(n):
    """Bytes by which the peak rises over what was resident before the call; None where it cannot be told."""
    command = [sys.executable, "-m", "benches.memory", str(n)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return int(done.stdout) if done.returncode == 0 and done.stdout.strip().isdigit() else None


def _bytes(field):
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


def _main(n):
    from benches import native, rows, thresholds

    made = rows.make(n, thresholds.read())
    # The peak so far is that of making the rows.
    Path("/proc/self/clear_refs").write_text("5")
    before = _bytes("VmRSS")
    answer = native.qp_status(*made)
    peak = _bytes("VmHWM")
    assert len(answer["status"]) == n
    print(peak - before)


if __name__ == "__main__":
    _main(int(sys.argv[1]))
