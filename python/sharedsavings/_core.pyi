"""Native half of the package; use `sharedsavings`."""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal, final

import numpy as np
from numpy.typing import NDArray

# An array, (values, nulls), (decimal words, nulls, digits), a list of such chunks, or one number for all rows.
_Masked = tuple[NDArray[Any], NDArray[np.bool_] | None] | tuple[NDArray[Any], NDArray[np.bool_] | None, int]
_Column = NDArray[Any] | _Masked | list[_Masked] | int | float
_AsOf = date | str | None
_Money = Literal["cents", "dollars"]

__version__: Final[str]
QP_COLUMNS: Final[list[str]]
SETTLE_COLUMNS: Final[list[str]]
BENCHMARK_CELL_COLUMNS: Final[list[str]]
BENCHMARK_ENTITY_COLUMNS: Final[list[str]]
BENCHMARK_ADJUSTMENTS: Final[list[str]]
BENCHMARK_REASONS: Final[list[str]]
ENROLLMENT_TYPES: Final[list[str]]
QP_STATUSES: Final[list[str]]
QP_METHODS: Final[list[str]]
QP_OPTIONS: Final[list[str]]
QP_REASONS: Final[list[str]]
CLINICIAN_REASONS: Final[list[str]]
CLINICIAN_LEVELS: Final[list[str]]
CLINICIAN_LISTS: Final[list[str]]
NULL_NUMBER: Final[int]
NO_ENTITY: Final[int]
UNREADABLE_NUMBER: Final[int]
MIPS_PARTICIPATIONS: Final[list[str]]
PARTIAL_QP_ELECTIONS: Final[list[str]]
ALL_PAYER_COLUMNS: Final[list[str]]
ALL_PAYER_REASONS: Final[list[str]]
PAYERS: Final[list[str]]
SETTLE_REASONS: Final[list[str]]
TARGET_PRICE_COLUMNS: Final[list[str]]
TARGET_PRICE_KINDS: Final[list[str]]
TARGET_PRICE_MEASURES: Final[list[str]]
TARGET_PRICE_REASONS: Final[list[str]]
WINSORISE_COLUMNS: Final[list[str]]
WINSORISE_TAILS: Final[list[str]]
WINSORISE_REASONS: Final[list[str]]
APM_COLUMNS: Final[list[str]]
APM_VERDICTS: Final[list[str]]
APM_ANSWERS: Final[list[str]]
APM_STANDARDS: Final[list[str]]
APM_WHYS: Final[list[str]]
APM_REASONS: Final[list[str]]
BREAK_EVEN_COLUMNS: Final[list[str]]
BREAK_EVEN_SEGMENTS: Final[list[str]]
BREAK_EVEN_REASONS: Final[list[str]]
VERDICTS: Final[list[str]]
NOT_REPRODUCED: Final[int]
UNEXPLAINED: Final[int]
REACH_VERDICTS: Final[list[str]]
REACH_NOT_REPRODUCED: Final[int]
REACH_UNEXPLAINED: Final[int]
KCC_VERDICTS: Final[list[str]]
KCC_UNEXPLAINED: Final[int]
NULL_STATUS: Final[int]
NOT_NEEDED: Final[int]
NULL_CENTS: Final[int]
DEBUG_BUILD: Final[bool]

@final
class RuleBook:
    """A checked rule book: the shipped one, or that with overrides laid over it."""

    @property
    def version(self) -> str:
        """Version that the book states."""

    @property
    def digest(self) -> str:
        """SHA-256 of its rules and sources."""

    def overlay(self, rules: Mapping[str, Any] | str | os.PathLike[str]) -> RuleBook:
        """A new book: this one with an override laid over it."""

    def rules(self, id: str | None = None) -> list[dict[str, Any]]:
        """Every rule as a mapping, in order of id and precedence; `id` keeps one id."""

    def find(self, id: str, year: int, as_of: _AsOf = None, proposed: bool = False) -> dict[str, Any] | None:
        """The rule in force for an id and a year of its own clock, or None."""

    def suggest(self, id: str) -> str:
        """Ids that resemble one that does not exist."""

    def sources(self) -> dict[str, dict[str, Any]]:
        """Sources by id."""

_Rules = RuleBook | Mapping[str, Any] | str | os.PathLike[str] | None

def shipped() -> RuleBook: ...
def simd_level() -> Literal["baseline", "avx2", "avx512"]: ...
def qp_status(
    payments_attributed: _Column | None = None,
    payments_eligible: _Column | None = None,
    patients_attributed: _Column | None = None,
    patients_eligible: _Column | None = None,
    performance_year: _Column | None = None,
    *,
    all_payer_payments_apm: _Column | None = None,
    all_payer_payments_total: _Column | None = None,
    all_payer_patients_apm: _Column | None = None,
    all_payer_patients_total: _Column | None = None,
    money: _Money = "cents",
    as_of: _AsOf = None,
    proposed: bool = False,
    rules: _Rules = None,
    threads: int | None = None,
    invalid: Literal["raise", "null"] = "raise",
    outputs: Sequence[str] | None = None,
    out: dict[str, NDArray[Any]] | None = None,
    names: dict[str, str] | None = None,
) -> dict[str, NDArray[Any]]: ...
def qp_warnings(performance_year: _Column, rules: RuleBook, as_of: _AsOf, proposed: bool) -> list[str]: ...
def qp_explain(values: Sequence[int | None], rules: RuleBook, as_of: _AsOf, proposed: bool) -> list[dict[str, Any]]: ...
def clinician_terms(
    performance_year: int, rules: RuleBook, as_of: _AsOf, proposed: bool
) -> tuple[list[int], list[str], bool, list[str]]: ...
def clinicians(
    given: dict[str, Any],
    performance_year: int,
    rules: RuleBook,
    as_of: _AsOf,
    proposed: bool,
    stop: bool,
    names: dict[str, str] | None,
    names_of_scores: dict[str, str] | None,
    threads: int | None,
    progress: Callable[[int, int], None] | None,
) -> dict[str, NDArray[Any]]: ...
def clinician_explain(
    given: dict[str, Any],
    performance_year: int,
    rules: RuleBook,
    as_of: _AsOf,
    proposed: bool,
    npi: int,
    tin: int | None,
    entities: list[str],
) -> list[dict[str, Any]]: ...
def are_npis(npis: NDArray[np.int64], performance_year: int, rules: RuleBook) -> NDArray[np.bool_]: ...
def made_npis(first: int, count: int, performance_year: int, rules: RuleBook) -> NDArray[np.int64]: ...
def all_payer(
    amounts: dict[str, _Column],
    codes: dict[str, NDArray[Any]],
    performance_year: int,
    rules: RuleBook,
    as_of: _AsOf,
    proposed: bool,
    stop: bool,
    names: dict[str, str] | None,
) -> tuple[dict[Any, NDArray[Any]], list[str]]: ...
def settle(
    benchmark: _Column,
    expenditures: _Column,
    beneficiaries: _Column | None,
    track: _Column,
    performance_year: _Column,
    *,
    quality_score: _Column | None = None,
    quality_standard_met: _Column | None = None,
    alternative_standard_met: _Column | None = None,
    elected_rate: _Column | None = None,
    participant_revenue: _Column | None = None,
    low_revenue: _Column | None = None,
    agreement_start: _Column | None = None,
    disaster_relief: _Column | None = None,
    guardrail: _Column | None = None,
    half_year: _Column | None = None,
    termination_date: _Column | None = None,
    terminated_by_cms: _Column | None = None,
    disaster_month_share: _Column | None = None,
    disaster_beneficiary_share: _Column | None = None,
    payment_date: _Column | None = None,
    two_sided_year: _Column | None = None,
    small_benchmark_year: _Column | None = None,
    advance_balance: _Column | None = None,
    discount: _Column | None = None,
    elected_cap: _Column | None = None,
    benchmark_final: _Column | None = None,
    benchmark_bonus: _Column | None = None,
    geographic_factor: _Column | None = None,
    payment_adjustment: _Column | None = None,
    program: str = "mssp",
    money: _Money = "cents",
    as_of: _AsOf = None,
    proposed: bool = False,
    rules: _Rules = None,
    threads: int | None = None,
    invalid: Literal["raise", "null"] = "raise",
    outputs: Sequence[str] | None = None,
    out: dict[str, NDArray[Any]] | None = None,
    names: dict[str, str] | None = None,
    positions: NDArray[np.int64] | None = None,
) -> dict[str, NDArray[Any]]: ...
def track_codes(
    program: str, spellings: Sequence[str], rules: RuleBook, as_of: _AsOf, proposed: bool
) -> tuple[list[int | None], list[str]]: ...

FEE_COLUMNS: list[str]
FEE_KINDS: list[str]
FEE_AMOUNTS: list[str]
FEE_REASONS: list[str]

def fees(
    program: str,
    given: dict[str, Any],
    rules: RuleBook,
    as_of: _AsOf,
    proposed: bool,
    stop: bool,
    names: dict[str, str] | None,
    positions: NDArray[np.int64] | None = None,
) -> dict[str, NDArray[Any]]: ...
def fee_plan(
    program: str, spellings: Sequence[str], years: Sequence[int], rules: RuleBook, as_of: _AsOf, proposed: bool
) -> tuple[list[int | None], list[str], list[str]]: ...
def fee_explain(
    program: str, values: Sequence[int | None], rules: RuleBook, as_of: _AsOf, proposed: bool
) -> list[dict[str, Any]]: ...
def program_names(rules: RuleBook, as_of: _AsOf, proposed: bool) -> list[tuple[str, str, str]]: ...
def row_verb(
    verb: str,
) -> tuple[list[tuple[str, str, list[str]]], list[tuple[str, str, list[str]]], list[str]]: ...
def run_rows(
    verb: str,
    given: dict[str, Any],
    rules: RuleBook,
    as_of: _AsOf,
    proposed: bool,
    stop: bool,
    names: dict[str, str] | None,
) -> dict[str, Any]: ...
def explain_row(
    verb: str, values: Sequence[int | None], rules: RuleBook, as_of: _AsOf, proposed: bool
) -> list[dict[str, Any]]: ...
def decimals(values: NDArray[np.int64], unit: str) -> NDArray[np.float64]: ...
def recipient_columns() -> tuple[list[tuple[str, str, list[str]]], list[str]]: ...
def recipients(given: dict[str, Any], names: dict[str, str] | None) -> dict[str, NDArray[Any]]: ...
def outlook_columns() -> tuple[list[tuple[str, str, list[str]]], list[str], list[str]]: ...
def outlook(
    given: dict[str, Any],
    history: dict[str, Any] | None,
    rules: RuleBook,
    as_of: _AsOf,
    proposed: bool,
    stop: bool,
    names: dict[str, str] | None,
) -> dict[str, Any]: ...
def arrangements(
    program: str, rules: RuleBook, as_of: _AsOf, proposed: bool
) -> list[tuple[int, str, str, str, str]]: ...
def describe_arrangement(
    program: str, arrangement: str, performance_year: int, rules: RuleBook, as_of: _AsOf, proposed: bool
) -> list[str]: ...
def program_name(program: str, rules: RuleBook, as_of: _AsOf, proposed: bool) -> str: ...
def program_family(
    program: str, rules: RuleBook, as_of: _AsOf, proposed: bool
) -> Literal["shared_savings", "fees"] | None: ...
def settle_warnings(
    program: str,
    performance_year: _Column,
    track: _Column,
    terminated: bool,
    rules: RuleBook,
    as_of: _AsOf,
    proposed: bool,
) -> list[str]: ...
def settle_unread(program: str, rules: RuleBook, as_of: _AsOf, proposed: bool) -> list[str]: ...
def settle_explain(
    program: str, values: Sequence[int | None], rules: RuleBook, as_of: _AsOf, proposed: bool
) -> list[dict[str, Any]]: ...
def break_even(
    benchmark: _Column,
    beneficiaries: _Column | None,
    track: _Column,
    performance_year: _Column,
    *,
    target_earned: _Column | None = None,
    quality_score: _Column | None = None,
    quality_standard_met: _Column | None = None,
    alternative_standard_met: _Column | None = None,
    elected_rate: _Column | None = None,
    participant_revenue: _Column | None = None,
    low_revenue: _Column | None = None,
    agreement_start: _Column | None = None,
    disaster_relief: _Column | None = None,
    guardrail: _Column | None = None,
    half_year: _Column | None = None,
    termination_date: _Column | None = None,
    terminated_by_cms: _Column | None = None,
    disaster_month_share: _Column | None = None,
    disaster_beneficiary_share: _Column | None = None,
    payment_date: _Column | None = None,
    two_sided_year: _Column | None = None,
    small_benchmark_year: _Column | None = None,
    advance_balance: _Column | None = None,
    discount: _Column | None = None,
    elected_cap: _Column | None = None,
    benchmark_final: _Column | None = None,
    benchmark_bonus: _Column | None = None,
    geographic_factor: _Column | None = None,
    payment_adjustment: _Column | None = None,
    program: str = "mssp",
    money: _Money = "cents",
    as_of: _AsOf = None,
    proposed: bool = False,
    rules: _Rules = None,
    threads: int | None = None,
    invalid: Literal["raise", "null"] = "raise",
    outputs: Sequence[str] | None = None,
    out: dict[str, NDArray[Any]] | None = None,
    names: dict[str, str] | None = None,
    positions: NDArray[np.int64] | None = None,
) -> dict[str, NDArray[Any]]: ...
def break_even_explain(
    program: str, values: Sequence[int | None], rules: RuleBook, as_of: _AsOf, proposed: bool
) -> list[dict[str, Any]]: ...
def benchmark(
    cells: dict[str, NDArray[np.float64]],
    entities: dict[str, NDArray[np.float64]],
    starts: NDArray[np.int64],
    slots: NDArray[np.int64],
    *,
    performance_year: int,
    program: str = "mssp",
    as_of: _AsOf = None,
    proposed: bool = False,
    rules: _Rules = None,
    threads: int | None = None,
    invalid: Literal["raise", "null"] = "raise",
    outputs: Sequence[str] | None = None,
    names: dict[str, str] | None = None,
) -> tuple[dict[str, NDArray[Any]], list[str], list[str]]: ...
def benchmark_explain(
    cells: dict[str, NDArray[np.float64]],
    entities: dict[str, NDArray[np.float64]],
    starts: NDArray[np.int64],
    slots: NDArray[np.int64],
    at: int,
    performance_year: int,
    program: str,
    rules: RuleBook,
    as_of: _AsOf,
    proposed: bool,
) -> tuple[list[dict[str, Any]], str | None, str | None]: ...
def benchmark_levels(
    cells: dict[str, NDArray[np.float64]],
    entities: dict[str, NDArray[np.float64]],
    starts: NDArray[np.int64],
    slots: NDArray[np.int64],
    at: int,
    performance_year: int,
    program: str,
    rules: RuleBook,
    as_of: _AsOf,
    proposed: bool,
) -> list[tuple[str, float]]: ...
def target_prices(
    program: str,
    given: dict[str, Any],
    rules: RuleBook,
    as_of: _AsOf,
    proposed: bool,
    threads: int | None,
    stop: bool,
    names: dict[str, str] | None,
) -> dict[str, NDArray[Any]]: ...
def target_plan(
    program: str, categories: Sequence[str], years: Sequence[int], rules: RuleBook, as_of: _AsOf, proposed: bool
) -> tuple[list[int | None], list[str], bool, list[str]]: ...
def target_explain(
    program: str,
    values: Sequence[int | None],
    present: Sequence[bool],
    rules: RuleBook,
    as_of: _AsOf,
    proposed: bool,
) -> list[dict[str, Any]]: ...
def entity_totals(
    entity: NDArray[np.int64], entities: int, amounts: _Column, money: _Money, name: str
) -> NDArray[np.int64]: ...
def winsorise(
    program: str,
    given: dict[str, Any],
    rules: RuleBook,
    as_of: _AsOf,
    proposed: bool,
    threads: int | None,
    stop: bool,
    names: dict[str, str] | None,
) -> dict[str, NDArray[Any]]: ...
def winsor_plan(
    program: str, spellings: Sequence[str], years: Sequence[int], rules: RuleBook, as_of: _AsOf, proposed: bool
) -> tuple[list[int | None], list[str], list[str]]: ...
def type_codes(names: Sequence[str]) -> list[int | None]: ...
def regional(
    groups: int,
    group: NDArray[np.int64],
    county: NDArray[np.int64],
    person_years: NDArray[np.float64],
    county_per_capita: NDArray[np.float64],
    county_risk_score: NDArray[np.float64],
    county_person_years: NDArray[np.float64],
    leave_out: bool,
) -> list[NDArray[np.float64]]: ...
def compare(
    generated: NDArray[np.int64],
    earned: NDArray[np.int64],
    earned_range: tuple[NDArray[np.int64], NDArray[np.int64]],
    debt_floor: NDArray[np.int64],
    reason: NDArray[np.uint8],
    published_generated: _Column,
    published_earned: _Column,
    said: Sequence[NDArray[np.bool_]],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.uint8]]: ...
def least_revenue(expenditures: float, share: float) -> float: ...
def compare_reach(
    gross: NDArray[np.int64],
    settled: tuple[NDArray[np.int64], NDArray[np.int64]],
    published_gross: _Column,
    published_shared: _Column | None,
    published_earned: _Column,
    marked_zero: NDArray[np.bool_],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.uint8]]: ...
def differences(benchmark: Sequence[float | None], expenditures: Sequence[float | None]) -> NDArray[np.int64]: ...
def benchmark_with_equity(benchmark: float, increase: float, decrease: float) -> float: ...
def rate_is_percent(rate: float, savings: float, benchmark: float) -> bool | None: ...
def compare_kcc(
    columns: dict[str, _Column],
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.uint8]]: ...
def is_sum(rows: Sequence[float], subtotal: float) -> bool: ...
def above_sum(rows: Sequence[float], subtotal: float) -> float: ...
def within_rate(savings: float, benchmark: float, minimum_rate: float) -> bool: ...
def totals_agree(benchmark: float, expenditures: float, savings: float) -> bool: ...
def expenditures_as_printed(benchmark: float, expenditures: float, savings: float) -> float: ...
def whole_year(six_months: float) -> float: ...
def covers_half_year(benchmark: float, per_capita: float, person_years: float) -> bool | None: ...
def cents(dollars: str) -> int: ...
def dollars(cents: NDArray[np.int64], null: int) -> NDArray[np.float64]: ...
def read_row(column: _Column, row: int, conversion: str) -> int | None: ...
def whole_numbers(column: _Column, null: int, unreadable: int | None = None) -> NDArray[np.int64]: ...
def advanced_apm(
    given: dict[str, _Column],
    bands: Sequence[str],
    programs: Sequence[tuple[str, str]],
    rules: RuleBook,
    as_of: _AsOf,
    proposed: bool,
    threads: int | None,
    invalid: str,
    names: dict[str, str] | None,
) -> dict[str, Any]: ...
def advanced_apm_explain(
    values: Sequence[int | None],
    present: Sequence[bool],
    bands: Sequence[str],
    programs: Sequence[tuple[str, str]],
    rules: RuleBook,
    as_of: _AsOf,
    proposed: bool,
) -> list[dict[str, Any]]: ...
def apm_catalogue(year: int | None, rules: RuleBook, as_of: _AsOf, proposed: bool) -> list[dict[str, Any]]: ...
def apm_codes(column: str, words: Sequence[str]) -> tuple[list[int | None], list[str]]: ...
def apm_programs(
    pairs: Sequence[tuple[str, str | None]], rules: RuleBook, as_of: _AsOf, proposed: bool
) -> list[tuple[str, str | None, list[str]]]: ...
def marginal_bands(texts: Sequence[str]) -> list[str | None]: ...
