"""What the tests themselves promise: without CMS's data they skip on a desk and fail where CI runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.parametrize(("ci", "outcome", "code"), [("true", "1 error", 1), ("", "1 skipped", 0)])
def test_without_data_the_suite_skips_on_a_desk_and_fails_in_ci(tmp_path, ci, outcome, code):
    nowhere = tmp_path / "nowhere"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            f"{HERE}/test_reconcile.py",
            "-k",
            "equal_to_the_dollar",
        ],
        env={**os.environ, "SHAREDSAVINGS_DATA": str(nowhere), "CI": ci},
        cwd=HERE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout
    assert outcome in done.stdout
    assert f"no folder of CMS data at {nowhere}: set SHAREDSAVINGS_DATA to it" in done.stdout
