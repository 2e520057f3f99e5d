//! [`Probe`]: an app's policies and routes, and the requests to send to it.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt;

use super::hosts;
use super::request::ProbeRequest;
use super::target::Target;
use crate::browser::RequestError;
use crate::policy::map::PolicyMap;

/// A path that no app has.
const MISSING_PATH: &str = "/cors-probe/no-such-route";

/// A probe of an app: its policies, its routes, and the origins to try.
///
/// The [module](crate::probe) says what is sent, and has an example.
#[derive(Clone, Debug)]
pub struct Probe {
    policies: PolicyMap,
    /// `None` for a host of each policy.
    host: Option<String>,
    routes: Vec<(String, String)>,
    origins: Vec<String>,
}

impl Probe {
    /// Begins a probe of an app under a [`Policy`](crate::Policy), or under a [`PolicyMap`].
    pub fn of(policies: impl Into<PolicyMap>) -> Self {
        Self {
            policies: policies.into(),
            host: None,
            routes: Vec::new(),
            origins: Vec::new(),
        }
    }

    /// Adds a route of the app: its method, and its path as a client sends it (`/notes/1`, not
    /// `/notes/{id}`), with a query where it needs one.
    #[must_use]
    pub fn route(mut self, method: &str, path: &str) -> Self {
        let path = path.strip_prefix('/').unwrap_or(path);
        self.routes.push((method.to_owned(), format!("/{path}")));
        self
    }

    /// Adds an origin to try, as a browser serializes it. A policy that allows origins by a regular
    /// expression or by a predicate alone needs one that is allowed.
    #[must_use]
    pub fn origin(mut self, origin: &str) -> Self {
        self.origins.push(origin.to_owned());
        self
    }

    /// Sets the host that requests name, for an app that checks it. The default is `localhost`, or
    /// one that the policy's `allow_hosts` lists.
    #[must_use]
    pub fn host(mut self, host: &str) -> Self {
        self.host = Some(host.to_owned());
        self
    }

    /// Makes the requests.
    ///
    /// # Errors
    ///
    /// Returns a method of a route that no script can use, or the lack of an allowed origin to try.
    pub fn requests(&self) -> Result<Vec<ProbeRequest>, ProbeError> {
        let mut requests = Vec::new();
        let mut known = BTreeSet::new();
        for (method, path, note) in self.targets() {
            let plain_path = path.split('?').next().unwrap_or_default();
            let Some(policy) = self.policies.policy(plain_path) else {
                continue;
            };
            let host = self.host.clone().unwrap_or_else(|| hosts::of(policy));
            let target = Target {
                policy,
                host: &host,
                method,
                path: &path,
                note,
            };
            let others = self.other_methods(&path);
            let every_origin = known.insert(policy.address());
            let made = target.requests(&self.origins, &others, every_origin);
            let made = made.map_err(ProbeError::Method)?;
            requests
                .extend(made.ok_or_else(|| ProbeError::NoAllowedOrigin { path: path.clone() })?);
        }
        requests.retain(ProbeRequest::is_decided);
        Ok(requests)
    }

    /// Returns methods, paths and what is special about them: the routes first, and then paths that
    /// show how the app is built.
    fn targets(&self) -> Vec<(&str, String, &'static str)> {
        let routes = || self.routes.iter().map(|(method, path)| (&**method, path));
        let mut targets: Vec<_> = routes()
            .map(|(method, path)| (method, path.clone(), ""))
            .collect();
        targets.push(("GET", MISSING_PATH.to_owned(), "there is no such route"));
        if !self.policies.has_one_policy() {
            targets.extend(routes().filter_map(|(method, path)| {
                Some((method, respelled(path)?, "another spelling of the path"))
            }));
            let patterns = self.policies.patterns();
            targets.extend(patterns.map(|pattern| ("GET", path_of(pattern), "a path of the map")));
        }
        targets
    }

    /// Returns methods that need a preflight and that the probe knows no route of this path for.
    fn other_methods(&self, path: &str) -> Vec<&'static str> {
        let is_known = |method: &str| {
            let mut routes = self.routes.iter();
            routes.any(|(known, of)| of == path && known.eq_ignore_ascii_case(method))
        };
        let mut methods = vec!["PATCH", "DELETE", "PUT"];
        methods.retain(|method| !is_known(method));
        methods
    }
}

/// Returns the path with its first letter as a percent-escape, where it has a letter outside of
/// escapes.
fn respelled(path: &str) -> Option<String> {
    let plain_path = path.split('?').next().unwrap_or_default();
    let bytes = plain_path.as_bytes();
    let is_in_escape = |at: usize| {
        let percent = |distance| {
            let before = at.checked_sub(distance);
            before.and_then(|before| bytes.get(before)) == Some(&b'%')
        };
        percent(1) || percent(2)
    };
    let mut chars = plain_path.char_indices();
    let (start, letter) =
        chars.find(|(at, char)| char.is_ascii_alphabetic() && !is_in_escape(*at))?;
    let (before, after) = (path.get(..start)?, path.get(start + 1..)?);
    Some(format!("{before}%{:02x}{after}", u32::from(letter)))
}

/// Returns a path that a pattern of a map matches.
pub(super) fn path_of(pattern: &str) -> String {
    let segments = pattern.split('/');
    let segments = segments.map(|segment| {
        if segment.starts_with('{') {
            "probe"
        } else {
            segment
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

/// The reason why a probe can't be made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProbeError {
    /// No script can use the method of a route.
    Method(RequestError),
    /// The policy of a path allows origins by a regular expression or by a predicate, and allows
    /// none of those that are tried.
    NoAllowedOrigin {
        /// The path.
        path: String,
    },
}

impl fmt::Display for ProbeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method(error) => error.fmt(f),
            Self::NoAllowedOrigin { path } => write!(
                f,
                "the policy of {path} allows origins by a regular expression or by a predicate, \
                 which do not tell one; add an origin that they allow, by Probe::origin (an \
                 asynchronous predicate is not asked: add one to allow_origins)"
            ),
        }
    }
}

impl Error for ProbeError {}
