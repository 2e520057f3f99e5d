//! The host of an origin: labels, canonical IPv4, canonical IPv6.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::origin_error::OriginError;

/// The longest host name of DNS in text form ([RFC 1035, 2.3.4](https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4)).
pub(crate) const MAX_HOST_BYTES: usize = 253;

/// The longest label of DNS ([RFC 1035, 2.3.4](https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4)).
const MAX_LABEL_BYTES: usize = 63;

/// The kind of a host whose text has passed the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Name,
    Address,
}

/// The kind of a host, its text, and the text after the colon that follows it.
type HostAndPort<'a> = (Host, &'a [u8], Option<&'a [u8]>);

impl Host {
    /// Reads a host as the URL standard serializes it, in lower case.
    pub(crate) fn parse(text: &str) -> Result<Self, OriginError> {
        match Self::split(text.as_bytes())? {
            (host, _, None) => Ok(host),
            (_, _, Some(_)) => Err(OriginError::Host),
        }
    }

    /// Splits a text into the host at its start and the text after the colon that follows the host.
    /// Nothing but a colon may follow it.
    pub(crate) fn split(text: &[u8]) -> Result<HostAndPort<'_>, OriginError> {
        if text.first() == Some(&b'[') {
            return split_ipv6(text).ok_or(OriginError::Address);
        }
        let (host, last_label) = check_labels(text)?;
        let port = text.get(host.len() + 1..);
        if !is_number(last_label) {
            return Ok((Self::Name, host, port));
        }
        // A host that ends in a number is an IPv4 address or none at all. Rust reads the four
        // decimal parts without leading zeros, the one form that is ever serialized.
        match self::text(host).parse::<Ipv4Addr>() {
            Ok(_) => Ok((Self::Address, host, port)),
            Err(_) => Err(OriginError::Address),
        }
    }
}

/// Splits a text into a host of a scheme other than `http` and `https`, and the text after the colon
/// that follows the host. Such a host is no domain: `app://.` and `vscode-webview://123` are origins.
pub(crate) fn split_opaque(text: &[u8]) -> Result<(&[u8], Option<&[u8]>), OriginError> {
    let end = text.iter().position(|byte| *byte == b':');
    let (host, port) = text.split_at(end.unwrap_or(text.len()));
    let is_host = (1..=MAX_HOST_BYTES).contains(&host.len())
        && host
            .iter()
            .all(|byte| LABEL_BYTES[usize::from(*byte)] || matches!(byte, b'.' | b'~'));
    if is_host {
        Ok((host, port.get(1..)))
    } else {
        Err(OriginError::Host)
    }
}

fn split_ipv6(text: &[u8]) -> Option<HostAndPort<'_>> {
    let end = text.iter().position(|byte| *byte == b']')?;
    let (host, rest) = text.split_at(end + 1);
    let port = match rest {
        [] => None,
        rest => Some(rest.strip_prefix(b":")?),
    };
    let address = std::str::from_utf8(host.get(1..end)?).ok()?;
    is_canonical_ipv6(address).then_some((Host::Address, host, port))
}

/// Checks a host made of labels, up to a colon or the end of the text; returns the host and its
/// last label. Labels consist of letters, digits, `-` and `_`, and one dot may stand at the end.
///
/// The URL standard lets more through (`a!b.example`). Older browsers were attacked with such
/// hosts, and no honest origin has one.
fn check_labels(text: &[u8]) -> Result<(&[u8], &[u8]), OriginError> {
    let mut last: &[u8] = b"";
    let mut rest = text;
    loop {
        let end = rest
            .iter()
            .position(|byte| !LABEL_BYTES[usize::from(*byte)]);
        let (label, after) = rest.split_at(end.unwrap_or(rest.len()));
        if !label.is_empty() {
            last = label;
        }
        match after {
            [b'.', after @ ..] if (1..=MAX_LABEL_BYTES).contains(&label.len()) => rest = after,
            [] | [b':', ..] if (1..=MAX_LABEL_BYTES).contains(&last.len()) => {
                let (host, _) = text.split_at(text.len() - after.len());
                return if host.len() <= MAX_HOST_BYTES {
                    Ok((host, last))
                } else {
                    Err(OriginError::Host)
                };
            }
            _ => return Err(OriginError::Host),
        }
    }
}

/// Returns whether a text is one label or more, as [`check_labels`] reads them, without a dot at its
/// end.
#[inline]
pub(crate) fn are_labels(text: &[u8]) -> bool {
    let mut length = 0;
    for byte in text {
        if LABEL_BYTES[usize::from(*byte)] {
            length += 1;
        } else if *byte == b'.' && (1..=MAX_LABEL_BYTES).contains(&length) {
            length = 0;
        } else {
            return false;
        }
    }
    (1..=MAX_LABEL_BYTES).contains(&length)
}

/// One entry per byte, made at compile time: each byte of an origin is looked up once.
const LABEL_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = matches!(byte as u8, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        byte += 1;
    }
    table
};

/// Returns whether the URL standard takes a label for a number: decimal digits, or `0x` and
/// hexadecimal digits
/// ([ends-in-a-number checker](https://url.spec.whatwg.org/#ends-in-a-number-checker)).
fn is_number(label: &[u8]) -> bool {
    let hexadecimal = label.strip_prefix(b"0x");
    label.iter().all(u8::is_ascii_digit)
        || hexadecimal.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

fn is_canonical_ipv6(text: &str) -> bool {
    let Ok(address) = text.parse::<Ipv6Addr>() else {
        return false;
    };
    let mut expected = Expected(text);
    write_ipv6(address, &mut expected).is_ok() && expected.0.is_empty()
}

/// Writes the [URL standard's serialization](https://url.spec.whatwg.org/#concept-ipv6-serializer),
/// which never shows an embedded IPv4 address as one.
pub(crate) fn write_ipv6(address: Ipv6Addr, out: &mut dyn fmt::Write) -> fmt::Result {
    match (address.to_ipv4_mapped(), address.segments()) {
        (Some(_), [.., high, low]) => write!(out, "::ffff:{high:x}:{low:x}"),
        _ => write!(out, "{address}"),
    }
}

/// A writer that compares what is written with a text, so that a comparison does not allocate.
struct Expected<'a>(&'a str);

impl fmt::Write for Expected<'_> {
    fn write_str(&mut self, written: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(written).ok_or(fmt::Error)?;
        Ok(())
    }
}

/// Returns whether the host is `localhost`, a name below it, in 127.0.0.0/8, or `[::1]`.
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    name == "localhost"
        || name.ends_with(".localhost")
        || name == "[::1]"
        || name
            .parse::<Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Returns whether the host is an address of a private network.
pub(crate) fn is_private_address(host: &str) -> bool {
    let inner = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    inner.unwrap_or(host).parse().is_ok_and(is_private)
}

/// Returns whether an address is one that is free for anybody's own network ([RFC
/// 1918](https://www.rfc-editor.org/rfc/rfc1918), [RFC 4193](https://www.rfc-editor.org/rfc/rfc4193)),
/// or for one link ([RFC 3927](https://www.rfc-editor.org/rfc/rfc3927), [RFC
/// 4291, 2.5.6](https://www.rfc-editor.org/rfc/rfc4291#section-2.5.6)).
pub(crate) const fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    }
}

/// Returns whether the name is one label that is, or may become, a top-level domain of the
/// internet: not `localhost`, nor one of those that are kept for local use ([RFC
/// 6761](https://www.rfc-editor.org/rfc/rfc6761), RFC 6762, and `internal`, which ICANN has set
/// aside).
pub(crate) fn is_bare_top_level(name: &str) -> bool {
    !name.contains('.') && !["localhost", "test", "local", "internal"].contains(&name)
}

/// Returns the text of bytes that have passed the grammar, so every byte is ASCII.
pub(crate) const fn text(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => "",
    }
}
