"""Whether an arrangement is an Advanced APM: 42 CFR 414.1415, and 414.1420 for other payers."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from . import _core
from . import rules as _rules
from ._codes import spelled
from ._errors import InputError, SharedSavingsError
from ._frames import Frame, Native, Output, Words, one_year
from ._result import Explanation, Result, Step, steps_from
from ._table import Table
from .arrangement import Arrangement

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = tuple(_core.APM_COLUMNS)
_TRACK = "track"
_WORDS = ("payer", "authority", "risk_form", "risk_trigger")
_BANDS, _PROGRAM = "marginal_bands", "program"
_DOLLARS = ("maximum_loss", "revenue", "expected_expenditures", "primary_care_revenue")
_SHARES = ("cehrt_share", "risk_of_revenue", "risk_of_expected", "elected_cap")
# Which of its distinct texts each row has, -1 where null; and these.
Places = tuple[NDArray[np.int64], list[str]]
# Criteria, by the names that the native half has for them.
_CRITERIA = {"apm": "authority", "cehrt": "cehrt", "quality": "quality", "risk": "risk"}


def advanced_apm(
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
    """Decide whether arrangements are Advanced APMs, criterion by criterion, from their terms.

    Every criterion passes, fails, or is unknown where the terms given do not say. One that fails decides; without one,
    one that is unknown leaves the whole unknown. Comparisons are exact, and "meet or exceed". Sources: 42 CFR 414.1415
    (Medicare) and 414.1420 (other payers), by performance year.

    Parameters
    ----------
    frame : pandas.DataFrame, polars.DataFrame or pyarrow.Table
        One row for each arrangement and year. Shares are shares of one, never percentages; a null is not known. Read:

        - `performance_year`; `payer` (`medicare`, `medicaid`, `medicare_advantage`, `cms_multi_payer`, `commercial`;
          Medicare without the column);
        - `authority` (`cmmi_1115a`, `health_care_innovation_award`, `shared_savings_program`, `demonstration_1866c`,
          `federal_law_demonstration`, `none`), of Medicare; `expanded_medical_home` (under section 1115A(c));
        - `cehrt_share` (least share of clinicians that must use certified EHR technology, to 2024), `cehrt_required`
          (from 2025), `cehrt_payment_adjustment` (Shared Savings Program, to 2018);
        - `quality_linked` (quality is a factor in payment), `comparable_measure` (one comparable with MIPS measures),
          `outcome_measure`, `outcome_measure_comparable` (from 2020), `no_outcome_measure_available`;
        - `risk_form` (`withhold`, `reduce_rates`, `repay`, `forgo_guaranteed_payment`, `none`), `risk_trigger`
          (`expenditures`, `performance_standards`; the former without the column);
        - `risk_of_revenue` and `risk_of_expected` (the most that could be owed or forgone, as shares), or the same in
          dollars: `maximum_loss` with `revenue` or `expected_expenditures`; `full_capitation`;
        - `medical_home`, and for its size `list_clinicians_mar_31`, `list_clinicians_jun_30`,
          `list_clinicians_aug_31` (from 2023), `organization_clinicians`, `cpc_plus_round_1` (2018 to 2022);
        - of other payers `revenue_defined_risk` (the contract defines risk in terms of revenue) and `marginal_bands`,
          the share of each level of overrun: ``"0.04: 0, 0.10: 0.40"``, or a list of (upper bound, share);
        - `program` and `track`, whose terms of the rule book stand in for what a row does not give itself, with
          `elected_cap` where the entity elects one; `beneficiary_months` (CPC+) or `primary_care_revenue` (Primary Care
          First) beside `revenue`.
    performance_year : int, optional
        Year of all rows, in place of the column.
    as_of : date or str, optional
        What the rule book knew on this date.
    proposed : bool, optional
        Whether proposed rules count.
    columns : mapping of str to str, optional
        Canonical name to the frame's own.
    rules : RulesLike
        Override of the rule book.
    threads : int, optional
    invalid : {'raise', 'null'}, optional
        Whether a row that cannot be read stops the call, or is null with a `reason`.

    Returns
    -------
    Result
        With columns `apm_criterion` (authority, or payer), `cehrt_criterion`, `quality_criterion`, `risk_criterion`
        (`pass`, `fail`, `unknown`), each with a reason (`apm_reason` and so on; null where there is nothing to say),
        `risk_standard` (`general`, `medical_home`, `full_capitation`, `expanded_medical_home`),
        `maximum_loss_of_revenue`, `maximum_loss_of_expected` (shares; of a program its limits, the least of which
        binds), `marginal_risk` (the highest average that the allowances permit), `marginal_risk_all_levels`,
        `minimum_loss_rate` (shares), `advanced_apm` (`yes`, `no`, `unknown`) and `reason` of a row not decided.

    Raises
    ------
    InputError
        Where a column cannot be read; the message names column, rows, first value and what to do.
    NotModelledError
        Where the rule book has no such program.

    Examples
    --------
    >>> import pandas as pd
    >>> import sharedsavings as ss
    >>> tracks = pd.DataFrame({"program": ["mssp"] * 3, "track": ["C", "D", "E"]})
    >>> result = ss.advanced_apm(tracks, performance_year=2024)
    >>> result.frame[["track", "risk_criterion", "advanced_apm"]].values.tolist()
    [['C', 'fail', 'no'], ['D', 'fail', 'no'], ['E', 'pass', 'yes']]
    >>> result.frame["risk_reason"].tolist()
    ['below_nominal_amount', 'below_nominal_amount', 'either_limit']
    """
    source = Frame(frame, (*COLUMNS, _TRACK), columns)
    given: dict[str, Native] = {}
    if performance_year is not None:
        given["performance_year"] = np.full(len(source), one_year(source, performance_year))
    rows = _Rows((_rules.load(rules), as_of, proposed), source.names, invalid)
    for name in COLUMNS:
        if name in source:
            given[name] = _column(source, name)
    rows.take(given, spelled(source.series(_TRACK)) if _TRACK in source else None)
    out = rows.run(threads)
    outputs: dict[str, Output] = {}
    for own, native in _CRITERIA.items():
        outputs[f"{own}_criterion"] = Words(out[native], _core.APM_VERDICTS)
        outputs[f"{own}_reason"] = Words(out[f"{native}_reason"], _core.APM_WHYS)
    outputs["risk_standard"] = Words(out["standard"], _core.APM_STANDARDS)
    outputs |= {name: out[native] for name, native in _SHARE_OUTPUTS.items()}
    outputs["advanced_apm"] = Words(out["answer"], _core.APM_ANSWERS)
    outputs["reason"] = Words(out["reason"], _core.APM_REASONS)
    years = _core.whole_numbers(rows.given["performance_year"], 0)
    warnings = tuple(dict.fromkeys(out["warnings"]))

    def explain(row: int) -> Explanation:
        title = f"Advanced APM criteria of row {row}"
        reason = _core.APM_REASONS[out["reason"][row]]
        if reason:
            return Explanation(title, (Step("advanced APM", "no determination is possible", "null: " + reason),))
        return Explanation(title, rows.explain(row))

    def summary() -> Table:
        answers = out["answer"]
        lines = []
        for year in np.unique(years):
            here = answers[years == year]
            told = [int((here == code).sum()) for code in range(len(_core.APM_ANSWERS))]
            no, yes, unknown = told
            lines.append((str(year), *(f"{n:,}" for n in (yes, no, unknown, len(here) - sum(told)))))
        return Table("Advanced APMs", ("year", "yes", "no", "unknown", "null"), lines, warnings)

    def plot() -> Figure:
        raise SharedSavingsError("a determination has no picture. Use summary()")

    return Result(source.append(outputs), warnings, rows.standpoint[0], len(source), explain, summary, plot)


_SHARE_OUTPUTS = {
    "maximum_loss_of_revenue": "of_revenue",
    "maximum_loss_of_expected": "of_expected",
    "marginal_risk": "marginal",
    "marginal_risk_all_levels": "marginal_all",
    "minimum_loss_rate": "minimum_loss_rate",
}


@dataclass(frozen=True)
class AdvancedApm:
    """One determination.

    Attributes
    ----------
    advanced_apm : str
        `yes`, `no` or `unknown`.
    apm, cehrt, quality, risk : str
        The criteria: `pass`, `fail` or `unknown`.
    reasons : dict of str to str
        Why, by criterion; only where there is something to say.
    risk_standard : str or None
    maximum_loss_of_revenue, maximum_loss_of_expected : float or None
        Shares; of a program its limits, the least of which binds.
    marginal_risk, marginal_risk_all_levels, minimum_loss_rate : float or None
    warnings : tuple of str
    explanation : Explanation
    """

    advanced_apm: str
    apm: str
    cehrt: str
    quality: str
    risk: str
    reasons: dict[str, str]
    risk_standard: str | None
    maximum_loss_of_revenue: float | None
    maximum_loss_of_expected: float | None
    marginal_risk: float | None
    marginal_risk_all_levels: float | None
    minimum_loss_rate: float | None
    warnings: tuple[str, ...]
    explanation: Explanation


def advanced_apm_of(
    program: str | Arrangement,
    arrangement: str | None = None,
    *,
    performance_year: int,
    as_of: _rules.AsOf = None,
    proposed: bool = False,
    rules: _rules.RulesLike = None,
    **terms: Any,
) -> AdvancedApm:
    """Decide whether an arrangement of a program is an Advanced APM, from the terms that settle it.

    The most that can be lost, the form of risk and the shares of overruns are computed from the corridor of the rule
    book; authority, certified EHR technology and quality come from the catalogue (`models`). Sources: 42 CFR 414.1415,
    414.1420.

    Parameters
    ----------
    program : str or Arrangement
        As for `settle`, or a contract of your own.
    arrangement : str, optional
        Track or arrangement; the only one where None.
    performance_year : int
    as_of, proposed, rules
        As for `advanced_apm`.
    **terms
        Columns of `advanced_apm`, one value each, in place of what the program says.

    Returns
    -------
    AdvancedApm

    Raises
    ------
    InputError, NotModelledError
        As for `advanced_apm`.

    Examples
    --------
    >>> import sharedsavings as ss
    >>> level_d = ss.advanced_apm_of("mssp", "D", performance_year=2024)
    >>> level_d.advanced_apm, level_d.maximum_loss_of_revenue, level_d.maximum_loss_of_expected
    ('no', 0.04, 0.02)
    >>> ss.advanced_apm_of("mssp", "ENHANCED", performance_year=2024).advanced_apm
    'yes'
    """
    book = _rules.load(rules)
    if isinstance(program, Arrangement):
        arrangement, book, program = arrangement or program.track, program.book, program.program
    try:
        year = np.array([operator.index(performance_year)], np.int64)
    except (TypeError, OverflowError):
        raise InputError(f"performance_year={performance_year!r}: not a year. Give one, such as 2024") from None
    unknown = [term for term in terms if term not in COLUMNS[1:] or term == _PROGRAM]
    if unknown:
        raise InputError(f"`{unknown[0]}` is no term of an arrangement. Terms are {', '.join(COLUMNS[1:])}")
    rows = _Rows((book, as_of, proposed), {}, "raise")
    given: dict[str, Native] = {"performance_year": year, _PROGRAM: _places([program])}
    for term, value in terms.items():
        text = None if _is_null(value) else _band_text(value) if term == _BANDS else str(value)
        given[term] = _places([text]) if term in (*_WORDS, _BANDS) else _one(value)
    rows.take(given, _places([arrangement]))
    out = rows.run(None)
    if out["answer"][0] >= len(_core.APM_ANSWERS):
        raise InputError(f"no determination is possible: {_core.APM_REASONS[out['reason'][0]]}")
    why = {own: _core.APM_WHYS[out[f"{native}_reason"][0]] for own, native in _CRITERIA.items()}
    verdict = {own: _core.APM_VERDICTS[out[native][0]] for own, native in _CRITERIA.items()}
    known = {own: float(out[native][0]) for own, native in _SHARE_OUTPUTS.items()}
    shares = {own: None if np.isnan(share) else share for own, share in known.items()}
    title = f"Advanced APM criteria of {program}" + ("" if arrangement is None else f" {arrangement}")
    return AdvancedApm(
        advanced_apm=_core.APM_ANSWERS[out["answer"][0]],
        apm=verdict["apm"],
        cehrt=verdict["cehrt"],
        quality=verdict["quality"],
        risk=verdict["risk"],
        reasons={own: reason for own, reason in why.items() if reason},
        risk_standard=_core.APM_STANDARDS[out["standard"][0]] or None,
        maximum_loss_of_revenue=shares["maximum_loss_of_revenue"],
        maximum_loss_of_expected=shares["maximum_loss_of_expected"],
        marginal_risk=shares["marginal_risk"],
        marginal_risk_all_levels=shares["marginal_risk_all_levels"],
        minimum_loss_rate=shares["minimum_loss_rate"],
        warnings=tuple(dict.fromkeys(out["warnings"])),
        explanation=Explanation(f"{title}, {performance_year}", rows.explain(0)),
    )


def _column(source: Frame, name: str) -> Native:
    """A column as numbers, or as places among its distinct texts."""
    series = source.series(name)
    if name == _BANDS and series.dtype != nw.String:
        return _places([_band_text(value) for value in series.to_list()])
    return spelled(series) if name in (*_WORDS, _BANDS, _PROGRAM) else source.numbers(name)


def _places(texts: Sequence[str | None]) -> Places:
    """Places of texts among the distinct ones, -1 where null; and these."""
    at = {text: place for place, text in enumerate(dict.fromkeys(text for text in texts if text is not None))}
    return np.array([-1 if text is None else at[text] for text in texts], np.int64), list(at)


def _one(value: Any) -> Native:
    """One value of a numeric column."""
    if value is None:
        return np.zeros(1, np.int64), np.ones(1, np.bool_)
    return np.array([float(value) if isinstance(value, Decimal) else value])


class _Rows:
    """Columns of a call as the native half reads them, words and bands as codes."""

    def __init__(self, standpoint: Any, names: dict[str, str], invalid: str) -> None:
        self.standpoint, self.names, self.invalid = standpoint, names, invalid
        self.given: dict[str, Any] = {}
        self.bands: list[str] = []
        self.programs: list[tuple[str, str]] = []

    def take(self, given: dict[str, Any], tracks: Places | None) -> None:
        if "performance_year" not in given:
            raise InputError(
                "column `performance_year`: missing. Give it, or one year for all rows with performance_year="
            )
        for name, column in given.items():
            if name in _WORDS:
                self.given[name] = self._words(name, column)
            elif name == _BANDS:
                self.given[name] = self._bands(column)
            elif name == _PROGRAM:
                self.given[name] = self._programs(column, tracks)
            else:
                self.given[name] = column

    def run(self, threads: int | None) -> dict[str, Any]:
        book, as_of, proposed = self.standpoint
        return _core.advanced_apm(
            self.given, self.bands, self.programs, book, as_of, proposed, threads, self.invalid, self.names
        )

    def explain(self, row: int) -> tuple[Step, ...]:
        def value(name: str) -> int | None:
            if name not in self.given:
                return None
            kind = "dollars" if name in _DOLLARS else "share" if name in _SHARES else "whole"
            return _core.read_row(self.given[name], row, kind)

        values = [value(name) for name in COLUMNS]
        present = [name in self.given for name in COLUMNS]
        return steps_from(_core.advanced_apm_explain(values, present, self.bands, self.programs, *self.standpoint))

    def _coded(
        self,
        name: str,
        places: NDArray[np.int64],
        distinct: Sequence[Any],
        codes: Sequence[int | None],
        remedy: Callable[[int], str],
    ) -> Native:
        """Codes of rows by their distinct values; one without a code is refused by its rows, or marked as wrong."""
        # The last is that of nulls.
        coded = np.array([*(-1 if code is None else code for code in codes), 0], np.int64)[places]
        bad = np.flatnonzero(coded < 0)
        if len(bad) and self.invalid == "raise":
            rows, first = "row" if len(bad) == 1 else "rows", int(places[bad[0]])
            raise InputError(
                f"column `{self.names.get(name, name)}`: unknown in {len(bad)} {rows}, first in row {bad[0]} "
                f'(value {distinct[first]!r}). {remedy(first)}. Or pass invalid="null" to keep such rows as '
                "null with a reason."
            )
        return coded, places < 0

    def _words(self, name: str, column: Places) -> Native:
        codes, known = _core.apm_codes(name, column[1])
        return self._coded(name, *column, codes, lambda _: f"Choose from {', '.join(known)}")

    def _bands(self, column: Places) -> Native:
        problems = _core.marginal_bands(column[1])
        self.bands = [text for text, problem in zip(column[1], problems, strict=True) if problem is None]
        good = iter(range(len(self.bands)))
        codes = [None if problem else next(good) for problem in problems]
        how = "Write `upper: share` by level, as in 0.04: 0, 0.10: 0.40"
        return self._coded(_BANDS, *column, codes, lambda at: f"{problems[at]}. {how}")

    def _programs(self, column: Places, tracks: Places | None) -> Native:
        of_name, names = column
        of_track, words = (np.full(len(of_name), -1, np.int64), []) if tracks is None else tracks
        # A row's cell is its name and its track; the first cell of a name is that of null tracks.
        width = len(words) + 1
        cells = of_name * width + of_track + 1
        met = np.flatnonzero(np.bincount(cells[of_name >= 0], minlength=len(names) * width))
        pairs = [(names[cell // width], words[cell % width - 1] if cell % width else None) for cell in met.tolist()]
        place = np.full(len(names) * width + 1, -1, np.int64)
        place[met] = np.arange(len(met))
        found = _core.apm_programs(pairs, *self.standpoint)
        codes: list[int | None] = []
        for program, arrangement, _ in found:
            codes.append(None if arrangement is None else len(self.programs))
            if arrangement is not None:
                self.programs.append((program, arrangement))

        def has(at: int) -> str:
            return f"{pairs[at][0]} has {', '.join(found[at][2])}: give one as `track`"

        return self._coded(_PROGRAM, place[np.where(of_name < 0, -1, cells)], pairs, codes, has)


def _is_null(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))


def _band_text(value: Any) -> str | None:
    """Bands as text: as they are, or of pairs (upper bound, share), or of mappings with `upper` and `share`."""
    if _is_null(value):
        return None
    if isinstance(value, str):
        return value
    try:
        pairs = [(b["upper"], b["share"]) if isinstance(b, Mapping) else tuple(b) for b in value]
        return ", ".join(f"{_exact(upper)}: {_exact(share)}" for upper, share in pairs)
    except (TypeError, ValueError, KeyError, InvalidOperation):
        return repr(value)


def _exact(number: Any) -> str:
    if number is None:
        return "inf"
    written = Decimal(str(number))
    return "inf" if written.is_infinite() else format(written, "f")
