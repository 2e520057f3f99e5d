//! CORS for axum, and for every tower stack over `http` 1: hyper, tonic, tower itself.
//!
//! ```
//! use std::time::Duration;
//!
//! use axum::{Router, routing::get};
//! use cors_axum::{CorsLayer, Policy};
//!
//! # fn main() -> Result<(), cors_axum::PolicyErrors> {
//! let policy = Policy::builder()
//!     .allow_origins(["https://app.example.com", "http://localhost:*"])
//!     .allow_methods(["PUT", "DELETE"])
//!     .allow_headers(["content-type", "authorization"])
//!     .allow_credentials(true)
//!     .max_age(Duration::from_secs(600))
//!     .build()?;
//!
//! let app: Router = Router::new()
//!     .route("/", get(|| async { "hello" }))
//!     .layer(CorsLayer::new(policy));
//! # let _ = app;
//! # Ok(())
//! # }
//! ```
//!
//! # Where to put the layer
//!
//! Put it outside of everything that can respond: authentication, timeouts, limits, and a layer
//! that turns panics into responses. A response from outside of it has no CORS headers, and a page
//! then sees a CORS error instead of the 401 or 500.
//!
//! **On the router**, as above: `Router::layer` covers the routes and the fallback that were added
//! before it, 404 and 405 included. Add it last. `Router::route_layer` covers matched routes only,
//! and so neither 404 nor 405.
//!
//! **Around the whole router**: the layer runs before routing, covers whatever the router
//! does, and costs less, since axum boxes every layer that it is given itself:
//!
//! ```no_run
//! use axum::extract::Request;
//! use axum::{Router, ServiceExt};
//! use cors_axum::{CorsLayer, Policy};
//! use tower_layer::Layer as _;
//!
//! # async fn serve(router: Router, policy: Policy) -> Result<(), Box<dyn std::error::Error>> {
//! let app = CorsLayer::new(policy).layer(router);
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! axum::serve(listener, ServiceExt::<Request>::into_make_service(app)).await?;
//! # Ok(())
//! # }
//! ```
//!
//! Either way a preflight is answered without running the app, and OPTIONS requests that are not
//! preflights reach the app.
//!
//! # Layers that make another body
//!
//! The layer answers preflights itself, so the response body must be one that can be empty: see
//! [`EmptyBody`]. The bodies of axum and of tonic can. The one that a layer such as tower-http's
//! `TraceLayer` makes can't, so this layer stands inside of that one:
//!
//! ```
//! use axum::{Router, routing::get};
//! use cors_axum::{CorsLayer, Policy};
//! use tower::ServiceBuilder;
//! use tower_http::trace::TraceLayer;
//!
//! # fn main() -> Result<(), cors_axum::PolicyErrors> {
//! # let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
//! let layers = ServiceBuilder::new()
//!     .layer(TraceLayer::new_for_http()) // the outermost layer comes first
//!     .layer(CorsLayer::new(policy));
//! let app: Router = Router::new()
//!     .route("/", get(|| async { "hello" }))
//!     .layer(layers);
//! # let _ = app;
//! # Ok(())
//! # }
//! ```
//!
//! With `Router::layer` alone the order does not matter, since axum boxes the body of each layer.
//! tonic takes the layer as it is: `Server::builder().layer(CorsLayer::new(policy))`.
//!
//! # Several policies in one app
//!
//! The outermost layer answers preflights, so it has to know the policies of all paths, or which
//! paths it leaves to an inner layer: see [`cors_core::guide::several_policies`].
//!
//! ```
//! # fn main() -> Result<(), cors_axum::PolicyErrors> {
//! use axum::{Router, routing::get};
//! use cors_axum::{CorsLayer, Policy, PolicyMap};
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
//! let orders = get(async || "[]").layer(CorsLayer::new(partners));
//! let app: Router = Router::new()
//!     .route("/feed", get(async || "news"))
//!     .route("/orders", orders)
//!     .layer(CorsLayer::new(policies));
//! # let _ = app;
//! # Ok(())
//! # }
//! ```
//!
//! # Test the app
//!
//! `probe` (feature `browser`, for tests) makes requests from a policy, and finds what is wrong with
//! an app's responses: a layer inside of the login check, a handler of OPTIONS in front of it, a
//! proxy's headers. tower's `oneshot` sends them:
//!
//! ```
//! use axum::{Router, body::Body, http::Request, routing::get};
//! # #[cfg(feature = "browser")]
//! use cors_axum::probe::{Probe, Report};
//! use cors_axum::{CorsLayer, Policy};
//! use tower::ServiceExt as _;
//!
//! # #[cfg(feature = "browser")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
//! let app: Router = Router::new()
//!     .route("/notes", get(|| async { "[]" }))
//!     .layer(CorsLayer::new(policy.clone()));
//!
//! let mut report = Report::default();
//! for request in Probe::of(policy).route("GET", "/notes").requests()? {
//!     let head = Request::builder().method(request.method()).uri(request.path());
//!     let head = request.headers().fold(head, |head, (name, value)| head.header(name, value));
//!     let response = app.clone().oneshot(head.body(Body::empty())?).await?;
//!     report.extend(request.judge(response.status().as_u16(), response.headers()));
//! }
//! assert!(report.is_empty(), "{report}");
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "browser"))]
//! # fn main() {}
//! ```
//!
//! # Errors of the inner service
//!
//! A service that fails with an `Err` gives no response to put headers on. In axum no service does
//! (`Infallible`). In a bare tower stack, turn errors into responses inside of this layer.
//!
//! # Features
//!
//! The features `browser`, `metrics`, `public-suffix`, `regex`, `reload`, `serde` and `tracing` are
//! those of [`cors_core`].

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod body;
mod future;
mod layer;
mod route_layer;
mod service;

use std::sync::Arc;

use cors_core::adapter::{self, Http1};

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

pub use body::EmptyBody;
pub use future::{AsyncResponseFuture, ResponseFuture};
pub use layer::{AsyncCorsLayer, CorsLayer};
pub use service::{AsyncCorsService, CorsService};

type Prepared = adapter::Prepared<Http1>;
type Exchange = adapter::Exchange<Http1, Arc<Prepared>>;
type PendingExchange<B> = adapter::PendingExchange<http::Response<B>, Http1, Arc<Prepared>>;

/// Checks that the code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
