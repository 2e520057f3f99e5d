//! What differs from one request to the next.

use super::super::call::{Role, Seen};
use super::super::fields::Fields;
use super::super::kind::Kind;
use super::{Found, Place};

/// Returns a response that differs from the one before to the same request.
pub(super) fn differing<'a>(place: &Place<'a>) -> Vec<Found<'a>> {
    let pairs = [
        (Role::Page, Role::PageAgain),
        (Role::Preflight, Role::PreflightAgain),
        (Role::Foreign, Role::ForeignAgain),
    ];
    let mut found = Vec::new();
    for (first, again) in pairs {
        let Some(first) = place.in_role(first).next() else {
            continue;
        };
        let differs = |seen: &&'a Seen| {
            let (status, of_first) = (seen.response.status(), first.response.status());
            // A limit comes and goes, and is judged by itself.
            status != 429
                && of_first != 429
                && (status != of_first
                    || Fields(&seen.response).of_protocol()
                        != Fields(&first.response).of_protocol())
        };
        let different = place.in_role(again).find(differs);
        found.extend(different.map(|seen| (Kind::AnswersDiffer, seen)));
    }
    found
}

/// Returns a response that may be kept, and that does not tell caches that others differ from it.
pub(super) fn vary_lacking<'a>(place: &Place<'a>) -> Option<Found<'a>> {
    let seen = place.seen.iter().copied();
    let seen: Vec<_> = seen
        .filter(|seen| {
            matches!(
                seen.call.role,
                Role::Page | Role::Stranger | Role::Foreign | Role::WithoutOrigin
            )
        })
        .collect();
    let first = seen.first()?;
    // Limits and failures come and go.
    let same_status = seen
        .iter()
        .filter(|seen| seen.response.status() == first.response.status());
    let allowed = Fields(&first.response).of_protocol();
    let mut others = same_status.clone();
    if others.all(|seen| Fields(&seen.response).of_protocol() == allowed) {
        return None;
    }
    let mut lacking = same_status.filter(|seen| {
        let fields = Fields(&seen.response);
        fields.may_be_kept() && !fields.varies_by_origin()
    });
    lacking.next().map(|seen| (Kind::VaryLacking, *seen))
}

/// Returns a response that was made for another request, by URLs that no cache knew before.
pub(super) fn cached<'a>(place: &Place<'a>) -> Vec<Found<'a>> {
    let turn = |number, turn| place.in_role(Role::Fresh(number, turn)).next();
    // The page comes first, and so it gets the server's own response.
    let Some(own) = turn(0, 0) else {
        return Vec::new();
    };
    let differs_from_own = |seen: &&'a Seen| {
        seen.call.page == own.call.page
            && seen.response.status() == own.response.status()
            && Fields(&seen.response).of_protocol() != Fields(&own.response).of_protocol()
    };
    let later = [turn(1, 1), turn(2, 1)];
    let Some(wrong) = later.into_iter().flatten().find(differs_from_own) else {
        return Vec::new();
    };
    // A cache keeps responses apart only by what they say.
    let kind = if Fields(&own.response).varies_by_origin() {
        Kind::Cached
    } else {
        Kind::VaryLacking
    };
    vec![(kind, wrong)]
}
