//! The core, held against judges from outside: figures that CMS published, a second implementation, exact
//! rational arithmetic, and properties that any such arithmetic must have.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::float_cmp)]

mod apm;
mod benchmark_case;
mod benchmark_reference;
mod benchmark_vectors;
mod break_even;
mod consequences;
mod corridor_kernel;
mod fee;
mod layers;
mod models;
mod models_break_even;
mod models_properties;
mod models_vectors;
mod programs;
mod qp_frame;
mod qp_input;
mod qp_judge;
mod qp_plan;
mod qp_properties;
mod qp_vectors;
mod rulebook;
mod rulebook_fuzz;
mod rulebook_refusals;
mod settle_frame;
mod settle_input;
mod settle_part_properties;
mod settle_part_years;
mod settle_plan;
mod settle_properties;
mod settle_published;
mod settle_reference;
mod settle_vectors;
mod support;
mod target_price;
