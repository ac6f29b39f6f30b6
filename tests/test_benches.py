"""The benchmarks' peers give our answers, so that their times compare like with like. Nothing is timed here."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import pytest

from conftest import ROOT

EVERYWHERE = ("numpy_", "polars_", "duckdb_", "pandas_", "settle_numpy", "settle_polars", "settle_pandas",
              "benchmark_numpy", "benchmark_polars", "clinicians_polars")  # fmt: skip
NUMBA = {"numba_": 3, "settle_numba": 3, "mixed_numba": 2}


@pytest.fixture(scope="module")
def checked():
    """What the check says of each peer. In a process of its own: the benchmarks fix how many threads libraries use."""
    command = [sys.executable, "-m", "benches.check"]
    done = subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(line.split(": ", 1) for line in done.stdout.splitlines())


@pytest.mark.parametrize("peer", EVERYWHERE)
def test_a_peer_of_the_benchmarks_agrees_on_every_row(checked, peer):
    assert "agree on 20,000 rows" in checked[peer]


@pytest.mark.parametrize("peer", NUMBA)
@pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="numba is there for `make bench` only")
def test_a_numba_peer_of_the_benchmarks_agrees_on_every_row(checked, peer):
    assert checked[peer] == f"{NUMBA[peer]} agree on 20,000 rows"


def test_the_check_names_every_peer(checked):
    assert set(checked) == {*EVERYWHERE, *NUMBA, "settle_decimal"}
