//! [`Broken`]: a server with one mistake, and what is found.

use super::server::{Handler, Reply, Request};
use super::{origins, preflights, statuses, surroundings, values};

/// A server with one mistake.
pub(crate) struct Broken {
    /// Whose mistake it is.
    pub(crate) of: &'static str,
    /// The arguments besides the URL of `/orders` and the origin of the app.
    pub(crate) arguments: &'static [&'static str],
    pub(crate) handler: fn() -> Handler,
    /// The kinds that are found, and no others.
    pub(crate) kinds: &'static [&'static str],
    /// The kinds that are found under the policy of the right server, where they are others.
    under_policy: Option<&'static [&'static str]>,
}

/// The kinds that mean the same with and without a policy.
const SHARED: [&str; 15] = [
    "AnswersDiffer",
    "Cached",
    "CredentialsMissing",
    "NoHeaders",
    "NoHeadersOnMissingRoute",
    "NoHeadersOnRedirect",
    "NoHeadersOnRejection",
    "NoHeadersOnServerError",
    "NoHeadersWithoutLogin",
    "PreflightNeedsLogin",
    "PreflightReachedTheApp",
    "PreflightRedirected",
    "PreflightRefused",
    "TwoOrigins",
    "VaryLacking",
];

impl Broken {
    /// Makes one whose mistake needs no memory and no further arguments.
    pub(crate) const fn new(
        of: &'static str,
        kinds: &'static [&'static str],
        handler: fn() -> Handler,
    ) -> Self {
        Self {
            of,
            arguments: &[],
            handler,
            kinds,
            under_policy: None,
        }
    }

    /// Adds arguments.
    pub(crate) const fn with(mut self, arguments: &'static [&'static str]) -> Self {
        self.arguments = arguments;
        self
    }

    /// Sets the kinds that are found under the policy.
    pub(crate) const fn but_under_policy(mut self, kinds: &'static [&'static str]) -> Self {
        self.under_policy = Some(kinds);
        self
    }

    /// Returns the kinds that are found under the policy; `None` where the policy's probe has other
    /// names for them.
    pub(crate) fn under_policy(&self) -> Option<&'static [&'static str]> {
        let is_shared = self.kinds.iter().all(|kind| SHARED.contains(kind));
        self.under_policy.or(is_shared.then_some(self.kinds))
    }
}

/// Returns a handler that remembers nothing.
pub(crate) fn handler(handle: fn(&Request) -> Reply) -> Handler {
    Box::new(handle)
}

/// Returns all of them.
pub(crate) fn all() -> Vec<Broken> {
    let all = [
        origins::all(),
        preflights::all(),
        statuses::all(),
        surroundings::all(),
        values::all(),
    ];
    all.into_iter().flatten().collect()
}
