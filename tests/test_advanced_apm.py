"""Criteria of Advanced APMs: vectors T18 to T22a, boundaries, what is unknown, bad input, programs by computation."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import sharedsavings as ss
from sharedsavings.arrangement import Arrangement

# Everything but financial risk passes.
MEDICARE = {
    "authority": "cmmi_1115a", "cehrt_share": 1.0, "cehrt_required": True, "quality_linked": True,
    "comparable_measure": True, "outcome_measure": True, "outcome_measure_comparable": True, "risk_form": "repay",
}  # fmt: skip
OTHER = {**MEDICARE, "payer": "commercial", "risk_of_expected": 0.03}
HOME = {**MEDICARE, "medical_home": True, "risk_form": "forgo_guaranteed_payment",
        "risk_trigger": "performance_standards"}  # fmt: skip


def decide(year, **terms):
    return ss.advanced_apm(pd.DataFrame([terms]), performance_year=year).frame.iloc[0]


def lists(largest):
    return {"list_clinicians_mar_31": 1, "list_clinicians_jun_30": 1, "list_clinicians_aug_31": largest}


def test_t18_a_medical_home_of_51_falls_to_the_general_standard_and_fails():
    row = decide(2023, **HOME, **lists(51), risk_of_revenue=0.05)
    assert (row.advanced_apm, row.risk_criterion, row.risk_reason) == ("no", "fail", "above_size_limit")
    repaying = {**HOME, "risk_form": "repay", "risk_trigger": "expenditures"}
    row = decide(2023, **repaying, **lists(51), risk_of_revenue=0.05, risk_of_expected=0.03)
    assert (row.advanced_apm, row.risk_standard) == ("yes", "general")


def test_t19_a_medical_home_of_exactly_50_keeps_its_standard():
    row = decide(2023, **HOME, **lists(50), risk_of_revenue=0.05)
    assert (row.advanced_apm, row.risk_standard, row.risk_reason) == (
        "yes", "medical_home", "medical_home_share_of_revenue")  # fmt: skip


def test_t20_a_medical_home_needs_three_percent_of_revenue_in_2019():
    small = {**HOME, "organization_clinicians": 20}
    assert decide(2019, **small, risk_of_revenue=0.029).advanced_apm == "no"
    assert decide(2019, **small, risk_of_revenue=0.03).advanced_apm == "yes"


def test_t21_a_flat_marginal_rate_of_30_percent_passes_and_a_tenth_less_fails():
    assert decide(2022, **OTHER, marginal_bands="0.10: 0.300").advanced_apm == "yes"
    row = decide(2022, **OTHER, marginal_bands="0.10: 0.299")
    assert (row.advanced_apm, row.risk_reason) == ("no", "below_marginal_risk")


def test_t22_small_overruns_may_be_left_out_of_the_average():
    row = decide(2022, **OTHER, marginal_bands="0.04: 0, 0.10: 0.40")
    assert row.marginal_risk_all_levels == pytest.approx(0.24)
    assert (row.marginal_risk, row.minimum_loss_rate, row.advanced_apm) == (0.40, 0.04, "yes")
    # A minimum loss rate of 5 %: only what lies below 4 % may be left out.
    row = decide(2022, **OTHER, marginal_bands="0.05: 0, 0.10: 0.40")
    assert row.marginal_risk == pytest.approx(1 / 3)
    assert (row.minimum_loss_rate, row.advanced_apm) == (0.05, "yes")


def test_t22a_an_allowance_that_hurts_is_not_applied():
    row = decide(2022, **OTHER, marginal_bands="0.05: 0.50, 0.10: 0.25")
    assert row.marginal_risk_all_levels == 0.375
    # Leaving out what lies beyond large losses helps: the first 5 % are at one half, then 2 points more at a quarter.
    assert row.marginal_risk == pytest.approx(0.03 / (0.05 + 0.005 / 0.25))
    assert row.advanced_apm == "yes"


def averages(bands, enough, small):
    """The four averages by rational arithmetic, from the definition: area over width."""

    def area(a, b):
        lower, total = Fraction(0), Fraction(0)
        for upper, share in bands:
            total += max(min(b, upper) - max(a, lower), Fraction(0)) * share
            lower = upper
        return total

    end = bands[-1][0]
    # Where losses first reach enough: bisect the kinks, then solve the line.
    cut, lower = end, Fraction(0)
    for upper, share in bands:
        if share and area(Fraction(0), upper) >= enough:
            cut = lower + (enough - area(Fraction(0), lower)) / share
            break
        lower = upper
    ranges = [(Fraction(0), end), (small, end), (Fraction(0), cut), (small, cut)]
    return [area(a, b) / (b - a) for a, b in ranges if b > a]


def test_the_average_of_marginal_risk_agrees_with_rational_arithmetic():
    draw = random.Random(414_1420)
    rows = []
    for _ in range(400):
        bounds = sorted(draw.sample(range(1, 200), draw.randint(1, 4)))
        rows.append([(Fraction(b, 1000), Fraction(draw.choice([0, 20, 25, 30, 35, 40, 75]), 100)) for b in bounds])
    frame = pl.DataFrame({"marginal_bands": [[[float(u), float(s)] for u, s in bands] for bands in rows],
                          **{name: [value] * len(rows) for name, value in OTHER.items()}})  # fmt: skip
    found = ss.advanced_apm(frame, performance_year=2022).frame
    for at, bands in enumerate(rows):
        each = averages(bands, Fraction(3, 100), Fraction(4, 100))
        assert found["marginal_risk_all_levels"][at] == pytest.approx(float(each[0]))
        assert found["marginal_risk"][at] == pytest.approx(float(max(each)))
        assert (found["risk_criterion"][at] == "pass") == (max(each) >= Fraction(30, 100)), bands


@pytest.mark.parametrize(("share", "answer"), [(0.08, "yes"), (0.079999999, "no")])
def test_eight_percent_of_revenue_meets_the_standard_exactly(share, answer):
    assert decide(2022, **MEDICARE, risk_of_revenue=share, risk_of_expected=0.0).advanced_apm == answer


@pytest.mark.parametrize(("loss", "answer"), [(3_000_000, "yes"), (2_999_999.99, "no")])
def test_three_percent_of_expected_expenditures_meets_the_standard_to_the_cent(loss, answer):
    row = decide(2022, **MEDICARE, maximum_loss=loss, revenue=90e6, expected_expenditures=100e6)
    assert row.advanced_apm == answer


def test_of_no_revenue_nothing_is_a_share():
    row = decide(2022, **MEDICARE, maximum_loss=0.0, revenue=0.0, expected_expenditures=0.0)
    assert (row.risk_criterion, row.risk_reason) == ("unknown", "missing_amount_of_risk")
    found = ss.advanced_apm_of("mssp", "D", performance_year=2024, revenue=0, expected_expenditures=0)
    assert found.risk == "fail"


def test_the_size_limit_flips_at_its_boundary_in_2023():
    def home(year, clinicians, **more):
        at = {**lists(clinicians), "organization_clinicians": clinicians}
        return decide(year, **HOME, **at, **more, risk_of_revenue=0.05).risk_criterion

    assert [home(2017, n) for n in (49, 50, 51)] == ["pass", "pass", "pass"]
    assert [home(2022, n) for n in (49, 50, 51)] == ["pass", "fail", "fail"]
    assert [home(2023, n) for n in (49, 50, 51)] == ["pass", "pass", "fail"]
    assert home(2022, 500, cpc_plus_round_1=True) == "pass"
    assert home(2023, 500, cpc_plus_round_1=True) == "fail"


def test_the_ladder_of_medical_homes_by_year():
    small = {**HOME, **lists(20), "organization_clinicians": 20}
    least = {2017: 0.025, 2018: 0.025, 2019: 0.03, 2020: 0.04, 2021: 0.05, 2026: 0.05}
    for year, share in least.items():
        assert decide(year, **small, risk_of_revenue=share).risk_criterion == "pass"
        assert decide(year, **small, risk_of_revenue=share - 1e-9).risk_criterion == "fail"
    medicaid = {**small, "payer": "medicaid"}
    for year, share in {2019: 0.03, 2020: 0.04, 2021: 0.05}.items():
        assert decide(year, **medicaid, risk_of_revenue=share).risk_criterion == "pass"
        assert decide(year, **medicaid, marginal_bands="0.1: 0.3", risk_of_expected=0.0,
                      risk_of_revenue=share - 1e-9).risk_criterion == "fail"  # fmt: skip


def test_aligned_medical_homes_count_from_2020_and_exactly_50_is_flagged_for_its_text():
    home = {**HOME, **lists(50), "payer": "commercial", "risk_of_revenue": 0.05, "risk_of_expected": 0.0,
            "marginal_bands": "0.1: 0.3"}  # fmt: skip
    assert decide(2019, **home).risk_criterion == "fail"
    assert decide(2020, **home).risk_reason == "medical_home_share_of_revenue"
    row = decide(2023, **home)
    assert (row.risk_criterion, row.risk_reason) == ("pass", "size_text_contradicts")


def test_cehrt_by_year():
    def cehrt(year, **terms):
        row = decide(year, **{**MEDICARE, "cehrt_share": None, "cehrt_required": None, **terms}, risk_of_expected=0.03)
        return row.cehrt_criterion

    assert [cehrt(2018, cehrt_share=s) for s in (0.5, 0.499999999)] == ["pass", "fail"]
    assert [cehrt(2019, cehrt_share=s) for s in (0.75, 0.749999999)] == ["pass", "fail"]
    assert [cehrt(2025, cehrt_required=b) for b in (True, False, None)] == ["pass", "fail", "unknown"]
    assert cehrt(2025, cehrt_share=1.0) == "unknown"
    mssp = {"authority": "shared_savings_program", "cehrt_payment_adjustment": True, "cehrt_share": 0.0}
    assert (cehrt(2018, **mssp), cehrt(2019, **mssp)) == ("pass", "fail")
    assert cehrt(2018, **{**mssp, "authority": "cmmi_1115a"}) == "fail"
    other = {"payer": "commercial"}
    assert [cehrt(year, cehrt_share=0.5, **other) for year in (2019, 2020)] == ["pass", "fail"]


def test_quality_by_year_and_its_exception():
    def quality(year, **terms):
        row = decide(year, **{**MEDICARE, **terms}, risk_of_expected=0.03)
        return row.quality_criterion, row.quality_reason

    assert quality(2019, outcome_measure_comparable=False)[0] == "pass"
    assert quality(2020, outcome_measure_comparable=False) == ("fail", "outcome_measure_not_comparable")
    assert quality(2020, outcome_measure=False) == ("fail", "no_outcome_measure")
    assert quality(2020, outcome_measure=False, no_outcome_measure_available=True) == (
        "pass", "no_outcome_measure_available")  # fmt: skip
    assert quality(2020, quality_linked=False) == ("fail", "not_linked_to_payment")
    assert quality(2020, comparable_measure=None) == ("unknown", "missing_quality")


def test_only_four_authorities_make_an_apm_and_other_payers_need_none():
    def authority(word):
        return decide(2022, **{**MEDICARE, "authority": word}, risk_of_expected=0.03).apm_criterion

    passing = ("cmmi_1115a", "shared_savings_program", "demonstration_1866c", "federal_law_demonstration")
    assert [authority(word) for word in passing] == ["pass"] * 4
    assert [authority(word) for word in ("health_care_innovation_award", "none", None)] == ["fail", "fail", "unknown"]
    for payer in ("medicaid", "medicare_advantage", "cms_multi_payer", "commercial"):
        row = decide(2022, **{**OTHER, "payer": payer, "authority": "none"}, marginal_bands="0.1: 0.3")
        assert row.advanced_apm == "yes"


def test_revenue_counts_for_other_payers_only_where_the_contract_defines_risk_by_it():
    terms = {**OTHER, "risk_of_expected": 0.029, "risk_of_revenue": 0.08, "marginal_bands": "0.1: 0.3"}
    answers = [decide(2022, **terms, revenue_defined_risk=b).advanced_apm for b in (True, False, None)]
    assert answers == ["yes", "no", "unknown"]


def test_full_capitation_and_an_expanded_medical_home_pass_the_risk_criterion():
    bare = {**MEDICARE, "risk_form": "none"}
    assert decide(2022, **bare, full_capitation=True).risk_standard == "full_capitation"
    assert decide(2022, **bare, expanded_medical_home=True).risk_standard == "expanded_medical_home"
    assert decide(2022, **{**bare, "payer": "medicaid"}, full_capitation=True).risk_criterion == "pass"
    assert decide(2022, **bare).risk_reason == "no_risk"


def test_the_form_of_risk_counts():
    at_risk = {"risk_of_expected": 0.05}
    for form in ("withhold", "reduce_rates", "repay"):
        assert decide(2022, **{**MEDICARE, "risk_form": form}, **at_risk).risk_criterion == "pass"
    forgone = {**MEDICARE, "risk_form": "forgo_guaranteed_payment"}
    assert decide(2022, **forgone, **at_risk).risk_reason == "form_of_risk"
    standards = {**MEDICARE, "risk_trigger": "performance_standards"}
    assert decide(2022, **standards, **at_risk).risk_reason == "form_of_risk"


def test_one_criterion_that_fails_decides_whatever_is_unknown():
    assert decide(2022, authority="none").advanced_apm == "no"
    assert decide(2022, authority="cmmi_1115a").advanced_apm == "unknown"
    row = decide(2022, **MEDICARE)
    assert (row.risk_criterion, row.risk_reason) == ("unknown", "missing_amount_of_risk")


def test_a_null_never_counts_as_no():
    row = decide(2022, **MEDICARE, risk_of_revenue=0.05, risk_of_expected=0.0, medical_home=None,
                 organization_clinicians=20)  # fmt: skip
    assert (row.risk_criterion, row.risk_reason) == ("unknown", "missing_medical_home")
    row = decide(2022, **MEDICARE, risk_of_revenue=0.05, risk_of_expected=0.0, full_capitation=None)
    assert (row.risk_criterion, row.risk_reason) == ("unknown", "missing_full_capitation")
    row = decide(2023, **HOME, list_clinicians_mar_31=3, list_clinicians_jun_30=3, list_clinicians_aug_31=None,
                 risk_of_revenue=0.05, risk_of_expected=0.0)  # fmt: skip
    assert row.risk_criterion == "unknown"


def test_marginal_bands_may_be_text_pairs_mappings_or_open():
    forms = ["0.04: 0, 0.10: 0.40", [(0.04, 0), (0.10, 0.40)], [["0.04", "0"], ["0.10", "0.40"]],
             [{"upper": 0.04, "share": 0}, {"upper": 0.10, "share": 0.4}]]  # fmt: skip
    frame = pd.DataFrame({"marginal_bands": forms, **{k: [v] * 4 for k, v in OTHER.items()}})
    assert ss.advanced_apm(frame, performance_year=2022).frame.marginal_risk.tolist() == [0.4] * 4
    # An open level outweighs all others, unless large losses are left out.
    row = decide(2022, **OTHER, marginal_bands="0.20: 0.30, inf: 0")
    assert (row.marginal_risk_all_levels, row.marginal_risk, row.advanced_apm) == (0.0, 0.30, "yes")
    assert decide(2022, **OTHER, marginal_bands=[(None, 0.5)]).marginal_risk == 0.5


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
def test_every_kind_of_frame_gives_the_same_answers_and_keeps_its_columns(backend):
    frame = pd.DataFrame({"name": ["a", "b", "c"], "program": ["mssp", None, "reach"], "track": ["E", None, "GLOBAL"]})
    given = {"pandas": frame, "polars": pl.from_pandas(frame), "pyarrow": pa.Table.from_pandas(frame)}[backend]
    found = ss.advanced_apm(given, performance_year=2024).frame
    assert isinstance(found, type(given))
    answers = found["advanced_apm"].to_pylist() if backend == "pyarrow" else list(found["advanced_apm"])
    assert answers == ["yes", "unknown", "yes"]


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"risk_of_revenue": 8.0}, ["risk_of_revenue", "above 1", "share of one", "row 0", "(value 8"]),
        ({"risk_of_expected": 3.0}, ["risk_of_expected", "above 1"]),
        ({"cehrt_share": 75}, ["cehrt_share", "above 1", "(value 75)"]),
        ({"risk_of_revenue": -0.1}, ["risk_of_revenue", "negative"]),
        ({"risk_of_expected": float("inf")}, ["risk_of_expected", "infinite"]),
        ({"maximum_loss": 1e30}, ["maximum_loss", "too large"]),
        ({"medical_home": 2}, ["medical_home", "neither true nor false"]),
        ({"list_clinicians_mar_31": 3.5}, ["list_clinicians_mar_31", "not a whole number"]),
        ({"payer": "Blue Cross"}, ["payer", "'Blue Cross'", "medicaid"]),
        ({"risk_form": "pay"}, ["risk_form", "'pay'", "withhold"]),
        ({"authority": "law"}, ["authority", "'law'", "cmmi_1115a"]),
        ({"marginal_bands": "30 %"}, ["marginal_bands", "'30 %'", "upper: share"]),
        ({"marginal_bands": "0.1: 30"}, ["marginal_bands", "between 0 and 1"]),
        ({"marginal_bands": "0.1: 0.3, 0.05: 0.2"}, ["marginal_bands", "increase"]),
        ({"risk_of_revenue": 0.1, "maximum_loss": 1.0, "revenue": 10.0}, ["risk_of_revenue", "given beside dollars"]),
        ({"program": "mssp", "track": "Z"}, ["program", "('mssp', 'Z')", "ENHANCED"]),
        ({"program": "eom", "track": "RA2"}, ["program", "eom RA2", "not an arrangement of its program in the year"]),
        ({"risk_of_revenue": "a lot"}, ["risk_of_revenue", "not numbers"]),
    ],
)
def test_bad_values_are_refused_by_column_and_row(terms, words):
    with pytest.raises(ss.InputError) as refused:
        decide(2022, **{"authority": "cmmi_1115a", **terms})
    for word in words:
        assert word in str(refused.value)


def test_bad_rows_may_be_kept_as_null_with_a_reason():
    frame = pd.DataFrame({"performance_year": [2022, 2016, 2022, None], "risk_of_revenue": [8.0, 0.1, 0.1, 0.1],
                          "payer": ["medicare", "medicare", "nobody", "medicare"]})  # fmt: skip
    result = ss.advanced_apm(frame, invalid="null")
    assert result.frame["advanced_apm"].isna().tolist() == [True] * 4
    reasons = ["share_above_one", "unknown_performance_year", "unknown_word", "missing_input"]
    assert result.frame["reason"].tolist() == reasons
    assert "share_above_one" in str(result.explain(0))


def test_years_without_criteria_are_refused():
    with pytest.raises(ss.InputError, match="begins with performance year 2017"):
        decide(2016, **MEDICARE)
    with pytest.raises(ss.InputError, match="other payers"):
        decide(2018, **OTHER)
    with pytest.raises(ss.InputError, match="performance_year"):
        ss.advanced_apm(pd.DataFrame({"authority": ["none"]}))
    with pytest.raises(ss.NotModelledError, match='no program "nothing"'):
        decide(2022, program="nothing", track="A")


def test_an_empty_frame_gives_an_empty_result():
    found = ss.advanced_apm(pd.DataFrame({"performance_year": pd.Series([], dtype="int64")}))
    assert len(found.frame) == 0
    assert "advanced_apm" in found.frame


def test_one_and_many_threads_give_the_same_bits():
    draw = np.random.default_rng(7)
    size = 20_000
    frame = pd.DataFrame({
        "performance_year": draw.integers(2017, 2028, size),
        "authority": draw.choice(["cmmi_1115a", "none"], size),
        "cehrt_share": draw.choice([0.5, 0.75], size),
        "cehrt_required": True, "quality_linked": True, "comparable_measure": True, "outcome_measure": True,
        "outcome_measure_comparable": True, "risk_form": "repay",
        "risk_of_revenue": draw.choice([0.079, 0.08], size),
        "risk_of_expected": draw.choice([0.029, 0.03], size),
    })  # fmt: skip
    one, two = (ss.advanced_apm(frame, threads=n).frame for n in (1, 2))
    pd.testing.assert_frame_equal(one, two)
    # The same in numpy, by the criteria of 414.1415.
    cehrt = (one.performance_year >= 2025) | (one.cehrt_share >= np.where(one.performance_year < 2019, 0.5, 0.75))
    risk = (one.risk_of_revenue >= 0.08) | (one.risk_of_expected >= 0.03)
    expected = np.where((one.authority == "cmmi_1115a") & cehrt & risk, "yes", "no")
    assert (one.advanced_apm == expected).all()


def test_an_explanation_tells_each_criterion_with_its_sources():
    result = ss.advanced_apm(pd.DataFrame({"program": ["mssp"], "track": ["E"]}), performance_year=2024)
    told = result.explain(0)
    names = ["authority", "CEHRT", "quality", "form of risk", "nominal amount", "financial risk", "advanced APM"]
    assert [step.name for step in told.steps] == names
    amount = told.steps[4]
    assert dict(amount.inputs)["limit of revenue"] == "8 %"
    assert {"advanced_apm.medicare.risk.of_revenue", "mssp.loss_limit.benchmark"} <= set(amount.rules)
    assert any("414.1415" in cite for cite in amount.cites)
    assert told.steps[-1].value == "yes"
    assert all("apm.mssp.basic_e" in step.rules for step in told.steps[:3])
    other = ss.advanced_apm(pd.DataFrame([{**OTHER, "marginal_bands": "0.05: 0.5, 0.1: 0.25"}]), performance_year=2022)
    marginal = next(step for step in other.explain(0).steps if step.name == "marginal risk")
    inputs = dict(marginal.inputs)
    assert (inputs["over all levels"], inputs["without small overruns"]) == ("pass", "fail")
    assert any("414.1420" in cite for cite in marginal.cites)


def test_recalled_rules_are_told():
    said = " ".join(ss.advanced_apm(pd.DataFrame([MEDICARE]), performance_year=2025).warnings)
    assert "`advanced_apm.medicare.cehrt`" in said
    assert "medical_home" not in said
    home = ss.advanced_apm(pd.DataFrame([HOME]), performance_year=2019).warnings
    assert any("size_test" in line for line in home)
    program = ss.advanced_apm_of("mssp", "E", performance_year=2024).warnings
    assert any("apm.mssp.basic_e" in line and "cehrt: yes" in line for line in program)


def test_thresholds_can_be_overridden():
    strict = {"advanced_apm.medicare.risk.of_revenue": {"value": "0.09", "from": 2023}}
    level_e = ss.advanced_apm_of("mssp", "E", performance_year=2024, rules=strict)
    # 8 percent of revenue falls short then; 4 percent of the benchmark would not: revenue decides which limit binds.
    assert (level_e.risk, level_e.reasons["risk"]) == ("unknown", "depends_on_revenue")
    sized = ss.advanced_apm_of("mssp", "E", performance_year=2024, rules=strict, revenue=30e6,
                               expected_expenditures=100e6)  # fmt: skip
    assert sized.risk == "fail"
    sized = ss.advanced_apm_of("mssp", "E", performance_year=2024, rules=strict, revenue=60e6,
                               expected_expenditures=100e6)  # fmt: skip
    assert sized.risk == "pass"


def test_what_was_known_before_a_rule_decides_by_it():
    before = ss.advanced_apm_of("mssp", "ENHANCED", performance_year=2024, as_of="2023-01-01")
    assert before.risk == "pass"
    with pytest.raises(ss.NotModelledError):
        ss.advanced_apm(pd.DataFrame([MEDICARE]), performance_year=2025, as_of="2016-12-01")


def test_elections_decide_where_the_arrangement_leaves_them_open():
    bare = ss.advanced_apm_of("vermont", "SHARE_80", performance_year=2022)
    assert (bare.risk, bare.reasons["risk"], bare.maximum_loss_of_expected) == ("unknown", "depends_on_election", 0.016)
    assert ss.advanced_apm_of("vermont", "SHARE_80", performance_year=2022, elected_cap=0.05).advanced_apm == "yes"
    below = ss.advanced_apm_of("vermont", "SHARE_80", performance_year=2022, elected_cap=0.0374)
    assert below.reasons["risk"] == "depends_on_revenue"
    below = ss.advanced_apm_of("vermont", "SHARE_80", performance_year=2022, elected_cap=0.0374, revenue=60e6,
                               expected_expenditures=100e6)  # fmt: skip
    assert below.risk == "fail"
    assert ss.advanced_apm_of("vermont", "SHARE_80", performance_year=2022, elected_cap=0.0375).risk == "pass"


def test_cpc_plus_passes_as_a_medical_home_where_its_incentive_is_enough_of_revenue():
    # Track 1 of 2019: 2.50 dollars a month for 12,000 months are 30,000 dollars; 3 percent of a million.
    terms = {"performance_year": 2019, "beneficiary_months": 12_000, "organization_clinicians": 5}
    found = ss.advanced_apm_of("cpc_plus", "TRACK_1", revenue=1_000_000, **terms)
    assert (found.advanced_apm, found.risk_standard, found.maximum_loss_of_revenue) == ("yes", "medical_home", 0.03)
    assert ss.advanced_apm_of("cpc_plus", "TRACK_1", revenue=1_000_000.01, **terms).advanced_apm == "no"
    bare = ss.advanced_apm_of("cpc_plus", "TRACK_1", performance_year=2019)
    assert (bare.advanced_apm, bare.reasons["risk"]) == ("unknown", "missing_amount_of_risk")


def test_primary_care_first_puts_a_tenth_of_primary_care_revenue_at_risk():
    terms = {"performance_year": 2022, "organization_clinicians": 5, "primary_care_revenue": 500_000}
    assert ss.advanced_apm_of("primary_care_first", revenue=1_000_000, **terms).advanced_apm == "yes"
    assert ss.advanced_apm_of("primary_care_first", revenue=1_000_001, **terms).advanced_apm == "no"


def test_a_contract_of_ones_own_is_tested_as_an_other_payer_arrangement():
    harbor = Arrangement("harbor", years=(2026, 2028), savings_share="0.50", loss_share="0.30",
                         minimum_savings_rate="0.01", loss_limit="0.03")  # fmt: skip
    rest = {k: v for k, v in MEDICARE.items() if k not in ("authority", "risk_form")}
    found = ss.advanced_apm_of(harbor, performance_year=2026, payer="commercial", **rest)
    assert (found.advanced_apm, found.maximum_loss_of_expected, found.minimum_loss_rate) == ("yes", 0.03, 0.01)
    assert found.marginal_risk == 0.30
    lower = Arrangement("lower", years=(2026, 2028), savings_share="0.50", loss_share="0.29", loss_limit="0.03")
    found = ss.advanced_apm_of(lower, performance_year=2026, payer="commercial", **rest)
    assert (found.advanced_apm, found.reasons["risk"]) == ("no", "below_marginal_risk")


def test_terms_that_do_not_exist_are_refused():
    with pytest.raises(ss.InputError, match="`loss` is no term"):
        ss.advanced_apm_of("mssp", "E", performance_year=2024, loss=0.1)


def test_columns_go_by_other_names_and_options_are_checked():
    frame = pd.DataFrame({"contract": ["mssp"], "level": ["E"], "py": [2024]})
    names = {"program": "contract", "track": "level", "performance_year": "py"}
    result = ss.advanced_apm(frame, columns=names)
    assert result.frame["advanced_apm"].tolist() == ["yes"]
    assert "2024" in str(result.summary())
    with pytest.raises(ss.InputError, match=r"column `level`|column `contract`"):
        ss.advanced_apm(frame.assign(level="Z"), columns=names)
    with pytest.raises(ValueError, match="threads=0"):
        ss.advanced_apm(frame, columns=names, threads=0)
    with pytest.raises(ss.SharedSavingsError, match="picture"):
        result.plot()
    with pytest.raises(ss.InputError, match="not a year"):
        ss.advanced_apm_of("mssp", "E", performance_year=2024.5)


def test_what_is_recalled_of_risk_warns_in_its_years_only():
    terms = {"authority": "cmmi_1115a", "risk_form": "repay", "risk_of_revenue": 0.08}
    for year in (2017, 2018, 2019, 2020, 2021, 2023):
        told = ss.advanced_apm(pd.DataFrame([terms]), performance_year=year).warnings
        assert any("risk.of_revenue" in warning for warning in told) == (year < 2021), (year, told)


def test_a_medical_home_of_2017_passes_without_a_size_limit_and_the_result_says_that_this_is_recalled():
    home = {"authority": "cmmi_1115a", "medical_home": True, "cehrt_share": 0.5, "quality_linked": True,
            "comparable_measure": True, "outcome_measure": True, "risk_form": "forgo_guaranteed_payment",
            "risk_of_revenue": 0.025, "organization_clinicians": 5_000}  # fmt: skip
    result = ss.advanced_apm(pd.DataFrame([home]), performance_year=2017)
    assert result.frame["advanced_apm"].tolist() == ["yes"]
    assert any("size_test" in warning for warning in result.warnings)
    step = next(step for step in result.explain(0).steps if step.name == "medical home standard")
    assert "advanced_apm.medicare.medical_home.size_test" in step.rules
    without = ss.advanced_apm(pd.DataFrame([{**home, "medical_home": False}]), performance_year=2017)
    assert not any("size_test" in warning for warning in without.warnings)
