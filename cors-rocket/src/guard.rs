//! [`CorsDecision`]: the decision on a request, for the app.

use std::convert::Infallible;

use cors_core::Decision;
use cors_core::adapter::BoundDecision;
use rocket::Request;
use rocket::request::{FromRequest, Outcome};

use crate::attached;
use crate::record::Record;

/// A request guard that gives handlers and fairings the decision on a request: under the policy of
/// its route, or else under the app's.
///
/// It never fails.
///
/// ```
/// use cors_rocket::CorsDecision;
/// use rocket::get;
///
/// #[get("/audit")]
/// fn audit(cors: CorsDecision) -> String {
///     format!("{:?}", cors.decision().and_then(|decision| decision.origin_rule()))
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CorsDecision(Option<Decision>);

impl CorsDecision {
    /// Makes the guard where there is a request and no handler, as in a fairing.
    #[must_use]
    pub fn of(request: &Request<'_>) -> Self {
        let bound = attached::nothing_kept(request)
            .or_else(|| Record::of(request).last_word(request).decision);
        Self(bound.map(BoundDecision::decision))
    }

    /// Returns the decision; `None` where there is no policy for the request's path, and before
    /// [`Cors`](crate::Cors) has seen the request.
    ///
    /// Where nobody listens, nothing is kept of a request without `Origin`: its decision is there
    /// before [`Cors`](crate::Cors) has seen it too, and is `None` once a fairing adds `Origin`. The
    /// response is the same.
    #[must_use]
    pub const fn decision(self) -> Option<Decision> {
        self.0
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for CorsDecision {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        Outcome::Success(Self::of(request))
    }
}
