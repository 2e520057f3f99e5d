use std::sync::Arc;

use cors_core::Policy;
use cors_core::http::Snapshot;
use tower_layer::Layer;

use crate::service::Cors;

/// Serves a [`Policy`]: a tower [`Layer`] for axum's `Router::layer`, a whole `Router`, or any
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
    snapshot: Arc<Snapshot>,
}

impl CorsLayer {
    /// The layer of an app.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            snapshot: Arc::new(Snapshot::new(policy)),
        }
    }

    /// The layer of a route or a nested router inside an app that has a `CorsLayer` too: its
    /// decision on an actual request wins over the outer layer's, whether it is narrower or wider.
    ///
    /// Preflights are answered by the outer layer, unless its policy has `preflight_passthrough`:
    /// then they reach this one.
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
    pub fn for_route(policy: Policy) -> Self {
        Self {
            snapshot: Arc::new(Snapshot::for_route(policy)),
        }
    }
}

impl<S> Layer<S> for CorsLayer {
    type Service = Cors<S>;

    fn layer(&self, inner: S) -> Cors<S> {
        Cors::new(inner, Arc::clone(&self.snapshot))
    }
}
