use std::sync::Arc;

use cors_core::http::Snapshot;
use cors_core::{PolicySource, ServeOptions, Served};
use tower_layer::Layer;

use crate::service::CorsService;

/// Serves a [`Policy`](crate::Policy), or several: a tower [`Layer`] for axum's `Router::layer`, a whole `Router`, or any
/// other service over `http` 1.
///
/// A clone is one reference count, however many origins the policy has.
///
/// ```
/// use axum::{Router, routing::get};
/// use cors_axum::{CorsLayer, Policy};
///
/// # fn main() -> Result<(), cors_axum::PolicyErrors> {
/// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
/// let app: Router = Router::new()
///     .route("/", get(|| async { "hello" }))
///     .layer(CorsLayer::new(policy));
/// # let _ = app;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct CorsLayer {
    served: Arc<Served<Arc<Snapshot>>>,
    options: ServeOptions,
}

impl CorsLayer {
    /// The layer of an app: of a `Policy`, or, with the feature of that name, of a `PolicyMap`
    /// (`paths`) or a `SharedPolicy` (`reload`).
    ///
    /// The paths of a map are the ones that the layer sees. Around a router, and in
    /// `Router::layer`, that is the whole path; inside a nested router it is what `Router::nest`
    /// leaves of it.
    #[must_use]
    pub fn new(source: impl Into<PolicySource>) -> Self {
        Self {
            served: Arc::new(Snapshot::serve(source)),
            options: ServeOptions::default(),
        }
    }

    /// The layer of a route or a nested router inside an app that has a `CorsLayer` too: its
    /// decision on an actual request wins over the outer layer's, whether it is narrower or wider.
    ///
    /// Preflights are answered by the outer layer, which sees them first. Where they are to be the
    /// route's own too, let the outer layer serve a `PolicyMap` that has the policy for this path;
    /// or that switches the path off, and everything is left to the route's own layer.
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use cors_axum::{CorsLayer, Policy};
    ///
    /// # fn main() -> Result<(), cors_axum::PolicyErrors> {
    /// let app_policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let public = Policy::builder().allow_origins(["*"]).build()?;
    /// let app: Router = Router::new()
    ///     .route("/account", get(|| async { "yours" }))
    ///     .route("/status", get(|| async { "fine" }).layer(CorsLayer::for_route(public)))
    ///     .layer(CorsLayer::new(app_policy));
    /// # let _ = app;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn for_route(source: impl Into<PolicySource>) -> Self {
        let mut layer = Self::new(source);
        layer.options.for_route = true;
        layer
    }

    /// Puts the [`Decision`](cors_core::Decision) on each request into the request's extensions,
    /// for handlers, and into the response's, for an access log around the layer, which sees
    /// preflights too.
    ///
    /// Off unless called, since extensions allocate.
    ///
    /// ```
    /// use axum::{Extension, Router, routing::get};
    /// use cors_axum::cors_core::Decision;
    /// use cors_axum::{CorsLayer, Policy};
    ///
    /// async fn audit(Extension(decision): Extension<Decision>) -> String {
    ///     format!("{:?}", decision.refusal())
    /// }
    ///
    /// # fn main() -> Result<(), cors_axum::PolicyErrors> {
    /// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let app: Router = Router::new()
    ///     .route("/", get(audit))
    ///     .layer(CorsLayer::new(policy).record_decisions());
    /// # let _ = app;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn record_decisions(mut self) -> Self {
        self.options.record_decisions = true;
        self
    }
}

impl<S> Layer<S> for CorsLayer {
    type Service = CorsService<S>;

    fn layer(&self, inner: S) -> CorsService<S> {
        CorsService::new(inner, Arc::clone(&self.served), self.options)
    }
}
