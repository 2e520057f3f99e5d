//! [`OriginPattern`]: an origin as an operator writes it, normalised or refused.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::policy::problem::ProblemKind;
use crate::protocol::host::MAX_HOST_BYTES;
use crate::protocol::host::{Host, is_bare_top_level, is_loopback, split_opaque, write_ipv6};
use crate::protocol::origin::{Origin, default_port, is_scheme, is_web_scheme, split_port};
use crate::protocol::origin_error::OriginError;

/// An item of `allow_origins`, other than `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OriginPattern {
    /// One origin, as browsers serialize it.
    Exact(String),
    /// One scheme and host with any port: `http://localhost` for `http://localhost:*`.
    AnyPort(String),
    /// Every host below `base`, at any depth, but not `base` itself.
    Subdomains {
        scheme: String,
        base: String,
        port: PortPattern,
    },
    /// Every host of a scheme other than http and https: `moz-extension://*`.
    AnyHost { scheme: String, port: PortPattern },
}

/// The ports that such a pattern matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PortPattern {
    /// Every port, the default one included.
    Any,
    /// One port; `None` is the scheme's default.
    Only(Option<u16>),
}

impl OriginPattern {
    /// Reads and normalises a written origin: lower case, no default port.
    pub(crate) fn parse(written: &str) -> Result<Self, ProblemKind> {
        if written.is_empty() {
            return Err(ProblemKind::OriginEmpty);
        }
        if written.contains(|char: char| char.is_whitespace() || char.is_control()) {
            return Err(ProblemKind::OriginHasWhitespace);
        }
        if written.eq_ignore_ascii_case("null") {
            return Err(ProblemKind::NullAmongOrigins);
        }
        let (scheme, rest) = written
            .split_once("://")
            .ok_or(ProblemKind::OriginHasNoScheme)?;
        let scheme = scheme.to_ascii_lowercase();
        if scheme.contains('*') {
            return Err(ProblemKind::WildcardMisplaced);
        }
        if !is_scheme(scheme.as_bytes()) {
            return Err(ProblemKind::OriginSchemeInvalid);
        }
        if scheme == "file" {
            return if rest.is_empty() {
                Ok(Self::Exact("file://".to_owned()))
            } else {
                Err(ProblemKind::OriginSchemeInvalid)
            };
        }
        let authority = authority(&scheme, rest)?;
        if !authority.is_ascii() {
            return Err(ProblemKind::OriginNotAscii);
        }
        let authority = authority.to_ascii_lowercase();
        if is_web_scheme(&scheme)
            && let Some(address) = canonical_address(&format!("[{authority}]"))
        {
            let bracketed = format!("{scheme}://{address}");
            return Err(ProblemKind::OriginAddressInvalid(Some(bracketed)));
        }
        let base_and_port = authority.strip_prefix("*.");
        let (host, port) = split_port(base_and_port.unwrap_or(&authority));
        let port = parse_port(port, &scheme)?;
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
            check_host(host, &scheme, port)?;
            Ok(Self::whole(&scheme, host, port))
        }
    }

    fn whole(scheme: &str, host: &str, port: PortPattern) -> Self {
        match port {
            PortPattern::Any => Self::AnyPort(format!("{scheme}://{host}")),
            PortPattern::Only(None) => Self::Exact(format!("{scheme}://{host}")),
            PortPattern::Only(Some(port)) => Self::Exact(format!("{scheme}://{host}:{port}")),
        }
    }

    /// Returns whether the pattern matches an origin that every local file shares.
    pub(crate) fn is_file(&self) -> bool {
        matches!(self, Self::Exact(origin) if origin == "file://")
    }

    /// Returns whether the pattern matches an origin whose pages travel the network in the clear.
    pub(crate) fn is_insecure(&self) -> bool {
        match self {
            Self::Exact(origin) | Self::AnyPort(origin) => {
                Origin::parse(origin.as_bytes()).is_ok_and(|origin| origin.is_insecure())
            }
            Self::Subdomains { scheme, base, .. } => scheme == "http" && !is_loopback(base),
            Self::AnyHost { .. } => false,
        }
    }
}

/// Returns the text between `://` and the end, which must be nothing but host and port.
fn authority<'a>(scheme: &str, rest: &'a str) -> Result<&'a str, ProblemKind> {
    let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let host_and_port = authority.rsplit('@').next().unwrap_or(authority);
    let alone = || format!("{scheme}://{host_and_port}");
    // What is too long for a host is not corrected by leaving out the rest.
    if host_and_port.is_empty() || host_and_port.len() > Origin::MAX_BYTES {
        return Err(ProblemKind::OriginHostInvalid);
    }
    if host_and_port.len() < authority.len() {
        return Err(ProblemKind::OriginHasUserinfo(alone()));
    }
    match tail.as_bytes() {
        [] => Ok(authority),
        [b'/'] => Err(ProblemKind::OriginHasTrailingSlash(alone())),
        [b'?' | b'#', ..] => Err(ProblemKind::OriginHasQuery(alone())),
        _ => Err(ProblemKind::OriginHasPath(alone())),
    }
}

fn parse_port(written: Option<&str>, scheme: &str) -> Result<PortPattern, ProblemKind> {
    let Some(written) = written else {
        return Ok(PortPattern::Only(None));
    };
    if written == "*" {
        return Ok(PortPattern::Any);
    }
    if written.contains('*') {
        return Err(ProblemKind::WildcardMisplaced);
    }
    if written.is_empty() || !written.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ProblemKind::OriginPortInvalid);
    }
    match written.parse::<u16>() {
        Ok(port) if port > 0 => Ok(PortPattern::Only(
            Some(port).filter(|_| default_port(scheme.as_bytes()) != Some(port)),
        )),
        _ => Err(ProblemKind::OriginPortOutOfRange),
    }
}

/// Checks the domain that a subdomain wildcard stands over.
fn check_base(base: &str) -> Result<(), ProblemKind> {
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
            Err(ProblemKind::WildcardOverTopLevel)
        }
        Ok(Host::Name) => Ok(()),
        Err(_) => Err(ProblemKind::OriginHostInvalid),
    }
}

fn check_host(host: &str, scheme: &str, port: PortPattern) -> Result<(), ProblemKind> {
    if host.contains('*') {
        return Err(ProblemKind::WildcardMisplaced);
    }
    if !is_web_scheme(scheme) {
        return match split_opaque(host.as_bytes()) {
            Ok(_) => Ok(()),
            Err(_) => Err(ProblemKind::OriginHostInvalid),
        };
    }
    match Host::parse(host) {
        Ok(_) => Ok(()),
        Err(OriginError::Address) => {
            let suffix = match port {
                PortPattern::Any => ":*".to_owned(),
                PortPattern::Only(None) => String::new(),
                PortPattern::Only(Some(port)) => format!(":{port}"),
            };
            let canonical =
                canonical_address(host).map(|host| format!("{scheme}://{host}{suffix}"));
            Err(ProblemKind::OriginAddressInvalid(canonical))
        }
        Err(_) => Err(ProblemKind::OriginHostInvalid),
    }
}

/// Returns the address that the operator most likely meant by one that is not canonical.
pub(crate) fn canonical_address(host: &str) -> Option<String> {
    if let Some(text) = host.strip_prefix('[') {
        let address = text.strip_suffix(']')?.parse::<Ipv6Addr>().ok()?;
        let mut canonical = String::new();
        write_ipv6(address, &mut canonical).ok()?;
        return Some(format!("[{canonical}]"));
    }
    let parts = host.strip_suffix('.').unwrap_or(host).split('.');
    let octets = parts
        .map(str::parse::<u8>)
        .collect::<Result<Vec<_>, _>>()
        .ok()?;
    let octets: [u8; 4] = octets.try_into().ok()?;
    Some(Ipv4Addr::from(octets).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn any_host(scheme: &str, port: PortPattern) -> OriginPattern {
        OriginPattern::AnyHost {
            scheme: scheme.to_owned(),
            port,
        }
    }

    fn subdomains(scheme: &str, base: &str, port: PortPattern) -> OriginPattern {
        OriginPattern::Subdomains {
            scheme: scheme.to_owned(),
            base: base.to_owned(),
            port,
        }
    }

    #[test]
    fn written_origins_are_normalised() {
        let exact = |text: &str| OriginPattern::Exact(text.to_owned());
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
            assert_eq!(OriginPattern::parse(written), Ok(pattern), "{written}");
        }
    }

    #[test]
    fn what_cannot_be_an_origin_is_refused_with_its_reason() {
        use ProblemKind as P;
        let long = format!("https://*.{}aa", "a.".repeat(125));
        let plain = || "https://example.com".to_owned();
        for (written, problem) in [
            ("", P::OriginEmpty),
            (" https://example.com", P::OriginHasWhitespace),
            ("https://exa mple.com", P::OriginHasWhitespace),
            ("https://example.com\n", P::OriginHasWhitespace),
            ("null", P::NullAmongOrigins),
            ("NULL", P::NullAmongOrigins),
            ("example.com", P::OriginHasNoScheme),
            ("localhost:3000", P::OriginHasNoScheme),
            ("//example.com", P::OriginHasNoScheme),
            ("https:/example.com", P::OriginHasNoScheme),
            ("://example.com", P::OriginSchemeInvalid),
            ("ht_tps://example.com", P::OriginSchemeInvalid),
            ("file:///home", P::OriginSchemeInvalid),
            ("*://example.com", P::WildcardMisplaced),
            ("https://", P::OriginHostInvalid),
            ("https:///path", P::OriginHostInvalid),
            ("https://example.com/", P::OriginHasTrailingSlash(plain())),
            ("https://example.com/a", P::OriginHasPath(plain())),
            ("https://example.com//", P::OriginHasPath(plain())),
            ("https://example.com\\", P::OriginHasPath(plain())),
            ("https://example.com?a", P::OriginHasQuery(plain())),
            ("https://example.com#a", P::OriginHasQuery(plain())),
            ("https://me:pw@example.com", P::OriginHasUserinfo(plain())),
            ("https://bücher.example", P::OriginNotAscii),
            ("https://exam%70le.com", P::OriginHostInvalid),
            ("https://a..com", P::OriginHostInvalid),
            ("https://*.", P::OriginHostInvalid),
            (&long, P::OriginHostInvalid),
            (
                "http://::1",
                P::OriginAddressInvalid(Some("http://[::1]".to_owned())),
            ),
            (
                "http://[0:0::1]:80",
                P::OriginAddressInvalid(Some("http://[::1]".to_owned())),
            ),
            (
                "http://[::ffff:1.2.3.4]:*",
                P::OriginAddressInvalid(Some("http://[::ffff:102:304]:*".to_owned())),
            ),
            ("http://127.1", P::OriginAddressInvalid(None)),
            ("http://[::g]", P::OriginAddressInvalid(None)),
            ("https://example.com:http", P::OriginPortInvalid),
            ("https://example.com:", P::OriginPortInvalid),
            ("https://example.com:0", P::OriginPortOutOfRange),
            ("https://example.com:65536", P::OriginPortOutOfRange),
            ("app://[::1]", P::OriginHostInvalid),
            ("app://::1", P::OriginPortInvalid),
            ("app://a*", P::WildcardMisplaced),
            ("https://*", P::WildcardMisplaced),
            ("https://*:8080", P::WildcardMisplaced),
            ("https://*example.com", P::WildcardMisplaced),
            ("https://app.*.com", P::WildcardMisplaced),
            ("https://*.*.example.com", P::WildcardMisplaced),
            ("https://example.com:80*", P::WildcardMisplaced),
            ("https://*.com", P::WildcardOverTopLevel),
            ("https://*.com.", P::WildcardOverTopLevel),
            ("https://*.lan", P::WildcardOverTopLevel),
            ("app://*.com", P::WildcardOverTopLevel),
            ("http://*.127.0.0.1", P::WildcardOverAddress),
            ("http://*.[::1]", P::WildcardOverAddress),
        ] {
            assert_eq!(OriginPattern::parse(written), Err(problem), "{written}");
        }
    }
}
