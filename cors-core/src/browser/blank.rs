//! The standard's two kinds of blanks around a header value.

/// Returns whether the byte is an
/// [HTTP tab or space](https://fetch.spec.whatwg.org/#http-tab-or-space).
pub(super) const fn is_tab_or_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b' ')
}

/// Returns whether the byte is [HTTP whitespace](https://fetch.spec.whatwg.org/#http-whitespace),
/// which includes newlines.
pub(super) const fn is_whitespace(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | b' ')
}

/// Removes the blank bytes at both ends of a value.
pub(super) fn trim(mut value: &[u8], is_blank: fn(u8) -> bool) -> &[u8] {
    while let [first, rest @ ..] = value
        && is_blank(*first)
    {
        value = rest;
    }
    while let [rest @ .., last] = value
        && is_blank(*last)
    {
        value = rest;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_ends_are_trimmed() {
        assert_eq!(trim(b" \ta \t b\t", is_tab_or_space), b"a \t b");
        assert_eq!(trim(b"\r\n a \n", is_tab_or_space), b"\r\n a \n");
        assert_eq!(trim(b"\r\n a\x0B \n", is_whitespace), b"a\x0B");
        assert_eq!(trim(b" \t ", is_tab_or_space), b"");
    }
}
