"""DuckDB: Arrow in, numpy out. Its rows come back in no stated order, so only counts are compared."""

import duckdb
import pyarrow as pa

from benches import THREADS
from benches.peers import Candidate
from benches.peers.frames import columns, table

QUERY = """
with met as (
    select
        pay_den > 0 and pay_num * {scale} >= pay_qp * pay_den as a,
        pay_den > 0 and pay_num * {scale} >= pay_partial * pay_den as b,
        pat_den > 0 and pat_num * {scale} >= pat_qp * pat_den as c,
        pat_den > 0 and pat_num * {scale} >= pat_partial * pat_den as d
    from claims join thresholds using (year)
)
select
    (case when a or c then 2 when b or d then 1 else 0 end)::utinyint as status,
    (case when a or c then a::utinyint + 2 * c::utinyint
          else b::utinyint + 2 * d::utinyint end)::utinyint as method
from met
"""


def candidates(rows, t):
    connection = duckdb.connect(config={"threads": THREADS, "preserve_insertion_order": False})
    connection.register("claims", pa.table(columns(rows)))
    connection.register("thresholds", pa.table(table(t)))
    query = QUERY.format(scale=t.scale)
    call = lambda: connection.execute(query).fetchnumpy()  # noqa: E731
    return {"duckdb": Candidate(call, lambda out: (out["status"], out["method"]), ordered=False)}
