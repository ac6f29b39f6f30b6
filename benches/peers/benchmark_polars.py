"""The benchmark chain in polars, as an analyst writes it: long cells, sums over the entity."""

import polars as pl

from benches.peers import Candidate


def candidates(rows, terms):
    entity = pl.Series("entity", range(rows.count)).gather(pl.int_range(4 * rows.count, eager=True) // 4)
    cells = pl.DataFrame(rows.cells).with_columns(entity)
    spread = {name: pl.Series(values).gather(entity) for name, values in rows.entities.items()}
    frame = cells.with_columns(**spread)
    lazy = plan(frame.lazy(), terms)
    return {"polars": Candidate(lazy.collect, lambda out: (out["historical"].to_numpy(), out["total"].to_numpy()))}


def total(expression):
    return expression.sum().over("entity")


def plan(frame, t):
    c = pl.col
    weight, now, risk, national = (
        c("national_weight_by3"),
        c("national_weight_py"),
        c("risk_score_by3"),
        c("national_by3"),
    )
    unadjusted = t.base_years[2] * c("per_capita_by3")
    for year, part in zip(("by1", "by2"), t.base_years, strict=False):
        trend = weight * (national / c(f"national_{year}")) + (1 - weight) * (c("regional_by3") / c(f"regional_{year}"))
        unadjusted = unadjusted + part * c(f"per_capita_{year}") * (risk / c(f"risk_score_{year}")) * trend
    spent = c("per_capita_by3") * c("person_years_by3")
    adjusted = (c("side") * c("difference")).clip(-t.lower_cap * national, t.upper_cap * national)
    offset = (c("dual_share") + total(spent * risk) / total(spent) - 1).clip(0, 1)
    limit = total(c("dollars") * (c("demographic_score_py") / c("demographic_score_by3"))) + t.risk_points
    two_way = now * (c("national_py") / national) + (1 - now) * (c("regional_py") / c("regional_by3"))
    prospective = 1 + c("acpt_growth") * national * risk / c("benchmark")
    by_region = (c("regional_total") >= c("prior")) & (c("regional_total") > 0)
    return (
        frame.with_columns(share=c("person_years_by3") / total(c("person_years_by3")), unadjusted=unadjusted)
        .with_columns(difference=c("regional_by3") * risk - c("unadjusted"))
        .with_columns(side=pl.when(total(c("difference") * c("share")) >= 0).then(t.lower).otherwise(t.higher))
        .with_columns(adjustment=adjusted, offset=offset)
        .with_columns(
            adjustment=pl.when(c("adjustment") < 0).then(c("adjustment") * (1 - c("offset"))).otherwise(c("adjustment"))
        )
        .with_columns(
            regional_total=total(c("adjustment") * c("share")),
            prior=pl.min_horizontal(
                c("prior_savings_per_capita").clip(lower_bound=0) * t.prior_share,
                t.prior_cap * total(national * c("share")),
            ),
        )
        .with_columns(benchmark=c("unadjusted") + pl.when(by_region).then(c("adjustment")).otherwise(c("prior")))
        .with_columns(dollars=c("benchmark") * c("person_years_py"), hcc=c("risk_score_py") / risk)
        .with_columns(dollars=c("dollars") / total(c("dollars")))
        .with_columns(limit=limit, all=total(c("dollars") * c("hcc")))
        .with_columns(
            ratio=pl.when(c("all") > c("limit")).then(pl.min_horizontal("hcc", "limit")).otherwise(c("hcc")),
            factor=t.prospective * prospective + (1 - t.prospective) * two_way,
        )
        .group_by("entity", maintain_order=True)
        .agg(
            historical=(c("benchmark") * c("share")).sum(),
            total=(c("benchmark") * c("ratio") * c("factor") * c("person_years_py")).sum(),
        )
    )
