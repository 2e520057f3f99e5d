//! [`OwnLines`]: the header lines of the user, whose values are secrets.

use std::fmt;

use super::secrets::{NOT_SHOWN, Secrets};

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

/// The headers whose values are no secrets, and that no script sets. Others with the same beginnings
/// may well be: proxies that check logins tell an app by `X-Forwarded-Access-Token`.
const PUBLIC: [&str; 16] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "forwarded",
    "host",
    "user-agent",
    "via",
    "x-forwarded-by",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-forwarded-scheme",
    "x-forwarded-server",
];

/// Returns whether the value of a header is no secret: proxies set it, or browsers.
pub(crate) fn is_public(name: &str) -> bool {
    PUBLIC
        .iter()
        .any(|public| name.eq_ignore_ascii_case(public))
}

/// The header lines of the user. Their values are secrets, but for those that are public.
#[derive(Clone, Default)]
pub(crate) struct OwnLines {
    lines: Vec<(String, String)>,
    host: Option<String>,
    secrets: Secrets,
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
        let secret = read.lines.iter().filter(|(name, _)| !is_public(name));
        let secrets = Secrets::of(secret.map(|(_, value)| &**value));
        read.secrets = secrets.map_err(|_| "--header: the values are too long".to_owned())?;
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

    /// Returns a text without the secrets.
    pub(crate) fn without_secrets(&self, text: &str) -> String {
        self.secrets.removed_from(text)
    }
}

impl fmt::Debug for OwnLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}
