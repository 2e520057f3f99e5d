//! [`OriginPattern`]: an origin as an operator writes it, normalised or refused.

use std::borrow::Cow;
use std::net::Ipv6Addr;

use super::network::{self, Network};
use super::ports::{PortPattern, PortRange};
use crate::policy::problem::{ProblemKind, Reason};
use crate::protocol::host::{Host, MAX_HOST_BYTES, is_bare_top_level, is_loopback, split_opaque};
use crate::protocol::origin::{Origin, is_scheme, is_web_scheme, split_port};
use crate::protocol::origin_error::OriginError;

/// An item of `allow_origins`, other than `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OriginPattern<'a> {
    /// One origin, as browsers serialize it: what was written, or a correction of it.
    Exact(Cow<'a, str>),
    /// One scheme and host with any port: `http://localhost` for `http://localhost:*`.
    AnyPort(String),
    /// One scheme and host with some ports: `http://localhost` for `http://localhost:3000-3010`.
    Ports(String, PortRange),
    /// Every address of a private network: `http://192.168.*.*`.
    Network {
        scheme: String,
        network: Network,
        port: PortPattern,
    },
    /// Every host below `base`, at any depth, but not `base` itself.
    Subdomains {
        scheme: String,
        base: String,
        port: PortPattern,
    },
    /// Every host of a scheme other than http and https: `moz-extension://*`.
    AnyHost { scheme: String, port: PortPattern },
}

impl<'a> OriginPattern<'a> {
    /// Reads and normalises a written origin: lower case, no default port.
    pub(crate) fn parse(written: &'a str) -> Result<Self, Reason> {
        // As nearly all are written, in long lists above all: nothing is copied.
        if is_normal(written) {
            return Ok(Self::Exact(written.into()));
        }
        if written.is_empty() {
            return Err(|_| ProblemKind::OriginEmpty);
        }
        if written.contains(|char: char| char.is_whitespace() || char.is_control()) {
            return Err(ProblemKind::OriginHasWhitespace);
        }
        if written.eq_ignore_ascii_case("null") {
            return Err(|_| ProblemKind::NullAmongOrigins);
        }
        let (scheme, rest) = written
            .split_once("://")
            .ok_or(ProblemKind::OriginHasNoScheme as Reason)?;
        let scheme = scheme.to_ascii_lowercase();
        if scheme.contains('*') {
            return Err(ProblemKind::WildcardMisplaced);
        }
        if !is_scheme(scheme.as_bytes()) {
            return Err(ProblemKind::OriginSchemeInvalid);
        }
        if scheme == "file" {
            return if rest.is_empty() {
                Ok(Self::Exact("file://".into()))
            } else {
                Err(ProblemKind::OriginSchemeInvalid)
            };
        }
        if matches!(&*scheme, "ws" | "wss") {
            return Err(ProblemKind::OriginOfWebSocket);
        }
        // First, since what follows could not be corrected.
        let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
        if !rest.split_at(end).0.is_ascii() {
            return Err(ProblemKind::OriginNotAscii);
        }
        let authority = authority(rest)?.to_ascii_lowercase();
        if is_web_scheme(&scheme) && lacks_brackets(&authority) {
            return Err(ProblemKind::OriginAddressInvalid);
        }
        let (host, port) = split_port(&authority);
        if is_web_scheme(&scheme)
            && let Some(network) = Network::parse(host)
        {
            return Ok(Self::Network {
                port: PortPattern::parse(port, &scheme)?,
                network: network?,
                scheme,
            });
        }
        if is_web_scheme(&scheme) && network::is_loose(host) {
            return Err(ProblemKind::NetworkWildcardMisplaced);
        }
        let base_and_port = authority.strip_prefix("*.");
        let (host, port) = split_port(base_and_port.unwrap_or(&authority));
        let port = PortPattern::parse(port, &scheme)?;
        if base_and_port.is_some() {
            check_base(host)?;
            Ok(Self::Subdomains {
                scheme,
                base: host.to_owned(),
                port,
            })
        } else if host == "*" && !is_web_scheme(&scheme) {
            Ok(Self::AnyHost { scheme, port })
        } else {
            check_host(host, &scheme)?;
            Ok(Self::whole(&scheme, host, port))
        }
    }

    fn whole(scheme: &str, host: &str, port: PortPattern) -> Self {
        match port {
            PortPattern::Any => Self::AnyPort(format!("{scheme}://{host}")),
            PortPattern::Range(range) => Self::Ports(format!("{scheme}://{host}"), range),
            PortPattern::Only(None) => Self::Exact(format!("{scheme}://{host}").into()),
            PortPattern::Only(Some(port)) => {
                Self::Exact(format!("{scheme}://{host}:{port}").into())
            }
        }
    }

    /// Returns whether the pattern matches an origin that every local file shares.
    pub(crate) fn is_file(&self) -> bool {
        matches!(self, Self::Exact(origin) if origin == "file://")
    }

    /// Returns whether the pattern matches an origin whose pages travel the network in the clear. A
    /// network is another matter.
    pub(crate) fn is_insecure(&self) -> bool {
        match self {
            Self::Subdomains { scheme, base, .. } => scheme == "http" && !is_loopback(base),
            _ => self.origin().is_some_and(|origin| origin.is_insecure()),
        }
    }

    /// Returns whether the pattern is for one address of a private network.
    pub(crate) fn has_private_address(&self) -> bool {
        self.origin()
            .is_some_and(|origin| origin.has_private_address())
    }

    /// Returns whether the pattern matches all that is in a network beyond the own machine.
    pub(crate) const fn is_network(&self) -> bool {
        matches!(self, Self::Network { network, .. } if !network.is_loopback())
    }

    /// Returns the one origin that is meant, whatever its port.
    fn origin(&self) -> Option<Origin<'_>> {
        match self {
            Self::Exact(origin) => Origin::parse(origin.as_bytes()).ok(),
            Self::AnyPort(origin) | Self::Ports(origin, _) => Origin::parse(origin.as_bytes()).ok(),
            Self::Network { .. } | Self::Subdomains { .. } | Self::AnyHost { .. } => None,
        }
    }
}

/// Returns whether a text is an origin as browsers serialize it, and one that an item may be.
fn is_normal(written: &str) -> bool {
    let Ok(origin) = Origin::parse(written.as_bytes()) else {
        return false;
    };
    match origin.scheme() {
        // `null` has none.
        "" | "ws" | "wss" => false,
        scheme => !(is_web_scheme(scheme) && network::is_loose(origin.host())),
    }
}

/// Returns the text between `://` and the end, which must be nothing but host and port.
fn authority(rest: &str) -> Result<&str, Reason> {
    let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    if authority.is_empty() {
        return Err(ProblemKind::OriginHostInvalid);
    }
    if authority.contains('@') {
        return Err(ProblemKind::OriginHasUserinfo);
    }
    match tail.as_bytes() {
        [] => Ok(authority),
        [b'/'] => Err(ProblemKind::OriginHasTrailingSlash),
        [b'?' | b'#', ..] => Err(ProblemKind::OriginHasQuery),
        _ => Err(ProblemKind::OriginHasPath),
    }
}

/// Returns whether the text is an IPv6 address as it stands, and perhaps a port.
pub(crate) fn lacks_brackets(authority: &str) -> bool {
    let is_address = |text: &str| text.parse::<Ipv6Addr>().is_ok();
    let before_port = authority.rsplit_once(':').map(|(host, _)| host);
    is_address(authority) || before_port.is_some_and(is_address)
}

/// Checks the domain that a subdomain wildcard stands over.
fn check_base(base: &str) -> Result<(), Reason> {
    if base.contains('*') {
        return Err(ProblemKind::WildcardMisplaced);
    }
    match Host::parse(base) {
        Ok(Host::Address) | Err(OriginError::Address) => Err(ProblemKind::WildcardOverAddress),
        // A subdomain is longer by a label and a dot, and must still be a host.
        Ok(Host::Name) if base.len() + "a.".len() > MAX_HOST_BYTES => {
            Err(ProblemKind::OriginHostInvalid)
        }
        Ok(Host::Name) if is_bare_top_level(base.strip_suffix('.').unwrap_or(base)) => {
            Err(|_| ProblemKind::WildcardOverTopLevel)
        }
        Ok(Host::Name) => Ok(()),
        Err(_) => Err(ProblemKind::OriginHostInvalid),
    }
}

fn check_host(host: &str, scheme: &str) -> Result<(), Reason> {
    if host.contains('*') {
        return Err(ProblemKind::WildcardMisplaced);
    }
    let read = if is_web_scheme(scheme) {
        Host::parse(host).map(|_| ())
    } else {
        split_opaque(host.as_bytes()).map(|_| ())
    };
    read.map_err(|error| match error {
        OriginError::Address => ProblemKind::OriginAddressInvalid as Reason,
        _ => ProblemKind::OriginHostInvalid,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn any_host(scheme: &str, port: PortPattern) -> OriginPattern<'static> {
        OriginPattern::AnyHost {
            scheme: scheme.to_owned(),
            port,
        }
    }

    fn subdomains(scheme: &str, base: &str, port: PortPattern) -> OriginPattern<'static> {
        OriginPattern::Subdomains {
            scheme: scheme.to_owned(),
            base: base.to_owned(),
            port,
        }
    }

    #[test]
    fn written_origins_are_normalised() {
        let exact = |text: &'static str| OriginPattern::Exact(text.into());
        let any_port = |text: &str| OriginPattern::AnyPort(text.to_owned());
        for (written, pattern) in [
            ("https://app.example.com", exact("https://app.example.com")),
            (
                "HTTPS://App.Example.COM:443",
                exact("https://app.example.com"),
            ),
            ("http://example.com:80", exact("http://example.com")),
            ("http://example.com:443", exact("http://example.com:443")),
            ("tauri://localhost", exact("tauri://localhost")),
            (
                "chrome-extension://abcdefghijklmnop",
                exact("chrome-extension://abcdefghijklmnop"),
            ),
            ("app://.", exact("app://.")),
            ("app://-", exact("app://-")),
            ("App://127.1:80", exact("app://127.1:80")),
            ("vscode-webview://123", exact("vscode-webview://123")),
            (
                "Moz-Extension://*",
                any_host("moz-extension", PortPattern::Only(None)),
            ),
            ("app://*:*", any_host("app", PortPattern::Any)),
            ("http://[::1]:8080", exact("http://[::1]:8080")),
            ("file://", exact("file://")),
            ("http://localhost:*", any_port("http://localhost")),
            ("http://127.0.0.1:*", any_port("http://127.0.0.1")),
            ("http://[::1]:*", any_port("http://[::1]")),
            (
                "https://*.Example.com",
                subdomains("https", "example.com", PortPattern::Only(None)),
            ),
            (
                "https://*.example.com:443",
                subdomains("https", "example.com", PortPattern::Only(None)),
            ),
            (
                "https://*.example.com:8443",
                subdomains("https", "example.com", PortPattern::Only(Some(8443))),
            ),
            (
                "https://*.example.com:*",
                subdomains("https", "example.com", PortPattern::Any),
            ),
            (
                "http://*.localhost:*",
                subdomains("http", "localhost", PortPattern::Any),
            ),
            (
                "https://*.test",
                subdomains("https", "test", PortPattern::Only(None)),
            ),
            (
                "http://*.local:8123",
                subdomains("http", "local", PortPattern::Only(Some(8123))),
            ),
            (
                "https://*.internal",
                subdomains("https", "internal", PortPattern::Only(None)),
            ),
        ] {
            let read = OriginPattern::parse(written).map_err(|_| ());
            assert_eq!(read, Ok(pattern), "{written}");
        }
    }

    #[test]
    fn what_cannot_be_an_origin_is_refused_with_its_reason() {
        use ProblemKind as P;
        let long = format!("https://*.{}aa", "a.".repeat(125));
        let none = Vec::new;
        for (written, problem) in [
            ("", P::OriginEmpty),
            (" https://example.com", P::OriginHasWhitespace(none())),
            ("https://exa mple.com", P::OriginHasWhitespace(none())),
            ("https://example.com\n", P::OriginHasWhitespace(none())),
            ("null", P::NullAmongOrigins),
            ("NULL", P::NullAmongOrigins),
            ("example.com", P::OriginHasNoScheme(none())),
            ("localhost:3000", P::OriginHasNoScheme(none())),
            ("//example.com", P::OriginHasNoScheme(none())),
            ("https:/example.com", P::OriginHasNoScheme(none())),
            ("://example.com", P::OriginSchemeInvalid(none())),
            ("ht_tps://example.com", P::OriginSchemeInvalid(none())),
            ("file:///home", P::OriginSchemeInvalid(none())),
            ("*://example.com", P::WildcardMisplaced(none())),
            ("https://", P::OriginHostInvalid(none())),
            ("https:///path", P::OriginHostInvalid(none())),
            ("https://example.com/", P::OriginHasTrailingSlash(none())),
            ("https://example.com/a", P::OriginHasPath(none())),
            ("https://example.com//", P::OriginHasPath(none())),
            ("https://example.com\\", P::OriginHasPath(none())),
            ("https://example.com?a", P::OriginHasQuery(none())),
            ("https://example.com#a", P::OriginHasQuery(none())),
            ("https://me:pw@example.com", P::OriginHasUserinfo(none())),
            ("https://bücher.example", P::OriginNotAscii(none())),
            ("https://exam%70le.com", P::OriginHostInvalid(none())),
            ("https://a..com", P::OriginHostInvalid(none())),
            ("https://*.", P::OriginHostInvalid(none())),
            (&long, P::OriginHostInvalid(none())),
            ("http://::1", P::OriginAddressInvalid(none())),
            ("http://[0:0::1]:80", P::OriginAddressInvalid(none())),
            ("http://[::ffff:1.2.3.4]:*", P::OriginAddressInvalid(none())),
            ("http://127.1", P::OriginAddressInvalid(none())),
            ("http://[::g]", P::OriginAddressInvalid(none())),
            ("https://example.com:http", P::OriginPortInvalid(none())),
            ("https://example.com:", P::OriginPortInvalid(none())),
            ("https://example.com:0", P::OriginPortOutOfRange),
            ("https://example.com:65536", P::OriginPortOutOfRange),
            ("ws://a.example", P::OriginOfWebSocket(none())),
            ("wss://*.a.example/x", P::OriginOfWebSocket(none())),
            ("http://::1:3000", P::OriginAddressInvalid(none())),
            ("app://[::1]", P::OriginHostInvalid(none())),
            ("app://::1", P::OriginPortInvalid(none())),
            ("app://a*", P::WildcardMisplaced(none())),
            ("https://*", P::WildcardMisplaced(none())),
            ("https://*:8080", P::WildcardMisplaced(none())),
            ("https://*example.com", P::WildcardMisplaced(none())),
            ("https://app.*.com", P::WildcardMisplaced(none())),
            ("https://*.*.example.com", P::WildcardMisplaced(none())),
            ("https://example.com:80*", P::WildcardMisplaced(none())),
            ("https://*.com", P::WildcardOverTopLevel),
            ("https://*.com.", P::WildcardOverTopLevel),
            ("https://*.lan", P::WildcardOverTopLevel),
            ("app://*.com", P::WildcardOverTopLevel),
            ("http://*.127.0.0.1", P::WildcardOverAddress(none())),
            ("http://*.[::1]", P::WildcardOverAddress(none())),
        ] {
            let reason = OriginPattern::parse(written).expect_err(written);
            assert_eq!(reason(none()), problem, "{written}");
        }
    }
}
