"""CMS's results files of every vintage, as they are published."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import puf_rows
import sharedsavings as ss
from puf_rows import source
from sharedsavings import _core, puf

# Sums over the rows of each file: those that CMS announced for the years where it did, else of the copies at hand.
# Year, rows, beneficiaries, benchmark, expenditures, paid, number paid, owed, number owing.
TOTALS: dict[str, tuple[int, ...]] = {
    "py2014.csv": (2014, 333, 5_329_831, 52_885_283_830, 52_593_806_005, 341_246_303, 86, 0, 0),
    "py2014_rounded_release.csv": (2014, 333, 5_329_831, 52_885_283_830, 52_593_806_005, 341_246_303, 86, 0, 0),
    "py2015.csv": (2015, 392, 7_270_233, 73_297_675_699, 72_868_421_009, 645_543_866, 119, 0, 0),
    "py2017.csv": (2017, 472, 8_992_886, 94_914_491_913, 93_819_947_556, 799_420_562, 159, -18_616_586, 11),
    "py2018.csv": (2018, 548, 10_096_874, 109_778_449_068, 108_072_676_295, 983_979_677, 205, -17_585_291, 11),
    "py2020.csv": (2020, 513, 10_614_589, 110_962_952_924, 106_818_013_016, 2_283_724_790, 345, 0, 0),
    "py2022.csv": (2022, 482, 10_418_297, 120_053_783_761, 115_724_458_104, 2_524_453_557, 304, 0, 0),
    "py2024.csv": (2024, 476, 10_326_340, 139_712_597_928, 133_131_051_324, 4_124_206_556, 359, -19_966_437, 16),
}
FILES = [
    "py2013.csv", "py2013_as_published_mislabelled.csv", *TOTALS, "py2019_january_starts.csv",
    "py2019_july_starts_excerpt14.csv",
]  # fmt: skip


def columns(cms_data: Any, name: str, **options: Any) -> dict[str, list[Any]]:
    return puf.load(source(cms_data, name), **options).columns


def as_rows(read: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(read, values, strict=True)) for values in zip(*read.values(), strict=True)]


def by_id(read: dict[str, list[Any]]) -> dict[str, dict[str, Any]]:
    return {row["aco_id"]: row for row in as_rows(read)}


@pytest.mark.parametrize("name", TOTALS)
def test_the_sums_of_a_file_are_those_of_cms(door, cms_data, name):
    year, rows, people, benchmark, spent, paid, number_paid, owed, number_owing = TOTALS[name]
    frame = ss.read_puf(source(cms_data, name), backend=door.name)
    earned = [v for v in door.read(frame, "published_earned") if v is not None]
    assert len(door.read(frame, "aco_id")) == rows
    assert set(door.read(frame, "performance_year")) == {year}
    assert sum(door.read(frame, "beneficiaries")) == people
    assert sum(door.read(frame, "benchmark")) == benchmark
    assert (sum(v for v in earned if v > 0), sum(v > 0 for v in earned)) == (paid, number_paid)
    assert (sum(v for v in earned if v < 0), sum(v < 0 for v in earned)) == (owed, number_owing)
    # Moved by a dollar in some rows, to agree with the printed savings.
    assert abs(sum(door.read(frame, "expenditures")) - spent) <= 40


def test_the_sums_of_2013_are_those_of_cms(door, cms_data):
    frame = ss.read_puf(source(cms_data, "py2013.csv"), backend=door.name)
    earned = door.read(frame, "published_earned")
    assert len(earned) == 220
    assert sum(door.read(frame, "beneficiaries")) == 3_675_263
    assert round(sum(door.read(frame, "benchmark"))) == 42_499_376_821
    assert abs(sum(door.read(frame, "expenditures")) - 42_265_781_093) <= 40
    # 52 ACOs earned $315.9 million, one owed $4.0 million.
    assert (sum(v > 0 for v in earned), round(sum(v for v in earned if v > 0) / 1e5)) == (52, 3_159)
    assert [v for v in earned if v < 0] == [-3_986_552.12]


def test_the_sums_of_2019_are_those_of_cms_before_half_years_are_made_whole(cms_data):
    rows = as_rows(columns(cms_data, "py2019_january_starts.csv"))
    halves = [row["half_year"] for row in rows]
    assert (len(rows), halves.count(True), halves.count(False)) == (475, 166, 309)
    assert sum(row["beneficiaries"] for row in rows) == 9_997_705
    part = [2 - half for half in halves]
    assert sum(row["benchmark"] * p for row, p in zip(rows, part, strict=True)) == 2 * 92_820_036_141
    spent = sum(row["expenditures"] * p for row, p in zip(rows, part, strict=True))
    assert abs(spent - 2 * 90_847_976_501) <= 80
    earned = [row["published_earned"] for row in rows]
    assert (sum(v for v in earned if v > 0), sum(v > 0 for v in earned)) == (1_134_019_082, 239)
    assert (sum(v for v in earned if v < 0), sum(v < 0 for v in earned)) == (-16_137_483, 6)


@pytest.mark.parametrize("name", FILES)
def test_every_column_has_a_value_or_null_in_every_row(cms_data, name):
    read = columns(cms_data, name)
    assert len({len(values) for values in read.values()}) == 1
    assert len(set(read["aco_id"])) == len(read["aco_id"])
    assert all(isinstance(v, str) and v.startswith("A") for v in read["aco_id"])
    for shares in ("quality_score", "published_sharing_rate", "published_minimum_rate", "published_loss_rate"):
        assert all(0 <= v <= 1 for v in read.get(shares, []) if v is not None), shares
    assert all(isinstance(v, dt.date) for v in read["agreement_start"])
    assert min(read["agreement_start"]).year >= 2012
    assert None not in read["quality_score"]
    assert None not in read["quality_standard_met"]


@pytest.mark.parametrize("name", FILES)
def test_printed_columns_agree_with_each_other(cms_data, name):
    rows = as_rows(columns(cms_data, name))
    for row in rows:
        assert abs(row["benchmark"] - row["expenditures"] - row["published_savings"]) < 1e-5
        if row.get("published_savings_rate") is not None:
            # Printed in percent with two decimals at least.
            assert abs(row["published_savings_rate"] - row["published_savings"] / row["benchmark"]) <= 0.000056


@pytest.mark.parametrize("name", FILES)
def test_minimum_rates_are_those_of_settle(door, cms_data, name):
    """The size scale and the elections of 12 files, 4,478 rows (3,925 settlements): CMS's rates but for rounding."""
    frame = ss.read_puf(source(cms_data, name), backend=door.name)
    out = ss.settle(frame, invalid="null").frame
    computed = door.read(out, "minimum_savings_rate")
    published = door.read(frame, "published_minimum_rate")
    differ = [i for i, (a, b) in enumerate(zip(computed, published, strict=True)) if a is None or abs(a - b) > 0.00006]
    assert [door.read(frame, "aco_id")[i] for i in differ] == (["A05696"] if name == "py2017.csv" else [])


@pytest.mark.parametrize("name", FILES)
def test_advances_are_recouped_as_published(door, cms_data, name):
    """Advance payments of 2012, the investment model and advance investment payments: one rule, 318 rows."""
    frame = ss.read_puf(source(cms_data, name), backend=door.name)
    have = door.columns(frame)
    if "published_advance_recouped" not in have:
        assert name in ("py2013.csv", "py2013_as_published_mislabelled.csv", "py2022.csv")
        return
    settled = ss.settle(frame, invalid="null").frame
    recouped, earned = door.read(settled, "advance_recouped"), door.read(settled, "earned")
    rows = zip(recouped, earned, door.read(frame, "published_advance_recouped"), door.read(frame, "published_earned"),
               strict=True)  # fmt: skip
    compared = [row for row in rows if row[2] is not None and row[0] is not None]
    # What rests on a rounded quality score moves what is recouped as it moves what is earned.
    assert all(abs(a - b) <= 1 + abs(e - p) for a, e, b, p in compared)
    known = {"py2014.csv": 35, "py2014_rounded_release.csv": 35, "py2015.csv": 44, "py2017.csv": 61, "py2018.csv": 60,
             "py2019_january_starts.csv": 36, "py2019_july_starts_excerpt14.csv": 3, "py2020.csv": 25,
             "py2024.csv": 19}  # fmt: skip
    assert len(compared) == known[name]
    if "published_advance_outstanding" in have:
        left = zip(door.read(settled, "advance_outstanding"), door.read(frame, "published_advance_outstanding"),
                   strict=True)  # fmt: skip
        assert all(abs(a - b) <= 1 for a, b in left if b is not None)


def test_the_shifted_labels_of_2013_are_put_right(cms_data):
    shifted, right = (puf.load(source(cms_data, name)) for name in FILES[:2])
    assert shifted.columns == right.columns
    assert any("21 labels from `Total savings/losses ($)` on moved one column" in note for note in right.notes)
    everything = [puf.load(source(cms_data, name), everything=True).columns for name in FILES[:2]]
    assert everything[0] == everything[1]
    assert len(everything[0]) > 90


def test_labels_that_amounts_do_not_bear_out_are_refused(cms_data, tmp_path):
    rows = puf_rows.read(source(cms_data, FILES[1]))
    at = rows[0].index("Total savings/losses ($)")
    rows[7][at] = "$1"
    with pytest.raises(ss.InputError, match=r"label `Total expenditures \(\$\)` is missing, and the labels cannot"):
        ss.read_puf(puf_rows.write(tmp_path / "made.csv", rows))


def test_both_releases_of_2014_say_the_same_but_for_rounding(cms_data):
    first, later = (by_id(columns(cms_data, name)) for name in ("py2014.csv", "py2014_rounded_release.csv"))
    assert set(first) == set(later)
    for aco, row in first.items():
        other = later[aco]
        for name in ("benchmark", "expenditures", "beneficiaries", "track", "published_earned", "agreement_start"):
            assert row[name] == other[name], (aco, name)
        assert abs(row["quality_score"] - other["quality_score"]) <= 0.005000001
        assert abs(row["published_minimum_rate"] - other["published_minimum_rate"]) <= 0.000050001


KNOWN_ROWS: list[tuple[str, str, dict[str, Any]]] = [
    ("py2013.csv", "A67373", {
        "aco_name": "Palm Beach Accountable Care Organization, LLC", "track": "1", "beneficiaries": 36_268,
        "benchmark": 613_084_880.40, "published_savings": 39_568_834.84, "published_earned": 19_388_729.07,
        "agreement_start": dt.date(2012, 7, 1), "published_minimum_rate": 0.023373146, "quality_score": 1.0,
        "quality_standard_met": True, "elected_rate": None, "advance_balance": None, "published_generated": None,
    }),
    ("py2014.csv", "A16226", {
        "advance_balance": 1_443_580.0, "published_advance_recouped": 1_057_032.308, "published_earned": 1_057_032,
    }),
    ("py2014.csv", "A65307", {"quality_score": 0.0, "quality_standard_met": False, "published_generated": 1_825_671}),
    ("py2015.csv", "A67373", {"quality_score": 0.9808, "published_sharing_rate": 0.4904, "track": "1"}),
    ("py2017.csv", "A45364", {"quality_score": 0.6114, "quality_standard_met": False, "published_earned": 0}),
    ("py2018.csv", "A3743", {
        "track": "3", "elected_rate": 0.01, "quality_standard_met": False, "quality_score": 0.4545,
        "published_disaster_adjustment": -2_797, "disaster_relief": 2_797, "published_earned": -2_118_244,
    }),
    ("py2019_january_starts.csv", "A1001", {
        "half_year": True, "benchmark": 2 * 523_183_929, "expenditures": 2 * 466_136_177,
        "published_savings": 2 * 57_047_752, "published_generated": 57_047_752, "published_earned": 27_971_226,
        "quality_score": 0.9806, "agreement_start": dt.date(2016, 1, 1),
    }),
    ("py2019_january_starts.csv", "A2021", {
        "half_year": True, "disaster_relief": 279, "published_earned": -688_512, "published_generated": -1_721_629,
    }),
    ("py2019_july_starts_excerpt14.csv", "A1001", {
        "half_year": True, "track": "ENHANCED", "beneficiaries": 77_947, "benchmark": 2 * 511_073_870,
        "elected_rate": 0.02, "published_sharing_rate": 0.74, "published_revenue_limit": False,
    }),
    ("py2020.csv", "A1026", {"track": "E", "published_minimum_rate": 0.0233, "elected_rate": None}),
    ("py2022.csv", "A1001", {
        "aco_name": "Palm Beach Accountable Care Organization", "agreement_start": dt.date(2019, 7, 1),
        "track": "EN", "quality_score": 0.8941, "quality_standard_met": True, "elected_rate": 0.02,
        "low_revenue": True, "published_sharing_rate": 0.75, "disaster_relief": None,
        "published_mid_year_termination": False,
    }),
    # A one-sided ACO elects nothing; its 2.40 % is the size scale.
    ("py2022.csv", "A1006", {"track": "B", "elected_rate": None, "published_minimum_rate": 0.024}),
    ("py2024.csv", "A1026", {
        "aco_name": "AHS ACO, LLC", "agreement_start": dt.date(2024, 1, 1), "guardrail": False, "elected_rate": 0.015,
        "alternative_standard_met": None, "published_half_rate": False, "published_loss_rate": 0.3,
    }),
    ("py2024.csv", "A5350", {"published_half_rate": True, "published_earned": 536_691, "track": "A"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "aco", "expected"), KNOWN_ROWS, ids=[f"{n[2:6]} {a}" for n, a, _ in KNOWN_ROWS])
def test_known_rows_are_read_as_they_stand(cms_data, name, aco, expected):
    row = by_id(columns(cms_data, name))[aco]
    assert {key: row[key] for key in expected} == expected


@pytest.mark.parametrize(("name", "note"), [
    ("py2013.csv", "a Quality Score of 1 means reported"),
    ("py2014.csv", "QualScore: P4R in 119 rows is pay-for-reporting, read as a score of 1"),
    ("py2014.csv", "no quality-standard column"),
    ("py2015.csv", "QualScore: blank in 89 rows is pay-for-reporting"),
    ("py2018.csv", "losses of one-sided ACOs are printed in GenSaveLoss"),
    ("py2019_january_starts.csv", "166 rows are of six months: benchmark, expenditures, published_savings doubled"),
    ("py2019_january_starts.csv", "half_year found by ABtotBnchmk"),
    ("py2020.csv", "track read from one flag column a track"),
    ("py2024.csv", "Sav_rate read as percentages"),
    ("py2024.csv", "expenditures of 116 rows moved by $1 at most"),
    ("py2024.csv", "elected_rate inferred"),
])  # fmt: skip
def test_notes_tell_what_was_read_otherwise_than_it_stands(cms_data, name, note):
    told = ss.puf_notes(source(cms_data, name))
    assert any(row[2].startswith(note) or note in row[2] for row in told.rows)
    assert {row[:2] for row in told.rows} == {(name, name[2:6])}


@pytest.mark.parametrize("name", FILES)
def test_everything_adds_the_other_columns_under_the_headings_of_cms(door, cms_data, name):
    path = source(cms_data, name)
    plain = door.columns(ss.read_puf(path, backend=door.name))
    whole = ss.read_puf(path, everything=True, backend=door.name)
    others = [column for column in door.columns(whole) if column not in plain]
    headings = puf_rows.read(path)[0]
    assert set(others) <= {heading.strip().removesuffix(" (%)") for heading in headings}
    # What is held by a canonical column is not repeated.
    assert not {"N_AB", "ABtotBnchmk", "EarnSaveLoss", "QualScore", "Rev_Exp_Cat"} & set(others)
    assert len(door.read(ss.settle(whole, invalid="null").frame, "earned")) == len(door.read(whole, "aco_id"))


def test_other_columns_are_numbers_dates_or_text(cms_data):
    rows = by_id(columns(cms_data, "py2018.csv", everything=True))
    first = rows["A1001"]
    assert (first["UpdatedBnchmk"], first["HistBnchmk"], first["Prior_Sav_Adj"]) == (14_182, 13_678, 269)
    assert first["PosRegAdj"] is None
    assert first["ACO_State"] == "FL"
    assert first["Initial_Start_Date"] == dt.date(2012, 7, 1)
    for name in ("Per_Capita_Exp_ALL_ESRD_PY", "CMS_HCC_RiskScore_AGND_BY3", "N_AB_Year_PY", "CapAnn_INP_All"):
        assert all(v is None or isinstance(v, int | float) for row in rows.values() for v in [row[name]]), name
        assert sum(row[name] is not None for row in rows.values()) > 500, name
    later = by_id(columns(cms_data, "py2022.csv", everything=True))
    assert later["A1006"]["N_Ben_Race_Unknown"] is not None
    assert later["A1006"]["N_Ben_Race_Native"] is None
    # A percent sign is taken off: the number is in percent in every vintage.
    assert later["A1001"]["Perc_Dual"] == 6.17
    assert by_id(columns(cms_data, "py2024.csv", everything=True))["A1001"]["Perc_Dual"] == 5.59


def test_a_part_of_a_file_is_read_like_the_whole(cms_data, tmp_path):
    """Rates such as 0.5 look like fractions where no larger one stands beside them."""
    for name in ("py2013.csv", "py2014.csv", "py2015.csv", "py2018.csv", "py2019_january_starts.csv", "py2024.csv"):
        path = source(cms_data, name)
        whole = puf.load(path).columns
        heading, *rows = puf_rows.read(path)
        for at in range(0, len(rows), 7):
            part = puf.load(puf_rows.write(tmp_path / "part.csv", [heading, rows[at]])).columns
            assert {key: values[0] for key, values in part.items()} == {
                key: values[at] for key, values in whole.items()
            }, (name, at)


def test_totals_that_cover_neither_half_a_year_nor_all_of_it_are_refused(cms_data, tmp_path):
    path = puf_rows.changed(source(cms_data, "py2019_january_starts.csv"), tmp_path / "made.csv", 5, N_AB_Year_PY="40")
    with pytest.raises(ss.InputError, match=r"row 5: ABtotBnchmk is neither the whole nor the half"):
        ss.read_puf(path)


def test_flags_of_half_years_are_believed_where_they_stand(cms_data, tmp_path):
    path = source(cms_data, "py2019_july_starts_excerpt14.csv")
    made = puf_rows.changed(path, tmp_path / "made.csv", 0, Participation_Six_Months="0")
    row = by_id(puf.load(made).columns)["A1001"]
    assert (row["half_year"], row["benchmark"]) == (False, 511_073_870)


def test_native_helpers_take_dollars_as_printed():
    assert _core.totals_agree(100.0, 90.0, 10.0)
    assert not _core.totals_agree(100.0, 90.0, 12.0)
    assert _core.expenditures_as_printed(100.0, 90.0, 11.0) == 89.0
    assert _core.whole_year(57_047_752.5) == 114_095_505.0
    assert [_core.covers_half_year(b, 100.0, 10.0) for b in (500.0, 1_000.0, 700.0)] == [True, False, None]


def test_half_years_that_are_flagged_and_half_years_that_are_found_are_the_same(cms_data, tmp_path):
    """CMS's own January file has the column that the copy at hand lacks."""
    path = source(cms_data, "py2019_january_starts.csv")
    found = puf.load(path)
    rows = puf_rows.read(path)
    flags = ["Participation_Six_Months", *(str(int(half)) for half in found.columns["half_year"])]
    flagged = puf.load(puf_rows.write(tmp_path / "made.csv", [[*r, f] for r, f in zip(rows, flags, strict=True)]))
    assert flagged.columns == found.columns
