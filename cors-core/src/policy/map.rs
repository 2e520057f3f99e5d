//! [`PolicyMap`]: policies by path.

pub(crate) mod builder;
pub(crate) mod config;
#[cfg(feature = "paths")]
mod pattern;
#[cfg(feature = "serde")]
mod serde;

use std::fmt;
use std::sync::Arc;

#[cfg(feature = "paths")]
use matchit::InsertError;

use self::config::PolicyMapConfig;
use super::Policy;
use super::problem::ProblemKind;
use crate::protocol::escape::Shortened;

/// Policies by path, for an app whose parts are for different origins.
///
/// A pattern is a path. In it `{name}` stands for one segment or for the end of one, and `{*name}`,
/// at the end, for everything that follows and is not empty. This is the syntax of axum's router,
/// read by the same crate.
///
/// | pattern | matches | does not match |
/// | --- | --- | --- |
/// | `/api` | `/api` | `/api/`, `/apixyz`, `/API` |
/// | `/api/{id}` | `/api/7` | `/api/`, `/api/7/notes` |
/// | `/api/v{version}` | `/api/v2` | `/api/v` |
/// | `/api/{id}/notes` | `/api/7/notes`, `/api//notes` | `/api/7/8/notes` |
/// | `/api/{*rest}` | `/api/7`, `/api/7/notes`, `/api//` | `/api`, `/api/` |
///
/// The most specific pattern wins, in whatever order the patterns are written: text goes before a
/// wildcard, segment by segment. Where one pattern has `{*name}`, no other one can have a `{name}`:
/// that is a problem, as are two patterns that differ only in names. The winner's policy replaces
/// every other one, for preflights as for actual requests. A path is left alone if it is disabled,
/// or if no pattern matches it and there is no default policy: its preflights reach the app, and
/// its responses stay as they are.
///
/// A [`Policy`] is a map too: every path has it. Patterns need the feature `paths`; without it,
/// [`build`](crate::PolicyMapBuilder::build) says so.
///
/// ```
/// use cors_core::{Policy, PolicyMap};
///
/// # #[cfg(feature = "paths")]
/// # fn main() -> Result<(), cors_core::PolicyErrors> {
/// let app = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
/// let public = Policy::builder().allow_origins(["*"]).build()?;
/// let policies = PolicyMap::builder()
///     .default_policy(app)
///     .path("/status", public.clone())
///     .path("/feeds/{*feed}", public)
///     .disable_path("/internal/{*rest}")
///     .build()?;
///
/// let allows = |path, origin| policies.policy(path).is_some_and(|policy| policy.allows_origin(origin));
/// assert!(allows("/feeds/news", "https://anyone.example"));
/// assert!(!allows("/feeds", "https://anyone.example"));
/// assert!(policies.policy("/internal/metrics").is_none());
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "paths"))]
/// # fn main() {}
/// ```
///
/// The cost of a look-up does not grow with the number of patterns. A look-up allocates nothing,
/// except for a pattern with more than three wildcards.
///
/// # Security
///
/// Paths are compared as they were sent: case-sensitive, not decoded and not tidied. Some routers
/// do more, and reach a route under other spellings of its path (`/%61pi` or `//api` for `/api`);
/// such a spelling has the default policy. So let the default be the policy that allows least, or
/// have no default.
#[derive(Clone)]
pub struct PolicyMap(Arc<Paths>);

struct Paths {
    /// The index of each pattern's policy; `None` where the path is disabled.
    router: PathRouter,
    /// The patterns as they were written, with the same indices.
    patterns: Vec<(String, Option<usize>)>,
    default: Option<usize>,
    policies: Vec<Policy>,
}

impl PolicyMap {
    /// Returns the policy of a path, which is [as it was
    /// sent](crate::adapter::RequestHead::path); `None` where it has none.
    #[must_use]
    pub fn policy(&self, path: &str) -> Option<&Policy> {
        self.0.policies.get(self.index_of(path)?)
    }

    /// Returns the index of a path's policy among [all](Self::policies).
    pub(crate) fn index_of(&self, path: &str) -> Option<usize> {
        look_up(&self.0.router, path).unwrap_or(self.0.default)
    }

    /// Returns whether every path has the default policy.
    pub(crate) fn has_no_patterns(&self) -> bool {
        self.0.patterns.is_empty()
    }

    /// Returns the index of the policy of paths that no pattern matches.
    pub(crate) fn default_index(&self) -> Option<usize> {
        self.0.default
    }

    pub(crate) fn policies(&self) -> &[Policy] {
        &self.0.policies
    }

    /// Returns the settings that build the same map, except for predicates: those of the default
    /// policy, and for each path those that differ from it.
    ///
    /// ```
    /// use cors_core::{Policy, PolicyMap};
    ///
    /// # fn main() -> Result<(), cors_core::PolicyErrors> {
    /// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let map = PolicyMap::from(policy);
    /// assert!(map.config().build()?.policy("/").is_some());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn config(&self) -> PolicyMapConfig {
        let policy = |index: Option<usize>| {
            self.0
                .policies
                .get(index?)
                .map(|policy| &policy.compiled().config)
        };
        let paths = self.0.patterns.iter();
        let paths = paths.map(|(pattern, index)| (pattern.as_str(), policy(*index)));
        PolicyMapConfig::of(policy(self.0.default), paths)
    }
}

impl From<Policy> for PolicyMap {
    /// Makes the map in which every path has this policy.
    fn from(policy: Policy) -> Self {
        Self(Arc::new(Paths {
            router: PathRouter::default(),
            patterns: Vec::new(),
            default: Some(0),
            policies: vec![policy],
        }))
    }
}

impl fmt::Debug for PolicyMap {
    /// Writes the default policy and the first paths, each in a summary.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN_PATHS: usize = 4;
        let policy = |index: Option<usize>| self.0.policies.get(index?);
        let mut map = f.debug_struct("PolicyMap");
        map.field("default", &policy(self.0.default));
        for (pattern, index) in self.0.patterns.iter().take(SHOWN_PATHS) {
            map.field(&Shortened(pattern.as_bytes()).to_string(), &policy(*index));
        }
        if self.0.patterns.len() > SHOWN_PATHS {
            map.finish_non_exhaustive()
        } else {
            map.finish()
        }
    }
}

#[cfg(feature = "paths")]
type PathRouter = matchit::Router<Option<usize>>;

#[cfg(feature = "paths")]
fn insert(router: &mut PathRouter, pattern: &str, index: Option<usize>) -> Result<(), ProblemKind> {
    pattern::check(pattern)?;
    let inserted = router.insert(pattern, index);
    inserted.map_err(|error| match error {
        InsertError::Conflict { with } => ProblemKind::PathConflict(with),
        _ => ProblemKind::PathPatternInvalid,
    })
}

/// Returns the index of the pattern that matches, if one does.
#[cfg(feature = "paths")]
fn look_up(router: &PathRouter, path: &str) -> Option<Option<usize>> {
    router.at(path).ok().map(|found| *found.value)
}

/// There are no patterns.
#[cfg(not(feature = "paths"))]
#[derive(Default)]
struct PathRouter {}

#[cfg(not(feature = "paths"))]
fn insert(_: &mut PathRouter, _: &str, _: Option<usize>) -> Result<(), ProblemKind> {
    Err(ProblemKind::PathsNotBuiltIn)
}

#[cfg(not(feature = "paths"))]
fn look_up(_: &PathRouter, _: &str) -> Option<Option<usize>> {
    None
}
