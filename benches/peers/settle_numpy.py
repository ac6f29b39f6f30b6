"""Settlements in numpy: as an analyst writes it, and tuned: cache blocks, scratch reused, results into lent arrays."""

import numpy as np

from benches.peers import Candidate, same

BLOCK = 4096
TABLES = (
    *("fixed", "sharing", "kept", "payment_limit", "loss", "loss_floor", "revenue_limit", "half"),
    *("half_start", "half_people", "two_sided", "scaled", "alternative"),
)


def natural(rows, t):
    cell = rows.performance_year - t.first, rows.track
    benchmark, score, people = rows.benchmark, rows.quality_score, rows.beneficiaries
    savings = benchmark - rows.expenditures
    rate = savings / benchmark
    elected = ~rows.not_elected & (people >= t.election_people)
    minimum = np.where(elected, rows.elected_rate, np.interp(people, *t.scale))
    fixed = t.fixed[cell]
    minimum = np.where(np.isnan(fixed), minimum, fixed)
    met, sharing = rows.quality_standard_met, t.sharing[cell]
    opened = met | (rows.alternative_standard_met & t.alternative[cell])
    factor = np.where(opened, np.where(met & ~t.scaled[cell], 1.0, score), 0.0)
    full = rate >= minimum
    halved = rows.low_revenue & (rows.agreement_start >= t.half_start[cell]) & (people >= t.half_people[cell]) & opened
    gains = (savings > 0) & (full | halved)
    shared = savings * sharing * factor * np.where(full, 1.0, t.half[cell])
    paid = np.minimum(shared * t.kept[cell], t.payment_limit[cell] * benchmark)
    loss = t.loss[cell]
    loss_rate = np.where(opened, np.clip(1.0 - sharing * score, t.loss_floor[cell], loss), loss)
    before = np.minimum(rows.performance_year - rows.agreement_start, 2)
    limit = np.minimum(t.loss_limit[(*cell, before)] * benchmark, t.revenue_limit[cell] * rows.participant_revenue)
    losses = (savings < 0) & (-rate >= minimum) & t.two_sided[cell]
    generated = np.where(gains | losses, savings, 0)
    earned = np.where(gains, paid, np.where(losses, -np.minimum(-savings * loss_rate, limit), 0.0))
    return savings, rate, generated, earned


class Blocked:
    """Calls with scratch of its own."""

    def __init__(self, t):
        self.t = t
        self.tables = dict(zip(TABLES, t.flat(*TABLES), strict=True))
        self.has_fixed = not np.isnan(t.fixed).all()
        self.limits = t.loss_limit.reshape(-1)
        self.by_people = t.by_people
        self.cell, self.index = (np.empty(BLOCK, np.int64) for _ in range(2))
        self.minimum, self.factor, self.a, self.b = (np.empty(BLOCK) for _ in range(4))
        self.opened, self.full, self.gains, self.mask, self.flag = (np.empty(BLOCK, np.bool_) for _ in range(5))
        self.whole = np.empty(BLOCK, np.int64)

    def __call__(self, rows, out):
        n = len(rows.track)
        for start in range(0, n, BLOCK):
            some = slice(start, min(start + BLOCK, n))
            self._block(type(rows)(*(column[some] for column in rows)), *(column[some] for column in out))
        return out

    def _take(self, name, out):
        return np.take(self.tables[name], self.cell[: len(out)], out=out, mode="clip")

    def _block(self, rows, savings, rate, generated, earned):
        n, cut = len(savings), lambda scratch: scratch[: len(savings)]
        a, opened, full, gains, mask = map(cut, (self.a, self.opened, self.full, self.gains, self.mask))
        cell, minimum = cut(self.cell), cut(self.minimum)
        np.subtract(rows.performance_year, self.t.first, out=cell)
        np.multiply(cell, len(self.t.tracks), out=cell)
        np.add(cell, rows.track, out=cell)
        np.subtract(rows.benchmark, rows.expenditures, out=savings)
        np.divide(savings, rows.benchmark, out=rate)
        self._minimum(rows, minimum)
        self._quality(rows, opened)
        np.greater_equal(rate, minimum, out=full)
        np.greater(savings, 0, out=gains)
        self._halved(rows, mask)
        np.logical_or(mask, full, out=mask)
        np.logical_and(gains, mask, out=gains)
        earned[:] = 0.0
        self._paid(rows, savings)
        np.copyto(earned, a, where=gains)
        # From here on `full` says who shares losses.
        np.negative(rate, out=a)
        np.greater_equal(a, minimum, out=full)
        np.less(savings, 0, out=mask)
        np.logical_and(full, mask, out=full)
        np.logical_and(full, self._take("two_sided", mask), out=full)
        if full.any():
            self._owed(rows, savings)
            np.copyto(earned, a, where=full)
        np.logical_or(gains, full, out=mask)
        np.multiply(savings, mask, out=generated)
        return n

    def _minimum(self, rows, minimum):
        n = len(minimum)
        index, mask, flag, a = self.index[:n], self.mask[:n], self.flag[:n], self.a[:n]
        np.minimum(rows.beneficiaries, len(self.by_people) - 1, out=index)
        np.take(self.by_people, index, out=minimum, mode="clip")
        np.logical_not(rows.not_elected, out=mask)
        np.greater_equal(rows.beneficiaries, self.t.election_people, out=flag)
        np.logical_and(mask, flag, out=mask)
        np.copyto(minimum, rows.elected_rate, where=mask)
        if self.has_fixed:
            np.greater_equal(self._take("fixed", a), 0.0, out=mask)
            np.copyto(minimum, a, where=mask)

    def _quality(self, rows, opened):
        """Whether quality opens sharing, and the factor."""
        n = len(opened)
        mask, factor = self.mask[:n], self.factor[:n]
        np.logical_and(rows.alternative_standard_met, self._take("alternative", mask), out=opened)
        np.logical_or(opened, rows.quality_standard_met, out=opened)
        np.multiply(rows.quality_score, opened, out=factor)
        np.logical_not(self._take("scaled", mask), out=mask)
        np.logical_and(mask, rows.quality_standard_met, out=mask)
        np.copyto(factor, 1.0, where=mask)

    def _halved(self, rows, mask):
        n = len(mask)
        flag, whole = self.flag[:n], self.whole[:n]
        np.greater_equal(rows.agreement_start, self._take("half_start", whole), out=mask)
        np.greater_equal(rows.beneficiaries, self._take("half_people", whole), out=flag)
        np.logical_and(mask, flag, out=mask)
        np.logical_and(mask, rows.low_revenue, out=mask)
        np.logical_and(mask, self.opened[:n], out=mask)

    def _paid(self, rows, savings):
        """Into `a`."""
        n = len(savings)
        a, b, mask = self.a[:n], self.b[:n], self.mask[:n]
        np.multiply(savings, self._take("sharing", a), out=a)
        np.multiply(a, self.factor[:n], out=a)
        np.multiply(a, self._take("kept", b), out=a)
        np.logical_not(self.full[:n], out=mask)
        np.multiply(a, self._take("half", b), out=a, where=mask)
        np.multiply(self._take("payment_limit", b), rows.benchmark, out=b)
        np.minimum(a, b, out=a)

    def _owed(self, rows, savings):
        """Into `a`, negative."""
        n = len(savings)
        a, b, mask, index = self.a[:n], self.b[:n], self.mask[:n], self.index[:n]
        np.multiply(self._take("sharing", a), rows.quality_score, out=a)
        np.subtract(1.0, a, out=a)
        np.maximum(a, self._take("loss_floor", b), out=a)
        self._take("loss", b)
        np.minimum(a, b, out=a)
        np.logical_not(self.opened[:n], out=mask)
        np.copyto(a, b, where=mask)
        np.multiply(a, savings, out=a)
        np.subtract(rows.performance_year, rows.agreement_start, out=index)
        np.minimum(index, 2, out=index)
        np.add(index, self.cell[:n], out=index)
        np.add(index, self.cell[:n], out=index)
        np.add(index, self.cell[:n], out=index)
        np.take(self.limits, index, out=b, mode="clip")
        np.multiply(b, rows.benchmark, out=b)
        np.negative(b, out=b)
        np.maximum(a, b, out=a)
        np.multiply(self._take("revenue_limit", b), rows.participant_revenue, out=b)
        np.negative(b, out=b)
        np.maximum(a, b, out=a)


def candidates(rows, t):
    blocked = Blocked(t)
    n = len(rows.track)
    out = tuple(np.empty(n, dtype) for dtype in (np.int64, np.float64, np.int64, np.float64))
    return {
        "numpy, natural": Candidate(lambda: natural(rows, t), same),
        "numpy, blocked, out=": Candidate(lambda: blocked(rows, out), same),
    }
