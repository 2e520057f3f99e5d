//! A test of a whole app against its policy, without a browser and without a socket.
//!
//! A policy can be right, and the app still answer wrongly: the layer stands inside of the login
//! check, an OPTIONS handler takes the preflights, a proxy adds headers of its own. A [`Probe`]
//! makes the requests that show it, from the policy. The test sends them with its framework's own
//! test client, and [`ProbeRequest::judge`] compares what comes back with what the policy says.
//! Each difference is a [`Finding`]: what was sent, what came back, what a browser makes of it, and
//! what to change. A [`Report`] collects them.
//!
//! ```
//! use cors_core::Policy;
//! use cors_core::probe::{FindingKind, Probe, Report};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The app's login check stands outside of its CORS layer.
//! let app = |_method: &str, path: &str| match path {
//!     "/account" => (401, vec![("www-authenticate", "Bearer")]),
//! #   _ => (401, vec![]),
//!     // ..
//! };
//!
//! let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
//! let mut report = Report::default();
//! for request in Probe::of(policy).route("GET", "/account").requests()? {
//!     let (status, headers) = app(request.method(), request.path());
//!     report.extend(request.judge(status, headers));
//! }
//! assert!(report.iter().any(|finding| finding.kind() == FindingKind::NoHeadersWithoutLogin));
//! assert!(report.to_string().contains("put the CORS layer around the login check"));
//! # Ok(())
//! # }
//! ```
//!
//! The documentation of each adapter has the same in its framework.
//!
//! # What is sent
//!
//! To each route: the request from an allowed origin, with its preflight, from a refused one, and
//! without `Origin`; a preflight for a method and one for a header that the policy may not list;
//! and a method that the route does not have. The same to a path without a route, to a path of each
//! pattern of a [`PolicyMap`](crate::PolicyMap), and there to a second spelling of each route's
//! path.
//!
//! To the first route of each policy also: every origin of `allow_origins` and of
//! `allow_credentials_from` (a pattern by an origin that it matches, a range of ports by both of its
//! ends), `null`, and near-misses: the same name under another scheme, another port, or another
//! domain, a subdomain of it, one beside it, a beginning of it, or with another character in the
//! place of a dot or of a letter; the ports and the networks beside those of a pattern; and names of headers beside
//! those of a prefix.
//! [`Probe::origin`] adds other origins. Where the policy lists hosts, a request for another host too.
//!
//! No request has a login, so a route that needs one responds 401: that is what a page sees whose
//! session has ended, and it must be able to read it. Requests go to the app's routes as they are
//! named, DELETE included, so the app is one that a test may change.
//!
//! # What is left out
//!
//! - Paths that the policies leave alone. Where the layer covers a part of an app alone, the finding
//!   about the path without a route says so, and is meant.
//! - Origins that depend on an asynchronous predicate. Those that depend on a regular expression or
//!   on a predicate, unless [`Probe::origin`] adds some.
//! - With `keep_app_headers`, what another layer does to the headers: they count as the app's own.
//! - Bodies, and what an app does with a request beyond its response's head.

mod compare;
mod finding;
mod hosts;
mod judge;
mod kind;
mod origins;
mod plan;
mod report;
mod request;
mod target;

pub use finding::Finding;
pub use kind::FindingKind;
pub use plan::{Probe, ProbeError};
pub use report::Report;
pub use request::ProbeRequest;

use crate::policy::Policy;

/// Returns origins to try a policy with, each once: one that each item allows, then such as are near
/// to the first items, a foreign one, and `null`.
///
/// ```
/// use cors_core::{Policy, probe};
///
/// # fn main() -> Result<(), cors_core::PolicyErrors> {
/// let policy = Policy::builder().allow_origins(["https://*.example.com"]).build()?;
/// let origins = probe::sample_origins(&policy);
/// assert!(policy.allows_origin(&origins[0]));
/// assert!(origins.contains(&"https://example.com".to_owned()));
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn sample_origins(policy: &Policy) -> Vec<String> {
    origins::of(policy)
}

/// Returns hosts to try a policy with: one that each item of `allow_hosts` allows, and a foreign one.
#[must_use]
pub fn sample_hosts(policy: &Policy) -> Vec<String> {
    hosts::samples(policy)
}

/// Returns a path that a pattern of a [`PolicyMap`](crate::PolicyMap) matches.
#[must_use]
pub fn sample_path(pattern: &str) -> String {
    plan::path_of(pattern)
}
