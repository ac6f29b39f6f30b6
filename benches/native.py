"""The functions under test."""

from sharedsavings import _core, arrays

core = _core
qp_status = arrays.qp_status
settle = arrays.settle
