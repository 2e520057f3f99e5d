//! [`ByteSet`]: a set of texts whose look-up does not grow with their number.

use std::collections::HashSet;

use foldhash::fast::RandomState;

/// A set of texts. Up to `FEW` of them are compared one by one, which takes less time than one
/// hash; most policies have no more.
///
/// The hash is keyed at random for each process, so nobody can write a list that collides on
/// purpose.
#[derive(Debug)]
pub(crate) enum ByteSet<const FEW: usize> {
    Few(Vec<Box<[u8]>>),
    #[expect(
        clippy::box_collection,
        reason = "sets stand in tables, and most of them have few texts"
    )]
    Many(Box<HashSet<Box<[u8]>, RandomState>>),
}

impl<const FEW: usize> ByteSet<FEW> {
    /// Adds a text, and returns whether it is a new one.
    pub(crate) fn insert(&mut self, text: &[u8]) -> bool {
        match self {
            Self::Many(many) => many.insert(text.into()),
            Self::Few(few) if few.iter().any(|listed| **listed == *text) => false,
            Self::Few(few) if few.len() < FEW => {
                few.push(text.into());
                true
            }
            Self::Few(few) => {
                let all = few.drain(..).chain([text.into()]);
                *self = Self::Many(Box::new(all.collect()));
                true
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Few(few) => few.is_empty(),
            Self::Many(_) => false,
        }
    }

    #[inline]
    pub(crate) fn contains(&self, text: &[u8]) -> bool {
        match self {
            Self::Few(few) => few.iter().any(|listed| **listed == *text),
            Self::Many(many) => many.contains(text),
        }
    }
}

impl<const FEW: usize> Default for ByteSet<FEW> {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_any_size_has_what_was_added_and_nothing_else() {
        let all: Vec<_> = (0..20).map(|index| format!("x{index}")).collect();
        for count in 0..=all.len() {
            let mut set = ByteSet::<4>::default();
            for text in all.iter().take(count) {
                assert!(set.insert(text.as_bytes()), "{text} is new");
                assert!(!set.insert(text.as_bytes()), "{text} is there");
            }
            for (index, text) in all.iter().enumerate() {
                assert_eq!(set.contains(text.as_bytes()), index < count, "{text}");
            }
        }
    }

    #[test]
    fn long_lists_are_hashed() {
        let mut set = ByteSet::<4>::default();
        for index in 0..4_u8 {
            set.insert(&[index]);
        }
        assert!(matches!(set, ByteSet::Few(_)));
        set.insert(b"x");
        assert!(matches!(set, ByteSet::Many(_)));
    }
}
