"""CMS's published settlements computed again."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

import sharedsavings as ss

REVENUE = "limited by participant revenue, which CMS does not publish"


def test_every_settlement_of_2022_is_computed_but_one_that_rests_on_unpublished_revenue(cms_data):
    result = ss.reconcile(cms_data / "mssp_puf" / "py2022.csv")
    assert result.table.rows == [("py2022.csv", "2022", "482", "319", "482", "481", "1", "0")]
    assert [(row[1], row[2], row[4], row[5]) for row in result.differences.rows] == [("A1070", "D", "0", REVENUE)]
    assert result.unexplained == 0


def test_every_settlement_of_2024_is_computed(cms_data):
    result = ss.reconcile(cms_data / "mssp_puf" / "py2024.csv")
    assert result.table.rows == [("py2024.csv", "2024", "476", "375", "476", "476", "0", "0")]
    assert result.differences.rows == []
    assert result.unexplained == 0


def test_several_files_are_reconciled_at_once(door, cms_data):
    paths = [cms_data / "mssp_puf" / f"py{year}.csv" for year in (2022, 2024)]
    result = ss.reconcile(*paths, backend=door.name)
    assert [row[0] for row in result.table.rows] == ["py2022.csv", "py2024.csv"]
    read = {name: door.read(result.frame, name) for name in door.columns(result.frame)}
    assert len(read["verdict"]) == 482 + 476
    assert [v for v in read["verdict"] if v != "equal"] == [REVENUE]
    assert read["earned_equal"].count(True) == 481 + 476
    assert set(read["file"]) == {"py2022.csv", "py2024.csv"}
    for computed, published, equal in zip(read["earned"], read["published_earned"], read["earned_equal"], strict=True):
        assert equal == (abs(computed - published) <= 1)
    assert all(note.startswith(("py2022.csv: ", "py2024.csv: ")) for note in result.notes)


def changed(source: Path, target: Path, row: int, **cells: Any) -> Path:
    """A copy of a results file with other cells in one row; a function changes the cell's number."""
    with open(source, newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))
    for column, cell in cells.items():
        at = rows[0].index(column)
        rows[row + 1][at] = str(cell(int(rows[row + 1][at]))) if callable(cell) else cell
    with open(target, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return target


@pytest.mark.parametrize("row", [0, 100, 475])
@pytest.mark.parametrize("dollars", [2, -2, 1_000_000])
def test_two_dollars_in_one_row_are_one_unexplained_difference(cms_data, tmp_path, row, dollars):
    spoilt = changed(
        cms_data / "mssp_puf" / "py2024.csv", tmp_path / "spoilt.csv", row, EarnSaveLoss=lambda v: v + dollars
    )
    result = ss.reconcile(spoilt)
    assert result.unexplained == 1
    assert result.table.rows[0][-1] == "1"
    assert [line[-1] for line in result.differences.rows] == ["unexplained"]
    assert "unexplained" in str(result)
    assert "unexplained" in result._repr_html_()


def test_generated_savings_are_held_against_the_file_too(cms_data, tmp_path):
    spoilt = changed(cms_data / "mssp_puf" / "py2024.csv", tmp_path / "spoilt.csv", 3, GenSaveLoss=lambda v: v + 5_000)
    result = ss.reconcile(spoilt)
    assert result.unexplained == 1
    assert result.table.rows[0][4:6] == ("475", "476")


def test_a_larger_debt_than_computed_is_not_put_down_to_revenue(cms_data, tmp_path):
    # The limit by revenue can only lower what is owed.
    at = 0
    with open(cms_data / "mssp_puf" / "py2022.csv", newline="", encoding="utf-8-sig") as file:
        for number, row in enumerate(csv.DictReader(file)):
            at = number if row["ACO_ID"] == "A1070" else at
    spoilt = changed(cms_data / "mssp_puf" / "py2022.csv", tmp_path / "spoilt.csv", at, EarnSaveLoss="-9000000")
    assert ss.reconcile(spoilt).unexplained == 1


def test_rows_that_cannot_be_compared_say_why(cms_data, tmp_path):
    source = cms_data / "mssp_puf" / "py2024.csv"
    unpublished = ss.reconcile(changed(source, tmp_path / "a.csv", 5, EarnSaveLoss="-"))
    assert [line[-1] for line in unpublished.differences.rows] == ["not published"]
    unsettled = ss.reconcile(changed(source, tmp_path / "b.csv", 5, Current_Track="2"))
    assert [line[-1] for line in unsettled.differences.rows] == ["not settled: unknown track"]
    # What was not compared is not explained either.
    assert unpublished.unexplained == unsettled.unexplained == 1


def test_other_rules_leave_differences_unexplained(cms_data):
    result = ss.reconcile(cms_data / "mssp_puf" / "py2022.csv", rules={"mssp.sequestration": "0"})
    # Every payment but those at the limit is 2 % larger.
    assert result.unexplained > 290


def test_a_file_is_asked_for():
    with pytest.raises(ss.InputError, match="no file given"):
        ss.reconcile()


@pytest.mark.parametrize("year", [2022, 2024])
def test_every_published_row_is_explained_to_the_cent(cms_data, year):
    result = ss.settle(ss.read_puf(cms_data / "mssp_puf" / f"py{year}.csv", backend="polars"))
    earned = result.frame["earned"].to_list()
    for row in range(0, len(earned), 5):
        value = {step.name: step.value for step in result.explain(row).steps}["earned"]
        assert float(value.replace("$", "").replace(",", "")) == earned[row]
