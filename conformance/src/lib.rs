//! The test app on every framework, and the cases that judge it from outside.

pub mod axum_app;
pub mod policy_file;
pub mod raw;
pub mod serve;
pub mod test_app;
