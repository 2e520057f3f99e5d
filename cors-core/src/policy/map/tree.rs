//! [`Tree`]: patterns by their segments, in a tree that a look-up descends without going back.
//!
//! Below a node, a path can go on by a literal or by `{name}`. Where both are there, what follows
//! the `{name}` counts below the literal too, as the less specific. A plain tree would have to go
//! back for it, at every such node again, so this one has it in both places: when the tree is built,
//! the node below `{name}` is merged into each one beside it.
//!
//! Merging could take more memory than the patterns are worth. A node that has far more below it
//! than the one that it would be merged into stands beside it instead, and a look-up tries one after
//! the other.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::segments::{Literal, Segments};

/// The compiled tree.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) children: Children,
    /// The number of segments of the longest pattern.
    pub(super) depth: usize,
}

/// The nodes below others by a literal.
pub(super) type Children = HashMap<(NodeId, Literal), NodeId, RandomState>;

/// The place of a node in its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NodeId(u32);

impl NodeId {
    pub(super) const ROOT: Self = Self(0);

    /// Returns the place of the node after so many others.
    pub(super) fn after(others: usize) -> Self {
        // There are fewer nodes than bytes of patterns, and than the budget of merging.
        Self(u32::try_from(others).unwrap_or(u32::MAX))
    }

    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The index of a pattern, of which there are fewer than bytes in them.
pub(super) type Index = u32;

#[derive(Clone, Copy, Debug)]
pub(super) enum Node {
    Branch(Branch),
    /// The first node that leads to a match, of two.
    Either(NodeId, NodeId),
}

/// What a path can go on with, except for literals.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Branch {
    /// Nothing: the pattern that ends here.
    pub(super) end: Option<Index>,
    /// Any segment.
    pub(super) name: Option<NodeId>,
    /// Anything: the pattern that ends in `{*name}` here.
    pub(super) rest: Option<Index>,
    /// Whether it can go on with literals.
    pub(super) has_literals: bool,
}

impl Tree {
    /// Returns the number of segments of the longest pattern. It is the same for a path how many more
    /// it has.
    #[inline]
    pub(super) const fn depth(&self) -> usize {
        self.depth
    }

    /// Returns the index of the most specific pattern that matches.
    #[inline]
    pub(super) fn find(&self, path: &Segments) -> Option<usize> {
        let found = self.find_below(NodeId::ROOT, path, 0);
        in_memory(found)
    }

    fn find_below(&self, mut node: NodeId, path: &Segments, mut depth: usize) -> Option<Index> {
        let mut rest = None;
        loop {
            let branch = match self.nodes.get(node.index())? {
                Node::Branch(branch) => branch,
                Node::Either(first, second) => {
                    return self
                        .find_below(*first, path, depth)
                        .or_else(|| self.find_below(*second, path, depth))
                        .or(rest);
                }
            };
            rest = branch.rest.or(rest);
            if depth == path.count() {
                return branch.end.or(rest);
            }
            let literal = path.literal(depth).filter(|_| branch.has_literals);
            let child = literal.and_then(|literal| self.children.get(&(node, literal)).copied());
            let Some(child) = child.or(branch.name) else {
                return rest;
            };
            node = child;
            depth += 1;
        }
    }

    /// Returns the patterns of all paths that begin so: first that of this path itself, and then that
    /// of all below. `None` where there may be more.
    pub(super) fn find_all(&self, beginning: &Segments) -> Option<[Option<usize>; 2]> {
        let mut node = NodeId::ROOT;
        let mut rest = None;
        for depth in 0.. {
            let Node::Branch(branch) = self.nodes.get(node.index())? else {
                return None;
            };
            rest = branch.rest.or(rest);
            if depth == beginning.count() {
                let is_last = branch.name.is_none() && !branch.has_literals;
                return is_last.then_some([branch.end.or(rest), rest].map(in_memory));
            }
            let literal = beginning.literal(depth);
            let child = literal.and_then(|literal| self.children.get(&(node, literal)).copied());
            match child.or(branch.name) {
                Some(child) => node = child,
                None => break,
            }
        }
        Some([in_memory(rest); 2])
    }
}

fn in_memory(index: Option<Index>) -> Option<usize> {
    index.map(|index| index as usize)
}
