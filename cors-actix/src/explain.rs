use actix_web::dev::ServiceRequest;
use cors_core::{Explanation, Policy};

use crate::head::Head;

/// Says in words what the policy makes of a request, as [`Policy::explain`] does: for a log of
/// refusals.
///
/// ```
/// use actix_web::body::MessageBody;
/// use actix_web::dev::{ServiceRequest, ServiceResponse};
/// use actix_web::middleware::{Next, from_fn};
/// use actix_web::{App, Error};
/// use cors_actix::{Cors, Policy, explain};
///
/// async fn log_refusals(
///     request: ServiceRequest,
///     next: Next<impl MessageBody>,
/// ) -> Result<ServiceResponse<impl MessageBody>, Error> {
///     if let Some(policy) = request.app_data::<Policy>() {
///         let explanation = explain(policy, &request);
///         if explanation.decision().refusal().is_some() {
///             eprintln!("{explanation}");
///         }
///     }
///     next.call(request).await
/// }
///
/// # fn main() -> Result<(), cors_actix::PolicyErrors> {
/// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
/// let app = App::new()
///     .app_data(policy.clone())
///     .wrap(Cors::new(policy))
///     .wrap(from_fn(log_refusals));
/// # let _ = app;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn explain(policy: &Policy, request: &ServiceRequest) -> Explanation {
    policy.explain(&Head::of(request))
}
