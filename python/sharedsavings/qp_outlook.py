"""The threshold scores of 31 August, as the snapshots of 31 March and 30 June let one expect them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core, _plot_consequences, _rows
from . import rules as _rules
from ._errors import InputError
from ._frames import Frame, Integers, Output, Words
from ._result import Explanation, Result, Step
from ._rows import Invalid
from ._table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_METHODS = ("payment", "patient")
_IDS = {"payment": "payment_amount", "patient": "patient_count"}
_AUGUST = "_august"
# Rows that a picture shows.
_DRAWN = 2


def qp_outlook(
    frame: Any,
    *,
    history: Any = None,
    performance_year: int | None = None,
    payment_dispersion: float | None = None,
    patient_dispersion: float | None = None,
    as_of: _rules.AsOf = None,
    proposed: bool = False,
    columns: Mapping[str, str] | None = None,
    rules: _rules.RulesLike = None,
    invalid: Invalid = "raise",
) -> Result:
    """Project the threshold scores of 31 August, with intervals and the probability of QP.

    A forecast, not a determination: `qp_status` decides. Payments go on at the pace and ratio so far, and a month's
    ratio varies around the entity's own. Patients count once: those seen by March and by June give a curve of those
    seen by August, one for the attributed and one for the other eligible. `docs/qp_outlook.md` has the model, what it
    assumes, and how often its intervals held in simulations.

    Parameters
    ----------
    frame : pandas.DataFrame, polars.DataFrame or pyarrow.Table
        One row for each APM Entity or clinician; cumulative figures from 1 January. Read: `performance_year`, and by
        method `payments_attributed_march`, `payments_eligible_march`, `payments_attributed_june`,
        `payments_eligible_june` (dollars), `patients_attributed_march`, `patients_eligible_march`,
        `patients_attributed_june`, `patients_eligible_june` (people). One method may be absent. Optional:
        `payment_dispersion`, `patient_dispersion`, as below, for each row.
    history : frame, optional
        The same columns for years that are past, with `payments_attributed_august`, `payments_eligible_august`,
        `patients_attributed_august`, `patients_eligible_august` beside them. Dispersions are then estimated from the
        errors that the model would have made.
    performance_year : int, optional
        One year for all rows, in place of the column.
    payment_dispersion : float, optional
        Variance of a month's ratio in units of score x (1 - score). Without it and without a history it is estimated
        from the difference between the two quarters of every row of the frame, all rows together.
    patient_dispersion : float, optional
        What the variance of independent patients is multiplied with; 1 without it and without a history.
    as_of, proposed, columns, rules, invalid
        As for `qp_status`; `columns` holds for `history`, too.

    Returns
    -------
    Result
        Its frame has for each method that is given (`payment_`, `patient_`): `score_august`, `score_low_95`,
        `score_low_80`, `score_high_80`, `score_high_95` (shares), `probability_qp`, `probability_partial_qp` (of
        Partial QP and not QP), and `payments_missing` (dollars) or `patients_missing` (people), what the expected
        numerator lacks to the QP threshold at the expected denominator. `probability_qp_least` and
        `probability_qp_most` bound the probability by either method, as the two are not independent; null where one
        method is null. `reason`: `already_qp` (the threshold is met at an earlier snapshot, which suffices),
        `no_denominator`, `no_dispersion` or `missing_input`.

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
    >>> entity = pd.DataFrame({"payments_attributed_march": [4.9e6], "payments_eligible_march": [10e6],
    ...                        "payments_attributed_june": [9.9e6], "payments_eligible_june": [20e6]})
    >>> seen = ss.qp_outlook(entity, performance_year=2026, payment_dispersion=0.002).frame
    >>> seen[["payment_score_august", "payment_probability_qp", "payments_missing"]].round(2).values.tolist()
    [[0.5, 0.14, 133333.34]]
    """
    if invalid not in ("raise", "null"):
        raise ValueError(f'invalid={invalid!r}: say "raise" or "null"')
    book = _rules.load(rules)
    fields, results, reasons = _core.outlook_columns()
    own = [field for field in fields if not field[0].endswith(_AUGUST)]
    source = Frame(frame, [name for name, _, _ in own], columns)
    constants = {
        "performance_year": performance_year,
        "payment_dispersion": payment_dispersion,
        "patient_dispersion": patient_dispersion,
    }
    given = _rows.gathered(source, own, constants, invalid)
    methods = _methods(given)
    standpoint = (book, as_of, proposed)
    past = _past(history, fields, columns)
    out = _core.outlook(given, past, *standpoint, invalid == "raise", source.names)
    outputs: dict[str, Output] = {}
    for method in methods:
        for name in results[:-1]:
            outputs[f"{method}_{name}"] = out[f"{method}_{name}"]
        missing = out[f"{method}_missing"]
        outputs[f"{method}s_missing"] = (
            _core.dollars(missing, _core.NULL_CENTS) if method == "payment" else Integers(missing, _core.NULL_CENTS)
        )
    outputs["probability_qp_least"] = out["probability_qp_least"]
    outputs["probability_qp_most"] = out["probability_qp_most"]
    outputs["reason"] = Words(out["reason"], reasons)
    warnings = tuple(_core.qp_warnings(given["performance_year"], *standpoint))
    told = _Told(len(source), given, out, methods, reasons, standpoint, warnings)
    return Result(source.append(outputs), warnings, book, len(source), told.explain, told.summary, told.plot)


def _methods(given: Mapping[str, Any]) -> list[str]:
    """The methods whose columns are there."""
    methods = []
    for method in _METHODS:
        needed = [f"{method}s_{part}_{month}" for month in ("march", "june") for part in ("attributed", "eligible")]
        lacking = [name for name in needed if name not in given]
        if not lacking:
            methods.append(method)
        elif len(lacking) < len(needed) or (method == _METHODS[-1] and not methods):
            raise InputError(f"column `{lacking[0]}`: missing. A method needs its four columns of March and June")
    return methods


@dataclass(frozen=True)
class _Told:
    """What an outlook came to, and how it is told."""

    rows: int
    given: Mapping[str, Any]
    out: Mapping[str, Any]
    methods: Sequence[str]
    reasons: Sequence[str]
    standpoint: tuple[_core.RuleBook, _rules.AsOf, bool]
    warnings: tuple[str, ...]

    def value(self, method: str, name: str, row: int) -> float:
        """A result of a method."""
        return float(self.out[f"{method}_{name}"][row])

    def seen(self, method: str, row: int) -> tuple[float, float]:
        """The scores of March and June."""
        march, june = self.out[f"{method}_seen"]
        return float(march[row]), float(june[row])

    def thresholds(self, method: str, row: int) -> list[Mapping[str, Any]]:
        """The rules of the QP and the Partial QP threshold."""
        book, as_of, proposed = self.standpoint
        year = self.given["performance_year"]
        of_row = year if isinstance(year, int) else _core.read_row(year, row, "whole")
        ids = (f"qp.medicare.{_IDS[method]}.{status}" for status in ("qp", "partial_qp"))
        found = (book.find(id_, of_row or 0, as_of, proposed) for id_ in ids)
        return [rule for rule in found if rule is not None]

    def explain(self, row: int) -> Explanation:
        """Steps of the methods that a row has."""
        steps: list[Step] = []
        for method in self.methods:
            if not np.isnan(self.value(method, "score_august", row)):
                steps += self._steps(method, row)
        reason = self.reasons[self.out["reason"][row]]
        if reason or not steps:
            steps.append(Step("reason", "what a reader should know", reason))
        return Explanation(f"QP outlook of row {row}", tuple(steps))

    def _steps(self, method: str, row: int) -> list[Step]:
        march, june = self.seen(method, row)
        dispersion, df = self.out["dispersions"][_METHODS.index(method)]
        given = f"{method}_dispersion" in self.given
        told = "given" if given else f"{dispersion:.6g}, {df:g} degrees of freedom"
        inputs = (("31 March", f"{march:.4%}"), ("30 June", f"{june:.4%}"), ("dispersion", told))
        formula = (
            "June's score, as the months to come have the ratio so far"
            if method == "payment"
            else "counts by August on the curves through March and June"
        )
        point = self.value(method, "score_august", row)
        steps = [Step(f"{method} score, 31 August", formula, f"{point:.4%}", inputs)]
        for level in ("80", "95"):
            low, high = (self.value(method, f"score_{side}_{level}", row) for side in ("low", "high"))
            formula = "score +- quantile x deviation"
            steps.append(Step(f"{method} {level} % interval", formula, f"{low:.4%} to {high:.4%}"))
        rules = self.thresholds(method, row)
        sources = self.standpoint[0].sources()
        cites = tuple(dict.fromkeys(sources[cite]["title"] for rule in rules for cite in rule["cites"]))
        names = ("QP threshold", "Partial QP threshold")
        lines = tuple((name, str(rule["value"])) for name, rule in zip(names, rules, strict=True))
        ids = tuple(rule["id"] for rule in rules)
        chance = f"{self.value(method, 'probability_qp', row):.2%}"
        formula = "that the score meets or exceeds the threshold"
        return [*steps, Step(f"{method} probability of QP", formula, chance, lines, ids, cites)]

    def summary(self) -> Table:
        """How many QPs are expected."""
        least, most = self.out["probability_qp_least"], self.out["probability_qp_most"]
        known = ~np.isnan(least)
        rows = [
            ("rows", f"{self.rows:,}"),
            ("with an outlook", f"{known.sum():,}"),
            ("QPs expected, at least", f"{least[known].sum():,.1f}"),
            ("QPs expected, at most", f"{most[known].sum():,.1f}"),
        ]
        return Table("QP outlook to 31 August", ("", "number"), rows, self.warnings)

    def plot(self) -> Figure:
        """A fan for each method of the first rows."""
        fans = []
        for row in range(min(_DRAWN, self.rows)):
            for method in self.methods:
                point = self.value(method, "score_august", row)
                if np.isnan(point):
                    continue
                wide, narrow = (
                    (self.value(method, f"score_low_{level}", row), self.value(method, f"score_high_{level}", row))
                    for level in ("95", "80")
                )
                qp, partial = (float(rule["value"]) for rule in self.thresholds(method, row))
                chance = self.value(method, "probability_qp", row)
                title = f"row {row}: {_IDS[method].replace('_', ' ')}, {chance:.0%} chance of QP"
                seen = self.seen(method, row)
                fans.append(_plot_consequences.Fan(title, seen, point, (wide, narrow), (qp, partial)))
        if not fans:
            raise InputError("no row has an outlook to draw. See the column `reason`")
        return _plot_consequences.fans(fans)


def _past(history: Any, fields: Any, columns: Mapping[str, str] | None) -> dict[str, Any] | None:
    if history is None:
        return None
    have = history.column_names if hasattr(history, "column_names") else list(history.columns)
    mapping = {name: own for name, own in (columns or {}).items() if own in have}
    source = Frame(history, [name for name, _, _ in fields], mapping)
    given = _rows.gathered(source, fields, {}, "raise")
    for method in _METHODS:
        august = [f"{method}s_{part}{_AUGUST}" for part in ("attributed", "eligible")]
        if f"{method}s_attributed_march" in given and not all(name in given for name in august):
            raise InputError(f"history: column `{august[0]}` or `{august[1]}` is missing. A history needs what came")
    return given
