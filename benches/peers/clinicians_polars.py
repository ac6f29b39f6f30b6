"""QP status of clinicians in polars, as an analyst writes it: joins, a key for each determination, the largest wins."""

import polars as pl

from benches.clinicians_rows import YEAR
from benches.peers import Candidate

c = pl.col
SNAPSHOTS = [YEAR * 10_000 + day for day in (331, 630, 831)]
SIXTIETH_DAY_OF_JULY_MODELS = YEAR * 10_000 + 829
STATUSES = ["none", "partial_qp", "qp"]


def candidates(rows, table):
    def call():
        return plan(rows.roster.lazy(), rows.scores.lazy(), table).collect()

    def answer(frame):
        return frame.select(c("npi", "status", "level", "entity", "snapshot").cast(pl.String))

    return {"polars": Candidate(call, answer)}


def status(table):
    """By either method: 2, 1 or 0."""

    lines = [int(column[YEAR - table.first]) for column in table.columns]

    def met(at):
        pay = c("payments_attributed") * table.scale >= lines[at] * c("payments_eligible")
        people = c("patients_attributed") * table.scale >= lines[at + 2] * c("patients_eligible")
        return (pay & (c("payments_eligible") > 0)) | (people & (c("patients_eligible") > 0))

    return pl.when(met(0)).then(2).when(met(1)).then(1).otherwise(0)


def key(level):
    """Better status, then the entity's level, the earlier snapshot and the first entity, in one number."""
    snapshot = pl.sum_horizontal(*(c("snapshot") <= day for day in SNAPSHOTS)).cast(pl.Int64)
    return (c("met").cast(pl.Int64) * 2 + level) * 4 * 2**32 + snapshot * 2**32 + (2**32 - 1 - c("code").cast(pl.Int64))


def plan(roster, scores, table):
    scores = scores.with_columns(met=status(table))
    facts = roster.select("entity", "termination_date", "model_start").unique().sort("entity").with_row_index("code")
    ends = YEAR * 10_000 + 831
    facts = facts.with_columns(gone=(c("termination_date") < ends).fill_null(False))
    day = pl.when(c("model_start").is_null()).then(0).otherwise(SIXTIETH_DAY_OF_JULY_MODELS)
    facts = facts.with_columns(evaluated=day).select("entity", "code", "gone", "evaluated")
    counted = (~c("gone")) & (c("snapshot") >= c("evaluated"))
    of_entity = scores.filter(c("entity").is_not_null()).join(facts, on="entity").filter(counted)
    of_entity = of_entity.with_columns(key=key(1)).group_by("entity").agg(c("key").max(), c("met").max())
    listed = roster.join(facts.select("entity", "code", "gone", "evaluated"), on="entity")
    groups = listed.filter(c("list") == "participation").select("npi", "entity").unique()
    groups = groups.join(of_entity, on="entity", how="left")
    individual = (
        scores.filter(c("entity").is_null()).select("npi", "snapshot", "met").with_columns(code=pl.lit(2**32 - 1))
    )
    affiliated = listed.filter((c("list") != "participation") & counted).select("npi", "snapshot").unique()
    by_group = groups.group_by("npi").agg(c("key").max(), c("met").max(), groups=pl.len(), left=c("met").count())
    several = by_group.filter((c("groups") > 1) & (c("left") > 0) & (c("met") < 2)).select("npi")
    several = several.with_columns(snapshot=pl.lit(SNAPSHOTS[-1]).cast(pl.Int64))
    due = pl.concat([affiliated, several]).unique()
    own = due.join(individual, on=["npi", "snapshot"]).with_columns(key=key(0))
    best = pl.concat([by_group.select("npi", "key"), own.select("npi", "key")]).group_by("npi").agg(c("key").max())
    everyone = roster.select("npi").unique().join(best, on="npi", how="left").with_columns(c("key").fill_null(0))
    met = c("key") // (8 * 2**32)
    found = met > 0
    level = c("key") // (4 * 2**32) % 2
    names = facts.select(c("code").cast(pl.Int64), "entity")
    return (
        everyone.with_columns(
            status=met.replace_strict(range(3), STATUSES),
            level=pl.when(found).then(level.replace_strict([0, 1], ["individual", "entity"])),
            place=c("key") // 2**32 % 4,
            code=pl.when(found & (level == 1)).then(2**32 - 1 - c("key") % 2**32),
        )
        .with_columns(snapshot=pl.when(found).then(c("place").replace_strict([3, 2, 1], dates(), default=None)))
        .join(names, on="code", how="left")
        .sort("npi")
    )


def dates():
    return pl.Series(SNAPSHOTS).cast(pl.String).str.to_date("%Y%m%d")
