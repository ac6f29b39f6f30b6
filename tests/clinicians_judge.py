"""A second implementation of `clinicians`, in plain Python: lists of dicts, fractions, and days counted by datetime."""

from __future__ import annotations

import datetime as dt
import functools
from collections import defaultdict
from fractions import Fraction
from typing import Any

Row = dict[str, Any]

# Payment amount QP and Partial QP, patient count QP and Partial QP, in percent; by performance year.
THRESHOLDS = dict.fromkeys((2017, 2018), (25, 20, 20, 10)) | dict.fromkeys(range(2019, 2025), (50, 40, 35, 25))
THRESHOLDS |= {2025: (75, 50, 50, 35), 2026: (50, 40, 35, 25), 2027: (75, 50, 50, 35), 2028: (75, 50, 50, 35)}
MINIMUMS = (25, 20, 20, 10)
BASES = ("evaluation_and_management", "covered_professional_services")


def luhn(npi: int) -> bool:
    """By the textbook: from the right, every second digit doubled."""
    digits = [int(d) for d in "80840" + str(npi)]
    doubled = [sum(divmod(2 * d, 10)) if at % 2 else d for at, d in enumerate(reversed(digits))]
    return len(str(npi)) == 10 and str(npi)[0] in "12" and sum(doubled) % 10 == 0


def snapshots(year: int) -> list[dt.date]:
    return [dt.date(year, 3, 31), dt.date(year, 6, 30), dt.date(year, 8, 31)]


def scored(row: Row, year: int) -> tuple[int, str | None, str | None]:
    """Status as 0, 1, 2, method and option."""
    pay = share(row, "payments_attributed", "payments_eligible")
    pat = share(row, "patients_attributed", "patients_eligible")
    status, method = reached(pay, pat, THRESHOLDS[year])
    option = "medicare" if status else None
    all_pay = share(row, "all_payer_payments_apm", "all_payer_payments_total")
    all_pat = share(row, "all_payer_patients_apm", "all_payer_patients_total")
    if year >= 2019:
        opened, _ = reached(pay, pat, MINIMUMS)
        for level in (2, 1):
            by = methods(all_pay, all_pat, THRESHOLDS[year], level)
            if by and opened >= level > status:
                return level, by, "all_payer"
    return status, method, option


def complete(row: Row) -> bool:
    """Whether a score has all of its Medicare amounts."""
    names = (f"{what}_{part}" for what in ("payments", "patients") for part in ("attributed", "eligible"))
    return all(row[name] is not None for name in names if name in row)


def share(row: Row, part: str, whole: str) -> Fraction | None:
    if row.get(part) is None or not row[whole]:
        return None
    return Fraction(str(row[part])) / Fraction(str(row[whole]))


def methods(pay: Fraction | None, pat: Fraction | None, table: tuple[int, ...], level: int) -> str | None:
    at = 0 if level == 2 else 1
    by = [pay is not None and 100 * pay >= table[at], pat is not None and 100 * pat >= table[at + 2]]
    return {(True, True): "both", (True, False): "payment_amount", (False, True): "patient_count"}.get(tuple(by))


def reached(pay: Fraction | None, pat: Fraction | None, table: tuple[int, ...]) -> tuple[int, str | None]:
    for level in (2, 1):
        by = methods(pay, pat, table, level)
        if by:
            return level, by
    return 0, None


@functools.cache
def evaluated(year: int, start: dt.date | None, end: dt.date | None) -> list[dt.date]:
    """Snapshots on or after the sixtieth day of testing within January to August."""
    tested = [
        day
        for day in (dt.date(year, 1, 1) + dt.timedelta(n) for n in range(366))
        if day <= dt.date(year, 8, 31) and (start is None or day >= start) and (end is None or day <= end)
    ]
    return [day for day in snapshots(year) if len(tested) >= 60 and day >= tested[59]]


def determine(roster: list[Row], scores: list[Row], year: int, *, by_tin: bool, proposed: bool) -> list[Row]:
    """Every output column of `clinicians`."""
    by_entity: dict[str, list[Row]] = defaultdict(list)
    by_npi: dict[int, list[Row]] = defaultdict(list)
    for row in scores:
        if row["entity"] is not None:
            by_entity[row["entity"]].append(row)
        else:
            by_npi[row["npi"]].append(row)
    facts = {row["entity"]: row for row in roster}
    has_list = {row["entity"] for row in roster if row["list"] == "participation"}
    out = []
    for npi in sorted({row["npi"] for row in roster}):
        mine = [row for row in roster if row["npi"] == npi]
        scoped = proposed and year >= 2027
        for tin in sorted({row["tin"] for row in mine}) if by_tin else [None]:
            here = [row for row in mine if tin is None or row["tin"] == tin]
            reach = here if scoped else mine
            done = one(npi, reach, mine, facts, has_list, by_entity, by_npi[npi], year)
            counted = {row["entity"] for row in here if row["list"] == "participation" or row["entity"] not in has_list}
            out.append({"npi": npi, **({"tin": tin} if by_tin else {}), **done, "entities": len(counted)})
    return out


def one(  # noqa: PLR0912 - the rules one after the other
    npi: int,
    reach: list[Row],
    mine: list[Row],
    facts: dict[str, Row],
    has_list: set[str],
    by_entity: dict[str, list[Row]],
    own_scores: list[Row],
    year: int,
) -> Row:
    always = year >= 2026
    notes: set[str] = set()
    found = []  # status, level, elected, snapshot, basis, entity: the smallest after negating decides
    unknown = False
    own = next((row["individual_election"] for row in mine if row["individual_election"]), "none")

    def gone(entity: str) -> bool:
        fact = facts[entity]
        ended = fact["termination_date"]
        return year >= 2020 and ended is not None and (ended < dt.date(year, 8, 31) or fact["without_financial_risk"])

    def days(entity: str) -> list[dt.date]:
        return evaluated(year, facts[entity]["model_start"], facts[entity]["model_end"])

    def rows_of(entity: str) -> list[Row]:
        return [r for r in by_entity[entity] if r["snapshot"] in days(entity)]

    def results(entity: str) -> list[tuple[int, Row]]:
        return [(scored(r, year)[0], r) for r in rows_of(entity) if complete(r)]

    kinds_of_score = 2 if always else 1
    partly = False

    for entity in sorted({row["entity"] for row in reach}):
        kinds = {row["list"] for row in reach if row["entity"] == entity}
        if "participation" not in kinds and entity in has_list:
            notes.add("affiliated_list_not_used")
            continue
        status = max((level for level, _ in results(entity)), default=None)
        open_ = not gone(entity) and bool(days(entity))
        if gone(entity):
            notes.add("terminated_entity")
        elif not days(entity):
            notes.add("model_under_60_days")
        at_level = open_ and ("participation" in kinds or always)
        elected = facts[entity]["entity_election"] or "none"
        if elected in ("in", "out") and not (at_level and status in (1, None)):
            notes.add("election_not_partial_qp")
        late = facts[entity]["termination_date"] is not None and facts[entity]["without_financial_risk"] is None
        if open_ and late and year >= 2020:
            notes.add("termination_risk_unknown")
        if at_level:
            if status is None and "participation" in kinds:
                unknown = True
            if not all(complete(r) for r in rows_of(entity)):
                unknown = True
            elif status is not None and len(rows_of(entity)) < len(days(entity)) * kinds_of_score:
                partly = True
            for level, row in results(entity):
                found.append((level, "entity", elected, row["snapshot"], row["basis"], entity, row))
    # Individual determinations.
    due: set[dt.date] = set()
    lonely = False
    groups = sorted({row["entity"] for row in mine if row["list"] == "participation"})
    left = [entity for entity in groups if not gone(entity) and days(entity)]
    for entity in {row["entity"] for row in mine} - has_list:
        if not gone(entity) and days(entity):
            listed = {row["snapshot"] for row in mine if row["entity"] == entity}
            due |= listed & set(days(entity))
            if entity in {row["entity"] for row in reach} and not (always and results(entity)):
                lonely = True
    if always:
        due |= {day for entity in left for day in days(entity)}
    elif len(groups) > 1 and left and all(level < 2 for entity in left for level, _ in results(entity)):
        due.add(snapshots(year)[-1])
    met = [row for row in own_scores if row["snapshot"] in due]
    counted = [row for row in met if complete(row)]
    unknown |= len(counted) < len(met)
    partly |= 0 < len(met) < len(due) * kinds_of_score
    for row in counted:
        found.append((scored(row, year)[0], "individual", own, row["snapshot"], row["basis"], "", row))
    unknown |= lonely and not counted
    found.sort(
        key=lambda f: (
            -f[0],
            f[1] != "entity",
            {"in": 0, "undecided": 1}.get(f[2], 2) if f[0] == 1 else 0,
            f[3],
            BASES.index(f[4] or BASES[0]),
            f[5],
        )
    )
    best = found[0] if found else (0,)
    if own in ("in", "out") and not (best[0] == 1 and best[1] == "individual"):
        both = best[0] == 1 and any(scored(row, year)[0] == 1 for row in counted)
        notes.add("entity_election_governs" if both else "election_not_partial_qp")
    if partly and best[0] != 2:
        notes.add("incomplete_scores")
    if due and not counted and best[0] != 2:
        notes.add("no_individual_score")
    nothing = dict.fromkeys(("level", "entity", "snapshot", "basis", "method", "option"))
    if unknown and best[0] != 2:
        return {"status": None, **nothing, "mips": None, "reason": "no_score"}
    order = ("termination_risk_unknown", "incomplete_scores", "entity_election_governs", "election_not_partial_qp",
             "no_individual_score", "terminated_entity", "model_under_60_days",
             "affiliated_list_not_used")  # fmt: skip
    reason = next((note for note in order if note in notes), None)
    if best[0] == 0:
        return {"status": "none", **nothing, "mips": "scored", "reason": reason}
    level, where, election, day, basis, entity, row = best
    _, method, option = scored(row, year)
    mips = "excluded"
    if level == 1:
        mips = {"in": "scored", "undecided": "may_elect"}.get(election, "excluded")
    return {
        "status": "qp" if level == 2 else "partial_qp",
        "level": where,
        "entity": entity or None,
        "snapshot": day,
        "basis": (basis or BASES[0]) if always else None,
        "method": method,
        "option": option,
        "mips": mips,
        "reason": reason,
    }
