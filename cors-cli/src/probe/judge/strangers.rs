//! What a page gets that is not meant to be allowed.

use super::super::call::{Role, Seen};
use super::super::fields::{ALLOW_CREDENTIALS, AllowOrigin, EXPOSE_HEADERS, Fields};
use super::super::kind::Kind;
use super::super::near::Nearness;
use super::super::pages::{FOREIGN, Pages};
use super::{Found, Place};

pub(super) fn judge<'a>(place: &Place<'a>, pages: &Pages) -> Vec<Found<'a>> {
    let mut found = any_origin(place, pages);
    let is_public = matches!(&*found, [(Kind::AnyOriginAllowed, _)]);
    if found.is_empty() || is_public {
        let more = null(place, pages).into_iter().chain(near(place, pages));
        // Without credentials they get no more than everybody.
        found.extend(
            more.filter(|(_, seen)| !is_public || Fields(&seen.response).allows_credentials()),
        );
    }
    found.extend(stray(place));
    found
}

/// Returns the responses that allow an origin by its own name.
fn allowing<'a>(place: &Place<'a>, page: &str) -> Vec<&'a Seen> {
    let seen = place.seen.iter().copied().filter(|seen| {
        seen.call.is_of_stranger()
            && seen.call.page.as_deref() == Some(page)
            && Fields(&seen.response).allow_origin().is(page)
    });
    seen.collect()
}

fn with_credentials<'a>(seen: &[&'a Seen]) -> Option<&'a Seen> {
    let mut seen = seen.iter().copied();
    seen.find(|seen| Fields(&seen.response).allows_credentials())
}

/// Returns a response that allows any origin.
pub(super) fn any_origin<'a>(place: &Place<'a>, pages: &Pages) -> Vec<Found<'a>> {
    let allowing = allowing(place, FOREIGN);
    if let Some(seen) = with_credentials(&allowing) {
        return vec![(Kind::ForeignOriginAllowedWithCredentials, seen)];
    }
    if allowing.is_empty() && pages.are_named && !pages.mean_foreign {
        return Vec::from_iter(public(place));
    }
    let first = allowing.first().filter(|_| !pages.mean_foreign);
    Vec::from_iter(first.map(|seen| (Kind::ForeignOriginAllowed, *seen)))
}

/// Returns a response that everybody may read, without credentials.
fn public<'a>(place: &Place<'a>) -> Option<Found<'a>> {
    let strangers = place.seen.iter().copied();
    let mut strangers =
        strangers.filter(|seen| seen.call.is_of_stranger() && !seen.call.is_preflight());
    let public = strangers.find(|seen| {
        let fields = Fields(&seen.response);
        fields.allow_origin() == AllowOrigin::Any && !fields.allows_credentials()
    });
    public.map(|seen| (Kind::AnyOriginAllowed, seen))
}

fn null<'a>(place: &Place<'a>, pages: &Pages) -> Option<Found<'a>> {
    let allowing = allowing(place, "null");
    if let Some(seen) = with_credentials(&allowing) {
        return Some((Kind::NullAllowedWithCredentials, seen));
    }
    let first = allowing.first().filter(|_| !pages.mean_null);
    first.map(|seen| (Kind::NullAllowed, *seen))
}

/// Returns what is wrong with the way in which the server compares origins.
fn near<'a>(place: &Place<'a>, pages: &Pages) -> Vec<Found<'a>> {
    let allowed: Vec<_> = pages
        .near
        .iter()
        .filter_map(|near| {
            let seen = allowing(place, near).into_iter().next()?;
            Some((pages.nearness(near), &**near, seen))
        })
        .collect();
    let has = |wanted| allowed.iter().any(|(nearness, ..)| *nearness == wanted);
    let is_allowed = |origin: &str| allowed.iter().any(|(_, near, _)| *near == origin);
    let by_start = has(Nearness::Start);
    let has_siblings = has(Nearness::Sibling);
    // A sibling whose name ends as that of the page is one like any other.
    let by_end = has(Nearness::ParentEnd) || (has(Nearness::End) && !has_siblings);
    let kinds = allowed.iter().filter_map(|&(nearness, near, seen)| {
        let kind = match nearness {
            Nearness::Start | Nearness::End | Nearness::ParentEnd if by_start && by_end => {
                Kind::OriginAllowedByAPart
            }
            Nearness::Start => Kind::OriginAllowedByItsStart,
            Nearness::End | Nearness::ParentEnd if by_end => Kind::OriginAllowedByItsEnd,
            // They follow from the others.
            Nearness::Scheme | Nearness::Subdomain | Nearness::Sibling | Nearness::Other
                if by_end =>
            {
                return None;
            }
            Nearness::Port | Nearness::Beginning if by_start => return None,
            Nearness::End | Nearness::Subdomain if has_siblings => return None,
            Nearness::Dot if pages.is_free_of_dot(near, is_allowed) => return None,
            // Whatever takes a part of an origin takes more letters in it.
            Nearness::Letter if by_start || by_end => return None,
            Nearness::Sibling | Nearness::Letter if pages.is_of_a_meant_domain(near) => {
                Kind::SiblingAllowed
            }
            Nearness::Sibling | Nearness::Letter => Kind::OtherOriginAllowed,
            Nearness::Scheme => Kind::PlainHttpAllowed,
            Nearness::Subdomain => Kind::SubdomainAllowed,
            Nearness::Port => Kind::OtherPortAllowed,
            Nearness::Dot => Kind::DotMatchesAnything,
            Nearness::Beginning => Kind::BeginningOfOriginAllowed,
            Nearness::End | Nearness::ParentEnd | Nearness::Other => Kind::OtherOriginAllowed,
        };
        Some((kind, seen))
    });
    kinds.collect()
}

/// Returns CORS headers that come without an allowed origin.
fn stray<'a>(place: &Place<'a>) -> Option<Found<'a>> {
    let mut seen = place.seen.iter().copied();
    let stray = seen.find(|seen| {
        let fields = Fields(&seen.response);
        let has_stray = match seen.call.role {
            Role::PreflightOfStranger => fields.has_any(),
            // Those of a preflight have a kind of their own.
            Role::Stranger | Role::Foreign => {
                let stray = [ALLOW_CREDENTIALS, EXPOSE_HEADERS];
                stray.iter().any(|name| fields.value(name).is_some())
            }
            _ => false,
        };
        has_stray && fields.allow_origin() == AllowOrigin::Absent
    });
    stray.map(|seen| (Kind::StrayHeaders, seen))
}
