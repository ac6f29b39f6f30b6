"""CMS's results of ACO REACH: what is read of them, held to the totals that CMS published."""

from __future__ import annotations

from decimal import Decimal

import pytest

import sharedsavings as ss
from puf_rows import changed, read, write

RESULTS = "py2021_and_py2023_financial_quality.csv"
TABLE = "py2023_results_table.csv"


@pytest.fixture(scope="module")
def results(cms_data):
    return cms_data / "aco_reach" / RESULTS


@pytest.fixture(scope="module")
def table(cms_data):
    return cms_data / "aco_reach" / TABLE


def column(frame, name) -> list:
    return frame[name].to_list()


def test_both_years_and_every_row_are_read(results):
    frame = ss.read_reach(results, backend="polars")
    years = column(frame, "performance_year")
    assert (years.count(2021), years.count(2023), len(years)) == (53, 132, 185)
    kinds = list(zip(years, column(frame, "track"), strict=True))
    assert [kinds.count(kind) for kind in ((2021, "Global"), (2021, "Professional"))] == [39, 14]
    assert [kinds.count(kind) for kind in ((2023, "Global"), (2023, "Professional"))] == [108, 24]
    assert len(column(ss.read_reach(results, 2021, backend="polars"), "aco_id")) == 53


def test_ids_are_text_and_unique_in_a_year(results, table):
    frame = ss.read_reach(results, backend="polars")
    named = set(zip(column(frame, "aco_id"), column(frame, "performance_year"), strict=True))
    assert len(named) == 185
    of_2023 = {aco_id for aco_id, year in named if year == 2023}
    assert set(column(ss.read_reach(table, backend="polars"), "aco_id")) == of_2023


def test_totals_are_those_that_cms_published(results, table):
    """Net of the table: 899,646,771; of the results file 42 dollars more, as each row is rounded there."""
    frame = ss.read_reach(results, 2023, backend="polars")
    assert round(sum(column(frame, "published_earned"))) == 899_646_813
    net = [
        amount for amount in column(ss.read_reach(table, backend="polars"), "published_earned") if amount is not None
    ]
    assert (len(net), round(sum(net))) == (131, 899_646_771)
    # CMS's statement on 2021: 47 million to the entities, net.
    first = ss.read_reach(results, 2021, backend="polars")
    assert round(sum(column(first, "published_earned"))) == 46_537_034


def test_rates_are_shares_of_one_and_agree_with_the_amounts(results, table):
    frame = ss.read_reach(results, backend="polars")
    assert sorted(set(column(frame, "published_discount"))) == [0, 0.02, 0.03]
    assert sorted(set(column(frame, "retention_withhold"))) == [0, 0.02]
    assert 0.2 <= min(column(frame, "quality_score")) < max(column(frame, "quality_score")) == 1
    names = ("published_savings_rate", "published_savings", "final_benchmark")
    for rate, savings, benchmark in frame.select(names).iter_rows():
        assert rate == pytest.approx(savings / benchmark, abs=6e-7)
    frame = ss.read_reach(table, backend="polars")
    names = ("published_savings_rate_before_discount", "published_savings_before_discount", "benchmark_before_discount")
    for rate, savings, benchmark in frame.select(names).iter_rows():
        assert rate == pytest.approx(savings / benchmark, abs=0.0051)


def test_the_health_equity_adjustment_is_in_the_benchmark(results):
    frame = ss.read_reach(results, backend="polars")
    for year, final, up, down, benchmark in frame.select(
        "performance_year", "final_benchmark", "equity_increase", "equity_decrease", "benchmark"
    ).iter_rows():
        if year == 2021:
            assert (up, down) == (None, None)
        exact = sum(Decimal(str(amount)) for amount in (final, up or 0, down or 0))
        assert abs(Decimal(str(benchmark)) - exact) <= Decimal("0.005")


def test_both_files_of_2023_are_of_the_same_acos_and_amounts(results, table):
    """The table was made from later or unrounded figures: benchmarks differ by 9 dollars at most."""
    one = {row["aco_id"]: row for row in ss.read_reach(results, 2023, backend="polars").iter_rows(named=True)}
    for row in ss.read_reach(table, backend="polars").iter_rows(named=True):
        other = one[row["aco_id"]]
        for name in ("benchmark", "expenditures"):
            assert abs(row[name] - other[name]) < 9, row["aco_id"]
        assert (row["track"], row["aco_type"]) == (other["track"], other["aco_type"])
        assert abs(row["quality_score"] - other["quality_score"]) <= 0.00501


def test_footnote_marks_are_kept_apart_from_ids(table):
    frame = ss.read_reach(table, backend="polars")
    marked = [(i, mark) for i, mark in frame.select("aco_id", "footnote").iter_rows() if mark]
    assert marked == [(i, "◊") for i in ("D0078", "D0101", "D0120", "D0154")]
    notes = [row[2] for row in ss.puf_notes(table).rows]
    assert "footnote marks taken off 4 ids and kept in `footnote`: D0078◊, D0101◊, D0120◊, D0154◊" in notes


def test_everything_is_the_rest_of_the_file_with_suppressed_cells_null(results, table):
    frame = ss.read_reach(results, everything=True, backend="polars")
    assert frame["n_ben_race_native"].null_count() == 99
    assert frame["expnd_snf"].sum() == pytest.approx(sum(float(row[read(results)[0].index("expnd_snf")])
                                                         for row in read(results)[1:]))  # fmt: skip
    headings = read(results)[0]
    left = len(headings) - 24
    assert len(frame.columns) == len(ss.read_reach(results, backend="polars").columns) + left
    other = ss.read_reach(table, everything=True, backend="polars")
    assert other["Quality-C"].null_count() == 118
    assert set(column(other, "Quality-N")) == {"Yes", "No", None}


def test_headings_in_capitals_and_fractions_are_read_alike(results, tmp_path):
    rows = read(results)
    rows[0] = [heading.upper() for heading in rows[0]]
    at = [rows[0].index(name) for name in ("DISCOUNT", "QUAL_SCR", "SAV_RATE", "RETENTION_WITHHOLD")]
    for row in rows[1:]:
        for cell in at:
            row[cell] = str(Decimal(row[cell]) / 100)
    path = write(tmp_path / "made.csv", rows)
    assert ss.read_reach(path, backend="polars").equals(ss.read_reach(results, backend="polars"))
    assert not any("percentages" in row[2] for row in ss.puf_notes(path).rows)


def test_rows_come_back_in_every_kind_of_frame(door, results):
    frame = ss.read_reach(results, backend=door.name)
    assert door.read(frame, "aco_id")[0] == "D0004"
    assert door.read(frame, "equity_increase").count(None) == 53
    assert door.read(frame, "stop_loss").count(True) == 129


def test_a_part_of_a_file_is_told(results, tmp_path):
    path = write(tmp_path / "made.csv", read(results)[:100])
    notes = [row[2] for row in ss.puf_notes(path).rows]
    assert "46 rows of 2023, where CMS published 132: a part of a file, or one cut off" in notes


@pytest.mark.parametrize(
    ("name", "heading", "cell", "message"),
    [
        (RESULTS, "final_benchmark", "12a", "column `final_benchmark`: row 9 holds '12a', which cannot be read"),
        (RESULTS, "final_benchmark", "inf", "column `final_benchmark`: row 9 holds 'inf', which cannot be read"),
        (RESULTS, "bene_cnt", "9683.5", "column `bene_cnt`: row 9 holds '9683.5', which cannot be read"),
        (RESULTS, "stop_loss", "maybe", "column `stop_loss`: row 9 holds 'maybe', which cannot be read"),
        (RESULTS, "qual_scr", "0.8", "column `qual_scr`: row 9 holds '0.8', a fraction where most rows hold the other"),
        (RESULTS, "discount", "0.02", "column `discount`: row 9 holds '0.02', a fraction where most"),
        (RESULTS, "sav_rate", "0.0711", "column `sav_rate`: row 9 holds '0.0711', in another unit than most rows"),
        (TABLE, "Total Quality Score", "0.8", "column `Total Quality Score`: row 9 holds '0.8', without the percent"),
        (TABLE, "ACO ID", "D00 04", "column `ACO ID`: row 9 holds 'D00 04', which cannot be read"),
        (TABLE, "Final Benchmark", "$ (1,2", r"column `Final Benchmark`: row 9 holds '\$ \(1,2', which cannot be read"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_is_named(cms_data, tmp_path, name, heading, cell, message):
    source = cms_data / "aco_reach" / name
    if heading == "sav_rate":
        row = read(source)[10]
        rate = float(row[read(source)[0].index(heading)])
        assert abs(rate) > 1
        cell = str(rate / 100)
        message = f"column `sav_rate`: row 9 holds '{cell}', in another unit than most rows"
    path = changed(source, tmp_path / "made.csv", 9, **{heading: cell})
    with pytest.raises(ss.InputError, match=f"^made.csv: {message}"):
        ss.read_reach(path)


@pytest.mark.parametrize("name", [RESULTS, TABLE])
def test_no_column_that_a_settlement_rests_on_can_be_lost_unseen(cms_data, tmp_path, name):
    rows = read(cms_data / "aco_reach" / name)[:20]
    for heading in ("aco_id", "risk_arrangement", "final_benchmark", "tot_cost_care_net", "gross_savings",
                    "shared_savings", "shared_savings_seq", "heba_up_amt", "perf_year", "qual_scr", "ACO ID",
                    "Risk Arrangement", "Final Benchmark", "Total Cost of Care", "Gross Savings (Loss)",
                    "Net Savings (Loss)", "Pre-discount Benchmark"):  # fmt: skip
        if heading not in rows[0]:
            continue
        at = rows[0].index(heading)
        path = write(tmp_path / "made.csv", [[*row[:at], *row[at + 1 :]] for row in rows])
        with pytest.raises(ss.InputError, match=r"^made\.csv: "):
            ss.read_reach(path)


def test_files_of_other_programs_are_refused_by_name(cms_data, results):
    kcc = cms_data / "kcc" / "py2023_financial_results.csv"
    with pytest.raises(ss.InputError, match="those of the Kidney Care Choices financial results: use read_kcc"):
        ss.read_reach(kcc)
    with pytest.raises(ss.InputError, match="those of the Shared Savings Program: use read_puf"):
        ss.read_reach(cms_data / "mssp_puf" / "py2024.csv")
    with pytest.raises(ss.InputError, match="ACO REACH Financial and Quality Results: use read_reach"):
        ss.read_kcc(results)
    with pytest.raises(ss.InputError, match=r"not the ACO REACH .* \(headings begin Year, State Name"):
        ss.read_reach(_other(cms_data))
    with pytest.raises(ss.InputError, match="ACO REACH Financial and Quality Results: use read_reach"):
        ss.read_puf(results)


def _other(cms_data):
    return cms_data / "mssp_county" / "county_ffs_2018.csv"


def test_a_year_that_is_not_in_the_file_is_refused(results, table):
    with pytest.raises(ss.InputError, match="performance_year=2022 is not in the file, which has 2021, 2023"):
        ss.read_reach(results, 2022)
    with pytest.raises(ss.InputError, match="performance_year=2021 is not in the file, which has 2023"):
        ss.read_reach(table, 2021)


def test_two_headings_that_differ_in_case_alone_are_refused(results, tmp_path):
    rows = [[*row, "x"] for row in read(results)[:9]]
    rows[0][-1] = "FINAL_BENCHMARK"
    with pytest.raises(ss.InputError, match="headings `final_benchmark` and `FINAL_BENCHMARK` are the same"):
        ss.read_reach(write(tmp_path / "made.csv", rows))
