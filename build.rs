//! Lets test binaries link although no interpreter provides Python's symbols: they test the core and never call it.

#[allow(clippy::print_stdout)] // how a build script speaks to cargo
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    match std::env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("linux") => println!("cargo::rustc-link-arg=-Wl,--unresolved-symbols=ignore-all"),
        Ok("macos") => println!("cargo::rustc-link-arg=-Wl,-undefined,dynamic_lookup"),
        _ => {}
    }
}
