//! [`Matcher`]: the patterns of a map, in a form whose look-up costs the same however many there
//! are.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::drafts::TreeBuilder;
use super::pattern::{Pattern, Segment};
use super::segments::{Literals, Segments};
use super::tree::Tree;

/// Finds the most specific pattern that matches a path.
#[derive(Debug, Default)]
pub(super) struct Matcher {
    literals: Literals,
    tree: Tree,
    /// The patterns without wildcards once more, as plain paths.
    whole: HashMap<Box<[u8]>, usize, RandomState>,
    /// The length of the longest of these. A longer path is not hashed.
    longest_whole: usize,
    has_wildcards: bool,
}

/// The patterns that a [`Matcher`] is made of.
#[derive(Debug, Default)]
pub(super) struct MatcherBuilder {
    matcher: Matcher,
    tree: TreeBuilder,
}

impl MatcherBuilder {
    /// Adds a pattern under an index.
    ///
    /// # Errors
    ///
    /// Returns the index of a pattern that differs in nothing but names.
    pub(super) fn insert(&mut self, pattern: Pattern, index: usize) -> Result<(), usize> {
        let Pattern { segments, has_rest } = pattern;
        let mut plain = Some(Vec::new());
        let mut path = Vec::with_capacity(segments.len());
        for segment in segments {
            match segment {
                Segment::Literal(text) => {
                    if let Some(plain) = &mut plain {
                        plain.push(b'/');
                        plain.extend_from_slice(&text);
                    }
                    path.push(Some(self.matcher.literals.number(text)));
                }
                Segment::Name => {
                    plain = None;
                    path.push(None);
                }
            }
        }
        self.tree.insert(&path, has_rest, index)?;
        match plain.filter(|_| !has_rest) {
            Some(plain) => self.matcher.insert_whole(plain, index),
            None => self.matcher.has_wildcards = true,
        }
        Ok(())
    }

    /// Compiles the patterns.
    pub(super) fn build(self) -> Matcher {
        Matcher {
            tree: self.tree.build(),
            ..self.matcher
        }
    }
}

impl Matcher {
    fn insert_whole(&mut self, mut plain: Vec<u8>, index: usize) {
        if plain.is_empty() {
            plain.push(b'/');
        }
        self.longest_whole = self.longest_whole.max(plain.len());
        self.whole.insert(plain.into(), index);
    }

    /// Returns the index of the pattern that has no wildcards and is this path. Since patterns have
    /// no marks, the path has none either.
    #[inline]
    pub(super) fn find_whole(&self, path: &[u8]) -> Option<usize> {
        if path.len() > self.longest_whole {
            return None;
        }
        self.whole.get(path).copied()
    }

    /// Returns the index of the pattern that matches a path that is its own plain path, where no
    /// pattern [is](Self::find_whole) this path.
    #[inline]
    pub(super) fn find_plain(&self, path: &[u8]) -> Option<usize> {
        if !self.has_wildcards {
            return None;
        }
        let mut segments = Segments::new();
        segments.push_plain(path, &self.literals, self.tree.depth());
        self.tree.find(&segments)
    }

    /// Returns the index of the pattern that matches.
    pub(super) fn find(&self, segments: &Segments) -> Option<usize> {
        self.tree.find(segments)
    }

    /// Returns the indices of the patterns that match any path with this beginning; `None` where
    /// there may be more than two.
    pub(super) fn find_all(&self, beginning: &Segments) -> Option<[Option<usize>; 2]> {
        self.tree.find_all(beginning)
    }

    pub(super) const fn literals(&self) -> &Literals {
        &self.literals
    }
}
