//! [`Changes`]: what differs between two files, by path.

use std::collections::HashMap;

use cors_core::PolicyMap;

use super::compare::{Budget, Change, Compared, LeftOut, compare, compare_with_nobody};
use super::pairs::Pairs;
use super::readings::Merged;
use super::same::Same;

/// What differs between two files.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// The words for paths, with what changes there.
    pub(super) by_paths: Vec<(Vec<String>, Change)>,
    /// The words for paths at which there was too much to try.
    pub(super) left_out: Vec<String>,
    /// The words for paths at which an item has no origin that could be tried.
    pub(super) untried: Vec<String>,
    /// Whether the shadows differ.
    pub(super) in_shadow: bool,
}

impl Changes {
    pub(super) fn between(sides: [&PolicyMap; 2]) -> Self {
        let mut changes = Self::default();
        let [old, new] = sides.map(PolicyMap::config);
        if old == new {
            return changes;
        }
        let [old, new] = sides.map(|side| side.shadow().map(PolicyMap::config));
        changes.in_shadow = old != new;
        let mut budget = Budget::default();
        let pairs = Pairs::of(sides);
        if pairs.are_cut {
            let words = "paths at which patterns overlap in yet other ways";
            changes.left_out.push(words.to_owned());
        }
        let mut known = HashMap::new();
        let same = Same::of(sides);
        let merged = Merged::all(&pairs, sides);
        for paired in pairs.all {
            if !same.has(paired.policies) {
                let compared = compare(paired.policies, &mut budget);
                changes.push(compared, paired.paths, &mut known);
            }
        }
        for merged in merged {
            let compared = compare_with_nobody(&merged, &mut budget);
            changes.push(compared, vec![merged.paths], &mut known);
        }
        changes
    }

    /// Adds what is known of some paths to what is known to change in the same way.
    fn push(&mut self, compared: Compared, paths: Vec<String>, known: &mut HashMap<Change, usize>) {
        match compared.left_out {
            Some(LeftOut::TooMuch) => self.left_out.extend(paths.iter().cloned()),
            Some(LeftOut::NoOrigin) => self.untried.extend(paths.iter().cloned()),
            None => {}
        }
        if compared.change == Change::default() {
            return;
        }
        let index = *known.entry(compared.change.clone()).or_insert_with(|| {
            self.by_paths.push((Vec::new(), compared.change));
            self.by_paths.len() - 1
        });
        if let Some((known, _)) = self.by_paths.get_mut(index) {
            known.extend(paths);
        }
    }

    /// Returns whether something may be allowed that was not.
    pub(super) fn widens(&self) -> bool {
        let mut changes = self.by_paths.iter();
        let is_all = self.left_out.is_empty() && self.untried.is_empty();
        !is_all || changes.any(|(_, change)| !change.wider.is_empty())
    }
}
