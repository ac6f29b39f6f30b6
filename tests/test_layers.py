"""The law of layers: numbers of law live in the rule book, the core knows no Python, the package no rates."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT

PACKAGE = ROOT / "python" / "sharedsavings"
SOURCES = sorted(PACKAGE.glob("*.py"))
CORE = sorted((ROOT / "src" / "core").rglob("*.rs"))
BINDINGS = sorted((ROOT / "src" / "py").glob("*.rs"))

# Files of the package that may hold decimals, and why.
DECIMALS_ALLOWED = {
    "_plot.py": "sizes, widths and shades of pictures",
    "_plot_fees.py": "the same of pictures of fees",
    "_plot_consequences.py": "sizes, widths and shades of pictures",
    "_sample_roster.py": "shares of invented entities and clinicians",
    "synthetic.py": "invented populations are drawn from made-up distributions",
    "samples.py": "invented populations are drawn from made-up distributions",
    "_sample_models.py": "invented savings rates, scores and sizes",
    "_puf_columns.py": "the full score that pay-for-reporting stands for",
    "_puf_cells.py": "one percent, and the bound that tells fractions from percentages in CMS's files",
}


def docstrings(tree: ast.AST) -> set[int]:
    """Identities of the constants that are docstrings."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.add(id(first.value))
    return found


def decimals(path: Path) -> Iterator[str]:
    """Floats, and text that reads as a decimal number, outside docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    apart = docstrings(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in apart:
            continue
        number = isinstance(node.value, float) and node.value != 0
        text = isinstance(node.value, str) and re.fullmatch(r"-?\d+\.\d+ ?%?", node.value.strip())
        if number or text:
            yield f"{path.name}:{node.lineno}: {node.value!r}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.name)
def test_the_package_holds_no_rates(path):
    found = list(decimals(path))
    assert not found or path.name in DECIMALS_ALLOWED, found


def test_every_exception_is_still_needed():
    assert {path.name for path in SOURCES if list(decimals(path))} == set(DECIMALS_ALLOWED)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.name)
def test_the_package_compares_nothing_with_percentages_of_law(path):
    """No comparison with a whole number that is one of the thresholds or rates in percent."""
    law = {10, 20, 25, 35, 40, 50, 75, 5_000}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Compare):
            constants = [c.value for c in [node.left, *node.comparators] if isinstance(c, ast.Constant)]
            assert not [c for c in constants if type(c) is int and c in law], f"{path.name}:{node.lineno}"


def code_of(path: Path) -> list[tuple[int, str]]:
    """Lines of a Rust file without comments, and without its tests, which end it."""
    lines = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.startswith("#[cfg(test)]"):
            break
        lines.append((number, re.sub(r"//.*", "", line)))
    return lines


# Decimals below one, and shares of tenths and twentieths in parts per billion.
NUMBER_OF_LAW = re.compile(r"(?<![\w.])0\.\d*[1-9]\d*|\b\d?[05]?[05]_000_000\b")
# Text shown to people may give an example.
EXAMPLE = re.compile(r'Write it as text|write 50 %|such as \\"0\.50\\"|85 % is 0\.85')


@pytest.mark.parametrize("path", [*CORE, *BINDINGS], ids=lambda p: str(p.relative_to(ROOT / "src")))
def test_the_native_half_holds_no_rates(path):
    found = [
        f"{path.name}:{number}: {line.strip()}"
        for number, line in code_of(path)
        if NUMBER_OF_LAW.search(line) and not EXAMPLE.search(line)
    ]
    assert not found


@pytest.mark.parametrize("path", CORE, ids=lambda p: str(p.relative_to(ROOT / "src")))
def test_the_core_knows_no_python(path):
    code = "\n".join(line for _, line in code_of(path)).lower()
    for word in ("pyo3", "numpy", "pyresult", "python<"):
        assert word not in code, word


@pytest.mark.parametrize("path", CORE, ids=lambda p: str(p.relative_to(ROOT / "src")))
def test_unsafe_code_of_the_core_is_in_one_module(path):
    code = "\n".join(line for _, line in code_of(path))
    assert path.name == "simd.rs" or not re.search(r"\bunsafe\b", code)


def test_one_capability_has_one_name_everywhere():
    for name in ("puf", "qp", "settle", "benchmark", "break_even", "reach", "kcc", "reconcile", "rules",
                 "target_price", "winsorise"):  # fmt: skip
        assert (PACKAGE / f"{name}.py").exists()
        assert (ROOT / "src" / "py" / f"{name}.rs").exists()
        assert (ROOT / "tests" / f"test_{name}.py").exists()
    # `advanced_apm` and the catalogue are one capability of the native half, with two doors.
    for name in ("advanced_apm", "catalogue"):
        assert (PACKAGE / f"{name}.py").exists()
        assert (ROOT / "tests" / f"test_{name}.py").exists()
    assert (ROOT / "rules" / "apm").is_dir()
    assert (ROOT / "src" / "py" / "apm.rs").exists()
    assert (ROOT / "docs" / "advanced_apm.md").exists()
    for name in ("qp", "settle", "benchmark", "target_price", "apm"):
        assert (ROOT / "src" / "core" / name).is_dir()
        assert (ROOT / "src" / "core" / "reference" / f"{name}.rs").exists()
    for name in ("incentive", "mips", "value_of_status"):
        assert (PACKAGE / f"{name}.py").exists()
        assert (ROOT / "src" / "core" / name).is_dir()
        assert (ROOT / "src" / "core" / "reference" / f"{name}.rs").exists()
        assert (ROOT / "tests" / f"test_{name}.py").exists()
    assert (ROOT / "src" / "core" / "settle" / "break_even.rs").exists()
    assert (ROOT / "src" / "core" / "reference" / "break_even.rs").exists()
    assert (ROOT / "tests" / "rust" / "break_even.rs").exists()
    assert (ROOT / "docs" / "break_even.md").exists()


def test_rule_files_hold_nothing_but_data():
    files = sorted((ROOT / "rules").rglob("*"))
    assert {path.suffix for path in files if path.is_file()} <= {".toml", ".md"}
