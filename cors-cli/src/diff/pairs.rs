//! [`Pairs`]: the policies that paths have in both files.

use std::collections::{HashMap, HashSet};

use cors_core::{Policy, PolicyMap};

use super::paths::{Paths, Sample};
use super::same::place;

/// The policies of a path in both files.
pub(super) type Pair<'m> = [Option<&'m Policy>; 2];

/// The pairs of policies that paths have.
#[derive(Debug)]
pub(super) struct Pairs<'m> {
    pub(super) all: Vec<Paired<'m>>,
    /// Whether there may be more.
    pub(super) are_cut: bool,
}

/// A pair of policies, and the paths that have it.
#[derive(Debug)]
pub(super) struct Paired<'m> {
    pub(super) policies: Pair<'m>,
    /// The words for the paths.
    pub(super) paths: Vec<String>,
    /// One of the paths, where a pattern is for it.
    pub(super) sample: Option<String>,
}

impl<'m> Pairs<'m> {
    pub(super) fn of(sides: [&'m PolicyMap; 2]) -> Self {
        let Paths { samples, are_cut } = Paths::of(sides);
        let mut pairs = Self {
            all: Vec::new(),
            are_cut,
        };
        let mut known: HashMap<[usize; 2], usize> = HashMap::new();
        let mut named = HashSet::new();
        for sample in samples {
            let index = pairs.index_of(sample.policies, &mut known);
            let words = words(&sample);
            if let Some(paired) = pairs.all.get_mut(index)
                && named.insert((index, words.clone()))
            {
                paired.paths.push(words);
                paired.sample.get_or_insert(sample.path);
            }
        }
        let patterns = || sides.into_iter().flat_map(PolicyMap::paths);
        let covers_all = |pattern: &str| pattern.starts_with("/{*");
        if !patterns().any(|(pattern, _)| covers_all(pattern)) {
            let words = match patterns().next() {
                Some(_) => "every other path",
                None => "every path",
            };
            let policies = sides.map(PolicyMap::default_policy);
            let index = pairs.index_of(policies, &mut known);
            if let Some(paired) = pairs.all.get_mut(index) {
                paired.paths.push(words.to_owned());
            }
        }
        pairs
    }

    fn index_of(&mut self, policies: Pair<'m>, known: &mut HashMap<[usize; 2], usize>) -> usize {
        let places = policies.map(|policy| policy.map_or(0, place));
        *known.entry(places).or_insert_with(|| {
            self.all.push(Paired {
                policies,
                paths: Vec::new(),
                sample: None,
            });
            self.all.len() - 1
        })
    }
}

/// Returns the words for the paths that a sample stands for.
fn words(Sample { path, patterns, .. }: &Sample<'_>) -> String {
    match patterns {
        [Some(old), Some(new)] if old != new => {
            let [first, second] = if old < new { [old, new] } else { [new, old] };
            format!("what is in {first} and in {second} (such as {path})")
        }
        [Some(pattern), _] | [None, Some(pattern)] => (*pattern).to_owned(),
        [None, None] => path.clone(),
    }
}
