//! What was decided about a request, kept with the request until its response is there.

use std::ptr;
use std::sync::OnceLock;

use cors_core::{Decision, Policy, RequestKind};
use rocket::http::Status;
use rocket::{Request, Response, Route};

use crate::head;

/// A policy and what it says to a request.
pub(crate) struct Decided {
    policy: Policy,
    decision: Decision,
}

impl Decided {
    fn new(policy: &Policy, request: &Request<'_>) -> Self {
        Self {
            policy: policy.clone(),
            decision: head::decide(policy, request),
        }
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
    /// By the policy of the app, if it has one.
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
    decided: Decided,
    next: Routes,
}

/// Decides for the app, before routing.
pub(crate) fn by_app<'r>(policy: &Policy, request: &'r Request<'_>) -> &'r Decided {
    let decide = || Decided::new(policy, request);
    Record::of(request).app.get_or_init(decide)
}

/// What the policy of the app has said, if there is one.
pub(crate) fn of_app<'r>(request: &'r Request<'_>) -> Option<&'r Decided> {
    Record::of(request).app.get()
}

/// Decides for the route that Rocket tries at the moment.
pub(crate) fn by_route<'r>(policy: &Policy, request: &'r Request<'_>) -> &'r Decided {
    let mut end = &Record::of(request).routes;
    while let Some(tried) = end.0.get() {
        end = &tried.next;
    }
    let tried = end.0.get_or_init(|| {
        Box::new(Tried {
            route: request.route().map(address),
            decided: Decided::new(policy, request),
            next: Routes::default(),
        })
    });
    &tried.decided
}

/// What the policy of the last route has said, if it has one: the route that responded, or that
/// was tried before a catcher did.
fn of_route<'r>(request: &'r Request<'_>) -> Option<&'r Decided> {
    let route = request.route().map(address);
    let mut rest = &Record::of(request).routes;
    while let Some(tried) = rest.0.get() {
        if tried.route == route {
            return Some(&tried.decided);
        }
        rest = &tried.next;
    }
    None
}

/// Brings a response in line with what its route's policy said, or else the app's.
pub(crate) fn apply<'r>(request: &'r Request<'_>, response: &mut Response<'r>) {
    if let Some(decided) = of_route(request).or_else(|| of_app(request)) {
        head::apply(&decided.policy, decided.decision, request, response);
    }
}

/// Tells routes apart: they stay where they are from launch on.
fn address(route: &Route) -> usize {
    ptr::from_ref(route).addr()
}
