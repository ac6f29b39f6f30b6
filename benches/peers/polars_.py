"""polars, lazy: thresholds by a join, and by a gather from literals, which is the faster form."""

import polars as pl

from benches.peers import Candidate
from benches.peers.frames import FIELDS, columns, table


def _codes(thresholds, scale):
    """Expressions of status and method from one expression a threshold."""
    met = {}
    for field, threshold in thresholds.items():
        num, den = pl.col(f"{field[:3]}_num"), pl.col(f"{field[:3]}_den")
        met[field] = (den > 0) & (num * scale >= threshold * den)
    qp, partial = met["pay_qp"] | met["pat_qp"], met["pay_partial"] | met["pat_partial"]
    bits = lambda pay, pat: met[pay].cast(pl.UInt8) + 2 * met[pat].cast(pl.UInt8)  # noqa: E731
    two, one, none = (pl.lit(code, dtype=pl.UInt8) for code in (2, 1, 0))
    status = pl.when(qp).then(two).when(partial).then(one).otherwise(none)
    method = pl.when(qp).then(bits("pay_qp", "pat_qp")).otherwise(bits("pay_partial", "pat_partial"))
    return status.alias("status"), method.alias("method")


def candidates(rows, t):
    frame = pl.DataFrame(columns(rows)).lazy()
    years = pl.DataFrame(table(t))
    at = pl.col("year").cast(pl.UInt32) - t.first
    gathered = _codes({f: pl.lit(years[f]).gather(at) for f in FIELDS}, t.scale)
    joined = _codes({f: pl.col(f) for f in FIELDS}, t.scale)

    def gather():
        return frame.select(*gathered).collect()

    def join():
        return frame.join(years.lazy(), on="year", how="left", maintain_order="left").select(*joined).collect()

    codes = lambda out: (out["status"].to_numpy(), out["method"].to_numpy())  # noqa: E731
    return {"polars, gather": Candidate(gather, codes), "polars, join": Candidate(join, codes)}
