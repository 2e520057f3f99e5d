//! What a page gets that is meant to be allowed.

use cors_core::browser::{PreflightCheckError, preflight_check};

use super::super::call::{Role, Seen};
use super::super::fields::{ALLOW_CREDENTIALS, ALLOW_HEADERS, ALLOW_METHODS, AllowOrigin, Fields};
use super::super::kind::Kind;
use super::super::pages::Pages;
use super::{Evidence, Found, Place};

pub(super) fn judge<'a>(
    place: &Place<'a>,
    pages: &Pages,
    evidence: &Evidence,
    uses_tokens: bool,
) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    for page in pages.meant() {
        let of_page = || {
            let seen = place.seen.iter().copied();
            seen.filter(|seen| seen.call.page.as_deref() == Some(page))
        };
        if evidence.anywhere.contains(page) {
            found.extend(of_page().filter_map(|seen| actual(seen, page)));
            // Where no response has the headers, the first one says all there is to say.
            if !evidence.actual.contains(page) {
                found.truncate(1);
            }
            found.extend(of_page().filter_map(|seen| preflight(seen, page, place)));
            found.extend(of_page().filter_map(|seen| own_headers(seen, page, place)));
            found.extend(of_page().filter_map(|seen| credentials(seen, page, place)));
            if uses_tokens {
                found.extend(of_page().filter_map(|seen| token(seen, page)));
            }
        } else if !pages.are_named {
            // Nobody says that it is meant to be allowed.
        } else if evidence.answered.contains(page) {
            let others = of_page().filter(|seen| is_other(seen, page));
            found.extend(others.map(|seen| (Kind::OtherOrigin, seen)));
        } else {
            found.extend(not_allowed(of_page()));
        }
    }
    found
}

/// Returns what lacks the headers which the page's own request gets, of a 405, a response without a
/// login, and one to a long body.
pub(super) fn refused_without_headers<'a>(place: &Place<'a>) -> Vec<Found<'a>> {
    let page = place.page().filter(|page| {
        let origin = page.call.page.as_deref();
        origin.is_some_and(|origin| Fields(&page.response).allow_origin().allows(origin))
    });
    let Some(origin) = page.and_then(|page| page.call.page.as_deref()) else {
        return Vec::new();
    };
    let other_methods = place.in_role(Role::OtherMethod);
    let refused = other_methods.filter(|seen| seen.response.status() == 405);
    let without_login = place.in_role(Role::PageWithoutLogin);
    let found = refused
        .chain(without_login)
        .chain(place.in_role(Role::LongBody));
    found.filter_map(|seen| actual(seen, origin)).collect()
}

/// Returns why an origin is allowed nowhere.
fn not_allowed<'a>(mut of_page: impl Iterator<Item = &'a Seen> + Clone) -> Option<Found<'a>> {
    let preflight = of_page
        .clone()
        .find(|seen| seen.call.role == Role::Preflight);
    let before_cors = preflight.and_then(|seen| match seen.response.status() {
        300..=399 => Some((Kind::PreflightRedirected, seen)),
        401 | 407 => Some((Kind::PreflightNeedsLogin, seen)),
        _ => None,
    });
    let first = of_page.find(|seen| seen.call.role == Role::Page);
    before_cors.or(first.map(|seen| (Kind::OriginNotAllowed, seen)))
}

/// Judges a response that is none to a preflight.
fn actual<'a>(seen: &'a Seen, page: &str) -> Option<Found<'a>> {
    let status = seen.response.status();
    match seen.call.role {
        Role::Page | Role::PageAgain | Role::PageWithoutLogin | Role::LongBody => {}
        // No page sends it: it shows what a 405 is like, and may well be taken for a preflight.
        Role::OtherMethod if seen.call.method == "OPTIONS" && status != 405 => return None,
        Role::OtherMethod => {}
        _ => return None,
    }
    if is_other(seen, page) {
        return Some((Kind::OtherOrigin, seen));
    }
    if Fields(&seen.response).allow_origin() != AllowOrigin::Absent {
        return None;
    }
    let kind = match status {
        300..=399 => Kind::NoHeadersOnRedirect,
        401 | 403 | 407 => Kind::NoHeadersWithoutLogin,
        404 | 405 => Kind::NoHeadersOnMissingRoute,
        400..=499 => Kind::NoHeadersOnRejection,
        500.. => Kind::NoHeadersOnServerError,
        _ => Kind::NoHeaders,
    };
    Some((kind, seen))
}

/// Judges the response to the preflight that every right server passes.
fn preflight<'a>(seen: &'a Seen, page: &str, place: &Place<'a>) -> Option<Found<'a>> {
    if seen.call.role != Role::Preflight {
        return None;
    }
    let status = seen.response.status();
    let error = passes(seen, page).err()?;
    if is_other(seen, page) {
        return Some((Kind::OtherOrigin, seen));
    }
    let allowed = Fields(&seen.response).allow_origin();
    let is_status = matches!(error, PreflightCheckError::Status { .. });
    if allowed != AllowOrigin::Absent && !is_status {
        // What stands in its fields is judged by itself.
        return None;
    }
    let mut with_login = place.in_role(Role::PreflightWithLogin);
    // Where others pass, it is not that nothing answers them.
    let mut others = place.in_role(Role::PreflightFor);
    let others_pass = others.any(|other| {
        let is_of_page = other.call.page.as_deref() == Some(page);
        is_of_page && passes(other, page).is_ok()
    });
    let kind = match status {
        300..=399 => Kind::PreflightRedirected,
        401 | 407 => Kind::PreflightNeedsLogin,
        _ if with_login.any(|seen| passes(seen, page).is_ok()) => Kind::PreflightNeedsLogin,
        _ if others_pass => Kind::PreflightRefused,
        403 => Kind::PreflightRefused,
        // What has no route has no list of methods for it.
        404 | 405 => Kind::PreflightReachedTheApp,
        400..=499 if has_lists(seen) => Kind::PreflightRefused,
        _ => Kind::PreflightReachedTheApp,
    };
    Some((kind, seen))
}

/// Returns whether a response has what only an answer to a preflight has.
fn has_lists(seen: &Seen) -> bool {
    let lists = [ALLOW_METHODS, ALLOW_HEADERS];
    lists
        .iter()
        .any(|list| Fields(&seen.response).value(list).is_some())
}

/// Judges the credentials of a preflight that passes without them.
fn credentials<'a>(seen: &'a Seen, page: &str, place: &Place<'a>) -> Option<Found<'a>> {
    let is_lacking = |seen: &Seen| {
        let fields = Fields(&seen.response);
        fields.allow_origin().is(page) && fields.value(ALLOW_CREDENTIALS).is_none()
    };
    let mut of_page = place
        .seen
        .iter()
        .filter(|seen| !seen.call.is_preflight() && seen.call.page.as_deref() == Some(page));
    let is_found = seen.call.role == Role::Preflight
        && is_lacking(seen)
        && passes(seen, page).is_ok()
        && of_page.any(|seen| Fields(&seen.response).allows_credentials());
    is_found.then_some((Kind::CredentialsMissing, seen))
}

/// Judges the response to the preflight for the user's own headers, where another one passes.
fn own_headers<'a>(seen: &'a Seen, page: &str, place: &Place<'a>) -> Option<Found<'a>> {
    if seen.call.role != Role::PreflightForOwn {
        return None;
    }
    let is_covered_by_any = Fields(&seen.response).has_item(ALLOW_HEADERS, "*");
    let is_refused = match passes(seen, page) {
        Err(PreflightCheckError::NonWildcardHeader { .. }) => !is_covered_by_any,
        outcome => outcome.is_err(),
    };
    let mut others = place.in_role(Role::Preflight);
    let others_pass = others.any(|other| passes(other, page).is_ok());
    (is_refused && others_pass).then_some((Kind::HeaderNotAllowed, seen))
}

/// Judges the response to a preflight for `Authorization`.
fn token<'a>(seen: &'a Seen, page: &str) -> Option<Found<'a>> {
    let fields = Fields(&seen.response);
    let is_covered_by_any = fields.has_item(ALLOW_HEADERS, "*") && !fields.allows_credentials();
    let is_refused = matches!(
        passes(seen, page),
        Err(PreflightCheckError::NonWildcardHeader { .. })
    );
    (is_covered_by_any && is_refused).then_some((Kind::AuthorizationNotCovered, seen))
}

fn passes(seen: &Seen, page: &str) -> Result<(), PreflightCheckError> {
    let (status, headers) = (seen.response.status(), seen.response.headers());
    preflight_check(page, &seen.call.script, status, headers).map(drop)
}

/// Returns whether the response is for another origin. One for `null` is so for nobody.
fn is_other(seen: &Seen, page: &str) -> bool {
    match Fields(&seen.response).allow_origin() {
        AllowOrigin::One(allowed) => allowed != page && allowed != "null",
        _ => false,
    }
}
