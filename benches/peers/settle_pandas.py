"""Settlements in pandas: parameters by `take` from a frame of cells, the size scale by `np.interp`."""

import numpy as np
import pandas as pd

from benches.peers import Candidate
from benches.peers.settle_numpy import TABLES


def _settle(frame, cells, t):
    benchmark, score, people = frame["benchmark"], frame["quality_score"], frame["beneficiaries"]
    p = cells.take((frame["performance_year"] - t.first) * len(t.tracks) + frame["track"])
    p.index = frame.index
    savings = benchmark - frame["expenditures"]
    rate = savings / benchmark
    of_scale = pd.Series(np.interp(people, *t.scale), index=frame.index)
    elected = frame["elected_rate"].where(people >= t.election_people)
    minimum = p["fixed"].fillna(elected).fillna(of_scale)
    met = frame["quality_standard_met"]
    opened = met | (frame["alternative_standard_met"] & p["alternative"])
    factor = score.where(opened, 0.0).mask(met & ~p["scaled"], 1.0)
    full = rate >= minimum
    recent = frame["agreement_start"] >= p["half_start"]
    halved = frame["low_revenue"] & recent & (people >= p["half_people"]) & opened
    gains = (savings > 0) & (full | halved)
    shared = savings * p["sharing"] * factor * p["half"].mask(full, 1.0)
    paid = np.minimum(shared * p["kept"], p["payment_limit"] * benchmark)
    scaled = (1.0 - p["sharing"] * score).clip(p["loss_floor"], p["loss"])
    loss_rate = scaled.where(opened, p["loss"])
    before = (frame["performance_year"] - frame["agreement_start"]).clip(upper=2)
    limit = np.select([before == 0, before == 1], [p["first_limit"], p["second_limit"]], p["later_limit"])
    limit = np.minimum(limit * benchmark, p["revenue_limit"] * frame["participant_revenue"])
    losses = (savings < 0) & (-rate >= minimum) & p["two_sided"]
    return frame.assign(
        savings=savings,
        savings_rate=rate,
        generated=savings.where(gains | losses, 0),
        earned=np.select([gains, losses], [paid, -np.minimum(-savings * loss_rate, limit)], 0.0),
    )


def candidates(rows, t):
    columns = rows._asdict()
    del columns["scale_tie"], columns["not_elected"]
    columns["elected_rate"] = np.where(rows.not_elected, np.nan, rows.elected_rate)
    frame = pd.DataFrame(columns, copy=False)
    cells = pd.DataFrame(dict(zip(TABLES, t.flat(*TABLES), strict=True)))
    for i, which in enumerate(("first", "second", "later")):
        cells[f"{which}_limit"] = t.loss_limit[:, :, i].reshape(-1)
    names = ("savings", "savings_rate", "generated", "earned")
    answer = lambda out: tuple(out[name].to_numpy() for name in names)  # noqa: E731
    return {"pandas": Candidate(lambda: _settle(frame, cells, t), answer)}
