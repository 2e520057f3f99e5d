//! What a page gets of a server under the policies of a file, by the model of a browser.

use std::collections::BTreeSet;
use std::time::Duration;

use cors_core::PolicyMap;
use cors_core::browser::{Browser, Request, Response};

use super::tried::READ;

/// How the app behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum App {
    RespondsToAll,
    HasNoOptions,
    AllowsAll,
}

/// A page's request to a server.
#[derive(Debug)]
pub(crate) struct Sent<'a> {
    pub(crate) page: &'a str,
    pub(crate) host: &'a str,
    pub(crate) request: Request,
    pub(crate) app: App,
}

/// What a page gets of a path: whether the app has its request, and what it reads of the response.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Got {
    has_reached: bool,
    read: Option<BTreeSet<String>>,
}

impl Got {
    fn is_more_than(&self, other: &Self) -> bool {
        let reads_more = match (&self.read, &other.read) {
            (Some(names), Some(others)) => !names.is_subset(others),
            (Some(_), None) => true,
            (None, _) => false,
        };
        reads_more || self.has_reached && !other.has_reached
    }
}

fn get(policies: &PolicyMap, path: &str, sent: &Sent<'_>) -> Got {
    let mut got = Got::default();
    let mut app = |is_preflight: bool| {
        got.has_reached |= !is_preflight;
        let is_missing = is_preflight && sent.app == App::HasNoOptions;
        let mut response = Response::new(if is_missing { 405 } else { 200 });
        for name in READ {
            response.headers_mut().append(name, "1");
        }
        if sent.app == App::AllowsAll {
            for (name, value) in [
                ("access-control-allow-origin", sent.page),
                ("access-control-allow-credentials", "true"),
                ("access-control-allow-methods", "PUT, DELETE, REPORT"),
                ("access-control-allow-headers", "x-c, authorization"),
                ("access-control-expose-headers", "x-none"),
            ] {
                response.headers_mut().append(name, value);
            }
        }
        response
    };
    let url = format!("https://{}{path}", sent.host);
    let mut browser = Browser::new();
    let read = browser.fetch(Duration::ZERO, sent.page, &url, &sent.request, |request| {
        let is_preflight = request.is_preflight();
        match policies.policy(path) {
            Some(policy) => request.respond(policy, |_| app(is_preflight)),
            None => app(is_preflight),
        }
    });
    got.read = read.ok().map(|response| {
        let names = response.headers().iter().map(|(name, _)| name);
        // A policy adds some of its own.
        let names = names.filter(|name| READ.contains(name));
        names.map(str::to_owned).collect()
    });
    got
}

/// Returns whether a page gets more of a path under the second policies. Of a path with several
/// readings that is to read more: whether such a request is rejected is known to adapters alone.
pub(crate) fn gets_more(
    [old, new]: [&PolicyMap; 2],
    (path, has_readings): (&str, bool),
    sent: &Sent<'_>,
) -> bool {
    // Where nothing replaces the app's headers, what it allows is its own.
    let is_off = |policies: &PolicyMap| policies.policy(path).is_none();
    if sent.app == App::AllowsAll && (is_off(old) || is_off(new)) {
        return false;
    }
    let mut after = get(new, path, sent);
    after.has_reached &= !has_readings;
    after.is_more_than(&get(old, path, sent))
}
