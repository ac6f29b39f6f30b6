"""Examples in docstrings and documents run; the map of the project is complete."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re

import pytest

import sharedsavings
from conftest import ROOT

MODULES = ["sharedsavings"] + [
    f"sharedsavings.{module.name}"
    for module in pkgutil.iter_modules(sharedsavings.__path__)
    if module.name not in ("_core", "_cli", "_commands", "_clinicians_command")
]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "rules").glob("*.md")])
FENCE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name):
    outcome = doctest.testmod(importlib.import_module(name), raise_on_error=False)
    assert outcome.failed == 0


def test_public_verbs_have_an_example():
    for name in (
        "qp_status",
        "qp_status_one",
        "settle",
        "benchmark",
        "regional",
        "benchmark_inputs",
        "break_even",
        "winsorise",
        "incentive",
        "incentive_recipients",
        "conversion_factor",
        "mips",
        "value_of_status",
        "qp_outlook",
        "advanced_apm",
        "advanced_apm_of",
        "models",
        "clinicians",
        "all_payer",
        "synthetic_roster",
        "read_puf",
        "read_reach",
        "read_kcc",
        "reconcile",
        "load_sample",
        "list_samples",
    ):
        assert ">>>" in (getattr(sharedsavings, name).__doc__ or ""), name


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_examples_in_documents_run(path, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    blocks = [block for block in FENCE.findall(path.read_text("utf-8")) if ">>>" in block]
    # Blocks of a document follow on from each other.
    example = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, path.name, str(path), 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(example)
    assert runner.summarize(verbose=False).failed == 0


def test_every_vector_of_the_models_is_cited_by_a_test():
    tests = [*(ROOT / "tests").glob("*.py"), *(ROOT / "tests" / "rust").glob("*.rs")]
    cited = {
        int(number) for path in tests for number in re.findall(r"\b[Vv](\d+)(?:\b|[ab_])", path.read_text("utf-8"))
    }
    assert set(range(1, 58)) <= cited


def test_the_map_of_the_project_is_complete():
    path = ROOT / "ARCHITECTURE.md"
    if not path.exists():
        pytest.skip("no ARCHITECTURE.md yet")
    text = path.read_text("utf-8")
    folders = [
        folder.name
        for folder in ROOT.iterdir()
        if folder.is_dir() and not folder.name.startswith(".") and folder.name not in ("target", "dist", "site")
    ]
    files = [str(file.relative_to(ROOT / "src" / "core")) for file in sorted((ROOT / "src" / "core").rglob("*.rs"))]
    missing = [name for name in folders if f"{name}/" not in text]
    missing += [name for name in files if not re.search(rf"\b{re.escape(name.rsplit('/', 1)[-1])}", text)]
    assert not missing
