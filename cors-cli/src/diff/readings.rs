//! [`Merged`]: policies of paths that can be read in several ways.

use std::collections::{BTreeMap, BTreeSet};

use cors_core::{Policy, PolicyMap};

use super::pairs::{Paired, Pairs};
use super::same::place;

/// The most spellings that are looked up to find one to name.
const MAX_SPELLINGS: usize = 100;

/// A policy of one file, for paths that have several in the other one.
///
/// A path that can be read in several ways is refused where its readings have different policies. So
/// where these became one, that policy is for paths which were refused, even if it grants no more
/// than each of those before.
#[derive(Debug)]
pub(super) struct Merged<'m> {
    pub(super) policy: &'m Policy,
    /// Which of the files has it.
    pub(super) side: usize,
    /// The words for the paths.
    pub(super) paths: String,
}

impl<'m> Merged<'m> {
    /// Returns the policies of both files, in an order that does not depend on which is the first.
    pub(super) fn all(pairs: &Pairs<'m>, sides: [&PolicyMap; 2]) -> Vec<Self> {
        let mut by_place: BTreeMap<(usize, usize), Several<'_, 'm>> = BTreeMap::new();
        for (index, paired) in pairs.all.iter().enumerate() {
            for (side, policy) in paired.policies.into_iter().enumerate() {
                if let Some(policy) = policy {
                    let several = by_place.entry((side, place(policy)));
                    let several = several.or_insert_with(|| Several {
                        first: index,
                        side,
                        policy,
                        paired: Vec::new(),
                    });
                    several.paired.push(paired);
                }
            }
        }
        let mut several: Vec<_> = by_place.into_values().collect();
        several.retain(|several| several.paired.len() > 1);
        several.sort_by_key(|several| several.first);
        let mut spellings = MAX_SPELLINGS;
        let singles = sides.map(singles);
        let of = |several: &Several<'_, 'm>| {
            let example = several.example(sides, &singles, &mut spellings);
            let such_as = example.map(|path| format!(" (such as {path})"));
            let such_as = such_as.unwrap_or_default();
            let paths = format!("paths that can be read in several ways{such_as}");
            let merged = Self {
                policy: several.policy,
                side: several.side,
                paths: paths.clone(),
            };
            ((several.first, paths), merged)
        };
        let mut merged: Vec<_> = several.iter().map(of).collect();
        merged.sort_by(|(one, _), (other, _)| one.cmp(other));
        merged.into_iter().map(|(_, merged)| merged).collect()
    }
}

/// A policy with the pairs that it is in, of which there are several.
struct Several<'p, 'm> {
    /// The index of the first pair.
    first: usize,
    side: usize,
    policy: &'m Policy,
    paired: Vec<&'p Paired<'m>>,
}

impl Several<'_, '_> {
    /// Returns a path that has the policy in its file, and no single one in the other.
    fn example(
        &self,
        [old, new]: [&PolicyMap; 2],
        [singles_of_old, singles_of_new]: &[BTreeSet<usize>; 2],
        most: &mut usize,
    ) -> Option<String> {
        let (of, other, singles) = match self.side {
            0 => (old, new, singles_of_new),
            _ => (new, old, singles_of_old),
        };
        let is_one = |path: &String| {
            of.policy(path).map(place) == Some(place(self.policy))
                && !singles.contains(&other.policy(path).map_or(0, place))
        };
        let samples = self
            .paired
            .iter()
            .filter_map(|paired| paired.sample.as_deref());
        for path in samples.flat_map(spellings) {
            *most = most.checked_sub(1)?;
            if is_one(&path) {
                return Some(path);
            }
        }
        None
    }
}

/// Returns the places of the policies of paths that have a single one.
fn singles(policies: &PolicyMap) -> BTreeSet<usize> {
    let of_paths = policies.paths().map(|(_, policy)| policy);
    let all = of_paths.chain([policies.default_policy(), None]);
    all.map(|policy| policy.map_or(0, place)).collect()
}

/// Returns paths of which one reading is this one, or one that a pattern for it also matches.
fn spellings(path: &str) -> impl Iterator<Item = String> {
    let ends = path.match_indices('/').skip(1).map(|(slash, _)| slash);
    ends.chain([path.len()]).flat_map(move |end| {
        let (before, after) = path.split_at(end);
        let joined = after
            .strip_prefix('/')
            .map(|after| format!("{before}%2F{after}"));
        let added = [
            format!("{before}%2Fx{after}"),
            format!("{before};x{after}"),
            format!("{before}/;x{after}"),
        ];
        joined.into_iter().chain(added)
    })
}
