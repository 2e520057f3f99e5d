//! [`HeaderPrefixes`]: header names of which a list has the beginning, as `x-acme-*`.

use std::cmp::Ordering;

/// Beginnings of header names in lower case, ready for look-up in any case.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct HeaderPrefixes {
    /// Sorted, and none begins with another one.
    sorted: Vec<Box<str>>,
    /// The items, for explanations.
    text: Box<str>,
}

impl FromIterator<String> for HeaderPrefixes {
    /// Takes beginnings in lower case, and drops those that begin with another one.
    fn from_iter<I: IntoIterator<Item = String>>(prefixes: I) -> Self {
        let mut sorted: Vec<_> = prefixes.into_iter().map(String::into_boxed_str).collect();
        sorted.sort_unstable();
        // What begins with a text comes right after it.
        sorted.dedup_by(|longer, kept| longer.starts_with(&**kept));
        let items: Vec<_> = sorted.iter().map(|prefix| format!("{prefix}*")).collect();
        let text = items.join(", ").into();
        Self { sorted, text }
    }
}

impl HeaderPrefixes {
    pub(crate) const fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// Returns the items in the form in which they are compared.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the beginning of a name that has at least one character more.
    ///
    /// It takes one binary search: whatever stands in order between a name and its beginning begins
    /// so too, and no other prefix does.
    pub(crate) fn of(&self, name: &[u8]) -> Option<&str> {
        let is_before = |prefix: &str| {
            let folded = name.iter().map(u8::to_ascii_lowercase);
            prefix.bytes().cmp(folded) != Ordering::Greater
        };
        let after = self.sorted.partition_point(|prefix| is_before(prefix));
        let last = self.sorted.get(after.checked_sub(1)?)?;
        let (start, rest) = name.split_at_checked(last.len())?;
        let is_its = start.eq_ignore_ascii_case(last.as_bytes()) && !rest.is_empty();
        is_its.then_some(&**last)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The look-up finds what a search through the list finds, in any case.
        #[test]
        fn prefixes_are_found_as_by_a_search(
            listed in prop::collection::vec("[ab-]{0,4}-", 0..16),
            asked in prop::collection::vec("[abAB-]{0,7}", 0..16),
        ) {
            let prefixes: HeaderPrefixes = listed.iter().cloned().collect();
            for name in asked.iter().chain(&listed) {
                let folded = name.to_ascii_lowercase();
                let mut found = listed.iter().filter(|prefix| {
                    folded.starts_with(&***prefix) && folded.len() > prefix.len()
                });
                let expected = found.clone().min_by_key(|prefix| prefix.len());
                let is_found = found.next().is_some();
                prop_assert_eq!(prefixes.of(name.as_bytes()).is_some(), is_found, "{}", name);
                // The one that is kept may be the name itself, of which a longer one begins.
                if let (Some(prefix), Some(shortest)) = (prefixes.of(name.as_bytes()), expected) {
                    prop_assert_eq!(prefix, shortest);
                }
            }
        }
    }
}
