"""CMS's results files, of every known vintage and every way in which they go wrong."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

import sharedsavings as ss
from sharedsavings import puf

# Rows and sums of the copies in the data folder: CMS's totals for the years, see its README. CMS announced
# $2.52 billion earned for 2022 and $4.1 billion for 2024.
TOTALS = {
    2022: {
        "rows": 482,
        "beneficiaries": 10_418_297,
        "benchmark": 120_053_783_761,
        "earned": 2_524_453_557,
        "paid": 304,
        "owed": 0,
        "owing": 0,
    },
    2024: {
        "rows": 476,
        "beneficiaries": 10_326_340,
        "benchmark": 139_712_597_928,
        "earned": 4_124_206_556,
        "paid": 359,
        "owed": -19_966_437,
        "owing": 16,
    },
}
SPENT = {2022: 115_724_458_104, 2024: 133_131_051_324}


@pytest.mark.parametrize("year", TOTALS)
def test_a_file_of_cms_is_read_whole(door, cms_data, year):
    frame = ss.read_puf(cms_data / "mssp_puf" / f"py{year}.csv", backend=door.name)
    earned = [v for v in door.read(frame, "published_earned") if v is not None]
    assert {
        "rows": len(door.read(frame, "aco_id")),
        "beneficiaries": sum(door.read(frame, "beneficiaries")),
        "benchmark": sum(door.read(frame, "benchmark")),
        "earned": sum(v for v in earned if v > 0),
        "paid": sum(v > 0 for v in earned),
        "owed": sum(v for v in earned if v < 0),
        "owing": sum(v < 0 for v in earned),
    } == TOTALS[year]
    assert set(door.read(frame, "performance_year")) == {year}
    assert set(door.read(frame, "track")) <= {"A", "B", "C", "D", "E", "EN"}
    # Moved by a dollar in some rows, to agree with the printed difference.
    assert abs(sum(door.read(frame, "expenditures")) - SPENT[year]) <= 10
    shares = ("quality_score", "published_sharing_rate", "published_minimum_rate", "published_savings_rate")
    for name in shares:
        assert all(-1 < v <= 1 for v in door.read(frame, name) if v is not None)


@pytest.mark.parametrize("year", TOTALS)
def test_printed_columns_agree_with_each_other(cms_data, year):
    columns = puf.load(cms_data / "mssp_puf" / f"py{year}.csv").columns
    rows = zip(
        columns["benchmark"],
        columns["expenditures"],
        columns["published_savings"],
        columns["published_savings_rate"],
        strict=True,
    )
    for benchmark, spent, savings, rate in rows:
        assert benchmark - spent == savings
        # Printed in percent with two decimals.
        assert abs(rate - savings / benchmark) <= 0.000051


def test_known_rows_are_read_as_they_stand(cms_data):
    early = puf.load(cms_data / "mssp_puf" / "py2022.csv").columns
    first = {name: values[0] for name, values in early.items()}
    assert first["aco_id"] == "A1001"
    assert first["aco_name"] == "Palm Beach Accountable Care Organization"
    assert first["agreement_start"] == dt.date(2019, 7, 1)
    assert (first["track"], first["quality_score"], first["quality_standard_met"]) == ("EN", 0.8941, True)
    assert (first["elected_rate"], first["published_minimum_rate"], first["low_revenue"]) == (0.02, 0.02, True)
    assert (first["published_sharing_rate"], first["disaster_relief"]) == (0.75, None)
    second = {name: values[1] for name, values in early.items()}
    # A one-sided ACO elects nothing; its 2.40 % is the size scale.
    assert (second["track"], second["elected_rate"], second["published_minimum_rate"]) == ("B", None, 0.024)
    late = puf.load(cms_data / "mssp_puf" / "py2024.csv").columns
    last = {name: values[1] for name, values in late.items()}
    assert (last["aco_id"], last["aco_name"]) == ("A1026", "AHS ACO, LLC")
    assert (last["agreement_start"], last["guardrail"]) == (dt.date(2024, 1, 1), False)
    assert (last["elected_rate"], last["alternative_standard_met"]) == (0.015, None)


def test_notes_tell_what_was_read_otherwise_than_it_stands(cms_data):
    notes = puf.load(cms_data / "mssp_puf" / "py2024.csv").notes
    assert "Sav_rate read as percentages" in notes
    assert any("expenditures of 116 rows moved by $1" in note for note in notes)
    assert any("elected_rate inferred" in note for note in notes)


def test_a_part_of_a_file_is_read_like_the_whole(cms_data, tmp_path):
    """Rates such as 0.5 look like fractions where no larger one stands beside them."""
    path = cms_data / "mssp_puf" / "py2024.csv"
    whole = puf.load(path).columns
    with open(path, newline="", encoding="utf-8-sig") as file:
        heading, *rows = csv.reader(file)
    for at, row in enumerate(rows):
        part = tmp_path / "part.csv"
        write(part, [heading, row])
        assert {name: values[0] for name, values in puf.load(part).columns.items()} == {
            name: values[at] for name, values in whole.items()
        }


# ---- files made here, from CMS's headings of years whose data are not at hand


def write(path: Path, rows: list[list[str]], **options: Any) -> Path:
    encoding = options.pop("encoding", "utf-8")
    with open(path, "w", newline="", encoding=encoding) as file:
        csv.writer(file, lineterminator=options.pop("end", "\n")).writerows(rows)
    return path


def headings(cms_data: Path, year: int) -> list[str]:
    return (cms_data / "mssp_puf" / "headers" / f"py{year}.csv").read_text("utf-8-sig").strip().split(",")


COMMON = {
    "ACO_ID": "A9001",
    "ACO_Name": "Example Care, Inc.",
    "N_AB": "60,000",
    "ABtotBnchmk": "500,000,000",
    "ABtotExp": "487,000,000",
    "BnchmkMinExp": "13,000,000",
    "GenSaveLoss": "13,000,000",
    "EarnSaveLoss": "5,096,000",
    "DisAdj": "-",
    "Risk_Model": "One-Sided",
    "Rev_Exp_Cat": "High Revenue",
    "Met_QPS": "1",
}
LOSS = {
    "ACO_ID": "A9002",
    "ABtotBnchmk": "$130,000,000",
    "ABtotExp": "$132,600,000",
    "BnchmkMinExp": "-2,600,000",
    "GenSaveLoss": "-2,600,000",
    "EarnSaveLoss": "-1,686,750",
    "DisAdj": "-263,250",
    "Risk_Model": "Two-Sided",
    "Rev_Exp_Cat": "Low Revenue",
}
PERCENT_2023 = {
    "Current_Start_Date": "01/01/2019",
    "Current_Track": "B",
    "Sav_rate": "2.60%",
    "MinSavPerc": "2.00%",
    "FinalShareRate": "40.00%",
    "FinalLossRate": "-",
    "QualScore": "80.00%",
    "Met_AltQPS": "0",
}
LOSS_2023 = {
    **PERCENT_2023,
    "Current_Track": "EN",
    "Sav_rate": "-2.00%",
    "MinSavPerc": "1.00%",
    "FinalLossRate": "75.00%",
    "QualScore": "*",
    "Met_QPS": "0",
}
FRACTIONS_2021 = {
    "Initial_Start_Date": "42736",
    "Current_Start_Date": "43647",
    "Sav_Rate": "0.026",
    "MinSavPerc": "0.02",
    "QualScore": "80",
    "MaxShareRate": "40%",
    "FinalShareRate": "40%",
    "Current_BASIC_B": "1",
}
LOSS_2021 = {
    **FRACTIONS_2021,
    "Sav_Rate": "-0.02",
    "MinSavPerc": "0.01",
    "Met_QPS": "0",
    "Current_BASIC_B": "0",
    "Current_ENHANCED": "1",
    "FinalShareRate": "",
    "QualScore": ".",
}


def table(cms_data: Path, year: int, *rows: dict[str, str]) -> list[list[str]]:
    names = headings(cms_data, year)
    for row in rows:
        assert set(row) <= set(names)
    blank = {2021: "", 2023: "-"}[year]
    return [names, *([row.get(name, blank) for name in names] for row in rows)]


def rows_of_2023(cms_data: Path) -> list[list[str]]:
    return table(cms_data, 2023, COMMON | PERCENT_2023, COMMON | LOSS | LOSS_2023)


def rows_of_2021(cms_data: Path) -> list[list[str]]:
    return table(cms_data, 2021, COMMON | FRACTIONS_2021, COMMON | LOSS | LOSS_2021)


@pytest.mark.parametrize("year", [2021, 2023])
@pytest.mark.parametrize(
    "form",
    [{}, {"encoding": "utf-8-sig"}, {"end": "\r\n"}, {"encoding": "utf-8-sig", "end": "\r\n"}],
    ids=["plain", "byte order mark", "CRLF", "both"],
)
def test_vintages_without_data_are_read_from_their_headings_and_settled(door, cms_data, tmp_path, year, form):
    rows = rows_of_2021(cms_data) if year == 2021 else rows_of_2023(cms_data)
    frame = ss.read_puf(write(tmp_path / "made.csv", rows, **form), backend=door.name)
    read = {name: door.read(frame, name) for name in door.columns(frame)}
    assert read["performance_year"] == [year, year]
    assert read["track"] == (["B", "ENHANCED"] if year == 2021 else ["B", "EN"])
    assert read["beneficiaries"] == [60_000, 60_000]
    assert read["benchmark"] == [500_000_000, 130_000_000]
    assert read["expenditures"] == [487_000_000, 132_600_000]
    assert read["published_savings_rate"] == [0.026, -0.02]
    assert read["published_minimum_rate"] == [0.02, 0.01]
    assert read["elected_rate"] == [None, 0.01]
    assert read["quality_score"] == [0.8, None]
    assert read["quality_standard_met"] == [True, False]
    assert read["disaster_relief"] == [None, 263_250]
    assert read["low_revenue"] == [False, True]
    start = dt.date(2019, 7, 1) if year == 2021 else dt.date(2019, 1, 1)
    assert [v.date() if isinstance(v, dt.datetime) else v for v in read["agreement_start"]] == [start] * 2
    # A level B gain of example 8 and an ENHANCED loss of example 10 of CMS's specification.
    assert door.read(ss.settle(frame).frame, "earned") == [5_096_000.0, -1_686_750.0]
    assert ss.reconcile(tmp_path / "made.csv").unexplained == 0


def test_fractions_and_percent_strings_of_one_quantity_are_the_same(cms_data, tmp_path):
    plain = {"Sav_rate": "0.026", "MinSavPerc": "0.02", "FinalShareRate": "0.4", "QualScore": "0.8"}
    numbers = {"Sav_rate": "2.6", "MinSavPerc": "2", "FinalShareRate": "40", "QualScore": "80"}
    percent = write(tmp_path / "percent.csv", table(cms_data, 2023, COMMON | PERCENT_2023))
    expected = puf.load(percent).columns
    for name, cells in (("fractions", plain), ("numbers", numbers)):
        path = write(tmp_path / f"{name}.csv", table(cms_data, 2023, COMMON | PERCENT_2023 | cells))
        assert puf.load(path).columns == expected


@pytest.mark.parametrize("missing", ["", "-", "*", ".", "NA", "N/A"])
def test_every_mark_of_a_missing_value_is_null(cms_data, tmp_path, missing):
    path = write(tmp_path / "made.csv", table(cms_data, 2023, COMMON | PERCENT_2023 | {"QualScore": missing}))
    assert puf.load(path).columns["quality_score"] == [None]


@pytest.mark.parametrize("track", ["1", "2", "3"])
def test_flags_of_2021_for_older_tracks_are_read_and_settled(cms_data, tmp_path, track):
    # 50, 60 and 75 % of thirteen million, less 2 %.
    share, earned = {"1": (50, "6,370,000"), "2": (60, "7,644,000"), "3": (75, "9,555,000")}[track]
    row = COMMON | FRACTIONS_2021 | {"Current_BASIC_B": "0", f"Current_Track_{track}": "1", "EarnSaveLoss": earned}
    row |= {"MaxShareRate": f"{share}%", "FinalShareRate": f"{share}%"}
    path = write(tmp_path / "made.csv", table(cms_data, 2021, row))
    frame = ss.read_puf(path)
    assert frame["track"].tolist() == [track]
    assert ss.settle(frame).frame["earned"].tolist() == [float(earned.replace(",", ""))]
    result = ss.reconcile(path)
    assert (result.unexplained, result.differences.rows) == (0, [])


def test_the_year_may_be_said_and_must_be_right(cms_data, tmp_path):
    path = write(tmp_path / "made.csv", rows_of_2023(cms_data))
    assert puf.load(path, 2023).performance_year == 2023
    with pytest.raises(
        ss.InputError, match=r"not a results file of performance year 2024: it lacks .*its headings are"
    ):
        ss.read_puf(path, performance_year=2024)
    with pytest.raises(ss.InputError, match=r"performance_year=2010 has no known layout\. Known years are 2021, 2022"):
        ss.read_puf(path, performance_year=2010)


def test_frames_of_the_kind_that_is_asked_for_come_back(door, cms_data, tmp_path):
    path = write(tmp_path / "made.csv", rows_of_2023(cms_data))
    assert type(ss.read_puf(path, backend=door.name)) is type(door.frame({"a": [1]}))
    with pytest.raises(ss.InputError, match="backend='excel': choose from pandas, polars, pyarrow"):
        ss.read_puf(path, backend="excel")


def test_a_heading_line_alone_is_a_file_of_no_rows(cms_data, tmp_path):
    path = write(tmp_path / "made.csv", table(cms_data, 2023))
    frame = ss.read_puf(path)
    assert len(frame) == 0
    assert len(ss.settle(frame).frame) == 0
    assert ss.reconcile(path).unexplained == 0


def test_blank_lines_and_spaces_about_cells_are_left_out(cms_data, tmp_path):
    rows = rows_of_2023(cms_data)
    spaced = [[f" {cell} " for cell in row] for row in rows]
    path = write(tmp_path / "made.csv", [spaced[0], [], spaced[1], ["", ""], spaced[2], []])
    plain = write(tmp_path / "plain.csv", rows)
    assert puf.load(path).columns == puf.load(plain).columns


# ---- what goes wrong


def spoilt(rows: list[list[str]], column: str, cell: str) -> list[list[str]]:
    at = rows[0].index(column)
    return [rows[0], rows[1], [*rows[2][:at], cell, *rows[2][at + 1 :]]]


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
        ("Current_Start_Date", "2019"),
        ("Current_Start_Date", "July 2019"),
        ("Current_Start_Date", "13/01/2019"),
        ("Current_Start_Date", "99999999"),
        ("Current_Start_Date", "²"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(cms_data, tmp_path, column, cell):
    path = write(tmp_path / "made.csv", spoilt(rows_of_2023(cms_data), column, cell))
    with pytest.raises(ss.InputError) as caught:
        ss.read_puf(path)
    assert str(caught.value).startswith(f"made.csv: column `{column}`: row 1 holds {cell!r}, which cannot be read")


@pytest.mark.parametrize("flags", [{}, {"Current_BASIC_A": "1", "Current_ENHANCED": "1"}], ids=["none", "two"])
def test_a_row_has_one_track(cms_data, tmp_path, flags):
    row = COMMON | FRACTIONS_2021 | {"Current_BASIC_B": "0"} | flags
    path = write(tmp_path / "made.csv", table(cms_data, 2021, row))
    with pytest.raises(ss.InputError, match=rf"made\.csv: row 0 is marked with {len(flags)} tracks"):
        ss.read_puf(path)


@pytest.mark.parametrize("column", ["N_AB", "QualScore", "Risk_Model", "Rev_Exp_Cat", "EarnSaveLoss"])
def test_a_column_that_is_missing_is_named(cms_data, tmp_path, column):
    rows = rows_of_2023(cms_data)
    at = rows[0].index(column)
    path = write(tmp_path / "made.csv", [[*row[:at], *row[at + 1 :]] for row in rows])
    with pytest.raises(
        ss.InputError, match=rf"made\.csv: column `{column}` is missing\. It is part of the 2023 layout"
    ):
        ss.read_puf(path)


def test_a_heading_that_stands_twice_is_refused(cms_data, tmp_path):
    rows = [[*row, "x"] for row in rows_of_2023(cms_data)]
    rows[0][-1] = "N_AB"
    with pytest.raises(ss.InputError, match=r"made\.csv: heading `N_AB` stands twice"):
        ss.read_puf(write(tmp_path / "made.csv", rows))


def test_a_row_that_is_cut_off_is_refused(cms_data, tmp_path):
    rows = rows_of_2023(cms_data)
    rows[2] = rows[2][:40]
    with pytest.raises(ss.InputError, match=r"made\.csv: row 1 has 40 cells where the heading has \d+"):
        ss.read_puf(write(tmp_path / "made.csv", rows))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\n\n,,\n", "empty"),
        (b"<!DOCTYPE html>\n<html><body>Access denied</body></html>", "not a known layout .*<!DOCTYPE html>"),
        (b"ACO_ID,ACO_Name\nA1,Caf\xe9\n", "not UTF-8 text .* at byte 22.*Save it as CSV UTF-8"),
        ("ACO_ID,ACO_Name\n".encode("utf-16"), "not UTF-8 text"),
        (b"PK\x03\x04\xff\xfe", "not UTF-8 text"),
        (b"ACO_ID," + b"x" * 200_000, "not a CSV file"),
        (
            b"ACO_Num,year,ACO_Name\n1,2016,x\n",
            "not a known layout .*Known performance years are 2021, 2022, 2023, 2024",
        ),
    ],
    ids=["nothing", "blank lines", "HTML", "latin-1", "UTF-16", "spreadsheet", "endless cell", "another vintage"],
)
def test_a_file_that_is_no_results_file_is_refused_by_name(tmp_path, content, message):
    path = tmp_path / "made.csv"
    path.write_bytes(content)
    with pytest.raises(ss.InputError, match=rf"^made\.csv: {message}"):
        ss.read_puf(path)


def test_older_files_of_cms_are_refused_by_name(cms_data):
    for name in ("py2013.csv", "py2014.csv", "py2017.csv", "py2018.csv", "py2020.csv", "aco_id_crosswalk.csv"):
        with pytest.raises(ss.InputError, match=f"^{name}: not a known layout of CMS's results file"):
            ss.read_puf(cms_data / "mssp_puf" / name)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.csv"):
        ss.read_puf(tmp_path / "nowhere.csv")
