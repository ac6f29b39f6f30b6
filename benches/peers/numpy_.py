"""numpy: as an analyst writes it, and tuned: cache blocks, scratch reused, results into lent arrays."""

import numpy as np

from benches.peers import Candidate, same

BLOCK = 4096


def natural(rows, t):
    i = rows.year - t.first
    pay, pat = rows.pay_num * t.scale, rows.pat_num * t.scale
    has_pay, has_pat = rows.pay_den > 0, rows.pat_den > 0
    pay_qp = has_pay & (pay >= t.pay_qp[i] * rows.pay_den)
    pat_qp = has_pat & (pat >= t.pat_qp[i] * rows.pat_den)
    pay_partial = has_pay & (pay >= t.pay_partial[i] * rows.pay_den)
    pat_partial = has_pat & (pat >= t.pat_partial[i] * rows.pat_den)
    qp, partial = pay_qp | pat_qp, pay_partial | pat_partial
    two, one, none = np.uint8(2), np.uint8(1), np.uint8(0)
    status = np.select([qp, partial], [two, one], none)
    by_pay = np.select([qp, partial], [pay_qp, pay_partial], False)
    by_pat = np.select([qp, partial], [pat_qp, pat_partial], False)
    return status, by_pay.view(np.uint8) | by_pat.view(np.uint8) << 1


class Blocked:
    """Calls with scratch of its own: two wide buffers and the codes of one block."""

    def __init__(self, t):
        self.t = t
        self.index = np.empty(BLOCK, np.int64)
        self.left = np.empty(BLOCK, np.int64)
        self.right = np.empty(BLOCK, np.int64)
        self.some = np.empty(BLOCK, np.bool_)
        self.pay = np.empty(BLOCK, np.uint8)
        self.methods = np.empty((2, BLOCK), np.uint8)
        self.below = np.empty(BLOCK, np.bool_)

    def __call__(self, rows, status, method):
        for start in range(0, len(status), BLOCK):
            stop = min(start + BLOCK, len(status))
            self._block(rows, start, stop, status[start:stop], method[start:stop])
        return status, method

    def _block(self, rows, start, stop, status, method):
        n = stop - start
        index = self.index[:n]
        np.subtract(rows.year[start:stop], self.t.first, out=index)
        pay = rows.pay_num[start:stop], rows.pay_den[start:stop]
        pat = rows.pat_num[start:stop], rows.pat_den[start:stop]
        qp, partial = self.methods[0, :n], self.methods[1, :n]
        self._meets(pay, (self.t.pay_qp, self.t.pay_partial), index, (qp, partial), 0)
        self._meets(pat, (self.t.pat_qp, self.t.pat_partial), index, (qp, partial), 1)
        below, some = self.below[:n], self.some[:n]
        np.equal(qp, 0, out=below)
        np.not_equal(partial, 0, out=some)
        # Whoever reaches QP reaches Partial QP: status = some + (not below).
        np.logical_not(below, out=status.view(np.bool_))
        np.add(status, some.view(np.uint8), out=status)
        np.multiply(partial, below.view(np.uint8), out=method)
        np.add(method, qp, out=method)

    def _meets(self, pair, thresholds, index, into, bit):
        n = len(index)
        left, right, some, met = self.left[:n], self.right[:n], self.some[:n], self.pay[:n]
        np.multiply(pair[0], self.t.scale, out=left)
        np.greater(pair[1], 0, out=some)
        for threshold, code in zip(thresholds, into, strict=True):
            np.take(threshold, index, out=right, mode="clip")
            np.multiply(right, pair[1], out=right)
            np.greater_equal(left, right, out=met.view(np.bool_))
            np.logical_and(met.view(np.bool_), some, out=met.view(np.bool_))
            if bit == 0:
                code[:] = met
            else:
                np.add(code, met, out=code)
                np.add(code, met, out=code)


def candidates(rows, t):
    blocked = Blocked(t)
    status, method = (np.empty(len(rows.year), np.uint8) for _ in range(2))
    return {
        "numpy, natural": Candidate(lambda: natural(rows, t), same),
        "numpy, blocked, out=": Candidate(lambda: blocked(rows, status, method), same),
    }
