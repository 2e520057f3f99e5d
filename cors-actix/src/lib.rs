//! CORS for actix-web.
//!
//! ```
//! use std::time::Duration;
//!
//! use actix_web::{App, HttpServer, web};
//! use cors_actix::{Cors, Policy};
//!
//! # fn main() -> Result<(), cors_actix::PolicyErrors> {
//! let policy = Policy::builder()
//!     .allow_origins(["https://app.example.com", "http://localhost:*"])
//!     .allow_methods(["PUT", "DELETE"])
//!     .allow_headers(["content-type", "authorization"])
//!     .allow_credentials(true)
//!     .max_age(Duration::from_secs(600))
//!     .build()?;
//!
//! let server = HttpServer::new(move || {
//!     App::new()
//!         .wrap(Cors::new(policy.clone()))
//!         .route("/", web::get().to(async || "hello"))
//! });
//! # let _ = server;
//! # Ok(())
//! # }
//! ```
//!
//! # Where to put the middleware
//!
//! Put it outside of everything that can respond: authentication, limits, error handlers. A
//! response from outside of it has no CORS headers, and a page then sees a CORS error instead of
//! the 401 or 500. In actix-web the `wrap` that comes last is the outermost one, so `wrap` it last.
//!
//! **On the app**, as above: it covers every route, and the 404 and 405 of those that are not
//! there.
//!
//! **On a scope or a resource**: it covers what is below that path and nothing else, OPTIONS
//! included. A preflight needs no route of its own.
//!
//! ```
//! use actix_web::{App, web};
//! use cors_actix::{Cors, Policy};
//!
//! # fn app(policy: Policy) {
//! let app = App::new()
//!     .service(
//!         web::scope("/api")
//!             .wrap(Cors::new(policy))
//!             .route("/tasks", web::get().to(async || "[]")),
//!     )
//!     .route("/health", web::get().to(async || "fine"));
//! # let _ = app;
//! # }
//! ```
//!
//! Either way a preflight is answered without running the app, and OPTIONS requests that are not
//! preflights reach the app.
//!
//! # Several policies in one app
//!
//! The outermost middleware answers preflights, so it has to know the policies of all paths, or
//! which paths it leaves to an inner one: see [`cors_core::guide::several_policies`].
//!
//! ```
//! # fn main() -> Result<(), cors_actix::PolicyErrors> {
//! use actix_web::{App, web};
//! use cors_actix::{Cors, Policy, PolicyMap};
//!
//! let app_policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
//! let public = Policy::builder().allow_origins(["*"]).build()?;
//! let partners = Policy::builder().allow_origins(["https://partner.example"]).build()?;
//!
//! let policies = PolicyMap::builder()
//!     .default_policy(app_policy)
//!     .path("/feed", public)
//!     .disable_path("/orders")
//!     .build()?;
//! let orders = web::resource("/orders").wrap(Cors::new(partners));
//! let app = App::new()
//!     .route("/feed", web::get().to(async || "news"))
//!     .service(orders.route(web::get().to(async || "[]")))
//!     .wrap(Cors::new(policies));
//! # let _ = app;
//! # Ok(())
//! # }
//! ```
//!
//! # Errors of handlers, extractors and inner middleware
//!
//! The response that actix-web makes from an [`Error`](actix_web::Error) gets the headers. The
//! error stays what it was, so that outer middleware can still look at it.
//!
//! A panic in a handler ends the connection, as everywhere in actix-web: there is no response to
//! put headers on.
//!
//! # Test the app
//!
//! `probe` (feature `browser`, for tests) makes requests from a policy, and finds what is wrong with
//! an app's responses: a layer inside of the login check, a handler of OPTIONS in front of it, a
//! proxy's headers. actix-web's test client sends them:
//!
//! ```
//! use actix_web::http::Method;
//! use actix_web::test::{TestRequest, call_service, init_service};
//! use actix_web::{App, web};
//! # #[cfg(feature = "browser")]
//! use cors_actix::probe::{Probe, Report};
//! use cors_actix::{Cors, Policy};
//!
//! # #[cfg(feature = "browser")]
//! # #[actix_web::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
//! let app = App::new()
//!     .route("/notes", web::get().to(async || "[]"))
//!     .wrap(Cors::new(policy.clone()));
//! let app = init_service(app).await;
//!
//! let mut report = Report::default();
//! for request in Probe::of(policy).route("GET", "/notes").requests()? {
//!     let method = Method::from_bytes(request.method().as_bytes())?;
//!     let head = TestRequest::with_uri(request.path()).method(method);
//!     let head = request.headers().fold(head, TestRequest::append_header);
//!     let response = call_service(&app, head.to_request()).await;
//!     report.extend(request.judge(response.status().as_u16(), response.headers()));
//! }
//! assert!(report.is_empty(), "{report}");
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "browser"))]
//! # fn main() {}
//! ```
//!
//! # Features
//!
//! The features `browser`, `metrics`, `public-suffix`, `regex`, `reload`, `serde` and `tracing` are
//! those of [`cors_core`].

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod future;
mod header_types;
mod middleware;
mod service;

use std::rc::Rc;

use cors_core::adapter;

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

pub use future::ResponseFuture;
pub use header_types::{Actix, RequestView};
pub use middleware::Cors;
pub use service::CorsService;

type Prepared = adapter::Prepared<Actix>;
type Exchange = adapter::Exchange<Actix, Rc<Prepared>>;

/// Checks that the code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
