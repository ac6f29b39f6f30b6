"""Files that are no results files, or are damaged: refused by name, column and row, never a wrong number."""

from __future__ import annotations

import pytest

import sharedsavings as ss
from puf_rows import GAIN_2021, changed, made, read, source, table, write

FILES = ["py2013.csv", "py2014.csv", "py2015.csv", "py2017.csv", "py2018.csv", "py2019_january_starts.csv",
         "py2019_july_starts_excerpt14.csv", "py2020.csv", "py2022.csv", "py2024.csv"]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("N_AB", "6000.5"),
        ("N_AB", "-6000"),
        ("N_AB", "many"),
        ("ABtotBnchmk", "1.2.3"),
        ("ABtotBnchmk", "NaN"),
        ("ABtotBnchmk", "Infinity"),
        ("EarnSaveLoss", "(1,686,750)"),
        ("Sav_rate", "2.6%%-"),
        ("QualScore", "P4R"),
        ("Met_QPS", "Y"),
        ("Met_QPS", "2"),
        ("Rev_Exp_Cat", "Medium Revenue"),
        ("Current_Start_Date", "2019"),
        ("Current_Start_Date", "July 2019"),
        ("Current_Start_Date", "13/01/2019"),
        ("Current_Start_Date", "7/1/2019 13:05"),
        ("Current_Start_Date", "99999999"),
        ("Current_Start_Date", "²"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(cms_data, tmp_path, column, cell):
    rows = made(cms_data, 2023)
    rows[2][rows[0].index(column)] = cell
    with pytest.raises(ss.InputError) as caught:
        ss.read_puf(write(tmp_path / "made.csv", rows))
    assert str(caught.value).startswith(f"made.csv: column `{column}`: row 1 holds {cell!r}, which cannot be read")


@pytest.mark.parametrize(
    ("name", "column", "cell", "message"),
    [
        ("py2017.csv", "QualScore", "101", "row 9 holds '101', a percentage where most rows hold the other"),
        ("py2017.csv", "QualScore", "1.01", "row 9 holds '1.01', which is neither a share of one nor a percentage"),
        ("py2020.csv", "QualScore", "0.9687", "row 9 holds '0.9687', a fraction where most rows hold the other"),
        ("py2020.csv", "FinalShareRate", "75", "row 9 holds '75', a percentage where most"),
        ("py2018.csv", "MinSavPerc", "2", "row 9 holds '2', a percentage where most"),
        ("py2024.csv", "MinSavPerc", "0.02", "row 9 holds '0.02', a fraction where most"),
    ],
)
def test_units_that_are_mixed_in_a_column_are_refused(cms_data, tmp_path, name, column, cell, message):
    path = changed(source(cms_data, name), tmp_path / "made.csv", 9, **{column: cell})
    with pytest.raises(ss.InputError, match=f"^made.csv: column `{column}`: {message}"):
        ss.read_puf(path)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"QualScore": "101"}, "`quality_score`: above 1 in 1 row, first in row 9"),
        ({"ABtotBnchmk": "0", "BnchmkMinExp": "0", "ABtotExp": "0"}, "`benchmark`: zero in 1 row, first in row 9"),
        ({"ABtotBnchmk": "-5"}, "`benchmark`: negative in 1 row, first in row 9"),
        ({"Current_Track": "Z"}, "`track`: unknown track in 1 row, first in row 9"),
    ],
)
def test_values_out_of_range_are_read_and_refused_by_the_verb_or_told_by_row(cms_data, tmp_path, cells, message):
    path = changed(source(cms_data, "py2024.csv"), tmp_path / "made.csv", 9, **cells)
    with pytest.raises(ss.InputError, match=message):
        ss.settle(ss.read_puf(path))
    result = ss.reconcile(path)
    assert result.unexplained == 1
    assert [row[-1].partition(":")[0] for row in result.differences.rows] == ["not settled"]


@pytest.mark.parametrize("flags", [{}, {"Current_BASIC_A": "1", "Current_ENHANCED": "1"}], ids=["none", "two"])
def test_a_row_has_one_track(cms_data, tmp_path, flags):
    path = write(tmp_path / "made.csv", table(cms_data, 2021, GAIN_2021 | {"Current_BASIC_B": "0"} | flags))
    with pytest.raises(ss.InputError, match=rf"made\.csv: row 0 is marked with {len(flags)} tracks"):
        ss.read_puf(path)


@pytest.mark.parametrize("column", ["N_AB", "QualScore", "Rev_Exp_Cat", "EarnSaveLoss", "DisAdj", "ACO_ID"])
def test_a_column_that_is_missing_or_renamed_is_named(cms_data, tmp_path, column):
    rows = made(cms_data, 2023)
    at = rows[0].index(column)
    missing = write(tmp_path / "made.csv", [[*row[:at], *row[at + 1 :]] for row in rows])
    message = rf"made\.csv: column `{column}` is missing\. It is part of the 2023 layout"
    with pytest.raises(ss.InputError, match=message):
        ss.read_puf(missing)
    renamed = write(tmp_path / "made.csv", [[*rows[0][:at], column.lower(), *rows[0][at + 1 :]], *rows[1:]])
    with pytest.raises(ss.InputError, match=message):
        ss.read_puf(renamed)


@pytest.mark.parametrize("name", FILES)
def test_no_column_that_a_settlement_rests_on_can_be_lost_unseen(cms_data, tmp_path, name):
    rows = read(source(cms_data, name))[:40]
    needed = ("N_AB", "ABtotBnchmk", "ABtotExp", "BnchmkMinExp", "MinSavPerc", "GenSaveLoss", "EarnSaveLoss",
              "QualScore", "Met_QPS", "FinalShareRate", "Current_Track", "Current_Track_1", "Track1", "Track2",
              "UpdatedBnchmk", "Total expenditures ($)", "Shared Losses ($)", "Minimum Savings Rate",
              "Track 2 ACO", "Total number of assigned beneficiaries")  # fmt: skip
    for column in needed:
        # The second July file says by a flag what the first of 2019 says by its totals.
        if column not in rows[0] or (column == "UpdatedBnchmk" and name != "py2019_january_starts.csv"):
            continue
        at = rows[0].index(column)
        path = write(tmp_path / "made.csv", [[*row[:at], *row[at + 1 :]] for row in rows])
        with pytest.raises(ss.InputError, match=r"^made\.csv: ") as caught:
            ss.read_puf(path)
        assert column in str(caught.value)


def test_a_heading_that_stands_twice_is_refused(cms_data, tmp_path):
    rows = [[*row, "x"] for row in made(cms_data, 2023)]
    rows[0][-1] = "N_AB"
    with pytest.raises(ss.InputError, match=r"made\.csv: heading `N_AB` stands twice"):
        ss.read_puf(write(tmp_path / "made.csv", rows))


def test_savings_and_losses_of_one_row_in_2013_are_refused(cms_data, tmp_path):
    path = changed(source(cms_data, "py2013.csv"), tmp_path / "made.csv", 0, **{"Shared Losses ($)": "-5"})
    with pytest.raises(ss.InputError, match=r"row 0 has both Shared Savings \(\$\) and Shared Losses"):
        ss.read_puf(path)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_cut_off_is_refused(cms_data, tmp_path, name):
    whole = source(cms_data, name).read_bytes()
    path = tmp_path / "made.csv"
    for part in (3, 5):
        start_of_row = whole.index(b"\n", len(whole) * (part - 2) // part) + 1
        path.write_bytes(whole[: start_of_row + 60])
        with pytest.raises(ss.InputError, match=r"^made\.csv: (row \d+ has \d+ cells where|not a CSV file)"):
            ss.read_puf(path)


@pytest.mark.parametrize("name", [n for n in FILES if "excerpt" not in n])
def test_rows_that_are_missing_at_the_end_are_told(cms_data, tmp_path, name):
    rows = read(source(cms_data, name))
    path = write(tmp_path / "made.csv", rows[:-1])
    note = f"{len(rows) - 2} rows, where CMS published {len(rows) - 1}: a part of a file, or one cut off"
    assert note in [row[2] for row in ss.puf_notes(path).rows]
    assert not [row for row in ss.puf_notes(source(cms_data, name)).rows if "cut off" in row[2]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\n\n,,\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"<!DOCTYPE html>\n<html><body>Access denied</body></html>", "a page of HTML, not CSV text"),
        (b'\n <html><table border="1"></table></html>', "a page of HTML, not CSV text"),
        (b"ACO_ID,ACO_Name\nA1,Caf\xe9\n", "not UTF-8 text .* at byte 22.*Save it as CSV UTF-8"),
        ("ACO_ID,ACO_Name\n".encode("utf-16"), "not UTF-8 text but UTF-16"),
        ("ACO_ID,ACO_Name\n".encode("utf-16-be"), "zero bytes in it: UTF-16 without a mark"),
        (b"PK\x03\x04\x14\x00\x06\x00", "a spreadsheet or another archive, not CSV text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old spreadsheet, not CSV text"),
        (b"\x1f\x8b\x08\x00", "compressed, not CSV text"),
        (b"%PDF-1.7\n", "a PDF, not CSV text"),
        (b"ACO_ID," + b"x" * 200_000, "not a CSV file"),
        (b'ACO_ID,ACO_Name\nA1,"never closed\n', "not a CSV file"),
        (b"ACO_ID;ACO_Name\nA1;x\n", "not a known layout .*headings begin ACO_ID;ACO_Name"),
        (b"aco,paid\n1,2\n", "not a known layout .*Known performance years are 2013, 2014, .*2023, 2024"),
    ],
    ids=["nothing", "blank lines", "a mark", "HTML", "HTML table", "latin-1", "UTF-16", "UTF-16 unmarked", "xlsx",
         "xls", "gzip", "PDF", "endless cell", "open quote", "semicolons", "another table"],
)  # fmt: skip
def test_a_file_that_is_no_results_file_is_refused_by_name(tmp_path, content, message):
    path = tmp_path / "made.csv"
    path.write_bytes(content)
    with pytest.raises(ss.InputError, match=rf"^made\.csv: {message}"):
        ss.read_puf(path)
    with pytest.raises(ss.InputError, match=rf"^made\.csv: {message}"):
        ss.reconcile(path)


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_whole_file_in_another_encoding_is_refused(cms_data, tmp_path, encoding):
    text = source(cms_data, "py2024.csv").read_text("utf-8-sig").replace("AHS ACO", "Médico ACO")
    path = tmp_path / "made.csv"
    path.write_bytes(text.encode(encoding, "replace"))
    with pytest.raises(ss.InputError, match=r"^made\.csv: not UTF-8 text.*Save it as CSV UTF-8"):
        ss.read_puf(path)


def test_a_layout_to_come_is_refused_with_the_nearest_one(cms_data, tmp_path):
    rows = read(source(cms_data, "py2024.csv"))[:3]
    rows[0][rows[0].index("Met_40pctl")] = "Met_45pctl"
    with pytest.raises(ss.InputError, match=r"The nearest is 2024, but it lacks Met_40pctl\. Known performance years"):
        ss.read_puf(write(tmp_path / "made.csv", rows))


def test_other_tables_of_cms_are_refused_by_name(cms_data):
    for name in (
        "mssp_puf/aco_id_crosswalk.csv",
        "mssp_county/county_ffs_2018.csv",
        "kcc/py2023_financial_results.csv",
    ):
        with pytest.raises(ss.InputError, match=f"^{name.partition('/')[2]}: not a known layout of CMS's results file"):
            ss.read_puf(cms_data / name)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.csv"):
        ss.read_puf(tmp_path / "nowhere.csv")
