"""Results files of the years of which only the headings are at hand, and every unit in which CMS prints."""

from __future__ import annotations

import datetime as dt

import pytest

import sharedsavings as ss
from puf_rows import GAIN_2021, GAIN_2023, MADE, changed, made, source, table, write
from sharedsavings import puf


@pytest.mark.parametrize("year", MADE)
@pytest.mark.parametrize(
    "form",
    [{}, {"encoding": "utf-8-sig"}, {"end": "\r\n"}, {"encoding": "utf-8-sig", "end": "\r\n"}],
    ids=["plain", "byte order mark", "CRLF", "both"],
)
def test_vintages_without_data_are_read_from_their_headings_and_settled(door, cms_data, tmp_path, year, form):
    path = write(tmp_path / "made.csv", made(cms_data, year), **form)
    frame = ss.read_puf(path, backend=door.name)
    columns = {name: door.read(frame, name) for name in door.columns(frame)}
    assert columns["performance_year"] == [year, year]
    assert columns["aco_id"] == {2016: ["A67373", "A00001"]}.get(year, ["A9001", "A9002"])
    assert columns["track"] == {2016: ["1", "3"], 2021: ["B", "ENHANCED"], 2023: ["B", "EN"]}[year]
    assert columns["beneficiaries"] == [60_000, 60_000]
    assert columns["benchmark"] == [500_000_000, 130_000_000]
    assert columns["expenditures"] == [487_000_000, 132_600_000]
    assert columns["published_savings_rate"] == [0.026, -0.02]
    assert columns["published_minimum_rate"] == [0.02, 0.01]
    assert columns["elected_rate"] == [None, 0.01]
    assert columns["quality_score"] == ([0.908, 0.908] if year == 2016 else [0.8, None])
    assert columns["quality_standard_met"] == [True, year == 2016]
    if year > 2016:
        assert columns["disaster_relief"] == [None, 263_250]
        assert columns["low_revenue"] == [False, True]
    start = {2016: dt.date(2016, 1, 1), 2021: dt.date(2019, 7, 1), 2023: dt.date(2019, 1, 1)}[year]
    assert [v.date() if isinstance(v, dt.datetime) else v for v in columns["agreement_start"]] == [start] * 2
    # 13,000,000 x 0.5 x 0.908 x 0.98 in 2016, and examples 8 and 10 of CMS's specification after.
    expected = [5_783_960.0, -1_040_000.0] if year == 2016 else [5_096_000.0, -1_686_750.0]
    assert door.read(ss.settle(frame).frame, "earned") == expected
    result = ss.reconcile(path)
    part = {2016: "2 of 432", 2021: "2 of 475", 2023: "2 of 453"}[year]
    assert result.table.rows == [(str(year), "made.csv", part, "2", "2", "2", "0", "0", "0")]


def test_pay_for_reporting_of_2016_is_a_full_score(cms_data, tmp_path):
    rows = table(cms_data, 2016, MADE[2016][0] | {"QualScore": "P4R"})
    assert puf.load(write(tmp_path / "made.csv", rows)).columns["quality_score"] == [1.0]


def test_fractions_percentages_and_percent_strings_of_one_quantity_are_the_same(cms_data, tmp_path):
    plain = {"Sav_rate": "0.026", "MinSavPerc": "0.02", "FinalShareRate": "0.4", "QualScore": "0.8"}
    numbers = {"Sav_rate": "2.6", "MinSavPerc": "2", "FinalShareRate": "40", "QualScore": "80"}
    expected = puf.load(write(tmp_path / "percent.csv", table(cms_data, 2023, GAIN_2023))).columns
    for name, cells in (("fractions", plain), ("numbers", numbers)):
        path = write(tmp_path / f"{name}.csv", table(cms_data, 2023, GAIN_2023 | cells))
        assert puf.load(path).columns == expected


@pytest.mark.parametrize("elected", ["0", "0.00%", "0.0000"])
@pytest.mark.parametrize(("rate", "expected"), [("0.026", 0.026), ("2.60%", 0.026)])
def test_a_file_of_elected_zeros_is_read_by_its_sign_or_its_vintage(cms_data, tmp_path, elected, rate, expected):
    row = GAIN_2021 | {"Current_BASIC_B": "0", "Current_ENHANCED": "1", "MinSavPerc": elected, "Sav_Rate": rate}
    columns = puf.load(write(tmp_path / "made.csv", table(cms_data, 2021, row))).columns
    assert columns["published_savings_rate"] == [expected]
    assert columns["elected_rate"] == [0.0]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("7/1/2019", dt.date(2019, 7, 1)),
        ("07/01/2019", dt.date(2019, 7, 1)),
        ("7/1/19", dt.date(2019, 7, 1)),
        ("7/1/19 00:00", dt.date(2019, 7, 1)),
        ("07/01/2019 12:00:00 AM", dt.date(2019, 7, 1)),
        ("2019-07-01", dt.date(2019, 7, 1)),
        ("43647", dt.date(2019, 7, 1)),
    ],
)
def test_every_way_in_which_cms_writes_a_date_is_read(cms_data, tmp_path, cell, day):
    rows = table(cms_data, 2023, GAIN_2023 | {"Current_Start_Date": cell})
    assert puf.load(write(tmp_path / "made.csv", rows)).columns["agreement_start"] == [day]


@pytest.mark.parametrize("missing", ["", "-", "*", ".", "NA", "N/A"])
def test_every_mark_of_a_missing_value_is_null(cms_data, tmp_path, missing):
    path = write(tmp_path / "made.csv", table(cms_data, 2023, GAIN_2023 | {"QualScore": missing}))
    assert puf.load(path).columns["quality_score"] == [None]


def test_tracks_of_2021_that_ran_out_are_settled_too(cms_data, tmp_path):
    flags = {"Current_BASIC_B": "0", "Current_Track_1": "1", "EarnSaveLoss": "6,370,000", "MaxShareRate": "50%"}
    path = write(tmp_path / "made.csv", table(cms_data, 2021, GAIN_2021 | flags))
    assert ss.read_puf(path)["track"].tolist() == ["1"]
    assert ss.reconcile(path).unexplained == 0


def test_the_year_may_be_said_and_must_be_right(cms_data, tmp_path):
    path = write(tmp_path / "made.csv", made(cms_data, 2023))
    assert puf.load(path, 2023).performance_year == 2023
    with pytest.raises(
        ss.InputError, match=r"not a results file of performance year 2024: it lacks .*its headings are those of 2023"
    ):
        ss.read_puf(path, performance_year=2024)
    with pytest.raises(ss.InputError, match=r"performance_year=2010 has no known layout\. Known years are 2013, 2014"):
        ss.read_puf(path, performance_year=2010)


def test_every_file_is_of_one_year_only(cms_data):
    names = [path.name for path in (cms_data / "mssp_puf").glob("py*.csv")]
    for name in names:
        year = int(name[2:6])
        for said in range(2013, 2025):
            if said == year:
                assert puf.load(source(cms_data, name), said).performance_year == year
            else:
                with pytest.raises(ss.InputError, match=f"^{name}: not a results file of performance year {said}"):
                    ss.read_puf(source(cms_data, name), said)


def test_a_column_of_years_must_not_say_otherwise(cms_data, tmp_path):
    path = changed(source(cms_data, "py2017.csv"), tmp_path / "made.csv", 4, year="2016")
    with pytest.raises(ss.InputError, match=r"column `year` says 2016, 2017, but the headings are those of 2017"):
        ss.read_puf(path)


def test_frames_of_the_kind_that_is_asked_for_come_back(door, cms_data, tmp_path):
    path = write(tmp_path / "made.csv", made(cms_data, 2023))
    assert type(ss.read_puf(path, backend=door.name)) is type(door.frame({"a": [1]}))
    with pytest.raises(ss.InputError, match="backend='excel': choose from pandas, polars, pyarrow"):
        ss.read_puf(path, backend="excel")


def test_blank_lines_and_spaces_about_cells_are_left_out(cms_data, tmp_path):
    rows = made(cms_data, 2023)
    spaced = [[f" {cell} " for cell in row] for row in rows]
    path = write(tmp_path / "made.csv", [spaced[0], [], spaced[1], ["", ""], spaced[2], []])
    plain = write(tmp_path / "plain.csv", rows)
    assert puf.load(path).columns == puf.load(plain).columns


def test_strange_cells_of_other_columns_are_null_and_told(cms_data, tmp_path):
    path = changed(source(cms_data, "py2024.csv"), tmp_path / "made.csv", 3, UpdatedBnchmk="see note")
    file = puf.load(path, everything=True)
    assert file.columns["UpdatedBnchmk"][3] is None
    assert file.columns["UpdatedBnchmk"][4] is not None
    note = "UpdatedBnchmk: 1 cells that are no numbers read as null, first 'see note' in row 3"
    assert note in file.notes
