"""Arrangements: contracts of one's own, their terms in words and pictures, and the list of programs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import sharedsavings as ss
from sharedsavings.arrangement import Arrangement, models, of_program, plot, read

YEARS = (2026, 2028)
TERMS = {"savings_share": [("0.05", "0.50"), ("inf", "0.25")], "loss_share": "0.30", "minimum_savings_rate": "0.01",
         "loss_limit": "0.03"}  # fmt: skip

FILE = """
[arrangement]
name = "harbor"
from = 2026
to = 2028
savings_share = [["0.05", "0.50"], ["inf", "0.25"]]
loss_share = "0.30"
minimum_savings_rate = "0.01"
loss_limit = "0.03"
"""


def frame(door, *spent):
    return door.frame({
        "performance_year": [2026] * len(spent),
        "benchmark": [100_000_000] * len(spent),
        "expenditures": list(spent),
    })  # fmt: skip


def test_a_contract_settles_without_tracks_and_beneficiaries(door):
    harbor = Arrangement("harbor", years=YEARS, **TERMS)
    result = harbor.settle(frame(door, 92_000_000, 99_100_000, 100_900_000, 101_000_000, 115_000_000))
    # 5 % at a half and 3 % at a quarter; twice below the minimum rate; 1 % at 30 %; the limit.
    assert door.read(result.frame, "earned") == [3_250_000, 0, 0, -300_000, -3_000_000]
    assert door.read(result.frame, "reason")[4] == "benchmark_loss_limit"


def test_a_file_and_its_python_form_are_the_same_contract(tmp_path, door):
    path = tmp_path / "harbor.toml"
    path.write_text(FILE)
    harbor = read(path)
    assert harbor.describe() == Arrangement("harbor", years=YEARS, **TERMS).describe()
    spent = frame(door, 92_000_000, 115_000_000)
    by_verb = ss.settle(spent, program="harbor", rules=path).frame
    assert door.read(by_verb, "earned") == door.read(harbor.settle(spent).frame, "earned") == [3_250_000, -3_000_000]


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"savings_share": "1.5"}, '`savings_share`: "1.5" is not a share'),
        ({"savings_share": [("0.05", "0.5"), ("0.04", "0.2"), ("inf", "0.1")]}, "slices do not rise: 0.04"),
        ({"savings_share": [("0.05", "0.5")]}, "the last slice ends at 0.05"),
        ({"savings_share": "0.5", "discount": "-0.01"}, '`discount`: "-0.01" is not a share'),
        ({"savings_share": "0.5", "loss_limit": "0.03"}, "`loss_limit`: given, but no losses are shared"),
        ({"savings_share": "0.5", "shared_from": "x"}, "Use first_dollar or above_minimum_rate"),
        ({"savings_share": "0.5", "quality": "high"}, "Use none or score or standard"),
        ({"savings_share": "0.5", "payment_limit_dollars": "-3"}, "whole cents"),
        ({"savings_share": "0.5", "loss_share": "1", "loss_discount": "0.02"}, "lies above the discount of savings"),
        ({"savings_share": [(f"0.0{n}", "0.5") for n in range(1, 6)] + [("inf", "0")]}, "at most 4 slices"),
    ],
)
def test_a_malformed_term_is_refused_by_its_key(terms, message):
    with pytest.raises(ss.SharedSavingsError) as refused:
        Arrangement("harbor", years=YEARS, **terms)
    assert message in str(refused.value)


def test_a_float_and_a_bad_name_are_refused():
    with pytest.raises(ss.InputError, match="a float is not exact"):
        Arrangement("harbor", years=YEARS, savings_share=0.5)
    with pytest.raises(ss.RuleBookError, match="`name`"):
        Arrangement("Harbor 1", years=YEARS, savings_share="0.5")


def test_a_file_with_an_unknown_key_or_without_a_contract_is_refused(tmp_path):
    path = tmp_path / "harbor.toml"
    path.write_text(FILE + 'sharing = "0.5"\n')
    with pytest.raises(ss.RuleBookError, match="unknown field `sharing`"):
        read(path)
    path.write_text('[set]\n"mssp.sequestration" = "0"\n')
    with pytest.raises(ss.InputError, match=r"no table \[arrangement\]"):
        read(path)


def test_every_arrangement_of_the_book_is_described_and_listed():
    table = models()
    listed = {(row[0], row[2]) for row in table.rows}
    assert {"mssp", "reach", "kcc", "ngaco", "cec", "ocm", "eom", "bpci", "bpci_advanced", "cjr", "team"} <= {
        program for program, _ in listed
    }
    fees = {(row[0], row[2]): row for row in table.rows if row[4].startswith("fees")}
    assert {"cpc_plus", "primary_care_first", "iota", "medical_home"} == {program for program, _ in fees}
    assert fees["cpc_plus", "TRACK_2"][3] == "clawback"
    assert "$2 a month by quality" in fees["cpc_plus", "TRACK_2"][4]
    assert "0 % to 100 % of what is prepaid" in fees["cpc_plus", "TRACK_1"][5]
    assert fees["primary_care_first", "PRACTICE"][3:6:2] == ("two-sided", "-10 % to 50 % of revenue")
    assert fees["medical_home", "UPSIDE"][3] == "one-sided"
    assert "paid as it is earned" in fees["medical_home", "UPSIDE"][4]
    assert fees["medical_home", "AT_RISK"][3:6:2] == ("clawback", "0 % to 100 % of what is prepaid is kept")
    hospitals = [row for row in table.rows if row[0] == "iota"]
    assert [row[1:6:2] for row in hospitals] == [
        ("2025", "one-sided", "$0 to $15,000 for each"),
        ("2026 to 2030", "two-sided", "-$2,000 to $15,000 for each"),
    ]
    assert all(" of " in row[6] for row in table.rows)
    for program, years, track, risk, *_ in table.rows:
        if (program, track) in fees:
            told = of_program(program, track, int(years[:4])).describe()
            assert told.splitlines()[1].startswith("Fees")
            assert ("Nothing is owed" in told) == (risk == "one-sided")
            continue
        told = of_program(program, track, int(years[:4])).describe()
        assert ("Losses are not shared" in told) == (risk == "one-sided"), told
        assert told.count("\n") >= 3


def test_other_names_of_a_program_are_known():
    assert of_program("GPDC", "GLOBAL", 2022).program == "reach"
    assert models("aco_reach").rows == models("reach").rows


def test_an_arrangement_that_there_is_not_is_refused_with_those_that_there_are():
    with pytest.raises(ss.NotModelledError, match='no arrangement "GLOBAL" in 2030; it has GLOBAL'):
        of_program("reach", "GLOBAL", 2030)
    with pytest.raises(ss.NotModelledError, match='no program "harbor"'):
        of_program("harbor", "A", 2024)


def test_a_payoff_bends_where_minimum_rate_slice_and_limit_are():
    curve = Arrangement("harbor", years=YEARS, **TERMS).payoff()
    kinks = {round(rate * 100): what for rate, _, what in curve.kinks}
    assert kinks[5] == ""
    assert kinks[-10] == "benchmark loss limit"
    assert kinks[1] == "within minimum savings rate"
    at = {round(rate * 100, 2): share for rate, share in zip(curve.rates, curve.earned, strict=True)}
    assert (at[8.0], at[0.5], at[-15.0]) == (0.0325, 0, -0.03)
    assert (np.diff(curve.earned) <= 0).all()


def test_arrangements_are_drawn_over_each_other(tmp_path):
    several = [of_program("reach", "GLOBAL", 2026), of_program("ngaco", "A", 2019, elected_cap=0.05)]
    figure = plot(*several, Arrangement("harbor", years=YEARS, **TERMS))
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == ["reach GLOBAL, 2026", "ngaco A, 2019", "harbor"]
    figure.savefig(tmp_path / "drawn.png")
    with pytest.raises(ss.InputError, match="no arrangement"):
        plot()


def test_fees_are_drawn_against_the_score_that_earns_them(tmp_path):
    practice, hospital = of_program("cpc+", "TRACK_1", 2018), of_program("iota", "HOSPITAL", 2026)
    [incentive], [score] = practice.payoff_by_score(), hospital.payoff_by_score()
    # 12,000 months at $2.50: nothing kept at no score, all of it at full scores.
    assert (incentive.prepaid, incentive.earned[0], incentive.earned[-1]) == (30_000, -30_000, 0)
    at = dict(zip(score.at.round(4), score.earned, strict=True))
    assert (at[0.0], at[50.0], at[80.0], at[100.0]) == (-2_000, 0, 7_500, 15_000)
    [revenue] = of_program("primary_care_first", "PRACTICE", 2023).payoff_by_score()
    assert (revenue.at[0], revenue.at[-1], revenue.earned[0], revenue.earned[-1]) == (-10, 50, -10, 50)
    figure = practice.plot()
    assert "clawed back" in [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    both = plot(of_program("reach", "GLOBAL", 2026), practice, of_program("cpc+", "TRACK_2", 2018), hospital)
    assert len(both.axes) == 3
    both.savefig(tmp_path / "drawn.png")
    assert of_program("reach", "GLOBAL", 2026).payoff_by_score() == []
    with pytest.raises(ss.NotModelledError, match="iota pays fees"):
        hospital.payoff()


def test_results_of_fees_and_of_mixed_frames_are_drawn(tmp_path):
    for name in ("cpc_plus_track_1", "cpc_plus_track_2", "all_programs"):
        ss.settle(ss.load_sample(name)).plot().savefig(tmp_path / f"{name}.png")
    mixed = ss.settle(ss.load_sample("all_programs")).plot().axes[0]
    assert "iota" in [label.get_text() for label in mixed.get_yticklabels()]


def test_programs_of_a_frame_are_told_row_by_row(door):
    mixed = door.frame({
        "program": ["reach", "mssp", "gpdc", "bpci_advanced"],
        "track": ["PROFESSIONAL", "B", "PROFESSIONAL", "EPISODE_INITIATOR"],
        "performance_year": [2023, 2023, 2022, 2020],
        "benchmark": [100_000_000, 500_000_000, 100_000_000, 2_000_000],
        "expenditures": [92_000_000, 487_000_000, 92_000_000, 1_800_000],
        "beneficiaries": [5_000, 60_000, 5_000, 100],
        "quality_score": [0.9, 0.9, 1.0, 0.7],
        "quality_standard_met": [True] * 4,
    })  # fmt: skip
    result = ss.settle(mixed)
    earned = door.read(result.frame, "earned")
    assert earned == [3_408_930, 5_096_000, 3_479_000, 194_000]
    assert door.read(result.frame, "target")[0] == 99_800_000
    for row, amount in enumerate(earned):
        steps = {step.name: step.value for step in result.explain(row).steps}
        assert steps["earned"] == f"${amount:,.2f}"
    assert any("bpci_advanced" in warning for warning in result.warnings)
    assert not any("mssp" in warning for warning in result.warnings)


def test_a_program_that_is_null_or_unknown_is_refused():
    rows = {"track": ["B"] * 2, "benchmark": [1e6] * 2, "expenditures": [1e6] * 2, "performance_year": [2023] * 2}
    with pytest.raises(ss.InputError, match="column `program`: missing in 1 row, first in row 1"):
        ss.settle(pd.DataFrame(rows | {"program": ["mssp", None]}))
    with pytest.raises(ss.NotModelledError, match=r"unknown program in 2 rows, first in row 0 .value 'harbor'.*bpci"):
        ss.settle(pd.DataFrame(rows | {"program": ["harbor"] * 2}))
    with pytest.raises(ss.InputError, match=r"column `track`: missing.*reach has GLOBAL"):
        ss.settle(pd.DataFrame({k: v for k, v in rows.items() if k != "track"}), program="reach")


@pytest.mark.parametrize(
    ("program", "changes", "message"),
    [
        ("ngaco", {"elected_cap": [0.04], "discount": [0.03]}, "`elected_cap`: outside the caps that can be elected"),
        ("ngaco", {"discount": [0.03]}, "`elected_cap`: absent, and needed"),
        ("ngaco", {"elected_cap": [0.05], "discount": [0.05]}, "`discount`: outside the discounts"),
        ("reach", {"discount": [0.05]}, "`discount`: given, but the discount of the arrangement is in the rule book"),
        ("reach", {"quality_score": [1.5]}, "`quality_score`: above 1"),
        ("ocm", {"performance_year": [2020]}, "`participant_revenue`: absent, and needed"),
        ("ocm", {"benchmark_final": [True]}, "`benchmark_final`: true, but terms"),
        ("reach", {"performance_year": [2031]}, "`performance_year`: not modelled"),
    ],
)
def test_what_a_program_cannot_take_is_refused_by_name(program, changes, message):
    tracks = {"ngaco": "A", "reach": "GLOBAL", "ocm": "TWO_SIDED_ALTERNATIVE"}
    row = {"track": [tracks[program]], "performance_year": [{"ngaco": 2017}.get(program, 2022)], "benchmark": [1e7],
           "expenditures": [9e6], "quality_score": [1.0]}  # fmt: skip
    with pytest.raises(ss.InputError, match=message):
        ss.settle(pd.DataFrame(row | changes), program=program)


@pytest.mark.parametrize("name", ["reach", "dce", "gpdc", "esrd", "pcmh", "pcf", "mssp", "qp", "apm", "programs",
                                  "conversion_factor", "medical_home"])  # fmt: skip
def test_a_contract_takes_no_name_of_the_rule_book_and_so_inherits_no_terms(name):
    with pytest.raises(ss.RuleBookError, match=f'`name`: "{name}" is (a name of the rule book|another name of)'):
        Arrangement(name, years=(2023, 2023), savings_share="1")
    home = {"medical_home": {"name": name, "from": 2023, "care_management_fee": "5"}}
    with pytest.raises(ss.RuleBookError, match=f'`name`: "{name}" is'):
        ss.rules.load(home)


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"shared_from": "above_minimum_rate"}, '`shared_from`: "above_minimum_rate" without a minimum rate'),
        ({"discount": "1"}, '`discount`: "1" leaves no target'),
        ({"quality_withhold": "1.0"}, '`quality_withhold`: "1.0" leaves no target'),
        ({"discount": "0.02", "loss_share": "1", "loss_discount": "1"}, '`loss_discount`: "1" leaves no target'),
    ],
)
def test_a_term_that_means_nothing_is_refused_by_its_key(terms, message):
    with pytest.raises(ss.RuleBookError) as refused:
        Arrangement("harbor", years=YEARS, savings_share="0.5", **terms)
    assert message in str(refused.value)


def test_years_tracks_and_elections_of_the_wrong_kind_are_refused_by_name():
    for years in (2026, (None, 2028), (2026,), ("2026", 2027)):
        with pytest.raises(ss.InputError, match=r"years=.*not a first and a last year"):
            Arrangement("harbor", years=years, savings_share="0.5")
    with pytest.raises(ss.InputError, match="track=None: not the name of an arrangement"):
        of_program("iota", None, 2026)
    with pytest.raises(ss.InputError, match="performance_year='x': not a year"):
        of_program("iota", "HOSPITAL", "x")
    with pytest.raises(ss.InputError, match="elected_capp=: not something that an arrangement reads"):
        plot(of_program("ngaco", "A", 2019, elected_capp=0.05))
    with pytest.raises(ss.InputError, match="expenditures=: not something"):
        of_program("ngaco", "A", 2019).payoff(expenditures=5)


def test_the_list_shows_withholds_and_joins_only_years_that_follow_each_other():
    table = models("reach")
    assert table.columns[-1] == "rules not recalled"
    professional = {row[1]: row[5] for row in table.rows if row[2] == "PROFESSIONAL"}
    # 5 percent withheld in 2021 and 2022 and again in 2026, 2 percent between.
    assert professional == {"2021 to 2022, 2026": "withhold 5 %", "2023 to 2025": "withhold 2 %"}
    assert all("withhold" in row[5] for row in table.rows)
    for row in table.rows:
        years = [year for span in row[1].split(", ") for year in span.split(" to ")]
        assert all(of_program("reach", row[2], int(year)).describe() for year in years)


def test_sequestration_is_told_beside_a_limit_only_where_there_is_one():
    told = of_program("reach", "PROFESSIONAL", 2026).describe()
    assert "shared savings." in told
    assert "limit is applied" not in told
    assert "before their limit is applied" in of_program("mssp", "B", 2023).describe()
    limited = Arrangement("harbor", years=YEARS, savings_share="0.5", payment_limit="0.1", sequestration="0.02")
    assert "after their limit is applied" in limited.describe()


def test_a_target_is_a_kink_with_a_name_and_prepaid_lines_have_a_key():
    kinks = {round(rate * 100, 2): what for rate, _, what in of_program("reach", "GLOBAL", 2026).payoff().kinks}
    assert kinks[3.5] == "target"
    assert "" in kinks.values()
    figure = plot(of_program("cpc+", "TRACK_1", 2018), of_program("cpc+", "TRACK_2", 2018))
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels[-1] == "prepaid, all of it at risk"


# ---- frames


def mixed_rows(**more):
    return pd.DataFrame({"program": ["reach", "iota"], "track": ["GLOBAL", "HOSPITAL"], "performance_year": 2026,
                         "benchmark": [1e8, 5e6], "expenditures": [9e7, None], "quality_score": [1.0, 0.8],
                         "transplants": [12, 40], **more})  # fmt: skip


def test_columns_that_a_program_does_not_read_are_told_with_their_rows():
    told = ss.settle(mixed_rows()).warnings
    assert "reach does not read `transplants` in 1 row: ignored there" in told
    assert "iota does not read `benchmark` in 1 row: ignored there" in told
    quiet = ss.settle(mixed_rows().assign(transplants=[None, 40], benchmark=[1e8, None])).warnings
    assert not any("does not read" in warning for warning in quiet)
    team = {"track": ["2"] * 3, "performance_year": [2027] * 3, "benchmark": [1e6] * 3, "expenditures": [1.1e6] * 3,
            "quality_score": [0.8] * 3, "advance": [5.0, 0.0, None], "guardrail": [True, False, True]}  # fmt: skip
    found = ss.settle(pd.DataFrame(team), program="team", columns={"advance_balance": "advance"})
    assert "team does not read `guardrail` in 2 rows, `advance` in 1 row: ignored there" in found.warnings


def test_no_column_is_told_that_the_shared_savings_program_reads(door):
    own = ss.load_sample("mssp_acos", backend="polars")
    assert not any("does not read" in warning for warning in ss.settle(own).warnings)
    # Losses there depend on whether the minimum of quality is attained: the last step of their rate says so.
    for program, track, year in (("cec", "LDO", 2018), ("pioneer", "CORE", 2013)):
        rows = {"track": [track] * 2, "performance_year": [year] * 2, "benchmark": [1e8] * 2,
                "quality_score": [0.9] * 2,
                "expenditures": [1.1e8] * 2, "quality_standard_met": [True, False]}  # fmt: skip
        found = ss.settle(door.frame(rows), program=program)
        first, second = door.read(found.frame, "loss_rate")
        assert first != second
        assert not any("does not read" in warning for warning in found.warnings)


def test_a_program_for_all_rows_beside_rows_of_another_is_refused():
    rows = mixed_rows().iloc[:1]
    settled = ss.settle(rows, program="dce").frame["earned"]
    assert settled.tolist() == ss.settle(rows).frame["earned"].tolist()
    message = r"column `of`: another program than reach.* in 1 row, first in row 1 .value 'cec'"
    two = pd.DataFrame({"of": ["aco_reach", "cec", None], "track": ["GLOBAL"] * 3, "performance_year": [2023] * 3,
                        "benchmark": [1e8] * 3, "expenditures": [9e7] * 3, "quality_score": [1.0] * 3})  # fmt: skip
    for verb in (ss.settle, ss.break_even):
        more = {} if verb is ss.settle else {"earned": 0}
        with pytest.raises(ss.InputError, match=message):
            verb(two, program="reach", columns={"program": "of"}, **more)
    with pytest.raises(ss.InputError, match="another program than harbor"):
        Arrangement("harbor", years=(2023, 2023), savings_share="1").settle(two, columns={"program": "of"})
    priced = {"hospital_price": [24_000], "regional_price": [27_000], "baseline_episodes": [60], "episodes": [100],
              "performance_year": [2017], "program": ["team"]}  # fmt: skip
    with pytest.raises(ss.InputError, match="another program than cjr"):
        ss.benchmark(pd.DataFrame(priced), program="cjr")
    with pytest.raises(ss.InputError, match="another program than mssp"):
        ss.benchmark(pd.DataFrame({"entity_id": ["A"], "program": ["reach"]}), performance_year=2024)


def test_an_empty_frame_of_programs_has_an_empty_result_with_the_columns(door):
    rows = {"program": [], "track": [], "performance_year": [], "benchmark": [], "expenditures": []}
    none = ss.settle(pd.DataFrame(rows))
    assert len(none.frame) == 0
    assert {"target", "earned", "reason"} <= set(none.frame.columns)
    assert "incentive_prepaid" not in none.frame.columns
    fees = ss.settle(pd.DataFrame({"program": [], "transplants": []}))
    assert "incentive_prepaid" in fees.frame.columns
    assert none.summary().rows == []
    even = ss.break_even(pd.DataFrame(rows), earned=0).frame
    assert len(even) == 0
    assert "break_even" in even.columns


def test_truth_values_are_no_amounts_shares_or_counts(door):
    rows = {"track": ["B"], "performance_year": [2023], "benchmark": [5e8], "expenditures": [4.8e8],
            "beneficiaries": [60_000], "quality_standard_met": [True], "elected_rate": [0.02]}  # fmt: skip
    for name, what in (("benchmark", "an amount"), ("elected_rate", "a share"), ("beneficiaries", "a count")):
        with pytest.raises(ss.InputError, match=f"column `{name}`: holds truth values, where {what} is needed"):
            ss.settle(door.frame(rows | {name: [True]}))
    fees = {"program": ["iota"], "performance_year": [2026], "transplants": [True], "quality_score": [0.8]}
    with pytest.raises(ss.InputError, match="column `transplants`: holds truth values"):
        ss.settle(door.frame(fees))
    priced = {"hospital_price": [True], "regional_price": [27_000], "performance_year": [2017]}
    with pytest.raises(ss.InputError, match="column `hospital_price`: holds truth values"):
        ss.benchmark(door.frame(priced), program="cjr")
