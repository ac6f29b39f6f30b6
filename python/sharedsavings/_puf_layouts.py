"""Layouts of CMS's "Performance Year Financial and Quality Results" files, one entry a vintage.

A vintage is known by its heading line. What differs between vintages is data here; how a cell is read is in
`_puf_cells`, and how columns become those of `settle` in `puf`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Layout:
    """One vintage.

    Attributes
    ----------
    year : int
        Performance year.
    rows : tuple of int
        Rows of the files that CMS published.
    has, lacks : frozenset of str
        Headings that tell a file of this vintage from all others.
    without : frozenset of str
        Canonical columns that CMS did not publish in this vintage.
    names : mapping
        Canonical name to heading, where it is not one of `COMMON`.
    tracks : mapping
        Heading of a 0/1 flag to the track that it marks; empty where one column names the track.
    percent_rates : bool
        Whether CMS gave the savings rate and the minimum rate in percent.
    pay_for_reporting : frozenset of str
        What stands in the place of a quality score where reporting alone earned the full rate.
    one_sided_losses : bool
        Whether the generated losses of one-sided ACOs are printed, though nobody shares them.
    half_years : bool
        Whether some performance periods had six months.
    score_decimals : int
        Decimals of a quality score as a share of one.
    note : str
        What a reader of this vintage must know.
    """

    year: int
    rows: tuple[int, ...]
    has: frozenset[str]
    lacks: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)
    tracks: Mapping[str, str] = field(default_factory=dict)
    percent_rates: bool = True
    pay_for_reporting: frozenset[str] = frozenset()
    one_sided_losses: bool = False
    half_years: bool = False
    score_decimals: int = 4
    note: str = ""


# Canonical name: (headings, of which the first that is there counts, and the kind of cell).
COMMON: Mapping[str, tuple[tuple[str, ...], str]] = {
    "aco_id": (("ACO_ID", "ACO_Num"), "text"),
    "aco_name": (("ACO_Name", "ACO_NAME"), "text"),
    "track": (("Current_Track",), "text"),
    "beneficiaries": (("N_AB",), "count"),
    "benchmark": (("ABtotBnchmk",), "dollars"),
    "expenditures": (("ABtotExp",), "dollars"),
    "quality_score": (("QualScore",), "share"),
    "quality_standard_met": (("Met_QPS",), "flag"),
    "alternative_standard_met": (("Met_AltQPS",), "flag"),
    "agreement_start": (("Current_Start_Date", "Start_Date"), "date"),
    "guardrail": (("Guardrail",), "flag"),
    "half_year": (("Participation_Six_Months",), "flag"),
    "advance_balance": (("AIPBalance", "Adv_Pay_Amt"), "dollars"),
    "published_savings_rate": (("Sav_rate", "Sav_Rate"), "share"),
    "published_minimum_rate": (("MinSavPerc",), "share"),
    "published_savings": (("BnchmkMinExp",), "dollars"),
    "published_generated": (("GenSaveLoss",), "dollars"),
    "published_disaster_adjustment": (("DisAdj",), "dollars"),
    "published_earned": (("EarnSaveLoss",), "dollars"),
    "published_sharing_rate": (("FinalShareRate",), "share"),
    "published_loss_rate": (("FinalLossRate",), "share"),
    "published_half_rate": (("ReducedSS",), "flag"),
    "published_revenue_limit": (("RevLossLimit",), "flag"),
    "published_mid_year_termination": (("Impact_Mid_Year_Termination", "Prorate_Shared_Losses"), "flag"),
    "published_advance_recouped": (("AIPRecoup", "Adv_Pay_Recoup"), "dollars"),
    "published_advance_outstanding": (("AIPOwe",), "dollars"),
}
# These stand in some vintages only, or are left out of some copies.
OPTIONAL = frozenset({
    "aco_name", "agreement_start", "alternative_standard_met", "guardrail", "half_year", "advance_balance",
    "published_loss_rate", "published_half_rate", "published_revenue_limit", "published_mid_year_termination",
    "published_advance_recouped", "published_advance_outstanding",
})  # fmt: skip

REVENUE = "Rev_Exp_Cat"
# Held by canonical columns, though not one to one.
_FLAGS_2014: Mapping[str, str] = {"Track1": "1", "Track2": "2"}
_FLAGS_2016: Mapping[str, str] = {"Current_Track_1": "1", "Current_Track_2": "2", "Current_Track_3": "3"}
_FLAGS_2018: Mapping[str, str] = {**_FLAGS_2016, "Current_Track_1_Plus": "1+"}
FLAGS_2021: Mapping[str, str] = {
    **_FLAGS_2018,
    "Current_BASIC_A": "A",
    "Current_BASIC_B": "B",
    "Current_BASIC_C": "C",
    "Current_BASIC_D": "D",
    "Current_BASIC_E": "E",
    "Current_ENHANCED": "ENHANCED",
}
_LEVELS = frozenset(FLAGS_2021) - frozenset(_FLAGS_2018)
_NO_STANDARD = frozenset({"quality_standard_met", "published_disaster_adjustment", "low_revenue"})
_NO_REVENUE = frozenset({"low_revenue"})
_ONE_SIDED = "the generated losses of one-sided ACOs are printed in GenSaveLoss, though nothing of them is owed"
_SCORE_IS_STANDARD = "no quality-standard column: the standard is taken as met wherever the quality score is above 0"

NAMES_2013: Mapping[str, str] = {
    "aco_id": "ACO Identifier",
    "aco_name": "ACO Name",
    "beneficiaries": "Total number of assigned beneficiaries",
    "benchmark": "Total benchmark expenditures ($)",
    "expenditures": "Total expenditures ($)",
    "quality_score": "Quality Score",
    "agreement_start": "Start Date",
    "advance_balance": "Advanced payment amount",
    "published_minimum_rate": "Minimum Savings Rate",
    "published_savings": "Total savings/losses ($)",
    "published_sharing_rate": "Final sharing rate",
}
# The minimum rates of 2013 carry a percent sign in CMS's own file, which the numbers are not.
SIGNED_2013 = ("Minimum Savings Rate (%)", "Minimum Loss Rate (%)")
TRACK_2_OF_2013 = "Track 2 ACO"
EARNED_2013 = ("Shared Savings ($)", "Shared Losses ($)")
# In CMS's own file of 2013 the first of these labels is missing: all from the second on sit one column too far to
# the left, up to the third, which has nothing of its own below it.
SHIFT_2013 = (
    "Total expenditures ($)",
    "Total savings/losses ($)",
    "Total performance year spending per assigned beneficiary",
)

# Of the files that name levels by flags: headings of the files of 2019 that no other has; and headings of 2020 and of
# agreements begun in July 2019 that the file of agreements begun by January 2019 has not.
_OF_2019 = frozenset({
    "Prior_Sav_Adj", "Initial_Track_1", "Initial_Track_2", "Initial_Track_3", "Initial_Track_1_Plus",
    *(heading.replace("Current_", "Initial_") for heading in _LEVELS),
})  # fmt: skip
_OF_2020 = frozenset({"QualPerfShare", "RegTrndUpdt", "RecvdMean"})

LAYOUTS: tuple[Layout, ...] = (
    Layout(
        2013,
        (220,),
        frozenset({"ACO Identifier", TRACK_2_OF_2013, "Total savings/losses ($)", *EARNED_2013}),
        without=_NO_STANDARD | {"track", "published_earned", "published_savings_rate", "published_generated"},
        names=NAMES_2013,
        percent_rates=False,
        note="a Quality Score of 1 means reported: read as a score of 1 and the standard met; 0 as not met",
    ),
    Layout(
        2014,
        (333,),
        frozenset({"Track1", "Track2", "N_AB_Year"}),
        lacks=frozenset({"N_AB_Year_PY"}),
        without=_NO_STANDARD,
        tracks=_FLAGS_2014,
        pay_for_reporting=frozenset({"P4R"}),
        score_decimals=9,
        note=_SCORE_IS_STANDARD,
    ),
    # The later release, with rounded scores.
    Layout(
        2014,
        (333,),
        frozenset({"Track1", "Track2", "N_AB_Year", "year"}),
        lacks=frozenset({"N_AB_Year_PY"}),
        without=_NO_STANDARD,
        tracks=_FLAGS_2014,
        percent_rates=False,
        pay_for_reporting=frozenset({"P4R"}),
        score_decimals=2,
        note=_SCORE_IS_STANDARD,
    ),
    Layout(
        2015,
        (392,),
        frozenset({"Track1", "Track2", "N_AB_Year_PY"}),
        without=_NO_STANDARD,
        tracks=_FLAGS_2014,
        percent_rates=False,
        pay_for_reporting=frozenset({"P4R", ""}),
        note=_SCORE_IS_STANDARD,
    ),
    Layout(
        2016,
        (432,),
        frozenset({"Current_Track_3", "Prior_Sav_Adj", "Met_QPS"}),
        lacks=frozenset({"DisAdj", "Current_Track_1_Plus", "RegTrndUpdt"}),
        without=_NO_REVENUE | {"published_disaster_adjustment"},
        tracks=_FLAGS_2016,
        percent_rates=False,
        pay_for_reporting=frozenset({"P4R"}),
    ),
    Layout(
        2017,
        (472,),
        frozenset({"Current_Track_3", "Prior_Sav_Adj", "RegTrndUpdt", "DisAdj"}),
        lacks=frozenset({"Current_Track_1_Plus", "RevLossLimit", REVENUE}),
        without=_NO_REVENUE,
        tracks=_FLAGS_2016,
        percent_rates=False,
    ),
    Layout(
        2018,
        (548,),
        frozenset({"Current_Track_1_Plus", "RevLossLimit", "Prior_Sav_Adj", "Met_QPS"}),
        lacks=_LEVELS | {"Participation_Six_Months"},
        tracks=_FLAGS_2018,
        percent_rates=False,
        one_sided_losses=True,
        note=_ONE_SIDED,
    ),
    Layout(
        2019,
        (475, 205),
        frozenset({"Participation_Six_Months", *FLAGS_2021}),
        tracks=FLAGS_2021,
        percent_rates=False,
        one_sided_losses=True,
        half_years=True,
        note=_ONE_SIDED,
    ),
    Layout(
        2019,
        (475,),
        frozenset({"RevLossLimit", "Met_QPS", *FLAGS_2021}),
        lacks=frozenset({"Participation_Six_Months", "MaxShareRate", "Recvd30p", *_OF_2020}),
        tracks=FLAGS_2021,
        percent_rates=False,
        one_sided_losses=True,
        half_years=True,
        note=_ONE_SIDED,
    ),
    Layout(
        2020,
        (513,),
        frozenset({"RevLossLimit", *_OF_2020, *FLAGS_2021}),
        lacks=frozenset({"Participation_Six_Months", "MaxShareRate", *_OF_2019}),
        tracks=FLAGS_2021,
        percent_rates=False,
    ),
    Layout(
        2021,
        (475,),
        frozenset({"Sav_Rate", "MaxShareRate", "Met_QPS", *FLAGS_2021}),
        tracks=FLAGS_2021,
        percent_rates=False,
    ),
    Layout(2022, (482,), frozenset({"Current_Track", "Met_30pctl", "Prorate_Shared_Losses"})),
    Layout(2023, (453,), frozenset({"Current_Track", "Met_30pctl", "Met_AltQPS", "FinalLossRate"})),
    Layout(2024, (476,), frozenset({"Current_Track", "Met_40pctl", "Met_AltQPS", "Guardrail", "ReducedSS"})),
)
KNOWN = ", ".join(str(year) for year in dict.fromkeys(layout.year for layout in LAYOUTS))
