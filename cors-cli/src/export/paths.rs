//! [`Path`]: a path pattern of a policy file, and the order of them.

/// A path pattern, segment by segment.
///
/// The order of patterns is the one in which programs that take the first match have to try them:
/// the most specific one first.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Path(pub(super) Vec<Segment>);

/// One segment of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Segment {
    /// This text, decoded.
    Literal(Vec<u8>),
    /// Any text: `{name}`.
    Name,
    /// Everything below, and the path itself: `{*name}`.
    Rest,
}

impl Path {
    /// Reads the pattern of a map that is built.
    pub(super) fn of(pattern: &str) -> Self {
        let segments = pattern.split('/').filter(|segment| !segment.is_empty());
        let segments = segments.map(|segment| match segment {
            rest if rest.starts_with("{*") => Segment::Rest,
            name if name.starts_with('{') => Segment::Name,
            literal => Segment::Literal(unescaped(literal)),
        });
        Self(segments.collect())
    }

    /// Returns the pattern of every path.
    pub(super) fn every() -> Self {
        Self(vec![Segment::Rest])
    }

    /// Returns the segments before `{*name}`, and whether there is one.
    pub(super) fn split_rest(&self) -> (&[Segment], bool) {
        match self.0.split_last() {
            Some((Segment::Rest, before)) => (before, true),
            _ => (&self.0, false),
        }
    }

    /// Returns the texts of the segments, if all are texts.
    pub(super) fn literals(segments: &[Segment]) -> Option<Vec<&[u8]>> {
        let texts = segments.iter().map(|segment| match segment {
            Segment::Literal(text) => Some(&**text),
            Segment::Name | Segment::Rest => None,
        });
        texts.collect()
    }
}

/// Decodes percent-escapes once.
fn unescaped(text: &str) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let digits = (*byte == b'%').then(|| after.first_chunk::<2>()).flatten();
        let digits = digits.and_then(|digits| str::from_utf8(digits).ok());
        let is_hex = |digits: &&str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let escaped = digits
            .filter(is_hex)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(escaped.unwrap_or(*byte));
        rest = match escaped {
            Some(_) => after.get(2..).unwrap_or_default(),
            None => after,
        };
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As in the documentation of `PolicyMap`: a text goes before `{name}`, and that before
    /// `{*name}`, segment by segment.
    #[test]
    fn the_most_specific_pattern_comes_first() {
        let patterns = ["/a/b", "/a/{x}/b", "/a/{x}", "/a/{*x}", "/{x}/b", "/{*x}"];
        let mut paths: Vec<_> = patterns.iter().rev().map(|path| Path::of(path)).collect();
        paths.sort();
        let place = |pattern| paths.iter().position(|path| *path == Path::of(pattern));
        for (before, after) in [
            ("/a/b", "/a/{x}"),
            ("/a/{x}", "/a/{*x}"),
            ("/a/{x}/b", "/a/{*x}"),
            ("/a/{*x}", "/{x}/b"),
            ("/{x}/b", "/{*x}"),
        ] {
            assert!(place(before) < place(after), "{before} {after}");
        }
    }

    #[test]
    fn escapes_are_decoded_once() {
        assert_eq!(unescaped("%61%2561%zz%"), b"a%61%zz%");
    }
}
