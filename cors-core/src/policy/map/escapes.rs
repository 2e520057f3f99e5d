//! Percent-escapes: the decoding of a path as a stream of bytes, and the characters that browsers
//! escape.

/// Decodes percent-escapes once
/// ([percent-decode](https://url.spec.whatwg.org/#percent-decode)), and says of each byte whether an
/// escape stood for it. A `%` without two hexadecimal digits stays as it is.
pub(super) fn unescape<I: Iterator<Item = u8> + Clone>(bytes: I) -> Unescaped<I> {
    Unescaped(bytes)
}

/// See [`unescape`].
#[derive(Clone)]
pub(super) struct Unescaped<I>(I);

impl<I: Iterator<Item = u8> + Clone> Iterator for Unescaped<I> {
    type Item = (u8, bool);

    #[inline]
    fn next(&mut self) -> Option<(u8, bool)> {
        let byte = self.0.next()?;
        if byte == b'%' {
            let mut after = self.0.clone();
            if let (Some(high), Some(low)) = (hex_digit(after.next()), hex_digit(after.next())) {
                self.0 = after;
                return Some((high << 4 | low, true));
            }
        }
        Some((byte, false))
    }
}

#[inline]
const fn hex_digit(byte: Option<u8>) -> Option<u8> {
    match byte {
        Some(byte @ b'0'..=b'9') => Some(byte - b'0'),
        Some(byte @ b'a'..=b'f') => Some(byte - b'a' + 10),
        Some(byte @ b'A'..=b'F') => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// Returns whether browsers send this character as an escape in a path
/// ([path percent-encode set](https://url.spec.whatwg.org/#path-percent-encode-set)). They encode
/// braces too, but here these are part of the pattern's syntax.
pub(super) const fn is_encoded(character: char) -> bool {
    matches!(character, '\0'..=' ' | '"' | '<' | '>' | '^' | '`')
        || !matches!(character, '\0'..='~')
}
