//! A text that is nearly an item of `allow_origins`, corrected.

use super::network::{self, Network};
use super::pattern::OriginPattern;
use super::written::Written;
use super::{cidr, ports};
use crate::policy::correction::{self, Authority};
use crate::protocol::origin::{default_port, is_web_scheme, split_port};

/// Returns the right items in the place of a text, if it holds no list.
pub(super) fn corrected(written: &str) -> Option<Vec<String>> {
    let items = correct(written)?;
    let are_right = items.iter().all(|item| OriginPattern::parse(item).is_ok());
    are_right.then_some(items)
}

/// Returns what is most likely meant by a text, right or wrong.
pub(super) fn correct(written: &str) -> Option<Vec<String>> {
    if let Some(network) = cidr::items(written) {
        return network.ok().filter(|items| !items.is_empty());
    }
    let written = Written::read(written)?;
    if written.scheme.as_deref() == Some("file") {
        return Some(vec!["file://".to_owned()]);
    }
    if let Some(scheme) = &written.scheme
        && !is_web_scheme(scheme)
    {
        return opaque(scheme, written.rest);
    }
    if holds_another(written.rest) {
        return None;
    }
    let mut authority = Authority::read(written.rest)?;
    if let Some(host) = network::corrected(&authority.host) {
        authority.host = host;
    }
    let is_certain = written.is_whole && written.scheme.is_some();
    if !is_certain && !authority.is_plain() {
        return None;
    }
    let scheme = match written.scheme {
        Some(scheme) => scheme,
        None if authority.is_local()
            || Network::parse(&authority.host).is_some()
            || authority.port.as_deref() == Some("80") =>
        {
            "http".to_owned()
        }
        None => "https".to_owned(),
    };
    let default = default_port(scheme.as_bytes()).map(|port| port.to_string());
    let written_port = authority.port.as_ref();
    let corrected_port = written_port.and_then(|port| ports::corrected(port));
    let port = corrected_port.as_ref().or(written_port);
    let port = match port.filter(|port| Some(*port) != default.as_ref()) {
        Some(port) => format!(":{port}"),
        None => String::new(),
    };
    let domains = authority.domains().into_iter();
    Some(
        domains
            .map(|domain| format!("{scheme}://{domain}{port}"))
            .collect(),
    )
}

/// Returns the origin of another scheme than http and https, whose host is no domain.
fn opaque(scheme: &str, rest: &str) -> Option<Vec<String>> {
    let (authority, tail) = rest.split_at(end_of_authority(rest));
    let text = authority.rsplit('@').next()?.trim_end_matches(':');
    let (host, port) = split_port(text);
    if correction::canonical_address(host).is_some() && correction::may_be_range(tail) {
        return None;
    }
    let text = match port.and_then(ports::corrected) {
        Some(port) => format!("{host}:{port}"),
        None => text.to_owned(),
    };
    Some(vec![format!("{scheme}://{}", text.to_ascii_lowercase())])
}

/// Returns whether a piece of a list is an origin, and no part of one.
pub(super) fn is_plain(piece: &str) -> bool {
    if cidr::items(piece).is_some() {
        return true;
    }
    Written::read(piece).is_some_and(|written| {
        written.scheme.is_some() && written.is_whole
            || Authority::read(written.rest).is_some_and(|authority| authority.is_plain())
    })
}

/// Returns whether another origin stands in the path. In a query it would be a value.
fn holds_another(rest: &str) -> bool {
    let (_, tail) = rest.split_at(end_of_authority(rest));
    let path = tail.split(['?', '#']).next().unwrap_or_default();
    path.contains("://")
}

/// Returns where the path, the query or the fragment begins.
pub(super) fn end_of_authority(rest: &str) -> usize {
    rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len())
}
