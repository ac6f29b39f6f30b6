"""The benchmark chain in numpy, as an analyst writes it: arrays of entities by types."""

import numpy as np

from benches.peers import Candidate, same


def candidates(rows, terms):
    cells = {name: column.reshape(-1, 4) for name, column in rows.cells.items()}
    return {"numpy, natural": Candidate(lambda: natural(cells, rows.entities, terms), same)}


def natural(c, e, t):
    share = c["person_years_by3"] / c["person_years_by3"].sum(axis=1, keepdims=True)
    weight, now = c["national_weight_by3"], c["national_weight_py"]
    risk, national, regional = c["risk_score_by3"], c["national_by3"], c["regional_by3"]
    unadjusted = t.base_years[2] * c["per_capita_by3"]
    for year, part in zip(("by1", "by2"), t.base_years, strict=False):
        trend = weight * (national / c[f"national_{year}"]) + (1 - weight) * (regional / c[f"regional_{year}"])
        unadjusted = unadjusted + part * c[f"per_capita_{year}"] * (risk / c[f"risk_score_{year}"]) * trend
    difference = regional * risk - unadjusted
    side = np.where((difference * share).sum(axis=1, keepdims=True) >= 0, t.lower, t.higher)
    spent = c["per_capita_by3"] * c["person_years_by3"]
    offset = np.clip(e["dual_share"] + (spent * risk).sum(axis=1) / spent.sum(axis=1) - 1, 0, 1)[:, None]
    adjustment = np.clip(side * difference, -t.lower_cap * national, t.upper_cap * national)
    adjustment = np.where(adjustment < 0, adjustment * (1 - offset), adjustment)
    total = (adjustment * share).sum(axis=1)
    cap = t.prior_cap * (national * share).sum(axis=1)
    prior = np.minimum(np.maximum(e["prior_savings_per_capita"], 0) * t.prior_share, cap)
    by_region = ((total >= prior) & (total > 0))[:, None]
    historical = unadjusted + np.where(by_region, adjustment, prior[:, None])
    years = c["person_years_py"]
    dollars = historical * years
    dollars = dollars / dollars.sum(axis=1, keepdims=True)
    hcc = c["risk_score_py"] / risk
    limit = (dollars * (c["demographic_score_py"] / c["demographic_score_by3"])).sum(axis=1, keepdims=True)
    limit = limit + t.risk_points
    ratio = np.where((dollars * hcc).sum(axis=1, keepdims=True) > limit, np.minimum(hcc, limit), hcc)
    two_way = now * (c["national_py"] / national) + (1 - now) * (c["regional_py"] / regional)
    prospective = 1 + c["acpt_growth"] * national * risk / historical
    factor = t.prospective * prospective + (1 - t.prospective) * two_way
    updated = historical * ratio * factor
    return (historical * share).sum(axis=1), (updated * years).sum(axis=1)
