"""What being a QP, a Partial QP or neither is worth in dollars."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from . import _plot_consequences, _rows
from . import rules as _rules
from ._errors import InputError
from ._result import Result
from ._rows import Invalid

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# How a picture shows them: label, colour and hatch.
_VALUES = {
    "value_qp": ("QP", "qp", None),
    "value_partial_qp_in": ("Partial QP in MIPS", "partial_qp", None),
    "value_partial_qp_out": ("Partial QP out of MIPS", "partial_qp", "//"),
    "value_neither": ("neither", "none", None),
}


def value_of_status(
    frame: Any,
    *,
    performance_years: int | Sequence[int] | NDArray[np.integer] | None = None,
    amounts_year: int | None = None,
    growth: float | None = None,
    mips_adjustment: float | None = None,
    as_of: _rules.AsOf = None,
    proposed: bool = False,
    columns: Mapping[str, str] | None = None,
    rules: _rules.RulesLike = None,
    invalid: Invalid = "raise",
) -> Result:
    """Value a QP status: incentive, conversion factor and MIPS adjustment that follow from a performance year.

    Everything is measured from the same services at the non-qualifying conversion factor and without an adjustment. A
    QP has the incentive of the payment year and the qualifying factor; a Partial QP in MIPS, and who is neither, has
    the MIPS adjustment; a Partial QP out of MIPS has nothing. The gap between the factors is the statute's two
    updates, compounded from 2026: whatever else moves one factor moves both (SSA 1848(d)(1)(A), (20)).

    Parameters
    ----------
    frame : pandas.DataFrame, polars.DataFrame or pyarrow.Table
        One row for each clinician or group. Read: `paid_amounts` (dollars that Part B paid for covered professional
        services), and optionally `performance_year`; `allowed_amounts` (dollars allowed for them at the
        non-qualifying factor; needed for payment years from 2026); `amounts_year`, the calendar year of these amounts,
        and `growth` a year (share; needs `amounts_year`), by which they are brought to the base and payment years
        (without a year they are those of both); `mips_adjustment` (share, below zero for a cut), or in its place
        `mips_score` with `performance_threshold` (shares of one) and `scaling_factor` (1 where null), of which a linear
        sliding scale makes one: SSA 1848(q)(6).
    performance_years : int, or sequence or array of int, optional
        Years for all rows, in place of the column. With several, the result has every row for the first year, then
        every row for the next.
    amounts_year, growth, mips_adjustment : optional
        One for all rows, in place of the column.
    as_of, proposed, columns, rules, invalid
        As for `qp_status`.

    Returns
    -------
    Result
        Its frame has `payment_year`, the components `incentive`, `conversion_factor_effect`, `mips_adjustment_used`
        (share) and `mips_amount`, the values `value_qp`, `value_partial_qp_in`, `value_partial_qp_out`,
        `value_neither`, and `qp_advantage` (QP less neither), in dollars; and `reason`. What needs a value that is not
        given is null, with `mips_adjustment_not_given`, `allowed_amounts_not_given` or
        `mips_adjustment_and_allowed_amounts_not_given`.

    Raises
    ------
    InputError
        Where columns are missing, of the wrong type, or hold rows that are invalid, or a value is given twice.
    NotModelledError, RuleBookError
        As for `qp_status`.

    Examples
    --------
    >>> import pandas as pd
    >>> import sharedsavings as ss
    >>> group = pd.DataFrame({"paid_amounts": [2_000_000.0], "allowed_amounts": [2_500_000.0]})
    >>> worth = ss.value_of_status(group, performance_years=[2023, 2024, 2025, 2026], mips_adjustment=0.01).frame
    >>> worth[["incentive", "conversion_factor_effect", "qp_advantage"]].values.tolist()[1]
    [37600.0, 12468.83, 30068.83]
    """
    if performance_years is not None:
        frame, columns = _over_years(frame, _years(performance_years), columns)
    constants = {"amounts_year": amounts_year, "growth": growth, "mips_adjustment": mips_adjustment}
    decided = _rows.decide(
        "value_of_status", frame, "Value of status", constants=constants, as_of=as_of, proposed=proposed,
        columns=columns, rules=rules, invalid=invalid,
    )  # fmt: skip

    def plot() -> Figure:
        values = [
            _plot_consequences.Series(label, decided.outputs[name], colour, hatch)
            for name, (label, colour, hatch) in _VALUES.items()
        ]
        title = "What each status adds: incentive, conversion factor, MIPS adjustment"
        return _plot_consequences.by_year(decided.years, values, title)

    return decided.result(lambda: decided.table("Value of status", (*_VALUES, "qp_advantage")), plot)


def _years(given: Any) -> list[int]:
    """The years of a call, of whatever integer type."""
    try:
        return [_year(given)]
    except TypeError:
        pass
    try:
        years = [_year(year) for year in given]
    except TypeError:
        years = []
    if not years:
        raise InputError(f"performance_years={given!r}: not years. Give one or more, such as [2024, 2025]")
    return years


def _year(given: Any) -> int:
    if isinstance(given, bool | np.bool_):
        raise TypeError
    return operator.index(given)


def _over_years(frame: Any, years: list[int], columns: Mapping[str, str] | None) -> tuple[Any, dict[str, str]]:
    """The frame once for each year, with the year as a column."""
    mapping = dict(columns or {})
    rows = nw.from_native(frame, eager_only=True)
    own = mapping.get("performance_year", "performance_year")
    if own in rows.columns:
        raise InputError(f"column `{own}`: the year is given twice. Drop performance_years= or the column")
    parts = [rows.with_columns(nw.lit(year, nw.Int64).alias("performance_year")) for year in years]
    return nw.maybe_reset_index(nw.concat(parts)).to_native(), mapping
