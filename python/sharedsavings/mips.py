"""Who is in MIPS, how far payments may be cut, and what a final score is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core, _rows
from . import rules as _rules
from ._errors import SharedSavingsError
from ._result import Result
from ._rows import Invalid
from ._table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def mips(
    frame: Any,
    *,
    performance_year: int | None = None,
    as_of: _rules.AsOf = None,
    proposed: bool = False,
    columns: Mapping[str, str] | None = None,
    rules: _rules.RulesLike = None,
    invalid: Invalid = "raise",
) -> Result:
    """Say who is in the Merit-based Incentive Payment System, and with which weights it is scored.

    A QP is out. A Partial QP is out unless it elects in. Anyone else is in, unless it does not exceed the low-volume
    threshold, takes part in the Ambulatory Specialty Model (2027 to 2031), or is excluded otherwise. 42 CFR 414.1305,
    414.1310(b); SSA 1848(q)(1)(C).

    Parameters
    ----------
    frame : pandas.DataFrame, polars.DataFrame or pyarrow.Table
        One row for each clinician and year. Read: `performance_year` and `status` (`qp`, `partial_qp`, `none`).
        Optional: `election` of Partial QPs (`in`, `out`, `none` where the time has passed without one, `undecided`);
        `allowed_charges` (dollars), `patients` and `services` (counts), the measures of volume; `other_exclusion` and
        `asm_participant` (truths, null is no); `pathway` (`web_interface` and `other_mips_apm` of the APM scoring
        standard, 2017 to 2020; `app`, the APM Performance Pathway, from 2021; `traditional`), `mssp` (truth, whether in
        an ACO of the Shared Savings Program, which must use `web_interface` to 2020 and `app` from 2021),
        `quality_reweighted`, `promoting_interoperability_reweighted` (truths), and the scores `quality_score`,
        `cost_score`, `improvement_activities_score`, `promoting_interoperability_score` (shares of one).
    performance_year : int, optional
        One year for all rows, in place of the column.
    as_of, proposed, columns, rules, invalid
        As for `qp_status`.

    Returns
    -------
    Result
        Its frame has `mips` (`excluded`, `may_elect`, `scored`), `basis` (`qp`, `partial_qp_elected_in`,
        `partial_qp_elected_out`, `partial_qp_without_election`, `partial_qp_election_open`, `neither`, `low_volume`,
        `asm_participant`, `other_exclusion`), `lowest_adjustment` (share, below zero; null where excluded), the four
        weights and `final_score` (shares; null without a pathway, or where a score that has weight is null), and
        `reason`: `low_volume_not_tested`, `election_not_given`, `missing_score` or `missing_input`.

    Raises
    ------
    InputError
        Where columns are missing, of the wrong type, or hold rows that are invalid.
    NotModelledError
        Where the rule book has no weights: traditional MIPS, two categories reweighted at once, or promoting
        interoperability of other MIPS APMs reweighted in 2017.
    RuleBookError
        Where `rules` is malformed.

    Examples
    --------
    >>> import pandas as pd
    >>> import sharedsavings as ss
    >>> people = pd.DataFrame({
    ...     "status": ["qp", "partial_qp", "none", "none"], "election": [None, "in", None, None],
    ...     "allowed_charges": [120_000.0, 120_000.0, 90_000.0, 90_000.01], "patients": 300, "services": 900})
    >>> ss.mips(people, performance_year=2024).frame[["mips", "basis"]].values.tolist()
    [['excluded', 'qp'], ['scored', 'partial_qp_elected_in'], ['excluded', 'low_volume'], ['scored', 'neither']]
    """
    decided = _rows.decide(
        "mips", frame, "MIPS", constants={"performance_year": performance_year}, as_of=as_of, proposed=proposed,
        columns=columns, rules=rules, invalid=invalid,
    )  # fmt: skip

    def summary() -> Table:
        codes = decided.out["mips"]
        rows = []
        for year in np.unique(decided.years):
            counts = np.bincount(codes[decided.years == year], minlength=256)
            cells = (counts.sum(), *counts[:3], counts[_core.NULL_STATUS])
            rows.append((str(year) if year else "null", *(f"{n:,}" for n in cells)))
        headings = ("year", "rows", "excluded", "may elect", "scored", "null")
        return Table("MIPS", headings, rows, decided.warnings)

    def plot() -> Figure:
        raise SharedSavingsError("MIPS participation has no picture. Use summary()")

    return decided.result(summary, plot)
