//! A CORS policy and the engine that decides requests by it, independent of any web framework.
//!
//! A service uses the adapter of its framework (`cors-axum`, ...), which re-exports what a service
//! needs from this crate. Use this crate directly to share a [`Policy`] between services, to test a
//! policy with a model of a browser, or to write an adapter.
//!
//! CORS is a pure function of a policy and a request head. Its result is a [`Decision`].
//!
//! ```
//! use std::time::Duration;
//!
//! use cors_core::Policy;
//!
//! # fn main() -> Result<(), cors_core::PolicyErrors> {
//! let policy = Policy::builder()
//!     .allow_origins(["https://app.example.com", "https://*.example.com", "http://localhost:*"])
//!     .allow_methods(["PUT", "DELETE"])
//!     .allow_headers(["content-type", "authorization"])
//!     .expose_headers(["x-request-id"])
//!     .allow_credentials(true)
//!     .max_age(Duration::from_secs(600))
//!     .build()?;
//! assert!(policy.allows_origin("https://app.example.com"));
//! # Ok(())
//! # }
//! ```
//!
//! - [`PolicyConfig`] has every setting with its default; [`Policy::builder`] sets the same in
//!   code. A policy with a mistake is not built: [`PolicyErrors`] has every problem at once.
//! - [`Policy::decide`] decides on a request and never allocates; [`Policy::explain`] says in words
//!   why a request was refused, and what to change.
//! - [`Policy::allows_origin`] decides on an origin alone, in a WebSocket handshake for instance.
//! - [`PolicyMap`] holds policies by path, `SharedPolicy` replaces them while requests come in, and
//!   [`PolicyBuilder::allow_origin_if_async`] asks a database: see [several
//!   policies](guide::several_policies) and [origins from a
//!   database](guide::origins_from_a_database).
//! - `browser` is the other half of the protocol: how a browser reads the responses.
//! - `probe` tests a whole app against its policy, without a browser and without a socket.
//! - [`adapter`] is for the authors of adapters: see [writing an
//!   adapter](guide::writing_an_adapter).
//! - The [guide] has a page for each subject: [what a browser's console
//!   says](guide::browser_messages) and what to change, [logs and counters](guide::what_is_told),
//!   [pages that sign in](guide::signing_in), [proxies and caches](guide::deployment), the settings
//!   of other libraries [in Rust](guide::from_rust) and [in Python](guide::from_python).
//!
//! CORS is not access control: it tells browsers which pages may read responses. A client that is
//! not a browser can send any `Origin`, so every endpoint still needs its own authorization. A
//! server on the own machine or in a private network needs [`PolicyConfig::allow_hosts`] too.
//!
//! # Features
//!
//! A feature adds API and never changes a decision. All features are off by default.
//!
//! - `browser`: `browser` and `probe`, for tests and tools.
//! - `http`: the adapter's types for the `http` crate, version 1.
//! - `metrics`: `count_decisions`, counters of the crate `metrics`.
//! - `public-suffix`: `check_public_suffixes`, with the list compiled in.
//! - `regex`: `allow_origin_regexes`.
//! - `reload`: `SharedPolicy`.
//! - `schema`: `JsonSchema` of policy files, for editors; `policy.schema.json` in this crate is made
//!   of it.
//! - `serde`: policies from files.
//! - `tracing`: `Log`, which writes refusals and replaced policies as events of `tracing`.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod adapter;
#[cfg(feature = "browser")]
pub mod browser;
mod evaluate;
pub mod guide;
mod policy;
#[cfg(feature = "browser")]
pub mod probe;
mod protocol;
mod tell;

pub use adapter::{DecisionEvent, Difference, Mistake, MistakeKind};
pub use evaluate::explain::Explanation;
pub use policy::Policy;
pub use policy::async_predicate::AsyncPredicate;
pub use policy::builder::PolicyBuilder;
pub use policy::config::PolicyConfig;
pub use policy::map::PolicyMap;
pub use policy::map::builder::PolicyMapBuilder;
pub use policy::map::config::PolicyMapConfig;
pub use policy::predicate::{OriginQuery, Predicate};
pub use policy::problem::{PolicyErrors, Problem, ProblemKind};
#[cfg(feature = "reload")]
pub use policy::reload::SharedPolicy;
pub use policy::setting::{Setting, SettingLocation};
pub use protocol::decision::{Decision, OriginRule};
pub use protocol::escape::ForeignText;
pub use protocol::origin::Origin;
pub use protocol::origin_error::OriginError;
pub use protocol::refusal::{Refusal, RequestPart};
pub use protocol::request::RequestKind;
#[cfg(feature = "metrics")]
pub use tell::counters::count_decisions;
#[cfg(feature = "tracing")]
pub use tell::log::Log;

/// Checks that the code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
