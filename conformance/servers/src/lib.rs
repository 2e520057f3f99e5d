//! The test app on every framework, served in a test or as a program.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod actix_app;
pub mod axum_app;
mod framework;
pub mod hyper_app;
mod hyper_server;
pub mod policy_file;
pub mod rocket_app;
pub mod serve;
pub mod test_app;
pub mod warp_app;

pub use framework::Framework;
