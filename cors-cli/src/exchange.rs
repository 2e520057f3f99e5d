//! [`Exchange`]: a request of the browser, and what comes back.

use std::fmt;

use cors_core::adapter::RequestHead as _;
use cors_core::browser::{Response, SentRequest};
use cors_core::{Policy, PolicyMap, probe};

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

/// Returns a host under which a policy is reached, and which is not the page's own, if there is one.
pub(crate) fn sample_host(policy: Option<&Policy>, page: &str) -> String {
    let own = page.split_once("://").map_or("", |(_, host)| host);
    let hosts = policy.map(probe::sample_hosts).unwrap_or_default();
    // The last one is a foreign one.
    let mut listed = hosts
        .split_last()
        .into_iter()
        .flat_map(|(_, listed)| listed);
    let host = listed.clone().find(|host| *host != own);
    let host = host.or_else(|| listed.next());
    host.map_or("api.example", String::as_str).to_owned()
}
