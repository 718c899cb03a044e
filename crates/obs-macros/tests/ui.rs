//! What does not compile says why, at the place, and what is accepted instead. What compiles is in the other files.

/// TRC-01, TRC-02, TRC-05
#[test]
fn mistakes_are_compile_errors_that_name_what_is_accepted() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
