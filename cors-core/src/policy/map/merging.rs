//! [`Merging`]: from a plain tree of patterns to the one that a look-up descends.

use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::RandomState;

use super::segments::Literal;
use super::tree::{Branch, Children, Node, NodeId, Tree};

/// The most nodes and children that merging makes, so that a megabyte of patterns takes less than
/// 100 MB. What is left over then is not merged: a look-up stays right, but tries more. It takes
/// thousands of patterns that have texts and names below each other in most ways to get there.
const BUDGET: usize = 1 << 19;

/// How many more children a node may have than the one that it is merged into.
const MERGED_AT_ONCE: usize = 8;

/// How many nodes a look-up may have to try one after the other. Past it, nodes are merged whatever
/// they have below them: they would multiply, since each can lead to others that stand so.
const MOST_TRIED: u32 = 8;

/// The merging of a plain tree. A node that is finished does not change any more, so that several
/// nodes can lead to it.
pub(super) struct Merging {
    nodes: Vec<Finished>,
    /// The children of all nodes, by literal.
    children: Vec<Child>,
    merged: HashMap<(NodeId, NodeId), NodeId, RandomState>,
    /// How many more nodes and children may be made.
    budget: usize,
    root: NodeId,
}

type Child = (Literal, NodeId);

#[derive(Clone)]
struct Finished {
    node: Node,
    children: Range<u32>,
    /// How many nodes a look-up may try one after the other from here on.
    tried: u32,
}

/// The plain tree, its children in order.
struct Drafts {
    branches: Vec<Branch>,
    children: Vec<(NodeId, Child)>,
}

impl Drafts {
    fn children(&self, of: NodeId) -> &[(NodeId, Child)] {
        let start = self.children.partition_point(|(node, _)| *node < of);
        let end = self.children.partition_point(|(node, _)| *node <= of);
        self.children.get(start..end).unwrap_or_default()
    }
}

impl Merging {
    /// Merges what has to be of a plain tree.
    pub(super) fn of(branches: Vec<Branch>, children: Children) -> Self {
        let children = children.into_iter();
        let mut children: Vec<_> = children
            .map(|((node, literal), child)| (node, (literal, child)))
            .collect();
        children.sort_unstable();
        let mut merging = Self {
            nodes: Vec::with_capacity(branches.len()),
            children: Vec::with_capacity(children.len()),
            merged: HashMap::default(),
            budget: BUDGET,
            root: NodeId::ROOT,
        };
        merging.root = merging.settle(&Drafts { branches, children }, NodeId::ROOT);
        merging
    }

    /// Finishes a node of the plain tree and all below it.
    fn settle(&mut self, drafts: &Drafts, draft: NodeId) -> NodeId {
        let branch = drafts.branches.get(draft.index());
        let branch = branch.copied().unwrap_or_default();
        let name = branch.name.map(|name| self.settle(drafts, name));
        let children: Vec<Child> = drafts
            .children(draft)
            .iter()
            .map(|(_, (literal, child))| {
                let child = self.settle(drafts, *child);
                (*literal, name.map_or(child, |name| self.merge(child, name)))
            })
            .collect();
        self.push_branch(Branch { name, ..branch }, &children)
    }

    /// Merges a node into one that is more specific.
    fn merge(&mut self, specific: NodeId, other: NodeId) -> NodeId {
        if self.takes_all(specific) {
            return specific;
        }
        if let Some(merged) = self.merged.get(&(specific, other)) {
            return *merged;
        }
        let one = if self.may_stand_beside(specific, other) {
            None
        } else {
            self.merged_into_one(specific, other)
        };
        let merged = one.unwrap_or_else(|| self.push_either(specific, other));
        self.merged.insert((specific, other), merged);
        merged
    }

    /// Returns whether the nodes are better tried one after the other.
    fn may_stand_beside(&self, specific: NodeId, other: NodeId) -> bool {
        let (Some(first), Some(second)) = (self.get(specific), self.get(other)) else {
            return true;
        };
        let is_either = |node: &Finished| matches!(node.node, Node::Either(..));
        let is_wider = second.children.len() > 2 * first.children.len() + MERGED_AT_ONCE;
        (is_wider || is_either(first) || is_either(second))
            && first.tried.saturating_add(second.tried) <= MOST_TRIED
    }

    /// Makes one branch of both nodes, whatever of them stands beside each other; `None` where that
    /// is past the budget.
    fn merged_into_one(&mut self, specific: NodeId, other: NodeId) -> Option<NodeId> {
        match (self.get(specific)?.node, self.get(other)?.node) {
            (Node::Either(first, second), _) => {
                let specific = self.merged_into_one(first, second)?;
                self.merged_into_one(specific, other)
            }
            (_, Node::Either(first, second)) => {
                let specific = self.merged_into_one(specific, first)?;
                self.merged_into_one(specific, second)
            }
            (Node::Branch(first), Node::Branch(_)) if first.rest.is_some() => Some(specific),
            (Node::Branch(first), Node::Branch(second)) => {
                self.merged_branches((specific, first), (other, second))
            }
        }
    }

    fn merged_branches(
        &mut self,
        (specific, first): (NodeId, Branch),
        (other, second): (NodeId, Branch),
    ) -> Option<NodeId> {
        let cost = 1 + self.children_of(specific).len() + self.children_of(other).len();
        self.budget = self.budget.checked_sub(cost)?;
        let first_children = self.children_of(specific).to_vec();
        let second_children = self.children_of(other).to_vec();
        let mut children = Vec::with_capacity(cost);
        let mut firsts = first_children.into_iter().peekable();
        let mut seconds = second_children.into_iter().peekable();
        while let Some(literal) = least(firsts.peek(), seconds.peek()) {
            let next = |(next, _): &Child| *next == literal;
            let first = firsts.next_if(next).map(|(_, child)| child).or(first.name);
            let second = seconds
                .next_if(next)
                .map(|(_, child)| child)
                .or(second.name);
            if let Some(child) = self.merge_options(first, second) {
                children.push((literal, child));
            }
        }
        let branch = Branch {
            end: first.end.or(second.end),
            name: self.merge_options(first.name, second.name),
            rest: second.rest,
            ..Branch::default()
        };
        Some(self.push_branch(branch, &children))
    }

    fn merge_options(&mut self, specific: Option<NodeId>, other: Option<NodeId>) -> Option<NodeId> {
        match (specific, other) {
            (Some(specific), Some(other)) => Some(self.merge(specific, other)),
            (specific, other) => specific.or(other),
        }
    }

    /// Returns whether a node leads to a match, whatever follows.
    fn takes_all(&self, node: NodeId) -> bool {
        match self.get(node).map(|finished| finished.node) {
            Some(Node::Branch(branch)) => branch.rest.is_some(),
            Some(Node::Either(_, second)) => self.takes_all(second),
            None => false,
        }
    }

    fn get(&self, node: NodeId) -> Option<&Finished> {
        self.nodes.get(node.index())
    }

    fn children_of(&self, node: NodeId) -> &[Child] {
        let children = self.get(node).map(|finished| finished.children.clone());
        let children = children.map(|range| range.start as usize..range.end as usize);
        children
            .and_then(|range| self.children.get(range))
            .unwrap_or_default()
    }

    fn tried(&self, node: NodeId) -> u32 {
        self.get(node).map_or(1, |finished| finished.tried)
    }

    /// Adds a branch, which has these literals.
    fn push_branch(&mut self, branch: Branch, children: &[Child]) -> NodeId {
        let below = children.iter().map(|(_, child)| *child).chain(branch.name);
        let tried = below.map(|child| self.tried(child)).max().unwrap_or(1);
        // As many as there are nodes, or fewer.
        let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
        let start = number(self.children.len());
        self.children.extend_from_slice(children);
        self.push(Finished {
            node: Node::Branch(Branch {
                has_literals: !children.is_empty(),
                ..branch
            }),
            children: start..number(self.children.len()),
            tried,
        })
    }

    fn push_either(&mut self, first: NodeId, second: NodeId) -> NodeId {
        self.push(Finished {
            node: Node::Either(first, second),
            children: 0..0,
            tried: self.tried(first).saturating_add(self.tried(second)),
        })
    }

    fn push(&mut self, finished: Finished) -> NodeId {
        let node = NodeId::after(self.nodes.len());
        self.nodes.push(finished);
        node
    }

    /// Returns the tree of the nodes that can be reached, which are not all: some were merged into
    /// others.
    pub(super) fn into_tree(self) -> Tree {
        let mut tree = Tree::default();
        let mut numbers = Numbers::new(self.nodes.len());
        numbers.of(self.root);
        while let Some(old) = numbers.order.get(tree.nodes.len()).copied() {
            let Some(finished) = self.get(old) else {
                return tree;
            };
            let number = NodeId::after(tree.nodes.len());
            for (literal, child) in self.children_of(old) {
                let child = numbers.of(*child);
                tree.children.insert((number, *literal), child);
            }
            tree.nodes.push(match finished.node {
                Node::Branch(branch) => Node::Branch(Branch {
                    name: branch.name.map(|name| numbers.of(name)),
                    ..branch
                }),
                Node::Either(first, second) => Node::Either(numbers.of(first), numbers.of(second)),
            });
        }
        tree
    }
}

fn least(one: Option<&Child>, other: Option<&Child>) -> Option<Literal> {
    let literals = one.into_iter().chain(other).map(|(literal, _)| *literal);
    literals.min()
}

/// The new numbers of nodes, in the order in which they are reached.
struct Numbers {
    order: Vec<NodeId>,
    numbers: Vec<Option<NodeId>>,
}

impl Numbers {
    fn new(count: usize) -> Self {
        Self {
            order: Vec::new(),
            numbers: vec![None; count],
        }
    }

    fn of(&mut self, node: NodeId) -> NodeId {
        let next = NodeId::after(self.order.len());
        let Some(number) = self.numbers.get_mut(node.index()) else {
            return next;
        };
        if number.is_none() {
            self.order.push(node);
        }
        *number.get_or_insert(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::map::drafts::TreeBuilder;
    use crate::policy::map::segments::Literals;

    /// Patterns with a text or a `{name}` at each place, in every way, and other texts beside each
    /// text below a `{name}`.
    fn mixed(segments: usize) -> TreeBuilder {
        let mut literals = Literals::default();
        let mut number = |text: &str| Some(literals.number(text.as_bytes().into()));
        let mut tree = TreeBuilder::default();
        let mut index = 0;
        let mut insert = |path: &[Option<Literal>]| {
            index += 1;
            tree.insert(path, false, index)
                .expect("no path comes twice");
        };
        for length in 1..=segments {
            for kinds in 0..1_usize << length {
                let segment = |place| {
                    let is_name = kinds & (1_usize << place) != 0;
                    if is_name { None } else { number("text") }
                };
                let mut path: Vec<_> = (0..length).map(segment).collect();
                insert(&path);
                if path.last() == Some(&None) {
                    for other in 0..10 {
                        path.push(number(&other.to_string()));
                        insert(&path);
                        path.pop();
                    }
                }
            }
        }
        tree
    }

    #[test]
    fn nodes_that_stand_beside_each_other_do_not_multiply() {
        let merging = mixed(8).into_merging();
        assert!(merging.nodes.iter().any(|finished| finished.tried > 1));
        assert!(merging.tried(merging.root) <= MOST_TRIED);
    }
}
