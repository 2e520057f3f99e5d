//! What is nearly an item of a list, corrected: lists in one string, and hosts.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::protocol::host::{Host, is_loopback, write_ipv6};

/// The longest text that is corrected: more than any item has.
pub(super) const MAX_WRITTEN_BYTES: usize = 2048;

/// The most bytes of all items that a remedy has.
const MAX_REMEDY_BYTES: usize = 1024;

/// Returns the items that a text holds, as one from an environment variable or a JSON list does.
pub(super) fn pieces(written: &str) -> Vec<&str> {
    let inner = written
        .trim()
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .filter(|inner| inner.contains(['"', '\'']) || inner.contains("://"));
    let text = inner.unwrap_or(written);
    // A bracket that is not closed holds nothing together.
    let has_groups = text.chars().fold(0, depth_after) == 0;
    let mut depth = 0;
    let pieces = text.split(|character: char| {
        depth = depth_after(depth, character);
        let is_separator = matches!(character, ',' | ';' | '|')
            || character.is_whitespace()
            || character.is_control();
        is_separator && (depth == 0 || !has_groups)
    });
    pieces
        .map(|piece| piece.trim_matches(['"', '\'', '`', '<', '>']))
        .filter(|piece| !piece.is_empty())
        .collect()
}

/// Returns how many brackets are open after a character, of those that were before it.
pub(super) fn depth_after(depth: usize, character: char) -> usize {
    match character {
        '{' | '[' | '(' => depth + 1,
        '}' | ']' | ')' => depth.saturating_sub(1),
        _ => depth,
    }
}

/// Returns the items in the place of several pieces; `None` where one of them can't be corrected.
pub(super) fn all(
    pieces: &[&str],
    correct: impl Fn(&str) -> Option<Vec<String>>,
) -> Option<Vec<String>> {
    let mut items = Vec::new();
    for piece in pieces {
        for item in correct(piece)? {
            if !items.contains(&item) {
                items.push(item);
            }
        }
        if items.iter().map(String::len).sum::<usize>() > MAX_REMEDY_BYTES {
            return None;
        }
    }
    Some(items)
}

/// A host and a port that may be meant by a text.
pub(super) struct Authority {
    /// The host in lower case and in ASCII, and its canonical form if it is an address.
    pub(super) host: String,
    pub(super) prefix: Prefix,
    /// `*`, a number without leading zeros, or what was written.
    pub(super) port: Option<String>,
}

/// What stands before the host.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Prefix {
    None,
    /// `*.`
    Star,
    /// `.`, which other programs take for the domain and all names below.
    Dot,
}

impl Authority {
    /// Reads a text after its scheme: what stands before a path and after a user name.
    pub(super) fn read(text: &str) -> Option<Self> {
        let end = text.find(['/', '\\', '?', '#']).unwrap_or(text.len());
        let (text, tail) = text.split_at(end);
        let text = text.rsplit('@').next()?;
        let (prefix, text) = match (text.strip_prefix("*."), text.strip_prefix('.')) {
            (Some(rest), _) => (Prefix::Star, rest),
            (None, Some(rest)) if !rest.is_empty() && !rest.starts_with('.') => (Prefix::Dot, rest),
            (None, _) => (Prefix::None, text),
        };
        let (host, port) = split(text)?;
        if host.is_empty() {
            return None;
        }
        // The way to Punycode needs the tables of Unicode; the reason says what to write.
        if !host.is_ascii() {
            return None;
        }
        let host = host.to_ascii_lowercase();
        let address = canonical_address(&host);
        if address.is_some() && may_be_range(tail) {
            return None;
        }
        let (host, prefix) = match address {
            Some(address) => (address, Prefix::None),
            None => (host, prefix),
        };
        let number = |port: &str| port.parse().map(|port: u16| port.to_string());
        let port = port.filter(|port| !port.is_empty());
        let port = port.map(|port| number(port).unwrap_or_else(|_| port.to_owned()));
        Some(Self { host, prefix, port })
    }

    /// Returns whether this is a host of the web for certain: a name of several labels, an address
    /// or a name of the own machine.
    pub(super) fn is_plain(&self) -> bool {
        self.is_local() || self.host.trim_end_matches('.').contains('.')
    }

    /// Returns whether it is a name of the own machine, or an address: a server without TLS, most
    /// likely.
    pub(super) fn is_local(&self) -> bool {
        is_loopback(&self.host) || Host::parse(&self.host) == Ok(Host::Address)
    }

    /// Returns the domains that are meant, without a port: both a domain and the names below it where
    /// the text begins with a dot.
    pub(super) fn domains(&self) -> Vec<String> {
        let host = &self.host;
        match self.prefix {
            Prefix::None => vec![host.clone()],
            Prefix::Star => vec![format!("*.{host}")],
            Prefix::Dot => vec![host.clone(), format!("*.{host}")],
        }
    }
}

/// Splits a host, with brackets if it is an IPv6 address, and a port.
fn split(text: &str) -> Option<(String, Option<&str>)> {
    if text.starts_with('[') {
        let (host, rest) = text.split_at(text.find(']')? + 1);
        return match rest.strip_prefix(':') {
            None if !rest.is_empty() => None,
            port => Some((host.to_owned(), port)),
        };
    }
    let Some((host, port)) = text.rsplit_once(':') else {
        return Some((text.to_owned(), None));
    };
    if !host.contains(':') {
        return Some((host.to_owned(), Some(port)));
    }
    // An IPv6 address without its brackets. What follows its last colon may be a part of it or a
    // port; of `::1:3000` it is a port, since the own machine is meant.
    let is_address = |text: &str| text.parse::<Ipv6Addr>().is_ok();
    let is_number = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    let is_range = || {
        let ends = port.split_once('-');
        ends.is_some_and(|(first, last)| is_number(first) && is_number(last))
    };
    let is_port = port == "*" || is_number(port) || is_range();
    match (is_address(text), is_address(host) && is_port) {
        (true, true) if host != "::1" => None,
        (_, true) => Some((format!("[{host}]"), Some(port))),
        (true, false) => Some((format!("[{text}]"), None)),
        (false, false) => None,
    }
}

/// Returns whether the text after an address may make it a range of addresses, as `/16` and
/// `/255.255.0.0` do.
pub(super) fn may_be_range(tail: &str) -> bool {
    let inner = tail.trim_start_matches(['/', '\\']);
    inner.len() < tail.len() && inner.starts_with(|first: char| first.is_ascii_digit())
}

/// Returns the address that is meant by one that is not canonical; `None` where there is none, or
/// programs differ about it.
pub(super) fn canonical_address(host: &str) -> Option<String> {
    if let Some(text) = host.strip_prefix('[') {
        let address = text.strip_suffix(']')?.parse::<Ipv6Addr>().ok()?;
        let mut canonical = String::new();
        write_ipv6(address, &mut canonical).ok()?;
        return Some(format!("[{canonical}]"));
    }
    let octet = |part: &str| {
        let decimal = part.parse::<u8>().ok()?;
        // Browsers read the digits after a zero as octal ones.
        let octal = u8::from_str_radix(part, 8);
        (!part.starts_with('0') || octal == Ok(decimal)).then_some(decimal)
    };
    let parts = host.strip_suffix('.').unwrap_or(host).split('.');
    let octets = parts.map(octet).collect::<Option<Vec<_>>>()?;
    let octets: [u8; 4] = octets.try_into().ok()?;
    Some(Ipv4Addr::from(octets).to_string())
}
