"""Threads that fail together must not wait for each other for ever."""

import subprocess
import sys

CODE = """
import threading
import numpy as np
import sharedsavings as ss

one = np.array([1])
def refused():
    for _ in range(300):
        try:
            ss.arrays.qp_status(one, one, performance_year=2020, as_of="2010-01-01")
        except ss.NotModelledError:
            pass
threads = [threading.Thread(target=refused) for _ in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
print("done")
"""


def test_threads_that_are_refused_at_once_do_not_deadlock():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "done"
