"""The functions under test."""

from sharedsavings import _core, arrays
from sharedsavings.settle import OUTPUTS

core = _core
qp_status = arrays.qp_status
settle = arrays.settle
benchmark = arrays.benchmark
ENROLLMENT_TYPES = arrays.ENROLLMENT_TYPES
SETTLE_OUTPUTS = OUTPUTS
