"""Target prices of models, through `benchmark` and on into `settle`."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import sharedsavings as ss

ACO = {
    "entity_id": ["V1", "V1", "V2"],
    "entitlement": ["aged_disabled", "esrd", "aged_disabled"],
    "performance_year": [2017, 2017, 2017],
    "track": ["B", "B", "A"],
    "baseline_pbpm": [900.0, 6_500.0, 800.0],
    "trend": [1.04, 1.02, 1.03],
    "regional_price_trend": [0.99, 1.0, 1.01],
    "risk_score_by": [1.0, 1.0, 1.1],
    "risk_score_py": [1.02, 1.08, 1.11],
    "coding_factor_by": [1.0, 1.0, 1.0],
    "coding_factor_py": [1.01, 1.0, 1.02],
    "person_months": [120_000, 1_200, 200_000],
    "expenditures": [110e6, 7e6, 166e6],
    "quality_score": [0.9, 0.9, 1.0],
    "regional_efficiency": [0.95, 0.95, 1.2],
    "national_efficiency": [1.04, 1.04, 0.8],
    "elected_cap": [0.15, 0.15, 0.05],
}


def cent(amount: Fraction) -> Decimal:
    """Half away from zero, by rational arithmetic."""
    return Decimal((2 * amount * 100 + 1) // 2) / 100


def part(value: float) -> Fraction:
    return Fraction(str(value))


def test_next_generation_acos_go_from_cells_to_a_settlement(door):
    result = ss.benchmark(door.frame(ACO), program="ngaco")
    expected = []
    for row in range(3):
        get = lambda name, row=row: part(ACO[name][row])  # noqa: E731
        risk = (get("risk_score_py") / get("coding_factor_py")) / (get("risk_score_by") / get("coding_factor_by"))
        risk = min(max(risk, Fraction(97, 100)), Fraction(103, 100))
        price = get("baseline_pbpm") * get("trend") * get("regional_price_trend") * risk
        expected.append(cent(price * get("person_months")))
    assert [Decimal(str(b)) for b in door.read(result.cells, "benchmark")] == expected
    assert door.read(result.cells, "discount") == [0.018, 0.018, 0.025]
    assert door.read(result.frame, "entity_id") == ["V1", "V2"]
    assert door.read(result.frame, "expenditures") == [117e6, 166e6]
    totals = [expected[0] + expected[1], expected[2]]
    assert [Decimal(str(b)) for b in door.read(result.frame, "benchmark")] == totals
    settled = ss.settle(result.frame, program="ngaco")
    for row, (total, spent, discount, share, cap) in enumerate(
        [(totals[0], 117_000_000, "0.018", 1, "0.15"), (totals[1], 166_000_000, "0.025", Fraction(4, 5), "0.05")]
    ):
        target = Fraction(str(total)) * (1 - Fraction(discount))
        gross = max(-Fraction(cap) * target, min(Fraction(cap) * target, target - spent))
        earned = gross * share * (Fraction(98, 100) if gross > 0 else 1)
        assert Decimal(str(door.read(settled.frame, "target")[row])) == cent(target), "the discount counts once"
        size = cent(abs(earned))
        assert Decimal(str(door.read(settled.frame, "earned")[row])) == (size if earned > 0 else -size)
    again = result.settle()
    assert door.read(again.frame, "earned") == door.read(settled.frame, "earned")


def test_from_2019_the_settlement_has_the_discount(door):
    rows = {n: v[2:] for n, v in ACO.items() if "efficiency" not in n} | {"performance_year": [2019]}
    result = ss.benchmark(door.frame(rows), program="Next Generation ACO")
    assert "discount" not in door.columns(result.cells)
    settled = result.settle()
    benchmark = Fraction(str(door.read(result.frame, "benchmark")[0]))
    assert Decimal(str(door.read(settled.frame, "target")[0])) == cent(benchmark * Fraction(995, 1000))
    assert any("ngaco.target_price" in warning for warning in result.warnings)


@pytest.mark.parametrize(
    ("program", "year", "row", "benchmark", "target"),
    [
        ("cec", 2018, {"baseline_pbpm": 6_000.0, "trend": 1.03, "risk_ratio": 1.01, "person_months": 6_000,
                       "track": "LDO", "quality_score": 1.0, "quality_standard_met": True}, "37450800", "36327276"),
        ("ocm", 2019, {"baseline_price": 30_000.0, "trend": 1.04, "experience_adjustment": 0.98, "episodes": 200,
                       "track": "TWO_SIDED", "quality_score": 0.8}, "6115200", "5947032"),
        ("eom", 2024, {"baseline_price": 30_000.0, "trend": 1.04, "episodes": 200, "track": "RA1",
                       "quality_score": 0.8}, "6240000", "5990400"),
        ("reach", 2023, {"baseline_pbpm": 1_000.0, "regional_pbpm": 1_100.0, "regional_weight": 0.4, "trend": 1.05,
                         "risk_ratio": 1.0, "person_months": 10_000, "track": "GLOBAL", "quality_score": 1.0},
         "10920000", "10592400"),
        ("cjr", 2017, {"hospital_price": 24_000.0, "regional_price": 27_000.0, "baseline_episodes": 40,
                       "episodes": 100, "track": "HOSPITAL", "quality_score": 0.5}, "2500000", "2450000"),
        ("team", 2027, {"baseline_price_by1": 20_000.0, "baseline_price_by2": 22_000.0, "baseline_price_by3": 24_000.0,
                        "trend": 1.0, "normalisation": 1.0, "episode_category": "LEJR", "episodes": 100, "track": "3",
                        "quality_score": 0.5}, "2220680", "2220680"),
        ("bpci_advanced", 2020, {"baseline_price": 20_000.0, "trend": 1.0, "episodes": 100,
                                 "track": "EPISODE_INITIATOR", "quality_score": 1.0}, "1940000", "1940000"),
        ("bpci", 2016, {"baseline_price": 20_000.0, "trend": 1.0, "episodes": 100, "track": "A",
                        "episode_category": "90_DAYS"}, "1960000", "1960000"),
    ],
)  # fmt: skip
def test_a_discount_is_taken_off_once_between_benchmark_and_settlement(program, year, row, benchmark, target):
    """Targets by hand: benchmark x (1 - the program's one discount)."""
    spent = pd.DataFrame({name: [value] for name, value in row.items()} | {"expenditures": [1e6]})
    result = ss.benchmark(spent, program=program, performance_year=year)
    settled = result.settle()
    assert Decimal(str(result.frame["benchmark"][0])) == Decimal(benchmark)
    assert Decimal(str(settled.frame["target"][0])) == Decimal(target)
    steps = {step.name: step for step in result.explain(0).steps}
    assert steps["benchmark"].value == f"${int(benchmark):,}.00"
    assert steps["method"].rules == (f"{program}.target_price",)
    assert all(step.cites for step in result.explain(0).steps if step.rules)


def episodes(seed: int = 5, n: int = 4_000) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    category = random.choice(["LEJR", "CABG", "SHFFT"], n)
    return pd.DataFrame({
        "entity_id": random.choice([f"H{i}" for i in range(8)], n),
        "region": random.integers(1, 4, n),
        "episode_category": category,
        "episode_spending": np.round(random.lognormal(10, 0.6, n), 2),
        "baseline_price_by1": 20_000.0,
        "baseline_price_by2": 22_000.0,
        "baseline_price_by3": 24_000.0,
        "trend": 1.02,
        "normalisation": 0.98,
        "final_trend": 1.08,
        "final_normalisation": 0.97,
        "risk_multiplier": np.round(random.uniform(0.8, 1.3, n), 4),
        "track": "3",
        "quality_score": 0.5,
        "performance_year": 2027,
    })  # fmt: skip


def test_episodes_go_to_a_reconciliation_as_numpy_computes_it():
    frame = episodes()
    winsorised = ss.winsorise(frame, program="team", by=["region", "episode_category"]).frame
    settled = ss.benchmark(winsorised, program="team").settle().frame.set_index("entity_id")
    spent = frame["episode_spending"].to_numpy()
    for key, rows in frame.groupby(["region", "episode_category"]).indices.items():
        cap = np.quantile(spent[rows], 0.99, method="inverted_cdf")
        counted = winsorised["expenditures"].to_numpy()[rows]
        assert (counted == np.minimum(spent[rows], cap)).all(), key
    discount = frame["episode_category"].map({"LEJR": "0.02", "CABG": "0.015", "SHFFT": "0.02"})
    # 17, 33 and 50 percent; the final trend is held to 1.03 times the prospective one.
    base = Fraction(22_660) * Fraction("1.02") * Fraction("1.03") * Fraction("0.97")
    prices = [
        cent(base * (1 - Fraction(off)) * Fraction(str(risk)))
        for off, risk in zip(discount, frame["risk_multiplier"], strict=True)
    ]
    for hospital, rows in frame.groupby("entity_id").indices.items():
        target = sum(prices[row] for row in rows)
        actual = sum(Decimal(str(a)) for a in winsorised["expenditures"].to_numpy()[rows])
        gross = target - actual
        # Half the composite score: 5 percent off either side, then a stop of 20 percent.
        adjusted = abs(gross) * Decimal("0.95")
        size = min(adjusted, target * Decimal("0.2")).quantize(Decimal("0.01"), "ROUND_HALF_UP")
        told = settled.loc[hospital]
        assert Decimal(str(told["benchmark"])) == target
        assert Decimal(str(told["expenditures"])) == actual
        assert Decimal(str(told["earned"])) == (size if gross > 0 else -size)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"trend": [1.0, float("inf"), 1.0]}, "`trend`: NaN or infinite in 1 row, first in row 1"),
        ({"trend": [1.0, 0.0, 1.0]}, "`trend`: not above 0 in 1 row"),
        ({"baseline_pbpm": [-1.0, 1.0, 1.0]}, "`baseline_pbpm`: negative in 1 row"),
        ({"person_months": [1.5, 1.0, 1.0]}, "`person_months`: not a whole number"),
        ({"trend": [103.0, 1_030.0, 1.0]}, "`trend`: too large for a ratio in 2 rows, first in row 0"),
        ({"regional_efficiency": [95.0, 95.0, 1.2]}, "`regional_efficiency`: too large for a ratio in 2 rows"),
        ({"risk_score_py": [1.02, 1_001.0, 1.1]}, "`risk_score_py`: too large for a ratio in 1 row, first in row 1"),
        ({"regional_weight": [0.4, 0.4, 0.4]}, "`regional_weight`: given, but the program's price has no such factor"),
        ({"risk_ratio": [1.0, 1.0, 1.0]}, "`risk_ratio`: given beside what it is computed from in 3 rows"),
        ({"discount": [0.03, 0.03, 0.03]}, "`discount`: given, but a target price has the discount of its program"),
        ({"baseline_pbpm": [1e16, 1.0, 1.0]}, "`person_months`: too large in 1 row"),
        ({"quality_score": [1.5, 1.5, 1.0]}, "`quality_score`: above 1 in 2 rows"),
        ({"performance_year": [2017, 2017, 2030]}, "`performance_year`: not modelled in 1 row, first in row 2"),
        ({"baseline_pbpm": [9e17, 1.0, 1.0]}, "`baseline_pbpm`: too large"),
        ({"hospital_price": [1.0, 1.0, 1.0]}, "`hospital_price`: given, but the program's price has no such factor"),
        ({"track": ["A", "B", "A"]}, "`track`: differs between the rows of an entity, first in row 1"),
        ({"trend": ["x", "y", "z"]}, "`trend`: holds"),
    ],
)
def test_what_prices_cannot_take_is_refused_by_name(changes, message):
    with pytest.raises(ss.InputError, match=message):
        ss.benchmark(pd.DataFrame(ACO | changes), program="ngaco")


def test_a_null_makes_its_row_and_its_entity_null_and_no_other(door):
    result = ss.benchmark(door.frame(ACO | {"trend": [1.04, None, 1.03]}), program="ngaco")
    assert door.read(result.cells, "benchmark")[1] is None
    assert door.read(result.cells, "benchmark_reason") == [None, "missing_input", None]
    assert door.read(result.frame, "benchmark")[0] is None
    assert door.read(result.frame, "benchmark_reason") == ["missing_input", None]
    assert door.read(result.frame, "benchmark")[1] is not None
    assert str(result.explain(1).steps[0].value) == "null: missing_input"
    unspent = ss.benchmark(door.frame(ACO | {"expenditures": [1e6, None, 1e6]}), program="ngaco")
    assert door.read(unspent.frame, "expenditures") == [None, 1e6]


def test_absent_columns_entities_and_years_are_told():
    frame = pd.DataFrame(ACO)
    with pytest.raises(ss.InputError, match="`trend`: missing in 3 rows"):
        ss.benchmark(frame.drop(columns="trend"), program="ngaco")
    with pytest.raises(ss.InputError, match="entities=: ngaco has target prices"):
        ss.benchmark(frame, frame, program="ngaco")
    with pytest.raises(ss.InputError, match="`performance_year`: missing"):
        ss.benchmark(frame.drop(columns="performance_year"), program="ngaco")
    with pytest.raises(ss.InputError, match="unknown episode category in 1 row, first in row 1"):
        ss.benchmark(episodes(n=3).assign(episode_category=["LEJR", "KNEE", "CABG"]), program="team")
    kept = ss.benchmark(frame.assign(trend=[1.04, -1, 1.03]), program="ngaco", invalid="null")
    assert kept.cells["benchmark_reason"].tolist()[1] == "not_positive"
    with pytest.raises(ss.NotModelledError):
        ss.benchmark(frame, program="pioneer", performance_year=2013)


def test_names_years_threads_overrides_and_empty_frames(door):
    frame = {("growth" if name == "trend" else name): values for name, values in ACO.items()}
    mapped = ss.benchmark(door.frame(frame), program="ngaco", columns={"trend": "growth"}, threads=2)
    plain = ss.benchmark(door.frame(ACO), program="ngaco", threads=1)
    assert door.read(mapped.cells, "benchmark") == door.read(plain.cells, "benchmark")
    wider = ss.benchmark(door.frame(ACO), program="ngaco", rules={"ngaco.risk_clamp": "0.10"})
    assert door.read(wider.cells, "benchmark")[1] > door.read(plain.cells, "benchmark")[1]
    assert any("`ngaco.risk_clamp`" in warning and "set by the user" in warning for warning in wider.warnings)
    assert "ngaco" in str(plain.summary())
    assert "rule book" in repr(plain)
    empty = ss.benchmark(pd.DataFrame(ACO).iloc[:0], program="ngaco")
    assert len(empty.frame) == 0


def test_measures_of_quality_become_the_score_that_settle_reads(door):
    """42 CFR 510.315: 7.75 + 6.20 + 2 = 15.95 of 20 points are excellent: a discount of 1.5 percent."""
    hospital = {"entity_id": ["H"] * 2, "hospital_price": [24_000.0] * 2, "regional_price": [27_000.0] * 2,
                "baseline_episodes": [40] * 2, "episodes": [60, 40], "expenditures": [1.4e6, 0.9e6],
                "complications_percentile": [0.6] * 2, "hcahps_percentile": [0.6] * 2,
                "outcomes_submitted": [True] * 2, "track": ["HOSPITAL"] * 2,
                "performance_year": [2017] * 2}  # fmt: skip
    result = ss.benchmark(door.frame(hospital), program="cjr")
    assert door.read(result.frame, "quality_score") == [0.7975]
    settled = result.settle()
    assert door.read(settled.frame, "target") == [2_462_500]
    assert door.read(settled.frame, "earned") == [123_125], "V50: at the limit of 5 percent"
    names = [step.name for step in result.explain(0).steps]
    assert names[-4:] == ["outcomes submitted", "complications", "patients' experience", "quality score"]
    with pytest.raises(ss.InputError, match="`outcomes_submitted`: neither true nor false"):
        ss.benchmark(pd.DataFrame(hospital | {"outcomes_submitted": [2, 2]}), program="cjr")
    with pytest.raises(ss.InputError, match="`quality_score`: the frame already has one"):
        ss.benchmark(pd.DataFrame(hospital | {"quality_score": [0.5, 0.5]}), program="cjr")


REACH = {"entity_id": ["R1", "R2"], "performance_year": [2023, 2023], "track": ["GLOBAL", "GLOBAL"],
         "baseline_pbpm": [1_000.0, 900.0], "trend": [1.05, 1.04], "risk_ratio": [1.0, 1.01],
         "person_months": [10_000, 20_000], "quality_score": [1.0, 0.9], "expenditures": [1e7, 2e7]}  # fmt: skip


@pytest.mark.parametrize("grouped", [True, False])
@pytest.mark.parametrize("final", [[True, True], [None, True], [0, 1]])
def test_a_benchmark_made_here_is_never_final_so_discount_and_withhold_are_not_skipped(door, grouped, final):
    rows = {name: values for name, values in REACH.items() if grouped or name != "entity_id"}
    with pytest.raises(ss.InputError, match="`benchmark_final`: true, but the benchmark made here is before"):
        ss.benchmark(door.frame(rows | {"benchmark_final": final}), program="reach")
    plain = ss.benchmark(door.frame(rows), program="reach").settle()
    told = ss.benchmark(door.frame(rows | {"benchmark_final": [False, False]}), program="reach").settle()
    assert door.read(told.frame, "target") == door.read(plain.frame, "target")
    assert door.read(told.frame, "target")[0] == 10_185_000, "3 percent off, and the whole withhold earned back"


def test_a_trend_adjustment_of_reach_is_given_from_2024_on_and_computed_before(door):
    rows = REACH | {"performance_year": [2024, 2024]}
    with pytest.raises(ss.InputError, match="`trend_adjustment`: missing in 2 rows"):
        ss.benchmark(door.frame(rows), program="reach")
    told = ss.benchmark(door.frame(rows | {"trend_adjustment": [0.99, None]}), program="reach")
    assert door.read(told.cells, "benchmark_reason") == [None, "missing_input"]
    assert door.read(told.cells, "benchmark")[0] == 10_395_000
    both = REACH | {"performance_year": [2023, 2025], "trend_adjustment": [None, 0.99],
                    "reference_trend": [1.06, None], "uspcc_trend": [1.09, None]}  # fmt: skip
    mixed = ss.benchmark(door.frame(both), program="reach")
    of_2023 = cent(Fraction(10_500_000) * Fraction("1.06") / Fraction("1.09"))
    of_2025 = cent(Fraction(900 * 20_000) * Fraction("1.04") * Fraction("1.01") * Fraction("0.99"))
    assert [Decimal(str(b)) for b in door.read(mixed.cells, "benchmark")] == [of_2023, of_2025]
    twice = both | {"trend_adjustment": [1.0, 0.99]}
    with pytest.raises(ss.InputError, match="`trend_adjustment`: given beside what it is computed from in 1 row"):
        ss.benchmark(door.frame(twice), program="reach")


def test_prices_of_nothing_and_factors_of_a_hundred_are_refused():
    hospital = {"regional_price": [27_000.0], "risk_multiplier": [1.0], "normalisation": [1.0], "trend": [1.0]}
    for changes, message in (({"regional_price": [0.0]}, "`regional_price`: not above 0"),
                             ({"normalisation": [100.0]}, "`normalisation`: too large for a ratio")):  # fmt: skip
        with pytest.raises(ss.InputError, match=message):
            ss.benchmark(pd.DataFrame(hospital | changes), program="cjr", performance_year=2023)


@pytest.mark.parametrize("null", [None, float("nan")])
def test_a_null_category_makes_its_row_null_and_breaks_nothing(door, null):
    cells = episodes(n=3).assign(episode_category=["LEJR", null, "CABG"]).to_dict("list")
    if door.name != "pandas":
        cells["episode_category"] = ["LEJR", None, "CABG"]
    told = ss.benchmark(door.frame(cells), program="team")
    assert door.read(told.cells, "benchmark_reason") == [None, "missing_input", None]
