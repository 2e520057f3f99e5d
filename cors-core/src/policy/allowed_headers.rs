//! The check of `Access-Control-Request-Headers`, in one bounded pass.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::byte_set::ByteSet;
use super::list::List;
use crate::protocol::field::RequestField;
use crate::protocol::refusal::Refusal;
use crate::protocol::request::RequestHead;
use crate::protocol::token;

/// The most bytes of `Access-Control-Request-Headers` that are read, over all its lines.
///
/// A browser lists the names of the headers that one script set; a hundred long names take half of
/// this. Beyond it the preflight is refused, and the rest is not read.
pub const MAX_REQUEST_HEADERS_BYTES: usize = 8 * 1024;

/// The most names that are read. A repeated name counts each time.
pub const MAX_REQUEST_HEADERS_NAMES: usize = 256;

/// The most empty elements that are read. Senders must not make any, but proxies that join lines do
/// ([RFC 9110, 5.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.1)).
pub const MAX_REQUEST_HEADERS_EMPTY: usize = 64;

/// The most bytes of an allowed header's name. No header of the web has a quarter of it.
pub(crate) const MAX_HEADER_NAME_BYTES: usize = 256;

/// The request headers that a policy allows.
pub(crate) struct AllowedHeaders {
    pub(crate) names: Arc<List<HeaderNames>>,
    /// Where any name is allowed, `Authorization` is one only if it is also listed or credentials
    /// are allowed, since `*` does not cover it.
    pub(crate) any_covers_authorization: bool,
}

/// Names in lower case, ready for look-up in any case.
#[derive(Debug, Default)]
pub(crate) struct HeaderNames {
    /// The names by length, so that a name is compared with four others at most.
    by_length: Vec<ByteSet<4>>,
}

impl HeaderNames {
    /// Adds a name in lower case, and returns whether it is a new one.
    pub(crate) fn insert(&mut self, name: &str) -> bool {
        if self.by_length.len() <= name.len() {
            self.by_length.resize_with(name.len() + 1, ByteSet::default);
        }
        self.by_length
            .get_mut(name.len())
            .is_some_and(|names| names.insert(name.as_bytes()))
    }

    #[inline]
    pub(crate) fn contains(&self, name: &[u8]) -> bool {
        match self.by_length.get(name.len()) {
            None => false,
            // Browsers send lower case, so the cheap comparison comes first.
            Some(ByteSet::Few(few)) => {
                few.iter().any(|listed| **listed == *name)
                    || few.iter().any(|listed| listed.eq_ignore_ascii_case(name))
            }
            Some(many) => contains_folded(many, name),
        }
    }
}

/// Looks up a name in lower case. Out of line, so that the check of short lists needs no buffer.
#[inline(never)]
fn contains_folded(names: &ByteSet<4>, name: &[u8]) -> bool {
    let mut buffer = [0; MAX_HEADER_NAME_BYTES];
    // There are names of this length, so the buffer has room for it.
    buffer.get_mut(..name.len()).is_some_and(|folded| {
        folded.copy_from_slice(name);
        folded.make_ascii_lowercase();
        names.contains(folded)
    })
}

impl AllowedHeaders {
    pub(crate) fn are_any(&self) -> bool {
        self.names.any
    }

    /// Checks every name that the preflight asks for, up to the first that is refused. An error has
    /// this name, unless the list is too long.
    ///
    /// Names may come in any order and case, on several lines, with optional white space, empty
    /// elements and repetitions: Firefox sends a name twice when a page spelled it in two ways.
    pub(crate) fn check<'a>(
        &self,
        request: &'a dyn RequestHead,
    ) -> Result<(), (Refusal, Option<&'a [u8]>)> {
        let mut budget = Budget::default();
        let mut result = Ok(());
        request.each_line(RequestField::AccessControlRequestHeaders, &mut |line| {
            result = if self.names.any {
                check_line(line, &mut budget, |name| self.any_covers(name))
            } else {
                check_line(line, &mut budget, |name| self.names.compiled.contains(name))
            };
            if result.is_ok() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        result
    }

    fn any_covers(&self, name: &[u8]) -> bool {
        token::is_token(name)
            && (self.any_covers_authorization || !token::is_non_wildcard_request_header_name(name))
    }
}

fn check_line<'a>(
    line: &'a [u8],
    budget: &mut Budget,
    allows: impl Fn(&[u8]) -> bool,
) -> Result<(), (Refusal, Option<&'a [u8]>)> {
    budget.line(line).map_err(|refusal| (refusal, None))?;
    for name in line.split(|byte| *byte == b',').map(trim) {
        if name.is_empty() {
            budget.empty_element().map_err(|refusal| (refusal, None))?;
            continue;
        }
        budget.name().map_err(|refusal| (refusal, None))?;
        if !allows(name) {
            let refusal = if token::is_token(name) {
                Refusal::HeaderNotAllowed
            } else {
                Refusal::MalformedHeaderName
            };
            return Err((refusal, Some(name)));
        }
    }
    Ok(())
}

/// The counts that the three bounds limit.
#[derive(Debug, Default)]
struct Budget {
    bytes: usize,
    names: usize,
    empty_elements: usize,
}

impl Budget {
    fn line(&mut self, line: &[u8]) -> Result<(), Refusal> {
        self.bytes = self.bytes.saturating_add(line.len());
        within(self.bytes, MAX_REQUEST_HEADERS_BYTES)
    }

    fn name(&mut self) -> Result<(), Refusal> {
        self.names += 1;
        within(self.names, MAX_REQUEST_HEADERS_NAMES)
    }

    fn empty_element(&mut self) -> Result<(), Refusal> {
        self.empty_elements += 1;
        within(self.empty_elements, MAX_REQUEST_HEADERS_EMPTY)
    }
}

fn within(count: usize, bound: usize) -> Result<(), Refusal> {
    if count <= bound {
        Ok(())
    } else {
        Err(Refusal::HeaderListTooLong)
    }
}

/// Removes the optional white space around an element
/// ([RFC 9110, 5.6.3](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.3)).
fn trim(mut element: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = element {
        element = rest;
    }
    element
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use proptest::prelude::*;

    use super::*;

    /// A short name, or one of about the longest length.
    fn name(short: Range<usize>) -> impl Strategy<Value = String> {
        let letter = prop::sample::select(vec!['a', 'b', 'z']);
        let short = prop::collection::vec(letter, short);
        prop_oneof![
            6 => short.prop_map(|letters| letters.into_iter().collect()),
            1 => (253..258usize).prop_map(|length| "n".repeat(length)),
        ]
    }

    proptest! {
        /// The look-up finds what a search through the list finds, in any case.
        #[test]
        fn names_are_found_as_by_a_search(
            listed in prop::collection::vec(name(1..4), 0..24),
            asked in prop::collection::vec(name(0..5), 0..12),
        ) {
            let mut names = HeaderNames::default();
            for (index, name) in listed.iter().enumerate() {
                let is_new = !listed.iter().take(index).any(|earlier| earlier == name);
                prop_assert_eq!(names.insert(name), is_new, "{}", name);
            }
            let upper = listed.iter().map(|name| name.to_ascii_uppercase());
            for name in asked.into_iter().chain(upper).chain(listed.clone()) {
                let expected = listed.iter().any(|listed| listed.eq_ignore_ascii_case(&name));
                prop_assert_eq!(names.contains(name.as_bytes()), expected, "{}", name);
            }
        }
    }
}
