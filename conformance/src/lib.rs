//! The cases that judge the test app from outside, on every framework.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod cases;

/// Checks that the README's Rust code compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
