"""Arrangements: a contract of your own, or one of a program, told in plain English, drawn, and settled."""

from __future__ import annotations

import operator
import os
import tomllib
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core, _plot, _plot_fees
from . import rules as _rules
from ._errors import InputError
from ._programs import FEES
from ._table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ._result import Result

__all__ = ["Arrangement", "models", "of_program", "plot", "read"]

Share = str | Decimal
# One share of everything, or slices: up to this part of the target, this share.
Shares = Share | Sequence[tuple[Share, Share]]
_KEY = "arrangement"
# What a picture itself runs over.
_OF_PICTURES = ("benchmark", "expenditures", "track", "performance_year")
_CONTRACT = "CONTRACT"
# What each payment of fees is drawn of, by the payment: units, what runs along the axis, and what amounts are of.
_PROBES: dict[str, tuple[dict[str, int], str, str]] = {
    "beneficiary_months": ({"beneficiary_months": 12_000}, "quality and utilization earned, %",
                           "a year for 1,000 beneficiaries"),
    "transplants": ({"transplants": 1}, "final performance score, %", "for each transplant"),
    "primary_care_revenue": ({"primary_care_revenue": 100}, "performance adjustment, %", "for $100 of revenue"),
}  # fmt: skip


class Arrangement:
    """A contract of your own: its terms are checked, and it settles frames like any program.

    Shares are text or `Decimal`, as floats are not exact: 50 % is ``"0.50"``. What is left out does not apply.

    Parameters
    ----------
    name : str
        Of `a-z`, `0-9` and `_`; the program that it becomes.
    years : (int, int or None)
        First and last performance year.
    savings_share : share, or list of (share, share)
        Part of savings paid to the entity; or by slice, as ``[("0.05", "0.50"), ("inf", "0.35")]``: up to which
        part of the target, and the share of it.
    loss_share : the same, optional
        Part of losses owed; without it no losses are shared.
    discount, loss_discount : share, optional
        Part of the benchmark taken off to make the target; of losses, where it is another.
    quality_withhold : share, optional
        Part of the target withheld until the quality score earns it back.
    minimum_savings_rate, minimum_loss_rate : share, optional
        How far from the target before anything is shared; that of losses is that of savings where left out.
    shared_from : {'first_dollar', 'above_minimum_rate'}, optional
        Where sharing begins once the minimum rate is reached.
    gross_cap : share, optional
        Part of the target beyond which savings and losses are not shared.
    quality : {'none', 'score', 'standard'}, optional
        What scales the share of savings: nothing, the score, or whether the standard is met.
    lowest_score : share, optional
        Score below which nothing is paid.
    payment_limit, payment_limit_of_revenue, loss_limit, loss_limit_of_revenue : share, optional
        Of the benchmark before discount; of participants' revenue.
    payment_limit_dollars, loss_limit_dollars : amount, optional
    sequestration : share, optional

    Raises
    ------
    RuleBookError
        Where a term is malformed; the message names the key, the problem, and what to do.

    Examples
    --------
    >>> import pandas as pd
    >>> from sharedsavings.arrangement import Arrangement
    >>> harbor = Arrangement("harbor", years=(2026, 2028), savings_share=[("0.05", "0.50"), ("inf", "0.25")],
    ...                      loss_share="0.30", minimum_savings_rate="0.01", loss_limit="0.03")
    >>> print(harbor.describe())
    harbor, 2026 to 2028
    The target is the benchmark.
    Savings that reach 1 % of the target are shared from the first dollar; paid to the entity: 50 % to 5 %, 25 % beyond.
    Losses that reach 1 % of the target are shared from the first dollar; owed by the entity: 30 %.
    Bounds of losses: at most 3 % of the benchmark.
    >>> years = pd.DataFrame({"performance_year": [2026, 2027], "benchmark": [100e6, 100e6],
    ...                       "expenditures": [92e6, 115e6]})
    >>> harbor.settle(years).frame["earned"].tolist()
    [3250000.0, -3000000.0]
    """

    def __init__(
        self,
        name: str,
        *,
        years: tuple[int, int | None],
        savings_share: Shares,
        loss_share: Shares | None = None,
        discount: Share | None = None,
        loss_discount: Share | None = None,
        quality_withhold: Share | None = None,
        minimum_savings_rate: Share | None = None,
        minimum_loss_rate: Share | None = None,
        shared_from: str | None = None,
        gross_cap: Share | None = None,
        quality: str | None = None,
        lowest_score: Share | None = None,
        payment_limit: Share | None = None,
        payment_limit_of_revenue: Share | None = None,
        payment_limit_dollars: Share | None = None,
        loss_limit: Share | None = None,
        loss_limit_of_revenue: Share | None = None,
        loss_limit_dollars: Share | None = None,
        sequestration: Share | None = None,
    ) -> None:
        given: dict[str, Any] = {k: v for k, v in locals().items() if k not in ("self", "years") and v is not None}
        first, last = _span(years)
        terms = {key: _exact(key, value) for key, value in given.items()}
        terms |= {"from": first} | ({} if last is None else {"to": last})
        self._take(name, _CONTRACT, (first, last), _rules.load({_KEY: terms}))
        # What only the terms as a whole show to be wrong.
        self.describe()

    def _take(self, program: str, track: str, years: tuple[int, int | None], book: _rules.RuleBook) -> Arrangement:
        self.program, self.track, self.years, self.book = program, track, years, book
        self.given: dict[str, Any] = {}
        return self

    @property
    def label(self) -> str:
        """Name for pictures."""
        return self.program if self.track == _CONTRACT else f"{self.program} {self.track}, {self.years[0]}"

    def describe(self) -> str:
        """Write the terms in plain English."""
        first, last = self.years
        until = "" if last == first else " on" if last is None else f" to {last}"
        title = self.program if self.track == _CONTRACT else f"{self.program} {self.track}"
        lines = _core.describe_arrangement(self.program, self.track, first, self.book, None, False)
        return "\n".join([f"{title}, {first}{until}", *lines])

    def settle(self, frame: Any, **options: Any) -> Result:
        """Settle a frame by this arrangement; `options` as for `sharedsavings.settle`.

        A column `track` of the frame is used where there is one; a contract of your own needs none.
        """
        from .settle import settle

        return settle(frame, program=self.program, rules=self.book, **options)

    @property
    def pays_fees(self) -> bool:
        """Whether it pays fees, which have no benchmark."""
        return _core.program_family(self.program, self.book, None, False) == FEES

    def payoff_by_score(self) -> list[_plot_fees.Payoff]:
        """What fees come to by score, one curve for each payment that depends on one.

        Returns
        -------
        list of curves
            Each with `at` (percent), `earned` (dollars beyond what was prepaid) and `prepaid`. Empty where nothing
            depends on a score, as where a contract shares savings.
        """
        if not self.pays_fees:
            return []
        codes, _, _ = _core.fee_plan(self.program, [self.track], [], self.book, None, False)
        out = []
        for units, across, unit in _PROBES.values():
            adjusted = "primary_care_revenue" in units
            # Half percents; an adjustment may lie below zero.
            at = np.arange(-200 if adjusted else 0, 201) / 200
            scores = {} if adjusted else dict.fromkeys(("quality_score", "utilization_score"), at)
            given: dict[str, Any] = {name: np.full(len(at), float(count)) if "revenue" in name
                                     else np.full(len(at), count) for name, count in units.items()}  # fmt: skip
            given |= scores or {"performance_adjustment": at}
            given |= {"track": np.full(len(at), codes[0]), "performance_year": np.full(len(at), self.years[0])}
            paid = _core.fees(self.program, given, self.book, None, False, False, None)
            earned, prepaid = (_core.dollars(paid[name], _core.NULL_CENTS) for name in ("earned", "incentive_prepaid"))
            known = ~np.isnan(earned)
            if known.any():
                before = float(np.nan_to_num(prepaid[known][0]))
                out.append(_plot_fees.Payoff(self.label, across, unit, at[known] * 100, earned[known], before))
        return out

    def payoff(self, **given: Any) -> _plot.Kinked:
        """What is earned over a range of savings rates, as shares of the benchmark, and where that bends.

        Parameters
        ----------
        **given
            What the arrangement asks for beside benchmark and expenditures, the same for all rates, as for
            `sharedsavings.arrays.settle`: `quality_score` is 1, `quality_standard_met` true, and the
            participants' revenue half of the benchmark where it is left out.
        """
        benchmark, spent = _plot.population()
        codes, _ = _core.track_codes(self.program, [self.track], self.book, None, False)
        row: dict[str, Any] = {"quality_score": np.ones(1), "quality_standard_met": True, "beneficiaries": 20_000,
                               "participant_revenue": benchmark // 2, "low_revenue": False,
                               "agreement_start": self.years[0], "alternative_standard_met": False}  # fmt: skip
        _known(given)
        row |= self.given | given
        size = len(spent)
        filled: dict[str, Any] = {name: np.full(size, np.asarray(value).reshape(-1)[0]) for name, value in row.items()}
        out = _core.settle(
            np.full(size, benchmark),
            spent,
            track=np.full(size, codes[0]),
            performance_year=self.years[0],
            program=self.program,
            rules=self.book,
            outputs=["earned", "savings", "reason"],
            **filled,
        )
        reasons = [_core.SETTLE_REASONS[code] for code in out["reason"]]
        return _plot.kinked(self.label, benchmark, spent, out["savings"], out["earned"], reasons)

    def plot(self, *others: Arrangement, **given: Any) -> Figure:
        """Draw what is earned against what is saved, with kinks, caps and minimum rates; several over each other.

        Fees are drawn against the score that earns them, with what is at risk and clawed back.
        """
        return plot(self, *others, **given)

    def __repr__(self) -> str:
        return self.describe()


def _span(years: Any) -> tuple[int, int | None]:
    """First and last performance year, of which the last may be open."""
    try:
        first, last = years
        return operator.index(first), None if last is None else operator.index(last)
    except (TypeError, ValueError):
        raise InputError(
            f"years={years!r}: not a first and a last year. Give both, as (2026, 2028), or (2026, None) without an end"
        ) from None


def _known(given: dict[str, Any]) -> None:
    """Refuse what settlements have no column for."""
    unknown = [name for name in given if name not in _core.SETTLE_COLUMNS or name in _OF_PICTURES]
    if unknown:
        named = [name for name in _core.SETTLE_COLUMNS if name not in _OF_PICTURES]
        raise InputError(f"{unknown[0]}=: not something that an arrangement reads. It reads {', '.join(named)}")


def _exact(key: str, value: Any) -> Any:
    if isinstance(value, float):
        raise InputError(f'{key}={value!r}: a float is not exact. Write it as text, such as "0.50"')
    if isinstance(value, (list, tuple)):
        return [_exact(key, item) for item in value]
    return str(value)


def read(path: str | os.PathLike[str]) -> Arrangement:
    """Read a contract from a TOML file with a table `[arrangement]`; see `docs/models.md` for its keys.

    Parameters
    ----------
    path : path

    Returns
    -------
    Arrangement

    Examples
    --------
    >>> import sharedsavings.arrangement
    >>> sharedsavings.arrangement.read("harbor.toml").describe()  # doctest: +SKIP
    """
    book = _rules.load(path)
    with open(path, "rb") as file:
        terms = tomllib.load(file).get(_KEY)
    if terms is None:
        raise InputError(f"{os.fspath(path)}: no table [arrangement]. A contract is one; see docs/models.md")
    return Arrangement.__new__(Arrangement)._take(terms["name"], _CONTRACT, (terms["from"], terms.get("to")), book)


def of_program(
    program: str, track: str, performance_year: int, *, rules: _rules.RulesLike = None, **given: Any
) -> Arrangement:
    """Take an arrangement of a program in one year.

    Parameters
    ----------
    program, track : str
        As for `settle`.
    performance_year : int
    rules : RulesLike
    **given
        What is elected, for pictures, such as ``elected_cap=0.05``; see `Arrangement.payoff`.

    Returns
    -------
    Arrangement

    Raises
    ------
    NotModelledError
        Where the rule book has no such arrangement; the message lists those that it has.

    Examples
    --------
    >>> from sharedsavings.arrangement import of_program
    >>> print(of_program("reach", "GLOBAL", 2026).describe().splitlines()[1])
    The target is the benchmark less a discount of 3.5 %.
    """
    book = _rules.load(rules)
    own = _core.program_name(program, book, None, False)
    _known(given)
    try:
        performance_year = operator.index(performance_year)
    except TypeError:
        raise InputError(f"performance_year={performance_year!r}: not a year. Give one, such as 2026") from None
    if not isinstance(track, str):
        raise InputError(f"track={track!r}: not the name of an arrangement. Give one, such as {own}'s of `models`")
    _core.describe_arrangement(own, track, performance_year, book, None, False)
    taken = Arrangement.__new__(Arrangement)._take(own, track, (performance_year, performance_year), book)
    taken.given = given
    return taken


def plot(*arrangements: Arrangement, **given: Any) -> Figure:
    """Draw arrangements over each other: what is earned against what is saved, both as shares of the benchmark.

    Fees stand in panels of their own, by score.

    Parameters
    ----------
    *arrangements : Arrangement
    **given
        As for `Arrangement.payoff`, for all of them.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from sharedsavings.arrangement import of_program, plot
    >>> figure = plot(of_program("reach", "GLOBAL", 2026), of_program("reach", "PROFESSIONAL", 2026))
    """
    if not arrangements:
        raise InputError("plot: no arrangement is given. Give one or more")
    fees = [curve for each in arrangements for curve in each.payoff_by_score()]
    sharing = [each.payoff(**given) for each in arrangements if not each.pays_fees]
    if not (fees or sharing):
        names = ", ".join(each.label for each in arrangements)
        raise InputError(f"plot: nothing that {names} pays depends on savings or on a score")
    return _plot_fees.by_score(fees, sharing)


def models(program: str | None = None, *, rules: _rules.RulesLike = None) -> Table:
    """List programs, years and arrangements with risk, shares, limits, and how many of their rules are recalled.

    Parameters
    ----------
    program : str, optional
        This one only. Years that are equal in all that is shown stand in one line.
    rules : RulesLike

    Returns
    -------
    Table

    Examples
    --------
    >>> import sharedsavings.arrangement
    >>> table = sharedsavings.arrangement.models("reach")
    >>> table.rows[0][:4]
    ('reach', '2021 to 2022', 'GLOBAL', 'two-sided')
    """
    book = _rules.load(rules)
    standpoint = (book, None, False)
    told = book.rules()
    names = {id_: full for id_, full, _ in _core.program_names(*standpoint)}
    wanted = list(names) if program is None else [_core.program_name(program, *standpoint)]
    rows: list[tuple[str, ...]] = []
    for name in wanted:
        confidence = _confidence(told, name)
        found: dict[tuple[str, ...], list[int]] = {}
        for year, *line in _core.arrangements(name, *standpoint):
            found.setdefault(tuple(line), []).append(year)
        for terms, years in found.items():
            rows.append((name, _spans(years), *terms, confidence))
    headings = (
        "program",
        "years",
        "arrangement",
        "risk",
        "share of savings / losses",
        "limits and discounts",
        "rules not recalled",
    )
    notes = tuple(f"{name}: {names[name]}" for name in wanted if names.get(name, name) != name)
    return Table("Programs that can be settled", headings, rows, notes)


def _spans(years: list[int]) -> str:
    """Years in order, those that follow each other as one span."""
    spans: list[list[int]] = []
    for year in years:
        if spans and year == spans[-1][-1] + 1:
            spans[-1][1:] = [year]
        else:
            spans.append([year])
    return ", ".join(" to ".join(map(str, span)) for span in spans)


def _confidence(rules: list[dict[str, Any]], program: str) -> str:
    """How many of a program's rules are not recalled: read in their text or another, or computed from data."""
    own = [rule for rule in rules if rule["id"].startswith(f"{program}.")]
    recalled = sum(rule["confidence"] == "recalled" for rule in own)
    return f"{len(own) - recalled} of {len(own)}"
