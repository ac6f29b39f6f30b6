"""Medicare alternative payment model arithmetic: QP thresholds and settlements, every number with its citation.

Start with `qp_status` and `settle` on a data frame, or ``sharedsavings demo`` in a terminal.
"""

import warnings

from . import arrangement, arrays, rules
from ._core import DEBUG_BUILD, __version__
from ._errors import InputError, NotModelledError, RuleBookError, SharedSavingsError
from ._result import Explanation, Result, Step
from .advanced_apm import AdvancedApm, advanced_apm, advanced_apm_of
from .all_payer import AllPayer, all_payer
from .benchmark import Benchmarks, benchmark
from .benchmark_inputs import benchmark_inputs
from .break_even import break_even
from .catalogue import Catalogue, ModelTrack, models
from .clinicians import clinicians
from .incentive import conversion_factor, incentive, incentive_recipients
from .kcc import read_kcc
from .mips import mips
from .puf import puf_notes, read_puf
from .qp import QpDetermination, qp_status, qp_status_one
from .qp_outlook import qp_outlook
from .reach import read_reach
from .reconcile import Reconciliation, reconcile
from .regional import regional
from .samples import list_samples, load_sample
from .settle import settle
from .synthetic import synthetic_roster
from .target_price import TargetPrices
from .value_of_status import value_of_status
from .winsorise import winsorise

__all__ = [
    "AdvancedApm",
    "AllPayer",
    "Benchmarks",
    "Catalogue",
    "Explanation",
    "InputError",
    "ModelTrack",
    "NotModelledError",
    "QpDetermination",
    "Reconciliation",
    "Result",
    "RuleBookError",
    "SharedSavingsError",
    "Step",
    "TargetPrices",
    "__version__",
    "advanced_apm",
    "advanced_apm_of",
    "all_payer",
    "arrangement",
    "arrays",
    "benchmark",
    "benchmark_inputs",
    "break_even",
    "clinicians",
    "conversion_factor",
    "incentive",
    "incentive_recipients",
    "list_samples",
    "load_sample",
    "mips",
    "models",
    "puf_notes",
    "qp_outlook",
    "qp_status",
    "qp_status_one",
    "read_kcc",
    "read_puf",
    "read_reach",
    "reconcile",
    "regional",
    "rules",
    "settle",
    "synthetic_roster",
    "value_of_status",
    "winsorise",
]

if DEBUG_BUILD:
    warnings.warn("sharedsavings is a debug build: results are right, but slow. Build with --release", stacklevel=2)
