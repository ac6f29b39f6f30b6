//! Bindings: convert, call, convert back. No rule and no arithmetic lives here.

mod all_payer;
mod apm;
mod arrangement;
mod benchmark;
mod break_even;
mod buffers;
mod call;
mod clinicians;
mod errors;
mod explain;
mod fee;
mod incentive;
mod kcc;
mod outlook;
mod puf;
mod qp;
mod reach;
mod reconcile;
mod regional;
mod rows;
mod rules;
mod settle;
mod target_price;
mod winsorise;

use pyo3::prelude::*;

/// Native half of the package; use `sharedsavings`.
#[pymodule]
mod _core {
    use crate::core;
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::all_payer::all_payer;
    #[pymodule_export]
    use super::apm::{advanced_apm, advanced_apm_explain, apm_catalogue, apm_codes, apm_programs, marginal_bands};
    #[pymodule_export]
    use super::arrangement::{arrangements, describe_arrangement, program_names};
    #[pymodule_export]
    use super::benchmark::{benchmark, benchmark_explain, benchmark_levels, type_codes};
    #[pymodule_export]
    use super::break_even::{break_even, break_even_explain};
    #[pymodule_export]
    use super::clinicians::{are_npis, clinician_explain, clinician_terms, clinicians, made_npis};
    #[pymodule_export]
    use super::explain::{cents, dollars, read_row, whole_numbers};
    #[pymodule_export]
    use super::fee::{fee_explain, fee_plan, fees};
    #[pymodule_export]
    use super::incentive::{recipient_columns, recipients};
    #[pymodule_export]
    use super::kcc::{above_sum, compare_kcc, is_sum};
    #[pymodule_export]
    use super::outlook::{outlook, outlook_columns};
    #[pymodule_export]
    use super::puf::{covers_half_year, expenditures_as_printed, totals_agree, whole_year};
    #[pymodule_export]
    use super::qp::{qp_explain, qp_status, qp_warnings};
    #[pymodule_export]
    use super::reach::{benchmark_with_equity, compare_reach, differences, rate_is_percent};
    #[pymodule_export]
    use super::reconcile::{compare, least_revenue, within_rate};
    #[pymodule_export]
    use super::regional::regional;
    #[pymodule_export]
    use super::rows::{decimals, explain_row, row_verb, run_rows};
    #[pymodule_export]
    use super::rules::RuleBook;
    #[pymodule_export]
    use super::settle::{
        program_family, program_name, settle, settle_explain, settle_unread, settle_warnings, track_codes,
    };
    #[pymodule_export]
    use super::target_price::{entity_totals, target_explain, target_plan, target_prices};
    #[pymodule_export]
    use super::winsorise::{winsor_plan, winsorise};

    /// The shipped rule book.
    #[pyfunction]
    fn shipped(py: Python<'_>) -> PyResult<Py<RuleBook>> {
        super::rules::shipped(py)
    }

    /// Instruction set that the kernels use: `baseline`, `avx2` or `avx512`.
    #[pyfunction]
    fn simd_level() -> &'static str {
        match core::kernel::level() {
            core::kernel::Level::Baseline => "baseline",
            core::kernel::Level::Avx2 => "avx2",
            core::kernel::Level::Avx512 => "avx512",
        }
    }

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("QP_COLUMNS", core::qp::reason::COLUMNS.to_vec())?;
        module.add("SETTLE_COLUMNS", core::settle::reason::COLUMNS.to_vec())?;
        module.add("BENCHMARK_CELL_COLUMNS", core::benchmark::cell::COLUMNS.to_vec())?;
        module.add("BENCHMARK_ENTITY_COLUMNS", core::benchmark::entity::COLUMNS.to_vec())?;
        module.add("BENCHMARK_ADJUSTMENTS", core::benchmark::APPLIED.to_vec())?;
        module.add("BENCHMARK_REASONS", core::benchmark::reason::REASONS.to_vec())?;
        module.add("ENROLLMENT_TYPES", core::benchmark::TYPES.to_vec())?;
        module.add("QP_STATUSES", core::qp::STATUSES.to_vec())?;
        module.add("QP_METHODS", core::qp::METHODS.to_vec())?;
        module.add("QP_OPTIONS", core::qp::OPTIONS.to_vec())?;
        module.add("QP_REASONS", core::qp::reason::REASONS.to_vec())?;
        module.add("CLINICIAN_REASONS", core::qp::clinicians::reason::REASONS.to_vec())?;
        module.add("CLINICIAN_LEVELS", core::qp::clinicians::LEVELS.to_vec())?;
        module.add("CLINICIAN_LISTS", core::qp::clinicians::LISTS.to_vec())?;
        module.add("NULL_NUMBER", core::qp::clinicians::NULL_NUMBER)?;
        module.add("NO_ENTITY", core::qp::clinicians::NO_ENTITY)?;
        module.add("UNREADABLE_NUMBER", core::qp::clinicians::UNREADABLE)?;
        module.add("MIPS_PARTICIPATIONS", core::qp::mips::PARTICIPATIONS.to_vec())?;
        module.add("PARTIAL_QP_ELECTIONS", core::qp::mips::ELECTIONS.to_vec())?;
        module.add("ALL_PAYER_COLUMNS", core::qp::all_payer::COLUMNS.to_vec())?;
        module.add("ALL_PAYER_REASONS", core::qp::all_payer::reason::REASONS.to_vec())?;
        module.add("PAYERS", core::qp::all_payer::PAYERS.to_vec())?;
        module.add("SETTLE_REASONS", core::settle::reason::REASONS.to_vec())?;
        module.add("FEE_COLUMNS", core::fee::COLUMNS.to_vec())?;
        module.add("FEE_KINDS", core::fee::KINDS.to_vec())?;
        module.add("FEE_AMOUNTS", core::fee::AMOUNTS.to_vec())?;
        module.add("FEE_REASONS", core::fee::reason::REASONS.to_vec())?;
        module.add("TARGET_PRICE_COLUMNS", core::target_price::COLUMNS.to_vec())?;
        module
            .add("TARGET_PRICE_KINDS", core::target_price::KINDS.map(core::target_price::Kind::name).to_vec())?;
        let measures = core::target_price::MEASURES.map(|at| core::target_price::COLUMNS[at]);
        module.add("TARGET_PRICE_MEASURES", measures.to_vec())?;
        module.add("TARGET_PRICE_REASONS", core::target_price::reason::REASONS.to_vec())?;
        module.add("WINSORISE_COLUMNS", core::winsorise::COLUMNS.to_vec())?;
        module.add("WINSORISE_TAILS", core::winsorise::TAILS.to_vec())?;
        module.add("WINSORISE_REASONS", core::winsorise::reason::REASONS.to_vec())?;
        module.add("APM_COLUMNS", core::apm::reason::COLUMNS.to_vec())?;
        for (name, words) in super::apm::words() {
            module.add(name, words)?;
        }
        module.add("BREAK_EVEN_COLUMNS", core::settle::break_even_run::COLUMNS.to_vec())?;
        module.add("BREAK_EVEN_SEGMENTS", core::settle::segment::SEGMENTS.to_vec())?;
        module.add("BREAK_EVEN_REASONS", core::settle::segment::reasons())?;
        module.add("VERDICTS", core::reconcile::VERDICTS.to_vec())?;
        module.add("NOT_REPRODUCED", core::reconcile::NOT_REPRODUCED)?;
        module.add("UNEXPLAINED", core::reconcile::UNEXPLAINED)?;
        module.add("REACH_VERDICTS", core::reach::VERDICTS.to_vec())?;
        module.add("REACH_NOT_REPRODUCED", core::reach::NOT_REPRODUCED)?;
        module.add("REACH_UNEXPLAINED", core::reach::UNEXPLAINED)?;
        module.add("KCC_VERDICTS", core::kcc::VERDICTS.to_vec())?;
        module.add("KCC_UNEXPLAINED", core::kcc::UNEXPLAINED)?;
        module.add("NULL_STATUS", core::qp::NULL)?;
        module.add("NOT_NEEDED", core::qp::NOT_NEEDED)?;
        module.add("NULL_CENTS", core::settle::NULL_CENTS)?;
        module.add("DEBUG_BUILD", cfg!(debug_assertions))
    }
}
