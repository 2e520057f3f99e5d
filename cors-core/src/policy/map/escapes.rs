//! Percent-escapes: the decoding of a path as a stream of bytes, and the characters that browsers
//! escape.

/// Decodes percent-escapes once
/// ([percent-decode](https://url.spec.whatwg.org/#percent-decode)), and says of each byte whether an
/// escape stood for it. A `%` without two hexadecimal digits stays as it is.
pub(super) const fn unescape(text: &[u8]) -> Unescaped<'_> {
    Unescaped { rest: text }
}

/// Decodes percent-escapes once more. Of each byte it says whether an escape of this layer stood for
/// it.
pub(super) const fn unescape_again<I: Iterator<Item = (u8, bool)> + Clone>(
    text: I,
) -> UnescapedAgain<I> {
    UnescapedAgain(text)
}

/// See [`unescape`].
#[derive(Clone)]
pub(super) struct Unescaped<'a> {
    rest: &'a [u8],
}

impl Iterator for Unescaped<'_> {
    type Item = (u8, bool);

    #[inline]
    fn next(&mut self) -> Option<(u8, bool)> {
        if let [b'%', high, low, rest @ ..] = self.rest
            && let Some(byte) = decoded(*high, *low)
        {
            self.rest = rest;
            return Some((byte, true));
        }
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some((*byte, false))
    }
}

/// See [`unescape_again`].
#[derive(Clone)]
pub(super) struct UnescapedAgain<I>(I);

impl<I: Iterator<Item = (u8, bool)> + Clone> Iterator for UnescapedAgain<I> {
    type Item = (u8, bool);

    fn next(&mut self) -> Option<(u8, bool)> {
        let (byte, _) = self.0.next()?;
        if byte == b'%' {
            let mut after = self.0.clone();
            if let (Some((high, _)), Some((low, _))) = (after.next(), after.next())
                && let Some(byte) = decoded(high, low)
            {
                self.0 = after;
                return Some((byte, true));
            }
        }
        Some((byte, false))
    }
}

/// Returns the byte that two hexadecimal digits stand for.
#[inline]
const fn decoded(high: u8, low: u8) -> Option<u8> {
    match (digit(high), digit(low)) {
        (Some(high), Some(low)) => Some(high << 4 | low),
        _ => None,
    }
}

#[inline]
const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
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
