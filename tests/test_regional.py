"""Regional figures from CMS's county figures."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl
import pytest

import sharedsavings as ss

# Expenditures, risk score, person years of aged/non-dual beneficiaries; one county is suppressed.
COUNTIES = {
    "Year": [2018, 2018, 2018],
    "State ID": [1, 1, 2],
    "County ID": [0, 10, 0],
    "Per capita AGED/NON-DUAL expenditures": ["12,000", "9000", "."],
    "Average AGED/NON-DUAL HCC risk score": ["1.2", "0.9", "."],
    # CMS's headings of person years end in a space.
    "AGED/NON-DUAL person-years ": ["10000", "12000", "*"],
}


def assigned(**changes: Any) -> pd.DataFrame:
    columns: dict[str, Any] = {
        "entity_id": ["A", "A", "B", "B"],
        "enrollment_type": ["aged_nondual"] * 4,
        "state_id": [1, 1, 1, 2],
        "county_id": [0, 10, 0, 0],
        "person_years": [9_000.0, 2_000.0, 30.0, 10.0],
    }
    return pd.DataFrame(columns | changes)


def test_the_market_share_of_cms_specifications_comes_out(door):
    frame = assigned()
    given = door.frame({name: frame[name].tolist() for name in frame.columns})
    found = ss.regional(door.frame(COUNTIES), given)
    assert type(found) is type(given)
    assert door.read(found, "entity_id") == ["A", "B"]
    assert door.read(found, "national_weight")[0] == pytest.approx(0.76667, abs=5e-6)
    assert door.read(found, "regional") == [pytest.approx(10_000), None]
    assert door.read(found, "person_years") == [11_000, 40]
    assert door.read(found, "suppressed_share") == [0, 0.25]
    assert door.read(found, "reason") == [None, "suppressed_county"]


def test_figures_that_are_all_suppressed_are_numbers_still(door):
    frame = assigned(entity_id="A", state_id=2, county_id=0).iloc[:1]
    found = ss.regional(door.frame(COUNTIES), door.frame({name: frame[name].tolist() for name in frame.columns}))
    types = {name: str(found.schema.field(name).type if door.name == "pyarrow" else found[name].dtype)
             for name in ("regional", "national_weight", "regional_risk_score")}  # fmt: skip
    assert {word.lower().replace("double", "float64") for word in types.values()} == {"float64"}
    assert door.read(found, "reason") == ["suppressed_county"]


def test_rows_of_one_county_are_added_up():
    apart = assigned(county_id=[0, 0, 0, 10], state_id=1, entity_id="A", person_years=[4_000.0, 5_000, 0, 2_000])
    found = ss.regional(pd.DataFrame(COUNTIES), apart)
    assert found["national_weight"].tolist() == [pytest.approx(0.76667, abs=5e-6)]
    assert found["person_years"].tolist() == [11_000]


def test_suppressed_counties_may_be_left_out():
    found = ss.regional(pd.DataFrame(COUNTIES), assigned(), suppressed="omit")
    assert found["regional"].tolist() == pytest.approx([10_000, 10_000])
    assert found["national_weight"][1] == pytest.approx(0.003)
    assert found["suppressed_share"].tolist() == [0, 0.25]


def test_figures_of_cms_file_come_out_whatever_reads_it(cms_data):
    path = cms_data / "mssp_county" / "county_ffs_2018.csv"
    by_pandas = pd.read_csv(path)
    by_polars = pl.read_csv(path, infer_schema_length=None)
    with path.open(encoding="utf-8") as file:
        heading, first = file.readline().strip().split(","), file.readline().strip().split(",")
    autauga = dict(zip((name.strip() for name in heading), first, strict=True))
    everyone = assigned(
        entity_id=["A"] * 4,
        enrollment_type=["ESRD", "DIS", "AGDU", "AGND"],
        state_id=[1] * 4,
        county_id=[0] * 4,
        person_years=[5.0, 50.0, 10.0, 400.0],
    )
    for counties in (by_pandas, by_polars):
        found = ss.regional(counties, everyone).set_index("enrollment_type")
        for kind, name in (("esrd", "ESRD"), ("disabled", "DISABLED"), ("aged_dual", "AGED/DUAL"),
                           ("aged_nondual", "AGED/NON-DUAL")):  # fmt: skip
            spent = float(autauga[f"Per capita {name} expenditures"])
            risk = float(autauga[f"Average {name} HCC risk score"])
            assert found.loc[kind, "regional"] == pytest.approx(spent / risk, rel=1e-12)
            share = found.loc[kind, "person_years"] / float(autauga[f"{name} person-years"])
            assert found.loc[kind, "national_weight"] == pytest.approx(share, rel=1e-12)


def test_suppressed_cells_of_cms_file_leave_a_reason(cms_data):
    counties = pd.read_csv(cms_data / "mssp_county" / "county_ffs_2018.csv")
    esrd = pd.to_numeric(counties["Per capita ESRD expenditures"], errors="coerce")
    hidden = counties[esrd.isna()].iloc[0]
    shown = counties[esrd.notna()].iloc[0]
    frame = pd.DataFrame({
        "entity_id": "A", "enrollment_type": "esrd", "state_id": [hidden["State ID"], shown["State ID"]],
        "county_id": [hidden["County ID"], shown["County ID"]], "person_years": [1.0, 3.0],
    })  # fmt: skip
    assert ss.regional(counties, frame)["reason"].tolist() == ["suppressed_county"]
    omitted = ss.regional(counties, frame, suppressed="omit")
    assert omitted["suppressed_share"].tolist() == [0.25]
    assert omitted["regional"].notna().all()


@pytest.mark.parametrize(
    ("counties", "frame", "message"),
    [
        (
            {},
            assigned(county_id=[0, 10, 0, 7]),
            r"1 rows name a county that the county figures lack.*state 2, county 7",
        ),
        ({}, assigned(person_years=[10_001.0, 1, 1, 1]), r"more than the county's assignable.*'A', 10001 of 10000"),
        (
            {},
            assigned(
                entity_id="A", county_id=[0, 0, 10, 0], state_id=[1, 1, 1, 2], person_years=[6_000.0, 6_000, 1, 1]
            ),
            r"more than the county's assignable person years in 2 rows, first in row 0 \(entity 'A', 12000 of 10000",
        ),
        ({}, assigned(person_years=[-1.0, 1, 1, 1]), r"null or negative in 1 rows, first in row 0"),
        ({}, assigned(person_years=[None, 1.0, 1, 1]), r"null or negative in 1 rows"),
        ({}, assigned(enrollment_type="hospice"), r"unknown enrollment type in 4 rows of the assignment"),
        ({}, assigned().drop(columns="county_id"), r"column `county_id`: missing in the assignment"),
        (
            {"State ID": [1, 1, 1], "County ID": [0, 10, 0]},
            assigned(),
            r"column `County ID`: 2 rows .*first in row 0 \(county 0 of state 1\)",
        ),
        ({}, assigned(county_id=[0, 10.7, 0, 0]), r"not a whole number in 1 rows, first in row 1 \(value 10.7\)"),
        (
            {"Average AGED/NON-DUAL HCC risk score": ["1.2", "0", "."]},
            assigned(),
            r"column `Average AGED/NON-DUAL HCC risk score`: zero or negative in 1 rows .*first in row 1 \(value 0\)",
        ),
        ({}, assigned(enrollment_type="esrd"), r"column `per capita esrd expenditures`: missing in the county figures"),
        (
            {"County ID": ["a", "b", "c"]},
            assigned(),
            r"column `county id`: holds what is not a whole number in 3 rows, first in row 0 \(value 'a'\)",
        ),
        ({"Year": [2017, 2018, 2018]}, assigned(), r"holds 2017, 2018. Choose one with year="),
        (
            {"AGED/NON-DUAL person-years ": ["many", "1", "2"]},
            assigned(),
            r"holds text, first in row 0 \(value 'many'\)",
        ),
    ],
)
def test_what_does_not_fit_is_refused(counties, frame, message):
    with pytest.raises(ss.InputError, match=message):
        ss.regional(pd.DataFrame(COUNTIES | counties), frame)


def test_figures_in_another_layout_are_refused():
    with pytest.raises(
        ss.InputError, match="column `per capita aged/non-dual expenditures`: missing in the county figures"
    ):
        ss.regional(pd.DataFrame(COUNTIES)[["Year", "State ID", "County ID"]], assigned())
    with pytest.raises(ss.InputError, match="year=2020: the county figures hold 2018"):
        ss.regional(pd.DataFrame(COUNTIES), assigned(), year=2020)
    with pytest.raises(ss.InputError, match='say "null" or "omit"'):
        ss.regional(pd.DataFrame(COUNTIES), assigned(), suppressed="zero")
