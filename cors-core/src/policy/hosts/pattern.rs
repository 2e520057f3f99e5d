//! [`HostPattern`]: a host as an operator writes it, normalised or refused.

use crate::policy::origins::pattern::lacks_brackets;
use crate::policy::problem::{ProblemKind, Reason};
use crate::protocol::host::{Host, MAX_HOST_BYTES, is_bare_top_level};
use crate::protocol::origin::split_port;
use crate::protocol::origin_error::OriginError;

/// An item of `allow_hosts`, other than `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostPattern {
    /// The name or the address in lower case, without a dot at its end.
    pub(crate) name: String,
    /// Whether every name below is meant, and not the name itself.
    pub(crate) subdomains: bool,
    /// `None` for every port.
    pub(crate) port: Option<u16>,
}

impl HostPattern {
    /// Reads and normalises a written host.
    pub(crate) fn parse(written: &str) -> Result<Self, Reason> {
        if written.is_empty() {
            return Err(|_| ProblemKind::HostEmpty);
        }
        if written.contains(|char: char| char.is_whitespace() || char.is_control()) {
            return Err(ProblemKind::HostHasWhitespace);
        }
        if written.contains(['/', '\\', '?', '#', '@']) {
            return Err(ProblemKind::HostHasMore);
        }
        if !written.is_ascii() {
            return Err(ProblemKind::HostNotAscii);
        }
        let lower = written.to_ascii_lowercase();
        if lacks_brackets(&lower) {
            return Err(ProblemKind::HostAddressInvalid);
        }
        if let Some(name) = lower.strip_prefix('.')
            && Self::parse(&format!("*.{name}")).is_ok()
        {
            return Err(ProblemKind::HostBeginsWithDot);
        }
        let after_star = lower.strip_prefix("*.");
        let (name, port) = split_port(after_star.unwrap_or(&lower));
        let port = port.map(parse_port).transpose()?;
        let name = name.strip_suffix('.').unwrap_or(name);
        check_name(name, after_star.is_some())?;
        Ok(Self {
            name: name.to_owned(),
            subdomains: after_star.is_some(),
            port,
        })
    }
}

fn parse_port(port: &str) -> Result<u16, Reason> {
    if port == "*" {
        return Err(ProblemKind::HostHasAnyPort);
    }
    if port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ProblemKind::HostPortInvalid);
    }
    match port.parse() {
        Ok(port) if port > 0 => Ok(port),
        _ => Err(ProblemKind::HostPortInvalid),
    }
}

fn check_name(name: &str, subdomains: bool) -> Result<(), Reason> {
    if name.contains('*') {
        return Err(|_| ProblemKind::HostWildcardMisplaced);
    }
    match Host::parse(name) {
        Ok(Host::Address) if subdomains => Err(ProblemKind::HostWildcardOverAddress),
        Ok(Host::Name) if subdomains && is_bare_top_level(name) => {
            Err(|_| ProblemKind::HostWildcardOverTopLevel)
        }
        // A subdomain is longer by a label and a dot, and must still be a host.
        Ok(Host::Name) if subdomains && name.len() + "a.".len() > MAX_HOST_BYTES => {
            Err(ProblemKind::HostInvalid)
        }
        Ok(_) => Ok(()),
        Err(OriginError::Address) => Err(ProblemKind::HostAddressInvalid),
        Err(_) => Err(ProblemKind::HostInvalid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(name: &str, subdomains: bool, port: Option<u16>) -> HostPattern {
        HostPattern {
            name: name.to_owned(),
            subdomains,
            port,
        }
    }

    #[test]
    fn written_hosts_are_normalised() {
        for (written, expected) in [
            ("api.example.com", pattern("api.example.com", false, None)),
            ("API.Example.com.", pattern("api.example.com", false, None)),
            (
                "api.example.com:8443",
                pattern("api.example.com", false, Some(8443)),
            ),
            ("*.example.com", pattern("example.com", true, None)),
            ("*.example.com:443", pattern("example.com", true, Some(443))),
            ("*.localhost", pattern("localhost", true, None)),
            ("*.internal", pattern("internal", true, None)),
            ("localhost", pattern("localhost", false, None)),
            ("127.0.0.1", pattern("127.0.0.1", false, None)),
            ("127.0.0.1:3000", pattern("127.0.0.1", false, Some(3000))),
            ("[::1]", pattern("[::1]", false, None)),
            ("[::1]:3000", pattern("[::1]", false, Some(3000))),
            ("backend", pattern("backend", false, None)),
        ] {
            let read = HostPattern::parse(written).map_err(|_| ());
            assert_eq!(read, Ok(expected), "{written}");
        }
    }
}
