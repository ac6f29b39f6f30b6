"""The verbs on bare numpy arrays, with `out=`: no frames, no copies, codes instead of words.

Codes of the results are positions in these tuples: `QP_STATUSES` (255 is null), `QP_METHODS`, `QP_OPTIONS`,
`QP_REASONS`, `SETTLE_REASONS`, `BREAK_EVEN_SEGMENTS`, `BREAK_EVEN_REASONS`, `BENCHMARK_REASONS` (0 is null),
`BENCHMARK_ADJUSTMENTS` (255 is null) and `ENROLLMENT_TYPES`. Track codes come from `track_codes`. Amounts that are null
read `NULL_CENTS`, rates that are null read NaN, and `payments_needed` or `patients_needed` read `NOT_NEEDED` where
there is no denominator.
"""

from __future__ import annotations

from typing import Any, Final

from . import _core
from ._core import benchmark, break_even, qp_status, settle

BENCHMARK_ADJUSTMENTS: Final = tuple(_core.BENCHMARK_ADJUSTMENTS)
BENCHMARK_REASONS: Final = tuple(_core.BENCHMARK_REASONS)
ENROLLMENT_TYPES: Final = tuple(_core.ENROLLMENT_TYPES)
QP_STATUSES: Final = tuple(_core.QP_STATUSES)
QP_METHODS: Final = tuple(_core.QP_METHODS)
QP_OPTIONS: Final = tuple(_core.QP_OPTIONS)
QP_REASONS: Final = tuple(_core.QP_REASONS)
SETTLE_REASONS: Final = tuple(_core.SETTLE_REASONS)
BREAK_EVEN_SEGMENTS: Final = tuple(_core.BREAK_EVEN_SEGMENTS)
BREAK_EVEN_REASONS: Final = tuple(_core.BREAK_EVEN_REASONS)
NULL_STATUS: Final = _core.NULL_STATUS
NULL_CENTS: Final = _core.NULL_CENTS
NOT_NEEDED: Final = _core.NOT_NEEDED

__all__ = [
    "BENCHMARK_ADJUSTMENTS",
    "BENCHMARK_REASONS",
    "BREAK_EVEN_REASONS",
    "BREAK_EVEN_SEGMENTS",
    "ENROLLMENT_TYPES",
    "NOT_NEEDED",
    "NULL_CENTS",
    "NULL_STATUS",
    "QP_METHODS",
    "QP_OPTIONS",
    "QP_REASONS",
    "QP_STATUSES",
    "SETTLE_REASONS",
    "benchmark",
    "break_even",
    "qp_status",
    "settle",
    "track_codes",
]


def track_codes(program: str = "mssp", *, as_of: Any = None, rules: Any = None) -> dict[str, int]:
    """Codes by which `settle` knows a program's tracks.

    Parameters
    ----------
    program : str
        Program id of the rule book.
    as_of, rules
        As for `sharedsavings.settle`.

    Returns
    -------
    dict of str to int

    Examples
    --------
    >>> from sharedsavings import arrays
    >>> arrays.track_codes()["ENHANCED"]
    9
    """
    from .rules import load

    _, names = _core.track_codes(program, [], load(rules), as_of, False)
    return {name: code for code, name in enumerate(names)}
