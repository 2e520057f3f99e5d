//! The floor: what a middleware for nothing but the scenario has to do at least.
//!
//! One look-up of `Origin`, one comparison (one hash look-up for a list), one line of Vary, one
//! `Access-Control-Allow-Origin`. A preflight is checked against literals, gives up at the first
//! unknown name and past as many names as are allowed, and gets a clone of a finished header map.
//! Everything that can be a static text is one.
//!
//! Every floor adds Vary, where its framework's peer forgets it too (rocket_cors, `warp::cors`).

use std::collections::HashSet;

use foldhash::fast::RandomState;

use crate::scenario::{APP, Origins, Rules};

pub const VARY: &str = "origin";
pub const PREFLIGHT_VARY: &str =
    "origin, access-control-request-method, access-control-request-headers";
pub const ALLOW_METHODS: &str = "GET,POST,PUT,PATCH,DELETE";
pub const ALLOW_HEADERS: &str = "x-a,authorization,content-type,if-match,if-none-match,\
     x-api-key,x-csrf-token,x-request-id,x-requested-with,x-tenant";
pub const MAX_AGE: &str = "600";

/// What is compared with.
#[derive(Debug)]
pub enum Allowed {
    One,
    Set(HashSet<Box<[u8]>, RandomState>),
    Any,
    AnyWithCredentials,
    Subdomains,
}

/// What the answer says about the origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Refused,
    /// [`APP`], as a static text.
    App,
    /// What the request has.
    Echo,
    /// `*`
    Any,
}

impl Allowed {
    pub fn new(rules: &Rules) -> Self {
        match &rules.origins {
            Origins::Listed(origins) if origins.len() == 1 => Self::One,
            Origins::Listed(origins) => Self::Set(
                origins
                    .iter()
                    .map(|origin| origin.as_bytes().into())
                    .collect(),
            ),
            Origins::Any => Self::Any,
            Origins::AnyWithCredentials => Self::AnyWithCredentials,
            Origins::Subdomains => Self::Subdomains,
        }
    }

    #[inline]
    pub fn judge(&self, origin: Option<&[u8]>) -> Verdict {
        let verdict = |allowed, verdict| if allowed { verdict } else { Verdict::Refused };
        match (self, origin) {
            (Self::Any, _) => Verdict::Any,
            (_, None) => Verdict::Refused,
            (Self::One, Some(origin)) => verdict(origin == APP.as_bytes(), Verdict::App),
            (Self::Set(set), Some(origin)) => verdict(set.contains(origin), Verdict::Echo),
            (Self::AnyWithCredentials, Some(_)) => Verdict::Echo,
            (Self::Subdomains, Some(origin)) => verdict(
                origin.starts_with(b"https://") && origin.ends_with(b".example.com"),
                Verdict::Echo,
            ),
        }
    }

    pub const fn varies(&self) -> bool {
        !matches!(self, Self::Any)
    }

    pub const fn with_credentials(&self) -> bool {
        matches!(self, Self::AnyWithCredentials)
    }
}

/// Returns whether the floor allows a preflight.
#[inline]
pub fn allows(origin: Option<&[u8]>, method: &[u8], headers: Option<&[u8]>) -> bool {
    origin == Some(APP.as_bytes())
        && matches!(method, b"GET" | b"POST" | b"PUT" | b"PATCH" | b"DELETE")
        && headers.is_none_or(allows_headers)
}

fn allows_headers(list: &[u8]) -> bool {
    let mut names = list.split(|byte| *byte == b',');
    let all_are_allowed = names
        .by_ref()
        .take(crate::scenario::HEADERS.len())
        .map(<[u8]>::trim_ascii)
        .all(allows_header);
    all_are_allowed && names.next().is_none()
}

fn allows_header(name: &[u8]) -> bool {
    matches!(
        name,
        b"x-a"
            | b"authorization"
            | b"content-type"
            | b"if-match"
            | b"if-none-match"
            | b"x-api-key"
            | b"x-csrf-token"
            | b"x-request-id"
            | b"x-requested-with"
            | b"x-tenant"
    )
}
