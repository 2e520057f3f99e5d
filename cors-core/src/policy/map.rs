//! [`PolicyMap`]: policies by path.

#[cfg(feature = "serde")]
mod config;
mod pattern;

use std::sync::Arc;

use matchit::{InsertError, Router};

#[cfg(feature = "serde")]
pub use self::config::PolicyMapConfig;
use crate::policy::Policy;
use crate::policy::problem::{Place, PolicyErrors, ProblemKind, Problems};

/// Policies by path, for an app whose parts are for different origins.
///
/// A pattern is a path, in which `{name}` stands for one segment or for the end of one, and
/// `{*name}`, at the end, for everything that follows and is not empty: the syntax of axum's
/// router, read by the same crate.
///
/// | pattern | matches | does not match |
/// | --- | --- | --- |
/// | `/api` | `/api` | `/api/`, `/apixyz`, `/API` |
/// | `/api/{id}` | `/api/7` | `/api/`, `/api/7/notes` |
/// | `/api/v{version}` | `/api/v2` | `/api/v` |
/// | `/api/{id}/notes` | `/api/7/notes`, `/api//notes` | `/api/7/8/notes` |
/// | `/api/{*rest}` | `/api/7`, `/api/7/notes`, `/api//` | `/api`, `/api/` |
///
/// The most specific pattern wins, whatever the order in which they are written: text before a
/// wildcard, segment by segment. Where one pattern has `{*name}`, no other one can have a `{name}`:
/// that is a problem, as are two patterns that differ in names alone. The winner's policy replaces every other one, for
/// preflights as for actual requests. A path that is switched off, or that no pattern matches in a
/// map without a default policy, is left alone: its preflights reach the app, and its responses
/// stay as they are.
///
/// ```
/// use cors_core::{Policy, PolicyMap};
///
/// # fn main() -> Result<(), cors_core::PolicyErrors> {
/// let app = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
/// let public = Policy::builder().allow_origins(["*"]).build()?;
/// let policies = PolicyMap::builder()
///     .default_policy(app)
///     .path("/status", public.clone())
///     .path("/feeds/{*feed}", public)
///     .path_off("/internal/{*rest}")
///     .build()?;
///
/// let allows = |path, origin| policies.policy(path).is_some_and(|policy| policy.allows_origin(origin));
/// assert!(allows("/feeds/news", "https://anyone.example"));
/// assert!(!allows("/feeds", "https://anyone.example"));
/// assert!(policies.policy("/internal/metrics").is_none());
/// # Ok(())
/// # }
/// ```
///
/// The cost of a look-up does not grow with the number of patterns. It allocates nothing, but for a
/// pattern with more than three wildcards.
///
/// # Security
///
/// Paths are compared as they were sent: case-sensitive, nothing is decoded or tidied. Some routers
/// do more, and reach a route under other spellings of its path (`/%61pi` or `//api` for `/api`);
/// such a spelling has the default policy. So let the default be the policy that allows least, or
/// have none.
#[derive(Clone, Debug)]
pub struct PolicyMap(Arc<Paths>);

#[derive(Debug)]
struct Paths {
    /// Of each pattern, the number of its policy; nothing where it is switched off.
    patterns: Router<Option<usize>>,
    has_patterns: bool,
    default: Option<usize>,
    policies: Vec<Policy>,
}

impl PolicyMap {
    /// Begins a map without any path and without a default policy.
    pub fn builder() -> PolicyMapBuilder {
        PolicyMapBuilder::default()
    }

    /// The policy of a path, which is [as it was sent](crate::RequestHead::path); `None` where it
    /// has none.
    #[must_use]
    pub fn policy(&self, path: &str) -> Option<&Policy> {
        self.0.policies.get(self.number(path)?)
    }

    /// The number of a path's policy among [all](Self::policies).
    pub(crate) fn number(&self, path: &str) -> Option<usize> {
        match self.0.patterns.at(path) {
            Ok(found) => *found.value,
            Err(_) => self.0.default,
        }
    }

    /// The default policy, where there are no patterns beside it.
    pub(crate) fn only_policy(&self) -> Option<&Policy> {
        let default = self.0.default.filter(|_| !self.0.has_patterns)?;
        self.0.policies.get(default)
    }

    pub(crate) fn policies(&self) -> &[Policy] {
        &self.0.policies
    }
}

/// Collects the paths of a [`PolicyMap`]; [`build`](Self::build) checks them all.
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

    /// Switches CORS off for the paths that a pattern matches: for an app that answers there
    /// itself, or for a route that has an adapter of its own.
    pub fn path_off(mut self, pattern: impl Into<String>) -> Self {
        self.paths.push((pattern.into(), None));
        self
    }

    /// Checks every pattern and compiles the map.
    ///
    /// # Errors
    ///
    /// All problems at once: patterns that can't be read, that no request can match, or that
    /// overlap with another one and are not more specific.
    pub fn build(self) -> Result<PolicyMap, PolicyErrors> {
        let mut problems = Problems::default();
        let paths = self.compile(&mut problems);
        problems.into_result(PolicyMap(Arc::new(paths)))
    }

    fn compile(self, problems: &mut Problems) -> Paths {
        let mut policies = Vec::new();
        let mut number = |policy: Policy| {
            policies.push(policy);
            policies.len() - 1
        };
        let default = self.default.map(&mut number);
        let has_patterns = !self.paths.is_empty();
        let mut patterns = Router::new();
        for (index, (pattern, policy)) in self.paths.into_iter().enumerate() {
            let policy = policy.map(&mut number);
            let inserted = pattern::check(&pattern).and_then(|()| {
                let inserted = patterns.insert(pattern.as_str(), policy);
                inserted.map_err(|error| match error {
                    InsertError::Conflict { with } => ProblemKind::PathConflict(with),
                    _ => ProblemKind::PathPatternInvalid,
                })
            });
            if let Err(problem) = inserted {
                problems.add(Place::PathSetting(index, "path"), pattern, problem);
            }
        }
        Paths {
            patterns,
            has_patterns,
            default,
            policies,
        }
    }
}
