//! What is tried of two policies: [`Samples`].

use std::collections::BTreeSet;

use cors_core::{Policy, PolicyConfig, PolicyMap, probe};

/// Methods that are tried beside those that are listed.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Headers that are tried beside those that are listed; the last one no policy lists.
const HEADERS: [&str; 3] = ["authorization", "content-type", "x-cors-diff"];

/// What is tried of two policies.
#[derive(Debug)]
pub(super) struct Samples {
    /// The patterns, each with a path that it matches, and a path that most likely has none.
    pub(super) paths: Vec<(String, String)>,
    pub(super) methods: BTreeSet<String>,
    pub(super) headers: BTreeSet<String>,
    /// The headers of the app's responses.
    pub(super) exposed: BTreeSet<String>,
    pub(super) hosts: BTreeSet<String>,
}

impl Samples {
    pub(super) fn of(sides: [&PolicyMap; 2]) -> Self {
        let patterns = sides.into_iter().flat_map(PolicyMap::paths);
        let patterns: BTreeSet<_> = patterns.map(|(pattern, _)| pattern).collect();
        let mut samples = Self {
            paths: patterns
                .into_iter()
                .map(|pattern| (pattern.to_owned(), probe::sample_path(pattern)))
                .collect(),
            methods: METHODS.map(str::to_owned).into(),
            headers: HEADERS.map(str::to_owned).into(),
            exposed: BTreeSet::from(["x-cors-diff".to_owned()]),
            hosts: BTreeSet::new(),
        };
        let others = ["every other path", "/a-path-of-cors-diff"];
        samples.paths.push(others.map(str::to_owned).into());
        for policy in sides.into_iter().flat_map(policies) {
            samples.hosts.extend(probe::sample_hosts(policy));
            samples.add(&policy.config());
        }
        samples
    }

    fn add(&mut self, config: &PolicyConfig) {
        let named = |items: &[String]| -> Vec<String> {
            let items = items.iter().filter(|item| *item != "*");
            items
                .map(|item| item.replace('*', "a").to_ascii_lowercase())
                .collect()
        };
        let methods = config.allow_methods.iter().filter(|item| *item != "*");
        self.methods.extend(methods.cloned());
        self.headers.extend(named(&config.allow_headers));
        self.exposed.extend(named(&config.expose_headers));
    }

    /// Returns the origins of the pages that are tried under the policies of a path.
    pub(super) fn pages(&self, sides: [Option<&Policy>; 2]) -> BTreeSet<String> {
        let policies = sides.into_iter().flatten();
        policies.flat_map(probe::sample_origins).collect()
    }
}

/// Returns every policy of a map.
fn policies(map: &PolicyMap) -> impl Iterator<Item = &Policy> {
    let of_paths = map.paths().filter_map(|(_, policy)| policy);
    map.default_policy().into_iter().chain(of_paths)
}
