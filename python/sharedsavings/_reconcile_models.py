"""Results of ACO REACH settled again, and of Kidney Care Choices computed again, and held against themselves."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core
from . import rules as _rules
from ._compared import EQUAL, NOT_REPRODUCED, UNEXPLAINED, Compared, Counts
from ._frames import Frame
from ._model_file import ModelFile
from .samples import to_frame
from .settle import OUTPUTS, Case

_SAVINGS = ("published_savings", "published_savings_before_discount")
_KCC_AMOUNTS = (
    *(
        f"{name}{cell}"
        for name in ("unadjusted_benchmark", "benchmark", "expenditures", "published_savings")
        for cell in ("_ckd", "_esrd", "")
    ),
    "discount_amount", "quality_withheld", "quality_earned", "published_earned", "leakage_balance",
    "alignment_balance", "shortage_area_bonus", "home_dialysis_true_up", "high_performers_pool", "published_total",
)  # fmt: skip


def compare_reach(file: ModelFile, rules: _rules.RulesLike) -> list[Compared]:
    """Settle a file of ACO REACH and hold it against itself, year by year."""
    columns = file.columns
    out = Case.of_frame(to_frame(columns, None), "reach", rules).run(OUTPUTS, threads=None, invalid="null")
    savings = next(name for name in _SAVINGS if name in columns)
    before = columns.get("benchmark_before_discount")
    gross = out["savings"] if before is None else _core.differences(before, columns["expenditures"])
    names = [savings, "published_shared", "published_earned"]
    published = Frame(to_frame({name: columns[name] for name in names if name in columns}, None), names, None)
    prints_shared = "published_shared" in columns
    gross_equal, shared_equal, earned_equal, verdicts = _core.compare_reach(
        gross,
        (out["earned"], out["sequestered"]),
        published.numbers(savings),
        published.numbers("published_shared") if prints_shared else None,
        published.numbers("published_earned"),
        _marked_zero(columns, file.rows),
    )
    rows: dict[str, list[Any]] = {
        **_named(columns, "aco_id", "aco_name", "performance_year", "track"),
        "generated": _dollars(gross),
        "earned": _dollars(out["earned"]),
        "published_generated": columns[savings],
        "published_shared": columns.get("published_shared", [None] * file.rows),
        "published_earned": columns["published_earned"],
        "generated_equal": gross_equal.tolist(),
        "shared_equal": shared_equal.tolist() if prints_shared else [None] * file.rows,
        "earned_equal": earned_equal.tolist(),
        "reason": [_core.SETTLE_REASONS[code] for code in out["reason"]],
        "verdict": [_core.REACH_VERDICTS[code] for code in verdicts],
    }
    statuses = np.full(file.rows, EQUAL, dtype=np.uint8)
    statuses[verdicts >= _core.REACH_NOT_REPRODUCED] = NOT_REPRODUCED
    statuses[verdicts >= _core.REACH_UNEXPLAINED] = UNEXPLAINED
    return [
        _of_year(file, int(year), rows, statuses, prints_shared)
        for year in sorted({year for year in columns["performance_year"] if year is not None})
    ]


def compare_kcc(file: ModelFile) -> list[Compared]:
    """Compute the savings of a file of Kidney Care Choices, and whether its amounts add up."""
    columns = file.columns
    source = Frame(to_frame({name: columns[name] for name in _KCC_AMOUNTS}, None), _KCC_AMOUNTS, None)
    savings, savings_equal, benchmark_equal, total_equal, verdicts = _core.compare_kcc(
        {name: source.numbers(name) for name in _KCC_AMOUNTS}
    )
    rows: dict[str, list[Any]] = {
        **_named(columns, "entity_name", "organization", "performance_year", "track"),
        "generated": _dollars(savings),
        "earned": [None] * file.rows,
        "published_generated": columns["published_savings"],
        "published_earned": columns["published_earned"],
        "generated_equal": _where(columns["benchmark"], savings_equal.tolist()),
        "benchmark_equal": _where(columns["benchmark"], benchmark_equal.tolist()),
        "total_equal": total_equal.tolist(),
        "verdict": [_core.KCC_VERDICTS[code] for code in verdicts],
    }
    statuses = np.where(verdicts >= _core.KCC_UNEXPLAINED, UNEXPLAINED, EQUAL).astype(np.uint8)
    years = sorted(set(columns["performance_year"]))
    return [_of_year(file, int(year), rows, statuses, False) for year in years]


def _of_year(
    file: ModelFile, year: int, rows: dict[str, list[Any]], statuses: NDArray[np.uint8], prints_shared: bool
) -> Compared:
    here = np.flatnonzero(np.array([y == year for y in rows["performance_year"]]))
    own = {name: [values[row] for row in here] for name, values in rows.items()}
    settled = any(amount is not None for amount in own["earned"])
    counts = Counts(
        rows=len(here),
        moving=sum(1 for amount in own["published_generated"] if amount),
        generated=own["generated_equal"].count(True),
        shared=own["shared_equal"].count(True) if prints_shared else None,
        earned=own["earned_equal"].count(True) if settled else None,
    )
    return Compared(file.layout.program, file.name, year, own, statuses[here], counts)


def _named(columns: dict[str, list[Any]], id_: str, name: str, *others: str) -> dict[str, list[Any]]:
    """The columns that say whose a row is, under the names of every program."""
    rows = len(columns[id_])
    return {
        "aco_id": columns[id_],
        "aco_name": columns.get(name, [None] * rows),
        **{other: columns[other] for other in others},
    }


def _where(benchmarks: list[Any], equal: list[bool]) -> list[bool | None]:
    """Null where there is no benchmark, so that nothing was compared."""
    return [None if b is None else e for b, e in zip(benchmarks, equal, strict=True)]


def _marked_zero(columns: dict[str, list[Any]], rows: int) -> NDArray[np.bool_]:
    """Rows whose id bears a footnote mark, and whose printed net rate is 0."""
    marks, rates = (columns.get(name, [None] * rows) for name in ("footnote", "published_earned_rate"))
    return np.array([mark is not None and rate == 0 for mark, rate in zip(marks, rates, strict=True)], dtype=np.bool_)


def _dollars(cents: NDArray[np.int64]) -> list[float | None]:
    return [None if math.isnan(amount) else amount for amount in _core.dollars(cents, _core.NULL_CENTS).tolist()]
