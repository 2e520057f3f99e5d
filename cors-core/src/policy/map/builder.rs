//! [`PolicyMapBuilder`]: policies by path, written in code or taken from a configuration.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::config::{Overrides, PathConfig, PolicyMapConfig, ShadowConfig};
use super::lookup::{Ambiguous, Lookup};
use super::matcher::MatcherBuilder;
use super::pattern::Pattern;
use super::{Paths, PolicyMap};
use crate::policy::compile::{Compiler, Inheritance};
use crate::policy::config::PolicyConfig;
use crate::policy::predicates::Predicates;
use crate::policy::problem::{PolicyErrors, ProblemKind, Problems};
use crate::policy::setting::{Setting, SettingLocation};
use crate::policy::{Judging, Policy};
use crate::protocol::refusal::Refusal;

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
    /// that another one repeats.
    pub fn build(self) -> Result<PolicyMap, PolicyErrors> {
        let mut problems = Problems::default();
        let paths = self.compile(&mut problems);
        problems.into_result(PolicyMap(Arc::new(paths)))
    }

    fn compile(self, problems: &mut Problems) -> Paths {
        let mut policies = DistinctPolicies::default();
        let default = self.default.map(|policy| policies.index_of(policy));
        let mut matcher = MatcherBuilder::default();
        let mut patterns: Vec<(String, Option<usize>)> = Vec::with_capacity(self.paths.len());
        for (index, (written, policy)) in self.paths.into_iter().enumerate() {
            let inserted = Pattern::parse(&written).and_then(|pattern| {
                matcher.insert(pattern, index).map_err(|other| {
                    let other = patterns.get(other).map(|(written, _)| written.clone());
                    ProblemKind::PathConflict(other.unwrap_or_default())
                })
            });
            if let Err(problem) = inserted {
                let location = SettingLocation::from(Setting::Path).in_path(index);
                problems.add(location, &written, problem);
            }
            patterns.push((written, policy.map(|policy| policies.index_of(policy))));
        }
        let has_one_policy = patterns.iter().all(|(_, policy)| *policy == default);
        let lookup = if has_one_policy {
            None
        } else {
            let rejecting = policies.rejecting();
            let with_hosts = policies.with_hosts();
            let refuses = policies.index_of(of_ambiguous_paths(false));
            let rejects = policies.index_of(of_ambiguous_paths(true));
            let foreign_host = policies.index_of(of_foreign_hosts());
            let unread = if rejecting.contains(&true) {
                rejects
            } else {
                refuses
            };
            Some(Lookup {
                matcher: matcher.build(),
                policies: patterns.iter().map(|(_, policy)| *policy).collect(),
                default,
                rejecting,
                with_hosts,
                ambiguous: Ambiguous {
                    refuses,
                    rejects,
                    unread,
                    foreign_host,
                },
            })
        };
        Paths {
            policies: policies.all,
            patterns,
            default,
            lookup,
            shadow: None,
        }
    }
}

/// Makes the policy for paths whose readings have different policies.
fn of_ambiguous_paths(rejects: bool) -> Policy {
    let config = PolicyConfig {
        reject_disallowed_origins: rejects,
        ..PolicyConfig::default()
    };
    let mut compiled = Compiler::default().compile(config, Predicates::default(), None);
    compiled.judging = Judging::None(Refusal::AmbiguousPath);
    compiled.into()
}

/// Makes the policy for requests that a policy rejects for their host: it has no host.
fn of_foreign_hosts() -> Policy {
    let config = PolicyConfig::default();
    let mut compiled = Compiler::default().compile(config, Predicates::default(), None);
    compiled.checks_hosts = true;
    compiled.into()
}

/// The policies of a map, each once: paths that share one have one index.
#[derive(Default)]
struct DistinctPolicies {
    all: Vec<Policy>,
    indices: HashMap<usize, usize, RandomState>,
}

impl DistinctPolicies {
    fn index_of(&mut self, policy: Policy) -> usize {
        let next = self.all.len();
        let index = *self.indices.entry(policy.address()).or_insert(next);
        if index == next {
            self.all.push(policy);
        }
        index
    }

    fn rejecting(&self) -> Vec<bool> {
        let rejects = |policy: &Policy| policy.compiled().switches.reject_disallowed_origins;
        self.all.iter().map(rejects).collect()
    }

    /// Returns the index of one policy for each list of hosts: paths that inherit one share it.
    fn with_hosts(&self) -> Vec<usize> {
        let mut seen: HashSet<_, RandomState> = HashSet::default();
        let policies = self.all.iter().map(Policy::compiled).enumerate();
        policies
            .filter(|(_, policy)| policy.checks_hosts && seen.insert(Arc::as_ptr(&policy.hosts)))
            .map(|(index, _)| index)
            .collect()
    }
}

impl PolicyMapConfig {
    /// Checks and compiles the policies. What a table takes over from the top is compiled once.
    ///
    /// # Errors
    ///
    /// Returns all problems of all policies at once; the first hundred and their number, if there
    /// are more. A problem that a table takes over from the top is not reported twice.
    pub fn build(&self) -> Result<PolicyMap, PolicyErrors> {
        let mut compiler = Compiler::default();
        let top = self.default.clone().unwrap_or_default();
        let top = Policy::from(compiler.compile(top, Predicates::default(), None));
        let mut paths = build_paths(&top, self.default.is_some(), &self.paths, &mut compiler);
        if let Some(shadow) = &self.shadow {
            let shadow = self.build_shadow(shadow, &top, &mut compiler);
            paths.shadow = Some(PolicyMap(shadow.into()));
        }
        compiler.problems.into_result(PolicyMap(paths.into()))
    }

    fn build_shadow(&self, shadow: &ShadowConfig, top: &Policy, compiler: &mut Compiler) -> Paths {
        let has_problems = !compiler.problems.is_empty();
        compiler.problems.set_in_shadow(true);
        let top = shadow.overrides.build(top, compiler);
        let has_default = self.default.is_some() || !shadow.overrides.written.is_empty();
        let paths = match &shadow.paths {
            Some(paths) => paths.as_slice(),
            // What is wrong with them is told once, and they are not looked at again before it is
            // mended.
            None if has_problems => &[],
            None => &self.paths,
        };
        let paths = build_paths(&top, has_default, paths, compiler);
        compiler.problems.set_in_shadow(false);
        paths
    }
}

/// Compiles the tables of a file, or of its shadow, under the policy at the top.
fn build_paths(
    top: &Policy,
    has_default: bool,
    paths: &[PathConfig],
    compiler: &mut Compiler,
) -> Paths {
    let mut builder = PolicyMapBuilder::default();
    // Tables that write the same have one policy, so that a path that can be read as either of
    // them is not ambiguous.
    let mut built: HashMap<&Overrides, Policy, RandomState> = HashMap::default();
    for (index, path) in paths.iter().enumerate() {
        compiler.problems.set_path(Some(index));
        let policy = match built.get(&path.overrides).filter(|_| path.enabled) {
            Some(policy) => Some(policy.clone()),
            None => path.build(top, compiler),
        };
        if let Some(policy) = policy.as_ref().filter(|_| compiler.problems.is_empty()) {
            built.insert(&path.overrides, policy.clone());
        }
        builder.paths.push((path.pattern.clone(), policy));
    }
    compiler.problems.set_path(None);
    builder.default = has_default.then(|| top.clone());
    builder.compile(&mut compiler.problems)
}

impl PathConfig {
    /// Returns the path's policy, unless the path is disabled.
    fn build(&self, top: &Policy, compiler: &mut Compiler) -> Option<Policy> {
        let written = &self.overrides.written;
        if !self.enabled {
            for setting in written {
                let problem = ProblemKind::SettingOfDisabledPath;
                compiler
                    .problems
                    .add((*setting).into(), &self.pattern, problem);
            }
            return None;
        }
        Some(self.overrides.build(top, compiler))
    }
}

impl Overrides {
    /// Returns the policy that has these settings, and all others of the one at the top.
    fn build(&self, top: &Policy, compiler: &mut Compiler) -> Policy {
        let written = &self.written;
        if written.is_empty() {
            return top.clone();
        }
        let top = top.compiled();
        let config = self.merged_over(&top.switches);
        let inheritance = Inheritance { top, written };
        let policy = compiler.compile(config, Predicates::default(), Some(inheritance));
        policy.into()
    }
}
