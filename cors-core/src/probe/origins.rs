//! The origins that a probe tries under a policy.

use std::collections::BTreeSet;

use crate::policy::Policy;
use crate::policy::origins::pattern::OriginPattern;
use crate::policy::origins::ports::{PortPattern, PortRange};
use crate::protocol::origin::{Origin, default_port};

/// An origin of which every policy but `*` knows nothing.
const FOREIGN: &str = "https://evil.example";

/// For how many items of a list near-misses are tried: each kind of mistake shows with one, and a
/// list may be long.
pub(super) const WITH_NEAR_MISSES: usize = 4;

/// Returns the origins to try, each once: those that the policy lists first, then near-misses.
pub(super) fn of(policy: &Policy) -> Vec<String> {
    let config = policy.config();
    let mut origins = Vec::new();
    let mut known = BTreeSet::new();
    let mut add = |origin: Option<String>| {
        // A list may be as long as its file.
        if let Some(origin) = origin.filter(|origin| known.insert(origin.clone())) {
            origins.push(origin);
        }
    };
    let lists = [&config.allow_origins, &config.allow_credentials_from];
    for written in lists.into_iter().flatten() {
        add(instance(written));
        add(last_instance(written));
    }
    for list in lists {
        for written in list.iter().take(WITH_NEAR_MISSES) {
            add(glued(written));
            add(bare(written));
            for neighbour in neighbours(written) {
                add(Some(neighbour));
            }
            for near_miss in near_misses(written) {
                add(Some(near_miss));
            }
        }
    }
    add(Some(FOREIGN.to_owned()));
    add(Some("null".to_owned()));
    origins
}

/// Returns an origin that an item of a list matches.
fn instance(written: &str) -> Option<String> {
    if written == "*" {
        return Some("https://any.example".to_owned());
    }
    let (origin, port) = host_and_ports(OriginPattern::parse(written).ok()?);
    with_port(&origin, port)
}

/// Returns the origin at the last port of an item that has a range of them.
fn last_instance(written: &str) -> Option<String> {
    match host_and_ports(OriginPattern::parse(written).ok()?) {
        (origin, PortPattern::Range(range)) => {
            with_port(&origin, PortPattern::Only(Some(range.last)))
        }
        _ => None,
    }
}

/// Returns an origin that a pattern matches but for its port, and its ports.
fn host_and_ports(pattern: OriginPattern<'_>) -> (String, PortPattern) {
    match pattern {
        OriginPattern::Exact(origin) => (origin.into_owned(), PortPattern::Only(None)),
        OriginPattern::AnyPort(origin) => (origin, PortPattern::Any),
        OriginPattern::Ports(origin, range) => (origin, PortPattern::Range(range)),
        OriginPattern::Subdomains { scheme, base, port } => {
            (format!("{scheme}://probe.{base}"), port)
        }
        OriginPattern::AnyHost { scheme, port } => (format!("{scheme}://probe"), port),
        OriginPattern::Network {
            scheme,
            network,
            port,
        } => (format!("{scheme}://{}", network.address()), port),
    }
}

/// Returns an origin whose name ends with the text of a subdomain pattern, but not at a label.
fn glued(written: &str) -> Option<String> {
    match OriginPattern::parse(written).ok()? {
        OriginPattern::Subdomains { scheme, base, port } => {
            with_port(&format!("{scheme}://evil{base}"), port)
        }
        _ => None,
    }
}

/// Returns the origin of the domain itself that a subdomain pattern is for.
fn bare(written: &str) -> Option<String> {
    match OriginPattern::parse(written).ok()? {
        OriginPattern::Subdomains { scheme, base, port } => {
            with_port(&format!("{scheme}://{base}"), port)
        }
        _ => None,
    }
}

/// Returns the origins next to all that an item with a range of ports, or with a network, matches.
fn neighbours(written: &str) -> Vec<String> {
    let (Some(instance), Ok(pattern)) = (instance(written), OriginPattern::parse(written)) else {
        return Vec::new();
    };
    let Ok(origin) = Origin::parse(instance.as_bytes()) else {
        return Vec::new();
    };
    let beyond = |host: &str, port: PortPattern| {
        let PortPattern::Range(PortRange { first, last }) = port else {
            return Vec::new();
        };
        let ports = [first.checked_sub(1), last.checked_add(1)]
            .into_iter()
            .flatten();
        let ports = ports.filter(|port| *port > 0);
        ports
            .filter_map(|port| with_port(host, PortPattern::Only(Some(port))))
            .collect()
    };
    let host = format!("{}://{}", origin.scheme(), origin.host());
    match pattern {
        OriginPattern::Ports(_, range) => beyond(&host, PortPattern::Range(range)),
        OriginPattern::Subdomains { port, .. } | OriginPattern::AnyHost { port, .. } => {
            beyond(&host, port)
        }
        OriginPattern::Network {
            scheme,
            network,
            port,
        } => {
            let near = network.neighbours().into_iter().flatten();
            let near = near.filter_map(|address| with_port(&format!("{scheme}://{address}"), port));
            beyond(&host, port).into_iter().chain(near).collect()
        }
        OriginPattern::Exact(_) | OriginPattern::AnyPort(_) => Vec::new(),
    }
}

/// Returns the origin at one of the ports, as browsers serialize it.
fn with_port(origin: &str, port: PortPattern) -> Option<String> {
    let written = match port {
        PortPattern::Any => format!("{origin}:3000"),
        PortPattern::Only(None) => origin.to_owned(),
        PortPattern::Only(Some(port)) => format!("{origin}:{port}"),
        PortPattern::Range(range) => format!("{origin}:{}", range.first),
    };
    match OriginPattern::parse(&written) {
        Ok(OriginPattern::Exact(origin)) => Some(origin.into_owned()),
        _ => None,
    }
}

/// Returns origins that look like one that an item matches.
fn near_misses(written: &str) -> Vec<String> {
    let instance = instance(written).unwrap_or_default();
    let Ok(origin) = Origin::parse(instance.as_bytes()) else {
        return Vec::new();
    };
    let (scheme, host) = (origin.scheme(), origin.host());
    let port = origin.port();
    let of = |scheme: &str, host: &str, port: Option<u16>| match port {
        Some(port) if default_port(scheme.as_bytes()) != Some(port) => {
            format!("{scheme}://{host}:{port}")
        }
        _ => format!("{scheme}://{host}"),
    };
    let other_scheme = match scheme {
        "https" => "http",
        "http" => "https",
        _ => {
            let longer = [(scheme.to_owned(), "x"), (format!("{scheme}x"), "")];
            let longer = longer.map(|(scheme, end)| of(&scheme, &format!("{host}{end}"), port));
            return longer.into();
        }
    };
    let other_port = if port == Some(8444) { 8445 } else { 8444 };
    let mut near_misses = vec![
        of(scheme, &format!("{host}.evil.example"), port),
        of(scheme, &format!("evil{host}"), port),
        of(scheme, &format!("evil.{host}"), port),
        of(other_scheme, host, port),
        of(scheme, host, Some(other_port)),
    ];
    // Beside it, and glued to the domain of both.
    let parent = host.split_once('.').map_or("", |(_, parent)| parent);
    if parent.contains('.') {
        let label = if host.starts_with("other.") {
            "another"
        } else {
            "other"
        };
        near_misses.push(of(scheme, &format!("{label}.{parent}"), port));
        near_misses.push(of(scheme, &format!("evil{parent}"), port));
    }
    near_misses.extend(truncated(&instance));
    near_misses.extend(other_letter(host).map(|host| of(scheme, &host, port)));
    // A dot that is not escaped in a regular expression is any character.
    let dots = host.match_indices('.');
    near_misses.extend(dots.filter_map(|(at, dot)| {
        let (before, after) = (host.get(..at)?, host.get(at + dot.len()..)?);
        Some(of(scheme, &format!("{before}x{after}"), port))
    }));
    // An origin that begins with this one, port and all.
    let longer_port = port.and_then(|port| port.checked_mul(10)?.checked_add(1));
    near_misses.extend(longer_port.map(|port| of(scheme, host, Some(port))));
    near_misses.retain(|origin| Origin::parse(origin.as_bytes()).is_ok());
    near_misses
}

/// Returns a host of another domain, which differs by one letter: an expression for any name takes it.
fn other_letter(host: &str) -> Option<String> {
    let (label, parent) = host.split_once('.')?;
    let letter = if parent.starts_with('x') { 'y' } else { 'x' };
    let mut rest = parent.chars();
    rest.next();
    Some(format!("{label}.{letter}{}", rest.as_str()))
}

/// Returns beginnings of an origin, which a text contains that contains the whole.
fn truncated(origin: &str) -> impl Iterator<Item = String> {
    let (before, _) = origin.rsplit_once('.').unwrap_or_default();
    [origin, before].into_iter().filter_map(|whole| {
        let mut shorter = whole.chars();
        shorter.next_back();
        Some(shorter.as_str().to_owned()).filter(|shorter| shorter.contains("://"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_other_schemes_are_tried_with_an_instance_and_longer_ones() {
        let policy = Policy::builder()
            .allow_origins(["app://.", "moz-extension://*", "app://*:*"])
            .build()
            .expect("the policy is right");
        let expected = [
            "app://.",
            "moz-extension://probe",
            "app://probe:3000",
            "app://.x",
            "appx://.",
            "moz-extension://probex",
            "moz-extensionx://probe",
            "app://probex:3000",
            "appx://probe:3000",
            FOREIGN,
            "null",
        ];
        assert_eq!(of(&policy), expected);
    }
}
