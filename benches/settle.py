"""A first baseline for settlements: ours in exact cents against plain numpy in float dollars.

Shared Savings Program, performance years 2023 and 2024, minimum rate by size, no participant revenue, no
disaster relief. Not the same work: ours rounds each amount once and exactly, numpy is off in the last digits.
"""

import numpy as np

from benches import THREADS, native, timing

YEARS = (2023, 2024)
EXACT, FLOAT = "sharedsavings, exact cents", "numpy, natural, float dollars"
OUTPUTS = ["savings", "savings_rate", "generated", "earned"]


def measure(n, rounds):
    """Times, and the largest difference of an amount in dollars."""
    tables = _tables()
    rows = _rows(n, len(tables["sharing"]))
    dollars = {**rows, "benchmark": rows["benchmark"] / 100.0, "expenditures": rows["expenditures"] / 100.0}
    calls = {EXACT: lambda: _exact(rows), FLOAT: lambda: _float(dollars, tables)}
    ours, theirs = calls[EXACT](), calls[FLOAT]()
    off = max(np.abs(ours[name] / 100.0 - theirs[name]).max() for name in ("savings", "generated", "earned"))
    return timing.interleave(calls, rounds), off


def _tables():
    """By track code, from the rule book."""
    book = native.core.shipped()
    read = lambda name: book.find(f"mssp.{name}", YEARS[0])["value"]  # noqa: E731
    _, tracks = native.core.track_codes("mssp", [], book, None, False)
    column = lambda name: np.array([float(read(name).get(track, "nan")) for track in tracks])  # noqa: E731
    knots = [(float(x), float(y)) for x, y in read("minimum_rate.size_scale")]
    return {
        "sharing": column("sharing_rate"),
        "payment_limit": column("payment_limit"),
        "loss": column("loss_rate"),
        "loss_floor": column("loss_rate.floor"),
        "loss_limit": column("loss_limit.benchmark"),
        "scale": tuple(np.array(axis) for axis in zip(*knots, strict=True)),
        "sequestration": float(read("sequestration")),
    }


def _rows(n, tracks, seed=11):
    rng = np.random.default_rng(seed)
    benchmark = rng.integers(10**9, 10**11, n)
    return {
        "benchmark": benchmark,
        "expenditures": (benchmark * rng.normal(0.98, 0.04, n)).astype(np.int64),
        "beneficiaries": rng.integers(5_000, 200_000, n),
        "track": rng.integers(0, tracks, n),
        "performance_year": rng.choice(np.array(YEARS), n),
        "quality_score": rng.integers(0, 10_001, n) / 10_000,
        "quality_standard_met": rng.random(n) < 0.8,
        "alternative_standard_met": rng.random(n) < 0.9,
    }


def _exact(rows):
    other = {"low_revenue": False, "agreement_start": YEARS[0] - 1}
    return native.settle(**rows, **other, outputs=OUTPUTS, threads=THREADS)


def _float(rows, tables):
    benchmark, track, quality = rows["benchmark"], rows["track"], rows["quality_score"]
    savings = benchmark - rows["expenditures"]
    rate = savings / benchmark
    minimum = np.interp(rows["beneficiaries"], *tables["scale"])
    met, alternative = rows["quality_standard_met"], rows["alternative_standard_met"]
    sharing = tables["sharing"][track] * np.where(met, 1.0, np.where(alternative, quality, 0.0))
    shared = savings * sharing * (1.0 - tables["sequestration"])
    paid = np.minimum(shared, tables["payment_limit"][track] * benchmark)
    fixed, floor = tables["loss"][track], tables["loss_floor"][track]
    scaled = np.clip(1.0 - tables["sharing"][track] * quality, floor, fixed)
    loss_rate = np.where(np.isnan(floor) | ~(met | alternative), fixed, scaled)
    owed = np.minimum(-savings * loss_rate, tables["loss_limit"][track] * benchmark)
    gains = (savings > 0) & (rate >= minimum)
    losses = (savings < 0) & (-rate >= minimum) & ~np.isnan(fixed)
    return {
        "savings": savings,
        "savings_rate": rate,
        "generated": np.where(gains | losses, savings, 0.0),
        "earned": np.where(gains, paid, np.where(losses, -owed, 0.0)),
    }
