//! Values that no browser takes for what is meant, and such as do no good.

use ureq::http::{HeaderName, Method};

use super::super::call::{Role, Seen};
use super::super::fields::{
    ALLOW_CREDENTIALS, ALLOW_HEADERS, ALLOW_METHODS, ALLOW_PRIVATE_NETWORK, AllowOrigin,
    EXPOSE_HEADERS, Fields, MAX_AGE,
};
use super::super::kind::Kind;
use super::{Found, Place};

/// The longest time for which a browser keeps the answer to a preflight: Firefox's.
const MAX_AGE_CAP: u64 = 86_400;

pub(super) fn judge<'a>(place: &Place<'a>, first_page: &str) -> Vec<Found<'a>> {
    let seen = place.seen.iter().copied();
    let seen = seen.filter(|seen| !matches!(seen.call.role, Role::Hostile | Role::OfPolicy(_)));
    let mut found = Vec::new();
    for seen in seen {
        let fields = Fields(&seen.response);
        let mut kinds = anywhere(fields);
        if seen.call.is_preflight() {
            kinds.extend(of_preflight(fields));
        } else if seen.call.page.as_deref() == Some(first_page) {
            kinds.extend(of_actual(fields, seen));
        }
        found.extend(kinds.into_iter().map(|kind| (kind, seen)));
    }
    found
}

fn anywhere(fields: Fields<'_>) -> Vec<Kind> {
    let mut kinds = Vec::new();
    let allowed = fields.allow_origin();
    match allowed {
        AllowOrigin::Several => kinds.push(Kind::TwoOrigins),
        AllowOrigin::Malformed(_) => kinds.push(Kind::MalformedOrigin),
        AllowOrigin::Any if fields.allows_credentials() => {
            kinds.push(Kind::WildcardWithCredentials);
        }
        AllowOrigin::Absent | AllowOrigin::Any | AllowOrigin::One(_) => {}
    }
    // Two layers double all of their fields.
    let is_doubled = allowed == AllowOrigin::Several;
    let credentials = fields.value(ALLOW_CREDENTIALS);
    if credentials.is_some() && !fields.allows_credentials() && !is_doubled {
        kinds.push(Kind::CredentialsNotTrue);
    }
    if fields.value(ALLOW_PRIVATE_NETWORK).is_some() {
        kinds.push(Kind::PrivateNetworkUnasked);
    }
    kinds
}

fn of_preflight(fields: Fields<'_>) -> Vec<Kind> {
    let mut kinds = Vec::new();
    let (methods, names) = (fields.items(ALLOW_METHODS), fields.items(ALLOW_HEADERS));
    let is_any = |items: &[String]| items.iter().any(|item| item == "*");
    if is_named_with_credentials(fields) && (is_any(&methods) || is_any(&names)) {
        kinds.push(Kind::WildcardListWithCredentials);
    }
    if !methods.iter().all(|method| is_token(method)) || !names.iter().all(|name| is_token(name)) {
        kinds.push(Kind::MalformedList);
    }
    let lower = methods.iter().filter(|method| is_token(method));
    if lower.clone().any(|method| {
        let upper = method.to_ascii_uppercase();
        let is_known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        upper != **method && is_known.contains(&&*upper)
    }) {
        kinds.push(Kind::LowerCaseMethod);
    }
    let forbidden = ["CONNECT", "TRACE", "TRACK"];
    if methods.iter().any(|method| {
        forbidden
            .iter()
            .any(|name| method.eq_ignore_ascii_case(name))
    }) {
        kinds.push(Kind::ForbiddenMethodAllowed);
    }
    kinds.extend(max_age(fields));
    kinds
}

/// Judges the number of seconds for which the answer may be kept.
fn max_age(fields: Fields<'_>) -> Option<Kind> {
    let value = fields.value(MAX_AGE)?;
    if fields.allow_origin() == AllowOrigin::Several {
        return None;
    }
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Some(Kind::MaxAgeUnreadable);
    }
    let seconds = str::from_utf8(&value)
        .ok()
        .and_then(|text| text.parse().ok());
    (seconds.unwrap_or(u64::MAX) > MAX_AGE_CAP).then_some(Kind::MaxAgeBeyondCaps)
}

fn of_actual(fields: Fields<'_>, seen: &Seen) -> Vec<Kind> {
    let mut kinds = Vec::new();
    let exposed = fields.items(EXPOSE_HEADERS);
    if is_named_with_credentials(fields) && exposed.iter().any(|item| item == "*") {
        kinds.push(Kind::WildcardListWithCredentials);
    }
    if !exposed.iter().all(|name| is_token(name)) {
        kinds.push(Kind::MalformedList);
    }
    let of_preflights = [ALLOW_METHODS, ALLOW_HEADERS, MAX_AGE];
    // Many a server takes every OPTIONS for a preflight, and no page sends another one.
    if seen.call.method != "OPTIONS"
        && of_preflights
            .iter()
            .any(|name| fields.value(name).is_some())
    {
        kinds.push(Kind::PreflightFieldsOnActual);
    }
    kinds
}

/// Returns whether one origin is allowed, with credentials.
fn is_named_with_credentials(fields: Fields<'_>) -> bool {
    matches!(fields.allow_origin(), AllowOrigin::One(_)) && fields.allows_credentials()
}

fn is_token(item: &str) -> bool {
    Method::from_bytes(item.as_bytes()).is_ok() && HeaderName::from_bytes(item.as_bytes()).is_ok()
}
