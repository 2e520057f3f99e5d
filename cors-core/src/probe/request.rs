//! [`ProbeRequest`]: a request of a probe, and what a browser makes of its response.

use std::fmt;

use crate::browser::{Credentials, Request, Response, SentRequest, cors_check, preflight_check};
use crate::policy::Policy;
use crate::protocol::escape::Quoted;
use crate::protocol::refusal::Refusal;

/// A request to send to the app under test, and the judge of its response.
///
/// `Display` says what it is for, such as `preflight for DELETE /notes/1 from
/// https://app.example.com`.
#[derive(Clone, Debug)]
pub struct ProbeRequest {
    pub(super) policy: Policy,
    pub(super) host: String,
    /// The path with its query.
    pub(super) path: String,
    /// What is special about the method or the path; empty where nothing is.
    pub(super) note: &'static str,
    /// The origin of the page.
    pub(super) page: Option<String>,
    /// The request as a script of the page makes it.
    pub(super) request: Request,
    pub(super) sent: SentRequest,
}

impl ProbeRequest {
    /// Returns the method.
    #[must_use]
    pub fn method(&self) -> &str {
        self.sent.method()
    }

    /// Returns the path, with the query if the route has one.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the header lines, `Host` first.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.sent.headers().iter();
        // Every value is made of a text.
        let lines = lines.map(|(name, value)| (name, str::from_utf8(value).unwrap_or_default()));
        std::iter::once(("Host", self.host.as_str())).chain(lines)
    }

    /// Returns whether a browser sends the request after this preflight, or lets the page read this
    /// response; or else why not.
    pub(super) fn browser(&self, response: &Response) -> Result<(), String> {
        self.browser_in(self.request.credentials_mode(), response)
    }

    /// Returns the same for a script that asks in another mode.
    pub(super) fn browser_in(&self, mode: Credentials, response: &Response) -> Result<(), String> {
        let Some(page) = &self.page else {
            return Ok(());
        };
        let (status, headers) = (response.status(), response.headers());
        if self.sent.is_preflight() {
            let request = self.request.clone().credentials(mode);
            preflight_check(page, &request, status, headers)
                .map(drop)
                .map_err(|error| error.to_string())
        } else {
            cors_check(page, mode, headers).map_err(|error| error.to_string())
        }
    }

    /// Returns whether the policy allows what the request asks for.
    pub(super) fn is_allowed(&self) -> bool {
        self.policy.decide(&self.sent).is_allowed()
    }

    /// Returns whether the policy alone says what the response must be.
    pub(super) fn is_decided(&self) -> bool {
        self.policy.decide(&self.sent).refusal() != Some(Refusal::PredicateNotAsked)
    }
}

impl fmt::Display for ProbeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sent.is_preflight() {
            f.write_str("preflight for ")?;
        }
        write!(f, "{} {}", self.request.method(), self.path)?;
        match &self.page {
            Some(page) => {
                // An origin that a caller adds may be anything.
                let quoted = Quoted(page.as_bytes()).to_string();
                write!(f, " from {}", quoted.trim_matches('"'))?;
            }
            None => f.write_str(" without Origin")?,
        }
        if self.note.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", self.note)
        }
    }
}
