"""A synthetic roster of performance year 2024, one row for each clinician, entity and snapshot, with its scores."""

from typing import NamedTuple

import sharedsavings as ss

YEAR = 2024
# Rows that a clinician has, about.
EACH = 3
CLINICIANS_OF_AN_ENTITY = 1_000


class Rows(NamedTuple):
    count: int
    roster: object
    scores: object

    @property
    def bytes_read(self):
        return (self.roster.estimated_size() + self.scores.estimated_size()) // max(self.count, 1)

    def head(self, n):
        return Rows(n, self.roster.head(n), self.scores)


def make(n, table=None):
    clinicians = max(n // EACH + n // 50, 200)
    entities = max(clinicians // CLINICIANS_OF_AN_ENTITY, 16)
    roster, scores = ss.synthetic_roster(clinicians, entities, performance_year=YEAR, backend="polars")
    assert len(roster) >= n
    return Rows(n, roster.head(n), scores)
