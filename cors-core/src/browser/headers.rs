//! [`HeaderList`]: header lines in order.

use std::collections::BTreeMap;

use super::blank::{is_tab_or_space, trim};
use crate::protocol::token::is_token;

/// A list of header lines in order: names with values of any bytes. Repeated names stay apart.
///
/// Names match in any case. Spaces and tabs around a value are not part of it, as in HTTP.
///
/// To add a line takes time logarithmic in the number of names, everything else time linear in the
/// number of lines.
///
/// ```
/// use cors_core::browser::HeaderList;
///
/// let mut headers = HeaderList::from_iter([("X-A", "1"), ("X-B", " 2 ")]);
/// headers.append("x-a", "3");
/// assert_eq!(headers.get("x-a").as_deref(), Some(&b"1, 3"[..]));
/// assert_eq!(headers.get("x-b").as_deref(), Some(&b"2"[..]));
/// assert_eq!(headers.iter().count(), 3);
/// ```
///
/// [Header list](https://fetch.spec.whatwg.org/#concept-header-list)
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderList {
    lines: Vec<(String, Vec<u8>)>,
    /// The first spelling of each name that a line has, by the name in lower case.
    spellings: BTreeMap<String, String>,
}

impl HeaderList {
    /// Makes an empty list.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            lines: Vec::new(),
            spellings: BTreeMap::new(),
        }
    }

    /// Adds one line. A name that is already there keeps its first spelling.
    ///
    /// [Append](https://fetch.spec.whatwg.org/#concept-header-list-append)
    pub fn append(&mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) {
        let name = name.into();
        let spelling = self
            .spellings
            .entry(name.to_ascii_lowercase())
            .or_insert(name);
        let value = trim(&value.into(), is_tab_or_space).to_vec();
        self.lines.push((spelling.clone(), value));
    }

    /// Removes every line of a name, and with them its spelling.
    ///
    /// [Delete](https://fetch.spec.whatwg.org/#concept-header-list-delete)
    pub(crate) fn remove(&mut self, name: &str) {
        if let Some(spelling) = self.spellings.remove(&name.to_ascii_lowercase()) {
            self.lines.retain(|(known, _)| *known != spelling);
        }
    }

    /// Returns all values of a name, joined by a comma and a space; `None` without a line of that
    /// name.
    ///
    /// [Get](https://fetch.spec.whatwg.org/#concept-header-list-get)
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Vec<u8>> {
        let values: Vec<&[u8]> = self.values(name).collect();
        (!values.is_empty()).then(|| values.join(&b", "[..]))
    }

    /// Returns every line, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.lines
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// Returns the values of a name, line by line.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Returns the elements of a header whose grammar is a list of tokens, over all of its lines;
    /// `None` without a line of that name.
    ///
    /// As a recipient must, it accepts empty elements, and spaces and tabs around commas.
    ///
    /// [Extract header list values](https://fetch.spec.whatwg.org/#extract-header-list-values),
    /// [RFC 9110, 5.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.1)
    pub(super) fn tokens(&self, name: &str) -> Result<Option<Vec<String>>, NotAToken> {
        let mut lines = self.values(name).peekable();
        if lines.peek().is_none() {
            return Ok(None);
        }
        lines
            .flat_map(|value| value.split(|&byte| byte == b','))
            .map(|element| trim(element, is_tab_or_space))
            .filter(|element| !element.is_empty())
            .map(|element| match str::from_utf8(element) {
                Ok(token) if is_token(element) => Ok(token.to_owned()),
                _ => Err(NotAToken(element.to_vec())),
            })
            .collect::<Result<_, _>>()
            .map(Some)
    }
}

impl<N: Into<String>, V: Into<Vec<u8>>> Extend<(N, V)> for HeaderList {
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, lines: I) {
        for (name, value) in lines {
            self.append(name, value);
        }
    }
}

impl<N: Into<String>, V: Into<Vec<u8>>> FromIterator<(N, V)> for HeaderList {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(lines: I) -> Self {
        let mut headers = Self::new();
        headers.extend(lines);
        headers
    }
}

/// The first element that is not a token, of what should be a list of tokens.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotAToken(pub(super) Vec<u8>);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tokens(lines: &[&[u8]]) -> Result<Option<Vec<String>>, NotAToken> {
        lines
            .iter()
            .map(|&value| ("list", value))
            .collect::<HeaderList>()
            .tokens("LIST")
    }

    #[test]
    fn a_token_list_spans_lines_and_may_have_empty_elements() {
        let cases: [(&[&[u8]], &[&str]); 5] = [
            (&[b"a"], &["a"]),
            (&[b" a\t,\t b "], &["a", "b"]),
            (&[b"a,,b,", b",", b"", b"C"], &["a", "b", "C"]),
            (&[b""], &[]),
            (&[b"*,a"], &["*", "a"]),
        ];
        for (lines, expected) in cases {
            let expected = expected.iter().map(ToString::to_string).collect();
            assert_eq!(tokens(lines), Ok(Some(expected)), "{lines:?}");
        }
        assert_eq!(tokens(&[]), Ok(None));
    }

    #[test]
    fn one_bad_element_spoils_a_token_list() {
        let cases: [(&[&[u8]], &[u8]); 6] = [
            (&[b"a b"], b"a b"),
            (&[b"a", b"b, \"c\""], b"\"c\""),
            (&[b"a;b"], b"a;b"),
            (&[b"a,\x0B"], b"\x0B"),
            (&[b"a\xE9"], b"a\xE9"),
            (&["caf\u{e9}".as_bytes()], "caf\u{e9}".as_bytes()),
        ];
        for (lines, bad) in cases {
            assert_eq!(tokens(lines), Err(NotAToken(bad.to_vec())), "{lines:?}");
        }
    }

    #[test]
    fn a_repeated_name_keeps_its_first_spelling_and_its_lines() {
        let headers = HeaderList::from_iter([("X-A", "1"), ("b", ""), ("x-a", "")]);
        let lines: Vec<_> = headers.iter().collect();
        assert_eq!(
            lines,
            [("X-A", &b"1"[..]), ("b", &b""[..]), ("X-A", &b""[..])]
        );
        assert_eq!(headers.get("X-a").as_deref(), Some(&b"1, "[..]));
        assert_eq!(headers.get("B").as_deref(), Some(&b""[..]));
        assert_eq!(headers.get("c"), None);
    }

    /// The lines of a list as the standard has them, read from the first to the last each time.
    #[derive(Debug, Default)]
    struct Twin(Vec<(String, Vec<u8>)>);

    impl Twin {
        fn append(&mut self, name: &str, value: &[u8]) {
            let first = self.0.iter().find(|line| line.0.eq_ignore_ascii_case(name));
            let spelling = first.map_or(name, |line| &line.0).to_owned();
            let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
            let start = value.iter().position(|byte| !is_blank(byte));
            let end = value.iter().rposition(|byte| !is_blank(byte));
            let value = start
                .zip(end)
                .map_or(&b""[..], |(start, end)| &value[start..=end]);
            self.0.push((spelling, value.to_vec()));
        }

        fn get(&self, name: &str) -> Option<Vec<u8>> {
            let mut joined: Option<Vec<u8>> = None;
            for (_, value) in self
                .0
                .iter()
                .filter(|line| line.0.eq_ignore_ascii_case(name))
            {
                joined = Some(match joined {
                    None => value.clone(),
                    Some(before) => [&before[..], b", ", value].concat(),
                });
            }
            joined
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        Append(&'static str, Vec<u8>),
        Remove(&'static str),
        Get(&'static str),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let name =
            || proptest::sample::select(vec!["a", "A", "b", "x-a", "X-A", "X-a", "é", "É", ""]);
        let byte = proptest::sample::select(b" \t,1\xE9\x0B".to_vec());
        let value = proptest::collection::vec(byte, 0..5);
        let step = prop_oneof![
            3 => (name(), value).prop_map(|(name, value)| Step::Append(name, value)),
            1 => name().prop_map(Step::Remove),
            1 => name().prop_map(Step::Get),
        ];
        proptest::collection::vec(step, 0..40)
    }

    proptest! {
        #[test]
        fn a_list_is_what_its_lines_are(steps in steps()) {
            let (mut headers, mut twin) = (HeaderList::new(), Twin::default());
            for step in steps {
                match step {
                    Step::Append(name, value) => {
                        twin.append(name, &value);
                        headers.append(name, value);
                    }
                    Step::Remove(name) => {
                        twin.0.retain(|line| !line.0.eq_ignore_ascii_case(name));
                        headers.remove(name);
                    }
                    Step::Get(name) => prop_assert_eq!(headers.get(name), twin.get(name)),
                }
                let lines: Vec<_> = headers.iter().collect();
                let expected: Vec<_> = twin.0.iter().map(|line| (&*line.0, &*line.1)).collect();
                prop_assert_eq!(&lines, &expected);
                // Lists of the same lines are equal, whatever was removed on the way.
                prop_assert_eq!(&headers, &lines.into_iter().collect());
            }
        }
    }
}
