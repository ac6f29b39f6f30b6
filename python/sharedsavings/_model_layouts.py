"""Layouts of CMS's results files of ACO REACH and Kidney Care Choices, as data.

Headings are compared in small letters, with one low line for whatever is no letter or digit, since copies differ in
case, blanks and line breaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Layout:
    """One kind of file.

    Attributes
    ----------
    program : str
        Id of the program in the rule book.
    title : str
        What CMS calls the file.
    columns : mapping
        Canonical name to heading (as `plain` has it) and kind of cell.
    signs : frozenset of str
        Headings that tell this file from all others.
    rows : mapping
        Rows that CMS published, by performance year.
    optional : frozenset of str
        Canonical columns that may be absent.
    year : int, optional
        Performance year, where no column says it.
    """

    program: str
    title: str
    columns: Mapping[str, tuple[str, str]]
    signs: frozenset[str]
    rows: Mapping[int, int]
    optional: frozenset[str] = field(default_factory=frozenset)
    year: int | None = None


def plain(heading: str) -> str:
    """A heading without case, blanks and signs."""
    return re.sub(r"[^a-z0-9]+", "_", heading.lower()).strip("_")


# "share" is told by its size, "small_share" by that of rates that are never large, "rate" by the amounts beside it.
REACH_RESULTS = Layout(
    "reach",
    "ACO REACH Financial and Quality Results",
    {
        "aco_id": ("aco_id", "text"),
        "aco_name": ("aco_name", "text"),
        "aco_type": ("aco_type", "text"),
        "performance_year": ("perf_year", "count"),
        "first_performance_year": ("first_part_year", "count"),
        "track": ("risk_arrangement", "text"),
        "capitation": ("capitation", "text"),
        "stop_loss": ("stop_loss", "flag"),
        "beneficiaries": ("bene_cnt", "count"),
        "quality_score": ("qual_scr", "share"),
        "published_discount": ("discount", "small_share"),
        "retention_withhold": ("retention_withhold", "small_share"),
        "unadjusted_benchmark": ("unadj_benchmark", "dollars"),
        "final_benchmark": ("final_benchmark", "dollars"),
        "equity_increase": ("heba_up_amt", "dollars"),
        "equity_decrease": ("heba_down_amt", "dollars"),
        "expenditures": ("tot_cost_care_net", "dollars"),
        "expenditures_before_stop_loss": ("tot_cost_care", "dollars"),
        "improvement_met": ("cisep_flag", "flag"),
        "high_performer": ("hpp_flag", "flag"),
        "published_savings": ("gross_savings", "dollars"),
        "published_savings_rate": ("sav_rate", "rate"),
        "published_shared": ("shared_savings", "dollars"),
        "published_earned": ("shared_savings_seq", "dollars"),
    },
    frozenset({"perf_year", "final_benchmark", "tot_cost_care_net", "shared_savings_seq"}),
    {2021: 53, 2023: 132},
    frozenset({"aco_name", "first_performance_year", "capitation", "retention_withhold", "improvement_met",
               "high_performer"}),
)  # fmt: skip

REACH_TABLE = Layout(
    "reach",
    "ACO REACH model performance table",
    {
        "aco_id": ("aco_id", "marked"),
        "aco_name": ("aco_name", "text"),
        "states": ("state", "text"),
        "aco_type": ("aco_type", "text"),
        "track": ("risk_arrangement", "text"),
        "beneficiaries": ("total_beneficiaries", "count"),
        "beneficiary_months": ("total_eligible_months", "count"),
        "quality_score": ("total_quality_score", "share"),
        "benchmark_before_discount": ("pre_discount_benchmark", "dollars"),
        "benchmark": ("final_benchmark", "dollars"),
        "expenditures": ("total_cost_of_care", "dollars"),
        "high_performers_payout": ("high_performers_pool_payout", "dollars"),
        "published_savings_before_discount": ("gross_savings_loss", "dollars"),
        "published_savings_rate_before_discount": ("gross_savings_rate", "share"),
        "published_earned": ("net_savings_loss", "dollars"),
        "published_earned_rate": ("net_savings_rate", "share"),
    },
    frozenset({"pre_discount_benchmark", "net_savings_loss", "risk_arrangement"}),
    {2023: 132},
    frozenset({"aco_name", "states", "beneficiary_months", "high_performers_payout"}),
    year=2023,
)

_CELLS = ("ckd", "esrd", "")
_BY_CELL: Mapping[str, tuple[tuple[str, str, str], str]] = {
    "risk_score": (
        ("average_risk_score_ckd", "average_risk_score_esrd", "average_risk_score_ckd_esrd"), "number",
    ),
    "beneficiaries": (
        ("beneficiary_count_ckd", "beneficiary_count_esrd", "beneficiary_count_ckd_esrd"), "count",
    ),
    "beneficiary_months": (
        ("beneficiary_months_ckd", "beneficiary_months_esrd", "beneficiary_months"), "count",
    ),
    "unadjusted_benchmark": (
        ("unadjusted_ckd_benchmark", "unadjusted_esrd_benchmark", "unadjusted_benchmark_ckd_esrd"), "dollars",
    ),
    "benchmark": (
        ("adjusted_ckd_benchmark", "adjusted_esrd_benchmark", "adjusted_benchmark_ckd_esrd"), "dollars",
    ),
    "expenditures": (
        ("performance_year_ckd_expenditure", "performance_year_esrd_expenditure", "performance_year_expenditure"),
        "dollars",
    ),
    "published_savings": (
        ("gross_shared_savings_losses_ckd", "gross_shared_savings_losses_esrd",
         "gross_shared_savings_losses_ckd_esrd"), "dollars",
    ),
}  # fmt: skip

KCC_RESULTS = Layout(
    "kcc",
    "Kidney Care Choices financial results",
    {
        "entity_type": ("entity_type", "text"),
        "organization": ("affiliated_dialysis_care_coordination_organization", "text"),
        "entity_name": ("entity_legal_business_name", "text"),
        "track": ("agreement_option", "text"),
        "states": ("presence_in_states", "text"),
        "aggregation_group": ("entity_in_aggregation_group_y_n_group_number", "group"),
        "quality_score": ("total_quality_score", "share"),
        "discount_amount": ("esrd_discount_only_global", "dollars"),
        "quality_withheld": ("quality_withhold_amount", "dollars"),
        "quality_earned": ("earned_quality_withhold", "dollars"),
        **{
            f"{name}_{cell}".removesuffix("_"): (heading, kind)
            for name, (headings, kind) in _BY_CELL.items()
            for cell, heading in zip(_CELLS, headings, strict=True)
        },
        "published_savings_rate": (
            "gross_percentage_savings_losses_ckd_esrd_as_of_benchmark", "rate",
        ),
        "published_earned": ("net_shared_savings_losses_ckd_esrd", "dollars"),
        "published_earned_rate": ("net_percentage_savings_losses_as_of_benchmark", "share"),
        "claims_reduced": ("medicare_ffs_claims_zeroed_out_for_ckd_qcp", "dollars"),
        "capitation_paid": ("prospective_ckd_qcp_payment", "dollars"),
        "leakage_balance": ("leakage_withhold_balance_amount", "dollars"),
        "alignment_balance": ("alignment_withhold_balance_amount", "dollars"),
        "shortage_area_bonus": ("health_professional_shortage_area_bonus", "dollars"),
        "home_dialysis_true_up": ("home_dialysis_true_up", "dollars"),
        "high_performers_pool": ("high_performers_pool", "dollars"),
        "disaster_share": ("extreme_and_uncontrollable_circumstance", "share"),
        "published_total": ("total_monies_owed_by_to_cms", "dollars"),
    },
    frozenset({"entity_type", "agreement_option", "adjusted_benchmark_ckd_esrd", "performance_year_expenditure"}),
    {2023: 79},
    frozenset({"organization", "states", "claims_reduced", "capitation_paid"}),
    year=2023,
)  # fmt: skip

LAYOUTS = (REACH_RESULTS, REACH_TABLE, KCC_RESULTS)
READS = {"mssp": "read_puf", "reach": "read_reach", "kcc": "read_kcc"}


def recognised(headings: Iterable[str]) -> Layout | None:
    """The layout that a heading line belongs to."""
    have = {plain(heading) for heading in headings}
    return next((layout for layout in LAYOUTS if layout.signs <= have), None)
