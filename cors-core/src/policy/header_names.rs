//! [`HeaderNames`]: the header names of a list, ready for look-up.

use super::byte_set::ByteSet;
use super::header_prefixes::HeaderPrefixes;

/// The most bytes of a header's name, or of its beginning. No header of the web has a quarter of it.
pub(crate) const MAX_HEADER_NAME_BYTES: usize = 256;

/// Names in lower case, ready for look-up in any case.
#[derive(Debug, Default)]
pub(crate) struct HeaderNames {
    /// The names by length, so that a name is compared with four others at most.
    by_length: Vec<ByteSet<4>>,
    /// The beginnings of names. A name that has one may be listed too.
    pub(crate) prefixes: HeaderPrefixes,
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

    /// Returns whether this name is listed itself.
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

    /// Returns whether this name is listed itself, and stands in lower case.
    #[inline]
    pub(crate) fn contains_as_sent(&self, name: &[u8]) -> bool {
        let names = self.by_length.get(name.len());
        names.is_some_and(|names| names.contains(name))
    }

    /// Returns the items in the form in which they are compared: `text`, the listed names, and then
    /// the prefixes.
    pub(crate) fn with_prefixes(&self, text: &str) -> String {
        let prefixes = self.prefixes.text();
        let comma = if text.is_empty() || prefixes.is_empty() {
            ""
        } else {
            ", "
        };
        format!("{text}{comma}{prefixes}")
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
