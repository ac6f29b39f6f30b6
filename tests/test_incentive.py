"""Incentive payments, their recipients, and conversion factors. T and trap numbers are those of the QPP reference."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import hypothesis.strategies as st
import pandas as pd
import pytest
from hypothesis import given, settings

import sharedsavings as ss

YEARS = [2022, 2023, 2024, 2025, 2026]


def test_t11_the_percent_goes_by_payment_year(door):
    frame = door.frame({"performance_year": YEARS, "status": ["qp"] * 5, "paid_amounts": [200_000.0] * 5})
    result = ss.incentive(frame)
    assert door.read(result.frame, "payment_year") == [2024, 2025, 2026, 2027, 2028]
    assert door.read(result.frame, "base_year") == [2023, 2024, 2025, 2026, 2027]
    assert door.read(result.frame, "incentive") == [10_000, 7_000, 3_760, 0, 6_200]
    assert door.read(result.frame, "reason") == [None, None, None, "no_incentive_in_payment_year", None]
    assert door.columns(result.frame)[:3] == ["performance_year", "status", "paid_amounts"]


def test_t12_adjustments_and_shared_savings_are_no_part_of_the_base(door):
    frame = door.frame({"status": ["qp"], "paid_amounts": [200_000.0], "payment_adjustments": [1_500.0],
                        "financial_risk_payments": [2_000.0]})  # fmt: skip
    result = ss.incentive(frame, performance_year=2017).frame
    assert door.read(result, "incentive_base") == [196_500]
    assert door.read(result, "incentive") == [9_825]


def test_trap_4_payment_year_2027_has_no_lump_sum_and_still_the_qualifying_factor():
    qp = pd.DataFrame({"status": ["qp"]})
    assert ss.incentive(qp.assign(paid_amounts=1e6), performance_year=2025).frame["incentive"].tolist() == [0]
    factor = ss.conversion_factor(qp, payment_year=2027, proposed=True).frame
    assert factor["factor"].tolist() == ["qualifying"]
    assert ss.mips(qp, performance_year=2025).frame["mips"].tolist() == ["excluded"]


def test_trap_11_a_partial_qp_never_gets_money():
    frame = pd.DataFrame({"performance_year": YEARS, "status": "partial_qp", "paid_amounts": 1e6})
    result = ss.incentive(frame).frame
    assert result["incentive"].tolist() == [0] * 5
    assert set(result["reason"]) == {"not_qp"}
    factors = ss.conversion_factor(pd.DataFrame({"status": ["partial_qp", "none"]}), payment_year=2026).frame
    assert factors["conversion_factor"].tolist() == [33.4009, 33.4009]


def test_trap_13_every_part_of_the_base_counts_with_its_sign():
    frame = pd.DataFrame({
        "status": ["qp"] * 5, "paid_amounts": [100_000.0] * 5,
        "payment_adjustments": [-9_000.0, None, None, None, None],
        "bonus_payments": [None, 5_000.0, None, None, None], "supplemental_payments": [None, None, 700.0, 700.0, None],
        "supplemental_qualifies": pd.array([None, None, True, False, None], "boolean"),
        "cash_flow_payments": [None] * 4 + [40_000.0], "cash_flow_replaced": [None] * 4 + [55_000.0],
    })  # fmt: skip
    base = ss.incentive(frame, performance_year=2022).frame["incentive_base"].tolist()
    assert base == [109_000, 95_000, 100_700, 100_000, 115_000]


def test_the_percents_as_they_were_known_before_their_statutes():
    frame = pd.DataFrame({"performance_year": YEARS, "status": "qp", "paid_amounts": 200_000.0})
    known = {date: ss.incentive(frame, as_of=date).frame["incentive"].tolist()
             for date in ("2022-12-28", "2022-12-29", "2024-03-09", "2026-02-02")}  # fmt: skip
    assert known["2022-12-28"] == [10_000, 0, 0, 0, 0]
    assert known["2022-12-29"] == [10_000, 7_000, 0, 0, 0]
    assert known["2024-03-09"] == known["2026-02-02"] == [10_000, 7_000, 3_760, 0, 0]


CENTS = st.integers(0, 10**12)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(YEARS), CENTS, st.integers(-(10**9), 10**9), st.integers(0, 10**9)),
                min_size=1, max_size=20))  # fmt: skip
def test_incentives_equal_decimals_rounded_half_up_at_the_cent(rows):
    rates = dict(zip(YEARS, map(Decimal, ("0.05", "0.035", "0.0188", "0", "0.031")), strict=True))
    dollars = lambda cents: Decimal(cents) / 100  # noqa: E731
    frame = pd.DataFrame({
        "performance_year": [row[0] for row in rows], "status": "qp", "paid_amounts": [row[1] / 100 for row in rows],
        "payment_adjustments": [row[2] / 100 for row in rows], "bonus_payments": [row[3] / 100 for row in rows],
    })  # fmt: skip
    result = ss.incentive(frame, invalid="null").frame
    for (year, paid, adjusted, bonus), found, reason in zip(rows, result["incentive"], result["reason"], strict=True):
        base = paid - adjusted - bonus
        if base < 0:
            assert pd.isna(found)
            assert reason == "negative_base"
        else:
            exact = (dollars(base) * rates[year]).quantize(Decimal("0.01"), ROUND_HALF_UP)
            assert Decimal(str(round(found, 2))) == exact


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"paid_amounts": [1.0, -5.0]}, "`paid_amounts`: negative in 1 row, first in row 1 .value -.5.00"),
        ({"paid_amounts": [1.0, float("inf")]}, "`paid_amounts`: NaN or infinite"),
        ({"paid_amounts": [1.0, 1e18]}, "`paid_amounts`: too large"),
        ({"performance_year": [2016, 2022]}, "`performance_year`: year that the rule book does not know in 1 row"),
        ({"performance_year": [2022.5, 2022]}, "`performance_year`: not a whole number"),
        ({"status": ["qp", "QPP"]}, "`status`: unknown word in 1 row, first in row 1 .value 'QPP'.. It knows none"),
        ({"bonus_payments": [0.0, 1e6]}, "`paid_amounts`: less than what is taken off it in 1 row, first in row 1"),
        ({"cash_flow_payments": [1.0, None]}, "`cash_flow_replaced`: null beside a value"),
        ({"supplemental_payments": [5.0, None]}, "`supplemental_qualifies`: null beside a value"),
        ({"supplemental_qualifies": [2, 1]}, "`supplemental_qualifies`: out of range"),
    ],
)
def test_bad_input_is_refused_by_column_row_and_value(changes, message):
    frame = pd.DataFrame(
        {"performance_year": [2022, 2022], "status": ["qp", "qp"], "paid_amounts": [9.0, 9.0]} | changes
    )
    with pytest.raises(ss.InputError, match=message):
        ss.incentive(frame)


def test_missing_columns_and_nulls():
    frame = pd.DataFrame({"performance_year": [2022, 2022], "status": ["qp", None], "paid_amounts": [None, 5.0]})
    assert ss.incentive(frame).frame["reason"].tolist() == ["missing_input"] * 2
    with pytest.raises(ss.InputError, match="`status`: missing"):
        ss.incentive(frame.drop(columns="status"))
    with pytest.raises(ss.InputError, match="given twice"):
        ss.incentive(frame, performance_year=2022)
    assert len(ss.incentive(frame.iloc[:0]).frame) == 0
    kept = ss.incentive(frame.assign(status=["qp", "what"], paid_amounts=[-1.0, 5.0]), invalid="null").frame
    assert kept["reason"].tolist() == ["negative", "out_of_range"]


def test_incentives_are_explained_by_rule_and_source():
    frame = pd.DataFrame({"status": ["qp"], "paid_amounts": [200_000.0], "payment_adjustments": [1_500.0]})
    steps = {step.name: step for step in ss.incentive(frame, performance_year=2026).explain(0).steps}
    assert steps["incentive"].value == "$6,153.50"
    assert steps["percent"].rules == ("incentive.percent",)
    assert any("119-75" in cite for cite in steps["percent"].cites)
    assert dict(steps["base"].inputs)["payment adjustments"] == "$1,500.00"
    assert ss.incentive(frame, performance_year=2026).plot().axes


# recipients

STEPS = ["entity_in_performance_period", "entity_in_base_period", "same_advanced_apm_in_base_period",
         "other_advanced_apm_in_base_period", "other_track_of_the_apm", "other_apm",
         "billed_in_base_period"]  # fmt: skip


def payees(**changes):
    return pd.DataFrame({"npi": ["A"] * 3, "relation": [STEPS[1], STEPS[1], STEPS[6]], "solvent": [True] * 3,
                         "base_year_paid": [300.0, 100.0, 900.0], "incentive": [50.0] * 3} | changes)  # fmt: skip


def test_the_first_step_with_a_solvent_tin_is_paid(door):
    frame = door.frame({name: list(column) for name, column in payees().items()})
    result = ss.incentive_recipients(frame).frame
    assert door.read(result, "recipient_payment") == [37.5, 12.5, 0]
    assert door.read(result, "recipient_step") == [2, 2, 2]
    assert door.read(result, "recipient_reason") == [None, None, "later_step"]


def test_insolvent_tins_are_passed_over_to_the_public_notice():
    one = ss.incentive_recipients(payees(solvent=[False, True, True])).frame
    assert one["recipient_payment"].tolist() == [0, 50, 0]
    assert one["recipient_reason"].astype(object).where(one["recipient_reason"].notna(), None).tolist() == [
        "not_solvent",
        None,
        "later_step",
    ] or pd.isna(one["recipient_reason"][1])
    none = ss.incentive_recipients(payees(solvent=[False] * 3))
    assert none.frame["recipient_step"].tolist() == [8] * 3
    assert set(none.frame["recipient_reason"]) == {"public_notice"}
    assert none.explain(0).steps[0].rules == ("incentive.claim_by",)


def test_several_tins_that_were_paid_nothing_give_no_proportion():
    result = ss.incentive_recipients(payees(base_year_paid=[0.0, 0.0, 5.0])).frame
    assert result["recipient_payment"].isna().tolist() == [True, True, False]
    assert result["recipient_reason"].tolist()[:2] == ["no_paid_amounts"] * 2
    assert ss.incentive_recipients(payees(base_year_paid=[0.0] * 3, solvent=[True, False, True])).frame[
        "recipient_payment"
    ].tolist() == [50, 0, 0]


@settings(max_examples=80)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 6), st.booleans(), st.integers(0, 10**7)), min_size=1,
                max_size=30), st.lists(st.integers(0, 10**8), min_size=6, max_size=6))  # fmt: skip
def test_splits_are_largest_remainders_and_sum_to_the_incentive(rows, amounts):
    frame = pd.DataFrame({
        "npi": [r[0] for r in rows], "relation": [STEPS[r[1]] for r in rows], "solvent": [r[2] for r in rows],
        "base_year_paid": [r[3] / 100 for r in rows], "incentive": [amounts[r[0]] / 100 for r in rows],
    })  # fmt: skip
    result = ss.incentive_recipients(frame).frame
    for npi, group in result.groupby("npi"):
        able = [row for row in group.index if rows[row][2]]
        cents = (result["recipient_payment"].loc[group.index] * 100).round()
        if not able:
            assert cents.sum() == 0
            continue
        step = min(rows[row][1] for row in able)
        chosen = [row for row in able if rows[row][1] == step]
        total = sum(rows[row][3] for row in chosen)
        if total == 0 and len(chosen) > 1:
            assert cents.loc[chosen].isna().all()
            continue
        assert cents.sum() == amounts[npi]
        for row in chosen:
            exact = Fraction(amounts[npi] * rows[row][3], total) if total else Fraction(amounts[npi])
            assert abs(int(cents[row]) - exact) < 1
            for other in chosen:
                theirs = Fraction(amounts[npi] * rows[other][3], total) if total else exact
                # Nobody is rounded up whose remainder is smaller than that of one who is rounded down.
                up, down = int(cents[row]) > exact, int(cents[other]) < theirs
                assert not (up and down and exact % 1 < theirs % 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"incentive": [50.0, 51.0, 50.0]},
            "`incentive`: not that of the earlier rows of its QP in 1 row",
        ),
        ({"base_year_paid": [1.0, -1.0, 1.0]}, "`base_year_paid`: negative"),
        ({"base_year_paid": [1.0, None, 1.0]}, "`base_year_paid`: null in 1 row|null"),
        ({"relation": ["a", STEPS[0], STEPS[0]]}, "`relation`: unknown word in 1 row"),
        ({"npi": ["A", None, "A"]}, "null in 1 row, first in row 1"),
    ],
)
def test_bad_recipients_are_refused(changes, message):
    with pytest.raises(ss.InputError, match=message):
        ss.incentive_recipients(payees(**changes))


# conversion factors


def test_t13_the_factors_of_2026_are_those_of_2025_updated(door):
    frame = door.frame({"status": ["qp", "none", "partial_qp"]})
    result = ss.conversion_factor(frame, payment_year=2026)
    for name in ("conversion_factor", "conversion_factor_computed"):
        assert door.read(result.frame, name) == [33.5675, 33.4009, 33.4009]
    exact = [(Decimal("32.3465") * update * Decimal("1.0049") * Decimal("1.025")).quantize(Decimal("0.0001"))
             for update in (Decimal("1.0075"), Decimal("1.0025"))]  # fmt: skip
    assert [Decimal(str(value)) for value in door.read(result.frame, "conversion_factor")[:2]] == exact


def test_t14_the_factors_of_2027_are_proposed_and_a_percent_apart():
    frame = pd.DataFrame({"status": ["qp", "none"]})
    with pytest.raises(ss.InputError, match="`payment_year`: year that the rule book does not know"):
        ss.conversion_factor(frame, payment_year=2027)
    result = ss.conversion_factor(frame, payment_year=2027, proposed=True)
    for name in ("conversion_factor", "conversion_factor_computed"):
        assert result.frame[name].tolist() == [33.1693, 32.8409]
    assert round(result.frame["conversion_factor_advantage"][0], 4) == 0.01
    assert any("proposed" in warning for warning in result.warnings)
    carried = Decimal("32.3465") * Decimal("1.0025") ** 2 * Decimal("1.0049") * Decimal("1.0053")
    assert carried.quantize(Decimal("0.0001")) == Decimal("32.8409")
    step = result.explain(0).steps[-1]
    assert step.value == "$33.1693"
    assert "conversion_factor.one_year_increase" in step.rules


def test_2025_has_one_factor_for_all_that_is_recalled():
    result = ss.conversion_factor(pd.DataFrame({"status": ["qp", "none"]}), payment_year=2025)
    assert result.frame["conversion_factor"].tolist() == [32.3465] * 2
    assert set(result.frame["factor"]) == {"single"}
    assert result.frame["conversion_factor_computed"].isna().all()
    assert any("recalled" in warning for warning in result.warnings)


def test_who_is_not_a_qp_is_paid_nothing_whatever_the_paid_amounts(door):
    frame = door.frame({"status": ["none", "partial_qp", "qp", "none"], "paid_amounts": [None, None, None, 100.0]})
    result = ss.incentive(frame, performance_year=2024)
    assert door.read(result.frame, "incentive") == [0, 0, None, 0]
    assert door.read(result.frame, "reason") == ["not_qp", "not_qp", "missing_input", "not_qp"]
    assert door.read(result.frame, "payment_year") == [2026, 2026, None, 2026]
    assert door.read(result.frame, "incentive_base") == [None, None, None, 100.0]
    assert [step.name for step in result.explain(0).steps] == ["payment year", "percent", "incentive", "reason"]


def test_many_rows_keep_their_order_and_the_first_wrong_one_is_named():
    rows = 50_001
    paid = [float(row % 997) for row in range(rows)]
    frame = pd.DataFrame(
        {"performance_year": [YEARS[row % 3] for row in range(rows)], "status": "qp", "paid_amounts": paid}
    )
    found = ss.incentive(frame).frame["incentive"].tolist()
    rates = {2022: Decimal("0.05"), 2023: Decimal("0.035"), 2024: Decimal("0.0188")}
    exact = [(Decimal(amount) * rates[year]).quantize(Decimal("0.01"), ROUND_HALF_UP)
             for amount, year in zip(paid, frame["performance_year"], strict=True)]  # fmt: skip
    assert [Decimal(str(round(amount, 2))) for amount in found] == [amount.normalize() + 0 for amount in exact]
    frame.loc[[rows - 1, 30_000, 40_000], "paid_amounts"] = -1.0
    with pytest.raises(ss.InputError, match="negative in 3 rows, first in row 30000"):
        ss.incentive(frame)
