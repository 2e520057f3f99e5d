//! CORS for Rocket.
//!
//! ```
//! use std::time::Duration;
//!
//! use cors_rocket::{Cors, Policy};
//! use rocket::{get, routes};
//!
//! #[get("/")]
//! fn hello() -> &'static str {
//!     "hello"
//! }
//!
//! # fn main() -> Result<(), cors_rocket::PolicyErrors> {
//! let policy = Policy::builder()
//!     .allow_origins(["https://app.example.com", "http://localhost:*"])
//!     .allow_methods(["PUT", "DELETE"])
//!     .allow_headers(["content-type", "authorization"])
//!     .allow_credentials(true)
//!     .max_age(Duration::from_secs(600))
//!     .build()?;
//!
//! let app = rocket::build()
//!     .mount("/", routes![hello])
//!     .attach(Cors::new(policy));
//! # let _ = app;
//! # Ok(())
//! # }
//! ```
//!
//! # Where to put the fairing
//!
//! **On the app**, as above: [`Cors`] covers every route and every catcher, a panic's too. A
//! preflight needs no route, and OPTIONS requests that are not preflights reach the app's own.
//! Attach it before other fairings that look at requests, and after those that change their
//! headers. A request that the policy rejects (`reject_disallowed_origins`) goes on as an OPTIONS
//! request, since a fairing can't answer: Rocket's log, and fairings that look at it later, see
//! that method. A fairing that logs requests as they came goes before this one.
//!
//! **On some routes**: [`Cors::mount`] mounts them under the policy, and leaves the rest alone.
//!
//! # Several policies in one app
//!
//! Policies go by path, with the feature `paths`, or with the routes, by [`Cors::mount`]: see
//! [`cors_core::guide::several_policies`].
//!
//! ```
//! # fn main() -> Result<(), cors_rocket::PolicyErrors> {
//! use cors_rocket::{Cors, Policy, PolicyMap};
//! use rocket::{get, routes};
//!
//! #[get("/feed")]
//! fn feed() -> &'static str {
//!     "news"
//! }
//!
//! #[get("/orders")]
//! fn orders() -> &'static str {
//!     "[]"
//! }
//!
//! let app_policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
//! let public = Policy::builder().allow_origins(["*"]).build()?;
//! let partners = Policy::builder().allow_origins(["https://partner.example"]).build()?;
//!
//! let policies = PolicyMap::builder()
//!     .default_policy(app_policy)
//!     .path("/feed", public)
//!     .build()?;
//! let app = rocket::build()
//!     .mount("/", routes![feed])
//!     .attach(Cors::new(policies))
//!     .attach(Cors::mount(partners, "/", routes![orders]));
//! # let _ = app;
//! # Ok(())
//! # }
//! ```
//!
//! # What Rocket does before any fairing
//!
//! Rocket responds 400 to a method that it does not know (`PROPFIND`), without headers. It drops
//! header lines that are not UTF-8, so such an `Origin` looks absent. It takes `_method` in a form
//! that is sent by POST for the request's method.
//!
//! # Features
//!
//! The features `paths`, `public-suffix`, `regex`, `reload` and `serde` are those of [`cors_core`].

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod fairing;
mod mount;
mod record;
mod view;

pub use cors_core;
#[cfg(feature = "reload")]
#[doc(no_inline)]
pub use cors_core::SharedPolicy;
#[doc(no_inline)]
pub use cors_core::browser;
#[doc(no_inline)]
pub use cors_core::{
    AsyncPredicate, Decision, Explanation, Origin, OriginQuery, OriginRule, Policy, PolicyBuilder,
    PolicyConfig, PolicyErrors, PolicyMap, PolicyMapBuilder, PolicyMapConfig, Predicate, Problem,
    ProblemKind, Refusal, RequestKind, Setting, SettingLocation,
};

pub use fairing::Cors;
pub use mount::CorsMount;
pub use record::CorsDecision;
pub use view::{RequestView, RocketText};
