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

use std::collections::{BTreeMap, BTreeSet, HashMap};

use foldhash::fast::RandomState;

use super::segments::{Literal, Segments};

/// The compiled tree.
#[derive(Debug, Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    children: HashMap<(NodeId, Literal), NodeId, RandomState>,
    root: NodeId,
    /// The number of segments of the longest pattern.
    depth: usize,
}

/// The place of a node in its tree.
type NodeId = usize;

/// The index of a pattern.
type Index = usize;

#[derive(Clone, Debug)]
enum Node {
    Branch(Branch),
    /// The first node that leads to a match, of two.
    Either(NodeId, NodeId),
}

/// What a path can go on with, except for literals.
#[derive(Clone, Copy, Debug, Default)]
struct Branch {
    /// Nothing: the pattern that ends here.
    end: Option<Index>,
    /// Any segment.
    name: Option<NodeId>,
    /// Anything: the pattern that ends in `{*name}` here.
    rest: Option<Index>,
    /// Whether some literals lead on; noted when the tree is finished.
    has_literals: bool,
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
    pub(super) fn find(&self, path: &Segments) -> Option<Index> {
        self.find_below(self.root, path, 0)
    }

    fn find_below(&self, mut node: NodeId, path: &Segments, mut depth: usize) -> Option<Index> {
        let mut rest = None;
        loop {
            let branch = match self.nodes.get(node)? {
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
            let child = literal.and_then(|literal| self.children.get(&(node, literal)));
            let Some(child) = child.copied().or(branch.name) else {
                return rest;
            };
            node = child;
            depth += 1;
        }
    }
}

/// The patterns in a plain tree.
#[derive(Debug)]
pub(super) struct TreeBuilder {
    drafts: Vec<Draft>,
    segments: usize,
    depth: usize,
}

#[derive(Debug, Default)]
struct Draft {
    branch: Branch,
    literals: BTreeMap<Literal, NodeId>,
}

impl Default for TreeBuilder {
    fn default() -> Self {
        Self {
            drafts: vec![Draft::default()],
            segments: 0,
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
        index: Index,
    ) -> Result<(), Index> {
        self.segments += segments.len();
        self.depth = self.depth.max(segments.len());
        let mut draft = ROOT;
        for segment in segments {
            draft = self.child(draft, *segment);
        }
        let Some(Draft { branch, .. }) = self.drafts.get_mut(draft) else {
            return Ok(());
        };
        let place = if has_rest {
            &mut branch.rest
        } else {
            &mut branch.end
        };
        match *place {
            Some(other) => Err(other),
            None => {
                *place = Some(index);
                Ok(())
            }
        }
    }

    fn child(&mut self, draft: NodeId, segment: Option<Literal>) -> NodeId {
        let next = self.drafts.len();
        let Some(Draft { branch, literals }) = self.drafts.get_mut(draft) else {
            return draft;
        };
        let child = match segment {
            Some(literal) => *literals.entry(literal).or_insert(next),
            None => *branch.name.get_or_insert(next),
        };
        if child == next {
            self.drafts.push(Draft::default());
        }
        child
    }

    /// Merges what has to be, and compiles the tree.
    pub(super) fn build(self) -> Tree {
        let mut merging = Merging {
            nodes: Vec::new(),
            merged: HashMap::default(),
            budget: self.segments.saturating_mul(MERGED_PER_SEGMENT),
        };
        let root = merging.settle(&self.drafts, ROOT);
        Tree {
            depth: self.depth,
            ..merging.into_tree(root)
        }
    }
}

/// The root of the plain tree.
const ROOT: NodeId = 0;

/// How many children merged nodes may have in all, for each segment that was written.
const MERGED_PER_SEGMENT: usize = 16;

/// How many more children a node may have than the one that it is merged into.
const MERGED_AT_ONCE: usize = 8;

/// The merging of a plain tree. A node that is finished does not change any more, so that several
/// nodes can lead to it.
struct Merging {
    nodes: Vec<(Node, BTreeMap<Literal, NodeId>)>,
    merged: HashMap<(NodeId, NodeId), NodeId, RandomState>,
    /// How many more children merged nodes may have.
    budget: usize,
}

impl Merging {
    /// Finishes a node of the plain tree and all below it.
    fn settle(&mut self, drafts: &[Draft], draft: NodeId) -> NodeId {
        let Some(Draft { branch, literals }) = drafts.get(draft) else {
            return self.push(Node::Branch(Branch::default()), BTreeMap::new());
        };
        let name = branch.name.map(|name| self.settle(drafts, name));
        let literals = literals
            .iter()
            .map(|(literal, child)| {
                let child = self.settle(drafts, *child);
                (*literal, name.map_or(child, |name| self.merge(child, name)))
            })
            .collect();
        self.push(Node::Branch(Branch { name, ..*branch }), literals)
    }

    /// Merges a node into one that is more specific.
    fn merge(&mut self, specific: NodeId, other: NodeId) -> NodeId {
        if let Some(merged) = self.merged.get(&(specific, other)) {
            return *merged;
        }
        let merged = match self.merged_branch(specific, other) {
            Some((branch, literals)) => self.push(Node::Branch(branch), literals),
            None if self.has_rest(specific) => specific,
            None => self.push(Node::Either(specific, other), BTreeMap::new()),
        };
        self.merged.insert((specific, other), merged);
        merged
    }

    /// Returns the merged node, where the nodes can be merged within the bounds.
    fn merged_branch(
        &mut self,
        specific: NodeId,
        other: NodeId,
    ) -> Option<(Branch, BTreeMap<Literal, NodeId>)> {
        let (Node::Branch(first), first_literals) = self.nodes.get(specific)? else {
            return None;
        };
        let (Node::Branch(second), second_literals) = self.nodes.get(other)? else {
            return None;
        };
        let (most, others) = (
            2 * first_literals.len() + MERGED_AT_ONCE,
            second_literals.len(),
        );
        // Where the first one has a rest, that is what matches first, whatever follows.
        if first.rest.is_some() || others > most {
            return None;
        }
        self.budget = self.budget.checked_sub(first_literals.len() + others)?;
        let (first, first_literals) = (*first, first_literals.clone());
        let (second, second_literals) = (*second, second_literals.clone());
        let keys: BTreeSet<Literal> = first_literals
            .keys()
            .chain(second_literals.keys())
            .copied()
            .collect();
        let literals = keys.into_iter().filter_map(|literal| {
            let first = first_literals.get(&literal).copied().or(first.name);
            let second = second_literals.get(&literal).copied().or(second.name);
            Some((literal, self.merge_options(first, second)?))
        });
        let literals = literals.collect();
        let branch = Branch {
            end: first.end.or(second.end),
            name: self.merge_options(first.name, second.name),
            rest: second.rest,
            ..Branch::default()
        };
        Some((branch, literals))
    }

    fn merge_options(&mut self, specific: Option<NodeId>, other: Option<NodeId>) -> Option<NodeId> {
        match (specific, other) {
            (Some(specific), Some(other)) => Some(self.merge(specific, other)),
            (specific, other) => specific.or(other),
        }
    }

    fn has_rest(&self, node: NodeId) -> bool {
        matches!(self.nodes.get(node), Some((Node::Branch(branch), _)) if branch.rest.is_some())
    }

    fn push(&mut self, node: Node, literals: BTreeMap<Literal, NodeId>) -> NodeId {
        self.nodes.push((node, literals));
        self.nodes.len() - 1
    }

    /// Returns the tree of the nodes that can be reached, which are not all: some were merged into
    /// others.
    fn into_tree(self, root: NodeId) -> Tree {
        let mut tree = Tree::default();
        let mut numbers = Numbers::default();
        numbers.of(root);
        while let Some(old) = numbers.order.get(tree.nodes.len()).copied() {
            let Some((node, literals)) = self.nodes.get(old) else {
                return tree;
            };
            let number = tree.nodes.len();
            for (literal, child) in literals {
                tree.children.insert((number, *literal), numbers.of(*child));
            }
            tree.nodes.push(match node {
                Node::Branch(branch) => Node::Branch(Branch {
                    name: branch.name.map(|name| numbers.of(name)),
                    has_literals: !literals.is_empty(),
                    ..*branch
                }),
                Node::Either(first, second) => {
                    Node::Either(numbers.of(*first), numbers.of(*second))
                }
            });
        }
        tree
    }
}

/// The new numbers of nodes, in the order in which they are reached.
#[derive(Default)]
struct Numbers {
    order: Vec<NodeId>,
    numbers: HashMap<NodeId, NodeId, RandomState>,
}

impl Numbers {
    fn of(&mut self, node: NodeId) -> NodeId {
        let next = self.order.len();
        let number = *self.numbers.entry(node).or_insert(next);
        if number == next {
            self.order.push(node);
        }
        number
    }
}
