"""CMS's published settlements of every year computed again."""

from __future__ import annotations

import pytest

import sharedsavings as ss
from conftest import ROOT
from puf_rows import source

REVENUE = "limited by participant revenue, which CMS does not publish"
ZERO_RATE = "final sharing rate of 0 in the file, and no column that says why"
SIZE = "fewer beneficiaries than the size scale covers; the file's own minimum rate was not passed"
QUALITY = "within what the printed quality score allows"

# File: rows, savings or losses, generated exact, earned within $1, within quality score, not reproducible, unexplained.
EXPECTED = {
    "py2013.csv": ("220", "53", "-", "220", "0", "0", "0"),
    "py2013_as_published_mislabelled.csv": ("220", "53", "-", "220", "0", "0", "0"),
    "py2014.csv": ("333", "92", "333", "331", "0", "2", "0"),
    "py2014_rounded_release.csv": ("333", "92", "333", "267", "64", "2", "0"),
    "py2015.csv": ("392", "120", "392", "298", "93", "1", "0"),
    "py2017.csv": ("472", "173", "471", "335", "136", "1", "0"),
    "py2018.csv": ("548", "275", "548", "372", "176", "0", "0"),
    "py2019_january_starts.csv": ("475", "295", "475", "272", "202", "1", "0"),
    "py2019_july_starts_excerpt14.csv": ("14 of 205 or 475", "12", "14", "3", "11", "0", "0"),
    "py2020.csv": ("513", "346", "513", "270", "243", "0", "0"),
    "py2022.csv": ("482", "319", "482", "481", "0", "1", "0"),
    "py2024.csv": ("476", "375", "476", "476", "0", "0", "0"),
}
NOT_REPRODUCED = [
    ("2014", "py2014.csv", "A80939", "1", "1,664,102", "0", ZERO_RATE),
    ("2014", "py2014.csv", "A23913", "1", "1,433,842", "0", ZERO_RATE),
    ("2014", "py2014_rounded_release.csv", "A80939", "1", "1,664,102", "0", ZERO_RATE),
    ("2014", "py2014_rounded_release.csv", "A23913", "1", "1,433,842", "0", ZERO_RATE),
    ("2015", "py2015.csv", "A92615", "1", "599,844", "0", ZERO_RATE),
    ("2017", "py2017.csv", "A05696", "1", "-", "0", SIZE),
    ("2019", "py2019_january_starts.csv", "A2392", "1+", "-2,561,463", "-2,074,092", REVENUE),
    ("2022", "py2022.csv", "A1070", "D", "-6,262,716", "0", REVENUE),
]


@pytest.fixture(scope="module")
def result(cms_data):
    """All files at once, the latest first."""
    return ss.reconcile(*(source(cms_data, name) for name in reversed(EXPECTED)), backend="polars")


def test_every_settlement_that_cms_published_is_computed_but_for_what_it_does_not_publish(result):
    assert {row[1]: row[2:] for row in result.table.rows} == EXPECTED
    assert sorted(result.differences.rows) == sorted(NOT_REPRODUCED)
    assert result.unexplained == 0


def test_lines_are_by_year_whatever_the_order_of_the_files(result):
    years = [row[0] for row in result.table.rows]
    assert years == sorted(years)
    assert [row[0] for row in result.differences.rows] == sorted(row[0] for row in result.differences.rows)


def test_each_file_alone_gives_its_own_line(cms_data, result):
    for name, expected in EXPECTED.items():
        alone = ss.reconcile(source(cms_data, name))
        assert [row[1:] for row in alone.table.rows] == [(name, *expected)]
        assert alone.differences.rows == [row for row in result.differences.rows if row[1] == name]


def test_generated_is_equal_to_the_dollar_in_every_row_that_is_settled(result):
    """All years but 2013, whose file has no such column; one row of 152 people cannot be settled."""
    compared = 0
    for row in result.frame.iter_rows(named=True):
        if row["published_generated"] is None:
            assert row["performance_year"] == 2013
        elif row["generated"] is None:
            assert row["aco_id"] == "A05696"
        else:
            assert row["generated_as_printed"] == row["published_generated"], row["aco_id"]
            compared += 1
    assert compared == 4_478 - 440 - 1


def test_only_one_sided_losses_of_2018_and_2019_are_printed_but_not_shared(result):
    by_convention = {}
    for row in result.frame.iter_rows(named=True):
        if row["generated"] == row["generated_as_printed"]:
            continue
        by_convention[row["file"]] = by_convention.get(row["file"], 0) + 1
        assert (row["generated"], row["earned"], row["published_earned"]) == (0, 0, 0)
        assert row["generated_as_printed"] < 0
        assert row["track"] in ("1", "A", "B")
        assert row["reason"] == "no_downside_risk"
    assert by_convention == {"py2018.csv": 59, "py2019_january_starts.csv": 50}


def test_what_rests_on_a_printed_score_is_never_worse_than_a_hundredth_of_a_percent(result):
    """But for the later release of 2014, which rounds scores to whole percent."""
    worst = {}
    for row in result.frame.iter_rows(named=True):
        if row["verdict"] == QUALITY:
            share = abs(row["earned"] - row["published_earned"]) / abs(row["published_earned"])
            worst[row["file"]] = max(worst.get(row["file"], 0), share)
            # The bound of one half of the last printed decimal at the highest rate of any track, and a dollar.
            half = 0.005 if "rounded" in row["file"] else 0.00005
            bound = abs(row["published_generated"]) * 0.75 * half + 1
            assert abs(row["earned"] - row["published_earned"]) <= bound
            assert row["earned_least"] - 1 <= row["published_earned"] <= row["earned_most"] + 1
    assert worst.pop("py2014_rounded_release.csv") < 0.0056
    assert sorted(worst) == ["py2015.csv", "py2017.csv", "py2018.csv", "py2019_january_starts.csv",
                             "py2019_july_starts_excerpt14.csv", "py2020.csv"]  # fmt: skip
    assert max(worst.values()) < 0.0001


def test_a_score_that_does_not_enter_a_payment_allows_nothing(result):
    for row in result.frame.iter_rows(named=True):
        if row["performance_year"] in (2013, 2022) or row["earned"] is None:
            continue
        spread = row["earned_most"] - row["earned_least"]
        if row["track"] in ("1+", "C", "D") and row["earned"] < 0:
            assert spread == 0
        if not row["generated"]:
            assert spread == 0


def test_rows_come_back_in_every_kind_of_frame(door, cms_data):
    files = [source(cms_data, name) for name in ("py2019_july_starts_excerpt14.csv", "py2022.csv", "py2013.csv")]
    done = ss.reconcile(*files, backend=door.name)
    read = {name: door.read(done.frame, name) for name in door.columns(done.frame)}
    assert len(read["verdict"]) == 14 + 482 + 220
    assert read["file"][0] == "py2013.csv"
    assert read["verdict"].count(REVENUE) == 1
    assert read["earned_equal"].count(True) == 3 + 481 + 220
    for computed, published, equal in zip(read["earned"], read["published_earned"], read["earned_equal"], strict=True):
        assert equal == (abs(computed - published) <= 1)
    assert all(note.split(": ")[0] in set(read["file"]) for note in done.notes)


def test_it_prints_as_text_and_as_html(result):
    for text in (str(result), repr(result), result._repr_html_()):
        assert "py2024.csv" in text
        assert "within quality score" in text
        assert "A05696" in text


def test_a_picture_shows_every_verdict(result, tmp_path):
    figure = result.plot()
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == [
        "equal (within $1): 3,545",
        "within the printed quality score: 925",
        "not reproducible, reason stated: 8 (1 without an amount)",
    ]
    both, apart = figure.axes
    assert sum(len(points.get_offsets()) for points in both.collections) == 4_478
    assert [text.get_text() for text in apart.get_xticklabels()] == ["2013", "2014", "2015", "2017", "2018", "2019",
                                                                     "2020", "2022", "2024"]  # fmt: skip
    figure.savefig(tmp_path / "made.png")
    assert (tmp_path / "made.png").stat().st_size > 20_000


def test_the_legend_of_a_picture_is_of_full_colours(result):
    handles = result.plot().legends[0].legend_handles
    assert [handle.get_alpha() for handle in handles] == [1, 1, 1]
    assert all(handle.get_sizes()[0] > 40 for handle in handles)
    assert len({tuple(handle.get_facecolor()[0]) for handle in handles}) == 3


def test_a_file_is_asked_for():
    with pytest.raises(ss.InputError, match="no file given"):
        ss.reconcile()


@pytest.mark.parametrize("name", [name for name in EXPECTED if "mislabelled" not in name])
def test_every_published_row_is_explained_to_the_cent(cms_data, name):
    settled = ss.settle(ss.read_puf(source(cms_data, name), backend="polars"), invalid="null")
    earned = settled.frame["earned"].to_list()
    for row in range(0, len(earned), 9):
        if earned[row] is None:
            continue
        value = {step.name: step.value for step in settled.explain(row).steps}["earned"]
        assert float(value.replace("$", "").replace(",", "")) == earned[row]


def test_the_document_shows_what_is_printed(result):
    text = (ROOT / "docs" / "puf.md").read_text("utf-8")
    lines = [line.split() for line in text.splitlines()]
    for table in (result.table, result.differences):
        for row in table.rows:
            assert " ".join(row).split() in lines, row
