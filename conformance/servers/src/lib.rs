//! The test app on every framework, served in a test or as a program.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod actix_app;
pub mod axum_app;
pub mod policy_file;
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
