"""Amounts changed in CMS's results files: which of them a reconciliation sees, and which it cannot."""

from __future__ import annotations

import pytest

import sharedsavings as ss
from puf_rows import changed, read, row_of, source, write
from test_reconcile import REVENUE

TOTALS = "totals disagree: benchmark less expenditures is not the printed savings"


def spoil(cms_data, tmp_path, name, aco_id, **cells):
    path = source(cms_data, name)
    return changed(path, tmp_path / "spoilt.csv", row_of(path, aco_id), **cells)


def verdicts(path) -> list[str]:
    return [row[-1] for row in ss.reconcile(path).differences.rows]


@pytest.mark.parametrize("change", [lambda v: 0, lambda v: -v, lambda v: v / 2], ids=["zero", "negated", "halved"])
@pytest.mark.parametrize(("name", "column"), [
    ("py2013.csv", "Total savings/losses ($)"), ("py2022.csv", "BnchmkMinExp"), ("py2024.csv", "BnchmkMinExp"),
    ("py2019_january_starts.csv", "BnchmkMinExp"),
])  # fmt: skip
def test_a_column_of_savings_that_is_not_benchmark_less_expenditures_is_seen(cms_data, tmp_path, name, column, change):
    heading, *rows = read(source(cms_data, name))
    at = heading.index(column)
    for row in rows:
        row[at] = f"{change(float(row[at].strip('$').replace(',', '').replace('$', ''))):.2f}"
    result = ss.reconcile(write(tmp_path / "spoilt.csv", [heading, *rows]))
    assert result.unexplained == len(rows)
    assert {row[-1] for row in result.differences.rows} <= {TOTALS, "not settled: below size scale"}
    assert any(f"totals of {len(rows)} rows disagree, first in row 0" in note for note in result.notes)


@pytest.mark.parametrize("cell", ["1000000000", "0", "-"])
def test_one_cell_of_savings_is_one_unexplained_row(cms_data, tmp_path, cell):
    spoilt = changed(source(cms_data, "py2022.csv"), tmp_path / "spoilt.csv", 7, BnchmkMinExp=cell)
    result = ss.reconcile(spoilt)
    assert result.unexplained == 1
    assert TOTALS in [row[-1] for row in result.differences.rows]


def test_totals_may_disagree_by_a_dollar_of_rounding(cms_data, tmp_path):
    path = source(cms_data, "py2022.csv")
    heading, first, *_ = read(path)
    benchmark, spent = (int(first[heading.index(name)].replace(",", "")) for name in ("ABtotBnchmk", "ABtotExp"))
    for beside, seen in ((0, False), (1, False), (-1, False), (2, True), (-2, True)):
        spoilt = changed(path, tmp_path / "spoilt.csv", 0, BnchmkMinExp=str(benchmark - spent + beside))
        assert (TOTALS in verdicts(spoilt)) is seen, beside


@pytest.mark.parametrize("aco_id", ["A3317", "A4551", "A5193"])
@pytest.mark.parametrize(
    "cells", [{"EarnSaveLoss": "-1"}, {"EarnSaveLoss": "0"}, {"EarnSaveLoss": lambda v: v + 9}, {"DisAdj": "0"}]
)
def test_a_smaller_debt_of_a_high_revenue_aco_is_not_put_down_to_revenue(cms_data, tmp_path, aco_id, cells):
    """Its participants' revenue is too large for a limit of 8 percent of it to bind."""
    assert verdicts(spoil(cms_data, tmp_path, "py2024.csv", aco_id, **cells)) == ["unexplained"]


def test_a_limit_that_revenue_may_have_set_is_believed_down_to_the_least_revenue(cms_data, tmp_path):
    """Level C: 2 percent of four fifths of 35 percent of expenditures, less the relief."""
    path = source(cms_data, "py2024.csv")
    heading, *rows = read(path)
    row = rows[row_of(path, "A3317")]
    spent, relief = (float(row[heading.index(name)].replace(",", "")) for name in ("ABtotExp", "DisAdj"))
    generated = round(-0.04 * spent)
    least = 0.02 * 0.8 * 0.35 * spent + relief
    benchmark = int(spent) + generated
    cells = {"Current_Track": "C", "ABtotBnchmk": str(benchmark), "BnchmkMinExp": str(generated),
             "GenSaveLoss": str(generated)}  # fmt: skip
    for debt, expected in ((least + 5, REVENUE), (least - 5, "unexplained")):
        spoilt = spoil(cms_data, tmp_path, "py2024.csv", "A3317", **cells, EarnSaveLoss=str(-round(debt)))
        assert verdicts(spoilt) == [expected], debt


@pytest.mark.parametrize(("name", "aco_id"), [
    ("py2018.csv", "A1784"), ("py2014.csv", "A67373"), ("py2017.csv", "A67373"), ("py2020.csv", "A1001"),
])  # fmt: skip
def test_what_a_score_allows_does_not_depend_on_the_other_rows(cms_data, tmp_path, name, aco_id):
    path = source(cms_data, name)
    heading, *rows = read(path)
    at = row_of(path, aco_id)
    earned = heading.index("EarnSaveLoss")
    assert int(rows[at][earned]) > 100_000
    whole = ss.reconcile(path, backend="polars").frame.row(at, named=True)
    alone = ss.reconcile(write(tmp_path / "alone.csv", [heading, rows[at]]), backend="polars").frame.row(0, named=True)
    assert (alone["earned_least"], alone["earned_most"]) == (whole["earned_least"], whole["earned_most"])
    assert whole["verdict"] in ("equal", "within what the printed quality score allows")
    rows[at][earned] = str(round(int(rows[at][earned]) * 1.004))
    for some in (rows, [rows[at]]):
        spoilt = ss.reconcile(write(tmp_path / "spoilt.csv", [heading, *some]))
        assert spoilt.unexplained == 1


@pytest.mark.parametrize("aco_id", ["A2246", "A2308", "A5279"])
def test_a_smaller_debt_of_a_low_revenue_aco_cannot_be_told_from_a_limit(cms_data, tmp_path, aco_id):
    """As docs/puf.md says: nothing that CMS publishes bounds a low revenue from below."""
    spoilt = spoil(cms_data, tmp_path, "py2024.csv", aco_id, EarnSaveLoss="-1")
    assert verdicts(spoilt) == [REVENUE]


def test_the_rows_of_cms_that_revenue_limits_are_two_and_no_other(cms_data):
    names = ("py2018.csv", "py2019_january_starts.csv", "py2019_july_starts_excerpt14.csv", "py2020.csv", "py2022.csv",
             "py2024.csv")  # fmt: skip
    result = ss.reconcile(*(source(cms_data, name) for name in names))
    limited = [(row[1], row[2]) for row in result.differences.rows if row[-1] == REVENUE]
    assert limited == [("py2019_january_starts.csv", "A2392"), ("py2022.csv", "A1070")]
