"""Results files made from CMS's own headings, in the formats of each vintage."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any


def source(cms_data: Path, name: str) -> Path:
    """One of CMS's files."""
    return cms_data / "mssp_puf" / name


def read(path: Path) -> list[list[str]]:
    """Heading and rows."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        return list(csv.reader(file))


def write(path: Path, rows: list[list[str]], **options: Any) -> Path:
    """Rows as a file; `encoding` and `end` of line as wanted."""
    with open(path, "w", newline="", encoding=options.pop("encoding", "utf-8")) as file:
        csv.writer(file, lineterminator=options.pop("end", "\n")).writerows(rows)
    return path


def changed(of: Path, target: Path, row: int, **cells: str | Callable[[int], int]) -> Path:
    """A copy of a results file with other cells in one row; a function changes the cell's number."""
    rows = read(of)
    for column, cell in cells.items():
        at = rows[0].index(column)
        rows[row + 1][at] = str(cell(int(rows[row + 1][at]))) if callable(cell) else cell
    return write(target, rows)


def row_of(path: Path, aco_id: str) -> int:
    """The row of an ACO."""
    heading, *rows = read(path)
    names = [name for name in ("ACO_ID", "ACO_Num", "ACO Identifier") if name in heading]
    at = heading.index(names[0])
    return next(number for number, row in enumerate(rows) if row[at] == aco_id)


def table(cms_data: Path, year: int, *rows: dict[str, str]) -> list[list[str]]:
    """Rows under the headings of a year of which only those are at hand."""
    names = read(source(cms_data, f"headers/py{year}.csv"))[0]
    for row in rows:
        assert set(row) <= set(names)
    blank = {2016: "", 2021: "", 2023: "-"}[year]
    return [names, *([row.get(name, blank) for name in names] for row in rows)]


_COMMON = {
    "ACO_Name": "Example Care, Inc.",
    "N_AB": "60,000",
    "ABtotBnchmk": "500,000,000",
    "ABtotExp": "487,000,000",
    "BnchmkMinExp": "13,000,000",
    "GenSaveLoss": "13,000,000",
    "Met_QPS": "1",
}
GAIN_2016 = {
    **_COMMON,
    "ACO_Num": "A67373",
    "year": "2016",
    "Current_Start_Date": "1/1/2016",
    "Current_Track_1": "1",
    "Current_Track_2": "0",
    "Current_Track_3": "0",
    "Sav_rate": "0.0260",
    "MinSavPerc": "0.0200",
    "QualScore": "0.9080",
    "QualPerfShare": "0.5",
    "FinalShareRate": "0.454",
    "EarnSaveLoss": "5783960",
}
LOSS_2016 = {
    **GAIN_2016,
    "ACO_Num": "A00001",
    "Current_Track_1": "0",
    "Current_Track_3": "1",
    "ABtotBnchmk": "$130,000,000",
    "ABtotExp": "$132,600,000",
    "BnchmkMinExp": "-2,600,000",
    "GenSaveLoss": "-2,600,000",
    "Sav_rate": "-0.0200",
    "MinSavPerc": "0.0100",
    "QualPerfShare": "0.75",
    "FinalShareRate": "0.681",
    "EarnSaveLoss": "-1040000",
}
_GAIN = {
    **_COMMON,
    "ACO_ID": "A9001",
    "EarnSaveLoss": "5,096,000",
    "DisAdj": "-",
    "Risk_Model": "One-Sided",
    "Rev_Exp_Cat": "High Revenue",
}
_LOSS = {
    **_GAIN,
    "ACO_ID": "A9002",
    "ABtotBnchmk": "$130,000,000",
    "ABtotExp": "$132,600,000",
    "BnchmkMinExp": "-2,600,000",
    "GenSaveLoss": "-2,600,000",
    "EarnSaveLoss": "-1,686,750",
    "DisAdj": "-263,250",
    "Risk_Model": "Two-Sided",
    "Rev_Exp_Cat": "Low Revenue",
    "Met_QPS": "0",
}
GAIN_2021 = {
    **_GAIN,
    "Initial_Start_Date": "42736",
    "Current_Start_Date": "43647",
    "Sav_Rate": "0.026",
    "MinSavPerc": "0.02",
    "QualScore": "80",
    "MaxShareRate": "40%",
    "FinalShareRate": "40%",
    "RevLossLimit": "0",
    "Current_BASIC_B": "1",
}
LOSS_2021 = {
    **GAIN_2021,
    **_LOSS,
    "Sav_Rate": "-0.02",
    "MinSavPerc": "0.01",
    "Current_BASIC_B": "0",
    "Current_ENHANCED": "1",
    "FinalShareRate": "",
    "QualScore": ".",
}
GAIN_2023 = {
    **_GAIN,
    "Current_Start_Date": "01/01/2019",
    "Current_Track": "B",
    "Sav_rate": "2.60%",
    "MinSavPerc": "2.00%",
    "FinalShareRate": "40.00%",
    "FinalLossRate": "-",
    "QualScore": "80.00%",
    "Met_AltQPS": "0",
    "Impact_Mid_Year_Termination": "0",
}
LOSS_2023 = {
    **GAIN_2023,
    **_LOSS,
    "Current_Track": "EN",
    "Sav_rate": "-2.00%",
    "MinSavPerc": "1.00%",
    "FinalLossRate": "75.00%",
    "QualScore": "*",
}
MADE = {2016: (GAIN_2016, LOSS_2016), 2021: (GAIN_2021, LOSS_2021), 2023: (GAIN_2023, LOSS_2023)}


def made(cms_data: Path, year: int) -> list[list[str]]:
    """A gain and a loss under the headings of a year."""
    return table(cms_data, year, *MADE[year])
