"""Results of the Shared Savings Program settled again and held against themselves."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core, puf
from . import rules as _rules
from ._compared import EQUAL, NOT_REPRODUCED, QUALITY, UNEXPLAINED, Compared, Counts
from ._frames import Frame
from .samples import to_frame
from .settle import OUTPUTS, Case

# A track of the same years that bears losses by the size scale: what it generates is what CMS printed in the years in
# which it printed the losses of one-sided ACOs too.
_TWO_SIDED = "3"
_ONE_SIDED_REASON = "no_downside_risk"
_REVENUE_REASON = "revenue_limit_not_applied"


def compare(name: str, file: puf.Puf, rules: _rules.RulesLike) -> Compared:
    """Settle a file and hold it against itself."""
    columns = file.columns
    out = _settle(columns, rules)
    least, most = (_settle({**columns, "quality_score": scores}, rules)["earned"] for scores in file.quality_range)
    as_printed = _generated_as_printed(file, out, rules)
    published = Frame(to_frame(columns, None), ["published_generated", "published_earned"], None)
    generated_equal, earned_equal, verdicts = _core.compare(
        as_printed,
        out["earned"],
        (least, most),
        _debt_floor(file, out, rules),
        out["reason"],
        published.numbers("published_generated"),
        published.numbers("published_earned"),
        _said(file),
    )
    amounts = {
        "generated": out["generated"],
        "generated_as_printed": as_printed,
        "earned": out["earned"],
        "earned_least": np.minimum(least, most),
        "earned_most": np.maximum(least, most),
    }
    result: dict[str, list[Any]] = {
        name: columns.get(name, [None] * len(verdicts)) for name in ("aco_id", "aco_name", "performance_year", "track")
    }
    for heading, cents in amounts.items():
        dollars = _core.dollars(cents, _core.NULL_CENTS).tolist()
        result[heading] = [None if math.isnan(amount) else amount for amount in dollars]
    result["published_generated"] = columns["published_generated"]
    result["published_earned"] = columns["published_earned"]
    result["generated_equal"] = generated_equal.tolist()
    result["earned_equal"] = earned_equal.tolist()
    result["reason"] = [_core.SETTLE_REASONS[code] for code in out["reason"]]
    result["verdict"] = [_core.VERDICTS[code] for code in verdicts]
    shared = result["published_generated"] if file.has_generated else result["published_earned"]
    counts = Counts(
        rows=len(verdicts),
        moving=sum(1 for amount in shared if amount),
        generated=sum(result["generated_equal"]) if file.has_generated else None,
        shared=None,
        earned=sum(result["earned_equal"]),
        published_rows=file.published_rows,
    )
    return Compared("mssp", name, file.performance_year, result, _statuses(verdicts), counts)


def _settle(columns: dict[str, list[Any]], rules: _rules.RulesLike) -> dict[str, Any]:
    return Case.of_frame(to_frame(columns, None), "mssp", rules).run(OUTPUTS, threads=None, invalid="null")


def _generated_as_printed(file: puf.Puf, out: dict[str, Any], rules: _rules.RulesLike) -> NDArray[np.int64]:
    """What the file should print as generated: in some years also losses that nobody shares."""
    generated: NDArray[np.int64] = out["generated"]
    if not file.one_sided_losses:
        return generated
    unshared = out["reason"] == _core.SETTLE_REASONS.index(_ONE_SIDED_REASON)
    tracks = [_TWO_SIDED if here else track for here, track in zip(unshared, file.columns["track"], strict=True)]
    shared = _settle({**file.columns, "track": tracks}, rules)["generated"]
    return np.where(unshared, shared, generated)


def _debt_floor(file: puf.Puf, out: dict[str, Any], rules: _rules.RulesLike) -> NDArray[np.int64]:
    """What is owed at the least revenue of a high-revenue ACO, where revenue may limit it; null elsewhere."""
    columns = file.columns
    share = _rules.shipped().find("mssp.high_revenue", file.performance_year)
    limited = out["reason"] == _core.SETTLE_REASONS.index(_REVENUE_REASON)
    high = np.array([low is False for low in columns.get("low_revenue", [None] * len(limited))], dtype=np.bool_)
    at = limited & high
    nowhere = np.full(len(at), _core.NULL_CENTS, dtype=np.int64)
    if share is None or not at.any():
        return nowhere
    revenue = [
        _core.least_revenue(float(spent), float(share["value"])) if here else None
        for here, spent in zip(at, columns["expenditures"], strict=True)
    ]
    return np.where(at, _settle({**columns, "participant_revenue": revenue}, rules)["earned"], nowhere)


def _said(file: puf.Puf) -> list[NDArray[np.bool_]]:
    """What the file says of each row beside its amounts, in the order of the core's `said`."""
    columns, rows = file.columns, len(file.columns["benchmark"])

    def flags(name: str, wanted: bool) -> NDArray[np.bool_]:
        return np.array([value is wanted for value in columns.get(name, [None] * rows)], dtype=np.bool_)

    totals = zip(columns["published_savings"], columns["benchmark"], columns["published_minimum_rate"], strict=True)
    within = [None not in total and _core.within_rate(*(float(v) for v in total)) for total in totals]
    rates = columns["published_sharing_rate"]
    printed = zip(columns["benchmark"], columns["expenditures"], columns["published_savings"], strict=True)
    disagree = [None in total or not _core.totals_agree(*(float(v) for v in total)) for total in printed]
    return [
        np.array([not file.has_standard and rate == 0 for rate in rates], dtype=np.bool_),
        flags("published_mid_year_termination", True),
        flags("published_revenue_limit", False),
        np.array(within, dtype=np.bool_),
        np.full(rows, not file.has_generated),
        np.array(disagree, dtype=np.bool_),
    ]


def _statuses(verdicts: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What each verdict comes to."""
    starts = [0, QUALITY, _core.NOT_REPRODUCED, _core.UNEXPLAINED]
    words = np.array([EQUAL, QUALITY, NOT_REPRODUCED, UNEXPLAINED], dtype=np.uint8)
    return words[np.searchsorted(starts, verdicts, side="right") - 1]
