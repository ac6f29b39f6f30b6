"""What the package promises: names, signatures, fields, and a use for every native symbol."""

from __future__ import annotations

import ast
import dataclasses
import inspect
from pathlib import Path
from typing import Any

import pytest

import sharedsavings as ss
from sharedsavings import _core, arrays

PACKAGE = Path(ss.__file__).parent

NAMES = {
    "AdvancedApm", "AllPayer", "Benchmarks", "Catalogue", "Explanation", "InputError", "ModelTrack",
    "NotModelledError", "QpDetermination", "Reconciliation", "Result", "RuleBookError", "SharedSavingsError",
    "Step", "TargetPrices", "__version__", "advanced_apm", "advanced_apm_of", "all_payer", "arrangement", "arrays",
    "benchmark", "benchmark_inputs", "break_even", "clinicians", "conversion_factor", "incentive",
    "incentive_recipients", "list_samples", "load_sample", "mips", "models", "puf_notes", "qp_outlook", "qp_status",
    "qp_status_one", "read_kcc", "read_puf", "read_reach", "reconcile", "regional", "rules", "settle",
    "synthetic_roster", "value_of_status", "winsorise",
}  # fmt: skip


def optional(*names: str) -> str:
    return ", ".join(f"{name}=None" for name in names)


MEDICARE = optional("payments_attributed", "payments_eligible", "patients_attributed", "patients_eligible")
ALL_PAYER = optional(
    "all_payer_payments_apm", "all_payer_payments_total", "all_payer_patients_apm", "all_payer_patients_total"
)
OPTIONS = "as_of=None, proposed=False, columns=None, rules=None, threads=None, invalid='raise'"
STANDPOINT = "as_of=None, proposed=False, columns=None, rules=None, invalid='raise'"
NATIVE_OPTIONS = (
    "as_of=None, proposed=False, rules=None, threads=None, invalid='raise', outputs=None, out=None, names=None"
)
SIGNATURES = {
    "qp_status": f"(frame, *, performance_year=None, {OPTIONS})",
    "settle": f"(frame, *, program=None, performance_year=None, {OPTIONS})",
    "benchmark": f"(cells, entities=None, *, performance_year=None, program='mssp', {OPTIONS})",
    "winsorise": f"(frame, *, program, by=(), performance_year=None, {OPTIONS})",
    "TargetPrices.explain": "(self, row)",
    "TargetPrices.summary": "(self)",
    "TargetPrices.settle": "(self, **options)",
    "advanced_apm": f"(frame, *, performance_year=None, {OPTIONS})",
    "advanced_apm_of": "(program, arrangement=None, *, performance_year, as_of=None, proposed=False, rules=None, "
    "**terms)",
    "models": "(performance_year=None, *, model=None, kind=None, advanced=None, mips_apm=None, as_of=None, "
    "proposed=False, rules=None)",
    "benchmark_inputs": "(months, *, years, truncation, completion, columns=None)",
    "regional": "(county_frame, assignment_frame, *, year=None, suppressed='null', columns=None)",
    "break_even": f"(frame, *, earned=0, program=None, performance_year=None, {OPTIONS})",
    "incentive": f"(frame, *, performance_year=None, {STANDPOINT})",
    "incentive_recipients": "(frame, *, columns=None)",
    "conversion_factor": f"(frame, *, payment_year=None, {STANDPOINT})",
    "mips": f"(frame, *, performance_year=None, {STANDPOINT})",
    "value_of_status": "(frame, *, performance_years=None, amounts_year=None, growth=None, mips_adjustment=None, "
    f"{STANDPOINT})",
    "qp_outlook": "(frame, *, history=None, performance_year=None, payment_dispersion=None, patient_dispersion=None, "
    f"{STANDPOINT})",
    "clinicians": "(roster, scores, *, performance_year, individual_scores=None, by='npi', as_of=None, proposed=False, "
    "columns=None, score_columns=None, rules=None, threads=None, invalid='raise', progress=None)",
    "all_payer": "(payers, *, performance_year, as_of=None, proposed=False, columns=None, rules=None, invalid='raise')",
    "synthetic_roster": "(clinicians, entities, *, performance_year=2024, seed=414, backend=None)",
    "qp_status_one": f"(*, performance_year, {MEDICARE}, {ALL_PAYER}, as_of=None, proposed=False, rules=None)",
    "read_puf": "(path, performance_year=None, *, everything=False, backend=None)",
    "read_reach": "(path, performance_year=None, *, everything=False, backend=None)",
    "read_kcc": "(path, performance_year=None, *, everything=False, backend=None)",
    "puf_notes": "(*paths, performance_year=None)",
    "reconcile": "(*paths, performance_year=None, rules=None, backend=None)",
    "load_sample": "(name, *, backend=None)",
    "list_samples": "()",
    "rules.load": "(rules=None)",
    "rules.list": "(prefix='', *, rules=None)",
    "rules.show": "(id, *, year=None, as_of=None, rules=None)",
    "rules.diff": "(as_of_a, as_of_b, *, prefix='', rules=None)",
    "Result.explain": "(self, row)",
    "Result.summary": "(self)",
    "Result.plot": "(self)",
    "Benchmarks.explain": "(self, entity)",
    "Benchmarks.summary": "(self)",
    "Benchmarks.plot": "(self, entity=None, *, settled=None)",
    "Reconciliation.plot": "(self)",
    "arrays.track_codes": "(program='mssp', *, as_of=None, rules=None)",
}
SETTLEMENT = optional(
    "quality_score",
    "quality_standard_met",
    "alternative_standard_met",
    "elected_rate",
    "participant_revenue",
    "low_revenue",
    "agreement_start",
    "disaster_relief",
    "guardrail",
    "half_year",
    "termination_date",
    "terminated_by_cms",
    "disaster_month_share",
    "disaster_beneficiary_share",
    "payment_date",
    "two_sided_year",
    "small_benchmark_year",
    "advance_balance",
    "discount",
    "elected_cap",
    "benchmark_final",
    "benchmark_bonus",
    "geographic_factor",
    "payment_adjustment",
)
NATIVE_SIGNATURES = {
    "benchmark": "(cells, entities, starts, slots, *, performance_year, program='mssp', as_of=None, proposed=False, "
    "rules=None, threads=None, invalid='raise', outputs=None, names=None)",
    "qp_status": f"({MEDICARE}, performance_year=None, *, {ALL_PAYER}, money='cents', {NATIVE_OPTIONS})",
    "settle": "(benchmark, expenditures, beneficiaries, track, performance_year, *, "
    f"{SETTLEMENT}, program='mssp', money='cents', {NATIVE_OPTIONS}, positions=None)",
}
FIELDS = {
    ss.Result: ["frame", "warnings", "rulebook"],
    ss.Benchmarks: ["cells", "frame", "warnings", "rulebook"],
    ss.TargetPrices: ["cells", "frame", "warnings", "rulebook"],
    ss.AllPayer: ["frame", "warnings", "rulebook", "scores"],
    ss.Step: ["name", "formula", "value", "inputs", "rules", "cites"],
    ss.Explanation: ["title", "steps"],
    ss.Reconciliation: ["table", "differences", "frame", "unexplained", "notes"],
    ss.QpDetermination: [
        "status",
        "option",
        "method",
        "payment_score",
        "patient_score",
        "payments_needed",
        "patients_needed",
        "reason",
        "explanation",
    ],
}


def signature(function: Any) -> str:
    bare = inspect.signature(function)
    parameters = [p.replace(annotation=p.empty) for p in bare.parameters.values()]
    return str(bare.replace(parameters=parameters, return_annotation=bare.empty))


def find(path: str) -> Any:
    found: Any = ss
    for name in path.split("."):
        found = getattr(found, name)
    return found


def test_the_package_exports_what_it_promises_and_nothing_else():
    assert set(ss.__all__) == NAMES
    assert all(hasattr(ss, name) for name in ss.__all__)


def test_modules_export_what_they_promise():
    assert set(arrays.__all__) == {
        "BENCHMARK_ADJUSTMENTS", "BENCHMARK_REASONS", "BREAK_EVEN_REASONS", "BREAK_EVEN_SEGMENTS", "ENROLLMENT_TYPES",
        "NOT_NEEDED", "NULL_CENTS", "NULL_STATUS", "QP_METHODS", "QP_OPTIONS", "QP_REASONS", "QP_STATUSES",
        "SETTLE_REASONS", "benchmark", "break_even", "qp_status", "settle", "track_codes",
    }  # fmt: skip
    assert set(ss.rules.__all__) == {"AsOf", "RuleBook", "RulesLike", "diff", "list", "load", "shipped", "show"}
    assert all(hasattr(arrays, name) for name in arrays.__all__)
    assert all(hasattr(ss.rules, name) for name in ss.rules.__all__)


@pytest.mark.parametrize("path", SIGNATURES)
def test_signatures_are_as_promised(path):
    assert signature(find(path)) == SIGNATURES[path]


@pytest.mark.parametrize("name", NATIVE_SIGNATURES)
def test_signatures_of_array_verbs_are_as_promised(name):
    assert signature(getattr(arrays, name)) == NATIVE_SIGNATURES[name]


@pytest.mark.parametrize("kind", FIELDS, ids=lambda kind: kind.__name__)
def test_fields_of_results_are_as_promised(kind):
    assert [field.name for field in dataclasses.fields(kind) if not field.name.startswith("_")] == FIELDS[kind]


def test_public_callables_are_documented_with_their_parameters():
    for path in SIGNATURES:
        function = find(path)
        text = inspect.getdoc(function) or ""
        assert text, path
        for name in inspect.signature(function).parameters:
            assert name == "self" or name in text, (path, name)


def test_words_of_codes_are_as_promised():
    assert arrays.QP_STATUSES == ("none", "partial_qp", "qp")
    assert arrays.QP_METHODS == ("", "payment_amount", "patient_count", "both")
    assert arrays.QP_OPTIONS == ("", "medicare", "all_payer")
    assert arrays.QP_REASONS[:3] == ("", "missing_input", "no_denominator")
    assert arrays.ENROLLMENT_TYPES == ("esrd", "disabled", "aged_dual", "aged_nondual")
    assert arrays.BENCHMARK_ADJUSTMENTS[:4] == ("none", "regional", "prior_savings", "population")
    assert len(set(arrays.BENCHMARK_REASONS)) == len(arrays.BENCHMARK_REASONS)
    assert arrays.SETTLE_REASONS[0] == ""
    assert len(set(arrays.SETTLE_REASONS)) == len(arrays.SETTLE_REASONS)
    assert (arrays.NULL_STATUS, arrays.NOT_NEEDED, arrays.NULL_CENTS) == (255, -1, -(2**63))
    assert list(arrays.track_codes()) == ["1", "2", "3", "1+", "A", "B", "C", "D", "E", "ENHANCED"]
    assert list(arrays.track_codes().values()) == list(range(10))


# Native symbols that no module of the package uses, and why they are there.
UNUSED = {"simd_level": "tells which instruction set is in use: for tests, benchmarks and bug reports"}


def used_native_symbols() -> set[str]:
    used: set[str] = set()
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "_core":
                used |= {alias.name for alias in node.names}
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "_core":
                used.add(node.attr)
    return used


def test_every_native_symbol_is_used_by_the_package():
    native = {name for name in vars(_core) if not name.startswith("_") or name == "__version__"}
    used = used_native_symbols()
    assert used <= native
    assert native - used == set(UNUSED)


def test_every_native_symbol_stands_in_the_stub():
    stub = ast.parse((PACKAGE / "_core.pyi").read_text("utf-8"))
    names = {node.name for node in stub.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    names |= {
        node.target.id for node in stub.body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    native = {name for name in vars(_core) if not name.startswith("_") or name == "__version__"}
    assert native <= names


def test_the_package_says_that_it_is_typed():
    assert (PACKAGE / "py.typed").exists()
