//! What was decided about a request, kept with the request until its response is there.

use std::convert::Infallible;
use std::ptr;
use std::sync::{Arc, OnceLock};

use cors_core::{Decision, Policy, RequestKind, Served};
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome};
use rocket::{Request, Response, Route};

use crate::head;

/// A policy and what it says to a request.
#[derive(Clone)]
pub(crate) struct Decided {
    policy: Policy,
    decision: Decision,
}

impl Decided {
    /// Nothing, where there is no policy for the request's path.
    async fn by(served: &Served<Policy>, request: &Request<'_>) -> Option<Self> {
        let policy = head::policy_of(served, request)?;
        let decision = head::decide(&policy, request).await;
        Some(Self { policy, decision })
    }

    /// Whether this is an actual request that is not to reach the app.
    pub(crate) fn turns_away(&self) -> bool {
        self.decision.status().is_some() && self.decision.kind() != RequestKind::Preflight
    }

    /// The answer, where the app is not to be called. Its headers follow with those of every other
    /// response.
    pub(crate) fn answer<'r>(&self) -> Option<Response<'r>> {
        let status = Status::new(self.decision.status()?);
        Some(Response::build().status(status).finalize())
    }
}

/// All that was decided about a request, in its cache.
#[derive(Default)]
struct Record {
    /// By the policy of the app, if it has one for this path.
    app: OnceLock<Decided>,
    /// By the policies of routes.
    routes: Routes,
}

impl Record {
    fn of<'r>(request: &'r Request<'_>) -> &'r Self {
        request.local_cache(Self::default)
    }
}

/// The routes under a policy of their own that Rocket tries one after the other until one of them
/// responds: a list that only grows.
#[derive(Default)]
struct Routes(OnceLock<Box<Tried>>);

struct Tried {
    route: Option<usize>,
    served: Arc<Served<Policy>>,
    decided: Option<Decided>,
    next: Routes,
}

impl Routes {
    fn iter(&self) -> impl Iterator<Item = &Tried> {
        std::iter::successors(self.0.get(), |tried| tried.next.0.get()).map(Box::as_ref)
    }
}

/// Decides for the app, before routing.
pub(crate) async fn by_app<'r>(
    served: &Served<Policy>,
    request: &'r Request<'_>,
) -> Option<&'r Decided> {
    let decided = Decided::by(served, request).await?;
    Some(Record::of(request).app.get_or_init(|| decided))
}

/// What the policy of the app has said, if there is one, and no mount has switched the path off.
pub(crate) fn of_app<'r>(request: &'r Request<'_>) -> Option<&'r Decided> {
    let record = Record::of(request);
    let switched_off = record.routes.iter().any(|tried| tried.decided.is_none());
    record.app.get().filter(|_| !switched_off)
}

/// Decides for the route that Rocket tries at the moment. Routes of one mount have one decision.
pub(crate) async fn by_route<'r>(
    served: &Arc<Served<Policy>>,
    request: &'r Request<'_>,
) -> Option<&'r Decided> {
    let routes = &Record::of(request).routes;
    let before = routes
        .iter()
        .find(|tried| Arc::ptr_eq(&tried.served, served));
    let decided = match before {
        Some(tried) => tried.decided.clone(),
        None => Decided::by(served, request).await,
    };
    let end = routes.iter().last().map_or(routes, |last| &last.next);
    let tried = end.0.get_or_init(|| {
        Box::new(Tried {
            route: request.route().map(address),
            served: Arc::clone(served),
            decided,
            next: Routes::default(),
        })
    });
    tried.decided.as_ref()
}

/// What was decided by the policy of the last route, if it has one: the route that responded, or
/// that was tried before a catcher did; and else by the app's.
fn last<'r>(request: &'r Request<'_>) -> Option<&'r Decided> {
    let route = request.route().map(address);
    let mut routes = Record::of(request).routes.iter();
    match routes.find(|tried| tried.route == route) {
        Some(tried) => tried.decided.as_ref(),
        None => of_app(request),
    }
}

/// Brings a response in line with what was decided.
pub(crate) fn apply<'r>(request: &'r Request<'_>, response: &mut Response<'r>) {
    if let Some(decided) = last(request) {
        head::apply(&decided.policy, decided.decision, request, response);
    }
}

/// Tells routes apart: they stay where they are from launch on.
fn address(route: &Route) -> usize {
    ptr::from_ref(route).addr()
}

/// A request guard, for handlers and fairings that want to know what was decided on a request: by
/// the policy of its route, or else by the app's. `None` where there is no policy for its path.
///
/// It never fails.
///
/// ```
/// use cors_rocket::CorsDecision;
/// use rocket::get;
///
/// #[get("/audit")]
/// fn audit(decision: CorsDecision) -> String {
///     format!("{:?}", decision.0.and_then(|decision| decision.refusal()))
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CorsDecision(pub Option<Decision>);

impl CorsDecision {
    /// The same, where there is a request and no handler, as in a fairing.
    #[must_use]
    pub fn of(request: &Request<'_>) -> Self {
        Self(last(request).map(|decided| decided.decision))
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for CorsDecision {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        Outcome::Success(Self::of(request))
    }
}
