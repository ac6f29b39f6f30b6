"""Results files with one thing wrong that still look like results files: refused, or told, never another number."""

from __future__ import annotations

import pytest

import sharedsavings as ss
from puf_rows import MADE, changed, made, read, source, write
from sharedsavings import puf

FILES = ["py2013.csv", "py2013_as_published_mislabelled.csv", "py2014.csv", "py2014_rounded_release.csv", "py2015.csv",
         "py2017.csv", "py2018.csv", "py2019_january_starts.csv", "py2019_july_starts_excerpt14.csv", "py2020.csv",
         "py2022.csv", "py2024.csv"]  # fmt: skip


def one_heading_less(rows):
    """The file without each of its columns in turn, and with each heading renamed."""
    for at, heading in enumerate(rows[0]):
        yield heading, [[*row[:at], *row[at + 1 :]] for row in rows]
        yield heading, [[*rows[0][:at], f"{heading}_renamed", *rows[0][at + 1 :]], *rows[1:]]


@pytest.mark.parametrize("name", [*FILES, *MADE])
def test_a_heading_that_is_lost_leaves_the_year_or_the_file_is_refused(cms_data, tmp_path, name):
    """Told by the headings alone: the rows are too few to tell."""
    rows = made(cms_data, name) if isinstance(name, int) else read(source(cms_data, name))[:8]
    right = puf.load(write(tmp_path / "made.csv", rows)).columns
    tried = refused = 0
    for heading, damaged in one_heading_less(rows):
        tried += 1
        try:
            columns = puf.load(write(tmp_path / "made.csv", damaged)).columns
        except ss.InputError:
            refused += 1
            continue
        for column in ("performance_year", "half_year", "benchmark", "track", "quality_score"):
            assert columns.get(column) == right.get(column), (heading, column)
    assert 10 < refused < tried


@pytest.mark.parametrize(
    ("name", "headings", "message"),
    [
        ("py2019_july_starts_excerpt14.csv", ["Participation_Six_Months"], "it lacks Participation_Six_Months"),
        ("py2020.csv", ["RegTrndUpdt"], "it lacks RegTrndUpdt"),
        # Nothing is left that tells 2020 from the file of January 2019 but its rows.
        ("py2020.csv", ["RegTrndUpdt", "QualPerfShare", "RecvdMean"],
         "headings are those of 2019, but only as it lacks QualPerfShare, RecvdMean, RegTrndUpdt, and it has the 513 "
         "rows of 2020"),
        ("py2018.csv", ["Current_Track_1_Plus", "RevLossLimit", "Rev_Exp_Cat"],
         "headings are those of 2017, but only as it lacks Current_Track_1_Plus, RevLossLimit, and it has the 548 rows "
         "of 2018"),
    ],
)  # fmt: skip
def test_a_file_is_not_of_a_year_because_headings_of_another_are_lost(cms_data, tmp_path, name, headings, message):
    rows = read(source(cms_data, name))
    rows[0] = [f"{h}_renamed" if h in headings else h for h in rows[0]]
    with pytest.raises(ss.InputError, match=message):
        ss.reconcile(write(tmp_path / "made.csv", rows))


@pytest.mark.parametrize(
    ("name", "column", "row", "cell", "message"),
    [
        ("py2017.csv", "QualScore", 2, "88.1%", "row 2 holds '88.1%', with a percent sign .* other .1 of 472"),
        ("py2020.csv", "FinalShareRate", 5, "75%", "row 5 holds '75%', with a percent sign"),
        ("py2017.csv", "Sav_rate", 7, "4.1%", "row 7 holds '4.1%', with a percent sign"),
        ("py2018.csv", "MinSavPerc", 7, "2%", "row 7 holds '2%', "),
        ("py2022.csv", "QualScore", 3, "0.7063", "row 3 holds '0.7063', "),
        ("py2022.csv", "Sav_rate", 3, "6.87", "row 3 holds '6.87', without a percent sign"),
    ],
)
def test_one_percent_sign_does_not_rescale_a_column(cms_data, tmp_path, name, column, row, cell, message):
    path = changed(source(cms_data, name), tmp_path / "made.csv", row, **{column: cell})
    with pytest.raises(ss.InputError, match=f"^made.csv: column `{column}`: {message}"):
        ss.read_puf(path)


@pytest.mark.parametrize("cell", [
    "1.234,56", "12,34", "1,2345", "1_000", "\uff11\uff12\uff13", "1,23,456", ",123", "1 234", "1$", "--5",
])  # fmt: skip
@pytest.mark.parametrize("column", ["ABtotExp", "EarnSaveLoss", "N_AB"])
def test_a_number_in_another_notation_is_refused(cms_data, tmp_path, column, cell):
    path = changed(source(cms_data, "py2024.csv"), tmp_path / "made.csv", 4, **{column: cell})
    with pytest.raises(ss.InputError) as caught:
        ss.read_puf(path)
    assert str(caught.value).startswith(f"made.csv: column `{column}`: row 4 holds {cell!r}, which cannot be read")


@pytest.mark.parametrize(("cell", "amount"), [
    ("1,234", 1234), ("$1,234,567.50", 1234567.5), ("-$5", -5), ("$-5", -5), ("$ 1,234", 1234), ("1234", 1234),
    ("1.5e3", 1500), (".5", 0.5),
])  # fmt: skip
def test_a_number_as_cms_prints_it_is_read(cms_data, tmp_path, cell, amount):
    path = changed(source(cms_data, "py2024.csv"), tmp_path / "made.csv", 4, EarnSaveLoss=cell)
    assert puf.load(path).columns["published_earned"][4] == amount


def test_a_strange_number_of_another_column_is_null_and_told(cms_data, tmp_path):
    path = changed(source(cms_data, "py2024.csv"), tmp_path / "made.csv", 3, UpdatedBnchmk="12,34")
    file = puf.load(path, everything=True)
    assert file.columns["UpdatedBnchmk"][3] is None
    assert "UpdatedBnchmk: 1 cells that are no numbers read as null, first '12,34' in row 3" in file.notes


@pytest.mark.parametrize("name", ["py2013.csv", "py2014.csv", "py2019_january_starts.csv", "py2024.csv"])
def test_a_heading_line_alone_is_refused(cms_data, tmp_path, name):
    path = write(tmp_path / "made.csv", read(source(cms_data, name))[:1])
    with pytest.raises(ss.InputError, match=r"^made\.csv: a heading line without rows"):
        ss.read_puf(path)
    with pytest.raises(ss.InputError, match=r"^made\.csv: a heading line without rows"):
        ss.reconcile(path)


@pytest.mark.parametrize("name", FILES)
def test_an_aco_that_stands_twice_is_refused(cms_data, tmp_path, name):
    rows = read(source(cms_data, name))
    path = write(tmp_path / "made.csv", [*rows, rows[3]])
    with pytest.raises(ss.InputError, match=rf"^made\.csv: rows 2 and {len(rows) - 1} are both of ACO A\d+"):
        ss.reconcile(path)


def test_a_zero_needs_no_percent_sign(cms_data, tmp_path):
    path = changed(source(cms_data, "py2022.csv"), tmp_path / "made.csv", 3, QualScore="0")
    assert puf.load(path).columns["quality_score"][2:5] == [0.7063, 0.0, 0.786]


@pytest.mark.parametrize(("name", "rows", "part"), [
    ("py2024.csv", 300, "300 of 476"), ("py2013.csv", 219, "219 of 220"), ("py2019_january_starts.csv", 9, "9 of 475"),
])  # fmt: skip
def test_a_part_of_a_file_says_so_in_the_table(cms_data, tmp_path, name, rows, part):
    path = write(tmp_path / "made.csv", read(source(cms_data, name))[: rows + 1])
    result = ss.reconcile(path)
    assert result.unexplained == 0
    assert result.table.rows[0][2] == part
    count, _, whole = part.partition(" of ")
    note = f"made.csv: {count} rows, where CMS published {whole}: a part of a file, or one cut off"
    assert result.table.notes == (note,)
    assert note in str(result)
    assert note in result._repr_html_()


@pytest.mark.parametrize(("name", "cell", "message"), [
    ("py2024.csv", "1,382", "above 0 in 1 row, first in row 9, which holds 1382"),
    ("py2018.csv", "$5", "above 0 in 1 row"),
])  # fmt: skip
def test_relief_above_zero_is_refused(cms_data, tmp_path, name, cell, message):
    path = changed(source(cms_data, name), tmp_path / "made.csv", 9, DisAdj=cell)
    with pytest.raises(ss.InputError, match=f"^made.csv: column `DisAdj`: {message}"):
        ss.read_puf(path)


def test_minimum_rates_that_are_blank_where_one_is_elected_are_counted(cms_data, tmp_path):
    heading, *rows = read(source(cms_data, "py2024.csv"))
    rate, track = heading.index("MinSavPerc"), heading.index("Current_Track")
    electing = [row for row in rows if row[track] in ("E", "EN")]
    for row in [*electing[:3], *(row for row in rows if row[track] == "A")]:
        row[rate] = "-"
    notes = puf.load(write(tmp_path / "made.csv", [heading, *rows])).notes
    assert "no published minimum rate in 3 rows of ACOs that elect one: the size scale is taken for them" in notes
    assert not [n for n in puf.load(source(cms_data, "py2024.csv")).notes if n.startswith("no published minimum")]


@pytest.mark.parametrize("what", ["nowhere.csv", "."])
def test_a_path_that_is_no_file_is_an_input_error_of_a_reconciliation(tmp_path, what):
    with pytest.raises(ss.InputError, match=r"cannot be read \(.+\)\. Name one or more of CMS's results files"):
        ss.reconcile(tmp_path / what)


def test_whole_files_have_no_such_line(cms_data):
    table = ss.reconcile(source(cms_data, "py2024.csv"), source(cms_data, "py2013.csv")).table
    assert [row[2] for row in table.rows] == ["220", "476"]
    assert table.notes == ()
