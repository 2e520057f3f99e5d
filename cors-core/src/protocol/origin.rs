//! [`Origin`]: the strict grammar of a serialized origin.

use std::fmt;

use super::host::{self, Host, MAX_HOST_BYTES, split_opaque, text};
use super::origin_error::OriginError;

/// The longest scheme that is read. Browsers set no limit, and no registered scheme comes near it.
pub(crate) const MAX_SCHEME_BYTES: usize = 64;

/// One origin as a browser serializes it: `https://app.example.com`, `http://[::1]:8080`,
/// `tauri://localhost`, `file://` or `null`.
///
/// Only [`Origin::parse`] makes one, so its holder can rely on the grammar: a lower-case
/// scheme, then a host of valid labels or a canonical IP address, then a port unless it is the
/// scheme's default. Nothing is trimmed, case-folded or decoded.
///
/// The hosts of schemes other than `http` and `https` are no domains, and never addresses: one or
/// more of `a-z`, `0-9`, `.`, `_`, `~` and `-`.
///
/// | accepted | refused |
/// | --- | --- |
/// | `https://example.com` | `https://example.com/`, `HTTPS://EXAMPLE.COM`, `example.com` |
/// | `https://example.com:8443` | `https://example.com:443`, `:0443`, `:0`, `:65536` |
/// | `http://127.0.0.1`, `http://[::1]` | `http://127.1`, `http://[0:0::1]`, `http://[::ffff:1.2.3.4]` |
/// | `app://.`, `app://-`, `vscode-webview://123` | `app://`, `app://[::1]` |
/// | `null`, `file://` | `NULL`, `file:///etc` |
///
/// Standard: [serialization of an origin](https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin),
/// [RFC 6454, 6.2](https://www.rfc-editor.org/rfc/rfc6454#section-6.2).
///
/// ```
/// use cors_core::Origin;
///
/// # fn main() -> Result<(), cors_core::OriginError> {
/// let origin = Origin::try_from("https://app.example.com:8443")?;
/// assert_eq!(origin, "https://app.example.com:8443");
/// assert_eq!(origin.scheme(), "https");
/// assert_eq!(origin.host(), "app.example.com");
/// assert_eq!(origin.port(), Some(8443));
/// assert!(Origin::parse(b"https://evil.example/.example.com").is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Origin<'a> {
    // ASCII, all three.
    bytes: &'a [u8],
    scheme: &'a [u8],
    host: &'a [u8],
    port: Option<u16>,
}

impl<'a> Origin<'a> {
    /// The length of the longest origin that is read, in bytes: scheme, `://`, host and `:65535`.
    ///
    /// A longer `Origin` is refused before any matching.
    pub const MAX_BYTES: usize = MAX_SCHEME_BYTES + 3 + MAX_HOST_BYTES + 6;

    /// Reads the value of one `Origin` header line.
    ///
    /// # Errors
    ///
    /// Returns the first rule of the grammar that the value breaks.
    pub fn parse(value: &'a [u8]) -> Result<Self, OriginError> {
        if value.len() > Self::MAX_BYTES {
            return Err(OriginError::TooLong);
        }
        if value == b"null" {
            return Ok(Self {
                bytes: value,
                scheme: b"",
                host: b"",
                port: None,
            });
        }
        let (scheme, rest) = split_scheme(value).ok_or(OriginError::Scheme)?;
        let (host, port) = match scheme {
            b"https" | b"http" => {
                let (_, host, port) = Host::split(rest)?;
                (host, port)
            }
            b"file" if rest.is_empty() => (rest, None),
            b"file" => return Err(OriginError::Host),
            _ => split_opaque(rest)?,
        };
        let port = match port {
            Some(port) => Some(read_port(port, scheme)?),
            None => None,
        };
        Ok(Self {
            bytes: value,
            scheme,
            host,
            port,
        })
    }

    /// Returns the whole origin, byte for byte as it was sent.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        text(self.bytes)
    }

    /// Returns the scheme, such as `https`; empty for `null`.
    #[must_use]
    pub const fn scheme(&self) -> &'a str {
        text(self.scheme)
    }

    /// Returns the host as it was sent, an IPv6 address with its brackets; empty for `null` and `file://`.
    #[must_use]
    pub const fn host(&self) -> &'a str {
        text(self.host)
    }

    /// Returns the port; `None` where it is the scheme's default.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// Returns whether many unrelated documents share this origin: `null` (sandboxed frames, `data:`
    /// documents, redirects) and `file://` (every local file).
    #[must_use]
    pub const fn is_null_or_file(&self) -> bool {
        self.host.is_empty()
    }

    /// Returns whether a page of this origin travels the network in the clear: scheme `http`, and not a
    /// loopback host.
    ///
    /// Standard: [potentially trustworthy origin](https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy).
    #[must_use]
    pub fn is_insecure(&self) -> bool {
        self.scheme == b"http" && !host::is_loopback(self.host())
    }

    /// Returns whether the host is an address of a private network, or of one link.
    pub(crate) fn has_private_address(&self) -> bool {
        matches!(self.scheme, b"http" | b"https") && host::is_private_address(self.host())
    }

    /// Returns the whole origin, the scheme and the host as bytes, for comparisons.
    pub(crate) const fn bytes(&self) -> (&'a [u8], &'a [u8], &'a [u8]) {
        (self.bytes, self.scheme, self.host)
    }

    /// Returns scheme and host without the port, which are the beginning of the text.
    pub(crate) fn without_port(&self) -> &'a [u8] {
        let end = self.scheme.len() + "://".len() + self.host.len();
        self.bytes.get(..end).unwrap_or(self.bytes)
    }
}

impl<'a> TryFrom<&'a [u8]> for Origin<'a> {
    type Error = OriginError;

    fn try_from(value: &'a [u8]) -> Result<Self, OriginError> {
        Self::parse(value)
    }
}

impl<'a> TryFrom<&'a str> for Origin<'a> {
    type Error = OriginError;

    fn try_from(value: &'a str) -> Result<Self, OriginError> {
        Self::parse(value.as_bytes())
    }
}

impl AsRef<str> for Origin<'_> {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq<str> for Origin<'_> {
    fn eq(&self, other: &str) -> bool {
        self.bytes == other.as_bytes()
    }
}

impl PartialEq<&str> for Origin<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.bytes == other.as_bytes()
    }
}

impl PartialEq<Origin<'_>> for str {
    fn eq(&self, other: &Origin<'_>) -> bool {
        other == self
    }
}

impl PartialEq<Origin<'_>> for &str {
    fn eq(&self, other: &Origin<'_>) -> bool {
        other == self
    }
}

impl fmt::Debug for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Origin").field(&self.as_str()).finish()
    }
}

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Splits off the scheme and `://`.
fn split_scheme(value: &[u8]) -> Option<(&[u8], &[u8])> {
    // Nearly all origins have one of these schemes, and to compare is cheaper than to read.
    for (scheme, start) in [("https", "https://"), ("http", "http://")] {
        if let Some(rest) = value.strip_prefix(start.as_bytes()) {
            return Some((scheme.as_bytes(), rest));
        }
    }
    let (scheme, rest) = value.split_at(value.iter().position(|byte| *byte == b':')?);
    let rest = rest.strip_prefix(b"://")?;
    is_scheme(scheme).then_some((scheme, rest))
}

/// Returns whether the scheme is one of the web's, whose hosts are domains and IP addresses.
pub(crate) fn is_web_scheme(scheme: &str) -> bool {
    matches!(scheme, "https" | "http")
}

/// Returns whether the text is a scheme in lower case
/// ([RFC 3986, 3.1](https://www.rfc-editor.org/rfc/rfc3986#section-3.1)).
pub(crate) fn is_scheme(text: &[u8]) -> bool {
    text.len() <= MAX_SCHEME_BYTES
        && text.first().is_some_and(u8::is_ascii_lowercase)
        && text
            .iter()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'+' | b'-' | b'.'))
}

/// Splits a text at its first colon, without a check of what stands before it.
pub(crate) fn split_port(text: &str) -> (&str, Option<&str>) {
    // The colons of an IPv6 address stand before its closing bracket.
    let address = if text.starts_with('[') {
        text.find(']').unwrap_or(0)
    } else {
        0
    };
    let (address, rest) = text.split_at(address);
    match rest.split_once(':') {
        Some((host, port)) => (&text[..address.len() + host.len()], Some(port)),
        None => (text, None),
    }
}

/// Reads `host` or `host:port` as it is meant under `scheme`: the default port counts as none.
pub(crate) fn split_authority<'a>(text: &'a str, scheme: &str) -> Option<(&'a str, Option<u16>)> {
    let colon = text
        .rfind(':')
        .filter(|colon| !text[*colon..].contains(']'));
    let (host, port) = match colon {
        Some(colon) => (&text[..colon], Some(&text[colon + 1..])),
        None => (text, None),
    };
    let port = match port {
        Some(port) => Some(parse_port(port.as_bytes())?),
        None => None,
    };
    Some((
        host,
        port.filter(|port| default_port(scheme.as_bytes()) != Some(*port)),
    ))
}

/// Reads the port of an origin. The default port of its scheme is an error.
fn read_port(text: &[u8], scheme: &[u8]) -> Result<u16, OriginError> {
    let port = parse_port(text).ok_or(OriginError::Port)?;
    if default_port(scheme) == Some(port) {
        return Err(OriginError::DefaultPort);
    }
    Ok(port)
}

/// Reads a port as the URL standard serializes it: digits without leading zeros, 1 to 65535.
pub(crate) fn parse_port(text: &[u8]) -> Option<u16> {
    if text.first() == Some(&b'0') {
        return None;
    }
    let plain = text.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(text).ok().filter(|_| plain)?;
    text.parse().ok()
}

/// Returns the default port of one of the URL standard's
/// [special schemes](https://url.spec.whatwg.org/#special-scheme).
pub(crate) fn default_port(scheme: &[u8]) -> Option<u16> {
    match scheme {
        b"http" | b"ws" => Some(80),
        b"https" | b"wss" => Some(443),
        b"ftp" => Some(21),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_origins_are_read() {
        for (text, scheme, host, port) in [
            ("https://example.com", "https", "example.com", None),
            ("http://localhost:3000", "http", "localhost", Some(3000)),
            ("http://127.0.0.1:65535", "http", "127.0.0.1", Some(65535)),
            ("http://[::1]:8080", "http", "[::1]", Some(8080)),
            ("http://[2001:db8::1]", "http", "[2001:db8::1]", None),
            ("http://[::ffff:102:304]", "http", "[::ffff:102:304]", None),
            ("http://[1:0:0:2::3]", "http", "[1:0:0:2::3]", None),
            ("https://example.com.", "https", "example.com.", None),
            (
                "https://a_b.example-1.com",
                "https",
                "a_b.example-1.com",
                None,
            ),
            (
                "https://xn--bcher-kva.example",
                "https",
                "xn--bcher-kva.example",
                None,
            ),
            ("tauri://localhost", "tauri", "localhost", None),
            ("app+x.y-1://h:80", "app+x.y-1", "h", Some(80)),
            ("app://.", "app", ".", None),
            ("app://-", "app", "-", None),
            ("app://a..b~_", "app", "a..b~_", None),
            ("vscode-webview://123", "vscode-webview", "123", None),
            ("app://127.1:3000", "app", "127.1", Some(3000)),
            ("file://", "file", "", None),
        ] {
            let origin = Origin::parse(text.as_bytes()).expect(text);
            assert_eq!(
                (origin.scheme(), origin.host(), origin.port()),
                (scheme, host, port)
            );
            assert_eq!(origin.as_str(), text);
        }
        assert!(Origin::parse(b"null").is_ok_and(|origin| origin.is_null_or_file()));
    }

    #[test]
    fn an_origin_compares_as_its_text() {
        let origin = Origin::parse(b"https://a.example").expect("it is an origin");
        let (same, other) = ("https://a.example", "https://b.example");
        assert_eq!((origin.as_ref(), &*origin.to_string()), (same, same));
        let equals = |text: &str| {
            let borrowed = [origin == text, text == origin];
            let unsized_text = [origin == *text, *text == origin];
            [borrowed, unsized_text]
        };
        assert_eq!(equals(same), [[true; 2]; 2]);
        assert_eq!(equals(other), [[false; 2]; 2]);
    }

    #[test]
    fn the_longest_origin_is_read() {
        let longest = format!("{}://{}:65535", "s".repeat(64), "a".repeat(253));
        assert_eq!(longest.len(), Origin::MAX_BYTES);
        assert!(Origin::parse(longest.as_bytes()).is_ok());
    }

    #[test]
    fn everything_else_is_refused_with_its_reason() {
        use OriginError::{Address, DefaultPort, Host, Port, Scheme, TooLong};
        let label = "a".repeat(64);
        let long_label = format!("https://{label}.com");
        let long_last_label = format!("https://a.{label}");
        let long_host = format!("https://{}a.com", "a.".repeat(125));
        let long_scheme = format!("{}://h", "s".repeat(65));
        let long_opaque = format!("app://{}", "a".repeat(254));
        let long = "a".repeat(Origin::MAX_BYTES + 1);
        for (text, error) in [
            ("", Scheme),
            ("NULL", Scheme),
            ("null ", Scheme),
            ("foo", Scheme),
            ("example.com", Scheme),
            ("//example.com", Scheme),
            ("://example.com", Scheme),
            ("HTTPS://example.com", Scheme),
            ("1https://example.com", Scheme),
            (" https://example.com", Scheme),
            (&long_scheme, Scheme),
            ("https://", Host),
            ("https://EXAMPLE.com", Host),
            ("https://example.com/", Host),
            ("https://evil.com/.example.com", Host),
            ("https://user@example.com", Host),
            ("https://example.com#", Host),
            ("https://example.com?", Host),
            ("https://example.com\\", Host),
            ("https://example%2ecom", Host),
            ("https://example.com,https://b.com", Host),
            ("https://a.com https://b.com", Host),
            ("https://example.com\t", Host),
            ("https://b\u{fc}cher.example", Host),
            ("https://a..com", Host),
            ("https://.com", Host),
            ("https://com..", Host),
            ("https://.", Host),
            (&long_label, Host),
            (&long_last_label, Host),
            (&long_host, Host),
            ("https://*.example.com", Host),
            ("file:///etc", Host),
            ("file://localhost", Host),
            ("app://", Host),
            ("app://:80", Host),
            ("app://A", Host),
            ("app://./", Host),
            ("app://[::1]", Host),
            ("app://a%20b", Host),
            (&long_opaque, Host),
            ("app://a:", Port),
            ("http://~", Host),
            ("http://127.1", Address),
            ("http://127.0.0.01", Address),
            ("http://256.0.0.1", Address),
            ("http://0x7f.0.0.1", Address),
            ("http://1.2.3.0x4", Address),
            ("http://1.2.3.4.", Address),
            ("http://[0:0::1]", Address),
            ("http://[::0001]", Address),
            ("http://[::FFFF]", Address),
            // Begins with the canonical text.
            ("http://[1::0]", Address),
            ("http://[::ffff:1.2.3.4]", Address),
            ("http://[::1%25eth0]", Address),
            ("http://[]", Address),
            ("http://[::1", Address),
            ("http://[::1]x", Address),
            ("https://example.com:", Port),
            ("https://example.com:0", Port),
            ("https://example.com:080", Port),
            ("https://example.com:65536", Port),
            ("https://example.com:+80", Port),
            ("https://example.com:8080/", Port),
            ("https://user:pw@example.com", Port),
            ("https://example.com:443", DefaultPort),
            ("http://example.com:80", DefaultPort),
            ("ftp://example.com:21", DefaultPort),
            (&long, TooLong),
        ] {
            assert_eq!(Origin::parse(text.as_bytes()), Err(error), "{text}");
        }
        assert_eq!(Origin::parse(b"https://\xff.com"), Err(Host));
    }

    #[test]
    fn only_plain_http_beyond_loopback_is_insecure() {
        for (text, insecure) in [
            ("http://example.com", true),
            ("http://localhost.example.com", true),
            ("http://128.0.0.1", true),
            ("http://[::2]", true),
            ("https://example.com", false),
            ("http://localhost:3000", false),
            ("http://app.localhost", false),
            ("http://127.8.9.10", false),
            ("http://[::1]", false),
            ("tauri://localhost", false),
        ] {
            let origin = Origin::parse(text.as_bytes()).expect(text);
            assert_eq!(origin.is_insecure(), insecure, "{text}");
        }
    }
}
