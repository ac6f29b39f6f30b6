"""What this machine can do in this run, by numba kernels, and what it is."""

import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import numba
import numpy as np

from benches import THREADS, native

ELEMENTS = 20_000_000
BYTES = {"read": 8 * ELEMENTS, "triad": 24 * ELEMENTS}
PEERS = ("numpy", "numba", "polars", "pandas", "duckdb", "pyarrow")
UNCONTENDED = 1.6


@numba.njit(parallel=True, nogil=True)
def _read(a):
    total = 0
    for i in numba.prange(a.size):
        total += a[i]
    return total


@numba.njit(parallel=True, nogil=True)
def _triad(a, b, c):
    for i in numba.prange(a.size):
        a[i] = b[i] + 3.0 * c[i]


@numba.njit(parallel=True, nogil=True)
def _fill(a):
    for i in numba.prange(a.size):
        a[i] = 1.0


@numba.njit(parallel=True, nogil=True)
def _spin(tasks, steps):
    """A chain of steps that each need the one before, which no compiler shortens."""
    ends = np.empty(tasks, np.uint64)
    for task in numba.prange(tasks):
        x = np.uint64(task + 1)
        for _ in range(steps):
            x ^= x << np.uint64(13)
            x ^= x >> np.uint64(7)
            x ^= x << np.uint64(17)
        ends[task] = x
    return ends


def candidates():
    """To be timed in the same rounds as the peers."""
    numbers = np.ones(ELEMENTS, np.int64)
    a, b, c = (np.ones(ELEMENTS) for _ in range(3))
    steps = 10_000_000
    return {
        "read": lambda: _read(numbers),
        "triad": lambda: _triad(a, b, c),
        "fresh write": lambda: _fill(np.empty(ELEMENTS)),
        "one spin": lambda: _spin(1, steps),
        "a spin a thread": lambda: _spin(THREADS, steps),
    }


def limits(times):
    """Bandwidth in GB/s (STREAM's convention: bytes read and written), how real the second core is, and how much of
    the cores was left for a loop of one thread a core."""
    gb = 8e-9
    return {
        "read": ELEMENTS * gb / times["read"].seconds,
        "triad": 3 * ELEMENTS * gb / times["triad"].seconds,
        "fresh write": ELEMENTS * gb / times["fresh write"].seconds,
        "speed-up": THREADS * times["one spin"].over(times["a spin a thread"]),
        "cores": times["a spin a thread"].cores,
    }


def describe():
    versions = ", ".join(f"{peer} {version(peer)}" for peer in PEERS)
    lines = [
        f"Processor: {_processor()}, {os.cpu_count()} cores, {_memory()}",
        f"System: {platform.system()} {platform.machine()}, Python {platform.python_version()}",
        f"sharedsavings {native.core.__version__}: SIMD level `{native.core.simd_level()}`",
        f"Peers: {versions}",
        f"Threads: {THREADS}, for every library that uses threads (numpy and pandas use one)",
    ]
    if getattr(native.core, "DEBUG_BUILD", False):
        lines.append("**A debug build: these times mean nothing**")
    return lines


def _processor():
    info = Path("/proc/cpuinfo")
    if info.exists():
        fields = dict(line.split(":", 1) for line in info.read_text().splitlines() if ":" in line)
        fields = {key.strip(): value.strip() for key, value in fields.items()}
        if name := fields.get("model name"):
            return f"{name} (family {fields.get('cpu family')}, model {fields.get('model')})"
    return platform.processor() or sys.platform


def _memory():
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, AttributeError):
        return "memory unknown"
    return f"{size / 2**30:.0f} GiB"
