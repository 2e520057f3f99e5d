//! The decisions on a request, kept with the request until its response is there.

use std::ptr;
use std::sync::{Arc, OnceLock};

use cors_core::RequestKind;
use cors_core::adapter::{AdapterOptions, BoundDecision, KeptHead, Watched};
use rocket::http::{Method, Status};
use rocket::{Request, Response, Route};

use crate::policies::Policies;
use crate::received::Received;
use crate::view::{RequestView, ResponseWriter};

/// Notes that a request is one for HEAD, before Rocket makes a GET of it.
pub(crate) fn note_head(request: &Request<'_>) {
    if request.method() == Method::Head {
        Record::of(request).came_as_head.get_or_init(|| ());
    }
}

/// Makes a view of a request, with the method that it came with.
fn view_of<'r>(request: &'r Request<'_>) -> RequestView<'r> {
    match Record::of(request).came_as_head.get() {
        Some(()) => RequestView::of_head(request),
        None => RequestView::new(request),
    }
}

/// Evaluates a request; `None` where there is no policy for its path.
async fn evaluate(policies: &Policies, request: &Request<'_>) -> Option<BoundDecision> {
    let AdapterOptions {
        shadow,
        mistakes,
        for_route,
        ..
    } = &policies.options;
    let evaluation = {
        let view = view_of(request);
        if policies.are_heard() {
            let kept = &Record::of(request).head;
            kept.get_or_init(|| Box::new(KeptHead::of(&view)));
        }
        BoundDecision::evaluate(policies.prepared.get(&view)?, &view)
    };
    let bound = evaluation.await;
    if !mistakes.is_empty() {
        let kind = bound.decision().kind();
        let watched = mistakes.watch(kind, bound.policy(), &view_of(request), *for_route);
        Record::of(request).watched.get_or_init(|| watched);
    }
    // The listeners of the app hear of the decisions of mounts too.
    let is_heard = Record::of(request).head.get().is_some();
    Some(if is_heard {
        bound.beside_shadow(shadow.as_ref(), &view_of(request))
    } else {
        bound
    })
}

/// Returns whether this is a request that must not reach the app, whatever a mount says.
fn rejects(bound: &BoundDecision) -> bool {
    bound.decision().is_rejected()
}

fn is_preflight(bound: &BoundDecision) -> bool {
    bound.decision().kind() == RequestKind::Preflight
}

/// Returns whether this is a preflight that the policy leaves to the app.
fn passes_through(bound: &BoundDecision) -> bool {
    is_preflight(bound) && bound.decision().status().is_none()
}

/// Returns the answer, where the app is not to be called. Its headers are added later, as for every
/// other response.
fn answer<'r>(bound: &BoundDecision) -> Option<Response<'r>> {
    let status = Status::new(bound.decision().status()?);
    Some(Response::build().status(status).finalize())
}

/// All decisions on a request, in its cache.
#[derive(Default)]
struct Record {
    /// The decision under the policy of the app, if it has one for this path.
    app: OnceLock<BoundDecision>,
    /// The decisions under the policies of routes.
    routes: RouteAttempts,
    /// Is set where a mount has seen that the request is one for HEAD: Rocket makes a GET of it where
    /// it has no route.
    came_as_head: OnceLock<()>,
    /// The request, where somebody may be told about it: fairings and Rocket may change it.
    head: OnceLock<Box<KeptHead>>,
    /// Where somebody is told about mistakes in the stack: of the app, or else of a mount.
    watched: OnceLock<Option<Watched>>,
    /// Is set when the app's response was looked at for mistakes.
    checked: OnceLock<()>,
    /// Is set when one of our routes gives the answer.
    answered: OnceLock<()>,
}

impl Record {
    fn of<'r>(request: &'r Request<'_>) -> &'r Self {
        request.local_cache(Self::default)
    }
}

/// The routes with a policy of their own that Rocket tries one after the other, until one of them
/// responds: a list that only grows.
#[derive(Default)]
struct RouteAttempts(OnceLock<Box<RouteAttempt>>);

struct RouteAttempt {
    route: Option<usize>,
    policies: Arc<Policies>,
    decision: Option<BoundDecision>,
    next: RouteAttempts,
}

impl RouteAttempts {
    fn iter(&self) -> impl Iterator<Item = &RouteAttempt> {
        std::iter::successors(self.0.get(), |attempt| attempt.next.0.get()).map(Box::as_ref)
    }
}

/// Decides under the policy of the app, before routing.
pub(crate) async fn decide_for_app(policies: &Policies, request: &Request<'_>) {
    if let Some(decision) = evaluate(policies, request).await {
        Record::of(request).app.get_or_init(|| decision);
    }
}

/// Returns the decision of the app's policy to reject the request. No mount's policy matters then.
fn rejection<'r>(request: &'r Request<'_>) -> Option<&'r BoundDecision> {
    let decision = Record::of(request).app.get();
    decision.filter(|bound| rejects(bound))
}

/// Returns whether the policy of the app rejects the request.
pub(crate) fn is_rejected(request: &Request<'_>) -> bool {
    rejection(request).is_some()
}

/// Returns the decision under the policy of the app, if there is one, no mount has disabled the
/// path, and none has passed the preflight through.
fn app_decision<'r>(request: &'r Request<'_>) -> Option<&'r BoundDecision> {
    let record = Record::of(request);
    let mut routes = record.routes.iter();
    let is_replaced = routes.any(|attempt| match &attempt.decision {
        Some(bound) => passes_through(bound),
        None => true,
    });
    record.app.get().filter(|_| !is_replaced)
}

/// Returns the answer of the app's policy, where the app is not to be called.
pub(crate) fn answer_for_app<'r>(request: &'r Request<'_>) -> Option<Response<'r>> {
    let bound = rejection(request).or_else(|| app_decision(request))?;
    give(request, answer(bound)?)
}

/// Returns the answer of the policy of the route that Rocket tries at the moment, where the app is
/// not to be called.
pub(crate) async fn answer_for_route<'r>(
    policies: &Arc<Policies>,
    request: &'r Request<'_>,
) -> Option<Response<'r>> {
    let bound = decide_for_route(policies, request).await?;
    give(request, answer(bound)?)
}

/// Notes that the answer is given.
fn give<'r>(request: &Request<'_>, answer: Response<'r>) -> Option<Response<'r>> {
    Record::of(request).answered.get_or_init(|| ());
    Some(answer)
}

/// Decides for the route that Rocket tries at the moment. The routes of one mount share one
/// decision. About a preflight only the mount decides whose route is tried first.
async fn decide_for_route<'r>(
    policies: &Arc<Policies>,
    request: &'r Request<'_>,
) -> Option<&'r BoundDecision> {
    let routes = &Record::of(request).routes;
    let is_ours = |attempt: &&RouteAttempt| Arc::ptr_eq(&attempt.policies, policies);
    let of_another = routes.iter().next().filter(|first| !is_ours(first));
    let is_for_another = |decision: Option<&BoundDecision>| {
        of_another.is_some() && decision.is_some_and(is_preflight)
    };
    if is_for_another(of_another.and_then(|first| first.decision.as_ref())) {
        return None;
    }
    let decision = match routes.iter().find(is_ours) {
        Some(attempt) => attempt.decision.clone(),
        None => evaluate(policies, request).await,
    };
    if is_for_another(decision.as_ref()) {
        return None;
    }
    let end = routes.iter().last().map_or(routes, |last| &last.next);
    let attempt = end.0.get_or_init(|| {
        Box::new(RouteAttempt {
            route: request.route().map(address),
            policies: Arc::clone(policies),
            decision,
            next: RouteAttempts::default(),
        })
    });
    attempt.decision.as_ref()
}

/// Returns the decision of the app's policy that is to be answered, where that has not happened: the
/// app has not yet been called, or has responded all the same, since a fairing has changed what
/// Rocket routes by.
fn unanswered<'r>(request: &'r Request<'_>) -> Option<&'r BoundDecision> {
    if Record::of(request).answered.get().is_some() {
        return None;
    }
    let bound = rejection(request).or_else(|| app_decision(request))?;
    bound.decision().status().map(|_| bound)
}

/// Returns the attempt whose policy has the last word, if a route's has: that at the route that
/// responded, or that was tried before a catcher did. If that has no policy of its own, the one that
/// has passed the preflight through, so that whatever responds has the headers of its policy.
fn last_attempt<'r>(request: &'r Request<'_>) -> Option<&'r RouteAttempt> {
    if unanswered(request).is_some() {
        return None;
    }
    let route = request.route().map(address);
    let routes = &Record::of(request).routes;
    let passed = || {
        let mut routes = routes.iter();
        routes.find(|attempt| attempt.decision.as_ref().is_some_and(passes_through))
    };
    let last = routes.iter().find(|attempt| attempt.route == route);
    last.or_else(passed)
}

/// Returns the decision under the policy of the last attempt, if there is one, and else under the
/// app's.
pub(crate) fn last_decision<'r>(request: &'r Request<'_>) -> Option<&'r BoundDecision> {
    match last_attempt(request) {
        Some(attempt) => attempt.decision.as_ref(),
        None => unanswered(request).or_else(|| app_decision(request)),
    }
}

/// Brings a response in line with the last decision.
pub(crate) fn finish<'r>(request: &'r Request<'_>, response: &mut Response<'r>) {
    let Some(bound) = last_decision(request) else {
        return;
    };
    match unanswered(request).and_then(answer) {
        Some(answer) => *response = answer,
        None => check(bound, request, response),
    }
    bound.apply(&mut ResponseWriter(response));
}

/// Looks for mistakes in the stack, where somebody is told, before the first fairing of this crate
/// changes the response.
fn check<'r>(bound: &BoundDecision, request: &'r Request<'_>, response: &mut Response<'r>) {
    let record = Record::of(request);
    if let Some(Some(watched)) = record.watched.get()
        && record.checked.set(()).is_ok()
    {
        bound.check_response(watched, &ResponseWriter(response));
    }
}

/// Tells the listeners of the app about the last decision, unless it is that of a mount that has
/// listeners of its own: one that both have, such as a counter, is told once.
pub(crate) fn tell_of_app(policies: &Policies, request: &Request<'_>) {
    let by_mount = last_attempt(request).is_some_and(|attempt| attempt.policies.are_heard());
    if policies.are_heard() && !by_mount {
        tell(last_decision(request), policies, request);
    }
}

/// Tells the listeners of a mount about the last decision, if it is that of the mount's policies.
pub(crate) fn tell_of_mount(policies: &Arc<Policies>, request: &Request<'_>) {
    if policies.are_heard()
        && let Some(attempt) = last_attempt(request)
        && Arc::ptr_eq(&attempt.policies, policies)
    {
        tell(attempt.decision.as_ref(), policies, request);
    }
}

/// Tells about a decision; where there is none, of what the shadow alone has a policy for.
fn tell(decision: Option<&BoundDecision>, policies: &Policies, request: &Request<'_>) {
    // Whoever listens has kept the head.
    let Some(head) = Record::of(request).head.get() else {
        return;
    };
    match decision {
        Some(bound) => bound.tell(&policies.options.listeners, &**head),
        None => {
            let now = RequestView::new(request);
            let received = Received { head, now };
            let Policies {
                prepared, options, ..
            } = policies;
            prepared.tell_of_shadow_alone(options, &received);
        }
    }
}

/// Returns a number that tells routes apart: they stay where they are from launch on.
fn address(route: &Route) -> usize {
    ptr::from_ref(route).addr()
}
