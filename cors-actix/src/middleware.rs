use std::future::{Ready, ready};

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use cors_core::adapter::{AdapterOptions, DecisionEvent, Mistake, PolicySource};

use crate::service::CorsService;

/// Middleware that applies a [`Policy`](crate::Policy), or several, for `App::wrap`, `Scope::wrap`
/// and `Resource::wrap`.
///
/// A clone is one reference count, however many origins the policy has. It can be made once,
/// outside of the closure that makes an app for each worker, or inside of it from a clone of the
/// policy.
///
/// ```
/// use actix_web::{App, HttpServer, web};
/// use cors_actix::{Cors, Policy};
///
/// # fn main() -> Result<(), cors_actix::PolicyErrors> {
/// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
/// let server = HttpServer::new(move || {
///     App::new()
///         .wrap(Cors::new(policy.clone()))
///         .route("/", web::get().to(async || "hello"))
/// });
/// # let _ = server;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Cors {
    source: PolicySource,
    options: AdapterOptions,
}

impl Cors {
    /// Makes the middleware of an app, or of a part of one that has no other, from a `Policy`, a
    /// `PolicyMap` or, with the feature `reload`, a `SharedPolicy`.
    ///
    /// The paths of a map are whole paths, in a scope too.
    #[must_use]
    pub fn new(source: impl Into<PolicySource>) -> Self {
        Self {
            source: source.into(),
            options: AdapterOptions::default(),
        }
    }

    /// Makes the middleware of a scope or a resource inside an app that has a `Cors` too. Its
    /// decision on an actual request wins over the outer one's, whether it is narrower or wider.
    ///
    /// The outer one answers preflights, since it sees them first. For the route's own policy to
    /// apply to them too, give the outer one a `PolicyMap` that has this policy for the path. Or
    /// give it one that disables the path, and everything is left to the route's own middleware.
    ///
    /// ```
    /// use actix_web::{App, web};
    /// use cors_actix::{Cors, Policy};
    ///
    /// # fn main() -> Result<(), cors_actix::PolicyErrors> {
    /// let app_policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let public = Policy::builder().allow_origins(["*"]).build()?;
    /// let app = App::new()
    ///     .wrap(Cors::new(app_policy))
    ///     .route("/account", web::get().to(async || "yours"))
    ///     .service(
    ///         web::resource("/status")
    ///             .wrap(Cors::for_route(public))
    ///             .route(web::get().to(async || "fine")),
    ///     );
    /// # let _ = app;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn for_route(source: impl Into<PolicySource>) -> Self {
        let mut cors = Self::new(source);
        cors.options.for_route = true;
        cors
    }

    /// Puts the [`Decision`](crate::Decision) on each request into the request's extensions, for
    /// handlers, and for outer middleware, which finds the request with the response.
    ///
    /// It is off unless called, since extensions allocate.
    ///
    /// ```
    /// use actix_web::{App, HttpMessage, HttpRequest, web};
    /// use cors_actix::{Cors, Decision, Policy};
    ///
    /// async fn audit(request: HttpRequest) -> String {
    ///     let decision = request.extensions().get::<Decision>().copied();
    ///     format!("{:?}", decision.and_then(Decision::refusal))
    /// }
    ///
    /// # fn main() -> Result<(), cors_actix::PolicyErrors> {
    /// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let app = App::new()
    ///     .wrap(Cors::new(policy).record_decisions())
    ///     .route("/", web::get().to(audit));
    /// # let _ = app;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn record_decisions(mut self) -> Self {
        self.options.record_decisions = true;
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
    /// use actix_web::{App, web};
    /// use cors_actix::{Cors, Policy};
    ///
    /// # fn main() -> Result<(), cors_actix::PolicyErrors> {
    /// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let cors = Cors::new(policy).on_decision(|event| {
    ///     if event.decision().refusal().is_some() && !event.is_same_origin() {
    ///         eprintln!("{} {}: {}", event.method(), event.path(), event.explanation());
    ///     }
    /// });
    /// let app = App::new().wrap(cors).route("/", web::get().to(async || "hello"));
    /// # let _ = app;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_decision(
        mut self,
        listener: impl Fn(&DecisionEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.options.listeners.add(listener);
        self
    }

    /// Calls `listener` with each [`Mistake`](crate::Mistake) in the stack, once for each kind: CORS
    /// headers that the app sets itself, another adapter inside, preflights that something else
    /// answers. Without a listener nothing is looked for. The `log` of a debug
    /// build is one.
    ///
    /// ```
    /// use cors_actix::{Cors, Policy};
    ///
    /// # fn main() -> Result<(), cors_actix::PolicyErrors> {
    /// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let cors = Cors::new(policy).on_mistake(|mistake| eprintln!("{mistake}"));
    /// # let _ = cors;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_mistake(mut self, listener: impl Fn(&Mistake) + Send + Sync + 'static) -> Self {
        self.options.mistakes.add(listener);
        self
    }

    /// Writes refusals, and the policies that are in use, as events of `tracing`: see
    /// [`Log`](crate::Log). Listeners are told all the same.
    ///
    /// Make it once, outside of the closure that makes an app for each worker, or each worker has a
    /// log of its own.
    ///
    /// ```
    /// use actix_web::{App, HttpServer, web};
    /// use cors_actix::{Cors, Log, Policy};
    ///
    /// # fn main() -> Result<(), cors_actix::PolicyErrors> {
    /// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let cors = Cors::new(policy).log(Log::new());
    /// let server = HttpServer::new(move || {
    ///     App::new().wrap(cors.clone()).route("/", web::get().to(async || "hello"))
    /// });
    /// # let _ = server;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn log(mut self, log: cors_core::Log) -> Self {
        log.start(&mut self.options, &self.source);
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
    /// use cors_actix::{Cors, Difference, Policy};
    ///
    /// # fn main() -> Result<(), cors_actix::PolicyErrors> {
    /// let wide = Policy::builder().allow_origins(["https://*.example.com"]).build()?;
    /// let narrow = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let cors = Cors::new(wide).shadow(narrow).on_decision(|event| {
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
        self.options.put_shadow(source);
        self
    }
}

impl<S, B> Transform<S, ServiceRequest> for Cors
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = CorsService<S>;
    type InitError = ();
    type Future = Ready<Result<CorsService<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(CorsService::new(
            service,
            self.source.clone(),
            self.options.clone(),
        )))
    }
}
