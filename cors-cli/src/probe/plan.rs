//! The requests of a probe where no policy is known, and those that are sent in any case.

use std::iter;

use cors_core::browser::{Request, RequestError};

use super::call::{Call, Role};
use super::own_lines::{OwnLines, is_public};
use super::pages::{FOREIGN, Pages};
use super::target::Target;

/// How long a body is that servers are likely to refuse: nginx takes 1 MB, axum and actix-web 2.
const LONG_BODY_BYTES: usize = 4_000_000;

/// The methods by which requests may change something.
const CHANGING: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];

/// How often a request is sent to see whether its response stays: in a row, so that each of as many
/// replicas gets it which take turns.
const IN_A_ROW: usize = 4;

/// Origins that no browser sends, and that a server must not fail for.
const HOSTILE: [&str; 4] = [
    "https://[::",
    "https://app.example.com:99999",
    "%00%ff",
    "https://a b.example",
];

/// Makes the requests that show how a server treats pages.
pub(crate) fn battery(
    target: &Target,
    pages: &Pages,
    own: &OwnLines,
    may_change: bool,
) -> Result<Vec<Call>, RequestError> {
    let get = Request::new("GET")?;
    let mut calls = Vec::new();
    for (index, path) in target.paths.iter().enumerate() {
        let mut of_path = steady(path, &pages.first, own)?;
        if !own.is_empty() {
            let mut with = preflight(Role::PreflightWithLogin, path, &pages.first, "GET")?;
            with.has_own_lines = true;
            of_path.push(with);
        }
        of_path.extend(preflights(path, &pages.first, own)?);
        of_path.extend(other_methods(path, &pages.first, may_change)?);
        of_path.push(Call::actual(Role::WithoutOrigin, path, None, &get));
        of_path.push(Call::actual(Role::Stranger, path, Some("null"), &get));
        for stranger in [FOREIGN, "null"] {
            of_path.push(preflight(Role::PreflightOfStranger, path, stranger, "PUT")?);
        }
        for method in CHANGING.iter().filter(|_| may_change) {
            let script = Request::new(method)?;
            let page = Some(FOREIGN);
            of_path.push(Call::actual(Role::Stranger, path, page, &script));
        }
        if index == 0 {
            for page in &pages.others {
                of_path.push(Call::actual(Role::Page, path, Some(page), &get));
                of_path.push(preflight(Role::Preflight, path, page, "GET")?);
            }
            for near in &pages.near {
                of_path.push(Call::actual(Role::Stranger, path, Some(near), &get));
            }
            of_path.extend(hostile(path)?);
            let page = Some(&*pages.first);
            of_path.push(Call::actual(Role::PageAgain, path, page, &get));
        }
        of_path.extend(fresh(path, &pages.first)?);
        calls.extend(of_path);
    }
    let missing = target.missing_path();
    calls.push(Call::actual(Role::Page, &missing, Some(&pages.first), &get));
    calls.push(Call::actual(Role::Stranger, &missing, Some(FOREIGN), &get));
    calls.push(Call::actual(Role::WithoutOrigin, &missing, None, &get));
    Ok(calls)
}

/// Makes the requests that show what a policy does not tell: whether each request gets the same
/// response, whatever came before it.
pub(crate) fn beside_policy(
    path: &str,
    page: &str,
    own: &OwnLines,
    may_change: bool,
) -> Result<Vec<Call>, RequestError> {
    let mut calls = steady(path, page, own)?;
    calls.extend(other_methods(path, page, false)?);
    if may_change {
        calls.push(long_body(path, page)?);
    }
    calls.extend(hostile(path)?);
    let get = Request::new("GET")?;
    calls.push(Call::actual(Role::PageAgain, path, Some(page), &get));
    calls.extend(fresh(path, page)?);
    Ok(calls)
}

/// Makes a page's request, its preflight, and a foreign page's request, [`IN_A_ROW`] times each, and
/// the request without a login.
fn steady(path: &str, page: &str, own: &OwnLines) -> Result<Vec<Call>, RequestError> {
    let get = Request::new("GET")?;
    let again = |first, again| iter::once(first).chain(iter::repeat_n(again, IN_A_ROW - 1));
    let mut calls = Vec::new();
    for role in again(Role::Page, Role::PageAgain) {
        calls.push(Call::actual(role, path, Some(page), &get));
    }
    for role in again(Role::Preflight, Role::PreflightAgain) {
        calls.push(preflight(role, path, page, "GET")?);
    }
    if page != FOREIGN {
        for role in again(Role::Foreign, Role::ForeignAgain) {
            calls.push(Call::actual(role, path, Some(FOREIGN), &get));
        }
    }
    if !own.is_empty() {
        let mut without = Call::actual(Role::PageWithoutLogin, path, Some(page), &get);
        without.has_own_lines = false;
        calls.push(without);
    }
    Ok(calls)
}

fn preflight(role: Role, path: &str, page: &str, method: &str) -> Result<Call, RequestError> {
    Ok(Call::preflight(role, path, page, Request::new(method)?))
}

fn preflights(path: &str, page: &str, own: &OwnLines) -> Result<Vec<Call>, RequestError> {
    let json = Request::new("PUT")?.header("content-type", "application/json")?;
    let patch = Request::new("PATCH")?;
    let scripts = [json, patch];
    let scripts = scripts.into_iter();
    let mut calls: Vec<_> = scripts
        .map(|script| Call::preflight(Role::PreflightFor, path, page, script))
        .collect();
    // With the headers that a page's script has to set, as the user does.
    let mut script = Request::new("GET")?;
    for (name, value) in own.iter().filter(|(name, _)| !is_public(name)) {
        script = script.header(name, value)?;
    }
    if !script.needs_preflight().is_empty() {
        calls.push(Call::preflight(Role::PreflightForOwn, path, page, script));
    }
    // No script can ask for it, so the model of the browser has no such request.
    let mut forbidden = preflight(Role::PreflightFor, path, page, "GET")?;
    for (name, value) in &mut forbidden.lines {
        if name == "Access-Control-Request-Method" {
            "TRACE".clone_into(value);
        }
    }
    calls.push(forbidden);
    Ok(calls)
}

fn other_methods(path: &str, page: &str, may_change: bool) -> Result<Vec<Call>, RequestError> {
    let mut methods = vec!["HEAD", "OPTIONS"];
    if may_change {
        methods.extend(CHANGING);
    }
    let mut calls = Vec::new();
    for method in methods {
        let script = Request::new(method)?;
        calls.push(Call::actual(Role::OtherMethod, path, Some(page), &script));
    }
    if may_change {
        calls.push(long_body(path, page)?);
    }
    Ok(calls)
}

fn long_body(path: &str, page: &str) -> Result<Call, RequestError> {
    let post = Request::new("POST")?.header("content-type", "text/plain")?;
    let mut call = Call::actual(Role::LongBody, path, Some(page), &post);
    call.body_bytes = LONG_BODY_BYTES;
    Ok(call)
}

fn hostile(path: &str) -> Result<Vec<Call>, RequestError> {
    let get = Request::new("GET")?;
    let long = format!("https://{}.example", "a".repeat(2_000));
    let origins = HOSTILE.into_iter().chain([&*long]);
    // Twice: a server that fails by itself has nothing against an origin.
    let calls = origins.flat_map(|origin| {
        let call = || Call::actual(Role::Hostile, path, Some(origin), &get);
        [call(), call()]
    });
    Ok(calls.collect())
}

/// Makes requests to three URLs that no cache knows, so that what comes back tells what came
/// before.
fn fresh(path: &str, page: &str) -> Result<Vec<Call>, RequestError> {
    let get = Request::new("GET")?;
    let turns = [
        [Some(page), Some(FOREIGN)],
        [None, Some(page)],
        [Some(FOREIGN), Some(page)],
    ];
    let mut calls = Vec::new();
    for (number, pages) in turns.into_iter().enumerate() {
        for (turn, page) in pages.into_iter().enumerate() {
            let role = Role::Fresh(number, turn);
            let mut call = Call::actual(role, path, page, &get);
            let sign = if path.contains('?') { '&' } else { '?' };
            // Behind it the client sends a number of the run.
            call.path = format!("{path}{sign}cors-probe={number}");
            calls.push(call);
        }
    }
    Ok(calls)
}
