//! The TOML files of `rules/`, part of the binary. A test holds this list against the folder.

macro_rules! embed {
    ($($path:literal),+ $(,)?) => {
        /// (path below `rules/`, text) of every file of the shipped book.
        pub const FILES: &[(&str, &str)] =
            &[$(($path, include_str!(concat!("../../../rules/", $path)))),+];
    };
}

embed! {
    "book.toml",
    "sources.toml",
    "qp/medicare.toml",
    "qp/all_payer.toml",
    "qp/incentive.toml",
    "qp/conversion_factor.toml",
    "mips/eligibility.toml",
    "mips/weights.toml",
    "qp/clinicians.toml",
    "mssp/tracks.toml",
    "mssp/minimum_rate.toml",
    "mssp/sharing.toml",
    "mssp/sequestration.toml",
    "mssp/losses.toml",
    "mssp/benchmark.toml",
    "mssp/benchmark_before_july_2019.toml",
    "mssp/benchmark_425_601.toml",
    "mssp/benchmark_425_652.toml",
    "mssp/part_years.toml",
    "programs.toml",
    "apm/criteria.toml",
    "apm/aco.toml",
    "apm/primary_care.toml",
    "apm/kidney.toml",
    "apm/oncology.toml",
    "apm/episodes.toml",
    "apm/states.toml",
    "apm/other.toml",
    "cpc_plus.toml",
    "primary_care_first.toml",
    "iota.toml",
    "medical_home.toml",
    "reach.toml",
    "kcc.toml",
    "ngaco.toml",
    "cec.toml",
    "ocm.toml",
    "eom.toml",
    "bpci.toml",
    "bpci_advanced.toml",
    "cjr.toml",
    "team.toml",
    "pioneer.toml",
    "vermont.toml",
    "masshealth.toml",
}
