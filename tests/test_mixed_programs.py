"""Frames whose rows are of different programs, arrangements and years: settled in one pass, each row as by itself."""

from __future__ import annotations

import random
import subprocess
import sys

import pandas as pd
import pytest

import sharedsavings as ss
from conftest import ROOT

ARRANGEMENTS = {
    "mssp": (("A", 2023), ("E", 2024), ("ENHANCED", 2022), ("2", 2017)),
    "reach": (("GLOBAL", 2021), ("PROFESSIONAL", 2024), ("GLOBAL", 2026)),
    "kcc": (("GRADUATED_1", 2022), ("PROFESSIONAL", 2023), ("GLOBAL", 2024)),
    "ngaco": (("A", 2017), ("B", 2020)),
    "cec": (("LDO", 2018), ("NON_LDO_ONE_SIDED", 2016)),
    "ocm": (("ONE_SIDED", 2016), ("TWO_SIDED_ALTERNATIVE", 2020)),
    "eom": (("RA1", 2023), ("RA2", 2024)),
    "bpci": (("A", 2015),),
    "bpci_advanced": (("EPISODE_INITIATOR", 2020),),
    "cjr": (("HOSPITAL", 2017), ("SMALL_HOSPITAL", 2022)),
    "team": (("1", 2026), ("3", 2028)),
    "pioneer": (("CORE", 2012), ("OPTION_B", 2014)),
    "vermont": (("SHARE_80", 2020), ("SHARE_100", 2019)),
    "masshealth": (("CORRIDOR_2", 2018), ("CORRIDOR_5", 2025)),
}
MONEY = ("target", "savings", "generated", "payment_limit", "loss_limit", "sequestered", "earned")
RATES = ("savings_rate", "minimum_savings_rate", "minimum_loss_rate", "sharing_rate", "loss_rate")


def rows(count: int, seed: int) -> list[dict[str, object]]:
    """Rows at random, near every gate; exact parts of a benchmark among them."""
    rng = random.Random(seed)
    made = []
    for _ in range(count):
        program = rng.choice(list(ARRANGEMENTS))
        track, year = rng.choice(ARRANGEMENTS[program])
        benchmark = rng.choice([rng.randrange(1, 500) * 1_000_000, rng.randrange(100_000, 10**9)])
        part = rng.choice([0, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, rng.gauss(0, 0.08)])
        given = (program, track, year) == ("kcc", "GLOBAL", 2024) or (program, year) == ("ngaco", 2017)
        made.append({
            "program": program,
            "track": track,
            "performance_year": year,
            "benchmark": float(benchmark),
            "expenditures": round(benchmark * (1 + rng.choice([-1, 1]) * part) + rng.choice([0, 0.01, -0.01]), 2),
            "beneficiaries": rng.randrange(5_000, 60_000),
            "quality_score": rng.choice([0.0, 0.3, 0.345, 0.75, 1.0, round(rng.random(), 4)]),
            "quality_standard_met": rng.random() < 0.8,
            "alternative_standard_met": rng.random() < 0.5,
            "participant_revenue": float(rng.randrange(1, benchmark)),
            "low_revenue": rng.random() < 0.5,
            "agreement_start": year,
            "elected_rate": rng.choice([0.005, 0.02]) if track in ("E", "ENHANCED") and rng.random() < 0.5 else None,
            "discount": rng.choice([0.005, 0.0123, 0.03]) if given else None,
            "elected_cap": {"ngaco": 0.07, "vermont": 0.05}.get(program),
            "geographic_factor": rng.choice([None, None, 0.95, 1.1]),
            "payment_adjustment": rng.choice([0.0, 0.0, -1234.56]),
        })  # fmt: skip
    return made


def columns(made: list[dict[str, object]]) -> dict[str, list[object]]:
    return {name: [row[name] for row in made] for name in made[0]}


def test_a_frame_of_all_programs_is_settled_row_by_row_as_the_reference_explains_it(door):
    made = rows(700, 3)
    result = ss.settle(door.frame(columns(made)))
    found = {name: door.read(result.frame, name) for name in ("earned", "sequestered", "generated", "reason")}
    assert sum(amount > 0 for amount in found["earned"]) > 150
    assert sum(amount < 0 for amount in found["earned"]) > 150
    for row in range(len(made)):
        steps = {step.name: step.value for step in result.explain(row).steps}
        amount = found["earned"][row]
        sign = "-" if amount < 0 else ""
        assert steps["earned"] == f"{sign}${abs(amount):,.2f}", (row, made[row], found["reason"][row])


def test_a_row_among_other_programs_comes_out_as_among_its_own(door):
    made = rows(3_000, 4)
    whole = ss.settle(door.frame(columns(made))).frame
    for program in ARRANGEMENTS:
        mine = [at for at, row in enumerate(made) if row["program"] == program]
        alone = ss.settle(door.frame(columns([made[at] for at in mine]))).frame
        names = [name for name in (*MONEY, *RATES, "reason") if program != "mssp" or name != "target"]
        for name in names:
            among, own = door.read(whole, name), door.read(alone, name)
            assert pd.Series([among[at] for at in mine]).equals(pd.Series(own)), (program, name)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_do_not_change_a_mixed_frame(threads):
    frame = pd.DataFrame(columns(rows(40_000, 5)))
    pd.testing.assert_frame_equal(ss.settle(frame, threads=threads).frame, ss.settle(frame).frame)


MEMORY = """
import numpy as np, polars as pl, sharedsavings as ss
from pathlib import Path
n = 2_000_000
def status(field):
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024
rng = np.random.default_rng(1)
of = rng.integers(0, 4, n)
pick = lambda *words: np.array(words)[of]
benchmark = rng.integers(10**6, 10**9, n)
frame = pl.DataFrame({
    "program": pick("mssp", "reach", "team", "bpci_advanced"),
    "track": pick("B", "GLOBAL", "3", "EPISODE_INITIATOR"),
    "performance_year": pick(2023, 2024, 2027, 2020),
    "benchmark": benchmark,
    "expenditures": (benchmark * rng.normal(1, 0.05, n)).astype(np.int64),
    "beneficiaries": rng.integers(5_000, 50_000, n),
    "quality_score": rng.integers(0, 1_001, n) / 1_000,
    "quality_standard_met": np.ones(n, bool),
})
ss.settle(frame.head(1_000))
Path("/proc/self/clear_refs").write_text("5")
before = status("VmRSS")
result = ss.settle(frame)
assert len(result.frame) == n and result.frame["earned"].null_count() == 0
print((status("VmHWM") - before) / n)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory where Linux tells it")
def test_two_million_rows_of_several_programs_need_memory_for_their_outputs_and_a_little_more():
    done = subprocess.run([sys.executable, "-c", MEMORY], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # 14 outputs of 8 bytes and a word, cents beside dollars, and programs and tracks as codes on their way in.
    assert float(done.stdout) < 350, f"{done.stdout} bytes a row"
