//! [`Exchange`]: a request of the browser, and what comes back.

use std::fmt;

use cors_core::PolicyMap;
use cors_core::adapter::RequestHead as _;
use cors_core::browser::{Response, SentRequest};

/// A request of the browser, and what comes back.
pub(crate) struct Exchange {
    pub(crate) sent: SentRequest,
    pub(crate) response: Response,
    /// Whether the app has responded.
    is_of_app: bool,
    reason: Option<String>,
    remedy: Option<String>,
}

impl Exchange {
    pub(crate) fn of(sent: &SentRequest, policies: &PolicyMap) -> Self {
        let app = |_: &SentRequest| Response::new(200);
        let Some(policy) = policies.policy(sent.path()) else {
            return Self {
                sent: sent.clone(),
                response: app(sent),
                is_of_app: true,
                reason: None,
                remedy: None,
            };
        };
        let explanation = policy.explain(sent);
        Self {
            sent: sent.clone(),
            response: sent.respond(policy, app),
            is_of_app: explanation.decision().status().is_none(),
            reason: Some(explanation.reason().to_owned()),
            remedy: explanation.remedy().map(str::to_owned),
        }
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "> {} {} HTTP/1.1", self.sent.method(), self.sent.path())?;
        write_lines(f, '>', self.sent.headers().iter())?;
        let by_app = if self.is_of_app {
            " (or what the app says)"
        } else {
            ""
        };
        writeln!(f, "< HTTP/1.1 {}{by_app}", self.response.status())?;
        write_lines(f, '<', self.response.headers().iter())?;
        if let Some(reason) = &self.reason {
            writeln!(f, "Why: {reason}.")?;
        }
        if let Some(remedy) = &self.remedy {
            writeln!(f, "Remedy: {remedy}")?;
        }
        Ok(())
    }
}

fn write_lines<'a>(
    f: &mut fmt::Formatter<'_>,
    sign: char,
    lines: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> fmt::Result {
    for (name, value) in lines {
        writeln!(
            f,
            "{sign} {}: {}",
            name.to_ascii_lowercase(),
            value.escape_ascii()
        )?;
    }
    Ok(())
}
