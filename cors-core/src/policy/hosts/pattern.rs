//! [`HostPattern`]: a host as an operator writes it, normalised or refused.

use crate::policy::origins::pattern::canonical_address;
use crate::policy::problem::ProblemKind;
use crate::protocol::host::{Host, MAX_HOST_BYTES, is_bare_top_level};
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
    pub(crate) fn parse(written: &str) -> Result<Self, ProblemKind> {
        if written.is_empty() {
            return Err(ProblemKind::HostEmpty);
        }
        if written.contains(|char: char| char.is_whitespace() || char.is_control()) {
            return Err(ProblemKind::HostHasWhitespace);
        }
        if written.contains(['/', '\\', '?', '#', '@']) {
            return Err(ProblemKind::HostHasMore(host_of(written)));
        }
        if !written.is_ascii() {
            return Err(ProblemKind::HostNotAscii);
        }
        let lower = written.to_ascii_lowercase();
        if let Some(address) = canonical_address(&format!("[{lower}]")) {
            return Err(ProblemKind::HostAddressInvalid(Some(address)));
        }
        if let Some(name) = lower.strip_prefix('.')
            && Self::parse(&format!("*.{name}")).is_ok()
        {
            return Err(ProblemKind::HostBeginsWithDot(name.to_owned()));
        }
        let after_star = lower.strip_prefix("*.");
        let (name, port) = split_port(after_star.unwrap_or(&lower));
        let port = port.map(|port| parse_port(&lower, port)).transpose()?;
        let name = name.strip_suffix('.').unwrap_or(name);
        check_name(name, port, after_star.is_some())?;
        Ok(Self {
            name: name.to_owned(),
            subdomains: after_star.is_some(),
            port,
        })
    }
}

/// Returns the host of an origin or a URL, or else of a text that has a path or a user name, if it
/// is right by itself.
fn host_of(written: &str) -> Option<String> {
    let (_, rest) = written.split_once("://").unwrap_or(("", written));
    let authority = rest.split(['/', '\\', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.strip_suffix(":*").unwrap_or(host);
    HostPattern::parse(host).is_ok().then(|| host.to_owned())
}

/// Splits a host and what follows its colon. The colons of an IPv6 address are in brackets.
fn split_port(text: &str) -> (&str, Option<&str>) {
    let after_address = text.find(']').map_or(0, |end| end + 1);
    match text.get(after_address..).and_then(|rest| rest.find(':')) {
        Some(colon) => {
            let (host, rest) = text.split_at(after_address + colon);
            (host, rest.get(1..))
        }
        None => (text, None),
    }
}

fn parse_port(written: &str, port: &str) -> Result<u16, ProblemKind> {
    if port == "*" {
        let host = written.strip_suffix(":*").unwrap_or(written);
        let host = HostPattern::parse(host).is_ok().then(|| host.to_owned());
        return Err(ProblemKind::HostHasAnyPort(host));
    }
    if port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ProblemKind::HostPortInvalid);
    }
    match port.parse() {
        Ok(port) if port > 0 => Ok(port),
        _ => Err(ProblemKind::HostPortInvalid),
    }
}

fn check_name(name: &str, port: Option<u16>, subdomains: bool) -> Result<(), ProblemKind> {
    if name.contains('*') {
        return Err(ProblemKind::HostWildcardMisplaced);
    }
    match Host::parse(name) {
        Ok(Host::Address) if subdomains => Err(ProblemKind::HostWildcardOverAddress),
        Ok(Host::Name) if subdomains && is_bare_top_level(name) => {
            Err(ProblemKind::HostWildcardOverTopLevel)
        }
        // A subdomain is longer by a label and a dot, and must still be a host.
        Ok(Host::Name) if subdomains && name.len() + "a.".len() > MAX_HOST_BYTES => {
            Err(ProblemKind::HostInvalid)
        }
        Ok(_) => Ok(()),
        Err(OriginError::Address) => {
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            let canonical = canonical_address(name).map(|name| format!("{name}{port}"));
            Err(ProblemKind::HostAddressInvalid(canonical))
        }
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
            assert_eq!(HostPattern::parse(written), Ok(expected), "{written}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_the_host_that_is_right() {
        let some = |text: &str| Some(text.to_owned());
        for (written, expected) in [
            ("", ProblemKind::HostEmpty),
            ("a b", ProblemKind::HostHasWhitespace),
            (
                "https://api.example.com",
                ProblemKind::HostHasMore(some("api.example.com")),
            ),
            (
                "https://me@api.example.com:8443/x",
                ProblemKind::HostHasMore(some("api.example.com:8443")),
            ),
            (
                "http://localhost:*",
                ProblemKind::HostHasMore(some("localhost")),
            ),
            (
                "api.example.com/",
                ProblemKind::HostHasMore(some("api.example.com")),
            ),
            ("https://", ProblemKind::HostHasMore(None)),
            (
                "localhost:*",
                ProblemKind::HostHasAnyPort(some("localhost")),
            ),
            ("a..b:*", ProblemKind::HostHasAnyPort(None)),
            ("localhost:0", ProblemKind::HostPortInvalid),
            ("localhost:65536", ProblemKind::HostPortInvalid),
            ("localhost:", ProblemKind::HostPortInvalid),
            ("localhost:http", ProblemKind::HostPortInvalid),
            ("*.com", ProblemKind::HostWildcardOverTopLevel),
            ("api.*.com", ProblemKind::HostWildcardMisplaced),
            ("*.127.0.0.1", ProblemKind::HostWildcardOverAddress),
            ("::1", ProblemKind::HostAddressInvalid(some("[::1]"))),
            (
                "[0:0::1]:80",
                ProblemKind::HostAddressInvalid(some("[::1]:80")),
            ),
            (
                "127.0.0.01",
                ProblemKind::HostAddressInvalid(some("127.0.0.1")),
            ),
            ("300.0.0.1", ProblemKind::HostAddressInvalid(None)),
            ("bücher.example", ProblemKind::HostNotAscii),
            (
                ".Example.com:8443",
                ProblemKind::HostBeginsWithDot("example.com:8443".to_owned()),
            ),
            (".com", ProblemKind::HostInvalid),
            ("..a.b", ProblemKind::HostInvalid),
            ("a..b", ProblemKind::HostInvalid),
            (".", ProblemKind::HostInvalid),
        ] {
            let found = HostPattern::parse(written);
            assert_eq!(found, Err(expected), "{written}");
        }
    }
}
