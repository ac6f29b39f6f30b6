"""pandas: thresholds by ``map``, codes by ``np.select``."""

import numpy as np
import pandas as pd

from benches.peers import Candidate
from benches.peers.frames import FIELDS, columns, table


def _determine(frame, thresholds, scale):
    met = {}
    for field in FIELDS:
        num, den = frame[f"{field[:3]}_num"], frame[f"{field[:3]}_den"]
        met[field] = (den > 0) & (num * scale >= frame["year"].map(thresholds[field]) * den)
    qp, partial = met["pay_qp"] | met["pat_qp"], met["pay_partial"] | met["pat_partial"]
    by_qp = met["pay_qp"].astype("uint8") + 2 * met["pat_qp"].astype("uint8")
    by_partial = met["pay_partial"].astype("uint8") + 2 * met["pat_partial"].astype("uint8")
    two, one, none = np.uint8(2), np.uint8(1), np.uint8(0)
    return frame.assign(
        status=np.select([qp, partial], [two, one], none),
        method=np.select([qp, partial], [by_qp, by_partial], none),
    )


def candidates(rows, t):
    frame = pd.DataFrame(columns(rows), copy=False)
    thresholds = pd.DataFrame(table(t)).set_index("year")
    codes = lambda out: (out["status"].to_numpy(), out["method"].to_numpy())  # noqa: E731
    return {"pandas": Candidate(lambda: _determine(frame, thresholds, t.scale), codes)}
