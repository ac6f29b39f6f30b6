"""The catalogue of alternative payment models: what each track was, year by year, and how far that is verified."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from . import _core
from . import rules as _rules
from ._errors import InputError
from ._frames import year_of
from ._table import Table
from .samples import to_frame

ANSWERS = ("yes", "no", "unknown")


@dataclass(frozen=True)
class ModelTrack:
    """One track or arrangement of a model in one performance year.

    Attributes
    ----------
    performance_year : int
    model, name, track : str
        Short name, full name, and the track; with the year they are the key.
    kind : str
        `accountable_care_organization`, `bundled_payment`, `medical_home`, `kidney`, `oncology`, `state_total_cost` or
        `other`.
    scope : str
        `population`, `episode` or `condition`.
    advanced, mips_apm, medical_home_model : str
        `yes`, `no` or `unknown`.
    hcp_lan : str or None
        Category of the Health Care Payment Learning and Action Network, such as `3B`.
    authority : str
        On what it rests, as `advanced_apm` reads it.
    cehrt, quality : str
        Whether its terms require certified EHR technology, and tie payment to quality: `yes`, `no` or `unknown`.
    start, end : str or None
        First and last day, where they are known.
    program, arrangement : str or None
        The rule book's own names, where it can be settled.
    confidence : str
        How `advanced` was checked: `primary`, `secondary`, or `recalled`, which is not verified.
    sources : tuple of str
    note : str or None
    rule : str
        Id in the rule book.
    """

    performance_year: int
    model: str
    name: str
    track: str
    kind: str
    scope: str
    advanced: str
    mips_apm: str
    medical_home_model: str
    hcp_lan: str | None
    authority: str
    cehrt: str
    quality: str
    start: str | None
    end: str | None
    program: str | None
    arrangement: str | None
    confidence: str
    sources: tuple[str, ...]
    note: str | None
    rule: str


_HEADINGS = ("year", "model", "track", "kind", "Advanced APM", "MIPS APM", "medical home", "HCP-LAN", "dates",
             "settled as", "confidence")  # fmt: skip


@dataclass(frozen=True)
class Catalogue:
    """Tracks of models; prints as a table, and converts to a frame.

    Attributes
    ----------
    entries : tuple of ModelTrack
    """

    entries: tuple[ModelTrack, ...]

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[ModelTrack]:
        return iter(self.entries)

    def table(self) -> Table:
        """The catalogue as a table of text.

        Returns
        -------
        Table
        """
        recalled = sum(entry.confidence == "recalled" for entry in self.entries)
        notes = [f"{len(self.entries) - recalled} of {len(self.entries)} rows read in a published list or rule; the "
                 "others are recalled, not verified."]  # fmt: skip
        notes += dict.fromkeys(f"{e.model} {e.track}: {e.note}" for e in self.entries if e.note)
        return Table("Alternative payment models", _HEADINGS, [_row(entry) for entry in self.entries], tuple(notes))

    def to_frame(self, backend: str | None = None) -> Any:
        """The catalogue as a data frame, one row a track and year.

        Parameters
        ----------
        backend : {"pandas", "polars", "pyarrow"}, optional
            Kind of frame; the first of these that is installed where None.

        Returns
        -------
        pandas.DataFrame, polars.DataFrame or pyarrow.Table
            Columns as the attributes of `ModelTrack`; `sources` is one text.
        """
        names = [field.name for field in fields(ModelTrack)]
        columns: dict[str, list[Any]] = {name: [getattr(e, name) for e in self.entries] for name in names}
        columns["sources"] = ["; ".join(entry.sources) for entry in self.entries]
        return to_frame(columns, backend)

    def __str__(self) -> str:
        return str(self.table())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def _row(entry: ModelTrack) -> tuple[str, ...]:
    dates = "" if entry.start is None and entry.end is None else f"{entry.start or ''} to {entry.end or ''}".strip()
    settled = " ".join(word for word in (entry.program, entry.arrangement) if word)
    what = (str(entry.performance_year), entry.model, entry.track, entry.kind.replace("_", " "))
    answers = (entry.advanced, entry.mips_apm, entry.medical_home_model, entry.hcp_lan or "")
    return (*what, *answers, dates, settled, entry.confidence)


def models(
    performance_year: int | None = None,
    *,
    model: str | None = None,
    kind: str | None = None,
    advanced: str | None = None,
    mips_apm: str | None = None,
    as_of: _rules.AsOf = None,
    proposed: bool = False,
    rules: _rules.RulesLike = None,
) -> Catalogue:
    """List alternative payment models by track and year: Advanced APM, MIPS APM, medical home, category, dates.

    CMS lists a model by track and year, never as a whole. Lists were seen for 2017 and 2018, and rows of the Shared
    Savings Program for 2026 and 2027; its Track 1 and levels A to D fail in all years by the text of the regulation.
    Every other row is recalled and says so in `confidence`. `unknown` is an answer, not a guess; see 42 CFR
    414.1410(b).

    Parameters
    ----------
    performance_year : int, optional
        All years of the catalogue where None.
    model : str, optional
        Short name of one model, such as ``"mssp"``.
    kind : str, optional
        One kind, see `ModelTrack`.
    advanced, mips_apm : {"yes", "no", "unknown"}, optional
        Only rows with this answer.
    as_of, proposed, rules
        As for `qp_status`.

    Returns
    -------
    Catalogue

    Raises
    ------
    NotModelledError
        Where the catalogue does not have the year.
    InputError
        Where a filter is no word of the catalogue.

    Examples
    --------
    >>> import sharedsavings as ss
    >>> for track in ss.models(2024, model="mssp", advanced="yes"):
    ...     print(track.track, track.hcp_lan, track.program, track.arrangement, track.confidence)
    BASIC Level E 3B mssp E recalled
    ENHANCED 3B mssp ENHANCED recalled
    """
    year = None if performance_year is None else year_of(performance_year)
    everything = _core.apm_catalogue(year, _rules.load(rules), as_of, proposed)
    entries = [_entry(words) for words in everything]
    for name, value in (("advanced", advanced), ("mips_apm", mips_apm)):
        if value is not None and value not in ANSWERS:
            raise InputError(f"{name}={value!r}: choose from {', '.join(ANSWERS)}")
    for name, value in (("model", model), ("kind", kind)):
        known = dict.fromkeys(getattr(entry, name) for entry in entries)
        if value is not None and value not in known:
            raise InputError(f"{name}={value!r}: choose from {', '.join(known)}")
    wanted = {"model": model, "kind": kind, "advanced": advanced, "mips_apm": mips_apm}
    asked = {name: value for name, value in wanted.items() if value is not None}
    return Catalogue(tuple(e for e in entries if all(getattr(e, name) == value for name, value in asked.items())))


def _entry(words: dict[str, Any]) -> ModelTrack:
    filled = {field.name: words[field.name] for field in fields(ModelTrack)}
    return ModelTrack(**{**filled, "sources": tuple(words["sources"])})
