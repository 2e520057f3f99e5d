//! [`OwnLines`]: the header lines of the user, whose values are secrets.

use std::fmt;

/// The least length of what counts as a secret wherever it stands: nothing shorter protects
/// anything, and would be taken out of the middle of words.
const SECRET_BYTES: usize = 8;

/// The header lines of the user. Their values are secrets, but for `Host`.
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

    /// Returns a text without the secrets, which a server may send back.
    pub(crate) fn without_secrets(&self, text: &str) -> String {
        let mut secrets: Vec<&str> = Vec::new();
        for (_, value) in &self.lines {
            secrets.push(value);
            secrets.extend(value.split([' ', ';', '=', ',', '"', ':']));
        }
        secrets.retain(|secret| secret.len() >= SECRET_BYTES);
        // The whole before its parts.
        secrets.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.iter().fold(text.to_owned(), |text, secret| {
            text.replace(secret, "(not shown)")
        })
    }
}

impl fmt::Debug for OwnLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}
