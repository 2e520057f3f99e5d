//! What is done when the response is there: its headers, and what listeners are told.

use std::sync::Arc;

use cors_core::adapter::BoundDecision;
use rocket::{Request, Response};

use crate::attached;
use crate::decide::answer;
use crate::policies::Policies;
use crate::received::Received;
use crate::record::{LastWord, Note, Record};
use crate::view::{RequestView, ResponseWriter};

/// Brings a response in line with the last decision, and tells the listeners of the app, unless the
/// decision is that of a mount that has listeners of its own: one that both have, such as a counter,
/// is told once.
pub(crate) fn finish_for_app<'r>(
    policies: &Policies,
    request: &'r Request<'_>,
    response: &mut Response<'r>,
) {
    if let Some(bound) = attached::nothing_kept(request) {
        return bound.apply(&mut ResponseWriter(response));
    }
    let record = Record::of(request);
    let mut last = record.last_word(request);
    if last.decision.is_none() {
        // A fairing has added the request's `Origin` later.
        last.decision = attached::without_origin(request);
    }
    finish(last, record, response);
    let by_mount = last.attempt.is_some_and(|by| by.policies.are_heard());
    if policies.are_heard() && !by_mount {
        tell(last.decision, policies, request, record);
    }
}

/// Brings a response in line with the last decision, and tells the listeners of the mount, if the
/// decision is that of the mount's policies.
pub(crate) fn finish_for_mount<'r>(
    policies: &Arc<Policies>,
    request: &'r Request<'_>,
    response: &mut Response<'r>,
) {
    let record = Record::of(request);
    let last = record.last_word(request);
    finish(last, record, response);
    if policies.are_heard()
        && let Some(attempt) = last.attempt
        && Arc::ptr_eq(&attempt.policies, policies)
    {
        tell(last.decision, policies, request, record);
    }
}

fn finish<'r>(last: LastWord<'r>, record: &Record, response: &mut Response<'r>) {
    let Some(bound) = last.decision else {
        return;
    };
    if last.is_unanswered
        && let Some(answer) = answer(bound)
    {
        *response = answer;
    } else {
        check(bound, record, response);
    }
    bound.apply(&mut ResponseWriter(response));
}

/// Looks for mistakes in the stack, where somebody is told, before the first fairing of this crate
/// changes the response.
fn check(bound: &BoundDecision, record: &Record, response: &mut Response<'_>) {
    if let Some(Some(watched)) = record.watched.get()
        && !record.note(Note::Checked)
    {
        bound.check_response(watched, &ResponseWriter(response));
    }
}

/// Tells about a decision; where there is none, of what the shadow alone has a policy for.
fn tell(
    decision: Option<&BoundDecision>,
    policies: &Policies,
    request: &Request<'_>,
    record: &Record,
) {
    // Whoever listens has kept the head.
    let Some(head) = record.head.get() else {
        return;
    };
    let Policies {
        prepared, options, ..
    } = policies;
    match decision {
        Some(bound) => bound.tell(&options.listeners, &**head),
        None => {
            let now = RequestView::new(request);
            prepared.tell_of_shadow_alone(options, &Received { head, now });
        }
    }
}
