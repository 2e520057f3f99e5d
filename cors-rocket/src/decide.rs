//! The decisions on a request, and the answers, before the app is called.

use std::sync::Arc;

use cors_core::adapter::{AdapterOptions, BoundDecision, KeptHead};
use rocket::http::{Method, Status};
use rocket::{Request, Response};

use crate::policies::Policies;
use crate::record::{Note, Record, is_preflight};
use crate::view::RequestView;

/// Notes that a request is one for HEAD, before Rocket makes a GET of it.
pub(crate) fn note_head(request: &Request<'_>) {
    if request.method() == Method::Head {
        Record::of(request).note(Note::CameAsHead);
    }
}

/// Makes a view of a request, with the method that it came with.
fn view_of<'r>(request: &'r Request<'_>, record: &Record) -> RequestView<'r> {
    if record.has(Note::CameAsHead) {
        RequestView::of_head(request)
    } else {
        RequestView::new(request)
    }
}

/// Decides under the policy of the app, before routing. Returns whether it rejects the request.
pub(crate) async fn decide_for_app(policies: &Policies, request: &Request<'_>) -> bool {
    let record = Record::of(request);
    if let Some(decision) = evaluate(policies, request, record).await {
        record.app.get_or_init(|| decision);
    }
    record.rejection().is_some()
}

/// Returns whether the policy of the app rejects the request.
pub(crate) fn is_rejected(request: &Request<'_>) -> bool {
    Record::of(request).rejection().is_some()
}

/// Returns the answer of the app's policy, where the app is not to be called.
pub(crate) fn answer_for_app<'r>(request: &Request<'_>) -> Option<Response<'r>> {
    let record = Record::of(request);
    give(record, record.app_word())
}

/// Returns the answer of the policy of the route that Rocket tries at the moment, where the app is
/// not to be called.
pub(crate) async fn answer_for_route<'r>(
    policies: &Arc<Policies>,
    request: &Request<'_>,
) -> Option<Response<'r>> {
    let record = Record::of(request);
    give(record, decide_for_route(policies, request, record).await)
}

/// Returns the answer, if there is one, and notes that it is given.
fn give<'r>(record: &Record, bound: Option<&BoundDecision>) -> Option<Response<'r>> {
    let answer = answer(bound?)?;
    record.note(Note::Answered);
    Some(answer)
}

/// Returns the answer, where the app is not to be called. Its headers are added later, as for every
/// other response.
pub(crate) fn answer<'r>(bound: &BoundDecision) -> Option<Response<'r>> {
    let status = Status::new(bound.decision().status()?);
    Some(Response::build().status(status).finalize())
}

/// Decides for the route that Rocket tries at the moment. The routes of one mount share one
/// decision. About a preflight only the mount decides whose route is tried first.
async fn decide_for_route<'r>(
    policies: &Arc<Policies>,
    request: &Request<'_>,
    record: &'r Record,
) -> Option<&'r BoundDecision> {
    let routes = &record.routes;
    let of_another = (routes.iter().next()).filter(|first| !Arc::ptr_eq(&first.policies, policies));
    let is_for_another = |decision: Option<&BoundDecision>| {
        of_another.is_some() && decision.is_some_and(is_preflight)
    };
    if is_for_another(of_another.and_then(|first| first.decision.as_ref())) {
        return None;
    }
    let mut attempts = routes.iter();
    let decision = match attempts.find(|attempt| Arc::ptr_eq(&attempt.policies, policies)) {
        Some(attempt) => attempt.decision.clone(),
        None => evaluate(policies, request, record).await,
    };
    if is_for_another(decision.as_ref()) {
        return None;
    }
    routes.add(request, policies, decision).decision.as_ref()
}

/// Evaluates a request; `None` where there is no policy for its path.
async fn evaluate(
    policies: &Policies,
    request: &Request<'_>,
    record: &Record,
) -> Option<BoundDecision> {
    let evaluation = {
        let view = view_of(request, record);
        if policies.are_heard() {
            let kept = || Box::new(KeptHead::of(&view));
            record.head.get_or_init(kept);
        }
        BoundDecision::evaluate(policies.prepared.get(&view)?, &view)
    };
    let bound = evaluation.await;
    let AdapterOptions {
        shadow,
        mistakes,
        for_route,
        ..
    } = &policies.options;
    if !mistakes.is_empty() {
        let kind = bound.decision().kind();
        let view = view_of(request, record);
        let watched = mistakes.watch(kind, bound.policy(), &view, *for_route);
        record.watched.get_or_init(|| watched.map(Box::new));
    }
    // The listeners of the app hear of the decisions of mounts too.
    let is_heard = record.head.get().is_some();
    Some(if is_heard {
        bound.beside_shadow(shadow.as_ref(), &view_of(request, record))
    } else {
        bound
    })
}
