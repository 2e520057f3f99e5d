use std::fmt;
use std::sync::Arc;

use cors_core::http::{Echoes, Snapshot};
use cors_core::{Decision, Policy};
use http::Response;
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
#[derive(Clone)]
pub struct CorsLayer {
    shared: Arc<Shared>,
}

/// What every clone of a layer and of its services has in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) snapshot: Snapshot,
    place: Place,
}

/// In the extensions of a response: a route's own layer has decided, whoever stands around it.
#[derive(Clone, Copy)]
struct Decided;

impl Shared {
    /// Brings the app's response in line with the decision, unless a route's own layer has.
    pub(crate) fn apply<B>(&self, decision: Decision, echoes: Echoes, response: &mut Response<B>) {
        if response.extensions().get::<Decided>().is_none() {
            self.snapshot
                .apply(decision, echoes, response.headers_mut());
            self.mark(response);
        }
    }

    /// Tells the layers around a route's own that it has decided.
    pub(crate) fn mark<B>(&self, response: &mut Response<B>) {
        if self.place == Place::Route {
            response.extensions_mut().insert(Decided);
        }
    }
}

/// Where a layer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Around an app.
    App,
    /// Around a part of an app that has a layer of its own: marks what it has decided.
    Route,
}

impl CorsLayer {
    /// The layer of an app.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self::at(Place::App, policy)
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
        Self::at(Place::Route, policy)
    }

    fn at(place: Place, policy: Policy) -> Self {
        Self {
            shared: Arc::new(Shared {
                snapshot: Snapshot::new(policy),
                place,
            }),
        }
    }
}

impl<S> Layer<S> for CorsLayer {
    type Service = Cors<S>;

    fn layer(&self, inner: S) -> Cors<S> {
        Cors::new(inner, Arc::clone(&self.shared))
    }
}

impl fmt::Debug for CorsLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CorsLayer")
            .field("shared", &self.shared)
            .finish()
    }
}
