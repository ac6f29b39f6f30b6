"""numba: as a programmer first writes it, and tuned: packed thresholds, no branches, unsigned indices."""

import numba
import numpy as np

from benches.peers import Candidate, same

U16 = np.uint64(0xFFFF)


@numba.njit(parallel=True, nogil=True)
def _natural(pay_num, pay_den, pat_num, pat_den, year, first, scale, a, b, c, d, status, method):
    for i in numba.prange(year.size):
        y = year[i] - first
        pay_qp = pay_den[i] > 0 and pay_num[i] * scale >= a[y] * pay_den[i]
        pat_qp = pat_den[i] > 0 and pat_num[i] * scale >= c[y] * pat_den[i]
        if pay_qp or pat_qp:
            status[i] = 2
            method[i] = pay_qp + 2 * pat_qp
        else:
            pay = pay_den[i] > 0 and pay_num[i] * scale >= b[y] * pay_den[i]
            pat = pat_den[i] > 0 and pat_num[i] * scale >= d[y] * pat_den[i]
            status[i] = 1 if pay or pat else 0
            method[i] = pay + 2 * pat


@numba.njit(parallel=True, nogil=True)
def _tuned(pay_num, pay_den, pat_num, pat_den, year, first, scale, words, status, method):
    for i in numba.prange(year.size):
        word = words[np.uint64(np.int64(year[i]) - first)]
        pay, pat = pay_num[i] * scale, pat_num[i] * scale
        has_pay, has_pat = pay_den[i] > 0, pat_den[i] > 0
        pay_qp = np.uint8(has_pay & (pay >= np.int64(word & U16) * pay_den[i]))
        pay_partial = np.uint8(has_pay & (pay >= np.int64((word >> np.uint64(16)) & U16) * pay_den[i]))
        pat_qp = np.uint8(has_pat & (pat >= np.int64((word >> np.uint64(32)) & U16) * pat_den[i]))
        pat_partial = np.uint8(has_pat & (pat >= np.int64(word >> np.uint64(48)) * pat_den[i]))
        qp = np.uint8(pay_qp | (pat_qp << 1))
        partial = np.uint8(pay_partial | (pat_partial << 1))
        status[i] = np.uint8(2) if qp != 0 else np.uint8(partial != 0)
        method[i] = qp if qp != 0 else partial


def _fresh(n):
    # By numpy, whose large arrays sit on huge pages; by numba's own allocator they would not.
    return np.empty(n, np.uint8), np.empty(n, np.uint8)


def candidates(rows, t):
    n, first, scale, words = len(rows.year), t.first, t.scale, t.words
    kept = _fresh(n)

    def run(kernel, table, out):
        kernel(*rows, first, scale, *table, *out)
        return out

    return {
        "numba, tuned": Candidate(lambda: run(_tuned, (words,), _fresh(n)), same),
        "numba, tuned, out=": Candidate(lambda: run(_tuned, (words,), kept), same),
        "numba, natural": Candidate(lambda: run(_natural, t.columns, _fresh(n)), same),
    }
