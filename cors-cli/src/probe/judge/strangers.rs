//! What a page gets that is not meant to be allowed.

use std::collections::BTreeSet;

use super::super::call::{Role, Seen};
use super::super::fields::{ALLOW_CREDENTIALS, AllowOrigin, EXPOSE_HEADERS, Fields};
use super::super::kind::Kind;
use super::super::pages::{FOREIGN, Nearness, Pages};
use super::{Found, Place};

pub(super) fn judge<'a>(place: &Place<'a>, pages: &Pages) -> Vec<Found<'a>> {
    let mut found = any_origin(place, pages);
    if found.is_empty() {
        found.extend(null(place, pages));
        found.extend(near(place, pages));
    }
    found.extend(stray(place));
    found.extend(hostile(place));
    found
}

/// Returns the responses that allow an origin by its own name.
fn allowing<'a>(place: &Place<'a>, page: &str) -> Vec<&'a Seen> {
    let seen = place.seen.iter().copied().filter(|seen| {
        matches!(seen.call.role, Role::Stranger | Role::PreflightOfStranger)
            && seen.call.page.as_deref() == Some(page)
            && Fields(&seen.response).allow_origin().is(page)
    });
    seen.collect()
}

fn with_credentials<'a>(seen: &[&'a Seen]) -> Option<&'a Seen> {
    let mut seen = seen.iter().copied();
    seen.find(|seen| Fields(&seen.response).allows_credentials())
}

fn any_origin<'a>(place: &Place<'a>, pages: &Pages) -> Vec<Found<'a>> {
    let allowing = allowing(place, FOREIGN);
    if let Some(seen) = with_credentials(&allowing) {
        return vec![(Kind::ForeignOriginAllowedWithCredentials, seen)];
    }
    let first = allowing.first().filter(|_| !pages.mean_foreign);
    Vec::from_iter(first.map(|seen| (Kind::ForeignOriginAllowed, *seen)))
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
    let mut found = Vec::new();
    for near in &pages.near {
        let allowing = allowing(place, near);
        if let Some(seen) = allowing.first() {
            found.push((pages.nearness(near), *seen));
        }
    }
    let all: BTreeSet<_> = found.iter().map(|(nearness, _)| *nearness).collect();
    let has = |nearness| all.contains(&nearness);
    let (by_start, by_end) = (has(Nearness::Start), has(Nearness::End));
    let found = found.into_iter().filter_map(|(nearness, seen)| {
        let kind = match nearness {
            Nearness::Start | Nearness::End if by_start && by_end => Kind::OriginAllowedByAPart,
            Nearness::Start => Kind::OriginAllowedByItsStart,
            Nearness::End => Kind::OriginAllowedByItsEnd,
            // They follow from the others.
            Nearness::Scheme | Nearness::Subdomain | Nearness::Other if by_end => return None,
            Nearness::Port if by_start => return None,
            Nearness::Scheme => Kind::PlainHttpAllowed,
            Nearness::Subdomain => Kind::SubdomainAllowed,
            Nearness::Port => Kind::OtherPortAllowed,
            Nearness::Dot => Kind::DotMatchesAnything,
            Nearness::Other => Kind::OtherOriginAllowed,
        };
        Some((kind, seen))
    });
    found.collect()
}

/// Returns CORS headers that come without an allowed origin.
fn stray<'a>(place: &Place<'a>) -> Option<Found<'a>> {
    let mut seen = place.seen.iter().copied();
    let stray = seen.find(|seen| {
        let fields = Fields(&seen.response);
        let has_stray = match seen.call.role {
            Role::PreflightOfStranger => fields.has_any(),
            // Those of a preflight have a kind of their own.
            Role::Stranger => {
                let stray = [ALLOW_CREDENTIALS, EXPOSE_HEADERS];
                stray.iter().any(|name| fields.value(name).is_some())
            }
            _ => false,
        };
        has_stray && fields.allow_origin() == AllowOrigin::Absent
    });
    stray.map(|seen| (Kind::StrayHeaders, seen))
}

/// Returns a failure that an `Origin` alone brings about.
pub(super) fn hostile<'a>(place: &Place<'a>) -> Option<Found<'a>> {
    let fails = |seen: &Seen| seen.response.status() >= 500;
    if place.page().is_none_or(fails) {
        return None;
    }
    let failed = place.in_role(Role::Hostile).find(|seen| fails(seen));
    failed.map(|seen| (Kind::ServerErrorOnOrigin, seen))
}
