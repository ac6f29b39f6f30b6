"""Payers to the scores of the All-Payer Combination Option: 42 CFR 414.1440."""

from __future__ import annotations

import datetime as dt
import random
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

import clinicians_judge as judge
import sharedsavings as ss
from sharedsavings import _core

END = 20240831
NPIS = [int(npi) for npi in _core.made_npis(0, 400, 2024, _core.shipped())]


def payer(kind: str, apm: float | None, total: float | None, **more: Any) -> dict[str, Any]:
    return {"entity": "A", "npi": None, "snapshot": END, "payer": kind, "payments_apm": apm, "payments_total": total,
            "medicaid_model_available": None, "specialty_ineligible": None} | more  # fmt: skip


def run(rows: list[dict[str, Any]], year: int = 2024, **options: Any) -> ss.AllPayer:
    return ss.all_payer(pl.DataFrame(rows, infer_schema_length=None), performance_year=year, **options)


def sums(done: ss.AllPayer, row: int = 0) -> tuple[float | None, float | None]:
    one = done.scores.row(row, named=True)
    return one["all_payer_payments_apm"], one["all_payer_payments_total"]


MEDICARE = payer("medicare", 30, 100)


@pytest.mark.parametrize(
    ("kind", "available", "ineligible", "counted", "reason"),
    [
        ("commercial", None, None, True, None),
        ("medicare_advantage", None, None, True, None),
        ("multi_payer", None, None, True, None),
        ("other", None, None, True, None),
        ("dod", None, None, False, "excluded_payer"),
        ("va", None, None, False, "excluded_payer"),
        ("medicaid", True, False, True, None),
        ("medicaid", False, False, False, "no_medicaid_model"),
        ("medicaid", False, None, False, "no_medicaid_model"),
        ("medicaid", True, True, False, "ineligible_specialty"),
        ("medicaid", None, True, False, "ineligible_specialty"),
        ("medicaid", True, None, None, "missing_input"),
        ("medicaid", None, None, None, "missing_input"),
    ],
)
def test_a_payer_counts_as_414_1440_a_says(kind, available, ineligible, counted, reason):
    row = payer(kind, 40, 200, medicaid_model_available=available, specialty_ineligible=ineligible)
    done = run([MEDICARE, row, payer("commercial", 1, 1)])
    assert done.frame.select("included", "reason").row(1) == (counted, reason)
    expected = {True: (71, 301), False: (31, 101), None: (None, None)}[counted]
    assert sums(done) == expected


def test_t10_a_higher_score_of_the_entity_is_weighted_by_own_volume():
    rows = [
        payer("medicare", 1_200_000, 2_000_000),
        payer("medicare", 30_000, 100_000, npi=1234567893),
        payer("commercial", 50_000, 100_000, npi=1234567893),
    ]
    done = run(rows)
    own = done.scores.filter(pl.col("level") == "individual").row(0, named=True)
    assert (own["all_payer_payments_apm"], own["all_payer_payments_total"]) == (110_000, 200_000)
    assert own["reason"] == "entity_score_weighted"
    assert any("weighted_medicare" in warning and "recalled" in warning for warning in done.warnings)
    for year, status in ((2024, "qp"), (2025, "partial_qp"), (2026, "qp")):
        one = ss.qp_status(pl.DataFrame([own]).drop("reason", "level"), performance_year=year)
        assert one.frame["status"][0] == status
    alone = run(rows[1:])
    assert sums(alone) == (80_000, 200_000)
    assert alone.warnings == ()


def test_t8_and_t9_come_out_from_payers_to_status():
    for medicare, others, status in ((26, (74, 100), "qp"), (24.9, (155.1, 100), "partial_qp")):
        rows = [payer("medicare", medicare, 100), payer("commercial", others[0], max(others))]
        scores = run([row | {"snapshot": 20190831} for row in rows], 2019).scores.drop("reason")
        found = ss.qp_status(scores, performance_year=2019).frame.row(0, named=True)
        assert (found["status"], found["option"]) == (status, "all_payer")


def test_before_2019_there_is_no_such_option():
    done = run([row | {"snapshot": 20180831} for row in (MEDICARE, payer("commercial", 90, 100))], 2018)
    assert sums(done) == (None, None)
    assert done.scores["reason"][0] == "all_payer_not_available"
    assert done.scores["payments_attributed"][0] == 30


@pytest.mark.parametrize(
    ("submitted", "in_time"), [(dt.date(2024, 12, 1), True), (dt.date(2024, 12, 2), False), (None, True)]
)
def test_data_are_due_by_the_first_of_december(submitted, in_time):
    done = run([MEDICARE | {"submitted": None}, payer("commercial", 90, 100) | {"submitted": submitted}])
    assert sums(done) == ((120, 200) if in_time else (None, None))
    assert done.scores["reason"][0] == (None if in_time else "after_request_due")


def test_insufficient_information_gives_no_determination_and_leaves_medicare_as_it_is():
    done = run([MEDICARE, payer("commercial", 90, 100), payer("other", None, 50)])
    assert sums(done) == (None, None)
    assert done.frame["reason"].to_list() == [None, None, "insufficient_information"]
    assert done.scores.select("payments_attributed", "reason").row(0) == (30, "insufficient_information")
    alone = run([payer("commercial", 90, 100)])
    assert (sums(alone), alone.scores["reason"][0]) == ((None, None), "insufficient_information")
    assert run([MEDICARE]).scores["reason"][0] is None


def test_windows_and_levels_are_added_up_apart():
    rows = [
        *(row | {"snapshot": day} for row in (MEDICARE, payer("commercial", 90, 100)) for day in (20240331, END)),
        *(row | {"entity": None, "tin": "T"} for row in (MEDICARE, payer("commercial", 10, 100))),
    ]
    scores = run([{"tin": None} | row for row in rows]).scores
    assert scores.select("level", "entity", "tin", "snapshot", "all_payer_payments_apm").rows() == [
        ("entity", "A", None, 20240331, 120),
        ("entity", "A", None, END, 120),
        ("tin", None, "T", END, 40),
    ]


def test_scores_go_straight_into_clinicians():
    roster = pl.DataFrame({"npi": [1234567893], "entity": ["A"], "snapshot": [END]})
    scores = run([MEDICARE, payer("commercial", 90, 100)]).scores
    found = ss.clinicians(roster, scores, performance_year=2024).frame.row(0, named=True)
    assert (found["status"], found["option"]) == ("qp", "all_payer")


def test_a_second_medicare_row_of_a_subject_and_window_is_refused_or_leaves_all_its_scores_null():
    rows = [MEDICARE, MEDICARE, payer("commercial", 90, 100), *(
        payer(kind, 30, 100, entity=None, npi=NPIS[0]) for kind in ("medicare", "commercial"))]  # fmt: skip
    with pytest.raises(ss.InputError, match=r"column `payer`: a second Medicare row in 1 row, first in row 1"):
        run(rows)
    done = run(rows, invalid="null")
    assert done.frame["reason"].to_list() == [None, "duplicate_medicare", None, None, None]
    assert done.scores["payments_attributed"].to_list() == [None, 30]
    assert done.scores["reason"].to_list() == ["duplicate_medicare", None]
    assert len(run([MEDICARE, MEDICARE | {"snapshot": 20240630}]).scores) == 2


def test_a_payer_equal_to_one_before_it_in_everything_is_counted_and_flagged():
    rows = [MEDICARE, *[payer("commercial", 40, 100)] * 2, payer("commercial", 41, 100)]
    done = run(rows)
    assert done.frame["reason"].to_list() == [None, None, "identical_row", None]
    assert (sums(done), done.scores["reason"][0]) == ((151, 400), "identical_row")


def test_an_entity_that_is_named_and_has_no_medicare_score_in_the_window_is_told():
    own = [payer(kind, 30, 100, npi=NPIS[0]) for kind in ("medicare", "commercial")]
    assert run(own).scores["reason"].to_list() == ["no_entity_score"]
    assert run([MEDICARE | {"snapshot": 20240630}, *own]).scores["reason"].to_list() == [None, "no_entity_score"]
    assert run([payer("commercial", 1, 2), *own]).scores["reason"].to_list()[1] == "no_entity_score"
    assert run([MEDICARE, *own]).scores["reason"].to_list() == [None, None]
    assert run([row | {"entity": None} for row in own]).scores["reason"].to_list() == [None]


@pytest.mark.parametrize("invalid", ["raise", "null"])
def test_npis_and_windows_that_clinicians_would_refuse_are_refused_here(invalid):
    for npi in (1234567890, 1234567893.5, float("inf")):
        row = payer("medicare", 30, 100, npi=npi)
        with pytest.raises(ss.InputError, match="column `npi`: is not an NPI in 1 rows, first in row 0"):
            run([row], invalid=invalid)
    for day in (20241231, 20230831, 20240831.5):
        row = payer("medicare", 30, 100, snapshot=day)
        with pytest.raises(ss.InputError, match="column `snapshot`: is no"):
            run([row], invalid=invalid)
    with pytest.raises(ss.InputError, match="performance_year='2024': not a year"):
        run([MEDICARE], "2024")


def test_a_tin_with_and_without_its_hyphen_is_one_subject():
    rows = [payer("medicare", 30, 100, entity=None, tin="10-0000001"),
            payer("commercial", 40, 100, entity=None, tin="100000001")]  # fmt: skip
    assert sums(run(rows)) == (70, 200)


BAD = {
    "unknown_payer": ({"payer": "medcaid"}, r"column `payer`: is none of medicare, .* in 1 rows, first in row 1"),
    "negative": ({"payments_apm": -1.0}, r"column `payments_apm`: negative in 1 row, first in row 1 \(value -\$1.00\)"),
    "numerator_above_denominator": ({"payments_apm": 101.0}, "numerator above denominator in 1 row, first in row 1"),
    "not_finite": ({"payments_total": float("inf")}, r"`payments_total`: NaN or infinite in 1 row"),
    "overflow": ({"payments_total": 1e18}, "`payments_total`: too large in 1 row"),
}


@pytest.mark.parametrize("reason", BAD)
def test_a_row_that_cannot_be_is_refused_or_leaves_its_scores_null(door, reason):
    change, message = BAD[reason]
    good = [{"entity": "B"} | row for row in ({**MEDICARE, "entity": "B"}, payer("commercial", 50.0, 100, entity="B"))]
    rows = [MEDICARE, payer("commercial", 90.0, 100.0) | change, *good]
    frame = door.frame({name: [row[name] for row in rows] for name in rows[0] if name != "npi"})
    with pytest.raises(ss.InputError, match=message):
        ss.all_payer(frame, performance_year=2024)
    done = ss.all_payer(frame, performance_year=2024, invalid="null")
    assert door.read(done.frame, "reason")[1] == reason
    assert door.read(done.scores, "all_payer_payments_total") == [None, 200]
    assert door.read(done.scores, "reason") == [reason, None]


def test_what_a_call_lacks_is_named():
    frame = pl.DataFrame([MEDICARE])
    for lacks in ("payer", "snapshot", "payments_total"):
        with pytest.raises(ss.InputError, match=f"column `{lacks}`: missing"):
            ss.all_payer(frame.drop(lacks), performance_year=2024)
    with pytest.raises(ss.InputError, match="column `entity`: missing"):
        ss.all_payer(frame.drop("entity", "npi"), performance_year=2024)
    with pytest.raises(ss.InputError, match="no id beside it, in 1 rows"):
        run([MEDICARE | {"entity": None}])


def test_an_explanation_says_why_a_payer_is_left_out():
    steps = run([MEDICARE, payer("va", 1, 2), payer("commercial", 90, 100)]).explain(1).steps
    assert steps[0].value == "not counted"
    assert steps[0].rules == ("qp.all_payer.excluded_payers",)
    assert "414.1440" in steps[0].cites[0]
    assert any(step.name == "all_payer_payments_total" and step.value == "$200.00" for step in steps)


@pytest.mark.parametrize("year", [2019, 2024, 2025, 2027])
def test_random_payers_give_the_status_of_exact_fractions(year):
    """Sums, inclusion and weighting again in fractions; a status must be that of the exact score."""
    rng = random.Random(year)
    rows: list[dict[str, Any]] = []
    for number in range(400):
        entity = f"E{number % 40:02d}"
        for npi in [None] if number < 40 else [NPIS[number]]:
            for kind in ("medicare", *rng.sample(_core.PAYERS[1:], rng.randint(1, 4))):
                total = rng.randint(1, 400)
                patients = rng.randint(20, 400)
                rows.append(
                    {"entity": entity, "npi": npi, "snapshot": year * 10_000 + 831, "payer": kind,
                     "payments_apm": rng.randint(0, total), "payments_total": total,
                     "patients_apm": rng.randint(0, patients), "patients_total": patients,
                     "medicaid_model_available": rng.random() < 0.5, "specialty_ineligible": rng.random() < 0.3}
                )  # fmt: skip
    done = run(rows, year)
    statuses = ss.qp_status(done.scores.drop("reason"), performance_year=year).frame
    entities = {row["entity"]: row for row in rows if row["npi"] is None and row["payer"] == "medicare"}
    weighted = 0
    for found in statuses.rows(named=True):
        mine = [row for row in rows if row["npi"] == found["npi"] and found["entity"] in (None, row["entity"])]
        own = next(row for row in mine if row["payer"] == "medicare")
        counted = [
            row
            for row in mine
            if row["payer"] not in ("medicare", "dod", "va")
            and (row["payer"] != "medicaid" or (row["medicaid_model_available"] and not row["specialty_ineligible"]))
        ]
        pairs: dict[str, Any] = {}
        for what in ("payments", "patients"):
            pairs |= {f"{what}_attributed": own[f"{what}_apm"], f"{what}_eligible": own[f"{what}_total"]}
            if not counted:
                continue
            part, whole = Fraction(own[f"{what}_apm"]), own[f"{what}_total"]
            if found["npi"] is not None:
                theirs = entities[own["entity"]]
                score = Fraction(theirs[f"{what}_apm"], theirs[f"{what}_total"])
                weighted += score > part / whole
                part = max(part, score * whole)
            part += sum(row[f"{what}_apm"] for row in counted)
            pairs |= {
                f"all_payer_{what}_apm": part,
                f"all_payer_{what}_total": whole + sum(r[f"{what}_total"] for r in counted),
            }
        status, method, option = judge.scored(pairs, year)
        assert (found["status"], found["method"], found["option"]) == (
            ("none", "partial_qp", "qp")[status], method, option
        )  # fmt: skip
    assert weighted > 100
