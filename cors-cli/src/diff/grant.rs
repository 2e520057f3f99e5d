//! [`Grant`]: what a policy lets a page do.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cors_core::Policy;
use cors_core::browser::{Browser, Credentials, Request, Response};

use super::samples::Samples;

/// What a policy lets a page do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grant {
    /// Send requests that the app gets, whatever the page reads of the responses.
    Reach,
    /// Send requests with a method, and read the responses.
    Send(String, Mode),
    /// Set a header.
    Set(String, Mode),
    /// Read a header of the responses.
    Read(String, Mode),
    /// Requests for a host reach the app.
    Host(String),
}

/// Whether a request has credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mode {
    With,
    Without,
}

const MODES: [(Mode, Credentials); 2] = [
    (Mode::With, Credentials::Include),
    (Mode::Without, Credentials::Omit),
];

/// Returns all that the policy of a path lets a page do, of what is tried.
pub(super) fn grants(
    policy: Option<&Policy>,
    path: &str,
    page: &str,
    samples: &Samples,
) -> BTreeSet<Grant> {
    let mut grants = BTreeSet::new();
    let server = Server {
        policy,
        path,
        samples,
    };
    for (mode, credentials) in MODES {
        let new =
            |method: &str| Request::new(method).map(|request| request.credentials(credentials));
        for method in &samples.methods {
            let Ok(request) = new(method) else { continue };
            let (has_reached, read) = server.fetch(page, &request);
            if has_reached && request.preflight().is_none() {
                grants.insert(Grant::Reach);
            }
            let Some(names) = read else { continue };
            grants.insert(Grant::Send(method.clone(), mode));
            let names = names
                .into_iter()
                .filter(|name| samples.exposed.contains(name));
            grants.extend(names.map(|name| Grant::Read(name, mode)));
        }
        for name in &samples.headers {
            let value = if name == "content-type" {
                "application/json"
            } else {
                "1"
            };
            let request = new("GET").and_then(|request| request.header(name, value));
            let Ok(request) = request else { continue };
            // What the browser leaves out says nothing.
            if request.headers().get(name).is_some() && server.fetch(page, &request).1.is_some() {
                grants.insert(Grant::Set(name.clone(), mode));
            }
        }
    }
    grants
}

/// Returns the hosts for which requests reach the app.
pub(super) fn hosts(policy: Option<&Policy>, path: &str, samples: &Samples) -> BTreeSet<Grant> {
    let reached = samples.hosts.iter().filter(|host| {
        let request = Request::new("GET").ok();
        let url = format!("https://{host}{path}");
        let mut is_rejected = false;
        // What the page reads is no part of this.
        if let (Some(policy), Some(request)) = (policy, request) {
            let _ = Browser::new().fetch(
                Duration::ZERO,
                "https://page.example",
                &url,
                &request,
                |sent| {
                    is_rejected =
                        policy.decide(sent).refusal() == Some(cors_core::Refusal::HostNotAllowed);
                    sent.respond(policy, |_| Response::new(200))
                },
            );
        }
        !is_rejected
    });
    reached.map(|host| Grant::Host(host.clone())).collect()
}

/// A server whose app responds to everything, under the policy of a path.
struct Server<'a> {
    policy: Option<&'a Policy>,
    path: &'a str,
    samples: &'a Samples,
}

impl Server<'_> {
    /// Returns whether the app got the request, and the names of the headers that the page reads of
    /// the response, if it reads it.
    fn fetch(&self, page: &str, request: &Request) -> (bool, Option<Vec<String>>) {
        let mut has_reached = false;
        let app = || {
            let mut response = Response::new(200);
            for name in &self.samples.exposed {
                response.headers_mut().append(name.clone(), "1");
            }
            response
        };
        let url = format!("https://{}{}", self.host(), self.path);
        let read = Browser::new().fetch(Duration::ZERO, page, &url, request, |sent| {
            match self.policy {
                Some(policy) => sent.respond(policy, |_| {
                    has_reached |= !sent.is_preflight();
                    app()
                }),
                None => {
                    has_reached |= !sent.is_preflight();
                    app()
                }
            }
        });
        let names = read.ok().map(|response| {
            let names = response.headers().iter();
            names.map(|(name, _)| name.to_ascii_lowercase()).collect()
        });
        (has_reached, names)
    }

    /// Returns a host that the policy allows, and that no page of the samples is of.
    fn host(&self) -> String {
        let hosts = self.policy.map(|policy| policy.config().allow_hosts);
        let is_listed = hosts.is_some_and(|hosts| !hosts.is_empty());
        let first = self
            .policy
            .filter(|_| is_listed)
            .map(cors_core::probe::sample_hosts);
        let first = first.and_then(|hosts| hosts.into_iter().next());
        first.unwrap_or_else(|| "server.invalid".to_owned())
    }
}

/// Returns the grants in words, what is the same with and without credentials once.
pub(super) fn in_words(grants: &BTreeSet<Grant>) -> String {
    let mut modes: BTreeMap<(Verb, &str), Vec<Mode>> = BTreeMap::new();
    for grant in grants {
        let (verb, name, mode) = match grant {
            Grant::Reach => (Verb::Reach, "", None),
            Grant::Send(method, mode) => (Verb::Send, method.as_str(), Some(*mode)),
            Grant::Set(name, mode) => (Verb::Set, name.as_str(), Some(*mode)),
            Grant::Read(name, mode) => (Verb::Read, name.as_str(), Some(*mode)),
            Grant::Host(host) => (Verb::Host, host.as_str(), None),
        };
        modes.entry((verb, name)).or_default().extend(mode);
    }
    let mut names: BTreeMap<(Verb, Vec<Mode>), Vec<&str>> = BTreeMap::new();
    for ((verb, name), modes) in modes {
        names.entry((verb, modes)).or_default().push(name);
    }
    let words = names.into_iter().map(|((verb, modes), names)| {
        let with = match &modes[..] {
            [Mode::With] => " with credentials",
            [Mode::Without] => " without credentials",
            _ => "",
        };
        format!("{}{}{with}", verb.words(), names.join(", "))
    });
    words.collect::<Vec<_>>().join("; ")
}

/// What a grant is about, in the order in which grants are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verb {
    Reach,
    Send,
    Set,
    Read,
    Host,
}

impl Verb {
    const fn words(self) -> &'static str {
        match self {
            Self::Reach => "reach the app",
            Self::Send => "send ",
            Self::Set => "set the header ",
            Self::Read => "read the header ",
            Self::Host => "reach the app by the name ",
        }
    }
}
