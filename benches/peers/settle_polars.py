"""Settlements in polars, lazy: parameters and the size scale by a gather from literals."""

import polars as pl

from benches.peers import Candidate
from benches.peers.settle_numpy import TABLES


def _expressions(t):
    year, track = pl.col("performance_year"), pl.col("track")
    cell = (year.cast(pl.UInt32) - t.first) * len(t.tracks) + track
    table = {name: pl.lit(pl.Series(values)).gather(cell) for name, values in zip(TABLES, t.flat(*TABLES), strict=True)}
    benchmark, score, people = pl.col("benchmark"), pl.col("quality_score"), pl.col("beneficiaries")
    savings = benchmark - pl.col("expenditures")
    rate = savings / benchmark
    by_people = t.by_people
    of_scale = pl.lit(pl.Series(by_people)).gather(people.clip(upper_bound=len(by_people) - 1))
    elected = pl.when(people >= t.election_people).then(pl.col("elected_rate"))
    minimum = table["fixed"].fill_nan(elected.fill_null(of_scale))
    met = pl.col("quality_standard_met")
    opened = met | (pl.col("alternative_standard_met") & table["alternative"])
    factor = pl.when(met & ~table["scaled"]).then(1.0).when(opened).then(score).otherwise(0.0)
    full = rate >= minimum
    recent = pl.col("agreement_start") >= table["half_start"]
    halved = pl.col("low_revenue") & recent & (people >= table["half_people"]) & opened
    gains = (savings > 0) & (full | halved)
    part = pl.when(full).then(1.0).otherwise(table["half"])
    paid = savings * table["sharing"] * factor * part * table["kept"]
    scaled = (1.0 - table["sharing"] * score).clip(table["loss_floor"], table["loss"])
    loss_rate = pl.when(opened).then(scaled).otherwise(table["loss"])
    before = (year - pl.col("agreement_start")).clip(upper_bound=2).cast(pl.UInt32)
    limits = pl.lit(pl.Series(t.loss_limit.reshape(-1))).gather(cell * 3 + before)
    by_revenue = table["revenue_limit"] * pl.col("participant_revenue")
    owed = pl.max_horizontal(savings * loss_rate, -limits * benchmark, -by_revenue)
    losses = (savings < 0) & (-rate >= minimum) & table["two_sided"]
    earned = pl.when(gains).then(pl.min_horizontal(paid, table["payment_limit"] * benchmark))
    return {
        "savings": savings,
        "savings_rate": rate,
        "generated": pl.when(gains | losses).then(savings).otherwise(0),
        "earned": earned.when(losses).then(owed).otherwise(0.0),
    }


def candidates(rows, t):
    columns = rows._asdict()
    del columns["scale_tie"], columns["not_elected"]
    frame = pl.DataFrame({name: pl.Series(values) for name, values in columns.items()})
    nulls = pl.Series(rows.not_elected)
    frame = frame.with_columns(elected_rate=pl.when(~nulls).then(pl.col("elected_rate"))).rechunk()
    plan = frame.lazy().select(**_expressions(t))
    answer = lambda out: tuple(out[name].to_numpy() for name in out.columns)  # noqa: E731
    return {"polars": Candidate(plan.collect, answer)}
