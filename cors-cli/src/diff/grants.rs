//! [`Grants`]: what a policy lets those do who read responses.

use std::collections::{BTreeMap, BTreeSet};

use cors_core::browser::{Browser, Credentials, Request, Response, exposed_header_names};
use cors_core::{Policy, PolicyConfig};

use super::access::{Access, Ask};
use super::names::Names;

/// The page of which a policy is asked.
const PAGE: &str = "https://page.example";

/// What a page can be let do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grant<'n> {
    Read,
    Send(&'n str),
    Set(&'n str),
    See(&'n str),
}

/// Whether a request has credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mode {
    WithCredentials,
    Without,
}

/// What a page is let do.
pub(super) type Granted<'n> = BTreeSet<(Mode, Grant<'n>)>;

/// What a policy lets those do who read responses, with credentials or without. It is the same for
/// all of them.
#[derive(Debug, Default)]
pub(super) struct Grants<'n> {
    by_access: BTreeMap<Access, Granted<'n>>,
}

impl<'n> Grants<'n> {
    /// Asks a policy; `None` where it can't be.
    pub(super) fn of(config: Option<&PolicyConfig>, names: &'n Names) -> Option<Self> {
        let mut grants = Self::default();
        let Some(config) = config else {
            return Some(grants);
        };
        let without = granted(&for_page(config, false)?, Mode::Without, names);
        grants.by_access.insert(Access::Reads, without);
        let exposes_all = config.expose_headers.iter().any(|item| item == "*");
        if !exposes_all || config.allow_credentials {
            let policy = for_page(config, true)?;
            let mut with = granted(&policy, Mode::WithCredentials, names);
            with.extend(granted(&policy, Mode::Without, names));
            grants.by_access.insert(Access::ReadsWithCredentials, with);
        }
        Some(grants)
    }

    /// Returns what those are let do who get so far.
    pub(super) fn at(&self, access: Access) -> Granted<'n> {
        self.by_access.get(&access).cloned().unwrap_or_default()
    }
}

/// Makes the same policy for one page, so that all else of it can be asked about.
fn for_page(config: &PolicyConfig, credentials: bool) -> Option<Policy> {
    let mut config = config.clone();
    config.allow_origins = vec![PAGE.to_owned()];
    config.allow_origin_regexes.clear();
    config.allow_null_origin = false;
    config.allow_credentials = credentials;
    config.allow_credentials_from.clear();
    config.allow_hosts.clear();
    config.build().ok()
}

fn granted<'n>(policy: &Policy, mode: Mode, names: &'n Names) -> Granted<'n> {
    let allows = |method, header| {
        let ask = Ask {
            host: "server.example",
            origin: Some(PAGE),
            preflight: Some((method, header)),
        };
        policy.decide(&ask).is_allowed()
    };
    let methods = names
        .methods
        .iter()
        .filter(|(method, _)| allows(method, None));
    let headers = names
        .headers
        .iter()
        .filter(|(name, _)| allows("GET", Some(name)));
    let exposed = exposed(policy, mode, names);
    let exposed = names
        .exposed
        .iter()
        .filter(|(name, _)| exposed.contains(*name));
    let grants = methods.map(|(_, words)| Grant::Send(words));
    let grants = grants.chain(headers.map(|(_, words)| Grant::Set(words)));
    let grants = grants.chain(exposed.map(|(_, words)| Grant::See(words)));
    let grants = grants.chain([Grant::Read]);
    grants.map(|grant| (mode, grant)).collect()
}

/// Returns the headers that a page reads of a response that has all of those that are tried.
fn exposed(policy: &Policy, mode: Mode, names: &Names) -> BTreeSet<String> {
    let credentials = match mode {
        Mode::WithCredentials => Credentials::Include,
        Mode::Without => Credentials::Omit,
    };
    let Ok(request) = Request::new("GET") else {
        return BTreeSet::new();
    };
    let request = request.credentials(credentials);
    let mut exposed = Vec::new();
    // What the page gets of it is known already.
    let _ = Browser::new().fetch(
        std::time::Duration::ZERO,
        PAGE,
        "https://server.example/",
        &request,
        |sent| {
            let response = sent.respond(policy, |_| {
                let mut response = Response::new(200);
                for name in names.exposed.keys() {
                    response.headers_mut().append(name.clone(), "1");
                }
                response
            });
            exposed = exposed_header_names(credentials, response.headers());
            response
        },
    );
    exposed.into_iter().collect()
}
