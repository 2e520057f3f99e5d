//! The grammar of a serialized origin, read the slow way: by splitting, and by the `url` crate.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::Url;

/// A serialized origin, in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts<'a> {
    /// Empty for `null`.
    pub scheme: &'a str,
    /// Empty for `null` and `file://`.
    pub host: &'a str,
    /// `None` where it is the scheme's default, or where the scheme has none.
    pub port: Option<u16>,
}

/// Returns the parts of what the contract takes for one serialized origin.
pub fn parts(value: &[u8]) -> Option<Parts<'_>> {
    const LONGEST: usize = 64 + "://".len() + 253 + ":65535".len();
    let text = str::from_utf8(value)
        .ok()
        .filter(|text| text.len() <= LONGEST)?;
    if text == "null" || text == "file://" {
        let scheme = text.strip_suffix("://").unwrap_or_default();
        return Some(Parts {
            scheme,
            host: "",
            port: None,
        });
    }
    let (scheme, authority) = text.split_once("://")?;
    if !is_scheme(scheme) || scheme == "file" {
        return None;
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(read_port(port)?)),
        _ => (authority, None),
    };
    let is_web = scheme == "http" || scheme == "https";
    let is_host = if is_web {
        is_web_host(host)
    } else {
        is_opaque_host(host)
    };
    let default = match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        "ftp" => Some(21),
        _ => None,
    };
    let says_default = port.is_some() && port == default;
    (is_host && !says_default).then_some(Parts { scheme, host, port })
}

/// Returns whether the `url` crate, which has the URL standard's rules and none of ours, serializes
/// the origin of this URL as the very text. It knows an origin for the web's schemes alone.
pub fn is_serialized_for_url(text: &str) -> bool {
    let url = Url::parse(text);
    url.is_ok_and(|url| url.origin().is_tuple() && url.origin().ascii_serialization() == text)
}

fn is_scheme(text: &str) -> bool {
    let plain = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit();
    text.len() <= 64
        && text.starts_with(|char: char| char.is_ascii_lowercase())
        && text.chars().all(|char| plain(char) || "+-.".contains(char))
}

/// Returns whether a text is labels, with a dot at the end or without, or a canonical address.
fn is_web_host(text: &str) -> bool {
    if let Some(inner) = text.strip_prefix('[') {
        let address = inner
            .strip_suffix(']')
            .and_then(|inner| inner.parse::<Ipv6Addr>().ok());
        return address.is_some_and(|address| canonical(address) == text);
    }
    let labels: Vec<&str> = text.strip_suffix('.').unwrap_or(text).split('.').collect();
    let is_label = |label: &&str| (1..=63).contains(&label.len()) && label.bytes().all(is_plain);
    if text.len() > 253 || !labels.iter().all(is_label) {
        return false;
    }
    let last = labels.last().copied().unwrap_or_default();
    let is_hex = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit())
        || last.strip_prefix("0x").is_some_and(is_hex);
    let address = text.parse::<Ipv4Addr>();
    !is_number || address.is_ok_and(|address| address.to_string() == text)
}

fn is_opaque_host(text: &str) -> bool {
    let is_of_host = |byte: u8| is_plain(byte) || byte == b'.' || byte == b'~';
    (1..=253).contains(&text.len()) && text.bytes().all(is_of_host)
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-'
}

/// Writes an IPv6 address as the URL standard does: the first longest run of zeros, of two at
/// least, is left out, and no part is written as an IPv4 address.
fn canonical(address: Ipv6Addr) -> String {
    let parts = address.segments();
    let run = |start: usize| parts[start..].iter().take_while(|part| **part == 0).count();
    let longest = (0..8).map(run).max().unwrap_or_default();
    let hex = |parts: &[u16]| {
        let parts: Vec<_> = parts.iter().map(|part| format!("{part:x}")).collect();
        parts.join(":")
    };
    match (0..8)
        .find(|start| run(*start) == longest)
        .filter(|_| longest > 1)
    {
        Some(start) => format!(
            "[{}::{}]",
            hex(&parts[..start]),
            hex(&parts[start + longest..])
        ),
        None => format!("[{}]", hex(&parts)),
    }
}

/// Reads a port, 1 to 65535, without zeros in front.
pub fn read_port(text: &str) -> Option<u16> {
    let port: u16 = text.parse().ok()?;
    (port > 0 && port.to_string() == text).then_some(port)
}
