"""National trends from CMS's results files: a proof of the chain from base years to the historical benchmark.

Before July 2019 base years of a first agreement period (42 CFR 425.602), and of the renewals of 2016 (425.603(b)), were
trended by national growth: two factors for each enrollment type, the same for every ACO that started on one date. CMS
does not publish them. This script estimates the eight factors of each cohort by least squares through
`sharedsavings.benchmark` itself: the historical benchmark is linear in them, so one call for each factor gives the
design. If the chain is right, one set explains the published `HistBnchmk` of all ACOs of a cohort to within the
rounding of the printed inputs. `python docs/national_trends.py [folder of results files]` prints what comes out.
"""

from __future__ import annotations

import csv
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import sharedsavings as ss

TYPES = {"esrd": ("ESRD", "ESRD"), "disabled": ("DIS", "DIS"), "aged_dual": ("AGDU", "AGED_Dual"),
         "aged_nondual": ("AGND", "AGED_NonDual")}  # fmt: skip
FACTORS = [(kind, year) for kind in TYPES for year in ("by1", "by2")]


@dataclass(frozen=True)
class Cohort:
    """ACOs of one results file whose agreement period started on one date."""

    file: int
    start: str
    number: int = 1

    def __str__(self) -> str:
        return f"{'first' if self.number == 1 else 'second'} agreement {self.start}, PY{self.file}"


COHORTS = [
    Cohort(2014, "2012-04-01"), Cohort(2014, "2012-07-01"), Cohort(2014, "2013-01-01"), Cohort(2014, "2014-01-01"),
    Cohort(2015, "2013-01-01"), Cohort(2015, "2014-01-01"), Cohort(2015, "2015-01-01"),
    Cohort(2017, "2015-01-01"), Cohort(2017, "2016-01-01"), Cohort(2017, "2017-01-01"), Cohort(2017, "2016-01-01", 2),
    Cohort(2018, "2016-01-01"), Cohort(2018, "2017-01-01"), Cohort(2018, "2018-01-01"), Cohort(2018, "2016-01-01", 2),
]  # fmt: skip


@dataclass(frozen=True)
class Estimate:
    """What least squares found for a cohort."""

    cohort: Cohort
    trends: dict[tuple[str, str], float]
    residuals: np.ndarray[Any, np.dtype[np.float64]]

    @property
    def deviation(self) -> float:
        """Residual standard deviation, dollars."""
        return float(np.sqrt((self.residuals**2).sum() / (len(self.residuals) - len(FACTORS))))


def number(text: str) -> float | None:
    """A printed number; what CMS suppressed or left blank is null."""
    plain = text.strip().replace(",", "").replace("$", "")
    return None if plain in ("", ".", "*", "-") else float(plain)


def start_of(row: dict[str, str]) -> str:
    """Start of the current agreement period, in one form."""
    month, day, year = (row.get("Current_Start_Date") or row["Start_Date"]).split(" ")[0].split("/")
    return f"{2000 + int(year) % 100}-{int(month):02d}-{int(day):02d}"


def read(folder: Path, cohort: Cohort) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cells and entities of a cohort, ACOs with suppressed values left out."""
    with (folder / f"py{cohort.file}.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    cells, entities = [], []
    for place, row in enumerate(rows):
        if start_of(row) != cohort.start or int(row.get("Agreement_Period_Num") or 1) != cohort.number:
            continue
        own = []
        for kind, (short, long) in TYPES.items():
            years = number(row[f"N_AB_Year_{long}_BY3"])
            cell: dict[str, Any] = {"entity_id": place, "enrollment_type": kind, "person_years_by3": years}
            for year in ("BY1", "BY2", "BY3"):
                cell[f"per_capita_{year.lower()}"] = number(row[f"Per_Capita_Exp_ALL_{short}_{year}"])
                cell[f"risk_score_{year.lower()}"] = number(row[f"CMS_HCC_RiskScore_{short}_{year}"])
            if years != 0:
                own.append(cell)
        if all(value is not None for cell in own for value in cell.values()):
            cells += own
            entities.append({
                "entity_id": place, "agreement_start": pd.Timestamp(cohort.start), "agreement_number": cohort.number,
                "given_prior_savings_adjustment": number(row.get("Prior_Sav_Adj", "")) or 0.0,
                "published": number(row["HistBnchmk"]),
            })  # fmt: skip
    return pd.DataFrame(cells), pd.DataFrame(entities)


def historical(cells: pd.DataFrame, entities: pd.DataFrame, year: int, trends: dict[tuple[str, str], float]) -> Any:
    """Historical benchmarks under given trends, dollars per capita, by the package's own chain."""
    given = {
        f"given_trend_{when}": cells["enrollment_type"].map({kind: trends[kind, when] for kind in TYPES})
        for when in ("by1", "by2")
    }
    result = ss.benchmark(cells.assign(**given), entities, performance_year=year)
    return result.frame["historical_benchmark"].to_numpy()


def estimate(folder: Path, cohort: Cohort) -> Estimate:
    """Trends of a cohort by least squares, and what they leave unexplained."""
    cells, entities = read(folder, cohort)
    ones = dict.fromkeys(FACTORS, 1.0)
    level = historical(cells, entities, cohort.file, ones)
    design = np.column_stack(
        [historical(cells, entities, cohort.file, {**ones, factor: 2.0}) - level for factor in FACTORS]
    )
    published = entities["published"].to_numpy()
    solved = np.linalg.lstsq(design, published - level, rcond=None)[0]
    trends = {factor: 1.0 + float(change) for factor, change in zip(FACTORS, solved, strict=True)}
    return Estimate(cohort, trends, published - historical(cells, entities, cohort.file, trends))


def main() -> None:
    """Print every cohort."""
    given = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SHAREDSAVINGS_DATA", "") + "/mssp_puf"
    print("cohort".ljust(38), "ACOs", "  SD, $", " most, $ ", " ".join(f"{kind[:9]}.{when}" for kind, when in FACTORS))
    for cohort in COHORTS:
        found = estimate(Path(given), cohort)
        factors = " ".join(f"{found.trends[f]:.4f}".rjust(len(f[0][:9]) + 4) for f in FACTORS)
        most = np.abs(found.residuals).max()
        print(str(cohort).ljust(38), f"{len(found.residuals):4d} {found.deviation:7.2f} {most:8.2f}  ", factors)


if __name__ == "__main__":
    main()
