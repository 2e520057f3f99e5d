//! [`PolicyMapBuilder`]: policies by path, written in code or taken from a configuration.

use std::sync::Arc;

use super::config::{PathConfig, PolicyMapConfig};
use super::{PathRouter, Paths, PolicyMap, insert};
use crate::policy::Policy;
use crate::policy::config::PolicyConfig;
use crate::policy::problem::{PolicyErrors, ProblemKind, Problems};
use crate::policy::setting::{Setting, SettingLocation};

impl PolicyMap {
    /// Begins a map without any path and without a default policy.
    pub fn builder() -> PolicyMapBuilder {
        PolicyMapBuilder::default()
    }
}

/// A builder of a [`PolicyMap`]; [`build`](Self::build) checks all paths.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct PolicyMapBuilder {
    default: Option<Policy>,
    paths: Vec<(String, Option<Policy>)>,
}

impl PolicyMapBuilder {
    /// Sets the policy of every path that no pattern matches.
    pub fn default_policy(mut self, policy: Policy) -> Self {
        self.default = Some(policy);
        self
    }

    /// Adds a pattern, and the policy of the paths that it matches.
    pub fn path(mut self, pattern: impl Into<String>, policy: Policy) -> Self {
        self.paths.push((pattern.into(), Some(policy)));
        self
    }

    /// Disables CORS for the paths that a pattern matches: for an app that handles CORS there
    /// itself, or for a route that has an adapter of its own.
    pub fn disable_path(mut self, pattern: impl Into<String>) -> Self {
        self.paths.push((pattern.into(), None));
        self
    }

    /// Checks every pattern and compiles the map.
    ///
    /// # Errors
    ///
    /// Returns all problems at once: patterns that can't be read, that no request can match, or
    /// that overlap with another one and are not more specific.
    pub fn build(self) -> Result<PolicyMap, PolicyErrors> {
        let mut problems = Problems::default();
        let paths = self.compile(&mut problems);
        problems.into_result(PolicyMap(Arc::new(paths)))
    }

    fn compile(self, problems: &mut Problems) -> Paths {
        let mut policies = Vec::new();
        let mut index_of = |policy: Policy| {
            policies.push(policy);
            policies.len() - 1
        };
        let default = self.default.map(&mut index_of);
        let paths = self.paths.into_iter();
        let patterns: Vec<_> = paths
            .map(|(pattern, policy)| (pattern, policy.map(&mut index_of)))
            .collect();
        let mut router = PathRouter::default();
        for (path, (pattern, index)) in patterns.iter().enumerate() {
            if let Err(problem) = insert(&mut router, pattern, *index) {
                let location = SettingLocation::from(Setting::Path).in_path(path);
                problems.add(location, pattern.as_str(), problem);
            }
        }
        Paths {
            router,
            patterns,
            default,
            policies,
        }
    }
}

impl PolicyMapConfig {
    /// Checks and compiles the policies.
    ///
    /// # Errors
    ///
    /// Returns all problems of all policies at once. A problem that a table takes over from the top
    /// is not reported twice.
    pub fn build(&self) -> Result<PolicyMap, PolicyErrors> {
        let mut problems = Problems::default();
        let mut builder = PolicyMapBuilder::default();
        let defaults = self.default.clone().unwrap_or_default();
        if self.default.is_some() {
            builder.default = defaults
                .build()
                .map_err(|errors| problems.extend(errors))
                .ok();
        }
        // The policy that stands in for one that can't be built, so that all patterns are checked.
        let nobody = PolicyConfig::default().build()?;
        let default_problems = problems.clone();
        for (index, path) in self.paths.iter().enumerate() {
            let policy = path.build(index, &defaults, &default_problems, &mut problems);
            let policy = path
                .enabled
                .then(|| policy.unwrap_or_else(|| nobody.clone()));
            builder.paths.push((path.pattern.clone(), policy));
        }
        let paths = builder.compile(&mut problems);
        problems.into_result(PolicyMap(paths.into()))
    }
}

impl PathConfig {
    fn build(
        &self,
        index: usize,
        defaults: &PolicyConfig,
        default_problems: &Problems,
        problems: &mut Problems,
    ) -> Option<Policy> {
        if !self.enabled {
            for setting in &self.overrides.written {
                problems.add(
                    SettingLocation::from(*setting).in_path(index),
                    self.pattern.as_str(),
                    ProblemKind::SettingOfDisabledPath,
                );
            }
            return None;
        }
        let errors = match self.overrides.merged_over(defaults).build() {
            Ok(policy) => return Some(policy),
            Err(errors) => errors,
        };
        for problem in errors {
            let inherited = !self.overrides.writes(problem.location().setting());
            if !(inherited && default_problems.contains(&problem)) {
                problems.push(problem.in_path(index));
            }
        }
        None
    }
}
