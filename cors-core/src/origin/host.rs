//! The host of an origin: labels, canonical IPv4, canonical IPv6.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::{MAX_HOST_BYTES, OriginError};

/// The longest label of DNS ([RFC 1035, 2.3.4](https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4)).
const MAX_LABEL_BYTES: usize = 63;

/// What kind of host a text is, once it has passed the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Host {
    Name,
    Address,
}

impl Host {
    /// Reads a host as the URL standard serializes it, in lower case.
    pub(super) fn parse(text: &str) -> Result<Self, OriginError> {
        if let Some(rest) = text.strip_prefix('[') {
            let canonical = rest.strip_suffix(']').is_some_and(is_canonical_ipv6);
            return if canonical {
                Ok(Self::Address)
            } else {
                Err(OriginError::Address)
            };
        }
        let last_label = check_labels(text)?;
        if !is_number(last_label) {
            return Ok(Self::Name);
        }
        // A host that ends in a number is an IPv4 address or none at all. Rust reads the four
        // decimal parts without leading zeros, the one form that is ever serialized.
        match text.parse::<Ipv4Addr>() {
            Ok(_) => Ok(Self::Address),
            Err(_) => Err(OriginError::Address),
        }
    }
}

/// Labels of letters, digits, `-` and `_`, and one dot at the end at most; gives the last one.
///
/// The URL standard lets more through (`a!b.example`); older browsers were attacked with such
/// hosts, and no honest origin has one.
fn check_labels(text: &str) -> Result<&str, OriginError> {
    if text.len() > MAX_HOST_BYTES {
        return Err(OriginError::Host);
    }
    let labels = text.strip_suffix('.').unwrap_or(text);
    let mut label_start = 0;
    for (index, byte) in labels.bytes().enumerate() {
        let label_bytes = index - label_start;
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' if label_bytes < MAX_LABEL_BYTES => {}
            b'.' if label_bytes > 0 => label_start = index + 1,
            _ => return Err(OriginError::Host),
        }
    }
    labels
        .get(label_start..)
        .filter(|label| !label.is_empty())
        .ok_or(OriginError::Host)
}

/// Whether the URL standard takes a label for a number: decimal digits, or `0x` and hexadecimal
/// ones ([ends-in-a-number checker](https://url.spec.whatwg.org/#ends-in-a-number-checker)).
fn is_number(label: &str) -> bool {
    if !label.starts_with(|first: char| first.is_ascii_digit()) {
        return false;
    }
    let hexadecimal = label.strip_prefix("0x");
    label.bytes().all(|byte| byte.is_ascii_digit())
        || hexadecimal.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_canonical_ipv6(text: &str) -> bool {
    let Ok(address) = text.parse::<Ipv6Addr>() else {
        return false;
    };
    let mut expected = Expected(text);
    write_ipv6(address, &mut expected).is_ok() && expected.0.is_empty()
}

/// The [URL standard's serialization](https://url.spec.whatwg.org/#concept-ipv6-serializer),
/// which never shows an embedded IPv4 address as one.
pub(super) fn write_ipv6(address: Ipv6Addr, out: &mut dyn fmt::Write) -> fmt::Result {
    match (address.to_ipv4_mapped(), address.segments()) {
        (Some(_), [.., high, low]) => write!(out, "::ffff:{high:x}:{low:x}"),
        _ => write!(out, "{address}"),
    }
}

/// Compares what is written with a text, so that nothing need be allocated to compare.
struct Expected<'a>(&'a str);

impl fmt::Write for Expected<'_> {
    fn write_str(&mut self, written: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(written).ok_or(fmt::Error)?;
        Ok(())
    }
}

/// `localhost` and the names below it, 127.0.0.0/8 and `[::1]`.
pub(super) fn is_loopback(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    name == "localhost"
        || name.ends_with(".localhost")
        || name == "[::1]"
        || name
            .parse::<Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
}
