//! [`OwnLines`]: the header lines of the user, whose values are secrets.

use std::fmt;

/// The least length of what counts as a secret wherever it stands: nothing shorter protects
/// anything, and would be taken out of the middle of words.
const SECRET_BYTES: usize = 8;

/// What is written in the place of a secret.
const NOT_SHOWN: &str = "(not shown)";

/// The headers that say how a request is sent.
const FRAMING: [&str; 8] = [
    "connection",
    "content-length",
    "expect",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The headers whose values are no secrets, and that no script sets.
const PUBLIC: [&str; 5] = ["accept", "forwarded", "host", "user-agent", "via"];

/// Returns whether the value of a header is no secret: proxies set it, or browsers.
pub(crate) fn is_public(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    PUBLIC.contains(&&*name) || name.starts_with("x-forwarded-") || name.starts_with("accept-")
}

/// The header lines of the user. Their values are secrets, but for those that are public.
#[derive(Clone, Default)]
pub(crate) struct OwnLines {
    lines: Vec<(String, String)>,
    host: Option<String>,
}

impl OwnLines {
    /// Reads lines such as `Authorization: Bearer ..`. An error is a sentence without a value.
    pub(crate) fn read(written: &[String]) -> Result<Self, String> {
        let mut read = Self::default();
        for (index, line) in written.iter().enumerate() {
            let wrong = |why: &str| Err(format!("--header, number {}: {why}", index + 1));
            let Some((name, value)) = line.split_once(':') else {
                return wrong("write 'Name: value'");
            };
            let (name, value) = (name.trim(), value.trim());
            let is_token_byte =
                |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            if name.is_empty() || !name.bytes().all(is_token_byte) {
                return wrong("what stands before the colon is no name of a header");
            }
            if value.chars().any(char::is_control) {
                return wrong("the value has a control character");
            }
            let lower = name.to_ascii_lowercase();
            if lower == "origin" || lower.starts_with("access-control-request-") {
                return wrong("the probe itself sets it; name origins with --origin");
            }
            if FRAMING.contains(&&*lower) {
                return wrong("it says how a request is sent, which the probe itself does");
            }
            if lower == "host" {
                read.host = Some(value.to_owned());
            } else {
                read.lines.push((name.to_owned(), value.to_owned()));
            }
        }
        Ok(read)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Returns whether there is a line with a name.
    pub(crate) fn has(&self, name: &str) -> bool {
        let mut names = self.lines.iter();
        names.any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// Returns the lines but `Host`, to be sent.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Returns the names of the lines but `Host`.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(|(name, _)| &**name)
    }

    /// Returns the host that is to be named.
    pub(crate) fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Returns the lines but `Host`, as they may be written.
    pub(crate) fn shown(&self) -> impl Iterator<Item = (&str, &str)> {
        self.iter().map(|(name, value)| {
            let value = if is_public(name) { value } else { NOT_SHOWN };
            (name, value)
        })
    }

    /// Returns a text without the secrets, which a server may send back: in any case, and with any
    /// of their bytes as percent-escapes.
    pub(crate) fn without_secrets(&self, text: &str) -> String {
        let mut secrets: Vec<&str> = Vec::new();
        for (_, value) in self.lines.iter().filter(|(name, _)| !is_public(name)) {
            secrets.push(value);
            secrets.extend(value.split([' ', ';', '=', ',', '"', ':']));
        }
        let mut secrets: Vec<_> = secrets.iter().map(|secret| plain(secret).0).collect();
        secrets.retain(|secret| secret.len() >= SECRET_BYTES);
        // The whole before its parts.
        secrets.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets
            .iter()
            .fold(text.to_owned(), |text, secret| without(&text, secret))
    }
}

/// Returns a text with another one in the place of a secret.
fn without(text: &str, secret: &[u8]) -> String {
    let (plain, starts) = plain(text);
    let mut without = String::new();
    let (mut written, mut at) = (0, 0);
    while let Some(rest) = plain.get(at..).filter(|rest| rest.len() >= secret.len()) {
        if !rest.starts_with(secret) {
            at += 1;
            continue;
        }
        let start = starts.get(at).copied().unwrap_or(text.len());
        at += secret.len();
        without += text.get(written..start).unwrap_or_default();
        without += NOT_SHOWN;
        written = starts.get(at).copied().unwrap_or(text.len());
    }
    without + text.get(written..).unwrap_or_default()
}

/// Returns the bytes of a text in lower case and without percent-escapes, and where each begins.
fn plain(text: &str) -> (Vec<u8>, Vec<usize>) {
    let (mut plain, mut starts) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        let escape = text.get(at + 1..at + 3).filter(|_| *byte == b'%');
        let escape = escape.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let decoded = escape.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        plain.push(decoded.unwrap_or(*byte).to_ascii_lowercase());
        starts.push(at);
        at += if decoded.is_some() { 3 } else { 1 };
    }
    (plain, starts)
}

impl fmt::Debug for OwnLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}
