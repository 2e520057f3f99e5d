//! [`TreeBuilder`]: patterns as they come, in a plain tree.

use super::merging::Merging;
use super::segments::Literal;
use super::tree::{Branch, Children, Index, NodeId, Tree};

/// The patterns in a plain tree.
#[derive(Debug)]
pub(super) struct TreeBuilder {
    drafts: Vec<Branch>,
    children: Children,
    depth: usize,
}

impl Default for TreeBuilder {
    fn default() -> Self {
        Self {
            drafts: vec![Branch::default()],
            children: Children::default(),
            depth: 0,
        }
    }
}

impl TreeBuilder {
    /// Adds a pattern, in which `None` is a `{name}`.
    ///
    /// # Errors
    ///
    /// Returns the index of a pattern in the same place.
    pub(super) fn insert(
        &mut self,
        segments: &[Option<Literal>],
        has_rest: bool,
        index: usize,
    ) -> Result<(), usize> {
        self.depth = self.depth.max(segments.len());
        let mut draft = NodeId::ROOT;
        for segment in segments {
            draft = self.child(draft, *segment);
        }
        let Some(branch) = self.drafts.get_mut(draft.index()) else {
            return Ok(());
        };
        let place = if has_rest {
            &mut branch.rest
        } else {
            &mut branch.end
        };
        match *place {
            Some(other) => Err(other as usize),
            None => {
                *place = Some(Index::try_from(index).unwrap_or(Index::MAX));
                Ok(())
            }
        }
    }

    fn child(&mut self, draft: NodeId, segment: Option<Literal>) -> NodeId {
        let next = NodeId::after(self.drafts.len());
        let child = match segment {
            Some(literal) => *self.children.entry((draft, literal)).or_insert(next),
            None => match self.drafts.get_mut(draft.index()) {
                Some(branch) => *branch.name.get_or_insert(next),
                None => return draft,
            },
        };
        if child == next {
            self.drafts.push(Branch::default());
        }
        child
    }

    /// Merges what has to be, and compiles the tree.
    pub(super) fn build(self) -> Tree {
        Tree {
            depth: self.depth,
            ..self.into_merging().into_tree()
        }
    }

    pub(super) fn into_merging(self) -> Merging {
        Merging::of(self.drafts, self.children)
    }
}
