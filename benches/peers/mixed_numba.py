"""Settlements of all programs in numba: one line of parameters a year and arrangement, one loop over the rows, in
floats of cents.
"""

import numba
import numpy as np

from benches.mixed_terms import BOTH, CUT_BY_LACK, CUT_BY_SCORE, FIELDS, ONE_LESS, SCORE
from benches.peers import Candidate, same

_AT = {name: at for at, name in enumerate(FIELDS)}
SCORES, TWO_SIDED, GIVEN, CAPPED = (_AT[name] for name in ("score_0", "two_sided", "given", "elects_cap"))
WITHHOLD, REPORTING, LOWEST, OPENS = (_AT[name] for name in ("withhold", "reporting", "lowest_score", "opens"))
ALTERNATIVE, KEPT, LIMIT_FIRST, OF_TARGET = (_AT[n] for n in ("alternative", "kept", "limit_first", "of_target"))
GATE, SCALE, ELECTS, HALF = (_AT[name] for name in ("gate", "scale", "elects", "half"))
HALF_START, HALF_PEOPLE = _AT["half_start"], _AT["half_people"]
UP, DOWN = _AT["up_discount_0"], _AT["down_discount_0"]
_OF = {name: at for at, name in enumerate(BOTH)}
MULTIPLIER, BOUND, SHARE, FIXED = (_OF[name] for name in ("multiplier_0", "bound_0", "share_0", "fixed"))
QUALITY, PART, FLOOR, TOP = (_OF[name] for name in ("quality", "part", "floor", "top"))
LIMIT, FIRST, SECOND, REVENUE = (_OF[name] for name in ("limit", "limit_1", "limit_2", "revenue_limit"))


@numba.njit(inline="always")
def _rate(p, side, scale, elected, not_elected, people, election_people):
    if p[side + FIXED] >= 0.0:
        return p[side + FIXED]
    if p[ELECTS] > 0.0 and not not_elected and people >= election_people:
        return elected
    return scale[min(people, scale.size - 1)]


@numba.njit(inline="always")
def _banded(p, side, distance, target):
    total, begins = 0.0, 0.0
    for k in range(4):
        ends = min(distance, p[side + BOUND + k] * target)
        total += max(ends - begins, 0.0) * p[side + SHARE + k]
        if distance <= ends:
            break
        begins = ends
    return total


@numba.njit(inline="always")
def _factor(p, side, score, standard, opened):
    kind, factor = p[side + QUALITY], 1.0
    if side == UP and p[OPENS] > 0.0 and not opened:
        factor = 0.0
    elif kind == SCORE or (side == UP and p[ALTERNATIVE] > 0.0 and not standard):
        factor = score
    elif kind == CUT_BY_LACK:
        factor = 1.0 - p[side + PART] * (1.0 - score)
    elif kind == CUT_BY_SCORE:
        factor = 1.0 - p[side + PART] * score
    elif kind == ONE_LESS:
        factor = p[side + TOP]
        if opened:
            factor = min(max(1.0 - p[side + PART] * score, p[side + FLOOR]), factor)
    return factor


@numba.njit(parallel=True, nogil=True)
def _settle(
    benchmark, expenditures, beneficiaries, track, year, score, standard, alternative, elected, not_elected,
    revenue, low, start, discount, no_discount, cap, no_cap, first, codes, lines, scales, election_people,
    savings, rates, generated, earned,
):  # fmt: skip
    for i in numba.prange(benchmark.size):
        p = lines[(np.int64(year[i]) - first) * codes + np.int64(track[i])]
        b, spent, q = np.float64(benchmark[i]), np.float64(expenditures[i]), score[i]
        people = np.int64(beneficiaries[i])
        k = (q > p[SCORES]) + (q > p[SCORES + 1]) + (q > p[SCORES + 2])
        lost = (p[WITHHOLD] - p[REPORTING]) * (1.0 - q) if standard[i] else p[WITHHOLD]
        given = p[GIVEN] > 0.0
        target = b * (1.0 - (discount[i] if given else p[UP + k])) * (1.0 - lost)
        side = UP
        distance = target - spent
        if distance < 0.0:
            target = b * (1.0 - (discount[i] if given else p[DOWN + k])) * (1.0 - lost)
            side = DOWN
            distance = max(spent - target, 0.0)
        savings[i] = distance if side == UP else -distance
        rates[i] = savings[i] / target
        generated[i] = 0.0
        earned[i] = 0.0
        if distance == 0.0 or (side == DOWN and p[TWO_SIDED] == 0.0):
            continue
        scale = scales[np.int64(p[SCALE])]
        minimum = _rate(p, side, scale, elected[i], not_elected[i], people, election_people)
        opened = standard[i] or (p[ALTERNATIVE] > 0.0 and alternative[i])
        half = 1.0
        if distance < minimum * target:
            if side == DOWN or p[HALF] == 0.0 or not opened or not low[i]:
                continue
            if start[i] < p[HALF_START] or people < p[HALF_PEOPLE]:
                continue
            half = p[HALF]
        if side == DOWN and spent < p[GATE] * b:
            continue
        generated[i] = savings[i]
        if side == UP and q < p[LOWEST]:
            continue
        if p[CAPPED] > 0.0:
            distance = min(distance, cap[i] * target)
        after = p[side + MULTIPLIER + k] * (p[KEPT] if side == UP else 1.0)
        amount = _banded(p, side, distance, target) * _factor(p, side, q, standard[i], opened) * half * after
        which = min(max(np.int64(year[i]) - np.int64(start[i]), 0), 2)
        part = p[side + (FIRST if which == 0 else SECOND if which == 1 else LIMIT)]
        limit = min(part * (target if p[OF_TARGET] > 0.0 else b), p[side + REVENUE] * np.float64(revenue[i]))
        limit *= after if side == DOWN or p[LIMIT_FIRST] > 0.0 else 1.0
        earned[i] = min(amount, limit) if side == UP else -min(amount, limit)


def _fresh(n):
    # By numpy, whose large arrays sit on huge pages; by numba's own allocator they would not.
    return tuple(np.empty(n) for _ in range(4))


def candidates(rows, terms):
    n = len(rows.track)
    kept = _fresh(n)
    tables = (terms.first, len(terms.arrangements), terms.lines, terms.scales, terms.election_people)

    def run(out):
        _settle(*rows.inputs, *tables, *out)
        return out

    return {
        "numba": Candidate(lambda: run(_fresh(n)), same),
        "numba, out=": Candidate(lambda: run(kept), same),
    }
