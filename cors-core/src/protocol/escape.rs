//! Foreign text in a form that is safe for a log line or a terminal.

use std::fmt;

/// The most bytes of a text that are shown, counted before escaping: enough for an honest origin.
const SHOWN_BYTES: usize = 120;

/// A text that is shown in double quotes, escaped to visible ASCII. A long one is shortened, and
/// followed by the length of the rest.
pub(crate) struct Quoted<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text) = *self;
        let shown = text.get(..SHOWN_BYTES).unwrap_or(text);
        f.write_str("\"")?;
        write_escaped(f, shown)?;
        f.write_str("\"")?;
        write_rest(f, text.len() - shown.len())
    }
}

/// A text in double quotes, escaped to visible ASCII, in full however long it is. One of visible
/// ASCII can be copied into TOML and JSON.
pub(crate) struct QuotedWhole<'a>(pub(crate) &'a str);

impl fmt::Display for QuotedWhole<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        write_escaped(f, self.0.as_bytes())?;
        f.write_str("\"")
    }
}

/// The start of a text of so many bytes that an operator wrote, in double quotes. A long one is
/// shortened as by [`Quoted`]; letters stay readable in every script, and all else is escaped.
pub(crate) struct WrittenStart<'a> {
    pub(crate) start: &'a str,
    pub(crate) bytes: usize,
}

impl fmt::Display for WrittenStart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = 0;
        f.write_str("\"")?;
        for char in self.start.chars() {
            if shown + char.len_utf8() > SHOWN_BYTES {
                break;
            }
            shown += char.len_utf8();
            if char.is_alphanumeric() {
                write!(f, "{char}")?;
            } else {
                write_escaped(f, char.encode_utf8(&mut [0; 4]).as_bytes())?;
            }
        }
        f.write_str("\"")?;
        write_rest(f, self.bytes - shown)
    }
}

fn write_rest(f: &mut fmt::Formatter<'_>, bytes: usize) -> fmt::Result {
    if bytes > 0 {
        write!(f, " and {bytes} bytes more")
    } else {
        Ok(())
    }
}

fn write_escaped(f: &mut fmt::Formatter<'_>, text: &[u8]) -> fmt::Result {
    for chunk in text.utf8_chunks() {
        for char in chunk.valid().chars() {
            match char {
                '\'' => f.write_str("'")?,
                char if char.is_ascii() => write!(f, "{}", char.escape_debug())?,
                char => write!(f, "{}", char.escape_unicode())?,
            }
        }
        write!(f, "{}", chunk.invalid().escape_ascii())?;
    }
    Ok(())
}

/// A text that a client has sent.
///
/// `Display` and `Debug` write it in visible ASCII, everything else escaped, and at most 120 bytes
/// of it, so that it is safe for a log line and a terminal. `Debug` puts it in double quotes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ForeignText<'a>(&'a [u8]);

impl<'a> ForeignText<'a> {
    pub(crate) const fn new(text: &'a [u8]) -> Self {
        Self(text)
    }

    /// Returns the text as it was sent, which is fit for no log.
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }
}

impl fmt::Display for ForeignText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.get(..SHOWN_BYTES) {
            Some(start) if start.len() < self.0.len() => {
                write_escaped(f, start)?;
                f.write_str("...")
            }
            _ => write_escaped(f, self.0),
        }
    }
}

impl fmt::Debug for ForeignText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Quoted(self.0), f)
    }
}

/// The beginning of a text, shown as by [`Quoted`], for a list of such texts.
pub(crate) struct Shortened<'a>(pub(crate) &'a [u8]);

const SHORT_BYTES: usize = 40;

impl fmt::Display for Shortened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.get(..SHORT_BYTES) {
            Some(start) if start.len() < self.0.len() => write!(f, "{}...", Quoted(start)),
            _ => Quoted(self.0).fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_foreign_reaches_a_log_raw() {
        assert_eq!(
            Quoted(b"it's a \"\\\n\x1b[31m\x00").to_string(),
            r#""it's a \"\\\n\u{1b}[31m\0""#
        );
        assert_eq!(
            Quoted("bücher\u{202e}".as_bytes()).to_string(),
            "\"b\\u{fc}cher\\u{202e}\""
        );
        let written = |start, bytes| WrittenStart { start, bytes }.to_string();
        assert_eq!(
            written("bücher\u{202e}\u{1b}\"", 12),
            "\"bücher\\u{202e}\\u{1b}\\\"\""
        );
        assert_eq!(
            written(&"ü".repeat(61), 130),
            format!("\"{}\" and 10 bytes more", "ü".repeat(60))
        );
        assert_eq!(Quoted(b"\xff\xfe").to_string(), r#""\xff\xfe""#);
        let long = Quoted(&[b'a'; 500]).to_string();
        assert!(
            long.ends_with("a\" and 380 bytes more") && long.len() < 160,
            "{long}"
        );
    }
    #[test]
    fn only_what_is_left_out_has_dots_in_its_place() {
        let foreign = |bytes: usize| ForeignText::new(&vec![b'a'; bytes]).to_string();
        assert_eq!(foreign(SHOWN_BYTES), "a".repeat(SHOWN_BYTES));
        assert_eq!(foreign(SHOWN_BYTES + 1), "a".repeat(SHOWN_BYTES) + "...");
        let shortened = |bytes: usize| Shortened(&vec![b'a'; bytes]).to_string();
        let quoted = format!("\"{}\"", "a".repeat(SHORT_BYTES));
        assert_eq!(shortened(SHORT_BYTES), quoted);
        assert_eq!(shortened(SHORT_BYTES + 1), quoted + "...");
    }
}
