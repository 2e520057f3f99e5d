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
    /// Each with words for the paths that have it.
    pub(super) with_paths: Vec<(Pair<'m>, Vec<String>)>,
    /// Whether there may be more.
    pub(super) are_cut: bool,
}

impl<'m> Pairs<'m> {
    pub(super) fn of(sides: [&'m PolicyMap; 2]) -> Self {
        let patterns = || sides.into_iter().flat_map(PolicyMap::paths);
        let covers_all = |pattern: &str| pattern.starts_with("/{*");
        let mut pairs = Vec::new();
        let places = |pair: Pair<'m>| pair.map(|policy| policy.map_or(0, place));
        let mut known: HashMap<[usize; 2], usize> = HashMap::new();
        if !patterns().any(|(pattern, _)| covers_all(pattern)) {
            let has_patterns = patterns().next().is_some();
            let words = if has_patterns {
                "every other path"
            } else {
                "every path"
            };
            let policies = sides.map(PolicyMap::default_policy);
            known.insert(places(policies), 0);
            pairs.push((policies, vec![words.to_owned()]));
        }
        let paths = Paths::of(sides);
        let mut named = HashSet::new();
        for Sample { path, patterns } in &paths.samples {
            let policies = sides.map(|side| side.policy(path));
            let index = *known.entry(places(policies)).or_insert_with(|| {
                pairs.push((policies, Vec::new()));
                pairs.len() - 1
            });
            let words = match patterns {
                [Some(old), Some(new)] if old != new => {
                    let [first, second] = if old < new { [old, new] } else { [new, old] };
                    format!("what is in {first} and in {second} (such as {path})")
                }
                [Some(pattern), _] | [None, Some(pattern)] => (*pattern).to_owned(),
                [None, None] => path.clone(),
            };
            if let Some((_, paths)) = pairs.get_mut(index)
                && named.insert((index, words.clone()))
            {
                paths.push(words);
            }
        }
        Self {
            with_paths: pairs,
            are_cut: paths.are_cut,
        }
    }
}
