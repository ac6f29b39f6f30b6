"""What a QP is paid: the APM Incentive Payment (42 CFR 414.1450), to whom, and the conversion factor that applies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _codes, _core, _plot_consequences, _rows
from . import rules as _rules
from ._errors import SharedSavingsError
from ._frames import Frame, Integers, Output, Words
from ._result import Explanation, Result, Step
from ._rows import Invalid
from ._table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# The day by which a QP without a recipient must claim.
_CLAIM = "incentive.claim_by"


def incentive(
    frame: Any,
    *,
    performance_year: int | None = None,
    as_of: _rules.AsOf = None,
    proposed: bool = False,
    columns: Mapping[str, str] | None = None,
    rules: _rules.RulesLike = None,
    invalid: Invalid = "raise",
) -> Result:
    """Compute the APM Incentive Payment of QPs.

    A percentage, by payment year, of what Part B paid (not allowed) for a QP's covered professional services in the
    base year, over all TINs: SSA 1833(z)(1), 42 CFR 414.1450(b). Partial QPs and others are paid nothing.

    Parameters
    ----------
    frame : pandas.DataFrame, polars.DataFrame or pyarrow.Table
        One row for each clinician and year. Read: `performance_year`, `status` (`qp`, `partial_qp`, `none`),
        `paid_amounts` (dollars paid for services of the base year, processed by 31 March of the next). Optional, all in
        dollars: `payment_adjustments` (1848(m), (o), (p), (q) within them, of either sign), `bonus_payments` (1833(m),
        (x), (y) within them), `financial_risk_payments` (shared savings, net reconciliation within them, of either
        sign), `cash_flow_payments` (paid under a cash-flow mechanism within them) with `cash_flow_replaced` (what
        fee-for-service would have paid instead), `supplemental_payments` with `supplemental_qualifies` (whether they
        meet all four tests of 414.1450(b)(7); they are added where they do). A column that is absent, and a null in one
        of the optional columns, means that there is no such payment.
    performance_year : int, optional
        One year for all rows, in place of the column.
    as_of, proposed, columns, rules, invalid
        As for `qp_status`.

    Returns
    -------
    Result
        Its frame has `base_year`, `payment_year`, `incentive_base` (dollars), `incentive_percent` (share), `incentive`
        (dollars to the cent) and `reason`: `not_qp`, `no_incentive_in_payment_year`, or `missing_input` where a null
        makes the row null. What was paid decides of QPs alone: where it is null, others have no base, and are paid 0.

    Raises
    ------
    InputError
        Where columns are missing, of the wrong type, or hold rows that are invalid.
    NotModelledError, RuleBookError
        As for `qp_status`.

    Examples
    --------
    >>> import pandas as pd
    >>> import sharedsavings as ss
    >>> paid = pd.DataFrame({"performance_year": [2022, 2023, 2024, 2025, 2026], "status": ["qp"] * 5,
    ...                      "paid_amounts": [200_000.0] * 5})
    >>> ss.incentive(paid).frame["incentive"].tolist()
    [10000.0, 7000.0, 3760.0, 0.0, 6200.0]
    """
    decided = _rows.decide(
        "incentive", frame, "Incentive", constants={"performance_year": performance_year}, as_of=as_of,
        proposed=proposed, columns=columns, rules=rules, invalid=invalid,
    )  # fmt: skip

    def plot() -> Figure:
        paid = _plot_consequences.Series("incentive", decided.outputs["incentive"], "qp")
        return _plot_consequences.by_year(decided.years, [paid], "APM Incentive Payments")

    return decided.result(lambda: decided.table("Incentives", ("incentive_base", "incentive")), plot)


def incentive_recipients(frame: Any, *, columns: Mapping[str, str] | None = None) -> Result:
    """Find who is paid the incentives of QPs, and how much.

    The steps of 42 CFR 414.1450(c) are gone through in order; the first with a solvent TIN is paid. Several TINs of
    the step share in proportion to base-year paid amounts: each gets the whole cents of its share, and the cents left
    over go one each to the largest remainders, earlier rows first, so that the sum is the incentive.

    Parameters
    ----------
    frame : pandas.DataFrame, polars.DataFrame or pyarrow.Table
        One row for each QP and TIN; no nulls. Read: `npi` (text or number), `relation` of the TIN to the QP (the first
        step that fits it: `entity_in_performance_period`, `entity_in_base_period`, `same_advanced_apm_in_base_period`,
        `other_advanced_apm_in_base_period`, `other_track_of_the_apm`, `other_apm`, `billed_in_base_period`), `solvent`
        (truth), `base_year_paid` (dollars paid for the QP's services through the TIN), `incentive` (dollars, the whole
        of the QP, the same in each of its rows).
    columns : mapping of str to str, optional
        Canonical column name to the frame's own.

    Returns
    -------
    Result
        Its frame has `recipient_step` (1 to 7; 8 where no TIN can be paid), `recipient_share`, `recipient_payment`
        (dollars) and `recipient_reason`: null for who is paid, else `later_step`, `not_solvent`, `public_notice`
        (step 8: the QP must claim by 1 September of the payment year, or 60 days after the announcement of initial
        payments if that is later) or `no_paid_amounts` (several TINs, nothing to go by: null).

    Raises
    ------
    InputError
        Where columns are missing or hold nulls or invalid rows, or rows of a QP state different incentives.

    Examples
    --------
    >>> import pandas as pd
    >>> import sharedsavings as ss
    >>> tins = pd.DataFrame({
    ...     "npi": ["A", "A", "A", "A"], "tin": [1, 2, 3, 4],
    ...     "relation": ["entity_in_performance_period"] + ["entity_in_base_period"] * 3,
    ...     "solvent": [False, True, True, True], "base_year_paid": [9e5, 1e5, 1e5, 1e5], "incentive": [100.0] * 4})
    >>> ss.incentive_recipients(tins).frame["recipient_payment"].tolist()
    [0.0, 33.34, 33.33, 33.33]
    """
    fields, reasons = _core.recipient_columns()
    source = Frame(frame, [name for name, _, _ in fields], columns)
    given = _rows.gathered(source, [f for f in fields if f[0] != "npi"], {}, "raise")
    if "npi" in source:
        places, _ = _codes.spelled(source.series("npi"))
        given["npi"] = (np.maximum(places, 0), places < 0)
    out = _core.recipients(given, source.names)
    outputs: dict[str, Output] = {
        "recipient_step": Integers(out["step"], _core.NULL_CENTS),
        "recipient_share": _core.decimals(out["share"], "share"),
        "recipient_payment": _core.dollars(out["payment"], _core.NULL_CENTS),
        "recipient_reason": Words(out["reason"], reasons),
    }
    book = _rules.load(None)
    steps = next(words for name, _, words in fields if name == "relation")

    def explain(row: int) -> Explanation:
        step = int(out["step"][row])
        reached = steps[step - 1] if step <= len(steps) else "public notice"
        paid = outputs["recipient_payment"][row]  # type: ignore[index]
        amount = "null" if np.isnan(paid) else f"${paid:,.2f}"
        reason = reasons[out["reason"][row]].replace("_", " ") or "paid at this step"
        rules = (_CLAIM,) if step > len(steps) else ()
        cite = (book.sources()["42-cfr-414-1450-c"]["title"],)
        return Explanation(
            f"Recipient of row {row}",
            (
                Step("step", "first step with a solvent TIN", f"{step}: {reached.replace('_', ' ')}", (), rules, cite),
                Step("payment", "incentive x share of base-year paid amounts, largest remainder", amount,
                     (("reason", reason),), (), cite),
            ),
        )  # fmt: skip

    def summary() -> Table:
        payments = outputs["recipient_payment"]
        rows = []
        for step in np.unique(out["step"]):
            here = out["step"] == step
            rows.append((str(step), f"{here.sum():,}", f"{np.nansum(payments[here]):,.2f}"))  # type: ignore[index]
        return Table("Recipients of incentives", ("step", "rows", "paid, $"), rows)

    def plot() -> Figure:
        raise SharedSavingsError("recipients have no picture. Use summary()")

    return Result(source.append(outputs), (), book, len(source), explain, summary, plot)


def conversion_factor(
    frame: Any,
    *,
    payment_year: int | None = None,
    as_of: _rules.AsOf = None,
    proposed: bool = False,
    columns: Mapping[str, str] | None = None,
    rules: _rules.RulesLike = None,
    invalid: Invalid = "raise",
) -> Result:
    """Look up the Physician Fee Schedule conversion factor by calendar year and QP status.

    From 2026 there are two, SSA 1848(d)(1)(A): QPs of the performance year two years before have the qualifying one,
    Partial QPs and all others the other. Each published factor is also computed from the last that was one for all,
    that of 2025, by the updates and budget neutrality of each year and what is added for one year alone, rounded at
    the end.

    Parameters
    ----------
    frame : pandas.DataFrame, polars.DataFrame or pyarrow.Table
        Read: `payment_year` (the calendar year of the factor) and `status` of the performance year two years before
        (`qp`, `partial_qp`, `none`).
    payment_year : int, optional
        One year for all rows, in place of the column.
    as_of, proposed, columns, rules, invalid
        As for `qp_status`. The factors of 2027 are proposed.

    Returns
    -------
    Result
        Its frame has `factor` (`single`, `qualifying`, `non_qualifying`), `conversion_factor` and
        `conversion_factor_computed` (dollars, four decimals; null where the book has not what it is made of),
        `conversion_factor_advantage` (how far it lies above the non-qualifying one, share) and `reason`.

    Raises
    ------
    InputError
        Where columns are missing, of the wrong type, or hold rows that are invalid. A year without a
        published factor is.
    NotModelledError, RuleBookError
        As for `qp_status`.

    Examples
    --------
    >>> import pandas as pd
    >>> import sharedsavings as ss
    >>> two = pd.DataFrame({"status": ["qp", "none"]})
    >>> ss.conversion_factor(two, payment_year=2026).frame["conversion_factor"].tolist()
    [33.5675, 33.4009]
    >>> ss.conversion_factor(two, payment_year=2027, proposed=True).frame["conversion_factor_computed"].tolist()
    [33.1693, 32.8409]
    """
    decided = _rows.decide(
        "conversion_factor", frame, "Conversion factor", constants={"payment_year": payment_year}, as_of=as_of,
        proposed=proposed, columns=columns, rules=rules, invalid=invalid,
    )  # fmt: skip

    def summary() -> Table:
        factors = [f"{factor:.4f}" for factor in decided.outputs["conversion_factor"]]  # type: ignore[union-attr]
        rows = []
        for year in np.unique(decided.years):
            here = np.flatnonzero(decided.years == year)
            known = ", ".join(sorted({factors[row] for row in here}))
            rows.append((str(year) if year else "null", f"{len(here):,}", known))
        return Table("Conversion factors", ("year", "rows", "factors, $"), rows, decided.warnings)

    def plot() -> Figure:
        raise SharedSavingsError("conversion factors have no picture. Use summary()")

    return decided.result(summary, plot)
