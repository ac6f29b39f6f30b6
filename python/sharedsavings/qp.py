"""QP determinations: 42 CFR 414.1425, 414.1430, 414.1435 and 414.1440."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from . import _core, _plot
from . import rules as _rules
from ._errors import InputError
from ._frames import Frame, Integers, Output, Words, one_year
from ._result import Explanation, Result, Step, steps_from
from ._table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = tuple(_core.QP_COLUMNS)
_MONEY = {0, 1, 5, 6}
_SCORES = {
    "payment_score": "payments_attributed",
    "patient_score": "patients_attributed",
    "all_payer_payment_score": "all_payer_payments_apm",
    "all_payer_patient_score": "all_payer_patients_apm",
}


def qp_status(
    frame: Any,
    *,
    performance_year: int | None = None,
    as_of: _rules.AsOf = None,
    proposed: bool = False,
    columns: Mapping[str, str] | None = None,
    rules: _rules.RulesLike = None,
    threads: int | None = None,
    invalid: Literal["raise", "null"] = "raise",
) -> Result:
    """Determine who is a Qualifying APM Participant (QP), a Partial QP, or neither.

    Both methods are run for every row and the better status wins, not the higher score. A score meets a
    threshold by exact comparison; nothing is rounded or divided before it (42 CFR 414.1425(c)(3), (d)(1)).

    Parameters
    ----------
    frame : pandas.DataFrame, polars.DataFrame or pyarrow.Table
        One row for each APM Entity or clinician. Read, where present: `payments_attributed`,
        `payments_eligible` (dollars), `patients_attributed`, `patients_eligible` (people),
        `performance_year`, and for the All-Payer Combination Option `all_payer_payments_apm`,
        `all_payer_payments_total`, `all_payer_patients_apm`, `all_payer_patients_total`. One of the Medicare
        pairs may be absent.
    performance_year : int, optional
        One year for all rows, in place of the column.
    as_of : date or str, optional
        What the rule book knew on this date; None is everything that it knows.
    proposed : bool
        Whether proposed rules count.
    columns : mapping of str to str, optional
        Canonical column name to the frame's own.
    rules : RuleBook, path or mapping, optional
        Overrides, see `sharedsavings.rules.load`.
    threads : int, optional
        At most this many threads; all that the machine has where None.
    invalid : {"raise", "null"}
        What a row does that the rules cannot take (negative, numerator above denominator, NaN in a column
        that is not null there, unknown year): stop the call, or be null with a reason.

    Returns
    -------
    Result
        Its frame has `payment_score`, `patient_score` (shares, and the all-payer scores where given),
        `status` (`qp`, `partial_qp`, `none`), `option` (`medicare`, `all_payer`), `method`
        (`payment_amount`, `patient_count`, `both`), `payments_needed` (dollars) and `patients_needed`
        (people): what is missing from that method's numerator to its Medicare QP threshold, the
        denominator unchanged, 0 once reached; and `reason`. A null in a Medicare pair or in the year gives a
        null status and reason `missing_input`; rows without any denominator are `none` with reason
        `no_denominator`; nulls in an all-payer pair mean that none was submitted.

    Raises
    ------
    InputError
        Where columns are missing, of the wrong type, or hold rows that are invalid.
    NotModelledError
        Where the rule book knows no thresholds from this standpoint.
    RuleBookError
        Where `rules` is malformed.

    Examples
    --------
    >>> import pandas as pd
    >>> import sharedsavings as ss
    >>> frame = pd.DataFrame({"payments_attributed": [60.0], "payments_eligible": [100.0],
    ...                       "patients_attributed": [30], "patients_eligible": [100]})
    >>> ss.qp_status(frame, performance_year=2026).frame["status"][0]
    'qp'
    >>> ss.qp_status(frame, performance_year=2026, as_of="2026-02-02").frame["status"][0]
    'partial_qp'
    """
    book = _rules.load(rules)
    source = Frame(frame, COLUMNS, columns)
    native: dict[str, Any] = {name: source.numbers(name) for name in COLUMNS if name in source}
    if performance_year is not None:
        native["performance_year"] = one_year(source, performance_year)
    wanted = [name for name, needs in _SCORES.items() if needs in native]
    wanted += ["status", "option", "method"]
    wanted += ["payments_needed"] * ("payments_attributed" in native)
    wanted += ["patients_needed"] * ("patients_attributed" in native)
    wanted.append("reason")
    out = _core.qp_status(
        **native,
        money="dollars",
        as_of=as_of,
        proposed=proposed,
        rules=book,
        threads=threads,
        invalid=invalid,
        outputs=wanted,
        names=source.names,
    )
    warnings = _core.qp_warnings(native["performance_year"], book, as_of, proposed)
    outputs: dict[str, Output] = {name: _output(name, out[name]) for name in wanted}

    def explain(row: int) -> Explanation:
        reason = _core.QP_REASONS[out["reason"][row]]
        title = f"QP determination of row {row}"
        if out["status"][row] == _core.NULL_STATUS:
            return Explanation(title, (Step("status", "no determination is possible", "null: " + reason),))
        values = [_value(native, at, row) for at in range(len(COLUMNS))]
        steps = steps_from(_core.qp_explain(values, book, as_of, proposed))
        if reason:
            steps += (Step("reason", "what a reader should know", reason),)
        return Explanation(title, steps)

    def summary() -> Table:
        years = _years(native, len(source))
        rows = []
        for year in np.unique(years):
            counts = np.bincount(out["status"][years == year], minlength=256)
            cells = (counts.sum(), *counts[2::-1], counts[_core.NULL_STATUS])
            rows.append((str(year) if year else "null", *(f"{n:,}" for n in cells)))
        return Table("QP determinations", ("year", "rows", "qp", "partial_qp", "none", "null"), rows, tuple(warnings))

    def plot() -> Figure:
        years = _years(native, len(source))
        methods = [m for m in ("payment", "patient") if f"{m}_score" in out]
        kinds = {"payment": "payment_amount", "patient": "patient_count"}
        lines = [
            tuple(_line(book, f"qp.medicare.{kinds[m]}.{s}", years, as_of, proposed) for s in ("qp", "partial_qp"))
            for m in methods
        ]
        scores = [(kinds[m].replace("_", " ") + " method", out[f"{m}_score"]) for m in methods]
        words = [*_core.QP_STATUSES, *["null"] * 253]
        status = [words[code] for code in out["status"]]
        return _plot.threshold_scores(scores, years, [(a, b) for a, b in lines], status)

    return Result(source.append(outputs), tuple(warnings), book, len(source), explain, summary, plot)


@dataclass(frozen=True)
class QpDetermination:
    """One determination.

    Attributes
    ----------
    status : str
        `qp`, `partial_qp` or `none`.
    option, method : str or None
        What gave the status.
    payment_score, patient_score : float or None
        Threshold scores, shares.
    payments_needed : Decimal or None
        Dollars missing to the Medicare QP threshold.
    patients_needed : int or None
        People missing to it.
    reason : str or None
        What a reader should know.
    explanation : Explanation
        The steps.
    """

    status: str
    option: str | None
    method: str | None
    payment_score: float | None
    patient_score: float | None
    payments_needed: Decimal | None
    patients_needed: int | None
    reason: str | None
    explanation: Explanation


def qp_status_one(
    *,
    performance_year: int,
    payments_attributed: Decimal | float | str | None = None,
    payments_eligible: Decimal | float | str | None = None,
    patients_attributed: int | None = None,
    patients_eligible: int | None = None,
    all_payer_payments_apm: Decimal | float | str | None = None,
    all_payer_payments_total: Decimal | float | str | None = None,
    all_payer_patients_apm: int | None = None,
    all_payer_patients_total: int | None = None,
    as_of: _rules.AsOf = None,
    proposed: bool = False,
    rules: _rules.RulesLike = None,
) -> QpDetermination:
    """Determine one entity or clinician, for teaching and spot checks.

    Parameters
    ----------
    performance_year : int
    payments_attributed, payments_eligible : Decimal, float, int or str, optional
        Dollars; exact to the cent where given as Decimal or text.
    patients_attributed, patients_eligible : int, optional
    all_payer_payments_apm, all_payer_payments_total, all_payer_patients_apm, all_payer_patients_total : optional
    as_of, proposed, rules
        As for `qp_status`.

    Returns
    -------
    QpDetermination

    Raises
    ------
    InputError, NotModelledError, RuleBookError
        As for `qp_status`.

    Examples
    --------
    >>> import sharedsavings as ss
    >>> one = ss.qp_status_one(performance_year=2017, payments_attributed="25.00", payments_eligible="100.00")
    >>> one.status, one.method
    ('qp', 'payment_amount')
    """
    book = _rules.load(rules)
    given = locals()
    native: dict[str, Any] = {}
    for at, name in enumerate(COLUMNS):
        value = given[name]
        if value is not None:
            native[name] = np.array([_cents(name, value) if at in _MONEY else value])
    wanted = [
        "payment_score",
        "patient_score",
        "status",
        "option",
        "method",
        "payments_needed",
        "patients_needed",
    ]
    out = _core.qp_status(**native, as_of=as_of, proposed=proposed, rules=book, outputs=[*wanted, "reason"])
    values = [int(native[name][0]) if name in native else None for name in COLUMNS]
    steps = steps_from(_core.qp_explain(values, book, as_of, proposed))
    cents = int(out["payments_needed"][0])
    people = int(out["patients_needed"][0])
    return QpDetermination(
        status=_core.QP_STATUSES[out["status"][0]],
        option=_core.QP_OPTIONS[out["option"][0]] or None,
        method=_core.QP_METHODS[out["method"][0]] or None,
        payment_score=_number(out["payment_score"][0]),
        patient_score=_number(out["patient_score"][0]),
        payments_needed=None if cents == _core.NOT_NEEDED else Decimal(cents).scaleb(-2),
        patients_needed=None if people == _core.NOT_NEEDED else people,
        reason=_core.QP_REASONS[out["reason"][0]] or None,
        explanation=Explanation("QP determination", steps),
    )


def _cents(name: str, amount: Decimal | float | str) -> int:
    try:
        return _core.cents(str(amount))
    except ValueError:
        raise InputError(
            f"{name}={amount!r}: not an amount of dollars up to 9.2e16. Write a plain number, such as 1234.56"
        ) from None


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _output(name: str, values: Any) -> Output:
    words = {
        "status": _core.QP_STATUSES,
        "option": _core.QP_OPTIONS,
        "method": _core.QP_METHODS,
        "reason": _core.QP_REASONS,
    }
    if name in words:
        return Words(values, words[name])
    if name == "payments_needed":
        return _core.dollars(values, _core.NOT_NEEDED)
    if name == "patients_needed":
        return Integers(values, _core.NOT_NEEDED)
    return values  # type: ignore[no-any-return]


def _value(native: Mapping[str, Any], at: int, row: int) -> int | None:
    column = native.get(COLUMNS[at])
    if column is None or isinstance(column, int):
        return column
    return _core.read_row(column, row, "dollars" if at in _MONEY else "whole")


def _years(native: Mapping[str, Any], rows: int) -> Any:
    column = native["performance_year"]
    if isinstance(column, int):
        return np.full(rows, column)
    return _core.whole_numbers(column, 0)


def _line(book: _core.RuleBook, id_: str, years: Any, as_of: _rules.AsOf, proposed: bool) -> Any:
    def threshold(year: int) -> float:
        rule = book.find(id_, year, as_of, proposed)
        return float("nan") if rule is None else float(rule["value"])

    known = {int(year): threshold(int(year)) for year in np.unique(years) if 0 < year <= MAXYEAR}
    return np.array([known.get(int(year), float("nan")) for year in years])
