//! Every difference from the recorded responses, and why.

pub(crate) mod django;
pub(crate) mod fastapi;
pub(crate) mod flask;

use std::collections::BTreeMap;

use crate::exchange::LIBRARIES;

pub(crate) const DJANGO: &str = "django-cors-headers";
pub(crate) const FASTAPI: &str = "fastapi";
pub(crate) const FLASK: &str = "flask-cors";

pub(crate) const STATUS: &str = "status";
pub(crate) const ALLOW_ORIGIN: &str = "access-control-allow-origin";
pub(crate) const ALLOW_CREDENTIALS: &str = "access-control-allow-credentials";
pub(crate) const ALLOW_METHODS: &str = "access-control-allow-methods";
pub(crate) const ALLOW_HEADERS: &str = "access-control-allow-headers";
pub(crate) const EXPOSE_HEADERS: &str = "access-control-expose-headers";
pub(crate) const MAX_AGE: &str = "access-control-max-age";
pub(crate) const ALLOW_PRIVATE_NETWORK: &str = "access-control-allow-private-network";
pub(crate) const VARY: &str = "vary";

/// One expected difference, on each of these requests in each of these fields.
pub(crate) struct Difference {
    pub(crate) requests: &'static [&'static str],
    pub(crate) fields: &'static [&'static str],
    /// As [`Outcome::fields`](crate::exchange::Outcome::fields) has it.
    pub(crate) ours: Option<&'static str>,
    pub(crate) why: &'static str,
}

impl Difference {
    /// Returns each request with each field.
    pub(crate) fn places(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let requests = self.requests.iter();
        requests.flat_map(|request| self.fields.iter().map(|field| (*request, *field)))
    }
}

/// A library, a request, a field.
pub(crate) type Place = (&'static str, String, String);

pub(crate) fn listed_differences() -> BTreeMap<Place, &'static Difference> {
    let mut listed = BTreeMap::new();
    for library in &LIBRARIES {
        for difference in library.differences {
            for (request, field) in difference.places() {
                let place = (library.name, request.to_owned(), field.to_owned());
                let twice = listed.insert(place, difference);
                assert!(twice.is_none(), "{request}: {field} is listed twice");
            }
        }
    }
    listed
}

/// Where a page gets another outcome than from the library: whether it gets through here.
pub(crate) const OTHER_OUTCOMES: [(&str, &str, bool); 5] = [
    // A page becomes `null` at will, and would act as the signed-in user.
    (DJANGO, "get from null", false),
    (DJANGO, "preflight from null", false),
    (FASTAPI, "get from null", false),
    (FASTAPI, "preflight from null", false),
    // Its 400 stops even a browser that does not insist on the permission.
    (FASTAPI, "preflight for a private network", true),
];

pub(crate) const PREFLIGHTS: &[&str] = &[
    "preflight for get",
    "preflight for head",
    "preflight for put",
    "preflight for patch in lower case",
    "preflight for an unlisted method",
    "preflight for no method",
    "preflight for a listed header",
    "preflight for two headers, a space, upper case",
    "preflight for an empty element",
    "preflight for authorization",
    "preflight for an unlisted header",
    "preflight for forbidden headers",
    "preflight for no header name",
    "preflight from null",
    "preflight from no origin at all",
    "preflight for a private network",
];
