"""Settlements in numba: as a programmer first writes it, and tuned.

Tuned: one line of parameters a cell, the size scale as a table by beneficiaries, selects instead of branches,
unsigned indices. That was the fastest of the forms tried: columns of parameters instead of lines, branches, fewer
parameters with more arithmetic. The table also decides every exact tie rightly.
"""

import numba
import numpy as np

from benches.peers import Candidate, same

NATURAL = (
    *("two_sided", "fixed", "sharing", "scaled", "alternative", "kept", "payment_limit", "loss", "loss_floor"),
    *("loss_limit", "revenue_limit", "half", "half_start", "half_people"),
)


@numba.njit(parallel=True, nogil=True)
def _tuned(
    benchmark, expenditures, beneficiaries, track, year, score, standard, alternative, elected, not_elected,
    revenue, low, start, first, tracks, people, lines, by_people, savings, rates, generated, earned,
):  # fmt: skip
    last = by_people.size - 1
    for i in numba.prange(benchmark.size):
        p = lines[np.uint64(np.int64(year[i]) - first) * np.uint64(tracks) + np.uint64(track[i])]
        b, saved, q = np.float64(benchmark[i]), np.float64(benchmark[i] - expenditures[i]), score[i]
        n = np.int64(beneficiaries[i])
        rate = saved / b
        minimum = by_people[np.uint64(min(n, last))]
        minimum = elected[i] if (not not_elected[i]) & (n >= people) else minimum
        minimum = p[15] if p[15] >= 0.0 else minimum
        met = standard[i]
        opened = met | (alternative[i] & (p[14] != 0.0))
        factor = 1.0 if met & (p[13] == 0.0) else q
        factor = factor if opened else 0.0
        full = rate >= minimum
        half = low[i] & (start[i] >= p[10]) & (n >= p[11]) & opened & (p[9] > 0.0)
        gain = (saved > 0.0) & (full | half)
        share = p[0] * factor
        share = share if full else share * p[9]
        paid = min(saved * share * p[1], p[2] * b)
        scaled = max(p[4], min(p[3], 1.0 - p[0] * q))
        scaled = scaled if opened else p[3]
        before = min(max(np.int64(year[i]) - np.int64(start[i]), 0), 2)
        limit = min(p[np.uint64(5 + before)] * b, p[8] * np.float64(revenue[i]))
        owed = max(saved * scaled, -limit)
        loss = (saved < 0.0) & (-rate >= minimum) & (p[12] != 0.0)
        savings[i] = saved
        rates[i] = rate
        generated[i] = saved if gain | loss else 0.0
        earned[i] = paid if gain else (owed if loss else 0.0)


@numba.njit(parallel=True, nogil=True)
def _natural(
    benchmark, expenditures, beneficiaries, track, year, score, standard, alternative, elected, not_elected,
    revenue, low, start, first, people, knots, at_knots, two_sided, fixed, sharing, scaled, alternative_opens, kept,
    payment_limit, loss, loss_floor, loss_limit, revenue_limit, half, half_start, half_people,
    savings, rates, generated, earned,
):  # fmt: skip
    for i in numba.prange(benchmark.size):
        y, t = year[i] - first, track[i]
        savings[i] = benchmark[i] - expenditures[i]
        rates[i] = savings[i] / benchmark[i]
        generated[i] = 0.0
        earned[i] = 0.0
        if not np.isnan(fixed[y, t]):
            minimum = fixed[y, t]
        elif not not_elected[i] and beneficiaries[i] >= people:
            minimum = elected[i]
        elif beneficiaries[i] >= knots[-1]:
            minimum = at_knots[-1]
        else:
            k = np.searchsorted(knots, beneficiaries[i], side="right")
            slope = (at_knots[k] - at_knots[k - 1]) / (knots[k] - knots[k - 1])
            minimum = at_knots[k - 1] + slope * (beneficiaries[i] - knots[k - 1])
        opened = standard[i] or (alternative_opens[y, t] and alternative[i])
        if savings[i] > 0:
            part = 1.0
            if rates[i] < minimum:
                part = half[y, t]
                if not (opened and low[i] and start[i] >= half_start[y, t] and beneficiaries[i] >= half_people[y, t]):
                    continue
            generated[i] = savings[i]
            if opened:
                factor = 1.0 if standard[i] and not scaled[y, t] else score[i]
                shared = savings[i] * sharing[y, t] * factor * part
                earned[i] = min(shared * kept[y, t], payment_limit[y, t] * benchmark[i])
        elif savings[i] < 0 and two_sided[y, t] and -rates[i] >= minimum:
            generated[i] = savings[i]
            rate = loss[y, t]
            if opened:
                rate = min(max(1.0 - sharing[y, t] * score[i], loss_floor[y, t]), rate)
            limit = loss_limit[y, t, min(year[i] - start[i], 2)] * benchmark[i]
            earned[i] = -min(-savings[i] * rate, limit, revenue_limit[y, t] * revenue[i])


def _fresh(n):
    # By numpy, whose large arrays sit on huge pages; by numba's own allocator they would not.
    return tuple(np.empty(n) for _ in range(4))


def candidates(rows, terms):
    n = len(rows.track)
    kept = _fresh(n)
    tuned = (terms.first, len(terms.tracks), terms.election_people, terms.lines, terms.by_people)
    natural = (terms.first, terms.election_people, *terms.scale, *(getattr(terms, name) for name in NATURAL))

    def run(kernel, tables, out):
        kernel(*rows.inputs, *tables, *out)
        return out

    return {
        "numba, tuned": Candidate(lambda: run(_tuned, tuned, _fresh(n)), same),
        "numba, tuned, out=": Candidate(lambda: run(_tuned, tuned, kept), same),
        "numba, natural": Candidate(lambda: run(_natural, natural, _fresh(n)), same),
    }
