"""From lists and scores to clinicians: 42 CFR 414.1425. Vectors are numbered as in CMS's rules as we worked them out.

The fifteen traps of the Quality Payment Program, and where those that concern this verb are tested: 1 thresholds by
payment year (T5 here, `test_qp.py`); 2 meets or exceeds (`test_qp.py`; sixty days here); 3 patient against payment
thresholds (`test_qp.py`); 5 constant Medicare minimums (T8 and T9 here, `test_qp.py`); 6 the better status, not the
higher score (here); 8 any snapshot, 31 December for MIPS only (here); 9 terminations after the fact (T23); 10
individual level in two cases before 2026 and always after, on two bases (T6, T7 and here); 11 an entity's election
binds all (here); 13 all TINs of an NPI (here); 14 no rounding before comparing (`test_qp.py`, and weighted scores in
`test_all_payer.py`); 15 statute before codified text (T5). 4 and 12 are of incentive and MIPS scores, 7 is of whoever
counts patients.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import numpy as np
import polars as pl
import pytest

import clinicians_judge as judge
import sharedsavings as ss
from sharedsavings import _core

NPIS = [int(npi) for npi in _core.made_npis(0, 400, 2024, _core.shipped())]
MARCH, JUNE, AUGUST = range(3)


def day(year: int, at: int) -> dt.date:
    return judge.snapshots(year)[at]


def listed(year: int, entity: str, npi: int = NPIS[0], at: tuple[int, ...] = (0, 1, 2), **more: Any) -> list[dict]:
    """Rows of a clinician on a list of an entity at these snapshots."""
    row = {"npi": npi, "tin": 1, "entity": entity, "list": "participation"} | more
    return [row | {"snapshot": day(year, snapshot)} for snapshot in at]


def score(year: int, of: str | int, payments: float, patients: float = 0, at: int = AUGUST, **more: Any) -> dict:
    """A score in percent."""
    whose = {"entity": of, "npi": None} if isinstance(of, str) else {"entity": None, "npi": of}
    amounts = {"payments_attributed": payments, "payments_eligible": 100.0, "patients_attributed": int(patients * 10),
               "patients_eligible": 1000}  # fmt: skip
    return whose | {"snapshot": day(year, at)} | amounts | more


def at_all(year: int, of: str | int, *payments: float | None, **more: Any) -> list[dict]:
    """Scores at all snapshots, the last of them repeated."""
    of_each = [*payments, *payments[-1:] * 2][:3]
    return [score(year, of, percent, at=at, **more) for at, percent in enumerate(of_each)]


def table(rows: list[dict]) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None)


def determine(year: int, roster: list[dict], scores: list[dict], **options: Any) -> ss.Result:
    return ss.clinicians(table(roster), table(scores), performance_year=year, **options)


def first(year: int, roster: list[dict], scores: list[dict], **options: Any) -> dict:
    return determine(year, roster, scores, **options).frame.row(0, named=True)


# Vectors


@pytest.mark.parametrize(
    ("vector", "year", "payments", "patients", "status", "method"),
    [
        ("T1", 2017, 25, 0, "qp", "payment_amount"),
        ("T2", 2017, 24.99, 19, "partial_qp", "both"),
        ("T3", 2020, 49.9, 35, "qp", "patient_count"),
        ("T4", 2025, 60, 45, "partial_qp", "both"),
        ("T5", 2026, 60, 30, "qp", "payment_amount"),
        ("T7", 2025, 48, 30, "none", None),
        ("T7, 35 of patients", 2025, 48, 35, "partial_qp", "patient_count"),
        ("T7, 50 of patients", 2025, 48, 50, "qp", "patient_count"),
    ],
)
def test_t1_to_t5_and_t7_an_entitys_score_is_that_of_its_clinicians(vector, year, payments, patients, status, method):
    found = first(year, listed(year, "A"), [score(year, "A", payments, patients)])
    assert (found["status"], found["method"]) == (status, method), vector
    assert found["level"] == (None if status == "none" else "entity")


def test_t6_the_individual_score_counts_beside_the_entitys_from_2026():
    scores = [score(2026, "A", 48), score(2026, NPIS[0], 51)]
    found = first(2026, listed(2026, "A"), scores)
    assert (found["status"], found["level"], found["entity"]) == ("qp", "individual", None)


def test_t7_the_individual_score_of_one_entitys_clinician_is_not_computed_in_2025():
    scores = [score(2025, "A", 48, 30), score(2025, NPIS[0], 76)]
    found = first(2025, listed(2025, "A"), scores)
    assert (found["status"], found["level"]) == ("none", None)


def all_payer(part: float, whole: float = 100) -> dict:
    return {"all_payer_payments_apm": part, "all_payer_payments_total": whole}


def test_t8_medicare_minimum_met_and_all_payer_score_enough_make_a_qp():
    found = first(2019, listed(2019, "A"), [score(2019, "A", 26, **all_payer(50))])
    assert (found["status"], found["option"]) == ("qp", "all_payer")


def test_t9_short_of_the_minimum_for_qp_the_all_payer_score_makes_a_partial_qp():
    found = first(2019, listed(2019, "A"), [score(2019, "A", 24.9, 19.9, **all_payer(90))])
    assert (found["status"], found["option"]) == ("partial_qp", "all_payer")


@pytest.mark.parametrize(
    ("vector", "start", "end", "at"),
    [
        ("T15", dt.date(2023, 7, 1), None, [AUGUST]),
        ("T16", dt.date(2023, 7, 4), None, []),
        ("T16, a day earlier", dt.date(2023, 7, 3), None, [AUGUST]),
        ("T17", None, dt.date(2023, 2, 28), []),
        ("T17, a day later", None, dt.date(2023, 3, 1), [MARCH, JUNE, AUGUST]),
    ],
)
def test_t15_to_t17_a_model_of_sixty_days_is_evaluated_from_its_sixtieth_day_on(vector, start, end, at):
    for snapshot in range(3):
        roster = listed(2023, "A", model_start=start, model_end=end)
        found = first(2023, roster, [score(2023, "A", 90, at=snapshot)])
        counted = snapshot in at
        # A score at a snapshot that does not count is no score.
        assert found["status"] == ("qp" if counted else "none" if not at else None), (vector, snapshot)
        assert found["reason"] == (None if counted else "no_score" if at else "model_under_60_days")


@pytest.mark.parametrize(
    ("year", "ended", "without_risk", "status"),
    [
        (2023, dt.date(2023, 8, 15), False, "none"),
        (2020, dt.date(2020, 8, 15), False, "none"),
        (2019, dt.date(2019, 8, 15), False, "qp"),
        (2023, dt.date(2023, 8, 30), False, "none"),
        (2023, dt.date(2023, 8, 31), False, "qp"),
        (2023, dt.date(2023, 10, 1), False, "qp"),
        (2023, dt.date(2023, 10, 1), True, "none"),
        (2023, None, False, "qp"),
        (2023, None, None, "qp"),
    ],
)
def test_t23_an_entity_that_terminated_makes_nobody_a_qp_from_2020_on(year, ended, without_risk, status):
    roster = listed(year, "A", termination_date=ended, without_financial_risk=without_risk)
    found = first(year, roster, [score(year, "A", 90, at=at) for at in range(3)])
    assert found["status"] == status
    assert found["reason"] == (None if status == "qp" else "terminated_entity")


# Levels


def test_of_several_entities_one_that_is_qp_is_enough_and_none_that_terminated():
    roster = listed(2023, "A", termination_date=dt.date(2023, 5, 1)) + listed(2023, "B", termination_date=None)
    for payments, status in ((55, "qp"), (45, "partial_qp")):
        found = first(2023, roster, [score(2023, "A", 90), score(2023, "B", payments)])
        assert (found["status"], found["entity"], found["entities"]) == (status, "B", 2)


@pytest.mark.parametrize(("at", "status"), [(AUGUST, "qp"), (JUNE, "partial_qp"), (MARCH, "partial_qp")])
def test_a_clinician_of_several_entities_none_of_which_is_qp_is_determined_over_the_full_period(at, status):
    roster = listed(2024, "A") + listed(2024, "B")
    scores = [score(2024, "A", 45), score(2024, "B", 30), score(2024, NPIS[0], 52, at=at)]
    found = first(2024, roster, scores)
    assert (found["status"], found["level"]) == (status, "individual" if status == "qp" else "entity")


def test_where_one_of_several_entities_is_qp_no_individual_determination_is_made():
    roster = listed(2024, "A") + listed(2024, "B")
    found = first(2024, roster, [score(2024, "A", 55), score(2024, "B", 30)])
    assert (found["status"], found["level"], found["reason"]) == ("qp", "entity", None)
    found = first(2024, roster, at_all(2024, "A", 45) + at_all(2024, "B", 30))
    assert found["reason"] == "no_individual_score"


def test_affiliated_practitioners_are_determined_individually_at_each_snapshot_that_lists_them():
    scores = [score(2024, NPIS[0], 60, at=MARCH), score(2024, NPIS[0], 30, at=JUNE)]
    for at, status in (((MARCH, JUNE), "qp"), ((MARCH,), "qp"), ((JUNE,), "none")):
        roster = listed(2024, "A", at=at, list="affiliated_practitioner")
        found = first(2024, roster, scores)
        assert (found["status"], found["level"]) == (status, "individual" if status == "qp" else None)


def test_an_affiliated_list_is_not_used_where_the_entity_has_a_participation_list():
    roster = listed(2024, "A", list="affiliated_practitioner") + listed(2024, "A", NPIS[1])
    found = determine(2024, roster, [score(2024, "A", 60), score(2024, NPIS[0], 60)]).frame.rows(named=True)
    assert [(row["status"], row["reason"]) for row in found] == [("none", "affiliated_list_not_used"), ("qp", None)]


@pytest.mark.parametrize("at", [MARCH, JUNE, AUGUST])
@pytest.mark.parametrize("scored_at", [MARCH, JUNE, AUGUST])
def test_on_any_list_is_in_the_group_and_once_qp_stays_qp(at, scored_at):
    scores = [score(2024, "A", 60 if snapshot == scored_at else 10, at=snapshot) for snapshot in range(3)]
    found = first(2024, listed(2024, "A", at=(at,)), scores)
    assert (found["status"], found["snapshot"]) == ("qp", day(2024, scored_at))


def test_never_listed_is_no_qp_through_the_entity():
    row = {"npi": NPIS[0], "entity": "A", "listed_march_31": False, "listed_june_30": False, "listed_august_31": False}
    scores = [score(2024, "A", 90)]
    found = first(2024, [row], scores)
    assert (found["status"], found["reason"], found["entities"]) == ("none", "not_listed", 0)
    assert first(2024, [row | {"listed_june_30": True}], scores)["status"] == "qp"


def test_both_bases_count_from_2026_and_the_better_status_wins_not_the_higher_score():
    words = judge.BASES
    scores = [score(2026, "A", 48, 10, basis=words[0]), score(2026, "A", 41, 36, basis=words[1])]
    found = first(2026, listed(2026, "A"), [*scores, score(2026, NPIS[0], 1)])
    assert (found["status"], found["basis"], found["method"]) == ("qp", words[1], "patient_count")
    with pytest.raises(ss.InputError, match=r"`basis`: is none of evaluation_and_management in 1 rows.*leave out"):
        first(2025, listed(2025, "A"), [scores[1] | {"snapshot": day(2025, AUGUST)}])


def test_what_was_known_on_a_date_decides_at_which_levels_2026_is_determined():
    scores = [score(2026, "A", 70), score(2026, NPIS[0], 80)]
    found = [first(2026, listed(2026, "A"), scores, as_of=date) for date in ("2025-11-04", "2025-11-05", None)]
    assert [(row["status"], row["level"]) for row in found] == [
        ("partial_qp", "entity"), ("qp", "individual"), ("qp", "entity")
    ]  # fmt: skip
    with pytest.raises(ss.NotModelledError):
        first(2026, listed(2026, "A"), scores, as_of="2015-01-01")


def test_an_override_of_the_days_of_testing_is_used_and_told():
    roster = listed(2024, "A", model_start=dt.date(2024, 7, 1))
    assert first(2024, roster, [score(2024, "A", 60)])["status"] == "qp"
    done = determine(2024, roster, [score(2024, "A", 60)], rules={"qp.model_days": "63"})
    assert done.frame["reason"][0] == "model_under_60_days"
    assert any("qp.model_days" in warning and "set by the user" in warning for warning in done.warnings)
    for bad in ({"qp.snapshots": ["06-30", "03-31"]}, {"qp.individual": "sometimes"}, {"qp.npi_prefix": "eight"}):
        with pytest.raises(ss.SharedSavingsError, match="Mend the override"):
            determine(2024, roster, [score(2024, "A", 60)], rules=bad)


# Elections and MIPS


@pytest.mark.parametrize(
    ("election", "mips"), [(None, "excluded"), ("out", "excluded"), ("in", "scored"), ("undecided", "may_elect")]
)
def test_an_entitys_election_binds_all_its_partial_qps(election, mips):
    roster = [row for npi in NPIS[:3] for row in listed(2024, "A", npi, entity_election=election)]
    found = determine(2024, roster, [score(2024, "A", 45)]).frame
    assert found["status"].to_list() == ["partial_qp"] * 3
    assert found["mips"].to_list() == [mips] * 3


def test_who_is_determined_individually_elects_alone():
    roster = listed(2024, "A", list="affiliated_practitioner", individual_election="in", entity_election=None)
    roster += listed(2024, "A", NPIS[1], list="affiliated_practitioner", individual_election=None, entity_election=None)
    scores = [score(2024, npi, 45) for npi in NPIS[:2]]
    assert determine(2024, roster, scores).frame["mips"].to_list() == ["scored", "excluded"]


@pytest.mark.parametrize(("payments", "status"), [(60, "qp"), (30, "none")])
def test_an_election_of_an_entity_that_is_no_partial_qp_is_told(payments, status):
    found = first(2024, listed(2024, "A", entity_election="in"), at_all(2024, "A", payments))
    assert (found["status"], found["reason"]) == (status, "election_not_partial_qp")
    assert found["mips"] == {"qp": "excluded", "none": "scored"}[status]


def test_an_individual_election_of_an_entitys_partial_qp_does_not_count():
    found = first(2024, listed(2024, "A", individual_election="in"), at_all(2024, "A", 45))
    assert (found["status"], found["mips"], found["reason"]) == ("partial_qp", "excluded", "election_not_partial_qp")


# TINs


def test_a_status_follows_the_npi_to_all_its_tins_and_as_proposed_only_to_those_of_the_entity_from_2027():
    roster = listed(2027, "A") + listed(2027, "B", tin=2)
    scores = [score(2027, "A", 80), score(2027, "B", 10)]
    today = determine(2027, roster, scores, by="tin_npi")
    assert today.frame["status"].to_list() == ["qp", "qp"]
    proposed = determine(2027, roster, scores, by="tin_npi", proposed=True)
    assert proposed.frame.select("tin", "status").rows() == [(1, "qp"), (2, "none")]
    assert any("qp.status_scope" in warning and "proposed" in warning for warning in proposed.warnings)
    scores.append(score(2027, NPIS[0], 80))
    own = determine(2027, roster, scores, by="tin_npi", proposed=True).frame
    assert own.select("tin", "status", "level").rows() == [(1, "qp", "entity"), (2, "qp", "individual")]
    early = determine(2026, listed(2026, "A") + listed(2026, "B", tin=2), [score(2026, "A", 80)], by="tin_npi",
                      proposed=True)  # fmt: skip
    assert early.frame["status"].to_list() == ["qp", "qp"]


# What is missing


def test_an_entity_without_a_score_is_told_and_leaves_open_who_is_not_qp_otherwise():
    roster = listed(2024, "A") + listed(2024, "B")
    assert first(2024, roster, [score(2024, "B", 90)])["status"] == "qp"
    found = first(2024, roster, [score(2024, "B", 45)])
    assert (found["status"], found["mips"], found["reason"]) == (None, None, "no_score")
    alone = first(2024, listed(2024, "A") + listed(2024, "B", NPIS[1]), [score(2024, "B", 45)])
    assert (alone["status"], alone["reason"]) == (None, "no_score")
    affiliated = listed(2024, "A", list="affiliated_practitioner") + listed(2024, "B", NPIS[1])
    assert first(2024, affiliated, [score(2024, "B", 45)])["reason"] == "no_score"


def test_a_null_in_a_score_is_no_score():
    found = first(2024, listed(2024, "A"), [score(2024, "A", 60) | {"payments_attributed": None}])
    assert (found["status"], found["reason"]) == (None, "no_score")


# Scores that are not all there


def test_a_score_that_was_given_without_what_decides_it_leaves_open_who_is_not_qp_otherwise():
    amounts = {"payments": at_all(2024, "A", 30, 55, 45)}
    assert first(2024, listed(2024, "A"), amounts["payments"])["status"] == "qp"
    amounts["null"] = [row | ({"payments_attributed": None} if at == JUNE else {}) for at, row in
                       enumerate(amounts["payments"])]  # fmt: skip
    amounts["refused"] = at_all(2024, "A", 30, 155, 45)
    for name in ("null", "refused"):
        found = first(2024, listed(2024, "A"), amounts[name], invalid="null")
        assert (found["status"], found["mips"], found["reason"]) == (None, None, "no_score"), name
        # A QP it remains, whatever the missing score would be.
        high = [row | ({"payments_attributed": 51.0} if at == AUGUST else {}) for at, row in enumerate(amounts[name])]
        assert first(2024, listed(2024, "A"), high, invalid="null")["status"] == "qp"
    steps = determine(2024, listed(2024, "A"), amounts["refused"], invalid="null").explain(0).steps
    assert "the score is incomplete, or was refused" in [step.formula for step in steps]


def test_a_snapshot_without_a_score_keeps_the_status_and_is_told_unless_it_is_qp():
    march, june, august = at_all(2024, "A", 30, 55, 45)
    for rows, status, reason in (
        ([march, august], "partial_qp", "incomplete_scores"),
        ([august], "partial_qp", "incomplete_scores"),
        ([march], "none", "incomplete_scores"),
        ([june], "qp", None),
        ([march, june, august], "qp", None),
    ):
        found = first(2024, listed(2024, "A"), rows)
        assert (found["status"], found["reason"]) == (status, reason)
    # A snapshot at which the entity is not evaluated needs no score.
    late = listed(2024, "A", model_start=dt.date(2024, 6, 20))
    assert first(2024, late, [august])["reason"] is None


def test_individual_determinations_miss_snapshots_and_bases_in_the_same_way():
    roster = listed(2024, "A", list="affiliated_practitioner")
    found = first(2024, roster, [score(2024, NPIS[0], 45, at=MARCH)])
    assert (found["status"], found["reason"]) == ("partial_qp", "incomplete_scores")
    assert first(2024, roster, at_all(2024, NPIS[0], 45))["reason"] is None
    incomplete = at_all(2024, NPIS[0], 45)
    incomplete[JUNE] |= {"payments_attributed": None}
    assert first(2024, roster, incomplete)["reason"] == "no_score"
    both = [row for basis in judge.BASES for row in at_all(2026, "A", 45, basis=basis)]
    own = [row for basis in judge.BASES for row in at_all(2026, NPIS[0], 45, basis=basis)]
    for given, reason in ((own, None), (own[:3], "incomplete_scores"), ([], "no_individual_score")):
        assert first(2026, listed(2026, "A"), both + given)["reason"] == reason
    assert first(2026, listed(2026, "A"), both[:3] + own)["reason"] == "incomplete_scores"


# Terminations that cannot be read


@pytest.mark.parametrize("value", [20240815.5, float("inf"), float("-inf"), 0.0])
def test_a_termination_date_that_is_no_date_is_refused_and_never_read_as_none(door, value):
    roster = {"npi": [NPIS[0]], "entity": ["A"], "snapshot": [20240831], "termination_date": [value]}
    scores = door.frame({"entity": ["A"], "snapshot": [20240831], "payments_attributed": [90.0],
                         "payments_eligible": [100.0]})  # fmt: skip
    for invalid in ("raise", "null"):
        with pytest.raises(ss.InputError, match="column `termination_date`: is no date in 1 rows, first in row 0"):
            ss.clinicians(door.frame(roster), scores, performance_year=2024, invalid=invalid)


def test_fractions_and_infinities_are_no_snapshots_npis_or_truth_values(door):
    good = {"npi": [float(NPIS[0])], "entity": ["A"], "snapshot": [20240831.0], "termination_date": [20241115.0],
            "without_financial_risk": [0.0]}  # fmt: skip
    scores = door.frame({"entity": ["A"], "snapshot": [20240831], "payments_attributed": [90.0],
                         "payments_eligible": [100.0]})  # fmt: skip

    def call(change: dict[str, Any], invalid: str = "raise") -> ss.Result:
        return ss.clinicians(door.frame(good | change), scores, performance_year=2024, invalid=invalid)

    assert door.read(call({}).frame, "status") == ["qp"]
    for value in (20240831.5, float("inf")):
        with pytest.raises(ss.InputError, match="column `snapshot`: is no date in 1 rows"):
            call({"snapshot": [value]})
        assert door.read(call({"snapshot": [value]}, "null").frame, "reason") == ["snapshot_outside_period"]
    for value in (NPIS[0] + 0.5, float("inf")):
        with pytest.raises(ss.InputError, match=r"column `npi`: not an NPI in 1 row, .*\(value not ten digits\)"):
            call({"npi": [value]})
        assert door.read(call({"npi": [value]}, "null").frame, "reason") == ["invalid_npi"]
    for value in (0.5, 255.0, float("inf")):
        with pytest.raises(ss.InputError, match="column `without_financial_risk`: is no truth value in 1 rows"):
            call({"without_financial_risk": [value]})


def test_an_entity_without_financial_risk_needs_the_day_on_which_it_left():
    roster = listed(2024, "A", without_financial_risk=True, termination_date=None)
    for frame in (table(roster), table(roster).drop("termination_date")):
        with pytest.raises(ss.InputError, match="`without_financial_risk`: is true without a termination_date in 3"):
            ss.clinicians(frame, table(at_all(2024, "A", 90)), performance_year=2024)


@pytest.mark.parametrize(("year", "ended", "reason"), [
    (2024, dt.date(2024, 11, 15), "termination_risk_unknown"),
    (2024, dt.date(2024, 8, 31), "termination_risk_unknown"),
    (2024, dt.date(2024, 8, 30), "terminated_entity"),
    (2019, dt.date(2019, 11, 15), None),
])  # fmt: skip
def test_a_late_termination_is_told_where_nobody_says_what_it_does_to_the_risk(year, ended, reason):
    roster = listed(year, "A", termination_date=ended, without_financial_risk=None)
    for frame in (table(roster), table(roster).drop("without_financial_risk")):
        found = ss.clinicians(frame, table(at_all(year, "A", 90)), performance_year=year).frame.row(0, named=True)
        assert (found["status"], found["reason"]) == ("none" if reason == "terminated_entity" else "qp", reason)


# Elections between entities and levels


@pytest.mark.parametrize("names", [("A", "B"), ("B", "A")])
@pytest.mark.parametrize(
    ("elections", "mips"),
    [
        (("in", "undecided"), "scored"),
        (("undecided", "out"), "may_elect"),
        (("undecided", None), "may_elect"),
        (("out", None), "excluded"),
    ],
)
def test_the_order_of_names_does_not_say_who_is_in_mips(names, elections, mips):
    roster = [row for name, election in zip(names, elections, strict=True)
              for row in listed(2024, name, entity_election=election)]  # fmt: skip
    scores = [row for name in names for row in at_all(2024, name, 45)]
    found = first(2024, roster, [*scores, score(2024, NPIS[0], 30)])
    assert (found["status"], found["mips"]) == ("partial_qp", mips)


def test_an_entitys_determination_governs_a_partial_qp_of_both_levels_who_elected_alone():
    roster = listed(2024, "A", individual_election="in", entity_election="out")
    roster += listed(2024, "B", individual_election="in", entity_election=None)
    scores = at_all(2024, "A", 45) + at_all(2024, "B", 45)
    found = first(2024, roster, [*scores, score(2024, NPIS[0], 45)])
    assert (found["level"], found["mips"], found["reason"]) == ("entity", "excluded", "entity_election_governs")
    found = first(2024, roster, [*scores, score(2024, NPIS[0], 30)])
    assert found["reason"] == "election_not_partial_qp"


# Identifiers


def test_a_tin_is_the_same_with_and_without_its_hyphen():
    roster = listed(2024, "A", at=(MARCH,), tin="100000001") + listed(2024, "A", at=(JUNE,), tin="10-0000001")
    roster += listed(2024, "B", at=(JUNE,), tin="200000000")
    scores = at_all(2024, "A", 60) + at_all(2024, "B", 60)
    found = determine(2024, roster, scores, by="tin_npi").frame
    assert found.select("tin", "entities").rows() == [("10-0000001", 1), ("200000000", 1)]
    twice = listed(2024, "A", at=(MARCH,), tin="100000001") + listed(2024, "A", at=(MARCH,), tin="10-0000001")
    with pytest.raises(ss.InputError, match="listed twice"):
        determine(2024, twice, scores)


def test_scores_that_nobody_of_the_roster_has_are_counted_in_a_warning():
    scores = at_all(2024, "A", 60) + at_all(2024, "Y", 60) + at_all(2024, "Z", 60)
    done = determine(2024, listed(2024, "A"), [*scores, score(2024, NPIS[0], 60), score(2024, NPIS[7], 60)])
    unused = [warning for warning in done.warnings if "were not used" in warning]
    assert unused == [
        "Scores of 2 entities that the roster does not have were not used (the first is Y)",
        f"Scores of 1 clinician that the roster does not have were not used (the first is {NPIS[7]})",
    ]
    assert not any("not used" in w for w in determine(2024, listed(2024, "A"), at_all(2024, "A", 60)).warnings)


def test_entities_of_several_types_are_refused():
    import pandas as pd

    roster = pd.DataFrame({"npi": NPIS[:2], "entity": [1, "A"], "snapshot": [20240831] * 2})
    with pytest.raises(ss.InputError, match=r"column `entity`: holds values of several kinds \(int, str\)"):
        ss.clinicians(roster, table(at_all(2024, "A", 60)), performance_year=2024)


@pytest.mark.parametrize("year", ["2024", None, 2024.0])
def test_a_year_that_is_none_is_refused(year):
    with pytest.raises(ss.InputError, match=r"performance_year=.*: not a year\. Give one, such as 2024"):
        ss.clinicians(table(listed(2024, "A")), table(at_all(2024, "A", 60)), performance_year=year)


def test_rows_of_another_year_are_refused():
    roster, scores = table(listed(2024, "A")), table(at_all(2024, "A", 60))
    right, wrong = (pl.lit(year).alias("performance_year") for year in (2024, 2023))
    done = ss.clinicians(roster.with_columns(right), scores.with_columns(right), performance_year=2024)
    assert done.frame["status"].to_list() == ["qp"]
    for frames in ((roster.with_columns(wrong), scores), (roster, scores.with_columns(wrong))):
        with pytest.raises(ss.InputError, match=r"column `performance_year`: is not 2024, .* in 3 rows, first in row"):
            ss.clinicians(*frames, performance_year=2024)


def test_an_error_names_the_scores_own_column_and_offers_null_only_where_that_is_taken():
    roster = table(listed(2024, "A"))
    twice = table([score(2024, "A", 60), score(2024, "A", 50)]).drop("npi").rename({"entity": "ACO"})
    for invalid in ("raise", "null"):
        with pytest.raises(ss.InputError, match="column `ACO`: scored twice") as caught:
            ss.clinicians(roster, twice, performance_year=2024, score_columns={"entity": "ACO"}, invalid=invalid)
        assert "invalid=" not in str(caught.value)
    with pytest.raises(ss.InputError, match='invalid="null"'):
        determine(2024, [*listed(2024, "A"), listed(2024, "A", 1234567890)[0]], [score(2024, "A", 60)])
    own = table([score(2024, NPIS[0], 60)]).drop("entity")
    found = ss.clinicians(roster, twice.head(1), performance_year=2024, score_columns={"entity": "ACO"},
                          individual_scores=own).frame  # fmt: skip
    assert found["status"].to_list() == ["qp"]


# Bad input


BAD_ROWS = {
    "invalid_npi": ({"npi": 1234567890}, r"column `npi`: not an NPI in 1 row, first in row 3 \(value 1234567890\)"),
    "snapshot_outside_period": (
        {"snapshot": dt.date(2024, 12, 31)},
        r"column `snapshot`: not a snapshot of QP determinations in 1 row, first in row 3 \(value 2024-12-31\)",
    ),
    "unknown_word": ({"list": "partners"}, r"column `list`: is none of participation, .*row 3 \(value 'partners'\)"),
    "duplicate_row": ({"snapshot": dt.date(2024, 3, 31)}, r"column `npi`: listed twice in 1 row, first in row"),
}


@pytest.mark.parametrize("reason", BAD_ROWS)
def test_a_row_that_cannot_be_is_refused_or_leaves_its_clinician_null_and_no_other(door, reason):
    change, message = BAD_ROWS[reason]
    other = listed(2024, "A", at=(MARCH, JUNE, AUGUST))
    roster = [*other, listed(2024, "A", NPIS[1])[1] | change, listed(2024, "A", NPIS[1])[0]]
    if reason == "duplicate_row":
        roster[-1] |= {"snapshot": dt.date(2024, 3, 31)}
    columns = {name: [row[name] for row in roster] for name in roster[0]}
    scores = door.frame({name: [score(2024, "A", 60)[name]] for name in score(2024, "A", 60) if name != "npi"})
    with pytest.raises(ss.InputError, match=message):
        ss.clinicians(door.frame(columns), scores, performance_year=2024)
    found = ss.clinicians(door.frame(columns), scores, performance_year=2024, invalid="null").frame
    rows = dict(
        zip(
            door.read(found, "npi"),
            zip(door.read(found, "status"), door.read(found, "reason"), strict=True),
            strict=True,
        )
    )
    assert rows[NPIS[0]] == ("qp", None)
    bad = 1234567890 if reason == "invalid_npi" else NPIS[1]
    assert rows[bad] == (None, reason)


def test_two_elections_of_one_clinician_are_refused_or_null():
    roster = listed(2024, "A", individual_election="in", at=(MARCH,))
    roster += listed(2024, "A", individual_election="out", at=(JUNE,))
    with pytest.raises(ss.InputError, match="`individual_election`: elected differently in two rows in 1 row"):
        first(2024, roster, [score(2024, "A", 60)])
    found = first(2024, roster, [score(2024, "A", 60)], invalid="null")
    assert (found["status"], found["reason"]) == (None, "conflicting_elections")


def test_nulls_of_the_roster_leave_the_clinician_open():
    for name in ("entity", "snapshot"):
        roster = [*listed(2024, "A"), listed(2024, "B", at=(MARCH,))[0] | {name: None}]
        found = first(2024, roster, [score(2024, "A", 60)])
        assert (found["status"], found["reason"]) == (None, "missing_input"), name
    found = determine(2024, [*listed(2024, "A"), listed(2024, "A")[0] | {"npi": None}], [score(2024, "A", 60)]).frame
    assert found.select("npi", "status", "reason").rows() == [(None, None, "missing_input"), (NPIS[0], "qp", None)]


@pytest.mark.parametrize("text", [True, False])
def test_npis_as_text_are_read_and_what_is_no_number_is_refused(text):
    roster = [row | {"npi": str(row["npi"])} for row in listed(2024, "A")]
    assert first(2024, roster, [score(2024, "A", 60)])["npi"] == NPIS[0]
    for bad in ("12345", "123456789X", "", "01234567893", "-234567893", "1234567893.0"):
        with pytest.raises(ss.InputError, match="column `npi`: not an NPI in 1 row, first in row 3"):
            first(2024, [*roster, roster[0] | {"npi": bad}], [score(2024, "A", 60)])


WRONG_SCORES = {
    "twice": ([score(2024, "A", 60), score(2024, "A", 50)], "`entity`: scored twice in 1 row, first in row 1"),
    "individual twice": (
        [score(2024, "A", 60), score(2024, NPIS[0], 60), score(2024, NPIS[0], 50)],
        r"`npi`: scored twice in 1 row, first in row 2",
    ),
    "of both": ([score(2024, "A", 60) | {"npi": NPIS[0]}], "a score of an entity and of a clinician, or of neither"),
    "of nobody": ([score(2024, "A", 60), score(2024, "A", 60) | {"entity": None}], "or of neither in 1 row"),
    "bad npi": ([score(2024, "A", 60), score(2024, 1234567890, 60)], "`npi`: not an NPI in 1 row, first in row 1"),
    "another day": ([score(2024, "A", 60) | {"snapshot": dt.date(2024, 7, 1)}], "`snapshot`: not a snapshot"),
    "negative": ([score(2024, "A", -1)], "`payments_attributed`: negative"),
    "above": ([score(2024, "A", 101)], "`payments_attributed`: numerator above denominator"),
    "strangers": ([score(2024, "Z", 60)], "no entity of the scores is in the roster"),
}


@pytest.mark.parametrize("name", WRONG_SCORES)
def test_scores_that_cannot_be_are_refused(name):
    scores, message = WRONG_SCORES[name]
    with pytest.raises(ss.InputError, match=message):
        determine(2024, listed(2024, "A"), scores)
    if name in ("negative", "above"):
        found = first(2024, listed(2024, "A"), scores, invalid="null")
        assert (found["status"], found["reason"]) == (None, "no_score")


def test_a_percentage_alone_is_refused_as_it_cannot_be_compared_exactly():
    scores = pl.DataFrame({"entity": ["A"], "snapshot": [20240831], "payment_score": [64.59]})
    with pytest.raises(ss.InputError, match="column `payment_score`: a score alone cannot be compared exactly"):
        ss.clinicians(table(listed(2024, "A")), scores, performance_year=2024)


def test_facts_of_an_entity_that_differ_between_its_rows_are_refused():
    roster = listed(2024, "A", model_start=dt.date(2024, 2, 1)) + listed(2024, "A", NPIS[1], model_start=None)
    with pytest.raises(ss.InputError, match="column `model_start`: differs within an entity in 3 rows, first in row 3"):
        determine(2024, roster, [score(2024, "A", 60)])
    roster = listed(2024, "A", model_start=dt.date(2024, 2, 1), model_end=dt.date(2024, 1, 1))
    with pytest.raises(ss.InputError, match="`model_end`: not a date, or an end before its start"):
        determine(2024, roster, [score(2024, "A", 60)])


def test_what_a_call_lacks_is_named():
    roster, scores = table(listed(2024, "A")), table([score(2024, "A", 60)])
    for frame, lacks in (
        (roster.drop("npi"), "npi"),
        (roster.drop("entity"), "entity"),
        (roster.drop("snapshot"), "snapshot"),
    ):
        with pytest.raises(ss.InputError, match=f"column `{lacks}`"):
            ss.clinicians(frame, scores, performance_year=2024)
    with pytest.raises(ss.InputError, match=r"column `snapshot`: give it, .* the roster has both"):
        ss.clinicians(roster.with_columns(listed_march_31=True), scores, performance_year=2024)
    with pytest.raises(ss.InputError, match="column `tin`: missing"):
        ss.clinicians(roster.drop("tin"), scores, performance_year=2024, by="tin_npi")
    with pytest.raises(ss.InputError, match="by='tin'"):
        ss.clinicians(roster, scores, performance_year=2024, by="tin")
    with pytest.raises(ss.NotModelledError, match="2016"):
        ss.clinicians(roster, scores, performance_year=2016)
    with pytest.raises(ss.InputError, match="payments_attributed"):
        ss.clinicians(roster, scores.select("entity", "snapshot"), performance_year=2024)


def test_an_empty_roster_gives_an_empty_result(door):
    roster = door.frame({"npi": [NPIS[0]], "entity": ["A"], "snapshot": [20240331]})[:0]
    scores = door.frame(
        {"entity": ["A"], "snapshot": [20240331], "payments_attributed": [1.0], "payments_eligible": [2.0]}
    )
    done = ss.clinicians(roster, scores, performance_year=2024)
    assert len(done.frame) == 0
    assert "status" in door.columns(done.frame)


# The second implementation


def random_case(rng: random.Random, year: int) -> tuple[list[dict], list[dict]]:  # noqa: PLR0912 - one draw after the other
    entities = [f"E{number:02d}" for number in range(14)]
    dates = [dt.date(year, 1, 1) + dt.timedelta(days=n) for n in range(0, 330, 3)]
    pick = lambda chance, choices: rng.choice(choices) if rng.random() < chance else None  # noqa: E731
    facts = {}
    for entity in entities:
        start = pick(0.3, dates[:80])
        ends = [date for date in dates if start is None or date >= start]
        facts[entity] = {
            "model_start": start,
            "model_end": pick(0.15, ends),
            "termination_date": pick(0.3, dates[40:]),
            "without_financial_risk": None,
            "entity_election": pick(0.7, ["in", "out", "undecided", "undecided", "none"]),
        }
        if facts[entity]["termination_date"] is not None:
            facts[entity]["without_financial_risk"] = rng.choice([True, False, None, None])
    affiliated = {entity: rng.choice([0, 0, 0, 0.1, 1]) for entity in entities}
    roster = []
    for npi in NPIS[:120]:
        own = pick(0.2, ["in", "out", "undecided"])
        for entity in rng.sample(entities, rng.choice([1, 1, 1, 2, 2, 3])):
            kind = "affiliated_practitioner" if rng.random() < affiliated[entity] else "participation"
            for tin in rng.sample([1, 2, 3], rng.choice([1, 1, 2])):
                for snapshot in rng.sample(judge.snapshots(year), rng.choice([1, 2, 3, 3])):
                    roster.append(
                        {"npi": npi, "tin": tin, "entity": entity, "list": kind, "snapshot": snapshot,
                         "individual_election": own, **facts[entity]}
                    )  # fmt: skip
    rng.shuffle(roster)
    scores = []
    line = judge.THRESHOLDS[year]
    payments_of = (95, line[0], line[0] - 0.01, line[1], line[1] - 0.01, 5)
    patients_of = (60, line[2], line[2] - 0.1, line[3], line[3] - 0.1, 2)
    for of in [*entities, *NPIS[:120]]:
        if rng.random() < 0.15:
            continue
        # As high as a QP, a Partial QP or neither, at best.
        reach = rng.choice([0, 2, 2, 4])
        for at in range(3):
            for basis in judge.BASES if year >= 2026 else [None]:
                if rng.random() < 0.15:
                    continue
                # Close to the thresholds, and often on them.
                payments = rng.choice([*payments_of[reach:], rng.uniform(5, payments_of[reach])])
                patients = rng.choice([*patients_of[reach:], rng.uniform(5, patients_of[reach])])
                more: dict[str, Any] = {"all_payer_payments_apm": None, "all_payer_payments_total": None}
                if rng.random() < 0.2:
                    more = all_payer(rng.choice([payments_of[reach], line[1], 90 if reach < 4 else 5]))
                if rng.random() < 0.02:
                    more["payments_attributed"] = None
                scores.append(score(year, of, round(payments, 2), patients, at, basis=basis, **more))
    return roster, scores


@pytest.mark.parametrize("year", [2017, 2018, 2019, 2020, 2023, 2024, 2025, 2026, 2027, 2028])
@pytest.mark.parametrize("by", ["npi", "tin_npi"])
def test_random_rosters_come_out_as_in_the_second_implementation(year, by):
    rng = random.Random(f"{year} {by}")
    seen: dict[str, set] = {"status": set(), "reason": set(), "level": set(), "mips": set()}
    for trial in range(6):
        roster, scores = random_case(rng, year)
        proposed = trial % 2 == 1
        schema = {"basis": pl.String, "model_start": pl.Date, "model_end": pl.Date, "termination_date": pl.Date,
                  "without_financial_risk": pl.Boolean}  # fmt: skip
        frame = pl.DataFrame(roster, infer_schema_length=None)
        frame = frame.with_columns(pl.col(name).cast(kind) for name, kind in schema.items() if name in frame.columns)
        table_of_scores = table(scores).with_columns(pl.col("basis").cast(pl.String))
        done = ss.clinicians(frame, table_of_scores, performance_year=year, by=by, proposed=proposed).frame
        expected = judge.determine(roster, scores, year, by_tin=by == "tin_npi", proposed=proposed)
        found = done.rows(named=True)
        assert len(found) == len(expected)
        for ours, theirs in zip(found, expected, strict=True):
            assert ours == theirs, (year, trial, ours["npi"])
            for name, values in seen.items():
                values.add(ours[name])
    assert seen["status"] == {"qp", "partial_qp", "none", None}
    assert seen["level"] == {"entity", "individual", None}
    assert seen["mips"] == {"excluded", "scored", "may_elect", None}
    assert {"election_not_partial_qp", "no_score", "no_individual_score", "incomplete_scores"} <= seen["reason"]
    # From 2026 on an individual score is due for everybody, and its lack is told first.
    assert year >= 2026 or {"model_under_60_days", "affiliated_list_not_used"} <= seen["reason"]
    assert ("terminated_entity" in seen["reason"]) == (year >= 2020)
    assert ("termination_risk_unknown" in seen["reason"]) == (year >= 2020)


def test_every_door_and_both_forms_of_the_roster_and_threads_give_the_same(door):
    rng = random.Random(5)
    roster, scores = random_case(rng, 2024)
    frame = table(roster).sort("npi", "entity", "tin")
    reference = ss.clinicians(frame, table(scores), performance_year=2024).frame.rows()
    columns = {name: frame[name].to_list() for name in frame.columns}
    of_scores = table(scores).drop("basis")
    given = door.frame({name: of_scores[name].to_list() for name in of_scores.columns})
    done = ss.clinicians(door.frame(columns), given, performance_year=2024, threads=2).frame
    rows = list(zip(*(door.read(done, name) for name in door.columns(done)), strict=True))
    plain = [tuple(v.date() if isinstance(v, dt.datetime) else v for v in row) for row in rows]
    assert plain == reference
    names = ["listed_march_31", "listed_june_30", "listed_august_31"]
    wide = frame.with_columns(
        (pl.col("snapshot") == date).alias(name) for name, date in zip(names, judge.snapshots(2024), strict=True)
    )
    keys = [name for name in frame.columns if name != "snapshot"]
    wide = wide.group_by(keys, maintain_order=True).agg(pl.col(names).max())
    assert ss.clinicians(wide, of_scores, performance_year=2024).frame.rows() == reference
    apart = ss.clinicians(
        frame, of_scores.filter(pl.col("npi").is_null()), performance_year=2024,
        individual_scores=of_scores.filter(pl.col("npi").is_not_null()).drop("entity"),
    )  # fmt: skip
    assert apart.frame.rows() == reference


# NPIs


def test_check_digits_are_those_of_the_luhn_formula():
    assert all(judge.luhn(npi) for npi in NPIS)
    rng = np.random.default_rng(3)
    numbers = rng.integers(10**9, 3 * 10**9, 3000)
    roster = pl.DataFrame({"npi": numbers, "entity": "A", "snapshot": 20240331}).unique("npi", maintain_order=True)
    done = ss.clinicians(roster, table([score(2024, "A", 60)]), performance_year=2024, invalid="null").frame
    valid = [judge.luhn(npi) for npi in done["npi"]]
    assert [status == "qp" for status in done["status"]] == valid
    assert 200 < sum(valid) < 400


# Explanations, progress, the generator


def test_an_explanation_names_every_determination_and_why_it_counted_or_not():
    roster = listed(2024, "A", termination_date=None) + listed(2024, "B", termination_date=dt.date(2024, 5, 1))
    scores = [score(2024, "A", 45, at=MARCH), score(2024, "A", 55), score(2024, "B", 99), score(2024, NPIS[0], 70)]
    steps = determine(2024, roster, scores).explain(0).steps
    met = {(dict(s.inputs).get("entity"), dict(s.inputs)["level"], dict(s.inputs)["snapshot"]): s for s in steps
           if s.name == "determination"}  # fmt: skip
    assert len(met) == 7
    assert met["A", "entity", "2024-08-31"].formula == "decides"
    assert met["A", "entity", "2024-03-31"].formula == "a better status decides"
    assert met["A", "entity", "2024-06-30"].formula.startswith("no score")
    ended = met["B", "entity", "2024-08-31"]
    assert ended.formula == "not counted: the entity terminated"
    assert ended.rules == ("qp.terminations",)
    assert any("414.1425(c)(5)" in cite for cite in ended.cites)
    assert met[None, "individual", "2024-08-31"].rules == ("qp.individual",)
    assert met["A", "entity", "2024-08-31"].rules == ("qp.medicare.payment_amount.qp",)
    assert met["A", "entity", "2024-03-31"].rules == ("qp.medicare.payment_amount.partial_qp",)
    assert [s.value for s in steps if s.name in ("status", "mips")] == ["qp", "excluded"]


def test_the_sample_shows_every_outcome():
    done = ss.clinicians(ss.load_sample("qp_roster"), ss.load_sample("qp_scores"), performance_year=2024)
    frame = done.frame
    assert set(frame["status"].dropna()) == {"qp", "partial_qp", "none"}
    assert set(frame["level"].dropna()) == {"entity", "individual"}
    assert {"terminated_entity", "no_score", "election_not_partial_qp"} <= set(frame["reason"].dropna())
    assert set(frame["mips"].dropna()) == {"excluded", "scored"}
    assert all(done.explain(row).steps for row in range(len(frame)))
    assert "qp" in str(done.summary())


def test_progress_is_told_to_the_end_and_an_error_in_it_stops_the_call():
    roster, scores = ss.synthetic_roster(120_000, 50, backend="polars")
    told: list[tuple[str, int, int]] = []
    done = ss.clinicians(roster, scores, performance_year=2024, progress=lambda *step: told.append(step))
    last = {stage: (count, total) for stage, count, total in told}
    assert last["roster"] == last["scores"] == (1, 1)
    assert last["clinicians"] == (len(done.frame), len(done.frame)) == (120_000, 120_000)
    assert sum(stage == "clinicians" for stage, *_ in told) > 2

    def broken(*step: object) -> None:
        raise KeyError("stop")

    with pytest.raises(KeyError, match="stop"):
        ss.clinicians(roster, scores, performance_year=2024, progress=broken)


@pytest.mark.parametrize("year", [2024, 2026])
def test_a_synthetic_roster_comes_out_as_in_the_second_implementation(year):
    roster, scores = ss.synthetic_roster(900, 90, performance_year=year, backend="polars")
    done = ss.clinicians(roster, scores, performance_year=year).frame.rows(named=True)
    absent = dict.fromkeys(("model_end", "without_financial_risk", "entity_election", "individual_election"))
    as_date = lambda v: None if v is None else dt.date(v // 10_000, v // 100 % 100, v % 100)  # noqa: E731
    rows = [
        absent | row | {name: as_date(row[name]) for name in ("snapshot", "termination_date", "model_start")}
        for row in roster.rows(named=True)
    ]
    given = [{"basis": None} | row | {"snapshot": as_date(row["snapshot"])} for row in scores.rows(named=True)]
    assert done == judge.determine(rows, given, year, by_tin=False, proposed=False)
    assert all(judge.luhn(row["npi"]) for row in done)
