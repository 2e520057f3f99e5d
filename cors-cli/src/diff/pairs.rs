//! [`Pairs`]: the policies that paths have in both files.

use std::collections::HashMap;

use cors_core::{Policy, PolicyMap};

use super::paths::{Paths, Sample};

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
        if !patterns().any(|(pattern, _)| covers_all(pattern)) {
            let has_patterns = patterns().next().is_some();
            let words = if has_patterns {
                "every other path"
            } else {
                "every path"
            };
            pairs.push((sides.map(PolicyMap::default_policy), vec![words.to_owned()]));
        }
        let paths = Paths::of(sides);
        let mut known: HashMap<[usize; 2], usize> = HashMap::new();
        for Sample { path, patterns } in &paths.samples {
            let policies = sides.map(|side| side.policy(path));
            // A map has each of its policies once.
            let places =
                policies.map(|policy| policy.map_or(0, |policy| std::ptr::from_ref(policy).addr()));
            let index = *known.entry(places).or_insert_with(|| {
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
            if let Some((_, known)) = pairs.get_mut(index)
                && !known.contains(&words)
            {
                known.push(words);
            }
        }
        Self {
            with_paths: pairs,
            are_cut: paths.are_cut,
        }
    }
}
