"""The outlook on 31 August: coverage under stated processes, and what it does at the edges."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import outlook_process as process
import sharedsavings as ss

ENTITIES = 4_000
# Twice the binomial standard error of a coverage, and half a percent for the normal approximation.
TOLERANCE = {0.80: 2 * math.sqrt(0.8 * 0.2 / ENTITIES) + 0.005, 0.95: 2 * math.sqrt(0.95 * 0.05 / ENTITIES) + 0.005}


def holds(frame, method, **options):
    projected = ss.qp_outlook(process.before(frame), performance_year=2026, **options).frame
    return process.coverage(projected, process.came(frame, method), method)


@pytest.mark.parametrize("dispersion", [0.001, 0.004, 0.01])
def test_intervals_of_payments_hold_as_often_as_they_say(dispersion):
    frame = process.payments(ENTITIES, seed=11, dispersion=dispersion)
    for options in ({}, {"payment_dispersion": dispersion}):
        eighty, ninety_five = holds(frame, "payment", **options)
        assert abs(eighty - 0.80) < TOLERANCE[0.80] + 0.005
        assert abs(ninety_five - 0.95) < TOLERANCE[0.95]


def test_intervals_of_patients_hold_as_often_as_they_say():
    eighty, ninety_five = holds(process.patients(ENTITIES, seed=12), "patient")
    assert abs(eighty - 0.80) < TOLERANCE[0.80]
    assert abs(ninety_five - 0.95) < TOLERANCE[0.95]


def test_a_history_mends_intervals_that_are_too_narrow():
    busy = {"clusters": 0.35, "joining": 0.02}
    frame, past = process.patients(1_500, seed=13, **busy), process.patients(1_500, seed=14, **busy)
    narrow = holds(frame, "patient")
    mended = holds(frame, "patient", history=past.assign(performance_year=2024))
    assert narrow[0] < 0.75
    assert narrow[1] < mended[1]
    assert mended[1] > 0.90


def test_an_unforeseen_drift_is_not_covered():
    frame = process.payments(ENTITIES, seed=15, drift=0.02)
    assert holds(frame, "payment", payment_dispersion=0.004)[1] < 0.75


def test_probabilities_are_calibrated():
    frame = process.payments(5 * ENTITIES, seed=16, between=(0.44, 0.56))
    projected = ss.qp_outlook(process.before(frame), performance_year=2026).frame
    qp = process.came(frame, "payment") >= 0.5
    open_ = projected["reason"].isna()
    # Who is at the threshold in June is a QP already, so no row that is open is likelier than not.
    assert (projected["payment_probability_qp"][open_] < 0.5).all()
    for low, high in ((0.02, 0.1), (0.1, 0.2), (0.2, 0.35), (0.35, 0.5)):
        chosen = open_ & projected["payment_probability_qp"].between(low, high)
        expected = projected["payment_probability_qp"][chosen].mean()
        assert chosen.sum() > 200
        assert abs(qp[chosen].mean() - expected) < 3 * math.sqrt(0.25 / chosen.sum())


ENTITY = {"payments_attributed_march": [4.9e6], "payments_eligible_march": [10e6], "payments_attributed_june": [9.9e6],
          "payments_eligible_june": [20e6], "patients_attributed_march": [300], "patients_eligible_march": [1_000],
          "patients_attributed_june": [420], "patients_eligible_june": [1_400]}  # fmt: skip


def test_the_payment_score_is_that_of_a_hand_calculation(door):
    result = ss.qp_outlook(door.frame(ENTITY), performance_year=2026, payment_dispersion=0.002)
    read = lambda name: door.read(result.frame, name)[0]  # noqa: E731
    # A quarter of August's payments is to come; the difference of means of six and two months has variance 2/3.
    deviation = 0.25 * math.sqrt(0.002 * 0.495 * 0.505 * (1 / 6 + 1 / 2))
    assert read("payment_score_august") == pytest.approx(0.495)
    assert read("payment_score_high_95") == pytest.approx(0.495 + 1.959964 * deviation, abs=1e-7)
    assert read("payment_score_low_80") == pytest.approx(0.495 - 1.281552 * deviation, abs=1e-7)
    normal = 0.5 * math.erfc(0.005 / deviation / math.sqrt(2))
    assert read("payment_probability_qp") == pytest.approx(normal, abs=1e-9)
    # Half of 26,666,666.67 expected eligible, less 13,200,000 expected attributed.
    assert read("payments_missing") == 133_333.34


def test_patients_count_once_so_their_windows_do_not_add_up(door):
    result = ss.qp_outlook(door.frame(ENTITY), performance_year=2026, payment_dispersion=0.002)
    read = lambda name: door.read(result.frame, name)[0]  # noqa: E731
    # N t / (b + t) through (3, 300) and (6, 420): b = 4, N = 700, hence 700 8 / 13 at 8 months; the others likewise.
    assert read("patient_score_august") == pytest.approx(0.3)
    attributed, eligible = 700 * 8 / 12.0, 1_400 * 5 / 3 * 8 / 12.0
    b = 6 * (420 / 300 - 1) / (2 - 420 / 300)
    attributed = 420 * (8 / 6) * (b + 6) / (b + 8)
    eligible = attributed / 0.3
    assert read("patients_missing") == math.ceil(0.35 * eligible - attributed)
    assert eligible < 1_400 * 8 / 6


def test_the_bounds_of_both_methods_enclose_either(door):
    result = ss.qp_outlook(door.frame(ENTITY), performance_year=2026, payment_dispersion=0.002)
    read = lambda name: door.read(result.frame, name)[0]  # noqa: E731
    one, two = read("payment_probability_qp"), read("patient_probability_qp")
    assert read("probability_qp_least") == max(one, two)
    assert read("probability_qp_most") == min(1, one + two)
    assert read("payment_probability_partial_qp") == pytest.approx(1 - one)


def test_trap_8_a_threshold_met_at_an_earlier_snapshot_suffices():
    frame = pd.DataFrame(ENTITY | {"payments_attributed_march": [5.0e6]})
    result = ss.qp_outlook(frame, performance_year=2026, payment_dispersion=0.002)
    row = result.frame.iloc[0]
    assert (row["reason"], row["payment_probability_qp"], row["payments_missing"]) == ("already_qp", 1, 0)
    assert row["probability_qp_least"] == row["probability_qp_most"] == 1


def test_trap_1_and_3_each_method_has_its_own_threshold_of_its_year():
    frame = pd.DataFrame(ENTITY | {"patients_attributed_june": [490], "patients_attributed_march": [340]})
    now = ss.qp_outlook(frame, performance_year=2026, payment_dispersion=0.002).frame.iloc[0]
    assert now["reason"] == "already_qp"  # 490 of 1,400 is 35 percent
    before = ss.qp_outlook(frame, performance_year=2025, payment_dispersion=0.002).frame.iloc[0]
    assert before["patient_probability_qp"] < 1e-6


def test_one_row_alone_has_one_degree_of_freedom():
    frame = pd.DataFrame({name: column for name, column in ENTITY.items() if name.startswith("payments")})
    row = ss.qp_outlook(frame, performance_year=2026)
    wide = row.frame.iloc[0]
    ratio = (wide["payment_score_high_95"] - 0.495) / (wide["payment_score_high_80"] - 0.495)
    assert ratio == pytest.approx(12.7062 / 3.0777, rel=1e-4)
    assert "1 degrees of freedom" in str(row.explain(0))


def test_explanations_and_pictures():
    result = ss.qp_outlook(pd.DataFrame(ENTITY), performance_year=2026, payment_dispersion=0.002)
    steps = {step.name: step for step in result.explain(0).steps}
    assert steps["payment probability of QP"].rules == (
        "qp.medicare.payment_amount.qp", "qp.medicare.payment_amount.partial_qp",
    )  # fmt: skip
    assert any("119-75" in cite for cite in steps["patient probability of QP"].cites)
    assert len(result.plot().axes) == 2
    assert result.summary().rows[0] == ("rows", "1")


def test_a_picture_has_a_panel_for_each_score_that_is_known():
    frame = pd.concat([pd.DataFrame(ENTITY)] * 2, ignore_index=True).astype(float)
    frame.loc[1, "patients_attributed_march"] = None
    drawn = ss.qp_outlook(frame, performance_year=2026, payment_dispersion=0.002).plot()
    titles = [axes.get_title().split(",")[0] for axes in drawn.axes]
    assert titles == ["row 0: payment amount", "row 0: patient count", "row 1: payment amount"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"payments_eligible_june": [9e6]}, "`payments_attributed_june`: above its denominator"),
        (
            {"payments_attributed_june": [1.0], "payments_eligible_june": [9e6]},
            "`payments_eligible_june`: lower than at",
        ),
        ({"patients_attributed_march": [1_001]}, "`patients_attributed_march`: above its denominator in 1 row"),
        ({"patients_attributed_march": [-1]}, "`patients_attributed_march`: negative"),
        ({"patients_eligible_june": [1_400.5]}, "`patients_eligible_june`: not a whole number"),
        ({"payments_eligible_june": [float("inf")]}, "`payments_eligible_june`: NaN or infinite"),
        ({"payment_dispersion": [-0.1]}, "`payment_dispersion`: negative"),
        ({"performance_year": [2016]}, "`performance_year`: year that the rule book does not know"),
    ],
)
def test_bad_input_is_refused_by_column_and_row(changes, message):
    with pytest.raises(ss.InputError, match=message):
        ss.qp_outlook(pd.DataFrame({"performance_year": [2026]} | ENTITY | changes))


def test_what_is_missing_is_null_with_a_reason():
    rows = pd.DataFrame(ENTITY).loc[[0] * 4].reset_index(drop=True)
    rows["performance_year"] = pd.array([2026, 2026, None, 2026], "Int64")
    rows.loc[1, "payments_attributed_june"] = None
    for name in ("payments_attributed_march", "payments_eligible_march"):
        rows.loc[3, name] = 0.0
    result = ss.qp_outlook(rows, payment_dispersion=0.002).frame
    assert result["probability_qp_least"].isna().tolist() == [False, True, True, True]
    assert result["reason"].tolist()[2:] == ["missing_input", "no_denominator"]
    assert not pd.isna(result["patient_score_august"][1])
    with pytest.raises(ss.InputError, match="`payments_eligible_june`: missing"):
        ss.qp_outlook(rows.drop(columns="payments_eligible_june"))
    with pytest.raises(ss.InputError, match="missing"):
        ss.qp_outlook(rows[["performance_year"]])
    history = process.payments(20, seed=1).assign(performance_year=2024)
    with pytest.raises(ss.InputError, match="history"):
        ss.qp_outlook(rows, history=process.before(history))
    history.loc[3, "payments_eligible_june"] = -5.0
    with pytest.raises(ss.InputError, match="`payments_eligible_june`: negative in 1 row, first in row 3"):
        ss.qp_outlook(rows, history=history)


def test_more_is_never_less_likely():
    shares = np.linspace(0.40, 0.60, 41)
    frame = pd.DataFrame({"payments_attributed_march": 4e6, "payments_eligible_march": 10e6,
                          "payments_attributed_june": 4e6 + 10e6 * shares, "payments_eligible_june": 20e6})  # fmt: skip
    chance = ss.qp_outlook(frame, performance_year=2026, payment_dispersion=0.01).frame["payment_probability_qp"]
    assert (np.diff(chance) >= 0).all()
    inner = chance.between(1e-9, 1 - 1e-9)
    assert inner.sum() > 5
    assert (np.diff(chance[inner]) > 0).all()
