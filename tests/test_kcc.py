"""CMS's results of Kidney Care Choices: what is read of them, and that they add up."""

from __future__ import annotations

import pytest

import sharedsavings as ss
from puf_rows import changed, read, write


@pytest.fixture(scope="module")
def source(cms_data):
    return cms_data / "kcc" / "py2023_financial_results.csv"


def test_entities_and_practices_are_read_and_subtotals_left_out(source):
    frame = ss.read_kcc(source, backend="polars")
    kinds = frame["entity_type"].to_list()
    assert (kinds.count("CKCC"), kinds.count("KCF"), len(kinds)) == (50, 29, 79)
    tracks = frame["track"].to_list()
    assert {track: tracks.count(track) for track in set(tracks)} == {
        "Professional": 35, "Global": 4, "Graduated Level 1": 4, "Graduated Level 2": 7, "Kidney Care First": 29,
    }  # fmt: skip
    notes = [row[2] for row in ss.puf_notes(source).rows]
    assert "3 subtotals left out: KCE TOTAL in row 79, KCF PRACTICE TOTAL in row 80, MODEL TOTAL in row 81" in notes


def test_sums_of_rows_are_the_printed_totals_where_those_are_sums(source):
    """Expenditures and savings of the subtotals are the sums of all entities; their benchmarks leave some out."""
    frame = ss.read_kcc(source, backend="polars")
    assert abs(frame["expenditures"].sum() - 5_032_366_844) <= 2
    assert abs(frame["published_savings"].sum() - 63_277_517) <= 2
    assert frame["beneficiary_months"].sum() == 1_157_023
    assert frame["benchmark"].sum() - 4_008_146_686 == 1_087_497_676
    notes = [row[2] for row in ss.puf_notes(source).rows]
    assert any(note.startswith("KCE TOTAL: 18 of 24 amounts are not the sum of the rows") for note in notes)


def test_savings_are_benchmark_less_expenditures_in_every_row_that_has_them(source):
    done = ss.reconcile(source, backend="polars")
    assert done.table.rows == [
        ("2023", "kcc", "py2023_financial_results.csv", "79", "50", "50", "-", "-", "0", "0", "0")
    ]
    assert (done.unexplained, done.differences.rows) == (0, [])
    frame = done.frame
    assert frame["generated_equal"].to_list().count(True) == 50
    assert frame["benchmark_equal"].to_list().count(True) == 50
    assert frame["total_equal"].to_list().count(True) == 79
    assert frame["generated"].null_count() == 29
    verdicts = frame["verdict"].to_list()
    assert (verdicts.count("equal"), verdicts.count("equal: no benchmark, the total alone")) == (50, 29)


def test_what_is_withheld_and_earned_for_quality_follows_the_option(source):
    """Five percent in Professional and Global, half of it in Graduated Level 2, nothing in Level 1."""
    parts = {"Professional": 0.05, "Global": 0.05, "Graduated Level 2": 0.025}
    for row in ss.read_kcc(source, backend="polars").iter_rows(named=True):
        if row["track"] in parts:
            assert abs(row["quality_withheld"] - parts[row["track"]] * row["unadjusted_benchmark"]) <= 0.51
            assert abs(row["quality_earned"] - row["quality_score"] * row["quality_withheld"]) <= 0.7
        else:
            assert row["quality_withheld"] is None
        if row["track"] == "Global":
            assert abs(row["discount_amount"] - 0.03 * row["unadjusted_benchmark_esrd"]) <= 0.51
        else:
            assert row["discount_amount"] is None


def test_aggregation_groups_and_what_does_not_apply(source):
    frame = ss.read_kcc(source, backend="polars")
    groups = frame["aggregation_group"].to_list()
    assert {group: groups.count(group) for group in set(groups)} == {None: 70, "1": 3, "2": 3, "3": 3}
    assert frame["disaster_share"].drop_nulls().to_list() == [0.673, 0.679]
    practices = frame.filter(frame["entity_type"] == "KCF")
    assert practices["benchmark"].null_count() == 29
    assert practices["published_total"].null_count() == 0


@pytest.mark.parametrize(
    ("row", "heading", "cell"),
    [
        (3, "Gross Shared Savings/Losses (CKD & ESRD)", "$3,744,760"),
        (3, "Performance Year CKD Expenditure", "$11,121,528"),
        (3, "Adjusted Benchmark (CKD & ESRD)", "$66,647,133"),
        (3, "Earned Quality Withhold", "$2,122,423"),
        (3, "Total Monies Owed By (To) CMS", "$1,832,768"),
        (60, "Total Monies Owed By (To) CMS", "$1"),
    ],
)
def test_an_amount_that_does_not_add_up_is_unexplained(source, tmp_path, row, heading, cell):
    done = ss.reconcile(changed(source, tmp_path / "spoilt.csv", row, **{heading: cell}))
    assert done.unexplained == 1
    assert [line[-1] for line in done.differences.rows] == ["unexplained"]


def test_an_amount_that_is_missing_is_not_taken_for_equal(source, tmp_path):
    path = changed(source, tmp_path / "spoilt.csv", 3, **{"Performance_Year_Expenditure": "*"})
    assert [line[-1] for line in ss.reconcile(path).differences.rows] == ["not published"]


@pytest.mark.parametrize(
    ("heading", "cell", "message"),
    [
        ("Entity Type", "CKC", "column `entity_type`: row 3 holds 'CKC', which is none of CKCC, KCF, KCE TOTAL"),
        ("Performance_Year_Expenditure", "many", "column `Performance_Year_Expenditure`: row 3 holds 'many'"),
        ("Beneficiary_Months", "1.5", "column `Beneficiary_Months`: row 3 holds '1.5'"),
        ("Total Quality Score", "0.625", "column `Total Quality Score`: row 3 holds '0.625', without the percent sign"),
        ("Entity in Aggregation Group (Y/N) & Group Number", "Group", r"column `Entity in .*`: row 3 holds 'Group'"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(source, tmp_path, heading, cell, message):
    path = changed(source, tmp_path / "made.csv", 3, **{heading: cell})
    with pytest.raises(ss.InputError, match=f"^made.csv: {message}"):
        ss.read_kcc(path)


def test_line_breaks_in_headings_do_not_matter(source, tmp_path):
    rows = read(source)
    rows[0] = [heading.replace(" ", "\n") for heading in rows[0]]
    path = write(tmp_path / "made.csv", rows)
    assert ss.read_kcc(path, backend="polars").equals(ss.read_kcc(source, backend="polars"))


@pytest.mark.parametrize(
    "heading", ["Performance_Year_Expenditure", "Adjusted ESRD Benchmark", "Home Dialysis True Up"]
)
def test_a_column_that_is_missing_is_named(source, tmp_path, heading):
    rows = read(source)
    at = rows[0].index(heading)
    path = write(tmp_path / "made.csv", [[*row[:at], *row[at + 1 :]] for row in rows])
    with pytest.raises(ss.InputError, match=r"^made\.csv: .*(is missing|it lacks)"):
        ss.read_kcc(path)


def test_rows_come_back_in_every_kind_of_frame(door, source):
    frame = ss.read_kcc(source, 2023, backend=door.name)
    assert door.read(frame, "benchmark").count(None) == 29
    assert door.read(frame, "entity_name").count("KIDNEY SPECIALTY CENTER, INC.") == 2
