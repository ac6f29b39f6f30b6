"""The functions under test."""

from sharedsavings import _core as core

try:
    from sharedsavings import arrays
except ImportError:
    arrays = core

qp_status = arrays.qp_status
settle = arrays.settle
