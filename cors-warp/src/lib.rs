//! CORS for warp.
//!
//! ```
//! use std::convert::Infallible;
//! use std::time::Duration;
//!
//! use cors_warp::{Cors, Policy};
//! use warp::http::StatusCode;
//! use warp::{Filter, Rejection, Reply};
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
//! let routes = warp::path::end().map(|| "hello").recover(refuse);
//! let server = warp::serve(Cors::new(policy).wrap(routes));
//! # let _ = server;
//! # Ok(())
//! # }
//!
//! // These routes reject nothing but other paths; examples/warp tells rejections apart.
//! async fn refuse(_: Rejection) -> Result<impl Reply, Infallible> {
//!     Ok(StatusCode::NOT_FOUND)
//! }
//! ```
//!
//! # Where to put it
//!
//! **Around a filter** that recovers from its rejections, as above: [`Cors::wrap`]. The result is a
//! filter for [`warp::serve`], or a branch behind a path of its own.
//!
//! **Around the service**: [`CorsLayer`] around [`warp::service`] covers the responses that warp
//! makes from rejections without a `recover`. [`warp::serve`] takes no service,
//! so hyper serves it:
//!
//! ```no_run
//! use cors_warp::{CorsLayer, Policy};
//! use hyper_util::rt::{TokioExecutor, TokioIo};
//! use hyper_util::server::conn::auto::Builder;
//! use hyper_util::service::TowerToHyperService;
//! use tokio::net::TcpListener;
//! use tower_layer::Layer as _;
//! use warp::Filter;
//!
//! # async fn serve(policy: Policy) -> std::io::Result<()> {
//! let routes = warp::path::end().map(|| String::from("hello"));
//! let app = CorsLayer::new(policy).layer(warp::service(routes));
//! let app = TowerToHyperService::new(app);
//! let listener = TcpListener::bind("127.0.0.1:3000").await?;
//! loop {
//!     let (stream, _) = listener.accept().await?;
//!     let app = app.clone();
//!     tokio::spawn(async move {
//!         Builder::new(TokioExecutor::new())
//!             .serve_connection_with_upgrades(TokioIo::new(stream), app)
//!             .await
//!     });
//! }
//! # }
//! ```
//!
//! `warp::addr::remote` is `None` there, since only [`warp::serve`] sets what it extracts.
//!
//! Either way a preflight is answered without running the app, and OPTIONS requests that are not
//! preflights reach the app.
//!
//! # Several policies in one app
//!
//! The outermost filter or layer answers preflights, so it has to know the policies of all paths,
//! or which paths it leaves to a branch: see [`cors_core::guide::several_policies`].
//!
//! ```
//! # fn main() -> Result<(), cors_warp::PolicyErrors> {
//! use std::convert::Infallible;
//!
//! use cors_warp::{Cors, CorsLayer, Policy, PolicyMap};
//! use tower_layer::Layer as _;
//! use warp::http::StatusCode;
//! use warp::{Filter, Rejection, Reply};
//!
//! // These routes reject nothing but other paths; examples/warp tells rejections apart.
//! async fn refuse(_: Rejection) -> Result<impl Reply, Infallible> {
//!     Ok(StatusCode::NOT_FOUND)
//! }
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
//! let orders = warp::path::end().map(|| "[]").recover(refuse);
//! let routes = warp::path("feed")
//!     .map(|| "news")
//!     .or(warp::path("orders").and(Cors::new(partners).wrap(orders)));
//! let app = CorsLayer::new(policies).layer(warp::service(routes));
//! # let _ = app;
//! # Ok(())
//! # }
//! ```
//!
//! # Decisions for handlers
//!
//! Around the service, [`CorsLayer::record_decisions`] puts each [`Decision`]
//! where `warp::ext::optional` finds it. Around a filter there is no way to put anything into a
//! request.
//!
//! # Test the app
//!
//! `probe` (feature `browser`, for tests) makes requests from a policy, and finds what is wrong with
//! an app's responses: a layer inside of the login check, a handler of OPTIONS in front of it, a
//! proxy's headers. warp's test client sends them; it needs warp's feature `test`:
//!
//! ```
//! use std::convert::Infallible;
//!
//! # #[cfg(feature = "browser")]
//! use cors_warp::probe::{Probe, Report};
//! use cors_warp::{Cors, Policy};
//! use warp::http::StatusCode;
//! use warp::{Filter, Rejection, Reply};
//!
//! async fn refuse(_: Rejection) -> Result<impl Reply, Infallible> {
//!     Ok(StatusCode::NOT_FOUND)
//! }
//!
//! # #[cfg(feature = "browser")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
//! let notes = warp::path("notes").map(|| "[]").recover(refuse);
//! let app = Cors::new(policy.clone()).wrap(notes);
//!
//! let mut report = Report::default();
//! for request in Probe::of(policy).route("GET", "/notes").requests()? {
//!     let head = warp::test::request().method(request.method()).path(request.path());
//!     let head = request.headers().fold(head, |head, (name, value)| head.header(name, value));
//!     let response = head.reply(&app).await;
//!     report.extend(request.judge(response.status().as_u16(), response.headers()));
//! }
//! assert!(report.is_empty(), "{report}");
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "browser"))]
//! # fn main() {}
//! ```
//!
//! # Panics in handlers
//!
//! A panic ends the connection, as everywhere in warp: there is no response to put headers on.
//! Around the service, a layer that turns panics into responses can stand between it and
//! `CorsLayer`.
//!
//! # Features
//!
//! The features `browser`, `metrics`, `public-suffix`, `regex`, `reload`, `serde` and `tracing` are
//! those of [`cors_core`].
//!
//! [`warp::serve`]: https://docs.rs/warp/0.4/warp/fn.serve.html

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod begin;
mod filter;

#[doc(no_inline)]
pub use cors_axum::{
    AsyncCorsLayer, AsyncCorsService, AsyncResponseFuture, CorsLayer, CorsService, EmptyBody,
    ResponseFuture,
};
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

pub use filter::{Cors, RecoveredFilter};

/// Checks that the code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
