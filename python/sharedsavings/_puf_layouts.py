"""Layouts of CMS's "Performance Year Financial and Quality Results" files, one entry a vintage.

A vintage is known by its heading line. What differs between vintages is data here; how a cell is read is in `puf`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Layout:
    """One vintage.

    Attributes
    ----------
    year : int
        Performance year.
    has : frozenset of str
        Headings that tell a file of this vintage from all others.
    names : mapping
        Canonical name to heading, where it differs from `COMMON`.
    tracks : mapping
        Heading of a 0/1 flag to the track that it marks; empty where `Current_Track` names the track.
    percent_rates : bool
        Whether CMS gave the savings rate and the minimum rate in percent.
    """

    year: int
    has: frozenset[str]
    names: Mapping[str, str] = field(default_factory=dict)
    tracks: Mapping[str, str] = field(default_factory=dict)
    percent_rates: bool = True


# Canonical name: (heading, kind of cell).
COMMON: Mapping[str, tuple[str, str]] = {
    "aco_id": ("ACO_ID", "text"),
    "aco_name": ("ACO_Name", "text"),
    "track": ("Current_Track", "text"),
    "beneficiaries": ("N_AB", "count"),
    "benchmark": ("ABtotBnchmk", "dollars"),
    "expenditures": ("ABtotExp", "dollars"),
    "quality_score": ("QualScore", "share"),
    "quality_standard_met": ("Met_QPS", "flag"),
    "alternative_standard_met": ("Met_AltQPS", "flag"),
    "agreement_start": ("Current_Start_Date", "date"),
    "guardrail": ("Guardrail", "flag"),
    "published_savings_rate": ("Sav_rate", "share"),
    "published_minimum_rate": ("MinSavPerc", "share"),
    "published_savings": ("BnchmkMinExp", "dollars"),
    "published_generated": ("GenSaveLoss", "dollars"),
    "published_disaster_adjustment": ("DisAdj", "dollars"),
    "published_earned": ("EarnSaveLoss", "dollars"),
    "published_sharing_rate": ("FinalShareRate", "share"),
    "published_loss_rate": ("FinalLossRate", "share"),
}
# Rates of one unit, whichever the vintage; a column of small percentages looks like fractions by itself.
ONE_UNIT = ("published_savings_rate", "published_minimum_rate")
# Between the largest minimum rate ever printed as a fraction (0.254, for 152 people) and the smallest percentage
# on the menu (0.5).
LARGEST_MINIMUM_RATE = Decimal("0.3")
# These stand in some vintages only.
OPTIONAL = frozenset({"alternative_standard_met", "guardrail", "published_loss_rate"})

FLAGS_2021: Mapping[str, str] = {
    "Current_Track_1": "1",
    "Current_Track_2": "2",
    "Current_Track_3": "3",
    "Current_Track_1_Plus": "1+",
    "Current_BASIC_A": "A",
    "Current_BASIC_B": "B",
    "Current_BASIC_C": "C",
    "Current_BASIC_D": "D",
    "Current_BASIC_E": "E",
    "Current_ENHANCED": "ENHANCED",
}

LAYOUTS: tuple[Layout, ...] = (
    Layout(
        2021,
        frozenset({"Sav_Rate", "MaxShareRate", "Met_QPS", *FLAGS_2021}),
        names={"published_savings_rate": "Sav_Rate"},
        tracks=FLAGS_2021,
        percent_rates=False,
    ),
    Layout(2022, frozenset({"Current_Track", "Met_30pctl", "Prorate_Shared_Losses"})),
    Layout(2023, frozenset({"Current_Track", "Met_30pctl", "Met_AltQPS", "FinalLossRate"})),
    Layout(2024, frozenset({"Current_Track", "Met_40pctl", "Met_AltQPS", "Guardrail", "ReducedSS"})),
)
