//! CORS for warp.
//!
//! ```
//! use std::time::Duration;
//!
//! use cors_warp::{CorsLayer, Policy};
//! use tower_layer::Layer as _;
//! use warp::Filter;
//!
//! # fn main() -> Result<(), cors_warp::PolicyErrors> {
//! let policy = Policy::builder()
//!     .allow_origins(["https://app.example.com", "http://localhost:*"])
//!     .allow_methods(["PUT", "DELETE"])
//!     .allow_headers(["content-type", "authorization"])
//!     .allow_credentials(true)
//!     .max_age(Duration::from_secs(600))
//!     .build()?;
//!
//! let routes = warp::path::end().map(|| "hello");
//! let service = CorsLayer::new(policy).layer(warp::service(routes));
//! # let _ = service;
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod filter;

#[doc(no_inline)]
pub use cors_axum::CorsLayer;
pub use cors_core;
pub use cors_core::{Policy, PolicyBuilder, PolicyConfig, PolicyErrors};

pub use filter::Cors;
