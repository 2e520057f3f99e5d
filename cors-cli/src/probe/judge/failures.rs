//! Failures that an `Origin` alone brings about, or the lack of one.

use super::super::call::{Role, Seen};
use super::super::fields::Fields;
use super::super::kind::Kind;
use super::super::pages::FOREIGN;
use super::{Found, Place};

/// Returns a failure that an `Origin` alone brings about, or the lack of one.
pub(super) fn judge<'a>(place: &Place<'a>) -> Option<Found<'a>> {
    let of_requests = by_refusal(place, false)?;
    // A server may fail for preflights alone.
    let of_preflights = by_refusal(place, true).flatten();
    of_requests
        .or(of_preflights)
        .or_else(|| by_hostile(place))
        .or_else(|| without_origin(place))
}

/// Returns the failure of all preflights, or of all other requests, of pages that are refused;
/// `None` where the page's own requests fail as well, or were not sent.
fn by_refusal<'a>(place: &Place<'a>, is_preflight: bool) -> Option<Option<Found<'a>>> {
    let page = place.page()?.call.page.as_deref();
    // Those of a policy are judged by it.
    let seen = place.seen.iter().copied().filter(|seen| {
        let is_of_policy = matches!(seen.call.role, Role::OfPolicy(_));
        seen.call.is_preflight() == is_preflight && !is_of_policy
    });
    let of_page = seen.clone().filter(|seen| {
        let is_steady = matches!(
            seen.call.role,
            Role::Page | Role::PageAgain | Role::Preflight | Role::PreflightAgain
        );
        is_steady && seen.call.page.as_deref() == page
    });
    let refused = seen
        .filter(|seen| seen.call.page.as_deref() == Some(FOREIGN) || is_refused_preflight(seen));
    let [of_page, refused]: [Vec<_>; 2] = [of_page.collect(), refused.collect()];
    if of_page.is_empty() || of_page.iter().any(|seen| fails(seen)) {
        return None;
    }
    let first = refused.first().filter(|_| all_fail(&refused));
    Some(first.map(|seen| (Kind::ServerErrorOnForeignOrigin, *seen)))
}

fn is_refused_preflight(seen: &Seen) -> bool {
    let page = seen.call.page.as_deref().unwrap_or_default();
    seen.call.role == Role::PreflightOfStranger
        && !Fields(&seen.response).allow_origin().allows(page)
}

/// Returns the failure that an `Origin` brings about which no browser sends.
fn by_hostile<'a>(place: &Place<'a>) -> Option<Found<'a>> {
    // A failure that comes once has another reason.
    let failed = place.in_role(Role::Hostile).find(|failed| {
        let same = place.in_role(Role::Hostile);
        let same = same.filter(|seen| seen.call.page == failed.call.page);
        all_fail(&Vec::from_iter(same))
    });
    failed.map(|seen| (Kind::ServerErrorOnOrigin, seen))
}

/// Returns the failure of all requests that are no CORS requests.
fn without_origin<'a>(place: &Place<'a>) -> Option<Found<'a>> {
    let seen = place.seen.iter().copied().filter(|seen| {
        let is_of_policy = matches!(seen.call.role, Role::OfPolicy(_));
        seen.call.page.is_none() && !is_of_policy
    });
    let seen: Vec<_> = seen.collect();
    let first = seen.first().filter(|_| seen.len() > 1 && all_fail(&seen));
    first.map(|seen| (Kind::ServerErrorWithoutOrigin, *seen))
}

fn all_fail(seen: &[&Seen]) -> bool {
    seen.iter().all(|seen| fails(seen))
}

fn fails(seen: &Seen) -> bool {
    seen.response.status() >= 500
}
