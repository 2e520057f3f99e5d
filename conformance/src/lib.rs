//! The cases that judge the test app from outside, on every framework.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod cases;

/// Checks that the Rust code of the README, and that of the guide's pages on adapters, compiles.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../README.md")]
    struct Readme;

    #[doc = include_str!("../../cors-core/src/guide/frameworks.md")]
    struct Frameworks;

    #[doc = include_str!("../../cors-core/src/guide/policy_files.md")]
    struct PolicyFiles;

    #[doc = include_str!("../../cors-core/src/guide/testing.md")]
    struct Testing;

    #[doc = include_str!("../../cors-core/src/guide/what_is_told.md")]
    struct WhatIsTold;
}
