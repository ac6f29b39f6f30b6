"""Settlements row by row in `rust_decimal`: builds and loads ``settle_decimal.rs``, an example of the crate."""

import json
import os
import subprocess
import sys
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import numpy as np

from benches import THREADS
from benches.peers import Candidate, same

BILLION = 10**9
ROOT = Path(__file__).parents[2]


def candidates(rows, terms):
    module = _load(_build())
    table = np.rint(terms.lines * BILLION).astype(np.int64)
    knots = [(people, int(rate * BILLION)) for people, rate in terms.knots]
    held = module.Terms(terms.first, len(terms.tracks), terms.election_people, table, knots)
    n = len(rows.track)

    def call():
        out = tuple(np.empty(n, dtype) for dtype in (np.int64, np.float64, np.int64, np.int64))
        module.settle(held, THREADS, *rows.inputs, *out)
        return out

    return {"rust_decimal": Candidate(call, same)}


def _build():
    """Path of the library. In a folder of its own, as maturin builds the same crates under other settings."""
    command = ["cargo", "build", "--release", "--locked", "--target-dir", "target/benches"]
    command += ["--example", "settle_decimal", "--message-format", "json-render-diagnostics"]
    environment = {"PYO3_PYTHON": sys.executable, **os.environ}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    built = [json.loads(line) for line in done.stdout.splitlines()]
    return next(m["filenames"][0] for m in built if m.get("target", {}).get("name") == "settle_decimal")


def _load(path):
    loader = ExtensionFileLoader("settle_decimal", path)
    module = module_from_spec(spec_from_loader("settle_decimal", loader))
    loader.exec_module(module)
    return module
