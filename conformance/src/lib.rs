//! The test app on every framework, and the cases that judge it from outside.

pub mod actix_app;
pub mod axum_app;
pub mod cases;
pub mod http2;
pub mod policy_file;
pub mod raw;
pub mod recorder;
pub mod rocket_app;
pub mod serve;
pub mod test_app;
pub mod warp_app;

use serve::Framework;

/// Every framework, and every way in which an adapter is put around an app.
pub const FRAMEWORKS: [Framework; 5] = [
    actix_app::FRAMEWORK,
    axum_app::FRAMEWORK,
    rocket_app::FRAMEWORK,
    warp_app::FRAMEWORK,
    warp_app::FILTER,
];

/// The README's Rust code compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
