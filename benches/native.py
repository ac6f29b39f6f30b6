"""The functions under test."""

from sharedsavings import arrays

qp_status = arrays.qp_status
settle = arrays.settle
