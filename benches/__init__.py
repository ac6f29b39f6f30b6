"""Ratios against peers, measured in one process: ``python -m benches``.

Thread counts must be set before any peer is imported, hence here.
"""

import os

THREADS = 2
for _name in ("NUMBA_NUM_THREADS", "POLARS_MAX_THREADS", "OMP_NUM_THREADS", "SHAREDSAVINGS_THREADS"):
    os.environ[_name] = str(THREADS)
