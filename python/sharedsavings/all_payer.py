"""Payers to the scores of the All-Payer Combination Option: 42 CFR 414.1440."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from . import _codes, _core
from . import rules as _rules
from ._errors import InputError, SharedSavingsError
from ._frames import Frame, Integers, Output, Truths, Words, year_of
from ._result import Explanation, Result, Step
from ._table import Table
from .qp import COLUMNS as _SCORES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_AMOUNTS = tuple(_core.ALL_PAYER_COLUMNS)
_IDS = ("entity", "npi", "tin")
_MEDICAID = ("medicaid_model_available", "specialty_ineligible")
COLUMNS = (*_IDS, "snapshot", "payer", *_AMOUNTS, *_MEDICAID, "submitted")
_OUT = tuple(name for name in _SCORES if name != "performance_year")
_NO_AMOUNT = -1
# Places of an entity that nobody names, and of one that is named and has no rows.
_UNNAMED, _WITHOUT_ROWS = -1, -2


@dataclass(frozen=True)
class AllPayer(Result):
    """Result of `all_payer`.

    Attributes
    ----------
    scores
        A row for each entity, clinician or TIN and window, with the columns that `qp_status` and `clinicians` read.
    """

    scores: Any = None


def all_payer(
    payers: Any,
    *,
    performance_year: int,
    as_of: _rules.AsOf = None,
    proposed: bool = False,
    columns: Mapping[str, str] | None = None,
    rules: _rules.RulesLike = None,
    invalid: Literal["raise", "null"] = "raise",
) -> AllPayer:
    """Tell which payers count for the All-Payer Combination Option, and add up its scores.

    The Departments of Defense and of Veterans Affairs never count; Medicaid counts where a Medicaid APM or Medicaid
    Medical Home Model is available in the county where most patients are seen, and the specialty is not ineligible for
    it. Medicare and the other payers are added up over the same window (42 CFR 414.1440).

    Parameters
    ----------
    payers : pandas.DataFrame, polars.DataFrame or pyarrow.Table
        One row for each payer of an entity (`entity` alone), of a clinician (`npi`), or of a TIN (`tin`) in a window
        that ends with `snapshot`: `payer` (`medicare`, `medicaid`, `medicare_advantage`, `commercial`, `dod`, `va`,
        `multi_payer`, `other`), `payments_apm` and `payments_total` (dollars), `patients_apm` and `patients_total`
        (people; one pair may be absent). Medicare's own row has the amounts of the Medicare Option. For Medicaid
        `medicaid_model_available` and `specialty_ineligible` (truth values). Optional `submitted`, the day on which the
        data were given. A clinician's or TIN's `entity` is the one whose higher Medicare score stands in, weighted by
        own volume (414.1440(d)(3)).
    performance_year : int
    as_of, proposed, columns, rules
        As for `qp_status`.
    invalid : {"raise", "null"}
        What a row does that cannot be: stop the call, or leave its scores null with a reason. An NPI with a wrong
        check digit, and another day than a snapshot, stop the call always, as in `clinicians`.

    Returns
    -------
    AllPayer
        Its frame has `included` (null where it cannot be known) and `reason` for each payer. Its `scores` have `level`
        (`entity`, `individual`, `tin`), the ids, `snapshot`, the eight columns of `qp_status`, and `reason`. All-payer
        columns are null where nothing was submitted, or too late, or not enough (414.1440(e)(4), (f)).

    Raises
    ------
    InputError
        Where columns are missing or of the wrong type, rows have no id, or hold what cannot be.
    NotModelledError, RuleBookError
        As for `qp_status`.

    Examples
    --------
    >>> import pandas as pd
    >>> import sharedsavings as ss
    >>> payers = pd.DataFrame({"entity": ["A1"] * 3, "snapshot": [20240831] * 3,
    ...                        "payer": ["medicare", "commercial", "va"],
    ...                        "payments_apm": [30.0, 90.0, 0.0], "payments_total": [100.0, 100.0, 50.0]})
    >>> done = ss.all_payer(payers, performance_year=2024)
    >>> done.frame["reason"].tolist()[2], float(done.scores["all_payer_payments_total"][0])
    ('excluded_payer', 200.0)
    >>> ss.qp_status(done.scores[["payments_attributed", "payments_eligible", "all_payer_payments_apm",
    ...     "all_payer_payments_total"]], performance_year=2024).frame["status"][0]
    'qp'
    """
    performance_year = year_of(performance_year)
    book = _rules.load(rules)
    source = Frame(payers, COLUMNS, columns)
    for name in ("payer", "snapshot"):
        if name not in source:
            raise InputError(f"column `{name}`: missing. A table of payers has it; `columns=` maps other names")
    amounts = {name: source.numbers(name) for name in _AMOUNTS if name in source}
    if not amounts:
        raise InputError("column `payments_apm`: missing. Give payments or patients, under APMs and in total")
    _check(source, performance_year, (book, as_of, proposed))
    subjects = _subjects(source)
    flags = [
        _codes.truths(source, name) if name in source else np.full(len(source), _codes.UNKNOWN, np.uint8)
        for name in _MEDICAID
    ]
    submitted = _codes.days(source, "submitted") if "submitted" in source else np.zeros(len(source), np.int64)
    codes: dict[str, Any] = {
        "subject": subjects.of_row,
        "payer": _codes.words(source, "payer", _core.PAYERS, _codes.UNKNOWN, invalid),
        "model_available": flags[0],
        "specialty_ineligible": flags[1],
        "submitted": np.where(submitted == _codes.NULL, 0, submitted),
        "entity_of": subjects.entity_of,
    }
    standpoint = (book, as_of, proposed)
    out, warnings = _core.all_payer(amounts, codes, performance_year, *standpoint, invalid == "raise", source.names)
    outputs: dict[str, Output] = {
        "included": Truths(out["included"], _codes.UNKNOWN),
        "reason": Words(out["reason"], _core.ALL_PAYER_REASONS),
    }
    scores = _scores(subjects, out, _codes.backend(source), {name for name in _AMOUNTS if name in source})

    def explain(row: int) -> Explanation:
        of = int(subjects.of_row[row])
        included = {0: "not counted", 1: "counted"}.get(int(out["included"][row]), "not known")
        reason = _core.ALL_PAYER_REASONS[out["reason"][row]]
        rule = {"excluded_payer": "qp.all_payer.excluded_payers", "after_request_due": "qp.all_payer.request_due"}
        id_ = rule.get(reason, "qp.all_payer.conditional_payers")
        payer = str(source.series("payer")[row])
        steps = [Step("payer", "payers that 42 CFR 414.1440(a) leaves out do not count", included,
                      (("payer", payer), ("reason", reason or "-")), *_cited(book, id_, performance_year))]  # fmt: skip
        for at, name in enumerate(_OUT):
            amount = int(out[at][of])
            if amount != _NO_AMOUNT:
                steps.append(Step(name, "sum over the payers that count", _shown(name, amount)))
        note = _core.ALL_PAYER_REASONS[out["subject_reason"][of]]
        if note:
            steps.append(Step("reason", "what a reader should know of the sums", note))
        return Explanation(f"Payer of row {row}", tuple(steps))

    def summary() -> Table:
        rows = []
        for code, kind in enumerate(_core.PAYERS):
            of = codes["payer"] == code
            if of.any():
                counted = (out["included"][of] == 1).sum()
                rows.append((kind, f"{of.sum():,}", f"{counted:,}", f"{of.sum() - counted:,}"))
        return Table(
            f"Payers, performance year {performance_year}",
            ("payer", "rows", "counted", "left out"),
            rows,
            tuple(warnings),
        )

    def plot() -> Figure:
        raise SharedSavingsError("payers have no picture. Use summary(), or plot() of qp_status on the scores")

    return AllPayer(source.append(outputs), tuple(warnings), book, len(source), explain, summary, plot, scores=scores)


@dataclass
class _Subjects:
    """Entities, clinicians and TINs in their windows."""

    of_row: _codes.Long
    entity_of: _codes.Long
    level: list[str]
    ids: dict[str, list[Any]]
    snapshot: list[Any]


def _check(source: Frame, year: int, standpoint: tuple[_rules.RuleBook, _rules.AsOf, bool]) -> None:
    """NPIs and windows must be such as `clinicians` takes."""
    snapshots, *_ = _core.clinician_terms(year, *standpoint)
    days = _codes.days(source, "snapshot")
    told = ", ".join(f"{day // 10_000}-{day // 100 % 100:02d}-{day % 100:02d}" for day in snapshots)
    other = ~np.isin(days, [*snapshots, _codes.NULL])
    _codes.refuse(source, "snapshot", other, "is not a snapshot of QP determinations", f"Windows end on {told}")
    if "npi" in source:
        npis = _codes.npis(source, "npi")
        wrong = (npis != _codes.NULL) & ~_core.are_npis(npis, year, standpoint[0])
        remedy = "It has ten digits, the first 1 or 2, and a check digit (45 CFR 162.406)"
        _codes.refuse(source, "npi", wrong, "is not an NPI", remedy)


def _subjects(source: Frame) -> _Subjects:
    read = {"tin": _codes.tins}
    columns = {name: read.get(name, _codes.codes)(source.series(name)) for name in _IDS if name in source}
    if not columns:
        raise InputError("column `entity`: missing. Say whose payers these are with `entity`, `npi` or `tin`")
    nobody = np.full(len(source), -1)
    entity, npi, tin = (columns[name][0] if name in columns else nobody for name in _IDS)
    windows, days = _codes.codes(source.series("snapshot"))
    bad = np.flatnonzero(((entity < 0) & (npi < 0) & (tin < 0)) | (windows < 0))
    if len(bad):
        raise InputError(
            f"column `snapshot`: null, or no id beside it, in {len(bad)} rows, first in row {bad[0]}. Give each payer "
            "its window, and the entity, clinician or TIN that it pays"
        )
    individual = npi >= 0
    of_tin = ~individual & (tin >= 0)
    level = individual + 2 * of_tin
    keys = np.stack([level, np.where(level == 0, entity, -1), npi, np.where(of_tin, tin, -1), windows], 1)
    distinct, first, of_row = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    place = {tuple(key): at for at, key in enumerate(distinct.tolist())}
    entity_of = [
        _UNNAMED if key[0] == 0 or entity[row] < 0 else place.get((0, int(entity[row]), -1, -1, key[4]), _WITHOUT_ROWS)
        for key, row in zip(distinct.tolist(), first.tolist(), strict=True)
    ]
    named = dict(zip(_IDS, (columns[name][1] if name in columns else [] for name in _IDS), strict=True))
    ids = {
        name: [named[name][key[at]] if key[at] >= 0 else None for key in distinct.tolist()]
        for at, name in enumerate(_IDS, 1)
        if name in columns
    }
    levels = [("entity", "individual", "tin")[key[0]] for key in distinct.tolist()]
    snapshot = [days[key[4]] for key in distinct.tolist()]
    return _Subjects(of_row.reshape(-1).astype(np.int64), np.array(entity_of, np.int64), levels, ids, snapshot)


def _scores(subjects: _Subjects, out: Mapping[Any, Any], library: str, given: set[str]) -> Any:
    count = len(subjects.level)
    base = _codes.numbered(count, library)
    new: dict[str, Output] = {}
    for at, name in enumerate(_OUT):
        if not any(amount.split("_")[0] in name for amount in given):
            continue
        money = "payments" in name
        new[name] = _core.dollars(out[at], _NO_AMOUNT) if money else Integers(out[at], _NO_AMOUNT)
    new["reason"] = Words(out["subject_reason"], _core.ALL_PAYER_REASONS)
    everyone = np.arange(count)
    places = {name: _codes.taken(values, everyone, library) for name, values in subjects.ids.items()}
    places["level"] = _codes.taken(subjects.level, everyone, library)
    places["snapshot"] = _codes.taken(subjects.snapshot, everyone, library)
    order = ["level", *subjects.ids, "snapshot", *new]
    return _codes.with_columns(Frame(base, [], None).append(new), places, order)


def _cited(book: _rules.RuleBook, id_: str, year: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    rule = book.find(id_, year)
    titles = book.sources()
    return ((), ()) if rule is None else ((id_,), tuple(str(titles[cite]["title"]) for cite in rule["cites"]))


def _shown(name: str, amount: int) -> str:
    if "payments" not in name:
        return f"{amount:,}"
    return f"${_core.dollars(np.array([amount]), _NO_AMOUNT)[0]:,.2f}"
