"""The same calculations in other libraries: QP determinations in ``duckdb_`` to ``polars_``, each with
``candidates(rows, thresholds)``, settlements in ``settle_*``, and settlements of all programs in ``mixed_*``, with
``candidates(rows, terms)``. All give
``{name: Candidate}``; every answer is checked before it is timed.
"""

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple


class Candidate(NamedTuple):
    call: Callable
    """Without arguments; what it returns is dropped inside the timed call."""
    answer: Callable
    """From what ``call`` returns to the arrays that are compared: (status, method) as ``uint8``, or amounts and
    rates in the order of ``settle.OUTPUTS``, amounts in cents."""
    ordered: bool = True
    """Whether rows come back in their order; if not, only counts are compared."""


def load(name):
    """One of these modules, imported only now: not every machine has every peer."""
    return import_module(f"benches.peers.{name}")


def same(answer):
    return answer
