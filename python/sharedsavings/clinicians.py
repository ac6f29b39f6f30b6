"""From participation lists and scores to the status of every clinician: 42 CFR 414.1425."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import narwhals.stable.v2 as nw
import numpy as np

from . import _codes, _core
from . import rules as _rules
from ._codes import NULL, UNKNOWN, Bytes, Long
from ._errors import InputError, SharedSavingsError
from ._frames import Frame, Integers, Output, Words, year_of
from ._result import Explanation, Result, Step, steps_from
from ._table import Table
from .qp import COLUMNS as _SCORES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Told how far a call has come: a stage, parts done, and all parts.
Progress = Callable[[str, int, int], None]

_LISTED = ("listed_march_31", "listed_june_30", "listed_august_31")
_DATES = ("model_start", "model_end", "termination_date")
_FACTS = (*_DATES, "without_financial_risk", "entity_election")
ROSTER = ("entity", "tin", "npi", "snapshot", *_LISTED, "list", "individual_election", *_FACTS, "performance_year")
_AMOUNTS = tuple(name for name in _SCORES if name != "performance_year")
SCORES = ("entity", "npi", "snapshot", "basis", *_AMOUNTS, "performance_year")
_PERCENTAGES = ("payment_score", "patient_score", "threshold_score")


def clinicians(
    roster: Any,
    scores: Any,
    *,
    performance_year: int,
    individual_scores: Any = None,
    by: Literal["npi", "tin_npi"] = "npi",
    as_of: _rules.AsOf = None,
    proposed: bool = False,
    columns: Mapping[str, str] | None = None,
    score_columns: Mapping[str, str] | None = None,
    rules: _rules.RulesLike = None,
    threads: int | None = None,
    invalid: Literal["raise", "null"] = "raise",
    progress: Progress | None = None,
) -> Result:
    """Determine the QP status of every clinician of a roster, and say which determination decided.

    A clinician on a list of an APM Entity at any snapshot is in its group. Determinations are made for the entity at
    each snapshot; individually for affiliated practitioners and for clinicians of several entities none of which is
    QP (until 2025), or always (from 2026, on two attribution bases). Entities that terminated and models tested for
    too short a time do not count. The better status wins, not the higher score (42 CFR 414.1425).

    Parameters
    ----------
    roster : pandas.DataFrame, polars.DataFrame or pyarrow.Table
        One row for each entity, TIN, NPI, list and snapshot: `npi`, `entity`, `snapshot` (a date, or 20240331), and
        where known `tin` (12-3456789 is 123456789), `list` (`participation`, which it is where the column is absent, or
        `affiliated_practitioner`), `individual_election` (`in`, `out`, `undecided`; null is none). The same for all
        rows of an entity: `model_start`, `model_end` (first and last day of testing), `termination_date`,
        `without_financial_risk` (whether the termination leaves it so), `entity_election`. In place of `snapshot`, one
        row for all snapshots with truth values `listed_march_31`, `listed_june_30`, `listed_august_31`.
    scores : pandas.DataFrame, polars.DataFrame or pyarrow.Table
        One row for each `entity` (or each `npi`, the entity being null), `snapshot` and, from 2026, `basis`
        (`evaluation_and_management` where null or absent, or `covered_professional_services`), with the numerators and
        denominators of `qp_status`, those of the All-Payer Combination Option among them.
    performance_year : int
        Year of lists and scores; a column `performance_year` of theirs must hold no other.
    individual_scores : frame, optional
        Scores by `npi` in a frame of their own; else as `scores`.
    by : {"npi", "tin_npi"}
        A row for each clinician, or for each TIN of a clinician.
    as_of, rules, threads
        As for `qp_status`.
    proposed : bool
        Whether proposed rules count: from 2027 an entity's status then holds at the TINs tied to it only.
    columns, score_columns : mapping of str to str, optional
        Canonical column name to the roster's own, and to the scores' own.
    invalid : {"raise", "null"}
        What a row does that cannot be (no NPI, another snapshot, a listing twice, an unknown word, a score that
        `qp_status` refuses): stop the call, or leave its clinicians null with a reason. Two scores for one
        determination, and facts of an entity that contradict each other, stop the call always.
    progress : callable, optional
        Called with a stage (`roster`, `scores`, `clinicians`), parts done and all parts.

    Returns
    -------
    Result
        One row for each clinician, in order of NPI: `npi` (and `tin`), `status` (`qp`, `partial_qp`, `none`), `level`
        (`entity`, `individual`), `entity`, `snapshot`, `basis` (null where the year has one), `method`, `option`: of
        the determination that decided; `mips` (`excluded`, `may_elect`, `scored`), `entities` (in whose groups the
        clinician is) and `reason`. Status is null where a score is needed, or was given, and does not decide, and
        nothing else makes a QP; where a snapshot or basis has no score at all beside others, it is told.

    Raises
    ------
    InputError
        Where columns are missing, of the wrong type, contradict each other, or hold rows that are invalid.
    NotModelledError
        Where the rule book does not know the year.
    RuleBookError
        Where `rules` is malformed.

    Examples
    --------
    >>> import pandas as pd
    >>> import sharedsavings as ss
    >>> roster = pd.DataFrame({"npi": [1234567893], "entity": ["A1"], "snapshot": [20240331]})
    >>> scores = pd.DataFrame({"entity": ["A1"], "snapshot": [20240831], "payments_attributed": [60.0],
    ...                        "payments_eligible": [100.0]})
    >>> done = ss.clinicians(roster, scores, performance_year=2024)
    >>> done.frame[["npi", "status", "level", "mips"]].values.tolist()
    [[1234567893, 'qp', 'entity', 'excluded']]
    """
    if by not in ("npi", "tin_npi"):
        raise InputError(f'by={by!r}: say "npi" or "tin_npi"')
    performance_year = year_of(performance_year)
    book = _rules.load(rules)
    standpoint = (book, as_of, proposed)
    snapshots, bases, _, warnings = _core.clinician_terms(performance_year, *standpoint)
    tell = progress or (lambda stage, done, total: None)
    tell("roster", 0, 1)
    source = Frame(roster, ROSTER, columns)
    _same_year(source, performance_year)
    read = _roster(source, snapshots, by, invalid)
    tell("roster", 1, 1)
    if individual_scores is None:
        frames = [Frame(scores, SCORES, score_columns)]
    else:
        # One mapping for both frames, each of which may lack the id of the other.
        frames = [Frame(scores, SCORES, score_columns, ("npi",)),
                  Frame(individual_scores, SCORES, score_columns, ("entity",))]  # fmt: skip
    tell("scores", 0, len(frames))
    pieces = []
    for at, frame in enumerate(frames, 1):
        _same_year(frame, performance_year)
        pieces.append(_scores(frame, performance_year, standpoint, read.entities, bases, threads, invalid))
        tell("scores", at, len(frames))
    for name in pieces[0]:
        read.given[name] = np.concatenate([piece[name] for piece in pieces])
    _refuse_strangers(pieces[0], read.entities, frames[0])
    stop = invalid == "raise"
    out = _core.clinicians(
        read.given,
        performance_year,
        *standpoint,
        stop,
        source.names,
        frames[-1].names | frames[0].names,
        threads,
        None if progress is None else lambda done, total: tell("clinicians", done, total),
    )
    library = _codes.backend(source)
    frame = _appended(out, read, [_date(day) for day in snapshots], bases, library)
    unused = _unused(read, out["npi"], frames)
    told = dict.fromkeys((*warnings, *_core.qp_warnings(performance_year, *standpoint), *unused))

    def explain(row: int) -> Explanation:
        npi, tin = int(out["npi"][row]), int(out["tin"][row])
        at = f" at TIN {read.tins[tin]}" if by == "tin_npi" and tin >= 0 else ""
        title = f"QP status of {npi}{at}, performance year {performance_year}"
        names = [str(entity) for entity in read.entities]
        at_tin = tin if by == "tin_npi" else None
        steps = steps_from(_core.clinician_explain(read.given, performance_year, *standpoint, npi, at_tin, names))
        reason = _core.CLINICIAN_REASONS[out["reason"][row]]
        if reason:
            steps += (Step("reason", "what a reader should know", reason),)
        return Explanation(title, steps)

    def summary() -> Table:
        return _summary(out, performance_year, tuple(told))

    def plot() -> Figure:
        raise SharedSavingsError("clinicians have no picture. Use summary(), or plot() of qp_status on the scores")

    return Result(frame, tuple(told), book, len(out["npi"]), explain, summary, plot)


@dataclass
class _Read:
    """A roster in codes."""

    given: dict[str, Any]
    entities: list[Any]
    tins: list[Any]


def _roster(source: Frame, snapshots: list[int], by: str, invalid: str) -> _Read:
    for name in ("npi", "entity"):
        _need(source, name, "the roster")
    entity, entities = _codes.codes(source.series("entity"))
    tin, tins = _tins(source, by)
    elections = _core.PARTIAL_QP_ELECTIONS
    listed = [name for name in _LISTED if name in source]
    if ("snapshot" in source) == bool(listed):
        raise InputError(
            "column `snapshot`: give it, one row a snapshot, or else the three columns "
            f"{', '.join(_LISTED)}; the roster has {'both' if listed else 'neither'}"
        )
    if listed and (len(listed) < len(_LISTED) or len(snapshots) != len(_LISTED)):
        raise InputError(f"column `{next((n for n in _LISTED if n not in listed), listed[0])}`: give one for each of "
                         f"the snapshots {', '.join(str(_date(day)) for day in snapshots)}")  # fmt: skip
    given: dict[str, Any] = {
        "npi": _codes.npis(source, "npi"),
        "tin": tin,
        "entity": entity,
        "days": None if listed else _codes.days(source, "snapshot", invalid),
        "flags": [_codes.truths(source, name) for name in listed],
        "list": None,
        "election": None,
        "by_tin": by == "tin_npi",
    }
    if "list" in source:
        given["list"] = _codes.words(source, "list", _core.CLINICIAN_LISTS, UNKNOWN, invalid)
    if "individual_election" in source:
        given["election"] = _codes.words(source, "individual_election", elections, 0, invalid)
    first = np.zeros(len(entities), np.int64)
    # The last write stays: the first row of each entity.
    known = np.flatnonzero(entity >= 0)[::-1]
    first[entity[known]] = known
    for name in _DATES:
        row = _codes.days(source, name) if name in source else None
        given[name.removesuffix("_date")] = _of_entity(source, name, row, entity, first, NULL, np.int64)
    flags = _codes.truths(source, "without_financial_risk") if "without_financial_risk" in source else None
    if flags is not None:
        ended = _codes.days(source, "termination_date") if "termination_date" in source else np.full(len(source), NULL)
        undated = (flags == 1) & (ended == NULL)
        _codes.refuse(source, "without_financial_risk", undated, "is true without a termination_date",
                      "Give the day on which the entity left, or false where it stayed")  # fmt: skip
    given["without_risk"] = _of_entity(source, "without_financial_risk", flags, entity, first, UNKNOWN, np.uint8)
    election = _codes.words(source, "entity_election", elections, 0, "raise") if "entity_election" in source else None
    given["entity_election"] = _of_entity(source, "entity_election", election, entity, first, 0, np.uint8)
    return _Read(given, entities, tins)


def _tins(source: Frame, by: str) -> tuple[Long | None, list[Any]]:
    """Codes of TINs, and the TINs; where no outcome is of a TIN, any numbers that tell them apart, null among them."""
    if by == "tin_npi":
        _need(source, "tin", "the roster")
        return _codes.tins(source.series("tin"))
    if "tin" not in source:
        return None, []
    if source.series("tin").dtype.is_integer():
        tin = _core.whole_numbers(source.numbers("tin"), NULL)
    else:
        tin, _ = _codes.tins(source.series("tin"))
    return np.where(tin < 0, np.iinfo(np.int64).max, tin), []


def _of_entity(source: Frame, name: str, rows: Any, entity: Long, first: Long, absent: int, dtype: Any) -> Any:
    """One value for each entity, which must be that of all its rows."""
    if rows is None:
        return np.full(len(first), absent, dtype)
    of = rows[first].astype(dtype)
    differ = np.flatnonzero((rows != of[entity]) & (entity >= 0)) if len(of) else np.empty(0, np.int64)
    if len(differ):
        at = int(differ[0])
        value, series = source.series(name)[at], source.series("entity")
        raise InputError(
            f"column `{source.names[name]}`: differs within an entity in {len(differ)} rows, first in row {at} (value "
            f"{value!r}, entity {series[at]!r}). It is a fact of the entity: give all its rows the same"
        )
    return of


def _scores(
    source: Frame,
    performance_year: int,
    standpoint: tuple[_rules.RuleBook, _rules.AsOf, bool],
    entities: list[Any],
    bases: list[str],
    threads: int | None,
    invalid: Literal["raise", "null"],
) -> dict[str, Any]:
    """Scores by what they are of, determined."""
    _need(source, "snapshot", "the scores")
    if "entity" not in source and "npi" not in source:
        raise InputError("column `entity`: missing. The scores have `entity`, or `npi` where they are individual")
    native = {name: source.numbers(name) for name in _AMOUNTS if name in source}
    own = nw.from_native(source.native, eager_only=True).columns
    percentage = next((name for name in _PERCENTAGES if name in own), None)
    if not native and percentage is not None:
        raise InputError(
            f"column `{percentage}`: a score alone cannot be compared exactly. Give numerator and denominator, such as "
            "payments_attributed and payments_eligible"
        )
    book, as_of, proposed = standpoint
    rows = len(source)
    out = _core.qp_status(
        **native,
        performance_year=np.full(rows, performance_year),
        money="dollars",
        as_of=as_of,
        proposed=proposed,
        rules=book,
        threads=threads,
        invalid=invalid,
        outputs=["status", "method", "option"],
        names=source.names,
    )
    remedy = f"Performance year {performance_year} has no other basis: leave out the rows that are of one"
    return {
        "score_entity": _places(source, entities) if "entity" in source else np.full(rows, _core.NO_ENTITY),
        "score_npi": _codes.npis(source, "npi") if "npi" in source else np.full(rows, NULL),
        "score_snapshot": _codes.days(source, "snapshot"),
        "score_basis": _codes.words(source, "basis", bases, 0, "raise", remedy)
        if "basis" in source
        else np.zeros(rows, np.uint8),
    } | {f"score_{name}": out[name] for name in ("status", "method", "option")}


def _places(source: Frame, entities: list[Any]) -> Long:
    """Places of the scores' entities among those of the roster; past the last where they are none of them."""
    found, distinct = _codes.codes(source.series("entity"))
    place = {entity: at for at, entity in enumerate(entities)}
    table = [place.get(entity, len(entities)) for entity in distinct]
    out: Long = np.array([*table, _core.NO_ENTITY], np.int64)[found]
    return out


def _refuse_strangers(scores: Mapping[str, Any], entities: list[Any], source: Frame) -> None:
    """Scores of which none is of the roster: most likely ids of two kinds."""
    of = scores["score_entity"]
    if entities and (of >= 0).any() and not ((of >= 0) & (of < len(entities))).any():
        first = source.series("entity").to_list()[int(np.flatnonzero(of >= 0)[0])]
        raise InputError(
            f"column `{source.names['entity']}`: no entity of the scores is in the roster (first {first!r}; the roster "
            f"has {entities[0]!r}). Write the ids in one way"
        )


def _unused(read: _Read, clinicians: Long, frames: list[Frame]) -> list[str]:
    """Scores that nobody of the roster has, counted."""
    of, npi = read.given["score_entity"], read.given["score_npi"]
    named = (frame.series("entity").drop_nulls().unique().to_list() for frame in frames if "entity" in frame)
    strangers = {entity for some in named for entity in some} - set(read.entities)
    individual = np.unique(npi[(npi >= 0) & (of < 0)])
    at = np.minimum(np.searchsorted(clinicians, individual), max(len(clinicians) - 1, 0))
    unknown = individual if len(clinicians) == 0 else individual[clinicians[at] != individual]
    return [
        f"Scores of {len(some):,} {what[len(some) > 1]} that the roster does not have were not used (the first is "
        f"{some[0]})"
        for some, what in (
            (sorted(strangers, key=str), ("entity", "entities")),
            (unknown.tolist(), ("clinician", "clinicians")),
        )
        if some
    ]


def _same_year(source: Frame, year: int) -> None:
    if "performance_year" in source:
        own = _core.whole_numbers(source.numbers("performance_year"), year, 0)
        problem = f"is not {year}, which the call says"
        _codes.refuse(source, "performance_year", own != year, problem, "Give one call the rows of one year")


def _need(source: Frame, name: str, what: str) -> None:
    if name not in source:
        raise InputError(f"column `{name}`: missing in {what}. Give it; `columns=` maps other names")


def _date(day: int) -> dt.date:
    return dt.date(day // 10_000, day // 100 % 100, day % 100)


def _appended(out: Mapping[str, Any], read: _Read, snapshots: list[dt.date], bases: list[str], library: str) -> Any:
    rows = len(out["npi"])
    base = _codes.numbered(rows, library)
    npi = np.where(out["npi"] < 0, NULL, out["npi"])
    new: dict[str, Output] = {
        "npi": Integers(npi, NULL),
        "status": Words(out["status"], _core.QP_STATUSES),
        "level": Words(out["level"], _core.CLINICIAN_LEVELS),
        "basis": Words(out["basis"], bases),
        "method": Words(out["method"], _core.QP_METHODS),
        "option": Words(out["option"], _core.QP_OPTIONS),
        "mips": Words(out["mips"], _core.MIPS_PARTICIPATIONS),
        "entities": Integers(out["entities"], -1),
        "reason": Words(out["reason"], _core.CLINICIAN_REASONS),
    }
    none = out["snapshot"] == _core.NULL_STATUS
    places = {
        "entity": _codes.taken(read.entities, out["entity"], library),
        "snapshot": _codes.taken(snapshots, np.where(none, -1, out["snapshot"].astype(np.int64)), library),
    }
    order = ["npi", "status", "level", "entity", "snapshot", "basis", "method", "option", "mips", "entities", "reason"]
    if read.given["by_tin"]:
        places["tin"] = _codes.taken(read.tins, out["tin"], library)
        order.insert(1, "tin")
    return _codes.with_columns(Frame(base, [], None).append(new), places, order)


def _summary(out: Mapping[str, Bytes], year: int, warnings: tuple[str, ...]) -> Table:
    words = dict(enumerate(_core.QP_STATUSES)) | {_core.NULL_STATUS: "null"}
    levels = dict(enumerate(_core.CLINICIAN_LEVELS)) | {_core.NULL_STATUS: "-"}
    mips = dict(enumerate(_core.MIPS_PARTICIPATIONS)) | {_core.NULL_STATUS: "-"}
    kinds = [out[name].astype(np.int64) for name in ("status", "level", "mips", "reason")]
    key = kinds[0] << 24 | kinds[1] << 16 | kinds[2] << 8 | kinds[3]
    found: Counter[tuple[str, str, str, str]] = Counter()
    for number, count in zip(*np.unique(key, return_counts=True), strict=True):
        code = [int(number) >> shift & 255 for shift in (24, 16, 8, 0)]
        found[words[code[0]], levels[code[1]], mips[code[2]], _core.CLINICIAN_REASONS[code[3]] or "-"] += int(count)
    rows = [(*kind, f"{count:,}") for kind, count in found.most_common()]
    headings = ("status", "level", "mips", "reason", "rows")
    return Table(f"Clinicians, performance year {year}", headings, rows, warnings)
