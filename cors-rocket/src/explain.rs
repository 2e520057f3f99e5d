use cors_core::{Explanation, Policy};
use rocket::Request;

use crate::head::Head;

/// Says in words what the policy makes of a request, as [`Policy::explain`] does: for a log of
/// refusals.
///
/// ```
/// use cors_rocket::{Cors, Policy, explain};
/// use rocket::fairing::AdHoc;
///
/// # fn main() -> Result<(), cors_rocket::PolicyErrors> {
/// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
/// let logged = policy.clone();
/// let log_refusals = AdHoc::on_request("log refusals", move |request, _| {
///     let explanation = explain(&logged, request);
///     if explanation.decision().refusal().is_some() {
///         eprintln!("{explanation}");
///     }
///     Box::pin(async {})
/// });
/// let app = rocket::build()
///     .attach(log_refusals) // before the one that may answer in the app's stead
///     .attach(Cors::new(policy));
/// # let _ = app;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn explain(policy: &Policy, request: &Request<'_>) -> Explanation {
    policy.explain(&Head::of(request))
}
