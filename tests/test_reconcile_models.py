"""CMS's results of ACO REACH settled again, alone and together with files of other programs."""

from __future__ import annotations

import pytest

import sharedsavings as ss
from conftest import ROOT
from puf_rows import changed, read

RESULTS = "py2021_and_py2023_financial_quality.csv"
TABLE = "py2023_results_table.csv"
KCC = "py2023_financial_results.csv"
SET_TO_ZERO = "amount after sequestration 0 in the file, though the file itself shares savings"
MARKED = "no net amount in the file, whose net rate is 0, and a footnote mark on the id"

# Rows, savings or losses, generated exact, shared exact, earned within $1, within quality score, not reproducible,
# unexplained.
EXPECTED = [
    ("2021", "reach", RESULTS, "53", "53", "53", "53", "53", "0", "0", "0"),
    ("2023", "reach", RESULTS, "132", "132", "132", "132", "131", "0", "1", "0"),
    ("2023", "reach", TABLE, "132", "132", "132", "-", "131", "0", "1", "0"),
    ("2023", "kcc", KCC, "79", "50", "50", "-", "-", "0", "0", "0"),
]
NOT_REPRODUCED = [
    ("2023", RESULTS, "D0120", "Professional", "1,278,744", "0", SET_TO_ZERO),
    ("2023", TABLE, "D0120", "Professional", "1,278,744", "-", MARKED),
]


@pytest.fixture(scope="module")
def results(cms_data):
    return cms_data / "aco_reach" / RESULTS


@pytest.fixture(scope="module")
def table(cms_data):
    return cms_data / "aco_reach" / TABLE


@pytest.fixture(scope="module")
def result(cms_data, results, table):
    return ss.reconcile(results, table, cms_data / "kcc" / KCC, backend="polars")


def row_of(path, aco_id: str, year: str = "2023") -> int:
    heading, *rows = read(path)
    has_year = "perf_year" in heading
    return next(
        number
        for number, row in enumerate(rows)
        if row[0].strip("◊") == aco_id and (not has_year or row[heading.index("perf_year")] == year)
    )


def test_every_settlement_is_computed_but_one_that_cms_sets_to_zero(result):
    assert result.table.rows == EXPECTED
    assert result.differences.rows == NOT_REPRODUCED
    assert result.unexplained == 0


def test_amounts_are_equal_to_two_cents(result):
    compared = 0
    for row in result.frame.iter_rows(named=True):
        if row["program"] != "reach":
            continue
        assert abs(row["generated"] - row["published_generated"]) < 0.0201, row["aco_id"]
        if row["aco_id"] != "D0120" or row["performance_year"] != 2023:
            assert abs(row["earned"] - row["published_earned"]) < 0.0201, row["aco_id"]
            compared += 1
    assert compared == 53 + 131 + 131


def test_slices_beyond_the_first_are_reached(results):
    """So that the corridors are tested by these files: all four slices of Professional, three of Global."""
    settled = ss.settle(ss.read_reach(results, backend="polars"), program="reach").frame
    deepest = dict.fromkeys(("Global", "Professional"), 0.0)
    for track, rate in settled.select("track", "savings_rate").iter_rows():
        deepest[track] = max(deepest[track], abs(rate))
    assert 0.35 < deepest["Global"] < 0.50
    assert deepest["Professional"] > 0.15


def test_every_file_of_every_program_goes_into_one_table(cms_data, results):
    done = ss.reconcile(cms_data / "mssp_puf" / "py2024.csv", results, cms_data / "kcc" / KCC, backend="polars")
    assert [row[:3] for row in done.table.rows] == [
        ("2021", "reach", RESULTS),
        ("2023", "reach", RESULTS),
        ("2023", "kcc", KCC),
        ("2024", "mssp", "py2024.csv"),
    ]
    assert done.table.rows[-1][3:] == ("476", "375", "476", "-", "476", "0", "0", "0")
    assert done.frame.height == 53 + 132 + 79 + 476
    assert done.frame["shared_equal"].drop_nulls().len() == 185
    labels = [text.get_text() for text in done.plot().legends[0].get_texts()]
    assert labels == ["equal (within $1): 660", "not reproducible, reason stated: 1"]


def test_files_of_the_shared_savings_program_alone_keep_their_table(cms_data):
    done = ss.reconcile(cms_data / "mssp_puf" / "py2024.csv")
    assert "program" not in done.table.columns
    assert "shared exact" not in done.table.columns


@pytest.mark.parametrize("heading", ["gross_savings", "shared_savings", "shared_savings_seq"])
@pytest.mark.parametrize(("aco_id", "year"), [("D0006", "2021"), ("D0004", "2023"), ("D0131", "2023")])
@pytest.mark.parametrize("dollars", [0.05, -1])
def test_five_cents_in_one_amount_are_one_unexplained_difference(results, tmp_path, heading, aco_id, year, dollars):
    row = row_of(results, aco_id, year)
    heads, *rows = read(results)
    amount = float(rows[row][heads.index(heading)]) + dollars
    done = ss.reconcile(changed(results, tmp_path / "spoilt.csv", row, **{heading: f"{amount:.4f}"}))
    assert done.unexplained == 1
    assert [(line[2], line[-1]) for line in done.differences.rows if line[-1] == "unexplained"] == [
        (aco_id, "unexplained")
    ]


def test_an_amount_of_zero_is_explained_only_by_what_the_file_shares(results, tmp_path):
    row = row_of(results, "D0004")
    spoilt = changed(results, tmp_path / "spoilt.csv", row, shared_savings_seq="0.0")
    assert [line[-1] for line in ss.reconcile(spoilt).differences.rows] == [SET_TO_ZERO, SET_TO_ZERO]
    spoilt = changed(results, tmp_path / "spoilt.csv", row, shared_savings_seq="0.0", shared_savings="0.0")
    assert [line[-1] for line in ss.reconcile(spoilt).differences.rows] == ["unexplained", SET_TO_ZERO]
    losing = row_of(results, "D0006", "2021")
    spoilt = changed(results, tmp_path / "spoilt.csv", losing, shared_savings_seq="0.0")
    assert [line[-1] for line in ss.reconcile(spoilt).differences.rows] == ["unexplained", SET_TO_ZERO]


def test_a_missing_net_amount_needs_a_mark_and_a_rate_of_zero(table, tmp_path):
    row = row_of(table, "D0120")
    for cells in ({"ACO ID": "D0120"}, {"Net Savings Rate": "3.3%"}):
        done = ss.reconcile(changed(table, tmp_path / "spoilt.csv", row, **cells))
        assert (done.unexplained, done.differences.rows[0][-1]) == (1, "not published")


def test_another_arrangement_is_not_what_was_published(results, tmp_path):
    row = row_of(results, "D0006", "2021")
    done = ss.reconcile(changed(results, tmp_path / "spoilt.csv", row, risk_arrangement="Global"))
    assert [line[2] for line in done.differences.rows if line[-1] == "unexplained"] == ["D0006"]
    done = ss.reconcile(changed(results, tmp_path / "spoilt.csv", row, risk_arrangement="Partial"))
    assert done.differences.rows[0][-1].startswith("not settled")


def test_corridors_are_those_of_the_book_and_no_others(results):
    """The first slice of Global in 2026 is shorter: rows beyond ten percent of 2023 are then not as published."""
    shorter = [["0.10", "1"], ["0.35", "0.50"], ["0.50", "0.25"], ["inf", "0.10"]]
    done = ss.reconcile(results, rules={"reach.sharing_rate.bands.global": {"value": shorter}})
    assert done.unexplained > 20


@pytest.mark.parametrize("row", [0, 2, 60, 100, 184])
def test_rows_are_explained_to_the_cent(results, row):
    settled = ss.settle(ss.read_reach(results, backend="polars"), program="reach")
    value = {step.name: step.value for step in settled.explain(row).steps}["earned"]
    assert float(value.replace("$", "").replace(",", "")) == settled.frame["earned"][row]


def test_rows_come_back_in_every_kind_of_frame(door, results, table):
    done = ss.reconcile(results, table, backend=door.name)
    read_back = {name: door.read(done.frame, name) for name in door.columns(done.frame)}
    assert read_back["shared_equal"].count(True) == 185
    assert read_back["shared_equal"].count(None) == 132
    assert read_back["earned_equal"].count(True) == 53 + 131 + 131


def test_notes_tell_of_each_file_once(result):
    assert len(result.notes) == len(set(result.notes))
    assert any(note.startswith(f"{RESULTS}: benchmark: health equity adjustment") for note in result.notes)


def test_the_document_shows_what_is_printed(result):
    lines = [line.split() for line in (ROOT / "docs" / "reach.md").read_text("utf-8").splitlines()]
    for printed in (result.table, result.differences):
        for row in printed.rows:
            assert " ".join(row).split() in lines, row
