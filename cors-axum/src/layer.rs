use std::sync::Arc;

use cors_core::adapter::{AdapterOptions, DecisionEvent, Mistake, PolicySource, PreparedPolicies};
use tower_layer::Layer;

use crate::Prepared;
use crate::route_layer;
use crate::service::{AsyncCorsService, CorsService};

/// The policies of a layer, and its options.
#[derive(Clone, Debug)]
pub(crate) struct Policies {
    pub(crate) prepared: Arc<PreparedPolicies<Arc<Prepared>>>,
    pub(crate) options: AdapterOptions,
}

/// A tower [`Layer`] that applies a [`Policy`](crate::Policy), or several: for axum's
/// `Router::layer`, around a whole `Router`, or around any other service over `http` 1.
///
/// A clone is one reference count, however many origins the policy has.
///
/// The response body must be `Default`, since the layer answers preflights itself (see
/// [`EmptyBody`](crate::EmptyBody)). Nothing is required of the inner service, unless the policy
/// has an asynchronous predicate: see [`await_predicates`](Self::await_predicates).
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
    policies: Policies,
}

impl CorsLayer {
    /// Makes the layer of an app, from a `Policy`, a `PolicyMap` or, with the feature `reload`, a
    /// `SharedPolicy`.
    ///
    /// The paths of a map are the ones that the layer sees. Around a router, and in
    /// `Router::layer`, that is the whole path; inside a nested router it is the rest that
    /// `Router::nest` leaves.
    #[must_use]
    pub fn new(source: impl Into<PolicySource>) -> Self {
        let prepared = PreparedPolicies::prepare(source, Arc::new);
        Self {
            policies: Policies {
                prepared: Arc::new(prepared),
                options: AdapterOptions::default(),
            },
        }
    }

    /// Makes the layer of a route or a nested router inside an app that has a `CorsLayer` too. Its
    /// decision on an actual request wins over the outer layer's, whether it is narrower or wider.
    ///
    /// The outer layer answers preflights, since it sees them first. For the route's own policy to
    /// apply to them too, give the outer layer a `PolicyMap` that has this policy for the path. Or
    /// give it one that disables the path, and everything is left to the route's own layer.
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
        layer.policies.options.for_route = true;
        layer
    }

    /// Puts the [`Decision`](crate::Decision) on each request into the request's extensions,
    /// for handlers, and into the response's, for an access log around the layer, which sees
    /// preflights too.
    ///
    /// It is off unless called, since extensions allocate.
    ///
    /// ```
    /// use axum::{Extension, Router, routing::get};
    /// use cors_axum::{CorsLayer, Decision, Policy};
    ///
    /// async fn audit(Extension(decision): Extension<Decision>) -> String {
    ///     format!("{:?}", decision.origin_rule())
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
        self.policies.options.record_decisions = true;
        self
    }

    /// Calls `listener` with the decision on each request that has a policy, once, before the app
    /// is called: for a log, for counters, for a trace.
    ///
    /// It runs on the thread of the request, so it should not block. One that panics is not called
    /// again, and the request goes on. A second call adds a listener.
    ///
    /// Each adapter tells its own decisions. Around one [`for_route`](Self::for_route), whose
    /// decision wins, this one is told too: leave the path out of the app's policies
    /// ([`disable_path`](cors_core::PolicyMapBuilder::disable_path)), and only the winner tells.
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use cors_axum::{CorsLayer, Policy};
    ///
    /// # fn main() -> Result<(), cors_axum::PolicyErrors> {
    /// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let cors = CorsLayer::new(policy).on_decision(|event| {
    ///     if event.decision().refusal().is_some() && !event.is_same_origin() {
    ///         eprintln!("{} {}: {}", event.method(), event.path(), event.explanation());
    ///     }
    /// });
    /// let app: Router = Router::new().route("/", get(|| async { "hello" })).layer(cors);
    /// # let _ = app;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_decision(
        mut self,
        listener: impl Fn(&DecisionEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.policies.options.listeners.add(listener);
        self
    }

    /// Calls `listener` with each [`Mistake`](crate::Mistake) in the stack, once for each kind: CORS
    /// headers that the app sets itself, another adapter inside, preflights that something else
    /// answers, and `route_layer`. Without a listener nothing is looked for. The `log` of a debug
    /// build is one.
    ///
    /// ```
    /// use cors_axum::{CorsLayer, Policy};
    ///
    /// # fn main() -> Result<(), cors_axum::PolicyErrors> {
    /// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let cors = CorsLayer::new(policy).on_mistake(|mistake| eprintln!("{mistake}"));
    /// # let _ = cors;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_mistake(mut self, listener: impl Fn(&Mistake) + Send + Sync + 'static) -> Self {
        self.policies.options.mistakes.add(listener);
        self
    }

    /// Writes refusals, and the policies that are in use, as events of `tracing`: see
    /// [`Log`](crate::Log). Listeners are told all the same.
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use cors_axum::{CorsLayer, Log, Policy};
    ///
    /// # fn main() -> Result<(), cors_axum::PolicyErrors> {
    /// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let app: Router = Router::new()
    ///     .route("/", get(|| async { "hello" }))
    ///     .layer(CorsLayer::new(policy).log(Log::new()));
    /// # let _ = app;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn log(mut self, log: cors_core::Log) -> Self {
        let source = self.policies.prepared.source();
        log.start(&mut self.policies.options, &source);
        self
    }

    /// Puts policies into the shadow of those that decide, to try them on live traffic: a `Policy`, a
    /// `PolicyMap` or, with the feature `reload`, a `SharedPolicy`. They take the place of the table
    /// `[shadow]` of a policy file.
    ///
    /// No response depends on them. The [listener](Self::on_decision) is told what they would have
    /// decided, and where that is [another response](crate::Difference). Without a listener they are
    /// not asked, and an asynchronous predicate never is.
    ///
    /// ```
    /// use cors_axum::{CorsLayer, Difference, Policy};
    ///
    /// # fn main() -> Result<(), cors_axum::PolicyErrors> {
    /// let wide = Policy::builder().allow_origins(["https://*.example.com"]).build()?;
    /// let narrow = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let cors = CorsLayer::new(wide).shadow(narrow).on_decision(|event| {
    ///     let is_foreign = !event.is_same_origin();
    ///     if is_foreign && event.shadow_difference() == Some(Difference::WouldRefuse) {
    ///         eprintln!("{:?} is still in use", event.origin());
    ///     }
    /// });
    /// # let _ = cors;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn shadow(mut self, source: impl Into<PolicySource>) -> Self {
        self.policies.options.put_shadow(source);
        self
    }

    /// Waits for the asynchronous predicates of the policies.
    ///
    /// The inner service is cloned for a request that waits, so it must be `Clone`, as axum's
    /// routers are. Without this call, an origin that depends on an asynchronous predicate is
    /// refused, with the reason [`PredicateNotAsked`](crate::Refusal::PredicateNotAsked).
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use axum::{Router, routing::get};
    /// use cors_axum::{AsyncPredicate, CorsLayer, OriginQuery, Policy};
    ///
    /// # async fn is_known(_: OriginQuery<'static>) -> std::io::Result<bool> { Ok(true) }
    /// # fn main() -> Result<(), cors_axum::PolicyErrors> {
    /// let known = AsyncPredicate::new(async |query| is_known(query).await)
    ///     .timeout_with(|| tokio::time::sleep(Duration::from_millis(250)));
    /// let policy = Policy::builder().allow_origin_if_async(known).build()?;
    /// let app: Router = Router::new()
    ///     .route("/", get(|| async { "hello" }))
    ///     .layer(CorsLayer::new(policy).await_predicates());
    /// # let _ = app;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn await_predicates(self) -> AsyncCorsLayer {
        AsyncCorsLayer {
            policies: self.policies,
        }
    }
}

/// A [`CorsLayer`] that waits for asynchronous predicates;
/// [`await_predicates`](CorsLayer::await_predicates) makes it.
#[derive(Clone, Debug)]
pub struct AsyncCorsLayer {
    policies: Policies,
}

impl<S> Layer<S> for AsyncCorsLayer {
    type Service = AsyncCorsService<S>;

    fn layer(&self, inner: S) -> AsyncCorsService<S> {
        route_layer::check(&self.policies.options);
        AsyncCorsService::new(inner, self.policies.clone())
    }
}

impl<S> Layer<S> for CorsLayer {
    type Service = CorsService<S>;

    fn layer(&self, inner: S) -> CorsService<S> {
        route_layer::check(&self.policies.options);
        CorsService::new(inner, self.policies.clone())
    }
}
