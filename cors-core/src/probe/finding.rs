//! [`Finding`]: one response that is not as the policy says.

use std::fmt;

use super::kind::FindingKind;
use super::request::ProbeRequest;
use crate::browser::{Credentials, HeaderList, Response};
use crate::protocol::escape::Quoted;
use crate::protocol::field::ResponseField;

/// Something wrong with the response to a request of a probe.
///
/// `Display` has it in full: what was sent, what came back, what the policy gives, what a browser
/// makes of it, and what to change.
#[derive(Clone, Debug)]
pub struct Finding {
    pub(super) kind: FindingKind,
    pub(super) request: ProbeRequest,
    pub(super) got: Response,
    pub(super) expected: Response,
}

impl Finding {
    /// Returns what is wrong.
    #[must_use]
    pub const fn kind(&self) -> FindingKind {
        self.kind
    }

    /// Returns the request.
    #[must_use]
    pub const fn request(&self) -> &ProbeRequest {
        &self.request
    }

    /// Returns the response, as it came back.
    #[must_use]
    pub const fn response(&self) -> &Response {
        &self.got
    }

    /// Returns the response as the policy gives it.
    #[must_use]
    pub const fn expected(&self) -> &Response {
        &self.expected
    }

    /// Says what a browser makes of the response.
    #[must_use]
    pub fn browser(&self) -> String {
        if self.request.page.is_none() {
            return "does not check it: no other origin asks".to_owned();
        }
        let (does, does_not) = if self.request.sent.is_preflight() {
            ("sends the request", "does not send the request")
        } else {
            (
                "lets the page read the response",
                "does not let the page read the response",
            )
        };
        let omit = || self.request.browser_in(Credentials::Omit, &self.got);
        match self.request.browser(&self.got) {
            Ok(()) => does.to_owned(),
            // What is refused is refused in either mode.
            Err(_) if !self.request.is_allowed() && omit().is_ok() => {
                format!("{does}, without credentials")
            }
            Err(error) => format!("{does_not}: {error}"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent = self.request.sent.headers();
        writeln!(f, "{}: {}", self.request, self.kind)?;
        writeln!(
            f,
            "  sent:       {} {}{}",
            self.request.method(),
            self.request.path,
            Lines(sent, |_| true)
        )?;
        writeln!(f, "  came back:  {}", Head(&self.got))?;
        writeln!(f, "  the policy: {}", Head(&self.expected))?;
        writeln!(f, "  a browser:  {}", self.browser())?;
        write!(f, "  remedy:     {}", self.kind.remedy())
    }
}

/// The status of a response and the headers that matter here.
struct Head<'a>(&'a Response);

impl fmt::Display for Head<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers = self.0.headers();
        self.0.status().fmt(f)?;
        let mut fields = headers
            .iter()
            .filter_map(|(name, _)| ResponseField::from_name(name));
        if fields.all(|field| field == ResponseField::Vary) {
            f.write_str(" without CORS headers")?;
        }
        Lines(headers, |name| ResponseField::from_name(name).is_some()).fmt(f)
    }
}

/// Some lines of a list of headers, each behind a comma.
struct Lines<'a>(&'a HeaderList, fn(&str) -> bool);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in self.0.iter().filter(|(name, _)| (self.1)(name)) {
            let (name, value) = (Quoted(name.as_bytes()).to_string(), Quoted(value));
            write!(
                f,
                ", {}: {value}",
                name.trim_matches('"').to_ascii_lowercase()
            )?;
        }
        Ok(())
    }
}
