"""What came with the years before 2021 and with part years, through data frames of every kind: half years, early
termination, relief by shares, Track 2, days of payment, advances, and what a program may lack."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

import sharedsavings as ss
from settle_rows import case, columns_of, settled
from sharedsavings import arrays

# ---- half years, 42 CFR 425.609


def test_a1001_of_2019_is_paid_for_each_half_of_the_year(door):
    # With the unrounded score, 98.0625; totals are printed as halves.
    first = case(
        performance_year=2019, track="T1", beneficiaries=74_707, quality_score=0.980625, half_year=True,
        benchmark=2 * 523_183_929, expenditures=2 * 466_136_177,
    )  # fmt: skip
    second = first | {
        "track": "ENHANCED", "beneficiaries": 77_947, "elected_rate": 0.02, "benchmark": 2 * 511_073_870,
        "expenditures": 2 * 482_943_200,
    }  # fmt: skip
    found = settled(door, first, second)
    assert [row["generated"] for row in found] == [57_047_752.0, 28_130_670.0]
    assert [row["savings"] for row in found] == [2 * 57_047_752.0, 2 * 28_130_670.0]
    assert [row["earned"] for row in found] == pytest.approx([27_971_226, 20_689_229], abs=1)
    assert [row["payment_limit"] for row in found] == [52_318_392.9, 102_214_774.0]


def test_a1498_of_2019_owes_for_half_a_year_after_half_of_its_relief(door):
    loss = case(
        performance_year=2019, track="T1P", beneficiaries=14_292, elected_rate=0.015, half_year=True,
        benchmark=2 * 92_916_169, expenditures=2 * (92_916_169 + 2_348_698), disaster_relief=3_870,
    )  # fmt: skip
    [row] = settled(door, loss)
    assert (row["generated"], round(row["earned"])) == (-2_348_698.0, -702_674)


# ---- relief by shares, CMS's Specifications, version 11, section 4.3


def test_examples_10_and_11_by_the_shares_of_months_and_beneficiaries(door):
    loss = case(
        track="ENHANCED", benchmark=130_000_000, expenditures=132_600_000, elected_rate=0.01, quality_score=0.45,
        quality_standard_met=False, disaster_month_share=0.15, disaster_beneficiary_share=0.9,
    )  # fmt: skip
    failed, alternative = settled(door, loss, loss | {"alternative_standard_met": True})
    assert failed["earned"] == -1_686_750.0
    # CMS prints 1,459,250, with the relief of example 10; its own rule gives this.
    assert alternative["earned"] == -1_489_962.5


def test_relief_by_shares_is_told_as_a_step():
    loss = case(track="C", expenditures=600_000_000, disaster_month_share=0.5, disaster_beneficiary_share=0.5)
    result = ss.settle(pd.DataFrame(columns_of([loss])))
    steps = {step.name: step.value for step in result.explain(0).steps}
    assert (steps["disaster relief"], steps["owed"]) == ("$1,250,000.00", "$3,750,000.00")


# ---- Track 2


def test_track_2_limits_losses_by_its_year_under_two_sided_risk(door):
    loss = case(track="2", performance_year=2014, expenditures=750_000_000, quality_score=0.0, agreement_start=None)
    found = settled(door, *(loss | {"two_sided_year": count} for count in (1, 2, 3, 4)))
    assert [row["earned"] for row in found] == [-25_000_000.0, -37_500_000.0, -50_000_000.0, -50_000_000.0]
    assert {row["reason"] for row in found} == {"benchmark_loss_limit"}
    starts = [dt.date(2012, 4, 1), dt.date(2013, 1, 1), dt.date(2014, 1, 1)]
    found = settled(door, *(loss | {"agreement_start": start} for start in starts))
    assert [row["loss_limit"] for row in found] == [37_500_000.0, 37_500_000.0, 25_000_000.0]
    unknown, small = settled(door, loss, loss | {"expenditures": 515_000_000})
    assert (unknown["earned"], unknown["reason"]) == (None, "missing_input")
    # A loss that no limit could touch needs no count.
    assert (small["earned"], small["reason"], small["loss_limit"]) == (-9_000_000.0, None, None)


def test_track_2_has_a_fixed_two_percent_until_2015_and_an_election_from_2016(door):
    rows = [case(track="2", performance_year=year, expenditures=490_000_000, beneficiaries=5_000, quality_score=1.0)
            for year in (2013, 2014, 2015, 2016)]  # fmt: skip
    found = settled(door, *rows)
    assert [row["minimum_savings_rate"] for row in found] == pytest.approx([0.02, 0.02, 0.02, 0.039])
    assert [row["earned"] for row in found] == [5_880_000.0] * 3 + [0.0]
    with pytest.raises(ss.InputError, match="`elected_rate`: not on the menu of minimum rates in 1 row"):
        settled(door, rows[2] | {"elected_rate": 0.02})


# ---- days of payment

BOUNDARIES = {
    dt.date(2013, 3, 31): 0.0,
    dt.date(2013, 4, 1): 104_000.0,
    dt.date(2020, 4, 30): 104_000.0,
    dt.date(2020, 5, 1): 0.0,
    dt.date(2022, 3, 31): 0.0,
    dt.date(2022, 4, 1): 52_000.0,
    dt.date(2022, 6, 30): 52_000.0,
    dt.date(2022, 7, 1): 104_000.0,
}


def test_sequestration_goes_by_the_day_of_payment(door):
    found = settled(door, *(case(payment_date=day) for day in BOUNDARIES), case())
    assert [row["sequestered"] for row in found] == [*BOUNDARIES.values(), 104_000.0]
    assert all(row["earned"] + row["sequestered"] == 5_200_000.0 for row in found)


def test_the_usual_rate_of_a_year_is_that_of_the_autumn_after_it(door):
    years = range(2019, 2030)
    rows = [case(performance_year=year, quality_score=1.0) for year in years]
    autumns = [row | {"payment_date": dt.date(year + 1, 10, 1)} for year, row in zip(years, rows, strict=True)]
    assert settled(door, *rows) == settled(door, *autumns)


# ---- early termination, 42 CFR 425.221(b)


def test_an_agreement_that_ends_early_keeps_no_savings_and_a_part_of_its_losses(door):
    saved = case(track="E", elected_rate=0.01)
    lost = saved | {"expenditures": 512_000_000}
    days = [dt.date(2023, 6, 30), dt.date(2023, 7, 1), dt.date(2023, 12, 30), dt.date(2023, 12, 31)]
    for by_cms, savings, losses in ((False, [0, 0, 0, 1], [0, 7, 12, 12]), (True, [0, 0, 0, 0], [6, 7, 12, 12])):
        end = [{"termination_date": day, "terminated_by_cms": by_cms} for day in days]
        assert [row["earned"] for row in settled(door, *(saved | e for e in end))] == [6_370_000 * n for n in savings]
        found = settled(door, *(lost | e for e in end))
        assert [row["earned"] for row in found] == [-300_000 * n for n in losses]
        assert [row["reason"] for row in found] == [
            "revenue_limit_not_applied" if n else "early_termination" for n in losses
        ]
        assert {row["generated"] for row in found} == {-12_000_000.0}


def test_before_2019_an_early_end_freed_from_losses(door):
    lost = case(track="3", expenditures=512_000_000, quality_score=1.0)
    ended = [lost | {"performance_year": y, "termination_date": y * 10_000 + 1130} for y in (2017, 2018, 2019)]
    assert [row["earned"] for row in settled(door, *ended)] == [0.0, 0.0, -4_400_000.0]


def test_an_early_end_is_told_as_a_step():
    row = case(track="E", expenditures=512_000_000, termination_date=20230815)
    result = ss.settle(pd.DataFrame(columns_of([row])))
    steps = {step.name: step for step in result.explain(0).steps}
    assert steps["early termination"].value == "8 of 12"
    assert "mssp.termination.losses" in steps["early termination"].rules
    assert any("425.221(b)" in cite for cite in steps["early termination"].cites)


# ---- small benchmark years and advances


def test_a_small_benchmark_year_ends_the_half_rate_from_2027(door):
    row = case(
        track="A", benchmark=100_000_000, expenditures=99_000_000, beneficiaries=8_000, low_revenue=True,
        small_benchmark_year=True,
    )  # fmt: skip
    rows = [row | {"performance_year": year, "agreement_start": start}
            for year, start in ((2026, 2026), (2027, 2026), (2027, 2027), (2030, 2029))]  # fmt: skip
    assert [row["earned"] for row in settled(door, *rows)] == [196_000.0, 196_000.0, 0.0, 0.0]


def test_what_is_earned_repays_an_advance_first(door):
    # A5388 of 2024 in the two files of that year, A5401, and St. Thomas (A16226) of 2014.
    half = {"performance_year": 2024, "track": "A", "low_revenue": True, "agreement_start": 2024}
    rows = [
        case(**half, benchmark=108_065_944, expenditures=108_065_944 - 2_641_649.18, beneficiaries=10_131,
             advance_balance=1_894_195),
        case(**half, benchmark=108_065_944, expenditures=105_536_341, beneficiaries=10_131,
             advance_balance=1_894_195),
        case(**half, benchmark=107_068_512, expenditures=100_856_823, beneficiaries=9_380,
             advance_balance=1_452_026),
        case(performance_year=2014, track="1", benchmark=42_174_602, expenditures=39_631_032, beneficiaries=5_148,
             quality_score=0.848102679, advance_balance=1_443_580),
    ]  # fmt: skip
    found = settled(door, *rows)
    assert [row["earned"] for row in found] == pytest.approx([517_763.24, 495_802.27, 2_434_982, 1_057_032], abs=1)
    recouped = [517_763.24, 495_802.27, 1_452_026, 1_057_032.31]
    assert [row["advance_recouped"] for row in found] == pytest.approx(recouped, abs=1)
    left = [1_376_431.76, 1_398_392.73, 0, 386_547.69]
    assert [row["advance_outstanding"] for row in found] == pytest.approx(left, abs=1)
    steps = {step.name: step for step in ss.settle(door.frame(columns_of(rows))).explain(0).steps}
    assert steps["advance recouped"].value == "$517,763.24"


def test_debts_repay_no_advance(door):
    lost = case(track="E", expenditures=512_000_000, advance_balance=5)
    [row] = settled(door, lost)
    assert (row["advance_recouped"], row["advance_outstanding"]) == (0.0, 5.0)


# ---- years and tracks


def test_losses_of_one_sided_acos_generate_nothing(door):
    # CMS prints A3356 of 2018 with -6,253,831 generated; nothing was owed.
    found = settled(door, *(case(performance_year=year, track="1", benchmark=85_268_345, expenditures=91_522_175)
                            for year in (2018, 2019)))  # fmt: skip
    assert [(row["generated"], row["earned"], row["reason"]) for row in found] == [(0.0, 0.0, "no_downside_risk")] * 2


def test_years_to_come_are_settled_by_the_last_law_and_say_so(door):
    rows = [case(performance_year=year, track="E") for year in (2024, 2025, 2030, 2199)]
    assert [row["earned"] for row in settled(door, *rows)] == [6_370_000.0] * 4
    result = ss.settle(door.frame(columns_of(rows[1:])))
    assert any("`mssp.sequestration`" in w and "recalled" in w for w in result.warnings)
    assert ss.settle(door.frame(columns_of(rows[:1]))).warnings == ()


def test_the_proposal_for_level_e_counts_only_when_asked_for(door):
    rows = [case(performance_year=year, track="E") for year in (2026, 2027)]
    assert [row["earned"] for row in settled(door, *rows)] == [6_370_000.0] * 2
    assert [row["earned"] for row in settled(door, *rows, proposed=True)] == [6_370_000.0, 7_644_000.0]


# ---- a program of the user's own

CONTRACT = {
    "rule": [
        {"id": f"contract.{name}", "kind": kind, "unit": unit, "value": value,
         "applies": {"clock": "performance_year", "from": 2015}}
        for name, kind, unit, value in [
            ("arrangements", "choice", "text", ["GOLD"]),
            ("minimum_rate", "scalar", "text", "fixed"),
            ("minimum_rate.fixed", "scalar", "share", "0.015"),
            ("sharing_rate", "scalar", "share", "0.20"),
            ("sharing_rate.quality", "scalar", "text", "standard"),
            ("risk", "scalar", "text", "one_sided"),
        ]
    ]
}  # fmt: skip


def test_what_a_program_has_no_rule_for_is_refused(door):
    gold = case(track="gold")
    assert [row["earned"] for row in settled(door, gold, program="contract", rules=CONTRACT)] == [2_600_000.0]
    for column, value, reason in (
        ("termination_date", 20230630, "no_termination_rule"),
        ("payment_date", 20240930, "no_payment_dates"),
        ("half_year", True, "no_half_year"),
    ):
        row = gold | {column: value}
        [found] = settled(door, row, program="contract", rules=CONTRACT, invalid="null")
        assert (found["earned"], found["reason"]) == (None, reason)
        assert reason in arrays.SETTLE_REASONS
        with pytest.raises(ss.InputError, match=f"^column `{column}`: "):
            settled(door, row, program="contract", rules=CONTRACT)


def test_a_fixed_minimum_rate_has_no_size(door):
    rows = [case(track="gold", beneficiaries=n, expenditures=500_000_000 - saved)
            for n, saved in ((1, 7_500_000), (90_000, 7_499_999.99))]  # fmt: skip
    found = settled(door, *rows, program="contract", rules=CONTRACT)
    assert [row["minimum_savings_rate"] for row in found] == [0.015] * 2
    assert [row["earned"] for row in found] == [1_500_000.0, 0.0]
