"""The rule book: every number that comes from law, with years, standing, confidence and citation."""

from __future__ import annotations

import builtins
import datetime as dt
import os
from collections.abc import Mapping
from typing import Any

from ._core import RuleBook, shipped
from ._errors import InputError, NotModelledError
from ._table import Table

__all__ = ["AsOf", "RuleBook", "RulesLike", "diff", "list", "load", "shipped", "show"]

RulesLike = RuleBook | Mapping[str, Any] | str | os.PathLike[str] | None
AsOf = dt.date | str | None


def load(rules: RulesLike = None) -> RuleBook:
    """Load a rule book: the shipped one, or that with overrides laid over it.

    Parameters
    ----------
    rules : RuleBook, path, mapping or None
        A TOML file or a mapping of `[[rule]]`, `[[source]]` and `[set]`; a mapping with none of these keys is
        read as `[set]`: rule id to a value (text), or to ``{"value": ..., "from": year, "to": year}``.

    Returns
    -------
    RuleBook

    Raises
    ------
    RuleBookError
        Where the book is malformed; the message names file, rule and key.

    Examples
    --------
    >>> import sharedsavings as ss
    >>> frozen = ss.rules.load({"qp.medicare.payment_amount.qp": {"value": "0.50", "from": 2025}})
    >>> frozen.digest != ss.rules.load().digest
    True
    """
    if rules is None:
        return shipped()
    if isinstance(rules, RuleBook):
        return rules
    return shipped().overlay(dict(rules) if isinstance(rules, Mapping) else rules)


def list(prefix: str = "", *, rules: RulesLike = None) -> Table:
    """List rule ids with their kind, unit, years and number of versions.

    Parameters
    ----------
    prefix : str
        Keep ids that begin with this.
    rules : RulesLike
        As for `load`.

    Returns
    -------
    Table

    Examples
    --------
    >>> import sharedsavings as ss
    >>> len(ss.rules.list("qp.medicare").rows)
    4
    """
    book = load(rules)
    by_id: dict[str, dict[str, Any]] = {}
    for rule in book.rules():
        if rule["id"].startswith(prefix):
            entry = by_id.setdefault(rule["id"], {"from": rule["from"], "to": rule["to"], "n": 0, **_shape(rule)})
            entry["from"] = min(entry["from"], rule["from"])
            open_ended = entry["to"] is None or rule["to"] is None
            entry["to"] = None if open_ended else max(entry["to"], rule["to"])
            entry["n"] += 1
    if not by_id:
        raise NotModelledError(f"no rule begins with {prefix!r}. Did you mean {book.suggest(prefix)}?")
    rows = [
        (
            id_,
            e["kind"],
            e["unit"],
            f"{e['from']} to {e['to'] or '...'}",
            e["clock"].replace("_", " "),
            str(e["n"]),
        )
        for id_, e in by_id.items()
    ]
    title = f"Rule book {book.version}, digest {book.digest[:12]}"
    return Table(title, ("rule", "kind", "unit", "years", "clock", "versions"), rows)


def _shape(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": rule["kind"], "unit": rule["unit"], "clock": rule["clock"]}


def show(id: str, *, year: int | None = None, as_of: AsOf = None, rules: RulesLike = None) -> Table:
    """Show every version of a rule, or the one in force in a year.

    Parameters
    ----------
    id : str
        Rule id.
    year : int, optional
        Year of the rule's own clock; all years where it is None.
    as_of : date or str, optional
        Date of knowledge; everything the book knows where it is None.
    rules : RulesLike
        As for `load`.

    Returns
    -------
    Table
        Years, value, standing, confidence, date of knowledge, sources; the strongest version last.

    Raises
    ------
    NotModelledError
        Where there is no such rule, or none for the year.

    Examples
    --------
    >>> import sharedsavings as ss
    >>> ss.rules.show("qp.medicare.payment_amount.qp", year=2026, as_of="2026-02-02").rows[0][1]
    '0.75'
    >>> ss.rules.show("qp.medicare.payment_amount.qp", year=2026).rows[0][1]
    '0.50'
    """
    book = load(rules)
    versions = book.rules(id)
    if not versions:
        raise NotModelledError(f"no rule {id!r}. Did you mean {book.suggest(id)}?")
    date = _date(as_of)
    if year is not None:
        found = book.find(id, year, date)
        if found is None:
            known = "" if date is None else f" known on {date}"
            raise NotModelledError(f"rule {id!r} has no version for {year}{known}. See rules.show({id!r})")
        versions = [found]
    elif date is not None:
        versions = [r for r in versions if r["known_from"] is None or r["known_from"] <= date]
        if not versions:
            raise NotModelledError(f"rule {id!r} was not known on {date}. See rules.show({id!r})")
    sources = book.sources()
    rows = []
    cited: dict[str, None] = {}
    for r in versions:
        cited.update(dict.fromkeys(r["cites"]))
        known = r["known_from"] or "-"
        rows.append((_years(r), r["text"], r["status"], _confidence(r), known, ", ".join(r["cites"]), r["note"]))
    notes = tuple(f"[{c}] {sources[c]['title']}" + (f", {p}" if (p := sources[c]["paragraph"]) else "") for c in cited)
    unit = versions[0]["unit"]
    title = f"{id} ({unit}, by {versions[0]['clock'].replace('_', ' ')})"
    return Table(title, ("years", "value", "status", "confidence", "known from", "cites", "note"), rows, notes)


def diff(as_of_a: AsOf, as_of_b: AsOf, *, prefix: str = "", rules: RulesLike = None) -> Table:
    """Show what the book learnt between two dates: years whose value differs.

    Parameters
    ----------
    as_of_a, as_of_b : date, str or None
        Dates of knowledge; None is everything the book knows.
    prefix : str
        Keep rule ids that begin with this.
    rules : RulesLike
        As for `load`.

    Returns
    -------
    Table
        One row for each rule and run of years, with both values; ``-`` where the book knew none.

    Examples
    --------
    >>> import sharedsavings as ss
    >>> changed = ss.rules.diff("2026-02-02", "2026-02-03")
    >>> changed.rows[1][:4]
    ('qp.all_payer.patient_count.partial_qp', '2026', '0.35', '0.25')
    """
    book = load(rules)
    a, b = _date(as_of_a), _date(as_of_b)
    rows: builtins.list[tuple[str, ...]] = []
    for id_ in dict.fromkeys(r["id"] for r in book.rules()):
        if not id_.startswith(prefix):
            continue
        versions = book.rules(id_)
        edges = {r["from"] for r in versions} | {r["to"] + 1 for r in versions if r["to"] is not None}
        last_open = any(r["to"] is None for r in versions)
        ordered = sorted(edges)
        for at, start in enumerate(ordered):
            is_last = at == len(ordered) - 1
            if is_last and not last_open:
                continue
            old, new = book.find(id_, start, a), book.find(id_, start, b)
            before, after = (r["text"] if r else "-" for r in (old, new))
            if before != after:
                years = f"{start} on" if is_last else _span(start, ordered[at + 1] - 1)
                cites = ", ".join((new or old or {"cites": []})["cites"])
                rows.append((id_, years, before, after, cites))
    title = f"What changed between {a or 'everything known'} and {b or 'everything known'}"
    return Table(title, ("rule", "years", "before", "after", "cites"), rows)


def _confidence(rule: Mapping[str, Any]) -> str:
    """How the value was checked, and the keys of which that is not true."""
    recalled = ", ".join(rule["recalled"])
    return f"{rule['confidence']}; recalled for {recalled}" if recalled else str(rule["confidence"])


def _years(rule: Mapping[str, Any]) -> str:
    return f"{rule['from']} on" if rule["to"] is None else _span(rule["from"], rule["to"])


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _date(as_of: AsOf) -> str | None:
    if as_of is None:
        return None
    text = as_of.isoformat()[:10] if isinstance(as_of, dt.date) else as_of
    try:
        date = dt.date.fromisoformat(text).isoformat()
    except (TypeError, ValueError):
        date = None
    if date is None or date != text:
        raise InputError(f"as_of: {as_of!r} is not a date written yyyy-mm-dd")
    return date
