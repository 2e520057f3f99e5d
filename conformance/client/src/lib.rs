//! HTTP clients for tests: they send what a well-behaved client refuses to send.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod http2;
pub mod raw;
