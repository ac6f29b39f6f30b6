"""MIPS: who is in, and the weights of the pathways. T and trap numbers are those of the QPP reference."""

from __future__ import annotations

import pandas as pd
import pytest

import sharedsavings as ss

WEIGHTS = ["quality_weight", "cost_weight", "improvement_activities_weight", "promoting_interoperability_weight"]


def weights(year, pathway, **changes):
    frame = pd.DataFrame(
        {"status": ["none"], "pathway": [pathway]} | {name: [value] for name, value in changes.items()}
    )
    return [round(100 * w) for w in ss.mips(frame, performance_year=year).frame[WEIGHTS].iloc[0]]


def test_t24_promoting_interoperability_reweighted_differs_by_pathway():
    gone = {"promoting_interoperability_reweighted": True}
    assert weights(2021, "app", **gone) == [75, 0, 25, 0]
    for year in (2018, 2019, 2020):
        for pathway in ("web_interface", "other_mips_apm"):
            assert weights(year, pathway, **gone) == [80, 0, 20, 0]
    assert weights(2017, "web_interface", **gone) == [75, 0, 25, 0]


def test_trap_12_quality_reweighted_is_the_same_in_both_eras():
    for year, pathway in ((2017, "web_interface"), (2020, "other_mips_apm"), (2021, "app"), (2026, "app")):
        assert weights(year, pathway, quality_reweighted=True) == [0, 0, 25, 75]


def test_trap_15_other_mips_apms_of_2017_are_weighted_so_that_they_add_up():
    assert weights(2017, "other_mips_apm") == [0, 0, 25, 75]
    for year, pathway in ((2017, "web_interface"), (2018, "other_mips_apm"), (2024, "app")):
        assert weights(year, pathway) == [50, 0, 20, 30]


def test_a_final_score_is_the_weighted_sum_of_what_has_weight(door):
    frame = door.frame({
        "status": ["none"] * 3, "pathway": ["app"] * 3, "quality_score": [0.8, 0.8, None],
        "improvement_activities_score": [1.0, 1.0, 1.0], "promoting_interoperability_score": [0.9, None, 0.9],
        "promoting_interoperability_reweighted": [False, True, False], "cost_score": [None, None, 0.5],
        "allowed_charges": [1e6] * 3, "patients": [900] * 3, "services": [900] * 3,
    })  # fmt: skip
    result = ss.mips(frame, performance_year=2024)
    assert door.read(result.frame, "final_score") == pytest.approx([0.87, 0.85, None])
    assert door.read(result.frame, "reason") == [None, None, "missing_score"]
    step = result.explain(0).steps[-1]
    assert (step.name, step.value, step.rules) == ("final score", "87 %", ("mips.weights.app",))
    assert any("414.1367" in cite for cite in step.cites)


def test_elections_move_partial_qps_only(door):
    statuses = ["qp"] * 4 + ["partial_qp"] * 5 + ["none"]
    elections = ["in", "out", "none", "undecided", "in", "out", "none", "undecided", None, None]
    result = ss.mips(door.frame({"status": statuses, "election": elections}), performance_year=2024).frame
    assert door.read(result, "mips") == ["excluded"] * 4 + [
        "scored",
        "excluded",
        "excluded",
        "may_elect",
        None,
        "scored",
    ]
    assert door.read(result, "reason")[8] == "election_not_given"
    assert door.read(result, "basis")[4:8] == [
        "partial_qp_elected_in", "partial_qp_elected_out", "partial_qp_without_election", "partial_qp_election_open",
    ]  # fmt: skip


def test_exclusions_are_explained_by_the_statute():
    result = ss.mips(pd.DataFrame({"status": ["qp", "partial_qp"], "election": "out"}), performance_year=2024)
    for row, rule in ((0, "mips.qp"), (1, "mips.partial_qp")):
        step = next(step for step in result.explain(row).steps if step.name == "mips")
        assert (step.value, step.rules) == ("excluded", (rule,))
        assert "1848(q)(1)" in step.cites[0]
    with pytest.raises(ss.NotModelledError, match="the only word that is modelled"):
        ss.mips(pd.DataFrame({"status": ["qp"]}), performance_year=2024, rules={"mips.qp": "scored"})


@pytest.mark.parametrize(
    ("year", "charges", "patients", "services"),
    [(2017, 30_000, 100, None), (2018, 90_000, 200, None), (2019, 90_000, 200, 200), (2024, 90_000, 200, 200)],
)
def test_trap_2_every_measure_of_volume_must_be_exceeded_not_met(year, charges, patients, services):
    rows = [(charges + 0.01, patients + 1, (services or 0) + 1), (charges, patients + 1, (services or 0) + 1),
            (charges + 0.01, patients, (services or 0) + 1), (charges + 0.01, patients + 1, services or 0)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["allowed_charges", "patients", "services"]).assign(status="none")
    found = ss.mips(frame, performance_year=year).frame["mips"].tolist()
    assert found == ["scored", "excluded", "excluded", "excluded" if services else "scored"]


def test_volume_decides_where_it_is_known_and_stays_open_where_not():
    frame = pd.DataFrame({"status": "none", "allowed_charges": [90_000.0, 90_001.0, None], "patients": [None] * 3,
                          "services": [None] * 3})  # fmt: skip
    result = ss.mips(frame, performance_year=2024).frame
    assert result["mips"].tolist()[0] == "excluded"
    assert pd.isna(result["mips"][1])
    assert result["reason"].tolist()[1:] == ["missing_input", "low_volume_not_tested"]


def test_largest_cuts_go_by_payment_year():
    frame = pd.DataFrame({"performance_year": range(2017, 2025), "status": "none"})
    cuts = ss.mips(frame).frame["lowest_adjustment"].tolist()
    assert cuts == [-0.04, -0.05, -0.07, -0.09, -0.09, -0.09, -0.09, -0.09]


def test_participants_of_the_ambulatory_specialty_model_are_exempt_in_its_years():
    frame = pd.DataFrame({"performance_year": [2026, 2027, 2031, 2032], "status": "none", "asm_participant": True})
    assert ss.mips(frame).frame["basis"].tolist() == ["neither", "asm_participant", "asm_participant", "neither"]


@pytest.mark.parametrize(
    ("changes", "year", "message"),
    [
        ({"quality_score": [80.0]}, 2024, "`quality_score`: out of range in 1 row, first in row 0 .value 80"),
        ({"patients": [-1]}, 2024, "`patients`: negative"),
        ({"pathway": ["app"]}, 2020, "`pathway`: not a pathway of its performance year .* .value app"),
        ({"pathway": ["web_interface"]}, 2021, "`pathway`: not a pathway of its performance year"),
        ({"pathway": ["web_interface"], "mssp": [True]}, 2021, "`pathway`: not the pathway that ACOs of the Shared"),
        ({"pathway": ["traditional"], "mssp": [True]}, 2024, "`pathway`: not the pathway that ACOs of the Shared"),
        ({"pathway": ["other_mips_apm"], "mssp": [True]}, 2018, "`pathway`: not the pathway .* Give web_interface, or"),
        ({}, 2016, "`performance_year`: year that the rule book does not know"),
        ({"status": [float("nan")], "election": ["maybe"]}, 2024, "`election`: unknown word"),
    ],
)
def test_bad_input_is_refused_by_column_and_row(changes, year, message):
    with pytest.raises(ss.InputError, match=message):
        ss.mips(pd.DataFrame({"status": ["none"]} | changes), performance_year=year)


@pytest.mark.parametrize(
    "changes",
    [
        {"pathway": ["traditional"]},
        {"pathway": ["app"], "quality_reweighted": [True], "promoting_interoperability_reweighted": [True]},
    ],
)
def test_weights_that_the_book_does_not_hold_are_not_made_up(changes):
    frame = pd.DataFrame({"status": ["none"]} | changes)
    with pytest.raises(ss.NotModelledError, match="weights that the rule book does not hold in 1 row"):
        ss.mips(frame, performance_year=2024)
    assert ss.mips(frame, performance_year=2024, invalid="null").frame["reason"].tolist() == ["weights_not_modelled"]


def test_a_missing_status_is_null_and_no_column_is_refused():
    result = ss.mips(pd.DataFrame({"status": ["none", None]}), performance_year=2024)
    assert result.frame["reason"].tolist() == ["low_volume_not_tested", "missing_input"]
    assert "missing_input" in str(result.explain(1))
    assert result.summary().rows[0] == ("2024", "2", "0", "0", "1", "1")
    with pytest.raises(ss.InputError, match="`status`: missing"):
        ss.mips(pd.DataFrame({"performance_year": [2024]}))


def test_weights_of_ones_own_serve_where_the_book_has_none():
    own = {"rule": [{"id": "mips.weights.traditional", "kind": "table", "unit": "share",
                     "applies": {"clock": "performance_year", "from": 2024, "to": 2024},
                     "value": {"quality": "0.30", "cost": "0.30", "improvement_activities": "0.15",
                               "promoting_interoperability": "0.25"}}]}  # fmt: skip
    scores = {"quality": 0.5, "cost": 1.0, "improvement_activities": 1.0, "promoting_interoperability": 0.8}
    frame = pd.DataFrame({"status": ["none"], "pathway": "traditional"} | {f"{n}_score": s for n, s in scores.items()})
    result = ss.mips(frame, performance_year=2024, rules=own)
    assert result.frame["final_score"].tolist() == [0.8]
    assert any("set by the user" in warning for warning in result.warnings)


def test_acos_of_the_shared_savings_program_use_the_web_interface_before_2021_and_the_app_from_then():
    years = [2017, 2018, 2019, 2020, 2021, 2024]
    paths = ["web_interface", "other_mips_apm", "app", "traditional"]
    frame = pd.DataFrame([{"performance_year": year, "pathway": path} for year in years for path in paths])
    result = ss.mips(frame.assign(status="none", mssp=True), invalid="null").frame
    refused = {
        year: set(rows["reason"][rows["quality_weight"].isna()])
        for year, rows in result.groupby(frame.performance_year)
    }
    assert refused == {year: {"mssp_must_use_web_interface" if year < 2021 else "mssp_must_use_app"} for year in years}
    scored = result[result["quality_weight"].notna()]
    assert scored["pathway"].tolist() == ["web_interface"] * 4 + ["app"] * 2


def test_the_column_that_is_reweighted_without_a_rule_is_named_with_why():
    frame = pd.DataFrame(
        {"status": ["none"], "pathway": "other_mips_apm", "promoting_interoperability_reweighted": True}
    )
    with pytest.raises(ss.NotModelledError, match=r"`promoting_interoperability_reweighted`: .* quality counts"):
        ss.mips(frame, performance_year=2017)
    kept = ss.mips(frame, performance_year=2017, invalid="null").frame
    assert kept["reason"].tolist() == ["reweighting_not_modelled"]
