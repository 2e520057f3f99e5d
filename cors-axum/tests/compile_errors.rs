//! What the compiler says to the mistakes that newcomers make: each text names the way out.
//!
//! The texts are those of the Rust version that `.ci/run` has, so the test is ignored elsewhere:
//! `cargo test -p cors-axum --test compile_errors -- --ignored`, with `TRYBUILD=overwrite` to accept new
//! ones.

#[test]
#[ignore = "compares with the texts of one version of Rust"]
fn the_compiler_names_the_way_out() {
    trybuild::TestCases::new().compile_fail("tests/compile_errors/*.rs");
}
