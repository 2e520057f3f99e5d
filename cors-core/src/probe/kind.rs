//! [`FindingKind`]: what can be wrong with a response, and what to change.

use std::fmt;

/// What is wrong with a response. `Display` says it in words; [`remedy`](Self::remedy) says what to
/// change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FindingKind {
    /// The policy allows the origin, and the response has no `Access-Control-Allow-Origin`.
    NoHeaders,
    /// The same on a redirect.
    NoHeadersOnRedirect,
    /// The same on a 401, a 403 or a 407.
    NoHeadersWithoutLogin,
    /// The same on a 404 or a 405.
    NoHeadersOnMissingRoute,
    /// The same on another status from 400 to 499.
    NoHeadersOnRejection,
    /// The same on a 5xx.
    NoHeadersOnServerError,
    /// A redirect responds to a preflight.
    PreflightRedirected,
    /// A preflight meets a login check: a 401 or a 407.
    PreflightNeedsLogin,
    /// The policy's answer to a preflight allows the origin, and the status is 403 instead, or
    /// another one from 400 to 499 with the lists of an answer, as Starlette refuses.
    PreflightRefused,
    /// Something other than the CORS layer answers a preflight.
    PreflightReachedTheApp,
    /// The policy rejects the request, and the app was called.
    NotRejected,
    /// `Access-Control-Allow-Origin` has more than one value.
    TwoOrigins,
    /// `Access-Control-Allow-Origin` has another value than the policy gives.
    OtherOrigin,
    /// The policy refuses the origin, and a browser lets its pages read the response.
    RefusedOriginAllowed,
    /// The same for `null`, which any site can take.
    NullAllowed,
    /// The response has CORS headers that the policy does not give here.
    StrayHeaders,
    /// `Access-Control-Allow-Credentials: true` is missing.
    CredentialsMissing,
    /// The response allows credentials, the policy does not.
    CredentialsAllowed,
    /// What a preflight allows, or for how long, is not what the policy gives.
    OtherPermissions,
    /// The headers that a script may read are not those of the policy.
    OtherExposedHeaders,
    /// `Vary` lacks a name of the policy's.
    VaryLacking,
    /// The response is as the policy says, and a browser blocks it all the same.
    BlockedAnyway,
    /// What differs makes no difference to browsers: the status of a preflight that passes or is
    /// refused all the same, or a name in its `Vary`, by which no cache goes.
    Unnoticed,
    /// The app fails.
    ServerError,
}

impl FindingKind {
    /// Returns what to change.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::NoHeaders => {
                "put the CORS layer around this route; if it is, see whether the app has the \
                 policy that is tested, and whether something outside removes the headers"
            }
            Self::NoHeadersOnRedirect | Self::PreflightRedirected => {
                "put the CORS layer around whatever redirects (to https, to a login page, to the \
                 path with or without a slash at the end)"
            }
            Self::NoHeadersWithoutLogin => {
                "put the CORS layer around the login check, so that a page can read that it has \
                 to sign in"
            }
            Self::NoHeadersOnMissingRoute => {
                "put the CORS layer around the router itself, not around its routes"
            }
            Self::NoHeadersOnRejection => {
                "put the CORS layer around whatever rejects requests, such as limits"
            }
            Self::NoHeadersOnServerError => {
                "put the CORS layer around whatever turns failures, panics and timeouts into \
                 responses"
            }
            Self::PreflightNeedsLogin => {
                "put the CORS layer around the login check: a preflight never has a login"
            }
            Self::PreflightRefused => {
                "see whether the app has the policy that is tested, and whether another layer or \
                 a login check stands around its CORS layer"
            }
            Self::PreflightReachedTheApp => {
                "put the CORS layer around the router, and remove handlers for OPTIONS and other \
                 CORS layers from around it"
            }
            Self::NotRejected => {
                "put the CORS layer, with this policy, around whatever responds to this request"
            }
            Self::TwoOrigins => {
                "let one place set the CORS headers: remove the other layer, or the lines in the \
                 proxy's settings"
            }
            Self::OtherOrigin | Self::RefusedOriginAllowed | Self::NullAllowed => {
                "see whether the app has the policy that is tested, and remove what else sets \
                 Access-Control-Allow-Origin: a handler, another layer, a proxy"
            }
            Self::StrayHeaders => {
                "remove what else sets CORS headers: a handler outside of the CORS layer, another \
                 layer, a proxy"
            }
            Self::CredentialsMissing | Self::CredentialsAllowed => {
                "see whether the app has the policy that is tested, and whether something outside \
                 of its CORS layer sets or removes Access-Control-Allow-Credentials"
            }
            Self::OtherPermissions => {
                "see whether the app has the policy that is tested, and whether something outside \
                 of its CORS layer answers preflights or changes their headers"
            }
            Self::OtherExposedHeaders => {
                "see whether the app has the policy that is tested, and whether something outside \
                 of its CORS layer sets Access-Control-Expose-Headers"
            }
            Self::VaryLacking => {
                "let nothing outside of the CORS layer replace Vary: add to it instead. Without \
                 the name a cache gives one origin's response to another"
            }
            Self::BlockedAnyway => {
                "see what the app itself answers: under preflight_passthrough it owes preflights \
                 a status from 200 to 299, under keep_app_headers its own CORS headers count"
            }
            Self::Unnoticed => {
                "nothing has to change, it does no harm; where the statuses are to be alike, set \
                 preflight_status and preflight_refusal_status in the policy. In an app that has \
                 the CORS layer, something else answers preflights"
            }
            Self::ServerError => {
                "see the app's log: a request of a probe is one that any page sends"
            }
        }
    }

    /// Returns whether it has no effect in browsers.
    pub(super) const fn is_harmless(self) -> bool {
        matches!(self, Self::StrayHeaders | Self::Unnoticed)
    }

    const fn text(self) -> &'static str {
        match self {
            Self::NoHeaders => "no CORS headers for an allowed origin",
            Self::NoHeadersOnRedirect => "no CORS headers on a redirect",
            Self::NoHeadersWithoutLogin => "no CORS headers on the response to a missing login",
            Self::NoHeadersOnMissingRoute => "no CORS headers where no route matches",
            Self::NoHeadersOnRejection => "no CORS headers on a rejected request",
            Self::NoHeadersOnServerError => "no CORS headers on a server error",
            Self::PreflightRedirected => "a preflight is redirected",
            Self::PreflightNeedsLogin => "a preflight needs a login",
            Self::PreflightRefused => "a preflight of an allowed origin is refused",
            Self::PreflightReachedTheApp => "a preflight is not answered by the policy",
            Self::NotRejected => "a request reaches the app that the policy rejects",
            Self::TwoOrigins => "more than one Access-Control-Allow-Origin",
            Self::OtherOrigin => "another Access-Control-Allow-Origin than the policy's",
            Self::RefusedOriginAllowed => "an origin is allowed that the policy refuses",
            Self::NullAllowed => "the origin null is allowed, and the policy refuses it",
            Self::StrayHeaders => "CORS headers that the policy does not give",
            Self::CredentialsMissing => "credentials are not allowed, and the policy allows them",
            Self::CredentialsAllowed => "credentials are allowed, and the policy does not",
            Self::OtherPermissions => "a preflight allows other things than the policy",
            Self::OtherExposedHeaders => "other exposed headers than the policy's",
            Self::VaryLacking => "Vary lacks a name",
            Self::BlockedAnyway => "a browser blocks what the policy allows",
            Self::Unnoticed => "a difference from the policy that no browser notices",
            Self::ServerError => "a server error",
        }
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
