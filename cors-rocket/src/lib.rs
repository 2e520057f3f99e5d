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
//! Attach it after fairings that change the headers or the method of requests, and before others. A
//! request that the policy rejects goes on with `cors-rejected` in its query, since a fairing can't
//! answer: Rocket's log, and fairings that look at it later, see that query. A fairing that logs
//! requests as they came goes before this one.
//!
//! **On some routes**: [`Cors::mount`] mounts them under the policy, and leaves the rest alone.
//!
//! # Several policies in one app
//!
//! Policies go by path, or with the routes, by [`Cors::mount`]: see
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
//! # Test the app
//!
//! `probe` (feature `browser`, for tests) makes requests from a policy, and finds what is wrong with
//! an app's responses: a layer inside of the login check, a handler of OPTIONS in front of it, a
//! proxy's headers. Rocket's local client sends them:
//!
//! ```
//! # #[cfg(feature = "browser")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use cors_rocket::probe::{Probe, Report};
//! use cors_rocket::{Cors, Policy};
//! use rocket::http::{Header, Method};
//! use rocket::local::blocking::Client;
//! use rocket::{get, routes};
//!
//! #[get("/notes")]
//! fn notes() -> &'static str {
//!     "[]"
//! }
//!
//! let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
//! let app = rocket::build().mount("/", routes![notes]).attach(Cors::new(policy.clone()));
//! let client = Client::untracked(app)?;
//!
//! let mut report = Report::default();
//! for request in Probe::of(policy).route("GET", "/notes").requests()? {
//!     let method: Method = request.method().parse().map_err(|_| "a method that Rocket lacks")?;
//!     let mut head = client.req(method, request.path());
//!     for (name, value) in request.headers() {
//!         head.add_header(Header::new(name.to_owned(), value.to_owned()));
//!     }
//!     let response = head.dispatch();
//!     let headers = response.headers().iter();
//!     let headers = headers.map(|header| (header.name().to_string(), header.value().to_owned()));
//!     report.extend(request.judge(response.status().code, headers));
//! }
//! assert!(report.is_empty(), "{report}");
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "browser"))]
//! # fn main() {}
//! ```
//!
//! # What Rocket does before any fairing
//!
//! Rocket responds 400 to a method that it does not know (`PROPFIND`), without headers. It drops
//! header lines that are not UTF-8, so such an `Origin` looks absent. It takes `_method` in a form
//! that is sent by POST for the request's method. Of a target in absolute form
//! (`GET http://shop.example/notes`) it keeps the path and drops the host.
//!
//! # Security
//!
//! **`_method` in a form.** A browser sends a form of any site without a preflight, and Rocket then
//! runs the route of another method. So such a request meets the policy as a preflight for that
//! method would: where the origin or the method is not allowed, the adapter answers with 403 and
//! without CORS headers, and the app is not called. The [`Refusal`] is that of the preflight. The
//! body stays as it was for the app. Left alone are GET, HEAD and POST, which need no preflight,
//! requests without `Origin`, and the server's own forms. A form is the server's own by
//! `Sec-Fetch-Site`, or, where there is none, by an `Origin` with the request's host. Browsers leave
//! `Sec-Fetch-Site` out on plain http, so a proxy there has to pass `Host` on.
//!
//! A method that a fairing of the app takes from elsewhere, such as a query, is not held against
//! the policy. Let it override none from other origins.
//!
//! **Fairings that follow.** They undo no rejection and have no other origin echoed. Whatever
//! method they set on a rejected request, no route of the app runs. Where they replace its URI with
//! one without the query, or set another method on a preflight, a route may run, and its response
//! is replaced by the answer. `conformance/tests/rocket_fairings.rs` tests all of this.
//!
//! **The host** of a request is Rocket's: [`Request::host`](rocket::Request::host). By it a request
//! without `Sec-Fetch-Site` is same-origin or is not, and events show it. Over HTTP/2 it is
//! `:authority`, whatever a `Host` line says. Over HTTP/1.1 it is that of the `Host` line, even where
//! a target in absolute form names another one, which should count ([RFC 9112, 3.2.2]): Rocket shows
//! that one to nobody. No browser sends two that differ. A proxy that passes such targets on sets
//! `Host` to their host, as the standard has it do.
//!
//! [RFC 9112, 3.2.2]: https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2
//!
//! # Features
//!
//! The features `browser`, `metrics`, `public-suffix`, `regex`, `reload`, `serde` and `tracing` are
//! those of [`cors_core`].

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod answer_route;
mod attached;
mod decide;
mod fairing;
mod finish;
mod form_method;
mod guard;
mod mount;
mod policies;
mod received;
mod record;
mod view;

pub use cors_core;
#[cfg(feature = "tracing")]
#[doc(no_inline)]
pub use cors_core::Log;
#[cfg(feature = "reload")]
#[doc(no_inline)]
pub use cors_core::SharedPolicy;
#[cfg(feature = "metrics")]
#[doc(no_inline)]
pub use cors_core::count_decisions;
#[doc(no_inline)]
pub use cors_core::{
    AsyncPredicate, Decision, DecisionEvent, Difference, Explanation, ForeignText, Mistake,
    MistakeKind, Origin, OriginQuery, OriginRule, Policy, PolicyBuilder, PolicyConfig,
    PolicyErrors, PolicyMap, PolicyMapBuilder, PolicyMapConfig, Predicate, Problem, ProblemKind,
    Refusal, RequestKind, Setting, SettingLocation,
};
#[cfg(feature = "browser")]
#[doc(no_inline)]
pub use cors_core::{browser, probe};

pub use fairing::Cors;
pub use guard::CorsDecision;
pub use mount::CorsMount;
pub use view::{RequestView, RocketText};

/// Checks that the code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
