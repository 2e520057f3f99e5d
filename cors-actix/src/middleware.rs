use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use cors_core::Policy;

use crate::service::CorsService;
use crate::snapshot::{Place, Snapshot};

/// Serves a [`Policy`]: middleware for `App::wrap`, `Scope::wrap` and `Resource::wrap`.
///
/// A clone is one reference count, however many origins the policy has. It can be made once,
/// outside of the closure that makes an app for each worker, or in it from a clone of the policy.
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
    snapshot: Arc<Snapshot>,
}

impl Cors {
    /// The middleware of an app, or of a part of one that has no other.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self::at(Place::App, policy)
    }

    /// The middleware of a scope or a resource inside an app that has a `Cors` too: its decision
    /// on an actual request wins over the outer one's, whether it is narrower or wider.
    ///
    /// Preflights are answered by the outer one, unless its policy has `preflight_passthrough`:
    /// then they reach this one.
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
    pub fn for_route(policy: Policy) -> Self {
        Self::at(Place::Route, policy)
    }

    fn at(place: Place, policy: Policy) -> Self {
        Self {
            snapshot: Arc::new(Snapshot::new(place, policy)),
        }
    }
}

impl<S, B> Transform<S, ServiceRequest> for Cors
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = CorsService<S>;
    type InitError = ();
    type Future = Ready<Result<CorsService<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(CorsService::new(service, Arc::clone(&self.snapshot))))
    }
}
